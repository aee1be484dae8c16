/* OPC UA: recognising and framing, chunks, the security of channels, and messages put together from their chunks. */
#include "protocols/opcua.h"

#include "base/memory.h"
#include "flow/flow.h"

#include <string.h>

/*  0         3      4              8
 *  +---------+------+--------------+---------//
 *  | "MSG"   | 'F'  | message size | secure channel id, security header, sequence header, body
 *  +---------+------+--------------+---------//     little-endian; the size counts the header (6 6.7.2.2, 7.1.2.2) */
enum {
    CHUNK_MAX = 16 << 20,
    ACKNOWLEDGE_BYTES = 28,
    HELLO_FIXED = 32, /* a Hello with an empty URL */
    URL_MAX = 4096,   /* of a Hello (7.1.2.3) */
    SECURED_MIN = 24, /* header, channel, token, sequence header */
    SEQUENCE_HEADER = 8,
    KEPT_MAX = 256 << 10,      /* of one message in chunks; the rest is missing at its end */
    KEPT_TOTAL_MAX = 16 << 20, /* of all of them at a time */
    CODE_OPAQUE = 0
};

static size_t kept_total; /* bytes held in partial messages by this process */

/* ---- parsing ---- */

static int type_of(const uint8_t *bytes)
{
    switch ((uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2]) {
    case 'H' << 16 | 'E' << 8 | 'L': return CD_OPCUA_HELLO;
    case 'A' << 16 | 'C' << 8 | 'K': return CD_OPCUA_ACKNOWLEDGE;
    case 'E' << 16 | 'R' << 8 | 'R': return CD_OPCUA_ERROR;
    case 'R' << 16 | 'H' << 8 | 'E': return CD_OPCUA_REVERSE_HELLO;
    case 'O' << 16 | 'P' << 8 | 'N': return CD_OPCUA_OPEN;
    case 'M' << 16 | 'S' << 8 | 'G': return CD_OPCUA_MESSAGE;
    case 'C' << 16 | 'L' << 8 | 'O': return CD_OPCUA_CLOSE;
    default: return -1;
    }
}

bool cd_opcua_parse(struct cd_reader *r, struct cd_opcua_chunk *ret)
{
    struct cd_opcua_chunk c = {.type = CD_OPCUA_HELLO};
    const uint8_t *letters = cd_read_at(r, 3, "message type");
    int type = letters ? type_of(letters) : -1;
    c.last = (char)cd_read_u8(r, "chunk type");
    uint32_t size = cd_read_le32(r, "message size");
    if (type < 0)
        cd_read_fail(r, "message type");
    if (c.last != 'F' && (type < CD_OPCUA_OPEN || (c.last != 'C' && c.last != 'A')))
        cd_read_fail(r, "chunk type");
    if (size < r->len)
        cd_read_fail(r, "message size");
    c.type = (enum cd_opcua_message_type)type;
    if (type >= CD_OPCUA_OPEN)
        c.channel = cd_read_le32(r, "secure channel id");
    if (type > CD_OPCUA_OPEN)
        c.token = cd_read_le32(r, "token id");
    if (type == CD_OPCUA_OPEN) {
        c.policy = cd_opcua_read_string(r, "security policy uri");
        c.certificate = cd_opcua_read_string(r, "sender certificate");
        c.thumbprint = cd_opcua_read_string(r, "receiver certificate thumbprint");
    }
    c.body = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

/* ---- recognising and framing ---- */

static uint32_t le32(const uint8_t *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

/* The least and most that a message of this type may be long; 0 where it is not within. */
static size_t length_of(int type, uint8_t last, uint32_t size)
{
    static const uint8_t least[] = {HELLO_FIXED, ACKNOWLEDGE_BYTES, 16, 16, 32, SECURED_MIN, SECURED_MIN};
    bool chunked = type >= CD_OPCUA_OPEN;
    if (last != 'F' && !(chunked && (last == 'C' || last == 'A')))
        return 0;
    if (size < least[type] || size > (chunked ? CHUNK_MAX : HELLO_FIXED + 2 * URL_MAX))
        return 0;
    return size;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    int type;
    if (transport != CD_TRANSPORT_TCP || len < CD_OPCUA_HEADER || (type = type_of(bytes)) < 0)
        return CD_PROBE_NO;
    uint32_t size = le32(bytes + 4);
    if (!length_of(type, bytes[3], size))
        return CD_PROBE_NO;
    if (type == CD_OPCUA_HELLO && len >= HELLO_FIXED)
        return le32(bytes + 28) + HELLO_FIXED == size || le32(bytes + 28) == UINT32_MAX ? CD_PROBE_SURE : CD_PROBE_NO;
    if (type == CD_OPCUA_ACKNOWLEDGE)
        return size == ACKNOWLEDGE_BYTES ? CD_PROBE_SURE : CD_PROBE_NO;
    return CD_PROBE_LIKELY;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    int type;
    if (len >= 3 && type_of(bytes) < 0)
        return CD_FRAME_NOT_OURS;
    if (len < CD_OPCUA_HEADER)
        return CD_FRAME_MORE;
    type = type_of(bytes);
    size_t length = length_of(type, bytes[3], le32(bytes + 4));
    return length ? (ssize_t)length : CD_FRAME_NOT_OURS;
}

/* ---- connection (6 7.1.2) ---- */

static void report_hello(struct cd_message *m, struct cd_reader *r)
{
    m->from_client = true;
    cd_read_skip(r, 5 * 4, "protocol version and buffer sizes");
    struct cd_opcua_string url = cd_opcua_read_string(r, "endpoint url");
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else
        cd_opcua_report_url(m, url, 45);
}

static void report_error(struct cd_message *m, struct cd_reader *r)
{
    char detail[160];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    m->from_client = false;
    uint32_t status = cd_read_le32(r, "error");
    struct cd_opcua_string reason = cd_opcua_read_string(r, "reason");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    const char *name = cd_opcua_status_error(status);
    cd_text_str(&t, "connection closed by the server: ");
    cd_text_str(&t, name ? name : "no error");
    if (reason.len) {
        cd_text_str(&t, ": ");
        cd_text_device(&t, reason.bytes, reason.len < 80 ? reason.len : 80);
    }
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
    cd_opcua_report_refusal(m, "connection", status);
}

static void report_reverse_hello(struct cd_message *m, struct cd_reader *r)
{
    struct cd_opcua_state *s = m->state;
    m->from_client = false;
    s->reversed = m->sent_by_client_end;
    cd_opcua_read_string(r, "server uri");
    struct cd_opcua_string url = cd_opcua_read_string(r, "endpoint url");
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else
        cd_opcua_report_url(m, url, 55);
}

/* ---- secured messages that can't be read ---- */

/* Only that there was one and by which policy. */
static void report_opaque(struct cd_message *m, const struct cd_opcua_chunk *c)
{
    const struct cd_opcua_state *s = m->state;
    const struct cd_opcua_service *service =
        c->type == CD_OPCUA_MESSAGE ? NULL
                                    : cd_opcua_service_of(c->type == CD_OPCUA_OPEN ? CD_OPCUA_OPEN_SECURE_CHANNEL
                                                                                   : CD_OPCUA_CLOSE_SECURE_CHANNEL);
    struct cd_operation op = {.name = service ? service->name : "encrypted message",
                              .code_space = "encrypted",
                              .code = service ? service->request : CODE_OPAQUE,
                              .class = CD_CLASS_SESSION,
                              .target = cd_opcua_policy_name((enum cd_opcua_policy)s->policy)};
    if (c->last == 'C') /* a message counts once, with its last chunk */
        return;
    if (m->from_client)
        cd_report_notice(m, &op);
    else
        cd_report_response(m, &op, CD_REPORT_NO_REQUEST, NULL);
}

/* Whether the body begins with the id of a service in clear: two bytes of NodeId in its four byte form, and a number that is one. */
static bool begins_with_service(struct cd_reader body)
{
    cd_read_skip(&body, SEQUENCE_HEADER, "sequence header");
    struct cd_opcua_node_id type = cd_opcua_read_node_id(&body, "type id");
    return cd_read_ok(&body) && type.type == CD_OPCUA_NUMERIC && type.namespace_index == 0 &&
           (cd_opcua_service_of(type.number) || type.number == CD_OPCUA_SERVICE_FAULT);
}

/* ---- messages ---- */

static void report_unknown(struct cd_message *m, const struct cd_opcua_node_id *type, uint32_t request)
{
    struct cd_operation op = {.name = "unknown service",
                              .code = type->type == CD_OPCUA_NUMERIC ? type->number : 0,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    if (m->from_client)
        cd_report_request(m, &op, request);
    else
        cd_report_response(m, &op, request, NULL);
    cd_report_event(m, CD_EVENT_VIOLATION, "unknown service");
}

/* A message without its headers (6.7.2.5): the id of the request or response and its fields. */
static void report_message(struct cd_message *m, struct cd_reader *r, uint32_t request, bool in_order)
{
    struct cd_opcua_node_id type = cd_opcua_read_node_id(r, "type id");
    if (!cd_read_ok(r)) {
        if (in_order)
            cd_report_malformed(m, r->bad);
        return;
    }
    const struct cd_opcua_service *service =
        type.type == CD_OPCUA_NUMERIC && type.namespace_index == 0 ? cd_opcua_service_of(type.number) : NULL;
    if (service && type.number == service->request) {
        m->from_client = true;
        cd_opcua_report_request(m, service, r, request);
    } else if (service || cd_opcua_is_standard(&type, CD_OPCUA_SERVICE_FAULT)) {
        m->from_client = false;
        cd_opcua_report_response(m, service, r, request);
    } else if (in_order) { /* else it may be the end of a message of which the beginning is lost */
        report_unknown(m, &type, request);
    }
}

static void drop(struct cd_opcua_partial *p)
{
    kept_total -= p->size;
    cd_free(p->bytes);
    *p = (struct cd_opcua_partial){0};
}

static void keep(struct cd_opcua_partial *p, struct cd_reader body)
{
    size_t len = cd_read_left(&body);
    const uint8_t *bytes = cd_read_at(&body, len, "body");
    if (p->incomplete || len == 0)
        return;
    if (p->len + len > p->size) {
        size_t size = p->size ? p->size : 8192;
        while (size < p->len + len)
            size *= 2;
        if (size > KEPT_MAX || kept_total + size - p->size > KEPT_TOTAL_MAX) {
            p->incomplete = true;
            return;
        }
        p->bytes = cd_realloc(p->bytes, size, 1);
        kept_total += size - p->size;
        p->size = (uint32_t)size;
    }
    memcpy(p->bytes + p->len, bytes, len);
    p->len += (uint32_t)len;
}

/* The sender gives a message up (6.7.3): where it is an answer, it is one with an error. */
static void report_abort(struct cd_message *m, struct cd_opcua_partial *p, struct cd_reader *r, uint32_t request)
{
    uint32_t status = cd_read_le32(r, "error");
    const char *error = cd_opcua_status_error(status);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else if (p->open && p->len) {
        struct cd_reader start = cd_reader_of(p->bytes, p->len);
        struct cd_opcua_node_id type = cd_opcua_read_node_id(&start, "type id");
        const struct cd_opcua_service *service = cd_opcua_service_of(type.number);
        if (cd_read_ok(&start) && service && type.number == service->response) {
            struct cd_operation op = {
                .name = service->name, .code = service->request, .class = service->class, .target = ""};
            m->from_client = false;
            cd_report_response(m, &op, request, error ? error : "aborted");
        }
    }
    drop(p);
}

/* A chunk in clear, its signature taken off. */
static void take_chunk(struct cd_message *m, const struct cd_opcua_chunk *c, struct cd_reader *r)
{
    struct cd_opcua_state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    struct cd_opcua_partial *p = &s->partial[end];
    uint32_t sequence = cd_read_le32(r, "sequence number"), request = cd_read_le32(r, "request id");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    bool in_order = sequence == s->next_sequence[end];
    s->next_sequence[end] = sequence + 1;
    if (p->open && p->request != request)
        drop(p);
    if (c->last == 'A') {
        report_abort(m, p, r, request);
        return;
    }
    if (c->last == 'F' && !p->open) {
        report_message(m, r, request, in_order);
        return;
    }
    p->open = true;
    p->request = request;
    p->incomplete |= m->cut;
    keep(p, cd_read_rest(r));
    if (c->last == 'C')
        return;
    struct cd_reader whole = cd_reader_of(p->bytes, p->len);
    m->cut |= p->incomplete;
    report_message(m, &whole, request, true);
    drop(p);
}

/* OpenSecureChannel (6.7.4): with any policy but None it is always encrypted, and all that is told is in the header. */
static void take_open(struct cd_message *m, struct cd_opcua_chunk *c)
{
    struct cd_opcua_state *s = m->state;
    struct cd_subject sender = cd_subject_sender(m);
    enum cd_opcua_policy policy = cd_opcua_policy_of(c->policy);
    s->policy = (uint8_t)policy;
    if (c->certificate.len)
        cd_opcua_report_certificate(m, &sender, c->certificate, m->from_client ? "client" : "server");
    if (policy == CD_OPCUA_POLICY_NONE) {
        take_chunk(m, c, &c->body);
        return;
    }
    if (!(s->told_policies >> policy & 1)) {
        s->told_policies |= (uint16_t)(1u << policy);
        cd_opcua_report_weak_policy(m, "secure channel uses policy ", policy);
    }
    report_opaque(m, c);
}

static void take_secured(struct cd_message *m, struct cd_opcua_chunk *c)
{
    const struct cd_opcua_state *s = m->state;
    const struct cd_opcua_partial *p = &s->partial[!m->sent_by_client_end];
    enum cd_opcua_policy policy = (enum cd_opcua_policy)s->policy;
    if (policy != CD_OPCUA_POLICY_NONE && !p->open && !begins_with_service(c->body)) {
        report_opaque(m, c);
        return;
    }
    size_t signature = cd_opcua_signature_length(policy), left = cd_read_left(&c->body);
    if (!m->cut && signature && signature < left) {
        struct cd_reader body = cd_read_sub(&c->body, left - signature, "body");
        take_chunk(m, c, &body);
    } else {
        take_chunk(m, c, &c->body);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    const struct cd_opcua_state *s = m->state;
    struct cd_opcua_chunk chunk;
    if (s->reversed)
        m->from_client = !m->from_client;
    if (!cd_opcua_parse(r, &chunk)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    switch (chunk.type) {
    case CD_OPCUA_HELLO: report_hello(m, &chunk.body); break;
    case CD_OPCUA_ACKNOWLEDGE:
        m->from_client = false;
        cd_read_skip(&chunk.body, 5 * 4, "protocol version and buffer sizes");
        if (!cd_read_ok(&chunk.body))
            cd_report_malformed(m, chunk.body.bad);
        break;
    case CD_OPCUA_ERROR: report_error(m, &chunk.body); break;
    case CD_OPCUA_REVERSE_HELLO: report_reverse_hello(m, &chunk.body); break;
    case CD_OPCUA_OPEN: take_open(m, &chunk); break;
    case CD_OPCUA_MESSAGE:
    case CD_OPCUA_CLOSE: take_secured(m, &chunk); break;
    }
}

static void end(void *state)
{
    struct cd_opcua_state *s = state;
    drop(&s->partial[0]);
    drop(&s->partial[1]);
}

const struct cd_dissector cd_dissector_opcua = {
    .name = "opcua",
    .tcp_ports = {4840},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 128 << 10,
    .state_size = sizeof(struct cd_opcua_state),
    .end = end,
};
