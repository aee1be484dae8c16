#include "protocols/harness.h"

#include "protocols/igmp.h"

static const char query[] = "110afc75ef010101";
static const char report[] = "1600fa04ef010203";
/* A version 3 report of three groups, real. */
static const char report_3[] = "2200feed0000000304000000ef01010104000000ef02020204000000ef030303";
static const char give_up[] = "2200feed0000000103000000ef010101";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_igmp, CD_TRANSPORT_IP, 0);
}

static void who_wants_which_group_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, report);
    harness_send_hex(h, true, report_3);
    harness_expect_operation(h, "igmp", "22", "membership report", CD_CLASS_OTHER, "group 239.1.2.3", 1, 0, 0);
    harness_expect_operation(h, "igmp", "34", "membership report", CD_CLASS_OTHER,
                             "group 239.1.1.1, 239.2.2.2, 239.3.3.3", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_group_given_up_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, give_up);
    harness_expect_operation(h, "igmp", "34", "membership report", CD_CLASS_OTHER, "not group 239.1.1.1", 1, 0, 0);
    harness_free(h);
}

static void who_asks_is_the_querier(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, query);
    harness_expect_operation(h, "igmp", "17", "membership query", CD_CLASS_OTHER, "group 239.1.1.1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "IGMP querier"));
    harness_free(h);
}

static void a_switch_that_listens_has_no_address_to_tell_of(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_set_ends(h, "0.0.0.0", "224.0.0.1", 1);
    harness_send_hex(h, true, query);
    assert_null(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""));
    harness_free(h);
}

static void records_that_are_not_there_are_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "2200feed0000000204000000ef010101");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_igmp, CD_TRANSPORT_IP, true, query, false);
    harness_every_prefix_hex(&cd_dissector_igmp, CD_TRANSPORT_IP, true, report, false);
    harness_every_prefix_hex(&cd_dissector_igmp, CD_TRANSPORT_IP, true, report_3, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_wants_which_group_is_told),
        cmocka_unit_test(a_group_given_up_is_told),
        cmocka_unit_test(who_asks_is_the_querier),
        cmocka_unit_test(a_switch_that_listens_has_no_address_to_tell_of),
        cmocka_unit_test(records_that_are_not_there_are_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
