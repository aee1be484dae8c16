/* LLDP: what a device tells the neighbour at the other end of its cable. The frame's source is the port's MAC; facts are reported of it, and
 * the chassis MAC as a hardware address joins the ports of one device.
 *
 *   | type 7 bits | length 9 bits | value |  ...  | 0 | 0 | */
#include "protocols/lldp.h"

#include "protocols/dissector.h"
#include "protocols/identity.h"

#include <string.h>

enum {
    TLV_END = 0,
    TLV_CHASSIS = 1,
    TLV_PORT = 2,
    TLV_TTL = 3,
    TLV_PORT_DESCRIPTION = 4,
    TLV_SYSTEM_NAME = 5,
    TLV_SYSTEM_DESCRIPTION = 6,
    TLV_CAPABILITIES = 7,
    TLV_ADDRESS = 8,
    TLV_ORGANISATION = 127
};
enum { OUI_8021 = 0x0080c2, OUI_MED = 0x0012bb, OUI_PROFINET = 0x000ecf, OUI_IANA = 0x00005e };
enum { MED_HARDWARE = 5, PROFINET_CHASSIS_MAC = 5, IANA_MUD = 1, VLAN_PORT = 1 };
enum { ADDRESS_IPV4 = 1, ADDRESS_IPV6 = 2 }; /* IANA address family numbers */

static struct cd_lldp_text text_of(struct cd_reader *r)
{
    struct cd_lldp_text t = {.len = cd_read_left(r)};
    t.at = cd_read_at(r, t.len, "text");
    return t;
}

/* 802.1AB 8.5.9: length (of subtype and address), subtype, address, interface number, object id. */
static void parse_address(struct cd_reader *r, struct cd_lldp_pdu *ret)
{
    uint8_t len = cd_read_u8(r, "management address length");
    struct cd_reader a = cd_read_sub(r, len, "management address");
    uint8_t family = cd_read_u8(&a, "management address subtype");
    size_t n = cd_read_left(&a);
    if (ret->n_addresses == CD_LLDP_ADDRESSES_MAX)
        return;
    if (family == ADDRESS_IPV4 && n == 4)
        ret->addresses[ret->n_addresses++] = cd_ip_of4(cd_read_at(&a, 4, "management address"));
    else if (family == ADDRESS_IPV6 && n == 16)
        ret->addresses[ret->n_addresses++] = cd_ip_of6(cd_read_at(&a, 16, "management address"));
}

static void parse_organisation(struct cd_reader *r, struct cd_lldp_pdu *ret)
{
    uint32_t oui = cd_read_be24(r, "organisation");
    uint8_t subtype = cd_read_u8(r, "organisation subtype");
    if (oui == OUI_MED && subtype >= MED_HARDWARE && subtype < MED_HARDWARE + CD_LLDP_INVENTORY) {
        ret->inventory[subtype - MED_HARDWARE] = text_of(r);
    } else if (oui == OUI_PROFINET) {
        ret->profinet = true;
        if (subtype == PROFINET_CHASSIS_MAC && cd_read_left(r) == 6)
            ret->profinet_mac = cd_mac_of(cd_read_at(r, 6, "chassis MAC"));
    } else if (oui == OUI_8021 && subtype == VLAN_PORT && cd_read_left(r) == 2) {
        ret->port_vlan = cd_read_be16(r, "port VLAN") & 0xfff;
    } else if (oui == OUI_IANA && subtype == IANA_MUD) {
        ret->mud_url = text_of(r);
    }
}

static void parse_tlv(unsigned type, struct cd_reader *r, struct cd_lldp_pdu *ret)
{
    switch (type) {
    case TLV_CHASSIS:
        ret->chassis_subtype = cd_read_u8(r, "chassis id subtype");
        ret->chassis = text_of(r);
        break;
    case TLV_PORT:
        ret->port_subtype = cd_read_u8(r, "port id subtype");
        ret->port = text_of(r);
        break;
    case TLV_TTL: ret->ttl_s = cd_read_be16(r, "time to live"); break;
    case TLV_PORT_DESCRIPTION: ret->port_description = text_of(r); break;
    case TLV_SYSTEM_NAME: ret->system_name = text_of(r); break;
    case TLV_SYSTEM_DESCRIPTION: ret->system_description = text_of(r); break;
    case TLV_CAPABILITIES:
        ret->capabilities = cd_read_be16(r, "capabilities");
        ret->enabled = cd_read_be16(r, "enabled capabilities");
        ret->has_capabilities = true;
        break;
    case TLV_ADDRESS: parse_address(r, ret); break;
    case TLV_ORGANISATION: parse_organisation(r, ret); break;
    default: break;
    }
}

bool cd_lldp_parse(struct cd_reader *r, struct cd_lldp_pdu *ret)
{
    struct cd_lldp_pdu p = {.profinet_mac = CD_NO_MAC};
    for (unsigned i = 0; cd_read_ok(r) && (i < 3 || cd_read_left(r) > 0); i++) {
        uint16_t header = cd_read_be16(r, "TLV header");
        unsigned type = header >> 9;
        struct cd_reader value = cd_read_sub(r, header & 0x1ff, "TLV value");
        if (!cd_read_ok(r))
            return false;
        if (i < 3 && type != TLV_CHASSIS + i) {
            cd_read_fail(r, i == 0 ? "chassis id" : i == 1 ? "port id" : "time to live");
            return false;
        }
        if (type == TLV_END)
            break;
        parse_tlv(type, &value, &p);
        if (!cd_read_ok(&value))
            cd_read_fail(r, value.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

static void report_text(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                        const struct cd_lldp_text *text, unsigned confidence)
{
    cd_report_fact_bytes(m, s, attribute, text->at, text->len, confidence);
}

/* An id that is a MAC or an address is one of the device's own; the others are names of its maker's choice. */
static void report_chassis(struct cd_message *m, const struct cd_subject *s, const struct cd_lldp_pdu *p)
{
    if (p->chassis_subtype == CD_LLDP_CHASSIS_MAC && p->chassis.len == 6)
        cd_report_hardware_address(m, s, cd_mac_of(p->chassis.at), 90);
    else if (p->chassis_subtype == CD_LLDP_CHASSIS_ADDRESS && p->chassis.len == 5 && p->chassis.at[0] == ADDRESS_IPV4) {
        struct cd_ip ip = cd_ip_of4(p->chassis.at + 1);
        cd_report_address(m, s->mac, &ip, 80);
    }
}

static void report_port(struct cd_message *m, const struct cd_subject *s, const struct cd_lldp_pdu *p)
{
    char value[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (p->port_subtype == CD_LLDP_PORT_MAC && p->port.len == 6)
        cd_text_mac(&t, cd_mac_of(p->port.at));
    else if (p->port_subtype == CD_LLDP_PORT_ADDRESS && p->port.len == 5 && p->port.at[0] == ADDRESS_IPV4) {
        struct cd_ip ip = cd_ip_of4(p->port.at + 1);
        cd_text_ip(&t, &ip);
    } else
        cd_text_device(&t, p->port.at, p->port.len);
    if (p->port_description.len) {
        cd_text_str(&t, " (");
        cd_text_device(&t, p->port_description.at, p->port_description.len);
        cd_text_str(&t, ")");
    }
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_PORT, value, t.len, 80);
}

/* The station name of a PROFINET device: behind the dot of the port id ("port-001.plc-1"), or, in older devices, the chassis id
 * (IEC 61158-6-10 4.11.2). A chassis id like "00-0e-8c-01-02-03" stands in for a name not yet given. */
static void report_station_name(struct cd_message *m, const struct cd_subject *s, const struct cd_lldp_pdu *p)
{
    bool is_mac = p->chassis.len == 17 && p->chassis.at[2] == '-' && p->chassis.at[5] == '-';
    const uint8_t *dot = p->port.len ? memchr(p->port.at, '.', p->port.len) : NULL;
    if (dot)
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, dot + 1, (size_t)(p->port.at + p->port.len - dot - 1), 85);
    else if (p->chassis_subtype == CD_LLDP_CHASSIS_LOCAL && p->chassis.len && !is_mac &&
             !memchr(p->chassis.at, ' ', p->chassis.len))
        report_text(m, s, CD_ATTRIBUTE_NAME, &p->chassis, 85);
}

/* 802.1AB table 8-4. A PROFINET device with two ports bridges too, which makes it no switch. */
static void report_capabilities(struct cd_message *m, const struct cd_subject *s, const struct cd_lldp_pdu *p)
{
    static const char *const names[] = {"other",  "repeater", "bridge", "access point", "router",        "telephone",
                                        "DOCSIS", "station",  "C-VLAN", "S-VLAN",       "two-port relay"};
    enum { BRIDGE = 1 << 2, ACCESS_POINT = 1 << 3, ROUTER = 1 << 4, TELEPHONE = 1 << 5 };
    uint16_t bits = p->enabled ? p->enabled : p->capabilities;
    char value[128];
    struct cd_text t = cd_text_of(value, sizeof value);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(bits & 1u << i))
            continue;
        if (t.len)
            cd_text_str(&t, ", ");
        cd_text_str(&t, names[i]);
    }
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DEVICE_TYPE, value, t.len, 80);
    const char *role = bits & TELEPHONE                        ? "phone"
                       : bits & ACCESS_POINT                   ? "access-point"
                       : (p->enabled & BRIDGE) && !p->profinet ? "switch"
                       : p->enabled & ROUTER                   ? "router"
                                                               : NULL;
    if (role)
        cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, role, 65);
}

static void report_inventory(struct cd_message *m, const struct cd_subject *s, const struct cd_lldp_pdu *p)
{
    static const enum cd_attribute attributes[CD_LLDP_INVENTORY] = {
        [CD_LLDP_HARDWARE] = CD_ATTRIBUTE_HARDWARE,   [CD_LLDP_FIRMWARE] = CD_ATTRIBUTE_FIRMWARE,
        [CD_LLDP_SOFTWARE] = CD_ATTRIBUTE_SOFTWARE,   [CD_LLDP_SERIAL] = CD_ATTRIBUTE_SERIAL,
        [CD_LLDP_MANUFACTURER] = CD_ATTRIBUTE_VENDOR, [CD_LLDP_MODEL] = CD_ATTRIBUTE_MODEL,
        [CD_LLDP_ASSET] = CD_ATTRIBUTE_INSTANCE,
    };
    for (unsigned i = 0; i < CD_LLDP_INVENTORY; i++)
        report_text(m, s, attributes[i], &p->inventory[i], 95);
}

static void report_system(struct cd_message *m, const struct cd_subject *s, const struct cd_lldp_pdu *p)
{
    report_text(m, s, CD_ATTRIBUTE_NAME, &p->system_name, 90);
    cd_report_system_description(m, s, p->system_description.at, p->system_description.len, 90);
    if (p->has_capabilities)
        report_capabilities(m, s, p);
    for (unsigned i = 0; i < p->n_addresses; i++)
        cd_report_address(m, s->mac, &p->addresses[i], 80);
    report_inventory(m, s, p);
    if (p->profinet) {
        report_station_name(m, s, p);
        cd_report_hardware_address(m, s, p->profinet_mac, 90);
    }
    if (p->port_vlan)
        cd_report_fact_u64(m, s, CD_ATTRIBUTE_VLAN, p->port_vlan, 60);
    report_text(m, s, CD_ATTRIBUTE_SERVICE, &p->mud_url, 80);
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_lldp_pdu p;
    if (!cd_lldp_parse(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_operation op = {.name = "advertisement", .code = 0, .class = CD_CLASS_IDENTIFY, .target = ""};
    m->from_client = true;
    cd_report_notice(m, &op);
    cd_mac mac = cd_message_sender_mac(m);
    if (!cd_mac_is_device(mac))
        return;
    struct cd_subject s = cd_subject_mac(mac);
    report_chassis(m, &s, &p);
    report_port(m, &s, &p);
    report_system(m, &s, &p);
}

const struct cd_dissector cd_dissector_lldp = {
    .name = "lldp",
    .ethertypes = {0x88cc},
    .dissect = dissect,
};
