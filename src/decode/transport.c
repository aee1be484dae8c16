/* TCP (RFC 9293), UDP (RFC 768), and the tunnels carried in UDP and GRE. */
#include "base/hash.h"
#include "decode/layers.h"

enum cd_layer cd_layer_tcp(struct cd_walk *w)
{
    struct cd_packet *p = w->p;
    const uint8_t *h = cd_walk_header(w, 20, "tcp", "header");
    if (!h)
        return CD_LAYER_STOP;
    p->transport = CD_TRANSPORT_TCP;
    p->src_port = cd_be16(h);
    p->dst_port = cd_be16(h + 2);
    p->tcp_seq = cd_be32(h + 4);
    p->tcp_ack = cd_be32(h + 8);
    p->tcp_flags = h[13] & 0x3f;
    p->tcp_window = cd_be16(h + 14);
    uint32_t header_len = (uint32_t)(h[12] >> 4) * 4;
    if (header_len < 20)
        return cd_walk_bad(w, "tcp", "data offset");
    if (header_len > 20 && !cd_walk_header(w, header_len - 20, "tcp", "options"))
        return CD_LAYER_STOP;
    return cd_walk_payload(w);
}

bool cd_port_of_tunnel(uint16_t from, uint16_t to)
{
    switch (to) {
    case CD_PORT_VXLAN:
    case CD_PORT_VXLAN_OLD:
    case CD_PORT_VXLAN_GPE:
    case CD_PORT_GENEVE:
    case CD_PORT_GTP_U:
    case CD_PORT_TEREDO:
    case CD_PORT_AYIYA:
    case CD_PORT_L2TP: return true;
    default: return from == CD_PORT_TEREDO || from == CD_PORT_AYIYA || from == CD_PORT_L2TP;
    }
}

enum cd_layer cd_layer_udp(struct cd_walk *w)
{
    struct cd_packet *p = w->p;
    const uint8_t *h = cd_walk_header(w, 8, "udp", "header");
    if (!h)
        return CD_LAYER_STOP;
    p->transport = CD_TRANSPORT_UDP;
    p->src_port = cd_be16(h);
    p->dst_port = cd_be16(h + 2);
    uint32_t length = cd_be16(h + 4);
    if (length >= 8)
        cd_walk_limit(w, length - 8 < w->wire_left ? length - 8 : w->wire_left);
    else if (length != 0) /* 0: a jumbogram (RFC 2675) or segmentation offload */
        cd_walk_bad(w, "udp", "length");
    if (p->dst_port == CD_PORT_VXLAN || p->dst_port == CD_PORT_VXLAN_OLD)
        return CD_LAYER_VXLAN;
    if (p->dst_port == CD_PORT_GENEVE)
        return CD_LAYER_GENEVE;
    return cd_port_of_tunnel(p->src_port, p->dst_port) ? cd_layer_udp_tunnel(w) : cd_walk_payload(w);
}

void cd_packet_add_network(struct cd_packet *p, uint32_t network)
{
    p->tunnel = cd_hash_mix(p->tunnel ^ network, 0xd6e8feb86659fd93u) | 1;
}

/* RFC 7348 5. Where the bytes are no VXLAN after all, they are the UDP payload. */
enum cd_layer cd_layer_vxlan(struct cd_walk *w)
{
    if (cd_read_left(&w->left) < 8 + 14 || !(cd_read_peek(&w->left, 0) & 0x08))
        return cd_walk_payload(w);
    const uint8_t *h = cd_walk_header(w, 8, "vxlan", "header");
    if (!h)
        return CD_LAYER_STOP;
    cd_packet_add_network(w->p, cd_be32(h + 4) >> 8);
    return CD_LAYER_ETHERNET;
}

/* RFC 8926 3.4: version and option length, flags, protocol type, VNI. */
enum cd_layer cd_layer_geneve(struct cd_walk *w)
{
    int first = cd_read_peek(&w->left, 0);
    if (cd_read_left(&w->left) < 8 || first >> 6 != 0)
        return cd_walk_payload(w);
    const uint8_t *h = cd_walk_header(w, 8, "geneve", "header");
    if (!h || ((h[0] & 0x3f) && !cd_walk_header(w, (uint32_t)(h[0] & 0x3f) * 4, "geneve", "options")))
        return CD_LAYER_STOP;
    cd_packet_add_network(w->p, cd_be32(h + 4) >> 8);
    w->p->ethertype = cd_be16(h + 2);
    return CD_LAYER_ETHERTYPE;
}

/* RFC 1701 routing: entries of address family, offset, length and as many bytes, until one that is all zero. */
static bool gre_routing(struct cd_walk *w)
{
    for (int entries = 0; entries < CD_DECODE_LAYERS_MAX; entries++) {
        const uint8_t *h = cd_walk_header(w, 4, "gre", "routing entry");
        if (!h)
            return false;
        if (cd_be16(h) == 0 && h[3] == 0)
            return true;
        if (h[3] && !cd_walk_header(w, h[3], "gre", "routing entry length"))
            return false;
    }
    cd_walk_bad(w, "gre", "more than 24 routing entries");
    return false;
}

/* RFC 2784, 2890 (key, sequence), 1701 (routing), 2637 (version 1: PPTP), 7637 (NVGRE: the key's upper 24 bits are a network). */
enum cd_layer cd_layer_gre(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 4, "gre", "header");
    if (!h)
        return CD_LAYER_STOP;
    uint16_t flags = cd_be16(h), protocol = cd_be16(h + 2);
    bool has_sequence = flags & 0x1000, version1 = (flags & 7) == 1;
    uint32_t optional = 0;
    optional += flags & 0xc000 ? 4 : 0;
    optional += flags & 0x2000 ? 4 : 0;
    optional += has_sequence ? 4 : 0;
    optional += version1 && flags & 0x0080 ? 4 : 0;
    const uint8_t *fields = cd_walk_header(w, optional, "gre", "optional fields");
    if (!fields || (!version1 && (flags & 0x4000) && !gre_routing(w)))
        return CD_LAYER_STOP;
    if (protocol == 0x6558 && flags & 0x2000)
        cd_packet_add_network(w->p, cd_be32(fields + (flags & 0xc000 ? 4 : 0)) >> 8);
    if (cd_read_left(&w->left) == 0)
        return cd_walk_payload(w);
    w->p->ethertype = protocol;
    switch (protocol) {
    case 0x88be:
        return has_sequence ? CD_LAYER_ERSPAN2 : CD_LAYER_ETHERNET; /* without a sequence number: type I, no header */
    case 0x22eb: return CD_LAYER_ERSPAN3;
    case 0x880b: return CD_LAYER_PPP;
    case 0x0800:
    case 0x86dd:
    case 0x6558:
    case 0x8847:
    case 0x8848:
    case CD_ETHERTYPE_NSH: return CD_LAYER_ETHERTYPE;
    default: return cd_walk_payload(w);
    }
}

/* draft-foschiano-erspan-03 4.2: 8 bytes. */
enum cd_layer cd_layer_erspan2(struct cd_walk *w)
{
    return cd_walk_header(w, 8, "erspan", "header") ? CD_LAYER_ETHERNET : CD_LAYER_STOP;
}

/* draft-foschiano-erspan-03 4.3: 12 bytes, and 8 more where the O bit is set. */
enum cd_layer cd_layer_erspan3(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 12, "erspan", "header");
    if (!h || ((h[11] & 1) && !cd_walk_header(w, 8, "erspan", "platform header")))
        return CD_LAYER_STOP;
    return CD_LAYER_ETHERNET;
}
