#include "../harness.h"

#include "protocols/rdp.h"

#include <string.h>

static struct harness *begin(void)
{
    return harness_new(&cd_dissector_rdp, CD_TRANSPORT_TCP, 0);
}

static void send_seed(struct harness *h, bool from_client, const char *path)
{
    uint8_t bytes[2048];
    harness_send(h, from_client, bytes, harness_file(path, bytes, sizeof bytes));
}

static const char connect[] = CD_TEST_DIR "/seeds/req-connect.bin";
static const char confirm[] = CD_TEST_DIR "/seeds/resp-confirm.bin";
static const char failure[] = CD_TEST_DIR "/seeds/resp-failure.bin";
static const char initial[] = CD_TEST_DIR "/seeds/req-connect-initial.bin";
static const char response[] = CD_TEST_DIR "/seeds/resp-connect-response.bin";

static void test_a_connection_tells_client_user_channels_and_weak_security(void **state)
{
    (void)state;
    struct harness *h = begin();
    send_seed(h, true, connect);
    send_seed(h, false, confirm);
    send_seed(h, true, initial);
    send_seed(h, false, response);
    harness_expect_operation(h, "rdp", "x224:224", "connect", CD_CLASS_SESSION, "security: standard RDP", 1, 1, 0);
    harness_expect_operation(h, "rdp", "mcs:101", "connect initial", CD_CLASS_SESSION,
                             "channels rdpdr, cliprdr, rdpsnd", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "FTBCO\\A70"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "SEPTU"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Windows XP (5.1.2600)"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "RDP with standard security"));
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 2);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_data_on_a_redirected_drive_is_file_transfer(void **state)
{
    (void)state;
    struct harness *h = begin();
    send_seed(h, true, initial);
    send_seed(h, false, response); /* I/O channel 1003; rdpdr 1004, cliprdr 1005, rdpsnd 1006 */
    harness_send_hex(h, true, "0300 000f 02f080 38 0006 03ec" /* join, with a byte too many */ "00 0000");
    harness_send_hex(h, false, "0300 000f 02f080 3e 00 0006 03ec 03ec");
    harness_send_hex(h, true, "0300 0012 02f080 64 0006 03ec 70 04 08000000");
    harness_send_hex(h, false, "0300 0012 02f080 68 0006 03ee 70 04 08000000");
    harness_expect_operation(h, "rdp", "mcs:14", "join channel", CD_CLASS_SESSION, "channel rdpdr", 1, 1, 0);
    harness_expect_operation(h, "rdp", "mcs:25", "send data", CD_CLASS_FILE, "channel rdpdr", 1, 0, 0);
    harness_expect_operation(h, "rdp", "mcs:26", "send data indication", CD_CLASS_OTHER, "channel rdpsnd", 1, 0, 0);
    harness_free(h);
}

static void test_a_refused_negotiation_is_named(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_send_hex(h, true, "0300 0013 0e e0 0000 0000 00 01 00 0800 01000000");
    send_seed(h, false, failure);
    harness_expect_operation(h, "rdp", "x224:224", "connect", CD_CLASS_SESSION, "security: TLS", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 0);
    harness_free(h);
}

static void test_what_follows_a_choice_of_tls_is_read_as_tls(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_send_hex(h, true, "0300 0013 0e e0 0000 0000 00 01 00 0800 0b000000");
    harness_send_hex(h, false, "0300 0013 0e d0 0000 1234 00 02 1f 0800 08000000");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "RDP with CredSSP"));
    /* a fatal alert in place of the server's hello */
    harness_send_hex(h, true,
                     "160301002f 0100002b 0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                     "00 0004 002f 0035 0100");
    harness_send_hex(h, false, "15 0303 0002 02 28");
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_a_password_sent_without_encryption_is_told_and_never_shown(void **state)
{
    (void)state;
    struct harness *h = begin();
    send_seed(h, true, initial);
    send_seed(h, false, response);
    /* client info: ANSI, domain PLANT, user op, password pw1 */
    harness_send_hex(h, true,
                     "0300 0036 02f080 64 0006 03eb 70 28 4000 0000 00000000 00000000 0500 0200 0300 0000 0000"
                     "504c414e5400 6f7000 70773100 00 00 000000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "RDP password of user PLANT\\op");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "PLANT\\op"));
    for (uint32_t i = 0; i < harness_observer(h)->texts.count; i++)
        assert_null(strstr(harness_observer(h)->texts.items[i], "pw1"));
    harness_free(h);
}

static void test_fast_path_packets_are_passed_over_by_their_length(void **state)
{
    (void)state;
    struct harness *h = begin();
    send_seed(h, true, connect);
    harness_send_hex(h, true, "04 04 0000 44 8005 0000 04 03 00");
    harness_expect_operation(h, "rdp", "fast-path:1", "input", CD_CLASS_OTHER, "", 3, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_what_was_said_to_a_proxy_before_is_passed_over(void **state)
{
    (void)state;
    struct harness *h = begin();
    harness_send_hex(h, false, "05 00 05 00 00 01 0a000002 0d3d"); /* SOCKS */
    send_seed(h, true, connect);
    send_seed(h, false, confirm);
    harness_expect_operation(h, "rdp", "x224:224", "connect", CD_CLASS_SESSION, "security: standard RDP", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static int probe_of(const char *hex)
{
    uint8_t bytes[512];
    size_t len = harness_hex(hex, bytes, sizeof bytes);
    return cd_dissector_rdp.probe(bytes, len, CD_TRANSPORT_TCP, true);
}

static void test_iso_transport_of_controllers_is_not_taken_for_rdp(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t len = harness_hex("0300 0013 0e e0 0000 0000 00 01 00 0800 01000000", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_rdp.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_cotp.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    /* S7 connection request and setup; MMS connection request and session connect */
    assert_int_equal(probe_of("0300 0016 11 e0 0000 0001 00 c1 02 0100 c2 02 0102 c0 01 0a"), CD_PROBE_NO);
    assert_int_equal(probe_of("0300 0019 02f080 32 01 0000 0000 0008 0000 f0 00 0001 0001 01e0"), CD_PROBE_NO);
    assert_int_equal(probe_of("0300 000b 02f080 01 00 01 00"), CD_PROBE_NO);
    assert_int_equal(probe_of("0300 000b 06 e0 0000 0000 00"), CD_PROBE_MAYBE);
}

static void test_damaged_connection_data_is_a_finding(void **state)
{
    (void)state;
    struct harness *h = begin();
    uint8_t bytes[2048];
    size_t len = harness_file(initial, bytes, sizeof bytes);
    uint8_t *core = memmem(bytes, len, "Duca", 4);
    core[6 + 2] = 2; /* block length below its header */
    core[6 + 3] = 0;
    harness_send(h, true, bytes, len);
    harness_send_hex(h, true, "0300 0010 0b e0 0000 0000 00 436f6f6b69"); /* a cookie without end */
    harness_send_hex(h, true, "0300 0008 02 10 80 00");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 3);
    harness_free(h);
}

static void test_every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const seeds[] = {connect, confirm, failure, initial, response};
    uint8_t bytes[2048];
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        size_t len = harness_file(seeds[i], bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_rdp, CD_TRANSPORT_TCP, i == 0 || i == 3, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_connection_tells_client_user_channels_and_weak_security),
        cmocka_unit_test(test_data_on_a_redirected_drive_is_file_transfer),
        cmocka_unit_test(test_a_refused_negotiation_is_named),
        cmocka_unit_test(test_what_follows_a_choice_of_tls_is_read_as_tls),
        cmocka_unit_test(test_a_password_sent_without_encryption_is_told_and_never_shown),
        cmocka_unit_test(test_fast_path_packets_are_passed_over_by_their_length),
        cmocka_unit_test(test_what_was_said_to_a_proxy_before_is_passed_over),
        cmocka_unit_test(test_iso_transport_of_controllers_is_not_taken_for_rdp),
        cmocka_unit_test(test_damaged_connection_data_is_a_finding),
        cmocka_unit_test(test_every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
