/* Capture files made in memory, and what came out of reading them. */
#ifndef TESTS_CAPTURE_INPUT_H
#define TESTS_CAPTURE_INPUT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/capture.h"

/* --- bytes --- */

struct input {
    uint8_t *at;
    size_t len, cap;
    bool big_endian;
};

static inline void put(struct input *in, const void *bytes, size_t n)
{
    if (in->len + n > in->cap) {
        in->cap = (in->len + n) * 2;
        in->at = realloc(in->at, in->cap);
        assert_non_null(in->at);
    }
    if (n)
        memcpy(in->at + in->len, bytes, n);
    in->len += n;
}

static inline void put_number(struct input *in, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * (in->big_endian ? width - 1 - i : i));
        put(in, &byte, 1);
    }
}

static inline void put16(struct input *in, uint16_t value)
{
    put_number(in, value, 2);
}

static inline void put32(struct input *in, uint32_t value)
{
    put_number(in, value, 4);
}

static inline void put64(struct input *in, uint64_t value)
{
    put_number(in, value, 8);
}

/* n bytes that depend on their place and on `seed`. */
static inline void put_pattern(struct input *in, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)(seed * 31 + i * 7);
        put(in, &byte, 1);
    }
}

static inline bool is_pattern(const uint8_t *bytes, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != (uint8_t)(seed * 31 + i * 7))
            return false;
    return true;
}

static inline void input_free(struct input *in)
{
    free(in->at);
    *in = (struct input){0};
}

/* --- pcap --- */

static inline void pcap_header(struct input *in, uint32_t magic, uint16_t minor, uint32_t snap_len, uint32_t network)
{
    put32(in, magic);
    put16(in, 2);
    put16(in, minor);
    put64(in, 0);
    put32(in, snap_len);
    put32(in, network);
}

static inline void pcap_record(struct input *in, uint32_t seconds, uint32_t fraction, uint32_t captured, uint32_t wire)
{
    put32(in, seconds);
    put32(in, fraction);
    put32(in, captured);
    put32(in, wire);
}

/* A little-endian microsecond file with `count` frames: frame n (from 1) has length_of(n) bytes of pattern n. */
static inline uint32_t length_of(size_t n)
{
    return (uint32_t)(n * 37 % 200);
}

static inline struct input plain_pcap(size_t count)
{
    struct input in = {0};
    pcap_header(&in, 0xa1b2c3d4, 4, 65535, 1);
    for (size_t n = 1; n <= count; n++) {
        pcap_record(&in, (uint32_t)(1000 + n), 5, length_of(n), length_of(n));
        put_pattern(&in, length_of(n), (unsigned)n);
    }
    return in;
}

/* --- opening --- */

/* A regular file in memory, so it is mapped. */
static inline int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t done = 0; done < n;) {
        ssize_t wrote = write(fd, (const uint8_t *)bytes + done, n - done);
        assert_true(wrote > 0);
        done += (size_t)wrote;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* A pipe that holds the bytes (at most what a pipe takes, 64 KiB) and is closed at its other end. */
static inline int pipe_of(const void *bytes, size_t n)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(n <= 65536);
    if (n)
        assert_int_equal(write(ends[1], bytes, n), n);
    close(ends[1]);
    return ends[0];
}

static inline struct cd_capture *open_fd(int fd)
{
    struct cd_capture *capture = NULL;
    struct cd_error e = {0};
    if (cd_capture_open(fd, "plant.pcap", &capture, &e) != CD_OK)
        fail_msg("%s", e.text);
    return capture;
}

static inline struct cd_capture *open_input(const struct input *in)
{
    return open_fd(file_of(in->at, in->len));
}

/* Opens what must be refused, closes fd, and gives the text. */
static inline struct cd_error refused(int fd)
{
    struct cd_capture *capture = NULL;
    struct cd_error e = {0};
    int rc = cd_capture_open(fd, "plant.pcap", &capture, &e);
    assert_int_not_equal(rc, CD_OK);
    assert_int_equal(rc, e.code);
    assert_null(capture);
    assert_int_equal(close(fd), 0); /* a failed open leaves it to the caller */
    return e;
}

/* Reads to the end in batches; checks pattern and number of each frame that plain_pcap() made. Returns how many. */
static inline size_t read_plain(struct cd_capture *capture, size_t batch)
{
    struct cd_frame frames[64];
    size_t n, total = 0;
    while ((n = cd_capture_read(capture, frames, batch)) > 0)
        for (size_t i = 0; i < n; i++) {
            total++;
            assert_int_equal(frames[i].number, total);
            assert_int_equal(frames[i].captured_len, length_of(total));
            assert_int_equal(frames[i].time_ns, (1000 + total) * 1000000000u + 5000);
            assert_true(is_pattern(frames[i].bytes, frames[i].captured_len, (unsigned)total));
        }
    assert_int_equal(cd_capture_read(capture, frames, batch), 0);
    assert_int_equal(cd_capture_count(capture)->frames, total);
    return total;
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" does not contain \"%s\"", text ? text : "(null)", part);
}

#endif
