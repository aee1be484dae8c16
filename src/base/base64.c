#include "base/base64.h"

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t cd_base64_decode(const void *text, size_t len, uint8_t *out, size_t cap)
{
    const uint8_t *in = text;
    size_t n = 0;
    uint32_t bits = 0, waiting = 0; /* `waiting` low bits of `bits` are not yet written */
    for (size_t i = 0; i < len && n < cap; i++) {
        int value = value_of(in[i]);
        if (value < 0)
            break;
        bits = bits << 6 | (uint32_t)value;
        waiting += 6;
        if (waiting >= 8) {
            waiting -= 8;
            out[n++] = (uint8_t)(bits >> waiting);
        }
    }
    return n;
}
