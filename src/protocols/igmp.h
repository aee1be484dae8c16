/* IGMP versions 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376), IP protocol 2.
 *
 *   type 1 | maximum response time 1 | checksum 2 | group 4;   version 3 query: | flags 1 | interval 1 | n 2 | sources 4 each
 *   version 3 report: type 1 = 22 | 0 1 | checksum 2 | 0 2 | n 2 | records: type 1, auxiliary words 1, n 2, group 4, sources 4 each, auxiliary data */
#ifndef CD_PROTOCOLS_IGMP_H
#define CD_PROTOCOLS_IGMP_H

#include "protocols/dissector.h"

enum cd_igmp_type {
    CD_IGMP_QUERY = 0x11,
    CD_IGMP_REPORT_1 = 0x12,
    CD_IGMP_REPORT_2 = 0x16,
    CD_IGMP_LEAVE = 0x17,
    CD_IGMP_REPORT_3 = 0x22
};
enum { CD_IGMP_GROUPS = 4 };

struct cd_igmp_message {
    uint8_t type;
    bool leaves;       /* of a version 3 report: its first record gives the group up */
    unsigned n_groups; /* told; the first are kept */
    struct cd_ip groups[CD_IGMP_GROUPS];
};

bool cd_igmp_parse(struct cd_reader *r, struct cd_igmp_message *ret);

#endif
