/* TCP connections as two well-behaved hosts have them. The story of a connection is told in order; each step moves its own clock on. */
#ifndef PLANTSIM_TCP_H
#define PLANTSIM_TCP_H

#include "wire.h"

struct tcp {
    struct end ends[2]; /* [0] is the client */
    uint16_t ports[2];
    uint32_t seq[2];     /* the next to send */
    bool owes_ack[2];    /* has received bytes it has not acknowledged yet */
    uint64_t now_ns;     /* when the next step happens */
    uint64_t latency_ns; /* that the server takes to answer */
    uint32_t conversation;
    bool open;
};

/* A connection that is not open yet. */
void tcp_start(struct sim *s, struct tcp *c, struct device *client, struct device *server, uint16_t port);
/* Three-way handshake, not before the simulation's present. */
void tcp_open(struct sim *s, struct tcp *c);
/* Asks in vain: the server is silent. Three SYNs. */
void tcp_open_in_vain(struct sim *s, struct tcp *c);
/* Bytes from one end, in as many segments as they need; the frame of the last. */
struct sent tcp_send(struct sim *s, struct tcp *c, bool from_client, const struct octets *payload);
static inline void tcp_wait(struct tcp *c, uint64_t ns)
{
    c->now_ns += ns;
}
/* The present, where it is later than the last step: to be called before the first step at a new time. */
void tcp_catch_up(struct sim *s, struct tcp *c);
/* Nothing comes for a while: what is owed is acknowledged. */
void tcp_rest(struct sim *s, struct tcp *c);
void tcp_keep_alive(struct sim *s, struct tcp *c);
/* The same, and nobody is there: three times. */
void tcp_probe_in_vain(struct sim *s, struct tcp *c);
void tcp_close(struct sim *s, struct tcp *c);
void tcp_reset(struct sim *s, struct tcp *c, bool by_client);

#endif
