/* Brings what is derived in the store in line with a resolved inventory. For each table the wanted rows are made as texts, the rows that are there
 * are read and compared, and only what differs is written. Rows of a person's own (attribute.protocol = 'user') are left alone, and an
 * asset that is no more keeps its row, marked, and its history, closed. */
#include "hub/inventory/persist.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "hub/inventory/show.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <string.h>

enum { FIELDS_MOST = 28, ROW_BYTES = 32768 };
static const char separator = '\x1f'; /* never in a text that is safe to show */

/* How a table is read and written. The columns of `select`, `insert` and `remove` come in the order of the row's fields; `keys` of them are
 * the key. Every statement takes the site as ?1 and the fields from ?2. */
struct table {
    const char *select, *insert, *remove;
    unsigned fields, keys;
};

struct wanted {
    struct cd_arena arena;
    struct cd_index index;
    struct {
        const char **items;
        uint32_t count, size;
    } rows;
    bool *there; /* by row: the store has it as it is */
};

/* One row in the making: fields with a separator between. */
struct making {
    struct cd_text text;
    char buffer[ROW_BYTES];
};

static void begin_row(struct making *m)
{
    m->text = cd_text_of(m->buffer, sizeof m->buffer);
}

static void field(struct making *m, const char *value)
{
    cd_text_str(&m->text, value);
    cd_text_char(&m->text, separator);
}

static void field_u64(struct making *m, uint64_t value)
{
    cd_text_u64(&m->text, value > INT64_MAX ? INT64_MAX : value);
    cd_text_char(&m->text, separator);
}

/* A time that may be open: empty becomes NULL. */
static void field_time(struct making *m, uint64_t value)
{
    if (value)
        cd_text_u64(&m->text, value);
    cd_text_char(&m->text, separator);
}

static uint32_t find_row(const struct wanted *w, const char *row, size_t len)
{
    struct cd_probe probe = cd_index_probe(&w->index, cd_hash_bytes(0, row, len));
    for (uint32_t at; (at = cd_index_next(&w->index, &probe)) != CD_INDEX_NONE;)
        if (strcmp(w->rows.items[at], row) == 0)
            return at;
    return CD_INDEX_NONE;
}

static void want(struct wanted *w, const struct making *m)
{
    if (find_row(w, m->text.at, m->text.len) != CD_INDEX_NONE)
        return;
    CD_GROW(w->rows);
    w->rows.items[w->rows.count] = cd_arena_text(&w->arena, m->text.at, m->text.len);
    cd_index_insert(&w->index, cd_hash_bytes(0, m->text.at, m->text.len), w->rows.count++);
}

static void wanted_free(struct wanted *w)
{
    cd_arena_free(&w->arena);
    cd_index_free(&w->index);
    cd_free(w->rows.items);
    cd_free(w->there);
}

/* Binds the first n fields of a row from ?2 on. The row is taken apart in place. */
static void bind_fields(struct cd_query *q, char *row, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char *end = strchr(row, separator);
        if (end)
            *end = '\0';
        cd_query_text(q, (int)i + 2, row);
        row = end ? end + 1 : row + strlen(row);
    }
}

static int write_rows(struct cd_store *store, int64_t site, const char *sql, const char *const *rows, const bool *skip,
                      uint32_t n, unsigned fields, struct cd_error *e)
{
    struct cd_query *q;
    int r = cd_query_prepare(store, sql, &q, e);
    for (uint32_t i = 0; i < n && !r; i++) {
        char copy[ROW_BYTES];
        struct cd_text t = cd_text_of(copy, sizeof copy);
        if (skip && skip[i])
            continue;
        cd_text_str(&t, rows[i]);
        cd_query_i64(q, 1, site);
        bind_fields(q, copy, fields);
        r = cd_query_execute(q, e);
    }
    cd_query_done(q);
    return r;
}

/* Reads the rows that are there: marks the wanted among them and collects the others. */
static int compare_rows(struct cd_store *store, int64_t site, const struct table *table, struct wanted *w,
                        struct wanted *ret_surplus, struct cd_error *e)
{
    struct cd_query *q;
    bool row;
    int r = cd_query_prepare(store, table->select, &q, e);
    if (r)
        return r;
    struct making *m = cd_alloc(1, sizeof *m);
    cd_query_i64(q, 1, site);
    while (!(r = cd_query_step(q, &row, e)) && row) {
        begin_row(m);
        for (unsigned i = 0; i < table->fields; i++)
            field(m, cd_query_get_text(q, (int)i));
        uint32_t at = find_row(w, m->text.at, m->text.len);
        if (at != CD_INDEX_NONE)
            w->there[at] = true;
        else
            want(ret_surplus, m);
    }
    cd_free(m);
    cd_query_done(q);
    return r;
}

static int sync_table(struct cd_store *store, int64_t site, const struct table *table, struct wanted *w,
                      struct cd_error *e)
{
    struct wanted surplus = {0};
    cd_index_init(&surplus.index, 64);
    w->there = cd_alloc(w->rows.count, sizeof *w->there);
    int r = compare_rows(store, site, table, w, &surplus, e);
    if (!r && table->remove)
        r = write_rows(store, site, table->remove, surplus.rows.items, NULL, surplus.rows.count, table->keys, e);
    if (!r)
        r = write_rows(store, site, table->insert, w->rows.items, w->there, w->rows.count, table->fields, e);
    wanted_free(&surplus);
    return r;
}

/* ---- assets ---- */

#define ASSET_COLUMNS                                                                                                  \
    "id, kind, category, type, role, purdue, criticality, parent_id, slot, name, vendor, model, order_number, "        \
    "firmware, "                                                                                                       \
    "hardware, serial, os, ips, macs, ip_order, reason, protocols, first_ns, last_ns"
#define SET(column) column " = excluded." column ", "

static const struct table asset_table = {
    .select = "SELECT " ASSET_COLUMNS " FROM asset WHERE site_id = ?1 AND removed_at_ns IS NULL",
    .insert =
        "INSERT INTO asset (site_id, " ASSET_COLUMNS
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CAST(?8 AS BIGINT), NULLIF(?9, ''), ?10, ?11, "
        "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, CAST(?24 AS BIGINT), CAST(?25 AS BIGINT)) "
        "ON CONFLICT (site_id, id) DO UPDATE SET " SET("kind") SET("category") SET("type") SET("role") SET("purdue")
            SET("criticality") SET("parent_id") SET("slot") SET("name") SET("vendor") SET("model") SET("order_number")
                SET("firmware") SET("hardware") SET("serial") SET("os") SET("ips") SET("macs") SET("ip_order")
                    SET("reason") SET("protocols") SET("first_ns") SET("last_ns") "removed_at_ns = NULL",
    .fields = 24,
    .keys = 1,
};

/* The asset's addresses with a comma between, each once; as many as fit. */
static void put_addresses(struct cd_text *t, const struct cd_inventory *inv, const struct asset *asset, bool macs)
{
    address_id seen[256];
    unsigned n = 0;
    for (uint32_t i = 0; i < asset->n_interfaces && n < 256; i++) {
        const struct interface *interface = &inv->interfaces.items[asset->first_interface + i];
        address_id address = macs ? interface->mac : interface->ip;
        bool again = !address;
        for (unsigned k = 0; k < n && !again; k++)
            again = seen[k] == address;
        if (again)
            continue;
        if (n)
            cd_text_char(t, ',');
        seen[n++] = address;
        cd_text_address(t, inv, address);
    }
}

static void put_order(struct cd_text *t, const struct cd_inventory *inv, address_id ip, address_id mac)
{
    const struct cd_ip *address = ip_of(inv, ip ? ip : mac);
    cd_text_char(t, !ip ? '9' : cd_ip_is_4(address) ? '4' : '6'); /* IPv4, IPv6, then what has a MAC only */
    cd_text_hex_bytes(t, address->bytes, 16);
}

/* What is nested has the order of its parent, so that it follows it. */
static void asset_order(struct cd_text *t, const struct cd_inventory *inv, const struct asset *asset)
{
    for (unsigned depth = 0; depth < 32 && asset->parent != NONE && !asset->n_interfaces; depth++)
        asset = &inv->assets.items[asset->parent];
    if (asset->n_interfaces)
        put_order(t, inv, inv->interfaces.items[asset->first_interface].ip,
                  inv->interfaces.items[asset->first_interface].mac);
}

static void want_asset(struct wanted *w, struct making *m, const struct cd_inventory *inv, const struct asset *asset)
{
    begin_row(m);
    field(m, asset->id);
    field(m, cd_asset_kind_name(asset->kind));
    field(m, asset->category);
    field(m, asset->type);
    field(m, asset->role);
    field(m, asset->purdue);
    field_u64(m, asset->criticality);
    field(m, asset->parent == NONE ? "" : inv->assets.items[asset->parent].id);
    field(m, asset->slot);
    field(m, asset->name);
    field(m, asset->vendor);
    field(m, asset->model);
    field(m, asset->order_number);
    field(m, asset->firmware);
    field(m, asset->hardware);
    field(m, asset->serial);
    field(m, asset->os);
    put_addresses(&m->text, inv, asset, false);
    field(m, "");
    put_addresses(&m->text, inv, asset, true);
    field(m, "");
    asset_order(&m->text, inv, asset);
    field(m, "");
    field(m, asset->reason);
    for (uint32_t i = 0; i < asset->n_talks && m->text.len < ROW_BYTES / 2; i++) {
        cd_text_str(&m->text, i ? "," : "");
        cd_text_str(&m->text, text_of(inv, inv->talks.items[asset->first_talk + i].protocol));
    }
    field(m, "");
    field_u64(m, asset->first_ns);
    field_u64(m, asset->last_ns);
    want(w, m);
}

/* Assets that are no more: their rows stay, marked, and what was open in their history is closed. */
static int retire_assets(const struct cd_inventory *inv, struct cd_store *store, int64_t site, uint64_t now_ns,
                         struct cd_error *e)
{
    static const char *const closing[] = {
        "UPDATE asset SET removed_at_ns = ?3 WHERE site_id = ?1 AND id = ?2",
        "UPDATE asset_interface SET valid_to_ns = ?3 WHERE site_id = ?1 AND asset_id = ?2 AND valid_to_ns IS NULL",
        ("UPDATE attribute SET valid_to_ns = ?3 WHERE site_id = ?1 AND asset_id = ?2 AND valid_to_ns IS NULL AND "
         "protocol <> 'user'"),
        "UPDATE relation SET valid_to_ns = ?3 WHERE site_id = ?1 AND asset_id = ?2 AND valid_to_ns IS NULL",
    };
    struct wanted live = {0}, gone = {0};
    struct making *m = cd_alloc(1, sizeof *m);
    struct cd_query *q;
    bool row;
    cd_index_init(&live.index, inv->assets.count);
    cd_index_init(&gone.index, 64);
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        begin_row(m);
        cd_text_str(&m->text, inv->assets.items[i].id);
        want(&live, m);
    }
    int r = cd_query_prepare(store, "SELECT id FROM asset WHERE site_id = ?1 AND removed_at_ns IS NULL", &q, e);
    if (!r) {
        cd_query_i64(q, 1, site);
        while (!(r = cd_query_step(q, &row, e)) && row) {
            begin_row(m);
            cd_text_str(&m->text, cd_query_get_text(q, 0));
            if (find_row(&live, m->text.at, m->text.len) == CD_INDEX_NONE)
                want(&gone, m);
        }
        cd_query_done(q);
    }
    for (unsigned k = 0; k < sizeof closing / sizeof closing[0] && !r && gone.rows.count; k++) {
        if ((r = cd_query_prepare(store, closing[k], &q, e)))
            break;
        for (uint32_t i = 0; i < gone.rows.count && !r; i++) {
            cd_query_i64(q, 1, site);
            cd_query_text(q, 2, gone.rows.items[i]);
            cd_query_u64(q, 3, now_ns);
            r = cd_query_execute(q, e);
        }
        cd_query_done(q);
    }
    cd_free(m);
    wanted_free(&live);
    wanted_free(&gone);
    return r;
}

static int sync_assets(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct making *m,
                       struct cd_error *e)
{
    struct wanted w = {0};
    cd_index_init(&w.index, inv->assets.count);
    for (uint32_t i = 0; i < inv->assets.count; i++)
        want_asset(&w, m, inv, &inv->assets.items[i]);
    int r = sync_table(store, site, &asset_table, &w, e);
    wanted_free(&w);
    return r;
}

/* ---- history: of live assets only ---- */

#define OF_LIVE_ASSETS(table)                                                                                          \
    table ".site_id = ?1 AND EXISTS (SELECT 1 FROM asset a WHERE a.site_id = ?1 AND a.id = " table                     \
          ".asset_id AND a.removed_at_ns IS NULL)"

static const struct table interface_table = {
    .select = "SELECT asset_id, mac, ip, valid_from_ns, ip_order, valid_to_ns, last_ns FROM asset_interface WHERE zone "
              "= '' AND " OF_LIVE_ASSETS("asset_interface"),
    .insert = "INSERT INTO asset_interface (site_id, asset_id, mac, ip, valid_from_ns, ip_order, valid_to_ns, last_ns) "
              "VALUES "
              "(?1, ?2, ?3, ?4, CAST(?5 AS BIGINT), ?6, CAST(NULLIF(?7, '') AS BIGINT), CAST(?8 AS BIGINT))",
    .remove = "DELETE FROM asset_interface WHERE site_id = ?1 AND asset_id = ?2 AND mac = ?3 AND ip = ?4 AND "
              "valid_from_ns = CAST(?5 AS BIGINT) AND zone = ''",
    .fields = 7,
    .keys = 4,
};

static int sync_interfaces(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct making *m,
                           struct cd_error *e)
{
    struct wanted w = {0};
    cd_index_init(&w.index, inv->interfaces.count);
    for (uint32_t i = 0; i < inv->interfaces.count; i++) {
        const struct interface *interface = &inv->interfaces.items[i];
        begin_row(m);
        field(m, inv->assets.items[interface->asset].id);
        cd_text_address(&m->text, inv, interface->mac);
        field(m, "");
        cd_text_address(&m->text, inv, interface->ip);
        field(m, "");
        field_u64(m, interface->first_ns);
        if (interface->ip)
            put_order(&m->text, inv, interface->ip, 0);
        field(m, "");
        field_time(m, interface->current ? 0 : interface->last_ns);
        field_u64(m, interface->last_ns);
        want(&w, m);
    }
    int r = sync_table(store, site, &interface_table, &w, e);
    wanted_free(&w);
    return r;
}

static const struct table attribute_table = {
    .select = "SELECT asset_id, attribute, value, valid_from_ns, protocol, confidence, reason, valid_to_ns FROM "
              "attribute WHERE "
              "protocol <> 'user' AND " OF_LIVE_ASSETS("attribute"),
    .insert = "INSERT INTO attribute (site_id, asset_id, attribute, value, valid_from_ns, protocol, confidence, "
              "reason, valid_to_ns) VALUES "
              "(?1, ?2, ?3, ?4, CAST(?5 AS BIGINT), ?6, CAST(?7 AS BIGINT), ?8, CAST(NULLIF(?9, '') AS BIGINT)) "
              "ON CONFLICT (site_id, asset_id, attribute, value, valid_from_ns) DO NOTHING",
    .remove = "DELETE FROM attribute WHERE site_id = ?1 AND asset_id = ?2 AND attribute = ?3 AND value = ?4 AND "
              "valid_from_ns = CAST(?5 AS BIGINT) AND protocol <> 'user'",
    .fields = 8,
    .keys = 4,
};

static void want_class(struct wanted *w, struct making *m, const struct asset *asset, const char *attribute,
                       const char *value)
{
    if (!*value)
        return;
    begin_row(m);
    field(m, asset->id);
    field(m, attribute);
    field(m, value);
    field_u64(m, asset->first_ns);
    field(m, "rules");
    field_u64(m, 50);
    field(m, asset->reason);
    field(m, "");
    want(w, m);
}

static int sync_attributes(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct making *m,
                           struct cd_error *e)
{
    struct wanted w = {0};
    cd_index_init(&w.index, inv->held.count);
    for (uint32_t i = 0; i < inv->held.count; i++) {
        const struct held *held = &inv->held.items[i];
        begin_row(m);
        field(m, inv->assets.items[held->asset].id);
        field(m, cd_attribute_name((enum cd_attribute)held->attribute));
        field(m, text_of(inv, held->value));
        field_u64(m, held->from_ns);
        field(m, text_of(inv, held->protocol));
        field_u64(m, held->confidence);
        field(m, held->reason);
        field_time(m, held->to_ns);
        want(&w, m);
    }
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        const struct asset *asset = &inv->assets.items[i];
        want_class(&w, m, asset, "type", asset->type);
        want_class(&w, m, asset, "category", asset->category);
        want_class(&w, m, asset, "purdue", asset->purdue);
    }
    int r = sync_table(store, site, &attribute_table, &w, e);
    wanted_free(&w);
    return r;
}

static const struct table relation_table = {
    .select = "SELECT asset_id, other_id, kind, valid_from_ns, detail FROM relation WHERE kind IN ('parent', 'router') "
              "AND " OF_LIVE_ASSETS("relation"),
    .insert = "INSERT INTO relation (site_id, asset_id, other_id, kind, valid_from_ns, detail) VALUES (?1, ?2, ?3, ?4, "
              "CAST(?5 AS BIGINT), ?6)",
    .remove = "DELETE FROM relation WHERE site_id = ?1 AND asset_id = ?2 AND other_id = ?3 AND kind = ?4 AND "
              "valid_from_ns = CAST(?5 AS BIGINT)",
    .fields = 5,
    .keys = 4,
};

static int sync_relations(const struct cd_inventory *inv, struct cd_store *store, int64_t site, struct making *m,
                          struct cd_error *e)
{
    struct wanted w = {0};
    cd_index_init(&w.index, 64);
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        const struct asset *asset = &inv->assets.items[i];
        const uint32_t others[] = {asset->parent, asset->router};
        for (unsigned k = 0; k < 2; k++) {
            if (others[k] == NONE)
                continue;
            begin_row(m);
            field(m, asset->id);
            field(m, inv->assets.items[others[k]].id);
            field(m, k ? "router" : "parent");
            field_u64(m, asset->first_ns);
            field(m, k ? "" : asset->slot);
            want(&w, m);
        }
    }
    int r = sync_table(store, site, &relation_table, &w, e);
    wanted_free(&w);
    return r;
}

/* ---- merges ---- */

/* The asset that was given up has a row too, so that the merge can be told and undone. */
static const char given_up_row[] =
    "INSERT INTO asset (site_id, id, removed_at_ns) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, id) DO NOTHING";
static const char insert_merge[] =
    "INSERT INTO asset_merge (site_id, asset_id, into_id, evidence, merged_at_ns) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT "
    "EXISTS "
    "(SELECT 1 FROM asset_merge WHERE site_id = ?1 AND asset_id = ?2 AND into_id = ?3 AND undone_at_ns IS NULL)";

static int sync_merges(const struct cd_inventory *inv, struct cd_store *store, int64_t site, uint64_t now_ns,
                       struct cd_error *e)
{
    struct cd_query *q;
    int r = 0;
    for (unsigned k = 0; k < 2 && inv->merges.count && !r; k++) {
        if ((r = cd_query_prepare(store, k ? insert_merge : given_up_row, &q, e)))
            break;
        for (uint32_t i = 0; i < inv->merges.count && !r; i++) {
            const struct merge *merge = &inv->merges.items[i];
            cd_query_i64(q, 1, site);
            cd_query_text(q, 2, merge->id);
            if (k) {
                cd_query_text(q, 3, merge->into);
                cd_query_text(q, 4, merge->evidence);
                cd_query_u64(q, 5, now_ns);
            } else {
                cd_query_u64(q, 3, now_ns);
            }
            r = cd_query_execute(q, e);
        }
        cd_query_done(q);
    }
    return r;
}

int cd_inventory_sync(const struct cd_inventory *inv, struct cd_store *store, int64_t site, uint64_t now_ns,
                      struct cd_error *e)
{
    struct making *m = cd_alloc(1, sizeof *m);
    int r = retire_assets(inv, store, site, now_ns, e);
    if (!r)
        r = sync_assets(inv, store, site, m, e);
    if (!r)
        r = sync_interfaces(inv, store, site, m, e);
    if (!r)
        r = sync_attributes(inv, store, site, m, e);
    if (!r)
        r = sync_relations(inv, store, site, m, e);
    if (!r)
        r = sync_merges(inv, store, site, now_ns, e);
    cd_free(m);
    return r;
}
