/* What all the protocols here have in common. Each speak_<protocol>.c builds messages as two real peers exchange them, sends them, and writes down in
 * the truth what they mean. */
#ifndef PLANTSIM_SPEAK_H
#define PLANTSIM_SPEAK_H

#include "sim.h"
#include "tcp.h"

#include "base/text.h"

/* An operation between the two ends of a connection. The target is the caller's buffer. */
static inline struct deed speak_deed(const struct tcp *c, const char *protocol, const char *code, const char *name,
                                     const char *class, const char *target)
{
    return (struct deed){c->ends[0].ip, c->ends[1].ip, protocol, code, name, class, target};
}

/* A request and its response over a connection, one answer to one question; error: NULL, or what the response refuses with. */
void speak_ask(struct sim *s, struct tcp *c, const struct deed *deed, const struct octets *request,
               const struct octets *response, const char *error);
/* A request that nobody answers. */
void speak_ask_in_vain(struct sim *s, struct tcp *c, const struct deed *deed, const struct octets *request);
/* The same in datagrams, asked at time_ns; the time at which the answer has come. */
uint64_t speak_ask_datagram(struct sim *s, const struct dialogue *d, uint64_t time_ns, const struct deed *deed,
                            const struct octets *request, const struct octets *response);
static inline struct deed speak_datagram_deed(const struct dialogue *d, const char *protocol, const char *code,
                                              const char *name, const char *class, const char *target)
{
    return (struct deed){wire_endpoint(&d->client), wire_endpoint(&d->server), protocol, code, name, class, target};
}

#endif
