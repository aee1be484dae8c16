/* What GOOSE and sampled values have in common: the header on Ethernet (IEC 61850-8-1 annex C.2, 61850-9-2 annex A), and the session they have on UDP
 * (IEC TR 61850-90-5).
 *
 *     on Ethernet   APPID 2 | length 2, from APPID on | reserved 2, bit 15: simulated | reserved 2 | APDU
 *     on UDP        01 40 | session identifier 1 | length 1 | 80 | length 1 | SPDU length 4 | SPDU number 4 | version 2 | time of key 4 |
 *                   time to next key 2 | key id 4 | length of initialization vector 1 | the vector |
 *                   payload length 4 | elements: type 1 | simulated 1 | APPID 2 | length 2 | APDU
 *
 * Numbers are big-endian; APDUs are BER. */
#ifndef CD_PROTOCOLS_IEC61850_H
#define CD_PROTOCOLS_IEC61850_H

#include "protocols/ber.h"

enum {
    CD_IEC61850_SESSION_GOOSE = 0xa1,
    CD_IEC61850_SESSION_SV = 0xa2,
    CD_IEC61850_PAYLOAD_GOOSE = 0x81,
    CD_IEC61850_PAYLOAD_SV = 0x82,
    CD_IEC61850_SESSION_MIN = 27, /* up to the length of the vector */
};

struct cd_iec61850_header {
    uint16_t appid;
    uint16_t length; /* of header and APDU; on UDP of the APDU alone */
    bool simulated;
    struct cd_reader apdu; /* on Ethernet all that follows, padding included: the APDU tells its own length */
};

/* The header on Ethernet, consumed with all that follows. */
static inline bool cd_iec61850_parse(struct cd_reader *r, struct cd_iec61850_header *ret)
{
    struct cd_iec61850_header h = {.appid = cd_read_be16(r, "appid")};
    h.length = cd_read_be16(r, "length");
    h.simulated = cd_read_be16(r, "reserved 1") & 0x8000;
    cd_read_skip(r, 2, "reserved 2");
    h.apdu = cd_read_rest(r);
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

/* The session header on UDP: whether it is of this kind, and, where its numbers hold, the elements. */
static inline bool cd_iec61850_parse_session(struct cd_reader *r, uint8_t kind, struct cd_reader *ret_elements)
{
    const uint8_t *start = cd_read_at(r, 6, "session header");
    if (start && (start[0] != 1 || start[1] != 0x40 || start[2] != kind || start[4] != 0x80))
        cd_read_fail(r, "session header");
    cd_read_skip(r, 4 + 4 + 2 + 4 + 2 + 4, "session header");
    cd_read_skip(r, cd_read_u8(r, "initialization vector"), "initialization vector");
    uint32_t len = cd_read_be32(r, "payload length");
    /* Some senders count the length itself, some do not: what is there decides. */
    struct cd_reader elements =
        cd_read_sub(r, len > cd_read_left(r) && len - cd_read_left(r) <= 4 ? cd_read_left(r) : len, "payload length");
    if (!cd_read_ok(r))
        return false;
    *ret_elements = elements;
    return true;
}

/* The next element of a session's payload, consumed; *ret_type tells what it is. */
static inline bool cd_iec61850_next_element(struct cd_reader *r, uint8_t *ret_type, struct cd_iec61850_header *ret)
{
    struct cd_iec61850_header h = {0};
    uint8_t type = cd_read_u8(r, "payload type");
    h.simulated = cd_read_u8(r, "simulation") != 0;
    h.appid = cd_read_be16(r, "appid");
    h.length = cd_read_be16(r, "length");
    h.apdu = cd_read_sub(r, h.length, "length");
    if (!cd_read_ok(r))
        return false;
    *ret_type = type;
    *ret = h;
    return true;
}

/* The next BER element, as cd_ber_read() reads it. These messages come by the thousand a second and nearly all of their elements have tag and length in one octet
 * each: those take no call. */
static inline bool cd_iec61850_next(struct cd_reader *r, const char *field, struct cd_ber *ret)
{
    size_t start = r->pos;
    const uint8_t *p = cd_read_at(r, 2, field);
    if (!p)
        return false;
    if ((p[0] & 0x1f) == 0x1f || p[1] & 0x80) {
        r->pos = start;
        return cd_ber_read(r, field, ret);
    }
    ret->identifier = p[0];
    ret->tag = p[0] & 0x1f;
    ret->value = cd_read_sub(r, p[1], field);
    return cd_read_ok(r);
}

#endif
