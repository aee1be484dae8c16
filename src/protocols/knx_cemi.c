/* cEMI: what goes over the bus, and the local management of an interface. */
#include "protocols/knx.h"

enum {
    TARGET_MAX = 64,
    CONTROL_FAILED = 0x01, /* in confirmations */
    CONTROL_GROUP = 0x80,
    TPCI_CONTROL = 0x80,
    CONFIDENCE_ADDRESS = 95,
    CONFIDENCE_GATEWAY = 80,
};

/* ---- parsing ---- */

/* Four-bit services have data in the low six bits, all others are told by all ten (3/3/7 2). */
static uint16_t apci_code(uint16_t bits)
{
    switch (bits & 0x3c0) {
    case 0x1c0: return bits >= 0x1c8 ? bits : 0x1c0;
    case 0x2c0:
    case 0x380:
    case 0x3c0: return bits;
    default: return bits & 0x3c0;
    }
}

/* Length of what follows the TPCI byte, then TPCI and APCI. */
static void parse_tpdu(struct cd_reader *r, struct cd_knx_cemi *c)
{
    uint8_t length = cd_read_u8(r, "tpdu length");
    uint8_t first = cd_read_u8(r, "tpci");
    c->tpci = first & 0xc0;
    if (length == 0)
        return;
    if (c->tpci & TPCI_CONTROL) {
        cd_read_fail(r, "tpci");
        return;
    }
    uint16_t bits = (uint16_t)((first & 3) << 8 | cd_read_u8(r, "apci"));
    c->apci = apci_code(bits);
    c->data = cd_read_sub(r, length - 1u, "tpdu length");
    c->has_apci = cd_read_ok(r);
}

static bool has_address(uint8_t code)
{
    return code == CD_KNX_L_DATA_REQ || code == CD_KNX_L_DATA_IND || code == CD_KNX_L_DATA_CON;
}

static bool is_transport(uint8_t code)
{
    return code == CD_KNX_T_DATA_CONNECTED_REQ || code == CD_KNX_T_DATA_INDIVIDUAL_REQ ||
           code == CD_KNX_T_DATA_CONNECTED_IND || code == CD_KNX_T_DATA_INDIVIDUAL_IND;
}

bool cd_knx_parse_cemi(struct cd_reader *r, struct cd_knx_cemi *ret)
{
    struct cd_knx_cemi c = {.code = cd_read_u8(r, "cemi message code")};
    if (has_address(c.code)) {
        cd_read_skip(r, cd_read_u8(r, "additional information length"), "additional information");
        uint8_t control = cd_read_u8(r, "control 1");
        c.failed = c.code == CD_KNX_L_DATA_CON && control & CONTROL_FAILED;
        c.group = cd_read_u8(r, "control 2") & CONTROL_GROUP;
        c.source = cd_read_be16(r, "source address");
        c.destination = cd_read_be16(r, "destination address");
        c.has_address = true;
        parse_tpdu(r, &c);
        cd_read_end(r, "trailing bytes");
    } else if (is_transport(c.code)) {
        cd_read_skip(r, cd_read_u8(r, "additional information length"), "additional information");
        cd_read_skip(r, 6, "reserved");
        parse_tpdu(r, &c);
    } else {
        c.data = cd_read_rest(r);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

void cd_knx_text_individual(struct cd_text *t, uint16_t address)
{
    cd_text_u64(t, address >> 12);
    cd_text_char(t, '.');
    cd_text_u64(t, address >> 8 & 0x0f);
    cd_text_char(t, '.');
    cd_text_u64(t, address & 0xff);
}

void cd_knx_text_group(struct cd_text *t, uint16_t address)
{
    cd_text_u64(t, address >> 11);
    cd_text_char(t, '/');
    cd_text_u64(t, address >> 8 & 0x07);
    cd_text_char(t, '/');
    cd_text_u64(t, address & 0xff);
}

/* ---- what goes over the bus ---- */

/* A device on the bus, below the interface that its message came through. */
static struct cd_subject bus_device(const struct cd_message *m, uint16_t address, char nested[16])
{
    struct cd_text t = cd_text_of(nested, 16);
    cd_text_str(&t, "knx:");
    cd_knx_text_individual(&t, address);
    return cd_subject_nested(cd_subject_sender(m), nested);
}

static void note_device(struct cd_message *m, uint16_t address)
{
    struct cd_knx_state *state = m->state;
    char nested[16];
    uint16_t *seen = &state->seen[(address ^ address >> 6) % CD_KNX_SEEN];
    if (address == 0 || (address & 0xff) == 0 ||
        *seen == address) /* device 0 of a line is its coupler, told by itself */
        return;
    *seen = address;
    struct cd_subject device = bus_device(m, address, nested);
    cd_report_fact(m, &device, CD_ATTRIBUTE_INSTANCE, nested + 4, CONFIDENCE_ADDRESS);
}

/* Whoever hands the bus to a client is a gateway. */
static void note_gateway(struct cd_message *m, bool routed)
{
    struct cd_knx_state *state = m->state;
    if (state->gateway_told || routed)
        return;
    struct cd_subject gateway = cd_subject_sender(m);
    state->gateway_told = true;
    cd_report_fact(m, &gateway, CD_ATTRIBUTE_ROLE, "gateway", CONFIDENCE_GATEWAY);
}

static void text_destination(struct cd_text *t, const struct cd_knx_cemi *c)
{
    if (!c->has_address)
        cd_text_str(t, "interface");
    else if (c->group && c->destination == 0)
        cd_text_str(t, "broadcast");
    else if (c->group)
        cd_knx_text_group(t, c->destination);
    else
        cd_knx_text_individual(t, c->destination);
}

/* Object index, property, number of elements and start (4 and 12 bits), data. */
static void take_property(struct cd_message *m, const struct cd_knx_cemi *c, struct cd_text *t)
{
    char nested[16];
    struct cd_reader r = c->data;
    uint8_t object = cd_read_u8(&r, "object index"), property = cd_read_u8(&r, "property");
    uint16_t elements = cd_read_be16(&r, "elements");
    if (!cd_read_ok(&r))
        return;
    cd_text_str(t, " object ");
    cd_text_u64(t, object);
    cd_text_str(t, " property ");
    cd_text_u64(t, property);
    if (c->apci != CD_KNX_PROPERTY_RESPONSE || elements >> 12 == 0 || !c->has_address || c->code == CD_KNX_L_DATA_REQ)
        return;
    struct cd_subject device = bus_device(m, c->source, nested);
    if (object == 0) /* an index here, not a type; the device object is always the first */
        cd_knx_report_property(m, &device, CD_KNX_OBJECT_DEVICE, property, cd_read_rest(&r));
}

/* The mask version says which kind of device it is, its system software. */
static void take_descriptor(struct cd_message *m, const struct cd_knx_cemi *c)
{
    char nested[16], text[16];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_reader r = c->data;
    uint16_t mask = cd_read_be16(&r, "mask version");
    if (!cd_read_ok(&r) || !c->has_address || c->code == CD_KNX_L_DATA_REQ)
        return;
    struct cd_subject device = bus_device(m, c->source, nested);
    cd_text_str(&t, "KNX mask ");
    cd_text_hex(&t, mask, 4);
    cd_report_fact(m, &device, CD_ATTRIBUTE_DEVICE_TYPE, text, CONFIDENCE_ADDRESS);
}

/* Four bytes of a key in clear; all ones is the access everybody has. */
static void check_key(struct cd_message *m, const struct cd_knx_cemi *c)
{
    struct cd_reader r = c->data;
    cd_read_skip(&r, 1, "level");
    uint32_t key = cd_read_be32(&r, "key");
    if (cd_read_ok(&r) && key != UINT32_MAX)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL,
                        c->apci == CD_KNX_KEY_WRITE ? "KNX access key written" : "KNX access key");
}

/* An interface's request comes back as a confirmation once it was sent on the bus; both carry the same. */
static uint64_t exchange(const struct cd_knx_cemi *c)
{
    return (uint64_t)1 << 40 | (uint64_t)c->group << 32 | (uint64_t)c->apci << 16 | c->destination;
}

static void report_application(struct cd_message *m, const struct cd_knx_cemi *c, bool routed)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_knx_name name = cd_knx_apci_name(c->apci);
    struct cd_operation op = {.name = name.name ? name.name : "unknown service",
                              .code_space = "apci",
                              .code = c->apci,
                              .class = name.class,
                              .target = target};
    text_destination(&t, c);
    if (c->apci >= CD_KNX_PROPERTY_READ && c->apci <= CD_KNX_PROPERTY_WRITE)
        take_property(m, c, &t);
    else if (c->apci == CD_KNX_DESCRIPTOR_RESPONSE)
        take_descriptor(m, c);
    else if (c->apci == CD_KNX_AUTHORIZE_REQUEST || c->apci == CD_KNX_KEY_WRITE)
        check_key(m, c);
    if (c->apci == CD_KNX_GROUP_WRITE && c->code == CD_KNX_L_DATA_REQ && !routed)
        op.class = CD_CLASS_CONTROL; /* from an IP client onto the bus */
    if (c->code == CD_KNX_L_DATA_CON)
        cd_report_response(m, &op, exchange(c), c->failed ? "not confirmed on the bus" : NULL);
    else if (c->code == CD_KNX_L_DATA_REQ)
        cd_report_request(m, &op, exchange(c));
    else
        cd_report_notice(m, &op);
}

/* ---- local management: M_ messages ---- */

/* The request of a confirmation. */
static uint8_t request_code(uint8_t code)
{
    switch (code) {
    case CD_KNX_M_PROP_READ_CON: return CD_KNX_M_PROP_READ_REQ;
    case CD_KNX_M_PROP_WRITE_CON: return CD_KNX_M_PROP_WRITE_REQ;
    case CD_KNX_M_FUNCTION_CON: return CD_KNX_M_FUNCTION_COMMAND_REQ;
    default: return 0;
    }
}

/* Object type, instance, property, number of elements and start; the confirmation of a read has the data, or no elements and an error. */
static void report_management(struct cd_message *m, const struct cd_knx_cemi *c)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t asked = request_code(c->code);
    struct cd_knx_name name = cd_knx_cemi_name(asked ? asked : c->code);
    struct cd_operation op = {.name = name.name,
                              .code_space = "cemi",
                              .code = asked ? asked : c->code,
                              .class = name.class,
                              .target = target};
    if (!name.name)
        return;
    struct cd_reader r = c->data;
    uint16_t object = cd_read_be16(&r, "object type");
    cd_read_skip(&r, 1, "object instance");
    uint8_t property = cd_read_u8(&r, "property");
    bool has_property = cd_read_ok(&r) && c->code != CD_KNX_L_BUSMON_IND;
    if (has_property) {
        cd_text_str(&t, "interface object ");
        cd_text_u64(&t, object);
        cd_text_str(&t, " property ");
        cd_text_u64(&t, property);
    }
    bool function = op.code == CD_KNX_M_FUNCTION_COMMAND_REQ || op.code == CD_KNX_M_FUNCTION_READ_REQ;
    uint32_t pair = function ? CD_KNX_M_FUNCTION_CON : op.code; /* one confirmation for both */
    uint64_t id = (uint64_t)1 << 41 | (uint64_t)pair << 32 | (uint64_t)object << 8 | property;
    uint16_t elements = cd_read_be16(&r, "elements");
    bool property_service = asked == CD_KNX_M_PROP_READ_REQ || asked == CD_KNX_M_PROP_WRITE_REQ;
    bool failed = property_service && cd_read_ok(&r) && elements >> 12 == 0;
    if (asked)
        cd_report_response(m, &op, id, failed ? "property error" : NULL);
    else if (c->code == CD_KNX_L_BUSMON_IND || c->code == CD_KNX_M_RESET_REQ || c->code == CD_KNX_M_RESET_IND ||
             c->code == CD_KNX_M_PROP_INFO_IND)
        cd_report_notice(m, &op);
    else
        cd_report_request(m, &op, id);
    if (c->code == CD_KNX_M_PROP_READ_CON && !failed && cd_read_ok(&r)) {
        struct cd_subject device = cd_subject_sender(m);
        cd_knx_report_property(m, &device, object, property, cd_read_rest(&r));
    }
}

void cd_knx_report_cemi(struct cd_message *m, const struct cd_knx_cemi *c, bool routed)
{
    if (c->has_address && c->code == CD_KNX_L_DATA_IND) {
        note_device(m, c->source);
        note_gateway(m, routed);
    }
    if (c->has_apci)
        report_application(m, c, routed);
    else if (!c->has_address)
        report_management(m, c);
}
