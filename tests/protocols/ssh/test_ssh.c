#include "protocols/harness.h"

#include "protocols/ssh.h"

#include <string.h>

extern const struct cd_dissector cd_dissector_ssh;

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_ssh, CD_TRANSPORT_TCP, 22);
}

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void identifications_are_software(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, false, "SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.5\r\n");
    say(h, true, "SSH-2.0-PuTTY_Release_0.72\r\n");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "OpenSSH_8.2p1 Ubuntu-4ubuntu0.5"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "PuTTY_Release_0.72"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Ubuntu Linux"));
    harness_free(h);
}

static void a_vendor_may_show_in_it(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, false, "SSH-2.0-Cisco-1.25\n");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Cisco");
    harness_free(h);
}

static void lines_may_come_before_it(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, false, "Authorised use only\r\nSSH-2.0-dropbear_2018.76\r\n");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""), "dropbear_2018.76");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void version_1_is_weak_but_1_99_is_not(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "SSH-1.99-x\n");
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 0);
    say(h, false, "SSH-1.5-y\n");
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY), "server speaks SSH 1");
    harness_free(h);
}

static void weak_algorithms_offered_are_named_once(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    struct harness *h = new_harness();
    harness_send(h, false, bytes, harness_seed("resp-identification.bin", bytes, sizeof bytes));
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "server offers diffie-hellman-group-exchange-sha1, diffie-hellman-group1-sha1, blowfish-cbc, "
                        "cast128-cbc, 3des-cbc");
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 1);
    harness_free(h);
}

static void a_list_beyond_its_packet_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "SSH-2.0-x\r\n");
    harness_send_hex(h, true, "0000001a 04 14 00000000000000000000000000000000 000000ff 41424344");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void lines_without_the_sign_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "SSH-", "SSH-2.0\r\n", "HTTP/1.1 200 OK\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cd_reader r = cd_reader_of(bad[i], strlen(bad[i]));
        struct cd_ssh_identification id;
        assert_false(cd_ssh_parse_identification(&r, &id));
    }
}

static void it_is_known_on_any_port(void **state)
{
    (void)state;
    assert_int_equal(cd_dissector_ssh.probe((const uint8_t *)"SSH-2.0-", 8, CD_TRANSPORT_TCP, false), CD_PROBE_SURE);
    assert_int_equal(cd_dissector_ssh.probe((const uint8_t *)"SSH-3.0-", 8, CD_TRANSPORT_TCP, false), CD_PROBE_NO);
    assert_int_equal(cd_dissector_ssh.probe((const uint8_t *)"SIP/2.0 ", 8, CD_TRANSPORT_TCP, false), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char line[] = "SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.5\r\n";
    uint8_t bytes[4096];
    harness_every_prefix(&cd_dissector_ssh, CD_TRANSPORT_TCP, true, line, sizeof line - 1, false);
    size_t n = harness_seed("resp-identification.bin", bytes, sizeof bytes), start = 21;
    struct cd_ssh_kexinit kex;
    for (size_t len = start + 5; len < start + 800 && len < n; len++) {
        struct cd_reader r = cd_reader_of(bytes + start + 5, len - start - 5);
        assert_false(cd_ssh_parse_kexinit(&r, &kex));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifications_are_software),
        cmocka_unit_test(a_vendor_may_show_in_it),
        cmocka_unit_test(lines_may_come_before_it),
        cmocka_unit_test(version_1_is_weak_but_1_99_is_not),
        cmocka_unit_test(weak_algorithms_offered_are_named_once),
        cmocka_unit_test(a_list_beyond_its_packet_is_malformed),
        cmocka_unit_test(lines_without_the_sign_are_refused),
        cmocka_unit_test(it_is_known_on_any_port),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
