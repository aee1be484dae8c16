/* Byte streams from descriptors. Files are read, not mapped: the copy into a buffer that stays in the cache costs less than the page
 * faults of a mapping, and a file that is cut while it is read ends early instead of killing the process. */
#include "capture/bytes.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUFFER_START ((size_t)512 << 10) /* stays in the second-level cache between reading and parsing */
#define BUFFER_MAX (CD_BYTES_WINDOW_MAX + BUFFER_START)

/* Makes room behind the window: back to the start of the buffer, and a larger buffer where the piece asked for needs it.
 * The whole of it was reserved at opening, so this is only arithmetic. */
static void make_room(struct cd_bytes *b, size_t n)
{
    size_t at = (size_t)(b->at - b->buffer);
    if (at + n <= b->capacity && at + b->left < b->capacity)
        return;
    memmove(b->buffer, b->at, b->left);
    b->at = b->buffer;
    while (b->capacity < n)
        b->capacity = b->capacity * 2 < BUFFER_MAX ? b->capacity * 2 : BUFFER_MAX;
}

bool cd_bytes_fill(struct cd_bytes *b, size_t n)
{
    if (n > CD_BYTES_WINDOW_MAX)
        return false;
    while (b->left < n && !b->ended) {
        make_room(b, n);
        uint8_t *to = b->buffer + (b->at - b->buffer) + b->left;
        size_t got = b->pull(b, to, b->capacity - (size_t)(to - b->buffer));
        b->left += got;
        b->ended = got == 0;
    }
    return b->left >= n;
}

static size_t pull_descriptor(struct cd_bytes *b, uint8_t *to, size_t room)
{
    for (;;) {
        ssize_t got = read(b->fd, to, room);
        if (got >= 0)
            return (size_t)got;
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = b->fd, .events = POLLIN};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            (void)snprintf(b->fault, sizeof b->fault, "reading failed: %s", strerror(errno));
            return 0;
        }
    }
}

void cd_bytes_stream(struct cd_bytes *b, size_t (*pull)(struct cd_bytes *, uint8_t *, size_t))
{
    void *buffer = mmap(NULL, BUFFER_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (buffer == MAP_FAILED) {
        fprintf(stderr, "cordon: out of memory (%zu bytes of address space)\n", BUFFER_MAX);
        exit(CD_ERROR_MEMORY);
    }
    b->buffer = buffer;
    b->at = b->buffer;
    b->capacity = BUFFER_START;
    b->pull = pull;
}

int cd_bytes_open(int fd, const char *name, struct cd_bytes *ret_bytes, struct cd_error *e)
{
    struct cd_bytes b = {.fd = fd};
    off_t size =
        lseek(fd, 0, SEEK_END); /* fails for pipes; the only question about a file that the confined sensor may ask */
    if (size > 0 && lseek(fd, 0, SEEK_SET) == 0)
        b.size = (uint64_t)size;
    cd_bytes_stream(&b, pull_descriptor);
    if (!cd_bytes_fill(&b, 1) && b.fault[0]) {
        cd_error_set(e, CD_ERROR_ACCESS, "%s: %s", name, b.fault);
        cd_bytes_close(&b);
        return CD_ERROR_ACCESS;
    }
    *ret_bytes = b;
    return CD_OK;
}

int cd_bytes_fd(const struct cd_bytes *b)
{
    return b->inflate ? cd_inflate_fd(b->inflate) : b->fd;
}

const char *cd_bytes_compression(const struct cd_bytes *b)
{
    return b->inflate ? cd_inflate_name(b->inflate) : NULL;
}

void cd_bytes_progress(const struct cd_bytes *b, uint64_t *ret_done, uint64_t *ret_total)
{
    if (b->inflate) {
        *ret_done = cd_inflate_used(b->inflate, ret_total);
        return;
    }
    *ret_done = b->offset;
    *ret_total = b->size;
}

void cd_bytes_close(struct cd_bytes *b)
{
    if (b->buffer)
        (void)munmap(b->buffer, BUFFER_MAX);
    cd_inflate_close(b->inflate);
    *b = (struct cd_bytes){.fd = -1, .ended = true};
}
