/* From a frame's bytes to struct cd_packet: link, tunnels, IP, transport. Stateless.
 *
 *   decode.c   the walk from layer to layer, with its limits   (start here)
 *   common.c   the common frame in one go, with the same result
 *   link.c     Ethernet, VLAN, LLC, SLL, PPPoE, MPLS, loopback …
 *   rare.c     FDDI, ARCNET, PPI, NFLOG, MACsec
 *   ip.c       IPv4, IPv6 and its extension headers
 *   transport.c TCP, UDP, GRE, and the common tunnels
 *   tunnels.c  rarer tunnels and service headers */
#ifndef CD_DECODE_DECODE_H
#define CD_DECODE_DECODE_H

#include "decode/packet.h"

/* Decodes one frame of this link type (a LINKTYPE_ number). Everything of *ret_packet is set except time_ns and frame. The payload borrows from `bytes`. What does not fit is a
 * finding: ret_packet->bad and bad_layer name it, and what was decoded before stands. */
void cd_decode(uint16_t link_type, const uint8_t *bytes, uint32_t captured_len, uint32_t wire_len,
               struct cd_packet *ret_packet);

/* Goes on after IP reassembly: `bytes` is the whole payload of the datagram whose last fragment is `packet`. */
void cd_decode_datagram(const uint8_t *bytes, uint32_t len, struct cd_packet *packet);

/* Whether frames of this link type are decoded; cd_link_name() names it for messages. */
bool cd_decode_knows(uint16_t link_type);
const char *cd_link_name(uint16_t link_type);
/* What the tunnel is called whose outer headers this packet has: a literal. */
const char *cd_tunnel_name(const struct cd_packet *outer);

#endif
