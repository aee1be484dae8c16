/* Base64 (RFC 4648 section 4). */
#ifndef CD_BASE_BASE64_H
#define CD_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Decodes up to the first character that is none of the alphabet, or until `cap` bytes are full; padding is not needed. Returns the bytes written. */
size_t cd_base64_decode(const void *text, size_t len, uint8_t *out, size_t cap);

#endif
