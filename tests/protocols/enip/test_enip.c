#include "../harness.h"

#include "protocols/enip.h"

#include <string.h>

static const char register_request[] = "6500 0400 00000000 00000000 0000000000000000 00000000 0100 0000";
static const char register_response[] = "6500 0400 c9b7ba77 00000000 0000000000000000 00000000 0100 0000";

/* A 1756-L61 that answers ListIdentity. */
static const char list_identity_response[] =
    "6300 3c00 00000000 00000000 0000000000000000 00000000"
    "0100 0c00 3600 0100 0002 af12 0a000002 0000000000000000"
    "0100 0e00 3600 140b 6031 1a066c00 14 313735362d4c36312f42204c4f47495835353631 03";

static const char read_tag_request[] =
    "6f00 1e00 c9b7ba77 00000000 1122334455667788 00000000 00000000 0500 0200 0000 0000 b200 0e00"
    "4c04 91054d6f746f7200 0100 0000";

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_enip, CD_TRANSPORT_TCP, 0);
}

static struct harness *udp(uint16_t port)
{
    return harness_new(&cd_dissector_enip, CD_TRANSPORT_UDP, port);
}

static void counts_a_session_and_its_answer(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, register_request);
    harness_send_hex(h, false, register_response);
    harness_send_hex(h, true, "6600 0000 c9b7ba77 00000000 0000000000000000 00000000");
    harness_expect_operation(h, "enip", "101", "register session", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_expect_operation(h, "enip", "102", "unregister session", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void names_a_refusal_by_its_encapsulation_status(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, read_tag_request);
    harness_send_hex(h, false, "6f00 0000 c9b7ba77 64000000 1122334455667788 00000000");
    harness_expect_operation(h, "enip", "111", "send rr data", CD_CLASS_SESSION, "", 1, 1, 1);
    harness_free(h);
}

static void reads_the_name_plate_of_a_list_identity_answer(void **state)
{
    (void)state;
    struct harness *h = udp(0);
    harness_send_hex(h, true, "6300 0000 00000000 00000000 0000000000000000 00000000");
    harness_send_hex(h, false, list_identity_response);
    harness_expect_operation(h, "enip", "99", "list identity", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Rockwell Automation/Allen-Bradley");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "1756-L61/B LOGIX5561");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, ""), "1756-L61");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "20.11");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "006c061a");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "series B");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "plc");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "remote run");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "enip 10.0.0.2:44818");
    harness_free(h);
}

/* The answer to a broadcast starts a flow of its own, whose opener is the device. */
static void an_identity_that_opens_a_flow_is_still_an_answer(void **state)
{
    (void)state;
    struct harness *h = udp(50001);
    harness_send_hex(h, true, list_identity_response);
    harness_expect_operation(h, "enip", "99", "list identity", CD_CLASS_IDENTIFY, "", 0, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "1756-L61/B LOGIX5561");
    harness_free(h);
}

static void reads_what_services_are_offered(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false,
                     "0400 1a00 00000000 00000000 0000000000000000 00000000"
                     "0100 0001 1400 0100 2001 436f6d6d756e69636174696f6e730000");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "enip Communications, cip over tcp, i/o over udp");
    harness_free(h);
}

static void a_response_counts_on_the_request_with_its_sender_context(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, read_tag_request);
    harness_send_hex(h, false,
                     "6f00 1a00 c9b7ba77 00000000 1122334455667788 00000000 00000000 0000 0200 0000 0000 b200 0a00"
                     "cc00 0000 c400 01020304");
    harness_expect_operation(h, "cip", "76", "read tag", CD_CLASS_READ, "tag Motor", 1, 1, 0);
    harness_expect_operation(h, "enip", "111", "send rr data", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

/* In one segment, and one byte at a time. */
static void messages_are_framed_however_they_are_cut(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = harness_hex(register_request, bytes, sizeof bytes);
    len += harness_hex(read_tag_request, bytes + len, sizeof bytes - len);
    struct harness *h = tcp();
    harness_send(h, true, bytes, len);
    for (size_t i = 0; i < len; i++)
        harness_send(h, true, bytes + i, 1);
    harness_expect_operation(h, "enip", "101", "register session", CD_CLASS_SESSION, "", 2, 0, 0);
    harness_expect_operation(h, "cip", "76", "read tag", CD_CLASS_READ, "tag Motor", 2, 0, 0);
    harness_free(h);
}

/* Class 3 to slot 0: opened, then a name plate is read over it; what answers is the module in the slot. */
static void connected_messages_reach_the_module_their_connection_was_opened_to(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true,
                     "6f00 4000 01000000 00000000 0100000000000000 00000000 00000000 0500 0200 0000 0000 b200 3000"
                     "5402 20062401 059b 00000000 00010002 0e00 0100 22f51300 02000000 80841e00 f843 80841e00 f843 a3"
                     "03 0100 20022401");
    harness_send_hex(h, false,
                     "6f00 2e00 01000000 00000000 0100000000000000 00000000 00000000 0000 0200 0000 0000 b200 1e00"
                     "d400 0000 41424344 00010002 0e00 0100 22f51300 80841e00 80841e00 00 00");
    harness_expect_operation(h, "cip", "84", "forward open", CD_CLASS_SESSION,
                             "class 3 connection to Message Router 1 via 1.0", 1, 1, 0);
    harness_send_hex(
        h, true,
        "7000 1c00 01000000 00000000 0000000000000000 00000000 00000000 0000 0200 a100 0400 41424344 b100 0800"
        "0700 0102 20012401");
    harness_send_hex(
        h, false,
        "7000 3d00 01000000 00000000 0000000000000000 00000000 00000000 0000 0200 a100 0400 00010002 b100 2900"
        "0700 8100 0000 0100 0e00 3600 1014 6030 3f825100 14 313735362d4c36312f42204c4f47495835353631");
    harness_expect_operation(h, "cip", "1", "get attributes all", CD_CLASS_IDENTIFY, "Identity 1 via 1.0", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, "cip:1.0"), "0051823f");
    assert_null(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""));
    harness_free(h);
}

/* A mirror that starts in the middle: the connection was opened before. */
static void connected_messages_are_read_without_their_forward_open(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(
        h, true,
        "7000 2000 00010211 00000000 0000000000000000 00000000 00000000 0100 0200 a100 0400 01198300 b100 0c00"
        "c30b 0302 20732401 0100 0500");
    harness_send_hex(
        h, false,
        "7000 2400 00010211 00000000 0000000000000000 00000000 00000000 0000 0200 a100 0400 1600fe80 b100 1000"
        "c30b 8300 0000 0100 0500 0000 00000000");
    harness_expect_operation(h, "cip", "3", "get attribute list", CD_CLASS_READ, "class 0x73 1, attribute 5", 1, 1, 0);
    harness_free(h);
}

/* Which module answers over a connection that was opened unseen can't be known: nobody is given its name plate. */
static void name_plates_from_an_unknown_connection_are_nobodys(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(
        h, true,
        "7000 1c00 01000000 00000000 0000000000000000 00000000 00000000 0000 0200 a100 0400 41424344 b100 0800"
        "0700 0102 20012401");
    harness_send_hex(
        h, false,
        "7000 3d00 01000000 00000000 0000000000000000 00000000 00000000 0000 0200 a100 0400 00010002 b100 2900"
        "0700 8100 0000 0100 0e00 3600 1014 6030 3f825100 14 313735362d4c36312f42204c4f47495835353631");
    harness_expect_operation(h, "cip", "1", "get attributes all", CD_CLASS_IDENTIFY, "Identity 1", 1, 1, 0);
    assert_null(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""));
    harness_free(h);
}

/* Where the capture took the device for the client, the reply bit puts it right. */
static void the_reply_bit_tells_who_asks(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_enip, CD_TRANSPORT_TCP, 60000);
    harness_send_hex(h, false, read_tag_request);
    harness_send_hex(h, true,
                     "6f00 1a00 c9b7ba77 00000000 1122334455667788 00000000 00000000 0000 0200 0000 0000 b200 0a00"
                     "cc00 0000 c400 01020304");
    harness_expect_operation(h, "cip", "76", "read tag", CD_CLASS_READ, "tag Motor", 1, 1, 0);
    harness_free(h);
}

static void cyclic_io_is_counted_by_connection(void **state)
{
    (void)state;
    struct harness *h = udp(CD_ENIP_IO_PORT);
    for (int i = 0; i < 5; i++)
        harness_send_hex(h, true, "0200 0280 0800 03064b00 db943f00 b100 0600 a587 e80f0300");
    harness_expect_operation(h, "enip", "io", "implicit i/o", CD_CLASS_OTHER, "connection 0x004b0603", 5, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_item_that_is_longer_than_its_message_is_a_finding(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true,
                     "6f00 1000 00000000 00000000 0000000000000000 00000000 00000000 0500 0200 0000 0000 b200 ffff");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "item");
    harness_free(h);
}

static void is_recognised_by_content_and_nothing_else_is(void **state)
{
    (void)state;
    static const char http[] = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";
    static const uint8_t zeros[64];
    uint8_t bytes[256];
    size_t len = harness_hex(register_request, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_enip.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    len = harness_hex(read_tag_request, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_enip.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    len = harness_hex(list_identity_response, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_enip.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
    len = harness_hex("6300 0000 00000000 00000000 0000000000002c0e 00000000", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_enip.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_MAYBE);
    len = harness_hex("0200 0280 0800 03064b00 db943f00 b100 0600 a587 e80f0300", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_enip.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_enip.probe((const uint8_t *)http, sizeof http - 1, CD_TRANSPORT_TCP, true),
                     CD_PROBE_NO);
    assert_true(cd_dissector_enip.probe(zeros, sizeof zeros, CD_TRANSPORT_TCP, true) < CD_PROBE_LIKELY);
    assert_int_equal(cd_dissector_enip.frame(NULL, (const uint8_t *)http, sizeof http - 1, true), CD_FRAME_NOT_OURS);
}

static void every_prefix_is_refused_or_waits(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_enip, CD_TRANSPORT_TCP, true, register_request, false);
    harness_every_prefix_hex(&cd_dissector_enip, CD_TRANSPORT_TCP, true, read_tag_request, false);
    harness_every_prefix_hex(&cd_dissector_enip, CD_TRANSPORT_UDP, false, list_identity_response, false);
    harness_every_prefix_hex(&cd_dissector_enip, CD_TRANSPORT_UDP, true,
                             "0200 0280 0800 03064b00 db943f00 b100 0600 a587 e80f0300", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_session_and_its_answer),
        cmocka_unit_test(names_a_refusal_by_its_encapsulation_status),
        cmocka_unit_test(reads_the_name_plate_of_a_list_identity_answer),
        cmocka_unit_test(an_identity_that_opens_a_flow_is_still_an_answer),
        cmocka_unit_test(reads_what_services_are_offered),
        cmocka_unit_test(a_response_counts_on_the_request_with_its_sender_context),
        cmocka_unit_test(messages_are_framed_however_they_are_cut),
        cmocka_unit_test(connected_messages_reach_the_module_their_connection_was_opened_to),
        cmocka_unit_test(connected_messages_are_read_without_their_forward_open),
        cmocka_unit_test(name_plates_from_an_unknown_connection_are_nobodys),
        cmocka_unit_test(the_reply_bit_tells_who_asks),
        cmocka_unit_test(cyclic_io_is_counted_by_connection),
        cmocka_unit_test(an_item_that_is_longer_than_its_message_is_a_finding),
        cmocka_unit_test(is_recognised_by_content_and_nothing_else_is),
        cmocka_unit_test(every_prefix_is_refused_or_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
