#include "protocols/harness.h"

#include "protocols/eapol.h"

static const char start[] = "01010000";
static const char ask[] = "010000050101000501";
static const char identity[] = "0100000a0201000a01616c696365";
static const char md5[] = "01000016010200160410000102030405060708090a0b0c0d0e0f";
static const char success[] = "0100000403020004";
static const char failure[] = "0100000404020004";
/* The first message of a four-way handshake, real. */
static const char key[] =
    "0203005f02008a0010000000000000000111111111111111111111111111111111111111111111111111111111111111"
    "110000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_eapol, CD_TRANSPORT_ETH, 0);
}

static void who_asks_to_be_let_in_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, start);
    harness_send_hex(h, false, ask);
    harness_send_hex(h, true, identity);
    harness_expect_operation(h, "eapol", "1", "start", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_expect_operation(h, "eapol", "0", "EAP", CD_CLASS_SESSION, "request identity", 1, 0, 0);
    harness_expect_operation(h, "eapol", "0", "EAP", CD_CLASS_SESSION, "response identity", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "alice"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "802.1X authenticator"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void how_it_ended_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, false, success);
    harness_send_hex(h, false, failure);
    harness_expect_operation(h, "eapol", "0", "EAP", CD_CLASS_SESSION, "success", 1, 0, 0);
    harness_expect_operation(h, "eapol", "0", "EAP", CD_CLASS_SESSION, "failure", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void a_weak_method_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, false, md5);
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY), "EAP-MD5");
    harness_free(h);
}

static void keys_are_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, false, key);
    harness_expect_operation(h, "eapol", "3", "key", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_length_beyond_the_frame_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "01000009 01010005 01");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "length");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_eapol, CD_TRANSPORT_ETH, true, start, false);
    harness_every_prefix_hex(&cd_dissector_eapol, CD_TRANSPORT_ETH, true, identity, false);
    harness_every_prefix_hex(&cd_dissector_eapol, CD_TRANSPORT_ETH, true, md5, false);
    harness_every_prefix_hex(&cd_dissector_eapol, CD_TRANSPORT_ETH, true, success, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_to_be_let_in_is_told),
        cmocka_unit_test(how_it_ended_is_told),
        cmocka_unit_test(a_weak_method_is_named),
        cmocka_unit_test(keys_are_counted),
        cmocka_unit_test(a_length_beyond_the_frame_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
