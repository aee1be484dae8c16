/* Commands of S-Bus by name and class, and the addresses in them. */
#include "protocols/sbus.h"

/* Families of commands that stand for one CPU each. */
enum {
    STATUS_FIRST = 20,
    STATUS_LAST = 27,
    RUN_FIRST = 40,
    RUN_LAST = 48,
    COLD_FIRST = 50,
    COLD_LAST = 57,
    STOP_FIRST = 60,
    STOP_LAST = 68,
    WARM_FIRST = 100,
    WARM_LAST = 107
};

static const char *family_name(uint8_t command)
{
    if (command >= STATUS_FIRST && command <= STATUS_LAST)
        return "read PCD status";
    if (command >= RUN_FIRST && command <= RUN_LAST)
        return "run";
    if (command >= COLD_FIRST && command <= COLD_LAST)
        return "restart cold";
    if (command >= STOP_FIRST && command <= STOP_LAST)
        return "stop";
    if (command >= WARM_FIRST && command <= WARM_LAST)
        return "restart warm";
    return NULL;
}

static const char *low_name(uint8_t command)
{
    switch (command) {
    case 0: return "read counters";
    case 1: return "read display register";
    case 2: return "read flags";
    case 3: return "read inputs";
    case 4: return "read real time clock";
    case 5: return "read outputs";
    case 6: return "read registers";
    case 7: return "read timers";
    case 10: return "write counters";
    case 11: return "write flags";
    case 12: return "write real time clock";
    case 13: return "write outputs";
    case 14: return "write registers";
    case 15: return "write timers";
    case 19: return "read or write multiple media";
    case 29: return "read station number";
    case 30: return "read user memory";
    case 31: return "read program line";
    case 32: return "read firmware version";
    case 33: return "read text";
    case 34: return "read active transition";
    case 35: return "write user memory";
    case 36: return "write program line";
    case 37: return "write text";
    case 70: return "read arithmetic status and accumulator";
    case 71: return "read byte";
    case 72: return "read halt failure register";
    case 73: return "read index register";
    case 74: return "read instruction pointer";
    case 75: return "find history";
    case 80: return "write arithmetic status and accumulator";
    case 81: return "write byte";
    case 82: return "write index register";
    case 83: return "write instruction pointer";
    case 90: return "clear all";
    case 91: return "clear flags";
    case 92: return "clear outputs";
    case 93: return "clear registers";
    case 94: return "clear timers";
    default: return NULL;
    }
}

static const char *high_name(uint8_t command)
{
    switch (command) {
    case 110: return "change block";
    case 111: return "clear history failure";
    case 112: return "delete program line";
    case 113: return "go conditional";
    case 114: return "insert program line";
    case 115: return "local cycles";
    case 116: return "all cycles";
    case 117: return "make text";
    case 118: return "execute single instruction";
    case 119: return "single step";
    case 130: return "XOB 17 interrupt";
    case 131: return "XOB 18 interrupt";
    case 132: return "XOB 19 interrupt";
    case 145: return "read hang-up timeout";
    case 150: return "read data block";
    case 151: return "write data block";
    case 152: return "make data block";
    case 153: return "clear data block";
    case 154: return "clear text";
    case 155: return "read block address";
    case 156: return "read block sizes";
    case 157: return "read current block";
    case 158: return "read call stack";
    case 159: return "read DBX";
    case 161: return "read user EEPROM register";
    case 163: return "write user EEPROM register";
    case 165: return "erase flash";
    case 166: return "restart cold flag";
    case 167: return "write system buffer";
    case 168: return "read system buffer";
    case 169: return "read or write block data";
    case 170: return "get diagnostic";
    case 171: return "read system information";
    case 172: return "change blocks on run";
    case 173: return "flash card telegram";
    case 174: return "download firmware";
    case 175: return "web server serial communication";
    default: return NULL;
    }
}

const char *cd_sbus_command_name(uint8_t command)
{
    const char *name = family_name(command);
    if (!name)
        name = low_name(command);
    if (!name)
        name = high_name(command);
    return name ? name : "unknown command";
}

enum cd_class cd_sbus_command_class(uint8_t command)
{
    if ((command >= STATUS_FIRST && command <= STATUS_LAST) || (command >= 70 && command <= 75))
        return CD_CLASS_DIAGNOSE;
    if (family_name(command))
        return CD_CLASS_MODE;
    switch (command) {
    case 10:
    case 11:
    case 14:
    case 15:
    case 19:
    case 37:
    case 80:
    case 81:
    case 82:
    case 151: return CD_CLASS_WRITE;
    case 13:
    case 90:
    case 91:
    case 92:
    case 93:
    case 94: return CD_CLASS_CONTROL;
    case 12:
    case 163:
    case 167: return CD_CLASS_CONFIGURE;
    case 29:
    case 32:
    case 171: return CD_CLASS_IDENTIFY;
    case 31:
    case 35:
    case 36:
    case 83:
    case 110:
    case 112:
    case 114:
    case 117:
    case 152:
    case 153:
    case 154:
    case 165:
    case 169:
    case 172: return CD_CLASS_PROGRAM;
    case 113:
    case 115:
    case 116:
    case 118:
    case 119:
    case 130:
    case 131:
    case 132:
    case 166: return CD_CLASS_MODE;
    case 173: return CD_CLASS_FILE;
    case 174: return CD_CLASS_FIRMWARE;
    case 111:
    case 145:
    case 157:
    case 158:
    case 170: return CD_CLASS_DIAGNOSE;
    case 175: return CD_CLASS_OTHER;
    default: return cd_sbus_command_name(command)[0] == 'u' ? CD_CLASS_OTHER : CD_CLASS_READ;
    }
}

const char *cd_sbus_nak_name(uint16_t code)
{
    switch (code) {
    case 2: return "refused: password";
    case 3: return "refused: PGU port is in reduced protocol";
    case 4: return "refused: PGU port is in use";
    default: return "refused";
    }
}

const char *cd_sbus_block_name(uint8_t type)
{
    static const char *const names[] = {"COB", "XOB", "PB", "FB", "ST", "TR", "TEXT", "DB", "SB", "DBX"};
    if (type < sizeof names / sizeof names[0])
        return names[type];
    switch (type) {
    case 16: return "BACnet";
    case 17: return "CANopen";
    case 18: return "LONIP";
    case 32: return "configuration file";
    case 33: return "program block file";
    case 254: return "all configuration blocks";
    case 255: return "all blocks";
    default: return "block";
    }
}

/* ---- targets ---- */

static void text_range(struct cd_text *t, const char *medium, uint32_t first, uint32_t count)
{
    cd_text_str(t, medium);
    cd_text_char(t, ' ');
    cd_text_u64(t, first);
    if (count > 1) {
        cd_text_char(t, '-');
        cd_text_u64(t, (uint64_t)first + count - 1);
    }
}

static const char *medium_of(uint8_t command)
{
    switch (command) {
    case 0:
    case 10: return "C";
    case 2:
    case 11: return "F";
    case 3: return "I";
    case 5:
    case 13: return "O";
    case 6:
    case 14: return "R";
    case 7:
    case 15: return "T";
    default: return NULL;
    }
}

/* Reads: count - 1, address. Writes: bytes + 1 that follow, address; of bits also their count - 1. */
static void text_medium(struct cd_text *t, const struct cd_sbus_telegram *s)
{
    enum { WRITES = 10, REGISTER = 4 };
    struct cd_reader data = s->data;
    uint8_t count = cd_read_u8(&data, "count");
    uint16_t address = cd_read_be16(&data, "address");
    unsigned n = count + 1u;
    if (s->command >= WRITES)
        n = s->command == 11 || s->command == 13 ? cd_read_u8(&data, "count") + 1u
                                                 : (unsigned)(cd_read_left(&data) / REGISTER);
    if (cd_read_ok(&data))
        text_range(t, medium_of(s->command), address, n);
}

static void text_cpu(struct cd_text *t, uint8_t command)
{
    enum { OWN = 7, ALL = 8 };
    unsigned cpu =
        command >= WARM_FIRST || (command >= COLD_FIRST && command <= COLD_LAST) ? command % 10 + 1u : command % 10u;
    if (cpu == OWN)
        cd_text_str(t, "own CPU");
    else if (cpu == ALL)
        cd_text_str(t, "all CPUs");
    else
        text_range(t, "CPU", cpu, 1);
}

void cd_sbus_text_target(struct cd_text *t, const struct cd_sbus_telegram *s)
{
    struct cd_reader data = s->data;
    if (medium_of(s->command)) {
        text_medium(t, s);
    } else if (family_name(s->command)) {
        text_cpu(t, s->command);
    } else if (s->command == 150 || s->command == 151 || s->command == 152 || s->command == 153) {
        uint8_t bytes = s->command == 151 ? cd_read_u8(&data, "count") : 0;
        uint16_t block = cd_read_be16(&data, "block");
        (void)bytes;
        if (cd_read_ok(&data))
            text_range(t, "DB", block, 1);
    } else if (s->command == 169) {
        enum { TO_TYPE = 1 };
        cd_read_skip(&data, TO_TYPE, "telegram type");
        uint8_t type = cd_read_u8(&data, "block type");
        uint16_t number = cd_read_be16(&data, "block number");
        if (cd_read_ok(&data))
            text_range(t, cd_sbus_block_name(type), number, 1);
    }
}
