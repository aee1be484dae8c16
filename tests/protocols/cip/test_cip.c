#include "../harness.h"

#include "protocols/cip.h"

#include <string.h>

/* Messages of the message router without a carrier: one is open at a time. */
static struct harness *cip(void)
{
    return harness_new(&cd_dissector_cip, CD_TRANSPORT_UDP, 44818);
}

static void request(struct harness *h, const char *hex)
{
    harness_send_hex(h, true, hex);
}

static void response(struct harness *h, const char *hex)
{
    harness_send_hex(h, false, hex);
}

static const char identity[] =
    "8100 0000 0100 0e00 3600 1014 6030 3f825100 14 313735362d4c36312f42204c4f47495835353631";
static const char routed_identity[] = "5202 20062401 069a 0600 0102 20012401 0100 0100";

static void reads_and_writes_of_tags_name_the_tag(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "4c08 91054d6f746f7200 910553706565 6400 0100");
    response(h, "cc00 0000 ca00 0000803f");
    harness_expect_operation(h, "cip", "76", "read tag", CD_CLASS_READ, "tag Motor.Speed", 1, 1, 0);
    request(h, "4d05 91055461626c6500 2803 c400 0a00 00000000");
    response(h, "cd00 0000");
    harness_expect_operation(h, "cip", "77", "write tag", CD_CLASS_WRITE, "tag Table[3] (10 elements)", 1, 1, 0);
    request(h, "5204 91055461626c6500 0200 00000000");
    response(h, "d200 0600 c400 01000000");
    harness_expect_operation(h, "cip", "82", "read tag fragmented", CD_CLASS_READ, "tag Table (2 elements)", 1, 1, 0);
    request(h, "4e04 91055461626c6500 0100 01 ff");
    harness_expect_operation(h, "cip", "78", "read modify write tag", CD_CLASS_WRITE, "tag Table", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void errors_are_named_and_counted_among_the_responses(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "4c04 91055461626c6500 0100");
    response(h, "cc00 0501 0000");
    harness_expect_operation(h, "cip", "76", "read tag", CD_CLASS_READ, "tag Table", 1, 1, 1);
    harness_free(h);
}

static void an_answer_without_its_request_is_counted(void **state)
{
    (void)state;
    struct harness *h = cip();
    response(h, "cc00 0000 c400 01000000");
    harness_expect_operation(h, "cip", "76", "read tag", CD_CLASS_READ, "", 0, 1, 0);
    harness_free(h);
}

static void a_routed_request_is_counted_beside_its_wrapping_and_its_facts_are_the_modules(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, routed_identity);
    response(h, identity);
    harness_expect_operation(h, "cip", "82", "unconnected send", CD_CLASS_OTHER, "via 1.0", 1, 0, 0);
    harness_expect_operation(h, "cip", "1", "get attributes all", CD_CLASS_IDENTIFY, "Identity 1 via 1.0", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, "cip:1.0"), "1756-L61/B LOGIX5561");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, "cip:1.0"), "16.20");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "cip:1.0"), "1756-L61");
    assert_null(harness_fact(h, CD_ATTRIBUTE_MODEL, ""));
    harness_free(h);
}

static void a_route_that_fails_is_answered_to_the_wrapping(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "5202 20062401 069a 0600 0102 20012401 0100 0104");
    response(h, "d200 0101 0402 00");
    harness_expect_operation(h, "cip", "82", "unconnected send", CD_CLASS_OTHER, "via 1.4", 1, 1, 1);
    harness_expect_operation(h, "cip", "1", "get attributes all", CD_CLASS_IDENTIFY, "Identity 1 via 1.4", 1, 0, 0);
    harness_free(h);
}

/* Out of the chassis by the Ethernet port of module 1, to another chassis. */
static void routes_over_networks_name_every_hop(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "5202 20062401 069a 0600 0102 20012401 0900 0101 120b 3139322e3136382e312e35 00 0100");
    response(h, identity);
    harness_expect_operation(h, "cip", "1", "get attributes all", CD_CLASS_IDENTIFY,
                             "Identity 1 via 1.1/2.192.168.1.5/1.0", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, "cip:1.1/cip:2.192.168.1.5/cip:1.0"), "0051823f");
    harness_free(h);
}

static void each_service_of_a_multiple_service_packet_is_counted(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h,
            "0a02 20022401 0300 0800 0e00 1600 0102 20012401 0e03 20f52401 3006 0a02 20022401 0100 0400 0102 20f62401");
    response(h, "8a00 0000 0300 0800 2f00 3b00 8100 0000 0100 0e00 3600 1014 6030 3f825100 14 "
                "313735362d4c36312f42204c4f47495835353631"
                "8e00 0000 0600 6c696e652d31 8a00 0000 0100 0400 8100 0000 64000000 03000000 0000bc123456");
    harness_expect_operation(h, "cip", "10", "multiple service packet", CD_CLASS_OTHER, "Message Router 1", 2, 2, 0);
    harness_expect_operation(h, "cip", "14", "get attribute single", CD_CLASS_READ, "TCP/IP Interface 1, attribute 6",
                             1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "0051823f");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "line-1");
    harness_free(h);
}

/* More than a flow remembers by itself. */
static void forty_services_in_one_packet_find_their_answers(void **state)
{
    (void)state;
    struct harness *h = cip();
    uint8_t ask[1024] = {0x0a, 2, 0x20, 2, 0x24, 1, 40}, answer[1024] = {0x8a, 0, 0, 0, 40};
    size_t n = 8 + 80, m = 6 + 80;
    for (unsigned i = 0; i < 40; i++) {
        const uint8_t one[] = {0x0e, 3, 0x20, 4, 0x24, (uint8_t)(i + 1), 0x30, 3}, reply[] = {0x8e, 0, 0, 0, 7};
        ask[8 + 2 * i] = (uint8_t)(n - 6);
        ask[9 + 2 * i] = (uint8_t)((n - 6) >> 8);
        answer[6 + 2 * i] = (uint8_t)(m - 4);
        answer[7 + 2 * i] = (uint8_t)((m - 4) >> 8);
        memcpy(ask + n, one, sizeof one);
        memcpy(answer + m, reply, sizeof reply);
        n += sizeof one;
        m += sizeof reply;
    }
    harness_send(h, true, ask, n);
    harness_send(h, false, answer, m);
    harness_expect_operation(h, "cip", "14", "get attribute single", CD_CLASS_READ, "Assembly 1, attribute 3", 1, 1, 0);
    harness_expect_operation(h, "cip", "14", "get attribute single", CD_CLASS_READ, "Assembly 40, attribute 3", 1, 1,
                             0);
    harness_expect_operation(h, "cip", "10", "multiple service packet", CD_CLASS_OTHER, "Message Router 1", 1, 1, 0);
    harness_free(h);
}

static void packets_nested_without_end_are_refused(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "0a02 20022401 0100 0400 0a02 20022401 0100 0400 0a02 20022401 0100 0400 0a02 20022401 0100 0400 0a02 "
               "20022401 0100 0400"
               "0102 20012401");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "nested requests");
    harness_free(h);
}

static void name_plates_are_read_attribute_by_attribute(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "0e03 20012401 3007");
    response(h, "8e00 0000 0b 313735362d454e42542f41");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, ""), "1756-ENBT");
    request(h, "0302 20012401 0300 0400 0600 0100");
    response(h, "8300 0000 0300 0400 0000 0407 0600 0000 c3ae5100 0100 0000 3501");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "4.7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "0051aec3");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Prosoft Technology");
    harness_free(h);
}

static void network_settings_are_read(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "0102 20f52401");
    response(h, "8100 0000 01000000 14000000 02000000 0200 20f62401 0a01a8c0 00ffffff 0101a8c0 00000000 00000000 0500 "
                "706c616e7400 0600 6c696e652d31");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "line-1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "plant");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_GATEWAY, ""), "192.168.1.1");
    request(h, "0e03 20f62401 3003");
    response(h, "8e00 0000 0000bc123456");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "00:00:bc:12:34:56");
    harness_free(h);
}

static void the_project_of_a_controller_is_read(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "0102 20642401");
    response(h, "8100 0000 0f00 4e69667479436f6e74726f6c6c6572 0000");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_PROGRAM, ""), "NiftyController");
    harness_free(h);
}

static void what_endangers_a_plant_is_classed_so(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "0502 20012401 00");
    harness_expect_operation(h, "cip", "5", "reset", CD_CLASS_MODE, "Identity 1", 1, 0, 0);
    request(h, "5202 20062401 03f0 0c00 0702 20642401 deadbeefcafe 0100 0100");
    harness_expect_operation(h, "cip", "7", "stop", CD_CLASS_MODE, "Program Name 1 via 1.0", 1, 0, 0);
    request(h, "1003 20f52401 3005 1401a8c0 00ffffff 00000000 00000000 00000000 0000");
    harness_expect_operation(h, "cip", "16", "set attribute single", CD_CLASS_CONFIGURE,
                             "TCP/IP Interface 1, attribute 5 = 192.168.1.20", 1, 0, 0);
    request(h, "5102 20a12401 16ff1b00 0000 0000 0100 0100 c3ae5100");
    harness_expect_operation(h, "cip", "81", "firmware update prepare", CD_CLASS_FIRMWARE, "Nonvolatile Storage 1", 1,
                             0, 0);
    request(h, "4d02 20a12401 00000000 9595");
    harness_expect_operation(h, "cip", "77", "firmware transfer", CD_CLASS_FIRMWARE, "Nonvolatile Storage 1", 1, 0, 0);
    request(h, "0402 208b2401 0100 0600 0000000000000000");
    harness_expect_operation(h, "cip", "4", "set attribute list", CD_CLASS_CONFIGURE, "Wall Clock Time 1, attribute 6",
                             1, 0, 0);
    request(h, "1003 20092401 3003 01");
    harness_expect_operation(h, "cip", "16", "set attribute single", CD_CLASS_CONTROL,
                             "Discrete Output Point 1, attribute 3", 1, 0, 0);
    request(h, "0802 206b2400");
    harness_expect_operation(h, "cip", "8", "create", CD_CLASS_PROGRAM, "Symbol 0", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 8);
    harness_free(h);
}

static void connections_are_named_by_what_they_lead_to(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "5402 20062401 059b 00000000 00000000 0e00 0100 22f51300 02000000 10270000 1a48 10270000 1a28 01"
               "09 3404 0000 0000 0000 00 00 2004 2406 2c02 2c01");
    response(h, "d400 0101 0001 0e00 0100 22f51300 00 00");
    harness_expect_operation(h, "cip", "84", "forward open", CD_CLASS_SESSION,
                             "class 1 connection to Assembly 6, points 2 1", 1, 1, 1);
    request(h, "4e02 20062401 059b 0e00 0100 22f51300 03 00 0100 20022401");
    harness_expect_operation(h, "cip", "78", "forward close", CD_CLASS_SESSION,
                             "connection to Message Router 1 via 1.0", 1, 0, 0);
    harness_free(h);
}

static void pccc_commands_name_their_file_and_element(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "4b02 20672401 074d00e0312b3d 0f00 4ec6 a2 0a 07 89 05 00");
    response(h, "cb00 0000 074d00e0312b3d 4f00 4ec6 01000200030004000500");
    harness_expect_operation(h, "cip", "75", "execute pccc", CD_CLASS_READ, "protected typed logical read N7:5", 1, 1,
                             0);
    request(h, "4b02 20672401 074d00e0312b3d 0f00 4fc6 aa 02 04 86 ff2c01 01 0100");
    response(h, "cb00 0000 074d00e0312b3d 4f10 4fc6");
    harness_expect_operation(h, "cip", "75", "execute pccc", CD_CLASS_WRITE, "protected typed logical write T4:300.1",
                             1, 1, 1);
    request(h, "4b02 20672401 074d00e0312b3d 0f00 50c6 80 01");
    harness_expect_operation(h, "cip", "75", "execute pccc", CD_CLASS_MODE, "change cpu mode to remote program", 1, 0,
                             0);
    request(h, "4b02 20672401 074d00e0312b3d 0f00 51c6 68 0000 0100 00 244e373a3000 0100");
    harness_expect_operation(h, "cip", "75", "execute pccc", CD_CLASS_READ, "typed read N7:0", 1, 0, 0);
    harness_free(h);
}

static void a_diagnostic_status_identifies_the_processor(void **state)
{
    (void)state;
    struct harness *h = cip();
    request(h, "4b02 20672401 074d00e0312b3d 0600 63c5 03");
    response(h, "cb00 0000 074d00e0312b3d 4600 63c5 00ee4a9f23 313736362d4c4543202020 0000 26 0036829efc01");
    harness_expect_operation(h, "cip", "75", "execute pccc", CD_CLASS_IDENTIFY, "diagnostic status", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "1766-LEC");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "series B revision D");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "remote run");
    harness_free(h);
}

static void paths_that_lie_are_findings(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "4c05 91ff 4d6f746f7200 0100",  /* a symbol longer than its path */
        "0e02 2001 2501",               /* a 16-bit instance without its pad and half of it */
        "0101 e000",                    /* a reserved segment */
        "01ff 2001",                    /* a path longer than the message */
        "8100 0005 0000",               /* more additional status than there is */
        "0a02 20022401 0200 0400 0000", /* an offset before the first service */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct harness *h = cip();
        request(h, bad[i]);
        assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
        harness_free(h);
    }
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    static const char *const messages[] = {
        routed_identity,
        identity,
        "0a02 20022401 0300 0800 0e00 1600 0102 20012401 0e03 20f52401 3006 0a02 20022401 0100 0400 0102 20f62401",
        "5402 20062401 059b 00000000 00000000 0e00 0100 22f51300 02000000 10270000 1a48 10270000 1a28 01 09 3404 0000 "
        "0000 0000 00 00 2004 2406 2c02 2c01",
        "4b02 20672401 074d00e0312b3d 0f00 4fc6 aa 02 04 86 ff2c01 01 0100",
        "4d05 91055461626c6500 2803 c400 0a00 00000000",
    };
    /* The length stands in the carrier: a prefix may be a whole message of a service that needs less. */
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        harness_every_prefix_hex(&cd_dissector_cip, CD_TRANSPORT_UDP, true, messages[i], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_of_tags_name_the_tag),
        cmocka_unit_test(errors_are_named_and_counted_among_the_responses),
        cmocka_unit_test(an_answer_without_its_request_is_counted),
        cmocka_unit_test(a_routed_request_is_counted_beside_its_wrapping_and_its_facts_are_the_modules),
        cmocka_unit_test(a_route_that_fails_is_answered_to_the_wrapping),
        cmocka_unit_test(routes_over_networks_name_every_hop),
        cmocka_unit_test(each_service_of_a_multiple_service_packet_is_counted),
        cmocka_unit_test(forty_services_in_one_packet_find_their_answers),
        cmocka_unit_test(packets_nested_without_end_are_refused),
        cmocka_unit_test(name_plates_are_read_attribute_by_attribute),
        cmocka_unit_test(network_settings_are_read),
        cmocka_unit_test(the_project_of_a_controller_is_read),
        cmocka_unit_test(what_endangers_a_plant_is_classed_so),
        cmocka_unit_test(connections_are_named_by_what_they_lead_to),
        cmocka_unit_test(pccc_commands_name_their_file_and_element),
        cmocka_unit_test(a_diagnostic_status_identifies_the_processor),
        cmocka_unit_test(paths_that_lie_are_findings),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
