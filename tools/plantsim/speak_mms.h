/* MMS (ISO 9506) as IEC 61850-8-1 uses it: a station controller and a protection relay. */
#ifndef PLANTSIM_SPEAK_MMS_H
#define PLANTSIM_SPEAK_MMS_H

#include "sim.h"
#include "tcp.h"

struct mms {
    struct tcp tcp;
    uint32_t invoke_id;
    uint16_t report_number;
};

void mms_start(struct sim *s, struct mms *c, struct device *client, struct device *server);
/* After tcp_open: transport, session and association. */
void mms_associate(struct sim *s, struct mms *c);
/* Vendor, model and firmware. */
void mms_identify(struct sim *s, struct mms *c);
/* A measured value of the logical device that has the server's name. */
void mms_read_measurement(struct sim *s, struct mms *c);
/* Closes or opens the breaker. */
void mms_operate(struct sim *s, struct mms *c, bool close);
/* The relay reports a change by itself. */
void mms_report(struct sim *s, struct mms *c);

#endif
