/* mDNS: what a host says about itself. Only responses count (queries repeat answers of others), and only where the addresses in them, if any,
 * are the sender's: sleep proxies and reflectors speak for others. */
#include "protocols/mdns.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

#include <strings.h>

enum { RECORDS_READ_MAX = 256 /* of one message; real ones hold some dozens */ };

/* A response on its way through the reports. */
struct response {
    struct cd_message *m;
    const struct cd_reader *message;
    const struct cd_dns_message *header;
    struct cd_subject sender;
    struct cd_dns_name host; /* the name whose address is the sender's; len 0 where none was told */
};

bool cd_mdns_pair_parse(struct cd_reader *data, struct cd_mdns_pair *ret)
{
    while (cd_read_left(data) > 0) {
        uint8_t len = cd_read_u8(data, "text length");
        const uint8_t *text = cd_read_at(data, len, "text");
        const uint8_t *equals = text && len ? memchr(text, '=', len) : NULL;
        if (!equals)
            continue;
        *ret = (struct cd_mdns_pair){.key = text, .key_len = (size_t)(equals - text), .value = equals + 1};
        ret->value_len = len - ret->key_len - 1;
        return true;
    }
    return false;
}

/* Calls `visit` for each record while it returns true. */
static void each_record(struct response *s, bool (*visit)(struct response *, const struct cd_dns_record *))
{
    struct cd_reader r = cd_reader_of(s->message->base, s->message->len);
    r.pos = s->header->records_at;
    uint32_t n = cd_dns_records(s->header);
    struct cd_dns_record record;
    for (uint32_t i = 0; i < n && i < RECORDS_READ_MAX && cd_dns_record_parse(&r, &record); i++)
        if (!visit(s, &record))
            return;
}

static bool find_host(struct response *s, const struct cd_dns_record *record)
{
    struct cd_ip ip;
    bool own = cd_dns_record_ip(s->message, record, &ip) && cd_ip_equal(&ip, cd_message_sender(s->m));
    return !own || !cd_dns_name_at(s->message, record->name_at, &s->host);
}

/* Whether the message holds addresses of the sender's family although none is the sender's. */
static bool speaks_for_another(struct response *s)
{
    struct cd_reader r = cd_reader_of(s->message->base, s->message->len);
    r.pos = s->header->records_at;
    uint32_t n = cd_dns_records(s->header);
    struct cd_dns_record record;
    struct cd_ip ip;
    for (uint32_t i = 0; i < n && i < RECORDS_READ_MAX && cd_dns_record_parse(&r, &record); i++)
        if (cd_dns_record_ip(s->message, &record, &ip) && cd_ip_is_4(&ip) == cd_ip_is_4(cd_message_sender(s->m)))
            return s->host.len == 0;
    return false;
}

/* The other addresses told under the host's own name. */
static void report_address(struct response *s, const struct cd_dns_record *record)
{
    struct cd_ip ip;
    struct cd_dns_name name;
    if (s->host.len == 0 || !cd_dns_record_ip(s->message, record, &ip) || cd_ip_equal(&ip, cd_message_sender(s->m)))
        return;
    if (cd_dns_name_at(s->message, record->name_at, &name) && cd_dns_name_equal(&name, &s->host))
        cd_report_address(s->m, cd_message_sender_mac(s->m), &ip, 60);
}

/* What a service type tells of its host (RFC 6763 and the IANA service names). */
static const char *role_of_service(const struct cd_dns_name *type)
{
    static const struct {
        const char *type, *role;
    } roles[] = {
        {"_ipp._tcp.local", "printer"},          {"_ipps._tcp.local", "printer"},
        {"_printer._tcp.local", "printer"},      {"_pdl-datastream._tcp.local", "printer"},
        {"_axis-video._tcp.local", "camera"},    {"_googlecast._tcp.local", "media-player"},
        {"_airport._tcp.local", "access-point"}, {"_hue._tcp.local", "gateway"},
        {"_hap._tcp.local", "iot-device"},
    };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (cd_dns_name_ends(type, roles[i].type))
            return roles[i].role;
    return NULL;
}

/* "_ipp._tcp", without ".local" */
static void append_type(struct cd_text *t, const char *type, size_t len)
{
    if (len > 6 && strncasecmp(type + len - 6, ".local", 6) == 0)
        len -= 6;
    cd_text_bytes(t, type, len);
}

/* SRV: "<instance>._http._tcp.local" -> port, host (RFC 2782). */
static void report_service(struct response *s, const struct cd_dns_record *record)
{
    struct cd_reader data = cd_dns_record_data(s->message, record);
    struct cd_dns_name name;
    cd_read_skip(&data, 4, "priority and weight");
    uint16_t port = cd_read_be16(&data, "port");
    if (!cd_read_ok(&data) || !cd_dns_name_at(s->message, record->name_at, &name) || name.labels < 3)
        return;
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    append_type(&t, name.text + name.first_len + 1, name.len - name.first_len - 1u);
    cd_text_str(&t, " port ");
    cd_text_u64(&t, port);
    cd_text_str(&t, ": ");
    cd_text_bytes(&t, name.text, name.first_len);
    cd_report_fact_bytes(s->m, &s->sender, CD_ATTRIBUTE_SERVICE, value, t.len, 70);
    const char *role = role_of_service(&name);
    if (role)
        cd_report_fact(s->m, &s->sender, CD_ATTRIBUTE_ROLE, role, 60);
}

/* Keys by which makers name model, maker and the like in TXT records. */
static const struct {
    const char *key;
    enum cd_attribute attribute;
    uint8_t confidence;
} text_keys[] = {
    {"model", CD_ATTRIBUTE_MODEL, 80},
    {"md", CD_ATTRIBUTE_MODEL, 80},
    {"ty", CD_ATTRIBUTE_MODEL, 80},
    {"usb_MDL", CD_ATTRIBUTE_MODEL, 75},
    {"product", CD_ATTRIBUTE_MODEL, 70},
    {"modelname", CD_ATTRIBUTE_MODEL, 80},
    {"am", CD_ATTRIBUTE_MODEL, 75},
    {"modelid", CD_ATTRIBUTE_MODEL, 80},
    {"manufacturer", CD_ATTRIBUTE_VENDOR, 80},
    {"usb_MFG", CD_ATTRIBUTE_VENDOR, 75},
    {"vendor", CD_ATTRIBUTE_VENDOR, 80},
    {"mf", CD_ATTRIBUTE_VENDOR, 80},
    {"fn", CD_ATTRIBUTE_NAME, 70},
    {"serialNumber", CD_ATTRIBUTE_SERIAL, 85},
    {"serial", CD_ATTRIBUTE_SERIAL, 85},
    {"sn", CD_ATTRIBUTE_SERIAL, 80},
    {"fv", CD_ATTRIBUTE_FIRMWARE, 75},
    {"firmware", CD_ATTRIBUTE_FIRMWARE, 80},
    {"fw_version", CD_ATTRIBUTE_FIRMWARE, 80},
    {"note", CD_ATTRIBUTE_LOCATION, 70},
    {"osxvers", CD_ATTRIBUTE_OS, 0},
    {"deviceid", CD_ATTRIBUTE_HARDWARE_ADDRESS, 70},
    {"mac", CD_ATTRIBUTE_HARDWARE_ADDRESS, 70},
    {"macaddress", CD_ATTRIBUTE_HARDWARE_ADDRESS, 70},
};

static void report_pair(struct response *s, const struct cd_mdns_pair *pair)
{
    for (size_t i = 0; i < sizeof text_keys / sizeof text_keys[0]; i++) {
        const char *key = text_keys[i].key;
        if (strlen(key) != pair->key_len || strncasecmp(key, (const char *)pair->key, pair->key_len) != 0)
            continue;
        const uint8_t *value = pair->value;
        size_t len = pair->value_len;
        if (len > 1 && value[0] == '(' && value[len - 1] == ')') /* product=(Name) */
            value++, len -= 2;
        char text[64];
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_mac mac;
        if (text_keys[i].attribute == CD_ATTRIBUTE_HARDWARE_ADDRESS) {
            cd_text_bytes(&t, (const char *)value, len);
            if (cd_mac_parse(text, &mac))
                cd_report_hardware_address(s->m, &s->sender, mac, text_keys[i].confidence);
        } else if (text_keys[i].attribute == CD_ATTRIBUTE_OS) {
            cd_text_str(&t, "macOS (Darwin ");
            cd_text_bytes(&t, (const char *)value, len);
            cd_text_str(&t, ")");
            cd_report_fact_bytes(s->m, &s->sender, CD_ATTRIBUTE_OS, text, t.len, 70);
        } else {
            cd_report_fact_bytes(s->m, &s->sender, text_keys[i].attribute, value, len, text_keys[i].confidence);
        }
        return;
    }
}

static void report_texts(struct response *s, const struct cd_dns_record *record)
{
    struct cd_reader data = cd_reader_of(s->message->base + record->data_at, record->data_len);
    struct cd_mdns_pair pair;
    while (cd_mdns_pair_parse(&data, &pair))
        report_pair(s, &pair);
}

/* "_services._dns-sd._udp.local" -> a type it offers (RFC 6763 9). */
static void report_type(struct response *s, const struct cd_dns_record *record)
{
    struct cd_dns_name name, type;
    struct cd_reader data = cd_dns_record_data(s->message, record);
    if (!cd_dns_name_at(s->message, record->name_at, &name) ||
        !cd_dns_name_ends(&name, "_services._dns-sd._udp.local") || !cd_dns_name_parse(&data, &type))
        return;
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    append_type(&t, type.text, type.len);
    cd_report_fact_bytes(s->m, &s->sender, CD_ATTRIBUTE_SERVICE, value, t.len, 60);
}

static bool report_record(struct response *s, const struct cd_dns_record *record)
{
    if (record->ttl_s == 0)
        return true; /* a goodbye (RFC 6762 10.1) */
    switch (record->type) {
    case CD_DNS_A:
    case CD_DNS_AAAA: report_address(s, record); break;
    case CD_DNS_SRV: report_service(s, record); break;
    case CD_DNS_TXT: report_texts(s, record); break;
    case CD_DNS_PTR: report_type(s, record); break;
    default: break;
    }
    return true;
}

static void report_response(struct cd_message *m, const struct cd_reader *message, const struct cd_dns_message *d)
{
    struct response s = {.m = m, .message = message, .header = d, .sender = cd_subject_sender(m)};
    each_record(&s, find_host);
    if (speaks_for_another(&s))
        return;
    if (s.host.len)
        cd_report_fact_bytes(m, &s.sender, CD_ATTRIBUTE_NAME, s.host.text, s.host.len, 80);
    each_record(&s, report_record);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dns_message d;
    if (!cd_dns_parse(r, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {
        .name = cd_dns_query_name(d.question_type), .code = d.question_type, .class = CD_CLASS_IDENTIFY, .target = ""};
    if (cd_dns_is_response(&d))
        op = (struct cd_operation){
            .name = "response", .code_text = "response", .class = CD_CLASS_IDENTIFY, .target = ""};
    m->from_client = m->sent_by_client_end;
    cd_report_notice(m, &op);
    if (!cd_dns_check_records(r, cd_dns_records(&d))) {
        if (!(d.flags & CD_DNS_FLAG_TRUNCATED))
            cd_report_malformed(m, r->bad);
        return;
    }
    if (cd_dns_is_response(&d) && (d.flags & 15) == 0)
        report_response(m, r, &d);
}

const struct cd_dissector cd_dissector_mdns = {
    .name = "mdns",
    .udp_ports = {5353},
    .dissect = dissect,
};
