/* TPKT (RFC 1006 section 6, RFC 2126): four bytes that give packets their length on a TCP stream. ISO transport (S7, MMS, RDP) and
 * H.323 lie on it.
 *
 *     0  version, 3        1  reserved, 0        2..3  length of the packet, these four bytes included
 */
#ifndef CD_PROTOCOLS_TPKT_H
#define CD_PROTOCOLS_TPKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    CD_TPKT_VERSION = 3,
    CD_TPKT_HEADER = 4,
    CD_TPKT_SHORTEST = 7, /* RFC 1006: the smallest packet holds a transport header of three bytes */
};

/* Length of the TPKT that begins here, header included; 0 where fewer than four bytes are there, -1 where none begins here. */
static inline ssize_t cd_tpkt_length(const uint8_t *bytes, size_t len)
{
    if ((len > 0 && bytes[0] != CD_TPKT_VERSION) || (len > 1 && bytes[1] != 0))
        return -1;
    if (len < CD_TPKT_HEADER)
        return 0;
    ssize_t length = bytes[2] << 8 | bytes[3];
    return length < CD_TPKT_SHORTEST ? -1 : length;
}

#endif
