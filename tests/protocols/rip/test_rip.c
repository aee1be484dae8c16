#include "protocols/harness.h"

#include "protocols/rip.h"

static const char request[] = "010200000000000000000000000000000000000000000010";
static const char response[] = "02020000000200000a46b200ffffff000000000000000001";
/* RIP 2 with a readable password, real. */
static const char password[] =
    "02020000ffff00026162636465666768696a6b6c6d6e6f70000200000a46b200ffffff000000000000000001";
/* RIP 2 with keyed MD5, real. */
static const char digest[] =
    "02020000ffff0003002c2d104fd6133c0000000000000000000200000a46b200ffffff000000000000000001ffff0001"
    "6d215dd56d27a6f48a51e2c2fcc2af0f";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_rip, CD_TRANSPORT_UDP, 0);
}

static void a_router_tells_its_routes(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, request);
    harness_send_hex(h, true, response);
    harness_expect_operation(h, "rip", "1", "request", CD_CLASS_READ, "whole table", 1, 0, 0);
    harness_expect_operation(h, "rip", "2", "response", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "RIP 2"));
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void a_readable_password_is_told_and_not_what_it_is(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, password);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "RIP simple password");
    harness_free(h);
}

static void a_digest_is_no_readable_password(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, digest);
    harness_expect_operation(h, "rip", "2", "response", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void the_next_generation_is_known_by_its_port(void **state)
{
    (void)state;
    struct harness *g = harness_new(&cd_dissector_rip, CD_TRANSPORT_UDP, 521);
    harness_send_hex(g, true, "02010000 20010db8000000000000000000000000 0000 20 01");
    assert_true(harness_has_fact(g, CD_ATTRIBUTE_SERVICE, "", "RIPng"));
    harness_free(g);
}

static void a_part_of_an_entry_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "02020000 0002");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "entry");
    harness_free(h);
}

static void every_prefix_is_refused_or_ends_between_entries(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_rip, CD_TRANSPORT_UDP, true, response, true);
    harness_every_prefix_hex(&cd_dissector_rip, CD_TRANSPORT_UDP, true, password, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_its_routes),
        cmocka_unit_test(a_readable_password_is_told_and_not_what_it_is),
        cmocka_unit_test(a_digest_is_no_readable_password),
        cmocka_unit_test(the_next_generation_is_known_by_its_port),
        cmocka_unit_test(a_part_of_an_entry_is_malformed),
        cmocka_unit_test(every_prefix_is_refused_or_ends_between_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
