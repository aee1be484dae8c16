#include "speak.h"
#include "speak_network.h"

enum { ETHERTYPE_LLDP = 0x88cc, BRIDGE = 1 << 2 };
enum { END = 0, CHASSIS = 1, PORT = 2, TIME_TO_LIVE = 3, NAME = 5, DESCRIPTION = 6, CAPABILITIES = 7, ADDRESS = 8 };
static const cd_mac nearest_bridge = 0x0180c200000e;

static void put_tlv(struct octets *o, unsigned type, size_t len)
{
    put_be16(o, type << 9 | (unsigned)len);
}

static void put_text_tlv(struct octets *o, unsigned type, const char *text)
{
    put_tlv(o, type, strlen(text));
    put_text(o, text);
}

void lldp_advertise(struct sim *s, struct device *bridge, uint64_t time_ns)
{
    uint8_t buffer[400];
    struct octets o = OCTETS_OF(buffer);
    put_tlv(&o, CHASSIS, 7);
    put_u8(&o, 4); /* a MAC address */
    put_mac(&o, bridge->mac);
    put_tlv(&o, PORT, 4);
    put_u8(&o, 7); /* a name of the maker's choice */
    put_text(&o, "1/1");
    put_tlv(&o, TIME_TO_LIVE, 2);
    put_be16(&o, 120);
    put_text_tlv(&o, NAME, bridge->name);
    put_text_tlv(&o, DESCRIPTION, bridge->model->description);
    put_tlv(&o, CAPABILITIES, 4);
    put_be16(&o, BRIDGE);
    put_be16(&o, BRIDGE);
    put_tlv(&o, ADDRESS, 12);
    put_be16(&o, 0x0501); /* of five bytes: IPv4 */
    put_be32(&o, bridge->ip);
    put_be32(&o, 0x02000000); /* interface index 1 */
    put_be16(&o, 0x0100);
    put_tlv(&o, END, 0);
    struct sent sent = wire_ethernet(s, bridge, nearest_bridge, ETHERTYPE_LLDP, 0, "lldp", time_ns, &o);
    struct deed deed = {
        ENDPOINT_OF_MAC(bridge->mac), ENDPOINT_OF_MAC(nearest_bridge), "lldp", "0", "advertisement", "identify", ""};
    truth_request(&s->truth, &deed, &sent);
    bridge->told |= TELLS_NAME | bridge->model->description_tells;
}
