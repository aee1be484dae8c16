/* Bytes from text: hexadecimal digits; anything else is skipped. */
#ifndef TESTS_DECODE_HEX_H
#define TESTS_DECODE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes were written; at most cap. */
static inline size_t from_hex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;
    int high = -1;
    for (; *hex && n < cap; hex++) {
        int c = *hex | 32;
        int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value < 0)
            continue;
        if (high >= 0)
            out[n++] = (uint8_t)(high << 4 | value);
        high = high < 0 ? value : -1;
    }
    return n;
}

#endif
