/* DoIP: which vehicle it is, who may talk to its control units, and what is done to them. */
#include "protocols/doip.h"

#include "base/text.h"
#include "protocols/identity.h"

#include <string.h>

enum { VIN = 17, ADDRESS = 6, PAYLOAD_MAX = 1 << 20, VALUE_MAX = 64, PHYSICAL_MAX = 0xe3ff };

/* ---- parsing ---- */

const char *cd_doip_type_name(uint16_t type)
{
    switch (type) {
    case CD_DOIP_NEGATIVE: return "negative acknowledgment of the header";
    case CD_DOIP_IDENTIFY:
    case CD_DOIP_IDENTIFY_EID:
    case CD_DOIP_IDENTIFY_VIN: return "vehicle identification";
    case CD_DOIP_ANNOUNCEMENT: return "vehicle announcement";
    case CD_DOIP_ACTIVATION:
    case CD_DOIP_ACTIVATION_RESPONSE: return "routing activation";
    case CD_DOIP_ALIVE:
    case CD_DOIP_ALIVE_RESPONSE: return "alive check";
    case CD_DOIP_STATUS:
    case CD_DOIP_STATUS_RESPONSE: return "entity status";
    case CD_DOIP_POWER_MODE:
    case CD_DOIP_POWER_MODE_RESPONSE: return "diagnostic power mode";
    case CD_DOIP_DIAGNOSTIC: return "diagnostic message";
    case CD_DOIP_ACKNOWLEDGMENT: return "diagnostic acknowledgment";
    case CD_DOIP_REFUSAL: return "diagnostic refusal";
    default: return NULL;
    }
}

static void read_announcement(struct cd_reader *r, struct cd_doip_message *d)
{
    d->vin = cd_read_at(r, VIN, "VIN");
    d->source = cd_read_be16(r, "logical address");
    d->eid = cd_read_at(r, ADDRESS, "EID");
    d->gid = cd_read_at(r, ADDRESS, "GID");
    cd_read_skip(r, 1, "further action");
}

static void read_payload(struct cd_reader *r, struct cd_doip_message *d)
{
    switch (d->type) {
    case CD_DOIP_ANNOUNCEMENT: read_announcement(r, d); break;
    case CD_DOIP_IDENTIFY_VIN: d->vin = cd_read_at(r, VIN, "VIN"); break;
    case CD_DOIP_NEGATIVE:
    case CD_DOIP_STATUS_RESPONSE:
    case CD_DOIP_POWER_MODE_RESPONSE: d->code = cd_read_u8(r, "code"); break;
    case CD_DOIP_ACTIVATION:
        d->source = cd_read_be16(r, "source address");
        d->code = cd_read_u8(r, "activation type");
        break;
    case CD_DOIP_ALIVE_RESPONSE: d->source = cd_read_be16(r, "source address"); break;
    case CD_DOIP_ACTIVATION_RESPONSE:
    case CD_DOIP_ACKNOWLEDGMENT:
    case CD_DOIP_REFUSAL:
        d->target = cd_read_be16(r, "tester's address");
        d->source = cd_read_be16(r, "entity's address");
        if (d->type != CD_DOIP_ACTIVATION_RESPONSE) { /* the other way: source first */
            uint16_t first = d->target;
            d->target = d->source;
            d->source = first;
        }
        d->code = cd_read_u8(r, "code");
        break;
    case CD_DOIP_DIAGNOSTIC:
        d->source = cd_read_be16(r, "source address");
        d->target = cd_read_be16(r, "target address");
        d->user_data = cd_read_rest(r);
        break;
    default: break;
    }
}

bool cd_doip_parse(struct cd_reader *r, struct cd_doip_message *ret)
{
    struct cd_doip_message d = {0};
    d.version = cd_read_u8(r, "version");
    if ((cd_read_u8(r, "inverse version") ^ d.version) != 0xff)
        cd_read_fail(r, "inverse version");
    d.type = cd_read_be16(r, "payload type");
    uint32_t length = cd_read_be32(r, "length");
    struct cd_reader payload = cd_read_sub(r, length, "length");
    if (cd_read_ok(&payload))
        read_payload(&payload, &d);
    if (cd_read_ok(r) && !cd_read_ok(&payload))
        cd_read_fail(r, payload.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = d;
    return true;
}

/* ---- recognising and framing ---- */

/* Versions 1 to 4, and ff where a tester does not know the version yet. */
static bool begins(const uint8_t *bytes)
{
    bool version = (bytes[0] >= 1 && bytes[0] <= 4) || bytes[0] == 0xff;
    return version && (bytes[0] ^ bytes[1]) == 0xff && cd_doip_type_name((uint16_t)(bytes[2] << 8 | bytes[3]));
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (len < CD_DOIP_HEADER || !begins(bytes))
        return CD_PROBE_NO;
    struct cd_reader r = cd_reader_of(bytes + 4, 4);
    uint64_t whole = (uint64_t)cd_read_be32(&r, "length") + CD_DOIP_HEADER;
    if (whole > PAYLOAD_MAX || (transport == CD_TRANSPORT_UDP && whole > len))
        return CD_PROBE_NO;
    return whole == len ? CD_PROBE_LIKELY : CD_PROBE_MAYBE;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state, (void)from_client;
    if (len < CD_DOIP_HEADER)
        return CD_FRAME_MORE;
    struct cd_reader r = cd_reader_of(bytes + 4, 4);
    uint32_t length = cd_read_be32(&r, "length");
    return begins(bytes) && length <= PAYLOAD_MAX ? (ssize_t)length + CD_DOIP_HEADER : CD_FRAME_NOT_OURS;
}

/* ---- who they are ---- */

static struct cd_subject control_unit(struct cd_message *m, uint16_t address, char buffer[16])
{
    struct cd_text t = cd_text_of(buffer, 16);
    cd_text_str(&t, "doip:");
    cd_text_hex(&t, address, 4);
    return cd_subject_nested(cd_subject_server(m), buffer);
}

static bool is_text(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return false;
    return n > 0;
}

static void report_vehicle(struct cd_message *m, const struct cd_doip_message *d)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[24];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (is_text(d->vin, VIN))
        cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_SERIAL, d->vin, VIN, 90);
    cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "gateway", 60);
    cd_text_str(&t, "DoIP ");
    cd_text_hex(&t, d->source, 4);
    cd_report_fact(m, &s, CD_ATTRIBUTE_INSTANCE, value, 80);
    cd_report_hardware_address(m, &s, cd_mac_of(d->eid), 60);
}

/* Values of identifying data (annex C.1), of the control unit that gives them. */
static void report_data(struct cd_message *m, const struct cd_doip_message *d, struct cd_reader data)
{
    enum { DID_VIN = 0xf190 };
    enum cd_attribute attribute;
    char buffer[16];
    uint16_t identifier = cd_read_be16(&data, "identifier");
    size_t len = cd_read_left(&data);
    const uint8_t *value = cd_read_at(&data, len, "value");
    while (value && len && (value[len - 1] == 0 || value[len - 1] == ' '))
        len--;
    if (!value || len > VALUE_MAX || !is_text(value, len))
        return;
    struct cd_subject unit = control_unit(m, d->source, buffer), vehicle = cd_subject_server(m);
    if (identifier == DID_VIN && len == VIN)
        cd_report_fact_bytes(m, &vehicle, CD_ATTRIBUTE_SERIAL, value, len, 80);
    else if (cd_uds_attribute_of(identifier, &attribute))
        cd_report_fact_bytes(m, &unit, attribute, value, len, 90);
}

/* ---- what is done ---- */

static const char *activation_error(uint8_t code)
{
    static const char *const names[] = {"unknown source address",      "all sockets in use",
                                        "other source address in use", "source address already active",
                                        "missing authentication",      "rejected confirmation",
                                        "unsupported activation type", "TLS required"};
    return code == 0x10 || code == 0x11 ? NULL : code < 8 ? names[code] : "refused";
}

static const char *refusal_name(uint8_t code)
{
    static const char *const names[] = {"invalid source address",  "unknown target address", "message too large",
                                        "out of memory",           "target unreachable",     "unknown network",
                                        "transport protocol error"};
    return code >= 2 && code <= 8 ? names[code - 2] : "refused";
}

static void text_unit(struct cd_text *t, uint16_t address)
{
    cd_text_str(t, address > PHYSICAL_MAX && address < 0xf000 ? "all units " : "unit ");
    cd_text_hex(t, address, 4);
}

static uint64_t uds_id(uint16_t tester, uint16_t unit, uint8_t sid)
{
    return (uint64_t)1 << 40 | (uint64_t)tester << 24 | (uint64_t)unit << 8 | sid;
}

static void report_uds_answer(struct cd_message *m, const struct cd_doip_message *d, uint8_t sid,
                              struct cd_operation *op)
{
    struct cd_reader data = d->user_data;
    const char *error = NULL;
    uint8_t code = 0;
    cd_read_skip(&data, 1, "service");
    m->from_client = false;
    if (sid == CD_UDS_NEGATIVE) {
        sid = cd_read_u8(&data, "refused service");
        code = cd_read_u8(&data, "negative response code");
        error = cd_uds_error_name(code);
    } else {
        sid = (uint8_t)(sid & ~CD_UDS_RESPONSE);
    }
    const struct cd_uds_service *service = cd_uds_service_of(sid);
    op->name = service ? service->name : "unknown service";
    op->class = service ? (enum cd_class)service->class : CD_CLASS_OTHER;
    op->code = sid;
    op->target = "";
    uint64_t id = uds_id(d->target, d->source, sid);
    if (code == CD_UDS_PENDING)
        cd_report_response_part(m, op, id);
    else
        cd_report_response(m, op, id, error);
    if (!error && sid == 0x22)
        report_data(m, d, data);
}

static void report_uds(struct cd_message *m, const struct cd_doip_message *d)
{
    char target[64], buffer[16];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_reader data = d->user_data;
    uint8_t sid = cd_read_u8(&data, "service");
    struct cd_operation op = {.code_space = "uds", .code = sid, .target = target};
    if (!cd_read_ok(&data)) { /* counted all the same: it went over the wire */
        struct cd_operation empty = {
            .name = "diagnostic message", .code = d->type, .class = CD_CLASS_OTHER, .target = ""};
        cd_report_notice(m, &empty);
        cd_report_malformed(m, "service");
        return;
    }
    if (sid & CD_UDS_RESPONSE) {
        report_uds_answer(m, d, sid, &op);
        return;
    }
    const struct cd_uds_service *service = cd_uds_service_of(sid);
    op.name = service ? service->name : "unknown service";
    op.class = service ? (enum cd_class)service->class : CD_CLASS_OTHER;
    m->from_client = true;
    text_unit(&t, d->target);
    cd_uds_text_request(&t, sid, data);
    cd_report_request(m, &op, uds_id(d->source, d->target, sid));
    if (d->target <= PHYSICAL_MAX) {
        struct cd_subject unit = control_unit(m, d->target, buffer);
        cd_report_fact(m, &unit, CD_ATTRIBUTE_ROLE, "control-unit", 40);
    }
}

/* Requests and answers of DoIP itself; their ids are their types. */
static void report_exchange(struct cd_message *m, const struct cd_doip_message *d, const struct cd_operation *op)
{
    struct cd_operation asked = *op;
    switch (d->type) {
    case CD_DOIP_IDENTIFY:
    case CD_DOIP_IDENTIFY_EID:
    case CD_DOIP_IDENTIFY_VIN:
    case CD_DOIP_ACTIVATION:
    case CD_DOIP_ALIVE:
    case CD_DOIP_STATUS:
    case CD_DOIP_POWER_MODE:
        if (d->type != CD_DOIP_ALIVE) /* either end may ask whether the other lives */
            m->from_client = true;
        cd_report_request(m, op, d->type);
        break;
    case CD_DOIP_ACTIVATION_RESPONSE:
    case CD_DOIP_ALIVE_RESPONSE:
    case CD_DOIP_STATUS_RESPONSE:
    case CD_DOIP_POWER_MODE_RESPONSE:
        if (d->type != CD_DOIP_ALIVE_RESPONSE)
            m->from_client = false;
        asked.code = d->type - 1u;
        cd_report_response(m, &asked, d->type - 1u,
                           d->type == CD_DOIP_ACTIVATION_RESPONSE ? activation_error(d->code) : NULL);
        break;
    default:
        if (d->type == CD_DOIP_ANNOUNCEMENT) /* of the vehicle's own accord, or as asked */
            m->from_client = true;
        else if (d->type == CD_DOIP_ACKNOWLEDGMENT || d->type == CD_DOIP_REFUSAL)
            m->from_client = false;
        cd_report_notice(m, op);
        break;
    }
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_doip_message d;
    char target[48];
    struct cd_text t = cd_text_of(target, sizeof target);
    if (!cd_doip_parse(r, &d)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (d.type == CD_DOIP_DIAGNOSTIC) {
        report_uds(m, &d);
        return;
    }
    const char *name = cd_doip_type_name(d.type);
    struct cd_operation op = {
        .name = name ? name : "unknown type", .code = d.type, .class = CD_CLASS_SESSION, .target = target};
    if (d.type <= CD_DOIP_ANNOUNCEMENT)
        op.class = CD_CLASS_IDENTIFY;
    if (d.type == CD_DOIP_ACTIVATION)
        cd_text_str(&t, "tester "), cd_text_hex(&t, d.source, 4);
    else if (d.type == CD_DOIP_ANNOUNCEMENT || d.type == CD_DOIP_ACKNOWLEDGMENT || d.type == CD_DOIP_REFUSAL)
        text_unit(&t, d.source);
    if (d.type == CD_DOIP_REFUSAL)
        cd_text_str(&t, ", "), cd_text_str(&t, refusal_name(d.code));
    report_exchange(m, &d, &op);
    if (d.type == CD_DOIP_ANNOUNCEMENT)
        report_vehicle(m, &d);
}

const struct cd_dissector cd_dissector_doip = {
    .name = "doip",
    .tcp_ports = {13400},
    .udp_ports = {13400},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 65536,
};
