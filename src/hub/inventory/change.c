/* What people change: merges taken apart, attributes corrected. Everything derived is worked out anew in the same transaction. */
#include "hub/inventory/persist.h"

#include "observe/observer.h"

#include <string.h>

static int site_of(struct cd_store *store, const char *name, int64_t *ret_site, struct cd_error *e)
{
    int r = cd_site_find(store, name, false, ret_site, e);
    return !r && !*ret_site ? cd_error_set(e, CD_ERROR_USAGE, "there is no site \"%s\" in the store", name) : r;
}

/* Ends the transaction: keeps it where `result` is 0. */
static int conclude(struct cd_store *store, int result, struct cd_error *e)
{
    if (!result)
        result = cd_store_commit(store, e);
    if (result)
        cd_store_rollback(store);
    return result;
}

static int undo(struct cd_store *store, const char *site_name, const char *asset_id, const char *into_id,
                uint64_t now_ns, struct cd_error *e)
{
    struct cd_query *q;
    int64_t site;
    int r = site_of(store, site_name, &site, e);
    if (r || (r = cd_query_prepare(
                  store,
                  "UPDATE asset_merge SET undone_at_ns = ?4 WHERE site_id = ?1 AND asset_id = ?2 AND into_id = ?3 AND "
                  "undone_at_ns IS NULL",
                  &q, e)))
        return r;
    cd_query_i64(q, 1, site);
    cd_query_text(q, 2, asset_id);
    cd_query_text(q, 3, into_id);
    cd_query_u64(q, 4, now_ns);
    r = cd_query_execute(q, e);
    uint64_t changes = r ? 0 : cd_query_changes(store);
    cd_query_done(q);
    if (!r && !changes)
        r = cd_error_set(e, CD_ERROR_USAGE, "%s is not merged into %s", asset_id, into_id);
    return r ? r : cd_inventory_refresh(store, site_name, site, now_ns, e);
}

int cd_inventory_undo_merge(struct cd_store *store, const char *site, const char *asset_id, const char *into_id,
                            uint64_t now_ns, struct cd_error *e)
{
    int r = cd_store_begin(store, e);
    return r ? r : conclude(store, undo(store, site, asset_id, into_id, now_ns, e), e);
}

static bool is_correctable(const char *attribute)
{
    static const char *const classes[] = {"type", "role", "purdue", "category", "criticality"};
    for (unsigned i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strcmp(classes[i], attribute) == 0)
            return true;
    for (unsigned i = 0; i < CD_ATTRIBUTES; i++)
        if (strcmp(cd_attribute_name((enum cd_attribute)i), attribute) == 0)
            return true;
    return false;
}

static int execute_with(struct cd_store *store, const char *sql, int64_t site, const char *const texts[3],
                        uint64_t now_ns, uint64_t *ret_changes, struct cd_error *e)
{
    struct cd_query *q;
    int r = cd_query_prepare(store, sql, &q, e);
    if (r)
        return r;
    cd_query_i64(q, 1, site);
    for (int i = 0; i < 3; i++)
        if (texts[i])
            cd_query_text(q, i + 2, texts[i]);
    cd_query_u64(q, 5, now_ns);
    r = cd_query_execute(q, e);
    if (!r)
        *ret_changes = cd_query_changes(store);
    cd_query_done(q);
    return r;
}

static int correct(struct cd_store *store, const char *site_name, const char *asset_id, const char *attribute,
                   const char *value, uint64_t now_ns, struct cd_error *e)
{
    const char *const texts[3] = {asset_id, attribute, value};
    uint64_t changes = 0;
    int64_t site;
    int r = site_of(store, site_name, &site, e);
    if (r)
        return r;
    if ((r = execute_with(store,
                          "UPDATE attribute SET valid_to_ns = ?5 WHERE site_id = ?1 AND asset_id = ?2 AND attribute = "
                          "?3 AND protocol = 'user' "
                          "AND valid_to_ns IS NULL AND ?4 = ?4",
                          site, texts, now_ns, &changes, e)))
        return r;
    if (*value) {
        changes = 0;
        r = execute_with(
            store,
            "INSERT INTO attribute (site_id, asset_id, attribute, value, protocol, confidence, reason, valid_from_ns) "
            "SELECT ?1, a.id, ?3, ?4, 'user', 100, 'a person said so', ?5 FROM asset a WHERE a.site_id = ?1 AND a.id = "
            "?2 AND "
            "a.removed_at_ns IS NULL",
            site, texts, now_ns, &changes, e);
        if (!r && !changes)
            r = cd_error_set(e, CD_ERROR_USAGE, "there is no device %s", asset_id);
    }
    return r ? r : cd_inventory_refresh(store, site_name, site, now_ns, e);
}

int cd_inventory_correct(struct cd_store *store, const char *site, const char *asset_id, const char *attribute,
                         const char *value, uint64_t now_ns, struct cd_error *e)
{
    char safe[256];
    struct cd_text t = cd_text_of(safe, sizeof safe);
    if (!is_correctable(attribute))
        return cd_error_set(e, CD_ERROR_USAGE, "there is no attribute \"%s\"", attribute);
    cd_text_device(&t, value, strlen(value));
    int r = cd_store_begin(store, e);
    return r ? r : conclude(store, correct(store, site, asset_id, attribute, safe, now_ns, e), e);
}
