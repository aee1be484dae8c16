#include "protocols/uuid.h"

#include "protocols/identity.h"

#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cd_uuid_parse(const char *text, size_t len, uint8_t ret[16])
{
    uint8_t bytes[16];
    size_t n = 0;
    if (len < 36)
        return false;
    for (size_t i = 0; i < 36;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i++] != '-')
                return false;
            continue;
        }
        int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[n++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    memcpy(ret, bytes, sizeof bytes);
    return true;
}

void cd_uuid_report(struct cd_message *m, const struct cd_subject *subject, const char *text, size_t len)
{
    uint8_t uuid[16];
    if (!cd_uuid_parse(text, len, uuid))
        return;
    cd_mac node = cd_mac_of(uuid + 10);
    bool universal =
        cd_mac_is_device(node) && !(node >> 41 & 1); /* IEEE 802 8.2.2: not made up by the machine itself */
    if (node == cd_message_sender_mac(m))
        cd_report_hardware_address(m, subject, node, 90);
    else if (universal && uuid[6] >> 4 == 1)
        cd_report_hardware_address(m, subject, node, 60);
}
