/* EIGRP (RFC 7868), IP protocol 88.
 *
 *   version 1 = 2 | opcode 1 | checksum 2 | flags 4 | sequence 4 | acknowledged 4 | virtual router 2 | autonomous system 2 | TLVs: type 2, length 2 with these four, value */
#ifndef CD_PROTOCOLS_EIGRP_H
#define CD_PROTOCOLS_EIGRP_H

#include "protocols/dissector.h"

struct cd_eigrp_packet {
    uint8_t opcode;
    uint32_t acknowledged;
    uint16_t virtual_router, autonomous_system;
    bool has_release;
    uint8_t release[4]; /* of the system and of EIGRP: major and minor each */
    bool digest;        /* an authentication TLV is there */
    unsigned n_routes;
};

bool cd_eigrp_parse(struct cd_reader *r, struct cd_eigrp_packet *ret);

#endif
