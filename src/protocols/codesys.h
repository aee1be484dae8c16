/* CODESYS: the runtime's protocols of version 3 and 2, neither of which has a public specification; fields are those that public analyses name.
 *
 *     version 3   block driver over TCP 11740..11743: magic e8170100 | length 4, itself included | datagram; over UDP 1740..1743 the datagram alone
 *     datagram    0xc5 | hops and header length 1 | options 1 | service 1 | message 1 | lengths of addresses 1 | ... | addresses, filled up to 4
 *     channel     kind 1 | flags 1 | channel 2 | block 4 | acknowledged block 4 | size 4 | checksum 4 | data
 *     service     55 cd | header size 2 | group 2 (bit 7: answer) | command 2 | session 4 | size 4 | 4 | tags
 *     version 2   bb bb | length 4 | service 1 | ...                                      TCP 1200, 2455
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_CODESYS_H
#define CD_PROTOCOLS_CODESYS_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_CODESYS_DATAGRAM = 0xc5, CD_CODESYS_TCP_HEADER = 8, CD_CODESYS_V2_HEADER = 6 };

enum cd_codesys_service {
    CD_CODESYS_ADDRESS_REQUEST = 1,
    CD_CODESYS_ADDRESS_RESPONSE = 2,
    CD_CODESYS_NAME_REQUEST = 3,
    CD_CODESYS_NAME_RESPONSE = 4,
    CD_CODESYS_CHANNEL = 0x40,
};

struct cd_codesys_datagram {
    uint8_t service, message;
    struct cd_reader data;
};

/* What a controller answers to a search; names are UTF-16LE. */
struct cd_codesys_identity {
    uint32_t version;
    struct cd_reader node, device, vendor, serial;
};

/* The head of a service, which the first block of a message holds. */
struct cd_codesys_call {
    bool response;
    uint16_t group, command;
    struct cd_reader tags;
};

bool cd_codesys_parse_datagram(struct cd_reader *r, struct cd_codesys_datagram *ret);
bool cd_codesys_parse_identity(struct cd_reader *r, struct cd_codesys_identity *ret);
bool cd_codesys_parse_call(struct cd_reader *r, struct cd_codesys_call *ret);

/* ---- names (codesys_names.c) ---- */
struct cd_codesys_name {
    const char *name;
    enum cd_class class;
};
struct cd_codesys_name cd_codesys_command(uint16_t group, uint16_t command);
const char *cd_codesys_group_name(uint16_t group);

#endif
