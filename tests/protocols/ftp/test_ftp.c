#include "../harness.h"

#include "protocols/ftp.h"

#include <string.h>

static void say(struct harness *h, bool from_client, const char *text)
{
    harness_send(h, from_client, text, strlen(text));
}

static void test_a_session_is_told_with_its_files_and_never_its_password(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ftp, CD_TRANSPORT_TCP, 0);
    say(h, false, "220-Welcome to the plant\r\n  line without a code\r\n220 VxWorks (5.4.2) FTP server ready\r\n");
    say(h, true, "USER target\r\n");
    say(h, false, "331 Password required\r\n");
    say(h, true, "PASS s3cr3t-word\r\n");
    say(h, false, "230 User logged in\r\n");
    say(h, true, "SYST\r\n");
    say(h, false, "215 VxWorks\r\n");
    say(h, true, "STOR /ata0a/program.stu\r\n");
    say(h, false, "150 Opening data connection\r\n226 Transfer complete\r\n");
    say(h, true, "retr secret/../x\r\n");
    say(h, false, "550 No such file\r\n");
    harness_expect_operation(h, "ftp", "USER", "user name", CD_CLASS_SESSION, "", 1, 1, 0);
    harness_expect_operation(h, "ftp", "STOR", "write file", CD_CLASS_FILE, "/ata0a/program.stu", 1, 1, 0);
    harness_expect_operation(h, "ftp", "RETR", "read file", CD_CLASS_FILE, "secret/../x", 1, 1, 1);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "VxWorks"));
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SOFTWARE, ""), "Welcome to the plant");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_USER, ""), "target");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "FTP password of user target");
    for (uint32_t i = 0; i < harness_observer(h)->texts.count; i++)
        assert_null(strstr(harness_observer(h)->texts.items[i], "s3cr3t"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void test_a_refused_sign_in_is_an_event_and_anonymous_is_no_credential(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ftp, CD_TRANSPORT_TCP, 0);
    say(h, true, "USER anonymous\r\nPASS a@b\r\n");
    say(h, false, "331 ok\r\n530 Login incorrect\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    assert_int_equal(harness_events(h, CD_EVENT_AUTHENTICATION_FAILED), 1);
    harness_expect_operation(h, "ftp", "PASS", "password", CD_CLASS_SESSION, "", 1, 1, 1);
    harness_free(h);
}

static void test_other_text_is_malformed(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_ftp, CD_TRANSPORT_TCP, 0);
    say(h, true, "\x16\x03\x01 nonsense\r\n");
    say(h, false, "hello\r\n");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 2);
    harness_free(h);
}

static void test_ftp_is_told_from_smtp_by_its_greeting(void **state)
{
    (void)state;
    const char *ftp = "220 ProFTPD 1.3 (FTP) ready\r\n", *smtp = "220 mail ESMTP Postfix\r\n";
    assert_int_equal(cd_dissector_ftp.probe((const uint8_t *)ftp, strlen(ftp), CD_TRANSPORT_TCP, false),
                     CD_PROBE_LIKELY);
    assert_true(cd_dissector_ftp.probe((const uint8_t *)smtp, strlen(smtp), CD_TRANSPORT_TCP, false) < CD_PROBE_LIKELY);
}

static void test_every_prefix_of_a_line_asks_for_more(void **state)
{
    (void)state;
    const char *line = "STOR main.awl\r\n", *reply = "226 Transfer complete\r\n";
    harness_every_prefix(&cd_dissector_ftp, CD_TRANSPORT_TCP, true, line, strlen(line), false);
    harness_every_prefix(&cd_dissector_ftp, CD_TRANSPORT_TCP, false, reply, strlen(reply), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_told_with_its_files_and_never_its_password),
        cmocka_unit_test(test_a_refused_sign_in_is_an_event_and_anonymous_is_no_credential),
        cmocka_unit_test(test_other_text_is_malformed),
        cmocka_unit_test(test_ftp_is_told_from_smtp_by_its_greeting),
        cmocka_unit_test(test_every_prefix_of_a_line_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
