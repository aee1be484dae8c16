#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char hex_digits[] = "0123456789abcdef";

void cd_text_i64(struct cd_text *t, int64_t value)
{
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        cd_text_char(t, '-');
        magnitude = 0 - magnitude;
    }
    cd_text_u64(t, magnitude);
}

void cd_text_hex(struct cd_text *t, uint64_t value, unsigned width)
{
    char digits[16];
    size_t at = sizeof digits;
    if (width > sizeof digits)
        width = sizeof digits;
    do {
        digits[--at] = hex_digits[value & 15];
        value >>= 4;
    } while (value || sizeof digits - at < width);
    cd_text_bytes(t, digits + at, sizeof digits - at);
}

void cd_text_hex_bytes(struct cd_text *t, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n && !t->cut; i++) {
        char pair[2] = {hex_digits[p[i] >> 4], hex_digits[p[i] & 15]};
        cd_text_bytes(t, pair, 2);
    }
}

void cd_text_f64(struct cd_text *t, double value)
{
    char digits[40];
    for (int precision = 6; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    cd_text_str(t, digits);
}

void cd_text_format(struct cd_text *t, const char *format, ...)
{
    va_list args;
    size_t room = t->cap - t->len;
    va_start(args, format);
    int n = vsnprintf(t->at + t->len, room, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= room) {
        t->cut = true;
        t->len = t->cap - 1;
    } else {
        t->len += (size_t)n;
    }
}

/* Length of the valid UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF), or 0. */
static size_t utf8_sequence(const uint8_t *p, size_t n)
{
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return n >= 2 && (p[1] & 0xc0) == 0x80 ? (p[0] == 0xc2 && p[1] < 0xa0 ? 0 : 2) : 0; /* not the C1 controls */
    if ((p[0] & 0xf0) == 0xe0 && n >= 3 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
        if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0))
            return 0;
        return 3;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4 && n >= 4 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
        (p[3] & 0xc0) == 0x80) {
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
            return 0;
        return 4;
    }
    return 0;
}

static void escape_byte(struct cd_text *t, uint8_t byte)
{
    char escaped[4] = {'\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]};
    if (t->cap - 1 - t->len < sizeof escaped)
        t->cut = true;
    else
        cd_text_bytes(t, escaped, sizeof escaped);
}

/* How many bytes at the front are printable ASCII, eight at a time. */
static size_t printable_run(const uint8_t *p, size_t n)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t i = 0;
    for (uint64_t word; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        uint64_t below_space = (word - ones * 0x20) & ~word & tops, is_delete = word ^ ones * 0x7f;
        if ((word & tops) | below_space | ((is_delete - ones) & ~is_delete & tops))
            break;
    }
    while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
        i++;
    return i;
}

void cd_text_device(struct cd_text *t, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n && (p[n - 1] == 0 || p[n - 1] == ' ' || p[n - 1] == '\r' || p[n - 1] == '\n' || p[n - 1] == '\t'))
        n--;
    size_t plain = printable_run(p, n);
    cd_text_bytes(t, (const char *)p, plain);
    for (size_t i = plain; i < n && !t->cut;) {
        size_t run = p[i] >= 0x20 && p[i] < 0x7f ? 1 : utf8_sequence(p + i, n - i);
        if (run == 0) {
            escape_byte(t, p[i++]);
            continue;
        }
        if (t->cap - 1 - t->len < run)
            t->cut = true; /* never half a sequence */
        else
            cd_text_bytes(t, (const char *)p + i, run);
        i += run;
    }
}

static size_t utf8_encode(uint32_t point, uint8_t out[4])
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (uint8_t)(0xc0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 63));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | point >> 18);
    out[1] = (uint8_t)(0x80 | (point >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (point >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (point & 63));
    return 4;
}

void cd_text_utf16le(struct cd_text *t, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    n &= ~(size_t)1;
    while (n >= 2 && p[n - 1] == 0 && (p[n - 2] == 0 || p[n - 2] == ' '))
        n -= 2;
    for (size_t i = 0; i + 2 <= n && !t->cut; i += 2) {
        uint32_t point = (uint32_t)(p[i] | p[i + 1] << 8);
        if (point >= 0xd800 && point < 0xdc00 && i + 4 <= n && (p[i + 3] & 0xfc) == 0xdc) {
            uint32_t low = (uint32_t)(p[i + 2] | p[i + 3] << 8);
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        if (point < 0x20 || point == 0x7f || (point >= 0x80 && point < 0xa0) || (point >= 0xd800 && point < 0xe000)) {
            cd_text_str(t, "\\u");
            cd_text_hex(t, point, 4);
            continue;
        }
        uint8_t sequence[4];
        size_t length = utf8_encode(point, sequence);
        if (t->cap - 1 - t->len < length)
            t->cut = true;
        else
            cd_text_bytes(t, (const char *)sequence, length);
    }
}
