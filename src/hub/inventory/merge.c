/* One device behind several addresses. What makes two nodes one:
 *   - the same serial number;
 *   - the same stable name, where nothing speaks against it;
 *   - a device known by IP only that tells a MAC which is known here.
 * Two nodes are never joined where the same protocol told different makers, models or serial numbers of them, or where a person
 * took them apart. A value shared by many is no identity (a maker's default), so it joins none. Nothing is lost by a join:
 * it is made anew from the facts each time, with the evidence. */
#include "hub/inventory/resolve.h"

#include "base/memory.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { SHARED_SERIALS_MOST = 6, SHARED_NAMES_MOST = 4, COMPARED_FACTS_MOST = 512 };

/* What a group of nodes is joined by: one attribute with one value. */
struct clue {
    uint32_t node;
    text_id key; /* the value in a form in which equal means the same */
    uint32_t fact;
};

struct clues {
    TABLE(clue);
};

/* Numbers of facts, by node: facts[first[node] .. first[node + 1]). */
struct facts_by_node {
    uint32_t *first, *facts;
};

static struct facts_by_node sort_facts_by_node(const struct work *w)
{
    struct facts_by_node by = {cd_alloc((size_t)w->nodes.count + 2, sizeof *by.first),
                               cd_alloc(w->inv->facts.count, sizeof *by.facts)};
    for (uint32_t i = 0; i < w->inv->facts.count; i++)
        if (w->node_of_fact[i] != NONE)
            by.first[w->node_of_fact[i] + 2]++;
    for (uint32_t i = 2; i < w->nodes.count + 2; i++)
        by.first[i] += by.first[i - 1];
    for (uint32_t i = 0; i < w->inv->facts.count; i++)
        if (w->node_of_fact[i] != NONE)
            by.facts[by.first[w->node_of_fact[i] + 1]++] = i;
    return by;
}

/* ---- what counts as a clue ---- */

/* Serial numbers that say nothing: too short, one digit repeated, a filler. */
static bool is_serial(const char *value)
{
    static const char *const fillers[] = {"unknown",
                                          "none",
                                          "n/a",
                                          "not available",
                                          "default",
                                          "not set",
                                          "serial",
                                          "0123456789",
                                          "123456789",
                                          "12345678",
                                          "1234567",
                                          "123456",
                                          "12345",
                                          "to be filled by o.e.m.",
                                          "system serial number",
                                          "s/n",
                                          "not specified",
                                          NULL};
    size_t len = strlen(value), other = 0;
    if (len < 4)
        return false;
    for (size_t i = 0; i < len; i++)
        other += value[i] != value[0] && value[i] != '0' && value[i] != '-' && value[i] != ' ' && value[i] != '.' &&
                 value[i] != 'x';
    for (const char *const *f = fillers; *f; f++)
        if (strcasecmp(value, *f) == 0)
            return false;
    return other > 0;
}

/* Names that are given by hand or by the maker and are told by the device itself. DNS names are no such names (several addresses share one
 * for balance), nor are those of certificates. */
static bool is_name_source(const char *protocol)
{
    static const char *const sources[] = {"lldp", "cdp", "snmp", "profinet-dcp", "nbns", "smb", "ntlm", "mdns", NULL};
    for (const char *const *s = sources; *s; s++)
        if (strcmp(protocol, *s) == 0)
            return true;
    return false;
}

static bool is_name(const char *value)
{
    static const char *const common[] = {"localhost",   "localhost.localdomain",
                                         "android",     "iphone",
                                         "ipad",        "router",
                                         "switch",      "printer",
                                         "camera",      "unknown",
                                         "default",     "workgroup",
                                         "raspberrypi", "debian",
                                         "ubuntu",      "kali",
                                         "openwrt",     "linux",
                                         "device",      "plc",
                                         "hmi",         "server",
                                         "client",      "host",
                                         "test",        "pc",
                                         "desktop",     "name",
                                         "none",        "null",
                                         "(none)",      "noname",
                                         "not set",     "system name",
                                         NULL};
    if (strlen(value) < 3)
        return false;
    for (const char *const *c = common; *c; c++)
        if (strcasecmp(value, *c) == 0)
            return false;
    return true;
}

/* Lower case; of names without the domain of mDNS. */
static text_id clue_key(struct cd_inventory *inv, const char *value, bool is_a_name)
{
    char lower[CD_TEXT_MAX + 1] = "";
    size_t len = strnlen(value, CD_TEXT_MAX);
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)value[i]);
    if (is_a_name && len > 6 && memcmp(lower + len - 6, ".local", 6) == 0)
        len -= 6;
    while (len && (lower[len - 1] == '.' || lower[len - 1] == ' '))
        len--;
    return cd_inventory_text(inv, lower, len);
}

static void collect_clues(struct work *w, enum cd_attribute attribute, struct clues *ret)
{
    for (uint32_t i = 0; i < w->inv->facts.count; i++) {
        const struct fact *f = &w->inv->facts.items[i];
        if (f->attribute != attribute || w->node_of_fact[i] == NONE)
            continue;
        const char *value = text_of(w->inv, f->value);
        bool named = attribute == CD_ATTRIBUTE_NAME;
        if (named ? f->nested || f->confidence < 70 || !is_name_source(text_of(w->inv, f->protocol)) || !is_name(value)
                  : !is_serial(value))
            continue;
        CD_GROW(*ret);
        ret->items[ret->count++] = (struct clue){w->node_of_fact[i], clue_key(w->inv, value, named), i};
    }
}

/* ---- what speaks against ---- */

static bool speaks_against(enum cd_attribute attribute)
{
    return attribute == CD_ATTRIBUTE_VENDOR || attribute == CD_ATTRIBUTE_MODEL ||
           attribute == CD_ATTRIBUTE_ORDER_NUMBER || attribute == CD_ATTRIBUTE_SERIAL;
}

/* Whether the other node has a fact of this protocol and attribute; *ret_same: and one with the same value. */
static bool has_such_fact(const struct work *w, const struct facts_by_node *by, uint32_t node, const struct fact *f,
                          bool *ret_same)
{
    bool such = false;
    *ret_same = false;
    for (uint32_t k = by->first[node]; k < by->first[node + 1] && k - by->first[node] < COMPARED_FACTS_MOST; k++) {
        const struct fact *other = &w->inv->facts.items[by->facts[k]];
        if (other->attribute != f->attribute || other->protocol != f->protocol)
            continue;
        such = true;
        *ret_same |= other->value == f->value;
    }
    return such;
}

/* Whether the two have a value in common where they have facts like f (same protocol and attribute). */
static bool share_a_value(const struct work *w, const struct facts_by_node *by, uint32_t a, uint32_t b,
                          const struct fact *f)
{
    bool same = false;
    for (uint32_t k = by->first[a]; k < by->first[a + 1] && k - by->first[a] < COMPARED_FACTS_MOST && !same; k++) {
        const struct fact *mine = &w->inv->facts.items[by->facts[k]];
        if (mine->attribute == f->attribute && mine->protocol == f->protocol)
            (void)has_such_fact(w, by, b, mine, &same);
    }
    return same;
}

static bool contradict(const struct work *w, const struct facts_by_node *by, uint32_t a, uint32_t b)
{
    for (uint32_t k = by->first[a]; k < by->first[a + 1] && k - by->first[a] < COMPARED_FACTS_MOST; k++) {
        const struct fact *f = &w->inv->facts.items[by->facts[k]];
        bool same;
        if (speaks_against((enum cd_attribute)f->attribute) && has_such_fact(w, by, b, f, &same) && !same &&
            !share_a_value(w, by, a, b, f))
            return true;
    }
    return false;
}

static bool is_above(const struct work *w, uint32_t above, uint32_t node)
{
    for (unsigned depth = 0; depth < 64; depth++) {
        node = cd_node_find(w, node);
        if (node == above)
            return true;
        if (w->nodes.items[node].parent == NONE)
            return false;
        node = w->nodes.items[node].parent;
    }
    return true;
}

/* A person's word: would this join bring together what was taken apart? */
static bool kept_apart(const struct work *w, uint32_t a, uint32_t b)
{
    if (!w->inv->kept_apart.count)
        return false;
    for (uint32_t k = 0; k < w->inv->kept_apart.count; k++) {
        const char *x = text_of(w->inv, w->inv->kept_apart.items[k].asset),
                   *y = text_of(w->inv, w->inv->kept_apart.items[k].into);
        bool x_in_a = false, x_in_b = false, y_in_a = false, y_in_b = false;
        for (uint32_t i = 0; i < w->nodes.count; i++) {
            uint32_t root = cd_node_find(w, i);
            bool is_x = strcmp(w->nodes.items[i].id, x) == 0, is_y = strcmp(w->nodes.items[i].id, y) == 0;
            x_in_a |= is_x && root == a, x_in_b |= is_x && root == b;
            y_in_a |= is_y && root == a, y_in_b |= is_y && root == b;
        }
        if ((x_in_a && y_in_b) || (x_in_b && y_in_a))
            return true;
    }
    return false;
}

/* ---- joining ---- */

/* Which of two stands for both: the one above the other, the one with addresses of its own, else the earlier. */
static bool goes_first(const struct work *w, uint32_t a, uint32_t b)
{
    if (is_above(w, a, b) || is_above(w, b, a))
        return is_above(w, a, b);
    bool a_nested = w->nodes.items[a].parent != NONE, b_nested = w->nodes.items[b].parent != NONE;
    return a_nested != b_nested ? b_nested : cd_node_is_earlier(w, a, b);
}

/* Joins two nodes. A module that has an address of its own is one device; it keeps its place in the chassis. */
static void join(struct work *w, uint32_t a, uint32_t b, const char *evidence)
{
    uint32_t into = goes_first(w, a, b) ? a : b, other = into == a ? b : a;
    struct node *kept = &w->nodes.items[into], *given = &w->nodes.items[other];
    given->up = into;
    kept->first_ns = given->first_ns < kept->first_ns ? given->first_ns : kept->first_ns;
    kept->last_ns = given->last_ns > kept->last_ns ? given->last_ns : kept->last_ns;
    kept->forwards |= given->forwards;
    if (kept->router == NONE)
        kept->router = given->router;
    if (kept->parent == NONE && given->parent != NONE && !is_above(w, into, given->parent)) {
        kept->parent = given->parent;
        kept->nested = given->nested;
    } else if (kept->parent == NONE && given->parent != NONE && cd_node_find(w, given->parent) == into) {
        kept->nested = given->nested; /* the module that gives the chassis its address: its slot, seen from inside */
    }
    CD_GROW(w->joins);
    w->joins.items[w->joins.count++] = (struct join){other, into, cd_resolved_text(w->inv, evidence)};
}

static void describe_clue(const struct work *w, const struct clue *clue, struct cd_text *t)
{
    const struct fact *f = &w->inv->facts.items[clue->fact];
    cd_text_address(t, w->inv, f->ip ? f->ip : f->mac);
    if (f->nested) {
        cd_text_char(t, ' ');
        cd_text_str(t, text_of(w->inv, f->nested));
    }
    cd_text_str(t, " (");
    cd_text_str(t, text_of(w->inv, f->protocol));
    cd_text_char(t, ')');
}

static void join_by_clue(struct work *w, const struct facts_by_node *by, const char *what, const struct clue *x,
                         const struct clue *y)
{
    char evidence[512];
    struct cd_text t = cd_text_of(evidence, sizeof evidence);
    uint32_t a = cd_node_find(w, x->node), b = cd_node_find(w, y->node);
    if (a == b || contradict(w, by, x->node, y->node) || kept_apart(w, a, b))
        return;
    cd_text_str(&t, "same ");
    cd_text_str(&t, what);
    cd_text_str(&t, " ");
    cd_text_str(&t, text_of(w->inv, w->inv->facts.items[x->fact].value));
    cd_text_str(&t, " from ");
    describe_clue(w, x, &t);
    cd_text_str(&t, " and ");
    describe_clue(w, y, &t);
    join(w, a, b, evidence);
}

static int tie_clues(const void *context, uint32_t left, uint32_t right)
{
    const struct clues *clues = ((const void *const *)context)[0];
    const struct work *w = ((const void *const *)context)[1];
    int key = strcmp(text_of(w->inv, clues->items[left].key), text_of(w->inv, clues->items[right].key));
    if (key)
        return key;
    uint32_t a = clues->items[left].node, b = clues->items[right].node;
    if (a != b)
        return cd_node_is_earlier(w, a, b) ? -1 : 1;
    const struct fact *x = &w->inv->facts.items[clues->items[left].fact],
                      *y = &w->inv->facts.items[clues->items[right].fact];
    int order = strcmp(text_of(w->inv, x->protocol), text_of(w->inv, y->protocol));
    order = order ? order : strcmp(text_of(w->inv, x->value), text_of(w->inv, y->value));
    order = order ? order : (int)(w->rank[x->ip] > w->rank[y->ip]) - (int)(w->rank[x->ip] < w->rank[y->ip]);
    return order ? order : (int)(w->rank[x->mac] > w->rank[y->mac]) - (int)(w->rank[x->mac] < w->rank[y->mac]);
}

/* Joins the nodes of each group of equal clues, unless the group is too large to be one device. */
static void join_by_attribute(struct work *w, const struct facts_by_node *by, enum cd_attribute attribute,
                              const char *what, uint32_t most)
{
    struct clues clues = {0};
    collect_clues(w, attribute, &clues);
    struct sort_key *keys = cd_alloc(clues.count, sizeof *keys);
    for (uint32_t i = 0; i < clues.count; i++)
        keys[i].item = i; /* by content alone */
    const void *context[] = {&clues, w};
    cd_sort_keys(keys, clues.count, tie_clues, context);
    for (uint32_t from = 0, to; from < clues.count; from = to) {
        uint32_t nodes = 1;
        for (to = from + 1; to < clues.count && clues.items[keys[to].item].key == clues.items[keys[from].item].key;
             to++)
            nodes += clues.items[keys[to].item].node != clues.items[keys[to - 1].item].node;
        if (nodes > most)
            continue;
        for (uint32_t i = from + 1; i < to; i++)
            join_by_clue(w, by, what, &clues.items[keys[from].item], &clues.items[keys[i].item]);
    }
    cd_free(keys);
    cd_free(clues.items);
}

/* An IP behind a router whose device tells its MAC, and that MAC is one of ours. */
static void join_by_told_mac(struct work *w)
{
    for (uint32_t i = 0; i < w->inv->facts.count; i++) {
        const struct fact *f = &w->inv->facts.items[i];
        cd_mac mac;
        uint32_t node = w->node_of_fact[i];
        if (f->attribute != CD_ATTRIBUTE_HARDWARE_ADDRESS || f->nested || f->confidence < 70 || node == NONE ||
            !f->ip || w->nodes.items[node].anchor != f->ip || !cd_mac_parse(text_of(w->inv, f->value), &mac) ||
            !cd_mac_is_device(mac))
            continue;
        struct cd_ip as_ip = cd_ip_of_mac(mac);
        address_id told = cd_inventory_address(w->inv, &as_ip);
        uint32_t *known = &w->places[f->ip].told_mac;
        if (w->places[told].node != NONE && (*known == NONE || w->rank[told] < w->rank[*known]))
            *known = told;
    }
    for (uint32_t r = 0; r < w->inv->addresses.count; r++) {
        address_id ip = w->by_rank[r];
        const struct place *place = &w->places[ip];
        if (!ip || place->is_mac || place->node == NONE || w->nodes.items[place->node].anchor != ip ||
            place->told_mac == NONE)
            continue;
        uint32_t a = cd_node_find(w, place->node), b = cd_node_find(w, w->places[place->told_mac].node);
        char evidence[256];
        struct cd_text t = cd_text_of(evidence, sizeof evidence);
        cd_text_address(&t, w->inv, ip);
        cd_text_str(&t, " tells ");
        cd_text_address(&t, w->inv, place->told_mac);
        cd_text_str(&t, " as its own hardware address");
        if (a != b && !kept_apart(w, a, b))
            join(w, a, b, evidence);
    }
}

static int tie_same_path(const void *context, uint32_t a, uint32_t b)
{
    return cd_node_is_earlier(context, a, b) ? -1 : 1;
}

/* What is nested at the same path below one device is one, once the devices are. */
static void join_same_paths(struct work *w)
{
    bool again = w->joins.count > 0;
    for (unsigned round = 0; again && round < 8; round++) {
        uint32_t n = 0;
        again = false;
        struct sort_key *keys = cd_alloc(w->nodes.count, sizeof *keys);
        for (uint32_t i = 0; i < w->nodes.count; i++) {
            const struct node *node = &w->nodes.items[i];
            if (node->up == i && node->parent != NONE && !node->anchor)
                keys[n++] = (struct sort_key){.high = cd_node_find(w, node->parent), .low = node->nested, .item = i};
        }
        cd_sort_keys(keys, n, tie_same_path, w);
        for (uint32_t i = 1; i < n; i++) {
            uint32_t a = cd_node_find(w, keys[i - 1].item), b = cd_node_find(w, keys[i].item);
            if (keys[i].high != keys[i - 1].high || keys[i].low != keys[i - 1].low || a == b)
                continue;
            join(w, a, b, "same place below one device");
            again = true;
        }
        cd_free(keys);
    }
}

void cd_resolve_merges(struct work *w)
{
    struct facts_by_node by = sort_facts_by_node(w);
    join_by_told_mac(w);
    join_by_attribute(w, &by, CD_ATTRIBUTE_SERIAL, "serial number", SHARED_SERIALS_MOST);
    join_by_attribute(w, &by, CD_ATTRIBUTE_NAME, "name", SHARED_NAMES_MOST);
    join_same_paths(w);
    cd_free(by.first);
    cd_free(by.facts);
}
