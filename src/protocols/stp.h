/* Spanning tree: STP, RSTP and MSTP (IEEE 802.1Q-2018 clause 14) in LLC, and Cisco's PVST+ in SNAP.
 *
 *   LLC 42 42 03 | protocol 2 = 0 | version 1 | type 1 | flags 1 | root 8 | root path cost 4 | bridge 8 | port 2 | message age, max age, hello, forward delay 2 each
 *   PVST+: SNAP 00 00 0c 01 0b before the protocol; behind the BPDU a TLV with the VLAN. MSTP: region, internal path cost, bridge and an entry for each instance follow. */
#ifndef CD_PROTOCOLS_STP_H
#define CD_PROTOCOLS_STP_H

#include "protocols/dissector.h"

enum { CD_STP_CONFIGURATION = 0, CD_STP_RAPID = 2, CD_STP_TOPOLOGY_CHANGE = 0x80 };

/* Priority with the system id extension in its low 12 bits (802.1Q 14.2.5), and the bridge's address. */
struct cd_stp_bridge {
    uint16_t priority;
    cd_mac mac;
};

struct cd_stp_bpdu {
    bool pvst;
    uint8_t version, type, flags;
    struct cd_stp_bridge root, bridge; /* of MSTP: the sender's own bridge, not the regional root's */
    uint32_t root_cost;
    uint16_t port;
    uint16_t vlan;           /* of PVST+; 0 where it is not told */
    struct cd_reader region; /* of MSTP: its name, with padding */
    uint16_t region_revision, n_instances;
};

/* From the LLC header or the SNAP organisation on. */
bool cd_stp_parse(struct cd_reader *r, struct cd_stp_bpdu *ret);

#endif
