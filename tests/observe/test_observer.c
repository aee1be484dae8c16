/* The observer's tables: what is aggregated, what is made safe to show, and what happens at every limit. */
#include "observe/tables.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char modbus[] = "modbus";

static struct cd_ip ip(unsigned number)
{
    const uint8_t bytes[4] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    return cd_ip_of4(bytes);
}

static cd_pair pair_of(struct cd_observer *o, unsigned client, unsigned server)
{
    struct cd_ip a = ip(client), b = ip(server);
    return cd_observe_pair(o, &a, &b);
}

static struct cd_operation read_of(const char *target)
{
    return (struct cd_operation){.name = "read", .code = 3, .class = CD_CLASS_READ, .target = target};
}

static void test_the_same_operation_is_one_entry(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    cd_pair pair = pair_of(o, 1, 2);
    assert_int_equal(pair_of(o, 1, 2), pair);
    assert_int_not_equal(pair_of(o, 2, 1), pair);
    struct cd_operation op = read_of("unit 1");
    uint32_t first = cd_observe_request(o, pair, modbus, &op, 100, 1);
    assert_int_equal(cd_observe_request(o, pair, modbus, &op, 300, 2), first);
    assert_int_equal(cd_observe_request(o, pair, modbus, &op, 50, 3), first);
    cd_observe_response(o, first, NULL, 400);
    cd_observe_response(o, first, "refused", 200);
    const struct cd_operation_entry *e = &o->operations.items[first];
    assert_int_equal(o->operations.count, 1);
    assert_int_equal(e->requests, 3);
    assert_int_equal(e->responses, 2);
    assert_int_equal(e->errors, 1);
    assert_int_equal(e->first_ns, 50);
    assert_int_equal(e->last_ns, 400);
    assert_string_equal(e->last_error, "refused");
    op.code = 4;
    assert_int_not_equal(cd_observe_request(o, pair, modbus, &op, 1, 1), first);
    op.code = 3, op.target = "unit 2";
    assert_int_not_equal(cd_observe_request(o, pair, modbus, &op, 1, 1), first);
    op.target = NULL;
    assert_int_equal(cd_observe_lone_response(o, pair, modbus, &op, NULL, 1),
                     cd_observe_lone_response(o, pair, modbus, &op, NULL, 2));
    assert_int_equal(o->operations.count, 4);
    cd_observe_response(o, UINT32_MAX, NULL, 1); /* of an entry that had no room */
    cd_observer_free(o);
}

static void test_targets_that_are_not_fit_to_show_are_one_entry_each_too(void **state)
{
    (void)state;
    static const char *const targets[] = {"tag \x01\xff", "blank at the end ", "K\xc3\xbchler", "\t"};
    struct cd_observer *o = cd_observer_new(NULL);
    cd_pair pair = pair_of(o, 1, 2);
    char longest[600];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (int round = 0; round < 3; round++) {
        struct cd_operation op = read_of(longest);
        cd_observe_request(o, pair, modbus, &op, 1, 1);
        for (size_t i = 0; i < 4; i++) {
            op.target = targets[i];
            cd_observe_request(o, pair, modbus, &op, 1, 1);
        }
    }
    assert_int_equal(o->operations.count, 5);
    assert_int_equal(strlen(o->operations.items[0].target), CD_TEXT_MAX);
    assert_string_equal(o->operations.items[1].target, "tag \\x01\\xff");
    assert_string_equal(o->operations.items[2].target, "blank at the end");
    assert_string_equal(o->operations.items[3].target, "K\xc3\xbchler");
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(o->operations.items[i].requests, 3);
    cd_observer_free(o);
}

static void test_too_many_targets_share_one(void **state)
{
    (void)state;
    struct cd_observer_limits limits = cd_observer_default_limits;
    limits.targets_per_code = 10;
    struct cd_observer *o = cd_observer_new(&limits);
    cd_pair pair = pair_of(o, 1, 2);
    for (unsigned i = 0; i < 100; i++) {
        char target[32];
        snprintf(target, sizeof target, "register %u", i);
        struct cd_operation op = read_of(target);
        cd_observe_request(o, pair, modbus, &op, 1, 1);
    }
    assert_int_equal(o->operations.count, 11);
    assert_string_equal(o->operations.items[10].target, "(others)");
    assert_int_equal(o->operations.items[10].requests, 90);
    assert_int_equal(o->counters.collapsed_targets, 90);
    cd_observer_free(o);
}

static void test_full_tables_drop_the_new_and_count_it(void **state)
{
    (void)state;
    struct cd_observer_limits limits = {.pairs = 5,
                                        .operations = 5,
                                        .facts = 5,
                                        .conversations = 5,
                                        .events = 5,
                                        .targets_per_code = 512,
                                        .text_bytes = 10000};
    struct cd_observer *o = cd_observer_new(&limits);
    for (unsigned i = 0; i < 20; i++) {
        struct cd_ip client = ip(i), server = ip(1000);
        cd_pair pair = cd_observe_pair(o, &client, &server);
        assert_int_equal(pair == CD_PAIR_NONE, i >= 5);
        struct cd_operation op = read_of("unit 1");
        assert_int_equal(cd_observe_request(o, pair, modbus, &op, 1, 1) == UINT32_MAX, i >= 5);
        struct cd_subject subject = {.mac = CD_NO_MAC, .ip = client, .nested = ""};
        cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "plc", 3, modbus, 80, 1);
        cd_observe_event(o, CD_EVENT_MALFORMED, modbus, pair, "field", 1, 1);
        assert_int_equal(cd_observer_conversation(o, &client, &server, CD_TRANSPORT_TCP, 502, 1) == UINT32_MAX, i >= 5);
    }
    assert_int_equal(o->pairs.count, 5);
    assert_int_equal(o->operations.count, 5);
    assert_int_equal(o->facts.count, 5);
    assert_int_equal(o->conversations.count, 5);
    assert_int_equal(o->events.count, 5);
    assert_int_equal(o->counters.dropped_pairs, 15);
    assert_int_equal(o->counters.dropped_operations, 15);
    assert_int_equal(o->counters.dropped_facts, 15);
    assert_int_equal(o->counters.dropped_conversations, 15);
    assert_int_equal(o->counters.dropped_events, 15);
    for (uint32_t i = 0; i < 5; i++) /* the old ones still count */
        assert_int_equal(pair_of(o, i, 1000), i);
    cd_observer_free(o);
}

static void test_facts_keep_their_span_and_the_best_confidence(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    struct cd_subject subject = {.mac = 0x020000000001, .nested = "modbus:5"};
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "plc \0\0", 6, modbus, 50, 200);
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "plc", 3, modbus, 80, 100);
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "plc", 3, modbus, 10, 300);
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "", 0, modbus, 100, 1);
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "\0 \0", 3, modbus, 100, 1);
    assert_int_equal(o->facts.count, 1);
    const struct cd_fact_entry *e = &o->facts.items[0];
    assert_string_equal(e->value, "plc");
    assert_string_equal(e->nested, "modbus:5");
    assert_int_equal(e->confidence, 80);
    assert_int_equal(e->count, 3);
    assert_int_equal(e->first_ns, 100);
    assert_int_equal(e->last_ns, 300);
    subject.nested = NULL;
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "plc", 3, modbus, 80, 100);
    subject.nested = "";
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_NAME, "plc", 3, modbus, 255, 100);
    cd_observe_fact(o, &subject, CD_ATTRIBUTE_MODEL, "plc", 3, modbus, 80, 100);
    assert_int_equal(o->facts.count, 3);
    assert_true(o->facts.items[1].confidence <= 100);
    cd_observer_free(o);
}

static void test_dangerous_operations_are_events_and_floods_are_counted(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    cd_pair pair = pair_of(o, 1, 2);
    struct cd_operation stop = {.name = "plc stop", .code = 41, .class = CD_CLASS_MODE, .target = "cpu"};
    cd_observe_request(o, pair, modbus, &stop, 7, 99);
    assert_int_equal(o->events.count, 1);
    assert_string_equal(o->events.items[0].detail, "plc stop: cpu");
    assert_int_equal(o->events.items[0].frame, 99);
    assert_int_equal(o->events.items[0].kind, CD_EVENT_DANGEROUS_OPERATION);
    for (int i = 0; i < 5000; i++) {
        cd_observe_request(o, pair, modbus, &stop, 7, 99);
        cd_observe_event(o, CD_EVENT_MALFORMED, modbus, pair, "a\x01 field", 7, 99);
    }
    assert_int_equal(o->events.count, 4096 + 64);
    assert_int_equal(o->counters.dropped_events, 5001 - 4096 + 5000 - 64);
    assert_string_equal(o->events.items[o->events.count - 1].detail, "plc stop: cpu");
    cd_observer_free(o);
}

static void test_texts_are_kept_once_and_within_their_bound(void **state)
{
    (void)state;
    struct cd_observer_limits limits = cd_observer_default_limits;
    limits.text_bytes = 1000;
    struct cd_observer *o = cd_observer_new(&limits);
    assert_ptr_equal(cd_observer_text(o, "abc", 3), cd_observer_text(o, "abcd", 3));
    assert_string_equal(cd_observer_text(o, "", 0), "");
    for (int i = 0; i < 1000; i++) {
        char text[32];
        snprintf(text, sizeof text, "text %d", i);
        cd_observer_text(o, text, strlen(text));
    }
    assert_true(o->arena.used <= 1100);
    assert_true(o->counters.dropped_texts > 900);
    cd_observer_free(o);
}

static void test_a_mac_stands_in_an_ip_field_and_comes_back(void **state)
{
    (void)state;
    cd_mac mac = 0;
    struct cd_ip held = cd_ip_of_mac(0x000e8c010203), other = ip(5);
    assert_true(cd_ip_get_mac(&held, &mac));
    assert_true(mac == 0x000e8c010203);
    assert_false(cd_ip_get_mac(&other, &mac));
    assert_true(mac == 0x000e8c010203);
}

static void test_a_refusal_told_elsewhere_is_no_response(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    struct cd_operation op = read_of("");
    uint32_t entry = cd_observe_request(o, pair_of(o, 1, 2), modbus, &op, 100, 1);
    cd_observe_error(o, entry, "refused", 200);
    assert_int_equal(o->operations.items[entry].responses, 0);
    assert_int_equal(o->operations.items[entry].errors, 1);
    assert_string_equal(o->operations.items[entry].last_error, "refused");
    cd_observe_error(o, UINT32_MAX, "refused", 200);
    cd_observer_free(o);
}

static void test_codes_are_one_pointer_each_and_bounded(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    const char *code = cd_observe_code(o, "ZAB^Z01|", 7);
    assert_string_equal(code, "ZAB^Z01");
    assert_ptr_equal(cd_observe_code(o, "ZAB^Z01", 7), code);
    assert_string_equal(cd_observe_code(o, "ZAB", 3), "ZAB");
    assert_string_equal(cd_observe_code(o, "", 0), "(other)");
    for (unsigned i = 0; i < 2 * CD_OBSERVER_CODES_MAX; i++) {
        char text[8];
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_text_u64(&t, i);
        code = cd_observe_code(o, text, t.len);
    }
    assert_int_equal(o->n_codes, CD_OBSERVER_CODES_MAX);
    assert_string_equal(code, "(other)");
    assert_string_equal(cd_observe_code(o, "ZAB", 3), "ZAB");
    cd_observer_free(o);
}

static void test_what_holds_for_a_pair_is_told_once(void **state)
{
    (void)state;
    struct cd_observer *o = cd_observer_new(NULL);
    const enum cd_event_kind kind = CD_EVENT_CLEARTEXT_PATIENT_DATA;
    assert_true(cd_observe_is_first(o, kind, modbus, pair_of(o, 1, 2), "name"));
    assert_true(cd_observe_is_first(o, kind, modbus, pair_of(o, 2, 1), "name"));
    assert_true(cd_observe_is_first(o, kind, modbus, pair_of(o, 1, 2), "address"));
    assert_true(cd_observe_is_first(o, CD_EVENT_SCAN, modbus, pair_of(o, 1, 2), "name"));
    assert_false(cd_observe_is_first(o, kind, modbus, pair_of(o, 1, 2), "name"));
    assert_int_equal(o->events.count, 0);
    cd_observer_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_operation_is_one_entry),
        cmocka_unit_test(test_targets_that_are_not_fit_to_show_are_one_entry_each_too),
        cmocka_unit_test(test_too_many_targets_share_one),
        cmocka_unit_test(test_full_tables_drop_the_new_and_count_it),
        cmocka_unit_test(test_facts_keep_their_span_and_the_best_confidence),
        cmocka_unit_test(test_dangerous_operations_are_events_and_floods_are_counted),
        cmocka_unit_test(test_texts_are_kept_once_and_within_their_bound),
        cmocka_unit_test(test_a_mac_stands_in_an_ip_field_and_comes_back),
        cmocka_unit_test(test_a_refusal_told_elsewhere_is_no_response),
        cmocka_unit_test(test_codes_are_one_pointer_each_and_bounded),
        cmocka_unit_test(test_what_holds_for_a_pair_is_told_once),
    };
    return cmocka_run_group_tests_name("observer", tests, NULL, NULL);
}
