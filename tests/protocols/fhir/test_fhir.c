#include "protocols/harness.h"

#include "protocols/fhir.h"
#include "protocols/patient.h"

#include <string.h>

/* FHIR is carried by HTTP: flows are http's. */
static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_http, CD_TRANSPORT_TCP, 80);
}

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void reading_a_record_is_told_without_whose_it_is(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_seed(h, true, "req-read.bin");
    harness_send_seed(h, false, "resp-read.bin");
    harness_expect_operation(h, "fhir", "read Patient", "read", CD_CLASS_READ, "Patient", 1, 1, 0);
    assert_int_equal(harness_operations(h, "http", NULL, NULL).entries, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "fhir 4.0");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "HAPI FHIR 6.8.0 REST Server"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_PATIENT_DATA),
                        "patient data in clear: identifier, name");
    harness_free(h);
}

static void nothing_of_paths_and_queries_comes_out_but_types(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET /fhir/Patient/MRN4711 HTTP/1.1\r\nHost: ehr\r\n\r\n",
        "GET /fhir/Patient?family=Muster&email=erika@example.org&password=x HTTP/1.1\r\nHost: ehr\r\n\r\n",
        "PUT /MRN4711/Muster HTTP/1.1\r\nHost: ehr\r\nContent-Type: application/fhir+json\r\n\r\n",
        "GET /fhir/Patient/MRN4711/$Muster HTTP/1.1\r\nHost: ehr\r\n\r\n",
        "DELETE http://ehr/fhir/Muster/Observation/MRN4711 HTTP/1.1\r\nHost: ehr\r\n\r\n",
        "POST /fhir/Patient/_search HTTP/1.1\r\nHost: ehr\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 34\r\n\r\nfamily=Muster&email=erika&pass=a_b_c",
    };
    struct harness *h = new_harness();
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        say(h, true, requests[i]);
    const struct cd_observer *o = harness_observer(h);
    assert_true(o->operations.count > 4);
    for (uint32_t i = 0; i < o->texts.count; i++) {
        assert_null(strstr(o->texts.items[i], "4711"));
        assert_null(strstr(o->texts.items[i], "Muster"));
        assert_null(strstr(o->texts.items[i], "erika"));
    }
    harness_free(h);
}

static const struct {
    const char *request, *code;
} interactions[] = {
    {"GET /fhir/Patient/1", "read Patient"},
    {"HEAD /fhir/Patient/1", "read Patient"},
    {"GET /fhir/Patient/1/_history/2", "vread Patient"},
    {"GET /fhir/Patient/1/_history", "history Patient"},
    {"GET /fhir/Patient/_history", "history Patient"},
    {"GET /fhir/_history", "history"},
    {"GET /fhir/Patient?name=x", "search Patient"},
    {"GET /fhir/Patient/1/Observation", "search Observation"},
    {"POST /fhir/Patient/_search", "search Patient"},
    {"POST /fhir/Patient", "create Patient"},
    {"PUT /fhir/Patient/1", "update Patient"},
    {"PATCH /fhir/Patient/1", "patch Patient"},
    {"DELETE /fhir/Patient/1", "delete Patient"},
    {"GET /fhir/Patient/1/$everything", "operation Patient $everything"},
    {"GET /fhir/Patient/$export", "operation Patient $export"},
    {"POST /fhir/$process-message", "operation $process-message"},
    {"GET /fhir/metadata", "capabilities"},
    {"POST /fhir", "batch"},
    {"GET /fhir/unknown", "other interaction"},
    {"OPTIONS /fhir/Patient", "other interaction Patient"},
};

static void interactions_are_told_by_method_and_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof interactions / sizeof *interactions; i++) {
        struct harness *h = new_harness();
        say(h, true, interactions[i].request);
        say(h, true, " HTTP/1.1\r\nHost: ehr\r\nAccept: application/fhir+json\r\n\r\n");
        if (harness_operations(h, "fhir", interactions[i].code, NULL).requests != 1) {
            harness_print(h);
            fail_msg("%s is not %s", interactions[i].request, interactions[i].code);
        }
        harness_free(h);
    }
}

static void what_only_mentions_fhir_stays_with_http(void **state)
{
    (void)state;
    static const char *const requests[] = {"GET /fhir/overview.html", "GET /fhir", "GET /Patient/1", "POST /fhir",
                                           "GET /login?next=/fhir/Patient"};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct harness *h = new_harness();
        say(h, true, requests[i]);
        say(h, true, " HTTP/1.1\r\nHost: www.example.org\r\nAccept: text/html\r\n\r\n");
        assert_int_equal(harness_operations(h, "fhir", NULL, NULL).entries, 0);
        assert_int_equal(harness_operations(h, "http", NULL, NULL).requests, 1);
        harness_free(h);
    }
}

static void terminologies_are_not_about_patients(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    say(h, true, "GET /fhir/ValueSet/$expand?name=x HTTP/1.1\r\nHost: tx\r\n\r\n");
    harness_expect_operation(h, "fhir", "operation ValueSet $expand", "operation", CD_CLASS_OTHER, "ValueSet", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_PATIENT_DATA), 0);
    harness_free(h);
}

static void refusals_count_on_the_interaction(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_seed(h, true, "req-search.bin");
    say(h, false, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    harness_expect_operation(h, "fhir", "search Patient", "search", CD_CLASS_READ, "Patient", 1, 1, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_PATIENT_DATA),
                        "patient data in clear: identifier, name, birth date");
    harness_free(h);
}

static void every_type_and_operation_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"Account", "Patient", "VisionPrescription", "ValueSet", "Observation"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(cd_fhir_type(names[i], strlen(names[i]))->name, names[i]);
    assert_null(cd_fhir_type("Patien", 6));
    assert_null(cd_fhir_type("Patients", 8));
    assert_null(cd_fhir_type("", 0));
    assert_null(cd_fhir_type("Patient\0and more", 16));
    assert_string_equal(cd_fhir_operation("$everything", 11), "$everything");
    assert_string_equal(cd_fhir_operation("$everyone", 9), "");
}

static void every_prefix_of_a_head_is_refused(void **state)
{
    (void)state;
    static const char head[] = "GET /fhir/Patient/1 HTTP/1.1\r\nHost: ehr\r\nAccept: application/fhir+json\r\n\r\n";
    harness_every_prefix(&cd_dissector_http, CD_TRANSPORT_TCP, true, head, sizeof head - 1, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_a_record_is_told_without_whose_it_is),
        cmocka_unit_test(nothing_of_paths_and_queries_comes_out_but_types),
        cmocka_unit_test(interactions_are_told_by_method_and_path),
        cmocka_unit_test(what_only_mentions_fhir_stays_with_http),
        cmocka_unit_test(terminologies_are_not_about_patients),
        cmocka_unit_test(refusals_count_on_the_interaction),
        cmocka_unit_test(every_type_and_operation_is_found),
        cmocka_unit_test(every_prefix_of_a_head_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
