#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum cd_log_level highest = CD_LOG_WARNING;

void cd_log_set_level(enum cd_log_level level)
{
    highest = level;
}

void cd_log(enum cd_log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char line[1024];
    if (level > highest)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "cordon: %s: %s\n", names[level], line);
}
