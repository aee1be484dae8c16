/* A Modbus client that reads blocks of a device, or of the units behind a gateway, in turn. */
#ifndef PLANTSIM_MODBUS_POLL_H
#define PLANTSIM_MODBUS_POLL_H

#include "poll.h"
#include "speak_modbus.h"

enum { MODBUS_POLL_BLOCKS_MAX = 16 };

struct modbus_poll {
    struct poll poll;
    struct modbus link;
    struct modbus_block blocks[MODBUS_POLL_BLOCKS_MAX];
    unsigned n_blocks, rounds;
    unsigned refused; /* in each so many rounds, the last block is refused; 0: never */
    bool identified;
};

/* Without blocks yet; started. */
struct modbus_poll *modbus_poll(struct sim *s, struct device *client, struct device *server, uint64_t period_ns);
void modbus_poll_add(struct modbus_poll *p, const struct modbus_block *block);

#endif
