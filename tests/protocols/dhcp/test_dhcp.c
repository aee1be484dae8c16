#include "protocols/harness.h"

#include "protocols/dhcp.h"

#include <string.h>

/* The fixed part (RFC 2131 figure 1) with zeros where nothing matters, and the magic cookie; options are appended. */
static size_t message(uint8_t *out, size_t cap, uint8_t op, const char *your, const char *options_hex)
{
    memset(out, 0, 240);
    harness_hex("0001 0600 3903f326", out, 8);
    out[0] = op;
    out[1] = 1, out[2] = 6, out[3] = 0;
    harness_hex(your, out + 16, 4);
    harness_hex("000b8201fc42", out + 28, 6);
    harness_hex("63825363", out + 236, 4);
    return 240 + harness_hex(options_hex, out + 240, cap - 240);
}

/* discover: host name "plc-7", vendor class "MSFT 5.0", parameters 1 3 6 15, qualified name (ASCII) "plc-7.plant" */
static const char discover[] =
    "350101 0c05706c632d37 3c084d53465420352e30 37040103060f 510e000000706c632d372e706c616e74 ff";
/* acknowledgement: server 10.0.0.2, router 10.0.0.254, domain "plant" */
static const char acknowledge[] = "350105 36040a000002 03040a0000fe 0f05706c616e74 ff 00000000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_dhcp, CD_TRANSPORT_UDP, 67);
}

static void a_client_tells_its_name_and_kind(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct harness *h = new_harness();
    harness_send(h, true, bytes, message(bytes, sizeof bytes, 1, "00000000", discover));
    harness_expect_operation(h, "dhcp", "1", "discover", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "plc-7"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "plc-7.plant"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR_CLASS, ""), "MSFT 5.0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_OS, ""), "Windows");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DHCP_FINGERPRINT, ""), "1,3,6,15");
    assert_null(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""));
    assert_int_equal(harness_observer(h)->facts.items[0].mac, 0x000b8201fc42);
    harness_free(h);
}

static void an_acknowledgement_gives_the_client_its_address(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct harness *h = new_harness();
    harness_send(h, false, bytes, message(bytes, sizeof bytes, 2, "0a000009", acknowledge));
    harness_expect_operation(h, "dhcp", "5", "ack", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""), "10.0.0.9");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_GATEWAY, ""), "10.0.0.254");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DOMAIN, ""), "plant");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "dhcp-server");
    harness_free(h);
}

static void an_offer_claims_no_address(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct harness *h = new_harness();
    harness_send(h, false, bytes, message(bytes, sizeof bytes, 2, "0a000009", "350102 36040a000002 ff"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""));
    harness_free(h);
}

static void a_name_in_labels_is_read(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct harness *h = new_harness();
    harness_send(h, true, bytes,
                 message(bytes, sizeof bytes, 1, "00000000", "350103 510c040000 03706c63 03616263 00 ff"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "plc.abc");
    harness_free(h);
}

static void options_go_on_in_the_file_field(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t n = message(bytes, sizeof bytes, 1, "00000000", "350103 340101 ff");
    harness_hex("0c05706c632d37 ff", bytes + 108, 8);
    struct harness *h = new_harness();
    harness_send(h, true, bytes, n);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "plc-7");
    harness_free(h);
}

static void an_option_beyond_the_end_is_malformed(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct harness *h = new_harness();
    harness_send(h, true, bytes, message(bytes, sizeof bytes, 1, "00000000", "350103 0cff706c63"));
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "option value");
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t n = message(bytes, sizeof bytes, 1, "00000000", discover);
    harness_every_prefix(&cd_dissector_dhcp, CD_TRANSPORT_UDP, true, bytes, 236, false);
    harness_every_prefix(&cd_dissector_dhcp, CD_TRANSPORT_UDP, true, bytes, n, true);
    for (size_t i = 0; i < 236; i++)
        assert_int_equal(cd_dissector_dhcp.probe(bytes, i, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
    assert_int_equal(cd_dissector_dhcp.probe(bytes, n, CD_TRANSPORT_UDP, true), CD_PROBE_SURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_tells_its_name_and_kind),
        cmocka_unit_test(an_acknowledgement_gives_the_client_its_address),
        cmocka_unit_test(an_offer_claims_no_address),
        cmocka_unit_test(a_name_in_labels_is_read),
        cmocka_unit_test(options_go_on_in_the_file_field),
        cmocka_unit_test(an_option_beyond_the_end_is_malformed),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
