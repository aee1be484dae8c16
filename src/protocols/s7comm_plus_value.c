/* S7comm-plus values and objects: walked once, each single value given to a visitor.
 *
 *     value   flags 1 | type 1 | by flags one, many or numbered ones, by type
 *     object  0xa1 | number 4 | class VLQ | flags VLQ | attribute VLQ, then any of
 *             0xa3 attribute VLQ, value | 0xa4 relation VLQ, number 4 | 0xa1 an object in it | 0xab, 0xac lists | 0xa2 its end */
#include "protocols/s7comm_plus.h"

enum {
    DEPTH_MAX = 16, /* objects and structures in one another; six have been seen */
    FLAG_ARRAY = 0x10,
    FLAG_ADDRESS_ARRAY = 0x20,
    FLAG_SPARSE_ARRAY = 0x40,
    START_OBJECT = 0xa1,
    END_OBJECT = 0xa2,
    ATTRIBUTE = 0xa3,
    RELATION = 0xa4,
    TYPE_LIST = 0xab,
    NAME_LIST = 0xac,
    VLQ32_BYTES_MAX = 5,
    VLQ64_BYTES_MAX = 9, /* the ninth byte carries eight bits */
};

uint32_t cd_s7comm_plus_vlq32(struct cd_reader *r, const char *field)
{
    uint32_t value = 0;
    for (int i = 0; i < VLQ32_BYTES_MAX; i++) {
        uint8_t octet = cd_read_u8(r, field);
        value = value << 7 | (octet & 0x7f);
        if (!(octet & 0x80))
            return value;
    }
    cd_read_fail(r, field);
    return 0;
}

uint64_t cd_s7comm_plus_vlq64(struct cd_reader *r, const char *field)
{
    uint64_t value = 0;
    for (int i = 1; i < VLQ64_BYTES_MAX; i++) {
        uint8_t octet = cd_read_u8(r, field);
        value = value << 7 | (octet & 0x7f);
        if (!(octet & 0x80))
            return value;
    }
    return value << 8 | cd_read_u8(r, field);
}

/* The sign is bit 6 of the first byte. */
static uint64_t signed_vlq(struct cd_reader *r, const char *field)
{
    int first = cd_read_peek(r, 0);
    size_t at = r->pos;
    uint64_t value = cd_s7comm_plus_vlq64(r, field);
    size_t octets = r->pos - at;
    unsigned bits = octets < VLQ64_BYTES_MAX ? (unsigned)octets * 7 : 64;
    if (first >= 0 && first & 0x40 && bits < 64)
        value |= UINT64_MAX << bits;
    return value;
}

/* How many bytes a value of this type has; 0 where that is told by the bytes, or the type is not known. */
static unsigned fixed_size(uint8_t type)
{
    static const uint8_t sizes[] = {
        [0x01] = 1, [0x02] = 1, [0x03] = 2, [0x06] = 1, [0x07] = 2, [0x0a] = 1, [0x0b] = 2,
        [0x0c] = 4, [0x0d] = 8, [0x0e] = 4, [0x0f] = 8, [0x10] = 8, [0x12] = 4,
    };
    return type < sizeof sizes ? sizes[type] : 0;
}

static uint64_t read_fixed(struct cd_reader *r, unsigned size)
{
    switch (size) {
    case 1: return cd_read_u8(r, "value");
    case 2: return cd_read_be16(r, "value");
    case 4: return cd_read_be32(r, "value");
    default: return cd_read_be64(r, "value");
    }
}

/* A structure's members up to an id of 0. Packed ones (interfaces of data types) have another form and are not gone into. */
static bool walk_structure(struct cd_s7comm_plus_walk *w, struct cd_reader *r)
{
    uint32_t outer = w->structure, id = cd_read_be32(r, "structure");
    bool packed = (id > 0x90000000 && id < 0x9fffffff) || (id > 0x02000000 && id < 0x02ffffff);
    if (!cd_read_ok(r) || packed || w->depth >= DEPTH_MAX)
        return false;
    w->structure = id;
    w->depth++;
    bool done = cd_s7comm_plus_walk_list(w, r);
    w->depth--;
    w->structure = outer;
    return done;
}

static bool walk_single(struct cd_s7comm_plus_walk *w, struct cd_reader *r, uint32_t id, uint8_t type)
{
    struct cd_s7comm_plus_value v = {
        .object_class = w->object_class, .structure = w->structure, .id = id, .type = type};
    unsigned size = fixed_size(type);
    if (w->left == 0)
        return false;
    w->left--;
    if (size)
        v.number = read_fixed(r, size);
    else
        switch (type) {
        case 0x00: break; /* null */
        case 0x04:
        case 0x05:
        case 0x13: v.number = cd_s7comm_plus_vlq64(r, "value"); break;
        case CD_S7COMM_PLUS_DINT:
        case 0x09:
        case 0x11: v.number = signed_vlq(r, "value"); break;
        case CD_S7COMM_PLUS_BLOB:
            if (cd_s7comm_plus_vlq32(r, "blob root") != 0) /* an object of its own; its form is not known */
                return false;
            v.text = cd_read_sub(r, cd_s7comm_plus_vlq32(r, "blob length"), "blob");
            break;
        case CD_S7COMM_PLUS_WSTRING: v.text = cd_read_sub(r, cd_s7comm_plus_vlq32(r, "string length"), "string"); break;
        case CD_S7COMM_PLUS_STRUCT: return walk_structure(w, r);
        default: return false;
        }
    if (!cd_read_ok(r))
        return false;
    if (w->visit)
        w->visit(w->context, &v);
    return true;
}

bool cd_s7comm_plus_walk_value(struct cd_s7comm_plus_walk *w, struct cd_reader *r, uint32_t id)
{
    uint8_t flags = cd_read_u8(r, "value flags"), type = cd_read_u8(r, "value type");
    if (!cd_read_ok(r))
        return false;
    if (flags & (FLAG_ARRAY | FLAG_ADDRESS_ARRAY)) {
        uint32_t count = cd_s7comm_plus_vlq32(r, "array count");
        unsigned size = fixed_size(type);
        if (size) { /* of no interest one by one */
            cd_read_skip(r, (size_t)count * size, "array");
            return cd_read_ok(r);
        }
        for (uint32_t i = 0; i < count; i++)
            if (!walk_single(w, r, id, type))
                return false;
        return cd_read_ok(r);
    }
    if (flags & FLAG_SPARSE_ARRAY) {
        while (cd_s7comm_plus_vlq32(r, "array key") != 0)
            if (!walk_single(w, r, id, type))
                return false;
        return cd_read_ok(r);
    }
    return walk_single(w, r, id, type);
}

bool cd_s7comm_plus_walk_list(struct cd_s7comm_plus_walk *w, struct cd_reader *r)
{
    uint32_t id;
    while ((id = cd_s7comm_plus_vlq32(r, "id")) != 0)
        if (!cd_s7comm_plus_walk_value(w, r, id))
            return false;
    return cd_read_ok(r);
}

/* Lists of types and names: blocks with their length before them, up to one of length 0. */
static void skip_blocks(struct cd_reader *r)
{
    uint16_t length;
    while ((length = cd_read_be16(r, "list length")) != 0)
        cd_read_skip(r, length, "list");
}

bool cd_s7comm_plus_begin_object(struct cd_reader *r, struct cd_s7comm_plus_object *ret)
{
    struct cd_s7comm_plus_object o;
    if (cd_read_u8(r, "start of object") != START_OBJECT)
        return false;
    o.id = cd_read_be32(r, "object");
    o.class = cd_s7comm_plus_vlq32(r, "class");
    cd_s7comm_plus_vlq32(r, "class flags");
    cd_s7comm_plus_vlq32(r, "attribute");
    if (!cd_read_ok(r))
        return false;
    *ret = o;
    return true;
}

static bool walk_inner_object(struct cd_s7comm_plus_walk *w, struct cd_reader *r)
{
    struct cd_s7comm_plus_object inner;
    if (w->depth >= DEPTH_MAX || w->left == 0 || !cd_s7comm_plus_begin_object(r, &inner))
        return false;
    w->left--;
    w->depth++;
    bool done = cd_s7comm_plus_walk_object(w, r, inner.class);
    w->depth--;
    return done;
}

bool cd_s7comm_plus_walk_object(struct cd_s7comm_plus_walk *w, struct cd_reader *r, uint32_t class)
{
    uint32_t outer = w->object_class;
    w->object_class = class;
    bool going = true, ended = false;
    while (going && !ended && cd_read_left(r)) {
        switch (cd_read_peek(r, 0)) {
        case START_OBJECT: going = walk_inner_object(w, r); break;
        case ATTRIBUTE:
            cd_read_skip(r, 1, "attribute");
            going = cd_s7comm_plus_walk_value(w, r, cd_s7comm_plus_vlq32(r, "attribute"));
            break;
        case RELATION:
            cd_read_skip(r, 1, "relation");
            cd_s7comm_plus_vlq32(r, "relation");
            cd_read_skip(r, 4, "relation");
            break;
        case TYPE_LIST:
        case NAME_LIST:
            cd_read_skip(r, 1, "list");
            skip_blocks(r);
            break;
        case END_OBJECT:
            cd_read_skip(r, 1, "end of object");
            ended = true;
            break;
        default: going = false; /* tag descriptions of old firmware and others */
        }
    }
    w->object_class = outer;
    return ended && cd_read_ok(r);
}
