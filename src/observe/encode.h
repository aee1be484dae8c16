/* The sensor's side of observation.proto: what changed in an observer's tables, as batches. */
#ifndef CD_OBSERVE_ENCODE_H
#define CD_OBSERVE_ENCODE_H

#include "observe/health.h"
#include "observe/observer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cd_flush_options {
    const char *sensor_id;    /* at most CD_SENSOR_ID_MAX bytes */
    uint32_t source;          /* number of the capture being read, among those of this run, from 0 */
    size_t max_batch_bytes;   /* 0: CD_BATCH_BYTES_DEFAULT; at least CD_BATCH_BYTES_MIN is used */
    bool final;               /* the sensor's last flush: its last batch says so */
    uint64_t *sequence;       /* the last number used (0 at the start); counted up */
    struct cd_health *health; /* sent with the last batch and cleared; NULL: only what the observer knows */
};

enum { CD_SENSOR_ID_MAX = 64, CD_BATCH_BYTES_DEFAULT = 1 << 20, CD_BATCH_BYTES_MIN = 64 * 1024 };

/* Writes the next bytes of the stream; 0, or what cd_observer_flush is to return. */
typedef int cd_observation_write(void *context, const uint8_t *bytes, size_t len);

/* Hands out every entry that changed since the last flush, in length-prefixed batches (one write each), and sets all deltas
 * of the tables to zero; events are handed out once and let go. Entries come in the order of the tables' arrays, which is the order in
 * which the traffic made them and never that of a hash. There is always at least one batch. Allocates a few buffers per flush.
 * Returns 0, or at once what `write` returned. */
int cd_observer_flush(struct cd_observer *o, const struct cd_flush_options *options, cd_observation_write *write,
                      void *context);

#endif
