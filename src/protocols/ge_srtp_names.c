/* GE SRTP: service requests, statuses, memory types. */
#include "protocols/ge_srtp.h"

struct cd_ge_srtp_service cd_ge_srtp_service_of(uint8_t service)
{
    switch (service) {
    case 0x00: return (struct cd_ge_srtp_service){"short status", CD_CLASS_DIAGNOSE, false};
    case 0x03: return (struct cd_ge_srtp_service){"return control program names", CD_CLASS_IDENTIFY, false};
    case 0x04: return (struct cd_ge_srtp_service){"read system memory", CD_CLASS_READ, true};
    case 0x05: return (struct cd_ge_srtp_service){"read task memory", CD_CLASS_READ, false};
    case 0x06: return (struct cd_ge_srtp_service){"read program memory", CD_CLASS_PROGRAM, false};
    case 0x07: return (struct cd_ge_srtp_service){"write system memory", CD_CLASS_WRITE, true};
    case 0x08: return (struct cd_ge_srtp_service){"write task memory", CD_CLASS_WRITE, false};
    case 0x09: return (struct cd_ge_srtp_service){"write program block memory", CD_CLASS_PROGRAM, false};
    case 0x20: return (struct cd_ge_srtp_service){"programmer logon", CD_CLASS_SESSION, false};
    case CD_GE_SRTP_PRIVILEGE: return (struct cd_ge_srtp_service){"change privilege level", CD_CLASS_SESSION, false};
    case 0x22: return (struct cd_ge_srtp_service){"set control id", CD_CLASS_CONFIGURE, false};
    case CD_GE_SRTP_SET_STATE: return (struct cd_ge_srtp_service){"set controller state", CD_CLASS_MODE, false};
    case 0x24: return (struct cd_ge_srtp_service){"set time and date", CD_CLASS_CONFIGURE, false};
    case 0x25: return (struct cd_ge_srtp_service){"return time and date", CD_CLASS_READ, false};
    case 0x38: return (struct cd_ge_srtp_service){"return fault table", CD_CLASS_DIAGNOSE, false};
    case 0x39: return (struct cd_ge_srtp_service){"clear fault table", CD_CLASS_CONFIGURE, false};
    case 0x3f: return (struct cd_ge_srtp_service){"program store", CD_CLASS_PROGRAM, false};
    case 0x40: return (struct cd_ge_srtp_service){"program load", CD_CLASS_PROGRAM, false};
    case CD_GE_SRTP_IDENTIFY:
        return (struct cd_ge_srtp_service){"return controller type and id", CD_CLASS_IDENTIFY, false};
    case 0x44: return (struct cd_ge_srtp_service){"toggle force system memory", CD_CLASS_CONTROL, true};
    case 0x4f: return (struct cd_ge_srtp_service){"establish session", CD_CLASS_SESSION, false};
    default: return (struct cd_ge_srtp_service){"unknown service", CD_CLASS_OTHER, false};
    }
}

const char *cd_ge_srtp_status_name(uint8_t status)
{
    switch (status) {
    case 0x01: return "illegal service request";
    case 0x02: return "insufficient privilege level";
    case 0x04: return "protocol sequence error";
    case 0x05: return "service request error";
    case 0x06: return "illegal mailbox type";
    case 0x07: return "request queue full";
    default: return "refused";
    }
}

const char *cd_ge_srtp_state_name(unsigned state)
{
    switch (state) {
    case 0: return "run, outputs enabled";
    case 1: return "run, outputs disabled";
    case 2: return "stop, I/O disabled";
    case 3: return "stop, faulted";
    case 4: return "halted";
    case 5: return "suspended";
    case 6: return "stop, I/O enabled";
    default: return NULL;
    }
}

enum unit { WORDS, BYTES, BITS };

/* The selector tells the type of memory and whether the offset counts words, bytes or bits. */
static const char *area_of(uint8_t selector, enum unit *ret_unit)
{
    *ret_unit = selector >= 0x46 && selector <= 0x56 ? BITS : selector >= 0x10 ? BYTES : WORDS;
    switch (selector) {
    case 0x08: return "%R";
    case 0x0a: return "%AI";
    case 0x0c: return "%AQ";
    case 0x10:
    case 0x46: return "%I";
    case 0x12:
    case 0x48: return "%Q";
    case 0x14:
    case 0x4a: return "%T";
    case 0x16:
    case 0x4c: return "%M";
    case 0x18:
    case 0x4e: return "%SA";
    case 0x1a:
    case 0x50: return "%SB";
    case 0x1c:
    case 0x52: return "%SC";
    case 0x1e:
    case 0x54: return "%S";
    case 0x38:
    case 0x56: return "%G";
    default: return NULL;
    }
}

bool cd_ge_srtp_text_address(struct cd_text *t, uint8_t selector, uint16_t offset, uint16_t length)
{
    enum unit unit;
    const char *area = area_of(selector, &unit);
    unsigned factor = unit == BYTES ? 8 : 1;
    if (!area) {
        cd_text_str(t, "selector ");
        cd_text_hex(t, selector, 2);
        cd_text_str(t, " offset ");
        cd_text_u64(t, offset);
        return false;
    }
    cd_text_str(t, area);
    cd_text_u64(t, (uint64_t)offset * factor + 1);
    if (length * factor > 1) {
        cd_text_str(t, " x");
        cd_text_u64(t, (uint64_t)length * factor);
    }
    return area[1] == 'Q' || (area[1] == 'A' && area[2] == 'Q');
}
