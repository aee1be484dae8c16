/* CC-Link IE Field Basic: who is master and who slave, what slaves tell of themselves, and the setting of addresses. */
#include "protocols/cclink_ie.h"

#include "base/text.h"

#include <string.h>

enum {
    REQUEST_3E = 0x5000,
    RESPONSE_3E = 0xd000,
    REQUEST_4E = 0x5400,
    RESPONSE_4E = 0xd400,
    LENGTH_AT = 7,
    STATION_BYTES = 76, /* of a request: address 4, RWw 64, RY 8 */
    TEXT_MAX = 48,
    RUNNING = 1
};

/* Of a flow, by the end that sends. */
struct state {
    uint32_t entry;
    uint16_t told_unit, told_error;
    bool told;
};

/* ---- parsing ---- */

static void read_route(struct cd_reader *r)
{
    static const uint8_t route[] = {0, 0xff, 0xff, 3, 0};
    const uint8_t *p = cd_read_at(r, sizeof route, "route");
    if (p && memcmp(p, route, sizeof route) != 0)
        cd_read_fail(r, "route");
}

static void parse_request(struct cd_reader *r, struct cd_cclink_cyclic *c)
{
    cd_read_skip(r, 2, "timer");
    if (cd_read_le16(r, "command") != CD_CCLINK_CYCLIC)
        cd_read_fail(r, "command");
    cd_read_skip(r, 2 + 20, "cyclic header");
    c->unit = cd_read_le16(r, "unit information");
    cd_read_skip(r, 10, "clock");
    cd_read_skip(r, 4, "master's address");
    c->group = cd_read_u8(r, "group");
    cd_read_skip(r, 9, "sequence number");
    c->stations = cd_read_le16(r, "number of stations");
    cd_read_skip(r, 4, "transmission state");
    if (c->stations == 0 || c->stations > CD_CCLINK_STATIONS_MAX)
        cd_read_fail(r, "number of stations");
    if (cd_read_ok(r))
        cd_read_skip(r, (size_t)c->stations * STATION_BYTES, "cyclic data");
}

static void parse_answer(struct cd_reader *r, struct cd_cclink_cyclic *c)
{
    c->response = true;
    cd_read_skip(r, 2 + 2, "protocol version");
    c->end_code = cd_read_le16(r, "end code");
    cd_read_skip(r, 16, "cyclic header");
    c->vendor = cd_read_le16(r, "vendor code");
    cd_read_skip(r, 2, "vendor code");
    c->model = cd_read_le32(r, "model code");
    c->version = cd_read_le16(r, "equipment version");
    cd_read_skip(r, 2, "equipment version");
    c->unit = cd_read_le16(r, "unit information");
    c->error = cd_read_le16(r, "error code");
    cd_read_skip(r, 8, "slave's address");
    c->group = cd_read_u8(r, "group");
    cd_read_skip(r, 3, "sequence number");
}

bool cd_cclink_parse_cyclic(struct cd_reader *r, struct cd_cclink_cyclic *ret)
{
    struct cd_cclink_cyclic c = {0};
    uint16_t kind = cd_read_be16(r, "frame type");
    read_route(r);
    uint16_t length = cd_read_le16(r, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    if (kind == REQUEST_3E)
        parse_request(&body, &c);
    else if (kind == RESPONSE_3E)
        parse_answer(&body, &c);
    else
        cd_read_fail(r, "frame type");
    if (cd_read_ok(r) && !cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

bool cd_cclink_parse_slmp(struct cd_reader *r, struct cd_cclink_slmp *ret)
{
    struct cd_cclink_slmp s = {0};
    uint16_t kind = cd_read_be16(r, "frame type");
    s.response = kind == RESPONSE_4E;
    if (kind != REQUEST_4E && !s.response)
        cd_read_fail(r, "frame type");
    s.serial = cd_read_le16(r, "serial number");
    cd_read_skip(r, 2, "serial number");
    read_route(r);
    uint16_t length = cd_read_le16(r, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    if (s.response) {
        s.end_code = cd_read_le16(&body, "end code");
    } else {
        cd_read_skip(&body, 2, "timer");
        s.command = cd_read_le16(&body, "command");
        cd_read_skip(&body, 2, "subcommand");
    }
    s.data = cd_read_rest(&body);
    if (!cd_read_ok(r) || !cd_read_ok(&body)) {
        if (cd_read_ok(r))
            cd_read_fail(r, body.bad);
        return false;
    }
    *ret = s;
    return true;
}

/* ---- cyclic data ---- */

static const char *end_code_name(uint16_t code)
{
    switch (code) {
    case 0xcee0: return "another master's data are exchanged";
    case 0xcee1: return "wrong number of stations";
    case 0xcee2: return "parameter error";
    case 0xcff0: return "slave is disabled";
    case 0xcfff: return "slave asks to end the exchange";
    default: return "end code is not 0";
    }
}

static void tell_numbers(struct cd_message *m, const struct cd_subject *who, uint16_t vendor, uint32_t model,
                         uint16_t version)
{
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (vendor) {
        cd_text_str(&t, "CC-Link vendor code 0x");
        cd_text_hex(&t, vendor, 4);
        cd_report_fact(m, who, CD_ATTRIBUTE_VENDOR, text, 50);
    }
    if (model) {
        t = cd_text_of(text, sizeof text);
        cd_text_str(&t, "model code 0x");
        cd_text_hex(&t, model, 8);
        cd_report_fact(m, who, CD_ATTRIBUTE_MODEL, text, 60);
    }
    if (version) {
        t = cd_text_of(text, sizeof text);
        cd_text_u64(&t, version);
        cd_report_fact(m, who, CD_ATTRIBUTE_FIRMWARE, text, 70);
    }
}

/* What changes seldom is told when it changes. */
static void tell_sender(struct cd_message *m, const struct cd_cclink_cyclic *c)
{
    struct state *s = m->state;
    struct cd_subject sender = cd_subject_sender(m);
    if (__builtin_expect(s->told && s->told_unit == c->unit && s->told_error == c->error, 1))
        return;
    if (!s->told) {
        cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, c->response ? "io-device" : "controller", 85);
        if (c->response)
            tell_numbers(m, &sender, c->vendor, c->model, c->version);
    }
    if (!s->told || s->told_unit != c->unit)
        cd_report_fact(m, &sender, CD_ATTRIBUTE_STATE, c->unit == RUNNING ? "run" : "stop", 80);
    if (c->error && c->error != s->told_error)
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, "the slave tells an error code");
    s->told = true;
    s->told_unit = c->unit;
    s->told_error = c->error;
}

/* The master asks all slaves of a group by one broadcast; each answers to the master alone, so that a question and its answers are of different flows. */
static void cyclic(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = "cyclic data", .code = CD_CCLINK_CYCLIC, .class = CD_CLASS_OTHER, .target = target};
    struct cd_cclink_cyclic c;
    if (!cd_cclink_parse_cyclic(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (s->entry == 0) {
        cd_text_str(&t, "group ");
        cd_text_u64(&t, c.group);
    }
    m->from_client = !c.response;
    if (c.response)
        cd_report_cyclic_response(m, &op, &s->entry, c.end_code ? end_code_name(c.end_code) : NULL);
    else
        cd_report_cyclic(m, &op, &s->entry);
    tell_sender(m, &c);
}

/* ---- search and setting ---- */

enum { ADDRESS_LENGTH = 4, MAC = 6 };

static uint32_t read_address(struct cd_reader *r)
{
    if (cd_read_u8(r, "size of address") != ADDRESS_LENGTH)
        cd_read_fail(r, "size of address");
    return cd_read_le32(r, "address");
}

static void text_address(struct cd_text *t, uint32_t ip)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        cd_text_u64(t, ip >> shift & 0xff);
        if (shift)
            cd_text_char(t, '.');
    }
}

static void text_mac(struct cd_text *t, const uint8_t *reversed)
{
    for (int i = MAC - 1; i >= 0; i--) {
        cd_text_hex(t, reversed[i], 2);
        if (i)
            cd_text_char(t, ':');
    }
}

/* Whose address is to be set to what. */
static void text_setting(struct cd_text *t, struct cd_reader data)
{
    cd_read_skip(&data, MAC, "master's MAC");
    read_address(&data);
    const uint8_t *slave = cd_read_at(&data, MAC, "slave's MAC");
    uint32_t ip = read_address(&data);
    if (!cd_read_ok(&data))
        return;
    text_mac(t, slave);
    cd_text_str(t, " to ");
    text_address(t, ip);
}

/* A slave answers a search from where it is, or from anywhere if its address does not fit the net. */
static void tell_node(struct cd_message *m, struct cd_reader data)
{
    struct cd_subject server = cd_subject_server(m);
    char text[TEXT_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_read_skip(&data, MAC, "master's MAC");
    read_address(&data);
    const uint8_t *mac = cd_read_at(&data, MAC, "slave's MAC");
    read_address(&data);
    cd_read_skip(&data, 8, "netmask");
    uint8_t host = cd_read_u8(&data, "size of host name");
    cd_read_skip(&data, host, "host name");
    uint16_t vendor = cd_read_le16(&data, "vendor code");
    uint32_t model = cd_read_le32(&data, "model code");
    uint16_t version = cd_read_le16(&data, "equipment version");
    if (!cd_read_ok(&data)) {
        cd_report_malformed(m, data.bad);
        return;
    }
    text_mac(&t, mac);
    cd_report_fact(m, &server, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "io-device", 80);
    tell_numbers(m, &server, vendor, model, version);
}

static void search(struct cd_message *m, struct cd_reader *r)
{
    char target[TEXT_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_cclink_slmp s;
    if (!cd_cclink_parse_slmp(r, &s)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !s.response;
    /* Answers do not repeat the command; that of a search is the long one. */
    uint16_t command = s.command;
    if (s.response)
        command = (uint16_t)cd_report_recall(m, s.serial);
    if (s.response && !command)
        command = s.data.len > 2 * MAC ? CD_CCLINK_NODE_SEARCH : CD_CCLINK_IP_SET;
    struct cd_operation op = {.name = "unknown command", .code = command, .class = CD_CLASS_OTHER, .target = target};
    if (command == CD_CCLINK_NODE_SEARCH) {
        op.name = "node search";
        op.class = CD_CLASS_IDENTIFY;
    } else if (command == CD_CCLINK_IP_SET) {
        op.name = "IP address set";
        op.class = CD_CLASS_CONFIGURE;
    }
    if (s.response) {
        cd_report_response(m, &op, s.serial, s.end_code ? "end code is not 0" : NULL);
        if (command == CD_CCLINK_NODE_SEARCH && !s.end_code)
            tell_node(m, s.data);
        return;
    }
    if (command == CD_CCLINK_IP_SET)
        text_setting(&t, s.data);
    cd_report_request(m, &op, s.serial);
    cd_report_remember(m, s.serial, command);
}

/* ---- recognising ---- */

static bool has_route(const uint8_t *at)
{
    return at[0] == 0 && at[1] == 0xff && at[2] == 0xff && at[3] == 3 && at[4] == 0;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_UDP || len < 17)
        return CD_PROBE_NO;
    unsigned kind = (unsigned)bytes[0] << 8 | bytes[1];
    if ((kind == REQUEST_3E || kind == RESPONSE_3E) && has_route(bytes + 2)) {
        if (((unsigned)bytes[LENGTH_AT + 1] << 8 | bytes[LENGTH_AT]) + LENGTH_AT + 2 != len)
            return CD_PROBE_NO;
        if (kind == RESPONSE_3E)
            return len >= 59 ? CD_PROBE_MAYBE : CD_PROBE_NO;
        return bytes[11] == 0x70 && bytes[12] == 0x0e ? CD_PROBE_SURE : CD_PROBE_NO;
    }
    if ((kind != REQUEST_4E && kind != RESPONSE_4E) || bytes[4] || bytes[5] || !has_route(bytes + 6))
        return CD_PROBE_NO;
    if (kind == RESPONSE_4E)
        return CD_PROBE_MAYBE;
    return len >= 19 && bytes[16] == 0x0e && (bytes[15] == 0x30 || bytes[15] == 0x31) ? CD_PROBE_LIKELY : CD_PROBE_NO;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    int second = cd_read_peek(r, 0);
    if (second == REQUEST_4E >> 8 || second == RESPONSE_4E >> 8)
        search(m, r);
    else
        cyclic(m, r);
}

const struct cd_dissector cd_dissector_cclink_ie = {
    .name = "cclink-ief-basic",
    .udp_ports = {CD_CCLINK_PORT, CD_CCLINK_SEARCH_PORT},
    .probe = probe,
    .dissect = dissect,
    .state_size = sizeof(struct state),
};
