#include "protocols/atg.h"

#include "base/text.h"

#include <string.h>

enum {
    PORT = 10001,
    SOH = 1,
    ETX = 3,
    LINE_MAX = 1024,
    CODE_DIGITS = 6,
    COMMAND_LEN = 6, /* letter, function, device */
    TARGET_MAX = 16,
    REQUEST_ID = 1,
    REVISION = 902
};

/* Where in an answer we are: its lines come one by one. */
enum { NOWHERE, DATE, HEADER, REPORT };

struct state {
    uint8_t at;
    uint16_t function;
};

/* ---- parsing ---- */

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static unsigned read_number(struct cd_reader *r, unsigned digits, const char *field)
{
    unsigned number = 0;
    for (unsigned i = 0; i < digits; i++) {
        uint8_t c = cd_read_u8(r, field);
        if (!is_digit(c))
            cd_read_fail(r, field);
        number = number * 10 + (c - '0');
    }
    return number;
}

bool cd_atg_parse(struct cd_reader *r, struct cd_atg_command *ret)
{
    struct cd_atg_command a = {0};
    if (cd_read_peek(r, 0) == SOH)
        cd_read_skip(r, 1, "SOH");
    if (is_digit(cd_read_peek(r, 0))) {
        read_number(r, CODE_DIGITS, "security code");
        a.has_security_code = true;
    }
    uint8_t letter = cd_read_u8(r, "command");
    a.set = letter == 'S' || letter == 's';
    a.computer_format = letter == 'i' || letter == 's';
    if (!a.set && letter != 'I' && letter != 'i')
        cd_read_fail(r, "command");
    a.function = (uint16_t)read_number(r, 3, "function");
    a.device = (uint8_t)read_number(r, 2, "device");
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_atg_command a;
    if (transport != CD_TRANSPORT_TCP || len < COMMAND_LEN + 1)
        return CD_PROBE_NO;
    if (bytes[0] == SOH && cd_atg_parse(&r, &a))
        return from_client ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    if (from_client)
        return CD_PROBE_NO;
    while (cd_read_left(&r) && (bytes[r.pos] == '\r' || bytes[r.pos] == '\n' || bytes[r.pos] == SOH))
        r.pos++;
    r.bad = NULL;
    return cd_atg_parse(&r, &a) ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

/* Lines, and ETX by itself. An inquiry is whole without a line's end. */
static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    size_t whole = COMMAND_LEN + 1 + (len > 1 && is_digit(bytes[1]) ? CODE_DIGITS : 0);
    size_t letter = whole - COMMAND_LEN;
    if (from_client && bytes[0] == SOH && len < whole)
        return CD_FRAME_MORE;
    if (from_client && bytes[0] == SOH && (bytes[letter] == 'I' || bytes[letter] == 'i'))
        return (ssize_t)whole;
    for (size_t i = 0; i < len && i < LINE_MAX; i++)
        if (bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == ETX)
            return (ssize_t)i + 1;
    return len < LINE_MAX ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
}

/* ---- reporting ---- */

static const char *inquiry_name(uint16_t function)
{
    switch (function) {
    case 101: return "system status";
    case 102: return "system configuration";
    case 111: return "priority alarm history";
    case 112: return "non-priority alarm history";
    case 201: return "in-tank inventory";
    case 202: return "in-tank delivery";
    case 203: return "in-tank leak detect";
    case 204: return "in-tank shift inventory";
    case 205: return "in-tank status";
    case 206: return "in-tank alarm history";
    case 207: return "in-tank leak test history";
    case 208: return "in-tank leak test results";
    case 301: return "liquid sensor status";
    case 302: return "liquid sensor alarm history";
    case 501: return "time of day";
    case 602: return "tank product label";
    case REVISION: return "system revision level";
    default: return "inquiry";
    }
}

static const char *set_name(uint16_t function, enum cd_class *ret_class)
{
    *ret_class = CD_CLASS_CONFIGURE;
    switch (function) {
    case 1: *ret_class = CD_CLASS_MODE; return "system reset";
    case 2: return "clear power reset";
    case 51: return "clear in-tank reports";
    case 52: *ret_class = CD_CLASS_CONTROL; return "start in-tank leak test";
    case 53: *ret_class = CD_CLASS_CONTROL; return "stop in-tank leak test";
    case 501: return "set time of day";
    case 503: return "set station header";
    case 602: return "set tank product label";
    case 604: return "set tank full volume";
    default: return "set";
    }
}

static struct cd_operation operation_of(const struct cd_atg_command *a, const char *target)
{
    struct cd_operation op = {
        .code_space = a->set ? "S" : "I", .code = a->function, .class = CD_CLASS_READ, .target = target};
    op.name = a->set ? set_name(a->function, &op.class) : inquiry_name(a->function);
    if (!a->set && (a->function == REVISION || a->function == 102))
        op.class = CD_CLASS_IDENTIFY;
    return op;
}

static void report_command(struct cd_message *m, struct cd_reader *r)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_atg_command a;
    if (cd_read_peek(r, 0) != SOH)
        return; /* line ends, and what telnet clients send of themselves */
    if (!cd_atg_parse(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    cd_text_str(&t, a.device ? "device " : "all");
    if (a.device)
        cd_text_u64(&t, a.device);
    struct cd_operation op = operation_of(&a, target);
    if (a.has_security_code)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "security code of a tank gauge");
    cd_report_request(m, &op, REQUEST_ID);
    cd_report_remember(m, REQUEST_ID, (uint64_t)a.set << 16 | a.function);
}

static bool begins(const uint8_t *line, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(line, with, n) == 0;
}

/* The station header is free text; without one the report's title follows. */
static bool is_title(const uint8_t *line, size_t len)
{
    return begins(line, len, "IN-TANK") || begins(line, len, "TANK") || begins(line, len, "SYSTEM") ||
           begins(line, len, "SOFTWARE") || begins(line, len, "LIQUID") || begins(line, len, "PRIORITY") ||
           begins(line, len, "VERSION");
}

static void report_revision(struct cd_message *m, const uint8_t *line, size_t len)
{
    struct cd_subject gauge = cd_subject_server(m);
    if (begins(line, len, "VERSION "))
        cd_report_fact_bytes(m, &gauge, CD_ATTRIBUTE_FIRMWARE, line + 8, len - 8, 95);
    else if (begins(line, len, "SOFTWARE# "))
        cd_report_fact_bytes(m, &gauge, CD_ATTRIBUTE_SOFTWARE, line + 10, len - 10, 90);
}

/* An answer with another number than asked is counted by itself. */
static void report_answer(struct cd_message *m, const struct cd_atg_command *a)
{
    struct state *s = m->state;
    struct cd_operation op = operation_of(a, "");
    struct cd_subject gauge = cd_subject_server(m);
    bool asked = cd_report_recall(m, REQUEST_ID) == ((uint64_t)a->set << 16 | a->function);
    cd_report_response(m, &op, asked ? (uint64_t)REQUEST_ID : CD_REPORT_NO_REQUEST, NULL);
    cd_report_fact(m, &gauge, CD_ATTRIBUTE_DEVICE_TYPE, "automatic tank gauge", 85);
    s->at = a->computer_format ? NOWHERE : DATE;
    s->function = a->function;
}

static void report_line(struct cd_message *m, const uint8_t *line, size_t len)
{
    struct state *s = m->state;
    struct cd_reader r = cd_reader_of(line, len);
    struct cd_subject gauge = cd_subject_server(m);
    struct cd_operation unknown = {.name = "command not understood", .code_text = "error", .target = ""};
    struct cd_atg_command a;
    if (begins(line, len, "9999FF1B")) {
        unknown.class = CD_CLASS_OTHER;
        cd_report_response(m, &unknown, REQUEST_ID, "command not understood");
        s->at = NOWHERE;
    } else if ((line[0] == 'I' || line[0] == 'S' || line[0] == 'i' || line[0] == 's') && cd_atg_parse(&r, &a)) {
        report_answer(m, &a);
    } else if (s->at == DATE) {
        s->at = HEADER;
    } else if (s->at == HEADER) {
        if (!is_title(line, len))
            cd_report_fact_bytes(m, &gauge, CD_ATTRIBUTE_NAME, line, len, 80);
        s->at = REPORT;
    }
    if (s->at != NOWHERE && s->function == REVISION)
        report_revision(m, line, len);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    if (m->from_client) {
        report_command(m, r);
        return;
    }
    size_t len = cd_read_left(r);
    const uint8_t *line = cd_read_at(r, len, "line");
    while (line && len && (line[len - 1] <= ' '))
        len--;
    while (line && len && *line <= ' ')
        line++, len--;
    if (line && len)
        report_line(m, line, len);
}

const struct cd_dissector cd_dissector_atg = {
    .name = "atg",
    .tcp_ports = {PORT},
    .probe = probe,
    .probe_by_direction = true,
    .frame = frame,
    .dissect = dissect,
    .max_message = LINE_MAX,
    .state_size = sizeof(struct state),
};
