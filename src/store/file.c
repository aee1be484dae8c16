#include "store/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum cd_code cd_file_code(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EFBIG ? CD_ERROR_FULL : CD_ERROR_ACCESS;
}

int cd_file_path(char *ret_path, size_t size, const char *directory, const char *name, struct cd_error *e)
{
    struct cd_text path = cd_text_of(ret_path, size);
    cd_text_str(&path, directory);
    cd_text_char(&path, '/');
    cd_text_str(&path, name);
    if (path.cut)
        return cd_error_set(e, CD_ERROR_ACCESS, "the path of the store is too long: %.200s...", directory);
    return CD_OK;
}

int cd_file_sync_directory(const char *directory, struct cd_error *e)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -1 : fsync(fd);
    /* Some file systems can't sync a directory and need not. */
    if (r < 0 && errno != EINVAL && errno != EROFS)
        r = cd_error_errno(e, cd_file_code(errno), "can't sync the directory %s", directory);
    else
        r = CD_OK;
    if (fd >= 0)
        close(fd);
    return r;
}

static int sync_parent(const char *path, struct cd_error *e)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct cd_text text = cd_text_of(directory, sizeof directory);
    if (!slash)
        cd_text_char(&text, '.');
    else
        cd_text_bytes(&text, path, slash == path ? 1 : (size_t)(slash - path));
    return cd_file_sync_directory(directory, e);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Puts the finished file in its place. link() is the move that never replaces. */
static bool move_there(const char *from, const char *to, bool replace)
{
    if (replace)
        return rename(from, to) == 0;
    bool linked = link(from, to) == 0;
    int saved = errno;
    unlink(from);
    errno = saved;
    return linked;
}

int cd_file_write(const char *path, const void *bytes, size_t len, bool replace, struct cd_error *e)
{
    char beside[PATH_MAX];
    struct cd_text text = cd_text_of(beside, sizeof beside);
    cd_text_str(&text, path);
    cd_text_str(&text, ".new-XXXXXX");
    if (text.cut)
        return cd_error_set(e, CD_ERROR_ACCESS, "the path is too long: %.200s...", path);
    int fd = mkostemp(beside, O_CLOEXEC); /* made with mode 0600 */
    if (fd < 0)
        return cd_error_errno(e, cd_file_code(errno), "can't write %s", path);
    bool written = write_all(fd, bytes, len) && fsync(fd) == 0;
    int saved = errno;
    close(fd);
    errno = saved;
    if (!written || !move_there(beside, path, replace)) {
        int r = cd_error_errno(e, cd_file_code(errno), "can't write %s", path);
        unlink(beside);
        return r;
    }
    return sync_parent(path, e);
}
