#include "speak_enip.h"

#include "speak.h"

enum { ENIP_PORT = 44818, MESSAGE_MAX = 500, TARGET_MAX = 96 };
enum { REGISTER_SESSION = 0x65, SEND_RR_DATA = 0x6f, ITEM_NULL = 0, ITEM_UNCONNECTED = 0xb2 };
enum { GET_ATTRIBUTES_ALL = 0x01, RESET = 0x05, GET_ATTRIBUTE_SINGLE = 0x0e, READ_TAG = 0x4c, WRITE_TAG = 0x4d };
enum { UNCONNECTED_SEND = 0x52, RESPONSE = 0x80, TYPE_DINT = 0x00c4, BACKPLANE = 1, VENDOR_ROCKWELL = 1 };

void enip_start(struct sim *s, struct enip *c, struct device *client, struct device *server)
{
    *c = (struct enip){.context = random_u64(&s->random) >> 16};
    tcp_start(s, &c->tcp, client, server, ENIP_PORT);
}

/* The encapsulation header (2-3.1) and its data. */
static void put_message(struct octets *o, const struct enip *c, unsigned command, uint32_t session,
                        const struct octets *data)
{
    put_le16(o, command);
    put_le16(o, (unsigned)data->len);
    put_le32(o, session);
    put_le32(o, 0);
    put_be64(o, c->context);
    put_le32(o, 0);
    put_octets(o, data);
}

void enip_register_session(struct sim *s, struct enip *c)
{
    static const uint8_t version[] = {1, 0, 0, 0};
    const struct octets data = {.at = (uint8_t *)version, .len = sizeof version};
    uint8_t asked[64], answered[64];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct deed deed = speak_deed(&c->tcp, "enip", "101", "register session", "session", "");
    c->context++;
    c->session = (uint32_t)random_u64(&s->random) | 1;
    put_message(&request, c, REGISTER_SESSION, 0, &data);
    put_message(&response, c, REGISTER_SESSION, c->session, &data);
    speak_ask(s, &c->tcp, &deed, &request, &response, NULL);
}

/* 2-2.4.1: interface handle, time-out, a null address item and the CIP message. */
static void put_rr_data(struct octets *o, const struct enip *c, const struct octets *message)
{
    uint8_t buffer[MESSAGE_MAX];
    struct octets data = OCTETS_OF(buffer);
    put_le32(&data, 0);
    put_le16(&data, 10);
    put_le16(&data, 2);
    put_le32(&data, ITEM_NULL);
    put_le16(&data, ITEM_UNCONNECTED);
    put_le16(&data, (unsigned)message->len);
    put_octets(&data, message);
    put_message(o, c, SEND_RR_DATA, c->session, &data);
}

/* 3-5.5.4: the message goes by the backplane to the slot. */
static void put_routed(struct octets *o, const struct octets *message, int slot)
{
    static const uint8_t connection_manager[] = {2, 0x20, 6, 0x24, 1};
    put_u8(o, UNCONNECTED_SEND);
    put_bytes(o, connection_manager, sizeof connection_manager);
    put_be16(o, 0x0a0e); /* priority and time-out */
    put_le16(o, (unsigned)message->len);
    put_octets(o, message);
    if (message->len % 2)
        put_u8(o, 0);
    put_le16(o, 1); /* the route's length in words */
    put_u8(o, BACKPLANE);
    put_u8(o, (unsigned)slot);
}

/* What is routed counts by itself and is not answered as such: the answer is that of what it carried. */
static void count_routing(struct sim *s, const struct enip *c, int slot, const struct sent *asked)
{
    char buffer[24];
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&target, "via 1.");
    cd_text_u64(&target, (uint64_t)slot);
    struct deed deed = speak_deed(&c->tcp, "cip", "82", "unconnected send", "other", target.at);
    truth_request(&s->truth, &deed, asked);
}

static void append_route(struct cd_text *t, int slot)
{
    if (slot == ENIP_THE_DEVICE_ITSELF)
        return;
    cd_text_str(t, t->len ? " via 1." : "via 1.");
    cd_text_u64(t, (uint64_t)slot);
}

/* Both layers are counted: the carrier's command and the message. */
static void ask(struct sim *s, struct enip *c, const struct deed *deed, int slot, const struct octets *request,
                const struct octets *response)
{
    uint8_t buffers[3][MESSAGE_MAX];
    struct octets routed = OCTETS_OF(buffers[0]), question = OCTETS_OF(buffers[1]), answer = OCTETS_OF(buffers[2]);
    struct deed carrier = speak_deed(&c->tcp, "enip", "111", "send rr data", "session", "");
    c->context++;
    if (slot != ENIP_THE_DEVICE_ITSELF)
        put_routed(&routed, request, slot);
    put_rr_data(&question, c, slot == ENIP_THE_DEVICE_ITSELF ? request : &routed);
    put_rr_data(&answer, c, response);
    truth_name_protocol(&s->truth, c->tcp.conversation, "enip");
    struct sent sent = tcp_send(s, &c->tcp, true, &question);
    uint32_t carried = truth_request(&s->truth, &carrier, &sent);
    if (slot != ENIP_THE_DEVICE_ITSELF)
        count_routing(s, c, slot, &sent);
    uint32_t operation = truth_request(&s->truth, deed, &sent);
    tcp_wait(&c->tcp, c->tcp.latency_ns + sim_between(s, 0, MS));
    sent = tcp_send(s, &c->tcp, false, &answer);
    truth_response(&s->truth, carried, NULL, &sent);
    truth_response(&s->truth, operation, NULL, &sent);
    tcp_wait(&c->tcp, sim_between(s, 200 * US, 900 * US));
}

/* Service and a path of class and instance. */
static void put_request(struct octets *o, unsigned service, unsigned class, unsigned instance)
{
    put_u8(o, service);
    put_u8(o, 2);
    put_u8(o, 0x20);
    put_u8(o, class);
    put_u8(o, 0x24);
    put_u8(o, instance);
}

static void put_response(struct octets *o, unsigned service)
{
    put_be16(o, (RESPONSE | service) << 8);
    put_be16(o, 0); /* success */
}

/* "32.11" as two bytes. */
static void put_revision(struct octets *o, const char *revision)
{
    unsigned numbers[2] = {0, 0}, at = 0;
    for (; *revision; revision++) {
        if (*revision == '.')
            at = 1;
        else
            numbers[at] = numbers[at] * 10 + (unsigned)(*revision - '0');
    }
    put_u8(o, numbers[0]);
    put_u8(o, numbers[1]);
}

/* 5A-2.2. */
static void put_identity(struct octets *o, const struct device *d, uint32_t serial)
{
    enum { STATUS_OWNED_AND_CONFIGURED = 0x0005, STATUS_REMOTE_RUN = 0x3060, TYPE_PLC = 0x0e };
    put_le16(o, VENDOR_ROCKWELL);
    put_le16(o, d->model->cip_type);
    put_le16(o, 100 + d->model->cip_type);
    put_revision(o, d->model->firmware);
    put_le16(o, d->model->cip_type == TYPE_PLC ? STATUS_REMOTE_RUN : STATUS_OWNED_AND_CONFIGURED);
    put_le32(o, serial);
    put_u8(o, (unsigned)strlen(d->model->model));
    put_text(o, d->model->model);
}

void enip_read_identity(struct sim *s, struct enip *c, struct device *device, int slot)
{
    uint8_t asked[32], answered[MESSAGE_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer), text = cd_text_of(device->serial, sizeof device->serial);
    uint32_t serial = 0x00c20000u + device->number * 53;
    cd_text_hex(&text, serial, 8);
    cd_text_str(&target, "Identity 1");
    append_route(&target, slot);
    struct deed deed = speak_deed(&c->tcp, "cip", "1", "get attributes all", "identify", target.at);
    put_request(&request, GET_ATTRIBUTES_ALL, 1, 1);
    put_response(&response, GET_ATTRIBUTES_ALL);
    put_identity(&response, device, serial);
    device->sent = true;
    device->told |= TELLS_VENDOR | TELLS_MODEL | TELLS_ORDER_NUMBER | TELLS_HARDWARE | TELLS_FIRMWARE | TELLS_SERIAL;
    ask(s, c, &deed, slot, &request, &response);
}

/* A symbolic segment (C-1.4.4): the name, padded to whole words. */
static void put_tag_request(struct octets *o, unsigned service, const char *tag)
{
    size_t len = strlen(tag), padded = len + len % 2;
    put_u8(o, service);
    put_u8(o, (unsigned)(2 + padded) / 2);
    put_u8(o, 0x91);
    put_u8(o, (unsigned)len);
    put_field(o, tag, padded, 0);
}

static void describe_tag(struct cd_text *t, const char *tag, uint16_t elements, int slot)
{
    cd_text_str(t, "tag ");
    cd_text_str(t, tag);
    if (elements > 1) {
        cd_text_str(t, " (");
        cd_text_u64(t, elements);
        cd_text_str(t, " elements)");
    }
    append_route(t, slot);
}

void enip_read_tag(struct sim *s, struct enip *c, int slot, const char *tag, uint16_t elements)
{
    uint8_t asked[64], answered[MESSAGE_MAX];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe_tag(&target, tag, elements, slot);
    struct deed deed = speak_deed(&c->tcp, "cip", "76", "read tag", "read", target.at);
    put_tag_request(&request, READ_TAG, tag);
    put_le16(&request, elements);
    put_response(&response, READ_TAG);
    put_le16(&response, TYPE_DINT);
    for (unsigned i = 0; i < elements; i++)
        put_le32(&response, sim_drift(s, c->tcp.ends[1].device->number * 3 + i * 40, (uint16_t)(600 + i * 25), 45));
    ask(s, c, &deed, slot, &request, &response);
}

void enip_write_tag(struct sim *s, struct enip *c, int slot, const char *tag, uint32_t value)
{
    uint8_t asked[64], answered[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    describe_tag(&target, tag, 1, slot);
    struct deed deed = speak_deed(&c->tcp, "cip", "77", "write tag", "write", target.at);
    put_tag_request(&request, WRITE_TAG, tag);
    put_le16(&request, TYPE_DINT);
    put_le16(&request, 1);
    put_le32(&request, value);
    put_response(&response, WRITE_TAG);
    ask(s, c, &deed, slot, &request, &response);
}

void enip_read_parameter(struct sim *s, struct enip *c, uint8_t parameter)
{
    enum { CLASS_PARAMETER = 0x0f };
    uint8_t asked[32], answered[16];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&target, "Parameter ");
    cd_text_u64(&target, parameter);
    cd_text_str(&target, ", attribute 1");
    struct deed deed = speak_deed(&c->tcp, "cip", "14", "get attribute single", "read", target.at);
    put_u8(&request, GET_ATTRIBUTE_SINGLE);
    put_u8(&request, 3);
    put_u8(&request, 0x20);
    put_u8(&request, CLASS_PARAMETER);
    put_u8(&request, 0x24);
    put_u8(&request, parameter);
    put_be16(&request, 0x3001);
    put_response(&response, GET_ATTRIBUTE_SINGLE);
    put_le16(&response, sim_drift(s, c->tcp.ends[1].device->number + parameter, 4800, 200));
    ask(s, c, &deed, ENIP_THE_DEVICE_ITSELF, &request, &response);
}

void enip_reset(struct sim *s, struct enip *c, int slot)
{
    uint8_t asked[32], answered[8];
    char buffer[TARGET_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct cd_text target = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&target, "Identity 1");
    append_route(&target, slot);
    struct deed deed = speak_deed(&c->tcp, "cip", "5", "reset", "mode", target.at);
    put_request(&request, RESET, 1, 1);
    put_u8(&request, 0); /* as if the power had been off */
    put_response(&response, RESET);
    ask(s, c, &deed, slot, &request, &response);
}
