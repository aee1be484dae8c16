#include "protocols/harness.h"

#include "protocols/rtsp.h"

#include <string.h>

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_rtsp, CD_TRANSPORT_TCP, 554);
}

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

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
    uint8_t bytes[4096];
    harness_send(h, from_client, bytes, read_seed(name, bytes, sizeof bytes));
}

static void requests_count_by_method_and_path(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-options.bin");
    send_seed(h, true, "req-describe.bin");
    harness_expect_operation(h, "rtsp", "OPTIONS", "options", CD_CLASS_IDENTIFY, "//Streaming/Channels/101", 1, 0, 0);
    harness_expect_operation(h, "rtsp", "DESCRIBE", "describe", CD_CLASS_READ, "//Streaming/Channels/101", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "LibVLC/3.0.21 (LIVE555 Streaming Media v2016.11.28)"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Hikvision");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "camera");
    harness_free(h);
}

static void responses_are_paired_by_their_numbers(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "SETUP rtsp://cam/a RTSP/1.0\r\nCSeq: 3\r\n\r\nPLAY rtsp://cam/a RTSP/1.0\r\nCSeq: 4\r\n\r\n");
    say(h, false, "RTSP/1.0 200 OK\r\nCSeq: 4\r\nServer: Hipcam RealServer/V1.0\r\n\r\n");
    say(h, false, "RTSP/1.0 461 Unsupported transport\r\nCSeq: 3\r\n\r\n");
    harness_expect_operation(h, "rtsp", "SETUP", "setup", CD_CLASS_SESSION, "/a", 1, 1, 1);
    harness_expect_operation(h, "rtsp", "PLAY", "play", CD_CLASS_READ, "/a", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Hipcam RealServer/V1.0"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "camera");
    harness_free(h);
}

static void the_server_may_ask_too(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n");
    say(h, false, "OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n");
    say(h, true, "RTSP/2.0 200 OK\r\nCSeq: 1\r\n\r\n");
    struct harness_counts c = harness_operations(h, "rtsp", "OPTIONS", "*");
    assert_int_equal(c.entries, 2);
    assert_int_equal(c.responses, 1);
    harness_free(h);
}

static void secrets_are_told_of_and_do_not_come_out(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "DESCRIBE rtsp://admin:12345@10.0.0.2:554/live?token=12345 RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "rtsp URL sign-in of admin");
    harness_expect_operation(h, "rtsp", "DESCRIBE", "describe", CD_CLASS_READ, "/live", 1, 0, 0);
    say(h, true, "DESCRIBE rtsp://10.0.0.2/live RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Basic YWxpY2U6MTIzNDU=\r\n\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 2);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "alice"));
    say(h, false, "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Basic realm=\"IP Camera(P1813)\"\r\n\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "IP Camera(P1813)"));
    const struct cd_observer *o = harness_observer(h);
    assert_int_equal(o->operations.count, 1);
    harness_free(h);
}

static void a_stale_nonce_is_no_refusal(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "PLAY rtsp://a/b RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Digest username=\"bob\"\r\n\r\n");
    say(h, false, "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"a\", stale=true\r\n\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "bob");
    harness_free(h);
}

static void media_between_messages_are_passed_over(void **state)
{
    (void)state;
    static const uint8_t media[] = {'$', 0, 0, 12, 0x80, 0x60, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    static const uint8_t other[] = {'$', 1, 0, 2, 'R', 'T', '$', 0, 0, 0, 'R'};
    struct harness *h = new_harness();
    say(h, true, "PLAY rtsp://a/b RTSP/1.0\r\nCSeq: 2\r\n\r\n");
    for (size_t i = 0; i < sizeof media; i++)
        harness_send(h, false, media + i, 1);
    harness_send(h, false, media, sizeof media);
    harness_send(h, false, other, sizeof other);
    say(h, false, "TSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n");
    harness_expect_operation(h, "rtsp", "PLAY", "play", CD_CLASS_READ, "/b", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void bytes_that_only_look_like_a_beginning_do_not_hold_up_the_stream(void **state)
{
    (void)state;
    static const uint8_t rubbish[] = {'$', 1, 0xff, 0xff, 0x00, 1, 2, 3};
    struct harness *h = new_harness();
    say(h, true, "PLAY rtsp://a/b RTSP/1.0\r\nCSeq: 2\r\n\r\n");
    harness_send(h, false, rubbish, sizeof rubbish);
    harness_send(h, false, "Q\x01\x02", 3);
    say(h, false, "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n");
    harness_expect_operation(h, "rtsp", "PLAY", "play", CD_CLASS_READ, "/b", 1, 1, 0);
    harness_free(h);
}

static void a_description_names_session_tool_and_media(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "DESCRIBE rtsp://a/b RTSP/1.0\r\nCSeq: 2\r\n\r\n");
    say(h, false,
        "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 131\r\n\r\n"
        "v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=Gate 3\r\na=tool:maker 1.2\r\nc=IN IP4 239.1.2.3/127\r\n"
        "m=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DESCRIPTION, ""), "Gate 3");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""), "maker 1.2");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "rtp video H264 at 239.1.2.3:5004");
    send_seed(h, true, "req-announce.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "Audio File"));
    harness_free(h);
}

static void only_rtsp_is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int sure;
    } rows[] = {
        {"OPTIONS rtsp://a RTSP/1.0\r\n", CD_PROBE_SURE},
        {"OPTIONS * RTSP/2.0\r\n", CD_PROBE_SURE},
        {"RTSP/1.0 200 OK\r\n", CD_PROBE_SURE},
        {"OPTIONS * HTTP/1.1\r\n", CD_PROBE_NO},
        {"OPTIONS sip:a@b SIP/2.0\r\n", CD_PROBE_NO},
        {"GET / HTTP/1.1\r\nHost: a\r\n", CD_PROBE_NO},
        {"RTSP", CD_PROBE_NO},
        {"GET /a/long/way", CD_PROBE_MAYBE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            cd_dissector_rtsp.probe((const uint8_t *)rows[i].text, strlen(rows[i].text), CD_TRANSPORT_TCP, true),
            rows[i].sure);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    size_t len = read_seed("req-announce.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_rtsp, CD_TRANSPORT_TCP, true, bytes, len, false);
    len = read_seed("resp-200.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_rtsp, CD_TRANSPORT_TCP, false, bytes, len, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_count_by_method_and_path),
        cmocka_unit_test(responses_are_paired_by_their_numbers),
        cmocka_unit_test(the_server_may_ask_too),
        cmocka_unit_test(secrets_are_told_of_and_do_not_come_out),
        cmocka_unit_test(a_stale_nonce_is_no_refusal),
        cmocka_unit_test(media_between_messages_are_passed_over),
        cmocka_unit_test(bytes_that_only_look_like_a_beginning_do_not_hold_up_the_stream),
        cmocka_unit_test(a_description_names_session_tool_and_media),
        cmocka_unit_test(only_rtsp_is_recognised),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
