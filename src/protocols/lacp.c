/* LACP: which systems bundle which ports. */
#include "protocols/lacp.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { TLV_LEN = 20, MARKER_RESPONSE = 2, STATE_SYNCHRONIZED = 0x08 };

static struct cd_lacp_end read_end(struct cd_reader *r, uint8_t type)
{
    struct cd_lacp_end e = {.system = CD_NO_MAC};
    if (cd_read_u8(r, "TLV type") != type)
        cd_read_fail(r, "TLV type");
    if (cd_read_u8(r, "TLV length") != TLV_LEN)
        cd_read_fail(r, "TLV length");
    e.priority = cd_read_be16(r, "system priority");
    const uint8_t *system = cd_read_at(r, 6, "system");
    if (system)
        e.system = cd_mac_of(system);
    e.key = cd_read_be16(r, "key");
    cd_read_skip(r, 2, "port priority");
    e.port = cd_read_be16(r, "port");
    e.state = cd_read_u8(r, "state");
    cd_read_skip(r, 3, "reserved");
    return e;
}

bool cd_lacp_parse(struct cd_reader *r, struct cd_lacp_message *ret)
{
    struct cd_lacp_message l = {0};
    l.subtype = cd_read_u8(r, "subtype");
    cd_read_skip(r, 1, "version");
    if (l.subtype == CD_LACP) {
        l.actor = read_end(r, 1);
        l.partner = read_end(r, 2);
    } else if (l.subtype == CD_LACP_MARKER) {
        l.marker_response = cd_read_u8(r, "TLV type") == MARKER_RESPONSE;
    } else {
        cd_read_fail(r, "subtype");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = l;
    return true;
}

static void report_system(struct cd_message *m, const struct cd_lacp_message *l)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[64];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_report_hardware_address(m, &s, l->actor.system, 80);
    cd_text_str(&t, "port ");
    cd_text_u64(&t, l->actor.port);
    cd_text_str(&t, " of bundle ");
    cd_text_u64(&t, l->actor.key);
    cd_report_fact(m, &s, CD_ATTRIBUTE_PORT, value, 50);
    if (!cd_mac_is_device(l->partner.system))
        return;
    t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "bundled with ");
    cd_text_mac(&t, l->partner.system);
    cd_report_fact(m, &s, CD_ATTRIBUTE_NEIGHBOUR, value, 70);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_lacp_message l;
    char target[32];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* both ends tell, nobody answers */
    if (!cd_lacp_parse(r, &l)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (l.subtype == CD_LACP) {
        cd_text_str(&t, "bundle ");
        cd_text_u64(&t, l.actor.key);
        if (!(l.actor.state & STATE_SYNCHRONIZED))
            cd_text_str(&t, ", not in it");
    }
    struct cd_operation op = {.name = l.subtype == CD_LACP ? "LACPDU"
                                      : l.marker_response  ? "marker response"
                                                           : "marker",
                              .code = l.subtype,
                              .class = CD_CLASS_OTHER,
                              .target = target};
    cd_report_notice(m, &op);
    if (l.subtype == CD_LACP)
        report_system(m, &l);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport == CD_TRANSPORT_ETH && len >= 4 && (bytes[0] == CD_LACP || bytes[0] == CD_LACP_MARKER)
               ? CD_PROBE_SURE
               : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_lacp = {
    .name = "lacp",
    .ethertypes = {0x8809},
    .probe = probe,
    .dissect = dissect,
};
