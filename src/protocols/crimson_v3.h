/* Crimson 3: Red Lion's programming link of HMIs, controllers and gateways (TCP 789). No specification is public; fields are those that public
 * analyses name.
 *
 *     length 2 (of what follows) | register 2 | operation 1 | 0 | data, of answers a text ending in NUL      big-endian */
#ifndef CD_PROTOCOLS_CRIMSON_V3_H
#define CD_PROTOCOLS_CRIMSON_V3_H

#include "protocols/dissector.h"

enum { CD_CRIMSON_PORT = 789, CD_CRIMSON_HEADER = 6 };

struct cd_crimson_message {
    uint16_t reg;
    uint8_t operation, extra;
    struct cd_reader data;
};

bool cd_crimson_parse(struct cd_reader *r, struct cd_crimson_message *ret);

#endif
