#include "flow/defrag.h"

#include "base/memory.h"

#include <string.h>

enum { DATAGRAM_MAX = 65535, UNIT = 8, UNITS = (DATAGRAM_MAX + UNIT) / UNIT };
static const uint64_t patience_ns = 30 * 1000000000ull; /* RFC 8200 4.5 allows 60 s; attackers love long ones */

struct cd_datagram {
    struct cd_ip src, dst;
    uint64_t tunnel, started_ns;
    uint32_t id, total;       /* total: 0 until the last fragment has come */
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
    memset(defrag, 0, sizeof *defrag);
}

static bool same_datagram(const struct cd_datagram *d, const struct cd_packet *p)
{
    return d->id == p->fragment_id && d->tunnel == p->tunnel && cd_ip_equal(&d->src, &p->src) && cd_ip_equal(&d->dst, &p->dst) &&
           (d->protocol == p->ip_protocol || !cd_ip_is_4(&p->src));
}

static struct cd_datagram **find_or_make(struct cd_defrag *defrag, const struct cd_packet *p)
{
    for (int i = 0; i < CD_DATAGRAMS_MAX; i++) {
        struct cd_datagram **d = &defrag->items[i];
        if (*d && p->time_ns > (*d)->started_ns + patience_ns) {
            defrag->counters.timed_out++;
            datagram_free(*d);
            *d = NULL;
        }
        if (*d && same_datagram(*d, p))
            return d;
    }
    struct cd_datagram **place = &defrag->items[defrag->next++ % CD_DATAGRAMS_MAX];
    if (*place) {
        defrag->counters.evicted++;
        datagram_free(*place);
    }
    *place = cd_alloc(1, sizeof **place);
    **place = (struct cd_datagram){.src = p->src, .dst = p->dst, .tunnel = p->tunnel, .started_ns = p->time_ns, .id = p->fragment_id,
                                   .protocol = p->ip_protocol};
    return place;
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

const uint8_t *cd_defrag_push(struct cd_defrag *defrag, const struct cd_packet *p, uint32_t *ret_len, bool *ret_conflict)
{
    uint32_t end = p->fragment_offset + p->payload_len;
    *ret_conflict = false;
    defrag->counters.fragments++;
    if (p->payload_len == 0 || p->payload_len < p->payload_wire_len || end > DATAGRAM_MAX || (p->more_fragments && p->payload_len % UNIT)) {
        defrag->counters.refused++; /* cut by the snap length, too long (ping of death), or not in units of 8 bytes */
        return NULL;
    }
    struct cd_datagram **place = find_or_make(defrag, p), *d = *place;
    make_room(d, end);
    *ret_conflict = copy_units(d, p->fragment_offset, p->payload, p->payload_len);
    if (!p->more_fragments) {
        *ret_conflict |= d->total && d->total != end;
        if (!d->total)
            d->total = end;
    }
    defrag->counters.overlap_conflicts += *ret_conflict;
    if (!d->total || d->have_units < (d->total + UNIT - 1) / UNIT)
        return NULL;
    defrag->counters.reassembled++;
    cd_free(defrag->whole);
    defrag->whole = cd_realloc(d->bytes, d->total, 1); /* exact, so that one byte too far is seen */
    *ret_len = d->total;
    d->bytes = NULL;
    datagram_free(d);
    *place = NULL;
    return defrag->whole;
}
