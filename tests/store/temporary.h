/* A folder that lives as long as one test, and stores in it. */
#ifndef CD_TESTS_STORE_TEMPORARY_H
#define CD_TESTS_STORE_TEMPORARY_H

#include "store/query.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char temporary[64], store_path[80];

static inline const char *in_store(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", store_path, name);
    return path;
}

static inline void remove_files(const char *directory)
{
    char path[512];
    DIR *dir = opendir(directory);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    if (dir)
        closedir(dir);
    rmdir(directory);
}

static inline int make_temporary(void **state)
{
    (void)state;
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("CORDON_KEY_FILE");
    unsetenv("CORDON_PASSPHRASE_FILE");
    snprintf(temporary, sizeof temporary, "/tmp/cordon-test-store-XXXXXX");
    if (!mkdtemp(temporary))
        return -1;
    snprintf(store_path, sizeof store_path, "%s/store", temporary);
    return 0;
}

static inline int remove_temporary(void **state)
{
    (void)state;
    remove_files(store_path);
    remove_files(temporary);
    return 0;
}

static inline void write_text(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static inline struct cd_store *open_store(const struct cd_store_options *options)
{
    struct cd_store *store;
    struct cd_error e;
    if (cd_store_open(store_path, options, &store, &e) != CD_OK)
        fail_msg("%s", e.text);
    return store;
}

static inline void run(struct cd_store *store, const char *sql)
{
    struct cd_error e;
    if (cd_query_run(store, sql, &e) != CD_OK)
        fail_msg("%s", e.text);
}

static inline int64_t number_of(struct cd_store *store, const char *sql)
{
    struct cd_error e;
    int64_t value;
    if (cd_query_run_i64(store, sql, -1, &value, &e) != CD_OK)
        fail_msg("%s", e.text);
    return value;
}

/* Opening must fail with this code and with this in the text. */
static inline void expect_refusal(const struct cd_store_options *options, enum cd_code code, const char *in_text)
{
    struct cd_store *store = NULL;
    struct cd_error e = {0};
    int r = cd_store_open(store_path, options, &store, &e);
    if (r != (int)code || e.code != code || !strstr(e.text, in_text))
        fail_msg("expected %s with '%s', got %s: %s", cd_code_name(code), in_text, cd_code_name((enum cd_code)r),
                 e.text);
    assert_null(store);
}

#define with_temporary(test) cmocka_unit_test_setup_teardown(test, make_temporary, remove_temporary)

#endif
