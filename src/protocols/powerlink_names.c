/* Names of Ethernet POWERLINK's numbers (EPSG DS 301, appendix 3). */
#include "protocols/powerlink.h"

const char *cd_powerlink_type_name(uint8_t type)
{
    switch (type) {
    case CD_POWERLINK_SOC: return "start of cycle";
    case CD_POWERLINK_PREQ: return "poll request";
    case CD_POWERLINK_PRES: return "poll response";
    case CD_POWERLINK_SOA: return "start of asynchronous phase";
    case CD_POWERLINK_ASND: return "asynchronous send";
    case CD_POWERLINK_AMNI: return "active managing node indication";
    case CD_POWERLINK_AINV: return "asynchronous invite";
    default: return "unknown message type";
    }
}

const char *cd_powerlink_type_name_1(uint8_t type)
{
    switch (type) {
    case 1: return "start of cyclic";
    case 2: return "end of cyclic";
    case 3: return "poll request";
    case 4: return "poll response";
    case 5: return "acyclic invite";
    case 6: return "acyclic send";
    default: return "unknown message type";
    }
}

const char *cd_powerlink_service_name(uint8_t service)
{
    switch (service) {
    case CD_POWERLINK_IDENT: return "ident";
    case CD_POWERLINK_STATUS: return "status";
    case CD_POWERLINK_NMT_REQUEST: return "NMT request";
    case CD_POWERLINK_NMT_COMMAND: return "NMT command";
    case CD_POWERLINK_SDO: return "SDO";
    case 6: return "sync";
    case 255: return "invitation";
    default: return service >= 0xa0 ? "manufacturer's service" : "reserved service";
    }
}

const char *cd_powerlink_state_name(uint8_t state)
{
    switch (state) {
    case 0x00: return "off";
    case 0x19: return "initialising";
    case 0x29: return "reset application";
    case 0x39: return "reset communication";
    case 0x79: return "reset configuration";
    case 0x1c: return "not active";
    case 0x1d: return "pre-operational 1";
    case 0x5d: return "pre-operational 2";
    case 0x6d: return "ready to operate";
    case 0xfd: return "operational";
    case 0x4d: return "stopped";
    case 0x1e: return "basic Ethernet";
    default: return NULL;
    }
}

/* NMT commands (7.3.1.2 and appendix 3.7). */
const char *cd_powerlink_command_name(uint8_t command)
{
    switch (command) {
    case 0x01: return "NMTRequestIdentResponse";
    case 0x02: return "NMTRequestStatusResponse";
    case 0x21: return "NMTStartNode";
    case 0x22: return "NMTStopNode";
    case 0x23: return "NMTEnterPreOperational2";
    case 0x24: return "NMTEnableReadyToOperate";
    case 0x28: return "NMTResetNode";
    case 0x29: return "NMTResetCommunication";
    case 0x2a: return "NMTResetConfiguration";
    case 0x2b: return "NMTSwReset";
    case 0x2d: return "NMTDNA";
    case 0x41: return "NMTStartNodeEx";
    case 0x42: return "NMTStopNodeEx";
    case 0x43: return "NMTEnterPreOperational2Ex";
    case 0x44: return "NMTEnableReadyToOperateEx";
    case 0x48: return "NMTResetNodeEx";
    case 0x49: return "NMTResetCommunicationEx";
    case 0x4a: return "NMTResetConfigurationEx";
    case 0x4b: return "NMTSwResetEx";
    case 0x62: return "NMTNetHostNameSet";
    case 0x63: return "NMTFlushArpEntry";
    case 0x80: return "NMTPublishConfiguredNodes";
    case 0x90: return "NMTPublishActiveNodes";
    case 0x91: return "NMTPublishPreOperational1";
    case 0x92: return "NMTPublishPreOperational2";
    case 0x93: return "NMTPublishReadyToOperate";
    case 0x94: return "NMTPublishOperational";
    case 0x95: return "NMTPublishStopped";
    case 0xa0: return "NMTPublishEmergencyNew";
    case 0xb0: return "NMTPublishTime";
    case 0xff: return "NMTInvalidService";
    default: return "unknown NMT command";
    }
}

enum cd_class cd_powerlink_command_class(uint8_t command)
{
    if (command >= 0x20 && command < 0x60)
        return command == 0x2d ? CD_CLASS_CONFIGURE : CD_CLASS_MODE;
    if (command == 0x62)
        return CD_CLASS_CONFIGURE;
    return command == 0x01 ? CD_CLASS_IDENTIFY : command == 0x02 ? CD_CLASS_DIAGNOSE : CD_CLASS_OTHER;
}

const char *cd_powerlink_sdo_name(uint8_t id)
{
    switch (id) {
    case 0x00: return "SDO no command";
    case 0x01: return "SDO write by index";
    case 0x02: return "SDO read by index";
    case 0x03: return "SDO write all by index";
    case 0x04: return "SDO read all by index";
    case 0x05: return "SDO write by name";
    case 0x06: return "SDO read by name";
    case 0x20: return "SDO file write";
    case 0x21: return "SDO file read";
    case 0x31: return "SDO write multiple parameters by index";
    case 0x32: return "SDO read multiple parameters by index";
    case 0x70: return "SDO maximum segment size";
    case 0x71: return "SDO link name to index";
    default: return "unknown SDO command";
    }
}

/* Abort codes (appendix 3.10). */
const char *cd_powerlink_abort_name(uint32_t code)
{
    switch (code) {
    case 0x05040000: return "SDO protocol timed out";
    case 0x05040001: return "command not valid or unknown";
    case 0x05040002: return "invalid block size";
    case 0x05040003: return "invalid sequence number";
    case 0x05040005: return "out of memory";
    case 0x06010000: return "unsupported access to an object";
    case 0x06010001: return "object can only be written";
    case 0x06010002: return "object can only be read";
    case 0x06020000: return "object does not exist";
    case 0x06040041: return "object cannot be mapped to the PDO";
    case 0x06040042: return "mapped objects exceed the PDO length";
    case 0x06040043: return "parameter incompatibility";
    case 0x06040047: return "internal incompatibility in the device";
    case 0x06060000: return "hardware error";
    case 0x06070010: return "data type or length does not match";
    case 0x06070012: return "parameter too long";
    case 0x06070013: return "parameter too short";
    case 0x06090011: return "subindex does not exist";
    case 0x06090030: return "value out of range";
    case 0x06090031: return "value too high";
    case 0x06090032: return "value too low";
    case 0x06090036: return "maximum is less than minimum";
    case 0x08000000: return "general error";
    case 0x08000020: return "data cannot be transferred or stored";
    case 0x08000021: return "data cannot be transferred because of local control";
    case 0x08000022: return "data cannot be transferred in this device state";
    case 0x08000023: return "no object dictionary";
    case 0x08000024: return "data set is empty";
    default: return "unknown abort code";
    }
}

const char *cd_powerlink_profile_name(uint16_t profile)
{
    switch (profile) {
    case 302: return "programmable device";
    case 401: return "generic I/O module";
    case 402: return "drive and motion control";
    case 403: return "human machine interface";
    case 404: return "measuring device and closed-loop controller";
    case 405: return "programmable controller";
    case 406: return "encoder";
    case 408: return "hydraulic drive and proportional valve";
    case 410: return "inclinometer";
    default: return NULL;
    }
}

/* Vendor ids are CANopen's (CAN in Automation); the upper byte is a department of the vendor. */
const char *cd_powerlink_vendor_name(uint32_t id)
{
    switch (id & 0xffffff) {
    case 0x000002: return "Beckhoff";
    case 0x00001b: return "HMS";
    case 0x000021: return "WAGO";
    case 0x00003b: return "Lenze";
    case 0x000044: return "Hilscher";
    case 0x00006c: return "B&R";
    case 0x0000fb: return "maxon";
    default: return NULL;
    }
}
