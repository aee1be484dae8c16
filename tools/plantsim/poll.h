/* Cyclic traffic: a client reads the same of a server again and again, connects anew where the connection was lost, and meets the faults that the
 * server's device has. */
#ifndef PLANTSIM_POLL_H
#define PLANTSIM_POLL_H

#include "speak_modbus.h"

enum { POLL_BLOCKS_MAX = 16 };

/* When a device does not answer: nothing at all is heard from it. */
struct silence {
    uint64_t from_ns, until_ns; /* none where both are 0 */
};
static inline bool is_silent(const struct silence *silence, uint64_t time_ns)
{
    return time_ns >= silence->from_ns && time_ns < silence->until_ns;
}

struct modbus_poll {
    struct modbus link;
    struct modbus_block blocks[POLL_BLOCKS_MAX];
    unsigned n_blocks;
    uint64_t period_ns;
    struct silence silence;
    unsigned refused; /* every so many rounds, the last block is refused; 0: never */
    unsigned rounds;
    bool identified;
};

/* A poll without blocks yet; it begins in the start-up phase. */
struct modbus_poll *poll_modbus(struct sim *s, struct device *client, struct device *server, uint64_t period_ns);
void poll_modbus_add(struct modbus_poll *p, const struct modbus_block *block);

#endif
