/* SHA-256 (FIPS 180-4), for fingerprints. Not for secrets: those are the business of libsodium. */
#ifndef CD_BASE_SHA256_H
#define CD_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { CD_SHA256_BYTES = 32 };

struct cd_sha256 {
    uint32_t h[8];
    uint64_t len;      /* bytes taken so far */
    uint8_t block[64]; /* the len % 64 bytes that wait for their block */
};

void cd_sha256_start(struct cd_sha256 *s);
void cd_sha256_take(struct cd_sha256 *s, const void *bytes, size_t n);
/* Ends the calculation; `s` must be started again before it is used again. */
void cd_sha256_end(struct cd_sha256 *s, uint8_t digest[CD_SHA256_BYTES]);

#endif
