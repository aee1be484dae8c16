/* What goes on beside the process in every plant: clocks are set, the network is managed, switches advertise themselves. */
#ifndef PLANTSIM_HOUSEKEEPING_H
#define PLANTSIM_HOUSEKEEPING_H

#include "sim.h"

/* The host asks the clock server every 64 seconds. */
void keep_time(struct sim *s, struct device *host, struct device *clock);
/* The station reads the name plate once and then the state, every minute. */
void manage(struct sim *s, struct device *station, struct device *managed, bool is_power_supply);
void advertise(struct sim *s, struct device *bridge);

/* A service technician's visit: the laptop comes at a part (in hundredths) of the simulated time. */
void visit(struct sim *s, struct device *laptop, struct device *dhcp_server, unsigned hundredths, story_fn *work,
           void *subject);

/* A part of the simulated time, in hundredths. */
static inline uint64_t sim_part(const struct sim *s, unsigned hundredths)
{
    return s->start_ns + (s->end_ns - s->start_ns) / 100 * hundredths;
}

#endif
