/* LonTalk over IP (ANSI/CTA-852-C), UDP 1628 and 1629, and the LonTalk (ISO/IEC 14908-1) in it.
 *
 *   length 2 | version 1 | type 1 | extended header 1, in 4 bytes | flags 1 | vendor 2 | session 4 | sequence 4 | time stamp 4 | payload
 *   LonTalk: priority, alternative path, backlog 1 | version 2 bits, kind 2 bits, address form 2 bits, domain length 2 bits | source subnet 1, node 1
 *            | destination | domain 0, 1, 3 or 6 | transport or session header 1 | code 1 ... */
#ifndef CD_PROTOCOLS_LONTALK_H
#define CD_PROTOCOLS_LONTALK_H

#include "protocols/dissector.h"

enum { CD_CNIP_HEADER = 20, CD_CNIP_DATA = 1 };
enum cd_lon_kind { CD_LON_TRANSPORT, CD_LON_SESSION, CD_LON_AUTHENTICATION, CD_LON_APPLICATION };
enum cd_lon_form { CD_LON_BROADCAST, CD_LON_GROUP, CD_LON_NODE, CD_LON_NEURON };

struct cd_cnip_packet {
    uint8_t type;
    struct cd_reader payload;
};

struct cd_lon_packet {
    uint8_t kind, form;
    uint8_t source_subnet, source_node;
    uint8_t subnet, node; /* of the destination: a node's, the broadcast's subnet */
    uint8_t group;        /* of form GROUP */
    bool has_neuron;      /* of form NEURON: its 48-bit number */
    uint64_t neuron;
    bool has_header; /* of transport, session and authentication */
    uint8_t pdu, transaction;
    struct cd_reader data; /* from the code on; empty in acknowledgments */
};

bool cd_cnip_parse(struct cd_reader *r, struct cd_cnip_packet *ret);
bool cd_lon_parse(struct cd_reader *r, struct cd_lon_packet *ret);

#endif
