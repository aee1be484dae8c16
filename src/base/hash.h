/* A fast seeded hash for tables whose keys an attacker may choose. Not for cryptography. The seed is drawn once per
 * process before any input is read, so results must never depend on table order. */
#ifndef CD_BASE_HASH_H
#define CD_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Set by cd_hash_seed_random(); fixed (for tests) until then. */
extern uint64_t cd_hash_seed;
void cd_hash_seed_random(void);

/* The two halves of the 128-bit product, folded: one multiplication mixes 64 bits well. */
static inline uint64_t cd_hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t cd_hash_u64(uint64_t h, uint64_t value)
{
    return cd_hash_mix(h ^ value ^ 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u ^ cd_hash_seed);
}

/* 1 to 8 bytes as a word; different bytes of the same length give different words. */
static inline uint64_t cd_hash_load(const uint8_t *p, size_t n)
{
    uint64_t word = 0;
    uint32_t low = 0, high = 0;
    if (n >= 8) {
        memcpy(&word, p, 8);
        return word;
    }
    if (n >= 4) {
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        return low | (uint64_t)high << 32;
    }
    return p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
}

/* Continues h (start with 0) over n bytes. */
static inline uint64_t cd_hash_bytes(uint64_t h, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    h ^= n;
    for (; n >= 8; p += 8, n -= 8)
        h = cd_hash_u64(h, cd_hash_load(p, 8));
    if (n)
        h = cd_hash_u64(h, cd_hash_load(p, n));
    return cd_hash_u64(h, 0x2545f4914f6cdd1du);
}

#endif
