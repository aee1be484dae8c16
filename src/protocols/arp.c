/* ARP: who claims which address. Claims come from the sender fields alone, which is what hosts learn from.
 *
 *    0         2         4      5      6           8
 *   | hardware | protocol | hlen | plen | operation | sender hw, sender protocol, target hw, target protocol | padding */
#include "protocols/arp.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

enum { HARDWARE_ETHERNET = 1, HARDWARE_IEEE802 = 6 };

bool cd_arp_parse(struct cd_reader *r, struct cd_arp_packet *ret)
{
    struct cd_arp_packet p = {.sender_mac = CD_NO_MAC, .target_mac = CD_NO_MAC};
    p.hardware = cd_read_be16(r, "hardware type");
    p.protocol = cd_read_be16(r, "protocol type");
    p.hardware_len = cd_read_u8(r, "hardware address length");
    p.protocol_len = cd_read_u8(r, "protocol address length");
    p.operation = cd_read_be16(r, "operation");
    const uint8_t *sender_mac = cd_read_at(r, p.hardware_len, "sender hardware address");
    const uint8_t *sender_ip = cd_read_at(r, p.protocol_len, "sender protocol address");
    const uint8_t *target_mac = cd_read_at(r, p.hardware_len, "target hardware address");
    const uint8_t *target_ip = cd_read_at(r, p.protocol_len, "target protocol address");
    if (!cd_read_ok(r))
        return false;
    if (p.hardware_len == 6 && p.protocol_len == 4 && p.protocol == CD_ETHERTYPE_IPV4) {
        p.ethernet_ipv4 = true;
        p.sender_mac = cd_mac_of(sender_mac);
        p.target_mac = cd_mac_of(target_mac);
        p.sender_ip = cd_ip_of4(sender_ip);
        p.target_ip = cd_ip_of4(target_ip);
    }
    *ret = p;
    return true;
}

static const char *operation_name(uint16_t operation)
{
    static const char *const names[] = {
        [1] = "request",         [2] = "reply",         [3] = "reverse request", [4] = "reverse reply",
        [8] = "inverse request", [9] = "inverse reply", [10] = "negative reply"};
    return operation < sizeof names / sizeof names[0] ? names[operation] : NULL;
}

static void anomaly(struct cd_message *m, const char *what, cd_mac mac, const struct cd_ip *ip)
{
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, what);
    cd_text_str(&t, ": ");
    cd_text_mac(&t, mac);
    cd_text_str(&t, " for ");
    cd_text_ip(&t, ip);
    cd_report_event(m, CD_EVENT_ARP_ANOMALY, detail);
}

/* The sender's claim, and whether the frame it came in bears it out. */
static void report_claim(struct cd_message *m, const struct cd_arp_packet *p)
{
    if (cd_ip_is_unspecified(&p->sender_ip))
        return; /* a probe (RFC 5227 2.1.1) claims nothing */
    if (!cd_mac_is_device(p->sender_mac)) {
        anomaly(m, "sender hardware address is no device's", p->sender_mac, &p->sender_ip);
        return;
    }
    if (!cd_ip_is_device(&p->sender_ip)) {
        anomaly(m, "sender protocol address is no device's", p->sender_mac, &p->sender_ip);
        return;
    }
    cd_mac frame_mac = cd_message_sender_mac(m);
    bool conflict = frame_mac != CD_NO_MAC && frame_mac != p->sender_mac && !cd_mac_is_virtual_router(p->sender_mac) &&
                    !cd_mac_is_virtual_router(frame_mac);
    if (conflict) {
        char what[96];
        struct cd_text t = cd_text_of(what, sizeof what);
        cd_text_str(&t, "frame from ");
        cd_text_mac(&t, frame_mac);
        cd_text_str(&t, " claims");
        anomaly(m, what, p->sender_mac, &p->sender_ip);
    }
    cd_report_address(m, p->sender_mac, &p->sender_ip, conflict ? 30 : 90);
}

static const char *target_of(const struct cd_arp_packet *p)
{
    if (!p->ethernet_ipv4 || p->operation > 2)
        return "";
    if (cd_ip_is_unspecified(&p->sender_ip))
        return "probe";
    return cd_ip_equal(&p->sender_ip, &p->target_ip) ? "gratuitous" : "";
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_arp_packet p;
    if (!cd_arp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    bool ethernet = p.hardware == HARDWARE_ETHERNET || p.hardware == HARDWARE_IEEE802;
    if (ethernet && p.protocol == CD_ETHERTYPE_IPV4 && !p.ethernet_ipv4)
        cd_report_event(m, CD_EVENT_ARP_ANOMALY, "address lengths do not fit Ethernet and IPv4");
    const char *name = operation_name(p.operation);
    if (!name)
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown ARP operation");
    struct cd_operation op = {.name = name ? name : "unknown operation",
                              .code = p.operation,
                              .class = name ? CD_CLASS_IDENTIFY : CD_CLASS_OTHER,
                              .target = target_of(&p)};
    cd_report_notice(m, &op);
    if (ethernet && p.ethernet_ipv4)
        report_claim(m, &p);
}

const struct cd_dissector cd_dissector_arp = {
    .name = "arp",
    .ethertypes = {CD_ETHERTYPE_ARP, 0x8035 /* RARP */},
    .dissect = dissect,
};
