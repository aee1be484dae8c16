/* EtherCAT frames pass all slaves and come back to the master that sent them. On the way the first slave sets the bit of local administration in the source MAC
 * (ETG.1000.4 4.3): the frame has a sender then that does not exist. It is given back to its master before its flow is looked for, so that question and answer
 * are of one flow and no device is seen where there is none.
 *
 *   a sender without the bit is a master
 *   the bit is set, and a master is known without it        -> returned
 *   the bit is set, no master known, and slaves have worked
 *   on its first datagram                                   -> returned, the capture began in between
 *   else                                                    -> a master whose own MAC has the bit (a virtual machine) */
#include "sensor/sensor.h"

static const cd_mac local_bit = (cd_mac)1 << 41;

static bool is_master(const struct cd_sensor *s, cd_mac mac)
{
    for (uint32_t i = 0; i < s->n_masters; i++)
        if (s->masters[i] == mac)
            return true;
    return false;
}

static void remember(struct cd_sensor *s, cd_mac mac)
{
    if (s->n_masters < CD_SENSOR_MASTERS_MAX && !is_master(s, mac))
        s->masters[s->n_masters++] = mac;
}

/* The working counter of the first datagram: behind frame header 2, command and addresses 6, length 2, interrupt 2 and the data. */
static bool has_passed_slaves(const struct cd_packet *p)
{
    struct cd_reader r = cd_reader_of(p->payload, p->payload_len);
    cd_read_skip(&r, 2 + 6, "datagram");
    uint16_t length = cd_read_le16(&r, "length");
    cd_read_skip(&r, 2u + (length & 0x7ff), "data");
    return cd_read_le16(&r, "working counter") > 0;
}

void cd_sensor_settle_source(struct cd_sensor *s, struct cd_packet *p)
{
    bool ethercat =
        p->transport == CD_TRANSPORT_ETH ? p->ethertype == CD_ETHERTYPE_ETHERCAT : p->transport == CD_TRANSPORT_UDP;
    if (!ethercat || !cd_mac_is_device(p->src_mac))
        return;
    cd_mac own = p->src_mac & ~local_bit;
    if (own == p->src_mac) {
        remember(s, own);
    } else if (is_master(s, own) || (!is_master(s, p->src_mac) && has_passed_slaves(p))) {
        p->src_mac = own;
        p->returned = true;
    } else {
        remember(s, p->src_mac);
    }
}
