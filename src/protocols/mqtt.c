/* MQTT: recognising and framing, sessions, and what is published and subscribed. Clause numbers are those of version 5.0. */
#include "protocols/mqtt.h"

#include <string.h>

enum {
    TARGET_MAX = 200,
    TOPIC_SHOWN = 120,
    FILTERS_NAMED = 3,
    FILTERS_MAX = 256,
    LENGTH_BYTES_MAX = 4,
    FLAGS_FIXED = 0x02, /* of PUBREL, SUBSCRIBE and UNSUBSCRIBE (2.1.3) */
    FLAG_DUPLICATE = 0x08
};

struct state {
    uint8_t level; /* of the connection; 0: not known */
    bool
        reversed; /* the client of the protocol is the flow's server end: they were confused where no beginning was seen */
    bool told_broker;
};

/* ---- recognising and framing ---- */

static bool has_valid_flags(uint8_t first)
{
    unsigned type = first >> 4, flags = first & 0xf;
    switch (type) {
    case CD_MQTT_RESERVED: return false;
    case CD_MQTT_PUBLISH: return (flags & 6) != 6;
    case CD_MQTT_PUBREL:
    case CD_MQTT_SUBSCRIBE:
    case CD_MQTT_UNSUBSCRIBE:
        return (flags & ~(unsigned)FLAG_DUPLICATE) == FLAGS_FIXED; /* 3.1 has duplicates of them */
    default: return flags == 0;
    }
}

/* The name of the protocol stands at the beginning of each connection (3.1.2.1). */
static bool is_connect(const uint8_t *bytes, size_t len)
{
    size_t at = 2;
    while (at <= LENGTH_BYTES_MAX && at < len && (bytes[at - 1] & 0x80))
        at++;
    if (bytes[0] != CD_MQTT_CONNECT << 4 || len < at + 8)
        return false;
    return memcmp(bytes + at, "\0\4MQTT", 6) == 0 || memcmp(bytes + at, "\0\6MQIsdp", 8) == 0;
}

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_TCP || len == 0 || !has_valid_flags(bytes[0]))
        return CD_PROBE_NO;
    if (bytes[0] == CD_MQTT_CONNECT << 4 && len > 2)
        return is_connect(bytes, len) ? CD_PROBE_SURE : CD_PROBE_NO;
    ssize_t length = cd_mqtt_length(bytes, len);
    if (length < 0)
        return CD_PROBE_NO;
    if (length == 0 || (size_t)length >= len)
        return CD_PROBE_MAYBE;
    return has_valid_flags(bytes[length]) ? CD_PROBE_MAYBE : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    unsigned type = bytes[0] >> 4;
    ssize_t length = cd_mqtt_length(bytes, len);
    if (length < 0 || (length > 2 && (type == CD_MQTT_PINGREQ || type == CD_MQTT_PINGRESP)))
        return CD_FRAME_NOT_OURS;
    return length ? length : CD_FRAME_MORE;
}

/* ---- what belongs together: packet identifiers are numbered by each end for itself (2.2.1) ---- */

static uint64_t request_id(enum cd_mqtt_type type, bool asked_by_client, uint16_t packet)
{
    return (uint64_t)type << 32 | (uint64_t)asked_by_client << 16 | packet;
}

static struct cd_operation operation(enum cd_mqtt_type type, const char *name, enum cd_class class, const char *target)
{
    return (struct cd_operation){.name = name, .code = type, .class = class, .target = target};
}

static void text_string(struct cd_text *t, struct cd_mqtt_string s)
{
    cd_text_device(t, s.bytes, s.len < TOPIC_SHOWN ? s.len : TOPIC_SHOWN);
    if (s.len > TOPIC_SHOWN)
        cd_text_str(t, "...");
}

/* ---- sessions ---- */

static void report_user(struct cd_message *m, const struct cd_mqtt_connect *c)
{
    char detail[160];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    struct cd_subject client = cd_subject_client(m);
    if (c->user.len)
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, c->user.bytes,
                             c->user.len < TOPIC_SHOWN ? c->user.len : TOPIC_SHOWN, 90);
    if (!c->has_password)
        return;
    cd_text_str(&t, "password in clear");
    if (c->user.len) {
        cd_text_str(&t, " of user ");
        text_string(&t, c->user);
    }
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

static const char *version_name(uint8_t level)
{
    switch (level) {
    case 3: return "3.1";
    case 4: return "3.1.1";
    case 5: return "5.0";
    default: return "unknown version";
    }
}

static void report_connect(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_mqtt_connect c = {0};
    struct cd_subject client = cd_subject_client(m);
    struct cd_reader start = *r;
    cd_mqtt_read_string(&start, "protocol name");
    uint8_t level = cd_read_u8(&start, "protocol level");
    s->level = level & (uint8_t)~CD_MQTT_BRIDGE;
    struct cd_operation op = operation(CD_MQTT_CONNECT, "CONNECT", CD_CLASS_SESSION, version_name(s->level));
    cd_report_request(m, &op, request_id(CD_MQTT_CONNECT, true, 0));
    if (!cd_mqtt_parse_connect(r, &c)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (s->level < 3 || s->level > 5)
        cd_report_event(m, CD_EVENT_VIOLATION, "unknown protocol level");
    cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, level & CD_MQTT_BRIDGE ? "mqtt-bridge" : "mqtt-client", 40);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_INSTANCE, c.client.bytes,
                         c.client.len < TOPIC_SHOWN ? c.client.len : TOPIC_SHOWN, 60);
    report_user(m, &c);
}

static void report_connack(struct cd_message *m, struct cd_reader *r)
{
    struct state *s = m->state;
    struct cd_subject server = cd_subject_server(m);
    cd_read_skip(r, 1, "acknowledge flags");
    uint8_t code = cd_read_u8(r, "return code");
    if (cd_read_ok(r) && s->level == 0)
        s->level = cd_read_left(r) ? 5 : 0; /* only 5.0 has properties behind it */
    const char *error = cd_mqtt_reason(code, s->level);
    struct cd_operation op = operation(CD_MQTT_CONNECT, "CONNECT", CD_CLASS_SESSION, "");
    cd_report_response(m, &op, request_id(CD_MQTT_CONNECT, true, 0), error);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else if (!error && !s->told_broker) {
        s->told_broker = true;
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "mqtt-broker", 60);
    }
    if (error &&
        (s->level == 5 ? code == 0x86 || code == 0x87 || code == 0x8a || code == 0x8c : code == 4 || code == 5))
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, error);
}

static void report_ping(struct cd_message *m, bool asks)
{
    struct cd_operation op = operation(CD_MQTT_PINGREQ, "PINGREQ", CD_CLASS_SESSION, "");
    if (asks)
        cd_report_request(m, &op, request_id(CD_MQTT_PINGREQ, true, 0));
    else
        cd_report_response(m, &op, request_id(CD_MQTT_PINGREQ, true, 0), NULL);
}

/* DISCONNECT (3.14) and AUTH (3.15): a reason may be given. */
static void report_reason(struct cd_message *m, enum cd_mqtt_type type, struct cd_reader *r)
{
    const char *error = cd_read_left(r) ? cd_mqtt_reason(cd_read_u8(r, "reason code"), 5) : NULL;
    struct cd_operation op =
        operation(type, type == CD_MQTT_AUTH ? "AUTH" : "DISCONNECT", CD_CLASS_SESSION, error ? error : "");
    cd_report_notice(m, &op);
}

/* ---- subscriptions ---- */

/* Topic filters, each with a byte of options where `options` (3.8.3). False where they do not fit. */
static bool text_filters(struct cd_text *t, struct cd_reader r, bool options, bool properties)
{
    cd_read_skip(&r, 2, "packet identifier");
    if (properties)
        cd_mqtt_skip_properties(&r);
    for (unsigned n = 0; n < FILTERS_MAX && cd_read_left(&r); n++) {
        struct cd_mqtt_string filter = cd_mqtt_read_string(&r, "topic filter");
        if (options && cd_read_u8(&r, "subscription options") & 0xc0)
            cd_read_fail(&r, "subscription options");
        if (!cd_read_ok(&r))
            return false;
        if (n < FILTERS_NAMED) {
            cd_text_str(t, n ? ", " : "");
            text_string(t, filter);
        } else if (n == FILTERS_NAMED) {
            cd_text_str(t, " and more");
        }
    }
    return cd_read_ok(&r);
}

static void report_subscribe(struct cd_message *m, enum cd_mqtt_type type, struct cd_reader *r)
{
    struct state *s = m->state;
    char target[3 * TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    bool subscribes = type == CD_MQTT_SUBSCRIBE;
    struct cd_reader first = *r;
    uint16_t packet = cd_read_be16(&first, "packet identifier");
    bool fits = text_filters(&t, *r, subscribes, s->level == 5);
    if (!fits && s->level == 0) { /* where the connection's beginning was not seen, the version is found out */
        t = cd_text_of(target, sizeof target);
        fits = text_filters(&t, *r, subscribes, true);
        s->level = fits ? 5 : 0;
    }
    struct cd_operation op = operation(type, subscribes ? "SUBSCRIBE" : "UNSUBSCRIBE", CD_CLASS_READ, target);
    cd_report_request(m, &op, request_id(type, true, packet));
    if (!fits)
        cd_report_malformed(m, "topic filter");
}

static void report_suback(struct cd_message *m, enum cd_mqtt_type asked, struct cd_reader *r)
{
    const struct state *s = m->state;
    const char *error = NULL;
    uint16_t packet = cd_read_be16(r, "packet identifier");
    if (s->level == 5)
        cd_mqtt_skip_properties(r);
    for (unsigned n = 0; n < FILTERS_MAX && cd_read_left(r) && !error; n++) {
        uint8_t code = cd_read_u8(r, "reason code");
        error = code >= 0x80 ? cd_mqtt_reason(code, s->level) : NULL;
    }
    struct cd_operation op =
        operation(asked, asked == CD_MQTT_SUBSCRIBE ? "SUBSCRIBE" : "UNSUBSCRIBE", CD_CLASS_READ, "");
    cd_report_response(m, &op, request_id(asked, true, packet), error);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

/* ---- publications ---- */

static bool has_wildcard(struct cd_mqtt_string topic)
{
    return topic.len && (memchr(topic.bytes, '#', topic.len) || memchr(topic.bytes, '+', topic.len));
}

static void text_publish(struct cd_text *t, const struct cd_mqtt_publish *p)
{
    if (p->topic.len) {
        text_string(t, p->topic);
    } else {
        cd_text_str(t, "topic alias ");
        cd_text_u64(t, p->alias);
    }
    if (p->retain)
        cd_text_str(t, " (retained)");
}

/* Brokers tell what they are under this topic, to whom subscribes to it. */
static void report_broker(struct cd_message *m, const struct cd_mqtt_publish *p)
{
    static const char topic[] = "$SYS/broker/version";
    struct cd_subject server = cd_subject_server(m);
    if (m->from_client || p->topic.len != sizeof topic - 1 || memcmp(p->topic.bytes, topic, sizeof topic - 1) != 0)
        return;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_SOFTWARE, p->payload.base,
                         p->payload.len < TOPIC_SHOWN ? p->payload.len : TOPIC_SHOWN, 90);
}

/* Where the version is not known, the empty properties of 5.0 look like a byte that no protobuf begins with. */
static struct cd_reader protobuf_of(const struct cd_mqtt_publish *p, uint8_t level)
{
    struct cd_reader payload = p->payload;
    if (level == 0 && cd_read_peek(&payload, 0) == 0)
        cd_read_skip(&payload, 1, "property length");
    return payload;
}

/* What Sparkplug says by it. A command that the broker hands on is the broker's request to the node. */
static void report_sparkplug(struct cd_message *m, const struct cd_mqtt_publish *p, struct cd_mqtt_sparkplug *sparkplug,
                             struct cd_text *t)
{
    const struct state *s = m->state;
    struct cd_reader payload = protobuf_of(p, s->level);
    if (!sparkplug->payload_b || m->cut)
        return;
    if (sparkplug->command && !cd_mqtt_sparkplug_command(sparkplug, payload, t))
        cd_report_malformed(m, "Sparkplug payload");
    else if (sparkplug->birth && m->from_client)
        cd_mqtt_sparkplug_birth(m, sparkplug, payload);
    if (sparkplug->command && !m->from_client)
        m->from_client = true;
}

static void report_publish(struct cd_message *m, const struct cd_mqtt_packet *packet)
{
    const struct state *s = m->state;
    char target[2 * TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_mqtt_publish p = {0};
    struct cd_reader body = packet->body;
    bool by_client = m->from_client, fits = cd_mqtt_parse_publish(&body, packet->flags, s->level, &p);
    struct cd_operation op = operation(CD_MQTT_PUBLISH, by_client ? "PUBLISH" : "PUBLISH to subscriber",
                                       by_client ? CD_CLASS_WRITE : CD_CLASS_READ, target);
    if (fits) {
        struct cd_mqtt_sparkplug sparkplug = cd_mqtt_sparkplug_of(p.topic);
        text_publish(&t, &p);
        report_broker(m, &p);
        if (sparkplug.message) {
            report_sparkplug(m, &p, &sparkplug, &t);
            op.name = sparkplug.message;
            op.class = sparkplug.class;
        }
    }
    if (p.qos)
        cd_report_request(m, &op, request_id(CD_MQTT_PUBLISH, by_client, p.packet));
    else
        cd_report_notice(m, &op);
    if (!fits)
        cd_report_malformed(m, body.bad);
    else if (has_wildcard(p.topic))
        cd_report_event(m, CD_EVENT_VIOLATION, "wildcard in a topic name");
    if (p.qos == 3)
        cd_report_event(m, CD_EVENT_VIOLATION, "quality of service 3");
}

/* PUBACK, PUBREC, PUBREL and PUBCOMP (3.4 to 3.7): the first two answer a PUBLISH, the last a PUBREL, which is counted for itself. */
static void report_acknowledgement(struct cd_message *m, enum cd_mqtt_type type, struct cd_reader *r)
{
    bool releases = type == CD_MQTT_PUBREL, to_release = type == CD_MQTT_PUBCOMP;
    uint16_t packet = cd_read_be16(r, "packet identifier");
    uint8_t code = cd_read_left(r) ? cd_read_u8(r, "reason code") : 0;
    const char *error = code >= 0x80 ? cd_mqtt_reason(code, 5) : NULL;
    bool published_by_client = releases ? m->from_client : !m->from_client;
    struct cd_operation op = operation(CD_MQTT_PUBREL, "PUBREL", CD_CLASS_SESSION, "");
    if (!releases && !to_release)
        op = operation(CD_MQTT_PUBLISH, published_by_client ? "PUBLISH" : "PUBLISH to subscriber",
                       published_by_client ? CD_CLASS_WRITE : CD_CLASS_READ, "");
    if (releases)
        cd_report_request(m, &op, request_id(CD_MQTT_PUBREL, published_by_client, packet));
    else
        cd_report_response(m, &op, request_id(op.code, published_by_client, packet), error);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
}

/* ---- all of them ---- */

/* Some types go one way only, and tell which end is the client. */
static void learn_direction(struct cd_message *m, enum cd_mqtt_type type)
{
    struct state *s = m->state;
    bool by_client =
        type == CD_MQTT_CONNECT || type == CD_MQTT_SUBSCRIBE || type == CD_MQTT_UNSUBSCRIBE || type == CD_MQTT_PINGREQ;
    bool by_server =
        type == CD_MQTT_CONNACK || type == CD_MQTT_SUBACK || type == CD_MQTT_UNSUBACK || type == CD_MQTT_PINGRESP;
    if (by_client || by_server)
        s->reversed = by_client != m->from_client;
    if (s->reversed)
        m->from_client = !m->from_client;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_mqtt_packet p;
    if (!cd_mqtt_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    learn_direction(m, p.type);
    if (!has_valid_flags((uint8_t)(p.type << 4 | p.flags)) && p.type != CD_MQTT_PUBLISH)
        cd_report_event(m, CD_EVENT_VIOLATION, p.type == CD_MQTT_RESERVED ? "reserved packet type" : "reserved flags");
    switch (p.type) {
    case CD_MQTT_RESERVED: {
        struct cd_operation op = operation(p.type, "reserved packet type", CD_CLASS_OTHER, "");
        cd_report_notice(m, &op);
        break;
    }
    case CD_MQTT_CONNECT: report_connect(m, &p.body); break;
    case CD_MQTT_CONNACK: report_connack(m, &p.body); break;
    case CD_MQTT_PUBLISH: report_publish(m, &p); break;
    case CD_MQTT_PUBACK:
    case CD_MQTT_PUBREC:
    case CD_MQTT_PUBREL:
    case CD_MQTT_PUBCOMP: report_acknowledgement(m, p.type, &p.body); break;
    case CD_MQTT_SUBSCRIBE:
    case CD_MQTT_UNSUBSCRIBE: report_subscribe(m, p.type, &p.body); break;
    case CD_MQTT_SUBACK: report_suback(m, CD_MQTT_SUBSCRIBE, &p.body); break;
    case CD_MQTT_UNSUBACK: report_suback(m, CD_MQTT_UNSUBSCRIBE, &p.body); break;
    case CD_MQTT_PINGREQ:
    case CD_MQTT_PINGRESP: report_ping(m, p.type == CD_MQTT_PINGREQ); break;
    case CD_MQTT_DISCONNECT:
    case CD_MQTT_AUTH: report_reason(m, p.type, &p.body); break;
    }
}

const struct cd_dissector cd_dissector_mqtt = {
    .name = "mqtt",
    .tcp_ports = {1883},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .max_message = 64 << 10,
    .state_size = sizeof(struct state),
};
