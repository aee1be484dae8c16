#include "speak_bacnet.h"

#include "speak.h"

enum { PORT = 47808, MESSAGE_MAX = 500, TARGET_MAX = 160, NAMED_MOST = 3, OPERATOR_PRIORITY = 8 };
enum { BVLC_UNICAST = 0x0a, BVLC_BROADCAST = 0x0b };
enum { READ_MULTIPLE = 14, WRITE_PROPERTY = 15, I_AM = 0, WHO_IS = 8 };
enum { ANALOG_INPUT = 0, BINARY_OUTPUT = 4, DEVICE = 8, PRESENT_VALUE = 85 };

void bacnet_start(struct sim *s, struct bacnet *b, struct device *server, struct device *controller)
{
    *b = (struct bacnet){.now_ns = s->now_ns};
    b->dialogue = wire_dialogue(s, wire_end(server), PORT, wire_end(controller), PORT, "bacnet");
}

void bacnet_catch_up(struct sim *s, struct bacnet *b)
{
    if (b->now_ns < s->now_ns)
        b->now_ns = s->now_ns;
}

/* ---- layers ---- */

/* Link and network headers (annex J, clause 6.2). A device on the trunk is named by its network and MAC: as destination or source. */
static void put_head(struct octets *o, unsigned function, const struct bacnet_target *t, bool request)
{
    bool behind = t && t->network;
    put_u8(o, 0x81);
    put_u8(o, function);
    put_be16(o, 0);
    put_u8(o, 1);
    put_u8(o, (function == BVLC_UNICAST && request ? 0x04u : 0) | (behind ? request ? 0x20u : 0x08u : 0));
    if (!behind)
        return;
    put_be16(o, t->network);
    put_u8(o, 1);
    put_u8(o, t->mac);
    if (request)
        put_u8(o, 255); /* hops */
}

static void ask(struct sim *s, struct bacnet *b, const struct bacnet_target *t, const struct deed *deed,
                const struct octets *request, const struct octets *response)
{
    uint8_t asked[MESSAGE_MAX], answered[MESSAGE_MAX];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    put_head(&question, BVLC_UNICAST, t, true);
    put_octets(&question, request);
    set_be16(&question, 2, question.len);
    put_head(&answer, BVLC_UNICAST, t, false);
    put_octets(&answer, response);
    set_be16(&answer, 2, answer.len);
    t->device->sent = true;
    b->now_ns = speak_ask_datagram(s, &b->dialogue, b->now_ns, deed, &question, &answer);
    if (t->network)
        b->now_ns += 8 * MS; /* the trunk is slow */
}

/* ---- tagged data (clause 20.2) ---- */

static void put_object(struct octets *o, unsigned tag, unsigned type, uint32_t instance)
{
    put_u8(o, tag);
    put_be32(o, (uint32_t)type << 22 | instance);
}

/* A property in a context tag. */
static void put_property(struct octets *o, unsigned context, unsigned property)
{
    put_u8(o, context << 4 | 0x08 | (property > 255 ? 2u : 1u));
    if (property > 255)
        put_be16(o, property);
    else
        put_u8(o, property);
}

static void put_string(struct octets *o, const char *text)
{
    size_t len = strlen(text) + 1;
    put_u8(o, 0x70 | (len < 5 ? (unsigned)len : 5u));
    if (len >= 5)
        put_u8(o, (unsigned)len);
    put_u8(o, 0); /* UTF-8 */
    put_text(o, text);
}

/* IEEE 754 single precision of tenths: value / 10, rounded to the format's 24 bits. */
static uint32_t real_of_tenths(uint32_t tenths)
{
    if (!tenths)
        return 0;
    uint64_t scaled = ((uint64_t)tenths << 32) / 10; /* with 32 binary places */
    unsigned exponent = 127 + 31;
    while (!(scaled >> 63)) {
        scaled <<= 1;
        exponent--;
    }
    return (exponent << 23) | (uint32_t)(scaled >> 40 & 0x7fffff);
}

static void put_real(struct octets *o, uint32_t tenths)
{
    put_u8(o, 0x44);
    put_be32(o, real_of_tenths(tenths));
}

/* ---- services ---- */

static void begin_request(struct octets *o, struct bacnet *b, unsigned service)
{
    put_be16(o, 0x0005); /* no segments; up to 1476 bytes are taken */
    put_u8(o, ++b->invoke_id);
    put_u8(o, service);
}

static void begin_ack(struct octets *o, const struct bacnet *b, unsigned pdu, unsigned service)
{
    put_u8(o, pdu);
    put_u8(o, b->invoke_id);
    put_u8(o, service);
}

static void append_place(struct cd_text *t, const struct bacnet_target *target)
{
    if (!target->network)
        return;
    cd_text_str(t, " at ");
    cd_text_u64(t, target->network);
    cd_text_char(t, '.');
    cd_text_hex(t, target->mac, 2);
}

static struct deed deed_of(const struct bacnet *b, const char *code, const char *name, const char *class,
                           const char *target)
{
    return speak_datagram_deed(&b->dialogue, "bacnet", code, name, class, target);
}

void bacnet_read_name_plate(struct sim *s, struct bacnet *b, const struct bacnet_target *t)
{
    const struct model *model = t->device->model;
    const struct {
        unsigned property;
        const char *value;
    } plate[] = {{121, model->vendor},
                 {70, model->model},
                 {44, model->firmware},
                 {77, t->device->name},
                 {372, t->device->serial}};
    uint8_t asked[MESSAGE_MAX], answered[MESSAGE_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&target, "device ");
    cd_text_u64(&target, t->instance);
    cd_text_str(&target, " vendor-name, model-name, firmware-revision and 2 more");
    append_place(&target, t);
    struct deed deed = deed_of(b, "confirmed:14", "read property multiple", "read", target.at);
    begin_request(&request, b, READ_MULTIPLE);
    begin_ack(&response, b, 0x30, READ_MULTIPLE);
    put_object(&request, 0x0c, DEVICE, t->instance);
    put_object(&response, 0x0c, DEVICE, t->instance);
    put_u8(&request, 0x1e);
    put_u8(&response, 0x1e);
    for (size_t i = 0; i < sizeof plate / sizeof plate[0]; i++) {
        put_property(&request, 0, plate[i].property);
        put_property(&response, 2, plate[i].property);
        put_u8(&response, 0x4e);
        put_string(&response, plate[i].value);
        put_u8(&response, 0x4f);
    }
    put_u8(&request, 0x1f);
    put_u8(&response, 0x1f);
    t->device->told |= TELLS_VENDOR | TELLS_MODEL | TELLS_FIRMWARE | TELLS_NAME | TELLS_SERIAL;
    ask(s, b, t, &deed, &request, &response);
}

static void describe_inputs(struct cd_text *t, unsigned count)
{
    for (unsigned i = 0; i < count && i < NAMED_MOST; i++) {
        cd_text_str(t, i ? ", analog-input " : "analog-input ");
        cd_text_u64(t, i);
        cd_text_str(t, " present-value");
    }
    if (count > NAMED_MOST) {
        cd_text_str(t, " and ");
        cd_text_u64(t, count - NAMED_MOST);
        cd_text_str(t, " more");
    }
}

void bacnet_read_inputs(struct sim *s, struct bacnet *b, const struct bacnet_target *t, unsigned count)
{
    uint8_t asked[MESSAGE_MAX], answered[MESSAGE_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe_inputs(&target, count);
    append_place(&target, t);
    struct deed deed = deed_of(b, "confirmed:14", "read property multiple", "read", target.at);
    begin_request(&request, b, READ_MULTIPLE);
    begin_ack(&response, b, 0x30, READ_MULTIPLE);
    for (unsigned i = 0; i < count; i++) {
        put_object(&request, 0x0c, ANALOG_INPUT, i);
        put_u8(&request, 0x1e);
        put_property(&request, 0, PRESENT_VALUE);
        put_u8(&request, 0x1f);
        put_object(&response, 0x0c, ANALOG_INPUT, i);
        put_u8(&response, 0x1e);
        put_property(&response, 2, PRESENT_VALUE);
        put_u8(&response, 0x4e);
        put_real(&response, sim_drift(s, t->device->number * 7 + i * 100, (uint16_t)(212 + 30 * i), 18));
        put_u8(&response, 0x4f);
        put_u8(&response, 0x1f);
    }
    ask(s, b, t, &deed, &request, &response);
}

void bacnet_switch_output(struct sim *s, struct bacnet *b, const struct bacnet_target *t, uint32_t output, bool on)
{
    uint8_t asked[64], answered[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&target, "binary-output ");
    cd_text_u64(&target, output);
    cd_text_str(&target, on ? " present-value = 1 priority 8" : " present-value = 0 priority 8");
    append_place(&target, t);
    struct deed deed = deed_of(b, "confirmed:15", "write property", "control", target.at);
    begin_request(&request, b, WRITE_PROPERTY);
    put_object(&request, 0x0c, BINARY_OUTPUT, output);
    put_property(&request, 1, PRESENT_VALUE);
    put_u8(&request, 0x3e);
    put_u8(&request, 0x91); /* enumerated */
    put_u8(&request, on);
    put_u8(&request, 0x3f);
    put_u8(&request, 0x49);
    put_u8(&request, OPERATOR_PRIORITY);
    begin_ack(&response, b, 0x20, WRITE_PROPERTY);
    ask(s, b, t, &deed, &request, &response);
}

static void announce(struct sim *s, struct device *from, uint32_t to, const struct octets *apdu, const char *code,
                     const char *name, const char *target)
{
    uint8_t buffer[64];
    struct octets o = OCTETS_OF(buffer);
    struct dialogue d = wire_dialogue(s, wire_end(from), PORT, wire_group(to), PORT, "bacnet");
    struct deed deed = speak_datagram_deed(&d, "bacnet", code, name, "identify", target);
    put_head(&o, BVLC_BROADCAST, NULL, false);
    put_octets(&o, apdu);
    set_be16(&o, 2, o.len);
    struct sent sent = wire_udp(s, &d, true, s->now_ns, &o);
    truth_request(&s->truth, &deed, &sent);
}

void bacnet_who_is(struct sim *s, struct device *server, uint32_t segment_broadcast)
{
    uint8_t buffer[4];
    struct octets apdu = OCTETS_OF(buffer);
    put_be16(&apdu, 0x1000 | WHO_IS);
    announce(s, server, segment_broadcast, &apdu, "unconfirmed:8", "who-is", "");
}

void bacnet_i_am(struct sim *s, const struct bacnet_target *t, uint32_t segment_broadcast, unsigned vendor_id)
{
    uint8_t buffer[24];
    char text[32];
    struct octets apdu = OCTETS_OF(buffer);
    struct cd_text target = cd_text_of(text, sizeof text);
    cd_text_str(&target, "device ");
    cd_text_u64(&target, t->instance);
    put_be16(&apdu, 0x1000 | I_AM);
    put_object(&apdu, 0xc4, DEVICE, t->instance);
    put_u8(&apdu, 0x22);
    put_be16(&apdu, 1476);
    put_be16(&apdu, 0x9103); /* no segmentation */
    put_u8(&apdu, 0x21);
    put_u8(&apdu, vendor_id);
    t->device->told |= TELLS_VENDOR;
    announce(s, t->device, segment_broadcast, &apdu, "unconfirmed:0", "i-am", target.at);
}
