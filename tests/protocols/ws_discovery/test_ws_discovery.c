#include "protocols/harness.h"

#include "protocols/ws_discovery.h"

#include <string.h>

static size_t read_seed(const char *name, uint8_t *bytes, size_t cap)
{
    char path[512];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    return harness_file(path, bytes, cap);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[8192];
    harness_send(h, from_client, bytes, read_seed(name, bytes, sizeof bytes));
}

static struct harness *new_harness(const char *server)
{
    struct harness *h = harness_new(&cd_dissector_ws_discovery, CD_TRANSPORT_UDP, 3702);
    harness_set_ends(h, "10.0.0.1", server, 64);
    return h;
}

static void a_camera_tells_name_model_and_place(void **state)
{
    (void)state;
    struct harness *h = new_harness("10.0.0.2");
    send_seed(h, true, "req-probe.bin");
    send_seed(h, false, "resp-probe-matches-onvif.bin");
    harness_expect_operation(h, "ws-discovery", "Probe", "probe", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "camera");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "D1-553");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "Gate 3 & yard");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_LOCATION, ""), "city/Hall 1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""), "uuid:13814000-80ce-11db-8000-020000000002");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "02:00:00:00:00:02");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "ONVIF http://10.0.0.2/onvif/device_service");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "", "NetworkVideoTransmitter"));
    harness_free(h);
}

static void a_printer_and_a_computer_announce_themselves(void **state)
{
    (void)state;
    struct harness *h = new_harness("239.255.255.250");
    send_seed(h, true, "req-hello-printer.bin");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "printer");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "3c:2a:f4:00:00:01");
    send_seed(h, true, "req-hello.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "", "Computer"));
    harness_expect_operation(h, "ws-discovery", "Hello", "hello", CD_CLASS_IDENTIFY, "", 2, 0, 0);
    harness_free(h);
}

static void questions_to_a_group_await_no_answer_in_their_flow(void **state)
{
    (void)state;
    struct harness *h = new_harness("239.255.255.250");
    send_seed(h, true, "req-probe.bin");
    send_seed(h, true, "req-resolve.bin");
    harness_expect_operation(h, "ws-discovery", "Probe", "probe", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    harness_expect_operation(h, "ws-discovery", "Resolve", "resolve", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void what_is_no_message_is_malformed(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"<a></a>", "message"},
        {"<Envelope><Body><Hello></Body></Envelope>", "end of another element"},
        {"<!DOCTYPE a><Envelope/>", "document type"},
        {"<Envelope><Body><Other/></Body></Envelope>", "message"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct harness *h = new_harness("10.0.0.2");
        harness_send(h, true, rows[i][0], strlen(rows[i][0]));
        assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), rows[i][1]);
        harness_free(h);
    }
}

static void only_its_own_messages_are_recognised(void **state)
{
    (void)state;
    static const char other[] =
        "<?xml version=\"1.0\"?><soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"/>";
    uint8_t bytes[8192];
    size_t len = read_seed("req-hello.bin", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_ws_discovery.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_ws_discovery.probe((const uint8_t *)other, strlen(other), CD_TRANSPORT_UDP, true),
                     CD_PROBE_NO);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[8192];
    size_t len = read_seed("resp-probe-matches-onvif.bin", bytes, sizeof bytes) - 1; /* without the last line's end */
    harness_every_prefix(&cd_dissector_ws_discovery, CD_TRANSPORT_UDP, false, bytes, len, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_camera_tells_name_model_and_place),
        cmocka_unit_test(a_printer_and_a_computer_announce_themselves),
        cmocka_unit_test(questions_to_a_group_await_no_answer_in_their_flow),
        cmocka_unit_test(what_is_no_message_is_malformed),
        cmocka_unit_test(only_its_own_messages_are_recognised),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
