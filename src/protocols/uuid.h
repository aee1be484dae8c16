/* UUIDs (RFC 9562) in which devices put their hardware address. */
#ifndef CD_PROTOCOLS_UUID_H
#define CD_PROTOCOLS_UUID_H

#include "protocols/dissector.h"

/* Text of the form 8-4-4-4-12 at the front, digits in either case; false (and *ret untouched) where it is none. */
bool cd_uuid_parse(const char *text, size_t len, uint8_t ret[16]);
/* Tells of the hardware address of `subject` that the UUID at the front ends in: by a version 1 (5.1), whose node is a device's own address, or by the address that
 * the frame came from. */
void cd_uuid_report(struct cd_message *m, const struct cd_subject *subject, const char *text, size_t len);

#endif
