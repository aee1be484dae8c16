/* RDP above X.224: the multipoint communication service (T.125), by which the ends agree on channels and use them. */
#include "base/text.h"
#include "protocols/ntlm.h"
#include "protocols/rdp.h"
#include "protocols/x509.h"

#include <string.h>
#include <strings.h>

enum {
    SECURITY_ENCRYPT = 0x0008, /* [MS-RDPBCGR] 2.2.8.1.1.2.1 */
    SECURITY_INFO = 0x0040,
    CERTIFICATE_X509 = 2,
    NAME_CONFIDENCE = 80,
};

/* ---- MCS connect initial and response ---- */

/* Redirected drives, clipboard, printers go through channels of these names ([MS-RDPEFS], [MS-RDPECLIP]). */
static bool carries_files(const char *channel)
{
    return strcasecmp(channel, "rdpdr") == 0 || strcasecmp(channel, "cliprdr") == 0;
}

static void keep_channels(struct cd_rdp_state *s, const struct cd_rdp_client_data *c, struct cd_text *t)
{
    s->n_channels = (uint8_t)c->n_channels;
    for (uint32_t i = 0; i < c->n_channels; i++) {
        const uint8_t *name = c->channels + (size_t)i * (CD_RDP_CHANNEL_NAME + 4);
        struct cd_text kept = cd_text_of(s->names[i], sizeof s->names[i]);
        size_t len = strnlen((const char *)name, CD_RDP_CHANNEL_NAME);
        cd_text_device(&kept, name, len);
        cd_text_str(t, i ? ", " : "channels ");
        cd_text_device(t, name, len);
    }
}

static void report_client_os(struct cd_message *m, const struct cd_subject *client, uint32_t build)
{
    char os[80];
    struct cd_text t = cd_text_of(os, sizeof os);
    unsigned version = build < 2600    ? 50
                       : build < 3790  ? 51
                       : build < 6000  ? 52
                       : build < 7600  ? 60
                       : build < 9200  ? 61
                       : build < 9600  ? 62
                       : build < 10240 ? 63
                                       : 100;
    if (build > UINT16_MAX)
        return;
    cd_text_windows_version(&t, version / 10, version % 10, build);
    cd_report_fact(m, client, CD_ATTRIBUTE_OS, os, 40); /* programs for other systems copy a build */
}

static size_t name_len(const uint8_t *utf16, size_t max)
{
    size_t len = 0;
    while (len + 1 < max && (utf16[len] || utf16[len + 1]))
        len += 2;
    return len;
}

static void report_client(struct cd_message *m, const struct cd_rdp_client_data *c)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject client = cd_subject_client(m);
    cd_text_utf16le(&t, c->name, name_len(c->name, CD_RDP_CLIENT_NAME));
    cd_report_fact(m, &client, CD_ATTRIBUTE_NAME, text, NAME_CONFIDENCE);
    report_client_os(m, &client, c->build);
    t = cd_text_of(text, sizeof text);
    cd_text_str(&t, "RDP client with a desktop of ");
    cd_text_u64(&t, c->width);
    cd_text_char(&t, 'x');
    cd_text_u64(&t, c->height);
    cd_text_str(&t, ", keyboard layout ");
    cd_text_hex(&t, c->keyboard_layout, 8);
    cd_report_fact(m, &client, CD_ATTRIBUTE_DESCRIPTION, text, 20);
}

static void take_connect_initial(struct cd_message *m, struct cd_reader *r)
{
    char target[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "connect initial",
                              .code_space = "mcs",
                              .code = CD_RDP_MCS_CONNECT_INITIAL,
                              .class = CD_CLASS_SESSION,
                              .target = target};
    struct cd_rdp_client_data c;
    if (!cd_rdp_parse_connect_initial(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = true;
    keep_channels(m->state, &c, &text);
    cd_report_request(m, &op, cd_rdp_id(CD_RDP_ID_INITIAL, 0));
    if (c.has_core)
        report_client(m, &c);
}

/* The server certificate is its own form, or a chain of X.509 certificates of which the last is the server's (2.2.1.4.3.1, [MS-RDPELE] 2.2.1.4.2). */
static void report_certificate(struct cd_message *m, struct cd_reader r)
{
    enum { CHAIN_MAX = 200 };
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_x509 certificate;
    struct cd_subject server = cd_subject_server(m);
    if ((cd_read_le32(&r, "certificate version") & 0x7fffffff) != CERTIFICATE_X509)
        return;
    uint32_t n = cd_read_le32(&r, "certificates");
    struct cd_reader last = {.bad = "certificates"};
    for (uint32_t i = 0; i < n && i < CHAIN_MAX && cd_read_ok(&r); i++)
        last = cd_read_sub(&r, cd_read_le32(&r, "certificate length"), "certificate");
    if (!cd_read_ok(&r) || !cd_x509_parse(&last, &certificate))
        return;
    cd_text_x509(&t, &certificate);
    cd_report_fact(m, &server, CD_ATTRIBUTE_CERTIFICATE, text, 90);
}

static void report_encryption(struct cd_message *m, uint32_t method)
{
    const char *weak = method == 0      ? "RDP without encryption"
                       : method == 1    ? "RDP encrypted with RC4 of 40 bits"
                       : method == 8    ? "RDP encrypted with RC4 of 56 bits"
                       : method == 2    ? "RDP encrypted with RC4 of 128 bits"
                       : method == 0x10 ? "RDP encrypted with 3DES (FIPS)"
                                        : NULL;
    if (weak)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, weak);
}

static void take_connect_response(struct cd_message *m, struct cd_reader *r)
{
    struct cd_rdp_state *s = m->state;
    struct cd_operation op = {.name = "connect initial",
                              .code_space = "mcs",
                              .code = CD_RDP_MCS_CONNECT_INITIAL,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    struct cd_rdp_server_data d;
    uint8_t result;
    if (!cd_rdp_parse_connect_response(r, &result, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = false;
    cd_report_response(m, &op, cd_rdp_id(CD_RDP_ID_INITIAL, 0), result ? "connection refused" : NULL);
    s->io_channel = d.io_channel;
    for (uint32_t i = 0; i < d.n_channels; i++)
        s->channels[i] = cd_read_le16(&d.channels, "channel");
    if (d.has_security)
        report_encryption(m, d.encryption_method);
    if (d.certificate.base)
        report_certificate(m, d.certificate);
}

/* ---- MCS domain PDUs ---- */

/* Its name by the client's list; the first channel is for the desktop itself. NULL where it is not known. */
static const char *channel_name(const struct cd_rdp_state *s, uint16_t channel)
{
    if (channel == s->io_channel)
        return "desktop";
    for (unsigned i = 0; i < s->n_channels; i++)
        if (s->channels[i] == channel)
            return s->names[i];
    return NULL;
}

static void text_channel(struct cd_text *t, const struct cd_rdp_state *s, uint16_t channel)
{
    const char *name = channel_name(s, channel);
    if (!name)
        return; /* the user's own channel, whose number changes from one connection to the next */
    cd_text_str(t, "channel ");
    cd_text_str(t, name);
}

static void report_info(struct cd_message *m, struct cd_reader *r)
{
    char text[CD_TEXT_MAX + 1] = "", detail[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_rdp_info info;
    struct cd_subject client = cd_subject_client(m);
    if (!cd_rdp_parse_info(r, &info)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (info.domain.len) {
        (info.unicode ? cd_text_utf16le : cd_text_device)(&t, info.domain.base, info.domain.len);
        cd_text_char(&t, '\\');
    }
    (info.unicode ? cd_text_utf16le : cd_text_device)(&t, info.user.base, info.user.len);
    if (info.user.len)
        cd_report_fact(m, &client, CD_ATTRIBUTE_USER, text, 80);
    if (!info.password_len)
        return;
    t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "RDP password of user ");
    cd_text_str(&t, text);
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

/* Send data request and indication (T.125 7): initiator, channel, priority and segmentation, length in PER, data. */
static void take_send_data(struct cd_message *m, struct cd_reader *r, bool request)
{
    const struct cd_rdp_state *s = m->state;
    char target[32];
    struct cd_text text = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = "send data", .code_space = "mcs", .code = CD_RDP_MCS_SEND_DATA, .target = target};
    cd_read_skip(r, 2, "initiator");
    uint16_t channel = cd_read_be16(r, "channel");
    cd_read_skip(r, 1, "priority");
    if (cd_read_u8(r, "data length") & 0x80)
        cd_read_skip(r, 1, "data length");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = request;
    text_channel(&text, s, channel);
    const char *name = channel_name(s, channel);
    op.class = name && carries_files(name) ? CD_CLASS_FILE : CD_CLASS_OTHER;
    if (!request) {
        op.name = "send data indication";
        op.code = CD_RDP_MCS_SEND_DATA_INDICATION;
    }
    cd_report_notice(m, &op);
    if (!request || channel != s->io_channel || cd_read_left(r) < 4)
        return;
    uint16_t flags = cd_read_le16(r, "security flags");
    cd_read_skip(r, 2, "security flags");
    if ((flags & (SECURITY_INFO | SECURITY_ENCRYPT)) == SECURITY_INFO)
        report_info(m, r);
}

/* Results of confirms (T.125 7, Result), in the bits behind choice and option. */
static const char *confirm_error(uint8_t first, uint8_t second)
{
    switch ((first & 1) << 3 | second >> 5) {
    case 0: return NULL;
    case 3: return "no such channel";
    case 5: return "no such user";
    case 11: return "too many channels";
    case 13: return "too many users";
    default: return "refused";
    }
}

static void take_join(struct cd_message *m, struct cd_reader *r, struct cd_operation op, uint8_t first)
{
    char target[32];
    struct cd_text text = cd_text_of(target, sizeof target);
    bool request = op.code == CD_RDP_MCS_JOIN;
    uint8_t second = request ? 0 : cd_read_u8(r, "result");
    cd_read_skip(r, 2, "initiator");
    uint16_t channel = cd_read_be16(r, "channel");
    if (!cd_read_ok(r))
        return;
    op.name = "join channel";
    op.code = CD_RDP_MCS_JOIN;
    op.target = target;
    m->from_client = request;
    if (request) {
        text_channel(&text, m->state, channel);
        cd_report_request(m, &op, cd_rdp_id(CD_RDP_ID_JOIN, channel));
    } else {
        cd_report_response(m, &op, cd_rdp_id(CD_RDP_ID_JOIN, channel), confirm_error(first, second));
    }
}

static void take_attach(struct cd_message *m, struct cd_reader *r, struct cd_operation op, uint8_t first)
{
    m->from_client = op.code == CD_RDP_MCS_ATTACH_USER;
    op.name = "attach user";
    op.code = CD_RDP_MCS_ATTACH_USER;
    if (m->from_client) {
        cd_report_request(m, &op, cd_rdp_id(CD_RDP_ID_ATTACH, 0));
        return;
    }
    uint8_t second = cd_read_u8(r, "result");
    if (cd_read_ok(r))
        cd_report_response(m, &op, cd_rdp_id(CD_RDP_ID_ATTACH, 0), confirm_error(first, second));
}

static void take_domain_pdu(struct cd_message *m, struct cd_reader *r)
{
    uint8_t first = cd_read_u8(r, "MCS PDU");
    struct cd_operation op = {.code_space = "mcs", .code = first >> 2, .class = CD_CLASS_SESSION, .target = ""};
    switch (op.code) {
    case CD_RDP_MCS_SEND_DATA: take_send_data(m, r, true); return;
    case CD_RDP_MCS_SEND_DATA_INDICATION: take_send_data(m, r, false); return;
    case CD_RDP_MCS_JOIN:
    case CD_RDP_MCS_JOIN_CONFIRM: take_join(m, r, op, first); break;
    case CD_RDP_MCS_ATTACH_USER:
    case CD_RDP_MCS_ATTACH_USER_CONFIRM: take_attach(m, r, op, first); break;
    case CD_RDP_MCS_ERECT_DOMAIN:
        op.name = "erect domain";
        cd_report_notice(m, &op);
        break;
    case CD_RDP_MCS_DISCONNECT:
        op.name = "disconnect";
        cd_report_notice(m, &op);
        break;
    default:
        op.name = "other MCS PDU";
        op.class = CD_CLASS_OTHER;
        cd_report_notice(m, &op);
    }
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

void cd_rdp_take_data(struct cd_message *m, struct cd_reader *r)
{
    if (cd_read_peek(r, 0) != CD_RDP_MCS_TAG)
        take_domain_pdu(m, r);
    else if (cd_read_peek(r, 1) == CD_RDP_MCS_CONNECT_INITIAL)
        take_connect_initial(m, r);
    else if (cd_read_peek(r, 1) == CD_RDP_MCS_CONNECT_RESPONSE)
        take_connect_response(m, r);
    else
        cd_report_malformed(m, "MCS PDU");
}
