#include "protocols/harness.h"

#include "protocols/c1222.h"

#define CALL "a211060f2b060104018285638e7f85f1c24e00a60a06082b06010401828563"
#define ANSWER "a20a06082b06010401828563a611060f2b060104018285638e7f85f1c24e00"
static const char identify[] = "6030" CALL "a806020413e81421be0728058103800120";
static const char busy[] = "6030" ANSWER "a806020413e81421be072805810380010a";
static const char read_index[] = "6036" CALL "a806020413e81421be0d280b8109800731000000000001";
static const char data[] = "603b" ANSWER "a806020413e81421be122810810e800c000008746573746461746100";
static const char ciphered[] =
    "6047" CALL "a806020413e81421ac0fa20da00ba10980010081044c97f489be0d280b81098865f1e271a71f7f27";
static const char ciphered_answer[] =
    "606da20a06082b06010401828563a406020413e81421a611060f2b060104018285638e7f85f1c24e00a80302012c"
    "ac0fa20da00ba10980010081044c97f489be2e282c812a88e6976be9206159ccea0cd39941f3f24409e294a1f9"
    "8463865e8b96c5e576039a90e4e70fa138a2d998";
/* full read of table 1 and its answer: "ITRN", "CENTRON ", hardware 1.2, firmware 3.45 */
static const char read_table_1[] = "6032" CALL "a806020413e81421be09280781058003300001";
static const char table_1[] =
    "6053" ANSWER
    "a806020413e81421be2a2828812680240000204954524e43454e54524f4e200102032d3132333435363738000000000000000000";
static const char procedures[] =
    "6077a211060f607c86f7540116000101400000876da60e060c607c86f75401160001014021a80402020f8abe4c284a81"
    "48800b40000700053408003e087e0f40000700090f0000024954524efeb40b40000700053e08000182371a400007"
    "001425080024360507290000033c033cef330c0058023e03300008";

static struct harness *tcp(void)
{
    return harness_new(&cd_dissector_c1222, CD_TRANSPORT_TCP, 0);
}

static void services_and_answers_are_paired_and_errors_named(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, identify);
    harness_send_hex(h, false, busy);
    harness_send_hex(h, true, read_index);
    harness_send_hex(h, false, data);
    harness_expect_operation(h, "c1222", "32", "identification", CD_CLASS_IDENTIFY, "", 1, 1, 1);
    harness_expect_operation(h, "c1222", "49", "partial read by index", CD_CLASS_READ, "table 0 general configuration",
                             1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "1.3.6.1.4.1.33507"));
    harness_free(h);
}

static void table_1_tells_who_the_meter_is(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, read_table_1);
    harness_send_hex(h, false, table_1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "ITRN"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "CENTRON"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_HARDWARE, "", "1.2"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "3.45"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERIAL, "", "12345678"));
    harness_free(h);
}

static void ciphered_messages_are_counted(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, ciphered);
    harness_send_hex(h, false, ciphered_answer);
    harness_expect_operation(h, "c1222", "ciphered", "ciphered", CD_CLASS_OTHER, "", 1, 1, 0);
    harness_free(h);
}

static void procedures_and_writes_are_dangerous(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_c1222, CD_TRANSPORT_UDP, 0);
    harness_send_hex(h, true, procedures);
    assert_int_equal(harness_operations(h, "c1222", "64", NULL).requests, 4);
    harness_expect_operation(h, "c1222", "64", "full write", CD_CLASS_CONTROL,
                             "table 7 procedure initiate, manufacturer procedure 52", 1, 0, 0);
    harness_send_hex(h, true, "6038" CALL "a806020413e81421be0f280d810b80094000070003000001fe");
    harness_expect_operation(h, "c1222", "64", "full write", CD_CLASS_MODE,
                             "table 7 procedure initiate, procedure 0 cold start", 1, 0, 0);
    harness_free(h);
}

static void a_password_is_told_but_never_shown(void **state)
{
    (void)state;
    struct harness *h = tcp();
    harness_send_hex(h, true, "603e" CALL "a806020413e81421be1528138111800f50000241444d494e2020202020003c");
    harness_send_hex(h, true,
                     "6046" CALL "a806020413e81421be1d281b811980175153454352455453454352455453454352455420200002");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "ADMIN"));
    harness_free(h);
}

static void it_is_recognised_on_any_port(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = harness_hex(identify, bytes, sizeof bytes);
    assert_int_equal(cd_dissector_c1222.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_LIKELY);
    len = harness_hex("601da109060760857405080101be10040e01000000065f1f0400007016ffff", bytes, sizeof bytes); /* DLMS */
    assert_int_equal(cd_dissector_c1222.probe(bytes, len, CD_TRANSPORT_UDP, true), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_c1222, CD_TRANSPORT_UDP, true, procedures, false);
    harness_every_prefix_hex(&cd_dissector_c1222, CD_TRANSPORT_TCP, false, ciphered_answer, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_and_answers_are_paired_and_errors_named),
        cmocka_unit_test(table_1_tells_who_the_meter_is),
        cmocka_unit_test(ciphered_messages_are_counted),
        cmocka_unit_test(procedures_and_writes_are_dangerous),
        cmocka_unit_test(a_password_is_told_but_never_shown),
        cmocka_unit_test(it_is_recognised_on_any_port),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
