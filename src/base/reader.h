/* A bounds-checked view over bytes that may lie.
 *
 * Checking and reading are one act, and failure is sticky: after the first read that did not fit, every further read
 * returns 0 and `bad` keeps the name of the field that broke, so that a parser asks once at its end. A length field
 * opens a child view (cd_read_sub) that can never see past its end. cd_read_at() is the one function of the project
 * that touches packet memory. */
#ifndef CD_BASE_READER_H
#define CD_BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cd_reader {
    const uint8_t *base; /* borrowed; dies with the packet */
    size_t len, pos;     /* pos <= len always */
    const char *bad;     /* NULL, or the first field that did not fit (a string literal); sticky */
};

static inline struct cd_reader cd_reader_of(const void *bytes, size_t len)
{
    return (struct cd_reader){.base = bytes, .len = len};
}

static inline bool cd_read_ok(const struct cd_reader *r)
{
    return r->bad == NULL;
}

/* Bytes not yet read; 0 once bad. */
static inline size_t cd_read_left(const struct cd_reader *r)
{
    return r->bad ? 0 : r->len - r->pos;
}

/* Marks the reader bad for a reason of the caller's own (a value out of range, say); the first reason stays. */
static inline void cd_read_fail(struct cd_reader *r, const char *field)
{
    if (!r->bad)
        r->bad = field;
}

/* The next n bytes, consumed; NULL (and bad) where there are fewer. */
static inline const uint8_t *cd_read_at(struct cd_reader *r, size_t n, const char *field)
{
    if (__builtin_expect(r->bad != NULL, 0))
        return NULL;
    if (__builtin_expect(n > r->len - r->pos, 0)) {
        r->bad = field;
        return NULL;
    }
    const uint8_t *p = r->base + r->pos;
    r->pos += n;
    return p;
}

static inline uint8_t cd_read_u8(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 1, field);
    return p ? p[0] : 0;
}

static inline uint16_t cd_read_be16(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 2, field);
    return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint16_t cd_read_le16(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 2, field);
    return p ? (uint16_t)(p[1] << 8 | p[0]) : 0;
}

static inline uint32_t cd_read_be24(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 3, field);
    return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t cd_read_le24(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 3, field);
    return p ? (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : 0;
}

static inline uint32_t cd_read_be32(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 4, field);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint32_t cd_read_le32(struct cd_reader *r, const char *field)
{
    const uint8_t *p = cd_read_at(r, 4, field);
    return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : 0;
}

static inline uint64_t cd_read_be64(struct cd_reader *r, const char *field)
{
    uint64_t high = cd_read_be32(r, field);
    return high << 32 | cd_read_be32(r, field);
}

static inline uint64_t cd_read_le64(struct cd_reader *r, const char *field)
{
    uint64_t low = cd_read_le32(r, field);
    return (uint64_t)cd_read_le32(r, field) << 32 | low;
}

static inline void cd_read_skip(struct cd_reader *r, size_t n, const char *field)
{
    (void)cd_read_at(r, n, field);
}

/* The byte `ahead` positions from here without consuming it, or -1 where there is none. Never sets bad. */
static inline int cd_read_peek(const struct cd_reader *r, size_t ahead)
{
    return ahead < cd_read_left(r) ? r->base[r->pos + ahead] : -1;
}

/* A child view of exactly n bytes, consumed from r; where they are not there, r and the child are both bad. */
static inline struct cd_reader cd_read_sub(struct cd_reader *r, size_t n, const char *field)
{
    struct cd_reader child = {.bad = field};
    const uint8_t *p = cd_read_at(r, n, field);
    if (p) {
        child.base = p;
        child.len = n;
        child.bad = NULL;
    }
    return child;
}

/* All that is left, as a child view, consumed. */
static inline struct cd_reader cd_read_rest(struct cd_reader *r)
{
    return cd_read_sub(r, cd_read_left(r), r->bad ? r->bad : "rest");
}

/* Nothing may be left: trailing bytes are a finding. */
static inline void cd_read_end(struct cd_reader *r, const char *field)
{
    if (!r->bad && r->pos != r->len)
        r->bad = field;
}

#endif
