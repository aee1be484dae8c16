/* Services of CODESYS version 3 and their commands, as public analyses name them. */
#include "protocols/codesys.h"

const char *cd_codesys_group_name(uint16_t group)
{
    switch (group) {
    case 0x01: return "CmpDevice";
    case 0x02: return "CmpApp";
    case 0x03: return "CmpMonitor";
    case 0x04: return "CmpVisuServer";
    case 0x05: return "CmpLog";
    case 0x06: return "CmpSettings";
    case 0x07: return "SysEthernet";
    case 0x08: return "CmpFileTransfer";
    case 0x09: return "CmpIecVarAccess";
    case 0x0b: return "CmpIoMgr";
    case 0x0c: return "CmpUserMgr";
    case 0x0f: return "CmpTraceMgr";
    case 0x11: return "PlcShell";
    case 0x12: return "CmpAppBP";
    case 0x13: return "CmpAppForce";
    case 0x18: return "CmpAlarmManager";
    case 0x1b: return "CmpMonitor2";
    case 0x1d: return "CmpCodeMeter";
    case 0x1f: return "CmpCoreDump";
    case 0x22: return "CmpOpenSSL";
    default: return "service group";
    }
}

static struct cd_codesys_name device_command(uint16_t command)
{
    switch (command) {
    case 0x01: return (struct cd_codesys_name){"get target identity", CD_CLASS_IDENTIFY};
    case 0x02: return (struct cd_codesys_name){"login", CD_CLASS_SESSION};
    case 0x03: return (struct cd_codesys_name){"logout", CD_CLASS_SESSION};
    case 0x04: return (struct cd_codesys_name){"reset origin", CD_CLASS_MODE};
    case 0x05: return (struct cd_codesys_name){"echo", CD_CLASS_DIAGNOSE};
    case 0x06: return (struct cd_codesys_name){"set operating mode", CD_CLASS_MODE};
    case 0x07: return (struct cd_codesys_name){"get operating mode", CD_CLASS_READ};
    case 0x08: return (struct cd_codesys_name){"interactive login", CD_CLASS_SESSION};
    case 0x09: return (struct cd_codesys_name){"rename node", CD_CLASS_CONFIGURE};
    case 0x0a: return (struct cd_codesys_name){"create session", CD_CLASS_SESSION};
    case 0x0b: return (struct cd_codesys_name){"get configuration of reset origin", CD_CLASS_READ};
    default: return (struct cd_codesys_name){"device command", CD_CLASS_OTHER};
    }
}

static struct cd_codesys_name application_command(uint16_t command)
{
    switch (command) {
    case 0x01: return (struct cd_codesys_name){"application login", CD_CLASS_SESSION};
    case 0x02: return (struct cd_codesys_name){"application logout", CD_CLASS_SESSION};
    case 0x03: return (struct cd_codesys_name){"create application", CD_CLASS_PROGRAM};
    case 0x04: return (struct cd_codesys_name){"delete application", CD_CLASS_PROGRAM};
    case 0x05: return (struct cd_codesys_name){"download application", CD_CLASS_PROGRAM};
    case 0x06: return (struct cd_codesys_name){"online change", CD_CLASS_PROGRAM};
    case 0x07: return (struct cd_codesys_name){"device download", CD_CLASS_PROGRAM};
    case 0x08: return (struct cd_codesys_name){"create device application", CD_CLASS_PROGRAM};
    case 0x10: return (struct cd_codesys_name){"start application", CD_CLASS_MODE};
    case 0x11: return (struct cd_codesys_name){"stop application", CD_CLASS_MODE};
    case 0x12: return (struct cd_codesys_name){"reset application", CD_CLASS_MODE};
    case 0x13: return (struct cd_codesys_name){"set breakpoint", CD_CLASS_MODE};
    case 0x14: return (struct cd_codesys_name){"read status", CD_CLASS_DIAGNOSE};
    case 0x15: return (struct cd_codesys_name){"delete breakpoint", CD_CLASS_MODE};
    case 0x18: return (struct cd_codesys_name){"read application list", CD_CLASS_READ};
    case 0x20: return (struct cd_codesys_name){"release force list", CD_CLASS_CONTROL};
    case 0x22: return (struct cd_codesys_name){"single cycle", CD_CLASS_MODE};
    case 0x23: return (struct cd_codesys_name){"create boot project", CD_CLASS_PROGRAM};
    case 0x24: return (struct cd_codesys_name){"reinitialise application", CD_CLASS_MODE};
    case 0x26: return (struct cd_codesys_name){"load boot application", CD_CLASS_PROGRAM};
    case 0x27: return (struct cd_codesys_name){"register boot application", CD_CLASS_PROGRAM};
    case 0x30: return (struct cd_codesys_name){"download compact", CD_CLASS_PROGRAM};
    case 0x34: return (struct cd_codesys_name){"download encrypted", CD_CLASS_PROGRAM};
    case 0x37: return (struct cd_codesys_name){"restore retains", CD_CLASS_WRITE};
    default: return (struct cd_codesys_name){"application command", CD_CLASS_READ};
    }
}

static struct cd_codesys_name file_command(uint16_t command)
{
    switch (command) {
    case 0x01: return (struct cd_codesys_name){"get file info", CD_CLASS_FILE};
    case 0x02:
    case 0x03: return (struct cd_codesys_name){"start file download", CD_CLASS_FILE};
    case 0x04: return (struct cd_codesys_name){"file download", CD_CLASS_FILE};
    case 0x05:
    case 0x06: return (struct cd_codesys_name){"start file upload", CD_CLASS_FILE};
    case 0x07: return (struct cd_codesys_name){"file upload", CD_CLASS_FILE};
    case 0x08: return (struct cd_codesys_name){"end of transfer", CD_CLASS_FILE};
    case 0x0c: return (struct cd_codesys_name){"get directory", CD_CLASS_FILE};
    case 0x0e: return (struct cd_codesys_name){"delete file", CD_CLASS_FILE};
    case 0x0f: return (struct cd_codesys_name){"rename file", CD_CLASS_FILE};
    default: return (struct cd_codesys_name){"file command", CD_CLASS_FILE};
    }
}

static struct cd_codesys_name variable_command(uint16_t command)
{
    switch (command) {
    case 0x03:
    case 0x05: return (struct cd_codesys_name){"read variables", CD_CLASS_READ};
    case 0x04:
    case 0x06: return (struct cd_codesys_name){"write variables", CD_CLASS_WRITE};
    default: return (struct cd_codesys_name){"variable list command", CD_CLASS_READ};
    }
}

struct cd_codesys_name cd_codesys_command(uint16_t group, uint16_t command)
{
    switch (group) {
    case 0x01: return device_command(command);
    case 0x02: return application_command(command);
    case 0x08: return file_command(command);
    case 0x09: return variable_command(command);
    case 0x05: return (struct cd_codesys_name){"read log", CD_CLASS_DIAGNOSE};
    case 0x0c: return (struct cd_codesys_name){"user management command", CD_CLASS_CONFIGURE};
    case 0x11: return (struct cd_codesys_name){"PLC shell command", CD_CLASS_CONFIGURE};
    case 0x13: return (struct cd_codesys_name){"force variables", CD_CLASS_CONTROL};
    case 0x03:
    case 0x1b: break;
    default: return (struct cd_codesys_name){"service command", CD_CLASS_OTHER};
    }
    if (command == 1)
        return (struct cd_codesys_name){"read values", CD_CLASS_READ};
    return command == 2 ? (struct cd_codesys_name){"write values", CD_CLASS_WRITE}
                        : (struct cd_codesys_name){"monitor command", CD_CLASS_READ};
}
