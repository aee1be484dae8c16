/* Roles as processes of their own: this test program starts itself again, as the real program does. */
#include "proc/child.h"
#include "proc/confine.h"
#include "proc/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- The roles. Descriptor 3 is the pipe to the parent. ---- */

/* Says what it holds: its arguments, its environment, its open descriptors. */
static int role_tell(int argc, char **argv)
{
    extern char **environ;
    for (int i = 2; i < argc; i++)
        dprintf(3, "%s ", argv[i]);
    for (char **at = environ; *at; at++)
        if (strncmp(*at, "CORDON_TEST_SECRET", 18) == 0)
            dprintf(3, "secret ");
    for (int fd = 0; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            dprintf(3, "%d ", fd);
    int death_signal = 0;
    prctl(PR_GET_PDEATHSIG, &death_signal);
    dprintf(3, "dies by %d", death_signal);
    return 0;
}

static int role_copy(void)
{
    char bytes[64];
    ssize_t got = read(4, bytes, sizeof bytes);
    return got > 0 && write(3, bytes, (size_t)got) == got ? 0 : 1;
}

static int role_misbehave(void)
{
    struct cd_confine_options options = {.output_fd = 3};
    if (cd_confine_sensor(&options, NULL, NULL) != CD_OK)
        return CD_ERROR_SYSTEM;
    dprintf(3, "half");
    return (int)syscall(SYS_memfd_create, "x", 0);
}

static int role_hang(void)
{
    while (true)
        pause();
    return 0;
}

static int role_close_and_hang(void)
{
    close(3);
    return role_hang();
}

static int play(int argc, char **argv)
{
    if (strcmp(argv[1], "tell") == 0)
        return role_tell(argc, argv);
    if (strcmp(argv[1], "copy") == 0)
        return role_copy();
    if (strcmp(argv[1], "misbehave") == 0)
        return role_misbehave();
    if (strcmp(argv[1], "hang") == 0)
        return role_hang();
    if (strcmp(argv[1], "close-and-hang") == 0)
        return role_close_and_hang();
    if (strcmp(argv[1], "fail") == 0)
        return CD_ERROR_INPUT;
    return CD_ERROR_USAGE;
}

/* ---- The parent. ---- */

/* Starts a role with a pipe as its descriptor 3, and `extra` as 4 where that is not -1; returns the reading end. */
static int start(const char *role, char *const extra_args[], int extra, struct cd_child *ret_child)
{
    int ends[2];
    struct cd_error e;
    assert_int_equal(pipe(ends), 0);
    int fds[2] = {ends[1], extra};
    if (cd_child_start(role, extra_args, fds, extra < 0 ? 1 : 2, ret_child, &e) != CD_OK)
        fail_msg("%s", e.text);
    close(ends[1]);
    return ends[0];
}

/* Reads to the end; returns the code of the last read. */
static int read_all(struct cd_child *child, int fd, int deadline_ms, char *text, size_t size, struct cd_error *e)
{
    size_t len = 0, got;
    int r;
    while (!(r = cd_watchdog_read(child, fd, text + len, size - 1 - len, deadline_ms, &got, e)) && got)
        len += got;
    text[len] = '\0';
    close(fd);
    return r;
}

static void a_role_holds_only_what_it_was_given(void **state)
{
    (void)state;
    struct cd_child child;
    struct cd_error e;
    char text[512], one[] = "one", two[] = "two words";
    int stray = open("/dev/null", O_RDONLY), extra = open("/dev/null", O_RDONLY);
    setenv("CORDON_TEST_SECRET", "1", 1);
    int fd = start("tell", (char *[]){one, two, NULL}, extra, &child);
    assert_int_equal(read_all(&child, fd, 10000, text, sizeof text, &e), CD_OK);
    assert_string_equal(text, "one two words 0 1 2 3 4 dies by 9");
    unsetenv("CORDON_TEST_SECRET");
    close(stray);
    close(extra);
}

static void descriptors_arrive_in_order_whatever_their_numbers(void **state)
{
    (void)state;
    struct cd_child child;
    struct cd_error e;
    char text[64];
    int out[2], in[2];
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(in), 0); /* 3 and 4 are in use from here on */
    /* Exactly crosswise: what shall be 4 sits on 3, and the other way round. */
    int high_out = fcntl(out[1], F_DUPFD, 100), high_in = fcntl(in[0], F_DUPFD, 100);
    int saved_3 = fcntl(3, F_DUPFD, 100), saved_4 = fcntl(4, F_DUPFD, 100), reader = fcntl(out[0], F_DUPFD, 100);
    assert_int_equal(write(in[1], "crossed", 7), 7);
    dup2(high_in, 3);
    dup2(high_out, 4);
    int r = cd_child_start("copy", NULL, (int[]){4, 3}, 2, &child, &e);
    dup2(saved_3, 3);
    dup2(saved_4, 4);
    close(saved_3);
    close(saved_4);
    close(high_out);
    close(out[1]);
    assert_int_equal(r, CD_OK);
    assert_int_equal(read_all(&child, reader, 10000, text, sizeof text, &e), CD_OK);
    assert_string_equal(text, "crossed");
    for (int i = 0; i < 2; i++)
        close(in[i]);
    close(out[0]);
    close(high_in);
}

static void a_killed_role_is_told_with_its_reason(void **state)
{
    (void)state;
    struct cd_child child;
    struct cd_error e;
    char text[64];
    int fd = start("misbehave", NULL, -1, &child);
    assert_int_equal(read_all(&child, fd, 10000, text, sizeof text, &e), CD_ERROR_SYSTEM);
    assert_string_equal(text, "half");
    assert_string_equal(e.text, "the misbehave was killed by signal 31 (Bad system call)");
}

static void the_code_of_a_failed_role_is_passed_on(void **state)
{
    (void)state;
    struct cd_child child;
    struct cd_error e;
    char text[64];
    int fd = start("fail", NULL, -1, &child);
    assert_int_equal(read_all(&child, fd, 10000, text, sizeof text, &e), CD_ERROR_INPUT);
    assert_string_equal(e.text, "the fail ended with an error (bad input)");
}

static void a_silent_role_is_ended_at_its_deadline(void **state)
{
    (void)state;
    static const char *const roles[] = {"hang", "close-and-hang"};
    for (size_t i = 0; i < 2; i++) {
        struct cd_child child;
        struct cd_error e;
        char text[64];
        int fd = start(roles[i], NULL, -1, &child);
        assert_int_equal(read_all(&child, fd, 100, text, sizeof text, &e), CD_ERROR_SYSTEM);
        assert_true(child.ended);
        assert_int_equal(kill(child.pid, 0), -1);
    }
}

static void killing_waits_and_may_be_repeated(void **state)
{
    (void)state;
    struct cd_child child;
    int fd = start("hang", NULL, -1, &child);
    cd_child_kill(&child);
    cd_child_kill(&child);
    assert_true(child.ended);
    close(fd);
}

static void a_bad_descriptor_is_an_error_and_leaves_no_child(void **state)
{
    (void)state;
    struct cd_child child = {.pid = -7};
    struct cd_error e;
    assert_int_equal(cd_child_start("tell", NULL, (int[]){999}, 1, &child, &e), CD_ERROR_SYSTEM);
    assert_string_equal(e.text, "can't start the role tell: Bad file descriptor");
    assert_int_equal(child.pid, -7);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return play(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_holds_only_what_it_was_given),
        cmocka_unit_test(descriptors_arrive_in_order_whatever_their_numbers),
        cmocka_unit_test(a_killed_role_is_told_with_its_reason),
        cmocka_unit_test(the_code_of_a_failed_role_is_passed_on),
        cmocka_unit_test(a_silent_role_is_ended_at_its_deadline),
        cmocka_unit_test(killing_waits_and_may_be_repeated),
        cmocka_unit_test(a_bad_descriptor_is_an_error_and_leaves_no_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
