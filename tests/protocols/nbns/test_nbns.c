#include "protocols/harness.h"

#include "protocols/nbns.h"

/* "MDJR98" with suffix 03, and with suffix 00, registered by 192.168.239.129 */
#define NAME_03 "20 454e4545454b4643444a44494341434143414341434143414341434143414144 00"
#define NAME_00 "20 454e4545454b4643444a44494341434143414341434143414341434143414141 00"
static const char registration[] =
    "0004 2910 0001 0000 0000 0001" NAME_00 "0020 0001 c00c 0020 0001 000493e0 0006 0000 c0a8ef81";
static const char group[] =
    "0004 2910 0001 0000 0000 0001" NAME_00 "0020 0001 c00c 0020 0001 000493e0 0006 8000 c0a8ef81";

static struct harness *new_harness(void)
{
    struct harness *h = harness_new(&cd_dissector_nbns, CD_TRANSPORT_UDP, 137);
    harness_set_ends(h, "192.168.239.129", "192.168.239.255", 64);
    return h;
}

static void a_registration_names_its_sender(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, registration);
    harness_expect_operation(h, "nbns", "5", "registration", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "MDJR98");
    harness_free(h);
}

static void a_group_name_is_a_domain(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, group);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "MDJR98");
    assert_null(harness_fact(h, CD_ATTRIBUTE_NAME, ""));
    harness_free(h);
}

static void a_messenger_name_may_be_a_users_and_names_no_host(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true,
                     "0004 2910 0001 0000 0000 0001" NAME_03 "0020 0001 c00c 0020 0001 000493e0 0006 0000 c0a8ef81");
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void a_release_names_nobody(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true,
                     "0004 3010 0001 0000 0000 0001" NAME_00 "0020 0001 c00c 0020 0001 00000000 0006 0000 c0a8ef81");
    harness_expect_operation(h, "nbns", "6", "release", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void a_node_status_tells_names_and_mac(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    /* names PLC7 <00> unique, PLANT <00> group, PLC7 <20> unique; unit id 00:0c:29:01:02:03 and statistics */
    harness_send_hex(h, false,
                     "0005 8400 0000 0001 0000 0000" NAME_00 "0021 0001 00000000 0041 03"
                     "504c4337202020202020202020202000 0400 504c414e542020202020202020202000 8400"
                     "504c4337202020202020202020202020 0400 000c29010203 0000 0000");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "PLC7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "PLANT");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "00:0c:29:01:02:03");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_nbns, CD_TRANSPORT_UDP, true, registration, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registration_names_its_sender),
        cmocka_unit_test(a_group_name_is_a_domain),
        cmocka_unit_test(a_messenger_name_may_be_a_users_and_names_no_host),
        cmocka_unit_test(a_release_names_nobody),
        cmocka_unit_test(a_node_status_tells_names_and_mac),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
