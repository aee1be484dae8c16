/* MMS: PDUs, associations, requests and their answers. Targets are in mms_target.c, facts in mms_facts.c. */
#include "protocols/mms.h"

#include "protocols/iccp.h"

#include <string.h>

enum {
    TARGET_MAX = 192,
    PROBE_MAX = 512, /* octets of a connect looked through for the abstract syntax */
    MODIFIERS = 0x30,
    NOTE_BITS = 56,
    CONFIDENCE_ROLE = 60, /* ICCP joins control centres */
};

_Static_assert(sizeof(struct cd_mms_state) <= CD_COTP_CARRIED_STATE, "state fits");

/* ---- parsing ---- */

static bool is_pdu_identifier(int identifier)
{
    switch (identifier & 0x1f) {
    case CD_MMS_CANCEL_REQUEST:
    case CD_MMS_CANCEL_RESPONSE:
    case CD_MMS_CONCLUDE_REQUEST:
    case CD_MMS_CONCLUDE_RESPONSE: return (identifier & ~0x1f) == 0x80;
    default: return (identifier & ~0x1f) == 0xa0 && (identifier & 0x1f) <= CD_MMS_CONCLUDE_ERROR;
    }
}

static uint32_t invoke_id_of(struct cd_reader *value)
{
    return (uint32_t)cd_ber_integer_value(value, "invoke id");
}

/* confirmed-RequestPDU, -ResponsePDU: invoke id, modifiers of a request, service. */
static void parse_confirmed(struct cd_reader *v, bool cut, struct cd_mms_pdu *p)
{
    struct cd_ber e;
    struct cd_reader id = cd_ber_expect(v, CD_BER_INTEGER, "invoke id");
    p->invoke_id = invoke_id_of(&id);
    p->has_invoke_id = true;
    if (!cd_read_ok(&id))
        cd_read_fail(v, "invoke id");
    if (!cd_ber_read_part(v, cut, "service", &e))
        return;
    if (p->type == CD_MMS_CONFIRMED_REQUEST && e.identifier == MODIFIERS && !cd_ber_read_part(v, cut, "service", &e))
        return;
    if ((e.identifier & 0xc0) != 0x80)
        cd_read_fail(v, "service");
    p->service = e.tag;
    p->body = e.value;
}

/* ServiceError: [0] class { [n] code } */
static void parse_service_error(struct cd_reader v, struct cd_mms_pdu *p)
{
    struct cd_ber e, code;
    if (!cd_ber_read(&v, "error", &e) || e.identifier != 0xa0 || !cd_ber_read(&e.value, "error class", &code))
        return;
    p->error_class = (uint8_t)code.tag;
    p->error_code = (uint8_t)cd_ber_integer_value(&code.value, "error code");
}

/* confirmed-ErrorPDU: [0] invoke id, [2] error; rejectPDU: [0] invoke id OPTIONAL, [n] reason; errors of cancel, initiate and conclude likewise. */
static void parse_refusal(struct cd_reader *v, bool cut, struct cd_mms_pdu *p)
{
    struct cd_ber e;
    if (p->type == CD_MMS_INITIATE_ERROR || p->type == CD_MMS_CONCLUDE_ERROR) {
        parse_service_error(*v, p);
        return;
    }
    while (cd_read_left(v) && cd_ber_read_part(v, cut, "error", &e)) {
        if (e.identifier == 0x80) {
            p->invoke_id = invoke_id_of(&e.value);
            p->has_invoke_id = true;
        } else if (p->type == CD_MMS_REJECT) {
            p->error_class = (uint8_t)e.tag;
            p->error_code = (uint8_t)cd_ber_integer_value(&e.value, "reject reason");
        } else if (e.identifier == 0xa2 || e.identifier == 0xa1) {
            parse_service_error(e.value, p);
        }
        if (!cd_read_ok(&e.value))
            cd_read_fail(v, e.value.bad);
    }
}

bool cd_mms_parse(struct cd_reader *r, bool cut, struct cd_mms_pdu *ret)
{
    struct cd_mms_pdu p = {0};
    struct cd_ber top, e;
    if (!cd_ber_read_part(r, cut, "MMS PDU", &top))
        return false;
    if (!is_pdu_identifier(top.identifier))
        cd_read_fail(r, "MMS PDU");
    p.type = (enum cd_mms_type)top.tag;
    struct cd_reader v = top.value;
    switch (p.type) {
    case CD_MMS_CONFIRMED_REQUEST:
    case CD_MMS_CONFIRMED_RESPONSE: parse_confirmed(&v, cut, &p); break;
    case CD_MMS_CONFIRMED_ERROR:
    case CD_MMS_REJECT:
    case CD_MMS_CANCEL_ERROR:
    case CD_MMS_INITIATE_ERROR:
    case CD_MMS_CONCLUDE_ERROR: parse_refusal(&v, cut, &p); break;
    case CD_MMS_UNCONFIRMED:
        if (cd_ber_read_part(&v, cut, "service", &e)) {
            p.service = e.tag;
            p.body = e.value;
        }
        break;
    case CD_MMS_CANCEL_REQUEST:
    case CD_MMS_CANCEL_RESPONSE:
        p.invoke_id = invoke_id_of(&v);
        p.has_invoke_id = true;
        break;
    case CD_MMS_INITIATE_REQUEST:
    case CD_MMS_INITIATE_RESPONSE: p.body = v; break;
    case CD_MMS_CONCLUDE_REQUEST:
    case CD_MMS_CONCLUDE_RESPONSE: break;
    }
    if (!cd_read_ok(&v))
        cd_read_fail(r, v.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* ---- recognition ---- */

/* A connect or accept of the session layer that names MMS: as abstract syntax or application context. */
static bool names_mms(const uint8_t *bytes, size_t len)
{
    static const uint8_t mms[] = {0x06, 0x05, 0x28, 0xca, 0x22, 0x02}; /* OBJECT IDENTIFIER 1.0.9506.2.x */
    return memmem(bytes, len < PROBE_MAX ? len : PROBE_MAX, mms, sizeof mms) != NULL;
}

/* Data of an association whose beginning was not seen: an MMS or ACSE PDU in a data value. */
static bool data_is_mms(const uint8_t *bytes, size_t len)
{
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_osi_spdu s;
    struct cd_osi_presentation p;
    return cd_osi_parse_session(&r, true, &s) && cd_osi_parse_presentation(&s.user_data, true, &p) && p.n_pdvs > 0 &&
           is_pdu_identifier(cd_ber_peek(&p.pdvs[0].data));
}

/* MMS on COTP alone: a PDU that fills the data unit. */
static bool is_bare_mms(const uint8_t *bytes, size_t len, bool known)
{
    if (!is_pdu_identifier(bytes[0]))
        return false;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_mms_pdu p;
    if (!cd_mms_parse(&r, false, &p) || cd_read_left(&r))
        return false;
    if (known || p.type == CD_MMS_CONFIRMED_REQUEST || p.type == CD_MMS_CONFIRMED_RESPONSE)
        return true;
    return (p.type == CD_MMS_INITIATE_REQUEST || p.type == CD_MMS_INITIATE_RESPONSE) && cd_ber_peek(&p.body) == 0x80;
}

bool cd_mms_begins(const uint8_t *bytes, size_t len, bool known)
{
    if (len < 2)
        return false;
    switch (bytes[0]) {
    case CD_OSI_CONNECT:
    case CD_OSI_ACCEPT: return names_mms(bytes, len);
    case CD_OSI_DATA:
        return len >= 4 && memcmp(bytes, "\x01\x00\x01\x00", 4) == 0 && (known || data_is_mms(bytes, len));
    case CD_OSI_FINISH:
    case CD_OSI_DISCONNECT:
    case CD_OSI_REFUSE:
    case CD_OSI_ABORT:
    case CD_OSI_ABORT_ACCEPT: return known;
    default: return is_bare_mms(bytes, len, known);
    }
}

/* ---- exchanges ---- */

/* What an exchange is, besides confirmed services, in the key of the open request. */
enum exchange { EXCHANGE_SERVICE, EXCHANGE_INITIATE, EXCHANGE_CONCLUDE, EXCHANGE_CANCEL, EXCHANGE_RELEASE };

/* Both ends may ask, and each numbers its own. */
static uint64_t exchange_id(const struct cd_message *m, enum exchange what, uint32_t invoke_id, bool answer)
{
    return (uint64_t)what << 33 | (uint64_t)(m->sent_by_client_end != answer) << 32 | invoke_id;
}

static struct cd_operation session_operation(const char *name, const char *target)
{
    return (struct cd_operation){.name = name, .code_text = name, .class = CD_CLASS_SESSION, .target = target};
}

static void report_asking(struct cd_message *m, enum exchange what, const char *name, uint32_t invoke_id,
                          const char *target)
{
    struct cd_operation op = session_operation(name, target);
    m->from_client = true;
    cd_report_request(m, &op, exchange_id(m, what, invoke_id, false));
}

static void report_answer(struct cd_message *m, enum exchange what, const char *name, uint32_t invoke_id,
                          const char *error)
{
    struct cd_operation op = session_operation(name, "");
    m->from_client = false;
    cd_report_response(m, &op, exchange_id(m, what, invoke_id, true), error);
}

/* ---- open files and uploads ---- */

static void remember_transfer(struct cd_mms_state *state, const char *name, uint32_t invoke_id)
{
    unsigned at = state->next_transfer++ % CD_MMS_TRANSFERS_MAX;
    size_t len = strlen(name);
    if (len > CD_MMS_TRANSFER_NAME_MAX)
        len = CD_MMS_TRANSFER_NAME_MAX;
    memcpy(state->transfers[at].name, name, len);
    state->transfers[at].name_len = (uint8_t)len;
    state->transfers[at].id = ~invoke_id; /* the server's number comes with the answer; its own are small */
}

/* The answer begins with the number: frsmID [0] or ulsmID [0] (ISO 9506-2 clauses 20.2, 11.5). */
static void number_transfer(struct cd_mms_state *state, const struct cd_mms_pdu *p)
{
    struct cd_reader r = p->body, value = cd_ber_expect(&r, 0x80, "transfer number");
    uint32_t id = (uint32_t)cd_ber_integer_value(&value, "transfer number");
    for (unsigned i = 0; cd_read_ok(&value) && i < CD_MMS_TRANSFERS_MAX; i++)
        if (state->transfers[i].name_len && state->transfers[i].id == ~p->invoke_id) {
            state->transfers[i].id = id;
            return;
        }
}

static void text_transfer(struct cd_text *t, const struct cd_mms_state *state, struct cd_reader body)
{
    uint32_t id = (uint32_t)cd_ber_integer_value(&body, "transfer number");
    for (unsigned i = 0; state && cd_read_ok(&body) && i < CD_MMS_TRANSFERS_MAX; i++)
        if (state->transfers[i].name_len && state->transfers[i].id == id) {
            cd_text_bytes(t, state->transfers[i].name, state->transfers[i].name_len);
            return;
        }
}

/* ---- MMS PDUs ---- */

static void notice_dialect(struct cd_message *m, const struct cd_mms_pdu *p)
{
    struct cd_mms_state *state = m->state;
    if (!state || state->dialect != CD_MMS_DIALECT_UNKNOWN)
        return;
    state->dialect = (uint8_t)cd_mms_dialect_of(p);
    if (state->dialect != CD_MMS_DIALECT_ICCP)
        return;
    m->dissector = &cd_dissector_iccp;
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "scada-server", CONFIDENCE_ROLE);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "scada-server", CONFIDENCE_ROLE);
}

static void report_request(struct cd_message *m, const struct cd_mms_pdu *p)
{
    struct cd_mms_state *state = m->state;
    const struct cd_mms_service *service = cd_mms_service(p->service);
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = service->name,
                              .code_space = "confirmed",
                              .code = p->service,
                              .class = service->class,
                              .target = target};
    uint64_t id = exchange_id(m, EXCHANGE_SERVICE, p->invoke_id, false);
    m->from_client = true;
    notice_dialect(m, p);
    if (service->shape == CD_MMS_SHAPE_NUMBER)
        text_transfer(&t, state, p->body);
    else
        cd_mms_describe(&t, p, state && state->dialect == CD_MMS_DIALECT_ICCP, &op.class);
    if (state && (p->service == CD_MMS_FILE_OPEN || p->service == CD_MMS_UPLOAD_START))
        remember_transfer(state, target, p->invoke_id);
    cd_report_request(m, &op, id);
    cd_report_remember(m, id, (uint64_t)(p->service + 1) << NOTE_BITS | cd_mms_note(p));
}

/* The first refused item of a read or write (AccessResult; ISO 9506-2 clauses 14.7, 14.8). */
static const char *item_error(const struct cd_mms_pdu *p)
{
    struct cd_reader r = p->body;
    struct cd_ber e;
    if (p->service == CD_MMS_READ) {
        while (cd_read_left(&r) && cd_ber_read(&r, "read response", &e))
            if (e.identifier == 0xa1) {
                r = e.value;
                break;
            }
    }
    while (cd_read_left(&r) && cd_ber_read(&r, "access result", &e))
        if (e.identifier == 0x80)
            return cd_mms_access_error_name(cd_read_u8(&e.value, "access error"));
    return NULL;
}

static void report_response(struct cd_message *m, const struct cd_mms_pdu *p)
{
    struct cd_mms_state *state = m->state;
    const struct cd_mms_service *service = cd_mms_service(p->service);
    struct cd_operation op = {
        .name = service->name, .code_space = "confirmed", .code = p->service, .class = service->class, .target = ""};
    uint64_t id = exchange_id(m, EXCHANGE_SERVICE, p->invoke_id, true), note = cd_report_recall(m, id);
    m->from_client = false;
    if (note >> NOTE_BITS != p->service + 1u) {
        id = note ? CD_REPORT_NO_REQUEST : id;
        note = 0;
    }
    cd_mms_report_facts(m, p, note & (((uint64_t)1 << NOTE_BITS) - 1));
    if (state && (p->service == CD_MMS_FILE_OPEN || p->service == CD_MMS_UPLOAD_START))
        number_transfer(state, p);
    bool items = p->service == CD_MMS_READ || p->service == CD_MMS_WRITE;
    cd_report_response(m, &op, id, items ? item_error(p) : NULL);
}

/* An error or a reject answers a request; where that was not seen, all that can be said is that it was refused. */
static void report_refusal(struct cd_message *m, const struct cd_mms_pdu *p)
{
    bool reject = p->type == CD_MMS_REJECT;
    struct cd_operation op = {.name = reject ? "reject" : "error", .class = CD_CLASS_OTHER, .target = ""};
    op.code_text = op.name;
    m->from_client = false;
    const char *error = reject ? cd_mms_reject_name(p->error_class) : cd_mms_error_name(p->error_class, p->error_code);
    if (reject && !p->has_invoke_id)
        cd_report_event(m, CD_EVENT_VIOLATION, error);
    cd_report_response(
        m, &op, p->has_invoke_id ? exchange_id(m, EXCHANGE_SERVICE, p->invoke_id, true) : CD_REPORT_NO_REQUEST, error);
}

static void report_unconfirmed(struct cd_message *m, const struct cd_mms_pdu *p)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = cd_mms_unconfirmed_name(p->service),
                              .code_space = "unconfirmed",
                              .code = p->service,
                              .class = p->service == 1 ? CD_CLASS_DIAGNOSE : CD_CLASS_ALARM,
                              .target = target};
    m->from_client = false;
    if (p->service == 0) {
        op.class = CD_CLASS_READ;
        notice_dialect(m, p);
        cd_mms_describe_report(&t, p->body);
    }
    cd_report_notice(m, &op);
}

static void report_pdu(struct cd_message *m, const struct cd_mms_pdu *p, const char *called)
{
    const char *error = cd_mms_error_name(p->error_class, p->error_code);
    switch (p->type) {
    case CD_MMS_CONFIRMED_REQUEST: report_request(m, p); break;
    case CD_MMS_CONFIRMED_RESPONSE: report_response(m, p); break;
    case CD_MMS_CONFIRMED_ERROR:
    case CD_MMS_REJECT: report_refusal(m, p); break;
    case CD_MMS_UNCONFIRMED: report_unconfirmed(m, p); break;
    case CD_MMS_CANCEL_REQUEST: report_asking(m, EXCHANGE_CANCEL, "cancel", p->invoke_id, ""); break;
    case CD_MMS_CANCEL_RESPONSE: report_answer(m, EXCHANGE_CANCEL, "cancel", p->invoke_id, NULL); break;
    case CD_MMS_CANCEL_ERROR: report_answer(m, EXCHANGE_CANCEL, "cancel", p->invoke_id, error); break;
    case CD_MMS_INITIATE_REQUEST: report_asking(m, EXCHANGE_INITIATE, "initiate", 0, called); break;
    case CD_MMS_INITIATE_RESPONSE: report_answer(m, EXCHANGE_INITIATE, "initiate", 0, NULL); break;
    case CD_MMS_INITIATE_ERROR: report_answer(m, EXCHANGE_INITIATE, "initiate", 0, error); break;
    case CD_MMS_CONCLUDE_REQUEST: report_asking(m, EXCHANGE_CONCLUDE, "conclude", 0, ""); break;
    case CD_MMS_CONCLUDE_RESPONSE: report_answer(m, EXCHANGE_CONCLUDE, "conclude", 0, NULL); break;
    case CD_MMS_CONCLUDE_ERROR: report_answer(m, EXCHANGE_CONCLUDE, "conclude", 0, error); break;
    }
}

/* called: the title of the application asked for, where the PDU came with one. */
static void dissect_pdu(struct cd_message *m, struct cd_reader r, const char *called)
{
    struct cd_mms_pdu p;
    if (cd_mms_parse(&r, m->cut, &p))
        report_pdu(m, &p, called);
    else
        cd_report_malformed(m, r.bad);
}

/* ---- the layers below ---- */

static void text_title(struct cd_text *t, const struct cd_acse_end *end)
{
    struct cd_reader title = end->title;
    struct cd_ber_oid oid;
    if (!title.len || !cd_ber_oid_value(&title, &oid))
        return;
    cd_text_str(t, "AP title ");
    cd_text_oid(t, &oid);
    if (end->qualifier >= 0) {
        cd_text_str(t, " AE ");
        cd_text_u64(t, (uint64_t)end->qualifier);
    }
}

static void dissect_acse(struct cd_message *m, struct cd_reader r)
{
    char called[TARGET_MAX];
    struct cd_text t = cd_text_of(called, sizeof called);
    struct cd_acse a;
    if (!cd_acse_parse(&r, m->cut, &a)) {
        cd_report_malformed(m, r.bad);
        return;
    }
    switch (a.type) {
    case CD_ACSE_ASSOCIATE_REQUEST:
        m->from_client = true;
        text_title(&t, &a.called);
        if (a.password)
            cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "ACSE password");
        break;
    case CD_ACSE_ASSOCIATE_RESPONSE:
        if (a.result > 0 && !cd_read_left(&a.information))
            report_answer(m, EXCHANGE_INITIATE, "initiate", 0, "association refused");
        break;
    case CD_ACSE_RELEASE_REQUEST: report_asking(m, EXCHANGE_RELEASE, "release", 0, ""); break;
    case CD_ACSE_RELEASE_RESPONSE: report_answer(m, EXCHANGE_RELEASE, "release", 0, NULL); break;
    case CD_ACSE_ABORT: break; /* the session's abort is counted */
    }
    if (cd_read_left(&a.information))
        dissect_pdu(m, a.information, called);
}

/* The syntax of a data value: by the contexts agreed on, or, where their agreement was not seen, by its first octet. */
static enum cd_osi_syntax syntax_of(const struct cd_mms_state *state, const struct cd_osi_pdv *v)
{
    for (unsigned i = 0; state && i < state->n_contexts; i++)
        if (state->contexts[i].id == v->context)
            return (enum cd_osi_syntax)state->contexts[i].syntax;
    int first = cd_ber_peek(&v->data);
    if (first >= CD_ACSE_ASSOCIATE_REQUEST && first <= CD_ACSE_ABORT)
        return CD_OSI_SYNTAX_ACSE;
    return is_pdu_identifier(first) ? CD_OSI_SYNTAX_MMS : CD_OSI_SYNTAX_OTHER;
}

static void dissect_presentation(struct cd_message *m, struct cd_reader *r)
{
    struct cd_mms_state *state = m->state;
    struct cd_osi_presentation p;
    if (!cd_osi_parse_presentation(r, m->cut, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (state && p.n_contexts) {
        memcpy(state->contexts, p.contexts, sizeof state->contexts);
        state->n_contexts = p.n_contexts;
    }
    for (unsigned i = 0; i < p.n_pdvs; i++) {
        enum cd_osi_syntax syntax = syntax_of(state, &p.pdvs[i]);
        if (syntax == CD_OSI_SYNTAX_ACSE)
            dissect_acse(m, p.pdvs[i].data);
        else if (syntax == CD_OSI_SYNTAX_MMS)
            dissect_pdu(m, p.pdvs[i].data, "");
    }
}

static void dissect_session(struct cd_message *m, struct cd_reader *r)
{
    struct cd_osi_spdu s;
    if (!cd_osi_parse_session(r, m->cut, &s)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation abort = session_operation("abort", "");
    if (s.type == CD_OSI_ABORT)
        cd_report_notice(m, &abort);
    else if (s.type == CD_OSI_REFUSE)
        report_answer(m, EXCHANGE_INITIATE, "initiate", 0, "session refused");
    else if (cd_read_left(&s.user_data))
        dissect_presentation(m, &s.user_data);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    const struct cd_mms_state *state = m->state;
    if (state && state->dialect == CD_MMS_DIALECT_ICCP)
        m->dissector = &cd_dissector_iccp;
    int first = cd_read_peek(r, 0);
    if (first >= 0 && is_pdu_identifier(first))
        dissect_pdu(m, cd_read_rest(r), "");
    else
        dissect_session(m, r);
}

const struct cd_dissector cd_dissector_mms = {
    .name = "mms",
    .dissect = dissect,
    .state_size = sizeof(struct cd_mms_state),
};
