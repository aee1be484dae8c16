/* The inventory in the store. Internal to persist.c, sync.c, load.c and change.c. */
#ifndef CD_HUB_INVENTORY_PERSIST_H
#define CD_HUB_INVENTORY_PERSIST_H

#include "hub/inventory/model.h"
#include "store/query.h"
#include "store/store.h"

/* The site's number; with `create` it is made where it is not there, else *ret_site is 0. */
int cd_site_find(struct cd_store *store, const char *name, bool create, int64_t *ret_site, struct cd_error *e);

/* Brings assets, interfaces, attributes, relations and merges in the store in line with a resolved inventory that knows everything of the site:
 * writes what differs. Inside a transaction. */
int cd_inventory_sync(const struct cd_inventory *inv, struct cd_store *store, int64_t site, uint64_t now_ns,
                      struct cd_error *e);

/* A subject as the store keeps it: "MAC", "IP" or "MAC,IP", then "/" and the nested path. */
void cd_text_subject(struct cd_text *t, const struct cd_inventory *inv, const struct fact *f);

/* Loads the site anew, resolves it and writes what differs; for changes by people. Inside a transaction. */
int cd_inventory_refresh(struct cd_store *store, const char *site_name, int64_t site, uint64_t now_ns,
                         struct cd_error *e);

#endif
