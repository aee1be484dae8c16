#include "speak_profinet.h"

#include "speak.h"

enum { ETHERTYPE_PROFINET = 0x8892, IDENTIFY_REQUEST = 0xfefe, IDENTIFY_RESPONSE = 0xfeff, IDENTIFY = 5 };
enum { OPTION_IP = 1, OPTION_DEVICE = 2, TYPE_OF_STATION = 1, NAME_OF_STATION = 2, DEVICE_ID = 3, ROLE = 4 };
enum { VENDOR_SIEMENS = 0x002a, ROLE_IO_DEVICE = 1 };
static const cd_mac group = 0x010ecf000000;

static void put_head(struct octets *o, unsigned frame_id, unsigned type, uint32_t transaction, unsigned delay)
{
    put_be16(o, frame_id);
    put_u8(o, IDENTIFY);
    put_u8(o, type);
    put_be32(o, transaction);
    put_be16(o, delay);
    put_be16(o, 0); /* the blocks' length, set at the end */
}

/* A block of an answer has two bytes of information before its value, and is padded to whole words. */
static void put_block(struct octets *o, unsigned option, unsigned suboption, unsigned information, const void *value,
                      size_t len)
{
    put_u8(o, option);
    put_u8(o, suboption);
    put_be16(o, (unsigned)len + 2);
    put_be16(o, information);
    put_bytes(o, value, len);
    if (len % 2)
        put_u8(o, 0);
}

static void put_answer(struct octets *o, const struct device *d, uint32_t transaction)
{
    enum { IP_IS_SET = 1, BLOCKS_AT = 12 };
    uint8_t buffer[16];
    struct octets value = OCTETS_OF(buffer);
    put_head(o, IDENTIFY_RESPONSE, 1, transaction, 0);
    put_block(o, OPTION_DEVICE, NAME_OF_STATION, 0, d->name, strlen(d->name));
    put_block(o, OPTION_DEVICE, TYPE_OF_STATION, 0, d->model->model, strlen(d->model->model));
    put_be16(&value, VENDOR_SIEMENS);
    put_be16(&value, 0x0313);
    put_block(o, OPTION_DEVICE, DEVICE_ID, 0, value.at, value.len);
    value.len = 0;
    put_be16(&value, ROLE_IO_DEVICE << 8);
    put_block(o, OPTION_DEVICE, ROLE, 0, value.at, value.len);
    value.len = 0;
    put_be32(&value, d->ip);
    put_be32(&value, 0xffffff00);
    put_be32(&value, d->ip);
    put_block(o, OPTION_IP, 2, IP_IS_SET, value.at, value.len);
    set_be16(o, 10, o->len - BLOCKS_AT);
}

uint64_t profinet_identify_all(struct sim *s, struct device *station, struct device *const *devices, unsigned n)
{
    uint8_t buffer[300];
    struct octets o = OCTETS_OF(buffer);
    uint32_t transaction = (uint32_t)random_u64(&s->random);
    uint64_t at_ns = s->now_ns;
    put_head(&o, IDENTIFY_REQUEST, 0, transaction, 1);
    put_be32(&o, 0xffff0000); /* all */
    set_be16(&o, 10, 4);
    struct sent sent = wire_ethernet(s, station, group, ETHERTYPE_PROFINET, 0, "profinet-dcp", at_ns, &o);
    struct deed asked = {
        ENDPOINT_OF_MAC(station->mac), ENDPOINT_OF_MAC(group), "profinet-dcp", "5", "identify", "identify", "all"};
    truth_request(&s->truth, &asked, &sent);
    for (unsigned i = 0; i < n; i++) {
        at_ns += sim_between(s, 2 * MS, 8 * MS);
        o.len = 0;
        put_answer(&o, devices[i], transaction);
        sent = wire_ethernet(s, devices[i], station->mac, ETHERTYPE_PROFINET, 0, "profinet-dcp", at_ns, &o);
        struct deed answered = {ENDPOINT_OF_MAC(station->mac),
                                ENDPOINT_OF_MAC(devices[i]->mac),
                                "profinet-dcp",
                                "5",
                                "identify",
                                "identify",
                                ""};
        truth_lone_response(&s->truth, &answered, &sent);
        devices[i]->told |= TELLS_NAME | TELLS_MODEL | TELLS_VENDOR;
    }
    return at_ns;
}
