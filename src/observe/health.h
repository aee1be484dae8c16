/* How far a sensor's results can be trusted: what it saw, what it could not see, and what it did not understand.
 *
 * Counters are deltas since the last flush, so that the hub adds them up whatever the order of batches and however many
 * workers share a capture (each frame must be counted by one of them only). */
#ifndef CD_OBSERVE_HEALTH_H
#define CD_OBSERVE_HEALTH_H

#include <stddef.h>
#include <stdint.h>

/* X(field number in observation.proto, name). Append only. */
#define CD_HEALTH_COUNTERS(X)                                                                                          \
    X(1, frames)                                                                                                       \
    X(2, captured_bytes)                                                                                               \
    X(3, wire_bytes)                                                                                                   \
    X(4, cut_frames)       /* shorter in the capture than on the wire */                                               \
    X(5, dropped_frames)   /* the kernel or the capturing program says so */                                           \
    X(6, skipped_frames)   /* of a link type that is not decoded */                                                    \
    X(7, undecoded_frames) /* an encapsulation that is not decoded */                                                  \
    X(8, bad_frames)       /* a header field did not fit; by layer in `layers` */                                      \
    X(9, fragments)        /* IP fragments seen */                                                                     \
    X(10, reassembled_datagrams)                                                                                       \
    X(11, incomplete_datagrams) /* fragments given up: the rest did not come, or no room */                            \
    X(12, fragment_overlaps)    /* the same offset with other content */                                               \
    X(13, flows)                                                                                                       \
    X(14, evicted_flows)    /* let go before they ended, for room */                                                   \
    X(15, one_sided_flows)  /* only one direction was seen */                                                          \
    X(16, mid_stream_flows) /* the beginning was not seen */                                                           \
    X(17, gaps)             /* holes in TCP streams */                                                                 \
    X(18, gap_bytes)                                                                                                   \
    X(19, retransmissions)                                                                                             \
    X(20, overlap_conflicts)    /* retransmitted with other content */                                                 \
    X(21, evicted_stream_bytes) /* buffered for reassembly and let go for room */                                      \
    X(22, forgotten_requests)   /* still open when room was needed: their responses count on entries of their own */   \
    X(23, dropped_pairs)        /* 23 to 29: what did not fit the observer's tables */                                 \
    X(24, dropped_operations)                                                                                          \
    X(25, dropped_facts)                                                                                               \
    X(26, dropped_conversations)                                                                                       \
    X(27, dropped_events)                                                                                              \
    X(28, dropped_texts)                                                                                               \
    X(29, collapsed_targets)                                                                                           \
    X(30, allocations) /* after the pipeline was set up */                                                             \
    X(31, read_bytes)  /* of the capture file as it lies on disk, told by its first worker: for progress */

struct cd_health_layer {
    const char *layer;
    uint64_t bad_frames;
};

/* One capture file or interface. Records of the same number are one: counts add up, the span of times is joined. */
struct cd_health_capture {
    uint32_t number;            /* its place among the captures of this run, from 0 */
    const char *name;           /* file or interface; "" where another record of this number tells it */
    const char *problem;        /* "" or what was wrong with it */
    uint64_t frames, bytes;     /* bytes on the wire */
    uint64_t first_ns, last_ns; /* 0 without frames */
};

enum { CD_HEALTH_LAYERS_MAX = 64 };

struct cd_health {
#define CD_HEALTH_FIELD(number, name) uint64_t name;
    CD_HEALTH_COUNTERS(CD_HEALTH_FIELD)
#undef CD_HEALTH_FIELD
    struct cd_health_layer layers[CD_HEALTH_LAYERS_MAX]; /* names are literals */
    uint32_t n_layers;
    const struct cd_health_capture *captures; /* the owner's; set anew before each flush */
    uint32_t n_captures;
};

/* Counts one bad frame on `layer` (a literal, told apart by its text); past the last place all count on it. */
void cd_health_count_layer(struct cd_health *health, const char *layer);
/* All counters to zero and no records; what a flush does once they are handed out. */
void cd_health_clear(struct cd_health *health);

#endif
