/* ProConOS: the IEC 61131 runtime of KW-Software (later Phoenix Contact) in controllers of several makers. Two links, neither of which has a public
 * specification; fields are those that public analyses name and captures show.
 *
 *     TCP 20547   0xcc | 0x01 | 2 | function 2 | 2 | data ...                                            big-endian; no length is known
 *     TCP 41100   1 2 | kind 2 | 2 | length 2 | object 2 | method 2 | 2 | checksum 2 | data              little-endian (ProConOS eCLR)
 *
 * Of the second: kind 0 asks for a service by name and kind 1 answers with its object number (0: there is none), 2 calls a method, 3 returns. */
#ifndef CD_PROTOCOLS_PROCONOS_H
#define CD_PROTOCOLS_PROCONOS_H

#include "protocols/dissector.h"

enum { CD_PROCONOS_PORT = 20547, CD_PROCONOS_ECLR_PORT = 41100, CD_PROCONOS_ECLR_HEADER = 16 };

enum cd_proconos_kind { CD_PROCONOS_FIND, CD_PROCONOS_FOUND, CD_PROCONOS_CALL, CD_PROCONOS_RETURN };

struct cd_proconos_eclr {
    uint16_t kind, object, method;
    struct cd_reader data;
};

/* What the runtime tells of itself: texts ending in NUL, as they lie in the bytes given. */
struct cd_proconos_info {
    struct cd_reader runtime, type, project, boot_project, source;
};

bool cd_proconos_parse_eclr(struct cd_reader *r, struct cd_proconos_eclr *ret);
bool cd_proconos_parse_info(struct cd_reader *r, struct cd_proconos_info *ret);

#endif
