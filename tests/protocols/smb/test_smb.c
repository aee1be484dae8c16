#include "protocols/harness.h"

#include <string.h>

#include "protocols/smb.h"

enum { MESSAGE_MOST = 1024 };

static struct harness *new_harness(void)
{
    return harness_new(&cd_dissector_smb, CD_TRANSPORT_TCP, 445);
}

static size_t seed(const char *name, uint8_t *out)
{
    char path[512];
    struct cd_text t = cd_text_of(path, sizeof path);
    cd_text_str(&t, CD_TEST_DIR "/seeds/");
    cd_text_str(&t, name);
    cd_text_str(&t, ".bin");
    return harness_file(path, out, MESSAGE_MOST);
}

static void send_seed(struct harness *h, bool from_client, const char *name)
{
    uint8_t bytes[MESSAGE_MOST];
    size_t len = seed(name, bytes);
    harness_send(h, from_client, bytes, len);
}

/* An SMB2 message with its session header: the header's fields that matter, and the body. */
static size_t smb2(uint8_t *out, uint16_t command, uint32_t status, uint32_t flags, uint64_t message_id, uint32_t tree,
                   const char *body, size_t whole_body)
{
    memset(out, 0, 68);
    memcpy(out + 4, "\xfeSMB\x40", 5);
    memcpy(out + 12, &status, 4);
    memcpy(out + 16, &command, 2);
    memcpy(out + 20, &flags, 4);
    memcpy(out + 28, &message_id, 8);
    memcpy(out + 40, &tree, 4);
    size_t len = harness_hex(body, out + 68, MESSAGE_MOST - 68), length = 64 + (whole_body ? whole_body : len);
    out[1] = (uint8_t)(length >> 16);
    out[2] = (uint8_t)(length >> 8);
    out[3] = (uint8_t)length;
    return 68 + len;
}

static void send_smb2(struct harness *h, bool from_client, uint16_t command, uint32_t status, uint64_t message_id,
                      uint32_t tree, const char *body)
{
    uint8_t bytes[MESSAGE_MOST];
    size_t len = smb2(bytes, command, status, from_client ? 0 : CD_SMB2_RESPONSE, message_id, tree, body, 0);
    harness_send(h, from_client, bytes, len);
}

/* Connects \\s\d as tree 5 and opens "a" on it as file 1:2. */
static const char tree_connect[] = "0900 0000 4800 0a00 5c005c0073005c006400";
static const char tree_connected[] = "1000 01 00 00000000 00000000 ff011f00";
static const char create_a[] = "3900 00 00 02000000 0000000000000000 0000000000000000 89001200 00000000 07000000"
                               "01000000 00000000 7800 0200 00000000 00000000 6100";
static const char created[] = "5900 00 00 01000000 0000000000000000 0000000000000000 0000000000000000"
                              "0000000000000000 0000000000000000 0000000000000000 20000000 00000000"
                              "0100000000000000 0200000000000000 00000000 00000000";

static void open_file(struct harness *h)
{
    send_smb2(h, true, CD_SMB2_TREE_CONNECT, 0, 3, 0, tree_connect);
    send_smb2(h, false, CD_SMB2_TREE_CONNECT, 0, 3, 5, tree_connected);
    send_smb2(h, true, CD_SMB2_CREATE, 0, 4, 5, create_a);
    send_smb2(h, false, CD_SMB2_CREATE, 0, 4, 5, created);
}

/* ---- sign-in ---- */

static void negotiation_and_ntlm_tell_both_ends(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb1-negotiate");
    send_seed(h, false, "resp-smb2-negotiate");
    send_seed(h, true, "req-smb2-ntlm-negotiate");
    send_seed(h, false, "resp-smb2-ntlm-challenge");
    send_seed(h, true, "req-smb2-ntlm-authenticate");
    harness_expect_operation(h, "smb", "smb1:114", "negotiate", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_expect_operation(h, "smb", "smb2:0", "negotiate", CD_CLASS_SESSION, "", 0, 1, 0);
    harness_expect_operation(h, "smb", "smb2:1", "session setup", CD_CLASS_SESSION, "CONTOSO\\Administrator", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "SMB 2.0.2, signing not required"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "SERVER002.contoso.com"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DOMAIN, "", "contoso.com"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_USER, "", "CONTOSO\\Administrator"));
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    assert_int_equal(harness_events(h, CD_EVENT_WEAK_CRYPTOGRAPHY), 0);
    harness_free(h);
}

static void a_refused_sign_in_names_the_user(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[MESSAGE_MOST];
    size_t len = seed("req-smb2-ntlm-authenticate", bytes);
    uint64_t id;
    memcpy(&id, bytes + 28, 8);
    harness_send(h, true, bytes, len);
    send_smb2(h, false, CD_SMB2_SESSION_SETUP, 0xc000006d, id, 0, "0900 00 00 00000000 00");
    assert_string_equal(harness_event_detail(h, CD_EVENT_AUTHENTICATION_FAILED),
                        "CONTOSO\\Administrator: STATUS_LOGON_FAILURE");
    harness_expect_operation(h, "smb", "smb2:1", "session setup", CD_CLASS_SESSION, "CONTOSO\\Administrator", 1, 1, 1);
    harness_free(h);
}

static void a_guest_is_told(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_smb2(h, false, CD_SMB2_SESSION_SETUP, 0, 2, 0, "0900 0100 4800 0000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY),
                        "signed in as guest: neither signed nor encrypted");
    harness_free(h);
}

static void smb1_tells_systems_and_is_weak(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, false, "resp-smb1-negotiate");
    assert_string_equal(harness_event_detail(h, CD_EVENT_WEAK_CRYPTOGRAPHY), "SMB1 in use: chosen by the server");
    send_seed(h, true, "req-smb1-session-setup");
    send_seed(h, false, "resp-smb1-session-setup");
    harness_expect_operation(h, "smb", "smb1:115", "session setup", CD_CLASS_SESSION, "WORKGROUP\\user", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_OS, "", "Unix"));
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_password_in_clear_is_told_by_its_user(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[MESSAGE_MOST];
    size_t len = seed("resp-smb1-negotiate", bytes);
    bytes[39] &= (uint8_t)~2; /* security mode: no challenge and response */
    harness_send(h, false, bytes, len);
    harness_send_hex(h, true,
                     "00000057 ff534d42 73 00000000 00 0000 0000 0000000000000000 0000 0000 0100 0000 0200"
                     "0d ff 00 0000 ffff 0200 0100 00000000 0500 0000 00000000 00000000 1a00"
                     "7061737300 626f6200 504c414e5400 556e697800 53616d626100");
    assert_string_equal(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "PLANT\\bob");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SOFTWARE, "", "Samba"));
    harness_free(h);
}

/* ---- files ---- */

static void a_file_is_known_by_share_and_name(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    open_file(h);
    send_smb2(h, true, CD_SMB2_READ, 0, 5, 5,
              "3100 50 00 00100000 0000000000000000 0100000000000000 0200000000000000 00000000 00000000 00000000 0000 "
              "0000 00");
    send_smb2(h, false, CD_SMB2_READ, 0xc0000011, 5, 5, "0900 00 00 00000000 00");
    harness_expect_operation(h, "smb", "smb2:3", "tree connect", CD_CLASS_SESSION, "\\\\s\\d", 1, 1, 0);
    harness_expect_operation(h, "smb", "smb2:5", "create", CD_CLASS_FILE, "\\\\s\\d\\a", 1, 1, 0);
    harness_expect_operation(h, "smb", "smb2:8", "read", CD_CLASS_READ, "\\\\s\\d\\a", 1, 1, 1);
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "file-server");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void renaming_and_deleting_are_told_apart(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    open_file(h);
    send_smb2(h, true, CD_SMB2_SET_INFO, 0, 5, 5,
              "2100 01 0a 16000000 6000 0000 00000000 0100000000000000 0200000000000000"
              "00 00000000000000 0000000000000000 02000000 6200");
    send_smb2(h, true, CD_SMB2_SET_INFO, 0, 6, 5,
              "2100 01 0d 01000000 6000 0000 00000000 0100000000000000 0200000000000000 01");
    harness_expect_operation(h, "smb", "smb2:17", "rename file", CD_CLASS_FILE, "\\\\s\\d\\a -> b", 1, 0, 0);
    harness_expect_operation(h, "smb", "smb2:17", "delete file", CD_CLASS_FILE, "\\\\s\\d\\a", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void chained_messages_are_each_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb2-compound");
    send_seed(h, false, "resp-smb2-compound");
    harness_expect_operation(h, "smb", "smb2:16", "query info", CD_CLASS_READ, "", 2, 2, 0);
    harness_free(h);
}

static void what_is_written_is_passed_over(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[MESSAGE_MOST], content[1000];
    open_file(h);
    memset(content, 0xfe, sizeof content);
    size_t len = smb2(bytes, CD_SMB2_WRITE, 0, 0, 5, 5,
                      "3100 7000 40420f00 0000000000000000 0100000000000000 0200000000000000 00000000 00000000 0000 "
                      "0000 00000000",
                      48 + 1000000);
    harness_send(h, true, bytes, len);
    for (unsigned i = 0; i < 1000; i++)
        harness_send(h, true, content, sizeof content);
    send_smb2(h, true, CD_SMB2_ECHO, 0, 6, 5, "0400 0000");
    harness_expect_operation(h, "smb", "smb2:9", "write", CD_CLASS_WRITE, "\\\\s\\d\\a", 1, 0, 0);
    harness_expect_operation(h, "smb", "smb2:13", "echo", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void an_interim_answer_leaves_the_request_open(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    open_file(h);
    send_smb2(h, true, CD_SMB2_CHANGE_NOTIFY, 0, 5, 5,
              "2000 0000 00100000 0100000000000000 0200000000000000 17000000 00000000");
    send_smb2(h, false, CD_SMB2_CHANGE_NOTIFY, 0x103, 5, 5, "0900 00 00 00000000 21");
    send_smb2(h, false, CD_SMB2_CHANGE_NOTIFY, 0xc0000120, 5, 5, "0900 00 00 00000000 21");
    harness_expect_operation(h, "smb", "smb2:15", "change notify", CD_CLASS_READ, "\\\\s\\d\\a", 1, 2, 1);
    harness_free(h);
}

static void smb1_files_are_known_too(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb1-tree-connect");
    send_seed(h, true, "req-smb1-trans2");
    harness_expect_operation(h, "smb", "smb1:117", "tree connect", CD_CLASS_SESSION, "\\\\LOCALHOST\\MP3", 1, 0, 0);
    harness_expect_operation(h, "smb", "smb1:50", "transaction 2", CD_CLASS_READ, "query path: \\tmp\\", 1, 0, 0);
    harness_free(h);
}

/* ---- pipes ---- */

static void a_pipe_carries_procedure_calls(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb2-tree-connect-ipc");
    send_seed(h, false, "resp-smb2-tree-connect-ipc");
    send_seed(h, true, "req-smb2-create-pipe");
    send_seed(h, false, "resp-smb2-create");
    send_seed(h, true, "req-smb2-write-bind");
    send_seed(h, true, "req-smb2-read-pipe");
    send_seed(h, false, "resp-smb2-read-bind-ack");
    send_seed(h, true, "req-smb2-ioctl-pipe");
    send_seed(h, false, "resp-smb2-ioctl-pipe");
    harness_expect_operation(h, "smb", "smb2:5", "create", CD_CLASS_FILE, "\\\\10.0.0.12\\IPC$\\srvsvc", 1, 1, 0);
    harness_expect_operation(h, "smb", "smb2:11", "ioctl", CD_CLASS_OTHER, "\\\\10.0.0.12\\IPC$\\srvsvc", 1, 1, 0);
    harness_expect_operation(h, "dcerpc", "dcerpc:11", "bind", CD_CLASS_SESSION, "srvsvc", 1, 1, 0);
    harness_expect_operation(h, "dcerpc", "srvsvc:16", "NetrShareGetInfo", CD_CLASS_READ, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

/* The same calls, of a capture that began after the pipe was opened. */
static void a_pipe_shows_itself_by_what_it_carries(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb2-write-bind");
    send_seed(h, true, "req-smb2-ioctl-pipe");
    send_seed(h, false, "resp-smb2-ioctl-pipe");
    harness_expect_operation(h, "dcerpc", "srvsvc:16", "NetrShareGetInfo", CD_CLASS_READ, "", 1, 1, 0);
    harness_free(h);
}

/* ---- against the protocol, and unreadable ---- */

static void a_reserved_subcommand_is_a_violation(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb1-trans2-session-setup");
    assert_int_equal(harness_events(h, CD_EVENT_VIOLATION), 1);
    harness_free(h);
}

static void a_long_andx_chain_ends(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_seed(h, true, "req-smb1-logoff-chain");
    struct harness_counts counts = harness_operations(h, "smb", "smb1:116", NULL);
    assert_int_equal(counts.requests, 12);
    harness_free(h);
}

static void an_andx_chain_that_leads_back_is_malformed(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    harness_send_hex(h, true,
                     "00000027 ff534d42 74 00000000 18 0780 0000 0000000000000000 0000 0000 0100 0000 0200"
                     "02 74 00 2000 0000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "next offset");
    harness_free(h);
}

static void a_wrong_structure_size_is_malformed_yet_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    send_smb2(h, true, CD_SMB2_ECHO, 0, 1, 0, "0500 0000");
    assert_string_equal(harness_event_detail(h, CD_EVENT_MALFORMED), "structure size");
    harness_expect_operation(h, "smb", "smb2:13", "echo", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_free(h);
}

static void encrypted_messages_are_only_counted(void **state)
{
    (void)state;
    struct harness *h = new_harness();
    uint8_t bytes[4 + 52 + 100] = {0, 0, 0, 152, 0xfd, 'S', 'M', 'B'};
    harness_send(h, true, bytes, sizeof bytes);
    harness_send(h, false, bytes, sizeof bytes);
    harness_expect_operation(h, "smb", "encrypted", "encrypted message", CD_CLASS_OTHER, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

/* ---- the session service ---- */

static void a_session_request_names_both_ends(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_smb, CD_TRANSPORT_TCP, 139);
    harness_send_hex(h, true,
                     "81000044 20 46444542464444424341434143414341434143414341434143414341434143410020"
                     "45454546454e4550434143414341434143414341434143414341434143414141 00");
    harness_send_hex(h, false, "82000000");
    harness_send_hex(h, true, "85000000");
    harness_expect_operation(h, "smb", "nbss:129", "session request", CD_CLASS_SESSION, "SAS1", 1, 1, 0);
    harness_expect_operation(h, "smb", "nbss:133", "keep-alive", CD_CLASS_SESSION, "", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "SAS1"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "DEMO"));
    harness_free(h);
}

static void a_refused_session_says_why(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_smb, CD_TRANSPORT_TCP, 139);
    harness_send_hex(h, false, "83000001 82");
    harness_expect_operation(h, "smb", "nbss:129", "session request", CD_CLASS_SESSION, "", 0, 1, 1);
    harness_free(h);
}

static void every_prefix_asks_for_more(void **state)
{
    (void)state;
    static const char *const names[] = {"req-smb1-negotiate",    "resp-smb2-negotiate",     "resp-smb2-ntlm-challenge",
                                        "req-smb2-tree-connect", "req-smb1-session-setup",  "resp-smb1-negotiate",
                                        "req-smb1-logoff-chain", "resp-smb1-session-setup", "req-smb1-trans2",
                                        "resp-smb2-create"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t bytes[MESSAGE_MOST];
        size_t len = seed(names[i], bytes);
        harness_every_prefix(&cd_dissector_smb, CD_TRANSPORT_TCP, names[i][2] == 'q', bytes, len, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negotiation_and_ntlm_tell_both_ends),
        cmocka_unit_test(a_refused_sign_in_names_the_user),
        cmocka_unit_test(a_guest_is_told),
        cmocka_unit_test(smb1_tells_systems_and_is_weak),
        cmocka_unit_test(a_password_in_clear_is_told_by_its_user),
        cmocka_unit_test(a_file_is_known_by_share_and_name),
        cmocka_unit_test(renaming_and_deleting_are_told_apart),
        cmocka_unit_test(chained_messages_are_each_counted),
        cmocka_unit_test(what_is_written_is_passed_over),
        cmocka_unit_test(an_interim_answer_leaves_the_request_open),
        cmocka_unit_test(smb1_files_are_known_too),
        cmocka_unit_test(a_pipe_carries_procedure_calls),
        cmocka_unit_test(a_pipe_shows_itself_by_what_it_carries),
        cmocka_unit_test(a_reserved_subcommand_is_a_violation),
        cmocka_unit_test(a_long_andx_chain_ends),
        cmocka_unit_test(an_andx_chain_that_leads_back_is_malformed),
        cmocka_unit_test(a_wrong_structure_size_is_malformed_yet_counted),
        cmocka_unit_test(encrypted_messages_are_only_counted),
        cmocka_unit_test(a_session_request_names_both_ends),
        cmocka_unit_test(a_refused_session_says_why),
        cmocka_unit_test(every_prefix_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
