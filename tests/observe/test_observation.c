/* Batches: what the encoder writes is what observation.proto says (the generated code reads it), and what the decoder gives back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/decode.h"
#include "observe/encode.h"
#include "observe/observation.pb-c.h"
#include "observe/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 64 };

struct stream {
    struct {
        uint8_t *bytes;
        size_t len;
    } batches[BATCHES];
    unsigned n;
    size_t largest;
};

static int keep(void *context, const uint8_t *bytes, size_t len)
{
    struct stream *s = context;
    assert_true(s->n < BATCHES && len > 4);
    uint32_t told = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    assert_int_equal(told, len - 4);
    s->batches[s->n].bytes = malloc(len - 4);
    assert_non_null(s->batches[s->n].bytes);
    memcpy(s->batches[s->n].bytes, bytes + 4, len - 4);
    s->batches[s->n++].len = len - 4;
    s->largest = len > s->largest ? len : s->largest;
    return 0;
}

static void stream_free(struct stream *s)
{
    for (unsigned i = 0; i < s->n; i++)
        free(s->batches[i].bytes);
}

static struct cd_ip ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return cd_ip_of4((uint8_t[]){a, b, c, d});
}

static struct cd_conversation_entry *conversation(struct cd_observer *o, const struct cd_ip *client,
                                                  const struct cd_ip *server, enum cd_transport transport,
                                                  uint16_t port, uint64_t time_ns)
{
    uint32_t at = cd_observer_conversation(o, client, server, transport, port, time_ns);
    return &o->conversations.items[at];
}

static struct cd_observer *observed(void)
{
    struct cd_observer *o = cd_observer_new(NULL);
    struct cd_ip client = ip4(10, 0, 0, 1), server = ip4(10, 0, 0, 2), mac = cd_ip_of_mac(0x000e8c010203);
    struct cd_conversation_entry *c = conversation(o, &client, &server, CD_TRANSPORT_TCP, 502, 1000);
    c->protocol = "modbus";
    c->confidence = 95;
    c->last_ns = 5000;
    c->client_packets = 7;
    c->server_bytes = 70000;
    c->flows = 1;
    (void)conversation(o, &mac, &server, CD_TRANSPORT_ETH, 0x0806, 1);
    struct cd_operation op = {
        .name = "write single register", .code = 6, .class = CD_CLASS_WRITE, .target = "unit 1 register 3"};
    uint32_t entry = cd_observe_request(o, cd_observe_pair(o, &client, &server), "modbus", &op, 2000, 9);
    cd_observe_response(o, entry, "illegal data address", 3000);
    struct cd_subject subject = {.mac = 0x000e8c010203, .nested = "modbus:5"};
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_MODEL, "M340 \xc3\xbc", 7, "modbus", 100, 4000);
    cd_observe_event(o, CD_EVENT_MALFORMED, "modbus", cd_observe_pair(o, &client, &server), "quantity", 4500, 12);
    cd_observer_protocol(o, "modbus")->messages = 2;
    return o;
}

static void flush(struct cd_observer *o, struct stream *s, struct cd_health *health, bool final)
{
    uint64_t sequence = s->n;
    struct cd_flush_options options = {
        .sensor_id = "w0", .source = 3, .sequence = &sequence, .health = health, .final = final};
    assert_int_equal(cd_observer_flush(o, &options, keep, s), 0);
}

static void the_generated_code_reads_what_the_encoder_writes(void **state)
{
    (void)state;
    struct cd_observer *o = observed();
    struct stream s = {0};
    struct cd_health health = {.frames = 11, .gaps = 2};
    const struct cd_health_capture capture = {.number = 3,
                                              .name = "a.pcap",
                                              .problem = "cut off",
                                              .frames = 11,
                                              .bytes = 900,
                                              .first_ns = 1,
                                              .last_ns = 5000};
    cd_health_count_layer(&health, "ipv4");
    health.captures = &capture;
    health.n_captures = 1;
    flush(o, &s, &health, true);
    assert_int_equal(s.n, 1);
    Cordon__Batch *b = cordon__batch__unpack(NULL, s.batches[0].len, s.batches[0].bytes);
    assert_non_null(b);
    assert_int_equal(b->schema_version, CD_SCHEMA_VERSION);
    assert_string_equal(b->sensor_id, "w0");
    assert_int_equal(b->sequence, 1);
    assert_int_equal(b->source, 3);
    assert_true(b->final);
    assert_int_equal(b->n_conversations, 2);
    const Cordon__Conversation *c = b->conversations[0];
    assert_int_equal(c->client.len, 4);
    assert_int_equal(c->transport, CORDON__TRANSPORT__TCP);
    assert_int_equal(c->port, 502);
    assert_string_equal(b->texts[c->protocol - 1], "modbus");
    assert_int_equal(c->first_ns, 1000);
    assert_int_equal(c->duration_ns, 4000);
    assert_int_equal(c->server_bytes, 70000);
    assert_int_equal(b->conversations[1]->client.len, 6);
    assert_int_equal(b->n_operations, 1);
    const Cordon__Operation *op = b->operations[0];
    assert_string_equal(b->texts[op->target - 1], "unit 1 register 3");
    assert_string_equal(b->texts[op->last_error - 1], "illegal data address");
    assert_int_equal(op->class_, CORDON__CLASS__WRITE);
    assert_int_equal(op->errors, 1);
    assert_int_equal(b->n_facts, 1);
    assert_int_equal(b->facts[0]->mac.len, 6);
    assert_int_equal(b->facts[0]->ip.len, 0);
    assert_int_equal(b->facts[0]->attribute, CORDON__ATTRIBUTE__MODEL);
    assert_string_equal(b->texts[b->facts[0]->nested - 1], "modbus:5");
    assert_int_equal(b->n_events, 1);
    assert_int_equal(b->events[0]->kind, CORDON__EVENT_KIND__MALFORMED);
    assert_int_equal(b->events[0]->frame, 12);
    assert_int_equal(b->health[0]->frames, 11);
    assert_int_equal(b->health[1]->layers[0]->bad_frames, 1);
    assert_int_equal(b->health[2]->captures[0]->number, 3);
    assert_int_equal(b->health[3]->protocols[0]->messages, 2);
    cordon__batch__free_unpacked(b, NULL);
    stream_free(&s);
    cd_observer_free(o);
}

static void numbers_of_the_schema_are_those_of_the_vocabulary(void **state)
{
    (void)state;
    assert_int_equal(cordon__class__descriptor.n_values, CD_CLASSES);
    assert_int_equal(cordon__attribute__descriptor.n_values, CD_ATTRIBUTES);
    assert_int_equal(cordon__event_kind__descriptor.n_values, CD_EVENTS);
    assert_int_equal(CORDON__ATTRIBUTE__HARDWARE_ADDRESS, CD_ATTRIBUTE_HARDWARE_ADDRESS);
    assert_int_equal(CORDON__CLASS__OTHER, CD_CLASS_OTHER);
    assert_int_equal(CORDON__TRANSPORT__UDP, CD_TRANSPORT_UDP);
    unsigned counters = 0;
#define COUNT(number, name)                                                                                            \
    assert_non_null(protobuf_c_message_descriptor_get_field_by_name(&cordon__health__descriptor, #name));              \
    assert_int_equal(protobuf_c_message_descriptor_get_field_by_name(&cordon__health__descriptor, #name)->id, number); \
    counters++;
    CD_HEALTH_COUNTERS(COUNT)
#undef COUNT
    assert_int_equal(cordon__health__descriptor.n_fields, counters + 3);
}

/* ---- decoding ---- */

struct seen {
    struct cd_batch batch;
    char texts[512][CD_TEXT_MAX + 1];
    struct cd_seen_fact fact;
    struct cd_seen_conversation conversation;
    struct cd_seen_operation operation;
    struct cd_seen_event event;
    unsigned facts, conversations, operations, events, visits;
    uint64_t frames;
};

static void on_begin(void *context, const struct cd_batch *batch)
{
    struct seen *s = context;
    s->batch = *batch;
    s->visits++;
}

static void on_text(void *context, uint32_t number, const char *bytes, size_t len)
{
    struct seen *s = context;
    assert_true(len <= CD_TEXT_MAX);
    if (number < 512)
        memcpy(s->texts[number], bytes, len);
}

static void on_fact(void *context, const struct cd_seen_fact *fact)
{
    struct seen *s = context;
    s->fact = *fact;
    s->facts++;
}

static void on_conversation(void *context, const struct cd_seen_conversation *conversation)
{
    struct seen *s = context;
    if (!s->conversations++)
        s->conversation = *conversation;
}

static void on_operation(void *context, const struct cd_seen_operation *operation)
{
    struct seen *s = context;
    s->operation = *operation;
    s->operations++;
}

static void on_event(void *context, const struct cd_seen_event *event)
{
    struct seen *s = context;
    s->event = *event;
    s->events++;
}

static void on_health(void *context, const struct cd_health *counters)
{
    ((struct seen *)context)->frames += counters->frames;
}

static int decode(const uint8_t *bytes, size_t len, struct seen *seen)
{
    struct cd_error e = {0};
    struct cd_observation_visitor v = {.context = seen,
                                       .begin = on_begin,
                                       .text = on_text,
                                       .fact = on_fact,
                                       .conversation = on_conversation,
                                       .operation = on_operation,
                                       .event = on_event,
                                       .health = on_health};
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int result = cd_observation_decode(exact, len, &v, &e);
    free(exact);
    assert_true(result == 0 || (result == CD_ERROR_INPUT && e.text[0]));
    return result;
}

static void the_decoder_gives_back_what_was_observed(void **state)
{
    (void)state;
    struct cd_observer *o = observed();
    struct stream s = {0};
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    flush(o, &s, NULL, false);
    assert_int_equal(decode(s.batches[0].bytes, s.batches[0].len, &seen), 0);
    struct cd_ip client = ip4(10, 0, 0, 1);
    assert_true(cd_ip_equal(&seen.conversation.client, &client));
    assert_int_equal(seen.conversation.last_ns, 5000);
    assert_int_equal(seen.conversation.client_packets, 7);
    assert_string_equal(seen.texts[seen.conversation.protocol], "modbus");
    assert_int_equal(seen.fact.mac, 0x000e8c010203);
    assert_string_equal(seen.texts[seen.fact.value], "M340 \xc3\xbc");
    assert_int_equal(seen.operation.responses, 1);
    assert_int_equal(seen.event.time_ns, 4500);
    assert_false(seen.batch.final);
    stream_free(&s);
    cd_observer_free(o);
}

static void a_flush_hands_out_changes_once(void **state)
{
    (void)state;
    struct cd_observer *o = observed();
    struct stream s = {0};
    static struct seen seen;
    flush(o, &s, NULL, false);
    flush(o, &s, NULL, false);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(decode(s.batches[1].bytes, s.batches[1].len, &seen), 0);
    assert_int_equal(seen.facts + seen.conversations + seen.operations + seen.events, 0);
    o->conversations.items[0].client_packets = 2;
    flush(o, &s, NULL, false);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(decode(s.batches[2].bytes, s.batches[2].len, &seen), 0);
    assert_int_equal(seen.conversations, 1);
    assert_int_equal(seen.conversation.client_packets, 2);
    assert_int_equal(seen.conversation.server_bytes, 0);
    stream_free(&s);
    cd_observer_free(o);
}

static void large_tables_leave_in_batches_of_bounded_size(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    struct stream s = {0};
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    for (unsigned i = 0; i < 20000; i++) {
        struct cd_ip client = ip4(10, 1, (uint8_t)(i >> 8), (uint8_t)i), server = ip4(10, 0, 0, 2);
        conversation(o, &client, &server, CD_TRANSPORT_UDP, 53, 1000 + i)->client_packets = 1;
    }
    uint64_t sequence = 0;
    struct cd_flush_options options = {.sensor_id = "w0", .sequence = &sequence, .max_batch_bytes = CD_BATCH_BYTES_MIN};
    assert_int_equal(cd_observer_flush(o, &options, keep, &s), 0);
    assert_true(s.n > 5);
    assert_int_equal(sequence, s.n);
    assert_true(s.largest <= CD_BATCH_BYTES_MIN + 4);
    for (unsigned i = 0; i < s.n; i++)
        assert_int_equal(decode(s.batches[i].bytes, s.batches[i].len, &seen), 0);
    assert_int_equal(seen.conversations, 20000);
    stream_free(&s);
    cd_observer_free(o);
}

static void every_prefix_of_a_batch_is_refused_or_a_shorter_batch(void **state)
{
    (void)state;
    struct cd_observer *o = observed();
    struct stream s = {0};
    static struct seen seen;
    flush(o, &s, NULL, false);
    for (size_t len = 0; len < s.batches[0].len; len++) {
        memset(&seen, 0, sizeof seen);
        int result = decode(s.batches[0].bytes, len, &seen);
        assert_true(result == 0 || seen.visits == 0);
    }
    stream_free(&s);
    cd_observer_free(o);
}

static void no_single_changed_byte_gets_past_the_bounds(void **state)
{
    (void)state;
    struct cd_observer *o = observed();
    struct stream s = {0};
    static struct seen seen;
    flush(o, &s, NULL, false);
    for (size_t at = 0; at < s.batches[0].len; at++) {
        for (unsigned value = 0; value < 256; value += at % 3 ? 17 : 1) {
            uint8_t was = s.batches[0].bytes[at];
            s.batches[0].bytes[at] = (uint8_t)value;
            memset(&seen, 0, offsetof(struct seen, texts) + 1);
            seen.visits = 0;
            if (decode(s.batches[0].bytes, s.batches[0].len, &seen) == 0) {
                assert_true(seen.fact.attribute < CD_ATTRIBUTES && seen.operation.class < CD_CLASSES &&
                            seen.event.kind < CD_EVENTS);
                assert_true(seen.fact.value <= seen.batch.n_texts && seen.operation.target <= seen.batch.n_texts);
            } else {
                assert_int_equal(seen.visits, 0);
            }
            s.batches[0].bytes[at] = was;
        }
    }
    stream_free(&s);
    cd_observer_free(o);
}

/* Packs a batch by the generated code, which checks nothing. */
static int decode_packed(const Cordon__Batch *batch, struct seen *seen)
{
    size_t len = cordon__batch__get_packed_size(batch);
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    cordon__batch__pack(batch, bytes);
    memset(seen, 0, sizeof *seen);
    int result = decode(bytes, len, seen);
    free(bytes);
    return result;
}

static void what_an_owned_sensor_may_send_is_held_to_the_bounds(void **state)
{
    (void)state;
    static struct seen seen;
    Cordon__Batch b = CORDON__BATCH__INIT;
    Cordon__Fact fact = CORDON__FACT__INIT, *facts[] = {&fact};
    uint8_t odd[5] = {1, 2, 3, 4, 5};
    b.schema_version = CD_SCHEMA_VERSION;
    b.sensor_id = (char[]){"s"};
    b.sequence = 1;
    b.n_facts = 1;
    b.facts = facts;
    fact.count = 1;
    assert_int_equal(decode_packed(&b, &seen), 0);
    fact.value = 1; /* there is no text */
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    fact.value = 0;
    fact.attribute = (Cordon__Attribute)CD_ATTRIBUTES;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    fact.attribute = 0;
    fact.confidence = 101;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    fact.confidence = 1;
    fact.ip.data = odd;
    fact.ip.len = sizeof odd;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    fact.ip.len = 0;
    fact.first_ns = CD_OBSERVATION_NUMBER_MAX;
    fact.duration_ns = CD_OBSERVATION_NUMBER_MAX;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    fact.first_ns = fact.duration_ns = 0;
    fact.count = UINT64_MAX;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    fact.count = 1;
    b.schema_version = CD_SCHEMA_VERSION + 1;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
    b.schema_version = CD_SCHEMA_VERSION;
    b.sequence = 0;
    assert_int_equal(decode_packed(&b, &seen), CD_ERROR_INPUT);
}

static void texts_are_made_safe_to_show(void **state)
{
    (void)state;
    static struct seen seen;
    static char huge[4096];
    memset(huge, 'x', sizeof huge - 1);
    char *texts[] = {(char[]){"red \033[31m alarm"}, (char[]){"bad \xff\xfe utf8"}, huge};
    Cordon__Batch b = CORDON__BATCH__INIT;
    b.schema_version = CD_SCHEMA_VERSION;
    b.sensor_id = (char[]){"bad\nsensor"};
    b.sequence = 1;
    b.n_texts = 3;
    b.texts = texts;
    assert_int_equal(decode_packed(&b, &seen), 0);
    assert_null(strchr(seen.texts[1], '\033'));
    assert_null(strchr(seen.texts[2], '\xff'));
    assert_int_equal(strlen(seen.texts[3]), CD_TEXT_MAX);
    assert_null(strchr(seen.batch.sensor_id, '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generated_code_reads_what_the_encoder_writes),
        cmocka_unit_test(numbers_of_the_schema_are_those_of_the_vocabulary),
        cmocka_unit_test(the_decoder_gives_back_what_was_observed),
        cmocka_unit_test(a_flush_hands_out_changes_once),
        cmocka_unit_test(large_tables_leave_in_batches_of_bounded_size),
        cmocka_unit_test(every_prefix_of_a_batch_is_refused_or_a_shorter_batch),
        cmocka_unit_test(no_single_changed_byte_gets_past_the_bounds),
        cmocka_unit_test(what_an_owned_sensor_may_send_is_held_to_the_bounds),
        cmocka_unit_test(texts_are_made_safe_to_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
