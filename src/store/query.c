#include "store/query.h"

#include "base/hash.h"
#include "base/memory.h"
#include "store/state.h"

#include <string.h>

struct cd_query {
    struct cd_store *store;
    void *statement;
    char *sql;
    uint64_t hash;
    uint64_t used_at; /* the store's clock at the last preparation */
    bool out;         /* prepared and not yet done */
    bool kept;        /* in the store's table */
    int failed_at;    /* the first parameter that could not be bound; 0: none */
};

/* ---- The table of prepared queries ---- */

static struct cd_query *find_kept(struct cd_store *store, const char *sql, uint64_t hash)
{
    for (size_t i = 0; i < CD_STORE_KEPT_QUERIES; i++) {
        struct cd_query *query = store->queries[i];
        if (query && !query->out && query->hash == hash && strcmp(query->sql, sql) == 0)
            return query;
    }
    return NULL;
}

static void free_query(struct cd_query *query)
{
    query->store->driver->finish(query->statement);
    cd_free(query->sql);
    cd_free(query);
}

/* Keeps a new query: in a free place, or in that of the one used longest ago. Where all are out, it is not kept. */
static void keep(struct cd_store *store, struct cd_query *query)
{
    struct cd_query **place = NULL;
    for (size_t i = 0; i < CD_STORE_KEPT_QUERIES; i++) {
        struct cd_query **candidate = &store->queries[i];
        if (!*candidate) {
            place = candidate;
            break;
        }
        if (!(*candidate)->out && (!place || (*candidate)->used_at < (*place)->used_at))
            place = candidate;
    }
    if (!place)
        return;
    if (*place)
        free_query(*place);
    *place = query;
    query->kept = true;
}

void cd_query_forget_all(struct cd_store *store)
{
    for (size_t i = 0; i < CD_STORE_KEPT_QUERIES; i++) {
        if (store->queries[i])
            free_query(store->queries[i]);
        store->queries[i] = NULL;
    }
}

int cd_query_prepare(struct cd_store *store, const char *sql, struct cd_query **ret_query, struct cd_error *e)
{
    uint64_t hash = cd_hash_bytes(0, sql, strlen(sql));
    struct cd_query *query = find_kept(store, sql, hash);
    if (!query) {
        void *statement;
        int r = store->driver->prepare(store->connection, sql, &statement, e);
        if (r != CD_OK)
            return r;
        query = cd_alloc(1, sizeof *query);
        *query = (struct cd_query){.store = store, .statement = statement, .sql = cd_copy_text(sql), .hash = hash};
        keep(store, query);
    }
    query->out = true;
    query->used_at = ++store->clock;
    *ret_query = query;
    return CD_OK;
}

static void rewind_query(struct cd_query *query)
{
    query->store->driver->reset(query->statement);
    query->failed_at = 0;
}

void cd_query_done(struct cd_query *query)
{
    if (!query)
        return;
    rewind_query(query);
    query->out = false;
    if (!query->kept)
        free_query(query);
}

/* ---- Binding ---- */

static void note(struct cd_query *query, int at, bool bound)
{
    if (!bound && !query->failed_at)
        query->failed_at = at ? at : -1;
}

void cd_query_i64(struct cd_query *query, int at, int64_t value)
{
    note(query, at, query->store->driver->bind_i64(query->statement, at, value));
}

void cd_query_u64(struct cd_query *query, int at, uint64_t value)
{
    cd_query_i64(query, at, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void cd_query_f64(struct cd_query *query, int at, double value)
{
    note(query, at, query->store->driver->bind_f64(query->statement, at, value));
}

void cd_query_text(struct cd_query *query, int at, const char *text)
{
    if (text)
        cd_query_text_len(query, at, text, strlen(text));
    else
        cd_query_null(query, at);
}

void cd_query_text_len(struct cd_query *query, int at, const char *text, size_t len)
{
    note(query, at, query->store->driver->bind_text(query->statement, at, text ? text : "", text ? len : 0));
}

void cd_query_blob(struct cd_query *query, int at, const void *bytes, size_t len)
{
    note(query, at, query->store->driver->bind_blob(query->statement, at, bytes, len));
}

void cd_query_null(struct cd_query *query, int at)
{
    note(query, at, query->store->driver->bind_null(query->statement, at));
}

/* ---- Running ---- */

int cd_query_step(struct cd_query *query, bool *ret_row, struct cd_error *e)
{
    const struct cd_store *store = query->store;
    bool row = false;
    int r;
    if (query->failed_at)
        r = cd_error_set(e, CD_ERROR_INTERNAL, "parameter %d can't be bound in: %.200s", query->failed_at, query->sql);
    else if (store->transaction && !store->driver->in_transaction(store->connection))
        /* The database ended the transaction by itself, for lack of space say: what follows must not be kept alone. */
        r = cd_error_set(e, CD_ERROR_INTERNAL, "the transaction was already rolled back");
    else
        r = store->driver->step(store->connection, query->statement, &row, e);
    if (r != CD_OK || !row)
        rewind_query(query);
    if (r == CD_OK)
        *ret_row = row;
    return r;
}

int cd_query_execute(struct cd_query *query, struct cd_error *e)
{
    bool row = true;
    int r = CD_OK;
    while (r == CD_OK && row)
        r = cd_query_step(query, &row, e);
    return r;
}

int cd_query_run(struct cd_store *store, const char *sql, struct cd_error *e)
{
    struct cd_query *query;
    int r = cd_query_prepare(store, sql, &query, e);
    if (r != CD_OK)
        return r;
    r = cd_query_execute(query, e);
    cd_query_done(query);
    return r;
}

int cd_query_run_i64(struct cd_store *store, const char *sql, int64_t otherwise, int64_t *ret_value, struct cd_error *e)
{
    struct cd_query *query;
    bool row;
    int r = cd_query_prepare(store, sql, &query, e);
    if (r != CD_OK)
        return r;
    r = cd_query_step(query, &row, e);
    if (r == CD_OK)
        *ret_value = row && !cd_query_is_null(query, 0) ? cd_query_get_i64(query, 0) : otherwise;
    cd_query_done(query);
    return r;
}

uint64_t cd_query_changes(struct cd_store *store)
{
    return store->driver->changes(store->connection);
}

/* ---- Columns ---- */

int64_t cd_query_get_i64(struct cd_query *query, int column)
{
    return query->store->driver->get_i64(query->statement, column);
}

uint64_t cd_query_get_u64(struct cd_query *query, int column)
{
    int64_t value = cd_query_get_i64(query, column);
    return value < 0 ? 0 : (uint64_t)value;
}

double cd_query_get_f64(struct cd_query *query, int column)
{
    return query->store->driver->get_f64(query->statement, column);
}

const char *cd_query_get_text(struct cd_query *query, int column)
{
    const char *text = query->store->driver->get_text(query->statement, column);
    return text ? text : "";
}

const void *cd_query_get_blob(struct cd_query *query, int column, size_t *ret_len)
{
    const void *bytes = query->store->driver->get_blob(query->statement, column, ret_len);
    return bytes ? bytes : "";
}

bool cd_query_is_null(struct cd_query *query, int column)
{
    return cd_query_get_type(query, column) == CD_QUERY_NULL;
}

enum cd_query_type cd_query_get_type(struct cd_query *query, int column)
{
    return query->store->driver->get_type(query->statement, column);
}

int cd_query_columns(struct cd_query *query)
{
    return query->store->driver->columns(query->statement);
}

const char *cd_query_column_name(struct cd_query *query, int column)
{
    return query->store->driver->column_name(query->statement, column);
}

/* ---- Transactions ---- */

int cd_store_begin(struct cd_store *store, struct cd_error *e)
{
    if (store->transaction)
        return cd_error_set(e, CD_ERROR_INTERNAL, "a transaction within a transaction");
    if (store->read_only)
        return cd_error_set(e, CD_ERROR_INTERNAL, "a transaction in a store that was opened to read");
    /* IMMEDIATE: waits for the write lock now, and never has to give up in the middle. */
    int r = cd_query_run(store, "BEGIN IMMEDIATE", e);
    store->transaction = r == CD_OK;
    return r;
}

int cd_store_commit(struct cd_store *store, struct cd_error *e)
{
    if (!store->transaction)
        return cd_error_set(e, CD_ERROR_INTERNAL, "a commit without a transaction");
    int r = cd_query_run(store, "COMMIT", e);
    if (r == CD_OK)
        store->transaction = false;
    return r;
}

void cd_store_rollback(struct cd_store *store)
{
    if (!store->transaction)
        return;
    store->transaction = false;
    /* Where the database has rolled back by itself there is nothing left to do, and this cannot fail otherwise. */
    if (store->driver->in_transaction(store->connection))
        (void)cd_query_run(store, "ROLLBACK", NULL);
}
