/* BSAP: access to the signals of RTUs by name, address and list. */
#include "protocols/bsap.h"

enum { TARGET_MAX = 64, NESTED_MAX = 16, NAME_MAX = 40, REQUEST_2 = 0x84, REQUEST_3 = 0x86, DLE = 0x10, STX = 0x02 };

/* The end that answers has been told to be an RTU. */
struct state {
    bool told;
};

/* ---- parsing ---- */

static bool is_request(uint16_t function)
{
    return function == CD_BSAP_REQUEST || function == REQUEST_2 || function == REQUEST_3;
}

bool cd_bsap_parse_header(struct cd_reader *r, struct cd_bsap_header *ret)
{
    struct cd_bsap_header h;
    if (cd_read_le16(r, "header size") != CD_BSAP_HEADER)
        cd_read_fail(r, "header size");
    h.messages = cd_read_le16(r, "number of messages");
    h.function = cd_read_le16(r, "function");
    h.sequence = cd_read_le32(r, "sequence number");
    cd_read_skip(r, 4, "acknowledged sequence number");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

/* The function of the remote database, or of its extension, which is of two bytes. */
static uint16_t read_function(struct cd_reader *r, uint8_t application)
{
    if (application == CD_BSAP_RDB)
        return cd_read_u8(r, "function");
    return application == CD_BSAP_RDB_EXTENSION ? cd_read_le16(r, "function") : 0;
}

bool cd_bsap_parse_message(struct cd_reader *r, bool response, struct cd_bsap_message *ret)
{
    enum { LENGTH_SIZE = 4 };
    struct cd_bsap_message b = {.response = response};
    uint32_t length = cd_read_le32(r, "message length");
    if (length < LENGTH_SIZE)
        cd_read_fail(r, "message length");
    struct cd_reader body = cd_read_sub(r, cd_read_ok(r) ? length - LENGTH_SIZE : 0, "message length");
    cd_read_skip(&body, 1, "message type");
    b.sequence = cd_read_le32(&body, "message sequence number");
    if (response) {
        b.status = cd_read_u8(&body, "status");
        cd_read_skip(&body, 1, "number of elements");
    } else {
        b.application = cd_read_u8(&body, "application");
        cd_read_skip(&body, 1, "node status");
        b.function = read_function(&body, b.application);
    }
    b.data = cd_read_rest(&body);
    if (cd_read_ok(r) && !cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = b;
    return true;
}

bool cd_bsap_parse_serial(struct cd_reader *r, struct cd_bsap_message *ret)
{
    enum { GLOBAL = 0x80, LOCAL_MASK = 0x7f, END = 4 };
    struct cd_bsap_message b = {.has_address = true};
    if (cd_read_be16(r, "DLE STX") != (DLE << 8 | STX))
        cd_read_fail(r, "DLE STX");
    uint8_t address = cd_read_u8(r, "address");
    b.global = address & GLOBAL;
    b.address = address & LOCAL_MASK;
    cd_read_skip(r, 1, "serial number");
    uint16_t from = b.address;
    if (b.global) {
        b.address = cd_read_le16(r, "destination address");
        from = cd_read_le16(r, "source address");
        cd_read_skip(r, 1, "control");
    }
    uint8_t to_function = cd_read_u8(r, "destination function");
    b.sequence = cd_read_le16(r, "sequence number");
    uint8_t from_function = cd_read_u8(r, "source function");
    cd_read_skip(r, 1, "node status");
    b.response = from_function == CD_BSAP_RDB || from_function == CD_BSAP_RDB_EXTENSION;
    b.application = b.response ? from_function : to_function;
    if (b.response) {
        b.address = from;
        b.status = cd_read_u8(r, "status");
    } else {
        b.function = read_function(r, b.application);
    }
    size_t left = cd_read_left(r);
    b.data = cd_read_sub(r, left > END ? left - END : 0, "data");
    if (!cd_read_ok(r))
        return false;
    *ret = b;
    return true;
}

/* ---- what ---- */

struct description {
    const char *name;
    enum cd_class class;
};

static struct description rdb_function(uint16_t function)
{
    switch (function) {
    case 0x00: return (struct description){"read signal by address", CD_CLASS_READ};
    case 0x02: return (struct description){"read logical by address", CD_CLASS_READ};
    case 0x04: return (struct description){"read signal by name", CD_CLASS_READ};
    case 0x06: return (struct description){"read logical by name", CD_CLASS_READ};
    case 0x0c: return (struct description){"read signal by list, start", CD_CLASS_READ};
    case 0x0d: return (struct description){"read signal by list, continue", CD_CLASS_READ};
    case 0x0e: return (struct description){"read logical by list, start", CD_CLASS_READ};
    case 0x0f: return (struct description){"read logical by list, continue", CD_CLASS_READ};
    case 0x80: return (struct description){"write signal by address", CD_CLASS_WRITE};
    case 0x84: return (struct description){"write signal by name", CD_CLASS_WRITE};
    case 0x8c: return (struct description){"write signal by list, start", CD_CLASS_WRITE};
    case 0x8d: return (struct description){"write signal by list, continue", CD_CLASS_WRITE};
    default: return (struct description){"unknown function", CD_CLASS_OTHER};
    }
}

static struct description extension_function(uint16_t function)
{
    switch (function) {
    case 0x0101: return (struct description){"reset system", CD_CLASS_MODE};
    case 0x0102: return (struct description){"reset diagnostics", CD_CLASS_DIAGNOSE};
    case 0x0201: return (struct description){"read date and time", CD_CLASS_READ};
    case 0x0202: return (struct description){"read date", CD_CLASS_READ};
    case 0x0203: return (struct description){"read time", CD_CLASS_READ};
    case 0x0281: return (struct description){"write date and time", CD_CLASS_CONFIGURE};
    case 0x0400: return (struct description){"change local node address", CD_CLASS_CONFIGURE};
    default: return (struct description){"unknown function", CD_CLASS_OTHER};
    }
}

static struct description application_of(uint8_t application)
{
    switch (application) {
    case 0x03: return (struct description){"online access", CD_CLASS_OTHER};
    case 0x48: return (struct description){"diagnostics", CD_CLASS_DIAGNOSE};
    case 0x68: return (struct description){"flash download", CD_CLASS_FIRMWARE};
    case 0x6a: return (struct description){"flash configuration", CD_CLASS_CONFIGURE};
    case 0x70: return (struct description){"command handler", CD_CLASS_OTHER};
    case 0x78: return (struct description){"download", CD_CLASS_PROGRAM};
    case 0x88: return (struct description){"time synchronisation and node routing", CD_CLASS_OTHER};
    case 0xa2:
    case 0xa3: return (struct description){"report by exception", CD_CLASS_READ};
    case 0xa8: return (struct description){"acknowledge alarm", CD_CLASS_ALARM};
    case 0xa9: return (struct description){"initialise alarms", CD_CLASS_ALARM};
    case 0xaa: return (struct description){"alarm report", CD_CLASS_ALARM};
    case 0xb0:
    case 0xb1: return (struct description){"peer to peer", CD_CLASS_READ};
    default: return (struct description){"unknown application", CD_CLASS_OTHER};
    }
}

static struct cd_operation operation_of(const struct cd_bsap_message *b)
{
    struct description d = b->application == CD_BSAP_RDB             ? rdb_function(b->function)
                           : b->application == CD_BSAP_RDB_EXTENSION ? extension_function(b->function)
                                                                     : application_of(b->application);
    struct cd_operation op = {.name = d.name, .code = b->function, .class = d.class, .target = ""};
    if (b->application == CD_BSAP_RDB_EXTENSION) {
        op.code_space = "extension";
    } else if (b->application != CD_BSAP_RDB) {
        op.code_space = "application";
        op.code = b->application;
    }
    return op;
}

static bool begins_name(int byte)
{
    return byte == '@' || byte == '#' || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* Names stand behind what is asked of them and their number; that part differs in length, but none of it looks like a name's beginning of two letters. Of
 * several signals the first is told and how many follow. */
static void text_signal(struct cd_text *t, struct cd_reader data)
{
    enum { BEFORE_MAX = 8 };
    unsigned count = 0;
    for (unsigned i = 0; i < BEFORE_MAX && !(begins_name(cd_read_peek(&data, 0)) && cd_read_peek(&data, 1) > 0x20); i++)
        count = cd_read_u8(&data, "number of signals");
    if (!begins_name(cd_read_peek(&data, 0)))
        return;
    const uint8_t *name = data.base + data.pos;
    size_t len = 0;
    while (len < NAME_MAX && cd_read_peek(&data, len) > 0x20 && cd_read_peek(&data, len) < 0x7f)
        len++;
    cd_text_device(t, name, len);
    if (count > 1) {
        cd_text_str(t, " +");
        cd_text_u64(t, count - 1);
    }
}

static void text_target(struct cd_text *t, const struct cd_bsap_message *b)
{
    if (b->application == CD_BSAP_RDB && (b->function == 0x04 || b->function == 0x06 || b->function == 0x84))
        text_signal(t, b->data);
}

static void report_message(struct cd_message *m, const struct cd_bsap_message *b)
{
    struct state *s = m->state;
    char target[TARGET_MAX], nested[NESTED_MAX];
    struct cd_text t = cd_text_of(target, sizeof target), n = cd_text_of(nested, sizeof nested);
    struct cd_operation op = operation_of(b);
    m->from_client = !b->response;
    if (!b->response) {
        text_target(&t, b);
        op.target = target;
        cd_report_request(m, &op, b->sequence);
        return;
    }
    struct cd_subject server = cd_subject_server(m);
    op.name = "response";
    op.code_space = "function";
    op.code = CD_BSAP_RESPONSE;
    cd_report_response(m, &op, b->sequence, b->status & 0x80 ? "error in at least one element" : NULL);
    if (s->told)
        return;
    s->told = true;
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "rtu", 80);
    if (!b->has_address)
        return;
    cd_text_str(&n, "bsap:");
    cd_text_u64(&n, b->address);
    struct cd_subject node = cd_subject_nested(server, nested);
    cd_report_fact(m, &node, CD_ATTRIBUTE_INSTANCE, nested + sizeof "bsap", 80);
}

/* A datagram that carries no message of the application. */
static void report_poll(struct cd_message *m, const struct cd_bsap_header *h)
{
    struct cd_operation op = {.name = h->function == CD_BSAP_POLL             ? "poll"
                                      : h->function == CD_BSAP_RESPONSE_COUNT ? "response count"
                                                                              : "unknown function",
                              .code_space = "function",
                              .code = h->function,
                              .class = CD_CLASS_OTHER,
                              .target = ""};
    cd_report_notice(m, &op);
}

static void datagram(struct cd_message *m, struct cd_reader *r)
{
    struct cd_bsap_header h;
    struct cd_bsap_message b;
    if (!cd_bsap_parse_header(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (h.messages == 0 || (!is_request(h.function) && h.function != CD_BSAP_RESPONSE)) {
        report_poll(m, &h);
        return;
    }
    for (unsigned i = 0; i < h.messages && i < CD_BSAP_MESSAGES_MAX; i++) {
        if (!cd_bsap_parse_message(r, !is_request(h.function), &b)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        report_message(m, &b);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_bsap_message b;
    if (cd_read_peek(r, 0) != DLE) {
        datagram(m, r);
        return;
    }
    if (cd_bsap_parse_serial(r, &b))
        report_message(m, &b);
    else
        cd_report_malformed(m, r->bad);
}

/* ---- recognising ---- */

/* Both ports are anybody's: the header must be exact, and the first message's length fit; a poll is too little for a foreign port. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < CD_BSAP_HEADER)
        return CD_PROBE_NO;
    if (bytes[0] == DLE && bytes[1] == STX)
        return bytes[len - 4] == DLE && bytes[len - 3] == 0x03 ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (bytes[0] != CD_BSAP_HEADER || bytes[1] || bytes[3] || bytes[5] || bytes[2] > CD_BSAP_MESSAGES_MAX)
        return CD_PROBE_NO;
    if (bytes[2] == 0)
        return bytes[4] == CD_BSAP_POLL && len == CD_BSAP_HEADER ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (bytes[4] == CD_BSAP_RESPONSE_COUNT)
        return CD_PROBE_MAYBE;
    if (len < CD_BSAP_HEADER + 11 || (!is_request(bytes[4]) && bytes[4] != CD_BSAP_RESPONSE))
        return CD_PROBE_NO;
    size_t length = (size_t)bytes[15] << 8 | bytes[14];
    return bytes[16] == 0 && bytes[17] == 0 && length >= 11 && length + CD_BSAP_HEADER <= len ? CD_PROBE_LIKELY
                                                                                              : CD_PROBE_NO;
}

const struct cd_dissector cd_dissector_bsap = {
    .name = "bsap",
    .udp_ports = {CD_BSAP_PORT, CD_BSAP_PORT_2},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
