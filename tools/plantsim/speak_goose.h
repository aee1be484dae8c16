/* GOOSE (IEC 61850-8-1 clause 18): a protection relay publishes its state to all who listen, again and again. */
#ifndef PLANTSIM_SPEAK_GOOSE_H
#define PLANTSIM_SPEAK_GOOSE_H

#include "sim.h"

struct goose {
    struct device *publisher;
    uint16_t application, vlan;
    uint32_t state_number, sequence_number;
    uint64_t changed_ns;
    bool tripped;
};

/* The device's name is that of its logical device. Publishing begins at once. */
struct goose *goose_start(struct sim *s, struct device *publisher, uint16_t application, uint16_t vlan);
/* The protection trips: a new state, repeated fast at first. */
void goose_trip(struct sim *s, void *subject);

#endif
