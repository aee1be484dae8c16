/* Which protocol a flow speaks: by its port where the bytes agree, else by its bytes alone. */
#include "sensor/sensor.h"

#include "base/memory.h"

#include <string.h>

/* Server ports that tell the ends of a TCP connection apart where no handshake was seen; those of dissectors are added. */
static const uint16_t tcp_server_ports[] = {
    20,   21,   22,   23,   25,   53,   79,    80,    88,    104,   110,   111,   113,   119,  135,  139,  143,
    179,  389,  443,  445,  465,  514,  515,   548,   554,   587,   631,   636,   789,   873,  993,  995,  1080,
    1089, 1153, 1200, 1433, 1521, 1723, 1883,  1911,  1962,  2049,  2404,  2455,  2575,  3128, 3268, 3306, 3389,
    4000, 4059, 4840, 4911, 5006, 5007, 5060,  5094,  5222,  5432,  5555,  5671,  5672,  5900, 5985, 5986, 6379,
    8000, 8080, 8443, 8883, 9100, 9600, 10001, 11112, 11740, 18245, 18246, 20547, 45237, 48898};

/* A UDP conversation belongs to who sent first; only a datagram from one of these ports is taken for the answer to a request that was not
 * seen. Ports of multicast discovery (1900, 5355) are not among them: there an answer opens a flow of its own. */
static const uint16_t udp_server_ports[] = {
    20,   21,   22,   23,    25,    53,    67,    80,    88,    102,   104,   110,   111,   123,   135,   137,
    138,  139,  143,  161,   162,   389,   443,   445,   502,   514,   554,   636,   789,   1089,  1153,  1200,
    1234, 1235, 1433, 1502,  1521,  1740,  1741,  1742,  1743,  1883,  1911,  1962,  2222,  2404,  2455,  2575,
    3306, 3389, 3671, 4000,  4059,  4840,  4911,  5006,  5007,  5050,  5060,  5094,  5353,  5432,  5683,  5900,
    8080, 8443, 9600, 10001, 11112, 11740, 18245, 18246, 20000, 20547, 44818, 45237, 47808, 48898, 50000, 61450};

/* Payloads of a datagram flow that the probes see before they give up. */
enum { DATAGRAM_PROBES_MAX = 6, SEGMENT_PROBES_MAX = 4 };

static void know_ports(struct cd_sensor *s, enum cd_transport transport, const uint16_t *ports, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cd_flow_table_know_port(&s->flows, transport, ports[i]);
}

static bool speaks(const struct cd_dissector *d, enum cd_transport transport)
{
    if (transport == CD_TRANSPORT_TCP)
        return d->frame != NULL;
    return transport == CD_TRANSPORT_UDP && d->udp_ports[0] != 0; /* below, Ethertype and IP protocol tell: link.c */
}

/* Those that can tell their protocol by content, for each transport, in the order of the registry. */
static void list_probes(struct cd_sensor *s, uint32_t d)
{
    for (unsigned transport = 0; transport < CD_SENSOR_TRANSPORTS; transport++)
        if (cd_dissectors[d]->probe && speaks(cd_dissectors[d], (enum cd_transport)transport))
            s->probes[transport].items[s->probes[transport].n++] = (uint8_t)d;
}

void cd_sensor_setup_claims(struct cd_sensor *s)
{
    know_ports(s, CD_TRANSPORT_TCP, tcp_server_ports, sizeof tcp_server_ports / sizeof *tcp_server_ports);
    know_ports(s, CD_TRANSPORT_UDP, udp_server_ports, sizeof udp_server_ports / sizeof *udp_server_ports);
    for (uint32_t d = 0; d < CD_SENSOR_DISSECTORS_MAX && cd_dissectors[d]; d++) {
        s->n_dissectors = d + 1;
        list_probes(s, d);
        s->entries[d] = cd_observer_protocol(s->observer, cd_dissectors[d]->name);
        for (int i = 0; i < CD_DISSECTOR_PORTS && cd_dissectors[d]->tcp_ports[i]; i++) {
            s->by_port[0][cd_dissectors[d]->tcp_ports[i]] = (uint8_t)(d + 1);
            cd_flow_table_know_port(&s->flows, CD_TRANSPORT_TCP, cd_dissectors[d]->tcp_ports[i]);
        }
        for (int i = 0; i < CD_DISSECTOR_PORTS && cd_dissectors[d]->udp_ports[i]; i++) {
            s->by_port[1][cd_dissectors[d]->udp_ports[i]] = (uint8_t)(d + 1);
        }
    }
}

static int ask(const struct cd_dissector *d, const uint8_t *bytes, size_t len, enum cd_transport transport,
               unsigned end)
{
    if (!d->probe || !speaks(d, transport))
        return CD_PROBE_NO;
    int one = d->probe(bytes, len, transport, end == 0);
    if (one >= CD_PROBE_LIKELY || !d->probe_by_direction)
        return one;
    int other = d->probe(bytes, len, transport, end != 0); /* the ends may be confused where no handshake was seen */
    return other > one ? other : one;
}

static void give(struct cd_flow *flow, uint32_t d, int confidence)
{
    const struct cd_dissector *dissector = cd_dissectors[d];
    flow->dissector = dissector;
    flow->dissector_number = (uint8_t)d;
    flow->dissector_state = dissector->state_size ? cd_alloc(1, dissector->state_size) : NULL;
    flow->protocol = dissector->name;
    flow->confidence = (uint8_t)confidence;
    flow->claimed = true;
}

/* The dissector of one of the two ports, if the bytes are not against it. */
static bool claim_by_port(struct cd_sensor *s, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    const uint8_t *by_port = s->by_port[flow->transport == CD_TRANSPORT_UDP];
    const uint16_t ports[2] = {flow->server_port, flow->client_port};
    for (int i = 0; i < 2; i++) {
        uint32_t d = by_port[ports[i]];
        if (d == 0)
            continue;
        const struct cd_dissector *dissector = cd_dissectors[--d];
        int sure =
            dissector->probe ? ask(dissector, bytes, len, (enum cd_transport)flow->transport, end) : CD_PROBE_LIKELY;
        if (sure >= CD_PROBE_MAYBE) {
            give(flow, d, sure);
            return true;
        }
    }
    return false;
}

static bool claim_by_content(struct cd_sensor *s, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    int best = CD_PROBE_LIKELY - 1;
    uint32_t winner = UINT32_MAX;
    const struct cd_sensor_probes *probes = &s->probes[flow->transport];
    for (uint32_t i = 0; i < probes->n && best < CD_PROBE_SURE; i++) {
        int sure = ask(cd_dissectors[probes->items[i]], bytes, len, (enum cd_transport)flow->transport, end);
        if (sure > best) {
            best = sure;
            winner = probes->items[i];
        }
    }
    if (winner == UINT32_MAX)
        return false;
    give(flow, winner, best);
    return true;
}

void cd_sensor_claim(struct cd_sensor *s, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    if (claim_by_port(s, flow, end, bytes, len) || claim_by_content(s, flow, end, bytes, len))
        return;
    unsigned shown = flow->ends[0].probes + flow->ends[1].probes;
    if (flow->transport == CD_TRANSPORT_TCP
            ? shown + 1 >= 2 * SEGMENT_PROBES_MAX || flow->ends[end].probes + 1 >= SEGMENT_PROBES_MAX
            : shown + 1 >= DATAGRAM_PROBES_MAX)
        flow->opaque = true;
}
