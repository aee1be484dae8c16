#include "../harness.h"

#include <string.h>

#include "protocols/bacnet.h"

#define P "bacnet"

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_bacnet, CD_TRANSPORT_UDP, 0);
}

static int probe_hex(const char *hex, enum cd_transport transport)
{
    uint8_t bytes[256];
    size_t n = harness_hex(hex, bytes, sizeof bytes);
    return cd_dissector_bacnet.probe(bytes, n, transport, true);
}

/* A BACnet/IP unicast around this NPDU. */
static void send(struct harness *h, bool from_client, const char *npdu)
{
    uint8_t bytes[512] = {0x81, 0x0a};
    size_t n = 4 + harness_hex(npdu, bytes + 4, sizeof bytes - 4);
    bytes[2] = (uint8_t)(n >> 8);
    bytes[3] = (uint8_t)n;
    harness_send(h, from_client, bytes, n);
}

/* ---- who is there ---- */

static void i_am_tells_instance_and_vendor(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810b001401001000c4020000c92205c491002107");
    harness_expect_operation(h, P, "unconfirmed:0", "i-am", CD_CLASS_IDENTIFY, "device 201", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""), "201");
    assert_non_null(strstr(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Siemens"));
    harness_free(h);
}

static void a_routed_device_is_nested_below_its_router(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810b001c0128ffff00000d013dfe1000c40200003d2201e09100212a");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "bacnet:13.3d"), "61");
    harness_free(h);
}

static void a_forwarded_device_is_its_origin(void **unused)
{
    (void)unused;
    static const uint8_t origin[4] = {10, 2, 3, 4};
    struct harness *h = udp();
    harness_send_hex(h, true, "8104001a0a020304bac001001000c4020000c92205c491002107");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""), "201");
    struct cd_reader r = cd_reader_of("\x81\x04\x00\x0e\x0a\x02\x03\x04\xba\xc0\x01\x00\x10\x08", 14);
    struct cd_bacnet_message b;
    assert_true(cd_bacnet_parse(&r, false, false, &b));
    struct cd_ip expected = cd_ip_of4(origin);
    assert_true(b.has_origin && cd_ip_equal(&b.origin, &expected));
    harness_free(h);
}

static void a_router_tells_its_networks(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810b000f01a0ffff00ff0100010002");
    harness_expect_operation(h, "bacnet-network", "1", "i-am-router-to-network", CD_CLASS_IDENTIFY, "network 1, 2", 1,
                             0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NEIGHBOUR, "", "BACnet network 2"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "bacnet-router");
    harness_free(h);
}

/* ---- properties ---- */

static void reading_names_object_and_property(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001101040005010c0c020000651979");
    harness_send_hex(h, false, "810a001d010030010c0c0200006519793e750a00484f4e455957454c4c3f");
    harness_expect_operation(h, P, "confirmed:12", "read property", CD_CLASS_READ, "device 101 vendor-name", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "HONEYWELL");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""), "101");
    harness_free(h);
}

static void several_properties_identify_a_device(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001901040005010e0c020000651e09790946091c094c1f");
    harness_expect_operation(h, P, "confirmed:14", "read property multiple", CD_CLASS_READ,
                             "device 101 vendor-name, model-name, description and 1 more", 1, 0, 0);
    send(h, false,
         "010030010e0c020000651e 2946 4e 750600 4d30303031 4f 292c 4e 750500 312e302e 4f 294d 5e 91029120 5f 2a0174 4e "
         "750300 4142 4f 1f");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "M0001");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "1.0.");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "AB");
    assert_null(harness_fact(h, CD_ATTRIBUTE_NAME, ""));
    harness_free(h);
}

static void names_of_other_objects_are_no_device_names(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, false, "810a0018010030010c0c00000003194d3e750500524f4f4d3f");
    assert_null(harness_fact(h, CD_ATTRIBUTE_NAME, ""));
    harness_free(h);
}

static void errors_are_responses_with_a_name(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001101040005010c0c020000651979");
    harness_send_hex(h, false, "810a000d010050010c91029120");
    harness_expect_operation(h, P, "confirmed:12", "read property", CD_CLASS_READ, "device 101 vendor-name", 1, 1, 1);
    harness_free(h);
}

static void writing_an_output_is_control_with_its_value(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001a01040005010f0c0040000019553e4442a000003f4905");
    harness_expect_operation(h, P, "confirmed:15", "write property", CD_CLASS_CONTROL,
                             "analog-output 0 present-value = 80 priority 5", 1, 0, 0);
    harness_send_hex(h, false, "810a0009010020010f");
    assert_int_equal(harness_operations(h, P, "confirmed:15", NULL).responses, 1);
    harness_send_hex(h, true, "810a00170104000502 0f 0c00800001 1955 3e 4441c80000 3f");
    harness_expect_operation(h, P, "confirmed:15", "write property", CD_CLASS_WRITE,
                             "analog-value 1 present-value = 25", 1, 0, 0);
    harness_free(h);
}

static void several_writes_are_listed(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true,
                     "810a002e0104000501100c010000001e09552e44000000002f39051f0c010000011e09552e44000000002f39051f");
    harness_expect_operation(
        h, P, "confirmed:16", "write property multiple", CD_CLASS_CONTROL,
        "binary-output 0 present-value = 0 priority 5, binary-output 1 present-value = 0 priority 5", 1, 0, 0);
    harness_free(h);
}

static void a_request_to_a_routed_device_names_it(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a00160124000d013dff0005020c0c02000065194d");
    harness_send_hex(h, false, "810a0021 0108 000d 01 3d 30 02 0c 0c02000065 194d 3e 750900 4f4646494345 2031 3f");
    harness_expect_operation(h, P, "confirmed:12", "read property", CD_CLASS_READ, "device 101 object-name at 13.3d", 1,
                             1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, "bacnet:13.3d"), "OFFICE 1");
    harness_free(h);
}

/* ---- the dangerous ones ---- */

static void reinitializing_is_a_mode_change_and_its_password_stays_hidden(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    send(h, true, "010400050214 0900 1d06006162636465");
    harness_expect_operation(h, P, "confirmed:20", "reinitialize device", CD_CLASS_MODE, "coldstart", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_null(strstr(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "abcde"));
    send(h, true, "010400050314 0900 1d0600616263"); /* shorter than the password's length says */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void silencing_a_device_is_told_with_its_time(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a0019010400050111093c19012d090066696c6973746572");
    harness_expect_operation(h, P, "confirmed:17", "device communication control", CD_CLASS_MODE, "disable for 60 min",
                             1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    harness_free(h);
}

/* ---- segments, refusals, link layer ---- */

static void segments_count_one_by_one_and_are_read_together(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a0011010402345e0c0c020000fe194d");
    send(h, false, "01043c5e0003 0c 0c020000fe194d3e 750b00 414243");
    harness_send_hex(h, true, "810a000a0100405e0003");
    send(h, false, "010438 5e 01 03 0c 44454647 48494a 3f");
    harness_expect_operation(h, P, "confirmed:12", "read property", CD_CLASS_READ, "device 254 object-name", 1, 2, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "ABCDEFGHIJ");
    harness_free(h);
}

static void reject_and_abort_are_events(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001101040005010c0c020000651979");
    harness_send_hex(h, false, "810a00090100600109");
    harness_expect_operation(h, P, "confirmed:12", "read property", CD_CLASS_READ, "device 101 vendor-name", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "reject: unrecognized-service");
    harness_send_hex(h, false, "810a00090100710104");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 2);
    harness_free(h);
}

static void foreign_devices_register_with_the_bbmd(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "81050006003c");
    harness_send_hex(h, false, "810000060000");
    harness_expect_operation(h, "bvlc", "5", "register foreign device", CD_CLASS_SESSION, "for 60 s", 1, 1, 0);
    harness_send_hex(h, true, "81020004");
    harness_send_hex(h, false, "8103000e0a000005bac0ffffffff");
    harness_expect_operation(h, "bvlc", "2", "read broadcast distribution table", CD_CLASS_DIAGNOSE, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NEIGHBOUR, ""), "BACnet BBMD 10.0.0.5:47808");
    harness_free(h);
}

static void ethernet_and_ms_tp_carry_it_too(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_bacnet, CD_TRANSPORT_ETH, CD_ETHERTYPE_LLC);
    harness_send_hex(h, true, "82820301001000c40200007b2201e091032100");
    harness_expect_operation(h, P, "unconfirmed:0", "i-am", CD_CLASS_IDENTIFY, "device 123", 1, 0, 0);
    harness_send_hex(h, true, "001090000100008006ff7200141f0120ffff00ff1000c4020150622180910322010 4b396");
    harness_expect_operation(h, P, "unconfirmed:0", "i-am", CD_CLASS_IDENTIFY, "device 86114", 1, 0, 0);
    harness_send_hex(h, true, "00109000010000800001720000 84"); /* the token of MS/TP */
    assert_int_equal(harness_operations(h, P, NULL, NULL).requests, 2);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void it_is_recognised_on_any_port(void **unused)
{
    (void)unused;
    assert_int_equal(probe_hex("810a001101040005010c0c020000651979", CD_TRANSPORT_UDP), CD_PROBE_SURE);
    assert_int_equal(probe_hex("81050006003c", CD_TRANSPORT_UDP), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("82820301001000", CD_TRANSPORT_ETH), CD_PROBE_SURE);
    assert_true(probe_hex("810a001201040005010c0c020000651979", CD_TRANSPORT_UDP) < CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("4242030000000000", CD_TRANSPORT_ETH), CD_PROBE_NO);
    assert_int_equal(probe_hex("00000c2000010203040506070809", CD_TRANSPORT_ETH), CD_PROBE_NO);
    assert_int_equal(probe_hex("810a001101040005010c0c020000651979", CD_TRANSPORT_TCP), CD_PROBE_NO);
}

static void unclosed_brackets_end_with_the_message(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001601040005010f0c0040000019553e3e3e3e3e");
    assert_int_equal(harness_operations(h, P, "confirmed:15", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void a_lying_length_is_malformed_but_read(void **unused)
{
    (void)unused;
    struct harness *h = udp();
    harness_send_hex(h, true, "810a001101040005011409061d0b0044656c63617474793730"); /* says 17 bytes, has 25 */
    harness_expect_operation(h, P, "confirmed:20", "reinitialize device", CD_CLASS_MODE, "abort restore", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **unused)
{
    (void)unused;
    harness_every_prefix_hex(&cd_dissector_bacnet, CD_TRANSPORT_UDP, true,
                             "810a001a01040005010f0c0040000019553e4442a000003f4905", false);
    harness_every_prefix_hex(&cd_dissector_bacnet, CD_TRANSPORT_UDP, true, "810b001401001000c4020000c92205c491002107",
                             false);
    harness_every_prefix_hex(&cd_dissector_bacnet, CD_TRANSPORT_ETH, true, "82820301001000c40200007b2201e091032100",
                             true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(i_am_tells_instance_and_vendor),
        cmocka_unit_test(a_routed_device_is_nested_below_its_router),
        cmocka_unit_test(a_forwarded_device_is_its_origin),
        cmocka_unit_test(a_router_tells_its_networks),
        cmocka_unit_test(reading_names_object_and_property),
        cmocka_unit_test(several_properties_identify_a_device),
        cmocka_unit_test(names_of_other_objects_are_no_device_names),
        cmocka_unit_test(errors_are_responses_with_a_name),
        cmocka_unit_test(writing_an_output_is_control_with_its_value),
        cmocka_unit_test(several_writes_are_listed),
        cmocka_unit_test(a_request_to_a_routed_device_names_it),
        cmocka_unit_test(reinitializing_is_a_mode_change_and_its_password_stays_hidden),
        cmocka_unit_test(silencing_a_device_is_told_with_its_time),
        cmocka_unit_test(segments_count_one_by_one_and_are_read_together),
        cmocka_unit_test(reject_and_abort_are_events),
        cmocka_unit_test(foreign_devices_register_with_the_bbmd),
        cmocka_unit_test(ethernet_and_ms_tp_carry_it_too),
        cmocka_unit_test(it_is_recognised_on_any_port),
        cmocka_unit_test(unclosed_brackets_end_with_the_message),
        cmocka_unit_test(a_lying_length_is_malformed_but_read),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
