#include "../harness.h"

#include "protocols/kerberos.h"

#include <string.h>

static const char *const udp_seeds[] = {CD_TEST_DIR "/seeds/req-as.bin", CD_TEST_DIR "/seeds/resp-error.bin",
                                        CD_TEST_DIR "/seeds/resp-as.bin", CD_TEST_DIR "/seeds/req-machine.bin"};
static const char *const tcp_seeds[] = {CD_TEST_DIR "/seeds/req-as-tcp.bin", CD_TEST_DIR "/seeds/resp-error-tcp.bin",
                                        CD_TEST_DIR "/seeds/req-tgs-tcp.bin", CD_TEST_DIR "/seeds/resp-tgs-tcp.bin"};

static void send_seed(struct harness *h, bool from_client, const char *path)
{
    uint8_t bytes[4096];
    harness_send(h, from_client, bytes, harness_file(path, bytes, sizeof bytes));
}

static void test_requests_and_answers_count_together_and_tell_user_host_and_domain(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, udp_seeds[0]);
    send_seed(h, false, udp_seeds[1]); /* encryption type not supported */
    send_seed(h, true, udp_seeds[0]);
    send_seed(h, false, udp_seeds[2]);
    harness_expect_operation(h, "kerberos", "10", "authentication service request", CD_CLASS_SESSION, "krbtgt/DENYDC",
                             2, 2, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "des@DENYDC.COM"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "XP1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DOMAIN, "", "denydc.com"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "domain-controller"));
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_weak_encryption_is_told_where_it_is_used_or_nothing_else_offered(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, udp_seeds[0]);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 1);
    send_seed(h, false, udp_seeds[2]);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 2);
    harness_free(h);
    h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, tcp_seeds[0]);
    send_seed(h, false, tcp_seeds[1]);
    send_seed(h, true, tcp_seeds[2]);
    send_seed(h, false, tcp_seeds[3]);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 0); /* AES is offered and used */
    harness_free(h);
}

static void test_over_tcp_messages_are_cut_by_their_length(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_TCP, 0);
    uint8_t bytes[8192];
    size_t first = harness_file(tcp_seeds[0], bytes, sizeof bytes);
    size_t second = harness_file(tcp_seeds[2], bytes + first, sizeof bytes - first);
    harness_send(h, true, bytes, first + 100);
    harness_send(h, true, bytes + first + 100, second - 100);
    send_seed(h, false, tcp_seeds[3]);
    harness_expect_operation(h, "kerberos", "10", "authentication service request", CD_CLASS_SESSION, NULL, 1, 0, 0);
    harness_expect_operation(h, "kerberos", "12", "ticket granting service request", CD_CLASS_SESSION, NULL, 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "JOHNSON-PC"));
    harness_free(h);
}

static void test_preauthentication_required_is_no_failed_sign_in(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_TCP, 0);
    send_seed(h, false, tcp_seeds[1]);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 0);
    harness_expect_operation(h, "kerberos", "30", "error", CD_CLASS_SESSION, "", 0, 1, 1);
    harness_free(h);
}

static void test_unknown_client_and_wrong_password_are_failed_sign_ins(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, udp_seeds[0]);
    harness_send_hex(h, false, "7e1b 3019 a003020105 a10302011e a503020100 a603020118 a9031b0141");
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED),
                        "preauthentication failed: des@DENYDC");
    harness_send_hex(h, false, "7e16 3014 a003020105 a10302011e a603020106 a9031b0141");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 2);
    harness_free(h);
}

static void test_a_machine_account_names_the_host_and_is_no_user(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, udp_seeds[3]);
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_NAME, ""));
    assert_null(harness_fact(h, CD_ATTRIBUTE_USER, ""));
    harness_free(h);
}

static void test_a_password_change_is_told_at_once(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_kerberos, CD_TRANSPORT_UDP, 464);
    harness_send_hex(h, true, "000c ff80 0002 6e00 75020000");
    harness_send_hex(h, false, "000c 0001 0002 6f00 75020000");
    harness_expect_operation(h, "kerberos", "kpasswd", "set password", CD_CLASS_CONFIGURE, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void test_every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    for (size_t i = 0; i < 4; i++) {
        size_t len = harness_file(udp_seeds[i], bytes, sizeof bytes);
        assert_int_equal(cd_dissector_kerberos.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
        harness_every_prefix(&cd_dissector_kerberos, CD_TRANSPORT_UDP, i % 3 == 0, bytes, len, false);
        len = harness_file(tcp_seeds[i], bytes, sizeof bytes);
        assert_int_equal(cd_dissector_kerberos.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
        harness_every_prefix(&cd_dissector_kerberos, CD_TRANSPORT_TCP, i % 2 == 0, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_and_answers_count_together_and_tell_user_host_and_domain),
        cmocka_unit_test(test_weak_encryption_is_told_where_it_is_used_or_nothing_else_offered),
        cmocka_unit_test(test_over_tcp_messages_are_cut_by_their_length),
        cmocka_unit_test(test_preauthentication_required_is_no_failed_sign_in),
        cmocka_unit_test(test_unknown_client_and_wrong_password_are_failed_sign_ins),
        cmocka_unit_test(test_a_machine_account_names_the_host_and_is_no_user),
        cmocka_unit_test(test_a_password_change_is_told_at_once),
        cmocka_unit_test(test_every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
