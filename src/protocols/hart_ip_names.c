/* HART: commands, response codes, manufacturers and device profiles by number. */
#include "protocols/hart_ip.h"

#include <stddef.h>

const char *cd_hart_ip_message_name(uint8_t id)
{
    static const char *const names[] = {"session initiate",  "session close", "keep alive",
                                        "token-passing PDU", "direct PDU",    "read audit log"};
    return id < CD_HART_IP_IDS ? names[id] : "unknown message";
}

const char *cd_hart_ip_status_name(uint8_t status)
{
    switch (status) {
    case 0:
    case 8: /* set to the nearest possible value */
    case 14: /* another version will be used */ return NULL;
    case 2: return "invalid selection";
    case 3: return "parameter too large";
    case 4: return "parameter too small";
    case 5: return "too few data bytes received";
    case 6: return "device-specific command error";
    case 7: return "write protected";
    case 15: return "all sessions in use";
    case 16: return "access restricted";
    case 32: return "busy";
    case 64: return "not implemented";
    default: return "error status";
    }
}

/* Numbers 0 to 119: universal and common practice commands. */
static const struct cd_hart_command commands[] = {
    [0] = {"read unique identifier", CD_CLASS_IDENTIFY},
    [1] = {"read primary variable", CD_CLASS_READ},
    [2] = {"read loop current and percent of range", CD_CLASS_READ},
    [3] = {"read dynamic variables and loop current", CD_CLASS_READ},
    [6] = {"write polling address", CD_CLASS_CONFIGURE},
    [7] = {"read loop configuration", CD_CLASS_READ},
    [8] = {"read dynamic variable classifications", CD_CLASS_READ},
    [9] = {"read device variables with status", CD_CLASS_READ},
    [11] = {"read unique identifier by tag", CD_CLASS_IDENTIFY},
    [12] = {"read message", CD_CLASS_READ},
    [13] = {"read tag, descriptor, date", CD_CLASS_IDENTIFY},
    [14] = {"read primary variable transducer information", CD_CLASS_READ},
    [15] = {"read device information", CD_CLASS_READ},
    [16] = {"read final assembly number", CD_CLASS_IDENTIFY},
    [17] = {"write message", CD_CLASS_CONFIGURE},
    [18] = {"write tag, descriptor, date", CD_CLASS_CONFIGURE},
    [19] = {"write final assembly number", CD_CLASS_CONFIGURE},
    [20] = {"read long tag", CD_CLASS_IDENTIFY},
    [21] = {"read unique identifier by long tag", CD_CLASS_IDENTIFY},
    [22] = {"write long tag", CD_CLASS_CONFIGURE},
    [33] = {"read device variables", CD_CLASS_READ},
    [34] = {"write primary variable damping", CD_CLASS_CONFIGURE},
    [35] = {"write primary variable range", CD_CLASS_CONFIGURE},
    [36] = {"set primary variable upper range", CD_CLASS_CONFIGURE},
    [37] = {"set primary variable lower range", CD_CLASS_CONFIGURE},
    [38] = {"reset configuration changed flag", CD_CLASS_CONFIGURE},
    [39] = {"EEPROM control", CD_CLASS_CONFIGURE},
    [40] = {"enter or exit fixed current mode", CD_CLASS_CONTROL}, /* the output no longer follows the process */
    [41] = {"perform self test", CD_CLASS_DIAGNOSE},
    [42] = {"perform device reset", CD_CLASS_MODE},
    [43] = {"set primary variable zero", CD_CLASS_CONFIGURE},
    [44] = {"write primary variable units", CD_CLASS_CONFIGURE},
    [45] = {"trim loop current zero", CD_CLASS_CONFIGURE},
    [46] = {"trim loop current gain", CD_CLASS_CONFIGURE},
    [47] = {"write primary variable transfer function", CD_CLASS_CONFIGURE},
    [48] = {"read additional device status", CD_CLASS_DIAGNOSE},
    [49] = {"write primary variable transducer serial number", CD_CLASS_CONFIGURE},
    [50] = {"read dynamic variable assignments", CD_CLASS_READ},
    [51] = {"write dynamic variable assignments", CD_CLASS_CONFIGURE},
    [52] = {"set device variable zero", CD_CLASS_CONFIGURE},
    [53] = {"write device variable units", CD_CLASS_CONFIGURE},
    [54] = {"read device variable information", CD_CLASS_READ},
    [55] = {"write device variable damping", CD_CLASS_CONFIGURE},
    [56] = {"write device variable transducer serial number", CD_CLASS_CONFIGURE},
    [57] = {"read unit tag, descriptor, date", CD_CLASS_READ},
    [58] = {"write unit tag, descriptor, date", CD_CLASS_CONFIGURE},
    [59] = {"write number of response preambles", CD_CLASS_CONFIGURE},
    [60] = {"read analog channel and percent of range", CD_CLASS_READ},
    [61] = {"read dynamic variables and primary analog channel", CD_CLASS_READ},
    [62] = {"read analog channels", CD_CLASS_READ},
    [63] = {"read analog channel information", CD_CLASS_READ},
    [64] = {"write analog channel damping", CD_CLASS_CONFIGURE},
    [65] = {"write analog channel range", CD_CLASS_CONFIGURE},
    [66] = {"enter or exit fixed analog channel mode", CD_CLASS_CONTROL},
    [67] = {"trim analog channel zero", CD_CLASS_CONFIGURE},
    [68] = {"trim analog channel gain", CD_CLASS_CONFIGURE},
    [69] = {"write analog channel transfer function", CD_CLASS_CONFIGURE},
    [70] = {"read analog channel endpoints", CD_CLASS_READ},
    [71] = {"lock device", CD_CLASS_CONFIGURE},
    [72] = {"squawk", CD_CLASS_DIAGNOSE},
    [73] = {"find device", CD_CLASS_IDENTIFY},
    [74] = {"read I/O system capabilities", CD_CLASS_IDENTIFY},
    [75] = {"poll sub-device", CD_CLASS_IDENTIFY},
    [76] = {"read lock device state", CD_CLASS_READ},
    [77] = {"send command to sub-device", CD_CLASS_OTHER},
    [78] = {"read aggregated commands", CD_CLASS_READ},
    [79] = {"write device variable", CD_CLASS_CONTROL},
    [80] = {"read device variable trim points", CD_CLASS_READ},
    [81] = {"read device variable trim guidelines", CD_CLASS_READ},
    [82] = {"write device variable trim point", CD_CLASS_CONFIGURE},
    [83] = {"reset device variable trim", CD_CLASS_CONFIGURE},
    [84] = {"read sub-device identity summary", CD_CLASS_IDENTIFY},
    [85] = {"read I/O channel statistics", CD_CLASS_DIAGNOSE},
    [86] = {"read sub-device statistics", CD_CLASS_DIAGNOSE},
    [87] = {"write I/O system master mode", CD_CLASS_CONFIGURE},
    [88] = {"write I/O system retry count", CD_CLASS_CONFIGURE},
    [89] = {"set real-time clock", CD_CLASS_CONFIGURE},
    [90] = {"read real-time clock", CD_CLASS_READ},
    [91] = {"read trend configuration", CD_CLASS_READ},
    [92] = {"write trend configuration", CD_CLASS_CONFIGURE},
    [93] = {"read trend", CD_CLASS_READ},
    [94] = {"read I/O system client-side statistics", CD_CLASS_DIAGNOSE},
    [95] = {"read device communications statistics", CD_CLASS_DIAGNOSE},
    [96] = {"read synchronous action", CD_CLASS_READ},
    [97] = {"configure synchronous action", CD_CLASS_CONFIGURE},
    [98] = {"read command action", CD_CLASS_READ},
    [99] = {"configure command action", CD_CLASS_CONFIGURE},
    [101] = {"read sub-device to burst message map", CD_CLASS_READ},
    [102] = {"map sub-device to burst message", CD_CLASS_CONFIGURE},
    [103] = {"write burst period", CD_CLASS_CONFIGURE},
    [104] = {"write burst trigger", CD_CLASS_CONFIGURE},
    [105] = {"read burst mode configuration", CD_CLASS_READ},
    [106] = {"flush delayed responses", CD_CLASS_OTHER},
    [107] = {"write burst device variables", CD_CLASS_CONFIGURE},
    [108] = {"write burst mode command number", CD_CLASS_CONFIGURE},
    [109] = {"burst mode control", CD_CLASS_CONFIGURE},
    [110] = {"read all dynamic variables", CD_CLASS_READ},
    [111] = {"transfer service control", CD_CLASS_FILE},
    [112] = {"transfer service", CD_CLASS_FILE},
    [113] = {"catch device variable", CD_CLASS_CONFIGURE},
    [114] = {"read caught device variable", CD_CLASS_READ},
    [115] = {"read event notification summary", CD_CLASS_ALARM},
    [116] = {"write event notification mask", CD_CLASS_CONFIGURE},
    [117] = {"write event notification timing", CD_CLASS_CONFIGURE},
    [118] = {"event notification control", CD_CLASS_CONFIGURE},
    [119] = {"acknowledge event notification", CD_CLASS_ALARM},
};

static struct cd_hart_command wireless_command(uint16_t command)
{
    switch (command) {
    case 512: return (struct cd_hart_command){"read country code", CD_CLASS_READ};
    case 513: return (struct cd_hart_command){"write country code", CD_CLASS_CONFIGURE};
    case 768: return (struct cd_hart_command){"write join key", CD_CLASS_CONFIGURE};
    case 769: return (struct cd_hart_command){"read join status", CD_CLASS_DIAGNOSE};
    case 770: return (struct cd_hart_command){"request active advertising", CD_CLASS_CONFIGURE};
    case 771: return (struct cd_hart_command){"force join mode", CD_CLASS_MODE};
    case 772: return (struct cd_hart_command){"read join mode configuration", CD_CLASS_READ};
    case 773: return (struct cd_hart_command){"write network id", CD_CLASS_CONFIGURE};
    case 774: return (struct cd_hart_command){"read network id", CD_CLASS_READ};
    case 775: return (struct cd_hart_command){"write network tag", CD_CLASS_CONFIGURE};
    case 776: return (struct cd_hart_command){"read network tag", CD_CLASS_READ};
    case 777: return (struct cd_hart_command){"read wireless module revision", CD_CLASS_IDENTIFY};
    case 778: return (struct cd_hart_command){"read battery life", CD_CLASS_DIAGNOSE};
    case 779: return (struct cd_hart_command){"report device health", CD_CLASS_DIAGNOSE};
    case 780: return (struct cd_hart_command){"report neighbor health list", CD_CLASS_DIAGNOSE};
    case 787: return (struct cd_hart_command){"report neighbor signal levels", CD_CLASS_DIAGNOSE};
    default: return (struct cd_hart_command){"unknown command", CD_CLASS_OTHER};
    }
}

struct cd_hart_command cd_hart_command_of(uint16_t command)
{
    if (command < sizeof commands / sizeof commands[0] && commands[command].name)
        return commands[command];
    if (command >= 128 && command <= 253)
        return (struct cd_hart_command){"device-specific command", CD_CLASS_OTHER};
    return wireless_command(command);
}

/* Common tables, response codes: those with one meaning by their name, the others by their kind. */
const char *cd_hart_response_code_name(uint8_t code)
{
    if (code & 0x80) { /* what went wrong on the wire to the device */
        if (code & 0x40)
            return "communication error: vertical parity";
        if (code & 0x20)
            return "communication error: overrun";
        if (code & 0x10)
            return "communication error: framing";
        if (code & 0x08)
            return "communication error: longitudinal parity";
        return code & 0x02 ? "communication error: buffer overflow" : "communication error";
    }
    if (code >= 96)
        return code < 112 ? "command-specific error" : NULL; /* 112 to 127: warnings */
    switch (code) {
    case 0:
    case 8:
    case 14:
    case 24:
    case 25:
    case 26:
    case 27:
    case 30:
    case 31: return NULL; /* success, warnings */
    case 33:
    case 34: return NULL; /* a delayed response is begun or under way */
    case 2: return "invalid selection";
    case 3: return "passed parameter too large";
    case 4: return "passed parameter too small";
    case 5: return "too few data bytes received";
    case 6: return "device-specific command error";
    case 7: return "in write protect mode";
    case 16: return "access restricted";
    case 17: return "invalid device variable index";
    case 18: return "invalid units code";
    case 19: return "device variable index not allowed";
    case 20: return "invalid extended command number";
    case 21: return "invalid I/O card number";
    case 22: return "invalid channel number";
    case 23: return "sub-device response too long";
    case 32: return "busy";
    case 35: return "delayed response dead";
    case 36: return "delayed response conflict";
    case 60: return "payload too long";
    case 61: return "no buffers available";
    case 62: return "no alarm or event buffers available";
    case 63: return "priority too low";
    case 64: return "command not implemented";
    default: return "command-specific error";
    }
}

/* Common tables, device profiles. */
const char *cd_hart_profile_name(uint8_t profile)
{
    switch (profile) {
    case 1: return "process automation device";
    case 2: return "discrete device";
    case 3: return "process automation and discrete device";
    case 4: return "I/O system";
    case 129: return "WirelessHART process automation device";
    case 130: return "WirelessHART discrete device";
    case 131: return "WirelessHART process automation and discrete device";
    case 132: return "WirelessHART gateway";
    case 133: return "WirelessHART access point";
    case 134: return "WirelessHART process adapter";
    case 135: return "WirelessHART discrete adapter";
    case 141: return "WirelessHART handheld";
    default: return NULL;
    }
}

/* Common tables, manufacturer identification codes: the makers that are met most. */
const char *cd_hart_manufacturer_name(uint16_t id)
{
    static const char *const names[] = {
        [0x01] = "Acromag",
        [0x02] = "Allen-Bradley",
        [0x03] = "Ametek",
        [0x04] = "Analog Devices",
        [0x05] = "ABB",
        [0x09] = "Bristol Babcock",
        [0x0a] = "Brooks Instrument",
        [0x0d] = "Daniel",
        [0x0f] = "Dieterich Standard",
        [0x11] = "Endress+Hauser",
        [0x12] = "ABB",
        [0x13] = "Fisher Controls",
        [0x14] = "Foxboro",
        [0x15] = "Fuji",
        [0x16] = "ABB",
        [0x17] = "Honeywell",
        [0x18] = "ITT Barton",
        [0x19] = "Thermo MeasureTech",
        [0x1a] = "ABB",
        [0x1b] = "Leeds & Northrup",
        [0x1d] = "M-System",
        [0x1f] = "Micro Motion",
        [0x20] = "Moore Industries",
        [0x22] = "Ohkura Electric",
        [0x26] = "Rosemount",
        [0x2a] = "Siemens",
        [0x2b] = "Weed",
        [0x2c] = "Toshiba",
        [0x2e] = "Rosemount Analytical",
        [0x2f] = "Metso Automation",
        [0x30] = "Flowserve",
        [0x31] = "Varec",
        [0x32] = "Viatran",
        [0x36] = "Yamatake",
        [0x37] = "Yokogawa",
        [0x38] = "Nuovo Pignone",
        [0x3b] = "Mobrey",
        [0x3d] = "Princo",
        [0x3e] = "Smar",
        [0x3f] = "Foxboro Eckardt",
        [0x40] = "Measurement Technology",
        [0x42] = "Samson",
        [0x43] = "Sparling Instruments",
        [0x45] = "Krohne",
        [0x47] = "Druck",
        [0x48] = "SOR",
        [0x49] = "Elcon Instruments",
        [0x4d] = "Westlock Controls",
        [0x4e] = "Drexelbrook",
        [0x4f] = "Saab Tank Control",
        [0x50] = "K-TEK",
        [0x52] = "Draeger",
        [0x53] = "Raytek",
        [0x54] = "Siemens Milltronics",
        [0x55] = "BTG",
        [0x56] = "Magnetrol",
        [0x57] = "Metso Automation",
        [0x5b] = "INOR",
        [0x5d] = "Pepperl+Fuchs",
        [0x61] = "Knick",
        [0x62] = "VEGA",
        [0x63] = "MTS Systems",
        [0x64] = "Oval",
        [0x65] = "Masoneilan",
        [0x67] = "Ohmart",
        [0x6b] = "WIKA",
        [0x6c] = "Bopp & Reuther",
        [0x6d] = "PR electronics",
        [0x72] = "Dynisco",
        [0x75] = "Klay Instruments",
        [0x78] = "Buerkert",
        [0x7f] = "LABOM",
        [0x80] = "Danfoss",
        [0x82] = "Tokyo Keiso",
        [0x83] = "SMC",
        [0x8d] = "Rueger",
        [0x8e] = "Mettler Toledo",
        [0x8f] = "Det-Tronics",
        [0x94] = "Enraf",
        [0x97] = "Nivelco",
        [0x98] = "Camille Bauer",
        [0x99] = "Metran",
        [0x9c] = "Turck",
        [0x9d] = "Panametrics",
        [0x9e] = "R. Stahl",
        [0xa1] = "Berthold",
        [0xa5] = "Sierra Instruments",
        [0xa6] = "Fluid Components",
    };
    return id < sizeof names / sizeof names[0] ? names[id] : NULL;
}
