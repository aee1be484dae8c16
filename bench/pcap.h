/* Writing captures of made-up Ethernet traffic, for the generators of this folder. */
#ifndef BENCH_PCAP_H
#define BENCH_PCAP_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct pcap {
    FILE *file;
    uint64_t time_us, bytes, packets;
};

static inline void pcap_start(struct pcap *p, FILE *file)
{
    const uint32_t header[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 262144, 1};
    *p = (struct pcap){.file = file, .time_us = 1700000000000000, .bytes = sizeof header};
    fwrite(header, sizeof header, 1, file);
}

static inline uint8_t *put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static inline uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, value >> 16), value & 0xffff);
}

/* Two hosts and a TCP connection between them; [0] is the client. */
struct connection {
    uint32_t ip[2], seq[2];
    uint16_t port[2];
};

/* One segment from `end`, time_us after the one before. */
static inline void pcap_segment(struct pcap *p, struct connection *c, int end, uint8_t flags, const void *payload,
                                size_t n, unsigned time_us)
{
    uint8_t frame[1514], *at = frame;
    for (int i = 0; i < 2; i++) { /* MACs are made of the IP addresses: destination, source */
        at = put16(at, 0x0200);
        at = put32(at, c->ip[i ? end : !end]);
    }
    at = put32(put16(at, 0x0800), 0x45000000u | (uint32_t)(40 + n));
    at = put32(put32(put32(at, 0x00014000), 0x40060000), c->ip[end]);
    at = put16(put16(put32(at, c->ip[!end]), c->port[end]), c->port[!end]);
    at = put32(put32(at, c->seq[end]), c->seq[!end]);
    *at++ = 0x50;
    *at++ = flags;
    at = put32(put16(at, 8192), 0);
    memcpy(at, payload, n);
    size_t len = (size_t)(at - frame) + n;
    c->seq[end] += (uint32_t)n + (flags & 3 ? 1 : 0); /* FIN and SYN count */

    p->time_us += time_us;
    const uint32_t record[4] = {(uint32_t)(p->time_us / 1000000), (uint32_t)(p->time_us % 1000000), (uint32_t)len,
                                (uint32_t)len};
    fwrite(record, sizeof record, 1, p->file);
    fwrite(frame, len, 1, p->file);
    p->bytes += sizeof record + len;
    p->packets++;
}

static inline void pcap_open_connection(struct pcap *p, struct connection *c, unsigned time_us)
{
    pcap_segment(p, c, 0, 0x02, "", 0, time_us);
    pcap_segment(p, c, 1, 0x12, "", 0, time_us);
}

static inline void pcap_close_connection(struct pcap *p, struct connection *c, unsigned time_us)
{
    pcap_segment(p, c, 0, 0x11, "", 0, time_us);
    pcap_segment(p, c, 1, 0x11, "", 0, time_us);
}

#endif
