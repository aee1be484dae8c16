/* From packets and stream bytes to dissectors. */
#include "sensor/sensor.h"

#include "base/memory.h"

#include <string.h>

static uint32_t dissect(struct cd_sensor *s, struct cd_flow *flow, unsigned end, const struct cd_dissector *d,
                        const uint8_t *bytes, size_t len, bool cut)
{
    struct cd_message m = {
        .observer = s->observer,
        .packet = s->packet,
        .flow = flow,
        .dissector = d,
        .state = flow->dissector_state,
        .client = flow->client,
        .server = flow->server,
        .client_port = flow->client_port,
        .server_port = flow->server_port,
        .transport = (enum cd_transport)flow->transport,
        .sent_by_client_end = end == 0,
        .from_client = end == 0,
        .cut = cut,
    };
    struct cd_reader r = cd_reader_of(bytes, len);
    d->dissect(&m, &r);
    if (m.dissector != d) /* a carried protocol says more than its carrier */
        flow->protocol = m.dissector->name;
    return m.skip;
}

static void count(struct cd_sensor *s, const struct cd_flow *flow, size_t len, bool cut)
{
    struct cd_protocol_entry *e = s->entries[flow->dissector_number];
    e->messages++;
    e->bytes += len;
    e->cut += cut;
}

static size_t unclaimed(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len,
                        size_t fresh)
{
    struct cd_sensor *s = context;
    cd_sensor_claim(s, flow, end, bytes, len);
    if (flow->dissector || fresh == len || flow->opaque)
        return 0;
    cd_sensor_claim(s, flow, end, bytes + len - fresh,
                    fresh); /* the segment alone may begin a message where the one before did not */
    return flow->dissector ? len - fresh : 0;
}

static ssize_t frame(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    (void)context;
    return flow->dissector->frame(flow->dissector_state, bytes, len, end == 0);
}

static uint32_t message(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len, bool cut)
{
    struct cd_sensor *s = context;
    count(s, flow, len, cut);
    return dissect(s, flow, end, flow->dissector, bytes, len, cut);
}

static cd_pair pair_of(struct cd_sensor *s, struct cd_flow *flow)
{
    if (flow->pair == CD_PAIR_NONE)
        flow->pair = cd_observe_pair(s->observer, &flow->client, &flow->server);
    return flow->pair;
}

static void overlap(void *context, struct cd_flow *flow, unsigned end)
{
    struct cd_sensor *s = context;
    cd_observe_event(s->observer, CD_EVENT_TCP_OVERLAP, *flow->protocol ? flow->protocol : "tcp", pair_of(s, flow),
                     end == 0 ? "client sent the same sequence numbers again with other content"
                              : "server sent the same sequence numbers again with other content",
                     s->packet->time_ns, s->packet->frame);
}

static void unframed(void *context, struct cd_flow *flow, unsigned end, size_t len)
{
    struct cd_sensor *s = context;
    struct cd_protocol_entry *e = s->entries[flow->dissector_number];
    e->bytes += len;
    e->malformed_bytes += len;
    if (!flow->ends[end].lost) { /* after a loss it is no wonder */
        e->malformed++;
        cd_observe_event(s->observer, CD_EVENT_MALFORMED, flow->protocol, pair_of(s, flow),
                         "bytes that begin no message", s->packet->time_ns, s->packet->frame);
    }
}

static uint32_t max_message(void *context, const struct cd_flow *flow)
{
    (void)context;
    return flow->dissector->max_message ? flow->dissector->max_message : 65536;
}

void cd_sensor_setup_messages(struct cd_sensor *s)
{
    s->sink = (struct cd_stream_sink){.context = s,
                                      .unclaimed = unclaimed,
                                      .frame = frame,
                                      .message = message,
                                      .overlap = overlap,
                                      .unframed = unframed,
                                      .max_message = max_message};
    s->streams.sink = &s->sink;
}

void cd_sensor_packet_message(struct cd_sensor *s, struct cd_flow *flow, unsigned end)
{
    const struct cd_packet *p = s->packet;
    count(s, flow, p->payload_len, p->payload_wire_len > p->payload_len);
    dissect(s, flow, end, flow->dissector, p->payload, p->payload_len, p->payload_wire_len > p->payload_len);
}

void cd_sensor_datagram(struct cd_sensor *s, struct cd_flow *flow, unsigned end)
{
    const struct cd_packet *p = s->packet;
    if (!flow->dissector) {
        if (flow->opaque || p->payload_len == 0)
            return;
        cd_sensor_claim(s, flow, end, p->payload, p->payload_len);
        flow->ends[end].probes++;
        if (!flow->dissector)
            return;
    }
    if (p->payload_wire_len == 0)
        return;
    cd_sensor_packet_message(s, flow, end);
}
