#include "base/index.h"

#include "base/memory.h"

#include <string.h>

static uint32_t tag_of(uint64_t slot)
{
    return (uint32_t)(slot >> 32);
}

static uint64_t slot_of(uint64_t hash, uint32_t item)
{
    return (hash & 0xffffffff00000000u) | (uint64_t)(item + 1u);
}

void cd_index_init(struct cd_index *index, uint32_t expected)
{
    uint32_t size = 16;
    while (size / 4 * 3 < expected && size < (1u << 31))
        size *= 2;
    index->slots = cd_alloc(size, sizeof *index->slots);
    index->mask = size - 1;
    index->count = 0;
}

void cd_index_free(struct cd_index *index)
{
    cd_free(index->slots);
    memset(index, 0, sizeof *index);
}

void cd_index_clear(struct cd_index *index)
{
    memset(index->slots, 0, ((size_t)index->mask + 1) * sizeof *index->slots);
    index->count = 0;
}

static void place(struct cd_index *index, uint64_t slot)
{
    uint32_t at = tag_of(slot) & index->mask;
    while (index->slots[at])
        at = (at + 1) & index->mask;
    index->slots[at] = slot;
}

static void grow(struct cd_index *index)
{
    uint64_t *old = index->slots;
    size_t old_size = (size_t)index->mask + 1;
    index->slots = cd_alloc(old_size * 2, sizeof *index->slots);
    index->mask = (uint32_t)(old_size * 2 - 1);
    for (size_t i = 0; i < old_size; i++)
        if (old[i])
            place(index, old[i]);
    cd_free(old);
}

void cd_index_insert(struct cd_index *index, uint64_t hash, uint32_t item)
{
    if (index->count >= index->mask / 4 * 3)
        grow(index);
    place(index, slot_of(hash, item));
    index->count++;
}

void cd_index_remove(struct cd_index *index, uint64_t hash, uint32_t item)
{
    uint64_t wanted = slot_of(hash, item);
    uint32_t hole = tag_of(wanted) & index->mask;
    while (index->slots[hole] != wanted) {
        if (index->slots[hole] == 0)
            return;
        hole = (hole + 1) & index->mask;
    }
    /* Shift the run back: an entry may fill the hole unless its home lies (cyclically) after the hole. */
    uint32_t next = hole;
    for (;;) {
        next = (next + 1) & index->mask;
        uint64_t slot = index->slots[next];
        if (slot == 0)
            break;
        uint32_t home = tag_of(slot) & index->mask;
        if (((next - home) & index->mask) >= ((next - hole) & index->mask)) {
            index->slots[hole] = slot;
            hole = next;
        }
    }
    index->slots[hole] = 0;
    index->count--;
}
