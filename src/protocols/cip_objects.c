#include "protocols/cip_objects.h"

#include "protocols/cip_names.h"
#include "protocols/cip_services.h"

#include <string.h>

/* Confidence of what a device says of itself: its name plate, a configured name, what follows from its type. */
enum { SURE = 100, CONFIGURED = 80 };

/* Attributes of the Identity object (5A-2.1). */
enum {
    IDENTITY_VENDOR = 1,
    IDENTITY_DEVICE_TYPE = 2,
    IDENTITY_PRODUCT_CODE = 3,
    IDENTITY_REVISION = 4,
    IDENTITY_STATUS = 5,
    IDENTITY_SERIAL = 6,
    IDENTITY_NAME = 7,
    IDENTITY_STATE = 8,
};

enum { VENDOR_ROCKWELL = 1, DEVICE_TYPE_ADAPTER = 0x0c, DEVICE_TYPE_PLC = 0x0e };

bool cd_cip_identity_parse(struct cd_reader *r, struct cd_cip_identity *ret)
{
    struct cd_cip_identity identity;
    identity.vendor = cd_read_le16(r, "vendor id");
    identity.device_type = cd_read_le16(r, "device type");
    identity.product_code = cd_read_le16(r, "product code");
    identity.major = cd_read_u8(r, "major revision");
    identity.minor = cd_read_u8(r, "minor revision");
    identity.status = cd_read_le16(r, "status");
    identity.serial = cd_read_le32(r, "serial number");
    identity.name_len = cd_read_u8(r, "product name length");
    identity.name = cd_read_at(r, identity.name_len, "product name");
    if (!cd_read_ok(r))
        return false;
    *ret = identity;
    return true;
}

static void report_vendor(struct cd_message *m, const struct cd_subject *subject, uint16_t vendor)
{
    const char *name = cd_cip_vendor_name(vendor);
    char text[32];
    if (!name && vendor) {
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_text_str(&t, "CIP vendor ");
        cd_text_u64(&t, vendor);
        name = text;
    }
    if (name)
        cd_report_fact(m, subject, CD_ATTRIBUTE_VENDOR, name, SURE);
}

/* A communications adapter in a chassis, or one of Rockwell's for a chassis, is a module; others (and Rockwell's AENT family) carry I/O. */
static const char *adapter_role(const struct cd_subject *subject, const struct cd_cip_identity *identity)
{
    bool carries_io = memmem(identity->name, identity->name_len, "AENT", 4) != NULL;
    bool module = *subject->nested || identity->vendor == VENDOR_ROCKWELL;
    return module && !carries_io ? "communication-module" : "io-device";
}

static void report_device_type(struct cd_message *m, const struct cd_subject *subject, uint16_t type)
{
    const char *name = cd_cip_device_type_name(type), *role = cd_cip_device_role(type);
    if (name)
        cd_report_fact(m, subject, CD_ATTRIBUTE_DEVICE_TYPE, name, SURE);
    if (role)
        cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, role, 90);
}

static void report_revision(struct cd_message *m, const struct cd_subject *subject, uint8_t major, uint8_t minor)
{
    char text[16];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_u64(&t, major);
    cd_text_char(&t, '.');
    cd_text_u64(&t, minor);
    cd_report_fact(m, subject, CD_ATTRIBUTE_FIRMWARE, text, SURE);
}

static void report_serial(struct cd_message *m, const struct cd_subject *subject, uint32_t serial)
{
    char text[16];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (serial == 0 || serial == UINT32_MAX)
        return;
    cd_text_hex(&t, serial, 8);
    cd_report_fact(m, subject, CD_ATTRIBUTE_SERIAL, text, SURE);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_order_char(uint8_t c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '+';
}

/* Length of the catalogue number a product name begins with ("1756-L61/B LOGIX5561", "1763-L16BWA B/12.00"); 0 where there is none. Rockwell's begin with four digits
 * and sometimes letters ("2711P-T10C"). */
static size_t order_number_len(const uint8_t *name, size_t len)
{
    size_t n = 0;
    while (n < len && is_digit(name[n]))
        n++;
    if (n != 4)
        return 0;
    size_t dash = 0;
    while (n < len && is_order_char(name[n])) {
        if (name[n] == '-' && !dash)
            dash = n;
        n++;
    }
    return dash && n > dash + 2 && (n == len || name[n] == '/' || name[n] == ' ' || name[n] == '.') ? n : 0;
}

static void report_name(struct cd_message *m, const struct cd_subject *subject, const uint8_t *name, size_t len)
{
    while (len && (name[len - 1] == ' ' || name[len - 1] == 0))
        len--;
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_MODEL, name, len, SURE);
    size_t n = order_number_len(name, len);
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_ORDER_NUMBER, name, n, 95);
    if (n && n + 1 < len && name[n] == '/' && name[n + 1] >= 'A' && name[n + 1] <= 'Z' &&
        (n + 2 == len || !is_order_char(name[n + 2]))) {
        char text[16];
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_text_str(&t, "series ");
        cd_text_char(&t, (char)name[n + 1]);
        cd_report_fact(m, subject, CD_ATTRIBUTE_HARDWARE, text, 95);
    }
}

/* The status word (5A-2.1.5): faults in bits 8 to 11, the extended device status in bits 4 to 7. Logix processors keep their mode and key switch there. NULL where it
 * says nothing more than that the device works. */
static const char *state_of(const struct cd_cip_identity *identity)
{
    unsigned mode = identity->status >> 4 & 0x0f;
    bool plc = identity->vendor == VENDOR_ROCKWELL && identity->device_type == DEVICE_TYPE_PLC;
    if (identity->status & 0x0800)
        return "major unrecoverable fault";
    if (plc && (mode == 6 || mode == 7)) {
        bool remote = (identity->status >> 12) == 3;
        return mode == 6 ? remote ? "remote run" : "run" : remote ? "remote program" : "program";
    }
    if (identity->status & 0x0400)
        return "major recoverable fault";
    return mode == 1 ? "firmware update in progress" : NULL;
}

/* The same where nothing else tells the state. */
static const char *io_state_of(const struct cd_cip_identity *identity)
{
    static const char *const extended[16] = {
        [2] = "faulted i/o connection", [3] = "no i/o connections", [5] = "major fault", [6] = "run", [7] = "idle"};
    return extended[identity->status >> 4 & 0x0f];
}

void cd_cip_report_state(struct cd_message *m, const struct cd_subject *subject, const char *state)
{
    if (state)
        cd_report_fact(m, subject, CD_ATTRIBUTE_STATE, state, SURE);
}

void cd_cip_report_identity(struct cd_message *m, const struct cd_subject *subject,
                            const struct cd_cip_identity *identity, const char *state)
{
    report_vendor(m, subject, identity->vendor);
    report_device_type(m, subject, identity->device_type);
    if (identity->device_type == DEVICE_TYPE_ADAPTER)
        cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, adapter_role(subject, identity), 70);
    report_revision(m, subject, identity->major, identity->minor);
    report_serial(m, subject, identity->serial);
    report_name(m, subject, identity->name, identity->name_len);
    const char *status = state_of(identity);
    cd_cip_report_state(m, subject, status ? status : state ? state : io_state_of(identity));
}

/* One attribute of the Identity object, in Get_Attribute_Single and Get_Attribute_List. False: an attribute whose size isn't known. */
static bool identity_attribute(struct cd_message *m, const struct cd_subject *subject, uint32_t attribute,
                               struct cd_reader *r)
{
    switch (attribute) {
    case IDENTITY_VENDOR: {
        uint16_t vendor = cd_read_le16(r, "vendor id");
        if (cd_read_ok(r))
            report_vendor(m, subject, vendor);
        return true;
    }
    case IDENTITY_DEVICE_TYPE: {
        uint16_t type = cd_read_le16(r, "device type");
        if (cd_read_ok(r))
            report_device_type(m, subject, type);
        return true;
    }
    case IDENTITY_PRODUCT_CODE:
    case IDENTITY_STATUS: cd_read_skip(r, 2, "attribute"); return true;
    case IDENTITY_REVISION: {
        uint8_t major = cd_read_u8(r, "major revision"), minor = cd_read_u8(r, "minor revision");
        if (cd_read_ok(r))
            report_revision(m, subject, major, minor);
        return true;
    }
    case IDENTITY_SERIAL: {
        uint32_t serial = cd_read_le32(r, "serial number");
        if (cd_read_ok(r))
            report_serial(m, subject, serial);
        return true;
    }
    case IDENTITY_NAME: {
        uint8_t len = cd_read_u8(r, "product name length");
        const uint8_t *name = cd_read_at(r, len, "product name");
        if (cd_read_ok(r))
            report_name(m, subject, name, len);
        return true;
    }
    case IDENTITY_STATE: {
        uint8_t state = cd_read_u8(r, "state");
        if (cd_read_ok(r))
            cd_cip_report_state(m, subject, cd_cip_state_name(state));
        return true;
    }
    default: return false;
    }
}

/* TCP/IP interface (Vol. 2, 5-4.3): attribute 5 is the address configuration, 6 the host name. */
static void interface_configuration(struct cd_message *m, const struct cd_subject *subject, struct cd_reader *r)
{
    cd_read_skip(r, 8, "address and network mask");
    uint32_t gateway = cd_read_le32(r, "gateway");
    cd_read_skip(r, 8, "name servers");
    uint16_t len = cd_read_le16(r, "domain name length");
    const uint8_t *domain = cd_read_at(r, len, "domain name");
    if (len & 1)
        cd_read_skip(r, 1, "domain name pad");
    if (!cd_read_ok(r))
        return;
    if (gateway) {
        uint8_t bytes[4] = {(uint8_t)(gateway >> 24), (uint8_t)(gateway >> 16), (uint8_t)(gateway >> 8),
                            (uint8_t)gateway};
        struct cd_ip ip = cd_ip_of4(bytes);
        char text[48];
        struct cd_text t = cd_text_of(text, sizeof text);
        cd_text_ip(&t, &ip);
        cd_report_fact(m, subject, CD_ATTRIBUTE_GATEWAY, text, CONFIGURED);
    }
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_DOMAIN, domain, len, CONFIGURED);
}

static void host_name(struct cd_message *m, const struct cd_subject *subject, struct cd_reader *r)
{
    uint16_t len = cd_read_le16(r, "host name length");
    const uint8_t *name = cd_read_at(r, len, "host name");
    if (cd_read_ok(r))
        cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_NAME, name, len, CONFIGURED);
}

static void tcpip_interface(struct cd_message *m, const struct cd_subject *subject, uint8_t service, uint8_t attribute,
                            struct cd_reader *r)
{
    if (service == CD_CIP_GET_ATTRIBUTE_SINGLE) {
        if (attribute == 5)
            interface_configuration(m, subject, r);
        else if (attribute == 6)
            host_name(m, subject, r);
    } else if (service == CD_CIP_GET_ATTRIBUTES_ALL) {
        cd_read_skip(r, 12, "status, capability and control");
        cd_read_skip(r, 2u * cd_read_le16(r, "physical link path size"), "physical link path");
        interface_configuration(m, subject, r);
        host_name(m, subject, r);
    }
}

/* Ethernet link (Vol. 2, 5-5.3): attribute 3 is the MAC address. */
static void ethernet_link(struct cd_message *m, const struct cd_subject *subject, uint8_t service, uint8_t attribute,
                          struct cd_reader *r)
{
    if (service == CD_CIP_GET_ATTRIBUTES_ALL)
        cd_read_skip(r, 8, "speed and flags");
    else if (service != CD_CIP_GET_ATTRIBUTE_SINGLE || attribute != 3)
        return;
    const uint8_t *bytes = cd_read_at(r, 6, "physical address");
    if (!bytes || !cd_mac_is_device(cd_mac_of(bytes)))
        return;
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_mac(&t, cd_mac_of(bytes));
    cd_report_fact(m, subject, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, SURE);
}

/* Class 0x64 of a Logix controller: the name of its project. Communication modules answer with their catalogue number, which is no project. */
static void program_name(struct cd_message *m, const struct cd_subject *subject, uint8_t service, struct cd_reader *r)
{
    if (service != CD_CIP_GET_ATTRIBUTES_ALL)
        return;
    uint16_t len = cd_read_le16(r, "program name length");
    const uint8_t *name = cd_read_at(r, len, "program name");
    if (name && !order_number_len(name, len))
        cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_PROGRAM, name, len, CONFIGURED);
}

static void identity_object(struct cd_message *m, const struct cd_subject *subject, uint8_t service, uint8_t attribute,
                            struct cd_reader *r)
{
    struct cd_cip_identity identity;
    switch (service) {
    case CD_CIP_GET_ATTRIBUTES_ALL:
        if (cd_cip_identity_parse(r, &identity))
            cd_cip_report_identity(m, subject, &identity,
                                   cd_read_left(r) ? cd_cip_state_name(cd_read_u8(r, "state")) : NULL);
        break;
    case CD_CIP_GET_ATTRIBUTE_SINGLE: identity_attribute(m, subject, attribute, r); break;
    case CD_CIP_GET_ATTRIBUTE_LIST:
        for (unsigned n = cd_read_le16(r, "attribute count"); n && cd_read_left(r); n--) {
            uint16_t id = cd_read_le16(r, "attribute"), status = cd_read_le16(r, "attribute status");
            if (status == 0 && !identity_attribute(m, subject, id, r))
                break;
        }
        break;
    default: break;
    }
}

bool cd_cip_object_tells(uint32_t class_id)
{
    return class_id == CD_CIP_IDENTITY || class_id == CD_CIP_TCPIP_INTERFACE || class_id == CD_CIP_ETHERNET_LINK ||
           class_id == CD_CIP_PROGRAM_NAME;
}

void cd_cip_report_object(struct cd_message *m, const struct cd_subject *subject, uint32_t class_id, uint8_t service,
                          uint8_t attribute, struct cd_reader *data)
{
    switch (class_id) {
    case CD_CIP_IDENTITY: identity_object(m, subject, service, attribute, data); break;
    case CD_CIP_TCPIP_INTERFACE: tcpip_interface(m, subject, service, attribute, data); break;
    case CD_CIP_ETHERNET_LINK: ethernet_link(m, subject, service, attribute, data); break;
    case CD_CIP_PROGRAM_NAME: program_name(m, subject, service, data); break;
    default: break;
    }
}

void cd_cip_write_setting(struct cd_text *t, uint32_t class_id, uint32_t attribute, struct cd_reader *data)
{
    if (class_id != CD_CIP_TCPIP_INTERFACE)
        return;
    if (attribute == 5) {
        uint32_t address = cd_read_le32(data, "address");
        uint8_t bytes[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8),
                            (uint8_t)address};
        struct cd_ip ip = cd_ip_of4(bytes);
        if (!cd_read_ok(data))
            return;
        cd_text_str(t, " = ");
        cd_text_ip(t, &ip);
    } else if (attribute == 6) {
        uint16_t len = cd_read_le16(data, "host name length");
        const uint8_t *name = cd_read_at(data, len, "host name");
        if (!name)
            return;
        cd_text_str(t, " = ");
        cd_text_device(t, name, len);
    }
}
