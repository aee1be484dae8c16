#include "../harness.h"

#include <string.h>

#include "protocols/s7comm_plus.h"

#define P "s7comm-plus"
#define SEED(name) CD_TEST_DIR "/seeds/" name ".bin"
#define CONNECT_ES "030000231ee00000001e00c1020600c20f53494d415449432d524f4f542d4553c0010a"
#define QUALIFIER "000004e88969001200000000896a001300896b000400"

/* A connection that asks for SIMATIC-ROOT-ES. */
static struct harness *connection(void)
{
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 102);
    harness_send_hex(h, true, CONNECT_ES);
    return h;
}

static size_t wrap(uint8_t *bytes, size_t len)
{
    static const uint8_t header[7] = {3, 0, 0, 0, 2, 0xf0, 0x80};
    memcpy(bytes, header, sizeof header);
    bytes[2] = (uint8_t)((len + 7) >> 8);
    bytes[3] = (uint8_t)(len + 7);
    return len + 7;
}

static void send(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[2048];
    harness_send(h, from_client, bytes, wrap(bytes, harness_hex(hex, bytes + 7, sizeof bytes - 7)));
}

/* A whole message of version 2: header and trailer are put around it. */
static void send_message(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[1024] = {0};
    static const uint8_t trailer[4] = {0x72, 2, 0, 0};
    size_t n = harness_hex(hex, bytes + 11, sizeof bytes - 15);
    bytes[7] = 0x72;
    bytes[8] = 2;
    bytes[9] = (uint8_t)(n >> 8);
    bytes[10] = (uint8_t)n;
    memcpy(bytes + 11 + n, trailer, sizeof trailer);
    harness_send(h, from_client, bytes, wrap(bytes, n + 8));
}

static void send_seed(struct harness *h, bool from_client, const char *path)
{
    uint8_t bytes[2048];
    harness_send(h, from_client, bytes, wrap(bytes, harness_file(path, bytes + 7, sizeof bytes - 7)));
}

/* ---- sessions and who is there ---- */

static void opening_a_session_tells_both_ends(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-create-session"));
    send_seed(h, false, SEED("resp-create-session"));
    harness_expect_operation(h, P, "1226", "create object", CD_CLASS_SESSION, "session", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "", "6ES7 214-1AG40-0XB0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "V4.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Siemens"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "DESKTOP-M5C7L14")); /* without the process number */
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "engineering-station"));
    send_seed(h, true, SEED("req-set-session"));
    harness_expect_operation(h, P, "1346", "set multi variables", CD_CLASS_SESSION, "session key, version", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_identification_record_names_the_cpu(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, false, SEED("resp-identification"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, "", "6ES7 214-1AG40-0XB0"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "S V-K2C13707"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE, "", "7"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "V4.2.1"));
    harness_free(h);
}

static void the_operating_state_is_told(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_message(h, true,
                 "31000005860000002200000 3c0 34 00000034 200402 913d 9b1e " QUALIFIER "01 "
                 "00000000");
    send_message(h, false, "320000058600000022 34 00 00 0008 04 00000000");
    harness_expect_operation(h, P, "1414", "get variable substreamed", CD_CLASS_READ,
                             "CPU execution unit state, operating state", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "stop");
    harness_free(h);
}

static void a_refused_password_is_an_event(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_message(h, true,
                 "31000004f200000005000003c0 34 000003c0 01 8230 100200 " QUALIFIER "00 "
                 "00000000");
    send_message(h, false, "32000004f200000005 34 d381b2c080a5dbff95 00");
    harness_expect_operation(h, P, "1266", "set variable", CD_CLASS_SESSION, "session legitimation", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_free(h);
}

/* ---- variables ---- */

static void reading_a_data_block_gives_its_address(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-read-db"));
    send_seed(h, false, SEED("resp-read-db"));
    harness_expect_operation(h, P, "1356", "get multi variables", CD_CLASS_READ, "DB3 LID 10", 1, 1, 0);
    harness_free(h);
}

static void writing_a_marker_is_a_write_and_an_output_is_control(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-write-m"));
    harness_expect_operation(h, P, "1346", "set multi variables", CD_CLASS_WRITE, "M0.4", 1, 0, 0);
    send_message(h, true,
                 "3100000542000000770000039b 34 00000000 01 08 00 51 05 9d18 03 02 02 01 00 02 0001 " QUALIFIER "04 "
                 "00000000");
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DANGEROUS_OPERATION), "set multi variables: Q2.1");
    harness_free(h);
}

static void notifications_count_under_their_subscription(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, false, SEED("resp-notification"));
    harness_expect_operation(h, P, "3665", "notification", CD_CLASS_READ, "", 1, 0, 0);
    harness_free(h);
}

static void answers_of_old_firmware_count_too(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_message(h, true,
                 "31000004f200000005000003c8 74 1000006a 01 881d 000700 06 " QUALIFIER "00 "
                 "00000000");
    send_message(h, false, "02000004f200000005 74 00000000000000000000000000");
    harness_expect_operation(h, P, "1266", "set variable", CD_CLASS_READ, "dynamic object subscription credit", 1, 1,
                             0);
    harness_free(h);
}

/* ---- program and mode ---- */

static void starting_and_stopping_the_cpu_are_mode_changes(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-run"));
    harness_expect_operation(h, P, "1266", "set operating state: run", CD_CLASS_MODE,
                             "CPU execution unit operating state request", 1, 0, 0);
    send_message(h, true,
                 "3100000542000000770000039b 34 00000034 01 01 9077 01 0008 01 00 " QUALIFIER "04 "
                 "00000000");
    harness_expect_operation(h, P, "1346", "set operating state: stop", CD_CLASS_MODE,
                             "CPU execution unit operating state request", 1, 0, 0);
    harness_free(h);
}

static void a_download_is_program(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-begin-download"));
    send_seed(h, true, SEED("req-create-block"));
    send_message(h, true,
                 "31000004ca00000027000003c0 34 00000003 000400 00000000 a1 8a320001 94572000"
                 "a3 8169 0015 04 4d61696e a2 00000000");
    send_message(h, true, "310000056000000028000003c0 36 00000000 0000");
    harness_expect_operation(h, P, "1366", "begin sequence", CD_CLASS_PROGRAM, "download", 1, 0, 0);
    harness_expect_operation(h, P, "1226", "create object", CD_CLASS_PROGRAM, "OB1 \"Main\"", 1, 0, 0);
    harness_expect_operation(h, P, "1226", "create object", CD_CLASS_PROGRAM, "class 8040 \"PLCProgramChange\"", 1, 0,
                             0);
    harness_expect_operation(h, P, "1376", "end sequence", CD_CLASS_PROGRAM, "", 1, 0, 0);
    harness_free(h);
}

static void loading_a_panel_is_program(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-invoke"));
    harness_expect_operation(h, P, "1387", "invoke", CD_CLASS_OTHER, "get project", 1, 0, 0);
    send_message(h, true, "310000056b0000000d000003be 34 02625ac9 00e4e1c9 00000700 000000");
    harness_expect_operation(h, P, "1387", "invoke", CD_CLASS_PROGRAM, "prepare full download", 1, 0, 0);
    send_seed(h, true, SEED("req-set-substreamed"));
    harness_expect_operation(h, P, "1404", "set variable substreamed", CD_CLASS_PROGRAM,
                             "dynamic object attribute 15000042", 1, 0, 0);
    harness_free(h);
}

/* ---- fragments ---- */

/* The response to "create object" in three fragments. */
static void send_in_fragments(struct harness *h, size_t first, size_t second, bool last)
{
    uint8_t whole[512], bytes[512];
    size_t len = harness_file(SEED("resp-create-session"), whole, sizeof whole) - 8; /* header and trailer */
    const uint8_t trailer[4] = {0x72, 1, 0, 0};
    size_t from[4] = {0, first, second, len};
    for (int i = 0; i < (last ? 3 : 2); i++) {
        size_t n = from[i + 1] - from[i];
        const uint8_t header[4] = {0x72, 1, (uint8_t)(n >> 8), (uint8_t)n};
        memcpy(bytes + 7, header, 4);
        memcpy(bytes + 11, whole + 4 + from[i], n);
        memcpy(bytes + 11 + n, trailer, 4);
        harness_send(h, false, bytes, wrap(bytes, 4 + n + (i == 2 ? 4 : 0)));
    }
}

static void fragments_are_one_message(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-create-session"));
    send_in_fragments(h, 100, 150, true);
    harness_expect_operation(h, P, "1226", "create object", CD_CLASS_SESSION, "session", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "V4.2"));
    harness_free(h);
}

static void a_lost_fragment_does_not_swallow_the_next_message(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, true, SEED("req-create-session"));
    send_in_fragments(h, 100, 150, false);
    send_seed(h, false, SEED("resp-read-db"));
    assert_int_equal(harness_operations(h, P, "1356", NULL).responses, 1);
    send(h, false, "72020006 00050000 0000 72020000"); /* the end of something whose beginning was not seen */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_message_of_any_length_needs_bounded_room(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    uint8_t bytes[1100] = {0};
    static const uint8_t header[4] = {0x72, 2, 4, 0};
    send(h, true, "7202000e 310000057c0000000f000003be 34");
    for (int i = 0; i < 100; i++) {
        memcpy(bytes + 7, header, 4);
        harness_send(h, true, bytes, wrap(bytes, 4 + 1024));
    }
    send(h, true, "72020001 00 72020000");
    assert_int_equal(harness_operations(h, P, NULL, NULL).requests, 1);
    harness_free(h);
}

/* ---- beside messages ---- */

static void system_events_are_no_operations(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_seed(h, false, SEED("resp-system-event"));
    assert_int_equal(harness_operations(h, P, NULL, NULL).entries, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_length_beyond_the_data_unit_is_malformed(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "72020100 31000005");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void tls_inside_is_tls(void **unused)
{
    (void)unused;
    uint8_t hello[2048], part[2048];
    struct harness *h = connection();
    send_message(h, true, "31000005b300000001000000003000000000");
    send_message(h, false, "32000005b300000001300000000000000000");
    harness_expect_operation(h, P, "1459", "init ssl", CD_CLASS_SESSION, "", 1, 1, 0);
    size_t len = harness_file(CD_TEST_DIR "/../tls/seeds/req-client-hello.bin", hello + 7, sizeof hello - 7);
    harness_send(h, true, hello, wrap(hello, len));
    assert_int_equal(harness_operations(h, "tls", NULL, NULL).requests, 1);
    /* data whose record goes on in the next data unit */
    harness_send(h, true, part, wrap(part, harness_hex("1703030020 0011223344", part + 7, sizeof part - 7)));
    harness_send(h, true, part, wrap(part, harness_hex("72010203040506070809", part + 7, sizeof part - 7)));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void every_prefix_is_refused_or_asks_for_more(void **unused)
{
    (void)unused;
    static const char *const client[] = {SEED("req-create-session"), SEED("req-set-session"),  SEED("req-explore"),
                                         SEED("req-begin-download"), SEED("req-create-block"), SEED("req-invoke"),
                                         SEED("req-read-db"),        SEED("req-run")};
    static const char *const server[] = {SEED("resp-create-session"), SEED("resp-identification"), SEED("resp-read-db"),
                                         SEED("resp-notification"), SEED("resp-explore-part")};
    uint8_t bytes[2048];
    for (size_t i = 0; i < sizeof client / sizeof *client; i++)
        harness_every_prefix(&cd_dissector_cotp, CD_TRANSPORT_TCP, true, bytes,
                             wrap(bytes, harness_file(client[i], bytes + 7, sizeof bytes - 7)), false);
    for (size_t i = 0; i < sizeof server / sizeof *server; i++)
        harness_every_prefix(&cd_dissector_cotp, CD_TRANSPORT_TCP, false, bytes,
                             wrap(bytes, harness_file(server[i], bytes + 7, sizeof bytes - 7)), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_a_session_tells_both_ends),
        cmocka_unit_test(an_identification_record_names_the_cpu),
        cmocka_unit_test(the_operating_state_is_told),
        cmocka_unit_test(a_refused_password_is_an_event),
        cmocka_unit_test(reading_a_data_block_gives_its_address),
        cmocka_unit_test(writing_a_marker_is_a_write_and_an_output_is_control),
        cmocka_unit_test(notifications_count_under_their_subscription),
        cmocka_unit_test(answers_of_old_firmware_count_too),
        cmocka_unit_test(starting_and_stopping_the_cpu_are_mode_changes),
        cmocka_unit_test(a_download_is_program),
        cmocka_unit_test(loading_a_panel_is_program),
        cmocka_unit_test(fragments_are_one_message),
        cmocka_unit_test(a_lost_fragment_does_not_swallow_the_next_message),
        cmocka_unit_test(a_message_of_any_length_needs_bounded_room),
        cmocka_unit_test(system_events_are_no_operations),
        cmocka_unit_test(a_length_beyond_the_data_unit_is_malformed),
        cmocka_unit_test(tls_inside_is_tls),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
