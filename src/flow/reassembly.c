/* TCP segments into order (RFC 9293 3.4, 3.10.7): see stream.h for the idea. */
#include "flow/stream.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum {
    WAITING_SEGMENTS_MAX = 512,
    WAITING_BYTES_MAX = 512 * 1024,
    PLAUSIBLE = 16 * 1024 * 1024, /* a segment further ahead or behind is of another connection, or made to confuse */
};
static const uint64_t acknowledged_patience_ns =
    200 * 1000000ull; /* an acknowledged hole may still be filled by a late mirror copy */
static const uint64_t hole_patience_ns =
    10 * 1000000000ull; /* and any other by the sender, which tries again sooner than that */

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

/* Four lanes for long segments and two for short ones, so that the multiplications overlap. Each has a factor of its own: words that change
 * places between lanes change the result. */
static uint32_t content_hash(const uint8_t *bytes, uint32_t len)
{
    const uint64_t factors[] = {0xd6e8feb86659fd93u, 0x9e3779b97f4a7c15u, 0xc2b2ae3d27d4eb4fu, 0x2545f4914f6cdd1du};
    uint64_t a = len, b = 1, c = 2, d = 3;
    uint32_t i = 0;
    for (; i + 32 <= len; i += 32) {
        a = cd_hash_mix(a ^ cd_hash_load(bytes + i, 8), factors[0]);
        b = cd_hash_mix(b ^ cd_hash_load(bytes + i + 8, 8), factors[1]);
        c = cd_hash_mix(c ^ cd_hash_load(bytes + i + 16, 8), factors[2]);
        d = cd_hash_mix(d ^ cd_hash_load(bytes + i + 24, 8), factors[3]);
    }
    if (len >= 32) {
        a = cd_hash_mix(a ^ c, factors[1]);
        b = cd_hash_mix(b ^ d, factors[0]);
    }
    if (i + 16 <= len) {
        a = cd_hash_mix(a ^ cd_hash_load(bytes + i, 8), factors[0]);
        b = cd_hash_mix(b ^ cd_hash_load(bytes + i + 8, 8), factors[1]);
        i += 16;
    }
    if (i + 8 <= len) {
        a = cd_hash_mix(a ^ cd_hash_load(bytes + i, 8), factors[0]);
        i += 8;
    }
    if (i < len)
        b = cd_hash_mix(b ^ cd_hash_load(bytes + i, len - i), factors[1]);
    return (uint32_t)cd_hash_mix(a, b | 1);
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

/* A segment that was had before, or its front: the same bytes? Told for the segments delivered last, where it covers them. */
static void check_repeated(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t seq,
                           const uint8_t *bytes, uint32_t len)
{
    flow->retransmissions++;
    streams->counters.retransmissions++;
    for (int i = 0; i < 2; i++) {
        const struct cd_recent_segment *r = &flow->ends[end].recent[i];
        uint32_t at = r->seq - seq;
        if (r->len && at < len && r->len <= len - at && r->hash != content_hash(bytes + at, r->len)) {
            conflict(streams, flow, end);
            return;
        }
    }
}

static void deliver(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes, uint32_t len,
                    uint32_t wire_len)
{
    struct cd_flow_end *e = &flow->ends[end];
    if (!flow->opaque && len) {
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
    if (!s->waiting)
        s->last = NULL;
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
            deliver(streams, flow, end, first->bytes + had, first->len - had, first->wire_len - had);
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

/* Bytes that are to be put among those that wait. */
struct piece {
    const uint8_t *bytes;
    uint32_t seq, len, wire_len;
    uint64_t time_ns;
};

static void take_off(struct piece *p, uint32_t n)
{
    p->seq += n, p->bytes += n, p->len -= n, p->wire_len -= n;
}

static bool may_wait(const struct cd_streams *streams, const struct cd_stream *s, uint32_t len)
{
    return s->n_waiting < WAITING_SEGMENTS_MAX && s->waiting_bytes + len <= WAITING_BYTES_MAX &&
           streams->counters.waiting_bytes + len <= streams->waiting_cap;
}

static bool add_waiting(struct cd_streams *streams, struct cd_stream *s, struct cd_segment **place,
                        const struct piece *p)
{
    if (!may_wait(streams, s, p->len)) {
        streams->counters.dropped_bytes += p->len;
        return false;
    }
    struct cd_segment *segment = cd_alloc(1, sizeof *segment + p->len);
    segment->seq = p->seq;
    segment->len = p->len;
    segment->wire_len = p->wire_len;
    segment->time_ns = p->time_ns;
    memcpy(segment->bytes, p->bytes, p->len);
    segment->next = *place;
    *place = segment;
    if (!segment->next)
        s->last = segment;
    s->n_waiting++;
    s->waiting_bytes += p->len;
    count_waiting(streams, p->len);
    return true;
}

/* Puts a piece behind a hole in its place. What was there first wins; only the parts not covered are added. */
static void put_in_place(struct cd_streams *streams, struct cd_stream *s, struct piece p, bool *ret_conflicting)
{
    struct cd_segment **place = &s->waiting;
    if (s->last && (int32_t)(p.seq - (s->last->seq + s->last->len)) >= 0)
        place = &s->last->next; /* mostly the newest comes last */
    while (*place && p.len) {
        struct cd_segment *have = *place;
        *ret_conflicting |= differ(have, p.seq, p.bytes, p.len);
        if ((int32_t)(p.seq + p.len - have->seq) <= 0)
            break; /* wholly before it */
        if ((int32_t)(have->seq - p.seq) > 0) {
            struct piece front = p;
            front.len = front.wire_len = have->seq - p.seq;
            if (!add_waiting(streams, s, place, &front))
                return;
            place = &(*place)->next;
            take_off(&p, front.len);
            continue;
        }
        uint32_t have_end = have->seq + have->len;
        if ((int32_t)(have_end - p.seq) > 0)
            take_off(&p, have_end - p.seq < p.len ? have_end - p.seq : p.len);
        place = &have->next;
    }
    if (p.len)
        add_waiting(streams, s, place, &p);
}

static void wait_for_hole(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct piece *p)
{
    bool conflicting = false;
    streams->counters.out_of_order++;
    put_in_place(streams, cd_stream_of(&flow->ends[end]), *p, &conflicting);
    if (conflicting)
        conflict(streams, flow, end);
}

/* Gives up holes that too much waits behind, or that the sender should have filled long ago. */
static void give_up_holes(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct piece *p)
{
    struct cd_stream *s = flow->ends[end].stream;
    while (s && s->waiting && (!may_wait(streams, s, p->len) || p->time_ns > s->waiting->time_ns + hole_patience_ns))
        skip_hole(streams, flow, end);
}

/* A segment so far off that it can't be of this stream is passed over; where the next one goes on from it, the stream itself has moved. */
static bool has_moved(struct cd_flow_end *e, uint32_t seq, uint32_t wire_len)
{
    struct cd_stream *s = cd_stream_of(e);
    bool moved = s->odd && s->odd_seq == seq;
    s->odd = !moved;
    s->odd_seq = seq + wire_len;
    return moved;
}

static void move_to(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t seq)
{
    struct cd_flow_end *e = &flow->ends[end];
    while (e->stream && e->stream->waiting)
        drop_first(streams, e->stream);
    flow->gaps++;
    streams->counters.gaps++;
    cd_framing_gap(streams, flow, end, UINT32_MAX);
    e->next_seq = seq;
}

/* A segment that does not begin where the last one ended. Returns how many of its first bytes were had already; all of them where nothing is to be
 * delivered now. */
static uint32_t out_of_order(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct piece *p)
{
    struct cd_flow_end *e = &flow->ends[end];
    int32_t ahead = (int32_t)(p->seq - e->next_seq);
    if (ahead > PLAUSIBLE || ahead < -PLAUSIBLE) {
        if (!flow->opaque && !has_moved(e, p->seq, p->wire_len))
            return p->wire_len;
        move_to(streams, flow, end, p->seq);
        return 0;
    }
    if (ahead > 0 && !flow->opaque) {
        give_up_holes(streams, flow, end, p);
        ahead = (int32_t)(p->seq - e->next_seq);
    }
    if (ahead > 0 && !flow->opaque) {
        if (p->len)
            wait_for_hole(streams, flow, end, p);
        return p->wire_len;
    }
    if (ahead > 0) { /* nobody reads this flow: only its health is told */
        flow->gaps++;
        flow->gap_bytes += (uint32_t)ahead;
        streams->counters.gaps++;
        streams->counters.gap_bytes += (uint32_t)ahead;
        e->next_seq = p->seq;
        return 0;
    }
    if (ahead == 0)
        return 0;
    uint32_t had = (uint32_t)-ahead;
    if (p->wire_len == 1 && had == 1)
        return 1; /* keep-alive (RFC 9293 3.8.4): one byte of garbage is allowed */
    check_repeated(streams, flow, end, p->seq, p->bytes, p->len);
    return had < p->len ? had : p->wire_len;
}

static void segment(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t seq,
                    const struct cd_packet *packet)
{
    struct cd_flow_end *e = &flow->ends[end];
    struct piece p = {.bytes = packet->payload,
                      .seq = seq,
                      .len = packet->payload_len,
                      .wire_len = packet->payload_wire_len,
                      .time_ns = packet->time_ns};
    streams->counters.segments++;
    if (__builtin_expect(seq != e->next_seq, 0)) {
        uint32_t had = out_of_order(streams, flow, end, &p);
        if (had >= p.wire_len)
            return;
        take_off(&p, had);
    }
    deliver(streams, flow, end, p.bytes, p.len, p.wire_len);
    if (__builtin_expect(e->stream != NULL && e->stream->waiting != NULL, 0))
        give_waiting(streams, flow, end);
}

/* The other end acknowledged bytes that we wait for: they were sent, but we will hardly see them. */
static void acknowledged(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct cd_packet *p)
{
    struct cd_stream *s = flow->ends[end].stream;
    if (s && s->waiting && (int32_t)(p->tcp_ack - s->waiting->seq) >= 0 &&
        p->time_ns > s->waiting->time_ns + acknowledged_patience_ns)
        skip_hole(streams, flow, end);
}

static void start(struct cd_flow_end *e, uint32_t seq)
{
    e->started = true;
    e->first_seq = e->next_seq = seq;
}

void cd_stream_packet(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct cd_packet *p)
{
    struct cd_flow_end *e = &flow->ends[end];
    uint32_t seq = p->tcp_seq;
    if (__builtin_expect(p->tcp_flags & CD_TCP_SYN, 0)) {
        seq++;
        if (!e->started)
            start(e, seq);
    } else if (__builtin_expect(!e->started, 0)) {
        start(e, seq);
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
