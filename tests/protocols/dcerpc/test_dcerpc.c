#include "protocols/harness.h"

#include "protocols/dcerpc.h"

enum { MESSAGE_MOST = 1024 };

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_dcerpc, CD_TRANSPORT_TCP, 135);
}

static size_t seed(const char *name, uint8_t *out)
{
    char path[512];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    cd_text_str(&t, ".bin");
    return harness_file(path, out, MESSAGE_MOST);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[MESSAGE_MOST];
    size_t len = seed(name, bytes);
    harness_send(h, from_client, bytes, len);
}

/* A bind of one context 0 with svcctl, and its acceptance. */
static const char bind_svcctl[] = "05000b03 10000000 4800 0000 02000000 d016d016 00000000 01000000"
                                  "0000 01 00 81bb7a364498f135ad3298f038001003 02000000"
                                  "045d888aeb1cc9119fe808002b104860 02000000";
static const char accepted[] = "05000c03 10000000 3c00 0000 02000000 d016d016 01000000 0200 3500 01000000"
                               "0000 0000 045d888aeb1cc9119fe808002b104860 02000000 00000000";

static void the_endpoint_mapper_tells_where_an_interface_is(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-bind-epmapper");
    send_seed(h, false, "resp-bind-ack");
    send_seed(h, true, "req-ept-map");
    send_seed(h, false, "resp-ept-map");
    harness_expect_operation(h, "dcerpc", "dcerpc:11", "bind", CD_CLASS_SESSION, "epmapper", 1, 1, 0);
    harness_expect_operation(h, "dcerpc", "epmapper:3", "ept_map", CD_CLASS_READ, "svcctl", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "svcctl on tcp 49679");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_sign_in_names_both_ends_and_a_fault_is_named(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-bind-ntlm");
    send_seed(h, false, "resp-bind-ack-ntlm");
    send_seed(h, true, "req-auth3");
    send_seed(h, true, "req-sealed");
    send_seed(h, false, "resp-fault");
    harness_expect_operation(h, "dcerpc", "dcerpc:11", "bind", CD_CLASS_SESSION, "svcctl", 1, 1, 0);
    harness_expect_operation(h, "dcerpc", "dcerpc:16", "auth3", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_expect_operation(h, "dcerpc", "svcctl:64", "ROpenSCManager2", CD_CLASS_SESSION, "", 1, 1, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "DC1.domain.local"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "DOMAIN\\Administrator"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Windows 10 1809 / Server 2019 (10.0.17763)"));
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 0);
    harness_free(h);
}

static void making_a_service_is_dangerous(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, bind_svcctl);
    harness_send_hex(h, false, accepted);
    harness_send_hex(h, true, "05000003 10000000 1c00 0000 03000000 04000000 0000 0c00 00000000");
    harness_send_hex(h, false, "05000203 10000000 1c00 0000 03000000 04000000 0000 0000 00000000");
    harness_expect_operation(h, "dcerpc", "svcctl:12", "RCreateServiceW", CD_CLASS_CONFIGURE, "", 1, 1, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_DANGEROUS_OPERATION), "RCreateServiceW");
    harness_free(h);
}

static void a_call_in_fragments_counts_once(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, bind_svcctl);
    harness_send_hex(h, true, "05000001 10000000 1c00 0000 03000000 08000000 0000 0e00 00000000");
    harness_send_hex(h, true, "05000002 10000000 1c00 0000 03000000 04000000 0000 0e00 00000000");
    harness_send_hex(h, false, "05000201 10000000 1c00 0000 03000000 08000000 0000 0000 00000000");
    harness_send_hex(h, false, "05000202 10000000 1c00 0000 03000000 04000000 0000 0000 00000000");
    harness_expect_operation(h, "dcerpc", "svcctl:14", "REnumServicesStatusW", CD_CLASS_READ, "", 1, 1, 0);
    harness_free(h);
}

static void a_refused_sign_in_is_an_event(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-bind-ntlm");
    send_seed(h, true, "req-auth3");
    send_seed(h, true, "req-sealed");
    harness_send_hex(h, false, "05000323 10000000 2000 0000 02000000 20000000 0000 00 00 05000000 00000000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED),
                        "DOMAIN\\Administrator: access denied");
    harness_free(h);
}

static void opc_is_known_by_its_interfaces(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-alter-context-opc");
    send_seed(h, false, "resp-alter-context");
    send_seed(h, true, "req-call-opc");
    harness_expect_operation(h, "dcerpc", "dcerpc:14", "alter context", CD_CLASS_SESSION, "IOPCItemProperties", 1, 1,
                             0);
    harness_expect_operation(h, "dcerpc", "IOPCItemProperties:3", "QueryAvailableProperties", CD_CLASS_READ, "", 1, 0,
                             0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "OPC DA");
    harness_free(h);
}

static void an_unknown_interface_is_told_by_its_identifier(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true,
                     "05000b03 10000000 4800 0000 02000000 d016d016 00000000 01000000"
                     "0000 01 00 44332211665588779900aabbccddeeff 01000000"
                     "045d888aeb1cc9119fe808002b104860 02000000");
    harness_send_hex(h, true, "05000003 10000000 1c00 0000 03000000 04000000 0000 0700 00000000");
    harness_expect_operation(h, "dcerpc", "unknown:7", "call", CD_CLASS_OTHER, "11223344-5566-7788-9900-aabbccddeeff",
                             1, 0, 0);
    harness_free(h);
}

static void a_refused_bind_is_counted_on_its_request(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, bind_svcctl);
    harness_send_hex(h, false, "05000d03 10000000 1800 0000 02000000 0800 0000 00000000");
    harness_expect_operation(h, "dcerpc", "dcerpc:11", "bind", CD_CLASS_SESSION, "svcctl", 1, 1, 1);
    harness_free(h);
}

static void big_endian_is_read_too(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true,
                     "05000b03 00000000 0048 0000 00000002 16d016d0 00000000 01000000"
                     "0000 01 00 367abb81984435f1ad3298f038001003 00000002"
                     "8a885d041ceb11c99fe808002b104860 00000002");
    harness_expect_operation(h, "dcerpc", "dcerpc:11", "bind", CD_CLASS_SESSION, "svcctl", 1, 0, 0);
    harness_free(h);
}

static void datagrams_are_read_by_their_header(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_dcerpc, CD_TRANSPORT_UDP, 135);
    const char header[] = "0400 2800 100000 00 00000000000000000000000000000000 0883afe11f5dc91191a408002b14a0fa"
                          "0102030405060708090a0b0c0d0e0f10 00000000 03000000 01000000 0300 ffff ffff 0400 0000 00 00"
                          "00000000";
    harness_send_hex(h, true, header);
    harness_expect_operation(h, "dcerpc", "epmapper:3", "ept_map", CD_CLASS_READ, "", 1, 0, 0);
    harness_every_prefix_hex(&cd_dissector_dcerpc, CD_TRANSPORT_UDP, true, header, false);
    harness_free(h);
}

static void foreign_bytes_are_not_claimed(void **state)
{
    (void)state;
    static const uint8_t socks[] = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t bad_type[] = {5, 0, 40, 3, 0x10, 0, 0, 0, 0x18, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    assert_true(cd_dissector_dcerpc.probe(socks, sizeof socks, CD_TRANSPORT_TCP, true) < CD_PROBE_LIKELY);
    assert_int_equal(cd_dissector_dcerpc.probe(bad_type, sizeof bad_type, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const names[] = {"req-bind-epmapper", "resp-bind-ack", "req-ept-map",           "resp-ept-map",
                                        "req-bind-ntlm",     "req-auth3",     "req-alter-context-opc", "resp-fault"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t bytes[MESSAGE_MOST];
        size_t len = seed(names[i], bytes);
        harness_every_prefix(&cd_dissector_dcerpc, CD_TRANSPORT_TCP, names[i][2] == 'q', bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_endpoint_mapper_tells_where_an_interface_is),
        cmocka_unit_test(a_sign_in_names_both_ends_and_a_fault_is_named),
        cmocka_unit_test(making_a_service_is_dangerous),
        cmocka_unit_test(a_call_in_fragments_counts_once),
        cmocka_unit_test(a_refused_sign_in_is_an_event),
        cmocka_unit_test(opc_is_known_by_its_interfaces),
        cmocka_unit_test(an_unknown_interface_is_told_by_its_identifier),
        cmocka_unit_test(a_refused_bind_is_counted_on_its_request),
        cmocka_unit_test(big_endian_is_read_too),
        cmocka_unit_test(datagrams_are_read_by_their_header),
        cmocka_unit_test(foreign_bytes_are_not_claimed),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
