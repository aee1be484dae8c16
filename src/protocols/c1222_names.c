/* ANSI C12.22 services and responses, C12.19 tables and procedures. */
#include "protocols/c1222.h"

#include <stddef.h>

static const char *told(enum cd_class *ret_class, enum cd_class class, const char *name)
{
    *ret_class = class;
    return name;
}

const char *cd_c1222_service_name(uint8_t service, enum cd_class *ret_class)
{
    if (service >= 0x31 && service <= 0x39)
        return told(ret_class, CD_CLASS_READ, "partial read by index");
    if (service >= 0x41 && service <= 0x49)
        return told(ret_class, CD_CLASS_CONFIGURE, "partial write by index");
    if (service >= 0x60 && service <= 0x6b)
        return told(ret_class, CD_CLASS_SESSION, "negotiate");
    switch (service) {
    case 0x20: return told(ret_class, CD_CLASS_IDENTIFY, "identification");
    case 0x21: return told(ret_class, CD_CLASS_SESSION, "terminate");
    case 0x22: return told(ret_class, CD_CLASS_SESSION, "disconnect");
    case 0x24: return told(ret_class, CD_CLASS_SESSION, "deregistration");
    case 0x25: return told(ret_class, CD_CLASS_IDENTIFY, "resolve");
    case 0x26: return told(ret_class, CD_CLASS_DIAGNOSE, "trace");
    case 0x27: return told(ret_class, CD_CLASS_SESSION, "registration");
    case 0x30: return told(ret_class, CD_CLASS_READ, "full read");
    case 0x3e: return told(ret_class, CD_CLASS_READ, "read of the default table");
    case 0x3f: return told(ret_class, CD_CLASS_READ, "partial read by offset");
    case 0x40: return told(ret_class, CD_CLASS_CONFIGURE, "full write");
    case 0x4f: return told(ret_class, CD_CLASS_CONFIGURE, "partial write by offset");
    case 0x50: return told(ret_class, CD_CLASS_SESSION, "logon");
    case 0x51: return told(ret_class, CD_CLASS_SESSION, "security");
    case 0x52: return told(ret_class, CD_CLASS_SESSION, "logoff");
    case 0x53: return told(ret_class, CD_CLASS_SESSION, "authenticate");
    case 0x70: return told(ret_class, CD_CLASS_SESSION, "wait");
    case 0x71: return told(ret_class, CD_CLASS_SESSION, "timing setup");
    default: return told(ret_class, CD_CLASS_OTHER, "unknown service");
    }
}

const char *cd_c1222_error_name(uint8_t response)
{
    static const char *const names[] = {NULL,
                                        "error",
                                        "service not supported",
                                        "insufficient security clearance",
                                        "operation not possible",
                                        "inappropriate action requested",
                                        "device busy",
                                        "data not ready",
                                        "data locked",
                                        "renegotiate request",
                                        "invalid service sequence state",
                                        "security mechanism error",
                                        "unknown application title",
                                        "network time-out",
                                        "network not reachable",
                                        "request too large",
                                        "response too large",
                                        "segmentation not possible",
                                        "segmentation error"};
    return response < sizeof names / sizeof names[0] ? names[response] : "error";
}

const char *cd_c1222_table_name(uint16_t table)
{
    switch (table) {
    case 0: return "general configuration";
    case 1: return "manufacturer identification";
    case 2: return "device nameplate";
    case 3: return "end device mode status";
    case 4: return "pending status";
    case 5: return "device identification";
    case 6: return "utility information";
    case CD_C1222_TABLE_PROCEDURE: return "procedure initiate";
    case 8: return "procedure response";
    case 21: return "actual registers";
    case 22: return "data selection";
    case 23: return "current register data";
    case 25: return "previous demand reset data";
    case 26: return "self read data";
    case 27: return "present register selection";
    case 28: return "present register data";
    case 41: return "actual security limiting";
    case 42: return "security";
    case 43: return "default access control";
    case 44: return "access control";
    case 45: return "keys";
    case 52: return "clock";
    case 53: return "time offset";
    case 54: return "calendar";
    case 55: return "clock state";
    case 61: return "actual load profile";
    case 62: return "load profile control";
    case 63: return "load profile status";
    case 64: return "load profile data set 1";
    case 71: return "actual log";
    case 74: return "history log data";
    case 76: return "event log data";
    default: return NULL;
    }
}

const char *cd_c1222_procedure_name(uint16_t procedure, enum cd_class *ret_class)
{
    switch (procedure) {
    case 0: return told(ret_class, CD_CLASS_MODE, "cold start");
    case 1: return told(ret_class, CD_CLASS_MODE, "warm start");
    case 2: return told(ret_class, CD_CLASS_CONFIGURE, "save configuration");
    case 3: return told(ret_class, CD_CLASS_CONFIGURE, "clear data");
    case 4: return told(ret_class, CD_CLASS_CONFIGURE, "reset list pointers");
    case 6: return told(ret_class, CD_CLASS_MODE, "change end device mode");
    case 9: return told(ret_class, CD_CLASS_CONTROL, "remote reset");
    case 10: return told(ret_class, CD_CLASS_CONFIGURE, "set date and time");
    case 11: return told(ret_class, CD_CLASS_CONTROL, "execute diagnostics");
    case 12: return told(ret_class, CD_CLASS_CONFIGURE, "activate all pending tables");
    case 13: return told(ret_class, CD_CLASS_CONFIGURE, "activate pending table");
    case 18: return told(ret_class, CD_CLASS_SESSION, "log in");
    case 19: return told(ret_class, CD_CLASS_SESSION, "log out");
    case 21: return told(ret_class, CD_CLASS_CONTROL, "direct load control");
    default: return told(ret_class, CD_CLASS_CONTROL, NULL);
    }
}
