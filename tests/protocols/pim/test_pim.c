#include "protocols/harness.h"

#include "protocols/pim.h"

/* A real hello. */
static const char hello[] = "200038c60001000200030002000401f409c4001300040000000100140004777f23c6";
static const char join[] = "2300000001000a000002000100d201000020ef01010100010000010007200a000003";
static const char register_packet[] = "2100deff00000000450000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_pim, CD_TRANSPORT_IP, 0);
}

static void a_router_tells_itself(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, hello);
    harness_expect_operation(h, "pim", "0", "hello", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "PIM designated router candidate"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_join_names_the_group_and_the_neighbour(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, join);
    harness_expect_operation(h, "pim", "3", "join/prune", CD_CLASS_OTHER, "group 239.1.1.1 by 10.0.0.2", 1, 0, 0);
    harness_free(h);
}

static void a_register_is_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, register_packet);
    harness_expect_operation(h, "pim", "1", "register", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_free(h);
}

static void the_first_version_is_not_claimed(void **state)
{
    (void)state;
    static const uint8_t first[8] = {0x10};
    assert_int_equal(cd_dissector_pim.probe(first, sizeof first, CD_TRANSPORT_IP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_ends_between_options(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_pim, CD_TRANSPORT_IP, true, hello, true);
    harness_every_prefix_hex(&cd_dissector_pim, CD_TRANSPORT_IP, true, join, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_itself),
        cmocka_unit_test(a_join_names_the_group_and_the_neighbour),
        cmocka_unit_test(a_register_is_counted),
        cmocka_unit_test(the_first_version_is_not_claimed),
        cmocka_unit_test(every_prefix_is_refused_or_ends_between_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
