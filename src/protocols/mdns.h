/* Multicast DNS (RFC 6762) with DNS-SD (RFC 6763). The message is DNS's: see dns_message.h. */
#ifndef CD_PROTOCOLS_MDNS_H
#define CD_PROTOCOLS_MDNS_H

#include "protocols/dns_message.h"

/* One "key=value" of a TXT record (RFC 6763 6.3). False at the end, or for a key without a value. */
struct cd_mdns_pair {
    const uint8_t *key, *value; /* borrowed, not terminated */
    size_t key_len, value_len;
};
bool cd_mdns_pair_parse(struct cd_reader *data, struct cd_mdns_pair *ret);

#endif
