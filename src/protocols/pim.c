/* PIM: which routers pass multicast on. */
#include "protocols/pim.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { OPTIONS_MAX = 64, OPTION_PRIORITY = 19, FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

/* Encoded addresses (RFC 7761 4.9.1): family 1, encoding 1; of groups also flags 1 and mask length 1. */
static struct cd_ip read_address(struct cd_reader *r, bool group, const char *field)
{
    uint8_t family = cd_read_u8(r, field);
    cd_read_skip(r, group ? 3 : 1, field);
    if (family != FAMILY_IPV4 && family != FAMILY_IPV6)
        cd_read_fail(r, field);
    const uint8_t *address = cd_read_at(r, family == FAMILY_IPV4 ? 4 : 16, field);
    if (!address)
        return (struct cd_ip){0};
    return family == FAMILY_IPV4 ? cd_ip_of4(address) : cd_ip_of6(address);
}

static void read_hello(struct cd_reader *r, struct cd_pim_message *p)
{
    for (unsigned i = 0; i < OPTIONS_MAX && cd_read_left(r); i++) {
        uint16_t type = cd_read_be16(r, "option"), length = cd_read_be16(r, "option length");
        struct cd_reader value = cd_read_sub(r, length, "option length");
        if (type == OPTION_PRIORITY && length == 4) {
            p->has_priority = true;
            p->priority = cd_read_be32(&value, "priority");
        }
    }
}

bool cd_pim_parse(struct cd_reader *r, struct cd_pim_message *ret)
{
    struct cd_pim_message p = {0};
    uint8_t first = cd_read_u8(r, "version and type");
    p.type = first & 15;
    if (first >> 4 != 2)
        cd_read_fail(r, "version and type");
    cd_read_skip(r, 3, "header");
    if (p.type == CD_PIM_HELLO) {
        read_hello(r, &p);
    } else if (p.type == CD_PIM_JOIN_PRUNE) {
        p.neighbour = read_address(r, false, "upstream neighbour");
        cd_read_skip(r, 1, "reserved");
        uint8_t n = cd_read_u8(r, "group count");
        cd_read_skip(r, 2, "hold time");
        if (n)
            p.group = read_address(r, true, "group");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[CD_PIM_TYPES + 1] = {"hello",
                                                        "register",
                                                        "register stop",
                                                        "join/prune",
                                                        "bootstrap",
                                                        "assert",
                                                        "graft",
                                                        "graft acknowledgment",
                                                        "candidate rendezvous point",
                                                        "state refresh",
                                                        "designated forwarder election",
                                                        "ECMP redirect",
                                                        "flooding"};
    struct cd_pim_message p;
    char target[120];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* routers tell each other; nobody serves */
    if (!cd_pim_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (p.type == CD_PIM_JOIN_PRUNE) {
        cd_text_str(&t, "group ");
        cd_text_ip(&t, &p.group);
        cd_text_str(&t, " by ");
        cd_text_ip(&t, &p.neighbour);
    }
    struct cd_operation op = {.name = p.type <= CD_PIM_TYPES ? names[p.type] : "unknown type",
                              .code = p.type,
                              .class = CD_CLASS_OTHER,
                              .target = target};
    cd_report_notice(m, &op);
    struct cd_subject s = cd_subject_sender(m);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", 80);
    if (p.has_priority)
        cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, "PIM designated router candidate", 50);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport == CD_TRANSPORT_IP && len >= 4 && bytes[0] >> 4 == 2 ? CD_PROBE_SURE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_pim = {
    .name = "pim",
    .ip_protocols = {103},
    .probe = probe,
    .dissect = dissect,
};
