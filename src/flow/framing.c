/* Streams cut into messages: partial, coalesced and lost bytes are dealt with here once, for all protocols. */
#include "flow/stream.h"

#include "base/memory.h"

#include <string.h>

enum {
    UNCLAIMED_BYTES_MAX = 512, /* a protocol that can't be told by then is not told by content */
    UNCLAIMED_SEGMENTS_MAX = 4,
};

static void count_waiting(struct cd_streams *streams, int64_t change)
{
    streams->counters.waiting_bytes += (uint64_t)change;
    if (streams->counters.waiting_bytes > streams->counters.waiting_most)
        streams->counters.waiting_most = streams->counters.waiting_bytes;
}

static void forget_partial(struct cd_flow_end *e)
{
    if (e->stream)
        e->stream->partial_len = 0;
}

/* Keeps bytes for later; false where they may not wait. */
static bool keep(struct cd_streams *streams, struct cd_flow_end *e, const uint8_t *bytes, size_t len)
{
    struct cd_stream *s = cd_stream_of(e);
    size_t needed = s->partial_len + len;
    if (needed > s->partial_size) {
        uint32_t size = s->partial_size ? s->partial_size : 256;
        while (size < needed)
            size *= 2;
        if (streams->counters.waiting_bytes + size > streams->waiting_cap) {
            streams->counters.dropped_bytes += len;
            return false;
        }
        count_waiting(streams, (int64_t)size - s->partial_size);
        s->partial = cd_realloc(s->partial, size, 1);
        s->partial_size = size;
    }
    memcpy(s->partial + s->partial_len, bytes, len);
    s->partial_len += (uint32_t)len;
    return true;
}

/* Forgets the first n bytes kept. */
static void take_off(struct cd_stream *s, size_t n)
{
    if (n == 0)
        return;
    memmove(s->partial, s->partial + n, s->partial_len - n);
    s->partial_len -= (uint32_t)n;
}

static size_t pass_over(struct cd_flow_end *e, size_t len)
{
    size_t n = e->skip < len ? e->skip : len;
    e->skip -= (uint32_t)n;
    return n;
}

/* Takes whole messages off the front; returns how many bytes are used up. What is left is the front of a message. */
static size_t frame_all(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes,
                        size_t len)
{
    const struct cd_stream_sink *sink = streams->sink;
    struct cd_flow_end *e = &flow->ends[end];
    size_t at = 0;
    while (at < len && !flow->opaque) {
        if (e->skip) {
            at += pass_over(e, len - at);
            continue;
        }
        ssize_t message = sink->frame(sink->context, flow, end, bytes + at, len - at);
        if (message < 0) {
            sink->unframed(sink->context, flow, end, len - at);
            e->lost = true;
            return len;
        }
        size_t most = sink->max_message(sink->context, flow);
        if ((size_t)message > most && len - at >= most) {
            uint32_t skip = sink->message(sink->context, flow, end, bytes + at, most, true);
            e->skip = (uint32_t)((size_t)message - most) + skip;
            at += most;
            continue;
        }
        if (message == 0 && len - at >= most) { /* not even its length can be told */
            sink->unframed(sink->context, flow, end, len - at);
            e->lost = true;
            return len;
        }
        if (message == 0 || (size_t)message > len - at)
            return at;
        e->lost = false;
        e->skip = sink->message(sink->context, flow, end, bytes + at, (size_t)message, false);
        at += (size_t)message;
    }
    return len;
}

static void frame_with_partial(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes,
                               size_t len)
{
    struct cd_flow_end *e = &flow->ends[end];
    struct cd_stream *s = e->stream;
    if (!keep(streams, e, bytes, len)) {
        forget_partial(e);
        e->lost = true;
        return;
    }
    take_off(s, frame_all(streams, flow, end, s->partial, s->partial_len));
}

static void push_claimed(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes,
                         size_t len)
{
    struct cd_flow_end *e = &flow->ends[end];
    if (e->stream && e->stream->partial_len) {
        frame_with_partial(streams, flow, end, bytes, len);
        return;
    }
    size_t used = frame_all(streams, flow, end, bytes, len);
    if (used < len && !keep(streams, e, bytes + used, len - used))
        e->lost = true;
}

/* Frames what waited while nobody had claimed the flow, at either end. */
static void start_framing(struct cd_streams *streams, struct cd_flow *flow)
{
    for (unsigned end = 0; end < 2; end++) {
        struct cd_stream *s = flow->ends[end].stream;
        if (s && s->partial_len)
            take_off(s, frame_all(streams, flow, end, s->partial, s->partial_len));
    }
}

static void push_unclaimed(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes,
                           size_t len)
{
    const struct cd_stream_sink *sink = streams->sink;
    struct cd_flow_end *e = &flow->ends[end];
    size_t waiting = e->stream ? e->stream->partial_len : 0;
    if (waiting == 0) {
        sink->unclaimed(sink->context, flow, end, bytes, len, len);
        if (flow->dissector) {
            start_framing(streams, flow);
            push_claimed(streams, flow, end, bytes, len);
            return;
        }
    } else if (keep(streams, e, bytes, len)) {
        size_t foreign = sink->unclaimed(sink->context, flow, end, e->stream->partial, e->stream->partial_len, len);
        if (flow->dissector) {
            take_off(e->stream, foreign);
            start_framing(streams, flow);
            return;
        }
    }
    e->probes++;
    bool give_up = e->probes >= UNCLAIMED_SEGMENTS_MAX || waiting + len > UNCLAIMED_BYTES_MAX;
    if (flow->opaque || give_up)
        forget_partial(e);
    else if (waiting == 0)
        keep(streams, e, bytes, len);
}

void cd_framing_push(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    if (__builtin_expect(flow->dissector != NULL, 1))
        push_claimed(streams, flow, end, bytes, len);
    else
        push_unclaimed(streams, flow, end, bytes, len);
}

/* The front of a message waits, and its rest will not come: it is given as cut. Returns how many bytes of it are missing; 0 where that is not known. */
static uint32_t give_partial(struct cd_streams *streams, struct cd_flow *flow, unsigned end)
{
    const struct cd_stream_sink *sink = streams->sink;
    struct cd_flow_end *e = &flow->ends[end];
    struct cd_stream *s = e->stream;
    if (!flow->dissector || flow->opaque || e->lost)
        return 0;
    ssize_t message = sink->frame(sink->context, flow, end, s->partial, s->partial_len);
    if (message <= 0)
        return 0;
    uint32_t missing = (size_t)message > s->partial_len ? (uint32_t)message - s->partial_len : 0;
    return missing + sink->message(sink->context, flow, end, s->partial, s->partial_len, true);
}

void cd_framing_gap(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t n)
{
    struct cd_flow_end *e = &flow->ends[end];
    if (e->stream && e->stream->partial_len) {
        e->skip = give_partial(streams, flow, end);
        e->stream->partial_len = 0;
    }
    if (n > e->skip)
        e->lost = true; /* nobody knows where the next message begins */
    e->skip -= n < e->skip ? n : e->skip;
}
