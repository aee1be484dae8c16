/* Foundation Fieldbus HSE (FF-588 Field Device Access Agent, FF-589 System Management), over TCP and UDP 1089 to 1091 and 3622.
 *
 *   version 1 | options 1 | protocol 6 bits, message type 2 bits | service 1 (bit 7: confirmed) | FDA address 4 | length 4, whole | body | trailer
 *   trailer, as the options say: message number 4 | invoke id 4 | time stamp 8 | extended control 4 */
#ifndef CD_PROTOCOLS_FF_HSE_H
#define CD_PROTOCOLS_FF_HSE_H

#include "protocols/dissector.h"

enum { CD_FF_HEADER = 12 };
enum cd_ff_protocol { CD_FF_FDA = 1, CD_FF_SM = 2, CD_FF_FMS = 3, CD_FF_LAN = 4 };
enum cd_ff_type { CD_FF_REQUEST = 0, CD_FF_RESPONSE = 1, CD_FF_ERROR = 2 };

struct cd_ff_message {
    uint8_t protocol, type, service;
    uint32_t address; /* FDA address: link 2, node 1, selector 1 */
    bool has_invoke_id;
    uint32_t invoke_id;
    struct cd_reader body;
};

/* What a device tells of itself: device annunciation, and the answer to identify (FF-589). */
struct cd_ff_device {
    struct cd_reader id, tag; /* 32 characters each, with padding */
    uint32_t version;
};

bool cd_ff_parse(struct cd_reader *r, struct cd_ff_message *ret);
bool cd_ff_parse_device(struct cd_reader body, struct cd_ff_device *ret);

struct cd_ff_service {
    uint8_t protocol, service;
    uint8_t class; /* enum cd_class */
    const char *name;
};

/* NULL where the standard has none. */
const struct cd_ff_service *cd_ff_service_of(uint8_t protocol, uint8_t service);
/* A literal for every error class (FF-588 annex). */
const char *cd_ff_error_name(uint8_t error_class);

#endif
