/* Opens sources, tells formats by their content, and hands calls to the reader of the format. */
#include "capture/capture.h"

#include "base/memory.h"
#include "capture/source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

uint16_t cd_link_normal(uint32_t written)
{
    return written == 12 || written == 14 ? CD_LINK_RAW : (uint16_t)written;
}

/* " of the decompressed data", where offsets are not those of the file. */
static const char *offset_kind(const struct cd_capture *c)
{
    return cd_bytes_compression(&c->bytes) ? " of the decompressed data" : "";
}

void cd_source_cut(struct cd_capture *c, const char *where, uint64_t announced, uint64_t there)
{
    const char *fault = c->bytes.fault;
    uint64_t at = c->bytes.offset + c->bytes.left;
    c->ended = true;
    if (!where) {
        (void)snprintf(c->problem, sizeof c->problem, "%s", fault);
        return;
    }
    (void)snprintf(c->problem, sizeof c->problem,
                   "cut off at byte %llu%s in %s: %llu bytes announced, %llu there%s%s%s", (unsigned long long)at,
                   offset_kind(c), where, (unsigned long long)announced, (unsigned long long)there,
                   fault[0] ? " (" : "", fault, fault[0] ? ")" : "");
}

void cd_source_damaged(struct cd_capture *c, const char *where, const char *what)
{
    c->ended = true;
    (void)snprintf(c->problem, sizeof c->problem, "damaged at byte %llu%s in %s: %s",
                   (unsigned long long)c->bytes.offset, offset_kind(c), where, what);
}

/* The message for content that is no capture. */
static int refuse(const struct cd_capture *c, const char *name, struct cd_error *e)
{
    const char *compression = cd_bytes_compression(&c->bytes);
    const char *expected = "expected pcap or pcapng (also .gz, .zst)";
    if (c->bytes.left == 0 && c->bytes.fault[0])
        return cd_error_set(e, CD_ERROR_INPUT, "%s: not a capture file: %s, %s", name, c->bytes.fault, expected);
    if (c->bytes.left == 0)
        return cd_error_set(e, CD_ERROR_INPUT, "%s: not a capture file: %s, %s", name,
                            compression ? "there is nothing inside the compressed file" : "it is empty", expected);
    char what[128];
    cd_sniff_name(c->bytes.at, c->bytes.left, what, sizeof what);
    if (compression)
        return cd_error_set(e, CD_ERROR_INPUT, "%s: not a capture file: the content of the %s file %s, %s", name,
                            compression, what, expected);
    return cd_error_set(e, CD_ERROR_INPUT, "%s: not a capture file: %s, %s", name, what, expected);
}

/* c->bytes is open; finds the format. */
static int start(struct cd_capture *c, const char *name, struct cd_error *e)
{
    int rc = cd_bytes_inflate(&c->bytes, name, e);
    if (rc != CD_OK)
        return rc;
    if (cd_bytes_need(&c->bytes, 4)) {
        if (cd_pcap_is(c->bytes.at))
            return cd_pcap_start(c, name, e);
        if (cd_pcapng_is(c->bytes.at))
            return cd_pcapng_start(c, name, e);
    }
    (void)cd_bytes_need(&c->bytes, 512); /* what there is helps to name it */
    return refuse(c, name, e);
}

int cd_capture_open(int fd, const char *name, struct cd_capture **ret_capture, struct cd_error *e)
{
    struct cd_capture *c = cd_alloc(1, sizeof *c);
    c->fd = -1;
    int rc = cd_bytes_open(fd, name, &c->bytes, e);
    if (rc == CD_OK)
        rc = start(c, name, e);
    if (rc != CD_OK) {
        cd_capture_close(c);
        return rc;
    }
    c->fd = cd_bytes_fd(&c->bytes);
    if (c->fd < 0)
        (void)close(fd);
    *ret_capture = c;
    return CD_OK;
}

int cd_capture_fd(const struct cd_capture *c)
{
    return c->fd;
}

size_t cd_capture_read(struct cd_capture *c, struct cd_frame *frames, size_t max)
{
    return c->ended || max == 0 ? 0 : c->type->read(c, frames, max);
}

const char *cd_capture_problem(const struct cd_capture *c)
{
    return c->problem[0] ? c->problem : NULL;
}

const struct cd_capture_counters *cd_capture_count(struct cd_capture *c)
{
    if (c->type->refresh)
        c->type->refresh(c);
    return &c->counters;
}

void cd_capture_progress(const struct cd_capture *c, uint64_t *ret_done, uint64_t *ret_total)
{
    if (c->live) {
        *ret_done = c->counters.captured_bytes;
        *ret_total = 0;
        return;
    }
    cd_bytes_progress(&c->bytes, ret_done, ret_total);
}

void cd_capture_names(const struct cd_capture *c,
                      void (*visit)(void *context, const uint8_t *address, size_t address_len, const char *name),
                      void *context)
{
    if (c->type->names)
        c->type->names(c, visit, context);
}

void cd_capture_close(struct cd_capture *c)
{
    if (!c)
        return;
    if (c->type)
        c->type->close(c);
    cd_bytes_close(&c->bytes);
    if (c->fd >= 0)
        (void)close(c->fd);
    cd_free(c);
}
