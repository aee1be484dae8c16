/* TLS on any port: records, the handshake as far as it is in clear, and then nothing more.
 *
 *     record:    type (20 change cipher spec, 21 alert, 22 handshake, 23 data, 24 heartbeat), version, length, body
 *     handshake: type, length in three bytes, body; may span records, and a record may hold several
 *
 * From the first sign that an end encrypts, its records are passed over by their headers; once both ends do, the flow is opaque. */
#include "protocols/tls.h"

#include "base/memory.h"
#include "flow/flow.h"
#include "protocols/dissector.h"
#include "protocols/x509.h"

#include <string.h>

enum {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23,
    RECORD_HEARTBEAT = 24,
    HANDSHAKE_CLIENT_HELLO = 1,
    HANDSHAKE_SERVER_HELLO = 2,
    HANDSHAKE_CERTIFICATE = 11,
    HANDSHAKE_SERVER_KEY_EXCHANGE = 12,
    HANDSHAKE_HEADER = 4,
    HEARTBEAT_HEADER = 3,
    SSL2_SERVER_HELLO = 4,
    KEEP_MAX = 24 * 1024,      /* of a message that spans records: holds the leaf certificate, which comes first */
    KEEP_TOTAL_MAX = 16 << 20, /* of all such messages at a time */
    ENCRYPTED_ENOUGH = 32,     /* records of one end, after which the other is taken to be encrypted too */
    DH_BITS_MIN = 2048,
    PREAMBLES_MAX = 8,
    SESSION = 1, /* id of the one open request */
};

/* A handshake message whose end is in a later record. */
struct partial {
    uint8_t *bytes;     /* from the message's header on; NULL where the message is only passed over */
    uint32_t len, size; /* bytes there, bytes allocated */
    uint32_t left;      /* bytes of the message still to come; 0: no message is open */
};

struct state {
    struct partial partial[2]; /* by direction: 0 from the client */
    uint16_t suite;
    uint8_t encrypted[2]; /* records of this end since it began to encrypt, up to 255 */
    uint8_t preambles[2]; /* pieces of clear text before the first record */
    bool begun[2];        /* a record of this end was seen */
    bool retry;           /* after a HelloRetryRequest: its ChangeCipherSpec means nothing */
    bool asked, answered; /* ClientHello, ServerHello seen */
};

_Static_assert(sizeof(struct state) <= CD_TLS_STATE, "carriers keep it in CD_TLS_STATE bytes");

static size_t kept_total; /* bytes held in partials by this process */

/* ---- recognising and framing ---- */

static bool is_record_header(const uint8_t *b)
{
    return b[0] >= RECORD_CHANGE_CIPHER_SPEC && b[0] <= RECORD_HEARTBEAT && b[1] == 3 && b[2] <= 4 &&
           (b[3] << 8 | b[4]) <= CD_TLS_RECORD_MAX;
}

/* SSL 2.0: a length of 15 bits behind a set bit, then the message type. */
static bool is_ssl2_hello(const uint8_t *b, size_t len, bool from_client)
{
    if (len < 5 || !(b[0] & 0x80) || b[2] != (from_client ? 1 : SSL2_SERVER_HELLO))
        return false;
    if (from_client)
        return b[3] == 3 || (b[3] == 0 && b[4] == 2);
    return b[3] <= 1 && b[4] == 1; /* session id hit; certificate type X.509 */
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    uint16_t version;
    if (transport != CD_TRANSPORT_TCP || len < CD_TLS_RECORD_HEADER + 1)
        return CD_PROBE_NO;
    if (is_ssl2_hello(bytes, len, true)) {
        struct cd_reader r = cd_reader_of(bytes + 2, len - 2);
        if (len == (size_t)((bytes[0] & 0x7f) << 8 | bytes[1]) + 2 && cd_tls_parse_ssl2_hello(&r, &version))
            return CD_PROBE_SURE;
    }
    if (!is_record_header(bytes))
        return CD_PROBE_NO;
    unsigned length = (unsigned)(bytes[3] << 8 | bytes[4]);
    if (bytes[0] != RECORD_HANDSHAKE || bytes[5] != (from_client ? HANDSHAKE_CLIENT_HELLO : HANDSHAKE_SERVER_HELLO))
        return bytes[0] != RECORD_HANDSHAKE && length ? CD_PROBE_MAYBE : CD_PROBE_NO; /* mid-stream */
    if (len < CD_TLS_RECORD_HEADER + HANDSHAKE_HEADER + 2 || length < HANDSHAKE_HEADER + 2)
        return CD_PROBE_MAYBE;
    return bytes[6] == 0 && bytes[9] == 3 && bytes[10] <= 4 ? CD_PROBE_SURE : CD_PROBE_NO;
}

static bool may_be_record(const uint8_t *bytes, size_t len)
{
    return len < CD_TLS_RECORD_HEADER ? bytes[0] >= RECORD_CHANGE_CIPHER_SPEC && bytes[0] <= RECORD_HEARTBEAT
                                      : is_record_header(bytes);
}

/* What was said in clear before both went over to TLS (STARTTLS of mail, MySQL, PostgreSQL, ...): the flow was claimed by the record behind it. */
static size_t preamble_length(const uint8_t *bytes, size_t len)
{
    for (size_t at = 1; at + CD_TLS_RECORD_HEADER < len; at++)
        if (bytes[at] == RECORD_HANDSHAKE && is_record_header(bytes + at) &&
            (bytes[at + 5] == HANDSHAKE_CLIENT_HELLO || bytes[at + 5] == HANDSHAKE_SERVER_HELLO))
            return at;
    return len;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    unsigned end = !from_client;
    if (!s->begun[end] && is_ssl2_hello(bytes, len, from_client))
        return ((bytes[0] & 0x7f) << 8 | bytes[1]) + 2;
    if (!s->begun[end] && s->preambles[end] < PREAMBLES_MAX && !may_be_record(bytes, len))
        return (ssize_t)preamble_length(bytes, len);
    if (!may_be_record(bytes, len))
        return CD_FRAME_NOT_OURS;
    if (len < CD_TLS_RECORD_HEADER)
        return CD_FRAME_MORE;
    ssize_t length = bytes[3] << 8 | bytes[4];
    if (bytes[0] == RECORD_DATA || s->encrypted[end]) /* the rest is passed over */
        return CD_TLS_RECORD_HEADER;
    if (bytes[0] == RECORD_HEARTBEAT && length > HEARTBEAT_HEADER)
        return CD_TLS_RECORD_HEADER + HEARTBEAT_HEADER;
    return CD_TLS_RECORD_HEADER + length;
}

/* ---- what the messages say ---- */

static const char *alert_name(uint8_t description)
{
    switch (description) { /* RFC 8446 6 */
    case 10: return "unexpected message";
    case 20: return "bad record mac";
    case 22: return "record overflow";
    case 40: return "handshake failure";
    case 42: return "bad certificate";
    case 43: return "unsupported certificate";
    case 44: return "certificate revoked";
    case 45: return "certificate expired";
    case 46: return "certificate unknown";
    case 47: return "illegal parameter";
    case 48: return "unknown ca";
    case 49: return "access denied";
    case 50: return "decode error";
    case 51: return "decrypt error";
    case 70: return "protocol version";
    case 71: return "insufficient security";
    case 80: return "internal error";
    case 86: return "inappropriate fallback";
    case 112: return "unrecognized name";
    case 116: return "certificate required";
    case 120: return "no application protocol";
    default: return "alert";
    }
}

static const struct cd_operation handshake = {
    .name = "handshake", .code = HANDSHAKE_CLIENT_HELLO, .class = CD_CLASS_SESSION, .target = ""};

static void report_weak(struct cd_message *m, const char *before, const char *name, const char *after,
                        const char *reason)
{
    char detail[160];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, before);
    cd_text_str(&t, name);
    cd_text_str(&t, after);
    cd_text_str(&t, reason);
    cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
}

static bool is_host_name(const uint8_t *bytes, size_t len)
{
    bool letter = false;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = bytes[i], lower = c | 0x20;
        if (lower >= 'a' && lower <= 'z')
            letter = true;
        else if (!(c >= '0' && c <= '9') && c != '-' && c != '_' && (c != '.' || i == 0))
            return false;
    }
    return letter && len < 254 && !(len == 9 && memcmp(bytes, "localhost", 9) == 0);
}

static void report_client_hello(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_tls_client_hello hello;
    char text[CD_TEXT_MAX + 1], ja4[CD_TLS_JA4_BYTES];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_tls_parse_client_hello(r, &hello)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    if (s->asked) /* the second hello, after a HelloRetryRequest */
        return;
    s->asked = true;
    bool named = hello.server_name.base && is_host_name(hello.server_name.base, hello.server_name.len);
    cd_text_device(&t, hello.server_name.base, hello.server_name.len);
    struct cd_operation op = handshake;
    op.target = text;
    cd_report_request(m, &op, SESSION);
    if (cd_tls_ja4(&hello, ja4))
        cd_report_fact(m, &client, CD_ATTRIBUTE_TLS_JA4, ja4, 90);
    if (named && cd_ip_is_private(&server.ip)) /* public servers go by thousands of names */
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, hello.server_name.base, hello.server_name.len, 45);
    if (hello.version < 0x0303)
        report_weak(m, "client offers ", cd_tls_version_name(hello.version), "", " at most");
}

static void report_agreed(struct cd_message *m, uint16_t version, uint16_t suite)
{
    struct cd_subject server = cd_subject_server(m);
    const char *reason = "", *name = cd_tls_weak_suite(suite, &reason);
    cd_report_fact(m, &server, CD_ATTRIBUTE_TLS_VERSION, cd_tls_version_name(version), 90);
    if (version < 0x0303)
        report_weak(m, "server speaks ", cd_tls_version_name(version), "", "");
    if (name)
        report_weak(m, "server chose ", name, ": ", reason);
}

static void report_server_hello(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_tls_server_hello hello;
    if (!cd_tls_parse_server_hello(r, &hello)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    s->retry = hello.retry;
    if (hello.retry || s->answered)
        return;
    s->answered = true;
    s->suite = hello.suite;
    if (hello.version >= 0x0304) /* all that follows is encrypted; a ChangeCipherSpec may come first or not */
        s->encrypted[!m->sent_by_client_end] = 1;
    cd_report_response(m, &handshake, SESSION, NULL);
    report_agreed(m, hello.version, hello.suite);
}

/* Device identities of IEEE 802.1AR are often written "PID:<order number> SN:<serial number>" there. */
static void report_device_identity(struct cd_message *m, const struct cd_subject *subject,
                                   const struct cd_x509_value *value)
{
    const char *text = (const char *)value->bytes, *serial;
    if (!text || value->len < 8 || memcmp(text, "PID:", 4) != 0 || !(serial = memmem(text, value->len, " SN:", 4)))
        return;
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_ORDER_NUMBER, text + 4, (size_t)(serial - text) - 4, 90);
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_SERIAL, serial + 4, value->len - (size_t)(serial + 4 - text), 90);
}

/* One certificate in DER, shown by the sender. */
static void report_certificate(struct cd_message *m, struct cd_reader *r)
{
    struct cd_x509 certificate;
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_x509_parse(r, &certificate)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_subject sender = cd_subject_sender(m);
    const struct cd_x509_value *name = &certificate.subject.common_name;
    cd_text_x509(&t, &certificate);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_CERTIFICATE, text, 90);
    if (name->bytes && !name->wide && is_host_name(name->bytes, name->len))
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_NAME, name->bytes, name->len, 50);
    report_device_identity(m, &sender, &certificate.subject.serial_number);
    t = cd_text_of(text, sizeof text);
    cd_text_str(&t, m->from_client ? "client " : "server ");
    size_t start = t.len;
    struct cd_text weakness = cd_text_of(text + start, sizeof text - start);
    cd_text_x509_weakness(&weakness, &certificate, (int64_t)(m->packet->time_ns / 1000000000u));
    if (weakness.len)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, text);
}

/* Certificate (RFC 5246 7.4.2): only the first one speaks of the sender itself. */
static void report_certificates(struct cd_message *m, struct cd_reader *r)
{
    cd_read_skip(r, 3, "certificates length");
    if (cd_read_left(r) == 0) /* a client without one says so */
        return;
    struct cd_reader leaf = cd_read_sub(r, cd_read_be24(r, "certificate length"), "certificate");
    if (cd_read_ok(r))
        report_certificate(m, &leaf);
    else
        cd_report_malformed(m, r->bad);
}

/* ServerKeyExchange (RFC 5246 7.4.3) of a finite-field key exchange: the length of the prime tells its strength. */
static void report_key_exchange(struct cd_message *m, struct cd_reader *r)
{
    const struct state *s = m->state;
    char bits[24];
    if (!s->answered || !cd_tls_suite_has_dh(s->suite))
        return;
    size_t prime = cd_read_be16(r, "dh prime length");
    cd_read_skip(r, prime, "dh prime");
    cd_read_skip(r, cd_read_be16(r, "dh generator length"), "dh generator");
    cd_read_skip(r, cd_read_be16(r, "dh public value length"), "dh public value");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (prime == 0 || prime * 8 >= DH_BITS_MIN)
        return;
    struct cd_text t = cd_text_of(bits, sizeof bits);
    cd_text_u64(&t, prime * 8);
    report_weak(m, "server uses a Diffie-Hellman group of ", bits, " bits", "");
}

static bool is_interesting(uint8_t type)
{
    return type == HANDSHAKE_CLIENT_HELLO || type == HANDSHAKE_SERVER_HELLO || type == HANDSHAKE_CERTIFICATE ||
           type == HANDSHAKE_SERVER_KEY_EXCHANGE;
}

/* A handshake message without its header. */
static void report_handshake(struct cd_message *m, uint8_t type, struct cd_reader body)
{
    if ((type == HANDSHAKE_CLIENT_HELLO && !m->from_client) || (type == HANDSHAKE_SERVER_HELLO && m->from_client))
        m->from_client = !m->from_client; /* the ends were confused where the connection's beginning was not seen */
    switch (type) {
    case HANDSHAKE_CLIENT_HELLO: report_client_hello(m, &body); break;
    case HANDSHAKE_SERVER_HELLO: report_server_hello(m, &body); break;
    case HANDSHAKE_CERTIFICATE: report_certificates(m, &body); break;
    case HANDSHAKE_SERVER_KEY_EXCHANGE: report_key_exchange(m, &body); break;
    default: break;
    }
}

/* ---- handshake messages out of records ---- */

static void drop(struct partial *p)
{
    kept_total -= p->size;
    cd_free(p->bytes);
    *p = (struct partial){0};
}

/* Keeps what it may; what it may not is missing at the message's end. */
static void keep(struct partial *p, const uint8_t *bytes, size_t len)
{
    if (p->len + len > KEEP_MAX)
        len = KEEP_MAX - p->len;
    if (len == 0)
        return;
    if (p->len + len > p->size) {
        uint32_t size = p->size ? p->size : 1024;
        while (size < p->len + len)
            size *= 2;
        if (kept_total + size - p->size > KEEP_TOTAL_MAX)
            return;
        p->bytes = cd_realloc(p->bytes, size, 1);
        kept_total += size - p->size;
        p->size = size;
    }
    memcpy(p->bytes + p->len, bytes, len);
    p->len += (uint32_t)len;
}

/* Goes on with the open message; returns how many bytes it took. */
static size_t continue_message(struct cd_message *m, struct partial *p, struct cd_reader *r)
{
    size_t n = cd_read_left(r) < p->left ? cd_read_left(r) : p->left;
    const uint8_t *bytes = cd_read_at(r, n, "handshake");
    if (p->bytes)
        keep(p, bytes, n);
    p->left -= (uint32_t)n;
    if (p->left == 0) {
        if (p->bytes && p->len > HANDSHAKE_HEADER)
            report_handshake(m, p->bytes[0], cd_reader_of(p->bytes + HANDSHAKE_HEADER, p->len - HANDSHAKE_HEADER));
        drop(p);
    }
    return n;
}

/* A record of handshake messages. A header that is itself divided by two records is passed over with its record. */
static void take_handshake(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    bool from_client = m->from_client;
    struct partial *p = &s->partial[!m->sent_by_client_end];
    if (p->left)
        continue_message(m, p, r);
    while (cd_read_left(r) >= HANDSHAKE_HEADER) {
        const uint8_t *header = cd_read_at(r, HANDSHAKE_HEADER, "handshake header");
        size_t length = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
        if (length <= cd_read_left(r)) {
            m->from_client = from_client;
            report_handshake(m, header[0], cd_read_sub(r, length, "handshake"));
            continue;
        }
        if (m->cut) { /* the rest of this record is missing: what is there may tell something */
            report_handshake(m, header[0], cd_read_rest(r));
            return;
        }
        size_t there = cd_read_left(r);
        cd_read_skip(r, there, "handshake");
        p->left = (uint32_t)(length - there);
        if (is_interesting(header[0]))
            keep(p, header, HANDSHAKE_HEADER + there);
    }
}

/* ---- records ---- */

static void encrypts(struct cd_message *m)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    if (s->encrypted[end] < UINT8_MAX)
        s->encrypted[end]++;
    if (s->encrypted[!end] || !m->flow->ends[!end].seen || s->encrypted[end] >= ENCRYPTED_ENOUGH)
        m->flow->opaque = true;
}

static void take_alert(struct cd_message *m, struct cd_reader *r)
{
    const struct state *s = m->state;
    uint8_t level = cd_read_u8(r, "alert level"), description = cd_read_u8(r, "alert description");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (level == 2 && s->asked && !s->answered && !m->from_client)
        cd_report_response(m, &handshake, SESSION, alert_name(description));
}

/* Heartbeat (RFC 6520 4): a length beyond its record asks for memory of the peer's. */
static void take_heartbeat(struct cd_message *m, struct cd_reader *r, size_t length)
{
    uint8_t type = cd_read_u8(r, "heartbeat type");
    uint16_t claimed = cd_read_be16(r, "heartbeat length");
    if (cd_read_ok(r) && type == 1 && (size_t)claimed + HEARTBEAT_HEADER > length)
        cd_report_event(m, CD_EVENT_VIOLATION, "heartbeat asks for more than it sends");
}

static void take_ssl2(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    uint16_t version;
    cd_read_skip(r, 2, "length");
    if (!m->from_client) { /* SERVER-HELLO */
        struct cd_operation op = handshake;
        cd_report_response(m, &op, SESSION, NULL);
        report_agreed(m, 0x0002, 0xffff);
        cd_read_skip(r, 5, "server hello");
        uint16_t certificate_length = cd_read_be16(r, "certificate length");
        cd_read_skip(r, 4, "server hello");
        struct cd_reader certificate = cd_read_sub(r, certificate_length, "certificate");
        if (certificate_length && cd_read_ok(r))
            report_certificate(m, &certificate);
        m->flow->opaque = true;
        return;
    }
    if (!cd_tls_parse_ssl2_hello(r, &version)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    s->asked = true;
    cd_report_request(m, &handshake, SESSION);
    report_weak(m, "client begins with SSL 2.0 and offers ", cd_tls_version_name(version), "", "");
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    if (!s->begun[end] && is_ssl2_hello(r->base, r->len, m->from_client)) {
        s->begun[end] = true;
        take_ssl2(m, r);
        return;
    }
    if (!s->begun[end] && s->preambles[end] < PREAMBLES_MAX && !may_be_record(r->base, r->len)) {
        s->preambles[end]++;
        return;
    }
    s->begun[end] = true;
    uint8_t type = cd_read_u8(r, "record type");
    cd_read_skip(r, 2, "record version");
    size_t length = cd_read_be16(r, "record length");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (type == RECORD_DATA || s->encrypted[end]) {
        m->skip = (uint32_t)length;
        encrypts(m);
        return;
    }
    switch (type) {
    case RECORD_HANDSHAKE: take_handshake(m, r); break;
    case RECORD_ALERT: take_alert(m, r); break;
    case RECORD_CHANGE_CIPHER_SPEC:
        if (!s->retry)
            encrypts(m);
        break;
    case RECORD_HEARTBEAT:
        m->skip = (uint32_t)(length > HEARTBEAT_HEADER ? length - HEARTBEAT_HEADER : 0);
        take_heartbeat(m, r, length);
        break;
    default: break;
    }
}

static void end_of_flow(void *state)
{
    struct state *s = state;
    drop(&s->partial[0]);
    drop(&s->partial[1]);
}

const struct cd_dissector cd_dissector_tls = {
    .name = "tls",
    .tcp_ports = {443, 8443, 993, 995, 636, 465, 990, 5061, 8883, 4911, 3269, 5986},
    .probe = probe,
    .probe_by_direction = true,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_TLS_RECORD_HEADER + CD_TLS_RECORD_MAX,
    .state_size = sizeof(struct state),
    .end = end_of_flow,
};
