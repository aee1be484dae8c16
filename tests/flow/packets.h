/* Packets as decode would give them, and a small generator of numbers that is the same on every machine. */
#ifndef TESTS_FLOW_PACKETS_H
#define TESTS_FLOW_PACKETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decode/packet.h"

static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* 0 to n - 1. */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)(random_next(state) >> 32) % n;
}

static inline struct cd_ip ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t bytes[4] = {a, b, c, d};
    return cd_ip_of4(bytes);
}

static inline struct cd_packet packet_of(enum cd_transport transport, struct cd_ip src, uint16_t src_port,
                                         struct cd_ip dst, uint16_t dst_port)
{
    return (struct cd_packet){.time_ns = 1000000000000,
                              .frame = 1,
                              .wire_len = 60,
                              .transport = transport,
                              .has_ip = transport != CD_TRANSPORT_ETH,
                              .ip_protocol = transport == CD_TRANSPORT_TCP ? 6 : 17,
                              .src = src,
                              .dst = dst,
                              .outer_src = src,
                              .outer_dst = dst,
                              .src_port = src_port,
                              .dst_port = dst_port,
                              .src_mac = CD_NO_MAC,
                              .dst_mac = CD_NO_MAC};
}

static inline struct cd_packet reversed(struct cd_packet p)
{
    struct cd_packet r = p;
    r.src = p.dst, r.dst = p.src, r.outer_src = p.outer_dst, r.outer_dst = p.outer_src;
    r.src_port = p.dst_port, r.dst_port = p.src_port, r.src_mac = p.dst_mac, r.dst_mac = p.src_mac;
    return r;
}

#endif
