/* TLS inside a protocol that says in clear when it begins (RDP, LDAP StartTLS, ...): the carrier keeps this in its flow state, frames and dissects with
 * it from then on, and so the certificate is read as on any other connection. */
#ifndef CD_PROTOCOLS_TLS_CARRIED_H
#define CD_PROTOCOLS_TLS_CARRIED_H

#include "protocols/dissector.h"
#include "protocols/tls.h"

struct cd_tls_carried {
    _Alignas(8) uint8_t state[CD_TLS_STATE];
    bool begun; /* set by the carrier: what follows is TLS */
};

/* Whether a record of a hello begins here: a carrier that missed the agreement knows it by this. */
static inline bool cd_tls_carried_begins(const uint8_t *bytes, size_t len)
{
    return len >= 3 && bytes[0] == 22 && bytes[1] == 3 && bytes[2] <= 4;
}

ssize_t cd_tls_carried_frame(const struct cd_tls_carried *t, const uint8_t *bytes, size_t len, bool from_client);
/* Reports under the name tls; the conversation keeps the carrier's. */
void cd_tls_carried_dissect(struct cd_message *m, struct cd_reader *r, struct cd_tls_carried *t);
void cd_tls_carried_end(struct cd_tls_carried *t);

#endif
