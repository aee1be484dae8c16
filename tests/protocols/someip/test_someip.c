#include "protocols/harness.h"

#include "protocols/someip.h"

/* Real discovery and a real call. */
static const char offer[] =
    "ffff8100000000300000000301010200c0000000000000100100001000eb00000100001e000000000000000c00090400"
    "c0a858490011c350";
static const char subscribe[] =
    "ffff8100000000300000000301010200c0000000000000100600001000eb00000100001e000000010000000c00090400"
    "c0a8584d0011ea60";
static const char accepted[] =
    "ffff8100000000240000000201010200c0000000000000100700000000eb00000100001e0000000100000000";
static const char call[] = "1234000800000011000000010101000000000005ababababab";
static const char result[] = "1234000800000011000000010101800000000005ababababab";
static const char refused[] = "12340008000000080000000101018102";
static const char event[] = "1234800100000009000000000101020000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_someip, CD_TRANSPORT_UDP, 0);
}

static void a_device_tells_what_it_offers(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, offer);
    harness_expect_operation(h, "someip", "discovery:1", "offer service", CD_CLASS_IDENTIFY,
                             "service 00eb instance 0000", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "SOME/IP service 00eb instance 0000"));
    harness_free(h);
}

static void subscriptions_are_told_with_their_event_group(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, subscribe);
    harness_send_hex(h, false, accepted);
    harness_expect_operation(h, "someip", "discovery:6", "subscribe to event group", CD_CLASS_SESSION,
                             "service 00eb instance 0000 event group 0001", 1, 0, 0);
    harness_expect_operation(h, "someip", "discovery:7", "subscription accepted", CD_CLASS_SESSION,
                             "service 00eb instance 0000 event group 0001", 1, 0, 0);
    harness_free(h);
}

static void a_result_finds_its_call(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, call);
    harness_send_hex(h, false, result);
    harness_expect_operation(h, "someip", "305397768", "call", CD_CLASS_OTHER, "service 1234 method 0008", 1, 1, 0);
    harness_free(h);
}

static void a_refusal_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, call);
    harness_send_hex(h, false, refused);
    harness_expect_operation(h, "someip", "305397768", "call", CD_CLASS_OTHER, "service 1234 method 0008", 1, 1, 1);
    harness_free(h);
}

static void messages_in_one_datagram_are_each_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[256];
    size_t n = harness_hex(event, bytes, sizeof bytes);
    n += harness_hex(event, bytes + n, sizeof bytes - n);
    harness_send(h, false, bytes, n);
    harness_expect_operation(h, "someip", "305430529", "notification", CD_CLASS_OTHER, "service 1234 event 8001", 2, 0,
                             0);
    harness_free(h);
}

static void an_unknown_entry_length_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "ffff8100000000120000000301010200c000000000000003 0000");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void the_length_must_fit_to_the_byte_on_foreign_ports(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t n = harness_hex(call, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_someip.probe(bytes, n, CD_TRANSPORT_UDP, true), CD_PROBE_LIKELY);
    assert_int_equal(cd_dissector_someip.probe(bytes, n - 1, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    bytes[12] = 2;
    assert_int_equal(cd_dissector_someip.probe(bytes, n, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_someip, CD_TRANSPORT_UDP, true, offer, false);
    harness_every_prefix_hex(&cd_dissector_someip, CD_TRANSPORT_UDP, true, call, false);
    harness_every_prefix_hex(&cd_dissector_someip, CD_TRANSPORT_TCP, true, call, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_tells_what_it_offers),
        cmocka_unit_test(subscriptions_are_told_with_their_event_group),
        cmocka_unit_test(a_result_finds_its_call),
        cmocka_unit_test(a_refusal_is_named),
        cmocka_unit_test(messages_in_one_datagram_are_each_read),
        cmocka_unit_test(an_unknown_entry_length_is_malformed),
        cmocka_unit_test(the_length_must_fit_to_the_byte_on_foreign_ports),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
