#include "cmd/output.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_standard_output(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* The folder of a path, as text. */
static void folder_of(const char *path, struct cd_text *ret_folder)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        cd_text_str(ret_folder, ".");
    else
        cd_text_bytes(ret_folder, path, slash == path ? 1 : (size_t)(slash - path));
}

int cd_output_check(const char *path, struct cd_error *e)
{
    char buffer[PATH_MAX];
    struct cd_text folder = cd_text_of(buffer, sizeof buffer);
    struct stat info;
    if (is_standard_output(path))
        return CD_OK;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return cd_error_set(e, CD_ERROR_ACCESS, "%s: is a directory, expected a file to write to", path);
        if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
            return cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be written", path);
        return CD_OK;
    }
    folder_of(path, &folder);
    if (errno != ENOENT || faccessat(AT_FDCWD, folder.at, W_OK | X_OK, AT_EACCESS) < 0)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be written", path);
    return CD_OK;
}

static int write_document(const struct cd_inventory *inventory, int fd, const char *path, struct cd_error *e)
{
    struct cd_error here = {0};
    int failed = cd_inventory_write_json(inventory, fd, &here);
    if (failed)
        cd_error_set(e, (enum cd_code)failed, "%s: %s", path, here.text);
    return failed;
}

/* Straight to what is no regular file (a pipe, a device), or lies where no second file can be made. */
static int write_in_place(const struct cd_inventory *inventory, const char *path, struct cd_error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be written", path);
    int failed = write_document(inventory, fd, path, e);
    if (close(fd) < 0 && !failed)
        failed = cd_error_errno(e, CD_ERROR_FULL, "%s: can't be written", path);
    return failed;
}

static int write_and_rename(const struct cd_inventory *inventory, int fd, const char *temporary, const char *path,
                            mode_t mode, struct cd_error *e)
{
    int failed = write_document(inventory, fd, path, e);
    if (!failed && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
        failed = cd_error_errno(e, CD_ERROR_FULL, "%s: can't be written", path);
    if (close(fd) < 0 && !failed)
        failed = cd_error_errno(e, CD_ERROR_FULL, "%s: can't be written", path);
    if (!failed && rename(temporary, path) < 0)
        failed = cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be written", path);
    if (failed)
        unlink(temporary);
    return failed;
}

int cd_output_json(const struct cd_inventory *inventory, const char *path, struct cd_error *e)
{
    char real[PATH_MAX], buffer[PATH_MAX];
    struct stat info;
    if (is_standard_output(path))
        return write_document(inventory, STDOUT_FILENO, "standard output", e);
    bool exists = stat(path, &info) == 0;
    if (exists && !S_ISREG(info.st_mode))
        return write_in_place(inventory, path, e);
    /* A symbolic link goes on to point at the result. */
    const char *target = exists && realpath(path, real) ? real : path;
    struct cd_text temporary = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&temporary, target);
    cd_text_str(&temporary, ".XXXXXX");
    int fd = temporary.cut ? -1 : mkostemp(buffer, O_CLOEXEC);
    if (fd < 0)
        return write_in_place(inventory, path, e);
    return write_and_rename(inventory, fd, buffer, target, exists ? info.st_mode & 0777 : 0640, e);
}

int cd_output_summary(const struct cd_inventory *inventory, struct cd_error *e)
{
    struct winsize window = {0};
    struct cd_summary_options options = {.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0)
        options.columns = window.ws_col;
    return cd_inventory_write_summary(inventory, STDOUT_FILENO, &options, e);
}

void cd_output_complain(const struct cd_error *e)
{
    char buffer[2 * sizeof e->text];
    struct cd_text safe = cd_text_of(buffer, sizeof buffer);
    if (!e->text[0])
        return;
    cd_text_device(&safe, e->text, strlen(e->text)); /* a path can hold anything */
    cd_log(CD_LOG_ERROR, "%s", safe.at);
}

int cd_output_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *ret_value,
                     struct cd_error *e)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value < min || value > max)
        return cd_error_set(e, CD_ERROR_USAGE, "%s %s: expected a number from %llu to %llu", option, text,
                            (unsigned long long)min, (unsigned long long)max);
    *ret_value = value;
    return CD_OK;
}
