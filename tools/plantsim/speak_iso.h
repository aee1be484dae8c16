/* ISO transport over TCP (RFC 1006, ISO 8073 class 0): the carrier of S7 and MMS. */
#ifndef PLANTSIM_SPEAK_ISO_H
#define PLANTSIM_SPEAK_ISO_H

#include "octets.h"
#include "sim.h"
#include "tcp.h"

enum { ISO_PORT = 102 };

/* A TPKT with a data TPDU that holds the payload. */
void iso_put_data(struct octets *o, const struct octets *payload);
/* Connection request and confirmation between two selectors (TSAPs). `target`: the called one as it is read out. */
void iso_connect(struct sim *s, struct tcp *c, const char *protocol, const void *calling, size_t calling_len,
                 const void *called, size_t called_len, const char *target);

#endif
