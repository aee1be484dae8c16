#include "../harness.h"

#include "protocols/dnp3.h"

/* Whole link frames. Some were sent by devices, others made by the rules of the standard. */
static const char attr[] = "05646e44010004004474c0c181000000fc000000010441434d455ba600fa00000001075254552d39205800f23b5"
                           "f0000000105332e312e3400f300000001f715014200f80000000106534e3030343200c165f70000000105426179"
                           "203700f5000000b1be010f53756273746174696f6e205765730d2e7400f9000000020102f96e";
static const char attrreq[] = "05640dc404000100d85bc0c10100fe00000074e0";
static const char crob2[] =
    "056427c4040001003116c0c2050c012802000300030164000000040364000000000400810164000000f401009e0b0000ffff";
static const char aoselect[] = "056412c404000100fb67c0c30329022801000700e803009ae8";
static const char aoresp[] = "056414440100040011efc0c381000029022801000700e8030285c6";
static const char time_[] = "056412c404000100fb67c0c40232010701d541d3647101c83e";
static const char seg1[] =
    "0564ff4401000400e1a840c581000001020000f90101010101019ec601010101010101010101010101010101bbc30101010101010101010101"
    "0101010101bbc301010101010101010101010101010101bbc301010101010101010101010101010101bbc30101010101010101010101010101"
    "0101bbc301010101010101010101010101010101bbc301010101010101010101010101010101bbc301010101010101010101010101010101bb"
    "c301010101010101010101010101010101bbc301010101010101010101010101010101bbc301010101010101010101010101010101bbc30101"
    "0101010101010101010101010101bbc301010101010101010101010101010101bbc301010101010101010101010101010101bbc30101010101"
    "01010101018d7b";
static const char seg2[] = "05641044010004007fa28101010101010101010101b20c";
static const char badrange[] = "05640dc404000100d85bc0c5011e050009057a9f";
static const char auth[] = "056424c4040001006185c0c61d46025b0116000c000400100006a44d00000000006f7065725345435245542a20";
static const char read9[] = "05640dc40900010034b0c0c1011e0500000a4217";
static const char resp9[] = "05640a4401000900c595c0c1810000742a";
static const char bcast[] = "05640bc4ffff01009f0fc0c1013c0106f973";
static const char read_classes[] = "056414c4010002004aa2d6c6013c01063c02063c03063c04067aa5";
static const char resp_null[] = "05640a440200010010f0d2c1810000eac6";
static const char direct[] = "05641ac404000300c2e6c7c6050c0128010001000301640000003b7f6400000000005b";
static const char file_open[] =
    "056429c404000300d1fcd8c91946035b011b001a000100000000cd0b000000ff010000000000000000010000c3a00408002ef68d";
static const char file_open_resp[] = "05641d44030004008308d5c981000046045b010d0078563412ebae3604000000040800005cb6";
static const char file_delete[] = "056438c404000300f731f0c11b46035b012a001a00100000000030040000000000000000000000000000"
                                  "0000ffff0012002e2f68656c6c6f776f726c642ea42d7478745eda";
static const char link_status[] = "056405c903000400bd71";
static const char clear_restart[] = "05640ec4000401004372c0c0025001000707002c49";
static const char iin[] = "05640a44010000046788c0c0811000b437";

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_dnp3, CD_TRANSPORT_TCP, 0);
}

static void reads_of_classes_are_named_and_answered(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, read_classes);
    harness_send_hex(h, false, "05641e4402000100bfc5d7c68100001e01000000010000000028a716030000000100000000c3f2");
    harness_expect_operation(h, "dnp3", "1", "read", CD_CLASS_READ, "outstation 1 class 0, class 1, class 2, class 3",
                             1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "2"));
    harness_free(h);
}

static void controls_tell_point_and_operation(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, direct);
    harness_send_hex(h, true, crob2);
    harness_send_hex(h, true, aoselect);
    harness_send_hex(h, false, aoresp);
    harness_expect_operation(h, "dnp3", "5", "direct operate", CD_CLASS_CONTROL,
                             "outstation 4 binary output 1 latch on", 1, 0, 0);
    harness_expect_operation(h, "dnp3", "5", "direct operate", CD_CLASS_CONTROL,
                             "outstation 4 binary output 3 latch on, binary output 4 trip pulse on", 1, 0, 0);
    /* The device answers with status 2. */
    harness_expect_operation(h, "dnp3", "3", "select", CD_CLASS_CONTROL, "outstation 4 analog output 7", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 3);
    assert_string_equal(cd_dnp3_control_status(2), "no select before operate");
    harness_free(h);
}

static void restarts_and_clocks_have_their_class(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, time_);
    harness_expect_operation(h, "dnp3", "2", "write time", CD_CLASS_CONFIGURE, "outstation 4 time and date g50v1", 1, 0,
                             0);
    harness_send_hex(h, true, clear_restart);
    harness_expect_operation(h, "dnp3", "2", "write", CD_CLASS_WRITE, "outstation 1024 internal indication g80v1 7", 1,
                             0, 0);
    enum cd_class class;
    assert_string_equal(cd_dnp3_function_name(13, &class), "cold restart");
    assert_int_equal(class, CD_CLASS_MODE);
    harness_free(h);
}

static void device_attributes_are_facts(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, attrreq);
    harness_send_hex(h, false, attr);
    harness_expect_operation(h, "dnp3", "1", "read device attributes", CD_CLASS_IDENTIFY,
                             "outstation 4 device attribute g0v254 0", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "ACME"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "RTU-9 X"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "3.1.4"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE, "", "B"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "SN0042"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "Bay 7"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_LOCATION, "", "Substation West"));
    harness_free(h);
}

static void several_outstations_at_one_address_are_nested(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, resp9);
    assert_null(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "dnp3:9"));
    harness_send_hex(h, false, attr);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "dnp3:9", "9"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "dnp3:4", "ACME"));
    harness_free(h);
}

static void files_are_named_and_their_errors_count(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, file_delete);
    harness_send_hex(h, true, file_open);
    harness_send_hex(h, false, file_open_resp);
    harness_expect_operation(h, "dnp3", "27", "delete file", CD_CLASS_FILE, "outstation 4 file ./helloworld.txt", 1, 0,
                             0);
    harness_expect_operation(h, "dnp3", "25", "open file", CD_CLASS_FILE, "outstation 4 file . read", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_file_password_stays_in_the_parser(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, auth);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "file authentication, user oper");
    struct harness_counts n = harness_operations(h, "dnp3", "29", "outstation 4 file");
    assert_int_equal(n.requests, 1);
    harness_free(h);
}

static void fragments_are_gathered_from_segments_and_counted_once(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, seg1);
    assert_int_equal(harness_operations(h, "dnp3", NULL, NULL).responses, 0);
    harness_send_hex(h, false, seg2);
    harness_expect_operation(h, "dnp3", "129", "response", CD_CLASS_OTHER, "", 0, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_send_hex(h, false, seg2); /* belongs to nothing */
    assert_int_equal(harness_operations(h, "dnp3", NULL, NULL).responses, 1);
    harness_free(h);
}

static void all_fragments_of_an_answer_count_on_its_request(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, read_classes);                          /* sequence 6 */
    harness_send_hex(h, false, "05640a440200010010f0c0a681000047f9"); /* 6, first */
    harness_send_hex(h, false, "05640a440200010010f0c1278100007514"); /* 7 */
    harness_send_hex(h, false, "05640a440200010010f0c2688100005454"); /* 8, final */
    harness_expect_operation(h, "dnp3", "1", "read", CD_CLASS_READ, "outstation 1 class 0, class 1, class 2, class 3",
                             1, 3, 0);
    assert_int_equal(harness_operations(h, "dnp3", NULL, NULL).entries, 1);
    harness_free(h);
}

static void a_fragment_beyond_the_limit_is_counted_and_told(void **state)
{
    (void)state;
    struct harness *h = tcp();
    uint8_t segment[CD_DNP3_FRAME_MAX], last[CD_DNP3_FRAME_MAX], user[CD_DNP3_USER_DATA_MAX];
    size_t len = harness_hex(seg1, segment, sizeof segment), last_len = harness_hex(seg2, last, sizeof last);
    harness_send(h, false, segment, len);
    for (uint8_t sequence = 1; sequence < 17; sequence++) {
        uint8_t *transport = segment + CD_DNP3_HEADER, *crc = transport + 16;
        *transport = sequence;
        crc[0] = (uint8_t)cd_dnp3_crc(transport, 16);
        crc[1] = (uint8_t)(cd_dnp3_crc(transport, 16) >> 8);
        harness_send(h, false, segment, len);
    }
    last[CD_DNP3_HEADER] = 0x80 | 17;
    uint16_t crc = cd_dnp3_crc(last + CD_DNP3_HEADER, last_len - CD_DNP3_HEADER - 2);
    last[last_len - 2] = (uint8_t)crc;
    last[last_len - 1] = (uint8_t)(crc >> 8);
    struct cd_reader r = cd_reader_of(last, last_len);
    struct cd_dnp3_link link;
    assert_true(cd_dnp3_parse_link(&r, &link, user));
    harness_send(h, false, last, last_len);
    assert_int_equal(harness_operations(h, "dnp3", "129", NULL).responses, 1);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void an_unsolicited_response_counts_as_a_request(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, "05640a44010000046788 c0f0 82 90 00 0000");
    harness_send_hex(h, true, "056408c4000401009a19c0c1007d3d");
    assert_int_equal(harness_operations(h, "dnp3", "130", NULL).requests, 0); /* its CRC is wrong */
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    uint8_t bytes[17];
    size_t len = harness_hex("05640a44010000046788 c0f0 82 90 00 0000", bytes, sizeof bytes);
    uint16_t crc = cd_dnp3_crc(bytes + 10, 5);
    bytes[15] = (uint8_t)crc;
    bytes[16] = (uint8_t)(crc >> 8);
    harness_send(h, false, bytes, len);
    harness_expect_operation(h, "dnp3", "130", "unsolicited response", CD_CLASS_READ, "outstation 1024", 1, 0, 0);
    harness_expect_operation(h, "dnp3", "0", "confirm", CD_CLASS_SESSION, "outstation 1024", 1, 0, 0);
    /* Indications 0x90: restarted, needs time. */
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR), "outstation 1024 has restarted");
    harness_send(h, false, bytes, len);
    assert_int_equal(harness_events(h, CD_EVENT_DEVICE_ERROR), 1);
    harness_free(h);
}

static void indications_are_told_once(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, clear_restart);
    harness_send_hex(h, false, iin);
    harness_send_hex(h, false, iin);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_CLOCK, "", "asks for the time"));
    assert_string_equal(cd_dnp3_refusal(CD_DNP3_OBJECT_UNKNOWN), "object unknown");
    harness_free(h);
}

static void the_master_is_the_client_even_where_the_outstation_connects(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, false, read_classes);
    harness_send_hex(h, true, resp_null);
    struct cd_observer *o = harness_observer(h);
    assert_int_equal(o->pairs.items[o->operations.items[0].pair].client.bytes[15], 2);
    harness_free(h);
}

static void a_datagram_may_hold_several_frames(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_dnp3, CD_TRANSPORT_UDP, 0);
    uint8_t bytes[600];
    size_t len = harness_hex(read_classes, bytes, sizeof bytes);
    len += harness_hex(read9, bytes + len, sizeof bytes - len);
    len += harness_hex(link_status, bytes + len, sizeof bytes - len);
    harness_send(h, true, bytes, len);
    harness_send_hex(h, true, bcast);
    assert_int_equal(harness_operations(h, "dnp3", "1", NULL).requests, 3);
    assert_int_equal(harness_operations(h, "dnp3", "1", "outstation 9 analog input g30v5 0-10").requests, 1);
    assert_int_equal(harness_operations(h, "dnp3", "1", "all outstations class 0").requests, 1);
    harness_free(h);
}

static void objects_that_do_not_fit_are_findings(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, badrange);
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "range stop");
    assert_int_equal(harness_operations(h, "dnp3", "1", NULL).requests, 1);
    harness_free(h);
}

static void content_is_recognised_on_any_port(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t len = harness_hex(read_classes, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_dnp3.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    bytes[8] ^= 1;
    assert_int_equal(cd_dissector_dnp3.probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_MAYBE);
    assert_int_equal(cd_dissector_dnp3.probe((const uint8_t *)"GET / HTTP/1.1\r\n", 16, CD_TRANSPORT_TCP, true),
                     CD_PROBE_NO);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    static const char *const requests[] = {read_classes, crob2, aoselect, file_open, auth, attrreq};
    static const char *const responses[] = {attr, resp_null, file_open_resp, seg1};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        harness_every_prefix_hex(&cd_dissector_dnp3, CD_TRANSPORT_TCP, true, requests[i], false);
        harness_every_prefix_hex(&cd_dissector_dnp3, CD_TRANSPORT_UDP, true, requests[i], false);
    }
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        harness_every_prefix_hex(&cd_dissector_dnp3, CD_TRANSPORT_TCP, false, responses[i], false);
        harness_every_prefix_hex(&cd_dissector_dnp3, CD_TRANSPORT_UDP, false, responses[i], false);
    }
}

/* The application layer by itself: every prefix of a fragment is read without harm and, cut inside an object, is a finding. */
static void every_prefix_of_the_objects_is_bounded(void **state)
{
    (void)state;
    uint8_t bytes[300];
    size_t len = harness_hex("0c01280200030003016400000064000000000400810164000000f401000000", bytes, sizeof bytes);
    for (size_t n = 1; n < len; n++) {
        struct cd_reader r = cd_reader_of(bytes, n);
        struct cd_dnp3_objects objects;
        assert_false(cd_dnp3_next_objects(&r, CD_DNP3_OPERATE, &objects));
        assert_non_null(r.bad);
    }
    struct cd_reader r = cd_reader_of(bytes, len);
    struct cd_dnp3_objects objects;
    assert_true(cd_dnp3_next_objects(&r, CD_DNP3_OPERATE, &objects));
    assert_int_equal(objects.count, 2);
    assert_int_equal(cd_read_left(&r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_of_classes_are_named_and_answered),
        cmocka_unit_test(controls_tell_point_and_operation),
        cmocka_unit_test(restarts_and_clocks_have_their_class),
        cmocka_unit_test(device_attributes_are_facts),
        cmocka_unit_test(several_outstations_at_one_address_are_nested),
        cmocka_unit_test(files_are_named_and_their_errors_count),
        cmocka_unit_test(a_file_password_stays_in_the_parser),
        cmocka_unit_test(fragments_are_gathered_from_segments_and_counted_once),
        cmocka_unit_test(all_fragments_of_an_answer_count_on_its_request),
        cmocka_unit_test(a_fragment_beyond_the_limit_is_counted_and_told),
        cmocka_unit_test(an_unsolicited_response_counts_as_a_request),
        cmocka_unit_test(indications_are_told_once),
        cmocka_unit_test(the_master_is_the_client_even_where_the_outstation_connects),
        cmocka_unit_test(a_datagram_may_hold_several_frames),
        cmocka_unit_test(objects_that_do_not_fit_are_findings),
        cmocka_unit_test(content_is_recognised_on_any_port),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
        cmocka_unit_test(every_prefix_of_the_objects_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
