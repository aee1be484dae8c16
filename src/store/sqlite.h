/* The embedded database: SQLite3 Multiple Ciphers. Each page is encrypted and authenticated (ChaCha20-Poly1305)
 * under the key of the store, the write-ahead log too; a commit is on the disk when it returns (WAL,
 * synchronous=FULL). */
#ifndef CD_STORE_SQLITE_H
#define CD_STORE_SQLITE_H

#include "store/driver.h"
#include "store/key.h"

extern const struct cd_driver cd_sqlite_driver;

struct cd_sqlite_options {
    const struct cd_key *key;
    bool key_checked; /* cordon.meta said that the key is right, so what does not decrypt is damaged */
    bool read_only;
    unsigned busy_timeout_ms; /* how long a statement waits for another process's statement */
};

/* Opens, or makes, the database at `path` and reads its first page. */
int cd_sqlite_open(const char *path, const struct cd_sqlite_options *options, void **ret_connection,
                   struct cd_error *e);

#endif
