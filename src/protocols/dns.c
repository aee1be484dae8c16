/* DNS: which hosts are name servers, and the names of private addresses told in answers. Queries are counted by type alone: names would make
 * an entry each. */
#include "protocols/dns.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

#include <strings.h>

enum {
    TCP_LENGTH = 2,        /* RFC 1035 4.2.2: each message over TCP comes after its length */
    RECORDS_READ_MAX = 64, /* answers looked at for names; real ones hold a few */
    OPCODE_QUERY = 0,
    OPCODE_STATUS = 2,
    OPCODE_NOTIFY = 4,
    OPCODE_UPDATE = 5,
    CLASS_INTERNET = 1
};

/* "4.3.2.1" before ".in-addr.arpa" */
static bool reverse4(const struct cd_dns_name *name, struct cd_ip *ret_ip)
{
    uint8_t b[4];
    const char *p = name->text;
    for (int i = 3; i >= 0; i--) {
        unsigned value = 0, digits = 0;
        for (; *p >= '0' && *p <= '9' && digits < 3; p++, digits++)
            value = value * 10 + (unsigned)(*p - '0');
        if (digits == 0 || value > 255 || *p++ != '.')
            return false;
        b[i] = (uint8_t)value;
    }
    if (strcasecmp(p, "in-addr.arpa") != 0)
        return false;
    *ret_ip = cd_ip_of4(b);
    return true;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cd_dns_reverse_ip(const struct cd_dns_name *name, struct cd_ip *ret_ip)
{
    if (!cd_dns_name_ends(name, ".ip6.arpa"))
        return reverse4(name, ret_ip);
    if (name->len != 64 + 8)
        return false;
    uint8_t b[16] = {0};
    for (unsigned i = 0; i < 32; i++) {
        int value = nibble(name->text[2 * i]);
        if (value < 0 || name->text[2 * i + 1] != '.')
            return false;
        b[15 - i / 2] |= (uint8_t)(i % 2 ? value << 4 : value);
    }
    *ret_ip = cd_ip_of6(b);
    return true;
}

/* The name of a private address: outside names are of no use for knowing devices. */
static void report_name(struct cd_message *m, const struct cd_ip *ip, const struct cd_dns_name *name)
{
    if (!cd_ip_is_private(ip) || !cd_ip_is_device(ip) || name->len == 0 || cd_dns_name_ends(name, ".arpa"))
        return;
    struct cd_subject subject = cd_subject_ip(ip);
    cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_NAME, name->text, name->len, 60);
}

static void report_answer(struct cd_message *m, const struct cd_reader *message, const struct cd_dns_record *record)
{
    struct cd_ip ip;
    struct cd_dns_name owner, name;
    struct cd_reader data = cd_dns_record_data(message, record);
    if (record->class != CLASS_INTERNET || !cd_dns_name_at(message, record->name_at, &owner))
        return;
    if (cd_dns_record_ip(message, record, &ip))
        report_name(m, &ip, &owner);
    else if (record->type == CD_DNS_PTR && cd_dns_reverse_ip(&owner, &ip) && cd_dns_name_parse(&data, &name))
        report_name(m, &ip, &name);
}

/* Names that can't be followed are how resolvers are attacked: pointers in circles, names that grow over 255 bytes. */
static bool names_hold(const struct cd_reader *message, const struct cd_dns_record *record)
{
    struct cd_dns_name name;
    struct cd_reader data = cd_dns_record_data(message, record);
    bool has_name = record->type == CD_DNS_CNAME || record->type == CD_DNS_PTR;
    return cd_dns_name_at(message, record->name_at, &name) && (!has_name || cd_dns_name_parse(&data, &name));
}

static struct cd_operation operation_of(const struct cd_dns_message *d)
{
    switch (cd_dns_opcode(d)) {
    case OPCODE_QUERY: {
        bool transfer = d->question_type == CD_DNS_AXFR || d->question_type == CD_DNS_IXFR;
        return (struct cd_operation){.name = cd_dns_query_name(d->question_type),
                                     .code = d->question_type,
                                     .class = transfer ? CD_CLASS_READ : CD_CLASS_IDENTIFY,
                                     .target = ""};
    }
    case OPCODE_STATUS:
        return (struct cd_operation){
            .name = "status", .code_space = "opcode", .code = 2, .class = CD_CLASS_DIAGNOSE, .target = ""};
    case OPCODE_NOTIFY:
        return (struct cd_operation){
            .name = "notify", .code_space = "opcode", .code = 4, .class = CD_CLASS_OTHER, .target = ""};
    case OPCODE_UPDATE:
        return (struct cd_operation){
            .name = "update", .code_space = "opcode", .code = 5, .class = CD_CLASS_WRITE, .target = ""};
    default:
        return (struct cd_operation){.name = "other opcode",
                                     .code_space = "opcode",
                                     .code = cd_dns_opcode(d),
                                     .class = CD_CLASS_OTHER,
                                     .target = ""};
    }
}

static void report_response(struct cd_message *m, const struct cd_reader *message, const struct cd_dns_message *d)
{
    if (cd_dns_opcode(d) != OPCODE_QUERY)
        return;
    struct cd_subject server = cd_subject_server(m);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "dns-server", 60);
    struct cd_reader r = cd_reader_of(message->base, message->len);
    r.pos = d->records_at;
    struct cd_dns_record record;
    for (unsigned i = 0; i < d->answers && i < RECORDS_READ_MAX && cd_dns_record_parse(&r, &record); i++) {
        if (!names_hold(message, &record)) {
            cd_report_malformed(m, "compressed name");
            return;
        }
        report_answer(m, message, &record);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_reader message = *r;
    if (m->transport == CD_TRANSPORT_TCP) {
        uint16_t len = cd_read_be16(r, "message length");
        message = m->cut ? cd_read_rest(r) : cd_read_sub(r, len, "message");
    }
    struct cd_dns_message d;
    if (!cd_dns_parse(&message, &d)) {
        cd_report_malformed(m, message.bad);
        return;
    }
    bool response = cd_dns_is_response(&d);
    struct cd_operation op = operation_of(&d);
    m->from_client = !response;
    if (response)
        cd_report_response(m, &op, d.id, cd_dns_error(&d));
    else
        cd_report_request(m, &op, d.id);
    if (!cd_dns_check_records(&message, cd_dns_records(&d))) {
        if (!(d.flags & CD_DNS_FLAG_TRUNCATED))
            cd_report_malformed(m, message.bad);
        return;
    }
    if (response)
        report_response(m, &message, &d);
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    if (len < TCP_LENGTH)
        return CD_FRAME_MORE;
    size_t message = (size_t)bytes[0] << 8 | bytes[1];
    return message < 12 ? CD_FRAME_NOT_OURS : (ssize_t)(TCP_LENGTH + message);
}

/* A name as hosts have them: letters, digits, hyphen, underscore, at least one label. */
static bool is_host_name(const struct cd_dns_name *name)
{
    for (unsigned i = 0; i < name->len; i++) {
        char c = name->text[i];
        bool fits = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '_' || c == '.';
        if (!fits)
            return false;
    }
    bool netbios = name->labels == 1 && name->len == 32; /* NetBIOS names have the same form */
    return name->labels > 0 && !netbios;
}

static bool is_plain_header(const struct cd_dns_message *d)
{
    bool response = cd_dns_is_response(d);
    if (cd_dns_opcode(d) != OPCODE_QUERY || (d->flags & 0x0040) || d->questions != 1)
        return false;
    if (response)
        return (d->flags & 15) <= 5 && cd_dns_records(d) <= 256;
    return (d->flags & 0x868f) == 0 && d->answers == 0 && d->authorities == 0 && d->additionals <= 2;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    if (transport == CD_TRANSPORT_TCP && cd_read_be16(&r, "message length") + (size_t)TCP_LENGTH != len)
        return CD_PROBE_NO;
    r = cd_read_rest(&r);
    struct cd_dns_message d;
    struct cd_dns_name name;
    if (r.len < 12)
        return CD_PROBE_NO;
    if (!cd_dns_parse(&r, &d))
        return CD_PROBE_MAYBE; /* on its own port it is a broken message worth telling */
    if (!is_plain_header(&d) || (d.question_class != CLASS_INTERNET && d.question_class != 255))
        return CD_PROBE_MAYBE;
    bool known = strcmp(cd_dns_query_name(d.question_type), "query") != 0;
    if (!known || !cd_dns_name_at(&r, d.question_name_at, &name) || !is_host_name(&name))
        return CD_PROBE_MAYBE;
    bool whole = cd_dns_check_records(&r, cd_dns_records(&d)) && cd_read_left(&r) == 0;
    return whole ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

const struct cd_dissector cd_dissector_dns = {
    .name = "dns",
    .tcp_ports = {53},
    .udp_ports = {53},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 65537,
};
