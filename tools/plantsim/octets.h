/* A writer of bytes with a maximum: what does not fit, and all after it, is left out, and that is remembered in `cut`. wire.c sends nothing that is
 * cut, and ends the simulation instead. */
#ifndef PLANTSIM_OCTETS_H
#define PLANTSIM_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct octets {
    uint8_t *at; /* caller's buffer */
    size_t len, cap;
    bool cut;
};

/* An empty writer over the array `buffer`. */
#define OCTETS_OF(buffer) ((struct octets){.at = (buffer), .cap = sizeof(buffer)})

static inline void put_bytes(struct octets *o, const void *bytes, size_t n)
{
    if (o->cut || n > o->cap - o->len) {
        o->cut = true;
        return;
    }
    if (n)
        memcpy(o->at + o->len, bytes, n);
    o->len += n;
}

static inline void put_u8(struct octets *o, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    put_bytes(o, &byte, 1);
}

static inline void put_be16(struct octets *o, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    put_bytes(o, bytes, sizeof bytes);
}

static inline void put_be32(struct octets *o, uint32_t value)
{
    put_be16(o, value >> 16);
    put_be16(o, value & 0xffff);
}

static inline void put_be64(struct octets *o, uint64_t value)
{
    put_be32(o, (uint32_t)(value >> 32));
    put_be32(o, (uint32_t)value);
}

static inline void put_le16(struct octets *o, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
    put_bytes(o, bytes, sizeof bytes);
}

static inline void put_le32(struct octets *o, uint32_t value)
{
    put_le16(o, value & 0xffff);
    put_le16(o, value >> 16);
}

/* Six bytes, the highest first. */
static inline void put_mac(struct octets *o, uint64_t mac)
{
    put_be16(o, (unsigned)(mac >> 32));
    put_be32(o, (uint32_t)mac);
}

/* Without the NUL. */
static inline void put_text(struct octets *o, const char *text)
{
    put_bytes(o, text, strlen(text));
}

/* The text in a field of n bytes, filled up with `fill`. */
static inline void put_field(struct octets *o, const char *text, size_t n, uint8_t fill)
{
    size_t len = strlen(text) < n ? strlen(text) : n;
    put_bytes(o, text, len);
    for (; len < n; len++)
        put_u8(o, fill);
}

static inline void put_octets(struct octets *o, const struct octets *other)
{
    o->cut |= other->cut;
    put_bytes(o, other->at, other->len);
}

/* Writes a length, known only now, to a place kept for it. */
static inline void set_be16(struct octets *o, size_t at, size_t value)
{
    if (at + 2 > o->len)
        return;
    o->at[at] = (uint8_t)(value >> 8);
    o->at[at + 1] = (uint8_t)value;
}

#endif
