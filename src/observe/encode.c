/* Batches are written by hand in protobuf's wire format, not through generated code: an entry costs some fifty nanoseconds and no allocation,
 * and a million conversations leave in one flush. tests/observe/test_observation.c reads them back with the generated code.
 *
 *   out:   | length, 4 bytes | header | texts ...  | body ... |      texts and body grow in buffers of their own
 *   body:  | tag | length, 2 bytes | fields ... |  per entry      a length of a fixed two bytes (7 bits each) can be filled in later */
#include "observe/encode.h"

#include "base/memory.h"
#include "observe/decode.h"
#include "observe/tables.h"

#include <string.h>

enum { TEXT_SLOTS = 1 << 16, TEXTS_MOST = TEXT_SLOTS / 2 };
/* More than any header and any one entry with its texts can take. */
enum { HEADER_MOST = 128, ENTRY_MOST = 512 + 8 * (CD_TEXT_MAX + 8), BATCH_ENTRIES_MOST = CD_BATCH_ENTRIES_MAX - 1 };

/* Field numbers of Batch. */
enum { BATCH_FACT = 7, BATCH_CONVERSATION = 8, BATCH_OPERATION = 9, BATCH_EVENT = 10, BATCH_HEALTH = 11 };

struct text_slot {
    const char *text;
    uint32_t batch, number; /* the slot is taken where batch is the present one */
};

struct encoder {
    const struct cd_flush_options *options;
    cd_observation_write *write;
    void *context;
    uint8_t *out, *texts, *body, *entry; /* entry: where the length of the open entry stands */
    size_t texts_len, body_len, max;
    struct text_slot *slots; /* texts of this batch by address */
    uint32_t batch, n_texts, n_entries;
    int status;
};

static uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_tag(uint8_t *at, unsigned field, unsigned wire_type)
{
    return put_varint(at, field << 3 | wire_type);
}

static void put_u64(struct encoder *enc, unsigned field, uint64_t value)
{
    if (!value)
        return;
    uint8_t *at = put_tag(enc->body + enc->body_len, field, 0);
    enc->body_len = (size_t)(put_varint(at, value) - enc->body);
}

static void put_fixed64(struct encoder *enc, unsigned field, uint64_t value)
{
    if (!value)
        return;
    uint8_t *at = put_tag(enc->body + enc->body_len, field, 1);
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    enc->body_len = (size_t)(at - enc->body);
}

static void put_span(struct encoder *enc, unsigned field, uint64_t first_ns, uint64_t last_ns)
{
    put_fixed64(enc, field, first_ns);
    put_u64(enc, field + 1, last_ns > first_ns ? last_ns - first_ns : 0);
}

static void put_bytes(struct encoder *enc, unsigned field, const uint8_t *bytes, size_t len)
{
    uint8_t *at = put_tag(enc->body + enc->body_len, field, 2);
    *at++ = (uint8_t)len;
    memcpy(at, bytes, len);
    enc->body_len = (size_t)(at + len - enc->body);
}

static void put_mac(struct encoder *enc, unsigned field, cd_mac mac)
{
    uint8_t bytes[6];
    if (mac == CD_NO_MAC)
        return;
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(mac >> (40 - 8 * i));
    put_bytes(enc, field, bytes, sizeof bytes);
}

static void put_address(struct encoder *enc, unsigned field, const struct cd_ip *ip)
{
    cd_mac mac;
    if (cd_ip_is_4(ip))
        put_bytes(enc, field, ip->bytes + 12, 4);
    else if (cd_ip_get_mac(ip, &mac))
        put_mac(enc, field, mac);
    else if (ip->words[0] | ip->words[1])
        put_bytes(enc, field, ip->bytes, 16);
}

/* At most CD_TEXT_MAX bytes, not cut within a UTF-8 sequence. */
static size_t text_len(const char *text)
{
    size_t len = strnlen(text, CD_TEXT_MAX + 1);
    if (len <= CD_TEXT_MAX)
        return len;
    for (len = CD_TEXT_MAX; len > CD_TEXT_MAX - 4 && ((uint8_t)text[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

static uint32_t text_number(struct encoder *enc, const char *text)
{
    if (!text || !*text)
        return 0;
    size_t at = ((uintptr_t)text * 0x9e3779b97f4a7c15u) >> 48;
    for (; enc->slots[at].batch == enc->batch; at = (at + 1) % TEXT_SLOTS)
        if (enc->slots[at].text == text)
            return enc->slots[at].number;
    enc->slots[at] = (struct text_slot){.text = text, .batch = enc->batch, .number = ++enc->n_texts};
    size_t len = text_len(text);
    uint8_t *to = put_tag(enc->texts + enc->texts_len, 6, 2);
    to = put_varint(to, len);
    memcpy(to, text, len);
    enc->texts_len = (size_t)(to + len - enc->texts);
    return enc->n_texts;
}

static void put_text(struct encoder *enc, unsigned field, const char *text)
{
    put_u64(enc, field, text_number(enc, text));
}

static uint8_t *put_header(const struct encoder *enc, uint8_t *at, bool last)
{
    const struct cd_flush_options *options = enc->options;
    size_t id_len = strnlen(options->sensor_id, CD_SENSOR_ID_MAX);
    at = put_varint(put_tag(at, 1, 0), CD_SCHEMA_VERSION);
    at = put_varint(put_tag(at, 2, 2), id_len);
    memcpy(at, options->sensor_id, id_len);
    at = put_varint(put_tag(at + id_len, 3, 0), ++*options->sequence);
    if (options->source)
        at = put_varint(put_tag(at, 4, 0), options->source);
    if (last && options->final)
        at = put_varint(put_tag(at, 5, 0), 1);
    return at;
}

static void send_batch(struct encoder *enc, bool last)
{
    if (enc->status)
        return;
    uint8_t *at = put_header(enc, enc->out + 4, last);
    memcpy(at, enc->texts, enc->texts_len);
    at += enc->texts_len;
    memcpy(at, enc->body, enc->body_len);
    at += enc->body_len;
    size_t len = (size_t)(at - enc->out - 4);
    for (int i = 0; i < 4; i++)
        enc->out[i] = (uint8_t)(len >> 8 * i);
    enc->status = enc->write(enc->context, enc->out, len + 4);
    enc->texts_len = enc->body_len = 0;
    enc->n_texts = enc->n_entries = 0;
    enc->batch++;
}

static void open_entry(struct encoder *enc, unsigned field)
{
    if (HEADER_MOST + enc->texts_len + enc->body_len + ENTRY_MOST > enc->max || enc->n_texts + 8 > TEXTS_MOST ||
        enc->n_entries >= BATCH_ENTRIES_MOST)
        send_batch(enc, false);
    enc->n_entries++;
    enc->entry = put_tag(enc->body + enc->body_len, field, 2);
    enc->body_len = (size_t)(enc->entry + 2 - enc->body);
}

static void close_entry(struct encoder *enc)
{
    size_t len = (size_t)(enc->body + enc->body_len - enc->entry - 2);
    enc->entry[0] = (uint8_t)(len | 0x80);
    enc->entry[1] = (uint8_t)(len >> 7);
}

static void put_fact(struct encoder *enc, struct cd_fact_entry *f)
{
    open_entry(enc, BATCH_FACT);
    put_mac(enc, 1, f->mac);
    put_address(enc, 2, &f->ip);
    put_text(enc, 3, f->nested);
    put_u64(enc, 4, f->attribute);
    put_text(enc, 5, f->value);
    put_text(enc, 6, f->protocol);
    put_u64(enc, 7, f->confidence);
    put_span(enc, 8, f->first_ns, f->last_ns);
    put_u64(enc, 10, f->count);
    close_entry(enc);
    f->count = 0;
}

static void put_conversation(struct encoder *enc, struct cd_conversation_entry *c)
{
    open_entry(enc, BATCH_CONVERSATION);
    put_address(enc, 1, &c->client);
    put_address(enc, 2, &c->server);
    put_u64(enc, 3, c->transport);
    put_u64(enc, 4, c->port);
    put_text(enc, 5, c->protocol);
    put_u64(enc, 6, c->confidence);
    put_span(enc, 7, c->first_ns, c->last_ns);
    uint64_t *deltas[] = {&c->client_packets, &c->server_packets,  &c->client_bytes,    &c->server_bytes,
                          &c->flows,          &c->one_sided_flows, &c->retransmissions, &c->gaps,
                          &c->gap_bytes,      &c->resets,          &c->refused};
    for (unsigned i = 0; i < sizeof deltas / sizeof deltas[0]; i++) {
        put_u64(enc, 9 + i, *deltas[i]);
        *deltas[i] = 0;
    }
    close_entry(enc);
    c->flushed = true;
}

static void put_operation(struct encoder *enc, const struct cd_observer *o, struct cd_operation_entry *op)
{
    open_entry(enc, BATCH_OPERATION);
    put_address(enc, 1, &o->pairs.items[op->pair].client);
    put_address(enc, 2, &o->pairs.items[op->pair].server);
    put_text(enc, 3, op->protocol);
    put_text(enc, 4, op->name);
    put_text(enc, 5, op->code_space);
    put_text(enc, 6, op->code_text);
    put_u64(enc, 7, op->code);
    put_u64(enc, 8, op->class);
    put_text(enc, 9, op->target);
    put_u64(enc, 10, op->requests);
    put_u64(enc, 11, op->responses);
    put_u64(enc, 12, op->errors);
    put_span(enc, 13, op->first_ns, op->last_ns);
    put_text(enc, 15, op->last_error);
    close_entry(enc);
    op->requests = op->responses = op->errors = 0;
    op->flushed = true;
}

static void put_event(struct encoder *enc, const struct cd_observer *o, const struct cd_event_entry *event)
{
    open_entry(enc, BATCH_EVENT);
    put_u64(enc, 1, event->kind);
    put_text(enc, 2, event->protocol);
    put_text(enc, 3, event->detail);
    if (event->pair < o->pairs.count) {
        put_address(enc, 4, &o->pairs.items[event->pair].client);
        put_address(enc, 5, &o->pairs.items[event->pair].server);
    }
    put_fixed64(enc, 6, event->time_ns);
    put_u64(enc, 7, event->frame);
    close_entry(enc);
}

/* A record of Health that stands in a list, in a Health of its own, so that no message grows with their number. */
static uint8_t *open_health_record(struct encoder *enc, unsigned field)
{
    open_entry(enc, BATCH_HEALTH);
    uint8_t *record = put_tag(enc->body + enc->body_len, field, 2);
    enc->body_len = (size_t)(record + 2 - enc->body);
    return record;
}

static void close_health_record(struct encoder *enc, uint8_t *record)
{
    size_t len = (size_t)(enc->body + enc->body_len - record - 2);
    record[0] = (uint8_t)(len | 0x80);
    record[1] = (uint8_t)(len >> 7);
    close_entry(enc);
}

static void put_protocols(struct encoder *enc, struct cd_observer *o)
{
    for (uint32_t i = 0; i < o->n_protocols; i++) {
        struct cd_protocol_entry *p = &o->protocols[i];
        if (!(p->messages | p->bytes | p->malformed | p->malformed_bytes | p->cut))
            continue;
        uint8_t *record = open_health_record(enc, 101);
        put_text(enc, 1, p->protocol);
        put_u64(enc, 2, p->messages);
        put_u64(enc, 3, p->bytes);
        put_u64(enc, 4, p->malformed);
        put_u64(enc, 5, p->malformed_bytes);
        put_u64(enc, 6, p->cut);
        close_health_record(enc, record);
        *p = (struct cd_protocol_entry){.protocol = p->protocol};
    }
}

static void put_health(struct encoder *enc, const struct cd_health *h)
{
    open_entry(enc, BATCH_HEALTH);
#define PUT(number, name) put_u64(enc, number, h->name);
    CD_HEALTH_COUNTERS(PUT)
#undef PUT
    close_entry(enc);
    for (uint32_t i = 0; i < h->n_layers; i++) {
        uint8_t *record = open_health_record(enc, 100);
        put_text(enc, 1, h->layers[i].layer);
        put_u64(enc, 2, h->layers[i].bad_frames);
        close_health_record(enc, record);
    }
    for (uint32_t i = 0; i < h->n_captures; i++) {
        const struct cd_health_capture *c = &h->captures[i];
        uint8_t *record = open_health_record(enc, 102);
        put_u64(enc, 1, c->number);
        put_text(enc, 2, c->name);
        put_text(enc, 3, c->problem);
        put_u64(enc, 4, c->frames);
        put_u64(enc, 5, c->bytes);
        put_span(enc, 6, c->first_ns, c->last_ns);
        close_health_record(enc, record);
    }
}

/* What the observer counted itself joins the rest. */
static void add_observer_counters(struct cd_health *health, struct cd_observer *o)
{
    struct cd_observer_counters *c = &o->counters;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): cd_alloc does not return where it fails */
    health->dropped_pairs += c->dropped_pairs;
    health->dropped_operations += c->dropped_operations;
    health->dropped_facts += c->dropped_facts;
    health->dropped_conversations += c->dropped_conversations;
    health->dropped_events += c->dropped_events;
    health->dropped_texts += c->dropped_texts;
    health->collapsed_targets += c->collapsed_targets;
    *c = (struct cd_observer_counters){0};
}

static void put_tables(struct encoder *enc, struct cd_observer *o)
{
    for (uint32_t i = 0; i < o->facts.count && !enc->status; i++)
        if (o->facts.items[i].count)
            put_fact(enc, &o->facts.items[i]);
    for (uint32_t i = 0; i < o->conversations.count && !enc->status; i++) {
        struct cd_conversation_entry *c = &o->conversations.items[i];
        if (!c->flushed || c->client_packets || c->server_packets || c->flows)
            put_conversation(enc, c);
    }
    for (uint32_t i = 0; i < o->operations.count && !enc->status; i++) {
        struct cd_operation_entry *op = &o->operations.items[i];
        if (!op->flushed || op->requests || op->responses)
            put_operation(enc, o, op);
    }
    for (uint32_t i = 0; i < o->events.count && !enc->status; i++)
        put_event(enc, o, &o->events.items[i]);
    o->events.count = 0;
}

int cd_observer_flush(struct cd_observer *o, const struct cd_flush_options *options, cd_observation_write *write,
                      void *context)
{
    struct encoder enc = {.options = options, .write = write, .context = context, .batch = 1};
    size_t max = options->max_batch_bytes ? options->max_batch_bytes : CD_BATCH_BYTES_DEFAULT;
    enc.max = max < CD_BATCH_BYTES_MIN ? CD_BATCH_BYTES_MIN : max > CD_BATCH_BYTES_MAX ? CD_BATCH_BYTES_MAX : max;
    enc.out = cd_alloc(enc.max + 4, 1);
    enc.texts = cd_alloc(enc.max, 1);
    enc.body = cd_alloc(enc.max, 1);
    enc.slots = cd_alloc(TEXT_SLOTS, sizeof *enc.slots);

    put_tables(&enc, o);
    struct cd_health *own = options->health ? NULL : cd_alloc(1, sizeof *own);
    struct cd_health *health = own ? own : options->health;
    add_observer_counters(health, o);
    put_health(&enc, health);
    put_protocols(&enc, o);
    send_batch(&enc, true);
    cd_health_clear(health);

    cd_free(own);
    cd_free(enc.slots);
    cd_free(enc.body);
    cd_free(enc.texts);
    cd_free(enc.out);
    return enc.status;
}
