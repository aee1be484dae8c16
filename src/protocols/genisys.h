/* Genisys: railway signalling's code line between an office or a field controller and its stations, over TCP (port 10001 by habit); after the published
 * description of the protocol's serial form.
 *
 *     header 0xf1..0xfe | station 1 | pairs of byte number and value | CRC-16 2 (little-endian, from 0xffff) | 0xf6
 *
 * Between header and end a byte above 0xf0 is sent as 0xf0 and its low half; acknowledgements, and polls that are not secured, have no CRC. */
#ifndef CD_PROTOCOLS_GENISYS_H
#define CD_PROTOCOLS_GENISYS_H

#include "protocols/dissector.h"

enum { CD_GENISYS_PORT = 10001, CD_GENISYS_END = 0xf6, CD_GENISYS_ESCAPE = 0xf0, CD_GENISYS_BODY_MAX = 600 };

enum cd_genisys_header {
    CD_GENISYS_ACKNOWLEDGE = 0xf1,
    CD_GENISYS_INDICATION = 0xf2,
    CD_GENISYS_CHECKBACK = 0xf3,
    CD_GENISYS_COMMON_CONTROL = 0xf9,
    CD_GENISYS_ACKNOWLEDGE_POLL = 0xfa,
    CD_GENISYS_POLL = 0xfb,
    CD_GENISYS_CONTROL = 0xfc,
    CD_GENISYS_RECALL = 0xfd,
    CD_GENISYS_EXECUTE = 0xfe,
};

struct cd_genisys_message {
    uint8_t header, station;
    bool bad_crc;
    uint8_t pairs[CD_GENISYS_BODY_MAX]; /* number, value, number, value, … */
    size_t pairs_len;
};

bool cd_genisys_parse(struct cd_reader *r, struct cd_genisys_message *ret);

#endif
