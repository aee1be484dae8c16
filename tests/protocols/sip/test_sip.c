#include "protocols/harness.h"

#include "protocols/sdp.h"
#include "protocols/sip.h"
#include "protocols/uuid.h"

#include <string.h>

static struct harness *new_harness(enum cd_transport transport)
{
    return harness_new(&cd_dissector_sip, transport, 5060);
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

#define REQUEST(method, more)                                                                                          \
    method " sip:200@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"                                \
           "From: <sip:200@pbx.example>;tag=1\r\nTo: \"Reception\" <sip:200:secret@pbx.example>\r\nCall-ID: a@b\r\n"   \
           "CSeq: 1 " method "\r\n" more "Content-Length: 0\r\n\r\n"
#define RESPONSE(status, method, more)                                                                                 \
    "SIP/2.0 " status "\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:200@pbx.example>;tag=1\r\n"         \
    "To: \"Reception\" <sip:200@pbx.example>;tag=2\r\nCall-ID: a@b\r\nCSeq: 1 " method "\r\n" more                     \
    "Content-Length: 0\r\n\r\n"

static void a_registration_is_challenged_and_its_refusal_told(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    send_seed(h, true, "req-register.bin");
    send_seed(h, false, "resp-401.bin");
    harness_expect_operation(h, "sip", "REGISTER", "register", CD_CLASS_SESSION, "sip.cybercity.dk", 1, 1, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Nero SIPPS IP Phone Version 2.0.51.16"));
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 0);
    say(h, true, REQUEST("REGISTER", "Authorization: Digest username=\"200\",response=\"00\"\r\n"));
    say(h, false, RESPONSE("403 Forbidden", "REGISTER", ""));
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED), "sip registration of 200");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    harness_free(h);
}

static void a_call_counts_its_provisional_and_final_answers(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    send_seed(h, true, "req-invite.bin");
    send_seed(h, false, "resp-407.bin");
    send_seed(h, true, "req-ack.bin");
    say(h, true, REQUEST("INVITE", ""));
    say(h, false, RESPONSE("100 Trying", "INVITE", ""));
    say(h, false, RESPONSE("180 Ringing", "INVITE", ""));
    say(h, false, RESPONSE("486 Busy Here", "INVITE", ""));
    struct harness_counts c = harness_operations(h, "sip", "INVITE", NULL);
    assert_int_equal(c.requests, 2);
    assert_int_equal(c.responses, 4);
    assert_int_equal(c.errors, 2);
    assert_int_equal(harness_operations(h, "sip", "ACK", NULL).requests, 1);
    harness_free(h);
}

static void a_taken_registration_tells_account_phone_and_pbx(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    say(h, true,
        REQUEST("REGISTER", "User-Agent: Yealink SIP-T46S 66.84.0.15\r\nContact: <sip:200@10.0.0.1>;+sip.instance="
                            "\"<urn:uuid:00000000-0000-1000-8000-001565aabbcc>\"\r\n"));
    say(h, false, RESPONSE("200 OK", "REGISTER", "Server: Asterisk PBX 16.2.1\r\n"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "200");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DESCRIPTION, ""), "Reception");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "phone"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "pbx"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Yealink");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "SIP-T46S");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "66.84.0.15");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "00:15:65:aa:bb:cc");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Asterisk PBX 16.2.1"));
    harness_free(h);
}

static void models_come_out_of_the_forms_of_makers(void **state)
{
    (void)state;
    static const char *const agents[][4] = {
        {"PolycomVVX-VVX_410-UA/5.9.0.9373", "Polycom", "VVX_410", "5.9.0.9373"},
        {"Cisco/SPA504G-7.5.2b", "Cisco", "SPA504G", "7.5.2b"},
        {"Cisco-CP7960G/8.0", "Cisco", "CP7960G", "8.0"},
        {"snom370/8.7.3.19", "Snom", "snom370", "8.7.3.19"},
        {"Grandstream GXP2160 1.0.9.69", "Grandstream", "GXP2160", "1.0.9.69"},
        {"AVM FRITZ!Box 7490 113.06.51 (Mar 14 2016)", "AVM", "7490", "113.06.51"},
    };
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        char message[1024];
        struct cd_text t = cd_text_of(message, sizeof message);
        struct harness *h = new_harness(CD_TRANSPORT_UDP);
        cd_text_str(&t, "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\nUser-Agent: ");
        cd_text_str(&t, agents[i][0]);
        cd_text_str(&t, "\r\n\r\n");
        say(h, true, message);
        assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), agents[i][1]);
        assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), agents[i][2]);
        assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), agents[i][3]);
        harness_free(h);
    }
}

static void either_end_asks_and_the_roles_follow(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    say(h, false, REQUEST("OPTIONS", ""));
    say(h, true, RESPONSE("200 OK", "OPTIONS", ""));
    say(h, true, REQUEST("OPTIONS", ""));
    say(h, false, RESPONSE("404 Not Found", "OPTIONS", ""));
    struct harness_counts c = harness_operations(h, "sip", "OPTIONS", "pbx.example");
    assert_int_equal(c.entries, 2);
    assert_int_equal(c.requests, 2);
    assert_int_equal(c.responses, 2);
    assert_int_equal(c.errors, 1);
    harness_free(h);
}

static void a_restart_by_notify_is_dangerous(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    say(h, false, REQUEST("NOTIFY", "Event: check-sync;reboot=true\r\n"));
    harness_expect_operation(h, "sip", "NOTIFY", "notify restart", CD_CLASS_MODE, "pbx.example", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void a_basic_sign_in_is_told_without_its_password(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    say(h, true, REQUEST("REGISTER", "Authorization: Basic YWxpY2U6c2VjcmV0\r\n")); /* alice:secret */
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "sip basic sign-in of alice");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "alice"));
    harness_free(h);
}

static void what_came_through_a_proxy_is_not_taken_for_its_own(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    say(h, true, REQUEST("INVITE", "Via: SIP/2.0/UDP 192.0.2.9\r\nUser-Agent: Yealink SIP-T46S 66.84.0.15\r\n"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "sip-proxy");
    say(h, false, RESPONSE("200 OK", "INVITE", "Contact: <sip:9@192.0.2.7>\r\nServer: snom370/8.7\r\n"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""));
    harness_free(h);
}

static void media_are_announced_without_the_ports_of_one_call(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    send_seed(h, true, "req-invite.bin");
    const char *service = harness_fact(h, CD_ATTRIBUTE_SERVICE, "");
    assert_non_null(service);
    assert_memory_equal(service, "rtp audio ", 10);
    assert_non_null(strstr(service, " at 192.168.1.2"));
    assert_null(strstr(service, ":"));
    harness_free(h);
}

static void session_descriptions_are_read_with_their_codecs(void **state)
{
    (void)state;
    static const char text[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=Gate 3\r\na=tool:maker 1.2\r\n"
                               "c=IN IP4 239.1.2.3/127\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                               "m=audio 0 RTP/AVP 0\r\nc=IN IP4 10.0.0.9\r\n";
    struct cd_sdp sdp;
    assert_true(cd_sdp_parse(text, strlen(text), &sdp));
    assert_int_equal(sdp.n_media, 2);
    assert_true(cd_http_is(&sdp.session, "Gate 3"));
    assert_true(cd_http_is(&sdp.tool, "maker 1.2"));
    assert_true(cd_http_is(&sdp.media[0].codec, "H264"));
    assert_true(cd_http_is(&sdp.media[0].address, "239.1.2.3"));
    assert_true(cd_http_is(&sdp.media[1].codec, "PCMU"));
    assert_true(cd_http_is(&sdp.media[1].address, "10.0.0.9"));
    assert_false(cd_sdp_parse("hello", 5, &sdp));
}

static void addresses_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *display, *user, *host;
    } rows[] = {
        {"\"A <b>\" <sip:200:pw@[2001:db8::1]:5060;x=1>;tag=2", "A <b>", "200", "2001:db8::1"},
        {"Bob <sips:bob@example.org>", "Bob", "bob", "example.org"},
        {"sip:example.org;tag=1", "", "", "example.org"},
        {"<tel:+4912;phone-context=x>", "", "+4912", ""},
        {"rubbish", "", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cd_http_value v = {rows[i].text, strlen(rows[i].text)};
        struct cd_sip_address a = cd_sip_address(&v);
        assert_int_equal(a.display.len, strlen(rows[i].display));
        assert_int_equal(a.user.len, strlen(rows[i].user));
        assert_int_equal(a.host.len, strlen(rows[i].host));
        assert_true(!a.user.len || cd_http_is(&a.user, rows[i].user));
        assert_true(!a.host.len || cd_http_is(&a.host, rows[i].host));
    }
}

static void streams_are_cut_by_content_length_and_keep_alives_passed_over(void **state)
{
    (void)state;
    static const char text[] = "\r\n\r\nMESSAGE sip:a SIP/2.0\r\nCSeq: 1 MESSAGE\r\nl: 5\r\n\r\nhello"
                               "OPTIONS sip:a SIP/2.0\r\nCSeq: 2 OPTIONS\r\nContent-Length: 0\r\n\r\n\r\n";
    struct harness *h = new_harness(CD_TRANSPORT_TCP);
    for (size_t i = 0; i < sizeof text - 1; i++)
        harness_send(h, true, text + i, 1);
    assert_int_equal(harness_operations(h, "sip", "MESSAGE", NULL).requests, 1);
    assert_int_equal(harness_operations(h, "sip", "OPTIONS", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void other_traffic_of_the_port_is_no_fault_of_sip(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    harness_send_hex(h, true, "0d0a0d0a");
    say(h, true, "hello");
    harness_send_hex(h, true, "000100002112a442000102030405060708090a0b"); /* a STUN binding request */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    say(h, true, "INVITE sip:a HTTP/1.1\r\n\r\n");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "start line");
    harness_free(h);
}

static void a_length_beyond_the_datagram_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    say(h, true, "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\nContent-Length: 9\r\n\r\n");
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "Content-Length goes beyond the message");
    say(h, true, "OPTIONS sip:a SIP/2.0\r\nContent-Length: x\r\n\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 3);
    harness_free(h);
}

static void only_sip_is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int sure;
    } rows[] = {
        {"INVITE sip:a@b SIP/2.0\r\n", CD_PROBE_SURE},
        {"SIP/2.0 200 OK\r\n", CD_PROBE_SURE},
        {"SIP/2.0 900 OK\r\n", CD_PROBE_NO},
        {"OPTIONS sip:a@b RTSP/1.0\r\n", CD_PROBE_NO},
        {"OPTIONS rtsp://a RTSP/1.0\r\n", CD_PROBE_NO},
        {"GET / HTTP/1.1\r\n", CD_PROBE_NO},
        {"NOTIFY * HTTP/1.1\r\n", CD_PROBE_NO},
        {"SIP", CD_PROBE_MAYBE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            cd_dissector_sip.probe((const uint8_t *)rows[i].text, strlen(rows[i].text), CD_TRANSPORT_UDP, true),
            rows[i].sure);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    size_t len = read_seed("req-invite.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_sip, CD_TRANSPORT_UDP, true, bytes, len, true);
    harness_every_prefix(&cd_dissector_sip, CD_TRANSPORT_TCP, true, bytes, len, false);
    len = read_seed("resp-200.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_sip, CD_TRANSPORT_UDP, false, bytes, len, true);
    harness_every_prefix(&cd_dissector_sip, CD_TRANSPORT_TCP, false, bytes, len, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registration_is_challenged_and_its_refusal_told),
        cmocka_unit_test(a_call_counts_its_provisional_and_final_answers),
        cmocka_unit_test(a_taken_registration_tells_account_phone_and_pbx),
        cmocka_unit_test(models_come_out_of_the_forms_of_makers),
        cmocka_unit_test(either_end_asks_and_the_roles_follow),
        cmocka_unit_test(a_restart_by_notify_is_dangerous),
        cmocka_unit_test(a_basic_sign_in_is_told_without_its_password),
        cmocka_unit_test(what_came_through_a_proxy_is_not_taken_for_its_own),
        cmocka_unit_test(media_are_announced_without_the_ports_of_one_call),
        cmocka_unit_test(session_descriptions_are_read_with_their_codecs),
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(streams_are_cut_by_content_length_and_keep_alives_passed_over),
        cmocka_unit_test(other_traffic_of_the_port_is_no_fault_of_sip),
        cmocka_unit_test(a_length_beyond_the_datagram_is_a_violation),
        cmocka_unit_test(only_sip_is_recognised),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
