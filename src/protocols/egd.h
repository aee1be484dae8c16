/* EGD: Ethernet Global Data of GE controllers, UDP 18246: a producer sends an exchange, a block of data, again and again to a consumer or a group.
 * Written after GE GFK-2224 (TCP/IP Ethernet Communications, chapter on EGD) and captures. Numbers are little-endian but for the producer's address:
 *
 *     0d type | version 1 | request id 2 | producer id 4 | exchange id 4 | time: seconds 4, nanoseconds 4 | status 4 | signature 4 | reserved 4 | data */
#ifndef CD_PROTOCOLS_EGD_H
#define CD_PROTOCOLS_EGD_H

#include "protocols/dissector.h"

enum { CD_EGD_HEADER = 32, CD_EGD_DATA = 13, CD_EGD_VERSION = 1 };

struct cd_egd_message {
    uint8_t type, version;
    uint16_t request;
    uint32_t producer, exchange, seconds, nanoseconds, status, signature;
    size_t data_len;
};

/* Reads one datagram. *ret is untouched where it does not fit. */
bool cd_egd_parse(struct cd_reader *r, struct cd_egd_message *ret);

#endif
