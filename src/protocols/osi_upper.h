/* The OSI layers between transport and application: session (ISO/IEC 8327-1, ITU-T X.225), presentation (ISO/IEC 8823-1, X.226) and association control
 * (ACSE: ISO/IEC 8650-1, X.227).
 *
 *     session PDU | presentation PDU (BER) { context, ACSE PDU { … context, application PDU } }      while an association is set up or released
 *     01 00 01 00 | user data (BER) { context, application PDU }                                      while it lives
 */
#ifndef CD_PROTOCOLS_OSI_UPPER_H
#define CD_PROTOCOLS_OSI_UPPER_H

#include "protocols/ber.h"

/* Session PDU identifiers (X.225 8.3). */
enum cd_osi_spdu_type {
    CD_OSI_DATA = 1, /* also give tokens, which stands before it */
    CD_OSI_FINISH = 9,
    CD_OSI_DISCONNECT = 10,
    CD_OSI_REFUSE = 12,
    CD_OSI_CONNECT = 13,
    CD_OSI_ACCEPT = 14,
    CD_OSI_ABORT = 25,
    CD_OSI_ABORT_ACCEPT = 26
};

struct cd_osi_spdu {
    enum cd_osi_spdu_type type;
    struct cd_reader user_data; /* the presentation PDU; empty where there is none */
};

/* Reads the session PDU(s) of one TSDU. Where the message is cut, as much of it as there is. False, and r->bad, where it does not fit. */
bool cd_osi_parse_session(struct cd_reader *r, bool cut, struct cd_osi_spdu *ret);

/* Abstract syntaxes we tell apart. */
enum cd_osi_syntax { CD_OSI_SYNTAX_UNKNOWN, CD_OSI_SYNTAX_ACSE, CD_OSI_SYNTAX_MMS, CD_OSI_SYNTAX_OTHER };

enum {
    CD_OSI_CONTEXTS_MAX = 8, /* presentation contexts kept; two are in use, a few more are offered by some */
    CD_OSI_PDVS_MAX = 8,     /* data values read of one presentation PDU; one is the rule */
};

struct cd_osi_context {
    uint16_t id;
    uint8_t syntax; /* enum cd_osi_syntax */
};

struct cd_osi_pdv {
    uint16_t context;
    struct cd_reader data; /* the PDU in its BER */
};

struct cd_osi_presentation {
    uint8_t n_contexts; /* offered by a connect (X.226 8.4.1); 0 elsewhere */
    uint8_t n_pdvs;
    struct cd_osi_context contexts[CD_OSI_CONTEXTS_MAX];
    struct cd_osi_pdv pdvs[CD_OSI_PDVS_MAX];
};

/* Reads the presentation PDU of a session PDU: connect (CP), accept (CPA), or user data alone. False, and r->bad, where it does not fit. */
bool cd_osi_parse_presentation(struct cd_reader *r, bool cut, struct cd_osi_presentation *ret);

/* ACSE PDUs by their identifier octet. */
enum cd_acse_type {
    CD_ACSE_ASSOCIATE_REQUEST = 0x60,
    CD_ACSE_ASSOCIATE_RESPONSE = 0x61,
    CD_ACSE_RELEASE_REQUEST = 0x62,
    CD_ACSE_RELEASE_RESPONSE = 0x63,
    CD_ACSE_ABORT = 0x64
};

/* An application entity's title as it was given: an object identifier, a name, or nothing. */
struct cd_acse_end {
    struct cd_reader title; /* content of the OBJECT IDENTIFIER; empty: not given */
    int64_t qualifier;      /* -1: not given */
};

struct cd_acse {
    enum cd_acse_type type;
    int64_t result; /* of a response: 0 accepted, 1 refused for good, 2 for now; -1 elsewhere */
    struct cd_acse_end calling, called;
    bool password;                /* authentication by a character string in the clear (X.227 annex B) */
    uint16_t context;             /* of the user information, 0 where it names none */
    struct cd_reader information; /* the application's PDU; empty where there is none */
};

bool cd_acse_parse(struct cd_reader *r, bool cut, struct cd_acse *ret);

#endif
