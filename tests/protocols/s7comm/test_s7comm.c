#include "../harness.h"

#include <string.h>

#include "protocols/s7comm.h"

#define P "s7comm"
#define CONNECT_SLOT_2 "0300001611e00000000700c1020100c2020102c0010a"

/* A connection from the TSAP on: TPKT and data header are put before each PDU. */
static struct harness *connection(void)
{
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 102);
    harness_send_hex(h, true, CONNECT_SLOT_2);
    return h;
}

static void send(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[1024] = {3, 0, 0, 0, 2, 0xf0, 0x80};
    size_t n = 7 + harness_hex(hex, bytes + 7, sizeof bytes - 7);
    bytes[2] = (uint8_t)(n >> 8);
    bytes[3] = (uint8_t)n;
    harness_send(h, from_client, bytes, n);
}

/* ---- variables ---- */

static void reading_names_area_type_and_count(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "32010000010000 0e0000 0401 120a10020004 0001 84 000000");
    send(h, false, "320300000100000200080000 0401 ff040020 01020304");
    harness_expect_operation(h, P, "4", "read var", CD_CLASS_READ, "DB1.DBX0.0 BYTE 4", 1, 1, 0);
    send(h, true, "32010000010100 1a0000 0402 120a10010001000083000019 120a101d0001 00001d000005");
    harness_expect_operation(h, P, "4", "read var", CD_CLASS_READ, "M3.1 BOOL 1, T5 TIMER 1", 1, 0, 0);
    harness_free(h);
}

static void long_item_lists_are_cut_with_a_count(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true,
         "3201000001000 03e0000 0405 120a10020001000183000000 120a10020001000183000008 120a10020001000183000010"
         "120a10020001000183000018 120a10020001000183000020");
    harness_expect_operation(h, P, "4", "read var", CD_CLASS_READ, "M0.0 BYTE 1, M1.0 BYTE 1, M2.0 BYTE 1 and 2 more",
                             1, 0, 0);
    harness_free(h);
}

static void a_refused_item_is_an_error_by_name(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "3201000005000 00e0005 0501 120a10010001000184000000 0003000100");
    send(h, false, "320300000500000200010000 0501 0a");
    harness_expect_operation(h, P, "5", "write var", CD_CLASS_WRITE, "DB1.DBX0.0 BOOL 1", 1, 1, 1);
    send(h, true, "32010000060000 0e0000 0401 120a10020004000184000000");
    send(h, false, "320300000600000200040000 0401 05000000");
    assert_int_equal(harness_operations(h, P, "4", NULL).errors, 1);
    harness_free(h);
}

static void writing_outputs_is_control(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "32010000050000 0e0005 0501 120a10010001000082000000 0003000101");
    harness_expect_operation(h, P, "5", "write var", CD_CLASS_CONTROL, "Q0.0 BOOL 1", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void symbolic_addresses_are_told(void **unused)
{
    (void)unused;
    struct cd_s7comm_item item;
    uint8_t bytes[64];
    size_t n = harness_hex("120e b2 ff 8a0e 0005 12345678 2000000a", bytes, sizeof bytes);
    struct cd_reader r = cd_reader_of(bytes, n);
    char shown[64];
    struct cd_text t = cd_text_of(shown, sizeof shown);
    assert_true(cd_s7comm_parse_item(&r, &item));
    cd_s7comm_text_item(&t, &item);
    assert_string_equal(shown, "symbol DB5 CRC 12345678");
}

/* ---- program and mode ---- */

static void stop_and_start_are_mode_changes(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "3201000000020010000029000000000009505f50524f4752414d");
    send(h, false, "32030000000200010000000029");
    harness_expect_operation(h, P, "41", "plc stop", CD_CLASS_MODE, "P_PROGRAM", 1, 1, 0);
    send(h, true, "320100001f000016000028000000000000fd0002432009505f50524f4752414d");
    harness_expect_operation(h, P, "40", "plc control: start", CD_CLASS_MODE, "P_PROGRAM C", 1, 0, 0);
    send(h, true, "320100008400001a000028000000000000fd000a01003041303030303150055f494e5345");
    harness_expect_operation(h, P, "40", "plc control: activate block", CD_CLASS_PROGRAM, "_INSE DB1 (passive)", 1, 0,
                             0);
    harness_free(h);
}

static void a_download_is_told_from_both_sides(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320100000e00002000001a00010000000000095f30413030303031500d31303030353030303030343030");
    send(h, false, "320300000e000001000000001a");
    send(h, false, "320100000100001200001b00000000000000095f3041303030303150"); /* the PLC fetches */
    send(h, true, "32030000010000020000 0000 1b01");
    send(h, false, "320100000700001200001c00000000000000095f3041303030303150");
    send(h, true, "32030000070000010000 0000 1c");
    harness_expect_operation(h, P, "26", "request download", CD_CLASS_PROGRAM, "DB1 (passive)", 1, 1, 0);
    harness_expect_operation(h, P, "27", "download block", CD_CLASS_PROGRAM, "DB1 (passive)", 1, 1, 0);
    harness_expect_operation(h, P, "28", "download ended", CD_CLASS_PROGRAM, "DB1 (passive)", 1, 1, 0);
    harness_free(h);
}

static void an_upload_keeps_its_block_name(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320100000800001200001d00000000000000095f3042303030303041");
    send(h, false, "32030000080000100000 0000 1d00010000000007 0730303030323032");
    send(h, true, "320100000900000800001e00000000000007");
    send(h, true, "320100000a00000800001f00000000000007");
    harness_expect_operation(h, P, "29", "start upload", CD_CLASS_PROGRAM, "SDB0 (active)", 1, 1, 0);
    harness_expect_operation(h, P, "30", "upload", CD_CLASS_PROGRAM, "SDB0 (active)", 1, 0, 0);
    harness_expect_operation(h, P, "31", "end upload", CD_CLASS_PROGRAM, "SDB0 (active)", 1, 0, 0);
    harness_free(h);
}

static void an_upload_number_that_is_given_again_is_the_new_blocks(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320100000800001200001d00000000000000095f3042303030303041");
    send(h, false, "32030000080000100000 0000 1d00010000000007 0730303030323032");
    send(h, true, "320100000a00000800001f00000000000007");
    send(h, true, "320100000b00001200001d00000000000000095f3038303030303141");
    send(h, false, "320300000b0000100000 0000 1d00010000000007 0730303030323032");
    send(h, true, "320100000c00000800001e00000000000007");
    harness_expect_operation(h, P, "30", "upload", CD_CLASS_PROGRAM, "OB1 (active)", 1, 0, 0);
    harness_free(h);
}

static void an_ack_without_function_is_the_requests_refusal(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320100000600001200001d00000000000000095f3042303030303041");
    send(h, false, "32020000060000000000d241");
    harness_expect_operation(h, P, "29", "start upload", CD_CLASS_PROGRAM, "SDB0 (active)", 1, 1, 1);
    send(h, false, "32020000660000000000d241"); /* of a request that was not seen: nothing can be said of it */
    assert_int_equal(harness_operations(h, P, NULL, NULL).responses, 1);
    harness_free(h);
}

/* ---- userdata ---- */

#define READ_MODULE_ID "320700000800000800080001120411440100ff09000400110000"
#define MODULE_ID                                                                                                      \
    "320700000800000c007c000112081284010300000000ff09007800110000001c0004000136455337203331352d32454831342d3041423020" \
    "00c000030001000636455337203331"                                                                                   \
    "352d32454831342d304142302000c0000300010007202020202020202020202020202020202020202000c0560302070081426f6f74204c6f" \
    "61646572202020202020202020"                                                                                       \
    "000041200909"

static void module_identification_gives_order_number_and_versions(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, READ_MODULE_ID);
    send(h, false, MODULE_ID);
    harness_expect_operation(h, P, "userdata:4:1", "read szl", CD_CLASS_IDENTIFY,
                             "SZL 0x0011 index 0x0000 (module identification)", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, ""), "6ES7 315-2EH14-0AB0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "V3.2.7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "3");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Siemens");
    harness_free(h);
}

static void a_cpu_without_ethernet_is_nested_at_its_slot(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, false,
         "320700000800000c0028000112081284010300000000ff09002400110000001c0001000136455337203331352d32414831342d3041423"
         "02000c000030001");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "s7:0.2"), "6ES7 315-2AH14-0AB0");
    harness_free(h);
}

static void an_answer_in_several_data_units_is_read_to_its_end(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320700000900000800080001120411440100ff090004001c0000");
    send(h, false,
         "320700000900000c00da0001120812840103d7010000ff0900d6001c00000022000a000153373330302f45543230304d2073746174696"
         "f6e5f3100000000"
         "0000000000000002504c435f3100000000000000000000000000000000000000000000000000000000030000000000000000000000000"
         "0000000000000000000"
         "0000000000000000000000044f726967696e616c205369656d656e732045717569706d656e7400000000000000055320432d423155333"
         "933313432303131"
         "000000000000000000000000000000000007435055203331352d3220504e2f445000000000000000000000000000000000000008");
    send(h, true, "320700000a00000c00040001120812440103000000000a000000");
    send(h, false,
         "320700000a00000c008a0001120812840103d7000000ff0900864d4d43203441314143303139000000000000000000000000000000000"
         "000000000"
         "09002af60000010000000000000000000000000000000000000000000000000000000a000000000000000000000000000000000000000"
         "00000000000"
         "00000000000000000b48616c6c20330000000000000000000000000000000000000000000000000000");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "S7300/ET200M station_1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "PLC_1"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "S C-B1U393142011");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "CPU 315-2 PN/DP");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODULE, ""),
                        "memory card MMC 4A1AC019"); /* its record lies in both units */
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_LOCATION, ""), "Hall 3");
    assert_int_equal(
        harness_operations(h, P, "userdata:4:1", "SZL 0x001c index 0x0000 (component identification)").requests, 2);
    harness_free(h);
}

static void the_operating_state_is_a_fact(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(
        h, false,
        "320700000700000c0020000112081284010100000000ff09001c04240000001400015144ff0800000000000000001408201200495484");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "run");
    send(h, false, "320700000000000800000100101000000000");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "stop"));
    harness_free(h);
}

static void a_password_is_told_but_not_shown(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "3207000006000008000c0001120411450100ff090008213a1b1d6e681b1d");
    send(h, false, "320700000600000c0004000112081285010100 00 d602 0a000000");
    harness_expect_operation(h, P, "userdata:5:1", "plc password", CD_CLASS_SESSION, "", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_null(strstr(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "213a"));
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void setting_the_clock_configures(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320700000c000008000e0001120411470200ff09000a00191408201159330400");
    send(h, false, "320700000c00000c00040001120812870201000000000a000000");
    harness_expect_operation(h, P, "userdata:7:2", "set clock", CD_CLASS_CONFIGURE, "2014-08-20 11:59:33", 1, 1, 0);
    harness_free(h);
}

static void a_watch_table_that_modifies_is_control(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true,
         "320700006803000c0044000112081241080000000000ff090040001400280000000100010006000100010001000100010200000303010"
         "00000000201000000041001000000080009000441"
         "33851f00090002dead000900010100");
    harness_expect_operation(h, P, "userdata:1:8", "modify variable", CD_CLASS_CONTROL, "MD0, MW4, I8.1", 1, 0, 0);
    send(h, true,
         "320700006903000c001e0001120812410e0000000000ff09001a0014000200000000000100000000000100010001000100000802");
    harness_expect_operation(h, P, "userdata:1:14", "enable job", CD_CLASS_CONTROL, "modify variable", 1, 0, 0);
    harness_free(h);
}

static void block_functions_name_what_they_ask(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "3207000021000008000c0001120411430300ff0900083042303030303141");
    harness_expect_operation(h, P, "userdata:3:3", "get block info", CD_CLASS_DIAGNOSE, "SDB1 (active)", 1, 0, 0);
    send(h, true, "320700000500000800060001120411430200ff0900023041");
    send(h, false, "320700000500000c0008000112081283020100000000ff09000400012205");
    harness_expect_operation(h, P, "userdata:3:2", "list blocks of type", CD_CLASS_DIAGNOSE, "DB", 1, 1, 0);
    harness_free(h);
}

static void pushes_count_as_requests_without_answer(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, false, "320700000000000c0012000112081202010200000000ff09000e0002ff04001030 00ff0400100060");
    harness_expect_operation(h, P, "userdata:2:1", "cyclic transfer", CD_CLASS_READ, "", 1, 0, 0);
    harness_free(h);
}

/* ---- unhappy ---- */

static void lengths_beyond_the_message_are_malformed(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "3201000005000020000004011 20a1002000400018400000 0");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_int_equal(harness_operations(h, P, NULL, NULL).requests, 0);
    harness_free(h);
}

static void a_cut_message_still_counts_with_what_is_there(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_s7comm, CD_TRANSPORT_UDP, 102); /* without its carrier */
    uint8_t bytes[64];
    size_t n = harness_hex("320100000100001a00000402120a10020004000184000000120a1002", bytes, sizeof bytes);
    harness_send_cut(h, true, bytes, n);
    harness_expect_operation(h, P, "4", "read var", CD_CLASS_READ, "DB1.DBX0.0 BYTE 4", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_answer_to_another_question_opens_no_pair(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "320100000100000e00000401120a10020004000184000000");
    send(h, false, "320300000100000200010000 0501 ff"); /* the same number, but of a write that was not seen */
    harness_expect_operation(h, P, "4", "read var", CD_CLASS_READ, "DB1.DBX0.0 BYTE 4", 1, 0, 0);
    harness_expect_operation(h, P, "5", "write var", CD_CLASS_WRITE, "", 0, 1, 0);
    harness_free(h);
}

static void every_prefix_is_refused(void **unused)
{
    (void)unused;
    harness_every_prefix_hex(&cd_dissector_s7comm, CD_TRANSPORT_TCP, true,
                             "3201000000020010000029000000000009505f50524f4752414d", false);
    harness_every_prefix_hex(&cd_dissector_s7comm, CD_TRANSPORT_TCP, true,
                             "320100000100000e00000401120a10020004000184000000", false);
    harness_every_prefix_hex(&cd_dissector_s7comm, CD_TRANSPORT_TCP, false, MODULE_ID, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_names_area_type_and_count),
        cmocka_unit_test(long_item_lists_are_cut_with_a_count),
        cmocka_unit_test(a_refused_item_is_an_error_by_name),
        cmocka_unit_test(writing_outputs_is_control),
        cmocka_unit_test(symbolic_addresses_are_told),
        cmocka_unit_test(stop_and_start_are_mode_changes),
        cmocka_unit_test(a_download_is_told_from_both_sides),
        cmocka_unit_test(an_upload_keeps_its_block_name),
        cmocka_unit_test(an_upload_number_that_is_given_again_is_the_new_blocks),
        cmocka_unit_test(an_ack_without_function_is_the_requests_refusal),
        cmocka_unit_test(module_identification_gives_order_number_and_versions),
        cmocka_unit_test(a_cpu_without_ethernet_is_nested_at_its_slot),
        cmocka_unit_test(an_answer_in_several_data_units_is_read_to_its_end),
        cmocka_unit_test(the_operating_state_is_a_fact),
        cmocka_unit_test(a_password_is_told_but_not_shown),
        cmocka_unit_test(setting_the_clock_configures),
        cmocka_unit_test(a_watch_table_that_modifies_is_control),
        cmocka_unit_test(block_functions_name_what_they_ask),
        cmocka_unit_test(pushes_count_as_requests_without_answer),
        cmocka_unit_test(lengths_beyond_the_message_are_malformed),
        cmocka_unit_test(a_cut_message_still_counts_with_what_is_there),
        cmocka_unit_test(an_answer_to_another_question_opens_no_pair),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
