/* DHCP (RFC 2131, RFC 2132) and BOOTP (RFC 951). */
#ifndef CD_PROTOCOLS_DHCP_H
#define CD_PROTOCOLS_DHCP_H

#include "base/address.h"
#include "base/reader.h"

/* A view of an option's bytes, borrowed from the message; len 0 where the option is absent. */
struct cd_dhcp_option {
    const uint8_t *at;
    uint8_t len;
};

struct cd_dhcp_message {
    uint8_t op;   /* 1 from a client, 2 from a server */
    uint8_t type; /* option 53, or 0 for BOOTP */
    uint32_t transaction;
    cd_mac client_mac;                /* chaddr, CD_NO_MAC where it is no Ethernet address */
    struct cd_ip client, your, relay; /* ciaddr, yiaddr, giaddr */
    struct cd_ip server_id;           /* option 54; zero where absent */
    struct cd_ip router;              /* the first of option 3; zero where absent */
    struct cd_dhcp_option host_name, domain, vendor_class, parameters, qualified_name; /* 12, 15, 60, 55, 81 */
};

/* RFC 2131 figure 1 and RFC 2132; options continued in the file and sname fields (option 52) are read too. */
bool cd_dhcp_parse(struct cd_reader *r, struct cd_dhcp_message *ret);

#endif
