/* Live capture between the two ends of a veth pair in a network namespace of its own. Needs root and the program ip;
 * skipped where one is missing. */
#include "input.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>

#define MARK 0x88b5 /* an Ethertype for experiments: tells our frames from those of the kernel */

static bool ready;
static int sender = -1;

/* Sends Ethernet frames out of the interface, exactly as given. */
static int sender_on(const char *interface)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int make_network(void **state)
{
    (void)state;
    ready = geteuid() == 0 && unshare(CLONE_NEWNET) == 0 &&
            system("ip link set lo up && ip link add plant type veth peer name tap && ip link set plant up && "
                   "ip link set tap up") == 0;
    if (ready)
        sender = sender_on("plant");
    return 0;
}

static int leave_network(void **state)
{
    (void)state;
    if (sender >= 0)
        close(sender);
    return 0;
}

static struct cd_capture *open_live(const char *interface, const char *filter)
{
    struct cd_capture *c = NULL;
    struct cd_error e = {0};
    if (!ready)
        skip();
    if (cd_capture_open_live(interface, filter, 4 << 20, &c, &e) != CD_OK)
        fail_msg("%s", e.text);
    return c;
}

/* A frame to a device that is nobody here, so only promiscuous mode sees it. vlan < 0: untagged. */
static size_t make_frame(uint8_t *frame, int vlan, size_t payload, unsigned seed)
{
    struct input in = {.big_endian = true};
    put(&in, "\x02\0\0\0\0\x77\x02\0\0\0\0\x01", 12);
    if (vlan >= 0) {
        put16(&in, ETH_P_8021Q);
        put16(&in, (uint16_t)vlan);
    }
    put16(&in, MARK);
    put_pattern(&in, payload, seed);
    size_t len = in.len;
    memcpy(frame, in.at, len);
    input_free(&in);
    return len;
}

static void send_frame(int fd, const uint8_t *frame, size_t len)
{
    assert_int_equal(send(fd, frame, len, 0), len);
}

/* The next frame; waits up to two seconds for it. */
static bool next_frame(struct cd_capture *c, struct cd_frame *frame)
{
    struct pollfd waiting = {.fd = cd_capture_fd(c), .events = POLLIN};
    for (;;) {
        if (cd_capture_read(c, frame, 1) == 1)
            return true;
        if (poll(&waiting, 1, 2000) <= 0)
            return false;
    }
}

static void test_frames_arrive_whole_with_time_and_number(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "ether proto 0x88b5");
    uint8_t frame[2048];
    for (unsigned n = 1; n <= 3; n++)
        send_frame(sender, frame, make_frame(frame, -1, 100 * n, n));
    uint64_t last = 0;
    for (unsigned n = 1; n <= 3; n++) {
        struct cd_frame got;
        assert_true(next_frame(c, &got));
        assert_int_equal(got.captured_len, 14 + 100 * n);
        assert_int_equal(got.wire_len, got.captured_len);
        assert_true(is_pattern(got.bytes + 14, 100 * n, n));
        assert_int_equal(got.number, n);
        assert_int_equal(got.link_type, CD_LINK_ETHERNET);
        assert_true(got.time_ns >= last && got.time_ns > UINT64_C(1500000000) * 1000000000);
        last = got.time_ns;
    }
    assert_int_equal(cd_capture_count(c)->frames, 3);
    assert_int_equal(cd_capture_count(c)->dropped, 0);
    assert_null(cd_capture_problem(c));
    cd_capture_close(c);
}

static void test_reading_does_not_wait(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "ether proto 0x88b5");
    struct cd_frame frame;
    assert_int_equal(cd_capture_read(c, &frame, 1), 0);
    assert_null(cd_capture_problem(c));
    cd_capture_close(c);
}

static void test_vlan_tags_are_put_back(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "vlan and ether proto 0x88b5");
    uint8_t frame[2048];
    static const int tags[] = {7, 0x6fff & ~0x1000, 0}; /* with a priority; and priority alone */
    for (size_t i = 0; i < 3; i++) {
        size_t len = make_frame(frame, tags[i], 60, (unsigned)i);
        send_frame(sender, frame, len);
        struct cd_frame got;
        assert_true(next_frame(c, &got));
        assert_int_equal(got.captured_len, len);
        assert_int_equal(got.wire_len, len);
        assert_memory_equal(got.bytes, frame, len);
    }
    cd_capture_close(c);
}

static void test_only_what_the_filter_names_comes(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "ether proto 0x88b5 and greater 200");
    uint8_t frame[2048];
    send_frame(sender, frame, make_frame(frame, -1, 50, 1));
    send_frame(sender, frame, make_frame(frame, -1, 300, 2));
    struct cd_frame got;
    assert_true(next_frame(c, &got));
    assert_int_equal(got.captured_len, 314);
    cd_capture_close(c);
}

static void test_many_frames_come_in_order_over_many_blocks(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "ether proto 0x88b5");
    uint8_t frame[2048];
    size_t sent = 0, got = 0;
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned n = 0; n < 500; n++, sent++)
            send_frame(sender, frame, make_frame(frame, -1, 1000, (unsigned)sent));
        struct cd_frame one;
        while (got < sent && next_frame(c, &one)) {
            assert_true(is_pattern(one.bytes + 14, 1000, (unsigned)got));
            assert_int_equal(one.number, ++got);
        }
    }
    assert_int_equal(got, sent);
    cd_capture_close(c);
}

static void test_what_does_not_fit_the_ring_is_counted_as_dropped(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "ether proto 0x88b5");
    uint8_t frame[2048];
    size_t sent = 0, got = 0, n;
    for (; sent < 8000; sent++) /* 11 MB into a ring of 4 MiB */
        send_frame(sender, frame, make_frame(frame, -1, 1400, 1));
    struct cd_frame frames[64];
    while ((n = cd_capture_read(c, frames, 64)) > 0)
        got += n;
    assert_true(got > 0 && got < sent);
    uint64_t dropped = cd_capture_count(c)->dropped;
    assert_true(dropped > 0);
    assert_int_equal(dropped, cd_capture_count(c)->dropped); /* asking twice does not change it */
    while (got + dropped < sent && next_frame(c, frames))    /* the block that was not yet full */
        got++;
    assert_int_equal(got + dropped, sent);
    cd_capture_close(c);
}

static void test_loopback_frames_come_once(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("lo", "ether proto 0x88b5");
    uint8_t frame[2048];
    int loopback = sender_on("lo");
    for (unsigned n = 1; n <= 2; n++)
        send_frame(loopback, frame, make_frame(frame, -1, 100, n));
    for (unsigned n = 1; n <= 2; n++) {
        struct cd_frame got;
        assert_true(next_frame(c, &got));
        assert_true(is_pattern(got.bytes + 14, 100, n));
    }
    close(loopback);
    cd_capture_close(c);
}

static void test_what_can_not_be_opened_is_told(void **state)
{
    (void)state;
    struct cd_capture *c = NULL;
    struct cd_error e = {0};
    if (!ready)
        skip();
    assert_int_equal(cd_capture_open_live("nosuch0", NULL, 0, &c, &e), CD_ERROR_ACCESS);
    assert_contains(e.text, "interface nosuch0: not found");
    assert_int_equal(cd_capture_open_live("a-name-that-is-much-too-long", NULL, 0, &c, &e), CD_ERROR_USAGE);
    assert_int_equal(cd_capture_open_live("tap", "tcp port what", 0, &c, &e), CD_ERROR_USAGE);
    assert_contains(e.text, "filter \"tcp port what\": ");
    assert_null(c);
}

static void test_an_interface_that_goes_down_is_a_problem_until_it_is_back(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", "ether proto 0x88b5");
    struct cd_frame got;
    assert_int_equal(system("ip link set tap down"), 0);
    while (cd_capture_read(c, &got, 1) > 0)
        ;
    assert_contains(cd_capture_problem(c), "interface tap: went down or away");
    struct pollfd quiet = {.fd = cd_capture_fd(c), .events = POLLIN};
    assert_int_equal(poll(&quiet, 1, 0), 0); /* once told, it does not keep poll(2) busy */
    assert_int_equal(system("ip link set tap up"), 0);
    uint8_t frame[2048];
    size_t len = make_frame(frame, -1, 100, 1);
    bool back = false;
    for (int tries = 0; tries < 200 && !back; tries++) { /* the link takes a moment */
        (void)send(sender, frame, len, 0);
        struct pollfd waiting = {.fd = cd_capture_fd(c), .events = POLLIN};
        (void)poll(&waiting, 1, 20);
        back = cd_capture_read(c, &got, 1) == 1;
    }
    assert_true(back);
    assert_null(cd_capture_problem(c));
    cd_capture_close(c);
}

/* The last of the tests: there is no plant any more. */
static void test_an_interface_that_is_gone_is_told(void **state)
{
    (void)state;
    struct cd_capture *c = open_live("tap", NULL);
    struct cd_frame got;
    assert_int_equal(system("ip link del tap"), 0);
    while (cd_capture_read(c, &got, 1) > 0)
        ;
    assert_string_equal(cd_capture_problem(c), "interface tap: went down or away");
    cd_capture_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_arrive_whole_with_time_and_number),
        cmocka_unit_test(test_reading_does_not_wait),
        cmocka_unit_test(test_vlan_tags_are_put_back),
        cmocka_unit_test(test_only_what_the_filter_names_comes),
        cmocka_unit_test(test_many_frames_come_in_order_over_many_blocks),
        cmocka_unit_test(test_what_does_not_fit_the_ring_is_counted_as_dropped),
        cmocka_unit_test(test_loopback_frames_come_once),
        cmocka_unit_test(test_what_can_not_be_opened_is_told),
        cmocka_unit_test(test_an_interface_that_goes_down_is_a_problem_until_it_is_back),
        cmocka_unit_test(test_an_interface_that_is_gone_is_told),
    };
    return cmocka_run_group_tests(tests, make_network, leave_network);
}
