/* Names and kinds of Modbus functions, sub-functions and exceptions (V1.1b3 clauses 5 to 7). */
#include "protocols/modbus.h"

static const struct cd_modbus_function functions[128] = {
    [1] = {"read coils", "coil", "coils", CD_CLASS_READ, 2000},
    [2] = {"read discrete inputs", "discrete input", "discrete inputs", CD_CLASS_READ, 2000},
    [3] = {"read holding registers", "holding register", "holding registers", CD_CLASS_READ, 125},
    [4] = {"read input registers", "input register", "input registers", CD_CLASS_READ, 125},
    [5] = {"write single coil", "coil", "coils", CD_CLASS_CONTROL, 0},
    [6] = {"write single register", "holding register", "holding registers", CD_CLASS_WRITE, 0},
    [7] = {"read exception status", NULL, NULL, CD_CLASS_DIAGNOSE, 0},
    [8] = {"diagnostics", NULL, NULL, CD_CLASS_DIAGNOSE, 0},
    [11] = {"get comm event counter", NULL, NULL, CD_CLASS_DIAGNOSE, 0},
    [12] = {"get comm event log", NULL, NULL, CD_CLASS_DIAGNOSE, 0},
    [15] = {"write multiple coils", "coil", "coils", CD_CLASS_CONTROL, 1968},
    [16] = {"write multiple registers", "holding register", "holding registers", CD_CLASS_WRITE, 123},
    [17] = {"report server id", NULL, NULL, CD_CLASS_IDENTIFY, 0},
    [20] = {"read file record", NULL, NULL, CD_CLASS_FILE, 0},
    [21] = {"write file record", NULL, NULL, CD_CLASS_FILE, 0},
    [22] = {"mask write register", "holding register", "holding registers", CD_CLASS_WRITE, 0},
    [23] = {"read/write multiple registers", "holding register", "holding registers", CD_CLASS_WRITE, 125},
    [24] = {"read fifo queue", "fifo queue", "fifo queues", CD_CLASS_READ, 0},
    [43] = {"encapsulated interface transport", NULL, NULL, CD_CLASS_OTHER, 0},
    [90] = {"umas", NULL, NULL, CD_CLASS_OTHER, 0}, /* Schneider Electric's own; not a public function */
};

/* 5.1: the code ranges left to the vendors. */
static const struct cd_modbus_function user_defined = {"user-defined function", NULL, NULL, CD_CLASS_OTHER, 0};
static const struct cd_modbus_function unassigned = {"unassigned function", NULL, NULL, CD_CLASS_OTHER, 0};

const struct cd_modbus_function *cd_modbus_function(uint8_t function)
{
    if (function < 128 && functions[function].name)
        return &functions[function];
    if ((function >= 65 && function <= 72) || (function >= 100 && function <= 110))
        return &user_defined;
    return &unassigned;
}

const char *cd_modbus_exception_name(uint8_t code)
{
    static const char *const names[] = {
        [1] = "illegal function",
        [2] = "illegal data address",
        [3] = "illegal data value",
        [4] = "server device failure",
        [5] = "acknowledge",
        [6] = "server device busy",
        [7] = "negative acknowledge",
        [8] = "memory parity error",
        [10] = "gateway path unavailable",
        [11] = "gateway target device failed to respond",
    };
    if (code < sizeof names / sizeof *names && names[code])
        return names[code];
    return "unknown exception";
}

const char *cd_modbus_diagnostic_name(uint16_t sub_function, enum cd_class *ret_class)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } names[] = {
        [0] = {"diagnostics: return query data", CD_CLASS_DIAGNOSE},
        [1] = {"diagnostics: restart communications option", CD_CLASS_MODE},
        [2] = {"diagnostics: return diagnostic register", CD_CLASS_DIAGNOSE},
        [3] = {"diagnostics: change ascii input delimiter", CD_CLASS_CONFIGURE},
        [4] = {"diagnostics: force listen only mode", CD_CLASS_MODE},
        [10] = {"diagnostics: clear counters and diagnostic register", CD_CLASS_DIAGNOSE},
        [11] = {"diagnostics: return bus message count", CD_CLASS_DIAGNOSE},
        [12] = {"diagnostics: return bus communication error count", CD_CLASS_DIAGNOSE},
        [13] = {"diagnostics: return bus exception error count", CD_CLASS_DIAGNOSE},
        [14] = {"diagnostics: return server message count", CD_CLASS_DIAGNOSE},
        [15] = {"diagnostics: return server no response count", CD_CLASS_DIAGNOSE},
        [16] = {"diagnostics: return server nak count", CD_CLASS_DIAGNOSE},
        [17] = {"diagnostics: return server busy count", CD_CLASS_DIAGNOSE},
        [18] = {"diagnostics: return bus character overrun count", CD_CLASS_DIAGNOSE},
        [20] = {"diagnostics: clear overrun counter and flag", CD_CLASS_DIAGNOSE},
    };
    bool known = sub_function < sizeof names / sizeof *names && names[sub_function].name;
    *ret_class = known ? names[sub_function].class : CD_CLASS_DIAGNOSE;
    return known ? names[sub_function].name : "diagnostics: unassigned sub-function";
}
