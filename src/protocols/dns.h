/* DNS over UDP and TCP (RFC 1035). */
#ifndef CD_PROTOCOLS_DNS_H
#define CD_PROTOCOLS_DNS_H

#include "protocols/dns_message.h"

/* The address in a reverse-lookup name: "2.0.0.10.in-addr.arpa", or the 32 nibbles under ip6.arpa (RFC 3596 2.5). */
bool cd_dns_reverse_ip(const struct cd_dns_name *name, struct cd_ip *ret_ip);

#endif
