/* IP fragments into datagrams (RFC 791 3.2, RFC 8200 4.5), bounded in number, bytes and time.
 *
 * What came first wins where fragments overlap; other content at the same place is a finding. */
#ifndef CD_FLOW_DEFRAG_H
#define CD_FLOW_DEFRAG_H

#include "base/index.h"
#include "decode/packet.h"

struct cd_defrag_counters {
    uint64_t fragments, reassembled, timed_out, evicted, overlap_conflicts, refused;
};

struct cd_datagram;
enum { CD_DATAGRAMS_MAX = 1024 }; /* at a time, of at most 64 KiB each */

struct cd_defrag {
    struct cd_datagram *items[CD_DATAGRAMS_MAX];
    struct cd_index index; /* of items */
    uint32_t next;         /* the oldest place */
    uint8_t *whole;        /* the last datagram given out */
    struct cd_defrag_counters counters;
};

void cd_defrag_free(struct cd_defrag *defrag);
/* The end of the traffic: what is not whole will not be, and is counted as timed out. */
void cd_defrag_finish(struct cd_defrag *defrag);

/* Takes a fragment (packet->fragment is set). Returns the whole payload of the datagram where this fragment completed it, valid until the next call, or NULL. *ret_conflict tells
 * that it overlapped with other content. */
const uint8_t *cd_defrag_push(struct cd_defrag *defrag, const struct cd_packet *packet, uint32_t *ret_len,
                              bool *ret_conflict);

#endif
