/* SSDP: devices announce what they are and which program says so. */
#include "protocols/ssdp.h"

#include "protocols/dissector.h"
#include "protocols/uuid.h"

#include <string.h>
#include <strings.h>

/* The next line without its CR LF (or LF alone, as some devices send); false at the end of the bytes. */
static bool read_line(struct cd_reader *r, struct cd_ssdp_text *ret)
{
    size_t left = cd_read_left(r);
    if (left == 0)
        return false;
    const uint8_t *start = r->base + r->pos, *end = memchr(start, '\n', left);
    size_t len = end ? (size_t)(end - start) : left;
    cd_read_skip(r, end ? len + 1 : len, "line");
    if (len && start[len - 1] == '\r')
        len--;
    *ret = (struct cd_ssdp_text){.at = (const char *)start, .len = len};
    return true;
}

static bool starts(const struct cd_ssdp_text *t, const char *prefix)
{
    size_t n = strlen(prefix);
    return t->len >= n && strncasecmp(t->at, prefix, n) == 0;
}

static bool parse_start(const struct cd_ssdp_text *line, struct cd_ssdp_message *ret)
{
    if (starts(line, "M-SEARCH * HTTP/1.")) {
        ret->kind = CD_SSDP_SEARCH;
    } else if (starts(line, "NOTIFY * HTTP/1.")) {
        ret->kind = CD_SSDP_NOTIFY;
    } else if (starts(line, "HTTP/1.") && line->len >= 12) {
        ret->kind = CD_SSDP_RESPONSE;
        for (size_t i = 9; i < 12; i++) {
            if (line->at[i] < '0' || line->at[i] > '9')
                return false;
            ret->status = ret->status * 10 + (unsigned)(line->at[i] - '0');
        }
    } else {
        return false;
    }
    return true;
}

static void parse_header(const struct cd_ssdp_text *line, struct cd_ssdp_message *ret)
{
    const struct {
        const char *name;
        struct cd_ssdp_text *to;
    } headers[] = {{"ST:", &ret->target},
                   {"NT:", &ret->target},
                   {"NTS:", &ret->sub_type},
                   {"SERVER:", &ret->server},
                   {"USER-AGENT:", &ret->user_agent},
                   {"LOCATION:", &ret->location},
                   {"USN:", &ret->usn}};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (!starts(line, headers[i].name))
            continue;
        size_t n = strlen(headers[i].name);
        while (n < line->len && line->at[n] == ' ')
            n++;
        *headers[i].to = (struct cd_ssdp_text){.at = line->at + n, .len = line->len - n};
        return;
    }
}

bool cd_ssdp_parse(struct cd_reader *r, struct cd_ssdp_message *ret)
{
    struct cd_ssdp_message p = {0};
    struct cd_ssdp_text line;
    if (!read_line(r, &line) || !parse_start(&line, &p)) {
        cd_read_fail(r, "start line");
        return false;
    }
    for (unsigned n = 0; read_line(r, &line) && line.len > 0; n++) {
        if (n == CD_SSDP_HEADERS_MAX) {
            cd_read_fail(r, "header count");
            return false;
        }
        parse_header(&line, &p);
    }
    *ret = p;
    return true;
}

static void report_text(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                        const struct cd_ssdp_text *t, unsigned confidence)
{
    cd_report_fact_bytes(m, s, attribute, t->at, t->len, confidence);
}

/* "Linux/3.10 UPnP/1.0 Product/1.2": system, UPnP version, product (1.1.2, SERVER). */
static void report_server(struct cd_message *m, const struct cd_subject *s, const struct cd_ssdp_text *server)
{
    report_text(m, s, CD_ATTRIBUTE_SOFTWARE, server, 70);
    static const char *const systems[] = {"Linux",   "Windows", "Microsoft-Windows", "VxWorks",
                                          "FreeBSD", "Darwin",  "ThreadX",           "eCos"};
    const char *end = memchr(server->at, ' ', server->len);
    struct cd_ssdp_text first = {.at = server->at, .len = end ? (size_t)(end - server->at) : server->len};
    if (first.len && first.at[first.len - 1] == ',')
        first.len--;
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
        if (starts(&first, systems[i])) {
            report_text(m, s, CD_ATTRIBUTE_OS, &first, 60);
            return;
        }
}

/* "urn:schemas-upnp-org:device:InternetGatewayDevice:1" -> the type, and what it is for. */
static void report_target(struct cd_message *m, const struct cd_subject *s, const struct cd_ssdp_text *target)
{
    static const struct {
        const char *type, *role;
    } roles[] = {{"InternetGatewayDevice:", "router"},
                 {"WLANAccessPointDevice:", "access-point"},
                 {"Printer:", "printer"},
                 {"DigitalSecurityCamera:", "camera"},
                 {"MediaServer:", "media-server"},
                 {"MediaRenderer:", "media-player"}};
    static const char marker[] = ":device:";
    if (starts(target, "uuid:") || starts(target, "ssdp:all") || starts(target, "upnp:rootdevice"))
        return;
    report_text(m, s, CD_ATTRIBUTE_SERVICE, target, 70);
    const char *at = target->len ? memmem(target->at, target->len, marker, sizeof marker - 1) : NULL;
    if (!at)
        return;
    struct cd_ssdp_text type = {.at = at + sizeof marker - 1};
    type.len = (size_t)(target->at + target->len - type.at);
    report_text(m, s, CD_ATTRIBUTE_DEVICE_TYPE, &type, 70);
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (starts(&type, roles[i].type))
            cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, roles[i].role, 60);
}

static void report_device(struct cd_message *m, const struct cd_ssdp_message *p)
{
    struct cd_subject s = cd_subject_sender(m);
    if (starts(&p->sub_type, "ssdp:byebye"))
        return;
    if (p->server.len)
        report_server(m, &s, &p->server);
    if (p->target.len)
        report_target(m, &s, &p->target);
    if (starts(&p->usn, "uuid:")) /* 1.1.4: of version 1, with a node, where the device follows the recommendation */
        cd_uuid_report(m, &s, p->usn.at + 5, p->usn.len - 5);
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (p->location.len) {
        cd_text_str(&t, "UPnP description ");
        cd_text_bytes(&t, p->location.at, p->location.len);
        cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_SERVICE, value, t.len, 70);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ssdp_message p;
    if (!cd_ssdp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = "search", .code_text = "M-SEARCH", .class = CD_CLASS_IDENTIFY, .target = ""};
    m->from_client = p.kind != CD_SSDP_RESPONSE;
    if (p.kind == CD_SSDP_RESPONSE) {
        cd_report_response(m, &op, 0, p.status == 200 ? NULL : "status other than 200");
    } else {
        if (p.kind == CD_SSDP_NOTIFY)
            op.name = "notify", op.code_text = "NOTIFY";
        cd_report_notice(m, &op); /* multicast: answers to a search come in flows of their own */
    }
    if (p.kind != CD_SSDP_SEARCH) {
        report_device(m, &p);
    } else {
        struct cd_subject s = cd_subject_sender(m);
        report_text(m, &s, CD_ATTRIBUTE_SOFTWARE, &p.user_agent, 70);
    }
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    struct cd_ssdp_text start = {.at = (const char *)bytes, .len = len};
    if (transport != CD_TRANSPORT_UDP)
        return CD_PROBE_NO;
    if (starts(&start, "M-SEARCH * HTTP/1.") || starts(&start, "NOTIFY * HTTP/1."))
        return CD_PROBE_SURE;
    return starts(&start, "HTTP/1.1 200 ") ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_ssdp = {
    .name = "ssdp",
    .udp_ports = {1900},
    .probe = probe,
    .dissect = dissect,
};
