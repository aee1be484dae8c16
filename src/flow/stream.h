/* TCP bytes in order, and messages cut out of them.
 *
 *   segment ──► reassembly.c  (order, overlap, gaps)  ──► framing.c  (partial, coalesced, lost)  ──► sink: one whole message
 *
 * Both keep nothing while segments arrive in order and hold whole messages, which is the common case: the message is then given straight from
 * the packet. What waits is bounded for each end and in total.
 *
 * One-sided mirrors need no special case: an end's order is told by its own sequence numbers alone. Where bytes are missing for good (the other end
 * acknowledged them, too much waits behind the hole, or the flow ends) the hole is a gap: counted, the message it cuts is given as cut, and framing
 * goes on with the next segment that begins a message. */
#ifndef CD_FLOW_STREAM_H
#define CD_FLOW_STREAM_H

#include "flow/flow.h"

#include <sys/types.h>

/* Who wants the messages. All get the sink's context. */
struct cd_stream_sink {
    void *context;
    /* Bytes of a flow that nobody has claimed, in order: the last `fresh` of them are new. May set flow->dissector, or give up by setting flow->opaque. Returns how
     * many bytes at the front are none of the dissector's. */
    size_t (*unclaimed)(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len,
                        size_t fresh);
    /* Length of the message at the front, 0 for more, -1 for none: see dissector.h. */
    ssize_t (*frame)(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len);
    /* One message; the end of it is missing where cut. Returns how many bytes behind it are body to pass over. */
    uint32_t (*message)(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len, bool cut);
    /* A retransmission brought other content than before. */
    void (*overlap)(void *context, struct cd_flow *flow, unsigned end);
    /* A segment of a claimed flow begins no message: so many bytes are not understood. */
    void (*unframed)(void *context, struct cd_flow *flow, unsigned end, size_t len);
    uint32_t (*max_message)(void *context, const struct cd_flow *flow);
};

struct cd_stream_counters {
    uint64_t segments, out_of_order, retransmissions, overlap_conflicts, gaps, gap_bytes, waiting_bytes, waiting_most,
        dropped_bytes;
};

struct cd_streams {
    const struct cd_stream_sink *sink;
    struct cd_stream_counters counters;
    size_t waiting_cap; /* bytes that may wait in all flows together */
};

/* Takes one TCP packet of the flow, sent by `end`. */
void cd_stream_packet(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const struct cd_packet *packet);
/* The flow ends: what still waits is given as far as it can be, and freed. */
void cd_stream_end(struct cd_streams *streams, struct cd_flow *flow);

/* ---- between reassembly.c and framing.c ---- */

/* A stretch of bytes that waits behind a hole. */
struct cd_segment {
    struct cd_segment *next;
    uint32_t seq, len;
    uint32_t wire_len; /* more than len where the snap length cut it */
    uint64_t time_ns;
    uint8_t bytes[];
};

struct cd_stream {
    struct cd_segment *waiting, *last; /* by sequence number, without overlaps */
    uint32_t n_waiting, waiting_bytes;
    uint8_t *partial; /* the front of a message whose rest has not come */
    uint32_t partial_len, partial_size;
    uint32_t odd_seq; /* where a segment far off ended */
    bool odd;
};

/* The end's stream, made where there is none. */
struct cd_stream *cd_stream_of(struct cd_flow_end *end);
/* Bytes in order. */
void cd_framing_push(struct cd_streams *streams, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len);
/* n bytes are missing at this place; UINT32_MAX: nobody knows how many. */
void cd_framing_gap(struct cd_streams *streams, struct cd_flow *flow, unsigned end, uint32_t n);

#endif
