/* Allocation in one place: it counts itself, and running out is fatal at once with a clear message.
 *
 * The counter is how the tests and `--stats` show that the hot path allocates nothing per packet. What traffic can make
 * grow must have a cap of its own; these functions are no such cap. */
#ifndef CD_BASE_MEMORY_H
#define CD_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory for count items of size bytes; never NULL; the caller frees it with cd_free. */
void *cd_alloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* Grows or shrinks what cd_alloc gave; the old contents are kept, new bytes are not zeroed. */
void *cd_realloc(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
/* Frees; NULL is allowed. */
void cd_free(void *memory);
/* Copies of text; the caller frees them. */
char *cd_copy_text(const char *text) __attribute__((returns_nonnull));
char *cd_copy_bytes(const char *bytes, size_t len) __attribute__((returns_nonnull));

/* How many allocations this process has made so far by the functions above. */
uint64_t cd_memory_allocations(void);

#endif
