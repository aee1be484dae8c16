/* Segments, fields and components of HL7 version 2. */
#include "protocols/hl7.h"

static bool is_delimiter(char c)
{
    bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return c > ' ' && c < 0x7f && !letter;
}

/* Up to, but without, the first of these bytes. */
static struct cd_hl7_text until(struct cd_hl7_text text, char delimiter)
{
    const char *end = delimiter && text.len ? memchr(text.bytes, delimiter, text.len) : NULL;
    if (end)
        text.len = (size_t)(end - text.bytes);
    return text;
}

/* The part with this number, from 1, of a text divided by a delimiter. */
static struct cd_hl7_text part(struct cd_hl7_text text, char delimiter, unsigned n)
{
    while (--n) {
        size_t skipped = until(text, delimiter).len + 1;
        if (skipped > text.len)
            return (struct cd_hl7_text){0};
        text.bytes += skipped;
        text.len -= skipped;
    }
    return until(text, delimiter);
}

bool cd_hl7_next_segment(struct cd_reader *r, struct cd_hl7_segment *ret)
{
    int first;
    while ((first = cd_read_peek(r, 0)) == '\r' || first == '\n')
        cd_read_skip(r, 1, "segment");
    if (first < 0 || first == CD_HL7_END)
        return false;
    struct cd_hl7_text line = {(const char *)r->base + r->pos, cd_read_left(r)};
    line = until(until(until(line, '\r'), '\n'), CD_HL7_END);
    cd_read_skip(r, line.len, "segment");
    struct cd_hl7_segment s = {.name = ""};
    if (line.len >= 3)
        memcpy(s.name, line.bytes, 3);
    if (line.len > 4)
        s.fields = (struct cd_hl7_text){line.bytes + 4, line.len - 4};
    *ret = s;
    return true;
}

struct cd_hl7_text cd_hl7_field(const struct cd_hl7_segment *segment, const struct cd_hl7_delimiters *d, unsigned n)
{
    return part(segment->fields, d->field, n);
}

struct cd_hl7_text cd_hl7_component(struct cd_hl7_text field, const struct cd_hl7_delimiters *d, unsigned n)
{
    return part(until(field, d->repetition), d->component, n);
}

bool cd_hl7_is_filled(struct cd_hl7_text field, const struct cd_hl7_delimiters *d)
{
    for (size_t i = 0; i < field.len; i++)
        if (field.bytes[i] != ' ' && field.bytes[i] != '"' && field.bytes[i] != d->component &&
            field.bytes[i] != d->repetition && field.bytes[i] != d->subcomponent)
            return true;
    return false;
}

/* What stands between two escape characters. */
static void text_escape(struct cd_text *t, struct cd_hl7_text what, const struct cd_hl7_delimiters *d)
{
    if (what.len != 1) {
        cd_text_char(t, ' ');
        return;
    }
    switch (what.bytes[0]) {
    case 'F': cd_text_char(t, d->field); break;
    case 'S': cd_text_char(t, d->component); break;
    case 'T': cd_text_char(t, d->subcomponent); break;
    case 'R': cd_text_char(t, d->repetition); break;
    case 'E': cd_text_char(t, d->escape); break;
    default: break; /* H and N: highlighting */
    }
}

void cd_hl7_unescape(struct cd_text *t, struct cd_hl7_text value, const struct cd_hl7_delimiters *d)
{
    while (value.len) {
        struct cd_hl7_text plain = until(value, d->escape);
        cd_text_bytes(t, plain.bytes, plain.len);
        if (plain.len == value.len)
            return;
        value.bytes += plain.len + 1;
        value.len -= plain.len + 1;
        struct cd_hl7_text what = until(value, d->escape);
        if (what.len == value.len) { /* an escape character that stands for itself */
            cd_text_bytes(t, what.bytes, what.len);
            return;
        }
        text_escape(t, what, d);
        value.bytes += what.len + 1;
        value.len -= what.len + 1;
    }
}

/* MSH-1 and MSH-2: the separator, then the other delimiters up to the next separator; the last three may be missing (2.14.9.2). */
static void read_delimiters(struct cd_reader *r, struct cd_hl7_delimiters *d)
{
    char other[5] = {0};
    unsigned n = 0;
    d->field = (char)cd_read_u8(r, "field separator");
    if (!is_delimiter(d->field))
        cd_read_fail(r, "field separator");
    while (cd_read_ok(r) && cd_read_peek(r, 0) >= 0 && cd_read_peek(r, 0) != (uint8_t)d->field) {
        char c = (char)cd_read_u8(r, "encoding characters");
        if (n == sizeof other || !is_delimiter(c) || memchr(other, c, n))
            cd_read_fail(r, "encoding characters");
        else
            other[n++] = c;
    }
    if (n == 0)
        cd_read_fail(r, "encoding characters");
    d->component = other[0];
    d->repetition = other[1];
    d->escape = other[2];
    d->subcomponent = other[3];
}

bool cd_hl7_parse_header(struct cd_reader *r, struct cd_hl7_header *ret)
{
    struct cd_hl7_header h = {0};
    const uint8_t *name = cd_read_at(r, 3, "segment name");
    if (name && memcmp(name, "MSH", 3) != 0 && memcmp(name, "FHS", 3) != 0 && memcmp(name, "BHS", 3) != 0)
        cd_read_fail(r, "segment name");
    size_t start = r->pos + 1;
    read_delimiters(r, &h.delimiters);
    if (!cd_read_ok(r))
        return false;
    /* Numbered as MSH-1 is the separator: what is here the first field is MSH-2. */
    struct cd_hl7_segment s = {.fields = {(const char *)r->base + start, r->len - start}};
    const struct cd_hl7_delimiters *d = &h.delimiters;
    struct cd_hl7_text type = cd_hl7_field(&s, d, 9 - 1);
    h.sending_application = cd_hl7_field(&s, d, 3 - 1);
    h.sending_facility = cd_hl7_field(&s, d, 4 - 1);
    h.receiving_application = cd_hl7_field(&s, d, 5 - 1);
    h.receiving_facility = cd_hl7_field(&s, d, 6 - 1);
    h.type = cd_hl7_component(type, d, 1);
    h.event = cd_hl7_component(type, d, 2);
    h.control_id = cd_hl7_field(&s, d, 10 - 1);
    h.processing = cd_hl7_component(cd_hl7_field(&s, d, 11 - 1), d, 1);
    h.version = cd_hl7_component(cd_hl7_field(&s, d, 12 - 1), d, 1);
    h.profile = cd_hl7_component(cd_hl7_field(&s, d, 21 - 1), d, 1);
    if (name[0] == 'M' && h.type.len == 0) {
        cd_read_fail(r, "message type");
        return false;
    }
    *ret = h;
    return true;
}
