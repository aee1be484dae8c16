#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"

#include <string.h>

static void expect(const char *text, const char *decoded)
{
    uint8_t out[32];
    size_t n = cd_base64_decode(text, strlen(text), out, sizeof out);
    assert_int_equal(n, strlen(decoded));
    assert_memory_equal(out, decoded, n);
}

static void the_vectors_of_the_standard_decode(void **state)
{
    (void)state; /* RFC 4648 section 10 */
    expect("", "");
    expect("Zg==", "f");
    expect("Zm8=", "fo");
    expect("Zm9v", "foo");
    expect("Zm9vYg==", "foob");
    expect("Zm9vYmE=", "fooba");
    expect("Zm9vYmFy", "foobar");
}

static void padding_may_be_missing(void **state)
{
    (void)state;
    expect("Zm9vYg", "foob");
}

static void it_ends_at_a_foreign_character(void **state)
{
    (void)state;
    expect("Zm9v Zm9v", "foo");
    expect("*", "");
}

static void it_never_writes_past_its_room(void **state)
{
    (void)state;
    uint8_t out[3] = {0, 0, 7};
    assert_int_equal(cd_base64_decode("Zm9vYmFy", 8, out, 2), 2);
    assert_int_equal(out[2], 7);
    assert_int_equal(cd_base64_decode("Zm9v", 4, out, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_standard_decode),
        cmocka_unit_test(padding_may_be_missing),
        cmocka_unit_test(it_ends_at_a_foreign_character),
        cmocka_unit_test(it_never_writes_past_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
