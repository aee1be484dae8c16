/* GE SRTP: Service Request Transport Protocol of GE Fanuc (today Emerson) Series 90 and PACSystems controllers, TCP 18245. The maker gives no
 * description; this is written after Denton et al., "Leveraging the SRTP protocol for over-the-network memory acquisition of a GE Fanuc
 * Series 90-30" (DFRWS 2017), and captures. A message is 56 bytes, then text; numbers are little-endian:
 *
 *     0 type | 2 index 2 | 4 text length 2 | 9, 17 one in requests | 26 time 3 | 30 sequence | 31 mailbox type | 32 source 4 | 36 destination 4 |
 *     40 packet number, packets | then by mailbox type
 *        80 request with text         42 .. | 48 packet number, packets | 50 service | 51 selector | 52 offset 2 | 54 length 2
 *        c0 request without           42 service | 43 selector | 44 offset 2 | 46 length 2 | 48 more parameters
 *        94 response with text        42 .. | 50 program number, privilege level | 52 sweep time 2 | 54 status word 2
 *        d4 response without, d1 refusal   42 status, minor status | 44 data 6 | 50 as above */
#ifndef CD_PROTOCOLS_GE_SRTP_H
#define CD_PROTOCOLS_GE_SRTP_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_GE_SRTP_HEADER = 56 };

enum { /* types */
       CD_GE_SRTP_INITIALIZE = 0,
       CD_GE_SRTP_INITIALIZED = 1,
       CD_GE_SRTP_REQUEST = 2,
       CD_GE_SRTP_RESPONSE = 3,
       CD_GE_SRTP_SESSION = 8,
       CD_GE_SRTP_SESSION_RESPONSE = 9
};

enum { CD_GE_SRTP_SET_STATE = 0x23, CD_GE_SRTP_IDENTIFY = 0x43, CD_GE_SRTP_PRIVILEGE = 0x21 };

struct cd_ge_srtp_message {
    uint8_t type, mailbox;
    uint16_t index; /* a response repeats the request's */
    uint8_t service, selector;
    uint16_t offset, length;
    bool has_password; /* bytes beside the level in a change of privilege */
    uint8_t status, minor_status;
    bool has_plc_status;
    uint16_t plc_status;
    struct cd_reader text;
};

/* Reads one whole message. *ret is untouched where it does not fit. */
bool cd_ge_srtp_parse(struct cd_reader *r, struct cd_ge_srtp_message *ret);

/* ---- ge_srtp_names.c ---- */
struct cd_ge_srtp_service {
    const char *name;
    enum cd_class class;
    bool has_address; /* the selector is a memory type */
};
struct cd_ge_srtp_service cd_ge_srtp_service_of(uint8_t service);
const char *cd_ge_srtp_status_name(uint8_t status);
const char *cd_ge_srtp_state_name(unsigned state); /* bits 12 to 15 of the status word */
/* "%R100 x10": where and how many; bit and byte areas count in bits. Returns whether it is an output of the process. */
bool cd_ge_srtp_text_address(struct cd_text *t, uint8_t selector, uint16_t offset, uint16_t length);

#endif
