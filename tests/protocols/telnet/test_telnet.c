#include "../harness.h"

#include "protocols/telnet.h"

#include <string.h>

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void test_a_sign_in_in_clear_is_told_with_the_user_and_without_the_secret(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_telnet, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, false, "ff fd 18 ff fd 20 ff fa 18 01 ff f0 ff fb 01");
    say(h, false, "\r\nMoxa NPort 5110\r\nlogin: ");
    for (const char *c = "admin"; *c; c++) {
        harness_send(h, true, c, 1);
        harness_send(h, false, c, 1); /* echoed */
    }
    say(h, true, "\r\n");
    say(h, false, "\r\nPassword: ");
    say(h, true, "hunter2\r\n");
    say(h, false, "\r\nLogin incorrect\r\n");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "Telnet password of user admin");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DESCRIPTION, ""), "Moxa NPort 5110");
    for (uint32_t i = 0; i < harness_observer(h)->texts.count; i++)
        assert_null(strstr(harness_observer(h)->texts.items[i], "hunter2"));
    harness_expect_operation(h, "telnet", "session", "terminal session", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_free(h);
}

static void test_text_without_prompts_is_no_sign_in(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_telnet, CD_TRANSPORT_TCP, 0);
    say(h, false, "1200 kPa\r\n");
    say(h, true, "password123\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void test_commands_are_left_out_of_the_text_wherever_they_are_cut(void **state)
{
    (void)state;
    static const uint8_t stream[] = {'a', 255, 251, 1, 'b', 255, 250, 24, 0, 'x', 255, 240, 'c', 255, 241, 'd'};
    for (size_t len = 0; len <= sizeof stream; len++) {
        char buffer[32];
        struct cd_text text = cd_text_of(buffer, sizeof buffer);
        struct cd_reader r = cd_reader_of(stream, len);
        cd_telnet_text(&r, &text);
        assert_true(strncmp(buffer, "abcd", strlen(buffer)) == 0);
        if (len == sizeof stream)
            assert_string_equal(buffer, "abcd");
    }
}

static void test_only_negotiation_is_telnet_on_any_port(void **state)
{
    (void)state;
    static const uint8_t options[] = {255, 253, 24, 255, 253, 32};
    assert_int_equal(cd_dissector_telnet.probe(options, sizeof options, CD_TRANSPORT_TCP, false), CD_PROBE_LIKELY);
    assert_true(cd_dissector_telnet.probe((const uint8_t *)"GET / HTTP/1.1", 14, CD_TRANSPORT_TCP, true) <
                CD_PROBE_LIKELY);
    harness_every_prefix(&cd_dissector_telnet, CD_TRANSPORT_TCP, false, options, sizeof options, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sign_in_in_clear_is_told_with_the_user_and_without_the_secret),
        cmocka_unit_test(test_text_without_prompts_is_no_sign_in),
        cmocka_unit_test(test_commands_are_left_out_of_the_text_wherever_they_are_cut),
        cmocka_unit_test(test_only_negotiation_is_telnet_on_any_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
