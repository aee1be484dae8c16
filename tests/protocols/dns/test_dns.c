#include "protocols/harness.h"

#include "protocols/dns.h"

#include <string.h>

/* "plc.local" as labels; a query for its A record and an answer with 10.0.0.9 by pointer */
#define QUESTION "03706c63 056c6f63616c 00 0001 0001"
static const char query[] = "1234 0100 0001 0000 0000 0000" QUESTION;
static const char answer[] = "1234 8180 0001 0001 0000 0000" QUESTION "c00c 0001 0001 0000003c 0004 0a000009";

static struct harness *new_harness(enum cd_transport transport)
{
    return harness_new(&cd_dissector_dns, transport, 53);
}

static void a_query_and_its_answer_are_one_operation(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    harness_send_hex(h, true, query);
    harness_send_hex(h, false, answer);
    harness_expect_operation(h, "dns", "1", "query A", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "dns-server");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "plc.local");
    harness_free(h);
}

static void a_public_address_gets_no_name(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    harness_send_hex(h, false, "1234 8180 0001 0001 0000 0000" QUESTION "c00c 0001 0001 0000003c 0004 08080808");
    assert_null(harness_fact(h, CD_ATTRIBUTE_NAME, ""));
    harness_free(h);
}

static void a_reverse_lookup_names_its_address(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    harness_send_hex(h, false,
                     "1234 8180 0001 0001 0000 0000"
                     "0139 0130 0130 023130 07696e2d61646472 0461727061 00 000c 0001"
                     "c00c 000c 0001 0000003c 0005 03706c63 00");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "plc");
    harness_free(h);
}

static void reverse_names_of_both_families_are_read(void **state)
{
    (void)state;
    struct cd_dns_name name = {.text = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.E.F.ip6.arpa",
                               .len = 72};
    struct cd_ip ip, expected;
    assert_true(cd_dns_reverse_ip(&name, &ip));
    assert_true(cd_ip_parse("fe80::1", &expected));
    assert_true(cd_ip_equal(&ip, &expected));
    struct cd_dns_name bad = {.text = "256.0.0.10.in-addr.arpa", .len = 23};
    assert_false(cd_dns_reverse_ip(&bad, &ip));
}

static void a_refusal_counts_as_an_error(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_UDP);
    harness_send_hex(h, true, query);
    harness_send_hex(h, false, "1234 8183 0001 0000 0000 0000" QUESTION);
    harness_expect_operation(h, "dns", "1", "query A", CD_CLASS_IDENTIFY, "", 1, 1, 1);
    harness_free(h);
}

static void a_pointer_that_does_not_go_back_ends_the_name(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct cd_dns_name name;
    size_t n = harness_hex("1234 8180 0000 0001 0000 0000 c00c", bytes, sizeof bytes);
    struct cd_reader r = cd_reader_of(bytes, n);
    assert_false(cd_dns_name_at(&r, 12, &name));
    n = harness_hex("c002 c000 0161 c002", bytes, sizeof bytes); /* two pointers at each other */
    r = cd_reader_of(bytes, n);
    assert_false(cd_dns_name_at(&r, 4, &name));
}

static void a_name_over_255_bytes_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[5 * 64 + 1] = {0};
    struct cd_dns_name name;
    for (int i = 0; i < 5; i++)
        bytes[i * 64] = 63;
    struct cd_reader r = cd_reader_of(bytes, sizeof bytes);
    assert_false(cd_dns_name_parse(&r, &name));
    assert_string_equal(r.bad, "name length");
}

static void messages_over_tcp_come_behind_their_length(void **state)
{
    (void)state;
    struct harness *h = new_harness(CD_TRANSPORT_TCP);
    harness_send_hex(h, true, "00 1b 1234 0100 0001 0000 0000 0000 03706c63 05");
    harness_send_hex(h, true, "6c6f63616c 00 0001 0001 001b 1235 0100 0001 0000 0000 0000" QUESTION);
    harness_expect_operation(h, "dns", "1", "query A", CD_CLASS_IDENTIFY, "", 2, 0, 0);
    harness_free(h);
}

static void the_probe_takes_only_whole_messages(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t n = harness_hex(answer, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_dns.probe(bytes, n, CD_TRANSPORT_UDP, false), CD_PROBE_LIKELY);
    assert_true(cd_dissector_dns.probe(bytes, n - 1, CD_TRANSPORT_UDP, false) < CD_PROBE_LIKELY);
    assert_true(cd_dissector_dns.probe((const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18, CD_TRANSPORT_TCP, true) <
                CD_PROBE_LIKELY);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_dns, CD_TRANSPORT_UDP, true, query, false);
    harness_every_prefix_hex(&cd_dissector_dns, CD_TRANSPORT_UDP, false, answer, false);
    harness_every_prefix_hex(&cd_dissector_dns, CD_TRANSPORT_TCP, true, "001b 1234 0100 0001 0000 0000 0000" QUESTION,
                             false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_and_its_answer_are_one_operation),
        cmocka_unit_test(a_public_address_gets_no_name),
        cmocka_unit_test(a_reverse_lookup_names_its_address),
        cmocka_unit_test(reverse_names_of_both_families_are_read),
        cmocka_unit_test(a_refusal_counts_as_an_error),
        cmocka_unit_test(a_pointer_that_does_not_go_back_ends_the_name),
        cmocka_unit_test(a_name_over_255_bytes_is_refused),
        cmocka_unit_test(messages_over_tcp_come_behind_their_length),
        cmocka_unit_test(the_probe_takes_only_whole_messages),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
