/* EtherNet/IP (CIP volume 2) with CIP messages (volume 1), unconnected, to a device and through a chassis to the modules in it. */
#ifndef PLANTSIM_SPEAK_ENIP_H
#define PLANTSIM_SPEAK_ENIP_H

#include "sim.h"
#include "tcp.h"

enum { ENIP_THE_DEVICE_ITSELF = -1 };

struct enip {
    struct tcp tcp;
    uint32_t session;
    uint64_t context; /* counts the requests */
};

void enip_start(struct sim *s, struct enip *c, struct device *client, struct device *server);
/* After tcp_open. */
void enip_register_session(struct sim *s, struct enip *c);
/* All attributes of the Identity object: of the device itself, or of the module in a slot. */
void enip_read_identity(struct sim *s, struct enip *c, struct device *device, int slot);
/* A tag of the controller in the slot: so many 32-bit integers. */
void enip_read_tag(struct sim *s, struct enip *c, int slot, const char *tag, uint16_t elements);
void enip_write_tag(struct sim *s, struct enip *c, int slot, const char *tag, uint32_t value);
/* A parameter of a drive. */
void enip_read_parameter(struct sim *s, struct enip *c, uint8_t parameter);
/* Identity object, Reset: the module starts anew. */
void enip_reset(struct sim *s, struct enip *c, int slot);

#endif
