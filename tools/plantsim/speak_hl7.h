/* HL7 version 2 over MLLP: a monitor sends observations, the integration engine acknowledges each. */
#ifndef PLANTSIM_SPEAK_HL7_H
#define PLANTSIM_SPEAK_HL7_H

#include "sim.h"
#include "tcp.h"

struct hl7 {
    struct tcp tcp;
    uint32_t messages;
    bool patient_told;
};

void hl7_start(struct sim *s, struct hl7 *c, struct device *monitor, struct device *engine);
/* Heart rate and oxygen saturation of an invented patient (ORU^R01), and the acknowledgement. */
void hl7_send_observation(struct sim *s, struct hl7 *c);

#endif
