/* SSH (RFC 4253) before it is encrypted: the two identification strings and what each end offers for the key exchange. */
#ifndef CD_PROTOCOLS_SSH_H
#define CD_PROTOCOLS_SSH_H

#include "base/reader.h"

enum {
    CD_SSH_LINE_MAX = 1024,   /* RFC 4253 4.2 says 255; some servers send longer lines before their identification */
    CD_SSH_PACKET_MAX = 35000 /* RFC 4253 6.1 */
};

/* "SSH-protoversion-softwareversion SP comments" (4.2), borrowed. */
struct cd_ssh_identification {
    const uint8_t *version, *software, *comment; /* comment NULL where there is none */
    size_t version_len, software_len, comment_len;
};

enum cd_ssh_list {
    CD_SSH_KEX,
    CD_SSH_HOST_KEY,
    CD_SSH_CIPHER_TO_SERVER,
    CD_SSH_CIPHER_TO_CLIENT,
    CD_SSH_MAC_TO_SERVER,
    CD_SSH_MAC_TO_CLIENT,
    CD_SSH_LISTS
};

/* SSH_MSG_KEXINIT (7.1): lists of names divided by commas. */
struct cd_ssh_kexinit {
    struct cd_reader lists[CD_SSH_LISTS];
};

/* One line, its end included. */
bool cd_ssh_parse_identification(struct cd_reader *r, struct cd_ssh_identification *ret);
/* The payload of a packet, from the message number on. */
bool cd_ssh_parse_kexinit(struct cd_reader *r, struct cd_ssh_kexinit *ret);
/* The literal name of the algorithm in the table of those not to be used any more, or NULL. */
const char *cd_ssh_weak_algorithm(const uint8_t *name, size_t len);

#endif
