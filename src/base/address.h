/* Link and network addresses as values. */
#ifndef CD_BASE_ADDRESS_H
#define CD_BASE_ADDRESS_H

#include "base/text.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A 48-bit MAC address in the low bits, first byte on the wire highest; CD_NO_MAC where there is none. */
typedef uint64_t cd_mac;
#define CD_NO_MAC UINT64_MAX

static inline cd_mac cd_mac_of(const uint8_t b[6])
{
    uint32_t high;
    uint16_t low;
    memcpy(&high, b, 4);
    memcpy(&low, b + 4, 2);
    return (uint64_t)be32toh(high) << 16 | be16toh(low);
}

/* Group addresses (IEEE 802-2014 8.2.2, I/G bit): never a device. */
static inline bool cd_mac_is_group(cd_mac mac)
{
    return mac >> 40 & 1;
}

/* A device's own address: there, not a group address, not all zeros. */
static inline bool cd_mac_is_device(cd_mac mac)
{
    return mac != CD_NO_MAC && mac != 0 && !cd_mac_is_group(mac);
}

/* An IPv6 address, or an IPv4 address in its mapped form (RFC 4291 2.5.5.2), as two words in memory order, so that
 * comparing and hashing take two steps. All zero: none. */
struct cd_ip {
    union {
        uint8_t bytes[16];
        uint64_t words[2];
    };
};

/* Written in whole words: a word read back from bytes written one by one would stall. */
static inline struct cd_ip cd_ip_of4(const uint8_t b[4])
{
    uint32_t address;
    memcpy(&address, b, 4);
    return (struct cd_ip){.words = {0, htobe64((uint64_t)0xffff << 32 | be32toh(address))}};
}

static inline struct cd_ip cd_ip_of6(const uint8_t b[16])
{
    struct cd_ip ip;
    memcpy(ip.bytes, b, 16);
    return ip;
}

static inline bool cd_ip_equal(const struct cd_ip *a, const struct cd_ip *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

static inline bool cd_ip_is_4(const struct cd_ip *ip)
{
    return ip->words[0] == 0 && be64toh(ip->words[1]) >> 32 == 0xffff;
}

/* No address at all: "::" or 0.0.0.0. */
bool cd_ip_is_unspecified(const struct cd_ip *ip);
/* Multicast, or the limited broadcast 255.255.255.255. */
bool cd_ip_is_group(const struct cd_ip *ip);
/* 127.0.0.0/8 or ::1. */
bool cd_ip_is_loopback(const struct cd_ip *ip);
/* 169.254.0.0/16 or fe80::/10. */
bool cd_ip_is_link_local(const struct cd_ip *ip);
/* RFC 1918, RFC 6598, link-local, loopback, fc00::/7: never routed in the Internet. */
bool cd_ip_is_private(const struct cd_ip *ip);
/* Can be the address of one device: none of unspecified, group, loopback. */
bool cd_ip_is_device(const struct cd_ip *ip);
/* Orders IPv4 before IPv6, then by value, as people expect lists to be. */
int cd_ip_compare(const struct cd_ip *a, const struct cd_ip *b);

/* "00:0e:8c:01:02:03" */
void cd_text_mac(struct cd_text *t, cd_mac mac);
/* Dotted decimal, or RFC 5952. */
void cd_text_ip(struct cd_text *t, const struct cd_ip *ip);
/* The reverse ways; false (and *ret untouched) where the text is not one. */
bool cd_mac_parse(const char *text, cd_mac *ret_mac);
bool cd_ip_parse(const char *text, struct cd_ip *ret_ip);

#endif
