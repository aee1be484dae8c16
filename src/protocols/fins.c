/* Omron FINS: recognising and framing, and what controllers tell of themselves. */
#include "protocols/fins.h"

#include "base/text.h"

#include <string.h>

enum {
    TARGET_MAX = 128,
    NESTED_MAX = 24,
    MODEL = 20,
    TCP_LENGTH_MIN = 8,
    TCP_LENGTH_MAX = 8192,
    NETWORK_MAX = 127,
    MRC_MAX = 0x30
};
enum { SECOND_HALF = 1 /* the note kept with a request for a controller's bus units alone (0501, parameter 1) */ };

struct state {
    bool told; /* the role and node number of the device at the other end */
};

/* ---- parsing ---- */

static struct cd_fins_address read_address(struct cd_reader *r, const char *field)
{
    struct cd_fins_address a;
    a.network = cd_read_u8(r, field);
    a.node = cd_read_u8(r, field);
    a.unit = cd_read_u8(r, field);
    return a;
}

bool cd_fins_parse(struct cd_reader *r, struct cd_fins_frame *ret)
{
    enum {
        RELAY_ERROR = 0x8000,
        END_CODE = 0x7f3f /* without the flags of relay, fatal and non-fatal errors (5-1-3) */
    };
    struct cd_fins_frame f = {0};
    f.icf = cd_read_u8(r, "ICF");
    f.reserved = cd_read_u8(r, "RSV") || (f.icf & 0x3e);
    f.gateway_count = cd_read_u8(r, "GCT");
    f.destination = read_address(r, "destination address");
    f.source = read_address(r, "source address");
    f.service_id = cd_read_u8(r, "SID");
    f.command = cd_read_be16(r, "command code");
    if (f.icf & CD_FINS_ICF_RESPONSE) {
        uint16_t end_code = cd_read_be16(r, "end code");
        f.end_code = end_code & END_CODE;
        f.relay_error = end_code & RELAY_ERROR;
    }
    f.data = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = f;
    return true;
}

bool cd_fins_parse_tcp(struct cd_reader *r, struct cd_fins_tcp *ret)
{
    struct cd_fins_tcp f;
    const uint8_t *magic = cd_read_at(r, 4, "header");
    if (magic && memcmp(magic, "FINS", 4) != 0)
        cd_read_fail(r, "header");
    uint32_t length = cd_read_be32(r, "length");
    if (length < TCP_LENGTH_MIN || length > TCP_LENGTH_MAX)
        cd_read_fail(r, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    f.command = cd_read_be32(&body, "command");
    f.error = cd_read_be32(&body, "error code");
    f.data = cd_read_rest(&body);
    if (!cd_read_ok(r) || !cd_read_ok(&body))
        return false;
    *ret = f;
    return true;
}

/* ---- recognising and framing ---- */

/* The port is also other programs': where the header has not the values every sender uses (3-1: ICF 80, 81, C0 or C1, RSV 0, GCT 2 or 7) or the command is none
 * of the manual's, the bytes are not claimed on foreign ports. */
static int probe_frame(const uint8_t *bytes, size_t len)
{
    if (len < CD_FINS_HEADER + 2 || (bytes[0] & 0xbe) != 0x80 || bytes[1] || bytes[2] > 7 || bytes[3] > NETWORK_MAX ||
        bytes[6] > NETWORK_MAX)
        return CD_PROBE_NO;
    const struct cd_fins_command *command = cd_fins_command_of((uint16_t)(bytes[10] << 8 | bytes[11]));
    if (!command) /* a command of another series, on the port of its own */
        return bytes[2] == 2 && bytes[10] && bytes[10] <= MRC_MAX ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (bytes[0] & CD_FINS_ICF_RESPONSE)
        return len >= CD_FINS_HEADER + 4 ? CD_PROBE_LIKELY : CD_PROBE_NO;
    if (bytes[2] != 2 && bytes[2] != 7)
        return CD_PROBE_MAYBE;
    return len >= (size_t)CD_FINS_HEADER + 2 + command->parameters ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_UDP)
        return probe_frame(bytes, len);
    if (len < 4 || memcmp(bytes, "FINS", 4) != 0)
        return CD_PROBE_NO;
    return len < 8 || (bytes[4] == 0 && bytes[5] == 0) ? CD_PROBE_SURE : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (memcmp(bytes, "FINS", len < 4 ? len : 4) != 0)
        return CD_FRAME_NOT_OURS;
    if (len < 8)
        return CD_FRAME_MORE;
    struct cd_reader r = cd_reader_of(bytes + 4, 4);
    uint32_t length = cd_read_be32(&r, "length");
    if (length < TCP_LENGTH_MIN || length > TCP_LENGTH_MAX)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)length + 8;
}

/* ---- who ---- */

static void text_node(struct cd_text *t, struct cd_fins_address a)
{
    cd_text_u64(t, a.network);
    cd_text_char(t, '.');
    cd_text_u64(t, a.node);
    cd_text_char(t, '.');
    cd_text_u64(t, a.unit);
}

/* Behind another network, or a unit on the CPU bus (0x10 to 0x1f; 0 is the CPU, 0xfe the unit that speaks). */
static bool is_behind(struct cd_fins_address device, struct cd_fins_address asker)
{
    return (device.network != 0 && device.network != asker.network) || (device.unit >= 0x10 && device.unit <= 0x1f);
}

/* Whom facts in a response are about. */
static struct cd_subject responder(const struct cd_message *m, const struct cd_fins_frame *f, char nested[NESTED_MAX])
{
    struct cd_subject server = cd_subject_server(m);
    if (!is_behind(f->source, f->destination))
        return server;
    struct cd_text t = cd_text_of(nested, NESTED_MAX);
    cd_text_str(&t, "fins:");
    text_node(&t, f->source);
    return cd_subject_nested(server, nested);
}

static void report_node(struct cd_message *m, const struct cd_subject *device, uint8_t node)
{
    char number[4];
    struct cd_text t = cd_text_of(number, sizeof number);
    if (node == 0 || node == 0xff)
        return;
    cd_text_u64(&t, node);
    cd_report_fact(m, device, CD_ATTRIBUTE_INSTANCE, number, 90);
}

/* 0501: model 20, version 20, system 40, areas 12 (5-3-17). With parameter 1 the response has the bus units alone. */
static void report_controller(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    const uint8_t *model = cd_read_at(&r, MODEL, "model"), *version = cd_read_at(&r, MODEL, "version");
    if (!version || model[0] < 0x21 || model[0] > 0x7e)
        return;
    cd_report_fact_bytes(m, device, CD_ATTRIBUTE_MODEL, model, strnlen((const char *)model, MODEL), 95);
    cd_report_fact_bytes(m, device, CD_ATTRIBUTE_FIRMWARE, version, strnlen((const char *)version, MODEL), 95);
    cd_report_fact(m, device, CD_ATTRIBUTE_VENDOR, "Omron", 90);
    cd_report_fact(m, device, CD_ATTRIBUTE_ROLE, "plc", 85);
}

/* 0502: number of units, then unit address 1 and model 20 of each (5-3-18). */
static void report_units(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    char text[64];
    unsigned units = cd_read_u8(&r, "number of units") & 0x7f; /* bit 7: the last ones */
    for (unsigned i = 0; i < units && i < 25; i++) {
        uint8_t unit = cd_read_u8(&r, "unit address");
        const uint8_t *model = cd_read_at(&r, MODEL, "model");
        if (!model)
            return;
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_text_str(&t, "unit ");
        cd_text_u64(&t, unit);
        cd_text_str(&t, ": ");
        cd_text_device(&t, model, strnlen((const char *)model, MODEL));
        cd_report_fact(m, device, CD_ATTRIBUTE_MODULE, text, 90);
    }
}

/* 0601: status 1, mode 1, fatal errors 2, non-fatal errors 2, … (5-3-19). */
static void report_status(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    uint8_t status = cd_read_u8(&r, "status") & 0x81, mode = cd_read_u8(&r, "mode");
    uint16_t fatal = cd_read_be16(&r, "fatal errors");
    if (!cd_read_ok(&r))
        return;
    const char *state = status & 0x80 ? "standby" : status ? "run" : "stop";
    if (status == 1 && mode == 2)
        state = "run (monitor mode)";
    else if (status == 1 && mode == 1)
        state = "run (debug mode)";
    cd_report_fact(m, device, CD_ATTRIBUTE_STATE, state, 90);
    if (fatal)
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, "the controller reports a fatal error");
}

static void report_answer(struct cd_message *m, const struct cd_fins_frame *f, uint64_t note)
{
    char nested[NESTED_MAX];
    struct state *s = m->state;
    struct cd_subject device = responder(m, f, nested);
    if (!s->told || *device.nested) {
        s->told = s->told || !*device.nested;
        report_node(m, &device, f->source.node);
    }
    switch (f->command) {
    case 0x0501:
        if (note != SECOND_HALF)
            report_controller(m, &device, f->data);
        break;
    case 0x0502: report_units(m, &device, f->data); break;
    case 0x0601: report_status(m, &device, f->data); break;
    case 0x2603:
        cd_report_fact_bytes(m, &device, CD_ATTRIBUTE_NAME, f->data.base, f->data.len > 8 ? 8 : f->data.len, 80);
        break;
    default: break;
    }
}

/* ---- what ---- */

/* The service id is the sender's to choose (3-1); many never change it, so the command and the other node belong to it. */
static uint64_t request_id(const struct cd_fins_frame *f, struct cd_fins_address device)
{
    return (uint64_t)device.network << 40 | (uint64_t)device.node << 32 | (uint64_t)device.unit << 24 |
           (uint64_t)f->service_id << 16 | f->command;
}

static void report_command(struct cd_message *m, const struct cd_fins_frame *f, struct cd_operation op)
{
    enum { PASSWORD_AT = 11 /* 0304 and 0305: program 2, protect code 1, words 4 + 4, password 4 (5-3-9) */ };
    char text[TARGET_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (is_behind(f->destination, f->source)) {
        cd_text_str(&t, " node ");
        text_node(&t, f->destination);
    }
    bool fits = cd_fins_text_target(&t, f, &op);
    op.target = t.len ? text + 1 : "";
    if (f->icf & CD_FINS_ICF_NO_RESPONSE) {
        cd_report_notice(m, &op);
    } else {
        cd_report_request(m, &op, request_id(f, f->destination));
        if (f->command == 0x0501 && f->data.len == 1 && f->data.base[0] == 1)
            cd_report_remember(m, request_id(f, f->destination), SECOND_HALF);
    }
    if (!fits)
        cd_report_malformed(m, "parameters");
    if ((f->command == 0x0304 || f->command == 0x0305) && f->data.len > PASSWORD_AT)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "program area password");
}

static void report_frame(struct cd_message *m, struct cd_reader *r)
{
    struct cd_fins_frame f;
    if (!cd_fins_parse(r, &f)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    const struct cd_fins_command *command = cd_fins_command_of(f.command);
    struct cd_operation op = {.name = command ? command->name : "unknown command",
                              .code = f.command,
                              .class = command ? (enum cd_class)command->class : CD_CLASS_OTHER,
                              .target = ""};
    if (f.reserved)
        cd_report_event(m, CD_EVENT_VIOLATION, "reserved bits of the header are set");
    m->from_client = !(f.icf & CD_FINS_ICF_RESPONSE); /* either end may ask: PLCs send commands of their own */
    if (m->from_client) {
        report_command(m, &f, op);
        return;
    }
    uint64_t id = request_id(&f, f.source), note = cd_report_recall(m, id);
    cd_report_response(m, &op, id, f.end_code ? cd_fins_end_code_name(f.end_code) : NULL);
    if (f.end_code == 0x2602)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "incorrect password");
    if (!f.end_code && !f.relay_error)
        report_answer(m, &f, note);
}

/* W420 7-4: the server tells both nodes. */
static void report_nodes(struct cd_message *m, struct cd_reader r)
{
    struct state *s = m->state;
    uint32_t client = cd_read_be32(&r, "client node"), server = cd_read_be32(&r, "server node");
    struct cd_subject client_end = cd_subject_client(m), server_end = cd_subject_server(m);
    if (!cd_read_ok(&r)) {
        cd_report_malformed(m, r.bad);
        return;
    }
    if (client < 0xff)
        report_node(m, &client_end, (uint8_t)client);
    if (server < 0xff)
        report_node(m, &server_end, (uint8_t)server);
    s->told = true;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_fins_tcp tcp;
    if (m->transport != CD_TRANSPORT_TCP) {
        report_frame(m, r);
        return;
    }
    if (!cd_fins_parse_tcp(r, &tcp)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (tcp.error)
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, cd_fins_tcp_error_name(tcp.error));
    switch (tcp.command) {
    case CD_FINS_TCP_CLIENT_NODE:
    case CD_FINS_TCP_ERROR:
    case CD_FINS_TCP_CONFIRM: break;
    case CD_FINS_TCP_SERVER_NODE:
        if (!tcp.error)
            report_nodes(m, tcp.data);
        break;
    case CD_FINS_TCP_FRAME:
        if (!tcp.error || tcp.data.len)
            report_frame(m, &tcp.data);
        break;
    default: cd_report_event(m, CD_EVENT_VIOLATION, "unknown FINS/TCP command"); break;
    }
}

const struct cd_dissector cd_dissector_fins = {
    .name = "fins",
    .tcp_ports = {9600},
    .udp_ports = {9600},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = TCP_LENGTH_MAX + 8,
    .state_size = sizeof(struct state),
};
