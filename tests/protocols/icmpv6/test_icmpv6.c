#include "protocols/harness.h"

#include "protocols/icmpv6.h"

static struct harness *new_harness(uint8_t hop_limit)
{
    struct harness *h = harness_new(&cd_dissector_icmpv6, CD_TRANSPORT_IP, 0);
    harness_set_ends(h, "fe80::1", "fe80::2", hop_limit);
    return h;
}

static const char solicitation[] = "87000000 00000000 fe800000000000000000000000000002 0101020000000001";
static const char advertisement[] = "88000000 60000000 20010db8000000000000000000000001 0201020000000001";
/* lifetime 1800 s, source link address, prefix 2001:db8::/64, MTU */
static const char router[] = "86000000 40000708 00000000 00000000 0101020000000001"
                             "0304 40c0 00278d00 00093a80 00000000 20010db8000000000000000000000000 05010000000005dc";

static void a_solicitation_claims_its_source_address(void **state)
{
    (void)state;
    struct harness *h = new_harness(255);
    harness_send_hex(h, true, solicitation);
    harness_expect_operation(h, "icmpv6", "135", "neighbour solicitation", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "fe80::1"));
    harness_free(h);
}

static void an_advertisement_claims_its_target(void **state)
{
    (void)state;
    struct harness *h = new_harness(255);
    harness_send_hex(h, true, advertisement);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "2001:db8::1"));
    assert_int_equal(harness_observer(h)->facts.items[0].mac, 0x020000000001);
    assert_int_equal(harness_observer(h)->events.count, 0);
    harness_free(h);
}

static void duplicate_address_detection_claims_nothing(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_icmpv6, CD_TRANSPORT_IP, 0);
    harness_set_ends(h, "::", "ff02::1:ff00:2", 255);
    harness_send_hex(h, true, "87000000 00000000 fe800000000000000000000000000002");
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void a_router_tells_its_role_and_prefix(void **state)
{
    (void)state;
    struct harness *h = new_harness(255);
    harness_send_hex(h, true, router);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "router");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_GATEWAY, ""), "fe80::1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "IPv6 prefix 2001:db8::/64");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "fe80::1"));
    harness_free(h);
}

static void what_came_through_a_router_is_not_believed(void **state)
{
    (void)state;
    struct harness *h = new_harness(64);
    harness_send_hex(h, true, router);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void a_claim_for_another_mac_than_the_frames_is_a_finding(void **state)
{
    (void)state;
    struct harness *h = new_harness(255);
    harness_send_hex(h, true, "88000000 60000000 20010db8000000000000000000000001 02010200000000ff");
    assert_int_equal(harness_events(h, CD_EVENT_ARP_ANOMALY), 1);
    harness_free(h);
}

static void an_echo_and_its_reply_are_one_operation(void **state)
{
    (void)state;
    struct harness *h = new_harness(64);
    harness_send_hex(h, true, "80000000 00010002 61626364");
    harness_send_hex(h, false, "81000000 00010002 61626364");
    harness_expect_operation(h, "icmpv6", "128", "echo", CD_CLASS_DIAGNOSE, "", 1, 1, 0);
    harness_free(h);
}

static void an_option_of_no_length_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness(255);
    harness_send_hex(h, true, "87000000 00000000 fe800000000000000000000000000002 0100020000000001");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "option length");
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_icmpv6, CD_TRANSPORT_IP, true, solicitation, true);
    harness_every_prefix_hex(&cd_dissector_icmpv6, CD_TRANSPORT_IP, true, router, true);
    harness_every_prefix_hex(&cd_dissector_icmpv6, CD_TRANSPORT_IP, true, "80000000 00010002", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_solicitation_claims_its_source_address),
        cmocka_unit_test(an_advertisement_claims_its_target),
        cmocka_unit_test(duplicate_address_detection_claims_nothing),
        cmocka_unit_test(a_router_tells_its_role_and_prefix),
        cmocka_unit_test(what_came_through_a_router_is_not_believed),
        cmocka_unit_test(a_claim_for_another_mac_than_the_frames_is_a_finding),
        cmocka_unit_test(an_echo_and_its_reply_are_one_operation),
        cmocka_unit_test(an_option_of_no_length_is_malformed),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
