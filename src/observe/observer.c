/* The observer's ground: texts, pairs, conversations, per-protocol counters. */
#include "observe/tables.h"

#include "base/hash.h"
#include "base/memory.h"
#include "observe/grow.h"

#include <string.h>

const struct cd_observer_limits cd_observer_default_limits = {
    .pairs = 2000000,
    .operations = 1000000,
    .facts = 1000000,
    .conversations = 2000000,
    .events = 200000,
    .targets_per_code = 512,
    .text_bytes = (size_t)256 << 20,
};

struct cd_observer *cd_observer_new(const struct cd_observer_limits *limits)
{
    struct cd_observer *o = cd_alloc(1, sizeof *o);
    o->limits = limits ? *limits : cd_observer_default_limits;
    cd_index_init(&o->text_index, 1024);
    cd_index_init(&o->pair_index, 1024);
    cd_index_init(&o->operation_index, 1024);
    cd_index_init(&o->fact_index, 1024);
    cd_index_init(&o->conversation_index, 1024);
    cd_index_init(&o->event_index, 256);
    cd_index_init(&o->target_index, 256);
    return o;
}

void cd_observer_free(struct cd_observer *o)
{
    if (!o)
        return;
    cd_index_free(&o->text_index);
    cd_index_free(&o->pair_index);
    cd_index_free(&o->operation_index);
    cd_index_free(&o->fact_index);
    cd_index_free(&o->conversation_index);
    cd_index_free(&o->event_index);
    cd_index_free(&o->target_index);
    cd_free(o->texts.items);
    cd_free(o->pairs.items);
    cd_free(o->operations.items);
    cd_free(o->facts.items);
    cd_free(o->conversations.items);
    cd_free(o->events.items);
    cd_free(o->event_counts);
    cd_free(o->target_counts);
    cd_arena_free(&o->arena);
    cd_free(o);
}

const char *cd_observer_text(struct cd_observer *o, const char *bytes, size_t len)
{
    if (len == 0)
        return "";
    uint64_t hash = cd_hash_bytes(0, bytes, len);
    struct cd_probe probe = cd_index_probe(&o->text_index, hash);
    for (uint32_t at; (at = cd_index_next(&o->text_index, &probe)) != CD_INDEX_NONE;)
        if (strncmp(o->texts.items[at], bytes, len) == 0 && o->texts.items[at][len] == '\0')
            return o->texts.items[at];
    if (o->arena.used + len >= o->limits.text_bytes) {
        o->counters.dropped_texts++;
        return "";
    }
    CD_GROW(o->texts);
    const char *copy = cd_arena_text(&o->arena, bytes, len);
    o->texts.items[o->texts.count] = copy;
    cd_index_insert(&o->text_index, hash, o->texts.count++);
    return copy;
}

static uint64_t hash_ip(uint64_t h, const struct cd_ip *ip)
{
    return cd_hash_u64(cd_hash_u64(h, ip->words[0]), ip->words[1]);
}

cd_pair cd_observe_pair(struct cd_observer *o, const struct cd_ip *client, const struct cd_ip *server)
{
    uint64_t hash = hash_ip(hash_ip(1, client), server);
    struct cd_probe probe = cd_index_probe(&o->pair_index, hash);
    for (uint32_t at; (at = cd_index_next(&o->pair_index, &probe)) != CD_INDEX_NONE;)
        if (cd_ip_equal(&o->pairs.items[at].client, client) && cd_ip_equal(&o->pairs.items[at].server, server))
            return at;
    if (o->pairs.count >= o->limits.pairs) {
        o->counters.dropped_pairs++;
        return CD_PAIR_NONE;
    }
    CD_GROW(o->pairs);
    o->pairs.items[o->pairs.count] = (struct cd_pair_entry){*client, *server};
    cd_index_insert(&o->pair_index, hash, o->pairs.count);
    return o->pairs.count++;
}

uint32_t cd_observer_conversation(struct cd_observer *o, const struct cd_ip *client, const struct cd_ip *server,
                                  enum cd_transport transport, uint16_t port, uint64_t time_ns)
{
    uint64_t hash = cd_hash_u64(hash_ip(hash_ip(2, client), server), (uint64_t)transport << 16 | port);
    struct cd_probe probe = cd_index_probe(&o->conversation_index, hash);
    for (uint32_t at; (at = cd_index_next(&o->conversation_index, &probe)) != CD_INDEX_NONE;) {
        const struct cd_conversation_entry *c = &o->conversations.items[at];
        if (c->port == port && c->transport == transport && cd_ip_equal(&c->client, client) &&
            cd_ip_equal(&c->server, server))
            return at;
    }
    if (o->conversations.count >= o->limits.conversations) {
        o->counters.dropped_conversations++;
        return UINT32_MAX;
    }
    CD_GROW(o->conversations);
    o->conversations.items[o->conversations.count] = (struct cd_conversation_entry){.client = *client,
                                                                                    .server = *server,
                                                                                    .transport = transport,
                                                                                    .port = port,
                                                                                    .protocol = "",
                                                                                    .first_ns = time_ns,
                                                                                    .last_ns = time_ns};
    cd_index_insert(&o->conversation_index, hash, o->conversations.count);
    return o->conversations.count++;
}

struct cd_protocol_entry *cd_observer_protocol(struct cd_observer *o, const char *protocol)
{
    uint32_t i;
    for (i = 0; i < o->n_protocols; i++)
        if (o->protocols[i].protocol == protocol)
            return &o->protocols[i];
    if (i == CD_PROTOCOL_ENTRIES_MAX)
        return &o->protocols[i - 1];
    o->protocols[i].protocol = protocol;
    o->n_protocols++;
    return &o->protocols[i];
}

struct cd_ip cd_ip_of_mac(cd_mac mac)
{
    /* 0100::/64 is the discard prefix of RFC 6666: never the address of a device. */
    struct cd_ip ip = {.bytes = {0x01, 0, 'm', 'a', 'c'}};
    for (int i = 0; i < 6; i++)
        ip.bytes[10 + i] = (uint8_t)(mac >> (40 - 8 * i));
    return ip;
}

bool cd_ip_get_mac(const struct cd_ip *ip, cd_mac *ret_mac)
{
    static const uint8_t prefix[10] = {0x01, 0, 'm', 'a', 'c'};
    if (memcmp(ip->bytes, prefix, sizeof prefix) != 0)
        return false;
    *ret_mac = cd_mac_of(ip->bytes + 10);
    return true;
}
