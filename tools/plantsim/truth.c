#include "truth.h"

#include "wire.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { LISTED_MOST = 64, LISTED_DANGEROUS_MOST = 4096 };

/* Makes room for one more in an array that doubles. */
static void *grown(void *items, uint32_t count, uint32_t *size, size_t item)
{
    if (count < *size)
        return items;
    *size = *size ? *size * 2 : 64;
    return cd_realloc(items, *size, item);
}

void truth_start(struct truth *t)
{
    *t = (struct truth){0};
    cd_index_init(&t->conversation_index, 1024);
    cd_index_init(&t->operation_index, 1024);
    cd_index_init(&t->event_index, 64);
}

void truth_free(struct truth *t)
{
    cd_index_free(&t->conversation_index);
    cd_index_free(&t->operation_index);
    cd_index_free(&t->event_index);
    cd_free(t->conversations);
    cd_free(t->operations);
    cd_free(t->events);
    cd_free(t->event_counts);
    cd_free(t->event_firsts);
    cd_arena_free(&t->texts);
}

/* ---- conversations ---- */

uint32_t truth_conversation(struct truth *t, endpoint client, endpoint server, enum transport transport, uint16_t port)
{
    uint64_t hash = cd_hash_u64(cd_hash_u64(cd_hash_u64(1, client), server), (uint64_t)transport << 16 | port);
    struct cd_probe probe = cd_index_probe(&t->conversation_index, hash);
    for (uint32_t at; (at = cd_index_next(&t->conversation_index, &probe)) != CD_INDEX_NONE;) {
        const struct conversation *c = &t->conversations[at];
        if (c->client == client && c->server == server && c->transport == transport && c->port == port)
            return at;
    }
    t->conversations = grown(t->conversations, t->n_conversations, &t->size_conversations, sizeof *t->conversations);
    t->conversations[t->n_conversations] = (struct conversation){
        .client = client, .server = server, .protocol = "", .port = port, .transport = (uint8_t)transport};
    cd_index_insert(&t->conversation_index, hash, t->n_conversations);
    return t->n_conversations++;
}

void truth_count_frame(struct truth *t, uint32_t conversation, uint64_t time_ns, size_t bytes)
{
    struct conversation *c = &t->conversations[conversation];
    if (!c->packets || time_ns < c->first_ns)
        c->first_ns = time_ns;
    if (time_ns > c->last_ns)
        c->last_ns = time_ns;
    c->packets++;
    c->bytes += bytes;
}

void truth_name_protocol(struct truth *t, uint32_t conversation, const char *protocol)
{
    t->conversations[conversation].protocol = protocol;
}

/* ---- operations ---- */

static uint64_t hash_deed(const struct deed *d)
{
    uint64_t h = cd_hash_u64(cd_hash_u64(2, d->client), d->server);
    h = cd_hash_bytes(h, d->protocol, strlen(d->protocol));
    h = cd_hash_bytes(h, d->code, strlen(d->code));
    h = cd_hash_bytes(h, d->class, strlen(d->class));
    return cd_hash_bytes(h, d->target, strlen(d->target));
}

static bool is_of(const struct operation *o, const struct deed *d)
{
    return o->client == d->client && o->server == d->server && strcmp(o->target, d->target) == 0 &&
           strcmp(o->code, d->code) == 0 && strcmp(o->protocol, d->protocol) == 0 && strcmp(o->class, d->class) == 0;
}

static uint32_t find_operation(struct truth *t, const struct deed *d, uint64_t time_ns)
{
    uint64_t hash = hash_deed(d);
    struct cd_probe probe = cd_index_probe(&t->operation_index, hash);
    for (uint32_t at; (at = cd_index_next(&t->operation_index, &probe)) != CD_INDEX_NONE;)
        if (is_of(&t->operations[at], d))
            return at;
    t->operations = grown(t->operations, t->n_operations, &t->size_operations, sizeof *t->operations);
    t->operations[t->n_operations] =
        (struct operation){.client = d->client,
                           .server = d->server,
                           .protocol = d->protocol,
                           .code = d->code,
                           .name = d->name,
                           .class = d->class,
                           .target = cd_arena_text(&t->texts, d->target, strlen(d->target)),
                           .first_ns = time_ns};
    cd_index_insert(&t->operation_index, hash, t->n_operations);
    return t->n_operations++;
}

static bool is_dangerous(const char *class)
{
    static const char *const dangerous[] = {"program", "firmware", "mode", "control", "configure"};
    for (unsigned i = 0; i < sizeof dangerous / sizeof dangerous[0]; i++)
        if (strcmp(class, dangerous[i]) == 0)
            return true;
    return false;
}

uint32_t truth_request(struct truth *t, const struct deed *d, const struct sent *sent)
{
    uint32_t at = find_operation(t, d, sent->time_ns);
    struct operation *o = &t->operations[at];
    o->requests++;
    if (sent->time_ns < o->first_ns)
        o->first_ns = sent->time_ns;
    if (sent->time_ns > o->last_ns)
        o->last_ns = sent->time_ns;
    if (is_dangerous(d->class)) {
        char buffer[512];
        struct cd_text detail = cd_text_of(buffer, sizeof buffer);
        cd_text_str(&detail, d->name);
        if (*d->target) {
            cd_text_str(&detail, ": ");
            cd_text_str(&detail, d->target);
        }
        truth_event(t, "dangerous_operation", d->protocol, d->client, d->server, buffer, sent);
    }
    return at;
}

void truth_response(struct truth *t, uint32_t operation, const char *error, const struct sent *sent)
{
    struct operation *o = &t->operations[operation];
    o->responses++;
    o->errors += error != NULL;
    o->last_error = error ? error : o->last_error;
    if (sent->time_ns > o->last_ns)
        o->last_ns = sent->time_ns;
}

void truth_lone_response(struct truth *t, const struct deed *d, const struct sent *sent)
{
    truth_response(t, find_operation(t, d, sent->time_ns), NULL, sent);
}

/* ---- events ---- */

/* Counts one more event like e; gives how many there have been. */
static uint32_t count_alike(struct truth *t, const struct event *e)
{
    uint64_t hash = cd_hash_u64(cd_hash_u64(3, e->client), e->server);
    hash = cd_hash_bytes(hash, e->kind, strlen(e->kind));
    hash = cd_hash_bytes(hash, e->protocol, strlen(e->protocol));
    struct cd_probe probe = cd_index_probe(&t->event_index, hash);
    for (uint32_t at; (at = cd_index_next(&t->event_index, &probe)) != CD_INDEX_NONE;) {
        const struct event *first = &t->events[t->event_firsts[at]];
        if (first->client == e->client && first->server == e->server && strcmp(first->kind, e->kind) == 0 &&
            strcmp(first->protocol, e->protocol) == 0)
            return ++t->event_counts[at];
    }
    uint32_t size = t->size_event_counts;
    t->event_counts = grown(t->event_counts, t->n_event_counts, &t->size_event_counts, sizeof *t->event_counts);
    t->event_firsts = grown(t->event_firsts, t->n_event_counts, &size, sizeof *t->event_firsts);
    t->event_firsts[t->n_event_counts] = t->n_events;
    t->event_counts[t->n_event_counts] = 1;
    cd_index_insert(&t->event_index, hash, t->n_event_counts++);
    return 1;
}

void truth_event(struct truth *t, const char *kind, const char *protocol, endpoint client, endpoint server,
                 const char *detail, const struct sent *sent)
{
    struct event e = {.client = client,
                      .server = server,
                      .kind = kind,
                      .protocol = protocol,
                      .time_ns = sent->time_ns,
                      .next = sent->frame->first_event};
    uint32_t most = strcmp(kind, "dangerous_operation") == 0 ? LISTED_DANGEROUS_MOST : LISTED_MOST;
    if (count_alike(t, &e) > most)
        return;
    e.detail = cd_arena_text(&t->texts, detail, strlen(detail));
    t->events = grown(t->events, t->n_events, &t->size_events, sizeof *t->events);
    sent->frame->first_event = t->n_events;
    t->events[t->n_events++] = e;
}
