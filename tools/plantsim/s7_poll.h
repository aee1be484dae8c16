/* A client that reads values of a SIMATIC controller. */
#ifndef PLANTSIM_S7_POLL_H
#define PLANTSIM_S7_POLL_H

#include "poll.h"
#include "speak_s7.h"

struct s7_poll {
    struct poll poll;
    struct s7 link;
    enum s7_as as;
    unsigned rounds;
    bool identified;
};

/* As a programming device it reads the name plate first, as a panel it doesn't. */
struct s7_poll *s7_poll(struct sim *s, struct device *client, struct device *controller, enum s7_as as,
                        uint64_t period_ns);

#endif
