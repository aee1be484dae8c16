/* The parts of `cordon watch`:
 *
 *   watch.c          options, the loop, the end    (start here)
 *   watch_sensors.c  one sensor per interface: started, read, started again, stopped
 *   watch_status.c   what is shown while it runs */
#ifndef CD_CMD_WATCH_H
#define CD_CMD_WATCH_H

#include "base/error.h"
#include "cmd/sensor_child.h"
#include "hub/inventory/inventory.h"
#include "observe/health.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CD_WATCH_INTERFACES_MAX = 16, CD_WATCH_LATEST = 8, CD_WATCH_LINE = 320, CD_WATCH_PROBLEM = 256 };

struct cd_watch_options {
    const char *interfaces[CD_WATCH_INTERFACES_MAX];
    uint32_t n_interfaces;
    const char *filter, *json, *store;
    uint32_t interval_ms;
    uint64_t duration_ms; /* 0: until a signal */
    uint32_t max_flows;
    bool naming, quiet, help;
};

/* One interface and the sensor that listens on it. */
struct cd_watch_interface {
    struct cd_watch *watch;
    const char *name;
    uint32_t number, starts;       /* how often a sensor was started for it */
    struct cd_sensor_child sensor; /* pipe -1: none at the moment */
    bool ready;                    /* it has sent its first batch */
    bool last;                     /* it has sent its last one */
    uint64_t restart_ms;           /* when to start the next one */
    uint64_t packets, bytes, dropped;
    uint64_t batch_ms;                                   /* when the last batch came */
    uint64_t shown_packets, shown_bytes, shown_batch_ms; /* at the last status */
    char problem[CD_WATCH_PROBLEM];                      /* "" or what is wrong with it now */
};

struct cd_watch {
    const struct cd_watch_options *options;
    struct cd_watch_interface interfaces[CD_WATCH_INTERFACES_MAX];
    struct cd_inventory *whole;  /* everything since the start */
    struct cd_inventory *unkept; /* with a store: what it does not have yet */
    bool has_unkept;             /* there is some traffic in it */
    /* the latest dangerous operations, as lines; [latest_count % CD_WATCH_LATEST] is the oldest */
    char latest[CD_WATCH_LATEST][CD_WATCH_LINE];
    uint64_t latest_count, latest_shown;
    struct cd_inventory_counts counts; /* as of the last resolve */
    uint64_t start_ms, resolve_ms, resolve_cost_ms;
    bool terminal;
    unsigned lines_up; /* lines of the status on the terminal now */
    char store_problem[CD_WATCH_PROBLEM];
};

/* --- watch_sensors.c --- */

/* Starts a sensor on each interface and waits until all listen. The first that can't ends them all; what it said stands on standard error
 * already, and the text of e is empty then. */
int cd_watch_start(struct cd_watch *watch, struct cd_error *e);
/* Reads an interface's pipe, which has something. Failures are told as the interface's problem, and its sensor is started again later. */
void cd_watch_read(struct cd_watch *watch, struct cd_watch_interface *interface);
/* Starts sensors whose time has come. */
void cd_watch_restart(struct cd_watch *watch);
/* Asks all sensors to end, and takes what they still have to say. */
void cd_watch_stop(struct cd_watch *watch);
/* Kills and frees what is left. */
void cd_watch_drop(struct cd_watch *watch);

/* --- watch_status.c --- */

/* Notes a dangerous operation for display. */
void cd_watch_note_operation(struct cd_watch *watch, uint64_t time_ns, const char *client, const char *server,
                             const char *protocol, const char *detail);
/* Shows the status now: a block that is redrawn on a terminal, lines elsewhere. */
void cd_watch_show(struct cd_watch *watch);
/* Takes the block off the terminal, so that other lines can be written. */
void cd_watch_clear(struct cd_watch *watch);

#endif
