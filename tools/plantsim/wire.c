#include "wire.h"

#include "sim.h"

#include "base/hash.h"
#include "base/memory.h"

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };
static const cd_mac broadcast_mac = 0xffffffffffffu;

/* ---- frames ---- */

static void emit(void *context, void *subject)
{
    struct sim *s = context;
    struct queued_frame *frame = subject;
    s->frames++;
    for (uint32_t at = frame->first_event; at != CD_INDEX_NONE; at = s->truth.events[at].next)
        s->truth.events[at].frame = s->frames;
    if (!s->error.code)
        output_frame(s->output, s->now_ns, frame->bytes, frame->len, &s->error);
    cd_free(frame);
}

static struct sent queue(struct sim *s, uint32_t conversation, uint64_t time_ns, const struct octets *o)
{
    size_t len = o->len;
    struct queued_frame *frame = cd_alloc(1, sizeof *frame + len);
    if (o->cut && !s->error.code)
        cd_error_set(&s->error, CD_ERROR_INTERNAL, "a message is longer than its builder allows for");
    time_ns -= time_ns % US; /* as the capture file keeps it */
    frame->first_event = CD_INDEX_NONE;
    frame->len = (uint32_t)len;
    memcpy(frame->bytes, o->at, len);
    schedule_add(&s->schedule, time_ns, emit, s, frame);
    truth_count_frame(&s->truth, conversation, time_ns, len);
    return (struct sent){time_ns, frame};
}

void wire_repeat(struct sim *s, const struct sent *sent, uint32_t conversation, uint64_t time_ns)
{
    const struct octets same = {.at = sent->frame->bytes, .len = sent->frame->len};
    queue(s, conversation, time_ns, &same);
}

/* ---- ends ---- */

struct end wire_end(struct device *d)
{
    return (struct end){d, d->ip, d->mac};
}

struct end wire_group(uint32_t ip)
{
    bool multicast = ip >> 28 == 0xe;
    return (struct end){NULL, ip, multicast ? (cd_mac)0x01005e << 24 | (ip & 0x7fffff) : broadcast_mac};
}

endpoint wire_endpoint(const struct end *e)
{
    return e->ip ? e->ip : ENDPOINT_OF_MAC(e->mac);
}

/* What stands for the end on the core segment: itself, or the router it is behind. */
static struct device *at_core(const struct end *e)
{
    return e->device && e->device->router ? e->device->router : e->device;
}

static void has_sent(struct end from)
{
    from.device->sent = true;
    at_core(&from)->sent = true;
}

static struct ip_header ip_header_of(const struct end *from, const struct end *to, uint8_t protocol)
{
    struct device *d = from->device;
    return (struct ip_header){.src = from->ip,
                              .dst = to->ip,
                              .id = ++d->ip_id,
                              .ttl = (uint8_t)(d->model->ttl - (d->router != NULL)),
                              .protocol = protocol};
}

static void put_link_header(struct octets *o, const struct end *from, const struct end *to, uint16_t ethertype)
{
    frame_ethernet(o, to->device ? at_core(to)->mac : to->mac, at_core(from)->mac, ethertype, 0);
}

/* ---- ARP (RFC 826) ---- */

static void put_arp(struct octets *o, unsigned operation, const struct device *sender, const struct device *target)
{
    put_be32(o, 0x00010800);
    put_be32(o, 0x06040000 | operation);
    put_mac(o, sender->mac);
    put_be32(o, sender->ip);
    put_mac(o, operation == ARP_REQUEST ? 0 : target->mac);
    put_be32(o, target->ip);
}

static struct deed arp_deed(endpoint client, endpoint server, bool reply)
{
    return (struct deed){client, server, "arp", reply ? "2" : "1", reply ? "reply" : "request", "identify", ""};
}

static void exchange_arp(struct sim *s, uint64_t time_ns, struct device *asker, struct device *answerer)
{
    uint8_t buffer[64];
    struct octets o = OCTETS_OF(buffer);
    put_arp(&o, ARP_REQUEST, asker, answerer);
    struct sent sent = wire_ethernet(s, asker, broadcast_mac, ETHERTYPE_ARP, 0, "arp", time_ns, &o);
    struct deed request = arp_deed(ENDPOINT_OF_MAC(asker->mac), ENDPOINT_OF_MAC(broadcast_mac), false);
    truth_request(&s->truth, &request, &sent);
    o.len = 0;
    put_arp(&o, ARP_REPLY, answerer, asker);
    sent = wire_ethernet(s, answerer, asker->mac, ETHERTYPE_ARP, 0, "arp", time_ns + 140 * US, &o);
    struct deed reply = arp_deed(ENDPOINT_OF_MAC(answerer->mac), ENDPOINT_OF_MAC(asker->mac), true);
    truth_request(&s->truth, &reply, &sent);
}

/* Whether the two have exchanged addresses before; both learn from one exchange. */
static bool are_acquainted(struct sim *s, const struct device *a, const struct device *b)
{
    uint32_t low = a->number < b->number ? a->number : b->number, high = a->number < b->number ? b->number : a->number;
    uint64_t pair = (uint64_t)low << 32 | high, hash = cd_hash_u64(4, pair);
    struct cd_probe probe = cd_index_probe(&s->arp, hash);
    for (uint32_t at; (at = cd_index_next(&s->arp, &probe)) != CD_INDEX_NONE;)
        if (s->arp_pairs.items[at] == pair)
            return true;
    if (s->arp_pairs.count == s->arp_pairs.size) {
        s->arp_pairs.size = s->arp_pairs.size ? s->arp_pairs.size * 2 : 256;
        s->arp_pairs.items = cd_realloc(s->arp_pairs.items, s->arp_pairs.size, sizeof *s->arp_pairs.items);
    }
    s->arp_pairs.items[s->arp_pairs.count] = pair;
    cd_index_insert(&s->arp, hash, s->arp_pairs.count++);
    return false;
}

uint64_t wire_resolve(struct sim *s, uint64_t time_ns, const struct end *from, const struct end *to)
{
    struct device *asker = at_core(from), *answerer = at_core(to);
    if (!answerer || asker == answerer || are_acquainted(s, asker, answerer))
        return time_ns;
    exchange_arp(s, time_ns, asker, answerer);
    return time_ns + 210 * US;
}

/* ---- datagrams and segments ---- */

struct dialogue wire_dialogue(struct sim *s, struct end client, uint16_t client_port, struct end server,
                              uint16_t server_port, const char *protocol)
{
    struct dialogue d = {.client = client, .server = server, .client_port = client_port, .server_port = server_port};
    d.conversation =
        truth_conversation(&s->truth, wire_endpoint(&client), wire_endpoint(&server), TRANSPORT_UDP, server_port);
    truth_name_protocol(&s->truth, d.conversation, protocol);
    return d;
}

struct sent wire_udp(struct sim *s, const struct dialogue *d, bool from_client, uint64_t time_ns,
                     const struct octets *payload)
{
    uint8_t buffer[FRAME_MAX];
    struct octets o = OCTETS_OF(buffer);
    const struct end *from = from_client ? &d->client : &d->server, *to = from_client ? &d->server : &d->client;
    struct ip_header ip = ip_header_of(from, to, PROTOCOL_UDP);
    put_link_header(&o, from, to, ETHERTYPE_IPV4);
    frame_udp(&o, &ip, from_client ? d->client_port : d->server_port, from_client ? d->server_port : d->client_port,
              payload->at, payload->len);
    frame_pad(&o);
    has_sent(*from);
    o.cut |= payload->cut;
    return queue(s, d->conversation, time_ns, &o);
}

struct sent wire_tcp(struct sim *s, const struct end *from, const struct end *to, const struct tcp_header *header,
                     uint32_t conversation, uint64_t time_ns, const void *payload, size_t len)
{
    uint8_t buffer[FRAME_MAX];
    struct octets o = OCTETS_OF(buffer);
    struct ip_header ip = ip_header_of(from, to, PROTOCOL_TCP);
    put_link_header(&o, from, to, ETHERTYPE_IPV4);
    frame_tcp(&o, &ip, header, payload, len);
    frame_pad(&o);
    has_sent(*from);
    return queue(s, conversation, time_ns, &o);
}

struct sent wire_ethernet(struct sim *s, struct device *from, cd_mac to, uint16_t ethertype, uint16_t vlan,
                          const char *protocol, uint64_t time_ns, const struct octets *payload)
{
    uint8_t buffer[FRAME_MAX];
    struct octets o = OCTETS_OF(buffer);
    uint32_t conversation =
        truth_conversation(&s->truth, ENDPOINT_OF_MAC(from->mac), ENDPOINT_OF_MAC(to), TRANSPORT_ETH, ethertype);
    truth_name_protocol(&s->truth, conversation, protocol);
    frame_ethernet(&o, to, from->mac, ethertype, vlan);
    put_octets(&o, payload);
    frame_pad(&o);
    from->sent = true;
    return queue(s, conversation, time_ns, &o);
}
