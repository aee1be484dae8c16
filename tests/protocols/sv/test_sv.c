#include "../harness.h"

#include "protocols/sv.h"

#include <string.h>

/* From a merging unit: one ASDU, smpCnt 2162, not synchronised. The header's length is put right. */
static const char unit[] =
    "4000006c000000006062800101a25d305b800a787878784d556e6e3031820208728304000000018501008740ffff8f0200000000fff9cf"
    "5d000000000005735700000000fffed1b600002000fffe431b00000000fff731af000000000009718300000000fffee64d00002000";
enum { RESERVED = 4, N_ASDUS = 12, SAMPLE_COUNT = 31, REVISION = 38, SYNCHRONISED = 41, UNIT_MAX = 200 };

static struct harness *ethernet(void)
{
    return harness_new(&cd_dissector_sv, CD_TRANSPORT_ETH, 0);
}

static void send(struct harness *h, uint16_t sample_count, uint8_t synchronised, uint8_t revision)
{
    uint8_t bytes[UNIT_MAX];
    size_t len = harness_hex(unit, bytes, sizeof bytes);
    bytes[SAMPLE_COUNT] = (uint8_t)(sample_count >> 8);
    bytes[SAMPLE_COUNT + 1] = (uint8_t)sample_count;
    bytes[SYNCHRONISED] = synchronised;
    bytes[REVISION] = revision;
    harness_send(h, true, bytes, len);
}

static void messages_are_counted_by_application_and_name_their_publisher(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send(h, 3998, 2, 1);
    send(h, 3999, 2, 1);
    send(h, 3999, 2, 1); /* a copy from a redundant network */
    send(h, 0, 2, 1);
    send(h, 1, 2, 1);
    harness_expect_operation(h, "sv", "16384", "sampled values", CD_CLASS_OTHER, "xxxxMUnn01", 5, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "xxxxMUnn01"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "merging-unit"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "", "synchronised by a global clock"));
    harness_free(h);
}

static void missing_samples_are_told_a_few_times(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send(h, 10, 0, 1);
    send(h, 14, 0, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION),
                        "xxxxMUnn01: samples are missing, smpCnt from 10 to 14");
    send(h, 12, 0, 1);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 2);
    for (uint16_t i = 2; i < 40; i += 2)
        send(h, (uint16_t)(100 + i), 0, 1);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 8);
    harness_free(h);
}

static void several_units_in_one_message_are_followed(void **state)
{
    (void)state;
    uint8_t bytes[1600];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-several.bin", bytes, sizeof bytes);
    struct harness *h = ethernet();
    harness_send(h, true, bytes, len);
    harness_expect_operation(h, "sv", "16384", "sampled values", CD_CLASS_OTHER, "XJPA_MU0001", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0); /* their counts follow each other */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
    harness_every_prefix(&cd_dissector_sv, CD_TRANSPORT_ETH, true, bytes, len, false);
}

static void lost_synchronisation_and_changed_configuration_are_told(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send(h, 1, 1, 1);
    send(h, 2, 0, 2);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "xxxxMUnn01: lost its time synchronisation");
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "xxxxMUnn01: confRev changed from 1 to 2");
    harness_free(h);
}

static void simulated_samples_are_told_once(void **state)
{
    (void)state;
    uint8_t bytes[UNIT_MAX];
    size_t len = harness_hex(unit, bytes, sizeof bytes);
    bytes[RESERVED] = 0x80;
    struct harness *h = ethernet();
    harness_send(h, true, bytes, len);
    harness_send(h, true, bytes, len);
    harness_expect_operation(h, "sv", "16384", "sampled values", CD_CLASS_OTHER, "xxxxMUnn01 (simulation)", 2, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void what_does_not_fit_is_a_finding_and_still_counts(void **state)
{
    (void)state;
    uint8_t bytes[UNIT_MAX];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-overrun.bin", bytes, sizeof bytes);
    struct harness *h = ethernet();
    harness_send(h, true, bytes, len);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_int_equal(harness_operations(h, "sv", "16388", NULL).requests, 1);
    len = harness_hex(unit, bytes, sizeof bytes);
    bytes[N_ASDUS] = 2;
    harness_send(h, true, bytes, len);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void routable_messages_are_read_from_their_session(void **state)
{
    (void)state;
    uint8_t bytes[300];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-routable.bin", bytes, sizeof bytes); /* made */
    assert_int_equal(cd_dissector_sv.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
    struct harness *h = harness_new(&cd_dissector_sv, CD_TRANSPORT_UDP, 0);
    harness_send(h, true, bytes, len);
    harness_expect_operation(h, "sv", "16384", "sampled values", CD_CLASS_OTHER, "xxxxMUnn01", 1, 0, 0);
    harness_free(h);
    harness_every_prefix(&cd_dissector_sv, CD_TRANSPORT_UDP, true, bytes, len, false);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_sv, CD_TRANSPORT_ETH, true, unit, false);
    uint8_t bytes[UNIT_MAX];
    size_t len = harness_hex(unit, bytes, sizeof bytes);
    for (size_t n = 0; n < len - 8; n++) {
        struct cd_reader r = cd_reader_of(bytes + 8, n);
        struct cd_sv_pdu pdu;
        assert_false(cd_sv_parse(&r, &pdu));
        assert_non_null(r.bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_counted_by_application_and_name_their_publisher),
        cmocka_unit_test(missing_samples_are_told_a_few_times),
        cmocka_unit_test(several_units_in_one_message_are_followed),
        cmocka_unit_test(lost_synchronisation_and_changed_configuration_are_told),
        cmocka_unit_test(simulated_samples_are_told_once),
        cmocka_unit_test(what_does_not_fit_is_a_finding_and_still_counts),
        cmocka_unit_test(routable_messages_are_read_from_their_session),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
