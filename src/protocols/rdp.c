#include "protocols/rdp.h"

#include "base/text.h"
#include "protocols/dissector.h"
#include "protocols/ntlm.h"
#include "protocols/tls_carried.h"
#include "protocols/tpkt.h"
#include "protocols/x509.h"

#include <string.h>

enum {
    X224_CONNECT = 0xe0,
    X224_CONFIRM = 0xd0,
    X224_DISCONNECT = 0x80,
    X224_DATA = 0xf0,
    DATA_LI = 2,
    EOT = 0x80,
    CONNECT_HEADER = 11, /* TPKT and the fixed part */
    FAST_PATH_MASK = 3,  /* action 0 in the first byte: fast-path; TPKT begins with 3 */
    MCS_TAG = 0x7f,
    MCS_CONNECT_INITIAL = 101,
    MCS_CONNECT_RESPONSE = 102,
    MCS_CHANNEL_MIN = 1001, /* T.125: dynamic channels; user ids share their space */
    PRIORITY_HIGH_WHOLE = 0x70,
    SECURITY_ENCRYPT = 0x0008, /* [MS-RDPBCGR] 2.2.8.1.1.2.1 */
    SECURITY_INFO = 0x0040,
    CERTIFICATE_X509 = 2,
    NAME_CONFIDENCE = 80,
};

/* DomainMCSPDU of T.125 by its choice, the six high bits of the first byte. */
enum {
    MCS_ERECT_DOMAIN = 1,
    MCS_DISCONNECT = 8,
    MCS_ATTACH_USER = 10,
    MCS_ATTACH_USER_CONFIRM = 11,
    MCS_JOIN = 14,
    MCS_JOIN_CONFIRM = 15,
    MCS_SEND_DATA = 25,
    MCS_SEND_DATA_INDICATION = 26,
};

struct state {
    struct cd_tls_carried tls;
    bool begun; /* a TPKT was seen: fast-path packets may follow */
    uint16_t io_channel;
    uint8_t n_channels;
    uint16_t channels[CD_RDP_CHANNELS_MAX];                   /* numbers, by the server */
    char names[CD_RDP_CHANNELS_MAX][CD_RDP_CHANNEL_NAME + 1]; /* by the client, in the same order */
};

/* Ids of open requests: the kind above the number. */
static uint64_t id_of(uint64_t kind, uint32_t number)
{
    return kind << 48 | number;
}
enum { ID_CONNECT = 1, ID_JOIN, ID_ATTACH, ID_INITIAL };

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
    if (mcs[0] == MCS_TAG)
        return mcs[1] == MCS_CONNECT_INITIAL || mcs[1] == MCS_CONNECT_RESPONSE ? CD_PROBE_SURE : CD_PROBE_NO;
    uint8_t choice = mcs[0] >> 2;
    if (choice == MCS_SEND_DATA || choice == MCS_SEND_DATA_INDICATION)
        return len >= 7 && !(mcs[0] & 3) && (mcs[3] << 8 | mcs[4]) >= MCS_CHANNEL_MIN && mcs[5] == PRIORITY_HIGH_WHOLE
                   ? CD_PROBE_LIKELY
                   : CD_PROBE_NO;
    switch (mcs[0]) { /* the first bytes these always have; S7 begins with 0x32 */
    case MCS_ERECT_DOMAIN << 2:
    case MCS_DISCONNECT << 2 | 1:
    case MCS_ATTACH_USER << 2:
    case MCS_ATTACH_USER_CONFIRM << 2 | 2:
    case MCS_JOIN << 2:
    case MCS_JOIN_CONFIRM << 2 | 2: return CD_PROBE_MAYBE;
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
    const struct state *s = state;
    if (s->tls.begun || (bytes[0] == 22 && (len < 3 || cd_tls_carried_begins(bytes, len))))
        return !s->tls.begun && len < 3 ? CD_FRAME_MORE : cd_tls_carried_frame(&s->tls, bytes, len, from_client);
    if (s->begun && !(bytes[0] & FAST_PATH_MASK))
        return frame_fast_path(bytes, len);
    ssize_t length = cd_tpkt_length(bytes, len);
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
    struct state *s = m->state;
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
        cd_report_request(m, &op, id_of(ID_CONNECT, 0));
        report_cookie(m, &c.cookie);
        return;
    }
    bool failed = c.negotiation == CD_RDP_NEGOTIATION_FAILURE;
    cd_report_response(m, &op, id_of(ID_CONNECT, 0), failed ? failure_name(c.value) : NULL);
    if (!failed)
        report_chosen(m, &c);
}

/* ---- MCS connect initial and response ---- */

/* Redirected drives, clipboard, printers go through channels of these names ([MS-RDPEFS], [MS-RDPECLIP]). */
static bool carries_files(const char *channel)
{
    return strcasecmp(channel, "rdpdr") == 0 || strcasecmp(channel, "cliprdr") == 0;
}

static void keep_channels(struct state *s, const struct cd_rdp_client_data *c, struct cd_text *t)
{
    s->n_channels = (uint8_t)c->n_channels;
    for (uint32_t i = 0; i < c->n_channels; i++) {
        const uint8_t *name = c->channels + (size_t)i * (CD_RDP_CHANNEL_NAME + 4);
        struct cd_text kept = cd_text_of(s->names[i], sizeof s->names[i]);
        size_t len = strnlen((const char *)name, CD_RDP_CHANNEL_NAME);
        cd_text_device(&kept, name, len);
        cd_text_str(t, i ? ", " : "channels ");
        cd_text_device(t, name, len);
    }
}

static void report_client_os(struct cd_message *m, const struct cd_subject *client, uint32_t build)
{
    char os[80];
    struct cd_text t = cd_text_of(os, sizeof os);
    unsigned version = build < 2600    ? 50
                       : build < 3790  ? 51
                       : build < 6000  ? 52
                       : build < 7600  ? 60
                       : build < 9200  ? 61
                       : build < 9600  ? 62
                       : build < 10240 ? 63
                                       : 100;
    if (build > UINT16_MAX)
        return;
    cd_text_windows_version(&t, version / 10, version % 10, build);
    cd_report_fact(m, client, CD_ATTRIBUTE_OS, os, 40); /* programs for other systems copy a build */
}

static size_t name_len(const uint8_t *utf16, size_t max)
{
    size_t len = 0;
    while (len + 1 < max && (utf16[len] || utf16[len + 1]))
        len += 2;
    return len;
}

static void report_client(struct cd_message *m, const struct cd_rdp_client_data *c)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject client = cd_subject_client(m);
    cd_text_utf16le(&t, c->name, name_len(c->name, CD_RDP_CLIENT_NAME));
    cd_report_fact(m, &client, CD_ATTRIBUTE_NAME, text, NAME_CONFIDENCE);
    report_client_os(m, &client, c->build);
    t = cd_text_of(text, sizeof text);
    cd_text_str(&t, "RDP client with a desktop of ");
    cd_text_u64(&t, c->width);
    cd_text_char(&t, 'x');
    cd_text_u64(&t, c->height);
    cd_text_str(&t, ", keyboard layout ");
    cd_text_hex(&t, c->keyboard_layout, 8);
    cd_report_fact(m, &client, CD_ATTRIBUTE_DESCRIPTION, text, 20);
}

static void take_connect_initial(struct cd_message *m, struct cd_reader *r)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "connect initial",
                              .code_space = "mcs",
                              .code = MCS_CONNECT_INITIAL,
                              .class = CD_CLASS_SESSION,
                              .target = target};
    struct cd_rdp_client_data c;
    if (!cd_rdp_parse_connect_initial(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = true;
    keep_channels(m->state, &c, &text);
    cd_report_request(m, &op, id_of(ID_INITIAL, 0));
    if (c.has_core)
        report_client(m, &c);
}

/* The server certificate is its own form, or a chain of X.509 certificates of which the last is the server's (2.2.1.4.3.1, [MS-RDPELE] 2.2.1.4.2). */
static void report_certificate(struct cd_message *m, struct cd_reader r)
{
    enum { CHAIN_MAX = 200 };
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_x509 certificate;
    struct cd_subject server = cd_subject_server(m);
    if ((cd_read_le32(&r, "certificate version") & 0x7fffffff) != CERTIFICATE_X509)
        return;
    uint32_t n = cd_read_le32(&r, "certificates");
    struct cd_reader last = {.bad = "certificates"};
    for (uint32_t i = 0; i < n && i < CHAIN_MAX && cd_read_ok(&r); i++)
        last = cd_read_sub(&r, cd_read_le32(&r, "certificate length"), "certificate");
    if (!cd_read_ok(&r) || !cd_x509_parse(&last, &certificate))
        return;
    cd_text_x509(&t, &certificate);
    cd_report_fact(m, &server, CD_ATTRIBUTE_CERTIFICATE, text, 90);
}

static void report_encryption(struct cd_message *m, uint32_t method)
{
    const char *weak = method == 0      ? "RDP without encryption"
                       : method == 1    ? "RDP encrypted with RC4 of 40 bits"
                       : method == 8    ? "RDP encrypted with RC4 of 56 bits"
                       : method == 2    ? "RDP encrypted with RC4 of 128 bits"
                       : method == 0x10 ? "RDP encrypted with 3DES (FIPS)"
                                        : NULL;
    if (weak)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, weak);
}

static void take_connect_response(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_operation op = {.name = "connect initial",
                              .code_space = "mcs",
                              .code = MCS_CONNECT_INITIAL,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    struct cd_rdp_server_data d;
    uint8_t result;
    if (!cd_rdp_parse_connect_response(r, &result, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = false;
    cd_report_response(m, &op, id_of(ID_INITIAL, 0), result ? "connection refused" : NULL);
    s->io_channel = d.io_channel;
    for (uint32_t i = 0; i < d.n_channels; i++)
        s->channels[i] = cd_read_le16(&d.channels, "channel");
    if (d.has_security)
        report_encryption(m, d.encryption_method);
    if (d.certificate.base)
        report_certificate(m, d.certificate);
}

/* ---- MCS domain PDUs ---- */

/* Its name by the client's list; the first channel is for the desktop itself. NULL where it is not known. */
static const char *channel_name(const struct state *s, uint16_t channel)
{
    if (channel == s->io_channel)
        return "desktop";
    for (unsigned i = 0; i < s->n_channels; i++)
        if (s->channels[i] == channel)
            return s->names[i];
    return NULL;
}

static void text_channel(struct cd_text *t, const struct state *s, uint16_t channel)
{
    const char *name = channel_name(s, channel);
    if (!name)
        return; /* the user's own channel, whose number changes from one connection to the next */
    cd_text_str(t, "channel ");
    cd_text_str(t, name);
}

static void report_info(struct cd_message *m, struct cd_reader *r)
{
    char text[CD_TEXT_MAX + 1] = "", detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_rdp_info info;
    struct cd_subject client = cd_subject_client(m);
    if (!cd_rdp_parse_info(r, &info)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (info.domain.len) {
        (info.unicode ? cd_text_utf16le : cd_text_device)(&t, info.domain.base, info.domain.len);
        cd_text_char(&t, '\\');
    }
    (info.unicode ? cd_text_utf16le : cd_text_device)(&t, info.user.base, info.user.len);
    if (info.user.len)
        cd_report_fact(m, &client, CD_ATTRIBUTE_USER, text, 80);
    if (!info.password_len)
        return;
    t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "RDP password of user ");
    cd_text_str(&t, text);
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

/* Send data request and indication (T.125 7): initiator, channel, priority and segmentation, length in PER, data. */
static void take_send_data(struct cd_message *m, struct cd_reader *r, bool request)
{
    const struct state *s = m->state;
    char target[32];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "send data", .code_space = "mcs", .code = MCS_SEND_DATA, .target = target};
    cd_read_skip(r, 2, "initiator");
    uint16_t channel = cd_read_be16(r, "channel");
    cd_read_skip(r, 1, "priority");
    if (cd_read_u8(r, "data length") & 0x80)
        cd_read_skip(r, 1, "data length");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = request;
    text_channel(&text, s, channel);
    const char *name = channel_name(s, channel);
    op.class = name && carries_files(name) ? CD_CLASS_FILE : CD_CLASS_OTHER;
    if (!request) {
        op.name = "send data indication";
        op.code = MCS_SEND_DATA_INDICATION;
    }
    cd_report_notice(m, &op);
    if (!request || channel != s->io_channel || cd_read_left(r) < 4)
        return;
    uint16_t flags = cd_read_le16(r, "security flags");
    cd_read_skip(r, 2, "security flags");
    if ((flags & (SECURITY_INFO | SECURITY_ENCRYPT)) == SECURITY_INFO)
        report_info(m, r);
}

/* Results of confirms (T.125 7, Result), in the bits behind choice and option. */
static const char *confirm_error(uint8_t first, uint8_t second)
{
    switch ((first & 1) << 3 | second >> 5) {
    case 0: return NULL;
    case 3: return "no such channel";
    case 5: return "no such user";
    case 11: return "too many channels";
    case 13: return "too many users";
    default: return "refused";
    }
}

static void take_domain_pdu(struct cd_message *m, struct cd_reader *r)
{
    const struct state *s = m->state;
    char target[32];
    struct cd_text text = cd_text_of(target, sizeof target);
    uint8_t first = cd_read_u8(r, "MCS PDU");
    struct cd_operation op = {.code_space = "mcs", .code = first >> 2, .class = CD_CLASS_SESSION, .target = target};
    uint16_t channel;
    uint8_t second;
    switch (op.code) {
    case MCS_SEND_DATA: take_send_data(m, r, true); return;
    case MCS_SEND_DATA_INDICATION: take_send_data(m, r, false); return;
    case MCS_JOIN:
        cd_read_skip(r, 2, "initiator");
        channel = cd_read_be16(r, "channel");
        op.name = "join channel";
        text_channel(&text, s, channel);
        m->from_client = true;
        if (cd_read_ok(r))
            cd_report_request(m, &op, id_of(ID_JOIN, channel));
        break;
    case MCS_JOIN_CONFIRM:
        second = cd_read_u8(r, "result");
        cd_read_skip(r, 2, "initiator");
        channel = cd_read_be16(r, "requested channel");
        op.name = "join channel";
        op.code = MCS_JOIN;
        m->from_client = false;
        if (cd_read_ok(r))
            cd_report_response(m, &op, id_of(ID_JOIN, channel), confirm_error(first, second));
        break;
    case MCS_ATTACH_USER:
        op.name = "attach user";
        m->from_client = true;
        cd_report_request(m, &op, id_of(ID_ATTACH, 0));
        break;
    case MCS_ATTACH_USER_CONFIRM:
        second = cd_read_u8(r, "result");
        op.name = "attach user";
        op.code = MCS_ATTACH_USER;
        m->from_client = false;
        if (cd_read_ok(r))
            cd_report_response(m, &op, id_of(ID_ATTACH, 0), confirm_error(first, second));
        break;
    case MCS_ERECT_DOMAIN:
        op.name = "erect domain";
        cd_report_notice(m, &op);
        break;
    case MCS_DISCONNECT:
        op.name = "disconnect";
        cd_report_notice(m, &op);
        break;
    default:
        op.name = "other MCS PDU";
        op.class = CD_CLASS_OTHER;
        cd_report_notice(m, &op);
    }
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

static void take_data(struct cd_message *m, struct cd_reader *r)
{
    if (cd_read_peek(r, 0) != MCS_TAG)
        take_domain_pdu(m, r);
    else if (cd_read_peek(r, 1) == MCS_CONNECT_INITIAL)
        take_connect_initial(m, r);
    else if (cd_read_peek(r, 1) == MCS_CONNECT_RESPONSE)
        take_connect_response(m, r);
    else
        cd_report_malformed(m, "MCS PDU");
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
    struct state *s = m->state;
    s->tls.begun = s->tls.begun || (r->len && cd_tls_carried_begins(r->base, r->len));
    if (s->tls.begun) {
        cd_tls_carried_dissect(m, r, &s->tls);
        return;
    }
    if (r->len >= 2 && !(r->base[0] & FAST_PATH_MASK)) {
        take_fast_path(m, r);
        return;
    }
    s->begun = true;
    cd_read_skip(r, CD_TPKT_HEADER + 1, "TPKT");
    switch (cd_read_u8(r, "TPDU type")) {
    case X224_CONNECT: take_connect(m, r, true); break;
    case X224_CONFIRM: take_connect(m, r, false); break;
    case X224_DISCONNECT: break;
    case X224_DATA:
        cd_read_skip(r, 1, "TPDU number");
        if (cd_read_left(r))
            take_data(m, r);
        break;
    default: cd_report_malformed(m, "TPDU type");
    }
}

static void end_of_flow(void *state)
{
    struct state *s = state;
    cd_tls_carried_end(&s->tls);
}

const struct cd_dissector cd_dissector_rdp = {
    .name = "rdp",
    .tcp_ports = {3389},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct state),
    .end = end_of_flow,
};
