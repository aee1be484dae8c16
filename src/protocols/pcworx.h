/* PC WORX: Phoenix Contact's engineering tool and its controllers (TCP 1962). No specification is public; fields are those that public analyses
 * name and captures show.
 *
 *     function 1 (bit 7: answer) | service 1 | length 2 (of all) | sequence number 2 | data      big-endian
 *     service 5 carries a question (its number at 18), service 6 fetches the answer (number with bit 15 at 24, content from 30) */
#ifndef CD_PROTOCOLS_PCWORX_H
#define CD_PROTOCOLS_PCWORX_H

#include "protocols/dissector.h"

enum { CD_PCWORX_HEADER = 6, CD_PCWORX_PORT = 1962 };

enum cd_pcworx_service { CD_PCWORX_CONNECT = 1, CD_PCWORX_ASK = 5, CD_PCWORX_FETCH = 6 };

struct cd_pcworx_message {
    bool response;
    uint8_t service;
    uint16_t sequence;
    uint16_t question;     /* of CD_PCWORX_ASK; 0: none */
    struct cd_reader data; /* after the header */
};

/* What a controller tells of itself; views into the bytes given, not NUL-terminated. */
struct cd_pcworx_identity {
    const uint8_t *type, *firmware, *date, *time, *model; /* 32, 12, 12, 12 and 20 bytes */
};

bool cd_pcworx_parse(struct cd_reader *r, struct cd_pcworx_message *ret);
bool cd_pcworx_parse_identity(struct cd_reader *r, struct cd_pcworx_identity *ret);

#endif
