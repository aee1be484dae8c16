/* The bounds-checked reader: checking and reading are one act, and failure sticks. */
#include "base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void test_numbers_are_read_in_both_byte_orders(void **state)
{
    (void)state;
    struct cd_reader r = cd_reader_of(bytes, sizeof bytes);
    assert_int_equal(cd_read_u8(&r, "a"), 1);
    assert_int_equal(cd_read_be16(&r, "b"), 0x0203);
    assert_int_equal(cd_read_le16(&r, "c"), 0x0504);
    assert_int_equal(cd_read_be24(&r, "d"), 0x060708);
    assert_int_equal(cd_read_le24(&r, "e"), 0x0b0a09);
    assert_int_equal(cd_read_be32(&r, "f"), 0x0c0d0e0f);
    assert_int_equal(cd_read_left(&r), 1);
    assert_true(cd_read_ok(&r));
    r = cd_reader_of(bytes, sizeof bytes);
    assert_int_equal(cd_read_le32(&r, "g"), 0x04030201);
    cd_read_skip(&r, 4, "h");
    assert_true(cd_read_be64(&r, "i") == 0x090a0b0c0d0e0f10);
    cd_read_end(&r, "end");
    assert_true(cd_read_ok(&r));
    r = cd_reader_of(bytes, 8);
    assert_true(cd_read_le64(&r, "j") == 0x0807060504030201);
}

static void test_the_first_field_that_does_not_fit_sticks(void **state)
{
    (void)state;
    struct cd_reader r = cd_reader_of(bytes, 3);
    assert_int_equal(cd_read_be16(&r, "first"), 0x0102);
    assert_int_equal(cd_read_be32(&r, "second"), 0);
    assert_string_equal(r.bad, "second");
    assert_int_equal(cd_read_u8(&r, "third"), 0); /* though a byte is there */
    assert_string_equal(r.bad, "second");
    assert_int_equal(cd_read_left(&r), 0);
    assert_int_equal(cd_read_peek(&r, 0), -1);
    assert_null(cd_read_at(&r, 0, "fourth"));
    cd_read_fail(&r, "fifth");
    cd_read_end(&r, "sixth");
    assert_string_equal(r.bad, "second");
}

static void test_every_read_of_too_little_fails_without_a_touch(void **state)
{
    (void)state;
    for (size_t n = 0; n < 8; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, bytes, n);
        struct cd_reader r;
#define EXPECT(read, size)                                                                                             \
    r = cd_reader_of(exact, n);                                                                                        \
    (void)read(&r, "field");                                                                                           \
    assert_int_equal(cd_read_ok(&r), n >= (size));
        EXPECT(cd_read_u8, 1)
        EXPECT(cd_read_be16, 2)
        EXPECT(cd_read_le16, 2)
        EXPECT(cd_read_be24, 3)
        EXPECT(cd_read_le24, 3)
        EXPECT(cd_read_be32, 4)
        EXPECT(cd_read_le32, 4)
        EXPECT(cd_read_be64, 8)
        EXPECT(cd_read_le64, 8)
#undef EXPECT
        free(exact);
    }
}

static void test_a_length_that_overflows_does_not_fit(void **state)
{
    (void)state;
    struct cd_reader r = cd_reader_of(bytes, 4);
    cd_read_skip(&r, 2, "a");
    assert_null(cd_read_at(&r, SIZE_MAX, "b"));
    assert_string_equal(r.bad, "b");
    r = cd_reader_of(bytes, 4);
    assert_int_equal(cd_read_peek(&r, SIZE_MAX), -1);
    assert_int_equal(cd_read_peek(&r, 3), 4);
    assert_int_equal(cd_read_peek(&r, 4), -1);
}

static void test_a_child_never_sees_past_its_end(void **state)
{
    (void)state;
    struct cd_reader r = cd_reader_of(bytes, 8);
    struct cd_reader child = cd_read_sub(&r, 3, "child");
    assert_int_equal(cd_read_left(&r), 5);
    assert_int_equal(cd_read_be16(&child, "a"), 0x0102);
    assert_int_equal(cd_read_be16(&child, "b"), 0);
    assert_string_equal(child.bad, "b");
    assert_true(cd_read_ok(&r)); /* its parent goes on */
    assert_int_equal(cd_read_u8(&r, "c"), 4);

    child = cd_read_sub(&r, 5, "too long");
    assert_string_equal(child.bad, "too long");
    assert_string_equal(r.bad, "too long");
    assert_int_equal(cd_read_u8(&child, "d"), 0);

    r = cd_reader_of(bytes, 8);
    cd_read_skip(&r, 5, "a");
    child = cd_read_rest(&r);
    assert_int_equal(cd_read_left(&child), 3);
    assert_int_equal(cd_read_left(&r), 0);
    assert_true(cd_read_ok(&r));
}

static void test_trailing_bytes_are_a_finding(void **state)
{
    (void)state;
    struct cd_reader r = cd_reader_of(bytes, 2);
    cd_read_u8(&r, "a");
    cd_read_end(&r, "trailing");
    assert_string_equal(r.bad, "trailing");
    struct cd_reader empty = cd_reader_of(bytes, 0);
    cd_read_end(&empty, "trailing");
    assert_true(cd_read_ok(&empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_read_in_both_byte_orders),
        cmocka_unit_test(test_the_first_field_that_does_not_fit_sticks),
        cmocka_unit_test(test_every_read_of_too_little_fails_without_a_touch),
        cmocka_unit_test(test_a_length_that_overflows_does_not_fit),
        cmocka_unit_test(test_a_child_never_sees_past_its_end),
        cmocka_unit_test(test_trailing_bytes_are_a_finding),
    };
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
