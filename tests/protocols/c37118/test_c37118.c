#include "../harness.h"

#include "protocols/c37118.h"

#include <string.h>

/* Between a concentrator and a measurement unit; those that say so are made by the standard. */
static const char send_configuration[] = "aa410012003c4899909a00902e120005168a";
static const char configuration_2[] =
    "aa310176003c489337430007ef40000f42400001504d5531202020202020202020202020003d0007000300000001564120202020202020"
    "202020202020205642202020202020202020202020202056432020202020202020202020202020446967204368616e6e656c2031202020"
    "446967204368616e6e656c2032202020446967204368616e6e656c2033202020446967204368616e6e656c203420202044696720436861"
    "6e6e656c2035202020446967204368616e6e656c2036202020446967204368616e6e656c2037202020446967204368616e6e656c203820"
    "2020446967204368616e6e656c2039202020446967204368616e6e656c2031302020446967204368616e6e656c20313120204469672043"
    "68616e6e656c2031322020446967204368616e6e656c2031332020446967204368616e6e656c2031342020446967204368616e6e656c20"
    "31352020446967204368616e6e656c2031362020000004c4000004c4000004c40000000000010001003281d2";
static const char turn_on[] = "aa410012003c4899909a009c2e010002f775";
static const char data[] =
    "aa010030003c489337430008d9a0000042c827b9bfc89ec242c7e4794027ad2742c805113f06beb00000000000001a9c";
/* made */
static const char data_not_synchronised[] =
    "aa010030003c489337430008d9a0200042c827b9bfc89ec242c7e4794027ad2742c805113f06beb00000000000008337";
static const char turn_off[] = "aa410012003c6553f1000f000000000116f2";
static const char header[] =
    "aa12003000076553f1000f00000053756273746174696f6e20576573742c20504d55206f662066656564657220331662";
/* made: two units */
static const char configuration_3[] =
    "aa5200c300076553f1000f0000000000000f42400002054e6f727468000b00000000000000000000000000000000000f00020001000002"
    "56410256420150000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000001000305536f757468000c00000000000000000000000000000000000f0001000000000249410000000000000000000000"
    "0000000000000000000000000000000000000000000000010003003261ec";

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_c37118, CD_TRANSPORT_UDP, 0);
}

static void commands_have_their_name_and_class(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, send_configuration);
    harness_send_hex(h, true, turn_on);
    harness_send_hex(h, true, turn_off);
    harness_expect_operation(h, "c37118", "4:5", "send configuration 2", CD_CLASS_IDENTIFY, "stream 60", 1, 0, 0);
    harness_expect_operation(h, "c37118", "4:2", "turn on transmission", CD_CLASS_MODE, "stream 60", 1, 0, 0);
    harness_expect_operation(h, "c37118", "4:1", "turn off transmission", CD_CLASS_MODE, "stream 60", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "pdc"));
    harness_free(h);
}

static void a_configuration_names_the_unit_and_its_phasors(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, false, configuration_2);
    harness_expect_operation(h, "c37118", "3", "configuration 2", CD_CLASS_IDENTIFY, "stream 60", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "PMU1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "pmu"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "61"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "phasors VA, VB, VC"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void several_units_stand_behind_a_concentrator(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, false, configuration_3);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "pdc"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "c37118:11", "North"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "c37118:12", "South"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "c37118:11", "phasors VA, VB; analogs P"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_send_hex(h, false, header);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "Substation West, PMU of feeder 3"));
    harness_free(h);
}

static void what_is_wrong_with_the_data_is_told_when_it_begins(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, false, data);
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 0);
    harness_send_hex(h, false, data_not_synchronised);
    harness_send_hex(h, false, data_not_synchronised);
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "stream 60: unit not synchronised");
    harness_expect_operation(h, "c37118", "0", "data", CD_CLASS_READ, "stream 60", 3, 0, 0);
    harness_free(h);
}

static void a_wrong_checksum_is_a_finding(void **state)
{
    (void)state;
    uint8_t bytes[200];
    size_t len = harness_hex(data, bytes, sizeof bytes);
    bytes[20] ^= 1;
    struct harness *h = udp();
    harness_send(h, false, bytes, len);
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "checksum");
    assert_int_equal(harness_operations(h, "c37118", NULL, NULL).entries, 0);
    harness_free(h);
    assert_int_equal(cd_dissector_c37118.probe(bytes, len, CD_TRANSPORT_UDP, false), CD_PROBE_NO);
    bytes[20] ^= 1;
    assert_int_equal(cd_dissector_c37118.probe(bytes, len, CD_TRANSPORT_UDP, false), CD_PROBE_SURE);
    assert_int_equal(cd_c37118_crc((const uint8_t *)"123456789", 9), 0x29b1); /* the known check value */
}

static void a_stream_is_cut_into_frames(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_c37118, CD_TRANSPORT_TCP, 0);
    uint8_t bytes[1000];
    size_t first = harness_hex(configuration_2, bytes, sizeof bytes);
    size_t len = first + harness_hex(data, bytes + first, sizeof bytes - first);
    harness_send(h, false, bytes, 100);
    harness_send(h, false, bytes + 100, len - 100);
    assert_int_equal(harness_operations(h, "c37118", "3", NULL).requests, 1);
    assert_int_equal(harness_operations(h, "c37118", "0", NULL).requests, 1);
    harness_free(h);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    static const char *const messages[] = {send_configuration, configuration_2, data, header, configuration_3};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        harness_every_prefix_hex(&cd_dissector_c37118, CD_TRANSPORT_TCP, false, messages[i], false);
        harness_every_prefix_hex(&cd_dissector_c37118, CD_TRANSPORT_UDP, false, messages[i], false);
    }
}

/* Behind the checksum: each prefix of a configuration's units is refused. */
static void every_prefix_of_a_configuration_is_refused(void **state)
{
    (void)state;
    static const char *const messages[] = {configuration_2, configuration_3};
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[500];
        size_t len = harness_hex(messages[i], bytes, sizeof bytes);
        uint8_t type = bytes[1] >> 4;
        for (size_t n = 0; n + 14 + 4 < len; n++) {
            struct cd_reader r = cd_reader_of(bytes + 14, n);
            struct cd_c37118_unit unit;
            uint16_t units, got = 0;
            if (!cd_c37118_parse_configuration(&r, type, &units))
                continue;
            while (got < units && cd_c37118_next_unit(&r, type, &unit))
                got++;
            assert_true(got < units);
            assert_non_null(r.bad);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_have_their_name_and_class),
        cmocka_unit_test(a_configuration_names_the_unit_and_its_phasors),
        cmocka_unit_test(several_units_stand_behind_a_concentrator),
        cmocka_unit_test(what_is_wrong_with_the_data_is_told_when_it_begins),
        cmocka_unit_test(a_wrong_checksum_is_a_finding),
        cmocka_unit_test(a_stream_is_cut_into_frames),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
        cmocka_unit_test(every_prefix_of_a_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
