/* ISO transport on TCP: TPKT (RFC 1006) around COTP, the connection-oriented transport protocol class 0 (ISO/IEC 8073, ITU-T X.224).
 *
 *     TPKT header (4) | LI | type and credit | fixed part | variable part | user data
 *
 * LI counts the header bytes after itself. A carrier only: the data units (TSDUs) go to the protocol they show themselves to be. */
#ifndef CD_PROTOCOLS_COTP_H
#define CD_PROTOCOLS_COTP_H

#include "protocols/dissector.h"

/* The high half of a TPDU's second byte (X.224 13.1). */
enum cd_cotp_type {
    CD_COTP_EXPEDITED = 0x1,
    CD_COTP_EXPEDITED_ACK = 0x2,
    CD_COTP_REJECT = 0x5,
    CD_COTP_DATA_ACK = 0x6,
    CD_COTP_ERROR = 0x7,
    CD_COTP_DISCONNECT = 0x8,
    CD_COTP_DISCONNECT_CONFIRM = 0xc,
    CD_COTP_CONNECT_CONFIRM = 0xd,
    CD_COTP_CONNECT = 0xe,
    CD_COTP_DATA = 0xf,
};

enum { CD_COTP_TSAP_MAX = 20 }; /* longer transport selectors are not kept; the longest in use has 16 characters */

/* The selectors of a connection's two ends, as the client wrote them. Every carried protocol's flow state begins with this, filled in by cotp:
 * Siemens codes rack and slot in the called one. */
struct cd_cotp_ends {
    uint8_t calling_len, called_len; /* 0: not seen */
    uint8_t calling[CD_COTP_TSAP_MAX], called[CD_COTP_TSAP_MAX];
};

struct cd_cotp_tpdu {
    enum cd_cotp_type type;
    uint16_t destination, source; /* references; 0 in data */
    uint8_t reason;               /* of disconnect and error (X.224 13.5.3, 13.12.3) */
    bool last;                    /* data: end of TSDU; true for every other type */
    struct cd_cotp_ends ends;     /* connect and connect confirm */
    struct cd_reader user_data;
};

/* Reads one TPKT with its TPDU. False, and r->bad, where it does not fit; *ret is untouched then. */
bool cd_cotp_parse(struct cd_reader *r, struct cd_cotp_tpdu *ret);

/* Size of the state kept for the carried protocol. */
enum { CD_COTP_CARRIED_STATE = 512 };

struct cd_cotp_state {
    struct cd_cotp_ends ends;
    const struct cd_dissector *carried; /* whose state the next bytes are; NULL before the first TSDU that was known */
    _Alignas(8) uint8_t carried_state[CD_COTP_CARRIED_STATE];
};

extern const struct cd_dissector cd_dissector_cotp;

#endif
