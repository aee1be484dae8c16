#include "hub/inventory/order.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { RADIX_FROM = 256 }; /* fewer keys are sorted by comparing */

struct tie_context {
    sort_tie *tie;
    const void *context;
};

static int compare_keys(const void *left, const void *right, void *context)
{
    const struct sort_key *a = left, *b = right;
    const struct tie_context *t = context;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return t->tie ? t->tie(t->context, a->item, b->item) : 0;
}

static unsigned byte_of(const struct sort_key *key, unsigned byte)
{
    return (unsigned)((byte < 8 ? key->low >> 8 * byte : key->high >> 8 * (byte - 8)) & 255);
}

/* One stable pass over one byte. */
static void scatter(const struct sort_key *from, struct sort_key *to, uint32_t n, unsigned byte,
                    const uint32_t counts[256])
{
    uint32_t starts[256], start = 0;
    for (unsigned i = 0; i < 256; i++) {
        starts[i] = start;
        start += counts[i];
    }
    for (uint32_t i = 0; i < n; i++)
        to[starts[byte_of(&from[i], byte)]++] = from[i];
}

static void radix_sort(struct sort_key *keys, uint32_t n)
{
    uint32_t(*counts)[256] = cd_alloc(16, sizeof *counts);
    struct sort_key *other = cd_alloc(n, sizeof *other), *from = keys, *to = other;
    for (uint32_t i = 0; i < n; i++)
        for (unsigned byte = 0; byte < 16; byte++)
            counts[byte][byte_of(&keys[i], byte)]++;
    for (unsigned byte = 0; byte < 16; byte++) {
        if (counts[byte][byte_of(&keys[0], byte)] == n)
            continue; /* all the same */
        scatter(from, to, n, byte, counts[byte]);
        struct sort_key *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof *keys);
    cd_free(other);
    cd_free(counts);
}

void cd_sort_keys(struct sort_key *keys, uint32_t n, sort_tie *tie, const void *context)
{
    struct tie_context t = {tie, context};
    if (n < 2)
        return;
    if (n < RADIX_FROM) {
        qsort_r(keys, n, sizeof *keys, compare_keys, &t);
        return;
    }
    radix_sort(keys, n);
    for (uint32_t i = 0, end; tie && i < n; i = end) {
        for (end = i + 1; end < n && keys[end].high == keys[i].high && keys[end].low == keys[i].low;)
            end++;
        if (end - i > 1)
            qsort_r(keys + i, end - i, sizeof *keys, compare_keys, &t);
    }
}

static uint64_t be64(const uint8_t *b)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | b[i];
    return value;
}

uint32_t *cd_inventory_rank_addresses(const struct cd_inventory *inv)
{
    uint32_t n = inv->addresses.count, at = 0;
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    uint32_t *rank = cd_alloc(n, sizeof *rank);
    for (int six = 0; six < 2; six++) {
        uint32_t from = at;
        for (uint32_t i = 0; i < n; i++) {
            const struct cd_ip *ip = ip_of(inv, i);
            if (cd_ip_is_4(ip) == !six)
                keys[at++] = (struct sort_key){.high = be64(ip->bytes), .low = be64(ip->bytes + 8), .item = i};
        }
        cd_sort_keys(keys + from, at - from, NULL, NULL);
    }
    for (uint32_t i = 0; i < n; i++)
        rank[keys[i].item] = i;
    cd_free(keys);
    return rank;
}

static uint32_t *items_of(struct sort_key *keys, uint32_t n)
{
    uint32_t *items = cd_alloc(n, sizeof *items);
    for (uint32_t i = 0; i < n; i++)
        items[i] = keys[i].item;
    cd_free(keys);
    return items;
}

uint32_t *cd_inventory_order_conversations(const struct cd_inventory *inv)
{
    uint32_t n = inv->conversations.count;
    uint32_t *rank = cd_inventory_rank_addresses(inv);
    struct sort_key *keys = cd_alloc(n, sizeof *keys);
    for (uint32_t i = 0; i < n; i++) {
        const struct conversation *c = &inv->conversations.items[i];
        keys[i] = (struct sort_key){.high = (uint64_t)rank[c->client] << 32 | rank[c->server],
                                    .low = (uint64_t)c->transport << 16 | c->port,
                                    .item = i};
    }
    cd_sort_keys(keys, n, NULL, NULL);
    cd_free(rank);
    return items_of(keys, n);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Two numbers by their digits, of any length; both are passed over. */
static int compare_numbers(const char **ref_a, const char **ref_b)
{
    const char *a = *ref_a, *b = *ref_b;
    int order = 0;
    while (*a == '0')
        a++;
    while (*b == '0')
        b++;
    while (is_digit(*a) && is_digit(*b)) { /* the first digit that differs decides, unless one number is longer */
        order = order ? order : (*a > *b) - (*a < *b);
        a++, b++;
    }
    if (is_digit(*a) || is_digit(*b))
        return is_digit(*a) ? 1 : -1;
    *ref_a = a, *ref_b = b;
    return order;
}

int cd_compare_natural(const char *a, const char *b)
{
    while (*a && *b) {
        if (is_digit(*a) && is_digit(*b)) {
            int order = compare_numbers(&a, &b);
            if (order)
                return order;
        } else if (*a++ != *b++) {
            return (unsigned char)a[-1] < (unsigned char)b[-1] ? -1 : 1;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}

static int compare_texts(const struct cd_inventory *inv, text_id a, text_id b)
{
    if (a == b)
        return 0;
    int order = cd_compare_natural(text_of(inv, a), text_of(inv, b));
    return order ? order : strcmp(text_of(inv, a), text_of(inv, b));
}

static int tie_operations(const void *context, uint32_t left, uint32_t right)
{
    const struct cd_inventory *inv = context;
    const struct operation *a = &inv->operations.items[left], *b = &inv->operations.items[right];
    int order = compare_texts(inv, a->protocol, b->protocol);
    order = order ? order : compare_texts(inv, a->code, b->code);
    order = order ? order : compare_texts(inv, a->name, b->name);
    order = order ? order : (int)a->class - (int)b->class;
    return order ? order : compare_texts(inv, a->target, b->target);
}

uint32_t *cd_inventory_order_operations(const struct cd_inventory *inv, uint32_t classes, uint32_t *ret_n)
{
    uint32_t n = 0;
    uint32_t *rank = cd_inventory_rank_addresses(inv);
    struct sort_key *keys = cd_alloc(inv->operations.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->operations.count; i++) {
        const struct operation *op = &inv->operations.items[i];
        if (classes >> op->class & 1)
            keys[n++] = (struct sort_key){.high = (uint64_t)rank[op->client] << 32 | rank[op->server], .item = i};
    }
    cd_sort_keys(keys, n, tie_operations, inv);
    cd_free(rank);
    *ret_n = n;
    return items_of(keys, n);
}

static int tie_events(const void *context, uint32_t left, uint32_t right)
{
    const struct cd_inventory *inv = context;
    const struct event *a = &inv->events.items[left], *b = &inv->events.items[right];
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    int order = compare_texts(inv, a->protocol, b->protocol);
    order = order ? order : cd_ip_compare(ip_of(inv, a->client), ip_of(inv, b->client));
    order = order ? order : cd_ip_compare(ip_of(inv, a->server), ip_of(inv, b->server));
    order = order ? order : compare_texts(inv, a->detail, b->detail);
    return order ? order : (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

/* How many of one (kind, protocol, client, server) are kept, as in observe/facts.c. */
static uint32_t events_kept(const struct event *event)
{
    return event->kind == CD_EVENT_DANGEROUS_OPERATION ? 4096 : 64;
}

/* Marks the events beyond what one sensor would have kept: the later ones in the order of the capture. Kinds are counted apart, so those not
 * asked for can be passed over. */
static bool *find_surplus(const struct cd_inventory *inv, uint32_t kinds, const uint32_t *rank)
{
    uint32_t n = 0;
    bool *surplus = cd_alloc(inv->events.count, sizeof *surplus);
    struct sort_key *keys = cd_alloc(inv->events.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->events.count; i++) { /* first in the order of frames, */
        const struct event *event = &inv->events.items[i];
        if (kinds >> event->kind & 1)
            keys[n++] = (struct sort_key){.high = event->source, .low = event->frame, .item = i};
    }
    cd_sort_keys(keys, n, tie_events, inv);
    for (uint32_t i = 0; i < n; i++) { /* then by key, and by that order within */
        const struct event *event = &inv->events.items[keys[i].item];
        keys[i].high = (uint64_t)rank[event->client] << 32 | rank[event->server];
        keys[i].low = (uint64_t)event->kind << 56 | (uint64_t)event->protocol << 32 | i;
    }
    cd_sort_keys(keys, n, NULL, NULL);
    uint32_t run = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool same = i && keys[i].high == keys[i - 1].high && keys[i].low >> 32 == keys[i - 1].low >> 32;
        run = same ? run + 1 : 1;
        surplus[keys[i].item] = run > events_kept(&inv->events.items[keys[i].item]);
    }
    cd_free(keys);
    return surplus;
}

uint32_t *cd_inventory_order_events(const struct cd_inventory *inv, uint32_t kinds, uint32_t *ret_n)
{
    uint32_t n = 0;
    uint32_t *rank = cd_inventory_rank_addresses(inv);
    bool *surplus = find_surplus(inv, kinds, rank);
    struct sort_key *keys = cd_alloc(inv->events.count, sizeof *keys);
    for (uint32_t i = 0; i < inv->events.count; i++) {
        const struct event *event = &inv->events.items[i];
        if ((kinds >> event->kind & 1) && !surplus[i])
            keys[n++] = (struct sort_key){.high = event->time_ns, .low = event->frame << 8 | event->kind, .item = i};
    }
    cd_sort_keys(keys, n, tie_events, inv);
    cd_free(surplus);
    cd_free(rank);
    *ret_n = n;
    return items_of(keys, n);
}
