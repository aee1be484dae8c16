#include "protocols/harness.h"

#include "protocols/identity.h"

#include <string.h>

/* A dissector whose message is a system description: the way SNMP, LLDP and CDP report one. */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_subject sender = cd_subject_sender(m);
    size_t len = cd_read_left(r);
    cd_report_system_description(m, &sender, cd_read_at(r, len, "text"), len, 90);
}

static const struct cd_dissector describing = {.name = "describing", .udp_ports = {9}, .dissect = dissect};

static struct harness *tell(const char *text)
{
    struct harness *h = harness_new(&describing, CD_TRANSPORT_UDP, 0);
    harness_send(h, true, text, strlen(text));
    return h;
}

static void expect(struct harness *h, enum cd_attribute attribute, const char *value)
{
    const char *is = harness_fact(h, attribute, "");
    if (!is || strcmp(is, value) != 0)
        fail_msg("%s is \"%s\", not \"%s\"", cd_attribute_name(attribute), is ? is : "", value);
}

static void siemens_tells_its_whole_name_plate(void **state)
{
    (void)state;
    struct harness *h = tell(
        "Siemens, SIMATIC S7, CPU 1515-2 PN, 6ES7 515-2AM01-0AB0, HW: Version 3, FW: Version V2.6.0, S C-L5CM77762019");
    expect(h, CD_ATTRIBUTE_VENDOR, "Siemens");
    expect(h, CD_ATTRIBUTE_MODEL, "CPU 1515-2 PN");
    expect(h, CD_ATTRIBUTE_ORDER_NUMBER, "6ES7 515-2AM01-0AB0");
    expect(h, CD_ATTRIBUTE_HARDWARE, "3");
    expect(h, CD_ATTRIBUTE_FIRMWARE, "V2.6.0");
    expect(h, CD_ATTRIBUTE_SERIAL, "S C-L5CM77762019");
    harness_free(h);
    h = tell("Siemens, SIMATIC HMI, KTP700 Basic, 6AV2 123-2GB03-0AX0, HW:0, SW.V 13.0.1");
    expect(h, CD_ATTRIBUTE_ORDER_NUMBER, "6AV2 123-2GB03-0AX0");
    expect(h, CD_ATTRIBUTE_FIRMWARE, "V 13.0.1");
    harness_free(h);
}

static void cisco_tells_model_version_and_system(void **state)
{
    (void)state;
    struct harness *h =
        tell("Cisco IOS Software, C3560 Software (C3560-ADVIPSERVICESK9-M), Version 12.2(25)SEB4, RELEASE SOFTWARE");
    expect(h, CD_ATTRIBUTE_VENDOR, "Cisco");
    expect(h, CD_ATTRIBUTE_MODEL, "C3560");
    expect(h, CD_ATTRIBUTE_FIRMWARE, "12.2(25)SEB4");
    expect(h, CD_ATTRIBUTE_OS, "Cisco IOS");
    harness_free(h);
}

static void switches_and_supplies_of_others_are_known(void **state)
{
    (void)state;
    struct harness *h = tell("Hirschmann MAR - SW: L2P-09.0.00");
    expect(h, CD_ATTRIBUTE_VENDOR, "Hirschmann");
    expect(h, CD_ATTRIBUTE_MODEL, "MAR");
    expect(h, CD_ATTRIBUTE_FIRMWARE, "L2P-09.0.00");
    expect(h, CD_ATTRIBUTE_ROLE, "switch");
    harness_free(h);
    h = tell(
        "APC Web/SNMP Management Card (MB:v3.9.2 PF:v3.7.3 PN:x.bin MN:AP7900 HR:B2 SN: ZA0713019036 MD:03/28/2007)");
    expect(h, CD_ATTRIBUTE_MODEL, "AP7900");
    expect(h, CD_ATTRIBUTE_SERIAL, "ZA0713019036");
    expect(h, CD_ATTRIBUTE_HARDWARE, "B2");
    harness_free(h);
}

static void systems_are_told_in_short(void **state)
{
    (void)state;
    struct harness *h = tell("Linux plc-7 4.9.47-rt37 #2 SMP PREEMPT RT armv7l");
    expect(h, CD_ATTRIBUTE_OS, "Linux 4.9.47-rt37");
    harness_free(h);
    h = tell("Hardware: x86 Family 6 Model 8 - Software: Windows Version 6.1 (Build 7601 Multiprocessor Free)");
    expect(h, CD_ATTRIBUTE_OS, "Windows Version 6.1 (Build 7601 Multiprocessor Free)");
    harness_free(h);
}

static void a_description_of_lines_is_told_in_one(void **state)
{
    (void)state;
    struct harness *h = tell("first\r\n\tsecond");
    expect(h, CD_ATTRIBUTE_DESCRIPTION, "first second");
    assert_int_equal(harness_observer(h)->facts.count, 1);
    harness_free(h);
    h = tell("");
    assert_int_equal(harness_observer(h)->facts.count, 0);
    harness_free(h);
}

static void every_length_is_read_without_harm(void **state)
{
    (void)state;
    static const char text[] =
        "Siemens, SIMATIC NET, SCALANCE X204-2, 6GK5 204-2BB10-2AA3, HW: Version 4, FW: Version V5.02.03, S1";
    harness_every_prefix(&describing, CD_TRANSPORT_UDP, true, text, sizeof text - 1, true);
    char longer[2000];
    memset(longer, 'x', sizeof longer);
    struct harness *h = harness_new(&describing, CD_TRANSPORT_UDP, 0);
    harness_send(h, true, longer, sizeof longer);
    harness_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siemens_tells_its_whole_name_plate),
        cmocka_unit_test(cisco_tells_model_version_and_system),
        cmocka_unit_test(switches_and_supplies_of_others_are_known),
        cmocka_unit_test(systems_are_told_in_short),
        cmocka_unit_test(a_description_of_lines_is_told_in_one),
        cmocka_unit_test(every_length_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
