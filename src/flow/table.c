#include "flow/table.h"

#include "base/hash.h"
#include "base/memory.h"
#include "observe/tables.h"

#include <string.h>

enum { BLOCK_FLOWS = 1024, SWEEP_FLOWS = 64, SWEEP_FLOWS_LARGE = 256, LARGE = 32768, SWEEP_AHEAD = 8 };

static const uint64_t second_ns = 1000000000;

/* How long a flow may be silent. TCP keeps long: industrial connections poll slowly, and a missed handshake costs the reassembly its start. */
enum { IDLE_TCP_S = 3600, IDLE_TCP_CLOSED_S = 10, IDLE_TCP_HALF_S = 120, IDLE_OTHER_S = 300 };

static struct cd_flow *flow_at(const struct cd_flow_table *table, uint32_t i)
{
    return &table->blocks[i / BLOCK_FLOWS][i % BLOCK_FLOWS];
}

void cd_flow_table_init(struct cd_flow_table *table, uint32_t cap, struct cd_observer *observer, cd_flow_end_fn *on_end,
                        void *context)
{
    memset(table, 0, sizeof *table);
    cd_index_init(&table->index, 4096);
    table->blocks = cd_alloc(cap / BLOCK_FLOWS + 1, sizeof(struct cd_flow *));
    table->cap = cap;
    table->free_head = CD_INDEX_NONE;
    table->observer = observer;
    table->on_end = on_end;
    table->on_end_context = context;
}

void cd_flow_table_free(struct cd_flow_table *table)
{
    for (uint32_t i = 0; i < table->n_blocks; i++)
        cd_free(table->blocks[i]);
    cd_free(table->blocks);
    cd_index_free(&table->index);
}

void cd_flow_table_know_port(struct cd_flow_table *table, enum cd_transport transport, uint16_t port)
{
    table->known_ports[transport == CD_TRANSPORT_UDP][port / 64] |= (uint64_t)1 << port % 64;
}

static bool port_is_known(const struct cd_flow_table *table, enum cd_transport transport, uint16_t port)
{
    return table->known_ports[transport == CD_TRANSPORT_UDP][port / 64] >> port % 64 & 1;
}

static uint64_t hash_end(const struct cd_ip *ip, uint16_t port)
{
    return cd_hash_mix(ip->words[0] ^ (uint64_t)port << 48 ^ 0x9e3779b97f4a7c15u, ip->words[1] ^ cd_hash_seed);
}

/* Below IP the ends are MACs in their IP form and the port is the Ethertype; on IP without ports it is the protocol. */
struct ends {
    const struct cd_ip *src, *dst;
    uint16_t src_port, dst_port;
    struct cd_ip macs[2]; /* what src and dst point to below IP */
};

static void set_ends(struct ends *e, const struct cd_packet *p)
{
    e->src = &p->src;
    e->dst = &p->dst;
    e->src_port = p->src_port;
    e->dst_port = p->dst_port;
    if (__builtin_expect(p->transport == CD_TRANSPORT_TCP || p->transport == CD_TRANSPORT_UDP, 1))
        return;
    if (p->transport == CD_TRANSPORT_IP) {
        e->src_port = e->dst_port = p->ip_protocol;
        return;
    }
    e->macs[0] = cd_ip_of_mac(p->src_mac);
    e->macs[1] = cd_ip_of_mac(p->dst_mac);
    e->src = &e->macs[0];
    e->dst = &e->macs[1];
    e->src_port = e->dst_port = p->ethertype;
}

static uint64_t hash_ends(const struct ends *e, const struct cd_packet *p)
{
    uint64_t sum =
        hash_end(e->src, e->src_port) + hash_end(e->dst, e->dst_port); /* commutative: both directions alike */
    return cd_hash_u64(sum, p->tunnel ^ (uint64_t)p->transport << 8);
}

struct cd_flow_place cd_flow_place_of(const struct cd_packet *packet)
{
    struct ends e;
    set_ends(&e, packet);
    return (struct cd_flow_place){.hash = hash_ends(&e, packet), .hint = CD_INDEX_NONE};
}

static bool same_flow(const struct cd_flow *f, const struct cd_packet *p, const struct ends *e, unsigned *ret_end)
{
    if (f->transport != p->transport || f->tunnel != p->tunnel)
        return false;
    if (f->client_port == e->src_port && f->server_port == e->dst_port && cd_ip_equal(&f->client, e->src) &&
        cd_ip_equal(&f->server, e->dst)) {
        *ret_end = 0;
        return true;
    }
    if (f->client_port == e->dst_port && f->server_port == e->src_port && cd_ip_equal(&f->client, e->dst) &&
        cd_ip_equal(&f->server, e->src)) {
        *ret_end = 1;
        return true;
    }
    return false;
}

/* Whether the sender of a flow's first packet is its server. The handshake tells; without one, the better known port, else the lower. */
static bool sent_by_server(const struct cd_flow_table *table, const struct cd_packet *p)
{
    if (p->transport == CD_TRANSPORT_TCP) {
        if (p->tcp_flags & CD_TCP_SYN)
            return p->tcp_flags & CD_TCP_ACK;
        if (port_is_known(table, p->transport, p->dst_port))
            return false;
        return port_is_known(table, p->transport, p->src_port) || p->dst_port > p->src_port;
    }
    if (p->transport == CD_TRANSPORT_UDP)
        return port_is_known(table, p->transport, p->src_port) && !port_is_known(table, p->transport, p->dst_port) &&
               p->dst_port > 1023 && !cd_ip_is_group(&p->dst);
    return false;
}

static uint32_t take_slot(struct cd_flow_table *table)
{
    if (table->free_head != CD_INDEX_NONE) {
        uint32_t at = table->free_head;
        table->free_head = flow_at(table, at)->conversation;
        return at;
    }
    if (table->used == table->cap) {
        enum { LOOK_AT = 16 };
        struct cd_flow *oldest = NULL;
        for (int i = 0; i < LOOK_AT; i++) {
            struct cd_flow *f = flow_at(table, table->hand++ % table->used);
            if (!oldest || f->last_ns < oldest->last_ns)
                oldest = f;
        }
        table->counters.evicted++;
        cd_flow_table_end(table, oldest);
        return take_slot(table);
    }
    if (table->used == table->n_blocks * BLOCK_FLOWS)
        table->blocks[table->n_blocks++] = cd_alloc(BLOCK_FLOWS, sizeof(struct cd_flow));
    return table->used++;
}

static struct cd_flow *make_flow(struct cd_flow_table *table, const struct cd_packet *p, const struct ends *e,
                                 uint64_t hash, unsigned *ret_end)
{
    uint32_t at = take_slot(table);
    struct cd_flow *f = flow_at(table, at);
    bool server = sent_by_server(table, p);
    memset(f, 0, sizeof *f);
    f->client = server ? *e->dst : *e->src;
    f->server = server ? *e->src : *e->dst;
    f->client_port = server ? e->dst_port : e->src_port;
    f->server_port = server ? e->src_port : e->dst_port;
    f->tunnel = p->tunnel;
    f->transport = (uint8_t)p->transport;
    f->ip_protocol = p->ip_protocol;
    f->first_ns = f->last_ns = p->time_ns;
    f->hash = hash;
    f->protocol = "";
    f->pair = f->reverse_pair = CD_PAIR_NONE;
    f->conversation = UINT32_MAX;
    f->ends[0].mac = f->ends[1].mac = CD_NO_MAC;
    f->number = at;
    f->live = true;
    cd_index_insert(&table->index, hash, at);
    table->counters.created++;
    if (++table->active > table->counters.active_most)
        table->counters.active_most = table->active;
    *ret_end = server;
    return f;
}

static uint64_t idle_limit_ns(const struct cd_flow *f)
{
    if (f->transport != CD_TRANSPORT_TCP)
        return IDLE_OTHER_S * second_ns;
    if (f->state == CD_FLOW_CLOSED)
        return IDLE_TCP_CLOSED_S * second_ns;
    return (f->ends[0].seen && f->ends[1].seen ? IDLE_TCP_S : IDLE_TCP_HALF_S) * second_ns;
}

static bool idle_too_long(const struct cd_flow *f, uint64_t now_ns)
{
    if (__builtin_expect(now_ns < f->last_ns + IDLE_TCP_CLOSED_S * second_ns, 1)) /* the shortest */
        return false;
    return now_ns - f->last_ns > idle_limit_ns(f);
}

/* Whether the packet belongs to another connection on the same ports. This depends on the flow's own packets alone, not on when the table was swept, so
 * that any number of workers tells the same. */
static bool begins_another(const struct cd_flow *f, const struct cd_packet *p, unsigned end)
{
    if (idle_too_long(f, p->time_ns))
        return true;
    if (__builtin_expect(p->transport != CD_TRANSPORT_TCP || !(p->tcp_flags & CD_TCP_SYN), 1))
        return false;
    if (f->state == CD_FLOW_CLOSED && !(p->tcp_flags & CD_TCP_ACK))
        return true;
    return f->ends[end].started &&
           f->ends[end].first_seq != p->tcp_seq + 1; /* devices connect anew without having closed */
}

void cd_flow_table_prefetch(const struct cd_flow_table *table, struct cd_flow_place *place)
{
    struct cd_probe probe = cd_index_probe(&table->index, place->hash);
    uint32_t at = cd_index_next(&table->index, &probe);
    place->hint = at;
    if (at == CD_INDEX_NONE)
        return;
    const char *flow = (const char *)flow_at(table, at);
    for (size_t line = 0; line < 256; line += 64)
        __builtin_prefetch(flow + line, 1);
}

/* The live flow of these ends, or NULL. */
static struct cd_flow *find_flow(struct cd_flow_table *table, const struct cd_packet *packet, const struct ends *e,
                                 struct cd_flow_place place, unsigned *ret_end)
{
    if (__builtin_expect(place.hint != CD_INDEX_NONE, 1)) {
        struct cd_flow *f = flow_at(table, place.hint);
        if (__builtin_expect(f->live && same_flow(f, packet, e, ret_end), 1))
            return f;
    }
    struct cd_probe probe = cd_index_probe(&table->index, place.hash);
    for (uint32_t at; (at = cd_index_next(&table->index, &probe)) != CD_INDEX_NONE;)
        if (same_flow(flow_at(table, at), packet, e, ret_end))
            return flow_at(table, at);
    return NULL;
}

struct cd_flow *cd_flow_table_find(struct cd_flow_table *table, const struct cd_packet *packet,
                                   struct cd_flow_place place, unsigned *ret_end)
{
    struct ends e;
    set_ends(&e, packet);
    struct cd_flow *f = find_flow(table, packet, &e, place, ret_end);
    if (f && __builtin_expect(begins_another(f, packet, *ret_end), 0)) {
        cd_flow_table_end(table, f);
        f = NULL;
    }
    return f ? f : make_flow(table, packet, &e, place.hash, ret_end);
}

/* Of two names that are equally sure, the first by the alphabet: the order in which flows end must not decide. */
static bool better_name(const struct cd_flow *f, const struct cd_conversation_entry *c)
{
    if (!*f->protocol || f->confidence != c->confidence)
        return *f->protocol && f->confidence > c->confidence;
    return !*c->protocol || strcmp(f->protocol, c->protocol) < 0;
}

static void fold(struct cd_flow_table *table, struct cd_flow *f)
{
    struct cd_observer *o = table->observer;
    if (f->ends[0].packets + f->ends[1].packets == 0)
        return;
    if (f->conversation == UINT32_MAX)
        f->conversation = cd_observer_conversation(o, &f->client, &f->server, (enum cd_transport)f->transport,
                                                   f->server_port, f->first_ns);
    if (f->conversation == UINT32_MAX)
        return;
    struct cd_conversation_entry *c = &o->conversations.items[f->conversation];
    c->client_packets += f->ends[0].packets;
    c->server_packets += f->ends[1].packets;
    c->client_bytes += f->ends[0].bytes;
    c->server_bytes += f->ends[1].bytes;
    c->retransmissions += f->retransmissions;
    c->gaps += f->gaps;
    c->gap_bytes += f->gap_bytes;
    c->resets += f->resets;
    c->flows += !f->counted;
    if (f->first_ns < c->first_ns)
        c->first_ns = f->first_ns;
    if (f->last_ns > c->last_ns)
        c->last_ns = f->last_ns;
    if (better_name(f, c)) {
        c->protocol = f->protocol;
        c->confidence = f->confidence;
    }
    f->counted = true;
    f->ends[0].packets = f->ends[1].packets = 0;
    f->ends[0].bytes = f->ends[1].bytes = 0;
    f->retransmissions = f->gaps = f->gap_bytes = f->resets = 0;
}

void cd_flow_table_end(struct cd_flow_table *table, struct cd_flow *flow)
{
    table->on_end(table->on_end_context, flow);
    fold(table, flow);
    if (flow->transport == CD_TRANSPORT_TCP && !(flow->ends[0].seen && flow->ends[1].seen)) {
        table->counters.one_sided++;
        if (flow->conversation != UINT32_MAX)
            table->observer->conversations.items[flow->conversation].one_sided_flows++;
    }
    cd_index_remove(&table->index, flow->hash, flow->number);
    flow->live = false;
    flow->conversation = table->free_head;
    table->free_head = flow->number;
    table->active--;
}

void cd_flow_table_sweep(struct cd_flow_table *table, uint64_t now_ns)
{
    uint32_t most = table->used > LARGE ? SWEEP_FLOWS_LARGE : SWEEP_FLOWS;
    for (uint32_t i = 0; i < most && i < table->used; i++) {
        if (table->swept >= table->used)
            table->swept = 0;
        if (table->swept + SWEEP_AHEAD < table->used)
            __builtin_prefetch(&flow_at(table, table->swept + SWEEP_AHEAD)->last_ns);
        struct cd_flow *f = flow_at(table, table->swept++);
        if (f->live && idle_too_long(f, now_ns))
            cd_flow_table_end(table, f);
    }
}

void cd_flow_table_fold(struct cd_flow_table *table)
{
    for (uint32_t i = 0; i < table->used; i++)
        if (flow_at(table, i)->live)
            fold(table, flow_at(table, i));
}

void cd_flow_table_finish(struct cd_flow_table *table)
{
    for (uint32_t i = 0; i < table->used; i++)
        if (flow_at(table, i)->live)
            cd_flow_table_end(table, flow_at(table, i));
}

void cd_flow_table_each(struct cd_flow_table *table, cd_flow_end_fn *visit, void *context)
{
    for (uint32_t i = 0; i < table->used; i++)
        if (flow_at(table, i)->live)
            visit(context, flow_at(table, i));
}
