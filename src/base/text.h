/* A writer of text with a maximum: appends never overrun, and say when they had to cut.
 *
 * The hot path builds its labels with these appenders instead of printf: no format string, no locale, no allocation. */
#ifndef CD_BASE_TEXT_H
#define CD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cd_text {
    char *at;   /* caller's buffer; always NUL-terminated when made by cd_text_of with cap > 0 */
    size_t len; /* without the NUL */
    size_t cap; /* with room for the NUL */
    bool cut;   /* something did not fit */
};

/* Starts an empty text over `cap` (> 0) bytes of the caller's buffer. */
static inline struct cd_text cd_text_of(char *buffer, size_t cap)
{
    buffer[0] = '\0';
    return (struct cd_text){.at = buffer, .cap = cap};
}

/* bytes may be NULL where n is 0. */
static inline void cd_text_bytes(struct cd_text *t, const char *bytes, size_t n)
{
    size_t room = t->cap - 1 - t->len;
    if (n == 0)
        return;
    if (n > room) {
        n = room;
        t->cut = true;
    }
    memcpy(t->at + t->len, bytes, n);
    t->len += n;
    t->at[t->len] = '\0';
}

static inline void cd_text_str(struct cd_text *t, const char *s)
{
    cd_text_bytes(t, s, strlen(s));
}

static inline void cd_text_char(struct cd_text *t, char c)
{
    cd_text_bytes(t, &c, 1);
}

static inline void cd_text_u64(struct cd_text *t, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    cd_text_bytes(t, digits + at, sizeof digits - at);
}

void cd_text_i64(struct cd_text *t, int64_t value);
/* Hexadecimal, lower case, at least `width` digits (at most 16), without a prefix. */
void cd_text_hex(struct cd_text *t, uint64_t value, unsigned width);
/* Bytes as lower-case hexadecimal without separators. */
void cd_text_hex_bytes(struct cd_text *t, const void *bytes, size_t n);
/* The shortest decimal that reads back the same (at most 17 digits); "nan", "inf" where it is one. Not for the hot path. */
void cd_text_f64(struct cd_text *t, double value);
/* printf for cold paths. */
void cd_text_format(struct cd_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Device-supplied text made safe to show: valid UTF-8 is kept, trailing NULs and blanks are dropped, control bytes and
 * invalid UTF-8 become \xNN. Whatever a device sends, the result is valid UTF-8 without control characters. */
void cd_text_device(struct cd_text *t, const void *bytes, size_t n);
/* UTF-16LE code units (n bytes, an odd last byte is ignored) as UTF-8 by the same rules. */
void cd_text_utf16le(struct cd_text *t, const void *bytes, size_t n);

#endif
