/* Protocols without ports. Directly on the link layer the Ethertype names the dissector. Several may share one (PROFINET's 0x8892, LLC): then every frame goes to the
 * dissector whose probe knows it, within the same flow, and each keeps a state of its own. Where an Ethertype is one dissector's alone, nothing is asked
 * after the first frame. Directly on IP the protocol's number names the one dissector. */
#include "sensor/sensor.h"

#include "base/memory.h"

enum { LINK_PROBES_MAX = 4 }; /* payloads of one end that nobody knows before they are no longer looked at */

/* The states of a shared flow's dissectors that are not its current one. */
struct cd_sharing {
    void *states[CD_SENSOR_SHARING_MAX]; /* by place in the Ethertype's list; the current one's lies in the flow */
};

static struct cd_ethertype_users *users_of(struct cd_sensor *s, uint16_t ethertype)
{
    uint8_t number = s->by_ethertype[ethertype];
    return number ? &s->ethertypes[number - 1] : NULL;
}

static void add_user(struct cd_sensor *s, uint16_t ethertype, uint8_t dissector)
{
    struct cd_ethertype_users *users = users_of(s, ethertype);
    if (!users) {
        if (s->n_ethertypes == CD_SENSOR_ETHERTYPES_MAX)
            return;
        users = &s->ethertypes[s->n_ethertypes++];
        s->by_ethertype[ethertype] = (uint8_t)s->n_ethertypes;
    }
    if (users->n < CD_SENSOR_SHARING_MAX)
        users->dissectors[users->n++] = dissector;
}

void cd_sensor_setup_link(struct cd_sensor *s)
{
    for (uint32_t d = 0; d < s->n_dissectors; d++) {
        for (int i = 0; i < CD_DISSECTOR_PORTS && cd_dissectors[d]->ethertypes[i]; i++)
            add_user(s, cd_dissectors[d]->ethertypes[i], (uint8_t)d);
        for (int i = 0; i < CD_DISSECTOR_IP_PROTOCOLS && cd_dissectors[d]->ip_protocols[i]; i++)
            s->by_ip_protocol[cd_dissectors[d]->ip_protocols[i]] = (uint8_t)(d + 1);
    }
}

static int ask(const struct cd_dissector *d, const struct cd_packet *p, unsigned end)
{
    return d->probe ? d->probe(p->payload, p->payload_len, p->transport, end == 0) : CD_PROBE_LIKELY;
}

/* The place in the list of the dissector that is surest of this frame; users->n where none knows it. The flow's current one is asked first: of
 * two that are equally sure it stays, and one that is sure ends the asking. */
static unsigned choose(const struct cd_ethertype_users *users, const struct cd_flow *flow, const struct cd_packet *p,
                       unsigned end, int *ret_sure)
{
    unsigned best = users->n;
    int best_sure = CD_PROBE_NO;
    if (flow->dissector) {
        best_sure = ask(flow->dissector, p, end);
        best = best_sure > CD_PROBE_NO ? flow->sharing_place : users->n;
    }
    for (unsigned i = 0; i < users->n && best_sure < CD_PROBE_SURE; i++) {
        const struct cd_dissector *d = cd_dissectors[users->dissectors[i]];
        int sure = d == flow->dissector ? CD_PROBE_NO : ask(d, p, end);
        if (sure <= best_sure)
            continue;
        best = i;
        best_sure = sure;
    }
    *ret_sure = best_sure;
    return best;
}

/* Makes the dissector in this place the flow's current one; the state of the one before waits. The flow keeps the name of the surest. */
static void turn_to(struct cd_flow *flow, const struct cd_ethertype_users *users, unsigned place, int sure)
{
    const struct cd_dissector *d = cd_dissectors[users->dissectors[place]];
    if (users->n > 1 && !flow->sharing)
        flow->sharing = cd_alloc(1, sizeof *flow->sharing);
    if (flow->dissector)
        flow->sharing->states[flow->sharing_place] = flow->dissector_state;
    flow->dissector_state = flow->sharing ? flow->sharing->states[place] : NULL;
    if (flow->sharing)
        flow->sharing->states[place] = NULL;
    if (!flow->dissector_state && d->state_size)
        flow->dissector_state = cd_alloc(1, d->state_size);
    flow->dissector = d;
    flow->dissector_number = users->dissectors[place];
    flow->sharing_place = (uint8_t)place;
    flow->claimed = true;
    if (sure <= flow->confidence)
        return;
    flow->protocol = d->name;
    flow->confidence = (uint8_t)sure;
}

void cd_sensor_link_payload(struct cd_sensor *s, struct cd_flow *flow, unsigned end)
{
    const struct cd_packet *p = s->packet;
    if (flow->opaque)
        return;
    const struct cd_ethertype_users *users = users_of(s, p->ethertype);
    if (!users) {
        flow->opaque = true;
        return;
    }
    if (!flow->dissector || users->n > 1) {
        int sure;
        unsigned place = choose(users, flow, p, end, &sure);
        if (place == users->n) { /* nobody's; where the Ethertype is shared, the next frame may be somebody's */
            if (users->n == 1 && ++flow->ends[end].probes >= LINK_PROBES_MAX)
                flow->opaque = true;
            return;
        }
        if (!flow->dissector || place != flow->sharing_place)
            turn_to(flow, users, place, sure);
    }
    cd_sensor_packet_message(s, flow, end);
}

/* The dissector of the flow's protocol takes the flow once its probe knows a payload. */
static bool claim_ip(struct cd_sensor *s, struct cd_flow *flow, unsigned end)
{
    uint8_t number = s->by_ip_protocol[s->packet->ip_protocol];
    const struct cd_dissector *d = number ? cd_dissectors[number - 1] : NULL;
    int sure = d ? ask(d, s->packet, end) : CD_PROBE_NO;
    if (sure < CD_PROBE_MAYBE) {
        flow->opaque = !d || ++flow->ends[end].probes >= LINK_PROBES_MAX;
        return false;
    }
    flow->dissector = d;
    flow->dissector_number = (uint8_t)(number - 1);
    flow->dissector_state = d->state_size ? cd_alloc(1, d->state_size) : NULL;
    flow->protocol = d->name;
    flow->confidence = (uint8_t)sure;
    flow->claimed = true;
    return true;
}

void cd_sensor_ip_payload(struct cd_sensor *s, struct cd_flow *flow, unsigned end)
{
    if (flow->opaque || s->packet->payload_wire_len == 0)
        return;
    if (!flow->dissector && (s->packet->payload_len == 0 || !claim_ip(s, flow, end)))
        return;
    cd_sensor_packet_message(s, flow, end);
}

void cd_sensor_end_sharing(struct cd_sensor *s, struct cd_flow *flow)
{
    const struct cd_ethertype_users *users = users_of(s, flow->server_port);
    for (unsigned i = 0; users && flow->sharing && i < users->n; i++) {
        const struct cd_dissector *d = cd_dissectors[users->dissectors[i]];
        if (flow->sharing->states[i] && d->end)
            d->end(flow->sharing->states[i]);
        cd_free(flow->sharing->states[i]);
    }
    cd_free(flow->sharing);
    flow->sharing = NULL;
}
