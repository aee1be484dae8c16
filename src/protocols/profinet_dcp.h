/* PROFINET DCP, Discovery and basic Configuration Protocol (IEC 61158-6-10, clause 4.3), on Ethertype 0x8892.
 *
 *     frame id 2 | service id 1 | service type 1 | xid 4 | response delay 2 | data length 2 | blocks
 *     block: option 1 | suboption 1 | length 2 | [block info or qualifier 2] | data | padding to an even length
 *
 * Requests for identification go to a group address, answers come from each device to the one that asked. Numbers are big-endian. */
#ifndef CD_PROTOCOLS_PROFINET_DCP_H
#define CD_PROTOCOLS_PROFINET_DCP_H

#include "protocols/dissector.h"

enum {
    CD_DCP_HELLO_FRAME = 0xfefc,
    CD_DCP_GET_SET_FRAME = 0xfefd,
    CD_DCP_IDENTIFY_REQUEST_FRAME = 0xfefe,
    CD_DCP_IDENTIFY_RESPONSE_FRAME = 0xfeff
};
enum cd_dcp_service { CD_DCP_GET = 3, CD_DCP_SET = 4, CD_DCP_IDENTIFY = 5, CD_DCP_HELLO = 6 };
enum cd_dcp_option {
    CD_DCP_IP = 1,
    CD_DCP_DEVICE = 2,
    CD_DCP_DHCP = 3,
    CD_DCP_CONTROL = 5,
    CD_DCP_INITIATIVE = 6,
    CD_DCP_ALL = 255
};

struct cd_dcp_header {
    uint16_t frame_id;
    uint8_t service;
    bool response;      /* service type bit 0 */
    bool not_supported; /* service type bit 2, in a response */
    uint32_t xid;
    struct cd_reader
        blocks; /* as many bytes as the data length says; the padding of the Ethernet frame is not among them */
};
bool cd_dcp_parse(struct cd_reader *r, struct cd_dcp_header *ret);

struct cd_dcp_block {
    uint8_t option, suboption;
    uint16_t info; /* BlockInfo in answers, BlockQualifier in set requests; 0 where neither stands */
    struct cd_reader data;
};
/* The next block; `with_info`: a block info or qualifier stands before its data (all but identify requests, hello aside, and control answers). */
bool cd_dcp_next_block(struct cd_reader *r, bool with_info, struct cd_dcp_block *ret);

/* A PROFINET vendor id's name, or NULL. */
const char *cd_dcp_vendor_name(uint16_t vendor_id);
/* What an option and suboption are called; never NULL. */
const char *cd_dcp_suboption_name(uint8_t option, uint8_t suboption);
/* A block error of a set or get answer; NULL for success. */
const char *cd_dcp_error_name(uint8_t error);

#endif
