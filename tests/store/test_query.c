/* The query layer. */
#include "temporary.h"

static struct cd_query *prepared(struct cd_store *store, const char *sql)
{
    struct cd_query *query;
    struct cd_error e;
    if (cd_query_prepare(store, sql, &query, &e) != CD_OK)
        fail_msg("%s", e.text);
    return query;
}

static bool stepped(struct cd_query *query)
{
    bool row;
    struct cd_error e;
    if (cd_query_step(query, &row, &e) != CD_OK)
        fail_msg("%s", e.text);
    return row;
}

static struct cd_store *with_table(void)
{
    struct cd_store *store = open_store(NULL);
    run(store, "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, f DOUBLE PRECISION, s TEXT, b BLOB)");
    return store;
}

static void values_come_back_as_they_went_in(void **state)
{
    (void)state;
    struct cd_store *store = with_table();
    struct cd_error e;
    struct cd_query *q = prepared(store, "INSERT INTO t (id, f, s, b) VALUES (?1, ?2, ?3, ?4)");
    cd_query_u64(q, 1, UINT64_MAX);
    cd_query_f64(q, 2, 0.1);
    cd_query_text(q, 3, "Pumpe Süd \"1\" ' --");
    cd_query_blob(q, 4, "\0\1\2", 3);
    assert_int_equal(cd_query_execute(q, &e), CD_OK);
    cd_query_i64(q, 1, INT64_MIN);
    cd_query_text(q, 3, NULL);
    cd_query_blob(q, 4, NULL, 0);
    assert_int_equal(cd_query_execute(q, &e), CD_OK);
    assert_int_equal(cd_query_changes(store), 1);
    cd_query_done(q);

    size_t len;
    q = prepared(store, "SELECT id, f, s, b AS bytes FROM t ORDER BY id DESC");
    assert_int_equal(cd_query_columns(q), 4);
    assert_string_equal(cd_query_column_name(q, 3), "bytes");
    assert_true(stepped(q));
    assert_true(cd_query_get_u64(q, 0) == INT64_MAX);
    assert_true(cd_query_get_f64(q, 1) == 0.1);
    assert_int_equal(cd_query_get_type(q, 1), CD_QUERY_REAL);
    assert_string_equal(cd_query_get_text(q, 2), "Pumpe Süd \"1\" ' --");
    assert_memory_equal(cd_query_get_blob(q, 3, &len), "\0\1\2", 3);
    assert_int_equal(len, 3);
    assert_true(stepped(q));
    assert_true(cd_query_get_i64(q, 0) == INT64_MIN);
    assert_int_equal(cd_query_get_u64(q, 0), 0);
    assert_true(cd_query_is_null(q, 1)); /* executing unbound it */
    assert_string_equal(cd_query_get_text(q, 2), "");
    assert_int_equal(cd_query_get_type(q, 3), CD_QUERY_BLOB);
    assert_false(stepped(q));
    cd_query_done(q);
    cd_store_close(store);
}

static void the_same_sql_is_prepared_once(void **state)
{
    (void)state;
    struct cd_store *store = with_table();
    struct cd_query *first = prepared(store, "SELECT id FROM t");
    struct cd_query *within = prepared(store, "SELECT id FROM t");
    assert_ptr_not_equal(first, within);
    cd_query_done(within);
    cd_query_done(first);
    struct cd_query *again = prepared(store, "SELECT id FROM t");
    assert_true(again == first || again == within);
    cd_query_done(again);
    cd_query_done(NULL);
    cd_store_close(store);
}

static void more_queries_than_are_kept_work(void **state)
{
    (void)state;
    struct cd_store *store = with_table();
    struct cd_query *out[200];
    char sql[64];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            snprintf(sql, sizeof sql, "SELECT %d", i + round * 100);
            out[i] = prepared(store, sql);
        }
        for (int i = 0; i < 200; i++) {
            assert_true(stepped(out[i]));
            assert_int_equal(cd_query_get_i64(out[i], 0), i + round * 100);
            cd_query_done(out[i]);
        }
    }
    cd_store_close(store);
}

static void wrong_sql_and_wrong_parameters_are_told(void **state)
{
    (void)state;
    struct cd_store *store = with_table();
    struct cd_query *q;
    struct cd_error e;
    assert_int_equal(cd_query_prepare(store, "SELECT nothing FROM nowhere", &q, &e), CD_ERROR_INTERNAL);
    assert_int_equal(cd_query_prepare(store, "", &q, &e), CD_ERROR_INTERNAL);
    q = prepared(store, "INSERT INTO t (id) VALUES (?1)");
    cd_query_i64(q, 2, 1);
    cd_query_i64(q, 1, 1);
    assert_int_equal(cd_query_execute(q, &e), CD_ERROR_INTERNAL);
    assert_non_null(strstr(e.text, "parameter 2"));
    cd_query_i64(q, 1, 1);
    assert_int_equal(cd_query_execute(q, &e), CD_OK);
    cd_query_i64(q, 1, 1);
    assert_int_equal(cd_query_execute(q, &e), CD_ERROR_INTERNAL); /* the key is there already */
    cd_query_done(q);
    assert_int_equal(number_of(store, "SELECT count(*) FROM t"), 1);
    cd_store_close(store);
}

static void a_transaction_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    struct cd_store *store = with_table();
    struct cd_error e;
    assert_int_equal(cd_store_begin(store, &e), CD_OK);
    assert_int_equal(cd_store_begin(store, &e), CD_ERROR_INTERNAL);
    run(store, "INSERT INTO t (id) VALUES (1)");
    cd_store_rollback(store);
    cd_store_rollback(store);
    assert_int_equal(number_of(store, "SELECT count(*) FROM t"), 0);
    assert_int_equal(cd_store_commit(store, &e), CD_ERROR_INTERNAL);

    assert_int_equal(cd_store_begin(store, &e), CD_OK);
    run(store, "INSERT INTO t (id) VALUES (1)");
    assert_int_equal(cd_store_commit(store, &e), CD_OK);
    assert_int_equal(cd_store_begin(store, &e), CD_OK);
    run(store, "INSERT INTO t (id) VALUES (2)");
    cd_store_close(store); /* not committed */
    store = open_store(NULL);
    assert_int_equal(number_of(store, "SELECT max(id) FROM t"), 1);
    cd_store_close(store);
}

static void what_follows_a_lost_transaction_is_not_kept_alone(void **state)
{
    (void)state;
    struct cd_store *store = with_table();
    struct cd_error e;
    assert_int_equal(cd_store_begin(store, &e), CD_OK);
    run(store, "INSERT INTO t (id) VALUES (1)");
    run(store, "ROLLBACK"); /* as the database does by itself when the disk is full */
    assert_int_equal(cd_query_run(store, "INSERT INTO t (id) VALUES (2)", &e), CD_ERROR_INTERNAL);
    assert_int_equal(cd_store_commit(store, &e), CD_ERROR_INTERNAL);
    cd_store_rollback(store);
    assert_int_equal(number_of(store, "SELECT count(*) FROM t"), 0);
    cd_store_close(store);
}

static void a_row_needs_its_site(void **state)
{
    (void)state;
    struct cd_store *store = open_store(NULL);
    struct cd_error e;
    assert_int_equal(cd_query_run(store, "INSERT INTO asset (site_id, id) VALUES (7, 'a')", &e), CD_ERROR_INTERNAL);
    cd_store_close(store);
}

/* A list of 100 000 devices pages in the store: no sort and no scan of the whole. */
static void lists_of_assets_page_by_an_index(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "SELECT * FROM asset WHERE site_id = 1 AND (vendor, model, id) > ('a', 'b', 'c') ORDER BY vendor, model, id",
        "SELECT * FROM asset WHERE site_id = 1 AND (name, id) > ('a', 'b') ORDER BY name, id LIMIT 50",
        "SELECT * FROM asset WHERE site_id = 1 AND category = 'ot' AND type = 'plc' ORDER BY id LIMIT 50",
        "SELECT * FROM asset_interface WHERE site_id = 1 AND ip = '10.0.0.1'",
        "SELECT * FROM conversation WHERE site_id = 1 AND protocol = 'modbus' ORDER BY client, server LIMIT 50",
        "SELECT * FROM event WHERE site_id = 1 ORDER BY time_ns DESC LIMIT 50",
    };
    struct cd_store *store = open_store(NULL);
    char sql[512];
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", pages[i]);
        struct cd_query *q = prepared(store, sql);
        while (stepped(q)) {
            const char *plan = cd_query_get_text(q, 3);
            if (strncmp(plan, "SEARCH", 6) != 0)
                fail_msg("%s: %s", pages[i], plan);
        }
        cd_query_done(q);
    }
    cd_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_temporary(values_come_back_as_they_went_in),
        with_temporary(the_same_sql_is_prepared_once),
        with_temporary(more_queries_than_are_kept_work),
        with_temporary(wrong_sql_and_wrong_parameters_are_told),
        with_temporary(a_transaction_is_kept_whole_or_not_at_all),
        with_temporary(what_follows_a_lost_transaction_is_not_kept_alone),
        with_temporary(a_row_needs_its_site),
        with_temporary(lists_of_assets_page_by_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
