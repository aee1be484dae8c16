#include "../harness.h"

#include "protocols/profinet_dcp.h"

static const char identify_by_name[] =
    "fefe 05 00 03000004 0001 0018 02 02 0013 7369656d656e732d783230382d737769746368 00";
static const char identify_all[] = "fefe 05 00 00000007 00ff 0004 ff ff 0000 0000000000";
static const char identify_answer[] = "feff 05 01 00000001 0000 0064"
                                      "02 02 0010 0000 76657273616d61782d706e733131"
                                      "02 05 000e 0000 0102 0201 0202 0203 0204 0601"
                                      "02 01 000e 0000 494332303050 4e5330303120"
                                      "02 03 0006 0000 002a 0003"
                                      "02 04 0004 0000 01 00"
                                      "01 02 000e 0001 c0a80102 ffffff00 c0a801fe"
                                      "06 01 0004 0000 0001";
static const char set_name[] = "fefd 04 00 00000011 0000 0010 02 02 0006 0001 706c6331 05 02 0002 0001";
static const char set_ip[] = "fefd 04 00 00000012 0000 0012 01 02 000e 0000 c0a80005 ffffff00 00000000";
static const char set_signal[] = "fefd 04 00 00000013 0000 0008 05 03 0004 0000 0100";
static const char set_reset[] = "fefd 04 00 00000014 0000 0006 05 06 0002 0004";
static const char set_answer[] = "fefd 04 01 00000011 0000 0008 05 04 0003 02 02 00 00";
static const char set_refusal[] = "fefd 04 01 00000012 0000 0008 05 04 0003 01 02 06 00";

static struct harness *link(void)
{
    return harness_new(&cd_dissector_profinet_dcp, CD_TRANSPORT_ETH, 0);
}

static void identify_tells_who_is_looked_for(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, identify_by_name);
    harness_send_hex(h, true, identify_all);
    harness_expect_operation(h, "profinet-dcp", "5", "identify", CD_CLASS_IDENTIFY,
                             "name of station \"siemens-x208-switch\"", 1, 0, 0);
    harness_expect_operation(h, "profinet-dcp", "5", "identify", CD_CLASS_IDENTIFY, "all", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "io-controller"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_answer_is_the_name_plate(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, identify_answer);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_expect_operation(h, "profinet-dcp", "5", "identify", CD_CLASS_IDENTIFY, "", 0, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "versamax-pns11"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "IC200PNS001"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "0x002a:0x0003"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Siemens"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "io-device"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "192.168.1.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_GATEWAY, "", "192.168.1.254"));
    /* The answer began the flow, and still the one that asked is the client. */
    struct cd_observer *o = harness_observer(h);
    cd_mac client;
    assert_true(cd_ip_get_mac(&o->pairs.items[o->operations.items[0].pair].client, &client));
    assert_true(client == 0x020000000002);
    harness_free(h);
}

static void set_requests_are_named_for_what_they_set(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, set_name);
    harness_send_hex(h, false, set_answer);
    harness_send_hex(h, true, set_ip);
    harness_send_hex(h, false, set_refusal);
    harness_send_hex(h, true, set_signal);
    harness_send_hex(h, true, set_reset);
    harness_expect_operation(h, "profinet-dcp", "4", "set name of station", CD_CLASS_CONFIGURE,
                             "name of station \"plc1\", end transaction", 1, 1, 0);
    harness_expect_operation(h, "profinet-dcp", "4", "set ip parameter", CD_CLASS_CONFIGURE,
                             "ip parameter 192.168.0.5 mask 255.255.255.0 gateway 0.0.0.0 (temporary)", 1, 1, 1);
    harness_expect_operation(h, "profinet-dcp", "4", "signal", CD_CLASS_DIAGNOSE, "signal", 1, 0, 0);
    harness_expect_operation(h, "profinet-dcp", "4", "reset to factory", CD_CLASS_MODE,
                             "reset to factory of communication parameters", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 3);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void get_lists_options_and_hello_is_a_name_plate(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "fefd 03 00 00000021 0000 0004 02 02 01 02");
    harness_send_hex(h, false, "fefd 03 01 00000021 0000 000c 02 02 0008 0000 706c63206e31");
    harness_expect_operation(h, "profinet-dcp", "3", "get", CD_CLASS_IDENTIFY, "name of station, ip parameter", 1, 1,
                             0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "plc n1"));
    harness_send_hex(h, true, "fefc 06 00 00000001 0000 000a 02 02 0006 0000 696f3237");
    harness_expect_operation(h, "profinet-dcp", "6", "hello", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "io27"));
    harness_free(h);
}

static void a_service_not_supported_is_an_error(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, set_signal);
    harness_send_hex(h, false, "fefd 04 05 00000013 0000 0000");
    harness_expect_operation(h, "profinet-dcp", "4", "signal", CD_CLASS_DIAGNOSE, "signal", 1, 1, 1);
    harness_free(h);
}

static void an_address_conflict_is_told(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "feff 05 01 00000001 0000 0012 01 02 000e 0081 c0a80102 ffffff00 c0a801fe");
    assert_int_equal(harness_events(h, CD_EVENT_DUPLICATE_IP), 1);
    harness_free(h);
}

static void dcp_is_told_from_its_neighbours_by_the_frame_id(void **state)
{
    (void)state;
    static const uint8_t dcp[] = {0xfe, 0xfe}, cyclic[] = {0x80, 0x00}, clock[] = {0xff, 0x40};
    assert_int_equal(cd_dissector_profinet_dcp.probe(dcp, 2, CD_TRANSPORT_ETH, true), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_profinet_dcp.probe(cyclic, 2, CD_TRANSPORT_ETH, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_profinet_dcp.probe(clock, 2, CD_TRANSPORT_ETH, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_profinet_dcp.probe(dcp, 2, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void lengths_that_lie_are_findings(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "feff 05 01 00000001 0000 000c 02 02 0010 0000 76657273616d");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "block length");
    harness_send_hex(h, true, "feff 05 01 00000001 0000 0008 01 02 0004 0000 c0a8");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {identify_by_name, set_name, set_ip, set_signal, set_reset};
    static const char *const answers[] = {identify_answer, set_answer, set_refusal};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        harness_every_prefix_hex(&cd_dissector_profinet_dcp, CD_TRANSPORT_ETH, true, requests[i], false);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        harness_every_prefix_hex(&cd_dissector_profinet_dcp, CD_TRANSPORT_ETH, false, answers[i], false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify_tells_who_is_looked_for),
        cmocka_unit_test(an_answer_is_the_name_plate),
        cmocka_unit_test(set_requests_are_named_for_what_they_set),
        cmocka_unit_test(get_lists_options_and_hello_is_a_name_plate),
        cmocka_unit_test(a_service_not_supported_is_an_error),
        cmocka_unit_test(an_address_conflict_is_told),
        cmocka_unit_test(dcp_is_told_from_its_neighbours_by_the_frame_id),
        cmocka_unit_test(lengths_that_lie_are_findings),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
