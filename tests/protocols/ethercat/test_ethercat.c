/* EtherCAT: frames of a start up from a capture (req-real-…, brd, init), and others written by the standard. A frame that comes back is sent by the
 * second end here; in the sensor it has its master's address (tests/sensor). */
#include "../harness.h"

#include "protocols/ethercat.h"

#include <string.h>

enum { LARGEST = 2048 };

static size_t seed(const char *way, const char *name, uint8_t bytes[LARGEST])
{
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, way);
    cd_text_str(&t, name);
    cd_text_str(&t, ".bin");
    return harness_file(path, bytes, LARGEST);
}

/* A frame on its way out, and as it comes back. */
static void round_trip(struct harness *h, const char *name)
{
    uint8_t bytes[LARGEST];
    harness_send(h, true, bytes, seed("req-", name, bytes));
    harness_send(h, false, bytes, seed("resp-", name, bytes));
}

static struct harness *link(void)
{
    return harness_new(&cd_dissector_ethercat, CD_TRANSPORT_ETH, 0);
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "ethercat", code, name, class, target, requests, responses, errors);
}

static void every_datagram_counts_out_and_back(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "brd");
    round_trip(h, "init");
    expect(h, "7", "BRD broadcast read", CD_CLASS_DIAGNOSE, "0x0130 AL status", 2, 2, 0);
    expect(h, "8", "BWR broadcast write", CD_CLASS_MODE, "0x0120 AL control INIT", 1, 1, 0);
    for (int i = 0; i < 5; i++) { /* positions are told by what the slaves have counted up */
        char target[64];
        struct cd_text t = cd_text_of(target, sizeof target);
        cd_text_str(&t, "position ");
        cd_text_u64(&t, (uint64_t)i);
        cd_text_str(&t, " 0x0130 AL status");
        expect(h, "1", "APRD read by position", CD_CLASS_DIAGNOSE, target, 1, 1, 0);
    }
    assert_int_equal(harness_operations(h, "ethercat", NULL, NULL).entries, 7);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "controller"));
    harness_free(h);
}

static void a_master_with_a_local_address_is_followed_by_its_frames(void **state)
{
    (void)state;
    struct harness *h = link(); /* 02:00:00:00:00:01 sends, and the same address comes back */
    uint8_t bytes[LARGEST];
    for (int i = 0; i < 3; i++) {
        harness_send(h, true, bytes, seed("req-", "init", bytes));
        harness_send(h, true, bytes, seed("resp-", "init", bytes));
    }
    expect(h, "8", "BWR broadcast write", CD_CLASS_MODE, "0x0120 AL control INIT", 3, 3, 0);
    expect(h, "1", "APRD read by position", CD_CLASS_DIAGNOSE, "position 4 0x0130 AL status", 3, 3, 0);
    harness_free(h);
}

static void slaves_are_known_by_their_eeprom(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "sii-read-address");
    round_trip(h, "sii-read-data");
    expect(h, "5", "FPWR write by station", CD_CLASS_IDENTIFY, "station 1001 0x0502 SII EEPROM read", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "ethercat:1001", "Yaskawa"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "ethercat:1001", "product code 0x02200301"));
    harness_free(h);
}

static void writing_the_eeprom_configures(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "sii-write");
    round_trip(h, "station-address");
    expect(h, "5", "FPWR write by station", CD_CLASS_CONFIGURE, "station 1001 0x0502 SII EEPROM write", 1, 1, 0);
    expect(h, "2", "APWR write by position", CD_CLASS_CONFIGURE, "position 2 0x0010 station address", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void states_and_their_errors_are_told(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "al-control-op");
    round_trip(h, "al-status-error");
    round_trip(h, "al-status-error");
    round_trip(h, "al-status-op");
    expect(h, "5", "FPWR write by station", CD_CLASS_MODE, "station 1001 0x0120 AL control OP", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "ethercat:1001", "SAFEOP"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "ethercat:1001", "OP"));
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "station 1001: sync manager watchdog");
    harness_free(h);
}

static void the_process_image_is_one_operation(void **state)
{
    (void)state;
    struct harness *h = link();
    for (int i = 0; i < 1000; i++)
        round_trip(h, "lrw");
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 0);
    round_trip(h, "lrw-lost");
    round_trip(h, "lrw-lost");
    expect(h, "12", "LRW logical read and write", CD_CLASS_WRITE, "logical 0x01000000", 1002, 1002, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "working counter fell from 6 to 3");
    harness_free(h);
}

static void a_question_that_no_slave_answers_is_an_error(void **state)
{
    (void)state;
    struct harness *h = link();
    uint8_t bytes[LARGEST];
    size_t len = seed("req-", "al-status-op", bytes);
    harness_send(h, true, bytes, len);
    harness_send(h, false, bytes, len);
    expect(h, "4", "FPRD read by station", CD_CLASS_DIAGNOSE, "station 1001 0x0130 AL status", 1, 1, 1);
    harness_free(h);
}

static void objects_are_read_from_mailboxes(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "coe-upload-serial");
    round_trip(h, "coe-upload-serial-answer");
    round_trip(h, "coe-upload-name");
    round_trip(h, "coe-upload-name-answer");
    round_trip(h, "coe-download");
    round_trip(h, "coe-abort");
    expect(h, "coe:2", "sdo upload", CD_CLASS_READ, "station 1001 0x1018:04", 1, 1, 0);
    expect(h, "coe:1", "sdo download", CD_CLASS_CONFIGURE, "station 1001 0x1c12:00", 1, 1, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "ethercat:1001", "4711"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "ethercat:1001", "SGD7S1"));
    expect(h, "5", "FPWR write by station", CD_CLASS_WRITE, "station 1001 memory 0x1000", 3, 3, 0);
    harness_free(h);
}

static void a_real_download_is_found_without_the_start_up(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "real-coe");
    assert_int_equal(harness_operations(h, "ethercat", "coe:1", "station 4099 0x1c12:00").requests +
                         harness_operations(h, "ethercat", "coe:1", "station 4100 0x1c12:00").requests +
                         harness_operations(h, "ethercat", "coe:1", NULL).responses,
                     1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void firmware_and_other_mailboxes_are_named(void **state)
{
    (void)state;
    struct harness *h = link();
    round_trip(h, "foe-write");
    round_trip(h, "foe-error");
    round_trip(h, "soe-write");
    round_trip(h, "eoe");
    round_trip(h, "coe-emergency");
    round_trip(h, "coe-info");
    expect(h, "foe:2", "foe write file", CD_CLASS_FIRMWARE, "station 1001 file \"firmware_v2.efw\"", 1, 0, 0);
    expect(h, "soe:3", "soe write", CD_CLASS_WRITE, "station 1001 drive 1 S-0-36", 1, 0, 0);
    expect(h, "mailbox:2", "ethernet over ethercat", CD_CLASS_OTHER, "station 1001", 1, 0, 0);
    expect(h, "coe-service:1", "emergency", CD_CLASS_ALARM, "station 1001", 1, 0, 0);
    expect(h, "coe-service:8", "sdo information", CD_CLASS_IDENTIFY, "station 1001", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "FoE password");
    harness_free(h);
}

static void network_variables_name_their_publisher(void **state)
{
    (void)state;
    struct harness *h = link();
    uint8_t bytes[LARGEST];
    harness_send(h, true, bytes, seed("req-", "network-variables", bytes));
    expect(h, "type:4", "network variables", CD_CLASS_OTHER, "publisher 5.1.2.3.1.1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "5.1.2.3.1.1"));
    harness_free(h);
}

static void lengths_that_lie_are_findings(void **state)
{
    (void)state;
    struct harness *h = link();
    harness_send_hex(h, true, "ff17 0702 0000 3001 0200 0000 0000 0000"); /* a frame longer than it is */
    harness_send_hex(h, true, "0e10 0702 0000 3001 ff07 0000 0000 0000"); /* a datagram longer than its frame */
    harness_send_hex(h, true, "0e10 0702 0000 3001 0280 0000 0000 0000"); /* one more is announced */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 3);
    harness_send_hex(h, true, "1010 0702 0000 3001 0200 0000 0000 0000 0000"); /* bytes after the last */
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const whole[] = {"init", "real-coe", "real-sii", "foe-write", "network-variables"};
    uint8_t bytes[LARGEST];
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        size_t len = seed("req-", whole[i], bytes);
        size_t used = 2 + ((size_t)(bytes[1] & 7) << 8 | bytes[0]); /* without padding */
        harness_every_prefix(&cd_dissector_ethercat, CD_TRANSPORT_ETH, true, bytes, used < len ? used : len, false);
    }
}

static void it_is_not_claimed_on_other_ports(void **state)
{
    (void)state;
    uint8_t bytes[LARGEST];
    size_t len = seed("req-", "init", bytes);
    int (*probe)(const uint8_t *, size_t, enum cd_transport, bool) = cd_dissector_ethercat.probe;
    assert_int_equal(probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_MAYBE);
    assert_int_equal(probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(probe((const uint8_t *)"GET / HTTP", 10, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_datagram_counts_out_and_back),
        cmocka_unit_test(a_master_with_a_local_address_is_followed_by_its_frames),
        cmocka_unit_test(slaves_are_known_by_their_eeprom),
        cmocka_unit_test(writing_the_eeprom_configures),
        cmocka_unit_test(states_and_their_errors_are_told),
        cmocka_unit_test(the_process_image_is_one_operation),
        cmocka_unit_test(a_question_that_no_slave_answers_is_an_error),
        cmocka_unit_test(objects_are_read_from_mailboxes),
        cmocka_unit_test(a_real_download_is_found_without_the_start_up),
        cmocka_unit_test(firmware_and_other_mailboxes_are_named),
        cmocka_unit_test(network_variables_name_their_publisher),
        cmocka_unit_test(lengths_that_lie_are_findings),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(it_is_not_claimed_on_other_ports),
    };
    return cmocka_run_group_tests_name("ethercat", tests, NULL, NULL);
}
