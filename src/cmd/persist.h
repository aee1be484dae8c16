/* Putting an inventory into a store. The store is open only while something is written, so that other commands get their turn. */
#ifndef CD_CMD_PERSIST_H
#define CD_CMD_PERSIST_H

#include "base/error.h"
#include "hub/inventory/inventory.h"

#include <stdbool.h>
#include <stdint.h>

enum { CD_DIGEST_TEXT = 65 };

/* Whether the store in `directory` can be opened for writing; makes it where it is not there. Codes as cd_store_open. */
int cd_persist_check(const char *directory, struct cd_error *e);

/* Adds the inventory's one source to the store. A source that is known already changes nothing (*ret_known). Waits some seconds for
 * another writer. */
int cd_persist(struct cd_inventory *inventory, const char *directory, const struct cd_inventory_source *source,
               bool *ret_known, struct cd_error *e);

/* The digest of a file's contents (BLAKE2b-256), by which it is known again under any name. CD_ERROR_ACCESS. */
int cd_persist_digest(const char *path, char ret_digest[CD_DIGEST_TEXT], struct cd_error *e);
/* A random one of the same form, for what can't be read twice. */
void cd_persist_random(char ret_digest[CD_DIGEST_TEXT]);

/* Nanoseconds since 1970. */
uint64_t cd_persist_now_ns(void);

#endif
