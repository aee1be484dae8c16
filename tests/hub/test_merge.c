/* One device behind several addresses, modules and units below it, and what speaks against a merge. */
#include "plant.h"

#include "base/memory.h"

#include <string.h>

#define A "00:0e:8c:00:00:0a"
#define B "00:0e:8c:00:00:0b"
#define C "00:0e:8c:00:00:0c"

static struct plant *two_devices(void)
{
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(p, 1, B, "10.5.0.1");
    return p;
}

static void serial(struct plant *p, const char *ip, const char *value, const char *protocol)
{
    plant_fact(p, 2, ip, "", CD_ATTRIBUTE_SERIAL, value, protocol, 100);
}

static void the_same_serial_number_on_two_addresses_is_one_device(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    serial(p, "10.0.0.1", "S C-B1UM12345", "s7comm");
    serial(p, "10.5.0.1", "s c-b1um12345", "snmp");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_same(inv, A, B));
    const struct asset *asset = plant_asset(inv, A);
    assert_int_equal(asset->n_merges, 1);
    assert_int_equal(asset->n_interfaces, 2);
    assert_string_equal(inv->merges.items[asset->first_merge].evidence,
                        "same serial number S C-B1UM12345 from 10.0.0.1 (s7comm) and 10.5.0.1 (snmp)");
    plant_free(p);
}

static void a_merged_device_keeps_the_id_of_the_address_seen_first(void **state)
{
    (void)state;
    struct plant *p = two_devices(), *q = two_devices();
    const char *first = plant_asset(plant_resolve(q), A)->id;
    serial(p, "10.0.0.1", "AB-12345", "s7comm");
    serial(p, "10.5.0.1", "AB-12345", "s7comm");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_string_equal(plant_asset(inv, B)->id, first);
    plant_free(p);
    plant_free(q);
}

static void serial_numbers_that_say_nothing_merge_nothing(void **state)
{
    (void)state;
    static const char *const empty[] = {"0000000000", "n/a", "12345678", "Not set", "123", "FFFFFFFF"};
    for (unsigned i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        struct plant *p = two_devices();
        serial(p, "10.0.0.1", empty[i], "s7comm");
        serial(p, "10.5.0.1", empty[i], "s7comm");
        assert_int_equal(plant_resolve(p)->assets.count, 2);
        plant_free(p);
    }
}

static void devices_of_different_models_are_not_merged_by_a_serial_number(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    serial(p, "10.0.0.1", "AB-12345", "enip");
    serial(p, "10.5.0.1", "AB-12345", "enip");
    plant_fact(p, 2, "10.0.0.1", "", CD_ATTRIBUTE_MODEL, "1756-EN2T", "enip", 100);
    plant_fact(p, 2, "10.5.0.1", "", CD_ATTRIBUTE_MODEL, "1769-L33ER", "enip", 100);
    assert_int_equal(plant_resolve(p)->assets.count, 2);
    plant_free(p);
}

static void the_same_stable_name_on_two_addresses_is_one_device(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    plant_fact(p, 2, "10.0.0.1", "", CD_ATTRIBUTE_NAME, "HIST-SRV-01", "nbns", 80);
    plant_fact(p, 2, "10.5.0.1", "", CD_ATTRIBUTE_NAME, "hist-srv-01.local", "mdns", 80);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_same(inv, A, B));
    plant_free(p);
}

static void common_names_and_names_by_dns_merge_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *protocol;
    } weak[] = {{"localhost", "nbns"}, {"www.example.com", "dns"}, {"raspberrypi", "mdns"}};
    for (unsigned i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        struct plant *p = two_devices();
        plant_fact(p, 2, "10.0.0.1", "", CD_ATTRIBUTE_NAME, weak[i].name, weak[i].protocol, 80);
        plant_fact(p, 2, "10.5.0.1", "", CD_ATTRIBUTE_NAME, weak[i].name, weak[i].protocol, 80);
        assert_int_equal(plant_resolve(p)->assets.count, 2);
        plant_free(p);
    }
}

static void different_serial_numbers_speak_against_the_same_name(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    plant_fact(p, 2, "10.0.0.1", "", CD_ATTRIBUTE_NAME, "pump-station", "snmp", 80);
    plant_fact(p, 2, "10.5.0.1", "", CD_ATTRIBUTE_NAME, "pump-station", "snmp", 80);
    serial(p, "10.0.0.1", "AB-11111", "snmp");
    serial(p, "10.5.0.1", "AB-22222", "snmp");
    assert_int_equal(plant_resolve(p)->assets.count, 2);
    plant_free(p);
}

static void a_name_that_many_devices_share_merges_nothing(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    static const char *const ips[] = {"10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1", "10.0.4.1", "10.0.5.1"};
    for (unsigned i = 0; i < 6; i++) {
        plant_talk(p, i, ips[i], "10.9.9.9", "modbus", 502);
        plant_fact(p, i, ips[i], "", CD_ATTRIBUTE_NAME, "factory-default", "snmp", 80);
    }
    assert_int_equal(plant_resolve(p)->assets.count, 7);
    plant_free(p);
}

static void a_device_behind_a_router_that_tells_its_mac_is_that_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, B, "01:80:c2:00:00:0e", "lldp", 0x88cc);
    plant_routed_packets(p, 1, A, "10.7.0.1");
    plant_routed_packets(p, 1, A, "10.8.0.1");
    plant_fact(p, 2, "10.7.0.1", "", CD_ATTRIBUTE_HARDWARE_ADDRESS, B, "snmp", 90);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_same(inv, B, "10.7.0.1"));
    assert_false(plant_same(inv, B, "10.8.0.1"));
    plant_free(p);
}

static void modules_in_a_chassis_are_children_with_their_slot(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_fact(p, 1, "10.0.0.1", "cip:1.0", CD_ATTRIBUTE_MODEL, "1756-L71", "cip", 100);
    plant_fact(p, 1, "10.0.0.1", "cip:1.10", CD_ATTRIBUTE_MODEL, "1756-OF8", "cip", 100);
    plant_fact(p, 1, "10.0.0.1", "cip:1.2", CD_ATTRIBUTE_MODEL, "1756-IF8", "cip", 100);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 4);
    const struct asset *module = plant_nested(inv, "10.0.0.1", "cip:1.10");
    assert_string_equal(module->slot, "10");
    assert_string_equal(module->model, "1756-OF8");
    assert_int_equal(module->kind, KIND_MODULE);
    assert_string_equal(inv->assets.items[1].slot, "0"); /* after the parent, in the order of slots */
    assert_string_equal(inv->assets.items[2].slot, "2");
    assert_string_equal(inv->assets.items[3].slot, "10");
    plant_free(p);
}

static void units_behind_a_gateway_are_children_of_it(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_fact(p, 1, "10.0.0.1", "modbus:1", CD_ATTRIBUTE_VENDOR, "Schneider Electric", "modbus", 100);
    plant_fact(p, 1, "10.0.0.1", "modbus:7", CD_ATTRIBUTE_VENDOR, "ABB", "modbus", 100);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_string_equal(plant_nested(inv, "10.0.0.1", "modbus:7")->vendor, "ABB");
    assert_int_equal(plant_nested(inv, "10.0.0.1", "modbus:1")->kind, KIND_UNIT);
    plant_free(p);
}

static void the_only_unit_of_a_device_is_the_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_fact(p, 1, "10.0.0.1", "modbus:1", CD_ATTRIBUTE_MODEL, "TM221CE24R", "modbus", 100);
    plant_fact(p, 1, "10.0.0.1", "s7:0.2", CD_ATTRIBUTE_FIRMWARE, "V3.2.1", "s7comm", 100);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 1);
    assert_string_equal(plant_asset(inv, A)->model, "TM221CE24R");
    assert_string_equal(plant_asset(inv, A)->firmware, "V3.2.1");
    plant_free(p);
}

static void a_device_behind_a_device_is_a_child_of_the_child(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_fact(p, 1, "10.0.0.1", "cip:1.3", CD_ATTRIBUTE_MODEL, "1756-CNB", "cip", 100);
    plant_fact(p, 1, "10.0.0.1", "cip:1.3/cip:2.5", CD_ATTRIBUTE_MODEL, "1794-ACN", "cip", 100);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 3);
    assert_int_equal(inv->assets.items[2].parent, 1);
    assert_string_equal(inv->assets.items[2].slot, "5");
    plant_free(p);
}

static void a_module_with_an_address_of_its_own_is_one_device_with_its_place(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    plant_fact(p, 2, "10.0.0.1", "cip:1.4", CD_ATTRIBUTE_SERIAL, "00C0FFEE", "cip", 100);
    serial(p, "10.5.0.1", "00c0ffee", "enip");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 2);
    const struct asset *module = plant_asset(inv, "10.5.0.1");
    assert_ptr_equal(&inv->assets.items[module->parent], plant_asset(inv, "10.0.0.1"));
    assert_string_equal(module->slot, "4");
    plant_free(p);
}

static void two_modules_that_see_each_other_make_no_circle(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    plant_fact(p, 2, "10.0.0.1", "cip:1.4", CD_ATTRIBUTE_SERIAL, "00C0FFEE", "cip", 100);
    serial(p, "10.5.0.1", "00c0ffee", "enip");
    plant_fact(p, 2, "10.5.0.1", "cip:1.1", CD_ATTRIBUTE_SERIAL, "00BADCAB", "cip", 100);
    serial(p, "10.0.0.1", "00badcab", "enip");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 2);
    unsigned top = 0;
    for (uint32_t i = 0; i < inv->assets.count; i++)
        top += inv->assets.items[i].parent == NONE;
    assert_int_equal(top, 1);
    plant_free(p);
}

static void a_module_that_sees_itself_is_the_device_and_knows_its_slot(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    serial(p, "10.0.0.1", "00c0ffee", "enip");
    plant_fact(p, 2, "10.0.0.1", "cip:1.4", CD_ATTRIBUTE_SERIAL, "00C0FFEE", "cip", 100);
    plant_fact(p, 2, "10.0.0.1", "cip:1.4/cip:1.0", CD_ATTRIBUTE_MODEL, "1756-L71", "cip", 100);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 2);
    assert_string_equal(plant_asset(inv, A)->slot, "4");
    assert_int_equal(plant_asset(inv, A)->parent, NONE);
    plant_free(p);
}

static void what_a_person_took_apart_stays_apart(void **state)
{
    (void)state;
    struct plant *p = two_devices();
    serial(p, "10.0.0.1", "AB-12345", "s7comm");
    serial(p, "10.5.0.1", "AB-12345", "s7comm");
    struct cd_inventory *inv = plant_resolve(p);
    const struct merge *merge = &inv->merges.items[0];
    inv->kept_apart.items = cd_alloc(1, sizeof *inv->kept_apart.items);
    inv->kept_apart.size = inv->kept_apart.count = 1;
    inv->kept_apart.items[0] = (struct kept_apart){cd_inventory_text(inv, merge->id, strlen(merge->id)),
                                                   cd_inventory_text(inv, merge->into, strlen(merge->into))};
    cd_inventory_resolve(inv);
    assert_false(plant_same(inv, A, B));
    assert_int_equal(inv->merges.count, 0);
    plant_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_serial_number_on_two_addresses_is_one_device),
        cmocka_unit_test(a_merged_device_keeps_the_id_of_the_address_seen_first),
        cmocka_unit_test(serial_numbers_that_say_nothing_merge_nothing),
        cmocka_unit_test(devices_of_different_models_are_not_merged_by_a_serial_number),
        cmocka_unit_test(the_same_stable_name_on_two_addresses_is_one_device),
        cmocka_unit_test(common_names_and_names_by_dns_merge_nothing),
        cmocka_unit_test(different_serial_numbers_speak_against_the_same_name),
        cmocka_unit_test(a_name_that_many_devices_share_merges_nothing),
        cmocka_unit_test(a_device_behind_a_router_that_tells_its_mac_is_that_device),
        cmocka_unit_test(modules_in_a_chassis_are_children_with_their_slot),
        cmocka_unit_test(units_behind_a_gateway_are_children_of_it),
        cmocka_unit_test(the_only_unit_of_a_device_is_the_device),
        cmocka_unit_test(a_device_behind_a_device_is_a_child_of_the_child),
        cmocka_unit_test(a_module_with_an_address_of_its_own_is_one_device_with_its_place),
        cmocka_unit_test(two_modules_that_see_each_other_make_no_circle),
        cmocka_unit_test(a_module_that_sees_itself_is_the_device_and_knows_its_slot),
        cmocka_unit_test(what_a_person_took_apart_stays_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
