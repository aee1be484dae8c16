#include "protocols/harness.h"

#include "base/text.h"
#include "flow/flow.h"
#include "protocols/dicom.h"

#include <stdlib.h>
#include <string.h>

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_dicom, CD_TRANSPORT_TCP, 0);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[16384];
    harness_send(h, from_client, bytes, harness_seed(name, bytes, sizeof bytes));
}

static void an_association_tells_who_and_what(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-associate.bin");
    send_seed(h, false, "resp-associate.bin");
    harness_expect_operation(h, "dicom", "pdu:1", "associate", CD_CLASS_SESSION, "DCM4CHEE", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "OSIRIX"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "DCM4CHEE"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "dicom application entity DCM4CHEE"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "OFFIS DCMTK OFFIS_DCMTK_354"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "imaging-workstation"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void storing_and_releasing_are_paired_with_their_answers(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-associate.bin");
    send_seed(h, false, "resp-associate.bin");
    send_seed(h, true, "req-c-store.bin");
    send_seed(h, true, "req-data.bin");
    send_seed(h, false, "resp-c-store.bin");
    send_seed(h, true, "req-release.bin");
    send_seed(h, false, "resp-release.bin");
    harness_expect_operation(h, "dicom", "1", "c-store", CD_CLASS_WRITE, "secondary capture image", 1, 1, 0);
    harness_expect_operation(h, "dicom", "pdu:5", "release", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_PATIENT_DATA), 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED) + harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void assert_no_text_has(struct harness *h, const char *const *secrets, size_t n)
{
    const struct cd_observer *o = harness_observer(h);
    for (uint32_t i = 0; i < o->texts.count; i++)
        for (size_t k = 0; k < n; k++)
            assert_null(strstr(o->texts.items[i], secrets[k]));
}

static void a_scanner_is_known_by_its_images_and_its_patient_is_not(void **state)
{
    (void)state;
    static const char *const secrets[] = {"Muster^", "Erika", "MRN4711", "1964", "geheim"};
    struct harness *h = new_harness();
    send_seed(h, true, "req-associate-identity.bin");
    send_seed(h, true, "req-store-implicit.bin");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "GE MEDICAL SYSTEMS"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "Discovery CT750 HD");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "CT01_OC0"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "SN-000123");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "gmp_hde.69");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_LOCATION, ""), "Musterklinik");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, ""), "computed tomography");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "imaging-modality");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "GE Healthcare"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_PATIENT_DATA),
                        "patient data in clear: identifier, name, birth date, images");
    assert_no_text_has(h, secrets, sizeof secrets / sizeof *secrets);
    harness_free(h);
}

static void a_passcode_in_clear_is_told_with_its_user(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-associate-identity.bin");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL),
                        "dicom user name and passcode of radiologist");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "radiologist");
    harness_free(h);
}

static void explicit_representations_and_sequences_are_read_too(void **state)
{
    (void)state;
    uint8_t bytes[1024];
    struct cd_dicom_equipment e;
    size_t len = harness_seed("req-data-explicit.bin", bytes, sizeof bytes);
    assert_true(cd_dicom_scan_data(cd_reader_of(bytes + 12, len - 12), &e));
    assert_int_equal(e.manufacturer.len, 7);
    assert_memory_equal(e.manufacturer.bytes, "SIEMENS", 7);
    assert_memory_equal(e.serial.bytes, "41234", 5);
    assert_memory_equal(e.software.bytes, "syngo MR E11", 12);
    assert_int_not_equal(e.patient, 0);
    assert_false(cd_dicom_scan_data(cd_reader_of("\xff\xd8\xff\xe0JFIF....", 12), &e));
    assert_false(cd_dicom_scan_data(cd_reader_of("\x00\x08\x00\x60\x00\x00\x00\x00", 8), &e)); /* big-endian */
}

static void a_worklist_makes_a_modality_and_pending_answers_keep_the_question_open(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-associate-identity.bin");
    send_seed(h, true, "req-find-worklist.bin");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_PATIENT_DATA), 0); /* asked with empty keys */
    send_seed(h, false, "resp-find-pending.bin");
    send_seed(h, false, "resp-find-pending.bin");
    send_seed(h, false, "resp-find-done.bin");
    harness_expect_operation(h, "dicom", "32", "c-find", CD_CLASS_READ, "modality worklist", 1, 3, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "imaging-modality");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_PATIENT_DATA),
                        "patient data in clear: identifier, name");
    harness_free(h);
}

static void refusals_are_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-associate-identity.bin");
    send_seed(h, false, "resp-reject.bin");
    harness_expect_operation(h, "dicom", "pdu:1", "associate", CD_CLASS_SESSION, "PACS", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED), "calling ae title not recognized");
    send_seed(h, true, "req-move.bin");
    send_seed(h, false, "resp-move-refused.bin");
    harness_expect_operation(h, "dicom", "33", "c-move", CD_CLASS_READ, "study root move to WS1", 1, 1, 1);
    send_seed(h, true, "req-abort.bin");
    harness_expect_operation(h, "dicom", "pdu:7", "abort", CD_CLASS_SESSION, "unexpected pdu", 1, 0, 0);
    send_seed(h, true, "req-echo.bin");
    harness_expect_operation(h, "dicom", "48", "c-echo", CD_CLASS_DIAGNOSE, "verification", 1, 0, 0);
    harness_free(h);
}

/* A P-DATA PDU with one value: so many bytes of a data set that begins as in the seed. */
static void send_long_data(struct harness *h, size_t len, bool last)
{
    uint8_t front[2048];
    size_t front_len = harness_seed("req-data-explicit.bin", front, sizeof front), total = 12 + len;
    uint8_t *bytes = calloc(1, total);
    memcpy(bytes, front, front_len);
    for (int i = 0; i < 4; i++) {
        bytes[2 + i] = (uint8_t)((len + 6) >> (24 - 8 * i));
        bytes[6 + i] = (uint8_t)((len + 2) >> (24 - 8 * i));
    }
    bytes[11] = last ? 2 : 0;
    for (size_t at = 0; at < total; at += 1460)
        harness_send(h, true, bytes + at, total - at < 1460 ? total - at : 1460);
    free(bytes);
}

static void pixels_are_passed_over(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    struct harness *h = new_harness();
    size_t len = harness_seed("req-store-implicit.bin", bytes, sizeof bytes);
    size_t command = 4 + (size_t)(bytes[8] << 8 | bytes[9]);
    send_seed(h, true, "req-associate-identity.bin");
    assert_true(len > 6 + command);
    bytes[4] = (uint8_t)(command >> 8), bytes[5] = (uint8_t)command; /* the command alone */
    harness_send(h, true, bytes, 6 + command);
    send_long_data(h, 100000, false);
    send_long_data(h, 5000, false);
    send_long_data(h, 300000, true);
    send_seed(h, true, "req-echo.bin");
    harness_expect_operation(h, "dicom", "1", "c-store", CD_CLASS_WRITE, "ct image", 1, 0, 0);
    harness_expect_operation(h, "dicom", "48", "c-echo", CD_CLASS_DIAGNOSE, "verification", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "SIEMENS"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void data_without_an_association_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-echo.bin");
    send_seed(h, true, "req-echo.bin");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_VIOLATION), "pdu before an association");
    harness_free(h);
}

static void lengths_that_lie_are_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "04 00 00000008 00000010 01 03 0000",                    /* a value longer than its PDU */
        "04 00 0000000e 0000000a 01 03 0000 0001 ffffffff",      /* an element longer than the command */
        "04 00 00000010 0000000c 01 03 0800 6000 02000000 4354", /* another group */
        "04 00 00000010 0000000c 01 03 0000 0008 02000000 0101", /* no command field */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct harness *h = new_harness();
        harness_send_hex(h, true, bad[i]);
        assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
        harness_free(h);
    }
}

static void names_are_found_by_all_their_bytes(void **state)
{
    (void)state;
    static const char known[] = "1.2.840.10008.1.1", nul[] = "1.2.840.10008.1.1\0.4.1.1.2",
                      more[] = "1.2.840.10008.1.1.1";
    assert_string_equal(cd_dicom_sop_class((struct cd_dicom_text){known, sizeof known - 1})->name, "verification");
    assert_null(cd_dicom_sop_class((struct cd_dicom_text){nul, sizeof nul - 1}));
    assert_null(cd_dicom_sop_class((struct cd_dicom_text){more, sizeof more - 1}));
    assert_null(cd_dicom_sop_class((struct cd_dicom_text){known, sizeof known - 2}));
}

static void other_protocols_are_not_claimed(void **state)
{
    (void)state;
    const struct cd_dissector *d = &cd_dissector_dicom;
    uint8_t bytes[16384];
    size_t len = harness_seed("req-associate.bin", bytes, sizeof bytes);
    assert_int_equal(d->probe(bytes, 1260, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    assert_int_equal(d->probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    len = harness_seed("req-echo.bin", bytes, sizeof bytes);
    assert_int_equal(d->probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_SURE);
    bytes[14] = 1;
    assert_int_equal(d->probe(bytes, len, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    static const uint8_t mbap[] = {1, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10}, release[] = {5, 0, 0, 0, 0, 4, 0, 0, 0, 0};
    assert_int_equal(d->probe(mbap, sizeof mbap, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    assert_int_equal(d->probe(release, sizeof release, CD_TRANSPORT_TCP, true), CD_PROBE_MAYBE);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const names[] = {
        "req-associate-identity.bin", "req-store-implicit.bin", "resp-c-store.bin", "resp-reject.bin", "req-abort.bin",
        "resp-find-pending.bin",      "req-data-explicit.bin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t bytes[4096];
        size_t len = harness_seed(names[i], bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_dicom, CD_TRANSPORT_TCP, true, bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_association_tells_who_and_what),
        cmocka_unit_test(storing_and_releasing_are_paired_with_their_answers),
        cmocka_unit_test(a_scanner_is_known_by_its_images_and_its_patient_is_not),
        cmocka_unit_test(a_passcode_in_clear_is_told_with_its_user),
        cmocka_unit_test(explicit_representations_and_sequences_are_read_too),
        cmocka_unit_test(a_worklist_makes_a_modality_and_pending_answers_keep_the_question_open),
        cmocka_unit_test(refusals_are_named),
        cmocka_unit_test(pixels_are_passed_over),
        cmocka_unit_test(data_without_an_association_is_a_violation),
        cmocka_unit_test(lengths_that_lie_are_malformed),
        cmocka_unit_test(names_are_found_by_all_their_bytes),
        cmocka_unit_test(other_protocols_are_not_claimed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
