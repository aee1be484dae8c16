/* NetBIOS datagram service (RFC 1002 4.4) and the browser announcements in it ([MS-BRWS] 2.2). */
#ifndef CD_PROTOCOLS_NBDGM_H
#define CD_PROTOCOLS_NBDGM_H

#include "protocols/netbios_name.h"

enum { CD_NBDGM_DIRECT_UNIQUE = 0x10, CD_NBDGM_DIRECT_GROUP = 0x11, CD_NBDGM_BROADCAST = 0x12, CD_NBDGM_ERROR = 0x13 };

/* Commands of the \MAILSLOT\BROWSE messages. */
enum cd_browser_command {
    CD_BROWSER_HOST_ANNOUNCEMENT = 0x01,
    CD_BROWSER_ANNOUNCEMENT_REQUEST = 0x02,
    CD_BROWSER_ELECTION = 0x08,
    CD_BROWSER_BACKUP_LIST_REQUEST = 0x09,
    CD_BROWSER_BACKUP_LIST_RESPONSE = 0x0a,
    CD_BROWSER_BECOME_BACKUP = 0x0b,
    CD_BROWSER_DOMAIN_ANNOUNCEMENT = 0x0c,
    CD_BROWSER_MASTER_ANNOUNCEMENT = 0x0d,
    CD_BROWSER_RESET_STATE = 0x0e,
    CD_BROWSER_LOCAL_MASTER_ANNOUNCEMENT = 0x0f
};

struct cd_nbdgm_message {
    uint8_t type, flags;
    struct cd_ip source;
    bool has_names; /* the types with names and data; the fields below are theirs */
    struct cd_netbios_name from, to;
    bool browser; /* a browser message that could be read */
    uint8_t command;
    bool announcement;             /* host, domain or local master; the fields below are its */
    struct cd_netbios_name server; /* the host, or for a domain announcement the domain */
    uint8_t os_major, os_minor;
    uint32_t server_type;   /* [MS-BRWS] 2.2.1: what the host offers, a bit each */
    const uint8_t *comment; /* borrowed; for a domain announcement its local master browser */
    size_t comment_len;
};

bool cd_nbdgm_parse(struct cd_reader *r, struct cd_nbdgm_message *ret);

#endif
