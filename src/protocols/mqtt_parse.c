/* Reading MQTT packets. Clause numbers are those of version 5.0. */
#include "protocols/mqtt.h"

#include <string.h>

enum { LENGTH_BYTES_MAX = 4, FLAG_DUPLICATE = 0x08 };

uint32_t cd_mqtt_read_length(struct cd_reader *r, const char *field)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < LENGTH_BYTES_MAX; i++) {
        uint8_t byte = cd_read_u8(r, field);
        value |= (uint32_t)(byte & 0x7f) << 7 * i;
        if (!(byte & 0x80))
            return value;
    }
    cd_read_fail(r, field);
    return 0;
}

struct cd_mqtt_string cd_mqtt_read_string(struct cd_reader *r, const char *field)
{
    size_t len = cd_read_be16(r, field);
    const uint8_t *bytes = cd_read_at(r, len, field);
    return bytes ? (struct cd_mqtt_string){(const char *)bytes, len} : (struct cd_mqtt_string){0};
}

ssize_t cd_mqtt_length(const uint8_t *bytes, size_t len)
{
    size_t value = 0;
    for (size_t i = 1; i <= LENGTH_BYTES_MAX && i < len; i++) {
        value |= (size_t)(bytes[i] & 0x7f) << 7 * (i - 1);
        if (!(bytes[i] & 0x80))
            return (ssize_t)(1 + i + value);
    }
    return len > LENGTH_BYTES_MAX ? -1 : 0;
}

bool cd_mqtt_parse(struct cd_reader *r, struct cd_mqtt_packet *ret)
{
    uint8_t first = cd_read_u8(r, "packet type");
    uint32_t length = cd_mqtt_read_length(r, "remaining length");
    if (length < cd_read_left(r))
        cd_read_fail(r, "remaining length");
    struct cd_reader body = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = (struct cd_mqtt_packet){.type = first >> 4, .flags = first & 0xf, .body = body};
    return true;
}

void cd_mqtt_skip_properties(struct cd_reader *r)
{
    cd_read_skip(r, cd_mqtt_read_length(r, "property length"), "properties");
}

bool cd_mqtt_parse_connect(struct cd_reader *r, struct cd_mqtt_connect *ret)
{
    enum { WILL = 0x04, PASSWORD = 0x40, USER = 0x80 };
    struct cd_mqtt_connect c = {0};
    cd_mqtt_read_string(r, "protocol name");
    c.level = cd_read_u8(r, "protocol level");
    c.flags = cd_read_u8(r, "connect flags");
    cd_read_skip(r, 2, "keep alive");
    bool properties = (c.level & ~CD_MQTT_BRIDGE) >= 5;
    if (properties)
        cd_mqtt_skip_properties(r);
    c.client = cd_mqtt_read_string(r, "client identifier");
    if (c.flags & WILL) {
        if (properties)
            cd_mqtt_skip_properties(r);
        c.will_topic = cd_mqtt_read_string(r, "will topic");
        cd_mqtt_read_string(r, "will payload");
    }
    c.has_user = c.flags & USER;
    c.has_password = c.flags & PASSWORD;
    if (c.has_user)
        c.user = cd_mqtt_read_string(r, "user name");
    if (c.has_password)
        cd_mqtt_read_string(r, "password");
    cd_read_end(r, "bytes behind the payload");
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

/* The alias among the properties of a PUBLISH; only those that may come before it are known by length (3.3.2.3). */
static uint16_t read_alias(struct cd_reader properties)
{
    enum {
        FORMAT = 0x01,
        EXPIRY = 0x02,
        CONTENT_TYPE = 0x03,
        RESPONSE = 0x08,
        CORRELATION = 0x09,
        SUBSCRIPTION = 0x0b
    };
    enum { ALIAS = 0x23, USER = 0x26, PROPERTIES_MAX = 32 };
    for (unsigned i = 0; i < PROPERTIES_MAX && cd_read_left(&properties); i++) {
        switch (cd_read_u8(&properties, "property")) {
        case ALIAS: return cd_read_be16(&properties, "topic alias");
        case FORMAT: cd_read_skip(&properties, 1, "property"); break;
        case EXPIRY: cd_read_skip(&properties, 4, "property"); break;
        case SUBSCRIPTION: cd_mqtt_read_length(&properties, "property"); break;
        case USER: cd_mqtt_read_string(&properties, "property"); /* a name and a value */ /* fall through */
        case CONTENT_TYPE:
        case RESPONSE:
        case CORRELATION: cd_mqtt_read_string(&properties, "property"); break;
        default: return 0;
        }
    }
    return 0;
}

bool cd_mqtt_parse_publish(struct cd_reader *r, uint8_t flags, uint8_t level, struct cd_mqtt_publish *ret)
{
    struct cd_mqtt_publish p = {.qos = flags >> 1 & 3, .retain = flags & 1, .duplicate = flags & FLAG_DUPLICATE};
    p.topic = cd_mqtt_read_string(r, "topic name");
    if (p.qos)
        p.packet = cd_read_be16(r, "packet identifier");
    if (level == 5) {
        uint32_t length = cd_mqtt_read_length(r, "property length");
        p.alias = read_alias(cd_read_sub(r, length, "properties"));
    }
    p.payload = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}
