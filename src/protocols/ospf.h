/* OSPF versions 2 (RFC 2328) and 3 (RFC 5340), IP protocol 89.
 *
 *   version 1 | type 1 | length 2 | router 4 | area 4 | checksum 2 | 2: authentication type 2 and 8 bytes of it; 3: instance 1, 0
 *   hello 2: mask 4, interval 2, options 1, priority 1, dead interval 4, designated router 4, backup 4, neighbours 4 each
 *   hello 3: interface 4, priority 1, options 3, interval 2, dead interval 2, designated router 4, backup 4, neighbours 4 each */
#ifndef CD_PROTOCOLS_OSPF_H
#define CD_PROTOCOLS_OSPF_H

#include "protocols/dissector.h"

enum { CD_OSPF_HELLO = 1, CD_OSPF_NEIGHBOURS = 16 };

struct cd_ospf_packet {
    uint8_t version, type;
    uint32_t router, area;
    uint16_t authentication; /* 0 none, 1 password, 2 cryptographic; of version 2 */
    uint32_t designated;     /* of hellos, 0 where there is none */
    unsigned n_neighbours;
    uint32_t neighbours[CD_OSPF_NEIGHBOURS]; /* those first told, by router id */
};

bool cd_ospf_parse(struct cd_reader *r, struct cd_ospf_packet *ret);

#endif
