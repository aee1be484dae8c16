#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/sha256.h"
#include "base/text.h"

#include <string.h>

static const char *hex_of(const void *bytes, size_t n, size_t step)
{
    static char hex[65];
    uint8_t digest[CD_SHA256_BYTES];
    struct cd_sha256 s;
    struct cd_text t = cd_text_of(hex, sizeof hex);
    cd_sha256_start(&s);
    for (size_t at = 0; at < n; at += step)
        cd_sha256_take(&s, (const uint8_t *)bytes + at, n - at < step ? n - at : step);
    cd_sha256_end(&s, digest);
    cd_text_hex_bytes(&t, digest, sizeof digest);
    return hex;
}

static void known_digests_come_out(void **state)
{
    (void)state; /* FIPS 180-2 appendix B */
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_string_equal(hex_of("", 0, 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(hex_of("abc", 3, 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(hex_of(two_blocks, strlen(two_blocks), 56),
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_million_letters_in_any_pieces_give_the_same(void **state)
{
    (void)state;
    static char a[1000000];
    memset(a, 'a', sizeof a);
    static const char expected[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_string_equal(hex_of(a, sizeof a, sizeof a), expected);
    assert_string_equal(hex_of(a, sizeof a, 63), expected);
    assert_string_equal(hex_of(a, sizeof a, 65), expected);
}

static void every_length_around_a_block_is_padded(void **state)
{
    (void)state; /* taken at once and byte by byte must agree for each padding */
    uint8_t bytes[130];
    char whole[65];
    memset(bytes, 0x5a, sizeof bytes);
    for (size_t n = 0; n < sizeof bytes; n++) {
        memcpy(whole, hex_of(bytes, n, n ? n : 1), sizeof whole);
        assert_string_equal(hex_of(bytes, n, 1), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests_come_out),
        cmocka_unit_test(a_million_letters_in_any_pieces_give_the_same),
        cmocka_unit_test(every_length_around_a_block_is_padded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
