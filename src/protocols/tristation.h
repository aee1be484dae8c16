/* TriStation: the protocol of Triconex safety controllers and their engineering tool, over UDP. It is not published; names and numbers are from the analyses of the
 * TRITON malware (FireEye, Nozomi Networks, 2018), the layout was checked with a capture.
 *
 *     message    type 2 | length 2 (neither counts this header nor the check) | body | CRC-16 2
 *     body       of type 5: direction 2 (0 request, 0101 response) | function 1 | counter 1 | 0 2 | sum 2 | length 2 | data
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_TRISTATION_H
#define CD_PROTOCOLS_TRISTATION_H

#include "protocols/dissector.h"

enum {
    CD_TRISTATION_COMMAND = 5, /* type */
    CD_TRISTATION_TYPE_LAST = 11,
    CD_TRISTATION_REJECTED = 100, /* function: data is the reason, 2 */
};

struct cd_tristation_message {
    uint16_t type;
    bool response;             /* of commands */
    uint8_t function, counter; /* of commands */
    bool crc_fits, sum_fits;
    struct cd_reader data;
};

bool cd_tristation_parse(struct cd_reader *r, struct cd_tristation_message *ret);

struct cd_tristation_function {
    const char *name;
    enum cd_class class;
};
/* Requests and responses; reasons of a rejection are numbered on from 200. */
struct cd_tristation_function cd_tristation_function_of(uint8_t function);
const char *cd_tristation_type_name(uint16_t type);
/* A literal for every number. */
const char *cd_tristation_reason_name(uint16_t reason);

#endif
