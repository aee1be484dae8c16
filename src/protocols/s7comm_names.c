/* Names and classes of S7 functions, errors and lists. */
#include "protocols/s7comm.h"

#include <string.h>

struct cd_s7comm_name cd_s7comm_function_name(uint8_t function)
{
    switch (function) {
    case CD_S7COMM_CPU_SERVICES: return (struct cd_s7comm_name){"cpu services", CD_CLASS_OTHER};
    case CD_S7COMM_READ: return (struct cd_s7comm_name){"read var", CD_CLASS_READ};
    case CD_S7COMM_WRITE: return (struct cd_s7comm_name){"write var", CD_CLASS_WRITE};
    case CD_S7COMM_REQUEST_DOWNLOAD: return (struct cd_s7comm_name){"request download", CD_CLASS_PROGRAM};
    case CD_S7COMM_DOWNLOAD_BLOCK: return (struct cd_s7comm_name){"download block", CD_CLASS_PROGRAM};
    case CD_S7COMM_DOWNLOAD_ENDED: return (struct cd_s7comm_name){"download ended", CD_CLASS_PROGRAM};
    case CD_S7COMM_START_UPLOAD: return (struct cd_s7comm_name){"start upload", CD_CLASS_PROGRAM};
    case CD_S7COMM_UPLOAD: return (struct cd_s7comm_name){"upload", CD_CLASS_PROGRAM};
    case CD_S7COMM_END_UPLOAD: return (struct cd_s7comm_name){"end upload", CD_CLASS_PROGRAM};
    case CD_S7COMM_CONTROL: return (struct cd_s7comm_name){"plc control", CD_CLASS_MODE};
    case CD_S7COMM_STOP: return (struct cd_s7comm_name){"plc stop", CD_CLASS_MODE};
    case CD_S7COMM_SETUP: return (struct cd_s7comm_name){"setup communication", CD_CLASS_SESSION};
    default: return (struct cd_s7comm_name){"unknown function", CD_CLASS_OTHER};
    }
}

const char *const cd_s7comm_userdata_spaces[16] = {
    "userdata:0",  "userdata:1",  "userdata:2",  "userdata:3",  "userdata:4",  "userdata:5",
    "userdata:6",  "userdata:7",  "userdata:8",  "userdata:9",  "userdata:10", "userdata:11",
    "userdata:12", "userdata:13", "userdata:14", "userdata:15",
};

/* clang-format off */
static const struct {
    uint8_t group, subfunction;
    struct cd_s7comm_name name;
} userdata_names[] = {
    /* mode transition: the CPU tells its new state; subfunction is the state */
    {0, 0, {"mode transition: stop", CD_CLASS_ALARM}},
    {0, 1, {"mode transition: warm restart", CD_CLASS_ALARM}},
    {0, 2, {"mode transition: run", CD_CLASS_ALARM}},
    {0, 3, {"mode transition: hot restart", CD_CLASS_ALARM}},
    {0, 4, {"mode transition: hold", CD_CLASS_ALARM}},
    {0, 6, {"mode transition: cold restart", CD_CLASS_ALARM}},
    {0, 9, {"mode transition: run (redundant)", CD_CLASS_ALARM}},
    {0, 11, {"mode transition: link-up", CD_CLASS_ALARM}},
    {0, 12, {"mode transition: update", CD_CLASS_ALARM}},
    /* programmer commands */
    {1, 1, {"block status", CD_CLASS_DIAGNOSE}},
    {1, 2, {"variable status", CD_CLASS_READ}},
    {1, 3, {"output istack", CD_CLASS_DIAGNOSE}},
    {1, 4, {"output bstack", CD_CLASS_DIAGNOSE}},
    {1, 5, {"output lstack", CD_CLASS_DIAGNOSE}},
    {1, 6, {"time measurement", CD_CLASS_DIAGNOSE}},
    {1, 7, {"force selection", CD_CLASS_DIAGNOSE}},
    {1, 8, {"modify variable", CD_CLASS_CONTROL}},
    {1, 9, {"force", CD_CLASS_CONTROL}},
    {1, 10, {"breakpoint", CD_CLASS_MODE}},
    {1, 11, {"exit hold", CD_CLASS_MODE}},
    {1, 12, {"memory reset", CD_CLASS_MODE}},
    {1, 13, {"disable job", CD_CLASS_DIAGNOSE}},
    {1, 14, {"enable job", CD_CLASS_DIAGNOSE}},
    {1, 15, {"delete job", CD_CLASS_DIAGNOSE}},
    {1, 16, {"read job list", CD_CLASS_DIAGNOSE}},
    {1, 17, {"read job", CD_CLASS_DIAGNOSE}},
    {1, 18, {"replace job", CD_CLASS_CONTROL}},
    {1, 19, {"block status v2", CD_CLASS_DIAGNOSE}},
    {1, 22, {"flash led", CD_CLASS_IDENTIFY}},
    /* cyclic services */
    {2, 1, {"cyclic transfer", CD_CLASS_READ}},
    {2, 4, {"cyclic unsubscribe", CD_CLASS_SESSION}},
    {2, 5, {"change driven transfer", CD_CLASS_READ}},
    {2, 7, {"change driven transfer modify", CD_CLASS_SESSION}},
    {2, 8, {"read record", CD_CLASS_READ}},
    /* block functions */
    {3, 1, {"list blocks", CD_CLASS_DIAGNOSE}},
    {3, 2, {"list blocks of type", CD_CLASS_DIAGNOSE}},
    {3, 3, {"get block info", CD_CLASS_DIAGNOSE}},
    /* CPU functions */
    {4, 1, {"read szl", CD_CLASS_IDENTIFY}},
    {4, 2, {"message service", CD_CLASS_SESSION}},
    {4, 3, {"diagnostic message", CD_CLASS_ALARM}},
    {4, 5, {"alarm_8 indication", CD_CLASS_ALARM}},
    {4, 6, {"notify indication", CD_CLASS_ALARM}},
    {4, 7, {"alarm_8 lock", CD_CLASS_ALARM}},
    {4, 8, {"alarm_8 unlock", CD_CLASS_ALARM}},
    {4, 9, {"scan indication", CD_CLASS_ALARM}},
    {4, 11, {"alarm ack", CD_CLASS_ALARM}},
    {4, 12, {"alarm ack indication", CD_CLASS_ALARM}},
    {4, 13, {"alarm lock indication", CD_CLASS_ALARM}},
    {4, 14, {"alarm unlock indication", CD_CLASS_ALARM}},
    {4, 17, {"alarm_sq indication", CD_CLASS_ALARM}},
    {4, 18, {"alarm_s indication", CD_CLASS_ALARM}},
    {4, 19, {"alarm query", CD_CLASS_ALARM}},
    {4, 22, {"notify_8 indication", CD_CLASS_ALARM}},
    /* security */
    {5, 1, {"plc password", CD_CLASS_SESSION}},
    {5, 2, {"end plc password", CD_CLASS_SESSION}},
    /* time functions */
    {7, 1, {"read clock", CD_CLASS_READ}},
    {7, 2, {"set clock", CD_CLASS_CONFIGURE}},
    {7, 3, {"read clock (following)", CD_CLASS_READ}},
    {7, 4, {"set clock (following)", CD_CLASS_CONFIGURE}},
    /* NC programming */
    {15, 1, {"nc request download", CD_CLASS_PROGRAM}},
    {15, 2, {"nc download block", CD_CLASS_PROGRAM}},
    {15, 3, {"nc continue download", CD_CLASS_PROGRAM}},
    {15, 4, {"nc download ended", CD_CLASS_PROGRAM}},
    {15, 6, {"nc start upload", CD_CLASS_PROGRAM}},
    {15, 7, {"nc upload", CD_CLASS_PROGRAM}},
    {15, 8, {"nc continue upload", CD_CLASS_PROGRAM}},
};
/* clang-format on */

struct cd_s7comm_name cd_s7comm_userdata_name(uint8_t group, uint8_t subfunction)
{
    for (size_t i = 0; i < sizeof userdata_names / sizeof *userdata_names; i++)
        if (userdata_names[i].group == group && userdata_names[i].subfunction == subfunction)
            return userdata_names[i].name;
    switch (group) {
    case 0: return (struct cd_s7comm_name){"mode transition", CD_CLASS_ALARM};
    case 1: return (struct cd_s7comm_name){"programmer command", CD_CLASS_DIAGNOSE};
    case 2: return (struct cd_s7comm_name){"cyclic service", CD_CLASS_READ};
    case 3: return (struct cd_s7comm_name){"block function", CD_CLASS_DIAGNOSE};
    case 4: return (struct cd_s7comm_name){"cpu function", CD_CLASS_OTHER};
    case 5: return (struct cd_s7comm_name){"security", CD_CLASS_SESSION};
    case 6: return (struct cd_s7comm_name){"block send", CD_CLASS_WRITE}; /* the subfunction is the R_ID's */
    case 7: return (struct cd_s7comm_name){"time function", CD_CLASS_OTHER};
    case 15: return (struct cd_s7comm_name){"nc programming", CD_CLASS_PROGRAM};
    default: return (struct cd_s7comm_name){"unknown userdata", CD_CLASS_OTHER};
    }
}

/* Program invocation services of PLC control. Those of numerical controls begin with _N_. */
struct cd_s7comm_name cd_s7comm_pi_name(const uint8_t *name, size_t len)
{
    static const struct {
        const char *pi;
        struct cd_s7comm_name name;
    } names[] = {
        {"P_PROGRAM", {"plc control: start", CD_CLASS_MODE}},
        {"_INSE", {"plc control: activate block", CD_CLASS_PROGRAM}},
        {"_INS2", {"plc control: activate block", CD_CLASS_PROGRAM}},
        {"_DELE", {"plc control: delete block", CD_CLASS_PROGRAM}},
        {"_MODU", {"plc control: copy ram to rom", CD_CLASS_PROGRAM}},
        {"_GARB", {"plc control: compress memory", CD_CLASS_PROGRAM}},
        {"_N_LOGIN_", {"plc control: nc login", CD_CLASS_SESSION}},
        {"_N_LOGOUT", {"plc control: nc logout", CD_CLASS_SESSION}},
        {"_N_NEWPWD", {"plc control: nc new password", CD_CLASS_CONFIGURE}},
        {"_N_CANCEL", {"plc control: nc cancel alarm", CD_CLASS_ALARM}},
        {"_N_F_OPER", {"plc control: nc open file", CD_CLASS_FILE}},
        {"_N_F_OPEN", {"plc control: nc open file", CD_CLASS_FILE}},
        {"_N_F_CLOS", {"plc control: nc close file", CD_CLASS_FILE}},
        {"_N_F_DELE", {"plc control: nc delete file", CD_CLASS_PROGRAM}},
        {"_N_F_COPY", {"plc control: nc copy file", CD_CLASS_PROGRAM}},
        {"_N_F_RENA", {"plc control: nc rename file", CD_CLASS_PROGRAM}},
        {"_N_SELECT", {"plc control: nc select program", CD_CLASS_MODE}},
        {"_N_EXTERN", {"plc control: nc select external program", CD_CLASS_MODE}},
        {"_N_CONFIG", {"plc control: nc activate machine data", CD_CLASS_CONFIGURE}},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].pi) == len && memcmp(names[i].pi, name, len) == 0)
            return names[i].name;
    if (len > 3 && memcmp(name, "_N_", 3) == 0)
        return (struct cd_s7comm_name){"plc control: nc service", CD_CLASS_CONTROL};
    return (struct cd_s7comm_name){"plc control", CD_CLASS_MODE};
}

const char *cd_s7comm_block_type(uint8_t type)
{
    switch (type) {
    case 0x08: return "OB";
    case 0x09: return "CMod";
    case 0x0a: return "DB";
    case 0x0b: return "SDB";
    case 0x0c: return "FC";
    case 0x0d: return "SFC";
    case 0x0e: return "FB";
    case 0x0f: return "SFB";
    default: return NULL;
    }
}

/* By the low byte, the number of the partial list; the high byte chooses an extract of it. */
const char *cd_s7comm_szl_name(uint16_t id)
{
    switch (id & 0xff) {
    case 0x00: return "list of SZLs";
    case 0x11: return "module identification";
    case 0x12: return "CPU characteristics";
    case 0x13: return "user memory areas";
    case 0x14: return "system areas";
    case 0x15: return "block types";
    case 0x19: return "LED status";
    case 0x1c: return "component identification";
    case 0x22: return "interrupt status";
    case 0x24: return "operating modes";
    case 0x25: return "process images and OBs";
    case 0x31: return "communication capabilities";
    case 0x32: return "communication status";
    case 0x37: return "Ethernet details";
    case 0x71: return "H CPU group";
    case 0x74: return "LED status";
    case 0x81: return "start information";
    case 0x82: return "start events";
    case 0x90: return "DP master systems";
    case 0x91: return "module status";
    case 0x92: return "rack and station status";
    case 0x94: return "station status";
    case 0x95: return "DP and PROFINET IO systems";
    case 0x96: return "PROFINET module status";
    case 0xa0: return "diagnostic buffer";
    case 0xb1:
    case 0xb2:
    case 0xb3:
    case 0xb4: return "module diagnostics";
    default: return "";
    }
}

const char *cd_s7comm_return_code(uint8_t code)
{
    switch (code) {
    case 0xff: return NULL;
    case 0x00: return "reserved return code";
    case 0x01: return "hardware error";
    case 0x03: return "access not allowed";
    case 0x05: return "invalid address";
    case 0x06: return "data type not supported";
    case 0x07: return "data type inconsistent";
    case 0x0a: return "object does not exist";
    default: return "unknown return code";
    }
}

static const char *error_class_name(uint8_t class)
{
    switch (class) {
    case 0x81: return "application relationship error";
    case 0x82: return "object definition error";
    case 0x83: return "no resources available";
    case 0x84: return "error on service processing";
    case 0x85: return "error on supplies";
    case 0x87: return "access error";
    case 0xd2: return "block error";
    case 0xd4: return "diagnostics error";
    case 0xd6: return "protection error";
    default: return "unknown error class";
    }
}

/* Errors of the header (class and code) and of userdata are the same numbers. In rising order. */
static const struct {
    uint16_t error;
    const char *name;
} error_names[] = {
    {0x0110, "invalid block number"},
    {0x0111, "invalid request length"},
    {0x0112, "invalid parameter"},
    {0x0113, "invalid block type"},
    {0x0114, "block not found"},
    {0x0115, "block already exists"},
    {0x0116, "block is write-protected"},
    {0x0117, "block too large"},
    {0x0118, "invalid block number"},
    {0x0119, "incorrect password"},
    {0x011a, "PG resource error"},
    {0x011b, "PLC resource error"},
    {0x011c, "protocol error"},
    {0x011d, "too many blocks"},
    {0x0140, "insufficient memory"},
    {0x0141, "lack of resources"},
    {0x8001, "not possible in the block's status"},
    {0x8003, "error while transferring the block"},
    {0x8100, "service unknown to the module"},
    {0x8104, "service not implemented"},
    {0x8204, "type of the object is inconsistent"},
    {0x8205, "copied block already exists"},
    {0x8301, "insufficient memory"},
    {0x8302, "too few resources"},
    {0x8304, "no further parallel upload possible"},
    {0x8305, "function not available"},
    {0x8306, "insufficient work memory"},
    {0x8307, "not enough retentive memory"},
    {0x8401, "invalid service sequence"},
    {0x8402, "not possible in the object's status"},
    {0x8404, "function cannot be performed"},
    {0x8405, "remote block is disabled"},
    {0x8500, "wrong frames"},
    {0x8503, "canceled by the module"},
    {0x8701, "error addressing the object"},
    {0x8702, "service not supported"},
    {0x8703, "access to the object refused"},
    {0x8704, "object damaged"},
    {0xd001, "illegal job number"},
    {0xd002, "illegal job variant"},
    {0xd003, "debugging function not supported"},
    {0xd004, "illegal job status"},
    {0xd005, "illegal job termination"},
    {0xd008, "illegal scan rate"},
    {0xd011, "block does not exist"},
    {0xd012, "wrong address in block"},
    {0xd014, "block is being deleted"},
    {0xd015, "illegal tag address"},
    {0xd016, "user program has errors"},
    {0xd017, "illegal trigger number"},
    {0xd025, "invalid path"},
    {0xd026, "illegal access type"},
    {0xd032, "wrong result buffer length"},
    {0xd033, "wrong job length"},
    {0xd041, "illegal status list id"},
    {0xd042, "illegal tag address"},
    {0xd043, "referenced job not found"},
    {0xd044, "illegal tag value"},
    {0xd061, "no memory for the job"},
    {0xd062, "job list full"},
    {0xd081, "not permitted in the current mode"},
    {0xd082, "cannot exit hold mode"},
    {0xd0a1, "not permitted in the current protection level"},
    {0xd0a2, "memory is being modified"},
    {0xd0a4, "forcing already established"},
    {0xd0a5, "referenced job not found"},
    {0xd0a6, "job cannot be disabled or enabled"},
    {0xd0a7, "job cannot be deleted"},
    {0xd0a8, "job cannot be replaced"},
    {0xd0a9, "job cannot be read"},
    {0xd0aa, "time limit exceeded"},
    {0xd0ad, "operating mode already set"},
    {0xd0c1, "error while accessing the tags"},
    {0xd0c2, "change to stop or hold"},
    {0xd201, "syntax error in the block name"},
    {0xd202, "syntax error in the function parameters"},
    {0xd205, "linked block already in RAM"},
    {0xd206, "linked block already in EPROM"},
    {0xd208, "too many copied blocks"},
    {0xd209, "block not found"},
    {0xd20a, "too many blocks to link"},
    {0xd20b, "too many blocks to delete"},
    {0xd20c, "priority class does not exist"},
    {0xd20d, "SDB cannot be interpreted"},
    {0xd20e, "no further block available"},
    {0xd20f, "block too large"},
    {0xd210, "invalid block number"},
    {0xd212, "incorrect header attribute"},
    {0xd213, "too many SDBs"},
    {0xd216, "invalid user program"},
    {0xd217, "protection level not permitted"},
    {0xd218, "incorrect attribute"},
    {0xd219, "incorrect block lengths"},
    {0xd21b, "compressing not possible"},
    {0xd220, "invalid programming language"},
    {0xd225, "instance data block error"},
    {0xd230, "structural error in a block"},
    {0xd232, "illegal block number"},
    {0xd234, "block exists twice"},
    {0xd235, "incorrect checksum in a block"},
    {0xd236, "block without checksum"},
    {0xd240, "coordination rules violated"},
    {0xd241, "not permitted in the current protection level"},
    {0xd242, "protection violation while processing F blocks"},
    {0xd250, "module does not match the update"},
    {0xd252, "checksum error"},
    {0xd2a1, "another block function is active"},
    {0xd2a3, "block is not active"},
    {0xd2a4, "block is being processed"},
    {0xd401, "information function unavailable"},
    {0xd402, "information function unavailable"},
    {0xd403, "already logged on or off"},
    {0xd404, "too many nodes logged on"},
    {0xd405, "service not supported"},
    {0xd406, "information currently unavailable"},
    {0xd407, "diagnostics error"},
    {0xd408, "update aborted"},
    {0xd409, "error on the DP bus"},
    {0xd601, "syntax error in the function parameter"},
    {0xd602, "incorrect password"},
    {0xd603, "connection already legitimated"},
    {0xd604, "connection already enabled"},
    {0xd605, "no password exists"},
    {0xd801, "invalid tag address"},
    {0xd802, "job does not exist"},
    {0xd803, "illegal job status"},
    {0xd804, "illegal cycle time"},
    {0xd805, "no more cyclic read jobs"},
    {0xd806, "not possible in the job's state"},
    {0xd807, "overload"},
    {0xdc01, "date or time invalid"},
    {0xef01, "resources missing"},
};

static const char *error_name(uint16_t error)
{
    size_t low = 0, high = sizeof error_names / sizeof *error_names;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (error_names[middle].error == error)
            return error_names[middle].name;
        if (error_names[middle].error < error)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *cd_s7comm_parameter_error(uint16_t error)
{
    if (error == 0)
        return NULL;
    const char *name = error_name(error);
    return name ? name : error_class_name((uint8_t)(error >> 8));
}

const char *cd_s7comm_header_error(uint8_t class, uint8_t code)
{
    return cd_s7comm_parameter_error((uint16_t)(class << 8 | code));
}

const char *cd_s7comm_type_name(uint8_t transport_size)
{
    switch (transport_size) {
    case 1: return "BOOL";
    case 2: return "BYTE";
    case 3: return "CHAR";
    case 4: return "WORD";
    case 5: return "INT";
    case 6: return "DWORD";
    case 7: return "DINT";
    case 8: return "REAL";
    case 9: return "DATE";
    case 10: return "TOD";
    case 11: return "TIME";
    case 12: return "S5TIME";
    case 15: return "DATE_AND_TIME";
    case 28: return "COUNTER";
    case 29: return "TIMER";
    case 30: return "IEC TIMER";
    case 31: return "IEC COUNTER";
    case 32: return "HS COUNTER";
    default: return "type";
    }
}

const char *cd_s7comm_operating_state(uint8_t state)
{
    static const char *const names[16] = {NULL,
                                          "stop (update)",
                                          "stop (memory reset)",
                                          "stop (initialising)",
                                          "stop",
                                          "startup (cold)",
                                          "startup (warm)",
                                          "startup (hot)",
                                          "run",
                                          "run (redundant)",
                                          "hold",
                                          "link-up",
                                          "update",
                                          "defective",
                                          "self-test",
                                          "no power"};
    return names[state & 0x0f];
}
