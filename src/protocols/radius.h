/* RADIUS (RFC 2865, 2866, 5176): a network access server asks whether somebody may come in, and tells what he used.
 *
 *     0 code | 1 identifier | 2 length (2) | 4 authenticator (16) | 20 attributes: type, length (with these two bytes), value
 */
#ifndef CD_PROTOCOLS_RADIUS_H
#define CD_PROTOCOLS_RADIUS_H

#include "base/reader.h"

enum { CD_RADIUS_HEADER = 20, CD_RADIUS_MAX = 4096 };

enum {
    CD_RADIUS_ACCESS_REQUEST = 1,
    CD_RADIUS_ACCESS_ACCEPT = 2,
    CD_RADIUS_ACCESS_REJECT = 3,
    CD_RADIUS_ACCOUNTING_REQUEST = 4,
    CD_RADIUS_ACCOUNTING_RESPONSE = 5,
    CD_RADIUS_ACCESS_CHALLENGE = 11,
    CD_RADIUS_STATUS_SERVER = 12,
    CD_RADIUS_STATUS_CLIENT = 13,
    CD_RADIUS_DISCONNECT_REQUEST = 40,
    CD_RADIUS_COA_REQUEST = 43,
};

struct cd_radius_message {
    uint8_t code, identifier;
    struct cd_reader attributes;
};

/* What attributes tell, as views into the message; base NULL for those that are not there. */
struct cd_radius_facts {
    struct cd_reader user, nas_identifier, nas_port, calling_station;
    const uint8_t *nas_ip, *framed_ip; /* four bytes */
    uint32_t vendor; /* of the last vendor-specific attribute but those of Microsoft, 3GPP and WISPr */
    uint32_t accounting_status, port_type;
    uint8_t eap_type; /* 0: no EAP message, or none of a method */
    bool has_password, has_chap, has_ms_chap, has_proxy_state;
};

bool cd_radius_parse(struct cd_reader *r, struct cd_radius_message *ret);
bool cd_radius_parse_attributes(struct cd_reader *attributes, struct cd_radius_facts *ret);

#endif
