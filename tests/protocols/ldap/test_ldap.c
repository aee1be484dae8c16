#include "../harness.h"

#include "protocols/ldap.h"

#include <string.h>

static struct harness *over_tcp(void)
{
    return harness_new(&cd_dissector_ldap, CD_TRANSPORT_TCP, 0);
}

static void test_a_ping_tells_of_both_ends(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ldap, CD_TRANSPORT_UDP, 0);
    harness_send_seed(h, true, "req-ping.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "RIGSBY-WIN-PC"));
    harness_send_seed(h, false, "resp-ping.bin");
    harness_expect_operation(h, "ldap", "3", "search", CD_CLASS_READ, "root DSE", 1, 2, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "domain-controller"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "PixelShine-DC.pixelshine.net"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DOMAIN, "", "PIXELSHINE"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_LOCATION, "", "Active Directory site Default-First-Site-Name"));
    harness_free(h);
}

static void test_the_root_dse_names_the_server(void **state)
{
    (void)state;
    struct harness *h = over_tcp();
    /* dnsHostName dc1.plant.example, defaultNamingContext DC=plant,DC=example, vendorName Acme, vendorVersion 1.2 */
    harness_send_hex(
        h, false,
        "3081 8c 020101 6481 86 0400 3081 81"
        "3022 040b 646e73486f73744e616d65 3113 0411 6463312e706c616e742e6578616d706c65"
        "302d 0414 64656661756c744e616d696e67436f6e74657874 3115 0413 44433d706c616e742c44433d6578616d706c65"
        "3014 040a 76656e646f724e616d65 3106 0404 41636d65"
        "3016 040d 76656e646f7256657273696f6e 3105 0403 312e32");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "dc1.plant.example"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DOMAIN, "", "plant.example"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Acme 1.2"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_a_password_in_clear_is_told_with_its_user_and_never_shown(void **state)
{
    (void)state;
    struct harness *h = over_tcp();
    /* simple bind as cn=op with password secret7, refused */
    harness_send_hex(h, true, "3019 020101 6014 020103 0405 636e3d6f70 80 08 7365637265743737");
    harness_send_hex(h, false, "300c 020101 6107 0a0131 0400 0400");
    harness_expect_operation(h, "ldap", "0", "bind", CD_CLASS_SESSION, "simple", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "LDAP password of cn=op");
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED), "LDAP bind refused: cn=op");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "cn=op"));
    for (uint32_t i = 0; i < harness_observer(h)->texts.count; i++)
        assert_null(strstr(harness_observer(h)->texts.items[i], "secret"));
    harness_free(h);
}

static void test_sasl_plain_is_a_password_in_clear_too(void **state)
{
    (void)state;
    struct harness *h = over_tcp();
    harness_send_hex(h, true, "301a 020101 6015 020103 0400 a30e 0405 504c41494e 0405 00 6f70 00 70");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "LDAP password of op");
    harness_expect_operation(h, "ldap", "0", "bind", CD_CLASS_SESSION, "SASL PLAIN", 1, 0, 0);
    harness_free(h);
}

static void test_changes_of_the_directory_are_told_at_once(void **state)
{
    (void)state;
    struct harness *h = over_tcp();
    harness_send_seed(h, true, "req-add.bin");
    harness_send_seed(h, true, "req-delete.bin");
    /* modify cn=op: replace description */
    harness_send_hex(h, true,
                     "3026 020103 6621 0405 636e3d6f70 3018 3016 0a0102 3011 040b 6465736372697074696f6e 3102 0400");
    harness_expect_operation(h, "ldap", "8", "add", CD_CLASS_CONFIGURE, "dc=example,dc=com", 1, 0, 0);
    harness_expect_operation(h, "ldap", "10", "delete", CD_CLASS_CONFIGURE, "uid=jdoe,ou=People,dc=example,dc=com", 1,
                             0, 0);
    harness_expect_operation(h, "ldap", "6", "modify", CD_CLASS_CONFIGURE, "cn=op: description", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 3);
    harness_free(h);
}

static void test_after_start_tls_the_handshake_is_read_as_tls(void **state)
{
    (void)state;
    struct harness *h = over_tcp();
    harness_send_seed(h, true, "req-extended.bin");
    harness_send_hex(h, false, "300c 020101 7807 0a0100 0400 0400");
    harness_expect_operation(h, "ldap", "23", "extended operation", CD_CLASS_OTHER, "StartTLS", 1, 1, 0);
    harness_send_hex(h, true,
                     "160301002f 0100002b 0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                     "00 0004 002f 0035 0100");
    harness_expect_operation(h, "tls", "1", "handshake", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_signed_messages_are_read_and_encrypted_ones_counted(void **state)
{
    (void)state;
    struct harness *h = over_tcp();
    harness_send_seed(h, true, "req-bind-sasl.bin");
    /* RFC 4121: flags 4, checksum of 12 bytes turned to the front, then an unbind; then an encrypted one */
    harness_send_hex(h, true, "00000023 050404ff000c000c 0000000000000000 000102030405060708090a0b 3005 020105 4200");
    harness_send_hex(h, true, "00000014 050406ff0000001c 0000000000000001 00010203");
    harness_expect_operation(h, "ldap", "2", "unbind", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_expect_operation(h, "ldap", "sasl", "encrypted message", CD_CLASS_OTHER, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_other_ber_protocols_are_not_taken_for_ldap(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = harness_hex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500", bytes,
                             sizeof bytes); /* SNMP */
    assert_int_equal(cd_dissector_ldap.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    len = harness_hex("3005 020105 4200", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_ldap.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    len = harness_hex("3006 020105 420000", bytes, sizeof bytes);
    assert_int_equal(cd_dissector_ldap.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void test_every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    static const char *const seeds[] = {"req-ping.bin",      "resp-ping.bin", "resp-root.bin",
                                        "req-bind-sasl.bin", "req-bind.bin",  "req-add.bin"};
    uint8_t bytes[4096];
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char path[256];
        struct cd_text t = cd_text_of(path, sizeof path);
        cd_text_str(&t, CD_TEST_DIR "/seeds/");
        cd_text_str(&t, seeds[i]);
        size_t len = harness_file(path, bytes, sizeof bytes);
        bool several = seeds[i][1] == 'e' && seeds[i][2] == 's'; /* an entry and the search's end */
        harness_every_prefix(&cd_dissector_ldap, CD_TRANSPORT_UDP, !several, bytes, len, several);
        if (!several)
            harness_every_prefix(&cd_dissector_ldap, CD_TRANSPORT_TCP, true, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ping_tells_of_both_ends),
        cmocka_unit_test(test_the_root_dse_names_the_server),
        cmocka_unit_test(test_a_password_in_clear_is_told_with_its_user_and_never_shown),
        cmocka_unit_test(test_sasl_plain_is_a_password_in_clear_too),
        cmocka_unit_test(test_changes_of_the_directory_are_told_at_once),
        cmocka_unit_test(test_after_start_tls_the_handshake_is_read_as_tls),
        cmocka_unit_test(test_signed_messages_are_read_and_encrypted_ones_counted),
        cmocka_unit_test(test_other_ber_protocols_are_not_taken_for_ldap),
        cmocka_unit_test(test_every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
