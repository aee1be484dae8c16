#include "../harness.h"

#include "protocols/tristation.h"

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_tristation, CD_TRANSPORT_UDP, 0);
}

static void a_connection_is_opened_and_closed(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-connect.bin");
    harness_send_seed(h, false, "resp-connect.bin");
    harness_send_seed(h, true, "req-disconnect.bin");
    harness_send_seed(h, false, "resp-disconnect.bin");
    harness_expect_operation(h, "tristation", "type:1", "connection request", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_expect_operation(h, "tristation", "type:4", "disconnection request", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_free(h);
}

static void the_status_tells_a_safety_controller_and_its_project(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-status.bin");
    harness_send_seed(h, false, "resp-status.bin");
    harness_expect_operation(h, "tristation", "19", "get control program status", CD_CLASS_DIAGNOSE, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "safety"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_PROGRAM, "", "NOZOMI 2.0"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void downloads_are_program_changes(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-download-change.bin");
    harness_send_seed(h, false, "resp-download-change.bin");
    harness_send_seed(h, true, "req-allocate-program.bin");
    harness_expect_operation(h, "tristation", "1", "start download change", CD_CLASS_PROGRAM, "project NOZOMI", 1, 1,
                             0);
    harness_expect_operation(h, "tristation", "55", "allocate program", CD_CLASS_PROGRAM, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void a_refused_run_is_an_error_with_its_reason(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-run.bin");
    harness_send_seed(h, false, "resp-run-refused.bin");
    harness_expect_operation(h, "tristation", "20", "run program", CD_CLASS_MODE, "", 1, 1, 1);
    assert_string_equal(cd_tristation_reason_name(203), "control program not halted");
    assert_string_equal(cd_tristation_reason_name(212), "key setting prohibits this operation");
    harness_free(h);
}

static void a_wrong_crc_is_a_violation_and_nothing_else(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "0500 0a00 0000 13 00 0000 2700 0a00 5110");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    assert_int_equal(harness_operations(h, "tristation", NULL, NULL).entries, 0);
    harness_free(h);
}

static void only_tristation_is_claimed(void **state)
{
    (void)state;
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_tristation.probe;
    static const uint8_t message[] = {5, 0, 10, 0, 0, 0, 0x13, 0, 0, 0, 0x27, 0, 10, 0, 0x50, 0x10};
    static const uint8_t wrong[] = {5, 0, 10, 0, 0, 0, 0x13, 0, 0, 0, 0x27, 0, 10, 0, 0x50, 0x11};
    assert_int_equal(probe(message, sizeof message, CD_TRANSPORT_UDP, true), CD_PROBE_LIKELY);
    assert_int_equal(probe(wrong, sizeof wrong, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(probe(message, sizeof message - 1, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    harness_every_prefix(&cd_dissector_tristation, CD_TRANSPORT_UDP, false, bytes,
                         harness_file(CD_TEST_DIR "/seeds/resp-status.bin", bytes, sizeof bytes), false);
    harness_every_prefix_hex(&cd_dissector_tristation, CD_TRANSPORT_UDP, true, "0100 0000 01fc", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_opened_and_closed),
        cmocka_unit_test(the_status_tells_a_safety_controller_and_its_project),
        cmocka_unit_test(downloads_are_program_changes),
        cmocka_unit_test(a_refused_run_is_an_error_with_its_reason),
        cmocka_unit_test(a_wrong_crc_is_a_violation_and_nothing_else),
        cmocka_unit_test(only_tristation_is_claimed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
