/* SOME/IP and its service discovery (AUTOSAR PRS_SOMEIPProtocol, PRS_SOMEIPServiceDiscoveryProtocol, R22-11), over UDP and TCP.
 *
 *   service 2 | method 2 | length 4, from here on | client 2 | session 2 | protocol version 1 = 1 | interface version 1 | type 1 | return code 1 | payload
 *   discovery (service ffff, method 8100): flags 1 | 0 3 | length 4 | entries of 16 | length 4 | options: length 2, type 1, 0 1, value
 *   entry: type 1 | first options 1, 1 | counts 1 | service 2 | instance 2 | major version 1 | time to live 3 | minor version 4, or 0 2 and event group 2 */
#ifndef CD_PROTOCOLS_SOMEIP_H
#define CD_PROTOCOLS_SOMEIP_H

#include "protocols/dissector.h"

enum { CD_SOMEIP_HEADER = 16, CD_SOMEIP_SD_SERVICE = 0xffff, CD_SOMEIP_SD_METHOD = 0x8100 };
enum cd_someip_type {
    CD_SOMEIP_REQUEST = 0x00,
    CD_SOMEIP_REQUEST_NO_RETURN = 0x01,
    CD_SOMEIP_NOTIFICATION = 0x02,
    CD_SOMEIP_SEGMENT = 0x20, /* a flag: part of a longer message */
    CD_SOMEIP_RESPONSE = 0x80,
    CD_SOMEIP_ERROR = 0x81
};

struct cd_someip_message {
    uint16_t service, method, client, session;
    uint8_t interface_version, type, return_code;
    struct cd_reader payload;
};

struct cd_someip_entry {
    uint8_t type; /* 0 find, 1 offer, 6 subscribe, 7 acknowledgment */
    uint16_t service, instance;
    uint32_t ttl_s;       /* 0: taken back */
    uint16_t event_group; /* of types 6 and 7 */
};

/* One message; several may stand one behind the other. */
bool cd_someip_parse(struct cd_reader *r, struct cd_someip_message *ret);
/* The entries of a discovery message, as a reader for cd_someip_next_entry. */
bool cd_someip_parse_discovery(struct cd_reader *payload, struct cd_reader *ret_entries);
bool cd_someip_next_entry(struct cd_reader *entries, struct cd_someip_entry *ret);

#endif
