/* Text with a maximum: never overrun, never invalid UTF-8, never a control character of a device's. */
#include "base/text.h"
#include "base/time.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* An independent check of what the appenders promise. */
static bool is_clean_utf8(const char *text, size_t len)
{
    const uint8_t *p = (const uint8_t *)text;
    for (size_t i = 0; i < len;) {
        size_t more = p[i] < 0x80 ? 0 : p[i] < 0xc0 ? 9 : p[i] < 0xe0 ? 1 : p[i] < 0xf0 ? 2 : p[i] < 0xf8 ? 3 : 9;
        if (more == 9 || i + more >= len + (more == 0))
            return false;
        uint32_t point = more ? p[i] & (0x3fu >> more) : p[i];
        for (size_t k = 1; k <= more; k++) {
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (p[i + k] & 0x3f);
        }
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) || point < 0x20 ||
            (point >= 0x7f && point < 0xa0))
            return false;
        i += more + 1;
    }
    return true;
}

static void assert_device(const void *bytes, size_t n, const char *expected)
{
    char buffer[128];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_device(&t, bytes, n);
    assert_string_equal(buffer, expected);
    assert_true(is_clean_utf8(buffer, t.len));
}

static void test_appends_stop_at_the_end_and_say_so(void **state)
{
    (void)state;
    char buffer[8] = "xxxxxxx";
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    assert_string_equal(buffer, "");
    cd_text_str(&t, "abc");
    cd_text_char(&t, 'd');
    cd_text_u64(&t, 12);
    assert_false(t.cut);
    assert_string_equal(buffer, "abcd12");
    cd_text_str(&t, "345");
    assert_true(t.cut);
    assert_string_equal(buffer, "abcd123");
    cd_text_str(&t, "more");
    assert_string_equal(buffer, "abcd123");
    assert_int_equal(t.len, 7);
    char one[1];
    t = cd_text_of(one, 1);
    cd_text_str(&t, "a");
    assert_true(t.cut && one[0] == '\0');
}

static void test_numbers(void **state)
{
    (void)state;
    char buffer[256];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_u64(&t, 0), cd_text_char(&t, ' ');
    cd_text_u64(&t, UINT64_MAX), cd_text_char(&t, ' ');
    cd_text_i64(&t, INT64_MIN), cd_text_char(&t, ' ');
    cd_text_i64(&t, -1), cd_text_char(&t, ' ');
    cd_text_hex(&t, 0, 0), cd_text_char(&t, ' ');
    cd_text_hex(&t, 0xab, 4), cd_text_char(&t, ' ');
    cd_text_hex(&t, UINT64_MAX, 99), cd_text_char(&t, ' ');
    cd_text_hex_bytes(&t, "\x01\xfe", 2);
    assert_string_equal(buffer, "0 18446744073709551615 -9223372036854775808 -1 0 00ab ffffffffffffffff 01fe");
    t = cd_text_of(buffer, sizeof buffer);
    cd_text_f64(&t, 0.1), cd_text_char(&t, ' ');
    cd_text_f64(&t, 21.5), cd_text_char(&t, ' ');
    cd_text_f64(&t, 1.0 / 3), cd_text_char(&t, ' ');
    cd_text_f64(&t, -HUGE_VAL), cd_text_char(&t, ' ');
    cd_text_f64(&t, (double)NAN);
    assert_memory_equal(buffer, "0.1 21.5 0.333333333333333", 26);
    assert_non_null(strstr(buffer, " -inf "));
    assert_non_null(strstr(buffer, "nan"));
    t = cd_text_of(buffer, 6);
    cd_text_format(&t, "%d", 12345);
    assert_false(t.cut);
    cd_text_format(&t, "%s", "x");
    assert_true(t.cut);
    assert_string_equal(buffer, "12345");
}

static void test_device_text_is_made_safe(void **state)
{
    (void)state;
    assert_device("SIMATIC 300 \0\0 \r\n", 17, "SIMATIC 300");
    assert_device("", 0, "");
    assert_device("\0\0", 2, "");
    assert_device("a\0b", 3, "a\\x00b");
    assert_device("tab\there\x1b[31m", 13, "tab\\x09here\\x1b[31m");
    assert_device("\x7f", 1, "\\x7f");
    assert_device("K\xc3\xbchler \xe2\x82\xac \xf0\x9f\x98\x80", 17, "K\xc3\xbchler \xe2\x82\xac \xf0\x9f\x98\x80");
    assert_device("K\xfchler", 6, "K\\xfchler"); /* Latin-1 */
    assert_device("\xc0\xaf", 2, "\\xc0\\xaf");  /* overlong */
    assert_device("\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf");
    assert_device("\xf0\x80\x80\xaf", 4, "\\xf0\\x80\\x80\\xaf");
    assert_device("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");          /* a surrogate */
    assert_device("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"); /* beyond U+10FFFF */
    assert_device("\xc2\x85", 2, "\\xc2\\x85");                   /* a C1 control */
    assert_device("\xc2\xa0", 2, "\xc2\xa0");
    assert_device("\xe2\x82", 2, "\\xe2\\x82"); /* the end is missing */
    assert_device("\x80", 1, "\\x80");
}

static void test_utf16_is_made_safe(void **state)
{
    (void)state;
    static const struct {
        const char *units;
        size_t n;
        const char *expected;
    } rows[] = {
        {"P\0L\0C\0 \0\0\0", 10, "PLC"},
        {"P\0L\0C", 5, "PL"}, /* half a unit is ignored */
        {"\xfc\0", 2, "\xc3\xbc"},
        {"\xac\x20", 2, "\xe2\x82\xac"},
        {"\x3d\xd8\x00\xde", 4, "\xf0\x9f\x98\x80"},
        {"\x3d\xd8", 2, "\\ud83d"}, /* surrogates without their other half */
        {"\x3d\xd8x\0", 4, "\\ud83dx"},
        {"\x00\xde", 2, "\\ude00"},
        {"\x07\0a\0", 4, "\\u0007a"},
        {"\x85\0", 2, "\\u0085"},
        {"\x7f\0", 2, "\\u007f"},
        {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[64];
        struct cd_text t = cd_text_of(buffer, sizeof buffer);
        cd_text_utf16le(&t, rows[i].units, rows[i].n);
        assert_string_equal(buffer, rows[i].expected);
        assert_true(is_clean_utf8(buffer, t.len));
    }
}

static void test_random_bytes_become_clean_utf8_at_every_size(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[40];
        size_t n = (size_t)round % sizeof bytes;
        uint8_t *exact = malloc(n ? n : 1);
        for (size_t i = 0; i < n; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            exact[i] = (uint8_t)(seed >> 32 & 1 ? 0xc0 | (seed & 0x3f)
                                 : seed & 2     ? 0x80 | (seed >> 8 & 0x3f)
                                                : seed >> 8);
        }
        size_t cap = 1 + (seed >> 20) % 100;
        char *buffer = malloc(cap);
        struct cd_text t = cd_text_of(buffer, cap);
        cd_text_device(&t, exact, n);
        assert_true(t.len < cap && strlen(buffer) == t.len);
        assert_true(is_clean_utf8(buffer, t.len));
        t = cd_text_of(buffer, cap);
        cd_text_utf16le(&t, exact, n);
        assert_true(t.len < cap && strlen(buffer) == t.len);
        assert_true(is_clean_utf8(buffer, t.len));
        free(buffer);
        free(exact);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        uint64_t time_ns;
        const char *full, *brief;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01 00:00:00"},
        {951782399999999999, "2000-02-28T23:59:59.999999999Z", "2000-02-28 23:59:59"},
        {951782400000000000, "2000-02-29T00:00:00Z", "2000-02-29 00:00:00"},
        {951868800000000000, "2000-03-01T00:00:00Z", "2000-03-01 00:00:00"},
        {1709285400250000000, "2024-03-01T09:30:00.25Z", "2024-03-01 09:30:00"},
        {4107542400000000001, "2100-03-01T00:00:00.000000001Z", "2100-03-01 00:00:00"}, /* 2100 has no leap day */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[64];
        struct cd_text t = cd_text_of(buffer, sizeof buffer);
        cd_text_time(&t, rows[i].time_ns);
        assert_string_equal(buffer, rows[i].full);
        t = cd_text_of(buffer, sizeof buffer);
        cd_text_time_short(&t, rows[i].time_ns);
        assert_string_equal(buffer, rows[i].brief);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends_stop_at_the_end_and_say_so),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_device_text_is_made_safe),
        cmocka_unit_test(test_utf16_is_made_safe),
        cmocka_unit_test(test_random_bytes_become_clean_utf8_at_every_size),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
