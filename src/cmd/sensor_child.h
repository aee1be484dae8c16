/* The hub's end of a sensor: starting the role, and reading the batches out of its pipe. */
#ifndef CD_CMD_SENSOR_CHILD_H
#define CD_CMD_SENSOR_CHILD_H

#include "base/error.h"
#include "proc/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a sensor is told on its command line (cmd/roles.h). */
struct cd_sensor_order {
    const char *name;   /* of the capture or interface */
    const char *live;   /* interface; NULL: a file, handed over as a descriptor */
    const char *filter; /* NULL: none */
    uint32_t source;    /* number of the capture or interface within this run */
    uint32_t worker, workers;
    uint32_t start;        /* how often it was started before: a new one counts its batches anew */
    uint32_t max_flows;    /* 0: the sensor's default */
    uint32_t flush_ms;     /* live: how often batches are sent; 0: the sensor's default */
    bool naming, progress; /* progress: small batches that tell how far it has come, a few a second */
};

/* One running sensor. `pipe` is -1 where there is none. */
struct cd_sensor_child {
    struct cd_child child;
    int pipe;
    uint8_t *bytes; /* read and not yet taken */
    size_t len, size;
};

/* Takes one batch (without its length); what it returns ends the reading where it is not CD_OK. */
typedef int cd_batch_taker(void *context, const uint8_t *batch, size_t len, struct cd_error *e);

/* Starts a sensor. capture_fd (-1 for a live one) stays the caller's. */
int cd_sensor_child_start(const struct cd_sensor_order *order, int capture_fd, struct cd_sensor_child *ret_sensor,
                          struct cd_error *e);

/* Reads what is there and hands over each whole batch. *ret_open is false at the end of the stream. What is no stream of batches is
 * CD_ERROR_INTERNAL. */
int cd_sensor_child_read(struct cd_sensor_child *sensor, cd_batch_taker *take, void *context, bool *ret_open,
                         struct cd_error *e);

/* Closes the pipe and waits for the end of the process, whose code and text it gives as cd_child_wait does. */
int cd_sensor_child_end(struct cd_sensor_child *sensor, struct cd_error *e);

/* Kills the process where it still runs, and frees everything; the pipe is -1 then. */
void cd_sensor_child_drop(struct cd_sensor_child *sensor);

#endif
