/* TriStation: recognising, checking, and what is done to the safety controller. */
#include "protocols/tristation.h"

#include "base/text.h"

#include <string.h>

enum {
    PORT = 1502,
    HEADER = 4,
    CRC = 2,
    PROJECT_NAME = 8,
    PROJECT_AT = 58, /* of the status: minor version 2, major version 2, time 4, name */
    STATUS_RESPONSE = 108,
    RUNNING = 109,
    HALTED = 110,
    PAUSED = 111,
    REASON_FIRST = 200
};

struct state {
    bool told; /* what kind of device this is */
};

/* ---- parsing ---- */

/* CRC-16 with polynomial 8005 reflected, begun with 0, four bits at a time. */
static uint16_t crc16(const uint8_t *bytes, size_t len)
{
    static const uint16_t table[16] = {0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
                                       0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400};
    uint16_t crc = 0;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        crc = (uint16_t)(crc >> 4 ^ table[crc & 15]);
        crc = (uint16_t)(crc >> 4 ^ table[crc & 15]);
    }
    return crc;
}

/* The bytes of the body but for the sum itself, and the length once more. */
static uint16_t sum_of(const uint8_t *body, size_t len)
{
    uint16_t sum = (uint16_t)len;
    for (size_t i = 0; i < len; i++)
        sum = (uint16_t)(sum + (i == 6 || i == 7 ? 0 : body[i]));
    return sum;
}

bool cd_tristation_parse(struct cd_reader *r, struct cd_tristation_message *ret)
{
    struct cd_tristation_message t = {.sum_fits = true};
    struct cd_reader whole = *r;
    t.type = cd_read_le16(r, "type");
    if (t.type == 0 || t.type > CD_TRISTATION_TYPE_LAST)
        cd_read_fail(r, "type");
    uint16_t length = cd_read_le16(r, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    uint16_t crc = cd_read_le16(r, "CRC");
    cd_read_end(r, "bytes behind the message");
    if (t.type == CD_TRISTATION_COMMAND) {
        t.response = cd_read_le16(&body, "direction") != 0;
        t.function = cd_read_u8(&body, "function");
        t.counter = cd_read_u8(&body, "counter");
        cd_read_skip(&body, 2, "reserved");
        uint16_t sum = cd_read_le16(&body, "sum");
        if (cd_read_le16(&body, "inner length") != length)
            cd_read_fail(&body, "inner length");
        t.sum_fits = cd_read_ok(&body) && sum_of(body.base, body.len) == sum;
    }
    t.data = cd_read_rest(&body);
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    const uint8_t *bytes = cd_read_at(&whole, (size_t)HEADER + length, "message");
    t.crc_fits = bytes && crc16(bytes, (size_t)HEADER + length) == crc;
    *ret = t;
    return true;
}

/* The lengths must agree and the CRC be right; short messages are too like others for foreign ports even so. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < HEADER + CRC || bytes[0] == 0 || bytes[0] > CD_TRISTATION_TYPE_LAST ||
        bytes[1])
        return CD_PROBE_NO;
    size_t length = (size_t)(bytes[2] | bytes[3] << 8);
    if (length + HEADER + CRC != len)
        return CD_PROBE_NO;
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_tristation_message message;
    if (!cd_tristation_parse(&r, &message) || !message.crc_fits)
        return CD_PROBE_NO;
    return message.type == CD_TRISTATION_COMMAND && message.sum_fits ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

/* ---- who ---- */

static void report_state(struct cd_message *m, const char *state)
{
    struct cd_subject server = cd_subject_server(m);
    cd_report_fact(m, &server, CD_ATTRIBUTE_STATE, state, 85);
}

static void report_device(struct cd_message *m)
{
    struct state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    if (s->told)
        return;
    s->told = true;
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "safety", 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_VENDOR, "Schneider Electric", 60);
    cd_report_fact(m, &server, CD_ATTRIBUTE_MODEL, "Triconex", 50);
}

/* The status of the control program names the project and its version. */
static void report_project(struct cd_message *m, struct cd_reader r)
{
    char text[32];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_read_skip(&r, PROJECT_AT, "status");
    uint16_t minor = cd_read_le16(&r, "minor version"), major = cd_read_le16(&r, "major version");
    cd_read_skip(&r, 4, "time");
    const uint8_t *name = cd_read_at(&r, PROJECT_NAME, "project");
    if (!name || name[0] < 0x21 || name[0] > 0x7e)
        return;
    struct cd_subject server = cd_subject_server(m);
    cd_text_device(&t, name, strnlen((const char *)name, PROJECT_NAME));
    cd_text_char(&t, ' ');
    cd_text_u64(&t, major);
    cd_text_char(&t, '.');
    cd_text_u64(&t, minor);
    cd_report_fact(m, &server, CD_ATTRIBUTE_PROGRAM, text, 85);
}

/* ---- what ---- */

/* Downloads begin with the project's name. */
static void text_project(struct cd_text *t, const struct cd_tristation_message *message)
{
    struct cd_reader r = message->data;
    if (message->function > 1)
        return;
    const uint8_t *name = cd_read_at(&r, PROJECT_NAME, "project");
    if (!name || name[0] < 0x21 || name[0] > 0x7e)
        return;
    cd_text_str(t, "project ");
    cd_text_device(t, name, strnlen((const char *)name, PROJECT_NAME));
}

static const char *refusal(const struct cd_tristation_message *message)
{
    struct cd_reader r = message->data;
    if (message->function >= REASON_FIRST)
        return cd_tristation_reason_name(message->function);
    if (message->function == CD_TRISTATION_REJECTED)
        return cd_tristation_reason_name(cd_read_le16(&r, "reason"));
    return NULL;
}

static void report_command(struct cd_message *m, const struct cd_tristation_message *message)
{
    char target[40];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_tristation_function function = cd_tristation_function_of(message->function);
    struct cd_operation op = {
        .name = function.name, .code = message->function, .class = function.class, .target = target};
    m->from_client = !message->response;
    if (!message->response) {
        text_project(&t, message);
        cd_report_request(m, &op, message->counter);
        return;
    }
    cd_report_response(m, &op, message->counter, refusal(message));
    report_device(m);
    switch (message->function) {
    case STATUS_RESPONSE: report_project(m, message->data); break;
    case RUNNING: report_state(m, "run"); break;
    case HALTED: report_state(m, "stop"); break;
    case PAUSED: report_state(m, "pause"); break;
    default: break;
    }
}

/* Requests and responses of a connection; the others are refusals of whatever was asked. */
static void report_other(struct cd_message *m, uint16_t type)
{
    enum { CONNECT = 1, CONNECTED = 2, DISCONNECTED = 3, DISCONNECT = 4, PING = 6, ACCESS_DENIED = 10, ID = 0x10000 };
    struct cd_operation op = {.name = cd_tristation_type_name(type),
                              .code_space = "type",
                              .code = type,
                              .class = CD_CLASS_SESSION,
                              .target = ""};
    switch (type) {
    case CONNECT:
    case DISCONNECT:
        m->from_client = true;
        cd_report_request(m, &op, ID + type);
        break;
    case CONNECTED:
    case DISCONNECTED:
        m->from_client = false;
        cd_report_response(m, &op, ID + (type == CONNECTED ? CONNECT : DISCONNECT), NULL);
        break;
    case PING: cd_report_notice(m, &op); break;
    default:
        m->from_client = false;
        cd_report_response(m, &op, ID + CONNECT, op.name);
        if (type == ACCESS_DENIED)
            cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "access denied");
        break;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_tristation_message message;
    if (!cd_tristation_parse(r, &message)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (!message.crc_fits) {
        cd_report_event(m, CD_EVENT_VIOLATION, "CRC is wrong");
        return;
    }
    if (!message.sum_fits)
        cd_report_event(m, CD_EVENT_VIOLATION, "sum is wrong");
    if (message.type == CD_TRISTATION_COMMAND)
        report_command(m, &message);
    else
        report_other(m, message.type);
}

const struct cd_dissector cd_dissector_tristation = {
    .name = "tristation",
    .udp_ports = {PORT},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
