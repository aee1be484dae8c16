#include "../harness.h"

#include "protocols/opcua.h"

#include <string.h>

/* The messages are in seeds/: cut out of captures of open62541, Prosys and Unified Automation servers and of a server by node-opcua, unless a
 * comment says that they are made. */
static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_opcua, CD_TRANSPORT_TCP, 0);
}

static void send_seed(struct harness *h, const char *name)
{
    static uint8_t bytes[32768];
    char path[200] = CD_TEST_DIR "/seeds/";
    strncat(path, name, sizeof path - strlen(path) - 1);
    harness_send(h, strncmp(name, "req-", 4) == 0, bytes, harness_file(path, bytes, sizeof bytes));
}

static struct harness *opened(void)
{
    struct harness *h = tcp();
    send_seed(h, "req-hello.bin");
    send_seed(h, "resp-acknowledge.bin");
    send_seed(h, "req-open.bin");
    send_seed(h, "resp-open.bin");
    return h;
}

static void channels_are_opened_and_closed(void **state)
{
    (void)state;
    struct harness *h = opened();
    harness_expect_operation(h, "opcua", "446", "OpenSecureChannel", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 0); /* the channel alone is for discovery */
    send_seed(h, "req-close.bin");
    harness_expect_operation(h, "opcua", "452", "CloseSecureChannel", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void endpoints_tell_application_and_security(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "req-get-endpoints.bin");
    send_seed(h, "resp-get-endpoints.bin");
    harness_expect_operation(h, "opcua", "428", "GetEndpoints", CD_CLASS_IDENTIFY, "opc.tcp://localhost:4840", 1, 1, 0);
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""));
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_DESCRIPTION, ""));
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "endpoint offers policy None: neither signed nor encrypted");
    harness_free(h);
    h = opened();
    send_seed(h, "resp-endpoints-many.bin");
    assert_true(
        harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "opc.tcp://vm:48420/plant Basic256Sha256 sign and encrypt"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "opc.tcp://vm:48420/plant None"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "PumpStation server"));
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_CERTIFICATE, ""));
    harness_free(h);
}

static void discovery_servers_tell_and_are_told(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "resp-find-servers.bin");
    send_seed(h, "resp-servers-on-network.bin");
    send_seed(h, "req-register-server.bin");
    harness_expect_operation(h, "opcua", "12211", "RegisterServer2", CD_CLASS_IDENTIFY,
                             "urn:open62541.example.server_register", 1, 0, 0);
    assert_int_equal(harness_operations(h, "opcua", "422", NULL).responses, 1);
    assert_int_equal(harness_operations(h, "opcua", "12208", NULL).responses, 1);
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void sessions_without_security_and_passwords_in_clear_are_findings(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "req-create-session.bin");
    send_seed(h, "resp-create-session.bin");
    send_seed(h, "req-activate-user.bin");
    send_seed(h, "resp-activate.bin");
    harness_expect_operation(h, "opcua", "461", "CreateSession", CD_CLASS_SESSION, "opc.tcp://localhost:4840", 1, 1, 0);
    harness_expect_operation(h, "opcua", "467", "ActivateSession", CD_CLASS_SESSION, "user user1", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "user1"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL),
                        "password of user user1 is not encrypted");
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "session uses policy None: neither signed nor encrypted");
    harness_free(h);
}

static void encrypted_passwords_are_no_finding_and_refusals_are(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "req-activate-encrypted-password.bin");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "operator"));
    harness_free(h);
    h = opened();
    send_seed(h, "resp-activate-denied.bin");
    assert_int_equal(harness_operations(h, "opcua", "467", NULL).errors, 1);
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED),
                        "ActivateSession: BadUserAccessDenied");
    harness_free(h);
}

static void nodes_are_named_as_people_write_them(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "req-browse.bin");
    send_seed(h, "resp-browse.bin");
    send_seed(h, "req-read.bin");
    send_seed(h, "resp-read.bin");
    send_seed(h, "req-monitored-items.bin");
    send_seed(h, "req-translate.bin");
    send_seed(h, "req-history-read.bin");
    send_seed(h, "resp-publish.bin");
    harness_expect_operation(h, "opcua", "527", "Browse", CD_CLASS_READ, "i=85 Objects", 1, 1, 0);
    harness_expect_operation(h, "opcua", "631", "Read", CD_CLASS_READ, "ns=1;s=the.answer", 1, 1, 0);
    harness_expect_operation(h, "opcua", "751", "CreateMonitoredItems", CD_CLASS_READ, "ns=1;s=the.answer", 1, 0, 0);
    harness_expect_operation(h, "opcua", "554", "TranslateBrowsePathsToNodeIds", CD_CLASS_READ,
                             "i=84 Root/Objects/2:MyObject/2:MyVariable", 1, 0, 0);
    harness_expect_operation(h, "opcua", "664", "HistoryRead", CD_CLASS_READ, "ns=1;s=Pump1.Speed", 1, 0, 0);
    harness_expect_operation(h, "opcua", "826", "Publish", CD_CLASS_READ, "", 0, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void writes_calls_and_new_nodes_have_their_class_and_their_errors(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "req-write.bin");
    send_seed(h, "resp-write.bin");
    send_seed(h, "req-call.bin");
    send_seed(h, "resp-call.bin");
    send_seed(h, "req-add-nodes.bin");
    send_seed(h, "resp-add-nodes.bin");
    harness_expect_operation(h, "opcua", "673", "Write", CD_CLASS_WRITE, "ns=1;s=the.answer", 1, 1, 1);
    harness_expect_operation(h, "opcua", "712", "Call", CD_CLASS_CONTROL, "i=85 Objects method ns=1;i=62541", 1, 1, 1);
    assert_int_equal(harness_operations(h, "opcua", "488", NULL).responses, 1);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    send_seed(h, "resp-write-refused.bin");
    assert_int_equal(harness_operations(h, "opcua", "673", "").errors, 1);
    harness_free(h);
    assert_string_equal(cd_opcua_status_error(0x801f0000), "BadUserAccessDenied");
    assert_null(cd_opcua_status_error(0x40000000));
    assert_null(cd_opcua_status_error(0));
    assert_string_equal(cd_opcua_status_error(0xbfff0000), "bad status code");
}

static void a_service_fault_is_an_error_of_its_request(void **state)
{
    (void)state;
    struct harness *h = opened();
    uint8_t fault[64], asked[128];
    harness_send(h, true, asked, harness_file(CD_TEST_DIR "/seeds/req-publish.bin", asked, sizeof asked));
    size_t len = harness_file(CD_TEST_DIR "/seeds/resp-fault.bin", fault, sizeof fault);
    memcpy(fault + 20, asked + 20, 4); /* the request id */
    harness_send(h, false, fault, len);
    harness_expect_operation(h, "opcua", "826", "Publish", CD_CLASS_READ, "", 1, 1, 1);
    harness_free(h);
}

static void the_server_object_identifies_its_server(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "req-read-status.bin");
    send_seed(h, "resp-read-status.bin");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Example Automation");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "PumpStation 7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "3.2.1 build 1187");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_STATE, ""), "running");
    harness_free(h);
    h = opened();
    send_seed(h, "resp-read-build-info.bin"); /* the structure says what it is, even where the request was not seen */
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Example Automation");
    harness_free(h);
}

static void signed_messages_are_read_and_encrypted_ones_only_counted(void **state)
{
    (void)state;
    struct harness *h = tcp();
    send_seed(h, "req-open-secured.bin");
    send_seed(h, "req-read-signed.bin");
    send_seed(h, "resp-read-signed.bin");
    harness_expect_operation(h, "opcua", "encrypted:446", "OpenSecureChannel", CD_CLASS_SESSION, "Basic256Sha256", 1, 0,
                             0);
    harness_expect_operation(h, "opcua", "631", "Read", CD_CLASS_READ,
                             "i=2256 ServerStatus, i=2261 ProductName, i=2263 ManufacturerName", 1, 1, 0);
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_CERTIFICATE, ""));
    send_seed(h, "req-encrypted.bin");
    harness_expect_operation(h, "opcua", "encrypted:0", "encrypted message", CD_CLASS_SESSION, "Basic256Sha256", 1, 0,
                             0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 0);
    harness_free(h);
}

static void messages_in_chunks_are_read_as_one(void **state)
{
    (void)state;
    struct harness *h = opened();
    send_seed(h, "resp-chunks.bin");
    assert_int_equal(harness_operations(h, "opcua", "428", NULL).responses, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "SimulationServer@KIS-jul32602-1"));
    assert_non_null(harness_fact(h, CD_ATTRIBUTE_CERTIFICATE, ""));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
    /* made: a message given up after its first chunk */
    h = opened();
    harness_send_hex(h, false, "4d534743 1c000000 21000000 01000000 02000000 07000000 01007a02");
    harness_send_hex(h, false, "4d534741 20000000 21000000 01000000 03000000 07000000 00008480 ffffffff");
    harness_expect_operation(h, "opcua", "631", "Read", CD_CLASS_READ, "", 0, 1, 1);
    harness_free(h);
}

static void errors_and_reverse_hellos_are_understood(void **state)
{
    (void)state;
    /* made */
    struct harness *h = tcp();
    harness_send_hex(h, false, "45525246 14000000 00008380 04000000 6e6f7065");
    assert_string_equal(harness_event_detail(h, CD_EVENT_DEVICE_ERROR),
                        "connection closed by the server: BadTcpEndpointUrlInvalid: nope");
    harness_free(h);
    h = tcp(); /* the server opens the connection */
    harness_send_hex(h, true, "52484546 27000000 03000000 75726e 14000000 6f70632e7463703a2f2f706c63373a34383430 2f");
    send_seed(h, "req-encrypted.bin");
    harness_expect_operation(h, "opcua", "encrypted:0", "encrypted message", CD_CLASS_SESSION, "", 0, 1, 0);
    harness_free(h);
}

static void what_does_not_fit_is_malformed_and_still_counts(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct harness *h = opened();
    size_t len = harness_file(CD_TEST_DIR "/seeds/req-read.bin", bytes, sizeof bytes);
    bytes[len - 30] = 0x7f; /* within the array of nodes */
    for (size_t i = 60; i < len; i++)
        bytes[i] = 0xfe;
    harness_send(h, true, bytes, len);
    assert_int_equal(harness_operations(h, "opcua", "631", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    harness_free(h);
}

static void values_nested_too_deep_are_refused(void **state)
{
    (void)state;
    uint8_t variants[64], diagnostics[64];
    struct cd_opcua_value value;
    memset(variants, 24, sizeof variants); /* a Variant in a Variant in … */
    memset(diagnostics, 0x40, sizeof diagnostics);
    struct cd_reader r = cd_reader_of(variants, sizeof variants);
    cd_opcua_read_variant(&r, &value, 0, "value");
    assert_string_equal(r.bad, "value");
    r = cd_reader_of(diagnostics, sizeof diagnostics);
    cd_opcua_skip_diagnostic(&r, 0, "diagnostics");
    assert_string_equal(r.bad, "diagnostics");
}

static void other_protocols_are_not_claimed(void **state)
{
    (void)state;
    static const char text[] = "MSG Hello all, this is a line of chat that is long enough\r\n";
    assert_int_equal(cd_dissector_opcua.probe((const uint8_t *)text, sizeof text - 1, CD_TRANSPORT_TCP, true),
                     CD_PROBE_NO);
    assert_int_equal(cd_dissector_opcua.probe((const uint8_t *)"MSGF\x10\0\0\0", 8, CD_TRANSPORT_TCP, true),
                     CD_PROBE_NO); /* too short for any */
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const names[] = {"req-hello.bin",          "resp-acknowledge.bin", "req-open.bin",
                                        "resp-get-endpoints.bin", "req-read.bin",         "req-create-session.bin",
                                        "req-call.bin",           "resp-read-status.bin"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t bytes[2048];
        char path[200] = CD_TEST_DIR "/seeds/";
        strncat(path, names[i], sizeof path - strlen(path) - 1);
        size_t len = harness_file(path, bytes, sizeof bytes);
        harness_every_prefix(&cd_dissector_opcua, CD_TRANSPORT_TCP, strncmp(names[i], "req-", 4) == 0, bytes, len,
                             false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_are_opened_and_closed),
        cmocka_unit_test(endpoints_tell_application_and_security),
        cmocka_unit_test(discovery_servers_tell_and_are_told),
        cmocka_unit_test(sessions_without_security_and_passwords_in_clear_are_findings),
        cmocka_unit_test(encrypted_passwords_are_no_finding_and_refusals_are),
        cmocka_unit_test(nodes_are_named_as_people_write_them),
        cmocka_unit_test(writes_calls_and_new_nodes_have_their_class_and_their_errors),
        cmocka_unit_test(a_service_fault_is_an_error_of_its_request),
        cmocka_unit_test(the_server_object_identifies_its_server),
        cmocka_unit_test(signed_messages_are_read_and_encrypted_ones_only_counted),
        cmocka_unit_test(messages_in_chunks_are_read_as_one),
        cmocka_unit_test(errors_and_reverse_hellos_are_understood),
        cmocka_unit_test(what_does_not_fit_is_malformed_and_still_counts),
        cmocka_unit_test(values_nested_too_deep_are_refused),
        cmocka_unit_test(other_protocols_are_not_claimed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
