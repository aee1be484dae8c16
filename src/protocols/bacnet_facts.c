/* What BACnet devices tell of themselves: I-Am, and the properties of the device object when somebody reads them. */
#include "protocols/bacnet.h"

#include <string.h>

enum {
    NAME_PLATE = 98,
    CONFIGURED = 80,
    REGISTERED = 90, /* a vendor by its registered number */
    TEXT_MAX = 128,
    BINDINGS_MAX = 64, /* of one list of address bindings */
    I_AM = 0,
    READ_PROPERTY = 12,
    READ_PROPERTY_MULTIPLE = 14,
    TYPE_UNSIGNED = 2,
    TYPE_STRING = 7,
    TYPE_ENUMERATED = 9,
    TYPE_OCTETS = 6,
    TYPE_OBJECT = 12,
    PROPERTY_SOFTWARE_VERSION = 12,
    PROPERTY_DESCRIPTION = 28,
    PROPERTY_ADDRESS_BINDING = 30,
    PROPERTY_FIRMWARE = 44,
    PROPERTY_LOCATION = 58,
    PROPERTY_MODEL = 70,
    PROPERTY_OBJECT_IDENTIFIER = 75,
    PROPERTY_OBJECT_NAME = 77,
    PROPERTY_SYSTEM_STATUS = 112,
    PROPERTY_VENDOR_ID = 120,
    PROPERTY_VENDOR_NAME = 121,
    PROPERTY_SERIAL = 372,
};

struct cd_subject cd_bacnet_sender(const struct cd_message *m, const struct cd_bacnet_message *b,
                                   char nested[CD_BACNET_NESTED_MAX])
{
    struct cd_text t = cd_text_of(nested, CD_BACNET_NESTED_MAX);
    if (b->source.network && b->source.network != 0xffff && b->source.len) {
        cd_text_str(&t, "bacnet:");
        cd_bacnet_text_address(&t, &b->source);
    }
    struct cd_subject sender = b->has_origin ? cd_subject_ip(&b->origin) : cd_subject_sender(m);
    return cd_subject_nested(sender, nested);
}

struct told {
    struct cd_message *m;
    struct cd_subject device;
};

static void tell_number(const struct told *to, enum cd_attribute attribute, uint32_t number, unsigned confidence)
{
    char value[16];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_u64(&t, number);
    cd_report_fact(to->m, &to->device, attribute, value, confidence);
}

static void tell_vendor(const struct told *to, uint32_t id)
{
    const char *name = id ? cd_bacnet_vendor(id) : NULL; /* 0 is ASHRAE's own: set where nobody has set it */
    if (name)
        cd_report_fact(to->m, &to->device, CD_ATTRIBUTE_VENDOR, name, REGISTERED);
}

static void tell_string(const struct told *to, enum cd_attribute attribute, const struct cd_bacnet_tag *tag,
                        unsigned confidence)
{
    char value[TEXT_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (tag->context || tag->number != TYPE_STRING)
        return;
    cd_bacnet_text_string(&t, tag->value);
    cd_report_fact(to->m, &to->device, attribute, value, confidence);
}

static void tell_status(const struct told *to, uint32_t status)
{
    static const char *const names[] = {"operational",          "operational-read-only", "download-required",
                                        "download-in-progress", "non-operational",       "backup-in-progress"};
    if (status < sizeof names / sizeof *names)
        cd_report_fact(to->m, &to->device, CD_ATTRIBUTE_STATE, names[status], NAME_PLATE);
}

/* Pairs of device and address that the device has learned: device identifier, network, MAC. */
static void tell_bindings(const struct told *to, struct cd_reader r)
{
    struct cd_bacnet_tag device, network, mac;
    for (int i = 0; i < BINDINGS_MAX; i++) {
        if (!cd_bacnet_tag(&r, &device) || device.number != TYPE_OBJECT || !cd_bacnet_tag(&r, &network) ||
            network.number != TYPE_UNSIGNED || !cd_bacnet_tag(&r, &mac) || mac.number != TYPE_OCTETS ||
            mac.value.len > CD_BACNET_MAC_MAX)
            return;
        char value[TEXT_MAX];
        struct cd_text t = cd_text_of(value, sizeof value);
        cd_text_str(&t, "BACnet ");
        cd_bacnet_text_object(&t, cd_bacnet_object_of(&device));
        cd_text_str(&t, " at ");
        cd_text_u64(&t, cd_bacnet_unsigned(&network));
        cd_text_char(&t, '.');
        cd_text_hex_bytes(&t, mac.value.base, mac.value.len);
        cd_report_fact(to->m, &to->device, CD_ATTRIBUTE_NEIGHBOUR, value, CONFIGURED);
    }
}

/* A property of a device object with its value. */
static void tell_property(const struct told *to, uint32_t property, struct cd_reader value)
{
    struct cd_reader first = value;
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_tag(&first, &tag) || tag.context)
        return;
    switch (property) {
    case PROPERTY_OBJECT_NAME: tell_string(to, CD_ATTRIBUTE_NAME, &tag, CONFIGURED); break;
    case PROPERTY_VENDOR_NAME: tell_string(to, CD_ATTRIBUTE_VENDOR, &tag, NAME_PLATE); break;
    case PROPERTY_MODEL: tell_string(to, CD_ATTRIBUTE_MODEL, &tag, NAME_PLATE); break;
    case PROPERTY_FIRMWARE: tell_string(to, CD_ATTRIBUTE_FIRMWARE, &tag, NAME_PLATE); break;
    case PROPERTY_SOFTWARE_VERSION: tell_string(to, CD_ATTRIBUTE_SOFTWARE, &tag, NAME_PLATE); break;
    case PROPERTY_SERIAL: tell_string(to, CD_ATTRIBUTE_SERIAL, &tag, 100); break;
    case PROPERTY_LOCATION: tell_string(to, CD_ATTRIBUTE_LOCATION, &tag, CONFIGURED); break;
    case PROPERTY_DESCRIPTION: tell_string(to, CD_ATTRIBUTE_DESCRIPTION, &tag, CONFIGURED); break;
    case PROPERTY_VENDOR_ID: tell_vendor(to, cd_bacnet_unsigned(&tag)); break;
    case PROPERTY_SYSTEM_STATUS: tell_status(to, cd_bacnet_unsigned(&tag)); break;
    case PROPERTY_ADDRESS_BINDING: tell_bindings(to, value); break;
    case PROPERTY_OBJECT_IDENTIFIER:
        if (tag.number == TYPE_OBJECT)
            tell_number(to, CD_ATTRIBUTE_INSTANCE, cd_bacnet_object_of(&tag).instance, NAME_PLATE);
        break;
    default: break;
    }
}

static void tell_instance(const struct told *to, struct cd_bacnet_object object)
{
    if (object.instance != CD_BACNET_ANY_INSTANCE)
        tell_number(to, CD_ATTRIBUTE_INSTANCE, object.instance, NAME_PLATE);
}

/* I-Am (clause 16.10): device identifier, APDU size, segmentation, vendor. */
void cd_bacnet_report_unconfirmed(struct cd_message *m, const struct cd_bacnet_message *b, struct cd_reader r)
{
    if (b->service != I_AM)
        return;
    char nested[CD_BACNET_NESTED_MAX];
    struct told to = {.m = m, .device = cd_bacnet_sender(m, b, nested)};
    struct cd_bacnet_tag device, size, segmentation, vendor;
    if (!cd_bacnet_tag(&r, &device) || device.number != TYPE_OBJECT ||
        cd_bacnet_object_of(&device).type != CD_BACNET_DEVICE)
        return;
    tell_instance(&to, cd_bacnet_object_of(&device));
    if (cd_bacnet_tag(&r, &size) && cd_bacnet_tag(&r, &segmentation) && cd_bacnet_tag(&r, &vendor) &&
        vendor.number == TYPE_UNSIGNED)
        tell_vendor(&to, cd_bacnet_unsigned(&vendor));
}

/* Object [0], property [1], index [2], value [3]. */
static void read_one(struct cd_message *m, const struct cd_bacnet_message *b, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_context(r, 0, &tag))
        return;
    struct cd_bacnet_object object = cd_bacnet_object_of(&tag);
    if (object.type != CD_BACNET_DEVICE || !cd_bacnet_context(r, 1, &tag))
        return;
    char nested[CD_BACNET_NESTED_MAX];
    struct told to = {.m = m, .device = cd_bacnet_sender(m, b, nested)};
    uint32_t property = cd_bacnet_unsigned(&tag);
    (void)cd_bacnet_context(r, 2, &tag);
    if (!cd_bacnet_opens(r, 3))
        return;
    tell_instance(&to, object);
    tell_property(&to, property, cd_bacnet_inside(r, 3));
}

/* Index [3], then value [4] or error [5] of a property. */
static void read_result(const struct told *to, struct cd_reader *r, uint32_t property)
{
    struct cd_bacnet_tag tag;
    bool element = cd_bacnet_context(r, 3, &tag);
    if (cd_bacnet_opens(r, 4)) {
        struct cd_reader value = cd_bacnet_inside(r, 4);
        if (!element)
            tell_property(to, property, value);
    } else if (cd_bacnet_opens(r, 5)) {
        (void)cd_bacnet_inside(r, 5);
    }
}

/* Object [0] with a list [1] of property [2], index [3], and value [4] or error [5]. */
static void read_several(struct cd_message *m, const struct cd_bacnet_message *b, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    char nested[CD_BACNET_NESTED_MAX];
    struct told to = {.m = m, .device = cd_bacnet_sender(m, b, nested)};
    while (cd_bacnet_context(r, 0, &tag)) {
        struct cd_bacnet_object object = cd_bacnet_object_of(&tag);
        if (!cd_bacnet_opens(r, 1))
            return;
        if (object.type != CD_BACNET_DEVICE) {
            (void)cd_bacnet_inside(r, 1);
            continue;
        }
        tell_instance(&to, object);
        while (!cd_bacnet_closes(r, 1) && cd_bacnet_context(r, 2, &tag))
            read_result(&to, r, cd_bacnet_unsigned(&tag));
    }
}

void cd_bacnet_report_ack(struct cd_message *m, const struct cd_bacnet_message *b, struct cd_reader r)
{
    if (b->service == READ_PROPERTY)
        read_one(m, b, &r);
    else if (b->service == READ_PROPERTY_MULTIPLE)
        read_several(m, b, &r);
}
