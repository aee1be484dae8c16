/* Which fact wins, what held when, who made it, and what it is. */
#include "plant.h"

#include "base/memory.h"
#include "hub/inventory/oui.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define A "00:0e:8c:00:00:0a"
#define LOCAL "02:00:00:00:00:01"

static struct plant *one_device(void)
{
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    return p;
}

static void the_surest_fact_wins_and_the_others_are_kept(void **state)
{
    (void)state;
    struct plant *p = one_device();
    plant_fact(p, 1, "10.0.0.1", "", CD_ATTRIBUTE_MODEL, "CPU 315-2 PN/DP", "s7comm", 100);
    plant_fact(p, 9, "10.0.0.1", "", CD_ATTRIBUTE_MODEL, "S7-300", "snmp", 60);
    const struct cd_inventory *inv = plant_resolve(p);
    const struct asset *asset = plant_asset(inv, A);
    assert_string_equal(asset->model, "CPU 315-2 PN/DP");
    unsigned models = 0;
    for (uint32_t i = 0; i < asset->n_facts; i++)
        models += inv->facts.items[inv->asset_facts.items[asset->first_fact + i]].attribute == CD_ATTRIBUTE_MODEL;
    assert_int_equal(models, 2);
    plant_free(p);
}

static void of_equally_sure_facts_the_newest_wins_and_history_tells_both(void **state)
{
    (void)state;
    struct plant *p = one_device();
    plant_fact(p, 100, "10.0.0.1", "", CD_ATTRIBUTE_FIRMWARE, "V4.5", "s7comm", 100);
    plant_fact(p, 1, "10.0.0.1", "", CD_ATTRIBUTE_FIRMWARE, "V4.4", "s7comm", 100);
    plant_fact(p, 50, "10.0.0.1", "", CD_ATTRIBUTE_FIRMWARE, "V4.4", "s7comm", 100);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_string_equal(plant_asset(inv, A)->firmware, "V4.5");
    const struct held *old = NULL, *now = NULL;
    for (uint32_t i = 0; i < inv->held.count; i++)
        if (inv->held.items[i].attribute == CD_ATTRIBUTE_FIRMWARE)
            *(inv->held.items[i].to_ns ? &old : &now) = &inv->held.items[i];
    assert_non_null(old);
    assert_non_null(now);
    assert_string_equal(text_of(inv, old->value), "V4.4");
    assert_int_equal(old->to_ns, now->from_ns);
    plant_free(p);
}

static void the_maker_is_told_by_the_address_where_nothing_better_is(void **state)
{
    (void)state;
    if (!cd_oui_count())
        skip();
    struct plant *p = one_device();
    plant_packets(p, 0, LOCAL, "10.0.0.2");
    struct cd_inventory *inv = plant_resolve(p);
    assert_string_equal(plant_asset(inv, A)->vendor, "Siemens AG");
    assert_string_equal(plant_asset(inv, LOCAL)->vendor, "");
    plant_fact(p, 2, "10.0.0.1", "", CD_ATTRIBUTE_VENDOR, "Rebranded Ltd", "cip", 100);
    inv = plant_resolve(p);
    assert_string_equal(plant_asset(inv, A)->vendor, "Rebranded Ltd");
    assert_string_equal(plant_asset(inv, A)->oui_vendor, "Siemens AG");
    plant_free(p);
}

static void write_file(char path[32], const char *text)
{
    memcpy(path, "/tmp/cordon-oui-XXXXXX", sizeof "/tmp/cordon-oui-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void the_longest_assignment_wins(void **state)
{
    (void)state;
    char path[32];
    struct cd_error e;
    static const struct {
        cd_mac mac;
        const char *vendor;
    } expected[] = {{0xa8bbcc000001, "Large, Inc \"24\""}, {0xa8bbccd00001, "Medium 28"}, {0xa8bbccddd001, "Small 36"}};
    write_file(
        path,
        "Registry,Assignment,Organization Name,Organization Address\r\nMA-S,A8BBCCDDD,\"Small 36, \",Somewhere\r\n"
        "MA-L,A8BBCC,\"Large, Inc \"\"24\"\"\",\"A, B\"\r\nMA-M,A8BBCCD,Medium 28,X\r\n");
    assert_int_equal(cd_oui_load(path, &e), 0);
    unlink(path);
    for (unsigned i = 0; i < 3; i++) {
        char name[64];
        struct cd_text t = cd_text_of(name, sizeof name);
        assert_true(cd_oui_vendor(expected[i].mac, &t));
        assert_string_equal(name, expected[i].vendor);
        assert_false(cd_oui_vendor(expected[i].mac | (cd_mac)2 << 40, &t)); /* given locally: no assignment counts */
    }
}

static void a_file_without_assignments_is_refused(void **state)
{
    (void)state;
    char path[32];
    struct cd_error e;
    write_file(path, "name,address\nsomething,else\n");
    assert_int_equal(cd_oui_load(path, &e), CD_ERROR_INPUT);
    unlink(path);
    assert_int_equal(cd_oui_load("/nonexistent/oui.csv", &e), CD_ERROR_ACCESS);
}

static void loading_the_assignments_takes_little_time(void **state)
{
    (void)state;
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    if (!cd_oui_count())
        skip();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    long ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    assert_true(ms < 300); /* a few milliseconds; sanitizers and a busy machine take their share */
}

static void who_is_programmed_is_a_controller_and_who_programs_an_engineering_station(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, "10.0.0.5", "10.0.0.1", "s7comm", 102);
    plant_operation(p, 1, "10.0.0.5", "10.0.0.1", "s7comm", "request download", 26, CD_CLASS_PROGRAM, "block DB1");
    plant_operation(p, 2, "10.0.0.5", "10.0.0.1", "s7comm", "plc stop", 41, CD_CLASS_MODE, "");
    const struct cd_inventory *inv = plant_resolve(p);
    const struct asset *plc = plant_asset(inv, "10.0.0.1"), *station = plant_asset(inv, "10.0.0.5");
    assert_string_equal(plc->type, "plc");
    assert_string_equal(plc->purdue, "1");
    assert_string_equal(plc->category, "ot");
    assert_string_equal(station->type, "engineering-station");
    assert_non_null(strstr(station->reason, "program"));
    assert_true(plc->criticality >= station->criticality);
    plant_free(p);
}

static void a_laptop_that_programs_a_controller_is_an_engineering_station(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, "10.0.0.5", "10.0.0.1", "s7comm", 102);
    plant_talk(p, 0, "10.0.0.5", "10.0.0.9", "http", 80);
    plant_fact(p, 1, "10.0.0.5", "", CD_ATTRIBUTE_OS, "Windows", "dhcp", 55);
    plant_fact(p, 1, "10.0.0.5", "", CD_ATTRIBUTE_VENDOR_CLASS, "MSFT 5.0", "dhcp", 90);
    plant_operation(p, 1, "10.0.0.5", "10.0.0.1", "s7comm", "upload", 30, CD_CLASS_PROGRAM, "OB1 (active)");
    assert_string_equal(plant_asset(plant_resolve(p), "10.0.0.5")->type, "engineering-station");
    plant_free(p);
}

static void who_asks_many_building_controllers_is_a_building_server(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    for (unsigned i = 1; i <= 9; i++) {
        char controller[16];
        struct cd_text t = cd_text_of(controller, sizeof controller);
        cd_text_str(&t, "10.0.1.");
        cd_text_u64(&t, i);
        plant_talk(p, 0, "10.0.0.5", controller, "bacnet", 47808);
        plant_operation(p, 1, "10.0.0.5", controller, "bacnet", "write property", 15, CD_CLASS_CONTROL, "");
    }
    const struct cd_inventory *inv = plant_resolve(p);
    assert_string_equal(plant_asset(inv, "10.0.0.5")->type, "building-server");
    assert_string_equal(plant_asset(inv, "10.0.1.1")->type, "building-controller");
    plant_free(p);
}

static void a_makers_name_alone_makes_no_controller(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, "10.0.0.5", "10.0.0.1", "enip", 44818);
    plant_fact(p, 1, "10.0.0.1", "cip:1.3", CD_ATTRIBUTE_VENDOR, "Rockwell Automation/Allen-Bradley", "cip", 100);
    assert_string_equal(plant_nested(plant_resolve(p), "10.0.0.1", "cip:1.3")->type, "module");
    plant_free(p);
}

static void nothing_is_known_of_a_device_that_shows_nothing(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, "10.0.0.5", "10.0.0.1", "", 4711);
    const struct asset *asset = plant_asset(plant_resolve(p), "10.0.0.5");
    assert_string_equal(asset->type, "unknown");
    assert_string_equal(asset->purdue, "");
    assert_true(asset->reason[0]);
    plant_free(p);
}

static void a_persons_word_beats_all(void **state)
{
    (void)state;
    struct plant *p = one_device();
    plant_fact(p, 1, "10.0.0.1", "", CD_ATTRIBUTE_MODEL, "CPU 315-2 PN/DP", "s7comm", 100);
    struct cd_inventory *inv = plant_resolve(p);
    const char *id = plant_asset(inv, A)->id;
    text_id asset = cd_inventory_text(inv, id, 16);
    inv->corrections.items = cd_alloc(2, sizeof *inv->corrections.items);
    inv->corrections.size = inv->corrections.count = 2;
    inv->corrections.items[0] =
        (struct correction){asset, cd_inventory_text(inv, "model", 5), cd_inventory_text(inv, "spare", 5), 1};
    inv->corrections.items[1] =
        (struct correction){asset, cd_inventory_text(inv, "type", 4), cd_inventory_text(inv, "hmi", 3), 1};
    cd_inventory_resolve(inv);
    assert_string_equal(plant_asset(inv, A)->model, "spare");
    assert_string_equal(plant_asset(inv, A)->type, "hmi");
    assert_string_equal(plant_asset(inv, A)->purdue, "2");
    plant_free(p);
}

/* Process data goes both ways between a controller and each of its devices; who has many such partners is the controller, not somebody who watches over
 * controllers. */
static void test_cyclic_data_with_many_devices_makes_a_controller(void **state)
{
    (void)state;
    static const char *const devices[] = {"10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.14", "10.0.0.15",
                                          "10.0.0.16", "10.0.0.17", "10.0.0.18", "10.0.0.19"};
    struct plant *p = plant_new();
    for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
        plant_talk(p, i, "10.0.0.1", devices[i], "profinet-io", 34962);
        plant_operation(p, i, "10.0.0.1", devices[i], "profinet-io", "cyclic data", 1, CD_CLASS_OTHER, "");
        plant_operation(p, i, devices[i], "10.0.0.1", "profinet-io", "cyclic data", 1, CD_CLASS_OTHER, "");
    }
    struct cd_inventory *inv = plant_resolve(p);
    assert_string_equal(plant_asset(inv, "10.0.0.1")->type, "plc");
    assert_string_equal(plant_asset(inv, "10.0.0.11")->type, "unknown");
    plant_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loading_the_assignments_takes_little_time),
        cmocka_unit_test(the_surest_fact_wins_and_the_others_are_kept),
        cmocka_unit_test(of_equally_sure_facts_the_newest_wins_and_history_tells_both),
        cmocka_unit_test(the_maker_is_told_by_the_address_where_nothing_better_is),
        cmocka_unit_test(the_longest_assignment_wins),
        cmocka_unit_test(a_file_without_assignments_is_refused),
        cmocka_unit_test(who_is_programmed_is_a_controller_and_who_programs_an_engineering_station),
        cmocka_unit_test(a_laptop_that_programs_a_controller_is_an_engineering_station),
        cmocka_unit_test(who_asks_many_building_controllers_is_a_building_server),
        cmocka_unit_test(a_makers_name_alone_makes_no_controller),
        cmocka_unit_test(nothing_is_known_of_a_device_that_shows_nothing),
        cmocka_unit_test(a_persons_word_beats_all),
        cmocka_unit_test(test_cyclic_data_with_many_devices_makes_a_controller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
