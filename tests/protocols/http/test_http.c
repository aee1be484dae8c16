#include "protocols/harness.h"

#include "protocols/http.h"

#include <string.h>

extern const struct cd_dissector cd_dissector_http;

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_http, CD_TRANSPORT_TCP, 80);
}

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void a_request_and_its_response_are_one_operation(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET /a/b HTTP/1.1\r\nHost: plc.local\r\n\r\n");
    say(h, false, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    harness_expect_operation(h, "http", "GET", "get", CD_CLASS_READ, "plc.local", 1, 1, 0);
    harness_free(h);
}

static void writing_shows_the_first_part_of_its_path(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true,
        "PUT /config/io/1 HTTP/1.1\r\nHost: plc\r\nContent-Length: 3\r\n\r\nabcDELETE /x?y=1 HTTP/1.1\r\n\r\n");
    harness_expect_operation(h, "http", "PUT", "put", CD_CLASS_WRITE, "plc/config", 1, 0, 0);
    harness_expect_operation(h, "http", "DELETE", "delete", CD_CLASS_WRITE, "/x", 1, 0, 0);
    harness_free(h);
}

static void responses_answer_in_order(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n");
    say(h, false,
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not "
        "Found\r\nContent-Length: 0\r\n\r\n");
    harness_expect_operation(h, "http", "HEAD", "head", CD_CLASS_READ, "a", 1, 1, 0);
    harness_expect_operation(h, "http", "GET", "get", CD_CLASS_READ, "b", 1, 1, 1);
    harness_free(h);
}

static void chunks_are_passed_over(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    harness_send_seed(h, false, "resp-chunked.bin");
    say(h, false, "5\r\nHTTP/\r\n1");
    say(h, false, "0;x=y\r\n0123456789abcdef\r\n0\r\nTrailer: 1\r\n\r\nHTTP/1.1 500 No\r\n");
    say(h, false, "Content-Length: 0\r\n\r\n");
    harness_expect_operation(h, "http", "GET", "get", CD_CLASS_READ, "", 2, 2, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Microsoft-IIS/8.5"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "ASP.NET"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Windows Server 2012 R2");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_response_without_length_lasts_to_the_end(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET / HTTP/1.0\r\n\r\n");
    say(h, false, "HTTP/1.0 200 OK\r\n\r\nHTTP/1.0 404 is text here\r\n\r\n");
    harness_expect_operation(h, "http", "GET", "get", CD_CLASS_READ, "", 1, 1, 0);
    harness_free(h);
}

static void credentials_in_clear_are_told_without_the_secret(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_seed(h, true, "req-get.bin");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "http basic sign-in of admin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "admin"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Windows 7"));
    harness_send_seed(h, true, "req-get.bin");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1); /* the same again says nothing new */
    harness_free(h);
    h = new_harness();
    harness_send_seed(h, true, "req-form.bin");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "http form sign-in of op@site");
    harness_free(h);
    h = new_harness();
    say(h, true,
        "GET /c.cgi?usr=admin&pwd=12345 HTTP/1.1\r\nAuthorization: Digest username=\"bob\", realm=\"x\"\r\n\r\n");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "http digest sign-in of bob");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 2);
    harness_free(h);
}

static void a_json_sign_in_is_a_form(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true,
        "POST /api HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
        "{\"username\": \"root\", \"password\": \"toor\"}");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "http form sign-in of root");
    harness_free(h);
}

static void a_failed_sign_in_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_seed(h, true, "req-get.bin");
    harness_send_seed(h, false, "resp-401.bin");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "BMX NOE 0100"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Schneider-WEB/V2.1.4"));
    harness_expect_operation(h, "http", "GET", "get", CD_CLASS_READ, "10.0.0.2", 1, 1, 1);
    harness_free(h);
}

static void a_device_description_identifies(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET /description.xml HTTP/1.1\r\n\r\n");
    harness_send_seed(h, false, "resp-description.bin");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "Panel 4");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Works");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "TP-7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "A1B2");
    harness_free(h);
}

static void an_onvif_answer_is_a_name_plate(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_seed(h, true, "req-onvif.bin");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "ws-security sign-in of admin");
    harness_send_seed(h, false, "resp-onvif.bin");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Maker & Sons");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "D1-553");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "5.4.1 build 160525");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "D1553-0815-4711");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "88");
    harness_free(h);
}

static void a_digest_of_ws_security_is_no_credential_in_clear(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true,
        "POST / HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: 150\r\n\r\n"
        "<e:Envelope><e:Header><UsernameToken><Username>bob</Username><Password Type=\"x#PasswordDigest\">0aF=="
        "</Password></UsernameToken></e:Header><e:Body/>");
    say(h, true, "                              ");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "bob");
    harness_free(h);
}

static void the_metadata_of_a_computer_name_it(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    harness_send_seed(h, false, "resp-dpws.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "HMI-7"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "PLANT");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "20090101");
    harness_free(h);
}

static void ntlm_names_the_server(void **state)
{
    (void)state; /* the challenge of [MS-NLMP] 4.2.4.3 */
    struct harness *h = new_harness();
    say(h, false,
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nWWW-Authenticate: NTLM "
        "TlRMTVNTUAACAAAADAAMADgAAAAzgoriASNFZ4mrze8AAAAAAAAAACQAJABEAAAABgBwFwAAAA9TAGUAcgB2AGUAcgACAAwARABvAG0AYQBpAG"
        "4AAQAMAFMAZQBy"
        "AHYAZQByAAAAAAA=\r\nContent-Length: 0\r\n\r\n");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "Server");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "Domain");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Windows Vista (6.0.6000)");
    harness_free(h);
}

static void a_proxy_hides_whom_it_speaks_for(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET / HTTP/1.1\r\nVia: 1.1 proxy\r\nUser-Agent: x\r\n\r\n");
    assert_null(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""));
    harness_free(h);
}

static void a_cut_head_tells_what_is_there(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    static const char text[] = "GET / HTTP/1.1\r\nHost: plc\r\nUser-Ag";
    harness_send_cut(h, true, text, sizeof text - 1);
    harness_expect_operation(h, "http", "GET", "get", CD_CLASS_READ, "plc", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void broken_heads_are_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, false, "HTTP/1.1 2x0 OK\r\n\r\n");
    say(h, true, "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    assert_int_equal(harness_operations(h, "http", NULL, NULL).entries, 0);
    harness_free(h);
}

static int probe(const char *text)
{
    return cd_dissector_http.probe((const uint8_t *)text, strlen(text), CD_TRANSPORT_TCP, true);
}

static void only_heads_are_known_on_any_port(void **state)
{
    (void)state;
    assert_int_equal(probe("GET / HTTP/1.1\r\nHost: a\r\n"), CD_PROBE_SURE);
    assert_int_equal(probe("HTTP/1.0 200 OK\r\n"), CD_PROBE_SURE);
    assert_int_equal(probe("M-SEARCH * HTTP/1.1\r\n"), CD_PROBE_SURE);
    assert_int_equal(probe("GET / RTSP/1.0\r\nCSeq: 1\r\n"), CD_PROBE_NO);
    assert_int_equal(probe("INVITE sip:a@b SIP/2.0\r\n"), CD_PROBE_NO);
    assert_int_equal(probe("USER anonymous\r\nPASS x\r\n"), CD_PROBE_NO);
    assert_int_equal(probe("GE"), CD_PROBE_MAYBE);
    assert_int_equal(probe(""), CD_PROBE_NO);
    assert_int_equal(probe("SSH-2.0-OpenSSH_8.0\r\n"), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char request[] = "POST /login HTTP/1.1\r\nHost: plc\r\nContent-Length: 0\r\n\r\n",
                      response[] = "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n";
    harness_every_prefix(&cd_dissector_http, CD_TRANSPORT_TCP, true, request, sizeof request - 1, false);
    harness_every_prefix(&cd_dissector_http, CD_TRANSPORT_TCP, false, response, sizeof response - 1, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_and_its_response_are_one_operation),
        cmocka_unit_test(writing_shows_the_first_part_of_its_path),
        cmocka_unit_test(responses_answer_in_order),
        cmocka_unit_test(chunks_are_passed_over),
        cmocka_unit_test(a_response_without_length_lasts_to_the_end),
        cmocka_unit_test(credentials_in_clear_are_told_without_the_secret),
        cmocka_unit_test(a_json_sign_in_is_a_form),
        cmocka_unit_test(a_failed_sign_in_is_told),
        cmocka_unit_test(a_device_description_identifies),
        cmocka_unit_test(an_onvif_answer_is_a_name_plate),
        cmocka_unit_test(a_digest_of_ws_security_is_no_credential_in_clear),
        cmocka_unit_test(the_metadata_of_a_computer_name_it),
        cmocka_unit_test(ntlm_names_the_server),
        cmocka_unit_test(a_proxy_hides_whom_it_speaks_for),
        cmocka_unit_test(a_cut_head_tells_what_is_there),
        cmocka_unit_test(broken_heads_are_malformed),
        cmocka_unit_test(only_heads_are_known_on_any_port),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
