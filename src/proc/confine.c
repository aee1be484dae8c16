#include "proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/landlock.h"
#include "proc/sanitize.h"

#define NOBODY 65534
#define LOG_FILE_GROWTH (64u << 20) /* bytes that standard error may still grow by where it is a file */

static bool confined;

#if CD_SANITIZED
/* LeakSanitizer asks this before its check at exit, which clones and traces: a confined process can do neither. The
 * tests of what the process runs look for leaks outside confinement. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return confined;
}
#endif

/* Layer 2. Returns false with errno set. */
static bool drop_privileges(const struct cd_confine_options *options, bool *ret_dropped)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct caps[2];
    if (syscall(SYS_capget, &header, caps) < 0)
        return false;
    bool had_caps = caps[0].permitted || caps[1].permitted;
    /* The bounding set can be emptied only while CAP_SETPCAP is there; without it no_new_privs holds alone. */
    for (int cap = 0; cap < 64 && (caps[0].effective & 1u << CAP_SETPCAP); cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL)
            return false;
    bool root = geteuid() == 0 || getuid() == 0;
    if (root) {
        uid_t uid = options->uid ? options->uid : NOBODY;
        gid_t gid = options->gid ? options->gid : NOBODY;
        if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
            return false;
        if (geteuid() == 0 || setuid(0) == 0) {
            errno = EPERM;
            return false;
        }
    }
    memset(caps, 0, sizeof caps);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || syscall(SYS_capset, &header, caps) < 0)
        return false;
    *ret_dropped = root || had_caps;
    return true;
}

/* Changing the user clears the parent-death signal: set it again, and notice a parent that died meanwhile. */
static bool keep_parent_death(int wanted, pid_t parent)
{
    return wanted == 0 || (prctl(PR_SET_PDEATHSIG, wanted) == 0 && getppid() == parent);
}

static bool set_limit(__rlimit_resource_t what, rlim_t value)
{
    return setrlimit(what, &(struct rlimit){value, value}) == 0;
}

/* No file may grow, except where output was redirected to one. A write too far gives an error instead of the signal. */
static bool limit_files(int output_fd)
{
    struct stat st;
    rlim_t size = 0;
    if (fstat(output_fd, &st) == 0 && S_ISREG(st.st_mode))
        return true;
    if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode))
        size = (rlim_t)st.st_size + LOG_FILE_GROWTH;
    signal(SIGXFSZ, SIG_IGN);
    return set_limit(RLIMIT_FSIZE, size);
}

/* Layer 3. */
static bool set_limits(const struct cd_confine_options *options)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return false;
    /* poll() wants the limit above the number of descriptors it is given, so it is the highest in use, plus one. */
    rlim_t highest = files.rlim_cur > 4096 ? 4096 : files.rlim_cur;
    while (highest > 0 && fcntl((int)highest - 1, F_GETFD) < 0)
        highest--;
    if (!CD_SANITIZED && options->memory_bytes && !set_limit(RLIMIT_AS, options->memory_bytes))
        return false;
    return limit_files(options->output_fd) && set_limit(RLIMIT_NOFILE, highest) && set_limit(RLIMIT_NPROC, 0) &&
           set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_MEMLOCK, 0) && set_limit(RLIMIT_MSGQUEUE, 0);
}

static int add_rule(scmp_filter_ctx filter, const struct cd_confine_rule *rule)
{
    struct scmp_arg_cmp tests[3];
    for (unsigned i = 0; i < rule->n_tests; i++)
        tests[i] = (struct scmp_arg_cmp){.arg = rule->tests[i].argument,
                                         .op = SCMP_CMP_MASKED_EQ,
                                         .datum_a = rule->tests[i].mask,
                                         .datum_b = rule->tests[i].value};
    uint32_t action = rule->refuse_errno ? SCMP_ACT_ERRNO((uint16_t)rule->refuse_errno) : SCMP_ACT_ALLOW;
    return seccomp_rule_add_array(filter, action, rule->call, rule->n_tests, tests);
}

/* Layer 5. Returns 0 or a negative errno. */
static int load_filter(const struct cd_confine_rule *rules, size_t n_rules, enum cd_confine_action unlisted)
{
    uint32_t otherwise = unlisted == CD_CONFINE_ERRNO ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
    scmp_filter_ctx filter = seccomp_init(otherwise);
    if (!filter)
        return -ENOMEM;
    /* Another architecture's calling convention has other numbers, so it would pass the list: it is never permitted. */
    int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (r == 0)
        r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (r == 0)
        (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree; only speed */
    for (size_t i = 0; i < n_rules && r == 0; i++)
        /* A rule that says what the default says is refused as such: nothing is lost by leaving it out. */
        if (!(rules[i].refuse_errno == EPERM && unlisted == CD_CONFINE_ERRNO))
            r = add_rule(filter, &rules[i]);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}

int cd_confine_role(const char *role, const struct cd_confine_rule *rules, size_t n_rules,
                    const struct cd_confine_options *options, struct cd_confine_status *ret_status, struct cd_error *e)
{
    struct cd_confine_status status = {0};
    int death_signal = 0;
    pid_t parent = getppid();
    if (prctl(PR_GET_PDEATHSIG, &death_signal) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't confine the %s (no_new_privs)", role);
    if (!drop_privileges(options, &status.privileges_dropped))
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't confine the %s (privileges)", role);
    if (!keep_parent_death(death_signal, parent))
        return cd_error_set(e, CD_ERROR_SYSTEM, "the parent of the %s has ended", role);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't confine the %s (dumpable)", role);
    status.landlock_abi = cd_landlock_deny_all();
    if (status.landlock_abi < 0)
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't confine the %s (Landlock)", role);
    if (!set_limits(options))
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't confine the %s (limits)", role);
    if (options->unlisted != CD_CONFINE_OFF) {
        int r = load_filter(rules, n_rules, options->unlisted);
        if (r < 0)
            return cd_error_set(e, CD_ERROR_SYSTEM, "can't confine the %s (seccomp): %s", role, strerror(-r));
        status.seccomp = true;
    }
    confined = true;
    if (ret_status)
        *ret_status = status;
    return CD_OK;
}
