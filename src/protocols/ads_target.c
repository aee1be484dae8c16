/* ADS: whom and what a request acts on: "5.13.117.96.1.1:801 PLC runtime 1 %MB100 x4". */
#include "protocols/ads.h"

enum { SUM_SHOWN = 3 };

enum cd_class cd_ads_class(uint16_t command, uint16_t port, const struct cd_ads_access *access)
{
    struct cd_ads_group_info group = cd_ads_group(port, access->group);
    if (group.acts)
        return group.class;
    if (command == CD_ADS_WRITE)
        return group.class;
    if (command != CD_ADS_READ_WRITE)
        return CD_CLASS_READ;
    return group.named || port == CD_ADS_PORT_SYSTEM_SERVICE ? CD_CLASS_READ : group.class;
}

void cd_ads_text_net_id(struct cd_text *t, const uint8_t net_id[6])
{
    for (unsigned i = 0; i < 6; i++) {
        if (i)
            cd_text_char(t, '.');
        cd_text_u64(t, net_id[i]);
    }
}

void cd_ads_text_address(struct cd_text *t, const struct cd_ads_address *address)
{
    const char *name = cd_ads_port_name(address->port);
    cd_ads_text_net_id(t, address->net_id);
    cd_text_char(t, ':');
    cd_text_u64(t, address->port);
    if (name) {
        cd_text_char(t, ' ');
        cd_text_str(t, name);
    }
}

/* Inputs, outputs and flags of the PLC by byte or bit offset. */
static bool text_image(struct cd_text *t, const struct cd_ads_access *access)
{
    const char *area = NULL;
    bool bits = false;
    switch (access->group) {
    case 0xf020: area = " %IB"; break;
    case 0xf021:
        area = " %IX";
        bits = true;
        break;
    case 0xf030: area = " %QB"; break;
    case 0xf031:
        area = " %QX";
        bits = true;
        break;
    case 0x4020: area = " %MB"; break;
    case 0x4021:
        area = " %MX";
        bits = true;
        break;
    case 0x4030: area = " retain byte "; break;
    case 0x4040: area = " data byte "; break;
    default: return false;
    }
    cd_text_str(t, area);
    cd_text_u64(t, bits ? access->offset / 8 : access->offset);
    if (bits) {
        cd_text_char(t, '.');
        cd_text_u64(t, access->offset % 8);
    }
    return true;
}

static void text_plain(struct cd_text *t, const struct cd_ads_access *access)
{
    cd_text_str(t, " group 0x");
    cd_text_hex(t, access->group, 1);
    cd_text_str(t, " offset 0x");
    cd_text_hex(t, access->offset, 1);
}

/* The name a request brings: up to its first NUL. */
static void text_name(struct cd_text *t, struct cd_reader written)
{
    size_t len = written.len < CD_ADS_SYMBOL_MAX ? written.len : CD_ADS_SYMBOL_MAX;
    if (len == 0) /* also where a request of another kind brings none */
        return;
    const uint8_t *name = cd_read_at(&written, len, "name");
    if (!name)
        return;
    cd_text_char(t, ' ');
    cd_text_device(t, name, strnlen((const char *)name, len));
}

/* Sum commands: the offset is the number of parts, each begins with group and offset in the bytes written. */
static void text_sum(struct cd_text *t, uint16_t port, const struct cd_ads_access *access)
{
    struct cd_reader r = access->written;
    unsigned size = access->group == CD_ADS_SUM_READ_WRITE ? 16 : 12, shown = 0;
    cd_text_str(t, " x");
    cd_text_u64(t, access->offset);
    if (access->group == CD_ADS_SUM_DELETE_NOTIFICATION)
        return;
    for (uint32_t i = 0; i < access->offset && shown < SUM_SHOWN && cd_read_left(&r) >= size; i++) {
        struct cd_ads_access part = {.group = cd_read_le32(&r, "group"), .offset = cd_read_le32(&r, "offset")};
        cd_read_skip(&r, size - 8, "lengths");
        if (cd_ads_group(port, part.group).name) {
            if (i == 0) { /* by handle or name: the same of all parts as a rule */
                cd_text_str(t, ", ");
                cd_text_str(t, cd_ads_group(port, part.group).name);
            }
            return;
        }
        cd_text_str(t, shown++ ? "," : ":");
        if (!text_image(t, &part))
            text_plain(t, &part);
    }
    if (shown < access->offset)
        cd_text_str(t, ", ...");
}

void cd_ads_text_access(struct cd_text *t, uint16_t port, const struct cd_ads_access *access, const char *symbol)
{
    struct cd_ads_group_info group = cd_ads_group(port, access->group);
    if (symbol) {
        cd_text_char(t, ' ');
        cd_text_str(t, symbol);
    } else if (group.name) {
        cd_text_char(t, ' ');
        cd_text_str(t, group.name);
        if (group.named)
            text_name(t, access->written);
        else if (access->group >= CD_ADS_SUM_READ && access->group <= CD_ADS_SUM_DELETE_NOTIFICATION)
            text_sum(t, port, access);
    } else {
        uint32_t length = access->read_length ? access->read_length : (uint32_t)access->written.len;
        if (!text_image(t, access))
            text_plain(t, access);
        if (length > 1) {
            cd_text_str(t, " x");
            cd_text_u64(t, length);
        }
    }
}
