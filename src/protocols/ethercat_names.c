/* EtherCAT: names of commands, registers, states and errors (ETG.1000.4, ETG.1000.6, ETG.1020). */
#include "protocols/ethercat.h"

const char *cd_ethercat_command_name(uint8_t command)
{
    static const char *const names[CD_ETHERCAT_COMMAND_NUMBERS] = {"NOP no operation",
                                                                   "APRD read by position",
                                                                   "APWR write by position",
                                                                   "APRW read and write by position",
                                                                   "FPRD read by station",
                                                                   "FPWR write by station",
                                                                   "FPRW read and write by station",
                                                                   "BRD broadcast read",
                                                                   "BWR broadcast write",
                                                                   "BRW broadcast read and write",
                                                                   "LRD logical read",
                                                                   "LWR logical write",
                                                                   "LRW logical read and write",
                                                                   "ARMW read by position, multiple write",
                                                                   "FRMW read by station, multiple write"};
    return command < CD_ETHERCAT_COMMAND_NUMBERS ? names[command] : "unassigned command";
}

const char *cd_ethercat_register_name(uint16_t offset)
{
    static const struct {
        uint16_t first, last;
        const char *name;
    } registers[] = {
        {0x0000, 0x000f, "ESC information"},
        {0x0010, 0x0011, "station address"},
        {0x0012, 0x0013, "station alias"},
        {0x0020, 0x0031, "write protection"},
        {0x0040, 0x0041, "ESC reset"},
        {0x0100, 0x0103, "DL control"},
        {0x0108, 0x010f, "DL read/write offset"},
        {0x0110, 0x0111, "DL status"},
        {0x0120, 0x0121, "AL control"},
        {0x0130, 0x0133, "AL status"},
        {0x0134, 0x0135, "AL status code"},
        {0x0140, 0x015f, "PDI control"},
        {0x0200, 0x0223, "event mask"},
        {0x0300, 0x0313, "error counters"},
        {0x0400, 0x0443, "watchdog"},
        {0x0500, 0x050f, "SII EEPROM"},
        {0x0510, 0x051f, "MII management"},
        {0x0600, 0x06ff, "FMMU"},
        {0x0800, 0x08ff, "sync manager"},
        {0x0900, 0x09ff, "distributed clocks"},
        {0x0e00, 0x0eff, "ESC specific"},
        {0x0f00, 0x0fff, "digital output and general purpose"},
    };
    if (offset >= CD_ETHERCAT_MEMORY)
        return NULL;
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        if (offset >= registers[i].first && offset <= registers[i].last)
            return registers[i].name;
    return "reserved register";
}

const char *cd_ethercat_state_name(uint8_t al)
{
    switch (al & 0xf) {
    case 1: return "INIT";
    case 2: return "PREOP";
    case 3: return "BOOT";
    case 4: return "SAFEOP";
    case 8: return "OP";
    default: return "other state";
    }
}

const char *cd_ethercat_status_code_name(uint16_t code)
{
    switch (code) {
    case 0x0001: return "unspecified error";
    case 0x0002: return "no memory";
    case 0x0003: return "invalid device setup";
    case 0x0006: return "SII does not match firmware";
    case 0x0007: return "firmware update not successful";
    case 0x0011: return "invalid requested state change";
    case 0x0012: return "unknown requested state";
    case 0x0013: return "bootstrap not supported";
    case 0x0014: return "no valid firmware";
    case 0x0015:
    case 0x0016: return "invalid mailbox configuration";
    case 0x0017: return "invalid sync manager configuration";
    case 0x0018: return "no valid inputs";
    case 0x0019: return "no valid outputs";
    case 0x001a: return "synchronization error";
    case 0x001b: return "sync manager watchdog";
    case 0x001c: return "invalid sync manager types";
    case 0x001d: return "invalid output configuration";
    case 0x001e: return "invalid input configuration";
    case 0x001f: return "invalid watchdog configuration";
    case 0x0020: return "slave needs cold start";
    case 0x0021: return "slave needs INIT";
    case 0x0022: return "slave needs PREOP";
    case 0x0023: return "slave needs SAFEOP";
    case 0x0024: return "invalid input mapping";
    case 0x0025: return "invalid output mapping";
    case 0x0026: return "inconsistent settings";
    case 0x0027: return "free run not supported";
    case 0x0028: return "synchronization not supported";
    case 0x002b: return "no valid inputs and outputs";
    case 0x002c: return "fatal synchronization error";
    case 0x002d: return "no synchronization error";
    case 0x0030: return "invalid DC SYNC configuration";
    case 0x0032: return "DC PLL error";
    case 0x0050: return "EEPROM no access";
    case 0x0051: return "EEPROM error";
    case 0x0060: return "slave restarted locally";
    case 0x0061: return "device identification changed";
    default: return NULL;
    }
}

const char *cd_ethercat_abort_name(uint32_t code)
{
    switch (code) {
    case 0x05030000: return "toggle bit not changed";
    case 0x05040000: return "SDO protocol timeout";
    case 0x05040001: return "invalid SDO command";
    case 0x05040005: return "out of memory";
    case 0x06010000: return "unsupported access";
    case 0x06010001: return "write only object";
    case 0x06010002: return "read only object";
    case 0x06010003: return "subindex cannot be written";
    case 0x06010004: return "complete access not supported";
    case 0x06020000: return "object does not exist";
    case 0x06040041: return "object cannot be mapped to a PDO";
    case 0x06040042: return "PDO length exceeded";
    case 0x06040043: return "parameter incompatibility";
    case 0x06060000: return "hardware error";
    case 0x06070010:
    case 0x06070012:
    case 0x06070013: return "wrong data length";
    case 0x06090011: return "subindex does not exist";
    case 0x06090030:
    case 0x06090031:
    case 0x06090032: return "value out of range";
    case 0x08000020:
    case 0x08000021: return "data cannot be transferred";
    case 0x08000022: return "wrong device state";
    case 0x08000023: return "no object dictionary";
    default: return "aborted";
    }
}

/* Vendor ids of the EtherCAT Technology Group, of makers whose slaves are common. */
const char *cd_ethercat_vendor_name(uint32_t vendor)
{
    switch (vendor) {
    case 0x00000002: return "Beckhoff Automation";
    case 0x00000004: return "HMS Industrial Networks";
    case 0x00000014: return "KEB Automation";
    case 0x00000016: return "KEBA";
    case 0x00000017: return "esd electronics";
    case 0x0000001b: return "HMS Industrial Networks";
    case 0x0000001d: return "Festo";
    case 0x00000021: return "WAGO";
    case 0x00000024: return "Bosch Rexroth";
    case 0x0000003b: return "Lenze";
    case 0x00000044: return "Hilscher";
    case 0x00000059: return "SEW-EURODRIVE";
    case 0x0000006a: return "Kollmorgen";
    case 0x00000083: return "Omron";
    case 0x00000084: return "Phoenix Contact";
    case 0x0000009a: return "Elmo Motion Control";
    case 0x0000009c: return "Turck";
    case 0x000000ab: return "Copley Controls";
    case 0x000000ad: return "Pepperl+Fuchs";
    case 0x000000b7: return "ABB";
    case 0x000000bd: return "ADVANCED Motion Controls";
    case 0x000000fb: return "maxon motor";
    case 0x00000114: return "SMC";
    case 0x000001c7: return "Eaton";
    case 0x000001dd: return "Delta Electronics";
    case 0x00000247: return "Harmonic Drive";
    case 0x0000026c: return "Nanotec";
    case 0x00000286: return "TRINAMIC Motion Control";
    case 0x00000539: return "Yaskawa";
    case 0x0000066f: return "Panasonic";
    default: return NULL;
    }
}
