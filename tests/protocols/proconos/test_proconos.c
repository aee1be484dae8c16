/* ProConOS: calls of services from a capture; what the runtime tells of itself as public analyses show it. */
#include "../harness.h"

#include "base/text.h"
#include "protocols/proconos.h"

enum { LARGEST = 2048 };

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[LARGEST];
    char path[400];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    harness_send(h, from_client, bytes, harness_file(path, bytes, LARGEST));
}

static void expect(struct harness *h, const char *code, const char *name, enum cd_class class, const char *target,
                   uint64_t requests, uint64_t responses, uint64_t errors)
{
    harness_expect_operation(h, "proconos", code, name, class, target, requests, responses, errors);
}

static void services_are_found_by_name(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_proconos, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-find.bin");
    send_seed(h, false, "resp-none.bin");
    expect(h, "eclr-find:0", "find service", CD_CLASS_SESSION, "ISecurityService", 1, 1, 1);
    send_seed(h, true, "req-find-info.bin");
    send_seed(h, false, "resp-found-1.bin");
    expect(h, "eclr-find:0", "find service", CD_CLASS_SESSION, "IDeviceInfoService", 1, 1, 0);
    send_seed(h, true, "req-state.bin");
    send_seed(h, false, "resp-state.bin");
    expect(h, "eclr:3", "call", CD_CLASS_DIAGNOSE, "IDeviceInfoService", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "run"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "plc"));
    harness_free(h);
}

static void start_and_stop_are_changes_of_mode(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_proconos, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true,
                     "0100 0000 0000 2e00 0000 0000 0000 0000 4164652e52656d6f74696e672e53657276696365732e"
                     "4950726f436f6e4f53436f6e74726f6c5365727669636500");
    harness_send_hex(h, false, "0100 0100 0000 0000 0200 0000 0000 fbff");
    send_seed(h, true, "req-stop.bin");
    expect(h, "eclr:7", "stop", CD_CLASS_MODE, "IProConOSControlService", 1, 0, 0);
    send_seed(h, true, "req-start.bin");
    expect(h, "eclr:6", "start", CD_CLASS_MODE, "IProConOSControlService", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 2);
    harness_free(h);
}

static void the_runtime_tells_type_and_project(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_proconos, CD_TRANSPORT_TCP, 0);
    send_seed(h, true, "req-info.bin");
    send_seed(h, false, "resp-info.bin");
    expect(h, "16386", "read runtime information", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "ProConOS V3.0.1040 Oct 29 2002"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "ADAM5510KW 1.24 Build 005"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_PROGRAM, "", "510-projec"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DESCRIPTION, "", "boot project 510-projec, project source Exist"));
    harness_free(h);
}

static void a_call_of_an_unknown_object_is_told_by_its_number(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_proconos, CD_TRANSPORT_TCP, 0);
    harness_send_hex(h, true, "0100 0200 0000 0000 ff00 0900 0000 0000");
    expect(h, "eclr:9", "call", CD_CLASS_OTHER, "object 255", 1, 0, 0);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_proconos, CD_TRANSPORT_TCP, true,
                             "0100 0200 0000 0600 0100 0300 0000 0000 010000000240", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_found_by_name),
        cmocka_unit_test(start_and_stop_are_changes_of_mode),
        cmocka_unit_test(the_runtime_tells_type_and_project),
        cmocka_unit_test(a_call_of_an_unknown_object_is_told_by_its_number),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
