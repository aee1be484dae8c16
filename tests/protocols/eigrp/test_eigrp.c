#include "protocols/harness.h"

#include "protocols/eigrp.h"

static const char hello[] = "02050000000000000000000000000000000000640001000c010001000000000f000400080c040102";
static const char update[] =
    "02010000000000010000000500000000000000640102001e00000000000fa000000001000005dc00ff01000000180a01"
    "0100";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_eigrp, CD_TRANSPORT_IP, 0);
}

static void a_router_tells_its_system_and_its_release(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, hello);
    harness_expect_operation(h, "eigrp", "5", "hello", CD_CLASS_OTHER, "autonomous system 100", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "router"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "IOS 12.4"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "EIGRP 1.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "EIGRP autonomous system 100"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void updates_are_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, update);
    harness_expect_operation(h, "eigrp", "1", "update", CD_CLASS_OTHER, "autonomous system 100", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_tlv_shorter_than_its_header_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "02050000 00000000 00000000 00000000 00000064 00010003");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "TLV length");
    harness_free(h);
}

static void another_version_is_not_claimed(void **state)
{
    (void)state;
    static const uint8_t other[20] = {7, 0x14};
    assert_int_equal(cd_dissector_eigrp.probe(other, sizeof other, CD_TRANSPORT_IP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_ends_between_tlvs(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_eigrp, CD_TRANSPORT_IP, true, hello, true);
    harness_every_prefix_hex(&cd_dissector_eigrp, CD_TRANSPORT_IP, true, update, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_tells_its_system_and_its_release),
        cmocka_unit_test(updates_are_counted),
        cmocka_unit_test(a_tlv_shorter_than_its_header_is_malformed),
        cmocka_unit_test(another_version_is_not_claimed),
        cmocka_unit_test(every_prefix_is_refused_or_ends_between_tlvs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
