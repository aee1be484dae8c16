/* Captures through gzip and zstd, and that reading needs no more of the system than was promised. */
#include "input.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <zlib.h>
#include <zstd.h>

static struct input gzipped(const void *bytes, size_t n)
{
    struct input out = {0};
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    out.cap = deflateBound(&z, n) + 64;
    out.at = malloc(out.cap);
    z.next_in = (Bytef *)bytes;
    z.avail_in = (uInt)n;
    z.next_out = out.at;
    z.avail_out = (uInt)out.cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.len = out.cap - z.avail_out;
    deflateEnd(&z);
    return out;
}

static struct input zstandard(const void *bytes, size_t n)
{
    struct input out = {.cap = ZSTD_compressBound(n)};
    out.at = malloc(out.cap);
    out.len = ZSTD_compress(out.at, out.cap, bytes, n, 1);
    assert_false(ZSTD_isError(out.len));
    return out;
}

static struct input (*const compressors[])(const void *, size_t) = {gzipped, zstandard};
#define COMPRESSORS (sizeof compressors / sizeof *compressors)

static void test_compressed_files_read_as_plain_ones(void **state)
{
    (void)state;
    struct input in = plain_pcap(60000); /* many times the buffer */
    for (size_t i = 0; i < COMPRESSORS; i++)
        for (size_t batch = 1; batch <= 64; batch = batch * 8 - 1) {
            struct input packed = compressors[i](in.at, in.len);
            struct cd_capture *c = open_input(&packed);
            assert_int_equal(read_plain(c, batch), 60000);
            assert_null(cd_capture_problem(c));
            uint64_t done, total;
            cd_capture_progress(c, &done, &total);
            assert_int_equal(done, packed.len);
            assert_int_equal(total, packed.len);
            cd_capture_close(c);
            input_free(&packed);
        }
    input_free(&in);
}

static void test_compressed_pipes_read_as_files(void **state)
{
    (void)state;
    struct input in = plain_pcap(300);
    for (size_t i = 0; i < COMPRESSORS; i++) {
        struct input packed = compressors[i](in.at, in.len);
        struct cd_capture *c = open_fd(pipe_of(packed.at, packed.len));
        assert_true(cd_capture_fd(c) >= 0);
        assert_int_equal(read_plain(c, 64), 300);
        assert_null(cd_capture_problem(c));
        cd_capture_close(c);
        input_free(&packed);
    }
    input_free(&in);
}

static void test_members_follow_one_another(void **state)
{
    (void)state;
    struct input in = plain_pcap(1000);
    size_t parts[] = {0, 10, 10, 5000, 40000, in.len}; /* one of them empty */
    for (size_t i = 0; i < COMPRESSORS; i++) {
        struct input all = {0};
        for (size_t p = 0; p + 1 < sizeof parts / sizeof *parts; p++) {
            struct input packed = compressors[i](in.at + parts[p], parts[p + 1] - parts[p]);
            put(&all, packed.at, packed.len);
            input_free(&packed);
        }
        struct cd_capture *c = open_input(&all);
        assert_int_equal(read_plain(c, 64), 1000);
        assert_null(cd_capture_problem(c));
        cd_capture_close(c);
        input_free(&all);
    }
    input_free(&in);
}

static void test_what_follows_gzip_is_told_unless_it_is_padding(void **state)
{
    (void)state;
    struct input in = plain_pcap(100);
    for (int padding = 0; padding < 2; padding++) {
        struct input packed = gzipped(in.at, in.len);
        char expected[96];
        snprintf(expected, sizeof expected, "is not gzip and was not read, from byte %zu", packed.len);
        put(&packed, padding ? "\0\0\0\0\0\0" : "trash", 5);
        struct cd_capture *c = open_input(&packed);
        assert_int_equal(read_plain(c, 64), 100);
        if (padding)
            assert_null(cd_capture_problem(c));
        else
            assert_contains(cd_capture_problem(c), expected);
        cd_capture_close(c);
        input_free(&packed);
    }
    input_free(&in);
}

/* Frames come out as far as they can be decompressed, and the cut is told. */
static void test_a_compressed_file_cut_anywhere_ends_with_a_problem(void **state)
{
    (void)state;
    struct input in = plain_pcap(40);
    for (size_t i = 0; i < COMPRESSORS; i++) {
        struct input packed = compressors[i](in.at, in.len);
        for (size_t len = 0; len < packed.len; len++) {
            struct cd_capture *c = NULL;
            struct cd_error e = {0};
            int fd = file_of(packed.at, len);
            if (cd_capture_open(fd, "plant.pcap.gz", &c, &e) != CD_OK) {
                assert_int_equal(e.code, CD_ERROR_INPUT);
                close(fd);
                continue;
            }
            assert_true(read_plain(c, 64) <= 40);
            assert_contains(cd_capture_problem(c), "is cut off at byte ");
            cd_capture_close(c);
        }
        input_free(&packed);
    }
    input_free(&in);
}

static void test_damage_inside_the_compression_is_told(void **state)
{
    (void)state;
    struct input in = plain_pcap(5000);
    struct input packed = gzipped(in.at, in.len);
    packed.at[packed.len - 8] ^= 1; /* the checksum */
    struct cd_capture *c = open_input(&packed);
    assert_int_equal(read_plain(c, 64), 5000);
    assert_contains(cd_capture_problem(c), "the gzip stream is damaged at byte ");
    cd_capture_close(c);
    input_free(&packed);

    packed = zstandard(in.at, in.len);
    put(&packed, "not zstd at all", 15);
    c = open_input(&packed);
    assert_int_equal(read_plain(c, 64), 5000);
    assert_contains(cd_capture_problem(c), "the zstd stream is damaged at byte ");
    cd_capture_close(c);
    input_free(&packed);
    input_free(&in);
}

static void test_offsets_in_compressed_files_say_what_they_count(void **state)
{
    (void)state;
    struct input in = plain_pcap(3);
    struct input packed = gzipped(in.at, in.len - 1);
    struct cd_capture *c = open_input(&packed);
    assert_int_equal(read_plain(c, 64), 2);
    char expected[96];
    snprintf(expected, sizeof expected, "cut off at byte %zu of the decompressed data in frame 3: ", in.len - 1);
    assert_contains(cd_capture_problem(c), expected);
    cd_capture_close(c);
    input_free(&packed);
    input_free(&in);
}

static void test_compressed_content_that_is_no_capture_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMPRESSORS; i++) {
        const char *name = i == 0 ? "gzip" : "zstd";
        struct input packed = compressors[i]("", 0);
        struct cd_error e = refused(file_of(packed.at, packed.len));
        assert_int_equal(e.code, CD_ERROR_INPUT);
        assert_contains(e.text, "nothing inside the compressed file");
        input_free(&packed);
        packed = compressors[i]("hello, world", 12);
        e = refused(file_of(packed.at, packed.len));
        assert_int_equal(e.code, CD_ERROR_INPUT);
        assert_contains(e.text, "text that begins with \"hello, world\"");
        assert_contains(e.text, name);
        struct input twice = compressors[i](packed.at, packed.len); /* only one layer is taken off */
        e = refused(file_of(twice.at, twice.len));
        assert_contains(e.text, i == 0 ? "is a gzip file" : "is a zstd file");
        input_free(&twice);
        input_free(&packed);
    }
}

static void test_a_block_larger_than_the_buffer_comes_through_compression(void **state)
{
    (void)state;
    struct input in = {0};
    put(&in, "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0", 28);
    put(&in, "\1\0\0\0\x14\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0", 20);
    put32(&in, 0xbad);
    put32(&in, (5u << 20) + 12);
    put_pattern(&in, 5 << 20, 1);
    put32(&in, (5u << 20) + 12);
    put(&in, "\3\0\0\0\x14\0\0\0\4\0\0\0abcd\x14\0\0\0", 20);
    for (size_t i = 0; i < COMPRESSORS; i++) {
        struct input packed = compressors[i](in.at, in.len);
        struct cd_capture *c = open_input(&packed);
        struct cd_frame frame;
        assert_int_equal(cd_capture_read(c, &frame, 1), 1);
        assert_memory_equal(frame.bytes, "abcd", 4);
        assert_int_equal(cd_capture_read(c, &frame, 1), 0);
        assert_null(cd_capture_problem(c));
        cd_capture_close(c);
        input_free(&packed);
    }
    input_free(&in);
}

#ifndef CD_SANITIZED /* a sanitizer makes system calls of its own */

#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void confine(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(read),
        ALLOW(madvise),
        ALLOW(poll),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(77);
}

/* Reads a file in a child that may do nothing else; gives its exit status: 0, or 77 where there is no seccomp. */
static int read_confined(int fd, size_t expected)
{
    struct cd_capture *c = open_fd(fd);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct cd_frame frames[64];
        confine();
        size_t n, total = 0;
        while ((n = cd_capture_read(c, frames, 64)) > 0)
            total += n;
        _exit(total == expected && cd_capture_count(c)->frames == expected && !cd_capture_problem(c) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    cd_capture_close(c);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_reading_needs_no_system_calls_but_read_and_poll(void **state)
{
    (void)state;
    struct input in = plain_pcap(60000), few = plain_pcap(300);
    int plain = read_confined(file_of(in.at, in.len), 60000);
    if (plain == 77)
        skip();
    assert_int_equal(plain, 0);
    assert_int_equal(read_confined(pipe_of(few.at, few.len), 300), 0);
    for (size_t i = 0; i < COMPRESSORS; i++) {
        struct input packed = compressors[i](in.at, in.len);
        assert_int_equal(read_confined(file_of(packed.at, packed.len), 60000), 0);
        input_free(&packed);
    }
    input_free(&in);
    input_free(&few);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compressed_files_read_as_plain_ones),
        cmocka_unit_test(test_compressed_pipes_read_as_files),
        cmocka_unit_test(test_members_follow_one_another),
        cmocka_unit_test(test_what_follows_gzip_is_told_unless_it_is_padding),
        cmocka_unit_test(test_a_compressed_file_cut_anywhere_ends_with_a_problem),
        cmocka_unit_test(test_damage_inside_the_compression_is_told),
        cmocka_unit_test(test_offsets_in_compressed_files_say_what_they_count),
        cmocka_unit_test(test_compressed_content_that_is_no_capture_is_refused),
        cmocka_unit_test(test_a_block_larger_than_the_buffer_comes_through_compression),
#ifndef CD_SANITIZED
        cmocka_unit_test(test_reading_needs_no_system_calls_but_read_and_poll),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
