#include "protocols/harness.h"

#include "protocols/ff_hse.h"

static const char annunciation[] =
    "010008100000000000000078000100000001000800000000000000000000000000000000303030333531313330322d4c"
    "443330322d3132333435202020202020202020204649432d313031202020202020202020202020202020202020202020"
    "20202020000003e800000000000000010000000500000000";
static const char open[] =
    "0140048100000000000000440000000000000000000000000001010000000000484f53542d3120202020202020202020"
    "2020202020202020202020202020202000000007";
static const char open_done[] = "01400581000000000000001000000007";
static const char read[] = "01400cd210010300000000180000012d0000000200000007";
static const char read_done[] = "01400dd2000000000000001442c8000000000007";
static const char read_error[] = "01400ed20000000000000024060200000000000000000000000000000000000000000007";
static const char start[] = "01400c9300000000000000140000006400000007";
static const char plate[] =
    "01400d810000000000000070536d61722020202020202020202020202020202020202020202020202020202044464933"
    "30322020202020202020202020202020202020202020202020202020312e342020202020202020202020202020202020"
    "20202020202020202020202000000007";
static const char report[] = "01000c0000000000000000140000010142c80000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_ff_hse, CD_TRANSPORT_UDP, 0);
}

static void a_device_tells_its_tag_and_number(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, annunciation);
    harness_expect_operation(h, "ff-hse", "sm:16", "device annunciation", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "FIC-101"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "0003511302-LD302-12345"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_read_names_the_device_behind_and_the_index(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, read);
    harness_send_hex(h, false, read_done);
    harness_expect_operation(h, "ff-hse", "fms:210", "read with subindex", CD_CLASS_READ,
                             "link 4097 node 3 index 301.2", 1, 1, 0);
    harness_free(h);
}

static void an_error_finds_its_request(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, read);
    harness_send_hex(h, false, read_error);
    harness_expect_operation(h, "ff-hse", "fms:210", "read with subindex", CD_CLASS_READ,
                             "link 4097 node 3 index 301.2", 1, 1, 1);
    harness_free(h);
}

static void a_start_is_a_change_of_mode(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, start);
    harness_expect_operation(h, "ff-hse", "fms:147", "start", CD_CLASS_MODE, "index 100", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void reports_and_sessions_are_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, open);
    harness_send_hex(h, false, open_done);
    harness_send_hex(h, false, report);
    harness_expect_operation(h, "ff-hse", "fda:129", "open session", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_expect_operation(h, "ff-hse", "fms:0", "information report", CD_CLASS_READ, "index 257", 1, 0, 0);
    harness_free(h);
}

static void the_plate_tells_maker_and_model(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, false, plate);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Smar"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "DFI302"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "1.4"));
    harness_free(h);
}

static void a_length_shorter_than_the_trailer_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "01f80481 00000000 0000000c");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "length");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_ff_hse, CD_TRANSPORT_UDP, true, annunciation, false);
    harness_every_prefix_hex(&cd_dissector_ff_hse, CD_TRANSPORT_UDP, true, read, false);
    harness_every_prefix_hex(&cd_dissector_ff_hse, CD_TRANSPORT_UDP, true, report, false);
    harness_every_prefix_hex(&cd_dissector_ff_hse, CD_TRANSPORT_TCP, true, read, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_tells_its_tag_and_number),
        cmocka_unit_test(a_read_names_the_device_behind_and_the_index),
        cmocka_unit_test(an_error_finds_its_request),
        cmocka_unit_test(a_start_is_a_change_of_mode),
        cmocka_unit_test(reports_and_sessions_are_counted),
        cmocka_unit_test(the_plate_tells_maker_and_model),
        cmocka_unit_test(a_length_shorter_than_the_trailer_is_malformed),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
