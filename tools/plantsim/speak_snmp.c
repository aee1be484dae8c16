#include "speak.h"
#include "speak_network.h"

enum { SNMP_PORT = 161, MESSAGE_MAX = 600 };
enum { INTEGER = 0x02, OCTET_STRING = 0x04, NOTHING = 0x05, OBJECT_IDENTIFIER = 0x06, SEQUENCE = 0x30 };
enum { COUNTER32 = 0x41, TIME_TICKS = 0x43, GET_REQUEST = 0xa0, RESPONSE = 0xa2 };

static const uint64_t flow_silence_ns = 300 * SECOND;

/* An object below 1.3.6.1.2.1 by the numbers behind that, and its value. */
struct object {
    uint8_t oid[8];
    uint8_t oid_len;
    uint8_t type;
    const char *text;
    uint32_t number;
};

/* A tag with a length of two bytes, set when the content is there (X.690 8.1.3.5). */
static size_t open_tag(struct octets *o, unsigned tag)
{
    put_u8(o, tag);
    put_u8(o, 0x82);
    put_be16(o, 0);
    return o->len;
}

static void close_tag(struct octets *o, size_t content)
{
    set_be16(o, content - 2, o->len - content);
}

static void put_integer(struct octets *o, unsigned tag, uint32_t value)
{
    put_u8(o, tag);
    put_u8(o, 5);
    put_u8(o, 0); /* not negative */
    put_be32(o, value);
}

static void put_short_integer(struct octets *o, uint8_t value)
{
    put_u8(o, INTEGER);
    put_u8(o, 1);
    put_u8(o, value);
}

static void put_text_value(struct octets *o, const char *text)
{
    size_t content = open_tag(o, OCTET_STRING);
    put_text(o, text);
    close_tag(o, content);
}

static void put_binding(struct octets *o, const struct object *object, bool with_value)
{
    static const uint8_t mib_2[] = {0x2b, 6, 1, 2, 1};
    size_t binding = open_tag(o, SEQUENCE);
    put_u8(o, OBJECT_IDENTIFIER);
    put_u8(o, sizeof mib_2 + object->oid_len);
    put_bytes(o, mib_2, sizeof mib_2);
    put_bytes(o, object->oid, object->oid_len);
    if (!with_value)
        put_be16(o, NOTHING << 8);
    else if (object->type == OCTET_STRING)
        put_text_value(o, object->text);
    else
        put_integer(o, object->type, object->number);
    close_tag(o, binding);
}

static void put_message(struct octets *o, unsigned pdu_type, uint32_t request_id, const struct object *objects,
                        size_t n)
{
    size_t message = open_tag(o, SEQUENCE);
    put_short_integer(o, 1); /* v2c */
    put_text_value(o, "public");
    size_t pdu = open_tag(o, pdu_type);
    put_integer(o, INTEGER, request_id);
    put_short_integer(o, 0);
    put_short_integer(o, 0);
    size_t bindings = open_tag(o, SEQUENCE);
    for (size_t i = 0; i < n; i++)
        put_binding(o, &objects[i], pdu_type == RESPONSE);
    close_tag(o, bindings);
    close_tag(o, pdu);
    close_tag(o, message);
}

struct snmp snmp_start(struct device *client, struct device *server)
{
    return (struct snmp){.client = client, .server = server, .port = plant_next_port(client)};
}

/* The community goes in the clear each time; an observer tells it once of a flow, which ends by silence. */
static void tell_community(struct sim *s, struct snmp *c, const struct deed *deed, const struct sent *sent)
{
    if (!c->last_ns || sent->time_ns - c->last_ns > flow_silence_ns)
        truth_event(&s->truth, "cleartext_credential", "snmp", deed->client, deed->server, "SNMP community", sent);
}

static uint64_t get(struct sim *s, struct snmp *c, const char *group, const struct object *objects, size_t n,
                    uint64_t time_ns)
{
    uint8_t asked[MESSAGE_MAX], answered[MESSAGE_MAX];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct dialogue d = wire_dialogue(s, wire_end(c->client), c->port, wire_end(c->server), SNMP_PORT, "snmp");
    struct deed deed = speak_datagram_deed(&d, "snmp", "0", "get", "read", group);
    uint32_t id = (uint32_t)random_u64(&s->random) & 0x7fffffff;
    put_message(&request, GET_REQUEST, id, objects, n);
    put_message(&response, RESPONSE, id, objects, n);
    time_ns = wire_resolve(s, time_ns, &d.client, &d.server);
    struct sent sent = wire_udp(s, &d, true, time_ns, &request);
    uint32_t operation = truth_request(&s->truth, &deed, &sent);
    tell_community(s, c, &deed, &sent);
    time_ns += sim_between(s, MS, 9 * MS);
    sent = wire_udp(s, &d, false, time_ns, &response);
    truth_response(&s->truth, operation, NULL, &sent);
    c->last_ns = sent.time_ns;
    return time_ns + 500 * US;
}

uint64_t snmp_read_system(struct sim *s, struct snmp *c, uint64_t time_ns)
{
    struct device *server = c->server;
    const struct model *model = server->model;
    uint32_t ticks = (uint32_t)((s->now_ns - s->start_ns) / (10 * MS)) + 8640000;
    const struct object objects[] = {
        {.oid = {1, 1, 0}, .oid_len = 3, .type = OCTET_STRING, .text = model->description},
        {.oid = {1, 3, 0}, .oid_len = 3, .type = TIME_TICKS, .number = ticks},
        {.oid = {1, 5, 0}, .oid_len = 3, .type = OCTET_STRING, .text = server->name},
    };
    server->told |= TELLS_NAME | model->description_tells;
    return get(s, c, "system", objects, sizeof objects / sizeof objects[0], time_ns);
}

/* RFC 1628 upsIdent. */
uint64_t snmp_read_ups(struct sim *s, struct snmp *c, uint64_t time_ns)
{
    struct device *server = c->server;
    const struct model *model = server->model;
    const struct object objects[] = {
        {.oid = {33, 1, 1, 1, 0}, .oid_len = 5, .type = OCTET_STRING, .text = model->vendor},
        {.oid = {33, 1, 1, 2, 0}, .oid_len = 5, .type = OCTET_STRING, .text = model->model},
        {.oid = {33, 1, 1, 3, 0}, .oid_len = 5, .type = OCTET_STRING, .text = model->firmware},
    };
    server->told |= TELLS_VENDOR | TELLS_MODEL | TELLS_FIRMWARE;
    return get(s, c, "upsMIB", objects, sizeof objects / sizeof objects[0], time_ns);
}

uint64_t snmp_read_interfaces(struct sim *s, struct snmp *c, uint64_t time_ns)
{
    uint32_t counted = (uint32_t)((time_ns - s->start_ns) / MS) * 37 + c->server->number;
    const struct object objects[] = {
        {.oid = {2, 2, 1, 10, 1}, .oid_len = 5, .type = COUNTER32, .number = counted},
        {.oid = {2, 2, 1, 16, 1}, .oid_len = 5, .type = COUNTER32, .number = counted / 2},
    };
    return get(s, c, "interfaces", objects, sizeof objects / sizeof objects[0], time_ns);
}
