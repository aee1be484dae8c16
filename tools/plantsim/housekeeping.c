#include "housekeeping.h"

#include "site.h"
#include "speak_network.h"

struct pair {
    struct device *asker, *other;
    struct snmp snmp;
    bool is_power_supply, known;
    story_fn *work;
    void *subject;
};

static struct pair *pair_of(struct sim *s, struct device *asker, struct device *other)
{
    struct pair *pair = site_memory(s, sizeof *pair);
    pair->asker = asker;
    pair->other = other;
    return pair;
}

static void ask_time(struct sim *s, void *subject)
{
    struct pair *pair = subject;
    ntp_ask(s, pair->asker, pair->other, s->now_ns);
    sim_after(s, 64 * SECOND, ask_time, pair);
}

void keep_time(struct sim *s, struct device *host, struct device *clock)
{
    if (host && clock)
        sim_at(s, site_start_up(s), ask_time, pair_of(s, host, clock));
}

static void look_after(struct sim *s, void *subject)
{
    struct pair *pair = subject;
    uint64_t at_ns = s->now_ns;
    if (!pair->known) {
        at_ns = snmp_read_system(s, &pair->snmp, at_ns);
        if (pair->is_power_supply)
            at_ns = snmp_read_ups(s, &pair->snmp, at_ns);
    }
    pair->known = true;
    snmp_read_interfaces(s, &pair->snmp, at_ns + 20 * MS);
    sim_after(s, site_period(s, 60 * SECOND), look_after, pair);
}

void manage(struct sim *s, struct device *station, struct device *managed, bool is_power_supply)
{
    if (!station || !managed)
        return;
    struct pair *pair = pair_of(s, station, managed);
    pair->snmp = snmp_start(station, managed);
    pair->is_power_supply = is_power_supply;
    sim_at(s, site_start_up(s), look_after, pair);
}

static void advertise_again(struct sim *s, void *subject)
{
    lldp_advertise(s, subject, s->now_ns);
    sim_after(s, 30 * SECOND, advertise_again, subject);
}

void advertise(struct sim *s, struct device *bridge)
{
    if (bridge)
        sim_at(s, s->start_ns, advertise_again, bridge);
}

static void arrive(struct sim *s, void *subject)
{
    struct pair *pair = subject;
    uint64_t ready_ns = dhcp_get_address(s, pair->asker, pair->other, s->now_ns);
    sim_at(s, ready_ns + SECOND, pair->work, pair->subject);
}

void visit(struct sim *s, struct device *laptop, struct device *dhcp_server, unsigned hundredths, story_fn *work,
           void *subject)
{
    if (!laptop || !dhcp_server)
        return;
    struct pair *pair = pair_of(s, laptop, dhcp_server);
    pair->work = work;
    pair->subject = subject;
    sim_at(s, sim_part(s, hundredths), arrive, pair);
}
