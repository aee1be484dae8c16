#include "store/key.h"

#include "base/text.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct cd_key {
    uint8_t bytes[CD_KEY_BYTES];
};

/* NULL where there is no locked memory, or libsodium does not start. */
static struct cd_key *new_key(void)
{
    return sodium_init() < 0 ? NULL : sodium_malloc(sizeof(struct cd_key));
}

static int no_memory_for_a_key(struct cd_error *e)
{
    return cd_error_set(e, CD_ERROR_MEMORY, "no locked memory for a key");
}

void cd_key_free(struct cd_key *key)
{
    sodium_free(key); /* wipes first */
}

int cd_key_create(const char *path, struct cd_error *e)
{
    char text[2 * CD_KEY_BYTES + 2];
    uint8_t bytes[CD_KEY_BYTES];
    if (sodium_init() < 0)
        return cd_error_set(e, CD_ERROR_SYSTEM, "libsodium does not start");
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, sizeof text, bytes, sizeof bytes);
    text[2 * CD_KEY_BYTES] = '\n';
    int r = cd_file_write(path, text, 2 * CD_KEY_BYTES + 1, false, e);
    sodium_memzero(text, sizeof text);
    sodium_memzero(bytes, sizeof bytes);
    return r;
}

/* Opens a file that holds a secret. A folder or a pipe in its place, or a mode that lets others read, is refused. */
static int open_secret(const char *path, const char *what, bool is_credential, int *ret_fd, struct cd_error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return cd_error_errno(e, CD_ERROR_KEY, "can't open the %s %s", what, path);
    int r = CD_OK;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        r = cd_error_set(e, CD_ERROR_KEY, "the %s %s is not a regular file", what, path);
    else if (!is_credential && (st.st_mode & 077))
        r = cd_error_set(e, CD_ERROR_KEY, "the %s %s can be read by others (mode %04o); run: chmod 600 '%s'", what,
                         path, (unsigned)st.st_mode & 07777, path);
    if (r != CD_OK) {
        close(fd);
        return r;
    }
    *ret_fd = fd;
    return CD_OK;
}

/* Up to `size` bytes of a small file; -1 with errno. */
static ssize_t read_some(int fd, char *bytes, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static bool decode_key(const char *bytes, size_t len, uint8_t ret_key[CD_KEY_BYTES])
{
    size_t decoded;
    if (len == CD_KEY_BYTES) {
        memcpy(ret_key, bytes, CD_KEY_BYTES);
        return true;
    }
    while (len && strchr(" \t\r\n", bytes[len - 1]))
        len--;
    return len == (size_t)2 * CD_KEY_BYTES &&
           sodium_hex2bin(ret_key, CD_KEY_BYTES, bytes, len, NULL, &decoded, NULL) == 0 && decoded == CD_KEY_BYTES;
}

int cd_key_read_file(const char *path, bool is_credential, struct cd_key **ret_key, struct cd_error *e)
{
    char bytes[2 * CD_KEY_BYTES + 8];
    int fd = -1;
    int r = open_secret(path, "key file", is_credential, &fd, e);
    if (r != CD_OK)
        return r;
    ssize_t len = read_some(fd, bytes, sizeof bytes);
    close(fd);
    if (len < 0)
        return cd_error_errno(e, CD_ERROR_KEY, "can't read the key file %s", path);
    struct cd_key *key = new_key();
    if (!key) {
        r = no_memory_for_a_key(e);
    } else if (!decode_key(bytes, (size_t)len, key->bytes)) {
        cd_key_free(key);
        r = cd_error_set(e, CD_ERROR_KEY, "%s is not a key file: expected 32 bytes, or 64 hexadecimal digits", path);
    }
    sodium_memzero(bytes, sizeof bytes);
    if (r == CD_OK)
        *ret_key = key;
    return r;
}

int cd_key_read_passphrase(const char *path, char *ret_line, size_t size, struct cd_error *e)
{
    int fd = -1;
    int r = open_secret(path, "passphrase file", false, &fd, e);
    if (r != CD_OK)
        return r;
    ssize_t len = read_some(fd, ret_line, size);
    close(fd);
    if (len < 0)
        return cd_error_errno(e, CD_ERROR_KEY, "can't read the passphrase file %s", path);
    char *end = memchr(ret_line, '\n', (size_t)len);
    if (!end && (size_t)len == size) {
        sodium_memzero(ret_line, size);
        return cd_error_set(e, CD_ERROR_KEY, "the first line of %s is longer than %zu bytes", path, size - 1);
    }
    if (!end)
        end = ret_line + len;
    if (end > ret_line && end[-1] == '\r')
        end--;
    *end = '\0';
    return CD_OK;
}

int cd_key_from_passphrase(const char *passphrase, const uint8_t salt[CD_KEY_SALT_BYTES], uint64_t opslimit,
                           uint64_t memlimit, struct cd_key **ret_key, struct cd_error *e)
{
    if (!*passphrase)
        return cd_error_set(e, CD_ERROR_KEY, "the passphrase is empty");
    struct cd_key *key = new_key();
    if (!key)
        return no_memory_for_a_key(e);
    if (crypto_pwhash(key->bytes, sizeof key->bytes, passphrase, strlen(passphrase), salt, opslimit, (size_t)memlimit,
                      crypto_pwhash_ALG_ARGON2ID13) < 0) {
        cd_key_free(key);
        return cd_error_set(e, CD_ERROR_MEMORY, "no memory to make a key from the passphrase (%llu MiB needed)",
                            (unsigned long long)memlimit >> 20);
    }
    *ret_key = key;
    return CD_OK;
}

_Static_assert(crypto_kdf_KEYBYTES == CD_KEY_BYTES && crypto_kdf_CONTEXTBYTES == 8 &&
                   crypto_pwhash_SALTBYTES == CD_KEY_SALT_BYTES,
               "sizes of libsodium");

void cd_key_derive(const struct cd_key *key, const char purpose[8], uint8_t ret_subkey[CD_KEY_BYTES])
{
    crypto_kdf_derive_from_key(ret_subkey, CD_KEY_BYTES, 1, purpose, key->bytes);
}
