/* Tagged data (ASHRAE 135 clause 20.2): reading tags, and values as text. */
#include "protocols/bacnet.h"

#include <string.h>

enum {
    CONTEXT = 0x08,
    OPENING = 6,
    CLOSING = 7,
    LENGTH_EXTENDED = 5,
    TAG_EXTENDED = 15,
    TYPE_NULL = 0,
    TYPE_BOOLEAN = 1,
    TYPE_UNSIGNED = 2,
    TYPE_SIGNED = 3,
    TYPE_REAL = 4,
    TYPE_DOUBLE = 5,
    TYPE_OCTETS = 6,
    TYPE_STRING = 7,
    TYPE_BITS = 8,
    TYPE_ENUMERATED = 9,
    TYPE_DATE = 10,
    TYPE_TIME = 11,
    TYPE_OBJECT = 12,
    CHARACTERS_UTF8 = 0,
    CHARACTERS_DBCS = 1,
    CHARACTERS_UCS4 = 3,
    CHARACTERS_UCS2 = 4,
    CHARACTERS_LATIN1 = 5,
    VALUES_SHOWN = 3,
    OCTETS_SHOWN = 16,
    CHARACTERS_SHOWN = 64,
};

/* ---- reading ---- */

static uint32_t read_length(struct cd_reader *r, uint8_t lvt)
{
    if (lvt < LENGTH_EXTENDED)
        return lvt;
    if (lvt > LENGTH_EXTENDED)
        cd_read_fail(r, "tag length"); /* brackets are context tags only */
    uint8_t length = cd_read_u8(r, "tag length");
    return length == 254 ? cd_read_be16(r, "tag length") : length == 255 ? cd_read_be32(r, "tag length") : length;
}

/* Tags with number and length in one byte, which nearly all are. */
static bool read_short(struct cd_reader *r, uint8_t first, struct cd_bacnet_tag *ret)
{
    uint8_t length = (first & 0xf8) == TYPE_BOOLEAN << 4 ? 0 : first & 7;
    const uint8_t *tag = cd_read_at(r, 1u + length, "tag value");
    if (!tag)
        return false;
    ret->kind = CD_BACNET_PRIMITIVE;
    ret->context = first & CONTEXT;
    ret->number = first >> 4;
    ret->lvt = first & 7;
    ret->value = cd_reader_of(tag + 1, length);
    return true;
}

bool cd_bacnet_tag(struct cd_reader *r, struct cd_bacnet_tag *ret)
{
    if (!cd_read_left(r))
        return false;
    uint8_t first = (uint8_t)cd_read_peek(r, 0);
    if ((first & 7) < LENGTH_EXTENDED && first >> 4 != TAG_EXTENDED)
        return read_short(r, first, ret);
    cd_read_skip(r, 1, "tag");
    struct cd_bacnet_tag tag = {.context = first & CONTEXT, .number = first >> 4, .lvt = first & 7};
    if (tag.number == TAG_EXTENDED)
        tag.number = cd_read_u8(r, "tag number");
    if (tag.context && (tag.lvt == OPENING || tag.lvt == CLOSING))
        tag.kind = tag.lvt == OPENING ? CD_BACNET_OPENING : CD_BACNET_CLOSING;
    else if (tag.context || tag.number != TYPE_BOOLEAN)
        tag.value = cd_read_sub(r, read_length(r, tag.lvt), "tag value");
    if (!cd_read_ok(r))
        return false;
    *ret = tag;
    return true;
}

bool cd_bacnet_context(struct cd_reader *r, uint8_t number, struct cd_bacnet_tag *ret)
{
    int first = cd_read_peek(r, 0);
    if (first < 0 || first >> 4 != number || !(first & CONTEXT) || (first & 7) >= OPENING)
        return false;
    return cd_bacnet_tag(r, ret);
}

/* The tags of brackets that services use are below 15, so a bracket is one byte. */
static bool is_bracket(struct cd_reader *r, uint8_t number, int bracket)
{
    if (cd_read_peek(r, 0) != (number << 4 | CONTEXT | bracket))
        return false;
    cd_read_skip(r, 1, "tag");
    return true;
}

bool cd_bacnet_opens(struct cd_reader *r, uint8_t number)
{
    return is_bracket(r, number, OPENING);
}

bool cd_bacnet_closes(struct cd_reader *r, uint8_t number)
{
    return is_bracket(r, number, CLOSING);
}

struct cd_reader cd_bacnet_inside(struct cd_reader *r, uint8_t number)
{
    size_t from = r->pos, to = r->pos, depth = 1;
    struct cd_bacnet_tag tag;
    while (depth && cd_bacnet_tag(r, &tag)) {
        if (tag.kind == CD_BACNET_OPENING)
            depth++;
        else if (tag.kind == CD_BACNET_CLOSING && (--depth == 0 && tag.number != number))
            cd_read_fail(r, "closing tag");
        else if (depth)
            to = r->pos;
    }
    if (depth)
        cd_read_fail(r, "closing tag");
    if (!cd_read_ok(r) && depth == 0)
        return (struct cd_reader){.bad = "closing tag"};
    return cd_reader_of(r->base + from,
                        to - from); /* what there is, also where the message ends before the closing tag */
}

uint32_t cd_bacnet_unsigned(const struct cd_bacnet_tag *tag)
{
    uint32_t value = 0;
    for (size_t i = 0; i < tag->value.len; i++)
        value = value << 8 | tag->value.base[i];
    return value;
}

struct cd_bacnet_object cd_bacnet_object_of(const struct cd_bacnet_tag *tag)
{
    uint32_t both = cd_bacnet_unsigned(tag);
    return (struct cd_bacnet_object){.type = (uint16_t)(both >> 22), .instance = both & 0x3fffff};
}

/* ---- text ---- */

void cd_bacnet_text_object(struct cd_text *t, struct cd_bacnet_object object)
{
    const char *name = cd_bacnet_object_type(object.type);
    if (name) {
        cd_text_str(t, name);
    } else {
        cd_text_str(t, "object type ");
        cd_text_u64(t, object.type);
    }
    cd_text_char(t, ' ');
    if (object.instance == CD_BACNET_ANY_INSTANCE)
        cd_text_str(t, "any");
    else
        cd_text_u64(t, object.instance);
}

void cd_bacnet_text_property(struct cd_text *t, uint32_t property)
{
    const char *name = cd_bacnet_property(property);
    if (name) {
        cd_text_str(t, name);
        return;
    }
    cd_text_str(t, "property ");
    cd_text_u64(t, property);
}

void cd_bacnet_text_reference(struct cd_text *t, const struct cd_bacnet_reference *reference)
{
    cd_bacnet_text_object(t, reference->object);
    cd_text_char(t, ' ');
    cd_bacnet_text_property(t, reference->property);
    if (reference->has_index) {
        cd_text_char(t, '[');
        cd_text_u64(t, reference->index);
        cd_text_char(t, ']');
    }
}

void cd_bacnet_text_address(struct cd_text *t, const struct cd_bacnet_address *address)
{
    cd_text_u64(t, address->network);
    cd_text_char(t, '.');
    cd_text_hex_bytes(t, address->mac, address->len);
}

static void text_utf8(struct cd_text *t, uint32_t c)
{
    if (c < 0x80) {
        cd_text_char(t, (char)(c < 0x20 ? ' ' : c));
    } else if (c < 0x800) {
        cd_text_char(t, (char)(0xc0 | c >> 6));
        cd_text_char(t, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000 && (c < 0xd800 || c > 0xdfff)) {
        cd_text_char(t, (char)(0xe0 | c >> 12));
        cd_text_char(t, (char)(0x80 | (c >> 6 & 0x3f)));
        cd_text_char(t, (char)(0x80 | (c & 0x3f)));
    } else {
        cd_text_char(t, '?');
    }
}

void cd_bacnet_text_string(struct cd_text *t, struct cd_reader value)
{
    uint8_t set = cd_read_u8(&value, "character set");
    if (set == CHARACTERS_DBCS)
        cd_read_skip(&value, 2, "code page");
    struct cd_reader text = cd_read_rest(&value);
    if (!cd_read_ok(&text) || text.len == 0)
        return;
    switch (set) {
    case CHARACTERS_UCS2:
        while (text.len - text.pos >= 2)
            text_utf8(t, cd_read_be16(&text, "character"));
        break;
    case CHARACTERS_UCS4:
        while (text.len - text.pos >= 4)
            text_utf8(t, cd_read_be32(&text, "character"));
        break;
    case CHARACTERS_LATIN1:
        while (cd_read_left(&text))
            text_utf8(t, cd_read_u8(&text, "character"));
        break;
    default: cd_text_device(t, text.base, text.len); /* UTF-8 (older devices: ASCII) */
    }
}

static int64_t signed_value(const struct cd_bacnet_tag *tag)
{
    int64_t value = tag->value.len && tag->value.base[0] & 0x80 ? -1 : 0;
    for (size_t i = 0; i < tag->value.len && i < 8; i++)
        value = (int64_t)((uint64_t)value << 8 | tag->value.base[i]);
    return value;
}

static uint64_t wide_value(const struct cd_bacnet_tag *tag)
{
    uint64_t value = 0;
    for (size_t i = 0; i < tag->value.len && i < 8; i++)
        value = value << 8 | tag->value.base[i];
    return value;
}

static void text_float(struct cd_text *t, const struct cd_bacnet_tag *tag)
{
    if (tag->value.len == 4) {
        uint32_t bits = cd_bacnet_unsigned(tag);
        float f;
        memcpy(&f, &bits, sizeof f);
        cd_text_format(t, "%g", (double)f);
    } else if (tag->value.len == 8) {
        uint64_t bits = wide_value(tag);
        double d;
        memcpy(&d, &bits, sizeof d);
        cd_text_f64(t, d);
    }
}

/* Two digits, or "*" for 255, which leaves the field open. */
static void text_two(struct cd_text *t, uint8_t value)
{
    if (value == 0xff) {
        cd_text_char(t, '*');
        return;
    }
    if (value < 10)
        cd_text_char(t, '0');
    cd_text_u64(t, value);
}

static void text_date(struct cd_text *t, struct cd_reader v)
{
    uint8_t year = cd_read_u8(&v, "year"), month = cd_read_u8(&v, "month"), day = cd_read_u8(&v, "day");
    if (year == 0xff)
        cd_text_char(t, '*');
    else
        cd_text_u64(t, 1900u + year);
    cd_text_char(t, '-');
    text_two(t, month);
    cd_text_char(t, '-');
    text_two(t, day);
}

static void text_time(struct cd_text *t, struct cd_reader v)
{
    for (int i = 0; i < 3; i++) {
        if (i)
            cd_text_char(t, ':');
        text_two(t, cd_read_u8(&v, "time"));
    }
}

static void text_bits(struct cd_text *t, struct cd_reader v)
{
    uint8_t unused = cd_read_u8(&v, "unused bits");
    size_t bits = cd_read_left(&v) * 8;
    bits = unused < bits ? bits - unused : 0;
    for (size_t i = 0; i < bits && i < 32; i++)
        cd_text_char(t, v.base[v.pos + i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
}

static void text_value(struct cd_text *t, const struct cd_bacnet_tag *tag)
{
    switch (tag->context ? (int)TYPE_OCTETS : (int)tag->number) {
    case TYPE_NULL: cd_text_str(t, "null"); break;
    case TYPE_BOOLEAN: cd_text_str(t, tag->lvt ? "true" : "false"); break;
    case TYPE_UNSIGNED:
    case TYPE_ENUMERATED: cd_text_u64(t, wide_value(tag)); break;
    case TYPE_SIGNED: cd_text_i64(t, signed_value(tag)); break;
    case TYPE_REAL:
    case TYPE_DOUBLE: text_float(t, tag); break;
    case TYPE_STRING: {
        char shown[CHARACTERS_SHOWN];
        struct cd_text part = cd_text_of(shown, sizeof shown);
        cd_bacnet_text_string(&part, tag->value);
        cd_text_char(t, '"');
        cd_text_str(t, shown);
        cd_text_char(t, '"');
        break;
    }
    case TYPE_BITS: text_bits(t, tag->value); break;
    case TYPE_DATE: text_date(t, tag->value); break;
    case TYPE_TIME: text_time(t, tag->value); break;
    case TYPE_OBJECT: cd_bacnet_text_object(t, cd_bacnet_object_of(tag)); break;
    default: cd_text_hex_bytes(t, tag->value.base, tag->value.len < OCTETS_SHOWN ? tag->value.len : OCTETS_SHOWN);
    }
}

void cd_bacnet_text_values(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    for (unsigned n = 0; cd_bacnet_tag(r, &tag); n++) {
        if (tag.kind == CD_BACNET_OPENING) {
            (void)cd_bacnet_inside(r, tag.number);
            if (n < VALUES_SHOWN)
                cd_text_str(t, n ? ", {…}" : "{…}");
            continue;
        }
        if (tag.kind == CD_BACNET_CLOSING)
            return;
        if (n == VALUES_SHOWN)
            cd_text_str(t, ", …");
        if (n >= VALUES_SHOWN)
            continue;
        if (n)
            cd_text_str(t, ", ");
        text_value(t, &tag);
    }
}
