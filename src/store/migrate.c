/* The schema's versions. Version n is what the first n files of migrations/ make; each is applied once, all in one
 * transaction, and remembered in schema_migration with its checksum. */
#include "base/text.h"
#include "store/state.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define SUM_BYTES 16
#define SUM_TEXT (2 * SUM_BYTES + 1)

static void checksum(const char *sql, char ret_text[SUM_TEXT])
{
    uint8_t sum[SUM_BYTES];
    crypto_generichash(sum, sizeof sum, (const uint8_t *)sql, strlen(sql), NULL, 0);
    sodium_bin2hex(ret_text, SUM_TEXT, sum, sizeof sum);
}

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* One row of schema_migration against what this program knows. */
static int compare(const struct cd_store *store, struct cd_query *row, const struct cd_migration *migrations,
                   size_t count, int64_t expected_version, struct cd_error *e)
{
    char sum[SUM_TEXT];
    int64_t version = cd_query_get_i64(row, 0);
    if (version > (int64_t)count)
        return cd_error_set(e, CD_ERROR_STORE,
                            "the store %s is of a newer version of Cordon (schema %lld, this program knows %zu)",
                            store->directory, (long long)version, count);
    if (version != expected_version)
        return cd_error_set(e, CD_ERROR_STORE, "the store %s is damaged: schema version %lld is missing",
                            store->directory, (long long)expected_version);
    const struct cd_migration *known = &migrations[version - 1];
    checksum(known->sql, sum);
    if (strcmp(sum, cd_query_get_text(row, 1)) != 0)
        return cd_error_set(e, CD_ERROR_STORE,
                            "the store %s was made by another Cordon: its schema %s differs from this program's",
                            store->directory, known->name);
    return CD_OK;
}

/* The version in the store, 0 for an empty one; fails where it is not one of ours. */
static int read_version(struct cd_store *store, const struct cd_migration *migrations, size_t count,
                        int64_t *ret_version, struct cd_error *e)
{
    bool there, row;
    struct cd_query *query;
    int r = store->driver->has_table(store->connection, "schema_migration", &there, e);
    if (r != CD_OK)
        return r;
    *ret_version = 0;
    if (!there)
        return CD_OK;
    /* The newest first, so that a newer store is told as such whatever else differs. */
    int64_t newest, version;
    r = cd_query_run_i64(store, "SELECT max(version) FROM schema_migration", 0, &newest, e);
    if (r != CD_OK ||
        (r = cd_query_prepare(store, "SELECT version, checksum FROM schema_migration ORDER BY version DESC", &query,
                              e)) != CD_OK)
        return r;
    for (version = newest; (r = cd_query_step(query, &row, e)) == CD_OK && row; version--)
        if ((r = compare(store, query, migrations, count, version, e)) != CD_OK)
            break;
    cd_query_done(query);
    if (r == CD_OK && version != 0)
        r = cd_error_set(e, CD_ERROR_STORE, "the store %s is damaged: its list of schema versions has gaps",
                         store->directory);
    if (r == CD_OK)
        *ret_version = newest;
    return r;
}

static int apply(struct cd_store *store, const struct cd_migration *migration, int64_t version, struct cd_error *e)
{
    char sum[SUM_TEXT];
    struct cd_query *query;
    int r = store->driver->script(store->connection, migration->sql, e);
    if (r != CD_OK)
        return r;
    r = cd_query_prepare(
        store, "INSERT INTO schema_migration (version, name, checksum, applied_at_ns) VALUES (?1, ?2, ?3, ?4)", &query,
        e);
    if (r != CD_OK)
        return r;
    checksum(migration->sql, sum);
    cd_query_i64(query, 1, version);
    cd_query_text(query, 2, migration->name);
    cd_query_text(query, 3, sum);
    cd_query_i64(query, 4, now_ns());
    r = cd_query_execute(query, e);
    cd_query_done(query);
    return r;
}

int cd_store_migrate_with(struct cd_store *store, const struct cd_migration *migrations, size_t count,
                          struct cd_error *e)
{
    int64_t version;
    int r = read_version(store, migrations, count, &version, e);
    if (r != CD_OK)
        return r;
    if (version < (int64_t)count && store->read_only)
        return cd_error_set(
            e, CD_ERROR_STORE,
            "the store %s has an older schema (%lld of %zu); open it to write once, to bring it up to date",
            store->directory, (long long)version, count);
    if (version < (int64_t)count) {
        r = cd_store_begin(store, e);
        if (r == CD_OK)
            r = store->driver->script(
                store->connection,
                "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT NOT NULL PRIMARY KEY, "
                "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_ns BIGINT NOT NULL)",
                e);
        while (r == CD_OK && version < (int64_t)count) {
            r = apply(store, &migrations[version], version + 1, e);
            version++;
        }
        if (r == CD_OK)
            r = cd_store_commit(store, e);
        if (r != CD_OK)
            cd_store_rollback(store);
    }
    if (r == CD_OK)
        store->version = (int64_t)count;
    return r;
}

int cd_store_migrate(struct cd_store *store, struct cd_error *e)
{
    return cd_store_migrate_with(store, cd_migrations, cd_migration_count, e);
}
