/* BGP: which routers speak for which autonomous systems, and why they part. */
#include "protocols/bgp.h"

#include "base/text.h"
#include "protocols/identity.h"

enum { MESSAGE_MAX = 65535, PARAMETERS_MAX = 64, CAPABILITIES_MAX = 64, PARAMETER_CAPABILITIES = 2 };
enum capability { CAPABILITY_AS4 = 65, CAPABILITY_NAME = 73, CAPABILITY_SOFTWARE = 75 };

/* ---- parsing ---- */

static void read_capabilities(struct cd_reader *r, struct cd_bgp_message *b)
{
    for (unsigned i = 0; i < CAPABILITIES_MAX && cd_read_left(r); i++) {
        uint8_t code = cd_read_u8(r, "capability");
        struct cd_reader value = cd_read_sub(r, cd_read_u8(r, "capability length"), "capability length");
        if (code == CAPABILITY_AS4)
            b->autonomous_system = cd_read_be32(&value, "autonomous system");
        else if (code == CAPABILITY_NAME)
            b->host_name = cd_read_sub(&value, cd_read_u8(&value, "host name length"), "host name");
        else if (code == CAPABILITY_SOFTWARE)
            b->software = cd_read_sub(&value, cd_read_u8(&value, "software length"), "software");
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
}

static void read_open(struct cd_reader *r, struct cd_bgp_message *b)
{
    cd_read_skip(r, 1, "version");
    b->autonomous_system = cd_read_be16(r, "autonomous system");
    cd_read_skip(r, 2, "hold time");
    b->router = cd_read_be32(r, "router");
    struct cd_reader parameters = cd_read_sub(r, cd_read_u8(r, "parameters length"), "parameters length");
    for (unsigned i = 0; i < PARAMETERS_MAX && cd_read_left(&parameters); i++) {
        uint8_t type = cd_read_u8(&parameters, "parameter");
        struct cd_reader value =
            cd_read_sub(&parameters, cd_read_u8(&parameters, "parameter length"), "parameter length");
        if (type == PARAMETER_CAPABILITIES)
            read_capabilities(&value, b);
        if (!cd_read_ok(&value))
            cd_read_fail(&parameters, value.bad);
    }
    if (!cd_read_ok(&parameters))
        cd_read_fail(r, parameters.bad);
}

bool cd_bgp_parse(struct cd_reader *r, struct cd_bgp_message *ret)
{
    struct cd_bgp_message b = {0};
    size_t whole = cd_read_left(r);
    cd_read_skip(r, 16, "marker");
    uint16_t length = cd_read_be16(r, "length");
    if (length < CD_BGP_HEADER || length != whole)
        cd_read_fail(r, "length");
    b.type = cd_read_u8(r, "type");
    if (b.type < CD_BGP_OPEN || b.type > CD_BGP_ROUTE_REFRESH)
        cd_read_fail(r, "type");
    if (b.type == CD_BGP_OPEN) {
        read_open(r, &b);
    } else if (b.type == CD_BGP_NOTIFICATION) {
        b.error = cd_read_u8(r, "error code");
        b.suberror = cd_read_u8(r, "error subcode");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = b;
    return true;
}

/* ---- recognising and framing ---- */

static bool has_marker(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < 16 && i < len; i++)
        if (bytes[i] != 0xff)
            return false;
    return true;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len < CD_BGP_HEADER || !has_marker(bytes, len))
        return CD_PROBE_NO;
    return bytes[18] >= CD_BGP_OPEN && bytes[18] <= CD_BGP_ROUTE_REFRESH && (bytes[16] || bytes[17] >= CD_BGP_HEADER)
               ? CD_PROBE_SURE
               : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    if (!has_marker(bytes, len))
        return CD_FRAME_NOT_OURS;
    if (len < CD_BGP_HEADER)
        return CD_FRAME_MORE;
    ssize_t length = bytes[16] << 8 | bytes[17];
    return length < CD_BGP_HEADER ? CD_FRAME_NOT_OURS : length;
}

/* ---- what is told ---- */

/* RFC 4271 4.5, RFC 4486 and what followed. */
static const char *error_name(const struct cd_bgp_message *b)
{
    static const char *const names[] = {"message header error",       "OPEN message error",  "UPDATE message error",
                                        "hold timer expired",         "state machine error", "cease",
                                        "ROUTE-REFRESH message error"};
    static const char *const open[] = {
        "unsupported version",    "bad peer autonomous system", "bad router id",          "unsupported parameter",
        "authentication failure", "unacceptable hold time",     "unsupported capability", "role mismatch"};
    static const char *const cease[] = {"maximum number of prefixes", "administrative shutdown", "peer removed",
                                        "administrative reset",       "connection rejected",     "configuration change",
                                        "collision resolution",       "out of resources",        "hard reset"};
    if (b->error == 2 && b->suberror >= 1 && b->suberror <= 8)
        return open[b->suberror - 1];
    if (b->error == 6 && b->suberror >= 1 && b->suberror <= 9)
        return cease[b->suberror - 1];
    return b->error >= 1 && b->error <= 7 ? names[b->error - 1] : "unknown error";
}

static void report_router(struct cd_message *m, const struct cd_bgp_message *b)
{
    struct cd_subject s = cd_subject_sender(m);
    const uint8_t router[4] = {(uint8_t)(b->router >> 24), (uint8_t)(b->router >> 16), (uint8_t)(b->router >> 8),
                               (uint8_t)b->router};
    struct cd_ip id = cd_ip_of4(router);
    char value[64];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "router", 85);
    cd_text_str(&t, "BGP AS ");
    cd_text_u64(&t, b->autonomous_system);
    cd_text_str(&t, " router ");
    cd_text_ip(&t, &id);
    cd_report_fact(m, &s, CD_ATTRIBUTE_INSTANCE, value, 80);
    cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_NAME, b->host_name.base, b->host_name.len, 80);
    cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_SOFTWARE, b->software.base, b->software.len, 90);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    static const char *const names[] = {"open", "update", "notification", "keep-alive", "route refresh"};
    static const enum cd_class classes[] = {CD_CLASS_SESSION, CD_CLASS_OTHER, CD_CLASS_ALARM, CD_CLASS_SESSION,
                                            CD_CLASS_OTHER};
    struct cd_bgp_message b;
    m->from_client = true; /* both ends are peers: who sent it is the client of what it sent */
    if (!cd_bgp_parse(r, &b)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = names[b.type - 1], .code = b.type, .class = classes[b.type - 1], .target = ""};
    if (b.type == CD_BGP_NOTIFICATION)
        op.target = error_name(&b);
    cd_report_notice(m, &op);
    if (b.type == CD_BGP_OPEN)
        report_router(m, &b);
    if (b.type == CD_BGP_NOTIFICATION)
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, op.target);
}

const struct cd_dissector cd_dissector_bgp = {
    .name = "bgp",
    .tcp_ports = {179},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = MESSAGE_MAX,
};
