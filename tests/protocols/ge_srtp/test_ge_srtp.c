#include "protocols/harness.h"

#include "protocols/ge_srtp.h"

#define HEAD(TYPE, INDEX, LEN, MAILBOX)                                                                                \
    TYPE "00" INDEX LEN "000000 01 00000000000000 01 0000000000000000 000000 00 b8 " MAILBOX " 00000000 100e0000 "     \
         "0101 "
static const char read_q[] = HEAD("02", "f900", "0000", "c0") "04 12 0300 0100 000000ffff00ffff";
static const char value[] = HEAD("03", "f900", "0000", "d4") "00 00 500000000000 ff02 3a00 1c00";
static const char refused[] = HEAD("03", "f900", "0000", "d1") "02 00 000000000000 ff02 3a00 1c00";
static const char write_m[] = HEAD("02", "b800", "0000", "c0") "07 4c 5e03 0100 000000ffff00ffff";
static const char write_r[] = HEAD("02", "ba00", "0200", "80") "0000 0000 0000 0101 07 08 6300 0100 1234";

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_ge_srtp, CD_TRANSPORT_TCP, 0);
}

static void a_read_names_the_memory_and_its_answer_tells_the_controllers_state(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, read_q);
    harness_send_hex(h, false, value);
    harness_send_hex(h, true, read_q);
    harness_send_hex(h, false, refused);
    harness_expect_operation(h, "ge-srtp", "4", "read system memory", CD_CLASS_READ, "%Q25 x8", 2, 2, 1);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "run, outputs enabled");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "plc");
    harness_free(h);
}

static void writes_tell_registers_from_outputs(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, write_m);
    harness_send_hex(h, true, write_r);
    harness_send_hex(h, true, HEAD("02", "bb00", "0000", "c0") "07 48 0000 0100 000000ffff00ffff");
    harness_expect_operation(h, "ge-srtp", "7", "write system memory", CD_CLASS_WRITE, "%M863", 1, 0, 0);
    harness_expect_operation(h, "ge-srtp", "7", "write system memory", CD_CLASS_WRITE, "%R100", 1, 0, 0);
    harness_expect_operation(h, "ge-srtp", "7", "write system memory", CD_CLASS_CONTROL, "%Q1", 1, 0, 0);
    harness_free(h);
}

static void start_stop_and_program_transfer_are_dangerous(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true,
                     "00 00000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
                     "0000000000000000 0000000000000000");
    harness_send_hex(h, false,
                     "01 00000000000000 0f00000000000000 0000000000000000 0000000000000000 0000000000000000"
                     "0000000000000000 0000000000000000");
    harness_send_hex(h, true, HEAD("02", "0100", "0000", "c0") "23 02 0000 0000 000000ffff00ffff");
    harness_send_hex(h, true, HEAD("02", "0200", "0000", "c0") "40 00 0000 0000 000000ffff00ffff");
    harness_expect_operation(h, "ge-srtp", "35", "set controller state", CD_CLASS_MODE, "stop, I/O disabled", 1, 0, 0);
    harness_expect_operation(h, "ge-srtp", "64", "program load", CD_CLASS_PROGRAM, "", 1, 0, 0);
    harness_expect_operation(h, "ge-srtp", "initialize", "initialize", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_free(h);
}

static void a_password_is_told_but_never_shown_and_a_name_is_a_fact(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, HEAD("02", "0100", "0800", "80") "0000 0000 0000 0101 21 04 0000 0000 5345435245540000");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    harness_send_hex(h, true, HEAD("02", "0200", "0000", "c0") "43 00 0000 0000 000000ffff00ffff");
    harness_send_hex(
        h, false,
        HEAD("03", "0200", "1000", "94") "0000 0000 0000 0101 ff02 3a00 1c20 50554d5031000000 0000000000000000");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "PUMP1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "stop, I/O disabled");
    harness_free(h);
}

static void only_its_own_bytes_are_recognised(void **state)
{
    (void)state;
    uint8_t bytes[128];
    size_t len = harness_hex(read_q, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_ge_srtp.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_LIKELY);
    bytes[31] = 0xc1;
    assert_int_equal(cd_dissector_ge_srtp.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_ge_srtp, CD_TRANSPORT_TCP, true, write_r, false);
    harness_every_prefix_hex(&cd_dissector_ge_srtp, CD_TRANSPORT_TCP, false, value, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_names_the_memory_and_its_answer_tells_the_controllers_state),
        cmocka_unit_test(writes_tell_registers_from_outputs),
        cmocka_unit_test(start_stop_and_program_transfer_are_dangerous),
        cmocka_unit_test(a_password_is_told_but_never_shown_and_a_name_is_a_fact),
        cmocka_unit_test(only_its_own_bytes_are_recognised),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
