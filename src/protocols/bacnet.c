/* BACnet: recognising it, its layers from the link to the application header, and what is counted. */
#include "protocols/bacnet.h"

#include "base/hash.h"

#include <string.h>

enum {
    BVLC_IP = 0x81,
    BVLC_IPV6 = 0x82,
    BVLC_HEADER = 4,
    BVLC6_UNICAST = 1,
    BVLC6_BROADCAST = 2,
    BVLC6_FORWARDED = 8,
    BVLC6_SECURE = 0x0b,
    BVLC6_DISTRIBUTE = 0x0c,
    LLC_BACNET = 0x82,
    LLC_UI = 0x03,
    MSTP_PREAMBLE = 0x55,
    SNAP_CIMETRICS = 0x001090,
    SNAP_MSTP = 1,
    MSTP_DATA_EXPECTING_REPLY = 5,
    MSTP_DATA_NOT_EXPECTING_REPLY = 6,
    NPDU_VERSION = 1,
    NPDU_NETWORK = 0x80,
    NPDU_DESTINATION = 0x20,
    NPDU_SOURCE = 0x08,
    NPDU_RESERVED = 0x50,
    MESSAGE_PROPRIETARY = 0x80,
    SEGMENTED = 8,
    MORE = 4,
    SERVER = 1,
    TARGET_MAX = 224,
};

/* ---- parsing ---- */

static void read_address(struct cd_reader *r, struct cd_bacnet_address *a, const char *field)
{
    a->network = cd_read_be16(r, field);
    uint8_t len = cd_read_u8(r, field);
    const uint8_t *mac = cd_read_at(r, len, field);
    if (len > CD_BACNET_MAC_MAX)
        cd_read_fail(r, field);
    if (!cd_read_ok(r))
        return;
    a->len = len;
    memcpy(a->mac, mac, len);
}

static void parse_apdu(struct cd_reader *r, struct cd_bacnet_message *b)
{
    uint8_t first = cd_read_u8(r, "PDU type"), flags = first & 0x0f;
    if (first >> 4 > CD_BACNET_ABORT)
        cd_read_fail(r, "PDU type");
    b->pdu = first >> 4;
    if (b->pdu == CD_BACNET_CONFIRMED)
        cd_read_skip(r, 1, "maximum sizes");
    if (b->pdu != CD_BACNET_UNCONFIRMED)
        b->invoke_id = cd_read_u8(r, "invoke id");
    if (b->pdu == CD_BACNET_CONFIRMED || b->pdu == CD_BACNET_COMPLEX_ACK) {
        b->segmented = flags & SEGMENTED;
        b->more = b->segmented && flags & MORE;
    }
    b->from_server = flags & SERVER;
    if (b->segmented || b->pdu == CD_BACNET_SEGMENT_ACK) {
        b->sequence = cd_read_u8(r, "sequence number");
        b->window = cd_read_u8(r, "window size");
    }
    if (b->pdu != CD_BACNET_SEGMENT_ACK)
        b->service = cd_read_u8(r, "service choice");
    b->body = cd_read_rest(r);
}

static void parse_npdu(struct cd_reader *r, struct cd_bacnet_message *b)
{
    if (cd_read_u8(r, "NPDU version") != NPDU_VERSION)
        cd_read_fail(r, "NPDU version");
    uint8_t control = cd_read_u8(r, "NPDU control");
    b->has_npdu = true;
    if (control & NPDU_DESTINATION)
        read_address(r, &b->destination, "destination address");
    if (control & NPDU_SOURCE)
        read_address(r, &b->source, "source address");
    if (control & NPDU_DESTINATION)
        cd_read_skip(r, 1, "hop count");
    b->network_message = control & NPDU_NETWORK;
    if (!b->network_message) {
        parse_apdu(r, b);
        return;
    }
    b->message_type = cd_read_u8(r, "network message type");
    if (b->message_type >= MESSAGE_PROPRIETARY)
        cd_read_skip(r, 2, "vendor");
    b->body = cd_read_rest(r);
}

/* Annex J. The length counts the whole datagram; where it does not, the datagram is right, because receivers hardly look at it. */
static void parse_bvlc(struct cd_reader *r, struct cd_bacnet_message *b)
{
    b->bvlc_function = cd_read_u8(r, "BVLC function");
    b->length_differs = cd_read_be16(r, "BVLC length") != cd_read_left(r) + BVLC_HEADER;
    struct cd_reader body = cd_read_rest(r);
    switch (b->bvlc_function) {
    case CD_BVLC_FORWARDED: {
        const uint8_t *origin = cd_read_at(&body, 4, "originating address");
        cd_read_skip(&body, 2, "originating port");
        if (origin) {
            b->has_origin = true;
            b->origin = cd_ip_of4(origin);
        }
        parse_npdu(&body, b);
        break;
    }
    case CD_BVLC_DISTRIBUTE:
    case CD_BVLC_UNICAST:
    case CD_BVLC_BROADCAST: parse_npdu(&body, b); break;
    case CD_BVLC_RESULT:
    case CD_BVLC_WRITE_BDT:
    case CD_BVLC_READ_BDT:
    case CD_BVLC_READ_BDT_ACK:
    case CD_BVLC_REGISTER_FOREIGN_DEVICE:
    case CD_BVLC_READ_FDT:
    case CD_BVLC_READ_FDT_ACK:
    case CD_BVLC_DELETE_FDT_ENTRY:
    case CD_BVLC_SECURE: b->body = cd_read_rest(&body); break;
    default: cd_read_fail(&body, "BVLC function");
    }
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
}

/* Annex U: virtual MAC addresses stand before the NPDU. */
static void parse_bvlc6(struct cd_reader *r, struct cd_bacnet_message *b)
{
    uint8_t function = cd_read_u8(r, "BVLC function");
    b->length_differs = cd_read_be16(r, "BVLC length") != cd_read_left(r) + BVLC_HEADER;
    struct cd_reader body = cd_read_rest(r);
    if (function > BVLC6_DISTRIBUTE)
        cd_read_fail(&body, "BVLC function");
    if (function == BVLC6_UNICAST || function == BVLC6_BROADCAST || function == BVLC6_FORWARDED ||
        function == BVLC6_DISTRIBUTE) {
        cd_read_skip(&body, function == BVLC6_UNICAST ? 6 : 3, "virtual address");
        const uint8_t *origin = function == BVLC6_FORWARDED ? cd_read_at(&body, 18, "originating address") : NULL;
        if (origin) {
            b->has_origin = true;
            b->origin = cd_ip_of6(origin);
        }
        parse_npdu(&body, b);
    }
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
}

/* An MS/TP frame without its preamble: type, destination, source, length, header CRC, data, data CRC. */
static void parse_mstp_frame(struct cd_reader *r, bool cut, struct cd_bacnet_message *b)
{
    uint8_t type = cd_read_u8(r, "MS/TP frame type");
    cd_read_skip(r, 2, "MS/TP addresses");
    size_t length = cd_read_be16(r, "MS/TP length");
    cd_read_skip(r, 1, "MS/TP header CRC");
    if (type != MSTP_DATA_EXPECTING_REPLY && type != MSTP_DATA_NOT_EXPECTING_REPLY)
        return; /* the token and its like */
    if (cut && length > cd_read_left(r))
        length = cd_read_left(r);
    struct cd_reader data = cd_read_sub(r, length, "MS/TP length");
    parse_npdu(&data, b);
    if (!cd_read_ok(&data))
        cd_read_fail(r, data.bad);
}

/* Cimetrics U+4: time and a byte of unknown use before the frame. */
static void parse_mstp(struct cd_reader *r, bool cut, struct cd_bacnet_message *b)
{
    cd_read_skip(r, 3, "MS/TP delta time");
    parse_mstp_frame(r, cut, b);
}

bool cd_bacnet_parse(struct cd_reader *r, bool ethernet, bool cut, struct cd_bacnet_message *ret)
{
    struct cd_bacnet_message b = {.link = CD_BACNET_ETHERNET};
    uint8_t first = cd_read_u8(r, "link header");
    if (!ethernet) {
        b.link = first == BVLC_IPV6 ? CD_BACNET_IPV6 : CD_BACNET_IP;
        if (first == BVLC_IPV6)
            parse_bvlc6(r, &b);
        else if (first == BVLC_IP)
            parse_bvlc(r, &b);
        else
            cd_read_fail(r, "BVLC type");
    } else if (first == LLC_BACNET) {
        if (cd_read_u8(r, "LLC source") != LLC_BACNET || cd_read_u8(r, "LLC control") != LLC_UI)
            cd_read_fail(r, "LLC header");
        parse_npdu(r, &b);
    } else if (first == MSTP_PREAMBLE) {
        b.link = CD_BACNET_MSTP;
        if (cd_read_u8(r, "MS/TP preamble") != 0xff)
            cd_read_fail(r, "MS/TP preamble");
        parse_mstp_frame(r, cut, &b);
    } else {
        b.link = CD_BACNET_MSTP;
        if ((uint32_t)first << 16 != (SNAP_CIMETRICS & 0xff0000) ||
            cd_read_be16(r, "SNAP organisation") != (SNAP_CIMETRICS & 0xffff) ||
            cd_read_be16(r, "SNAP protocol") != SNAP_MSTP)
            cd_read_fail(r, "SNAP header");
        parse_mstp(r, cut, &b);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = b;
    return true;
}

/* ---- recognition ---- */

static bool is_npdu(const uint8_t *bytes, size_t len)
{
    return len >= 3 && bytes[0] == NPDU_VERSION && (bytes[1] & NPDU_RESERVED) == 0;
}

static int probe_udp(const uint8_t *bytes, size_t len)
{
    /* Bytes before the NPDU by function; 0: none, the exact length of the datagram is in `lengths` (0: any). */
    static const uint8_t before[13] = {
        [CD_BVLC_FORWARDED] = 10, [CD_BVLC_DISTRIBUTE] = 4, [CD_BVLC_UNICAST] = 4, [CD_BVLC_BROADCAST] = 4};
    static const uint8_t before6[13] = {
        [BVLC6_UNICAST] = 10, [BVLC6_BROADCAST] = 7, [BVLC6_FORWARDED] = 25, [BVLC6_DISTRIBUTE] = 7};
    static const uint8_t lengths[13] = {[CD_BVLC_RESULT] = 6,
                                        [CD_BVLC_READ_BDT] = 4,
                                        [CD_BVLC_REGISTER_FOREIGN_DEVICE] = 6,
                                        [CD_BVLC_READ_FDT] = 4,
                                        [CD_BVLC_DELETE_FDT_ENTRY] = 10};
    if (len < BVLC_HEADER || (bytes[0] != BVLC_IP && bytes[0] != BVLC_IPV6) || bytes[1] > CD_BVLC_SECURE)
        return CD_PROBE_NO;
    size_t length = (size_t)(bytes[2] << 8 | bytes[3]);
    if (length < BVLC_HEADER || length > len)
        return length > len ? CD_PROBE_MAYBE : CD_PROBE_NO;
    uint8_t npdu = bytes[0] == BVLC_IP ? before[bytes[1]] : before6[bytes[1]];
    if (npdu)
        return length == len && len > npdu && is_npdu(bytes + npdu, len - npdu) ? CD_PROBE_SURE : CD_PROBE_MAYBE;
    return bytes[0] == BVLC_IP && length == len && lengths[bytes[1]] == len ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    static const uint8_t cimetrics[5] = {0x00, 0x10, 0x90, 0x00, SNAP_MSTP};
    (void)from_client;
    if (transport == CD_TRANSPORT_UDP)
        return probe_udp(bytes, len);
    if (transport != CD_TRANSPORT_ETH)
        return CD_PROBE_NO;
    if (len >= 6 && bytes[0] == LLC_BACNET && bytes[1] == LLC_BACNET && bytes[2] == LLC_UI)
        return is_npdu(bytes + 3, len - 3) ? CD_PROBE_SURE : CD_PROBE_NO;
    if (len >= 8 && bytes[0] == MSTP_PREAMBLE && bytes[1] == 0xff)
        return CD_PROBE_SURE;
    return len >= 12 && memcmp(bytes, cimetrics, sizeof cimetrics) == 0 ? CD_PROBE_SURE : CD_PROBE_NO;
}

/* ---- reporting ---- */

static uint64_t hash_address(const struct cd_bacnet_address *a)
{
    return a->network && a->len ? cd_hash_bytes(a->network, a->mac, a->len) : 0;
}

/* The key of an exchange: the invoke number is unique between a client and a server, and several of both may be behind one router. */
static uint64_t exchange_of(const struct cd_message *m, const struct cd_bacnet_message *b, bool answer)
{
    const struct cd_bacnet_address *client = answer ? &b->destination : &b->source,
                                   *server = answer ? &b->source : &b->destination;
    uint64_t addresses = hash_address(client) * 3 + hash_address(server);
    return (addresses << 9 & ~((uint64_t)1 << 63)) | (uint64_t)(m->sent_by_client_end != answer) << 8 | b->invoke_id;
}

static void text_destination(struct cd_text *t, const struct cd_bacnet_message *b)
{
    if (!b->destination.network || !b->destination.len)
        return;
    cd_text_str(t, t->len ? " at " : "at ");
    cd_bacnet_text_address(t, &b->destination);
}

static void report_confirmed(struct cd_message *m, const struct cd_bacnet_message *b)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_bacnet_service service = cd_bacnet_confirmed_service(b->service);
    struct cd_operation op = {
        .name = service.name, .code_space = "confirmed", .code = b->service, .class = service.class, .target = target};
    struct cd_reader r = b->body;
    m->from_client = true;
    if (b->segmented && b->sequence > 0) {
        cd_report_notice(m, &op); /* the first segment has the target and waits for the answer */
        return;
    }
    cd_bacnet_describe_confirmed(m, &t, b->service, &r, &op);
    text_destination(&t, b);
    cd_report_request(m, &op, exchange_of(m, b, false));
    if (!cd_read_ok(&r) && !b->segmented)
        cd_report_malformed(m, r.bad);
}

static void report_unconfirmed(struct cd_message *m, const struct cd_bacnet_message *b)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_bacnet_service service = cd_bacnet_unconfirmed_service(b->service);
    struct cd_operation op = {.name = service.name,
                              .code_space = "unconfirmed",
                              .code = b->service,
                              .class = service.class,
                              .target = target};
    struct cd_reader r = b->body;
    m->from_client = true;
    cd_bacnet_describe_unconfirmed(&t, b->service, &r);
    cd_report_notice(m, &op);
    cd_bacnet_report_unconfirmed(m, b, b->body);
    if (!cd_read_ok(&r))
        cd_report_malformed(m, r.bad);
}

/* Error class and code, in several services inside a context tag 0. */
static const char *error_name(struct cd_reader r)
{
    struct cd_bacnet_tag class, code;
    (void)cd_bacnet_opens(&r, 0);
    if (!cd_bacnet_tag(&r, &class) || !cd_bacnet_tag(&r, &code) || code.kind != CD_BACNET_PRIMITIVE)
        return "error";
    return cd_bacnet_error_code(cd_bacnet_unsigned(&code));
}

static void report_response(struct cd_message *m, const struct cd_bacnet_message *b)
{
    struct cd_bacnet_service service = cd_bacnet_confirmed_service(b->service);
    struct cd_operation op = {
        .name = service.name, .code_space = "confirmed", .code = b->service, .class = service.class, .target = ""};
    uint64_t exchange = exchange_of(m, b, true);
    struct cd_reader whole = b->body;
    m->from_client = false;
    if (b->pdu == CD_BACNET_COMPLEX_ACK && (!b->segmented || cd_bacnet_segment(m, b, exchange, &whole)))
        cd_bacnet_report_ack(m, b, whole);
    if (b->segmented && b->more)
        cd_report_response_part(m, &op, exchange);
    else
        cd_report_response(m, &op, exchange, b->pdu == CD_BACNET_ERROR ? error_name(b->body) : NULL);
}

/* Reject and abort end an exchange without an answer to it; they name no service, so they are no responses of one. */
static void report_refusal(struct cd_message *m, const struct cd_bacnet_message *b)
{
    static const char *const rejects[] = {"other",
                                          "buffer-overflow",
                                          "inconsistent-parameters",
                                          "invalid-parameter-data-type",
                                          "invalid-tag",
                                          "missing-required-parameter",
                                          "parameter-out-of-range",
                                          "too-many-arguments",
                                          "undefined-enumeration",
                                          "unrecognized-service"};
    static const char *const aborts[] = {"other",
                                         "buffer-overflow",
                                         "invalid-apdu-in-this-state",
                                         "preempted-by-higher-priority-task",
                                         "segmentation-not-supported",
                                         "security-error",
                                         "insufficient-security",
                                         "window-size-out-of-range",
                                         "application-exceeded-reply-time",
                                         "out-of-resources",
                                         "tsm-timeout",
                                         "apdu-too-long"};
    bool reject = b->pdu == CD_BACNET_REJECT;
    size_t known = reject ? sizeof rejects / sizeof *rejects : sizeof aborts / sizeof *aborts;
    char detail[64];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, reject ? "reject: " : "abort: ");
    cd_text_str(&t, b->service >= known ? "proprietary reason" : reject ? rejects[b->service] : aborts[b->service]);
    m->from_client = !reject && !b->from_server;
    cd_report_event(m, CD_EVENT_VIOLATION, detail);
}

static void report_apdu(struct cd_message *m, const struct cd_bacnet_message *b)
{
    switch (b->pdu) {
    case CD_BACNET_CONFIRMED: report_confirmed(m, b); break;
    case CD_BACNET_UNCONFIRMED: report_unconfirmed(m, b); break;
    case CD_BACNET_SIMPLE_ACK:
    case CD_BACNET_COMPLEX_ACK:
    case CD_BACNET_ERROR: report_response(m, b); break;
    case CD_BACNET_REJECT:
    case CD_BACNET_ABORT: report_refusal(m, b); break;
    case CD_BACNET_SEGMENT_ACK: break;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_bacnet_message b;
    if (!cd_bacnet_parse(r, m->transport == CD_TRANSPORT_ETH, m->cut, &b)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (b.length_differs) {
        cd_report_malformed(m, "BVLC length");
        m->cut = true; /* what is read all the same is no second finding */
    }
    if (b.has_npdu && b.network_message)
        cd_bacnet_report_network(m, &b);
    else if (b.has_npdu)
        report_apdu(m, &b);
    else if (b.link == CD_BACNET_IP)
        cd_bacnet_report_bvlc(m, &b);
}

const struct cd_dissector cd_dissector_bacnet = {
    .name = "bacnet",
    .udp_ports = {47808},
    .ethertypes = {CD_ETHERTYPE_LLC, CD_ETHERTYPE_SNAP, CD_ETHERTYPE_MSTP},
    .probe = probe,
    .dissect = dissect,
};
