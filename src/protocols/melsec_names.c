/* MELSEC: commands (SH-080008 chapters 3 to 8, SH-080956 5), devices (SH-080956 5.2) and end codes. */
#include "protocols/melsec.h"

struct cd_melsec_command cd_melsec_command_of(uint16_t command)
{
    switch (command) {
    case 0x0101: return (struct cd_melsec_command){"read type name", NULL, CD_CLASS_IDENTIFY};
    case 0x0401: return (struct cd_melsec_command){"batch read in words", "batch read in bits", CD_CLASS_READ};
    case 0x0403: return (struct cd_melsec_command){"random read", NULL, CD_CLASS_READ};
    case 0x0406: return (struct cd_melsec_command){"read multiple blocks", NULL, CD_CLASS_READ};
    case 0x041a: return (struct cd_melsec_command){"array label read", NULL, CD_CLASS_READ};
    case 0x041c: return (struct cd_melsec_command){"label read random", NULL, CD_CLASS_READ};
    case 0x0601: return (struct cd_melsec_command){"intelligent module read", NULL, CD_CLASS_READ};
    case 0x0613: return (struct cd_melsec_command){"buffer memory read", NULL, CD_CLASS_READ};
    case 0x0619: return (struct cd_melsec_command){"loopback test", NULL, CD_CLASS_DIAGNOSE};
    case 0x0801: return (struct cd_melsec_command){"register monitor data", NULL, CD_CLASS_READ};
    case 0x0802: return (struct cd_melsec_command){"monitor", NULL, CD_CLASS_READ};
    case 0x0e30: return (struct cd_melsec_command){"node search", NULL, CD_CLASS_IDENTIFY};
    case 0x0e31: return (struct cd_melsec_command){"IP address set", NULL, CD_CLASS_CONFIGURE};
    case 0x0e70: return (struct cd_melsec_command){"cyclic data", NULL, CD_CLASS_WRITE};
    case 0x1001: return (struct cd_melsec_command){"remote run", NULL, CD_CLASS_MODE};
    case 0x1002: return (struct cd_melsec_command){"remote stop", NULL, CD_CLASS_MODE};
    case 0x1003: return (struct cd_melsec_command){"remote pause", NULL, CD_CLASS_MODE};
    case 0x1005: return (struct cd_melsec_command){"remote latch clear", NULL, CD_CLASS_MODE};
    case 0x1006: return (struct cd_melsec_command){"remote reset", NULL, CD_CLASS_MODE};
    case 0x1401: return (struct cd_melsec_command){"batch write in words", "batch write in bits", CD_CLASS_WRITE};
    case 0x1402: return (struct cd_melsec_command){"random write in words", "random write in bits", CD_CLASS_WRITE};
    case 0x1406: return (struct cd_melsec_command){"write multiple blocks", NULL, CD_CLASS_WRITE};
    case 0x141a: return (struct cd_melsec_command){"array label write", NULL, CD_CLASS_WRITE};
    case 0x141b: return (struct cd_melsec_command){"label write random", NULL, CD_CLASS_WRITE};
    case 0x1601: return (struct cd_melsec_command){"intelligent module write", NULL, CD_CLASS_WRITE};
    case 0x1613: return (struct cd_melsec_command){"buffer memory write", NULL, CD_CLASS_WRITE};
    case 0x1617: return (struct cd_melsec_command){"clear error", NULL, CD_CLASS_ALARM};
    case 0x1630: return (struct cd_melsec_command){"remote password unlock", NULL, CD_CLASS_SESSION};
    case 0x1631: return (struct cd_melsec_command){"remote password lock", NULL, CD_CLASS_SESSION};
    case 0x1810: return (struct cd_melsec_command){"read directory", NULL, CD_CLASS_FILE};
    case 0x1811: return (struct cd_melsec_command){"search directory", NULL, CD_CLASS_FILE};
    case 0x1820: return (struct cd_melsec_command){"new file", NULL, CD_CLASS_FILE};
    case 0x1822: return (struct cd_melsec_command){"delete file", NULL, CD_CLASS_FILE};
    case 0x1824: return (struct cd_melsec_command){"copy file", NULL, CD_CLASS_FILE};
    case 0x1825: return (struct cd_melsec_command){"change file attribute", NULL, CD_CLASS_FILE};
    case 0x1826: return (struct cd_melsec_command){"change file creation date", NULL, CD_CLASS_FILE};
    case 0x1827: return (struct cd_melsec_command){"open file", NULL, CD_CLASS_FILE};
    case 0x1828: return (struct cd_melsec_command){"read file", NULL, CD_CLASS_FILE};
    case 0x1829: return (struct cd_melsec_command){"write file", NULL, CD_CLASS_PROGRAM};
    case 0x182a: return (struct cd_melsec_command){"close file", NULL, CD_CLASS_FILE};
    case 0x2101: return (struct cd_melsec_command){"on-demand data", NULL, CD_CLASS_READ};
    default: return (struct cd_melsec_command){NULL, NULL, CD_CLASS_OTHER};
    }
}

struct cd_melsec_command cd_melsec_1e_command_of(uint8_t command)
{
    switch (command) {
    case 0x00: return (struct cd_melsec_command){"batch read in bits", NULL, CD_CLASS_READ};
    case 0x01: return (struct cd_melsec_command){"batch read in words", NULL, CD_CLASS_READ};
    case 0x02: return (struct cd_melsec_command){"batch write in bits", NULL, CD_CLASS_WRITE};
    case 0x03: return (struct cd_melsec_command){"batch write in words", NULL, CD_CLASS_WRITE};
    case 0x04: return (struct cd_melsec_command){"test in bits", NULL, CD_CLASS_WRITE};
    case 0x05: return (struct cd_melsec_command){"test in words", NULL, CD_CLASS_WRITE};
    case 0x06: return (struct cd_melsec_command){"register monitor data in bits", NULL, CD_CLASS_READ};
    case 0x07: return (struct cd_melsec_command){"register monitor data in words", NULL, CD_CLASS_READ};
    case 0x08: return (struct cd_melsec_command){"monitor in bits", NULL, CD_CLASS_READ};
    case 0x09: return (struct cd_melsec_command){"monitor in words", NULL, CD_CLASS_READ};
    case 0x0e: return (struct cd_melsec_command){"special function module read", NULL, CD_CLASS_READ};
    case 0x0f: return (struct cd_melsec_command){"special function module write", NULL, CD_CLASS_WRITE};
    case 0x13: return (struct cd_melsec_command){"remote run", NULL, CD_CLASS_MODE};
    case 0x14: return (struct cd_melsec_command){"remote stop", NULL, CD_CLASS_MODE};
    case 0x15: return (struct cd_melsec_command){"read type name", NULL, CD_CLASS_IDENTIFY};
    case 0x16: return (struct cd_melsec_command){"loopback test", NULL, CD_CLASS_DIAGNOSE};
    case 0x17: return (struct cd_melsec_command){"extension file register read", NULL, CD_CLASS_READ};
    case 0x18: return (struct cd_melsec_command){"extension file register write", NULL, CD_CLASS_WRITE};
    default: return (struct cd_melsec_command){NULL, NULL, CD_CLASS_OTHER};
    }
}

/* Of engineering tools. Their numbers are those of the MC protocol where the work is the same. */
struct cd_melsec_command cd_melsoft_command_of(uint16_t command)
{
    switch (command) {
    case 0x0101:
    case 0x0121: return (struct cd_melsec_command){"read type name", NULL, CD_CLASS_IDENTIFY};
    case 0x0131: return (struct cd_melsec_command){"user name login", NULL, CD_CLASS_SESSION};
    case 0x0132: return (struct cd_melsec_command){"password login", NULL, CD_CLASS_SESSION};
    case 0x0133:
    case 0x0134: return (struct cd_melsec_command){"read user information", NULL, CD_CLASS_READ};
    case 0x0150: return (struct cd_melsec_command){"safety mode read", NULL, CD_CLASS_READ};
    case 0x0410: return (struct cd_melsec_command){"read memory", NULL, CD_CLASS_READ};
    case 0x1001: return (struct cd_melsec_command){"remote run", NULL, CD_CLASS_MODE};
    case 0x1002: return (struct cd_melsec_command){"remote stop", NULL, CD_CLASS_MODE};
    case 0x1003: return (struct cd_melsec_command){"remote pause", NULL, CD_CLASS_MODE};
    case 0x1005: return (struct cd_melsec_command){"remote latch clear", NULL, CD_CLASS_MODE};
    case 0x1006: return (struct cd_melsec_command){"remote reset", NULL, CD_CLASS_MODE};
    case 0x1120: return (struct cd_melsec_command){"safety mode change", NULL, CD_CLASS_MODE};
    case 0x1133: return (struct cd_melsec_command){"register user information", NULL, CD_CLASS_CONFIGURE};
    case 0x1410: return (struct cd_melsec_command){"write memory", NULL, CD_CLASS_WRITE};
    case 0x1859: return (struct cd_melsec_command){"read directory", NULL, CD_CLASS_FILE};
    case 0x185f: return (struct cd_melsec_command){"search file", NULL, CD_CLASS_FILE};
    case 0x1867: return (struct cd_melsec_command){"open file", NULL, CD_CLASS_FILE};
    case 0x1868: return (struct cd_melsec_command){"read file", NULL, CD_CLASS_FILE};
    case 0x1869: return (struct cd_melsec_command){"write file", NULL, CD_CLASS_PROGRAM};
    case 0x186a: return (struct cd_melsec_command){"close file", NULL, CD_CLASS_FILE};
    case 0x187e: return (struct cd_melsec_command){"read file information", NULL, CD_CLASS_FILE};
    case 0x18a0: return (struct cd_melsec_command){"read drive information", NULL, CD_CLASS_FILE};
    default: return (struct cd_melsec_command){"unknown command", NULL, CD_CLASS_OTHER};
    }
}

struct cd_melsec_device cd_melsec_device_of(uint16_t code)
{
    switch (code) {
    case 0x2c: return (struct cd_melsec_device){"RD", false};
    case 0x50: return (struct cd_melsec_device){"LTC", false};
    case 0x51: return (struct cd_melsec_device){"LTS", false};
    case 0x52: return (struct cd_melsec_device){"LTN", false};
    case 0x54: return (struct cd_melsec_device){"LCC", false};
    case 0x55: return (struct cd_melsec_device){"LCS", false};
    case 0x56: return (struct cd_melsec_device){"LCN", false};
    case 0x58: return (struct cd_melsec_device){"LSTC", false};
    case 0x59: return (struct cd_melsec_device){"LSTS", false};
    case 0x5a: return (struct cd_melsec_device){"LSTN", false};
    case 0x62: return (struct cd_melsec_device){"LZ", false};
    case 0x90: return (struct cd_melsec_device){"M", false};
    case 0x91: return (struct cd_melsec_device){"SM", false};
    case 0x92: return (struct cd_melsec_device){"L", false};
    case 0x93: return (struct cd_melsec_device){"F", false};
    case 0x94: return (struct cd_melsec_device){"V", false};
    case 0x98: return (struct cd_melsec_device){"S", false};
    case 0x9c: return (struct cd_melsec_device){"X", true};
    case 0x9d: return (struct cd_melsec_device){"Y", true};
    case 0xa0: return (struct cd_melsec_device){"B", true};
    case 0xa1: return (struct cd_melsec_device){"SB", true};
    case 0xa2: return (struct cd_melsec_device){"DX", true};
    case 0xa3: return (struct cd_melsec_device){"DY", true};
    case 0xa8: return (struct cd_melsec_device){"D", false};
    case 0xa9: return (struct cd_melsec_device){"SD", false};
    case 0xab: return (struct cd_melsec_device){"G", false};
    case 0xaf: return (struct cd_melsec_device){"R", false};
    case 0xb0: return (struct cd_melsec_device){"ZR", false};
    case 0xb4: return (struct cd_melsec_device){"W", true};
    case 0xb5: return (struct cd_melsec_device){"SW", true};
    case 0xc0: return (struct cd_melsec_device){"TC", false};
    case 0xc1: return (struct cd_melsec_device){"TS", false};
    case 0xc2: return (struct cd_melsec_device){"TN", false};
    case 0xc3: return (struct cd_melsec_device){"CC", false};
    case 0xc4: return (struct cd_melsec_device){"CS", false};
    case 0xc5: return (struct cd_melsec_device){"CN", false};
    case 0xc6: return (struct cd_melsec_device){"STC", false};
    case 0xc7: return (struct cd_melsec_device){"STS", false};
    case 0xc8: return (struct cd_melsec_device){"STN", false};
    case 0xcc: return (struct cd_melsec_device){"Z", false};
    default: return (struct cd_melsec_device){NULL, false};
    }
}

const char *cd_melsec_end_code_name(uint16_t end_code)
{
    switch (end_code) {
    case 0xc050: return "ASCII data cannot be converted";
    case 0xc051:
    case 0xc052:
    case 0xc053:
    case 0xc054: return "number of points out of range";
    case 0xc056: return "request exceeds the last address";
    case 0xc058: return "ASCII data length does not agree";
    case 0xc059: return "command or subcommand not allowed";
    case 0xc05b: return "the device cannot be accessed";
    case 0xc05c: return "request data incorrect";
    case 0xc05d: return "monitor registration missing";
    case 0xc05e: return "monitoring timer exceeded";
    case 0xc05f: return "not executable by the target";
    case 0xc060: return "bit data incorrect";
    case 0xc061: return "data length does not agree";
    case 0xc06f: return "binary and ASCII do not agree";
    case 0xc070: return "device memory extension not possible";
    case 0xc0b5: return "data cannot be handled";
    case 0xc200: return "remote password wrong";
    case 0xc201: return "locked by remote password";
    case 0xc204: return "unlocked by another device";
    case 0xc810: return "remote password wrong";
    case 0xc815: return "locked out for wrong passwords";
    case 0xcee0:
    case 0xcee1: return "another request is processed";
    case 0x4010: return "not executable in run";
    case 0x4013: return "not executable in stop";
    case 0x4030: return "device not there";
    case 0x4031: return "device number out of range";
    case 0x408b: return "remote request not executable";
    default: break;
    }
    if (end_code >= 0x4000 && end_code < 0x5000)
        return "error of the CPU module";
    if (end_code >= 0xc000 && end_code < 0xd000)
        return "error of the Ethernet module";
    return "error end code";
}

bool cd_melsec_is_password_error(uint16_t end_code)
{
    return end_code == 0xc200 || end_code == 0xc810 || end_code == 0xc815;
}
