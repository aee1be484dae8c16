#include "tcp.h"

#include "sim.h"

enum { MSS = 1460 };
static const uint64_t handshake_ns = 90 * US, back_to_back_ns = 12 * US, delayed_ack_ns = 40 * MS;

static struct sent step(struct sim *s, struct tcp *c, unsigned from, uint8_t flags, const void *payload, size_t len)
{
    struct tcp_header h = {.src_port = c->ports[from],
                           .dst_port = c->ports[1 - from],
                           .window = 16384,
                           .seq = c->seq[from],
                           .ack = flags & TCP_ACK ? c->seq[1 - from] : 0,
                           .flags = flags};
    c->seq[from] += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
    if (flags & TCP_ACK)
        c->owes_ack[from] = false;
    c->owes_ack[1 - from] |= len > 0;
    return wire_tcp(s, &c->ends[from], &c->ends[1 - from], &h, c->conversation, c->now_ns, payload, len);
}

void tcp_start(struct sim *s, struct tcp *c, struct device *client, struct device *server, uint16_t port)
{
    *c = (struct tcp){.ends = {wire_end(client), wire_end(server)}, .ports = {0, port}};
    c->latency_ns = sim_between(s, 900 * US, 6 * MS);
    c->conversation = truth_conversation(&s->truth, client->ip, server->ip, TRANSPORT_TCP, port);
}

void tcp_catch_up(struct sim *s, struct tcp *c)
{
    if (c->now_ns < s->now_ns)
        c->now_ns = s->now_ns;
}

/* A new connection: new port and new sequence numbers. */
static void renew(struct sim *s, struct tcp *c)
{
    c->ports[0] = plant_next_port(c->ends[0].device);
    c->seq[0] = (uint32_t)random_u64(&s->random);
    c->seq[1] = (uint32_t)random_u64(&s->random);
    c->owes_ack[0] = c->owes_ack[1] = false;
    tcp_catch_up(s, c);
    c->now_ns = wire_resolve(s, c->now_ns, &c->ends[0], &c->ends[1]);
}

void tcp_open(struct sim *s, struct tcp *c)
{
    renew(s, c);
    step(s, c, 0, TCP_SYN, NULL, 0);
    c->now_ns += c->latency_ns / 2;
    step(s, c, 1, TCP_SYN | TCP_ACK, NULL, 0);
    c->now_ns += handshake_ns;
    step(s, c, 0, TCP_ACK, NULL, 0);
    c->now_ns += handshake_ns;
    c->open = true;
}

void tcp_open_in_vain(struct sim *s, struct tcp *c)
{
    renew(s, c);
    uint32_t seq = c->seq[0];
    for (uint64_t wait = SECOND; wait <= 4 * SECOND; wait *= 2) {
        c->seq[0] = seq;
        step(s, c, 0, TCP_SYN, NULL, 0);
        c->now_ns += wait;
    }
}

struct sent tcp_send(struct sim *s, struct tcp *c, bool from_client, const struct octets *payload)
{
    struct sent sent = {0};
    size_t at = 0;
    if (payload->cut && !s->error.code)
        cd_error_set(&s->error, CD_ERROR_INTERNAL, "a message is longer than its builder allows for");
    do {
        size_t len = payload->len - at < MSS ? payload->len - at : MSS;
        bool last = at + len == payload->len;
        sent = step(s, c, !from_client, last ? TCP_ACK | TCP_PSH : TCP_ACK, payload->at + at, len);
        c->now_ns += last ? 0 : back_to_back_ns;
        at += len;
    } while (at < payload->len);
    c->now_ns += back_to_back_ns;
    return sent;
}

void tcp_rest(struct sim *s, struct tcp *c)
{
    for (unsigned end = 0; end < 2; end++) {
        if (!c->owes_ack[end])
            continue;
        c->now_ns += delayed_ack_ns;
        step(s, c, end, TCP_ACK, NULL, 0);
    }
}

/* RFC 9293 3.8.4: a segment without content, one before what is expected; the other end tells what it expects. */
void tcp_keep_alive(struct sim *s, struct tcp *c)
{
    tcp_catch_up(s, c);
    c->seq[0]--;
    step(s, c, 0, TCP_ACK, NULL, 0);
    c->seq[0]++;
    c->now_ns += handshake_ns;
    step(s, c, 1, TCP_ACK, NULL, 0);
    c->now_ns += handshake_ns;
}

void tcp_probe_in_vain(struct sim *s, struct tcp *c)
{
    for (unsigned i = 0; i < 3; i++) {
        c->seq[0]--;
        step(s, c, 0, TCP_ACK, NULL, 0);
        c->seq[0]++;
        c->now_ns += SECOND;
    }
}

void tcp_close(struct sim *s, struct tcp *c)
{
    step(s, c, 0, TCP_FIN | TCP_ACK, NULL, 0);
    c->now_ns += handshake_ns;
    step(s, c, 1, TCP_FIN | TCP_ACK, NULL, 0);
    c->now_ns += handshake_ns;
    step(s, c, 0, TCP_ACK, NULL, 0);
    c->open = false;
}

void tcp_reset(struct sim *s, struct tcp *c, bool by_client)
{
    step(s, c, !by_client, TCP_RST | TCP_ACK, NULL, 0);
    c->open = false;
}
