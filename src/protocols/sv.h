/* Sampled values (IEC 61850-9-2 clause 8; IEC 61869-9): merging units multicast the samples of currents and voltages, some thousand messages a second.
 *
 *     savPdu   60 | 80 noASDU | 81 security (optional) | a2 seqASDU of
 *     ASDU     30 | 80 svID | 81 datSet (optional) | 82 smpCnt | 83 confRev | 84 refrTm (optional) | 85 smpSynch | 86 smpRate (optional) |
 *              87 samples | 88 smpMod (optional)
 *
 * smpCnt counts the samples within a second, then begins at 0 again. */
#ifndef CD_PROTOCOLS_SV_H
#define CD_PROTOCOLS_SV_H

#include "protocols/dissector.h"
#include "protocols/iec61850.h"

struct cd_sv_pdu {
    uint32_t n_asdus;       /* noASDU, as told */
    struct cd_reader asdus; /* seqASDU */
    size_t length;          /* of the whole APDU, tag and length octets included */
};
/* Reads one savPdu up to its ASDUs. False, and r->bad, where it does not fit; *ret is untouched then. */
bool cd_sv_parse(struct cd_reader *r, struct cd_sv_pdu *ret);

struct cd_sv_asdu {
    struct cd_reader id; /* visible string */
    uint16_t sample_count;
    uint8_t
        synchronised; /* smpSynch: 0 not, 1 by a local clock, 2 by a global one, 5 to 254 by the local clock of that number */
    uint32_t configuration_revision;
};
/* Reads the next ASDU, consumed. False, and asdus->bad, where it does not fit or a mandatory field is missing; *ret is untouched then. */
bool cd_sv_next_asdu(struct cd_reader *asdus, struct cd_sv_asdu *ret);

/* Streams followed in one flow (one source and one multicast address); the longest known gives way. */
enum { CD_SV_STREAMS = 32 };

struct cd_sv_stream {
    uint64_t hash; /* of APPID and svID */
    uint32_t configuration_revision;
    uint16_t sample_count;
    uint8_t synchronised;
    uint8_t told; /* violations of this stream so far */
    bool used, simulated, length_told;
};

struct cd_sv_state {
    struct cd_sv_stream streams[CD_SV_STREAMS];
    uint8_t next, last; /* the place to fill next; where the last message's stream was found */
};

#endif
