/* Every encapsulation: a frame, and what must be found in it. Each frame is then cut at every length. */
#include "base/address.h"
#include "decode/decode.h"
#include "decode/hex.h"

#include <stdarg.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

/* Pieces of frames. A datagram INNER is 32 bytes of IPv4 that carry 4 bytes by UDP. */
#define MACS "020000000002 020000000001 "
#define ETH(type) MACS type " "
#define IP4(total, protocol) "4500 " total " 0001 0000 40" protocol " 0000 0a000001 0a000002 "
#define OUTER4(total, protocol) "4500 " total " 0002 0000 40" protocol " 0000 ac100001 ac100002 "
#define IP6(length, next)                                                                                              \
    "60000000 " length next "40 fd000000000000000000000000000001 fd000000000000000000000000000002 "
#define UDP(length) "c350 01f6 " length " 0000 "
#define DATA "cafebabe "
#define INNER IP4("0020", "11") UDP("000c") DATA
#define INNER6 IP6("000c", "11") UDP("000c") DATA
#define TCP "c350 01f6 11223344 55667788 5018 2000 0000 0000 "

struct row {
    const char *name;
    uint16_t link;
    const char *frame;
    const char *src, *dst; /* "" without IP */
    enum cd_transport transport;
    uint16_t src_port, dst_port, ethertype;
    uint8_t protocol, tunnels, vlans;
    const char *payload;
    const char *bad; /* the layer of the finding, or NULL */
};

#define UDP_FOUND(type, tunnels, vlans)                                                                                \
    "10.0.0.1", "10.0.0.2", CD_TRANSPORT_UDP, 50000, 502, type, 17, tunnels, vlans, DATA, NULL
#define UDP6_IN_IPV4 "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502, 0x800, 17, 1, 0, DATA, NULL
#define UDP6_FOUND(tunnels) "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502, 0x86dd, 17, tunnels, 0, DATA, NULL
#define FRAME_FOUND(type, payload) "", "", CD_TRANSPORT_ETH, 0, 0, type, 0, 0, 0, payload, NULL

static const struct row rows[] = {
    /* Ethernet and its tags */
    {"udp", 1, ETH("0800") INNER, UDP_FOUND(0x800, 0, 0)},
    {"udp, padded frame", 1, ETH("0800") INNER "000000000000 000000000000", UDP_FOUND(0x800, 0, 0)},
    {"udp, ip total length 0", 1, ETH("0800") IP4("0000", "11") UDP("000c") DATA, UDP_FOUND(0x800, 0, 0)},
    {"udp, length 0", 1, ETH("0800") IP4("0020", "11") UDP("0000") DATA, UDP_FOUND(0x800, 0, 0)},
    {"udp shorter than ip says", 1, ETH("0800") IP4("0024", "11") UDP("000c") DATA "00000000", UDP_FOUND(0x800, 0, 0)},
    {"udp6", 1, ETH("86dd") INNER6, UDP6_FOUND(0)},
    {"tcp", 1, ETH("0800") IP4("002c", "06") TCP DATA, "10.0.0.1", "10.0.0.2", CD_TRANSPORT_TCP, 50000, 502, 0x800, 6,
     0, 0, DATA, NULL},
    {"tcp with options", 1,
     ETH("0800") IP4("0030", "06") "c350 01f6 11223344 55667788 6018 2000 0000 0000 020405b4" DATA, "10.0.0.1",
     "10.0.0.2", CD_TRANSPORT_TCP, 50000, 502, 0x800, 6, 0, 0, DATA, NULL},
    {"ip options", 1, ETH("0800") "4700 0028 0001 0000 4011 0000 0a000001 0a000002 9404000001010100" UDP("000c") DATA,
     UDP_FOUND(0x800, 0, 0)},
    {"vlan", 1, ETH("8100") "0064 0800" INNER, UDP_FOUND(0x800, 0, 1)},
    {"qinq", 1, ETH("88a8") "2064 8100 6065 0800" INNER, UDP_FOUND(0x800, 0, 2)},
    {"old qinq", 1, ETH("9100") "0064 8100 0065 0800" INNER, UDP_FOUND(0x800, 0, 2)},
    {"five tags, four kept", 1, ETH("8100") "0001 8100 0002 8100 0003 8100 0004 8100 0005 0800" INNER,
     UDP_FOUND(0x800, 0, 4)},
    {"vntag", 1, ETH("8926") "80010002 0800" INNER, UDP_FOUND(0x800, 0, 0)},
    {"arp", 1, ETH("0806") "0001 0800 06 04 0001", FRAME_FOUND(0x806, "0001 0800 06 04 0001")},
    {"profinet in vlan", 1, ETH("8100") "c000 8892 8000 1234", "", "", CD_TRANSPORT_ETH, 0, 0, 0x8892, 0, 0, 1,
     "8000 1234", NULL},
    {"llc", 1, ETH("0007") "424203 00000000 ffff", FRAME_FOUND(CD_ETHERTYPE_LLC, "424203 00000000")},
    {"snap with an ethertype", 1, ETH("0028") "aaaa03 000000 0800" INNER, UDP_FOUND(0x800, 0, 0)},
    {"snap with an organisation", 1, ETH("000a") "aaaa03 00000c 2000 02b4",
     FRAME_FOUND(CD_ETHERTYPE_SNAP, "00000c 2000 02b4")},
    {"pbb", 1, ETH("88e7") "00000064 " ETH("0800") INNER, UDP_FOUND(0x800, 0, 0)},
    {"fabricpath", 1, ETH("8903") "0064 " ETH("0800") INNER, UDP_FOUND(0x800, 0, 0)},
    {"mpls", 1, ETH("8847") "00001140" INNER, UDP_FOUND(0x8847, 0, 0)},
    {"mpls, three labels, ipv6", 1, ETH("8847") "00001040 00002040 00003140" INNER6, "fd00::1", "fd00::2",
     CD_TRANSPORT_UDP, 50000, 502, 0x8847, 17, 0, 0, DATA, NULL},
    {"pseudowire with control word", 1, ETH("8847") "00001140 00000000" ETH("0800") INNER, UDP_FOUND(0x800, 0, 0)},
    {"pseudowire without", 1, ETH("8848") "00001140" ETH("0800") INNER, UDP_FOUND(0x800, 0, 0)},
    {"pppoe", 1, ETH("8864") "1100 0001 0022 0021" INNER "ffff", UDP_FOUND(0x8864, 0, 0)},
    {"pppoe, protocol in one byte", 1, ETH("8864") "1100 0001 0021 21" INNER, UDP_FOUND(0x8864, 0, 0)},
    {"pppoe, ipv6", 1, ETH("8864") "1100 0001 0036 0057" INNER6, "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502,
     0x8864, 17, 0, 0, DATA, NULL},
    {"pppoe, link control", 1, ETH("8864") "1100 0001 0006 c021 09000004", FRAME_FOUND(0x8864, "09000004")},
    /* the other link types */
    {"ppp", 9, "0021" INNER, UDP_FOUND(0, 0, 0)},
    {"ppp with address", 50, "ff03 0021" INNER, UDP_FOUND(0, 0, 0)},
    {"pppoe link", 51, "1100 0001 0022 0021" INNER, UDP_FOUND(0, 0, 0)},
    {"raw", 101, INNER, UDP_FOUND(0, 0, 0)},
    {"raw 12", 12, INNER, UDP_FOUND(0, 0, 0)},
    {"raw 14, ipv6", 14, INNER6, "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502, 0, 17, 0, 0, DATA, NULL},
    {"raw ipv4", 228, INNER, UDP_FOUND(0, 0, 0)},
    {"raw ipv6", 229, INNER6, "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502, 0, 17, 0, 0, DATA, NULL},
    {"null, little-endian", 0, "02000000" INNER, UDP_FOUND(0, 0, 0)},
    {"null, ipv6 of darwin", 0, "1e000000" INNER6, "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502, 0, 17, 0, 0,
     DATA, NULL},
    {"loop", 108, "00000002" INNER, UDP_FOUND(0, 0, 0)},
    {"sll", 113, "0000 0001 0006 0200000000010000 0800" INNER, UDP_FOUND(0x800, 0, 0)},
    {"sll, llc", 113, "0000 0001 0006 0200000000010000 0004 424203 0000", FRAME_FOUND(CD_ETHERTYPE_LLC, "424203 0000")},
    {"sll2", 276, "0800 0000 00000002 0001 00 06 0200000000010000" INNER, UDP_FOUND(0x800, 0, 0)},
    /* tunnels */
    {"ipip", 1, ETH("0800") OUTER4("0034", "04") INNER, UDP_FOUND(0x800, 1, 0)},
    {"6in4", 1, ETH("0800") OUTER4("0048", "29") INNER6, "fd00::1", "fd00::2", CD_TRANSPORT_UDP, 50000, 502, 0x800, 17,
     1, 0, DATA, NULL},
    {"4in6", 1, ETH("86dd") IP6("0020", "04") INNER, UDP_FOUND(0x86dd, 1, 0)},
    {"etherip", 1, ETH("0800") OUTER4("0044", "61") "3000" ETH("0800") INNER, UDP_FOUND(0x800, 1, 0)},
    {"mpls in ip", 1, ETH("0800") OUTER4("0038", "89") "00001140" INNER, UDP_FOUND(0x800, 1, 0)},
    {"gre", 1, ETH("0800") OUTER4("0038", "2f") "0000 0800" INNER, UDP_FOUND(0x800, 1, 0)},
    {"gre: checksum", 1, ETH("0800") OUTER4("003c", "2f") "8000 0800 12340000" INNER, UDP_FOUND(0x800, 1, 0)},
    {"gre: key", 1, ETH("0800") OUTER4("003c", "2f") "2000 0800 00000007" INNER, UDP_FOUND(0x800, 1, 0)},
    {"gre: sequence", 1, ETH("0800") OUTER4("003c", "2f") "1000 0800 00000001" INNER, UDP_FOUND(0x800, 1, 0)},
    {"gre: checksum, key, sequence", 1, ETH("0800") OUTER4("0044", "2f") "b000 0800 12340000 00000007 00000001" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"gre: source route", 1, ETH("0800") OUTER4("0048", "2f") "4000 0800 00000000 08000004 0a000009 00000000" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"gre: ethernet and key (nvgre)", 1, ETH("0800") OUTER4("004a", "2f") "2000 6558 00123400" ETH("0800") INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"gre: pptp", 1,
     ETH("0800") OUTER4("0048", "2f") "3081 880b 00220001 00000001 00000001"
                                      "ff030021" INNER,
     UDP_FOUND(0x880b, 1, 0)},
    {"gre: pptp, acknowledgement alone", 1, ETH("0800") OUTER4("0020", "2f") "2081 880b 00000001 00000001",
     "172.16.0.1", "172.16.0.2", CD_TRANSPORT_IP, 0, 0, 0x800, 47, 0, 0, "", NULL},
    {"gre: a protocol not decoded", 1, ETH("0800") OUTER4("001c", "2f") "0000 883e 01020304", "172.16.0.1",
     "172.16.0.2", CD_TRANSPORT_IP, 0, 0, 0x883e, 47, 0, 0, "01020304", NULL},
    {"erspan I", 1, ETH("0800") OUTER4("0046", "2f") "0000 88be" ETH("0800") INNER, UDP_FOUND(0x800, 1, 0)},
    {"erspan II", 1, ETH("0800") OUTER4("0052", "2f") "1000 88be 00000001 1001000000000000" ETH("0800") INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"erspan III", 1,
     ETH("0800") OUTER4("0056", "2f") "1000 22eb 00000001 20010000 00000000 00000000" ETH("0800") INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"erspan III, platform header", 1,
     ETH("0800") OUTER4("005e", "2f") "1000 22eb 00000001 20010000 00000000 00000001 0000000000000000" ETH("0800")
         INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"vxlan", 1, ETH("0800") OUTER4("0052", "11") "d431 12b5 003e 0000 0800000000006400" ETH("0800") INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"vxlan, old port, vlan inside", 1,
     ETH("0800") OUTER4("0056", "11") "d431 2118 0042 0000 0800000000006400" ETH("8100") "0009 0800" INNER,
     UDP_FOUND(0x800, 1, 1)},
    {"not vxlan after all", 1, ETH("0800") OUTER4("0020", "11") "d431 12b5 000c 0000 00010203", "172.16.0.1",
     "172.16.0.2", CD_TRANSPORT_UDP, 54321, 4789, 0x800, 17, 0, 0, "00010203", NULL},
    {"arp in vxlan", 1,
     ETH("0800") OUTER4("003a", "11") "d431 12b5 0026 0000 0800000000006400" ETH("0806") "0001 0800 06 04 0001", "", "",
     CD_TRANSPORT_ETH, 0, 0, 0x806, 17, 1, 0, "0001 0800 06 04 0001", NULL},
    {"spanning tree in gre", 1, ETH("0800") OUTER4("002d", "2f") "0000 6558" ETH("0007") "424203 00000000", "", "",
     CD_TRANSPORT_ETH, 0, 0, CD_ETHERTYPE_LLC, 47, 1, 0, "424203 00000000", NULL},
    {"geneve", 1, ETH("0800") OUTER4("0056", "11") "d431 17c1 0042 0000 0100 6558 00006400 01020300" ETH("0800") INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"geneve, ip inside", 1, ETH("0800") OUTER4("0044", "11") "d431 17c1 0030 0000 0000 0800 00006400" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"vxlan-gpe, ip inside", 1, ETH("0800") OUTER4("0044", "11") "d431 12b6 0030 0000 0c000001 00006400" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"nsh on ethernet", 1, ETH("894f") "0fc3 0201 00000aff 01020304" INNER, UDP_FOUND(0x894f, 0, 0)},
    {"nsh in gre, a frame inside", 1, ETH("0800") OUTER4("004e", "2f") "0000 894f 0fc2 0203 00000aff" ETH("0800") INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"nsh too short for itself", 1, ETH("894f") "0fc1 0201 00000aff" INNER, "", "", CD_TRANSPORT_ETH, 0, 0, 0x894f, 0,
     0, 0, "", "nsh"},
    {"cisco metadata", 1, ETH("8909") "0101 0001 0002 0800" INNER, UDP_FOUND(0x800, 0, 0)},
    {"arista time stamp, 64 bits", 1, ETH("d28b") "0001 0010 0102030405060708 0800" INNER, UDP_FOUND(0x800, 0, 0)},
    {"arista time stamp, 48 bits", 1, ETH("d28b") "0001 0120 010203040506 0800" INNER, UDP_FOUND(0x800, 0, 0)},
    {"teredo", 1, ETH("0800") OUTER4("0050", "11") "d431 0dd8 003c 0000" INNER6, UDP6_IN_IPV4},
    {"teredo, authentication and origin", 1,
     ETH("0800")
         OUTER4("0067", "11") "0dd8 d431 0053 0000 0001 02 00 aabb 0102030405060708 00 0000 eeee 01020304" INNER6,
     UDP6_IN_IPV4},
    {"not teredo: another length", 1, ETH("0800") OUTER4("0020", "11") "d431 0dd8 000c 0000 60000000", "172.16.0.1",
     "172.16.0.2", CD_TRANSPORT_UDP, 54321, 3544, 0x800, 17, 0, 0, "60000000", NULL},
    {"ayiya", 1,
     ETH("0800") OUTER4("007c", "11") "d431 13d0 0068 0000 44 52 11 29 00000000 00112233445566778899aabbccddeeff "
                                      "00000000000000000000 00000000000000000000" INNER6,
     UDP6_IN_IPV4},
    {"gtp, sequence number", 1,
     ETH("0800") OUTER4("0048", "11") "0868 0868 0034 0000 32ff 0024 00000007 0001 00 00" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"gtp, extension header", 1,
     ETH("0800") OUTER4("004c", "11") "0868 0868 0038 0000 34ff 0028 00000007 0000 00 85 01 10 09 00" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"gtp echo", 1, ETH("0800") OUTER4("0028", "11") "0868 0868 0014 0000 3201 0004 00000000 0001 00 00", "172.16.0.1",
     "172.16.0.2", CD_TRANSPORT_UDP, 2152, 2152, 0x800, 17, 0, 0, "3201 0004 00000000 0001 00 00", NULL},
    {"l2tp", 1, ETH("0800") OUTER4("0048", "11") "06a5 06a5 0034 0000 4002 002c 0001 0002 ff03 0021" INNER,
     UDP_FOUND(0x800, 1, 0)},
    {"l2tp control", 1, ETH("0800") OUTER4("0028", "11") "06a5 06a5 0014 0000 c802 000c 0001 0000 0001 0001",
     "172.16.0.1", "172.16.0.2", CD_TRANSPORT_UDP, 1701, 1701, 0x800, 17, 0, 0, "c802 000c 0001 0000 0001 0001", NULL},
    {"vxlan over ipip", 1,
     ETH("0800") OUTER4("0066", "04") OUTER4("0052", "11") "d431 12b5 003e 0000 0800000000006400" ETH("0800") INNER,
     UDP_FOUND(0x800, 2, 0)},
    /* headers between IP and transport */
    {"ah", 1, ETH("0800") IP4("0038", "33") "11 04 0000 00000001 00000001 0102030405060708 09101112" UDP("000c") DATA,
     UDP_FOUND(0x800, 0, 0)},
    {"hop by hop, routing, destination", 1,
     ETH("86dd") IP6("002c", "00") "2b00 050200000000 3c01 0000000000000000000000000000 1100 010400000000" UDP("000c")
         DATA,
     UDP6_FOUND(0)},
    {"atomic fragment", 1, ETH("86dd") IP6("0014", "2c") "1100 0000 00000007" UDP("000c") DATA, UDP6_FOUND(0)},
    {"icmpv6", 1, ETH("86dd") IP6("0008", "3a") "80000000 00010001", "fd00::1", "fd00::2", CD_TRANSPORT_IP, 0, 0,
     0x86dd, 58, 0, 0, "80000000 00010001", NULL},
    {"no next header", 1, ETH("86dd") IP6("0000", "3b"), "fd00::1", "fd00::2", CD_TRANSPORT_IP, 0, 0, 0x86dd, 59, 0, 0,
     "", NULL},
    {"protocol 0 in ipv4 is no extension header", 1, ETH("0800") IP4("001c", "00") "1100 000000000000", "10.0.0.1",
     "10.0.0.2", CD_TRANSPORT_IP, 0, 0, 0x800, 0, 0, 0, "1100 000000000000", NULL},
    /* what does not fit */
    {"ip version", 1, ETH("0800") "5500 0020 0001 0000 4011 0000 0a000001 0a000002", "", "", CD_TRANSPORT_ETH, 0, 0,
     0x800, 0, 0, 0, "", "ipv4"},
    {"ip header length", 1, ETH("0800") "4400 0020 0001 0000 4011 0000 0a000001 0a000002", "", "", CD_TRANSPORT_ETH, 0,
     0, 0x800, 0, 0, 0, "", "ipv4"},
    {"ip total length", 1, ETH("0800") IP4("0010", "11") UDP("000c") DATA, "10.0.0.1", "10.0.0.2", CD_TRANSPORT_IP, 0,
     0, 0x800, 17, 0, 0, "", "ipv4"},
    {"tcp data offset", 1, ETH("0800") IP4("0028", "06") "c350 01f6 11223344 55667788 4018 2000 0000 0000", "10.0.0.1",
     "10.0.0.2", CD_TRANSPORT_TCP, 50000, 502, 0x800, 6, 0, 0, "", "tcp"},
    {"udp length", 1, ETH("0800") IP4("0020", "11") UDP("0004") DATA, "10.0.0.1", "10.0.0.2", CD_TRANSPORT_UDP, 50000,
     502, 0x800, 17, 0, 0, DATA, "udp"},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static void assert_address(const struct row *row, const char *what, const struct cd_ip *ip, const char *expected)
{
    char buffer[64];
    struct cd_text text = cd_text_of(buffer, sizeof buffer);
    if (*expected)
        cd_text_ip(&text, ip);
    if (strcmp(buffer, expected) != 0)
        fail_msg("%s: %s is %s, expected %s", row->name, what, buffer, expected);
}

static void assert_number(const struct row *row, const char *what, uint64_t is, uint64_t expected)
{
    if (is != expected)
        fail_msg("%s: %s is %llu, expected %llu", row->name, what, (unsigned long long)is,
                 (unsigned long long)expected);
}

/* What holds for any input: the payload lies within the frame, and its length on the wire is no less. */
static void assert_consistent(const char *name, const struct cd_packet *p, const uint8_t *bytes, size_t len)
{
    if (p->payload < bytes || p->payload_len > len || p->payload + p->payload_len > bytes + len)
        fail_msg("%s, %zu bytes: the payload is not within the frame", name, len);
    if (p->payload_wire_len < p->payload_len)
        fail_msg("%s, %zu bytes: the payload on the wire is shorter than the captured", name, len);
    if ((p->bad == NULL) != (p->bad_layer == NULL))
        fail_msg("%s, %zu bytes: a finding without its layer", name, len);
    if (p->has_ip && p->n_tunnels == 0 &&
        (!cd_ip_equal(&p->src, &p->outer_src) || !cd_ip_equal(&p->dst, &p->outer_dst)))
        fail_msg("%s, %zu bytes: outer addresses differ without a tunnel", name, len);
    if ((p->n_tunnels > 0) > (p->tunnel != 0))
        fail_msg("%s, %zu bytes: a tunnel without its word", name, len);
    if (p->n_vlans > CD_VLANS_MAX || p->n_tunnels > CD_DECODE_TUNNELS_MAX + 1)
        fail_msg("%s, %zu bytes: over a limit", name, len);
}

static void decode_exact(uint16_t link, const uint8_t *bytes, size_t len, uint32_t wire_len, const char *name,
                         struct cd_packet *ret_packet)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    cd_decode(link, copy, (uint32_t)len, wire_len, ret_packet);
    assert_consistent(name, ret_packet, copy, len);
    free(copy);
}

static void test_each_encapsulation_gives_its_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *row = &rows[i];
        uint8_t bytes[512], payload[64];
        size_t len = from_hex(row->frame, bytes, sizeof bytes);
        size_t payload_len = from_hex(row->payload, payload, sizeof payload);
        struct cd_packet p = {.time_ns = 5, .frame = 7};
        cd_decode(row->link, bytes, (uint32_t)len, (uint32_t)len, &p);
        if ((row->bad == NULL) != (p.bad == NULL) || (row->bad && strcmp(row->bad, p.bad_layer) != 0))
            fail_msg("%s: finding %s: %s", row->name, p.bad_layer ? p.bad_layer : "none", p.bad ? p.bad : "");
        assert_number(row, "has_ip", p.has_ip, *row->src != '\0');
        assert_address(row, "source", &p.src, row->src);
        assert_address(row, "destination", &p.dst, row->dst);
        assert_number(row, "transport", p.transport, row->transport);
        assert_number(row, "source port", p.src_port, row->src_port);
        assert_number(row, "destination port", p.dst_port, row->dst_port);
        assert_number(row, "ethertype", p.ethertype, row->ethertype);
        assert_number(row, "protocol", p.ip_protocol, row->protocol);
        assert_number(row, "tunnels", p.n_tunnels, row->tunnels);
        assert_number(row, "vlans", p.n_vlans, row->vlans);
        assert_number(row, "payload length", p.payload_len, payload_len);
        assert_number(row, "payload length on the wire", p.payload_wire_len, payload_len);
        if (memcmp(p.payload, payload, payload_len) != 0)
            fail_msg("%s: the payload is another", row->name);
        assert_number(row, "time", p.time_ns, 5);
        assert_number(row, "frame", p.frame, 7);
        assert_number(row, "frame's length", p.wire_len, len);
        assert_consistent(row->name, &p, bytes, len);
    }
}

static void test_every_cut_of_every_frame_stays_within_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        uint8_t bytes[512];
        size_t len = from_hex(rows[i].frame, bytes, sizeof bytes);
        for (size_t n = 0; n <= len; n++) {
            struct cd_packet p = {0};
            decode_exact(rows[i].link, bytes, n, (uint32_t)len, rows[i].name, &p);
            decode_exact(rows[i].link, bytes, n, (uint32_t)n, rows[i].name, &p);
        }
    }
}

/* Any single byte changed to any of a few values: nothing is promised but that the payload stays within the frame. */
static void test_every_changed_byte_stays_within_the_frame(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x2f, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0xff};
    for (size_t i = 0; i < N_ROWS; i++) {
        uint8_t bytes[512];
        size_t len = from_hex(rows[i].frame, bytes, sizeof bytes);
        for (size_t at = 0; at < len; at++)
            for (size_t v = 0; v < sizeof values; v++) {
                uint8_t old = bytes[at];
                struct cd_packet p = {0};
                bytes[at] = values[v];
                decode_exact(rows[i].link, bytes, len, (uint32_t)len, rows[i].name, &p);
                bytes[at] = old;
            }
    }
}

static void test_a_cut_payload_tells_its_length_on_the_wire(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t len = from_hex(ETH("0800") IP4("05dc", "06") TCP DATA, bytes, sizeof bytes);
    struct cd_packet p = {0};
    cd_decode(1, bytes, (uint32_t)len, 1514, &p);
    assert_null(p.bad);
    assert_int_equal(p.payload_len, 4);
    assert_int_equal(p.payload_wire_len, 1460);
    assert_int_equal(p.wire_len, 1514);
    assert_int_equal(p.tcp_seq, 0x11223344);
    assert_int_equal(p.tcp_ack, 0x55667788);
    assert_int_equal(p.tcp_flags, CD_TCP_PSH | CD_TCP_ACK);
    assert_int_equal(p.tcp_window, 0x2000);
}

static void test_macs_are_those_of_the_frame_that_carries_the_addresses(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct cd_packet p = {0};
    size_t len = from_hex(
        "060000000002 060000000001 0800" OUTER4("0052", "11") "d431 12b5 003e 0000 0800000000006400" ETH("0800") INNER,
        bytes, sizeof bytes);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_int_equal(p.src_mac, 0x020000000001);
    assert_int_equal(p.dst_mac, 0x020000000002);
    assert_int_equal(p.outer_src_mac, 0x060000000001);
    assert_address(&rows[0], "outer source", &p.outer_src, "172.16.0.1");
    assert_address(&rows[0], "outer destination", &p.outer_dst, "172.16.0.2");

    len = from_hex(ETH("0800") OUTER4("0034", "04") INNER, bytes,
                   sizeof bytes); /* no frame inside: the MACs are the tunnel's ends' */
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_true(p.src_mac == CD_NO_MAC && p.dst_mac == CD_NO_MAC);
    assert_int_equal(p.outer_src_mac, 0x020000000001);
}

static void test_tunnels_are_told_apart_but_not_their_directions(void **state)
{
    (void)state;
    static const char *const frames[] = {
        ETH("0800") OUTER4("0034", "04") INNER,
        ETH("0800") "4500 0034 0002 0000 4004 0000 ac100002 ac100001" INNER, /* the other direction of the same */
        ETH("0800") "4500 0034 0002 0000 4004 0000 ac100001 ac100003" INNER,
        ETH("0800") OUTER4("0052", "11") "d431 12b5 003e 0000 0800000000006400" ETH("0800") INNER,
        ETH("0800") OUTER4("0052", "11") "d431 12b5 003e 0000 0800000000006500" ETH("0800") INNER, /* another network */
        ETH("0800") OUTER4("004a", "2f") "2000 6558 00123400" ETH("0800") INNER,
        ETH("0800") OUTER4("004a", "2f") "2000 6558 00123500" ETH("0800") INNER,
        ETH("0800") OUTER4("0048", "04") "4500 0034 0002 0000 4004 0000 ac110001 ac110002" INNER,
        ETH("0800") OUTER4("0048", "04") "4500 0034 0002 0000 4004 0000 ac110001 ac110003" INNER,
    };
    enum { N = sizeof frames / sizeof *frames };
    uint64_t tunnels[N];
    for (size_t i = 0; i < N; i++) {
        uint8_t bytes[512];
        size_t len = from_hex(frames[i], bytes, sizeof bytes);
        struct cd_packet p = {0};
        cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
        assert_null(p.bad);
        tunnels[i] = p.tunnel;
        assert_int_not_equal(tunnels[i], 0);
    }
    assert_int_equal(tunnels[0], tunnels[1]);
    for (size_t i = 1; i < N; i++)
        for (size_t j = i + 1; j < N; j++)
            assert_int_not_equal(tunnels[i], tunnels[j]);
}

static void test_fragments_are_not_read_above_ip(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct cd_packet p = {0};
    size_t len =
        from_hex(ETH("0800") "4500 0024 0007 2003 4011 0000 0a000001 0a000002 00010203 04050607 08090a0b 0c0d0e0f",
                 bytes, sizeof bytes);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_true(p.fragment && p.more_fragments);
    assert_int_equal(p.fragment_offset, 24);
    assert_int_equal(p.fragment_id, 7);
    assert_int_equal(p.payload_len, 16);
    assert_int_equal(p.transport, CD_TRANSPORT_IP);
    assert_int_equal(p.src_port, 0);

    len = from_hex(ETH("86dd") IP6("0010", "2c") "1100 0010 deadbeef 0001020304050607", bytes, sizeof bytes);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_true(p.fragment && !p.more_fragments);
    assert_int_equal(p.fragment_offset, 16);
    assert_int_equal(p.fragment_id, 0xdeadbeef);
    assert_int_equal(p.ip_protocol, 17);
    assert_int_equal(p.payload_len, 8);
}

static void test_a_whole_datagram_goes_on_at_its_transport(void **state)
{
    (void)state;
    uint8_t bytes[512], datagram[64];
    struct cd_packet p = {0};
    size_t len =
        from_hex(ETH("0800") "4500 001c 0007 0001 4011 0000 0a000001 0a000002 0001020304050607", bytes, sizeof bytes);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_true(p.fragment);
    len = from_hex(UDP("000c") DATA, datagram, sizeof datagram);
    cd_decode_datagram(datagram, (uint32_t)len, &p);
    assert_false(p.fragment);
    assert_int_equal(p.transport, CD_TRANSPORT_UDP);
    assert_int_equal(p.dst_port, 502);
    assert_int_equal(p.payload_len, 4);
    assert_null(p.ip);
}

/* n IP headers around one another, IPv4 in IPv4. */
static size_t nested(uint8_t *bytes, size_t cap, unsigned n)
{
    size_t len = from_hex(ETH("0800"), bytes, cap);
    for (unsigned i = 0; i < n; i++) {
        size_t total = 20 * (n - i) + 12;
        len += from_hex(IP4("0000", "04"), bytes + len, cap - len);
        bytes[len - 18] = (uint8_t)(total >> 8);
        bytes[len - 17] = (uint8_t)total;
        bytes[len - 1] = (uint8_t)i;
        if (i + 1 == n)
            bytes[len - 11] = 17;
    }
    return len + from_hex(UDP("000c") DATA, bytes + len, cap - len);
}

static void test_nesting_has_a_limit(void **state)
{
    (void)state;
    uint8_t bytes[4096];
    struct cd_packet p = {0};
    size_t len = nested(bytes, sizeof bytes, CD_DECODE_TUNNELS_MAX + 1);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_null(p.bad);
    assert_int_equal(p.transport, CD_TRANSPORT_UDP);
    assert_int_equal(p.n_tunnels, CD_DECODE_TUNNELS_MAX);

    len = nested(bytes, sizeof bytes, CD_DECODE_TUNNELS_MAX + 2);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_string_equal(p.bad, "nesting");

    /* Tags upon tags, and extension headers upon extension headers, end at the limit of layers. */
    len = from_hex(ETH("8100"), bytes, sizeof bytes);
    while (len + 4 <= 2000)
        len += from_hex("0001 8100", bytes + len, sizeof bytes - len);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_string_equal(p.bad_layer, "encapsulation");
    len = from_hex(ETH("86dd") IP6("0400", "00"), bytes, sizeof bytes);
    while (len + 8 <= 54 + 1024)
        len += from_hex("0000 010400000000", bytes + len, sizeof bytes - len);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_string_equal(p.bad_layer, "encapsulation");
    len = from_hex(ETH("8847"), bytes, sizeof bytes);
    while (len + 4 <= 2000)
        len += from_hex("00001040", bytes + len, sizeof bytes - len);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_string_equal(p.bad_layer, "mpls");
    len = from_hex(ETH("0800") OUTER4("0400", "2f") "4000 0800 00000000", bytes, sizeof bytes);
    while (len + 8 <= 1000)
        len += from_hex("08000004 0a000009", bytes + len, sizeof bytes - len);
    cd_decode(1, bytes, (uint32_t)len, (uint32_t)len, &p);
    assert_string_equal(p.bad_layer, "gre");
}

static void test_a_link_type_that_is_not_decoded_says_so(void **state)
{
    (void)state;
    static const uint8_t bytes[64];
    struct cd_packet p = {0};
    cd_decode(105, bytes, sizeof bytes, sizeof bytes, &p);
    assert_true(p.undecoded);
    assert_int_equal(p.payload_len, 0);
    assert_false(cd_decode_knows(105));
    assert_true(cd_decode_knows(1));
    assert_string_equal(cd_link_name(105), "IEEE 802.11");
    assert_string_equal(cd_link_name(9999), "unknown link type");
    for (unsigned link = 0; link < 300; link++) { /* known and decoded are the same */
        cd_decode((uint16_t)link, bytes, sizeof bytes, sizeof bytes, &p);
        if (!cd_decode_knows((uint16_t)link))
            assert_true(p.undecoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_encapsulation_gives_its_fields),
        cmocka_unit_test(test_every_cut_of_every_frame_stays_within_it),
        cmocka_unit_test(test_every_changed_byte_stays_within_the_frame),
        cmocka_unit_test(test_a_cut_payload_tells_its_length_on_the_wire),
        cmocka_unit_test(test_macs_are_those_of_the_frame_that_carries_the_addresses),
        cmocka_unit_test(test_tunnels_are_told_apart_but_not_their_directions),
        cmocka_unit_test(test_fragments_are_not_read_above_ip),
        cmocka_unit_test(test_a_whole_datagram_goes_on_at_its_transport),
        cmocka_unit_test(test_nesting_has_a_limit),
        cmocka_unit_test(test_a_link_type_that_is_not_decoded_says_so),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
