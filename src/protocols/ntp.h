/* NTP versions 1 to 4 and SNTP (RFC 5905), with control (RFC 9327) and private messages. */
#ifndef CD_PROTOCOLS_NTP_H
#define CD_PROTOCOLS_NTP_H

#include "base/reader.h"

enum cd_ntp_mode {
    CD_NTP_SYMMETRIC_ACTIVE = 1,
    CD_NTP_SYMMETRIC_PASSIVE = 2,
    CD_NTP_CLIENT = 3,
    CD_NTP_SERVER = 4,
    CD_NTP_BROADCAST = 5,
    CD_NTP_CONTROL = 6,
    CD_NTP_PRIVATE = 7
};

struct cd_ntp_message {
    uint8_t version, mode, leap;
    /* modes 1 to 5 */
    uint8_t stratum; /* 0 unspecified, 1 primary, 16 and more unsynchronised */
    uint8_t reference_id[4];
    uint64_t origin, transmit; /* timestamps as on the wire; an answer's origin is its question's transmit */
    /* modes 6 and 7 */
    bool response, error;
    uint8_t request; /* opcode, or request code */
    uint16_t sequence;
};

/* RFC 5905 7.3; extension fields and the MAC behind the header are not looked at. */
bool cd_ntp_parse(struct cd_reader *r, struct cd_ntp_message *ret);

#endif
