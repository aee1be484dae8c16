#include "../harness.h"

#include "protocols/radius.h"

static struct harness *begin(void)
{
    return harness_new(&cd_dissector_radius, CD_TRANSPORT_UDP, 0);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[4096];
    harness_send(h, from_client, bytes, harness_seed(name, bytes, sizeof bytes));
}

static void test_a_sign_in_by_eap_tells_user_station_and_server(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_set_ends(h, "10.0.0.1", "10.0.0.100", 64);
    send_seed(h, true, "req-access-eap.bin");
    send_seed(h, false, "resp-challenge.bin");
    harness_expect_operation(h, "radius", "1", "access request", CD_CLASS_SESSION, "EAP identity", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "John.McGuirk"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "00:14:22:e9:54:5e"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "switch"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "radius-server"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

/* Attributes: User-Name op, User-Password of 16 bytes, NAS-Identifier sw7, NAS-Port-Id Gi0/1, Calling-Station-Id. */
static const char pap[] = "01 07 0047 00112233445566778899aabbccddeeff 0104 6f70 0212 00112233445566778899aabbccddeeff"
                          "2005 737737 5707 4769302f31 1f11 3030313432324539353435452020 20";

static void test_a_password_by_pap_is_weak_and_a_refusal_names_the_user(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_send_hex(h, true, pap);
    harness_send_hex(h, false, "03 07 0014 00112233445566778899aabbccddeeff");
    harness_expect_operation(h, "radius", "1", "access request", CD_CLASS_SESSION, "PAP", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "PAP: password hidden by MD5 and the shared secret only");
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED), "RADIUS access rejected: op");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "sw7"));
    harness_free(h);
}

static void test_responses_are_matched_by_identifier(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_send_hex(h, true, "04 01 001a 00112233445566778899aabbccddeeff 2806 00000001");
    harness_send_hex(h, true, "04 02 001a 00112233445566778899aabbccddeeff 2806 00000002");
    harness_send_hex(h, false, "05 01 0014 00112233445566778899aabbccddeeff");
    harness_expect_operation(h, "radius", "4", "accounting request", CD_CLASS_SESSION, "start", 1, 1, 0);
    harness_expect_operation(h, "radius", "4", "accounting request", CD_CLASS_SESSION, "stop", 1, 0, 0);
    harness_free(h);
}

static void test_disconnect_and_change_of_authorization_are_told_at_once(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_radius, CD_TRANSPORT_UDP, 3799);
    send_seed(h, true, "req-disconnect.bin");
    send_seed(h, true, "req-coa.bin");
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_expect_operation(h, "radius", "40", "disconnect", CD_CLASS_CONFIGURE, "", 1, 0, 0);
    harness_expect_operation(h, "radius", "43", "change authorization", CD_CLASS_CONFIGURE, "", 1, 0, 0);
    harness_free(h);
}

static void test_a_hostname_as_user_names_the_station_and_a_mac_is_no_user(void **state)
{
    (void)state;
    struct harness *h = begin();
    /* User-Name host/pc1.x, Calling-Station-Id 0014.22e9.545e */
    harness_send_hex(h, true,
                     "01 01 0030 00112233445566778899aabbccddeeff 010c 686f73742f7063312e78 1f10"
                     "303031342e323265392e35343565");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "pc1.x"));
    /* User-Name 001422e9545e */
    harness_send_hex(h, true, "01 02 0022 00112233445566778899aabbccddeeff 010e 303031343232653935343565");
    assert_null(harness_fact(h, CD_ATTRIBUTE_USER, ""));
    harness_free(h);
}

static void test_attributes_that_do_not_fit_are_a_finding_and_the_message_still_counts(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_send_hex(h, true, "01 01 0018 00112233445566778899aabbccddeeff 0109 6f70");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_expect_operation(h, "radius", "1", "access request", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_send_hex(h, true, "09 01 0014 00112233445566778899aabbccddeeff");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void test_only_attributes_that_fill_the_datagram_are_radius_on_any_port(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = harness_seed("req-access-eap.bin", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_radius.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_LIKELY);
    bytes[21]++;
    assert_true(cd_dissector_radius.probe(bytes, len, CD_TRANSPORT_UDP, true) < CD_PROBE_LIKELY);
    bytes[0] = 60;
    assert_int_equal(cd_dissector_radius.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void test_every_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const seeds[] = {"req-access-eap.bin", "resp-challenge.bin", "resp-accept.bin",
                                        "req-accounting.bin", "req-disconnect.bin"};
    uint8_t bytes[4096];
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        size_t len = harness_seed(seeds[i], bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_radius, CD_TRANSPORT_UDP, i != 1 && i != 2, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sign_in_by_eap_tells_user_station_and_server),
        cmocka_unit_test(test_a_password_by_pap_is_weak_and_a_refusal_names_the_user),
        cmocka_unit_test(test_responses_are_matched_by_identifier),
        cmocka_unit_test(test_disconnect_and_change_of_authorization_are_told_at_once),
        cmocka_unit_test(test_a_hostname_as_user_names_the_station_and_a_mac_is_no_user),
        cmocka_unit_test(test_attributes_that_do_not_fit_are_a_finding_and_the_message_still_counts),
        cmocka_unit_test(test_only_attributes_that_fill_the_datagram_are_radius_on_any_port),
        cmocka_unit_test(test_every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
