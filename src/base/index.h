/* A hash index: 64-bit hash -> number of an item that the caller keeps in an array of its own.
 *
 *   slots:  [tag = upper half of the hash | item + 1] ...  linear probing from tag & mask, a power of two, at most 3/4
 *           full; 0 is an empty slot
 *
 * The index never sees keys: cd_index_next() gives candidates whose tag matches, and the caller compares.
 * Removal shifts the run back, so there are no tombstones. */
#ifndef CD_BASE_INDEX_H
#define CD_BASE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CD_INDEX_NONE UINT32_MAX

struct cd_index {
    uint64_t *slots;
    uint32_t mask; /* slots - 1 */
    uint32_t count;
};

/* Makes room for about `expected` items; it grows by itself past that. */
void cd_index_init(struct cd_index *index, uint32_t expected);
void cd_index_free(struct cd_index *index);
void cd_index_insert(struct cd_index *index, uint64_t hash, uint32_t item);
/* Removes the entry (hash, item); nothing happens where there is none. */
void cd_index_remove(struct cd_index *index, uint64_t hash, uint32_t item);
void cd_index_clear(struct cd_index *index);

/* Where a walk over the candidates for one hash stands. */
struct cd_probe {
    uint32_t slot, tag;
};

static inline struct cd_probe cd_index_probe(const struct cd_index *index, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    return (struct cd_probe){.slot = tag & index->mask, .tag = tag};
}

/* The next candidate item, or CD_INDEX_NONE. */
static inline uint32_t cd_index_next(const struct cd_index *index, struct cd_probe *probe)
{
    for (;;) {
        uint64_t slot = index->slots[probe->slot];
        if (slot == 0)
            return CD_INDEX_NONE;
        probe->slot = (probe->slot + 1) & index->mask;
        if ((uint32_t)(slot >> 32) == probe->tag)
            return (uint32_t)slot - 1;
    }
}

static inline void cd_index_prefetch(const struct cd_index *index, uint64_t hash)
{
    __builtin_prefetch(&index->slots[(uint32_t)(hash >> 32) & index->mask]);
}

#endif
