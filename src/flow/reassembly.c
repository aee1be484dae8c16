/* TCP segments into order (RFC 9293 3.4, 3.10.7): see stream.h for the idea. */
#include "flow/stream.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum {
    WAITING_SEGMENTS_MAX = 64,
    WAITING_BYTES_MAX = 256 * 1024,
    PLAUSIBLE_AHEAD = 16 * 1024 * 1024, /* a segment further ahead belongs to another connection on the same ports */
};
static const uint64_t hole_patience_ns = 200000000; /* an acknowledged hole may still be filled by a late mirror copy */

struct cd_stream *cd_stream_of(struct cd_flow_end *end)
{
    if (!end->stream)
        end->stream = cd_alloc(1, sizeof *end->stream);
    return end->stream;
}

static void count_waiting(struct cd_streams *streams, int64_t change)
{
    streams->counters.waiting_bytes += (uint64_t)change;
    if (streams->counters.waiting_bytes > streams->counters.waiting_most)
        streams->counters.waiting_most = streams->counters.waiting_bytes;
}

static uint32_t content_hash(const uint8_t *bytes, uint32_t len)
{
    uint64_t lanes[4] = {len, 1, 2, 3};
    uint32_t i = 0;
    for (; i + 32 <= len; i += 32)
        for (unsigned lane = 0; lane < 4; lane++)
            lanes[lane] = cd_hash_mix(lanes[lane] ^ cd_hash_load(bytes + i + lane * 8, 8), 0xd6e8feb86659fd93u + lane);
    for (; i < len; i += 8)
        lanes[0] = cd_hash_mix(lanes[0] ^ cd_hash_load(bytes + i, len - i < 8 ? len - i : 8), 0x9e3779b97f4a7c15u);
    return (uint32_t)(lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3]);
}

static void remember(struct cd_flow_end *end, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    struct cd_recent_segment *r = &end->recent[end->next_recent ^= 1];
    *r = (struct cd_recent_segment){.seq = seq, .len = len, .hash = content_hash(bytes, len)};
}

static void conflict(struct cd_streams *streams, struct cd_flow *flow, unsigned end)
{
    streams->counters.overlap_conflicts++;
    streams->sink->overlap(streams->sink->context, flow, end);
}

/* A segment that was had before: the same bytes? */
static void check_repeated(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    flow->retransmissions++;
    streams->counters.retransmissions++;
    for (int i = 0; i < 2; i++) {
        const struct cd_recent_segment *r = &flow->ends[end].recent[i];
        if (r->len == len && r->seq == seq && r->hash != content_hash(bytes, len)) {
            conflict(streams, flow, end);
            return;
        }
    }
}

static void deliver(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes, uint32_t len, uint32_t wire_len)
{
    struct cd_flow_end *e = &flow->ends[end];
    if (!flow->opaque) {
        remember(e, e->next_seq, bytes, len);
        cd_framing_push(streams, flow, end, bytes, len);
    }
    e->next_seq += len;
    if (wire_len > len) { /* cut by the snap length */
        cd_framing_gap(streams, flow, end, wire_len - len);
        e->next_seq += wire_len - len;
    }
}

static void drop_first(struct cd_streams *streams, struct cd_stream *s)
{
    struct cd_segment *first = s->waiting;
    s->waiting = first->next;
    s->n_waiting--;
    s->waiting_bytes -= first->len;
    count_waiting(streams, -(int64_t)first->len);
    cd_free(first);
}

/* Gives what waits and is now in order. */
static void give_waiting(struct cd_streams *streams, struct cd_flow *flow, unsigned end)
{
    struct cd_flow_end *e = &flow->ends[end];
    struct cd_stream *s = e->stream;
    while (s && s->waiting) {
        struct cd_segment *first = s->waiting;
        int32_t ahead = (int32_t)(first->seq - e->next_seq);
        if (ahead > 0)
            return;
        uint32_t had = (uint32_t)-ahead;
        if (had < first->len)
            deliver(streams, flow, end, first->bytes + had, first->len - had, first->len - had);
        drop_first(streams, s);
    }
}

/* Gives up the hole before the first segment that waits. */
static void skip_hole(struct cd_streams *streams, struct cd_flow *flow, unsigned end)
{
    struct cd_flow_end *e = &flow->ends[end];
    uint32_t missing = e->stream->waiting->seq - e->next_seq;
    flow->gaps++;
    flow->gap_bytes += missing;
    streams->counters.gaps++;
    streams->counters.gap_bytes += missing;
    cd_framing_gap(streams, flow, end, missing);
    e->next_seq += missing;
    give_waiting(streams, flow, end);
}

/* Compares what two segments say about the same sequence numbers. */
static bool differ(const struct cd_segment *have, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    uint32_t from = (int32_t)(seq - have->seq) > 0 ? seq : have->seq;
    uint32_t have_end = have->seq + have->len, end = seq + len;
    uint32_t to = (int32_t)(end - have_end) < 0 ? end : have_end;
    if ((int32_t)(to - from) <= 0)
        return false;
    return memcmp(have->bytes + (from - have->seq), bytes + (from - seq), to - from) != 0;
}

static bool add_waiting(struct cd_streams *streams, struct cd_stream *s, struct cd_segment **place, uint32_t seq, const uint8_t *bytes,
                        uint32_t len, uint64_t time_ns)
{
    if (s->n_waiting >= WAITING_SEGMENTS_MAX || s->waiting_bytes + len > WAITING_BYTES_MAX ||
        streams->counters.waiting_bytes + len > streams->waiting_cap) {
        streams->counters.dropped_bytes += len;
        return false;
    }
    struct cd_segment *segment = cd_alloc(1, sizeof *segment + len);
    segment->seq = seq;
    segment->len = len;
    segment->time_ns = time_ns;
    memcpy(segment->bytes, bytes, len);
    segment->next = *place;
    *place = segment;
    s->n_waiting++;
    s->waiting_bytes += len;
    count_waiting(streams, len);
    return true;
}

/* Puts a segment behind a hole in its place. What was there first wins; only the parts not covered are added. */
static void wait_for_hole(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t seq, const uint8_t *bytes, uint32_t len,
                          uint64_t time_ns)
{
    struct cd_stream *s = cd_stream_of(&flow->ends[end]);
    struct cd_segment **place = &s->waiting;
    bool conflicting = false, kept = true;
    streams->counters.out_of_order++;
    while (*place && len && kept) {
        struct cd_segment *have = *place;
        conflicting |= differ(have, seq, bytes, len);
        if ((int32_t)(seq + len - have->seq) <= 0)
            break; /* wholly before it */
        if ((int32_t)(have->seq - seq) > 0) {
            uint32_t before = have->seq - seq;
            kept = add_waiting(streams, s, place, seq, bytes, before, time_ns);
            place = &(*place)->next;
            seq += before, bytes += before, len -= before;
            continue;
        }
        uint32_t have_end = have->seq + have->len;
        if ((int32_t)(have_end - seq) > 0) {
            uint32_t covered = have_end - seq < len ? have_end - seq : len;
            seq += covered, bytes += covered, len -= covered;
        }
        place = &have->next;
    }
    if (len && kept)
        kept = add_waiting(streams, s, place, seq, bytes, len, time_ns);
    if (conflicting)
        conflict(streams, flow, end);
    if (!kept || s->n_waiting >= WAITING_SEGMENTS_MAX / 2)
        if (s->waiting)
            skip_hole(streams, flow, end);
}

static void segment(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t seq, const struct cd_packet *p)
{
    struct cd_flow_end *e = &flow->ends[end];
    const uint8_t *bytes = p->payload;
    uint32_t len = p->payload_len, wire_len = p->payload_wire_len;
    int32_t ahead = (int32_t)(seq - e->next_seq);
    streams->counters.segments++;
    if (__builtin_expect(ahead > 0, 0)) {
        if (ahead < PLAUSIBLE_AHEAD && !flow->opaque) {
            wait_for_hole(streams, flow, end, seq, bytes, len, p->time_ns);
            return;
        }
        flow->gaps++;
        streams->counters.gaps++;
        if (ahead < PLAUSIBLE_AHEAD) {
            flow->gap_bytes += (uint32_t)ahead;
            streams->counters.gap_bytes += (uint32_t)ahead;
        }
        cd_framing_gap(streams, flow, end, (uint32_t)ahead);
        e->next_seq = seq;
        ahead = 0;
    }
    if (__builtin_expect(ahead < 0, 0)) {
        uint32_t had = (uint32_t)-ahead;
        if (wire_len == 1 && had == 1)
            return; /* keep-alive (RFC 9293 3.8.4): one byte of garbage is allowed */
        if (had >= wire_len) {
            check_repeated(streams, flow, end, seq, bytes, len);
            return;
        }
        if (had >= len)
            return;
        flow->retransmissions++;
        streams->counters.retransmissions++;
        bytes += had, len -= had, wire_len -= had;
    }
    deliver(streams, flow, end, bytes, len, wire_len);
    if (__builtin_expect(e->stream != NULL && e->stream->waiting != NULL, 0))
        give_waiting(streams, flow, end);
}

/* The other end acknowledged bytes that we wait for: they were sent, but we will hardly see them. */
static void acknowledged(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct cd_packet *p)
{
    struct cd_stream *s = flow->ends[end].stream;
    if (s && s->waiting && (int32_t)(p->tcp_ack - s->waiting->seq) >= 0 && p->time_ns > s->waiting->time_ns + hole_patience_ns)
        skip_hole(streams, flow, end);
}

void cd_stream_packet(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct cd_packet *p)
{
    struct cd_flow_end *e = &flow->ends[end];
    uint32_t seq = p->tcp_seq;
    if (__builtin_expect(p->tcp_flags & CD_TCP_SYN, 0)) {
        seq++;
        if (!e->started)
            e->next_seq = seq;
        e->started = true;
    } else if (__builtin_expect(!e->started, 0)) {
        e->started = true;
        e->next_seq = seq;
        flow->mid_stream |= !flow->ends[!end].started; /* a lone server's answer to an unseen SYN is one, too */
    }
    if (p->payload_wire_len)
        segment(streams, flow, end, seq, p);
    if (flow->ends[!end].stream && p->tcp_flags & CD_TCP_ACK)
        acknowledged(streams, flow, !end, p);
    if (__builtin_expect(p->tcp_flags & (CD_TCP_FIN | CD_TCP_RST), 0)) {
        e->fin = true;
        flow->resets += p->tcp_flags & CD_TCP_RST ? 1 : 0;
        if (p->tcp_flags & CD_TCP_RST || flow->ends[!end].fin)
            flow->state = CD_FLOW_CLOSED;
    }
}

void cd_stream_end(struct cd_streams *streams, struct cd_flow *flow)
{
    for (unsigned end = 0; end < 2; end++) {
        struct cd_stream *s = flow->ends[end].stream;
        if (!s)
            continue;
        while (s->waiting)
            skip_hole(streams, flow, end);
        cd_framing_gap(streams, flow, end, 0);
        count_waiting(streams, -(int64_t)s->partial_size);
        cd_free(s->partial);
        cd_free(s);
        flow->ends[end].stream = NULL;
    }
}
