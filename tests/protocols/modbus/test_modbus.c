#include "../harness.h"

#include "protocols/modbus.h"

#include <string.h>

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_modbus, CD_TRANSPORT_TCP, 0);
}

static void reads_registers_and_counts_the_response_on_the_request(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0000 0006 0a 03 0005 0002");
    harness_send_hex(h, false, "0001 0000 0007 0a 03 04 0009 0018");
    harness_expect_operation(h, "modbus", "3", "read holding registers", CD_CLASS_READ, "unit 10 holding registers 5-6",
                             1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void two_requests_in_one_segment_and_one_in_two_are_framed(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0000 0006 01 01 0000 0008 0002 0000 0006 01 02 0010 0001 0003 0000");
    harness_send_hex(h, true, "0006 01 06 0004 1234");
    harness_expect_operation(h, "modbus", "1", "read coils", CD_CLASS_READ, "unit 1 coils 0-7", 1, 0, 0);
    harness_expect_operation(h, "modbus", "2", "read discrete inputs", CD_CLASS_READ, "unit 1 discrete input 16", 1, 0,
                             0);
    harness_expect_operation(h, "modbus", "6", "write single register", CD_CLASS_WRITE, "unit 1 holding register 4", 1,
                             0, 0);
    harness_free(h);
}

static void names_exceptions_and_counts_them_among_the_responses(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0000 0000 0006 01 15 00000000");
    harness_send_hex(h, false, "0000 0000 0003 01 95 03");
    struct harness_counts n = harness_operations(h, "modbus", "21", NULL);
    assert_int_equal(n.requests, 1);
    assert_int_equal(n.responses, 1);
    assert_int_equal(n.errors, 1);
    assert_string_equal(cd_modbus_exception_name(3), "illegal data value");
    assert_string_equal(cd_modbus_exception_name(200), "unknown exception");
    harness_free(h);
}

static void coil_writes_are_control_and_tell_the_value(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0000 0006 01 05 0002 ff00");
    harness_send_hex(h, false, "0001 0000 0006 01 05 0002 ff00");
    harness_send_hex(h, true, "0002 0000 0008 01 0f 0000 0004 01 0f");
    harness_expect_operation(h, "modbus", "5", "write single coil", CD_CLASS_CONTROL, "unit 1 coil 2 on", 1, 1, 0);
    harness_expect_operation(h, "modbus", "15", "write multiple coils", CD_CLASS_CONTROL, "unit 1 coils 0-3", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void force_listen_only_and_restart_are_mode_changes(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0000 0006 01 08 0004 0000");
    harness_send_hex(h, true, "0002 0000 0006 01 08 0001 ff00");
    harness_send_hex(h, true, "0003 0000 0006 01 08 000b 0000");
    harness_expect_operation(h, "modbus", "8", "diagnostics: force listen only mode", CD_CLASS_MODE,
                             "unit 1 sub-function 4", 1, 0, 0);
    harness_expect_operation(h, "modbus", "8", "diagnostics: restart communications option", CD_CLASS_MODE,
                             "unit 1 sub-function 1", 1, 0, 0);
    harness_expect_operation(h, "modbus", "8", "diagnostics: return bus message count", CD_CLASS_DIAGNOSE,
                             "unit 1 sub-function 11", 1, 0, 0);
    harness_free(h);
}

static void device_identification_gives_vendor_code_and_firmware(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0000 0000 0005 01 2b 0e 01 00");
    harness_send_hex(h, false,
                     "0000 0000 0032 01 2b 0e 01 81 00 00 03"
                     "00 14 5363686e656964657220456c6563747269632020"
                     "01 0c 424d58205033342032303230 02 04 76322e35");
    harness_expect_operation(h, "modbus", "43", "read device identification", CD_CLASS_IDENTIFY, "unit 1", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "modbus:1", "Schneider Electric"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "modbus:1", "BMX P34 2020"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "modbus:1", "v2.5"));
    harness_free(h);
}

static void units_behind_a_gateway_are_nested(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, "0000 0000 0005 05 03 02 0001");
    assert_null(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "modbus:5"));
    harness_send_hex(h, false, "0000 0000 0005 07 03 02 0001");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "modbus:5", "5"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "modbus:7", "7"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "gateway"));
    harness_send_hex(h, false, "0000 0000 0011 07 2b 0e 01 01 00 00 01 00 07 41434d4520504c");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "modbus:7", "ACME PL"));
    harness_free(h);
}

/* What unit 1 says is known to be a unit's even if the others answer later. */
static void the_first_unit_of_a_gateway_keeps_its_name_plate(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, "0000 0000 0011 01 2b 0e 01 01 00 00 01 00 07 41434d4520504c");
    harness_send_hex(h, false, "0000 0000 0005 02 03 02 0001");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "modbus:1", "ACME PL"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""));
    harness_free(h);
}

static void server_id_gives_text_and_run_state(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0000 0000 0002 0a 11");
    harness_send_hex(h, false, "0000 0000 0015 0a 11 12 00 ff 57696e6770617468204c696d69746564");
    harness_expect_operation(h, "modbus", "17", "report server id", CD_CLASS_IDENTIFY, "unit 10", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "modbus:10", "Wingpath Limited"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "modbus:10", "run"));
    harness_free(h);
}

static void files_masks_fifo_and_combined_access_name_their_place(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0000 0000 0011 01 14 0e 06 0004 0001 0002 06 0003 0009 0001");
    harness_send_hex(h, true, "0001 0000 000e 01 15 0b 06 0004 0007 0001 06af 0000");
    harness_send_hex(h, true, "0002 0000 0008 04 16 000a dead 0000");
    harness_send_hex(h, true, "0003 0000 000d 06 17 0001 0001 0002 0001 02 00ff");
    harness_send_hex(h, true, "0004 0000 0004 0a 18 04de");
    harness_expect_operation(h, "modbus", "20", "read file record", CD_CLASS_FILE,
                             "unit 1 file 4 records 1-2, file 3 record 9", 1, 0, 0);
    harness_expect_operation(h, "modbus", "22", "mask write register", CD_CLASS_WRITE, "unit 4 holding register 10", 1,
                             0, 0);
    harness_expect_operation(h, "modbus", "23", "read/write multiple registers", CD_CLASS_WRITE,
                             "unit 6 read holding register 1, write holding register 2", 1, 0, 0);
    harness_expect_operation(h, "modbus", "24", "read fifo queue", CD_CLASS_READ, "unit 10 fifo queue 1246", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1); /* the group in function 21 has two bytes too many */
    harness_free(h);
}

static void rtu_over_tcp_is_framed_by_length_and_crc(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_modbus, CD_TRANSPORT_TCP, 4001);
    /* Address 0 makes it look like a Modbus/TCP header of length 10. */
    harness_send_hex(h, true, "01 03 0000 000a c5cd 01 06 0001");
    harness_send_hex(h, true, "0003 980b");
    harness_send_hex(h, false, "01 83 02 c0f1");
    harness_expect_operation(h, "modbus", "3", "read holding registers", CD_CLASS_READ, "unit 1 holding registers 0-9",
                             1, 1, 1);
    harness_expect_operation(h, "modbus", "6", "write single register", CD_CLASS_WRITE, "unit 1 holding register 1", 1,
                             0, 0);
    harness_free(h);
}

static int probe_hex(const char *hex, bool from_client)
{
    uint8_t bytes[300];
    size_t len = harness_hex(hex, bytes, sizeof bytes);
    return cd_dissector_modbus.probe(bytes, len, CD_TRANSPORT_TCP, from_client);
}

static void content_is_recognised_on_any_port_and_foreign_content_is_not(void **state)
{
    (void)state;
    assert_int_equal(probe_hex("0001 0000 0006 0a 03 0005 0002", true), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("0001 0000 0007 0a 03 04 0009 0018", false), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("01 03 0000 000a c5cd", true), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("01 03 0000 000a c5ce", true), CD_PROBE_MAYBE); /* could be the start of a longer ADU */
    assert_int_equal(probe_hex("0001 0000 0006 0a 03 0005 0000", true), CD_PROBE_MAYBE);
    /* ROC Plus: the same CRC, unit and group before an operation code and a length. */
    assert_int_equal(probe_hex("0102030406003a2f", true), CD_PROBE_MAYBE);
    assert_int_equal(probe_hex("0102030406003a2f", false), CD_PROBE_MAYBE);
    assert_int_equal(probe_hex("474554202f20485454502f312e310d0a", true), CD_PROBE_NO);
    assert_int_equal(probe_hex("16030100c8010000c40303", true), CD_PROBE_NO);
    assert_int_equal(probe_hex("0300001611e00000001400c1020100c2020102c0010a", true), CD_PROBE_NO);
}

static void broken_messages_are_findings_and_still_counted_by_function(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0000 0004 0a 03 0005");
    harness_send_hex(h, false, "0001 0000 0007 0a 03 02 0009 0018");
    struct harness_counts n = harness_operations(h, "modbus", "3", NULL);
    assert_int_equal(n.requests, 1);
    assert_int_equal(n.responses, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_send_hex(h, true, "0002 0000 0006 0a 03 0005 0000");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void a_message_cut_by_the_snap_length_still_counts(void **state)
{
    (void)state;
    struct harness *h = tcp();
    uint8_t bytes[64];
    size_t len = harness_hex("0001 0000 0017 0a 10 0005", bytes, sizeof bytes);
    harness_send_cut(h, true, bytes, len);
    assert_int_equal(harness_operations(h, "modbus", "16", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_failed_parse_leaves_its_result_untouched(void **state)
{
    (void)state;
    struct cd_modbus_adu adu, before;
    memset(&adu, 0x5a, sizeof adu);
    memcpy(&before, &adu, sizeof adu);
    uint8_t bytes[16];
    size_t len = harness_hex("0001 0001 0006 0a 03 0005 0002", bytes, sizeof bytes);
    struct cd_reader r = cd_reader_of(bytes, len);
    assert_false(cd_modbus_parse(&r, &adu));
    assert_string_equal(r.bad, "protocol identifier");
    assert_memory_equal(&adu, &before, sizeof adu);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "0001 0000 0006 0a 03 0005 0002",
        "0003 0000 000d 06 17 0001 0001 0002 0001 02 00ff",
        "0000 0000 0011 01 14 0e 06 0004 0001 0002 06 0003 0009 0001",
        "0000 0000 0005 01 2b 0e 01 00",
        "01 03 0000 000a c5cd",
    };
    static const char *const responses[] = {
        "0000 0000 0032 01 2b 0e 01 81 00 00 03 00 14 5363686e656964657220456c6563747269632020 01 0c "
        "424d58205033342032303230 02 04 76322e35",
        "0000 0000 0015 0a 11 12 00 ff 57696e6770617468204c696d69746564",
        "0000 0000 0003 01 95 03",
        "01 83 02 c0f1",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        harness_every_prefix_hex(&cd_dissector_modbus, CD_TRANSPORT_TCP, true, requests[i], false);
        harness_every_prefix_hex(&cd_dissector_modbus, CD_TRANSPORT_UDP, true, requests[i], false);
    }
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        harness_every_prefix_hex(&cd_dissector_modbus, CD_TRANSPORT_TCP, false, responses[i], false);
        harness_every_prefix_hex(&cd_dissector_modbus, CD_TRANSPORT_UDP, false, responses[i], false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_registers_and_counts_the_response_on_the_request),
        cmocka_unit_test(two_requests_in_one_segment_and_one_in_two_are_framed),
        cmocka_unit_test(names_exceptions_and_counts_them_among_the_responses),
        cmocka_unit_test(coil_writes_are_control_and_tell_the_value),
        cmocka_unit_test(force_listen_only_and_restart_are_mode_changes),
        cmocka_unit_test(device_identification_gives_vendor_code_and_firmware),
        cmocka_unit_test(units_behind_a_gateway_are_nested),
        cmocka_unit_test(the_first_unit_of_a_gateway_keeps_its_name_plate),
        cmocka_unit_test(server_id_gives_text_and_run_state),
        cmocka_unit_test(files_masks_fifo_and_combined_access_name_their_place),
        cmocka_unit_test(rtu_over_tcp_is_framed_by_length_and_crc),
        cmocka_unit_test(content_is_recognised_on_any_port_and_foreign_content_is_not),
        cmocka_unit_test(broken_messages_are_findings_and_still_counted_by_function),
        cmocka_unit_test(a_message_cut_by_the_snap_length_still_counts),
        cmocka_unit_test(a_failed_parse_leaves_its_result_untouched),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
