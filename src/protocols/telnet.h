/* Telnet (RFC 854): text with commands between it. */
#ifndef CD_PROTOCOLS_TELNET_H
#define CD_PROTOCOLS_TELNET_H

#include "base/reader.h"
#include "base/text.h"

/* Appends the plain text of a stretch of a Telnet stream, commands and options left out, until ret_text is full. Returns how many commands there
 * were. A command that is cut at the end is passed over. */
unsigned cd_telnet_text(struct cd_reader *r, struct cd_text *ret_text);

#endif
