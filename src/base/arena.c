#include "base/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct cd_arena_block {
    struct cd_arena_block *older;
    size_t used, size;
    alignas(max_align_t) uint8_t bytes[];
};

static struct cd_arena_block *block_new(struct cd_arena *arena, size_t n)
{
    size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    struct cd_arena_block *block = cd_alloc(1, sizeof *block + size);
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    return block;
}

void *cd_arena_alloc(struct cd_arena *arena, size_t n)
{
    n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct cd_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < n)
        block = block_new(arena, n);
    void *piece = block->bytes + block->used;
    block->used += n;
    arena->used += n;
    return piece;
}

char *cd_arena_text(struct cd_arena *arena, const char *bytes, size_t n)
{
    char *copy = cd_arena_alloc(arena, n + 1);
    if (n)
        memcpy(copy, bytes, n);
    return copy;
}

void cd_arena_free(struct cd_arena *arena)
{
    while (arena->blocks) {
        struct cd_arena_block *older = arena->blocks->older;
        cd_free(arena->blocks);
        arena->blocks = older;
    }
    arena->used = 0;
}
