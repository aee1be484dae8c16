/* pcapng (draft-ietf-opsawg-pcapng). A file is a row of blocks:
 *
 *   type 4 | total length 4 | body, padded to 4 | total length 4 again
 *
 * A section header starts a section, which has its own byte order and its own numbering of interfaces; ours runs on
 * through all sections. Blocks that are not known are passed over. */
#include "base/hash.h"
#include "base/index.h"
#include "base/memory.h"
#include "base/reader.h"
#include "base/text.h"
#include "capture/source.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_MAX CD_BYTES_WINDOW_MAX
#define INTERFACES_MAX 65536u /* in one section */
#define NAMES_MAX 4096u       /* further names are left out */
#define NAME_MAX_BYTES 256u

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_NAMES = 4,
    BLOCK_STATISTICS = 5,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_SECTION = 0x0a0d0d0a, /* reads the same in both byte orders */
};

struct interface {
    uint16_t link_type;
    uint8_t resolution; /* if_tsresol: units of 10^-n seconds, or 2^-n with the top bit set */
    uint32_t unit_ns;   /* the same where a unit is whole nanoseconds and there is no offset; else 0 */
    int64_t offset_s;   /* if_tsoffset */
    uint32_t snap_len;
    uint64_t dropped_stated;  /* by statistics blocks: running totals, so the largest counts */
    uint64_t dropped_between; /* summed up from packet blocks */
};

struct name {
    uint8_t address[16];
    uint8_t address_len;
    char text[NAME_MAX_BYTES];
};

struct pcapng {
    bool big_endian;          /* the current section */
    uint32_t interface_base;  /* interfaces of the sections before */
    uint32_t interface_count; /* of the current section */
    struct interface *interfaces;
    struct name *names;
    uint32_t name_count;
    struct cd_index name_index;
    uint64_t last_time_ns; /* simple packet blocks have no time */
};

struct block {
    uint32_t type;
    size_t total;          /* bytes it takes in the file */
    struct cd_reader body; /* without the frame of type and lengths */
};

static uint16_t read16(const struct pcapng *p, struct cd_reader *r, const char *field)
{
    return p->big_endian ? cd_read_be16(r, field) : cd_read_le16(r, field);
}

static uint32_t read32(const struct pcapng *p, struct cd_reader *r, const char *field)
{
    return p->big_endian ? cd_read_be32(r, field) : cd_read_le32(r, field);
}

static uint64_t read64(const struct pcapng *p, struct cd_reader *r, const char *field)
{
    return p->big_endian ? cd_read_be64(r, field) : cd_read_le64(r, field);
}

/* Takes value and padding of an option or record of `len` bytes. The last padding may be missing. */
static struct cd_reader take_padded(struct cd_reader *r, size_t len, const char *field)
{
    struct cd_reader value = cd_read_sub(r, len, field);
    size_t padding = (4 - len % 4) % 4;
    cd_read_skip(r, padding < cd_read_left(r) ? padding : cd_read_left(r), field);
    return value;
}

/* The next option: false at the end mark, at the end of the block, and where an option does not fit. */
static bool next_option(const struct pcapng *p, struct cd_reader *r, uint16_t *ret_code, struct cd_reader *ret_value)
{
    if (cd_read_left(r) < 4)
        return false;
    uint16_t code = read16(p, r, "option code"), len = read16(p, r, "option length");
    struct cd_reader value = take_padded(r, len, "option value");
    if (code == 0 || !cd_read_ok(&value))
        return false;
    *ret_code = code;
    *ret_value = value;
    return true;
}

/* --- the frame around blocks --- */

static const char *where_in(const struct cd_capture *c, const struct pcapng *p, bool header, char *text, size_t cap)
{
    unsigned long long frames = c->counters.frames;
    struct cd_reader r = cd_reader_of(c->bytes.at, c->bytes.left);
    uint32_t type = read32(p, &r, "type");
    bool packet = type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_ENHANCED_PACKET;
    if (!header && packet && cd_read_ok(&r))
        (void)snprintf(text, cap, "frame %llu", frames + 1);
    else
        (void)snprintf(text, cap, "%s after frame %llu", header ? "the header of a block" : "a block", frames);
    return text;
}

static bool damaged(struct cd_capture *c, const struct pcapng *p, const char *what)
{
    char where[64];
    cd_source_damaged(c, where_in(c, p, false, where, sizeof where), what);
    return false;
}

static bool cut(struct cd_capture *c, const struct pcapng *p, bool header, uint64_t announced)
{
    char where[64];
    cd_source_cut(c, where_in(c, p, header, where, sizeof where), announced, c->bytes.left);
    return false;
}

/* A section header tells its byte order, which is needed to read its length. False where it tells none. */
static bool section_order(struct pcapng *p, const uint8_t *head)
{
    struct cd_reader r = cd_reader_of(head + 8, 4);
    switch (cd_read_le32(&r, "byte order")) {
    case 0x1a2b3c4d: p->big_endian = false; return true;
    case 0x4d3c2b1a: p->big_endian = true; return true;
    default: return false;
    }
}

/* The whole block at the window, not yet taken. False where there is none: the window lacks bytes and may not be filled
 * as frames from it were already given out, or the source has ended. */
static bool peek_block(struct cd_capture *c, struct pcapng *p, bool may_fill, struct block *ret)
{
    struct cd_bytes *b = &c->bytes;
    if (b->left < 12 && (!may_fill || !cd_bytes_fill(b, 12))) {
        if (!may_fill)
            return false;
        if (b->left > 0)
            return cut(c, p, true, 12);
        cd_source_cut(c, NULL, 0, 0);
        return false;
    }
    struct cd_reader head = cd_reader_of(b->at, 8);
    uint32_t type = read32(p, &head, "type");
    if (type == BLOCK_SECTION && !section_order(p, b->at))
        return damaged(c, p, "a section header without a byte order mark");
    uint32_t len = read32(p, &head, "length");
    size_t total = ((size_t)len + 3) & ~(size_t)3; /* some writers state the length without the padding */
    if (len < 12 || total > BLOCK_MAX) {
        char what[96];
        (void)snprintf(what, sizeof what, "a block of %u bytes, expected 12 bytes to 64 MiB", len);
        return damaged(c, p, what);
    }
    if (b->left < total && (!may_fill || !cd_bytes_fill(b, total)))
        return may_fill ? cut(c, p, false, total) : false;
    struct cd_reader tail = cd_reader_of(b->at + total - 4, 4);
    if (read32(p, &tail, "length again") != len)
        return damaged(c, p, "the two lengths of the block differ");
    *ret = (struct block){.type = type, .total = total, .body = cd_reader_of(b->at + 8, total - 12)};
    return true;
}

/* --- blocks that say something about others --- */

static bool section_block(struct cd_capture *c, struct pcapng *p, struct block *block)
{
    struct cd_reader *r = &block->body;
    cd_read_skip(r, 4, "byte order");
    uint16_t major = read16(p, r, "major version");
    if (!cd_read_ok(r) || major != 1) {
        char what[64];
        (void)snprintf(what, sizeof what, "a section of version %u, expected version 1", major);
        return damaged(c, p, what);
    }
    p->interface_base += p->interface_count;
    p->interface_count = 0;
    return true;
}

static uint32_t whole_nanoseconds(uint8_t resolution)
{
    uint32_t unit = 1000000000;
    if (resolution & 0x80 || resolution > 9)
        return 0;
    while (resolution--)
        unit /= 10;
    return unit;
}

static bool interface_block(struct cd_capture *c, struct pcapng *p, struct block *block)
{
    struct cd_reader *r = &block->body;
    struct interface new = {.resolution = 6};
    new.link_type = cd_link_normal(read16(p, r, "link type"));
    cd_read_skip(r, 2, "reserved");
    new.snap_len = read32(p, r, "snap length");
    if (!cd_read_ok(r))
        return damaged(c, p, "an interface description that is too short");
    if (p->interface_count == INTERFACES_MAX)
        return damaged(c, p, "more than 65536 interfaces in a section");
    uint16_t code;
    struct cd_reader value;
    while (next_option(p, r, &code, &value)) {
        if (code == 9 && value.len == 1)
            new.resolution = cd_read_u8(&value, "if_tsresol");
        else if (code == 14 && value.len == 8)
            new.offset_s = (int64_t)read64(p, &value, "if_tsoffset");
    }
    new.unit_ns = new.offset_s == 0 ? whole_nanoseconds(new.resolution) : 0;
    p->interfaces[p->interface_count++] = new;
    return true;
}

/* Statistics are totals since the start of the capture, packet blocks count since the packet before. A file has one or
 * the other; where it has both, the larger holds. */
static void count_drops(struct cd_capture *c, struct interface *i, uint64_t stated, uint64_t between)
{
    uint64_t before = i->dropped_stated > i->dropped_between ? i->dropped_stated : i->dropped_between;
    if (stated > i->dropped_stated)
        i->dropped_stated = stated;
    if (__builtin_add_overflow(i->dropped_between, between, &i->dropped_between))
        i->dropped_between = UINT64_MAX;
    uint64_t now = i->dropped_stated > i->dropped_between ? i->dropped_stated : i->dropped_between;
    if (__builtin_add_overflow(c->counters.dropped, now - before, &c->counters.dropped))
        c->counters.dropped = UINT64_MAX;
}

static void statistics_block(struct cd_capture *c, struct pcapng *p, struct block *block)
{
    struct cd_reader *r = &block->body;
    uint32_t id = read32(p, r, "interface");
    cd_read_skip(r, 8, "time");
    if (!cd_read_ok(r) || id >= p->interface_count)
        return;
    uint64_t dropped = 0;
    uint16_t code;
    struct cd_reader value;
    while (next_option(p, r, &code, &value))
        if ((code == 5 || code == 7) && value.len == 8) { /* isb_ifdrop, isb_osdrop */
            uint64_t count = read64(p, &value, "drops");
            if (count != UINT64_MAX && __builtin_add_overflow(dropped, count, &dropped))
                dropped = UINT64_MAX;
        }
    count_drops(c, &p->interfaces[id], dropped, 0);
}

static void keep_name(struct pcapng *p, const uint8_t *address, size_t address_len, const uint8_t *text, size_t len)
{
    struct name new = {.address_len = (uint8_t)address_len};
    struct cd_text t = cd_text_of(new.text, sizeof new.text);
    memcpy(new.address, address, address_len);
    cd_text_device(&t, text, len);
    if (t.len == 0 || p->name_count == NAMES_MAX)
        return;
    uint64_t hash = cd_hash_bytes(cd_hash_bytes(0, address, address_len), new.text, t.len);
    struct cd_probe probe = cd_index_probe(&p->name_index, hash);
    for (uint32_t i; (i = cd_index_next(&p->name_index, &probe)) != CD_INDEX_NONE;)
        if (memcmp(&p->names[i], &new, sizeof new) == 0)
            return;
    cd_index_insert(&p->name_index, hash, p->name_count);
    p->names[p->name_count++] = new;
}

/* Records: type 2 | length 2 | address | names, each closed by NUL. Types: 0 end, 1 IPv4, 2 IPv6, 3 EUI-48, 4 EUI-64. */
static void names_block(struct pcapng *p, struct block *block)
{
    static const uint8_t address_lengths[] = {0, 4, 16, 6, 8};
    struct cd_reader *r = &block->body;
    while (cd_read_left(r) >= 4) {
        uint16_t type = read16(p, r, "record type"), len = read16(p, r, "record length");
        struct cd_reader value = take_padded(r, len, "record");
        if (type == 0 || !cd_read_ok(&value))
            return;
        if (type >= sizeof address_lengths)
            continue;
        const uint8_t *address = cd_read_at(&value, address_lengths[type], "address");
        while (address && cd_read_left(&value) > 0) {
            const uint8_t *start = value.base + value.pos;
            const uint8_t *nul = memchr(start, 0, cd_read_left(&value));
            size_t text_len = nul ? (size_t)(nul - start) : cd_read_left(&value);
            keep_name(p, address, address_lengths[type], start, text_len);
            cd_read_skip(&value, text_len + (nul != NULL), "name");
        }
    }
}

/* --- packets --- */

static uint64_t clamp_time(__int128 ns)
{
    return ns < 0 ? 0 : ns > (__int128)UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

static uint64_t time_of(const struct interface *i, uint64_t units)
{
    uint64_t ns;
    if (i->unit_ns && !__builtin_mul_overflow(units, (uint64_t)i->unit_ns, &ns))
        return ns;
    unsigned exponent = i->resolution & 0x7f;
    __int128 time;
    if (i->resolution & 0x80) {
        time = (__int128)units * 1000000000 >> exponent; /* 64 + 30 bits */
    } else {
        time = (__int128)units * 1000000000;
        for (unsigned n = 0; n < exponent && time; n++)
            time /= 10;
    }
    return clamp_time(time + (__int128)i->offset_s * 1000000000);
}

static bool packet_frame(struct cd_capture *c, struct pcapng *p, struct cd_reader *r, uint32_t id, uint64_t units,
                         struct cd_frame *frame)
{
    uint32_t captured = read32(p, r, "captured length"), wire = read32(p, r, "wire length");
    if (!cd_read_ok(r))
        return damaged(c, p, "a packet block that is too short");
    if (id >= p->interface_count)
        return damaged(c, p, "a packet of an interface that was not described");
    struct interface *i = &p->interfaces[id];
    if (captured > CD_FRAME_MAX || captured > cd_read_left(r)) {
        char what[128];
        (void)snprintf(what, sizeof what,
                       "its header announces %u bytes, but the block has %zu, and no frame more than %u", captured,
                       cd_read_left(r), CD_FRAME_MAX);
        return damaged(c, p, what);
    }
    struct cd_reader data = take_padded(r, captured, "frame");
    p->last_time_ns = time_of(i, units);
    *frame = (struct cd_frame){.bytes = data.base,
                               .captured_len = captured,
                               .wire_len = wire < captured ? captured : wire,
                               .time_ns = p->last_time_ns,
                               .interface = p->interface_base + id,
                               .link_type = i->link_type};
    return true;
}

static bool enhanced_packet(struct cd_capture *c, struct pcapng *p, struct cd_reader *r, struct cd_frame *frame)
{
    uint32_t id = read32(p, r, "interface");
    uint64_t high = read32(p, r, "time"), low = read32(p, r, "time");
    if (!packet_frame(c, p, r, id, high << 32 | low, frame))
        return false;
    uint16_t code;
    struct cd_reader value;
    while (next_option(p, r, &code, &value))
        if (code == 4 && value.len == 8) /* epb_dropcount: since the packet before */
            count_drops(c, &p->interfaces[id], 0, read64(p, &value, "drops"));
    return true;
}

static bool old_packet(struct cd_capture *c, struct pcapng *p, struct cd_reader *r, struct cd_frame *frame)
{
    uint16_t id = read16(p, r, "interface"), drops = read16(p, r, "drops");
    uint64_t high = read32(p, r, "time"), low = read32(p, r, "time");
    if (!packet_frame(c, p, r, id, high << 32 | low, frame))
        return false;
    if (drops != 0xffff) /* not known */
        count_drops(c, &p->interfaces[id], 0, drops);
    return true;
}

/* Of interface 0, without a time: it gets that of the frame before, 0 where there is none. */
static bool simple_packet(struct cd_capture *c, struct pcapng *p, struct cd_reader *r, struct cd_frame *frame)
{
    uint32_t wire = read32(p, r, "wire length");
    if (!cd_read_ok(r))
        return damaged(c, p, "a packet block that is too short");
    if (p->interface_count == 0)
        return damaged(c, p, "a packet before any interface was described");
    const struct interface *i = &p->interfaces[0];
    uint32_t captured = i->snap_len && i->snap_len < wire ? i->snap_len : wire;
    if (captured > cd_read_left(r))
        captured = (uint32_t)cd_read_left(r);
    if (captured > CD_FRAME_MAX)
        return damaged(c, p, "a packet longer than any frame");
    struct cd_reader data = cd_read_sub(r, captured, "frame");
    *frame = (struct cd_frame){.bytes = data.base,
                               .captured_len = captured,
                               .wire_len = wire,
                               .time_ns = p->last_time_ns,
                               .interface = p->interface_base,
                               .link_type = i->link_type};
    return true;
}

static void count_frame(struct cd_capture *c, struct cd_frame *frame)
{
    cd_source_count(c, frame);
    frame->number = c->counters.frames;
}

/* Uses the block at the window. False where that ended the source; *ret_frame where it was a packet. */
static bool use_block(struct cd_capture *c, struct pcapng *p, struct block *block, struct cd_frame *frame,
                      bool *ret_frame)
{
    *ret_frame = false;
    switch ((enum block_type)block->type) {
    case BLOCK_ENHANCED_PACKET: return *ret_frame = enhanced_packet(c, p, &block->body, frame);
    case BLOCK_PACKET: return *ret_frame = old_packet(c, p, &block->body, frame);
    case BLOCK_SIMPLE_PACKET: return *ret_frame = simple_packet(c, p, &block->body, frame);
    case BLOCK_SECTION: return section_block(c, p, block);
    case BLOCK_INTERFACE: return interface_block(c, p, block);
    case BLOCK_STATISTICS: statistics_block(c, p, block); return true;
    case BLOCK_NAMES: names_block(p, block); return true;
    }
    return true;
}

static size_t pcapng_read(struct cd_capture *c, struct cd_frame *frames, size_t max)
{
    struct pcapng *p = c->state;
    struct block block;
    size_t n = 0;
    bool is_frame;
    while (n < max && peek_block(c, p, n == 0, &block) && use_block(c, p, &block, &frames[n], &is_frame)) {
        if (is_frame)
            count_frame(c, &frames[n++]);
        cd_bytes_take(&c->bytes, block.total);
    }
    return n;
}

static void pcapng_names(const struct cd_capture *c,
                         void (*visit)(void *context, const uint8_t *address, size_t address_len, const char *name),
                         void *context)
{
    const struct pcapng *p = c->state;
    for (uint32_t i = 0; i < p->name_count; i++)
        visit(context, p->names[i].address, p->names[i].address_len, p->names[i].text);
}

static void pcapng_close(struct cd_capture *c)
{
    struct pcapng *p = c->state;
    cd_index_free(&p->name_index);
    cd_free(p->interfaces);
    cd_free(p->names);
    cd_free(p);
}

static const struct cd_source_type pcapng_type = {.read = pcapng_read, .names = pcapng_names, .close = pcapng_close};

bool cd_pcapng_is(const uint8_t *magic)
{
    return magic[0] == 0x0a && magic[1] == 0x0d && magic[2] == 0x0d && magic[3] == 0x0a;
}

/* The tables are made here, whole: after opening nothing is allocated, and what is not used costs no memory, as the pages
 * of a large zeroed allocation are only made when they are touched. */
int cd_pcapng_start(struct cd_capture *c, const char *name, struct cd_error *e)
{
    struct pcapng *p = cd_alloc(1, sizeof *p);
    p->interfaces = cd_alloc(INTERFACES_MAX, sizeof *p->interfaces);
    p->names = cd_alloc(NAMES_MAX, sizeof *p->names);
    cd_index_init(&p->name_index, NAMES_MAX);
    c->state = p;
    c->type = &pcapng_type;
    struct block block;
    if (!peek_block(c, p, true, &block) || !section_block(c, p, &block))
        return cd_error_set(e, CD_ERROR_INPUT, "%s: not a pcapng file: %s", name, c->problem);
    cd_bytes_take(&c->bytes, block.total);
    return CD_OK;
}
