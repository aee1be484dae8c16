/* Addresses: text there and back, and which of them can be a device's. */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct cd_ip ip(const char *text)
{
    struct cd_ip ip;
    assert_true(cd_ip_parse(text, &ip));
    return ip;
}

static void test_ip_text_there_and_back(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"10.0.0.1", "10.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"0.0.0.0", "0.0.0.0"},
        {"::", "::"},
        {"::1", "::1"},
        {"fe80::1", "fe80::1"},
        {"FD00:0:0:0:0:0:0:01", "fd00::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"::ffff:10.0.0.1", "10.0.0.1"}, /* the mapped form is how IPv4 is held */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[64];
        struct cd_text t = cd_text_of(buffer, sizeof buffer);
        struct cd_ip value = ip(rows[i][0]);
        cd_text_ip(&t, &value);
        assert_string_equal(buffer, rows[i][1]);
    }
    static const char *const refused[] = {"",          "10.0.0",       "10.0.0.256", "10.0.0.1 ",
                                          "1.2.3.4.5", "fe80::1%eth0", "::g",        "host"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct cd_ip untouched = ip("9.9.9.9"), before = untouched;
        assert_false(cd_ip_parse(refused[i], &untouched));
        assert_true(cd_ip_equal(&untouched, &before));
    }
}

static void test_mac_text_there_and_back(void **state)
{
    (void)state;
    cd_mac mac;
    char buffer[32];
    assert_true(cd_mac_parse("00:0E:8c:01:02:ff", &mac));
    assert_true(mac == 0x000e8c0102ff);
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_mac(&t, mac);
    assert_string_equal(buffer, "00:0e:8c:01:02:ff");
    assert_true(cd_mac_parse("00-0e-8c-01-02-ff", &mac));
    static const char *const refused[] = {"",
                                          "00:0e:8c:01:02",
                                          "00:0e:8c:01:02:f",
                                          "00:0e:8c:01:02:ff:",
                                          "00:0e:8c:01:02:fg",
                                          "000e8c0102ff",
                                          "00:0e:8c:01:02:ff00",
                                          "0:0e:8c:01:02:ff"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        mac = 7;
        assert_false(cd_mac_parse(refused[i], &mac));
        assert_true(mac == 7);
    }
}

static void test_which_addresses_can_be_a_devices(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool device, group, private, link_local;
    } rows[] = {
        {"10.1.2.3", true, false, true, false},    {"172.16.0.1", true, false, true, false},
        {"172.32.0.1", true, false, false, false}, {"192.168.0.1", true, false, true, false},
        {"100.64.0.1", true, false, true, false},  {"100.128.0.1", true, false, false, false},
        {"169.254.1.1", true, false, true, true},  {"8.8.8.8", true, false, false, false},
        {"0.0.0.0", false, false, false, false},   {"127.0.0.1", false, false, true, false},
        {"224.0.0.1", false, true, false, false},  {"239.255.255.255", false, true, false, false},
        {"240.0.0.1", true, false, false, false},  {"255.255.255.255", false, true, false, false},
        {"::", false, false, false, false},        {"::1", false, false, true, false},
        {"ff02::1", false, true, false, false},    {"fe80::1", true, false, true, true},
        {"febf::1", true, false, true, true},      {"fec0::1", true, false, false, false},
        {"fd12::1", true, false, true, false},     {"2001:db8::1", true, false, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cd_ip a = ip(rows[i].text);
        if (cd_ip_is_device(&a) != rows[i].device || cd_ip_is_group(&a) != rows[i].group ||
            cd_ip_is_private(&a) != rows[i].private || cd_ip_is_link_local(&a) != rows[i].link_local)
            fail_msg("%s is taken for another kind", rows[i].text);
    }
    assert_true(cd_mac_is_device(0x000e8c010203));
    assert_false(cd_mac_is_device(0x01005e000001));
    assert_false(cd_mac_is_device(0xffffffffffff));
    assert_false(cd_mac_is_device(0));
    assert_false(cd_mac_is_device(CD_NO_MAC));
}

static void test_lists_are_ordered_as_people_expect(void **state)
{
    (void)state;
    static const char *const order[] = {"0.0.0.0", "9.255.0.1", "10.0.0.2", "10.0.0.10", "255.255.255.255",
                                        "::",      "::1",       "fd00::1",  "ff02::1"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t j = 0; j < sizeof order / sizeof *order; j++) {
            struct cd_ip a = ip(order[i]), b = ip(order[j]);
            int c = cd_ip_compare(&a, &b);
            assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
            assert_int_equal(cd_ip_equal(&a, &b), i == j);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ip_text_there_and_back),
        cmocka_unit_test(test_mac_text_there_and_back),
        cmocka_unit_test(test_which_addresses_can_be_a_devices),
        cmocka_unit_test(test_lists_are_ordered_as_people_expect),
    };
    return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
