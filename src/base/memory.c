#define CD_BANNED_ALLOW_ALLOC
#include "base/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t allocations;

static void *checked(void *memory, size_t count, size_t size)
{
    if (!memory) {
        fprintf(stderr, "cordon: out of memory (%zu x %zu bytes)\n", count, size);
        exit(8);
    }
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return memory;
}

void *cd_alloc(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return checked(calloc(count, size), count, size);
}

void *cd_realloc(void *old, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return checked(NULL, count, size);
    return checked(realloc(old, total ? total : 1), count, size);
}

void cd_free(void *memory)
{
    free(memory);
}

char *cd_copy_bytes(const char *bytes, size_t len)
{
    char *copy = cd_alloc(len + 1, 1);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

char *cd_copy_text(const char *text)
{
    return cd_copy_bytes(text, strlen(text));
}

uint64_t cd_memory_allocations(void)
{
    return atomic_load_explicit(&allocations, memory_order_relaxed);
}
