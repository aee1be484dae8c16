/* What DCE/RPC messages tell: which procedures of which interfaces are called, and who signs in. */
#include "protocols/dcerpc.h"

#include "protocols/dcerpc_map.h"
#include "protocols/spnego.h"

#include <string.h>

enum {
    ACCEPTED = 0, /* results of a context (C706 12.6.3.1; [MS-RPCE] 2.2.2.4) */
    NEGOTIATE_ACK = 3,
    MESSAGE_MOST = 8192,
    AUTH_SPNEGO = 9, /* [MS-RPCE] 2.2.1.1.7 */
    AUTH_NTLM = 10,
    AUTH_KERBEROS = 16,
    FAULT_ACCESS_DENIED = 5,
    FAULT_SECURITY_PACKAGE = 0x721,
};
#define CALL_ID_SPACE (UINT64_C(1) << 63) /* pipes share the flow's open requests with SMB */

static bool is_from_client(uint8_t type)
{
    return type == CD_DCERPC_REQUEST || type == CD_DCERPC_BIND || type == CD_DCERPC_ALTER || type == CD_DCERPC_AUTH3 ||
           type == CD_DCERPC_CO_CANCEL || type == CD_DCERPC_ORPHANED;
}

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {"request",
                                        "ping",
                                        "response",
                                        "fault",
                                        "working",
                                        "no call",
                                        "reject",
                                        "acknowledge",
                                        "cancel",
                                        "fragment acknowledge",
                                        "cancel acknowledge",
                                        "bind",
                                        "bind",
                                        "bind",
                                        "alter context",
                                        "alter context",
                                        "auth3",
                                        "shutdown",
                                        "cancel",
                                        "orphaned"};
    return type < sizeof names / sizeof *names ? names[type] : "unknown type";
}

static const char *fault_name(uint32_t status)
{
    switch (status) { /* C706 appendix E, [MS-RPCE], [MS-ERREF] */
    case 0x00000005: return "access denied";
    case 0x00000006: return "invalid handle";
    case 0x00000057: return "invalid parameter";
    case 0x000006d1: return "procedure number out of range";
    case 0x000006e4: return "cannot support";
    case 0x000006f7: return "bad stub data";
    case 0x00000721: return "security package error";
    case 0x1c000001: return "integer division by zero";
    case 0x1c000002: return "address error";
    case 0x1c000006: return "invalid tag";
    case 0x1c000009: return "remote no memory";
    case 0x1c00000d: return "cancelled";
    case 0x1c000012: return "unspecified";
    case 0x1c00001a: return "context mismatch";
    case 0x1c010002: return "operation out of range";
    case 0x1c010003: return "unknown interface";
    case 0x1c010006: return "protocol error";
    case 0x1c010009: return "unsupported type";
    case 0x1c01000b: return "protocol error";
    case 0x1c010013: return "out of arguments space";
    case 0x1c010014: return "server too busy";
    case 0x80004005: return "unspecified failure";
    case 0x80010108: return "object disconnected";
    case 0x80010111: return "invalid header";
    case 0x80070005: return "access denied";
    default: return "fault";
    }
}

static const char *nak_name(uint32_t reason)
{
    switch (reason) { /* C706 12.6.3.1, [MS-RPCE] 2.2.2.5 */
    case 1: return "bind refused: temporary congestion";
    case 2: return "bind refused: local limit exceeded";
    case 4: return "bind refused: protocol version not supported";
    case 8: return "bind refused: authentication type not recognized";
    case 9: return "bind refused: invalid checksum";
    default: return "bind refused";
    }
}

/* ---- contexts ---- */

static struct cd_dcerpc_context *find_context(struct cd_dcerpc_state *s, uint16_t id)
{
    if (id < CD_DCERPC_CONTEXTS && s->contexts[id].used && s->contexts[id].id == id)
        return &s->contexts[id]; /* where most are */
    for (unsigned i = 0; i < CD_DCERPC_CONTEXTS; i++)
        if (s->contexts[i].used && s->contexts[i].id == id)
            return &s->contexts[i];
    return NULL;
}

static void keep_context(struct cd_dcerpc_state *s, uint16_t id, const struct cd_uuid *uuid)
{
    struct cd_dcerpc_context *c = find_context(s, id);
    if (!c && id < CD_DCERPC_CONTEXTS && !s->contexts[id].used)
        c = &s->contexts[id];
    if (!c) {
        c = &s->contexts[s->next_context];
        s->next_context = (uint8_t)((s->next_context + 1) % CD_DCERPC_CONTEXTS);
    }
    *c = (struct cd_dcerpc_context){.interface = cd_dcerpc_interface_find(uuid), .uuid = *uuid, .id = id, .used = true};
}

static void text_interface(struct cd_text *t, const struct cd_dcerpc_interface *interface, const struct cd_uuid *uuid)
{
    if (interface)
        cd_text_str(t, interface->name);
    else
        cd_text_uuid(t, uuid);
}

/* ---- sign-in ---- */

static void report_verifier(struct cd_message *m, struct cd_dcerpc_state *s, const struct cd_dcerpc_message *p)
{
    char user[sizeof s->user];
    struct cd_text t = cd_text_of(user, sizeof user);
    if (p->verifier.len == 0 ||
        (p->auth_type != AUTH_SPNEGO && p->auth_type != AUTH_NTLM && p->auth_type != AUTH_KERBEROS))
        return;
    cd_spnego_report(m, p->verifier.base, p->verifier.len, &t);
    if (m->from_client && t.len)
        memcpy(s->user, user, sizeof user);
}

static void report_refused_sign_in(struct cd_message *m, struct cd_dcerpc_state *s, const char *error)
{
    char detail[sizeof s->user + 64];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    if (*s->user == '\0')
        return;
    cd_text_str(&t, s->user);
    cd_text_str(&t, ": ");
    cd_text_str(&t, error);
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

/* ---- binding ---- */

static uint64_t call_id(const struct cd_dcerpc_state *s, uint32_t call, bool binding)
{
    return CALL_ID_SPACE | (uint64_t)binding << 40 | (uint64_t)(s->channel & 0xff) << 32 | call;
}

/* The interfaces offered, each once. */
static void text_offer(struct cd_text *t, const struct cd_dcerpc_message *p)
{
    enum { TOLD_MOST = 4 };
    unsigned told = 0;
    for (unsigned i = 0; i < p->n_presentations; i++) {
        bool before = false;
        for (unsigned k = 0; k < i && !before; k++)
            before = memcmp(&p->presentations[k].uuid, &p->presentations[i].uuid, sizeof(struct cd_uuid)) == 0;
        if (before)
            continue;
        if (told == TOLD_MOST) {
            cd_text_str(t, ", \xe2\x80\xa6");
            return;
        }
        if (told++)
            cd_text_str(t, ", ");
        text_interface(t, cd_dcerpc_interface_find(&p->presentations[i].uuid), &p->presentations[i].uuid);
    }
}

static void report_offer(struct cd_message *m, struct cd_dcerpc_state *s, const struct cd_dcerpc_message *p,
                         struct cd_operation *op)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    text_offer(&t, p);
    op->target = target;
    s->n_offered = p->n_presentations;
    for (unsigned i = 0; i < p->n_presentations; i++) {
        s->offered[i] = p->presentations[i].id;
        keep_context(s, p->presentations[i].id, &p->presentations[i].uuid);
    }
    cd_report_request(m, op, call_id(s, p->call, true));
    op->target = "";
}

/* What the server accepted tells what it offers. */
static void report_offered_service(struct cd_message *m, struct cd_dcerpc_state *s, unsigned place)
{
    struct cd_subject server = cd_subject_server(m);
    const struct cd_dcerpc_context *c = place < s->n_offered ? find_context(s, s->offered[place]) : NULL;
    if (!c || !c->interface)
        return;
    if (c->interface->service)
        cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, c->interface->service, 85);
    if (strcmp(c->interface->name, "drsuapi") == 0) /* directory replication: nobody else has it */
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "domain-controller", 85);
}

static void report_results(struct cd_message *m, struct cd_dcerpc_state *s, const struct cd_dcerpc_message *p,
                           const struct cd_operation *op)
{
    bool accepted = p->n_presentations == 0; /* an alter context may only go on with the sign-in */
    for (unsigned i = 0; i < p->n_presentations; i++) {
        accepted |= p->presentations[i].result == ACCEPTED;
        if (p->presentations[i].result == ACCEPTED)
            report_offered_service(m, s, i);
    }
    cd_report_response(m, op, call_id(s, p->call, true), accepted ? NULL : "interface not accepted");
}

/* ---- calls ---- */

static void operation_of(const struct cd_dcerpc_context *c, uint16_t number, struct cd_operation *op,
                         struct cd_text *target)
{
    const struct cd_dcerpc_interface *interface = c ? c->interface : NULL;
    op->code = number;
    op->code_space = interface ? interface->name : "unknown";
    op->name = "call";
    op->class = CD_CLASS_OTHER;
    if (interface && number < interface->n_operations && interface->operations[number].name) {
        op->name = interface->operations[number].name;
        op->class = interface->operations[number].class;
    } else if (c && !interface)
        cd_text_uuid(target, &c->uuid);
}

static void report_call(struct cd_message *m, struct cd_dcerpc_state *s, const struct cd_dcerpc_message *p)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.target = target};
    const struct cd_dcerpc_context *c = find_context(s, p->context);
    if (!(p->flags & CD_DCERPC_FIRST)) /* the rest of a call's parameters */
        return;
    operation_of(c, p->operation, &op, &t);
    bool maps = c && c->interface && cd_dcerpc_is_map(c->interface, p->operation) && p->auth_length == 0;
    if (maps)
        cd_dcerpc_text_asked(&t, p->stub);
    cd_report_request(m, &op, call_id(s, p->call, false));
    cd_report_remember(m, call_id(s, p->call, false), (uint64_t)maps << 32 | (uint64_t)p->context << 16 | p->operation);
}

static void report_answer(struct cd_message *m, struct cd_dcerpc_state *s, const struct cd_dcerpc_message *p)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.target = target};
    uint64_t id = call_id(s, p->call, false), note = cd_report_recall(m, id);
    const char *error = p->type == CD_DCERPC_FAULT ? fault_name(p->status) : NULL;
    if (!(p->flags & CD_DCERPC_FIRST))
        return;
    operation_of(find_context(s, p->context), (uint16_t)note, &op, &t);
    if (note == 0) { /* most likely not seen: which operation it was is not told */
        op.code_space = "dcerpc";
        op.code = p->type;
        op.name = type_name(p->type);
        op.class = CD_CLASS_OTHER;
        *target = '\0';
    }
    cd_report_response(m, &op, id, error);
    if (note >> 32 && !error && p->auth_length == 0)
        cd_dcerpc_report_endpoints(m, p->stub);
    if (error && (p->status == FAULT_ACCESS_DENIED || p->status == FAULT_SECURITY_PACKAGE))
        report_refused_sign_in(m, s, error);
    else if (!error)
        *s->user = '\0'; /* let in: what is denied from now on is not the sign-in */
}

static void report(struct cd_message *m, struct cd_dcerpc_state *s, const struct cd_dcerpc_message *p)
{
    struct cd_operation op = {
        .name = type_name(p->type), .code_space = "dcerpc", .code = p->type, .class = CD_CLASS_SESSION, .target = ""};
    switch (p->type) {
    case CD_DCERPC_REQUEST: report_call(m, s, p); break;
    case CD_DCERPC_RESPONSE:
    case CD_DCERPC_FAULT: report_answer(m, s, p); break;
    case CD_DCERPC_BIND:
    case CD_DCERPC_ALTER:
        report_offer(m, s, p, &op);
        report_verifier(m, s, p);
        break;
    case CD_DCERPC_BIND_ACK:
    case CD_DCERPC_ALTER_RESPONSE:
        op.code = (uint32_t)p->type - 1; /* counted where the request is */
        report_results(m, s, p, &op);
        report_verifier(m, s, p);
        break;
    case CD_DCERPC_BIND_NAK:
        op.code = CD_DCERPC_BIND;
        cd_report_response(m, &op, call_id(s, p->call, true), nak_name(p->status));
        break;
    default:
        cd_report_notice(m, &op);
        if (p->type == CD_DCERPC_AUTH3)
            report_verifier(m, s, p);
    }
}

static void dissect_message(struct cd_message *m, struct cd_dcerpc_state *s, struct cd_reader *r)
{
    struct cd_dcerpc_message p;
    if (!cd_dcerpc_parse(r, m->cut, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = is_from_client(p.type);
    report(m, s, &p);
}

/* ---- connectionless ---- */

static void dissect_datagram(struct cd_message *m, struct cd_reader *r)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.target = target};
    struct cd_dcerpc_datagram d;
    if (!cd_dcerpc_parse_datagram(r, m->cut, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_dcerpc_context c = {.interface = cd_dcerpc_interface_find(&d.interface), .uuid = d.interface};
    bool answer = d.type == CD_DCERPC_RESPONSE || d.type == CD_DCERPC_FAULT || d.type == CD_DCERPC_REJECT;
    if (d.type == CD_DCERPC_REQUEST || answer)
        operation_of(&c, d.operation, &op, &t);
    else
        op = (struct cd_operation){.name = type_name(d.type),
                                   .code_space = "datagram",
                                   .code = d.type,
                                   .class = CD_CLASS_SESSION,
                                   .target = ""};
    if (answer || d.type == CD_DCERPC_REQUEST)
        m->from_client = !answer;
    if (d.fragment != 0)
        return;
    if (answer)
        cd_report_response(m, &op, CALL_ID_SPACE | d.sequence, d.type == CD_DCERPC_RESPONSE ? NULL : "fault or reject");
    else if (d.type == CD_DCERPC_REQUEST)
        cd_report_request(m, &op, CALL_ID_SPACE | d.sequence);
    else
        cd_report_notice(m, &op);
}

/* ---- recognising, framing ---- */

static int probe(const uint8_t *b, size_t len, enum cd_transport transport, bool from_client)
{
    enum { DATAGRAM_HEADER = 80, DATAGRAM_TYPE_MOST = 10 };
    (void)from_client;
    if (transport == CD_TRANSPORT_UDP) /* on ports of its own: PROFINET and others know theirs better */
        return len >= DATAGRAM_HEADER && b[0] == 4 && b[1] <= DATAGRAM_TYPE_MOST && (b[4] & ~0x10) == 0 && b[5] == 0
                   ? CD_PROBE_MAYBE
                   : CD_PROBE_NO;
    if (transport != CD_TRANSPORT_TCP || len < CD_DCERPC_HEADER)
        return CD_PROBE_NO;
    ssize_t length = cd_dcerpc_length(b, len);
    bool little = b[4] == 0x10;
    if (length < CD_DCERPC_HEADER + 4 || b[5] || b[6] || b[7])
        return CD_PROBE_NO;
    if (!little || !(b[3] & CD_DCERPC_FIRST)) /* a SOCKS answer may look like a big-endian one */
        return CD_PROBE_MAYBE;
    return b[2] == CD_DCERPC_BIND || b[2] == CD_DCERPC_BIND_ACK ? CD_PROBE_SURE : CD_PROBE_LIKELY;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    return cd_dcerpc_length(bytes, len);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    if (m->transport == CD_TRANSPORT_UDP)
        dissect_datagram(m, r);
    else
        dissect_message(m, m->state, r);
}

/* ---- on pipes ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void cd_dcerpc_carry(struct cd_message *m, struct cd_dcerpc_state *s, struct cd_reader bytes, uint32_t whole)
{
    enum { MESSAGES_MOST = 64 };
    const struct cd_dissector *carrier = m->dissector;
    bool cut = m->cut, from_client = m->from_client;
    uint32_t *skip = &s->skip[!m->sent_by_client_end];
    uint32_t unseen = whole > bytes.len ? (uint32_t)(whole - bytes.len) : 0;
    m->dissector = &cd_dissector_dcerpc;
    for (unsigned i = 0; i < MESSAGES_MOST && cd_read_left(&bytes); i++) {
        if (*skip) {
            size_t n = smaller(*skip, cd_read_left(&bytes));
            cd_read_skip(&bytes, n, "rest of a message");
            *skip -= (uint32_t)n;
            continue;
        }
        size_t left = cd_read_left(&bytes);
        ssize_t length = cd_dcerpc_length(bytes.base + bytes.pos, left);
        if (length <= 0) /* no DCE/RPC, or less than a header: what follows can't be told */
            break;
        struct cd_reader message = cd_read_sub(&bytes, smaller((size_t)length, left), "message");
        *skip = (uint32_t)((size_t)length - message.len);
        m->cut = cut || *skip;
        dissect_message(m, s, &message);
    }
    *skip -= *skip < unseen ? *skip : unseen;
    m->dissector = carrier;
    m->cut = cut;
    m->from_client = from_client;
}

const struct cd_dissector cd_dissector_dcerpc = {
    .name = "dcerpc",
    .tcp_ports = {135, 593},
    .udp_ports = {135},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = MESSAGE_MOST,
    .state_size = sizeof(struct cd_dcerpc_state),
};
