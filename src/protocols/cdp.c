/* CDP: what Cisco devices (and some others that licensed it) tell their neighbours.
 *
 *   | 00 00 0c | 20 00 | version 1 | ttl 1 | checksum 2 | { type 2 | length 2, with these four bytes | value } ... */
#include "protocols/cdp.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

#include <string.h>

enum {
    FIELD_DEVICE_ID = 0x0001,
    FIELD_ADDRESSES = 0x0002,
    FIELD_PORT = 0x0003,
    FIELD_CAPABILITIES = 0x0004,
    FIELD_SOFTWARE = 0x0005,
    FIELD_PLATFORM = 0x0006,
    FIELD_VTP_DOMAIN = 0x0009,
    FIELD_NATIVE_VLAN = 0x000a,
    FIELD_SYSTEM_NAME = 0x0014,
    FIELD_MANAGEMENT_ADDRESSES = 0x0016,
    FIELD_LOCATION = 0x0017
};
enum { ADDRESSES_READ_MAX = 16 };

static struct cd_cdp_text text_of(struct cd_reader *r)
{
    struct cd_cdp_text t = {.len = cd_read_left(r)};
    t.at = cd_read_at(r, t.len, "text");
    return t;
}

/* A count, then of each: protocol type 1, length 1, protocol, length 2, address. IPv4 is NLPID cc, IPv6 an 802.2 header ending in 86dd. */
static void parse_addresses(struct cd_reader *r, struct cd_cdp_message *ret)
{
    uint32_t n = cd_read_be32(r, "address count");
    for (uint32_t i = 0; i < n && i < ADDRESSES_READ_MAX && cd_read_ok(r); i++) {
        cd_read_skip(r, 1, "protocol type");
        uint8_t protocol_len = cd_read_u8(r, "protocol length");
        const uint8_t *protocol = cd_read_at(r, protocol_len, "protocol");
        uint16_t len = cd_read_be16(r, "address length");
        const uint8_t *address = cd_read_at(r, len, "address");
        if (!address || ret->n_addresses == CD_CDP_ADDRESSES_MAX)
            continue;
        if (protocol_len == 1 && protocol[0] == 0xcc && len == 4)
            ret->addresses[ret->n_addresses++] = cd_ip_of4(address);
        else if (protocol_len == 8 && protocol[6] == 0x86 && protocol[7] == 0xdd && len == 16)
            ret->addresses[ret->n_addresses++] = cd_ip_of6(address);
    }
}

static void parse_field(uint16_t type, struct cd_reader *r, struct cd_cdp_message *ret)
{
    switch (type) {
    case FIELD_DEVICE_ID: ret->device_id = text_of(r); break;
    case FIELD_PORT: ret->port = text_of(r); break;
    case FIELD_SOFTWARE: ret->software = text_of(r); break;
    case FIELD_PLATFORM: ret->platform = text_of(r); break;
    case FIELD_VTP_DOMAIN: ret->vtp_domain = text_of(r); break;
    case FIELD_SYSTEM_NAME: ret->system_name = text_of(r); break;
    case FIELD_LOCATION:
        cd_read_skip(r, cd_read_left(r) > 0, "location type");
        ret->location = text_of(r);
        break;
    case FIELD_ADDRESSES:
    case FIELD_MANAGEMENT_ADDRESSES: parse_addresses(r, ret); break;
    case FIELD_CAPABILITIES:
        ret->capabilities = cd_read_be32(r, "capabilities");
        ret->has_capabilities = true;
        break;
    case FIELD_NATIVE_VLAN: ret->native_vlan = cd_read_be16(r, "native VLAN") & 0xfff; break;
    default: break;
    }
}

bool cd_cdp_parse(struct cd_reader *r, struct cd_cdp_message *ret)
{
    struct cd_cdp_message p = {0};
    if (cd_read_be24(r, "SNAP organisation") != 0x00000c || cd_read_be16(r, "SNAP protocol") != 0x2000)
        cd_read_fail(r, "SNAP header");
    p.version = cd_read_u8(r, "version");
    p.ttl_s = cd_read_u8(r, "time to live");
    cd_read_skip(r, 2, "checksum");
    while (cd_read_left(r) > 0) {
        uint16_t type = cd_read_be16(r, "field type");
        uint16_t len = cd_read_be16(r, "field length");
        if (len < 4)
            cd_read_fail(r, "field length");
        struct cd_reader value = cd_read_sub(r, len - 4u, "field value");
        if (!cd_read_ok(r))
            return false;
        parse_field(type, &value, &p);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static void report_text(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                        const struct cd_cdp_text *text, unsigned confidence)
{
    cd_report_fact_bytes(m, s, attribute, text->at, text->len, confidence);
}

/* The device id is the host name, "serial(name)" (CatOS), or of a phone "SEP" and its MAC. */
static void report_device_id(struct cd_message *m, const struct cd_subject *s, const struct cd_cdp_text *id)
{
    const uint8_t *open = id->len ? memchr(id->at, '(', id->len) : NULL;
    if (open && open > id->at && id->at[id->len - 1] == ')') {
        size_t serial_len = (size_t)(open - id->at);
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_SERIAL, id->at, serial_len, 80);
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, open + 1, id->len - serial_len - 2, 90);
    } else {
        report_text(m, s, CD_ATTRIBUTE_NAME, id, 90);
    }
}

/* "cisco WS-C2950-12": the maker's word is left out. */
static void report_platform(struct cd_message *m, const struct cd_subject *s, const struct cd_cdp_text *platform)
{
    static const char maker[] = "cisco ";
    struct cd_cdp_text model = *platform;
    bool cisco = model.len > sizeof maker - 1 && strncasecmp((const char *)model.at, maker, sizeof maker - 1) == 0;
    if (cisco)
        model.at += sizeof maker - 1, model.len -= sizeof maker - 1;
    report_text(m, s, CD_ATTRIBUTE_MODEL, &model, 90);
    if (cisco)
        cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, "Cisco", 90);
}

static void report_capabilities(struct cd_message *m, const struct cd_subject *s, uint32_t bits)
{
    static const char *const names[] = {
        "router", "transparent bridge", "source-route bridge", "switch", "host", "IGMP", "repeater",
        "phone",  "remotely managed"};
    char value[128];
    struct cd_text t = cd_text_of(value, sizeof value);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(bits & 1u << i))
            continue;
        if (t.len)
            cd_text_str(&t, ", ");
        cd_text_str(&t, names[i]);
    }
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DEVICE_TYPE, value, t.len, 80);
    const char *role = bits & 0x80                  ? "phone"
                       : bits & 0x08                ? "switch"
                       : bits & 0x02 && bits & 0x20 ? "access-point"
                       : bits & 1                   ? "router"
                                                    : NULL;
    if (role)
        cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, role, 70);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_cdp_message p;
    if (!cd_cdp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = "advertisement", .code = 0, .class = CD_CLASS_IDENTIFY, .target = ""};
    m->from_client = m->sent_by_client_end;
    cd_report_notice(m, &op);
    cd_mac mac = cd_message_sender_mac(m);
    if (!cd_mac_is_device(mac))
        return;
    struct cd_subject s = cd_subject_mac(mac);
    report_device_id(m, &s, &p.device_id);
    report_platform(m, &s, &p.platform);
    report_text(m, &s, CD_ATTRIBUTE_NAME, &p.system_name, 90);
    report_text(m, &s, CD_ATTRIBUTE_PORT, &p.port, 80);
    report_text(m, &s, CD_ATTRIBUTE_DOMAIN, &p.vtp_domain, 40);
    report_text(m, &s, CD_ATTRIBUTE_LOCATION, &p.location, 80);
    cd_report_system_description(m, &s, p.software.at, p.software.len, 85);
    if (p.has_capabilities)
        report_capabilities(m, &s, p.capabilities);
    for (unsigned i = 0; i < p.n_addresses; i++)
        cd_report_address(m, mac, &p.addresses[i], 80);
    if (p.native_vlan)
        cd_report_fact_u64(m, &s, CD_ATTRIBUTE_VLAN, p.native_vlan, 60);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    static const uint8_t header[] = {0x00, 0x00, 0x0c, 0x20, 0x00};
    bool ours = transport == CD_TRANSPORT_ETH && len > sizeof header && memcmp(bytes, header, sizeof header) == 0;
    return ours ? CD_PROBE_SURE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_cdp = {
    .name = "cdp",
    .ethertypes = {CD_ETHERTYPE_SNAP},
    .probe = probe,
    .dissect = dissect,
};
