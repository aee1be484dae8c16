#include "../harness.h"

#include <string.h>

#include "protocols/knx.h"

#define P "knx"
#define SEED(name) CD_TEST_DIR "/seeds/" name ".bin"

static void send_seed(struct harness *h, bool from_client, const char *path)
{
    uint8_t bytes[512];
    harness_send(h, from_client, bytes, harness_file(path, bytes, sizeof bytes));
}

static struct harness *datagrams(void)
{
    return harness_new(&cd_dissector_knx, CD_TRANSPORT_UDP, 3671);
}

/* A tunnelling request with this cEMI. */
static void tunnel(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[256] = {6, 0x10, 4, 0x20, 0, 0, 4, 0x12, 0, 0};
    size_t n = 10 + harness_hex(hex, bytes + 10, sizeof bytes - 10);
    bytes[5] = (uint8_t)n;
    harness_send(h, from_client, bytes, n);
}

/* ---- services ---- */

static void a_search_response_tells_the_device(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    send_seed(h, true, SEED("req-search"));
    send_seed(h, false, SEED("resp-search"));
    harness_expect_operation(h, P, "513", "search", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "SCN-IP000.03 IP (A7.1a)");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "0083764001a4");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "MDT technologies");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""), "1.1.1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "cc:1b:e0:80:77:b2");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, ""), "KNX TP1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "gateway");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "KNXnet/IP tunnelling"));
    harness_free(h);
}

static void an_extended_search_response_is_of_its_own_service(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    send_seed(h, false, SEED("resp-search-extended"));
    harness_expect_operation(h, P, "523", "search extended", CD_CLASS_IDENTIFY, "", 0, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "KNXnet/IP security"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_connection_is_followed_to_its_end(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    send_seed(h, true, SEED("req-connect"));
    send_seed(h, false, SEED("resp-connect"));
    send_seed(h, true, SEED("req-state"));
    send_seed(h, false, SEED("resp-state"));
    send_seed(h, false, SEED("resp-tunnelling"));
    send_seed(h, true, SEED("req-ack"));
    send_seed(h, false, SEED("resp-disconnect")); /* the server may end it, too */
    harness_send_hex(h, true, "0610020a00081200");
    harness_expect_operation(h, P, "517", "connect", CD_CLASS_SESSION, "tunnel", 1, 1, 0);
    harness_expect_operation(h, P, "519", "connection state", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_expect_operation(h, P, "1056", "tunnelling", CD_CLASS_OTHER, "", 1, 1, 0);
    harness_expect_operation(h, P, "521", "disconnect", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_free(h);
}

static void a_refused_connection_is_an_error_by_name(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    harness_send_hex(h, true, "06100205001a 0801c0a8010ae000 0801c0a8010ae001 04048000");
    harness_send_hex(h, false, "061002060008 00 24");
    harness_expect_operation(h, P, "517", "connect", CD_CLASS_SESSION, "tunnel as bus monitor", 1, 1, 1);
    harness_free(h);
}

static void the_ends_are_known_by_what_they_say(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    send_seed(h, false, SEED("req-connect")); /* sent by the end the flow took for the server */
    send_seed(h, true, SEED("resp-connect"));
    harness_expect_operation(h, P, "517", "connect", CD_CLASS_SESSION, "tunnel", 1, 1, 0);
    send_seed(h, true, SEED("resp-tunnelling"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "knx:1.2.151"), "1.2.151");
    harness_free(h);
}

static void secured_traffic_is_named_without_noise(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    send_seed(h, true, SEED("req-secure-wrapper"));
    harness_expect_operation(h, P, "2384", "secure wrapper", CD_CLASS_OTHER, "", 1, 0, 0);
    send_seed(h, true, SEED("req-configuration-secure"));
    harness_expect_operation(h, P, "apci:1009", "data secure", CD_CLASS_OTHER, "interface", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void remote_reset_is_a_mode_change(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    harness_send_hex(h, true, "06100743000e 08 01 0083764001a4");
    harness_expect_operation(h, P, "1859", "remote reset", CD_CLASS_MODE, "", 1, 0, 0);
    harness_free(h);
}

/* ---- over the bus ---- */

static void telegrams_from_the_bus_tell_group_and_device(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    send_seed(h, false, SEED("resp-tunnelling"));
    harness_expect_operation(h, P, "apci:128", "group value write", CD_CLASS_WRITE, "7/3/94", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "knx:1.2.151"), "1.2.151");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "gateway");
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 0);
    harness_free(h);
}

static void a_clients_write_onto_the_bus_is_control(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    tunnel(h, true, "11 00 bce0 0000 0a03 01 0081");
    tunnel(h, false, "2e 00 bce0 1102 0a03 01 0081");
    harness_expect_operation(h, P, "apci:128", "group value write", CD_CLASS_CONTROL, "1/2/3", 1, 1, 0);
    tunnel(h, true, "11 00 bce0 0000 0a04 01 0080");
    tunnel(h, false, "2e 00 bde0 1102 0a04 01 0080"); /* nobody on the bus acknowledged */
    harness_expect_operation(h, P, "apci:128", "group value write", CD_CLASS_CONTROL, "1/2/4", 1, 1, 1);
    tunnel(h, true, "11 00 bce0 0000 0a03 01 0000");
    harness_expect_operation(h, P, "apci:0", "group value read", CD_CLASS_READ, "1/2/3", 1, 0, 0);
    harness_free(h);
}

static void programming_a_device_is_dangerous(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    tunnel(h, true, "11 00 b060 0000 1105 00 80");                /* transport connect */
    tunnel(h, true, "11 00 b060 0000 1105 06 4283 0116 aabbcc");  /* memory write of three bytes */
    tunnel(h, true, "11 00 b060 0000 1105 01 4780");              /* restart */
    tunnel(h, true, "11 00 b0e0 0000 0000 03 00c0 1107");         /* individual address write: a broadcast */
    tunnel(h, true, "11 00 b060 0000 1105 06 43d7 0038 1001 07"); /* property value write */
    harness_expect_operation(h, P, "apci:640", "memory write", CD_CLASS_CONFIGURE, "1.1.5", 1, 0, 0);
    harness_expect_operation(h, P, "apci:896", "restart", CD_CLASS_MODE, "1.1.5", 1, 0, 0);
    harness_expect_operation(h, P, "apci:192", "individual address write", CD_CLASS_CONFIGURE, "broadcast", 1, 0, 0);
    harness_expect_operation(h, P, "apci:983", "property value write", CD_CLASS_CONFIGURE, "1.1.5 object 0 property 56",
                             1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 4);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_key_in_clear_is_told_and_never_shown(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    tunnel(h, true, "11 00 b060 0000 1105 06 43d1 00 ffffffff"); /* the key everybody has */
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    tunnel(h, true, "11 00 b060 0000 1105 06 43d1 00 12345678");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "KNX access key");
    harness_free(h);
}

static void answers_from_the_bus_identify_devices(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    tunnel(h, false, "29 00 b060 1105 1102 0b 43d6 000b 1001 000211223344");
    tunnel(h, false, "29 00 b060 1105 1102 03 4340 07b0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, "knx:1.1.5"), "000211223344");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, "knx:1.1.5"), "ABB");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "knx:1.1.5"), "KNX mask 07b0");
    harness_free(h);
}

static void interface_properties_are_read_and_refused(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    harness_send_hex(h, true, "061003100011 04010000 fc 0000 01 0b 1001");
    harness_send_hex(h, false, "061003110 00a 04010000");
    harness_send_hex(h, false, "061003100017 04010000 fb 0000 01 0b 1001 0083764001a4");
    harness_send_hex(h, true, "061003100011 04010100 fc 000b 01 4c 1001");
    harness_send_hex(h, false, "061003100012 04010100 fb 000b 01 4c 0001 07");
    harness_expect_operation(h, P, "cemi:252", "property read", CD_CLASS_READ, "interface object 0 property 11", 1, 1,
                             0);
    harness_expect_operation(h, P, "cemi:252", "property read", CD_CLASS_READ, "interface object 11 property 76", 1, 1,
                             1);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "0083764001a4");
    harness_free(h);
}

static void routers_tell_the_devices_behind_them(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    harness_set_ends(h, "10.0.0.1", "224.0.23.12", 16);
    harness_send_hex(h, true, "061005300011 29 00 bcd0 1203 3b5e 01 0081");
    harness_expect_operation(h, P, "1328", "routing indication", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_expect_operation(h, P, "apci:128", "group value write", CD_CLASS_WRITE, "7/3/94", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "knx:1.2.3"), "1.2.3");
    harness_send_hex(h, true, "06100532000c 06 00 0064 0000");
    harness_expect_operation(h, P, "1330", "routing busy", CD_CLASS_ALARM, "", 1, 0, 0);
    harness_free(h);
}

/* ---- unhappy ways ---- */

static void bad_lengths_are_malformed(void **unused)
{
    (void)unused;
    struct harness *h = datagrams();
    tunnel(h, false, "29 00 bcd0 1297 3b5e 05 0080 1559"); /* says more than there is */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    tunnel(h, false, "29 09 bcd0 1297 3b5e");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_send_hex(h, false, "06100204000a 36 01 02 00"); /* a description block that goes beyond */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 3);
    harness_free(h);
}

static void other_protocols_are_not_claimed(void **unused)
{
    (void)unused;
    static const uint8_t unknown[] = {6, 0x10, 9, 9, 0, 6}, longer[] = {6, 0x10, 2, 1, 0, 0x20, 1, 2};
    assert_int_equal(cd_dissector_knx.probe(unknown, sizeof unknown, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_knx.probe(longer, sizeof longer, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void streams_are_framed_by_the_total_length(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_knx, CD_TRANSPORT_TCP, 3671);
    harness_send_hex(h, false, "061004200015 040a0000 29 00 bcd0 1297 3b5e 01 0081 0610");
    harness_send_hex(h, false, "04200015 040a0000 29 00 bcd0 1297 3b5e 01 0080");
    harness_expect_operation(h, P, "apci:128", "group value write", CD_CLASS_WRITE, "7/3/94", 2, 0, 0);
    harness_free(h);
}

static void every_prefix_is_refused_or_asks_for_more(void **unused)
{
    (void)unused;
    static const char *const seeds[] = {SEED("resp-search"), SEED("req-connect"), SEED("resp-tunnelling"),
                                        SEED("req-secure-wrapper"), SEED("resp-search-extended")};
    uint8_t bytes[512];
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        size_t len = harness_file(seeds[i], bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_knx, CD_TRANSPORT_UDP, false, bytes, len, false);
        harness_every_prefix(&cd_dissector_knx, CD_TRANSPORT_TCP, false, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_response_tells_the_device),
        cmocka_unit_test(an_extended_search_response_is_of_its_own_service),
        cmocka_unit_test(a_connection_is_followed_to_its_end),
        cmocka_unit_test(a_refused_connection_is_an_error_by_name),
        cmocka_unit_test(the_ends_are_known_by_what_they_say),
        cmocka_unit_test(secured_traffic_is_named_without_noise),
        cmocka_unit_test(remote_reset_is_a_mode_change),
        cmocka_unit_test(telegrams_from_the_bus_tell_group_and_device),
        cmocka_unit_test(a_clients_write_onto_the_bus_is_control),
        cmocka_unit_test(programming_a_device_is_dangerous),
        cmocka_unit_test(a_key_in_clear_is_told_and_never_shown),
        cmocka_unit_test(answers_from_the_bus_identify_devices),
        cmocka_unit_test(interface_properties_are_read_and_refused),
        cmocka_unit_test(routers_tell_the_devices_behind_them),
        cmocka_unit_test(bad_lengths_are_malformed),
        cmocka_unit_test(other_protocols_are_not_claimed),
        cmocka_unit_test(streams_are_framed_by_the_total_length),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
