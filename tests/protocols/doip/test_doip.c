#include "protocols/harness.h"

#include "protocols/doip.h"

static const char announcement[] = "02fd00040000002057424131323334353637383930313233340e8000112233445500112233445500";
static const char activation[] = "02fd0005000000070e000000000000";
static const char activated[] = "02fd0006000000090e000e801000000000";
static const char denied[] = "02fd0006000000090e000e800100000000";
static const char reset[] = "02fd8001000000060e0012341101";
static const char reset_done[] = "02fd80010000000612340e005101";
static const char routine[] = "02fd8001000000080e00123431010203";
static const char refused[] = "02fd80010000000712340e007f3133";
static const char pending[] = "02fd80010000000712340e007f3178";
static const char download[] = "02fd80010000000f0e0012343400440000000000001000";
static const char read_serial[] = "02fd8001000000070e00123422f18c";
static const char serial[] = "02fd80010000000e12340e0062f18c534e3132333400";
static const char acknowledged[] = "02fd80020000000512340e0000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_doip, CD_TRANSPORT_TCP, 0);
}

static void a_vehicle_tells_its_number(void **state)
{
    (void)state;
    struct harness *u = harness_new(&cd_dissector_doip, CD_TRANSPORT_UDP, 0);
    harness_send_hex(u, false, announcement);
    harness_expect_operation(u, "doip", "4", "vehicle announcement", CD_CLASS_IDENTIFY, "unit 0e80", 1, 0, 0);
    assert_true(harness_has_fact(u, CD_ATTRIBUTE_SERIAL, "", "WBA12345678901234"));
    assert_true(harness_has_fact(u, CD_ATTRIBUTE_INSTANCE, "", "DoIP 0e80"));
    harness_free(u);
}

static void a_tester_activates_routing_and_a_refusal_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, activation);
    harness_send_hex(h, false, activated);
    harness_send_hex(h, true, activation);
    harness_send_hex(h, false, denied);
    harness_expect_operation(h, "doip", "5", "routing activation", CD_CLASS_SESSION, "tester 0e00", 2, 2, 1);
    harness_free(h);
}

static void a_reset_is_a_change_of_mode_of_a_unit(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, reset);
    harness_send_hex(h, false, acknowledged);
    harness_send_hex(h, false, reset_done);
    harness_expect_operation(h, "doip", "uds:17", "ECU reset", CD_CLASS_MODE, "unit 1234 hard reset", 1, 1, 0);
    harness_expect_operation(h, "doip", "32770", "diagnostic acknowledgment", CD_CLASS_SESSION, "unit 1234", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void an_answer_that_is_put_off_leaves_the_request_open(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, routine);
    harness_send_hex(h, false, pending);
    harness_send_hex(h, false, refused);
    harness_expect_operation(h, "doip", "uds:49", "routine control", CD_CLASS_CONTROL, "unit 1234 routine 0203 start",
                             1, 2, 1);
    harness_free(h);
}

static void a_download_is_firmware(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, download);
    harness_expect_operation(h, "doip", "uds:52", "request download", CD_CLASS_FIRMWARE, "unit 1234", 1, 0, 0);
    harness_free(h);
}

static void what_a_unit_tells_of_itself_is_the_units(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, read_serial);
    harness_send_hex(h, false, serial);
    harness_expect_operation(h, "doip", "uds:34", "read data by identifier", CD_CLASS_READ, "unit 1234 DID f18c", 1, 1,
                             0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "doip:1234", "SN1234"));
    harness_free(h);
}

static void a_diagnostic_message_without_a_service_is_malformed_and_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "02fd8001000000040e001234");
    harness_expect_operation(h, "doip", "32769", "diagnostic message", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "service");
    harness_free(h);
}

static void the_inverse_version_must_fit(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t n = harness_hex(reset, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_doip.probe(bytes, n, CD_TRANSPORT_TCP, true), CD_PROBE_LIKELY);
    bytes[1] ^= 1;
    assert_int_equal(cd_dissector_doip.probe(bytes, n, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_doip, CD_TRANSPORT_TCP, true, activation, false);
    harness_every_prefix_hex(&cd_dissector_doip, CD_TRANSPORT_TCP, true, reset, false);
    harness_every_prefix_hex(&cd_dissector_doip, CD_TRANSPORT_TCP, true, routine, false);
    harness_every_prefix_hex(&cd_dissector_doip, CD_TRANSPORT_TCP, true, serial, false);
    harness_every_prefix_hex(&cd_dissector_doip, CD_TRANSPORT_UDP, true, announcement, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vehicle_tells_its_number),
        cmocka_unit_test(a_tester_activates_routing_and_a_refusal_is_named),
        cmocka_unit_test(a_reset_is_a_change_of_mode_of_a_unit),
        cmocka_unit_test(an_answer_that_is_put_off_leaves_the_request_open),
        cmocka_unit_test(a_download_is_firmware),
        cmocka_unit_test(what_a_unit_tells_of_itself_is_the_units),
        cmocka_unit_test(a_diagnostic_message_without_a_service_is_malformed_and_counted),
        cmocka_unit_test(the_inverse_version_must_fit),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
