/* DHCPv6 (RFC 8415). */
#ifndef CD_PROTOCOLS_DHCPV6_H
#define CD_PROTOCOLS_DHCPV6_H

#include "base/address.h"
#include "base/reader.h"

enum cd_dhcpv6_type { CD_DHCPV6_REPLY = 7, CD_DHCPV6_RELAY_FORWARD = 12, CD_DHCPV6_RELAY_REPLY = 13 };

enum {
    CD_DHCPV6_RELAYS_MAX = 8,   /* HOP_COUNT_LIMIT (RFC 8415 7.6) */
    CD_DHCPV6_ADDRESSES_MAX = 4 /* of one message that are kept */
};

struct cd_dhcpv6_option {
    const uint8_t *at; /* borrowed */
    uint16_t len;      /* 0 where absent */
};

struct cd_dhcpv6_message {
    uint8_t type;         /* of the innermost message */
    unsigned relays;      /* relay messages around it */
    struct cd_ip peer;    /* the client's address as the relay next to it saw it; zero without a relay */
    uint32_t transaction; /* 24 bits */
    cd_mac client_mac;    /* from a DUID of type 1 or 3 with an Ethernet address; CD_NO_MAC else */
    bool has_server_id;
    struct cd_dhcpv6_option parameters, vendor_class, user_class, qualified_name; /* options 6, 16, 15, 39 */
    unsigned n_addresses;
    struct cd_ip addresses[CD_DHCPV6_ADDRESSES_MAX]; /* of the identity associations, with a lifetime left */
    uint16_t status;                                 /* option 13; 0 is success */
};

/* RFC 8415 8, 9, 21. Relayed messages are opened to the innermost. */
bool cd_dhcpv6_parse(struct cd_reader *r, struct cd_dhcpv6_message *ret);

#endif
