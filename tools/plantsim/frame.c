#include "frame.h"

enum { IP_HEADER = 20, UDP_HEADER = 8, TCP_HEADER = 20, TCP_HEADER_SYN = 24, MSS = 1460 };

uint16_t frame_checksum(const void *bytes, size_t n, uint32_t sum)
{
    const uint8_t *p = bytes;
    for (; n >= 2; p += 2, n -= 2)
        sum += (uint32_t)(p[0] << 8 | p[1]);
    if (n)
        sum += (uint32_t)(p[0] << 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

void frame_ethernet(struct octets *o, cd_mac dst, cd_mac src, uint16_t ethertype, uint16_t vlan)
{
    put_mac(o, dst);
    put_mac(o, src);
    if (vlan) {
        put_be16(o, ETHERTYPE_VLAN);
        put_be16(o, vlan);
    }
    put_be16(o, ethertype);
}

static void put_ip(struct octets *o, const struct ip_header *ip, size_t payload_len)
{
    size_t start = o->len;
    put_be16(o, 0x4500);
    put_be16(o, (unsigned)(IP_HEADER + payload_len));
    put_be16(o, ip->id);
    put_be16(o, 0x4000); /* don't fragment */
    put_u8(o, ip->ttl);
    put_u8(o, ip->protocol);
    put_be16(o, 0);
    put_be32(o, ip->src);
    put_be32(o, ip->dst);
    if (!o->cut)
        set_be16(o, start + 10, frame_checksum(o->at + start, IP_HEADER, 0));
}

/* Over the pseudo header (RFC 768, RFC 9293 3.1) and the segment from `start` on. */
static uint16_t segment_checksum(const struct octets *o, size_t start, const struct ip_header *ip)
{
    size_t len = o->len - start;
    uint32_t sum = (ip->src >> 16) + (ip->src & 0xffff) + (ip->dst >> 16) + (ip->dst & 0xffff) + ip->protocol;
    return frame_checksum(o->at + start, len, sum + (uint32_t)len);
}

void frame_udp(struct octets *o, const struct ip_header *ip, uint16_t src_port, uint16_t dst_port, const void *payload,
               size_t len)
{
    put_ip(o, ip, UDP_HEADER + len);
    size_t start = o->len;
    put_be16(o, src_port);
    put_be16(o, dst_port);
    put_be16(o, (unsigned)(UDP_HEADER + len));
    put_be16(o, 0);
    put_bytes(o, payload, len);
    uint16_t checksum = segment_checksum(o, start, ip);
    set_be16(o, start + 6, checksum ? checksum : 0xffff); /* 0 would say that there is none */
}

void frame_tcp(struct octets *o, const struct ip_header *ip, const struct tcp_header *tcp, const void *payload,
               size_t len)
{
    unsigned header = tcp->flags & TCP_SYN ? TCP_HEADER_SYN : TCP_HEADER;
    put_ip(o, ip, header + len);
    size_t start = o->len;
    put_be16(o, tcp->src_port);
    put_be16(o, tcp->dst_port);
    put_be32(o, tcp->seq);
    put_be32(o, tcp->ack);
    put_be16(o, header / 4 << 12 | tcp->flags);
    put_be16(o, tcp->window);
    put_be32(o, 0); /* checksum, urgent pointer */
    if (header == TCP_HEADER_SYN) {
        put_be16(o, 0x0204); /* the maximum segment size */
        put_be16(o, MSS);
    }
    put_bytes(o, payload, len);
    set_be16(o, start + 16, segment_checksum(o, start, ip));
}

void frame_pad(struct octets *o)
{
    while (o->len < FRAME_MIN && !o->cut)
        put_u8(o, 0);
}
