/* DLMS/COSEM: names of services, results, common objects and makers. */
#include "protocols/dlms.h"

#include <string.h>

static const char *choice_name(const char *const names[], size_t n, uint8_t choice)
{
    return choice < n && names[choice] ? names[choice] : names[0];
}

/* IEC 62056-5-3, 8.3: the alternatives of the services with logical names. */
static const char *get_name(uint8_t choice)
{
    static const char *const names[] = {"get, unknown form", "get", "get next block", "get with list"};
    return choice_name(names, sizeof names / sizeof names[0], choice);
}

static const char *set_name(uint8_t choice)
{
    static const char *const names[] = {"set, unknown form", "set",           "set with first block",
                                        "set with block",    "set with list", "set with list and first block"};
    return choice_name(names, sizeof names / sizeof names[0], choice);
}

static const char *action_name(uint8_t choice)
{
    static const char *const names[] = {"action, unknown form",    "action",
                                        "action next block",       "action with list",
                                        "action with first block", "action with list and first block",
                                        "action with block"};
    return choice_name(names, sizeof names / sizeof names[0], choice);
}

/* Ciphered services: 33 to 62 are those with short names under the global key, 65 to 94 under the dedicated one, 200 to 215 those with logical names. */
static struct cd_dlms_service ciphered_service(uint8_t tag)
{
    switch (tag) {
    case 37:
    case 44:
    case 69:
    case 76: return (struct cd_dlms_service){"read, ciphered", NULL, CD_CLASS_READ};
    case 38:
    case 45:
    case 54:
    case 70:
    case 77:
    case 86: return (struct cd_dlms_service){"write, ciphered", NULL, CD_CLASS_WRITE};
    case 46:
    case 78: return (struct cd_dlms_service){"service error, ciphered", NULL, CD_CLASS_OTHER};
    case 56:
    case 88: return (struct cd_dlms_service){"information report, ciphered", NULL, CD_CLASS_READ};
    case 200:
    case 204:
    case 208:
    case 212: return (struct cd_dlms_service){"get, ciphered", NULL, CD_CLASS_READ};
    case 201:
    case 205:
    case 209:
    case 213: return (struct cd_dlms_service){"set, ciphered", NULL, CD_CLASS_WRITE};
    case 202:
    case 210: return (struct cd_dlms_service){"event notification, ciphered", NULL, CD_CLASS_ALARM};
    case 203:
    case 207:
    case 211:
    case 215: return (struct cd_dlms_service){"action, ciphered", NULL, CD_CLASS_OTHER};
    case CD_DLMS_GENERAL_GLO: return (struct cd_dlms_service){"ciphered, global key", NULL, CD_CLASS_OTHER};
    case CD_DLMS_GENERAL_DED: return (struct cd_dlms_service){"ciphered, dedicated key", NULL, CD_CLASS_OTHER};
    case CD_DLMS_GENERAL: return (struct cd_dlms_service){"ciphered", NULL, CD_CLASS_OTHER};
    case CD_DLMS_SIGNING: return (struct cd_dlms_service){"signed", NULL, CD_CLASS_OTHER};
    case CD_DLMS_BLOCK_TRANSFER: return (struct cd_dlms_service){"block transfer", NULL, CD_CLASS_OTHER};
    default: return (struct cd_dlms_service){"unknown service", NULL, CD_CLASS_OTHER};
    }
}

struct cd_dlms_service cd_dlms_service_of(uint8_t tag, uint8_t choice)
{
    switch (tag) {
    case CD_DLMS_READ:
    case CD_DLMS_READ_RESPONSE: return (struct cd_dlms_service){"read", NULL, CD_CLASS_READ};
    case CD_DLMS_WRITE:
    case CD_DLMS_WRITE_RESPONSE: return (struct cd_dlms_service){"write", NULL, CD_CLASS_WRITE};
    case CD_DLMS_UNCONFIRMED_WRITE: return (struct cd_dlms_service){"unconfirmed write", NULL, CD_CLASS_WRITE};
    case CD_DLMS_CONFIRMED_ERROR: return (struct cd_dlms_service){"service error", NULL, CD_CLASS_OTHER};
    case CD_DLMS_EXCEPTION: return (struct cd_dlms_service){"exception", NULL, CD_CLASS_OTHER};
    case CD_DLMS_DATA_NOTIFICATION: return (struct cd_dlms_service){"data notification", NULL, CD_CLASS_READ};
    case CD_DLMS_INFORMATION_REPORT: return (struct cd_dlms_service){"information report", NULL, CD_CLASS_READ};
    case CD_DLMS_AARQ:
    case CD_DLMS_AARE: return (struct cd_dlms_service){"associate", NULL, CD_CLASS_SESSION};
    case CD_DLMS_RLRQ:
    case CD_DLMS_RLRE: return (struct cd_dlms_service){"release", NULL, CD_CLASS_SESSION};
    case CD_DLMS_GET:
    case CD_DLMS_GET_RESPONSE: return (struct cd_dlms_service){get_name(choice), "get", CD_CLASS_READ};
    case CD_DLMS_SET:
    case CD_DLMS_SET_RESPONSE: return (struct cd_dlms_service){set_name(choice), "set", CD_CLASS_WRITE};
    case CD_DLMS_ACTION:
    case CD_DLMS_ACTION_RESPONSE: return (struct cd_dlms_service){action_name(choice), "action", CD_CLASS_OTHER};
    case CD_DLMS_EVENT: return (struct cd_dlms_service){"event notification", NULL, CD_CLASS_ALARM};
    case CD_DLMS_ACCESS:
    case CD_DLMS_ACCESS_RESPONSE: return (struct cd_dlms_service){"access", NULL, CD_CLASS_WRITE};
    default: return ciphered_service(tag);
    }
}

/* Interface classes of IEC 62056-6-2: data, registers and profiles hold values; the others hold how the meter works and talks. */
enum cd_class cd_dlms_set_class(uint16_t class_id)
{
    switch (class_id) {
    case 0:
    case 1:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 61:
    case 62:
    case 63: return CD_CLASS_WRITE;
    case 18: return CD_CLASS_FIRMWARE;
    default: return CD_CLASS_CONFIGURE;
    }
}

enum cd_class cd_dlms_action_class(uint16_t class_id, uint8_t method)
{
    switch (class_id) {
    case 0: return CD_CLASS_OTHER;
    case 9:                           /* script table: execute */
    case 70: return CD_CLASS_CONTROL; /* disconnect control: disconnect, reconnect */
    case 15:                          /* association: the first method answers the challenge of a high level sign-in */
    case 12: return method == 1 || class_id == 12 ? CD_CLASS_SESSION : CD_CLASS_CONFIGURE;
    case 18: return CD_CLASS_FIRMWARE; /* image transfer */
    default: return CD_CLASS_CONFIGURE;
    }
}

/* Data-Access-Result. */
const char *cd_dlms_access_error(int result)
{
    switch (result) {
    case CD_DLMS_OK: return NULL;
    case 1: return "hardware fault";
    case 2: return "temporary failure";
    case 3: return "read-write denied";
    case 4: return "object undefined";
    case 9: return "object class inconsistent";
    case 11: return "object unavailable";
    case 12: return "type unmatched";
    case 13: return "scope of access violated";
    case 14: return "data block unavailable";
    case 15: return "long get aborted";
    case 16: return "no long get in progress";
    case 17: return "long set aborted";
    case 18: return "no long set in progress";
    case 19: return "data block number invalid";
    default: return "other reason";
    }
}

const char *cd_dlms_action_error(int result)
{
    return cd_dlms_access_error(result);
}

/* Associate-source-diagnostic, acse-service-user. */
const char *cd_dlms_association_error(int diagnostic)
{
    switch (diagnostic) {
    case 2: return "application context name not supported";
    case 3: return "calling title not recognized";
    case 11: return "authentication mechanism not recognized";
    case 12: return "authentication mechanism required";
    case 13: return "authentication failure";
    case 14: return "authentication required";
    default: return "rejected";
    }
}

/* IEC 62056-5-3, 7.3.7.2: joint-iso-ccitt(2) country(16) 756 identified-organization(5) DLMS-UA(8) mechanism(2). */
const char *cd_dlms_mechanism_name(int mechanism)
{
    switch (mechanism) {
    case CD_DLMS_NO_MECHANISM:
    case 0: return "no authentication";
    case 1: return "low level authentication";
    case 2: return "high level authentication";
    case 3: return "high level authentication MD5";
    case 4: return "high level authentication SHA-1";
    case 5: return "high level authentication GMAC";
    case 6: return "high level authentication SHA-256";
    case 7: return "high level authentication ECDSA";
    default: return "unknown authentication";
    }
}

struct object {
    uint8_t obis[6];
    const char *name;
};

/* IEC 62056-6-1; value groups A.B.C.D.E.F. */
static const struct object objects[] = {
    {{0, 0, 1, 0, 0, 255}, "clock"},
    {{0, 0, 10, 0, 0, 255}, "global meter reset script"},
    {{0, 0, 10, 0, 106, 255}, "disconnect script"},
    {{0, 0, 13, 0, 0, 255}, "activity calendar"},
    {{0, 0, 17, 0, 0, 255}, "limiter"},
    {{0, 0, 20, 0, 0, 255}, "optical port"},
    {{0, 0, 22, 0, 0, 255}, "HDLC setup"},
    {{0, 0, 25, 0, 0, 255}, "TCP-UDP setup"},
    {{0, 0, 25, 1, 0, 255}, "IPv4 setup"},
    {{0, 0, 25, 9, 0, 255}, "push setup"},
    {{0, 0, 40, 0, 0, 255}, "current association"},
    {{0, 0, 41, 0, 0, 255}, "SAP assignment"},
    {{0, 0, 42, 0, 0, 255}, "logical device name"},
    {{0, 0, 43, 0, 0, 255}, "security setup"},
    {{0, 0, 44, 0, 0, 255}, "image transfer"},
    {{0, 0, 94, 91, 9, 255}, "meter type"},
    {{0, 0, 96, 1, 0, 255}, "device id 1"},
    {{0, 0, 96, 1, 1, 255}, "device id 2"},
    {{0, 0, 96, 3, 10, 255}, "disconnect control"},
    {{0, 0, 97, 97, 0, 255}, "error register"},
    {{0, 0, 98, 1, 0, 255}, "billing profile"},
    {{0, 0, 99, 98, 0, 255}, "event log"},
    {{1, 0, 0, 2, 0, 255}, "firmware"},
    {{1, 0, 1, 7, 0, 255}, "active power import"},
    {{1, 0, 1, 8, 0, 255}, "active energy import"},
    {{1, 0, 2, 7, 0, 255}, "active power export"},
    {{1, 0, 2, 8, 0, 255}, "active energy export"},
    {{1, 0, 3, 8, 0, 255}, "reactive energy import"},
    {{1, 0, 4, 8, 0, 255}, "reactive energy export"},
    {{1, 0, 14, 7, 0, 255}, "frequency"},
    {{1, 0, 31, 7, 0, 255}, "current L1"},
    {{1, 0, 32, 7, 0, 255}, "voltage L1"},
    {{1, 0, 51, 7, 0, 255}, "current L2"},
    {{1, 0, 52, 7, 0, 255}, "voltage L2"},
    {{1, 0, 71, 7, 0, 255}, "current L3"},
    {{1, 0, 72, 7, 0, 255}, "voltage L3"},
    {{1, 0, 99, 1, 0, 255}, "load profile 1"},
    {{1, 0, 99, 2, 0, 255}, "load profile 2"},
};

const char *cd_dlms_object_name(const uint8_t obis[6])
{
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        const uint8_t *o = objects[i].obis;
        bool same_channel = o[1] == obis[1] || (o[0] == 1 && o[3] >= 7 && o[3] <= 8); /* measured on any channel */
        if (same_channel && o[0] == obis[0] && o[2] == obis[2] && o[3] == obis[3] && o[4] == obis[4] && obis[5] == 255)
            return objects[i].name;
    }
    return NULL;
}

const char *cd_dlms_maker(const uint8_t flag[3])
{
    static const struct {
        char flag[4];
        const char *maker;
    } makers[] = {
        {"ACE", "Itron"},    {"APT", "Apator"},     {"CIR", "Circutor"},   {"ELS", "Elster"}, {"EMH", "EMH metering"},
        {"GRX", "Gurux"},    {"HXE", "Hexing"},     {"ISK", "Iskraemeco"}, {"ITR", "Itron"},  {"KAM", "Kamstrup"},
        {"KFM", "Kaifa"},    {"LGZ", "Landis+Gyr"}, {"LUG", "Landis+Gyr"}, {"NES", "NES"},    {"ORB", "Orbis"},
        {"SAG", "Sagemcom"}, {"SLB", "Itron"},      {"ZIV", "ZIV"},        {"AID", "Aidon"},  {"LOG", "Logarex"},
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (memcmp(makers[i].flag, flag, 3) == 0)
            return makers[i].maker;
    return NULL;
}

void cd_dlms_text_target(struct cd_text *t, const struct cd_dlms_target *target, bool method)
{
    if (target->is_short) {
        cd_text_str(t, "short name ");
        cd_text_hex(t, target->short_name, 4);
        return;
    }
    for (unsigned i = 0; i < 6; i++) {
        if (i)
            cd_text_char(t, '.');
        cd_text_u64(t, target->obis[i]);
    }
    const char *name = cd_dlms_object_name(target->obis);
    if (name) {
        cd_text_char(t, ' ');
        cd_text_str(t, name);
    }
    cd_text_str(t, " class ");
    cd_text_u64(t, target->class_id);
    cd_text_str(t, method ? " method " : " attribute ");
    cd_text_u64(t, target->index);
}
