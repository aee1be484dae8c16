/* Decompression in front of a byte stream: gzip (RFC 1952, any number of members) and zstd (RFC 8878, any number of frames).
 * Output is produced only as far as the reader asks, so a bomb costs time, not memory. */
#include "base/memory.h"
#include "base/text.h"
#include "capture/bytes.h"

#include <zlib.h>
#include <zstd.h>

struct cd_inflate {
    struct cd_bytes inner; /* the compressed bytes */
    const char *name;
    bool between; /* at the end of a member or frame: a good place for the stream to end */
    bool pending; /* the last output was full: the decompressor may hold more, for which it needs no input */
    bool failed;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

/* How much of the window one call of a decompressor gets; zlib counts in 32 bits. */
#define STEP ((size_t)1 << 20)

static void stop(struct cd_bytes *b, const char *what, const char *why)
{
    struct cd_inflate *f = b->inflate;
    f->failed = true;
    struct cd_text t = cd_text_of(b->fault, sizeof b->fault);
    cd_text_format(&t, "the %s stream %s byte %llu%s%s", f->name, what, (unsigned long long)f->inner.offset,
                   why ? ": " : "", why ? why : "");
}

/* True where there is input left; otherwise says why the stream ends here, if that is early. */
static bool input(struct cd_bytes *b)
{
    struct cd_inflate *f = b->inflate;
    if (cd_bytes_need(&f->inner, 1))
        return true;
    if (!f->between)
        stop(b, "is cut off at", f->inner.fault[0] ? f->inner.fault : NULL);
    return false;
}

/* After a gzip member: the next one, the end, or zeros (padding of tapes), or something else, which is reported. */
static bool next_member(struct cd_bytes *b)
{
    struct cd_inflate *f = b->inflate;
    if (!input(b))
        return false;
    if (cd_bytes_need(&f->inner, 2) && f->inner.at[0] == 0x1f && f->inner.at[1] == 0x8b) {
        f->between = false;
        return inflateReset(&f->gzip) == Z_OK;
    }
    if (f->inner.at[0] != 0)
        stop(b, "ended; what follows is not gzip and was not read, from", NULL);
    return false;
}

static size_t pull_gzip(struct cd_bytes *b, uint8_t *to, size_t room)
{
    struct cd_inflate *f = b->inflate;
    f->gzip.next_out = to;
    f->gzip.avail_out = (uInt)(room < STEP ? room : STEP);
    uInt asked = f->gzip.avail_out;
    while (f->gzip.avail_out == asked && !f->failed) {
        if (!f->pending && (f->between ? !next_member(b) : !input(b)))
            break;
        size_t step = f->inner.left < STEP ? f->inner.left : STEP;
        f->gzip.next_in = (Bytef *)(uintptr_t)f->inner.at;
        f->gzip.avail_in = (uInt)step;
        int rc = inflate(&f->gzip, Z_NO_FLUSH);
        cd_bytes_take(&f->inner, step - f->gzip.avail_in);
        f->between = rc == Z_STREAM_END;
        f->pending = rc == Z_OK && f->gzip.avail_out == 0;
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) /* the last: nothing was held after all */
            stop(b, "is damaged at", f->gzip.msg ? f->gzip.msg : zError(rc));
    }
    return asked - f->gzip.avail_out;
}

static size_t pull_zstd(struct cd_bytes *b, uint8_t *to, size_t room)
{
    struct cd_inflate *f = b->inflate;
    ZSTD_outBuffer out = {.dst = to, .size = room < STEP ? room : STEP};
    while (out.pos == 0 && !f->failed) {
        if (!f->pending && !input(b))
            break;
        size_t step = f->inner.left < STEP ? f->inner.left : STEP;
        ZSTD_inBuffer in = {.src = f->inner.at, .size = step};
        size_t rc = ZSTD_decompressStream(f->zstd, &out, &in);
        cd_bytes_take(&f->inner, in.pos);
        f->between = rc == 0;
        f->pending = rc != 0 && out.pos == out.size;
        if (ZSTD_isError(rc))
            stop(b, "is damaged at", ZSTD_getErrorName(rc));
    }
    return out.pos;
}

static bool is_zstd(const uint8_t *p)
{
    bool frame = p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd;
    bool skippable = (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
    return frame || skippable;
}

int cd_bytes_inflate(struct cd_bytes *b, const char *name, struct cd_error *e)
{
    bool gzip = cd_bytes_need(b, 3) && b->at[0] == 0x1f && b->at[1] == 0x8b && b->at[2] == 8;
    bool zstd = !gzip && cd_bytes_need(b, 4) && is_zstd(b->at);
    if (!gzip && !zstd)
        return CD_OK;
    struct cd_inflate *f = cd_alloc(1, sizeof *f);
    f->name = gzip ? "gzip" : "zstd";
    bool ready = gzip ? inflateInit2(&f->gzip, 15 + 16) == Z_OK : (f->zstd = ZSTD_createDStream()) != NULL;
    if (!ready) {
        cd_free(f);
        return cd_error_set(e, CD_ERROR_MEMORY, "%s: no memory to decompress it", name);
    }
    f->inner = *b;
    *b = (struct cd_bytes){.fd = -1, .inflate = f};
    cd_bytes_stream(b, gzip ? pull_gzip : pull_zstd);
    return CD_OK;
}

uint64_t cd_inflate_used(const struct cd_inflate *f, uint64_t *ret_total)
{
    uint64_t done;
    cd_bytes_progress(&f->inner, &done, ret_total);
    return done;
}

const char *cd_inflate_name(const struct cd_inflate *f)
{
    return f->name;
}

int cd_inflate_fd(const struct cd_inflate *f)
{
    return f->inner.fd;
}

void cd_inflate_close(struct cd_inflate *f)
{
    if (!f)
        return;
    if (f->zstd)
        (void)ZSTD_freeDStream(f->zstd);
    else
        (void)inflateEnd(&f->gzip);
    cd_bytes_close(&f->inner);
    cd_free(f);
}
