#include "protocols/dns_message.h"

#include <strings.h>

/* Where the name being followed stands. */
struct walk {
    struct cd_reader at;
    size_t segment; /* where the labels now read began: a pointer must go below it, so that every walk ends */
    unsigned pointers, wire_len;
    size_t after; /* position behind the name, known at its first pointer or its end; 0 until then */
};

static bool follow_pointer(struct walk *w, uint8_t high)
{
    size_t target = (size_t)(high & 0x3f) << 8 | cd_read_u8(&w->at, "name pointer");
    if (!w->after)
        w->after = w->at.pos;
    if (target >= w->segment || ++w->pointers > CD_DNS_POINTERS_MAX) {
        cd_read_fail(&w->at, "name pointer");
        return false;
    }
    w->at.pos = w->segment = target;
    return true;
}

static void append_label(struct walk *w, uint8_t len, struct cd_dns_name *name)
{
    const uint8_t *label = cd_read_at(&w->at, len, "label");
    w->wire_len += len + 1u;
    if (w->wire_len >= CD_DNS_NAME_MAX) {
        cd_read_fail(&w->at, "name length");
        return;
    }
    if (!label)
        return;
    struct cd_text t = {.at = name->text, .len = name->len, .cap = sizeof name->text};
    if (name->labels++ > 0)
        cd_text_char(&t, '.');
    else
        name->first_len = len;
    cd_text_bytes(&t, (const char *)label, len);
    name->len = (uint8_t)t.len;
}

bool cd_dns_name_parse(struct cd_reader *r, struct cd_dns_name *ret)
{
    struct cd_dns_name name;
    name.len = name.first_len = name.labels = 0;
    name.text[0] = '\0';
    struct walk w = {.at = *r, .segment = r->pos};
    while (cd_read_ok(&w.at)) {
        uint8_t len = cd_read_u8(&w.at, "label length");
        if (len == 0)
            break;
        if ((len & 0xc0) == 0xc0)
            follow_pointer(&w, len);
        else if (len & 0xc0)
            cd_read_fail(&w.at, "label type");
        else
            append_label(&w, len, &name);
    }
    if (!cd_read_ok(&w.at)) {
        cd_read_fail(r, w.at.bad);
        return false;
    }
    r->pos = w.after ? w.after : w.at.pos;
    *ret = name;
    return true;
}

bool cd_dns_name_at(const struct cd_reader *message, size_t at, struct cd_dns_name *ret)
{
    struct cd_reader r = cd_reader_of(message->base, message->len);
    cd_read_skip(&r, at, "name");
    return cd_dns_name_parse(&r, ret);
}

void cd_dns_name_skip(struct cd_reader *r)
{
    size_t start = r->pos;
    while (cd_read_ok(r)) {
        uint8_t len = cd_read_u8(r, "label length");
        if (len == 0)
            return;
        if ((len & 0xc0) == 0xc0) {
            cd_read_skip(r, 1, "name pointer");
            return;
        }
        if (len & 0xc0) {
            cd_read_fail(r, "label type");
            return;
        }
        cd_read_skip(r, len, "label");
        if (r->pos - start >= CD_DNS_NAME_MAX)
            cd_read_fail(r, "name length");
    }
}

bool cd_dns_parse(struct cd_reader *r, struct cd_dns_message *ret)
{
    struct cd_dns_message d = {0};
    d.id = cd_read_be16(r, "id");
    d.flags = cd_read_be16(r, "flags");
    d.questions = cd_read_be16(r, "question count");
    d.answers = cd_read_be16(r, "answer count");
    d.authorities = cd_read_be16(r, "authority count");
    d.additionals = cd_read_be16(r, "additional count");
    for (unsigned i = 0; i < d.questions && cd_read_ok(r); i++) {
        size_t name_at = r->pos;
        cd_dns_name_skip(r);
        uint16_t type = cd_read_be16(r, "question type");
        uint16_t class = cd_read_be16(r, "question class");
        if (i == 0) {
            d.question_name_at = name_at;
            d.question_type = type;
            d.question_class = class;
        }
    }
    if (!cd_read_ok(r))
        return false;
    d.records_at = r->pos;
    *ret = d;
    return true;
}

bool cd_dns_record_parse(struct cd_reader *r, struct cd_dns_record *ret)
{
    struct cd_dns_record record = {.name_at = r->pos};
    cd_dns_name_skip(r);
    record.type = cd_read_be16(r, "record type");
    record.class = cd_read_be16(r, "record class");
    record.ttl_s = cd_read_be32(r, "time to live");
    record.data_len = cd_read_be16(r, "data length");
    record.data_at = r->pos;
    cd_read_skip(r, record.data_len, "record data");
    if (!cd_read_ok(r))
        return false;
    *ret = record;
    return true;
}

bool cd_dns_check_records(struct cd_reader *r, uint32_t n)
{
    struct cd_dns_record record;
    while (n-- > 0)
        if (!cd_dns_record_parse(r, &record))
            return false;
    return true;
}

struct cd_reader cd_dns_record_data(const struct cd_reader *message, const struct cd_dns_record *record)
{
    struct cd_reader data = cd_reader_of(message->base, record->data_at + record->data_len);
    data.pos = record->data_at;
    return data;
}

bool cd_dns_record_ip(const struct cd_reader *message, const struct cd_dns_record *record, struct cd_ip *ret_ip)
{
    struct cd_reader data = cd_dns_record_data(message, record);
    if (record->type == CD_DNS_A && record->data_len == 4) {
        *ret_ip = cd_ip_of4(cd_read_at(&data, 4, "address"));
        return true;
    }
    if (record->type == CD_DNS_AAAA && record->data_len == 16) {
        *ret_ip = cd_ip_of6(cd_read_at(&data, 16, "address"));
        return true;
    }
    return false;
}

const char *cd_dns_error(const struct cd_dns_message *d)
{
    /* RFC 6895 2.3 */
    static const char *const names[16] = {
        NULL,          "format error",      "server failure",     "no such name",   "not implemented", "refused",
        "name exists", "record set exists", "no such record set", "not authorised", "not in zone",     "error 11",
        "error 12",    "error 13",          "error 14",           "error 15"};
    return names[d->flags & 15];
}

const char *cd_dns_query_name(uint16_t type)
{
    switch (type) {
    case CD_DNS_A: return "query A";
    case 2: return "query NS";
    case CD_DNS_CNAME: return "query CNAME";
    case 6: return "query SOA";
    case 10: return "query NULL";
    case CD_DNS_PTR: return "query PTR";
    case 13: return "query HINFO";
    case 15: return "query MX";
    case CD_DNS_TXT: return "query TXT";
    case CD_DNS_AAAA: return "query AAAA";
    case CD_DNS_SRV: return "query SRV";
    case 35: return "query NAPTR";
    case 43: return "query DS";
    case 46: return "query RRSIG";
    case 47: return "query NSEC";
    case 48: return "query DNSKEY";
    case 52: return "query TLSA";
    case 64: return "query SVCB";
    case 65: return "query HTTPS";
    case 99: return "query SPF";
    case CD_DNS_IXFR: return "incremental zone transfer";
    case CD_DNS_AXFR: return "zone transfer";
    case 255: return "query ANY";
    case 257: return "query CAA";
    default: return "query";
    }
}

bool cd_dns_name_ends(const struct cd_dns_name *name, const char *suffix)
{
    size_t n = strlen(suffix);
    return n <= name->len && strncasecmp(name->text + name->len - n, suffix, n) == 0;
}

bool cd_dns_name_equal(const struct cd_dns_name *a, const struct cd_dns_name *b)
{
    return a->len == b->len && strncasecmp(a->text, b->text, a->len) == 0;
}
