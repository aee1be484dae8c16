/* A region: many small pieces that live and die together. Pieces are zeroed and never moved. */
#ifndef CD_BASE_ARENA_H
#define CD_BASE_ARENA_H

#include <stddef.h>

struct cd_arena_block;
struct cd_arena {
    struct cd_arena_block *blocks; /* the newest first */
    size_t used;                   /* bytes handed out, for caps and figures */
};

/* n zeroed bytes aligned for any type; they live until the arena is reset or freed. Never NULL. */
void *cd_arena_alloc(struct cd_arena *arena, size_t n) __attribute__((returns_nonnull));
/* A NUL-terminated copy in the arena. */
char *cd_arena_text(struct cd_arena *arena, const char *bytes, size_t n) __attribute__((returns_nonnull));
/* Frees everything at once; the arena is empty and may be used again. */
void cd_arena_free(struct cd_arena *arena);

#endif
