/* What resources of CoAP are: lists of resources (RFC 6690), and Lightweight M2M with its numbered objects (OMA LwM2M 1.2 core and transport). */
#include "protocols/coap.h"

enum {
    NUMBERS_MAX = 3, /* object, instance, resource */
    LINKS_MAX = 64,
    LINK_SHOWN = 120,
    VALUE_MAX = 128,
    TLV_MAX = 64
};

/* ---- paths ---- */

struct path {
    unsigned segments;
    struct cd_reader first, second;
    bool numbered; /* all segments are numbers: an object's address */
    uint32_t numbers[NUMBERS_MAX];
};

static bool is(struct cd_reader value, const char *literal)
{
    size_t len = strlen(literal);
    return value.len == len && memcmp(value.base, literal, len) == 0;
}

static bool read_number(struct cd_reader value, uint32_t *ret)
{
    uint32_t number = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.base[i] < '0' || value.base[i] > '9')
            return false;
        number = number * 10 + (value.base[i] - '0');
    }
    *ret = number;
    return value.len && value.len <= 5;
}

static struct path read_path(const struct cd_coap_message *c, struct cd_text *text)
{
    struct path p = {.numbered = true};
    struct cd_reader options = c->options, value;
    uint32_t number = 0;
    while (cd_coap_next_option(&options, &number, &value)) {
        if (number == CD_COAP_PROXY_URI) {
            cd_text_str(text, "proxy ");
            cd_text_device(text, value.base, value.len < LINK_SHOWN ? value.len : LINK_SHOWN);
        }
        if (number != CD_COAP_URI_PATH)
            continue;
        uint32_t level = 0;
        p.numbered &= p.segments < NUMBERS_MAX && read_number(value, &level);
        if (p.numbered)
            p.numbers[p.segments] = level;
        if (p.segments == 0)
            p.first = value;
        if (p.segments == 1)
            p.second = value;
        p.segments++;
        if (text->len >= CD_COAP_PATH_MAX)
            continue;
        cd_text_char(text, '/');
        if (p.segments == 2 && is(p.first, "rd")) /* the place of a registration, new with each */
            cd_text_char(text, '*');
        else
            cd_text_device(text, value.base, value.len < CD_COAP_PATH_MAX ? value.len : CD_COAP_PATH_MAX);
    }
    if (text->len == 0)
        cd_text_char(text, '/');
    return p;
}

/* ---- objects of LwM2M (core annex E) ---- */

enum {
    OBJECT_SECURITY = 0,
    OBJECT_SERVER = 1,
    OBJECT_ACCESS = 2,
    OBJECT_DEVICE = 3,
    OBJECT_FIRMWARE = 5,
    OBJECT_SOFTWARE = 9
};

/* A resource that acts on the process: IPSO actuation, set point, light, power and load control, and their kind. */
static bool is_actuator(uint32_t object)
{
    switch (object) {
    case 3306:
    case 3308:
    case 3310:
    case 3311:
    case 3312:
    case 3337:
    case 3338:
    case 3339:
    case 3340:
    case 3342:
    case 3343: return true;
    default: return false;
    }
}

static enum cd_class class_of_change(const struct path *p, uint8_t code)
{
    enum { REBOOT = 4, FACTORY_RESET = 5 };
    switch (p->numbers[0]) {
    case OBJECT_SECURITY:
    case OBJECT_SERVER:
    case OBJECT_ACCESS: return CD_CLASS_CONFIGURE;
    case OBJECT_FIRMWARE:
    case OBJECT_SOFTWARE: return CD_CLASS_FIRMWARE;
    case OBJECT_DEVICE:
        if (code != CD_COAP_POST || p->segments < 3)
            return CD_CLASS_CONFIGURE;
        return p->numbers[2] == REBOOT || p->numbers[2] == FACTORY_RESET ? CD_CLASS_MODE : CD_CLASS_WRITE;
    default: return is_actuator(p->numbers[0]) ? CD_CLASS_CONTROL : CD_CLASS_WRITE;
    }
}

/* What is done to an object (transport 6.4.4). */
static struct cd_coap_resource lwm2m_object(const struct path *p, uint8_t code)
{
    struct cd_coap_resource r = {.class = CD_CLASS_READ};
    bool reads = code == CD_COAP_GET || code == CD_COAP_FETCH;
    if (!reads) {
        r.class = class_of_change(p, code);
        if (code == CD_COAP_POST && p->segments == 3)
            r.name = "Execute";
    } else if (p->numbers[0] == OBJECT_DEVICE) {
        r.class = CD_CLASS_IDENTIFY;
        r.meaning = p->segments < 3 ? CD_COAP_DEVICE_OBJECT : CD_COAP_DEVICE_RESOURCE + (p->numbers[2] & 0xff);
    }
    return r;
}

/* The registration interface (transport 6.4.3). */
static struct cd_coap_resource lwm2m_registration(const struct path *p, uint8_t code)
{
    struct cd_coap_resource r = {.class = CD_CLASS_SESSION};
    if (code == CD_COAP_DELETE)
        r.name = "De-register";
    else if (code == CD_COAP_POST)
        r.name = p->segments == 1 ? "Register" : "Update";
    if (code == CD_COAP_POST && p->segments == 1)
        r.meaning = CD_COAP_REGISTRATION;
    return r;
}

struct cd_coap_resource cd_coap_resource_of(const struct cd_coap_message *c, struct cd_text *path)
{
    bool reads = c->code == CD_COAP_GET || c->code == CD_COAP_FETCH;
    struct path p = read_path(c, path);
    if (reads && p.segments == 2 && is(p.first, ".well-known") && is(p.second, "core"))
        return (struct cd_coap_resource){.class = CD_CLASS_IDENTIFY, .meaning = CD_COAP_RESOURCE_LIST};
    if (p.segments && p.segments <= 2 && is(p.first, "rd") && !reads)
        return lwm2m_registration(&p, c->code);
    if (p.segments == 1 && is(p.first, "bs") && c->code == CD_COAP_POST)
        return (struct cd_coap_resource){.class = CD_CLASS_SESSION, .name = "Bootstrap-Request"};
    if (p.segments && p.numbered)
        return lwm2m_object(&p, c->code);
    return (struct cd_coap_resource){.class = reads ? CD_CLASS_READ : CD_CLASS_WRITE};
}

/* ---- registration ---- */

/* The value of "name=value"; NULL where it is another. */
static const uint8_t *query_value(struct cd_reader query, const char *name, size_t *ret_len)
{
    size_t len = strlen(name);
    if (query.len <= len || memcmp(query.base, name, len) != 0)
        return NULL;
    *ret_len = query.len - len < VALUE_MAX ? query.len - len : VALUE_MAX;
    return query.base + len;
}

void cd_coap_report_registration(struct cd_message *m, const struct cd_coap_message *c)
{
    char type[VALUE_MAX + 16];
    struct cd_subject client = cd_subject_client(m), server = cd_subject_server(m);
    struct cd_reader options = c->options, value;
    uint32_t number = 0;
    size_t len;
    while (cd_coap_next_option(&options, &number, &value)) {
        const uint8_t *at;
        if (number != CD_COAP_URI_QUERY)
            continue;
        if ((at = query_value(value, "ep=", &len))) {
            cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_INSTANCE, at, len, 80);
        } else if ((at = query_value(value, "lwm2m=", &len))) {
            struct cd_text t = cd_text_of(type, sizeof type);
            cd_text_str(&t, "LwM2M client ");
            cd_text_device(&t, at, len);
            cd_report_fact(m, &client, CD_ATTRIBUTE_DEVICE_TYPE, type, 80);
            cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "lwm2m-server", 50);
        }
    }
}

/* ---- lists of resources: <path>;attribute="value";…,<path>… (RFC 6690 2) ---- */

/* Where the link that begins here ends: at a comma outside of quotation marks; `len` where there is none. */
static size_t link_end(const uint8_t *bytes, size_t len)
{
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"')
            quoted = !quoted;
        else if (bytes[i] == ',' && !quoted)
            return i;
    }
    return len;
}

/* The resource type, where the link has one (3.1). */
static void text_type(struct cd_text *t, const uint8_t *link, size_t len)
{
    static const char name[] = ";rt=";
    const uint8_t *at = memmem(link, len, name, sizeof name - 1);
    if (!at)
        return;
    at += sizeof name - 1;
    size_t left = len - (size_t)(at - link), n = 0;
    if (left && *at == '"') {
        at++;
        left--;
    }
    while (n < left && at[n] != '"' && at[n] != ';' && n < VALUE_MAX)
        n++;
    cd_text_str(t, " (");
    cd_text_device(t, at, n);
    cd_text_char(t, ')');
}

static void report_links(struct cd_message *m, const struct cd_coap_message *c)
{
    struct cd_subject server = cd_subject_server(m);
    struct cd_reader payload = c->payload;
    for (unsigned n = 0; n < LINKS_MAX && cd_read_left(&payload); n++) {
        char text[CD_TEXT_MAX + 1];
        struct cd_text t = cd_text_of(text, sizeof text);
        size_t left = cd_read_left(&payload), len = link_end(payload.base + payload.pos, left);
        const uint8_t *link = cd_read_at(&payload, len, "link"), *close = memchr(link, '>', len);
        bool last = len == left;
        if (!last)
            cd_read_skip(&payload, 1, "link");
        if (!close || link[0] != '<' || (last && c->block_more))
            continue; /* cut at a block's border */
        size_t path = (size_t)(close - link) - 1;
        cd_text_str(&t, "coap ");
        cd_text_device(&t, link + 1, path < LINK_SHOWN ? path : LINK_SHOWN);
        text_type(&t, link, len);
        cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, text, 85);
    }
}

/* ---- the device object (core E.4) ---- */

static void report_device_resource(struct cd_message *m, uint32_t resource, const uint8_t *value, size_t len)
{
    struct cd_subject server = cd_subject_server(m);
    enum cd_attribute attribute;
    switch (resource) {
    case 0: attribute = CD_ATTRIBUTE_VENDOR; break;
    case 1: attribute = CD_ATTRIBUTE_MODEL; break;
    case 2: attribute = CD_ATTRIBUTE_SERIAL; break;
    case 3: attribute = CD_ATTRIBUTE_FIRMWARE; break;
    case 17: attribute = CD_ATTRIBUTE_DEVICE_TYPE; break;
    case 18: attribute = CD_ATTRIBUTE_HARDWARE; break;
    case 19: attribute = CD_ATTRIBUTE_SOFTWARE; break;
    default: return;
    }
    cd_report_fact_bytes(m, &server, attribute, value, len < VALUE_MAX ? len : VALUE_MAX, 95);
}

/* OMA TLV (core 7.4.3): resources at the top, or within the one object instance. */
static void report_tlv(struct cd_message *m, struct cd_reader r, bool within)
{
    enum { KIND = 0xc0, INSTANCE = 0x00, RESOURCE = 0xc0, LONG_ID = 0x20, LENGTH_KIND = 0x18, LENGTH = 0x07 };
    for (unsigned n = 0; n < TLV_MAX && cd_read_left(&r); n++) {
        uint8_t type = cd_read_u8(&r, "TLV type");
        uint32_t id = type & LONG_ID ? cd_read_be16(&r, "TLV identifier") : cd_read_u8(&r, "TLV identifier"), length;
        switch ((type & LENGTH_KIND) >> 3) {
        case 0: length = type & LENGTH; break;
        case 1: length = cd_read_u8(&r, "TLV length"); break;
        case 2: length = cd_read_be16(&r, "TLV length"); break;
        default: length = cd_read_be24(&r, "TLV length"); break;
        }
        struct cd_reader value = cd_read_sub(&r, length, "TLV value");
        if (!cd_read_ok(&r))
            break;
        if ((type & KIND) == RESOURCE)
            report_device_resource(m, id, value.base, value.len);
        else if ((type & KIND) == INSTANCE && !within)
            report_tlv(m, value, true);
    }
    if (!cd_read_ok(&r) && !within)
        cd_report_malformed(m, r.bad);
}

void cd_coap_report_answer(struct cd_message *m, const struct cd_coap_message *c, unsigned meaning)
{
    if (c->payload.len == 0)
        return;
    if (meaning == CD_COAP_RESOURCE_LIST && (c->format == CD_COAP_FORMAT_LINKS || c->format == CD_COAP_NO_FORMAT))
        report_links(m, c);
    else if (meaning == CD_COAP_DEVICE_OBJECT && c->format == CD_COAP_FORMAT_TLV && c->block == 0 && !c->block_more)
        report_tlv(m, c->payload, false);
    else if (meaning >= CD_COAP_DEVICE_RESOURCE && c->format == CD_COAP_FORMAT_TLV)
        report_tlv(m, c->payload, false);
    else if (meaning >= CD_COAP_DEVICE_RESOURCE && (c->format == CD_COAP_FORMAT_TEXT || c->format == CD_COAP_NO_FORMAT))
        report_device_resource(m, meaning - CD_COAP_DEVICE_RESOURCE, c->payload.base, c->payload.len);
}
