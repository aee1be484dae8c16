/* BACnet/IP (ASHRAE 135 annex J), to devices on it and, through a router, on an MS/TP trunk behind it. */
#ifndef PLANTSIM_SPEAK_BACNET_H
#define PLANTSIM_SPEAK_BACNET_H

#include "sim.h"
#include "wire.h"

/* A server's exchanges with a controller, and with those on its trunk. */
struct bacnet {
    struct dialogue dialogue;
    uint64_t now_ns;
    uint8_t invoke_id;
};

/* A device that is spoken to: the controller itself (network 0), or one below it. */
struct bacnet_target {
    struct device *device;
    uint32_t instance;
    uint16_t network;
    uint8_t mac;
};

void bacnet_start(struct sim *s, struct bacnet *b, struct device *server, struct device *controller);
void bacnet_catch_up(struct sim *s, struct bacnet *b);
/* Vendor, model, firmware, name and serial number. */
void bacnet_read_name_plate(struct sim *s, struct bacnet *b, const struct bacnet_target *t);
/* The present values of the first so many analog inputs, at most 20. */
void bacnet_read_inputs(struct sim *s, struct bacnet *b, const struct bacnet_target *t, unsigned count);
/* Switches a binary output, at an operator's priority. */
void bacnet_switch_output(struct sim *s, struct bacnet *b, const struct bacnet_target *t, uint32_t output, bool on);
/* Who is there? To everybody on the segment, and a controller's answer. */
void bacnet_who_is(struct sim *s, struct device *server, uint32_t segment_broadcast);
void bacnet_i_am(struct sim *s, const struct bacnet_target *t, uint32_t segment_broadcast, unsigned vendor_id);

#endif
