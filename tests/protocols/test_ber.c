#include "protocols/harness.h"

#include "protocols/ber.h"

#include <string.h>

static uint8_t bytes[64];

static struct cd_reader reader(const char *hex)
{
    return cd_reader_of(bytes, harness_hex(hex, bytes, sizeof bytes));
}

static void an_element_is_read_with_its_content(void **state)
{
    (void)state;
    struct cd_reader r = reader("30 06 02 01 05 04 01 61");
    struct cd_reader sequence = cd_ber_expect(&r, CD_BER_SEQUENCE, "sequence");
    assert_int_equal(cd_ber_integer(&sequence, "number"), 5);
    struct cd_reader text = cd_ber_expect(&sequence, CD_BER_OCTET_STRING, "text");
    assert_int_equal(cd_read_left(&text), 1);
    assert_true(cd_read_ok(&r) && cd_read_ok(&sequence) && cd_read_left(&sequence) == 0);
}

static void another_kind_than_expected_is_refused(void **state)
{
    (void)state;
    struct cd_reader r = reader("02 01 05");
    struct cd_reader text = cd_ber_expect(&r, CD_BER_OCTET_STRING, "text");
    assert_false(cd_read_ok(&text));
    assert_string_equal(r.bad, "text");
}

static void long_lengths_and_tags_have_limits(void **state)
{
    (void)state;
    struct cd_ber e;
    struct cd_reader r = reader("5f 84 01 82 00 02 aa bb");
    assert_true(cd_ber_read(&r, "element", &e));
    assert_int_equal(e.tag, 4 << 7 | 1);
    assert_int_equal(cd_read_left(&e.value), 2);
    r = reader("5f ff ff ff ff 7f 01 aa");
    assert_false(cd_ber_read(&r, "element", &e)); /* a tag over 28 bits */
    r = reader("04 80 61 00 00");
    assert_false(cd_ber_read(&r, "element", &e)); /* indefinite */
    r = reader("04 85 00 00 00 00 01 61");
    assert_false(cd_ber_read(&r, "element", &e)); /* five octets of length */
    r = reader("04 84 ff ff ff ff 61");
    assert_false(cd_ber_read(&r, "element", &e)); /* more than there is */
}

static void integers_keep_their_sign(void **state)
{
    (void)state;
    struct cd_reader r = reader("02 01 ff 02 02 00 ff 02 08 80 00 00 00 00 00 00 00");
    assert_int_equal(cd_ber_integer(&r, "a"), -1);
    assert_int_equal(cd_ber_integer(&r, "b"), 255);
    assert_true(cd_ber_integer(&r, "c") == INT64_MIN);
    r = reader("02 00");
    cd_ber_integer(&r, "empty");
    assert_string_equal(r.bad, "empty");
    r = reader("02 09 00 00 00 00 00 00 00 00 01");
    cd_ber_integer(&r, "long");
    assert_string_equal(r.bad, "long");
}

static void object_identifiers_are_read_and_written(void **state)
{
    (void)state;
    struct cd_ber_oid oid;
    char text[64];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_reader r = reader("2b 06 01 04 01 a0 60"); /* 1.3.6.1.4.1.4192 */
    assert_true(cd_ber_oid_value(&r, &oid));
    cd_text_oid(&t, &oid);
    assert_string_equal(text, "1.3.6.1.4.1.4192");
    r = reader("88 37 03"); /* 2.999.3: the first two numbers share one */
    assert_true(cd_ber_oid_value(&r, &oid));
    assert_int_equal(oid.ids[0], 2);
    assert_int_equal(oid.ids[1], 999);
    r = reader("2b 8f ff ff ff 7f");
    assert_true(cd_ber_oid_value(&r, &oid));
    assert_true(oid.ids[2] == UINT32_MAX);
    r = reader("2b 90 80 80 80 00");
    assert_false(cd_ber_oid_value(&r, &oid)); /* one more than 32 bits hold */
    r = reader("2b 86");
    assert_false(cd_ber_oid_value(&r, &oid)); /* cut off */
}

static void an_object_identifier_of_too_many_numbers_is_refused(void **state)
{
    (void)state;
    uint8_t many[200];
    struct cd_ber_oid oid;
    memset(many, 1, sizeof many);
    struct cd_reader r = cd_reader_of(many, sizeof many);
    assert_false(cd_ber_oid_value(&r, &oid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_read_with_its_content),
        cmocka_unit_test(another_kind_than_expected_is_refused),
        cmocka_unit_test(long_lengths_and_tags_have_limits),
        cmocka_unit_test(integers_keep_their_sign),
        cmocka_unit_test(object_identifiers_are_read_and_written),
        cmocka_unit_test(an_object_identifier_of_too_many_numbers_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
