/* pcapng: sections, interfaces, times, names, statistics, and every cut. */
#include "input.h"

#include <stdio.h>

/* --- blocks --- */

static size_t begin(struct input *in, uint32_t type)
{
    size_t start = in->len;
    put32(in, type);
    put32(in, 0);
    return start;
}

static void end(struct input *in, size_t start)
{
    while (in->len % 4)
        put(in, "", 1);
    uint32_t total = (uint32_t)(in->len + 4 - start);
    put32(in, total);
    size_t len = in->len;
    in->len = start + 4;
    put32(in, total);
    in->len = len;
}

static void option(struct input *in, uint16_t code, const void *value, uint16_t len)
{
    put16(in, code);
    put16(in, len);
    put(in, value, len);
    while (in->len % 4)
        put(in, "", 1);
}

static void option64(struct input *in, uint16_t code, uint64_t value)
{
    put16(in, code);
    put16(in, 8);
    put64(in, value);
}

static void section(struct input *in)
{
    size_t start = begin(in, 0x0a0d0d0a);
    put32(in, 0x1a2b3c4d);
    put16(in, 1);
    put16(in, 0);
    put64(in, UINT64_MAX);
    option(in, 4, "some program", 12);
    option(in, 0, "", 0);
    end(in, start);
}

/* resolution < 0: not stated; offset 0: not stated */
static void interface(struct input *in, uint16_t link_type, uint32_t snap_len, int resolution, int64_t offset)
{
    size_t start = begin(in, 1);
    put16(in, link_type);
    put16(in, 0);
    put32(in, snap_len);
    option(in, 2, "eth0", 4);
    if (resolution >= 0)
        option(in, 9, &(uint8_t){(uint8_t)resolution}, 1);
    if (offset)
        option64(in, 14, (uint64_t)offset);
    option(in, 0, "", 0);
    end(in, start);
}

static void enhanced(struct input *in, uint32_t id, uint64_t time, uint32_t len, uint32_t wire)
{
    size_t start = begin(in, 6);
    put32(in, id);
    put32(in, (uint32_t)(time >> 32));
    put32(in, (uint32_t)time);
    put32(in, len);
    put32(in, wire);
    put_pattern(in, len, len);
    end(in, start);
}

static void simple(struct input *in, uint32_t len, uint32_t wire)
{
    size_t start = begin(in, 3);
    put32(in, wire);
    put_pattern(in, len, len);
    end(in, start);
}

static void statistics(struct input *in, uint32_t id, uint64_t interface_drops, uint64_t system_drops)
{
    size_t start = begin(in, 5);
    put32(in, id);
    put64(in, 0);
    option64(in, 4, 1000);
    option64(in, 5, interface_drops);
    option64(in, 7, system_drops);
    option(in, 0, "", 0);
    end(in, start);
}

static size_t read_all(struct cd_capture *c, struct cd_frame *frames, size_t max)
{
    size_t n, total = 0;
    while (total < max && (n = cd_capture_read(c, frames + total, max - total)) > 0)
        total += n;
    for (size_t i = 0; i < total; i++) /* small inputs: one window, so all frames are still there */
        assert_true(is_pattern(frames[i].bytes, frames[i].captured_len, frames[i].captured_len));
    return total;
}

static void test_all_packet_blocks_in_both_byte_orders(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct input in = {.big_endian = big};
        section(&in);
        interface(&in, 1, 96, -1, 0);
        enhanced(&in, 0, 1700000000123456, 61, 1500);
        size_t old = begin(&in, 2);
        put16(&in, 0);
        put16(&in, 3); /* drops */
        put32(&in, (uint32_t)(1700000001000000u >> 32));
        put32(&in, (uint32_t)1700000001000000u);
        put32(&in, 50);
        put32(&in, 50);
        put_pattern(&in, 50, 50);
        end(&in, old);
        simple(&in, 30, 30);
        simple(&in, 96, 1500); /* cut to the snap length */
        struct cd_capture *c = open_input(&in);
        struct cd_frame f[8];
        assert_int_equal(read_all(c, f, 8), 4);
        assert_null(cd_capture_problem(c));
        assert_int_equal(f[0].time_ns, 1700000000123456000u);
        assert_int_equal(f[0].captured_len, 61);
        assert_int_equal(f[0].wire_len, 1500);
        assert_int_equal(f[1].time_ns, 1700000001000000000u);
        assert_int_equal(f[1].captured_len, 50);
        assert_int_equal(f[2].time_ns, f[1].time_ns);
        assert_int_equal(f[2].captured_len, 30);
        assert_int_equal(f[3].captured_len, 96);
        assert_int_equal(f[3].wire_len, 1500);
        assert_int_equal(f[3].number, 4);
        const struct cd_capture_counters *k = cd_capture_count(c);
        assert_int_equal(k->dropped, 3);
        assert_int_equal(k->cut_frames, 2);
        assert_int_equal(k->wire_bytes, 1500 + 50 + 30 + 1500);
        assert_int_equal(k->first_ns, f[0].time_ns);
        assert_int_equal(k->last_ns, f[1].time_ns);
        cd_capture_close(c);
        input_free(&in);
    }
}

static void test_times_of_every_resolution_and_offset_become_nanoseconds(void **state)
{
    (void)state;
    static const struct {
        int resolution;
        int64_t offset;
        uint64_t units, ns;
    } rows[] = {
        {-1, 0, 1700000000123456, 1700000000123456000},
        {6, 0, 1700000000123456, 1700000000123456000},
        {9, 0, 1700000000123456789, 1700000000123456789},
        {3, 0, 1700000000123, 1700000000123000000},
        {0, 0, 1700000000, 1700000000000000000},
        {12, 0, 5123456789999, 5123456789},
        {127, 0, UINT64_MAX, 0},
        {0x80 | 10, 0, 1024 * 7 + 512, 7500000000},
        {0x80 | 32, 0, (uint64_t)1700000000 << 32 | 0x80000000, 1700000000500000000},
        {0xff, 0, UINT64_MAX, 0},
        {6, 1000, 5000000, 1005000000000},
        {6, -2, 5000000, 3000000000},
        {6, -20, 5000000, 0},           /* before 1970: as early as we can say */
        {6, 0, UINT64_MAX, UINT64_MAX}, /* after 2554: as late as we can say */
        {0, INT64_MAX, UINT64_MAX, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct input in = {0};
        section(&in);
        interface(&in, 1, 0, rows[i].resolution, rows[i].offset);
        enhanced(&in, 0, rows[i].units, 20, 20);
        struct cd_capture *c = open_input(&in);
        struct cd_frame frame;
        assert_int_equal(cd_capture_read(c, &frame, 1), 1);
        assert_int_equal(frame.time_ns, rows[i].ns);
        cd_capture_close(c);
        input_free(&in);
    }
}

static void test_sections_have_their_own_byte_order_and_interfaces(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    interface(&in, 14, 0, 9, 0);
    enhanced(&in, 0, 5, 20, 20);
    enhanced(&in, 1, 7, 21, 21);
    in.big_endian = true;
    section(&in);
    interface(&in, 105, 0, -1, 0);
    enhanced(&in, 0, 9, 22, 22);
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[8];
    assert_int_equal(read_all(c, f, 8), 3);
    assert_null(cd_capture_problem(c));
    assert_int_equal(f[0].interface, 0);
    assert_int_equal(f[0].link_type, CD_LINK_ETHERNET);
    assert_int_equal(f[0].time_ns, 5000);
    assert_int_equal(f[1].interface, 1);
    assert_int_equal(f[1].link_type, CD_LINK_RAW);
    assert_int_equal(f[1].time_ns, 7);
    assert_int_equal(f[2].interface, 2);
    assert_int_equal(f[2].link_type, 105);
    assert_int_equal(f[2].time_ns, 9000);
    cd_capture_close(c);
    input_free(&in);
}

static void test_unknown_blocks_are_passed_over(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    size_t start = begin(&in, 0x00000bad);
    put_pattern(&in, 3 << 20, 1); /* larger than any buffer */
    end(&in, start);
    start = begin(&in, 0x80000123);
    end(&in, start);
    enhanced(&in, 0, 5, 20, 20);
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[4];
    assert_int_equal(read_all(c, f, 4), 1);
    assert_null(cd_capture_problem(c));
    cd_capture_close(c);
    input_free(&in);
}

static void test_drops_are_the_last_totals_of_each_interface(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    interface(&in, 1, 0, -1, 0);
    statistics(&in, 0, 10, 1);
    statistics(&in, 0, 20, 2); /* totals, so they replace the ones before */
    statistics(&in, 1, 5, UINT64_MAX);
    statistics(&in, 9, 5, 5); /* of no interface */
    section(&in);
    interface(&in, 1, 0, -1, 0);
    statistics(&in, 0, 100, 0);
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[4];
    assert_int_equal(read_all(c, f, 4), 0);
    assert_null(cd_capture_problem(c));
    assert_int_equal(cd_capture_count(c)->dropped, 22 + 5 + 100);
    cd_capture_close(c);
    input_free(&in);
}

static void test_drop_counts_of_packets_add_up(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    for (int n = 0; n < 2; n++) {
        size_t start = begin(&in, 6);
        put32(&in, 0);
        put64(&in, 0);
        put32(&in, 3);
        put32(&in, 3);
        put_pattern(&in, 3, 3);
        put(&in, "", 1);
        option(&in, 1, "a comment", 9);
        option64(&in, 4, 6);
        option(&in, 0, "", 0);
        end(&in, start);
    }
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[4];
    assert_int_equal(read_all(c, f, 4), 2);
    assert_int_equal(cd_capture_count(c)->dropped, 12);
    cd_capture_close(c);
    input_free(&in);
}

struct names {
    size_t count;
    char text[512];
};

static void note_name(void *context, const uint8_t *address, size_t address_len, const char *name)
{
    struct names *names = context;
    size_t len = strlen(names->text);
    names->count++;
    snprintf(names->text + len, sizeof names->text - len, "%zu:%02x=%s;", address_len, address[address_len - 1], name);
}

static void test_names_are_given_once_each_and_made_safe(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct input in = {.big_endian = big};
        section(&in);
        for (int again = 0; again < 2; again++) {
            size_t start = begin(&in, 4);
            option(&in, 1, "\x0a\x00\x00\x07plc7\0plc-seven", 4 + 5 + 10);
            option(&in, 2, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x08hmi\0", 16 + 4);
            option(&in, 3,
                   "\x02\x00\x00\x00\x00\x09"
                   "bad\x1b\xff",
                   6 + 5);
            option(&in, 77, "unknown", 7);
            option(&in, 1, "\x0a", 1); /* too short */
            option(&in, 0, "", 0);
            end(&in, start);
        }
        struct cd_capture *c = open_input(&in);
        struct cd_frame frame;
        assert_int_equal(cd_capture_read(c, &frame, 1), 0);
        struct names names = {0};
        cd_capture_names(c, note_name, &names);
        assert_int_equal(names.count, 4);
        assert_contains(names.text, "4:07=plc7;4:07=plc-seven;16:08=hmi;6:09=bad\\x");
        assert_null(strchr(names.text, 0x1b));
        cd_capture_close(c);
        input_free(&in);
    }
}

static void test_more_names_than_are_kept_do_no_harm(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    for (uint32_t n = 0; n < 5000; n++) {
        size_t start = begin(&in, 4);
        uint8_t record[12] = {(uint8_t)(n >> 8), (uint8_t)n, 1, 1, 'n', 'a', 'm', 'e'};
        option(&in, 1, record, 9);
        end(&in, start);
    }
    struct cd_capture *c = open_input(&in);
    struct cd_frame frame;
    assert_int_equal(cd_capture_read(c, &frame, 1), 0);
    struct names names = {0};
    cd_capture_names(c, note_name, &names);
    assert_int_equal(names.count, 4096);
    cd_capture_close(c);
    input_free(&in);
}

static struct input small_file(size_t ends[8])
{
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    ends[0] = in.len;
    enhanced(&in, 0, 5, 21, 21);
    ends[1] = in.len;
    simple(&in, 9, 9);
    ends[2] = in.len;
    statistics(&in, 0, 1, 1);
    ends[3] = in.len;
    enhanced(&in, 0, 5, 44, 44);
    ends[4] = in.len;
    return in;
}

static void test_a_cut_at_any_byte_keeps_all_frames_before_it(void **state)
{
    (void)state;
    size_t ends[8];
    struct input in = small_file(ends);
    static const size_t frames_at[] = {0, 1, 2, 2, 3};
    size_t section_len = 28 + 16 + 4; /* header, one option, the end of options */
    for (size_t len = 0; len <= in.len; len++)
        for (int piped = 0; piped < 2; piped++) {
            int fd = (piped ? pipe_of : file_of)(in.at, len);
            if (len < section_len) {
                assert_int_equal(refused(fd).code, CD_ERROR_INPUT);
                continue;
            }
            size_t block = 0;
            while (block < 4 && ends[block + 1] <= len)
                block++;
            struct cd_capture *c = open_fd(fd);
            struct cd_frame f[8];
            size_t expected_frames = len < ends[0] ? 0 : frames_at[block];
            assert_int_equal(read_all(c, f, 8), expected_frames);
            const char *problem = cd_capture_problem(c);
            if (len == section_len || (len >= ends[0] && len == ends[block])) {
                assert_null(problem);
            } else {
                char expected[64];
                snprintf(expected, sizeof expected, "cut off at byte %zu in ", len);
                assert_contains(problem, expected);
                assert_contains(problem, "bytes announced, ");
            }
            cd_capture_close(c);
        }
    input_free(&in);
}

static void test_a_cut_frame_is_named_by_its_number(void **state)
{
    (void)state;
    size_t ends[8];
    struct input in = small_file(ends);
    struct cd_capture *c = open_fd(file_of(in.at, ends[3] + 40));
    struct cd_frame f[8];
    assert_int_equal(read_all(c, f, 8), 2);
    char expected[96];
    snprintf(expected, sizeof expected, "cut off at byte %zu in frame 3: 76 bytes announced, 40 there", ends[3] + 40);
    assert_string_equal(cd_capture_problem(c), expected);
    cd_capture_close(c);
    input_free(&in);
}

/* A file with one good frame, then a block that the function makes. */
static void check_damage(void (*make)(struct input *), const char *what)
{
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    enhanced(&in, 0, 5, 21, 21);
    size_t at = in.len;
    make(&in);
    simple(&in, 9, 9);
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[8];
    assert_int_equal(read_all(c, f, 8), 1);
    char expected[64];
    snprintf(expected, sizeof expected, "damaged at byte %zu in ", at);
    assert_contains(cd_capture_problem(c), expected);
    assert_contains(cd_capture_problem(c), what);
    cd_capture_close(c);
    input_free(&in);
}

static void length_too_small(struct input *in)
{
    put32(in, 6);
    put32(in, 11);
}

static void length_too_large(struct input *in)
{
    put32(in, 6);
    put32(in, (64u << 20) + 4);
}

static void length_at_its_largest(struct input *in)
{
    put32(in, 6);
    put32(in, UINT32_MAX);
}

static void lengths_differ(struct input *in)
{
    enhanced(in, 0, 5, 20, 20);
    in->at[in->len - 1] ^= 1;
}

static void no_such_interface(struct input *in)
{
    enhanced(in, 1, 5, 20, 20);
}

static void captured_beyond_block(struct input *in)
{
    size_t start = in->len;
    enhanced(in, 0, 5, 20, 20);
    in->at[start + 20] = 24;
}

static void captured_beyond_any_frame(struct input *in)
{
    enhanced(in, 0, 5, 262148, 262148);
}

static void packet_block_too_short(struct input *in)
{
    size_t start = begin(in, 6);
    put32(in, 0);
    end(in, start);
}

static void section_without_byte_order(struct input *in)
{
    size_t start = in->len;
    section(in);
    in->at[start + 8] ^= 0xff;
}

static void section_of_version_2(struct input *in)
{
    size_t start = in->len;
    section(in);
    in->at[start + 12] = 2;
}

static void interface_too_short(struct input *in)
{
    size_t start = begin(in, 1);
    put32(in, 1);
    end(in, start);
}

static void test_damaged_blocks_end_the_file_with_their_place(void **state)
{
    (void)state;
    check_damage(length_too_small, "a block of 11 bytes, expected 12 bytes to 64 MiB");
    check_damage(length_too_large, "a block of 67108868 bytes");
    check_damage(length_at_its_largest, "a block of 4294967295 bytes");
    check_damage(lengths_differ, "the two lengths of the block differ");
    check_damage(no_such_interface, "an interface that was not described");
    check_damage(captured_beyond_block, "announces 24 bytes, but the block has 20");
    check_damage(captured_beyond_any_frame, "announces 262148 bytes");
    check_damage(packet_block_too_short, "too short");
    check_damage(section_without_byte_order, "byte order");
    check_damage(section_of_version_2, "version 2");
    check_damage(interface_too_short, "too short");
}

static void test_a_packet_before_any_interface_is_damage(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    simple(&in, 9, 9);
    struct cd_capture *c = open_input(&in);
    struct cd_frame frame;
    assert_int_equal(cd_capture_read(c, &frame, 1), 0);
    assert_contains(cd_capture_problem(c), "before any interface");
    cd_capture_close(c);
    input_free(&in);
}

static void test_options_that_do_not_fit_are_ignored(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    size_t start = begin(&in, 1);
    put16(&in, 1);
    put16(&in, 0);
    put32(&in, 0);
    put16(&in, 9);
    put16(&in, 60000);
    end(&in, start);
    enhanced(&in, 0, 5, 20, 20);
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[2];
    assert_int_equal(read_all(c, f, 2), 1);
    assert_int_equal(f[0].time_ns, 5000);
    assert_null(cd_capture_problem(c));
    cd_capture_close(c);
    input_free(&in);
}

static void test_a_length_without_its_padding_is_accepted(void **state)
{
    (void)state;
    struct input in = {0};
    section(&in);
    interface(&in, 1, 0, -1, 0);
    size_t start = in.len;
    enhanced(&in, 0, 5, 21, 21);
    in.at[start + 4] -= 3;
    in.at[in.len - 4] -= 3;
    enhanced(&in, 0, 5, 20, 20);
    struct cd_capture *c = open_input(&in);
    struct cd_frame f[4];
    assert_int_equal(read_all(c, f, 4), 2);
    assert_null(cd_capture_problem(c));
    cd_capture_close(c);
    input_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_packet_blocks_in_both_byte_orders),
        cmocka_unit_test(test_times_of_every_resolution_and_offset_become_nanoseconds),
        cmocka_unit_test(test_sections_have_their_own_byte_order_and_interfaces),
        cmocka_unit_test(test_unknown_blocks_are_passed_over),
        cmocka_unit_test(test_drops_are_the_last_totals_of_each_interface),
        cmocka_unit_test(test_drop_counts_of_packets_add_up),
        cmocka_unit_test(test_names_are_given_once_each_and_made_safe),
        cmocka_unit_test(test_more_names_than_are_kept_do_no_harm),
        cmocka_unit_test(test_a_cut_at_any_byte_keeps_all_frames_before_it),
        cmocka_unit_test(test_a_cut_frame_is_named_by_its_number),
        cmocka_unit_test(test_damaged_blocks_end_the_file_with_their_place),
        cmocka_unit_test(test_a_packet_before_any_interface_is_damage),
        cmocka_unit_test(test_options_that_do_not_fit_are_ignored),
        cmocka_unit_test(test_a_length_without_its_padding_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
