/* DNP3: object headers, their ranges, and how long objects are (IEEE 1815 clause 4.2.2.7, Annex A). */
#include "protocols/dnp3.h"

enum { BIT = 0xf1, TWO_BITS = 0xf2 };

/* Bytes of an object by variation; BIT and TWO_BITS are packed. */
static const uint8_t sizes[][13] = {
    [1] = {[1] = BIT, 1},
    [2] = {[1] = 1, 7, 3},
    [3] = {[1] = TWO_BITS, 1},
    [4] = {[1] = 1, 7, 3},
    [10] = {[1] = BIT, 1},
    [11] = {[1] = 1, 7},
    [12] = {[1] = 11, 11, BIT},
    [13] = {[1] = 1, 7},
    [20] = {[1] = 5, 3, 5, 3, 4, 2, 4, 2},
    [21] = {[1] = 5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2},
    [22] = {[1] = 5, 3, 5, 3, 11, 9, 11, 9},
    [23] = {[1] = 5, 3, 5, 3, 11, 9, 11, 9},
    [30] = {[1] = 5, 3, 4, 2, 5, 9},
    [31] = {[1] = 5, 3, 11, 9, 4, 2, 5, 9},
    [32] = {[1] = 5, 3, 11, 9, 5, 9, 11, 15},
    [33] = {[1] = 5, 3, 11, 9, 5, 9, 11, 15},
    [34] = {[1] = 2, 4, 4},
    [40] = {[1] = 5, 3, 5, 9},
    [41] = {[1] = 5, 3, 5, 9},
    [42] = {[1] = 5, 3, 11, 9, 5, 9, 11, 15},
    [43] = {[1] = 5, 3, 11, 9, 5, 9, 11, 15},
    [50] = {[1] = 6, 10, 6, 11},
    [51] = {[1] = 6, 6},
    [52] = {[1] = 2, 2},
    [80] = {[1] = BIT},
    [81] = {[1] = 3},
    [101] = {[1] = 2, 4, 8},
    [102] = {[1] = 1},
    [121] = {[1] = 7},
    [122] = {[1] = 7, 13},
};

unsigned cd_dnp3_object_bits(uint8_t group, uint8_t variation)
{
    if (group >= 110 && group <= 113) /* strings: the variation is the length */
        return 8u * variation;
    if (group >= sizeof sizes / sizeof *sizes || variation >= sizeof *sizes)
        return 0;
    uint8_t size = sizes[group][variation];
    if (size == BIT)
        return 1;
    return size == TWO_BITS ? 2 : 8u * size;
}

/* Objects of these functions are named without their values (4.4). */
static bool carries_data(uint8_t function)
{
    switch (function) {
    case CD_DNP3_READ:
    case 7:
    case 8:
    case 9:
    case 10:
    case 20:
    case 21:
    case 22: return false;
    default: return true;
    }
}

static uint32_t read_sized(struct cd_reader *r, unsigned bytes, const char *field)
{
    return bytes == 1 ? cd_read_u8(r, field) : bytes == 2 ? cd_read_le16(r, field) : cd_read_le32(r, field);
}

/* Qualifier codes, Table 4-5: range specifier codes 0-2 start and stop of 1, 2, 4 bytes; 3-5 virtual addresses likewise; 6 none; 7-9 a count of
 * 1, 2, 4 bytes; 11 a count of 1 byte for objects with sizes. */
static void parse_range(struct cd_reader *r, uint8_t code, struct cd_dnp3_objects *o)
{
    switch (code) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5: {
        unsigned bytes = 1u << code % 3;
        o->start = read_sized(r, bytes, "range start");
        uint32_t stop = read_sized(r, bytes, "range stop");
        if (stop < o->start)
            cd_read_fail(r, "range stop");
        else
            o->count = (uint64_t)stop - o->start + 1;
        break;
    }
    case 6: o->all = true; break;
    case 7:
    case 8:
    case 9:
        o->counted = true;
        o->count = read_sized(r, 1u << (code - 7), "object count");
        break;
    case 11:
        o->counted = true;
        o->count = cd_read_u8(r, "object count");
        break;
    default: cd_read_fail(r, "qualifier"); break;
    }
}

static unsigned prefix_bytes(uint8_t prefix)
{
    return prefix == 0 ? 0 : 1u << (prefix - 1) % 3;
}

/* Length of objects that carry their own: with a size before each, or device attributes (type, length, value). Each takes a byte at least, so the loop
 * ends with the message whatever the count says. */
static size_t self_sized_length(const struct cd_reader *r, const struct cd_dnp3_objects *o, bool attribute)
{
    struct cd_reader look = *r;
    for (uint64_t i = 0; i < o->count && cd_read_ok(&look); i++) {
        unsigned bytes = prefix_bytes(o->prefix);
        if (o->prefix >= 4) {
            cd_read_skip(&look, read_sized(&look, bytes, "object size"), "object");
            continue;
        }
        cd_read_skip(&look, bytes, "object index");
        if (attribute) {
            cd_read_skip(&look, 1, "attribute type");
            cd_read_skip(&look, cd_read_u8(&look, "attribute length"), "attribute");
        }
    }
    return cd_read_ok(&look) ? look.pos - r->pos : SIZE_MAX;
}

static size_t data_length(const struct cd_reader *r, uint8_t function, struct cd_dnp3_objects *o)
{
    if (o->all || o->count == 0)
        return 0;
    if (o->prefix >= 4)
        return self_sized_length(r, o, false);
    bool data = carries_data(function) && o->variation != 0;
    o->attributes = data && o->group == 0;
    if (o->attributes)
        return self_sized_length(r, o, true);
    o->bits = data ? cd_dnp3_object_bits(o->group, o->variation) : 0;
    if (data && o->bits == 0 && o->group != 60) {
        o->opaque = true;
        return cd_read_left(r);
    }
    unsigned prefix = prefix_bytes(o->prefix);
    uint64_t total = prefix ? o->count * (prefix + (o->bits + 7) / 8) : (o->count * o->bits + 7) / 8;
    return total > SIZE_MAX ? SIZE_MAX : (size_t)total;
}

bool cd_dnp3_next_objects(struct cd_reader *r, uint8_t function, struct cd_dnp3_objects *ret)
{
    struct cd_dnp3_objects o = {.group = cd_read_u8(r, "object group")};
    o.variation = cd_read_u8(r, "object variation");
    uint8_t qualifier = cd_read_u8(r, "qualifier");
    o.prefix = qualifier >> 4 & 7;
    if (o.prefix == 7)
        cd_read_fail(r, "qualifier");
    parse_range(r, qualifier & 0x0f, &o);
    if (!cd_read_ok(r))
        return false;
    o.data = cd_read_sub(r, data_length(r, function, &o), "objects");
    if (!cd_read_ok(r))
        return false;
    *ret = o;
    return true;
}

bool cd_dnp3_next_object(struct cd_dnp3_objects *o, uint64_t n, uint32_t *ret_index, struct cd_reader *ret_object)
{
    if (n >= o->count || cd_read_left(&o->data) == 0 || o->opaque)
        return false;
    unsigned bytes = prefix_bytes(o->prefix);
    uint32_t index = (uint32_t)(o->start + n);
    size_t size = o->bits / 8;
    if (o->prefix >= 4)
        size = read_sized(&o->data, bytes, "object size");
    else if (o->prefix)
        index = read_sized(&o->data, bytes, "object index");
    if (o->attributes) {
        int length = cd_read_peek(&o->data, 1);
        size = length < 0 ? SIZE_MAX : (size_t)length + 2;
    } else if (o->bits && o->bits < 8 && o->prefix < 4) {
        return false; /* packed bits are not handed out one by one */
    }
    struct cd_reader object = cd_read_sub(&o->data, size, "object");
    if (!cd_read_ok(&object))
        return false;
    *ret_index = index;
    *ret_object = object;
    return true;
}
