/* CODESYS: messages of versions 3 and 2 written after public analyses. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/codesys.h"

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
    harness_expect_operation(h, "codesys", code, name, class, target, requests, responses, errors);
}

static void a_controller_tells_who_it_is_when_searched(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_codesys, CD_TRANSPORT_UDP, 0);
    send_seed(h, true, "req-search.bin");
    send_seed(h, false, "resp-identity.bin");
    expect(h, "service:3", "name service", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "WAGO"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "WAGO 750-8206 PFC200 2ETH RS CAN DPS"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "PFC200-438F4C"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "5.15.4.0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "SN12345"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    harness_free(h);
}

static void services_are_told_by_component(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_codesys, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-open.bin");
    expect(h, "channel:195", "open channel", CD_CLASS_SESSION, "", 1, 0, 0);
    send_seed(h, true, "req-login.bin");
    send_seed(h, false, "resp-login.bin");
    expect(h, "258", "login", CD_CLASS_SESSION, "CmpDevice", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "Administrator"));
    send_seed(h, true, "req-stop.bin");
    expect(h, "529", "stop application", CD_CLASS_MODE, "CmpApp", 1, 0, 0);
    send_seed(h, true, "req-download.bin");
    expect(h, "517", "download application", CD_CLASS_PROGRAM, "CmpApp", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void version_2_tells_system_and_product(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_codesys, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-v2.bin");
    send_seed(h, false, "resp-v2.bin");
    expect(h, "v2:1", "login", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Nucleus PLUS Nucleus PLUS version 1.14"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "WAGO 750-881"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "CODESYS V2 runtime"));
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[LARGEST];
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-login.bin", bytes, LARGEST);
    harness_every_prefix(&cd_dissector_codesys, CD_TRANSPORT_TCP, true, bytes, len, false);
    len = harness_file(CD_TEST_DIR "/seeds/resp-identity.bin", bytes, LARGEST);
    harness_every_prefix(&cd_dissector_codesys, CD_TRANSPORT_UDP, false, bytes, len - 1 /* the serial number's NUL */,
                         false);
}

static void other_bytes_are_not_claimed(void **state)
{
    (void)state;
    uint8_t zeros[64] = {0}, c5[16] = {0xc5, 0xc5, 0xc5, 0xc5};
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_codesys.probe;
    assert_int_equal(probe(zeros, sizeof zeros, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe(zeros, sizeof zeros, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(probe(c5, sizeof c5, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_controller_tells_who_it_is_when_searched),
        cmocka_unit_test(services_are_told_by_component),
        cmocka_unit_test(version_2_tells_system_and_product),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(other_bytes_are_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
