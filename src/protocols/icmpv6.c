/* ICMPv6: Neighbour Discovery tells who uses which address and which hosts are routers. It comes with transport IP (protocol 58). */
#include "protocols/icmpv6.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

enum { OPTION_SOURCE_LINK = 1, OPTION_TARGET_LINK = 2, OPTION_PREFIX = 3 };
enum { ND_HOP_LIMIT = 255 }; /* RFC 4861 7.1: anything less came through a router and is not to be believed */

/* RFC 4861 4.6: type, length in units of 8 bytes, value. */
static void parse_options(struct cd_reader *r, struct cd_icmpv6_message *ret)
{
    while (cd_read_left(r) > 0) {
        uint8_t type = cd_read_u8(r, "option type");
        uint8_t units = cd_read_u8(r, "option length");
        if (units == 0) {
            cd_read_fail(r, "option length");
            return;
        }
        struct cd_reader value = cd_read_sub(r, (size_t)units * 8 - 2, "option value");
        if (type == OPTION_SOURCE_LINK && units == 1) {
            const uint8_t *p = cd_read_at(&value, 6, "link-layer address");
            ret->source_link = p ? cd_mac_of(p) : CD_NO_MAC;
        } else if (type == OPTION_TARGET_LINK && units == 1) {
            const uint8_t *p = cd_read_at(&value, 6, "link-layer address");
            ret->target_link = p ? cd_mac_of(p) : CD_NO_MAC;
        } else if (type == OPTION_PREFIX && units == 4 && ret->n_prefixes < CD_ICMPV6_PREFIXES_MAX) {
            uint8_t len = cd_read_u8(&value, "prefix length");
            cd_read_skip(&value, 13, "prefix lifetimes");
            const uint8_t *p = cd_read_at(&value, 16, "prefix");
            if (p)
                ret->prefixes[ret->n_prefixes++] = (struct cd_icmpv6_prefix){.prefix = cd_ip_of6(p), .len = len};
        }
    }
}

static struct cd_ip read_ip6(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 16, field);
    return p ? cd_ip_of6(p) : (struct cd_ip){0};
}

static void parse_neighbour_discovery(struct cd_reader *r, struct cd_icmpv6_message *ret)
{
    ret->neighbour_discovery = true;
    switch (ret->type) {
    case CD_ICMPV6_ROUTER_SOLICITATION: cd_read_skip(r, 4, "reserved"); break;
    case CD_ICMPV6_ROUTER_ADVERTISEMENT:
        cd_read_skip(r, 2, "hop limit and flags");
        ret->router_lifetime_s = cd_read_be16(r, "router lifetime");
        cd_read_skip(r, 8, "timers");
        break;
    case CD_ICMPV6_REDIRECT:
        cd_read_skip(r, 4, "reserved");
        ret->target = read_ip6(r, "target address");
        ret->destination = read_ip6(r, "destination address");
        break;
    default: cd_read_skip(r, 4, "flags"); ret->target = read_ip6(r, "target address");
    }
    parse_options(r, ret);
}

bool cd_icmpv6_parse(struct cd_reader *r, struct cd_icmpv6_message *ret)
{
    struct cd_icmpv6_message p = {.source_link = CD_NO_MAC, .target_link = CD_NO_MAC};
    p.type = cd_read_u8(r, "type");
    p.code = cd_read_u8(r, "code");
    cd_read_skip(r, 2, "checksum");
    if (p.type == CD_ICMPV6_ECHO_REQUEST || p.type == CD_ICMPV6_ECHO_REPLY)
        p.echo_id = cd_read_be32(r, "identifier");
    else if (p.type >= CD_ICMPV6_ROUTER_SOLICITATION && p.type <= CD_ICMPV6_REDIRECT)
        parse_neighbour_discovery(r, &p);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static struct cd_operation operation_of(uint8_t type)
{
    struct cd_operation op = {.code = type, .class = CD_CLASS_OTHER, .target = ""};
    switch (type) {
    case 1: op.name = "destination unreachable"; break;
    case 2: op.name = "packet too big"; break;
    case 3: op.name = "time exceeded"; break;
    case 4: op.name = "parameter problem"; break;
    case CD_ICMPV6_ECHO_REQUEST:
    case CD_ICMPV6_ECHO_REPLY:
        op.name = "echo";
        op.code = CD_ICMPV6_ECHO_REQUEST;
        op.class = CD_CLASS_DIAGNOSE;
        break;
    case 130: op.name = "multicast listener query"; break;
    case 131:
    case 143: op.name = "multicast listener report"; break;
    case 132: op.name = "multicast listener done"; break;
    case CD_ICMPV6_ROUTER_SOLICITATION:
        op.name = "router solicitation";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case CD_ICMPV6_ROUTER_ADVERTISEMENT:
        op.name = "router advertisement";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case CD_ICMPV6_NEIGHBOUR_SOLICITATION:
        op.name = "neighbour solicitation";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case CD_ICMPV6_NEIGHBOUR_ADVERTISEMENT:
        op.name = "neighbour advertisement";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case CD_ICMPV6_REDIRECT:
        op.name = "redirect";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case 139:
        op.name = "node information query";
        op.class = CD_CLASS_IDENTIFY;
        break;
    case 140:
        op.name = "node information response";
        op.class = CD_CLASS_IDENTIFY;
        break;
    default: op.name = "other type";
    }
    return op;
}

static void report_operation(struct cd_message *m, const struct cd_icmpv6_message *p)
{
    struct cd_operation op = operation_of(p->type);
    if (p->type == CD_ICMPV6_ECHO_REQUEST) {
        m->from_client = true;
        cd_report_request(m, &op, p->echo_id);
    } else if (p->type == CD_ICMPV6_ECHO_REPLY) {
        m->from_client = false;
        cd_report_response(m, &op, p->echo_id, NULL);
    } else {
        m->from_client = true;
        cd_report_notice(m, &op);
    }
}

/* A claim that another MAC's frame carries is a finding, unless routers share that address. */
static void report_claim(struct cd_message *m, cd_mac mac, const struct cd_ip *ip)
{
    cd_mac frame_mac = cd_message_sender_mac(m);
    bool conflict = frame_mac != CD_NO_MAC && mac != CD_NO_MAC && frame_mac != mac && !cd_mac_is_virtual_router(mac) &&
                    !cd_mac_is_virtual_router(frame_mac);
    if (conflict) {
        char detail[CD_TEXT_MAX + 1];
        struct cd_text t = cd_text_of(detail, sizeof detail);
        cd_text_str(&t, "frame from ");
        cd_text_mac(&t, frame_mac);
        cd_text_str(&t, " claims: ");
        cd_text_mac(&t, mac);
        cd_text_str(&t, " for ");
        cd_text_ip(&t, ip);
        cd_report_event(m, CD_EVENT_ARP_ANOMALY, detail);
    }
    cd_report_address(m, mac, ip, conflict ? 30 : 90);
}

static void report_router(struct cd_message *m, const struct cd_icmpv6_message *p)
{
    struct cd_subject router = cd_subject_sender(m);
    if (p->router_lifetime_s > 0) {
        cd_report_fact(m, &router, CD_ATTRIBUTE_ROLE, "router", 80);
        cd_report_fact_ip(m, &router, CD_ATTRIBUTE_GATEWAY, &m->packet->src, 80);
    }
    for (unsigned i = 0; i < p->n_prefixes; i++) {
        char value[80];
        struct cd_text t = cd_text_of(value, sizeof value);
        cd_text_str(&t, "IPv6 prefix ");
        cd_text_ip(&t, &p->prefixes[i].prefix);
        cd_text_char(&t, '/');
        cd_text_u64(&t, p->prefixes[i].len);
        cd_report_fact(m, &router, CD_ATTRIBUTE_SERVICE, value, 80);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_icmpv6_message p;
    if (!cd_icmpv6_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    report_operation(m, &p);
    if (!p.neighbour_discovery)
        return;
    if (m->packet->ttl != ND_HOP_LIMIT) {
        cd_report_event(m, CD_EVENT_VIOLATION, "Neighbour Discovery with a hop limit other than 255");
        return;
    }
    if (p.type == CD_ICMPV6_ROUTER_ADVERTISEMENT)
        report_router(m, &p);
    if (p.type == CD_ICMPV6_NEIGHBOUR_ADVERTISEMENT)
        report_claim(m, p.target_link, &p.target);
    else if (p.type != CD_ICMPV6_REDIRECT && !cd_ip_is_unspecified(&m->packet->src))
        report_claim(m, p.source_link, &m->packet->src);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)bytes, (void)len, (void)from_client;
    return transport == CD_TRANSPORT_IP ? CD_PROBE_SURE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_icmpv6 = {
    .name = "icmpv6",
    .ip_protocols = {58},
    .probe = probe,
    .dissect = dissect,
};
