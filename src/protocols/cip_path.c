#include "protocols/cip_path.h"

#include "protocols/cip_names.h"

/* The upper three bits of a segment's first byte (C-1.4). */
enum segment_type {
    SEGMENT_PORT = 0,
    SEGMENT_LOGICAL = 1,
    SEGMENT_NETWORK = 2,
    SEGMENT_SYMBOLIC = 3,
    SEGMENT_DATA = 4,
};

/* Bits 4..2 of a logical segment. */
enum logical_type {
    LOGICAL_CLASS = 0,
    LOGICAL_INSTANCE = 1,
    LOGICAL_MEMBER = 2,
    LOGICAL_POINT = 3,
    LOGICAL_ATTRIBUTE = 4,
    LOGICAL_SPECIAL = 5,
    LOGICAL_SERVICE = 6,
    LOGICAL_EXTENDED = 7,
};

struct segment {
    enum segment_type type;
    enum logical_type logical;
    uint32_t value;        /* of a logical segment */
    struct cd_cip_hop hop; /* of a port segment */
    const uint8_t *name;   /* of a symbol; NULL else */
    uint8_t name_len;
};

/* C-1.4.1: link addresses longer than a byte bring their size, and the segment is padded to an even length. */
static void read_port(struct cd_reader *r, uint8_t first, struct segment *s)
{
    bool extended = first & 0x10;
    s->hop.port = first & 0x0f;
    if (extended)
        s->hop.address_len = cd_read_u8(r, "link address size");
    if (s->hop.port == 15)
        s->hop.port = cd_read_le16(r, "extended port");
    if (!extended) {
        s->hop.link = cd_read_u8(r, "link address");
        return;
    }
    s->hop.address = cd_read_at(r, s->hop.address_len, "link address");
    if (s->hop.address_len & 1)
        cd_read_skip(r, 1, "link address pad");
}

/* C-1.4.2: 8-, 16- and 32-bit values; the wider ones have a pad byte in front. */
static void read_logical(struct cd_reader *r, uint8_t first, struct segment *s)
{
    s->logical = (enum logical_type)(first >> 2 & 7);
    if (s->logical == LOGICAL_SPECIAL) {
        uint8_t format = cd_read_u8(r, "electronic key format");
        if (format == 4)
            cd_read_skip(r, 8, "electronic key");
        else if (format == 5)
            cd_read_skip(r, 12, "electronic key with serial number");
        else
            cd_read_fail(r, "electronic key format");
        return;
    }
    if (s->logical == LOGICAL_EXTENDED)
        cd_read_skip(r, 1, "extended logical type");
    else if (first & 3)
        cd_read_skip(r, 1, "logical segment pad");
    switch (first & 3) {
    case 0: s->value = cd_read_u8(r, "8-bit logical value"); break;
    case 1: s->value = cd_read_le16(r, "16-bit logical value"); break;
    case 2: s->value = cd_read_le32(r, "32-bit logical value"); break;
    default: cd_read_fail(r, "logical format");
    }
}

/* C-1.4.3: subtypes from 16 on bring their length in words, the others one byte of data. */
static void read_network(struct cd_reader *r, uint8_t first)
{
    if (first & 0x10)
        cd_read_skip(r, 2u * cd_read_u8(r, "network segment length"), "network segment data");
    else
        cd_read_skip(r, 1, "network segment data");
}

/* C-1.4.4: the size stands in the first byte; 0 means an extended string with a format byte of its own. */
static void read_symbolic(struct cd_reader *r, uint8_t first, struct segment *s)
{
    uint8_t size = first & 0x1f;
    if (size) {
        s->name = cd_read_at(r, size, "symbol");
        s->name_len = size;
        if (!(size & 1))
            cd_read_skip(r, 1, "symbol pad");
        return;
    }
    uint8_t format = cd_read_u8(r, "extended symbol format");
    unsigned units = format & 0x1f;
    switch (format >> 5) {
    case 1: units *= 2; break;                                                      /* double-byte characters */
    case 2: units *= 3; break;                                                      /* triple-byte characters */
    case 6: units = (format & 0x1f) == 6 ? 1 : (format & 0x1f) == 7 ? 2 : 4; break; /* numeric symbols */
    default: cd_read_fail(r, "extended symbol format");
    }
    cd_read_skip(r, units + (units & 1), "extended symbol");
}

/* C-1.4.5: simple data counts words, an ANSI extended symbol counts characters. */
static void read_data(struct cd_reader *r, uint8_t first, struct segment *s)
{
    uint8_t size = cd_read_u8(r, "data segment length");
    if (first == 0x80) {
        cd_read_skip(r, 2u * size, "simple data segment");
    } else if (first == 0x91) {
        s->name = cd_read_at(r, size, "symbol");
        s->name_len = size;
        if (size & 1)
            cd_read_skip(r, 1, "symbol pad");
    } else {
        cd_read_fail(r, "data segment type");
    }
}

/* Fills *ret in place: returning it by value would load as a whole what was stored in parts, and processors wait for that. */
static void read_segment(struct cd_reader *r, struct segment *ret)
{
    uint8_t first = cd_read_u8(r, "segment type");
    *ret = (struct segment){.type = (enum segment_type)(first >> 5)};
    switch (ret->type) {
    case SEGMENT_PORT: read_port(r, first, ret); break;
    case SEGMENT_LOGICAL: read_logical(r, first, ret); break;
    case SEGMENT_NETWORK: read_network(r, first); break;
    case SEGMENT_SYMBOLIC: read_symbolic(r, first, ret); break;
    case SEGMENT_DATA: read_data(r, first, ret); break;
    default: cd_read_fail(r, "segment type");
    }
}

static void note_logical(struct cd_cip_path *path, const struct segment *s)
{
    switch (s->logical) {
    case LOGICAL_CLASS:
        path->class_id = s->value;
        path->has_class = true;
        break;
    case LOGICAL_INSTANCE:
        path->instance = s->value;
        path->has_instance = true;
        break;
    case LOGICAL_ATTRIBUTE:
        path->attribute = s->value;
        path->has_attribute = true;
        break;
    default: break;
    }
    path->has_target |= s->logical != LOGICAL_SPECIAL;
}

bool cd_cip_path_parse(struct cd_reader *r, struct cd_cip_path *ret)
{
    if (!cd_read_ok(r))
        return false;
    struct cd_cip_path path = {.len = cd_read_left(r)};
    if (path.len)
        path.bytes = r->base + r->pos;
    while (cd_read_left(r)) {
        struct segment s;
        read_segment(r, &s);
        if (!cd_read_ok(r))
            return false;
        switch (s.type) {
        case SEGMENT_PORT:
            if (path.n_hops == CD_CIP_HOPS_MAX) {
                cd_read_fail(r, "hops");
                return false;
            }
            path.n_hops++;
            break;
        case SEGMENT_LOGICAL: note_logical(&path, &s); break;
        case SEGMENT_SYMBOLIC:
        case SEGMENT_DATA:
            path.has_symbol |= s.name != NULL;
            path.has_target |= s.name != NULL;
            break;
        default: break;
        }
    }
    if (!cd_read_ok(r))
        return false;
    *ret = path;
    return true;
}

/* What has been written so far, to know which separator comes next. */
struct path_writer {
    struct cd_text *t;
    bool any, in_tag, in_index, in_points;
};

static void close_index(struct path_writer *w)
{
    if (w->in_index)
        cd_text_char(w->t, ']');
    w->in_index = false;
}

static void write_symbol(struct path_writer *w, const struct segment *s)
{
    close_index(w);
    cd_text_str(w->t, w->in_tag ? "." : w->any ? ", tag " : "tag ");
    cd_text_device(w->t, s->name, s->name_len);
    w->in_tag = w->any = true;
}

static void write_member(struct path_writer *w, uint32_t value)
{
    if (w->in_tag)
        cd_text_char(w->t, w->in_index ? ',' : '[');
    else
        cd_text_str(w->t, ", member ");
    w->in_index = w->in_tag;
    cd_text_u64(w->t, value);
}

static void write_class(struct path_writer *w, uint32_t class_id)
{
    const char *name = cd_cip_class_name(class_id);
    if (w->any)
        cd_text_str(w->t, ", ");
    if (name) {
        cd_text_str(w->t, name);
    } else {
        cd_text_str(w->t, "class 0x");
        cd_text_hex(w->t, class_id, 2);
    }
}

static void write_logical(struct path_writer *w, const struct segment *s)
{
    if (s->logical == LOGICAL_MEMBER) {
        write_member(w, s->value);
        w->any = true;
        return;
    }
    if (s->logical == LOGICAL_SPECIAL)
        return;
    close_index(w);
    if (s->logical == LOGICAL_CLASS) {
        write_class(w, s->value);
    } else {
        const char *word = "";
        if (s->logical == LOGICAL_ATTRIBUTE)
            word = ", attribute";
        else if (s->logical == LOGICAL_POINT)
            word = w->in_points ? "" : ", points";
        else if (s->logical == LOGICAL_SERVICE)
            word = ", service";
        else if (s->logical == LOGICAL_EXTENDED)
            word = ", index";
        if (!w->any && word[0] == ',')
            word += 2;
        cd_text_str(w->t, word);
        if (w->any || word[0])
            cd_text_char(w->t, ' ');
        cd_text_u64(w->t, s->value);
    }
    w->in_points = s->logical == LOGICAL_POINT;
    w->in_tag = false;
    w->any = true;
}

void cd_cip_path_text(struct cd_text *t, const struct cd_cip_path *path)
{
    struct cd_reader r = cd_reader_of(path->bytes, path->len);
    struct path_writer w = {.t = t};
    while (cd_read_left(&r)) {
        struct segment s;
        read_segment(&r, &s);
        if (!cd_read_ok(&r))
            break;
        if (s.type == SEGMENT_LOGICAL)
            write_logical(&w, &s);
        else if (s.name)
            write_symbol(&w, &s);
    }
    close_index(&w);
}

unsigned cd_cip_path_hops(const struct cd_cip_path *path, struct cd_cip_hop hops[CD_CIP_HOPS_MAX])
{
    struct cd_reader r = cd_reader_of(path->bytes, path->len);
    unsigned n = 0;
    while (n < path->n_hops && cd_read_left(&r)) {
        struct segment s;
        read_segment(&r, &s);
        if (s.type == SEGMENT_PORT)
            hops[n++] = s.hop;
    }
    return n;
}

void cd_cip_route_text(struct cd_text *t, const struct cd_cip_path *path, const char *between)
{
    struct cd_cip_hop hops[CD_CIP_HOPS_MAX];
    unsigned n = cd_cip_path_hops(path, hops);
    for (unsigned i = 0; i < n; i++) {
        const struct cd_cip_hop *hop = &hops[i];
        if (i)
            cd_text_str(t, between);
        cd_text_u64(t, hop->port);
        cd_text_char(t, '.');
        if (hop->address)
            cd_text_device(t, hop->address, hop->address_len);
        else
            cd_text_u64(t, hop->link);
    }
}
