/* The store: one directory that holds everything Cordon keeps, encrypted.
 *
 *     DIR/cordon.db    the database (SQLite3 Multiple Ciphers, ChaCha20-Poly1305 per page); -wal and -shm while open
 *     DIR/cordon.meta  how the key is made, and a tag that tells a wrong key from a damaged database; no secret in it
 *     DIR/cordon.key   the key, where nothing else was given; better moved elsewhere (docs/internals/store.md)
 *     DIR/cordon.lock  held by the one process that writes
 *
 * One process writes at a time; any number read meanwhile. */
#ifndef CD_STORE_STORE_H
#define CD_STORE_STORE_H

#include "base/error.h"
#include "store/key.h"

#include <stdbool.h>
#include <stdint.h>

struct cd_store;

struct cd_store_options {
    struct cd_key_source key; /* where the key comes from; all zero: found by the rules in key.h */
    bool read_only;           /* nothing is created, changed or locked */
    unsigned busy_timeout_ms; /* how long to wait for another writer to end; 0: not at all */
};

/* Opens the store in `directory`, made (0700) where it does not exist, and brings its schema up to date. `options`
 * may be NULL. Fails with CD_ERROR_KEY (missing or wrong key), CD_ERROR_STORE (damaged, in use by another writer, of
 * a newer version, or not there and read_only), CD_ERROR_ACCESS (can't be read or written), CD_ERROR_FULL (no
 * space). */
int cd_store_open(const char *directory, const struct cd_store_options *options, struct cd_store **ret_store,
                  struct cd_error *e);

/* Checks every page against its authentication tag and the structure of every table; slow. CD_ERROR_STORE names what
 * is damaged. */
int cd_store_check(struct cd_store *store, struct cd_error *e);

/* The schema version in the store. */
int64_t cd_store_version(const struct cd_store *store);

/* Rolls back what was not committed, closes, wipes the key. NULL is allowed. */
void cd_store_close(struct cd_store *store);

#endif
