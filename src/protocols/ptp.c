/* PTP: messages, each counted under its type, and the clocks that announce themselves. */
#include "protocols/ptp.h"

#include "base/hash.h"

enum { HEADER = 34, VERSION_1 = 1, VERSION_2 = 2 };

/* ---- parsing ---- */

bool cd_ptp_parse(struct cd_reader *r, bool cut, struct cd_ptp_header *ret)
{
    struct cd_ptp_header h = {0};
    uint8_t first = cd_read_u8(r, "message type"), version = cd_read_u8(r, "version") & 0xf;
    h.type = first & 0xf;
    h.sdo = first >> 4;
    uint16_t length = cd_read_be16(r, "message length");
    h.domain = cd_read_u8(r, "domain");
    cd_read_skip(r, 1 + 2 + 8 + 4, "flags and correction");
    h.clock_identity = cd_read_be64(r, "clock identity");
    h.port = cd_read_be16(r, "port number");
    h.sequence = cd_read_be16(r, "sequence id");
    cd_read_skip(r, 2, "control and interval");
    if (version != VERSION_2)
        cd_read_fail(r, "version");
    if (length < HEADER)
        cd_read_fail(r, "message length");
    size_t left = (size_t)length - HEADER;
    if (cut && left > cd_read_left(r))
        left = cd_read_left(r);
    h.body = cd_read_sub(r, left, "message length");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

bool cd_ptp_parse_announce(struct cd_reader *r, struct cd_ptp_announce *ret)
{
    struct cd_ptp_announce a;
    cd_read_skip(r, 10 + 2 + 1, "origin timestamp");
    a.priority1 = cd_read_u8(r, "grandmaster priority 1");
    a.clock_class = cd_read_u8(r, "grandmaster clock class");
    a.accuracy = cd_read_u8(r, "grandmaster clock accuracy");
    cd_read_skip(r, 2, "grandmaster clock variance");
    a.priority2 = cd_read_u8(r, "grandmaster priority 2");
    a.grandmaster = cd_read_be64(r, "grandmaster identity");
    a.steps_removed = cd_read_be16(r, "steps removed");
    a.time_source = cd_read_u8(r, "time source");
    a.tlvs = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* The shortest body of each type (tables 44 to 52); 0 for reserved ones. */
static size_t shortest_body(uint8_t type)
{
    static const uint8_t lengths[CD_PTP_TYPES] = {[CD_PTP_SYNC] = 10,
                                                  [CD_PTP_DELAY_REQUEST] = 10,
                                                  [CD_PTP_PEER_DELAY_REQUEST] = 20,
                                                  [CD_PTP_PEER_DELAY_RESPONSE] = 20,
                                                  [CD_PTP_FOLLOW_UP] = 10,
                                                  [CD_PTP_DELAY_RESPONSE] = 20,
                                                  [CD_PTP_PEER_DELAY_FOLLOW_UP] = 20,
                                                  [CD_PTP_ANNOUNCE] = 30,
                                                  [CD_PTP_SIGNALLING] = 10,
                                                  [CD_PTP_MANAGEMENT] = 14};
    return lengths[type & 0xf];
}

/* ---- what is told ---- */

void cd_ptp_text_domain(struct cd_text *t, const struct cd_ptp_header *h)
{
    cd_text_str(t, h->sdo == 1 ? "gptp domain " : "domain ");
    cd_text_u64(t, h->domain);
}

/* Identities are EUI-64, mostly made of a MAC with ff-fe or ff-ff in its middle (7.5.2.2). Whoever wants to be taken for a grandmaster sends another's: that is
 * no ground to take two devices for one, so the confidence is low. */
static void report_identity(struct cd_message *m, uint64_t identity)
{
    struct cd_subject sender = cd_subject_sender(m);
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_mac mac = (identity >> 40) << 24 | (identity & 0xffffff);
    if ((identity >> 24 & 0xffff) < 0xfffe || identity >> 40 == 0 || !cd_mac_is_device(mac))
        return;
    cd_text_mac(&t, mac);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, 60);
}

/* A sender whose grandmaster is itself is one; others pass on another's time: boundary clocks. Two that announce in one domain are two such facts. */
static void text_clock(struct cd_text *t, const struct cd_ptp_header *h, struct cd_ptp_announce *a)
{
    bool own = a->grandmaster == h->clock_identity;
    cd_text_str(t, own ? "PTP grandmaster " : "PTP boundary clock, grandmaster ");
    cd_text_hex(t, a->grandmaster, 16);
    cd_text_char(t, ' ');
    cd_ptp_text_domain(t, h);
    cd_text_str(t, ", class ");
    cd_text_u64(t, a->clock_class);
    cd_text_str(t, ", accuracy ");
    cd_text_str(t, cd_ptp_accuracy_name(a->accuracy));
    cd_text_str(t, ", priority ");
    cd_text_u64(t, a->priority1);
    cd_text_char(t, '/');
    cd_text_u64(t, a->priority2);
    cd_text_str(t, ", source ");
    cd_text_str(t, cd_ptp_source_name(a->time_source));
    if (!own) {
        cd_text_str(t, ", steps ");
        cd_text_u64(t, a->steps_removed);
    }
    cd_ptp_text_announce_tlvs(t, &a->tlvs);
}

static void report_announce(struct cd_message *m, struct cd_ptp_header *h)
{
    struct cd_ptp_state *s = m->state;
    struct cd_ptp_announce a;
    struct cd_subject sender = cd_subject_sender(m);
    char text[240];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_ptp_parse_announce(&h->body, &a)) {
        cd_report_malformed(m, h->body.bad);
        return;
    }
    uint64_t quality = (uint64_t)a.clock_class << 40 | (uint64_t)a.accuracy << 32 | (uint64_t)a.priority1 << 24 |
                       (uint64_t)a.priority2 << 16 | (uint64_t)a.time_source << 8 | h->domain;
    uint64_t hash = cd_hash_u64(a.grandmaster, quality ^ (uint64_t)a.steps_removed << 48);
    if (s->told[m->sent_by_client_end] == hash) {
        uint16_t type;
        struct cd_reader value;
        for (unsigned n = 0; n < CD_PTP_TLVS_MAX && cd_ptp_next_tlv(&a.tlvs, &type, &value); n++)
            ;
    } else {
        s->told[m->sent_by_client_end] = hash;
        text_clock(&t, h, &a);
        cd_report_fact(m, &sender, CD_ATTRIBUTE_CLOCK, text, 90);
        cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "time-server", 60);
        report_identity(m, h->clock_identity);
    }
    if (!cd_read_ok(&a.tlvs))
        cd_report_malformed(m, a.tlvs.bad);
}

/* Who asks for the delay to its master takes its time from it. */
static void report_slave(struct cd_message *m, const struct cd_ptp_header *h)
{
    struct cd_ptp_state *s = m->state;
    struct cd_subject sender = cd_subject_sender(m);
    char text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (s->slave_told[m->sent_by_client_end])
        return;
    s->slave_told[m->sent_by_client_end] = true;
    cd_text_str(&t, "PTP slave ");
    cd_ptp_text_domain(&t, h);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_CLOCK, text, 70);
    report_identity(m, h->clock_identity);
}

static void count_message(struct cd_message *m, const struct cd_ptp_header *h)
{
    struct cd_ptp_state *s = m->state;
    unsigned end = m->sent_by_client_end;
    uint16_t domain = (uint16_t)(h->sdo << 8 | h->domain);
    uint32_t *entry = &s->entries[end][h->type];
    char target[24];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = cd_ptp_type_name(h->type), .code = h->type, .class = CD_CLASS_OTHER, .target = target};
    if (s->domain[end] != domain)
        for (unsigned i = 0; i < CD_PTP_TYPES; i++)
            s->entries[end][i] = 0;
    s->domain[end] = domain;
    if (*entry == 0)
        cd_ptp_text_domain(&t, h);
    m->from_client = true; /* clocks send by themselves */
    cd_report_cyclic(m, &op, entry);
}

static void version_2(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ptp_header h;
    if (!cd_ptp_parse(r, m->cut, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (h.type == CD_PTP_MANAGEMENT) {
        cd_ptp_management(m, &h);
        return;
    }
    if (h.type == CD_PTP_SIGNALLING) {
        cd_ptp_signalling(m, &h);
        return;
    }
    count_message(m, &h);
    if (cd_read_left(&h.body) < shortest_body(h.type))
        cd_report_malformed(m, "message length");
    else if (h.type == CD_PTP_ANNOUNCE)
        report_announce(m, &h);
    else if (h.type == CD_PTP_DELAY_REQUEST)
        report_slave(m, &h);
}

/* ---- version 1 (IEEE 1588-2002 D.1): version 2, network version 2, subdomain 16, type 1, technology 1, uuid 6, port 2, sequence 2, control 1 ---- */

/* A sync names the grandmaster itself. */
static void report_sync_1(struct cd_message *m, struct cd_reader *r, const uint8_t *source)
{
    struct cd_subject sender = cd_subject_sender(m);
    char text[80];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_read_skip(r, 1 + 2 + 4 + 8 + 2 + 2 + 1 + 1, "origin timestamp");
    const uint8_t *grandmaster = cd_read_at(r, 6, "grandmaster clock uuid");
    cd_read_skip(r, 2 + 2 + 3, "grandmaster port");
    uint8_t stratum = cd_read_u8(r, "grandmaster stratum");
    const uint8_t *identifier = cd_read_at(r, 4, "grandmaster identifier");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, memcmp(grandmaster, source, 6) == 0 ? "PTPv1 grandmaster " : "PTPv1 boundary clock, grandmaster ");
    cd_text_mac(&t, cd_mac_of(grandmaster));
    cd_text_str(&t, ", stratum ");
    cd_text_u64(&t, stratum);
    cd_text_str(&t, ", source ");
    cd_text_device(&t, identifier, 4);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_CLOCK, text, 90);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "time-server", 60);
}

/* D.6: the key of a management message tells what it does; those that set, initialize, enable or disable configure. */
static enum cd_class management_1(struct cd_reader *r, struct cd_text *t)
{
    enum { BEFORE_KEY = 55 - 33, KEYS = 28 };
    const uint32_t setting = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 9 | 1u << 18 | 1u << 19 | 0x3fu << 22;
    cd_read_skip(r, BEFORE_KEY, "management message");
    uint8_t key = cd_read_u8(r, "management key");
    if (!cd_read_ok(r))
        return CD_CLASS_OTHER;
    cd_text_str(t, " key ");
    cd_text_u64(t, key);
    return key < KEYS && setting >> key & 1 ? CD_CLASS_CONFIGURE : CD_CLASS_READ;
}

static void version_1(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[] = {"sync", "delay request", "follow up", "delay response", "management"};
    enum { SYNC, MANAGEMENT = 4, SUBDOMAIN = 16 };
    char target[60];
    struct cd_text t = cd_text_of(target, sizeof target);
    cd_read_skip(r, 2 + 2, "version");
    const uint8_t *subdomain = cd_read_at(r, SUBDOMAIN, "subdomain");
    cd_read_skip(r, 1 + 1, "message type");
    const uint8_t *source = cd_read_at(r, 6, "source uuid");
    cd_read_skip(r, 2 + 2, "source port");
    uint8_t control = cd_read_u8(r, "control");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, "subdomain ");
    cd_text_device(&t, subdomain, SUBDOMAIN);
    struct cd_operation op = {.name = control <= MANAGEMENT ? names[control] : "reserved message type",
                              .code_space = "v1",
                              .code = control,
                              .class = control == MANAGEMENT ? management_1(r, &t) : CD_CLASS_OTHER,
                              .target = target};
    m->from_client = true;
    cd_report_notice(m, &op);
    if (control == SYNC)
        report_sync_1(m, r, source);
    else if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

/* ---- recognising ---- */

/* Its ports and its Ethertype are its own; elsewhere it is not looked for. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_TCP || len < HEADER)
        return CD_PROBE_NO;
    bool version_1 = bytes[0] == 0 && bytes[1] == VERSION_1 && bytes[2] == 0 && bytes[3] == 1;
    bool version_2 = (bytes[1] & 0xf) == VERSION_2 && (bytes[2] << 8 | bytes[3]) >= HEADER;
    if (!version_1 && !version_2)
        return CD_PROBE_NO;
    return transport == CD_TRANSPORT_ETH ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    if (cd_read_peek(r, 0) == 0 && cd_read_peek(r, 1) == VERSION_1 && cd_read_peek(r, 2) == 0 &&
        cd_read_peek(r, 3) == 1)
        version_1(m, r);
    else
        version_2(m, r);
}

const struct cd_dissector cd_dissector_ptp = {
    .name = "ptp",
    .udp_ports = {319, 320},
    .ethertypes = {0x88f7},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_ptp_state),
};
