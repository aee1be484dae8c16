/* DHCP: what a host calls itself, what it asks for, and which address it is given. All facts are the client hardware address's, which
 * stands in the message and survives relays. */
#include "protocols/dhcp.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

#include <string.h>

enum { OP_REQUEST = 1, OP_REPLY = 2, SNAME_LEN = 64, FILE_LEN = 128, MAGIC_COOKIE = 0x63825363 };
enum { TYPE_OFFER = 2, TYPE_ACK = 5, TYPE_NAK = 6 };
enum {
    OPTION_PAD = 0,
    OPTION_ROUTER = 3,
    OPTION_HOST_NAME = 12,
    OPTION_DOMAIN = 15,
    OPTION_OVERLOAD = 52,
    OPTION_TYPE = 53,
    OPTION_SERVER_ID = 54,
    OPTION_PARAMETERS = 55,
    OPTION_VENDOR_CLASS = 60,
    OPTION_QUALIFIED_NAME = 81,
    OPTION_END = 255
};

static struct cd_ip read_ip4(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 4, field);
    return p ? cd_ip_of4(p) : (struct cd_ip){0};
}

static uint8_t parse_option(struct cd_reader *value, uint8_t code, struct cd_dhcp_message *ret)
{
    struct cd_dhcp_option view = {.at = value->base, .len = (uint8_t)value->len};
    switch (code) {
    case OPTION_HOST_NAME: ret->host_name = view; break;
    case OPTION_DOMAIN: ret->domain = view; break;
    case OPTION_VENDOR_CLASS: ret->vendor_class = view; break;
    case OPTION_PARAMETERS: ret->parameters = view; break;
    case OPTION_QUALIFIED_NAME: ret->qualified_name = view; break;
    case OPTION_TYPE: ret->type = cd_read_u8(value, "message type"); break;
    case OPTION_SERVER_ID: ret->server_id = read_ip4(value, "server identifier"); break;
    case OPTION_ROUTER: ret->router = read_ip4(value, "router"); break;
    case OPTION_OVERLOAD: return cd_read_u8(value, "option overload");
    default: break;
    }
    return 0;
}

/* RFC 2132 2: code, length, value; 0 pads, 255 ends. Returns the overload option's value, if any. */
static uint8_t parse_options(struct cd_reader *r, struct cd_dhcp_message *ret)
{
    uint8_t overload = 0;
    while (cd_read_left(r) > 0) {
        uint8_t code = cd_read_u8(r, "option");
        if (code == OPTION_END)
            break;
        if (code == OPTION_PAD)
            continue;
        uint8_t len = cd_read_u8(r, "option length");
        struct cd_reader value = cd_read_sub(r, len, "option value");
        if (!cd_read_ok(r))
            break;
        overload |= parse_option(&value, code, ret);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
    return overload;
}

bool cd_dhcp_parse(struct cd_reader *r, struct cd_dhcp_message *ret)
{
    struct cd_dhcp_message p = {.client_mac = CD_NO_MAC};
    p.op = cd_read_u8(r, "op");
    uint8_t hardware = cd_read_u8(r, "hardware type");
    uint8_t hardware_len = cd_read_u8(r, "hardware address length");
    cd_read_skip(r, 1, "hops");
    p.transaction = cd_read_be32(r, "transaction");
    cd_read_skip(r, 4, "seconds and flags");
    p.client = read_ip4(r, "client address");
    p.your = read_ip4(r, "your address");
    cd_read_skip(r, 4, "next server");
    p.relay = read_ip4(r, "relay address");
    const uint8_t *mac = cd_read_at(r, 16, "client hardware address");
    struct cd_reader sname = cd_read_sub(r, SNAME_LEN, "server name");
    struct cd_reader file = cd_read_sub(r, FILE_LEN, "boot file");
    if (cd_read_ok(r) && p.op != OP_REQUEST && p.op != OP_REPLY)
        cd_read_fail(r, "op");
    if (mac && (hardware == 1 || hardware == 0 /* some clients leave it out */) && hardware_len == 6)
        p.client_mac = cd_mac_of(mac);
    if (cd_read_left(r) >= 4 && cd_read_be32(r, "magic cookie") == MAGIC_COOKIE) {
        uint8_t overload = parse_options(r, &p);
        if (overload & 1)
            parse_options(&file, &p);
        if (overload & 2)
            parse_options(&sname, &p);
        if (!cd_read_ok(&file) || !cd_read_ok(&sname))
            cd_read_fail(r, "overloaded options");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static struct cd_operation operation_of(const struct cd_dhcp_message *p)
{
    static const char *const names[] = {
        NULL,      "discover", "offer",       "request",     "decline",          "ack",           "nak",
        "release", "inform",   "force renew", "lease query", "lease unassigned", "lease unknown", "lease active"};
    if (p->type == 0)
        return (struct cd_operation){.name = p->op == OP_REQUEST ? "boot request" : "boot reply",
                                     .code_space = "bootp",
                                     .code = p->op,
                                     .class = CD_CLASS_SESSION,
                                     .target = ""};
    const char *name = p->type < sizeof names / sizeof names[0] ? names[p->type] : "other type";
    return (struct cd_operation){.name = name, .code = p->type, .class = CD_CLASS_SESSION, .target = ""};
}

/* RFC 4702 2: flags, two obsolete bytes, then the name as ASCII or (E bit) as DNS labels. */
static void report_qualified_name(struct cd_message *m, const struct cd_subject *client,
                                  const struct cd_dhcp_option *option, unsigned confidence)
{
    struct cd_reader r = cd_reader_of(option->at, option->len);
    uint8_t flags = cd_read_u8(&r, "flags");
    cd_read_skip(&r, 2, "results");
    char name[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(name, sizeof name);
    if (flags & 0x04) {
        for (uint8_t len = cd_read_u8(&r, "label"); len > 0; len = cd_read_left(&r) ? cd_read_u8(&r, "label") : 0) {
            const uint8_t *label = cd_read_at(&r, len, "label");
            if (!label)
                return;
            if (t.len)
                cd_text_char(&t, '.');
            cd_text_bytes(&t, (const char *)label, len);
        }
    } else {
        size_t n = cd_read_left(&r);
        const uint8_t *text = cd_read_at(&r, n, "name");
        if (text)
            cd_text_bytes(&t, (const char *)text, n);
    }
    while (t.len && (name[t.len - 1] == '.' || name[t.len - 1] == '\0'))
        t.len--;
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_NAME, name, t.len, confidence);
}

/* What the vendor classes of common DHCP clients tell. */
static void report_vendor_class(struct cd_message *m, const struct cd_subject *client,
                                const struct cd_dhcp_option *option)
{
    static const struct {
        const char *prefix;
        enum cd_attribute attribute;
        const char *value;
    } known[] = {
        {"MSFT 5.0", CD_ATTRIBUTE_OS, "Windows"},
        {"MSFT 98", CD_ATTRIBUTE_OS, "Windows 98"},
        {"android-dhcp", CD_ATTRIBUTE_OS, "Android"},
        {"Cisco Systems, Inc. IP Phone", CD_ATTRIBUTE_ROLE, "phone"},
        {"Hewlett-Packard JetDirect", CD_ATTRIBUTE_ROLE, "printer"},
        {"AXIS,", CD_ATTRIBUTE_VENDOR, "Axis Communications"},
        {"AXIS,Network Camera", CD_ATTRIBUTE_ROLE, "camera"},
        {"ArubaAP", CD_ATTRIBUTE_ROLE, "access-point"},
        {"Cisco AP ", CD_ATTRIBUTE_ROLE, "access-point"},
        {"udhcp", CD_ATTRIBUTE_OS, "Linux (embedded)"},
    };
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_VENDOR_CLASS, option->at, option->len, 90);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].prefix);
        if (option->len >= n && memcmp(option->at, known[i].prefix, n) == 0)
            cd_report_fact(m, client, known[i].attribute, known[i].value, 55);
    }
    static const char phone[] = "Cisco Systems, Inc. IP Phone ";
    if (option->len > sizeof phone - 1 && memcmp(option->at, phone, sizeof phone - 1) == 0) {
        cd_report_fact(m, client, CD_ATTRIBUTE_VENDOR, "Cisco", 80);
        cd_report_fact_bytes(m, client, CD_ATTRIBUTE_MODEL, option->at + sizeof phone - 1,
                             option->len - (sizeof phone - 1), 80);
    }
    /* "dhcpcd-6.8.2:Linux-3.2.0-4-amd64:x86_64": the second part is the system. */
    const uint8_t *system =
        option->len > 7 && memcmp(option->at, "dhcpcd-", 7) == 0 ? memchr(option->at, ':', option->len) : NULL;
    if (system) {
        system++;
        size_t left = (size_t)(option->at + option->len - system);
        const uint8_t *end = memchr(system, ':', left);
        cd_report_fact_bytes(m, client, CD_ATTRIBUTE_OS, system, end ? (size_t)(end - system) : left, 60);
    }
}

/* The parameter request list in its order tells one DHCP client program from another: "1,3,6,15". */
static void report_fingerprint(struct cd_message *m, const struct cd_subject *client,
                               const struct cd_dhcp_option *option)
{
    char list[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(list, sizeof list);
    for (unsigned i = 0; i < option->len; i++) {
        if (i)
            cd_text_char(&t, ',');
        cd_text_u64(&t, option->at[i]);
    }
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_DHCP_FINGERPRINT, list, t.len, 90);
}

static void report_from_client(struct cd_message *m, const struct cd_dhcp_message *p, const struct cd_subject *client)
{
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_NAME, p->host_name.at, p->host_name.len, 75);
    if (p->qualified_name.len > 3)
        report_qualified_name(m, client, &p->qualified_name, 75);
    if (p->vendor_class.len)
        report_vendor_class(m, client, &p->vendor_class);
    if (p->parameters.len)
        report_fingerprint(m, client, &p->parameters);
    cd_report_address(m, p->client_mac, &p->client, 80);
}

static void report_from_server(struct cd_message *m, const struct cd_dhcp_message *p, const struct cd_subject *client)
{
    if (!cd_ip_is_unspecified(&p->server_id)) {
        struct cd_subject server = cd_subject_ip(&p->server_id);
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "dhcp-server", 80);
    }
    if (p->type != TYPE_ACK && p->type != 0)
        return;
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_NAME, p->host_name.at, p->host_name.len, 60);
    cd_report_fact_bytes(m, client, CD_ATTRIBUTE_DOMAIN, p->domain.at, p->domain.len, 60);
    cd_report_address(m, p->client_mac, cd_ip_is_unspecified(&p->your) ? &p->client : &p->your, 90);
    if (cd_ip_is_device(&p->router))
        cd_report_fact_ip(m, client, CD_ATTRIBUTE_GATEWAY, &p->router, 80);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dhcp_message p;
    if (!cd_dhcp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = p.op == OP_REQUEST;
    /* Each message is counted by its own type: offers and acknowledgements are often broadcast and in a flow of their own. */
    struct cd_operation op = operation_of(&p);
    cd_report_notice(m, &op);
    if (cd_ip_is_device(&p.relay)) {
        struct cd_subject relay = cd_subject_ip(&p.relay);
        cd_report_fact(m, &relay, CD_ATTRIBUTE_ROLE, "dhcp-relay", 60);
    }
    if (!cd_mac_is_device(p.client_mac))
        return;
    struct cd_subject client = cd_subject_mac(p.client_mac);
    if (p.op == OP_REQUEST)
        report_from_client(m, &p, &client);
    else
        report_from_server(m, &p, &client);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_dhcp_message p;
    if (transport != CD_TRANSPORT_UDP || len < 236 || (bytes[0] != OP_REQUEST && bytes[0] != OP_REPLY))
        return CD_PROBE_NO;
    return cd_dhcp_parse(&r, &p) && p.type ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

const struct cd_dissector cd_dissector_dhcp = {
    .name = "dhcp",
    .udp_ports = {67, 68},
    .probe = probe,
    .dissect = dissect,
};
