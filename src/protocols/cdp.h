/* Cisco Discovery Protocol, versions 1 and 2. */
#ifndef CD_PROTOCOLS_CDP_H
#define CD_PROTOCOLS_CDP_H

#include "base/address.h"
#include "base/reader.h"

enum { CD_CDP_ADDRESSES_MAX = 4 };

struct cd_cdp_text {
    const uint8_t *at; /* borrowed */
    size_t len;
};

struct cd_cdp_message {
    uint8_t version, ttl_s;
    struct cd_cdp_text device_id, port, software, platform, vtp_domain, system_name, location;
    bool has_capabilities;
    uint32_t capabilities;
    unsigned n_addresses;
    struct cd_ip addresses[CD_CDP_ADDRESSES_MAX]; /* interface and management addresses */
    uint16_t native_vlan;                         /* 0 where absent */
};

/* From the SNAP header on: organisation 00000c, protocol 2000, then the CDP header and its fields. */
bool cd_cdp_parse(struct cd_reader *r, struct cd_cdp_message *ret);

#endif
