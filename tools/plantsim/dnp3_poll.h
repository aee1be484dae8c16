/* A master station that reads an outstation's classes, and hears what it tells by itself. */
#ifndef PLANTSIM_DNP3_POLL_H
#define PLANTSIM_DNP3_POLL_H

#include "poll.h"
#include "speak_dnp3.h"

struct dnp3_poll {
    struct poll poll;
    struct dnp3 link;
    unsigned rounds;
    bool identified;
};

struct dnp3_poll *dnp3_poll(struct sim *s, struct device *master, struct device *outstation, uint16_t address,
                            uint64_t period_ns);

#endif
