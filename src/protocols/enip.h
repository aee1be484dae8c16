/* EtherNet/IP encapsulation (ODVA CIP Vol. 2, chapter 2): sessions and identification over TCP and UDP 44818, and cyclic I/O over UDP 2222. */
#ifndef CD_PROTOCOLS_ENIP_H
#define CD_PROTOCOLS_ENIP_H

#include "protocols/cip.h"
#include "protocols/cip_objects.h"
#include "protocols/dissector.h"

enum { CD_ENIP_HEADER_LEN = 24, CD_ENIP_PORT = 44818, CD_ENIP_IO_PORT = 2222 };

enum cd_enip_command {
    CD_ENIP_NOP = 0x00,
    CD_ENIP_LIST_SERVICES = 0x04,
    CD_ENIP_LIST_IDENTITY = 0x63,
    CD_ENIP_LIST_INTERFACES = 0x64,
    CD_ENIP_REGISTER_SESSION = 0x65,
    CD_ENIP_UNREGISTER_SESSION = 0x66,
    CD_ENIP_SEND_RR_DATA = 0x6f,
    CD_ENIP_SEND_UNIT_DATA = 0x70,
    CD_ENIP_INDICATE_STATUS = 0x72,
    CD_ENIP_CANCEL = 0x73,
    CD_ENIP_START_DTLS = 0xc8,
};

/* The encapsulation header (2-3). */
struct cd_enip_header {
    uint16_t command, length;
    uint32_t session, status, options;
    uint64_t context; /* the sender's, echoed in the reply */
};
bool cd_enip_header_parse(struct cd_reader *r, struct cd_enip_header *ret);

/* The items of the common packet format (2-6) that matter; each list has an address and a data item, and perhaps socket addresses. */
struct cd_enip_items {
    uint16_t count, address_type, data_type; /* types 0 where there is none */
    uint32_t connection_id;                  /* of a connected or sequenced address item */
    uint32_t sequence;                       /* of a sequenced address item */
    bool has_data;
    struct cd_reader data; /* contents of the data item */
};
/* Reads a list that begins with its count; false and *ret untouched where an item doesn't fit. */
bool cd_enip_items_parse(struct cd_reader *r, struct cd_enip_items *ret);

/* One ListIdentity item (2-4.2). */
struct cd_enip_identity {
    uint16_t version, port;
    struct cd_ip address; /* where the device says it is reached; unspecified where it doesn't say */
    struct cd_cip_identity identity;
    uint8_t state; /* 0xff: not told */
};
bool cd_enip_identity_parse(struct cd_reader *r, struct cd_enip_identity *ret);

extern const struct cd_dissector cd_dissector_enip;

#endif
