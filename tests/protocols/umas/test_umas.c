#include "../harness.h"

#include <string.h>

#include "protocols/umas.h"

#define P "umas"
#define SEED(name) CD_TEST_DIR "/seeds/" name ".bin"

static void send_seed(struct harness *h, bool from_client, const char *path)
{
    uint8_t bytes[512];
    harness_send(h, from_client, bytes, harness_file(path, bytes, sizeof bytes));
}

static struct harness *connection(void)
{
    return harness_new(&cd_dissector_modbus, CD_TRANSPORT_TCP, 502);
}

static void the_plc_says_who_it_is(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-read-id"));
    send_seed(h, false, SEED("resp-read-id"));
    harness_expect_operation(h, P, "2", "read id", CD_CLASS_IDENTIFY, "unit 0", 1, 1, 0);
    harness_expect_operation(h, "modbus", "90", "umas", CD_CLASS_OTHER, "unit 0", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "140 CPU 311 10");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "V2.70");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Schneider Electric");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "9");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void the_project_is_named(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-project-info"));
    send_seed(h, false, SEED("resp-project-info"));
    harness_expect_operation(h, P, "3", "read project info", CD_CLASS_IDENTIFY, "unit 0", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_PROGRAM, ""), "Project");
    harness_free(h);
}

static void a_reservation_names_its_owner(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-take-reservation"));
    send_seed(h, false, SEED("resp-take-reservation"));
    harness_expect_operation(h, P, "16", "take plc reservation", CD_CLASS_SESSION, "unit 0 by USER-714E74F21B", 1, 1,
                             0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "USER-714E74F21B");
    harness_free(h);
}

static void starting_and_stopping_are_mode_changes(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    harness_send_hex(h, true, "0001 0000 0006 00 5a 01 41 ff00");
    harness_send_hex(h, false, "0001 0000 0004 00 5a 01 fe");
    harness_send_hex(h, true, "0002 0000 0006 00 5a 01 40 ff00");
    harness_send_hex(h, false, "0002 0000 0008 00 5a 01 fd 80 83 00 00");
    harness_expect_operation(h, P, "65", "stop plc", CD_CLASS_MODE, "unit 0", 1, 1, 0);
    harness_expect_operation(h, P, "64", "start plc", CD_CLASS_MODE, "unit 0", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void loading_a_program_is_told_by_its_way(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-download-block"));
    send_seed(h, false, SEED("resp-download-block"));
    harness_expect_operation(h, P, "52", "download block (from the plc)", CD_CLASS_PROGRAM, "unit 0", 1, 1, 0);
    harness_send_hex(h, true, "0009 0000 000c 00 5a 01 31 0001 0100 0200 4150");
    harness_expect_operation(h, P, "49", "upload block (to the plc)", CD_CLASS_PROGRAM, "unit 0", 1, 0, 0);
    harness_free(h);
}

static void memory_and_variables_are_named_by_block(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-read-memory-block"));
    send_seed(h, false, SEED("resp-read-memory-block"));
    harness_expect_operation(h, P, "32", "read memory block", CD_CLASS_READ, "unit 0 block 19", 1, 1, 0);
    harness_send_hex(h, true, "0001 0000 0010 00 5a 00 22 11223344 01 02 4a00 01 1000 04");
    harness_expect_operation(h, P, "34", "read variables", CD_CLASS_READ, "unit 0 block 74 offset 20", 1, 0, 0);
    harness_send_hex(h, true,
                     "0002 0000 001b 00 5a 00 23 11223344 02 02 4a00 01 1000 04 0001 03 4b00 01 0000 08 00000001");
    harness_expect_operation(h, P, "35", "write variables", CD_CLASS_WRITE,
                             "unit 0 block 74 offset 20, block 75 offset 8", 1, 0, 0);
    harness_free(h);
}

static void an_exception_is_the_answer_too(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    harness_send_hex(h, true, "0000 0000 0006 01 5a 00 00 00 00");
    harness_send_hex(h, false, "0000 0000 0003 01 da 01");
    harness_expect_operation(h, P, "0", "unknown function", CD_CLASS_OTHER, "unit 1", 1, 1, 1);
    harness_free(h);
}

static void a_lone_answer_is_only_modbus(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, false, SEED("resp-read-id"));
    assert_int_equal(harness_operations(h, P, NULL, NULL).entries, 0);
    assert_int_equal(harness_operations(h, "modbus", "90", NULL).responses, 1);
    harness_free(h);
}

static void an_empty_function_90_is_malformed(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    harness_send_hex(h, true, "0000 0000 0003 00 5a 00");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **unused)
{
    (void)unused;
    uint8_t bytes[512];
    harness_every_prefix(&cd_dissector_modbus, CD_TRANSPORT_TCP, false, bytes,
                         harness_file(SEED("resp-read-id"), bytes, sizeof bytes), false);
    harness_every_prefix(&cd_dissector_modbus, CD_TRANSPORT_TCP, true, bytes,
                         harness_file(SEED("req-take-reservation"), bytes, sizeof bytes), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plc_says_who_it_is),
        cmocka_unit_test(the_project_is_named),
        cmocka_unit_test(a_reservation_names_its_owner),
        cmocka_unit_test(starting_and_stopping_are_mode_changes),
        cmocka_unit_test(loading_a_program_is_told_by_its_way),
        cmocka_unit_test(memory_and_variables_are_named_by_block),
        cmocka_unit_test(an_exception_is_the_answer_too),
        cmocka_unit_test(a_lone_answer_is_only_modbus),
        cmocka_unit_test(an_empty_function_90_is_malformed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
