/* Cyclic traffic over a connection: a client does the same again and again, connects anew where the connection was lost, and meets the times in
 * which the device is silent. */
#ifndef PLANTSIM_POLL_H
#define PLANTSIM_POLL_H

#include "sim.h"
#include "tcp.h"

struct poll {
    struct tcp *tcp;
    void *subject; /* of the functions below */
    /* What follows the handshake of a new connection: sessions, name plates. May be NULL. */
    void (*begin)(struct sim *s, void *subject);
    /* One cycle. */
    void (*round)(struct sim *s, void *subject);
    /* A request that stays without an answer; NULL: the connection is only found to be dead. */
    void (*ask_in_vain)(struct sim *s, void *subject);
    uint64_t period_ns;
    uint64_t silent_from_ns, silent_until_ns; /* when nothing is heard from the device; both 0: always there */
};

/* Begins in the start-up phase. The poll must live as long as the simulation (site_memory). */
void poll_start(struct sim *s, struct poll *p);
/* The device falls silent some time after the start-up, for some periods. */
void poll_fall_silent(struct sim *s, struct poll *p);

#endif
