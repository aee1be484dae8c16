/* Services (ASHRAE 135 clauses 13 to 17): their names and classes, and what a request is about. */
#include "protocols/bacnet.h"

#include <string.h>

enum {
    REFERENCES_SHOWN = 3,
    VALUE_MAX = 80,
    PRESENT_VALUE = 85,
    OBJECT_ANALOG_OUTPUT = 1,
    OBJECT_BINARY_OUTPUT = 4,
    OBJECT_COMMAND = 7,
    OBJECT_FILE = 10,
    OBJECT_LOOP = 12,
    OBJECT_MULTISTATE_OUTPUT = 14,
    OBJECT_PROGRAM = 16,
    OBJECT_SCHEDULE = 17,
    OBJECT_ACCESS_DOOR = 30,
    OBJECT_LOAD_CONTROL = 28,
    OBJECT_LIGHTING_OUTPUT = 54,
    OBJECT_BINARY_LIGHTING_OUTPUT = 55,
};

enum {
    ACKNOWLEDGE_ALARM = 0,
    COV_NOTIFICATION = 1,
    EVENT_NOTIFICATION = 2,
    SUBSCRIBE_COV = 5,
    READ_FILE = 6,
    WRITE_FILE = 7,
    ADD_LIST_ELEMENT = 8,
    REMOVE_LIST_ELEMENT = 9,
    CREATE_OBJECT = 10,
    DELETE_OBJECT = 11,
    READ_PROPERTY = 12,
    READ_PROPERTY_MULTIPLE = 14,
    WRITE_PROPERTY = 15,
    WRITE_PROPERTY_MULTIPLE = 16,
    DEVICE_COMMUNICATION_CONTROL = 17,
    PRIVATE_TRANSFER = 18,
    REINITIALIZE_DEVICE = 20,
    READ_RANGE = 26,
    LIFE_SAFETY_OPERATION = 27,
    SUBSCRIBE_COV_PROPERTY = 28,
    I_AM = 0,
    I_HAVE = 1,
    UNCONFIRMED_COV = 2,
    UNCONFIRMED_EVENT = 3,
    UNCONFIRMED_PRIVATE = 4,
    WHO_HAS = 7,
    WHO_IS = 8,
    WRITE_GROUP = 10,
};

struct cd_bacnet_service cd_bacnet_confirmed_service(uint8_t service)
{
    static const struct cd_bacnet_service services[] = {
        {"acknowledge alarm", CD_CLASS_ALARM},
        {"confirmed cov notification", CD_CLASS_READ},
        {"confirmed event notification", CD_CLASS_ALARM},
        {"get alarm summary", CD_CLASS_ALARM},
        {"get enrollment summary", CD_CLASS_ALARM},
        {"subscribe cov", CD_CLASS_READ},
        {"atomic read file", CD_CLASS_FILE},
        {"atomic write file", CD_CLASS_FILE},
        {"add list element", CD_CLASS_CONFIGURE},
        {"remove list element", CD_CLASS_CONFIGURE},
        {"create object", CD_CLASS_CONFIGURE},
        {"delete object", CD_CLASS_CONFIGURE},
        {"read property", CD_CLASS_READ},
        {"read property conditional", CD_CLASS_READ},
        {"read property multiple", CD_CLASS_READ},
        {"write property", CD_CLASS_WRITE},
        {"write property multiple", CD_CLASS_WRITE},
        {"device communication control", CD_CLASS_MODE},
        {"confirmed private transfer", CD_CLASS_OTHER},
        {"confirmed text message", CD_CLASS_OTHER},
        {"reinitialize device", CD_CLASS_MODE},
        {"vt-open", CD_CLASS_SESSION},
        {"vt-close", CD_CLASS_SESSION},
        {"vt-data", CD_CLASS_SESSION},
        {"authenticate", CD_CLASS_SESSION},
        {"request key", CD_CLASS_SESSION},
        {"read range", CD_CLASS_READ},
        {"life safety operation", CD_CLASS_CONTROL},
        {"subscribe cov property", CD_CLASS_READ},
        {"get event information", CD_CLASS_ALARM},
        {"subscribe cov property multiple", CD_CLASS_READ},
        {"confirmed cov notification multiple", CD_CLASS_READ},
        {"confirmed audit notification", CD_CLASS_DIAGNOSE},
        {"audit log query", CD_CLASS_DIAGNOSE},
    };
    static const struct cd_bacnet_service unknown = {"unknown confirmed service", CD_CLASS_OTHER};
    return service < sizeof services / sizeof *services ? services[service] : unknown;
}

struct cd_bacnet_service cd_bacnet_unconfirmed_service(uint8_t service)
{
    static const struct cd_bacnet_service services[] = {
        {"i-am", CD_CLASS_IDENTIFY},
        {"i-have", CD_CLASS_IDENTIFY},
        {"unconfirmed cov notification", CD_CLASS_READ},
        {"unconfirmed event notification", CD_CLASS_ALARM},
        {"unconfirmed private transfer", CD_CLASS_OTHER},
        {"unconfirmed text message", CD_CLASS_OTHER},
        {"time synchronization", CD_CLASS_CONFIGURE},
        {"who-has", CD_CLASS_IDENTIFY},
        {"who-is", CD_CLASS_IDENTIFY},
        {"utc time synchronization", CD_CLASS_CONFIGURE},
        {"write group", CD_CLASS_CONTROL},
        {"unconfirmed cov notification multiple", CD_CLASS_READ},
        {"unconfirmed audit notification", CD_CLASS_DIAGNOSE},
        {"who-am-i", CD_CLASS_IDENTIFY},
        {"you-are", CD_CLASS_CONFIGURE},
    };
    static const struct cd_bacnet_service unknown = {"unknown unconfirmed service", CD_CLASS_OTHER};
    return service < sizeof services / sizeof *services ? services[service] : unknown;
}

/* ---- pieces of requests ---- */

static bool read_object(struct cd_reader *r, uint8_t number, struct cd_bacnet_object *ret)
{
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_context(r, number, &tag))
        return false;
    *ret = cd_bacnet_object_of(&tag);
    return true;
}

/* Property [first] and index [first + 1], as in many services. */
static bool read_property(struct cd_reader *r, uint8_t first, struct cd_bacnet_reference *ret)
{
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_context(r, first, &tag))
        return false;
    ret->property = cd_bacnet_unsigned(&tag);
    ret->has_index = cd_bacnet_context(r, (uint8_t)(first + 1), &tag);
    if (ret->has_index)
        ret->index = cd_bacnet_unsigned(&tag);
    return true;
}

static bool is_output(struct cd_bacnet_object object)
{
    switch (object.type) {
    case OBJECT_ANALOG_OUTPUT:
    case OBJECT_BINARY_OUTPUT:
    case OBJECT_COMMAND:
    case OBJECT_LOOP:
    case OBJECT_MULTISTATE_OUTPUT:
    case OBJECT_ACCESS_DOOR:
    case OBJECT_LOAD_CONTROL:
    case OBJECT_LIGHTING_OUTPUT:
    case OBJECT_BINARY_LIGHTING_OUTPUT: return true;
    default: return false;
    }
}

/* Operating an output, changing a program or schedule, or setting up a device is more than writing a value. */
static void sharpen(struct cd_operation *op, const struct cd_bacnet_reference *reference)
{
    if (is_output(reference->object) && reference->property == PRESENT_VALUE)
        op->class = CD_CLASS_CONTROL;
    else if (reference->object.type == OBJECT_PROGRAM && op->class == CD_CLASS_WRITE)
        op->class = CD_CLASS_PROGRAM;
    else if ((reference->object.type == CD_BACNET_DEVICE || reference->object.type == OBJECT_SCHEDULE) &&
             op->class == CD_CLASS_WRITE)
        op->class = CD_CLASS_CONFIGURE;
}

static void text_value_of(struct cd_text *t, struct cd_reader *r, uint8_t number)
{
    if (!cd_bacnet_opens(r, number))
        return;
    char value[VALUE_MAX];
    struct cd_text v = cd_text_of(value, sizeof value);
    struct cd_reader inside = cd_bacnet_inside(r, number);
    cd_bacnet_text_values(&v, &inside);
    cd_text_str(t, " = ");
    cd_text_str(t, value);
}

static void text_priority(struct cd_text *t, struct cd_reader *r, uint8_t number)
{
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_context(r, number, &tag))
        return;
    cd_text_str(t, " priority ");
    cd_text_u64(t, cd_bacnet_unsigned(&tag));
}

/* ---- requests that name one object ---- */

static void describe_property(struct cd_text *t, struct cd_reader *r, struct cd_operation *op, bool write)
{
    struct cd_bacnet_reference reference = {0};
    if (!read_object(r, 0, &reference.object) || !read_property(r, 1, &reference))
        return;
    cd_bacnet_text_reference(t, &reference);
    if (!write)
        return;
    sharpen(op, &reference);
    text_value_of(t, r, 3);
    text_priority(t, r, 4);
}

/* An object in context tag `number`, before it tags of no interest. */
static void describe_object(struct cd_text *t, struct cd_reader *r, uint8_t number)
{
    struct cd_bacnet_tag tag;
    struct cd_bacnet_object object;
    for (uint8_t i = 0; i < number; i++)
        (void)cd_bacnet_context(r, i, &tag);
    if (read_object(r, number, &object))
        cd_bacnet_text_object(t, object);
}

/* Process identifier [0], device [1], monitored object [2]. */
static void describe_notification(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    struct cd_bacnet_object device, object;
    (void)cd_bacnet_context(r, 0, &tag);
    if (!read_object(r, 1, &device) || !read_object(r, 2, &object))
        return;
    cd_bacnet_text_object(t, device);
    cd_text_char(t, ' ');
    cd_bacnet_text_object(t, object);
}

static void describe_application_object(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    if (cd_bacnet_tag(r, &tag) && !tag.context && tag.value.len == 4)
        cd_bacnet_text_object(t, cd_bacnet_object_of(&tag));
}

static void describe_create(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_opens(r, 0))
        return;
    if (cd_bacnet_context(r, 1, &tag)) {
        cd_bacnet_text_object(t, cd_bacnet_object_of(&tag));
    } else if (cd_bacnet_context(r, 0, &tag)) {
        const char *name = cd_bacnet_object_type(cd_bacnet_unsigned(&tag));
        cd_text_str(t, name ? name : "object");
    }
}

/* ---- requests that name several ---- */

struct references {
    struct cd_text *text;
    struct cd_bacnet_object last; /* the object named last, to name it once */
    unsigned n;                   /* references so far */
};

static void text_next(struct references *refs, const struct cd_bacnet_reference *reference)
{
    if (refs->n++ >= REFERENCES_SHOWN)
        return;
    bool same =
        refs->n > 1 && refs->last.type == reference->object.type && refs->last.instance == reference->object.instance;
    if (refs->n > 1)
        cd_text_str(refs->text, ", ");
    if (!same) {
        cd_bacnet_text_reference(refs->text, reference);
    } else {
        cd_bacnet_text_property(refs->text, reference->property);
        if (reference->has_index) {
            cd_text_char(refs->text, '[');
            cd_text_u64(refs->text, reference->index);
            cd_text_char(refs->text, ']');
        }
    }
    refs->last = reference->object;
}

static void text_rest(struct references *refs)
{
    if (refs->n <= REFERENCES_SHOWN)
        return;
    cd_text_str(refs->text, " and ");
    cd_text_u64(refs->text, refs->n - REFERENCES_SHOWN);
    cd_text_str(refs->text, " more");
}

/* Object [0], then a list [1] of properties; with values [2] and priorities [3] when writing. */
static void describe_properties(struct cd_text *t, struct cd_reader *r, struct cd_operation *op, bool write)
{
    struct references refs = {.text = t};
    struct cd_bacnet_reference reference = {0};
    while (read_object(r, 0, &reference.object) && cd_bacnet_opens(r, 1)) {
        while (!cd_bacnet_closes(r, 1) && read_property(r, 0, &reference)) {
            text_next(&refs, &reference);
            if (!write)
                continue;
            sharpen(op, &reference);
            char unused[1];
            struct cd_text none = cd_text_of(unused, sizeof unused);
            struct cd_text *shown = refs.n <= REFERENCES_SHOWN ? t : &none;
            text_value_of(shown, r, 2);
            text_priority(shown, r, 3);
        }
    }
    text_rest(&refs);
}

/* ---- requests that act on the device ---- */

static void report_password(struct cd_message *m, struct cd_reader *r, uint8_t number, const char *what)
{
    struct cd_bacnet_tag tag;
    if (cd_bacnet_context(r, number, &tag) && tag.value.len > 1)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, what);
}

static void describe_reinitialize(struct cd_message *m, struct cd_text *t, struct cd_reader *r)
{
    static const char *const states[] = {"coldstart",     "warmstart",   "start backup",  "end backup",
                                         "start restore", "end restore", "abort restore", "activate changes"};
    struct cd_bacnet_tag tag;
    if (!cd_bacnet_context(r, 0, &tag))
        return;
    uint32_t state = cd_bacnet_unsigned(&tag);
    cd_text_str(t, state < sizeof states / sizeof *states ? states[state] : "unknown state");
    report_password(m, r, 1, "password of BACnet reinitialize device");
}

static void describe_communication_control(struct cd_message *m, struct cd_text *t, struct cd_reader *r)
{
    static const char *const states[] = {"enable", "disable", "disable initiation"};
    struct cd_bacnet_tag tag;
    uint32_t minutes = cd_bacnet_context(r, 0, &tag) ? cd_bacnet_unsigned(&tag) : 0;
    if (!cd_bacnet_context(r, 1, &tag))
        return;
    uint32_t state = cd_bacnet_unsigned(&tag);
    cd_text_str(t, state < sizeof states / sizeof *states ? states[state] : "unknown state");
    if (minutes) {
        cd_text_str(t, " for ");
        cd_text_u64(t, minutes);
        cd_text_str(t, " min");
    }
    report_password(m, r, 2, "password of BACnet device communication control");
}

static void describe_private(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag vendor, service;
    if (!cd_bacnet_context(r, 0, &vendor) || !cd_bacnet_context(r, 1, &service))
        return;
    cd_text_str(t, "vendor ");
    cd_text_u64(t, cd_bacnet_unsigned(&vendor));
    cd_text_str(t, " service ");
    cd_text_u64(t, cd_bacnet_unsigned(&service));
}

static void describe_life_safety(struct cd_text *t, struct cd_reader *r)
{
    static const char *const requests[] = {
        "none",        "silence",     "silence audible", "silence visual",    "reset",
        "reset alarm", "reset fault", "unsilence",       "unsilence audible", "unsilence visual"};
    struct cd_bacnet_tag tag;
    struct cd_bacnet_object object;
    (void)cd_bacnet_context(r, 0, &tag);
    (void)cd_bacnet_context(r, 1, &tag);
    if (!cd_bacnet_context(r, 2, &tag))
        return;
    uint32_t request = cd_bacnet_unsigned(&tag);
    cd_text_str(t, request < sizeof requests / sizeof *requests ? requests[request] : "unknown request");
    if (read_object(r, 3, &object)) {
        cd_text_char(t, ' ');
        cd_bacnet_text_object(t, object);
    }
}

void cd_bacnet_describe_confirmed(struct cd_message *m, struct cd_text *t, uint8_t service, struct cd_reader *r,
                                  struct cd_operation *op)
{
    switch (service) {
    case READ_PROPERTY:
    case READ_RANGE:
    case ADD_LIST_ELEMENT:
    case REMOVE_LIST_ELEMENT: describe_property(t, r, op, false); break;
    case WRITE_PROPERTY: describe_property(t, r, op, true); break;
    case READ_PROPERTY_MULTIPLE: describe_properties(t, r, op, false); break;
    case WRITE_PROPERTY_MULTIPLE: describe_properties(t, r, op, true); break;
    case ACKNOWLEDGE_ALARM:
    case SUBSCRIBE_COV:
    case SUBSCRIBE_COV_PROPERTY: describe_object(t, r, 1); break;
    case COV_NOTIFICATION:
    case EVENT_NOTIFICATION: describe_notification(t, r); break;
    case READ_FILE:
    case WRITE_FILE:
    case DELETE_OBJECT: describe_application_object(t, r); break;
    case CREATE_OBJECT: describe_create(t, r); break;
    case DEVICE_COMMUNICATION_CONTROL: describe_communication_control(m, t, r); break;
    case REINITIALIZE_DEVICE: describe_reinitialize(m, t, r); break;
    case PRIVATE_TRANSFER: describe_private(t, r); break;
    case LIFE_SAFETY_OPERATION: describe_life_safety(t, r); break;
    default: break;
    }
}

/* ---- unconfirmed requests ---- */

/* The limits of device instances in Who-Is and Who-Has. */
static void text_range(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag low, high;
    if (!cd_bacnet_context(r, 0, &low) || !cd_bacnet_context(r, 1, &high))
        return;
    cd_text_str(t, "devices ");
    cd_text_u64(t, cd_bacnet_unsigned(&low));
    cd_text_char(t, '-');
    cd_text_u64(t, cd_bacnet_unsigned(&high));
}

static void describe_who_has(struct cd_text *t, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    text_range(t, r);
    if (t->len)
        cd_text_char(t, ' ');
    if (cd_bacnet_context(r, 2, &tag))
        cd_bacnet_text_object(t, cd_bacnet_object_of(&tag));
    else if (cd_bacnet_context(r, 3, &tag))
        cd_bacnet_text_string(t, tag.value);
}

static void describe_i_have(struct cd_text *t, struct cd_reader *r)
{
    describe_application_object(t, r);
    cd_text_char(t, ' ');
    describe_application_object(t, r);
}

void cd_bacnet_describe_unconfirmed(struct cd_text *t, uint8_t service, struct cd_reader *r)
{
    struct cd_bacnet_tag tag;
    switch (service) {
    case I_AM: describe_application_object(t, r); break;
    case I_HAVE: describe_i_have(t, r); break;
    case UNCONFIRMED_COV:
    case UNCONFIRMED_EVENT: describe_notification(t, r); break;
    case UNCONFIRMED_PRIVATE: describe_private(t, r); break;
    case WHO_HAS: describe_who_has(t, r); break;
    case WHO_IS: text_range(t, r); break;
    case WRITE_GROUP:
        if (cd_bacnet_context(r, 0, &tag)) {
            cd_text_str(t, "group ");
            cd_text_u64(t, cd_bacnet_unsigned(&tag));
        }
        break;
    default: break; /* time synchronization has no target: the time is another one each time */
    }
}
