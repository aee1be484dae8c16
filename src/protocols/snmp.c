/* SNMP: how managed devices are read and set, and what they answer about themselves (snmp_facts.c).
 *
 *   v1, v2c   SEQUENCE { version, community, PDU }
 *   v3        SEQUENCE { version, header, security parameters, SEQUENCE { context engine, context name, PDU } or encrypted octets }
 *   PDU       [0..8] { request id, error status, error index, SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, value } } */
#include "protocols/snmp.h"

#include "protocols/identity.h"

enum { PDU_FIRST = 0xa0, SET_TARGETS_MAX = 3, IP_ADDRESS = 0x40, SECURITY_USER_BASED = 3 };

static struct cd_snmp_text text_of(struct cd_reader *r, const char *field)
{
    struct cd_snmp_text t = {.len = cd_read_left(r)};
    t.at = cd_read_at(r, t.len, field);
    return t;
}

bool cd_snmp_binding_parse(struct cd_reader *bindings, struct cd_snmp_binding *ret)
{
    if (cd_read_left(bindings) == 0)
        return false;
    struct cd_reader binding = cd_ber_expect(bindings, CD_BER_SEQUENCE, "variable binding");
    struct cd_reader oid = cd_ber_expect(&binding, CD_BER_OID, "object identifier");
    if (cd_read_ok(&binding) && !cd_ber_oid_value(&oid, &ret->oid))
        cd_read_fail(&binding, "object identifier");
    if (!cd_ber_read(&binding, "value", &ret->value)) {
        cd_read_fail(bindings, binding.bad);
        return false;
    }
    return true;
}

static void parse_trap_v1(struct cd_reader *r, struct cd_snmp_message *ret)
{
    struct cd_reader enterprise = cd_ber_expect(r, CD_BER_OID, "enterprise");
    ret->trap_enterprise = text_of(&enterprise, "enterprise");
    cd_ber_expect(r, IP_ADDRESS, "agent address");
    ret->trap_generic = (uint8_t)cd_ber_integer(r, "generic trap");
    cd_ber_integer(r, "specific trap");
    struct cd_ber time;
    cd_ber_read(r, "time stamp", &time);
}

static void parse_pdu(struct cd_reader *r, struct cd_snmp_message *ret)
{
    struct cd_ber pdu;
    if (!cd_ber_read(r, "PDU", &pdu))
        return;
    if (pdu.identifier < PDU_FIRST || pdu.identifier > PDU_FIRST + CD_SNMP_REPORT) {
        cd_read_fail(r, "PDU type");
        return;
    }
    ret->pdu = pdu.identifier - PDU_FIRST;
    if (ret->pdu == CD_SNMP_TRAP_V1) {
        parse_trap_v1(&pdu.value, ret);
    } else {
        ret->request_id = (uint32_t)cd_ber_integer(&pdu.value, "request id");
        ret->error_status = cd_ber_integer(&pdu.value, "error status");
        cd_ber_integer(&pdu.value, "error index");
    }
    struct cd_reader bindings = cd_ber_expect(&pdu.value, CD_BER_SEQUENCE, "variable bindings");
    ret->bindings = bindings;
    struct cd_snmp_binding binding;
    while (cd_snmp_binding_parse(&bindings, &binding))
        ;
    if (cd_read_ok(&pdu.value) && !cd_read_ok(&bindings))
        cd_read_fail(&pdu.value, bindings.bad);
    if (!cd_read_ok(&pdu.value))
        cd_read_fail(r, pdu.value.bad);
}

/* RFC 3414 2.4: an OCTET STRING that holds a SEQUENCE of engine id, boots, time, user name, and two we don't need. */
static void parse_user_security(struct cd_reader *r, struct cd_snmp_message *ret)
{
    struct cd_reader s = cd_ber_expect(r, CD_BER_SEQUENCE, "security parameters");
    struct cd_reader engine = cd_ber_expect(&s, CD_BER_OCTET_STRING, "engine id");
    cd_ber_integer(&s, "engine boots");
    cd_ber_integer(&s, "engine time");
    struct cd_reader user = cd_ber_expect(&s, CD_BER_OCTET_STRING, "user name");
    ret->engine_id = text_of(&engine, "engine id");
    ret->user = text_of(&user, "user name");
    if (!cd_read_ok(&s))
        cd_read_fail(r, s.bad);
}

static void parse_v3(struct cd_reader *r, struct cd_snmp_message *ret)
{
    struct cd_reader header = cd_ber_expect(r, CD_BER_SEQUENCE, "header");
    ret->message_id = (uint32_t)cd_ber_integer(&header, "message id");
    cd_ber_integer(&header, "message size");
    struct cd_reader flags = cd_ber_expect(&header, CD_BER_OCTET_STRING, "message flags");
    ret->flags = cd_read_u8(&flags, "message flags");
    int64_t model = cd_ber_integer(&header, "security model");
    struct cd_reader security = cd_ber_expect(r, CD_BER_OCTET_STRING, "security parameters");
    if (cd_read_ok(r) && (!cd_read_ok(&header) || !cd_read_ok(&flags)))
        cd_read_fail(r, header.bad ? header.bad : flags.bad);
    if (cd_read_ok(r) && model == SECURITY_USER_BASED) {
        parse_user_security(&security, ret);
        if (!cd_read_ok(&security))
            cd_read_fail(r, security.bad);
    }
    if (ret->flags & CD_SNMP_ENCRYPTED) {
        ret->encrypted = true;
        cd_ber_expect(r, CD_BER_OCTET_STRING, "encrypted PDU");
        return;
    }
    struct cd_reader scoped = cd_ber_expect(r, CD_BER_SEQUENCE, "scoped PDU");
    cd_ber_expect(&scoped, CD_BER_OCTET_STRING, "context engine id");
    cd_ber_expect(&scoped, CD_BER_OCTET_STRING, "context name");
    parse_pdu(&scoped, ret);
    if (cd_read_ok(r) && !cd_read_ok(&scoped))
        cd_read_fail(r, scoped.bad);
}

bool cd_snmp_parse(struct cd_reader *r, struct cd_snmp_message *ret)
{
    struct cd_snmp_message p = {0};
    struct cd_reader message = cd_ber_expect(r, CD_BER_SEQUENCE, "message");
    int64_t version = cd_ber_integer(&message, "version");
    if (cd_read_ok(&message) && version != CD_SNMP_V1 && version != CD_SNMP_V2C && version != CD_SNMP_V3)
        cd_read_fail(&message, "version");
    p.version = (uint8_t)version;
    if (cd_read_ok(&message) && version == CD_SNMP_V3) {
        parse_v3(&message, &p);
    } else if (cd_read_ok(&message)) {
        cd_ber_expect(&message, CD_BER_OCTET_STRING, "community");
        parse_pdu(&message, &p);
    }
    if (!cd_read_ok(&message)) {
        cd_read_fail(r, message.bad);
        return false;
    }
    *ret = p;
    return true;
}

static const char *error_name(int64_t status)
{
    /* RFC 3416 3 */
    static const char *const names[] = {NULL,
                                        "too big",
                                        "no such name",
                                        "bad value",
                                        "read only",
                                        "general error",
                                        "no access",
                                        "wrong type",
                                        "wrong length",
                                        "wrong encoding",
                                        "wrong value",
                                        "no creation",
                                        "inconsistent value",
                                        "resource unavailable",
                                        "commit failed",
                                        "undo failed",
                                        "authorization error",
                                        "not writable",
                                        "inconsistent name"};
    if (status < 0 || status >= (int64_t)(sizeof names / sizeof names[0]))
        return "other error";
    return names[status];
}

static struct cd_operation operation_of(uint8_t pdu)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } pdus[] = {
        [CD_SNMP_GET] = {"get", CD_CLASS_READ},           [CD_SNMP_GETNEXT] = {"get next", CD_CLASS_READ},
        [CD_SNMP_RESPONSE] = {"response", CD_CLASS_READ}, [CD_SNMP_SET] = {"set", CD_CLASS_CONFIGURE},
        [CD_SNMP_TRAP_V1] = {"trap", CD_CLASS_ALARM},     [CD_SNMP_GETBULK] = {"get bulk", CD_CLASS_READ},
        [CD_SNMP_INFORM] = {"inform", CD_CLASS_ALARM},    [CD_SNMP_TRAP] = {"trap", CD_CLASS_ALARM},
        [CD_SNMP_REPORT] = {"report", CD_CLASS_DIAGNOSE},
    };
    return (struct cd_operation){.name = pdus[pdu].name, .code = pdu, .class = pdus[pdu].class, .target = ""};
}

/* Reads are told by the group of their first object, so that a walk is one entry; a set names each object. */
static void append_target(struct cd_text *t, const struct cd_snmp_message *p)
{
    struct cd_reader bindings = p->bindings;
    struct cd_snmp_binding binding;
    for (unsigned i = 0; i < SET_TARGETS_MAX && cd_snmp_binding_parse(&bindings, &binding); i++) {
        if (i)
            cd_text_str(t, ", ");
        cd_snmp_append_group(t, &binding.oid);
        if (p->pdu != CD_SNMP_SET)
            return;
        cd_text_char(t, ' ');
        cd_text_oid(t, &binding.oid);
    }
}

/* "coldStart" and its like: generic of a v1 trap, or the last number of the snmpTrapOID bound second (RFC 3418, snmpTraps). */
static void report_trap(struct cd_message *m, const struct cd_snmp_message *p, struct cd_text *target)
{
    static const char *const names[] = {"coldStart",      "warmStart", "linkDown", "linkUp", "authenticationFailure",
                                        "egpNeighborLoss"};
    static const uint32_t traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};
    struct cd_ber_oid oid = {.n = 0};
    unsigned generic = 6;
    if (p->pdu == CD_SNMP_TRAP_V1) {
        struct cd_reader enterprise = cd_reader_of(p->trap_enterprise.at, p->trap_enterprise.len);
        generic = p->trap_generic;
        if (!cd_ber_oid_value(&enterprise, &oid))
            oid.n = 0;
    } else {
        struct cd_reader bindings = p->bindings;
        struct cd_snmp_binding binding;
        bool second = cd_snmp_binding_parse(
            &bindings, &binding); /* sysUpTime stands first, snmpTrapOID behind it (RFC 3416 4.2.6) */
        second = second && cd_snmp_binding_parse(&bindings, &binding);
        if (second && binding.value.identifier == CD_BER_OID && cd_ber_oid_value(&binding.value.value, &oid) &&
            oid.n == 10 && cd_ber_oid_starts(&oid, traps, 9))
            generic = oid.ids[9] - 1;
    }
    if (generic < sizeof names / sizeof names[0])
        cd_text_str(target, names[generic]);
    else
        cd_snmp_append_group(target, &oid);
    if (generic == 4)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "SNMP request with wrong credentials, told by the agent");
}

static void report_operation(struct cd_message *m, const struct cd_snmp_message *p, uint64_t id)
{
    char buffer[192];
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    struct cd_operation op = operation_of(p->pdu);
    switch (p->pdu) {
    case CD_SNMP_RESPONSE:
        m->from_client = false;
        cd_report_response(m, &op, id, error_name(p->error_status));
        return;
    case CD_SNMP_REPORT:
        m->from_client = false;
        cd_report_response(m, &op, id, "report");
        return;
    case CD_SNMP_TRAP:
    case CD_SNMP_TRAP_V1:
        m->from_client = true;
        report_trap(m, p, &target);
        op.target = buffer;
        cd_report_notice(m, &op);
        return;
    default:
        m->from_client = true;
        append_target(&target, p);
        op.target = buffer;
        cd_report_request(m, &op, id);
    }
}

/* Without privacy nothing tells request from response but the port. */
static void report_encrypted(struct cd_message *m, uint64_t id)
{
    struct cd_operation op = {.name = "encrypted", .code_text = "encrypted", .class = CD_CLASS_OTHER, .target = ""};
    m->from_client = m->sent_by_client_end;
    if (m->from_client)
        cd_report_request(m, &op, id);
    else
        cd_report_response(m, &op, id, NULL);
}

static void report_credentials(struct cd_message *m, const struct cd_snmp_message *p, struct cd_snmp_state *state)
{
    if (p->version != CD_SNMP_V3) {
        if (!state->told_community)
            cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "SNMP community");
        state->told_community = true;
    } else if (p->user.len && m->from_client && !state->told_community) {
        struct cd_subject client = cd_subject_client(m);
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, p->user.at, p->user.len, 80);
        state->told_community = true;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_snmp_message p;
    if (!cd_snmp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_snmp_state *state = m->state;
    uint64_t id = p.version == CD_SNMP_V3 ? (uint64_t)1 << 32 | p.message_id : p.request_id;
    if (p.encrypted)
        report_encrypted(m, id);
    else
        report_operation(m, &p, id);
    report_credentials(m, &p, state);
    bool trap = !p.encrypted && (p.pdu == CD_SNMP_TRAP || p.pdu == CD_SNMP_TRAP_V1);
    bool of_device = trap || !m->from_client;
    struct cd_subject device = cd_subject_sender(m);
    if (of_device && p.engine_id.len && !state->told_engine) {
        cd_snmp_report_engine(m, &device, &p.engine_id);
        state->told_engine = true;
    }
    if (of_device && !p.encrypted)
        cd_snmp_report_bindings(m, &device, &p);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_snmp_message p;
    if (transport != CD_TRANSPORT_UDP || len < 10 || bytes[0] != CD_BER_SEQUENCE)
        return CD_PROBE_NO;
    return cd_snmp_parse(&r, &p) && cd_read_left(&r) == 0 ? CD_PROBE_SURE : CD_PROBE_MAYBE;
}

const struct cd_dissector cd_dissector_snmp = {
    .name = "snmp",
    .udp_ports = {161, 162},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct cd_snmp_state),
};
