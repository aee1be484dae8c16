#include "protocols/harness.h"

#include "protocols/ospf.h"

/* A real hello that sees one neighbour. */
static const char hello[] =
    "02010030ac10000200000000a37b00000000000000000000fffffffc000a0200000000280000000000000000ac100001";
/* Link state update, real. */
static const char update[] =
    "02040058ac10000a00000006ab27000000000000000000000000000100012201ac10000aac10000a80000012c58a003c"
    "000000030a00000affffffff03000001ac10000affffffff030000010a010a0a0a010a0a0200000a";
static const char password[] =
    "0201002cac100002000000004f9100017365637265740000fffffffc000a0200000000280000000000000000";
/* Version 3. */
static const char third[] = "030100280101010100000001000000000000000501000013000a0028000000000000000002020202";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_ospf, CD_TRANSPORT_IP, 0);
}

static void a_router_tells_itself_and_whom_it_sees(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, hello);
    harness_expect_operation(h, "ospf", "1", "hello", CD_CLASS_OTHER, "area 0.0.0.0", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "OSPF router 172.16.0.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "OSPF router 172.16.0.1"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void updates_belong_to_their_area(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, update);
    harness_expect_operation(h, "ospf", "4", "link state update", CD_CLASS_OTHER, "area 0.0.0.6", 1, 0, 0);
    harness_free(h);
}

static void the_third_version_is_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, third);
    harness_expect_operation(h, "ospf", "1", "hello", CD_CLASS_OTHER, "area 0.0.0.1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "OSPF router 2.2.2.2"));
    harness_free(h);
}

static void a_readable_password_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, password);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "OSPF simple password");
    harness_free(h);
}

static void a_length_that_does_not_fit_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0205000cac1000020000000044f8000000000000000000");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_ospf, CD_TRANSPORT_IP, true, hello, false);
    harness_every_prefix_hex(&cd_dissector_ospf, CD_TRANSPORT_IP, true, update, false);
    harness_every_prefix_hex(&cd_dissector_ospf, CD_TRANSPORT_IP, true, third, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_itself_and_whom_it_sees),
        cmocka_unit_test(updates_belong_to_their_area),
        cmocka_unit_test(the_third_version_is_read),
        cmocka_unit_test(a_readable_password_is_told),
        cmocka_unit_test(a_length_that_does_not_fit_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
