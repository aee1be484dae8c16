/* Confinement: a process gives up, for good, everything it does not need. Called once per role, before any thread
 * exists and before the first byte from outside is parsed; each role's list of system calls is a file of its own
 * (confine_<role>.c).
 *
 * Five layers, each of which refuses alone (docs/internals/sandbox.md):
 *   1. no_new_privs, and not dumpable: no set-uid program helps, nobody attaches or reads the memory
 *   2. no root: another user and group, no supplementary groups, no capability, empty bounding set
 *   3. limits: no new process, no new descriptor, no file growth, no core dump
 *   4. Landlock: no path can be opened, no TCP port used, no signal leaves
 *   5. seccomp: whoever calls anything not on the list is killed at once */
#ifndef CD_PROC_CONFINE_H
#define CD_PROC_CONFINE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum cd_confine_action {
    CD_CONFINE_KILL,  /* what is not on the list kills the process */
    CD_CONFINE_ERRNO, /* it fails with EPERM and goes on: to find out what a new library calls */
    CD_CONFINE_OFF,   /* no system call list: for the tests, which prove the other layers alone */
};

struct cd_confine_options {
    int output_fd;         /* the pipe to the parent: with standard error the only one that can be written to */
    uid_t uid;             /* to become where we are root; 0 means 65534 (nobody) */
    gid_t gid;             /* likewise (nogroup) */
    uint64_t memory_bytes; /* limit of the address space; 0: none. Not applied in sanitized builds */
    enum cd_confine_action unlisted; /* CD_CONFINE_KILL unless a test says otherwise */
};

/* What was reached; a kernel without Landlock still gives the other four. */
struct cd_confine_status {
    int landlock_abi;        /* 0: the kernel has none */
    bool privileges_dropped; /* was root, or had capabilities, and no longer */
    bool seccomp;
};

/* Confines the sensor role. ret_status may be NULL. Fails with CD_ERROR_SYSTEM where any layer but Landlock can't be
 * had; the caller must then end, for the process may be confined in part. */
int cd_confine_sensor(const struct cd_confine_options *options, struct cd_confine_status *ret_status,
                      struct cd_error *e);

/* One permitted system call; arguments that are not compared are free. For confine_<role>.c. */
struct cd_confine_rule {
    int call;         /* SCMP_SYS(name) */
    int refuse_errno; /* 0: permitted; else it fails with this errno, quietly */
    unsigned char n_tests;
    struct {
        unsigned char argument;
        uint64_t mask, value; /* (argument & mask) == value */
    } tests[3];
};

/* All layers, with a role's own list. */
int cd_confine_role(const char *role, const struct cd_confine_rule *rules, size_t n_rules,
                    const struct cd_confine_options *options, struct cd_confine_status *ret_status, struct cd_error *e);

#endif
