#include "flow/defrag.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { DATAGRAM_MAX = 65535, UNIT = 8, UNITS = (DATAGRAM_MAX + UNIT) / UNIT };
static const uint64_t patience_ns = 30 * 1000000000ull; /* RFC 8200 4.5 allows 60 s; attackers love long ones */

struct cd_datagram {
    struct cd_ip src, dst;
    uint64_t tunnel, started_ns, hash;
    uint32_t id;
    uint32_t total; /* length of the whole; 0 until the last fragment has come */
    uint32_t end;   /* the furthest byte there is */
    uint32_t have_units, size;
    uint8_t protocol;
    uint8_t present[UNITS / 8 + 1]; /* one bit for each 8 bytes */
    uint8_t *bytes;
};

static void datagram_free(struct cd_datagram *d)
{
    if (d)
        cd_free(d->bytes);
    cd_free(d);
}

void cd_defrag_free(struct cd_defrag *defrag)
{
    for (int i = 0; i < CD_DATAGRAMS_MAX; i++)
        datagram_free(defrag->items[i]);
    cd_free(defrag->whole);
    if (defrag->index.slots)
        cd_index_free(&defrag->index);
    memset(defrag, 0, sizeof *defrag);
}

static bool same_datagram(const struct cd_datagram *d, const struct cd_packet *p)
{
    return d->id == p->fragment_id && d->tunnel == p->tunnel && cd_ip_equal(&d->src, &p->src) &&
           cd_ip_equal(&d->dst, &p->dst) && (d->protocol == p->ip_protocol || !cd_ip_is_4(&p->src));
}

static uint64_t hash_datagram(const struct cd_packet *p)
{
    uint64_t h = cd_hash_u64(cd_hash_u64(p->fragment_id, p->src.words[0]), p->src.words[1]);
    return cd_hash_u64(cd_hash_u64(cd_hash_u64(h, p->dst.words[0]), p->dst.words[1]), p->tunnel);
}

static void let_go(struct cd_defrag *defrag, uint32_t place)
{
    struct cd_datagram *d = defrag->items[place];
    cd_index_remove(&defrag->index, d->hash, place);
    datagram_free(d);
    defrag->items[place] = NULL;
}

static uint32_t make(struct cd_defrag *defrag, const struct cd_packet *p, uint64_t hash)
{
    uint32_t place = defrag->next++ % CD_DATAGRAMS_MAX;
    struct cd_datagram *oldest = defrag->items[place];
    if (oldest) {
        if (p->time_ns > oldest->started_ns + patience_ns)
            defrag->counters.timed_out++;
        else
            defrag->counters.evicted++;
        let_go(defrag, place);
    }
    struct cd_datagram *d = defrag->items[place] = cd_alloc(1, sizeof *d);
    *d = (struct cd_datagram){.src = p->src,
                              .dst = p->dst,
                              .tunnel = p->tunnel,
                              .started_ns = p->time_ns,
                              .id = p->fragment_id,
                              .protocol = p->ip_protocol,
                              .hash = hash};
    cd_index_insert(&defrag->index, hash, place);
    return place;
}

static uint32_t find_or_make(struct cd_defrag *defrag, const struct cd_packet *p)
{
    uint64_t hash = hash_datagram(p);
    if (!defrag->index.slots)
        cd_index_init(&defrag->index, CD_DATAGRAMS_MAX);
    struct cd_probe probe = cd_index_probe(&defrag->index, hash);
    for (uint32_t place; (place = cd_index_next(&defrag->index, &probe)) != CD_INDEX_NONE;) {
        struct cd_datagram *d = defrag->items[place];
        if (!same_datagram(d, p))
            continue;
        if (p->time_ns <= d->started_ns + patience_ns)
            return place;
        defrag->counters.timed_out++; /* the number is used again */
        let_go(defrag, place);
        break;
    }
    return make(defrag, p, hash);
}

static void make_room(struct cd_datagram *d, uint32_t end)
{
    if (end <= d->size)
        return;
    uint32_t size = d->size ? d->size : 2048;
    while (size < end)
        size *= 2;
    d->bytes = cd_realloc(d->bytes, size, 1);
    d->size = size;
}

/* Copies the units not there yet; tells whether one that is there has other content. */
static bool copy_units(struct cd_datagram *d, uint32_t offset, const uint8_t *bytes, uint32_t len)
{
    bool conflict = false;
    for (uint32_t at = 0; at < len; at += UNIT) {
        uint32_t unit = (offset + at) / UNIT, n = len - at < UNIT ? len - at : UNIT;
        if (d->present[unit / 8] >> unit % 8 & 1) {
            conflict |= memcmp(d->bytes + offset + at, bytes + at, n) != 0;
            continue;
        }
        memcpy(d->bytes + offset + at, bytes + at, n);
        d->present[unit / 8] |= (uint8_t)(1 << unit % 8);
        d->have_units++;
    }
    return conflict;
}

/* The last fragment tells the length of the whole. One that says otherwise than what came before it is not believed. */
static bool length_agrees(const struct cd_datagram *d, const struct cd_packet *p, uint32_t end)
{
    if (d->total)
        return p->more_fragments ? end <= d->total : end == d->total;
    return p->more_fragments || d->end <= end;
}

static bool acceptable(const struct cd_packet *p)
{
    return p->payload_len > 0 && p->payload_len == p->payload_wire_len /* not cut by the snap length */
           && p->fragment_offset + p->payload_len <= DATAGRAM_MAX      /* the ping of death */
           && !(p->more_fragments && p->payload_len % UNIT);
}

/* The datagram is whole: its bytes are taken over. */
static const uint8_t *give(struct cd_defrag *defrag, uint32_t place, uint32_t *ret_len)
{
    struct cd_datagram *d = defrag->items[place];
    defrag->counters.reassembled++;
    cd_free(defrag->whole);
    defrag->whole = cd_realloc(d->bytes, d->total, 1); /* exact, so that one byte too far is seen */
    *ret_len = d->total;
    d->bytes = NULL;
    let_go(defrag, place);
    return defrag->whole;
}

const uint8_t *cd_defrag_push(struct cd_defrag *defrag, const struct cd_packet *p, uint32_t *ret_len,
                              bool *ret_conflict)
{
    uint32_t end = p->fragment_offset + p->payload_len;
    *ret_conflict = false;
    defrag->counters.fragments++;
    if (!acceptable(p)) {
        defrag->counters.refused++;
        return NULL;
    }
    uint32_t place = find_or_make(defrag, p);
    struct cd_datagram *d = defrag->items[place];
    if (!length_agrees(d, p, end)) {
        *ret_conflict = true;
        defrag->counters.overlap_conflicts++;
        return NULL;
    }
    make_room(d, end);
    *ret_conflict = copy_units(d, p->fragment_offset, p->payload, p->payload_len);
    defrag->counters.overlap_conflicts += *ret_conflict;
    if (end > d->end)
        d->end = end;
    if (!p->more_fragments)
        d->total = end;
    if (!d->total || d->have_units < (d->total + UNIT - 1) / UNIT)
        return NULL;
    return give(defrag, place, ret_len);
}

void cd_defrag_finish(struct cd_defrag *defrag)
{
    for (uint32_t i = 0; i < CD_DATAGRAMS_MAX; i++)
        if (defrag->items[i]) {
            defrag->counters.timed_out++;
            let_go(defrag, i);
        }
}
