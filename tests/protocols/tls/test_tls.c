#include "protocols/harness.h"

#include "protocols/tls.h"

#include <string.h>

extern const struct cd_dissector cd_dissector_tls;

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_tls, CD_TRANSPORT_TCP, 443);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[4096];
    harness_send(h, from_client, bytes, harness_seed(name, bytes, sizeof bytes));
}

static void put16(uint8_t *out, size_t *n, unsigned value)
{
    out[(*n)++] = (uint8_t)(value >> 8);
    out[(*n)++] = (uint8_t)value;
}

/* The ClientHello of the example in the JA4 specification. */
static size_t example_hello(uint8_t *out)
{
    static const uint16_t suites[] = {0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                      0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    static const uint16_t extensions[] = {0x9a9a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                                          0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
    static const uint8_t alpn[] = "\x00\x0c\x02h2\x08http/1.1", versions[] = "\x06\xaa\xaa\x03\x04\x03\x03",
                         name[] = "\x00\x06\x00\x00\x03plc",
                         signatures[] = "\x00\x10\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01";
    size_t n = 0, length_at;
    put16(out, &n, 0x0303);
    memset(out + n, 7, 32);
    n += 32;
    out[n++] = 0;
    put16(out, &n, sizeof suites);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        put16(out, &n, suites[i]);
    out[n++] = 1;
    out[n++] = 0;
    length_at = n;
    n += 2;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        const uint8_t *value = extensions[i] == 0x10   ? alpn
                               : extensions[i] == 0x2b ? versions
                               : extensions[i] == 0    ? name
                                                       : signatures;
        size_t len = extensions[i] == 0x10   ? sizeof alpn - 1
                     : extensions[i] == 0x2b ? sizeof versions - 1
                     : extensions[i] == 0    ? sizeof name - 1
                     : extensions[i] == 0x0d ? sizeof signatures - 1
                                             : 0;
        put16(out, &n, extensions[i]);
        put16(out, &n, (unsigned)len);
        memcpy(out + n, value, len);
        n += len;
    }
    put16(out, &length_at, (unsigned)(n - length_at - 2));
    return n;
}

static void the_example_of_ja4_comes_out(void **state)
{
    (void)state;
    uint8_t bytes[512];
    char ja4[CD_TLS_JA4_BYTES];
    struct cd_tls_client_hello hello;
    struct cd_reader r = cd_reader_of(bytes, example_hello(bytes));
    assert_true(cd_tls_parse_client_hello(&r, &hello));
    assert_int_equal(hello.version, 0x0304);
    assert_true(cd_tls_ja4(&hello, ja4));
    assert_string_equal(ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

static void expect_alpn(const char *alpn, size_t len, const char *expected)
{
    uint8_t bytes[512];
    char ja4[CD_TLS_JA4_BYTES];
    struct cd_tls_client_hello hello;
    struct cd_reader r = cd_reader_of(bytes, example_hello(bytes));
    assert_true(cd_tls_parse_client_hello(&r, &hello));
    hello.alpn = cd_reader_of(alpn, len);
    assert_true(cd_tls_ja4(&hello, ja4));
    assert_memory_equal(ja4 + 8, expected, 2);
}

static void ja4_shows_odd_protocols_in_hexadecimal(void **state)
{
    (void)state; /* the specification's examples */
    expect_alpn("h2", 2, "h2");
    expect_alpn("http/1.1", 8, "h1");
    expect_alpn("h", 1, "hh");
    expect_alpn("\xab", 1, "ab");
    expect_alpn("\xab\xcd", 2, "ad");
    expect_alpn("\x30\xab", 2, "3b");
    expect_alpn("\x30\x31\xab\xcd", 4, "3d");
    expect_alpn("", 0, "00");
}

static void ja4_of_an_empty_hello_is_zeros(void **state)
{
    (void)state;
    char ja4[CD_TLS_JA4_BYTES];
    struct cd_tls_client_hello hello = {.version = 0x0300};
    assert_true(cd_tls_ja4(&hello, ja4));
    assert_string_equal(ja4, "ts3i000000_000000000000_000000000000");
}

static void a_handshake_tells_client_and_server(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-client-hello.bin");
    send_seed(h, false, "resp-tls12-handshake.bin");
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_TLS_JA4, "", "t12i740500_c43983326036_a1e935682795"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_TLS_VERSION, "", "TLS 1.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "pantz.org"));
    assert_true(
        harness_has_fact(h, CD_ATTRIBUTE_CERTIFICATE, "",
                         "CN=pantz.org; CN=COMODO ECC Domain Validation Secure Ser, O=COMODO CA Limited; pantz.org, "
                         "www.pantz.org; 2014-11-08; 2019-11-07; EC 384; ECDSA SHA-256"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY), "server certificate expired 2019-11-07");
    harness_free(h);
}

static void bytes_may_come_one_by_one(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    struct harness *h = new_harness();
    size_t n = harness_seed("resp-tls12-handshake.bin", bytes, sizeof bytes);
    for (size_t i = 0; i < n; i++)
        harness_send(h, false, bytes + i, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "pantz.org"));
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 0, 1, 0);
    harness_free(h);
}

static void handshake_messages_may_span_records(void **state)
{
    (void)state;
    uint8_t bytes[4096], body[4096], record[64];
    struct harness *h = new_harness();
    size_t n = harness_seed("resp-tls12-handshake.bin", bytes, sizeof bytes), total = 0;
    for (size_t at = 0; at + 5 <= n;) { /* the records' bodies, cut again into records of 40 bytes */
        size_t len = (size_t)bytes[at + 3] << 8 | bytes[at + 4];
        memcpy(body + total, bytes + at + 5, len);
        total += len;
        at += 5 + len;
    }
    for (size_t at = 0; at < total; at += 40) {
        size_t len = total - at < 40 ? total - at : 40;
        const uint8_t header[5] = {22, 3, 3, 0, (uint8_t)len};
        memcpy(record, header, 5);
        memcpy(record + 5, body + at, len);
        harness_send(h, false, record, len + 5);
    }
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "pantz.org"));
    harness_free(h);
}

static void a_message_without_its_end_is_freed_with_its_flow(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, false, "160303 000a 0b 00ffff 00fffc 00fff9"); /* a Certificate of 65535 bytes begins */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_hello_retry_request_is_no_answer(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-client-hello-13.bin");
    send_seed(h, false, "resp-hello-retry.bin");
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_null(harness_fact(h, CD_ATTRIBUTE_TLS_VERSION, ""));
    send_seed(h, true, "req-client-hello-13.bin");
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_free(h);
}

static void an_old_server_is_weak_in_many_ways(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-ssl2-client-hello.bin");
    send_seed(h, false, "resp-tls10-handshake.bin");
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                     4); /* SSL 2.0 hello, TLS 1.0, certificate, DH group */
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "client begins with SSL 2.0 and offers TLS 1.0");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_TLS_VERSION, "", "TLS 1.0"));
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_free(h);
}

static void weak_suites_are_named(void **state)
{
    (void)state;
    const char *reason = NULL;
    assert_string_equal(cd_tls_weak_suite(0x0005, &reason), "TLS_RSA_WITH_RC4_128_SHA");
    assert_string_equal(reason, "RC4");
    assert_string_equal(cd_tls_weak_suite(0x0018, &reason), "TLS_DH_anon_WITH_RC4_128_MD5");
    assert_string_equal(reason, "no authentication");
    assert_string_equal(cd_tls_weak_suite(0x000a, &reason), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
    assert_string_equal(reason, "triple DES");
    assert_null(cd_tls_weak_suite(0x1301, &reason));
    assert_null(cd_tls_weak_suite(0xc02f, &reason));
}

static void a_refusal_is_an_error_of_the_handshake(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-client-hello.bin");
    harness_send_hex(h, false, "150303 0002 02 46");
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 1, 1);
    harness_free(h);
}

static void a_greedy_heartbeat_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "180302 0003 01 4000");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void clear_text_before_the_first_record_is_passed_over(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[1024] = "STARTTLS\r\n";
    harness_send(h, false, "220 go ahead\r\n", 14);
    harness_send(h, true, bytes, 10 + harness_seed("req-client-hello.bin", bytes + 10, sizeof bytes - 10));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_TLS_JA4, "", "t12i740500_c43983326036_a1e935682795"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static int probe(const char *hex, bool from_client)
{
    uint8_t bytes[64];
    return cd_dissector_tls.probe(bytes, harness_hex(hex, bytes, sizeof bytes), CD_TRANSPORT_TCP, from_client);
}

static void only_hellos_are_known_on_any_port(void **state)
{
    (void)state;
    assert_int_equal(probe("16030100c8 010000c4 0303 00", true), CD_PROBE_SURE);
    assert_int_equal(probe("160303004a 02000046 0303 00", false), CD_PROBE_SURE);
    assert_int_equal(probe("1703030020 00112233", true), CD_PROBE_MAYBE);
    assert_int_equal(probe("160301ffff 010000c4 0303", true), CD_PROBE_NO);
    assert_int_equal(probe("16030100c8 010000c4 0909", true), CD_PROBE_NO);
    assert_int_equal(probe("000100000006 0103 0000 0001", true), CD_PROBE_NO);
    assert_int_equal(probe("0300001611e00000", true), CD_PROBE_NO);
}

static void broken_hellos_are_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "160301 0008 01 000004 0303 0000");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_send_hex(h, true, "160301 0003 01 ffff"); /* half a header */
    harness_send_hex(h, true, "150301 0001 02");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    size_t n = harness_seed("req-client-hello.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_tls, CD_TRANSPORT_TCP, true, bytes, n, false);
    harness_seed("resp-tls12-handshake.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_tls, CD_TRANSPORT_TCP, false, bytes, 5 + 0x42, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_ja4_comes_out),
        cmocka_unit_test(ja4_shows_odd_protocols_in_hexadecimal),
        cmocka_unit_test(ja4_of_an_empty_hello_is_zeros),
        cmocka_unit_test(a_handshake_tells_client_and_server),
        cmocka_unit_test(bytes_may_come_one_by_one),
        cmocka_unit_test(handshake_messages_may_span_records),
        cmocka_unit_test(a_message_without_its_end_is_freed_with_its_flow),
        cmocka_unit_test(a_hello_retry_request_is_no_answer),
        cmocka_unit_test(an_old_server_is_weak_in_many_ways),
        cmocka_unit_test(weak_suites_are_named),
        cmocka_unit_test(a_refusal_is_an_error_of_the_handshake),
        cmocka_unit_test(a_greedy_heartbeat_is_a_violation),
        cmocka_unit_test(clear_text_before_the_first_record_is_passed_over),
        cmocka_unit_test(only_hellos_are_known_on_any_port),
        cmocka_unit_test(broken_hellos_are_malformed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
