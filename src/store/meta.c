#include "store/meta.h"

#include "base/text.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "cordon store 1"
#define SUM_BYTES 16
#define MAX_SIZE 1024
#define MAX_PASSPHRASE 1024

/* RFC 9106, second recommended option: 3 passes over 64 MiB. What a file may ask for is bounded. */
#define DEFAULT_PASSES 3
#define DEFAULT_MEMORY (UINT64_C(64) << 20)
#define MAX_PASSES 64
#define MAX_MEMORY (UINT64_C(1) << 30)

static void text_of_bytes(struct cd_text *t, const char *name, const uint8_t *bytes, size_t n)
{
    cd_text_str(t, name);
    cd_text_char(t, ' ');
    cd_text_hex_bytes(t, bytes, n);
    cd_text_char(t, '\n');
}

static void sum_of(const char *text, size_t len, uint8_t ret_sum[SUM_BYTES])
{
    crypto_generichash(ret_sum, SUM_BYTES, (const uint8_t *)text, len, NULL, 0);
}

int cd_meta_write(const char *directory, const struct cd_meta *meta, struct cd_error *e)
{
    char path[PATH_MAX], buffer[MAX_SIZE];
    uint8_t sum[SUM_BYTES];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    int r = cd_file_path(path, sizeof path, directory, "cordon.meta", e);
    if (r != CD_OK)
        return r;
    cd_text_format(&t, FIRST_LINE "\nstate %s\nkey %s\n", meta->made ? "made" : "new",
                   meta->passphrase ? "argon2id" : "file");
    if (meta->passphrase) {
        text_of_bytes(&t, "salt", meta->salt, sizeof meta->salt);
        cd_text_format(&t, "passes %llu\nmemory %llu\n", (unsigned long long)meta->passes,
                       (unsigned long long)meta->memory);
    }
    text_of_bytes(&t, "check", meta->check, sizeof meta->check);
    sum_of(buffer, t.len, sum);
    text_of_bytes(&t, "sum", sum, sizeof sum);
    return cd_file_write(path, buffer, t.len, true, e);
}

/* If the text at *at begins with a line "<name> <value>", moves past it and ends the value with NUL; else NULL. */
static char *take_line(char **at, const char *name)
{
    size_t len = strlen(name);
    char *end = strchr(*at, '\n');
    if (!end || strncmp(*at, name, len) != 0 || (*at)[len] != ' ')
        return NULL;
    char *value = *at + len + 1;
    *end = '\0';
    *at = end + 1;
    return value;
}

static bool take_bytes(char **at, const char *name, uint8_t *ret_bytes, size_t n)
{
    size_t len;
    const char *value = take_line(at, name);
    return value && sodium_hex2bin(ret_bytes, n, value, strlen(value), NULL, &len, NULL) == 0 && len == n;
}

static bool take_number(char **at, const char *name, uint64_t max, uint64_t *ret_number)
{
    const char *value = take_line(at, name);
    char *end;
    if (!value || *value < '1' || *value > '9')
        return false;
    errno = 0;
    *ret_number = strtoull(value, &end, 10);
    return errno == 0 && *end == '\0' && *ret_number <= max;
}

/* Whether the last line is the right sum of those before. */
static bool sum_is_right(const char *text, size_t len)
{
    uint8_t expected[SUM_BYTES];
    char line[2 * SUM_BYTES + 8];
    const size_t line_len = 4 + 2 * SUM_BYTES + 1;
    if (len < line_len)
        return false;
    sum_of(text, len - line_len, expected);
    struct cd_text t = cd_text_of(line, sizeof line);
    text_of_bytes(&t, "sum", expected, sizeof expected);
    return memcmp(text + len - line_len, line, line_len) == 0;
}

static bool parse(char *text, size_t len, struct cd_meta *ret_meta)
{
    struct cd_meta meta = {0};
    char *at = text;
    if (!sum_is_right(text, len) || strncmp(at, FIRST_LINE "\n", sizeof FIRST_LINE) != 0)
        return false;
    at += sizeof FIRST_LINE;
    const char *state = take_line(&at, "state");
    const char *kind = take_line(&at, "key");
    if (!state || !kind)
        return false;
    meta.made = strcmp(state, "made") == 0;
    meta.passphrase = strcmp(kind, "argon2id") == 0;
    if (meta.passphrase && (!take_bytes(&at, "salt", meta.salt, sizeof meta.salt) ||
                            !take_number(&at, "passes", MAX_PASSES, &meta.passes) ||
                            !take_number(&at, "memory", MAX_MEMORY, &meta.memory)))
        return false;
    if (!take_bytes(&at, "check", meta.check, sizeof meta.check))
        return false;
    *ret_meta = meta;
    return true;
}

int cd_meta_read(const char *directory, struct cd_meta *ret_meta, bool *ret_found, struct cd_error *e)
{
    char path[PATH_MAX], text[MAX_SIZE];
    int r = cd_file_path(path, sizeof path, directory, "cordon.meta", e);
    if (r != CD_OK)
        return r;
    if (sodium_init() < 0)
        return cd_error_set(e, CD_ERROR_SYSTEM, "libsodium does not start");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        *ret_found = false;
        return CD_OK;
    }
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (len < 0)
        r = cd_error_errno(e, CD_ERROR_ACCESS, "can't read %s", path);
    if (fd >= 0)
        close(fd);
    if (len < 0)
        return r;
    text[len] = '\0';
    if (!parse(text, (size_t)len, ret_meta))
        return cd_error_set(e, CD_ERROR_STORE, "%s is damaged; restore it from a backup of the store", path);
    *ret_found = true;
    return CD_OK;
}

static void make_check(const struct cd_key *key, uint8_t ret_check[CD_META_CHECK_BYTES])
{
    uint8_t subkey[CD_KEY_BYTES];
    cd_key_derive(key, "cdcheck.", subkey);
    crypto_generichash(ret_check, CD_META_CHECK_BYTES, NULL, 0, subkey, sizeof subkey);
    sodium_memzero(subkey, sizeof subkey);
}

void cd_meta_of_key(const struct cd_key *key, struct cd_meta *ret_meta)
{
    *ret_meta = (struct cd_meta){0};
    make_check(key, ret_meta->check);
}

/* ---- Finding the key ---- */

/* Where the key was found: in one of these. */
struct found {
    char path[PATH_MAX];
    bool credential, in_store, passphrase_file;
    const char *passphrase;
};

static void set_path(struct found *found, const char *path)
{
    struct cd_text t = cd_text_of(found->path, sizeof found->path);
    cd_text_str(&t, path);
}

/* The rules of key.h, in their order. */
static int find_source(const char *directory, const struct cd_key_source *source, struct found *ret, struct cd_error *e)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY"), *file = getenv("CORDON_KEY_FILE");
    const char *passphrase_file = getenv("CORDON_PASSPHRASE_FILE");
    *ret = (struct found){0};
    if (source->passphrase) {
        ret->passphrase = source->passphrase;
        return CD_OK;
    }
    if (source->key_file || source->passphrase_file) {
        ret->passphrase_file = !source->key_file;
        set_path(ret, source->key_file ? source->key_file : source->passphrase_file);
        return CD_OK;
    }
    if (credentials && cd_file_path(ret->path, sizeof ret->path, credentials, "cordon.key", NULL) == CD_OK &&
        access(ret->path, F_OK) == 0) {
        ret->credential = true;
        return CD_OK;
    }
    if (file || passphrase_file) {
        ret->passphrase_file = !file;
        set_path(ret, file ? file : passphrase_file);
        return CD_OK;
    }
    ret->in_store = true;
    return cd_file_path(ret->path, sizeof ret->path, directory, "cordon.key", e);
}

static int passphrase_key(const struct found *found, const struct cd_meta *meta, struct cd_key **ret_key,
                          struct cd_error *e)
{
    char line[MAX_PASSPHRASE];
    const char *passphrase = found->passphrase;
    int r = CD_OK;
    if (!passphrase) {
        r = cd_key_read_passphrase(found->path, line, sizeof line, e);
        passphrase = line;
    }
    if (r == CD_OK)
        r = cd_key_from_passphrase(passphrase, meta->salt, meta->passes, meta->memory, ret_key, e);
    sodium_memzero(line, sizeof line);
    return r;
}

static int file_key(const char *directory, const struct found *found, bool create, struct cd_key **ret_key,
                    struct cd_error *e)
{
    if (found->in_store && access(found->path, F_OK) < 0) {
        if (!create)
            return cd_error_set(e, CD_ERROR_KEY,
                                "no key for the store %s: %s is not there, and neither CORDON_KEY_FILE nor "
                                "CORDON_PASSPHRASE_FILE is set",
                                directory, found->path);
        int r = cd_key_create(found->path, e);
        if (r != CD_OK)
            return r;
    }
    return cd_key_read_file(found->path, found->credential, ret_key, e);
}

/* A key of the other kind than the store's can't be right; say so before anything is computed. */
static int check_kind(const char *directory, const struct cd_meta *meta, const struct found *found, bool by_passphrase,
                      struct cd_error *e)
{
    if (meta->passphrase == by_passphrase)
        return CD_OK;
    if (by_passphrase)
        return cd_error_set(e, CD_ERROR_KEY, "the store %s was made with a key file, not a passphrase", directory);
    if (found->in_store)
        return cd_error_set(e, CD_ERROR_KEY, "the store %s needs its passphrase: set CORDON_PASSPHRASE_FILE",
                            directory);
    return cd_error_set(e, CD_ERROR_KEY, "the store %s was made with a passphrase, not the key file %s", directory,
                        found->path);
}

int cd_meta_open_key(const char *directory, const struct cd_key_source *source, bool create, struct cd_key **ret_key,
                     struct cd_meta *ret_meta, bool *ret_found, struct cd_error *e)
{
    struct found found;
    struct cd_meta meta = {0};
    struct cd_key *key = NULL;
    uint8_t check[CD_META_CHECK_BYTES];
    bool known = false;
    int r = cd_meta_read(directory, &meta, &known, e);
    if (r != CD_OK || (r = find_source(directory, source, &found, e)) != CD_OK)
        return r;
    bool by_passphrase = found.passphrase || found.passphrase_file;
    if (known && (r = check_kind(directory, &meta, &found, by_passphrase, e)) != CD_OK)
        return r;
    if (!known && by_passphrase) {
        if (!create)
            return cd_error_set(e, CD_ERROR_STORE,
                                "%s/cordon.meta is missing; a passphrase opens the store only with it", directory);
        meta = (struct cd_meta){.passphrase = true, .passes = DEFAULT_PASSES, .memory = DEFAULT_MEMORY};
        randombytes_buf(meta.salt, sizeof meta.salt);
    }
    r = by_passphrase ? passphrase_key(&found, &meta, &key, e) : file_key(directory, &found, create && !known, &key, e);
    if (r != CD_OK)
        return r;
    make_check(key, check);
    if (known && sodium_memcmp(check, meta.check, sizeof check) != 0)
        r = cd_error_set(e, CD_ERROR_KEY, "%s%s is not the %s of the store %s",
                         found.passphrase ? "this" : "what is in ", found.path, by_passphrase ? "passphrase" : "key",
                         directory);
    memcpy(meta.check, check, sizeof check);
    if (r == CD_OK && !known && create)
        r = cd_meta_write(directory, &meta, e);
    if (r != CD_OK) {
        cd_key_free(key);
        return r;
    }
    *ret_key = key;
    *ret_meta = meta;
    *ret_found = known || create;
    return CD_OK;
}
