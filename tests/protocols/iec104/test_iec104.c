#include "../harness.h"

#include "protocols/iec104.h"

#include <string.h>

/* Frames as stations sent them, unless a comment says that they are made. */
static const char startdt_act[] = "680407000000";
static const char startdt_con[] = "68040b000000";
static const char stopdt_act[] = "680413000000"; /* made */
static const char stopdt_con[] = "680423000000"; /* made */
static const char testfr_act[] = "680443000000";
static const char supervisory[] = "680401001a00";
static const char interrogation[] = "680e02000200640106000a0000000014";
static const char interrogated[] = "680e02000200640107000a0000000014"
                                   "681a04000200010414000a0001000000020000000300000004000000"
                                   "681a06000200030414000a0001000000020000000300000004000000";
static const char single[] = "680e040042002d0106000a0002000001";
static const char single_done[] = "680e420006002d0107000a0002000001680e440006002d010a000a0002000001"
                                  "680e46000600010103000a0002000001";
static const char select_[] = "680e04000e002d0106010d911a270081";
static const char selected[] = "680e0e0006002d0107010d911a270081";
static const char refused[] = "680e14000a002d01c7020d91ce560081"; /* with the test bit */
static const char set_point[] = "68121c008a00320106000a00010000c3f5484000";
static const char clock_[] = "68140c001600670106040d91000000c83239081d0808";
static const char clock_con[] = "681416000e00670107040d91000000c83239081d0808";
static const char end_of_init[] = "680e00000000460104000a0000000000";
static const char measured[] = "681994002000240103000a000c000085eb1d4100e337180884070d";

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_iec104, CD_TRANSPORT_TCP, 0);
}

static void commands_tell_object_and_state_and_count_all_their_answers(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, single);
    harness_send_hex(h, false, single_done); /* confirmation, termination, and the new state of the point */
    harness_expect_operation(h, "iec104", "45", "single command", CD_CLASS_CONTROL, "CA 10 IOA 2 on", 1, 2, 0);
    harness_expect_operation(h, "iec104", "1", "single-point information", CD_CLASS_READ, "CA 10 spontaneous", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void selection_is_told_apart_from_execution(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, select_);
    harness_send_hex(h, false, selected);
    harness_expect_operation(h, "iec104", "45", "single command", CD_CLASS_CONTROL, "CA 37133 IOA 10010 on select", 1,
                             1, 0);
    harness_free(h);
}

static void a_negative_confirmation_is_an_error_of_its_request(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "680e080014002d0186020d91ce560081");
    harness_send_hex(h, false, refused);
    harness_expect_operation(h, "iec104", "45", "single command", CD_CLASS_CONTROL,
                             "CA 37133 IOA 22222 on select (test)", 1, 1, 1);
    /* cause 47, made */
    harness_send_hex(h, true, "680e0a0016002d0106000a0009000001");
    harness_send_hex(h, false, "680e16000c002d016f000a0009000001");
    harness_expect_operation(h, "iec104", "45", "single command", CD_CLASS_CONTROL, "CA 10 IOA 9 on", 1, 1, 1);
    assert_string_equal(cd_iec104_cause_name(47), "unknown information object address");
    harness_free(h);
}

static void interrogations_and_set_points_are_named(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, interrogation);
    harness_send_hex(h, false, interrogated);
    harness_send_hex(h, true, set_point);
    harness_expect_operation(h, "iec104", "100", "interrogation command", CD_CLASS_READ, "CA 10 station", 1, 1, 0);
    harness_expect_operation(h, "iec104", "3", "double-point information", CD_CLASS_READ,
                             "CA 10 interrogated by station", 1, 0, 0);
    harness_expect_operation(h, "iec104", "50", "set-point command, short floating point", CD_CLASS_CONTROL,
                             "CA 10 IOA 1", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "10"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "rtu"));
    harness_free(h);
}

static void what_is_asked_of_all_stations_is_answered_by_each(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "680e0200020064010600ffff00000014");
    harness_send_hex(h, false, "680e0200020064010700010000000014");
    harness_send_hex(h, false, "680e0400020064010700020000000014");
    harness_send_hex(h, false,
                     "680e060002006401"
                     "0a00"
                     "0100"
                     "00000014");
    harness_expect_operation(h, "iec104", "100", "interrogation command", CD_CLASS_READ, "all stations station", 1, 3,
                             0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "2"));
    harness_free(h);
}

static void clocks_and_resets_have_their_class(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, clock_);
    harness_send_hex(h, false, clock_con);
    harness_expect_operation(h, "iec104", "103", "clock synchronization command", CD_CLASS_CONFIGURE, "CA 37133", 1, 1,
                             0);
    assert_int_equal(cd_iec104_type_of(105)->class, CD_CLASS_MODE);
    assert_int_equal(cd_iec104_type_of(110)->class, CD_CLASS_CONFIGURE);
    assert_int_equal(cd_iec104_type_of(126)->class, CD_CLASS_FILE);
    harness_send_hex(h, true, "680e0e001800650106000a0000000045"); /* made: counters, freeze */
    harness_expect_operation(h, "iec104", "101", "counter interrogation command", CD_CLASS_READ, "CA 10 general freeze",
                             1, 0, 0);
    harness_send_hex(h, true,
                     "681110001800"
                     "7a010d000100"
                     "000000"
                     "0300"
                     "00"
                     "02"); /* made: request a file */
    harness_expect_operation(h, "iec104", "122", "call directory, select file, call file, call section", CD_CLASS_FILE,
                             "CA 1 file 3 request", 1, 0, 0);
    harness_free(h);
}

static void the_controlling_station_is_the_client_even_where_the_other_connects(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, startdt_act);
    harness_send_hex(h, true, startdt_con);
    harness_send_hex(h, true, end_of_init);
    harness_send_hex(h, false, single);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "master"));
    harness_expect_operation(h, "iec104", "70", "end of initialization", CD_CLASS_SESSION, "CA 10 initialized", 1, 0,
                             0);
    harness_expect_operation(h, "iec104", "45", "single command", CD_CLASS_CONTROL, "CA 10 IOA 2 on", 1, 0, 0);
    harness_free(h);
}

static void numbers_that_go_back_are_a_violation(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, supervisory);
    harness_send_hex(h, false, "680e420006002d0107000a0002000001");
    harness_send_hex(h, false, "680e460006002d010a000a0002000001"); /* one was lost: no finding */
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_send_hex(h, false, "680e420006002d0107000a0002000001");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "send sequence number went back from 35 to 33");
    harness_free(h);
    /* From 32767 on to 0 is no going back. */
    h = tcp();
    harness_send_hex(h, false, "680efeff06002d0107000a0002000001");
    harness_send_hex(h, false, "680e000006002d010a000a0002000001");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void data_after_the_stop_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, stopdt_act);
    harness_send_hex(h, false, stopdt_con);
    harness_send_hex(h, true, testfr_act);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_send_hex(h, true, single);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "data after STOPDT was confirmed");
    harness_free(h);
}

static void objects_that_do_not_fit_are_findings_and_still_count(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, "6815000000000982010001006400001000002000300000");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_int_equal(harness_operations(h, "iec104", "9", "CA 1 cyclic").requests, 1);
    harness_send_hex(h, true,
                     "680f02000000690106000100000000"
                     "0001"); /* one byte too long */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    assert_int_equal(harness_operations(h, "iec104", "105", NULL).requests, 1);
    harness_send_hex(h, true, "680e04000200160106000a0000000014"); /* type 22 */
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "reserved type identification");
    harness_free(h);
}

static int probe_hex(const char *hex)
{
    uint8_t bytes[300];
    size_t len = harness_hex(hex, bytes, sizeof bytes);
    return cd_dissector_iec104.probe(bytes, len, CD_TRANSPORT_TCP, true);
}

static void content_is_recognised_on_any_port(void **state)
{
    (void)state;
    assert_int_equal(probe_hex(startdt_act), CD_PROBE_SURE);
    assert_int_equal(probe_hex(interrogated), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex(measured), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("680404680802cafe"), CD_PROBE_NO); /* M-Bus begins alike */
    assert_int_equal(probe_hex("68656c6c6f20776f726c64"), CD_PROBE_NO);
    assert_int_equal(probe_hex("680408000000"), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    static const char *const messages[] = {startdt_act, supervisory, interrogation, single,   set_point,
                                           clock_,      measured,    end_of_init,   selected, refused};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        harness_every_prefix_hex(&cd_dissector_iec104, CD_TRANSPORT_TCP, true, messages[i], false);
        harness_every_prefix_hex(&cd_dissector_iec104, CD_TRANSPORT_TCP, false, messages[i], false);
        uint8_t bytes[300];
        size_t len = harness_hex(messages[i], bytes, sizeof bytes);
        for (size_t n = 0; n < len; n++) {
            struct cd_reader r = cd_reader_of(bytes, n);
            struct cd_iec104_apci apci;
            assert_false(cd_iec104_parse(&r, &apci));
            assert_non_null(r.bad);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_tell_object_and_state_and_count_all_their_answers),
        cmocka_unit_test(selection_is_told_apart_from_execution),
        cmocka_unit_test(a_negative_confirmation_is_an_error_of_its_request),
        cmocka_unit_test(interrogations_and_set_points_are_named),
        cmocka_unit_test(what_is_asked_of_all_stations_is_answered_by_each),
        cmocka_unit_test(clocks_and_resets_have_their_class),
        cmocka_unit_test(the_controlling_station_is_the_client_even_where_the_other_connects),
        cmocka_unit_test(numbers_that_go_back_are_a_violation),
        cmocka_unit_test(data_after_the_stop_is_a_violation),
        cmocka_unit_test(objects_that_do_not_fit_are_findings_and_still_count),
        cmocka_unit_test(content_is_recognised_on_any_port),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
