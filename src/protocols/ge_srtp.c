/* GE SRTP: reading, recognising and what messages tell. */
#include "protocols/ge_srtp.h"

#include <string.h>

enum {
    PORT = 18245,
    TARGET_MAX = 80,
    REQUEST_WITH_TEXT = 0x80,
    RESPONSE_WITH_TEXT = 0x94,
    REQUEST_SHORT = 0xc0,
    REFUSAL = 0xd1,
    RESPONSE_SHORT = 0xd4,
    INITIALIZE_ID = 0x10000, /* above the indexes of requests */
    SESSION_ID = 0x20000,
    STATE_SHIFT = 12,
    NAME_MAX = 8,
    MAILBOX = 31
};

struct state {
    uint8_t plc_state; /* the one told last, and one more; 0: none */
};

/* ---- parsing ---- */

/* Service and where, at 42 or, with text, at 50. */
static void read_service(struct cd_reader *r, struct cd_ge_srtp_message *a)
{
    uint8_t any = 0;
    a->service = cd_read_u8(r, "service request code");
    a->selector = cd_read_u8(r, "segment selector");
    a->offset = cd_read_le16(r, "offset");
    a->length = cd_read_le16(r, "length");
    if (a->service != CD_GE_SRTP_PRIVILEGE)
        return;
    for (int at = 0, byte; at < 3 && (byte = cd_read_peek(r, (size_t)at)) >= 0; at++)
        any |= (uint8_t)byte;
    a->has_password = a->offset || a->length || any || a->text.len;
}

static void read_mailbox(struct cd_reader *r, struct cd_ge_srtp_message *a)
{
    switch (a->mailbox) {
    case REQUEST_SHORT: read_service(r, a); break;
    case REQUEST_WITH_TEXT:
        cd_read_skip(r, 8, "packet numbers");
        read_service(r, a);
        break;
    case RESPONSE_SHORT:
    case REFUSAL:
        a->status = cd_read_u8(r, "status");
        a->minor_status = cd_read_u8(r, "minor status");
        cd_read_skip(r, 10, "data");
        a->plc_status = cd_read_le16(r, "controller status");
        a->has_plc_status = a->mailbox == RESPONSE_SHORT;
        break;
    case RESPONSE_WITH_TEXT:
        cd_read_skip(r, 12, "packet numbers");
        a->plc_status = cd_read_le16(r, "controller status");
        a->has_plc_status = true;
        break;
    default: break;
    }
}

bool cd_ge_srtp_parse(struct cd_reader *r, struct cd_ge_srtp_message *ret)
{
    struct cd_ge_srtp_message a = {0};
    struct cd_reader header = cd_read_sub(r, CD_GE_SRTP_HEADER, "header");
    a.type = cd_read_u8(&header, "type");
    cd_read_skip(&header, 1, "reserved");
    a.index = cd_read_le16(&header, "index");
    uint16_t text_length = cd_read_le16(&header, "text length");
    cd_read_skip(&header, 25, "header");
    a.mailbox = cd_read_u8(&header, "mailbox type");
    cd_read_skip(&header, 10, "mailboxes");
    a.text = cd_read_sub(r, text_length, "text length");
    read_mailbox(&header, &a);
    if (header.bad)
        cd_read_fail(r, header.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* ---- recognising and framing ---- */

static bool is_zero(const uint8_t *bytes, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool known_mailbox(uint8_t type, uint8_t mailbox)
{
    switch (type) {
    case CD_GE_SRTP_REQUEST:
    case CD_GE_SRTP_SESSION: return mailbox == REQUEST_SHORT || mailbox == REQUEST_WITH_TEXT;
    case CD_GE_SRTP_RESPONSE:
    case CD_GE_SRTP_SESSION_RESPONSE:
        return mailbox == RESPONSE_SHORT || mailbox == RESPONSE_WITH_TEXT || mailbox == REFUSAL;
    default: return false;
    }
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    if (transport != CD_TRANSPORT_TCP || len < CD_GE_SRTP_HEADER || bytes[0] > CD_GE_SRTP_SESSION_RESPONSE || bytes[1])
        return CD_PROBE_NO;
    if (bytes[0] <= CD_GE_SRTP_INITIALIZED)
        return len == CD_GE_SRTP_HEADER && (bytes[0] == CD_GE_SRTP_INITIALIZED) != from_client &&
                       is_zero(bytes, 1, 8) && is_zero(bytes, 18, CD_GE_SRTP_HEADER)
                   ? CD_PROBE_MAYBE
                   : CD_PROBE_NO;
    if (!known_mailbox(bytes[0], bytes[MAILBOX]) || !is_zero(bytes, 18, 26))
        return CD_PROBE_NO;
    return bytes[17] == 1 && bytes[40] == 1 && bytes[41] == 1 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (len < 6)
        return CD_FRAME_MORE;
    if (bytes[0] > CD_GE_SRTP_SESSION_RESPONSE || bytes[1])
        return CD_FRAME_NOT_OURS;
    return CD_GE_SRTP_HEADER + (ssize_t)(bytes[4] | bytes[5] << 8);
}

/* ---- reporting ---- */

static void report_request(struct cd_message *m, const struct cd_ge_srtp_message *a, uint64_t id)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_ge_srtp_service service = cd_ge_srtp_service_of(a->service);
    struct cd_operation op = {.name = service.name, .code = a->service, .class = service.class, .target = target};
    if (service.has_address && cd_ge_srtp_text_address(&t, a->selector, a->offset, a->length) &&
        op.class == CD_CLASS_WRITE)
        op.class = CD_CLASS_CONTROL; /* outputs of the process */
    if (a->service == CD_GE_SRTP_SET_STATE && cd_ge_srtp_state_name(a->selector))
        cd_text_str(&t, cd_ge_srtp_state_name(a->selector));
    if (a->service == CD_GE_SRTP_PRIVILEGE && a->has_password)
        cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "password of a privilege level");
    cd_report_request(m, &op, id);
    cd_report_remember(m, id, a->service + 1u);
}

/* The answer to 43 begins with the control id, the name the programmer gave, filled with NULs. */
static void report_name(struct cd_message *m, const struct cd_subject *plc, struct cd_reader text)
{
    const uint8_t *name = cd_read_at(&text, NAME_MAX, "control id");
    size_t len = name ? strnlen((const char *)name, NAME_MAX) : 0;
    for (size_t i = 0; i < len; i++)
        if (name[i] < '!' || name[i] > '~')
            return;
    if (len >= 2)
        cd_report_fact_bytes(m, plc, CD_ATTRIBUTE_NAME, name, len, 60);
}

static void report_plc(struct cd_message *m, const struct cd_ge_srtp_message *a)
{
    struct state *s = m->state;
    struct cd_subject plc = cd_subject_server(m);
    uint8_t plc_state = (uint8_t)(a->plc_status >> STATE_SHIFT);
    if (s->plc_state == plc_state + 1)
        return;
    s->plc_state = plc_state + 1;
    cd_report_fact(m, &plc, CD_ATTRIBUTE_ROLE, "plc", 85);
    cd_report_fact(m, &plc, CD_ATTRIBUTE_VENDOR, "GE", 75);
    if (cd_ge_srtp_state_name(plc_state))
        cd_report_fact(m, &plc, CD_ATTRIBUTE_STATE, cd_ge_srtp_state_name(plc_state), 80);
}

static void report_response(struct cd_message *m, const struct cd_ge_srtp_message *a, uint64_t id)
{
    uint64_t note = cd_report_recall(m, id);
    struct cd_ge_srtp_service service = cd_ge_srtp_service_of((uint8_t)(note - 1));
    struct cd_operation op = {.name = note ? service.name : "response without a request",
                              .code_text = note ? NULL : "response",
                              .code = note ? (uint32_t)(note - 1) : 0,
                              .class = note ? service.class : CD_CLASS_OTHER,
                              .target = ""};
    bool refused = a->mailbox == REFUSAL || a->status;
    cd_report_response(m, &op, id, refused ? cd_ge_srtp_status_name(a->status) : NULL);
    if (a->has_plc_status)
        report_plc(m, a);
    if (note == CD_GE_SRTP_IDENTIFY + 1 && !refused) {
        struct cd_subject plc = cd_subject_server(m);
        report_name(m, &plc, a->text);
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_ge_srtp_message a;
    struct cd_operation initialize = {
        .name = "initialize", .code_text = "initialize", .class = CD_CLASS_SESSION, .target = ""};
    if (!cd_ge_srtp_parse(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !(a.type & 1);
    switch (a.type) {
    case CD_GE_SRTP_INITIALIZE: cd_report_request(m, &initialize, INITIALIZE_ID); return;
    case CD_GE_SRTP_INITIALIZED: cd_report_response(m, &initialize, INITIALIZE_ID, NULL); return;
    case CD_GE_SRTP_REQUEST: report_request(m, &a, a.index); break;
    case CD_GE_SRTP_SESSION: report_request(m, &a, SESSION_ID | a.index); break;
    case CD_GE_SRTP_RESPONSE: report_response(m, &a, a.index); break;
    case CD_GE_SRTP_SESSION_RESPONSE: report_response(m, &a, SESSION_ID | a.index); break;
    default: cd_report_event(m, CD_EVENT_VIOLATION, "unknown message type"); return;
    }
    if (!known_mailbox(a.type, a.mailbox))
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown mailbox type");
}

const struct cd_dissector cd_dissector_ge_srtp = {
    .name = "ge-srtp",
    .tcp_ports = {PORT},
    .probe = probe,
    .probe_by_direction = true,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_GE_SRTP_HEADER + 65535,
    .state_size = sizeof(struct state),
};
