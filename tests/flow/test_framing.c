/* Streams cut into messages, for a protocol of the test's own: "M", a length of two bytes that counts the header too, and content. */
#include "flow/packets.h"

#include "flow/stream.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 3, MESSAGES_MAX = 4096, MOST = 2000 };

struct seen {
    unsigned end;
    uint32_t len;
    bool cut;
    uint8_t first; /* of its content */
};

struct fixture {
    struct cd_stream_sink sink;
    struct cd_streams streams;
    struct cd_flow flow;
    uint64_t time_ns;
    uint32_t next[2];
    struct seen seen[MESSAGES_MAX];
    unsigned n_seen, n_unframed, n_unframed_lost, n_unclaimed;
    uint32_t skip_after; /* what each message says is body behind it */
    bool refuse;         /* nobody claims the flow */
    bool any_content;    /* it need not count up */
};

static const char protocol;

static ssize_t frame(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    (void)context, (void)flow, (void)end;
    assert_true(len > 0);
    if (bytes[0] != 'M')
        return -1;
    if (len < HEADER)
        return 0;
    size_t length = (size_t)bytes[1] << 8 | bytes[2];
    return length < HEADER ? -1 : (ssize_t)length;
}

static uint32_t message(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len, bool cut)
{
    struct fixture *f = context;
    (void)flow;
    assert_true(f->n_seen < MESSAGES_MAX);
    if (len >= HEADER && !cut)
        assert_int_equal((size_t)bytes[1] << 8 | bytes[2], len);
    for (size_t i = HEADER; i < len && !f->any_content; i++)
        assert_int_equal(bytes[i], (uint8_t)(bytes[HEADER] + (i - HEADER)));
    f->seen[f->n_seen++] =
        (struct seen){.end = end, .len = (uint32_t)len, .cut = cut, .first = len > HEADER ? bytes[HEADER] : 0};
    return f->skip_after;
}

static size_t unclaimed(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len,
                        size_t fresh)
{
    struct fixture *f = context;
    (void)end;
    f->n_unclaimed++;
    if (f->refuse)
        return 0;
    if (bytes[0] == 'M' && len >= HEADER) {
        flow->dissector = (const struct cd_dissector *)&protocol;
        return 0;
    }
    if (bytes[len - fresh] == 'M' && fresh >= HEADER) {
        flow->dissector = (const struct cd_dissector *)&protocol;
        return len - fresh;
    }
    return 0;
}

static void overlap(void *context, struct cd_flow *flow, unsigned end)
{
    (void)context, (void)flow, (void)end;
}

static void unframed(void *context, struct cd_flow *flow, unsigned end, size_t len)
{
    struct fixture *f = context;
    assert_true(len > 0);
    f->n_unframed++;
    f->n_unframed_lost += flow->ends[end].lost;
}

static uint32_t max_message(void *context, const struct cd_flow *flow)
{
    (void)context, (void)flow;
    return MOST;
}

static void start(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->time_ns = 1000000000000;
    f->next[0] = 5000, f->next[1] = 9000;
    f->sink = (struct cd_stream_sink){.context = f,
                                      .unclaimed = unclaimed,
                                      .frame = frame,
                                      .message = message,
                                      .overlap = overlap,
                                      .unframed = unframed,
                                      .max_message = max_message};
    f->streams = (struct cd_streams){.sink = &f->sink, .waiting_cap = 1 << 20};
}

static void stop(struct fixture *f)
{
    cd_stream_end(&f->streams, &f->flow);
    assert_int_equal(f->streams.counters.waiting_bytes, 0);
}

static void send_cut(struct fixture *f, unsigned end, const uint8_t *bytes, size_t len, size_t wire_len)
{
    struct cd_packet p = packet_of(CD_TRANSPORT_TCP, ip4(10, 0, 0, 1), 50000, ip4(10, 0, 0, 2), 502);
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    p.time_ns = f->time_ns;
    p.tcp_flags = CD_TCP_ACK;
    p.tcp_seq = f->next[end];
    p.payload = copy;
    p.payload_len = (uint32_t)len;
    p.payload_wire_len = (uint32_t)wire_len;
    cd_stream_packet(&f->streams, &f->flow, end, &p);
    f->next[end] += (uint32_t)wire_len;
    free(copy);
}

static void send(struct fixture *f, unsigned end, const uint8_t *bytes, size_t len)
{
    send_cut(f, end, bytes, len, len);
}

/* A message of `length` bytes in all, whose content counts up from `first`. */
static size_t put(uint8_t *at, size_t length, uint8_t first)
{
    at[0] = 'M', at[1] = (uint8_t)(length >> 8), at[2] = (uint8_t)length;
    for (size_t i = HEADER; i < length; i++)
        at[i] = (uint8_t)(first + (i - HEADER));
    return length;
}

static void expect(const struct fixture *f, unsigned n, unsigned end, uint32_t len, uint8_t first, bool cut)
{
    assert_true(n < f->n_seen);
    assert_int_equal(f->seen[n].end, end);
    assert_int_equal(f->seen[n].len, len);
    assert_int_equal(f->seen[n].first, first);
    assert_int_equal(f->seen[n].cut, cut);
}

static void test_one_message_in_one_segment_is_given_at_once(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[64];
    start(&f);
    for (uint8_t i = 0; i < 10; i++) {
        send(&f, i % 2, bytes, put(bytes, 20, i));
        assert_int_equal(f.n_seen, i + 1);
        expect(&f, i, i % 2, 20, i, false);
    }
    assert_null(f.flow.ends[0].stream); /* nothing was kept */
    assert_int_equal(f.n_unclaimed, 1);
    stop(&f);
}

static void test_coalesced_and_partial_messages(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    size_t n = 0;
    start(&f);
    for (uint8_t i = 0; i < 5; i++)
        n += put(bytes + n, 30, i);
    send(&f, 0, bytes, 70); /* two, and the front of the third */
    assert_int_equal(f.n_seen, 2);
    send(&f, 0, bytes + 70, 15);
    assert_int_equal(f.n_seen, 2);
    send(&f, 0, bytes + 85, n - 85);
    assert_int_equal(f.n_seen, 5);
    for (uint8_t i = 0; i < 5; i++)
        expect(&f, i, 0, 30, i, false);
    stop(&f);
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    size_t n = 0;
    start(&f);
    for (uint8_t i = 0; i < 10; i++)
        n += put(bytes + n, HEADER + i, i);
    for (size_t i = 0; i < n; i++)
        send(&f, 0, bytes + i, 1);
    assert_int_equal(f.n_seen, 10);
    assert_int_equal(f.n_unframed, 0);
    stop(&f);
}

static void test_any_cutting_gives_the_same_messages(void **state)
{
    (void)state;
    static uint8_t bytes[40000];
    uint64_t seed = 5;
    for (int round = 0; round < 300; round++) {
        struct fixture f;
        size_t lengths[400], n_lengths = 0, n = 0;
        start(&f);
        while (n < 30000 && n_lengths < 400) {
            lengths[n_lengths] = HEADER + random_below(&seed, round % 3 ? 60 : 1900);
            n += put(bytes + n, lengths[n_lengths], (uint8_t)n_lengths);
            n_lengths++;
        }
        for (size_t at = 0; at < n;) {
            size_t len = 1 + random_below(&seed, round % 2 ? 1460 : 40);
            len = len < n - at ? len : n - at;
            send(&f, 0, bytes + at, len);
            at += len;
        }
        assert_int_equal(f.n_seen, n_lengths);
        for (unsigned i = 0; i < n_lengths; i++)
            assert_true(f.seen[i].len == lengths[i] && !f.seen[i].cut);
        stop(&f);
    }
}

static void test_body_behind_a_message_is_passed_over(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[256], body[150];
    memset(body, 'x', sizeof body);
    start(&f);
    f.skip_after = 150;
    size_t n = put(bytes, 20, 1);
    memcpy(bytes + n, body, 50);
    send(&f, 0, bytes, n + 50);
    send(&f, 0, body, 60);
    memcpy(bytes, body, 40);
    n = 40 + put(bytes + 40, 20, 2);
    send(&f, 0, bytes, n);
    assert_int_equal(f.n_seen, 2);
    expect(&f, 1, 0, 20, 2, false);
    assert_int_equal(f.n_unframed, 0);

    f.next[0] += 100; /* bytes of the body are lost: no harm is done */
    send(&f, 0, body, 50);
    f.time_ns += 11 * 1000000000ull;
    f.skip_after = 0;
    send(&f, 0, bytes, put(bytes, 20, 3));
    assert_int_equal(f.n_seen, 3);
    expect(&f, 2, 0, 20, 3, false);
    assert_int_equal(f.n_unframed, 0);
    stop(&f);
}

static void test_a_message_over_the_maximum_is_given_cut_and_passed_over(void **state)
{
    (void)state;
    struct fixture f;
    static uint8_t bytes[6000];
    start(&f);
    size_t n = put(bytes, 5000, 1);
    n += put(bytes + n, 20, 2);
    for (size_t at = 0; at < n; at += 500)
        send(&f, 0, bytes + at, n - at < 500 ? n - at : 500);
    assert_int_equal(f.n_seen, 2);
    expect(&f, 0, 0, MOST, 1, true);
    expect(&f, 1, 0, 20, 2, false);
    assert_true(f.streams.counters.waiting_most < 3 * MOST);
    stop(&f);
}

static void test_bytes_that_begin_no_message_are_dropped_to_the_next_segment(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[256];
    start(&f);
    send(&f, 0, bytes, put(bytes, 20, 1));
    memset(bytes, 'x', sizeof bytes);
    send(&f, 0, bytes, 100);
    send(&f, 0, bytes, 100);
    assert_int_equal(f.n_unframed, 2);
    assert_int_equal(f.n_unframed_lost, 1); /* only the first is news */
    send(&f, 0, bytes, put(bytes, 20, 2));
    assert_int_equal(f.n_seen, 2);
    size_t n = put(bytes, 20, 3); /* garbage behind a message */
    memset(bytes + n, 'x', 10);
    send(&f, 0, bytes, n + 10);
    assert_int_equal(f.n_seen, 3);
    assert_int_equal(f.n_unframed_lost, 1);
    assert_int_equal(f.n_unframed, 3);
    send(&f, 0, bytes, put(bytes, 20, 4));
    expect(&f, 3, 0, 20, 4, false);
    stop(&f);
}

/* Loses the next n bytes: they were on the wire, and never come. */
static void lose(struct fixture *f, unsigned end, uint32_t n)
{
    f->next[end] += n;
}

static void test_a_message_with_a_hole_is_given_cut_and_framing_goes_on(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    size_t n = put(bytes, 100, 1);
    n += put(bytes + n, 20, 2);
    send(&f, 0, bytes, 40);
    lose(&f, 0, 30);                 /* inside the first message */
    send(&f, 0, bytes + 70, n - 70); /* its end, and the second */
    f.time_ns += 11 * 1000000000ull;
    send(&f, 0, bytes, put(bytes, 20, 3));
    assert_int_equal(f.n_seen, 3);
    expect(&f, 0, 0, 40, 1, true);
    expect(&f, 1, 0, 20, 2, false);
    expect(&f, 2, 0, 20, 3, false);
    assert_int_equal(f.n_unframed, 0);
    stop(&f);
}

static void test_after_a_hole_beyond_the_message_garbage_is_no_news(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    send(&f, 0, bytes, put(bytes, 20, 1));
    put(bytes, 100, 2);
    lose(&f, 0, 50); /* the front of a message */
    send(&f, 0, bytes + 50, 50);
    f.time_ns += 11 * 1000000000ull;
    send(&f, 0, bytes, put(bytes, 20, 3));
    assert_int_equal(f.n_seen, 2);
    expect(&f, 1, 0, 20, 3, false);
    assert_int_equal(f.n_unframed, 1);
    assert_int_equal(f.n_unframed_lost, 1); /* nothing malformed: bytes are missing */
    stop(&f);
}

static void test_a_message_cut_by_the_snap_length(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    put(bytes, 200, 1);
    for (int i = 0; i < 3; i++)
        send_cut(&f, 0, bytes, 60, 200);
    assert_int_equal(f.n_seen, 3);
    expect(&f, 2, 0, 60, 1, true);
    send_cut(&f, 0, bytes, 60, 100); /* its second half in the next segment */
    send(&f, 0, bytes + 100, 100);
    send(&f, 0, bytes, put(bytes, 20, 4));
    assert_int_equal(f.n_seen, 5);
    expect(&f, 4, 0, 20, 4, false);
    assert_int_equal(f.n_unframed, 0);
    stop(&f);
}

static void test_a_message_at_the_end_of_the_flow_is_given_cut(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    put(bytes, 200, 1);
    send(&f, 0, bytes, 60);
    send(&f, 1, bytes, 2); /* not even a header */
    cd_stream_end(&f.streams, &f.flow);
    assert_int_equal(f.n_seen, 1);
    expect(&f, 0, 0, 60, 1, true);
    stop(&f);
}

static void test_bytes_wait_until_the_protocol_is_known(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    put(bytes, 50, 1);
    send(&f, 0, bytes, 2); /* too few to tell */
    assert_null(f.flow.dissector);
    send(&f, 1, bytes, 1);
    send(&f, 0, bytes + 2, 48);
    assert_int_equal(f.n_seen, 1);
    expect(&f, 0, 0, 50, 1, false);
    send(&f, 1, bytes + 1, 49); /* the other end's bytes waited as well */
    assert_int_equal(f.n_seen, 2);
    expect(&f, 1, 1, 50, 1, false);
    assert_int_equal(f.n_unframed, 0);
    stop(&f);
}

static void test_foreign_bytes_before_the_first_message_are_left_out(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    send(&f, 0, (const uint8_t *)"hello", 5);
    send(&f, 0, bytes, put(bytes, 50, 1));
    assert_int_equal(f.n_seen, 1);
    expect(&f, 0, 0, 50, 1, false);
    assert_int_equal(f.n_unframed, 0);
    stop(&f);
}

static void test_of_a_flow_that_nobody_claims_little_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    static uint8_t bytes[1400];
    start(&f);
    f.refuse = true;
    for (int i = 0; i < 100; i++)
        send(&f, i % 2, bytes, sizeof bytes);
    assert_true(f.streams.counters.waiting_most <= 4 * sizeof bytes);
    assert_int_equal(f.n_seen, 0);
    stop(&f);
}

static void test_without_room_messages_are_lost_but_not_the_stream(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t bytes[512];
    start(&f);
    send(&f, 0, bytes, put(bytes, 20, 1));
    f.streams.waiting_cap = 0;
    put(bytes, 400, 2);
    send(&f, 0, bytes, 200);
    assert_int_equal(f.streams.counters.dropped_bytes, 200);
    send(&f, 0, bytes + 200, 200);
    send(&f, 0, bytes, put(bytes, 20, 3));
    assert_int_equal(f.n_seen, 2);
    expect(&f, 1, 0, 20, 3, false);
    stop(&f);
}

/* Random bytes, cuts and losses: framing keeps its bounds whatever comes. */
static void test_random_bytes_do_no_harm(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int round = 0; round < 200; round++) {
        struct fixture f;
        start(&f);
        f.any_content = true;
        f.streams.waiting_cap = round % 4 ? 1 << 20 : 3000;
        for (int i = 0; i < 200 && f.n_seen < MESSAGES_MAX / 2; i++) {
            uint8_t bytes[300];
            size_t len = random_below(&seed, sizeof bytes);
            for (size_t k = 0; k < len; k++) /* "M", a small length, and a content that says nothing */
                bytes[k] = random_below(&seed, 4) ? (uint8_t)(k % 3 == 0   ? 'M'
                                                              : k % 3 == 1 ? 0
                                                                           : 3)
                                                  : (uint8_t)random_next(&seed);
            for (size_t k = 0; k + 2 < len; k += 3)
                if (bytes[k] == 'M')
                    bytes[k + 1] = 0, bytes[k + 2] = (uint8_t)(random_below(&seed, 50) ? 3 : 2);
            lose(&f, i % 2, random_below(&seed, 20) ? 0 : random_below(&seed, 100));
            f.time_ns += 1000000000;
            send_cut(&f, i % 2, bytes, len, len + (random_below(&seed, 20) ? 0 : 50));
            assert_true(f.streams.counters.waiting_bytes <= f.streams.waiting_cap);
        }
        stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_message_in_one_segment_is_given_at_once),
        cmocka_unit_test(test_coalesced_and_partial_messages),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_any_cutting_gives_the_same_messages),
        cmocka_unit_test(test_body_behind_a_message_is_passed_over),
        cmocka_unit_test(test_a_message_over_the_maximum_is_given_cut_and_passed_over),
        cmocka_unit_test(test_bytes_that_begin_no_message_are_dropped_to_the_next_segment),
        cmocka_unit_test(test_a_message_with_a_hole_is_given_cut_and_framing_goes_on),
        cmocka_unit_test(test_after_a_hole_beyond_the_message_garbage_is_no_news),
        cmocka_unit_test(test_a_message_cut_by_the_snap_length),
        cmocka_unit_test(test_a_message_at_the_end_of_the_flow_is_given_cut),
        cmocka_unit_test(test_bytes_wait_until_the_protocol_is_known),
        cmocka_unit_test(test_foreign_bytes_before_the_first_message_are_left_out),
        cmocka_unit_test(test_of_a_flow_that_nobody_claims_little_is_kept),
        cmocka_unit_test(test_without_room_messages_are_lost_but_not_the_stream),
        cmocka_unit_test(test_random_bytes_do_no_harm),
    };
    return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}
