/* IEC 60870-5-104. */
#ifndef PLANTSIM_SPEAK_IEC104_H
#define PLANTSIM_SPEAK_IEC104_H

#include "sim.h"
#include "tcp.h"

struct iec104 {
    struct tcp tcp;
    uint16_t common_address;
    uint16_t sent[2];     /* I frames each end has sent on this connection; [0] is the controlling station */
    uint16_t unconfirmed; /* that the controlling station has not told it has got */
};

void iec104_start(struct sim *s, struct iec104 *c, struct device *client, struct device *server,
                  uint16_t common_address);
/* After tcp_open: data transfer is started. */
void iec104_start_transfer(struct sim *s, struct iec104 *c);
/* General interrogation: confirmation, all points, termination. */
void iec104_interrogate(struct sim *s, struct iec104 *c);
/* The controlled station tells measured values. */
void iec104_tell_values(struct sim *s, struct iec104 *c);
/* A single point has changed. */
void iec104_tell_change(struct sim *s, struct iec104 *c, uint32_t address, bool on);
/* Select and execute of a switching device. */
void iec104_command(struct sim *s, struct iec104 *c, uint32_t address, bool on);
void iec104_set_clock(struct sim *s, struct iec104 *c);
/* TESTFR, where nothing else is to say. */
void iec104_test(struct sim *s, struct iec104 *c);

#endif
