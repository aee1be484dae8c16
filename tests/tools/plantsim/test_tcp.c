/* A connection as the capture point sees it, and its truth. */
#include "plant.h"
#include "sim.h"
#include "tcp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct model host = {.type = "server", .oui = 0x001422, .ttl = 64};
static const struct model router_model = {.type = "router", .oui = 0x00000c, .ttl = 255};

struct world {
    struct output output;
    struct sim sim;
    struct device *client, *router, *server;
    struct tcp tcp;
};

static void begin(struct world *w)
{
    w->output = (struct output){.socket = -1};
    sim_start(&w->sim, 1, 20, 1000 * SECOND, 60 * SECOND, &w->output);
    w->client = plant_add(&w->sim.plant, &host, 0x0a000001, NULL, "client");
    w->router = plant_add(&w->sim.plant, &router_model, 0x0a0000fe, NULL, "router");
    w->server = plant_add(&w->sim.plant, &host, 0x0a000101, w->router, "server");
    tcp_start(&w->sim, &w->tcp, w->client, w->server, 502);
}

static void end(struct world *w)
{
    struct cd_error e;
    assert_int_equal(sim_run(&w->sim, &e), CD_OK);
    sim_free(&w->sim);
}

/* The next frame of the schedule, which is left alone by its owner. */
static const struct queued_frame *next(struct world *w, struct schedule_entry *entry)
{
    assert_true(schedule_next(&w->sim.schedule, entry));
    return entry->subject;
}

static void give_back(struct world *w, const struct schedule_entry *entry)
{
    w->sim.now_ns = entry->time_ns;
    entry->run(entry->context, entry->subject);
}

enum { SEQ = 38, ACK = 42, FLAGS = 47 };

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void a_handshake_follows_arp_and_numbers_fit(void **state)
{
    (void)state;
    struct world w;
    struct schedule_entry e;
    begin(&w);
    tcp_open(&w.sim, &w.tcp);
    for (unsigned i = 0; i < 2; i++) { /* the client asks for its router's MAC */
        const struct queued_frame *arp = next(&w, &e);
        assert_int_equal(arp->bytes[13], 0x06);
        give_back(&w, &e);
    }
    uint32_t seq[3];
    for (unsigned i = 0; i < 3; i++) {
        static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};
        const struct queued_frame *segment = next(&w, &e);
        assert_int_equal(segment->bytes[FLAGS], flags[i]);
        seq[i] = be32(segment->bytes + SEQ);
        if (i)
            assert_int_equal(be32(segment->bytes + ACK), seq[i - 1] + 1);
        give_back(&w, &e);
    }
    assert_int_equal(seq[2], seq[0] + 1);
    end(&w);
}

static void what_is_long_goes_in_segments_and_the_truth_counts_each(void **state)
{
    (void)state;
    struct world w;
    uint8_t bytes[4000] = {0};
    const struct octets payload = {.at = bytes, .len = sizeof bytes, .cap = sizeof bytes};
    begin(&w);
    tcp_open(&w.sim, &w.tcp);
    tcp_send(&w.sim, &w.tcp, true, &payload);
    const struct conversation *c = &w.sim.truth.conversations[w.tcp.conversation];
    assert_int_equal(c->packets, 3 + 3);
    assert_int_equal(c->bytes, 3 * 60 + 3 * 54 + sizeof bytes);
    assert_int_equal(c->client, 0x0a000001);
    end(&w);
}

/* A server behind a router shows the router's MAC, and a time to live that was counted down. */
static void what_is_behind_a_router_shows_it(void **state)
{
    (void)state;
    struct world w;
    struct schedule_entry e;
    begin(&w);
    tcp_open(&w.sim, &w.tcp);
    for (unsigned i = 0; i < 3; i++) {
        (void)next(&w, &e);
        give_back(&w, &e);
    }
    const struct queued_frame *answer = next(&w, &e);
    uint64_t mac = (uint64_t)be32(answer->bytes + 6) << 16 | (uint64_t)(answer->bytes[10] << 8 | answer->bytes[11]);
    assert_int_equal(mac, w.router->mac);
    assert_int_equal(answer->bytes[22], 63);
    give_back(&w, &e);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_follows_arp_and_numbers_fit),
        cmocka_unit_test(what_is_long_goes_in_segments_and_the_truth_counts_each),
        cmocka_unit_test(what_is_behind_a_router_shows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
