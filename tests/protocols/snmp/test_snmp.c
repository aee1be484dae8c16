#include "protocols/harness.h"

#include "protocols/snmp.h"

#include <string.h>

static const char get[] = "302602010004067075626c6963a019020126020100020100300e300c06082b060102010102000500";
static const char get_response[] =
    "303802010004067075626c6963a22b0201260201000201003020301e06082b0601020101020006122b060104018f5101010182295d01"
    "1b020201";
static const char v3_get[] =
    "307902010330100204207b2f72020240000401040201030431302f040d80001f8880a9498e5e3a2c30430201dd0201dd0408757365726e"
    "616d65040c0000000000000000000000000400302f040d80001f8880a9498e5e3a2c30430400a11c0204207b2f72020100020100300e30"
    "0c06082b060102010106000500";
static const char v3_response[] =
    "306d02010330100204207b2f720202400004010002010304253023040d80001f8880a9498e5e3a2c30430201dd0201dd0408757365"
    "726e616d6504000400302f040d80001f8880a9498e5e3a2c30430400a21c0204207b2f72020100020100300e300c06082b0601020101"
    "06000400";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_snmp, CD_TRANSPORT_UDP, 161);
}

/* One v2c response that binds `value` (with this identifier octet) to an object given by its content octets in hex. */
static void send_binding(struct harness *h, const char *oid_hex, uint8_t identifier, const void *value, size_t len)
{
    uint8_t oid[64], b[400], *p = b;
    size_t n = harness_hex(oid_hex, oid, sizeof oid);
    static const uint8_t ids[] = {2, 1, 0x26, 2, 1, 0, 2, 1, 0}, head[] = {2, 1, 1, 4, 1, 'x'};
    size_t binding = 2 + n + 2 + len, list = 2 + binding, pdu = sizeof ids + 2 + list;
    assert_true(sizeof head + 2 + pdu < 128);
    *p++ = 0x30, *p++ = (uint8_t)(sizeof head + 2 + pdu);
    memcpy(p, head, sizeof head), p += sizeof head;
    *p++ = 0xa2, *p++ = (uint8_t)pdu;
    memcpy(p, ids, sizeof ids), p += sizeof ids;
    *p++ = 0x30, *p++ = (uint8_t)list;
    *p++ = 0x30, *p++ = (uint8_t)binding;
    *p++ = 0x06, *p++ = (uint8_t)n;
    memcpy(p, oid, n), p += n;
    *p++ = identifier, *p++ = (uint8_t)len;
    memcpy(p, value, len), p += len;
    harness_send(h, false, b, (size_t)(p - b));
}

static void send_text(struct harness *h, const char *oid_hex, const char *text)
{
    send_binding(h, oid_hex, 0x04, text, strlen(text));
}

static void a_request_and_its_response_are_one_operation(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, get);
    harness_send_hex(h, false, get_response);
    harness_expect_operation(h, "snmp", "0", "get", CD_CLASS_READ, "system", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, ""), "1.3.6.1.4.1.2001.1.1.1.297.93.1.27.2.2.1");
    harness_free(h);
}

static void a_community_is_a_finding_and_never_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, get);
    harness_send_hex(h, true, get);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "SNMP community");
    harness_free(h);
}

static void a_set_names_its_objects(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "30280201000400a32102047b086e690201000201003013301106082b0601020101050004056d75736563");
    harness_expect_operation(h, "snmp", "3", "set", CD_CLASS_CONFIGURE, "system 1.3.6.1.2.1.1.5.0", 1, 0, 0);
    assert_null(harness_fact(h, CD_ATTRIBUTE_NAME, "")); /* it is what is asked for, not what is */
    harness_free(h);
}

static void the_system_group_tells_the_device(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_text(h, "2b06010201010100", "Siemens, SIMATIC NET, SCALANCE X212-2, 6GK5 212-2BB00-2AA3, HW: 7, FW: V4.02");
    send_text(h, "2b06010201010500", "switch-3");
    send_text(h, "2b06010201010600", "Hall 2");
    send_text(h, "2b06010201010400", "maintenance");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "SCALANCE X212-2");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, ""), "6GK5 212-2BB00-2AA3");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "V4.02");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "switch-3");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_LOCATION, ""), "Hall 2");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_CONTACT, ""), "maintenance");
    harness_free(h);
}

static void the_object_id_tells_the_maker(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_binding(h, "2b06010201010200", 0x06, "\x2b\x06\x01\x04\x01\xc3\x73\x01", 8); /* 1.3.6.1.4.1.8691.1 */
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Moxa");
    harness_free(h);
}

static void the_entity_mib_tells_chassis_and_parts(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_binding(h, "2b060102012f010101010502", 0x02, "\x03", 1); /* part 2 is the chassis */
    send_text(h, "2b060102012f010101010b02", "FOC1");
    send_text(h, "2b060102012f010101010b03", "PSU1");
    send_text(h, "2b060102012f010101010d02", "IE-3000");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "FOC1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, "entity:3"), "PSU1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "IE-3000");
    harness_free(h);
}

static void interface_and_cache_macs_are_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_binding(h, "2b060102010202010601", 0x04, "\x00\x0e\x8c\x01\x02\x03", 6);
    send_binding(h, "2b06010201041601020181408128 0105", 0x04, "\x00\x0e\x8c\x01\x02\x04", 6); /* 192.168.1.5 */
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "00:0e:8c:01:02:03");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NEIGHBOUR, ""), "192.168.1.5 is 00:0e:8c:01:02:04");
    harness_free(h);
}

static void version_3_tells_user_and_agent(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, v3_get);
    harness_send_hex(h, false, v3_response);
    harness_expect_operation(h, "snmp", "1", "get next", CD_CLASS_READ, "system", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "username");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""), "Net-SNMP");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void a_trap_is_an_alarm_of_its_sender(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_snmp, CD_TRANSPORT_UDP, 162);
    harness_send_hex(h, true,
                     "303b02010004067075626c6963a42e06092b0601040181f4690040047f000001020104020100430400000000300f300d0"
                     "6082b0601020102"
                     "0100020121");
    harness_expect_operation(h, "snmp", "4", "trap", CD_CLASS_ALARM, "authenticationFailure", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void a_number_over_32_bits_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "3026020100 0400 a01f020126020100020100 3014 3012 060e 2b8fffffffff7f0102010102000500");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_snmp, CD_TRANSPORT_UDP, true, get, false);
    harness_every_prefix_hex(&cd_dissector_snmp, CD_TRANSPORT_UDP, false, get_response, false);
    harness_every_prefix_hex(&cd_dissector_snmp, CD_TRANSPORT_UDP, true, v3_get, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_and_its_response_are_one_operation),
        cmocka_unit_test(a_community_is_a_finding_and_never_told),
        cmocka_unit_test(a_set_names_its_objects),
        cmocka_unit_test(the_system_group_tells_the_device),
        cmocka_unit_test(the_object_id_tells_the_maker),
        cmocka_unit_test(the_entity_mib_tells_chassis_and_parts),
        cmocka_unit_test(interface_and_cache_macs_are_told),
        cmocka_unit_test(version_3_tells_user_and_agent),
        cmocka_unit_test(a_trap_is_an_alarm_of_its_sender),
        cmocka_unit_test(a_number_over_32_bits_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
