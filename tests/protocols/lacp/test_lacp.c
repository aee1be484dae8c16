#include "protocols/harness.h"

#include "protocols/lacp.h"

/* A switch that has no partner yet, real. */
static const char alone[] =
    "0101011491f40004961f506a800000000012470000000214000000000000000000000000003b00000000031000020000";
static const char bundled[] =
    "0101011491f40004961f506a8000000000123f000000021480000011223344550001800000023f000000031000020000";
static const char marker[] = "020101100001000000000001000000010000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_lacp, CD_TRANSPORT_ETH, 0);
}

static void a_system_tells_itself_and_its_partner(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, bundled);
    harness_expect_operation(h, "lacp", "1", "LACPDU", CD_CLASS_OTHER, "bundle 32768", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "00:04:96:1f:50:6a"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "bundled with 00:11:22:33:44:55"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_port_without_a_partner_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, alone);
    harness_expect_operation(h, "lacp", "1", "LACPDU", CD_CLASS_OTHER, "bundle 32768, not in it", 1, 0, 0);
    assert_null(harness_fact(h, CD_ATTRIBUTE_NEIGHBOUR, ""));
    harness_free(h);
}

static void markers_are_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, marker);
    harness_expect_operation(h, "lacp", "2", "marker", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_free(h);
}

static void a_tlv_of_another_length_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0101 0113");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "TLV length");
    harness_free(h);
}

static void every_prefix_is_refused_but_for_the_padding(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_lacp, CD_TRANSPORT_ETH, true, bundled, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_tells_itself_and_its_partner),
        cmocka_unit_test(a_port_without_a_partner_is_told),
        cmocka_unit_test(markers_are_counted),
        cmocka_unit_test(a_tlv_of_another_length_is_malformed),
        cmocka_unit_test(every_prefix_is_refused_but_for_the_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
