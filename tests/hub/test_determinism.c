/* The same observations give the same bytes: in whatever order, from however many sensors, and as often as they arrive. */
#include "plant.h"

#include <stdlib.h>
#include <string.h>

#define A "00:0e:8c:00:00:0a"
#define B "00:0e:8c:00:00:0b"
#define R "00:1b:1b:00:00:01"

static void tell_much(struct plant *p, unsigned part)
{
    char ip[32], name[32], detail[64];
    for (unsigned i = part; i < 60; i += 4) {
        struct cd_text t = cd_text_of(ip, sizeof ip), n = cd_text_of(name, sizeof name),
                       d = cd_text_of(detail, sizeof detail);
        cd_text_format(&t, "10.%u.0.%u", i % 3, i + 1);
        cd_text_format(&n, "PLC-%u", i / 2);
        cd_text_format(&d, "field %u", i);
        plant_packets(p, i, i % 2 ? R : i % 4 ? A : B, ip);
        plant_talk(p, 100 - i, ip, "10.0.0.99", i % 2 ? "modbus" : "s7comm", 502);
        plant_talk(p, i, ip, "10.0.0.99", i % 5 ? "modbus" : "enip", 502);
        plant_fact(p, i, ip, "", CD_ATTRIBUTE_NAME, name, "snmp", 80);
        plant_fact(p, i, ip, i % 2 ? "cip:1.2" : "cip:1.10", CD_ATTRIBUTE_MODEL, "1756-L71", "cip", 100);
        plant_fact(p, i, ip, "", CD_ATTRIBUTE_FIRMWARE, i % 3 ? "V1" : "V2", "cip", 90);
        plant_operation(p, i, ip, "10.0.0.99", "modbus", "write single coil", 5, CD_CLASS_WRITE, "coil 1");
        plant_refusal(p, i, ip, "10.0.0.99", "modbus", "read coils", 1, i % 2 ? "illegal data address" : "busy");
        for (unsigned k = 0; k < 20; k++)
            plant_event(p, i, i * 100 + k, CD_EVENT_VIOLATION, "10.0.0.1", "10.0.0.2", detail);
    }
}

/* Told in four parts, by one sensor or by four. */
static struct plant *told(bool four_sensors)
{
    struct plant *p = plant_new();
    for (unsigned part = 0; part < 4; part++) {
        tell_much(p, part);
        plant_flush(p, four_sensors ? part : 0);
    }
    return p;
}

static struct cd_inventory *apply_in_order(const struct plant *p, const unsigned *order, unsigned n)
{
    struct cd_inventory *inv = cd_inventory_new("default");
    for (unsigned i = 0; i < n; i++)
        plant_apply(p, order[i], inv);
    cd_inventory_resolve(inv);
    return inv;
}

static void the_order_of_batches_makes_no_difference(void **state)
{
    (void)state;
    struct plant *p = told(false);
    unsigned order[64], n = plant_batches(p);
    assert_true(n >= 4);
    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    struct cd_inventory *inv = apply_in_order(p, order, n);
    const char *expected = plant_json(p, inv);
    cd_inventory_free(inv);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = n - 1; i > 0; i--) {
            unsigned k = (i * 7 + round * 3) % (i + 1), was = order[i];
            order[i] = order[k];
            order[k] = was;
        }
        inv = apply_in_order(p, order, n);
        assert_string_equal(plant_json(p, inv), expected);
        cd_inventory_free(inv);
    }
    plant_free(p);
}

static void the_last_refusal_is_named_whichever_batch_comes_first(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_refusal(p, 1, "10.0.0.1", "10.0.0.2", "modbus", "read coils", 1, "illegal data address");
    plant_flush(p, 0);
    plant_refusal(p, 2, "10.0.0.1", "10.0.0.2", "modbus", "read coils", 1, "server device busy");
    plant_flush(p, 0);
    const unsigned forth[] = {0, 1}, back[] = {1, 0};
    for (int i = 0; i < 2; i++) {
        struct cd_inventory *inv = apply_in_order(p, i ? back : forth, 2);
        assert_non_null(strstr(plant_json(p, inv), "\"errors\":2,\"last_error\":\"server device busy\""));
        cd_inventory_free(inv);
    }
    plant_free(p);
}

static void the_number_of_sensors_makes_no_difference(void **state)
{
    (void)state;
    struct plant *one = told(false), *four = told(true);
    unsigned order[64];
    for (unsigned i = 0; i < 64; i++)
        order[i] = i;
    struct cd_inventory *a = apply_in_order(one, order, plant_batches(one)),
                        *b = apply_in_order(four, order, plant_batches(four));
    assert_string_equal(plant_json(one, a), plant_json(four, b));
    cd_inventory_free(a);
    cd_inventory_free(b);
    plant_free(one);
    plant_free(four);
}

static void a_batch_that_arrives_twice_counts_once(void **state)
{
    (void)state;
    struct plant *p = told(false);
    unsigned twice[] = {0, 1, 0, 2, 3, 3, 1, 0}, once[] = {0, 1, 2, 3};
    struct cd_inventory *a = apply_in_order(p, once, 4), *b = apply_in_order(p, twice, 8);
    assert_string_equal(plant_json(p, a), plant_json(p, b));
    cd_inventory_free(a);
    cd_inventory_free(b);
    plant_free(p);
}

static void inventories_can_be_added_up(void **state)
{
    (void)state;
    struct plant *p = told(false);
    unsigned order[] = {0, 1, 2, 3};
    struct cd_inventory *whole = apply_in_order(p, order, 4), *left = apply_in_order(p, order, 2),
                        *right = apply_in_order(p, order + 2, 2);
    cd_inventory_add(right, left);
    cd_inventory_resolve(right);
    assert_string_equal(plant_json(p, whole), plant_json(p, right));
    cd_inventory_free(whole);
    cd_inventory_free(left);
    cd_inventory_free(right);
    plant_free(p);
}

static void resolving_twice_gives_the_same(void **state)
{
    (void)state;
    struct plant *p = told(false);
    struct cd_inventory *inv = plant_resolve(p);
    const char *first = plant_json(p, inv);
    cd_inventory_resolve(inv);
    assert_string_equal(plant_json(p, inv), first);
    plant_free(p);
}

static void a_refused_batch_adds_nothing(void **state)
{
    (void)state;
    struct cd_inventory *inv = cd_inventory_new("default");
    struct cd_error e = {0};
    static const uint8_t nonsense[] = {0x08, 0x01, 0x18, 0x01, 0x3a, 0x7f, 0x01};
    assert_int_equal(cd_inventory_apply(inv, nonsense, sizeof nonsense, &e), CD_ERROR_INPUT);
    assert_true(e.text[0]);
    assert_int_equal(inv->applied.count, 0);
    cd_inventory_free(inv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_batches_makes_no_difference),
        cmocka_unit_test(the_last_refusal_is_named_whichever_batch_comes_first),
        cmocka_unit_test(the_number_of_sensors_makes_no_difference),
        cmocka_unit_test(a_batch_that_arrives_twice_counts_once),
        cmocka_unit_test(inventories_can_be_added_up),
        cmocka_unit_test(resolving_twice_gives_the_same),
        cmocka_unit_test(a_refused_batch_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
