/* PTP, Precision Time Protocol: version 2 (IEEE 1588-2008 and -2019, with the profiles of IEEE 802.1AS and C37.238) and version 1 (IEEE 1588-2002), on UDP ports
 * 319 (event) and 320 (general), and on Ethertype 0x88f7. Numbers are big-endian.
 *
 *   ptp.c        messages, and what announce tells of clocks
 *   ptp_tlv.c    management, signalling and the power profile
 *   ptp_names.c  names of the standard */
#ifndef CD_PROTOCOLS_PTP_H
#define CD_PROTOCOLS_PTP_H

#include "base/text.h"
#include "protocols/dissector.h"

enum cd_ptp_type {
    CD_PTP_SYNC = 0x0,
    CD_PTP_DELAY_REQUEST = 0x1,
    CD_PTP_PEER_DELAY_REQUEST = 0x2,
    CD_PTP_PEER_DELAY_RESPONSE = 0x3,
    CD_PTP_FOLLOW_UP = 0x8,
    CD_PTP_DELAY_RESPONSE = 0x9,
    CD_PTP_PEER_DELAY_FOLLOW_UP = 0xa,
    CD_PTP_ANNOUNCE = 0xb,
    CD_PTP_SIGNALLING = 0xc,
    CD_PTP_MANAGEMENT = 0xd,
    CD_PTP_TYPES = 16
};

enum { CD_PTP_TLVS_MAX = 64, CD_PTP_TARGET_MAX = 120 };

/* The common header (13.3). `body` is what messageLength leaves after it. */
struct cd_ptp_header {
    uint8_t type, domain, sdo; /* sdo: the major part, 1 for IEEE 802.1AS */
    uint64_t clock_identity;
    uint16_t port, sequence;
    struct cd_reader body;
};
bool cd_ptp_parse(struct cd_reader *r, bool cut, struct cd_ptp_header *ret);

/* Announce (13.5). */
struct cd_ptp_announce {
    uint64_t grandmaster;
    uint16_t steps_removed;
    uint8_t priority1, priority2, clock_class, accuracy, time_source;
    struct cd_reader tlvs;
};
bool cd_ptp_parse_announce(struct cd_reader *r, struct cd_ptp_announce *ret);

/* One TLV (14.1); false at the end, and where it does not fit. */
bool cd_ptp_next_tlv(struct cd_reader *r, uint16_t *ret_type, struct cd_reader *ret_value);

struct cd_ptp_state {
    uint32_t entries[2][CD_PTP_TYPES]; /* by the end that sends */
    uint16_t domain[2];                /* with the sdo; of the entries */
    uint64_t told[2];                  /* hash of the clock as last told */
    bool slave_told[2];
};

void cd_ptp_text_domain(struct cd_text *t, const struct cd_ptp_header *h);
/* What TLVs of an announce add to the clock's description: the power profile. */
void cd_ptp_text_announce_tlvs(struct cd_text *t, struct cd_reader *tlvs);
void cd_ptp_management(struct cd_message *m, struct cd_ptp_header *h);
void cd_ptp_signalling(struct cd_message *m, struct cd_ptp_header *h);

/* ---- names; never NULL where not said ---- */
const char *cd_ptp_type_name(uint8_t type);
const char *cd_ptp_accuracy_name(uint8_t accuracy);
const char *cd_ptp_source_name(uint8_t time_source);
const char *cd_ptp_management_name(uint16_t id); /* NULL where it has none */
const char *cd_ptp_management_error_name(uint16_t error);

#endif
