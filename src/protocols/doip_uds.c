/* UDS: names of services, their arguments and refusals. */
#include "base/text.h"
#include "protocols/doip.h"

static const struct cd_uds_service services[] = {
    {0x10, CD_CLASS_SESSION, "diagnostic session control"},
    {0x11, CD_CLASS_MODE, "ECU reset"},
    {0x14, CD_CLASS_CONFIGURE, "clear diagnostic information"},
    {0x19, CD_CLASS_DIAGNOSE, "read DTC information"},
    {0x22, CD_CLASS_READ, "read data by identifier"},
    {0x23, CD_CLASS_READ, "read memory by address"},
    {0x24, CD_CLASS_READ, "read scaling data by identifier"},
    {0x27, CD_CLASS_SESSION, "security access"},
    {0x28, CD_CLASS_MODE, "communication control"},
    {0x29, CD_CLASS_SESSION, "authentication"},
    {0x2a, CD_CLASS_READ, "read data by periodic identifier"},
    {0x2c, CD_CLASS_CONFIGURE, "dynamically define data identifier"},
    {0x2e, CD_CLASS_CONFIGURE, "write data by identifier"},
    {0x2f, CD_CLASS_CONTROL, "input output control by identifier"},
    {0x31, CD_CLASS_CONTROL, "routine control"},
    {0x34, CD_CLASS_FIRMWARE, "request download"},
    {0x35, CD_CLASS_FIRMWARE, "request upload"},
    {0x36, CD_CLASS_FIRMWARE, "transfer data"},
    {0x37, CD_CLASS_FIRMWARE, "request transfer exit"},
    {0x38, CD_CLASS_FILE, "request file transfer"},
    {0x3d, CD_CLASS_CONFIGURE, "write memory by address"},
    {0x3e, CD_CLASS_SESSION, "tester present"},
    {0x83, CD_CLASS_CONFIGURE, "access timing parameter"},
    {0x84, CD_CLASS_OTHER, "secured data transmission"},
    {0x85, CD_CLASS_CONFIGURE, "control DTC setting"},
    {0x86, CD_CLASS_CONFIGURE, "response on event"},
    {0x87, CD_CLASS_CONFIGURE, "link control"},
};

const struct cd_uds_service *cd_uds_service_of(uint8_t sid)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (services[i].sid == sid)
            return &services[i];
    return NULL;
}

const char *cd_uds_error_name(uint8_t code)
{
    switch (code) { /* annex A.1 */
    case 0x10: return "general reject";
    case 0x11: return "service not supported";
    case 0x12: return "sub-function not supported";
    case 0x13: return "incorrect message length or invalid format";
    case 0x14: return "response too long";
    case 0x21: return "busy, repeat request";
    case 0x22: return "conditions not correct";
    case 0x24: return "request sequence error";
    case 0x25: return "no response from subnet component";
    case 0x26: return "failure prevents execution";
    case 0x31: return "request out of range";
    case 0x33: return "security access denied";
    case 0x34: return "authentication required";
    case 0x35: return "invalid key";
    case 0x36: return "exceeded number of attempts";
    case 0x37: return "required time delay not expired";
    case 0x70: return "upload download not accepted";
    case 0x71: return "transfer data suspended";
    case 0x72: return "general programming failure";
    case 0x73: return "wrong block sequence counter";
    case CD_UDS_PENDING: return "response pending";
    case 0x7e: return "sub-function not supported in active session";
    case 0x7f: return "service not supported in active session";
    default: return "other negative response";
    }
}

static const char *sub_function_name(uint8_t sid, uint8_t sub)
{
    static const char *const sessions[] = {NULL, "default session", "programming session", "extended session",
                                           "safety system session"};
    static const char *const resets[] = {NULL,
                                         "hard reset",
                                         "key off on reset",
                                         "soft reset",
                                         "enable rapid power shutdown",
                                         "disable rapid power shutdown"};
    static const char *const routines[] = {NULL, "start", "stop", "request results"};
    if (sid == 0x10 && sub < 5)
        return sessions[sub];
    if (sid == 0x11 && sub < 6)
        return resets[sub];
    if (sid == 0x31 && sub < 4)
        return routines[sub];
    if (sid == 0x27)
        return sub & 1 ? "request seed" : "send key";
    if (sid == 0x85)
        return sub == 1 ? "on" : sub == 2 ? "off" : NULL;
    return NULL;
}

static void text_sub_function(struct cd_text *t, uint8_t sid, uint8_t sub)
{
    const char *name = sub_function_name(sid, sub & 0x7f); /* bit 7: no positive response wanted */
    cd_text_char(t, ' ');
    if (name) {
        cd_text_str(t, name);
    } else {
        cd_text_str(t, "sub-function ");
        cd_text_hex(t, sub & 0x7f, 2);
    }
}

static void text_identifier(struct cd_text *t, const char *before, struct cd_reader *data)
{
    uint16_t identifier = cd_read_be16(data, "identifier");
    if (!cd_read_ok(data))
        return;
    cd_text_str(t, before);
    cd_text_hex(t, identifier, 4);
}

void cd_uds_text_request(struct cd_text *t, uint8_t sid, struct cd_reader data)
{
    uint8_t sub;
    switch (sid) {
    case 0x22:
    case 0x24:
    case 0x2e:
    case 0x2f: text_identifier(t, " DID ", &data); break;
    case 0x10:
    case 0x11:
    case 0x19:
    case 0x27:
    case 0x28:
    case 0x29:
    case 0x2c:
    case 0x31:
    case 0x85:
    case 0x87:
        sub = cd_read_u8(&data, "sub-function");
        if (!cd_read_ok(&data))
            return;
        if (sid == 0x31)
            text_identifier(t, " routine ", &data);
        text_sub_function(t, sid, sub);
        break;
    default: break;
    }
}

bool cd_uds_attribute_of(uint16_t identifier, enum cd_attribute *ret)
{
    switch (identifier) {
    case 0xf187: *ret = CD_ATTRIBUTE_ORDER_NUMBER; return true; /* vehicle manufacturer's spare part number */
    case 0xf189:                                                /* vehicle manufacturer's ECU software version */
    case 0xf195: *ret = CD_ATTRIBUTE_FIRMWARE; return true;     /* the supplier's */
    case 0xf18a: *ret = CD_ATTRIBUTE_VENDOR; return true;
    case 0xf18c: *ret = CD_ATTRIBUTE_SERIAL; return true;
    case 0xf191:
    case 0xf193: *ret = CD_ATTRIBUTE_HARDWARE; return true;
    case 0xf197: *ret = CD_ATTRIBUTE_MODEL; return true;
    default: return false;
    }
}
