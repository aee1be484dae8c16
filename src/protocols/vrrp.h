/* VRRP versions 2 (RFC 3768) and 3 (RFC 5798), and CARP, which shares IP protocol 112.
 *
 *   2:     version and type 1 = 21 | group 1 | priority 1 | n 1 | authentication type 1 | interval 1 | checksum 2 | n addresses of 4 | authentication 8
 *   3:     version and type 1 = 31 | group 1 | priority 1 | n 1 | interval 2 | checksum 2 | n addresses of 4 or 16
 *   CARP:  version and type 1 = 21 | group 1 | skew 1 | authentication length 1 = 7 | ... , 36 bytes */
#ifndef CD_PROTOCOLS_VRRP_H
#define CD_PROTOCOLS_VRRP_H

#include "protocols/dissector.h"

enum { CD_VRRP_ADDRESSES = 8 };

struct cd_vrrp_message {
    uint8_t version, group, priority, authentication;
    bool carp;
    unsigned n_addresses;
    struct cd_ip addresses[CD_VRRP_ADDRESSES]; /* those first told */
};

/* ipv6: carried by IPv6, which tells how long the addresses are. */
bool cd_vrrp_parse(struct cd_reader *r, bool ipv6, struct cd_vrrp_message *ret);

#endif
