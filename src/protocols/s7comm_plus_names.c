/* Names and classes of S7comm-plus functions, objects, methods and errors. */
#include "protocols/s7comm_plus.h"

struct cd_s7comm_plus_name cd_s7comm_plus_function_name(uint16_t function)
{
    switch (function) {
    case CD_S7COMM_PLUS_EXPLORE: return (struct cd_s7comm_plus_name){"explore", CD_CLASS_READ};
    case CD_S7COMM_PLUS_CREATE_OBJECT: return (struct cd_s7comm_plus_name){"create object", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_DELETE_OBJECT: return (struct cd_s7comm_plus_name){"delete object", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_SET_VARIABLE: return (struct cd_s7comm_plus_name){"set variable", CD_CLASS_WRITE};
    case CD_S7COMM_PLUS_GET_VARIABLE: return (struct cd_s7comm_plus_name){"get variable", CD_CLASS_READ};
    case CD_S7COMM_PLUS_ADD_LINK: return (struct cd_s7comm_plus_name){"add link", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_REMOVE_LINK: return (struct cd_s7comm_plus_name){"remove link", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_GET_LINK: return (struct cd_s7comm_plus_name){"get link", CD_CLASS_READ};
    case CD_S7COMM_PLUS_SET_MULTI_VARIABLES: return (struct cd_s7comm_plus_name){"set multi variables", CD_CLASS_WRITE};
    case CD_S7COMM_PLUS_GET_MULTI_VARIABLES: return (struct cd_s7comm_plus_name){"get multi variables", CD_CLASS_READ};
    case CD_S7COMM_PLUS_BEGIN_SEQUENCE: return (struct cd_s7comm_plus_name){"begin sequence", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_END_SEQUENCE: return (struct cd_s7comm_plus_name){"end sequence", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_INVOKE: return (struct cd_s7comm_plus_name){"invoke", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_SET_VARIABLE_SUBSTREAMED:
        return (struct cd_s7comm_plus_name){"set variable substreamed", CD_CLASS_WRITE};
    case CD_S7COMM_PLUS_GET_VARIABLE_SUBSTREAMED:
        return (struct cd_s7comm_plus_name){"get variable substreamed", CD_CLASS_READ};
    case CD_S7COMM_PLUS_GET_VARIABLES_ADDRESS:
        return (struct cd_s7comm_plus_name){"get variables address", CD_CLASS_READ};
    case CD_S7COMM_PLUS_ABORT: return (struct cd_s7comm_plus_name){"abort", CD_CLASS_OTHER};
    case CD_S7COMM_PLUS_INIT_SSL: return (struct cd_s7comm_plus_name){"init ssl", CD_CLASS_SESSION};
    case 0x04b1:
    case 0x05a9: return (struct cd_s7comm_plus_name){"error", CD_CLASS_OTHER};
    default: return (struct cd_s7comm_plus_name){"unknown function", CD_CLASS_OTHER};
    }
}

/* Objects every CPU has under the same number. */
const char *cd_s7comm_plus_object_name(uint32_t id)
{
    switch (id) {
    case 1: return "AS root";
    case 2: return "hardware configuration";
    case CD_S7COMM_PLUS_OBJECT_PROGRAM: return "PLC program";
    case 4: return "folders";
    case 5: return "logs";
    case 8: return "alarm subsystem";
    case 10: return "software events";
    case 11: return "test and commissioning";
    case 12: return "communication";
    case 30: return "station configuration";
    case 48: return "CPU";
    case 50: return "CPU common";
    case 51: return "card reader";
    case CD_S7COMM_PLUS_OBJECT_CPU_UNIT: return "CPU execution unit";
    case 53: return "web server";
    case 54: return "CPU display";
    case 56: return "PLC program change";
    case CD_S7COMM_PLUS_OBJECT_INPUTS: return "I";
    case CD_S7COMM_PLUS_OBJECT_OUTPUTS: return "Q";
    case CD_S7COMM_PLUS_OBJECT_MEMORY: return "M";
    case CD_S7COMM_PLUS_OBJECT_COUNTERS: return "C";
    case CD_S7COMM_PLUS_OBJECT_TIMERS: return "T";
    case 201: return "object root";
    case CD_S7COMM_PLUS_ID_SESSION_CONTAINER: return "sessions";
    case CD_S7COMM_PLUS_ID_NO_SESSION: return "session";
    case 537: return "type information";
    default: return NULL;
    }
}

/* A panel's project is loaded by methods of its download service. */
const char *cd_s7comm_plus_method_name(uint32_t method)
{
    switch (method) {
    case 18667: return "check compatibility";
    case 18827: return "begin runtime update";
    case 18829: return "finish runtime update";
    case 18878: return "uninstall addon";
    case 15000009: return "prepare full download";
    case 15000011: return "end full download";
    case 15000013: return "check full download";
    case 15000016: return "activate download";
    case 15000019: return "abort full download";
    case 15000035: return "get download service";
    case 15000039: return "get project";
    default: return NULL;
    }
}

/* The low 16 bits are the code, negative for errors. */
const char *cd_s7comm_plus_error(uint64_t return_value)
{
    int16_t code = (int16_t)(return_value & 0xffff);
    if (code >= 0)
        return code == 22 ? "session delegitimated" : NULL;
    switch (code) {
    case -2: return "invalid value type";
    case -3: return "invalid argument value";
    case -4: return "not enough memory";
    case -12: return "object not found";
    case -17: return "invalid crc";
    case -118: return "session delegitimated";
    case -134: return "multiple engineering stations not supported";
    case -255: return "invalid lid";
    default: return "refused";
    }
}
