/* DNP3 (IEEE 1815) over TCP. */
#ifndef PLANTSIM_SPEAK_DNP3_H
#define PLANTSIM_SPEAK_DNP3_H

#include "sim.h"
#include "tcp.h"

struct dnp3 {
    struct tcp tcp;
    uint16_t master, outstation; /* link addresses */
    uint8_t link_sequence[2], application_sequence, unsolicited_sequence;
};

void dnp3_start(struct sim *s, struct dnp3 *d, struct device *client, struct device *server, uint16_t outstation);
/* All device attributes (group 0 variation 254): vendor, model, firmware, serial number, name. */
void dnp3_read_attributes(struct sim *s, struct dnp3 *d);
/* Events of classes 1 to 3 and the static data: binary inputs and analog inputs that drift. */
void dnp3_read_classes(struct sim *s, struct dnp3 *d);
/* The outstation tells of a change by itself, and the master confirms. */
void dnp3_tell_unsolicited(struct sim *s, struct dnp3 *d);
/* Select and operate of a relay: latched on or off. */
void dnp3_operate(struct sim *s, struct dnp3 *d, uint8_t point, bool on);
void dnp3_write_time(struct sim *s, struct dnp3 *d);
void dnp3_read_in_vain(struct sim *s, struct dnp3 *d);

#endif
