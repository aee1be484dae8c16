/* Frames made for tests: Ethernet, IPv4, TCP and UDP around given payloads, kept until the end of the test. */
#ifndef TESTS_SENSOR_TRAFFIC_H
#define TESTS_SENSOR_TRAFFIC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/capture.h"

#include <stdlib.h>
#include <string.h>

struct traffic {
    struct cd_frame *frames;
    size_t n, size;
    uint64_t time_ns;
};

/* One end of a conversation: 10.0.<net>.<host> with MAC 02:00:00:00:<net>:<host>. */
struct host {
    uint8_t net, host;
};

static inline void traffic_add(struct traffic *t, const uint8_t *bytes, size_t len, uint16_t link_type)
{
    if (t->n == t->size) {
        t->size = t->size ? t->size * 2 : 256;
        t->frames = realloc(t->frames, t->size * sizeof *t->frames);
    }
    if (!t->time_ns)
        t->time_ns = 1700000000000000000u;
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    t->time_ns += 1000000;
    t->frames[t->n] = (struct cd_frame){.bytes = copy,
                                        .captured_len = (uint32_t)len,
                                        .wire_len = (uint32_t)len,
                                        .time_ns = t->time_ns,
                                        .number = t->n + 1,
                                        .link_type = link_type};
    t->n++;
}

static inline void traffic_free(struct traffic *t)
{
    for (size_t i = 0; i < t->n; i++)
        free((uint8_t *)t->frames[i].bytes);
    free(t->frames);
    *t = (struct traffic){0};
}

static inline uint8_t *put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value;
    return at + 2;
}

static inline uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, value >> 16), value & 0xffff);
}

static inline uint8_t *put_mac(uint8_t *at, struct host h)
{
    const uint8_t mac[6] = {2, 0, 0, 0, h.net, h.host};
    memcpy(at, mac, 6);
    return at + 6;
}

static inline uint8_t *put_ethernet(uint8_t *at, struct host src, struct host dst, unsigned ethertype)
{
    return put16(put_mac(put_mac(at, dst), src), ethertype);
}

/* An IPv4 header for n bytes of payload. */
static inline uint8_t *put_ip4(uint8_t *at, struct host src, struct host dst, uint8_t protocol, size_t n)
{
    at = put16(at, 0x4500);
    at = put16(at, (unsigned)(20 + n));
    at = put32(at, 0);
    *at++ = 64, *at++ = protocol;
    at = put16(at, 0);
    at = put32(at, 0x0a000000u | (uint32_t)src.net << 8 | src.host);
    return put32(at, 0x0a000000u | (uint32_t)dst.net << 8 | dst.host);
}

/* IPv4 and TCP or UDP around a payload. */
static inline size_t put_segment(uint8_t *out, struct host src, struct host dst, unsigned src_port, unsigned dst_port,
                                 uint32_t seq, uint32_t ack, uint8_t flags, const uint8_t *payload, size_t n)
{
    uint8_t *at = put_ip4(out, src, dst, 6, 20 + n);
    at = put32(put32(put16(put16(at, src_port), dst_port), seq), ack);
    *at++ = 0x50, *at++ = flags;
    at = put32(put16(at, 8192), 0);
    memcpy(at, payload, n);
    return (size_t)(at - out) + n;
}

static inline size_t put_datagram(uint8_t *out, struct host src, struct host dst, unsigned src_port, unsigned dst_port,
                                  const uint8_t *payload, size_t n)
{
    uint8_t *at = put_ip4(out, src, dst, 17, 8 + n);
    at = put16(put16(put16(put16(at, src_port), dst_port), (unsigned)(8 + n)), 0);
    memcpy(at, payload, n);
    return (size_t)(at - out) + n;
}

static inline void traffic_udp(struct traffic *t, struct host src, struct host dst, unsigned src_port,
                               unsigned dst_port, const void *payload, size_t n)
{
    uint8_t frame[2048];
    uint8_t *at = put_ethernet(frame, src, dst, 0x0800);
    traffic_add(t, frame, 14 + put_datagram(at, src, dst, src_port, dst_port, payload, n), CD_LINK_ETHERNET);
}

/* A TCP connection as its two ends see it. */
struct connection {
    struct host client, server;
    unsigned client_port, server_port;
    uint32_t seq[2]; /* of the client's and the server's next byte */
};

static inline void connection_send(struct traffic *t, struct connection *c, bool from_client, uint8_t flags,
                                   const void *payload, size_t n)
{
    uint8_t frame[2048];
    struct host src = from_client ? c->client : c->server, dst = from_client ? c->server : c->client;
    uint8_t *at = put_ethernet(frame, src, dst, 0x0800);
    unsigned src_port = from_client ? c->client_port : c->server_port,
             dst_port = from_client ? c->server_port : c->client_port;
    size_t len =
        put_segment(at, src, dst, src_port, dst_port, c->seq[!from_client], c->seq[from_client], flags, payload, n);
    traffic_add(t, frame, 14 + len, CD_LINK_ETHERNET);
    c->seq[!from_client] += (uint32_t)n + (flags & 3 ? 1 : 0); /* FIN and SYN count */
}

static inline void connection_open(struct traffic *t, struct connection *c)
{
    connection_send(t, c, true, 0x02, "", 0);
    connection_send(t, c, false, 0x12, "", 0);
    connection_send(t, c, true, 0x10, "", 0);
}

static inline void connection_close(struct traffic *t, struct connection *c)
{
    connection_send(t, c, true, 0x11, "", 0);
    connection_send(t, c, false, 0x11, "", 0);
    connection_send(t, c, true, 0x10, "", 0);
}

/* Modbus: reads ten holding registers of unit 1, and is answered. */
static inline size_t modbus_request(uint8_t *out, unsigned transaction, unsigned address)
{
    uint8_t *at = put16(put16(put16(out, transaction), 0), 6);
    *at++ = 1, *at++ = 3;
    at = put16(put16(at, address), 10);
    return (size_t)(at - out);
}

static inline size_t modbus_response(uint8_t *out, unsigned transaction)
{
    uint8_t *at = put16(put16(put16(out, transaction), 0), 23);
    *at++ = 1, *at++ = 3, *at++ = 20;
    memset(at, 0, 20);
    return (size_t)(at - out) + 20;
}

static inline void modbus_poll(struct traffic *t, struct connection *c, unsigned transaction, unsigned address)
{
    uint8_t bytes[64];
    connection_send(t, c, true, 0x18, bytes, modbus_request(bytes, transaction, address));
    connection_send(t, c, false, 0x18, bytes, modbus_response(bytes, transaction));
}

#endif
