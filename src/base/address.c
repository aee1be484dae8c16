#include "base/address.h"

#include <arpa/inet.h>

bool cd_ip_is_unspecified(const struct cd_ip *ip)
{
    static const uint8_t zero[16];
    if (cd_ip_is_4(ip))
        return memcmp(ip->bytes + 12, zero, 4) == 0;
    return memcmp(ip->bytes, zero, 16) == 0;
}

bool cd_ip_is_group(const struct cd_ip *ip)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    if (cd_ip_is_4(ip))
        return (ip->bytes[12] & 0xf0) == 0xe0 || memcmp(ip->bytes + 12, broadcast, 4) == 0;
    return ip->bytes[0] == 0xff;
}

bool cd_ip_is_loopback(const struct cd_ip *ip)
{
    static const uint8_t one[16] = {[15] = 1};
    if (cd_ip_is_4(ip))
        return ip->bytes[12] == 127;
    return memcmp(ip->bytes, one, 16) == 0;
}

bool cd_ip_is_link_local(const struct cd_ip *ip)
{
    if (cd_ip_is_4(ip))
        return ip->bytes[12] == 169 && ip->bytes[13] == 254;
    return ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

bool cd_ip_is_private(const struct cd_ip *ip)
{
    const uint8_t *b = ip->bytes + 12;
    if (cd_ip_is_loopback(ip) || cd_ip_is_link_local(ip))
        return true;
    if (!cd_ip_is_4(ip))
        return (ip->bytes[0] & 0xfe) == 0xfc;
    return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
           (b[0] == 100 && (b[1] & 0xc0) == 64);
}

bool cd_ip_is_device(const struct cd_ip *ip)
{
    return !cd_ip_is_unspecified(ip) && !cd_ip_is_group(ip) && !cd_ip_is_loopback(ip);
}

int cd_ip_compare(const struct cd_ip *a, const struct cd_ip *b)
{
    int a4 = cd_ip_is_4(a), b4 = cd_ip_is_4(b);
    if (a4 != b4)
        return b4 - a4;
    return memcmp(a->bytes, b->bytes, 16);
}

void cd_text_mac(struct cd_text *t, cd_mac mac)
{
    for (int shift = 40; shift >= 0; shift -= 8) {
        cd_text_hex(t, mac >> shift & 0xff, 2);
        if (shift)
            cd_text_char(t, ':');
    }
}

void cd_text_ip(struct cd_text *t, const struct cd_ip *ip)
{
    if (cd_ip_is_4(ip)) {
        for (int i = 12; i < 16; i++) {
            cd_text_u64(t, ip->bytes[i]);
            if (i < 15)
                cd_text_char(t, '.');
        }
        return;
    }
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, ip->bytes, text, sizeof text);
    cd_text_str(t, text);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cd_mac_parse(const char *text, cd_mac *ret_mac)
{
    cd_mac mac = 0;
    for (int i = 0; i < 6; i++) {
        int high = hex_value(text[0]);
        int low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0)
            return false;
        mac = mac << 8 | (cd_mac)(high << 4 | low);
        text += 2;
        if (i < 5 && *text != ':' && *text != '-')
            return false;
        text += i < 5;
    }
    if (*text)
        return false;
    *ret_mac = mac;
    return true;
}

bool cd_ip_parse(const char *text, struct cd_ip *ret_ip)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        *ret_ip = cd_ip_of4(bytes);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *ret_ip = cd_ip_of6(bytes);
    else
        return false;
    return true;
}
