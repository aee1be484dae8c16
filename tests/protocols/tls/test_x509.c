#include "protocols/harness.h"

#include "protocols/x509.h"

#include <string.h>

static size_t load(const char *name, uint8_t *out, size_t cap)
{
    char path[512];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/certificates/");
    cd_text_str(&t, name);
    return harness_file(path, out, cap);
}

static void expect_text(const char *name, const char *text)
{
    uint8_t bytes[2048];
    char buffer[256];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    struct cd_reader r = cd_reader_of(bytes, load(name, bytes, sizeof bytes));
    struct cd_x509 c;
    assert_true(cd_x509_parse(&r, &c));
    cd_text_x509(&t, &c);
    assert_string_equal(buffer, text);
}

static void a_certificate_is_one_line(void **state)
{
    (void)state;
    expect_text(
        "plc.der",
        "CN=plc-7.plant.example, O=Works; self-signed; plc-7.plant.example, 10.0.0.7, plc-7; 2026-11-24; 2036-11-21; "
        "RSA 2048; RSA SHA-256");
    expect_text("ec.der", "OU=Cell 4; self-signed; ; 2026-11-24; 2126-10-31; EC 256; ECDSA SHA-384");
    expect_text("ed25519.der", "CN=sensor; self-signed; ; 2026-11-24; 2026-12-04; Ed25519 256; Ed25519");
}

static void semicolons_stay_between_the_fields(void **state)
{
    (void)state;
    expect_text("old.der", "CN=old, device; self-signed; ; 2026-11-24; 2026-11-25; RSA 1024; RSA SHA-1");
}

static void weaknesses_are_named_at_their_time(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    char buffer[256];
    struct cd_x509 c;
    struct cd_reader r = cd_reader_of(bytes, load("old.der", bytes, sizeof bytes));
    assert_true(cd_x509_parse(&r, &c));
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_x509_weakness(&t, &c, c.not_after + 1);
    assert_string_equal(buffer, "certificate expired 2026-11-25, key RSA 1024, signature RSA SHA-1");
    t = cd_text_of(buffer, sizeof buffer);
    cd_text_x509_weakness(&t, &c, c.not_before - 1);
    assert_string_equal(buffer, "certificate not valid before 2026-11-24, key RSA 1024, signature RSA SHA-1");
    r = cd_reader_of(bytes, load("ec.der", bytes, sizeof bytes));
    assert_true(cd_x509_parse(&r, &c));
    t = cd_text_of(buffer, sizeof buffer);
    cd_text_x509_weakness(&t, &c, c.not_before);
    assert_string_equal(buffer, "");
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[2048], *exact;
    size_t n = load("plc.der", bytes, sizeof bytes);
    for (size_t len = 0; len < n; len++) {
        struct cd_x509 c = {.key_bits = 77};
        exact = test_malloc(len + 1);
        memcpy(exact, bytes, len);
        struct cd_reader r = cd_reader_of(exact, len);
        assert_false(cd_x509_parse(&r, &c));
        assert_int_equal(c.key_bits, 77);
        test_free(exact);
    }
}

static void any_flipped_byte_is_survived(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    char buffer[256];
    size_t n = load("plc.der", bytes, sizeof bytes);
    for (size_t at = 0; at < n; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1u << bit);
            struct cd_reader r = cd_reader_of(bytes, n);
            struct cd_x509 c;
            struct cd_text t = cd_text_of(buffer, sizeof buffer);
            if (cd_x509_parse(&r, &c))
                cd_text_x509(&t, &c);
            bytes[at] ^= (uint8_t)(1u << bit);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_one_line),          cmocka_unit_test(semicolons_stay_between_the_fields),
        cmocka_unit_test(weaknesses_are_named_at_their_time), cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(any_flipped_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
