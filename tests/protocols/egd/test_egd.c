#include "protocols/harness.h"

#include "protocols/egd.h"

static const char data[] = "0d01 3845 8c50017d 01000000 9af73f3c 50339c1c 02000000 00000000 00000000 a9000000";

static void an_exchange_is_counted_by_producer_and_number(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_egd, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, data);
    harness_send_hex(h, true, data);
    harness_send_hex(h, true, "0d01 3845 8c50017d 02000000 9af73f3c 50339c1c 02000000 02010000 00000000");
    harness_expect_operation(h, "egd", "13", "produce exchange", CD_CLASS_OTHER, "producer 140.80.1.125 exchange 1", 2,
                             0, 0);
    harness_expect_operation(h, "egd", "13", "produce exchange", CD_CLASS_OTHER,
                             "producer 140.80.1.125 exchange 2 signature 1.2", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, ""), "140.80.1.125");
    harness_free(h);
}

static void another_type_or_version_is_malformed(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_egd, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, "0e01 3845 8c50017d 01000000 9af73f3c 50339c1c 02000000 00000000 00000000");
    harness_send_hex(h, true, "0d02 3845 8c50017d 01000000 9af73f3c 50339c1c 02000000 00000000 00000000");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void it_is_recognised_by_its_header(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t len = harness_hex(data, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_egd.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_LIKELY);
    bytes[19] = 0xff; /* more nanoseconds than a second has */
    assert_int_equal(cd_dissector_egd.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_of_the_header_is_malformed(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_egd, CD_TRANSPORT_UDP, true,
                             "0d01 3845 8c50017d 01000000 9af73f3c 50339c1c 02000000 00000000 00000000", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_is_counted_by_producer_and_number),
        cmocka_unit_test(another_type_or_version_is_malformed),
        cmocka_unit_test(it_is_recognised_by_its_header),
        cmocka_unit_test(every_prefix_of_the_header_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
