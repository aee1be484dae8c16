#include "protocols/harness.h"

#include "protocols/bgp.h"

/* OPEN of AS 4200000001 with a host name and four-octet numbers. */
static const char open[] =
    "ffffffffffffffffffffffffffffffff003801045ba000b40a0000011b02194104fa56ea01491106726f757465720970"
    "6c616e742e6e6574";
static const char keep_alive[] = "ffffffffffffffffffffffffffffffff001304";
static const char cease[] = "ffffffffffffffffffffffffffffffff0015030602";
static const char update[] = "ffffffffffffffffffffffffffffffff00170200000000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_bgp, CD_TRANSPORT_TCP, 0);
}

static void a_router_tells_its_system_and_its_name(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, open);
    harness_expect_operation(h, "bgp", "1", "open", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "BGP AS 4200000001 router 10.0.0.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "router"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void why_they_part_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, cease);
    harness_expect_operation(h, "bgp", "3", "notification", CD_CLASS_ALARM, "administrative shutdown", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "administrative shutdown");
    harness_free(h);
}

static void messages_in_one_segment_are_each_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, keep_alive);
    harness_send_hex(h, true, update);
    harness_send_hex(h, true, keep_alive);
    harness_expect_operation(h, "bgp", "4", "keep-alive", CD_CLASS_SESSION, "", 2, 0, 0);
    harness_expect_operation(h, "bgp", "2", "update", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_free(h);
}

static void the_marker_makes_sure(void **state)
{
    (void)state;
    uint8_t bytes[32];
    size_t n = harness_hex(keep_alive, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_bgp.probe(bytes, n, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    bytes[3] = 0;
    assert_int_equal(cd_dissector_bgp.probe(bytes, n, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_bgp, CD_TRANSPORT_TCP, true, open, false);
    harness_every_prefix_hex(&cd_dissector_bgp, CD_TRANSPORT_TCP, true, keep_alive, false);
    harness_every_prefix_hex(&cd_dissector_bgp, CD_TRANSPORT_TCP, true, cease, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_its_system_and_its_name),
        cmocka_unit_test(why_they_part_is_named),
        cmocka_unit_test(messages_in_one_segment_are_each_read),
        cmocka_unit_test(the_marker_makes_sure),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
