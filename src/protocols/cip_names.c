#include "protocols/cip_names.h"

#include <stddef.h>

struct numbered_name {
    uint16_t id;
    const char *name;
};

/* Tables are in order of the number. */
static const char *find(const struct numbered_name *table, size_t n, uint32_t id)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].id == id)
            return table[middle].name;
        if (table[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct numbered_name classes[] = {
    {0x01, "Identity"},
    {0x02, "Message Router"},
    {0x03, "DeviceNet"},
    {0x04, "Assembly"},
    {0x05, "Connection"},
    {0x06, "Connection Manager"},
    {0x07, "Register"},
    {0x08, "Discrete Input Point"},
    {0x09, "Discrete Output Point"},
    {0x0a, "Analog Input Point"},
    {0x0b, "Analog Output Point"},
    {0x0e, "Presence Sensing"},
    {0x0f, "Parameter"},
    {0x10, "Parameter Group"},
    {0x12, "Group"},
    {0x1d, "Discrete Input Group"},
    {0x1e, "Discrete Output Group"},
    {0x1f, "Discrete Group"},
    {0x20, "Analog Input Group"},
    {0x21, "Analog Output Group"},
    {0x22, "Analog Group"},
    {0x23, "Position Sensor"},
    {0x24, "Position Controller Supervisor"},
    {0x25, "Position Controller"},
    {0x26, "Block Sequencer"},
    {0x27, "Command Block"},
    {0x28, "Motor Data"},
    {0x29, "Control Supervisor"},
    {0x2a, "AC/DC Drive"},
    {0x2b, "Acknowledge Handler"},
    {0x2c, "Overload"},
    {0x2d, "Softstart"},
    {0x2e, "Selection"},
    {0x30, "S-Device Supervisor"},
    {0x31, "S-Analog Sensor"},
    {0x32, "S-Analog Actuator"},
    {0x33, "S-Single Stage Controller"},
    {0x34, "S-Gas Calibration"},
    {0x35, "Trip Point"},
    {0x37, "File"},
    {0x38, "S-Partial Pressure"},
    {0x39, "Safety Supervisor"},
    {0x3a, "Safety Validator"},
    {0x3b, "Safety Discrete Output Point"},
    {0x3c, "Safety Discrete Output Group"},
    {0x3d, "Safety Discrete Input Point"},
    {0x3e, "Safety Discrete Input Group"},
    {0x3f, "Safety Dual Channel Output"},
    {0x40, "S-Sensor Calibration"},
    {0x41, "Event Log"},
    {0x42, "Motion Device Axis"},
    {0x43, "Time Sync"},
    {0x44, "Modbus"},
    {0x45, "Originator Connection List"},
    {0x46, "Modbus Serial Link"},
    {0x47, "Device Level Ring"},
    {0x48, "QoS"},
    {0x49, "Safety Analog Input Point"},
    {0x4a, "Safety Analog Input Group"},
    {0x4b, "Safety Dual Channel Analog Input"},
    {0x4c, "SERCOS III Link"},
    {0x4d, "Target Connection List"},
    {0x4e, "Base Energy"},
    {0x4f, "Electrical Energy"},
    {0x50, "Non-Electrical Energy"},
    {0x51, "Base Switch"},
    {0x52, "SNMP"},
    {0x53, "Power Management"},
    {0x54, "RSTP Bridge"},
    {0x55, "RSTP Port"},
    {0x56, "PRP/HSR Protocol"},
    {0x57, "PRP/HSR Nodes Table"},
    {0x58, "Safety Feedback"},
    {0x59, "Safety Dual Channel Feedback"},
    {0x5a, "Safety Stop Functions"},
    {0x5b, "Safety Limit Functions"},
    {0x5c, "Power Curtailment"},
    {0x5d, "CIP Security"},
    {0x5e, "EtherNet/IP Security"},
    {0x5f, "Certificate Management"},
    {0x60, "Authority"},
    {0x61, "Password Authenticator"},
    {0x62, "Certificate Authenticator"},
    {0x64, "Program Name"},
    {0x67, "PCCC"},
    {0x68, "Program"},
    {0x6a, "Routine"},
    {0x6b, "Symbol"},
    {0x6c, "Template"},
    {0x72, "Tag Data"},
    {0x8b, "Wall Clock Time"},
    {0x8e, "Controller"},
    {0xa1, "Nonvolatile Storage"},
    {0xac, "Controller Changes"},
    {0xb2, "Tag List"},
    {0xf0, "ControlNet"},
    {0xf1, "ControlNet Keeper"},
    {0xf2, "ControlNet Scheduling"},
    {0xf3, "Connection Configuration"},
    {0xf4, "Port"},
    {0xf5, "TCP/IP Interface"},
    {0xf6, "Ethernet Link"},
    {0xf7, "CompoNet"},
    {0xf8, "CompoNet Repeater"},
    {0xf9, "HART Master Port"},
    {0xfa, "I/O Aggregation"},
    {0x100, "Protection Trip"},
    {0x101, "Protection Alarm"},
    {0x102, "Circuit Breaker Supervisor"},
    {0x103, "Circuit Breaker Statistics"},
    {0x104, "Electrical Demand"},
    {0x105, "Electrical Statistics"},
    {0x106, "Machine Base Data"},
    {0x107, "HART Process Device"},
    {0x108, "Process Device Diagnostics"},
    {0x109, "LLDP Management"},
    {0x10a, "LLDP Data Table"},
    {0x10b, "IO-Link Service Parameter"},
    {0x10c, "IO-Link Master PHY"},
    {0x10d, "IO-Link Device PHY"},
    {0x10e, "Pilot Light Supervisor"},
    {0x10f, "Select Line Link"},
    {0x110, "In-Cabinet Actual Topology"},
    {0x111, "In-Cabinet Commissioning"},
};

static const struct numbered_name device_types[] = {
    {0x00, "Generic Device (deprecated)"},
    {0x02, "AC Drive"},
    {0x03, "Motor Overload"},
    {0x04, "Limit Switch"},
    {0x05, "Inductive Proximity Switch"},
    {0x06, "Photoelectric Sensor"},
    {0x07, "General Purpose Discrete I/O"},
    {0x09, "Resolver"},
    {0x0c, "Communications Adapter"},
    {0x0e, "Programmable Logic Controller"},
    {0x10, "Position Controller"},
    {0x13, "DC Drive"},
    {0x15, "Contactor"},
    {0x16, "Motor Starter"},
    {0x17, "Soft Start"},
    {0x18, "Human-Machine Interface"},
    {0x1a, "Mass Flow Controller"},
    {0x1b, "Pneumatic Valve"},
    {0x1c, "Vacuum Pressure Gauge"},
    {0x1d, "Process Control Value"},
    {0x1e, "Residual Gas Analyzer"},
    {0x1f, "DC Power Generator"},
    {0x20, "RF Power Generator"},
    {0x21, "Turbomolecular Vacuum Pump"},
    {0x22, "Encoder"},
    {0x23, "Safety Discrete I/O Device"},
    {0x24, "Fluid Flow Controller"},
    {0x25, "CIP Motion Drive"},
    {0x26, "CompoNet Repeater"},
    {0x27, "Mass Flow Controller, Enhanced"},
    {0x28, "CIP Modbus Device"},
    {0x29, "CIP Modbus Translator"},
    {0x2a, "Safety Analog I/O Device"},
    {0x2b, "Generic Device (keyable)"},
    {0x2c, "Managed Ethernet Switch"},
    {0x2d, "CIP Motion Safety Drive Device"},
    {0x2e, "Safety Drive Device"},
    {0x2f, "CIP Motion Encoder"},
    {0x30, "CIP Motion Converter"},
    {0x31, "CIP Motion I/O"},
    {0x32, "ControlNet Physical Layer Component"},
    {0x33, "Circuit Breaker"},
    {0x34, "HART Device"},
    {0x35, "CIP-HART Translator"},
    {0xc8, "Embedded Component"},
};

static const struct numbered_name general_status[] = {
    {0x00, "success"},
    {0x01, "connection failure"},
    {0x02, "resource unavailable"},
    {0x03, "invalid parameter value"},
    {0x04, "path segment error"},
    {0x05, "path destination unknown"},
    {0x06, "partial transfer"},
    {0x07, "connection lost"},
    {0x08, "service not supported"},
    {0x09, "invalid attribute value"},
    {0x0a, "attribute list error"},
    {0x0b, "already in requested mode or state"},
    {0x0c, "object state conflict"},
    {0x0d, "object already exists"},
    {0x0e, "attribute not settable"},
    {0x0f, "privilege violation"},
    {0x10, "device state conflict"},
    {0x11, "reply data too large"},
    {0x12, "fragmentation of a primitive value"},
    {0x13, "not enough data"},
    {0x14, "attribute not supported"},
    {0x15, "too much data"},
    {0x16, "object does not exist"},
    {0x17, "service fragmentation sequence not in progress"},
    {0x18, "no stored attribute data"},
    {0x19, "store operation failure"},
    {0x1a, "routing failure: request too large"},
    {0x1b, "routing failure: response too large"},
    {0x1c, "missing attribute list entry data"},
    {0x1d, "invalid attribute value list"},
    {0x1e, "embedded service error"},
    {0x1f, "vendor specific error"},
    {0x20, "invalid parameter"},
    {0x21, "write-once value or medium already written"},
    {0x22, "invalid reply received"},
    {0x23, "buffer overflow"},
    {0x24, "message format error"},
    {0x25, "key failure in path"},
    {0x26, "path size invalid"},
    {0x27, "unexpected attribute in list"},
    {0x28, "invalid member id"},
    {0x29, "member not settable"},
    {0x2a, "group 2 only server general failure"},
    {0x2b, "unknown modbus error"},
    {0x2c, "attribute not gettable"},
    {0x2d, "instance not deletable"},
    {0x2e, "service not supported for specified path"},
    {0xff, "general error"},
};

static const struct numbered_name connection_status[] = {
    {0x0100, "connection in use or duplicate forward open"},
    {0x0103, "transport class and trigger combination not supported"},
    {0x0106, "ownership conflict"},
    {0x0107, "target connection not found"},
    {0x0108, "invalid network connection parameter"},
    {0x0109, "invalid connection size"},
    {0x0110, "target for connection not configured"},
    {0x0111, "requested packet interval not supported"},
    {0x0113, "out of connections"},
    {0x0114, "vendor id or product code mismatch"},
    {0x0115, "device type mismatch"},
    {0x0116, "revision mismatch"},
    {0x0117, "invalid produced or consumed application path"},
    {0x0118, "invalid or inconsistent configuration application path"},
    {0x0119, "non-listen only connection not opened"},
    {0x011a, "target object out of connections"},
    {0x011b, "requested packet interval smaller than production inhibit time"},
    {0x0203, "connection timed out"},
    {0x0204, "unconnected request timed out"},
    {0x0205, "parameter error in unconnected request"},
    {0x0206, "message too large for unconnected send"},
    {0x0207, "unconnected acknowledge without reply"},
    {0x0301, "no buffer memory available"},
    {0x0302, "network bandwidth not available for data"},
    {0x0303, "no consumed connection id filter available"},
    {0x0304, "not configured to send scheduled priority data"},
    {0x0305, "schedule signature mismatch"},
    {0x0311, "port not available"},
    {0x0312, "link address not valid"},
    {0x0315, "invalid segment in connection path"},
    {0x0316, "error in forward close service connection path"},
    {0x0317, "scheduling not specified"},
    {0x0318, "link address to self invalid"},
    {0x0319, "secondary resources unavailable"},
    {0x031a, "rack connection already established"},
    {0x031b, "module connection already established"},
    {0x031c, "miscellaneous"},
    {0x031d, "redundant connection mismatch"},
    {0x0810, "no target application data available"},
};

const char *cd_cip_class_name(uint32_t class_id)
{
    return find(classes, sizeof classes / sizeof classes[0], class_id);
}

const char *cd_cip_device_type_name(uint16_t type)
{
    return find(device_types, sizeof device_types / sizeof device_types[0], type);
}

const char *cd_cip_device_role(uint16_t type)
{
    switch (type) {
    case 0x0e: return "plc";
    case 0x18: return "hmi";
    case 0x2c: return "switch";
    case 0x02:
    case 0x13:
    case 0x25:
    case 0x2d:
    case 0x2e: return "drive";
    case 0x07:
    case 0x23:
    case 0x2a:
    case 0x31: return "io-device";
    default: return NULL;
    }
}

const char *cd_cip_state_name(uint8_t state)
{
    static const char *const names[] = {"nonexistent",
                                        "self-testing",
                                        "standby",
                                        "operational",
                                        "major recoverable fault",
                                        "major unrecoverable fault"};
    return state < sizeof names / sizeof names[0] ? names[state] : NULL;
}

const char *cd_cip_status_name(uint8_t status)
{
    const char *name = find(general_status, sizeof general_status / sizeof general_status[0], status);
    if (name)
        return name;
    return status >= 0xd0 ? "object class specific error" : "reserved general status";
}

const char *cd_cip_connection_status_name(uint16_t extended)
{
    return find(connection_status, sizeof connection_status / sizeof connection_status[0], extended);
}
