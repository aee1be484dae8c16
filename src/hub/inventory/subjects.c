/* Which node each fact is about. Facts about an address that never sent anything are about no device (they stay among what was seen).
 * What is nested below an address becomes a node of its own, a module or a unit, with one exception: a device that shows one single
 * unit of a kind in which the device itself must have a number (a Modbus unit 0, 1 or 255, a DNP3 outstation, an S7 rack
 * and slot) is that unit. */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "observe/grow.h"

#include <string.h>

struct nested_key {
    uint32_t root;
    text_id nested;
    uint64_t first_ns, last_ns;
    uint32_t node;
};

/* Of several that had the IP, the one whose time overlaps the fact's most; the present one where that doesn't tell. */
static uint32_t owner_at(const struct work *w, address_id ip, uint64_t first_ns, uint64_t last_ns)
{
    uint32_t best = w->places[ip].node;
    uint64_t best_overlap = 0;
    for (uint32_t i = 0; i < w->interfaces.count; i++) {
        const struct node_interface *interface = &w->interfaces.items[i];
        if (interface->ip != ip)
            continue;
        uint64_t from = interface->first_ns > first_ns ? interface->first_ns : first_ns;
        uint64_t to = interface->last_ns < last_ns ? interface->last_ns : last_ns;
        uint64_t overlap = to >= from ? to - from + 1 : 0;
        if (overlap > best_overlap || (overlap == best_overlap && overlap && interface->node == w->places[ip].node)) {
            best = interface->node;
            best_overlap = overlap;
        }
    }
    return best;
}

static uint32_t root_of(const struct work *w, const struct fact *f)
{
    const struct place *ip = &w->places[f->ip];
    if (f->ip && ip->node != NONE)
        return ip->contested ? owner_at(w, f->ip, f->first_ns, f->last_ns) : ip->node;
    return f->mac ? w->places[f->mac].node : NONE;
}

static int tie_nested(const void *context, uint32_t left, uint32_t right)
{
    const struct work *w = context;
    return strcmp(text_of(w->inv, w->inv->facts.items[left].nested),
                  text_of(w->inv, w->inv->facts.items[right].nested));
}

static size_t scheme_len(const char *nested)
{
    return strcspn(nested, ":/");
}

static bool same_scheme(const char *a, const char *b)
{
    return scheme_len(a) == scheme_len(b) && strncmp(a, b, scheme_len(a)) == 0;
}

/* Whether the only nested address of its scheme is the device itself. */
static bool is_device_itself(const char *nested)
{
    static const char *const same[] = {"modbus:0", "modbus:1", "modbus:255"};
    for (unsigned i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(nested, same[i]) == 0)
            return true;
    bool schemes = strncmp(nested, "dnp3:", 5) == 0 || strncmp(nested, "s7:", 3) == 0;
    return schemes && !strchr(nested, '/');
}

static bool is_only_one(const struct work *w, const struct nested_key *keys, uint32_t n, uint32_t at)
{
    const char *nested = text_of(w->inv, keys[at].nested);
    if (at > 0 && keys[at - 1].root == keys[at].root && same_scheme(text_of(w->inv, keys[at - 1].nested), nested))
        return false;
    if (at + 1 < n && keys[at + 1].root == keys[at].root && same_scheme(text_of(w->inv, keys[at + 1].nested), nested))
        return false;
    return true;
}

/* The node that a nested address hangs below: the longest path that is there too, else the root. Keys of one root stand together, sorted. */
static uint32_t parent_of(const struct work *w, const struct nested_key *keys, uint32_t at)
{
    const char *nested = text_of(w->inv, keys[at].nested);
    size_t best_len = 0;
    uint32_t parent = keys[at].root;
    for (uint32_t i = at; i > 0 && keys[i - 1].root == keys[at].root; i--) {
        const char *above = text_of(w->inv, keys[i - 1].nested);
        size_t len = strlen(above);
        if (len > best_len && strncmp(above, nested, len) == 0 && nested[len] == '/') {
            best_len = len;
            parent = keys[i - 1].node;
        }
    }
    return parent;
}

static void make_nested_nodes(struct work *w, struct nested_key *keys, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *nested = text_of(w->inv, keys[i].nested);
        if (is_device_itself(nested) && is_only_one(w, keys, n, i)) {
            keys[i].node = keys[i].root;
            continue;
        }
        struct node node = {.parent = parent_of(w, keys, i),
                            .nested = keys[i].nested,
                            .router = NONE,
                            .first_ns = keys[i].first_ns,
                            .last_ns = keys[i].last_ns};
        cd_asset_id(w->inv->site, w->nodes.items[keys[i].root].id, nested, node.id);
        keys[i].node = cd_node_add(w, &node);
    }
}

void cd_resolve_subjects(struct work *w)
{
    struct cd_inventory *inv = w->inv;
    uint32_t n = 0, n_keys = 0;
    w->node_of_fact = cd_alloc(inv->facts.count, sizeof *w->node_of_fact);
    struct sort_key *order = cd_alloc(inv->facts.count, sizeof *order);
    for (uint32_t i = 0; i < inv->facts.count; i++) {
        w->node_of_fact[i] = root_of(w, &inv->facts.items[i]);
        if (inv->facts.items[i].nested && w->node_of_fact[i] != NONE)
            order[n++] = (struct sort_key){.high = w->node_of_fact[i], .item = i};
    }
    cd_sort_keys(order, n, tie_nested, w);
    struct nested_key *keys = cd_alloc(n, sizeof *keys);
    uint32_t *key_of = cd_alloc(n, sizeof *key_of);
    for (uint32_t i = 0; i < n; i++) {
        const struct fact *f = &inv->facts.items[order[i].item];
        struct nested_key *last = n_keys ? &keys[n_keys - 1] : NULL;
        if (!last || last->root != order[i].high || last->nested != f->nested) {
            last = &keys[n_keys++];
            *last = (struct nested_key){(uint32_t)order[i].high, f->nested, f->first_ns, f->last_ns, NONE};
        }
        last->first_ns = f->first_ns < last->first_ns ? f->first_ns : last->first_ns;
        last->last_ns = f->last_ns > last->last_ns ? f->last_ns : last->last_ns;
        key_of[i] = n_keys - 1;
    }
    make_nested_nodes(w, keys, n_keys);
    for (uint32_t i = 0; i < n; i++)
        w->node_of_fact[order[i].item] = keys[key_of[i]].node;
    cd_free(key_of);
    cd_free(keys);
    cd_free(order);
}
