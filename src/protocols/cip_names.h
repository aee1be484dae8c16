/* Names of CIP's numbers: literals, NULL where a number has no public name. */
#ifndef CD_PROTOCOLS_CIP_NAMES_H
#define CD_PROTOCOLS_CIP_NAMES_H

#include <stdint.h>

/* Who made a device, by the number that ODVA gave the maker. */
const char *cd_cip_vendor_name(uint16_t id);
/* The device profile (CIP Vol. 1, 6-1), and the role our inventory gives it ("plc", "hmi", "io-device" …). */
const char *cd_cip_device_type_name(uint16_t type);
const char *cd_cip_device_role(uint16_t type);
/* The object class (CIP Vol. 1, 5-1; Rockwell's own where they are commonly known). */
const char *cd_cip_class_name(uint32_t class_id);
/* The Identity object's state attribute (CIP Vol. 1, 5A-2.1). */
const char *cd_cip_state_name(uint8_t state);
/* The general status of a response (CIP Vol. 1, appendix B); never NULL. */
const char *cd_cip_status_name(uint8_t status);
/* The extended status of the Connection Manager (CIP Vol. 1, 3-5.6), for general status 1. */
const char *cd_cip_connection_status_name(uint16_t extended);

#endif
