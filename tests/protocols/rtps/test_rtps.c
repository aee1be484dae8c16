#include "protocols/harness.h"

#include "protocols/rtps.h"

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_rtps, CD_TRANSPORT_UDP, 0);
}

static void send_seed(struct harness *h, const char *path)
{
    uint8_t bytes[2048];
    harness_send(h, true, bytes, harness_file(path, bytes, sizeof bytes));
}

static void a_participant_tells_its_host_and_product(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, CD_TEST_DIR "/seeds/req-participant.bin");
    harness_expect_operation(h, "rtps", "9", "INFO TIMESTAMP", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_expect_operation(h, "rtps", "21", "DATA", CD_CLASS_IDENTIFY, "participants", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "RTI Connext DDS"));
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_NAME, ""));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void another_product_is_read_alike(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, CD_TEST_DIR "/seeds/req-fast.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Eclipse Cyclone DDS"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_PROGRAM, "", "HelloworldSubscriber"));
    harness_free(h);
}

static void an_endpoint_tells_topic_and_type(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, CD_TEST_DIR "/seeds/req-endpoint.bin");
    harness_expect_operation(h, "rtps", "21", "DATA", CD_CLASS_IDENTIFY, "publication Square (ShapeType)", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "DDS publishes Square (ShapeType)"));
    harness_free(h);
}

static void qos_before_the_parameters_is_passed_over(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, CD_TEST_DIR "/seeds/req-subscription.bin");
    harness_expect_operation(h, "rtps", "21", "DATA", CD_CLASS_IDENTIFY, "subscription Square", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "DDS subscribes to Square"));
    harness_free(h);
}

static void data_of_a_user_counts_by_its_writer(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    for (int i = 0; i < 3; i++)
        harness_send_hex(h, true,
                         "5254505302010101 c0a87a0100003a4c00000001 15051c00 00001000 00000000 80000002 00000000 "
                         "01000000 00010000 01020304");
    harness_expect_operation(h, "rtps", "21", "DATA", CD_CLASS_OTHER, "writer 80000002", 3, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void the_last_submessage_may_leave_its_length_out(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "5254505302010101 c0a87a0100003a4c00000001 09010000 07010000 0000000000000000");
    harness_expect_operation(h, "rtps", "9", "INFO TIMESTAMP", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_expect_operation(h, "rtps", "7", "HEARTBEAT", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_free(h);
}

static void a_ping_is_no_malformed_message(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, CD_TEST_DIR "/seeds/req-ping.bin");
    harness_expect_operation(h, "rtps", "ping", "ping", CD_CLASS_DIAGNOSE, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_submessage_that_does_not_fit_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "5254505302010101 c0a87a0100003a4c00000001 07010900 0000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "submessage length");
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    size_t n = harness_file(CD_TEST_DIR "/seeds/req-endpoint.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_rtps, CD_TRANSPORT_UDP, true, bytes, n, true);
    harness_every_prefix(&cd_dissector_rtps, CD_TRANSPORT_UDP, true, bytes, CD_RTPS_HEADER, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_participant_tells_its_host_and_product),
        cmocka_unit_test(another_product_is_read_alike),
        cmocka_unit_test(an_endpoint_tells_topic_and_type),
        cmocka_unit_test(qos_before_the_parameters_is_passed_over),
        cmocka_unit_test(data_of_a_user_counts_by_its_writer),
        cmocka_unit_test(the_last_submessage_may_leave_its_length_out),
        cmocka_unit_test(a_ping_is_no_malformed_message),
        cmocka_unit_test(a_submessage_that_does_not_fit_is_malformed),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
