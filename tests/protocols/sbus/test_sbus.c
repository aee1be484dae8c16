/* Ether-S-Bus: telegrams from a capture, and one of each kind written after them. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/sbus.h"

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
    harness_expect_operation(h, "sbus", code, name, class, target, requests, responses, errors);
}

static void media_are_told_by_letter_and_number(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_sbus, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "00000010 01 00 0013 00 0a 06 03 0000 ede6");
    expect(h, "6", "read registers", CD_CLASS_READ, "R 0-3", 1, 0, 0);
    harness_send_hex(h, true, "00000010 01 00 0019 00 0a 02 03 0000 d459");
    expect(h, "2", "read flags", CD_CLASS_READ, "F 0-3", 1, 0, 0);
    send_seed(h, true, "req-0e.bin");
    expect(h, "14", "write registers", CD_CLASS_WRITE, "R 33-41", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void a_controller_tells_type_and_version(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_sbus, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-20.bin");
    send_seed(h, false, "resp-0.bin");
    expect(h, "32", "read firmware version", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "D2M48"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "020"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "10"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Saia-Burgess Controls"));
    harness_free(h);
}

static void run_stop_and_restart_are_changes_of_mode(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_sbus, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-2f.bin");
    expect(h, "47", "run", CD_CLASS_MODE, "own CPU", 1, 0, 0);
    send_seed(h, true, "req-39.bin");
    expect(h, "57", "restart cold", CD_CLASS_MODE, "all CPUs", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void refusals_are_named(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_sbus, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "0000000d 01 00 0013 00 0a 2f 0000");
    harness_send_hex(h, false, "0000000d 01 00 0013 02 0002 0000");
    expect(h, "47", "run", CD_CLASS_MODE, "own CPU", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void a_wrong_crc_is_told(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_sbus, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "00000010 01 00 0013 00 0a 06 03 0000 0000");
    expect(h, "6", "read registers", CD_CLASS_READ, "R 0-3", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "wrong CRC");
    harness_free(h);
}

static void a_state_is_told(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_sbus, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-14.bin");
    harness_send_hex(h, false, "0000000c 01 00 006a 01 52 0000");
    expect(h, "20", "read PCD status", CD_CLASS_DIAGNOSE, "CPU 0", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "run"));
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_sbus, CD_TRANSPORT_UDP, true, "00000010 01 00 0013 00 0a 06 03 0000 ede6",
                             false);
}

static void other_datagrams_are_not_claimed(void **state)
{
    (void)state;
    uint8_t zeros[64] = {0}, ones[16] = {0, 0, 0, 16, 1, 0, 0, 1, 9};
    assert_int_equal(cd_dissector_sbus.probe(zeros, sizeof zeros, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_sbus.probe(ones, sizeof ones, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(media_are_told_by_letter_and_number),
        cmocka_unit_test(a_controller_tells_type_and_version),
        cmocka_unit_test(run_stop_and_restart_are_changes_of_mode),
        cmocka_unit_test(refusals_are_named),
        cmocka_unit_test(a_wrong_crc_is_told),
        cmocka_unit_test(a_state_is_told),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(other_datagrams_are_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
