#include "base/arena.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/progress.h"
#include "cmd/watch.h"
#include "observe/decode.h"
#include "observe/observer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { RESTART_MS = 2000, START_MS = 10000, STOP_MS = 30000, TERMINAL_FLUSH_MS = 1000 };

/* --- what the status shows, out of the batches --- */

/* Entries name the texts of their batch by number, so these are kept until its end. */
struct tap {
    struct cd_watch *watch;
    struct cd_watch_interface *interface;
    struct cd_arena arena;
    const char **texts;
};

static void begin(void *context, const struct cd_batch *batch)
{
    struct tap *tap = context;
    tap->texts = cd_alloc((size_t)batch->n_texts + 1, sizeof *tap->texts);
    tap->texts[0] = "";
    tap->interface->last = batch->final;
}

static void take_text(void *context, uint32_t number, const char *bytes, size_t len)
{
    struct tap *tap = context;
    tap->texts[number] = cd_arena_text(&tap->arena, bytes, len);
}

/* An IP address, or the MAC that stands in its place below IP. */
static void text_address(struct cd_text *t, const struct cd_ip *ip)
{
    cd_mac mac;
    if (cd_ip_get_mac(ip, &mac))
        cd_text_mac(t, mac);
    else
        cd_text_ip(t, ip);
}

static void take_event(void *context, const struct cd_seen_event *event)
{
    struct tap *tap = context;
    char buffers[2][64];
    struct cd_text client = cd_text_of(buffers[0], 64), server = cd_text_of(buffers[1], 64);
    if (event->kind != CD_EVENT_DANGEROUS_OPERATION)
        return;
    text_address(&client, &event->client);
    text_address(&server, &event->server);
    cd_watch_note_operation(tap->watch, event->time_ns, client.at, server.at, tap->texts[event->protocol],
                            tap->texts[event->detail]);
}

static void take_health(void *context, const struct cd_health *counters)
{
    struct tap *tap = context;
    tap->interface->dropped += counters->dropped_frames;
}

static void take_capture(void *context, const struct cd_seen_capture *capture)
{
    struct tap *tap = context;
    struct cd_text problem = cd_text_of(tap->interface->problem, CD_WATCH_PROBLEM);
    cd_text_str(&problem, tap->texts[capture->problem]);
    tap->interface->packets += capture->frames;
    tap->watch->has_unkept |= capture->frames > 0;
    tap->interface->bytes += capture->bytes;
}

static int take_batch(void *context, const uint8_t *batch, size_t len, struct cd_error *e)
{
    struct cd_watch_interface *interface = context;
    struct cd_watch *watch = interface->watch;
    struct tap tap = {.watch = watch, .interface = interface};
    const struct cd_observation_visitor visitor = {.context = &tap,
                                                   .begin = begin,
                                                   .text = take_text,
                                                   .event = take_event,
                                                   .health = take_health,
                                                   .health_capture = take_capture};
    int failed = cd_observation_decode(batch, len, &visitor, e);
    cd_free(tap.texts);
    cd_arena_free(&tap.arena);
    if (!failed)
        failed = cd_inventory_apply(watch->whole, batch, len, e);
    if (!failed && watch->unkept)
        failed = cd_inventory_apply(watch->unkept, batch, len, e);
    interface->ready = true;
    interface->batch_ms = cd_monotonic_ms();
    return failed;
}

/* --- the life of a sensor --- */

static int start(struct cd_watch *watch, struct cd_watch_interface *interface, struct cd_error *e)
{
    const struct cd_watch_options *options = watch->options;
    struct cd_sensor_order order = {.name = interface->name,
                                    .live = interface->name,
                                    .filter = options->filter,
                                    .source = interface->number,
                                    .start = interface->starts,
                                    .max_flows = options->max_flows,
                                    .flush_ms = options->interval_ms,
                                    .naming = options->naming};
    if (watch->terminal && order.flush_ms > TERMINAL_FLUSH_MS)
        order.flush_ms = TERMINAL_FLUSH_MS;
    interface->ready = interface->last = false;
    interface->starts++;
    return cd_sensor_child_start(&order, -1, &interface->sensor, e);
}

/* A sensor that ended by itself, whatever the reason, is followed by another: watching goes on. */
static void note_end(struct cd_watch *watch, struct cd_watch_interface *interface, const struct cd_error *e)
{
    struct cd_text problem = {0};
    interface->restart_ms = cd_monotonic_ms() + RESTART_MS;
    if (interface->problem[0] && (e->code == CD_ERROR_ACCESS || e->code == CD_ERROR_INPUT))
        return; /* its last batch has told */
    problem = cd_text_of(interface->problem, CD_WATCH_PROBLEM);
    if (e->code == CD_OK) { /* somebody else ended it, as service managers do with all processes at once */
        cd_text_str(&problem, "its sensor was ended; another is started");
        return;
    }
    cd_text_str(&problem, e->text);
    cd_inventory_add_problem(watch->whole, interface->number, problem.at);
    if (watch->unkept)
        cd_inventory_add_problem(watch->unkept, interface->number, problem.at);
    cd_watch_clear(watch);
    cd_log(CD_LOG_WARNING, "interface %s: %s; starting another sensor", interface->name, problem.at);
}

/* Reads once; false where the sensor has ended, and e then tells why. */
static bool read_once(struct cd_watch_interface *interface, struct cd_error *e)
{
    bool open;
    int failed = cd_sensor_child_read(&interface->sensor, take_batch, interface, &open, e);
    if (!failed && open)
        return true;
    if (!failed)
        failed = cd_sensor_child_end(&interface->sensor, e);
    e->code = (enum cd_code)failed;
    cd_sensor_child_drop(&interface->sensor);
    return false;
}

void cd_watch_read(struct cd_watch *watch, struct cd_watch_interface *interface)
{
    struct cd_error e = {0};
    if (!read_once(interface, &e))
        note_end(watch, interface, &e);
}

void cd_watch_restart(struct cd_watch *watch)
{
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++) {
        struct cd_watch_interface *interface = &watch->interfaces[i];
        struct cd_error e = {0};
        if (interface->sensor.pipe >= 0 || cd_monotonic_ms() < interface->restart_ms)
            continue;
        int failed = start(watch, interface, &e);
        if (failed) {
            e.code = (enum cd_code)failed;
            interface->sensor.pipe = -1;
            note_end(watch, interface, &e);
        }
    }
}

/* Waits for something on the interface's pipe, at most until `deadline_ms`. */
static bool wait_for(const struct cd_watch_interface *interface, uint64_t deadline_ms)
{
    struct pollfd waiting = {.fd = interface->sensor.pipe, .events = POLLIN};
    for (;;) {
        uint64_t now = cd_monotonic_ms();
        int r = poll(&waiting, 1, now < deadline_ms ? (int)(deadline_ms - now) : 0);
        if (r >= 0 || errno != EINTR)
            return r > 0;
    }
}

int cd_watch_start(struct cd_watch *watch, struct cd_error *e)
{
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++)
        watch->interfaces[i] = (struct cd_watch_interface){
            .watch = watch, .name = watch->options->interfaces[i], .number = i, .sensor.pipe = -1};
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++) {
        struct cd_watch_interface *interface = &watch->interfaces[i];
        uint64_t deadline_ms = cd_monotonic_ms() + START_MS;
        cd_inventory_name_capture(watch->whole, i, interface->name);
        int failed = start(watch, interface, e);
        if (failed) {
            interface->sensor.pipe = -1;
            return failed;
        }
        bool running = true;
        while (running && (!interface->ready || interface->last) && wait_for(interface, deadline_ms))
            running = read_once(interface, e);
        if (!running) {
            failed = (int)e->code;
            if (failed == CD_OK)
                return cd_error_set(e, CD_ERROR_SYSTEM, "interface %s: its sensor ended at once", interface->name);
            if (failed == CD_ERROR_USAGE || failed == CD_ERROR_INPUT || failed == CD_ERROR_ACCESS)
                e->text[0] = '\0'; /* the sensor has said it */
            return failed;
        }
        if (!interface->ready)
            return cd_error_set(e, CD_ERROR_SYSTEM, "interface %s: its sensor did not start within %d s",
                                interface->name, START_MS / 1000);
    }
    return CD_OK;
}

void cd_watch_stop(struct cd_watch *watch)
{
    uint64_t deadline_ms = cd_monotonic_ms() + STOP_MS;
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++)
        if (watch->interfaces[i].sensor.pipe >= 0)
            kill(watch->interfaces[i].sensor.child.pid, SIGTERM);
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++) {
        struct cd_watch_interface *interface = &watch->interfaces[i];
        struct cd_error e = {0};
        while (interface->sensor.pipe >= 0 && wait_for(interface, deadline_ms))
            (void)read_once(interface, &e);
        if (interface->sensor.pipe >= 0)
            cd_error_set(&e, CD_ERROR_SYSTEM, "its sensor did not end within %d s", STOP_MS / 1000);
        if (e.code)
            cd_inventory_add_problem(watch->whole, i, e.text);
    }
}

void cd_watch_drop(struct cd_watch *watch)
{
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++)
        cd_sensor_child_drop(&watch->interfaces[i].sensor);
}
