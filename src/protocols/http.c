/* HTTP/1.x on any TCP port: heads are read, bodies passed over.
 *
 * A body of known length is skipped by the framing; a chunked one is framed chunk size by chunk size; a response without either lasts until the
 * connection closes. Only a form, a SOAP message or a device description of a few KiB is taken with its head. */
#include "protocols/http.h"

#include "base/hash.h"
#include "flow/flow.h"
#include "protocols/fhir.h"
#include "protocols/soap.h"
#include "protocols/upnp.h"

#include <string.h>

enum {
    FORM_WANTED_MAX = 4096,
    BODY_WANTED_MAX = 16384, /* of a message or a description in XML */
    LINE_MAX_BYTES = 512,    /* of a chunk size or a trailer */
    TARGET_MAX = 160,
    REQUESTS_REMEMBERED = 64,
};

enum body { BODY_NONE, BODY_CHUNKS, BODY_TRAILER };

struct state {
    uint64_t head_bits, connect_bits, authorized_bits; /* of the last 64 requests: HEAD, CONNECT, with Authorization */
    uint32_t requests, responses;                      /* so far; a response answers the oldest request without one */
    uint32_t shown[4];     /* hashes of what was reported last: it comes again with each message */
    uint8_t body[2];       /* enum body, by direction: 0 from the client */
    uint16_t patient_told; /* kinds of patient data that FHIR requests showed */
    bool fhir_told;        /* a FHIR response was seen */
};

enum shown { SHOWN_USER_AGENT, SHOWN_SERVER, SHOWN_CREDENTIALS, SHOWN_CHALLENGE };

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport == CD_TRANSPORT_TCP ? cd_http_probe_head(bytes, len) : CD_PROBE_NO;
}

static uint64_t bit_of(uint32_t request)
{
    return UINT64_C(1) << request % REQUESTS_REMEMBERED;
}

static bool has_body(const struct state *s, const struct cd_http_head *h)
{
    if (!h->response)
        return h->has_length || h->chunked;
    return h->status >= 200 && h->status != 204 && h->status != 304 && !(s->head_bits & bit_of(s->responses));
}

static bool is_xml(const struct cd_http_head *h)
{
    const struct cd_http_value *type = &h->headers[CD_HTTP_CONTENT_TYPE];
    return cd_http_starts(type, "text/xml") || cd_http_starts(type, "application/xml") ||
           cd_http_starts(type, "application/soap+xml");
}

/* How much of the body is taken with the head. */
static size_t wanted_body(const struct state *s, const struct cd_http_head *h)
{
    const struct cd_http_value *type = &h->headers[CD_HTTP_CONTENT_TYPE];
    if (!h->has_length || h->chunked || !has_body(s, h))
        return 0;
    if (is_xml(h))
        return (size_t)(h->length < BODY_WANTED_MAX ? h->length : BODY_WANTED_MAX);
    bool form = !h->response && h->length <= FORM_WANTED_MAX &&
                (cd_http_starts(type, "application/x-www-form-urlencoded") || cd_http_starts(type, "application/json"));
    return form ? (size_t)h->length : 0;
}

static size_t empty_lines(const uint8_t *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && (bytes[n] == '\r' || bytes[n] == '\n'))
        n++;
    return n;
}

/* Whether the letters stand anywhere: only then can the head be one of XML. */
static bool speaks_of_xml(const uint8_t *bytes, size_t len)
{
    const uint8_t *end = bytes + len;
    for (const uint8_t *x = bytes; (x = memchr(x, 'x', (size_t)(end - x))) != NULL; x++)
        if (end - x >= 3 && x[1] == 'm' && x[2] == 'l')
            return true;
    return false;
}

static ssize_t frame_head(const struct state *s, const uint8_t *bytes, size_t len)
{
    if (len < 16)
        return bytes[0] >= 'A' && bytes[0] <= 'Z' ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
    if (cd_http_probe_head(bytes, len) < CD_PROBE_LIKELY)
        return memchr(bytes, '\n', len) || len > CD_HTTP_HEAD_MAX / 2 || bytes[0] < 'A' || bytes[0] > 'Z'
                   ? CD_FRAME_NOT_OURS
                   : CD_FRAME_MORE;
    size_t length = cd_http_head_length(bytes, len);
    if (length == 0)
        return CD_FRAME_MORE;
    if (bytes[0] != 'P' && !(bytes[0] == 'H' && speaks_of_xml(bytes, length)))
        return (ssize_t)length;
    struct cd_reader r = cd_reader_of(bytes, length);
    struct cd_http_head head;
    if (cd_http_parse(&r, false, &head))
        length += wanted_body(s, &head);
    return (ssize_t)length;
}

static ssize_t frame_line(const uint8_t *bytes, size_t len)
{
    const uint8_t *end = memchr(bytes, '\n', len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    if (end)
        return end - bytes + 1;
    return len < LINE_MAX_BYTES ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    uint8_t body = s->body[!from_client];
    if (body != BODY_NONE &&
        cd_http_probe_head(bytes, len) < CD_PROBE_SURE) { /* a head here: the end of the body was lost */
        if (body == BODY_CHUNKS && !is_hex(bytes[0]))
            return CD_FRAME_NOT_OURS;
        return frame_line(bytes, len);
    }
    size_t empty = empty_lines(bytes, len);
    return empty ? (ssize_t)empty : frame_head(s, bytes, len);
}

/* ---- what was done ---- */

static const struct {
    const char *method, *name;
    enum cd_class class;
} methods[] = {
    {"GET", "get", CD_CLASS_READ},
    {"POST", "post", CD_CLASS_WRITE},
    {"HEAD", "head", CD_CLASS_READ},
    {"PUT", "put", CD_CLASS_WRITE},
    {"DELETE", "delete", CD_CLASS_WRITE},
    {"OPTIONS", "options", CD_CLASS_IDENTIFY},
    {"PATCH", "patch", CD_CLASS_WRITE},
    {"CONNECT", "connect", CD_CLASS_SESSION},
    {"TRACE", "trace", CD_CLASS_DIAGNOSE},
    {"PROPFIND", "propfind", CD_CLASS_READ},
    {"PROPPATCH", "proppatch", CD_CLASS_FILE},
    {"MKCOL", "mkcol", CD_CLASS_FILE},
    {"COPY", "copy", CD_CLASS_FILE},
    {"MOVE", "move", CD_CLASS_FILE},
    {"LOCK", "lock", CD_CLASS_FILE},
    {"UNLOCK", "unlock", CD_CLASS_FILE},
    {"SUBSCRIBE", "subscribe", CD_CLASS_OTHER},
    {"UNSUBSCRIBE", "unsubscribe", CD_CLASS_OTHER},
    {"NOTIFY", "notify", CD_CLASS_OTHER},
    {"REPORT", "report", CD_CLASS_READ},
    {"SEARCH", "search", CD_CLASS_READ},
};

static struct cd_operation operation_of(const struct cd_http_value *method)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (cd_http_is(method, methods[i].method))
            return (struct cd_operation){
                .name = methods[i].name, .code_text = methods[i].method, .class = methods[i].class, .target = ""};
    return (struct cd_operation){.name = "other method", .code_text = "(other)", .class = CD_CLASS_OTHER, .target = ""};
}

static const char *error_of(unsigned status)
{
    switch (status) {
    case 400: return "400 bad request";
    case 401: return "401 unauthorized";
    case 403: return "403 forbidden";
    case 404: return "404 not found";
    case 405: return "405 method not allowed";
    case 407: return "407 proxy authentication required";
    case 408: return "408 request timeout";
    case 429: return "429 too many requests";
    case 500: return "500 internal server error";
    case 501: return "501 not implemented";
    case 502: return "502 bad gateway";
    case 503: return "503 service unavailable";
    case 504: return "504 gateway timeout";
    default: return status >= 500 ? "5xx server error" : status >= 400 ? "4xx client error" : NULL;
    }
}

/* The host and, for all but reading, the first part of the path: enough to tell a control page from a log-in, and few. */
static void text_target(struct cd_text *t, const struct cd_http_head *h, const struct cd_operation *op)
{
    const struct cd_http_value *host = &h->headers[CD_HTTP_HOST], *target = &h->target;
    if (host->bytes)
        cd_text_device(t, host->bytes, host->len < 100 ? host->len : 100);
    if (op->class == CD_CLASS_READ || target->len < 2 || target->bytes[0] != '/')
        return;
    size_t end = 1;
    while (end < target->len && end < 48 && target->bytes[end] != '/' && target->bytes[end] != '?' &&
           target->bytes[end] != ';')
        end++;
    cd_text_device(t, target->bytes, end);
}

/* ---- who ---- */

/* Whether this is something else than the flow said last. */
static bool is_new(struct cd_message *m, enum shown which, const struct cd_http_value *value)
{
    struct state *s = m->state;
    uint32_t hash = (uint32_t)cd_hash_bytes(1, value->bytes, value->len) | 1;
    if (s->shown[which] == hash)
        return false;
    s->shown[which] = hash;
    return true;
}

/* The program, and the system it says it runs on. */
static void report_program(struct cd_message *m, enum shown which, const struct cd_http_value *value,
                           unsigned confidence)
{
    char os[64];
    struct cd_text t = cd_text_of(os, sizeof os);
    struct cd_subject subject = which == SHOWN_SERVER ? cd_subject_server(m) : cd_subject_client(m);
    if (!value->bytes || value->len == 0 || !is_new(m, which, value))
        return;
    cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_SOFTWARE, value->bytes, value->len, confidence);
    cd_text_http_os(&t, value);
    cd_report_fact(m, &subject, CD_ATTRIBUTE_OS, os, 50);
}

/* What a form or a query tells of people signing in. */
static void report_fields(struct cd_message *m, const struct cd_http_head *h, const char *body, size_t body_len)
{
    if (body_len && is_xml(h))
        cd_soap_report_request(m, body, body_len);
    else if (body_len)
        cd_http_report_form(m, body, body_len);
    const char *query = h->target.len ? memchr(h->target.bytes, '?', h->target.len) : NULL;
    if (query)
        cd_http_report_form(m, query, h->target.len - (size_t)(query - h->target.bytes));
}

/* The request as an operation under this id. Records of patients are FHIR's to tell of: its paths and queries go no further. */
static void report_operation(struct cd_message *m, const struct cd_http_head *h, const char *body, size_t body_len,
                             uint32_t id)
{
    struct state *s = m->state;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = operation_of(&h->method);
    struct cd_fhir_request fhir;
    if (cd_fhir_parse(h, &fhir)) {
        cd_fhir_report_request(m, &fhir, id, &s->patient_told);
        return;
    }
    text_target(&t, h, &op);
    op.target = target;
    if (!cd_upnp_report_request(m, &h->headers[CD_HTTP_SOAP_ACTION], id))
        cd_report_request(m, &op, id);
    report_fields(m, h, body, body_len);
}

static void report_request(struct cd_message *m, const struct cd_http_head *h, const char *body, size_t body_len)
{
    struct state *s = m->state;
    const struct cd_http_value *authorization = &h->headers[CD_HTTP_AUTHORIZATION];
    if (!authorization->bytes)
        authorization = &h->headers[CD_HTTP_PROXY_AUTHORIZATION];
    uint64_t bit = bit_of(s->requests);
    s->head_bits = cd_http_is(&h->method, "HEAD") ? s->head_bits | bit : s->head_bits & ~bit;
    s->connect_bits = cd_http_is(&h->method, "CONNECT") ? s->connect_bits | bit : s->connect_bits & ~bit;
    s->authorized_bits = authorization->bytes ? s->authorized_bits | bit : s->authorized_bits & ~bit;
    if (!h->headers[CD_HTTP_VIA].bytes) /* else a proxy passes on what another machine says of itself */
        report_program(m, SHOWN_USER_AGENT, &h->headers[CD_HTTP_USER_AGENT], 60);
    if (authorization->bytes && is_new(m, SHOWN_CREDENTIALS, authorization))
        cd_http_report_credentials(m, authorization);
    report_operation(m, h, body, body_len, s->requests++);
}

static void report_server(struct cd_message *m, const struct cd_http_head *h, const char *body, size_t body_len)
{
    struct state *s = m->state;
    const struct cd_http_value *powered = &h->headers[CD_HTTP_POWERED_BY],
                               *challenge = &h->headers[CD_HTTP_WWW_AUTHENTICATE];
    if (!challenge->bytes)
        challenge = &h->headers[CD_HTTP_PROXY_AUTHENTICATE];
    if (!h->headers[CD_HTTP_VIA].bytes)
        report_program(m, SHOWN_SERVER, &h->headers[CD_HTTP_SERVER], 70);
    if (powered->bytes) {
        struct cd_subject server = cd_subject_server(m);
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_SOFTWARE, powered->bytes, powered->len, 60);
    }
    if (challenge->bytes && is_new(m, SHOWN_CHALLENGE, challenge))
        cd_http_report_challenge(m, challenge);
    if (body_len)
        cd_soap_report_response(m, body, body_len);
    if (!s->fhir_told && cd_fhir_is_media_type(&h->headers[CD_HTTP_CONTENT_TYPE])) {
        s->fhir_told = true;
        cd_fhir_report_server(m, &h->headers[CD_HTTP_CONTENT_TYPE]);
    }
}

static void report_response(struct cd_message *m, const struct cd_http_head *h, const char *body, size_t body_len)
{
    struct state *s = m->state;
    static const struct cd_operation unknown = {
        .name = "unknown request", .code_text = "(unknown)", .class = CD_CLASS_OTHER, .target = ""};
    report_server(m, h, body, body_len);
    if (h->status < 200 && h->status != 101) /* interim: the answer is still to come (RFC 9110 15.2) */
        return;
    bool asked = s->responses != s->requests;
    uint64_t bit = bit_of(s->responses);
    if (h->status == 101 ||
        (asked && s->connect_bits & bit && h->status < 300)) /* from here on it is another protocol */
        m->flow->opaque = true;
    if (asked && s->authorized_bits & bit && (h->status == 401 || h->status == 407) &&
        !cd_http_starts(&h->headers[CD_HTTP_WWW_AUTHENTICATE], "N")) /* NTLM and Negotiate take several rounds */
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "http");
    cd_report_response(m, &unknown, asked ? s->responses : UINT64_MAX, error_of(h->status));
    if (asked)
        s->responses++;
}

/* ---- messages ---- */

/* What comes after the head, of which `taken` bytes are already there. */
static void set_body(struct cd_message *m, const struct cd_http_head *h, size_t taken)
{
    struct state *s = m->state;
    unsigned end = !m->sent_by_client_end;
    s->body[end] = BODY_NONE;
    if (!has_body(s, h))
        return;
    if (h->chunked)
        s->body[end] = BODY_CHUNKS;
    else if (h->has_length)
        m->skip = (uint32_t)(h->length - taken < UINT32_MAX ? h->length - taken : UINT32_MAX);
    else
        m->skip = UINT32_MAX; /* until the connection closes */
}

/* RFC 9112 7.1: the size in hexadecimal, extensions after a semicolon. */
static void take_chunk_size(struct cd_message *m, struct cd_reader *r, uint8_t *body)
{
    uint64_t size = 0;
    if (*body == BODY_TRAILER) {
        if (empty_lines(r->base, r->len))
            *body = BODY_NONE;
        return;
    }
    for (size_t i = 0; i < r->len && is_hex(r->base[i]) && size < UINT32_MAX; i++) {
        uint8_t c = r->base[i];
        size = size << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (size == 0)
        *body = BODY_TRAILER;
    else
        m->skip = (uint32_t)(size < UINT32_MAX - 2 ? size + 2 : UINT32_MAX); /* and the line's end behind it */
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_http_head head;
    uint8_t *body = &s->body[!m->sent_by_client_end];
    if (*body != BODY_NONE && cd_http_probe_head(r->base, r->len) < CD_PROBE_SURE) {
        take_chunk_size(m, r, body);
        return;
    }
    if (r->len && empty_lines(r->base, r->len) == r->len)
        return;
    if (!cd_http_parse(r, m->cut, &head)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !head.response; /* the bytes know it better than the ports */
    const char *rest = (const char *)r->base + r->pos;
    size_t rest_len = cd_read_left(r);
    set_body(m, &head, rest_len);
    if (head.response)
        report_response(m, &head, rest, rest_len);
    else
        report_request(m, &head, rest, rest_len);
}

const struct cd_dissector cd_dissector_http = {
    .name = "http",
    .tcp_ports = {80, 8080, 8000, 3128, 8081, 8008, 8888, 81, 5985, 8088, 631},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_HTTP_HEAD_MAX + BODY_WANTED_MAX,
    .state_size = sizeof(struct state),
};
