/* CC-Link IE Field Basic: cyclic frames from a capture, search and setting of addresses written by public implementations. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/cclink_ie.h"

enum { LARGEST = 2048 };

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[LARGEST];
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    harness_send(h, from_client, bytes, harness_file(path, bytes, LARGEST));
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "cclink-ief-basic", code, name, class, target, requests, responses, errors);
}

static void cyclic_frames_tell_master_and_slave(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_cclink_ie, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-cyclic.bin");
    send_seed(h, true, "req-cyclic.bin");
    send_seed(h, false, "resp-cyclic.bin");
    expect(h, "3696", "cyclic data", CD_CLASS_OTHER, "group 1", 2, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "controller"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_slave_tells_its_numbers_and_errors(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_cclink_ie, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true,
                     "d000 00 ffff03 00 3200 0000 0100 f0cf 2800 0000000000000000000000000000"
                     "3412 0000 78560000 0200 0000 0100 0500 00000000 818610ac 01 00 d806");
    expect(h, "3696", "cyclic data", CD_CLASS_OTHER, "group 1", 0, 1, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "CC-Link vendor code 0x1234"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "model code 0x00005678"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "run"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "io-device"));
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    harness_free(h);
}

static void nodes_are_searched_and_given_addresses(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_cclink_ie, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-search.bin");
    send_seed(h, false, "resp-search.bin");
    expect(h, "3632", "node search", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, "", "01:02:03:04:05:06"));
    send_seed(h, true, "req-set.bin");
    send_seed(h, false, "resp-set.bin");
    expect(h, "3633", "IP address set", CD_CLASS_CONFIGURE, "01:02:03:04:05:06 to 172.16.134.144", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[LARGEST];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-cyclic.bin", bytes, LARGEST);
    harness_every_prefix(&cd_dissector_cclink_ie, CD_TRANSPORT_UDP, true, bytes, len, false);
    len = harness_file(CD_TEST_DIR "/seeds/resp-search.bin", bytes, LARGEST);
    harness_every_prefix(&cd_dissector_cclink_ie, CD_TRANSPORT_UDP, false, bytes, len, false);
}

static void other_slmp_is_not_claimed(void **state)
{
    (void)state;
    static const uint8_t read[] = {0x50, 0, 0, 0xff, 0xff, 3, 0, 12, 0, 0x10, 0, 1, 4, 0, 0, 0x64, 0, 0, 0xa8, 1, 0};
    assert_int_equal(cd_dissector_cclink_ie.probe(read, sizeof read, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cyclic_frames_tell_master_and_slave),
        cmocka_unit_test(a_slave_tells_its_numbers_and_errors),
        cmocka_unit_test(nodes_are_searched_and_given_addresses),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(other_slmp_is_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
