/* Our own failures: a code for the program, a text for the person. Bad traffic is never one of these. */
#ifndef CD_BASE_ERROR_H
#define CD_BASE_ERROR_H

/* Exit codes of the program are these values (0 is success). */
enum cd_code {
    CD_OK = 0,
    CD_ERROR_INTERNAL = 1, /* a promise inside our own program was broken */
    CD_ERROR_USAGE = 2,    /* the command line */
    CD_ERROR_INPUT = 3,    /* a file or stream that is not what it should be, or is damaged */
    CD_ERROR_ACCESS = 4,   /* a path or device that can't be opened, read or written */
    CD_ERROR_STORE = 5,    /* the store: damaged, locked, or of a newer version */
    CD_ERROR_KEY = 6,      /* a key that is missing or wrong */
    CD_ERROR_FULL = 7,     /* no space, or a stated limit was reached */
    CD_ERROR_MEMORY = 8,
    CD_ERROR_SYSTEM = 9, /* a system call that should not fail failed */
};

/* Filled by the function that fails; the caller owns it. The text names the file, the offset or line, and what was expected. */
struct cd_error {
    enum cd_code code;
    char text[512];
};

/* Fills e (which may be NULL) and returns the code, so that a failing function can `return cd_error_set(...)`. */
int cd_error_set(struct cd_error *e, enum cd_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, with ": " and the text of errno at the end. */
int cd_error_errno(struct cd_error *e, enum cd_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A few words for a code: "bad input", "wrong or missing key". */
const char *cd_code_name(enum cd_code code);

#endif
