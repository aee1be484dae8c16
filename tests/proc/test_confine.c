/* The sandbox, by trying: each attempt runs in a child that was confined as the sensor is. */
#include "proc/confine.h"

#include "proc/sanitize.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum exits { EXIT_DONE = 0, EXIT_REFUSED = 40, EXIT_NOT_CONFINED = 41 };

/* Made before the confinement, as a thief would like to find them. */
static char key_path[] = "/tmp/cordon-test-key-XXXXXX";
static int read_only_fd, output[2], socket_fd;
static pid_t parent_pid;

/* ---- What a thief tries. Each returns whether it worked. ---- */

static bool opens_the_key(void)
{
    return open(key_path, O_RDONLY) >= 0;
}

static bool opens_the_key_by_openat2(void)
{
    uint64_t how[3] = {O_RDONLY, 0, 0};
    return syscall(437, AT_FDCWD, key_path, how, sizeof how) >= 0;
}

static bool creates_a_file(void)
{
    return open("/tmp/cordon-test-created", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool lists_a_folder(void)
{
    return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool removes_the_key(void)
{
    return unlink(key_path) == 0;
}

static bool reads_the_memory_of_itself(void)
{
    return open("/proc/self/mem", O_RDWR) >= 0;
}

static bool asks_about_a_file(void)
{
    struct stat st;
    return stat(key_path, &st) == 0;
}

static bool makes_a_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool makes_a_raw_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool connects(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(socket_fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == ECONNREFUSED;
}

static bool binds(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    return bind(socket_fd, (struct sockaddr *)&any, sizeof any) == 0;
}

static bool sends_on_a_socket_that_it_holds(void)
{
    return send(socket_fd, "x", 1, MSG_NOSIGNAL) >= 0 || errno == ENOTCONN || errno == EPIPE;
}

static bool writes_to_a_socket_that_it_holds(void)
{
    return write(socket_fd, "x", 1) >= 0 || errno == ENOTCONN || errno == EPIPE;
}

static bool sets_an_option_of_a_socket(void)
{
    int one = 1;
    return setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0;
}

static bool asks_a_socket_for_another_option(void)
{
    int value;
    socklen_t len = sizeof value;
    return getsockopt(socket_fd, SOL_SOCKET, SO_TYPE, &value, &len) == 0;
}

static bool runs_a_program(void)
{
    execve("/bin/true", (char *[]){key_path, NULL}, (char *[]){NULL});
    return errno != EPERM && errno != EACCES;
}

static bool runs_a_program_by_descriptor(void)
{
    syscall(SYS_execveat, read_only_fd, "", NULL, NULL, AT_EMPTY_PATH);
    return errno != EPERM && errno != EACCES;
}

static bool forks(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool traces_its_parent(void)
{
    return ptrace(PTRACE_ATTACH, parent_pid, 0, 0) == 0;
}

static bool reads_the_memory_of_its_parent(void)
{
    char here[8];
    struct iovec local = {here, sizeof here}, remote = {key_path, sizeof here};
    return syscall(SYS_process_vm_readv, parent_pid, &local, 1, &remote, 1, 0) >= 0;
}

static bool signals_its_parent(void)
{
    return kill(parent_pid, SIGCONT) == 0;
}

static bool signals_a_thread_of_its_parent(void)
{
    return syscall(SYS_tgkill, parent_pid, parent_pid, SIGCONT) == 0;
}

static bool takes_a_descriptor_of_its_parent(void)
{
    return syscall(434, parent_pid, 0) >= 0; /* pidfd_open */
}

static bool maps_executable_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool maps_a_file_as_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, read_only_fd, 0) != MAP_FAILED;
}

static bool makes_memory_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool writes_to_its_input(void)
{
    return write(read_only_fd, "x", 1) >= 0 || errno == EBADF;
}

static bool sets_up_an_io_uring(void)
{
    char parameters[120] = {0};
    return syscall(425, 4, parameters) >= 0;
}

static bool loads_bpf(void)
{
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr) >= 0;
}

static bool enters_a_user_namespace(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static bool becomes_root(void)
{
    return setuid(0) == 0;
}

static bool raises_a_limit(void)
{
    return setrlimit(RLIMIT_NOFILE, &(struct rlimit){4096, 4096}) == 0;
}

static bool duplicates_a_descriptor(void)
{
    return dup(read_only_fd) >= 0 || errno == EMFILE;
}

static bool makes_memory_shared_by_name(void)
{
    return syscall(SYS_memfd_create, "x", 0) >= 0;
}

static bool becomes_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool uses_the_other_calling_convention(void)
{
#if defined(__x86_64__) && !CD_SANITIZED
    long r = SYS_getpid | 0x40000000; /* x32 has the same instruction and other numbers */
    __asm__ volatile("syscall" : "+a"(r) : : "rcx", "r11", "memory");
    return r > 0;
#else
    return false;
#endif
}

/* ---- What the sensor does. ---- */

static bool writes_observations(void)
{
    return write(output[1], "observation", 11) == 11;
}

static bool writes_a_log_line(void)
{
    return write(STDERR_FILENO, "", 0) == 0;
}

static bool reads_its_input(void)
{
    char byte;
    return lseek(read_only_fd, 0, SEEK_SET) == 0 && read(read_only_fd, &byte, 1) == 1;
}

static bool maps_its_input(void)
{
    char *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, read_only_fd, 0);
    return page != MAP_FAILED && page[0] == 'k' && munmap(page, 1) == 0;
}

static bool grows_by_64_mb(void)
{
    for (size_t total = 0; total < 64u << 20; total += 64u << 10) {
        char *piece = malloc(64u << 10);
        if (!piece)
            return false;
        memset(piece, 1, 64u << 10);
    }
    char *whole = malloc(1u << 20);
    whole = realloc(whole, 64u << 20);
    if (!whole)
        return false;
    memset(whole, 1, 64u << 20);
    free(whole);
    return true;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(int));
}

static bool sorts_a_large_table(void)
{
    int *table = calloc(100000, sizeof *table);
    if (!table)
        return false;
    for (int i = 0; i < 100000; i++)
        table[i] = i * 7919;
    qsort(table, 100000, sizeof *table, compare);
    free(table);
    return true;
}

static bool reads_the_clock(void)
{
    struct timespec ts;
    return clock_gettime(CLOCK_REALTIME, &ts) == 0 && clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == 0;
}

static bool waits_for_its_input(void)
{
    return poll(&(struct pollfd){.fd = read_only_fd, .events = POLLIN}, 1, 0) >= 0;
}

/* ---- The harness. ---- */

/* Runs `attempt` in a confined child; returns the wait status. */
static int run_confined(bool (*attempt)(void), enum cd_confine_action unlisted)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct cd_error e;
        struct cd_confine_options options = {.output_fd = output[1], .unlisted = unlisted};
        if (cd_confine_sensor(&options, NULL, &e) != CD_OK)
            _exit(EXIT_NOT_CONFINED);
        _exit(attempt() ? EXIT_DONE : EXIT_REFUSED);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static bool was_refused(int status)
{
    return WIFSIGNALED(status) ? WTERMSIG(status) == SIGSYS : WEXITSTATUS(status) == EXIT_REFUSED;
}

struct attempt {
    const char *name;
    bool (*run)(void);
    bool layers_below; /* refused by the other layers too, without the system call list */
};

#define ATTEMPT(function, layers)                                                                                      \
    {                                                                                                                  \
#function, function, layers                                                                                    \
    }
static const struct attempt attempts[] = {
    ATTEMPT(opens_the_key, true),
    ATTEMPT(opens_the_key_by_openat2, true),
    ATTEMPT(creates_a_file, true),
    ATTEMPT(lists_a_folder, true),
    ATTEMPT(removes_the_key, true),
    ATTEMPT(reads_the_memory_of_itself, true),
    ATTEMPT(asks_about_a_file, false),
    ATTEMPT(makes_a_socket, false),
    ATTEMPT(makes_a_raw_socket, true),
    ATTEMPT(connects, false),
    ATTEMPT(binds, false),
    ATTEMPT(sends_on_a_socket_that_it_holds, false),
    ATTEMPT(writes_to_a_socket_that_it_holds, false),
    ATTEMPT(sets_an_option_of_a_socket, false),
    ATTEMPT(asks_a_socket_for_another_option, false),
    ATTEMPT(runs_a_program, true),
    ATTEMPT(runs_a_program_by_descriptor, true),
    ATTEMPT(forks, true),
    ATTEMPT(traces_its_parent, true),
    ATTEMPT(reads_the_memory_of_its_parent, true),
    ATTEMPT(signals_its_parent, true),
    ATTEMPT(signals_a_thread_of_its_parent, true),
    ATTEMPT(takes_a_descriptor_of_its_parent, false),
    ATTEMPT(maps_executable_memory, false),
    ATTEMPT(maps_a_file_as_code, false),
    ATTEMPT(makes_memory_executable, false),
    ATTEMPT(writes_to_its_input, false),
    ATTEMPT(sets_up_an_io_uring, false),
    ATTEMPT(loads_bpf, true),
    ATTEMPT(enters_a_user_namespace, false),
    ATTEMPT(becomes_root, true),
    ATTEMPT(raises_a_limit, true),
    ATTEMPT(duplicates_a_descriptor, false),
    ATTEMPT(makes_memory_shared_by_name, false),
    ATTEMPT(becomes_dumpable, false),
    ATTEMPT(uses_the_other_calling_convention, false),
};

static void a_confined_sensor_can_do_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        int status = run_confined(attempts[i].run, CD_CONFINE_KILL);
        if (!was_refused(status))
            fail_msg("%s: worked (status 0x%x)", attempts[i].name, status);
    }
}

static void unlisted_calls_can_fail_instead_of_kill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        int status = run_confined(attempts[i].run, CD_CONFINE_ERRNO);
        if (!was_refused(status))
            fail_msg("%s: worked (status 0x%x)", attempts[i].name, status);
        if (WIFSIGNALED(status) && attempts[i].run != uses_the_other_calling_convention)
            fail_msg("%s: was killed", attempts[i].name);
    }
}

static void the_other_layers_refuse_alone(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* an ordinary user may do some of it to processes of his own */
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        if (attempts[i].layers_below) {
            int status = run_confined(attempts[i].run, CD_CONFINE_OFF);
            if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_REFUSED)
                fail_msg("%s: worked (status 0x%x)", attempts[i].name, status);
        }
}

static void a_confined_sensor_can_work(void **state)
{
    (void)state;
    static const struct attempt work[] = {
        ATTEMPT(writes_observations, false), ATTEMPT(writes_a_log_line, false),   ATTEMPT(reads_its_input, false),
        ATTEMPT(maps_its_input, false),      ATTEMPT(grows_by_64_mb, false),      ATTEMPT(sorts_a_large_table, false),
        ATTEMPT(reads_the_clock, false),     ATTEMPT(waits_for_its_input, false),
    };
    for (size_t i = 0; i < sizeof work / sizeof *work; i++) {
        int status = run_confined(work[i].run, CD_CONFINE_KILL);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_DONE)
            fail_msg("%s: did not work (status 0x%x)", work[i].name, status);
    }
    char got[11];
    assert_int_equal(read(output[0], got, sizeof got), sizeof got);
    assert_memory_equal(got, "observation", sizeof got);
}

static bool is_nobody(void)
{
    gid_t groups[2];
    return getuid() == 65534 && geteuid() == 65534 && getegid() == 65534 && getgroups(2, groups) == 0 &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 0;
}

static void root_is_gone(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    int status = run_confined(is_nobody, CD_CONFINE_OFF);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_DONE);
}

static bool aborts(void)
{
    abort();
}

static void abort_is_seen_as_abort(void **state)
{
    (void)state;
    int status = run_confined(aborts, CD_CONFINE_KILL);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* Standard error may be a file: its lines must arrive, though no file may grow without bound. */
static void log_lines_reach_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/cordon-test-log-XXXXXX";
    int saved = dup(STDERR_FILENO), file = mkstemp(path);
    assert_true(saved >= 0 && file >= 0);
    dup2(file, STDERR_FILENO);
    pid_t pid = fork();
    if (pid == 0) {
        struct cd_confine_options options = {.output_fd = output[1]};
        if (cd_confine_sensor(&options, NULL, NULL) != CD_OK)
            _exit(EXIT_NOT_CONFINED);
        _exit(write(STDERR_FILENO, "line\n", 5) == 5 ? EXIT_DONE : EXIT_REFUSED);
    }
    int status;
    waitpid(pid, &status, 0);
    dup2(saved, STDERR_FILENO);
    char line[5];
    assert_int_equal(status, 0);
    assert_int_equal(pread(file, line, sizeof line, 0), sizeof line);
    close(saved);
    close(file);
    unlink(path);
}

static int prepare(void **state)
{
    (void)state;
    int file = mkstemp(key_path);
    if (file < 0 || write(file, "key", 3) != 3 || fchmod(file, 0644) < 0)
        return -1;
    close(file);
    read_only_fd = open(key_path, O_RDONLY);
    socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    parent_pid = getpid();
    return read_only_fd < 0 || socket_fd < 0 ? -1 : pipe(output);
}

static int clean_up(void **state)
{
    (void)state;
    close(read_only_fd);
    close(socket_fd);
    close(output[0]);
    close(output[1]);
    return unlink(key_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confined_sensor_can_do_nothing_else),
        cmocka_unit_test(unlisted_calls_can_fail_instead_of_kill),
        cmocka_unit_test(the_other_layers_refuse_alone),
        cmocka_unit_test(a_confined_sensor_can_work),
        cmocka_unit_test(root_is_gone),
        cmocka_unit_test(abort_is_seen_as_abort),
        cmocka_unit_test(log_lines_reach_a_file),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
