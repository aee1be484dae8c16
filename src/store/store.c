#include "store/store.h"

#include "base/memory.h"
#include "store/file.h"
#include "store/meta.h"
#include "store/sqlite.h"
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STATEMENT_TIMEOUT_MS 10000
#define PAGE_BYTES 4096

static int make_directory(const char *directory, struct cd_error *e)
{
    struct stat st;
    if (mkdir(directory, 0700) == 0 || (errno == EEXIST && stat(directory, &st) == 0 && S_ISDIR(st.st_mode)))
        return CD_OK;
    if (errno == EEXIST)
        return cd_error_set(e, CD_ERROR_ACCESS, "%s is not a directory", directory);
    return cd_error_errno(e, cd_file_code(errno), "can't make the store %s", directory);
}

/* ---- The lock of the one writer ---- */

static int tell_owner(const char *directory, int fd, struct cd_error *e)
{
    char owner[32];
    ssize_t len = pread(fd, owner, sizeof owner - 1, 0);
    owner[len > 0 ? len : 0] = '\0';
    owner[strspn(owner, "0123456789")] = '\0';
    return cd_error_set(e, CD_ERROR_STORE, "the store %s is in use by another process%s%s", directory,
                        *owner ? ", number " : "", owner);
}

/* Tries until the deadline. The lock ends with the process, however it ends. */
static bool take_lock(int fd, unsigned deadline_ms)
{
    const unsigned pause_ms = 20;
    for (unsigned waited = 0;; waited += pause_ms) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EINTR && (errno != EWOULDBLOCK || waited >= deadline_ms))
            return false;
        nanosleep(&(struct timespec){.tv_nsec = pause_ms * 1000000L}, NULL);
    }
}

static int lock_store(struct cd_store *store, unsigned deadline_ms, struct cd_error *e)
{
    char path[PATH_MAX];
    int r = cd_file_path(path, sizeof path, store->directory, "cordon.lock", e);
    if (r != CD_OK)
        return r;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return cd_error_errno(e, cd_file_code(errno), "can't open %s", path);
    if (!take_lock(fd, deadline_ms)) {
        r = errno == EWOULDBLOCK ? tell_owner(store->directory, fd, e)
                                 : cd_error_errno(e, CD_ERROR_ACCESS, "can't lock %s", path);
        close(fd);
        return r;
    }
    store->lock_fd = fd;
    /* The number is only for the message above; a full disk may refuse it. */
    if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        errno = 0;
    return CD_OK;
}

/* ---- Opening ---- */

/* Whether the database is there with something in it. SQLite takes what is shorter than a page for an empty
 * database. */
static int look(const char *path, bool *ret_there, struct cd_error *e)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        *ret_there = st.st_size >= PAGE_BYTES;
        return CD_OK;
    }
    if (errno != ENOENT)
        return cd_error_errno(e, CD_ERROR_ACCESS, "can't open the store %s", path);
    *ret_there = false;
    return CD_OK;
}

/* cordon.meta as it must be once the database is laid out. */
static int finish_meta(const struct cd_store *store, struct cd_meta *meta, bool known, struct cd_error *e)
{
    if (store->read_only || (known && meta->made))
        return CD_OK;
    if (!known)
        cd_meta_of_key(store->key, meta);
    meta->made = true;
    return cd_meta_write(store->directory, meta, e);
}

static int open_database(struct cd_store *store, const char *path, bool key_checked, struct cd_error *e)
{
    struct cd_sqlite_options options = {
        .key = store->key,
        .key_checked = key_checked,
        .read_only = store->read_only,
        .busy_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    int r = cd_sqlite_open(path, &options, &store->connection, e);
    if (r != CD_OK)
        return r;
    store->driver = &cd_sqlite_driver;
    return cd_store_migrate(store, e);
}

static int open_all(struct cd_store *store, const struct cd_store_options *options, struct cd_error *e)
{
    char path[PATH_MAX];
    struct cd_meta meta = {0};
    bool there = false, known = false;
    int r = cd_file_path(path, sizeof path, store->directory, "cordon.db", e);
    if (r != CD_OK)
        return r;
    if (!store->read_only && ((r = make_directory(store->directory, e)) != CD_OK ||
                              (r = lock_store(store, options->busy_timeout_ms, e)) != CD_OK))
        return r;
    if ((r = look(path, &there, e)) != CD_OK)
        return r;
    /* Damage to the database is told before a wrong key: a lost one must not be made anew, under whatever key. */
    if ((r = cd_meta_read(store->directory, &meta, &known, e)) != CD_OK)
        return r;
    if (!there && known && meta.made)
        return cd_error_set(e, CD_ERROR_STORE,
                            "%s is damaged: missing or empty, though the store was in use; restore it from a backup "
                            "(or remove cordon.meta to begin anew)",
                            path);
    if (!there && store->read_only)
        return cd_error_set(e, CD_ERROR_STORE, "there is no store in %s", store->directory);
    if ((r = cd_meta_open_key(store->directory, &options->key, !there, &store->key, &meta, &known, e)) != CD_OK)
        return r;
    if ((r = open_database(store, path, known, e)) != CD_OK)
        return r;
    return finish_meta(store, &meta, known, e);
}

int cd_store_open(const char *directory, const struct cd_store_options *options, struct cd_store **ret_store,
                  struct cd_error *e)
{
    static const struct cd_store_options defaults;
    if (!options)
        options = &defaults;
    struct cd_store *store = cd_alloc(1, sizeof *store);
    store->directory = cd_copy_text(directory);
    store->read_only = options->read_only;
    store->lock_fd = -1;
    int r = open_all(store, options, e);
    if (r != CD_OK) {
        cd_store_close(store);
        return r;
    }
    *ret_store = store;
    return CD_OK;
}

int cd_store_check(struct cd_store *store, struct cd_error *e)
{
    return store->driver->check(store->connection, e);
}

int64_t cd_store_version(const struct cd_store *store)
{
    return store->version;
}

void cd_store_close(struct cd_store *store)
{
    if (!store)
        return;
    if (store->driver) {
        cd_store_rollback(store);
        cd_query_forget_all(store);
        store->driver->close(store->connection);
    }
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    cd_key_free(store->key);
    cd_free(store->directory);
    cd_free(store);
}
