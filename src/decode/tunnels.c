/* Rarer tunnels and service headers: network service header, Cisco and Arista tags, and what UDP carries besides VXLAN and GENEVE.
 *
 * Ports are no proof: each function looks at all that its format fixes and leaves the bytes to be UDP payload where something does not fit. */
#include "decode/decode.h"
#include "decode/layers.h"

enum { NEXT_IPV6 = 41 };

/* The two bytes there, without consuming them; a number that fits nothing where they are not. */
static uint32_t peek_be16(const struct cd_reader *r, size_t at)
{
    int high = cd_read_peek(r, at), low = cd_read_peek(r, at + 1);
    return low < 0 ? UINT32_MAX / 2 : (uint32_t)high << 8 | (uint32_t)low;
}

/* Next protocols of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe 3.2) and of the network service header (RFC 8300 2.5), which agree. */
static enum cd_layer service_protocol(struct cd_walk *w, uint8_t protocol)
{
    switch (protocol) {
    case 1: return CD_LAYER_IPV4;
    case 2: return CD_LAYER_IPV6;
    case 3: return CD_LAYER_ETHERNET;
    case 4: w->p->ethertype = CD_ETHERTYPE_NSH; return CD_LAYER_ETHERTYPE;
    case 5: return CD_LAYER_MPLS;
    default: return cd_walk_payload(w);
    }
}

/* RFC 8300 2.2: version, flags, time to live, length of all headers in 4 bytes; kind of metadata; next protocol; service path. */
enum cd_layer cd_layer_nsh(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 8, "nsh", "header");
    if (!h)
        return CD_LAYER_STOP;
    uint32_t size = (uint32_t)(h[1] & 0x3f) * 4;
    if (size < 8)
        return cd_walk_bad(w, "nsh", "length");
    if (size > 8 && !cd_walk_header(w, size - 8, "nsh", "context headers"))
        return CD_LAYER_STOP;
    return service_protocol(w, h[3]);
}

/* Arista's time stamp in front of the frame's own Ethertype: subtype, version (which tells the width of what follows), seconds and nanoseconds. */
enum cd_layer cd_layer_arista(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 4, "arista", "tag");
    if (!h)
        return CD_LAYER_STOP;
    uint16_t version = cd_be16(h + 2);
    if (cd_be16(h) != 1 || ((version & 0xff) != 0x10 && (version & 0xff) != 0x20))
        return cd_walk_payload(w);
    uint32_t size = (version & 0xff) == 0x10 ? 8 : 6;
    h = cd_walk_header(w, size + 2, "arista", "time stamp");
    if (!h)
        return CD_LAYER_STOP;
    w->p->ethertype = cd_be16(h + size);
    return CD_LAYER_ETHERTYPE;
}

static enum cd_layer vxlan_gpe(struct cd_walk *w)
{
    if (cd_read_left(&w->left) < 8 || !(cd_read_peek(&w->left, 0) & 0x04))
        return cd_walk_payload(w);
    const uint8_t *h = cd_walk_header(w, 8, "vxlan-gpe", "header");
    if (!h)
        return CD_LAYER_STOP;
    cd_packet_add_network(w->p, cd_be32(h + 4) >> 8);
    return service_protocol(w, h[3]);
}

/* RFC 4380 5.1.1: an authentication header, an origin, both or none stand in front of the IPv6 packet, which ends where the datagram does. */
static enum cd_layer teredo(struct cd_walk *w)
{
    const struct cd_reader *r = &w->left;
    size_t at = 0;
    if (cd_read_peek(r, 0) == 0 && cd_read_peek(r, 1) == 1 && cd_read_left(r) >= 4)
        at = 4 + (size_t)cd_read_peek(r, 2) + (size_t)cd_read_peek(r, 3) + 9;
    if (cd_read_peek(r, at) == 0 && cd_read_peek(r, at + 1) == 0)
        at += 8;
    if (cd_read_left(r) < at + 40 || cd_read_peek(r, at) >> 4 != 6 || peek_be16(r, at + 4) != w->wire_left - at - 40)
        return cd_walk_payload(w);
    if (at && !cd_walk_header(w, (uint32_t)at, "teredo", "header"))
        return CD_LAYER_STOP;
    return CD_LAYER_IPV6;
}

/* draft-massar-v6ops-ayiya 3.1: lengths of identity and signature, operation 1 (forward), next header, epoch; identity; signature. */
static enum cd_layer ayiya(struct cd_walk *w)
{
    int lengths = cd_read_peek(&w->left, 0), more = cd_read_peek(&w->left, 1), operation = cd_read_peek(&w->left, 2);
    if (cd_read_left(&w->left) < 8 || (operation & 15) != 1 || cd_read_peek(&w->left, 3) != NEXT_IPV6)
        return cd_walk_payload(w);
    uint32_t size = 8 + (1u << (lengths >> 4)) + (uint32_t)(more >> 4) * 4;
    if (size > cd_read_left(&w->left) || cd_read_peek(&w->left, size) >> 4 != 6)
        return cd_walk_payload(w);
    return cd_walk_header(w, size, "ayiya", "header") ? CD_LAYER_IPV6 : CD_LAYER_STOP;
}

/* 3GPP TS 29.281 5.1 and 5.2: the extension headers, each with its length in 4 bytes in front and the next one's type behind. */
static bool gtp_extensions(struct cd_walk *w, uint8_t type)
{
    for (int i = 0; type && i < CD_DECODE_LAYERS_MAX; i++) {
        uint32_t size = (uint32_t)cd_read_peek(&w->left, 0) * 4;
        const uint8_t *h = size && size < 1024 ? cd_walk_header(w, size, "gtp", "extension header") : NULL;
        if (!h)
            return false;
        type = h[size - 1];
    }
    return type == 0;
}

/* 3GPP TS 29.281 5.1: version 1, protocol type 1; message type 255 carries a user's packet. */
static enum cd_layer gtp_u(struct cd_walk *w)
{
    int flags = cd_read_peek(&w->left, 0);
    uint32_t length = peek_be16(&w->left, 2);
    if (cd_read_left(&w->left) < 9 || flags >> 4 != 3 || cd_read_peek(&w->left, 1) != 255 || length + 8 != w->wire_left)
        return cd_walk_payload(w);
    if (!cd_walk_header(w, 8, "gtp", "header"))
        return CD_LAYER_STOP;
    if (flags & 7) { /* sequence number, N-PDU number, next extension header's type: all three, where any is there */
        const uint8_t *h = cd_walk_header(w, 4, "gtp", "optional fields");
        if (!h || ((flags & 4) && !gtp_extensions(w, h[3])))
            return CD_LAYER_STOP;
    }
    int version = cd_read_peek(&w->left, 0) >> 4;
    return version == 4 || version == 6 ? CD_LAYER_IP : cd_walk_payload(w);
}

/* RFC 2661 3.1, data messages only: flags and version 2, optional length, tunnel and session, optional sequence numbers and offset; then PPP. */
static enum cd_layer l2tp(struct cd_walk *w)
{
    int high = cd_read_peek(&w->left, 0), low = cd_read_peek(&w->left, 1);
    if (cd_read_left(&w->left) < 8 || high & 0xb4 || (low & 15) != 2)
        return cd_walk_payload(w);
    uint32_t size = 6 + (high & 0x40 ? 2 : 0) + (high & 0x08 ? 4 : 0);
    if (high & 0x02)
        size += 2 + peek_be16(&w->left, size);
    if (size >= cd_read_left(&w->left))
        return cd_walk_payload(w);
    return cd_walk_header(w, size, "l2tp", "header") ? CD_LAYER_PPP : CD_LAYER_STOP;
}

enum cd_layer cd_layer_udp_tunnel(struct cd_walk *w)
{
    uint16_t from = w->p->src_port, to = w->p->dst_port;
    if (to == CD_PORT_VXLAN_GPE)
        return vxlan_gpe(w);
    if (to == CD_PORT_GTP_U)
        return gtp_u(w);
    if (to == CD_PORT_TEREDO || from == CD_PORT_TEREDO)
        return teredo(w);
    if (to == CD_PORT_AYIYA || from == CD_PORT_AYIYA)
        return ayiya(w);
    if (to == CD_PORT_L2TP || from == CD_PORT_L2TP)
        return l2tp(w);
    return cd_walk_payload(w);
}

const char *cd_tunnel_name(const struct cd_packet *outer)
{
    if (outer->transport != CD_TRANSPORT_UDP)
        return outer->ip_protocol == 47    ? "gre"
               : outer->ip_protocol == 97  ? "etherip"
               : outer->ip_protocol == 137 ? "mpls"
                                           : "ip-in-ip";
    const uint16_t ports[2] = {outer->dst_port, outer->src_port};
    for (int i = 0; i < 2; i++) {
        switch (ports[i]) {
        case CD_PORT_GENEVE: return "geneve";
        case CD_PORT_VXLAN:
        case CD_PORT_VXLAN_OLD: return "vxlan";
        case CD_PORT_VXLAN_GPE: return "vxlan-gpe";
        case CD_PORT_GTP_U: return "gtp";
        case CD_PORT_TEREDO: return "teredo";
        case CD_PORT_AYIYA: return "ayiya";
        case CD_PORT_L2TP: return "l2tp";
        default: break;
        }
    }
    return "udp-tunnel";
}
