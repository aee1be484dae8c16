/* Damage, full disks, killed processes: nothing that was committed is lost, nothing crashes, and the reason is told. */
#include "temporary.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A small generator of our own, so that a failing run can be repeated. */
static uint64_t drawn = 0x2545f4914f6cdd1du;
static unsigned draw(unsigned below)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (unsigned)(drawn % below);
}

/* Inserts `count` facts from number `first` on, in the transaction that is open. */
static int insert(struct cd_store *store, int64_t first, int64_t count, struct cd_error *e)
{
    struct cd_query *q;
    char value[200];
    int r = cd_query_prepare(
        store,
        "INSERT INTO fact (site_id, subject, attribute, value, protocol, confidence, first_ns, last_ns) "
        "VALUES (1, ?1, 'name', ?2, 'test', 50, ?3, ?3)",
        &q, e);
    if (r != CD_OK)
        return r;
    memset(value, 'x', sizeof value);
    for (int64_t i = first; r == CD_OK && i < first + count; i++) {
        char subject[32];
        snprintf(subject, sizeof subject, "%lld", (long long)i);
        cd_query_text(q, 1, subject);
        cd_query_text_len(q, 2, value, sizeof value);
        cd_query_i64(q, 3, i);
        r = cd_query_execute(q, e);
    }
    cd_query_done(q);
    return r;
}

/* Fills in transactions of `each` rows until it fails or `limit` rows are in; returns how many were committed. */
static int64_t fill(struct cd_store *store, int64_t limit, int64_t each, int *ret_code, struct cd_error *e)
{
    int64_t committed = 0;
    int r = CD_OK;
    while (committed < limit) {
        if ((r = cd_store_begin(store, e)) != CD_OK || (r = insert(store, committed, each, e)) != CD_OK ||
            (r = cd_store_commit(store, e)) != CD_OK) {
            cd_store_rollback(store);
            break;
        }
        committed += each;
    }
    *ret_code = r;
    return committed;
}

static void make_filled_store(void)
{
    struct cd_store *store = open_store(NULL);
    struct cd_error e;
    int r;
    assert_int_equal(fill(store, 400, 100, &r, &e), 400);
    cd_store_close(store);
}

/* ---- Damage ---- */

/* Opens, reads everything, checks: returns the first failure. */
static int use_whole_store(struct cd_error *e)
{
    struct cd_store *store;
    int64_t count;
    int r = cd_store_open(store_path, NULL, &store, e);
    if (r != CD_OK)
        return r;
    r = cd_query_run_i64(store, "SELECT sum(length(value)) FROM fact", 0, &count, e);
    if (r == CD_OK)
        r = cd_store_check(store, e);
    cd_store_close(store);
    return r;
}

static void flip(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    uint8_t byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (uint8_t)(1u << draw(8));
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void expect_damage(const char *what, off_t at)
{
    struct cd_error e = {0};
    int r = use_whole_store(&e);
    if (r != CD_ERROR_STORE || !strstr(e.text, "damaged"))
        fail_msg("%s at %lld: %s: %s", what, (long long)at, cd_code_name((enum cd_code)r), e.text);
}

static char *copy_of(const char *path, size_t *ret_len)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_int_equal(fstat(fd, &st), 0);
    char *bytes = malloc((size_t)st.st_size);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
    close(fd);
    *ret_len = (size_t)st.st_size;
    return bytes;
}

static void put_back(const char *path, const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void a_flipped_bit_anywhere_is_damage(void **state)
{
    (void)state;
    size_t len;
    make_filled_store();
    char *good = copy_of(in_store("cordon.db"), &len);
    for (int i = 0; i < 60; i++) {
        /* The first bytes one by one (salt and header), then one in every stretch of the file. */
        off_t at = i < 24 ? i : (off_t)((len - 24) / 36 * (size_t)(i - 24) + 24 + draw((unsigned)(len / 36) - 24));
        flip(in_store("cordon.db"), at);
        expect_damage("flipped", at);
        put_back(in_store("cordon.db"), good, len);
    }
    free(good);
    struct cd_error e;
    assert_int_equal(use_whole_store(&e), CD_OK);
}

static void a_store_cut_off_is_damage(void **state)
{
    (void)state;
    size_t len;
    make_filled_store();
    char *good = copy_of(in_store("cordon.db"), &len);
    const size_t cuts[] = {1, 15, 100, 4095, 4096, 4097, 8192, len / 2, len - 4096, len - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(truncate(in_store("cordon.db"), (off_t)cuts[i]), 0);
        expect_damage("cut", (off_t)cuts[i]);
        put_back(in_store("cordon.db"), good, len);
    }
    free(good);
}

static void a_store_that_vanished_is_not_made_anew(void **state)
{
    (void)state;
    make_filled_store();
    assert_int_equal(truncate(in_store("cordon.db"), 0), 0);
    expect_refusal(NULL, CD_ERROR_STORE, "missing or empty");
    unlink(in_store("cordon.db"));
    expect_refusal(NULL, CD_ERROR_STORE, "missing or empty");
    expect_refusal(&(struct cd_store_options){.read_only = true}, CD_ERROR_STORE, "missing or empty");
}

static void a_page_in_the_place_of_another_is_damage(void **state)
{
    (void)state;
    char page[4096];
    make_filled_store();
    int fd = open(in_store("cordon.db"), O_RDWR);
    assert_int_equal(pread(fd, page, sizeof page, 5 * 4096), sizeof page);
    assert_int_equal(pwrite(fd, page, sizeof page, 6 * 4096), sizeof page);
    close(fd);
    expect_damage("moved page", 6 * 4096);
}

static void damage_to_the_meta_file_is_told(void **state)
{
    (void)state;
    size_t len;
    make_filled_store();
    char *good = copy_of(in_store("cordon.meta"), &len);
    for (size_t at = 0; at < len; at++) {
        flip(in_store("cordon.meta"), (off_t)at);
        expect_damage("cordon.meta flipped", (off_t)at);
        put_back(in_store("cordon.meta"), good, len);
        assert_int_equal(truncate(in_store("cordon.meta"), (off_t)at), 0);
        expect_damage("cordon.meta cut", (off_t)at);
        put_back(in_store("cordon.meta"), good, len);
    }
    free(good);
}

static void noise_is_not_a_store(void **state)
{
    (void)state;
    size_t len;
    make_filled_store();
    char *noise = copy_of(in_store("cordon.db"), &len);
    for (size_t i = 0; i < len; i++)
        noise[i] = (char)draw(256);
    put_back(in_store("cordon.db"), noise, len);
    expect_damage("noise", 0);
    put_back(in_store("cordon.db"), "SQLite format 3\0 plain", 22);
    expect_damage("plain", 0);
    free(noise);
}

/* ---- No space ---- */

/* In a child: fills the store until it fails, then reads what is there. Exit code 0 where all is as promised. */
static int fill_up_and_look(void)
{
    struct cd_store *store;
    struct cd_error e;
    int r;
    int64_t count, sum;
    if (cd_store_open(store_path, NULL, &store, &e) != CD_OK)
        return 10;
    int64_t committed = fill(store, 1000000, 500, &r, &e);
    if (r != CD_ERROR_FULL || committed < 500 || !strstr(e.text, "no space")) {
        fprintf(stderr, "after %lld rows: %s\n", (long long)committed, e.text);
        return 11;
    }
    if (cd_query_run_i64(store, "SELECT count(*) FROM fact", 0, &count, &e) != CD_OK || count != committed ||
        cd_query_run_i64(store, "SELECT sum(first_ns) FROM fact", 0, &sum, &e) != CD_OK ||
        sum != committed * (committed - 1) / 2 || cd_store_check(store, &e) != CD_OK) {
        fprintf(stderr, "%s\n", e.text);
        return 12;
    }
    cd_store_close(store);
    /* And by another connection, while the disk is still full. */
    if (cd_store_open(store_path, &(struct cd_store_options){.read_only = true}, &store, &e) != CD_OK ||
        cd_query_run_i64(store, "SELECT count(*) FROM fact", 0, &count, &e) != CD_OK || count != committed) {
        fprintf(stderr, "read only: %s\n", e.text);
        return 13;
    }
    cd_store_close(store);
    return 0;
}

static int in_child(int (*run_there)(void))
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(run_there());
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int with_a_file_limit(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){2u << 20, 2u << 20});
    return fill_up_and_look();
}

static void a_file_that_may_not_grow_is_no_space(void **state)
{
    (void)state;
    assert_int_equal(in_child(with_a_file_limit), 0);
    struct cd_error e;
    assert_int_equal(use_whole_store(&e), CD_OK);
}

#define NO_MOUNT 77

static bool mount_small_disk(const char *size)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", temporary, "tmpfs", 0, size) == 0;
}

static int on_a_small_disk(void)
{
    return mount_small_disk("size=3m") ? fill_up_and_look() : NO_MOUNT;
}

static void a_full_disk_is_no_space(void **state)
{
    (void)state;
    int code = in_child(on_a_small_disk);
    if (code == NO_MOUNT)
        skip();
    assert_int_equal(code, 0);
}

/* A disk with room for less than an empty store: at whatever step it fails, it says so; with room it works. */
static int on_tiny_disks(void)
{
    struct cd_store *store;
    struct cd_error e = {0};
    if (!mount_small_disk("size=256k"))
        return NO_MOUNT;
    char ballast[128];
    static char bytes[256 * 1024];
    snprintf(ballast, sizeof ballast, "%s/ballast", temporary);
    for (size_t room = 0; room < 5; room++) {
        int fd = open(ballast, O_CREAT | O_WRONLY, 0600);
        ssize_t len = write(fd, bytes, sizeof bytes - (room + 1) * 8192);
        close(fd);
        int r = cd_store_open(store_path, NULL, &store, &e);
        if (len <= 0 || r != CD_ERROR_FULL) {
            fprintf(stderr, "with %zu bytes: %d %s\n", (room + 1) * 8192, r, e.text);
            return 20;
        }
        unlink(ballast);
    }
    if (mount("none", temporary, "tmpfs", MS_REMOUNT, "size=16m") < 0)
        return 21;
    if (cd_store_open(store_path, NULL, &store, &e) != CD_OK) {
        fprintf(stderr, "with room: %s\n", e.text);
        return 22;
    }
    cd_store_close(store);
    return 0;
}

static void a_store_that_could_not_be_made_can_be_made_later(void **state)
{
    (void)state;
    int code = in_child(on_tiny_disks);
    if (code == NO_MOUNT)
        skip();
    assert_int_equal(code, 0);
}

/* ---- Killed ---- */

/* Writes transactions of a few rows for ever, and tells each number that was committed. */
static void write_until_killed(int report, int64_t next)
{
    struct cd_store *store;
    struct cd_error e;
    if (cd_store_open(store_path, NULL, &store, &e) != CD_OK) {
        fprintf(stderr, "%s\n", e.text);
        _exit(1);
    }
    for (;;) {
        if (cd_store_begin(store, &e) != CD_OK || insert(store, next, 5, &e) != CD_OK ||
            cd_store_commit(store, &e) != CD_OK) {
            fprintf(stderr, "%s\n", e.text);
            _exit(1);
        }
        next += 5;
        if (write(report, &next, sizeof next) != sizeof next)
            _exit(1);
    }
}

/* Starts a writer, kills it after a random time, and returns the last number it told, or `known` where it told none. */
static int64_t kill_a_writer(int64_t known)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        write_until_killed(ends[1], known);
    }
    close(ends[1]);
    /* Half of them early, while the store is opened or recovered; half while they write. */
    int64_t told;
    if (draw(2) && read(ends[0], &told, sizeof told) == sizeof told)
        known = told;
    struct timespec pause = {.tv_nsec = (long)draw(12000) * 1000};
    nanosleep(&pause, NULL);
    kill(pid, SIGKILL);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    while (read(ends[0], &told, sizeof told) == sizeof told)
        known = told;
    close(ends[0]);
    return known;
}

static void a_killed_writer_loses_nothing_it_committed(void **state)
{
    (void)state;
    int64_t known = 0, begun = now_ms();
    int writing = 0;
    for (int round = 0; round < 100; round++) {
        int64_t before = known;
        known = kill_a_writer(known);
        writing += known > before;
        struct cd_store *store = open_store(NULL);
        int64_t count = number_of(store, "SELECT count(*) FROM fact");
        /* One more transaction may have been committed and not told. */
        if (count != known && count != known + 5)
            fail_msg("round %d: %lld were committed, %lld are there", round, (long long)known, (long long)count);
        assert_int_equal(number_of(store, "SELECT coalesce(max(first_ns) + 1, 0) FROM fact"), count);
        if (round % 10 == 0) {
            struct cd_error e;
            assert_int_equal(cd_store_check(store, &e), CD_OK);
        }
        cd_store_close(store);
        known = count;
    }
    print_message("100 kills, %d while writing, %lld rows, %lld ms\n", writing, (long long)known,
                  (long long)(now_ms() - begun));
    assert_true(writing > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_temporary(a_flipped_bit_anywhere_is_damage),
        with_temporary(a_store_cut_off_is_damage),
        with_temporary(a_store_that_vanished_is_not_made_anew),
        with_temporary(a_page_in_the_place_of_another_is_damage),
        with_temporary(damage_to_the_meta_file_is_told),
        with_temporary(noise_is_not_a_store),
        with_temporary(a_file_that_may_not_grow_is_no_space),
        with_temporary(a_full_disk_is_no_space),
        with_temporary(a_store_that_could_not_be_made_can_be_made_later),
        with_temporary(a_killed_writer_loses_nothing_it_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
