/* ADS: commands, ports, states, index groups and errors by name. */
#include "protocols/ads.h"

const char *cd_ads_command_name(uint16_t command)
{
    static const char *const names[] = {
        [CD_ADS_READ_DEVICE_INFO] = "read device info",
        [CD_ADS_READ] = "read",
        [CD_ADS_WRITE] = "write",
        [CD_ADS_READ_STATE] = "read state",
        [CD_ADS_WRITE_CONTROL] = "write control",
        [CD_ADS_ADD_NOTIFICATION] = "add device notification",
        [CD_ADS_DELETE_NOTIFICATION] = "delete device notification",
        [CD_ADS_NOTIFICATION] = "device notification",
        [CD_ADS_READ_WRITE] = "read write",
    };
    return command >= 1 && command < sizeof names / sizeof names[0] ? names[command] : "unknown command";
}

const char *cd_ads_port_name(uint16_t port)
{
    switch (port) {
    case 1: return "router";
    case 2: return "debugger";
    case 10: return "TCom server";
    case 30: return "license server";
    case 100: return "logger";
    case 110: return "event logger";
    case 200: return "real-time";
    case 290: return "trace";
    case 300: return "I/O";
    case 400: return "PLC real-time";
    case 500: return "NC";
    case 501: return "NC SAF";
    case 511: return "NC SVB";
    case 550: return "ISG";
    case 600: return "CNC";
    case 700: return "LINE";
    case 800: return "PLC";
    case 801:
    case 851: return "PLC runtime 1"; /* TwinCAT 2 and 3 */
    case 811:
    case 852: return "PLC runtime 2";
    case 821:
    case 853: return "PLC runtime 3";
    case 831:
    case 854: return "PLC runtime 4";
    case 900: return "camshaft controller";
    case 950: return "CAM tool";
    case CD_ADS_PORT_SYSTEM_SERVICE: return "system service";
    case 10201: return "scope";
    default: return NULL;
    }
}

const char *cd_ads_state_name(uint16_t state)
{
    static const char *const names[] = {"invalid",    "idle",     "reset",    "init",         "start",
                                        "run",        "stop",     "save",     "load",         "power failure",
                                        "power good", "error",    "shutdown", "suspend",      "resume",
                                        "config",     "reconfig", "stopping", "incompatible", "exception"};
    return state < sizeof names / sizeof names[0] ? names[state] : "unknown state";
}

/* Files, registry, time and processes of the machine, by the service on port 10000. */
static struct cd_ads_group_info system_group(uint32_t group)
{
    switch (group) {
    case 100: return (struct cd_ads_group_info){"open or create", CD_CLASS_FILE, true, true};
    case 101: return (struct cd_ads_group_info){"open for reading", CD_CLASS_FILE, true, true};
    case 102: return (struct cd_ads_group_info){"open for writing", CD_CLASS_FILE, true, true};
    case 110: return (struct cd_ads_group_info){"create file", CD_CLASS_FILE, true, true};
    case 111: return (struct cd_ads_group_info){"close handle", CD_CLASS_FILE, true, false};
    case 120: return (struct cd_ads_group_info){"open file", CD_CLASS_FILE, true, true};
    case 121: return (struct cd_ads_group_info){"close file", CD_CLASS_FILE, true, false};
    case 122: return (struct cd_ads_group_info){"read file", CD_CLASS_FILE, true, false};
    case 123: return (struct cd_ads_group_info){"write file", CD_CLASS_FILE, true, false};
    case 124: return (struct cd_ads_group_info){"seek in file", CD_CLASS_FILE, true, false};
    case 125: return (struct cd_ads_group_info){"position in file", CD_CLASS_FILE, true, false};
    case 126: return (struct cd_ads_group_info){"read line of file", CD_CLASS_FILE, true, false};
    case 127: return (struct cd_ads_group_info){"write line of file", CD_CLASS_FILE, true, false};
    case 130: return (struct cd_ads_group_info){"end of file", CD_CLASS_FILE, true, false};
    case 131: return (struct cd_ads_group_info){"delete file", CD_CLASS_FILE, true, true};
    case 132: return (struct cd_ads_group_info){"rename file", CD_CLASS_FILE, true, true};
    case 133: return (struct cd_ads_group_info){"find file", CD_CLASS_FILE, true, true};
    case 138: return (struct cd_ads_group_info){"make directory", CD_CLASS_FILE, true, true};
    case 139: return (struct cd_ads_group_info){"remove directory", CD_CLASS_FILE, true, true};
    case 200: return (struct cd_ads_group_info){"registry", CD_CLASS_CONFIGURE, false, true};
    case 300: return (struct cd_ads_group_info){"send e-mail", CD_CLASS_OTHER, false, false};
    case 400: return (struct cd_ads_group_info){"time", CD_CLASS_CONFIGURE, false, false};
    case 500: return (struct cd_ads_group_info){"start process", CD_CLASS_CONTROL, true, false};
    case 600: return (struct cd_ads_group_info){"change net id", CD_CLASS_CONFIGURE, true, false};
    case 700: return (struct cd_ads_group_info){"system information", CD_CLASS_CONFIGURE, false, false};
    case 801: return (struct cd_ads_group_info){"add route", CD_CLASS_CONFIGURE, true, false};
    case 802: return (struct cd_ads_group_info){"delete route", CD_CLASS_CONFIGURE, true, false};
    case 803: return (struct cd_ads_group_info){"list of routes", CD_CLASS_CONFIGURE, false, false};
    default: return (struct cd_ads_group_info){NULL, CD_CLASS_WRITE, false, false};
    }
}

struct cd_ads_group_info cd_ads_group(uint16_t port, uint32_t group)
{
    if (port == CD_ADS_PORT_SYSTEM_SERVICE && group < 0x1000)
        return system_group(group);
    switch (group) {
    case 0xf000: return (struct cd_ads_group_info){"symbol table", CD_CLASS_WRITE, false, false};
    case 0xf001: return (struct cd_ads_group_info){"symbol name", CD_CLASS_WRITE, false, false};
    case 0xf002: return (struct cd_ads_group_info){"symbol value", CD_CLASS_WRITE, false, false};
    case 0xf003: return (struct cd_ads_group_info){"handle of", CD_CLASS_READ, true, true};
    case 0xf004: return (struct cd_ads_group_info){"value of", CD_CLASS_WRITE, false, true};
    case 0xf005: return (struct cd_ads_group_info){"value by handle", CD_CLASS_WRITE, false, false};
    case 0xf006: return (struct cd_ads_group_info){"release handle", CD_CLASS_SESSION, true, false};
    case 0xf007: return (struct cd_ads_group_info){"information of", CD_CLASS_READ, true, true};
    case 0xf008: return (struct cd_ads_group_info){"symbol version", CD_CLASS_WRITE, false, false};
    case 0xf009: return (struct cd_ads_group_info){"information of", CD_CLASS_READ, true, true};
    case 0xf00a:
    case 0xf00d: return (struct cd_ads_group_info){"download of symbols", CD_CLASS_PROGRAM, true, false};
    case 0xf00b: return (struct cd_ads_group_info){"upload of symbols", CD_CLASS_READ, true, false};
    case 0xf00c:
    case 0xf00f: return (struct cd_ads_group_info){"information on upload", CD_CLASS_READ, true, false};
    case 0xf00e: return (struct cd_ads_group_info){"upload of data types", CD_CLASS_READ, true, false};
    case 0xf010: return (struct cd_ads_group_info){"notification of symbols", CD_CLASS_READ, true, false};
    case 0xf025: return (struct cd_ads_group_info){"size of inputs", CD_CLASS_WRITE, false, false};
    case 0xf035: return (struct cd_ads_group_info){"size of outputs", CD_CLASS_WRITE, false, false};
    case 0xf040: return (struct cd_ads_group_info){"clear inputs", CD_CLASS_CONTROL, true, false};
    case 0xf050: return (struct cd_ads_group_info){"clear outputs", CD_CLASS_CONTROL, true, false};
    case 0xf080: return (struct cd_ads_group_info){"sum read", CD_CLASS_READ, true, false};
    case 0xf081: return (struct cd_ads_group_info){"sum write", CD_CLASS_WRITE, true, false};
    case 0xf082: return (struct cd_ads_group_info){"sum read write", CD_CLASS_READ, true, false};
    case 0xf083:
    case 0xf084: return (struct cd_ads_group_info){"sum read", CD_CLASS_READ, true, false};
    case 0xf085: return (struct cd_ads_group_info){"sum add notification", CD_CLASS_READ, true, false};
    case 0xf086: return (struct cd_ads_group_info){"sum delete notification", CD_CLASS_SESSION, true, false};
    case 0xf100: return (struct cd_ads_group_info){"device data", CD_CLASS_WRITE, false, false};
    case 0xf302: return (struct cd_ads_group_info){"CoE object", CD_CLASS_CONFIGURE, false, false};
    default: return (struct cd_ads_group_info){NULL, CD_CLASS_WRITE, false, false};
    }
}

static const char *global_error(uint32_t error)
{
    static const char *const names[] = {
        [0x01] = "internal error",
        [0x02] = "no real-time",
        [0x03] = "allocation locked",
        [0x04] = "mailbox full",
        [0x05] = "wrong receive HMSG",
        [0x06] = "target port not found",
        [0x07] = "target machine not found",
        [0x08] = "unknown command id",
        [0x09] = "invalid task id",
        [0x0a] = "no I/O",
        [0x0b] = "unknown AMS command",
        [0x0c] = "Win32 error",
        [0x0d] = "port not connected",
        [0x0e] = "invalid AMS length",
        [0x0f] = "invalid AMS net id",
        [0x10] = "installation level too low",
        [0x11] = "no debugging available",
        [0x12] = "port disabled",
        [0x13] = "port already connected",
        [0x14] = "AMS sync Win32 error",
        [0x15] = "AMS sync timeout",
        [0x16] = "AMS sync error",
        [0x17] = "AMS sync index map missing",
        [0x18] = "invalid AMS port",
        [0x19] = "no memory",
        [0x1a] = "TCP send error",
        [0x1b] = "host unreachable",
        [0x1c] = "invalid AMS fragment",
        [0x1d] = "TLS send error",
        [0x1e] = "access denied",
    };
    return error && error < sizeof names / sizeof names[0] ? names[error] : "general error";
}

static const char *router_error(uint32_t error)
{
    static const char *const names[] = {
        "no locked memory",    "router memory size not changed",
        "router mailbox full", "debug mailbox full",
        "unknown port type",   "router not initialized",
        "port already in use", "port not registered",
        "no more ports",       "invalid port",
        "router not active",   "mailbox full of fragments",
        "fragment timeout",    "port removed",
    };
    return error - 0x500 < sizeof names / sizeof names[0] ? names[error - 0x500] : "router error";
}

static const char *device_error(uint32_t error)
{
    static const char *const names[] = {
        "device error",
        "service not supported by server",
        "invalid index group",
        "invalid index offset",
        "reading or writing not permitted",
        "parameter size not correct",
        "invalid data values",
        "device not ready",
        "device busy",
        "invalid operating system context",
        "out of memory",
        "invalid parameter values",
        "not found",
        "syntax error in file or command",
        "objects do not match",
        "object already exists",
        "symbol not found",
        "invalid symbol version",
        "device in invalid state",
        "transmission mode not supported",
        "invalid notification handle",
        "notification client not registered",
        "no more notification handles",
        "notification size too large",
        "device not initialized",
        "device timeout",
        "interface query failed",
        "wrong interface requested",
        "invalid class id",
        "invalid object id",
        "request pending",
        "request aborted",
        "signal warning",
        "invalid array index",
        "symbol not active",
        "access denied",
        "license missing",
        "license expired",
        "license exceeded",
        "license invalid",
        "license of another system",
        "license not limited in time",
        "license issued in the future",
        "license time too long",
        "exception at system startup",
        "license file read twice",
        "invalid signature",
        "invalid certificate",
        "public key not known",
        "license not valid for this system id",
        "demo license prohibited",
        "invalid function id",
        "outside the valid range",
        "invalid alignment",
        "invalid platform level",
    };
    return error - 0x700 < sizeof names / sizeof names[0] ? names[error - 0x700] : "device error";
}

static const char *client_error(uint32_t error)
{
    switch (error) {
    case 0x741: return "invalid parameter at service";
    case 0x742: return "polling list empty";
    case 0x743: return "var connection already in use";
    case 0x744: return "invoke id in use";
    case 0x745: return "timeout elapsed";
    case 0x746: return "Win32 subsystem error";
    case 0x747: return "invalid timeout";
    case 0x748: return "port not opened";
    case 0x749: return "no AMS address";
    case 0x750: return "internal error of ADS sync";
    case 0x751: return "hash table overflow";
    case 0x752: return "key not found in hash";
    case 0x753: return "no more symbols in cache";
    case 0x754: return "invalid response received";
    case 0x755: return "sync port locked";
    default: return "client error";
    }
}

const char *cd_ads_error_name(uint32_t error)
{
    if (error < 0x500)
        return global_error(error);
    if (error < 0x700)
        return router_error(error);
    if (error < 0x740)
        return device_error(error);
    if (error < 0x800)
        return client_error(error);
    switch (error) {
    case 0x274c: return "connection timeout";
    case 0x274d: return "connection refused";
    case 0x2751: return "no route to host";
    default: return error >= 0x1000 && error < 0x1100 ? "real-time error" : "unknown error";
    }
}
