#include "../harness.h"

#include "protocols/melsec.h"

#include <string.h>

#define OWN "00 ff ff03 00 " /* network, station, module, multidrop: the CPU that is connected */

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_melsec, CD_TRANSPORT_TCP, 5007);
}

static void send_text(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void batch_reads_tell_device_and_points(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5000 " OWN "0c00 1000 0104 0000 640000 a8 0a00");
    harness_send_hex(h, false, "d000 " OWN "1600 0000 0100020003000400050006000700080009000a00");
    harness_expect_operation(h, "melsec", "1025", "batch read in words", CD_CLASS_READ, "D100 x10", 1, 1, 0);
    harness_send_hex(h, true, "5000 " OWN "0d00 1000 0114 0100 200000 9d 0100 10");
    harness_expect_operation(h, "melsec", "5121", "batch write in bits", CD_CLASS_WRITE, "Y20", 1, 0, 0);
    harness_send_hex(h, true, "5000 " OWN "0e00 1000 0104 0200 64000000 a800 0a00");
    harness_expect_operation(h, "melsec", "1025", "batch read in words", CD_CLASS_READ, "D100 x10", 2, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void serial_numbers_pair_4e_responses(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5400 3412 0000 " OWN "0c00 1000 0104 0000 640000 a8 0100");
    harness_send_hex(h, true, "5400 3512 0000 " OWN "0c00 1000 0104 0000 650000 a8 0100");
    harness_send_hex(h, false, "d400 3412 0000 " OWN "0b00 56c0 00ffff030001040000");
    harness_expect_operation(h, "melsec", "1025", "batch read in words", CD_CLASS_READ, "D100", 1, 1, 1);
    harness_expect_operation(h, "melsec", "1025", "batch read in words", CD_CLASS_READ, "D101", 1, 0, 0);
    assert_string_equal(cd_melsec_end_code_name(0xc056), "request exceeds the last address");
    harness_free(h);
}

static void ascii_frames_are_read_alike(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_text(h, true, "500000FF03FF000018001004010000D*000100000A");
    send_text(h, false, "D00000FF03FF0000080000ABCD");
    harness_expect_operation(h, "melsec", "1025", "batch read in words", CD_CLASS_READ, "D100 x10", 1, 1, 0);
    send_text(h, true, "54001234000000FF03FF00000C001001010000");
    send_text(h, false, "D4001234000000FF03FF0000180000Q03UDECPU       0268");
    harness_expect_operation(h, "melsec", "257", "read type name", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "Q03UDECPU"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void random_and_block_accesses_tell_each_device(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5000 " OWN "1000 1000 0304 0000 01 01 640000a8 000000c2");
    harness_expect_operation(h, "melsec", "1027", "random read", CD_CLASS_READ, "D100, TN0", 1, 0, 0);
    harness_send_hex(h, true, "5000 " OWN "1100 1000 0214 0100 02 32000090 01 2f00009d 00");
    harness_expect_operation(h, "melsec", "5122", "random write in bits", CD_CLASS_WRITE, "M50, Y2f", 1, 0, 0);
    harness_send_hex(h, true, "5000 " OWN "1400 1000 0604 0000 01 01 000000a8 0400 000100b4 0800");
    harness_expect_operation(h, "melsec", "1030", "read multiple blocks", CD_CLASS_READ, "D0 x4, W100 x8", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void remote_control_changes_the_mode(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5000 " OWN "0a00 1000 0110 0000 0100 0000");
    harness_send_hex(h, true, "5000 " OWN "0800 1000 0210 0000 0100");
    harness_send_hex(h, true, "5000 " OWN "0800 1000 0610 0000 0100");
    harness_expect_operation(h, "melsec", "4097", "remote run", CD_CLASS_MODE, "", 1, 0, 0);
    harness_expect_operation(h, "melsec", "4098", "remote stop", CD_CLASS_MODE, "", 1, 0, 0);
    harness_expect_operation(h, "melsec", "4102", "remote reset", CD_CLASS_MODE, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 3);
    harness_free(h);
}

static void remote_passwords_are_noticed_and_refusals_told(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5000 " OWN "0c00 1000 3016 0000 0400 41424344");
    harness_send_hex(h, false, "d000 " OWN "0b00 00c2 00ffff030030160000");
    harness_expect_operation(h, "melsec", "5680", "remote password unlock", CD_CLASS_SESSION, "", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "remote password");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

static void other_stations_are_nested(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5000 02 05 ff03 00 0600 1000 0101 0000");
    harness_send_hex(h, false, "d000 02 05 ff03 00 1400 0000 51303655444548435055202020202020 6c02");
    harness_expect_operation(h, "melsec", "257", "read type name", CD_CLASS_IDENTIFY, "station 2.5", 1, 1, 0);
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_MODEL, "melsec:2.5"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_MODEL, ""));
    harness_free(h);
}

static void frames_1e_have_no_length_and_are_read(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "01 ff 0a00 64000000 2044 0a 00");
    harness_send_hex(h, false, "81 00 0100020003000400050006000700080009000a00");
    harness_expect_operation(h, "melsec", "1e:1", "batch read in words", CD_CLASS_READ, "D100 x10", 1, 1, 0);
    harness_send_hex(h, true, "03 ff 0a00 64000000 2044 02 00 1234 5678");
    harness_send_hex(h, false, "83 5b");
    harness_send_hex(h, true, "14 ff 0a00");
    harness_expect_operation(h, "melsec", "1e:3", "batch write in words", CD_CLASS_WRITE, "D100 x2", 1, 1, 1);
    harness_expect_operation(h, "melsec", "1e:20", "remote stop", CD_CLASS_MODE, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void melsoft_tells_the_type_of_the_cpu(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_seed(h, true, "req-melsoft-type.bin");
    harness_send_seed(h, false, "resp-melsoft-type.bin");
    harness_expect_operation(h, "melsec", "melsoft:257", "read type name", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "Q03UDECPU"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Mitsubishi Electric"));
    harness_free(h);
    h = harness_new(&cd_dissector_melsec, CD_TRANSPORT_UDP, 5560);
    harness_send_seed(h, true, "req-find.bin");
    harness_send_seed(h, true, "req-melsoft-type-fx5.bin");
    harness_send_seed(h, false, "resp-melsoft-type-fx5.bin");
    harness_expect_operation(h, "melsec", "melsoft:289", "read type name", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    harness_expect_operation(h, "melsec", "find:1", "find modules", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "FX5U-32MT/ES"));
    harness_free(h);
}

static void melsoft_files_are_told_by_name(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_melsec, CD_TRANSPORT_UDP, 5560);
    harness_send_seed(h, true, "req-melsoft-open.bin");
    harness_expect_operation(h, "melsec", "melsoft:6247", "open file", CD_CLASS_FILE, "file $MELPRJ$\\CALLTREEINFO.CAB",
                             1, 0, 0);
    harness_send_seed(h, true, "req-melsoft-stop.bin");
    harness_expect_operation(h, "melsec", "melsoft:4098", "remote stop", CD_CLASS_MODE, "", 1, 0, 0);
    harness_free(h);
}

static void data_that_does_not_fit_is_malformed(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "5000 " OWN "0800 1000 0104 0000 6400");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    send_text(h, true, "500000FF03FF000018001004010000D*00010000ZZ");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void only_melsec_is_claimed(void **state)
{
    (void)state;
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_melsec.probe;
    static const char text[] = "5000 units of D000";
    static const uint8_t zeros[32] = {0}, other[21] = {0x50, 0, 0, 0xff, 0xff, 3, 0, 12, 0, 16, 0, 0x99, 0x99};
    static const uint8_t batch_1e[] = {1, 0xff, 10, 0, 100, 0, 0, 0, 0x20, 0x44, 10, 0};
    assert_int_equal(probe(batch_1e, sizeof batch_1e, CD_TRANSPORT_TCP, true), CD_PROBE_LIKELY);
    assert_int_equal(probe(batch_1e, sizeof batch_1e - 1, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe((const uint8_t *)text, sizeof text - 1, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe(zeros, sizeof zeros, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe(other, sizeof other, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    uint8_t bytes[512];
    static const char ascii[] = "500000FF03FF000018001004010000D*000100000A";
    harness_every_prefix_hex(&cd_dissector_melsec, CD_TRANSPORT_TCP, true,
                             "5000 " OWN "0c00 1000 0104 0000 640000 a8 0a00", false);
    harness_every_prefix_hex(&cd_dissector_melsec, CD_TRANSPORT_UDP, true,
                             "5000 " OWN "0c00 1000 0104 0000 640000 a8 0a00", false);
    harness_every_prefix(&cd_dissector_melsec, CD_TRANSPORT_TCP, true, ascii, sizeof ascii - 1, false);
    harness_every_prefix_hex(&cd_dissector_melsec, CD_TRANSPORT_UDP, true, "01 ff 0a00 64000000 2044 0a 00", true);
    harness_every_prefix(&cd_dissector_melsec, CD_TRANSPORT_TCP, false, bytes,
                         harness_file(CD_TEST_DIR "/seeds/resp-melsoft-type.bin", bytes, sizeof bytes), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_reads_tell_device_and_points),
        cmocka_unit_test(serial_numbers_pair_4e_responses),
        cmocka_unit_test(ascii_frames_are_read_alike),
        cmocka_unit_test(random_and_block_accesses_tell_each_device),
        cmocka_unit_test(remote_control_changes_the_mode),
        cmocka_unit_test(remote_passwords_are_noticed_and_refusals_told),
        cmocka_unit_test(other_stations_are_nested),
        cmocka_unit_test(frames_1e_have_no_length_and_are_read),
        cmocka_unit_test(melsoft_tells_the_type_of_the_cpu),
        cmocka_unit_test(melsoft_files_are_told_by_name),
        cmocka_unit_test(data_that_does_not_fit_is_malformed),
        cmocka_unit_test(only_melsec_is_claimed),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
