/* SOME/IP: who offers and uses which services of a vehicle, and what is called. */
#include "protocols/someip.h"

#include "base/text.h"

enum { LENGTH_MIN = 8, MESSAGES_MAX = 64, ENTRIES_MAX = 128, ENTRY = 16, STREAM_MESSAGE_MAX = 1 << 20 };
enum { ENTRY_FIND = 0, ENTRY_OFFER = 1, ENTRY_SUBSCRIBE = 6, ENTRY_ACKNOWLEDGMENT = 7 };

/* ---- parsing ---- */

static bool is_type(uint8_t type)
{
    uint8_t base = type & (uint8_t)~CD_SOMEIP_SEGMENT;
    return base <= CD_SOMEIP_NOTIFICATION || base == CD_SOMEIP_RESPONSE || base == CD_SOMEIP_ERROR;
}

bool cd_someip_parse(struct cd_reader *r, struct cd_someip_message *ret)
{
    struct cd_someip_message s;
    s.service = cd_read_be16(r, "service");
    s.method = cd_read_be16(r, "method");
    uint32_t length = cd_read_be32(r, "length");
    if (length < LENGTH_MIN)
        cd_read_fail(r, "length");
    struct cd_reader rest = cd_read_sub(r, length, "length");
    s.client = cd_read_be16(&rest, "client");
    s.session = cd_read_be16(&rest, "session");
    if (cd_read_u8(&rest, "protocol version") != 1)
        cd_read_fail(&rest, "protocol version");
    s.interface_version = cd_read_u8(&rest, "interface version");
    s.type = cd_read_u8(&rest, "message type");
    s.return_code = cd_read_u8(&rest, "return code");
    if (!is_type(s.type))
        cd_read_fail(&rest, "message type");
    s.payload = cd_read_rest(&rest);
    if (cd_read_ok(r) && !cd_read_ok(&rest))
        cd_read_fail(r, rest.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = s;
    return true;
}

bool cd_someip_parse_discovery(struct cd_reader *payload, struct cd_reader *ret_entries)
{
    cd_read_skip(payload, 4, "flags");
    uint32_t length = cd_read_be32(payload, "entries length");
    if (length % ENTRY != 0)
        cd_read_fail(payload, "entries length");
    struct cd_reader entries = cd_read_sub(payload, length, "entries length");
    uint32_t options = cd_read_be32(payload, "options length");
    cd_read_skip(payload, options, "options length");
    if (!cd_read_ok(payload))
        return false;
    *ret_entries = entries;
    return true;
}

bool cd_someip_next_entry(struct cd_reader *entries, struct cd_someip_entry *ret)
{
    struct cd_someip_entry e = {0};
    if (!cd_read_left(entries))
        return false;
    e.type = cd_read_u8(entries, "entry type");
    cd_read_skip(entries, 3, "entry options");
    e.service = cd_read_be16(entries, "entry service");
    e.instance = cd_read_be16(entries, "entry instance");
    cd_read_skip(entries, 1, "entry version");
    e.ttl_s = cd_read_be24(entries, "entry time to live");
    uint32_t last = cd_read_be32(entries, "entry");
    if (e.type >= ENTRY_SUBSCRIBE)
        e.event_group = (uint16_t)last;
    if (!cd_read_ok(entries))
        return false;
    *ret = e;
    return true;
}

/* ---- recognising and framing ---- */

/* No magic, but three fields of few values and a length that must fit to the byte. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < CD_SOMEIP_HEADER || bytes[12] != 1 || !is_type(bytes[14]) || bytes[4] || bytes[15] > 0x5f)
        return CD_PROBE_NO;
    bool answer = bytes[14] & 0x80;
    if (!answer && bytes[15] != 0)
        return CD_PROBE_NO;
    uint32_t length = (uint32_t)bytes[5] << 16 | (uint32_t)bytes[6] << 8 | bytes[7];
    if (length < LENGTH_MIN || (transport == CD_TRANSPORT_UDP && length + 8 > len))
        return CD_PROBE_NO;
    if (length + 8 != len)
        return CD_PROBE_MAYBE;
    bool named = bytes[0] | bytes[1];                                           /* service 0 is reserved */
    return named && (bytes[10] | bytes[11]) ? CD_PROBE_LIKELY : CD_PROBE_MAYBE; /* session 0: not in use */
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    if (len < CD_SOMEIP_HEADER)
        return CD_FRAME_MORE;
    struct cd_reader r = cd_reader_of(bytes + 4, 4);
    uint32_t length = cd_read_be32(&r, "length");
    if (bytes[12] != 1 || !is_type(bytes[14]) || length < LENGTH_MIN || length > STREAM_MESSAGE_MAX)
        return CD_FRAME_NOT_OURS;
    return (ssize_t)length + 8;
}

/* ---- what is told ---- */

/* PRS_SOMEIPProtocol 4.2.6. */
static const char *return_code_name(uint8_t code)
{
    static const char *const names[] = {NULL,
                                        "not ok",
                                        "unknown service",
                                        "unknown method",
                                        "not ready",
                                        "not reachable",
                                        "timeout",
                                        "wrong protocol version",
                                        "wrong interface version",
                                        "malformed message",
                                        "wrong message type",
                                        "message repeated",
                                        "wrong sequence",
                                        "message not protected as it must be",
                                        "protection not available",
                                        "no new data"};
    return code < sizeof names / sizeof *names ? names[code] : code < 0x20 ? "reserved error" : "error of the service";
}

static void text_hex(struct cd_text *t, const char *before, uint16_t value)
{
    cd_text_str(t, before);
    cd_text_hex(t, value, 4);
}

/* Discovery of one service: each entry is an operation of its own. */
static void report_entry(struct cd_message *m, const struct cd_someip_entry *e)
{
    char target[64];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.code_space = "discovery", .code = e->type, .class = CD_CLASS_IDENTIFY, .target = target};
    switch (e->type) {
    case ENTRY_FIND: op.name = "find service"; break;
    case ENTRY_OFFER: op.name = e->ttl_s ? "offer service" : "stop offering service"; break;
    case ENTRY_SUBSCRIBE: op.name = e->ttl_s ? "subscribe to event group" : "stop subscription"; break;
    case ENTRY_ACKNOWLEDGMENT: op.name = e->ttl_s ? "subscription accepted" : "subscription refused"; break;
    default: op.name = "unknown entry"; break;
    }
    if (e->type >= ENTRY_SUBSCRIBE)
        op.class = CD_CLASS_SESSION;
    text_hex(&t, "service ", e->service);
    if (e->instance != 0xffff)
        text_hex(&t, " instance ", e->instance);
    if (e->type >= ENTRY_SUBSCRIBE)
        text_hex(&t, " event group ", e->event_group);
    cd_report_notice(m, &op);
    if (e->type != ENTRY_OFFER || !e->ttl_s)
        return;
    struct cd_subject s = cd_subject_sender(m);
    t = cd_text_of(target, sizeof target);
    text_hex(&t, "SOME/IP service ", e->service);
    text_hex(&t, " instance ", e->instance);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, target, 90);
}

static void report_discovery(struct cd_message *m, struct cd_reader payload)
{
    struct cd_reader entries;
    struct cd_someip_entry e;
    m->from_client = true; /* both ends tell what they offer and want */
    if (!cd_someip_parse_discovery(&payload, &entries)) {
        cd_report_malformed(m, payload.bad);
        return;
    }
    for (unsigned i = 0; i < ENTRIES_MAX && cd_someip_next_entry(&entries, &e); i++)
        report_entry(m, &e);
}

static void report_message(struct cd_message *m, const struct cd_someip_message *s)
{
    char target[48];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t type = s->type & (uint8_t)~CD_SOMEIP_SEGMENT;
    struct cd_operation op = {
        .name = "call", .code = (uint32_t)s->service << 16 | s->method, .class = CD_CLASS_OTHER, .target = target};
    uint64_t id = (uint64_t)op.code << 32 | (uint64_t)s->client << 16 | s->session;
    text_hex(&t, "service ", s->service);
    text_hex(&t, s->method & 0x8000 ? " event " : " method ", s->method);
    m->from_client = type <= CD_SOMEIP_REQUEST_NO_RETURN;
    if (type == CD_SOMEIP_REQUEST) {
        cd_report_request(m, &op, id);
    } else if (type == CD_SOMEIP_RESPONSE || type == CD_SOMEIP_ERROR) {
        const char *error = return_code_name(s->return_code);
        cd_report_response(m, &op, id, error ? error : type == CD_SOMEIP_ERROR ? "error" : NULL);
    } else {
        m->from_client = true; /* of a notification the sender is who acts */
        op.name = type == CD_SOMEIP_NOTIFICATION ? "notification" : "call without an answer";
        cd_report_notice(m, &op);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_someip_message s;
    for (unsigned i = 0; i < MESSAGES_MAX && cd_read_left(r); i++) {
        if (!cd_someip_parse(r, &s)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        if (s.service == CD_SOMEIP_SD_SERVICE && s.method == CD_SOMEIP_SD_METHOD)
            report_discovery(m, s.payload);
        else
            report_message(m, &s);
    }
    if (r->len == 0)
        cd_report_malformed(m, "service");
}

const struct cd_dissector cd_dissector_someip = {
    .name = "someip",
    .tcp_ports = {30490},
    .udp_ports = {30490, 30491},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = STREAM_MESSAGE_MAX + 8,
};
