/* BGP 4 (RFC 4271) over TCP 179.
 *
 *   marker 16 x ff | length 2, whole | type 1
 *   OPEN: version 1 | autonomous system 2 | hold time 2 | router 4 | length 1 | parameters: type 1, length 1; 2 = capabilities: code 1, length 1, value
 *   NOTIFICATION: error 1 | subcode 1 | data */
#ifndef CD_PROTOCOLS_BGP_H
#define CD_PROTOCOLS_BGP_H

#include "protocols/dissector.h"

enum cd_bgp_type { CD_BGP_OPEN = 1, CD_BGP_UPDATE, CD_BGP_NOTIFICATION, CD_BGP_KEEPALIVE, CD_BGP_ROUTE_REFRESH };
enum { CD_BGP_HEADER = 19 };

struct cd_bgp_message {
    uint8_t type;
    uint32_t autonomous_system; /* of OPEN: that of four octets where it is told (RFC 6793) */
    uint32_t router;
    struct cd_reader host_name, software; /* of OPEN, where told (capabilities 73, 75) */
    uint8_t error, suberror;              /* of NOTIFICATION */
};

bool cd_bgp_parse(struct cd_reader *r, struct cd_bgp_message *ret);

#endif
