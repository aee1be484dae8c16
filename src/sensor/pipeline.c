/* The way of a packet, for the newcomer: read cd_sensor_take from top to bottom.
 *
 *     frame ──decode──► packet ──flow table──► flow ──reassembly──► bytes in order ──framing──► message ──dissector──► observations
 *
 * Batches keep the memory busy: all headers of a batch are decoded and the places of their flows in the table fetched before the first
 * flow is touched. */
#include "sensor/sensor.h"

#include "base/memory.h"
#include "decode/decode.h"

#include <string.h>

enum { BATCH = 32, AHEAD = 8 };

/* A time to live as hosts set it: the packet has passed no router since. */
static bool is_fresh(uint8_t ttl)
{
    static const uint8_t starts[] = {1, 30, 32, 60, 64, 100, 128, 200, 255};
    for (size_t i = 0; i < sizeof starts; i++)
        if (ttl == starts[i])
            return true;
    return false;
}

/* A MAC and an IP address seen in one frame: the ground on which the inventory tells devices from routers. Told once per flow and direction, and again
 * when the MAC changes. */
static void report_address(struct cd_sensor *s, cd_mac mac, const struct cd_ip *ip, const struct cd_packet *p)
{
    char buffer[64];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    struct cd_subject subject = {.mac = mac, .nested = ""};
    bool none_yet =
        cd_ip_is_unspecified(ip) && cd_mac_is_device(mac); /* it asks for one: the MAC is there all the same */
    if (!cd_ip_is_device(ip) && !none_yet)
        return;
    if (!cd_mac_is_device(mac)) {
        subject.mac = CD_NO_MAC;
        subject.ip = *ip;
    }
    cd_text_ip(&text, ip);
    cd_observe_fact(s->observer, &subject, CD_ATTRIBUTE_ADDRESS, text.at, text.len,
                    is_fresh(p->ttl) ? "ip" : "ip-routed", 50, p->time_ns);
}

static void report_vlan(struct cd_sensor *s, const struct cd_packet *p)
{
    char buffer[16];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    struct cd_subject subject = {.mac = p->src_mac, .nested = ""};
    if (!cd_mac_is_device(p->src_mac))
        return;
    cd_text_u64(&text, p->vlans[p->n_vlans - 1]);
    cd_observe_fact(s->observer, &subject, CD_ATTRIBUTE_VLAN, text.at, text.len, "vlan", 90, p->time_ns);
}

static void first_from(struct cd_sensor *s, struct cd_flow_end *end, const struct cd_packet *p)
{
    end->mac = p->src_mac;
    end->seen = true;
    if (p->has_ip)
        report_address(s, p->src_mac, &p->src, p);
    if (p->n_vlans)
        report_vlan(s, p);
}

/* Finds the packet's flow and counts the packet there. */
static struct cd_flow *count_in_flow(struct cd_sensor *s, const struct cd_packet *p, struct cd_flow_place place,
                                     unsigned *ret_end)
{
    struct cd_flow *flow = cd_flow_table_find(&s->flows, p, place, ret_end);
    struct cd_flow_end *end = &flow->ends[*ret_end];
    end->packets++;
    end->bytes += p->wire_len;
    if (p->time_ns > flow->last_ns)
        flow->last_ns = p->time_ns;
    if (__builtin_expect(end->mac != p->src_mac || !end->seen, 0))
        first_from(s, end, p);
    return flow;
}

/* The two ends of a tunnel have a conversation of their own, of which the inner packet is the content. */
static void count_tunnel(struct cd_sensor *s, const struct cd_packet *p)
{
    struct cd_packet outer = {.time_ns = p->time_ns,
                              .frame = p->frame,
                              .wire_len = p->wire_len,
                              .has_ip = true,
                              .src = p->outer_src,
                              .dst = p->outer_dst,
                              .src_mac = p->outer_src_mac,
                              .dst_mac = CD_NO_MAC,
                              .outer_src_mac = p->outer_src_mac,
                              .ip_protocol = p->outer_protocol,
                              .src_port = p->outer_src_port,
                              .dst_port = p->outer_dst_port,
                              .transport = p->outer_dst_port ? CD_TRANSPORT_UDP : CD_TRANSPORT_IP};
    unsigned end;
    struct cd_flow *flow = count_in_flow(s, &outer, cd_flow_place_of(&outer), &end);
    flow->protocol = cd_tunnel_name(&outer);
    flow->confidence = CD_PROBE_SURE;
    flow->opaque = flow->claimed = true;
}

static void take_transport(struct cd_sensor *s, struct cd_packet *p, struct cd_flow_place place);

/* A fragment is counted on the flow of its two addresses; the datagram that it completes goes on as a packet of its own. */
static void take_fragment(struct cd_sensor *s, struct cd_packet *p, struct cd_flow_place place)
{
    uint32_t len;
    bool conflict;
    unsigned end;
    const uint8_t *whole = cd_defrag_push(&s->defrag, p, &len, &conflict);
    if (conflict)
        cd_observe_event(s->observer, CD_EVENT_IP_FRAGMENT_OVERLAP, "ip",
                         cd_observe_pair(s->observer, &p->src, &p->dst),
                         "fragments of one datagram overlap with other content", p->time_ns, p->frame);
    if (!whole) {
        count_in_flow(s, p, place, &end);
        return;
    }
    cd_decode_datagram(whole, len, p);
    if (p->fragment) /* fragments within fragments: not followed */
        count_in_flow(s, p, cd_flow_place_of(p), &end);
    else
        take_transport(s, p, cd_flow_place_of(p));
}

static void take_transport(struct cd_sensor *s, struct cd_packet *p, struct cd_flow_place place)
{
    unsigned end;
    struct cd_flow *flow = count_in_flow(s, p, place, &end);
    switch (p->transport) {
    case CD_TRANSPORT_TCP: cd_stream_packet(&s->streams, flow, end, p); break;
    case CD_TRANSPORT_UDP: cd_sensor_datagram(s, flow, end); break;
    case CD_TRANSPORT_IP: cd_sensor_ip_payload(s, flow, end); break;
    case CD_TRANSPORT_ETH: cd_sensor_link_payload(s, flow, end); break;
    }
    if (__builtin_expect(!flow->claimed && s->naming && p->payload_len && p->ip, 0))
        cd_naming_packet(s->naming, flow, p, s->frame);
}

static void take_packet(struct cd_sensor *s, struct cd_packet *p, struct cd_flow_place place)
{
    s->packet = p;
    if (__builtin_expect(p->bad != NULL, 0)) {
        s->health.bad_frames++;
        cd_health_count_layer(&s->health, p->bad_layer);
        if (p->payload_len == 0 && !p->has_ip)
            return;
    }
    if (__builtin_expect(p->undecoded, 0)) {
        s->health.undecoded_frames++;
        return;
    }
    if (__builtin_expect(p->n_tunnels > 0, 0))
        count_tunnel(s, p);
    if (__builtin_expect(p->fragment, 0))
        take_fragment(s, p, place);
    else
        take_transport(s, p, place);
}

static void take_batch(struct cd_sensor *s, const struct cd_frame *const *frames, size_t n)
{
    struct cd_packet packets[BATCH];
    struct cd_flow_place places[BATCH];
    for (size_t i = 0; i < n; i++) {
        const struct cd_frame *f = frames[i];
        packets[i].time_ns = f->time_ns;
        packets[i].frame = f->number;
        cd_decode(f->link_type, f->bytes, f->captured_len, f->wire_len, &packets[i]);
        if (__builtin_expect(packets[i].ethertype == CD_ETHERTYPE_ETHERCAT || packets[i].dst_port == CD_PORT_ETHERCAT,
                             0))
            cd_sensor_settle_source(s, &packets[i]);
        places[i] = cd_flow_place_of(&packets[i]);
        cd_index_prefetch(&s->flows.index, places[i].hash);
    }
    for (size_t i = 0; i < n; i++)
        cd_flow_table_prefetch(&s->flows, &places[i]);
    for (size_t i = 0; i < n; i++) {
        s->frame = frames[i];
        take_packet(s, &packets[i], places[i]);
    }
    s->packet = NULL;
}

static void count_frame(struct cd_health *h, const struct cd_frame *f)
{
    h->frames++;
    h->captured_bytes += f->captured_len;
    h->wire_bytes += f->wire_len;
    h->cut_frames += f->captured_len < f->wire_len;
}

/* Sources rarely change their link type: the last answer is kept. */
static bool link_is_decoded(struct cd_sensor *s, uint16_t link_type)
{
    if (__builtin_expect(link_type != s->link_type || !s->link_asked, 0)) {
        s->link_type = link_type;
        s->link_decoded = cd_decode_knows(link_type);
        s->link_asked = true;
    }
    return s->link_decoded;
}

void cd_sensor_take(struct cd_sensor *s, const struct cd_frame *frames, size_t n)
{
    const struct cd_frame *mine[BATCH];
    size_t n_mine = 0;
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(frames[i + AHEAD].bytes);
        if (s->options.workers > 1 && cd_sensor_shard(&frames[i], s->options.workers) != s->options.worker)
            continue;
        count_frame(&s->health, &frames[i]);
        if (!link_is_decoded(s, frames[i].link_type)) {
            s->health.skipped_frames++;
            continue;
        }
        mine[n_mine++] = &frames[i];
        if (n_mine == BATCH) {
            take_batch(s, mine, n_mine);
            n_mine = 0;
        }
    }
    if (n_mine)
        take_batch(s, mine, n_mine);
    if (n)
        cd_flow_table_sweep(&s->flows, frames[n - 1].time_ns);
}

/* What still waited in a flow that ends is given with the time of the flow's last packet, and no frame number: the packets that brought it are gone. */
static void end_streams(struct cd_sensor *s, struct cd_flow *flow)
{
    const struct cd_packet *current = s->packet;
    struct cd_packet last = {.time_ns = flow->last_ns,
                             .transport = CD_TRANSPORT_TCP,
                             .has_ip = true,
                             .ip_protocol = flow->ip_protocol,
                             .tunnel = flow->tunnel,
                             .src_mac = CD_NO_MAC,
                             .dst_mac = CD_NO_MAC,
                             .outer_src_mac = CD_NO_MAC,
                             .src = flow->client,
                             .dst = flow->server,
                             .outer_src = flow->client,
                             .outer_dst = flow->server,
                             .src_port = flow->client_port,
                             .dst_port = flow->server_port};
    s->packet = &last;
    cd_stream_end(&s->streams, flow);
    s->packet = current;
}

static void flow_ended(void *context, struct cd_flow *flow)
{
    struct cd_sensor *s = context;
    if (flow->transport == CD_TRANSPORT_TCP) {
        if (flow->ends[0].stream || flow->ends[1].stream)
            end_streams(s, flow);
        s->health.mid_stream_flows += flow->mid_stream;
    }
    if (s->naming)
        cd_naming_flow_end(s->naming, flow);
    if (flow->dissector_state && flow->dissector->end)
        flow->dissector->end(flow->dissector_state);
    cd_free(flow->dissector_state);
    if (__builtin_expect(flow->sharing != NULL, 0))
        cd_sensor_end_sharing(s, flow);
    cd_free(flow->pendings);
    flow->dissector_state = flow->pendings = NULL;
}

struct cd_sensor *cd_sensor_new(const struct cd_sensor_options *options)
{
    struct cd_sensor *s = cd_alloc(1, sizeof *s);
    uint32_t workers = options->workers > 1 ? options->workers : 1;
    uint32_t flows = options->max_flows ? options->max_flows : 1000000;
    s->options = *options;
    s->options.workers = workers;
    s->observer = cd_observer_new(NULL);
    cd_flow_table_init(&s->flows, flows / workers + 1, s->observer, flow_ended, s);
    s->streams.waiting_cap = (options->max_waiting_bytes ? options->max_waiting_bytes : (size_t)64 << 20) / workers;
    cd_sensor_setup_claims(s);
    cd_sensor_setup_link(s);
    cd_sensor_setup_messages(s);
    if (options->name_applications)
        s->naming = cd_naming_new();
    s->setup_allocations = cd_memory_allocations();
    return s;
}

void cd_sensor_finish(struct cd_sensor *s)
{
    cd_flow_table_finish(&s->flows);
    cd_defrag_finish(&s->defrag);
    cd_sensor_settle(s);
}

void cd_sensor_free(struct cd_sensor *s)
{
    if (!s)
        return;
    cd_flow_table_each(&s->flows, flow_ended, s);
    cd_flow_table_free(&s->flows);
    cd_defrag_free(&s->defrag);
    cd_naming_free(s->naming);
    cd_observer_free(s->observer);
    cd_free(s);
}
