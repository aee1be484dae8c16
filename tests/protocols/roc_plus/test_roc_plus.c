/* ROC Plus: messages of each kind from a capture. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/roc_plus.h"

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
    harness_expect_operation(h, "roc-plus", code, name, class, target, requests, responses, errors);
}

static void a_device_tells_its_type_and_mode(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-06.bin");
    send_seed(h, false, "resp-06.bin");
    expect(h, "6", "system configuration", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "ROC800 (809/827)"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "run"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "rtu"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "3.4"));
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void parameters_are_told_as_tlp(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-a6.bin");
    expect(h, "166", "set single point parameters", CD_CLASS_WRITE, "TLP 1,1,0", 1, 0, 0);
    send_seed(h, true, "req-b4.bin");
    expect(h, "180", "request parameters", CD_CLASS_READ, "TLP 1,1,1", 1, 0, 0);
    send_seed(h, true, "req-b5.bin");
    expect(h, "181", "write parameters", CD_CLASS_WRITE, "TLP 1,1,1", 1, 0, 0);
    harness_free(h);
}

static void a_login_tells_the_operator_and_no_password(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-11.bin");
    expect(h, "17", "login", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "OP1"));
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    harness_free(h);
}

static void setting_the_clock_is_configuring(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-08.bin");
    send_seed(h, false, "resp-08.bin");
    expect(h, "8", "set real-time clock", CD_CLASS_CONFIGURE, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void files_are_told_by_name(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-cb.bin");
    expect(h, "203", "file transfer", CD_CLASS_FILE, "open /flash/data/example.txt", 1, 0, 0);
    harness_free(h);
}

static void errors_belong_to_the_request(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-06.bin");
    harness_send_hex(h, false, "01 02 03 04 ff 02 19 06 0000");
    expect(h, "6", "system configuration", CD_CLASS_IDENTIFY, "", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "wrong CRC");
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_roc_plus, CD_TRANSPORT_TCP, true, "01 02 03 04 06 00 3a2f", false);
    harness_every_prefix_hex(&cd_dissector_roc_plus, CD_TRANSPORT_UDP, true, "01 02 03 04 06 00 3a2f", false);
}

static void a_message_with_a_wrong_crc_is_not_claimed(void **state)
{
    (void)state;
    static const uint8_t wrong[] = {1, 2, 3, 4, 6, 0, 0, 0}, right[] = {1, 2, 3, 4, 6, 0, 0x3a, 0x2f};
    assert_int_equal(cd_dissector_roc_plus.probe(wrong, sizeof wrong, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_roc_plus.probe(right, sizeof right, CD_TRANSPORT_TCP, true), CD_PROBE_LIKELY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_tells_its_type_and_mode),
        cmocka_unit_test(parameters_are_told_as_tlp),
        cmocka_unit_test(a_login_tells_the_operator_and_no_password),
        cmocka_unit_test(setting_the_clock_is_configuring),
        cmocka_unit_test(files_are_told_by_name),
        cmocka_unit_test(errors_belong_to_the_request),
        cmocka_unit_test(every_prefix_asks_for_more),
        cmocka_unit_test(a_message_with_a_wrong_crc_is_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
