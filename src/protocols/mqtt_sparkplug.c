/* Sparkplug B: topics, and the little of its protobuf payload that names things (Sparkplug 3.0, clauses 4 and 6). */
#include "protocols/mqtt.h"

#include <strings.h>

enum {
    METRICS_MAX = 512, /* of one payload that are looked at */
    NAMED_MAX = 3,     /* commanded metrics that are named */
    NAME_MAX = 64,
    VALUE_MAX = 128
};

/* ---- topics ---- */

static const struct {
    const char *name;
    enum cd_class class;
    bool birth, command;
} messages[] = {
    {"NBIRTH", CD_CLASS_IDENTIFY, true, false}, {"DBIRTH", CD_CLASS_IDENTIFY, true, false},
    {"NDEATH", CD_CLASS_ALARM, false, false},   {"DDEATH", CD_CLASS_ALARM, false, false},
    {"NDATA", CD_CLASS_READ, false, false},     {"DDATA", CD_CLASS_READ, false, false},
    {"NCMD", CD_CLASS_CONTROL, false, true},    {"DCMD", CD_CLASS_CONTROL, false, true},
    {"STATE", CD_CLASS_SESSION, false, false},
};

static struct cd_mqtt_string next_level(struct cd_mqtt_string *topic)
{
    const char *slash = topic->len ? memchr(topic->bytes, '/', topic->len) : NULL;
    struct cd_mqtt_string level = {topic->bytes, slash ? (size_t)(slash - topic->bytes) : topic->len};
    size_t taken = level.len + (slash ? 1 : 0);
    topic->bytes += taken;
    topic->len -= taken;
    return level;
}

static bool is(struct cd_mqtt_string s, const char *literal)
{
    size_t len = strlen(literal);
    return s.len == len && memcmp(s.bytes, literal, len) == 0;
}

struct cd_mqtt_sparkplug cd_mqtt_sparkplug_of(struct cd_mqtt_string topic)
{
    struct cd_mqtt_sparkplug s = {.class = CD_CLASS_WRITE};
    if (topic.len < 8 || memcmp(topic.bytes, "sp", 2) != 0)
        return s;
    struct cd_mqtt_string namespace = next_level(&topic);
    if (!is(namespace, "spBv1.0") && !is(namespace, "spAv1.0"))
        return s;
    struct cd_mqtt_string group = next_level(&topic), message = next_level(&topic);
    bool state = is(group, "STATE"); /* of a host application (5.1) */
    for (unsigned i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        if (!is(state ? group : message, messages[i].name))
            continue;
        s.message = messages[i].name;
        s.class = messages[i].class;
        s.birth = messages[i].birth;
        s.command = messages[i].command;
        s.payload_b = namespace.bytes[2] == 'B' && !state;
        s.group = group;
        s.node = next_level(&topic);
        s.device = topic;
        return s;
    }
    return s;
}

/* ---- payload: protobuf fields (key, then by the key's low bits a varint, 8 bytes, a length and bytes, or 4 bytes) ---- */

enum { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_32 = 5 };

struct field {
    uint32_t number, wire;
    uint64_t value;         /* varint */
    struct cd_reader bytes; /* length-delimited */
};

static uint64_t read_varint(struct cd_reader *r, const char *name)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = cd_read_u8(r, name);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    cd_read_fail(r, name);
    return 0;
}

/* The next field; false at the end, or where the rest does not fit. */
static bool next_field(struct cd_reader *r, struct field *ret)
{
    if (cd_read_left(r) == 0)
        return false;
    uint64_t key = read_varint(r, "field key");
    *ret = (struct field){.number = (uint32_t)(key >> 3), .wire = key & 7};
    switch (ret->wire) {
    case WIRE_VARINT: ret->value = read_varint(r, "varint"); break;
    case WIRE_64: cd_read_skip(r, 8, "fixed field"); break;
    case WIRE_32: cd_read_skip(r, 4, "fixed field"); break;
    case WIRE_BYTES: ret->bytes = cd_read_sub(r, read_varint(r, "field length"), "field"); break;
    default: cd_read_fail(r, "wire type"); break;
    }
    return cd_read_ok(r);
}

struct metric {
    struct cd_mqtt_string name, text; /* text: a string value */
    uint64_t alias;
    bool has_alias, is_true;
};

static struct cd_mqtt_string string_of(const struct field *f)
{
    return (struct cd_mqtt_string){(const char *)f->bytes.base, f->bytes.len};
}

/* Metric (6.4.6). */
static bool read_metric(struct cd_reader r, struct metric *ret)
{
    enum { NAME = 1, ALIAS = 2, BOOLEAN = 14, STRING = 15 };
    struct field f;
    *ret = (struct metric){0};
    while (next_field(&r, &f)) {
        if (f.number == NAME && f.wire == WIRE_BYTES)
            ret->name = string_of(&f);
        else if (f.number == STRING && f.wire == WIRE_BYTES)
            ret->text = string_of(&f);
        else if (f.number == BOOLEAN)
            ret->is_true = f.value;
        else if (f.number == ALIAS) {
            ret->alias = f.value;
            ret->has_alias = true;
        }
    }
    return cd_read_ok(&r);
}

/* The next metric of a Payload (6.4.4). */
static bool next_metric(struct cd_reader *payload, struct metric *ret)
{
    enum { METRICS = 2 };
    struct field f;
    while (next_field(payload, &f)) {
        if (f.number != METRICS || f.wire != WIRE_BYTES)
            continue;
        if (read_metric(f.bytes, ret))
            return true;
        cd_read_fail(payload, "metric");
    }
    return false;
}

/* ---- what they say ---- */

static void text_name(struct cd_text *t, const struct metric *metric)
{
    if (metric->name.len) {
        cd_text_device(t, metric->name.bytes, metric->name.len < NAME_MAX ? metric->name.len : NAME_MAX);
    } else if (metric->has_alias) {
        cd_text_str(t, "alias ");
        cd_text_u64(t, metric->alias);
    }
}

/* "Node Control/…" are commands to the node itself (6.4.17): a restart, or to tell its metrics anew, which changes nothing. */
bool cd_mqtt_sparkplug_command(struct cd_mqtt_sparkplug *s, struct cd_reader payload, struct cd_text *t)
{
    struct metric metric;
    unsigned n = 0, rebirths = 0;
    while (n < METRICS_MAX && next_metric(&payload, &metric)) {
        if (n < NAMED_MAX) {
            cd_text_str(t, n ? ", " : " ");
            text_name(t, &metric);
        } else if (n == NAMED_MAX) {
            cd_text_str(t, " and more");
        }
        n++;
        rebirths += is(metric.name, "Node Control/Rebirth");
        if (is(metric.name, "Node Control/Reboot"))
            s->class = CD_CLASS_MODE;
    }
    if (n && n == rebirths)
        s->class = CD_CLASS_IDENTIFY;
    return cd_read_ok(&payload);
}

/* What a metric or property of this name tells of its device; names as the Sparkplug libraries' examples and gateways write them. */
static bool attribute_of(struct cd_mqtt_string name, enum cd_attribute *ret)
{
    static const struct {
        const char *name;
        enum cd_attribute attribute;
    } known[] = {
        {"Hardware Make", CD_ATTRIBUTE_VENDOR},
        {"Manufacturer", CD_ATTRIBUTE_VENDOR},
        {"Vendor", CD_ATTRIBUTE_VENDOR},
        {"Hardware Model", CD_ATTRIBUTE_MODEL},
        {"Model", CD_ATTRIBUTE_MODEL},
        {"Hardware Version", CD_ATTRIBUTE_HARDWARE},
        {"Hardware Revision", CD_ATTRIBUTE_HARDWARE},
        {"FW", CD_ATTRIBUTE_FIRMWARE},
        {"Firmware", CD_ATTRIBUTE_FIRMWARE},
        {"Firmware Version", CD_ATTRIBUTE_FIRMWARE},
        {"Serial Number", CD_ATTRIBUTE_SERIAL},
        {"SerialNumber", CD_ATTRIBUTE_SERIAL},
        {"OS", CD_ATTRIBUTE_OS},
        {"Software Version", CD_ATTRIBUTE_SOFTWARE},
    };
    static const char *const groups[] = {"Properties/", "Node Properties/", "Device Properties/", "Node Info/",
                                         "Device Info/"};
    for (unsigned g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        size_t len = strlen(groups[g]);
        if (name.len <= len || strncasecmp(name.bytes, groups[g], len) != 0)
            continue;
        for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
            if (name.len - len == strlen(known[i].name) &&
                strncasecmp(name.bytes + len, known[i].name, name.len - len) == 0) {
                *ret = known[i].attribute;
                return true;
            }
        }
    }
    return false;
}

/* A nested address has no '/' of its own, and is short. */
static void text_address(struct cd_text *t, struct cd_mqtt_string level)
{
    cd_text_str(t, "sparkplug:");
    for (size_t i = 0; i < level.len && i < NAME_MAX; i++) {
        char c = level.bytes[i];
        cd_text_char(t, c > ' ' && c < 0x7f && c != '/' && c != ':' ? c : '_');
    }
}

static void report_node(struct cd_message *m, const struct cd_subject *node, const struct cd_mqtt_sparkplug *s)
{
    char name[2 * NAME_MAX + 2];
    struct cd_text t = cd_text_of(name, sizeof name);
    cd_text_device(&t, s->group.bytes, s->group.len < NAME_MAX ? s->group.len : NAME_MAX);
    cd_text_char(&t, '/');
    cd_text_device(&t, s->node.bytes, s->node.len < NAME_MAX ? s->node.len : NAME_MAX);
    cd_report_fact(m, node, CD_ATTRIBUTE_INSTANCE, name, 80);
    cd_report_fact(m, node, CD_ATTRIBUTE_ROLE, "gateway", 50);
}

void cd_mqtt_sparkplug_birth(struct cd_message *m, const struct cd_mqtt_sparkplug *s, struct cd_reader payload)
{
    char nested[NAME_MAX + 16];
    struct cd_text t = cd_text_of(nested, sizeof nested);
    struct cd_subject subject = cd_subject_sender(m);
    struct metric metric;
    enum cd_attribute attribute;
    if (s->device.len) {
        text_address(&t, s->device);
        subject = cd_subject_nested(subject, nested);
        cd_report_fact_bytes(m, &subject, CD_ATTRIBUTE_NAME, s->device.bytes,
                             s->device.len < NAME_MAX ? s->device.len : NAME_MAX, 60);
    } else {
        report_node(m, &subject, s);
    }
    for (unsigned n = 0; n < METRICS_MAX && next_metric(&payload, &metric); n++)
        if (metric.text.len && attribute_of(metric.name, &attribute))
            cd_report_fact_bytes(m, &subject, attribute, metric.text.bytes,
                                 metric.text.len < VALUE_MAX ? metric.text.len : VALUE_MAX, 85);
    if (!cd_read_ok(&payload))
        cd_report_malformed(m, payload.bad);
}
