/* What KNX devices tell about themselves: description blocks of KNXnet/IP servers, and properties of interface objects. */
#include "protocols/knx.h"

#include <string.h>

enum {
    CONFIDENCE_PLATE = 100,
    CONFIDENCE_NAME = 90,
    BLOCK_DEVICE = 1,
    BLOCK_FAMILIES = 2,
    BLOCKS_MAX = 32,
    NAME_LEN = 30,
    PROPERTY_SERIAL = 11,
    PROPERTY_MANUFACTURER = 12,
    PROPERTY_ORDER = 15,
    PROPERTY_FIRMWARE = 25,
    PROPERTY_FRIENDLY_NAME = 76,
};

/* The first two bytes of a serial number are its manufacturer's. */
void cd_knx_report_serial(struct cd_message *m, const struct cd_subject *device, const uint8_t *serial)
{
    char text[2 * CD_KNX_SERIAL_LEN + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    static const uint8_t none[CD_KNX_SERIAL_LEN], all[CD_KNX_SERIAL_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    if (memcmp(serial, none, CD_KNX_SERIAL_LEN) == 0 || memcmp(serial, all, CD_KNX_SERIAL_LEN) == 0)
        return;
    cd_text_hex_bytes(&t, serial, CD_KNX_SERIAL_LEN);
    cd_report_fact(m, device, CD_ATTRIBUTE_SERIAL, text, CONFIDENCE_PLATE);
    const char *manufacturer = cd_knx_manufacturer((uint16_t)(serial[0] << 8 | serial[1]));
    if (manufacturer)
        cd_report_fact(m, device, CD_ATTRIBUTE_VENDOR, manufacturer, CONFIDENCE_NAME);
}

/* ISO 8859-1, padded with zeros. */
static void report_name(struct cd_message *m, const struct cd_subject *device, const uint8_t *bytes, size_t len)
{
    char text[2 * NAME_LEN + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    for (size_t i = 0; i < len && i < NAME_LEN && bytes[i]; i++) {
        if (bytes[i] >= 0xa0) {
            cd_text_char(&t, (char)(0xc0 | bytes[i] >> 6));
            cd_text_char(&t, (char)(0x80 | (bytes[i] & 0x3f)));
        } else if (bytes[i] >= 0x20 && bytes[i] < 0x7f) {
            cd_text_char(&t, (char)bytes[i]);
        }
    }
    /* A name is the product's until somebody gives it one of its own: it says what the device is in either case. */
    cd_report_fact(m, device, CD_ATTRIBUTE_NAME, text, 80);
    cd_report_fact(m, device, CD_ATTRIBUTE_MODEL, text, 60);
}

static const char *medium_name(uint8_t medium)
{
    switch (medium) {
    case 0x02: return "KNX TP1";
    case 0x04: return "KNX PL110";
    case 0x10: return "KNX RF";
    case 0x20: return "KNX IP";
    default: return NULL;
    }
}

/* Device information (3/8/2 7.5.4.2): medium, status, individual address, installation, serial number, multicast address, MAC, name. */
static void report_device(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    const char *medium = medium_name(cd_read_u8(&r, "medium"));
    cd_read_skip(&r, 1, "device status");
    uint16_t address = cd_read_be16(&r, "individual address");
    cd_read_skip(&r, 2, "project installation identifier");
    const uint8_t *serial = cd_read_at(&r, CD_KNX_SERIAL_LEN, "serial number");
    cd_read_skip(&r, 4, "multicast address");
    const uint8_t *mac = cd_read_at(&r, 6, "mac address");
    const uint8_t *name = cd_read_at(&r, NAME_LEN, "friendly name");
    if (!cd_read_ok(&r))
        return;
    cd_knx_text_individual(&t, address);
    cd_report_fact(m, device, CD_ATTRIBUTE_INSTANCE, text, CONFIDENCE_PLATE);
    if (medium)
        cd_report_fact(m, device, CD_ATTRIBUTE_DEVICE_TYPE, medium, CONFIDENCE_NAME);
    t = cd_text_of(text, sizeof text);
    for (int i = 0; i < 6; i++) {
        if (i)
            cd_text_char(&t, ':');
        cd_text_hex(&t, mac[i], 2);
    }
    cd_report_fact(m, device, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, CONFIDENCE_NAME);
    cd_knx_report_serial(m, device, serial);
    report_name(m, device, name, NAME_LEN);
}

static const char *family_name(uint8_t family)
{
    switch (family) {
    case 2: return "KNXnet/IP core";
    case 3: return "KNXnet/IP device management";
    case 4: return "KNXnet/IP tunnelling";
    case 5: return "KNXnet/IP routing";
    case 6: return "KNXnet/IP remote logging";
    case 7: return "KNXnet/IP remote configuration";
    case 8: return "KNXnet/IP object server";
    case 9: return "KNXnet/IP security";
    default: return NULL;
    }
}

/* Family and version, again and again. */
static void report_families(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    bool gateway = false;
    while (cd_read_left(&r) >= 2) {
        uint8_t family = cd_read_u8(&r, "service family");
        const char *name = family_name(family);
        cd_read_skip(&r, 1, "service family version");
        gateway = gateway || family == 4 || family == 5;
        if (name)
            cd_report_fact(m, device, CD_ATTRIBUTE_SERVICE, name, CONFIDENCE_NAME);
    }
    if (gateway)
        cd_report_fact(m, device, CD_ATTRIBUTE_ROLE, "gateway", CONFIDENCE_NAME);
}

void cd_knx_report_description(struct cd_message *m, const struct cd_subject *device, struct cd_reader *r)
{
    for (int i = 0; i < BLOCKS_MAX && cd_read_left(r); i++) {
        uint8_t length = cd_read_u8(r, "description length");
        if (length < 2) {
            cd_read_fail(r, "description length");
            return;
        }
        struct cd_reader block = cd_read_sub(r, length - 1u, "description length");
        switch (cd_read_u8(&block, "description type")) {
        case BLOCK_DEVICE: report_device(m, device, block); break;
        case BLOCK_FAMILIES: report_families(m, device, block); break;
        default: break;
        }
    }
}

void cd_knx_report_property(struct cd_message *m, const struct cd_subject *device, unsigned object, unsigned property,
                            struct cd_reader value)
{
    char text[32];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (object == CD_KNX_OBJECT_IP && property == PROPERTY_FRIENDLY_NAME && value.len > 1) {
        report_name(m, device, value.base, value.len);
        return;
    }
    if (object != CD_KNX_OBJECT_DEVICE)
        return;
    if (property == PROPERTY_SERIAL && value.len == CD_KNX_SERIAL_LEN) {
        cd_knx_report_serial(m, device, value.base);
    } else if (property == PROPERTY_MANUFACTURER && value.len == 2) {
        const char *manufacturer = cd_knx_manufacturer(cd_read_be16(&value, "manufacturer"));
        if (manufacturer)
            cd_report_fact(m, device, CD_ATTRIBUTE_VENDOR, manufacturer, CONFIDENCE_PLATE);
    } else if (property == PROPERTY_ORDER && value.len == 10) {
        bool printable = true;
        for (size_t i = 0; i < value.len; i++)
            printable = printable && (value.base[i] == 0 || (value.base[i] >= 0x20 && value.base[i] < 0x7f));
        if (printable)
            cd_text_bytes(&t, (const char *)value.base, strnlen((const char *)value.base, value.len));
        else
            cd_text_hex_bytes(&t, value.base, value.len);
        cd_report_fact(m, device, CD_ATTRIBUTE_ORDER_NUMBER, text, CONFIDENCE_PLATE);
    } else if (property == PROPERTY_FIRMWARE && value.len == 1) {
        cd_text_u64(&t, value.base[0]);
        cd_report_fact(m, device, CD_ATTRIBUTE_FIRMWARE, text, CONFIDENCE_PLATE);
    }
}
