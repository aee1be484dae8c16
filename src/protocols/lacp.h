/* LACP and the marker protocol (IEEE 802.1AX-2020 6.4.2, 6.5), slow protocols of Ethertype 8809.
 *
 *   subtype 1 = 1 | version 1 | { actor 1, partner 2 } TLV: type 1, length 1 = 20: system priority 2, system 6, key 2, port priority 2, port 2, state 1, 0 3 */
#ifndef CD_PROTOCOLS_LACP_H
#define CD_PROTOCOLS_LACP_H

#include "protocols/dissector.h"

enum { CD_LACP = 1, CD_LACP_MARKER = 2 };

struct cd_lacp_end {
    uint16_t priority, key, port;
    cd_mac system;
    uint8_t state;
};

struct cd_lacp_message {
    uint8_t subtype;
    struct cd_lacp_end actor, partner; /* of LACP */
    bool marker_response;
};

bool cd_lacp_parse(struct cd_reader *r, struct cd_lacp_message *ret);

#endif
