/* DHCPv6: a host's name, its kind of client and its addresses. The DUID may hold the MAC of any of the host's interfaces, so that facts of a
 * direct message are told of its sender, and the DUID's MAC as a hardware address it has. */
#include "protocols/dhcpv6.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

enum {
    OPTION_CLIENT_ID = 1,
    OPTION_SERVER_ID = 2,
    OPTION_IA_NA = 3,
    OPTION_IA_TA = 4,
    OPTION_IA_ADDRESS = 5,
    OPTION_PARAMETERS = 6,
    OPTION_RELAYED = 9,
    OPTION_STATUS = 13,
    OPTION_USER_CLASS = 15,
    OPTION_VENDOR_CLASS = 16,
    OPTION_QUALIFIED_NAME = 39
};

/* RFC 8415 11.2, 11.4: type, hardware type, (time,) link-layer address. */
static cd_mac duid_mac(struct cd_reader *r)
{
    uint16_t type = cd_read_be16(r, "DUID type");
    uint16_t hardware = cd_read_be16(r, "DUID hardware type");
    if (type == 1)
        cd_read_skip(r, 4, "DUID time");
    bool ethernet = (type == 1 || type == 3) && hardware == 1 && cd_read_left(r) == 6;
    return ethernet ? cd_mac_of(cd_read_at(r, 6, "DUID address")) : CD_NO_MAC;
}

/* The IA Address options (21.6) within an identity association. */
static void parse_association(struct cd_reader *r, size_t header_len, struct cd_dhcpv6_message *ret)
{
    cd_read_skip(r, header_len, "identity association");
    while (cd_read_left(r) > 0) {
        uint16_t code = cd_read_be16(r, "option");
        uint16_t len = cd_read_be16(r, "option length");
        struct cd_reader value = cd_read_sub(r, len, "option value");
        if (code != OPTION_IA_ADDRESS || !cd_read_ok(r))
            continue;
        const uint8_t *ip = cd_read_at(&value, 16, "address");
        cd_read_skip(&value, 4, "preferred lifetime");
        uint32_t valid_s = cd_read_be32(&value, "valid lifetime");
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
        else if (valid_s > 0 && ret->n_addresses < CD_DHCPV6_ADDRESSES_MAX)
            ret->addresses[ret->n_addresses++] = cd_ip_of6(ip);
    }
}

static void parse_option(uint16_t code, struct cd_reader *value, struct cd_dhcpv6_message *ret)
{
    struct cd_dhcpv6_option view = {.at = value->base, .len = (uint16_t)value->len};
    switch (code) {
    case OPTION_CLIENT_ID: ret->client_mac = duid_mac(value); break;
    case OPTION_SERVER_ID: ret->has_server_id = true; break;
    case OPTION_IA_NA: parse_association(value, 12, ret); break;
    case OPTION_IA_TA: parse_association(value, 4, ret); break;
    case OPTION_PARAMETERS: ret->parameters = view; break;
    case OPTION_STATUS: ret->status = cd_read_be16(value, "status"); break;
    case OPTION_USER_CLASS: ret->user_class = view; break;
    case OPTION_VENDOR_CLASS: ret->vendor_class = view; break;
    case OPTION_QUALIFIED_NAME: ret->qualified_name = view; break;
    default: break;
    }
}

/* Reads options; where a relayed message is among them, it is left in *ret_relayed. */
static void parse_options(struct cd_reader *r, struct cd_dhcpv6_message *ret, struct cd_reader *ret_relayed)
{
    while (cd_read_left(r) > 0) {
        uint16_t code = cd_read_be16(r, "option");
        uint16_t len = cd_read_be16(r, "option length");
        struct cd_reader value = cd_read_sub(r, len, "option value");
        if (!cd_read_ok(r))
            return;
        if (code == OPTION_RELAYED)
            *ret_relayed = value;
        else
            parse_option(code, &value, ret);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
}

static bool is_relay(int type)
{
    return type == CD_DHCPV6_RELAY_FORWARD || type == CD_DHCPV6_RELAY_REPLY;
}

bool cd_dhcpv6_parse(struct cd_reader *r, struct cd_dhcpv6_message *ret)
{
    struct cd_dhcpv6_message p = {.client_mac = CD_NO_MAC};
    struct cd_reader at = *r;
    while (cd_read_ok(&at) && is_relay(cd_read_peek(&at, 0))) {
        if (++p.relays > CD_DHCPV6_RELAYS_MAX)
            cd_read_fail(&at, "relay count");
        cd_read_skip(&at, 2 + 16, "relay header");
        const uint8_t *peer = cd_read_at(&at, 16, "peer address");
        struct cd_reader relayed = {.bad = "relayed message"};
        struct cd_dhcpv6_message outer = {.client_mac = CD_NO_MAC}; /* a relay's own options are about the relay */
        parse_options(&at, &outer, &relayed);
        if (peer)
            p.peer = cd_ip_of6(peer);
        if (cd_read_ok(&at))
            at = relayed;
    }
    struct cd_reader none = {.bad = NULL};
    p.type = cd_read_u8(&at, "message type");
    p.transaction = cd_read_be24(&at, "transaction");
    parse_options(&at, &p, &none);
    if (!cd_read_ok(&at)) {
        cd_read_fail(r, at.bad);
        return false;
    }
    *ret = p;
    return true;
}

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {[1] = "solicit",
                                        [2] = "advertise",
                                        [3] = "request",
                                        [4] = "confirm",
                                        [5] = "renew",
                                        [6] = "rebind",
                                        [7] = "reply",
                                        [8] = "release",
                                        [9] = "decline",
                                        [10] = "reconfigure",
                                        [11] = "information request"};
    return type > 0 && type < sizeof names / sizeof names[0] ? names[type] : "other type";
}

static bool from_server(uint8_t type)
{
    return type == 2 || type == CD_DHCPV6_REPLY || type == 10;
}

/* RFC 4704 4: flags, then the name as DNS labels. */
static void report_qualified_name(struct cd_message *m, const struct cd_subject *client,
                                  const struct cd_dhcpv6_option *option)
{
    struct cd_reader r = cd_reader_of(option->at, option->len);
    char name[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(name, sizeof name);
    cd_read_skip(&r, 1, "flags");
    while (cd_read_left(&r) > 0) {
        uint8_t len = cd_read_u8(&r, "label length");
        const uint8_t *label = len ? cd_read_at(&r, len, "label") : NULL;
        if (!label)
            break;
        if (t.len)
            cd_text_char(&t, '.');
        cd_text_bytes(&t, (const char *)label, len);
    }
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_NAME, name, t.len, 75);
}

/* RFC 8415 21.16: the maker's enterprise number, then texts each behind its length; "311: MSFT 5.0". */
static void report_vendor_class(struct cd_message *m, const struct cd_subject *client,
                                const struct cd_dhcpv6_option *option)
{
    struct cd_reader r = cd_reader_of(option->at, option->len);
    uint32_t enterprise = cd_read_be32(&r, "enterprise");
    uint16_t len = cd_read_be16(&r, "vendor class length");
    const uint8_t *text = cd_read_at(&r, len, "vendor class");
    if (!text)
        return;
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_u64(&t, enterprise);
    cd_text_str(&t, ": ");
    cd_text_device(&t, text, len);
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_VENDOR_CLASS, value, t.len, 90);
    if (len >= 4 && memcmp(text, "MSFT", 4) == 0)
        cd_report_fact(m, client, CD_ATTRIBUTE_OS, "Windows", 55);
}

static void report_fingerprint(struct cd_message *m, const struct cd_subject *client,
                               const struct cd_dhcpv6_option *option)
{
    struct cd_reader r = cd_reader_of(option->at, option->len);
    char list[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(list, sizeof list);
    while (cd_read_left(&r) >= 2) {
        if (t.len)
            cd_text_char(&t, ',');
        cd_text_u64(&t, cd_read_be16(&r, "requested option"));
    }
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_DHCP_FINGERPRINT, list, t.len, 90);
}

/* RFC 8415 21.15: texts each behind its length. */
static void report_user_class(struct cd_message *m, const struct cd_subject *client,
                              const struct cd_dhcpv6_option *option)
{
    struct cd_reader r = cd_reader_of(option->at, option->len);
    uint16_t len = cd_read_be16(&r, "user class length");
    const uint8_t *text = cd_read_at(&r, len, "user class");
    if (text)
        cd_report_fact_bytes(m, client, CD_ATTRIBUTE_VENDOR_CLASS, text, len, 60);
}

static void report_client(struct cd_message *m, const struct cd_dhcpv6_message *p)
{
    struct cd_subject client = p->relays == 0               ? cd_subject_sender(m)
                               : p->client_mac != CD_NO_MAC ? cd_subject_mac(p->client_mac)
                                                            : cd_subject_ip(&p->peer);
    if (client.mac == CD_NO_MAC && cd_ip_is_unspecified(&client.ip))
        return;
    if (p->relays == 0)
        cd_report_hardware_address(m, &client, p->client_mac, 60);
    if (p->qualified_name.len > 1)
        report_qualified_name(m, &client, &p->qualified_name);
    if (p->vendor_class.len)
        report_vendor_class(m, &client, &p->vendor_class);
    if (p->user_class.len)
        report_user_class(m, &client, &p->user_class);
    if (p->parameters.len)
        report_fingerprint(m, &client, &p->parameters);
}

/* A reply's addresses are the client's: by the frame's destination, or behind a relay by the DUID. */
static void report_addresses(struct cd_message *m, const struct cd_dhcpv6_message *p)
{
    cd_mac mac = p->relays ? p->client_mac : m->packet->dst_mac;
    for (unsigned i = 0; i < p->n_addresses; i++)
        cd_report_address(m, mac, &p->addresses[i], 90);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dhcpv6_message p;
    if (!cd_dhcpv6_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = type_name(p.type), .code = p.type, .class = CD_CLASS_SESSION, .target = ""};
    bool server = from_server(p.type);
    m->from_client = !server;
    cd_report_notice(m, &op); /* as in DHCP, each message by its own type: questions are multicast */
    if (!server) {
        report_client(m, &p);
        return;
    }
    if (p.relays == 0 && p.has_server_id) {
        struct cd_subject s = cd_subject_sender(m);
        cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "dhcp-server", 80);
    }
    if (p.type == CD_DHCPV6_REPLY && p.status == 0)
        report_addresses(m, &p);
}

const struct cd_dissector cd_dissector_dhcpv6 = {
    .name = "dhcpv6",
    .udp_ports = {547, 546},
    .dissect = dissect,
};
