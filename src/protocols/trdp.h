/* TRDP, the train real-time data protocol (IEC 61375-2-3 annex A): process data over UDP 17224, message data over UDP and TCP 17225.
 *
 *   sequence 4 | version 2 | type 2 | comId 4 | train topology 4 | operational topology 4 | length of data 4 | ...
 *   process data: reserved 4 | reply comId 4 | reply address 4 | checksum 4                                    (A.6.5, 40 bytes)
 *   message data: reply status 4 | session 16 | timeout 4 | source user 32 | destination user 32 | checksum 4  (A.7.2, 116 bytes)
 *
 * Big-endian, but for the checksum (CRC-32 of IEEE 802.3 over what is before it). */
#ifndef CD_PROTOCOLS_TRDP_H
#define CD_PROTOCOLS_TRDP_H

#include "protocols/dissector.h"

enum { CD_TRDP_PROCESS_HEADER = 40, CD_TRDP_MESSAGE_HEADER = 116, CD_TRDP_DATA_MAX = 65388 };

struct cd_trdp_message {
    char type[3]; /* "Pd", as it stands there */
    bool process; /* else message data */
    uint32_t com_id, reply_com_id, data_length;
    int32_t reply_status;
    uint64_t session; /* a hash of it */
    bool checksum_fits;
};

bool cd_trdp_parse(struct cd_reader *r, struct cd_trdp_message *ret);

#endif
