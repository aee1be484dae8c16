/* What CIP devices say about themselves: the Identity object and its neighbours. */
#ifndef CD_PROTOCOLS_CIP_OBJECTS_H
#define CD_PROTOCOLS_CIP_OBJECTS_H

#include "protocols/cip.h"

/* The electronic name plate (CIP Vol. 1, 5A-2.1, attributes 1 to 7 in order). */
struct cd_cip_identity {
    uint16_t vendor, device_type, product_code, status;
    uint8_t major, minor;
    uint32_t serial;
    const uint8_t *name; /* product name, borrowed, not terminated */
    uint8_t name_len;
};

/* Reads attributes 1 to 7; what follows is left in r. */
bool cd_cip_identity_parse(struct cd_reader *r, struct cd_cip_identity *ret);
/* `state` is what the state attribute says (literal), or NULL where it wasn't told. */
void cd_cip_report_identity(struct cd_message *m, const struct cd_subject *subject,
                            const struct cd_cip_identity *identity, const char *state);
void cd_cip_report_state(struct cd_message *m, const struct cd_subject *subject, const char *state);

/* Facts from a successful response: data is what object `class_id` answered to `service` (for Get_Attribute_Single: on `attribute`). */
void cd_cip_report_object(struct cd_message *m, const struct cd_subject *subject, uint32_t class_id, uint8_t service,
                          uint8_t attribute, struct cd_reader *data);
/* Whether cd_cip_report_object knows this object. */
bool cd_cip_object_tells(uint32_t class_id);

/* What a change of the TCP/IP interface sets, appended to the request's target: " = 192.168.1.20". */
void cd_cip_write_setting(struct cd_text *t, uint32_t class_id, uint32_t attribute, struct cd_reader *data);

#endif
