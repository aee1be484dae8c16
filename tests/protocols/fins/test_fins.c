#include "../harness.h"

#include "protocols/fins.h"

#include <string.h>

static struct harness *udp(void)
{
    return harness_new(&cd_dissector_fins, CD_TRANSPORT_UDP, 0);
}

static void a_memory_read_tells_area_address_and_count(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 01 0101 82 0064 00 000a");
    harness_send_hex(h, false, "c0 00 02 00 14 00 00 0a 00 01 0101 0000 0001");
    harness_expect_operation(h, "fins", "257", "memory area read", CD_CLASS_READ, "DM 100 x10", 1, 1, 0);
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 02 0101 30 0000 05 0001");
    harness_expect_operation(h, "fins", "257", "memory area read", CD_CLASS_READ, "CIO 0.05", 1, 0, 0);
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 03 0102 a2 0010 00 0001 1234");
    harness_expect_operation(h, "fins", "258", "memory area write", CD_CLASS_WRITE, "EM2:16", 1, 0, 0);
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 04 0101 89 8003 00 0001");
    harness_expect_operation(h, "fins", "257", "memory area read", CD_CLASS_READ, "C3", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void lists_transfers_and_forced_bits_tell_each_address(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 01 0104 82 0001 00 b1 0002 00");
    harness_expect_operation(h, "fins", "260", "multiple memory area read", CD_CLASS_READ, "DM 1, W 2", 1, 0, 0);
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 02 0105 82 0001 00 b2 0002 00 0004");
    harness_expect_operation(h, "fins", "261", "memory area transfer", CD_CLASS_WRITE, "DM 1 to H 2 x4", 1, 0, 0);
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 03 2301 0002 0001 30 0064 03 8000 30 0064 0c");
    harness_expect_operation(h, "fins", "8961", "forced set or reset", CD_CLASS_CONTROL,
                             "CIO 100.03 set, CIO 100.12 release", 1, 0, 0);
    harness_free(h);
}

static void mode_and_program_commands_are_dangerous(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 01 0401 ffff 02");
    harness_expect_operation(h, "fins", "1025", "run", CD_CLASS_MODE, "monitor mode", 1, 0, 0);
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 02 0402");
    harness_expect_operation(h, "fins", "1026", "stop", CD_CLASS_MODE, "", 1, 0, 0);
    harness_send_seed(h, true, "req-program.bin");
    harness_expect_operation(h, "fins", "774", "program area read", CD_CLASS_PROGRAM, "program 0", 1, 0, 0);
    harness_send_seed(h, true, "req-clock.bin");
    harness_expect_operation(h, "fins", "1794", "clock write", CD_CLASS_CONFIGURE, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 4);
    harness_free(h);
}

static void passwords_are_noticed_and_do_not_leave(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-protect.bin");
    harness_expect_operation(h, "fins", "772", "program area protect", CD_CLASS_PROGRAM, "program 0", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_null(strstr(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "PASS"));
    harness_send_hex(h, false, "c0 00 02 00 00 00 00 00 00 7a 0304 2602");
    harness_expect_operation(h, "fins", "772", "program area protect", CD_CLASS_PROGRAM, "program 0", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void files_are_told_by_name(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_seed(h, true, "req-copy.bin");
    harness_expect_operation(h, "fins", "8711", "file copy", CD_CLASS_FILE, "disk 0 filename.src disk 0 filename.dst",
                             1, 0, 0);
    harness_send_seed(h, true, "req-memory-file.bin");
    harness_expect_operation(h, "fins", "8714", "memory area file transfer", CD_CLASS_FILE, "T0 disk 0 filename.exe", 1,
                             0, 0);
    harness_free(h);
}

static void tcp_nodes_are_exchanged_and_the_controller_tells_its_model(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_fins, CD_TRANSPORT_TCP, 0);
    harness_send_seed(h, true, "req-tcp-node.bin");
    harness_send_seed(h, false, "resp-tcp-node.bin");
    harness_send_seed(h, true, "req-tcp-controller.bin");
    harness_send_seed(h, false, "resp-tcp-controller.bin");
    harness_expect_operation(h, "fins", "1281", "controller data read", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "251"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "200"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "CP1L-EL20DR-D"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "01.00"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    harness_free(h);
}

static void tcp_errors_are_named(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_fins, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, false, "46494e53 00000008 00000003 00000020");
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "FINS/TCP: all connections are in use");
    harness_free(h);
}

static void routed_nodes_and_bus_units_are_nested(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "80 00 02 03 0a 10 00 14 00 01 0601");
    harness_send_hex(h, false,
                     "c0 00 02 00 14 00 03 0a 10 01 0601 0000 01 02 0000 0000 0000 0000"
                     "20202020202020202020202020202020");
    harness_expect_operation(h, "fins", "1537", "controller status read", CD_CLASS_DIAGNOSE, "node 3.10.16", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "fins:3.10.16", "run (monitor mode)"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "fins:3.10.16", "10"));
    harness_free(h);
}

static void refusals_are_named(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "80 00 02 00 0a 00 00 14 00 01 0102 82 0064 00 0001 0000");
    harness_send_hex(h, false, "c0 00 02 00 14 00 00 0a 00 01 0102 2102");
    harness_expect_operation(h, "fins", "258", "memory area write", CD_CLASS_WRITE, "DM 100", 1, 1, 1);
    assert_string_equal(cd_fins_end_code_name(0x2102), "write not possible: protected");
    assert_string_equal(cd_fins_end_code_name(0x1103), "address range error");
    assert_string_equal(cd_fins_end_code_name(0x0401), "undefined command");
    assert_string_equal(cd_fins_end_code_name(0x7f3f), "unknown end code");
    harness_free(h);
}

static void reserved_bits_are_a_violation_and_the_command_still_counts(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "80 01 02 00 0a 00 00 14 00 01 0402");
    harness_expect_operation(h, "fins", "1026", "stop", CD_CLASS_MODE, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void every_command_is_found_by_its_code(void **state)
{
    (void)state;
    unsigned known = 0;
    for (unsigned code = 0; code <= 0xffff; code++) {
        const struct cd_fins_command *command = cd_fins_command_of((uint16_t)code);
        if (!command)
            continue;
        known++;
        assert_int_equal(command->code, code);
    }
    assert_int_equal(known, 61);
}

static void other_datagrams_on_the_port_are_not_claimed(void **state)
{
    (void)state;
    static const char syslog[] = "<13>1 2026-01-01T00:00:00Z host app - - - text";
    uint8_t zeros[64] = {0}, ntp[48] = {0x80, 0, 2, 0xec};
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_fins.probe;
    assert_int_equal(probe((const uint8_t *)syslog, sizeof syslog, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(probe(zeros, sizeof zeros, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(probe(ntp, sizeof ntp, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_fins, CD_TRANSPORT_UDP, true,
                             "80 00 02 00 0a 00 00 14 00 01 0101 82 0064 00 000a", false);
    harness_every_prefix_hex(&cd_dissector_fins, CD_TRANSPORT_UDP, false,
                             "c0 00 02 00 14 00 00 0a 00 01 0101 0000 0001", true);
    harness_every_prefix_hex(&cd_dissector_fins, CD_TRANSPORT_TCP, true,
                             "46494e53 00000015 00000002 00000000 80000200c8000000ef05 0501 00", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memory_read_tells_area_address_and_count),
        cmocka_unit_test(lists_transfers_and_forced_bits_tell_each_address),
        cmocka_unit_test(mode_and_program_commands_are_dangerous),
        cmocka_unit_test(passwords_are_noticed_and_do_not_leave),
        cmocka_unit_test(files_are_told_by_name),
        cmocka_unit_test(tcp_nodes_are_exchanged_and_the_controller_tells_its_model),
        cmocka_unit_test(tcp_errors_are_named),
        cmocka_unit_test(routed_nodes_and_bus_units_are_nested),
        cmocka_unit_test(refusals_are_named),
        cmocka_unit_test(reserved_bits_are_a_violation_and_the_command_still_counts),
        cmocka_unit_test(every_command_is_found_by_its_code),
        cmocka_unit_test(other_datagrams_on_the_port_are_not_claimed),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
