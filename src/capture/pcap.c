/* The classic capture file (draft-ietf-opsawg-pcap):
 *
 *   file    magic 4 | major 2 | minor 2 | reserved 8 | snap length 4 | link type 4      then records
 *   record  seconds 4 | micro- or nanoseconds 4 | captured length 4 | wire length 4 | (Kuznetzov: 8 more) | bytes
 *
 * All in the byte order of the writer, which shows in the magic number. The snap length is not used: files exist where
 * it is 0, nonsense, or smaller than their frames. */
#include "base/memory.h"
#include "base/reader.h"
#include "capture/source.h"

#include <stdio.h>
#include <string.h>

#define FILE_HEADER 24u
#define RECORD_HEADER 16u
#define KUZNETZOV_EXTRA 8u /* interface 4, protocol 2, packet type 1, padding 1: patched libpcaps of the 1990s */
#define AHEAD 1024         /* the walk over record headers is a chain of loads: fetch what will come soon */

struct pcap {
    bool big_endian;
    uint32_t fraction_ns; /* 1000 or 1 */
    uint32_t record_header;
    uint16_t minor; /* before 2.4 lengths could be swapped */
    uint16_t link_type;
};

static inline uint32_t load32(const uint8_t *p, bool big_endian)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): cd_bytes_need has promised a whole header */
    uint32_t big = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    uint32_t little = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
    return big_endian ? big : little;
}

/* Version 2.3 files have the two lengths in either order, older ones always swapped. */
static inline void repair_lengths(uint16_t minor, uint32_t *captured, uint32_t *wire)
{
    if (minor < 3 || (minor == 3 && *captured > *wire)) {
        uint32_t first = *captured;
        *captured = *wire;
        *wire = first;
    }
}

/* Whole records in the window become frames; anything else (the end, a cut, damage) is left to the caller, so that this
 * loop has nothing in it that rarely happens. Inlined once for each shape of file, with the shape constant. */
__attribute__((always_inline)) static inline size_t take_records(struct cd_capture *c, struct cd_frame *frames,
                                                                 size_t max, struct pcap shape)
{
    struct cd_capture_counters k = c->counters;
    struct cd_reader r = cd_reader_of(c->bytes.at, c->bytes.left);
    uint64_t first = k.frames ? k.first_ns : UINT64_MAX;
    size_t n = 0, done = 0;
    for (; n < max; n++) {
        const uint8_t *head = cd_read_at(&r, shape.record_header, "record header");
        if (!head)
            break;
        __builtin_prefetch(head + AHEAD);
        uint32_t captured = load32(head + 8, shape.big_endian), wire = load32(head + 12, shape.big_endian);
        repair_lengths(shape.minor, &captured, &wire);
        const uint8_t *bytes = captured <= CD_FRAME_MAX ? cd_read_at(&r, captured, "frame") : NULL;
        if (!bytes)
            break;
        done = r.pos;
        uint64_t time = (uint64_t)load32(head, shape.big_endian) * 1000000000u +
                        (uint64_t)load32(head + 4, shape.big_endian) * shape.fraction_ns;
        k.cut_frames += wire > captured;
        wire = wire < captured ? captured : wire;
        k.captured_bytes += captured;
        k.wire_bytes += wire;
        first = time < first ? time : first;
        k.last_ns = time > k.last_ns ? time : k.last_ns;
        frames[n] = (struct cd_frame){.bytes = bytes,
                                      .captured_len = captured,
                                      .wire_len = wire,
                                      .time_ns = time,
                                      .number = k.frames + n + 1,
                                      .link_type = shape.link_type};
    }
    k.frames += n;
    k.first_ns = k.frames ? first : 0;
    c->counters = k;
    cd_bytes_take(&c->bytes, done);
    return n;
}

static size_t take_common(struct cd_capture *c, struct cd_frame *frames, size_t max, const struct pcap *p)
{
    return take_records(c, frames, max,
                        (struct pcap){.big_endian = false,
                                      .fraction_ns = 1000,
                                      .record_header = RECORD_HEADER,
                                      .minor = 4,
                                      .link_type = p->link_type});
}

static size_t take_any(struct cd_capture *c, struct cd_frame *frames, size_t max, const struct pcap *p)
{
    return take_records(c, frames, max, *p);
}

/* Called with no whole record in the window: gets one, or ends the source. */
static bool more(struct cd_capture *c, const struct pcap *p)
{
    char where[64];
    unsigned long long number = c->counters.frames + 1;
    if (!cd_bytes_need(&c->bytes, 1)) {
        cd_source_cut(c, NULL, 0, 0);
        return false;
    }
    if (!cd_bytes_need(&c->bytes, p->record_header)) {
        (void)snprintf(where, sizeof where, "the header of frame %llu", number);
        cd_source_cut(c, where, p->record_header, c->bytes.left);
        return false;
    }
    uint32_t captured = load32(c->bytes.at + 8, p->big_endian), wire = load32(c->bytes.at + 12, p->big_endian);
    repair_lengths(p->minor, &captured, &wire);
    (void)snprintf(where, sizeof where, "frame %llu", number);
    if (captured > CD_FRAME_MAX) {
        char what[96];
        (void)snprintf(what, sizeof what, "its header announces %u bytes, more than any frame has", captured);
        cd_source_damaged(c, where, what);
        return false;
    }
    if (!cd_bytes_need(&c->bytes, (size_t)p->record_header + captured)) {
        cd_source_cut(c, where, captured, c->bytes.left - p->record_header);
        return false;
    }
    return true;
}

static size_t pcap_read(struct cd_capture *c, struct cd_frame *frames, size_t max)
{
    const struct pcap *p = c->state;
    bool common = !p->big_endian && p->fraction_ns == 1000 && p->record_header == RECORD_HEADER && p->minor >= 4;
    size_t n;
    do
        n = common ? take_common(c, frames, max, p) : take_any(c, frames, max, p);
    while (n == 0 && more(c, p));
    return n;
}

static void pcap_close(struct cd_capture *c)
{
    cd_free(c->state);
}

static const struct cd_source_type pcap_type = {.read = pcap_read, .close = pcap_close};

/* Fills what the magic number says. */
static bool magic_of(const uint8_t *bytes, struct pcap *ret_shape)
{
    for (int big = 0; big < 2; big++) {
        struct pcap shape = {.big_endian = big, .fraction_ns = 1000, .record_header = RECORD_HEADER};
        switch (load32(bytes, big)) {
        case 0xa1b2c3d4: break;
        case 0xa1b23c4d: shape.fraction_ns = 1; break;
        case 0xa1b2cd34: shape.record_header += KUZNETZOV_EXTRA; break;
        default: continue;
        }
        *ret_shape = shape;
        return true;
    }
    return false;
}

bool cd_pcap_is(const uint8_t *magic)
{
    struct pcap shape;
    return magic_of(magic, &shape);
}

int cd_pcap_start(struct cd_capture *c, const char *name, struct cd_error *e)
{
    struct pcap shape;
    if (!cd_bytes_need(&c->bytes, FILE_HEADER))
        return cd_error_set(e, CD_ERROR_INPUT, "%s: cut off in the pcap file header: expected %u bytes, found %zu",
                            name, FILE_HEADER, c->bytes.left);
    if (!magic_of(c->bytes.at, &shape))
        return cd_error_set(e, CD_ERROR_INTERNAL, "%s: not a pcap file", name);
    struct cd_reader r = cd_reader_of(c->bytes.at, FILE_HEADER);
    cd_read_skip(&r, 4, "magic");
    uint16_t major = shape.big_endian ? cd_read_be16(&r, "major") : cd_read_le16(&r, "major");
    shape.minor = shape.big_endian ? cd_read_be16(&r, "minor") : cd_read_le16(&r, "minor");
    if (major != 2)
        return cd_error_set(e, CD_ERROR_INPUT, "%s: a pcap file of version %u.%u, expected version 2", name, major,
                            shape.minor);
    cd_read_skip(&r, 12, "reserved");
    /* The upper half says things about checksums at the end of frames. */
    uint32_t network = shape.big_endian ? cd_read_be32(&r, "link type") : cd_read_le32(&r, "link type");
    shape.link_type = cd_link_normal(network & 0xffff);
    cd_bytes_take(&c->bytes, FILE_HEADER);

    struct pcap *state = cd_alloc(1, sizeof *state);
    *state = shape;
    c->state = state;
    c->type = &pcap_type;
    return CD_OK;
}
