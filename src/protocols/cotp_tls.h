/* TLS inside the data units of COTP, as SIMATIC CPUs and TIA Portal speak it from version 17 on (after S7comm-plus "init ssl"): records cut out of TSDUs
 * and given to tls. */
#ifndef CD_PROTOCOLS_COTP_TLS_H
#define CD_PROTOCOLS_COTP_TLS_H

#include "protocols/dissector.h"

/* Whether a TSDU begins with a hello; or, on a connection that has carried TLS, any TSDU at all: a record may go on in it. */
bool cd_cotp_tls_begins(const uint8_t *bytes, size_t len, bool known);

extern const struct cd_dissector cd_cotp_tls;

#endif
