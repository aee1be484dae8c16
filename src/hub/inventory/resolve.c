/* From what was seen to devices. The steps, each in its file, over one working state (resolve.h):
 *
 *   presence.c     which addresses exist: those that sent something
 *   bindings.c     which IP belongs to which MAC, which MACs are routers, which IPs have moved
 *   subjects.c     which of them each fact is about; modules and units below them
 *   merge.c        one device behind several addresses, with the evidence
 *   assets.c       the result as a sorted list
 *   attributes.c   the best value of each attribute, and its history
 *   classify.c     what it is */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "observe/grow.h"

#include <sodium.h>
#include <string.h>

uint32_t cd_node_find(const struct work *w, uint32_t node)
{
    while (w->nodes.items[node].up != node) {
        uint32_t *up = &w->nodes.items[node].up;
        *up = w->nodes.items[*up].up;
        node = *up;
    }
    return node;
}

uint32_t cd_node_add(struct work *w, const struct node *node)
{
    CD_GROW(w->nodes);
    w->nodes.items[w->nodes.count] = *node;
    w->nodes.items[w->nodes.count].up = w->nodes.count;
    return w->nodes.count++;
}

bool cd_node_is_earlier(const struct work *w, uint32_t a, uint32_t b)
{
    const struct node *x = &w->nodes.items[a], *y = &w->nodes.items[b];
    if (x->first_ns != y->first_ns)
        return x->first_ns < y->first_ns;
    if ((x->anchor != 0) != (y->anchor != 0))
        return x->anchor != 0;
    if (w->rank[x->anchor] != w->rank[y->anchor])
        return w->rank[x->anchor] < w->rank[y->anchor];
    return strcmp(x->id, y->id) < 0;
}

void cd_asset_id(const char *site, const char *anchor, const char *nested, char ret_id[17])
{
    crypto_generichash_state state;
    uint8_t digest[crypto_generichash_BYTES_MIN];
    const char *parts[] = {site, anchor, nested};
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (unsigned i = 0; i < 3; i++)
        crypto_generichash_update(&state, (const uint8_t *)parts[i], strlen(parts[i]) + 1);
    crypto_generichash_final(&state, digest, sizeof digest);
    struct cd_text t = cd_text_of(ret_id, 17);
    cd_text_hex_bytes(&t, digest, 8);
}

const char *cd_resolved_text(struct cd_inventory *inv, const char *text)
{
    return *text ? cd_arena_text(&inv->resolved, text, strlen(text)) : "";
}

static void forget_resolved(struct cd_inventory *inv)
{
    cd_arena_free(&inv->resolved);
    inv->assets.count = inv->interfaces.count = inv->merges.count = 0;
    inv->held.count = inv->talks.count = inv->asset_facts.count = 0;
    cd_free(inv->asset_of);
    inv->asset_of = NULL;
    inv->n_asset_of = 0;
}

void cd_inventory_resolve(struct cd_inventory *inv)
{
    cd_inventory_number_addresses(inv);
    struct work w = {.inv = inv, .rank = cd_inventory_rank_addresses(inv)};
    uint32_t n = inv->addresses.count;
    forget_resolved(inv);
    w.by_rank = cd_alloc(n, sizeof *w.by_rank);
    for (uint32_t i = 0; i < n; i++)
        w.by_rank[w.rank[i]] = i;
    w.places = cd_alloc(n, sizeof *w.places);

    cd_resolve_presence(&w);
    cd_resolve_bindings(&w);
    cd_resolve_subjects(&w);
    cd_resolve_merges(&w);
    cd_resolve_assets(&w);
    cd_resolve_attributes(&w);
    cd_resolve_classes(&w);

    void *tables[] = {w.rank,         w.by_rank,          w.places,       w.bindings.items,
                      w.nodes.items,  w.interfaces.items, w.spoken.items, w.joins.items,
                      w.node_of_fact, w.asset_of_node};
    for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++)
        cd_free(tables[i]);
}
