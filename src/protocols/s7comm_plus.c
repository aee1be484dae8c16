/* S7comm-plus: fragments, messages, requests and their responses. */
#include "protocols/s7comm_plus.h"

#include "base/memory.h"

#include <string.h>

enum {
    TARGET_MAX = 192,
    FRAGMENTS_MAX = 64,        /* in one TSDU; there is one */
    REQUESTS_OPEN = 64,        /* TIA Portal asks for twenty things at a time */
    DIGEST_LEN = 32,           /* SHA-256 HMAC of version 3 */
    KEPT_TOTAL_MAX = 16 << 20, /* bytes of messages in fragments, of all connections */
    CONFIDENCE_ROLE = 70,      /* it answers: a CPU or a panel's runtime */
    CONFIDENCE_TSAP_ROLE = 60, /* asked for by that name; libraries may say so too */
};

static size_t kept_total; /* bytes allocated by this process */

/* ---- parsing ---- */

bool cd_s7comm_plus_begins(const uint8_t *bytes, size_t len, bool known)
{
    (void)known;
    return len >= CD_S7COMM_PLUS_HEADER && bytes[0] == CD_S7COMM_PLUS_MAGIC &&
           ((bytes[1] >= CD_S7COMM_PLUS_V1 && bytes[1] <= CD_S7COMM_PLUS_V3) ||
            bytes[1] >= CD_S7COMM_PLUS_SYSTEM_EVENT);
}

static bool skip_trailer(struct cd_reader *r, uint8_t version)
{
    if (cd_read_peek(r, 0) != CD_S7COMM_PLUS_MAGIC || cd_read_peek(r, 1) != version || cd_read_peek(r, 2) != 0 ||
        cd_read_peek(r, 3) != 0)
        return false;
    cd_read_skip(r, 4, "trailer");
    return true;
}

bool cd_s7comm_plus_parse_fragment(struct cd_reader *r, bool cut, struct cd_s7comm_plus_fragment *ret)
{
    struct cd_s7comm_plus_fragment f = {0};
    if (cd_read_u8(r, "protocol id") != CD_S7COMM_PLUS_MAGIC)
        cd_read_fail(r, "protocol id");
    f.version = cd_read_u8(r, "version");
    size_t length = cd_read_be16(r, "length");
    if (cut && length > cd_read_left(r))
        length = cd_read_left(r);
    f.data = cd_read_sub(r, length, "length");
    if (!cd_read_ok(r))
        return false;
    if (f.version >= CD_S7COMM_PLUS_SYSTEM_EVENT)
        f.last = true;
    else
        f.last = skip_trailer(r, f.version);
    if (f.version == CD_S7COMM_PLUS_V3 && cd_read_peek(&f.data, 0) == DIGEST_LEN) {
        cd_read_skip(&f.data, 1 + DIGEST_LEN, "digest");
        if (!cd_read_ok(&f.data)) {
            cd_read_fail(r, "digest");
            return false;
        }
    }
    f.data = cd_read_rest(&f.data);
    *ret = f;
    return true;
}

/* Where the head's fixed zeros and its function are as they must be: strict enough to tell the next message from the middle of a lost one. */
bool cd_s7comm_plus_is_message(const uint8_t *b, size_t len)
{
    if (len < 9)
        return false;
    if (b[0] == CD_S7COMM_PLUS_NOTIFICATION) /* numbers of subscriptions begin with 0, 1 or 7 */
        return (b[1] == 0 || b[1] >> 4 == 1 || b[1] >> 4 == 7) && b[6] == 0;
    if (b[1] != 0 || b[2] != 0)
        return false;
    if (b[0] != CD_S7COMM_PLUS_REQUEST && b[0] != CD_S7COMM_PLUS_RESPONSE && b[0] != CD_S7COMM_PLUS_RESPONSE_OLD)
        return false;
    return (b[3] == 4 || b[3] == 5) && b[5] == 0 && b[6] == 0;
}

bool cd_s7comm_plus_parse(struct cd_reader *r, struct cd_s7comm_plus_message *ret)
{
    struct cd_s7comm_plus_message s = {.opcode = cd_read_u8(r, "opcode")};
    if (s.opcode == CD_S7COMM_PLUS_NOTIFICATION) {
        s.session = cd_read_be32(r, "subscription");
    } else {
        cd_read_skip(r, 2, "reserved");
        s.function = cd_read_be16(r, "function");
        cd_read_skip(r, 2, "reserved");
        s.sequence = cd_read_be16(r, "sequence number");
        if (s.opcode == CD_S7COMM_PLUS_REQUEST)
            s.session = cd_read_be32(r, "session");
        cd_read_skip(r, 1, "transport flags");
    }
    s.body = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = s;
    return true;
}

/* ---- reporting ---- */

static uint64_t exchange(const struct cd_s7comm_plus_message *s)
{
    return (uint64_t)s->function << 16 | s->sequence;
}

static bool called_is(const struct cd_s7comm_plus_state *state, const char *name)
{
    size_t len = strlen(name);
    return state->ends.called_len >= len && memcmp(state->ends.called, name, len) == 0;
}

/* The called TSAP names what is asked for: "SIMATIC-ROOT-ES", "SIMATIC-ROOT-HMI"; the download service of a panel is "WINCCRT-SCS-ES". */
static void report_roles(struct cd_message *m)
{
    struct cd_s7comm_plus_state *state = m->state;
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    if (state->roles_told)
        return;
    state->roles_told = true;
    bool panel = called_is(state, "WINCCRT-");
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, panel ? "hmi" : "plc", CONFIDENCE_ROLE);
    if (panel || called_is(state, "SIMATIC-ROOT-ES"))
        cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "engineering-station", CONFIDENCE_TSAP_ROLE);
    else if (called_is(state, "SIMATIC-ROOT-HMI"))
        cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "hmi", CONFIDENCE_TSAP_ROLE);
}

static void report_request(struct cd_message *m, const struct cd_s7comm_plus_message *s)
{
    struct cd_s7comm_plus_state *state = m->state;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_s7comm_plus_name name = cd_s7comm_plus_function_name(s->function);
    struct cd_operation op = {.name = name.name, .code = s->function, .class = name.class, .target = target};
    struct cd_s7comm_plus_description d = {
        .op = &op, .target = &t, .note = CD_S7COMM_PLUS_NOTE_KNOWN, .download = &state->download};
    m->from_client = true;
    cd_s7comm_plus_describe(s, &d);
    if (s->function == CD_S7COMM_PLUS_CREATE_OBJECT)
        cd_report_expect(m, REQUESTS_OPEN);
    cd_report_request(m, &op, exchange(s));
    cd_report_remember(m, exchange(s), d.note);
}

/* Returns what its request was remembered by. */
static enum cd_s7comm_plus_note report_response(struct cd_message *m, const struct cd_s7comm_plus_message *s)
{
    struct cd_s7comm_plus_name name = cd_s7comm_plus_function_name(s->function);
    struct cd_operation op = {.name = name.name, .code = s->function, .class = name.class, .target = ""};
    struct cd_reader body = s->body;
    uint64_t return_value = cd_s7comm_plus_vlq64(&body, "return value");
    const char *error = cd_read_ok(&body) ? cd_s7comm_plus_error(return_value) : NULL;
    m->from_client = false;
    enum cd_s7comm_plus_note note = (enum cd_s7comm_plus_note)cd_report_recall(m, exchange(s));
    if (s->function == CD_S7COMM_PLUS_INIT_SSL)
        error = NULL; /* it has a body of its own */
    cd_report_response(m, &op, exchange(s), error);
    if (note == CD_S7COMM_PLUS_NOTE_LEGITIMATION && error)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "password refused");
    if (!error)
        report_roles(m);
    return note;
}

/* A subscription has no function; its number, without the half that says it is the CPU's to give, stands for it. */
static void report_notification(struct cd_message *m, const struct cd_s7comm_plus_message *s)
{
    struct cd_operation op = {
        .name = "notification", .code = s->session & 0xffff, .class = CD_CLASS_READ, .target = ""};
    m->from_client = false;
    cd_report_notice(m, &op);
}

/* The first fragment of a message, which holds its head and what it is about. */
static void report_message(struct cd_message *m, struct cd_reader data, bool whole)
{
    struct cd_s7comm_plus_message s;
    enum cd_s7comm_plus_note note = CD_S7COMM_PLUS_NOTE_KNOWN;
    if (!cd_s7comm_plus_parse(&data, &s)) {
        cd_report_malformed(m, data.bad);
        return;
    }
    if (s.opcode == CD_S7COMM_PLUS_NOTIFICATION) {
        report_notification(m, &s);
        return;
    }
    if (s.opcode == CD_S7COMM_PLUS_REQUEST)
        report_request(m, &s);
    else
        note = report_response(m, &s);
    if (whole)
        cd_s7comm_plus_report_facts(m, &s, note);
}

/* ---- fragments ---- */

static void keep(struct cd_s7comm_plus_state *state, unsigned end, struct cd_reader data)
{
    if (!state->message[end].bytes) {
        if (kept_total + CD_S7COMM_PLUS_MESSAGE_MAX > KEPT_TOTAL_MAX)
            return;
        state->message[end].bytes = cd_alloc(1, CD_S7COMM_PLUS_MESSAGE_MAX);
        kept_total += CD_S7COMM_PLUS_MESSAGE_MAX;
    }
    size_t room = CD_S7COMM_PLUS_MESSAGE_MAX - state->message[end].len;
    size_t n = data.len < room ? data.len : room;
    if (n)
        memcpy(state->message[end].bytes + state->message[end].len, data.base, n);
    state->message[end].len += (uint32_t)n;
}

/* A message in fragments has all come: what it tells is read now. */
static void report_kept(struct cd_message *m, unsigned end)
{
    struct cd_s7comm_plus_state *state = m->state;
    struct cd_s7comm_plus_message s;
    if (!state->message[end].bytes)
        return;
    struct cd_reader data = cd_reader_of(state->message[end].bytes, state->message[end].len);
    if (cd_s7comm_plus_parse(&data, &s) && s.opcode != CD_S7COMM_PLUS_NOTIFICATION) {
        m->from_client = s.opcode == CD_S7COMM_PLUS_REQUEST;
        cd_s7comm_plus_report_facts(m, &s, CD_S7COMM_PLUS_NOTE_KNOWN);
    }
}

static void take_fragment(struct cd_message *m, const struct cd_s7comm_plus_fragment *f)
{
    struct cd_s7comm_plus_state *state = m->state;
    unsigned end = !m->sent_by_client_end;
    bool begins = cd_s7comm_plus_is_message(f->data.base, f->data.len);
    if (state->message[end].open && !begins) {
        keep(state, end, f->data);
        if (f->last) {
            state->message[end].open = false;
            report_kept(m, end);
        }
        return;
    }
    state->message[end].open = false;
    if (!begins)
        return; /* of a message whose beginning was not seen */
    report_message(m, f->data, f->last);
    if (f->last || m->cut)
        return;
    state->message[end].open = true;
    state->message[end].len = 0;
    keep(state, end, f->data);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_s7comm_plus_fragment f;
    for (int i = 0; i < FRAGMENTS_MAX && cd_read_left(r); i++) {
        if (!cd_s7comm_plus_parse_fragment(r, m->cut, &f)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        if (f.version < CD_S7COMM_PLUS_SYSTEM_EVENT && f.data.len)
            take_fragment(m, &f);
    }
}

static void end_of_flow(void *state)
{
    struct cd_s7comm_plus_state *s = state;
    for (int i = 0; i < 2; i++) {
        if (s->message[i].bytes)
            kept_total -= CD_S7COMM_PLUS_MESSAGE_MAX;
        cd_free(s->message[i].bytes);
        s->message[i].bytes = NULL;
    }
}

const struct cd_dissector cd_dissector_s7comm_plus = {
    .name = "s7comm-plus",
    .dissect = dissect,
    .state_size = sizeof(struct cd_s7comm_plus_state),
    .end = end_of_flow,
};
