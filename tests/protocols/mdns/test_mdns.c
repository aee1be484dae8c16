#include "protocols/harness.h"

#include "protocols/mdns.h"

/* A Hue bridge at 10.10.10.6: PTR, TXT (md=BSB002, id=MAC), SRV, AAAA and A of Philips-hue.local. */
static const char hue[] =
    "000084000000000500000002045f686170045f746370056c6f63616c00000c0001000011940026145068696c69707320687565202d20323437"
    "36464604"
    "5f686170045f746370056c6f63616c00145068696c69707320687565202d20323437364646045f686170045f746370056c6f63616c00001080"
    "01000000"
    "78003f0463233d310466663d311469643d30303a31373a38383a32343a37363a4646096d643d4253423030320670763d312e300473663d3104"
    "73233d31"
    "0463693d32145068696c69707320687565202d20323437364646045f686170045f746370056c6f63616c000021800100000078001900000000"
    "1f900b50"
    "68696c6970732d687565056c6f63616c000b5068696c6970732d687565056c6f63616c00001c8001000000780010fdd90fbba0670000000000"
    "00000000"
    "010b5068696c6970732d687565056c6f63616c00000180010000007800040a0a0a060b5068696c6970732d687565056c6f63616c00001c8001"
    "00000078"
    "0010fdd90fbba067000000000000000000010b5068696c6970732d687565056c6f63616c00000180010000007800040a0a0a06";

static struct harness *new_harness(const char *sender)
{
    struct harness *h = harness_new(&cd_dissector_mdns, CD_TRANSPORT_UDP, 5353);
    harness_set_ends(h, sender, "224.0.0.251", 255);
    return h;
}

static void a_device_tells_its_name_model_and_services(void **state)
{
    (void)state;
    struct harness *h = new_harness("10.10.10.6");
    harness_send_hex(h, true, hue);
    harness_expect_operation(h, "mdns", "response", "response", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "Philips-hue.local");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "BSB002");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "_hap._tcp port 8080: Philips hue - 2476FF");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""), "fdd9:fbb:a067::1");
    harness_free(h);
}

static void who_speaks_for_another_is_not_named(void **state)
{
    (void)state;
    struct harness *h = new_harness("10.10.10.9");
    harness_send_hex(h, true, hue);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void known_answers_in_a_query_are_not_the_askers(void **state)
{
    (void)state;
    struct harness *h = new_harness("10.10.10.6");
    /* a query for PTR _ipp._tcp.local with one known answer: A of x.local */
    harness_send_hex(h, true,
                     "0000 0000 0001 0001 0000 0000 045f697070045f746370056c6f63616c00 000c 0001"
                     "0178056c6f63616c00 0001 0001 00000078 0004 0a0a0a06");
    harness_expect_operation(h, "mdns", "12", "query PTR", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void a_type_list_gives_services(void **state)
{
    (void)state;
    struct harness *h = new_harness("10.10.10.6");
    harness_send_hex(
        h, true,
        "0000 8400 0000 0001 0000 0000 095f7365727669636573075f646e732d7364045f756470056c6f63616c00 000c 0001"
        "00000078 0011 045f697070045f746370056c6f63616c00");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERVICE, ""), "_ipp._tcp");
    harness_free(h);
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_mdns, CD_TRANSPORT_UDP, true, hue, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_tells_its_name_model_and_services),
        cmocka_unit_test(who_speaks_for_another_is_not_named),
        cmocka_unit_test(known_answers_in_a_query_are_not_the_askers),
        cmocka_unit_test(a_type_list_gives_services),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
