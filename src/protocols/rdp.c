#include "protocols/rdp.h"

#include "base/text.h"
#include "protocols/tpkt.h"

#include <string.h>

enum {
    X224_CONNECT = 0xe0,
    X224_CONFIRM = 0xd0,
    X224_DISCONNECT = 0x80,
    X224_DATA = 0xf0,
    DATA_LI = 2,
    EOT = 0x80,
    CONNECT_HEADER = 11,    /* TPKT and the fixed part */
    FAST_PATH_MASK = 3,     /* action 0 in the first byte: fast-path; TPKT begins with 3 */
    MCS_CHANNEL_MIN = 1001, /* T.125: dynamic channels; user ids share their space */
    PRIORITY_HIGH_WHOLE = 0x70,
};

/* ---- recognising and framing ---- */

static bool is_negotiation(const uint8_t *b, size_t len, uint8_t first, uint8_t last)
{
    return len >= 8 && b[0] >= first && b[0] <= last && b[2] == 8 && b[3] == 0 && b[5] == 0 && b[6] == 0 && b[7] == 0;
}

static int probe_connect(const uint8_t *bytes, size_t len)
{
    const uint8_t *part = bytes + CONNECT_HEADER;
    size_t n = len - CONNECT_HEADER;
    if (bytes[5] == X224_CONFIRM) {
        if (n == 0)
            return CD_PROBE_MAYBE;
        return is_negotiation(part, n, CD_RDP_NEGOTIATION_RESPONSE, CD_RDP_NEGOTIATION_FAILURE) ? CD_PROBE_LIKELY
                                                                                                : CD_PROBE_NO;
    }
    if (bytes[6] || bytes[7])
        return CD_PROBE_NO;
    if (n >= 10 && memcmp(part, "Cookie: ms", 10) == 0)
        return CD_PROBE_SURE;
    if (is_negotiation(part, n, CD_RDP_NEGOTIATION_REQUEST, CD_RDP_NEGOTIATION_REQUEST))
        return CD_PROBE_SURE;
    return n == 0 ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

static int probe_data(const uint8_t *mcs, size_t len)
{
    if (mcs[0] == CD_RDP_MCS_TAG)
        return mcs[1] == CD_RDP_MCS_CONNECT_INITIAL || mcs[1] == CD_RDP_MCS_CONNECT_RESPONSE ? CD_PROBE_SURE
                                                                                             : CD_PROBE_NO;
    uint8_t choice = mcs[0] >> 2;
    if (choice == CD_RDP_MCS_SEND_DATA || choice == CD_RDP_MCS_SEND_DATA_INDICATION)
        return len >= 7 && !(mcs[0] & 3) && (mcs[3] << 8 | mcs[4]) >= MCS_CHANNEL_MIN && mcs[5] == PRIORITY_HIGH_WHOLE
                   ? CD_PROBE_LIKELY
                   : CD_PROBE_NO;
    switch (mcs[0]) { /* the first bytes these always have; S7 begins with 0x32 */
    case CD_RDP_MCS_ERECT_DOMAIN << 2:
    case CD_RDP_MCS_DISCONNECT << 2 | 1:
    case CD_RDP_MCS_ATTACH_USER << 2:
    case CD_RDP_MCS_ATTACH_USER_CONFIRM << 2 | 2:
    case CD_RDP_MCS_JOIN << 2:
    case CD_RDP_MCS_JOIN_CONFIRM << 2 | 2: return CD_PROBE_MAYBE;
    default: return CD_PROBE_NO;
    }
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_TPKT_SHORTEST + 2)
        return CD_PROBE_NO;
    ssize_t length = cd_tpkt_length(bytes, len);
    if (length < CD_TPKT_SHORTEST + 1)
        return CD_PROBE_NO;
    if (bytes[4] == DATA_LI && bytes[5] == X224_DATA && bytes[6] == EOT)
        return probe_data(bytes + CD_TPKT_SHORTEST, len - CD_TPKT_SHORTEST);
    if ((bytes[5] != X224_CONNECT && bytes[5] != X224_CONFIRM) || length < CONNECT_HEADER ||
        (bytes[4] != length - CD_TPKT_HEADER - 1 && bytes[4] != CONNECT_HEADER - CD_TPKT_HEADER - 1) ||
        (size_t)length > len)
        return CD_PROBE_NO;
    return probe_connect(bytes, (size_t)length);
}

/* Fast-path packets are passed over behind their length: they are picture and input. */
static ssize_t frame_fast_path(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return CD_FRAME_MORE;
    if (!(bytes[1] & 0x80))
        return bytes[1] >= 2 ? 2 : CD_FRAME_NOT_OURS;
    if (len < 3)
        return CD_FRAME_MORE;
    return ((bytes[1] & 0x7f) << 8 | bytes[2]) >= 3 ? 3 : CD_FRAME_NOT_OURS;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct cd_rdp_state *s = state;
    if (s->tls.begun || (bytes[0] == 22 && (len < 3 || cd_tls_carried_begins(bytes, len))))
        return !s->tls.begun && len < 3 ? CD_FRAME_MORE : cd_tls_carried_frame(&s->tls, bytes, len, from_client);
    if (s->begun && !(bytes[0] & FAST_PATH_MASK))
        return frame_fast_path(bytes, len);
    ssize_t length = cd_tpkt_length(bytes, len);
    if (length < 0 && !s->begun) /* what the ends said to a proxy before */
        return (ssize_t)len;
    return length < 0 ? CD_FRAME_NOT_OURS : length == 0 ? CD_FRAME_MORE : length;
}

/* ---- connection ---- */

static const char *failure_name(uint32_t code)
{
    switch (code) { /* [MS-RDPBCGR] 2.2.1.2.2 */
    case 1: return "TLS required by server";
    case 2: return "TLS not allowed by server";
    case 3: return "no TLS certificate on server";
    case 4: return "inconsistent flags";
    case 5: return "CredSSP required by server";
    case 6: return "TLS with user authentication required by server";
    default: return "negotiation failed";
    }
}

static void text_protocols(struct cd_text *t, uint32_t offered)
{
    static const char *const names[] = {"TLS", "CredSSP", "RDSTLS", "CredSSP with early authorization", "Entra ID"};
    size_t start = t->len;
    cd_text_str(t, "security: ");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(offered >> i & 1))
            continue;
        if (t->len > start + sizeof "security:")
            cd_text_str(t, ", ");
        cd_text_str(t, names[i]);
    }
    if (!(offered & 0x1f))
        cd_text_str(t, "standard RDP");
}

/* The user as the client's program puts it in: up to nine characters, perhaps with the domain. */
static void report_cookie(struct cd_message *m, const struct cd_reader *cookie)
{
    struct cd_subject client = cd_subject_client(m);
    if (cookie->len)
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, cookie->base, cookie->len, 70);
}

static void report_chosen(struct cd_message *m, const struct cd_rdp_connect *c)
{
    struct cd_rdp_state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    const char *name = "RDP with standard security";
    if (c->negotiation == CD_RDP_NEGOTIATION_RESPONSE && c->value) {
        s->tls.begun = true;
        name = c->value & (CD_RDP_CREDSSP | CD_RDP_CREDSSP_EARLY) ? "RDP with CredSSP"
               : c->value & CD_RDP_RDSTLS                         ? "RDP with RDSTLS"
               : c->value & CD_RDP_AAD                            ? "RDP with Entra ID"
                                                                  : "RDP with TLS";
    } else {
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "standard RDP security: the server is not authenticated");
    }
    cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, name, 80);
}

/* Both ends take the reference 0 in RDP, so there is one connection to a flow. */
static void take_connect(struct cd_message *m, struct cd_reader *r, bool request)
{
    char target[96];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = "connect", .code_space = "x224", .code = X224_CONNECT, .class = CD_CLASS_SESSION, .target = target};
    struct cd_rdp_connect c;
    cd_read_skip(r, 5, "connection header");
    if (!cd_rdp_parse_connect(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = request;
    if (request) {
        text_protocols(&text, c.negotiation == CD_RDP_NEGOTIATION_REQUEST ? c.value : 0);
        cd_report_request(m, &op, cd_rdp_id(CD_RDP_ID_CONNECT, 0));
        report_cookie(m, &c.cookie);
        return;
    }
    bool failed = c.negotiation == CD_RDP_NEGOTIATION_FAILURE;
    cd_report_response(m, &op, cd_rdp_id(CD_RDP_ID_CONNECT, 0), failed ? failure_name(c.value) : NULL);
    if (!failed)
        report_chosen(m, &c);
}

/* ---- messages ---- */

static void take_fast_path(struct cd_message *m, const struct cd_reader *r)
{
    struct cd_operation op = {.name = "update", .code_space = "fast-path", .target = ""};
    bool wide = r->len > 2;
    uint32_t length = wide ? (uint32_t)(r->base[1] & 0x7f) << 8 | r->base[2] : r->base[1];
    m->skip = length > r->len ? length - (uint32_t)r->len : 0;
    if (m->from_client) {
        op.name = "input";
        op.code = 1;
        op.class = CD_CLASS_OTHER;
    } else {
        op.class = CD_CLASS_READ;
    }
    cd_report_notice(m, &op);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_rdp_state *s = m->state;
    s->tls.begun = s->tls.begun || (r->len && cd_tls_carried_begins(r->base, r->len));
    if (s->tls.begun) {
        cd_tls_carried_dissect(m, r, &s->tls);
        return;
    }
    if (r->len >= 2 && !(r->base[0] & FAST_PATH_MASK)) {
        take_fast_path(m, r);
        return;
    }
    if (!s->begun && cd_tpkt_length(r->base, r->len) < 0)
        return;
    s->begun = true;
    cd_read_skip(r, CD_TPKT_HEADER + 1, "TPKT");
    switch (cd_read_u8(r, "TPDU type")) {
    case X224_CONNECT: take_connect(m, r, true); break;
    case X224_CONFIRM: take_connect(m, r, false); break;
    case X224_DISCONNECT: break;
    case X224_DATA:
        cd_read_skip(r, 1, "TPDU number");
        if (cd_read_left(r))
            cd_rdp_take_data(m, r);
        break;
    default: cd_report_malformed(m, "TPDU type");
    }
}

static void end_of_flow(void *state)
{
    struct cd_rdp_state *s = state;
    cd_tls_carried_end(&s->tls);
}

const struct cd_dissector cd_dissector_rdp = {
    .name = "rdp",
    .tcp_ports = {3389},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct cd_rdp_state),
    .end = end_of_flow,
};
