/* The inside of a store: for the files of this room only. */
#ifndef CD_STORE_STATE_H
#define CD_STORE_STATE_H

#include "store/driver.h"
#include "store/key.h"

#define CD_STORE_KEPT_QUERIES 128

struct cd_store {
    const struct cd_driver *driver;
    void *connection;
    struct cd_key *key;
    char *directory;
    int lock_fd; /* the lock of the one writer; -1 for readers */
    bool read_only;
    bool transaction; /* between cd_store_begin and commit or rollback */
    int64_t version;
    uint64_t clock; /* counts preparations, to find the query used longest ago */
    struct cd_query *queries[CD_STORE_KEPT_QUERIES];
};

/* Frees all kept queries, before the connection is closed. */
void cd_query_forget_all(struct cd_store *store);

/* Brings the schema up to date, or says why that can't be. */
int cd_store_migrate(struct cd_store *store, struct cd_error *e);

/* One file of src/store/migrations, embedded by tools/embed-sql. */
struct cd_migration {
    const char *name; /* "0001-first" */
    const char *sql;
};

extern const struct cd_migration cd_migrations[];
extern const size_t cd_migration_count; /* the newest schema version that this program knows */

/* The same with a given list: for the tests. */
int cd_store_migrate_with(struct cd_store *store, const struct cd_migration *migrations, size_t count,
                          struct cd_error *e);

#endif
