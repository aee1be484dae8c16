/* Adding up what was seen. Every operation here gives the same result in whatever order entries arrive: counts are summed, spans of time
 * joined, and where one of two values must be kept, content decides. */
#include "hub/inventory/model.h"

#include "base/hash.h"
#include "base/memory.h"
#include "observe/grow.h"
#include "observe/observer.h"

#include <string.h>

/* A sensor may be owned: what it can make the hub hold has an end. */
enum {
    TEXTS_MAX = 8000000,
    ADDRESSES_MAX = 16000000,
    FACTS_MAX = 8000000,
    CONVERSATIONS_MAX = 16000000,
    OPERATIONS_MAX = 8000000,
    EVENTS_MAX = 4000000,
    PROTOCOLS_MAX = 4096,
    CAPTURES_MAX = 65536,
    PROBLEMS_MAX = 65536,
};

struct cd_inventory *cd_inventory_new(const char *site)
{
    struct cd_inventory *inv = cd_alloc(1, sizeof *inv);
    inv->site = cd_copy_text(site);
    cd_index_init(&inv->text_index, 1024);
    cd_index_init(&inv->address_index, 1024);
    cd_index_init(&inv->fact_index, 1024);
    cd_index_init(&inv->conversation_index, 1024);
    cd_index_init(&inv->operation_index, 256);
    cd_index_init(&inv->applied_index, 64);
    CD_GROW(inv->texts);
    inv->texts.items[inv->texts.count++] = "";
    CD_GROW(inv->addresses);
    inv->addresses.items[inv->addresses.count++] = (struct cd_ip){0};
    return inv;
}

void cd_inventory_free(struct cd_inventory *inv)
{
    if (!inv)
        return;
    struct cd_index *indexes[] = {&inv->text_index,         &inv->address_index,   &inv->fact_index,
                                  &inv->conversation_index, &inv->operation_index, &inv->applied_index};
    for (unsigned i = 0; i < sizeof indexes / sizeof indexes[0]; i++)
        cd_index_free(indexes[i]);
    void *tables[] = {inv->texts.items,      inv->addresses.items,
                      inv->facts.items,      inv->conversations.items,
                      inv->operations.items, inv->events.items,
                      inv->protocols.items,  inv->layers.items,
                      inv->captures.items,   inv->problems.items,
                      inv->applied.items,    inv->known_ids.items,
                      inv->kept_apart.items, inv->corrections.items,
                      inv->assets.items,     inv->interfaces.items,
                      inv->merges.items,     inv->held.items,
                      inv->talks.items,      inv->asset_facts.items,
                      inv->asset_of,         inv->site};
    for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++)
        cd_free(tables[i]);
    cd_arena_free(&inv->arena);
    cd_arena_free(&inv->resolved);
    cd_free(inv);
}

text_id cd_inventory_text(struct cd_inventory *inv, const char *bytes, size_t len)
{
    if (len == 0)
        return 0;
    uint64_t hash = cd_hash_bytes(0, bytes, len);
    struct cd_probe probe = cd_index_probe(&inv->text_index, hash);
    for (uint32_t at; (at = cd_index_next(&inv->text_index, &probe)) != CD_INDEX_NONE;)
        if (strncmp(inv->texts.items[at], bytes, len) == 0 && inv->texts.items[at][len] == '\0')
            return at;
    if (inv->texts.count >= TEXTS_MAX) {
        inv->dropped++;
        return 0;
    }
    CD_GROW(inv->texts);
    inv->texts.items[inv->texts.count] = cd_arena_text(&inv->arena, bytes, len);
    cd_index_insert(&inv->text_index, hash, inv->texts.count);
    return inv->texts.count++;
}

address_id cd_inventory_address(struct cd_inventory *inv, const struct cd_ip *ip)
{
    if (!(ip->words[0] | ip->words[1]))
        return 0;
    uint64_t hash = cd_hash_u64(cd_hash_u64(3, ip->words[0]), ip->words[1]);
    struct cd_probe probe = cd_index_probe(&inv->address_index, hash);
    for (uint32_t at; (at = cd_index_next(&inv->address_index, &probe)) != CD_INDEX_NONE;)
        if (cd_ip_equal(&inv->addresses.items[at], ip))
            return at;
    if (inv->addresses.count >= ADDRESSES_MAX) {
        inv->dropped++;
        return 0;
    }
    CD_GROW(inv->addresses);
    inv->addresses.items[inv->addresses.count] = *ip;
    cd_index_insert(&inv->address_index, hash, inv->addresses.count);
    return inv->addresses.count++;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

static uint32_t sum32(uint32_t a, uint32_t b)
{
    return a + b < a ? UINT32_MAX : a + b;
}

static void join_span(uint64_t *first, uint64_t *last, uint64_t other_first, uint64_t other_last)
{
    if (other_first < *first)
        *first = other_first;
    if (other_last > *last)
        *last = other_last;
}

void cd_inventory_add_fact(struct cd_inventory *inv, const struct fact *f)
{
    uint64_t hash = cd_hash_u64((uint64_t)f->mac << 32 | f->ip, (uint64_t)f->nested << 32 | f->value);
    hash = cd_hash_u64(hash, (uint64_t)f->protocol << 8 | f->attribute);
    struct cd_probe probe = cd_index_probe(&inv->fact_index, hash);
    for (uint32_t at; (at = cd_index_next(&inv->fact_index, &probe)) != CD_INDEX_NONE;) {
        struct fact *known = &inv->facts.items[at];
        if (known->mac != f->mac || known->ip != f->ip || known->nested != f->nested || known->value != f->value ||
            known->protocol != f->protocol || known->attribute != f->attribute)
            continue;
        known->count = sum(known->count, f->count);
        if (f->confidence > known->confidence)
            known->confidence = f->confidence;
        join_span(&known->first_ns, &known->last_ns, f->first_ns, f->last_ns);
        return;
    }
    if (inv->facts.count >= FACTS_MAX) {
        inv->dropped++;
        return;
    }
    CD_GROW(inv->facts);
    inv->facts.items[inv->facts.count] = *f;
    cd_index_insert(&inv->fact_index, hash, inv->facts.count++);
}

/* The surer name of the protocol, or the first in the alphabet of two equally sure ones. */
static void choose_protocol(const struct cd_inventory *inv, struct conversation *known, const struct conversation *c)
{
    if (c->protocol == known->protocol) {
        if (c->confidence > known->confidence)
            known->confidence = c->confidence;
        return;
    }
    bool better = c->confidence > known->confidence;
    if (c->protocol == 0 || known->protocol == 0)
        better = known->protocol == 0;
    else if (c->confidence == known->confidence)
        better = strcmp(text_of(inv, c->protocol), text_of(inv, known->protocol)) < 0;
    if (better) {
        known->protocol = c->protocol;
        known->confidence = c->confidence;
    }
}

static void join_conversation(const struct cd_inventory *inv, struct conversation *known, const struct conversation *c)
{
    choose_protocol(inv, known, c);
    join_span(&known->first_ns, &known->last_ns, c->first_ns, c->last_ns);
    known->client_packets = sum(known->client_packets, c->client_packets);
    known->server_packets = sum(known->server_packets, c->server_packets);
    known->client_bytes = sum(known->client_bytes, c->client_bytes);
    known->server_bytes = sum(known->server_bytes, c->server_bytes);
    known->gap_bytes = sum(known->gap_bytes, c->gap_bytes);
    known->flows = sum32(known->flows, c->flows);
    known->one_sided_flows = sum32(known->one_sided_flows, c->one_sided_flows);
    known->retransmissions = sum32(known->retransmissions, c->retransmissions);
    known->gaps = sum32(known->gaps, c->gaps);
    known->resets = sum32(known->resets, c->resets);
    known->refused = sum32(known->refused, c->refused);
}

void cd_inventory_add_conversation(struct cd_inventory *inv, const struct conversation *c)
{
    uint64_t hash = cd_hash_u64((uint64_t)c->client << 32 | c->server, (uint64_t)c->transport << 16 | c->port);
    struct cd_probe probe = cd_index_probe(&inv->conversation_index, hash);
    for (uint32_t at; (at = cd_index_next(&inv->conversation_index, &probe)) != CD_INDEX_NONE;) {
        struct conversation *known = &inv->conversations.items[at];
        if (known->client == c->client && known->server == c->server && known->port == c->port &&
            known->transport == c->transport) {
            join_conversation(inv, known, c);
            return;
        }
    }
    if (inv->conversations.count >= CONVERSATIONS_MAX) {
        inv->dropped++;
        return;
    }
    CD_GROW(inv->conversations);
    inv->conversations.items[inv->conversations.count] = *c;
    cd_index_insert(&inv->conversation_index, hash, inv->conversations.count++);
}

static void join_error(const struct cd_inventory *inv, struct operation *known, const struct operation *op)
{
    if (op->last_error_ns < known->last_error_ns || !op->last_error)
        return;
    if (op->last_error_ns == known->last_error_ns &&
        strcmp(text_of(inv, op->last_error), text_of(inv, known->last_error)) <= 0)
        return;
    known->last_error = op->last_error;
    known->last_error_ns = op->last_error_ns;
}

void cd_inventory_add_operation(struct cd_inventory *inv, const struct operation *op)
{
    uint64_t hash = cd_hash_u64((uint64_t)op->client << 32 | op->server, (uint64_t)op->protocol << 32 | op->name);
    hash = cd_hash_u64(hash, (uint64_t)op->code << 32 | op->target);
    hash = cd_hash_u64(hash, op->class);
    struct cd_probe probe = cd_index_probe(&inv->operation_index, hash);
    for (uint32_t at; (at = cd_index_next(&inv->operation_index, &probe)) != CD_INDEX_NONE;) {
        struct operation *known = &inv->operations.items[at];
        if (known->client != op->client || known->server != op->server || known->protocol != op->protocol ||
            known->name != op->name || known->code != op->code || known->target != op->target ||
            known->class != op->class)
            continue;
        known->requests = sum(known->requests, op->requests);
        known->responses = sum(known->responses, op->responses);
        known->errors = sum(known->errors, op->errors);
        join_span(&known->first_ns, &known->last_ns, op->first_ns, op->last_ns);
        join_error(inv, known, op);
        return;
    }
    if (inv->operations.count >= OPERATIONS_MAX) {
        inv->dropped++;
        return;
    }
    CD_GROW(inv->operations);
    inv->operations.items[inv->operations.count] = *op;
    cd_index_insert(&inv->operation_index, hash, inv->operations.count++);
}

void cd_inventory_add_event(struct cd_inventory *inv, const struct event *event)
{
    if (inv->events.count >= EVENTS_MAX) {
        inv->dropped++;
        return;
    }
    CD_GROW(inv->events);
    inv->events.items[inv->events.count++] = *event;
}

void cd_inventory_add_protocol(struct cd_inventory *inv, const struct protocol_health *p)
{
    uint32_t i = 0;
    while (i < inv->protocols.count && inv->protocols.items[i].protocol != p->protocol)
        i++;
    if (i >= PROTOCOLS_MAX) {
        inv->dropped++;
        return;
    }
    if (i == inv->protocols.count) {
        CD_GROW(inv->protocols);
        inv->protocols.items[inv->protocols.count++] = (struct protocol_health){.protocol = p->protocol};
    }
    struct protocol_health *known = &inv->protocols.items[i];
    known->messages = sum(known->messages, p->messages);
    known->bytes = sum(known->bytes, p->bytes);
    known->malformed = sum(known->malformed, p->malformed);
    known->malformed_bytes = sum(known->malformed_bytes, p->malformed_bytes);
    known->cut = sum(known->cut, p->cut);
}

void cd_inventory_add_layer(struct cd_inventory *inv, text_id layer, uint64_t bad_frames)
{
    for (uint32_t i = 0; i < inv->layers.count; i++) {
        if (inv->layers.items[i].layer == layer) {
            inv->layers.items[i].bad_frames = sum(inv->layers.items[i].bad_frames, bad_frames);
            return;
        }
    }
    if (inv->layers.count >= PROTOCOLS_MAX) {
        inv->dropped++;
        return;
    }
    CD_GROW(inv->layers);
    inv->layers.items[inv->layers.count++] = (struct layer_health){.layer = layer, .bad_frames = bad_frames};
}

static struct capture_record *capture_of(struct cd_inventory *inv, uint32_t number)
{
    for (uint32_t i = inv->captures.count; i > 0; i--) /* records of one capture come close together */
        if (inv->captures.items[i - 1].number == number)
            return &inv->captures.items[i - 1];
    if (inv->captures.count >= CAPTURES_MAX)
        return NULL;
    CD_GROW(inv->captures);
    inv->captures.items[inv->captures.count] = (struct capture_record){.number = number};
    return &inv->captures.items[inv->captures.count++];
}

void cd_inventory_add_capture(struct cd_inventory *inv, const struct capture_record *c)
{
    struct capture_record *known = capture_of(inv, c->number);
    if (!known) {
        inv->dropped++;
        return;
    }
    if (c->name && (!known->name || strcmp(text_of(inv, c->name), text_of(inv, known->name)) < 0))
        known->name = c->name;
    if (c->frames && !known->frames) {
        known->first_ns = c->first_ns;
        known->last_ns = c->last_ns;
    } else if (c->frames) {
        join_span(&known->first_ns, &known->last_ns, c->first_ns, c->last_ns);
    }
    known->frames = sum(known->frames, c->frames);
    known->bytes = sum(known->bytes, c->bytes);
}

void cd_inventory_name_capture(struct cd_inventory *inv, uint32_t number, const char *name)
{
    struct capture_record *known = capture_of(inv, number);
    char safe[4096];
    struct cd_text t = cd_text_of(safe, sizeof safe);
    cd_text_device(&t, name, strlen(name));
    if (known)
        known->name = cd_inventory_text(inv, t.at, t.len);
}

void cd_inventory_add_problem(struct cd_inventory *inv, uint32_t number, const char *text)
{
    text_id id = cd_inventory_text(inv, text, strlen(text));
    for (uint32_t i = 0; i < inv->problems.count; i++)
        if (inv->problems.items[i].number == number && inv->problems.items[i].text == id)
            return;
    if (inv->problems.count >= PROBLEMS_MAX || !id) {
        inv->dropped++;
        return;
    }
    if (number != NONE)
        (void)capture_of(inv, number);
    CD_GROW(inv->problems);
    inv->problems.items[inv->problems.count++] = (struct problem){.number = number, .text = id};
}

void cd_inventory_add_counters(struct cd_inventory *inv, const struct cd_health *counters)
{
#define ADD(number, name) inv->counters.name = sum(inv->counters.name, counters->name);
    CD_HEALTH_COUNTERS(ADD)
#undef ADD
}

void cd_inventory_add(struct cd_inventory *inv, const struct cd_inventory *other)
{
    text_id *texts = cd_alloc(other->texts.count, sizeof *texts);
    address_id *addresses = cd_alloc(other->addresses.count, sizeof *addresses);
    for (uint32_t i = 1; i < other->texts.count; i++)
        texts[i] = cd_inventory_text(inv, other->texts.items[i], strlen(other->texts.items[i]));
    for (uint32_t i = 1; i < other->addresses.count; i++)
        addresses[i] = cd_inventory_address(inv, &other->addresses.items[i]);

    for (uint32_t i = 0; i < other->facts.count; i++) {
        struct fact f = other->facts.items[i];
        f.mac = addresses[f.mac], f.ip = addresses[f.ip];
        f.nested = texts[f.nested], f.value = texts[f.value], f.protocol = texts[f.protocol];
        cd_inventory_add_fact(inv, &f);
    }
    for (uint32_t i = 0; i < other->conversations.count; i++) {
        struct conversation c = other->conversations.items[i];
        c.client = addresses[c.client], c.server = addresses[c.server], c.protocol = texts[c.protocol];
        cd_inventory_add_conversation(inv, &c);
    }
    for (uint32_t i = 0; i < other->operations.count; i++) {
        struct operation op = other->operations.items[i];
        op.client = addresses[op.client], op.server = addresses[op.server];
        op.protocol = texts[op.protocol], op.name = texts[op.name], op.code = texts[op.code],
        op.target = texts[op.target];
        op.last_error = texts[op.last_error];
        cd_inventory_add_operation(inv, &op);
    }
    for (uint32_t i = 0; i < other->events.count; i++) {
        struct event event = other->events.items[i];
        event.client = addresses[event.client], event.server = addresses[event.server];
        event.protocol = texts[event.protocol], event.detail = texts[event.detail];
        cd_inventory_add_event(inv, &event);
    }
    for (uint32_t i = 0; i < other->protocols.count; i++) {
        struct protocol_health p = other->protocols.items[i];
        p.protocol = texts[p.protocol];
        cd_inventory_add_protocol(inv, &p);
    }
    for (uint32_t i = 0; i < other->layers.count; i++)
        cd_inventory_add_layer(inv, texts[other->layers.items[i].layer], other->layers.items[i].bad_frames);
    for (uint32_t i = 0; i < other->captures.count; i++) {
        struct capture_record c = other->captures.items[i];
        c.name = texts[c.name];
        cd_inventory_add_capture(inv, &c);
    }
    for (uint32_t i = 0; i < other->problems.count; i++)
        cd_inventory_add_problem(inv, other->problems.items[i].number, text_of(other, other->problems.items[i].text));
    cd_inventory_add_counters(inv, &other->counters);
    inv->dropped += other->dropped;
    cd_free(addresses);
    cd_free(texts);
}

struct cd_inventory_counts cd_inventory_count(const struct cd_inventory *inv)
{
    struct cd_inventory_counts counts = {.assets = inv->assets.count,
                                         .conversations = inv->conversations.count,
                                         .operations = inv->operations.count,
                                         .events = inv->events.count,
                                         .facts = inv->facts.count};
    for (uint32_t i = 0; i < inv->assets.count; i++)
        counts.top_level_assets += inv->assets.items[i].parent == NONE;
    return counts;
}
