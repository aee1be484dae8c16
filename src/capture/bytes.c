/* Byte streams from mapped files and from descriptors that can only be read. */
#include "capture/bytes.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_WINDOW ((size_t)2 << 20) /* faulted in at once: cheaper than a fault for every few pages */
#define MAP_KEEP ((size_t)16 << 20)  /* behind the window, before pages are given back */
#define BUFFER_START ((size_t)1 << 20)
#define BUFFER_MAX (CD_BYTES_WINDOW_MAX + BUFFER_START)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* Faults [from, from + n) of the mapping in. Returns how many of these bytes can be touched: fewer than n where the file
 * became shorter or can't be read. Kernels before 5.14 don't know the call; there nothing is checked. */
static size_t populate(const struct cd_bytes *b, size_t from, size_t n)
{
    size_t page = (size_t)getpagesize(), start = from & ~(page - 1);
    void *address = (void *)(uintptr_t)(b->map + start);
    if (madvise(address, from + n - start, MADV_POPULATE_READ) == 0 || errno == EINVAL)
        return n;
    size_t good = start;
    while (good < from + n && madvise((void *)(uintptr_t)(b->map + good), page, MADV_POPULATE_READ) == 0)
        good += page;
    return good <= from ? 0 : good - from < n ? good - from : n;
}

static bool fill_mapped(struct cd_bytes *b, size_t n)
{
    size_t at = (size_t)(b->at - b->map), end = at + b->left;
    size_t behind = at & ~((size_t)getpagesize() - 1);
    if (behind - b->map_kept >= MAP_KEEP) {
        (void)madvise((void *)(uintptr_t)(b->map + b->map_kept), behind - b->map_kept, MADV_DONTNEED);
        b->map_kept = behind;
    }
    size_t more = n - b->left > MAP_WINDOW ? n - b->left : MAP_WINDOW;
    if (more > b->map_len - end)
        more = b->map_len - end;
    size_t there = more ? populate(b, end, more) : 0;
    b->left += there;
    if (there < more)
        (void)snprintf(b->fault, sizeof b->fault, "the file became shorter, or can't be read, at byte %zu",
                       end + there);
    b->ended = there < more || end + there == b->map_len;
    return b->left >= n;
}

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
        if (b->map)
            return fill_mapped(b, n);
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

static bool map_file(int fd, struct cd_bytes *b)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size <= 0)
        return false;
    size_t len = (size_t)status.st_size;
    void *map = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return false;
    (void)madvise(map, len, MADV_SEQUENTIAL);
    b->map = map;
    b->map_len = len;
    b->at = map;
    return true;
}

int cd_bytes_open(int fd, const char *name, struct cd_bytes *ret_bytes, struct cd_error *e)
{
    struct cd_bytes b = {.fd = -1};
    if (map_file(fd, &b)) {
        *ret_bytes = b;
        return CD_OK;
    }
    b.fd = fd;
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
    *ret_total = b->map_len;
}

void cd_bytes_close(struct cd_bytes *b)
{
    if (b->map)
        (void)munmap((void *)(uintptr_t)b->map, b->map_len);
    if (b->buffer)
        (void)munmap(b->buffer, BUFFER_MAX);
    cd_inflate_close(b->inflate);
    *b = (struct cd_bytes){.fd = -1, .ended = true};
}
