#include "protocols/netbios_name.h"

void cd_netbios_name_of(const uint8_t bytes[16], struct cd_netbios_name *ret)
{
    struct cd_netbios_name name = {.len = 15, .suffix = bytes[15]};
    memcpy(name.text, bytes, 15);
    while (name.len && (name.text[name.len - 1] == ' ' || name.text[name.len - 1] == '\0'))
        name.text[--name.len] = '\0';
    *ret = name;
}

bool cd_netbios_name_decode(const struct cd_dns_name *label, struct cd_netbios_name *ret)
{
    if (label->first_len != 32)
        return false;
    uint8_t bytes[16];
    for (unsigned i = 0; i < 16; i++) {
        char high = label->text[2 * i], low = label->text[2 * i + 1];
        if (high < 'A' || high > 'P' || low < 'A' || low > 'P')
            return false;
        bytes[i] = (uint8_t)((high - 'A') << 4 | (low - 'A'));
    }
    cd_netbios_name_of(bytes, ret);
    return true;
}

bool cd_netbios_name_is_plain(const struct cd_netbios_name *name)
{
    for (unsigned i = 0; i < name->len; i++)
        if ((uint8_t)name->text[i] < ' ' || name->text[i] == '*')
            return false;
    return name->len > 0;
}
