#include "../harness.h"

#include <string.h>

#include "protocols/mms.h"

#define P "mms"

/* An association of libIEC61850's client with a server that calls itself MZ. */
#define ASSOCIATE_REQUEST                                                                                              \
    "0db20506130100160102140200023302000134020001c19c318199a003800101a28191810400000001820400000001a423300f0201010604" \
    "520100013004060251013010020103060528ca220201300406025101615e305c020101a0576055a107060528ca220203a207060529018767" \
    "01a30302010ca606060429018767a70302010cbe2f282d020103a028a826800300fde881010582010583010aa416800101810305f100820c" \
    "03"                                                                                                               \
    "ee1c00000408000079ef18"
#define ASSOCIATE_RESPONSE                                                                                             \
    "0e8605061301001601021402000234020001c1743172a003800101a26b830400000001a5123007800100810251013007800100810251016"  \
    "14f304d020101a0486146a107060528ca220203a203020100a305a103020100be2f282d020103a028a926800300fde8810105820105830"   \
    "10aa416800101810305f100820c03ee1c000000000000000118"
/* Written by a client to a WAGO controller: Oper with ctlVal true. */
#define OPERATE                                                                                                        \
    "010001006181bb3081b8020103a081b2a081af02027fd0a581a8a03a3038a036a1341a1c5741474f36313835305365727665724c6f676963" \
    "61"                                                                                                               \
    "6c4465766963651a144747494f313224434f24535043534f244f706572a06aa26883010191085bc97d8338e5606fa2458501028940"       \
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" \
    "0000"                                                                                                             \
    "0000000000000000000086013091085bc97d8338e5603083010084020600"

static struct harness *connection(void)
{
    struct harness *h = harness_new(&cd_dissector_cotp, CD_TRANSPORT_TCP, 102);
    harness_send_hex(h, true, "0300001611e00000000100c1020001c2020001c0010a");
    return h;
}

/* One TSDU: TPKT and data header are put before it. */
static void send(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[2048] = {3, 0, 0, 0, 2, 0xf0, 0x80};
    size_t n = 7 + harness_hex(hex, bytes + 7, sizeof bytes - 7);
    bytes[2] = (uint8_t)(n >> 8);
    bytes[3] = (uint8_t)n;
    harness_send(h, from_client, bytes, n);
}

/* A PDU as data of context 3; its length stays below 114 bytes. */
static void send_pdu(struct harness *h, bool from_client, const char *hex)
{
    uint8_t bytes[256] = {3, 0, 0, 0, 2, 0xf0, 0x80, 1, 0, 1, 0, 0x61, 0, 0x30, 0, 2, 1, 3, 0xa0, 0};
    size_t n = harness_hex(hex, bytes + 20, sizeof bytes - 20);
    assert_true(n < 114);
    bytes[3] = (uint8_t)(n + 20);
    bytes[12] = (uint8_t)(n + 7);
    bytes[14] = (uint8_t)(n + 5);
    bytes[19] = (uint8_t)n;
    harness_send(h, from_client, bytes, n + 20);
}

/* ---- associations ---- */

static void an_association_names_the_application_called(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, ASSOCIATE_REQUEST);
    send(h, false, ASSOCIATE_RESPONSE);
    harness_expect_operation(h, P, "initiate", "initiate", CD_CLASS_SESSION, "AP title 1.1.1.999.1 AE 12", 1, 1, 0);
    send_pdu(h, true, "8b00");
    send_pdu(h, false, "8c00");
    harness_expect_operation(h, P, "conclude", "conclude", CD_CLASS_SESSION, "", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void a_password_in_the_clear_is_told_but_not_shown(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    /* mechanism 2.2.3.1, value [0] "secret" */
    send(h, true,
         "0d5f050613010016010214020002c151314fa003800101a248a423300f0201010604520100013004060251013010020103060528ca22"
         "02013004060251016121301f020101a01a6018a107060528ca2202038b03520301ac088006736563726574");
    assert_int_equal(harness_events(h, CD_EVENT_CLEARTEXT_CREDENTIAL), 1);
    assert_null(strstr(harness_event_detail(h, CD_EVENT_CLEARTEXT_CREDENTIAL), "secret"));
    harness_free(h);
}

static void an_abort_counts_where_the_connection_is_known(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "19031101 09"); /* of what we don't know */
    assert_int_equal(harness_operations(h, P, "abort", NULL).requests, 0);
    send(h, true, ASSOCIATE_REQUEST);
    send(h, true, "1903110109");
    assert_int_equal(harness_operations(h, P, "abort", NULL).requests, 1);
    harness_free(h);
}

static void data_of_other_contexts_is_left_alone(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, ASSOCIATE_REQUEST);
    /* Context 1 is ACSE's: release; context 3 MMS; both in one presentation PDU. */
    send(h, true, "01000100 611a 300a020101a005 6203800100 300c020103a007a0050201018200");
    harness_expect_operation(h, P, "release", "release", CD_CLASS_SESSION, "", 1, 0, 0);
    harness_expect_operation(h, P, "confirmed:2", "identify", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    harness_free(h);
}

static void mms_without_session_layer_is_read(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "a826800200 1f810103820103830208 08a41680010181 0305e800820c03ffffffffffffffffffffff");
    send(h, true, "a01f020101bf2919801752333935303234333937 4170706c69636174696f6e5f31");
    harness_expect_operation(h, P, "confirmed:41", "stop", CD_CLASS_MODE, "R395024397Application_1", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

/* ---- identification ---- */

static void identify_gives_vendor_model_and_revision(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_pdu(h, true, "a0050201018200");
    send(h, false, "0100010061233021020103a01ca11a020101a21580024d5a8108626173696320696f8205312e342e32");
    harness_expect_operation(h, P, "confirmed:2", "identify", CD_CLASS_IDENTIFY, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "MZ"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "basic io"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "1.4.2"));
    harness_free(h);
}

static void status_is_a_fact(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_pdu(h, true, "a006020101800100");
    send(h, false, "0100010061143012020103a00da10b020101a006800103810103");
    harness_expect_operation(h, P, "confirmed:0", "status", CD_CLASS_DIAGNOSE, "", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_STATE, "", "needs commissioning"));
    harness_free(h);
}

static void a_name_plate_is_read_by_the_order_its_type_told(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "01000100611d301b020103a016a014020101a60fa00da10b1a024c441a054c50484431");
    /* ST { PhyHealth { stVal } }, DC { PhyNam { vendor, swRev, model }, Note { d } } */
    send(h, false,
         "010001006181aa3081a7020103a081a1a1819e020101a68198800100a28192a2818fa1818c302b80025354a125a223a121301f800950"
         "68794865616c7468a112a210a10e300c8005737456616ca103850108305d80024443a157a255a153303980065068794e616da12fa22d"
         "a12b300d800676656e646f72a1038a0140300c80057377526576a1038a0140300c80056d6f64656ca1038a0140301680044e6f7465a1"
         "0ea20ca10a3008800164a1038a0140");
    /* LPHD1$DC and LLN0$DC$NamPlt$vendor */
    send(h, true,
         "0100010061473045020103a040a03e020102a439a137a0353012a010a10e1a024c441a084c50484431244443301fa01da11b1a024c44"
         "1a154c4c4e30244443244e616d506c742476656e646f72");
    send(h, false,
         "01000100612f302d020103a028a126020102a421a11fa217a2108a034142428a01478a06524546363135a2038a01788a0441736561");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "ABB"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_FIRMWARE, "", "G"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_MODEL, "", "REF615"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Asea"));
    harness_free(h);
}

static void of_a_name_plate_that_differs_from_its_type_only_the_vendor_is_sure(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "01000100611d301b020103a016a014020101a60fa00da10b1a024c441a054c50484431");
    send(h, false,
         "010001006181aa3081a7020103a081a1a1819e020101a68198800100a28192a2818fa1818c302b80025354a125a223a121301f800950"
         "68794865616c7468a112a210a10e300c8005737456616ca103850108305d80024443a157a255a153303980065068794e616da12fa22d"
         "a12b300d800676656e646f72a1038a0140300c80057377526576a1038a0140300c80056d6f64656ca1038a0140301680044e6f7465a1"
         "0ea20ca10a3008800164a1038a0140");
    send(h, true,
         "01000100612d302b020103a026a024020103a41fa11da01b3019a017a1151a024c441a0f4c50484431244443245068794e616d");
    send(h, false, "010001006120301e020103a019a117020103a412a110a20e8a054d616b65728a056f74686572");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_VENDOR, "", "Maker"));
    assert_null(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""));
    harness_free(h);
}

static void a_protection_function_makes_a_protection_relay(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "010001006121301f020103a01aa018020101a613a011a10f1a024c441a094445463150544f4339");
    assert_null(harness_fact(h, CD_ATTRIBUTE_ROLE, "")); /* asked for, but is it there? */
    send(h, false, "010001006121301f020103a01aa118020101a613800100a20ea20ca10a3008800161a1038a0140");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_ROLE, ""), "protection-relay");
    harness_free(h);
}

/* ---- variables ---- */

static void reading_names_domain_and_item(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, "0100010061293027020103a022a020020105a41ba119a0173015a013a1111a024c441a0b4c4c4e30245354244d6f64");
    harness_expect_operation(h, P, "confirmed:4", "read", CD_CLASS_READ, "LD/LLN0$ST$Mod", 1, 0, 0);
    send(h, false, "0100010061133011020103a00ca10a020105a405a10380010a");
    harness_expect_operation(h, P, "confirmed:4", "read", CD_CLASS_READ, "LD/LLN0$ST$Mod", 1, 1, 1); /* non-existent */
    harness_free(h);
}

static void operating_is_control_with_reference_and_value(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, OPERATE);
    send(h, false, "0100010061113 00f020103a00aa10802027fd0a5028100");
    harness_expect_operation(h, P, "confirmed:5", "write", CD_CLASS_CONTROL,
                             "WAGO61850ServerLogicalDevice/GGIO12$CO$SPCSO$Oper true", 1, 1, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void writing_settings_configures_enabling_a_report_does_not(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true,
         "0100010061333031020103a02ca02a020101a525a01e301ca01aa1181a024c441a124c4c4e302453502453474342244163745347a003"
         "860102");
    harness_expect_operation(h, P, "confirmed:5", "write", CD_CLASS_CONFIGURE, "LD/LLN0$SP$SGCB$ActSG", 1, 0, 0);
    send(h, true,
         "0100010061333031020103a02ca02a020102a525a01e301ca01aa1181a024c441a124c4c4e302442522461303124527074456e61a003"
         "830101");
    harness_expect_operation(h, P, "confirmed:5", "write", CD_CLASS_WRITE, "LD/LLN0$BR$a01$RptEna", 1, 0, 0);
    assert_int_equal(harness_events(h, CD_EVENT_DANGEROUS_OPERATION), 1);
    harness_free(h);
}

static void name_lists_tell_class_and_scope_and_domains_the_ied(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_pdu(h, true, "a010020101a10ba003800109a1048000 8200");
    harness_expect_operation(h, P, "confirmed:1", "get name list", CD_CLASS_READ, "domains", 1, 0, 0);
    send_pdu(h, false, "a11b020101a116a0111a07414231354354521a06414231354c44810100");
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_NAME, "", "AB15"));
    send_pdu(h, true, "a010020102a10ba003800102a10481024c44");
    harness_expect_operation(h, P, "confirmed:1", "get name list", CD_CLASS_READ, "named variable lists of LD", 1, 0,
                             0);
    harness_free(h);
}

static void deleting_lists_names_them(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true,
         "0100010061443042020103a03da03b020102ad36800100a126a1241a1173696d706c65494f47656e65726963494f1a0f4c4c4e30246e6"
         "577"
         "44617461536574a2091a0767656e65726963");
    harness_expect_operation(h, P, "confirmed:13", "delete named variable list", CD_CLASS_WRITE,
                             "simpleIOGenericIO/LLN0$newDataSet", 1, 0, 0);
    harness_free(h);
}

/* ---- files ---- */

static void a_file_keeps_its_name_from_open_to_close(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    /* The server fetches a file it was told to obtain: each end numbers its own requests. */
    send(h, true,
         "01000100612d302b020103a026a024020101bf2e1ea10c190a7465737455706c6f6164a20e190c7465737455706f6164447374");
    send(h, false, "0100010061203 01e020103a019a017020101bf4811a00c190a7465737455706c6f6164810100");
    send(h, true,
         "01000100612c302a020103a025a123020101bf481d800100a11880010b811332303230313130343131333231342e3030305a");
    send(h, false, "010001006110300e020103a009a0070201029f490100");
    send_pdu(h, true, "a108020102bf4902a000");
    send_pdu(h, false, "a0070201039f4a0100");
    send_pdu(h, true, "a1060201039f4a00");
    send_pdu(h, false, "a106020101 9f2e00");
    harness_expect_operation(h, P, "confirmed:46", "obtain file", CD_CLASS_FILE, "testUpload to testUpoadDst", 1, 1, 0);
    harness_expect_operation(h, P, "confirmed:72", "file open", CD_CLASS_FILE, "testUpload", 1, 1, 0);
    harness_expect_operation(h, P, "confirmed:73", "file read", CD_CLASS_FILE, "testUpload", 1, 1, 0);
    harness_expect_operation(h, P, "confirmed:74", "file close", CD_CLASS_FILE, "testUpload", 1, 1, 0);
    harness_free(h);
}

/* ---- reports, errors ---- */

static void a_report_goes_by_its_id_and_data_set(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    /* RptID "rcb1", OptFlds with sequence number, time of entry and data set, SqNum, TimeOfEntry, DatSet "LD/a" */
    send_pdu(h, false,
             "a328a026a1058003525054a01d8a0472636231 8403067800 860100 8c06000000000000 8a044c442f61 84020780");
    harness_expect_operation(h, P, "unconfirmed:0", "information report", CD_CLASS_READ, "report rcb1 data set LD/a", 1,
                             0, 0);
    harness_free(h);
}

static void errors_and_rejects_answer_their_request(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_pdu(h, true, "a00a020107a405a103a101 8000");
    send_pdu(h, false, "a20a800107a205a003870102"); /* access: object non-existent */
    assert_int_equal(harness_operations(h, P, "confirmed:4", NULL).errors, 1);
    send_pdu(h, true, "a0050201088200");
    send_pdu(h, false, "a406800108810101");
    assert_int_equal(harness_operations(h, P, "confirmed:2", NULL).errors, 1);
    send_pdu(h, false, "a20a800163a205a003870102"); /* of a request that was not seen */
    assert_int_equal(harness_operations(h, P, "error", NULL).errors, 1);
    harness_free(h);
}

static void an_answer_to_another_service_opens_no_pair(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send_pdu(h, true, "a0050201088200");
    send_pdu(h, false, "a10a020108a405a103800 10a");
    harness_expect_operation(h, P, "confirmed:2", "identify", CD_CLASS_IDENTIFY, "", 1, 0, 0);
    harness_expect_operation(h, P, "confirmed:4", "read", CD_CLASS_READ, "", 0, 1, 1);
    harness_free(h);
}

/* ---- hostile and broken ---- */

static void lengths_beyond_the_message_are_malformed(void **unused)
{
    (void)unused;
    struct harness *h = connection();
    send(h, true, ASSOCIATE_REQUEST);
    send(h, true, "01000100 6110300e020103a009a0090201029f490100");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 1);
    assert_int_equal(harness_operations(h, P, "confirmed:73", NULL).requests, 0);
    harness_free(h);
}

static void a_cut_request_still_counts(void **unused)
{
    (void)unused;
    struct harness *h = harness_new(&cd_dissector_mms, CD_TRANSPORT_UDP, 102); /* without its carrier */
    uint8_t bytes[512];
    size_t n = harness_hex(OPERATE, bytes, sizeof bytes);
    harness_send_cut(h, true, bytes, n - 40);
    assert_int_equal(harness_operations(h, P, "confirmed:5", NULL).requests, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void every_prefix_is_refused(void **unused)
{
    (void)unused;
    const char *const messages[] = {ASSOCIATE_REQUEST, ASSOCIATE_RESPONSE, OPERATE};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        uint8_t bytes[512] = {3, 0, 0, 0, 2, 0xf0, 0x80};
        size_t n = 7 + harness_hex(messages[i], bytes + 7, sizeof bytes - 7);
        bytes[2] = (uint8_t)(n >> 8);
        bytes[3] = (uint8_t)n;
        harness_every_prefix(&cd_dissector_cotp, CD_TRANSPORT_TCP, true, bytes, n, false);
        harness_every_prefix_hex(&cd_dissector_mms, CD_TRANSPORT_UDP, true, messages[i], true); /* empty data is data */
    }
    uint8_t pdu[64];
    size_t n = harness_hex("a00a020107a405a103a1018000", pdu, sizeof pdu);
    for (size_t i = 0; i < n - 1; i++) {
        struct cd_reader r = cd_reader_of(pdu, i);
        struct cd_mms_pdu p;
        assert_false(cd_mms_parse(&r, false, &p));
    }
}

static void only_mms_is_recognised(void **unused)
{
    (void)unused;
    uint8_t bytes[512];
    size_t n = harness_hex(ASSOCIATE_REQUEST, bytes, sizeof bytes);
    assert_true(cd_mms_begins(bytes, n, false));
    n = harness_hex("01000100 6110300e020103a009a0070201029f490100", bytes, sizeof bytes);
    assert_true(cd_mms_begins(bytes, n, false));
    n = harness_hex("32010000010000080000f0000001000101e0", bytes, sizeof bytes); /* S7comm */
    assert_false(cd_mms_begins(bytes, n, true));
    n = harness_hex("0d1005061301001601021402000234020001", bytes, sizeof bytes); /* a session of something else */
    assert_false(cd_mms_begins(bytes, n, true));
    n = harness_hex("a0050201018200ff", bytes, sizeof bytes); /* bytes behind */
    assert_false(cd_mms_begins(bytes, n, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_association_names_the_application_called),
        cmocka_unit_test(a_password_in_the_clear_is_told_but_not_shown),
        cmocka_unit_test(an_abort_counts_where_the_connection_is_known),
        cmocka_unit_test(data_of_other_contexts_is_left_alone),
        cmocka_unit_test(mms_without_session_layer_is_read),
        cmocka_unit_test(identify_gives_vendor_model_and_revision),
        cmocka_unit_test(status_is_a_fact),
        cmocka_unit_test(a_name_plate_is_read_by_the_order_its_type_told),
        cmocka_unit_test(of_a_name_plate_that_differs_from_its_type_only_the_vendor_is_sure),
        cmocka_unit_test(a_protection_function_makes_a_protection_relay),
        cmocka_unit_test(reading_names_domain_and_item),
        cmocka_unit_test(operating_is_control_with_reference_and_value),
        cmocka_unit_test(writing_settings_configures_enabling_a_report_does_not),
        cmocka_unit_test(name_lists_tell_class_and_scope_and_domains_the_ied),
        cmocka_unit_test(deleting_lists_names_them),
        cmocka_unit_test(a_file_keeps_its_name_from_open_to_close),
        cmocka_unit_test(a_report_goes_by_its_id_and_data_set),
        cmocka_unit_test(errors_and_rejects_answer_their_request),
        cmocka_unit_test(an_answer_to_another_service_opens_no_pair),
        cmocka_unit_test(lengths_beyond_the_message_are_malformed),
        cmocka_unit_test(a_cut_request_still_counts),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(only_mms_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
