#include "protocols/cotp.h"

#include "base/text.h"
#include "protocols/cotp_tls.h"
#include "protocols/h1.h"
#include "protocols/mms.h"
#include "protocols/s7comm.h"
#include "protocols/s7comm_plus.h"
#include "protocols/tpkt.h"

#include <string.h>

enum {
    TSDU_MAX = 65536, /* longer TSDUs are cut: S7 negotiates up to 960 bytes, MMS in practice up to 32 KB */
    TSDU_SEGMENTS_MAX =
        256, /* segments looked for; a TSDU of many tiny segments must not cost a walk over all of them at every packet */
    PARAMETER_TPDU_SIZE = 0xc0,
    PARAMETER_CALLING = 0xc1,
    PARAMETER_CALLED = 0xc2,
    EOT = 0x80,
    CLASS_0_DATA_LI =
        2, /* header of data in classes 0 and 1: type, EOT and number; the other classes put a reference between */
};

/* ---- what is carried: recognised by the first bytes of a TSDU. One line each. `known`: the connection has carried it before. ---- */

static bool begins_s7comm(const uint8_t *bytes, size_t len, bool known)
{
    (void)known;
    return len >= CD_S7COMM_HEADER && bytes[0] == CD_S7COMM_MAGIC && cd_s7comm_is_rosctr(bytes[1]);
}

static const struct {
    bool (*probe)(const uint8_t *bytes, size_t len, bool known);
    const struct cd_dissector *dissector;
} carried_protocols[] = {
    {cd_cotp_tls_begins, &cd_cotp_tls}, /* first: once begun it takes all, for a record may go on in the next TSDU */
    {begins_s7comm, &cd_dissector_s7comm}, {cd_s7comm_plus_begins, &cd_dissector_s7comm_plus},
    {cd_mms_begins, &cd_dissector_mms},    {cd_h1_begins, &cd_dissector_h1},
};

/* ---- parsing ---- */

/* Parameters of the variable part (X.224 13.3.4): code, length, value. Unknown ones are allowed and ignored. */
static void parse_parameters(struct cd_reader *r, struct cd_cotp_ends *ends)
{
    while (cd_read_left(r)) {
        uint8_t code = cd_read_u8(r, "parameter code");
        struct cd_reader value = cd_read_sub(r, cd_read_u8(r, "parameter length"), "parameter");
        if (!cd_read_ok(&value) || value.len > CD_COTP_TSAP_MAX)
            continue;
        if (code == PARAMETER_CALLING) {
            memcpy(ends->calling, value.base, value.len);
            ends->calling_len = (uint8_t)value.len;
        } else if (code == PARAMETER_CALLED) {
            memcpy(ends->called, value.base, value.len);
            ends->called_len = (uint8_t)value.len;
        }
    }
}

static bool parse_header(struct cd_reader *h, struct cd_cotp_tpdu *t)
{
    t->type = cd_read_u8(h, "TPDU type") >> 4;
    t->last = true;
    switch (t->type) {
    case CD_COTP_DATA:
    case CD_COTP_EXPEDITED:
        if (h->len > CLASS_0_DATA_LI)
            t->destination = cd_read_be16(h, "destination reference");
        t->last = cd_read_u8(h, "TPDU number") & EOT;
        break;
    case CD_COTP_CONNECT:
    case CD_COTP_CONNECT_CONFIRM:
    case CD_COTP_DISCONNECT:
        t->destination = cd_read_be16(h, "destination reference");
        t->source = cd_read_be16(h, "source reference");
        t->reason = cd_read_u8(h, t->type == CD_COTP_DISCONNECT ? "reason" : "class");
        if (t->type != CD_COTP_DISCONNECT)
            parse_parameters(h, &t->ends);
        break;
    case CD_COTP_ERROR:
        t->destination = cd_read_be16(h, "destination reference");
        t->reason = cd_read_u8(h, "reject cause");
        break;
    case CD_COTP_DISCONNECT_CONFIRM:
    case CD_COTP_DATA_ACK:
    case CD_COTP_EXPEDITED_ACK:
    case CD_COTP_REJECT: t->destination = cd_read_be16(h, "destination reference"); break;
    default: cd_read_fail(h, "TPDU type");
    }
    return cd_read_ok(h);
}

bool cd_cotp_parse(struct cd_reader *r, struct cd_cotp_tpdu *ret)
{
    struct cd_cotp_tpdu t = {.last = true};
    if (cd_read_u8(r, "TPKT version") != CD_TPKT_VERSION)
        cd_read_fail(r, "TPKT version");
    cd_read_skip(r, 1, "TPKT reserved");
    uint16_t length = cd_read_be16(r, "TPKT length");
    if (length < CD_TPKT_SHORTEST)
        cd_read_fail(r, "TPKT length");
    struct cd_reader packet = cd_read_sub(r, (size_t)length - CD_TPKT_HEADER, "TPKT length");
    struct cd_reader header = cd_read_sub(&packet, cd_read_u8(&packet, "header length"), "header length");
    if (!cd_read_ok(&packet) || !parse_header(&header, &t)) {
        cd_read_fail(r, header.bad ? header.bad : packet.bad ? packet.bad : "TPDU");
        return false;
    }
    t.user_data = cd_read_rest(&packet);
    *ret = t;
    return true;
}

/* ---- recognition and framing ---- */

/* The data bytes that begin a session SPDU or a carried protocol we know of; RDP and others lie on TPKT as well. */
static int probe_data(const uint8_t *tsdu, size_t len)
{
    for (size_t i = 0; i < sizeof carried_protocols / sizeof *carried_protocols; i++)
        if (carried_protocols[i].probe(tsdu, len, false))
            return CD_PROBE_SURE;
    if (len >= 4 && memcmp(tsdu, "\x01\x00\x01\x00", 4) == 0)
        return CD_PROBE_LIKELY; /* session: give tokens, data transfer (ISO 8327-1) */
    if (len >= 2 && (tsdu[0] == 0x0d || tsdu[0] == 0x0e) && (tsdu[1] == 0xff || tsdu[1] == len - 2))
        return CD_PROBE_LIKELY; /* session: connect, accept */
    return CD_PROBE_MAYBE;
}

/* A connect request whose variable part is well-formed and gives both selectors. That of RDP holds a cookie or a negotiation request instead. */
static int probe_connect(const uint8_t *bytes, size_t len)
{
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_cotp_tpdu t;
    if (!cd_cotp_parse(&r, &t) || t.user_data.len)
        return CD_PROBE_NO;
    if (t.type == CD_COTP_CONNECT && t.destination != 0)
        return CD_PROBE_NO;
    if (len == 19 && bytes[11] >= 1 && bytes[11] <= 3 && memcmp(bytes + 13, "\x08\x00", 2) == 0)
        return CD_PROBE_NO; /* the negotiation of RDP, which can be read as parameters too */
    return t.ends.called_len && t.ends.calling_len ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_TPKT_SHORTEST)
        return CD_PROBE_NO;
    ssize_t length = cd_tpkt_length(bytes, len);
    if (length <= 0 || bytes[4] >= length - CD_TPKT_HEADER)
        return CD_PROBE_NO;
    uint8_t type = bytes[5] >> 4;
    if (type == CD_COTP_CONNECT || type == CD_COTP_CONNECT_CONFIRM)
        return bytes[4] >= 6 && (size_t)length <= len ? probe_connect(bytes, (size_t)length) : CD_PROBE_NO;
    if (bytes[4] != CLASS_0_DATA_LI || bytes[5] != CD_COTP_DATA << 4 || (bytes[6] & 0x7f) != 0)
        return CD_PROBE_NO;
    size_t end = (size_t)length < len ? (size_t)length : len;
    return probe_data(bytes + CD_TPKT_SHORTEST, end - CD_TPKT_SHORTEST);
}

/* A TPKT, or all TPKTs of a segmented TSDU up to the one that ends it, so that the stream's own buffer does the reassembly. Empty segments, which
 * some Siemens clients send as a sign of life before each request, add nothing to a TSDU and stand alone. */
static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    size_t at = 0;
    for (int i = 0; i < TSDU_SEGMENTS_MAX; i++) {
        ssize_t length = cd_tpkt_length(bytes + at, len - at);
        if (length < 0)
            return at ? (ssize_t)at : CD_FRAME_NOT_OURS; /* what came before is given as it is */
        if (length == 0 || len - at < CD_TPKT_SHORTEST)
            return length && !at ? length : CD_FRAME_MORE;
        bool segment = bytes[at + 4] == CLASS_0_DATA_LI && bytes[at + 5] >> 4 == CD_COTP_DATA;
        if (at && !segment)
            return (ssize_t)at;
        if (!segment || bytes[at + 6] & EOT || (!at && length == CD_TPKT_SHORTEST) || at + (size_t)length >= TSDU_MAX)
            return (ssize_t)at + length;
        at += (size_t)length;
        if (at >= len)
            return CD_FRAME_MORE;
    }
    return (ssize_t)at;
}

/* ---- reporting ---- */

static void text_tsap(struct cd_text *t, const uint8_t *tsap, size_t len)
{
    bool printable = len > 2;
    for (size_t i = 0; i < len; i++)
        printable = printable && tsap[i] >= 0x20 && tsap[i] < 0x7f;
    if (printable)
        cd_text_bytes(t, (const char *)tsap, len);
    else
        cd_text_hex_bytes(t, tsap, len);
}

/* Reasons of a disconnect request (X.224 13.5.3) and reject causes of an error (13.12.3). */
static const char *reason_name(const struct cd_cotp_tpdu *t)
{
    if (t->type == CD_COTP_ERROR)
        return t->reason == 1   ? "invalid parameter code"
               : t->reason == 2 ? "invalid TPDU type"
               : t->reason == 3 ? "invalid parameter value"
                                : "error";
    switch (t->reason) {
    case 1: return "congestion at TSAP";
    case 2: return "no session entity at TSAP";
    case 3: return "address unknown";
    case 128: return "normal disconnect";
    case 129: return "remote transport entity congestion";
    case 130: return "connection negotiation failed";
    case 131: return "duplicate source reference";
    case 133: return "protocol error";
    case 135: return "reference overflow";
    case 136: return "connection request refused";
    case 138: return "header or parameter length invalid";
    default: return "disconnected";
    }
}

/* References are 16 bits wide; the carried protocol's numbers share the flow's table of open requests, so these stand above them. */
static uint64_t connect_id(uint16_t reference)
{
    return (uint64_t)1 << 48 | reference;
}

static void report_control(struct cd_message *m, const struct cd_cotp_tpdu *t)
{
    struct cd_cotp_state *state = m->state;
    char target[96];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "connect", .code = CD_COTP_CONNECT, .class = CD_CLASS_SESSION, .target = target};
    if (t->type == CD_COTP_CONNECT) {
        m->from_client = true;
        if (state)
            state->ends = t->ends;
        cd_text_str(&text, "TSAP ");
        text_tsap(&text, t->ends.called, t->ends.called_len);
        cd_report_request(m, &op, connect_id(t->source));
    } else if (t->type == CD_COTP_CONNECT_CONFIRM) {
        m->from_client = false;
        if (state && !state->ends.called_len)
            state->ends = t->ends;
        cd_report_response(m, &op, connect_id(t->destination), NULL);
    } else if (t->type == CD_COTP_DISCONNECT && t->source == 0) {
        /* A source reference of 0 refuses a connection (X.224 13.5.3 b); otherwise an open one is closed. */
        m->from_client = false;
        cd_report_response(m, &op, connect_id(t->destination), reason_name(t));
    } else if (t->type == CD_COTP_ERROR) {
        cd_text_str(&text, "COTP error: ");
        cd_text_str(&text, reason_name(t));
        cd_report_event(m, CD_EVENT_VIOLATION, target);
    }
}

static void end_carried(struct cd_cotp_state *state)
{
    if (state->carried && state->carried->end)
        state->carried->end(state->carried_state);
}

/* Hands a TSDU to the protocol it shows itself to be. */
static void carry(struct cd_message *m, struct cd_reader tsdu)
{
    struct cd_cotp_state *state = m->state;
    const struct cd_dissector *d = NULL;
    for (size_t i = 0; i < sizeof carried_protocols / sizeof *carried_protocols && !d; i++)
        if (carried_protocols[i].probe(tsdu.base, tsdu.len, state->carried == carried_protocols[i].dissector))
            d = carried_protocols[i].dissector;
    if (!d)
        return;
    if (state->carried != d) {
        end_carried(state);
        memset(state->carried_state, 0, sizeof state->carried_state);
        memcpy(state->carried_state, &state->ends, sizeof state->ends);
        state->carried = d;
    }
    m->dissector = d; /* and stays so: it names the conversation */
    m->state = d->state_size <= sizeof state->carried_state ? state->carried_state : NULL;
    d->dissect(m, &tsdu);
    m->state = state;
}

static _Thread_local uint8_t tsdu_bytes[TSDU_MAX];

/* Gathers the data of the segments that `frame` kept together. */
static void carry_segments(struct cd_message *m, struct cd_reader *r, const struct cd_cotp_tpdu *first)
{
    size_t len = 0;
    struct cd_cotp_tpdu t = *first;
    for (;;) {
        size_t n = t.user_data.len < sizeof tsdu_bytes - len ? t.user_data.len : sizeof tsdu_bytes - len;
        if (n)
            memcpy(tsdu_bytes + len, t.user_data.base, n);
        len += n;
        if (t.last || !cd_read_left(r))
            break;
        if (!cd_cotp_parse(r, &t) || t.type != CD_COTP_DATA) {
            cd_report_malformed(m, r->bad);
            return;
        }
    }
    if (len)
        carry(m, cd_reader_of(tsdu_bytes, len));
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_cotp_tpdu t;
    struct cd_reader whole = *r;
    if (!cd_cotp_parse(r, &t)) {
        if (m->cut && whole.len > CD_TPKT_SHORTEST && probe(whole.base, whole.len, CD_TRANSPORT_TCP, m->from_client)) {
            cd_read_skip(&whole, CD_TPKT_SHORTEST, "data header");
            carry(m, cd_read_rest(&whole)); /* data without its end: its head can be trusted */
        }
        cd_report_malformed(m, r->bad);
        return;
    }
    if (t.type != CD_COTP_DATA)
        report_control(m, &t);
    else if (!t.last)
        carry_segments(m, r, &t);
    else if (t.user_data.len)
        carry(m, t.user_data);
}

static void end_of_flow(void *state)
{
    end_carried(state);
}

const struct cd_dissector cd_dissector_cotp = {
    .name = "cotp",
    .tcp_ports = {102},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = TSDU_MAX,
    .state_size = sizeof(struct cd_cotp_state),
    .end = end_of_flow,
};
