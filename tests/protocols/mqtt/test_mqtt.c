#include "../harness.h"

#include "protocols/mqtt.h"

#include <string.h>

/* The messages in seeds/ were sent by Mosquitto's clients and broker; those in the code are made. */
static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_mqtt, CD_TRANSPORT_TCP, 0);
}

static void send_seed(struct harness *h, const char *name)
{
    uint8_t bytes[2048];
    harness_send(h, strncmp(name, "req-", 4) == 0, bytes, harness_seed(name, bytes, sizeof bytes));
}

static void connections_tell_client_user_and_password(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-4.bin");
    send_seed(h, "resp-connack-4.bin");
    harness_expect_operation(h, "mqtt", "1", "CONNECT", CD_CLASS_SESSION, "3.1.1", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "operator"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "scada-1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "mqtt-client"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "mqtt-broker"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "password in clear of user operator");
    harness_free(h);
}

static void all_versions_are_read_and_refusals_are_errors(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-3.bin");
    send_seed(h, "resp-connack-3.bin");
    harness_expect_operation(h, "mqtt", "1", "CONNECT", CD_CLASS_SESSION, "3.1", 1, 1, 0);
    harness_free(h);
    h = tcp();
    send_seed(h, "req-connect-5.bin");
    send_seed(h, "resp-connack-5-refused.bin");
    harness_expect_operation(h, "mqtt", "1", "CONNECT", CD_CLASS_SESSION, "5.0", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED), "not authorized");
    harness_free(h);
    h = tcp();
    send_seed(h, "req-connect-4.bin");
    send_seed(h, "resp-connack-4-refused.bin");
    harness_expect_operation(h, "mqtt", "1", "CONNECT", CD_CLASS_SESSION, "3.1.1", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    assert_false(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "mqtt-broker"));
    harness_free(h);
}

static void publications_go_both_ways(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-4.bin");
    send_seed(h, "req-publish-4-qos0.bin");
    send_seed(h, "req-publish-4-qos2.bin");
    send_seed(h, "resp-pubrec.bin");
    send_seed(h, "req-pubrel.bin");
    send_seed(h, "resp-pubcomp.bin");
    send_seed(h, "resp-broker-version.bin");
    send_seed(h, "req-puback.bin");
    send_seed(h, "resp-publish-4-qos1.bin");
    harness_expect_operation(h, "mqtt", "3", "PUBLISH", CD_CLASS_WRITE, "plant/pump1/speed", 1, 0, 0);
    harness_expect_operation(h, "mqtt", "3", "PUBLISH", CD_CLASS_WRITE, "plant/pump1/state (retained)", 1, 1, 0);
    harness_expect_operation(h, "mqtt", "6", "PUBREL", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_expect_operation(h, "mqtt", "3", "PUBLISH to subscriber", CD_CLASS_READ, "plant/pump1/state", 1, 0, 0);
    harness_expect_operation(h, "mqtt", "3", "PUBLISH to subscriber", CD_CLASS_READ, "$SYS/broker/version (retained)",
                             1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void properties_of_version_5_are_passed_over(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-5.bin");
    send_seed(h, "resp-connack-5.bin");
    send_seed(h, "req-subscribe-5.bin");
    send_seed(h, "resp-suback-5.bin");
    send_seed(h, "req-publish-5-qos1.bin");
    send_seed(h, "resp-puback-5.bin");
    harness_expect_operation(h, "mqtt", "8", "SUBSCRIBE", CD_CLASS_READ,
                             "spBv1.0/Works/NCMD/Edge7, spBv1.0/Works/DCMD/Edge7/#", 1, 1, 0);
    harness_expect_operation(h, "mqtt", "3", "PUBLISH", CD_CLASS_WRITE, "plant/pump2/speed", 1, 1, 0);
    harness_send_hex(h, true, "30 0a 0000 04 23 0003 0100 01 61"); /* only an alias: length 4, alias 3, format 0, "a" */
    harness_send_hex(h, true, "30 08 0000 03 23 0003 01 61");
    harness_expect_operation(h, "mqtt", "3", "PUBLISH", CD_CLASS_WRITE, "topic alias 3", 2, 0, 0);
    harness_send_hex(h, false, "e0 02 8e 00");
    harness_expect_operation(h, "mqtt", "14", "DISCONNECT", CD_CLASS_SESSION, "session taken over", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
    h = tcp(); /* where the connection's beginning was not seen */
    send_seed(h, "req-subscribe-5.bin");
    harness_expect_operation(h, "mqtt", "8", "SUBSCRIBE", CD_CLASS_READ,
                             "spBv1.0/Works/NCMD/Edge7, spBv1.0/Works/DCMD/Edge7/#", 1, 0, 0);
    harness_free(h);
}

static void subscriptions_name_their_filters_and_their_refusal(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-4.bin");
    send_seed(h, "req-subscribe.bin");
    send_seed(h, "resp-suback.bin");
    harness_expect_operation(h, "mqtt", "8", "SUBSCRIBE", CD_CLASS_READ,
                             "plant/#, $SYS/broker/version, spBv1.0/+/NBIRTH/# and more", 1, 1, 0);
    harness_send_hex(h, true, "a2 06 0009 0002 612f");
    harness_send_hex(h, false, "b0 02 0009");
    harness_expect_operation(h, "mqtt", "10", "UNSUBSCRIBE", CD_CLASS_READ, "a/", 1, 1, 0);
    harness_send_hex(h, true, "82 06 000a 0001 62 00");
    harness_send_hex(h, false, "90 03 000a 80");
    harness_expect_operation(h, "mqtt", "8", "SUBSCRIBE", CD_CLASS_READ, "b", 1, 1, 1);
    harness_send_hex(h, true, "c000");
    harness_send_hex(h, false, "d000");
    harness_expect_operation(h, "mqtt", "12", "PINGREQ", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_free(h);
}

static void brokers_tell_their_version(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "resp-broker-version.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "mosquitto version 2.0.11"));
    harness_free(h);
}

static void sparkplug_births_tell_nodes_and_their_devices(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-4.bin");
    send_seed(h, "req-nbirth.bin");
    send_seed(h, "req-dbirth.bin");
    send_seed(h, "req-ddata.bin");
    harness_expect_operation(h, "mqtt", "3", "NBIRTH", CD_CLASS_IDENTIFY, "spBv1.0/Works/NBIRTH/Edge7", 1, 0, 0);
    harness_expect_operation(h, "mqtt", "3", "DDATA", CD_CLASS_READ, "spBv1.0/Works/DDATA/Edge7/Pump1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "Works/Edge7"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Raspberry Pi");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "4B");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Raspbian");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "2.4.1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, "sparkplug:Pump1"), "Pump1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, "sparkplug:Pump1"), "SN-4471");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, "sparkplug:Pump1"), "Example Pumps");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void sparkplug_commands_act_on_the_process(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-dcmd.bin");
    send_seed(h, "req-ncmd.bin");
    harness_expect_operation(h, "mqtt", "3", "DCMD", CD_CLASS_CONTROL,
                             "spBv1.0/Works/DCMD/Edge7/Pump1 Pump/Setpoint, Pump/Run", 1, 0, 0);
    harness_expect_operation(h, "mqtt", "3", "NCMD", CD_CLASS_MODE, "spBv1.0/Works/NCMD/Edge7 Node Control/Reboot", 1,
                             0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
    h = tcp(); /* handed on by the broker, whose request it then is */
    send_seed(h, "resp-dcmd.bin");
    send_seed(h, "req-puback.bin");
    assert_int_equal(harness_operations(h, "mqtt", "3", NULL).requests, 1);
    harness_free(h);
    h = tcp();
    harness_send_hex(h, true, "30 19 0013 737042 76312e302f472f4e434d442f45646765 12 ff 01 00");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void what_is_against_the_protocol_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-connect-4.bin");
    harness_send_hex(h, true, "00 02 0000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "reserved packet type");
    assert_int_equal(harness_operations(h, "mqtt", "0", NULL).requests, 1);
    harness_send_hex(h, true, "30 05 0003 612f23");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 2);
    harness_send_hex(h, true, "30 02 0009");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void only_connections_are_known_on_foreign_ports(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = harness_seed("req-connect-4.bin", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_mqtt.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    len = harness_seed("req-connect-3.bin", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_mqtt.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    len = harness_seed("req-publish-4-qos0.bin", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_mqtt.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_MAYBE);
    assert_int_equal(cd_dissector_mqtt.probe((const uint8_t *)"GET / HTTP/1.1\r\n", 16, CD_TRANSPORT_TCP, true),
                     CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const names[] = {"req-connect-3.bin",      "req-connect-5.bin", "resp-connack-5.bin",
                                        "req-publish-5-qos1.bin", "req-subscribe.bin", "req-nbirth.bin",
                                        "req-dcmd.bin",           "resp-suback.bin"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t bytes[2048];
        size_t len = harness_seed(names[i], bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_mqtt, CD_TRANSPORT_TCP, strncmp(names[i], "req-", 4) == 0, bytes, len,
                             false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_tell_client_user_and_password),
        cmocka_unit_test(all_versions_are_read_and_refusals_are_errors),
        cmocka_unit_test(publications_go_both_ways),
        cmocka_unit_test(properties_of_version_5_are_passed_over),
        cmocka_unit_test(subscriptions_name_their_filters_and_their_refusal),
        cmocka_unit_test(brokers_tell_their_version),
        cmocka_unit_test(sparkplug_births_tell_nodes_and_their_devices),
        cmocka_unit_test(sparkplug_commands_act_on_the_process),
        cmocka_unit_test(what_is_against_the_protocol_is_a_violation),
        cmocka_unit_test(only_connections_are_known_on_foreign_ports),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
