/* Spanning tree: which bridges there are, who is the root, and when the topology changes. */
#include "protocols/stp.h"

#include "base/text.h"
#include "protocols/identity.h"

#include <string.h>

enum { VERSION_MSTP = 3, FLAG_CHANGE = 0x01, REGION_NAME = 32, INSTANCE_LEN = 16, INSTANCES_MAX = 64 };

/* ---- parsing ---- */

static struct cd_stp_bridge read_bridge(struct cd_reader *r, const char *field)
{
    struct cd_stp_bridge b = {.priority = cd_read_be16(r, field)};
    const uint8_t *mac = cd_read_at(r, 6, field);
    b.mac = mac ? cd_mac_of(mac) : CD_NO_MAC;
    return b;
}

/* 802.1Q 14.4: version 1 length, version 3 length, MST configuration identifier, then the CIST and the instances. */
static void read_mstp(struct cd_reader *r, struct cd_stp_bpdu *b)
{
    enum { FIXED = 64 };
    cd_read_skip(r, 1, "version 1 length");
    uint16_t length = cd_read_be16(r, "version 3 length");
    if (length < FIXED) /* bridges that speak a draft of it */
        return;
    cd_read_skip(r, 1, "configuration identifier selector");
    b->region = cd_read_sub(r, REGION_NAME, "region");
    b->region_revision = cd_read_be16(r, "region revision");
    cd_read_skip(r, 16 + 4, "configuration digest");
    b->bridge = read_bridge(r, "CIST bridge");
    cd_read_skip(r, 1, "remaining hops");
    b->n_instances = (uint16_t)((length - FIXED) / INSTANCE_LEN);
    if (b->n_instances > INSTANCES_MAX)
        cd_read_fail(r, "version 3 length");
    cd_read_skip(r, (size_t)b->n_instances * INSTANCE_LEN, "instances");
}

/* PVST+ puts the VLAN behind the BPDU: type 0, length 2, VLAN; there may be a byte of padding before it. */
static void read_pvst_vlan(struct cd_reader *r, struct cd_stp_bpdu *b)
{
    if (b->version >= 2)
        cd_read_skip(r, cd_read_left(r) > 0, "version 1 length");
    else if (cd_read_left(r) >= 7)
        cd_read_skip(r, 1, "padding");
    if (cd_read_left(r) < 6 || cd_read_be16(r, "type") != 0 || cd_read_be16(r, "length") != 2)
        return;
    b->vlan = cd_read_be16(r, "VLAN") & 0xfff;
}

static void read_envelope(struct cd_reader *r, struct cd_stp_bpdu *b)
{
    if (cd_read_peek(r, 0) == 0x42) {
        if (cd_read_be24(r, "LLC header") != 0x424203)
            cd_read_fail(r, "LLC header");
        return;
    }
    b->pvst = true;
    if (cd_read_be24(r, "SNAP organisation") != 0x00000c || cd_read_be16(r, "SNAP protocol") != 0x010b)
        cd_read_fail(r, "SNAP header");
}

bool cd_stp_parse(struct cd_reader *r, struct cd_stp_bpdu *ret)
{
    struct cd_stp_bpdu b = {0};
    read_envelope(r, &b);
    if (cd_read_be16(r, "protocol identifier") != 0)
        cd_read_fail(r, "protocol identifier");
    b.version = cd_read_u8(r, "version");
    b.type = cd_read_u8(r, "BPDU type");
    if (b.type == CD_STP_CONFIGURATION || b.type == CD_STP_RAPID) {
        b.flags = cd_read_u8(r, "flags");
        b.root = read_bridge(r, "root bridge");
        b.root_cost = cd_read_be32(r, "root path cost");
        b.bridge = read_bridge(r, "bridge");
        b.port = cd_read_be16(r, "port");
        cd_read_skip(r, 8, "timers");
        if (b.pvst)
            read_pvst_vlan(r, &b);
        else if (b.version >= VERSION_MSTP && b.type == CD_STP_RAPID && cd_read_left(r) >= 3)
            read_mstp(r, &b);
    } else if (b.type != CD_STP_TOPOLOGY_CHANGE) {
        cd_read_fail(r, "BPDU type");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = b;
    return true;
}

/* ---- what is told ---- */

static void text_bridge(struct cd_text *t, const struct cd_stp_bridge *b)
{
    cd_text_u64(t, b->priority & 0xf000);
    if (b->priority & 0xfff) {
        cd_text_char(t, '.');
        cd_text_u64(t, b->priority & 0xfff);
    }
    cd_text_char(t, '/');
    cd_text_mac(t, b->mac);
}

static void report_bridge(struct cd_message *m, const struct cd_stp_bpdu *b)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[80];
    struct cd_text t = cd_text_of(value, sizeof value);
    bool is_root = b->root.mac == b->bridge.mac;
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "bridge", 80);
    cd_report_hardware_address(m, &s, b->bridge.mac, 80);
    cd_text_str(&t, is_root ? "spanning tree root " : "spanning tree bridge ");
    text_bridge(&t, &b->bridge);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, value, 80);
    if (!is_root) {
        t = cd_text_of(value, sizeof value);
        cd_text_str(&t, "spanning tree root ");
        text_bridge(&t, &b->root);
        cd_report_fact(m, &s, CD_ATTRIBUTE_NEIGHBOUR, value, 60);
    }
    t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "port ");
    cd_text_u64(&t, b->port & 0xfff);
    cd_report_fact(m, &s, CD_ATTRIBUTE_PORT, value, 50);
    const uint8_t *end = b->region.len ? memchr(b->region.base, 0, b->region.len) : NULL;
    if (b->region.len)
        cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_DOMAIN, b->region.base,
                             end ? (size_t)(end - b->region.base) : b->region.len, 40);
    if (b->pvst)
        cd_report_fact(m, &s, CD_ATTRIBUTE_VENDOR, "Cisco", 40);
}

static const char *name_of(const struct cd_stp_bpdu *b)
{
    if (b->type == CD_STP_TOPOLOGY_CHANGE)
        return "topology change notification";
    if (b->type == CD_STP_CONFIGURATION)
        return "configuration BPDU";
    return b->version >= VERSION_MSTP ? "multiple spanning tree BPDU" : "rapid spanning tree BPDU";
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_stp_bpdu b;
    char target[48];
    struct cd_text t = cd_text_of(target, sizeof target);
    m->from_client = true; /* bridges tell, nobody answers */
    if (!cd_stp_parse(r, &b)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (b.vlan) {
        cd_text_str(&t, "VLAN ");
        cd_text_u64(&t, b.vlan);
    }
    bool change = b.type != CD_STP_TOPOLOGY_CHANGE && (b.flags & FLAG_CHANGE);
    if (change)
        cd_text_str(&t, t.len ? ", topology change" : "topology change");
    struct cd_operation op = {.name = name_of(&b), .code = b.type, .class = CD_CLASS_OTHER, .target = target};
    if (b.type == CD_STP_TOPOLOGY_CHANGE || change)
        op.class = CD_CLASS_ALARM;
    cd_report_notice(m, &op);
    if (b.type != CD_STP_TOPOLOGY_CHANGE)
        report_bridge(m, &b);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const uint8_t llc[] = {0x42, 0x42, 0x03, 0x00, 0x00}, snap[] = {0x00, 0x00, 0x0c, 0x01, 0x0b};
    (void)from_client;
    if (transport != CD_TRANSPORT_ETH || len < 7)
        return CD_PROBE_NO;
    return memcmp(bytes, llc, sizeof llc) == 0 || memcmp(bytes, snap, sizeof snap) == 0 ? CD_PROBE_SURE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_stp = {
    .name = "stp",
    .ethertypes = {CD_ETHERTYPE_LLC, CD_ETHERTYPE_SNAP},
    .probe = probe,
    .dissect = dissect,
};
