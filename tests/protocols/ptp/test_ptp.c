/* PTP: messages of captures, and others written by the standard (power profile, set, description texts, version 1). */
#include "../harness.h"

#include "protocols/ptp.h"

#include <string.h>

enum { LARGEST = 1024 };

static size_t seed(const char *name, uint8_t bytes[LARGEST])
{
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    cd_text_str(&t, ".bin");
    return harness_file(path, bytes, LARGEST);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[LARGEST];
    harness_send(h, from_client, bytes, seed(name, bytes));
}

static struct harness *link(void)
{
    return harness_new(&cd_dissector_ptp, CD_TRANSPORT_ETH, 0);
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "ptp", code, name, class, target, requests, responses, errors);
}

static void messages_are_counted_by_type_and_domain(void **state)
{
    (void)state;
    struct harness *h = link();
    for (int i = 0; i < 50; i++) {
        send_seed(h, true, "req-sync");
        send_seed(h, true, "req-follow-up");
    }
    send_seed(h, true, "req-sync-gptp");
    send_seed(h, true, "req-peer-delay");
    send_seed(h, false, "req-delay-request");
    send_seed(h, true, "req-delay-response");
    expect(h, "0", "sync", CD_CLASS_OTHER, "domain 0", 50, 0, 0);
    expect(h, "0", "sync", CD_CLASS_OTHER, "gptp domain 0", 1, 0, 0);
    expect(h, "8", "follow up", CD_CLASS_OTHER, "domain 0", 50, 0, 0);
    expect(h, "2", "peer delay request", CD_CLASS_OTHER, "domain 0", 1, 0, 0);
    expect(h, "1", "delay request", CD_CLASS_OTHER, "domain 0", 1, 0, 0);
    expect(h, "9", "delay response", CD_CLASS_OTHER, "domain 0", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "", "PTP slave domain 0"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_grandmaster_tells_its_clock(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ptp, CD_TRANSPORT_UDP, 320);
    send_seed(h, true, "req-announce");
    expect(h, "11", "announce", CD_CLASS_OTHER, "domain 0", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "time-server"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "",
                                 "PTP grandmaster 00b0aefffe01f920 domain 0, class 248, accuracy unknown, priority "
                                 "128/128, source set by hand"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "00:b0:ae:01:f9:20"));
    harness_free(h);
}

static void a_boundary_clock_names_its_grandmaster(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, true, "req-announce-boundary");
    const char *clock = harness_fact(h, CD_ATTRIBUTE_CLOCK, "");
    assert_non_null(clock);
    assert_non_null(strstr(clock, "000006ffff010000"));
    harness_free(h);
}

static void two_grandmasters_of_one_domain_are_two_facts(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, true, "req-announce-power");
    send_seed(h, false, "req-announce-other");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "",
                                 "PTP grandmaster 00a0f8fffe112233 domain 0, class 6, accuracy 100 ns, priority "
                                 "128/128, source GNSS, power profile grandmaster 254"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "",
                                 "PTP grandmaster 00a0f8fffe445566 domain 0, class 6, accuracy 25 ns, priority 1/128, "
                                 "source GNSS"));
    harness_free(h);
}

static void management_that_sets_is_dangerous(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, true, "req-set-priority1");
    send_seed(h, false, "resp-set-priority1-error");
    send_seed(h, true, "req-initialize");
    send_seed(h, true, "req-get-description");
    send_seed(h, false, "resp-get-description");
    expect(h, "13", "management", CD_CLASS_CONFIGURE, "set PRIORITY1 domain 0", 1, 1, 1);
    expect(h, "13", "management", CD_CLASS_MODE, "command INITIALIZE domain 0", 1, 0, 0);
    expect(h, "13", "management", CD_CLASS_IDENTIFY, "get CLOCK_DESCRIPTION domain 0", 1, 1, 0);
    assert_string_equal(harness_observer(h)->operations.items[0].last_error, "not settable");
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_description_is_taken_apart(void **state)
{
    (void)state;
    struct harness *h = link();
    send_seed(h, false, "resp-description-full");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Meinberg"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "M400"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "S123456"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE, "", "1.0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "7.06"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "lantime"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "clock-a"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_LOCATION, "", "Substation 4"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "00:a0:f8:11:22:33"));
    harness_free(h);
}

static void signalling_says_what_is_wanted(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ptp, CD_TRANSPORT_UDP, 320);
    send_seed(h, true, "req-request-unicast");
    send_seed(h, false, "req-grant-unicast");
    expect(h, "12", "signalling", CD_CLASS_SESSION, "request unicast announce domain 0", 1, 0, 0);
    expect(h, "12", "signalling", CD_CLASS_SESSION, "grant unicast announce domain 0", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void version_1_is_read(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ptp, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-v1-sync");
    send_seed(h, true, "req-v1-management");
    expect(h, "v1:0", "sync", CD_CLASS_OTHER, "subdomain _DFLT", 1, 0, 0);
    expect(h, "v1:4", "management", CD_CLASS_CONFIGURE, "subdomain _DFLT key 9", 1, 0, 0);
    assert_true(
        harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "", "PTPv1 grandmaster 00:a0:f8:11:22:33, stratum 1, source GPS"));
    harness_free(h);
}

static void lengths_that_lie_are_findings(void **state)
{
    (void)state;
    struct harness *h = link();
    uint8_t bytes[LARGEST];
    size_t len = seed("req-announce-power", bytes);
    bytes[34 + 30 + 3]++; /* the TLV is longer than its message */
    harness_send(h, true, bytes, len);
    harness_send(h, true, bytes, len); /* also where the clock is known already */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    len = seed("req-sync", bytes);
    bytes[3] = 33; /* shorter than a header */
    harness_send(h, true, bytes, len);
    bytes[3] = 40; /* a sync is longer */
    harness_send(h, true, bytes, len);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 4);
    harness_free(h);
}

static void it_is_not_claimed_on_other_ports(void **state)
{
    (void)state;
    uint8_t bytes[LARGEST];
    size_t len = seed("req-announce", bytes);
    assert_int_equal(cd_dissector_ptp.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_MAYBE);
    assert_int_equal(cd_dissector_ptp.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_ptp.probe(bytes, len, CD_TRANSPORT_ETH, true), CD_PROBE_SURE);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const whole[] = {"req-announce-power", "req-set-priority1", "resp-set-priority1-error",
                                        "req-request-unicast"};
    uint8_t bytes[LARGEST];
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        size_t len = seed(whole[i], bytes), told = (size_t)(bytes[2] << 8 | bytes[3]);
        harness_every_prefix(&cd_dissector_ptp, CD_TRANSPORT_ETH, true, bytes, told < len ? told : len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_counted_by_type_and_domain),
        cmocka_unit_test(a_grandmaster_tells_its_clock),
        cmocka_unit_test(a_boundary_clock_names_its_grandmaster),
        cmocka_unit_test(two_grandmasters_of_one_domain_are_two_facts),
        cmocka_unit_test(management_that_sets_is_dangerous),
        cmocka_unit_test(a_description_is_taken_apart),
        cmocka_unit_test(signalling_says_what_is_wanted),
        cmocka_unit_test(version_1_is_read),
        cmocka_unit_test(lengths_that_lie_are_findings),
        cmocka_unit_test(it_is_not_claimed_on_other_ports),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests_name("ptp", tests, NULL, NULL);
}
