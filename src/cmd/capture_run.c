#include "cmd/capture_run.h"

#include "base/text.h"
#include "cmd/sensor_child.h"
#include "observe/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORKERS_MAX = 32, WORKERS_CHOSEN_MAX = 8, SMALL_CAPTURE = 64 << 20, RECORD_HEADER = 16 };

struct run {
    struct cd_inventory *inventory;
    const struct cd_run_capture *capture;
    struct cd_sensor_child sensors[WORKERS_MAX];
    uint32_t n;
    cd_run_progress *progress;
    void *context;
    uint64_t frames, captured_bytes, read_bytes, total_bytes;
};

static uint32_t choose_workers(uint32_t asked, uint64_t total, bool seekable)
{
    if (!seekable)
        return 1;
    if (asked)
        return asked < WORKERS_MAX ? asked : WORKERS_MAX;
    cpu_set_t ours; /* the cores we may use: all, or those that taskset or a container leaves us */
    int cores = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (total < SMALL_CAPTURE || cores < 2)
        return 1;
    return cores > WORKERS_CHOSEN_MAX ? WORKERS_CHOSEN_MAX : (uint32_t)cores;
}

static const char *name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int open_capture(const char *path, int *ret_fd, uint64_t *ret_total, bool *ret_seekable, struct cd_error *e)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0) {
        int code = cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be opened", name_of(path));
        if (fd >= 0)
            close(fd);
        return code;
    }
    if (S_ISDIR(info.st_mode)) {
        close(fd);
        return cd_error_set(e, CD_ERROR_INPUT,
                            "%s: is a directory, expected a capture file (pcap or pcapng, also .gz, .zst)", path);
    }
    *ret_fd = fd;
    *ret_seekable = S_ISREG(info.st_mode) && !standard_input;
    *ret_total = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    return CD_OK;
}

/* Paths can hold any bytes, and the inventory's texts are shown. The path itself stands beside the problem already. */
static void add_problem(struct run *run, const struct cd_error *e)
{
    char buffer[2 * sizeof e->text];
    struct cd_text safe = cd_text_of(buffer, sizeof buffer);
    const char *name = name_of(run->capture->path);
    size_t name_len = strlen(name);
    bool named = strncmp(e->text, name, name_len) == 0 && strncmp(e->text + name_len, ": ", 2) == 0;
    const char *text = e->text + (named ? name_len + 2 : 0);
    cd_text_device(&safe, text, strlen(text));
    cd_inventory_add_problem(run->inventory, run->capture->number, safe.at);
}

/* --- taking batches --- */

static void count_health(void *context, const struct cd_health *counters)
{
    struct run *run = context;
    run->frames += counters->frames;
    run->captured_bytes += counters->captured_bytes;
    run->read_bytes += counters->read_bytes;
}

static int take_batch(void *context, const uint8_t *batch, size_t len, struct cd_error *e)
{
    struct run *run = context;
    const struct cd_observation_visitor visitor = {.context = run, .health = count_health};
    int failed = cd_inventory_apply(run->inventory, batch, len, e);
    if (!failed && run->progress)
        failed = cd_observation_decode(batch, len, &visitor, e);
    return failed;
}

/* The first worker tells where it is in the file; where others lag behind it, the frames of all tell it better. */
static void show_progress(const struct run *run)
{
    uint64_t taken = run->captured_bytes + run->frames * RECORD_HEADER;
    if (run->progress)
        run->progress(run->context, run->frames, taken < run->read_bytes ? taken : run->read_bytes, run->total_bytes);
}

/* A sensor that was not in order, or could not read its capture. What it says of a capture it has written to standard error and into its last batch. */
static int end_sensor(struct run *run, struct cd_sensor_child *sensor, struct cd_error *e)
{
    int failed = cd_sensor_child_end(sensor, e);
    if (failed == CD_ERROR_INPUT || failed == CD_ERROR_ACCESS)
        e->text[0] = '\0';
    else if (failed)
        add_problem(run, e);
    return failed;
}

static int read_sensor(struct run *run, struct cd_sensor_child *sensor, struct cd_error *e)
{
    bool open;
    int failed = cd_sensor_child_read(sensor, take_batch, run, &open, e);
    if (failed) {
        add_problem(run, e);
        cd_sensor_child_drop(sensor);
        return failed;
    }
    return open ? CD_OK : end_sensor(run, sensor, e);
}

/* Reads from all sensors until the last has ended. The first failure is told; the other sensors' shares are still taken. */
static int gather(struct run *run, struct cd_error *e)
{
    int result = CD_OK;
    for (;;) {
        struct pollfd waiting[WORKERS_MAX];
        uint32_t open = 0;
        for (uint32_t i = 0; i < run->n; i++) {
            waiting[i] = (struct pollfd){.fd = run->sensors[i].pipe, .events = POLLIN};
            open += run->sensors[i].pipe >= 0;
        }
        if (open == 0)
            return result;
        if (poll(waiting, run->n, -1) < 0 && errno != EINTR)
            return cd_error_errno(e, CD_ERROR_SYSTEM, "can't wait for the sensors");
        for (uint32_t i = 0; i < run->n; i++) {
            if (run->sensors[i].pipe < 0 || !waiting[i].revents)
                continue;
            struct cd_error here = {0};
            int failed = read_sensor(run, &run->sensors[i], &here);
            if (failed && !result) {
                result = failed;
                *e = here;
            }
        }
        show_progress(run);
    }
}

/* Each sensor gets a description of the file of its own: a compressed one is read from its own place. */
static int start_sensors(struct run *run, const struct cd_run_options *options, struct cd_error *e)
{
    uint32_t wanted = 1;
    for (uint32_t i = 0; i < wanted; i++) {
        bool seekable = false;
        int fd = -1, failed = open_capture(run->capture->path, &fd, &run->total_bytes, &seekable, e);
        if (failed)
            return failed;
        if (i == 0)
            wanted = choose_workers(options->workers, run->total_bytes, seekable);
        struct cd_sensor_order order = {.name = name_of(run->capture->path),
                                        .source = run->capture->number,
                                        .worker = i,
                                        .workers = wanted,
                                        .max_flows = options->max_flows,
                                        .naming = options->naming,
                                        .progress = run->progress != NULL};
        failed = cd_sensor_child_start(&order, fd, &run->sensors[i], e);
        close(fd);
        if (failed)
            return failed;
        run->n = i + 1;
    }
    return CD_OK;
}

int cd_run_capture(struct cd_inventory *inventory, const struct cd_run_capture *capture,
                   const struct cd_run_options *options, cd_run_progress *progress, void *context, struct cd_error *e)
{
    struct run run = {.inventory = inventory, .capture = capture, .progress = progress, .context = context};
    cd_inventory_name_capture(inventory, capture->number, capture->path);
    int failed = start_sensors(&run, options, e);
    if (failed) {
        add_problem(&run, e);
    } else {
        cd_oui_prepare(); /* the sensors have nothing to tell yet */
        failed = gather(&run, e);
    }
    for (uint32_t i = 0; i < run.n; i++)
        cd_sensor_child_drop(&run.sensors[i]);
    return failed;
}
