#include "protocols/harness.h"

#include "protocols/nbdgm.h"

/* MDJR98 (192.168.239.129) announces itself to WORKGROUP<1d>: Windows 4.0. */
static const char host[] = "1102000cc0a8ef81008a00bb000020454e4545454b4643444a44494341434143414341434143414341434143414"
                           "1410020464845504643454c45484643"
                           "455046464641434143414341434143414341424e00ff534d4225000000000000000000000000000000000000000"
                           "0000000000000001100002100000000"
                           "00000000000000000000000000000021005600030001000100020032005c4d41494c534c4f545c42524f5753450"
                           "0010360ea00004d444a523938000000"
                           "00000000000000040003204000150455aa00";
/* 10.0.2.15 announces the domain WORKGROUP, of which it is the local master with the name HOST1. */
static const char domain[] = "110280ab0a00020f008a00c000002045494550464446454442434143414341434143414341434143414341434"
                             "1414100204142414346504650454e4644"
                             "464345504644464846444546465046504143414200ff534d42250000000000000000000000000000000000000"
                             "0000000000000000011000026000000"
                             "000000000000e803000000000000000026005600030001000100020037005c4d41494c534c4f545c42524f575"
                             "345000c0060ea0000574f524b47524f55"
                             "500038b595030040030a001000800040f67f484f53543100";

static struct harness *new_harness(const char *sender)
{
    struct harness *h = harness_new(&cd_dissector_nbdgm, CD_TRANSPORT_UDP, 138);
    harness_set_ends(h, sender, "192.168.239.255", 64);
    return h;
}

static void a_host_announcement_tells_name_system_and_domain(void **state)
{
    (void)state;
    struct harness *h = new_harness("192.168.239.129");
    harness_send_hex(h, true, host);
    harness_expect_operation(h, "nbdgm", "browser:1", "host announcement", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "MDJR98");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Windows 4.0 (95, 98 or NT 4.0)");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "WORKGROUP");
    harness_free(h);
}

static void a_domain_announcement_tells_domain_and_master(void **state)
{
    (void)state;
    struct harness *h = new_harness("10.0.2.15");
    harness_send_hex(h, true, domain);
    harness_expect_operation(h, "nbdgm", "browser:12", "domain announcement", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "HOST1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "WORKGROUP");
    harness_free(h);
}

static void a_forwarded_datagram_is_its_first_senders(void **state)
{
    (void)state;
    struct harness *h = new_harness("192.168.239.1");
    struct cd_ip source;
    assert_true(cd_ip_parse("192.168.239.129", &source));
    harness_send_hex(h, true, host);
    assert_true(cd_ip_equal(&harness_observer(h)->facts.items[0].ip, &source));
    harness_free(h);
}

static void a_name_of_other_letters_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness("192.168.239.129");
    harness_send_hex(h, true, "1102000cc0a8ef81008a00bb0000 03414243 00 03414243 00");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "name");
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_nbdgm, CD_TRANSPORT_UDP, true, host, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_announcement_tells_name_system_and_domain),
        cmocka_unit_test(a_domain_announcement_tells_domain_and_master),
        cmocka_unit_test(a_forwarded_datagram_is_its_first_senders),
        cmocka_unit_test(a_name_of_other_letters_is_malformed),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
