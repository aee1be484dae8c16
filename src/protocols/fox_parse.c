/* Niagara Fox: frames taken apart. */
#include "protocols/fox.h"

#include <string.h>

enum { LINE_MAX = 256, DEPTH_MAX = 16, TUPLES_MAX = 4096, NUMBER_DIGITS_MAX = 18 };

const char cd_fox_missing_bytes[] = "bytes";

struct cd_reader cd_fox_read_until(struct cd_reader *r, char end, size_t most, const char *field)
{
    size_t n = 0;
    int c = 0;
    while (n < most && (c = cd_read_peek(r, n)) >= 0 && c != (uint8_t)end)
        n++;
    if (c != (uint8_t)end)
        n = cd_read_left(r) + 1; /* does not fit */
    struct cd_reader text = cd_read_sub(r, n, field);
    cd_read_skip(r, 1, field);
    return text;
}

static bool number_of(const struct cd_reader *text, int64_t *ret)
{
    int64_t value = 0;
    size_t at = text->len && text->base[0] == '-';
    bool negative = at;
    if (text->len == at || text->len > NUMBER_DIGITS_MAX)
        return false;
    for (; at < text->len; at++) {
        if (text->base[at] < '0' || text->base[at] > '9')
            return false;
        value = value * 10 + (text->base[at] - '0');
    }
    *ret = negative ? -value : value;
    return true;
}

static int64_t read_number(struct cd_reader *r, const char *field)
{
    int64_t value = 0;
    struct cd_reader text = cd_fox_read_until(r, ' ', NUMBER_DIGITS_MAX + 1, field);
    if (cd_read_ok(r) && !number_of(&text, &value))
        cd_read_fail(r, field);
    return value;
}

static void expect(struct cd_reader *r, const char *literal, const char *field)
{
    size_t n = strlen(literal);
    const uint8_t *at = cd_read_at(r, n, field);
    if (at && memcmp(at, literal, n) != 0)
        cd_read_fail(r, field);
}

/* <length>[bytes], before it the encoding's name where the value is an object. */
static struct cd_reader read_bytes(struct cd_reader *r, bool object)
{
    int64_t length = 0;
    if (object)
        (void)cd_fox_read_until(r, ' ', LINE_MAX, "object encoding");
    struct cd_reader digits = cd_fox_read_until(r, '[', NUMBER_DIGITS_MAX, "length of bytes");
    if (cd_read_ok(r) && (!number_of(&digits, &length) || length < 0 || length > CD_FOX_FRAME_MAX))
        cd_read_fail(r, "length of bytes");
    struct cd_reader bytes = cd_read_sub(r, (size_t)length, cd_fox_missing_bytes);
    expect(r, "]\n", "end of bytes");
    return bytes;
}

bool cd_fox_next(struct cd_reader *body, struct cd_fox_tuple *ret)
{
    struct cd_fox_tuple t = {0};
    if (!cd_read_left(body))
        return false;
    if (cd_read_peek(body, 0) == '}') { /* of a message within */
        expect(body, "}\n", "end of message");
        *ret = t;
        return cd_read_ok(body);
    }
    t.name = cd_fox_read_until(body, '=', LINE_MAX, "name");
    t.type = (char)cd_read_u8(body, "type");
    expect(body, ":", "type");
    switch (t.type) {
    case 'b':
    case 'o': t.value = read_bytes(body, t.type == 'o'); break;
    case 'm': expect(body, "{\n", "message"); break;
    default: t.value = cd_fox_read_until(body, '\n', CD_FOX_FRAME_MAX, "value"); break;
    }
    if (!cd_read_ok(body))
        return false;
    *ret = t;
    return true;
}

static void read_header(struct cd_reader *r, struct cd_fox_frame *f)
{
    expect(r, "fox ", "magic");
    f->type = (char)cd_read_u8(r, "type");
    expect(r, " ", "type");
    f->sequence = read_number(r, "sequence");
    f->reply = read_number(r, "reply");
    f->channel = cd_fox_read_until(r, ' ', LINE_MAX, "channel");
    f->command = cd_fox_read_until(r, '\n', LINE_MAX, "command");
}

/* Goes over all values to the brace that ends the body; the body may be left out. */
static void read_body(struct cd_reader *r, struct cd_fox_frame *f)
{
    struct cd_fox_tuple t;
    unsigned depth = 0, n = 0;
    if (cd_read_peek(r, 0) == ';') {
        f->body = cd_read_sub(r, 0, "body");
        return;
    }
    expect(r, "{\n", "body");
    size_t start = r->pos;
    while (cd_read_peek(r, 0) != '}' || depth) {
        if (++n > TUPLES_MAX || depth > DEPTH_MAX || !cd_fox_next(r, &t)) {
            cd_read_fail(r, "values");
            return;
        }
        depth += t.type == 'm';
        depth -= t.type == 0;
    }
    f->body = cd_reader_of(r->base + start, r->pos - start);
    expect(r, "}", "body");
}

bool cd_fox_parse(struct cd_reader *r, struct cd_fox_frame *ret)
{
    struct cd_fox_frame f = {0};
    read_header(r, &f);
    if (cd_read_ok(r))
        read_body(r, &f);
    expect(r, ";;\n", "end");
    if (!cd_read_ok(r))
        return false;
    *ret = f;
    return true;
}
