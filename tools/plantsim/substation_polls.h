/* A control centre's or station controller's connections: IEC 60870-5-104 to remote terminal units, MMS to protection relays. */
#ifndef PLANTSIM_SUBSTATION_POLLS_H
#define PLANTSIM_SUBSTATION_POLLS_H

#include "poll.h"
#include "speak_iec104.h"
#include "speak_mms.h"

struct iec104_poll {
    struct poll poll;
    struct iec104 link;
    unsigned rounds;
};

struct mms_poll {
    struct poll poll;
    struct mms link;
    unsigned rounds;
    bool identified;
};

struct iec104_poll *iec104_poll(struct sim *s, struct device *centre, struct device *station, uint16_t common_address,
                                uint64_t period_ns);
struct mms_poll *mms_poll(struct sim *s, struct device *controller, struct device *relay, uint64_t period_ns);

#endif
