#include "../harness.h"

#include "protocols/ads.h"

/* Addresses of the machines in the messages below: the PLC 5.13.117.96.1.1, the asking PC 192.168.1.99.1.1. */
#define PLC_801 "050d75600101 2103 c0a801630101 0380"
#define PC_FROM_801 "c0a801630101 0380 050d75600101 2103"

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_ads, CD_TRANSPORT_TCP, 0);
}

static void device_info_tells_the_server_behind_a_port(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_seed(h, true, "req-device-info.bin");
    harness_send_seed(h, false, "resp-device-info.bin");
    harness_expect_operation(h, "ads", "1", "read device info", CD_CLASS_IDENTIFY, "5.13.117.96.1.1:800 PLC", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "PLC Server 2.11.2103"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "5.13.117.96.1.1"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_value_by_handle_is_told_by_the_symbols_name(void **state)
{
    (void)state;
    struct harness *h = tcp();
    /* handle of MAIN.bStart is 0x19800001; then it is written */
    harness_send_hex(h, true,
                     "0000 3c000000 " PLC_801 " 0900 0400 1c000000 00000000 01000000"
                     "03f00000 00000000 04000000 0c000000 4d41494e2e62537461727400");
    harness_send_hex(h, false,
                     "0000 2c000000 " PC_FROM_801 " 0900 0500 0c000000 00000000 01000000"
                     "00000000 04000000 01008019");
    harness_send_hex(h, true,
                     "0000 2d000000 " PLC_801 " 0300 0400 0d000000 00000000 02000000"
                     "05f00000 01008019 01000000 01");
    harness_send_hex(h, false, "0000 24000000 " PC_FROM_801 " 0300 0500 04000000 00000000 02000000 00000000");
    harness_expect_operation(h, "ads", "9", "read write", CD_CLASS_READ,
                             "5.13.117.96.1.1:801 PLC runtime 1 handle of MAIN.bStart", 1, 1, 0);
    harness_expect_operation(h, "ads", "3", "write", CD_CLASS_WRITE, "5.13.117.96.1.1:801 PLC runtime 1 MAIN.bStart", 1,
                             1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void addresses_of_the_process_image_are_told(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true,
                     "0000 2c000000 " PLC_801 " 0200 0400 0c000000 00000000 01000000 20400000 64000000 04000000");
    harness_send_hex(h, true,
                     "0000 2d000000 " PLC_801 " 0300 0400 0d000000 00000000 02000000 31f00000 53000000 01000000 01");
    harness_expect_operation(h, "ads", "2", "read", CD_CLASS_READ, "5.13.117.96.1.1:801 PLC runtime 1 %MB100 x4", 1, 0,
                             0);
    harness_expect_operation(h, "ads", "3", "write", CD_CLASS_WRITE, "5.13.117.96.1.1:801 PLC runtime 1 %QX10.3", 1, 0,
                             0);
    harness_send_hex(h, true,
                     "0000 48000000 " PLC_801 " 0900 0400 28000000 00000000 03000000"
                     "80f00000 02000000 0c000000 18000000 20400000 00000000 02000000 30f00000 05000000 02000000");
    harness_expect_operation(h, "ads", "9", "read write", CD_CLASS_READ,
                             "5.13.117.96.1.1:801 PLC runtime 1 sum read x2: %MB0, %QB5", 1, 0, 0);
    harness_free(h);
}

static void write_control_changes_the_mode(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0000 28000000 " PLC_801 " 0500 0400 08000000 00000000 01000000 0600 0000 00000000");
    harness_send_hex(h, false, "0000 24000000 " PC_FROM_801 " 0500 0500 04000000 00000000 01000000 01070000");
    harness_expect_operation(h, "ads", "5", "write control", CD_CLASS_MODE, "5.13.117.96.1.1:801 PLC runtime 1 to stop",
                             1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_send_hex(h, false, "0000 28000000 " PC_FROM_801 " 0400 0500 08000000 00000000 02000000 00000000 0600 0100");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "stop"));
    harness_free(h);
}

static void another_machines_answer_is_nested(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_seed(h, false, "resp-device-info.bin");
    harness_send_hex(h, false,
                     "0000 28000000 c0a801630101 0380 0a0000070101 5303 0400 0500 08000000 00000000 02000000"
                     "00000000 0500 0000");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "ams:10.0.0.7.1.1", "run"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "ams:10.0.0.7.1.1", "10.0.0.7.1.1"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_STATE, ""));
    harness_free(h);
}

static void notifications_belong_to_who_sends_them(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, "0000 24000000 " PC_FROM_801 " 0800 0400 04000000 00000000 00000000 00000000");
    harness_expect_operation(h, "ads", "8", "device notification", CD_CLASS_READ, "5.13.117.96.1.1:801 PLC runtime 1",
                             1, 0, 0);
    harness_free(h);
}

static void a_machine_tells_its_name_system_and_version(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ads, CD_TRANSPORT_UDP, 0);
    harness_send_seed(h, true, "req-server-info.bin");
    harness_send_seed(h, false, "resp-server-info.bin");
    harness_expect_operation(h, "ads", "udp:1", "server info", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "CX_0D7560"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Windows CE 6.0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "TwinCAT 2.11.2228"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "5.13.117.96.1.1"));
    harness_free(h);
}

static void the_password_of_a_route_is_noticed_and_does_not_leave(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ads, CD_TRANSPORT_UDP, 0);
    harness_send_seed(h, true, "req-add-route.bin");
    harness_send_seed(h, false, "resp-add-route.bin");
    harness_expect_operation(h, "ads", "udp:6", "add route", CD_CLASS_CONFIGURE, "SHENHUAJ6-PC 192.168.1.199.1.1", 1, 1,
                             0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL),
                        "password of a route, user Administrator");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "Administrator"));
    harness_free(h);
}

static void a_refused_route_is_a_failed_authentication(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ads, CD_TRANSPORT_UDP, 0);
    harness_send_seed(h, true, "req-add-route.bin");
    harness_send_hex(h, false, "03661471 00000000 06000080 050d75600101 1027 01000000 0100 0400 04070000");
    harness_expect_operation(h, "ads", "udp:6", "add route", CD_CLASS_CONFIGURE, "SHENHUAJ6-PC 192.168.1.199.1.1", 1, 1,
                             1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void lengths_that_lie_are_malformed(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0000 24000000 " PLC_801 " 0200 0400 0c000000 00000000 01000000 20400000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "data length");
    harness_send_hex(h, true, "0000 24000000 " PLC_801 " 0200 0400 04000000 00000000 01000000 20400000");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
    h = harness_new(&cd_dissector_ads, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, false, "03661471 00000000 06000080 050d75600101 1027 02000000 0100 0400 00000000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "tags");
    harness_free(h);
}

static void errors_are_named(void **state)
{
    (void)state;
    assert_string_equal(cd_ads_error_name(6), "target port not found");
    assert_string_equal(cd_ads_error_name(0x507), "port not registered");
    assert_string_equal(cd_ads_error_name(0x710), "symbol not found");
    assert_string_equal(cd_ads_error_name(0x736), "invalid platform level");
    assert_string_equal(cd_ads_error_name(0x745), "timeout elapsed");
    assert_string_equal(cd_ads_error_name(UINT32_MAX), "unknown error");
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    harness_every_prefix_hex(
        &cd_dissector_ads, CD_TRANSPORT_TCP, true,
        "0000 2c000000 " PLC_801 " 0200 0400 0c000000 00000000 01000000 20400000 64000000 04000000", false);
    harness_every_prefix(&cd_dissector_ads, CD_TRANSPORT_UDP, true, bytes,
                         harness_file(CD_TEST_DIR "/seeds/req-add-route.bin", bytes, sizeof bytes), false);
    harness_every_prefix(&cd_dissector_ads, CD_TRANSPORT_UDP, false, bytes,
                         harness_file(CD_TEST_DIR "/seeds/resp-server-info.bin", bytes, sizeof bytes), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_info_tells_the_server_behind_a_port),
        cmocka_unit_test(a_value_by_handle_is_told_by_the_symbols_name),
        cmocka_unit_test(addresses_of_the_process_image_are_told),
        cmocka_unit_test(write_control_changes_the_mode),
        cmocka_unit_test(another_machines_answer_is_nested),
        cmocka_unit_test(notifications_belong_to_who_sends_them),
        cmocka_unit_test(a_machine_tells_its_name_system_and_version),
        cmocka_unit_test(the_password_of_a_route_is_noticed_and_does_not_leave),
        cmocka_unit_test(a_refused_route_is_a_failed_authentication),
        cmocka_unit_test(lengths_that_lie_are_malformed),
        cmocka_unit_test(errors_are_named),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
