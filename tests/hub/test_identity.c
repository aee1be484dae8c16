/* DESIGN "Inventory: one device, one row": which addresses are devices, and whose. */
#include "plant.h"

#include <string.h>

#define A "00:0e:8c:00:00:0a"
#define B "00:0e:8c:00:00:0b"
#define R "00:1b:1b:00:00:01"

static void an_address_only_spoken_to_is_no_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_ask(p, 0, "10.0.0.1", "10.0.0.2", "modbus", 502);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_non_null(plant_find(inv, "10.0.0.1"));
    assert_null(plant_find(inv, "10.0.0.2"));
    plant_free(p);
}

static void an_address_only_spoken_about_is_no_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_fact(p, 0, "10.0.0.7", "", CD_ATTRIBUTE_NAME, "printer.plant.example", "dns", 60);
    plant_fact(p, 0, A, "", CD_ATTRIBUTE_ADDRESS, "10.0.0.8", "dhcp", 80);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 0);
    plant_free(p);
}

static void a_device_that_asks_for_an_address_in_vain_exists(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "0.0.0.0");
    plant_fact(p, 0, A, "", CD_ATTRIBUTE_NAME, "new-panel", "dhcp", 70);
    plant_fact(p, 0, B, "", CD_ATTRIBUTE_NAME, "behind-a-relay", "dhcp", 70); /* its request was passed on */
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 1);
    assert_string_equal(plant_asset(inv, A)->name, "new-panel");
    assert_false(plant_has_ip(inv, plant_asset(inv, A), "0.0.0.0"));
    plant_free(p);
}

static void groups_broadcast_and_loopback_are_no_devices(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, "224.0.0.5", "255.255.255.255", "ospf", 89);
    plant_talk(p, 0, "127.0.0.1", "127.0.0.1", "http", 80);
    plant_talk(p, 0, "ff02::1", "::", "icmpv6", 58);
    plant_talk(p, 0, "01:80:c2:00:00:0e", "ff:ff:ff:ff:ff:ff", "lldp", 0);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 0);
    assert_int_equal(inv->conversations.count, 4);
    plant_free(p);
}

static void a_mac_on_its_own_segment_is_a_device_with_its_ip(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(p, 0, A, "fe80::20e:8cff:fe00:a");
    plant_packets(p, 0, B, "10.0.0.2");
    plant_talk(p, 1, "10.0.0.1", "10.0.0.2", "modbus", 502);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 2);
    assert_true(plant_same(inv, A, "10.0.0.1"));
    assert_true(plant_same(inv, A, "fe80::20e:8cff:fe00:a"));
    assert_false(plant_same(inv, A, "10.0.0.2"));
    assert_false(plant_asset(inv, A)->forwards);
    plant_free(p);
}

static void a_mac_without_ip_is_a_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_talk(p, 0, R, "01:80:c2:00:00:0e", "lldp", 0x88cc);
    plant_fact(p, 0, R, "", CD_ATTRIBUTE_NAME, "SW-CELL-1", "lldp", 90);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 1);
    assert_string_equal(plant_asset(inv, R)->name, "SW-CELL-1");
    plant_free(p);
}

static void an_ip_claimed_by_arp_is_listed_even_if_it_sent_no_packet(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, A, "10.0.0.1");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_has_ip(inv, plant_asset(inv, A), "10.0.0.1"));
    plant_free(p);
}

static void many_addresses_behind_one_mac_are_a_router_and_devices_known_by_ip_only(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, A, "10.0.0.1");
    plant_packets(p, 0, A, "10.0.0.1");
    plant_arp(p, 0, R, "10.0.0.254");
    plant_packets(p, 0, R, "10.0.0.254");
    plant_packets(p, 1, R, "10.1.0.5");
    plant_packets(p, 1, R, "10.1.0.6");
    plant_packets(p, 1, R, "8.8.8.8");
    const struct cd_inventory *inv = plant_resolve(p);
    const struct asset *router = plant_asset(inv, R), *behind = plant_asset(inv, "10.1.0.5");
    assert_true(router->forwards);
    assert_string_equal(router->type, "router");
    assert_true(plant_has_ip(inv, router, "10.0.0.254"));
    assert_false(plant_has_ip(inv, router, "10.1.0.5"));
    assert_true(behind != router && behind != plant_asset(inv, "10.1.0.6"));
    assert_ptr_equal(&inv->assets.items[behind->router], router);
    assert_int_equal(inv->assets.count, 5);
    plant_free(p);
}

static void one_public_address_among_private_neighbours_is_behind_the_router(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "192.168.1.5");
    plant_routed_packets(p, 0, R, "93.184.216.34");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_false(plant_same(inv, R, "93.184.216.34"));
    assert_true(plant_asset(inv, R)->forwards);
    assert_true(plant_same(inv, A, "192.168.1.5"));
    plant_free(p);
}

static void one_public_address_whose_packets_are_fresh_is_the_devices_own(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "192.168.1.5");
    plant_packets(p, 0, B, "134.217.61.211"); /* a plant that uses public addresses */
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_same(inv, B, "134.217.61.211"));
    plant_free(p);
}

static void an_address_whose_packets_are_fresh_elsewhere_is_not_its_forwarders(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_routed_packets(p, 0, R, "10.0.0.1"); /* a mirror of both sides of a firewall */
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_same(inv, A, "10.0.0.1"));
    assert_false(plant_same(inv, R, "10.0.0.1"));
    assert_true(plant_asset(inv, R)->forwards);
    plant_free(p);
}

static void an_address_claimed_elsewhere_is_not_its_forwarders(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, A, "10.0.0.1");
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(p, 1, R, "10.0.0.1"); /* the other side of a router, on the same mirror */
    const struct cd_inventory *inv = plant_resolve(p);
    assert_true(plant_same(inv, A, "10.0.0.1"));
    assert_false(plant_same(inv, R, "10.0.0.1"));
    plant_free(p);
}

static void a_second_address_of_the_same_subnet_is_the_devices_own(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, A, "10.0.0.1");
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(p, 0, A, "10.0.0.2");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 1);
    plant_free(p);
}

static void a_machine_that_claims_very_many_addresses_is_not_all_of_them(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    for (int i = 1; i <= 40; i++) {
        char ip[32];
        struct cd_text t = cd_text_of(ip, sizeof ip);
        cd_text_format(&t, "10.0.0.%d", i);
        plant_arp(p, 0, R, ip);
        plant_packets(p, 0, R, ip);
    }
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 41);
    plant_free(p);
}

static void dhcp_moves_an_address_it_makes_no_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, A, "10.0.0.50");
    plant_packets(p, 10, A, "10.0.0.50");
    plant_fact(p, 5, "10.0.0.50", "", CD_ATTRIBUTE_NAME, "PC-A", "nbns", 80);
    plant_arp(p, 1000, B, "10.0.0.50");
    plant_packets(p, 1100, B, "10.0.0.50");
    plant_fact(p, 1050, "10.0.0.50", "", CD_ATTRIBUTE_NAME, "PC-B", "nbns", 80);
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 2);
    assert_string_equal(plant_asset(inv, A)->name, "PC-A");
    assert_string_equal(plant_asset(inv, B)->name, "PC-B");
    const struct asset *a = plant_asset(inv, A), *b = plant_asset(inv, B);
    assert_false(inv->interfaces.items[a->first_interface].current);
    assert_true(inv->interfaces.items[b->first_interface].current);
    plant_free(p);
}

static void a_device_that_changes_its_address_stays_one_device(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, A, "10.0.0.50");
    plant_arp(p, 500, A, "192.168.7.9");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_int_equal(inv->assets.count, 1);
    assert_false(plant_asset(inv, A)->forwards);
    plant_free(p);
}

static void the_mac_of_a_router_group_is_no_device_and_its_address_is_the_masters(void **state)
{
    (void)state;
    struct plant *p = plant_new();
    plant_arp(p, 0, R, "10.0.0.2");
    plant_packets(p, 0, R, "10.0.0.2");
    plant_packets(p, 1, "00:00:5e:00:01:0a", "10.0.0.2"); /* VRRP advertisements of the master */
    plant_arp(p, 1, "00:00:5e:00:01:0a", "10.0.0.1");
    plant_packets(p, 2, "00:00:5e:00:01:0a", "10.9.0.1");
    const struct cd_inventory *inv = plant_resolve(p);
    assert_null(plant_find(inv, "00:00:5e:00:01:0a"));
    assert_true(plant_same(inv, R, "10.0.0.1"));
    assert_true(plant_same(inv, R, "10.0.0.2"));
    assert_false(plant_same(inv, R, "10.9.0.1"));
    plant_free(p);
}

static void the_address_of_an_unknown_router_group_is_noted_as_such(void **state)
{
    (void)state;
    static const char *const shared[] = {"00:00:5e:00:01:0a", "00:00:5e:00:02:01", "00:00:0c:07:ac:01",
                                         "00:00:0c:9f:f0:01", "00:07:b4:00:01:01"};
    for (unsigned i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        struct plant *p = plant_new();
        plant_arp(p, 0, shared[i], "10.0.0.1");
        const struct cd_inventory *inv = plant_resolve(p);
        assert_int_equal(inv->assets.count, 1);
        assert_null(plant_find(inv, shared[i]));
        assert_string_equal(plant_asset(inv, "10.0.0.1")->type, "virtual-address");
        plant_free(p);
    }
}

static void an_id_depends_on_the_address_alone(void **state)
{
    (void)state;
    struct plant *p = plant_new(), *q = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(q, 77, B, "10.0.0.2");
    plant_packets(q, 99, A, "10.0.0.9");
    const struct cd_inventory *one = plant_resolve(p), *two = plant_resolve(q);
    assert_string_equal(plant_asset(one, A)->id, plant_asset(two, A)->id);
    assert_string_not_equal(plant_asset(two, A)->id, plant_asset(two, B)->id);
    plant_free(p);
    plant_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_only_spoken_to_is_no_device),
        cmocka_unit_test(an_address_only_spoken_about_is_no_device),
        cmocka_unit_test(a_device_that_asks_for_an_address_in_vain_exists),
        cmocka_unit_test(groups_broadcast_and_loopback_are_no_devices),
        cmocka_unit_test(a_mac_on_its_own_segment_is_a_device_with_its_ip),
        cmocka_unit_test(a_mac_without_ip_is_a_device),
        cmocka_unit_test(an_ip_claimed_by_arp_is_listed_even_if_it_sent_no_packet),
        cmocka_unit_test(many_addresses_behind_one_mac_are_a_router_and_devices_known_by_ip_only),
        cmocka_unit_test(one_public_address_among_private_neighbours_is_behind_the_router),
        cmocka_unit_test(one_public_address_whose_packets_are_fresh_is_the_devices_own),
        cmocka_unit_test(an_address_whose_packets_are_fresh_elsewhere_is_not_its_forwarders),
        cmocka_unit_test(an_address_claimed_elsewhere_is_not_its_forwarders),
        cmocka_unit_test(a_second_address_of_the_same_subnet_is_the_devices_own),
        cmocka_unit_test(a_machine_that_claims_very_many_addresses_is_not_all_of_them),
        cmocka_unit_test(dhcp_moves_an_address_it_makes_no_device),
        cmocka_unit_test(a_device_that_changes_its_address_stays_one_device),
        cmocka_unit_test(the_mac_of_a_router_group_is_no_device_and_its_address_is_the_masters),
        cmocka_unit_test(the_address_of_an_unknown_router_group_is_noted_as_such),
        cmocka_unit_test(an_id_depends_on_the_address_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
