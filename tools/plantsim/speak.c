#include "speak.h"

/* Now and then the acknowledgement is lost behind the capture point, and the server sends its answer once more. */
static void perhaps_repeat(struct sim *s, struct tcp *c, const struct sent *answered)
{
    if (random_below(&s->random, 1000) != 0)
        return;
    tcp_wait(c, 220 * MS);
    wire_repeat(s, answered, c->conversation, c->now_ns);
    tcp_wait(c, 100 * US);
}

void speak_ask(struct sim *s, struct tcp *c, const struct deed *deed, const struct octets *request,
               const struct octets *response, const char *error)
{
    truth_name_protocol(&s->truth, c->conversation, deed->protocol);
    struct sent asked = tcp_send(s, c, true, request);
    uint32_t operation = truth_request(&s->truth, deed, &asked);
    tcp_wait(c, c->latency_ns + sim_between(s, 0, 800 * US));
    struct sent answered = tcp_send(s, c, false, response);
    truth_response(&s->truth, operation, error, &answered);
    perhaps_repeat(s, c, &answered);
    tcp_wait(c, sim_between(s, 200 * US, 900 * US));
}

void speak_ask_in_vain(struct sim *s, struct tcp *c, const struct deed *deed, const struct octets *request)
{
    truth_name_protocol(&s->truth, c->conversation, deed->protocol);
    struct sent asked = tcp_send(s, c, true, request);
    truth_request(&s->truth, deed, &asked);
    for (uint64_t wait = 300 * MS; wait <= 1200 * MS; wait *= 2) { /* the client's TCP tries again */
        tcp_wait(c, wait);
        wire_repeat(s, &asked, c->conversation, c->now_ns);
    }
    tcp_wait(c, SECOND);
}

uint64_t speak_ask_datagram(struct sim *s, const struct dialogue *d, uint64_t time_ns, const struct deed *deed,
                            const struct octets *request, const struct octets *response)
{
    time_ns = wire_resolve(s, time_ns, &d->client, &d->server);
    struct sent asked = wire_udp(s, d, true, time_ns, request);
    uint32_t operation = truth_request(&s->truth, deed, &asked);
    time_ns += sim_between(s, 600 * US, 4 * MS);
    struct sent answered = wire_udp(s, d, false, time_ns, response);
    truth_response(&s->truth, operation, NULL, &answered);
    return time_ns + 200 * US;
}
