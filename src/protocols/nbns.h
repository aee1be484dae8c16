/* NetBIOS name service (RFC 1002 4.2), the NBT part of Windows naming on UDP 137. */
#ifndef CD_PROTOCOLS_NBNS_H
#define CD_PROTOCOLS_NBNS_H

#include "protocols/netbios_name.h"

enum cd_nbns_opcode {
    CD_NBNS_QUERY = 0,
    CD_NBNS_REGISTRATION = 5,
    CD_NBNS_RELEASE = 6,
    CD_NBNS_WAIT = 7,
    CD_NBNS_REFRESH = 8,
    CD_NBNS_REFRESH_ALT = 9, /* RFC 1002 gives both numbers */
    CD_NBNS_MULTIHOMED = 15
};

enum { CD_NBNS_TYPE_NB = 0x20, CD_NBNS_TYPE_STATUS = 0x21 };

/* Names of one node status response that are kept; Windows hosts have about ten. */
enum { CD_NBNS_STATUS_NAMES_MAX = 24 };

struct cd_nbns_status {
    unsigned n;
    struct {
        struct cd_netbios_name name;
        bool group;
    } names[CD_NBNS_STATUS_NAMES_MAX];
    cd_mac unit; /* the adapter's MAC; CD_NO_MAC where zero */
};

/* The data of a node status record (RFC 1002 4.2.18). */
bool cd_nbns_status_parse(struct cd_reader *r, struct cd_nbns_status *ret);

#endif
