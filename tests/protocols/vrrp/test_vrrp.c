#include "protocols/harness.h"

#include "protocols/vrrp.h"

static const char master[] = "210164010001ba52c0a800010000000000000000";
/* Version 3. */
static const char third[] = "31010a0200640000c0a80001c0a80002";
/* Three addresses and a readable password, real. */
static const char password[] = "212abf03010af11f0a042a010a042a020a042a036162636465666768";
static const char carp[] = "21010007000100000011223344556677000102030405060708090a0b0c0d0e0f10111213";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_vrrp, CD_TRANSPORT_IP, 0);
}

static void a_master_tells_the_address_it_holds(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, master);
    harness_expect_operation(h, "vrrp", "1", "advertisement", CD_CLASS_OTHER, "group 1 address 192.168.0.1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_GATEWAY, "", "192.168.0.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "VRRP group 1 master"));
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void the_third_version_is_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, third);
    harness_expect_operation(h, "vrrp", "1", "advertisement", CD_CLASS_OTHER, "group 1 address 192.168.0.1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_GATEWAY, "", "192.168.0.2"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_readable_password_is_told_and_not_what_it_is(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, password);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "VRRP simple text password");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_GATEWAY, "", "10.4.42.3"));
    harness_free(h);
}

static void carp_is_told_apart(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, carp);
    harness_expect_operation(h, "vrrp", "1", "CARP advertisement", CD_CLASS_OTHER, "group 1", 1, 0, 0);
    harness_free(h);
}

static void an_advertisement_from_afar_is_a_violation_and_tells_nothing(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_set_ends(h, "10.0.0.1", "224.0.0.18", 64);
    harness_send_hex(h, true, master);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "advertisement with a hop limit other than 255");
    assert_null(harness_fact(h, CD_ATTRIBUTE_ROLE, ""));
    harness_free(h);
}

static void ipv6_has_longer_addresses(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_set_ends(h, "fe80::1", "ff02::12", 255);
    harness_send_hex(h, true, "31246401 03e8341b fe800000000000000000000000003636");
    harness_expect_operation(h, "vrrp", "1", "advertisement", CD_CLASS_OTHER, "group 36 address fe80::3636", 1, 0, 0);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_vrrp, CD_TRANSPORT_IP, true, master, false);
    harness_every_prefix_hex(&cd_dissector_vrrp, CD_TRANSPORT_IP, true, third, false);
    harness_every_prefix_hex(&cd_dissector_vrrp, CD_TRANSPORT_IP, true, password, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_master_tells_the_address_it_holds),
        cmocka_unit_test(the_third_version_is_read),
        cmocka_unit_test(a_readable_password_is_told_and_not_what_it_is),
        cmocka_unit_test(carp_is_told_apart),
        cmocka_unit_test(an_advertisement_from_afar_is_a_violation_and_tells_nothing),
        cmocka_unit_test(ipv6_has_longer_addresses),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
