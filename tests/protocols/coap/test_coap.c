#include "../harness.h"

#include "protocols/coap.h"

#include <string.h>

/* The messages in seeds/ were sent by libcoap's client, server and resource directory; those in the code are made after the standards. */
static struct harness *udp(void)
{
    return harness_new(&cd_dissector_coap, CD_TRANSPORT_UDP, 0);
}

static void send_seed(struct harness *h, const char *name)
{
    uint8_t bytes[2048];
    harness_send(h, strncmp(name, "req-", 4) == 0, bytes, harness_seed(name, bytes, sizeof bytes));
}

static void requests_and_answers_belong_together_by_their_token(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "41 01 4711 a1 b474656d70");    /* CON GET /temp */
    harness_send_hex(h, true, "41 01 4712 a2 b5 7370656564"); /* CON GET /speed */
    harness_send_hex(h, false, "61 84 4712 a2");              /* ACK 4.04 */
    harness_send_hex(h, false, "61 45 4711 a1 ff 3231");      /* ACK 2.05 "21" */
    harness_expect_operation(h, "coap", "1", "GET", CD_CLASS_READ, "/temp", 1, 1, 0);
    harness_expect_operation(h, "coap", "1", "GET", CD_CLASS_READ, "/speed", 1, 1, 1);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void separate_answers_and_acknowledgements_are_told_apart(void **state)
{
    (void)state;
    struct harness *h = udp();
    send_seed(h, "req-get-async.bin");
    send_seed(h, "resp-empty.bin");
    harness_send_hex(h, false, "41 45 1234 01 ff 646f6e65"); /* CON 2.05 with the request's token */
    harness_send_hex(h, true, "60 00 1234");
    harness_send_hex(h, true, "70 00 1235");
    harness_send_hex(h, true, "40 00 1236");
    harness_expect_operation(h, "coap", "1", "GET", CD_CLASS_READ, "/async", 1, 1, 0);
    assert_int_equal(harness_operations(h, "coap", "0", "acknowledgement").requests, 2);
    assert_int_equal(harness_operations(h, "coap", "0", "reset").requests, 1);
    assert_int_equal(harness_operations(h, "coap", "0", "ping").requests, 1);
    harness_free(h);
}

static void notifications_count_on_the_request_that_observes(void **state)
{
    (void)state;
    struct harness *h = udp();
    send_seed(h, "req-get-time-observe.bin"); /* token 01 */
    harness_send_hex(h, false, "61 45 0e27 01 61 05 ff 31");
    harness_send_hex(h, false, "51 45 0e30 01 61 06 ff 32");
    harness_send_hex(h, false, "51 45 0e31 01 61 07 ff 33");
    harness_expect_operation(h, "coap", "1", "GET", CD_CLASS_READ, "/time observe", 1, 3, 0);
    harness_free(h);
}

static void resource_lists_tell_what_a_device_has(void **state)
{
    (void)state;
    struct harness *h = udp();
    send_seed(h, "req-get-core.bin");
    send_seed(h, "resp-links.bin");
    harness_expect_operation(h, "coap", "1", "GET", CD_CLASS_IDENTIFY, "/.well-known/core", 1, 1, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "coap /time (ticks)"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_SERVICE, "", "coap /example_data"));
    harness_free(h);
}

static void lwm2m_clients_register_with_their_name(void **state)
{
    (void)state;
    struct harness *h = udp();
    send_seed(h, "req-post-register.bin");
    harness_expect_operation(h, "coap", "2", "POST", CD_CLASS_SESSION, "/rd Register", 1, 0, 0);
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_INSTANCE, "", "meter-17"));
    assert_true(harness_has_fact(h, CD_ATTRIBUTE_DEVICE_TYPE, "", "LwM2M client 1.1"));
    harness_send_hex(h, true, "41 02 0001 b7 b27264 04 61623132"); /* POST /rd/ab12 */
    harness_send_hex(h, true, "41 04 0002 b8 b27264 04 61623133");
    harness_expect_operation(h, "coap", "2", "POST", CD_CLASS_SESSION, "/rd/* Update", 1, 0, 0);
    harness_expect_operation(h, "coap", "4", "DELETE", CD_CLASS_SESSION, "/rd/* De-register", 1, 0, 0);
    harness_free(h);
}

static void lwm2m_objects_have_their_class(void **state)
{
    (void)state;
    struct harness *h = udp();
    send_seed(h, "req-post.bin");
    harness_expect_operation(h, "coap", "2", "POST", CD_CLASS_MODE, "/3/0/4 Execute", 1, 0, 0);
    harness_send_hex(h, true, "41 03 0001 b1 b135 0130 0131 ff 75"); /* PUT /5/0/1: where the firmware is */
    harness_expect_operation(h, "coap", "3", "PUT", CD_CLASS_FIRMWARE, "/5/0/1", 1, 0, 0);
    harness_send_hex(h, true, "41 03 0002 b2 b433333131 0130 0435383530 ff 31"); /* PUT /3311/0/5850: a light */
    harness_expect_operation(h, "coap", "3", "PUT", CD_CLASS_CONTROL, "/3311/0/5850", 1, 0, 0);
    harness_send_hex(h, true, "41 03 0003 b3 b130 0130 0130 ff 31"); /* PUT /0/0/0: the server's address */
    harness_expect_operation(h, "coap", "3", "PUT", CD_CLASS_CONFIGURE, "/0/0/0", 1, 0, 0);
    harness_free(h);
}

static void the_lwm2m_device_object_identifies_its_device(void **state)
{
    (void)state;
    struct harness *h = udp();
    harness_send_hex(h, true, "41 01 0001 c1 b133 0130 0130"); /* GET /3/0/0 */
    harness_send_hex(h, false, "61 45 0001 c1 ff 4578616d706c65");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_VENDOR, ""), "Example");
    harness_send_hex(h, true, "41 01 0002 c2 b133 0130"); /* GET /3/0: TLV, content format 11542 */
    harness_send_hex(
        h, false,
        "61 45 0002 c2 c2 2d16 ff c8 00 0c 4578616d706c652049c2ae63 c3 01 4d3730 c8 02 09 3132333435363738 39"
        " c3 03 312e30");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_MODEL, ""), "M70");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_SERIAL, ""), "123456789");
    assert_string_equal(harness_fact(h, CD_ATTRIBUTE_FIRMWARE, ""), "1.0");
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 0);
    harness_free(h);
}

static void the_same_is_read_over_tcp(void **state)
{
    (void)state;
    struct harness *h = harness_new(&cd_dissector_coap, CD_TRANSPORT_TCP, 0);
    send_seed(h, "req-tcp-csm.bin");
    send_seed(h, "resp-tcp-csm.bin");
    send_seed(h, "req-tcp-message.bin");
    send_seed(h, "resp-tcp-message.bin");
    assert_int_equal(harness_operations(h, "coap", "225", NULL).requests, 2);
    harness_expect_operation(h, "coap", "1", "GET", CD_CLASS_READ, "/time", 1, 1, 0);
    harness_free(h);
}

static void what_does_not_fit_is_malformed_and_still_counts(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "41 01 0001 a1 f1",      /* option delta 15 */
        "41 01 0001 a1 b5 61",   /* an option longer than the message */
        "41 01 0001 a1 b161 ff", /* a marker without a payload */
        "60 00 0001 00",         /* an empty message that is not */
        "4101",
    };
    struct harness *h = udp();
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        harness_send_hex(h, true, broken[i]);
    assert_int_equal(harness_events(h, CD_EVENT_MALFORMED), 5);
    assert_int_equal(harness_operations(h, "coap", "1", "").requests, 3);
    harness_free(h);
}

static int probe_hex(const char *hex)
{
    uint8_t bytes[64];
    size_t len = harness_hex(hex, bytes, sizeof bytes);
    return cd_dissector_coap.probe(bytes, len, CD_TRANSPORT_UDP, true);
}

static void only_requests_with_a_path_are_known_on_foreign_ports(void **state)
{
    (void)state;
    assert_int_equal(probe_hex("41 01 4711 a1 b474656d70"), CD_PROBE_LIKELY);
    assert_int_equal(probe_hex("41 01 4711 a1 b4ff656d70"), CD_PROBE_LIKELY); /* other alphabets than ASCII */
    assert_int_equal(probe_hex("41 01 4711 a1 b403656d70"), CD_PROBE_MAYBE);
    assert_int_equal(probe_hex("61 45 4711 a1 ff 3231"), CD_PROBE_MAYBE);
    assert_int_equal(probe_hex("61 01 4711 a1 b474656d70"), CD_PROBE_NO); /* a request in an acknowledgement */
    assert_int_equal(probe_hex("4f 01 4711 a1 b474656d70"), CD_PROBE_NO);
    assert_int_equal(probe_hex("81 01 4711 a1 b474656d70"), CD_PROBE_NO);
}

static void every_prefix_is_refused_or_asks_for_more(void **state)
{
    (void)state;
    harness_every_prefix_hex(&cd_dissector_coap, CD_TRANSPORT_UDP, true, "41 01 4711 a1 b474656d70 ff 61", true);
    harness_every_prefix_hex(&cd_dissector_coap, CD_TRANSPORT_TCP, true, "81010172163d4474696d65", false);
    uint8_t bytes[2048];
    size_t len = harness_seed("resp-links.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_coap, CD_TRANSPORT_UDP, false, bytes, len, true);
    len = harness_seed("req-post-register.bin", bytes, sizeof bytes);
    harness_every_prefix(&cd_dissector_coap, CD_TRANSPORT_UDP, true, bytes, len, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_answers_belong_together_by_their_token),
        cmocka_unit_test(separate_answers_and_acknowledgements_are_told_apart),
        cmocka_unit_test(notifications_count_on_the_request_that_observes),
        cmocka_unit_test(resource_lists_tell_what_a_device_has),
        cmocka_unit_test(lwm2m_clients_register_with_their_name),
        cmocka_unit_test(lwm2m_objects_have_their_class),
        cmocka_unit_test(the_lwm2m_device_object_identifies_its_device),
        cmocka_unit_test(the_same_is_read_over_tcp),
        cmocka_unit_test(what_does_not_fit_is_malformed_and_still_counts),
        cmocka_unit_test(only_requests_with_a_path_are_known_on_foreign_ports),
        cmocka_unit_test(every_prefix_is_refused_or_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
