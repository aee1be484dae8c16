/* ICMPv6 (RFC 4443) with Neighbour Discovery (RFC 4861). */
#ifndef CD_PROTOCOLS_ICMPV6_H
#define CD_PROTOCOLS_ICMPV6_H

#include "base/address.h"
#include "base/reader.h"

enum cd_icmpv6_type {
    CD_ICMPV6_ECHO_REQUEST = 128,
    CD_ICMPV6_ECHO_REPLY = 129,
    CD_ICMPV6_ROUTER_SOLICITATION = 133,
    CD_ICMPV6_ROUTER_ADVERTISEMENT = 134,
    CD_ICMPV6_NEIGHBOUR_SOLICITATION = 135,
    CD_ICMPV6_NEIGHBOUR_ADVERTISEMENT = 136,
    CD_ICMPV6_REDIRECT = 137
};

enum { CD_ICMPV6_PREFIXES_MAX = 4 /* of one advertisement; more are not told */ };

struct cd_icmpv6_prefix {
    struct cd_ip prefix;
    uint8_t len; /* bits */
};

struct cd_icmpv6_message {
    uint8_t type, code;
    uint32_t echo_id;                /* identifier and sequence number of an echo */
    bool neighbour_discovery;        /* types 133-137; the fields below are theirs */
    cd_mac source_link, target_link; /* options 1 and 2, CD_NO_MAC where absent or of another length */
    struct cd_ip target;             /* of solicitation, advertisement, redirect */
    struct cd_ip destination;        /* of a redirect */
    uint16_t router_lifetime_s;
    uint8_t n_prefixes;
    struct cd_icmpv6_prefix prefixes[CD_ICMPV6_PREFIXES_MAX];
};

/* RFC 4443 2.1, RFC 4861 4.1-4.6. For types without meaning here only type and code are read. */
bool cd_icmpv6_parse(struct cd_reader *r, struct cd_icmpv6_message *ret);

#endif
