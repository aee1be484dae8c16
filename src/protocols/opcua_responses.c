/* Responses of OPC UA (OPC 10000-4): how a request went, and what servers say of themselves. */
#include "protocols/opcua.h"

enum { RESULTS_MAX = 256 /* of one response that are looked at */ };

void cd_opcua_report_refusal(struct cd_message *m, const char *service, uint32_t status)
{
    char detail[120];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    switch (status >> 16) {
    case 0x8012: /* BadCertificateInvalid */
    case 0x8013: /* BadSecurityChecksFailed */
    case 0x8014: /* BadCertificateTimeInvalid and the further reasons to refuse a certificate */
    case 0x8015:
    case 0x8016:
    case 0x8017:
    case 0x8018:
    case 0x8019:
    case 0x801a:
    case 0x801b:
    case 0x801c:
    case 0x801d:
    case 0x801f: /* BadUserAccessDenied */
    case 0x8020: /* BadIdentityTokenInvalid */
    case 0x8021: /* BadIdentityTokenRejected */
    case 0x8057: /* BadUserSignatureInvalid */
    case 0x8058: /* BadApplicationSignatureInvalid */ break;
    default: return;
    }
    cd_text_str(&t, service);
    cd_text_str(&t, ": ");
    cd_text_str(&t, cd_opcua_status_error(status));
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

void cd_opcua_report_weak_policy(struct cd_message *m, const char *what, enum cd_opcua_policy policy)
{
    char detail[80];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    const char *reason;
    switch (policy) { /* 7: what became deprecated with edition 1.04 */
    case CD_OPCUA_POLICY_NONE: reason = ": neither signed nor encrypted"; break;
    case CD_OPCUA_POLICY_BASIC128RSA15: reason = ": SHA-1 and RSA PKCS #1 v1.5"; break;
    case CD_OPCUA_POLICY_BASIC256: reason = ": SHA-1"; break;
    default: return;
    }
    cd_text_str(&t, what);
    cd_text_str(&t, cd_opcua_policy_name(policy));
    cd_text_str(&t, reason);
    cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
}

/* The first bad one of an array of results, each of which begins with its status and is `least` bytes long; only those of one size can be passed over. */
static uint32_t first_bad(struct cd_reader *r, size_t size)
{
    uint32_t count = cd_opcua_read_count(r, size, "results");
    for (uint32_t i = 0; i < count && i < RESULTS_MAX && cd_read_ok(r); i++) {
        uint32_t status = cd_read_le32(r, "result");
        if (cd_opcua_is_bad(status))
            return status;
        cd_read_skip(r, size - 4, "result");
    }
    return 0;
}

/* CallMethodResult (5.11.2.2). */
static uint32_t first_bad_call(struct cd_reader *r)
{
    struct cd_opcua_value value;
    uint32_t count = cd_opcua_read_count(r, 16, "results");
    for (uint32_t i = 0; i < count && i < RESULTS_MAX && cd_read_ok(r); i++) {
        uint32_t status = cd_read_le32(r, "result");
        if (cd_opcua_is_bad(status))
            return status;
        cd_read_skip(r, cd_opcua_read_count(r, 4, "argument results") * (size_t)4, "argument results");
        uint32_t diagnostics = cd_opcua_read_count(r, 1, "argument diagnostics");
        for (uint32_t d = 0; d < diagnostics && cd_read_ok(r); d++)
            cd_opcua_skip_diagnostic(r, 0, "argument diagnostics");
        uint32_t arguments = cd_opcua_read_count(r, 1, "output arguments");
        for (uint32_t a = 0; a < arguments && cd_read_ok(r); a++)
            cd_opcua_read_variant(r, &value, 0, "output argument");
    }
    return 0;
}

/* AddNodesResult (5.7.2.2) has the new node's id behind its status. */
static uint32_t first_bad_node(struct cd_reader *r)
{
    uint32_t count = cd_opcua_read_count(r, 6, "results");
    for (uint32_t i = 0; i < count && i < RESULTS_MAX && cd_read_ok(r); i++) {
        uint32_t status = cd_read_le32(r, "result");
        if (cd_opcua_is_bad(status))
            return status;
        cd_opcua_read_node_id(r, "added node id");
    }
    return 0;
}

/* Where a service was done but an operation of it was not, the first reason of those that change something. */
static uint32_t operation_status(uint32_t code, struct cd_reader *r)
{
    switch (code) {
    case CD_OPCUA_WRITE:
    case CD_OPCUA_ADD_REFERENCES:
    case CD_OPCUA_DELETE_NODES:
    case CD_OPCUA_DELETE_REFERENCES: return first_bad(r, 4);
    case CD_OPCUA_CALL: return first_bad_call(r);
    case CD_OPCUA_ADD_NODES: return first_bad_node(r);
    default: return 0;
    }
}

/* Read (5.10.2): what was noted with the request, and structures that say what they are. */
static void read_values(struct cd_message *m, struct cd_reader *r, uint64_t note)
{
    struct cd_opcua_value value;
    uint32_t count = cd_opcua_read_count(r, 1, "results");
    for (uint32_t i = 0; i < count && i < RESULTS_MAX && cd_read_ok(r); i++) {
        cd_opcua_read_data_value(r, &value, 0, "value");
        unsigned kind = i < CD_OPCUA_NOTED_NODES ? (unsigned)(note >> i * CD_OPCUA_NOTE_BITS) & 0xf : 0;
        if (cd_read_ok(r) && (kind || value.type == CD_OPCUA_TYPE_EXTENSION))
            cd_opcua_report_value(m, kind, &value);
    }
}

/* CreateSession (5.6.2). */
static void read_create_session(struct cd_message *m, struct cd_reader *r)
{
    struct cd_subject server = cd_subject_server(m);
    cd_opcua_read_node_id(r, "session id");
    cd_opcua_read_node_id(r, "authentication token");
    cd_read_skip(r, 8, "session timeout");
    cd_opcua_read_string(r, "server nonce");
    struct cd_opcua_string certificate = cd_opcua_read_string(r, "server certificate");
    if (certificate.len)
        cd_opcua_report_certificate(m, &server, certificate, "server");
    cd_opcua_report_endpoints(m, r);
}

/* FindServers (5.4.2): applications that run on the server's machine, mostly. */
static void read_servers(struct cd_message *m, struct cd_reader *r)
{
    enum { SERVERS_MAX = 16 };
    struct cd_subject server = cd_subject_server(m);
    uint32_t count = cd_opcua_read_count(r, 21, "servers");
    for (uint32_t i = 0; i < count && i < SERVERS_MAX && cd_read_ok(r); i++)
        cd_opcua_report_application(m, &server, r, 55);
}

static void read_response(struct cd_message *m, uint32_t code, struct cd_reader *r, uint64_t note)
{
    switch (code) {
    case CD_OPCUA_FIND_SERVERS: read_servers(m, r); break;
    case CD_OPCUA_GET_ENDPOINTS: cd_opcua_report_endpoints(m, r); break;
    case CD_OPCUA_CREATE_SESSION: read_create_session(m, r); break;
    case CD_OPCUA_READ: read_values(m, r, note); break;
    default: break;
    }
}

void cd_opcua_report_response(struct cd_message *m, const struct cd_opcua_service *service, struct cd_reader *r,
                              uint32_t request)
{
    struct cd_operation op = {.name = service ? service->name : "ServiceFault",
                              .code = service ? service->request : CD_OPCUA_SERVICE_FAULT,
                              .class = service ? service->class : CD_CLASS_OTHER,
                              .target = ""};
    /* ResponseHeader (7.34) */
    cd_read_skip(r, 8 + 4, "response header");
    uint32_t status = cd_read_le32(r, "service result");
    cd_opcua_skip_diagnostic(r, 0, "service diagnostics");
    cd_opcua_skip_strings(r, "string table");
    cd_opcua_read_extension(r, "additional header");
    bool done = cd_read_ok(r) && !cd_opcua_is_bad(status);
    if (done)
        status = operation_status(op.code, r);
    uint64_t note = cd_report_recall(m, request);
    cd_report_response(m, &op, request, cd_opcua_status_error(status));
    cd_opcua_report_refusal(m, op.name, status);
    if (done)
        read_response(m, op.code, r, note);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}
