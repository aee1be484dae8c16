#include "cmd/sensor_child.h"

#include "base/memory.h"
#include "base/reader.h"
#include "observe/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READ_AHEAD = 1 << 18, PIPE_BYTES = 1 << 20, NUMBERS = 8, NUMBER_TEXT = 32 };

static int start_role(const struct cd_sensor_order *order, const int fds[], size_t n_fds, struct cd_child *ret_child,
                      struct cd_error *e)
{
    const struct {
        const char *key;
        uint32_t value;
    } numbers[NUMBERS] = {{"source", order->source},       {"worker", order->worker},    {"workers", order->workers},
                          {"start", order->start},         {"naming", order->naming},    {"progress", order->progress},
                          {"max_flows", order->max_flows}, {"flush_ms", order->flush_ms}};
    char name[PATH_MAX + 8], live[64], number_texts[NUMBERS][NUMBER_TEXT], *argv[NUMBERS + 4] = {0};
    size_t n = 0, filter_len = order->filter ? strlen(order->filter) + 8 : 1;
    char *filter = cd_alloc(filter_len, 1);
    snprintf(name, sizeof name, "name=%s", order->name);
    argv[n++] = name;
    for (size_t i = 0; i < NUMBERS; i++) {
        if (numbers[i].value == 0)
            continue; /* every key's default */
        snprintf(number_texts[i], NUMBER_TEXT, "%s=%u", numbers[i].key, numbers[i].value);
        argv[n++] = number_texts[i];
    }
    if (order->live) {
        snprintf(live, sizeof live, "live=%s", order->live);
        argv[n++] = live;
    }
    if (order->filter) {
        snprintf(filter, filter_len, "filter=%s", order->filter);
        argv[n++] = filter;
    }
    int failed = cd_child_start("sensor", argv, fds, n_fds, ret_child, e);
    cd_free(filter);
    return failed;
}

int cd_sensor_child_start(const struct cd_sensor_order *order, int capture_fd, struct cd_sensor_child *ret_sensor,
                          struct cd_error *e)
{
    int ends[2];
    struct cd_child child;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't make a pipe");
    fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* fewer switches; not having it is no harm */
    int failed = start_role(order, (const int[]){ends[1], capture_fd}, capture_fd < 0 ? 1 : 2, &child, e);
    close(ends[1]);
    if (failed)
        close(ends[0]);
    else
        *ret_sensor = (struct cd_sensor_child){.child = child, .pipe = ends[0]};
    return failed;
}

/* The other end parses hostile input, so its lengths are held to the limit as well. */
static int take_whole(struct cd_sensor_child *s, cd_batch_taker *take, void *context, struct cd_error *e)
{
    size_t at = 0;
    int failed = CD_OK;
    while (!failed && s->len - at >= 4) {
        struct cd_reader prefix = cd_reader_of(s->bytes + at, 4);
        uint32_t len = cd_read_le32(&prefix, "batch length");
        if (len > CD_BATCH_BYTES_MAX)
            return cd_error_set(e, CD_ERROR_INTERNAL, "a sensor announced a batch of %u bytes; at most %d are allowed",
                                len, CD_BATCH_BYTES_MAX);
        if (s->len - at - 4 < len)
            break;
        failed = take(context, s->bytes + at + 4, len, e);
        at += 4 + (size_t)len;
    }
    memmove(s->bytes, s->bytes + at, s->len - at);
    s->len -= at;
    return failed;
}

int cd_sensor_child_read(struct cd_sensor_child *s, cd_batch_taker *take, void *context, bool *ret_open,
                         struct cd_error *e)
{
    if (s->size - s->len < READ_AHEAD) {
        s->size = s->size ? s->size * 2 : 4 * READ_AHEAD; /* at most twice the largest batch */
        s->bytes = cd_realloc(s->bytes, s->size, 1);
    }
    ssize_t n = read(s->pipe, s->bytes + s->len, s->size - s->len);
    *ret_open = n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0)
        return *ret_open ? CD_OK : cd_error_errno(e, CD_ERROR_SYSTEM, "can't read from a sensor");
    s->len += (size_t)n;
    return take_whole(s, take, context, e);
}

int cd_sensor_child_end(struct cd_sensor_child *s, struct cd_error *e)
{
    size_t left = s->len;
    close(s->pipe);
    s->pipe = -1;
    int failed = cd_child_wait(&s->child, e);
    if (!failed && left)
        failed = cd_error_set(e, CD_ERROR_INTERNAL, "a sensor ended within a batch: %zu bytes of it came", left);
    return failed;
}

void cd_sensor_child_drop(struct cd_sensor_child *s)
{
    if (s->pipe >= 0) {
        cd_child_kill(&s->child);
        close(s->pipe);
    }
    cd_free(s->bytes);
    *s = (struct cd_sensor_child){.pipe = -1};
}
