/* MQTT, the message broker protocol of the Internet of things and of plants: versions 3.1 (IBM and Eurotech, 2010), 3.1.1 and 5.0 (OASIS, 2014 and 2019), and what
 * Sparkplug B (Eclipse, 3.0, 2022) says by it: edge nodes, their devices and commands to them. */
#ifndef CD_PROTOCOLS_MQTT_H
#define CD_PROTOCOLS_MQTT_H

#include "protocols/dissector.h"

#include "base/text.h"

/* Control packet types (5.0 2.1.2). */
enum cd_mqtt_type {
    CD_MQTT_RESERVED,
    CD_MQTT_CONNECT,
    CD_MQTT_CONNACK,
    CD_MQTT_PUBLISH,
    CD_MQTT_PUBACK,
    CD_MQTT_PUBREC,
    CD_MQTT_PUBREL,
    CD_MQTT_PUBCOMP,
    CD_MQTT_SUBSCRIBE,
    CD_MQTT_SUBACK,
    CD_MQTT_UNSUBSCRIBE,
    CD_MQTT_UNSUBACK,
    CD_MQTT_PINGREQ,
    CD_MQTT_PINGRESP,
    CD_MQTT_DISCONNECT,
    CD_MQTT_AUTH
};

/* Bit of the protocol level: how bridges between brokers of the Mosquitto family make themselves known. */
enum { CD_MQTT_BRIDGE = 0x80 };

struct cd_mqtt_packet {
    enum cd_mqtt_type type;
    uint8_t flags;
    struct cd_reader body; /* variable header and payload */
};

/* A string or binary field, borrowed. */
struct cd_mqtt_string {
    const char *bytes;
    size_t len;
};

struct cd_mqtt_connect {
    uint8_t level; /* 3, 4, 5 for versions 3.1, 3.1.1, 5.0 */
    uint8_t flags;
    struct cd_mqtt_string client, will_topic, user;
    bool has_user, has_password;
};

struct cd_mqtt_publish {
    struct cd_mqtt_string topic;
    uint16_t packet, alias; /* alias 0: none (5.0 3.3.2.3.4) */
    uint8_t qos;
    bool retain, duplicate;
    struct cd_reader payload;
};

/* Length of the packet that begins here: its header and what follows; 0 where the length's end is still to come, -1 where it is none. */
ssize_t cd_mqtt_length(const uint8_t *bytes, size_t len);
/* One packet. *ret is untouched where it does not fit; r->bad then names the field. */
bool cd_mqtt_parse(struct cd_reader *r, struct cd_mqtt_packet *ret);
bool cd_mqtt_parse_connect(struct cd_reader *r, struct cd_mqtt_connect *ret);
/* level 0: not known; properties are then taken for a part of the payload. */
bool cd_mqtt_parse_publish(struct cd_reader *r, uint8_t flags, uint8_t level, struct cd_mqtt_publish *ret);
struct cd_mqtt_string cd_mqtt_read_string(struct cd_reader *r, const char *field);
/* A variable byte integer (5.0 1.5.5). */
uint32_t cd_mqtt_read_length(struct cd_reader *r, const char *field);
/* Properties (5.0 2.2.2), passed over. */
void cd_mqtt_skip_properties(struct cd_reader *r);

/* Why it was refused: a reason code of 5.0 (2.4) or, of CONNACK, a return code of 3.1.1 (3.2.2.3); NULL where it was not. */
const char *cd_mqtt_reason(uint8_t code, uint8_t level);

/* ---- Sparkplug (mqtt_sparkplug.c) ---- */

struct cd_mqtt_sparkplug {
    const char *message; /* literal: "NBIRTH", "DCMD", …; NULL where the topic is not one of Sparkplug's */
    enum cd_class class;
    bool birth, command, payload_b; /* payload_b: the payload is Sparkplug B's protobuf */
    struct cd_mqtt_string group, node, device;
};

/* spBv1.0/group/message/node[/device] (Sparkplug 4). */
struct cd_mqtt_sparkplug cd_mqtt_sparkplug_of(struct cd_mqtt_string topic);
/* Names in a command's payload, which are what is commanded; raises the class where they say so. False where the payload does not fit. */
bool cd_mqtt_sparkplug_command(struct cd_mqtt_sparkplug *s, struct cd_reader payload, struct cd_text *t);
/* Facts of a birth certificate about its sender, or the device below it. */
void cd_mqtt_sparkplug_birth(struct cd_message *m, const struct cd_mqtt_sparkplug *s, struct cd_reader payload);

#endif
