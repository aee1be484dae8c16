/* A stream of bytes with a window over it, so that a format reader need not know where bytes come from.
 *
 * The window is a sliding buffer: asking for more may move its bytes. A file of any size costs a few megabytes.
 *
 *        taken      | at ......... left |  not here yet
 *        offset ----^
 *
 * What was taken stays valid until the next cd_bytes_fill(), which is the only function here that makes system calls.
 * After opening these are read(2) and poll(2); memory is reserved at opening. */
#ifndef CD_CAPTURE_BYTES_H
#define CD_CAPTURE_BYTES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that a reader may ask to see in one piece. */
#define CD_BYTES_WINDOW_MAX ((size_t)64 << 20)

struct cd_bytes {
    const uint8_t *at; /* the window */
    size_t left;       /* bytes in it */
    uint64_t offset;   /* of `at` since the start of the stream */
    bool ended;        /* nothing comes after the window */
    char fault[256];   /* why the stream ended early; empty where it just ended */

    uint8_t *buffer;
    size_t capacity;
    /* Puts 1 to `room` bytes at `to` and returns how many; 0 at the end (and `fault` where that is early). */
    size_t (*pull)(struct cd_bytes *bytes, uint8_t *to, size_t room);
    int fd;                     /* borrowed */
    uint64_t size;              /* of a regular file; 0 where there is none */
    struct cd_inflate *inflate; /* NULL where bytes come as they are */
};

/* Opens fd. The descriptor stays the caller's, and must stay open while cd_bytes_fd() names it. */
int cd_bytes_open(int fd, const char *name, struct cd_bytes *ret_bytes, struct cd_error *e);

/* Looks for gzip or zstd at the start of the stream and puts the decompressor in front of it. Other content is left alone. */
int cd_bytes_inflate(struct cd_bytes *bytes, const char *name, struct cd_error *e);

/* Makes the window hold at least n (<= CD_BYTES_WINDOW_MAX) bytes; false where the stream ends before that. */
bool cd_bytes_fill(struct cd_bytes *bytes, size_t n);

static inline bool cd_bytes_need(struct cd_bytes *bytes, size_t n)
{
    return bytes->left >= n || cd_bytes_fill(bytes, n);
}

/* Moves past n <= left bytes. */
static inline void cd_bytes_take(struct cd_bytes *bytes, size_t n)
{
    bytes->at += n;
    bytes->left -= n;
    bytes->offset += n;
}

/* The descriptor that is read from; -1 for a mapped file. */
int cd_bytes_fd(const struct cd_bytes *bytes);
/* "gzip", "zstd" or NULL. */
const char *cd_bytes_compression(const struct cd_bytes *bytes);
/* Bytes of the file itself: how many are used, how many there are (0: unknown). */
void cd_bytes_progress(const struct cd_bytes *bytes, uint64_t *ret_done, uint64_t *ret_total);
void cd_bytes_close(struct cd_bytes *bytes);

/* For the decompressor: reserves a buffer for what `pull` gives. */
void cd_bytes_stream(struct cd_bytes *bytes, size_t (*pull)(struct cd_bytes *, uint8_t *, size_t));

/* The decompressor's own half (inflate.c). */
uint64_t cd_inflate_used(const struct cd_inflate *f, uint64_t *ret_total);
const char *cd_inflate_name(const struct cd_inflate *f);
int cd_inflate_fd(const struct cd_inflate *f);
void cd_inflate_close(struct cd_inflate *f);

#endif
