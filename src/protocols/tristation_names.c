/* TriStation: types of messages, functions, reasons of rejections. */
#include "protocols/tristation.h"

#include <stddef.h>

const char *cd_tristation_type_name(uint16_t type)
{
    static const char *const names[] = {"unknown message",
                                        "connection request",
                                        "connection response",
                                        "disconnection response",
                                        "disconnection request",
                                        "execution command",
                                        "ping",
                                        "connection limit reached",
                                        "not connected",
                                        "main processors are dead",
                                        "access denied",
                                        "connection failed"};
    return type < sizeof names / sizeof names[0] ? names[type] : names[0];
}

static const struct cd_tristation_function functions[] = {
    [0] = {"start download all", CD_CLASS_PROGRAM},
    [1] = {"start download change", CD_CLASS_PROGRAM},
    [2] = {"update configuration", CD_CLASS_CONFIGURE},
    [3] = {"upload configuration", CD_CLASS_PROGRAM},
    [4] = {"set I/O addresses", CD_CLASS_CONFIGURE},
    [5] = {"allocate network", CD_CLASS_PROGRAM},
    [6] = {"load vector table", CD_CLASS_PROGRAM},
    [7] = {"set calendar", CD_CLASS_CONFIGURE},
    [8] = {"get calendar", CD_CLASS_READ},
    [9] = {"set scan time", CD_CLASS_CONFIGURE},
    [10] = {"end download all", CD_CLASS_PROGRAM},
    [11] = {"end download change", CD_CLASS_PROGRAM},
    [12] = {"cancel download change", CD_CLASS_PROGRAM},
    [13] = {"attach controller", CD_CLASS_SESSION},
    [14] = {"set I/O address limits", CD_CLASS_CONFIGURE},
    [15] = {"configure module", CD_CLASS_CONFIGURE},
    [16] = {"set multiple point values", CD_CLASS_CONTROL},
    [17] = {"enable all points", CD_CLASS_CONTROL},
    [18] = {"upload vector table", CD_CLASS_PROGRAM},
    [19] = {"get control program status", CD_CLASS_DIAGNOSE},
    [20] = {"run program", CD_CLASS_MODE},
    [21] = {"halt program", CD_CLASS_MODE},
    [22] = {"pause program", CD_CLASS_MODE},
    [23] = {"do single scan", CD_CLASS_MODE},
    [24] = {"get chassis status", CD_CLASS_DIAGNOSE},
    [25] = {"get minimum scan time", CD_CLASS_READ},
    [26] = {"set node number", CD_CLASS_CONFIGURE},
    [27] = {"set I/O point values", CD_CLASS_CONTROL},
    [28] = {"get I/O point values", CD_CLASS_READ},
    [29] = {"get main processor status", CD_CLASS_DIAGNOSE},
    [30] = {"set retentive values", CD_CLASS_WRITE},
    [31] = {"adjust clock calendar", CD_CLASS_CONFIGURE},
    [32] = {"clear module alarms", CD_CLASS_ALARM},
    [33] = {"get event log", CD_CLASS_DIAGNOSE},
    [34] = {"set sequence of events block", CD_CLASS_CONFIGURE},
    [35] = {"record event log", CD_CLASS_DIAGNOSE},
    [36] = {"get sequence of events data", CD_CLASS_READ},
    [37] = {"enable output voter diagnostics", CD_CLASS_CONFIGURE},
    [38] = {"disable output voter diagnostics", CD_CLASS_CONFIGURE},
    [39] = {"enable all output voter diagnostics", CD_CLASS_CONFIGURE},
    [40] = {"disable all output voter diagnostics", CD_CLASS_CONFIGURE},
    [41] = {"process Modbus", CD_CLASS_OTHER},
    [42] = {"upload network", CD_CLASS_PROGRAM},
    [43] = {"set label", CD_CLASS_CONFIGURE},
    [44] = {"configure system variables", CD_CLASS_CONFIGURE},
    [45] = {"deconfigure module", CD_CLASS_CONFIGURE},
    [46] = {"get system variables", CD_CLASS_READ},
    [47] = {"get module types", CD_CLASS_IDENTIFY},
    [48] = {"begin conversion table download", CD_CLASS_PROGRAM},
    [49] = {"continue conversion table download", CD_CLASS_PROGRAM},
    [50] = {"end conversion table download", CD_CLASS_PROGRAM},
    [51] = {"get conversion table", CD_CLASS_READ},
    [52] = {"set ICM status", CD_CLASS_CONFIGURE},
    [53] = {"broadcast sequence of events data available", CD_CLASS_ALARM},
    [54] = {"get module versions", CD_CLASS_IDENTIFY},
    [55] = {"allocate program", CD_CLASS_PROGRAM},
    [56] = {"allocate function", CD_CLASS_PROGRAM},
    [57] = {"clear retentives", CD_CLASS_WRITE},
    [58] = {"set initial values", CD_CLASS_PROGRAM},
    [59] = {"start TS2 program download", CD_CLASS_PROGRAM},
    [60] = {"set TS2 data area", CD_CLASS_PROGRAM},
    [61] = {"get TS2 data", CD_CLASS_READ},
    [62] = {"set TS2 data", CD_CLASS_WRITE},
    [63] = {"set program information", CD_CLASS_PROGRAM},
    [64] = {"get program information", CD_CLASS_READ},
    [65] = {"upload program", CD_CLASS_PROGRAM},
    [66] = {"upload function", CD_CLASS_PROGRAM},
    [67] = {"get point groups", CD_CLASS_READ},
    [68] = {"allocate symbol table", CD_CLASS_PROGRAM},
    [69] = {"get I/O address", CD_CLASS_READ},
    [70] = {"resend I/O address", CD_CLASS_READ},
    [71] = {"get program timing", CD_CLASS_READ},
    [72] = {"allocate multiple functions", CD_CLASS_PROGRAM},
    [73] = {"get node number", CD_CLASS_IDENTIFY},
    [74] = {"get symbol table", CD_CLASS_READ},
    [80] = {"go to download mode", CD_CLASS_MODE},
};

struct cd_tristation_function cd_tristation_function_of(uint8_t function)
{
    if (function < sizeof functions / sizeof functions[0] && functions[function].name)
        return functions[function];
    if (function >= CD_TRISTATION_REJECTED)
        return (struct cd_tristation_function){"response", CD_CLASS_OTHER};
    return (struct cd_tristation_function){"unknown function", CD_CLASS_OTHER};
}

const char *cd_tristation_reason_name(uint16_t reason)
{
    switch (reason) {
    case 200: return "wrong command";
    case 201: return "load is in progress";
    case 202: return "bad clock calendar data";
    case 203: return "control program not halted";
    case 204: return "control program checksum error";
    case 205: return "no memory available";
    case 206: return "control program not valid";
    case 207: return "not loading a control program";
    case 208: return "network is out of range";
    case 209: return "not enough arguments";
    case 210: return "a network is missing";
    case 211: return "the download time mismatches";
    case 212: return "key setting prohibits this operation";
    case 213: return "bad control program version";
    case 214: return "command not in correct sequence";
    case 216: return "bad index for a module";
    case 217: return "module address is invalid";
    case 220: return "bad offset for an I/O point";
    case 221: return "invalid point type";
    case 222: return "invalid point location";
    case 223: return "program name is invalid";
    case 227: return "invalid module type";
    case 229: return "invalid table type";
    case 231: return "invalid network continuation";
    case 232: return "invalid scan time";
    case 233: return "load is busy";
    case 234: return "a main processor has re-educated";
    case 235: return "invalid chassis or slot";
    case 236: return "invalid sequence of events number";
    case 237: return "invalid sequence of events type";
    case 238: return "invalid sequence of events state";
    case 239: return "the variable is write protected";
    case 240: return "node number mismatch";
    case 241: return "command not allowed";
    case 242: return "invalid sequence number";
    case 243: return "time change on a controller that is not master";
    case 244: return "no free TriStation ports";
    case 245: return "invalid TriStation I command";
    case 246: return "invalid TriStation 1131 command";
    case 247: return "only one chassis allowed";
    case 248: return "bad variable address";
    case 249: return "response overflow";
    case 250: return "invalid bus";
    case 251: return "disable is not allowed";
    case 252: return "invalid length";
    case 253: return "point cannot be disabled";
    case 254: return "too many retentive variables";
    default: return "unknown reason";
    }
}
