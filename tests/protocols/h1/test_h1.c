/* Sinec H1: reads from a capture, writes after Siemens' manuals. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/h1.h"

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
    harness_expect_operation(h, "h1", code, name, class, target, requests, responses, errors);
}

static void a_read_tells_block_and_words(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_h1, CD_TRANSPORT_TCP, 4001);
    send_seed(h, true, "req-read-89.bin");
    send_seed(h, false, "resp-data.bin");
    expect(h, "5", "read", CD_CLASS_READ, "DB 3 DW 0-88", 1, 1, 0);
    send_seed(h, true, "req-read.bin");
    expect(h, "5", "read", CD_CLASS_READ, "DB 3 DW 0-9", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_write_has_its_data_behind(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_h1, CD_TRANSPORT_TCP, 4001);
    harness_send_hex(h, true,
                     "5335 10 010303 0308 02 00 000a 0002 ff02 abcd 5335 10 010303 0308 01 07 0000 0001 ff02 abcd");
    expect(h, "3", "write", CD_CLASS_WRITE, "MB 10-11", 1, 0, 0);
    expect(h, "3", "write", CD_CLASS_WRITE, "DB 7 DW 0", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void errors_are_named(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_h1, CD_TRANSPORT_TCP, 4001);
    harness_send_hex(h, true, "5335 10 010305 0308 01 09 0000 0001 ff02");
    harness_send_hex(h, false, "5335 10 010306 0f03 02 ff07 0000000000");
    expect(h, "5", "read", CD_CLASS_READ, "DB 9 DW 0", 1, 1, 1);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_h1, CD_TRANSPORT_TCP, true, "5335 10 010305 0308 01 09 0000 0001 ff02",
                             false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_tells_block_and_words),
        cmocka_unit_test(a_write_has_its_data_behind),
        cmocka_unit_test(errors_are_named),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
