#include "protocols/harness.h"

#include "protocols/dlms.h"

static const char aarq[] = "0001 0010 0001 001f 601da109060760857405080101be10040e01000000065f1f0400007016ffff";
static const char aare[] =
    "0001 0001 0010 002b 6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000101404000007";
/* sign-in with the low level password "12345678" */
static const char aarq_low[] =
    "00010001000100386036a1090607608574050801018a0207808b0760857405080201ac0a80083132333435363738be10040e"
    "01000000065f1f040000301dffff";
static const char aare_refused[] = "0001 0001 0001 0019 6117a109060760857405080101a203020101a305a10302010d";
static const char get_energy[] = "0001 0010 0001 000d c001c1 0003 0100010800ff 02 00";
static const char energy[] = "0001 0001 0010 0009 c401c1 00 0600000102";
static const char denied[] = "0001 0001 0010 0005 c401c1 01 03";
static const char get_list[] =
    "0001 0010 0001 0022 c00304 03 00010101000000ff0200 00010101000001ff0200 00010101000002ff0200";

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_dlms, CD_TRANSPORT_TCP, 0);
}

static void an_association_tells_names_sign_in_and_that_the_server_is_a_meter(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, aarq);
    harness_send_hex(h, false, aare);
    harness_expect_operation(h, "dlms", "96", "associate", CD_CLASS_SESSION,
                             "client 16 logical names, no authentication", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "meter");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void a_low_level_password_is_told_but_never_shown(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, aarq_low);
    harness_send_hex(h, false, aare_refused);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "DLMS low level password");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_expect_operation(h, "dlms", "96", "associate", CD_CLASS_SESSION,
                             "client 1 logical names, low level authentication", 1, 1, 1);
    harness_free(h);
}

static void a_get_names_the_object_and_counts_its_answers(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, get_energy);
    harness_send_hex(h, false, energy);
    harness_send_hex(h, true, get_energy);
    harness_send_hex(h, false, denied);
    harness_expect_operation(h, "dlms", "get:1", "get", CD_CLASS_READ,
                             "1.0.1.8.0.255 active energy import class 3 attribute 2", 2, 2, 1);
    harness_send_hex(h, true, get_list);
    harness_expect_operation(h, "dlms", "get:3", "get with list", CD_CLASS_READ,
                             "1.1.0.0.0.255 class 1 attribute 2, 1.1.0.0.1.255 class 1 attribute 2 and 1 more", 1, 0,
                             0);
    harness_free(h);
}

static void an_exception_is_the_error_of_the_open_request(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, get_energy);
    harness_send_hex(h, false, "0001 0001 0010 0003 d8 01 02");
    assert_int_equal(harness_operations(h, "dlms", "get:1", NULL).errors, 1);
    harness_free(h);
}

static void name_serial_and_firmware_are_facts(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0010 0001 000d c001c1 0001 00002a0000ff 02 00");
    harness_send_hex(h, false, "0001 0001 0010 0016 c401c1 00 0910 4c475a31303330363534333231313233");
    harness_send_hex(h, true, "0001 0010 0001 000d c001c2 0001 0000600100ff 02 00");
    harness_send_hex(h, false, "0001 0001 0010 000e c401c2 00 0a08 3130303837363534");
    harness_send_hex(h, true, "0001 0010 0001 000d c001c3 0001 0100000200ff 02 00");
    harness_send_hex(h, false, "0001 0001 0010 000a c401c3 00 0904 312e3037");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "LGZ1030654321123"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Landis+Gyr"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "10087654"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "1.07"));
    harness_free(h);
}

static void dangerous_objects_give_dangerous_operations(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0001 0001 001b c101c1 0008 0000010000ff 02 00 090c 07e2010a03131c2a47ffc400");
    harness_send_hex(h, false, "0001 0001 0001 0004 c501c100");
    harness_expect_operation(h, "dlms", "set:1", "set", CD_CLASS_CONFIGURE, "0.0.1.0.0.255 clock class 8 attribute 2",
                             1, 1, 0);
    harness_send_hex(h, true, "0001 0001 0001 000f c301c1 0046 000060030aff 01 01 0f00");
    harness_send_hex(h, false, "0001 0001 0001 0005 c701c10000");
    harness_expect_operation(h, "dlms", "action:1", "action", CD_CLASS_CONTROL,
                             "0.0.96.3.10.255 disconnect control class 70 method 1", 1, 1, 0);
    harness_send_hex(h, true, "0001 0001 0001 000f c301c1 0012 00002c0000ff 01 01 0f00");
    assert_int_equal(
        harness_operations(h, "dlms", "action:1", "0.0.44.0.0.255 image transfer class 18 method 1").requests, 1);
    harness_free(h);
}

static void short_names_are_read_and_written(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0010 0001 0005 05 01 02 fa00");
    harness_send_hex(h, false, "0001 0001 0010 0005 0c 01 00 0f05");
    harness_expect_operation(h, "dlms", "5", "read", CD_CLASS_READ, "short name fa00", 1, 1, 0);
    harness_send_hex(h, true, "0001 0010 0001 0008 06 01 02 fa08 01 0f05");
    harness_send_hex(h, false, "0001 0001 0010 0004 0d 01 01 03");
    harness_expect_operation(h, "dlms", "6", "write", CD_CLASS_WRITE, "short name fa08", 1, 1, 1);
    harness_free(h);
}

static void a_pushing_meter_is_the_server_though_it_sends_first(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_dlms, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "0001 0001 0001 0010 c2 00 0001 0000616200ff 02 0600000001");
    harness_send_hex(h, true, "0001 0001 0001 000c 0f 00000001 00 0203 0f01 0f02");
    harness_send_hex(h, true, "0001 0001 0001 0016 db 08 4b464d1012345678 0b 30 00000001 000000000000");
    harness_expect_operation(h, "dlms", "194", "event notification", CD_CLASS_ALARM,
                             "0.0.97.98.0.255 class 1 attribute 2", 1, 0, 0);
    harness_expect_operation(h, "dlms", "15", "data notification", CD_CLASS_READ, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "KFM1012345678"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void hdlc_frames_carry_the_same_and_segments_count_once(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "7ea0070321930f017e");
    harness_send_hex(h, false, "7ea01e210373c37a818012050180060180070400000001080400000001533b7e");
    harness_send_hex(h, true,
                     "7ea02b032110fbafe6e600601da109060760857405080101be10040e01000000065f1f0400001e1dffffe1017e");
    harness_send_hex(h, false,
                     "7ea0372103306c7ce6e7006129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001"
                     "e1d04000007e0a67e");
    harness_send_hex(h, true, "7ea0190321326fd8e6e600c001c1000f0000280000ff020091537e");
    harness_send_hex(h, false, "7ea81621035213b1e6e700c402c10000000001000000007e");
    harness_send_hex(h, true, "7ea00703215111e47e");
    harness_send_hex(h, false, "7ea0112103740000020304050600000000007e");
    harness_expect_operation(h, "dlms", "hdlc:131", "set normal response mode", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_int_equal(harness_operations(h, "dlms", "96", NULL).responses, 1);
    harness_expect_operation(h, "dlms", "get:1", "get", CD_CLASS_READ,
                             "0.0.40.0.0.255 current association class 15 attribute 2", 1, 1, 0);
    harness_free(h);
}

static void it_is_recognised_on_any_port_and_foreign_bytes_are_not(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = harness_hex(aarq, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_dlms.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    len = harness_hex(get_energy, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_dlms.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_LIKELY);
    len = harness_hex("7ea0070321930f017e", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_dlms.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    bytes[6] ^= 1;
    assert_int_equal(cd_dissector_dlms.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    len = harness_hex("0001 0000 0006 0103 0000 000a", bytes, sizeof bytes); /* Modbus/TCP */
    assert_int_equal(cd_dissector_dlms.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void an_unknown_tag_is_malformed(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "0001 0010 0001 0002 ff00");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_dlms, CD_TRANSPORT_TCP, true, aarq_low, false);
    harness_every_prefix_hex(&cd_dissector_dlms, CD_TRANSPORT_UDP, true, get_list, false);
    harness_every_prefix_hex(&cd_dissector_dlms, CD_TRANSPORT_UDP, false, aare, false);
    harness_every_prefix_hex(&cd_dissector_dlms, CD_TRANSPORT_TCP, false,
                             "7ea01e210373c37a818012050180060180070400000001080400000001533b7e", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_association_tells_names_sign_in_and_that_the_server_is_a_meter),
        cmocka_unit_test(a_low_level_password_is_told_but_never_shown),
        cmocka_unit_test(a_get_names_the_object_and_counts_its_answers),
        cmocka_unit_test(an_exception_is_the_error_of_the_open_request),
        cmocka_unit_test(name_serial_and_firmware_are_facts),
        cmocka_unit_test(dangerous_objects_give_dangerous_operations),
        cmocka_unit_test(short_names_are_read_and_written),
        cmocka_unit_test(a_pushing_meter_is_the_server_though_it_sends_first),
        cmocka_unit_test(hdlc_frames_carry_the_same_and_segments_count_once),
        cmocka_unit_test(it_is_recognised_on_any_port_and_foreign_bytes_are_not),
        cmocka_unit_test(an_unknown_tag_is_malformed),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
