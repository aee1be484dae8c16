#include "protocols/harness.h"

#include "protocols/hl7.h"

#include <stdlib.h>
#include <string.h>

#define VT "\x0b"
#define END "\r\x1c\r"
#define HEAD "MSH|^~\\&|LAB|HOSPITAL|EHR|CLINIC|20240102030405||"

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_hl7, CD_TRANSPORT_TCP, 0);
}

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[4096];
    harness_send(h, from_client, bytes, harness_seed(name, bytes, sizeof bytes));
}

static void a_message_and_its_acknowledgement_count_each_by_their_own_type(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-adt-a01.bin");
    send_seed(h, false, "resp-ack.bin");
    harness_expect_operation(h, "hl7", "ADT^A01", "admit patient", CD_CLASS_WRITE, "RECEIVING_APPLICATION", 1, 0, 0);
    harness_expect_operation(h, "hl7", "ACK", "acknowledgement", CD_CLASS_SESSION, "SENDING_APPLICATION", 1, 0, 0);
    assert_true(
        harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "hl7 application SENDING_APPLICATION at SENDING_FACILITY"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "hl7 2.3 production");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void of_patients_only_the_kinds_of_data_are_told_and_once(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-adt-a01.bin");
    send_seed(h, true, "req-adt-a01.bin");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_PATIENT_DATA), 1);
    assert_string_equal(
        harness_event_detail(h, CD_EVENT_CLEARTEXT_PATIENT_DATA),
        "patient data in clear: identifier, name, birth date, address, telephone, relatives, diagnoses");
    const struct cd_observer *o = harness_observer(h);
    for (uint32_t i = 0; i < o->texts.count; i++) {
        assert_null(strstr(o->texts.items[i], "MOUSE"));
        assert_null(strstr(o->texts.items[i], "135769"));
        assert_null(strstr(o->texts.items[i], "19281118"));
    }
    harness_free(h);
}

static void a_refusal_is_an_error_of_the_message_refused(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-oru-r01-pcd.bin");
    send_seed(h, false, "resp-ack-ar.bin");
    harness_expect_operation(h, "hl7", "ORU^R01", "observation result", CD_CLASS_READ, "EMR", 1, 0, 1);
    const struct cd_observer *o = harness_observer(h);
    assert_string_equal(o->operations.items[0].last_error, "unsupported version");
    say(h, true, VT HEAD "ADT^A08|7|P|2.5" END);
    say(h, false, VT HEAD "ACK|8|P|2.5\rMSA|AE|7" END);
    assert_int_equal(harness_operations(h, "hl7", "ADT^A08", NULL).errors, 1);
    harness_free(h);
}

static void devices_behind_a_gateway_are_devices(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-oru-r01-pcd.bin");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_INSTANCE, "hl7:0003B10000000001"), "0003B10000000001");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, "hl7:0003B10000000001"), "Volumat-7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "hl7:0003B10000000001"), "MDC_DEV_PUMP_INFUS_MDS");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "PumpServer 3.4.1 by Pump Makers"));
    harness_free(h);
}

static void programming_a_pump_is_control(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-rgv-pcd03.bin");
    harness_expect_operation(h, "hl7", "RGV^O15", "infusion order", CD_CLASS_CONTROL, "PumpGateway", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    say(h, true, VT HEAD "RGV^O15|2|P|2.5" END);
    harness_expect_operation(h, "hl7", "RGV^O15", "pharmacy give", CD_CLASS_WRITE, "EHR", 1, 0, 0);
    harness_free(h);
}

static void a_batch_is_its_messages_each_with_delimiters_of_its_own(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-batch.bin");
    harness_expect_operation(h, "hl7", "ORU^R01", "observation result", CD_CLASS_READ, "EHR", 1, 0, 0);
    harness_expect_operation(h, "hl7", "ORM^O01", "order", CD_CLASS_WRITE, "EHR", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void types_and_events_beyond_the_standard_keep_their_code(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, VT HEAD "ADT^Z99|1|P|2.5" END VT HEAD "ZQA^Z01|2|P|2.5" END VT HEAD "ADT|3|P|2.1" END);
    harness_expect_operation(h, "hl7", "ADT^Z99", "patient administration", CD_CLASS_WRITE, "EHR", 1, 0, 0);
    harness_expect_operation(h, "hl7", "ZQA^Z01", "other message", CD_CLASS_OTHER, "EHR", 1, 0, 0);
    harness_expect_operation(h, "hl7", "ADT", "patient administration", CD_CLASS_WRITE, "EHR", 1, 0, 0);
    say(h, true, VT HEAD "SMITH^JOHN|4|P|2.5" END); /* a name where the type should stand does not come out */
    harness_expect_operation(h, "hl7", "(other)", "other message", CD_CLASS_OTHER, "EHR", 1, 0, 0);
    harness_free(h);
}

static void messages_from_the_listening_end_are_its_own_requests(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, false, VT HEAD "ORU^R01|1|P|2.5" END);
    say(h, true, VT HEAD "ACK^R01|2|P|2.5\rMSA|AE|1" END);
    const struct cd_observer *o = harness_observer(h);
    assert_int_equal(o->operations.count, 2);
    assert_int_equal(o->operations.items[0].pair, o->operations.items[1].pair);
    assert_int_equal(o->operations.items[0].errors, 1);
    assert_int_equal(o->pairs.items[o->operations.items[0].pair].client.bytes[15], 2);
    harness_free(h);
}

static void long_messages_are_read_at_their_front_and_passed_over(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    enum { LEN = 200000 };
    static const char head[] = VT HEAD "MDM^T02|1|P|2.5\rPID|||4711||Muster\rOBX|1|ED|";
    char *bytes = malloc(LEN);
    memset(bytes, 'A', LEN);
    memcpy(bytes, head, sizeof head - 1);
    memcpy(bytes + LEN - 3, END, 3);
    for (size_t at = 0; at < LEN; at += 1448)
        harness_send(h, true, bytes + at, LEN - at < 1448 ? LEN - at : 1448);
    say(h, true, VT HEAD "ADT^A08|2|P|2.5" END);
    harness_expect_operation(h, "hl7", "MDM^T02", "new document with content", CD_CLASS_WRITE, "EHR", 1, 0, 0);
    harness_expect_operation(h, "hl7", "ADT^A08", "update patient information", CD_CLASS_WRITE, "EHR", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    free(bytes);
    harness_free(h);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    char out[64];
    struct cd_text t = cd_text_of(out, sizeof out);
    static const struct cd_hl7_delimiters d = {'|', '^', '~', '\\', '&'};
    static const char value[] = "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g\\H\\h\\";
    cd_hl7_unescape(&t, (struct cd_hl7_text){value, sizeof value - 1}, &d);
    assert_string_equal(out, "a|b^c&d~e\\f gh");
}

static void what_is_no_header_is_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {VT "PID|1|2" END,      VT "MSH" END,         VT "MSHAB" END,
                                      VT "MSH||LAB" END,     VT "MSH|^^~|LAB" END, VT "MSH|^~\\&|LAB|||||||1" END,
                                      VT "MSH|^~\\&#+x|" END};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct harness *h = new_harness();
        say(h, true, bad[i]);
        assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
        assert_int_equal(harness_operations(h, "hl7", NULL, NULL).entries, 0);
        harness_free(h);
    }
}

static void a_security_field_is_a_credential(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, VT "MSH|^~\\&|LAB|HOSPITAL|EHR|CLINIC|20240102030405|secret|ADT^A08|1|P|2.5" END);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "hl7 security field");
    harness_free(h);
}

static void only_blocks_are_claimed(void **state)
{
    (void)state;
    static const char ours[] = VT HEAD "ADT^A01", plain[] = "MSH|^~\\&|LAB", other[] = VT "SSH-2.0-x";
    const struct cd_dissector *d = &cd_dissector_hl7;
    assert_int_equal(d->probe((const uint8_t *)ours, sizeof ours - 1, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    assert_int_equal(d->probe((const uint8_t *)ours, 3, CD_TRANSPORT_TCP, true), CD_PROBE_MAYBE);
    assert_int_equal(d->probe((const uint8_t *)plain, sizeof plain - 1, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(d->probe((const uint8_t *)other, sizeof other - 1, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(d->probe((const uint8_t *)ours, sizeof ours - 1, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const names[] = {"req-adt-a01.bin", "resp-ack.bin", "req-oru-r01-pcd.bin", "req-batch.bin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t bytes[4096];
        size_t len = harness_seed(names[i], bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_hl7, CD_TRANSPORT_TCP, true, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_and_its_acknowledgement_count_each_by_their_own_type),
        cmocka_unit_test(of_patients_only_the_kinds_of_data_are_told_and_once),
        cmocka_unit_test(a_refusal_is_an_error_of_the_message_refused),
        cmocka_unit_test(devices_behind_a_gateway_are_devices),
        cmocka_unit_test(programming_a_pump_is_control),
        cmocka_unit_test(a_batch_is_its_messages_each_with_delimiters_of_its_own),
        cmocka_unit_test(types_and_events_beyond_the_standard_keep_their_code),
        cmocka_unit_test(messages_from_the_listening_end_are_its_own_requests),
        cmocka_unit_test(long_messages_are_read_at_their_front_and_passed_over),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(what_is_no_header_is_malformed),
        cmocka_unit_test(a_security_field_is_a_credential),
        cmocka_unit_test(only_blocks_are_claimed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
