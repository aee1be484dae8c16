#include "../harness.h"

#include "protocols/goose.h"

#include <string.h>

/* From an overcurrent relay: stNum 1, sqNum 10, eight values. */
static const char relay[] =
    "0001009100000000618186801a4745446576696365463635302f4c4c4e3024474f2467636230318103009c408218474544657669636546"
    "3635302f4c4c4e3024474f4f534531830b463635305f474f4f5345318408386ebbf34217280a85010186010a8701008801018901008a01"
    "08ab208301008403030000830100840303000083010084030300008301008403030000";
static const char reference[] = "GEDeviceF650/LLN0$GO$gcb01 data set GEDeviceF650/LLN0$GOOSE1 id F650_GOOSE1";
/* Offsets into it. */
enum { STATE_NUMBER = 95, SEQUENCE_NUMBER = 98, SIMULATION = 101, REVISION = 104, COMMISSIONING = 107, ENTRIES = 110 };

static size_t message(uint8_t *out)
{
    return harness_hex(relay, out, 300);
}

static struct harness *ethernet(void)
{
    return harness_new(&cd_dissector_goose, CD_TRANSPORT_ETH, 0);
}

static void send_numbers(struct harness *h, uint8_t state_number, uint8_t sequence_number)
{
    uint8_t bytes[300];
    size_t len = message(bytes);
    bytes[STATE_NUMBER] = state_number;
    bytes[SEQUENCE_NUMBER] = sequence_number;
    harness_send(h, true, bytes, len);
}

static void send_changed(struct harness *h, size_t at, uint8_t value)
{
    uint8_t bytes[300];
    size_t len = message(bytes);
    bytes[at] = value;
    harness_send(h, true, bytes, len);
}

static void messages_are_counted_by_application_and_name_their_publisher(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send_numbers(h, 1, 10);
    send_numbers(h, 1, 11);
    send_numbers(h, 1, 11); /* a copy from a redundant network */
    send_numbers(h, 2, 0);
    harness_expect_operation(h, "goose", "1", "goose", CD_CLASS_OTHER, reference, 4, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "GEDeviceF650"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "protection-relay"));
    harness_free(h);
}

static void state_numbers_that_go_back_or_jump_are_violations(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send_numbers(h, 5, 10);
    send_numbers(h, 3, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION),
                        "GEDeviceF650/LLN0$GO$gcb01: stNum went back from 5 to 3");
    send_numbers(h, 9, 4);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 2);
    send_numbers(h, 9, 2);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 3);
    harness_free(h);
}

static void simulation_and_commissioning_are_told_once(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send_changed(h, SIMULATION, 1);
    send_changed(h, SIMULATION, 1);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION),
                        "GEDeviceF650/LLN0$GO$gcb01: simulation or test data is published");
    assert_int_equal(harness_operations(h, "goose", "1", NULL).requests, 2);
    send_changed(h, COMMISSIONING, 1);
    send_changed(h, COMMISSIONING, 1);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 2);
    harness_free(h);
}

static void a_changed_configuration_and_a_wrong_number_of_values_are_violations(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send_changed(h, REVISION, 1);
    send_changed(h, REVISION, 2);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION),
                        "GEDeviceF650/LLN0$GO$gcb01: confRev changed from 1 to 2");
    harness_free(h);
    h = ethernet();
    send_changed(h, ENTRIES, 7);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION),
                        "GEDeviceF650/LLN0$GO$gcb01: numDatSetEntries is not the number of values");
    harness_free(h);
}

static void a_missing_field_is_a_finding_and_the_message_still_counts(void **state)
{
    (void)state;
    struct harness *h = ethernet();
    send_changed(h, REVISION - 2, 0x9f); /* no confRev, but something of a high tag */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_int_equal(harness_operations(h, "goose", "1", "").requests, 1);
    harness_free(h);
}

static void routable_messages_are_read_from_their_session(void **state)
{
    (void)state;
    uint8_t bytes[300];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-routable.bin", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_goose.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_goose.probe(bytes + 1, len - 1, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    struct harness *h = harness_new(&cd_dissector_goose, CD_TRANSPORT_UDP, 0);
    harness_send(h, true, bytes, len);
    harness_expect_operation(h, "goose", "0", "goose", CD_CLASS_OTHER,
                             "GA_UR74Master/LLN0$RG$GoCB10 data set GA_UR74Master/LLN0$TT6DataSet1 id TxGOOSE10", 1, 0,
                             0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "GA_UR74Master"));
    harness_free(h);
    harness_every_prefix(&cd_dissector_goose, CD_TRANSPORT_UDP, true, bytes, len, false);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_goose, CD_TRANSPORT_ETH, true, relay, false);
    uint8_t bytes[300];
    size_t len = message(bytes);
    for (size_t n = 0; n < len - 8; n++) {
        struct cd_reader r = cd_reader_of(bytes + 8, n);
        struct cd_goose_pdu pdu;
        assert_false(cd_goose_parse(&r, &pdu));
        assert_non_null(r.bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_counted_by_application_and_name_their_publisher),
        cmocka_unit_test(state_numbers_that_go_back_or_jump_are_violations),
        cmocka_unit_test(simulation_and_commissioning_are_told_once),
        cmocka_unit_test(a_changed_configuration_and_a_wrong_number_of_values_are_violations),
        cmocka_unit_test(a_missing_field_is_a_finding_and_the_message_still_counts),
        cmocka_unit_test(routable_messages_are_read_from_their_session),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
