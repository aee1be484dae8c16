/* TCP bytes in order: whatever the order, the loss and the overlap of segments, only bytes that were sent come out, each once. */
#include "flow/packets.h"

#include "flow/stream.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM = 1 << 20, DELIVERED_MAX = 1 << 20 };

/* A flow whose every piece of bytes in order is one message, so that the sink sees just what reassembly gives. */
struct fixture {
    struct cd_stream_sink sink;
    struct cd_streams streams;
    struct cd_flow flow;
    uint64_t time_ns;
    uint32_t first_seq;     /* of content[0] */
    const uint8_t *content; /* what the sender's bytes must be; NULL: any */
    uint8_t *delivered;
    size_t n_delivered;
    unsigned overlaps, cuts;
};

static uint8_t content[STREAM], other_content[STREAM];

static ssize_t frame(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len)
{
    (void)context, (void)flow, (void)end, (void)bytes;
    return (ssize_t)len;
}

static uint32_t message(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len, bool cut)
{
    struct fixture *f = context;
    uint32_t at = flow->ends[end].next_seq - f->first_seq;
    f->cuts += cut;
    if (f->content) {
        assert_true(at < STREAM && len <= STREAM - at);
        assert_memory_equal(bytes, f->content + at, len);
    }
    assert_true(f->n_delivered + len <= DELIVERED_MAX);
    memcpy(f->delivered + f->n_delivered, bytes, len);
    f->n_delivered += len;
    return 0;
}

static size_t unclaimed(void *context, struct cd_flow *flow, unsigned end, const uint8_t *bytes, size_t len,
                        size_t fresh)
{
    (void)context, (void)flow, (void)end, (void)bytes, (void)len, (void)fresh;
    return 0;
}

static void overlap(void *context, struct cd_flow *flow, unsigned end)
{
    (void)flow, (void)end;
    ((struct fixture *)context)->overlaps++;
}

static void unframed(void *context, struct cd_flow *flow, unsigned end, size_t len)
{
    (void)context, (void)flow, (void)end, (void)len;
    fail_msg("every piece is framed here");
}

static uint32_t max_message(void *context, const struct cd_flow *flow)
{
    (void)context, (void)flow;
    return 1 << 20;
}

static void fill(void)
{
    static bool filled;
    for (size_t i = 0; i < STREAM && !filled; i++) {
        content[i] = (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
        other_content[i] = (uint8_t)~content[i];
    }
    filled = true;
}

static void start(struct fixture *f, uint32_t first_seq)
{
    static const char anyone;
    *f = (struct fixture){
        .first_seq = first_seq, .content = content, .time_ns = 1000000000000, .delivered = malloc(DELIVERED_MAX)};
    f->sink = (struct cd_stream_sink){.context = f,
                                      .unclaimed = unclaimed,
                                      .frame = frame,
                                      .message = message,
                                      .overlap = overlap,
                                      .unframed = unframed,
                                      .max_message = max_message};
    f->streams = (struct cd_streams){.sink = &f->sink, .waiting_cap = 64 << 20};
    f->flow.dissector = (const struct cd_dissector *)&anyone; /* somebody: the sink asks nothing of it */
    fill();
}

static void stop(struct fixture *f)
{
    cd_stream_end(&f->streams, &f->flow);
    assert_int_equal(f->streams.counters.waiting_bytes, 0);
    assert_null(f->flow.ends[0].stream);
    assert_null(f->flow.ends[1].stream);
    free(f->delivered);
}

/* One segment of the client in an exact copy; wire_len may be more than len. */
static void segment_of(struct fixture *f, const uint8_t *stream, uint32_t at, uint32_t len, uint32_t wire_len,
                       uint8_t flags)
{
    struct cd_packet p = packet_of(CD_TRANSPORT_TCP, ip4(10, 0, 0, 1), 50000, ip4(10, 0, 0, 2), 502);
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, stream + at, len);
    p.time_ns = f->time_ns;
    p.tcp_flags = flags;
    p.tcp_seq = f->first_seq + at - (flags & CD_TCP_SYN ? 1 : 0);
    p.payload = copy;
    p.payload_len = len;
    p.payload_wire_len = wire_len;
    cd_stream_packet(&f->streams, &f->flow, 0, &p);
    free(copy);
}

static void send(struct fixture *f, uint32_t at, uint32_t len)
{
    segment_of(f, content, at, len, len, CD_TCP_ACK);
}

static void send_other(struct fixture *f, uint32_t at, uint32_t len)
{
    segment_of(f, other_content, at, len, len, CD_TCP_ACK);
}

static void handshake(struct fixture *f)
{
    segment_of(f, content, 0, 0, 0, CD_TCP_SYN);
}

/* The server acknowledges all bytes before `at`. */
static void acknowledge(struct fixture *f, uint32_t at)
{
    struct cd_packet p = packet_of(CD_TRANSPORT_TCP, ip4(10, 0, 0, 2), 502, ip4(10, 0, 0, 1), 50000);
    p.time_ns = f->time_ns;
    p.tcp_flags = CD_TCP_ACK;
    p.tcp_seq = 77;
    p.tcp_ack = f->first_seq + at;
    cd_stream_packet(&f->streams, &f->flow, 1, &p);
}

static void assert_all(struct fixture *f, size_t n)
{
    assert_int_equal(f->n_delivered, n);
    assert_memory_equal(f->delivered, content, n);
    assert_int_equal(f->streams.counters.gaps, 0);
    assert_int_equal(f->overlaps, 0);
}

static void test_segments_in_order_pass_straight_through(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    for (uint32_t at = 0; at < 1000; at += 100) {
        send(&f, at, 100);
        assert_int_equal(f.n_delivered, at + 100);
        assert_null(f.flow.ends[0].stream); /* nothing is kept */
    }
    assert_all(&f, 1000);
    assert_false(f.flow.mid_stream);
    assert_int_equal(f.streams.counters.retransmissions, 0);
    stop(&f);
}

static void test_reordered_segments_wait_for_the_hole(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 200, 100);
    send(&f, 100, 100);
    send(&f, 300, 100);
    assert_int_equal(f.n_delivered, 0);
    send(&f, 0, 100);
    assert_all(&f, 400);
    assert_int_equal(f.streams.counters.out_of_order, 3);
    stop(&f);
}

static void test_four_hundred_segments_may_wait_for_one(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    for (uint32_t i = 1; i <= 400; i++)
        send(&f, i * 1000, 1000);
    assert_int_equal(f.n_delivered, 0);
    send(&f, 0, 1000);
    assert_all(&f, 401000);
    stop(&f);
}

static void test_sequence_numbers_wrap_around(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, UINT32_MAX - 150);
    handshake(&f);
    send(&f, 0, 100);
    send(&f, 200, 100); /* 0 lies between them */
    send(&f, 300, 100);
    send(&f, 100, 100);
    send(&f, 100, 300); /* again */
    assert_all(&f, 400);
    stop(&f);
}

static void test_data_in_the_handshake_counts(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    segment_of(&f, content, 0, 10, 10, CD_TCP_SYN);
    send(&f, 10, 10);
    assert_all(&f, 20);
    stop(&f);
}

static void test_a_stream_may_begin_in_its_middle_and_have_one_side(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    send(&f, 500, 100);
    send(&f, 600, 100);
    assert_true(f.flow.mid_stream);
    assert_int_equal(f.n_delivered, 200);
    assert_memory_equal(f.delivered, content + 500, 200);
    assert_int_equal(f.streams.counters.gaps, 0);
    send(&f, 400, 100); /* before the beginning: too late */
    assert_int_equal(f.n_delivered, 200);
    stop(&f);
}

static void test_an_acknowledged_hole_is_given_up_after_a_moment(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 0, 100);
    send(&f, 200, 100);
    acknowledge(&f, 300); /* the server has it; a late copy may still come */
    assert_int_equal(f.n_delivered, 100);
    f.time_ns += 100000000;
    acknowledge(&f, 300);
    assert_int_equal(f.n_delivered, 100);
    f.time_ns += 150000000;
    acknowledge(&f, 150); /* not this far */
    assert_int_equal(f.n_delivered, 100);
    acknowledge(&f, 300);
    assert_int_equal(f.n_delivered, 200);
    assert_int_equal(f.streams.counters.gaps, 1);
    assert_int_equal(f.streams.counters.gap_bytes, 100);
    assert_int_equal(f.flow.gaps, 1);
    assert_int_equal(f.flow.gap_bytes, 100);
    send(&f, 300, 100);
    assert_int_equal(f.n_delivered, 300);
    stop(&f);
}

static void test_a_hole_is_given_up_when_nobody_fills_it(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 100, 100);
    f.time_ns += 9 * 1000000000ull;
    send(&f, 200, 100);
    assert_int_equal(f.n_delivered, 0);
    f.time_ns += 2 * 1000000000ull;
    send(&f, 300, 100); /* ten seconds: a sender tries again sooner */
    assert_int_equal(f.n_delivered, 300);
    assert_int_equal(f.streams.counters.gap_bytes, 100);
    stop(&f);
}

static void test_holes_are_given_up_at_the_limits(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    for (uint32_t i = 1; i <= 600; i++)
        send(&f, 10 + i * 100, 100); /* ten bytes are lost for good */
    assert_int_equal(f.n_delivered, 60000);
    assert_int_equal(f.streams.counters.gaps, 1);
    assert_int_equal(f.streams.counters.gap_bytes, 110);
    stop(&f);

    start(&f, 1000); /* bytes in all flows together */
    f.streams.waiting_cap = 5000;
    handshake(&f);
    for (uint32_t i = 1; i <= 20; i++)
        send(&f, i * 1000, 1000);
    assert_int_equal(f.n_delivered, 20000);
    assert_true(f.streams.counters.waiting_most <= 5000);
    stop(&f);
}

static void test_what_waits_is_given_when_the_flow_ends(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 100, 100);
    send(&f, 300, 100);
    cd_stream_end(&f.streams, &f.flow);
    assert_int_equal(f.n_delivered, 200);
    assert_int_equal(f.streams.counters.gaps, 2);
    assert_int_equal(f.streams.counters.gap_bytes, 200);
    stop(&f);
}

static void test_of_overlapping_bytes_the_first_win_and_a_lie_is_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, first_len, second, second_len;
    } rows[] = {
        {100, 100, 100, 100}, {100, 100, 50, 100}, {100, 100, 150, 100}, {100, 100, 120, 10}, {100, 100, 50, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int lie = 0; lie < 2; lie++) {
            struct fixture f;
            start(&f, 1000);
            handshake(&f);
            send(&f, rows[i].first, rows[i].first_len); /* both wait for byte 0 */
            f.content = lie ? NULL : content;
            segment_of(&f, lie ? other_content : content, rows[i].second, rows[i].second_len, rows[i].second_len,
                       CD_TCP_ACK);
            send(&f, 0, rows[i].first < rows[i].second ? rows[i].first : rows[i].second);
            assert_int_equal(f.overlaps, lie);
            uint32_t end = rows[i].first + rows[i].first_len;
            end = end > rows[i].second + rows[i].second_len ? end : rows[i].second + rows[i].second_len;
            assert_int_equal(f.n_delivered, end);
            assert_memory_equal(f.delivered + rows[i].first, content + rows[i].first, rows[i].first_len);
            assert_int_equal(f.streams.counters.gaps, 0);
            stop(&f);
        }
}

/* Sends len bytes, then a copy of them with `changed` in it; whether that is told. */
static bool change_is_told(uint32_t len, const uint8_t *changed)
{
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 0, len);
    segment_of(&f, changed, 0, len, len, CD_TCP_ACK);
    bool told = f.overlaps == 1;
    stop(&f);
    return told;
}

static void test_a_retransmission_with_one_other_byte_or_words_in_other_places_is_told(void **state)
{
    (void)state;
    uint8_t changed[160];
    fill();
    for (uint32_t len = 2; len <= sizeof changed; len += len < 80 ? 1 : 13) { /* a lone byte again is a keep-alive */
        for (uint32_t at = 0; at < len; at++) {
            memcpy(changed, content, len);
            changed[at] ^= 1;
            assert_true(change_is_told(len, changed));
        }
        for (uint32_t one = 0; one + 8 <= len; one += 8)
            for (uint32_t two = one + 8; two + 8 <= len; two += 8) {
                memcpy(changed, content, len);
                memcpy(changed + one, content + two, 8);
                memcpy(changed + two, content + one, 8);
                assert_true(change_is_told(len, changed));
            }
    }
}

static void test_a_retransmission_with_other_content_is_told(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 0, 100);
    send(&f, 100, 100);
    send(&f, 0, 100);
    send(&f, 100, 100);
    assert_int_equal(f.overlaps, 0);
    assert_int_equal(f.streams.counters.retransmissions, 2);
    send_other(&f, 100, 100);
    assert_int_equal(f.overlaps, 1);
    send_other(&f, 0, 100);
    assert_int_equal(f.overlaps, 2);
    assert_int_equal(f.streams.counters.overlap_conflicts, 2);
    assert_int_equal(f.n_delivered, 200);

    f.content = NULL; /* one that covers what was had and goes beyond it: the new bytes count */
    send_other(&f, 100, 150);
    assert_int_equal(f.overlaps, 3);
    assert_int_equal(f.n_delivered, 250);
    assert_memory_equal(f.delivered, content, 200);
    stop(&f);
}

static void test_keep_alives_are_no_retransmissions(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    send(&f, 0, 100);
    for (int i = 0; i < 3; i++)
        send_other(&f, 99, 1);
    assert_int_equal(f.streams.counters.retransmissions, 0);
    assert_int_equal(f.overlaps, 0);
    send(&f, 100, 100);
    assert_all(&f, 200);
    stop(&f);
}

static void test_a_segment_far_off_changes_nothing_unless_the_stream_goes_on_there(void **state)
{
    (void)state;
    static const uint32_t offs[] = {0x20000000, 0xe0000000, 0x7fffffff};
    for (size_t i = 0; i < 3; i++) {
        struct fixture f;
        start(&f, 1000);
        handshake(&f);
        send(&f, 0, 100);
        f.first_seq += offs[i]; /* one segment of another world */
        send(&f, 0, 100);
        f.first_seq -= offs[i];
        send(&f, 100, 100);
        assert_all(&f, 200);

        f.first_seq += offs[i]; /* the stream moves */
        send(&f, 0, 100);
        assert_int_equal(f.n_delivered, 200);
        send(&f, 100, 100);
        assert_int_equal(f.n_delivered, 300);
        assert_int_equal(f.streams.counters.gaps, 1);
        send(&f, 200, 100);
        assert_int_equal(f.n_delivered, 400);
        stop(&f);
    }
}

static void test_bytes_cut_by_the_snap_length_are_a_gap(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    segment_of(&f, content, 0, 40, 100, CD_TCP_ACK);
    segment_of(&f, content, 100, 40, 100, CD_TCP_ACK);
    assert_int_equal(f.n_delivered, 80);
    segment_of(&f, content, 300, 40, 100, CD_TCP_ACK); /* out of order: its missing end is remembered */
    segment_of(&f, content, 200, 100, 100, CD_TCP_ACK);
    assert_int_equal(f.n_delivered, 220);
    send(&f, 400, 100);
    assert_int_equal(f.n_delivered, 320);
    assert_int_equal(f.streams.counters.gaps, 0); /* nothing was lost on the way: cut frames are counted as such */
    segment_of(&f, content, 500, 0, 100, CD_TCP_ACK);
    send(&f, 600, 100);
    assert_int_equal(f.n_delivered, 420);
    stop(&f);
}

static void test_nobody_reads_an_opaque_flow_and_nothing_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    f.flow.opaque = true;
    send(&f, 0, 100);
    send(&f, 300, 100);
    send(&f, 100, 100);
    send(&f, 900, 100);
    f.first_seq += 0x20000000;
    send(&f, 0, 100);
    assert_int_equal(f.n_delivered, 0);
    assert_null(f.flow.ends[0].stream);
    assert_true(f.streams.counters.gaps > 0);
    stop(&f);
}

static void test_closing_is_told_by_both_fins_or_one_reset(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 1000);
    handshake(&f);
    segment_of(&f, content, 0, 10, 10, CD_TCP_FIN | CD_TCP_ACK);
    assert_int_equal(f.n_delivered, 10); /* its bytes count */
    assert_int_equal(f.flow.state, CD_FLOW_OPEN);
    struct cd_packet p = packet_of(CD_TRANSPORT_TCP, ip4(10, 0, 0, 2), 502, ip4(10, 0, 0, 1), 50000);
    p.tcp_flags = CD_TCP_FIN | CD_TCP_ACK;
    cd_stream_packet(&f.streams, &f.flow, 1, &p);
    assert_int_equal(f.flow.state, CD_FLOW_CLOSED);
    stop(&f);
    start(&f, 1000);
    handshake(&f);
    segment_of(&f, content, 0, 0, 0, CD_TCP_RST);
    assert_int_equal(f.flow.state, CD_FLOW_CLOSED);
    assert_int_equal(f.flow.resets, 1);
    stop(&f);
}

/* A stream cut at random, its segments shuffled within a window, some of them twice, some overlapping: all bytes come out, in order. */
static void test_any_shuffle_gives_the_same_bytes(void **state)
{
    (void)state;
    enum { SEGMENTS_MAX = 400 };
    uint64_t seed = 42;
    for (int round = 0; round < 1500; round++) {
        struct {
            uint32_t at, len;
        } segments[SEGMENTS_MAX];
        struct fixture f;
        uint32_t n = 0, at = 0, whole, window = 1 + random_below(&seed, 30), most = 1 + random_below(&seed, 200);
        start(&f, round % 2 ? (uint32_t)random_next(&seed) : UINT32_MAX - random_below(&seed, 3000));
        while (n < SEGMENTS_MAX / 2) {
            segments[n].at = at;
            segments[n].len = 1 + random_below(&seed, most);
            at += segments[n++].len;
        }
        whole = at;
        while (n <
               SEGMENTS_MAX) { /* some again, some across the borders of others; never the one byte of a keep-alive */
            uint32_t i = random_below(&seed, SEGMENTS_MAX / 2);
            uint32_t from =
                segments[i].at - (random_below(&seed, 2) ? random_below(&seed, segments[i].at % 50 + 1) : 0);
            uint32_t len = 2 + segments[i].len + random_below(&seed, 60);
            segments[n].at = from;
            segments[n++].len = from + len > whole ? whole - from : len;
        }
        for (uint32_t i = SEGMENTS_MAX / 2; i < n; i++) { /* spread the repeats among the others */
            uint32_t j = random_below(&seed, i + 1), k = i;
            typeof(segments[0]) moved = segments[i];
            for (; k > j; k--)
                segments[k] = segments[k - 1];
            segments[j] = moved;
        }
        for (uint32_t i = 0; i + 1 < n; i++) {
            uint32_t j = i + random_below(&seed, window < n - i ? window : n - i);
            typeof(segments[0]) swapped = segments[i];
            segments[i] = segments[j];
            segments[j] = swapped;
        }
        handshake(&f);
        for (uint32_t i = 0; i < n; i++)
            send(&f, segments[i].at, segments[i].len);
        assert_all(&f, whole);
        stop(&f);
    }
}

/* The same with loss, acknowledgements, cut segments and time: the sink checks that each byte is the one sent at its place. */
static void test_with_loss_no_byte_is_misplaced(void **state)
{
    (void)state;
    uint64_t seed = 77;
    for (int round = 0; round < 400; round++) {
        struct fixture f;
        uint32_t whole = 60000, at = 0;
        start(&f, (uint32_t)random_next(&seed));
        if (round % 3)
            handshake(&f);
        f.streams.waiting_cap = round % 5 ? 64 << 20 : 3000;
        while (at < whole) {
            uint32_t len = 1 + random_below(&seed, 1460), back = random_below(&seed, 4000);
            f.time_ns += random_below(&seed, 50000000);
            switch (random_below(&seed, 10)) {
            case 0: at += len; break; /* lost */
            case 1: acknowledge(&f, at); break;
            case 2: send(&f, at > back ? at - back : 0, len); break;
            case 3: segment_of(&f, content, at, len / 2, len, CD_TCP_ACK), at += len; break;
            case 4: send(&f, at + random_below(&seed, 3000), len); break;
            default: send(&f, at, len), at += len; break;
            }
        }
        cd_stream_end(&f.streams, &f.flow);
        assert_true(f.n_delivered <= whole + 6000);
        stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_in_order_pass_straight_through),
        cmocka_unit_test(test_reordered_segments_wait_for_the_hole),
        cmocka_unit_test(test_four_hundred_segments_may_wait_for_one),
        cmocka_unit_test(test_sequence_numbers_wrap_around),
        cmocka_unit_test(test_data_in_the_handshake_counts),
        cmocka_unit_test(test_a_stream_may_begin_in_its_middle_and_have_one_side),
        cmocka_unit_test(test_an_acknowledged_hole_is_given_up_after_a_moment),
        cmocka_unit_test(test_a_hole_is_given_up_when_nobody_fills_it),
        cmocka_unit_test(test_holes_are_given_up_at_the_limits),
        cmocka_unit_test(test_what_waits_is_given_when_the_flow_ends),
        cmocka_unit_test(test_of_overlapping_bytes_the_first_win_and_a_lie_is_told),
        cmocka_unit_test(test_a_retransmission_with_other_content_is_told),
        cmocka_unit_test(test_a_retransmission_with_one_other_byte_or_words_in_other_places_is_told),
        cmocka_unit_test(test_keep_alives_are_no_retransmissions),
        cmocka_unit_test(test_a_segment_far_off_changes_nothing_unless_the_stream_goes_on_there),
        cmocka_unit_test(test_bytes_cut_by_the_snap_length_are_a_gap),
        cmocka_unit_test(test_nobody_reads_an_opaque_flow_and_nothing_is_kept),
        cmocka_unit_test(test_closing_is_told_by_both_fins_or_one_reset),
        cmocka_unit_test(test_any_shuffle_gives_the_same_bytes),
        cmocka_unit_test(test_with_loss_no_byte_is_misplaced),
    };
    return cmocka_run_group_tests_name("reassembly", tests, NULL, NULL);
}
