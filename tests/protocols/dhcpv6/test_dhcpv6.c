#include "protocols/harness.h"

#include "protocols/dhcpv6.h"

/* A Windows host: DUID by time with 5c:c3:05:be:00:01, name "Shenhua.PC" in labels, vendor class 311 "MSFT 5.0", options asked for. */
static const char solicit[] =
    "019cb427 00080002189c 0001000e000100011e718f345cc305be0001 0003000c20b8aeed0000000000000000"
    "0027000c 00 075368656e687561025043 0010000e0000013700084d53465420352e30 000600080018001700110027";
/* A reply with an address valid for 7200 s, and one whose lifetime is over. */
static const char reply[] =
    "079cb427 0002000a00030001020000000002 0001000e000100011e718f345cc305be0001"
    "0003004420b8aeed 00000000 00000000 0005001820010db8000000000000000000000009 00000e10 00001c20"
    "0005001820010db800000000000000000000000a 00000000 00000000";

static struct harness *new_harness(void)
{
    struct harness *h = harness_new(&cd_dissector_dhcpv6, CD_TRANSPORT_UDP, 547);
    harness_set_ends(h, "fe80::1", "fe80::2", 64);
    return h;
}

static void a_client_tells_its_name_and_kind(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, solicit);
    harness_expect_operation(h, "dhcpv6", "1", "solicit", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "Shenhua.PC");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR_CLASS, ""), "311: MSFT 5.0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DHCP_FINGERPRINT, ""), "24,23,17,39");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "5c:c3:05:be:00:01");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Windows");
    harness_free(h);
}

static void a_reply_gives_the_frames_receiver_its_address(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, false, reply);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""), "2001:db8::9");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "dhcp-server");
    assert_int_equal(harness_observer(h)->facts.items[1].mac, 0x020000000001);
    assert_int_equal(harness_observer(h)->facts.count, 2);
    harness_free(h);
}

static void a_relayed_message_is_its_duids(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true,
                     "0c00 20010db8000000000000000000000001 fe800000000000000000000000000099 0009001e"
                     "019cb427 0001000e000100011e718f345cc305be0001 0006000400180017");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DHCP_FINGERPRINT, ""), "24,23");
    assert_int_equal(harness_observer(h)->facts.items[0].mac, 0x5cc305be0001);
    harness_free(h);
}

static void relays_have_a_limit(void **state)
{
    (void)state;
    uint8_t bytes[10 * 38 + 4] = {0};
    size_t at = 0;
    for (int i = 0; i < 10; i++, at += 38) {
        size_t inner = sizeof bytes - at - 38;
        bytes[at] = CD_DHCPV6_RELAY_FORWARD;
        bytes[at + 35] = 9;
        bytes[at + 36] = (uint8_t)(inner >> 8), bytes[at + 37] = (uint8_t)inner;
    }
    bytes[at] = 1;
    struct harness *h = new_harness();
    harness_send(h, true, bytes, sizeof bytes);
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "relay count");
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_dhcpv6, CD_TRANSPORT_UDP, true, solicit, true);
    harness_every_prefix_hex(&cd_dissector_dhcpv6, CD_TRANSPORT_UDP, true, "019cb427", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_tells_its_name_and_kind),
        cmocka_unit_test(a_reply_gives_the_frames_receiver_its_address),
        cmocka_unit_test(a_relayed_message_is_its_duids),
        cmocka_unit_test(relays_have_a_limit),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
