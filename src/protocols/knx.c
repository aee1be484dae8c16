/* KNXnet/IP: recognising it, framing it, its services. */
#include "protocols/knx.h"

enum {
    TARGET_MAX = 64,
    CONNECTION_HEADER = 4,
    CONNECTION_DEVICE_MANAGEMENT = 3,
    CONNECTION_TUNNEL = 4,
    LAYER_RAW = 0x04,
    LAYER_BUS_MONITOR = 0x80,
    AUTHENTICATION_FAILED = 1, /* of a secure session's status */
    ENDS_AS_FLOW = 1,
    ENDS_SWAPPED = 2,
};

/* ---- parsing ---- */

bool cd_knx_parse(struct cd_reader *r, bool cut, struct cd_knx_message *ret)
{
    struct cd_knx_message k = {0};
    if (cd_read_u8(r, "header length") != CD_KNX_HEADER)
        cd_read_fail(r, "header length");
    if (cd_read_u8(r, "protocol version") != CD_KNX_VERSION)
        cd_read_fail(r, "protocol version");
    k.service = cd_read_be16(r, "service");
    size_t length = cd_read_be16(r, "total length");
    if (length < CD_KNX_HEADER)
        cd_read_fail(r, "total length");
    k.body = cut ? cd_read_rest(r) : cd_read_sub(r, length - CD_KNX_HEADER, "total length");
    if (!cd_read_ok(r))
        return false;
    *ret = k;
    return true;
}

static bool is_service(uint16_t service)
{
    uint16_t request = cd_knx_request_of(service);
    return cd_knx_service_name(request ? request : service).name != NULL;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < CD_KNX_HEADER || bytes[0] != CD_KNX_HEADER || bytes[1] != CD_KNX_VERSION)
        return CD_PROBE_NO;
    size_t length = (size_t)(bytes[4] << 8 | bytes[5]);
    if (length < CD_KNX_HEADER || length > CD_KNX_MESSAGE_MAX || !is_service((uint16_t)(bytes[2] << 8 | bytes[3])))
        return CD_PROBE_NO;
    if (transport == CD_TRANSPORT_TCP)
        return CD_PROBE_LIKELY;
    return transport == CD_TRANSPORT_UDP && length == len ? CD_PROBE_LIKELY : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] != CD_KNX_HEADER || (len > 1 && bytes[1] != CD_KNX_VERSION))
        return CD_FRAME_NOT_OURS;
    if (len < CD_KNX_HEADER)
        return CD_FRAME_MORE;
    ssize_t length = bytes[4] << 8 | bytes[5];
    return length < CD_KNX_HEADER || length > CD_KNX_MESSAGE_MAX ? CD_FRAME_NOT_OURS : length;
}

/* Host protocol address: its length, protocol, address, port. */
static void skip_address(struct cd_reader *r)
{
    uint8_t length = cd_read_u8(r, "host address length");
    if (length < 2)
        cd_read_fail(r, "host address length");
    cd_read_skip(r, length - (length ? 1u : 0u), "host address");
}

/* Its length, channel, sequence number, status. */
struct connection {
    uint8_t channel, sequence, status;
};

static struct connection read_connection(struct cd_reader *r)
{
    struct connection c = {0};
    if (cd_read_u8(r, "connection header length") != CONNECTION_HEADER)
        cd_read_fail(r, "connection header length");
    c.channel = cd_read_u8(r, "channel");
    c.sequence = cd_read_u8(r, "sequence number");
    c.status = cd_read_u8(r, "connection status");
    return c;
}

static bool has_connection(uint16_t service)
{
    return (service >= CD_KNX_CONFIGURATION_REQUEST && service <= CD_KNX_CONFIGURATION_ACK) ||
           (service >= CD_KNX_TUNNELLING_REQUEST && service <= CD_KNX_FEATURE_INFO);
}

/* ---- who is the client ---- */

/* Most services go one way only; a flow's first datagram may have come from the server all the same. 1 from the client, 0 from the server, -1 either. */
static int way_of(uint16_t service)
{
    switch (service) {
    case CD_KNX_SEARCH_REQUEST:
    case CD_KNX_SEARCH_REQUEST_EXTENDED:
    case CD_KNX_DESCRIPTION_REQUEST:
    case CD_KNX_CONNECT_REQUEST:
    case CD_KNX_STATE_REQUEST:
    case CD_KNX_FEATURE_GET:
    case CD_KNX_FEATURE_SET:
    case CD_KNX_SESSION_REQUEST:
    case CD_KNX_SESSION_AUTHENTICATE: return 1;
    case CD_KNX_SEARCH_RESPONSE:
    case CD_KNX_SEARCH_RESPONSE_EXTENDED:
    case CD_KNX_DESCRIPTION_RESPONSE:
    case CD_KNX_CONNECT_RESPONSE:
    case CD_KNX_STATE_RESPONSE:
    case CD_KNX_FEATURE_RESPONSE:
    case CD_KNX_FEATURE_INFO:
    case CD_KNX_SESSION_RESPONSE: return 0;
    default: return -1;
    }
}

/* Requests come from the client, indications and confirmations from the server. */
static int way_of_cemi(uint8_t code)
{
    switch (code) {
    case CD_KNX_L_DATA_REQ:
    case CD_KNX_M_PROP_READ_REQ:
    case CD_KNX_M_PROP_WRITE_REQ:
    case CD_KNX_M_RESET_REQ: return 1;
    case CD_KNX_L_DATA_IND:
    case CD_KNX_L_DATA_CON:
    case CD_KNX_L_BUSMON_IND:
    case CD_KNX_M_PROP_READ_CON:
    case CD_KNX_M_PROP_WRITE_CON: return 0;
    default: return -1;
    }
}

static void settle_ends(struct cd_message *m, const struct cd_knx_message *k)
{
    struct cd_knx_state *state = m->state;
    int way = way_of(k->service);
    bool tunnel = k->service == CD_KNX_TUNNELLING_REQUEST || k->service == CD_KNX_CONFIGURATION_REQUEST;
    if (tunnel && k->body.len > CONNECTION_HEADER)
        way = way_of_cemi(k->body.base[CONNECTION_HEADER]);
    if (way >= 0)
        state->ends = m->sent_by_client_end == (way == 1) ? ENDS_AS_FLOW : ENDS_SWAPPED;
    m->from_client = state->ends == ENDS_SWAPPED ? !m->sent_by_client_end : m->sent_by_client_end;
}

/* ---- reporting ---- */

/* By service, channel, sequence number and who asked. */
static uint64_t exchange(const struct cd_message *m, uint16_t service, struct connection c, bool response)
{
    bool asked_by_client = m->from_client != response;
    return (uint64_t)service << 24 | (uint64_t)asked_by_client << 16 | (uint64_t)c.channel << 8 | c.sequence;
}

/* Two host addresses, then what is wanted: length, type, for a tunnel its layer. */
static void describe_connect(struct cd_text *t, struct cd_reader r)
{
    skip_address(&r);
    skip_address(&r);
    cd_read_skip(&r, 1, "connection request length");
    uint8_t type = cd_read_u8(&r, "connection type");
    if (!cd_read_ok(&r))
        return;
    switch (type) {
    case CONNECTION_DEVICE_MANAGEMENT: cd_text_str(t, "device management"); return;
    case CONNECTION_TUNNEL: cd_text_str(t, "tunnel"); break;
    case 6: cd_text_str(t, "remote logging"); return;
    case 7: cd_text_str(t, "remote configuration"); return;
    case 8: cd_text_str(t, "object server"); return;
    default: return;
    }
    uint8_t layer = cd_read_left(&r) ? cd_read_u8(&r, "layer") : 0;
    if (layer == LAYER_BUS_MONITOR)
        cd_text_str(t, " as bus monitor");
    else if (layer == LAYER_RAW)
        cd_text_str(t, " raw");
}

static void report_request(struct cd_message *m, const struct cd_knx_message *k)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_knx_name name = cd_knx_service_name(k->service);
    struct cd_operation op = {
        .name = name.name ? name.name : "unknown service", .code = k->service, .class = name.class, .target = target};
    struct connection c = {0};
    struct cd_reader r = k->body;
    switch (k->service) {
    case CD_KNX_CONNECT_REQUEST: describe_connect(&t, r); break;
    case CD_KNX_STATE_REQUEST:
    case CD_KNX_DISCONNECT_REQUEST: c.channel = cd_read_u8(&r, "channel"); break;
    default:
        if (has_connection(k->service))
            c = read_connection(&r);
        break;
    }
    bool answered = cd_knx_request_of((uint16_t)(k->service + 1)) == k->service || k->service == CD_KNX_FEATURE_SET;
    if (answered)
        cd_report_request(m, &op, exchange(m, k->service, c, false));
    else
        cd_report_notice(m, &op);
    if (!cd_read_ok(&r))
        cd_report_malformed(m, r.bad);
}

/* The status of a response, with the channel and number it is about. */
static const char *read_status(const struct cd_knx_message *k, struct connection *ret)
{
    struct cd_reader r = k->body;
    switch (k->service) {
    case CD_KNX_CONNECT_RESPONSE: /* the channel is new: the request had none */
        cd_read_skip(&r, 1, "channel");
        return cd_knx_status(cd_read_u8(&r, "status"));
    case CD_KNX_STATE_RESPONSE:
    case CD_KNX_DISCONNECT_RESPONSE:
        ret->channel = cd_read_u8(&r, "channel");
        return cd_knx_status(cd_read_u8(&r, "status"));
    case CD_KNX_CONFIGURATION_ACK:
    case CD_KNX_TUNNELLING_ACK: *ret = read_connection(&r); return cd_knx_status(ret->status);
    case CD_KNX_FEATURE_RESPONSE: *ret = read_connection(&r); return NULL;
    default: return NULL;
    }
}

static void report_response(struct cd_message *m, const struct cd_knx_message *k, uint16_t request)
{
    struct connection c = {0};
    const char *error = read_status(k, &c);
    uint64_t id = exchange(m, request, c, true);
    if (k->service == CD_KNX_FEATURE_RESPONSE && !cd_report_recall(m, id)) {
        uint64_t set = exchange(m, CD_KNX_FEATURE_SET, c, true);
        if (cd_report_recall(m, set)) {
            request = CD_KNX_FEATURE_SET;
            id = set;
        }
    }
    struct cd_knx_name name = cd_knx_service_name(request);
    struct cd_operation op = {.name = name.name, .code = request, .class = name.class, .target = ""};
    cd_report_response(m, &op, id, error);
}

/* Answers that hold a description of the device, after a host address or a selector. */
static void take_description(struct cd_message *m, const struct cd_knx_message *k)
{
    struct cd_reader r = k->body;
    struct cd_subject device = cd_subject_sender(m);
    if (k->service != CD_KNX_DESCRIPTION_RESPONSE)
        skip_address(&r);
    cd_knx_report_description(m, &device, &r);
    if (!cd_read_ok(&r))
        cd_report_malformed(m, r.bad);
}

static void take_cemi(struct cd_message *m, const struct cd_knx_message *k)
{
    struct cd_knx_cemi c;
    struct cd_reader r = k->body;
    bool routed = k->service == CD_KNX_ROUTING_INDICATION || k->service == CD_KNX_ROUTING_SYSTEM_BROADCAST;
    if (!routed)
        read_connection(&r);
    if (!cd_read_ok(&r))
        return; /* told with the service */
    if (!cd_knx_parse_cemi(&r, &c)) {
        cd_report_malformed(m, r.bad);
        return;
    }
    cd_knx_report_cemi(m, &c, routed);
}

/* Session 2, sequence 6, serial number of the sender 6; a timer's notice has no session. */
static void take_secure(struct cd_message *m, const struct cd_knx_message *k)
{
    struct cd_reader r = k->body;
    struct cd_subject device = cd_subject_sender(m);
    cd_read_skip(&r, k->service == CD_KNX_SECURE_WRAPPER ? 8 : 6, "sequence");
    const uint8_t *serial = cd_read_at(&r, CD_KNX_SERIAL_LEN, "serial number");
    if (serial)
        cd_knx_report_serial(m, &device, serial);
}

static void take_body(struct cd_message *m, const struct cd_knx_message *k)
{
    switch (k->service) {
    case CD_KNX_SEARCH_RESPONSE:
    case CD_KNX_SEARCH_RESPONSE_EXTENDED:
    case CD_KNX_DESCRIPTION_RESPONSE:
    case CD_KNX_DIAGNOSTIC_RESPONSE: take_description(m, k); break;
    case CD_KNX_TUNNELLING_REQUEST:
    case CD_KNX_CONFIGURATION_REQUEST:
    case CD_KNX_ROUTING_INDICATION:
    case CD_KNX_ROUTING_SYSTEM_BROADCAST: take_cemi(m, k); break;
    case CD_KNX_SECURE_WRAPPER:
    case CD_KNX_TIMER_NOTIFY: take_secure(m, k); break;
    case CD_KNX_SESSION_STATUS:
        if (k->body.len && k->body.base[0] == AUTHENTICATION_FAILED)
            cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "secure session refused");
        break;
    default: break;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_knx_message k;
    if (!cd_knx_parse(r, m->cut, &k)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    settle_ends(m, &k);
    uint16_t request = cd_knx_request_of(k.service);
    if (request)
        report_response(m, &k, request);
    else
        report_request(m, &k);
    take_body(m, &k);
}

const struct cd_dissector cd_dissector_knx = {
    .name = "knx",
    .tcp_ports = {3671},
    .udp_ports = {3671},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = CD_KNX_MESSAGE_MAX,
    .state_size = sizeof(struct cd_knx_state),
};
