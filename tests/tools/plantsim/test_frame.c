/* Frames: what does not fit is left out, and checksums are right. */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_checksum_is_that_of_the_standards_example(void **state)
{
    (void)state;
    /* RFC 1071 3: the sum of these is ddf2 */
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    assert_int_equal(frame_checksum(bytes, sizeof bytes, 0), 0xffff & ~0xddf2);
    assert_int_equal(frame_checksum(bytes, 3, 0), 0xffff & ~0xf201); /* an odd byte stands high */
}

/* A header with its checksum sums up to zero. */
static void headers_carry_checksums_that_hold(void **state)
{
    (void)state;
    uint8_t buffer[128];
    const struct ip_header ip = {.src = 0x0a140001, .dst = 0x0a140002, .id = 7, .ttl = 64, .protocol = PROTOCOL_UDP};
    struct octets o = OCTETS_OF(buffer);
    frame_udp(&o, &ip, 1000, 2000, "abc", 3);
    assert_int_equal(o.len, 31);
    assert_int_equal(frame_checksum(buffer, 20, 0), 0);
    uint32_t pseudo = 0x0a14 + 0x0001 + 0x0a14 + 0x0002 + PROTOCOL_UDP + 11;
    assert_int_equal(frame_checksum(buffer + 20, 11, pseudo), 0);
}

static void a_tcp_segment_says_its_size_and_flags(void **state)
{
    (void)state;
    uint8_t buffer[128];
    const struct ip_header ip = {.src = 0x0a140001, .dst = 0x0a140002, .ttl = 64, .protocol = PROTOCOL_TCP};
    const struct tcp_header syn = {.src_port = 49152, .dst_port = 502, .seq = 9, .flags = TCP_SYN};
    struct octets o = OCTETS_OF(buffer);
    frame_tcp(&o, &ip, &syn, NULL, 0);
    assert_int_equal(o.len, 44); /* with the option of the maximum segment size */
    assert_int_equal(buffer[32], 6 << 4);
    assert_int_equal(buffer[33], TCP_SYN);
    assert_int_equal(frame_checksum(buffer + 20, 24, 0x0a14 + 0x0001 + 0x0a14 + 0x0002 + PROTOCOL_TCP + 24), 0);
}

static void frames_are_filled_up_and_never_overrun(void **state)
{
    (void)state;
    uint8_t buffer[64];
    struct octets o = OCTETS_OF(buffer);
    frame_ethernet(&o, 0xffffffffffff, 0x000e8c000001, ETHERTYPE_ARP, 0);
    assert_int_equal(o.len, 14);
    frame_pad(&o);
    assert_int_equal(o.len, FRAME_MIN);
    put_be64(&o, 1);
    assert_true(o.cut);
    assert_in_range(o.len, FRAME_MIN, sizeof buffer);
    size_t len = o.len;
    put_u8(&o, 1); /* nothing comes after what was left out */
    assert_int_equal(o.len, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_that_of_the_standards_example),
        cmocka_unit_test(headers_carry_checksums_that_hold),
        cmocka_unit_test(a_tcp_segment_says_its_size_and_flags),
        cmocka_unit_test(frames_are_filled_up_and_never_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
