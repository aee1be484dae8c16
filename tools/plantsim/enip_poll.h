/* A client that reads name plates and values over EtherNet/IP: of a controller in a chassis, or of a drive. */
#ifndef PLANTSIM_ENIP_POLL_H
#define PLANTSIM_ENIP_POLL_H

#include "poll.h"
#include "speak_enip.h"

enum { ENIP_POLL_MODULES_MAX = 8 };

struct enip_poll {
    struct poll poll;
    struct enip link;
    struct device *modules[ENIP_POLL_MODULES_MAX]; /* by slot; the controller is in slot 0 */
    unsigned n_modules;                            /* 0: a drive, without a chassis */
    bool identified;
};

struct enip_poll *enip_poll(struct sim *s, struct device *client, struct device *server, uint64_t period_ns);

#endif
