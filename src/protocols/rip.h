/* RIP versions 1 (RFC 1058) and 2 (RFC 2453) over UDP 520, and RIPng (RFC 2080) over UDP 521.
 *
 *   command 1 | version 1 | 0 2 | entries of 20
 *   entry:        family 2 | tag 2 | address 4 | mask 4 | next hop 4 | metric 4;  family ffff: authentication type 2 and 16 bytes
 *   RIPng entry:  prefix 16 | tag 2 | prefix length 1 | metric 1 */
#ifndef CD_PROTOCOLS_RIP_H
#define CD_PROTOCOLS_RIP_H

#include "protocols/dissector.h"

enum { CD_RIP_REQUEST = 1, CD_RIP_RESPONSE = 2 };

struct cd_rip_message {
    uint8_t command, version;
    bool password;     /* a readable one (RFC 2453 4.1) */
    bool whole_table;  /* of a request: all routes are wanted */
    unsigned n_routes; /* entries that are routes */
};

bool cd_rip_parse(struct cd_reader *r, bool next_generation, struct cd_rip_message *ret);

#endif
