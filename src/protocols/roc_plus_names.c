/* Opcodes of ROC Plus by name and class, and what they are about. */
#include "protocols/roc_plus.h"

#include <string.h>

const char *cd_roc_opcode_name(uint8_t opcode)
{
    switch (opcode) {
    case 6: return "system configuration";
    case 7: return "read real-time clock";
    case 8: return "set real-time clock";
    case 10: return "read configurable opcode data";
    case 11: return "write configurable opcode data";
    case 17: return "login";
    case 24: return "store and forward";
    case 50: return "request I/O point position";
    case 100: return "access user-defined information";
    case 105: return "request today's and yesterday's minimum and maximum";
    case 108: return "request history tag and periodic index";
    case 118: return "request alarm data";
    case 119: return "request event data";
    case 135: return "request single history point data";
    case 136: return "request multiple history point data";
    case 137: return "request history index";
    case 138: return "request daily and periodic history";
    case 139: return "history information data";
    case 166: return "set single point parameters";
    case 167: return "request single point parameters";
    case 180: return "request parameters";
    case 181: return "write parameters";
    case 203: return "file transfer";
    case 205: return "peer-to-peer network message";
    case 206: return "read transaction history";
    case 224: return "spontaneous report by exception";
    case 225: return "acknowledge report by exception";
    case 255: return "error indicator";
    default: return NULL;
    }
}

enum cd_class cd_roc_opcode_class(uint8_t opcode)
{
    switch (opcode) {
    case 6: return CD_CLASS_IDENTIFY;
    case 8: return CD_CLASS_CONFIGURE;
    case 11:
    case 166:
    case 181: return CD_CLASS_WRITE;
    case 17: return CD_CLASS_SESSION;
    case 24:
    case 205:
    case 255: return CD_CLASS_OTHER;
    case 118:
    case 224:
    case 225: return CD_CLASS_ALARM;
    case 119: return CD_CLASS_DIAGNOSE;
    case 203: return CD_CLASS_FILE;
    default: return cd_roc_opcode_name(opcode) ? CD_CLASS_READ : CD_CLASS_OTHER;
    }
}

const char *cd_roc_type_name(uint8_t type)
{
    switch (type) {
    case 1: return "ROCPAC ROC300";
    case 2: return "FloBoss 407";
    case 3: return "FlashPAC ROC300";
    case 4: return "FloBoss 503";
    case 5: return "FloBoss 504";
    case 6: return "ROC800 (809/827)";
    case 11: return "DL8000";
    default: return NULL;
    }
}

const char *cd_roc_error_name(uint8_t error)
{
    switch (error) {
    case 1: return "invalid opcode";
    case 2: return "invalid parameter number";
    case 3: return "invalid logical number or point number";
    case 4: return "invalid point type";
    case 5: return "too many data bytes";
    case 6: return "too few data bytes";
    case 20: return "access below 0 or above the highest";
    case 21: return "parameter is read only";
    case 25: return "not logged on, or security level too low";
    case 63: return "invalid login";
    default: return "error indicator";
    }
}

static void text_tlp(struct cd_text *t, unsigned type, unsigned logical, unsigned parameter)
{
    cd_text_str(t, "TLP ");
    cd_text_u64(t, type);
    cd_text_char(t, ',');
    cd_text_u64(t, logical);
    cd_text_char(t, ',');
    cd_text_u64(t, parameter);
}

/* Point type, logical number, count, first parameter. */
static void text_point(struct cd_text *t, struct cd_reader data)
{
    uint8_t type = cd_read_u8(&data, "point type"), logical = cd_read_u8(&data, "logical number");
    uint8_t count = cd_read_u8(&data, "number of parameters"), first = cd_read_u8(&data, "first parameter");
    if (!cd_read_ok(&data))
        return;
    text_tlp(t, type, logical, first);
    if (count > 1) {
        cd_text_char(t, '-');
        cd_text_u64(t, (unsigned)first + count - 1);
    }
}

/* Number of parameters, then each; where values follow, their lengths are the parameters' own, so that the first alone is known. */
static void text_parameters(struct cd_text *t, struct cd_reader data, bool with_values)
{
    enum { LISTED = 3 };
    unsigned count = cd_read_u8(&data, "number of parameters");
    unsigned listed = with_values && count > 1 ? 1 : count > LISTED ? LISTED : count;
    for (unsigned i = 0; i < listed; i++) {
        uint8_t type = cd_read_u8(&data, "point type"), logical = cd_read_u8(&data, "logical number");
        uint8_t parameter = cd_read_u8(&data, "parameter");
        if (!cd_read_ok(&data))
            return;
        if (i)
            cd_text_str(t, "; ");
        text_tlp(t, type, logical, parameter);
    }
    if (count > listed) {
        cd_text_str(t, " +");
        cd_text_u64(t, count - listed);
    }
}

static void text_file(struct cd_text *t, struct cd_reader data)
{
    static const char *const commands[] = {"", "open", "read", "write", "close"};
    enum { OPEN = 1, PATH = 100 };
    uint8_t command = cd_read_u8(&data, "command");
    cd_text_str(t, command >= 1 && command <= 4 ? commands[command] : "other command");
    cd_read_skip(&data, 1, "option");
    if (command != OPEN || cd_read_left(&data) < PATH)
        return;
    const uint8_t *path = cd_read_at(&data, PATH, "path");
    size_t left = cd_read_left(&data);
    const uint8_t *name = cd_read_at(&data, left, "name");
    cd_text_char(t, ' ');
    cd_text_device(t, path, strnlen((const char *)path, PATH));
    if (name)
        cd_text_device(t, name, strnlen((const char *)name, left));
}

void cd_roc_text_target(struct cd_text *t, const struct cd_roc_message *p)
{
    switch (p->opcode) {
    case CD_ROC_SET_POINT:
    case CD_ROC_READ_POINT: text_point(t, p->data); break;
    case CD_ROC_READ_PARAMETERS: text_parameters(t, p->data, false); break;
    case CD_ROC_WRITE_PARAMETERS: text_parameters(t, p->data, true); break;
    case CD_ROC_FILE: text_file(t, p->data); break;
    default: break;
    }
}
