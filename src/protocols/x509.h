/* What a certificate tells about the machine that shows it: X.509 version 3 (RFC 5280), the fields that identify and those
 * that age. Signatures are not verified: that is no observer's business. */
#ifndef CD_PROTOCOLS_X509_H
#define CD_PROTOCOLS_X509_H

#include "base/reader.h"
#include "base/text.h"

enum { CD_X509_NAMES_MAX = 8 /* subject alternative names kept; the rest are counted */ };

/* A stretch of the certificate, borrowed; bytes NULL where the field is not there. */
struct cd_x509_value {
    const uint8_t *bytes;
    size_t len;
    bool wide; /* BMPString: two bytes a character, big-endian */
};

/* The parts of a distinguished name people know it by (RFC 5280 4.1.2.4). Of several of a kind the last, which is the most specific one. */
struct cd_x509_name {
    struct cd_x509_value common_name, organization, unit, serial_number;
};

struct cd_x509_alternative {
    uint8_t kind; /* the tag number of GeneralName (RFC 5280 4.2.1.6): 2 DNS name, 7 IP address */
    struct cd_x509_value value;
};

struct cd_x509 {
    struct cd_x509_name subject, issuer;
    struct cd_x509_alternative names[CD_X509_NAMES_MAX];
    uint32_t n_names, total_names;
    int64_t not_before, not_after; /* seconds since 1970 */
    const char *key;               /* literal: "RSA", "EC", "Ed25519", ...; "unknown" */
    uint32_t key_bits;             /* 0: not known */
    const char *signature;         /* literal: "RSA SHA-256"; "unknown" */
    bool weak_hash;                /* signed with MD2, MD5 or SHA-1 */
    bool self_issued;              /* subject and issuer are the same */
};

/* One certificate in DER. False, and r bad, where it is none. Views point into the reader's bytes. */
bool cd_x509_parse(struct cd_reader *r, struct cd_x509 *ret);

/* "subject; issuer; names; not before; not after; key; signature", at most 255 bytes: what is too long is cut within its field. */
void cd_text_x509(struct cd_text *t, const struct cd_x509 *certificate);
/* The value as text. */
void cd_text_x509_value(struct cd_text *t, const struct cd_x509_value *value);
/* What is weak or out of date at this time, as a phrase for people; nothing is written where nothing is. */
void cd_text_x509_weakness(struct cd_text *t, const struct cd_x509 *certificate, int64_t now);

#endif
