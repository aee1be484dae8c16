#include "protocols/harness.h"

#include "protocols/stp.h"

/* A real configuration BPDU of a bridge that is not the root. */
static const char configuration[] = "42420300000000008064001c0e877800000000048064001c0e87850080040100140002000f00";
/* MSTP with two instances, real. */
static const char multiple[] =
    "42420300000302380000001f27b47d8000030d408000001646b58c8080120100140002000f0000006000427265776572"
    "790000000000000000000000000000000000000000000000000000009357ebb7a8d74dd5fef4f2bab50531aa00030d40"
    "8000001ef705a88014fc6001001ef705a88000000000608014f88002001646b58c8000030d40808014";
static const char pvst[] =
    "00000c010b000002023d801400112233445500000000801400112233445580010000140002000f0000000000020014";
static const char change[] = "42420300000080";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_stp, CD_TRANSPORT_ETH, 0);
}

static void a_bridge_tells_itself_and_its_root(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, configuration);
    harness_expect_operation(h, "stp", "0", "configuration BPDU", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "bridge"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "00:1c:0e:87:85:00"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "spanning tree bridge 32768.100/00:1c:0e:87:85:00"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "spanning tree root 32768.100/00:1c:0e:87:78:00"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_PORT, "", "port 4"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void of_mstp_the_senders_own_bridge_counts(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, multiple);
    harness_expect_operation(h, "stp", "2", "multiple spanning tree BPDU", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DOMAIN, "", "Brewery"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "00:1e:f7:05:a8:80"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void ciscos_form_names_the_vlan_and_the_root(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, pvst);
    harness_expect_operation(h, "stp", "2", "rapid spanning tree BPDU", CD_CLASS_ALARM, "VLAN 20, topology change", 1,
                             0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "spanning tree root 32768.20/00:11:22:33:44:55"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Cisco"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_topology_change_is_an_alarm(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, change);
    harness_expect_operation(h, "stp", "128", "topology change notification", CD_CLASS_ALARM, "", 1, 0, 0);
    harness_free(h);
}

static void a_type_that_is_none_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "424203 0000 00 05");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "BPDU type");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_stp, CD_TRANSPORT_ETH, true, configuration, false);
    harness_every_prefix_hex(&cd_dissector_stp, CD_TRANSPORT_ETH, true, change, false);
    harness_every_prefix_hex(&cd_dissector_stp, CD_TRANSPORT_ETH, true, multiple, true);
    harness_every_prefix_hex(&cd_dissector_stp, CD_TRANSPORT_ETH, true, pvst, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bridge_tells_itself_and_its_root),
        cmocka_unit_test(of_mstp_the_senders_own_bridge_counts),
        cmocka_unit_test(ciscos_form_names_the_vlan_and_the_root),
        cmocka_unit_test(a_topology_change_is_an_alarm),
        cmocka_unit_test(a_type_that_is_none_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
