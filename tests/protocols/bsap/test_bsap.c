/* BSAP: datagrams from a capture; serial frames over UDP written after public decoders. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/bsap.h"

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
    harness_expect_operation(h, "bsap", code, name, class, target, requests, responses, errors);
}

static void signals_are_read_by_name(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_bsap, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-read.bin");
    expect(h, "4", "read signal by name", CD_CLASS_READ, "@GV.DS1 +6", 1, 0, 0);
    send_seed(h, false, "resp-two.bin");
    assert_int_equal(harness_operations(h, "bsap", "4", NULL).responses, 1);
    expect(h, "function:5", "response", CD_CLASS_OTHER, "", 0, 1,
           0); /* the second of the two: its request was not seen */
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "rtu"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void polls_are_counted(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_bsap, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-poll.bin");
    expect(h, "function:0", "poll", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_free(h);
}

static void a_serial_frame_tells_its_node(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_bsap, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "1002 05 01 a0 0100 03 00 04 03d0010f 01 404756 2e4400 1003 1234");
    expect(h, "4", "read signal by name", CD_CLASS_READ, "@GV.D", 1, 0, 0);
    harness_send_hex(h, false, "1002 05 01 03 0100 a0 00 00 01 0203 1003 1234");
    expect(h, "4", "read signal by name", CD_CLASS_READ, "@GV.D", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "bsap:5", "5"));
    harness_free(h);
}

static void a_reset_and_a_new_address_are_dangerous(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_bsap, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "1002 05 01 a1 0100 03 00 0101 1003 1234");
    expect(h, "extension:257", "reset system", CD_CLASS_MODE, "", 1, 0, 0);
    harness_send_hex(h, true, "1002 85 01 0300 0000 00 a1 0200 03 00 0004 1003 1234");
    expect(h, "extension:1024", "change local node address", CD_CLASS_CONFIGURE, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[LARGEST];
    size_t len = harness_file(CD_TEST_DIR "/seeds/resp-one.bin", bytes, LARGEST);
    harness_every_prefix(&cd_dissector_bsap, CD_TRANSPORT_UDP, false, bytes, len, false);
}

static void other_datagrams_are_not_claimed(void **state)
{
    (void)state;
    uint8_t zeros[64] = {0}, stp[64] = {14, 0, 1, 0, 9};
    assert_int_equal(cd_dissector_bsap.probe(zeros, sizeof zeros, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_bsap.probe(stp, sizeof stp, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_are_read_by_name),      cmocka_unit_test(polls_are_counted),
        cmocka_unit_test(a_serial_frame_tells_its_node), cmocka_unit_test(a_reset_and_a_new_address_are_dangerous),
        cmocka_unit_test(every_prefix_is_refused),       cmocka_unit_test(other_datagrams_are_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
