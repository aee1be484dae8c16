/* What SNMP objects tell of the device that answers: system group, ENTITY-MIB (RFC 6933), and a few others that name a device. */
#include "protocols/snmp.h"

#include "protocols/identity.h"

enum { ENGINE_IPV4 = 1, ENGINE_MAC = 3, ENTITY_CHASSIS = 3, BINDINGS_READ_MAX = 256 };
enum { ENTERPRISE_UCD = 2021, ENTERPRISE_NET_SNMP = 8072 };

static const uint32_t mib_2[] = {1, 3, 6, 1, 2, 1};
static const uint32_t enterprises[] = {1, 3, 6, 1, 4, 1};

/* The number behind the common start of enterprise objects; 0 for other objects. */
static uint32_t enterprise_of(const struct cd_ber_oid *oid)
{
    return oid->n > 6 && cd_ber_oid_starts(oid, enterprises, 6) ? oid->ids[6] : 0;
}

void cd_snmp_append_group(struct cd_text *t, const struct cd_ber_oid *oid)
{
    static const struct {
        uint8_t number;
        const char *name;
    } groups[] = {
        {1, "system"},
        {2, "interfaces"},
        {3, "at"},
        {4, "ip"},
        {5, "icmp"},
        {6, "tcp"},
        {7, "udp"},
        {10, "transmission"},
        {11, "snmp"},
        {14, "ospf"},
        {15, "bgp"},
        {16, "rmon"},
        {17, "dot1dBridge"},
        {25, "host"},
        {31, "ifMIB"},
        {33, "upsMIB"},
        {43, "printmib"},
        {47, "entityMIB"},
        {99, "entitySensorMIB"},
    };
    uint32_t enterprise = enterprise_of(oid);
    const char *maker = enterprise ? cd_snmp_enterprise(enterprise) : NULL;
    if (oid->n > 6 && cd_ber_oid_starts(oid, mib_2, 6)) {
        for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
            if (groups[i].number == oid->ids[6]) {
                cd_text_str(t, groups[i].name);
                return;
            }
        cd_text_str(t, "mib-2.");
        cd_text_u64(t, oid->ids[6]);
    } else if (enterprise) {
        cd_text_str(t, maker ? maker : "enterprise ");
        if (!maker)
            cd_text_u64(t, enterprise);
        cd_text_str(t, " objects");
    } else if (oid->n) {
        struct cd_ber_oid start = {.n = oid->n < 6 ? oid->n : 6};
        memcpy(start.ids, oid->ids, start.n * sizeof start.ids[0]);
        cd_text_oid(t, &start);
    }
}

static void report_enterprise(struct cd_message *m, const struct cd_subject *s, uint32_t number, unsigned confidence)
{
    const char *maker = cd_snmp_enterprise(number);
    if (!maker)
        return;
    bool software = number == ENTERPRISE_UCD || number == ENTERPRISE_NET_SNMP; /* an agent, not a device's maker */
    cd_report_fact(m, s, software ? CD_ATTRIBUTE_SOFTWARE : CD_ATTRIBUTE_VENDOR, maker, confidence);
}

void cd_snmp_report_engine(struct cd_message *m, const struct cd_subject *device, const struct cd_snmp_text *engine_id)
{
    struct cd_reader r = cd_reader_of(engine_id->at, engine_id->len);
    uint32_t enterprise = cd_read_be32(&r, "enterprise");
    if (!cd_read_ok(&r))
        return;
    report_enterprise(m, device, enterprise & 0x7fffffff, 70);
    if (!(enterprise & 0x80000000)) /* the older form: eight bytes of the maker's own follow */
        return;
    uint8_t format = cd_read_u8(&r, "format");
    if (format == ENGINE_MAC && cd_read_left(&r) == 6)
        cd_report_hardware_address(m, device, cd_mac_of(cd_read_at(&r, 6, "MAC")), 80);
}

/* Text objects by their place; the instance behind it is .0, or any index where `indexed`. */
static const struct text_object {
    uint8_t n;
    bool indexed;
    uint16_t ids[6]; /* behind mib-2 */
    enum cd_attribute attribute;
    uint8_t confidence;
} text_objects[] = {
    {2, false, {1, 1}, CD_ATTRIBUTE_DESCRIPTION, 95},
    {2, false, {1, 4}, CD_ATTRIBUTE_CONTACT, 90},
    {2, false, {1, 5}, CD_ATTRIBUTE_NAME, 90},
    {2, false, {1, 6}, CD_ATTRIBUTE_LOCATION, 90},
    {5, true, {43, 5, 1, 1, 16}, CD_ATTRIBUTE_NAME, 80}, /* RFC 3805 */
    {5, true, {43, 5, 1, 1, 17}, CD_ATTRIBUTE_SERIAL, 95},
};

static bool matches(const struct cd_ber_oid *oid, const uint16_t *ids, uint32_t n)
{
    if (oid->n < 6 + n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (oid->ids[6 + i] != ids[i])
            return false;
    return true;
}

static void report_text_object(struct cd_message *m, const struct cd_subject *s, const struct cd_snmp_binding *b,
                               const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < sizeof text_objects / sizeof text_objects[0]; i++) {
        const struct text_object *o = &text_objects[i];
        if (!matches(&b->oid, o->ids, o->n))
            continue;
        if (!o->indexed && (b->oid.n != 6u + o->n + 1 || b->oid.ids[b->oid.n - 1] != 0))
            continue;
        if (o->attribute == CD_ATTRIBUTE_DESCRIPTION)
            cd_report_system_description(m, s, text, len, o->confidence);
        else
            cd_report_fact_bytes(m, s, o->attribute, text, len, o->confidence);
        if (o->ids[0] == 43)
            cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, "printer", 90);
        return;
    }
}

/* RFC 1628 upsIdent: 1 manufacturer, 2 model, 3 UPS software. */
static void report_ups(struct cd_message *m, const struct cd_subject *s, uint32_t column, const uint8_t *text,
                       size_t len)
{
    static const enum cd_attribute attributes[] = {CD_ATTRIBUTES, CD_ATTRIBUTE_VENDOR, CD_ATTRIBUTE_MODEL,
                                                   CD_ATTRIBUTE_FIRMWARE};
    if (column == 0 || column >= sizeof attributes / sizeof attributes[0])
        return;
    cd_report_fact_bytes(m, s, attributes[column], text, len, 95);
    cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, "ups", 90);
}

/* RFC 6933 entPhysicalTable: the column is a field of the name plate, the index a part. Part 1, or the chassis, is the device itself. */
static void report_entity(struct cd_message *m, const struct cd_subject *s, const struct cd_snmp_binding *b,
                          const uint8_t *text, size_t len)
{
    static const struct {
        uint8_t column;
        enum cd_attribute attribute;
    } columns[] = {{2, CD_ATTRIBUTE_DESCRIPTION}, {7, CD_ATTRIBUTE_NAME},      {8, CD_ATTRIBUTE_HARDWARE},
                   {9, CD_ATTRIBUTE_FIRMWARE},    {10, CD_ATTRIBUTE_SOFTWARE}, {11, CD_ATTRIBUTE_SERIAL},
                   {12, CD_ATTRIBUTE_VENDOR},     {13, CD_ATTRIBUTE_MODEL}};
    struct cd_snmp_state *state = m->state;
    uint32_t column = b->oid.ids[11], index = b->oid.ids[12];
    if (column == 5 && b->value.identifier == CD_BER_INTEGER && len == 1 && text[0] == ENTITY_CHASSIS &&
        state->chassis == 0)
        state->chassis = index;
    bool device = index == (state->chassis ? state->chassis : 1);
    char nested[32];
    struct cd_text t = cd_text_of(nested, sizeof nested);
    cd_text_str(&t, "entity:");
    cd_text_u64(&t, index);
    struct cd_subject part = cd_subject_nested(*s, device ? "" : nested);
    if (b->value.identifier != CD_BER_OCTET_STRING)
        return;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (columns[i].column == column &&
            !(device && column == 7)) /* a chassis is named "1" or "Chassis": sysName is the device's name */
            cd_report_fact_bytes(m, &part, columns[i].attribute, text, len, device && column == 2 ? 70 : 95);
}

/* ipNetToMediaPhysAddress: an entry of the device's ARP cache, index interface and IP address. */
static void report_neighbour(struct cd_message *m, const struct cd_subject *s, const struct cd_ber_oid *oid,
                             const uint8_t mac[6])
{
    if (oid->n < 15)
        return;
    uint8_t bytes[4];
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)oid->ids[11 + i];
    struct cd_ip ip = cd_ip_of4(bytes);
    char value[48];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_ip(&t, &ip);
    cd_text_str(&t, " is ");
    cd_text_mac(&t, cd_mac_of(mac));
    cd_report_fact(m, s, CD_ATTRIBUTE_NEIGHBOUR, value, 60);
}

static void report_octets(struct cd_message *m, const struct cd_subject *s, const struct cd_snmp_binding *b,
                          const uint8_t *text, size_t len)
{
    static const uint16_t interface_mac[] = {2, 2, 1, 6}, bridge_mac[] = {17, 1, 1}, arp[] = {4, 22, 1, 2},
                          ups[] = {33, 1, 1};
    if (len == 6 && (matches(&b->oid, interface_mac, 4) || matches(&b->oid, bridge_mac, 3)))
        cd_report_hardware_address(m, s, cd_mac_of(text), 80);
    else if (len == 6 && matches(&b->oid, arp, 4))
        report_neighbour(m, s, &b->oid, text);
    else if (matches(&b->oid, ups, 3) && b->oid.n > 9)
        report_ups(m, s, b->oid.ids[9], text, len);
    else
        report_text_object(m, s, b, text, len);
}

static void report_binding(struct cd_message *m, const struct cd_subject *s, struct cd_snmp_binding *b)
{
    static const uint16_t object_id[] = {1, 2, 0}, entity[] = {47, 1, 1, 1, 1};
    size_t len = cd_read_left(&b->value.value);
    if (!cd_ber_oid_starts(&b->oid, mib_2, 6) || len == 0)
        return;
    if (b->value.identifier == CD_BER_OID && matches(&b->oid, object_id, 3)) {
        struct cd_ber_oid value;
        char text[CD_TEXT_MAX + 1];
        struct cd_text t = cd_text_of(text, sizeof text);
        if (!cd_ber_oid_value(&b->value.value, &value))
            return;
        cd_text_oid(&t, &value);
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_DEVICE_TYPE, text, t.len, 80);
        report_enterprise(m, s, enterprise_of(&value), 75);
        return;
    }
    const uint8_t *text = cd_read_at(&b->value.value, len, "value");
    if (b->oid.n == 13 && matches(&b->oid, entity, 5))
        report_entity(m, s, b, text, len);
    else if (b->value.identifier == CD_BER_OCTET_STRING)
        report_octets(m, s, b, text, len);
}

void cd_snmp_report_bindings(struct cd_message *m, const struct cd_subject *device, const struct cd_snmp_message *p)
{
    struct cd_reader bindings = p->bindings;
    struct cd_snmp_binding binding;
    for (unsigned i = 0; i < BINDINGS_READ_MAX && cd_snmp_binding_parse(&bindings, &binding); i++)
        report_binding(m, device, &binding);
}
