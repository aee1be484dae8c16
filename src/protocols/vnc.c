#include "protocols/vnc.h"

#include "base/text.h"
#include "flow/flow.h"
#include "protocols/dissector.h"

#include <string.h>

enum {
    TEXT_LONGEST = 4096, /* of a reason or a name: no server sends longer ones */
    TIGHT_CAPABILITY = 16,
    TIGHT_CAPABILITIES_MAX = 64,
    APPLE_CREDENTIALS = 128,
    APPLE_KEY_MAX = 1024,
    DESKTOP_HEADER = 24,
    ID_SIGN_IN = 1,
    ID_START = 2,
};

/* What the server, and the client, send next. */
enum step {
    SERVER_VERSION,
    SERVER_SECURITY,
    SERVER_CHALLENGE,
    SERVER_APPLE_KEY,
    SERVER_TIGHT_TUNNELS,
    SERVER_TIGHT_TYPES,
    SERVER_RESULT,
    SERVER_DESKTOP,
    CLIENT_VERSION,
    CLIENT_REPEATER_ID,
    CLIENT_CHOICE,
    CLIENT_RESPONSE,
    CLIENT_APPLE_CREDENTIALS,
    CLIENT_TIGHT_TUNNEL,
    CLIENT_TIGHT_CHOICE,
    CLIENT_START,
    NOTHING,
};

struct state {
    uint8_t server_end;     /* 0: not known yet; 1: the client of the connection, 2: its server */
    uint8_t server, client; /* enum step */
    uint8_t minor;          /* of version 3 as agreed: 3, 7 or 8 */
    uint8_t type;           /* security type chosen */
    uint16_t apple_key_len;
};

bool cd_vnc_parse_version(struct cd_reader *r, struct cd_vnc_version *ret)
{
    const uint8_t *b = cd_read_at(r, CD_VNC_VERSION_LEN, "version");
    if (!b)
        return false;
    bool good = memcmp(b, "RFB ", 4) == 0 && b[7] == '.' && b[11] == '\n';
    for (int i = 4; i < 11; i++)
        good = good && (i == 7 || (b[i] >= '0' && b[i] <= '9'));
    if (!good) {
        cd_read_fail(r, "version");
        return false;
    }
    ret->major = (uint16_t)((b[4] - '0') * 100 + (b[5] - '0') * 10 + (b[6] - '0'));
    ret->minor = (uint16_t)((b[8] - '0') * 100 + (b[9] - '0') * 10 + (b[10] - '0'));
    return true;
}

bool cd_vnc_parse_desktop(struct cd_reader *r, struct cd_vnc_desktop *ret)
{
    struct cd_vnc_desktop d = {0};
    d.width = cd_read_be16(r, "width");
    d.height = cd_read_be16(r, "height");
    cd_read_skip(r, 16, "pixel format");
    d.name = cd_read_sub(r, cd_read_be32(r, "name length"), "name");
    if (!cd_read_ok(r))
        return false;
    *ret = d;
    return true;
}

/* Versions that were never published count as 3.3 (RFC 6143 7.1.1); Apple says 3.889. */
static uint8_t minor_of(const struct cd_vnc_version *v)
{
    return v->major > 3 || v->minor >= 8 ? 8 : v->minor == 7 ? 7 : 3;
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_vnc_version v;
    return transport == CD_TRANSPORT_TCP && len >= CD_VNC_VERSION_LEN && bytes[0] == 'R' && cd_vnc_parse_version(&r, &v)
               ? CD_PROBE_SURE
               : CD_PROBE_NO;
}

/* A text behind its length of four bytes, `at` bytes in. */
static ssize_t frame_text(const uint8_t *bytes, size_t len, size_t at)
{
    if (len < at + 4)
        return CD_FRAME_MORE;
    uint32_t n =
        (uint32_t)bytes[at] << 24 | (uint32_t)bytes[at + 1] << 16 | (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];
    return n <= TEXT_LONGEST ? (ssize_t)(at + 4 + n) : CD_FRAME_NOT_OURS;
}

static bool is_zero(const uint8_t *bytes)
{
    return !(bytes[0] | bytes[1] | bytes[2] | bytes[3]);
}

static ssize_t frame_security(uint8_t minor, const uint8_t *bytes, size_t len)
{
    if (minor < 7) {
        if (len < 4)
            return CD_FRAME_MORE;
        return is_zero(bytes) ? frame_text(bytes, len, 4) : 4;
    }
    return bytes[0] ? 1 + bytes[0] : frame_text(bytes, len, 1);
}

/* The result; from 3.8 on a reason follows a failure. */
static ssize_t frame_result(uint8_t minor, const uint8_t *bytes, size_t len)
{
    if (len < 4)
        return CD_FRAME_MORE;
    return minor < 8 || is_zero(bytes) ? 4 : frame_text(bytes, len, 4);
}

static ssize_t frame_capabilities(const uint8_t *bytes, size_t len)
{
    if (len < 4)
        return CD_FRAME_MORE;
    return bytes[0] | bytes[1] | bytes[2] || bytes[3] > TIGHT_CAPABILITIES_MAX ? CD_FRAME_NOT_OURS
                                                                               : 4 + bytes[3] * TIGHT_CAPABILITY;
}

/* Generator, length of key, prime, public value. */
static ssize_t frame_apple_key(const uint8_t *bytes, size_t len)
{
    if (len < 4)
        return CD_FRAME_MORE;
    ssize_t key = bytes[2] << 8 | bytes[3];
    return key <= APPLE_KEY_MAX ? 4 + 2 * key : CD_FRAME_NOT_OURS;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    const struct state *s = state;
    bool from_server = s->server_end ? (s->server_end == 1) == from_client : true;
    switch (from_server ? s->server : s->client) {
    case SERVER_VERSION:
    case CLIENT_VERSION: return bytes[0] == 'R' ? CD_VNC_VERSION_LEN : CD_FRAME_NOT_OURS;
    case CLIENT_REPEATER_ID: return CD_VNC_REPEATER_ID_LEN;
    case SERVER_SECURITY: return frame_security(s->minor, bytes, len);
    case SERVER_CHALLENGE:
    case CLIENT_RESPONSE: return CD_VNC_CHALLENGE_LEN;
    case SERVER_APPLE_KEY: return frame_apple_key(bytes, len);
    case CLIENT_APPLE_CREDENTIALS: return APPLE_CREDENTIALS + s->apple_key_len;
    case SERVER_TIGHT_TUNNELS:
    case SERVER_TIGHT_TYPES: return frame_capabilities(bytes, len);
    case CLIENT_TIGHT_TUNNEL:
    case CLIENT_TIGHT_CHOICE: return 4;
    case SERVER_RESULT: return frame_result(s->minor, bytes, len);
    case SERVER_DESKTOP: return frame_text(bytes, len, DESKTOP_HEADER - 4);
    case CLIENT_CHOICE:
    case CLIENT_START: return 1;
    default: return (ssize_t)len; /* ahead of the other end: passed over */
    }
}

/* ---- what the messages say ---- */

/* IANA, Remote Framebuffer Security Types. */
static const char *type_name(uint32_t type)
{
    switch (type) {
    case CD_VNC_NONE: return "none";
    case CD_VNC_AUTHENTICATION: return "VNC authentication";
    case 5: return "RA2";
    case 6: return "RA2 without encryption";
    case CD_VNC_TIGHT: return "Tight";
    case 17: return "Ultra";
    case 18: return "TLS";
    case 19: return "VeNCrypt";
    case 20: return "SASL";
    case 21: return "MD5 hash";
    case 22: return "xvp";
    case 23: return "secure tunnel";
    case 24: return "SSH";
    case CD_VNC_APPLE: return "Apple Diffie-Hellman";
    case 33: return "Apple RSA SRP";
    case 35: return "Apple Kerberos";
    case 36: return "Apple SRP";
    case 113: return "MS-Logon II";
    case 129: return "RA2 256";
    case 130: return "RA2 256 without encryption";
    default: return (type >= 3 && type <= 15) || (type >= 128 && type <= 255) ? "RealVNC" : "other";
    }
}

static struct cd_operation sign_in(uint32_t type)
{
    return (struct cd_operation){.name = "sign in", .code = type, .class = CD_CLASS_SESSION, .target = type_name(type)};
}

static void report_version(struct cd_message *m, const struct cd_vnc_version *v)
{
    struct cd_subject sender = cd_subject_sender(m);
    if (v->major == 3 && v->minor == 889)
        cd_report_fact(m, &sender, CD_ATTRIBUTE_SOFTWARE, "Apple Remote Desktop", 70);
    else if (v->major == 4 || v->major == 5)
        cd_report_fact(m, &sender, CD_ATTRIBUTE_SOFTWARE, "RealVNC", 60);
}

static void take_server_version(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_vnc_version v;
    if (!cd_vnc_parse_version(r, &v)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (v.major == 0 && v.minor == 0) { /* a repeater: the viewer says whom it wants, and then that server begins */
        struct cd_subject sender = cd_subject_sender(m);
        cd_report_fact(m, &sender, CD_ATTRIBUTE_SERVICE, "VNC repeater", 80);
        s->client = CLIENT_REPEATER_ID;
        return;
    }
    report_version(m, &v);
    s->minor = minor_of(&v);
    s->server = SERVER_SECURITY;
    s->client = CLIENT_VERSION;
}

static void take_client_version(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_vnc_version v;
    if (!cd_vnc_parse_version(r, &v)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (minor_of(&v) < s->minor)
        s->minor = minor_of(&v);
    report_version(m, &v);
    struct cd_operation op = {.name = "connect", .code_text = "connect", .class = CD_CLASS_SESSION};
    op.target = s->minor == 8 ? "RFB 3.8" : s->minor == 7 ? "RFB 3.7" : "RFB 3.3";
    cd_report_notice(m, &op);
    s->client = CLIENT_CHOICE;
}

/* The type is settled: what each end sends next. */
static void begin_sign_in(struct cd_message *m, uint32_t type)
{
    struct state *s = m->state;
    struct cd_operation op = sign_in(type);
    s->type = (uint8_t)(type < 256 ? type : 0);
    cd_report_request(m, &op, ID_SIGN_IN);
    switch (type) {
    case CD_VNC_NONE:
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "VNC session without sign-in and encryption");
        s->server = s->minor >= 8 ? SERVER_RESULT : SERVER_DESKTOP;
        s->client = CLIENT_START;
        break;
    case CD_VNC_AUTHENTICATION:
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "VNC authentication by DES, session without encryption");
        s->server = SERVER_CHALLENGE;
        s->client = CLIENT_RESPONSE;
        break;
    case CD_VNC_APPLE:
        s->server = SERVER_APPLE_KEY;
        s->client = CLIENT_APPLE_CREDENTIALS;
        break;
    case CD_VNC_TIGHT:
        s->server = SERVER_TIGHT_TUNNELS;
        s->client = CLIENT_TIGHT_TUNNEL;
        break;
    default: m->flow->opaque = true; /* encrypted, or the maker's own */
    }
}

/* No security type can be agreed on, or too many tried: the reason is text of the server's. */
static void report_refusal(struct cd_message *m)
{
    struct cd_operation op = {.name = "sign in", .code = 0, .class = CD_CLASS_SESSION, .target = ""};
    cd_report_response(m, &op, ID_SIGN_IN, "connection refused");
    m->flow->opaque = true;
}

static void take_security(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    char text[128];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject server = cd_subject_sender(m);
    const char *name = NULL;
    bool offers_none = false;
    uint32_t n = s->minor < 7 ? 1 : cd_read_u8(r, "number of security types");
    cd_text_str(&t, "VNC with ");
    for (uint32_t i = 0; i < n && cd_read_ok(r); i++) {
        uint32_t type = s->minor < 7 ? cd_read_be32(r, "security type") : cd_read_u8(r, "security type");
        if (type == 0)
            n = 0;
        offers_none = offers_none || type == CD_VNC_NONE;
        if (type_name(type) != name) {
            cd_text_str(&t, name ? ", " : "");
            cd_text_str(&t, type_name(type));
        }
        name = type_name(type);
        if (s->minor < 7 && type && cd_read_ok(r))
            begin_sign_in(m, type); /* the server's choice */
    }
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (n == 0) {
        report_refusal(m);
        return;
    }
    cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, text, 80);
    if (offers_none && s->minor >= 7)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "VNC server lets in without sign-in");
}

static void take_result(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_operation op = sign_in(s->type);
    uint32_t result = cd_read_be32(r, "security result");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    op.target = "";
    cd_report_response(m, &op, ID_SIGN_IN, result == 0 ? NULL : result == 2 ? "too many attempts" : "sign-in failed");
    s->server = SERVER_DESKTOP;
    if (result == 0)
        return;
    cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "VNC sign-in failed");
    m->flow->opaque = true;
}

static bool is_name_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_' || c == '.';
}

/* Servers call the desktop by the host's name: "PANEL7", "PANEL7 ( 10.0.0.7 )", "panel7:1 (operator)", "operator's X desktop (panel7:1)". */
static void report_host_name(struct cd_message *m, const struct cd_subject *server, const uint8_t *name, size_t len)
{
    const uint8_t *desktop = len ? memmem(name, len, "desktop (", 9) : NULL;
    if (desktop) {
        len -= (size_t)(desktop + 9 - name);
        name = desktop + 9;
    }
    size_t n = 0;
    while (n < len && is_name_byte(name[n]))
        n++;
    bool ends = n == len || name[n] == ':' || (n + 2 < len && memcmp(name + n, " (", 2) == 0);
    if (n > 1 && n <= 64 && ends && (name[0] | 0x20) >= 'a')
        cd_report_fact_bytes(m, server, CD_ATTRIBUTE_NAME, name, n, 60);
}

static void take_desktop(struct cd_message *m, struct cd_reader *r)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject server = cd_subject_sender(m);
    struct cd_operation op = {.name = "start desktop", .code_text = "start", .class = CD_CLASS_SESSION, .target = ""};
    struct cd_vnc_desktop d;
    if (!cd_vnc_parse_desktop(r, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_report_response(m, &op, ID_START, NULL);
    cd_text_str(&t, "VNC desktop ");
    cd_text_u64(&t, d.width);
    cd_text_char(&t, 'x');
    cd_text_u64(&t, d.height);
    cd_text_str(&t, ": ");
    cd_text_device(&t, d.name.base, d.name.len);
    cd_report_fact(m, &server, CD_ATTRIBUTE_DESCRIPTION, text, 40);
    report_host_name(m, &server, d.name.base, d.name.len);
    m->flow->opaque = true; /* picture and input */
}

static void take_start(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_operation op = {.name = "start desktop", .code_text = "start", .class = CD_CLASS_SESSION};
    s->client = NOTHING;
    op.target = cd_read_u8(r, "shared flag") ? "shared" : "exclusive";
    cd_report_request(m, &op, ID_START);
}

/* Tight asks for a tunnel, then for a security type again (the RFB protocol of TightVNC, 6.1.3); where it offers none it means none. */
static void take_capabilities(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    bool offered = cd_read_be32(r, "capabilities");
    if (s->server == SERVER_TIGHT_TUNNELS) {
        s->server = SERVER_TIGHT_TYPES;
        s->client = offered ? CLIENT_TIGHT_TUNNEL : CLIENT_TIGHT_CHOICE;
        return;
    }
    s->server = SERVER_RESULT;
    s->client = offered ? CLIENT_TIGHT_CHOICE : CLIENT_START;
}

static void take_tight_choice(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    uint32_t type = cd_read_be32(r, "security type");
    s->type = CD_VNC_TIGHT;
    if (type == CD_VNC_AUTHENTICATION) {
        s->server = SERVER_CHALLENGE;
        s->client = CLIENT_RESPONSE;
    } else if (type == CD_VNC_NONE) {
        s->server = SERVER_RESULT;
        s->client = CLIENT_START;
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, "VNC session without sign-in and encryption");
    } else {
        m->flow->opaque = true;
    }
}

static void take_apple_key(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    cd_read_skip(r, 2, "generator");
    s->apple_key_len = cd_read_be16(r, "key length");
    s->server = SERVER_RESULT;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    if (!s->server_end)
        s->server_end = m->sent_by_client_end ? 1 : 2;
    bool from_server = (s->server_end == 1) == m->sent_by_client_end;
    m->from_client = !from_server;
    switch (from_server ? s->server : s->client) {
    case SERVER_VERSION: take_server_version(m, r); break;
    case SERVER_SECURITY: take_security(m, r); break;
    case SERVER_CHALLENGE: s->server = SERVER_RESULT; break;
    case SERVER_APPLE_KEY: take_apple_key(m, r); break;
    case SERVER_TIGHT_TUNNELS:
    case SERVER_TIGHT_TYPES: take_capabilities(m, r); break;
    case SERVER_RESULT: take_result(m, r); break;
    case SERVER_DESKTOP: take_desktop(m, r); break;
    case CLIENT_VERSION: take_client_version(m, r); break;
    case CLIENT_REPEATER_ID: s->client = CLIENT_VERSION; break;
    case CLIENT_CHOICE: begin_sign_in(m, cd_read_u8(r, "security type")); break;
    case CLIENT_RESPONSE:
    case CLIENT_APPLE_CREDENTIALS: s->client = CLIENT_START; break;
    case CLIENT_TIGHT_TUNNEL: s->client = CLIENT_TIGHT_CHOICE; break;
    case CLIENT_TIGHT_CHOICE: take_tight_choice(m, r); break;
    case CLIENT_START: take_start(m, r); break;
    default: break;
    }
}

const struct cd_dissector cd_dissector_vnc = {
    .name = "vnc",
    .tcp_ports = {5900, 5901, 5902, 5903, 5904, 5905, 5906, 5500},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = DESKTOP_HEADER + TEXT_LONGEST,
    .state_size = sizeof(struct state),
};
