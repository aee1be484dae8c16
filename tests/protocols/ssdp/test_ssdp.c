#include "protocols/harness.h"

#include "protocols/ssdp.h"

#include <string.h>

static const char notify[] =
    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nLOCATION: http://10.10.10.6:80/description.xml\r\n"
    "SERVER: Linux/3.14.0 UPnP/1.0 IpBridge/1.9.0\r\nNTS: ssdp:alive\r\n"
    "NT: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nUSN: uuid:1::x\r\n\r\n";
static const char search[] =
    "M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nST: ssdp:all\r\nMan: \"ssdp:discover\"\r\nMX: 3\r\n"
    "USER-AGENT: Google Chrome/100.0 Windows\r\n\r\n";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_ssdp, CD_TRANSPORT_UDP, 1900);
}

static void a_notification_tells_software_type_and_role(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send(h, true, notify, strlen(notify));
    harness_expect_operation(h, "ssdp", "NOTIFY", "notify", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""), "Linux/3.14.0 UPnP/1.0 IpBridge/1.9.0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Linux/3.14.0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, ""), "InternetGatewayDevice:1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "router");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "UPnP description http://10.10.10.6:80/description.xml"));
    harness_free(h);
}

static void a_search_tells_its_program_and_is_answered(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nSERVER: x UPnP/1.0 y\r\n\r\n";
    struct harness *h = new_harness();
    harness_send(h, true, search, strlen(search));
    harness_send(h, false, answer, strlen(answer));
    harness_expect_operation(h, "ssdp", "M-SEARCH", "search", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Google Chrome/100.0 Windows"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "x UPnP/1.0 y"));
    harness_free(h);
}

static void a_goodbye_tells_nothing(void **state)
{
    (void)state;
    static const char bye[] = "NOTIFY * HTTP/1.1\r\nNTS: ssdp:byebye\r\nNT: urn:x:device:Printer:1\r\n\r\n";
    struct harness *h = new_harness();
    harness_send(h, true, bye, strlen(bye));
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void too_many_headers_are_malformed(void **state)
{
    (void)state;
    char text[2048] = "NOTIFY * HTTP/1.1\r\n";
    for (int i = 0; i < 70; i++)
        strcat(text, "X: y\r\n");
    struct harness *h = new_harness();
    harness_send(h, true, text, strlen(text));
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "header count");
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    harness_every_prefix(&cd_dissector_ssdp, CD_TRANSPORT_UDP, true, notify, 16, false);
    harness_every_prefix(&cd_dissector_ssdp, CD_TRANSPORT_UDP, true, notify, strlen(notify), true);
    assert_int_equal(cd_dissector_ssdp.probe((const uint8_t *)notify, strlen(notify), CD_TRANSPORT_UDP, true),
                     CD_PROBE_SURE);
    assert_int_equal(cd_dissector_ssdp.probe((const uint8_t *)notify, 15, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notification_tells_software_type_and_role),
        cmocka_unit_test(a_search_tells_its_program_and_is_answered),
        cmocka_unit_test(a_goodbye_tells_nothing),
        cmocka_unit_test(too_many_headers_are_malformed),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
