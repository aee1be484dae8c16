/* FINS: the commands (W342 5-1-1, 5-2-1) and end codes (5-1-3). */
#include "base/text.h"
#include "protocols/fins.h"

/* In the order of their codes. */
static const struct cd_fins_command commands[] = {
    {0x0101, CD_CLASS_READ, 6, "memory area read"},
    {0x0102, CD_CLASS_WRITE, 6, "memory area write"},
    {0x0103, CD_CLASS_WRITE, 8, "memory area fill"},
    {0x0104, CD_CLASS_READ, 4, "multiple memory area read"},
    {0x0105, CD_CLASS_WRITE, 10, "memory area transfer"},
    {0x0201, CD_CLASS_READ, 6, "parameter area read"},
    {0x0202, CD_CLASS_CONFIGURE, 6, "parameter area write"},
    {0x0203, CD_CLASS_CONFIGURE, 8, "parameter area clear"},
    {0x0220, CD_CLASS_READ, 0, "data link table read"},
    {0x0221, CD_CLASS_CONFIGURE, 0, "data link table write"},
    {0x0304, CD_CLASS_PROGRAM, 11, "program area protect"},
    {0x0305, CD_CLASS_PROGRAM, 11, "program area protect clear"},
    {0x0306, CD_CLASS_PROGRAM, 8, "program area read"},
    {0x0307, CD_CLASS_PROGRAM, 8, "program area write"},
    {0x0308, CD_CLASS_PROGRAM, 3, "program area clear"},
    {0x0401, CD_CLASS_MODE, 0, "run"},
    {0x0402, CD_CLASS_MODE, 0, "stop"},
    {0x0403, CD_CLASS_MODE, 0, "reset"},
    {0x0501, CD_CLASS_IDENTIFY, 0, "controller data read"},
    {0x0502, CD_CLASS_IDENTIFY, 0, "connection data read"},
    {0x0601, CD_CLASS_DIAGNOSE, 0, "controller status read"},
    {0x0602, CD_CLASS_DIAGNOSE, 0, "network status read"},
    {0x0603, CD_CLASS_DIAGNOSE, 0, "data link status read"},
    {0x0620, CD_CLASS_DIAGNOSE, 1, "cycle time read"},
    {0x0701, CD_CLASS_READ, 0, "clock read"},
    {0x0702, CD_CLASS_CONFIGURE, 5, "clock write"},
    {0x0801, CD_CLASS_DIAGNOSE, 0, "loop-back test"},
    {0x0802, CD_CLASS_DIAGNOSE, 0, "broadcast test results read"},
    {0x0803, CD_CLASS_DIAGNOSE, 0, "broadcast test data send"},
    {0x0920, CD_CLASS_ALARM, 2, "message read"},
    {0x0c01, CD_CLASS_CONTROL, 2, "access right acquire"},
    {0x0c02, CD_CLASS_CONTROL, 2, "access right forced acquire"},
    {0x0c03, CD_CLASS_CONTROL, 2, "access right release"},
    {0x2101, CD_CLASS_ALARM, 2, "error clear"},
    {0x2102, CD_CLASS_DIAGNOSE, 4, "error log read"},
    {0x2103, CD_CLASS_ALARM, 0, "error log clear"},
    {0x2140, CD_CLASS_DIAGNOSE, 4, "FINS write access log read"},
    {0x2141, CD_CLASS_ALARM, 0, "FINS write access log clear"},
    {0x2201, CD_CLASS_FILE, 6, "file name read"},
    {0x2202, CD_CLASS_FILE, 18, "single file read"},
    {0x2203, CD_CLASS_FILE, 22, "single file write"},
    {0x2204, CD_CLASS_FILE, 2, "memory card format"},
    {0x2205, CD_CLASS_FILE, 4, "file delete"},
    {0x2206, CD_CLASS_FILE, 4, "volume label create or delete"},
    {0x2207, CD_CLASS_FILE, 28, "file copy"},
    {0x2208, CD_CLASS_FILE, 26, "file name change"},
    {0x2209, CD_CLASS_FILE, 14, "file data check"},
    {0x220a, CD_CLASS_FILE, 22, "memory area file transfer"},
    {0x220b, CD_CLASS_FILE, 22, "parameter area file transfer"},
    {0x220c, CD_CLASS_PROGRAM, 26, "program area file transfer"},
    {0x220f, CD_CLASS_FILE, 3, "file memory index read"},
    {0x2210, CD_CLASS_FILE, 2, "file memory read"},
    {0x2211, CD_CLASS_FILE, 3, "file memory write"},
    {0x2215, CD_CLASS_FILE, 4, "create or delete directory"},
    {0x2220, CD_CLASS_FILE, 2, "memory cassette transfer"},
    {0x2301, CD_CLASS_CONTROL, 8, "forced set or reset"},
    {0x2302, CD_CLASS_CONTROL, 0, "forced set or reset cancel"},
    {0x230a, CD_CLASS_READ, 6, "multiple forced status read"},
    {0x2601, CD_CLASS_CONFIGURE, 1, "name set"},
    {0x2602, CD_CLASS_CONFIGURE, 0, "name delete"},
    {0x2603, CD_CLASS_IDENTIFY, 0, "name read"},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

const struct cd_fins_command *cd_fins_command_of(uint16_t code)
{
    unsigned low = 0, high = COMMANDS;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (commands[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < COMMANDS && commands[low].code == code ? &commands[low] : NULL;
}

static const char *parameter_error(uint16_t end_code)
{
    switch (end_code) {
    case 0x1001: return "command too long";
    case 0x1002: return "command too short";
    case 0x1003: return "number of elements and data don't match";
    case 0x1004: return "command format error";
    case 0x1005: return "header error";
    case 0x1101: return "area classification missing";
    case 0x1102: return "access size error";
    case 0x1103: return "address range error";
    case 0x1104: return "address range exceeded";
    case 0x1106: return "program missing";
    case 0x1109: return "relational error";
    case 0x110a: return "duplicate data access";
    case 0x110b: return "response too long";
    case 0x110c: return "parameter error";
    default: return end_code >> 8 == 0x10 ? "command format error" : "parameter error";
    }
}

static const char *access_error(uint16_t end_code)
{
    switch (end_code) {
    case 0x2002: return "read not possible: protected";
    case 0x2003: return "read not possible: table missing";
    case 0x2004: return "read not possible: data missing";
    case 0x2005: return "read not possible: program missing";
    case 0x2006: return "read not possible: file missing";
    case 0x2007: return "read not possible: data mismatch";
    case 0x2101: return "write not possible: read-only";
    case 0x2102: return "write not possible: protected";
    case 0x2103: return "write not possible: cannot register";
    case 0x2105: return "write not possible: program missing";
    case 0x2106: return "write not possible: file missing";
    case 0x2107: return "write not possible: file name already exists";
    case 0x2108: return "write not possible: cannot change";
    case 0x2201: return "not possible during execution";
    case 0x2202: return "not possible while running";
    case 0x2203: return "not possible in program mode";
    case 0x2204: return "not possible in debug mode";
    case 0x2205: return "not possible in monitor mode";
    case 0x2206: return "not possible in run mode";
    case 0x2207: return "specified node not polling node";
    case 0x2208: return "step cannot be executed";
    case 0x2301: return "file device missing";
    case 0x2302: return "memory missing";
    case 0x2303: return "clock missing";
    case 0x2401: return "cannot start: table missing";
    default: break;
    }
    switch (end_code >> 8) {
    case 0x20: return "read not possible";
    case 0x21: return "write not possible";
    case 0x22: return "not executable in current mode";
    case 0x23: return "no such device";
    default: return "cannot start or stop";
    }
}

static const char *unit_error(uint16_t end_code)
{
    switch (end_code) {
    case 0x2502: return "memory error";
    case 0x2503: return "I/O setting error";
    case 0x2504: return "too many I/O points";
    case 0x2505: return "CPU bus error";
    case 0x2506: return "I/O duplication";
    case 0x2507: return "I/O bus error";
    case 0x2509: return "SYSMAC BUS/2 error";
    case 0x250a: return "CPU bus unit error";
    case 0x250d: return "SYSMAC BUS number duplication";
    case 0x250f: return "memory error";
    case 0x2510: return "SYSMAC BUS terminator missing";
    case 0x2601: return "no protection";
    case 0x2602: return "incorrect password";
    case 0x2604: return "protected";
    case 0x2605: return "service already executing";
    case 0x2606: return "service stopped";
    case 0x2607: return "no execution right";
    case 0x2608: return "settings required before execution";
    case 0x2609: return "necessary items not set";
    case 0x260a: return "number already defined";
    case 0x260b: return "error will not clear";
    default: return end_code >> 8 == 0x25 ? "unit error" : "command error";
    }
}

static const char *network_error(uint16_t end_code)
{
    switch (end_code) {
    case 0x0001: return "service cancelled";
    case 0x0101: return "local node not in network";
    case 0x0102: return "token timeout";
    case 0x0103: return "retries failed";
    case 0x0104: return "too many send frames";
    case 0x0105: return "node address range error";
    case 0x0106: return "node address duplication";
    case 0x0201: return "destination node not in network";
    case 0x0202: return "unit missing";
    case 0x0203: return "third node missing";
    case 0x0204: return "destination node busy";
    case 0x0205: return "response timeout";
    case 0x0301: return "communications controller error";
    case 0x0302: return "CPU unit error";
    case 0x0303: return "controller error";
    case 0x0304: return "unit number error";
    case 0x0401: return "undefined command";
    case 0x0402: return "not supported by model or version";
    case 0x0501: return "destination address setting error";
    case 0x0502: return "no routing tables";
    case 0x0503: return "routing table error";
    case 0x0504: return "too many relays";
    default: return "unknown end code";
    }
}

const char *cd_fins_end_code_name(uint16_t end_code)
{
    switch (end_code >> 8) {
    case 0x10:
    case 0x11: return parameter_error(end_code);
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24: return access_error(end_code);
    case 0x25:
    case 0x26: return unit_error(end_code);
    case 0x30: return "no access right";
    case 0x40: return "service aborted";
    default: return network_error(end_code);
    }
}

/* W420 7-4: errors of FINS/TCP headers. */
const char *cd_fins_tcp_error_name(uint32_t error)
{
    switch (error) {
    case 1: return "FINS/TCP: the header is not FINS";
    case 2: return "FINS/TCP: data length too long";
    case 3: return "FINS/TCP: command not supported";
    case 0x20: return "FINS/TCP: all connections are in use";
    case 0x21: return "FINS/TCP: the node is already connected";
    case 0x22: return "FINS/TCP: access to a protected node from an unspecified address";
    case 0x23: return "FINS/TCP: client node address out of range";
    case 0x24: return "FINS/TCP: client and server use the same node address";
    case 0x25: return "FINS/TCP: no node address is left to allocate";
    default: return "FINS/TCP: unknown error";
    }
}
