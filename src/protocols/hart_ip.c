/* HART-IP: recognising and framing, sessions, and the HART commands passed through. */
#include "protocols/hart_ip.h"

#include <string.h>

enum {
    TARGET_MAX = 160,
    PORT = 5094,
    TYPE_MASK = 7, /* of the delimiter: frame types */
    TYPE_BURST = 1,
    TYPE_STX = 2,
    TYPE_ACK = 6,
    EXTENDED = 31, /* the number of the command stands in its data */
    SEND_TO_SUB_DEVICE = 77,
    WRITE_JOIN_KEY = 768,
    DIRECT_SHOWN = 3,  /* commands of a direct PDU told by number */
    MALFUNCTION = 0x80 /* device status */
};

/* ---- parsing ---- */

bool cd_hart_ip_parse(struct cd_reader *r, struct cd_hart_ip_message *ret)
{
    struct cd_hart_ip_message h = {.version = cd_read_u8(r, "version")};
    if (h.version < 1 || h.version > 2)
        cd_read_fail(r, "version");
    h.type = cd_read_u8(r, "message type") & 0x0f;
    h.id = cd_read_u8(r, "message id");
    h.status = cd_read_u8(r, "status");
    h.sequence = cd_read_be16(r, "sequence number");
    uint16_t count = cd_read_be16(r, "byte count");
    if (count < CD_HART_IP_HEADER)
        cd_read_fail(r, "byte count");
    h.body = cd_read_sub(r, count - CD_HART_IP_HEADER, "byte count");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

static uint8_t check_byte(const uint8_t *bytes, size_t len)
{
    uint8_t check = 0;
    for (size_t i = 0; i < len; i++)
        check ^= bytes[i];
    return check;
}

/* TS20081 5.1: the top bits of the address' first byte are the master and burst mode, not the device. */
static void read_hart_address(struct cd_reader *r, bool is_long, struct cd_hart_address *ret)
{
    size_t len = is_long ? CD_HART_LONG_ADDRESS : 1;
    const uint8_t *address = cd_read_at(r, len, "address");
    ret->is_long = is_long;
    if (!address)
        return;
    memcpy(ret->bytes, address, len);
    ret->bytes[0] &= 0x3f;
}

bool cd_hart_parse_frame(struct cd_reader *r, struct cd_hart_frame *ret)
{
    struct cd_hart_frame f = {0};
    struct cd_reader whole = *r;
    size_t begin = r->pos;
    uint8_t delimiter = cd_read_u8(r, "delimiter"), type = delimiter & TYPE_MASK;
    if (type != TYPE_BURST && type != TYPE_STX && type != TYPE_ACK)
        cd_read_fail(r, "delimiter");
    f.response = type != TYPE_STX;
    f.burst = type == TYPE_BURST;
    read_hart_address(r, delimiter & 0x80, &f.address);
    cd_read_skip(r, delimiter >> 5 & 3, "expansion bytes");
    f.command = cd_read_u8(r, "command");
    uint8_t count = cd_read_u8(r, "byte count");
    f.data = cd_read_sub(r, count, "byte count");
    size_t len = r->pos - begin;
    uint8_t check = cd_read_u8(r, "check byte");
    if (f.response && count >= 2) {
        f.code = cd_read_u8(&f.data, "response code");
        f.device_status = cd_read_u8(&f.data, "device status");
    } else if (f.response) {
        cd_read_fail(r, "response code");
    }
    if (f.command == EXTENDED && cd_read_left(&f.data) >= 2)
        f.command = cd_read_be16(&f.data, "extended command");
    f.data = cd_read_rest(&f.data);
    if (!cd_read_ok(r))
        return false;
    const uint8_t *bytes = cd_read_at(&whole, len, "frame");
    f.check_fits = bytes && check_byte(bytes, len) == check;
    *ret = f;
    return true;
}

/* ---- recognising and framing ---- */

static bool known_header(const uint8_t *bytes)
{
    return bytes[0] >= 1 && bytes[0] <= 2 && (bytes[1] <= CD_HART_IP_PUBLISH || bytes[1] == CD_HART_IP_NAK) &&
           bytes[2] < CD_HART_IP_IDS;
}

/* UDP sessions go on at a port the device chooses, so that the bytes alone must tell. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < CD_HART_IP_HEADER || !known_header(bytes))
        return CD_PROBE_NO;
    size_t count = (size_t)(bytes[6] << 8 | bytes[7]);
    if (count < CD_HART_IP_HEADER || (transport == CD_TRANSPORT_UDP && count != len))
        return CD_PROBE_NO;
    if (bytes[1] == CD_HART_IP_REQUEST && bytes[3])
        return CD_PROBE_NO;
    if (count > len)
        return CD_PROBE_MAYBE;
    struct cd_reader r = cd_reader_of(bytes + CD_HART_IP_HEADER, count - CD_HART_IP_HEADER);
    struct cd_hart_frame f;
    switch (bytes[2]) {
    case CD_HART_IP_INITIATE: return count == 13 && bytes[0] == 1 && bytes[8] <= 1 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
    case CD_HART_IP_TOKEN_PASSING:
        if (bytes[3])
            return CD_PROBE_MAYBE;
        return !cd_hart_parse_frame(&r, &f) || cd_read_left(&r) ? CD_PROBE_NO
               : f.check_fits                                   ? CD_PROBE_LIKELY
                                                                : CD_PROBE_MAYBE;
    default: return CD_PROBE_MAYBE;
    }
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (len < CD_HART_IP_HEADER)
        return CD_FRAME_MORE;
    size_t count = (size_t)(bytes[6] << 8 | bytes[7]);
    if (!known_header(bytes) || count < CD_HART_IP_HEADER)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)count;
}

/* ---- what ---- */

static void text_command(struct cd_text *t, uint16_t command)
{
    cd_text_str(t, " command ");
    cd_text_u64(t, command);
    cd_text_char(t, ' ');
    cd_text_str(t, cd_hart_command_of(command).name);
}

static void text_device(struct cd_text *t, const struct cd_hart_address *address)
{
    cd_text_str(t, address->is_long ? "device " : "poll address ");
    cd_hart_text_address(t, address);
}

/* Command 77 (TS20151): card 1, channel 1, preambles 1, then a frame without its check byte. */
static void text_sub_device(struct cd_text *t, struct cd_reader r, struct cd_operation *op)
{
    struct cd_hart_address address = {0};
    cd_read_skip(&r, 3, "card, channel, preambles");
    uint8_t delimiter = cd_read_u8(&r, "delimiter");
    read_hart_address(&r, delimiter & 0x80, &address);
    cd_read_skip(&r, delimiter >> 5 & 3, "expansion bytes");
    uint16_t command = cd_read_u8(&r, "command");
    cd_read_skip(&r, 1, "byte count");
    if (command == EXTENDED)
        command = cd_read_be16(&r, "extended command");
    if (!cd_read_ok(&r))
        return;
    op->class = cd_hart_command_of(command).class;
    cd_text_str(t, ", ");
    text_device(t, &address);
    text_command(t, command);
}

/* Commands that look for a device name it. */
static void text_tag(struct cd_text *t, uint16_t command, struct cd_reader r)
{
    if (command != 21)
        return;
    size_t len = cd_read_left(&r) < 32 ? cd_read_left(&r) : 32;
    const uint8_t *tag = cd_read_at(&r, len, "long tag");
    if (!tag || !len)
        return;
    cd_text_char(t, ' ');
    cd_text_device(t, tag, strnlen((const char *)tag, len));
}

static void describe_frame(struct cd_message *m, struct cd_text *t, const struct cd_hart_frame *f,
                           struct cd_operation *op)
{
    op->class = cd_hart_command_of(f->command).class;
    text_device(t, &f->address);
    text_command(t, f->command);
    if (f->command == SEND_TO_SUB_DEVICE && !f->response)
        text_sub_device(t, f->data, op);
    if (!f->response)
        text_tag(t, f->command, f->data);
    if (f->command == WRITE_JOIN_KEY && !f->response)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "join key of a wireless network");
}

static void report_answer(struct cd_message *m, const struct cd_hart_frame *f)
{
    struct cd_hart_state *s = m->state;
    if (f->code & 0x80)
        return;
    if (f->device_status & MALFUNCTION && !s->malfunction_told) {
        s->malfunction_told = true;
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, "device malfunction");
    }
    if (!cd_hart_response_code_name(f->code))
        cd_hart_report_answer(m, f);
}

/* The sequence number pairs a response with its request (TS20085 6.1). */
static uint64_t request_id(const struct cd_hart_ip_message *h)
{
    return (uint64_t)h->id << 16 | h->sequence;
}

static void report(struct cd_message *m, const struct cd_hart_ip_message *h, const struct cd_operation *op,
                   const char *error)
{
    const char *status = cd_hart_ip_status_name(h->status);
    if (h->type == CD_HART_IP_REQUEST)
        cd_report_request(m, op, request_id(h));
    else if (h->type == CD_HART_IP_PUBLISH)
        cd_report_response(m, op, CD_REPORT_NO_REQUEST, error); /* what a device tells without being asked again */
    else
        cd_report_response(m, op, request_id(h),
                           status                      ? status
                           : error                     ? error
                           : h->type == CD_HART_IP_NAK ? "refused"
                                                       : NULL);
}

static void report_token_passing(struct cd_message *m, const struct cd_hart_ip_message *h, struct cd_operation op)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader r = h->body;
    struct cd_hart_frame f;
    bool parsed = cd_hart_parse_frame(&r, &f);
    op.target = target;
    if (parsed) {
        describe_frame(m, &t, &f, &op);
        if (h->type == CD_HART_IP_RESPONSE)
            target[0] = '\0';
    }
    report(m, h, &op, parsed && f.response ? cd_hart_response_code_name(f.code) : NULL);
    if (!parsed) {
        if (h->body.len || h->type == CD_HART_IP_REQUEST)
            cd_report_malformed(m, r.bad);
        return;
    }
    if (!f.check_fits)
        cd_report_event(m, CD_EVENT_VIOLATION, "check byte of the HART frame is wrong");
    else if (f.response && h->type != CD_HART_IP_REQUEST)
        report_answer(m, &f);
}

static bool is_dangerous(enum cd_class class)
{
    return class == CD_CLASS_CONTROL || class == CD_CLASS_PROGRAM || class == CD_CLASS_FIRMWARE ||
           class == CD_CLASS_MODE || class == CD_CLASS_CONFIGURE;
}

/* Direct PDU: device status 1, extended status 1, then command 2, byte count 1, data of each command. The class is the most dangerous one's. */
static void report_direct(struct cd_message *m, const struct cd_hart_ip_message *h, struct cd_operation op)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader r = h->body;
    const char *error = NULL;
    bool request = h->type == CD_HART_IP_REQUEST;
    cd_read_skip(&r, 2, "device status");
    for (unsigned n = 0; cd_read_left(&r); n++) {
        uint16_t number = cd_read_be16(&r, "command");
        uint8_t count = cd_read_u8(&r, "byte count");
        struct cd_reader data = cd_read_sub(&r, count, "byte count");
        struct cd_hart_command command = cd_hart_command_of(number);
        if (n == 0 || (is_dangerous(command.class) && !is_dangerous(op.class)))
            op.class = command.class;
        if (!request && !error)
            error = cd_hart_response_code_name(cd_read_u8(&data, "response code"));
        if (request && n < DIRECT_SHOWN) {
            if (n)
                cd_text_char(&t, ',');
            text_command(&t, number);
        }
    }
    op.target = t.len ? target + 1 : "";
    report(m, h, &op, error);
    if (!cd_read_ok(&r))
        cd_report_malformed(m, r.bad);
}

/* Session initiate: master type 1, inactivity time 4. UDP sessions go on from another port of the server, in a flow that looks as if the client were asked:
 * who is master is therefore told as a fact. */
static const char *report_master(struct cd_message *m, const struct cd_reader *body)
{
    struct cd_reader r = *body;
    bool primary = cd_read_u8(&r, "master type");
    struct cd_subject client = cd_subject_client(m);
    if (!cd_read_ok(&r))
        return "";
    cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "master", 50);
    return primary ? "primary master" : "secondary master";
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_hart_ip_message h;
    if (!cd_hart_ip_parse(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {
        .name = cd_hart_ip_message_name(h.id), .code = h.id, .class = CD_CLASS_SESSION, .target = ""};
    m->from_client = h.type == CD_HART_IP_REQUEST;
    switch (h.id) {
    case CD_HART_IP_TOKEN_PASSING: report_token_passing(m, &h, op); break;
    case CD_HART_IP_DIRECT: report_direct(m, &h, op); break;
    case CD_HART_IP_AUDIT_LOG:
        op.class = CD_CLASS_DIAGNOSE;
        report(m, &h, &op, NULL);
        break;
    case CD_HART_IP_INITIATE:
        if (m->from_client)
            op.target = report_master(m, &h.body);
        report(m, &h, &op, NULL);
        break;
    default:
        if (h.id >= CD_HART_IP_IDS)
            cd_report_event(m, CD_EVENT_VIOLATION, "unknown message id");
        report(m, &h, &op, NULL);
        break;
    }
}

const struct cd_dissector cd_dissector_hart_ip = {
    .name = "hart-ip",
    .tcp_ports = {PORT},
    .udp_ports = {PORT},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct cd_hart_state),
};
