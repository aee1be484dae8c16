/* PIM version 2 (RFC 7761), IP protocol 103.
 *
 *   version 4 bits = 2, type 4 bits | 0 1 | checksum 2
 *   hello: options type 2, length 2, value;  join/prune: upstream neighbour (family 1, encoding 1, address), 0 1, n 1, hold time 2, groups */
#ifndef CD_PROTOCOLS_PIM_H
#define CD_PROTOCOLS_PIM_H

#include "protocols/dissector.h"

enum { CD_PIM_HELLO = 0, CD_PIM_JOIN_PRUNE = 3, CD_PIM_TYPES = 12 };

struct cd_pim_message {
    uint8_t type;
    struct cd_ip neighbour; /* of join/prune: who it is for; zero where not told */
    struct cd_ip group;     /* of join/prune: the first group */
    bool has_priority;      /* of hello: takes part in the choice of the designated router */
    uint32_t priority;
};

bool cd_pim_parse(struct cd_reader *r, struct cd_pim_message *ret);

#endif
