/* Headers around a payload: Ethernet (IEEE 802.3), 802.1Q, IPv4 (RFC 791), UDP (RFC 768), TCP (RFC 9293), with their checksums. */
#ifndef PLANTSIM_FRAME_H
#define PLANTSIM_FRAME_H

#include "octets.h"

#include "base/address.h"

enum {
    FRAME_MAX = 1514,
    FRAME_MIN = 60, /* without the check sequence */
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_VLAN = 0x8100,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17
};
enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

struct ip_header {
    uint32_t src, dst; /* 10.0.0.1 is 0x0a000001 */
    uint16_t id;
    uint8_t ttl, protocol;
};

struct tcp_header {
    uint16_t src_port, dst_port, window;
    uint32_t seq, ack;
    uint8_t flags;
};

/* The Internet checksum (RFC 1071) of n bytes, begun with the sum of others. */
uint16_t frame_checksum(const void *bytes, size_t n, uint32_t sum);

/* The link header; vlan 0 for none. */
void frame_ethernet(struct octets *o, cd_mac dst, cd_mac src, uint16_t ethertype, uint16_t vlan);
/* An IPv4 datagram with the payload. */
void frame_udp(struct octets *o, const struct ip_header *ip, uint16_t src_port, uint16_t dst_port, const void *payload,
               size_t len);
void frame_tcp(struct octets *o, const struct ip_header *ip, const struct tcp_header *tcp, const void *payload,
               size_t len);
/* Fills the frame up to what Ethernet asks for. */
void frame_pad(struct octets *o);

#endif
