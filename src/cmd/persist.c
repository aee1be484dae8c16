#include "cmd/persist.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <time.h>
#include <unistd.h>

enum { DIGEST_BYTES = 32, READ_BYTES = 1 << 20, BUSY_TIMEOUT_MS = 10000 };
_Static_assert(CD_DIGEST_TEXT == 2 * DIGEST_BYTES + 1, "a digest in hexadecimal");

static const struct cd_store_options writing = {.busy_timeout_ms = BUSY_TIMEOUT_MS};

int cd_persist_check(const char *directory, struct cd_error *e)
{
    struct cd_store *store;
    int failed = cd_store_open(directory, &writing, &store, e);
    if (!failed)
        cd_store_close(store);
    return failed;
}

int cd_persist(struct cd_inventory *inventory, const char *directory, const struct cd_inventory_source *source,
               bool *ret_known, struct cd_error *e)
{
    struct cd_store *store;
    int failed = cd_store_open(directory, &writing, &store, e);
    if (failed)
        return failed;
    failed = cd_inventory_persist(inventory, store, source, ret_known, e);
    cd_store_close(store);
    return failed;
}

static void digest_text(const uint8_t digest[DIGEST_BYTES], char ret_digest[CD_DIGEST_TEXT])
{
    struct cd_text text = cd_text_of(ret_digest, CD_DIGEST_TEXT);
    cd_text_hex_bytes(&text, digest, DIGEST_BYTES);
}

static int digest_of(int fd, uint8_t ret_digest[DIGEST_BYTES])
{
    crypto_generichash_state state;
    uint8_t *buffer = cd_alloc(READ_BYTES, 1);
    ssize_t n;
    crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
    while ((n = read(fd, buffer, READ_BYTES)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            crypto_generichash_update(&state, buffer, (size_t)n);
    crypto_generichash_final(&state, ret_digest, DIGEST_BYTES);
    cd_free(buffer);
    return n < 0 ? -1 : 0;
}

int cd_persist_digest(const char *path, char ret_digest[CD_DIGEST_TEXT], struct cd_error *e)
{
    uint8_t digest[DIGEST_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || digest_of(fd, digest) < 0) {
        int code = cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be read", path);
        if (fd >= 0)
            close(fd);
        return code;
    }
    close(fd);
    digest_text(digest, ret_digest);
    return CD_OK;
}

void cd_persist_random(char ret_digest[CD_DIGEST_TEXT])
{
    uint8_t digest[DIGEST_BYTES];
    randombytes_buf(digest, sizeof digest);
    digest_text(digest, ret_digest);
}

uint64_t cd_persist_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
