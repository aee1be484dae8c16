#include "protocols/harness.h"

#include "protocols/cdp.h"

#include <string.h>

/* SNAP header, CDP 2: "myswitch", 192.168.0.253, FastEthernet0/1, switch, C2950 IOS text, platform, VTP domain, native VLAN 1. */
static const char header[] = "00000c2000 02b409a0 0001000c6d79737769746368 000200110000000101 01cc0004c0a800fd";
static const char rest[] = "000300134661737445746865726e6574302f31 0004000800000028"
                           "00060015636973636f2057532d43323935302d3132 0009000c4d59444f4d41494e 000a00060001";
static const char software[] =
    "Cisco Internetwork Operating System Software \n"
    "IOS (tm) C2950 Software (C2950-I6K2L2Q4-M), Version 12.1(22)EA14, RELEASE SOFTWARE (fc1)";

static size_t whole(uint8_t *out, size_t cap)
{
    size_t n = harness_hex(header, out, cap);
    n += harness_hex(rest, out + n, cap - n);
    out[n++] = 0, out[n++] = 5, out[n++] = 0, out[n++] = (uint8_t)(sizeof software - 1 + 4);
    memcpy(out + n, software, sizeof software - 1);
    return n + sizeof software - 1;
}

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_cdp, CD_TRANSPORT_ETH, CD_ETHERTYPE_SNAP);
}

static void a_switch_tells_all_of_itself(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct harness *h = new_harness();
    harness_send(h, true, bytes, whole(bytes, sizeof bytes));
    harness_expect_operation(h, "cdp", "0", "advertisement", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "myswitch");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Cisco");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "WS-C2950-12"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "12.1(22)EA14");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "switch");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""), "192.168.0.253");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_PORT, ""), "FastEthernet0/1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "MYDOMAIN");
    harness_free(h);
}

static void a_serial_before_the_name_is_told_apart(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "00000c2000 02b409a0 0001000d 54424131 28737731 29");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "TBA1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "sw1");
    harness_free(h);
}

static void a_field_shorter_than_its_header_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "00000c2000 02b409a0 00010003 616263");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "field length");
    harness_free(h);
}

static void the_probe_takes_ciscos_protocol_2000_only(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t n = whole(bytes, sizeof bytes);
    assert_int_equal(cd_dissector_cdp.probe(bytes, n, CD_TRANSPORT_ETH, true), CD_PROBE_SURE);
    bytes[4] = 4; /* 2004 is DTP */
    assert_int_equal(cd_dissector_cdp.probe(bytes, n, CD_TRANSPORT_ETH, true), CD_PROBE_NO);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t n = whole(bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_cdp, CD_TRANSPORT_ETH, true, bytes, n, true);
    harness_every_prefix(&cd_dissector_cdp, CD_TRANSPORT_ETH, true, bytes, 9, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_switch_tells_all_of_itself),
        cmocka_unit_test(a_serial_before_the_name_is_told_apart),
        cmocka_unit_test(a_field_shorter_than_its_header_is_malformed),
        cmocka_unit_test(the_probe_takes_ciscos_protocol_2000_only),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
