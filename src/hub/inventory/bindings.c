/* Which IP belongs to which MAC.
 *
 * A MAC that claims an IP (ARP, ND, DHCP) has it. A MAC from which packets of an IP come that it never claims either has it too (the claim
 * was not captured) or passes the packets on: then it is a router, and the IP is known by itself alone. What decides:
 *   - link-local addresses are never passed on;
 *   - another MAC claims the IP: passed on;
 *   - another MAC sends its packets fresh (a time to live as hosts set it), this one does not: passed on;
 *   - the MAC claims other addresses: its own if of the same subnet, and not many of them;
 *   - it claims very many: it answers for others (proxy ARP, or one machine that plays many devices): passed on;
 *   - no claims at all: its own if they are few and all their packets fresh, or if it is one address or a few of one subnet; but one
 *     public address among private neighbours is passed on.
 * An IP that one MAC had first and another later has moved: both keep it in their history. */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "observe/grow.h"

#include <string.h>

enum { FEW_ADDRESSES = 3, MANY_CLAIMS = 32 };

static void sort_bindings(struct work *w)
{
    uint32_t n = w->bindings.count, out = 0;
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    struct binding *sorted = cd_alloc(n, sizeof *sorted);
    for (uint32_t i = 0; i < n; i++) {
        const struct binding *b = &w->bindings.items[i];
        keys[i] = (struct sort_key){.high = (uint64_t)w->rank[b->mac] << 32 | w->rank[b->ip], .item = i};
    }
    cd_sort_keys(keys, n, NULL, NULL);
    for (uint32_t i = 0; i < n; i++) {
        const struct binding *b = &w->bindings.items[keys[i].item];
        struct binding *last = out ? &sorted[out - 1] : NULL;
        if (!last || last->mac != b->mac || last->ip != b->ip) {
            sorted[out++] = *b;
            continue;
        }
        last->claimed |= b->claimed;
        last->sourced |= b->sourced;
        last->near |= b->near;
        last->count += b->count;
        last->first_ns = b->first_ns < last->first_ns ? b->first_ns : last->first_ns;
        last->last_ns = b->last_ns > last->last_ns ? b->last_ns : last->last_ns;
    }
    cd_free(keys);
    cd_free(w->bindings.items);
    w->bindings.items = sorted;
    w->bindings.count = out;
    w->bindings.size = n;
}

static bool same_subnet(const struct cd_ip *a, const struct cd_ip *b)
{
    if (cd_ip_is_4(a) != cd_ip_is_4(b))
        return false;
    return cd_ip_is_4(a) ? memcmp(a->bytes, b->bytes, 15) == 0 : a->words[0] == b->words[0];
}

/* Numbers of bindings sorted by IP, then MAC; the caller frees. */
static uint32_t *bindings_by_ip(const struct work *w)
{
    uint32_t n = w->bindings.count;
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    uint32_t *order = cd_alloc(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++) {
        const struct binding *b = &w->bindings.items[i];
        keys[i] = (struct sort_key){.high = (uint64_t)w->rank[b->ip] << 32 | w->rank[b->mac], .item = i};
    }
    cd_sort_keys(keys, n, NULL, NULL);
    for (uint32_t i = 0; i < n; i++)
        order[i] = keys[i].item;
    cd_free(keys);
    return order;
}

/* What is known of each IP over all MACs; a table by address. */
struct standing {
    uint32_t claimants; /* real MACs that claim it */
    uint32_t near;      /* MACs that send its packets fresh */
    uint32_t first;     /* its first binding in the order by IP */
};

static struct standing *look_at_ips(const struct work *w, bool *ret_private_segment)
{
    struct standing *standing = cd_alloc(w->inv->addresses.count, sizeof *standing);
    *ret_private_segment = false;
    for (uint32_t i = 0; i < w->bindings.count; i++) {
        const struct binding *b = &w->bindings.items[i];
        const struct cd_ip *ip = ip_of(w->inv, b->ip);
        if (b->claimed && !w->places[b->mac].is_virtual)
            standing[b->ip].claimants++;
        standing[b->ip].near += b->near;
        if (cd_ip_is_private(ip) && !cd_ip_is_link_local(ip))
            *ret_private_segment = true;
    }
    return standing;
}

struct family {
    uint32_t claims, unclaimed;            /* unclaimed: of those that may be the MAC's own */
    bool one_subnet, all_public, all_near; /* of the unclaimed */
    const struct cd_ip *first;
};

static bool may_be_own(const struct work *w, const struct binding *b, const struct standing *standing, bool six)
{
    const struct cd_ip *ip = ip_of(w->inv, b->ip);
    const struct standing *s = &standing[b->ip];
    return !b->claimed && cd_ip_is_4(ip) != six && !cd_ip_is_link_local(ip) && s->claimants == 0 &&
           (b->near || s->near == 0);
}

static struct family look_at_family(const struct work *w, uint32_t from, uint32_t to, const struct standing *standing,
                                    bool six)
{
    struct family f = {.one_subnet = true, .all_public = true, .all_near = true};
    for (uint32_t i = from; i < to; i++) {
        const struct binding *b = &w->bindings.items[i];
        const struct cd_ip *ip = ip_of(w->inv, b->ip);
        if (b->claimed && cd_ip_is_4(ip) != six && !cd_ip_is_link_local(ip))
            f.claims++;
        if (!may_be_own(w, b, standing, six))
            continue;
        f.unclaimed++;
        f.first = f.first ? f.first : ip;
        f.one_subnet &= same_subnet(f.first, ip);
        f.all_public &= !cd_ip_is_private(ip);
        f.all_near &= b->near;
    }
    return f;
}

static bool near_a_claim(const struct work *w, uint32_t from, uint32_t to, const struct cd_ip *ip)
{
    for (uint32_t i = from; i < to; i++)
        if (w->bindings.items[i].claimed && same_subnet(ip, ip_of(w->inv, w->bindings.items[i].ip)))
            return true;
    return false;
}

static void judge_family(struct work *w, uint32_t from, uint32_t to, const struct standing *standing, bool six,
                         bool private_segment)
{
    struct family f = look_at_family(w, from, to, standing, six);
    uint32_t near = 0;
    if (f.claims && f.unclaimed <= 1024)
        for (uint32_t i = from; i < to; i++)
            near += may_be_own(w, &w->bindings.items[i], standing, six) &&
                    near_a_claim(w, from, to, ip_of(w->inv, w->bindings.items[i].ip));
    bool few = f.unclaimed <= FEW_ADDRESSES && (f.all_near || (f.one_subnet && !(f.all_public && private_segment)));
    for (uint32_t i = from; i < to; i++) {
        struct binding *b = &w->bindings.items[i];
        if (!may_be_own(w, b, standing, six))
            continue;
        if (f.claims)
            b->own = near && near <= FEW_ADDRESSES && near_a_claim(w, from, to, ip_of(w->inv, b->ip));
        else
            b->own = few || w->places[b->ip].is_gateway;
    }
}

/* Judges the bindings [from, to) of one MAC. */
static void judge_mac(struct work *w, uint32_t from, uint32_t to, const struct standing *standing, bool private_segment)
{
    uint32_t claims = 0;
    for (uint32_t i = from; i < to; i++)
        claims += w->bindings.items[i].claimed;
    for (uint32_t i = from; i < to; i++) {
        struct binding *b = &w->bindings.items[i];
        b->own = (b->claimed && claims <= MANY_CLAIMS) || cd_ip_is_link_local(ip_of(w->inv, b->ip));
    }
    judge_family(w, from, to, standing, false, private_segment);
    judge_family(w, from, to, standing, true, private_segment);
}

/* Claims by the MAC of a group of routers belong to the router that speaks from it: whose own address (by a real MAC's claim)
 * also sends from the shared one. Returns that binding's number, or NONE. */
static uint32_t find_master(const struct work *w, uint32_t from, uint32_t to, const uint32_t *by_ip,
                            const struct standing *standing)
{
    uint32_t master = NONE;
    for (uint32_t i = from; i < to; i++) {
        const struct binding *shared = &w->bindings.items[i];
        if (!shared->sourced || shared->claimed)
            continue;
        for (uint32_t k = standing[shared->ip].first;
             k < w->bindings.count && w->bindings.items[by_ip[k]].ip == shared->ip; k++) {
            const struct binding *real = &w->bindings.items[by_ip[k]];
            if (w->places[real->mac].is_virtual || !real->own || !near_a_claim(w, from, to, ip_of(w->inv, shared->ip)))
                continue;
            if (master == NONE || real->last_ns > w->bindings.items[master].last_ns)
                master = by_ip[k];
        }
    }
    return master;
}

/* Hands what the shared MAC [from, to) claims to its master: as the master's own address. */
static void settle_virtual_mac(struct work *w, uint32_t from, uint32_t to, const uint32_t *by_ip,
                               const struct standing *standing)
{
    uint32_t master = find_master(w, from, to, by_ip, standing);
    address_id virtual_mac = w->bindings.items[from].mac;
    for (uint32_t i = from; i < to; i++) {
        struct binding *b = &w->bindings.items[i];
        b->own = false;
        if (!b->claimed || master == NONE)
            continue;
        b->mac =
            w->bindings.items[master].mac; /* the table is sorted by the MAC as seen; nothing after this relies on it */
        b->own = true;
    }
    if (master != NONE)
        w->places[virtual_mac].node = master; /* a binding's number for now: see make_nodes */
}

static uint32_t end_of_mac(const struct work *w, uint32_t from)
{
    uint32_t to = from + 1;
    while (to < w->bindings.count && w->bindings.items[to].mac == w->bindings.items[from].mac)
        to++;
    return to;
}

static void judge_bindings(struct work *w)
{
    bool private_segment;
    struct standing *standing = look_at_ips(w, &private_segment);
    for (uint32_t from = 0, to; from < w->bindings.count; from = to) {
        to = end_of_mac(w, from);
        if (!w->places[w->bindings.items[from].mac].is_virtual)
            judge_mac(w, from, to, standing, private_segment);
    }
    uint32_t *by_ip = bindings_by_ip(w);
    for (uint32_t i = w->bindings.count; i > 0; i--)
        standing[w->bindings.items[by_ip[i - 1]].ip].first = i - 1;
    for (uint32_t from = 0, to; from < w->bindings.count; from = to) {
        to = end_of_mac(w, from);
        if (w->places[w->bindings.items[from].mac].is_virtual)
            settle_virtual_mac(w, from, to, by_ip, standing);
    }
    cd_free(by_ip);
    cd_free(standing);
}

static uint32_t make_node(struct work *w, address_id anchor)
{
    char text[64];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct place *place = &w->places[anchor];
    struct node node = {
        .anchor = anchor, .parent = NONE, .router = NONE, .first_ns = place->first_ns, .last_ns = place->last_ns};
    cd_text_address(&t, w->inv, anchor);
    cd_asset_id(w->inv->site, text, "", node.id);
    return place->node = cd_node_add(w, &node);
}

static void add_interface(struct work *w, const struct node_interface *interface)
{
    CD_GROW(w->interfaces);
    w->interfaces.items[w->interfaces.count++] = *interface;
}

/* Every MAC that exists is a node, but for the shared ones, which lead to the node of their master. */
static void make_mac_nodes(struct work *w)
{
    for (uint32_t r = 0; r < w->inv->addresses.count; r++) {
        struct place *place = &w->places[w->by_rank[r]];
        if (place->is_mac && place->sent && !place->is_virtual)
            make_node(w, w->by_rank[r]);
    }
    for (uint32_t i = 0; i < w->inv->addresses.count; i++) {
        struct place *place = &w->places[i];
        if (place->is_virtual && place->node != NONE)
            place->node = w->places[w->bindings.items[place->node].mac].node;
    }
}

/* The MAC behind which the IP is known: the one most of its packets came from. */
static uint32_t router_of(const struct work *w, const uint32_t *by_ip, uint32_t from, uint32_t to)
{
    const struct binding *best = NULL;
    for (uint32_t k = from; k < to; k++) {
        const struct binding *b = &w->bindings.items[by_ip[k]];
        if (b->sourced && w->places[b->mac].node != NONE && (!best || b->count > best->count))
            best = b;
    }
    return best ? w->places[best->mac].node : NONE;
}

/* The owner of the IP now: the last seen with it; a claim counts more than packets. */
static const struct binding *latest_owner(const struct work *w, const uint32_t *by_ip, uint32_t from, uint32_t to)
{
    const struct binding *best = NULL;
    for (uint32_t k = from; k < to; k++) {
        const struct binding *b = &w->bindings.items[by_ip[k]];
        if (!b->own || w->places[b->mac].node == NONE)
            continue;
        if (!best || b->last_ns > best->last_ns || (b->last_ns == best->last_ns && b->claimed > best->claimed))
            best = b;
    }
    return best;
}

/* A device lives as long as its addresses: of an IP that is its alone, all of the IP's traffic. */
static void widen(struct work *w, uint32_t number, const struct place *place, const struct binding *b)
{
    struct node *node = &w->nodes.items[number];
    uint64_t first_ns = place ? place->first_ns : b->first_ns, last_ns = place ? place->last_ns : b->last_ns;
    node->first_ns = first_ns < node->first_ns ? first_ns : node->first_ns;
    node->last_ns = last_ns > node->last_ns ? last_ns : node->last_ns;
}

/* Gives the IP whose bindings are by_ip[from, to) to its owners, or makes it a node of its own. */
static void place_ip(struct work *w, address_id ip, const uint32_t *by_ip, uint32_t from, uint32_t to)
{
    struct place *place = &w->places[ip];
    const struct binding *owner = latest_owner(w, by_ip, from, to);
    if (!owner) {
        uint32_t node = make_node(w, ip);
        w->nodes.items[node].router = router_of(w, by_ip, from, to);
        for (uint32_t k = from; k < to; k++)
            w->nodes.items[node].virtual_address |=
                w->places[w->bindings.items[by_ip[k]].mac].is_virtual && w->bindings.items[by_ip[k]].claimed;
        add_interface(w, &(struct node_interface){node, 0, ip, place->first_ns, place->last_ns, true});
        return;
    }
    uint32_t owners = 0;
    place->node = w->places[owner->mac].node;
    for (uint32_t k = from; k < to; k++)
        owners += w->bindings.items[by_ip[k]].own && w->places[w->bindings.items[by_ip[k]].mac].node != NONE;
    place->contested = owners > 1;
    for (uint32_t k = from; k < to; k++) {
        const struct binding *b = &w->bindings.items[by_ip[k]];
        if (!b->own || w->places[b->mac].node == NONE)
            continue;
        bool alone = owners == 1;
        widen(w, w->places[b->mac].node, alone ? place : NULL, b);
        add_interface(w, &(struct node_interface){
                             w->places[b->mac].node, b->mac, ip, alone ? place->first_ns : b->first_ns,
                             alone ? place->last_ns : b->last_ns, b->last_ns >= owner->first_ns || b == owner});
    }
}

static void place_ips(struct work *w)
{
    uint32_t *by_ip = bindings_by_ip(w), at = 0;
    for (uint32_t r = 0; r < w->inv->addresses.count; r++) {
        address_id ip = w->by_rank[r];
        uint32_t from = at;
        while (at < w->bindings.count && w->bindings.items[by_ip[at]].ip == ip)
            at++;
        if (ip && w->places[ip].sent && !w->places[ip].is_mac)
            place_ip(w, ip, by_ip, from, at);
    }
    cd_free(by_ip);
}

/* A MAC that passes on two addresses, or one with a time to live that was counted down, or one that no other MAC on this segment has, is a router. */
static void mark_routers(struct work *w)
{
    uint32_t *passed = cd_alloc(w->nodes.count, sizeof *passed);
    for (uint32_t i = 0; i < w->bindings.count; i++) {
        const struct binding *b = &w->bindings.items[i];
        uint32_t node = w->places[b->mac].node, holder = w->places[b->ip].node;
        if (b->own || !b->sourced || node == NONE || holder == NONE || holder == node)
            continue;
        passed[node] += b->near && w->places[w->nodes.items[holder].anchor].is_mac ? 1 : 2;
    }
    for (uint32_t i = 0; i < w->nodes.count; i++)
        w->nodes.items[i].forwards = passed[i] >= 2;
    cd_free(passed);
}

/* MACs without an IP have an interface too. */
static void add_bare_macs(struct work *w)
{
    bool *has = cd_alloc(w->nodes.count, sizeof *has);
    for (uint32_t i = 0; i < w->interfaces.count; i++)
        has[w->interfaces.items[i].node] = true;
    for (uint32_t i = 0; i < w->nodes.count; i++) {
        const struct node *node = &w->nodes.items[i];
        if (!has[i])
            add_interface(w, &(struct node_interface){i, node->anchor, 0, node->first_ns, node->last_ns, true});
    }
    cd_free(has);
}

void cd_resolve_bindings(struct work *w)
{
    sort_bindings(w);
    judge_bindings(w);
    make_mac_nodes(w);
    place_ips(w);
    mark_routers(w);
    add_bare_macs(w);
}
