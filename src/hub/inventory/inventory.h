/* The inventory: what observations say about devices, put together.
 *
 *     struct cd_inventory *inv = cd_inventory_new("default");
 *     while (a batch arrives)
 *         cd_inventory_apply(inv, bytes, len, &e);     // any number of sensors and workers, in any order, the same result
 *     cd_inventory_resolve(inv);                       // identity, attributes, classification: devices
 *     cd_inventory_write_json(inv, fd, &e);
 *     cd_inventory_free(inv);
 *
 * What was seen (facts, conversations, operations, events) is only ever added up; who is who is worked out anew from all of it
 * by resolve, so that every decision can be undone. The way to read this room: model.h (what is kept), model.c (adding
 * up), resolve.c (the steps), then a file per step. */
#ifndef CD_HUB_INVENTORY_INVENTORY_H
#define CD_HUB_INVENTORY_INVENTORY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cd_inventory;
struct cd_store;

/* An empty inventory of one site; the caller frees it. Never NULL. */
struct cd_inventory *cd_inventory_new(const char *site) __attribute__((returns_nonnull));
void cd_inventory_free(struct cd_inventory *inventory);

/* Adds one batch (without its length prefix). A batch of the same (sensor, sequence) is added once; applying it again does
 * nothing. CD_ERROR_INPUT, and nothing is added, where the batch is out of bounds. */
int cd_inventory_apply(struct cd_inventory *inventory, const uint8_t *batch, size_t len, struct cd_error *e);

/* Adds everything that was seen by `other` (captures keep their numbers, sensors are not compared). */
void cd_inventory_add(struct cd_inventory *inventory, const struct cd_inventory *other);

/* The name of a capture as the hub knows it, which is worth more than what a sensor says. */
void cd_inventory_name_capture(struct cd_inventory *inventory, uint32_t number, const char *name);

/* A problem that the hub itself knows of, shown with capture `number` ("the sensor ended before the file did") or, with a
 * number of UINT32_MAX, with the trust of the whole. */
void cd_inventory_add_problem(struct cd_inventory *inventory, uint32_t number, const char *text);

/* Uses this file of OUI assignments (CSV as the IEEE publishes it, or its text form) besides those of the ieee-data package; newer
 * entries win. CD_ERROR_ACCESS, CD_ERROR_INPUT. */
int cd_oui_load(const char *path, struct cd_error *e);
/* Reads the package's lists now, while there is time, rather than when the first vendor is asked for. */
void cd_oui_prepare(void);

/* Works out the devices from everything seen so far; needed before anything below. May be called again after more was added. */
void cd_inventory_resolve(struct cd_inventory *inventory);

/* The document of `cordon analyze --json` (docs/analyze.schema.json) to a descriptor. The same observations give the same bytes.
 * CD_ERROR_ACCESS or CD_ERROR_FULL where it can't be written. */
int cd_inventory_write_json(const struct cd_inventory *inventory, int fd, struct cd_error *e);

struct cd_summary_options {
    unsigned columns; /* width of the terminal; 0: 100 */
    bool colour;
};
/* The summary for people. */
int cd_inventory_write_summary(const struct cd_inventory *inventory, int fd, const struct cd_summary_options *options,
                               struct cd_error *e);

/* Figures for callers that sum up in a sentence. */
struct cd_inventory_counts {
    uint64_t assets, top_level_assets, conversations, operations, events, facts;
};
struct cd_inventory_counts cd_inventory_count(const struct cd_inventory *inventory);

/* ---- the store ---- */

/* What an inventory came from. */
struct cd_inventory_source {
    const char *digest; /* of the capture's contents, lower-case hexadecimal; for a live run, its random id */
    const char *name;   /* for people */
    const char *kind;   /* "file" or "live" */
    uint64_t now_ns;    /* when it was applied */
};

/* Whether this source has been applied to the inventory's site already. */
int cd_inventory_is_known(struct cd_inventory *inventory, struct cd_store *store, const char *digest, bool *ret_known,
                          struct cd_error *e);

/* Adds what this inventory has seen to its site in the store, and works out the site's devices anew, in one transaction: all of it or
 * nothing. A source that is known changes nothing (*ret_known, which may be NULL, tells). The inventory must hold one
 * source's observations; for several captures use one inventory each, and cd_inventory_add for the whole. */
int cd_inventory_persist(struct cd_inventory *inventory, struct cd_store *store,
                         const struct cd_inventory_source *source, bool *ret_known, struct cd_error *e);

/* Adds everything the store knows of the inventory's site: what was seen (without events), the ids in use, merges that were undone and
 * corrections by people. Resolve follows. */
int cd_inventory_load(struct cd_inventory *inventory, struct cd_store *store, struct cd_error *e);

/* Takes two devices apart again that were found to be one, and keeps them apart. CD_ERROR_USAGE where they are not merged. */
int cd_inventory_undo_merge(struct cd_store *store, const char *site, const char *asset_id, const char *into_id,
                            uint64_t now_ns, struct cd_error *e);

/* A person's own word on an attribute (a name of vocabulary.h, or type, role, purdue, category, criticality): it beats every fact. An empty value
 * takes the correction back. CD_ERROR_USAGE where there is no such asset or attribute. */
int cd_inventory_correct(struct cd_store *store, const char *site, const char *asset_id, const char *attribute,
                         const char *value, uint64_t now_ns, struct cd_error *e);

/* ---- lists for `cordon assets|conversations|operations [filter]` ---- */

enum cd_list_kind { CD_LIST_ASSETS, CD_LIST_CONVERSATIONS, CD_LIST_OPERATIONS };
enum cd_list_format { CD_LIST_TABLE, CD_LIST_JSON, CD_LIST_CSV };

struct cd_list_options {
    enum cd_list_kind kind;
    enum cd_list_format format;
    const char *const
        *filters; /* field=value, field!=value, field~part, field>number, field<number, or any text; all must hold */
    size_t n_filters;
    const char *sort;       /* a column, with - in front for the other way; NULL: the kind's own order */
    uint64_t limit, offset; /* limit 0: all */
    unsigned columns;       /* width of the terminal for tables; 0: not cut */
    bool colour;
};
/* Lists rows of the site. CD_ERROR_USAGE for a filter on a column there is not, naming those there are. */
int cd_inventory_list(struct cd_store *store, const char *site, const struct cd_list_options *options, int fd,
                      struct cd_error *e);

#endif
