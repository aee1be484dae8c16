#include "protocols/harness.h"

#include "protocols/hsrp.h"

/* Group 100 on its active router, real. */
static const char active[] = "000010030a640100636973636f000000c0a80001";
static const char resign[] = "000208030a640100636973636f000000c0a80001";
static const char advertise[] = "00030001000e0200000000016f000000";
/* Version 2 with authentication text, real. */
static const char second[] =
    "0128020005040398700f6aeff5bf0000005a00000bb8000027100a34dc7e000000000000000000000000030863697363"
    "6f000000";
/* Version 2 for IPv6 with an MD5 digest, real. */
static const char second_ipv6[] =
    "0128020004060010aabbcc000120000000690000271000004e20fe80000000000000000573fffea00010041c01000000"
    "000000010000000051d1ec51ab34509ab2e33188ca4fee3b";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_hsrp, CD_TRANSPORT_UDP, 0);
}

static void an_active_router_tells_the_address_it_holds(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, active);
    harness_expect_operation(h, "hsrp", "0", "hello", CD_CLASS_OTHER, "group 1 address 192.168.0.1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_GATEWAY, "", "192.168.0.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "HSRP group 1 active"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "HSRP authentication text");
    harness_free(h);
}

static void the_second_version_is_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, second);
    harness_expect_operation(h, "hsrp", "0", "hello", CD_CLASS_OTHER, "group 920 address 10.52.220.126", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "HSRP group 920 standby"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "HSRP authentication text");
    harness_free(h);
}

static void a_digest_is_no_readable_password(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, second_ipv6);
    harness_expect_operation(h, "hsrp", "0", "hello", CD_CLASS_OTHER, "group 16 address fe80::5:73ff:fea0:10", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void resigning_and_advertising_are_told_apart(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, resign);
    harness_send_hex(h, true, advertise);
    harness_expect_operation(h, "hsrp", "2", "resign", CD_CLASS_OTHER, "group 1 address 192.168.0.1", 1, 0, 0);
    harness_expect_operation(h, "hsrp", "3", "advertise", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_unknown_opcode_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "000710030a640100636973636f000000c0a80001");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "opcode");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_hsrp, CD_TRANSPORT_UDP, true, active, false);
    harness_every_prefix_hex(&cd_dissector_hsrp, CD_TRANSPORT_UDP, true, advertise, false);
    harness_every_prefix_hex(&cd_dissector_hsrp, CD_TRANSPORT_UDP, true, second, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_active_router_tells_the_address_it_holds),
        cmocka_unit_test(the_second_version_is_read),
        cmocka_unit_test(a_digest_is_no_readable_password),
        cmocka_unit_test(resigning_and_advertising_are_told_apart),
        cmocka_unit_test(an_unknown_opcode_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
