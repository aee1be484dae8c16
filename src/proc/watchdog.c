#include "proc/watchdog.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Whether fd can be read before the deadline: 1, 0, or -1 with errno. Signals do not prolong it. */
static int wait_readable(int fd, int deadline_ms)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int64_t end = now_ms() + deadline_ms;
    int left = deadline_ms;
    for (;;) {
        int r = poll(&wanted, 1, left);
        if (r >= 0 || errno != EINTR)
            return r;
        if (deadline_ms >= 0)
            left = end > now_ms() ? (int)(end - now_ms()) : 0;
    }
}

int cd_watchdog_read(struct cd_child *child, int fd, void *buffer, size_t size, int deadline_ms, size_t *ret_len,
                     struct cd_error *e)
{
    int ready = wait_readable(fd, deadline_ms);
    if (ready < 0)
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't wait for the %s", child->role);
    if (ready == 0) {
        cd_child_kill(child);
        return cd_error_set(e, CD_ERROR_SYSTEM, "the %s was silent for %d ms and was ended", child->role, deadline_ms);
    }
    ssize_t got;
    do
        got = read(fd, buffer, size);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno != ECONNRESET) /* a socket whose other end was killed with bytes unread */
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't read from the %s", child->role);
    if (got <= 0) {
        int r = cd_child_wait_for(child, deadline_ms, e);
        if (r != CD_OK)
            return r;
        got = 0;
    }
    *ret_len = (size_t)got;
    return CD_OK;
}
