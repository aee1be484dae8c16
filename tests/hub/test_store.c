/* The inventory in the store: what is kept, what changes nothing, what is added, taken back and listed. */
#include "plant.h"

#include "store/temporary.h"

#include <sys/mman.h>

#define A "00:0e:8c:00:00:0a"
#define B "00:0e:8c:00:00:0b"

static bool persist(struct cd_store *store, struct cd_inventory *inv, const char *digest, const char *kind)
{
    struct cd_error e = {0};
    struct cd_inventory_source source = {
        .digest = digest, .name = "a.pcap", .kind = kind, .now_ns = 1800000000000000000};
    bool known = false;
    if (cd_inventory_persist(inv, store, &source, &known, &e))
        fail_msg("%s", e.text);
    return known;
}

static struct plant *first_capture(void)
{
    struct plant *p = plant_new();
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(p, 0, B, "10.0.0.2");
    plant_talk(p, 1, "10.0.0.2", "10.0.0.1", "modbus", 502);
    plant_operation(p, 2, "10.0.0.2", "10.0.0.1", "modbus", "write single coil", 5, CD_CLASS_WRITE, "coil 1");
    plant_fact(p, 3, "10.0.0.1", "", CD_ATTRIBUTE_FIRMWARE, "V1.0", "modbus", 100);
    plant_fact(p, 3, "10.0.0.1", "modbus:7", CD_ATTRIBUTE_MODEL, "Drive", "modbus", 100);
    plant_event(p, 4, 44, CD_EVENT_MALFORMED, "10.0.0.2", "10.0.0.1", "length");
    return p;
}

static struct plant *second_capture(void)
{
    struct plant *p = plant_new();
    plant_packets(p, 1000, A, "10.0.0.1");
    plant_packets(p, 1000, A, "10.0.0.9");
    plant_packets(p, 1000, B, "10.0.0.2");
    plant_talk(p, 1001, "10.0.0.2", "10.0.0.1", "modbus", 502);
    plant_talk(p, 1001, "10.0.0.3", "10.0.0.1", "modbus", 502);
    plant_operation(p, 1002, "10.0.0.2", "10.0.0.1", "modbus", "write single coil", 5, CD_CLASS_WRITE, "coil 1");
    plant_fact(p, 1003, "10.0.0.1", "", CD_ATTRIBUTE_FIRMWARE, "V2.0", "modbus", 100);
    return p;
}

/* Everything in the store as one text, times of application left out. */
static char *dump(struct cd_store *store)
{
    static const char *const queries[] = {"SELECT * FROM asset ORDER BY id",
                                          "SELECT * FROM asset_interface ORDER BY asset_id, mac, ip, valid_from_ns",
                                          "SELECT * FROM attribute ORDER BY asset_id, attribute, value, valid_from_ns",
                                          "SELECT * FROM relation ORDER BY asset_id, other_id",
                                          "SELECT * FROM fact ORDER BY subject, attribute, value, protocol",
                                          "SELECT * FROM conversation ORDER BY client, server, port",
                                          "SELECT * FROM operation ORDER BY client, server, code, target"};
    size_t size = 1 << 20;
    char *text = calloc(size, 1);
    assert_non_null(text);
    struct cd_text t = cd_text_of(text, size);
    for (unsigned i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct cd_query *q;
        struct cd_error e;
        bool row;
        assert_int_equal(cd_query_prepare(store, queries[i], &q, &e), 0);
        while (assert_int_equal(cd_query_step(q, &row, &e), 0), row) {
            for (int c = 0; c < cd_query_columns(q); c++) {
                cd_text_str(&t, cd_query_get_text(q, c));
                cd_text_char(&t, '|');
            }
            cd_text_char(&t, '\n');
        }
        cd_query_done(q);
    }
    assert_false(t.cut);
    return text;
}

static void a_capture_is_kept_with_everything_of_it(void **state)
{
    (void)state;
    struct plant *p = first_capture();
    struct cd_store *store = open_store(NULL);
    assert_false(persist(store, plant_resolve(p), "d1", "file"));
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset"), 3);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset_interface WHERE valid_to_ns IS NULL"), 2);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM relation WHERE kind = 'parent'"), 1);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM conversation"), 1);
    assert_int_equal(number_of(store, "SELECT requests FROM operation"), 1);
    assert_int_equal(number_of(store, "SELECT frame FROM event WHERE kind = 'malformed'"), 44);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM source WHERE trust LIKE '%limitations%'"), 1);
    cd_store_close(store);
    plant_free(p);
}

static void the_same_capture_again_changes_nothing(void **state)
{
    (void)state;
    struct plant *p = first_capture();
    struct cd_store *store = open_store(NULL);
    assert_false(persist(store, plant_resolve(p), "d1", "file"));
    char *before = dump(store);
    assert_true(persist(store, plant_resolve(p), "d1", "file"));
    char *after = dump(store);
    assert_string_equal(before, after);
    bool known = false;
    struct cd_error e;
    assert_int_equal(cd_inventory_is_known(plant_resolve(p), store, "d1", &known, &e), 0);
    assert_true(known);
    free(before);
    free(after);
    cd_store_close(store);
    plant_free(p);
}

static void another_capture_adds_to_it(void **state)
{
    (void)state;
    struct plant *p = first_capture(), *q = second_capture();
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    persist(store, plant_resolve(q), "d2", "file");
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset"), 4);
    assert_int_equal(number_of(store, "SELECT requests FROM operation"), 2);
    assert_int_equal(number_of(store, "SELECT client_packets FROM conversation WHERE client = '10.0.0.2'"), 6);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE firmware = 'V2.0'"), 1);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM attribute WHERE attribute = 'firmware' AND value = 'V1.0' "
                                      "AND valid_to_ns IS NOT NULL"),
                     1);
    assert_int_equal(
        number_of(
            store,
            "SELECT COUNT(*) FROM attribute WHERE attribute = 'firmware' AND value = 'V2.0' AND valid_to_ns IS NULL"),
        1);
    cd_store_close(store);
    plant_free(p);
    plant_free(q);
}

static void the_order_of_captures_makes_no_difference(void **state)
{
    (void)state;
    char *dumps[2];
    for (unsigned round = 0; round < 2; round++) {
        struct plant *captures[] = {first_capture(), second_capture()};
        struct cd_store *store = open_store(NULL);
        persist(store, plant_resolve(captures[round]), "d1", "file");
        persist(store, plant_resolve(captures[!round]), "d2", "file");
        dumps[round] = dump(store);
        cd_store_close(store);
        plant_free(captures[0]);
        plant_free(captures[1]);
        remove_files(store_path);
    }
    assert_string_equal(dumps[0], dumps[1]);
    free(dumps[0]);
    free(dumps[1]);
}

static void a_live_run_is_added_piece_by_piece(void **state)
{
    (void)state;
    struct plant *p = first_capture(), *q = second_capture();
    struct cd_store *store = open_store(NULL);
    assert_false(persist(store, plant_resolve(p), "run", "live"));
    assert_false(persist(store, plant_resolve(q), "run", "live"));
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM source"), 1);
    assert_int_equal(number_of(store, "SELECT requests FROM operation"), 2);
    cd_store_close(store);
    plant_free(p);
    plant_free(q);
}

static void sites_keep_apart(void **state)
{
    (void)state;
    struct plant *p = first_capture();
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    struct cd_inventory *other = cd_inventory_new("north");
    for (unsigned i = 0; i < plant_batches(p); i++)
        plant_apply(p, i, other);
    assert_false(persist(store, other, "d1", "file"));
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM site"), 2);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset"), 6);
    assert_int_equal(number_of(store, "SELECT COUNT(DISTINCT id) FROM asset"), 6);
    cd_inventory_free(other);
    cd_store_close(store);
    plant_free(p);
}

static void a_device_known_by_its_ip_keeps_its_id_when_its_mac_becomes_known(void **state)
{
    (void)state;
    struct plant *p = plant_new(), *q = plant_new();
    plant_talk(p, 0, "10.0.0.7", "10.0.0.8", "modbus", 502);
    plant_packets(q, 50, A, "10.0.0.7");
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    persist(store, plant_resolve(q), "d2", "file");
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset"), 2);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE ips = '10.0.0.7' AND macs = '" A "'"), 1);
    cd_store_close(store);
    plant_free(p);
    plant_free(q);
}

static struct cd_store *merged_store(struct plant *p, char ret_id[17], char ret_into[17])
{
    plant_packets(p, 0, A, "10.0.0.1");
    plant_packets(p, 1, B, "10.5.0.1");
    plant_fact(p, 2, "10.0.0.1", "", CD_ATTRIBUTE_SERIAL, "AB-12345", "s7comm", 100);
    plant_fact(p, 2, "10.5.0.1", "", CD_ATTRIBUTE_SERIAL, "AB-12345", "s7comm", 100);
    struct cd_store *store = open_store(NULL);
    const struct cd_inventory *inv = plant_resolve(p);
    memcpy(ret_id, inv->merges.items[0].id, 17);
    memcpy(ret_into, inv->merges.items[0].into, 17);
    persist(store, plant_resolve(p), "d1", "file");
    return store;
}

static void a_merge_is_told_with_its_evidence_and_can_be_undone(void **state)
{
    (void)state;
    char id[17], into[17];
    struct cd_error e;
    struct plant *p = plant_new(), *q = second_capture();
    struct cd_store *store = merged_store(p, id, into);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE removed_at_ns IS NULL"), 1);
    assert_int_equal(
        number_of(store, "SELECT COUNT(*) FROM asset_merge WHERE evidence LIKE 'same serial number AB-12345%'"), 1);
    assert_int_equal(cd_inventory_undo_merge(store, "default", id, into, 1800000000000000001, &e), 0);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE removed_at_ns IS NULL"), 2);
    assert_int_equal(cd_inventory_undo_merge(store, "default", id, into, 1800000000000000002, &e), CD_ERROR_USAGE);
    persist(store, plant_resolve(q), "d2", "file"); /* and it stays undone */
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE removed_at_ns IS NULL AND serial = 'AB-12345'"),
                     2);
    cd_store_close(store);
    plant_free(p);
    plant_free(q);
}

static void a_later_merge_keeps_the_older_id_and_the_history_of_both(void **state)
{
    (void)state;
    struct plant *p = first_capture(), *q = plant_new();
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    plant_fact(q, 50, "10.0.0.1", "", CD_ATTRIBUTE_SERIAL, "AB-12345", "s7comm", 100);
    plant_fact(q, 50, "10.0.0.2", "", CD_ATTRIBUTE_SERIAL, "AB-12345", "s7comm", 100);
    persist(store, plant_resolve(q), "d2", "file");
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE kind = 'device' AND removed_at_ns IS NULL"), 1);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE removed_at_ns IS NOT NULL"), 1);
    assert_int_equal(
        number_of(
            store,
            "SELECT COUNT(*) FROM asset_interface i, asset a WHERE a.id = i.asset_id AND a.removed_at_ns IS NOT NULL "
            "AND i.valid_to_ns IS NOT NULL"),
        1);
    cd_store_close(store);
    plant_free(p);
    plant_free(q);
}

static void a_correction_holds_until_it_is_taken_back(void **state)
{
    (void)state;
    char id[17];
    struct cd_error e;
    struct plant *p = first_capture(), *q = second_capture();
    struct cd_store *store = open_store(NULL);
    const struct cd_inventory *inv = plant_resolve(p);
    memcpy(id, plant_asset(inv, A)->id, 17);
    persist(store, plant_resolve(p), "d1", "file");
    assert_int_equal(cd_inventory_correct(store, "default", id, "model", "Pump controller", 5, &e), 0);
    assert_int_equal(cd_inventory_correct(store, "default", id, "type", "drive", 6, &e), 0);
    persist(store, plant_resolve(q), "d2", "file");
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE model = 'Pump controller' AND type = 'drive'"),
                     1);
    assert_int_equal(cd_inventory_correct(store, "default", id, "model", "", 9, &e), 0);
    assert_int_equal(number_of(store, "SELECT COUNT(*) FROM asset WHERE model = 'Pump controller'"), 0);
    assert_int_equal(number_of(store, "SELECT valid_to_ns FROM attribute WHERE value = 'Pump controller'"), 9);
    assert_int_equal(cd_inventory_correct(store, "default", id, "colour", "red", 9, &e), CD_ERROR_USAGE);
    assert_int_equal(cd_inventory_correct(store, "default", "0000000000000000", "model", "x", 9, &e), CD_ERROR_USAGE);
    cd_store_close(store);
    plant_free(p);
    plant_free(q);
}

/* ---- lists ---- */

static char *list(struct cd_store *store, enum cd_list_kind kind, enum cd_list_format format, const char *filter,
                  const char *sort, int expected)
{
    struct cd_error e = {0};
    struct cd_list_options options = {
        .kind = kind, .format = format, .filters = &filter, .n_filters = filter != NULL, .sort = sort};
    int fd = memfd_create("list", MFD_CLOEXEC), result = cd_inventory_list(store, "default", &options, fd, &e);
    if (result != expected)
        fail_msg("%s: %d %s", filter, result, e.text);
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = calloc((size_t)len + 1, 1);
    assert_non_null(text);
    assert_int_equal(pread(fd, text, (size_t)len, 0), len);
    close(fd);
    return text;
}

static unsigned lines(const char *text)
{
    unsigned n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void lists_filter_in_the_ways_promised(void **state)
{
    (void)state;
    static const struct {
        enum cd_list_kind kind;
        const char *filter;
        unsigned rows;
    } cases[] = {{CD_LIST_ASSETS, NULL, 3},
                 {CD_LIST_ASSETS, "ip=10.0.0.1", 1},
                 {CD_LIST_ASSETS, "ip=10.0.0", 0},
                 {CD_LIST_ASSETS, "ip~10.0.0", 2},
                 {CD_LIST_ASSETS, "mac=" A, 1},
                 {CD_LIST_ASSETS, "protocol=modbus", 2},
                 {CD_LIST_ASSETS, "kind=unit", 1},
                 {CD_LIST_ASSETS, "kind!=unit", 2},
                 {CD_LIST_ASSETS, "DRIVE", 1},
                 {CD_LIST_ASSETS, "model~%", 0},
                 {CD_LIST_ASSETS, "last>2023-11-14", 3},
                 {CD_LIST_ASSETS, "last<2023-11-14", 0},
                 {CD_LIST_CONVERSATIONS, "port=502", 1},
                 {CD_LIST_CONVERSATIONS, "port>502", 0},
                 {CD_LIST_CONVERSATIONS, "bytes>100", 1},
                 {CD_LIST_OPERATIONS, "class=write", 1},
                 {CD_LIST_OPERATIONS, "class=read", 0},
                 {CD_LIST_OPERATIONS, "coil", 1}};
    struct plant *p = first_capture();
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *csv = list(store, cases[i].kind, CD_LIST_CSV, cases[i].filter, NULL, 0);
        if (lines(csv) != cases[i].rows + 1)
            fail_msg("%s: %s", cases[i].filter, csv);
        free(csv);
    }
    free(list(store, CD_LIST_ASSETS, CD_LIST_TABLE, "colour=red", NULL, CD_ERROR_USAGE));
    free(list(store, CD_LIST_CONVERSATIONS, CD_LIST_TABLE, "port=many", NULL, CD_ERROR_USAGE));
    free(list(store, CD_LIST_ASSETS, CD_LIST_TABLE, "last>soon", NULL, CD_ERROR_USAGE));
    free(list(store, CD_LIST_ASSETS, CD_LIST_TABLE, NULL, "colour", CD_ERROR_USAGE));
    cd_store_close(store);
    plant_free(p);
}

static void lists_sort_and_print_in_each_format(void **state)
{
    (void)state;
    struct plant *p = first_capture();
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    char *table = list(store, CD_LIST_ASSETS, CD_LIST_TABLE, NULL, NULL, 0),
         *json = list(store, CD_LIST_ASSETS, CD_LIST_JSON, NULL, "-ip", 0);
    assert_int_equal(strncmp(table, "ip ", 3), 0);
    assert_true(strstr(table, "10.0.0.1") < strstr(table, "10.0.0.2"));
    assert_true(strstr(table, "Drive") < strstr(table, "10.0.0.2")); /* the unit follows its gateway */
    assert_true(strstr(json, "[\"10.0.0.2\"]") < strstr(json, "[\"10.0.0.1\"]"));
    assert_int_equal(json[strlen(json) - 2], ']');
    free(table);
    free(json);
    cd_store_close(store);
    plant_free(p);
}

static void a_name_from_the_network_is_no_formula_in_csv(void **state)
{
    (void)state;
    struct plant *p = first_capture();
    plant_fact(p, 3, "10.0.0.1", "", CD_ATTRIBUTE_NAME, "=cmd|'/c calc'!A0, \"x\"", "nbns", 90);
    struct cd_store *store = open_store(NULL);
    persist(store, plant_resolve(p), "d1", "file");
    char *csv = list(store, CD_LIST_ASSETS, CD_LIST_CSV, "ip=10.0.0.1", NULL, 0);
    assert_non_null(strstr(csv, "\"'=cmd|'/c calc'!A0, \"\"x\"\"\""));
    free(csv);
    cd_store_close(store);
    plant_free(p);
}

int main(void)
{
#define STORED(test) cmocka_unit_test_setup_teardown(test, make_temporary, remove_temporary)
    const struct CMUnitTest tests[] = {
        STORED(a_capture_is_kept_with_everything_of_it),
        STORED(the_same_capture_again_changes_nothing),
        STORED(another_capture_adds_to_it),
        STORED(the_order_of_captures_makes_no_difference),
        STORED(a_live_run_is_added_piece_by_piece),
        STORED(sites_keep_apart),
        STORED(a_device_known_by_its_ip_keeps_its_id_when_its_mac_becomes_known),
        STORED(a_merge_is_told_with_its_evidence_and_can_be_undone),
        STORED(a_later_merge_keeps_the_older_id_and_the_history_of_both),
        STORED(a_correction_holds_until_it_is_taken_back),
        STORED(lists_filter_in_the_ways_promised),
        STORED(lists_sort_and_print_in_each_format),
        STORED(a_name_from_the_network_is_no_formula_in_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
