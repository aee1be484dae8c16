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

#endif
