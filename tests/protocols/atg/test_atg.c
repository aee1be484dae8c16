#include "protocols/harness.h"

#include "protocols/atg.h"

#include <string.h>

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_atg, CD_TRANSPORT_TCP, 0);
}

static void client(struct harness *h, const char *text)
{
    harness_send(h, true, text, strlen(text));
}

static void server(struct harness *h, const char *text)
{
    harness_send(h, false, text, strlen(text));
}

static void an_inventory_tells_the_station(void **state)
{
    (void)state;
    struct harness *h = tcp();
    client(h, "\001I20100\r\n");
    server(h, "\001\r\nI20100\r\n08/19/2024 02:52\r\n\r\nAVIA NORD\r\n\r\nIN-TANK INVENTORY\r\n\r\n  1  SUPER   "
              "8394\r\n\003");
    client(h, "\001I20101");
    server(h, "\001\r\nI20101\r\n08/19/2024 02:52\r\n\r\nIN-TANK INVENTORY\r\n\003");
    harness_expect_operation(h, "atg", "I:201", "in-tank inventory", CD_CLASS_READ, "all", 1, 1, 0);
    harness_expect_operation(h, "atg", "I:201", "in-tank inventory", CD_CLASS_READ, "device 1", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "AVIA NORD");
    assert_false(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "IN-TANK INVENTORY"));
    harness_free(h);
}

static void the_revision_is_the_firmware(void **state)
{
    (void)state;
    struct harness *h = tcp();
    client(h, "\001I90200\n");
    server(h, "\001\r\nI90200\r\nJAN 22, 2001  3:45 PM\r\n\r\nSOFTWARE REVISION LEVEL\r\nVERSION 131.02\r\nSOFTWARE# "
              "346131-100-B\r\nCREATED - 00.11.30.14.27\r\n\003");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "131.02");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""), "346131-100-B");
    harness_free(h);
}

static void setting_a_label_is_dangerous_and_its_security_code_stays_hidden(void **state)
{
    (void)state;
    struct harness *h = tcp();
    client(h, "\001123456S60201Diesel\n");
    harness_expect_operation(h, "atg", "S:602", "set tank product label", CD_CLASS_CONFIGURE, "device 1", 1, 0, 0);
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "security code of a tank gauge");
    server(h, "\0019999FF1B\003");
    assert_int_equal(harness_operations(h, "atg", "S:602", NULL).errors, 1);
    harness_free(h);
}

static void what_is_no_command_is_told(void **state)
{
    (void)state;
    struct harness *h = tcp();
    client(h, "\001X20100\n");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    client(h, "\xff\xf4\xff\xfd\x06\n");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_int_equal(cd_dissector_atg.probe((const uint8_t *)"\001I20100\n", 8, CD_TRANSPORT_TCP, true),
                     CD_PROBE_LIKELY);
    assert_int_equal(cd_dissector_atg.probe((const uint8_t *)"\001X20100\n", 8, CD_TRANSPORT_TCP, true), CD_PROBE_NO);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix(&cd_dissector_atg, CD_TRANSPORT_TCP, true, "\001I20100", 7, false);
    harness_every_prefix(&cd_dissector_atg, CD_TRANSPORT_TCP, true, "\001123456S60201Diesel\n", 20, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_inventory_tells_the_station),
        cmocka_unit_test(the_revision_is_the_firmware),
        cmocka_unit_test(setting_a_label_is_dangerous_and_its_security_code_stays_hidden),
        cmocka_unit_test(what_is_no_command_is_told),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
