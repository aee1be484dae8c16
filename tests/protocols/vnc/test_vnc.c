#include "../harness.h"

#include "protocols/vnc.h"

#include <string.h>

enum { CONVERSATION_FROM_SERVER = 0x80, CONVERSATION_LENGTH = 0x3f };

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

/* Plays a recorded conversation: a mark, then pieces with direction and length (the form of the fuzz harness). `turned`: the connection was opened by the server. */
static struct harness *play(const char *path, bool turned)
{
    uint8_t bytes[4096];
    size_t len = harness_file(path, bytes, sizeof bytes);
    struct harness *h = harness_new(&cd_dissector_vnc, CD_TRANSPORT_TCP, 0);
    for (size_t at = 1; at + 2 <= len;) {
        size_t n = (size_t)(bytes[at] & CONVERSATION_LENGTH) << 8 | bytes[at + 1];
        bool from_client = !(bytes[at] & CONVERSATION_FROM_SERVER);
        assert_true(at + 2 + n <= len);
        harness_send(h, from_client != turned, bytes + at + 2, n);
        at += 2 + n;
    }
    return h;
}

static void test_a_session_of_version_3_3_is_followed_to_the_desktop_name(void **state)
{
    (void)state;
    struct harness *h = play(CD_TEST_DIR "/seeds/conversation-3-3.bin", false);
    harness_expect_operation(h, "vnc", "connect", "connect", CD_CLASS_SESSION, "RFB 3.3", 1, 0, 0);
    harness_expect_operation(h, "vnc", "2", "sign in", CD_CLASS_SESSION, "VNC authentication", 1, 1, 0);
    harness_expect_operation(h, "vnc", "start", "start desktop", CD_CLASS_SESSION, "shared", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "martin-VirtualBox"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "VNC authentication by DES, session without encryption");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_who_speaks_first_is_the_server_whoever_opened_the_connection(void **state)
{
    (void)state;
    struct harness *h = play(CD_TEST_DIR "/seeds/conversation-3-3.bin", true);
    harness_expect_operation(h, "vnc", "2", "sign in", CD_CLASS_SESSION, "VNC authentication", 1, 1, 0);
    harness_expect_operation(h, "vnc", "start", "start desktop", CD_CLASS_SESSION, "shared", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_a_failed_sign_in_is_an_event(void **state)
{
    (void)state;
    struct harness *h = play(CD_TEST_DIR "/seeds/conversation-failed.bin", false);
    harness_expect_operation(h, "vnc", "2", "sign in", CD_CLASS_SESSION, "VNC authentication", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "VNC with VNC authentication, Tight"));
    harness_free(h);
}

static void test_apple_remote_desktop_is_known_and_followed(void **state)
{
    (void)state;
    struct harness *h = play(CD_TEST_DIR "/seeds/conversation-apple.bin", false);
    harness_expect_operation(h, "vnc", "30", "sign in", CD_CLASS_SESSION, "Apple Diffie-Hellman", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Apple Remote Desktop"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "vmac"));
    harness_free(h);
}

static struct harness *agree(const char *types)
{
    struct harness *h = harness_new(&cd_dissector_vnc, CD_TRANSPORT_TCP, 0);
    say(h, false, "RFB 003.008\n");
    say(h, true, "RFB 003.008\n");
    harness_send_hex(h, false, types);
    return h;
}

static void test_a_session_without_sign_in_is_an_event(void **state)
{
    (void)state;
    struct harness *h = agree("02 01 02");
    harness_send_hex(h, true, "01");
    harness_send_hex(h, false, "00000000");
    harness_send_hex(h, true, "00");
    harness_send_hex(h, false,
                     "0320 0258 20180001 00ff00ff 00ff1008 00000000 00000013" /* "PANEL7 ( 10.0.0.7 )" */
                     "50414e454c372028 2031302e302e302e 372029");
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 2);
    harness_expect_operation(h, "vnc", "1", "sign in", CD_CLASS_SESSION, "none", 1, 1, 0);
    harness_expect_operation(h, "vnc", "start", "start desktop", CD_CLASS_SESSION, "exclusive", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "PANEL7"));
    harness_free(h);
}

static void test_tight_asks_twice_and_is_followed(void **state)
{
    (void)state;
    struct harness *h = agree("02 02 10");
    harness_send_hex(h, true, "10");
    harness_send_hex(h, false, "00000000"); /* no tunnels */
    harness_send_hex(h, false, "00000001 00000002 53544456 564e4341 5554485f");
    harness_send_hex(h, true, "00000002");
    harness_send_hex(h, false, "000102030405060708090a0b0c0d0e0f");
    harness_send_hex(h, true, "000102030405060708090a0b0c0d0e0f");
    harness_send_hex(h, false, "00000000");
    harness_send_hex(h, true, "01");
    harness_expect_operation(h, "vnc", "16", "sign in", CD_CLASS_SESSION, "Tight", 1, 1, 0);
    harness_expect_operation(h, "vnc", "start", "start desktop", CD_CLASS_SESSION, "shared", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_a_server_that_refuses_gives_its_reason(void **state)
{
    (void)state;
    struct harness *h = agree("00 00000008 746f6f206d616e79");
    harness_expect_operation(h, "vnc", "0", "sign in", CD_CLASS_SESSION, "", 0, 1, 1);
    harness_free(h);
}

static void test_a_repeater_is_followed_to_the_server_behind_it(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_vnc, CD_TRANSPORT_TCP, 0);
    uint8_t id[CD_VNC_REPEATER_ID_LEN] = "ID:1234";
    say(h, false, "RFB 000.000\n");
    harness_send(h, true, id, sizeof id);
    say(h, false, "RFB 003.008\n");
    say(h, true, "RFB 003.008\n");
    harness_send_hex(h, false, "01 13");
    harness_send_hex(h, true, "13");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "VNC repeater"));
    harness_expect_operation(h, "vnc", "19", "sign in", CD_CLASS_SESSION, "VeNCrypt", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_only_a_version_is_rfb(void **state)
{
    (void)state;
    const uint8_t *good = (const uint8_t *)"RFB 003.008\n", *bad = (const uint8_t *)"RFB 003.008 ";
    assert_int_equal(cd_dissector_vnc.probe(good, 12, CD_TRANSPORT_TCP, false), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_vnc.probe(bad, 12, CD_TRANSPORT_TCP, false), CD_PROBE_NO);
    harness_every_prefix(&cd_dissector_vnc, CD_TRANSPORT_TCP, false, good, 12, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_of_version_3_3_is_followed_to_the_desktop_name),
        cmocka_unit_test(test_who_speaks_first_is_the_server_whoever_opened_the_connection),
        cmocka_unit_test(test_a_failed_sign_in_is_an_event),
        cmocka_unit_test(test_apple_remote_desktop_is_known_and_followed),
        cmocka_unit_test(test_a_session_without_sign_in_is_an_event),
        cmocka_unit_test(test_tight_asks_twice_and_is_followed),
        cmocka_unit_test(test_a_server_that_refuses_gives_its_reason),
        cmocka_unit_test(test_a_repeater_is_followed_to_the_server_behind_it),
        cmocka_unit_test(test_only_a_version_is_rfb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
