#include "protocols/harness.h"

#include "protocols/llmnr.h"

/* "hs2011" asked for, and answered by 192.168.10.101 */
static const char query[] = "c341 0000 0001 0000 0000 0000 06687332303131 00 0001 0001";
static const char answer[] =
    "c341 8000 0001 0001 0000 0000 06687332303131 00 0001 0001 06485332303131 00 0001 0001 0000001e 0004 c0a80a65";

static struct harness *new_harness(void)
{
    struct harness *h = harness_new(&cd_dissector_llmnr, CD_TRANSPORT_UDP, 5355);
    harness_set_ends(h, "192.168.10.233", "192.168.10.101", 64);
    return h;
}

static void an_answer_names_its_sender(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, query);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_send_hex(h, false, answer);
    harness_expect_operation(h, "llmnr", "1", "query A", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "HS2011");
    assert_int_equal(harness_observer(h)->facts.count, 1);
    harness_free(h);
}

static void another_opcode_is_against_the_protocol(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "c341 2800 0001 0000 0000 0000 06687332303131 00 0001 0001");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_llmnr, CD_TRANSPORT_UDP, true, query, false);
    harness_every_prefix_hex(&cd_dissector_llmnr, CD_TRANSPORT_UDP, false, answer, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_names_its_sender),
        cmocka_unit_test(another_opcode_is_against_the_protocol),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
