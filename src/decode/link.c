/* Link layers: Ethernet and what can stand around IP on it, and the other link types of capture files. */
#include "decode/decode.h"
#include "decode/layers.h"

enum {
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_QINQ_OLD = 0x9100,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_VNTAG = 0x8926,
    ETHERTYPE_FABRICPATH = 0x8903,
    ETHERTYPE_MACSEC = 0x88e5,
    ETHERTYPE_PBB = 0x88e7,
    ETHERTYPE_CISCO_METADATA = 0x8909,
    ETHERTYPE_ARISTA = 0xd28b,
    ETHERTYPE_TEB = 0x6558, /* transparent Ethernet bridging */
    ETHERTYPE_MIN = 0x0600, /* below: a length (IEEE 802.3 3.2.6) */
};

/* A frame without IP. Where it came through a tunnel, the IP addresses and ports read so far are the tunnel's: they are around it, not its own. */
static enum cd_layer frame_payload(struct cd_walk *w)
{
    struct cd_packet *p = w->p;
    if (p->has_ip && w->fresh_macs) {
        cd_packet_enter_tunnel(p);
        p->has_ip = false;
        p->transport = CD_TRANSPORT_ETH;
        p->src = p->dst = (struct cd_ip){0};
        p->src_port = p->dst_port = 0;
        p->ip = NULL;
    }
    return cd_walk_payload(w);
}

/* IEEE 802.3 3.1.1. In a tunnel the inner frame's addresses are those of the devices. */
enum cd_layer cd_layer_ethernet(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 14, "ethernet", "header");
    if (!h)
        return CD_LAYER_STOP;
    w->p->dst_mac = cd_mac_of(h);
    w->p->src_mac = cd_mac_of(h + 6);
    if (w->p->outer_src_mac == CD_NO_MAC)
        w->p->outer_src_mac = w->p->src_mac;
    w->fresh_macs = true;
    w->p->ethertype = cd_be16(h + 12);
    if (w->p->ethertype == CD_ETHERTYPE_IPV4)
        return CD_LAYER_IPV4;
    return CD_LAYER_ETHERTYPE;
}

/* IEEE 802.1Q 9.6, one tag. */
static enum cd_layer vlan(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 4, "vlan", "tag");
    if (!h)
        return CD_LAYER_STOP;
    if (w->p->n_vlans < CD_VLANS_MAX)
        w->p->vlans[w->p->n_vlans++] = cd_be16(h) & 0xfff;
    w->p->ethertype = cd_be16(h + 2);
    return CD_LAYER_ETHERTYPE;
}

/* RFC 2516 section 4: version, type, code, session, length. */
static enum cd_layer pppoe(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 6, "pppoe", "header");
    if (!h)
        return CD_LAYER_STOP;
    cd_walk_limit(w, cd_be16(h + 4));
    return CD_LAYER_PPP;
}

/* A tag of fixed size in front of another Ethertype. */
static enum cd_layer tag_before_ethertype(struct cd_walk *w, uint32_t size, const char *layer)
{
    const uint8_t *h = cd_walk_header(w, size, layer, "tag");
    if (!h)
        return CD_LAYER_STOP;
    w->p->ethertype = cd_be16(h + size - 2);
    return CD_LAYER_ETHERTYPE;
}

/* A header of fixed size in front of a whole Ethernet frame. */
static enum cd_layer header_before_ethernet(struct cd_walk *w, uint32_t size, const char *layer)
{
    return cd_walk_header(w, size, layer, "header") ? CD_LAYER_ETHERNET : CD_LAYER_STOP;
}

enum cd_layer cd_layer_ethertype(struct cd_walk *w)
{
    uint16_t type = w->p->ethertype;
    switch (type) {
    case CD_ETHERTYPE_IPV4: return CD_LAYER_IPV4;
    case CD_ETHERTYPE_IPV6: return CD_LAYER_IPV6;
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_QINQ_OLD: return vlan(w);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST: return CD_LAYER_MPLS;
    case ETHERTYPE_PPPOE_SESSION: return pppoe(w);
    case ETHERTYPE_MACSEC: return cd_layer_macsec(w);
    case ETHERTYPE_VNTAG: return tag_before_ethertype(w, 6, "vntag");
    case ETHERTYPE_FABRICPATH:
        return header_before_ethernet(w, 2, "fabricpath");          /* its tag's second half; the inner frame follows */
    case ETHERTYPE_PBB: return header_before_ethernet(w, 4, "pbb"); /* IEEE 802.1ah I-TAG: flags and service id */
    case ETHERTYPE_TEB: return CD_LAYER_ETHERNET;
    case ETHERTYPE_CISCO_METADATA: return tag_before_ethertype(w, 8, "cisco metadata"); /* one option: the group tag */
    case ETHERTYPE_ARISTA: return cd_layer_arista(w);
    case CD_ETHERTYPE_NSH: return cd_layer_nsh(w);
    default: break;
    }
    if (type < ETHERTYPE_MIN) {
        if (type)
            cd_walk_limit(w, type);
        return CD_LAYER_LLC;
    }
    return frame_payload(w);
}

/* IEEE 802.2 3.2 and the SNAP header of IEEE 802 8.6. */
enum cd_layer cd_layer_llc(struct cd_walk *w)
{
    struct cd_reader *r = &w->left;
    if (cd_read_peek(r, 0) == 0xaa && cd_read_peek(r, 1) == 0xaa && cd_read_peek(r, 2) == 0x03) {
        const uint8_t *h = cd_walk_header(w, 3, "llc", "header");
        if (h && cd_read_peek(r, 0) == 0 && cd_read_peek(r, 1) == 0 && cd_read_peek(r, 2) == 0)
            return tag_before_ethertype(w, 5, "snap");
        w->p->ethertype = CD_ETHERTYPE_SNAP;
        return frame_payload(w);
    }
    w->p->ethertype = CD_ETHERTYPE_LLC;
    return frame_payload(w);
}

/* RFC 3032 label stack. What follows the bottom is told by its first nibble: IP, or a pseudowire's frame, which may stand behind a control word
 * (RFC 4448 4.6: its first two bytes are zero). */
enum cd_layer cd_layer_mpls(struct cd_walk *w)
{
    for (int labels = 0; labels < CD_DECODE_LAYERS_MAX; labels++) {
        const uint8_t *h = cd_walk_header(w, 4, "mpls", "label");
        if (!h)
            return CD_LAYER_STOP;
        if (!(h[2] & 1))
            continue;
        int nibble = cd_read_peek(&w->left, 0) >> 4;
        if (nibble == 4 || nibble == 6)
            return CD_LAYER_IP;
        if (cd_read_peek(&w->left, 0) == 0 && cd_read_peek(&w->left, 1) == 0 && cd_read_left(&w->left) >= 4 + 14)
            return header_before_ethernet(w, 4, "pseudowire");
        return CD_LAYER_ETHERNET;
    }
    return cd_walk_bad(w, "mpls", "more than 24 labels");
}

/* RFC 1661 2 (protocol field, one byte where compressed), with or without HDLC's address and control bytes. */
enum cd_layer cd_layer_ppp(struct cd_walk *w)
{
    if (cd_read_peek(&w->left, 0) == 0xff && cd_read_peek(&w->left, 1) == 0x03 &&
        !cd_walk_header(w, 2, "ppp", "address"))
        return CD_LAYER_STOP;
    int first = cd_read_peek(&w->left, 0);
    const uint8_t *h = cd_walk_header(w, first & 1 ? 1 : 2, "ppp", "protocol");
    if (!h)
        return CD_LAYER_STOP;
    unsigned protocol = first & 1 ? h[0] : cd_be16(h);
    switch (protocol) {
    case 0x0021: return CD_LAYER_IPV4;
    case 0x0057: return CD_LAYER_IPV6;
    case 0x0281: return CD_LAYER_MPLS;
    default: return cd_walk_payload(w);
    }
}

/* LINKTYPE_LINUX_SLL: packet type, ARPHRD type, address length, 8 bytes of address, protocol. */
static enum cd_layer linux_sll(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 16, "sll", "header");
    if (!h)
        return CD_LAYER_STOP;
    if (cd_be16(h + 4) == 6)
        w->p->src_mac = w->p->outer_src_mac = cd_mac_of(h + 6);
    w->fresh_macs = true;
    w->p->ethertype = cd_be16(h + 14);
    return w->p->ethertype < ETHERTYPE_MIN ? CD_LAYER_LLC : CD_LAYER_ETHERTYPE;
}

/* LINKTYPE_LINUX_SLL2: protocol, reserved, interface index, ARPHRD type, packet type, address length, address. */
static enum cd_layer linux_sll2(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 20, "sll2", "header");
    if (!h)
        return CD_LAYER_STOP;
    if (h[11] == 6)
        w->p->src_mac = w->p->outer_src_mac = cd_mac_of(h + 12);
    w->fresh_macs = true;
    w->p->ethertype = cd_be16(h);
    return w->p->ethertype < ETHERTYPE_MIN ? CD_LAYER_LLC : CD_LAYER_ETHERTYPE;
}

/* LINKTYPE_NULL and _LOOP: an address family of four bytes, in either byte order; the numbers of IPv6 differ by system. */
static enum cd_layer loopback(struct cd_walk *w)
{
    const uint8_t *h = cd_walk_header(w, 4, "loopback", "family");
    if (!h)
        return CD_LAYER_STOP;
    uint32_t family = cd_be32(h);
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    if (family == 2)
        return CD_LAYER_IPV4;
    if (family == 10 || family == 24 || family == 28 || family == 30)
        return CD_LAYER_IPV6;
    w->p->undecoded = true;
    return cd_walk_payload(w);
}

struct link_type {
    uint16_t number;
    const char *name;
    bool decoded;
};

static const struct link_type link_types[] = {
    {0, "BSD loopback", true},
    {1, "Ethernet", true},
    {6, "Token Ring", false},
    {7, "ARCNET", true},
    {9, "PPP", true},
    {10, "FDDI", true},
    {12, "raw IP", true},
    {14, "raw IP", true},
    {50, "PPP with HDLC framing", true},
    {51, "PPPoE", true},
    {101, "raw IP", true},
    {104, "Cisco HDLC", false},
    {105, "IEEE 802.11", false},
    {107, "Frame Relay", false},
    {108, "OpenBSD loopback", true},
    {113, "Linux cooked", true},
    {117, "pflog", false},
    {119, "Prism 802.11", false},
    {127, "802.11 radiotap", false},
    {129, "ARCNET (Linux)", true},
    {143, "DOCSIS", false},
    {147, "user-defined", false},
    {163, "AVS 802.11", false},
    {165, "BACnet MS/TP", true},
    {187, "Bluetooth HCI", false},
    {189, "USB", false},
    {192, "per-packet information", true},
    {195, "IEEE 802.15.4", false},
    {201, "Bluetooth HCI", false},
    {220, "Linux USB", false},
    {227, "CAN (SocketCAN)", false},
    {228, "raw IPv4", true},
    {229, "raw IPv6", true},
    {230, "IEEE 802.15.4", false},
    {239, "NFLOG", true},
    {249, "USBPcap", false},
    {253, "Netlink", false},
    {276, "Linux cooked v2", true},
};

static const struct link_type *find_link(uint16_t number)
{
    for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
        if (link_types[i].number == number)
            return &link_types[i];
    return NULL;
}

bool cd_decode_knows(uint16_t link_type)
{
    const struct link_type *link = find_link(link_type);
    return link && link->decoded;
}

const char *cd_link_name(uint16_t link_type)
{
    const struct link_type *link = find_link(link_type);
    return link ? link->name : "unknown link type";
}

enum cd_layer cd_layer_link(struct cd_walk *w, uint16_t link_type)
{
    switch (link_type) {
    case 0:
    case 108: return loopback(w);
    case 7: return cd_layer_arcnet(w, 3);
    case 129: return cd_layer_arcnet(w, 5);
    case 10: return cd_layer_fddi(w);
    case 165: return cd_layer_mstp(w);
    case 192: return cd_layer_ppi(w);
    case 239: return cd_layer_nflog(w);
    case 9:
    case 50: return CD_LAYER_PPP;
    case 51: return pppoe(w);
    case 12:
    case 14:
    case 101: return CD_LAYER_IP;
    case 113: return linux_sll(w);
    case 228: return CD_LAYER_IPV4;
    case 229: return CD_LAYER_IPV6;
    case 276: return linux_sll2(w);
    default: w->p->undecoded = true; return CD_LAYER_STOP;
    }
}
