/* The nodes that stand for devices become assets: top-level ones by their lowest IP address, then MAC; what is nested below stands right
 * after its parent. */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "observe/grow.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

static uint32_t parent_node(const struct work *w, uint32_t node)
{
    uint32_t parent = w->nodes.items[node].parent;
    return parent == NONE ? NONE : cd_node_find(w, parent);
}

/* lowest[node]: the sorting place of its lowest address; IPs come before MACs. */
static uint32_t *lowest_addresses(const struct work *w)
{
    uint32_t *lowest = cd_alloc(w->nodes.count, sizeof *lowest);
    memset(lowest, 0xff, w->nodes.count * sizeof *lowest);
    for (uint32_t i = 0; i < w->interfaces.count; i++) {
        const struct node_interface *interface = &w->interfaces.items[i];
        uint32_t node = cd_node_find(w, interface->node);
        uint32_t place = interface->ip ? w->rank[interface->ip] : w->inv->addresses.count + w->rank[interface->mac];
        if (place < lowest[node])
            lowest[node] = place;
    }
    return lowest;
}

static int tie_siblings(const void *context, uint32_t a, uint32_t b)
{
    const struct work *w = context;
    const struct node *x = &w->nodes.items[a], *y = &w->nodes.items[b];
    const char *left = text_of(w->inv, x->nested), *right = text_of(w->inv, y->nested);
    int order = cd_compare_natural(left, right);
    order = order ? order : strcmp(left, right);
    return order ? order : strcmp(x->id, y->id);
}

struct ordering {
    struct work *w;
    struct sort_key *keys;    /* sorted by parent (top level: NONE), then place or path */
    uint32_t n, *first_child; /* first_child[node]: into keys */
};

static void emit(struct ordering *o, uint32_t at, uint32_t parent_asset, unsigned depth)
{
    struct work *w = o->w;
    uint32_t node = o->keys[at].item;
    CD_GROW(w->inv->assets);
    uint32_t number = w->inv->assets.count++;
    w->inv->assets.items[number] = (struct asset){.parent = parent_asset, .router = NONE};
    w->asset_of_node[node] = number;
    if (depth >= DEPTH_MAX)
        return;
    for (uint32_t k = o->first_child[node]; k < o->n && o->keys[k].high == node; k++)
        emit(o, k, number, depth + 1);
}

static void order_assets(struct work *w)
{
    uint32_t *lowest = lowest_addresses(w);
    struct ordering o = {.w = w,
                         .keys = cd_alloc(w->nodes.count, sizeof *o.keys),
                         .first_child = cd_alloc(w->nodes.count, sizeof *o.first_child)};
    for (uint32_t i = 0; i < w->nodes.count; i++) {
        w->asset_of_node[i] = NONE;
        o.first_child[i] = NONE;
        if (w->nodes.items[i].up == i) {
            uint32_t parent = parent_node(w, i);
            o.keys[o.n++] = (struct sort_key){.high = parent, .low = parent == NONE ? lowest[i] : 0, .item = i};
        }
    }
    cd_sort_keys(o.keys, o.n, tie_siblings, w);
    for (uint32_t k = o.n; k > 0; k--)
        if (o.keys[k - 1].high != NONE)
            o.first_child[o.keys[k - 1].high] = k - 1;
    for (uint32_t k = 0; k < o.n; k++)
        if (o.keys[k].high == NONE)
            emit(&o, k, NONE, 0);
    for (uint32_t k = 0; k < o.n; k++) /* deeper than we follow */
        if (w->asset_of_node[o.keys[k].item] == NONE)
            emit(&o, k, NONE, DEPTH_MAX);
    for (uint32_t i = 0; i < w->nodes.count; i++)
        w->asset_of_node[i] = w->asset_of_node[cd_node_find(w, i)];
    cd_free(o.first_child);
    cd_free(o.keys);
    cd_free(lowest);
}

/* ---- ids ---- */

/* Ids that the store has, by text. */
static uint32_t *known_by_text(const struct cd_inventory *inv)
{
    uint32_t *known = cd_alloc(inv->texts.count, sizeof *known);
    memset(known, 0xff, inv->texts.count * sizeof *known);
    for (uint32_t i = 0; i < inv->known_ids.count; i++)
        known[inv->known_ids.items[i].id] = i;
    return known;
}

struct choice {
    uint32_t known; /* of the ids in the store: the oldest; NONE */
    uint32_t node;  /* else that of the node seen first */
};

static void consider_known(struct cd_inventory *inv, const uint32_t *known, uint32_t n_known, const char *id,
                           struct choice *choice)
{
    text_id text = cd_inventory_text(inv, id, strlen(id));
    if (text >= n_known || known[text] == NONE)
        return;
    const struct known_id *k = &inv->known_ids.items[known[text]];
    const struct known_id *best = choice->known == NONE ? NULL : &inv->known_ids.items[choice->known];
    if (!best || k->first_ns < best->first_ns ||
        (k->first_ns == best->first_ns && strcmp(text_of(inv, k->id), text_of(inv, best->id)) < 0))
        choice->known = known[text];
}

/* An asset keeps the id that the store has for any of its anchors. A device that was known by IP only keeps that id when its MAC comes to be
 * known. */
static void choose_ids(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    uint32_t n_known = inv->texts.count, *known = known_by_text(inv);
    struct choice *choices = cd_alloc(inv->assets.count, sizeof *choices);
    bool *taken = cd_alloc(inv->known_ids.count, sizeof *taken);
    for (uint32_t i = 0; i < inv->assets.count; i++)
        choices[i] = (struct choice){NONE, NONE};
    for (uint32_t i = 0; i < w->nodes.count; i++) {
        struct choice *choice = &choices[w->asset_of_node[i]];
        if (choice->node == NONE || cd_node_is_earlier(w, i, choice->node))
            choice->node = i;
        if (inv->known_ids.count)
            consider_known(inv, known, n_known, w->nodes.items[i].id, choice);
    }
    for (uint32_t i = 0; i < w->interfaces.count && inv->known_ids.count; i++) {
        char text[64], id[17];
        struct cd_text t = cd_text_of(text, sizeof text);
        struct choice *choice = &choices[w->asset_of_node[w->interfaces.items[i].node]];
        if (choice->known != NONE || !w->interfaces.items[i].ip || !w->interfaces.items[i].mac)
            continue;
        cd_text_address(&t, inv, w->interfaces.items[i].ip);
        cd_asset_id(inv->site, text, "", id);
        consider_known(inv, known, n_known, id, choice);
    }
    for (uint32_t i = 0; i < inv->assets.count; i++) {
        const struct choice *choice = &choices[i];
        bool use_known = choice->known != NONE && !taken[choice->known];
        const char *id =
            use_known ? text_of(inv, inv->known_ids.items[choice->known].id) : w->nodes.items[choice->node].id;
        if (use_known)
            taken[choice->known] = true;
        memcpy(inv->assets.items[i].id, id, strlen(id) < 17 ? strlen(id) : 16);
    }
    cd_free(taken);
    cd_free(choices);
    cd_free(known);
}

/* ---- what assets have ---- */

static const char *slot_of(const struct cd_inventory *inv, text_id nested)
{
    const char *path = text_of(inv, nested), *last = strrchr(path, '/');
    last = last ? last + 1 : path;
    const char *address = strchr(last, ':');
    if (!address)
        return last;
    address++;
    bool racked = strncmp(last, "cip:", 4) == 0 || strncmp(last, "s7:", 3) == 0; /* port.slot and rack.slot */
    const char *dot = racked ? strrchr(address, '.') : NULL;
    return dot ? dot + 1 : address;
}

static enum asset_kind kind_of(const struct cd_inventory *inv, const struct asset *asset)
{
    static const char *const modules[] = {"cip:", "s7:", "entity:", "slot:", "module:"};
    const char *path = text_of(inv, asset->nested), *last = strrchr(path, '/');
    last = last ? last + 1 : path;
    if (asset->parent == NONE)
        return KIND_DEVICE;
    for (unsigned i = 0; i < sizeof modules / sizeof modules[0]; i++)
        if (strncmp(last, modules[i], strlen(modules[i])) == 0)
            return KIND_MODULE;
    return KIND_UNIT;
}

static void fill_assets(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    for (uint32_t i = 0; i < w->nodes.count; i++) {
        const struct node *node = &w->nodes.items[i];
        struct asset *asset = &inv->assets.items[w->asset_of_node[i]];
        if (node->up != i)
            continue;
        asset->nested = node->nested;
        asset->slot = slot_of(inv, node->nested);
        asset->kind = kind_of(inv, asset);
        asset->first_ns = node->first_ns;
        asset->last_ns = node->last_ns;
        asset->forwards = node->forwards;
        asset->virtual_address = node->virtual_address;
        uint32_t router = node->router == NONE ? NONE : w->asset_of_node[node->router];
        asset->router = router == w->asset_of_node[i] ? NONE : router;
    }
}

/* A parent is at least as old as what is below it. */
static void widen_parents(struct cd_inventory *inv)
{
    for (uint32_t i = inv->assets.count; i > 0; i--) {
        const struct asset *asset = &inv->assets.items[i - 1];
        if (asset->parent == NONE)
            continue;
        struct asset *parent = &inv->assets.items[asset->parent];
        parent->first_ns = asset->first_ns < parent->first_ns ? asset->first_ns : parent->first_ns;
        parent->last_ns = asset->last_ns > parent->last_ns ? asset->last_ns : parent->last_ns;
    }
}

static void place_interfaces(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    uint32_t n = w->interfaces.count;
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    for (uint32_t i = 0; i < n; i++) {
        const struct node_interface *interface = &w->interfaces.items[i];
        uint32_t ip = interface->ip ? w->rank[interface->ip] : UINT32_MAX; /* bare MACs last */
        keys[i] = (struct sort_key){
            .high = w->asset_of_node[interface->node], .low = (uint64_t)ip << 32 | w->rank[interface->mac], .item = i};
    }
    cd_sort_keys(keys, n, NULL, NULL);
    for (uint32_t i = 0; i < n; i++) {
        const struct node_interface *from = &w->interfaces.items[keys[i].item];
        struct asset *asset = &inv->assets.items[keys[i].high];
        struct interface *last = asset->n_interfaces ? &inv->interfaces.items[inv->interfaces.count - 1] : NULL;
        if (last && last->mac == from->mac &&
            last->ip == from->ip) { /* claimed and, through a shared MAC, claimed again */
            last->first_ns = from->first_ns < last->first_ns ? from->first_ns : last->first_ns;
            last->last_ns = from->last_ns > last->last_ns ? from->last_ns : last->last_ns;
            last->current |= from->current;
            continue;
        }
        CD_GROW(inv->interfaces);
        if (!asset->n_interfaces++)
            asset->first_interface = inv->interfaces.count;
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): CD_GROW has just made room */
        inv->interfaces.items[inv->interfaces.count++] = (struct interface){
            (uint32_t)keys[i].high, from->mac, from->ip, from->first_ns, from->last_ns, from->current};
    }
    cd_free(keys);
}

static int tie_facts(const void *context, uint32_t left, uint32_t right)
{
    const struct cd_inventory *inv = context;
    const struct fact *a = &inv->facts.items[left], *b = &inv->facts.items[right];
    int order = a->value == b->value ? 0 : cd_compare_natural(text_of(inv, a->value), text_of(inv, b->value));
    order = order || a->value == b->value ? order : strcmp(text_of(inv, a->value), text_of(inv, b->value));
    order = order ? order : strcmp(text_of(inv, a->protocol), text_of(inv, b->protocol));
    return order ? order : (a->first_ns > b->first_ns) - (a->first_ns < b->first_ns);
}

/* A router's MAC is seen with the addresses of others; those facts are about bindings, not about the router. */
static bool is_about(const struct work *w, const struct fact *f, uint32_t asset)
{
    struct cd_ip ip;
    if (f->attribute != CD_ATTRIBUTE_ADDRESS || !cd_ip_parse(text_of(w->inv, f->value), &ip))
        return true;
    uint32_t node = w->places[cd_inventory_address(w->inv, &ip)].node;
    return node == NONE || w->asset_of_node[node] == asset || w->places[cd_inventory_address(w->inv, &ip)].contested;
}

static void place_facts(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    uint32_t n = 0;
    struct sort_key *keys = cd_alloc(inv->facts.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->facts.count; i++) {
        uint32_t asset = w->node_of_fact[i] == NONE ? NONE : w->asset_of_node[w->node_of_fact[i]];
        if (asset != NONE && is_about(w, &inv->facts.items[i], asset))
            keys[n++] = (struct sort_key){.high = asset, .low = inv->facts.items[i].attribute, .item = i};
    }
    cd_sort_keys(keys, n, tie_facts, inv);
    for (uint32_t i = 0; i < n; i++) {
        struct asset *asset = &inv->assets.items[keys[i].high];
        CD_GROW(inv->asset_facts);
        if (!asset->n_facts++)
            asset->first_fact = inv->asset_facts.count;
        inv->asset_facts.items[inv->asset_facts.count++] = keys[i].item;
    }
    cd_free(keys);
}

static int tie_spoken(const void *context, uint32_t left, uint32_t right)
{
    const struct work *w = context;
    return strcmp(text_of(w->inv, w->spoken.items[left].protocol), text_of(w->inv, w->spoken.items[right].protocol));
}

static void place_talks(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    uint32_t n = 0;
    struct sort_key *keys = cd_alloc(w->spoken.count, sizeof *keys);
    for (uint32_t i = 0; i < w->spoken.count; i++) {
        uint32_t node = w->places[w->spoken.items[i].address].node;
        if (node != NONE)
            keys[n++] = (struct sort_key){.high = w->asset_of_node[node], .item = i};
    }
    cd_sort_keys(keys, n, tie_spoken, w);
    for (uint32_t i = 0; i < n; i++) {
        const struct spoken *s = &w->spoken.items[keys[i].item];
        struct asset *asset = &inv->assets.items[keys[i].high];
        struct talk *last = asset->n_talks ? &inv->talks.items[inv->talks.count - 1] : NULL;
        if (!last || last->protocol != s->protocol) {
            CD_GROW(inv->talks);
            if (!asset->n_talks++)
                asset->first_talk = inv->talks.count;
            last = &inv->talks.items[inv->talks.count++];
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): CD_GROW has just made room */
            *last = (struct talk){.asset = (uint32_t)keys[i].high, .protocol = s->protocol};
        }
        last->serves |= s->serves;
        last->asks |= s->asks;
    }
    cd_free(keys);
}

static void place_merges(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    struct sort_key *keys = cd_alloc(w->joins.count, sizeof *keys);
    for (uint32_t i = 0; i < w->joins.count; i++)
        keys[i] = (struct sort_key){.high = w->asset_of_node[w->joins.items[i].into], .low = i, .item = i};
    cd_sort_keys(keys, w->joins.count, NULL, NULL);
    for (uint32_t i = 0; i < w->joins.count; i++) {
        const struct join *j = &w->joins.items[keys[i].item];
        struct asset *asset = &inv->assets.items[keys[i].high];
        const char *given_up = w->nodes.items[j->given_up].id;
        if (strcmp(given_up, asset->id) == 0)
            given_up = w->nodes.items[j->into].id;
        struct merge merge = {.asset = (uint32_t)keys[i].high, .evidence = j->evidence};
        memcpy(merge.id, given_up, sizeof merge.id);
        memcpy(merge.into, asset->id, sizeof merge.into);
        CD_GROW(inv->merges);
        if (!asset->n_merges++)
            asset->first_merge = inv->merges.count;
        inv->merges.items[inv->merges.count++] = merge;
    }
    cd_free(keys);
}

void cd_resolve_assets(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    w->asset_of_node = cd_alloc(w->nodes.count, sizeof *w->asset_of_node);
    order_assets(w);
    choose_ids(w);
    fill_assets(w);
    widen_parents(inv);
    place_interfaces(w);
    place_facts(w);
    place_talks(w);
    place_merges(w);
    inv->n_asset_of = inv->addresses.count;
    inv->asset_of = cd_alloc(inv->n_asset_of, sizeof *inv->asset_of);
    for (uint32_t i = 0; i < inv->n_asset_of; i++)
        inv->asset_of[i] = w->places[i].node == NONE ? NONE : w->asset_of_node[w->places[i].node];
}
