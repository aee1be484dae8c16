#include "protocols/harness.h"

#include "protocols/upnp.h"

#include <string.h>

/* UPnP is carried by HTTP: flows are http's. */
static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_http, CD_TRANSPORT_TCP, 80);
}

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void a_port_opened_in_a_router_is_dangerous(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    struct harness *h = new_harness();
    harness_send(h, true, bytes, harness_file(CD_TEST_DIR "/seeds/req-add-port-mapping.bin", bytes, sizeof bytes));
    say(h, false, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    harness_expect_operation(h, "upnp", "AddPortMapping", "AddPortMapping", CD_CLASS_CONFIGURE, "WANIPConnection", 1, 1,
                             1);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    assert_int_equal(harness_operations(h, "http", NULL, NULL).requests, 0);
    harness_free(h);
}

static void actions_have_their_classes(void **state)
{
    (void)state;
    static const struct {
        const char *action;
        enum cd_class class;
    } rows[] = {
        {"GetExternalIPAddress", CD_CLASS_READ},
        {"SetBinaryState", CD_CLASS_CONTROL},
        {"SetVolume", CD_CLASS_WRITE},
        {"Play", CD_CLASS_OTHER},
        {"Reboot", CD_CLASS_MODE},
        {"UpdateFirmware", CD_CLASS_FIRMWARE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char head[256];
        struct cd_text t = cd_text_of(head, sizeof head);
        struct harness *h = new_harness();
        cd_text_str(&t, "POST /c HTTP/1.1\r\nSoapAction: urn:Belkin:service:basicevent:1#");
        cd_text_str(&t, rows[i].action);
        cd_text_str(&t, "\r\nContent-Length: 0\r\n\r\n");
        say(h, true, head);
        harness_expect_operation(h, "upnp", rows[i].action, rows[i].action, rows[i].class, "basicevent", 1, 0, 0);
        harness_free(h);
    }
}

static void other_soap_stays_with_http(void **state)
{
    (void)state;
    static const char *const values[] = {"http://purenetworks.com/HNAP1/Login", "\"\"", "urn:x:service:#Get",
                                         "urn:schemas-upnp-org:service:A:1#", "urn:schemas-upnp-org:service:A:1"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct cd_http_value v = {values[i], strlen(values[i])};
        struct cd_upnp_action a;
        assert_false(cd_upnp_parse(&v, &a));
    }
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-add-port-mapping.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_http, CD_TRANSPORT_TCP, true, bytes, len, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_opened_in_a_router_is_dangerous),
        cmocka_unit_test(actions_have_their_classes),
        cmocka_unit_test(other_soap_stays_with_http),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
