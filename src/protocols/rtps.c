/* RTPS: submessages, who publishes which topics, and how much of it there is. */
#include "protocols/rtps.h"

#include "base/text.h"

#include <string.h>

enum { SUBMESSAGES_MAX = 128, CYCLES = 16, FLAG_LITTLE_ENDIAN = 0x01, FLAG_QOS = 0x02, PARAMETERS_MAX = 64 };
enum { PING = 16, KIND_PAD = 0x01, KIND_TIMESTAMP = 0x09, PID_SENTINEL = 1 };

struct state {
    struct {
        uint32_t key, entry;
        bool sent_by_client_end;
    } cycles[CYCLES]; /* operations seen last, by kind and writer: their entries are not looked up again */
    uint8_t next;
    bool vendor_told[2];
};

/* ---- parsing ---- */

bool cd_rtps_parse_header(struct cd_reader *r, struct cd_rtps_header *ret)
{
    const uint8_t *magic = cd_read_at(r, 4, "magic");
    if (magic && (memcmp(magic, "RTP", 3) != 0 || (magic[3] != 'S' && magic[3] != 'X')))
        cd_read_fail(r, "magic");
    struct cd_rtps_header h;
    h.major = cd_read_u8(r, "version");
    h.minor = cd_read_u8(r, "version");
    h.vendor = cd_read_be16(r, "vendor");
    if (h.major == 0 || h.major > 2)
        cd_read_fail(r, "version");
    cd_read_skip(r, h.major == 1 ? 8 : 12, "participant");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

/* 9.4.5.1.3: a length of 0 means "to the end", but for the kinds that may be empty. */
bool cd_rtps_next(struct cd_reader *r, struct cd_rtps_submessage *ret)
{
    struct cd_rtps_submessage s;
    if (!cd_read_left(r))
        return false;
    s.kind = cd_read_u8(r, "submessage");
    s.flags = cd_read_u8(r, "flags");
    uint16_t length =
        s.flags & FLAG_LITTLE_ENDIAN ? cd_read_le16(r, "submessage length") : cd_read_be16(r, "submessage length");
    bool to_end = length == 0 && s.kind != KIND_PAD && s.kind != KIND_TIMESTAMP;
    s.content = to_end ? cd_read_rest(r) : cd_read_sub(r, length, "submessage length");
    if (!cd_read_ok(r))
        return false;
    *ret = s;
    return true;
}

static uint16_t read16(struct cd_reader *r, bool little_endian, const char *field)
{
    return little_endian ? cd_read_le16(r, field) : cd_read_be16(r, field);
}

/* Parameters up to their end mark (9.4.2.11). */
static void skip_parameters(struct cd_reader *r, bool little_endian)
{
    for (unsigned i = 0; i < PARAMETERS_MAX && cd_read_ok(r); i++) {
        uint16_t id = read16(r, little_endian, "QoS parameter");
        uint16_t length = read16(r, little_endian, "QoS length");
        if (id == PID_SENTINEL)
            return;
        cd_read_skip(r, length, "QoS length");
    }
}

bool cd_rtps_parse_data(const struct cd_rtps_submessage *s, struct cd_rtps_data *ret)
{
    enum { PARAMETERS_BE = 2, PARAMETERS_LE = 3, FROM_HERE = 16, FLAG_DATA_KEY = 0x0c };
    struct cd_rtps_data d = {0};
    struct cd_reader r = s->content;
    bool little_endian = s->flags & FLAG_LITTLE_ENDIAN;
    cd_read_skip(&r, 2, "extra flags");
    uint16_t to_qos = read16(&r, little_endian, "octets to QoS");
    d.reader = cd_read_be32(&r, "reader");
    d.writer = cd_read_be32(&r, "writer");
    if (!cd_read_ok(&r) || to_qos < FROM_HERE || s->kind != CD_RTPS_DATA)
        goto out;
    cd_read_skip(&r, to_qos - 8u, "octets to QoS");
    if (s->flags & FLAG_QOS)
        skip_parameters(&r, little_endian);
    if (s->flags & FLAG_DATA_KEY) {
        uint16_t encapsulation = cd_read_be16(&r, "encapsulation");
        cd_read_skip(&r, 2, "options");
        d.parameters = encapsulation == PARAMETERS_BE || encapsulation == PARAMETERS_LE;
        d.little_endian = encapsulation == PARAMETERS_LE;
        d.payload = cd_read_rest(&r);
    }
out:
    if (!cd_read_ok(&r))
        return false;
    *ret = d;
    return true;
}

/* ---- names ---- */

/* 8.3.7 and vendors' own; version 1 numbered some otherwise. */
const char *cd_rtps_kind_name(uint8_t kind, uint8_t major)
{
    switch (kind) {
    case KIND_PAD: return "PAD";
    case 0x02: return major == 1 ? "VAR" : "DATA (version 2.0)";
    case 0x03: return major == 1 ? "ISSUE" : "NOKEY DATA";
    case 0x06: return "ACKNACK";
    case 0x07: return "HEARTBEAT";
    case 0x08: return "GAP";
    case KIND_TIMESTAMP: return "INFO TIMESTAMP";
    case 0x0c: return "INFO SOURCE";
    case 0x0d: return "INFO REPLY IPv4";
    case 0x0e: return "INFO DESTINATION";
    case 0x0f: return "INFO REPLY";
    case 0x12: return "NACK FRAGMENT";
    case 0x13: return "HEARTBEAT FRAGMENT";
    case CD_RTPS_DATA: return "DATA";
    case CD_RTPS_DATA_FRAGMENT: return "DATA FRAGMENT";
    case 0x30: return "SECURE BODY";
    case 0x31: return "SECURE PREFIX";
    case 0x32: return "SECURE POSTFIX";
    case 0x33: return "SECURE RTPS PREFIX";
    case 0x34: return "SECURE RTPS POSTFIX";
    default: return kind & 0x80 ? "vendor's own" : "unknown submessage";
    }
}

const char *cd_rtps_writer_name(uint32_t writer)
{
    switch (writer) {
    case 0x000002c2: return "topics";
    case CD_RTPS_WRITER_PUBLICATIONS: return "publications";
    case CD_RTPS_WRITER_SUBSCRIPTIONS: return "subscriptions";
    case CD_RTPS_WRITER_PARTICIPANT: return "participants";
    case CD_RTPS_WRITER_LIVELINESS: return "liveliness";
    case 0x000300c3: return "type requests";
    case 0x000301c3: return "type replies";
    case 0x000201c3: return "authentication";
    case 0xff0003c2: return "secure publications";
    case 0xff0004c2: return "secure subscriptions";
    case 0xff0101c2: return "secure participants";
    case 0xff0200c2: return "secure liveliness";
    case 0xff0202c3: return "secure exchange";
    default: return NULL;
    }
}

/* ---- recognising ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < 16 || memcmp(bytes, "RTP", 3) != 0)
        return CD_PROBE_NO;
    return (bytes[3] == 'S' || bytes[3] == 'X') && (bytes[4] == 1 || bytes[4] == 2) ? CD_PROBE_SURE : CD_PROBE_NO;
}

/* ---- what is told ---- */

/* Submessages come by the thousand: the entries of the last kinds are kept. */
static void report_cyclic(struct cd_message *m, uint32_t key, const struct cd_operation *op)
{
    struct state *state = m->state;
    for (unsigned i = 0; i < CYCLES; i++)
        if (state->cycles[i].entry && state->cycles[i].key == key &&
            state->cycles[i].sent_by_client_end == m->sent_by_client_end) {
            cd_report_cyclic(m, op, &state->cycles[i].entry);
            return;
        }
    unsigned at = state->next++ % CYCLES;
    state->cycles[at].key = key;
    state->cycles[at].entry = 0;
    state->cycles[at].sent_by_client_end = m->sent_by_client_end;
    cd_report_cyclic(m, op, &state->cycles[at].entry);
}

static void report_discovery(struct cd_message *m, const struct cd_rtps_data *data, struct cd_operation op)
{
    struct cd_rtps_discovery d;
    char target[240];
    struct cd_text t = cd_text_of(target, sizeof target);
    bool participant = data->writer == CD_RTPS_WRITER_PARTICIPANT;
    cd_rtps_read_discovery(data, &d);
    if (participant) {
        op.target = "participants";
        cd_rtps_report_participant(m, &d);
    } else {
        bool published = data->writer == CD_RTPS_WRITER_PUBLICATIONS;
        cd_text_str(&t, published ? "publication " : "subscription ");
        cd_rtps_text_endpoint(&t, &d);
        op.target = d.topic.len ? target : published ? "publications" : "subscriptions";
        if (d.topic.len)
            cd_rtps_report_endpoint(m, &d, published);
    }
    op.class = CD_CLASS_IDENTIFY;
    cd_report_notice(m, &op);
}

static void report_data(struct cd_message *m, const struct cd_rtps_submessage *s, struct cd_operation op)
{
    struct cd_rtps_data data;
    char target[32];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_rtps_parse_data(s, &data)) {
        cd_report_notice(m, &op);
        cd_report_malformed(m, "DATA");
        return;
    }
    bool endpoint = data.writer == CD_RTPS_WRITER_PUBLICATIONS || data.writer == CD_RTPS_WRITER_SUBSCRIPTIONS;
    if (data.parameters && (endpoint || data.writer == CD_RTPS_WRITER_PARTICIPANT)) {
        report_discovery(m, &data, op);
        return;
    }
    const char *name = cd_rtps_writer_name(data.writer);
    if (name) {
        op.target = name;
    } else {
        cd_text_str(&t, "writer ");
        cd_text_hex(&t, data.writer, 8);
        op.target = target;
    }
    report_cyclic(m, data.writer ^ (uint32_t)s->kind << 24, &op);
}

static bool is_ping(struct cd_reader r)
{
    static const char mark[] = "NDDSPING";
    if (cd_read_left(&r) != PING)
        return false;
    cd_read_skip(&r, PING - 8, "header");
    const uint8_t *at = cd_read_at(&r, 8, "mark");
    return at && memcmp(at, mark, 8) == 0;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *state = m->state;
    struct cd_rtps_header h;
    struct cd_rtps_submessage s;
    m->from_client = true; /* participants are peers: who sent it is the client of what it sent */
    if (is_ping(*r)) {
        struct cd_operation ping = {.name = "ping", .code_text = "ping", .class = CD_CLASS_DIAGNOSE, .target = ""};
        cd_report_notice(m, &ping); /* one vendor's, to keep ways through firewalls open */
        return;
    }
    if (!cd_rtps_parse_header(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!state->vendor_told[m->sent_by_client_end]) {
        state->vendor_told[m->sent_by_client_end] = true;
        cd_rtps_report_vendor(m, h.vendor);
    }
    for (unsigned i = 0; i < SUBMESSAGES_MAX && cd_rtps_next(r, &s); i++) {
        struct cd_operation op = {
            .name = cd_rtps_kind_name(s.kind, h.major), .code = s.kind, .class = CD_CLASS_OTHER, .target = ""};
        if (h.major == 2 && (s.kind == CD_RTPS_DATA || s.kind == CD_RTPS_DATA_FRAGMENT))
            report_data(m, &s, op);
        else
            report_cyclic(m, s.kind, &op);
    }
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

const struct cd_dissector cd_dissector_rtps = {
    .name = "rtps",
    .udp_ports = {7400, 7401, 7410, 7411, 7412, 7413},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
