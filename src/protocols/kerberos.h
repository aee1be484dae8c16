/* Kerberos 5 (RFC 4120) between a client and its key distribution centre, and the password change protocol (RFC 3244) beside it. Over UDP a message is a datagram; over
 * TCP a length of four bytes goes before. All is DER.
 *
 *     [APPLICATION n] SEQUENCE { [i] field ... }      n: 10 AS-REQ, 11 AS-REP, 12 TGS-REQ, 13 TGS-REP, 14 AP-REQ, 15 AP-REP, 30 KRB-ERROR
 */
#ifndef CD_PROTOCOLS_KERBEROS_H
#define CD_PROTOCOLS_KERBEROS_H

#include "base/reader.h"
#include "base/text.h"

enum {
    CD_KERBEROS_AS_REQ = 10,
    CD_KERBEROS_AS_REP = 11,
    CD_KERBEROS_TGS_REQ = 12,
    CD_KERBEROS_TGS_REP = 13,
    CD_KERBEROS_AP_REQ = 14,
    CD_KERBEROS_AP_REP = 15,
    CD_KERBEROS_SAFE = 20,
    CD_KERBEROS_PRIVATE = 21,
    CD_KERBEROS_CREDENTIALS = 22,
    CD_KERBEROS_ERROR = 30,
};

enum {
    CD_KERBEROS_PARTS_MAX = 8, /* of a principal's name: three in use */
    CD_KERBEROS_ENCRYPTION_TYPES_MAX = 32,
};

/* PrincipalName (RFC 4120 5.2.2). */
struct cd_kerberos_principal {
    struct cd_reader parts; /* strings; base NULL where there is no name */
};

struct cd_kerberos_message {
    uint8_t type;
    struct cd_reader realm; /* the client's in answers */
    struct cd_kerberos_principal client, server;
    struct cd_reader addresses; /* HostAddress elements of a request */
    int32_t offered[CD_KERBEROS_ENCRYPTION_TYPES_MAX];
    uint32_t n_offered;
    bool has_proof; /* a request with an encrypted time stamp or a certificate: the sender knows the secret */
    bool asks_pac;  /* PA-PAC-REQUEST: Active Directory */
    int32_t ticket_encryption, reply_encryption; /* 0: none */
    int32_t error;
};

/* Password change (RFC 3244 2): length, version, length of the AP-REQ or AP-REP, that message, and an encrypted one. */
struct cd_kerberos_password {
    bool reply, set; /* set: of another principal */
    bool refused;    /* the reply is an error */
};

/* One message, from its identifier on. */
bool cd_kerberos_parse(struct cd_reader *r, struct cd_kerberos_message *ret);
bool cd_kerberos_parse_password(struct cd_reader *r, struct cd_kerberos_password *ret);

static inline bool cd_kerberos_is_message(uint8_t identifier)
{
    return (identifier >= 0x6a && identifier <= 0x6f) || (identifier >= 0x74 && identifier <= 0x76) ||
           identifier == 0x7e;
}

/* "krbtgt/EXAMPLE.COM" */
void cd_text_kerberos_principal(struct cd_text *t, const struct cd_kerberos_principal *p);
/* "rc4-hmac"; NULL where it is not known. */
const char *cd_kerberos_encryption_name(int32_t type);
/* DES, 3DES and RC4 (RFC 6649, RFC 8429). */
bool cd_kerberos_is_weak(int32_t type);
const char *cd_kerberos_error_name(int32_t code);

#endif
