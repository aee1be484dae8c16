/* HSRP, Cisco's hot standby router protocol, versions 1 (RFC 2281) and 2 (UDP 1985; 2029 for IPv6).
 *
 *   1:  version 1 = 0 | opcode 1 | state 1 | hello 1 | hold 1 | priority 1 | group 1 | reserved 1 | authentication 8 | virtual address 4
 *   2:  TLVs: type 1 | length 1 | value; 1 = group: version 2, opcode, state, IP version, group 2, MAC 6, priority 4, hello 4, hold 4, address 16 */
#ifndef CD_PROTOCOLS_HSRP_H
#define CD_PROTOCOLS_HSRP_H

#include "protocols/dissector.h"

enum { CD_HSRP_HELLO, CD_HSRP_COUP, CD_HSRP_RESIGN, CD_HSRP_ADVERTISE };

struct cd_hsrp_message {
    uint8_t version; /* as people call it: 1 or 2 */
    uint8_t opcode, state;
    uint16_t group;
    uint32_t priority;
    struct cd_ip address; /* zero where it was not told */
    bool text, digest;    /* kinds of authentication there are */
};

bool cd_hsrp_parse(struct cd_reader *r, struct cd_hsrp_message *ret);

#endif
