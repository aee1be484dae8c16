/* Inside of decode: the walk's state and the layers' functions. Each layer reads its header from `left`, fills the packet, and names the next layer. */
#ifndef CD_DECODE_LAYERS_H
#define CD_DECODE_LAYERS_H

#include "base/reader.h"
#include "decode/packet.h"

enum cd_layer {
    CD_LAYER_DONE, /* p->payload is set */
    CD_LAYER_STOP, /* nothing (more) to decode */
    CD_LAYER_ETHERNET,
    CD_LAYER_ETHERTYPE, /* by p->ethertype */
    CD_LAYER_LLC,
    CD_LAYER_MPLS,
    CD_LAYER_PPP,
    CD_LAYER_IP, /* version by the first nibble */
    CD_LAYER_IPV4,
    CD_LAYER_IPV6,
    CD_LAYER_IP_PROTOCOL, /* by p->ip_protocol */
    CD_LAYER_TCP,
    CD_LAYER_UDP,
    CD_LAYER_GRE,
    CD_LAYER_ERSPAN2,
    CD_LAYER_ERSPAN3,
    CD_LAYER_VXLAN,
    CD_LAYER_GENEVE,
};

/* UDP ports of tunnels (IANA; 8472 is Linux's from before VXLAN had its own). */
enum {
    CD_PORT_L2TP = 1701,
    CD_PORT_GTP_U = 2152,
    CD_PORT_TEREDO = 3544,
    CD_PORT_VXLAN = 4789,
    CD_PORT_VXLAN_GPE = 4790,
    CD_PORT_AYIYA = 5072,
    CD_PORT_GENEVE = 6081,
    CD_PORT_VXLAN_OLD = 8472
};

struct cd_walk {
    struct cd_reader left; /* the bytes of the current layer and all above it */
    uint32_t wire_left;    /* as many as there were on the wire: more than left where the frame was cut */
    struct cd_packet *p;
    bool fresh_macs; /* a frame's addresses were read and no IP header since */
};

static inline uint16_t cd_be16(const uint8_t *b)
{
    return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t cd_be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Consumes a header of n bytes; NULL and a finding where it does not fit. */
const uint8_t *cd_walk_header(struct cd_walk *w, uint32_t n, const char *layer, const char *field);
/* Records a finding (the first stays) and ends the walk. */
enum cd_layer cd_walk_bad(struct cd_walk *w, const char *layer, const char *field);
/* What is left becomes the payload. */
enum cd_layer cd_walk_payload(struct cd_walk *w);
/* A length field says that n bytes of this layer are left on the wire: what lies beyond is padding. */
void cd_walk_limit(struct cd_walk *w, uint32_t n);

/* What follows stands within another IP header, or within a whole frame, that p->src and p->dst carry: they become part of p->tunnel. */
void cd_packet_enter_tunnel(struct cd_packet *p);

/* The common frame in one go (common.c); false, with *p in no defined state but time_ns and frame, where the frame is not of that kind. */
bool cd_decode_common(const uint8_t *bytes, uint32_t captured_len, uint32_t wire_len, struct cd_packet *p);
/* Every frame, layer by layer; cd_decode() without the shortcut. */
void cd_decode_walk(uint16_t link_type, const uint8_t *bytes, uint32_t captured_len, uint32_t wire_len,
                    struct cd_packet *ret_packet);
/* Whether UDP between these ports is read as a tunnel. */
bool cd_port_of_tunnel(uint16_t from, uint16_t to);
/* A tunnel's own number tells apart networks that use the same addresses. */
void cd_packet_add_network(struct cd_packet *p, uint32_t network);

enum cd_layer cd_layer_ethernet(struct cd_walk *w);
enum cd_layer cd_layer_ethertype(struct cd_walk *w);
enum cd_layer cd_layer_llc(struct cd_walk *w);
enum cd_layer cd_layer_mpls(struct cd_walk *w);
enum cd_layer cd_layer_ppp(struct cd_walk *w);
enum cd_layer cd_layer_link(struct cd_walk *w, uint16_t link_type);
enum cd_layer cd_layer_fddi(struct cd_walk *w);
enum cd_layer cd_layer_arcnet(struct cd_walk *w, uint32_t header_len);
enum cd_layer cd_layer_mstp(struct cd_walk *w);
enum cd_layer cd_layer_ppi(struct cd_walk *w);
enum cd_layer cd_layer_nflog(struct cd_walk *w);
enum cd_layer cd_layer_macsec(struct cd_walk *w);
enum cd_layer cd_layer_ipv4(struct cd_walk *w);
enum cd_layer cd_layer_ipv6(struct cd_walk *w);
enum cd_layer cd_layer_ip_protocol(struct cd_walk *w);
enum cd_layer cd_layer_tcp(struct cd_walk *w);
enum cd_layer cd_layer_udp(struct cd_walk *w);
enum cd_layer cd_layer_gre(struct cd_walk *w);
enum cd_layer cd_layer_erspan2(struct cd_walk *w);
enum cd_layer cd_layer_erspan3(struct cd_walk *w);
enum cd_layer cd_layer_vxlan(struct cd_walk *w);
enum cd_layer cd_layer_geneve(struct cd_walk *w);
enum cd_layer cd_layer_nsh(struct cd_walk *w);
enum cd_layer cd_layer_arista(struct cd_walk *w);
/* The tunnels in UDP that tunnels.c knows, by port; the UDP payload where it is none. */
enum cd_layer cd_layer_udp_tunnel(struct cd_walk *w);

#endif
