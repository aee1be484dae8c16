/* PROFINET discovery and configuration (DCP, IEC 61158-6-10 4.3): below IP, on the segment only. */
#ifndef PLANTSIM_SPEAK_PROFINET_H
#define PLANTSIM_SPEAK_PROFINET_H

#include "sim.h"

/* A station asks all to name themselves; each of the devices answers: name, type of station, maker, role and IP address. Gives the
 * time after the last answer. */
uint64_t profinet_identify_all(struct sim *s, struct device *station, struct device *const *devices, unsigned n);

#endif
