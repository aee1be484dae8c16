/* VNC: the RFB protocol (RFC 6143, and the registry of security types at IANA), up to the desktop's name. One message after the other, each known by what came
 * before it:
 *
 *     server                              client
 *     "RFB 003.008\n"                     "RFB 003.008\n"
 *     security types (3.3: the type)      its choice (from 3.7 on)
 *     challenge 16                        response 16                    by type
 *     result (3.3, 3.7: not after None)   shared flag
 *     desktop size, pixel format, name
 *
 * The server of the protocol is who speaks first; with a listening viewer that is the client of the connection. */
#ifndef CD_PROTOCOLS_VNC_H
#define CD_PROTOCOLS_VNC_H

#include "base/reader.h"

enum { CD_VNC_VERSION_LEN = 12, CD_VNC_REPEATER_ID_LEN = 250, CD_VNC_CHALLENGE_LEN = 16 };

enum {
    CD_VNC_NONE = 1,
    CD_VNC_AUTHENTICATION = 2,
    CD_VNC_TIGHT = 16,
    CD_VNC_APPLE = 30,
};

struct cd_vnc_version {
    uint16_t major, minor; /* 0.0: a repeater */
};

/* ServerInit (RFC 6143 7.3.2). */
struct cd_vnc_desktop {
    uint16_t width, height;
    struct cd_reader name;
};

bool cd_vnc_parse_version(struct cd_reader *r, struct cd_vnc_version *ret);
bool cd_vnc_parse_desktop(struct cd_reader *r, struct cd_vnc_desktop *ret);

#endif
