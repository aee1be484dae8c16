/* Ether-S-Bus: Saia PCD controllers over UDP 5050, after Saia-Burgess' S-Bus documentation as public decoders show it.
 *
 *     length 4 | version 1 | protocol 1 | sequence 2 | attribute 1 | request: station 1, command 1, data; answer: data; acknowledgement: code 2 | CRC 2
 *
 * Numbers are big-endian; the CRC is CCITT's (polynomial 0x1021, from 0) over all before it. */
#ifndef CD_PROTOCOLS_SBUS_H
#define CD_PROTOCOLS_SBUS_H

#include "base/text.h"
#include "protocols/dissector.h"

enum { CD_SBUS_PORT = 5050, CD_SBUS_LENGTH_MIN = 11 };

enum cd_sbus_attribute { CD_SBUS_REQUEST, CD_SBUS_RESPONSE, CD_SBUS_ACKNOWLEDGE };

struct cd_sbus_telegram {
    uint16_t sequence;
    uint8_t attribute;
    uint8_t station, command; /* of requests */
    uint16_t acknowledge;     /* 0: done */
    bool bad_crc;
    struct cd_reader data;
};

bool cd_sbus_parse(struct cd_reader *r, struct cd_sbus_telegram *ret);
uint16_t cd_sbus_crc(const uint8_t *bytes, size_t len);

/* ---- names (sbus_names.c) ---- */
const char *cd_sbus_command_name(uint8_t command);
enum cd_class cd_sbus_command_class(uint8_t command);
const char *cd_sbus_nak_name(uint16_t code);
const char *cd_sbus_block_name(uint8_t type);
/* What a request is about, as the programming tool writes it: "R 100-109". */
void cd_sbus_text_target(struct cd_text *t, const struct cd_sbus_telegram *s);

#endif
