/* Genisys: polls and indications from a capture, controls written after them. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/genisys.h"

enum { LARGEST = 2048 };

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[LARGEST];
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    harness_send(h, from_client, bytes, harness_file(path, bytes, LARGEST));
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "genisys", code, name, class, target, requests, responses, errors);
}

static void a_poll_is_answered_by_indications_or_an_acknowledgement(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_genisys, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-poll.bin");
    send_seed(h, false, "resp-acknowledge.bin");
    send_seed(h, true, "req-poll.bin");
    send_seed(h, false, "resp-indication.bin");
    send_seed(h, true, "req-recall.bin");
    expect(h, "251", "poll", CD_CLASS_READ, "station 1", 2, 2, 0);
    expect(h, "253", "recall", CD_CLASS_READ, "station 1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "rtu"));
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void controls_tell_their_bytes(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_genisys, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "fc 05 02 f00f 03 01 1234 f6");
    expect(h, "252", "control data", CD_CLASS_CONTROL, "station 5 byte 2,3", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "wrong CRC");
    harness_send_hex(h, true, "f9 00 02 01 1234 f6");
    expect(h, "249", "common control data", CD_CLASS_CONTROL, "station 0 byte 2", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void bytes_that_should_be_escaped_are_malformed(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_genisys, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "fc 05 02 ff 1234 f6");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_genisys, CD_TRANSPORT_TCP, true, "fb 01 83 40 f6", false);
}

static void telnet_is_not_claimed(void **state)
{
    (void)state;
    static const uint8_t telnet[] = {0xff, 0xfb, 0x01, 0xff, 0xfd, 0x03}, gauge[] = "\001I20100\r\n";
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_genisys.probe;
    assert_int_equal(probe(telnet, sizeof telnet, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe(gauge, sizeof gauge, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poll_is_answered_by_indications_or_an_acknowledgement),
        cmocka_unit_test(controls_tell_their_bytes),
        cmocka_unit_test(bytes_that_should_be_escaped_are_malformed),
        cmocka_unit_test(every_prefix_asks_for_more),
        cmocka_unit_test(telnet_is_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
