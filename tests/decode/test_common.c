/* The shortcut for common frames gives what the walk gives, for any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"
#include "decode/layers.h"

static uint32_t state = 1;

static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static size_t make_frame(uint8_t *f)
{
    size_t at = 14, payload = draw() % 40;
    memset(f, 0, 160);
    for (int i = 0; i < 12; i++)
        f[i] = (uint8_t)draw();
    f[12] = 8;
    if (draw() % 4 == 0) {
        f[12] = 0x81, f[14] = 0x20, f[15] = 7, f[16] = 8;
        at = 18;
    }
    uint8_t *ip = f + at;
    bool udp = draw() % 2;
    size_t transport = udp ? 8 : 20 + draw() % 3 * 4, total = 20 + transport + payload;
    ip[0] = 0x45, ip[2] = (uint8_t)(total >> 8), ip[3] = (uint8_t)total, ip[8] = 64, ip[9] = udp ? 17 : 6;
    for (int i = 12; i < 24; i++)
        ip[i] = (uint8_t)draw();
    if (udp)
        ip[25] = (uint8_t)(total - 20);
    else
        ip[32] = (uint8_t)(transport / 4 << 4), ip[33] = (uint8_t)draw();
    return at + total + draw() % 2 * (draw() % 8);
}

static void expect_same(const struct cd_packet *a, const struct cd_packet *b)
{
    assert_int_equal(a->wire_len, b->wire_len);
    assert_int_equal(a->src_mac, b->src_mac);
    assert_int_equal(a->dst_mac, b->dst_mac);
    assert_int_equal(a->outer_src_mac, b->outer_src_mac);
    assert_int_equal(a->ethertype, b->ethertype);
    assert_int_equal(a->n_vlans, b->n_vlans);
    assert_memory_equal(a->vlans, b->vlans, a->n_vlans * sizeof a->vlans[0]);
    assert_int_equal(a->transport, b->transport);
    assert_int_equal(a->has_ip, b->has_ip);
    assert_int_equal(a->ip_protocol, b->ip_protocol);
    assert_int_equal(a->ttl, b->ttl);
    assert_int_equal(a->n_tunnels, b->n_tunnels);
    assert_memory_equal(&a->src, &b->src, 16);
    assert_memory_equal(&a->dst, &b->dst, 16);
    assert_memory_equal(&a->outer_src, &b->outer_src, 16);
    assert_memory_equal(&a->outer_dst, &b->outer_dst, 16);
    assert_int_equal(a->tunnel, b->tunnel);
    assert_int_equal(a->fragment, b->fragment);
    assert_int_equal(a->src_port, b->src_port);
    assert_int_equal(a->dst_port, b->dst_port);
    assert_int_equal(a->tcp_flags, b->tcp_flags);
    assert_int_equal(a->tcp_window, b->tcp_window);
    assert_int_equal(a->tcp_seq, b->tcp_seq);
    assert_int_equal(a->tcp_ack, b->tcp_ack);
    assert_ptr_equal(a->ip, b->ip);
    assert_ptr_equal(a->payload, b->payload);
    assert_int_equal(a->payload_len, b->payload_len);
    assert_int_equal(a->payload_wire_len, b->payload_wire_len);
    assert_ptr_equal(a->bad, b->bad);
    assert_ptr_equal(a->bad_layer, b->bad_layer);
    assert_int_equal(a->undecoded, b->undecoded);
    assert_int_equal(a->outer_protocol, b->outer_protocol);
    assert_int_equal(a->outer_dst_port, b->outer_dst_port);
}

static void test_the_shortcut_gives_what_the_walk_gives(void **unused)
{
    (void)unused;
    unsigned taken = 0;
    for (int round = 0; round < 200000; round++) {
        uint8_t frame[256];
        size_t len = make_frame(frame);
        for (unsigned changes = draw() % 3; changes; changes--)
            frame[draw() % len] = (uint8_t)draw();
        if (draw() % 4 == 0)
            len = draw() % (len + 1);
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, frame, len);
        struct cd_packet common, walked;
        memset(&common, 0xa5, sizeof common);
        memset(&walked, 0, sizeof walked);
        if (cd_decode_common(exact, (uint32_t)len, (uint32_t)len + 3, &common)) {
            cd_decode_walk(1, exact, (uint32_t)len, (uint32_t)len + 3, &walked);
            expect_same(&common, &walked);
            taken++;
        }
        free(exact);
    }
    assert_true(taken > 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_shortcut_gives_what_the_walk_gives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
