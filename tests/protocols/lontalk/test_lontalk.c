#include "protocols/harness.h"

#include "protocols/lontalk.h"

/* A variable is sent and acknowledged, real. */
static const char update[] = "00200101000000006b8b45670000000000000000010901aa01a90103810d00ca";
static const char acknowledged[] = "001c0101000000006b8b45670000000100000000000901a901aa0123";
static const char poll[] = "001e010100000000000000010000000200000000001901aa01a90105810d";
static const char mode[] = "001e010100000000000000010000000200000000001901aa01a901066c01";
static const char failed[] = "001d010100000000000000010000000200000000001901a901aa01260c";
static const char to_group[] = "001e010100000000000000010000000200000000000501aa070113812301";
static const char pin[] = "002801010000000000000001000000020000000000300080007f0401234567899000010203040506";
static const char configuration[] = "00190171000000000000000100000002000000000000000000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_lontalk, CD_TRANSPORT_UDP, 0);
}

static void an_update_names_the_variable_and_its_acknowledgment_counts(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, update);
    harness_send_hex(h, false, acknowledged);
    harness_expect_operation(h, "lontalk", "lon:128", "network variable update", CD_CLASS_WRITE,
                             "node 1.41 variable 010d", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "lon:1.42", "1.42"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "lon:1.41", "1.41"));
    harness_free(h);
}

static void a_poll_is_a_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, poll);
    harness_expect_operation(h, "lontalk", "lon:128", "network variable poll", CD_CLASS_READ, "node 1.41 variable 010d",
                             1, 0, 0);
    harness_free(h);
}

static void a_node_set_to_another_mode_is_dangerous_and_a_failure_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, mode);
    harness_send_hex(h, false, failed);
    harness_expect_operation(h, "lontalk", "lon:108", "set node mode", CD_CLASS_MODE, "node 1.41", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void groups_and_service_pins_are_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, to_group);
    harness_send_hex(h, true, pin);
    harness_expect_operation(h, "lontalk", "lon:128", "network variable update", CD_CLASS_WRITE,
                             "group 7 variable 0123", 1, 0, 0);
    harness_expect_operation(h, "lontalk", "lon:127", "service pin", CD_CLASS_IDENTIFY, "all nodes", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "neuron 040123456789"));
    harness_free(h);
}

static void a_configuration_of_the_channel_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, configuration);
    harness_expect_operation(h, "lontalk", "852:113", "device configuration", CD_CLASS_CONFIGURE, "", 1, 0, 0);
    harness_free(h);
}

static void a_length_beyond_the_datagram_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "00400101000000006b8b45670000000000000000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "length");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_lontalk, CD_TRANSPORT_UDP, true, update, false);
    harness_every_prefix_hex(&cd_dissector_lontalk, CD_TRANSPORT_UDP, true, acknowledged, false);
    harness_every_prefix_hex(&cd_dissector_lontalk, CD_TRANSPORT_UDP, true, pin, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_names_the_variable_and_its_acknowledgment_counts),
        cmocka_unit_test(a_poll_is_a_read),
        cmocka_unit_test(a_node_set_to_another_mode_is_dangerous_and_a_failure_is_told),
        cmocka_unit_test(groups_and_service_pins_are_read),
        cmocka_unit_test(a_configuration_of_the_channel_is_told),
        cmocka_unit_test(a_length_beyond_the_datagram_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
