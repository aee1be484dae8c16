/* Sinec H1: reading and writing of a Siemens controller's areas by other makers' devices (FETCH and WRITE), over TCP or the ISO transport; after Siemens'
 * manuals of its communication processors.
 *
 *     'S' '5' | 16 | 1 3 opcode | 3 8 area block address 2 length 2 | 0xff 2      request, of writes with the data behind
 *     'S' '5' | 16 | 1 3 opcode | 15 3 error | 0xff 7 ...                         response, of reads with the data behind
 *
 * Numbers are big-endian. */
#ifndef CD_PROTOCOLS_H1_H
#define CD_PROTOCOLS_H1_H

#include "protocols/dissector.h"

enum { CD_H1_HEADER = 16 };

enum cd_h1_opcode { CD_H1_WRITE = 3, CD_H1_WRITTEN = 4, CD_H1_READ = 5, CD_H1_DATA = 6 };

struct cd_h1_message {
    uint8_t opcode;
    uint8_t area, block;
    uint16_t address, length; /* of requests */
    uint8_t error;            /* of responses */
};

bool cd_h1_parse(struct cd_reader *r, struct cd_h1_message *ret);
/* How many bytes of data `length` is in this area. */
uint32_t cd_h1_data_len(uint8_t area, uint16_t length);
/* Whether bytes begin a message. */
bool cd_h1_begins(const uint8_t *bytes, size_t len, bool known);

#endif
