/* RTSP: which streams are read from which server, and what the server says it is. */
#include "protocols/rtsp.h"

#include "base/hash.h"
#include "protocols/sdp.h"

#include <string.h>

enum { TARGET_MAX = 100, INTERLEAVED_HEAD = 4 };

enum note { NOTE_AUTHORIZED = 1 };

enum shown { SHOWN_SERVER, SHOWN_USER_AGENT, SHOWN_CREDENTIAL, SHOWN_BODY, SHOWN_REALM, SHOWN_PATH, SHOWN };

struct state {
    uint64_t shown[SHOWN]; /* hashes of what was reported last: it comes again with each message */
};

static const struct cd_text_field fields[CD_RTSP_FIELDS] = {
    [CD_RTSP_CSEQ] = {"cseq", 0},
    [CD_RTSP_SERVER] = {"server", 0},
    [CD_RTSP_USER_AGENT] = {"user-agent", 0},
    [CD_RTSP_AUTHORIZATION] = {"authorization", 0},
    [CD_RTSP_CHALLENGE] = {"www-authenticate", 0},
    [CD_RTSP_CONTENT_TYPE] = {"content-type", 0},
    [CD_RTSP_CONTENT_LENGTH] = {"content-length", 0},
    [CD_RTSP_PUBLIC] = {"public", 0},
};
static const struct cd_text_grammar grammar = {"RTSP/", fields, CD_RTSP_FIELDS};

/* ---- parsing ---- */

/* rtsp://user:password@host:port/path?query (RFC 2326 3.2), or "*" */
static void parse_target(const struct cd_http_value *target, struct cd_rtsp_message *p)
{
    const char *at = target->bytes, *end = at + target->len;
    const char *scheme = target->len ? memmem(at, target->len, "://", 3) : NULL;
    if (scheme) {
        at = scheme + 3;
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *authority_end = slash ? slash : end;
        const char *sign = memchr(at, '@', (size_t)(authority_end - at));
        if (sign) {
            const char *colon = memchr(at, ':', (size_t)(sign - at));
            p->has_password = colon != NULL;
            p->user = (struct cd_http_value){at, (size_t)((colon ? colon : sign) - at)};
        }
        at = authority_end;
    }
    const char *query = at < end ? memchr(at, '?', (size_t)(end - at)) : NULL;
    p->path = (struct cd_http_value){at, (size_t)((query ? query : end) - at)};
}

bool cd_rtsp_parse(struct cd_reader *r, bool open, struct cd_rtsp_message *ret)
{
    struct cd_rtsp_message p = {0};
    uint32_t length = 0;
    if (!cd_text_head_parse(r, &grammar, open, &p.head))
        return false;
    p.has_cseq = cd_text_number(&p.head.fields[CD_RTSP_CSEQ], &p.cseq);
    if (!p.head.response)
        parse_target(&p.head.target, &p);
    size_t left = cd_read_left(r);
    if (cd_text_number(&p.head.fields[CD_RTSP_CONTENT_LENGTH], &length) && length < left)
        left = length;
    p.body = (struct cd_http_value){(const char *)r->base + r->pos, left};
    *ret = p;
    return true;
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const char *const schemes[] = {"rtsp://", "rtspu://", "rtsps://", "*", "/", NULL};
    (void)from_client;
    return transport == CD_TRANSPORT_TCP ? cd_text_head_probe(bytes, len, grammar.version, schemes) : CD_PROBE_NO;
}

/* 10.12: '$', channel, length, and then a packet of RTP or RTCP, whose version is 2; other media only where the next message stands behind it. */
static bool is_interleaved(const uint8_t *bytes, size_t len)
{
    size_t next = INTERLEAVED_HEAD + (size_t)(bytes[2] << 8 | bytes[3]);
    if (bytes[4] >> 6 == 2)
        return true;
    return next < len && (bytes[next] == '$' || bytes[next] == 'R');
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    size_t empty = 0;
    if (bytes[0] == '$') {
        if (len <= INTERLEAVED_HEAD)
            return CD_FRAME_MORE;
        return is_interleaved(bytes, len) ? INTERLEAVED_HEAD : CD_FRAME_NOT_OURS; /* what it carries is skipped */
    }
    while (empty < len && (bytes[empty] == '\r' || bytes[empty] == '\n'))
        empty++;
    if (empty)
        return (ssize_t)empty;
    if (!cd_text_head_begins(bytes, len, grammar.version))
        return CD_FRAME_NOT_OURS;
    size_t length = cd_text_message_length(bytes, len, 0);
    if (length)
        return probe(bytes, len, CD_TRANSPORT_TCP, true) >= CD_PROBE_LIKELY ? (ssize_t)length : CD_FRAME_NOT_OURS;
    return len > CD_TEXT_HEAD_MAX ? CD_FRAME_NOT_OURS : CD_FRAME_MORE;
}

/* ---- reporting ---- */

/* Whether this is something else than the flow showed last. */
static bool is_new(struct cd_message *m, enum shown which, const struct cd_http_value *v)
{
    struct state *s = m->state;
    if (v->len == 0)
        return false;
    uint64_t hash = cd_hash_bytes(1, v->bytes, v->len) | 1;
    if (s->shown[which] == hash)
        return false;
    s->shown[which] = hash;
    return true;
}

/* Both ends may ask, with numbers of their own (RFC 7826 5.3). */
static uint64_t transaction(const struct cd_message *m, const struct cd_rtsp_message *p)
{
    bool client_end_asked = m->sent_by_client_end != p->head.response;
    return p->has_cseq ? (uint64_t)p->cseq << 1 | client_end_asked : CD_REPORT_NO_REQUEST - 1;
}

/* Server and User-Agent tell of who sent them, whichever way; and what they are in the flow tells who plays which role. */
static void report_programs(struct cd_message *m, const struct cd_rtsp_message *p)
{
    const struct cd_http_value *server = &p->head.fields[CD_RTSP_SERVER], *agent = &p->head.fields[CD_RTSP_USER_AGENT];
    struct cd_subject sender = cd_subject_sender(m);
    if (is_new(m, SHOWN_SERVER, server)) {
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_SOFTWARE, server->bytes, server->len, 70);
        cd_rtsp_report_maker(m, &sender, server);
    }
    if (is_new(m, SHOWN_USER_AGENT, agent))
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_SOFTWARE, agent->bytes, agent->len, 60);
}

static void report_challenge(struct cd_message *m, const struct cd_rtsp_message *p)
{
    struct cd_http_value realm = cd_http_parameter(&p->head.fields[CD_RTSP_CHALLENGE], "realm");
    struct cd_subject server = cd_subject_server(m);
    if (!is_new(m, SHOWN_REALM, &realm) || realm.len < 2)
        return;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_DESCRIPTION, realm.bytes, realm.len, 40);
    cd_rtsp_report_maker(m, &server, &realm);
}

/* A description that the sender made itself: DESCRIBE's answer, or ANNOUNCE. */
static void report_description(struct cd_message *m, const struct cd_rtsp_message *p)
{
    struct cd_sdp sdp;
    struct cd_subject sender = cd_subject_sender(m);
    if (!cd_http_starts(&p->head.fields[CD_RTSP_CONTENT_TYPE], "application/sdp") || !is_new(m, SHOWN_BODY, &p->body) ||
        !cd_sdp_parse(p->body.bytes, p->body.len, &sdp))
        return;
    if (sdp.session.len > 1)
        cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_DESCRIPTION, sdp.session.bytes, sdp.session.len, 40);
    cd_report_fact_bytes(m, &sender, CD_ATTRIBUTE_SOFTWARE, sdp.tool.bytes, sdp.tool.len, 50);
    if (p->head.response)
        cd_rtsp_report_maker(m, &sender, &sdp.session);
    cd_sdp_report(m, &sdp);
}

/* Whether the request brings credentials; those in clear are told of. */
static bool report_credentials(struct cd_message *m, const struct cd_rtsp_message *p)
{
    const struct cd_http_value *v = &p->head.fields[CD_RTSP_AUTHORIZATION];
    char user[96];
    if (cd_http_starts(v, "Basic ") && is_new(m, SHOWN_CREDENTIAL, v))
        cd_text_report_credential(m, "rtsp basic", user, cd_text_basic_user(v, user, sizeof user));
    if (p->has_password)
        cd_text_report_credential(m, "rtsp URL", p->user.bytes, p->user.len);
    if (cd_http_starts(v, "Digest ") && is_new(m, SHOWN_CREDENTIAL, v)) {
        struct cd_http_value name = cd_http_parameter(v, "username");
        struct cd_subject client = cd_subject_client(m);
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, name.bytes, name.len, 60);
    }
    return v->bytes != NULL;
}

static void report_request(struct cd_message *m, struct cd_operation op, const struct cd_rtsp_message *p)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint64_t id = transaction(m, p);
    cd_text_device(&t, p->path.bytes, p->path.len);
    op.target = target;
    bool authorized = report_credentials(m, p);
    cd_report_request(m, &op, id);
    cd_report_remember(m, id, authorized ? NOTE_AUTHORIZED : 0);
}

static void report_response(struct cd_message *m, const struct cd_rtsp_message *p)
{
    static const struct cd_operation unknown = {
        .name = "unknown request", .code_text = "(unknown)", .class = CD_CLASS_OTHER, .target = ""};
    uint64_t id = transaction(m, p), note = cd_report_recall(m, id);
    if (p->head.status < 200) {
        cd_report_response_part(m, &unknown, id);
        return;
    }
    cd_report_response(m, &unknown, id, cd_rtsp_error(p->head.status));
    struct cd_http_value stale = cd_http_parameter(&p->head.fields[CD_RTSP_CHALLENGE], "stale");
    if (note & NOTE_AUTHORIZED && (p->head.status == 401 || p->head.status == 403) && !cd_http_starts(&stale, "true"))
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "rtsp");
    report_challenge(m, p);
}

/* A path that belongs to one maker shows whose server it is, once the server knows it. */
static void report_served_path(struct cd_message *m, const struct cd_rtsp_message *p)
{
    struct cd_subject server = cd_subject_server(m);
    if (!p->head.response && is_new(m, SHOWN_PATH, &p->path))
        cd_rtsp_report_path(m, &server, &p->path);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_rtsp_message p;
    if (cd_read_peek(r, 0) == '$') {
        m->skip = (uint32_t)(r->len >= INTERLEAVED_HEAD ? r->base[2] << 8 | r->base[3] : 0);
        return;
    }
    if (cd_read_peek(r, 0) == '\r' || cd_read_peek(r, 0) == '\n')
        return;
    if (!cd_rtsp_parse(r, m->cut, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !p.head.response;
    if (!p.has_cseq && !m->cut)
        cd_report_event_once(m, CD_EVENT_VIOLATION, "no CSeq");
    if (p.head.response)
        report_response(m, &p);
    else
        report_request(m, cd_rtsp_operation(&p.head.method), &p);
    report_programs(m, &p);
    report_served_path(m, &p);
    report_description(m, &p);
}

const struct cd_dissector cd_dissector_rtsp = {
    .name = "rtsp",
    .tcp_ports = {554, 8554, 5554},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
