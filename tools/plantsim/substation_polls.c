#include "substation_polls.h"

#include "site.h"

static void begin_iec104(struct sim *s, void *subject)
{
    struct iec104_poll *p = subject;
    iec104_start_transfer(s, &p->link);
    iec104_interrogate(s, &p->link);
    if (p->rounds == 0)
        iec104_set_clock(s, &p->link);
}

/* The station tells by itself; now and then the centre asks for everything, or only whether the other is there. */
static void round_of_iec104(struct sim *s, void *subject)
{
    struct iec104_poll *p = subject;
    p->rounds++;
    iec104_tell_values(s, &p->link);
    if (p->rounds % 7 == 3)
        iec104_tell_change(s, &p->link, 4, p->rounds % 2);
    if (p->rounds % 20 == 0)
        iec104_interrogate(s, &p->link);
    if (p->rounds % 11 == 0)
        iec104_test(s, &p->link);
}

struct iec104_poll *iec104_poll(struct sim *s, struct device *centre, struct device *station, uint16_t common_address,
                                uint64_t period_ns)
{
    struct iec104_poll *p = site_memory(s, sizeof *p);
    iec104_start(s, &p->link, centre, station, common_address);
    p->poll = (struct poll){
        .tcp = &p->link.tcp, .subject = p, .begin = begin_iec104, .round = round_of_iec104, .period_ns = period_ns};
    poll_start(s, &p->poll);
    return p;
}

static void begin_mms(struct sim *s, void *subject)
{
    struct mms_poll *p = subject;
    mms_associate(s, &p->link);
    if (!p->identified)
        mms_identify(s, &p->link);
    p->identified = true;
}

static void round_of_mms(struct sim *s, void *subject)
{
    struct mms_poll *p = subject;
    mms_read_measurement(s, &p->link);
    if (++p->rounds % 6 == 0)
        mms_report(s, &p->link);
}

struct mms_poll *mms_poll(struct sim *s, struct device *controller, struct device *relay, uint64_t period_ns)
{
    struct mms_poll *p = site_memory(s, sizeof *p);
    mms_start(s, &p->link, controller, relay);
    p->poll = (struct poll){
        .tcp = &p->link.tcp, .subject = p, .begin = begin_mms, .round = round_of_mms, .period_ns = period_ns};
    poll_start(s, &p->poll);
    return p;
}
