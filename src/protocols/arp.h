/* ARP (RFC 826), with RARP (RFC 903) and InARP (RFC 2390) as they share the packet. */
#ifndef CD_PROTOCOLS_ARP_H
#define CD_PROTOCOLS_ARP_H

#include "base/address.h"
#include "base/reader.h"

struct cd_arp_packet {
    uint16_t hardware, protocol;        /* 1 is Ethernet; an Ethertype */
    uint8_t hardware_len, protocol_len; /* bytes of an address of each kind */
    uint16_t operation;
    bool ethernet_ipv4; /* the lengths are 6 and 4, so that the four fields below are filled */
    cd_mac sender_mac, target_mac;
    struct cd_ip sender_ip, target_ip;
};

/* RFC 826 "Packet format". Trailing bytes are Ethernet padding and allowed. False, *ret untouched, where it is too short. */
bool cd_arp_parse(struct cd_reader *r, struct cd_arp_packet *ret);

#endif
