/* DNP3: names of functions, groups and status codes (IEEE 1815 clauses 4, 11 and Annex A). */
#include "protocols/dnp3.h"

const char *cd_dnp3_function_name(uint8_t function, enum cd_class *ret_class)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } names[] = {
        [0] = {"confirm", CD_CLASS_SESSION},
        [1] = {"read", CD_CLASS_READ},
        [2] = {"write", CD_CLASS_WRITE},
        [3] = {"select", CD_CLASS_CONTROL},
        [4] = {"operate", CD_CLASS_CONTROL},
        [5] = {"direct operate", CD_CLASS_CONTROL},
        [6] = {"direct operate without response", CD_CLASS_CONTROL},
        [7] = {"immediate freeze", CD_CLASS_WRITE},
        [8] = {"immediate freeze without response", CD_CLASS_WRITE},
        [9] = {"freeze and clear", CD_CLASS_WRITE},
        [10] = {"freeze and clear without response", CD_CLASS_WRITE},
        [11] = {"freeze at time", CD_CLASS_WRITE},
        [12] = {"freeze at time without response", CD_CLASS_WRITE},
        [13] = {"cold restart", CD_CLASS_MODE},
        [14] = {"warm restart", CD_CLASS_MODE},
        [15] = {"initialize data", CD_CLASS_CONFIGURE},
        [16] = {"initialize application", CD_CLASS_MODE},
        [17] = {"start application", CD_CLASS_MODE},
        [18] = {"stop application", CD_CLASS_MODE},
        [19] = {"save configuration", CD_CLASS_CONFIGURE},
        [20] = {"enable unsolicited responses", CD_CLASS_CONFIGURE},
        [21] = {"disable unsolicited responses", CD_CLASS_CONFIGURE},
        [22] = {"assign class", CD_CLASS_CONFIGURE},
        [23] = {"delay measurement", CD_CLASS_DIAGNOSE},
        [24] = {"record current time", CD_CLASS_DIAGNOSE},
        [25] = {"open file", CD_CLASS_FILE},
        [26] = {"close file", CD_CLASS_FILE},
        [27] = {"delete file", CD_CLASS_FILE},
        [28] = {"get file information", CD_CLASS_FILE},
        [29] = {"authenticate file", CD_CLASS_SESSION},
        [30] = {"abort file transfer", CD_CLASS_FILE},
        [31] = {"activate configuration", CD_CLASS_CONFIGURE},
        [32] = {"authentication request", CD_CLASS_SESSION},
        [33] = {"authentication request without acknowledgement", CD_CLASS_SESSION},
        [129] = {"response", CD_CLASS_OTHER},
        [130] = {"unsolicited response", CD_CLASS_READ},
        [131] = {"authentication response", CD_CLASS_SESSION},
    };
    bool known = function < sizeof names / sizeof *names && names[function].name;
    *ret_class = known ? names[function].class : CD_CLASS_OTHER;
    return known ? names[function].name : "unassigned function";
}

const char *cd_dnp3_group_name(uint8_t group)
{
    static const char *const names[] = {
        [0] = "device attribute",
        [1] = "binary input",
        [2] = "binary input event",
        [3] = "double-bit binary input",
        [4] = "double-bit binary input event",
        [10] = "binary output",
        [11] = "binary output event",
        [12] = "binary output",
        [13] = "binary output command event",
        [20] = "counter",
        [21] = "frozen counter",
        [22] = "counter event",
        [23] = "frozen counter event",
        [30] = "analog input",
        [31] = "frozen analog input",
        [32] = "analog input event",
        [33] = "frozen analog input event",
        [34] = "analog input deadband",
        [40] = "analog output",
        [41] = "analog output",
        [42] = "analog output event",
        [43] = "analog output command event",
        [50] = "time and date",
        [51] = "time and date of occurrence",
        [52] = "time delay",
        [60] = "class",
        [70] = "file",
        [80] = "internal indication",
        [81] = "device storage",
        [82] = "device profile",
        [83] = "private registration",
        [85] = "data set prototype",
        [86] = "data set descriptor",
        [87] = "data set",
        [88] = "data set event",
        [90] = "application",
        [91] = "status of requested operation",
        [100] = "floating point",
        [101] = "binary-coded decimal integer",
        [102] = "unsigned integer",
        [110] = "octet string",
        [111] = "octet string event",
        [112] = "virtual terminal output",
        [113] = "virtual terminal event",
        [120] = "authentication",
        [121] = "security statistic",
        [122] = "security statistic event",
    };
    if (group < sizeof names / sizeof *names && names[group])
        return names[group];
    return "group";
}

const char *cd_dnp3_control_status(uint8_t status)
{
    static const char *const names[] = {
        [1] = "control timed out",
        [2] = "no select before operate",
        [3] = "control format error",
        [4] = "control not supported",
        [5] = "control already active",
        [6] = "control hardware error",
        [7] = "local control only",
        [8] = "too many objects",
        [9] = "not authorized",
        [10] = "automation inhibited",
        [11] = "processing limited",
        [12] = "control out of range",
        [13] = "downstream device in local mode",
        [14] = "control already complete",
        [15] = "control blocked",
        [16] = "control canceled",
        [17] = "blocked by other master",
        [18] = "downstream device failed",
        [126] = "non-participating",
        [127] = "undefined control error",
    };
    status &= 0x7f;
    if (status == 0)
        return NULL;
    return status < sizeof names / sizeof *names && names[status] ? names[status] : "unknown control error";
}

const char *cd_dnp3_file_status(uint8_t status)
{
    static const char *const names[] = {
        [1] = "file permission denied",
        [2] = "file mode invalid",
        [3] = "file not found",
        [4] = "file locked",
        [5] = "too many files open",
        [6] = "file handle invalid",
        [7] = "file block size invalid",
        [8] = "file communication lost",
        [9] = "file not aborted",
        [16] = "file handle expired",
        [17] = "file buffer overrun",
        [18] = "fatal file error",
        [19] = "file block out of sequence",
        [255] = "undefined file error",
    };
    if (status == 0)
        return NULL;
    return names[status] ? names[status] : "unknown file error";
}

const char *cd_dnp3_refusal(uint16_t indications)
{
    if (indications & CD_DNP3_NO_FUNCTION)
        return "function not supported";
    if (indications & CD_DNP3_OBJECT_UNKNOWN)
        return "object unknown";
    if (indications & CD_DNP3_PARAMETER_ERROR)
        return "parameter error";
    if (indications & CD_DNP3_ALREADY_EXECUTING)
        return "already executing";
    return NULL;
}
