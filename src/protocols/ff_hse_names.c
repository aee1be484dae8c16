/* Foundation Fieldbus HSE: names of services and errors. */
#include "protocols/ff_hse.h"

enum { CONFIRMED = 0x80 };

static const struct cd_ff_service services[] = {
    {CD_FF_FDA, 1 | CONFIRMED, CD_CLASS_SESSION, "open session"},
    {CD_FF_FDA, 3 | CONFIRMED, CD_CLASS_SESSION, "idle"},
    {CD_FF_SM, 1, CD_CLASS_IDENTIFY, "find tag query"},
    {CD_FF_SM, 2, CD_CLASS_IDENTIFY, "find tag reply"},
    {CD_FF_SM, 16, CD_CLASS_IDENTIFY, "device annunciation"},
    {CD_FF_SM, 3 | CONFIRMED, CD_CLASS_IDENTIFY, "identify"},
    {CD_FF_SM, 12 | CONFIRMED, CD_CLASS_CONFIGURE, "clear address"},
    {CD_FF_SM, 14 | CONFIRMED, CD_CLASS_CONFIGURE, "set assignment info"},
    {CD_FF_SM, 15 | CONFIRMED, CD_CLASS_CONFIGURE, "clear assignment info"},
    {CD_FF_FMS, 0, CD_CLASS_READ, "information report"},
    {CD_FF_FMS, 1, CD_CLASS_DIAGNOSE, "unsolicited status"},
    {CD_FF_FMS, 2, CD_CLASS_ALARM, "event notification"},
    {CD_FF_FMS, 16, CD_CLASS_READ, "information report with subindex"},
    {CD_FF_FMS, 17, CD_CLASS_READ, "information report on change"},
    {CD_FF_FMS, 18, CD_CLASS_READ, "information report on change with subindex"},
    {CD_FF_FMS, 112, CD_CLASS_SESSION, "abort"},
    {CD_FF_FMS, 0 | CONFIRMED, CD_CLASS_DIAGNOSE, "status"},
    {CD_FF_FMS, 1 | CONFIRMED, CD_CLASS_IDENTIFY, "FMS identify"},
    {CD_FF_FMS, 2 | CONFIRMED, CD_CLASS_READ, "read"},
    {CD_FF_FMS, 3 | CONFIRMED, CD_CLASS_WRITE, "write"},
    {CD_FF_FMS, 4 | CONFIRMED, CD_CLASS_READ, "get object dictionary"},
    {CD_FF_FMS, 7 | CONFIRMED, CD_CLASS_CONFIGURE, "define variable list"},
    {CD_FF_FMS, 8 | CONFIRMED, CD_CLASS_CONFIGURE, "delete variable list"},
    {CD_FF_FMS, 9 | CONFIRMED, CD_CLASS_PROGRAM, "initiate download sequence"},
    {CD_FF_FMS, 10 | CONFIRMED, CD_CLASS_PROGRAM, "download segment"},
    {CD_FF_FMS, 11 | CONFIRMED, CD_CLASS_PROGRAM, "terminate download sequence"},
    {CD_FF_FMS, 12 | CONFIRMED, CD_CLASS_PROGRAM, "initiate upload sequence"},
    {CD_FF_FMS, 13 | CONFIRMED, CD_CLASS_PROGRAM, "upload segment"},
    {CD_FF_FMS, 14 | CONFIRMED, CD_CLASS_PROGRAM, "terminate upload sequence"},
    {CD_FF_FMS, 15 | CONFIRMED, CD_CLASS_PROGRAM, "request domain download"},
    {CD_FF_FMS, 16 | CONFIRMED, CD_CLASS_PROGRAM, "request domain upload"},
    {CD_FF_FMS, 17 | CONFIRMED, CD_CLASS_PROGRAM, "create program invocation"},
    {CD_FF_FMS, 18 | CONFIRMED, CD_CLASS_PROGRAM, "delete program invocation"},
    {CD_FF_FMS, 19 | CONFIRMED, CD_CLASS_MODE, "start"},
    {CD_FF_FMS, 20 | CONFIRMED, CD_CLASS_MODE, "stop"},
    {CD_FF_FMS, 21 | CONFIRMED, CD_CLASS_MODE, "resume"},
    {CD_FF_FMS, 22 | CONFIRMED, CD_CLASS_MODE, "reset"},
    {CD_FF_FMS, 23 | CONFIRMED, CD_CLASS_MODE, "kill"},
    {CD_FF_FMS, 24 | CONFIRMED, CD_CLASS_CONFIGURE, "alter event condition monitoring"},
    {CD_FF_FMS, 25 | CONFIRMED, CD_CLASS_ALARM, "acknowledge event notification"},
    {CD_FF_FMS, 28 | CONFIRMED, CD_CLASS_CONFIGURE, "initiate put object dictionary"},
    {CD_FF_FMS, 29 | CONFIRMED, CD_CLASS_CONFIGURE, "put object dictionary"},
    {CD_FF_FMS, 30 | CONFIRMED, CD_CLASS_CONFIGURE, "terminate put object dictionary"},
    {CD_FF_FMS, 31 | CONFIRMED, CD_CLASS_PROGRAM, "generic initiate download sequence"},
    {CD_FF_FMS, 32 | CONFIRMED, CD_CLASS_PROGRAM, "generic download segment"},
    {CD_FF_FMS, 33 | CONFIRMED, CD_CLASS_PROGRAM, "generic terminate download sequence"},
    {CD_FF_FMS, 82 | CONFIRMED, CD_CLASS_READ, "read with subindex"},
    {CD_FF_FMS, 83 | CONFIRMED, CD_CLASS_WRITE, "write with subindex"},
    {CD_FF_FMS, 96 | CONFIRMED, CD_CLASS_SESSION, "initiate"},
    {CD_FF_LAN, 1, CD_CLASS_DIAGNOSE, "diagnostic message"},
    {CD_FF_LAN, 1 | CONFIRMED, CD_CLASS_READ, "get redundancy information"},
    {CD_FF_LAN, 2 | CONFIRMED, CD_CLASS_CONFIGURE, "put redundancy information"},
    {CD_FF_LAN, 3 | CONFIRMED, CD_CLASS_DIAGNOSE, "get redundancy statistics"},
};

const struct cd_ff_service *cd_ff_service_of(uint8_t protocol, uint8_t service)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (services[i].protocol == protocol && services[i].service == service)
            return &services[i];
    return NULL;
}

const char *cd_ff_error_name(uint8_t error_class)
{
    static const char *const names[] = {NULL,
                                        "VFD state error",
                                        "application reference error",
                                        "definition error",
                                        "resource error",
                                        "service error",
                                        "access error",
                                        "object dictionary error",
                                        "other error",
                                        "reject",
                                        "H1 SM reason",
                                        "FMS initiate error"};
    return error_class && error_class < sizeof names / sizeof *names ? names[error_class] : "error";
}
