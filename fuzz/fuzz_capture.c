/* Capture files: the bytes are opened as a mapped file and, where a pipe takes them, as a pipe; every byte of every frame is
 * touched. Compressed input is found by its content like any other. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIPE_BYTES 65536u
#define FRAMES_MAX 1000000u /* a small compressed input may hold very many */

static volatile unsigned sink;

static void touch(const void *bytes, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ((const uint8_t *)bytes)[i];
    sink += sum;
}

static void touch_name(void *context, const uint8_t *address, size_t address_len, const char *name)
{
    (void)context;
    touch(address, address_len);
    touch(name, strlen(name));
}

static void check(int true_or_bug)
{
    if (!true_or_bug)
        abort();
}

/* Takes fd over. */
static void read_all(int fd, size_t batch)
{
    struct cd_capture *capture;
    struct cd_error e;
    if (cd_capture_open(fd, "fuzz", &capture, &e) != CD_OK) {
        check(e.text[0] != '\0');
        close(fd);
        return;
    }
    struct cd_frame frames[64];
    uint64_t total = 0;
    size_t n;
    while (total < FRAMES_MAX && (n = cd_capture_read(capture, frames, batch)) > 0) {
        check(n <= batch);
        for (size_t i = 0; i < n; i++) {
            check(frames[i].number == ++total);
            check(frames[i].captured_len <= frames[i].wire_len);
            touch(frames[i].bytes, frames[i].captured_len);
        }
    }
    const struct cd_capture_counters *counters = cd_capture_count(capture);
    check(counters->frames == total && counters->captured_bytes <= counters->wire_bytes);
    const char *problem = cd_capture_problem(capture);
    touch(problem ? problem : "", problem ? strlen(problem) : 0);
    cd_capture_names(capture, touch_name, NULL);
    cd_capture_close(capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    check(file >= 0 && write(file, data, size) == (ssize_t)size && lseek(file, 0, SEEK_SET) == 0);
    read_all(file, 64);
    if (size <= PIPE_BYTES) {
        int ends[2];
        check(pipe(ends) == 0 && write(ends[1], data, size) == (ssize_t)size);
        close(ends[1]);
        read_all(ends[0], 3);
    }
    return 0;
}
