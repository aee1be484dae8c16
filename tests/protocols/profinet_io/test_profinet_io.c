/* PROFINET IO: real datagrams of context management from captures, and frames and answers written by the standard where no capture has them. */
#include "../harness.h"

#include "protocols/profinet_io.h"

#include <string.h>

enum { LARGEST = 2048 };

/* Datagrams are sent by who asks, if named req-, else by who answers; frames always by the first end. */
static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[LARGEST];
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    cd_text_str(&t, ".bin");
    harness_send(h, from_client, bytes, harness_file(path, bytes, sizeof bytes));
}

static struct harness *datagrams(void)
{
    return harness_new(&cd_dissector_profinet_io, CD_TRANSPORT_UDP, 0);
}

static struct harness *frames(uint16_t ethertype)
{
    return harness_new(&cd_dissector_profinet_io, CD_TRANSPORT_ETH, ethertype);
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "profinet-io", code, name, class, target, requests, responses, errors);
}

static void connect_tells_both_ends_and_the_modules(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, true, "req-connect");
    send_seed(h, false, "resp-connect");
    expect(h, "cm:0", "connect", CD_CLASS_SESSION, "io controller", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "pc-worx-rt-basic-6d-d3-43"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "io-controller"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "io-device"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Phoenix Contact"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "0x00b0:0x003c"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "0x015a:0x0003"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "00:09:91:43:e0:67"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODULE, "", "slot 1: module 0xffff8140"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODULE, "", "slot 0 subslot 0x8001: submodule 0x00010000"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "cyclic input, frame id 0xc002"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_refused_connect_names_who_refused(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, false, "resp-connect-refused");
    expect(h, "cm:0", "connect", CD_CLASS_SESSION, "", 0, 1, 1);
    assert_string_equal(harness_observer(h)->operations.items[0].last_error, "refused by CMRPC");
    harness_free(h);
}

static void a_start_up_is_told_step_by_step(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, true, "req-write-multiple");
    send_seed(h, false, "resp-write-multiple");
    send_seed(h, true, "req-parameter-end");
    send_seed(h, false, "resp-parameter-end");
    send_seed(h, false, "req-application-ready"); /* the device asks now */
    send_seed(h, true, "resp-application-ready");
    send_seed(h, true, "req-release");
    send_seed(h, false, "resp-release");
    expect(h, "cm:3", "write", CD_CLASS_WRITE, "index 0xe040 multiple write", 1, 1, 0);
    expect(h, "record:500", "write record", CD_CLASS_WRITE, "slot 1 subslot 1 index 0x01f4", 1, 0, 0);
    expect(h, "record:511", "write record", CD_CLASS_WRITE, "slot 1 subslot 1 index 0x01ff", 1, 0, 0);
    expect(h, "cm:4", "control", CD_CLASS_SESSION, "parameter end", 1, 1, 0);
    expect(h, "cm:4", "control", CD_CLASS_SESSION, "application ready", 1, 1, 0);
    expect(h, "cm:1", "release", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_answer_from_another_port_counts_on_its_request(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, false, "resp-read-real-data"); /* without its request in this flow */
    send_seed(h, true, "req-read-real-data");
    expect(h, "cm:2", "read", CD_CLASS_IDENTIFY, "slot 0 subslot 0 index 0xf841 PDRealData", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "versamax-pns11"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "192.168.1.2"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_GATEWAY, "")); /* its own address stands there */
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "",
                                 "port-001: siemens-x208-switch port port-004 00:0e:8c:ef:75:c5"));
    harness_free(h);
}

static void fragments_are_put_together(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, true, "req-write-fragment-0");
    send_seed(h, true, "req-write-fragment-0"); /* again: harmless */
    assert_int_equal(harness_operations(h, "profinet-io", "cm:3", NULL).entries, 0);
    send_seed(h, false, "resp-fragment-ack");
    send_seed(h, true, "req-write-fragment-1");
    send_seed(h, false, "resp-write-fragmented");
    expect(h, "cm:3", "write", CD_CLASS_WRITE, "index 0xe040 multiple write", 1, 1, 0);
    expect(h, "rpc:9", "fragment acknowledgement", CD_CLASS_SESSION, "", 1, 0, 0);
    expect(h, "record:32850", "write record", CD_CLASS_CONFIGURE,
           "slot 0 subslot 0x8000 index 0x8052 PDInterfaceMrpDataAdjust", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_lost_fragment_is_no_finding(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, true, "req-write-fragment-1");
    assert_int_equal(harness_operations(h, "profinet-io", "cm:3", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void the_name_plate_is_read_in_either_byte_order(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, true, "req-read-im0");
    send_seed(h, false, "resp-read-im0");
    send_seed(h, false, "resp-read-im0-slot");
    send_seed(h, false, "resp-read-im1");
    expect(h, "cm:2", "read", CD_CLASS_IDENTIFY, "slot 0 subslot 1 index 0xaff0 I&M0", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "", "6ES7 155-6AU01-0BN0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "S C-F2R812345678"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "slot:2", "S C-F2R812345999"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "V4.2.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE, "", "3"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Siemens"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "Filling line pump"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_LOCATION, "", "Hall 2"));
    harness_free(h);
}

static void refusals_are_named(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, false, "resp-read-refused");
    send_seed(h, true, "req-write-record");
    send_seed(h, false, "resp-write-refused");
    send_seed(h, false, "resp-fault");
    const struct cd_observer *o = harness_observer(h);
    assert_string_equal(o->operations.items[0].last_error, "invalid index");
    assert_string_equal(o->operations.items[1].last_error, "access denied");
    expect(h, "cm:3", "write", CD_CLASS_CONFIGURE, "slot 1 subslot 1 index 0x8000 expected identification", 1, 1, 1);
    assert_string_equal(o->operations.items[2].last_error, "unknown interface");
    harness_free(h);
}

static void the_endpoint_mapper_tells_the_order_number(void **state)
{
    (void)state;
    struct harness *h = datagrams();
    send_seed(h, true, "req-lookup");
    send_seed(h, false, "resp-lookup");
    expect(h, "epm:2", "lookup", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "S7-1200"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "", "6ES7 212-1BE40-0XB0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE, "", "3"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "V4.2.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "0x002a:0x010d"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void cyclic_data_is_one_operation_and_tells_run_and_stop(void **state)
{
    (void)state;
    struct harness *h = frames(0x8892);
    for (int i = 0; i < 100; i++)
        send_seed(h, true, "req-rt1");
    send_seed(h, true, "req-rt3");
    send_seed(h, false, "req-rt1");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "run"));
    assert_false(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "stop"));
    send_seed(h, true, "req-rt1-stop");
    assert_false(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "stop")); /* once may be noise after the frame */
    send_seed(h, true, "req-rt1-stop");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "stop"));
    struct harness_counts all = harness_operations(h, "profinet-io", "rt:1", "frame id 0x8000");
    assert_int_equal(all.entries, 2); /* one for each way */
    assert_int_equal(all.requests, 103);
    expect(h, "rt:3", "cyclic data", CD_CLASS_OTHER, "frame id 0x0101", 1, 0, 0);
    harness_free(h);
}

static void a_station_s_problem_is_told_once(void **state)
{
    (void)state;
    struct harness *h = frames(0x8892);
    uint8_t frame[46] = {0x80, 0x00, [44] = 0x15};
    for (int i = 0; i < 10000; i++)
        harness_send(h, true, frame, sizeof frame);
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "run, problem"));
    harness_free(h);
}

static void alarms_tell_place_and_cause(void **state)
{
    (void)state;
    struct harness *h = frames(0x8892);
    send_seed(h, true, "req-alarm-diag");
    send_seed(h, false, "req-rta-ack");
    send_seed(h, false, "req-alarm-ack");
    send_seed(h, true, "req-alarm-pull");
    expect(h, "alarm:1", "diagnosis alarm", CD_CLASS_ALARM, "slot 2 subslot 1", 1, 1, 0);
    expect(h, "alarm:3", "pull alarm", CD_CLASS_ALARM, "slot 4 subslot 1", 1, 0, 0);
    expect(h, "rta:3", "alarm transport acknowledgement", CD_CLASS_ALARM, "", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR),
                        "diagnosis alarm: slot 2 subslot 1, channel 0: line break");
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 2);
    harness_free(h);
}

static void a_maintenance_item_may_stand_before_the_diagnosis(void **state)
{
    (void)state;
    struct harness *h = frames(0x8892);
    harness_send_hex(h, true,
                     "fc01 0001 0002 11 01 0000 ffff 0038 0001 0034 0100 0001 00000000 0000 8001 00000001 00000002 2801"
                     "8100 0f00 0008 0100 0000 00000001 8002 8000 0800 8000 8001 00000000 0000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR),
                        "diagnosis alarm: slot 0 subslot 0x8001: data transmission impossible");
    harness_free(h);
}

static void the_end_of_a_relation_is_an_error_only_where_it_was_none_s_wish(void **state)
{
    (void)state;
    struct harness *h = frames(0x8892);
    harness_send_hex(h, true, "fe01 8001 8001 14 01 ffff fffe 0004 cf81fd0f"); /* from a capture */
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 0);
    harness_send_hex(h, true, "fe01 8001 8001 14 01 ffff fffe 0004 cf81fd05");
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "relation aborted: consumer watchdog expired");
    harness_free(h);
}

static void the_clock_s_master_is_known(void **state)
{
    (void)state;
    struct harness *h = frames(0x8892);
    send_seed(h, true, "req-ptcp-sync");
    send_seed(h, true, "req-ptcp-ann");
    send_seed(h, true, "req-ptcp-fu");
    expect(h, "ptcp:128", "sync", CD_CLASS_OTHER, "", 1, 0, 0);
    expect(h, "ptcp:65280", "announce", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "ptcp-sync-master"));
    assert_true(
        harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "", "PTCP sync master, priority 1/255, class 100, accuracy 20"));
    harness_free(h);
}

static void an_open_ring_is_told(void **state)
{
    (void)state;
    struct harness *h = frames(CD_PNIO_ETHERTYPE_MRP);
    send_seed(h, true, "req-mrp-test");
    send_seed(h, true, "req-mrp-test");
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 0);
    send_seed(h, true, "req-mrp-open");
    send_seed(h, true, "req-mrp-down");
    send_seed(h, true, "req-mrp-topo");
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    expect(h, "mrp:2", "test", CD_CLASS_OTHER, "", 3, 0, 0);
    expect(h, "mrp:4", "link down", CD_CLASS_ALARM, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "mrp-manager"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "mrp-client"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "mrp ring open"));
    harness_free(h);
}

static void only_its_own_is_claimed(void **state)
{
    (void)state;
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_profinet_io.probe;
    uint8_t bytes[LARGEST];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-connect.bin", bytes, sizeof bytes);
    assert_true(probe(bytes, len, CD_TRANSPORT_UDP, true) >= CD_PROBE_LIKELY);
    bytes[24 + 4]++; /* another interface */
    assert_true(probe(bytes, len, CD_TRANSPORT_UDP, true) < CD_PROBE_LIKELY);
    len = harness_file(CD_TEST_DIR "/seeds/req-read-im0.bin", bytes, sizeof bytes);
    assert_true(probe(bytes, len, CD_TRANSPORT_UDP, true) >= CD_PROBE_LIKELY);
    static const uint8_t dcp[] = {0xfe, 0xfe, 0x05, 0x00}, rt[] = {0x80, 0x00, 0x05, 0x00};
    assert_int_equal(probe(dcp, sizeof dcp, CD_TRANSPORT_ETH, true), CD_PROBE_NO);
    assert_true(probe(rt, sizeof rt, CD_TRANSPORT_ETH, true) >= CD_PROBE_SURE);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const whole[] = {"req-connect",     "resp-connect",        "req-write-multiple",
                                        "resp-read-im0",   "resp-read-real-data", "req-write-fragment-1",
                                        "req-connect-rt3", "resp-lookup",         "resp-read-implicit"};
    uint8_t bytes[LARGEST];
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        char path[400];
        struct cd_text t = cd_text_of(path, sizeof path);
        cd_text_str(&t, CD_TEST_DIR "/seeds/");
        cd_text_str(&t, whole[i]);
        cd_text_str(&t, ".bin");
        size_t len = harness_file(path, bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_profinet_io, CD_TRANSPORT_UDP, true, bytes, len, false);
    }
    harness_every_prefix_hex(&cd_dissector_profinet_io, CD_TRANSPORT_ETH, true,
                             "fe01 8001 8001 14 01 ffff fffe 0004 cf81fd0f", false);
}

/* The fuzzer gives frames of the first Ethertype; these are of the second. */
static void ring_frames_that_lie_do_no_harm(void **state)
{
    (void)state;
    uint8_t bytes[LARGEST], changed[LARGEST];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-mrp-test.bin", bytes, sizeof bytes);
    struct harness *h = frames(CD_PNIO_ETHERTYPE_MRP);
    for (size_t n = 0; n < len; n++) {
        harness_send(h, true, bytes, n);
        harness_send_cut(h, true, bytes, n);
        for (unsigned value = 0; value < 256; value += 5) {
            memcpy(changed, bytes, len);
            changed[n] = (uint8_t)value;
            harness_send(h, true, changed, len);
        }
    }
    assert_true(harness_events(h, CD_EVENT_MALFORMED) > 0);
    harness_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_tells_both_ends_and_the_modules),
        cmocka_unit_test(a_refused_connect_names_who_refused),
        cmocka_unit_test(a_start_up_is_told_step_by_step),
        cmocka_unit_test(an_answer_from_another_port_counts_on_its_request),
        cmocka_unit_test(fragments_are_put_together),
        cmocka_unit_test(a_lost_fragment_is_no_finding),
        cmocka_unit_test(the_name_plate_is_read_in_either_byte_order),
        cmocka_unit_test(refusals_are_named),
        cmocka_unit_test(the_endpoint_mapper_tells_the_order_number),
        cmocka_unit_test(cyclic_data_is_one_operation_and_tells_run_and_stop),
        cmocka_unit_test(a_station_s_problem_is_told_once),
        cmocka_unit_test(alarms_tell_place_and_cause),
        cmocka_unit_test(a_maintenance_item_may_stand_before_the_diagnosis),
        cmocka_unit_test(the_end_of_a_relation_is_an_error_only_where_it_was_none_s_wish),
        cmocka_unit_test(the_clock_s_master_is_known),
        cmocka_unit_test(an_open_ring_is_told),
        cmocka_unit_test(ring_frames_that_lie_do_no_harm),
        cmocka_unit_test(only_its_own_is_claimed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests_name("profinet_io", tests, NULL, NULL);
}
