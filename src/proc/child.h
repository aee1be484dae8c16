/* Starting a role of this program as a process of its own.
 *
 * The child is the same program again (fork + re-exec of /proc/self/exe), so that it shares no memory, no secrets
 * and no address layout with its parent. It holds what it is given and nothing else:
 *
 *     0, 1   /dev/null          2   the parent's standard error, for log lines
 *     3 ...  pass_fds, in their order
 *
 * Its environment is empty but for PATH, LC_ALL and TZ, and it dies with its parent. */
#ifndef CD_PROC_CHILD_H
#define CD_PROC_CHILD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CD_CHILD_FIRST_FD 3
#define CD_CHILD_MAX_FDS 64
#define CD_CHILD_MAX_ARGS 64

struct cd_child {
    pid_t pid;
    const char *role; /* borrowed from the caller of cd_child_start */
    bool ended;       /* it was waited for, and status is valid */
    int status;       /* as waitpid gives it */
};

/* Starts `cordon <role> <argv_extra...>`; argv_extra ends with NULL, or is NULL. pass_fds stay open in the parent,
 * which closes its copies. Fails with CD_ERROR_SYSTEM where the fork or exec failed; then there is no child. */
int cd_child_start(const char *role, char *const argv_extra[], const int pass_fds[], size_t n_fds,
                   struct cd_child *ret_child, struct cd_error *e);

/* Waits for the end. CD_OK where the child exited with 0; otherwise the child's own exit code where it is an enum
 * cd_code, or CD_ERROR_SYSTEM, and e tells what happened: "the sensor was killed by signal 31 (Bad system call)". */
int cd_child_wait(struct cd_child *child, struct cd_error *e);

/* The same with a deadline, at which the child is killed: CD_ERROR_SYSTEM. Negative: none. */
int cd_child_wait_for(struct cd_child *child, int deadline_ms, struct cd_error *e);

/* Kills the child, if it still runs, and waits for it. */
void cd_child_kill(struct cd_child *child);

#endif
