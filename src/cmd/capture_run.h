/* Runs sensors over one capture file and gathers what they say. */
#ifndef CD_CMD_CAPTURE_RUN_H
#define CD_CMD_CAPTURE_RUN_H

#include "base/error.h"
#include "hub/inventory/inventory.h"

#include <stdbool.h>
#include <stdint.h>

struct cd_run_options {
    uint32_t workers;   /* 0: chosen by the size of the capture and the machine */
    uint32_t max_flows; /* 0: the sensor's default */
    bool naming;        /* name other IT traffic */
};

/* One capture: a path, or "-" for standard input. */
struct cd_run_capture {
    const char *path;
    uint32_t number; /* among the captures of this run */
};

/* Called a few times a second: frames so far, and how much of the file (its bytes on disk, even where it is compressed) has been read; total 0: unknown. */
typedef void cd_run_progress(void *context, uint64_t frames, uint64_t read_bytes, uint64_t total_bytes);

/* Starts the sensors, adds their batches to `inventory` and waits for their end. Whatever goes wrong also stands as the capture's problem in
 * the inventory, and what came before it is kept. CD_ERROR_ACCESS where the path can't be read; CD_ERROR_INPUT where it is no capture, and then
 * the text of e is empty if the sensor has said it. `progress` may be NULL. */
int cd_run_capture(struct cd_inventory *inventory, const struct cd_run_capture *capture,
                   const struct cd_run_options *options, cd_run_progress *progress, void *context, struct cd_error *e);

#endif
