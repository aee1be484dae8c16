/* The key of a store: 32 bytes from a key file, a passphrase or a systemd credential; never from the command line.
 *
 * Where the source names nothing, the first of these that is there is taken:
 *     1. $CREDENTIALS_DIRECTORY/cordon.key   a systemd credential (LoadCredentialEncrypted=cordon.key)
 *     2. the file named by $CORDON_KEY_FILE
 *     3. the file named by $CORDON_PASSPHRASE_FILE, whose first line is a passphrase
 *     4. DIR/cordon.key
 * A key file holds 32 random bytes, raw or as 64 hexadecimal digits, readable by its owner only. A passphrase
 * becomes a key by Argon2id (RFC 9106) with the salt and cost written in DIR/cordon.meta. */
#ifndef CD_STORE_KEY_H
#define CD_STORE_KEY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CD_KEY_BYTES 32
#define CD_KEY_SALT_BYTES 16

/* Where a key comes from; at most one is set. The texts are the caller's. */
struct cd_key_source {
    const char *key_file;
    const char *passphrase_file;
    const char *passphrase; /* asked from a person by the caller, who wipes it */
};

/* A key in memory that is locked, guarded and wiped when freed. */
struct cd_key;

/* Makes a new key file of mode 0600 at `path`, complete and on the disk or not there at all. CD_ERROR_ACCESS where
 * it exists or can't be written. */
int cd_key_create(const char *path, struct cd_error *e);
/* Reads a key file; a credential's permissions are its manager's affair. CD_ERROR_KEY where it is missing, not a
 * key, or readable by others than its owner. */
int cd_key_read_file(const char *path, bool is_credential, struct cd_key **ret_key, struct cd_error *e);
/* A key from a passphrase. opslimit and memlimit are libsodium's for Argon2id. CD_ERROR_KEY where it is empty. */
int cd_key_from_passphrase(const char *passphrase, const uint8_t salt[CD_KEY_SALT_BYTES], uint64_t opslimit,
                           uint64_t memlimit, struct cd_key **ret_key, struct cd_error *e);
/* The first line of a file that only its owner may read, into `ret_line`, which the caller wipes. CD_ERROR_KEY
 * otherwise. */
int cd_key_read_passphrase(const char *path, char *ret_line, size_t size, struct cd_error *e);
/* A key for one purpose: `purpose` is exactly eight characters. The caller wipes what it gets. */
void cd_key_derive(const struct cd_key *key, const char purpose[8], uint8_t ret_subkey[CD_KEY_BYTES]);
/* Wipes and frees; NULL is allowed. */
void cd_key_free(struct cd_key *key);

#endif
