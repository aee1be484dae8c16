/* Which bucket, and so which worker, a frame belongs to, from a few bytes of its headers. Both directions of two addresses, and all fragments between them, go to the same worker; so every result is
 * the same for any number of workers. Unseeded on purpose: all workers must agree. */
#include "sensor/sensor.h"

#include "base/hash.h"

#include <string.h>

static uint64_t mix(uint64_t word)
{
    return cd_hash_mix(word ^ 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u);
}

static uint64_t pair(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint64_t sum_a = 0, sum_b = 0;
    for (size_t i = 0; i < n; i += 8) {
        size_t part = n - i < 8 ? n - i : 8;
        sum_a = mix(sum_a ^ cd_hash_load(a + i, part));
        sum_b = mix(sum_b ^ cd_hash_load(b + i, part));
    }
    return sum_a + sum_b;
}

/* The pair of the IP header at `at`, or 0. */
static uint64_t ip_pair(const struct cd_frame *f, uint32_t at)
{
    if (at + 20 <= f->captured_len && f->bytes[at] >> 4 == 4)
        return pair(f->bytes + at + 12, f->bytes + at + 16, 4);
    if (at + 40 <= f->captured_len && f->bytes[at] >> 4 == 6)
        return pair(f->bytes + at + 8, f->bytes + at + 24, 16);
    return 0;
}

/* EtherCAT frames come back with one bit of their source changed (ring.c): they belong together all the same. */
static uint64_t mac_pair(const uint8_t *macs, unsigned ethertype)
{
    uint8_t source[6];
    memcpy(source, macs + 6, sizeof source);
    if (ethertype == CD_ETHERTYPE_ETHERCAT)
        source[0] &= 0xfd;
    return pair(macs, source, sizeof source);
}

uint32_t cd_sensor_bucket(const struct cd_frame *f)
{
    uint64_t h = 0;
    if (f->link_type == CD_LINK_ETHERNET && f->captured_len >= 14) {
        uint32_t at = 12;
        unsigned type = (unsigned)f->bytes[12] << 8 | f->bytes[13];
        while ((type == 0x8100 || type == 0x88a8 || type == 0x9100) && at + 6 <= f->captured_len) {
            at += 4;
            type = (unsigned)f->bytes[at] << 8 | f->bytes[at + 1];
        }
        if (type == CD_ETHERTYPE_IPV4 || type == CD_ETHERTYPE_IPV6)
            h = ip_pair(f, at + 2);
        else if (type == 0x8864 || type == 0x8847 || type == 0x8848)
            return 0; /* PPPoE and MPLS hide their addresses deeper: one bucket takes them all */
        else
            h = mac_pair(f->bytes, type);
    }
    return (uint32_t)(h >> 58);
}

uint32_t cd_sensor_shard(const struct cd_frame *f, uint32_t workers)
{
    return cd_sensor_bucket(f) % workers;
}
