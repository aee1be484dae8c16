#include "protocols/harness.h"

#include "protocols/ntp.h"

/* A request of version 4 with transmit time 1122334455667788, and the answer of a stratum 1 server by GPS. */
static const char request[] =
    "23000600 00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000 1122334455667788";
static const char answer[] =
    "24010600 00000000 00000000 47505300 1111111111111111 1122334455667788 2222222222222222 3333333333333333";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_ntp, CD_TRANSPORT_UDP, 123);
}

static void a_server_tells_its_clock(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, request);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_send_hex(h, false, answer);
    harness_expect_operation(h, "ntp", "3", "time request", CD_CLASS_OTHER, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_CLOCK, ""), "stratum 1, GPS");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "ntp-server");
    harness_free(h);
}

static void a_secondary_server_names_its_source(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(
        h, false,
        "24030600 00000000 00000000 c0a80101 1111111111111111 1122334455667788 2222222222222222 3333333333333333");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_CLOCK, ""), "stratum 3, 192.168.1.1");
    harness_free(h);
}

static void a_refusal_is_an_error(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, request);
    harness_send_hex(
        h, false,
        "e4000600 00000000 00000000 52415445 1111111111111111 1122334455667788 2222222222222222 3333333333333333");
    harness_expect_operation(h, "ntp", "3", "time request", CD_CLASS_OTHER, "", 1, 1, 1);
    harness_free(h);
}

static void control_and_private_messages_are_diagnosis(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "16020001 00000000 00000000");
    harness_send_hex(h, false, "16820001 00000000 00000000");
    harness_send_hex(h, true, "1700032a 00000000");
    harness_send_hex(h, true, "16030002 00000000 00000000");
    harness_expect_operation(h, "ntp", "control:2", "read variables", CD_CLASS_DIAGNOSE, "", 1, 1, 0);
    harness_expect_operation(h, "ntp", "private:42", "private request", CD_CLASS_DIAGNOSE, "", 1, 0, 0);
    harness_expect_operation(h, "ntp", "control:3", "write variables", CD_CLASS_CONFIGURE, "", 1, 0, 0);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_ntp, CD_TRANSPORT_UDP, true, request, false);
    harness_every_prefix_hex(&cd_dissector_ntp, CD_TRANSPORT_UDP, true, "16020001 00000000 00000000", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_tells_its_clock), cmocka_unit_test(a_secondary_server_names_its_source),
        cmocka_unit_test(a_refusal_is_an_error),    cmocka_unit_test(control_and_private_messages_are_diagnosis),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
