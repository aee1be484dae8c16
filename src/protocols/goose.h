/* GOOSE (IEC 61850-8-1 clause 18 and annex A): protection devices tell each other, by multicast, the state of data sets: trips, interlocks, positions.
 *
 *     goosePdu   61 | 80 gocbRef | 81 timeAllowedtoLive | 82 datSet | 83 goID (optional) | 84 t | 85 stNum | 86 sqNum | 87 simulation |
 *                88 confRev | 89 ndsCom | 8a numDatSetEntries | ab allData
 *
 * stNum grows with each change of the data, sqNum with each repetition. */
#ifndef CD_PROTOCOLS_GOOSE_H
#define CD_PROTOCOLS_GOOSE_H

#include "protocols/dissector.h"
#include "protocols/iec61850.h"

struct cd_goose_pdu {
    struct cd_reader control_block, data_set, id; /* visible strings; id may be empty */
    uint32_t time_allowed_to_live_ms;
    uint32_t state_number, sequence_number, configuration_revision;
    uint32_t n_entries;                  /* numDatSetEntries */
    uint32_t n_data;                     /* elements of allData */
    bool simulated, needs_commissioning; /* simulation (edition 1: test), ndsCom */
    size_t length;                       /* of the whole APDU, tag and length octets included */
};

/* Reads one goosePdu. False, and r->bad, where it does not fit or a mandatory field is missing; *ret is untouched then. */
bool cd_goose_parse(struct cd_reader *r, struct cd_goose_pdu *ret);

/* Control blocks followed in one flow (one source and one multicast address); the longest known gives way. */
enum { CD_GOOSE_BLOCKS = 8 };

struct cd_goose_block {
    uint64_t hash; /* of APPID and gocbRef */
    uint64_t last_ns;
    uint32_t state_number, sequence_number, configuration_revision, time_allowed_to_live_ms;
    bool used, simulated, needs_commissioning, mismatch_told;
};

struct cd_goose_state {
    struct cd_goose_block blocks[CD_GOOSE_BLOCKS];
    uint8_t next;
};

#endif
