/* The sub-commands of commands.def as functions: argv[0] is the sub-command; they return an exit code, enum cd_code. */
#ifndef CD_CMD_COMMANDS_H
#define CD_CMD_COMMANDS_H

#define CD_COMMAND(name, help) int cd_cmd_##name(int argc, char **argv);
#include "cmd/commands.def"
#undef CD_COMMAND

#endif
