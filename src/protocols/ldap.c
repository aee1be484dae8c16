#include "protocols/ldap.h"

#include "protocols/ntlm.h"
#include "protocols/tls_carried.h"

#include <string.h>
#include <strings.h>

enum {
    MESSAGE_MAX = 64 << 20,   /* longer ones are no LDAP */
    BUFFERED_MAX = 512 << 10, /* signed answers of domain controllers come in pieces of 256 KiB */
    DATAGRAM_MESSAGES_MAX = 64,
    WRAP_HEADER = 4,
    KERBEROS_WRAP_HEADER = 16, /* RFC 4121 4.2.6.2 */
    NTLM_SIGNATURE = 16,       /* [MS-NLMP] 2.2.2.9 */
    SEALED = 2,
    USER_MAX = 80,
    ATTRIBUTES_SHOWN = 4,
    NO_ID = -1,
};

struct state {
    struct cd_tls_carried tls;
    bool sasl;           /* a bind by SASL was seen: wrapped messages may follow */
    int32_t start_tls;   /* id of the request + 1; 0: none is open */
    char user[USER_MAX]; /* of the last bind */
};

/* ---- recognising and framing ---- */

static bool is_operation(uint8_t identifier)
{
    switch (identifier) { /* as DER writes each: unbind, delete and abandon are primitive */
    case 0x42:
    case 0x4a:
    case 0x50: return true;
    default:
        return (identifier >= 0x60 && identifier <= 0x6f && identifier != 0x62 && identifier != 0x6a) ||
               identifier == 0x73 || (identifier >= 0x77 && identifier <= 0x79);
    }
}

/* The outer length must be that of id, operation and controls. */
static int probe_message(const uint8_t *bytes, size_t len)
{
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_ber message, id, operation, controls;
    if (bytes[0] != CD_BER_SEQUENCE || !cd_ber_read_part(&r, true, "message", &message) ||
        !cd_ber_read(&message.value, "id", &id) || id.identifier != CD_BER_INTEGER || id.value.len > 4 ||
        !is_operation((uint8_t)cd_ber_peek(&message.value)))
        return CD_PROBE_NO;
    if (!cd_ber_read(&message.value, "operation", &operation))
        return CD_PROBE_LIKELY; /* its end is in a later segment */
    if (cd_read_left(&message.value) == 0)
        return CD_PROBE_SURE;
    return cd_ber_read_part(&message.value, true, "controls", &controls) && controls.identifier == 0xa0
               ? CD_PROBE_LIKELY
               : CD_PROBE_NO;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    return transport != CD_TRANSPORT_ETH && len >= 7 ? probe_message(bytes, len) : CD_PROBE_NO;
}

/* Length of the SEQUENCE that begins here. */
static ssize_t frame_message(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return CD_FRAME_MORE;
    if (!(bytes[1] & 0x80))
        return 2 + bytes[1];
    unsigned octets = bytes[1] & 0x7f;
    size_t length = 0;
    if (octets == 0 || octets > 4)
        return CD_FRAME_NOT_OURS;
    if (len < 2 + octets)
        return CD_FRAME_MORE;
    for (unsigned i = 0; i < octets; i++)
        length = length << 8 | bytes[2 + i];
    return length <= MESSAGE_MAX ? (ssize_t)(2 + octets + length) : CD_FRAME_NOT_OURS;
}

static ssize_t frame_wrapped(bool sasl, const uint8_t *bytes, size_t len)
{
    if (len < WRAP_HEADER + 2)
        return CD_FRAME_MORE;
    const uint8_t *token = bytes + WRAP_HEADER;
    bool known = token[0] == 0x60 || (token[0] == 5 && token[1] == 4) || (token[0] == 1 && token[1] == 0);
    size_t length = (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    return (known || sasl) && length >= KERBEROS_WRAP_HEADER ? (ssize_t)(WRAP_HEADER + length) : CD_FRAME_NOT_OURS;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    if (s->tls.begun || cd_tls_carried_begins(bytes, len))
        return cd_tls_carried_frame(&s->tls, bytes, len, from_client);
    if (bytes[0] == 0)
        return frame_wrapped(s->sasl, bytes, len);
    return bytes[0] == CD_BER_SEQUENCE ? frame_message(bytes, len) : CD_FRAME_NOT_OURS;
}

/* ---- operations ---- */

static const struct operation_kind {
    const char *name;
    enum cd_class class;
} kinds[] = {
    [CD_LDAP_BIND] = {"bind", CD_CLASS_SESSION},
    [CD_LDAP_UNBIND] = {"unbind", CD_CLASS_SESSION},
    [CD_LDAP_SEARCH] = {"search", CD_CLASS_READ},
    [CD_LDAP_MODIFY] = {"modify", CD_CLASS_CONFIGURE},
    [CD_LDAP_ADD] = {"add", CD_CLASS_CONFIGURE},
    [CD_LDAP_DELETE] = {"delete", CD_CLASS_CONFIGURE},
    [CD_LDAP_MODIFY_DN] = {"modify DN", CD_CLASS_CONFIGURE},
    [CD_LDAP_COMPARE] = {"compare", CD_CLASS_READ},
    [CD_LDAP_ABANDON] = {"abandon", CD_CLASS_OTHER},
    [CD_LDAP_EXTENDED] = {"extended operation", CD_CLASS_OTHER},
};

/* The request an operation belongs to, itself for a request; NO_ID for what the standard does not have. */
static int request_of(uint8_t operation)
{
    switch (operation) {
    case CD_LDAP_BIND_RESPONSE: return CD_LDAP_BIND;
    case CD_LDAP_SEARCH_ENTRY:
    case CD_LDAP_SEARCH_DONE:
    case CD_LDAP_SEARCH_REFERENCE: return CD_LDAP_SEARCH;
    case CD_LDAP_MODIFY_RESPONSE:
    case CD_LDAP_ADD_RESPONSE:
    case CD_LDAP_DELETE_RESPONSE:
    case CD_LDAP_MODIFY_DN_RESPONSE:
    case CD_LDAP_COMPARE_RESPONSE: return operation - 1;
    case CD_LDAP_EXTENDED_RESPONSE:
    case CD_LDAP_INTERMEDIATE: return CD_LDAP_EXTENDED;
    default: return operation < sizeof kinds / sizeof *kinds && kinds[operation].name ? operation : NO_ID;
    }
}

static void text_dn(struct cd_text *t, const struct cd_reader *dn, const char *if_empty)
{
    if (dn->len)
        cd_text_device(t, dn->base, dn->len);
    else
        cd_text_str(t, if_empty);
}

/* ---- bind ---- */

/* PLAIN (RFC 4616): authorization NUL user NUL password. */
static struct cd_reader plain_user(const struct cd_reader *credentials)
{
    struct cd_reader r = cd_reader_of(credentials->base, credentials->len);
    const uint8_t *first = r.len ? memchr(r.base, 0, r.len) : NULL;
    if (!first)
        return cd_reader_of("", 0);
    cd_read_skip(&r, (size_t)(first + 1 - r.base), "user");
    r = cd_read_rest(&r);
    const uint8_t *second = r.len ? memchr(r.base, 0, r.len) : NULL;
    return cd_reader_of(r.base, second ? (size_t)(second - r.base) : 0);
}

static bool mechanism_is(const struct cd_ldap_bind *b, const char *name)
{
    size_t len = strlen(name);
    return b->authentication == CD_LDAP_SASL && b->mechanism.len == len && memcmp(b->mechanism.base, name, len) == 0;
}

static void report_user(struct cd_message *m, const struct cd_reader *name, bool in_clear)
{
    struct state *s = m->state;
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(s->user, sizeof s->user), d = cd_text_of(detail, sizeof detail);
    struct cd_subject client = cd_subject_client(m);
    cd_text_device(&t, name->base, name->len);
    if (name->len)
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, name->base, name->len, 75);
    if (!in_clear)
        return;
    cd_text_str(&d, "LDAP password of ");
    text_dn(&d, name, "no name");
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

static void take_bind(struct cd_message *m, const struct cd_ldap_message *l, struct cd_operation op)
{
    struct state *s = m->state;
    char target[48];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader body = l->body;
    struct cd_ldap_bind b;
    if (!cd_ldap_parse_bind(&body, &b)) {
        cd_report_malformed(m, body.bad);
        return;
    }
    bool simple = b.authentication == CD_LDAP_SIMPLE;
    if (simple)
        cd_text_str(&t, b.name.len ? "simple" : "anonymous");
    else
        cd_text_str(&t, b.authentication == CD_LDAP_SASL ? "SASL " : "Sicily");
    if (b.authentication == CD_LDAP_SASL)
        cd_text_device(&t, b.mechanism.base, b.mechanism.len < 24 ? b.mechanism.len : 24);
    op.target = target;
    cd_report_request(m, &op, l->id);
    if (simple && b.name.len) {
        report_user(m, &b.name, b.credentials.len != 0);
    } else if (mechanism_is(&b, "PLAIN")) {
        struct cd_reader user = plain_user(&b.credentials);
        report_user(m, &user, true);
    }
    s->sasl = s->sasl || !simple;
    if (!simple && b.credentials.len)
        cd_ntlm_report(m, b.credentials.base, b.credentials.len, NULL);
}

static void take_bind_response(struct cd_message *m, const struct cd_ldap_result *result)
{
    const struct state *s = m->state;
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    if (result->credentials.len)
        cd_ntlm_report(m, result->credentials.base, result->credentials.len, NULL);
    if (result->code != CD_LDAP_INVALID_CREDENTIALS)
        return;
    cd_text_str(&t, "LDAP bind refused");
    cd_text_str(&t, *s->user ? ": " : "");
    cd_text_str(&t, s->user);
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

/* ---- the other requests ---- */

static void take_search(struct cd_message *m, const struct cd_ldap_message *l, struct cd_operation op)
{
    static const char *const scopes[] = {"", " (one level)", " (subtree)", " (subordinates)"};
    char target[160];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader body = l->body;
    struct cd_ldap_search search;
    if (!cd_ldap_parse_search(&body, &search)) {
        cd_report_malformed(m, body.bad);
        return;
    }
    text_dn(&t, &search.base, search.scope == 0 ? "root DSE" : "root");
    cd_text_str(&t, search.scope < sizeof scopes / sizeof *scopes ? scopes[search.scope] : "");
    op.target = target;
    cd_report_request(m, &op, l->id);
    if (search.base.len == 0 && search.scope == 0)
        cd_ldap_report_ping(m, &search.filter);
}

static bool is_password(const struct cd_reader *name)
{
    return (name->len == 12 && strncasecmp((const char *)name->base, "userPassword", 12) == 0) ||
           (name->len == 10 && strncasecmp((const char *)name->base, "unicodePwd", 10) == 0);
}

/* The attributes that a modify changes: SEQUENCE OF SEQUENCE { operation, attribute } (RFC 4511 4.6). */
static void text_changes(struct cd_message *m, struct cd_text *t, struct cd_reader *body)
{
    struct cd_reader changes = cd_ber_expect(body, CD_BER_SEQUENCE, "changes"), name, values;
    struct cd_ber operation;
    for (int i = 0; i < ATTRIBUTES_SHOWN && cd_read_left(&changes); i++) {
        struct cd_reader change = cd_ber_expect(&changes, CD_BER_SEQUENCE, "change");
        if (!cd_ber_read(&change, "change", &operation) || !cd_ldap_next_attribute(&change, &name, &values))
            return;
        cd_text_str(t, i ? ", " : ": ");
        cd_text_device(t, name.base, name.len < 32 ? name.len : 32);
        if (is_password(&name))
            cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "LDAP change of a password");
    }
}

/* Those that begin with the name of the entry they are about; for delete it is all there is. */
static void take_entry_request(struct cd_message *m, const struct cd_ldap_message *l, struct cd_operation op)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader body = l->body, entry = body;
    if (l->operation != CD_LDAP_DELETE)
        entry = cd_ber_expect(&body, CD_BER_OCTET_STRING, "entry");
    if (!cd_read_ok(&body)) {
        cd_report_malformed(m, body.bad);
        return;
    }
    text_dn(&t, &entry, "root");
    if (l->operation == CD_LDAP_MODIFY)
        text_changes(m, &t, &body);
    op.target = target;
    cd_report_request(m, &op, l->id);
}

static void take_extended(struct cd_message *m, const struct cd_ldap_message *l, struct cd_operation op)
{
    struct state *s = m->state;
    char target[64];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader body = l->body, oid = cd_ber_expect(&body, 0x80, "operation name");
    if (!cd_read_ok(&body)) {
        cd_report_malformed(m, body.bad);
        return;
    }
    const char *name = cd_ldap_extended_name(&oid);
    if (name)
        cd_text_str(&t, name);
    else
        cd_text_device(&t, oid.base, oid.len);
    op.target = target;
    if (name && strcmp(name, "StartTLS") == 0)
        s->start_tls = (int32_t)(l->id < INT32_MAX ? l->id + 1 : 0);
    if (name && strcmp(name, "modify password") == 0) { /* RFC 3062: the new one is in the request */
        op.class = CD_CLASS_CONFIGURE;
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "LDAP change of a password");
    }
    cd_report_request(m, &op, l->id);
}

static void take_request(struct cd_message *m, const struct cd_ldap_message *l, struct cd_operation op)
{
    switch (l->operation) {
    case CD_LDAP_BIND: take_bind(m, l, op); break;
    case CD_LDAP_SEARCH: take_search(m, l, op); break;
    case CD_LDAP_EXTENDED: take_extended(m, l, op); break;
    case CD_LDAP_UNBIND:
    case CD_LDAP_ABANDON: cd_report_notice(m, &op); break;
    default: take_entry_request(m, l, op);
    }
}

/* ---- responses ---- */

static bool is_refusal(int32_t code)
{
    return code != CD_LDAP_SUCCESS && code != CD_LDAP_COMPARE_FALSE && code != CD_LDAP_COMPARE_TRUE &&
           code != CD_LDAP_REFERRAL && code != CD_LDAP_SASL_BIND_IN_PROGRESS;
}

static void take_response(struct cd_message *m, const struct cd_ldap_message *l, struct cd_operation op)
{
    struct state *s = m->state;
    struct cd_reader body = l->body;
    struct cd_ldap_result result;
    if (l->operation == CD_LDAP_SEARCH_ENTRY || l->operation == CD_LDAP_SEARCH_REFERENCE ||
        l->operation == CD_LDAP_INTERMEDIATE) {
        cd_report_response_part(m, &op, l->id);
        if (l->operation == CD_LDAP_SEARCH_ENTRY)
            cd_ldap_report_entry(m, &body);
        return;
    }
    if (!cd_ldap_parse_result(&body, &result)) {
        cd_report_malformed(m, body.bad);
        return;
    }
    cd_report_response(m, &op, l->id, is_refusal(result.code) ? cd_ldap_result_name(result.code) : NULL);
    if (l->operation == CD_LDAP_BIND_RESPONSE)
        take_bind_response(m, &result);
    if (l->operation == CD_LDAP_EXTENDED_RESPONSE && s->start_tls && (uint32_t)s->start_tls == l->id + 1) {
        s->tls.begun = result.code == CD_LDAP_SUCCESS;
        s->start_tls = 0;
    }
}

/* ---- messages ---- */

static void take_message(struct cd_message *m, const struct cd_ldap_message *l)
{
    int request = request_of(l->operation);
    struct cd_operation op = {.target = ""};
    if (request == NO_ID) {
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown LDAP operation");
        return;
    }
    op.code = (uint32_t)request;
    op.name = kinds[request].name;
    op.class = kinds[request].class;
    m->from_client = request == l->operation;
    if (m->from_client)
        take_request(m, l, op);
    else
        take_response(m, l, op);
}

static void take_messages(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ldap_message message;
    for (int i = 0; i < DATAGRAM_MESSAGES_MAX && (i == 0 || cd_read_left(r)); i++) {
        if (!cd_ldap_parse(r, m->cut, &message)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        take_message(m, &message);
    }
}

/* What is behind the wrapping, where it is signed only; a reader of no bytes where it is encrypted. */
static struct cd_reader unwrap(struct cd_reader *r)
{
    cd_read_skip(r, WRAP_HEADER, "length");
    int first = cd_read_peek(r, 0), flags = cd_read_peek(r, 2);
    size_t header = NTLM_SIGNATURE;
    if (first == 5) { /* RFC 4121 4.2.6.2: the checksum may have been turned to the front (RRC) */
        int checksum = cd_read_peek(r, 5), turned = cd_read_peek(r, 7);
        if (flags & SEALED)
            return cd_reader_of(r->base, 0);
        header = KERBEROS_WRAP_HEADER + (size_t)(turned > 0 && turned == checksum ? checksum : 0);
    } else if (first != 1) {
        return cd_reader_of(r->base, 0);
    }
    cd_read_skip(r, header, "signature");
    return cd_read_peek(r, 0) == CD_BER_SEQUENCE ? cd_read_rest(r) : cd_reader_of(r->base, 0);
}

static void take_wrapped(struct cd_message *m, struct cd_reader *r)
{
    static const struct cd_operation sealed = {
        .name = "encrypted message", .code_text = "sasl", .class = CD_CLASS_OTHER, .target = ""};
    struct cd_reader plain = unwrap(r);
    if (plain.len && probe_message(plain.base, plain.len) >= CD_PROBE_LIKELY)
        take_messages(m, &plain);
    else
        cd_report_notice(m, &sealed);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    if (m->transport != CD_TRANSPORT_TCP) {
        take_messages(m, r);
        return;
    }
    s->tls.begun = s->tls.begun || cd_tls_carried_begins(r->base, r->len);
    if (s->tls.begun)
        cd_tls_carried_dissect(m, r, &s->tls);
    else if (cd_read_peek(r, 0) == 0)
        take_wrapped(m, r);
    else
        take_messages(m, r);
}

static void end_of_flow(void *state)
{
    struct state *s = state;
    cd_tls_carried_end(&s->tls);
}

const struct cd_dissector cd_dissector_ldap = {
    .name = "ldap",
    .tcp_ports = {389, 3268},
    .udp_ports = {389},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = BUFFERED_MAX,
    .state_size = sizeof(struct state),
    .end = end_of_flow,
};
