/* ProConOS: what the runtime tells of itself, and calls to its services (start, stop, files). */
#include "protocols/proconos.h"

#include "base/text.h"

#include <string.h>

enum {
    MARK = 0xcc,
    INFO_FUNCTION = 0x4002,
    OBJECTS = 16,
    NAME_MAX = 40,
    ECLR_LENGTH_MAX = 16384,
    TEXT_MAX = 80,
    RUNTIME = 32,
    TYPE = 33
};
static const char service_prefix[] = "Ade.Remoting.Services.";
enum { PREFIX = sizeof service_prefix - 1 };

/* Of a flow of the second link: which service has which object number, and the name last asked for. */
struct state {
    char names[OBJECTS][NAME_MAX];
    char asked[NAME_MAX];
};

/* ---- parsing ---- */

/* A text up to its NUL, which must be there. */
static struct cd_reader read_text(struct cd_reader *r, const char *field)
{
    size_t left = cd_read_left(r), len = left ? strnlen((const char *)r->base + r->pos, left) : 0;
    if (len == left)
        cd_read_fail(r, field);
    struct cd_reader text = cd_read_sub(r, len, field);
    cd_read_skip(r, 1, field);
    return text;
}

bool cd_proconos_parse_info(struct cd_reader *r, struct cd_proconos_info *ret)
{
    enum { HEADER = 12 };
    struct cd_proconos_info i;
    if (cd_read_u8(r, "mark") != MARK)
        cd_read_fail(r, "mark");
    cd_read_skip(r, HEADER - 1, "header");
    i.runtime = cd_read_sub(r, RUNTIME, "runtime");
    i.type = cd_read_sub(r, TYPE, "type");
    i.project = read_text(r, "project name");
    i.boot_project = read_text(r, "boot project");
    i.source = read_text(r, "project source");
    if (!cd_read_ok(r))
        return false;
    *ret = i;
    return true;
}

bool cd_proconos_parse_eclr(struct cd_reader *r, struct cd_proconos_eclr *ret)
{
    struct cd_proconos_eclr e;
    if (cd_read_le16(r, "version") != 1)
        cd_read_fail(r, "version");
    e.kind = cd_read_le16(r, "kind");
    cd_read_skip(r, 2, "header");
    uint16_t length = cd_read_le16(r, "length");
    e.object = cd_read_le16(r, "object");
    e.method = cd_read_le16(r, "method");
    cd_read_skip(r, 4, "checksum");
    e.data = cd_read_sub(r, length, "length");
    if (!cd_read_ok(r))
        return false;
    *ret = e;
    return true;
}

/* ---- the first link ---- */

static void tell(struct cd_message *m, enum cd_attribute attribute, const struct cd_reader *text, unsigned confidence)
{
    struct cd_subject server = cd_subject_server(m);
    size_t len = text->len ? strnlen((const char *)text->base, text->len) : 0;
    cd_report_fact_bytes(m, &server, attribute, text->base, len, confidence);
}

static void tell_info(struct cd_message *m, struct cd_reader r)
{
    struct cd_proconos_info i;
    struct cd_subject server = cd_subject_server(m);
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_proconos_parse_info(&r, &i)) {
        cd_report_malformed(m, r.bad);
        return;
    }
    tell(m, CD_ATTRIBUTE_SOFTWARE, &i.runtime, 95);
    tell(m, CD_ATTRIBUTE_MODEL, &i.type, 90);
    tell(m, CD_ATTRIBUTE_PROGRAM, &i.project, 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 90);
    cd_text_str(&t, "boot project ");
    cd_text_device(&t, i.boot_project.base, i.boot_project.len);
    cd_text_str(&t, ", project source ");
    cd_text_device(&t, i.source.base, i.source.len);
    cd_report_fact(m, &server, CD_ATTRIBUTE_DESCRIPTION, text, 80);
}

static void runtime_message(struct cd_message *m, struct cd_reader *r)
{
    struct cd_reader whole = *r;
    cd_read_skip(r, 4, "header");
    uint16_t function = cd_read_be16(r, "function");
    if (!cd_read_ok(r)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    /* The answer is not known to repeat the function, and one is open at a time. */
    struct cd_operation op = {.name = function == INFO_FUNCTION ? "read runtime information" : "unknown function",
                              .code = function,
                              .class = function == INFO_FUNCTION ? CD_CLASS_IDENTIFY : CD_CLASS_OTHER,
                              .target = ""};
    if (m->from_client) {
        cd_report_request(m, &op, 0);
        cd_report_remember(m, 0, function);
        return;
    }
    bool info = cd_report_recall(m, 0) == INFO_FUNCTION;
    cd_report_response(m, &op, 0, NULL);
    if (info)
        tell_info(m, whole);
}

/* ---- the second link ---- */

/* The name without the prefix all have, and without what does not belong into one. */
static void copy_name(char to[NAME_MAX], const struct cd_reader *data)
{
    struct cd_text t = cd_text_of(to, NAME_MAX);
    size_t len = data->len ? strnlen((const char *)data->base, data->len) : 0;
    const uint8_t *from = data->base;
    if (len > PREFIX && memcmp(from, service_prefix, PREFIX) == 0) {
        from += PREFIX;
        len -= PREFIX;
    }
    cd_text_device(&t, from, len);
}

/* The controller's start and stop are methods of its control service, as captures show them. */
enum { CONTROL_START = 6, CONTROL_STOP = 7, INFO_STATE = 3 };

static const char *method_name(const char *service, uint16_t method)
{
    if (strncmp(service, "IProConOSControlService", 23) != 0)
        return "call";
    return method == CONTROL_START ? "start" : method == CONTROL_STOP ? "stop" : "call";
}

static enum cd_class method_class(const char *service, uint16_t method)
{
    if (strncmp(service, "IProConOSControlService", 23) == 0)
        return method == CONTROL_START || method == CONTROL_STOP ? CD_CLASS_MODE : CD_CLASS_OTHER;
    if (strncmp(service, "ISimpleFileAccess", 17) == 0)
        return CD_CLASS_FILE;
    return strncmp(service, "IDeviceInfo", 11) == 0   ? CD_CLASS_DIAGNOSE
           : strncmp(service, "IDataAccess", 11) == 0 ? CD_CLASS_READ
                                                      : CD_CLASS_OTHER;
}

static void tell_state(struct cd_message *m, struct cd_reader data)
{
    struct cd_subject server = cd_subject_server(m);
    uint32_t count = cd_read_le32(&data, "count");
    uint16_t type = cd_read_be16(&data, "type");
    cd_read_skip(&data, 2, "type");
    uint8_t value = cd_read_u8(&data, "state");
    if (cd_read_ok(&data) && count == 1 && type == 0x0409 && (value == 3 || value == 7))
        cd_report_fact(m, &server, CD_ATTRIBUTE_STATE, value == 3 ? "run" : "stop", 70);
}

static void eclr_method(struct cd_message *m, const struct cd_proconos_eclr *e)
{
    struct state *s = m->state;
    const char *service = e->object < OBJECTS ? s->names[e->object] : "";
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = method_name(service, e->method),
                              .code_space = "eclr",
                              .code = e->method,
                              .class = method_class(service, e->method),
                              .target = target};
    uint64_t id = (uint64_t)1 << 32 | (uint64_t)e->object << 16 | e->method;
    if (e->kind == CD_PROCONOS_RETURN) {
        cd_report_response(m, &op, id, NULL);
        if (e->method == INFO_STATE && strncmp(service, "IDeviceInfo", 11) == 0)
            tell_state(m, e->data);
        return;
    }
    if (*service) {
        cd_text_str(&t, service);
    } else {
        cd_text_str(&t, "object ");
        cd_text_u64(&t, e->object);
    }
    cd_report_request(m, &op, id);
}

static void eclr_message(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_proconos_eclr e;
    struct cd_operation op = {
        .name = "find service", .code_space = "eclr-find", .class = CD_CLASS_SESSION, .target = s->asked};
    if (!cd_proconos_parse_eclr(r, &e)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = e.kind == CD_PROCONOS_FIND || e.kind == CD_PROCONOS_CALL;
    switch (e.kind) {
    case CD_PROCONOS_FIND: {
        struct cd_subject server = cd_subject_server(m);
        copy_name(s->asked, &e.data);
        cd_report_request(m, &op, 2);
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 70);
        break;
    }
    case CD_PROCONOS_FOUND:
        if (e.object && e.object < OBJECTS)
            memcpy(s->names[e.object], s->asked, NAME_MAX);
        op.target = "";
        cd_report_response(m, &op, 2, e.object ? NULL : "no such service");
        break;
    case CD_PROCONOS_CALL:
    case CD_PROCONOS_RETURN: eclr_method(m, &e); break;
    default: cd_report_event(m, CD_EVENT_VIOLATION, "unknown kind of message"); break;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    int first = cd_read_peek(r, 0);
    if (first == MARK)
        runtime_message(m, r);
    else if (first == 1)
        eclr_message(m, r);
}

/* ---- recognising and framing ---- */

static bool is_eclr(const uint8_t *bytes, size_t len)
{
    return len >= CD_PROCONOS_ECLR_HEADER && bytes[0] == 1 && bytes[1] == 0 && bytes[2] <= CD_PROCONOS_RETURN &&
           bytes[3] == 0 && bytes[4] == 0 && bytes[5] == 0;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const uint8_t info[] = {MARK, 1, 0, 0x0b, 0x40, 2};
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < sizeof info)
        return CD_PROBE_NO;
    if (bytes[0] == MARK)
        return memcmp(bytes, info, sizeof info) == 0 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    if (!is_eclr(bytes, len))
        return CD_PROBE_NO;
    return len >= CD_PROCONOS_ECLR_HEADER + PREFIX &&
                   memcmp(bytes + CD_PROCONOS_ECLR_HEADER, service_prefix, PREFIX) == 0
               ? CD_PROBE_SURE
               : CD_PROBE_MAYBE;
}

/* Of the first link no length is known: what comes at once is taken for a message. */
static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] == MARK)
        return (ssize_t)len;
    if (bytes[0] != 1)
        return CD_FRAME_NOT_OURS;
    if (len < CD_PROCONOS_ECLR_HEADER)
        return CD_FRAME_MORE;
    size_t length = (size_t)bytes[7] << 8 | bytes[6];
    return is_eclr(bytes, len) && length <= ECLR_LENGTH_MAX ? (ssize_t)length + CD_PROCONOS_ECLR_HEADER
                                                            : CD_FRAME_NOT_OURS;
}

const struct cd_dissector cd_dissector_proconos = {
    .name = "proconos",
    .tcp_ports = {CD_PROCONOS_PORT, CD_PROCONOS_ECLR_PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = ECLR_LENGTH_MAX + CD_PROCONOS_ECLR_HEADER,
    .state_size = sizeof(struct state),
};
