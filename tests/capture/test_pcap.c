/* Classic capture files: every kind of writer, every cut, and what is no capture at all. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static void test_both_byte_orders_and_resolutions_give_the_same_frames(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic, fraction;
        size_t extra;
    } kinds[] = {{0xa1b2c3d4, 123456, 0}, {0xa1b23c4d, 123456000, 0}, {0xa1b2cd34, 123456, 8}};
    for (size_t kind = 0; kind < 3; kind++)
        for (int big = 0; big < 2; big++) {
            struct input in = {.big_endian = big};
            pcap_header(&in, kinds[kind].magic, 4, 65535, 1);
            for (unsigned n = 0; n < 3; n++) {
                pcap_record(&in, 1700000000 + n, kinds[kind].fraction, 60, 1500);
                put_pattern(&in, kinds[kind].extra, 99);
                put_pattern(&in, 60, n);
            }
            struct cd_capture *c = open_input(&in);
            struct cd_frame frames[8];
            assert_int_equal(cd_capture_read(c, frames, 8), 3);
            for (unsigned n = 0; n < 3; n++) {
                assert_int_equal(frames[n].time_ns, (UINT64_C(1700000000) + n) * 1000000000 + 123456000);
                assert_int_equal(frames[n].captured_len, 60);
                assert_int_equal(frames[n].wire_len, 1500);
                assert_int_equal(frames[n].number, n + 1);
                assert_int_equal(frames[n].link_type, CD_LINK_ETHERNET);
                assert_int_equal(frames[n].interface, 0);
                assert_true(is_pattern(frames[n].bytes, 60, n));
            }
            assert_int_equal(cd_capture_read(c, frames, 8), 0);
            assert_null(cd_capture_problem(c));
            cd_capture_close(c);
            input_free(&in);
        }
}

static void test_counters_add_up(void **state)
{
    (void)state;
    struct input in = {0};
    pcap_header(&in, 0xa1b2c3d4, 4, 65535, 1);
    pcap_record(&in, 50, 0, 10, 10);
    put_pattern(&in, 10, 1);
    pcap_record(&in, 20, 0, 10, 100); /* earlier than the one before, and cut */
    put_pattern(&in, 10, 1);
    struct cd_capture *c = open_input(&in);
    assert_int_equal(cd_capture_count(c)->first_ns, 0);
    struct cd_frame frame;
    while (cd_capture_read(c, &frame, 1))
        ;
    const struct cd_capture_counters *k = cd_capture_count(c);
    assert_int_equal(k->frames, 2);
    assert_int_equal(k->captured_bytes, 20);
    assert_int_equal(k->wire_bytes, 110);
    assert_int_equal(k->cut_frames, 1);
    assert_int_equal(k->first_ns, 20000000000u);
    assert_int_equal(k->last_ns, 50000000000u);
    uint64_t done, total;
    cd_capture_progress(c, &done, &total);
    assert_int_equal(done, in.len);
    assert_int_equal(total, in.len);
    cd_capture_close(c);
    input_free(&in);
}

static void test_link_types_are_normalised_and_other_ones_kept(void **state)
{
    (void)state;
    static const struct {
        uint32_t network;
        uint16_t link_type;
    } rows[] = {
        {1, CD_LINK_ETHERNET},          {12, CD_LINK_RAW}, {14, CD_LINK_RAW}, {101, CD_LINK_RAW},
        {0x24000001, CD_LINK_ETHERNET}, /* the upper bits speak of frame check sequences */
        {276, CD_LINK_LINUX_SLL2},      {105, 105},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct input in = {0};
        pcap_header(&in, 0xa1b2c3d4, 4, 65535, rows[i].network);
        pcap_record(&in, 1, 1, 4, 4);
        put_pattern(&in, 4, 1);
        struct cd_capture *c = open_input(&in);
        struct cd_frame frame;
        assert_int_equal(cd_capture_read(c, &frame, 1), 1);
        assert_int_equal(frame.link_type, rows[i].link_type);
        cd_capture_close(c);
        input_free(&in);
    }
}

static void test_frames_may_be_longer_than_the_snap_length(void **state)
{
    (void)state;
    static const uint32_t snap_lengths[] = {0, 10, 0xffffffff};
    for (size_t i = 0; i < 3; i++) {
        struct input in = {0};
        pcap_header(&in, 0xa1b2c3d4, 4, snap_lengths[i], 1);
        pcap_record(&in, 1, 1, 262144, 262144);
        put_pattern(&in, 262144, 3);
        struct cd_capture *c = open_input(&in);
        struct cd_frame frame;
        assert_int_equal(cd_capture_read(c, &frame, 1), 1);
        assert_int_equal(frame.captured_len, 262144);
        assert_true(is_pattern(frame.bytes, 262144, 3));
        cd_capture_close(c);
        input_free(&in);
    }
}

static void test_a_length_beyond_any_frame_is_damage_and_ends_the_file(void **state)
{
    (void)state;
    struct input in = plain_pcap(5);
    size_t at = in.len;
    pcap_record(&in, 1, 1, 262145, 262145);
    put_pattern(&in, 300000, 3);
    struct cd_capture *c = open_input(&in);
    assert_int_equal(read_plain(c, 64), 5);
    char expected[64];
    snprintf(expected, sizeof expected, "damaged at byte %zu in frame 6: ", at);
    assert_contains(cd_capture_problem(c), expected);
    assert_contains(cd_capture_problem(c), "262145 bytes");
    cd_capture_close(c);
    input_free(&in);
}

static void test_a_wire_length_below_the_captured_one_is_raised(void **state)
{
    (void)state;
    struct input in = {0};
    pcap_header(&in, 0xa1b2c3d4, 4, 65535, 1);
    pcap_record(&in, 1, 1, 40, 0);
    put_pattern(&in, 40, 1);
    struct cd_capture *c = open_input(&in);
    struct cd_frame frame;
    assert_int_equal(cd_capture_read(c, &frame, 1), 1);
    assert_int_equal(frame.wire_len, 40);
    assert_int_equal(cd_capture_count(c)->cut_frames, 0);
    assert_int_equal(cd_capture_count(c)->wire_bytes, 40);
    cd_capture_close(c);
    input_free(&in);
}

static void test_old_versions_have_their_lengths_swapped(void **state)
{
    (void)state;
    for (uint16_t minor = 2; minor <= 4; minor++)
        for (int swapped = 0; swapped < 2; swapped++) {
            if ((minor == 2 && !swapped) || (minor == 4 && swapped))
                continue;
            struct input in = {0};
            pcap_header(&in, 0xa1b2c3d4, minor, 65535, 1);
            pcap_record(&in, 1, 1, swapped ? 100 : 40, swapped ? 40 : 100);
            put_pattern(&in, 40, 1);
            struct cd_capture *c = open_input(&in);
            struct cd_frame frame;
            assert_int_equal(cd_capture_read(c, &frame, 1), 1);
            assert_int_equal(frame.captured_len, 40);
            assert_int_equal(frame.wire_len, 100);
            cd_capture_close(c);
            input_free(&in);
        }
}

/* All frames before the cut come out, whole; the cut is named unless it is between two frames. */
static void check_cut(const struct input *in, size_t len, int (*open_as)(const void *, size_t))
{
    size_t whole = 0, end = 24;
    while (end + 16 + length_of(whole + 1) <= len)
        end += 16 + length_of(++whole);
    struct cd_capture *c = open_fd(open_as(in->at, len));
    assert_int_equal(read_plain(c, 64), whole);
    const char *problem = cd_capture_problem(c);
    if (end == len) {
        assert_null(problem);
    } else {
        char expected[128];
        size_t there = len - end;
        if (there < 16)
            snprintf(expected, sizeof expected,
                     "cut off at byte %zu in the header of frame %zu: 16 bytes announced, %zu there", len, whole + 1,
                     there);
        else
            snprintf(expected, sizeof expected, "cut off at byte %zu in frame %zu: %u bytes announced, %zu there", len,
                     whole + 1, length_of(whole + 1), there - 16);
        assert_string_equal(problem, expected);
    }
    cd_capture_close(c);
}

static void test_a_cut_at_any_byte_keeps_all_frames_before_it(void **state)
{
    (void)state;
    struct input in = plain_pcap(6);
    for (size_t len = 0; len <= in.len; len++) {
        if (len < 24) {
            struct cd_error e = refused(file_of(in.at, len));
            assert_int_equal(e.code, CD_ERROR_INPUT);
            assert_int_equal(refused(pipe_of(in.at, len)).code, CD_ERROR_INPUT);
            continue;
        }
        check_cut(&in, len, file_of);
        check_cut(&in, len, pipe_of);
    }
    input_free(&in);
}

static void test_a_large_file_reads_the_same_in_batches_of_any_size(void **state)
{
    (void)state;
    struct input in = plain_pcap(60000); /* several windows of the mapping */
    assert_true(in.len > (5u << 20));
    for (size_t batch = 1; batch <= 64; batch = batch * 4 - 1) {
        struct cd_capture *c = open_input(&in);
        assert_int_equal(read_plain(c, batch), 60000);
        assert_null(cd_capture_problem(c));
        cd_capture_close(c);
    }
    input_free(&in);
}

static void test_a_file_that_gets_shorter_while_it_is_read_ends_with_a_problem(void **state)
{
    (void)state;
    struct input in = plain_pcap(60000);
    int fd = file_of(in.at, in.len), keep = dup(fd);
    struct cd_capture *c = open_fd(fd);
    struct cd_frame frames[64];
    assert_int_equal(cd_capture_read(c, frames, 64), 64);
    assert_int_equal(ftruncate(keep, 2 << 20), 0); /* what is in use already stays */
    size_t n, total = 64;
    while ((n = cd_capture_read(c, frames, 64)) > 0)
        for (size_t i = 0; i < n; i++, total++)
            assert_true(is_pattern(frames[i].bytes, frames[i].captured_len, (unsigned)total + 1));
    assert_true(total < 60000);
    assert_contains(cd_capture_problem(c), "cut off at byte 2097152");
    cd_capture_close(c);
    close(keep);
    input_free(&in);
}

static void test_descriptors_are_taken_over_until_the_capture_is_closed(void **state)
{
    (void)state;
    struct input in = plain_pcap(3);
    int fd = file_of(in.at, in.len);
    struct cd_capture *c = open_fd(fd);
    assert_int_equal(cd_capture_fd(c), fd);
    assert_int_equal(read_plain(c, 64), 3);
    cd_capture_close(c);
    assert_int_equal(fcntl(fd, F_GETFD), -1);

    fd = pipe_of(in.at, in.len);
    c = open_fd(fd);
    assert_int_equal(cd_capture_fd(c), fd);
    uint64_t done, total;
    cd_capture_progress(c, &done, &total);
    assert_int_equal(total, 0);
    assert_int_equal(read_plain(c, 64), 3);
    cd_capture_close(c);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    cd_capture_close(NULL);
    input_free(&in);
}

static void test_other_content_is_refused_by_its_name(void **state)
{
    (void)state;
#define ROW(bytes, text)                                                                                               \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1, text                                                                                 \
    }
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } rows[] = {
        ROW("", "it is empty"),
        ROW("x", "has only the bytes 78"),
        ROW("\x7f"
            "ELF\2\1\1",
            "ELF program"),
        ROW("hello, world\nmore", "text that begins with \"hello, world\""),
        ROW("\x89PNG\r\n\x1a\n....", "PNG image"),
        ROW("snoop\0\0\0\0\0\0\2", "snoop capture"),
        ROW("GMBU\2\0", "Network Monitor 2"),
        ROW("XCP\0"
            "002.001",
            "Sniffer"),
        ROW("TRSNIFF data    \x1a", "Sniffer"),
        ROW("\x00\x00\x02\x00\x12\x05\x00\x10", "K12"),
        ROW("<!DOCTYPE html><html>", "HTML page"),
        ROW("PK\3\4....", "zip archive"),
        ROW("\xfd"
            "7zXZ\0",
            "xz"),
        ROW("\1\2\3\4\5\6\7\x8", "begins with the bytes 01 02 03 04 05 06 07 08"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int piped = 0; piped < 2; piped++) {
            struct cd_error e = refused((piped ? pipe_of : file_of)(rows[i].bytes, rows[i].len));
            assert_int_equal(e.code, CD_ERROR_INPUT);
            assert_contains(e.text, "plant.pcap: not a capture file: ");
            assert_contains(e.text, rows[i].text);
            assert_contains(e.text, "expected pcap or pcapng (also .gz, .zst)");
        }
}

static void test_formats_without_a_magic_number_are_named_too(void **state)
{
    (void)state;
    struct input erf = {0};
    for (int n = 0; n < 2; n++) {
        put32(&erf, 77);
        put32(&erf, 1700000000);
        put(&erf, "\x02\x04\x00\x50\x00\x00\x00\x40", 8);
        put_pattern(&erf, 64, 1);
    }
    assert_contains(refused(file_of(erf.at, erf.len)).text, "Endace ERF");
    struct input etl = {0};
    put32(&etl, 0x10000);
    put_pattern(&etl, 68, 0);
    put(&etl, "\2\0\2\xc0", 4);
    assert_contains(refused(file_of(etl.at, etl.len)).text, "Windows event trace");
    input_free(&erf);
    input_free(&etl);
}

static void test_other_versions_are_refused(void **state)
{
    (void)state;
    struct input in = {0};
    put32(&in, 0xa1b2c3d4);
    put16(&in, 3);
    put_pattern(&in, 18, 0);
    struct cd_error e = refused(file_of(in.at, in.len));
    assert_int_equal(e.code, CD_ERROR_INPUT);
    assert_contains(e.text, "version 3");
    input_free(&in);
}

static void test_a_folder_is_an_access_error(void **state)
{
    (void)state;
    struct cd_error e = refused(open("/", O_RDONLY | O_CLOEXEC));
    assert_int_equal(e.code, CD_ERROR_ACCESS);
    assert_contains(e.text, "plant.pcap: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_byte_orders_and_resolutions_give_the_same_frames),
        cmocka_unit_test(test_counters_add_up),
        cmocka_unit_test(test_link_types_are_normalised_and_other_ones_kept),
        cmocka_unit_test(test_frames_may_be_longer_than_the_snap_length),
        cmocka_unit_test(test_a_length_beyond_any_frame_is_damage_and_ends_the_file),
        cmocka_unit_test(test_a_wire_length_below_the_captured_one_is_raised),
        cmocka_unit_test(test_old_versions_have_their_lengths_swapped),
        cmocka_unit_test(test_a_cut_at_any_byte_keeps_all_frames_before_it),
        cmocka_unit_test(test_a_large_file_reads_the_same_in_batches_of_any_size),
        cmocka_unit_test(test_a_file_that_gets_shorter_while_it_is_read_ends_with_a_problem),
        cmocka_unit_test(test_descriptors_are_taken_over_until_the_capture_is_closed),
        cmocka_unit_test(test_other_content_is_refused_by_its_name),
        cmocka_unit_test(test_formats_without_a_magic_number_are_named_too),
        cmocka_unit_test(test_other_versions_are_refused),
        cmocka_unit_test(test_a_folder_is_an_access_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
