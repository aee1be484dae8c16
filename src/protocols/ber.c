#include "protocols/ber.h"

enum {
    TAG_OCTETS_MAX = 4,   /* 28 bits of tag number */
    LENGTH_OCTETS_MAX = 4 /* no message is longer */
};

/* X.690 8.1.2.4: numbers from 31 follow in octets of seven bits. */
static uint32_t read_long_tag(struct cd_reader *r, const char *field)
{
    uint32_t tag = 0;
    for (unsigned i = 0; i < TAG_OCTETS_MAX; i++) {
        uint8_t octet = cd_read_u8(r, field);
        tag = tag << 7 | (octet & 0x7f);
        if (!(octet & 0x80))
            return tag;
    }
    cd_read_fail(r, field);
    return 0;
}

/* X.690 8.1.3. The indefinite form is refused: none of our protocols uses it. */
static size_t read_length(struct cd_reader *r, const char *field)
{
    uint8_t first = cd_read_u8(r, field);
    if (!(first & 0x80))
        return first;
    unsigned octets = first & 0x7f;
    if (octets == 0 || octets > LENGTH_OCTETS_MAX) {
        cd_read_fail(r, field);
        return 0;
    }
    size_t len = 0;
    while (octets-- > 0)
        len = len << 8 | cd_read_u8(r, field);
    return len;
}

bool cd_ber_read(struct cd_reader *r, const char *field, struct cd_ber *ret)
{
    return cd_ber_read_part(r, false, field, ret);
}

bool cd_ber_read_part(struct cd_reader *r, bool cut, const char *field, struct cd_ber *ret)
{
    struct cd_ber e = {.identifier = cd_read_u8(r, field)};
    e.tag = e.identifier & 0x1f;
    if (e.tag == 0x1f)
        e.tag = read_long_tag(r, field);
    size_t len = read_length(r, field), left = cd_read_left(r);
    e.value = cd_read_sub(r, cut && len > left ? left : len, field);
    if (!cd_read_ok(r))
        return false;
    *ret = e;
    return true;
}

struct cd_reader cd_ber_expect(struct cd_reader *r, uint8_t identifier, const char *field)
{
    struct cd_ber e;
    if (!cd_ber_read(r, field, &e))
        return (struct cd_reader){.bad = field};
    if (e.identifier != identifier) {
        cd_read_fail(r, field);
        return (struct cd_reader){.bad = field};
    }
    return e.value;
}

int64_t cd_ber_integer_value(struct cd_reader *value, const char *field)
{
    size_t n = cd_read_left(value);
    if (n == 0 || n > 8) {
        cd_read_fail(value, field);
        return 0;
    }
    uint64_t v = (uint64_t)(int64_t)(int8_t)cd_read_u8(value, field);
    while (--n > 0)
        v = v << 8 | cd_read_u8(value, field);
    return (int64_t)v;
}

int64_t cd_ber_integer(struct cd_reader *r, const char *field)
{
    struct cd_reader value = cd_ber_expect(r, CD_BER_INTEGER, field);
    int64_t v = cd_ber_integer_value(&value, field);
    if (!cd_read_ok(&value))
        cd_read_fail(r, field);
    return v;
}

bool cd_ber_oid_value(struct cd_reader *value, struct cd_ber_oid *ret)
{
    ret->n = 0;
    while (cd_read_left(value) > 0) {
        uint32_t id = 0;
        uint8_t octet;
        do {
            octet = cd_read_u8(value, "object identifier");
            if (id >> 25)
                cd_read_fail(value, "object identifier");
            id = id << 7 | (octet & 0x7f);
        } while (octet & 0x80);
        if (!cd_read_ok(value) || ret->n + 2 > CD_BER_OID_MAX)
            return false;
        if (ret->n == 0) { /* X.690 8.19.4: the first two numbers share one */
            uint32_t top = id < 80 ? id / 40 : 2;
            ret->ids[ret->n++] = top;
            id -= top * 40;
        }
        ret->ids[ret->n++] = id;
    }
    return true;
}

void cd_text_oid(struct cd_text *t, const struct cd_ber_oid *oid)
{
    for (uint32_t i = 0; i < oid->n; i++) {
        if (i)
            cd_text_char(t, '.');
        cd_text_u64(t, oid->ids[i]);
    }
}

bool cd_ber_oid_starts(const struct cd_ber_oid *oid, const uint32_t *ids, uint32_t n)
{
    return oid->n >= n && memcmp(oid->ids, ids, n * sizeof *ids) == 0;
}
