/* cordon.meta: how the key of a store is made, and a tag by which a wrong key is told from a damaged database.
 *
 *     cordon store 1
 *     state made                    "new" until the database has been laid out once
 *     key argon2id                  or "file"
 *     salt 00112233...              argon2id only: salt, passes, bytes of memory
 *     passes 3
 *     memory 67108864
 *     check 8899aabb...             a keyed hash of nothing, under a key derived for this purpose
 *     sum ccddeeff...               BLAKE2b of all lines before, so that damage shows as damage
 *
 * Nothing in it is secret. It is needed to open the store with a passphrase, so it belongs to every backup. */
#ifndef CD_STORE_META_H
#define CD_STORE_META_H

#include "store/key.h"

#define CD_META_CHECK_BYTES 16

struct cd_meta {
    bool made;       /* the database was laid out: if it is empty now, it was lost */
    bool passphrase; /* key by Argon2id, else from a file */
    uint64_t passes, memory;
    uint8_t salt[CD_KEY_SALT_BYTES];
    uint8_t check[CD_META_CHECK_BYTES];
};

/* Reads DIR/cordon.meta. *ret_found is false, and that no failure, where there is none. CD_ERROR_STORE where it is
 * damaged. */
int cd_meta_read(const char *directory, struct cd_meta *ret_meta, bool *ret_found, struct cd_error *e);
int cd_meta_write(const char *directory, const struct cd_meta *meta, struct cd_error *e);

/* The key of the store in `directory`, found by the rules in key.h and checked against cordon.meta, which ret_meta
 * gets. Where there is none (*ret_found false): if `create`, the missing of key file and cordon.meta are made;
 * otherwise the key is returned unchecked, for the database to tell. CD_ERROR_KEY: no key, or not the one of this
 * store. */
int cd_meta_open_key(const char *directory, const struct cd_key_source *source, bool create, struct cd_key **ret_key,
                     struct cd_meta *ret_meta, bool *ret_found, struct cd_error *e);

/* Fills the key check of a store whose cordon.meta was lost, for a key from a file. */
void cd_meta_of_key(const struct cd_key *key, struct cd_meta *ret_meta);

#endif
