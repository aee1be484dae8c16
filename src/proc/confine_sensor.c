/* What the sensor may ask of the kernel. It reads its capture handle, computes, writes observations to one pipe, and
 * ends.
 *
 * Everything here must be harmless in the hands of whoever took over the parser. Where a call is needed in one form
 * only, its arguments are compared; pointers can't be. What is not here kills the process. */
#include "proc/confine.h"

#include "proc/sanitize.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALL UINT64_MAX
#define INT_ALL UINT64_C(0xffffffff) /* for int arguments: the upper half of the register may hold anything */

#define ALLOW(name)                                                                                                    \
    {                                                                                                                  \
        .call = SCMP_SYS(name)                                                                                         \
    }
#define ALLOW_IF(name, at, mask_, value_)                                                                              \
    {                                                                                                                  \
        .call = SCMP_SYS(name), .n_tests = 1, .tests = { {.argument = (at), .mask = (mask_), .value = (value_)} }      \
    }
#define REFUSE(name)                                                                                                   \
    {                                                                                                                  \
        .call = SCMP_SYS(name), .refuse_errno = EPERM                                                                  \
    }

int cd_confine_sensor(const struct cd_confine_options *options, struct cd_confine_status *ret_status,
                      struct cd_error *e)
{
    const uint64_t output = (uint32_t)options->output_fd;
    const uint64_t self = (uint32_t)getpid();
    const struct cd_confine_rule rules[] = {
        /* Input: descriptors that were opened before. None can be added, so none leads anywhere new. */
        ALLOW(read),
        ALLOW(pread64),
        ALLOW(readv),
        ALLOW(lseek),
        ALLOW(fstat), /* by descriptor only: newfstatat takes paths */
        ALLOW(close),
        ALLOW(poll), /* waiting for the ring, with a deadline */
        ALLOW(ppoll),
        {.call = SCMP_SYS(getsockopt), /* the ring's packet and drop counters, no other option */
         .n_tests = 2,
         .tests = {{1, INT_ALL, SOL_PACKET}, {2, INT_ALL, PACKET_STATISTICS}}},

        /* Output: the pipe to the parent and log lines. Not the packet socket: writing to it would send a frame. */
        ALLOW_IF(write, 0, INT_ALL, output),
        ALLOW_IF(writev, 0, INT_ALL, output),
        ALLOW_IF(write, 0, INT_ALL, STDERR_FILENO),
        ALLOW_IF(writev, 0, INT_ALL, STDERR_FILENO), /* the C library's last words before abort() */

        /* Memory: malloc, and the moving window over a capture file. Never executable. */
        ALLOW(brk),
        ALLOW_IF(mmap, 2, PROT_EXEC, 0),
        ALLOW_IF(mprotect, 2, PROT_EXEC, 0),
        ALLOW(mremap), /* keeps the protection it finds */
        ALLOW(munmap),
        ALLOW(madvise), /* giving windows that were read back */

        /* Time and figures about ourselves. */
        ALLOW(clock_gettime), /* where the vDSO can't answer */
        ALLOW(gettimeofday),
        ALLOW(getrusage), /* CPU time and memory, for health */
        ALLOW(sysinfo),   /* qsort() asks for the size of the memory */
        ALLOW(getrandom), /* hash seeds */

        /* The C library's own housekeeping. */
        ALLOW(futex),
        ALLOW(sched_yield),
        ALLOW(restart_syscall), /* the kernel goes on with a poll after a stop */
        ALLOW(rt_sigreturn),
        ALLOW(rt_sigprocmask),
        ALLOW(rt_sigaction), /* abort() resets its signal */
        ALLOW(sigaltstack),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW_IF(tgkill, 0, ALL, self), /* abort(): signals to itself only */
        ALLOW(exit),
        ALLOW(exit_group),

        /* Asked by the C library or the naming library, which go on without: refused, but no reason to die. Opening is among them because
         * time zones and configuration files are looked for in unexpected places: a sensor must not end for that. */
        REFUSE(openat),
        REFUSE(open),
        REFUSE(access),
        REFUSE(readlink),
        REFUSE(readlinkat),
        REFUSE(newfstatat), /* fstat() of newer C libraries; a path could be given, so it can't be permitted */
        {.call = SCMP_SYS(prctl),
         .refuse_errno = EPERM,
         .n_tests = 1,
         .tests = {{0, INT_ALL, PR_SET_VMA}}}, /* naming memory */

#if CD_SANITIZED
        /* So that a sanitizer can finish its report, without symbols: it looks for a helper program. */
        REFUSE(ioctl),
        REFUSE(pipe),
        REFUSE(pipe2),
        REFUSE(socketpair),
        REFUSE(clone),
        REFUSE(clone3),
        REFUSE(fork),
        REFUSE(prlimit64),
        REFUSE(sched_getaffinity),
        ALLOW(nanosleep), /* a background thread of ThreadSanitizer */
        ALLOW(clock_nanosleep),
        ALLOW(membarrier),
        ALLOW(rseq), /* that thread may be starting only now */
        ALLOW(set_robust_list),
#endif
    };
    return cd_confine_role("sensor", rules, sizeof rules / sizeof *rules, options, ret_status, e);
}
