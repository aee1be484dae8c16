/* MELSEC: recognising and framing the forms of the MC protocol and SLMP, and what they tell. */
#include "protocols/melsec.h"

#include <string.h>

enum {
    TARGET_MAX = 160,
    NESTED_MAX = 24,
    LENGTH_MAX = 8192,
    NETWORK_MAX = 239,
    HEADER_1E = 4,
    RESPONSE_1E = 0x80,
    REQUEST_3E = 0x50,
    RESPONSE_3E = 0xd0,
    REQUEST_4E = 0x54,
    RESPONSE_4E = 0xd4,
    ROUTE = 5, /* network, station, module I/O, multidrop station */
    COMMAND_1E_LAST = 0x3f,
    TYPE_NAME = 0x0101,
};

/* ---- parsing ---- */

uint32_t cd_melsec_number(struct cd_reader *r, bool ascii, unsigned size, const char *field)
{
    uint32_t number = 0;
    const uint8_t *p = cd_read_at(r, ascii ? 2 * (size_t)size : size, field);
    if (!p)
        return 0;
    for (unsigned i = 0; !ascii && i < size; i++)
        number |= (uint32_t)p[i] << (8 * i);
    for (unsigned i = 0; ascii && i < 2 * size; i++) {
        uint8_t c = p[i];
        uint8_t digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                               : 0xff;
        if (digit > 15)
            cd_read_fail(r, field);
        number = number << 4 | (digit & 0x0f);
    }
    return number;
}

/* The first bytes of the forms 3E and 4E; ASCII frames begin with the same as digits. */
static uint8_t subheader(const uint8_t *bytes, size_t len, bool *ret_ascii)
{
    *ret_ascii = false;
    if (len >= 2 && bytes[1] == 0 &&
        (bytes[0] == REQUEST_3E || bytes[0] == RESPONSE_3E || bytes[0] == REQUEST_4E || bytes[0] == RESPONSE_4E))
        return bytes[0];
    if (len >= 4 && (bytes[0] == '5' || bytes[0] == 'D') && (bytes[1] == '0' || bytes[1] == '4') && bytes[2] == '0' &&
        bytes[3] == '0') {
        *ret_ascii = true;
        return (uint8_t)((bytes[0] == '5' ? 0x50 : 0xd0) | (bytes[1] - '0'));
    }
    return 0;
}

static bool parse_1e(struct cd_reader *r, struct cd_melsec_message *ret)
{
    struct cd_melsec_message a = {.form = CD_MELSEC_1E, .module = CD_MELSEC_OWN_CPU};
    uint8_t first = cd_read_u8(r, "command");
    a.response = first & RESPONSE_1E;
    a.command = first & 0x7f;
    if (a.command > COMMAND_1E_LAST)
        cd_read_fail(r, "command");
    a.station = CD_MELSEC_LOCAL_STATION;
    if (a.response) {
        a.end_code = cd_read_u8(r, "end code");
    } else {
        a.station = cd_read_u8(r, "station");
        cd_read_skip(r, 2, "monitoring timer");
    }
    a.data = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

bool cd_melsec_parse(struct cd_reader *r, struct cd_melsec_message *ret)
{
    struct cd_melsec_message a = {0};
    struct cd_reader start = *r;
    size_t n = cd_read_left(&start) < 4 ? cd_read_left(&start) : 4;
    const uint8_t *bytes = cd_read_at(&start, n, "subheader");
    uint8_t kind = bytes ? subheader(bytes, n, &a.ascii) : 0;
    if (kind == 0)
        return parse_1e(r, ret);
    a.form = kind & 0x04 ? CD_MELSEC_4E : CD_MELSEC_3E;
    a.response = kind & 0x80;
    cd_read_skip(r, a.ascii ? 4 : 2, "subheader");
    if (a.form == CD_MELSEC_4E) {
        a.serial = (uint16_t)cd_melsec_number(r, a.ascii, 2, "serial number");
        cd_read_skip(r, a.ascii ? 4 : 2, "fixed zeros");
    }
    a.network = (uint8_t)cd_melsec_number(r, a.ascii, 1, "network");
    a.station = (uint8_t)cd_melsec_number(r, a.ascii, 1, "station");
    a.module = (uint16_t)cd_melsec_number(r, a.ascii, 2, "module I/O number");
    a.multidrop = (uint8_t)cd_melsec_number(r, a.ascii, 1, "multidrop station");
    uint32_t length = cd_melsec_number(r, a.ascii, 2, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    if (a.response) {
        a.end_code = (uint16_t)cd_melsec_number(&body, a.ascii, 2, "end code");
    } else {
        cd_read_skip(&body, a.ascii ? 4 : 2, "monitoring timer");
        a.command = (uint16_t)cd_melsec_number(&body, a.ascii, 2, "command");
        a.subcommand = (uint16_t)cd_melsec_number(&body, a.ascii, 2, "subcommand");
    }
    a.data = cd_read_rest(&body);
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* ---- recognising and framing ---- */

/* A request of form 1E has no length: it follows from the command. Zero where it can't be told: all that is there. */
static size_t length_1e(const uint8_t *bytes, size_t len)
{
    size_t points = len > 10 ? (bytes[10] ? bytes[10] : 256) : 0, count = len > 4 ? bytes[4] : 0;
    switch (bytes[0]) {
    case 0x00:
    case 0x01: return 12;
    case 0x02: return 12 + (points + 1) / 2;
    case 0x03: return 12 + 2 * points;
    case 0x04: return 6 + 7 * count;
    case 0x05: return 6 + 8 * count;
    case 0x06:
    case 0x07: return 6 + 6 * count;
    case 0x08:
    case 0x09:
    case 0x13:
    case 0x14:
    case 0x15: return HEADER_1E;
    case 0x16: return 5 + count;
    default: return 0;
    }
}

static ssize_t frame_length(const uint8_t *bytes, size_t len, uint8_t kind, bool ascii)
{
    unsigned unit = ascii ? 2 : 1;
    size_t at = (size_t)unit * (2 + (kind & 0x04 ? 4 : 0) + ROUTE);
    if (len < at + 2 * (size_t)unit)
        return CD_FRAME_MORE;
    struct cd_reader r = cd_reader_of(bytes + at, 2 * (size_t)unit);
    uint32_t length = cd_melsec_number(&r, ascii, 2, "length");
    if (!cd_read_ok(&r) || length < 2 || length > LENGTH_MAX)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)(at + 2 * (size_t)unit + length);
}

static bool could_be_subheader(const uint8_t *bytes)
{
    switch (bytes[0]) {
    case REQUEST_3E:
    case RESPONSE_3E:
    case REQUEST_4E:
    case RESPONSE_4E:
    case '5':
    case 'D': return true;
    default: return false;
    }
}

ssize_t cd_melsec_frame(const uint8_t *bytes, size_t len)
{
    bool ascii;
    if (len == 0)
        return CD_FRAME_MORE;
    if (bytes[0] == CD_MELSOFT_REQUEST || bytes[0] == CD_MELSOFT_RESPONSE) {
        if (len < CD_MELSOFT_HEADER)
            return CD_FRAME_MORE;
        return CD_MELSOFT_HEADER + (ssize_t)(bytes[19] | bytes[20] << 8);
    }
    if (could_be_subheader(bytes)) {
        uint8_t kind = subheader(bytes, len, &ascii);
        if (kind)
            return frame_length(bytes, len, kind, ascii);
        return len < 4 ? CD_FRAME_MORE : CD_FRAME_NOT_OURS;
    }
    if ((bytes[0] & 0x7f) > COMMAND_1E_LAST)
        return CD_FRAME_NOT_OURS;
    if (bytes[0] & RESPONSE_1E)
        return len < 2 ? CD_FRAME_MORE : (ssize_t)len;
    if (len < HEADER_1E)
        return CD_FRAME_MORE;
    size_t length = length_1e(bytes, len);
    if ((bytes[0] <= 7 || bytes[0] == 0x16) && len < 12 && length > len)
        return CD_FRAME_MORE;
    return length ? (ssize_t)length : (ssize_t)len;
}

bool cd_melsec_is_message(const uint8_t *bytes, size_t len, bool whole)
{
    bool ascii;
    uint8_t kind = subheader(bytes, len, &ascii);
    struct cd_melsec_message a;
    if (!kind)
        return false;
    ssize_t length = frame_length(bytes, len, kind, ascii);
    if (length <= 0 || (size_t)length > len || (whole && (size_t)length != len))
        return false;
    struct cd_reader r = cd_reader_of(bytes, (size_t)length);
    if (!cd_melsec_parse(&r, &a) || a.network > NETWORK_MAX || (a.module & 0xfc00))
        return false;
    return a.response ? a.module == CD_MELSEC_OWN_CPU || a.network > 0 : cd_melsec_command_of(a.command).name != NULL;
}

/* Whether a batch access names a device of the manual: the letter and a blank or second letter, a number below 2^24, a zero at its end. */
static bool is_batch_1e(const uint8_t *bytes, size_t len)
{
    if (len < 12 || bytes[0] > 3 || bytes[7] || bytes[11] || bytes[10] == 0)
        return false;
    switch (bytes[9] << 8 | bytes[8]) {
    case 'D' << 8 | ' ':
    case 'W' << 8 | ' ':
    case 'R' << 8 | ' ':
    case 'X' << 8 | ' ':
    case 'Y' << 8 | ' ':
    case 'M' << 8 | ' ':
    case 'B' << 8 | ' ':
    case 'S' << 8 | ' ':
    case 'F' << 8 | ' ':
    case 'T' << 8 | 'N':
    case 'T' << 8 | 'S':
    case 'T' << 8 | 'C':
    case 'C' << 8 | 'N':
    case 'C' << 8 | 'S':
    case 'C' << 8 | 'C': return true;
    default: return false;
    }
}

static int probe_1e(const uint8_t *bytes, size_t len)
{
    if (bytes[0] > 0x16 || bytes[1] != CD_MELSEC_LOCAL_STATION || length_1e(bytes, len) != len)
        return CD_PROBE_NO;
    return is_batch_1e(bytes, len) ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    bool datagram = transport == CD_TRANSPORT_UDP;
    if (len < 4)
        return CD_PROBE_NO;
    switch (bytes[0]) {
    case CD_MELSOFT_REQUEST:
    case CD_MELSOFT_RESPONSE: {
        if (len < CD_MELSOFT_HEADER + 4 || bytes[1] > 1 || bytes[5] != 0x11 || bytes[6] != 0x11)
            return CD_PROBE_NO;
        size_t length = CD_MELSOFT_HEADER + (size_t)(bytes[19] | bytes[20] << 8);
        return (datagram ? length == len : length <= len || len >= 1024) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
    }
    case CD_MELSOFT_FIND: return datagram && len == 4 && !bytes[1] && !bytes[2] ? CD_PROBE_MAYBE : CD_PROBE_NO;
    case CD_MELSOFT_FOUND: return datagram && len >= 8 && !bytes[1] && !bytes[2] ? CD_PROBE_MAYBE : CD_PROBE_NO;
    case REQUEST_3E:
    case RESPONSE_3E:
    case REQUEST_4E:
    case RESPONSE_4E:
    case '5':
    case 'D': return cd_melsec_is_message(bytes, len, datagram) ? CD_PROBE_LIKELY : CD_PROBE_NO;
    default: return probe_1e(bytes, len);
    }
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    return cd_melsec_frame(bytes, len);
}

/* ---- who and what ---- */

static bool is_routed(const struct cd_melsec_message *a)
{
    return a->form != CD_MELSEC_1E && (a->network != 0 || a->station != CD_MELSEC_LOCAL_STATION);
}

static void text_station(struct cd_text *t, const struct cd_melsec_message *a)
{
    cd_text_u64(t, a->network);
    cd_text_char(t, '.');
    cd_text_u64(t, a->station);
}

static struct cd_subject responder(const struct cd_message *m, const struct cd_melsec_message *a,
                                   char nested[NESTED_MAX])
{
    struct cd_subject server = cd_subject_server(m);
    if (!is_routed(a))
        return server;
    struct cd_text t = cd_text_of(nested, NESTED_MAX);
    cd_text_str(&t, "melsec:");
    text_station(&t, a);
    return cd_subject_nested(server, nested);
}

/* 0101 (SH-080956 5.6): type name 16, type code 2. */
static void report_model(struct cd_message *m, const struct cd_melsec_message *a)
{
    char nested[NESTED_MAX];
    struct cd_subject device = responder(m, a, nested);
    struct cd_reader r = a->data;
    const uint8_t *name = cd_read_at(&r, CD_MELSEC_MODEL, "type name");
    if (!name || name[0] < '0' || name[0] > 'z')
        return;
    cd_report_fact_bytes(m, &device, CD_ATTRIBUTE_MODEL, name, strnlen((const char *)name, CD_MELSEC_MODEL), 95);
    cd_report_fact(m, &device, CD_ATTRIBUTE_VENDOR, "Mitsubishi Electric", 90);
    cd_report_fact(m, &device, CD_ATTRIBUTE_ROLE, "plc", 85);
}

/* Form 4E has a serial number; the others one request at a time. */
static uint64_t request_id(const struct cd_melsec_message *a)
{
    return (uint64_t)a->form << 32 | (a->form == CD_MELSEC_4E ? a->serial : 0u);
}

static struct cd_melsec_command command_of(const struct cd_melsec_message *a)
{
    struct cd_melsec_command command =
        a->form == CD_MELSEC_1E ? cd_melsec_1e_command_of((uint8_t)a->command) : cd_melsec_command_of(a->command);
    if (!command.name)
        command.name = "unknown command";
    else if (command.bit_name && a->subcommand & 1)
        command.name = command.bit_name;
    return command;
}

static void report_request(struct cd_message *m, const struct cd_melsec_message *a, struct cd_operation op)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (is_routed(a)) {
        cd_text_str(&t, " station ");
        text_station(&t, a);
    }
    bool fits = cd_melsec_text_target(&t, a);
    op.target = t.len ? target + 1 : "";
    cd_report_request(m, &op, request_id(a));
    cd_report_remember(m, request_id(a), a->command + 1u);
    if (!fits)
        cd_report_malformed(m, "request data");
    if ((a->command == 0x1630 || a->command == 0x1631) && a->data.len)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "remote password");
}

static void report_response(struct cd_message *m, struct cd_melsec_message *a, struct cd_operation op)
{
    uint64_t id = request_id(a), note = cd_report_recall(m, id);
    if (note && a->form != CD_MELSEC_1E)
        a->command = (uint16_t)(note - 1);
    else if (a->form != CD_MELSEC_1E)
        op.name = "response"; /* which says not to what */
    const char *error =
        a->end_code ? a->form == CD_MELSEC_1E ? "error end code" : cd_melsec_end_code_name(a->end_code) : NULL;
    cd_report_response(m, &op, id, error);
    if (a->form != CD_MELSEC_1E && cd_melsec_is_password_error(a->end_code))
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, cd_melsec_end_code_name(a->end_code));
    if (!a->end_code && note && a->form != CD_MELSEC_1E && a->command == TYPE_NAME)
        report_model(m, a);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_melsec_message a;
    int first = cd_read_peek(r, 0);
    if (first == CD_MELSOFT_REQUEST || first == CD_MELSOFT_RESPONSE || first == CD_MELSOFT_FIND ||
        first == CD_MELSOFT_FOUND) {
        cd_melsoft_dissect(m, r);
        return;
    }
    if (!cd_melsec_parse(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_melsec_command command = command_of(&a);
    struct cd_operation op = {.name = command.name,
                              .code_space = a.form == CD_MELSEC_1E ? "1e" : NULL,
                              .code = a.command,
                              .class = command.class,
                              .target = ""};
    m->from_client = !a.response;
    if (a.response)
        report_response(m, &a, op);
    else
        report_request(m, &a, op);
    if (cd_read_left(r))
        cd_report_malformed(m, "bytes behind the message");
}

const struct cd_dissector cd_dissector_melsec = {
    .name = "melsec",
    .tcp_ports = {5006, 5007, 5010, 5562},
    .udp_ports = {5000, 5006, 5007, 5010, 5560, 45237, 45238, 45239},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = LENGTH_MAX + 32,
};
