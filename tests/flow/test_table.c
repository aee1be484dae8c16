/* The flow table: one flow for both directions, who is the server, when flows end, and its bounds. */
#include "flow/packets.h"

#include "flow/table.h"
#include "observe/tables.h"

#include <string.h>

struct fixture {
    struct cd_observer *observer;
    struct cd_flow_table table;
    unsigned ended;
};

static void on_end(void *context, struct cd_flow *flow)
{
    struct fixture *f = context;
    assert_true(flow->live);
    f->ended++;
}

static void start(struct fixture *f, uint32_t cap)
{
    f->ended = 0;
    f->observer = cd_observer_new(NULL);
    cd_flow_table_init(&f->table, cap, f->observer, on_end, f);
    cd_flow_table_know_port(&f->table, CD_TRANSPORT_TCP, 502);
    cd_flow_table_know_port(&f->table, CD_TRANSPORT_TCP, 44818);
    cd_flow_table_know_port(&f->table, CD_TRANSPORT_UDP, 47808);
}

static void stop(struct fixture *f)
{
    cd_flow_table_free(&f->table);
    cd_observer_free(f->observer);
}

/* Finds the packet's flow and counts the packet there, as the sensor does. */
static struct cd_flow *take(struct fixture *f, const struct cd_packet *p, unsigned *ret_end)
{
    unsigned end = 9;
    struct cd_flow *flow = cd_flow_table_find(&f->table, p, cd_flow_place_of(p), &end);
    assert_non_null(flow);
    assert_true(end < 2 && flow->live);
    flow->ends[end].packets++;
    flow->ends[end].bytes += p->wire_len;
    flow->ends[end].seen = true;
    if (p->time_ns > flow->last_ns)
        flow->last_ns = p->time_ns;
    if (ret_end)
        *ret_end = end;
    return flow;
}

static struct cd_packet tcp(uint16_t src_port, uint16_t dst_port, uint8_t flags)
{
    struct cd_packet p = packet_of(CD_TRANSPORT_TCP, ip4(10, 0, 0, 1), src_port, ip4(10, 0, 0, 2), dst_port);
    p.tcp_flags = flags;
    return p;
}

static void test_both_directions_find_the_same_flow(void **state)
{
    (void)state;
    struct fixture f;
    uint64_t seed = 1;
    start(&f, 100000);
    for (int i = 0; i < 2000; i++) {
        static const enum cd_transport transports[] = {CD_TRANSPORT_TCP, CD_TRANSPORT_UDP, CD_TRANSPORT_IP,
                                                       CD_TRANSPORT_ETH};
        uint32_t r = random_below(&seed, UINT32_MAX);
        struct cd_packet p = packet_of(transports[i % 4], ip4(10, 0, (uint8_t)r, (uint8_t)i), (uint16_t)(r >> 8),
                                       ip4(10, 1, (uint8_t)(r >> 4), 9), (uint16_t)(r >> 16));
        p.tunnel = random_below(&seed, 3);
        p.src_mac = random_next(&seed) & 0xfeffffffffff;
        p.dst_mac = random_next(&seed) & 0xfeffffffffff;
        struct cd_packet back = reversed(p);
        unsigned end, back_end;
        assert_int_equal(cd_flow_place_of(&p).hash, cd_flow_place_of(&back).hash);
        struct cd_flow *flow = take(&f, &p, &end);
        assert_ptr_equal(take(&f, &p, NULL), flow);
        assert_ptr_equal(take(&f, &back, &back_end), flow);
        assert_int_equal(back_end, !end);
    }
    assert_int_equal(f.table.counters.created, 2000);
    stop(&f);
}

static void test_what_differs_makes_another_flow(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    struct cd_packet p = tcp(50000, 502, CD_TCP_SYN);
    struct cd_flow *flow = take(&f, &p, NULL);
    struct cd_packet others[] = {p, p, p, p, p};
    others[0].src_port++;
    others[1].dst_port++;
    others[2].tunnel = 7;
    others[3].transport = CD_TRANSPORT_UDP;
    others[4].dst = ip4(10, 0, 0, 3);
    for (size_t i = 0; i < 5; i++)
        assert_ptr_not_equal(take(&f, &others[i], NULL), flow);
    /* The ports exchanged, but not the addresses: not the other direction. */
    struct cd_packet crossed = p;
    crossed.src_port = p.dst_port, crossed.dst_port = p.src_port;
    assert_ptr_not_equal(take(&f, &crossed, NULL), flow);
    assert_int_equal(f.table.active, 7);
    stop(&f);
}

static void test_the_server_is_told_by_handshake_then_port(void **state)
{
    (void)state;
    static const struct {
        uint16_t src, dst;
        uint8_t flags;
        uint16_t server;
    } rows[] = {
        {502, 50000, CD_TCP_SYN, 50000}, /* the handshake outweighs any port */
        {502, 50000, CD_TCP_SYN | CD_TCP_ACK, 502},
        {50000, 502, CD_TCP_SYN | CD_TCP_ACK, 50000},
        {50000, 502, CD_TCP_ACK, 502}, /* without it, a well-known port */
        {502, 50000, CD_TCP_ACK, 502},
        {44818, 1500, CD_TCP_ACK, 44818},
        {502, 44818, CD_TCP_ACK, 44818}, /* both are: the receiver's */
        {50000, 3000, CD_TCP_ACK, 3000}, /* neither is: the lower */
        {3000, 50000, CD_TCP_ACK, 3000},
        {3000, 3000, CD_TCP_ACK, 3000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        unsigned end;
        start(&f, 100);
        struct cd_packet p = tcp(rows[i].src, rows[i].dst, rows[i].flags);
        struct cd_flow *flow = take(&f, &p, &end);
        assert_int_equal(flow->server_port, rows[i].server);
        assert_true(cd_ip_equal(end == 0 ? &flow->client : &flow->server, &p.src));
        if (rows[i].src != rows[i].dst)
            assert_int_equal(end, rows[i].src == rows[i].server);
        stop(&f);
    }
}

static void test_who_sends_the_first_datagram_is_the_client(void **state)
{
    (void)state;
    static const struct {
        uint16_t src, dst, server;
    } rows[] = {
        {50000, 47808, 47808}, {50000, 60000, 60000}, {60000, 50000, 50000},
        {47808, 47808, 47808}, {47808, 50000, 47808}, /* an answer to a request that was not seen */
        {47808, 53, 53},                              /* no answer: the receiver's port is reserved */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        start(&f, 100);
        struct cd_packet p = packet_of(CD_TRANSPORT_UDP, ip4(10, 0, 0, 1), rows[i].src, ip4(10, 0, 0, 2), rows[i].dst);
        assert_int_equal(take(&f, &p, NULL)->server_port, rows[i].server);
        stop(&f);
    }
}

static void test_ports_used_again_begin_another_flow(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 100);
    struct cd_packet syn = tcp(50000, 502, CD_TCP_SYN);
    syn.tcp_seq = 1000;
    struct cd_flow *flow = take(&f, &syn, NULL);
    flow->ends[0].started = true;
    flow->ends[0].first_seq = 1001;

    assert_ptr_equal(take(&f, &syn, NULL), flow); /* the same handshake again */
    assert_int_equal(f.table.counters.created, 1);

    syn.tcp_seq = 700000; /* another handshake, the old connection never closed */
    take(&f, &syn, NULL);
    assert_int_equal(f.table.counters.created, 2);
    assert_int_equal(f.ended, 1);

    flow = take(&f, &syn, NULL);
    flow->state = CD_FLOW_CLOSED;
    take(&f, &syn, NULL); /* the old connection closed, the same number by chance */
    assert_int_equal(f.table.counters.created, 3);
    assert_int_equal(f.table.active, 1);
    stop(&f);
}

static void test_idle_flows_end_whether_swept_or_not(void **state)
{
    (void)state;
    static const struct {
        enum cd_transport transport;
        bool both, closed;
        uint32_t kept_s, gone_s;
    } rows[] = {
        {CD_TRANSPORT_UDP, true, false, 300, 301},   {CD_TRANSPORT_ETH, true, false, 300, 301},
        {CD_TRANSPORT_TCP, true, false, 3600, 3601}, {CD_TRANSPORT_TCP, false, false, 120, 121},
        {CD_TRANSPORT_TCP, true, true, 10, 11},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int swept = 0; swept < 2; swept++) {
            struct fixture f;
            start(&f, 100);
            struct cd_packet p = packet_of(rows[i].transport, ip4(10, 0, 0, 1), 50000, ip4(10, 0, 0, 2), 502);
            struct cd_packet back = reversed(p);
            struct cd_flow *flow = take(&f, &p, NULL);
            if (rows[i].both)
                take(&f, &back, NULL);
            flow->state = rows[i].closed ? CD_FLOW_CLOSED : CD_FLOW_OPEN;
            uint64_t seen_ns = p.time_ns;
            p.time_ns = seen_ns + rows[i].kept_s * 1000000000ull;
            cd_flow_table_sweep(&f.table, p.time_ns);
            assert_int_equal(f.ended, 0);
            p.time_ns = seen_ns + rows[i].gone_s * 1000000000ull;
            if (swept) {
                cd_flow_table_sweep(&f.table, p.time_ns);
                assert_int_equal(f.ended, 1);
                assert_int_equal(f.table.active, 0);
            }
            take(&f, &p, NULL);
            assert_int_equal(f.ended, 1);
            assert_int_equal(f.table.counters.created, 2);
            stop(&f);
        }
}

static void test_time_that_goes_back_ends_nothing(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 100);
    struct cd_packet p = tcp(50000, 502, CD_TCP_ACK);
    take(&f, &p, NULL);
    p.time_ns = 5;
    take(&f, &p, NULL);
    cd_flow_table_sweep(&f.table, 0);
    assert_int_equal(f.ended, 0);
    assert_int_equal(f.table.active, 1);
    stop(&f);
}

static void test_at_the_cap_old_flows_give_way(void **state)
{
    (void)state;
    enum { CAP = 3000, FLOWS = 20000 };
    struct fixture f;
    start(&f, CAP);
    for (uint32_t i = 0; i < FLOWS; i++) {
        struct cd_packet p = packet_of(CD_TRANSPORT_UDP, ip4(10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i),
                                       50000, ip4(10, 9, 0, 2), 502);
        p.time_ns += i;
        take(&f, &p, NULL);
        assert_true(f.table.active <= CAP);
    }
    assert_int_equal(f.table.counters.created, FLOWS);
    assert_int_equal(f.table.counters.evicted, FLOWS - CAP);
    assert_int_equal(f.table.counters.active_most, CAP);
    assert_int_equal(f.ended, FLOWS - CAP);
    /* The newest are all there. */
    for (uint32_t i = FLOWS - 1000; i < FLOWS; i++) {
        struct cd_packet p = packet_of(CD_TRANSPORT_UDP, ip4(10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i),
                                       50000, ip4(10, 9, 0, 2), 502);
        p.time_ns += i;
        take(&f, &p, NULL);
    }
    assert_int_equal(f.table.counters.created, FLOWS);
    cd_flow_table_finish(&f.table);
    assert_int_equal(f.ended, FLOWS);
    assert_int_equal(f.table.active, 0);
    stop(&f);
}

static void test_flows_fold_into_conversations_once(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 100);
    for (uint16_t port = 50000; port < 50003; port++) { /* three flows, one conversation */
        struct cd_packet p = tcp(port, 502, CD_TCP_ACK), back = reversed(p);
        p.time_ns += port;
        back.time_ns = p.time_ns + 10;
        take(&f, &p, NULL);
        take(&f, &back, NULL);
        take(&f, &back, NULL);
        cd_flow_table_fold(&f.table);
        cd_flow_table_fold(&f.table);
    }
    struct cd_packet alone = tcp(50009, 502, CD_TCP_ACK);
    take(&f, &alone, NULL);
    cd_flow_table_finish(&f.table);
    assert_int_equal(f.observer->conversations.count, 1);
    const struct cd_conversation_entry *c = &f.observer->conversations.items[0];
    assert_int_equal(c->port, 502);
    assert_int_equal(c->client_packets, 4);
    assert_int_equal(c->server_packets, 6);
    assert_int_equal(c->client_bytes, 240);
    assert_int_equal(c->server_bytes, 360);
    assert_int_equal(c->flows, 4);
    assert_int_equal(c->one_sided_flows, 1);
    assert_int_equal(c->first_ns, 1000000000000);
    assert_int_equal(c->last_ns, 1000000000000 + 50002 + 10);
    stop(&f);
}

static void test_the_surest_name_stays_in_whatever_order_flows_end(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t confidence;
    } names[] = {{"zebra", 60}, {"", 0}, {"modbus", 95}, {"http", 60}, {"enip", 95}};
    for (unsigned first = 0; first < 5; first++) {
        struct fixture f;
        start(&f, 100);
        for (unsigned i = 0; i < 5; i++) {
            struct cd_packet p = tcp((uint16_t)(50000 + i), 502, CD_TCP_ACK);
            struct cd_flow *flow = take(&f, &p, NULL);
            flow->protocol = names[(first + i) % 5].name;
            flow->confidence = names[(first + i) % 5].confidence;
        }
        cd_flow_table_finish(&f.table);
        assert_string_equal(f.observer->conversations.items[0].protocol, "enip");
        stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_directions_find_the_same_flow),
        cmocka_unit_test(test_what_differs_makes_another_flow),
        cmocka_unit_test(test_the_server_is_told_by_handshake_then_port),
        cmocka_unit_test(test_who_sends_the_first_datagram_is_the_client),
        cmocka_unit_test(test_ports_used_again_begin_another_flow),
        cmocka_unit_test(test_idle_flows_end_whether_swept_or_not),
        cmocka_unit_test(test_time_that_goes_back_ends_nothing),
        cmocka_unit_test(test_at_the_cap_old_flows_give_way),
        cmocka_unit_test(test_flows_fold_into_conversations_once),
        cmocka_unit_test(test_the_surest_name_stays_in_whatever_order_flows_end),
    };
    return cmocka_run_group_tests_name("flow table", tests, NULL, NULL);
}
