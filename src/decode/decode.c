/* The walk: each layer names the next, until the payload; nesting is bounded here and nowhere else. */
#include "decode/decode.h"

#include "decode/layers.h"

const uint8_t *cd_walk_header(struct cd_walk *w, uint32_t n, const char *layer, const char *field)
{
    const uint8_t *header = cd_read_at(&w->left, n, field);
    if (!header) {
        cd_walk_bad(w, layer, field);
        return NULL;
    }
    w->wire_left = w->wire_left > n ? w->wire_left - n : 0;
    return header;
}

enum cd_layer cd_walk_bad(struct cd_walk *w, const char *layer, const char *field)
{
    if (!w->p->bad) {
        w->p->bad = field;
        w->p->bad_layer = layer;
    }
    return CD_LAYER_STOP;
}

enum cd_layer cd_walk_payload(struct cd_walk *w)
{
    struct cd_packet *p = w->p;
    p->payload = w->left.base + w->left.pos;
    p->payload_len = (uint32_t)(w->left.len - w->left.pos);
    p->payload_wire_len = w->wire_left > p->payload_len ? w->wire_left : p->payload_len;
    return CD_LAYER_DONE;
}

void cd_walk_limit(struct cd_walk *w, uint32_t n)
{
    if (n < w->left.len - w->left.pos)
        w->left.len = w->left.pos + n;
    w->wire_left = n;
}

static enum cd_layer step(struct cd_walk *w, enum cd_layer layer)
{
    switch (layer) {
    case CD_LAYER_ETHERNET: return cd_layer_ethernet(w);
    case CD_LAYER_ETHERTYPE: return cd_layer_ethertype(w);
    case CD_LAYER_LLC: return cd_layer_llc(w);
    case CD_LAYER_MPLS: return cd_layer_mpls(w);
    case CD_LAYER_PPP: return cd_layer_ppp(w);
    case CD_LAYER_IP: {
        int first = cd_read_peek(&w->left, 0);
        if (first >> 4 == 4)
            return cd_layer_ipv4(w);
        if (first >> 4 == 6)
            return cd_layer_ipv6(w);
        return cd_walk_bad(w, "ip", "version");
    }
    case CD_LAYER_IPV4: return cd_layer_ipv4(w);
    case CD_LAYER_IPV6: return cd_layer_ipv6(w);
    case CD_LAYER_IP_PROTOCOL: return cd_layer_ip_protocol(w);
    case CD_LAYER_TCP: return cd_layer_tcp(w);
    case CD_LAYER_UDP: return cd_layer_udp(w);
    case CD_LAYER_GRE: return cd_layer_gre(w);
    case CD_LAYER_ERSPAN2: return cd_layer_erspan2(w);
    case CD_LAYER_ERSPAN3: return cd_layer_erspan3(w);
    case CD_LAYER_VXLAN: return cd_layer_vxlan(w);
    case CD_LAYER_GENEVE: return cd_layer_geneve(w);
    case CD_LAYER_DONE:
    case CD_LAYER_STOP: break;
    }
    return CD_LAYER_STOP;
}

static void walk(struct cd_walk *w, enum cd_layer layer)
{
    int layers = 0;
    while (layer != CD_LAYER_DONE && layer != CD_LAYER_STOP) {
        if (++layers > CD_DECODE_LAYERS_MAX) {
            cd_walk_bad(w, "encapsulation", "more than 24 layers");
            break;
        }
        layer = step(w, layer);
    }
}

void cd_decode(uint16_t link_type, const uint8_t *bytes, uint32_t captured_len, uint32_t wire_len,
               struct cd_packet *ret_packet)
{
    if (link_type != 1 || !cd_decode_common(bytes, captured_len, wire_len, ret_packet))
        cd_decode_walk(link_type, bytes, captured_len, wire_len, ret_packet);
}

void cd_decode_walk(uint16_t link_type, const uint8_t *bytes, uint32_t captured_len, uint32_t wire_len,
                    struct cd_packet *ret_packet)
{
    struct cd_packet *p = ret_packet;
    uint64_t time_ns = p->time_ns, frame = p->frame;
    *p = (struct cd_packet){.time_ns = time_ns,
                            .frame = frame,
                            .wire_len = wire_len,
                            .src_mac = CD_NO_MAC,
                            .dst_mac = CD_NO_MAC,
                            .outer_src_mac = CD_NO_MAC};
    struct cd_walk w = {.left = cd_reader_of(bytes, captured_len), .wire_left = wire_len, .p = p};
    walk(&w, link_type == 1 ? cd_layer_ethernet(&w) : cd_layer_link(&w, link_type));
    if (!p->payload) {
        p->payload = bytes + captured_len;
        p->payload_len = p->payload_wire_len = 0;
    }
}

void cd_decode_datagram(const uint8_t *bytes, uint32_t len, struct cd_packet *packet)
{
    struct cd_walk w = {.left = cd_reader_of(bytes, len), .wire_left = len, .p = packet};
    packet->fragment = packet->more_fragments = false;
    packet->ip = NULL;
    packet->payload = bytes + len;
    packet->payload_len = packet->payload_wire_len = 0;
    walk(&w, CD_LAYER_IP_PROTOCOL);
}
