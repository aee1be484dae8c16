#include "../harness.h"

#include <string.h>

#include "protocols/cotp.h"

#define CONNECT "0300001611e00000000700c1020100c2020102c0010a"
#define CONFIRM "0300001611d00007000300c0010ac1020100c2020102"
#define SETUP "0300001902f08032010000020000080000f0000001000101e0"
#define SETUP_ANSWER "0300001b02f080320300000200000800000000f0000001000100f0"

static int probe_hex(const char *hex)
{
    uint8_t bytes[256];
    size_t n = harness_hex(hex, bytes, sizeof bytes);
    return cd_dissector_cotp.probe(bytes, n, CD_TRANSPORT_TCP, true);
}

static void a_connection_is_counted_with_its_tsap(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, CONNECT);
    harness_send_hex(h, false, CONFIRM);
    harness_expect_operation(h, "cotp", "14", "connect", CD_CLASS_SESSION, "TSAP 0102", 1, 1, 0);
    harness_free(h);
}

static void a_refused_connection_is_an_error(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, CONNECT);
    harness_send_hex(h, false, "0300000b06800007000080");
    harness_expect_operation(h, "cotp", "14", "connect", CD_CLASS_SESSION, "TSAP 0102", 1, 1, 1);
    harness_free(h);
}

static void what_is_carried_is_counted_under_its_own_name(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, CONNECT);
    harness_send_hex(h, false, CONFIRM);
    harness_send_hex(h, true, SETUP);
    harness_send_hex(h, false, SETUP_ANSWER);
    harness_expect_operation(h, "s7comm", "240", "setup communication", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "plc");
    harness_free(h);
}

static void segments_of_a_tsdu_are_joined(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0300000702f000"); /* an empty segment, as some clients send before each request */
    harness_send_hex(h, true, "0300000e02f00032010000ffff00"); /* seven bytes */
    assert_int_equal(harness_operations(h, "s7comm", NULL, NULL).requests, 0);
    harness_send_hex(h, true, "0300001202f080080000f000000100010780");
    harness_expect_operation(h, "s7comm", "240", "setup communication", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_free(h);
}

static void messages_may_share_or_cross_segments(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, CONNECT SETUP "0300");
    harness_send_hex(h, true, "001902f08032010000030000080000f0000001000101e0");
    assert_int_equal(harness_operations(h, "s7comm", "240", NULL).requests, 2);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void unknown_cargo_is_let_pass(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0300000b02f08001000100");
    harness_send_hex(h, true, "0300000b02f08072010000");
    assert_int_equal(harness_operations(h, NULL, NULL, NULL).requests, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void it_is_recognised_on_any_port_and_rdp_is_not(void **unused)
{
    (void)unused;
    assert_int_equal(probe_hex(CONNECT), CD_PROBE_SURE);
    assert_int_equal(probe_hex(CONFIRM), CD_PROBE_SURE);
    assert_int_equal(probe_hex(SETUP), CD_PROBE_SURE);
    /* RDP: a cookie; a negotiation request; MCS connect */
    assert_true(probe_hex("0300002b26e0000000000043 6f6f6b69653a206d737473686173683d61646d696e0d0a0100080003000000") <
                CD_PROBE_LIKELY);
    assert_true(probe_hex("030000130ee000000000000100080003000000") < CD_PROBE_LIKELY);
    assert_true(probe_hex("0300000c02f0807f65820100") < CD_PROBE_LIKELY);
    /* H.323: TPKT, but no transport header */
    assert_true(probe_hex("0300000c080200a805040388") < CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("474554202f20485454502f312e310d0a"), CD_PROBE_NO);
}

static void a_header_longer_than_its_packet_is_malformed(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0300000820f08032");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **unused)
{
    (void)unused;
    harness_every_prefix_hex(&cd_dissector_cotp, CD_TRANSPORT_TCP, true, CONNECT, false);
    harness_every_prefix_hex(&cd_dissector_cotp, CD_TRANSPORT_TCP, true, SETUP, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_counted_with_its_tsap),
        cmocka_unit_test(a_refused_connection_is_an_error),
        cmocka_unit_test(what_is_carried_is_counted_under_its_own_name),
        cmocka_unit_test(segments_of_a_tsdu_are_joined),
        cmocka_unit_test(messages_may_share_or_cross_segments),
        cmocka_unit_test(unknown_cargo_is_let_pass),
        cmocka_unit_test(it_is_recognised_on_any_port_and_rdp_is_not),
        cmocka_unit_test(a_header_longer_than_its_packet_is_malformed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
