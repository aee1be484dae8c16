/* ADS: finding TwinCAT machines and adding routes to them, over UDP. User and password of a route go in clear text. */
#include "protocols/ads.h"

#include <string.h>

enum { TAGS_MAX = 32, TEXT = 128, SERVER_INFO = 1, ADD_ROUTE = 6, RESPONSE = 0x80000000 };

enum tag {
    TAG_STATUS = 1,
    TAG_PASSWORD = 2,
    TAG_TWINCAT = 3,
    TAG_OS = 4,
    TAG_HOST = 5,
    TAG_NET_ID = 7,
    TAG_ROUTE = 12,
    TAG_USER = 13,
};

struct value {
    const uint8_t *bytes;
    size_t len;
};

/* The values by tag, of which the last counts; other tags are passed over. */
struct values {
    struct value of[16];
};

bool cd_ads_parse_discovery(struct cd_reader *r, struct cd_ads_discovery *ret)
{
    struct cd_ads_discovery d = {0};
    if (cd_read_le32(r, "magic number") != CD_ADS_DISCOVERY_MAGIC)
        cd_read_fail(r, "magic number");
    d.invoke_id = cd_read_le32(r, "invoke id");
    uint32_t service = cd_read_le32(r, "service");
    d.service = service & ~(uint32_t)RESPONSE;
    d.response = service & RESPONSE;
    const uint8_t *net_id = cd_read_at(r, sizeof d.address.net_id, "net id");
    d.address.port = cd_read_le16(r, "port");
    d.tags = cd_read_le32(r, "number of tags");
    if (d.tags > TAGS_MAX)
        cd_read_fail(r, "number of tags");
    d.values = cd_read_rest(r);
    if (!cd_read_ok(r) || !net_id)
        return false;
    memcpy(d.address.net_id, net_id, sizeof d.address.net_id);
    *ret = d;
    return true;
}

static bool read_values(struct cd_reader r, uint32_t tags, struct values *ret)
{
    for (uint32_t i = 0; i < tags; i++) {
        uint16_t tag = cd_read_le16(&r, "tag");
        uint16_t len = cd_read_le16(&r, "length of tag");
        const uint8_t *bytes = cd_read_at(&r, len, "value of tag");
        if (bytes && tag < sizeof ret->of / sizeof ret->of[0])
            ret->of[tag] = (struct value){bytes, len};
    }
    return cd_read_ok(&r);
}

static void report_text(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                        const struct value *value, unsigned confidence)
{
    if (value->len)
        cd_report_fact_bytes(m, s, attribute, value->bytes, strnlen((const char *)value->bytes, value->len),
                             confidence);
}

static const char *windows_name(uint32_t major, uint32_t minor, uint32_t build)
{
    switch (major << 8 | minor) {
    case 0x0500: return "Windows 2000";
    case 0x0501: return "Windows XP";
    case 0x0502: return "Windows Server 2003";
    case 0x0600: return "Windows Vista";
    case 0x0601: return "Windows 7";
    case 0x0602: return "Windows 8";
    case 0x0603: return "Windows 8.1";
    case 0x0a00: return build >= 22000 ? "Windows 11" : "Windows 10";
    default: return NULL;
    }
}

/* The OSVERSIONINFO of Windows: size, major, minor, build, platform (2 NT, 3 CE), 4 each. */
static void report_os(struct cd_message *m, const struct cd_subject *s, const struct value *value)
{
    char text[TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_reader r = cd_reader_of(value->bytes, value->len);
    cd_read_skip(&r, 4, "size");
    uint32_t major = cd_read_le32(&r, "major"), minor = cd_read_le32(&r, "minor"), build = cd_read_le32(&r, "build");
    uint32_t platform = cd_read_le32(&r, "platform");
    const char *name = platform == 2 && major < 256 && minor < 256 ? windows_name(major, minor, build) : NULL;
    if (!cd_read_ok(&r) || (platform != 2 && platform != 3))
        return;
    cd_text_str(&t, name ? name : platform == 3 ? "Windows CE " : "Windows NT ");
    if (!name) {
        cd_text_u64(&t, major);
        cd_text_char(&t, '.');
        cd_text_u64(&t, minor);
    }
    if (build) {
        cd_text_str(&t, " build ");
        cd_text_u64(&t, build);
    }
    cd_report_fact(m, s, CD_ATTRIBUTE_OS, text, 90);
}

static void report_version(struct cd_message *m, const struct cd_subject *s, const struct value *value)
{
    char text[TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_reader r = cd_reader_of(value->bytes, value->len);
    cd_text_str(&t, "TwinCAT ");
    cd_text_u64(&t, cd_read_u8(&r, "version"));
    cd_text_char(&t, '.');
    cd_text_u64(&t, cd_read_u8(&r, "revision"));
    cd_text_char(&t, '.');
    cd_text_u64(&t, cd_read_le16(&r, "build"));
    if (cd_read_ok(&r))
        cd_report_fact(m, s, CD_ATTRIBUTE_SOFTWARE, text, 95);
}

static void report_net_id(struct cd_message *m, const struct cd_subject *s, const struct cd_ads_address *address)
{
    char text[32];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_ads_text_net_id(&t, address->net_id);
    cd_report_fact(m, s, CD_ATTRIBUTE_INSTANCE, text, 95);
}

static void report_machine(struct cd_message *m, const struct cd_ads_discovery *d, const struct values *values)
{
    struct cd_subject sender = cd_subject_sender(m);
    report_net_id(m, &sender, &d->address);
    if (!d->response || d->service != SERVER_INFO)
        return;
    report_text(m, &sender, CD_ATTRIBUTE_NAME, &values->of[TAG_HOST], 90);
    report_os(m, &sender, &values->of[TAG_OS]);
    report_version(m, &sender, &values->of[TAG_TWINCAT]);
    cd_report_fact(m, &sender, CD_ATTRIBUTE_VENDOR, "Beckhoff", 60); /* TwinCAT also runs on other makers' PCs */
}

/* "SCADA-PC 192.168.1.99.1.1": the route's name and net id. */
static void text_route(struct cd_text *t, const struct values *values)
{
    const struct value *name = &values->of[TAG_ROUTE], *net_id = &values->of[TAG_NET_ID];
    if (name->len)
        cd_text_device(t, name->bytes, strnlen((const char *)name->bytes, name->len));
    if (net_id->len == 6) {
        cd_text_char(t, ' ');
        cd_ads_text_net_id(t, net_id->bytes);
    }
}

static void report_credential(struct cd_message *m, const struct values *values)
{
    char text[TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject server = cd_subject_server(m);
    const struct value *user = &values->of[TAG_USER];
    cd_text_str(&t, "password of a route");
    if (user->len) {
        cd_text_str(&t, ", user ");
        cd_text_device(&t, user->bytes, strnlen((const char *)user->bytes, user->len));
        report_text(m, &server, CD_ATTRIBUTE_USER, user, 80);
    }
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, text);
}

static const char *refusal(struct cd_message *m, const struct value *status)
{
    struct cd_reader r = cd_reader_of(status->bytes, status->len);
    uint32_t error = cd_read_le32(&r, "status");
    if (!cd_read_ok(&r) || error == 0)
        return NULL;
    if (error == 0x704)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "route refused");
    return cd_ads_error_name(error);
}

void cd_ads_dissect_discovery(struct cd_message *m, struct cd_reader *r)
{
    char target[TEXT];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_ads_discovery d;
    struct values values = {0};
    if (!cd_ads_parse_discovery(r, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!read_values(d.values, d.tags, &values)) {
        cd_report_malformed(m, "tags");
        return;
    }
    struct cd_operation op = {
        .name = "unknown service", .code_space = "udp", .code = d.service, .class = CD_CLASS_OTHER, .target = target};
    if (d.service == SERVER_INFO) {
        op.name = "server info";
        op.class = CD_CLASS_IDENTIFY;
    } else if (d.service == ADD_ROUTE) {
        op.name = "add route";
        op.class = CD_CLASS_CONFIGURE;
    }
    m->from_client = !d.response;
    uint64_t id = (uint64_t)d.service << 32 | d.invoke_id;
    if (d.response) {
        cd_report_response(m, &op, id, refusal(m, &values.of[TAG_STATUS]));
    } else {
        if (d.service == ADD_ROUTE)
            text_route(&t, &values);
        cd_report_request(m, &op, id);
        if (values.of[TAG_PASSWORD].len)
            report_credential(m, &values);
    }
    report_machine(m, &d, &values);
}
