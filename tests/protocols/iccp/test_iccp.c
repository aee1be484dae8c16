#include "../harness.h"

#include <string.h>

#include "protocols/iccp.h"

#define P "iccp"

/* Two control centres (real bytes): the called one asks for the bilateral table. */
#define READ_TABLE                                                                                                     \
    "0100010061623060020103a05ba05902021150a453a151a04f3022a020a11e1a084b49524b4c414e441a1242696c61746572616c5f546162" \
    "6c"                                                                                                               \
    "655f49443011a00f800d54415345325f56657273696f6e3016a0148012537570706f727465645f4665617475726573"
#define TABLE "0100010061243022020103a01da11b02021150a415a1138a03312e30a207850207cc850108840304fb00"
#define WRITE_TRANSFER_SET                                                                                             \
    "0100010061753073020103a06ea06c02021154a566a01b3019a017a1151a084b49524b4c414e441a0943495445435f545330a047a245a221" \
    "8601"                                                                                                             \
    "018a084b49524b4c414e448a12454d535f414e414c4f475f494343505f494e85010085011e85010085010085010084020380830100830100" \
    "83"                                                                                                               \
    "0100830101830101850100"

static struct harness *connection(void)
{
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 102);
    harness_send_hex(h, true, "0300001611e00000000100c1020001c2020001c0010a");
    return h;
}

static void send(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[2048] = {3, 0, 0, 0, 2, 0xf0, 0x80};
    size_t n = 7 + harness_hex(hex, bytes + 7, sizeof bytes - 7);
    bytes[2] = (uint8_t)(n >> 8);
    bytes[3] = (uint8_t)n;
    harness_send(h, from_client, bytes, n);
}

static void its_objects_tell_it_from_other_mms(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "010001006112301002 0103a00ba0090201 01a40482028000"); /* says nothing yet */
    send(h, false, READ_TABLE);
    send(h, true, TABLE);
    harness_expect_operation(h, P, "confirmed:4", "read", CD_CLASS_READ,
                             "KIRKLAND/Bilateral_Table_ID, TASE2_Version, Supported_Features", 1, 1, 0);
    assert_int_equal(harness_operations(h, "mms", "confirmed:4", NULL).requests, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "scada-server"));
    harness_free(h);
}

static void enabling_a_transfer_set_is_no_control_operating_a_device_is(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, false, READ_TABLE);
    send(h, false, WRITE_TRANSFER_SET);
    harness_expect_operation(h, P, "confirmed:5", "write", CD_CLASS_WRITE, "KIRKLAND/CITEC_TS0", 1, 0, 0);
    /* KIRKLAND/BRK1 with an integer */
    send(h, false,
         "01000100612b3029020103a024a022020105a51da0163014a012a1101a084b49524b4c414e441a0442524b31a003850101");
    harness_expect_operation(h, P, "confirmed:5", "write", CD_CLASS_CONTROL, "KIRKLAND/BRK1", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void identify_tells_the_program_not_the_computer(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, false, READ_TABLE);
    send(h, false, "01000100610e300c020103a007a0050201018200");
    send(h, true, "0100010061233021020103a01ca11a020101a21580024d5a8108626173696320696f8205312e342e32");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "MZ basic io 1.4.2"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""));
    harness_free(h);
}

static void only_the_standards_objects_are_its_own(void **unused)
{
    (void)unused;
    assert_true(cd_iccp_is_object((const uint8_t *)"TASE2_Version", 13));
    assert_false(cd_iccp_is_object((const uint8_t *)"TASE2_Version1", 14));
    assert_false(cd_iccp_is_object((const uint8_t *)"", 0));
}

static void every_prefix_is_harmless(void **unused)
{
    (void)unused;
    const char *const messages[] = {READ_TABLE, TABLE, WRITE_TRANSFER_SET};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        harness_every_prefix_hex(&cd_dissector_iccp, CD_TRANSPORT_UDP, true, messages[i],
                                 true); /* empty data is data */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_objects_tell_it_from_other_mms),
        cmocka_unit_test(enabling_a_transfer_set_is_no_control_operating_a_device_is),
        cmocka_unit_test(identify_tells_the_program_not_the_computer),
        cmocka_unit_test(only_the_standards_objects_are_its_own),
        cmocka_unit_test(every_prefix_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
