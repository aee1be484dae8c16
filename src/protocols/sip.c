/* SIP: who calls and registers where, with which telephone, and how it was answered. */
#include "protocols/sip.h"

#include "base/hash.h"
#include "protocols/sdp.h"
#include "protocols/uuid.h"

#include <string.h>

enum { REMEMBERED = 64 /* requests open at a time between two proxies */, KEEP_ALIVE_MAX = 8, TARGET_MAX = 96 };

enum note { NOTE_AUTHORIZED = 1 };

struct state {
    uint64_t shown[4]; /* hashes of what was reported last: it comes again with each message */
    bool expects;
};

enum shown { SHOWN_CLIENT_AGENT, SHOWN_SERVER_AGENT, SHOWN_SDP, SHOWN_REGISTRATION };

static const struct cd_text_field fields[CD_SIP_FIELDS] = {
    [CD_SIP_VIA] = {"via", 'v'},
    [CD_SIP_FROM] = {"from", 'f'},
    [CD_SIP_TO] = {"to", 't'},
    [CD_SIP_CONTACT] = {"contact", 'm'},
    [CD_SIP_CALL_ID] = {"call-id", 'i'},
    [CD_SIP_CSEQ] = {"cseq", 0},
    [CD_SIP_USER_AGENT] = {"user-agent", 0},
    [CD_SIP_SERVER] = {"server", 0},
    [CD_SIP_AUTHORIZATION] = {"authorization", 0},
    [CD_SIP_PROXY_AUTHORIZATION] = {"proxy-authorization", 0},
    [CD_SIP_CONTENT_TYPE] = {"content-type", 'c'},
    [CD_SIP_CONTENT_LENGTH] = {"content-length", 'l'},
    [CD_SIP_EVENT] = {"event", 'o'},
};
static const struct cd_text_grammar grammar = {"SIP/", fields, CD_SIP_FIELDS};

/* ---- parsing ---- */

/* "314159 INVITE" (20.16) */
static void parse_cseq(const struct cd_http_value *v, struct cd_sip_message *p)
{
    size_t n = 0;
    p->has_cseq = v->bytes && cd_text_number(v, &p->cseq);
    while (p->has_cseq && n < v->len && v->bytes[n] >= '0' && v->bytes[n] <= '9')
        n++;
    while (p->has_cseq && n < v->len && (v->bytes[n] == ' ' || v->bytes[n] == '\t'))
        n++;
    if (p->has_cseq)
        p->cseq_method = (struct cd_http_value){v->bytes + n, v->len - n};
}

bool cd_sip_parse(struct cd_reader *r, bool open, struct cd_sip_message *ret)
{
    struct cd_sip_message p = {0};
    uint32_t length = 0;
    if (!cd_text_head_parse(r, &grammar, open, &p.head))
        return false;
    parse_cseq(&p.head.fields[CD_SIP_CSEQ], &p);
    size_t left = cd_read_left(r);
    const struct cd_http_value *given = &p.head.fields[CD_SIP_CONTENT_LENGTH];
    if (given->bytes && cd_text_number(given, &length) && length < left)
        left = length;
    p.body = (struct cd_http_value){(const char *)r->base + r->pos, left};
    *ret = p;
    return true;
}

static struct cd_http_value part(const char *from, const char *to)
{
    return (struct cd_http_value){from, (size_t)(to - from)};
}

/* The first of some characters, or the end. */
static const char *find_any(const char *at, const char *end, const char *characters)
{
    while (at < end && !strchr(characters, *at))
        at++;
    return at;
}

struct cd_sip_address cd_sip_address(const struct cd_http_value *v)
{
    struct cd_sip_address ret = {0};
    const char *at = v->bytes, *end = at ? at + v->len : NULL;
    if (!at)
        return ret;
    const char *quote = v->len > 1 && *at == '"' ? find_any(at + 1, end, "\"") : at;
    const char *angle = memchr(quote, '<', (size_t)(end - quote));
    if (angle) {
        ret.display = quote > at ? part(at + 1, quote) : part(at, angle);
        while (ret.display.len && ret.display.bytes[ret.display.len - 1] == ' ')
            ret.display.len--;
        at = angle + 1;
        end = find_any(at, end, ">");
    }
    const char *scheme = find_any(at, end, ":");
    if (scheme == end)
        return ret;
    bool telephone = scheme - at == 3 && memcmp(at, "tel", 3) == 0;
    at = scheme + 1;
    const char *sign = telephone ? end : memchr(at, '@', (size_t)(end - at));
    if (sign) {
        ret.user = part(at, find_any(at, sign, ":;"));
        at = sign == end ? end : sign + 1;
    }
    ret.host = at < end && *at == '[' ? part(at + 1, find_any(at, end, "]")) : part(at, find_any(at, end, ":;?>, "));
    return ret;
}

/* ---- recognising and framing ---- */

/* Empty lines, zeros or a short word of the maker's own ("hello"), which keep the way through a router open (RFC 5626 4.4.1 knows the first). */
static bool is_keep_alive(const uint8_t *bytes, size_t len)
{
    if (len > KEEP_ALIVE_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != '\r' && bytes[i] != '\n' && bytes[i] != 0 && (bytes[i] < ' ' || bytes[i] > '~'))
            return false;
    return true;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:", "urn:service:", NULL};
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH || len == 0)
        return CD_PROBE_NO;
    if (len <= KEEP_ALIVE_MAX)
        return transport == CD_TRANSPORT_UDP && is_keep_alive(bytes, len) ? CD_PROBE_MAYBE : CD_PROBE_NO;
    return cd_text_head_probe(bytes, len, grammar.version, schemes);
}

/* Streams: messages by Content-Length, and empty lines to keep the connection (RFC 5626 4.4.1). */
static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    size_t empty = 0;
    while (empty < len && (bytes[empty] == '\r' || bytes[empty] == '\n'))
        empty++;
    if (empty)
        return (ssize_t)empty;
    if (!cd_text_head_begins(bytes, len, grammar.version))
        return CD_FRAME_NOT_OURS;
    size_t length = cd_text_message_length(bytes, len, 'l');
    if (length)
        return probe(bytes, len, CD_TRANSPORT_TCP, true) >= CD_PROBE_LIKELY ? (ssize_t)length : CD_FRAME_NOT_OURS;
    return len > CD_TEXT_HEAD_MAX ? CD_FRAME_NOT_OURS : CD_FRAME_MORE;
}

/* ---- reporting ---- */

static bool is_new(struct cd_message *m, enum shown which, uint64_t hash)
{
    struct state *s = m->state;
    hash |= 1;
    if (s->shown[which] == hash)
        return false;
    s->shown[which] = hash;
    return true;
}

/* A transaction is known by Call-ID and CSeq (17.1.3 matches by the branch, which older programs do not have); both ends may ask under the same. */
static uint64_t transaction(const struct cd_message *m, const struct cd_sip_message *p)
{
    const struct cd_http_value *call = &p->head.fields[CD_SIP_CALL_ID];
    bool client_end_asked = m->sent_by_client_end != p->head.response;
    uint64_t h = cd_hash_bytes(client_end_asked, call->bytes, call->len);
    h = cd_hash_bytes(cd_hash_u64(h, p->cseq), p->cseq_method.bytes, p->cseq_method.len);
    return h == CD_REPORT_NO_REQUEST ? 0 : h;
}

/* The domain that is asked for. Addresses only repeat who talks to whom. */
static void text_domain(struct cd_text *t, const struct cd_sip_message *p)
{
    struct cd_sip_address to = cd_sip_address(&p->head.fields[CD_SIP_TO]);
    bool letters = false;
    for (size_t i = 0; i < to.host.len; i++) {
        char c = (char)(to.host.bytes[i] | 0x20);
        if (to.host.bytes[i] == ':')
            return;
        letters |= c >= 'g' && c <= 'z';
        letters |= c >= 'a' && c <= 'f';
    }
    if (letters && to.host.len < TARGET_MAX / 2)
        cd_text_device(t, to.host.bytes, to.host.len);
}

/* Whether a response is the sender's own and not passed on: it came from where its Contact points, or only its sender makes such. */
static bool is_own_response(const struct cd_message *m, const struct cd_sip_message *p)
{
    char text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_sip_address contact = cd_sip_address(&p->head.fields[CD_SIP_CONTACT]);
    if (cd_http_is(&p->cseq_method, "REGISTER") || p->head.status == 100 || p->head.status == 401 ||
        p->head.status == 407)
        return true;
    cd_text_ip(&t, m->sent_by_client_end ? &m->client : &m->server);
    return contact.host.bytes && contact.host.len == t.len && memcmp(contact.host.bytes, text, t.len) == 0;
}

static void report_agent(struct cd_message *m, const struct cd_sip_message *p)
{
    const struct cd_http_value *agent = &p->head.fields[CD_SIP_USER_AGENT];
    struct cd_subject sender = cd_subject_sender(m);
    if (p->head.response && p->head.fields[CD_SIP_SERVER].len)
        agent = &p->head.fields[CD_SIP_SERVER];
    if (agent->len == 0 || (p->head.response ? !is_own_response(m, p) : p->head.values[CD_SIP_VIA] > 1))
        return;
    if (is_new(m, m->sent_by_client_end ? SHOWN_CLIENT_AGENT : SHOWN_SERVER_AGENT,
               cd_hash_bytes(1, agent->bytes, agent->len)))
        cd_sip_report_agent(m, &sender, agent, p->head.response ? 60 : 70);
}

/* +sip.instance="<urn:uuid:...>" (RFC 5626 4.1): telephones put their hardware address into it. */
static void report_instance(struct cd_message *m, const struct cd_sip_message *p)
{
    static const char sign[] = "urn:uuid:";
    const struct cd_http_value *contact = &p->head.fields[CD_SIP_CONTACT];
    const char *at = contact->len ? memmem(contact->bytes, contact->len, sign, sizeof sign - 1) : NULL;
    struct cd_subject sender = cd_subject_sender(m);
    if (at)
        cd_uuid_report(m, &sender, at + sizeof sign - 1,
                       (size_t)(contact->bytes + contact->len - at) - (sizeof sign - 1));
}

static void report_media(struct cd_message *m, const struct cd_sip_message *p)
{
    struct cd_sdp sdp;
    if (p->body.len && cd_http_starts(&p->head.fields[CD_SIP_CONTENT_TYPE], "application/sdp") &&
        cd_sdp_parse(p->body.bytes, p->body.len, &sdp) && (p->head.response || p->head.values[CD_SIP_VIA] <= 1))
        cd_sdp_report(m, &sdp);
}

/* 22.1: Digest shows no password; Basic was in the first edition and is still met. */
static bool report_authorization(struct cd_message *m, const struct cd_sip_message *p)
{
    char user[96];
    const struct cd_http_value *v = &p->head.fields[CD_SIP_AUTHORIZATION];
    if (!v->bytes)
        v = &p->head.fields[CD_SIP_PROXY_AUTHORIZATION];
    if (cd_http_starts(v, "Basic "))
        cd_text_report_credential(m, "sip basic", user, cd_text_basic_user(v, user, sizeof user));
    return v->bytes != NULL;
}

static void report_request(struct cd_message *m, struct cd_operation *op, const struct cd_sip_message *p)
{
    struct state *s = m->state;
    bool authorized = report_authorization(m, p);
    if (cd_http_is(&p->head.method, "ACK")) { /* 17.1.1.3: has no response */
        cd_report_notice(m, op);
    } else {
        if (!s->expects)
            cd_report_expect(m, REMEMBERED);
        s->expects = true;
        uint64_t id = transaction(m, p);
        cd_report_request(m, op, id);
        cd_report_remember(m, id, authorized ? NOTE_AUTHORIZED : 0);
    }
    if (p->head.values[CD_SIP_VIA] > 1) { /* 16.6: it came through the sender */
        struct cd_subject sender = cd_subject_sender(m);
        if (cd_http_is(&p->head.method, "REGISTER") || cd_http_is(&p->head.method, "INVITE"))
            cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "sip-proxy", 60);
    } else if (cd_http_is(&p->head.method, "REGISTER")) {
        report_instance(m, p);
    }
}

/* 10.3: the registrar took the binding of this account to the client. */
static void report_registration(struct cd_message *m, const struct cd_sip_message *p)
{
    struct cd_sip_address to = cd_sip_address(&p->head.fields[CD_SIP_TO]);
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    uint64_t hash = cd_hash_bytes(m->from_client, to.user.bytes, to.user.len);
    if (p->head.values[CD_SIP_VIA] > 1 || !is_new(m, SHOWN_REGISTRATION, hash))
        return;
    cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "phone", 40);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "pbx", 50);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, to.user.bytes, to.user.len, 60);
    if (to.display.len)
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_DESCRIPTION, to.display.bytes, to.display.len, 40);
}

static void report_refused_sign_in(struct cd_message *m, const struct cd_sip_message *p)
{
    char detail[128];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    struct cd_sip_address to = cd_sip_address(&p->head.fields[CD_SIP_TO]);
    cd_text_str(&t, "sip");
    if (cd_http_is(&p->cseq_method, "REGISTER") && to.user.len) {
        cd_text_str(&t, " registration of ");
        cd_text_device(&t, to.user.bytes, to.user.len < 64 ? to.user.len : 64);
    }
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

static void report_response(struct cd_message *m, const struct cd_operation *op, const struct cd_sip_message *p)
{
    uint64_t id = transaction(m, p), note = cd_report_recall(m, id);
    if (p->head.status < 200) {
        cd_report_response_part(m, op, id);
        return;
    }
    cd_report_response(m, op, id, cd_sip_error(p->head.status));
    if (p->head.status < 300 && cd_http_is(&p->cseq_method, "REGISTER"))
        report_registration(m, p);
    if (p->head.status == 403 && note & NOTE_AUTHORIZED)
        report_refused_sign_in(m, p);
}

/* Content-Length beyond the datagram (18.3: the message is to be refused), or no number. */
static void check_length(struct cd_message *m, const struct cd_sip_message *p)
{
    const struct cd_http_value *given = &p->head.fields[CD_SIP_CONTENT_LENGTH];
    uint32_t length = 0;
    if (!given->bytes || m->cut)
        return;
    if (!cd_text_number(given, &length))
        cd_report_event_once(m, CD_EVENT_VIOLATION, "Content-Length is no number");
    else if (length > p->body.len)
        cd_report_event_once(m, CD_EVENT_VIOLATION, "Content-Length goes beyond the message");
}

/* RFC 7983: on the same port may come STUN, DTLS, TURN channels and media. */
static bool is_other(const uint8_t *bytes, size_t len)
{
    return is_keep_alive(bytes, len) ||
           (len && (bytes[0] < 4 || (bytes[0] >= 20 && bytes[0] <= 63) || (bytes[0] >= 128 && bytes[0] <= 191)));
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_sip_message p;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (is_other(r->base, r->len))
        return;
    if (!cd_sip_parse(r, m->cut || m->transport == CD_TRANSPORT_UDP, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !p.head.response; /* either end asks */
    struct cd_operation op =
        cd_sip_operation(p.head.response ? &p.cseq_method : &p.head.method, &p.head.fields[CD_SIP_EVENT]);
    text_domain(&t, &p);
    op.target = target;
    if (!p.has_cseq && !m->cut)
        cd_report_event_once(m, CD_EVENT_VIOLATION, "no CSeq");
    check_length(m, &p);
    if (p.head.response)
        report_response(m, &op, &p);
    else
        report_request(m, &op, &p);
    report_agent(m, &p);
    report_media(m, &p);
}

const struct cd_dissector cd_dissector_sip = {
    .name = "sip",
    .tcp_ports = {5060},
    .udp_ports = {5060},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
