/* BSAP: Emerson's (Bristol's) protocol of RTUs such as ControlWave, over UDP 1234 and 1235, after "BSAP Protocol" of Open BSI and public decoders.
 *
 *     over IP     header size 2 | messages 2 | function 2 | sequence 4 | acknowledged sequence 4 | messages ...
 *     a message   length 4 (itself included) | type 1 | sequence 4 | request: application 1, node status 1, function 1, ...; response: status 1, elements 1, ...
 *     serial      DLE STX | address 1 (bit 7: global) | serial 1 | [to 2 | from 2 | control 1] | to function 1 | sequence 2 | from function 1
 *                 | node status 1 | function 1 ... | DLE ETX | CRC 2
 *
 * Numbers are little-endian. */
#ifndef CD_PROTOCOLS_BSAP_H
#define CD_PROTOCOLS_BSAP_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_BSAP_PORT = 1234, CD_BSAP_PORT_2 = 1235, CD_BSAP_HEADER = 14, CD_BSAP_MESSAGES_MAX = 16 };
enum { CD_BSAP_RDB = 0xa0, CD_BSAP_RDB_EXTENSION = 0xa1 };

enum cd_bsap_function { CD_BSAP_POLL = 0, CD_BSAP_RESPONSE_COUNT = 1, CD_BSAP_RESPONSE = 5, CD_BSAP_REQUEST = 6 };

struct cd_bsap_header {
    uint16_t messages, function;
    uint32_t sequence;
};

/* One message within a datagram, or a serial frame. */
struct cd_bsap_message {
    bool response;
    uint32_t sequence;
    uint8_t application; /* of requests */
    uint16_t function;   /* of requests; of responses 0 */
    uint8_t status;      /* of responses */
    bool global;
    uint16_t address; /* of the node in serial frames */
    bool has_address;
    struct cd_reader data;
};

bool cd_bsap_parse_header(struct cd_reader *r, struct cd_bsap_header *ret);
bool cd_bsap_parse_message(struct cd_reader *r, bool response, struct cd_bsap_message *ret);
bool cd_bsap_parse_serial(struct cd_reader *r, struct cd_bsap_message *ret);

#endif
