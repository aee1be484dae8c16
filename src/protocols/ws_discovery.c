/* WS-Discovery: who is there, of which type, and where its services are. */
#include "protocols/ws_discovery.h"

#include "base/hash.h"
#include "protocols/identity.h"
#include "protocols/uuid.h"

#include <string.h>

enum { WORDS_MAX = 48 /* of a list: cameras have about ten scopes */, PROBED_BYTES = 2048 };

/* ---- parsing ---- */

static const struct {
    const char *element;
    enum cd_ws_kind kind;
} kinds[] = {
    {"Hello", CD_WS_HELLO},     {"Bye", CD_WS_BYE},
    {"Probe", CD_WS_PROBE},     {"ProbeMatches", CD_WS_PROBE_MATCHES},
    {"Resolve", CD_WS_RESOLVE}, {"ResolveMatches", CD_WS_RESOLVE_MATCHES},
};

static bool read_kind(const struct cd_http_value *name, enum cd_ws_kind *ret)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (cd_http_is(name, kinds[i].element)) {
            *ret = kinds[i].kind;
            return true;
        }
    return false;
}

static void read_text(const struct cd_xml *x, const struct cd_xml_token *t, struct cd_ws_message *p)
{
    if (cd_xml_is_in(x, 1, "Header")) {
        if (cd_xml_is_in(x, 0, "MessageID"))
            p->id = t->text;
        else if (cd_xml_is_in(x, 0, "RelatesTo"))
            p->relates_to = t->text;
        return;
    }
    if (p->n_devices == 0 || !cd_xml_is_below(x, "Body"))
        return;
    struct cd_ws_device *d = &p->devices[p->n_devices - 1];
    if (cd_xml_is_in(x, 0, "Types"))
        d->types = t->text;
    else if (cd_xml_is_in(x, 0, "Scopes"))
        d->scopes = t->text;
    else if (cd_xml_is_in(x, 0, "XAddrs"))
        d->addresses = t->text;
    else if (cd_xml_is_in(x, 0, "Address") && cd_xml_is_in(x, 1, "EndpointReference"))
        d->endpoint = t->text;
}

bool cd_ws_discovery_parse(const char *bytes, size_t len, struct cd_ws_message *ret, const char **ret_bad)
{
    struct cd_ws_message p = {0};
    struct cd_xml x = cd_xml_of(bytes, len);
    struct cd_xml_token t;
    bool known = false;
    while (cd_xml_next(&x, &t)) {
        if (t.kind == CD_XML_TEXT)
            read_text(&x, &t, &p);
        if (t.kind != CD_XML_OPEN)
            continue;
        if (x.depth == 1 && !cd_http_is(&t.name, "Envelope"))
            break;
        bool message = x.depth == 3 && cd_xml_is_in(&x, 1, "Body");
        bool match = x.depth == 4 && (cd_http_is(&t.name, "ProbeMatch") || cd_http_is(&t.name, "ResolveMatch"));
        if (message)
            known = read_kind(&t.name, &p.kind);
        bool matches = p.kind == CD_WS_PROBE_MATCHES || p.kind == CD_WS_RESOLVE_MATCHES;
        if (known && (matches ? match : message) && p.n_devices < CD_WS_DEVICES_MAX)
            p.n_devices++;
    }
    if (x.bad || !known) {
        *ret_bad = x.bad ? x.bad : "message";
        return false;
    }
    *ret = p;
    return true;
}

/* ---- reporting ---- */

/* The next of a list divided by blanks; false at its end. */
static bool take_word(struct cd_http_value *list, struct cd_http_value *ret)
{
    *list = cd_xml_trim(list);
    size_t n = 0;
    if (list->len == 0) /* its bytes may be none at all */
        return false;
    while (n < list->len && list->bytes[n] != ' ' && list->bytes[n] != '\n' && list->bytes[n] != '\r' &&
           list->bytes[n] != '\t')
        n++;
    *ret = (struct cd_http_value){list->bytes, n};
    list->bytes += n;
    list->len -= n;
    return true;
}

void cd_ws_report_types(struct cd_message *m, const struct cd_subject *s, const struct cd_http_value *types)
{
    static const struct {
        const char *type, *role;
    } roles[] = {{"NetworkVideoTransmitter", "camera"},   {"NetworkVideoStorage", "video-recorder"},
                 {"NetworkVideoDisplay", "media-player"}, {"PrintDeviceType", "printer"},
                 {"PrinterServiceType", "printer"},       {"ScanDeviceType", "printer"}};
    struct cd_http_value list = *types, word;
    for (unsigned i = 0; i < WORDS_MAX && take_word(&list, &word); i++) {
        const char *colon = memchr(word.bytes, ':', word.len);
        if (colon)
            word = (struct cd_http_value){colon + 1, (size_t)(word.bytes + word.len - colon) - 1};
        if (word.len == 0 || cd_http_is(&word, "Device"))
            continue;
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DEVICE_TYPE, word.bytes, word.len, 70);
        for (size_t k = 0; k < sizeof roles / sizeof *roles; k++)
            if (cd_http_is(&word, roles[k].type))
                cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, roles[k].role, 80);
    }
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 2.1 */
static void text_percent(struct cd_text *t, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = at[i] == '%' && i + 2 < len ? digit(at[i + 1]) : -1, low = high >= 0 ? digit(at[i + 2]) : -1;
        cd_text_char(t, low >= 0 ? (char)(high << 4 | low) : at[i]);
        i += low >= 0 ? 2 : 0;
    }
}

/* ONVIF Core Specification 7.3.2.2: onvif://www.onvif.org/<category>/<value> */
static void report_scope(struct cd_message *m, const struct cd_subject *s, const struct cd_http_value *scope)
{
    static const char prefix[] = "onvif://www.onvif.org/";
    static const struct {
        const char *category;
        enum cd_attribute attribute;
        unsigned confidence;
    } categories[] = {
        {"name/", CD_ATTRIBUTE_NAME, 60},
        {"hardware/", CD_ATTRIBUTE_MODEL, 80},
        {"manufacturer/", CD_ATTRIBUTE_VENDOR, 80},
        {"location/", CD_ATTRIBUTE_LOCATION, 70},
        {"type/", CD_ATTRIBUTE_DEVICE_TYPE, 60},
        {"mac/", CD_ATTRIBUTE_HARDWARE_ADDRESS, 80},
        {"macaddr/", CD_ATTRIBUTE_HARDWARE_ADDRESS, 80},
    };
    char text[CD_TEXT_MAX + 1], value[CD_TEXT_MAX + 1];
    struct cd_text plain = cd_text_of(text, sizeof text), t = cd_text_of(value, sizeof value);
    cd_mac mac;
    if (!cd_http_starts(scope, prefix))
        return;
    struct cd_http_value rest = {scope->bytes + sizeof prefix - 1, scope->len - (sizeof prefix - 1)};
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        size_t n = strlen(categories[i].category);
        if (!cd_http_starts(&rest, categories[i].category))
            continue;
        struct cd_xml_token token = {.text = {rest.bytes + n, rest.len - n}};
        cd_text_xml(&plain, &token);
        text_percent(&t, text, plain.len);
        if (categories[i].attribute != CD_ATTRIBUTE_HARDWARE_ADDRESS)
            cd_report_fact_bytes(m, s, categories[i].attribute, value, t.len, categories[i].confidence);
        else if (cd_mac_parse(value, &mac))
            cd_report_hardware_address(m, s, mac, categories[i].confidence);
        return;
    }
}

void cd_ws_report_scopes(struct cd_message *m, const struct cd_subject *s, const struct cd_http_value *scopes)
{
    struct cd_http_value list = *scopes, word;
    for (unsigned i = 0; i < WORDS_MAX && take_word(&list, &word); i++)
        report_scope(m, s, &word);
}

/* Where its services are: the first address. The part that is no address (a path with the UUID) belongs to it. */
static void report_services(struct cd_message *m, const struct cd_subject *s, const struct cd_ws_device *d)
{
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    struct cd_http_value list = d->addresses, word;
    bool onvif = d->scopes.len && memmem(d->scopes.bytes, d->scopes.len, "onvif://", 8);
    if (!take_word(&list, &word))
        return;
    cd_text_str(&t, onvif ? "ONVIF " : "WSD ");
    cd_text_bytes(&t, word.bytes, word.len);
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_SERVICE, value, t.len, 70);
}

/* An endpoint keeps its address over restarts (2.6): it is the device's own number, and may hold its hardware address. */
static void report_device(struct cd_message *m, const struct cd_ws_device *d)
{
    static const char sign[] = "uuid:";
    struct cd_subject s = cd_subject_sender(m);
    const char *at = d->endpoint.len ? memmem(d->endpoint.bytes, d->endpoint.len, sign, sizeof sign - 1) : NULL;
    uint8_t uuid[16];
    size_t left = at ? (size_t)(d->endpoint.bytes + d->endpoint.len - at) - (sizeof sign - 1) : 0;
    if (at && cd_uuid_parse(at + sizeof sign - 1, left, uuid)) {
        cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_INSTANCE, at, sizeof sign - 1 + 36, 70);
        cd_uuid_report(m, &s, at + sizeof sign - 1, left);
    }
    cd_ws_report_types(m, &s, &d->types);
    cd_ws_report_scopes(m, &s, &d->scopes);
    report_services(m, &s, d);
}

static const struct cd_operation operations[] = {
    [CD_WS_HELLO] = {.name = "hello", .code_text = "Hello", .class = CD_CLASS_IDENTIFY, .target = ""},
    [CD_WS_BYE] = {.name = "bye", .code_text = "Bye", .class = CD_CLASS_IDENTIFY, .target = ""},
    [CD_WS_PROBE] = {.name = "probe", .code_text = "Probe", .class = CD_CLASS_IDENTIFY, .target = ""},
    [CD_WS_PROBE_MATCHES] = {.name = "probe", .code_text = "Probe", .class = CD_CLASS_IDENTIFY, .target = ""},
    [CD_WS_RESOLVE] = {.name = "resolve", .code_text = "Resolve", .class = CD_CLASS_IDENTIFY, .target = ""},
    [CD_WS_RESOLVE_MATCHES] = {.name = "resolve", .code_text = "Resolve", .class = CD_CLASS_IDENTIFY, .target = ""},
};

/* Questions to a group are answered from the devices' own addresses, in flows of their own; one asked directly in its own. */
static void report_message(struct cd_message *m, const struct cd_ws_message *p)
{
    const struct cd_operation *op = &operations[p->kind];
    bool answer = p->kind == CD_WS_PROBE_MATCHES || p->kind == CD_WS_RESOLVE_MATCHES;
    bool question = p->kind == CD_WS_PROBE || p->kind == CD_WS_RESOLVE;
    const struct cd_ip *to = m->sent_by_client_end ? &m->server : &m->client;
    m->from_client = !answer;
    if (answer) {
        cd_report_response(m, op, cd_hash_bytes(1, p->relates_to.bytes, p->relates_to.len) >> 1, NULL);
        for (unsigned i = 0; i < p->n_devices; i++)
            report_device(m, &p->devices[i]);
    } else if (question && !cd_ip_is_group(to)) {
        cd_report_request(m, op, cd_hash_bytes(1, p->id.bytes, p->id.len) >> 1);
    } else {
        cd_report_notice(m, op);
        if (p->kind == CD_WS_HELLO && p->n_devices)
            report_device(m, &p->devices[0]);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ws_message p;
    const char *bad = NULL;
    const uint8_t *bytes = cd_read_at(r, r->len, "message");
    if (cd_ws_discovery_parse((const char *)bytes, r->len, &p, &bad))
        report_message(m, &p);
    else
        cd_report_malformed(m, bad);
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const char old[] = "schemas.xmlsoap.org/ws/2005/04/discovery",
                      standard[] = "docs.oasis-open.org/ws-dd/ns/discovery";
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < 64)
        return CD_PROBE_NO;
    size_t from = bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf ? 3 : 0;
    while (from < 32 && (bytes[from] == '\r' || bytes[from] == '\n' || bytes[from] == ' '))
        from++;
    if (bytes[from] != '<')
        return CD_PROBE_NO;
    size_t seen = len < PROBED_BYTES ? len : PROBED_BYTES;
    return memmem(bytes, seen, old, sizeof old - 1) || memmem(bytes, seen, standard, sizeof standard - 1)
               ? CD_PROBE_SURE
               : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_ws_discovery = {
    .name = "ws-discovery",
    .udp_ports = {3702},
    .probe = probe,
    .dissect = dissect,
};
