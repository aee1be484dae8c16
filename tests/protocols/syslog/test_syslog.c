#include "../harness.h"

#include "protocols/syslog.h"

#include <string.h>

static void say(struct harness *h, const char *text)
{
    harness_send(h, true, text, strlen(text));
}

static struct harness *over(enum cd_transport transport)
{
    return harness_new(&cd_dissector_syslog, transport, 514);
}

static void test_messages_count_by_priority_and_name_host_and_program(void **state)
{
    (void)state;
    struct harness *h = over(CD_TRANSPORT_UDP);
    say(h, "<38>Oct  1 22:14:18 plc7.plant.example sshd[4711]: Accepted publickey for op");
    harness_expect_operation(h, "syslog", "38", "informational", CD_CLASS_OTHER, "auth", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "plc7.plant.example"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "sshd"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_ROLE, "", "log-server"));
    say(h, "<34>1 2003-10-11T22:14:15.003Z web1 httpd 812 ID47 [x@1 a=\"b\"] on fire");
    harness_expect_operation(h, "syslog", "34", "critical", CD_CLASS_ALARM, "auth", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "web1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "httpd"));
    harness_free(h);
}

static void test_the_text_is_never_passed_on(void **state)
{
    (void)state;
    struct harness *h = over(CD_TRANSPORT_UDP);
    say(h, "<38>Oct  1 22:14:18 plc7 login: password of op is hunter2");
    say(h, "<38>1 - - - - - - hunter2");
    say(h, "hunter2 without priority");
    for (uint32_t i = 0; i < harness_observer(h)->texts.count; i++)
        assert_null(strstr(harness_observer(h)->texts.items[i], "hunter2"));
    harness_expect_operation(h, "syslog", "none", "message without priority", CD_CLASS_OTHER, "", 1, 0, 0);
    harness_free(h);
}

static void test_a_failed_sign_in_is_an_event(void **state)
{
    (void)state;
    struct harness *h = over(CD_TRANSPORT_UDP);
    say(h, "<38>Oct  1 22:14:18 plc7 sshd[1]: Failed password for invalid user x from 10.0.0.9 port 4711 ssh2");
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED),
                        "failed sign-in told by syslog of plc7, sshd");
    say(h, "<187>31: *Sep 22 13:34:49.220: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: x]");
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 2);
    harness_free(h);
}

static void expect_maker(const char *text, const char *vendor, enum cd_attribute attribute, const char *value)
{
    struct harness *h = over(CD_TRANSPORT_UDP);
    say(h, text);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", vendor));
    assert_true(harness_has_fact(h, attribute, "", value));
    harness_free(h);
}

static void test_makers_are_known_by_the_form_of_their_messages(void **state)
{
    (void)state;
    expect_maker("<166>Apr 10 2020 10:00:00: %ASA-6-302013: Built inbound TCP connection", "Cisco", CD_ATTRIBUTE_MODEL,
                 "ASA");
    expect_maker("<187>89: R1: *Sep 22 13:48:20.741: %SYS-5-CONFIG_I: Configured", "Cisco", CD_ATTRIBUTE_NAME, "R1");
    expect_maker("<134>Aug 24 05:14:15 fw1 CEF:0|Acme|Guard|1.2.3|100|worm|10|src=10.0.0.1", "Acme",
                 CD_ATTRIBUTE_FIRMWARE, "1.2.3");
    expect_maker("<134>Aug 24 05:14:15 fw1 LEEF:1.0|Acme|Guard|1.2.3|100|", "Acme", CD_ATTRIBUTE_MODEL, "Guard");
    expect_maker("<189>date=2020-01-01 devname=\"fw\" devid=\"FGT60E0000000001\" logid=\"1\"", "Fortinet",
                 CD_ATTRIBUTE_SERIAL, "FGT60E0000000001");
    expect_maker("<14>Oct  1 22:14:18 pa 1,2020/05/04 10:00:00,012345678901,TRAFFIC,end", "Palo Alto Networks",
                 CD_ATTRIBUTE_SERIAL, "012345678901");
    expect_maker("<134>id=firewall sn=0017C5000001 time=\"x\"", "SonicWall", CD_ATTRIBUTE_SERIAL, "0017C5000001");
}

static void test_a_program_before_the_mark_is_not_cisco(void **state)
{
    (void)state;
    struct harness *h = over(CD_TRANSPORT_UDP);
    say(h, "<36>Oct  1 22:14:18 sw1 Rib: %BGP-5-ADJCHANGE: peer up");
    assert_null(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""));
    harness_free(h);
}

static void test_streams_are_cut_by_count_and_by_line(void **state)
{
    (void)state;
    struct harness *h = over(CD_TRANSPORT_TCP);
    say(h, "37 <13>Oct  1 22:14:15 mymachine su: abc36 <14>Oct  1 22:14:15 mymachine su: ab");
    say(h, "<15>Oct  1 22:14:15 mymachine su: abc\n\tsecond line\n<1");
    say(h, "6>Oct  1 22:14:15 mymachine su: abc\n");
    for (const char *const *code = (const char *const[]){"13", "14", "15", "16", NULL}; *code; code++)
        assert_int_equal(harness_operations(h, "syslog", *code, NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static int probe_of(const char *text, enum cd_transport transport)
{
    return cd_dissector_syslog.probe((const uint8_t *)text, strlen(text), transport, true);
}

static void test_only_priority_and_timestamp_are_syslog_on_any_port(void **state)
{
    (void)state;
    assert_int_equal(probe_of("<38>Oct  1 22:14:18 plc7 login: x", CD_TRANSPORT_UDP), CD_PROBE_LIKELY);
    assert_int_equal(probe_of("<38>1 2003-10-11T22:14:15.003Z a b - - - x", CD_TRANSPORT_TCP), CD_PROBE_LIKELY);
    assert_int_equal(probe_of("<38>hello", CD_TRANSPORT_UDP), CD_PROBE_MAYBE);
    assert_int_equal(probe_of("<192>Oct  1 22:14:18 plc7 login: x", CD_TRANSPORT_TCP), CD_PROBE_NO);
    assert_int_equal(probe_of("<xml>", CD_TRANSPORT_TCP), CD_PROBE_NO);
    assert_int_equal(probe_of("1021", CD_TRANSPORT_TCP), CD_PROBE_NO); /* remote shell */
}

static void test_every_prefix_is_read_without_harm(void **state)
{
    (void)state;
    static const char stream[] = "37 <13>Oct  1 22:14:15 mymachine su: abc";
    static const char datagram[] = "<189>date=2020-01-01 devname=\"fw\" devid=\"FGT60E0000000001\" logid=\"1\"";
    harness_every_prefix(&cd_dissector_syslog, CD_TRANSPORT_TCP, true, stream, sizeof stream - 1, false);
    harness_every_prefix(&cd_dissector_syslog, CD_TRANSPORT_UDP, true, datagram, sizeof datagram - 1, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_count_by_priority_and_name_host_and_program),
        cmocka_unit_test(test_the_text_is_never_passed_on),
        cmocka_unit_test(test_a_failed_sign_in_is_an_event),
        cmocka_unit_test(test_makers_are_known_by_the_form_of_their_messages),
        cmocka_unit_test(test_a_program_before_the_mark_is_not_cisco),
        cmocka_unit_test(test_streams_are_cut_by_count_and_by_line),
        cmocka_unit_test(test_only_priority_and_timestamp_are_syslog_on_any_port),
        cmocka_unit_test(test_every_prefix_is_read_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
