/* Each message of observation.proto is described by a table: field number -> where its value goes and what it may be. One function reads
 * them all, so every bound is checked in one place. A batch is gone through twice: to check, then to visit. */
#include "observe/decode.h"

#include "base/reader.h"
#include "base/text.h"
#include "observe/observer.h"

#include <stddef.h>
#include <string.h>

enum field_type {
    ABSENT, /* not described: passed over */
    NUMBER, /* uint64_t, at most CD_OBSERVATION_NUMBER_MAX */
    SMALL,  /* unsigned int or an enum, at most `most` */
    WORD,   /* uint32_t, any */
    SHORT,  /* uint16_t */
    BYTE,   /* uint8_t, at most `most` */
    TEXT,   /* uint32_t, the number of a text of this batch */
    TIME,   /* uint64_t, fixed64 on the wire, at most CD_OBSERVATION_NUMBER_MAX */
    SPAN,   /* uint64_t: on the wire the time since the field before, which is a TIME */
    IP,     /* struct cd_ip, 4, 6 or 16 bytes */
    MAC,    /* cd_mac, 6 bytes */
};

struct field_rule {
    const char *name;
    enum field_type type;
    uint32_t offset, most;
};

#define RULE(kind, structure, member, limit)                                                                           \
    {                                                                                                                  \
#member, kind, offsetof(struct structure, member), limit                                                       \
    }

static const struct field_rule fact_rules[] = {
    [1] = RULE(MAC, cd_seen_fact, mac, 0),           [2] = RULE(IP, cd_seen_fact, ip, 0),
    [3] = RULE(TEXT, cd_seen_fact, nested, 0),       [4] = RULE(SMALL, cd_seen_fact, attribute, CD_ATTRIBUTES - 1),
    [5] = RULE(TEXT, cd_seen_fact, value, 0),        [6] = RULE(TEXT, cd_seen_fact, protocol, 0),
    [7] = RULE(BYTE, cd_seen_fact, confidence, 100), [8] = RULE(TIME, cd_seen_fact, first_ns, 0),
    [9] = RULE(SPAN, cd_seen_fact, last_ns, 0),      [10] = RULE(NUMBER, cd_seen_fact, count, 0),
};

static const struct field_rule conversation_rules[] = {
    [1] = RULE(IP, cd_seen_conversation, client, 0),
    [2] = RULE(IP, cd_seen_conversation, server, 0),
    [3] = RULE(SMALL, cd_seen_conversation, transport, CD_TRANSPORT_UDP),
    [4] = RULE(SHORT, cd_seen_conversation, port, 0),
    [5] = RULE(TEXT, cd_seen_conversation, protocol, 0),
    [6] = RULE(BYTE, cd_seen_conversation, confidence, 100),
    [7] = RULE(TIME, cd_seen_conversation, first_ns, 0),
    [8] = RULE(SPAN, cd_seen_conversation, last_ns, 0),
    [9] = RULE(NUMBER, cd_seen_conversation, client_packets, 0),
    [10] = RULE(NUMBER, cd_seen_conversation, server_packets, 0),
    [11] = RULE(NUMBER, cd_seen_conversation, client_bytes, 0),
    [12] = RULE(NUMBER, cd_seen_conversation, server_bytes, 0),
    [13] = RULE(NUMBER, cd_seen_conversation, flows, 0),
    [14] = RULE(NUMBER, cd_seen_conversation, one_sided_flows, 0),
    [15] = RULE(NUMBER, cd_seen_conversation, retransmissions, 0),
    [16] = RULE(NUMBER, cd_seen_conversation, gaps, 0),
    [17] = RULE(NUMBER, cd_seen_conversation, gap_bytes, 0),
    [18] = RULE(NUMBER, cd_seen_conversation, resets, 0),
    [19] = RULE(NUMBER, cd_seen_conversation, refused, 0),
};

static const struct field_rule operation_rules[] = {
    [1] = RULE(IP, cd_seen_operation, client, 0),         [2] = RULE(IP, cd_seen_operation, server, 0),
    [3] = RULE(TEXT, cd_seen_operation, protocol, 0),     [4] = RULE(TEXT, cd_seen_operation, name, 0),
    [5] = RULE(TEXT, cd_seen_operation, code_space, 0),   [6] = RULE(TEXT, cd_seen_operation, code_text, 0),
    [7] = RULE(WORD, cd_seen_operation, code, 0),         [8] = RULE(SMALL, cd_seen_operation, class, CD_CLASSES - 1),
    [9] = RULE(TEXT, cd_seen_operation, target, 0),       [10] = RULE(NUMBER, cd_seen_operation, requests, 0),
    [11] = RULE(NUMBER, cd_seen_operation, responses, 0), [12] = RULE(NUMBER, cd_seen_operation, errors, 0),
    [13] = RULE(TIME, cd_seen_operation, first_ns, 0),    [14] = RULE(SPAN, cd_seen_operation, last_ns, 0),
    [15] = RULE(TEXT, cd_seen_operation, last_error, 0),
};

static const struct field_rule event_rules[] = {
    [1] = RULE(SMALL, cd_seen_event, kind, CD_EVENTS - 1),
    [2] = RULE(TEXT, cd_seen_event, protocol, 0),
    [3] = RULE(TEXT, cd_seen_event, detail, 0),
    [4] = RULE(IP, cd_seen_event, client, 0),
    [5] = RULE(IP, cd_seen_event, server, 0),
    [6] = RULE(TIME, cd_seen_event, time_ns, 0),
    [7] = RULE(NUMBER, cd_seen_event, frame, 0),
};

static const struct field_rule health_rules[] = {
#define HEALTH_RULE(number, name) [number] = RULE(NUMBER, cd_health, name, 0),
    CD_HEALTH_COUNTERS(HEALTH_RULE)
#undef HEALTH_RULE
};

static const struct field_rule layer_rules[] = {
    [1] = RULE(TEXT, cd_seen_layer, layer, 0),
    [2] = RULE(NUMBER, cd_seen_layer, bad_frames, 0),
};

static const struct field_rule protocol_rules[] = {
    [1] = RULE(TEXT, cd_seen_protocol, protocol, 0),          [2] = RULE(NUMBER, cd_seen_protocol, messages, 0),
    [3] = RULE(NUMBER, cd_seen_protocol, bytes, 0),           [4] = RULE(NUMBER, cd_seen_protocol, malformed, 0),
    [5] = RULE(NUMBER, cd_seen_protocol, malformed_bytes, 0), [6] = RULE(NUMBER, cd_seen_protocol, cut, 0),
};

static const struct field_rule capture_rules[] = {
    [1] = RULE(SMALL, cd_seen_capture, number, 65535), [2] = RULE(TEXT, cd_seen_capture, name, 0),
    [3] = RULE(TEXT, cd_seen_capture, problem, 0),     [4] = RULE(NUMBER, cd_seen_capture, frames, 0),
    [5] = RULE(NUMBER, cd_seen_capture, bytes, 0),     [6] = RULE(TIME, cd_seen_capture, first_ns, 0),
    [7] = RULE(SPAN, cd_seen_capture, last_ns, 0),
};

struct message_rules {
    const struct field_rule *fields;
    unsigned n;
};
#define RULES(table)                                                                                                   \
    {                                                                                                                  \
        table, sizeof table / sizeof table[0]                                                                          \
    }
static const struct message_rules fact_message = RULES(fact_rules), conversation_message = RULES(conversation_rules),
                                  operation_message = RULES(operation_rules), event_message = RULES(event_rules),
                                  health_message = RULES(health_rules), layer_message = RULES(layer_rules),
                                  protocol_message = RULES(protocol_rules), capture_message = RULES(capture_rules);

/* ---- the wire format: protobuf.dev/programming-guides/encoding ---- */

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;         /* of a varint or fixed number */
    struct cd_reader bytes; /* of WIRE_BYTES */
};

static uint64_t read_varint(struct cd_reader *r)
{
    uint64_t value = 0;
    const uint8_t *at = r->base + r->pos;
    size_t left = cd_read_left(r);
    for (size_t i = 0; i < left && i < 10; i++) {
        value |= (uint64_t)(at[i] & 0x7f) << 7 * i;
        if (!(at[i] & 0x80)) {
            r->pos += i + 1;
            return value;
        }
    }
    cd_read_fail(r, "varint");
    return 0;
}

/* The next field of the message; false at its end, or where r turned bad. */
static bool next_field(struct cd_reader *r, struct field *f)
{
    if (cd_read_left(r) == 0)
        return false;
    uint64_t tag = read_varint(r);
    f->number = (uint32_t)(tag >> 3);
    f->type = (enum wire_type)(tag & 7);
    if (tag >> 32 || f->number == 0)
        cd_read_fail(r, "tag");
    switch (f->type) {
    case WIRE_VARINT: f->value = read_varint(r); break;
    case WIRE_FIXED64: f->value = cd_read_le64(r, "fixed64"); break;
    case WIRE_FIXED32: f->value = cd_read_le32(r, "fixed32"); break;
    case WIRE_BYTES: {
        uint64_t len = read_varint(r);
        if (len > cd_read_left(r))
            cd_read_fail(r, "length");
        f->bytes = cd_read_sub(r, (size_t)len, "length");
        break;
    }
    default: cd_read_fail(r, "wire type");
    }
    return cd_read_ok(r);
}

/* ---- one message by its rules ---- */

static bool store_ip(const struct cd_reader *bytes, struct cd_ip *ret)
{
    switch (bytes->len) {
    case 0: *ret = (struct cd_ip){0}; return true;
    case 4: *ret = cd_ip_of4(bytes->base); return true;
    case 6: *ret = cd_ip_of_mac(cd_mac_of(bytes->base)); return true;
    case 16: *ret = cd_ip_of6(bytes->base); return true;
    default: return false;
    }
}

static enum wire_type wire_type_of(enum field_type type)
{
    return type == IP || type == MAC ? WIRE_BYTES : type == TIME ? WIRE_FIXED64 : WIRE_VARINT;
}

/* Puts one value where its rule says; false where it is out of bounds. */
static bool store_field(const struct field_rule *rule, const struct field *f, uint32_t n_texts, void *message)
{
    uint8_t *to = (uint8_t *)message + rule->offset;
    uint64_t value = f->value;
    if (f->type != wire_type_of(rule->type))
        return false;
    switch (rule->type) {
    case NUMBER:
    case TIME:
    case SPAN: memcpy(to, &value, sizeof value); return value <= CD_OBSERVATION_NUMBER_MAX;
    case TEXT:
    case WORD:
    case SMALL: {
        uint32_t word = (uint32_t)value;
        memcpy(to, &word, sizeof word);
        return value <= (rule->type == TEXT ? n_texts : rule->type == SMALL ? rule->most : UINT32_MAX);
    }
    case SHORT: {
        uint16_t number = (uint16_t)value;
        memcpy(to, &number, sizeof number);
        return value <= UINT16_MAX;
    }
    case BYTE: *to = (uint8_t)value; return value <= rule->most;
    case IP: {
        struct cd_ip ip;
        if (!store_ip(&f->bytes, &ip))
            return false;
        memcpy(to, &ip, sizeof ip);
        return true;
    }
    case MAC: {
        cd_mac mac = f->bytes.len == 6 ? cd_mac_of(f->bytes.base) : CD_NO_MAC;
        memcpy(to, &mac, sizeof mac);
        return f->bytes.len == 6;
    }
    case ABSENT: break;
    }
    return true;
}

/* A SPAN becomes a time: what it is counted from stands in the field before it. */
static bool close_spans(const struct message_rules *rules, void *message)
{
    for (unsigned i = 2; i < rules->n; i++) {
        if (rules->fields[i].type != SPAN)
            continue;
        uint64_t first, last;
        memcpy(&first, (uint8_t *)message + rules->fields[i - 1].offset, sizeof first);
        memcpy(&last, (uint8_t *)message + rules->fields[i].offset, sizeof last);
        last += first;
        memcpy((uint8_t *)message + rules->fields[i].offset, &last, sizeof last);
        if (last > CD_OBSERVATION_NUMBER_MAX)
            return false;
    }
    return true;
}

/* Reads a message into *ret_message (zeroed by the caller); where something is out of bounds, r is bad with the field's name. */
static void read_message(struct cd_reader *r, const struct message_rules *rules, uint32_t n_texts, void *ret_message)
{
    struct field f;
    while (next_field(r, &f)) {
        if (f.number >= rules->n || rules->fields[f.number].type == ABSENT)
            continue;
        if (!store_field(&rules->fields[f.number], &f, n_texts, ret_message)) {
            cd_read_fail(r, rules->fields[f.number].name);
            return;
        }
    }
    if (cd_read_ok(r) && !close_spans(rules, ret_message))
        cd_read_fail(r, "last_ns");
}

/* ---- the batch ---- */

enum batch_field {
    BATCH_VERSION = 1,
    BATCH_SENSOR,
    BATCH_SEQUENCE,
    BATCH_SOURCE,
    BATCH_FINAL,
    BATCH_TEXT,
    BATCH_FACT,
    BATCH_CONVERSATION,
    BATCH_OPERATION,
    BATCH_EVENT,
    BATCH_HEALTH
};

#define VISIT(v, call, ...)                                                                                            \
    do {                                                                                                               \
        if ((v) && (v)->call)                                                                                          \
            (v)->call((v)->context, __VA_ARGS__);                                                                      \
    } while (0)

static void read_health_record(struct cd_reader *r, uint32_t number, uint32_t n_texts,
                               const struct cd_observation_visitor *v)
{
    struct cd_seen_layer layer = {0};
    struct cd_seen_protocol protocol = {0};
    struct cd_seen_capture capture = {0};
    switch (number) {
    case 100:
        read_message(r, &layer_message, n_texts, &layer);
        VISIT(v, health_layer, &layer);
        break;
    case 101:
        read_message(r, &protocol_message, n_texts, &protocol);
        VISIT(v, health_protocol, &protocol);
        break;
    case 102:
        read_message(r, &capture_message, n_texts, &capture);
        VISIT(v, health_capture, &capture);
        break;
    default: break;
    }
}

static void read_health(struct cd_reader *r, uint32_t n_texts, const struct cd_observation_visitor *v)
{
    struct cd_health counters = {0};
    struct cd_reader again = *r;
    read_message(r, &health_message, n_texts, &counters);
    VISIT(v, health, &counters);
    for (struct field f; next_field(&again, &f);) {
        if (f.number < 100 || f.number > 102)
            continue;
        if (f.type != WIRE_BYTES) {
            cd_read_fail(r, "health record");
            return;
        }
        read_health_record(&f.bytes, f.number, n_texts, v);
        if (!cd_read_ok(&f.bytes))
            cd_read_fail(r, f.bytes.bad);
    }
}

/* Reads one entry; v is NULL while checking. */
static void read_entry(struct cd_reader *r, uint32_t kind, uint32_t n_texts, const struct cd_observation_visitor *v)
{
    struct cd_seen_fact fact = {.mac = CD_NO_MAC};
    struct cd_seen_conversation conversation;
    struct cd_seen_operation operation;
    struct cd_seen_event event;
    switch (kind) {
    case BATCH_FACT:
        read_message(r, &fact_message, n_texts, &fact);
        VISIT(v, fact, &fact);
        break;
    case BATCH_CONVERSATION:
        memset(&conversation, 0, sizeof conversation);
        read_message(r, &conversation_message, n_texts, &conversation);
        VISIT(v, conversation, &conversation);
        break;
    case BATCH_OPERATION:
        memset(&operation, 0, sizeof operation);
        read_message(r, &operation_message, n_texts, &operation);
        VISIT(v, operation, &operation);
        break;
    case BATCH_EVENT:
        memset(&event, 0, sizeof event);
        read_message(r, &event_message, n_texts, &event);
        VISIT(v, event, &event);
        break;
    case BATCH_HEALTH: read_health(r, n_texts, v); break;
    default: break;
    }
}

static const char *entry_name(uint32_t kind)
{
    static const char *const names[] = {[BATCH_FACT] = "fact",
                                        [BATCH_CONVERSATION] = "conversation",
                                        [BATCH_OPERATION] = "operation",
                                        [BATCH_EVENT] = "event",
                                        [BATCH_HEALTH] = "health"};
    return kind < sizeof names / sizeof names[0] && names[kind] ? names[kind] : "batch";
}

/* The header's fields and the number of texts and entries; bounds of the batch as a whole. */
static void read_header(struct cd_reader *r, struct cd_batch *ret)
{
    uint32_t n_entries = 0;
    for (struct field f; next_field(r, &f);) {
        bool is_bytes = f.number == BATCH_SENSOR || (f.number >= BATCH_TEXT && f.number <= BATCH_HEALTH);
        if (f.number <= BATCH_HEALTH && f.type != (is_bytes ? WIRE_BYTES : WIRE_VARINT)) {
            cd_read_fail(r, "wire type");
            return;
        }
        switch (f.number) {
        case BATCH_VERSION: ret->schema_version = f.value > UINT32_MAX ? UINT32_MAX : (uint32_t)f.value; break;
        case BATCH_SENSOR: {
            struct cd_text id = cd_text_of(ret->sensor_id, sizeof ret->sensor_id);
            cd_text_device(&id, f.bytes.base,
                           f.bytes.len < sizeof ret->sensor_id ? f.bytes.len : sizeof ret->sensor_id - 1);
            break;
        }
        case BATCH_SEQUENCE: ret->sequence = f.value; break;
        case BATCH_SOURCE: ret->source = f.value > 65535 ? 65535 : (uint32_t)f.value; break;
        case BATCH_FINAL: ret->final = f.value != 0; break;
        case BATCH_TEXT: ret->n_texts++; break;
        default: n_entries += f.number <= BATCH_HEALTH; break;
        }
    }
    if (cd_read_ok(r) && ret->schema_version != CD_SCHEMA_VERSION)
        cd_read_fail(r, "schema_version");
    if (ret->n_texts > CD_BATCH_TEXTS_MAX)
        cd_read_fail(r, "number of texts");
    if (n_entries > CD_BATCH_ENTRIES_MAX)
        cd_read_fail(r, "number of entries");
    if (cd_read_ok(r) && (ret->sequence == 0 || ret->sequence > CD_OBSERVATION_NUMBER_MAX))
        cd_read_fail(r, "sequence");
}

static int check_entries(struct cd_reader r, uint32_t n_texts, struct cd_error *e)
{
    for (struct field f; next_field(&r, &f);) {
        if (f.number < BATCH_FACT || f.number > BATCH_HEALTH)
            continue;
        read_entry(&f.bytes, f.number, n_texts, NULL);
        if (!cd_read_ok(&f.bytes))
            return cd_error_set(e, CD_ERROR_INPUT, "observation batch: %s at byte %zu: %s is out of bounds",
                                entry_name(f.number), (size_t)(f.bytes.base - r.base), f.bytes.bad);
    }
    return 0;
}

/* Texts are safe to show whatever the sensor sent. */
static void visit_texts(struct cd_reader r, const struct cd_observation_visitor *v)
{
    uint32_t number = 0;
    char safe[CD_TEXT_MAX + 1];
    if (!v->text)
        return;
    for (struct field f; next_field(&r, &f);) {
        if (f.number != BATCH_TEXT)
            continue;
        struct cd_text text = cd_text_of(safe, sizeof safe);
        cd_text_device(&text, f.bytes.base, f.bytes.len < CD_TEXT_MAX ? f.bytes.len : CD_TEXT_MAX);
        v->text(v->context, ++number, text.at, text.len);
    }
}

int cd_observation_decode(const uint8_t *bytes, size_t len, const struct cd_observation_visitor *visitor,
                          struct cd_error *e)
{
    struct cd_batch batch = {0};
    if (len > CD_BATCH_BYTES_MAX)
        return cd_error_set(e, CD_ERROR_INPUT, "observation batch: %zu bytes, at most %d are taken", len,
                            CD_BATCH_BYTES_MAX);
    struct cd_reader r = cd_reader_of(bytes, len);
    read_header(&r, &batch);
    if (!cd_read_ok(&r))
        return cd_error_set(e, CD_ERROR_INPUT, "observation batch: at byte %zu: %s is out of bounds", r.pos, r.bad);
    int result = check_entries(cd_reader_of(bytes, len), batch.n_texts, e);
    if (result)
        return result;
    if (visitor->begin)
        visitor->begin(visitor->context, &batch);
    visit_texts(cd_reader_of(bytes, len), visitor);
    struct cd_reader all = cd_reader_of(bytes, len);
    for (struct field f; next_field(&all, &f);)
        if (f.number >= BATCH_FACT && f.number <= BATCH_HEALTH)
            read_entry(&f.bytes, f.number, batch.n_texts, visitor);
    return 0;
}
