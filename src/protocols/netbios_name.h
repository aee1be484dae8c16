/* NetBIOS names as they stand in DNS-like labels (RFC 1001 14.1): 16 bytes, the last of which tells the kind of name, each as two letters A-P. */
#ifndef CD_PROTOCOLS_NETBIOS_NAME_H
#define CD_PROTOCOLS_NETBIOS_NAME_H

#include "protocols/dns_message.h"

/* Suffixes: the last byte of the name. */
enum cd_netbios_suffix {
    CD_NETBIOS_WORKSTATION = 0x00, /* a group name: the domain or workgroup */
    CD_NETBIOS_MESSENGER = 0x03,
    CD_NETBIOS_DOMAIN_MASTER = 0x1b,
    CD_NETBIOS_DOMAIN_CONTROLLERS = 0x1c,
    CD_NETBIOS_MASTER_BROWSER = 0x1d,
    CD_NETBIOS_ELECTIONS = 0x1e,
    CD_NETBIOS_SERVER = 0x20
};

struct cd_netbios_name {
    char text[16]; /* without trailing blanks and NULs */
    uint8_t len;
    uint8_t suffix;
};

/* From 16 plain bytes (node status, browser messages with a suffix). */
void cd_netbios_name_of(const uint8_t bytes[16], struct cd_netbios_name *ret);
/* From a name whose first label holds the 32 letters; false where it doesn't. */
bool cd_netbios_name_decode(const struct cd_dns_name *label, struct cd_netbios_name *ret);
/* Whether it can be a host's or domain's name: not empty, no "*", no control bytes. */
bool cd_netbios_name_is_plain(const struct cd_netbios_name *name);

#endif
