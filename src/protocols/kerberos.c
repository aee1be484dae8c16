#include "protocols/kerberos.h"

#include "protocols/ber.h"
#include "protocols/dissector.h"

#include <string.h>

enum {
    TCP_HEADER = 4,
    MESSAGE_MAX = 1 << 20, /* tickets with many groups have some ten thousand bytes */
    ID_TICKET = 1,         /* one request of each kind is open at a time: answers bear no number of it */
    ID_APPLICATION = 2,
    ID_PASSWORD = 3,
    ERROR_CLIENT_UNKNOWN = 6,
    ERROR_CLIENT_REVOKED = 18,
    ERROR_PREAUTHENTICATION_FAILED = 24,
    ERROR_PREAUTHENTICATION_REQUIRED = 25,
    ADDRESS_NETBIOS = 20,
    ADDRESSES_MAX = 16,
    WHO_MAX = 96,
};

struct state {
    bool asks_pac;
    char who[WHO_MAX]; /* the client of the last request: errors often leave it out */
};

/* ---- recognising and framing ---- */

/* [APPLICATION n] SEQUENCE { [0 or 1] INTEGER 5, [1 or 2] INTEGER n, with lengths that fit one another. */
static int probe_message(const uint8_t *bytes, size_t len)
{
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_ber message, sequence, version, type;
    if (len < 16 || !cd_kerberos_is_message(bytes[0]) || !cd_ber_read_part(&r, true, "message", &message) ||
        !cd_ber_read_part(&message.value, true, "sequence", &sequence) || sequence.identifier != CD_BER_SEQUENCE ||
        !cd_ber_read(&sequence.value, "version", &version) || !cd_ber_read(&sequence.value, "type", &type))
        return CD_PROBE_NO;
    bool numbered =
        (version.identifier == 0xa0 || version.identifier == 0xa1) && type.identifier == version.identifier + 1;
    if (!numbered || cd_ber_integer(&version.value, "version") != 5 ||
        cd_ber_integer(&type.value, "type") != (int64_t)message.tag)
        return CD_PROBE_MAYBE;
    return CD_PROBE_SURE;
}

static int probe_password(const uint8_t *bytes, size_t len)
{
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_kerberos_password p;
    return len >= 8 && (bytes[2] == 0 || bytes[2] == 0xff) && cd_kerberos_parse_password(&r, &p) &&
                   cd_read_left(&r) == 0
               ? CD_PROBE_LIKELY
               : CD_PROBE_NO;
}

static size_t tcp_length(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_TCP) {
        if (len <= TCP_HEADER || bytes[0] || tcp_length(bytes) > MESSAGE_MAX || tcp_length(bytes) < 8)
            return CD_PROBE_NO;
        bytes += TCP_HEADER;
        len -= TCP_HEADER;
    } else if (transport != CD_TRANSPORT_UDP || len < 8) {
        return CD_PROBE_NO;
    }
    return cd_kerberos_is_message(bytes[0]) ? probe_message(bytes, len) : probe_password(bytes, len);
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (len <= TCP_HEADER + 1)
        return bytes[0] ? CD_FRAME_NOT_OURS : CD_FRAME_MORE;
    size_t length = tcp_length(bytes);
    bool begins =
        cd_kerberos_is_message(bytes[TCP_HEADER]) || (size_t)(bytes[TCP_HEADER] << 8 | bytes[TCP_HEADER + 1]) == length;
    return begins && length <= MESSAGE_MAX && length >= 8 ? (ssize_t)(TCP_HEADER + length) : CD_FRAME_NOT_OURS;
}

/* ---- who the ends are ---- */

/* Realms are DNS domains in capitals by custom (RFC 4120 6.1). */
static void text_domain(struct cd_text *t, const struct cd_reader *realm)
{
    size_t start = t->len;
    cd_text_device(t, realm->base, realm->len);
    for (size_t i = start; i < t->len; i++)
        if (t->at[i] >= 'A' && t->at[i] <= 'Z')
            t->at[i] = (char)(t->at[i] | 0x20);
}

static void report_domain(struct cd_message *m, const struct cd_subject *subject, const struct cd_reader *realm)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    text_domain(&t, realm);
    cd_report_fact(m, subject, CD_ATTRIBUTE_DOMAIN, text, 60);
}

/* A machine's account ends in a dollar sign, or is host/NAME; any other is a user's. */
static void report_client_name(struct cd_message *m, const struct cd_kerberos_message *k)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject client = cd_subject_client(m);
    cd_text_kerberos_principal(&t, &k->client);
    if (t.len > 1 && text[t.len - 1] == '$') {
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_NAME, text, t.len - 1, 65);
        return;
    }
    if (t.len > 5 && strncmp(text, "host/", 5) == 0) {
        cd_report_fact(m, &client, CD_ATTRIBUTE_NAME, text + 5, 65);
        return;
    }
    if (t.len == 0)
        return;
    if (!memchr(text, '@', t.len)) {
        cd_text_char(&t, '@');
        cd_text_device(&t, k->realm.base, k->realm.len);
    }
    cd_report_fact(m, &client, CD_ATTRIBUTE_USER, text, 75);
}

/* HostAddress (RFC 4120 5.2.5): a NetBIOS name has 16 bytes, the last of which is its kind. */
static void report_addresses(struct cd_message *m, struct cd_reader addresses)
{
    struct cd_subject client = cd_subject_client(m);
    for (int i = 0; i < ADDRESSES_MAX && cd_read_left(&addresses); i++) {
        struct cd_reader entry = cd_ber_expect(&addresses, CD_BER_SEQUENCE, "address");
        struct cd_reader type = cd_ber_expect(&entry, 0xa0, "address type");
        struct cd_reader address = cd_ber_expect(&entry, 0xa1, "address");
        if (cd_ber_integer(&type, "address type") != ADDRESS_NETBIOS)
            continue;
        struct cd_reader name = cd_ber_expect(&address, CD_BER_OCTET_STRING, "address");
        size_t len = cd_read_left(&name) < 15 ? cd_read_left(&name) : 15;
        while (len && name.base[len - 1] == ' ')
            len--;
        if (len)
            cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_NAME, name.base, len, 70);
    }
}

static void report_kdc(struct cd_message *m, const struct cd_kerberos_message *k)
{
    const struct state *s = m->state;
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, s->asks_pac ? "domain-controller" : "kdc", s->asks_pac ? 65 : 60);
    if (!k->realm.len)
        return;
    report_domain(m, &server, &k->realm);
    if (k->type != CD_KERBEROS_ERROR)
        report_domain(m, &client, &k->realm);
}

/* ---- how well it is protected ---- */

static void text_encryption(struct cd_text *t, int32_t type)
{
    const char *name = cd_kerberos_encryption_name(type);
    if (name) {
        cd_text_str(t, name);
        return;
    }
    cd_text_str(t, "encryption type ");
    cd_text_i64(t, type);
}

static void report_offer(struct cd_message *m, const struct cd_kerberos_message *k)
{
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "client offers weak encryption only: ");
    for (uint32_t i = 0; i < k->n_offered; i++) {
        if (!cd_kerberos_is_weak(k->offered[i]))
            return;
        cd_text_str(&t, i ? ", " : "");
        text_encryption(&t, k->offered[i]);
    }
    if (k->n_offered)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
}

static void report_used(struct cd_message *m, const struct cd_kerberos_message *k)
{
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    bool ticket = cd_kerberos_is_weak(k->ticket_encryption);
    if (!ticket && !cd_kerberos_is_weak(k->reply_encryption))
        return;
    cd_text_str(&t, ticket ? "ticket for " : "answer with ticket for ");
    cd_text_kerberos_principal(&t, &k->server);
    cd_text_str(&t, " encrypted with ");
    text_encryption(&t, ticket ? k->ticket_encryption : k->reply_encryption);
    cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, detail);
}

/* ---- messages ---- */

static void keep_client(struct state *s, const struct cd_kerberos_message *k)
{
    struct cd_text t = cd_text_of(s->who, sizeof s->who);
    cd_text_kerberos_principal(&t, &k->client);
    if (t.len && k->realm.len) {
        cd_text_char(&t, '@');
        cd_text_device(&t, k->realm.base, k->realm.len);
    }
    s->asks_pac = s->asks_pac || k->asks_pac;
}

static void take_request(struct cd_message *m, const struct cd_kerberos_message *k, struct cd_operation *op)
{
    cd_report_request(m, op, ID_TICKET);
    keep_client(m->state, k);
    if (k->has_proof)
        report_client_name(m, k);
    if (k->addresses.base)
        report_addresses(m, k->addresses);
    if (k->type == CD_KERBEROS_AS_REQ) /* of the client for all it will ask */
        report_offer(m, k);
}

static void take_error(struct cd_message *m, const struct cd_kerberos_message *k, struct cd_operation *op)
{
    const struct state *s = m->state;
    char detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    op->target = "";
    cd_report_response(m, op, ID_TICKET, cd_kerberos_error_name(k->error));
    if (k->error == ERROR_PREAUTHENTICATION_REQUIRED)
        report_kdc(m, k);
    if (k->error != ERROR_CLIENT_UNKNOWN && k->error != ERROR_CLIENT_REVOKED &&
        k->error != ERROR_PREAUTHENTICATION_FAILED)
        return;
    cd_text_str(&t, cd_kerberos_error_name(k->error));
    if (*s->who) {
        cd_text_str(&t, ": ");
        cd_text_str(&t, s->who);
    }
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, detail);
}

static void take_message(struct cd_message *m, const struct cd_kerberos_message *k)
{
    char target[160];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {.code = k->type, .class = CD_CLASS_SESSION, .target = target};
    cd_text_kerberos_principal(&text, &k->server);
    switch (k->type) {
    case CD_KERBEROS_AS_REQ:
    case CD_KERBEROS_TGS_REQ:
        op.name = k->type == CD_KERBEROS_AS_REQ ? "authentication service request" : "ticket granting service request";
        m->from_client = true;
        take_request(m, k, &op);
        break;
    case CD_KERBEROS_AS_REP:
    case CD_KERBEROS_TGS_REP:
        op.name = k->type == CD_KERBEROS_AS_REP ? "authentication service request" : "ticket granting service request";
        op.code = k->type - 1u;
        m->from_client = false;
        cd_report_response(m, &op, ID_TICKET, NULL);
        report_kdc(m, k);
        report_client_name(m, k);
        report_used(m, k);
        break;
    case CD_KERBEROS_AP_REQ:
        op.name = "application request";
        m->from_client = true;
        cd_report_request(m, &op, ID_APPLICATION);
        break;
    case CD_KERBEROS_AP_REP:
        op.name = "application request";
        op.code = CD_KERBEROS_AP_REQ;
        m->from_client = false;
        cd_report_response(m, &op, ID_APPLICATION, NULL);
        break;
    case CD_KERBEROS_ERROR:
        op.name = "error";
        m->from_client = false;
        take_error(m, k, &op);
        break;
    default:
        op.name = k->type == CD_KERBEROS_SAFE      ? "safe message"
                  : k->type == CD_KERBEROS_PRIVATE ? "private message"
                                                   : "credentials";
        cd_report_notice(m, &op);
    }
}

static void take_password(struct cd_message *m, const struct cd_kerberos_password *p)
{
    struct cd_operation op = {
        .name = "change password", .code_text = "kpasswd", .class = CD_CLASS_CONFIGURE, .target = ""};
    m->from_client = !p->reply;
    if (p->set)
        op.name = "set password";
    if (p->reply)
        cd_report_response(m, &op, ID_PASSWORD, p->refused ? "refused" : NULL);
    else
        cd_report_request(m, &op, ID_PASSWORD);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_kerberos_message message;
    struct cd_kerberos_password password;
    if (m->transport == CD_TRANSPORT_TCP)
        cd_read_skip(r, TCP_HEADER, "length");
    int first = cd_read_peek(r, 0);
    if (first >= 0 && cd_kerberos_is_message((uint8_t)first)) {
        if (cd_kerberos_parse(r, &message))
            take_message(m, &message);
    } else if (cd_kerberos_parse_password(r, &password)) {
        take_password(m, &password);
    }
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

const struct cd_dissector cd_dissector_kerberos = {
    .name = "kerberos",
    .tcp_ports = {88, 464},
    .udp_ports = {88, 464},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
