/* The program: finds the sub-command in commands.def and hands over to it. */
#include "base/error.h"
#include "cmd/commands.h"
#include "cmd/roles.h"

#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the sub-command; returns an exit code, enum cd_code */
    const char *help;
};

static int print_version(int argc, char **argv);
static int print_help(int argc, char **argv);

static const struct command commands[] = {
#define CD_COMMAND(name, help) {#name, cd_cmd_##name, help},
#include "cmd/commands.def"
#undef CD_COMMAND
    {"version", print_version, "print the version"},
    {"help", print_help, "print this help"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static int print_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("cordon " CD_VERSION);
    return CD_OK;
}

static int print_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("usage: cordon COMMAND [ARGUMENTS]\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-14s %s\n", commands[i].name, commands[i].help);
    return CD_OK;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "sensor") == 0)
        return cd_role_sensor(argc - 1, argv + 1);
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - (argc > 1), argv + (argc > 1));
    fprintf(stderr, "cordon: no command \"%s\"; \"cordon help\" lists them\n", name);
    return CD_ERROR_USAGE;
}
