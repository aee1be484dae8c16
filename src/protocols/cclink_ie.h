/* CC-Link IE Field Basic: cyclic data of a master and its slaves (UDP 61450), search of nodes and setting of their addresses (UDP 61451), after the
 * CC-Link Partner Association's BAP-C2010 as public implementations show it. Frames are SLMP's (SH(NA)-080956), little-endian:
 *
 *     cyclic request   5000 00 ff 03ff 00 | length 2 | timer 2 | command 0e70 2 | 0 2 | version 2, offset 2, ... | unit 2, clock 8
 *                      | master's address 4 | group 1 | sequence 2 ... | stations 2 | ... | a slave's address 4 for each station | data
 *     cyclic answer    d000 00 ff 03ff 00 | length 2 | 0 2 | version 2 | end code 2 | ... | vendor 2 | model 4 | version 2 | unit 2 | error 2 | ...
 *                      | slave's address 4 | group 1 | sequence 2 | data
 *     search, setting  5400 | serial 2 | 0 2 | 00 ff 03ff 00 | length 2 | timer 2 | command 2 | 0 2 | data;   d400 ... | length 2 | end code 2 | data */
#ifndef CD_PROTOCOLS_CCLINK_IE_H
#define CD_PROTOCOLS_CCLINK_IE_H

#include "protocols/dissector.h"

enum { CD_CCLINK_PORT = 61450, CD_CCLINK_SEARCH_PORT = 61451 };
enum { CD_CCLINK_CYCLIC = 0x0e70, CD_CCLINK_NODE_SEARCH = 0x0e30, CD_CCLINK_IP_SET = 0x0e31 };
enum { CD_CCLINK_STATIONS_MAX = 64 };

struct cd_cclink_cyclic {
    bool response;
    uint8_t group;
    uint16_t unit; /* what the master's or the slave's program does */
    uint16_t stations;
    uint16_t end_code, vendor, version, error; /* of answers */
    uint32_t model;
};

/* Search and setting. */
struct cd_cclink_slmp {
    bool response;
    uint16_t serial, command, end_code;
    struct cd_reader data;
};

bool cd_cclink_parse_cyclic(struct cd_reader *r, struct cd_cclink_cyclic *ret);
bool cd_cclink_parse_slmp(struct cd_reader *r, struct cd_cclink_slmp *ret);

#endif
