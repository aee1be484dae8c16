#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct cd_error *e, enum cd_code code, const char *format, va_list args)
{
    e->code = code;
    vsnprintf(e->text, sizeof e->text, format, args);
}

int cd_error_set(struct cd_error *e, enum cd_code code, const char *format, ...)
{
    if (e) {
        va_list args;
        va_start(args, format);
        fill(e, code, format, args);
        va_end(args);
    }
    return (int)code;
}

int cd_error_errno(struct cd_error *e, enum cd_code code, const char *format, ...)
{
    int saved = errno;
    if (e) {
        va_list args;
        va_start(args, format);
        fill(e, code, format, args);
        va_end(args);
        size_t used = strlen(e->text);
        snprintf(e->text + used, sizeof e->text - used, ": %s", strerror(saved));
    }
    errno = saved;
    return (int)code;
}

const char *cd_code_name(enum cd_code code)
{
    switch (code) {
    case CD_OK: return "success";
    case CD_ERROR_INTERNAL: return "internal error";
    case CD_ERROR_USAGE: return "wrong usage";
    case CD_ERROR_INPUT: return "bad input";
    case CD_ERROR_ACCESS: return "no access";
    case CD_ERROR_STORE: return "store error";
    case CD_ERROR_KEY: return "wrong or missing key";
    case CD_ERROR_FULL: return "no space";
    case CD_ERROR_MEMORY: return "out of memory";
    case CD_ERROR_SYSTEM: return "system error";
    }
    return "unknown error";
}
