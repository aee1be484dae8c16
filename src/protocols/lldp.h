/* LLDP (IEEE 802.1AB), with LLDP-MED (TIA-1057) and PROFINET (IEC 61158-6-10) extensions. */
#ifndef CD_PROTOCOLS_LLDP_H
#define CD_PROTOCOLS_LLDP_H

#include "base/address.h"
#include "base/reader.h"

enum { CD_LLDP_ADDRESSES_MAX = 4 /* management addresses kept; more are rare */ };

struct cd_lldp_text {
    const uint8_t *at; /* borrowed */
    size_t len;        /* 0 where absent */
};

/* Chassis and port id subtypes (802.1AB tables 8-2 and 8-3). */
enum {
    CD_LLDP_CHASSIS_MAC = 4,
    CD_LLDP_CHASSIS_ADDRESS = 5,
    CD_LLDP_CHASSIS_LOCAL = 7,
    CD_LLDP_PORT_MAC = 3,
    CD_LLDP_PORT_ADDRESS = 4
};

/* LLDP-MED inventory (TIA-1057 10.2.6), by subtype less 5. */
enum cd_lldp_inventory {
    CD_LLDP_HARDWARE,
    CD_LLDP_FIRMWARE,
    CD_LLDP_SOFTWARE,
    CD_LLDP_SERIAL,
    CD_LLDP_MANUFACTURER,
    CD_LLDP_MODEL,
    CD_LLDP_ASSET,
    CD_LLDP_INVENTORY
};

struct cd_lldp_pdu {
    uint8_t chassis_subtype, port_subtype;
    struct cd_lldp_text chassis, port; /* ids, without the subtype */
    uint16_t ttl_s;
    struct cd_lldp_text port_description, system_name, system_description, mud_url;
    bool has_capabilities;
    uint16_t capabilities, enabled; /* 802.1AB table 8-4, bit 0 first */
    unsigned n_addresses;
    struct cd_ip addresses[CD_LLDP_ADDRESSES_MAX];
    uint16_t port_vlan; /* 802.1 port VLAN; 0 where absent */
    struct cd_lldp_text inventory[CD_LLDP_INVENTORY];
    bool profinet;       /* at least one PROFINET TLV */
    cd_mac profinet_mac; /* chassis MAC, CD_NO_MAC where absent */
};

/* 802.1AB 8.2: chassis id, port id and time to live come first, in this order. What follows End is Ethernet padding. */
bool cd_lldp_parse(struct cd_reader *r, struct cd_lldp_pdu *ret);

#endif
