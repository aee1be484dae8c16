/* PROFINET IO: clock synchronisation (PTCP, IEC 61158-6-10 4.4) and media redundancy (MRP, IEC 62439-2). */
#include "protocols/profinet_io.h"

#include "base/hash.h"

enum { TLVS_MAX = 32 };

/* ---- PTCP: frame id, header of 20 bytes, then type and length in one (7 and 9 bits) and content ---- */

struct ptcp {
    cd_mac master; /* CD_NO_MAC where it is not told */
    bool has_class;
    uint8_t priority1, priority2, clock_class, accuracy;
};

static const char *ptcp_name(uint16_t frame_id)
{
    switch (frame_id) {
    case 0x0020:
    case 0x0021: return "sync with follow up";
    case 0x0080:
    case 0x0081: return "sync";
    case 0xff00:
    case 0xff01: return "announce";
    case 0xff20:
    case 0xff21: return "follow up";
    case 0xff40: return "delay request";
    case 0xff41: return "delay response with follow up";
    case 0xff42: return "delay follow up response";
    case 0xff43: return "delay response";
    default: return "reserved frame id";
    }
}

static void read_tlv(struct ptcp *p, unsigned type, struct cd_reader *value)
{
    enum { SUBDOMAIN = 1, MASTER = 4 };
    if (type == SUBDOMAIN) {
        const uint8_t *master = cd_read_at(value, 6, "master source address");
        p->master = master ? cd_mac_of(master) : CD_NO_MAC;
    } else if (type == MASTER) {
        p->priority1 = cd_read_u8(value, "master priority 1");
        p->priority2 = cd_read_u8(value, "master priority 2");
        p->clock_class = cd_read_u8(value, "clock class");
        p->accuracy = cd_read_u8(value, "clock accuracy");
        p->has_class = true;
    }
}

static bool parse_ptcp(struct cd_reader *r, struct ptcp *ret)
{
    struct ptcp p = {.master = CD_NO_MAC};
    cd_read_skip(r, 20, "header");
    for (unsigned n = 0; n < TLVS_MAX && cd_read_ok(r); n++) {
        uint16_t head = cd_read_be16(r, "TLV header");
        struct cd_reader value = cd_read_sub(r, head & 0x1ff, "TLV length");
        if (head == 0)
            break;
        read_tlv(&p, head >> 9, &value);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* The master's clock, once for each description. */
static void report_master(struct cd_message *m, const struct ptcp *p)
{
    struct cd_pnio_state *s = m->state;
    struct cd_subject master = cd_subject_mac(p->master);
    char text[80];
    struct cd_text t = cd_text_of(text, sizeof text);
    uint64_t hash = cd_hash_u64(p->master, (uint64_t)p->priority1 << 24 | (uint64_t)p->priority2 << 16 |
                                               (uint64_t)p->clock_class << 8 | p->accuracy);
    if (!cd_mac_is_device(p->master) || s->told_clock == hash)
        return;
    s->told_clock = hash;
    cd_text_str(&t, "PTCP sync master");
    if (p->has_class) {
        cd_text_str(&t, ", priority ");
        cd_text_u64(&t, p->priority1);
        cd_text_char(&t, '/');
        cd_text_u64(&t, p->priority2);
        cd_text_str(&t, ", class ");
        cd_text_u64(&t, p->clock_class);
        cd_text_str(&t, ", accuracy ");
        cd_text_u64(&t, p->accuracy);
    }
    cd_report_fact(m, &master, CD_ATTRIBUTE_CLOCK, text, 85);
    cd_report_fact(m, &master, CD_ATTRIBUTE_ROLE, "ptcp-sync-master", 40);
}

void cd_pnio_ptcp(struct cd_message *m, struct cd_reader *r, uint16_t frame_id)
{
    struct ptcp p;
    struct cd_operation op = {
        .name = ptcp_name(frame_id), .code_space = "ptcp", .code = frame_id, .class = CD_CLASS_OTHER, .target = ""};
    m->from_client = true;
    cd_report_cyclic(m, &op, &cd_pnio_cycle_of(m, frame_id)->entry);
    if (parse_ptcp(r, &p))
        report_master(m, &p);
    else
        cd_report_malformed(m, r->bad);
}

/* ---- MRP: version 2, then type 1, length 1, content; the first tells what it is, the end has type 0 ---- */

enum mrp_type {
    MRP_END = 0x00,
    MRP_COMMON = 0x01,
    MRP_TEST = 0x02,
    MRP_TOPOLOGY_CHANGE = 0x03,
    MRP_LINK_DOWN = 0x04,
    MRP_LINK_UP = 0x05,
    MRP_INTERCONNECTION_TEST = 0x06,
    MRP_INTERCONNECTION_LAST = 0x0a,
    MRP_OPTION = 0x7f
};
enum { RING_UNKNOWN, RING_OPEN, RING_CLOSED };

struct mrp {
    uint8_t type, ring; /* RING_… */
    cd_mac source;
};

static const char *mrp_name(uint8_t type)
{
    static const char *const names[] = {"end",
                                        "common",
                                        "test",
                                        "topology change",
                                        "link down",
                                        "link up",
                                        "interconnection test",
                                        "interconnection topology change",
                                        "interconnection link down",
                                        "interconnection link up",
                                        "interconnection link status poll"};
    return type < sizeof names / sizeof *names ? names[type] : type == MRP_OPTION ? "option" : "unassigned";
}

static void read_mrp_tlv(struct mrp *p, uint8_t type, struct cd_reader *value)
{
    if (type == MRP_TEST || type == MRP_TOPOLOGY_CHANGE)
        cd_read_skip(value, 2, "priority");
    if (type == MRP_TEST || type == MRP_TOPOLOGY_CHANGE || type == MRP_LINK_DOWN || type == MRP_LINK_UP) {
        const uint8_t *source = cd_read_at(value, 6, "source address");
        p->source = source ? cd_mac_of(source) : CD_NO_MAC;
    }
    if (type == MRP_TEST) {
        cd_read_skip(value, 2, "port role");
        p->ring = cd_read_be16(value, "ring state") ? RING_CLOSED : RING_OPEN;
    }
}

static bool parse_mrp(struct cd_reader *r, struct mrp *ret)
{
    struct mrp p = {.source = CD_NO_MAC};
    cd_read_skip(r, 2, "version");
    for (unsigned n = 0; n < TLVS_MAX && cd_read_ok(r); n++) {
        uint8_t type = cd_read_u8(r, "TLV type");
        struct cd_reader value = cd_read_sub(r, cd_read_u8(r, "TLV length"), "TLV length");
        if (type == MRP_END)
            break;
        if (p.type == MRP_END || p.type == MRP_OPTION)
            p.type = type;
        read_mrp_tlv(&p, type, &value);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static void report_ring(struct cd_message *m, struct cd_pnio_cycle *c, const struct mrp *p)
{
    struct cd_subject source = cd_subject_mac(p->source);
    if (c->told && c->told_status == p->ring)
        return;
    c->told = true;
    c->told_status = p->ring;
    if (!cd_mac_is_device(p->source))
        return;
    cd_report_fact(m, &source, CD_ATTRIBUTE_ROLE,
                   p->type == MRP_TEST || p->type == MRP_TOPOLOGY_CHANGE ? "mrp-manager" : "mrp-client", 40);
    if (p->source != m->packet->src_mac) { /* ports have MACs of their own */
        char text[24];
        struct cd_text t = cd_text_of(text, sizeof text);
        struct cd_subject port = cd_subject_mac(m->packet->src_mac);
        cd_text_mac(&t, p->source);
        cd_report_fact(m, &port, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, 80);
    }
    if (p->ring == RING_UNKNOWN)
        return;
    cd_report_fact(m, &source, CD_ATTRIBUTE_STATE, p->ring == RING_CLOSED ? "mrp ring closed" : "mrp ring open", 70);
    if (p->ring == RING_OPEN)
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, "the ring is open: its redundancy is lost");
}

void cd_pnio_mrp(struct cd_message *m, struct cd_reader *r)
{
    struct mrp p;
    if (!parse_mrp(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = mrp_name(p.type),
                              .code_space = "mrp",
                              .code = p.type,
                              .class = p.type == MRP_LINK_DOWN || p.type == MRP_LINK_UP || p.type == MRP_TOPOLOGY_CHANGE
                                           ? CD_CLASS_ALARM
                                           : CD_CLASS_OTHER,
                              .target = ""};
    struct cd_pnio_cycle *c = cd_pnio_cycle_of(m, p.type);
    m->from_client = true;
    cd_report_cyclic(m, &op, &c->entry);
    report_ring(m, c, &p);
}
