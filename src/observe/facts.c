/* Facts and events. */
#include "observe/tables.h"

#include "base/hash.h"
#include "observe/grow.h"

#include <string.h>

enum { EVENTS_KEPT_PER_KEY = 64, DANGEROUS_KEPT_PER_KEY = 4096 };

static uint64_t hash_fact(const struct cd_subject *s, enum cd_attribute attribute, const char *protocol,
                          const char *value, size_t len)
{
    uint64_t h = cd_hash_u64(s->mac, s->ip.words[0]);
    h = cd_hash_u64(h, s->ip.words[1]);
    h = cd_hash_u64(h, (uint64_t)(uintptr_t)protocol ^ (uint64_t)attribute << 56);
    if (*s->nested)
        h = cd_hash_bytes(h, s->nested, strlen(s->nested));
    return cd_hash_bytes(h, value, len);
}

static bool same_fact(const struct cd_fact_entry *e, const struct cd_subject *s, enum cd_attribute attribute,
                      const char *protocol, const char *value)
{
    return e->attribute == attribute && e->mac == s->mac && cd_ip_equal(&e->ip, &s->ip) && e->protocol == protocol &&
           strcmp(e->value, value) == 0 && strcmp(e->nested, s->nested) == 0;
}

static void add_fact(struct cd_observer *o, uint64_t hash, const struct cd_fact_entry *fact, const struct cd_subject *s,
                     const char *value, size_t len)
{
    if (o->facts.count >= o->limits.facts) {
        o->counters.dropped_facts++;
        return;
    }
    CD_GROW(o->facts);
    struct cd_fact_entry *e = &o->facts.items[o->facts.count];
    *e = *fact;
    e->value = cd_observer_text(o, value, len);
    char nested[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(nested, sizeof nested);
    cd_text_device(&text, s->nested, strlen(s->nested));
    e->nested = cd_observer_text(o, text.at, text.len);
    cd_index_insert(&o->fact_index, hash, o->facts.count++);
}

void cd_observe_fact(struct cd_observer *o, const struct cd_subject *subject, enum cd_attribute attribute,
                     const void *value, size_t value_len, const char *protocol, unsigned confidence, uint64_t time_ns)
{
    char shown[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(shown, sizeof shown);
    struct cd_subject s = *subject;
    if (!s.nested)
        s.nested = "";
    cd_text_device(&text, value, value_len);
    if (text.len == 0)
        return;
    if (confidence > 100)
        confidence = 100;
    uint64_t hash = hash_fact(&s, attribute, protocol, text.at, text.len);
    struct cd_probe probe = cd_index_probe(&o->fact_index, hash);
    for (uint32_t at; (at = cd_index_next(&o->fact_index, &probe)) != CD_INDEX_NONE;) {
        struct cd_fact_entry *e = &o->facts.items[at];
        if (!same_fact(e, &s, attribute, protocol, text.at))
            continue;
        e->count++;
        if (time_ns > e->last_ns)
            e->last_ns = time_ns;
        if (time_ns < e->first_ns)
            e->first_ns = time_ns;
        if (confidence > e->confidence)
            e->confidence = (uint8_t)confidence;
        return;
    }
    struct cd_fact_entry fact = {.mac = s.mac,
                                 .ip = s.ip,
                                 .protocol = protocol,
                                 .attribute = attribute,
                                 .count = 1,
                                 .first_ns = time_ns,
                                 .last_ns = time_ns,
                                 .confidence = (uint8_t)confidence};
    add_fact(o, hash, &fact, &s, text.at, text.len);
}

/* Tells whether one more event of this key is kept. */
static bool keep_event(struct cd_observer *o, uint64_t key, uint32_t most)
{
    struct cd_probe probe = cd_index_probe(&o->event_index, key);
    for (uint32_t at; (at = cd_index_next(&o->event_index, &probe)) != CD_INDEX_NONE;) {
        if (o->event_counts[at].key != key)
            continue;
        return o->event_counts[at].count++ < most;
    }
    if (o->n_event_counts >= o->limits.events)
        return false;
    if (o->n_event_counts == o->event_counts_size) {
        o->event_counts_size = o->event_counts_size ? o->event_counts_size * 2 : 64;
        o->event_counts = cd_realloc(o->event_counts, o->event_counts_size, sizeof *o->event_counts);
    }
    o->event_counts[o->n_event_counts].key = key;
    o->event_counts[o->n_event_counts].count = 1;
    cd_index_insert(&o->event_index, key, o->n_event_counts++);
    return true;
}

static uint64_t event_key(enum cd_event_kind kind, const char *protocol, cd_pair pair)
{
    return cd_hash_u64((uint64_t)pair << 8 | (uint64_t)kind, (uint64_t)(uintptr_t)protocol);
}

bool cd_observe_is_first(struct cd_observer *o, enum cd_event_kind kind, const char *protocol, cd_pair pair,
                         const char *what)
{
    return keep_event(o, cd_hash_bytes(event_key(kind, protocol, pair), what, strlen(what)), 1);
}

void cd_observe_event(struct cd_observer *o, enum cd_event_kind kind, const char *protocol, cd_pair pair,
                      const char *detail, uint64_t time_ns, uint64_t frame)
{
    uint64_t key = event_key(kind, protocol, pair);
    uint32_t most = kind == CD_EVENT_DANGEROUS_OPERATION ? DANGEROUS_KEPT_PER_KEY : EVENTS_KEPT_PER_KEY;
    if (!keep_event(o, key, most) || o->events.count >= o->limits.events) {
        o->counters.dropped_events++;
        return;
    }
    CD_GROW(o->events);
    char shown[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(shown, sizeof shown);
    cd_text_device(&text, detail, strlen(detail));
    o->events.items[o->events.count++] = (struct cd_event_entry){.kind = kind,
                                                                 .protocol = protocol,
                                                                 .pair = pair,
                                                                 .time_ns = time_ns,
                                                                 .frame = frame,
                                                                 .detail = cd_observer_text(o, text.at, text.len)};
}
