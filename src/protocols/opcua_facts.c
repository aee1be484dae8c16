/* What OPC UA applications say of themselves: descriptions, endpoints, certificates, and the Server object's build information. */
#include "protocols/opcua.h"

#include "protocols/x509.h"

enum { ENDPOINTS_MAX = 32, VALUE_MAX = 128 };

static struct cd_opcua_string shortened(struct cd_opcua_string s)
{
    if (s.len > VALUE_MAX)
        s.len = VALUE_MAX;
    return s;
}

static void report_string(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                          struct cd_opcua_string value, unsigned confidence)
{
    value = shortened(value);
    cd_report_fact_bytes(m, subject, attribute, value.bytes, value.len, confidence);
}

void cd_opcua_report_application(struct cd_message *m, const struct cd_subject *subject, struct cd_reader *r,
                                 unsigned confidence)
{
    char description[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(description, sizeof description);
    struct cd_opcua_string uri = cd_opcua_read_string(r, "application uri");
    struct cd_opcua_string product = cd_opcua_read_string(r, "product uri");
    struct cd_opcua_string name = cd_opcua_read_localized(r, "application name");
    cd_read_skip(r, 4, "application type");
    cd_opcua_read_string(r, "gateway server uri");
    cd_opcua_read_string(r, "discovery profile uri");
    cd_opcua_skip_strings(r, "discovery urls");
    if (!cd_read_ok(r))
        return;
    report_string(m, subject, CD_ATTRIBUTE_SOFTWARE, name, confidence);
    if (!uri.len && !product.len)
        return;
    cd_text_str(&t, "OPC UA application ");
    uri = shortened(uri);
    cd_text_device(&t, uri.bytes, uri.len);
    if (product.len) {
        product = shortened(product);
        cd_text_str(&t, uri.len ? ", product " : "of product ");
        cd_text_device(&t, product.bytes, product.len);
    }
    cd_report_fact(m, subject, CD_ATTRIBUTE_DESCRIPTION, description, confidence);
}

/* ---- addresses ---- */

static bool is_host_name(const char *host, size_t len)
{
    bool letter = false;
    for (size_t i = 0; i < len; i++) {
        char lower = (char)(host[i] | 0x20);
        if (lower >= 'a' && lower <= 'z')
            letter = true;
        else if (!(host[i] >= '0' && host[i] <= '9') && host[i] != '-' && host[i] != '_' && (host[i] != '.' || i == 0))
            return false;
    }
    return letter && len < 254 && !(len == 9 && memcmp(host, "localhost", 9) == 0);
}

void cd_opcua_report_url(struct cd_message *m, struct cd_opcua_string url, unsigned confidence)
{
    static const char scheme[] = "opc.tcp://";
    enum { SCHEME = sizeof scheme - 1 };
    struct cd_subject server = cd_subject_server(m);
    if (url.len <= SCHEME || memcmp(url.bytes, scheme, SCHEME) != 0)
        return;
    const char *host = url.bytes + SCHEME;
    size_t len = 0, most = url.len - SCHEME;
    while (len < most && host[len] != ':' && host[len] != '/')
        len++;
    if (is_host_name(host, len) && cd_ip_is_private(&server.ip))
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, host, len, confidence);
}

/* ---- certificates (6 6.2) ---- */

/* The first certificate of what may be a chain: its own length tells where it ends (DER, X.690 8.1.3). */
static struct cd_reader first_certificate(struct cd_opcua_string chain)
{
    struct cd_reader r = cd_reader_of(chain.bytes, chain.len), header = r;
    cd_read_skip(&header, 1, "certificate");
    uint8_t form = cd_read_u8(&header, "certificate");
    size_t length = 4;
    if (form == 0x82)
        length += cd_read_be16(&header, "certificate");
    return form == 0x82 && cd_read_ok(&header) && length < r.len ? cd_read_sub(&r, length, "certificate") : r;
}

void cd_opcua_report_certificate(struct cd_message *m, const struct cd_subject *subject,
                                 struct cd_opcua_string certificate, const char *whose)
{
    struct cd_x509 x509;
    struct cd_reader r = first_certificate(certificate);
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_x509_parse(&r, &x509)) {
        cd_report_malformed(m, r.bad);
        return;
    }
    cd_text_x509(&t, &x509);
    cd_report_fact(m, subject, CD_ATTRIBUTE_CERTIFICATE, text, 90);
    for (uint32_t i = 0; i < x509.n_names; i++) { /* instances are issued for their host names (6.2.2) */
        const struct cd_x509_value *name = &x509.names[i].value;
        if (x509.names[i].kind == 2 && is_host_name((const char *)name->bytes, name->len))
            cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_NAME, name->bytes, name->len, 50);
    }
    t = cd_text_of(text, sizeof text);
    cd_text_str(&t, whose);
    cd_text_char(&t, ' ');
    size_t start = t.len;
    struct cd_text weakness = cd_text_of(text + start, sizeof text - start);
    cd_text_x509_weakness(&weakness, &x509, (int64_t)(m->packet->time_ns / 1000000000u));
    if (weakness.len)
        cd_report_event(m, CD_EVENT_WEAK_CRYPTOGRAPHY, text);
}

/* ---- endpoints ---- */

struct endpoint {
    struct cd_opcua_string url, certificate, policy;
    uint32_t mode;
};

/* EndpointDescription. `first`: the application is told once, as it is the same in all. */
static void read_endpoint(struct cd_message *m, struct cd_reader *r, bool first, struct endpoint *ret)
{
    struct cd_subject server = cd_subject_server(m);
    ret->url = cd_opcua_read_string(r, "endpoint url");
    struct cd_reader before = *r;
    cd_opcua_read_string(r, "application uri");
    cd_opcua_read_string(r, "product uri");
    cd_opcua_read_localized(r, "application name");
    cd_read_skip(r, 4, "application type");
    cd_opcua_read_string(r, "gateway server uri");
    cd_opcua_read_string(r, "discovery profile uri");
    cd_opcua_skip_strings(r, "discovery urls");
    ret->certificate = cd_opcua_read_string(r, "server certificate");
    ret->mode = cd_read_le32(r, "security mode");
    ret->policy = cd_opcua_read_string(r, "security policy uri");
    uint32_t tokens = cd_opcua_read_count(r, 20, "user identity tokens");
    for (uint32_t i = 0; i < tokens && cd_read_ok(r); i++) {
        cd_opcua_read_string(r, "policy id");
        cd_read_skip(r, 4, "token type");
        cd_opcua_read_string(r, "issued token type");
        cd_opcua_read_string(r, "issuer endpoint url");
        cd_opcua_read_string(r, "security policy uri");
    }
    cd_opcua_read_string(r, "transport profile uri");
    cd_read_skip(r, 1, "security level");
    if (first && cd_read_ok(r))
        cd_opcua_report_application(m, &server, &before, 75);
}

static void report_endpoint(struct cd_message *m, const struct endpoint *e)
{
    static const char *const modes[] = {"invalid mode", "", " sign", " sign and encrypt"};
    struct cd_opcua_state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_opcua_string url = shortened(e->url);
    enum cd_opcua_policy policy = cd_opcua_policy_of(e->policy);
    cd_text_device(&t, url.bytes, url.len);
    cd_text_char(&t, ' ');
    cd_text_str(&t, cd_opcua_policy_name(policy));
    cd_text_str(&t, modes[e->mode < 4 ? e->mode : 0]);
    cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, text, 85);
    if (s->told_offers >> policy & 1)
        return;
    s->told_offers |= (uint16_t)(1u << policy);
    cd_opcua_report_weak_policy(m, "endpoint offers policy ", policy);
}

void cd_opcua_report_endpoints(struct cd_message *m, struct cd_reader *r)
{
    struct endpoint e = {0};
    struct cd_subject server = cd_subject_server(m);
    uint32_t count = cd_opcua_read_count(r, 49, "endpoints");
    for (uint32_t i = 0; i < count && i < ENDPOINTS_MAX; i++) {
        struct cd_opcua_string certificate = e.certificate;
        read_endpoint(m, r, i == 0, &e);
        if (!cd_read_ok(r))
            return;
        report_endpoint(m, &e);
        if (i == 0)
            cd_opcua_report_url(m, e.url, 55);
        bool same = e.certificate.len == certificate.len &&
                    (e.certificate.len == 0 || memcmp(e.certificate.bytes, certificate.bytes, certificate.len) == 0);
        if (!same && e.certificate.len)
            cd_opcua_report_certificate(m, &server, e.certificate, "server");
    }
}

/* ---- the Server object (5 6.3) ---- */

enum {
    NOTE_NONE,
    NOTE_STATUS,
    NOTE_BUILD,
    NOTE_PRODUCT,
    NOTE_MANUFACTURER,
    NOTE_VERSION,
    NOTE_BUILD_NUMBER,
    NOTE_STATE
};

unsigned cd_opcua_note_of(const struct cd_opcua_node_id *id, uint32_t attribute)
{
    enum { VALUE = 13 };
    if (attribute != VALUE || id->type != CD_OPCUA_NUMERIC || id->namespace_index)
        return NOTE_NONE;
    switch (id->number) {
    case 2256: return NOTE_STATUS;
    case 2259: return NOTE_STATE;
    case 2260: return NOTE_BUILD;
    case 2261: return NOTE_PRODUCT;
    case 2263: return NOTE_MANUFACTURER;
    case 2264: return NOTE_VERSION;
    case 2265: return NOTE_BUILD_NUMBER;
    default: return NOTE_NONE;
    }
}

static void report_state(struct cd_message *m, uint32_t state)
{
    static const char *const states[] = {"running",  "failed", "no configuration",    "suspended",
                                         "shutdown", "test",   "communication fault", "unknown"};
    struct cd_subject server = cd_subject_server(m);
    if (state < sizeof states / sizeof states[0])
        cd_report_fact(m, &server, CD_ATTRIBUTE_STATE, states[state], 80);
}

/* BuildInfo (5 12.4): of the server's program, which on a controller is its own. */
static void report_build(struct cd_message *m, struct cd_reader *r)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject server = cd_subject_server(m);
    cd_opcua_read_string(r, "product uri");
    struct cd_opcua_string maker = cd_opcua_read_string(r, "manufacturer name");
    struct cd_opcua_string product = cd_opcua_read_string(r, "product name");
    struct cd_opcua_string version = shortened(cd_opcua_read_string(r, "software version"));
    struct cd_opcua_string build = shortened(cd_opcua_read_string(r, "build number"));
    cd_read_skip(r, 8, "build date");
    if (!cd_read_ok(r))
        return;
    report_string(m, &server, CD_ATTRIBUTE_VENDOR, maker, 80);
    report_string(m, &server, CD_ATTRIBUTE_MODEL, product, 80);
    cd_text_device(&t, version.bytes, version.len);
    if (build.len && !(build.len == version.len && memcmp(build.bytes, version.bytes, build.len) == 0)) {
        cd_text_str(&t, t.len ? " build " : "build ");
        cd_text_device(&t, build.bytes, build.len);
    }
    cd_report_fact(m, &server, CD_ATTRIBUTE_FIRMWARE, text, 75);
}

static void report_structure(struct cd_message *m, const struct cd_opcua_extension *extension)
{
    enum { BUILD_INFO = 340, SERVER_STATUS = 864 };
    struct cd_reader body = extension->body;
    if (!extension->binary)
        return;
    if (cd_opcua_is_standard(&extension->type, SERVER_STATUS)) {
        cd_read_skip(&body, 8 + 8, "server times");
        uint32_t state = cd_read_le32(&body, "server state");
        if (cd_read_ok(&body))
            report_state(m, state);
        report_build(m, &body);
    } else if (cd_opcua_is_standard(&extension->type, BUILD_INFO)) {
        report_build(m, &body);
    }
    if (!cd_read_ok(&body))
        cd_report_malformed(m, body.bad);
}

void cd_opcua_report_value(struct cd_message *m, unsigned note, const struct cd_opcua_value *value)
{
    struct cd_subject server = cd_subject_server(m);
    if (value->type == CD_OPCUA_TYPE_EXTENSION) {
        report_structure(m, &value->extension);
        return;
    }
    if (note == NOTE_STATE && value->type == CD_OPCUA_TYPE_INT32)
        report_state(m, (uint32_t)value->number);
    if (value->type != CD_OPCUA_TYPE_STRING)
        return;
    switch (note) {
    case NOTE_PRODUCT: report_string(m, &server, CD_ATTRIBUTE_MODEL, value->text, 80); break;
    case NOTE_MANUFACTURER: report_string(m, &server, CD_ATTRIBUTE_VENDOR, value->text, 80); break;
    case NOTE_VERSION: report_string(m, &server, CD_ATTRIBUTE_FIRMWARE, value->text, 75); break;
    default: break;
    }
}
