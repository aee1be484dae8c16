/* IPv4 (RFC 791) and IPv6 (RFC 8200), extension headers, and IP within IP. */
#include "base/hash.h"
#include "decode/layers.h"

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPIP = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_ETHERIP = 97,
    PROTOCOL_MPLS = 137
};

/* One word for the pair of addresses: the same for both directions and in every process, so that all packets of a tunnel find the same worker and the
 * same flows. */
static uint64_t pair_word(const struct cd_packet *p)
{
    uint64_t a = cd_hash_mix(p->src.words[0] ^ 0x9e3779b97f4a7c15u, p->src.words[1] ^ 0xd6e8feb86659fd93u);
    uint64_t b = cd_hash_mix(p->dst.words[0] ^ 0x9e3779b97f4a7c15u, p->dst.words[1] ^ 0xd6e8feb86659fd93u);
    return a + b;
}

void cd_packet_enter_tunnel(struct cd_packet *p)
{
    if (p->n_tunnels == 0) {
        p->outer_protocol = p->ip_protocol;
        p->outer_src_port = p->src_port;
        p->outer_dst_port = p->dst_port;
    }
    p->n_tunnels++;
    p->tunnel = cd_hash_mix(p->tunnel ^ pair_word(p), 0xd6e8feb86659fd93u) | 1;
}

/* Takes over the addresses of one IP header. An IP header around another makes a tunnel. False: nested too deeply. */
static bool take_addresses(struct cd_walk *w, struct cd_ip src, struct cd_ip dst)
{
    struct cd_packet *p = w->p;
    if (!p->has_ip) {
        p->outer_src = src;
        p->outer_dst = dst;
        p->has_ip = true;
    } else {
        if (p->n_tunnels >= CD_DECODE_TUNNELS_MAX)
            return false;
        cd_packet_enter_tunnel(p);
        if (!w->fresh_macs)
            p->src_mac = p->dst_mac = CD_NO_MAC; /* the frame's are the tunnel's ends' */
    }
    w->fresh_macs = false;
    p->src = src;
    p->dst = dst;
    p->transport = CD_TRANSPORT_IP;
    return true;
}

enum cd_layer cd_layer_ipv4(struct cd_walk *w)
{
    uint32_t wire = w->wire_left;
    const uint8_t *h = cd_walk_header(w, 20, "ipv4", "header");
    if (!h)
        return CD_LAYER_STOP;
    uint32_t header_len = (uint32_t)(h[0] & 15) * 4, total = cd_be16(h + 2);
    if (h[0] >> 4 != 4)
        return cd_walk_bad(w, "ipv4", "version");
    if (header_len < 20)
        return cd_walk_bad(w, "ipv4", "header length");
    if (!take_addresses(w, cd_ip_of4(h + 12), cd_ip_of4(h + 16)))
        return cd_walk_bad(w, "ip", "nesting");
    struct cd_packet *p = w->p;
    p->ip = h;
    p->ttl = h[8];
    p->ip_protocol = h[9];
    if (total == 0)
        total = wire; /* segmentation offload: the length was not filled in yet */
    if (total < header_len)
        return cd_walk_bad(w, "ipv4", "total length");
    cd_walk_limit(w, total - 20);
    if (header_len > 20 && !cd_walk_header(w, header_len - 20, "ipv4", "options"))
        return CD_LAYER_STOP;
    unsigned flags_offset = cd_be16(h + 6);
    if (flags_offset & 0x3fff) {
        p->fragment = true;
        p->more_fragments = flags_offset >> 13 & 1;
        p->fragment_offset = (flags_offset & 0x1fff) * 8;
        p->fragment_id = cd_be16(h + 4);
        return cd_walk_payload(w);
    }
    if (p->ip_protocol == PROTOCOL_TCP)
        return CD_LAYER_TCP;
    if (p->ip_protocol == PROTOCOL_UDP)
        return CD_LAYER_UDP;
    return CD_LAYER_IP_PROTOCOL;
}

enum cd_layer cd_layer_ipv6(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 40, "ipv6", "header");
    if (!h)
        return CD_LAYER_STOP;
    if (h[0] >> 4 != 6)
        return cd_walk_bad(w, "ipv6", "version");
    if (!take_addresses(w, cd_ip_of6(h + 8), cd_ip_of6(h + 24)))
        return cd_walk_bad(w, "ip", "nesting");
    w->p->ip = h;
    w->p->ip_protocol = h[6];
    w->p->ttl = h[7];
    if (cd_be16(h + 4)) /* 0: a jumbogram (RFC 2675), or segmentation offload */
        cd_walk_limit(w, cd_be16(h + 4));
    return CD_LAYER_IP_PROTOCOL;
}

/* RFC 8200 4.3, 4.4, 4.6: next header, length in 8 bytes beyond the first 8. */
static enum cd_layer extension(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 8, "ipv6", "extension header");
    if (!h)
        return CD_LAYER_STOP;
    if (h[1] && !cd_walk_header(w, (uint32_t)h[1] * 8, "ipv6", "extension header length"))
        return CD_LAYER_STOP;
    w->p->ip_protocol = h[0];
    return CD_LAYER_IP_PROTOCOL;
}

/* RFC 8200 4.5 */
static enum cd_layer fragment_header(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 8, "ipv6", "fragment header");
    if (!h)
        return CD_LAYER_STOP;
    struct cd_packet *p = w->p;
    p->ip_protocol = h[0];
    p->fragment_offset = cd_be16(h + 2) & 0xfff8;
    p->more_fragments = h[3] & 1;
    p->fragment_id = cd_be32(h + 4);
    if (p->fragment_offset == 0 && !p->more_fragments)
        return CD_LAYER_IP_PROTOCOL; /* an atomic fragment (RFC 6946) is whole */
    p->fragment = true;
    return cd_walk_payload(w);
}

/* RFC 4302 2: next header, length in 4 bytes less 2. The bytes behind it are in clear. */
static enum cd_layer authentication_header(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 12, "ah", "header");
    if (!h)
        return CD_LAYER_STOP;
    uint32_t size = ((uint32_t)h[1] + 2) * 4;
    if (size > 12 && !cd_walk_header(w, size - 12, "ah", "length"))
        return CD_LAYER_STOP;
    w->p->ip_protocol = h[0];
    return CD_LAYER_IP_PROTOCOL;
}

enum cd_layer cd_layer_ip_protocol(struct cd_walk *w)
{
    bool v6 = !cd_ip_is_4(&w->p->src);
    switch (w->p->ip_protocol) {
    case PROTOCOL_TCP: return CD_LAYER_TCP;
    case PROTOCOL_UDP: return CD_LAYER_UDP;
    case PROTOCOL_IPIP: return CD_LAYER_IPV4;
    case PROTOCOL_IPV6: return CD_LAYER_IPV6;
    case PROTOCOL_GRE: return CD_LAYER_GRE;
    case PROTOCOL_AH: return authentication_header(w);
    case PROTOCOL_MPLS: return CD_LAYER_MPLS;
    case PROTOCOL_ETHERIP: return cd_walk_header(w, 2, "etherip", "header") ? CD_LAYER_ETHERNET : CD_LAYER_STOP;
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_DESTINATION: return v6 ? extension(w) : cd_walk_payload(w);
    case PROTOCOL_FRAGMENT: return v6 ? fragment_header(w) : cd_walk_payload(w);
    default: return cd_walk_payload(w);
    }
}
