/* Ethernet POWERLINK: frames of a cycle and SDO over UDP from captures, others written by EPSG DS 301. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/powerlink.h"

enum { LARGEST = 2048 };

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[LARGEST];
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    harness_send(h, from_client, bytes, harness_file(path, bytes, LARGEST));
}

static struct harness *link(void)
{
    return harness_new(&cd_dissector_powerlink, CD_TRANSPORT_ETH, 0);
}

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_powerlink, CD_TRANSPORT_UDP, 0);
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "powerlink", code, name, class, target, requests, responses, errors);
}

static void a_cycle_is_counted_by_its_frames(void **state)
{
    (void)state;
    struct harness *h = link();
    for (int i = 0; i < 3; i++) {
        send_seed(h, true, "req-soc.bin");
        send_seed(h, true, "req-preq.bin");
        send_seed(h, true, "req-soa.bin");
    }
    expect(h, "1", "start of cycle", CD_CLASS_OTHER, "", 3, 0, 0);
    expect(h, "3", "poll request", CD_CLASS_OTHER, "node 17", 3, 0, 0);
    assert_int_equal(harness_operations(h, "powerlink", "5", NULL).requests, 3);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "240"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "controller"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_poll_response_tells_node_and_state(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, true, "req-pres.bin");
    send_seed(h, true, "req-pres.bin");
    expect(h, "4", "poll response", CD_CLASS_OTHER, "node 17", 2, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "17"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "io-device"));
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_STATE, ""));
    harness_free(h);
}

static void an_ident_response_tells_who_the_node_is(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, true, "req-ident.bin");
    expect(h, "asnd:1", "ident response", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "B&R"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "product code 7735"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "EPL_034"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "192.168.100.17"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_GATEWAY, "", "192.168.100.254"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "", "profile 401, generic I/O module"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "pre-operational 1"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_SERIAL, "")); /* ffffffff is none */
    harness_free(h);
}

static void network_management_is_a_change_of_mode(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, true, "req-nmt.bin");
    expect(h, "nmt:36", "NMTEnableReadyToOperate", CD_CLASS_MODE, "node 17", 1, 0, 0);
    harness_send_hex(h, true, "06 ff f0 04 28 00");
    expect(h, "nmt:40", "NMTResetNode", CD_CLASS_MODE, "all nodes", 1, 0, 0);
    harness_send_hex(h, true, "06 05 f0 04 62 00 61626364");
    expect(h, "nmt:98", "NMTNetHostNameSet", CD_CLASS_CONFIGURE, "node 5", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 3);
    harness_free(h);
}

static void invitations_tell_what_is_asked_of_whom(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "05 ff f0 fd 00 00 01 11 20");
    expect(h, "5", "start of asynchronous phase", CD_CLASS_IDENTIFY, "ident of node 17", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "operational"));
    send_seed(h, false, "req-status.bin");
    expect(h, "asnd:2", "status response", CD_CLASS_DIAGNOSE, "", 1, 0, 0);
    harness_free(h);
}

static void objects_are_read_and_written_by_index(void **state)
{
    (void)state;
    struct harness *h = udp();
    send_seed(h, true, "req-sdo-open.bin");
    expect(h, "asnd:5", "SDO connection", CD_CLASS_SESSION, "open", 1, 0, 0);
    send_seed(h, true, "req-sdo-read.bin");
    send_seed(h, false, "resp-sdo-read.bin");
    expect(h, "sdo:2", "SDO read by index", CD_CLASS_READ, "0x1000:0", 1, 1, 0);
    send_seed(h, true, "req-sdo-write.bin");
    expect(h, "sdo:1", "SDO write by index", CD_CLASS_CONFIGURE, "0x1000:0", 1, 0, 0);
    harness_free(h);
}

static void a_program_and_a_reset_by_object_are_told_as_such(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "06 11 f0 05 02 06 0000 00 01 00 01 0600 0000 501f 01 00 abcd");
    expect(h, "sdo:1", "SDO write by index", CD_CLASS_FIRMWARE, "node 17 0x1f50:1", 1, 0, 0);
    harness_send_hex(h, true, "06 11 f0 05 02 0a 0000 00 02 00 01 0500 0000 9e1f 00 00 28");
    expect(h, "sdo:1", "SDO write by index", CD_CLASS_MODE, "node 17 0x1f9e:0", 1, 0, 0);
    harness_free(h);
}

static void refusals_are_named(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "06 00 00 05 02 06 0000 00 02 00 02 0400 0000 0061 00 00");
    send_seed(h, false, "resp-sdo-abort.bin");
    expect(h, "sdo:2", "SDO read by index", CD_CLASS_READ, "0x6100:0", 1, 1, 1);
    assert_string_equal(cd_powerlink_abort_name(0x06020000), "object does not exist");
    harness_free(h);
}

static void broken_frames_are_told(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "06 11 f0 05 02 06 0000 00 01 00 01 ff00 0000 501f");
    harness_send_hex(h, true, "04 ff 11 fd 00 00 00 00 4000 00");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_powerlink, CD_TRANSPORT_ETH, true, "05 ff f0 fd 00 00 01 11 20", false);
    harness_every_prefix_hex(&cd_dissector_powerlink, CD_TRANSPORT_ETH, true, "03 11 f0 00 00 00 00 00 0400 01020304",
                             false);
    harness_every_prefix_hex(&cd_dissector_powerlink, CD_TRANSPORT_UDP, true,
                             "06 00 00 05 02 06 0000 00 02 00 02 0400 0000 0061 00 00", true);
}

static void other_datagrams_are_not_claimed(void **state)
{
    (void)state;
    uint8_t zeros[32] = {0}, other[32] = {6, 0, 0, 9};
    assert_int_equal(cd_dissector_powerlink.probe(zeros, sizeof zeros, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_powerlink.probe(other, sizeof other, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cycle_is_counted_by_its_frames),
        cmocka_unit_test(a_poll_response_tells_node_and_state),
        cmocka_unit_test(an_ident_response_tells_who_the_node_is),
        cmocka_unit_test(network_management_is_a_change_of_mode),
        cmocka_unit_test(invitations_tell_what_is_asked_of_whom),
        cmocka_unit_test(objects_are_read_and_written_by_index),
        cmocka_unit_test(a_program_and_a_reset_by_object_are_told_as_such),
        cmocka_unit_test(refusals_are_named),
        cmocka_unit_test(broken_frames_are_told),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(other_datagrams_are_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
