#include "protocols/harness.h"

#include "protocols/fox.h"

#include <string.h>

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_fox, CD_TRANSPORT_TCP, 0);
}

static void send_text(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void send_seed(struct harness *h, bool from_client, const char *path)
{
    uint8_t bytes[1024];
    harness_send(h, from_client, bytes, harness_file(path, bytes, sizeof bytes));
}

static void a_station_tells_what_it_is(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, CD_TEST_DIR "/seeds/req-1.bin");
    send_seed(h, false, CD_TEST_DIR "/seeds/resp-2.bin");
    harness_expect_operation(h, "niagara-fox", "fox.hello", "hello", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "xpvm-0omdc01xmy"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Windows XP 5.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Niagara Workbench 3.7.44"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "engineering-station"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "building-controller"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "QNX 6.3.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "3.5.41.1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "JACE-6"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Tridium"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "Qnx-NPM6-0000-1490-C30C"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_PROGRAM, "", "Legion_HQ_V4"));
    assert_false(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "192.168.2.15")); /* an address is no name */
    harness_free(h);
}

static void a_weak_way_of_signing_in_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, false, CD_TEST_DIR "/seeds/resp-3.bin");
    harness_expect_operation(h, "niagara-fox", "fox.challenge", "challenge", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY), "signing in by digest-md5");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void who_signs_in_is_told_but_never_the_password(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_text(h, true, "fox a 2 -1 fox login\n{\nusername=s:jo#20;doe\npassword=s:hunter2\n};;\n");
    send_text(h, false, "fox a 2 -1 fox rejected\n{\n};;\n");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "jo doe");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "password in a Fox sign-in");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void replies_find_their_requests_by_number(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_text(h, true, "fox s 5 7 broker invoke\n{\nord=s:slot:/x\narg=m:{\na=i:1\n}\n};;\n");
    send_text(h, true, "fox s 6 8 data query\n{\n};;\nfox s 7 9 file get\n;;\n");
    send_text(
        h, false,
        "fox r 5 7 broker invoke\n{\nval=b:6[};;\n}\n]\n};;\nfox e 6 8 data query\n{\n};;\nfox n 7 9 file get\n;;\n");
    harness_expect_operation(h, "niagara-fox", "broker.invoke", "invoke action", CD_CLASS_CONTROL, "", 1, 1, 0);
    harness_expect_operation(h, "niagara-fox", "data.query", "data request", CD_CLASS_READ, "", 1, 1, 1);
    harness_expect_operation(h, "niagara-fox", "file.get", "file request", CD_CLASS_FILE, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_circuit_names_what_it_is_for(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_text(h, true, "fox a 9 -1 circuit open\n{\nid=i:1\nchannel=s:file\ncommand=s:put\n};;\n");
    harness_expect_operation(h, "niagara-fox", "circuit.open", "open circuit", CD_CLASS_SESSION, "file.put", 1, 0, 0);
    harness_free(h);
}

static void a_frame_that_does_not_fit_is_malformed_and_the_next_is_read(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_text(h, true, "fox a 9 -1 fox ping\n{\nno value\n};;\nfox k -1 -1 fox keepalive\n{\n};;\n");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_expect_operation(h, "niagara-fox", "fox.keepalive", "keep-alive", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_free(h);
}

static void the_probe_wants_a_type_and_a_number(void **state)
{
    (void)state;
    assert_int_equal(cd_dissector_fox.probe((const uint8_t *)"fox a 1 ", 8, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_fox.probe((const uint8_t *)"fox x 1 ", 8, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_fox.probe((const uint8_t *)"fox jump", 8, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[1024];
    size_t n = harness_file(CD_TEST_DIR "/seeds/resp-2.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_fox, CD_TRANSPORT_TCP, false, bytes, n, false);
    static const char blob[] = "fox r 5 7 broker invoke\n{\nval=b:6[};;\n}\n]\n};;\n";
    harness_every_prefix(&cd_dissector_fox, CD_TRANSPORT_TCP, false, blob, sizeof blob - 1, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_station_tells_what_it_is),
        cmocka_unit_test(a_weak_way_of_signing_in_is_named),
        cmocka_unit_test(who_signs_in_is_told_but_never_the_password),
        cmocka_unit_test(replies_find_their_requests_by_number),
        cmocka_unit_test(a_circuit_names_what_it_is_for),
        cmocka_unit_test(a_frame_that_does_not_fit_is_malformed_and_the_next_is_read),
        cmocka_unit_test(the_probe_wants_a_type_and_a_number),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
