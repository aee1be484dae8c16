#include "protocols/harness.h"

#include "protocols/arp.h"

/* 02:00:00:00:00:01 (the harness' client), 10.0.0.1, asks for 10.0.0.2 */
static const char request[] = "0001080006040001 020000000001 0a000001 000000000000 0a000002";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_arp, CD_TRANSPORT_ETH, 0x0806);
}

static void a_request_claims_its_senders_address(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, request);
    harness_expect_operation(h, "arp", "1", "request", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "10.0.0.1"));
    assert_int_equal(harness_observer(h)->facts.items[0].mac, 0x020000000001);
    assert_int_equal(harness_observer(h)->facts.count, 1);
    assert_int_equal(harness_observer(h)->events.count, 0);
    harness_free(h);
}

static void padding_behind_the_packet_is_no_finding(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(
        h, false, "0001080006040002 020000000002 0a000002 020000000001 0a000001 000000000000000000000000000000000000");
    harness_expect_operation(h, "arp", "2", "reply", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ADDRESS, "", "10.0.0.2"));
    assert_int_equal(harness_observer(h)->events.count, 0);
    harness_free(h);
}

static void a_probe_claims_nothing(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0001080006040001 020000000001 00000000 000000000000 0a000002");
    harness_expect_operation(h, "arp", "1", "request", CD_CLASS_IDENTIFY, "probe", 1, 0, 0);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void a_gratuitous_request_is_told_apart(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0001080006040001 020000000001 0a000001 000000000000 0a000001");
    harness_expect_operation(h, "arp", "1", "request", CD_CLASS_IDENTIFY, "gratuitous", 1, 0, 0);
    harness_free(h);
}

static void a_claim_for_another_mac_than_the_frames_is_a_finding(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0001080006040002 0200000000ff 0a000009 020000000002 0a000002");
    assert_string_equal(harness_event_detail(h, CD_EVENT_ARP_ANOMALY),
                        "frame from 02:00:00:00:00:01 claims: 02:00:00:00:00:ff for 10.0.0.9");
    harness_free(h);
}

static void a_routers_shared_mac_is_no_finding(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0001080006040002 00005e000105 0a0000fe 020000000002 0a000002");
    assert_int_equal(harness_events(h, CD_EVENT_ARP_ANOMALY), 0);
    harness_free(h);
}

static void addresses_no_device_can_have_are_findings(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0001080006040002 ffffffffffff 0a000001 020000000002 0a000002");
    harness_send_hex(h, true, "0001080006040002 020000000001 e0000001 020000000002 0a000002");
    harness_send_hex(h, true, "0001080008040001 0200000000010000 0a000001 0000000000000000 0a000002");
    assert_int_equal(harness_events(h, CD_EVENT_ARP_ANOMALY), 3);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void an_unknown_operation_is_against_the_protocol(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0001080006040063 020000000001 0a000001 000000000000 0a000002");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_arp, CD_TRANSPORT_ETH, true, request, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_claims_its_senders_address),
        cmocka_unit_test(padding_behind_the_packet_is_no_finding),
        cmocka_unit_test(a_probe_claims_nothing),
        cmocka_unit_test(a_gratuitous_request_is_told_apart),
        cmocka_unit_test(a_claim_for_another_mac_than_the_frames_is_a_finding),
        cmocka_unit_test(a_routers_shared_mac_is_no_finding),
        cmocka_unit_test(addresses_no_device_can_have_are_findings),
        cmocka_unit_test(an_unknown_operation_is_against_the_protocol),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
