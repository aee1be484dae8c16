/* Crimson 3: queries of manufacturer and model from a capture. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/crimson_v3.h"

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
    harness_expect_operation(h, "crimson-v3", code, name, class, target, requests, responses, errors);
}

static void a_g306a_tells_maker_and_model(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_crimson_v3, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-0.bin");
    send_seed(h, false, "resp-0.bin");
    send_seed(h, true, "req-1.bin");
    send_seed(h, false, "resp-1.bin");
    expect(h, "27", "read manufacturer", CD_CLASS_IDENTIFY, "register 0x012b", 1, 1, 0);
    expect(h, "26", "read model", CD_CLASS_IDENTIFY, "register 0x012a", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Red Lion Controls"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "G306a"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Crimson 3"));
    harness_free(h);
}

static void other_operations_are_told_by_number(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_crimson_v3, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0004 0200 13 00");
    expect(h, "19", "unknown operation", CD_CLASS_OTHER, "register 0x0200", 1, 0, 0);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_crimson_v3, CD_TRANSPORT_TCP, true, "0004 012b 1b 00", false);
    harness_every_prefix_hex(&cd_dissector_crimson_v3, CD_TRANSPORT_TCP, false, "000a 012a 03 00 473330366100", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_g306a_tells_maker_and_model),
        cmocka_unit_test(other_operations_are_told_by_number),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
