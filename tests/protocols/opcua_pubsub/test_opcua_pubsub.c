#include "../harness.h"

#include "protocols/opcua_pubsub.h"

/* Messages made after OPC 10000-14, 7.2.4.4 and its annex A. */

/* Publisher 2234 (UInt16), group 100 with all of its header, writers 62541 and 62542 */
static const char data[] = "f1 01 ba08 0f 6400 01000000 0100 0500 02 4df4 4ef4 0400 0400 01000001 01000002";
static const char secured[] = "f1 11 ba08 01 6400 01 4df4 03 01000000 08 0102030405060708 aabbccdd";
static const char text_publisher[] = "91 04 05000000 706c633137 01000001";
static const char probe_[] = "91 81 04 ba08 01 00";
static const char announcement[] = "91 81 08 ba08 01 0000 00";

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_opcua_pubsub, CD_TRANSPORT_UDP, 0);
}

static void data_sets_are_told_by_publisher_group_and_writers(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, data);
    harness_send_hex(h, true, data);
    harness_expect_operation(h, "opcua-pubsub", "0", "data set messages", CD_CLASS_READ,
                             "publisher 2234 group 100 writers 62541, 62542", 2, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "publisher 2234"));
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 1);
    harness_send_hex(h, true, text_publisher);
    harness_expect_operation(h, "opcua-pubsub", "0", "data set messages", CD_CLASS_READ, "publisher plc17", 1, 0, 0);
    harness_free(h);
}

static void secured_data_sets_are_no_finding(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, secured);
    assert_int_equal(harness_operations(h, "opcua-pubsub", "0", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 0);
    harness_free(h);
}

static void discovery_is_told_apart(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, probe_);
    assert_null(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""));
    harness_send_hex(h, true, announcement);
    harness_expect_operation(h, "opcua-pubsub", "1", "discovery probe", CD_CLASS_IDENTIFY, "publisher 2234", 1, 0, 0);
    harness_expect_operation(h, "opcua-pubsub", "2", "discovery announcement", CD_CLASS_IDENTIFY, "publisher 2234", 1,
                             0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "publisher 2234"));
    harness_free(h);
}

static void the_same_is_read_directly_on_ethernet(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_opcua_pubsub, CD_TRANSPORT_ETH, 0);
    harness_send_hex(h, true, data);
    assert_int_equal(harness_operations(h, "opcua-pubsub", "0", NULL).requests, 1);
    harness_free(h);
}

static void what_does_not_fit_is_malformed(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "f1 01 ba08 0f 6400 01000000 0100 0500 ff 4df4");
    harness_send_hex(h, true, "91 07 01 01");      /* a publisher id of no type */
    harness_send_hex(h, true, "91 81 fc ba08 00"); /* a network message of no type */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 3);
    harness_free(h);
}

static void foreign_ports_are_not_claimed(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t len = harness_hex(data, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_opcua_pubsub.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_MAYBE);
    assert_int_equal(cd_dissector_opcua_pubsub.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_without_harm(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_opcua_pubsub, CD_TRANSPORT_UDP, true, data, true);
    harness_every_prefix_hex(&cd_dissector_opcua_pubsub, CD_TRANSPORT_UDP, true, secured, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_sets_are_told_by_publisher_group_and_writers),
        cmocka_unit_test(secured_data_sets_are_no_finding),
        cmocka_unit_test(discovery_is_told_apart),
        cmocka_unit_test(the_same_is_read_directly_on_ethernet),
        cmocka_unit_test(what_does_not_fit_is_malformed),
        cmocka_unit_test(foreign_ports_are_not_claimed),
        cmocka_unit_test(every_prefix_is_refused_or_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
