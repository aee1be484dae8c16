/* The sensor role: open, prepare, confine, and only then look at the first byte. What it holds is its capture handle and one pipe. */
#include "cmd/roles.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "decode/decode.h"
#include "observe/encode.h"
#include "proc/child.h"
#include "proc/confine.h"
#include "proc/sanitize.h"
#include "sensor/sensor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    OUTPUT_FD = CD_CHILD_FIRST_FD,
    CAPTURE_FD = CD_CHILD_FIRST_FD + 1,
    FRAMES_PER_READ = 256,
    FRAMES_PER_FLUSH = 4000000
};
enum { FRAMES_PER_LOOK = 1 << 14, PROGRESS_MS = 200, URGENT_MS = 100 };

struct role {
    const char *name, *live, *filter;
    uint32_t source, worker, workers, start, max_flows, flush_ms;
    bool naming, progress;
    struct cd_capture *capture;
    struct cd_capture_counters told; /* what earlier flushes have told of a live source */
    uint64_t told_read_bytes, told_ms;
    struct cd_sensor *sensor;
    uint64_t sequence, unflushed;
    char sensor_id[CD_SENSOR_ID_MAX], safe_name[4096];
    uint16_t unknown_link;
    uint32_t looked_at; /* events looked at since the last flush */
    bool urgent;        /* one of them should not wait */
};

static volatile sig_atomic_t stopping;

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

/* The value of "key=value", or NULL where the argument is of another key. */
static const char *value_of(const char *argument, const char *key)
{
    size_t len = strlen(key);
    return strncmp(argument, key, len) == 0 && argument[len] == '=' ? argument + len + 1 : NULL;
}

static bool read_argument(struct role *role, const char *argument)
{
    const struct {
        const char *key;
        const char **text;
    } texts[] = {{"name", &role->name}, {"live", &role->live}, {"filter", &role->filter}};
    const struct {
        const char *key;
        uint32_t *number;
    } numbers[] = {{"source", &role->source}, {"worker", &role->worker},       {"workers", &role->workers},
                   {"start", &role->start},   {"max_flows", &role->max_flows}, {"flush_ms", &role->flush_ms}};
    const struct {
        const char *key;
        bool *flag;
    } flags[] = {{"naming", &role->naming}, {"progress", &role->progress}};
    const char *value = NULL;
    for (size_t i = 0; !value && i < sizeof texts / sizeof *texts; i++)
        if ((value = value_of(argument, texts[i].key)))
            *texts[i].text = value;
    for (size_t i = 0; !value && i < sizeof numbers / sizeof *numbers; i++)
        if ((value = value_of(argument, numbers[i].key)))
            *numbers[i].number = (uint32_t)strtoul(value, NULL, 10);
    for (size_t i = 0; !value && i < sizeof flags / sizeof *flags; i++)
        if ((value = value_of(argument, flags[i].key)))
            *flags[i].flag = strcmp(value, "1") == 0;
    return value != NULL;
}

static int read_arguments(struct role *role, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!read_argument(role, argv[i])) {
            cd_log(CD_LOG_ERROR, "the sensor role is started by other commands, not by people; not understood: %s",
                   argv[i]);
            return CD_ERROR_USAGE;
        }
    }
    struct cd_text name = cd_text_of(role->safe_name, sizeof role->safe_name);
    cd_text_device(&name, role->name, strlen(role->name)); /* a path can hold anything */
    role->name = role->safe_name;
    struct cd_text id = cd_text_of(role->sensor_id, sizeof role->sensor_id);
    cd_text_format(&id, "capture-%u-worker-%u", role->source, role->worker);
    if (role->start)
        cd_text_format(&id, "-start-%u", role->start);
    return CD_OK;
}

static int write_all(void *context, const uint8_t *bytes, size_t len)
{
    (void)context;
    while (len) {
        ssize_t n = write(OUTPUT_FD, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CD_ERROR_SYSTEM; /* the hub is gone */
        bytes += n;
        len -= (size_t)n;
    }
    return CD_OK;
}

/* What is wrong with the source as a whole: damage, or frames of a link type that is not decoded. */
static const char *problem_text(const struct role *role, char *buffer, size_t size)
{
    const char *damage = role->capture ? cd_capture_problem(role->capture) : NULL;
    struct cd_text text = cd_text_of(buffer, size);
    if (damage)
        cd_text_str(&text, damage);
    if (role->unknown_link) {
        if (text.len)
            cd_text_str(&text, "; ");
        cd_text_format(&text, "frames of link type %u (%s) are not decoded", role->unknown_link,
                       cd_link_name(role->unknown_link));
    }
    return buffer;
}

/* A file is told of as a whole, once, by its first worker at the end; a live source by what came since the last flush. */
static void fill_record(struct role *role, bool final, char *buffer, size_t size, struct cd_health_capture *record)
{
    const struct cd_capture_counters *c = cd_capture_count(role->capture);
    if (!role->live && !(final && role->worker == 0))
        return;
    record->problem = problem_text(role, buffer, size);
    record->frames = c->frames - role->told.frames;
    record->bytes = c->wire_bytes - role->told.wire_bytes;
    record->first_ns = c->first_ns;
    record->last_ns = c->last_ns;
    role->sensor->health.dropped_frames += c->dropped - role->told.dropped;
    role->told = *c;
}

static void count_read_bytes(struct role *role)
{
    uint64_t done = 0, total = 0;
    if (role->live || role->worker)
        return;
    cd_capture_progress(role->capture, &done, &total);
    role->sensor->health.read_bytes += done - role->told_read_bytes;
    role->told_read_bytes = done;
}

static int flush(struct role *role, bool final)
{
    char buffer[CD_TEXT_MAX + 1];
    struct cd_health *health = &role->sensor->health;
    struct cd_health_capture record = {.number = role->source, .name = role->name, .problem = ""};
    struct cd_flush_options options = {.sensor_id = role->sensor_id,
                                       .source = role->source,
                                       .final = final,
                                       .sequence = &role->sequence,
                                       .health = health};
    fill_record(role, final, buffer, sizeof buffer, &record);
    count_read_bytes(role);
    health->captures = &record;
    health->n_captures = 1;
    role->unflushed = role->looked_at = 0;
    role->urgent = false;
    return cd_observer_flush(role->sensor->observer, &options, write_all, NULL);
}

static int flush_open_flows(struct role *role)
{
    cd_sensor_settle(role->sensor);
    return flush(role, false);
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A batch of counters alone, so that a person sees how far we are. */
static int tell_progress(struct role *role)
{
    uint64_t now = now_ms();
    if (now - role->told_ms < PROGRESS_MS)
        return CD_OK;
    role->told_ms = now;
    count_read_bytes(role);
    role->sensor->health.n_captures = 0;
    struct cd_observer *nothing = cd_observer_new(NULL);
    struct cd_flush_options options = {.sensor_id = role->sensor_id,
                                       .source = role->source,
                                       .sequence = &role->sequence,
                                       .health = &role->sensor->health};
    int failed = cd_observer_flush(nothing, &options, write_all, NULL);
    cd_observer_free(nothing);
    return failed;
}

/* A file can mix link types, so where frames were skipped each is looked at. */
static void note_link_types(struct role *role, const struct cd_frame *frames, size_t n)
{
    if (role->sensor->health.skipped_frames == 0 && n && cd_decode_knows(frames[0].link_type))
        return;
    for (size_t i = 0; i < n && !role->unknown_link; i++)
        if (!cd_decode_knows(frames[i].link_type))
            role->unknown_link = frames[i].link_type;
}

static int run_file(struct role *role)
{
    struct cd_frame frames[FRAMES_PER_READ];
    uint64_t unlooked = 0;
    size_t n;
    int failed = CD_OK;
    while (!failed && !stopping && (n = cd_capture_read(role->capture, frames, FRAMES_PER_READ)) > 0) {
        cd_sensor_take(role->sensor, frames, n);
        note_link_types(role, frames, n);
        role->unflushed += n;
        unlooked += n;
        if (role->unflushed >= FRAMES_PER_FLUSH)
            failed = flush_open_flows(role);
        if (!failed && role->progress && unlooked >= FRAMES_PER_LOOK) {
            unlooked = 0;
            failed = tell_progress(role);
        }
    }
    if (failed)
        return failed;
    cd_sensor_finish(role->sensor);
    return flush(role, true);
}

/* Whether the hub should hear of it now: what is done to the plant does not wait for the next flush. */
static bool is_urgent(struct role *role)
{
    const struct cd_observer *o = role->sensor->observer;
    for (; !role->urgent && role->looked_at < o->events.count; role->looked_at++)
        role->urgent = o->events.items[role->looked_at].kind == CD_EVENT_DANGEROUS_OPERATION;
    return role->urgent;
}

/* The first flush, at once, tells the hub that the sensor is at work. */
static int run_live(struct role *role)
{
    struct cd_frame frames[FRAMES_PER_READ];
    struct pollfd waiting = {.fd = cd_capture_fd(role->capture), .events = POLLIN};
    uint64_t flushed_ms = now_ms(), settled_ms = flushed_ms;
    int failed = flush(role, false);
    while (!failed && !stopping) {
        size_t n = cd_capture_read(role->capture, frames, FRAMES_PER_READ);
        cd_sensor_take(role->sensor, frames, n);
        note_link_types(role, frames, n);
        if (n == 0 && poll(&waiting, 1, 50) < 0 && errno != EINTR)
            return CD_ERROR_SYSTEM;
        uint64_t now = now_ms();
        if (now - settled_ms >= role->flush_ms) {
            settled_ms = flushed_ms = now;
            failed = flush_open_flows(role);
        } else if (now - flushed_ms >= URGENT_MS && is_urgent(role)) {
            flushed_ms = now;
            failed = flush(role, false);
        }
    }
    if (failed)
        return failed;
    cd_sensor_finish(role->sensor);
    return flush(role, true);
}

/* The source could not be opened: the hub is told as well, so that it stands in the result. */
static int refuse(struct role *role, const struct cd_error *e)
{
    char text[2 * sizeof e->text] = "";
    struct cd_health_capture record = {.number = role->source, .name = role->name, .problem = text};
    struct cd_observer *nothing = cd_observer_new(NULL);
    static struct cd_health health;
    health.captures = &record;
    health.n_captures = 1;
    struct cd_flush_options options = {.sensor_id = role->sensor_id,
                                       .source = role->source,
                                       .final = true,
                                       .sequence = &role->sequence,
                                       .health = &health};
    if (role->worker == 0) {
        struct cd_text safe = cd_text_of(text, sizeof text);
        cd_text_device(&safe, e->text, strlen(e->text));
        if (role->start == 0) /* a live one that is started again and again says it once */
            cd_log(CD_LOG_ERROR, "%s", text);
        size_t name_len = strlen(role->name);
        if (strncmp(text, role->name, name_len) == 0 && strncmp(text + name_len, ": ", 2) == 0)
            record.problem += name_len + 2; /* the record has the name already */
        cd_observer_flush(nothing, &options, write_all, NULL);
    }
    health.captures = NULL; /* the record ends with this function */
    health.n_captures = 0;
    cd_observer_free(nothing);
    cd_sensor_free(role->sensor);
    return (int)e->code;
}

static int open_source(struct role *role, struct cd_error *e)
{
    if (role->live)
        return cd_capture_open_live(role->live, role->filter, 0, &role->capture, e);
    return cd_capture_open(CAPTURE_FD, role->name, &role->capture, e);
}

int cd_role_sensor(int argc, char **argv)
{
    struct role role = {.name = "", .workers = 1, .flush_ms = 10000};
    struct cd_error e = {0};
    struct sigaction on_stop = {.sa_handler = stop};
    if (read_arguments(&role, argc, argv) != CD_OK)
        return CD_ERROR_USAGE;
    sigaction(SIGTERM, &on_stop, NULL);
    signal(SIGINT, SIG_IGN); /* a person's Ctrl-C is the parent's to deal with */
    signal(SIGPIPE, SIG_IGN);
    cd_hash_seed_random();
    struct cd_sensor_options options = {
        .worker = role.worker, .workers = role.workers, .max_flows = role.max_flows, .name_applications = role.naming};
    role.sensor = cd_sensor_new(&options);
    struct cd_confine_options confine = {.output_fd = OUTPUT_FD};
    int failed = role.live ? open_source(&role, &e)
                           : CD_OK; /* a ring needs privileges to open, a file is parsed already when it is opened */
    if (failed)
        return refuse(&role, &e);
    failed = cd_confine_sensor(&confine, NULL, &e);
    if (failed) {
        cd_log(CD_LOG_ERROR, "%s", e.text);
        return failed;
    }
    if (!role.live && open_source(&role, &e))
        return refuse(&role, &e);
    failed = role.live ? run_live(&role) : run_file(&role);
    if (!CD_SANITIZED)
        _exit(failed); /* the kernel takes the memory back at once; freeing every flow would take a while */
    cd_capture_close(role.capture);
    cd_sensor_free(role.sensor);
    return failed;
}
