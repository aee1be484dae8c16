/* One frame taken apart, from the link layer to the transport payload: what every later room reads. */
#ifndef CD_DECODE_PACKET_H
#define CD_DECODE_PACKET_H

#include "base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cd_transport { CD_TRANSPORT_ETH, CD_TRANSPORT_IP, CD_TRANSPORT_TCP, CD_TRANSPORT_UDP };

enum cd_tcp_flag { CD_TCP_FIN = 1, CD_TCP_SYN = 2, CD_TCP_RST = 4, CD_TCP_PSH = 8, CD_TCP_ACK = 16, CD_TCP_URG = 32 };

/* Ethertypes the decoder or the pipeline itself knows. */
enum {
    CD_ETHERTYPE_IPV4 = 0x0800,
    CD_ETHERTYPE_ARP = 0x0806,
    CD_ETHERTYPE_IPV6 = 0x86dd,
    CD_ETHERTYPE_NSH = 0x894f,
};

/* Packets that carry no Ethertype are given one of these instead (all below 0x0600, where no Ethertype is). */
enum {
    CD_ETHERTYPE_LLC = 0x0001,  /* payload begins with the LLC header (DSAP) */
    CD_ETHERTYPE_SNAP = 0x0002, /* payload begins with the SNAP organisation code */
    CD_ETHERTYPE_MSTP =
        0x0003, /* a BACnet MS/TP frame from its preamble on; its stations have locally administered MACs 02:ba:c0:00:00:<station> */
};

/* Limits against packets made to cost time. */
enum { CD_DECODE_LAYERS_MAX = 24, CD_DECODE_TUNNELS_MAX = 6, CD_VLANS_MAX = 4 };

struct cd_packet {
    uint64_t time_ns;
    uint64_t frame;    /* number within its source, from 1 */
    uint32_t wire_len; /* of the whole frame */

    cd_mac src_mac, dst_mac; /* of the frame that carries src and dst; CD_NO_MAC where there is none */
    cd_mac outer_src_mac;    /* of the frame as captured, which carries outer_src */
    uint16_t ethertype;      /* innermost, or one of the stand-ins above */
    uint8_t n_vlans;
    uint16_t vlans[CD_VLANS_MAX]; /* outermost first, 12 bits each */

    enum cd_transport transport;
    bool has_ip;
    uint8_t ip_protocol; /* IANA number, after extension headers */
    uint8_t ttl;
    uint8_t n_tunnels;                 /* IP headers around the innermost one */
    struct cd_ip src, dst;             /* innermost IP addresses; zero where !has_ip */
    struct cd_ip outer_src, outer_dst; /* outermost IP addresses; equal to src and dst without a tunnel */
    uint8_t outer_protocol; /* of a tunnel's outermost IP header, and its UDP ports (0 where it is not UDP) */
    uint16_t outer_src_port, outer_dst_port;
    uint64_t tunnel; /* the same for both directions of the same tunnel; 0 without one */

    bool fragment; /* an IP fragment: payload is the fragment's, nothing above IP is decoded */
    bool more_fragments;
    uint32_t fragment_id;
    uint32_t fragment_offset; /* bytes */

    uint16_t src_port, dst_port;
    uint8_t tcp_flags;
    uint16_t tcp_window;
    uint32_t tcp_seq, tcp_ack;

    const uint8_t *ip;         /* the innermost IP header, borrowed; NULL where !has_ip or reassembled */
    const uint8_t *payload;    /* above the transport (above Ethernet, above IP), borrowed */
    uint32_t payload_len;      /* bytes there are */
    uint32_t payload_wire_len; /* bytes there were, >= payload_len: more where the snap length cut */

    const char *bad;       /* NULL, or the first header field that did not fit */
    const char *bad_layer; /* and its layer: "ipv4", "tcp" */
    bool undecoded;        /* a link type or encapsulation that is not decoded */
    bool returned; /* an EtherCAT frame on its way back: src_mac is its master's again. Set by the sensor (ring.c) */
};

#endif
