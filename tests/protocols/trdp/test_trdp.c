#include "protocols/harness.h"

#include "protocols/trdp.h"

/* Process data, real. */
static const char process_data[] =
    "000000000100506400000000000000000000000000000018000000000000000000000000ce487aea48656c6c6f20576f"
    "726c6400000000000000000000000000";
/* A request and its reply, real. */
static const char request[] =
    "0000000001004d72000003e900000000000000000000000d0000000069322ac45bc911ef98daf02f74ad43f5001e8480"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000005ec79b1e486f772061726520796f753f00000000";
static const char reply[] =
    "0000000001004d70000003e90000000000000000000000110000000069322ac45bc911ef98daf02f74ad43f500000000"
    "746573745f6d6453696e676c650000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000bcac38bb49276d2066696e652c207468616e782100000000";
static const char no_replier[] =
    "0000000101004d65000003e9000000000000000000000000fffffffd69322ac45bc911ef98daf02f74ad43f500000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000c4458605";
static const char pull[] = "0000000201005072000007d000000000000000000000000000000000000007d10a000001a201cb59";
static const char pulled[] = "0000000301005070000007d1000000000000000000000000000000000000000000000000b40597bd";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_trdp, CD_TRANSPORT_UDP, 0);
}

static void process_data_is_counted_by_its_com_id(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, process_data);
    harness_send_hex(h, true, process_data);
    harness_expect_operation(h, "trdp", "Pd", "process data", CD_CLASS_OTHER, "comId 0", 2, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void a_reply_finds_its_request(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, request);
    harness_send_hex(h, false, reply);
    harness_expect_operation(h, "trdp", "Mr", "message request", CD_CLASS_OTHER, "comId 1001", 1, 1, 0);
    harness_free(h);
}

static void an_error_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, request);
    harness_send_hex(h, false, no_replier);
    harness_expect_operation(h, "trdp", "Mr", "message request", CD_CLASS_OTHER, "comId 1001", 1, 1, 1);
    harness_free(h);
}

static void process_data_can_be_asked_for(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, pull);
    harness_send_hex(h, false, pulled);
    harness_expect_operation(h, "trdp", "Pr", "process data request", CD_CLASS_READ, "comId 2000", 1, 1, 0);
    harness_free(h);
}

static void a_wrong_checksum_is_a_violation_and_nothing_is_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[256];
    size_t n = harness_hex(process_data, bytes, sizeof bytes);
    bytes[3] ^= 1;
    harness_send(h, true, bytes, n);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "header checksum does not fit");
    assert_int_equal(harness_operations(h, "trdp", NULL, NULL).requests, 0);
    harness_free(h);
}

static void the_checksum_makes_the_probe_sure(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t n = harness_hex(process_data, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_trdp.probe(bytes, n, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
    bytes[3] ^= 1;
    assert_int_equal(cd_dissector_trdp.probe(bytes, n, CD_TRANSPORT_UDP, true), CD_PROBE_MAYBE);
    bytes[6] = 0;
    assert_int_equal(cd_dissector_trdp.probe(bytes, n, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void messages_are_cut_out_of_a_stream(void **state)
{
    (void)state;
    struct harness *s = harness_new(&cd_dissector_trdp, CD_TRANSPORT_TCP, 0);
    uint8_t bytes[512];
    size_t n = harness_hex(request, bytes, sizeof bytes);
    harness_send(s, true, bytes, 50);
    harness_send(s, true, bytes + 50, n - 50);
    assert_int_equal(harness_operations(s, "trdp", "Mr", NULL).requests, 1);
    harness_free(s);
}

static void a_prefix_without_all_its_data_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t n = harness_hex(request, bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_trdp, CD_TRANSPORT_UDP, true, bytes, n - 3, false); /* the rest is filling */
    harness_every_prefix_hex(&cd_dissector_trdp, CD_TRANSPORT_TCP, true, request, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_data_is_counted_by_its_com_id),
        cmocka_unit_test(a_reply_finds_its_request),
        cmocka_unit_test(an_error_is_named),
        cmocka_unit_test(process_data_can_be_asked_for),
        cmocka_unit_test(a_wrong_checksum_is_a_violation_and_nothing_is_counted),
        cmocka_unit_test(the_checksum_makes_the_probe_sure),
        cmocka_unit_test(messages_are_cut_out_of_a_stream),
        cmocka_unit_test(a_prefix_without_all_its_data_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
