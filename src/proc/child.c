#include "proc/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/sanitize.h"

/* What a child's environment may keep. Only sanitized builds need more: their options are given in the environment. */
static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC";
#define MAX_ENVIRONMENT 16

static void fill_environment(char *environment[MAX_ENVIRONMENT])
{
    size_t n = 0;
    environment[n++] = path;
    environment[n++] = locale;
    environment[n++] = zone;
#if CD_SANITIZED
    extern char **environ;
    static const char *const kept[] = {"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=", "LSAN_OPTIONS="};
    for (char **at = environ; *at; at++)
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            if (strncmp(*at, kept[i], strlen(kept[i])) == 0 && n + 1 < MAX_ENVIRONMENT)
                environment[n++] = *at;
#endif
    environment[n] = NULL;
}

/* Makes the descriptors of the child what child.h promises. The wanted ones are copied above all targets first, so
 * that none is overwritten before it was moved. `report` moves to the first number behind them. Returns it, or -1. */
static int arrange_fds(const int pass_fds[], size_t n_fds, int report)
{
    int copies[CD_CHILD_MAX_FDS + 1];
    int last = CD_CHILD_FIRST_FD + (int)n_fds;
    for (size_t i = 0; i <= n_fds; i++)
        if ((copies[i] = fcntl(i < n_fds ? pass_fds[i] : report, F_DUPFD, last + 1)) < 0)
            return -1;
    for (size_t i = 0; i <= n_fds; i++)
        if (dup2(copies[i], CD_CHILD_FIRST_FD + (int)i) < 0)
            return -1;
    if (fcntl(last, F_SETFD, FD_CLOEXEC) < 0 || close_range((unsigned)last + 1, ~0u, 0) < 0)
        return -1;
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        return -1;
    if (null > 1 && null != 2)
        close(null);
    return last;
}

/* Signals as a fresh program expects them. */
static void reset_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The child's side of the fork: only async-signal-safe calls. Writes errno to the report pipe where it fails. */
static _Noreturn void become_role(char *const argv[], char *const environment[], const int pass_fds[], size_t n_fds,
                                  int report, pid_t parent)
{
    int failed = report;
    /* The parent may have died between fork and prctl. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent) {
        reset_signals();
        int moved = arrange_fds(pass_fds, n_fds, report);
        if (moved >= 0) {
            failed = moved;
            execve("/proc/self/exe", argv, environment);
        }
    }
    int code = errno;
    ssize_t written = write(failed, &code, sizeof code);
    (void)written;
    _exit(127);
}

/* Reads errno from the report pipe; end of file means that exec worked and closed it. */
static int read_report(int report)
{
    int code = 0;
    ssize_t got;
    do
        got = read(report, &code, sizeof code);
    while (got < 0 && errno == EINTR);
    return got == sizeof code ? code : 0;
}

int cd_child_start(const char *role, char *const argv_extra[], const int pass_fds[], size_t n_fds,
                   struct cd_child *ret_child, struct cd_error *e)
{
    char *argv[CD_CHILD_MAX_ARGS + 3] = {(char[]){"cordon"}, (char *)(uintptr_t)role};
    char *environment[MAX_ENVIRONMENT];
    int report[2];
    size_t n_args = 2;
    for (; argv_extra && argv_extra[n_args - 2]; n_args++) {
        if (n_args - 2 == CD_CHILD_MAX_ARGS)
            return cd_error_set(e, CD_ERROR_INTERNAL, "more than %d arguments for the role %s", CD_CHILD_MAX_ARGS,
                                role);
        argv[n_args] = argv_extra[n_args - 2];
    }
    if (n_fds > CD_CHILD_MAX_FDS)
        return cd_error_set(e, CD_ERROR_INTERNAL, "more than %d descriptors for the role %s", CD_CHILD_MAX_FDS, role);
    fill_environment(environment);
    if (pipe2(report, O_CLOEXEC) < 0)
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't make a pipe to start the role %s", role);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become_role(argv, environment, pass_fds, n_fds, report[1], parent);
    int saved = errno;
    close(report[1]);
    int failed = pid < 0 ? saved : read_report(report[0]);
    close(report[0]);
    if (failed) {
        if (pid > 0)
            waitpid(pid, NULL, 0);
        errno = failed;
        return cd_error_errno(e, CD_ERROR_SYSTEM, "can't start the role %s", role);
    }
    *ret_child = (struct cd_child){.pid = pid, .role = role};
    return CD_OK;
}

/* The exit status in words, and as a code. */
static int tell_end(const struct cd_child *child, struct cd_error *e)
{
    if (WIFSIGNALED(child->status)) {
        int number = WTERMSIG(child->status);
        return cd_error_set(e, CD_ERROR_SYSTEM, "the %s was killed by signal %d (%s)", child->role, number,
                            strsignal(number));
    }
    int code = WEXITSTATUS(child->status);
    if (code == 0)
        return CD_OK;
    if (code > CD_ERROR_SYSTEM)
        return cd_error_set(e, CD_ERROR_SYSTEM, "the %s ended with exit code %d", child->role, code);
    return cd_error_set(e, (enum cd_code)code, "the %s ended with an error (%s)", child->role,
                        cd_code_name((enum cd_code)code));
}

int cd_child_wait(struct cd_child *child, struct cd_error *e)
{
    while (!child->ended) {
        if (waitpid(child->pid, &child->status, 0) == child->pid)
            child->ended = true;
        else if (errno != EINTR)
            return cd_error_errno(e, CD_ERROR_SYSTEM, "can't wait for the %s", child->role);
    }
    return tell_end(child, e);
}

/* Whether the child has ended, or does so within deadline_ms. */
static bool ends_within(const struct cd_child *child, int deadline_ms)
{
    struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, child->pid, 0), .events = POLLIN};
    if (ended.fd < 0) /* a kernel before 5.3: the wait has no deadline */
        return true;
    int r;
    do
        r = poll(&ended, 1, deadline_ms);
    while (r < 0 && errno == EINTR);
    close(ended.fd);
    return r != 0;
}

int cd_child_wait_for(struct cd_child *child, int deadline_ms, struct cd_error *e)
{
    if (!child->ended && !ends_within(child, deadline_ms)) {
        cd_child_kill(child);
        return cd_error_set(e, CD_ERROR_SYSTEM, "the %s did not end and was killed", child->role);
    }
    return cd_child_wait(child, e);
}

void cd_child_kill(struct cd_child *child)
{
    if (child->ended || child->pid <= 0)
        return;
    kill(child->pid, SIGKILL);
    (void)cd_child_wait(child, NULL);
}
