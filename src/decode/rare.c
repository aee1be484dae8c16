/* Rarer links and tags: FDDI, ARCNET, per-packet information, the firewall's log, and MACsec that does not encrypt. */
#include "decode/layers.h"

#include <string.h>

enum { ICV_BYTES = 16 };

/* LINKTYPE_FDDI: frame control, destination, source, LLC. */
enum cd_layer cd_layer_fddi(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 13, "fddi", "header");
    if (!h)
        return CD_LAYER_STOP;
    if ((h[0] & 0xf0) != 0x50) /* other than asynchronous LLC frames */
        return cd_walk_payload(w);
    w->p->dst_mac = cd_mac_of(h + 1);
    w->p->src_mac = w->p->outer_src_mac = cd_mac_of(h + 7);
    w->fresh_macs = true;
    return CD_LAYER_LLC;
}

/* LINKTYPE_ARCNET_BSD: source, destination, protocol; _LINUX has two bytes more before the protocol. RFC 1201 adds flags and a sequence number, RFC 1051 does not. Fragments are not put together. */
enum cd_layer cd_layer_arcnet(struct cd_walk *w, uint32_t header_len)
{
    const uint8_t *h = cd_walk_header(w, header_len, "arcnet", "header");
    if (!h)
        return CD_LAYER_STOP;
    uint8_t protocol = h[header_len - 1];
    switch (protocol) {
    case 0xf0: return CD_LAYER_IPV4; /* RFC 1051 */
    case 0xf1: w->p->ethertype = CD_ETHERTYPE_ARP; return cd_walk_payload(w);
    case 0xd4: /* RFC 1201: IPv4, ARP, IPv6 */
    case 0xd5:
    case 0xc4: break;
    default: return cd_walk_payload(w);
    }
    bool exception = cd_read_peek(&w->left, 0) == 0xff;
    if ((exception && !cd_walk_header(w, 4, "arcnet", "exception")) || !(h = cd_walk_header(w, 3, "arcnet", "flags")))
        return CD_LAYER_STOP;
    if (h[0]) /* a fragment */
        return cd_walk_payload(w);
    if (protocol != 0xd5)
        return protocol == 0xd4 ? CD_LAYER_IPV4 : CD_LAYER_IPV6;
    w->p->ethertype = CD_ETHERTYPE_ARP;
    return cd_walk_payload(w);
}

/* LINKTYPE_PPI: version, flags, length (little-endian), link type of what follows. */
enum cd_layer cd_layer_ppi(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 8, "ppi", "header");
    if (!h)
        return CD_LAYER_STOP;
    uint32_t size = (uint32_t)h[2] | (uint32_t)h[3] << 8, link_type = (uint32_t)h[4] | (uint32_t)h[5] << 8;
    if (size < 8)
        return cd_walk_bad(w, "ppi", "length");
    if (size > 8 && !cd_walk_header(w, size - 8, "ppi", "fields"))
        return CD_LAYER_STOP;
    if (link_type == 1)
        return CD_LAYER_ETHERNET;
    w->p->undecoded = true; /* mostly IEEE 802.11 */
    return CD_LAYER_STOP;
}

/* LINKTYPE_NFLOG: family, version, resource, then attributes (length, type; in the writer's byte order, padded to 4), of which number 9 is the packet. */
enum cd_layer cd_layer_nflog(struct cd_walk *w)
{
    enum { PAYLOAD = 9, ATTRIBUTES_MAX = 64 };
    if (!cd_walk_header(w, 4, "nflog", "header"))
        return CD_LAYER_STOP;
    for (int i = 0; i < ATTRIBUTES_MAX; i++) {
        const uint8_t *h = cd_walk_header(w, 4, "nflog", "attribute");
        if (!h)
            return CD_LAYER_STOP;
        uint32_t size = (uint32_t)h[0] | (uint32_t)h[1] << 8, type = (uint32_t)h[2] | (uint32_t)h[3] << 8;
        if (type >= 0x100) { /* big-endian writer */
            size = cd_be16(h);
            type = cd_be16(h + 2);
        }
        if (size < 4)
            return cd_walk_bad(w, "nflog", "attribute length");
        if (type == PAYLOAD) {
            cd_walk_limit(w, size - 4);
            return CD_LAYER_IP;
        }
        uint32_t rest = ((size + 3) & ~3u) - 4;
        if (rest && !cd_walk_header(w, rest, "nflog", "attribute"))
            return CD_LAYER_STOP;
    }
    return cd_walk_bad(w, "nflog", "more than 64 attributes");
}

/* LINKTYPE_BACNET_MS_TP (ANSI/ASHRAE 135 9.3): preamble 55 FF, type, destination, source, length, CRC. */
enum cd_layer cd_layer_mstp(struct cd_walk *w)
{
    const uint8_t station_prefix[5] = {0x02, 0xba, 0xc0, 0, 0};
    uint8_t mac[6];
    if (cd_read_left(&w->left) < 8 || cd_read_peek(&w->left, 0) != 0x55 || cd_read_peek(&w->left, 1) != 0xff)
        return cd_walk_bad(w, "mstp", "preamble");
    memcpy(mac, station_prefix, sizeof station_prefix);
    mac[5] = (uint8_t)cd_read_peek(&w->left, 4);
    w->p->src_mac = w->p->outer_src_mac = cd_mac_of(mac);
    mac[5] = (uint8_t)cd_read_peek(&w->left, 3);
    w->p->dst_mac = mac[5] == 0xff ? 0xffffffffffff : cd_mac_of(mac);
    w->p->ethertype = CD_ETHERTYPE_MSTP;
    return cd_walk_payload(w);
}

/* IEEE 802.1AE 9.3: tag control, short length, packet number, and the channel where the SC bit says so. Only frames that are authenticated but not
 * encrypted can be read. */
enum cd_layer cd_layer_macsec(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 6, "macsec", "tag");
    if (!h)
        return CD_LAYER_STOP;
    uint8_t control = h[0], short_length = h[1] & 0x3f;
    if ((control & 0x20) && !cd_walk_header(w, 8, "macsec", "channel"))
        return CD_LAYER_STOP;
    if (control & 0x0c) /* encrypted, or changed */
        return cd_walk_payload(w);
    if (short_length)
        cd_walk_limit(w, short_length);
    else if (w->wire_left > ICV_BYTES)
        cd_walk_limit(w, w->wire_left - ICV_BYTES);
    h = cd_walk_header(w, 2, "macsec", "ethertype");
    if (!h)
        return CD_LAYER_STOP;
    w->p->ethertype = cd_be16(h);
    return CD_LAYER_ETHERTYPE;
}
