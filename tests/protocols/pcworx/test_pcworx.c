/* PC WORX: a query of a controller's identity from a capture. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/pcworx.h"

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
    harness_expect_operation(h, "pcworx", code, name, class, target, requests, responses, errors);
}

static void an_ilc_131_tells_who_it_is(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_pcworx, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-0.bin");
    send_seed(h, false, "resp-0.bin");
    send_seed(h, true, "req-1.bin");
    send_seed(h, false, "resp-1.bin");
    send_seed(h, true, "req-2.bin");
    send_seed(h, false, "resp-2.bin");
    expect(h, "1", "connect", CD_CLASS_SESSION, "", 1, 1, 0);
    expect(h, "5", "ask", CD_CLASS_IDENTIFY, "identification", 1, 1, 0);
    expect(h, "6", "fetch answer", CD_CLASS_READ, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "ILC 131 ETH"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "4.42"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "", "2700973"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "firmware of 11/26/15 18:46:55"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Phoenix Contact"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    harness_free(h);
}

static void answers_to_other_questions_tell_nothing(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_pcworx, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0105 0016 0001 0000 7880 004c 0000 0006 0004 0301 0000");
    expect(h, "5", "ask", CD_CLASS_READ, "question 0x0301", 1, 0, 0);
    harness_send_hex(h, false, "8106 001c 0002 0001 0000 0000 0002 0000 004c 0000 0006 0004 8301 0000");
    assert_null(harness_fact(h, CD_ATTRIBUTE_MODEL, ""));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_pcworx, CD_TRANSPORT_TCP, true,
                             "0105 0016 0001 0000 7880 004c 0000 0006 0004 0295 0000", false);
}

static void other_streams_are_not_claimed(void **state)
{
    (void)state;
    static const uint8_t modbus[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1}, x224[] = {3, 0, 0, 22, 17, 0xe0, 0, 0};
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_pcworx.probe;
    assert_int_equal(probe(modbus, sizeof modbus, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe(x224, sizeof x224, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ilc_131_tells_who_it_is),
        cmocka_unit_test(answers_to_other_questions_tell_nothing),
        cmocka_unit_test(every_prefix_asks_for_more),
        cmocka_unit_test(other_streams_are_not_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
