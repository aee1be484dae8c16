/* DoIP, diagnostics over IP (ISO 13400-2:2019), and the UDS (ISO 14229-1:2020) in it, over TCP and UDP 13400.
 *
 *   version 1 | its inverse 1 | payload type 2 | length 4 | payload
 *   4     VIN 17 | logical address 2 | EID 6 | GID 6 | further action 1 [ | synchronisation 1 ]
 *   8001  source address 2 | target address 2 | UDS: service 1 ...; 8002, 8003: source 2 | target 2 | code 1 ... */
#ifndef CD_PROTOCOLS_DOIP_H
#define CD_PROTOCOLS_DOIP_H

#include "protocols/dissector.h"

struct cd_text;

enum { CD_DOIP_HEADER = 8 };

enum cd_doip_type {
    CD_DOIP_NEGATIVE = 0x0000,
    CD_DOIP_IDENTIFY = 0x0001,
    CD_DOIP_IDENTIFY_EID = 0x0002,
    CD_DOIP_IDENTIFY_VIN = 0x0003,
    CD_DOIP_ANNOUNCEMENT = 0x0004,
    CD_DOIP_ACTIVATION = 0x0005,
    CD_DOIP_ACTIVATION_RESPONSE = 0x0006,
    CD_DOIP_ALIVE = 0x0007,
    CD_DOIP_ALIVE_RESPONSE = 0x0008,
    CD_DOIP_STATUS = 0x4001,
    CD_DOIP_STATUS_RESPONSE = 0x4002,
    CD_DOIP_POWER_MODE = 0x4003,
    CD_DOIP_POWER_MODE_RESPONSE = 0x4004,
    CD_DOIP_DIAGNOSTIC = 0x8001,
    CD_DOIP_ACKNOWLEDGMENT = 0x8002,
    CD_DOIP_REFUSAL = 0x8003
};

struct cd_doip_message {
    uint8_t version;
    uint16_t type;
    uint16_t source, target;    /* logical addresses, where the type has them */
    uint8_t code;               /* of answers: what they say */
    const uint8_t *vin;         /* 17 characters; NULL where there is none */
    const uint8_t *eid, *gid;   /* 6 bytes each, of announcements */
    struct cd_reader user_data; /* UDS of diagnostic messages */
};

bool cd_doip_parse(struct cd_reader *r, struct cd_doip_message *ret);
/* NULL where the standard has none. */
const char *cd_doip_type_name(uint16_t type);

/* ---- UDS (doip_uds.c) ---- */

enum { CD_UDS_RESPONSE = 0x40, CD_UDS_NEGATIVE = 0x7f, CD_UDS_PENDING = 0x78 };

struct cd_uds_service {
    uint8_t sid;
    uint8_t class; /* enum cd_class */
    const char *name;
};

/* NULL where the standard has none. */
const struct cd_uds_service *cd_uds_service_of(uint8_t sid);
/* A literal for every negative response code. */
const char *cd_uds_error_name(uint8_t code);
/* What a request is about, appended: "DID f190", "routine 0203 start", "extended session"; nothing where it does not fit. */
void cd_uds_text_request(struct cd_text *t, uint8_t sid, struct cd_reader data);
/* The attribute that a data identifier's value is (ISO 14229-1 annex C.1); false where it is none. */
bool cd_uds_attribute_of(uint16_t identifier, enum cd_attribute *ret);

#endif
