#include "protocols/harness.h"

#include "protocols/lldp.h"

/* A SIMATIC S7-1200: chassis id by IEC 61158, port "port-001.plcxb1d0ed", PROFINET status and chassis MAC TLVs. */
static const char s7_1200[] =
    "02510753372d313230302020202020202020202020202020202020202036455337203231342d31414734302d3058423020205320562d4b3243"
    "31333730"
    "37202020202020202020372056202034202032202031041407706f72742d3030312e706c6378623164306564060200140829"
    "5369656d656e732c2053494d415449432053372c2045746865726e657420506f72742c2058312050310c545369656d656e732c2053494d4154"
    "49432053"
    "372c204350552d313230302c2036455337203231342d31414734302d305842302c2048573a20372c2046573a20562e342e322e312c20532056"
    "2d4b3243"
    "31333730370e040084008410140501c0a800010200000001082b0601040181c06efe08000ecf0200000000fe0a000ecf05e0dca03421d4fe09"
    "00120f01"
    "036c000010fe0600120f0405f20000";
/* A ProCurve switch: MAC chassis id, name, MED inventory (model, manufacturer), management address 15.255.122.148. */
static const char procurve[] =
    "02070400132157ca400402073106020078080131 0a1a50726f43757276652053776974636820323630302d382d505752"
    "0c5f50726f4375727665204a38373632412053776974636820323630302d382d5057522c207265766973696f6e20482e30382e38392c20524f"
    "4d20482e"
    "30382e355820282f73772f636f64652f6275696c642f666973682874735f30385f3529290e0400140004100c05010fff7a94020000000000"
    "fe080012bb0541312e32 fe0b0012bb094d616b65722031 fe070012bb08533132 fe06 0080c2 01 0064 0000";

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_lldp, CD_TRANSPORT_ETH, 0x88cc);
}

static void a_profinet_controller_tells_its_name_plate(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, s7_1200);
    harness_expect_operation(h, "lldp", "0", "advertisement", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Siemens");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "CPU-1200");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ORDER_NUMBER, ""), "6ES7 214-1AG40-0XB0");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "V.4.2.1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "7");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "S V-K2C13707");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "plcxb1d0ed");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "e0:dc:a0:34:21:d4");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""), "192.168.0.1");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_PORT, ""),
                        "port-001.plcxb1d0ed (Siemens, SIMATIC S7, Ethernet Port, X1 P1)");
    assert_null(harness_fact(h, CD_ATTRIBUTE_ROLE, "")); /* a station that bridges is no switch */
    harness_free(h);
}

static void a_switch_tells_its_name_and_kind(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, procurve);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_NAME, ""), "ProCurve Switch 2600-8-PWR");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "switch");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, ""), "bridge");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "HP"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "J8762A"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "H.08.89");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE_ADDRESS, ""), "00:13:21:57:ca:40");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ADDRESS, ""), "15.255.122.148");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_HARDWARE, ""), "A1.2");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Maker 1"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "S12");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VLAN, ""), "100");
    harness_free(h);
}

static void the_first_three_fields_have_their_order(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "0402073102070400132157ca40060200780000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "chassis id");
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void a_field_beyond_the_end_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true, "02070400132157ca4004020731060200780aff41");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "TLV value");
    harness_free(h);
}

static void every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_lldp, CD_TRANSPORT_ETH, true, s7_1200, true);
    harness_every_prefix_hex(&cd_dissector_lldp, CD_TRANSPORT_ETH, true, "02070400132157ca400402073106020078", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profinet_controller_tells_its_name_plate),
        cmocka_unit_test(a_switch_tells_its_name_and_kind),
        cmocka_unit_test(the_first_three_fields_have_their_order),
        cmocka_unit_test(a_field_beyond_the_end_is_malformed),
        cmocka_unit_test(every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
