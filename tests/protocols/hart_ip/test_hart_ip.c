#include "../harness.h"

#include "protocols/hart_ip.h"

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_hart_ip, CD_TRANSPORT_UDP, 0);
}

static void a_session_and_its_keep_alive_are_counted(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-initiate.bin");
    harness_send_seed(h, false, "resp-initiate.bin");
    harness_send_seed(h, true, "req-keep-alive.bin");
    harness_expect_operation(h, "hart-ip", "0", "session initiate", CD_CLASS_SESSION, "primary master", 1, 1, 0);
    harness_expect_operation(h, "hart-ip", "2", "keep alive", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "master"));
    harness_free(h);
}

static void a_gateway_tells_who_it_is(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-identifier.bin");
    harness_send_seed(h, false, "resp-identifier.bin");
    harness_expect_operation(h, "hart-ip", "3", "token-passing PDU", CD_CLASS_IDENTIFY,
                             "device 264e0000d2 command 0 read unique identifier", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Rosemount"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "264e0000d2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "", "WirelessHART gateway, type 0x264e revision 4"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "gateway"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "HART 7"));
    harness_send_seed(h, false, "resp-long-tag.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "wihartgw"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void a_device_behind_it_is_nested(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_hart_ip, CD_TRANSPORT_TCP, 0);
    harness_send_seed(h, false, "resp-identifier-short.bin"); /* polling address 0 is the server itself */
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "264e0000d2"));
    /* a HART 5 transmitter behind it: manufacturer 17, type 0xce */
    harness_send_hex(h, false, "010103000001001f8611ce000102000e0000fe11ce0505070228000001025b");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "hart:11ce000102", "Endress+Hauser"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "hart:11ce000102", "2"));
    harness_free(h);
}

static void writes_are_configuration_and_refusals_are_counted(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_hart_ip, CD_TRANSPORT_TCP, 0);
    harness_send_seed(h, true, "req-write-long-tag.bin");
    harness_send_seed(h, false, "resp-write-long-tag.bin");
    harness_expect_operation(h, "hart-ip", "3", "token-passing PDU", CD_CLASS_CONFIGURE,
                             "device 2695eb27b8 command 22 write long tag", 1, 1, 1);
    harness_send_seed(h, true, "req-write-variable.bin");
    harness_expect_operation(h, "hart-ip", "3", "token-passing PDU", CD_CLASS_CONTROL,
                             "device 2695eb27b8 command 79 write device variable", 1, 0, 0);
    harness_send_hex(h, true, "0100030000100011822695eb27b82a006f");
    harness_expect_operation(h, "hart-ip", "3", "token-passing PDU", CD_CLASS_MODE,
                             "device 2695eb27b8 command 42 perform device reset", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 3);
    harness_free(h);
}

static void direct_pdus_tell_each_command(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_hart_ip, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0200040000010011000000030000060105");
    harness_send_hex(h, false, "020104000001000e000000030140");
    harness_expect_operation(h, "hart-ip", "4", "direct PDU", CD_CLASS_CONFIGURE,
                             "command 3 read dynamic variables and loop current, command 6 write polling address", 1, 1,
                             1);
    harness_free(h);
}

static void commands_to_sub_devices_are_told(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "010003000001001402004d0701010502032a0066");
    harness_expect_operation(h, "hart-ip", "3", "token-passing PDU", CD_CLASS_MODE,
                             "poll address 0 command 77 send command to sub-device, poll address 3 command 42 perform "
                             "device reset",
                             1, 0, 0);
    harness_free(h);
}

static void a_join_key_is_noticed(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "010003000001001f02001f120300414141414141414141414141414141410c");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    harness_expect_operation(h, "hart-ip", "3", "token-passing PDU", CD_CLASS_CONFIGURE,
                             "poll address 0 command 768 write join key", 1, 0, 0);
    harness_free(h);
}

static void a_wrong_check_byte_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "010003000003000d 02 00 00 00 03");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void response_codes_are_named(void **state)
{
    (void)state;
    assert_null(cd_hart_response_code_name(0));
    assert_null(cd_hart_response_code_name(8));
    assert_string_equal(cd_hart_response_code_name(7), "in write protect mode");
    assert_string_equal(cd_hart_response_code_name(64), "command not implemented");
    assert_string_equal(cd_hart_response_code_name(0x88), "communication error: longitudinal parity");
    assert_string_equal(cd_hart_ip_status_name(15), "all sessions in use");
}

static void only_hart_ip_is_claimed(void **state)
{
    (void)state;
    static const uint8_t others[][16] = {
        {1, 0, 0, 0, 0, 2, 0, 16},
        {1, 0, 3, 0, 0, 2, 0, 16, 2, 0, 0, 0, 2, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_true(cd_dissector_hart_ip.probe(others[i], 16, CD_TRANSPORT_UDP, true) < CD_PROBE_LIKELY);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t len = harness_file(CD_TEST_DIR "/seeds/resp-identifier.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_hart_ip, CD_TRANSPORT_UDP, false, bytes, len, false);
    harness_every_prefix(&cd_dissector_hart_ip, CD_TRANSPORT_TCP, false, bytes, len, false);
    harness_every_prefix_hex(&cd_dissector_hart_ip, CD_TRANSPORT_UDP, true, "0200040000010011 0000 000300 00060105",
                             false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_and_its_keep_alive_are_counted),
        cmocka_unit_test(a_gateway_tells_who_it_is),
        cmocka_unit_test(a_device_behind_it_is_nested),
        cmocka_unit_test(writes_are_configuration_and_refusals_are_counted),
        cmocka_unit_test(direct_pdus_tell_each_command),
        cmocka_unit_test(commands_to_sub_devices_are_told),
        cmocka_unit_test(a_join_key_is_noticed),
        cmocka_unit_test(a_wrong_check_byte_is_a_violation),
        cmocka_unit_test(response_codes_are_named),
        cmocka_unit_test(only_hart_ip_is_claimed),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
