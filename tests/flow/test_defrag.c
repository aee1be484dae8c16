/* IP fragments into datagrams: any order, overlaps, lies about the length, and the bounds. */
#include "flow/packets.h"

#include "flow/defrag.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE = 4000 };
static uint8_t content[70000];

static void fill(void)
{
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 31 + (i >> 8));
}

static struct cd_packet fragment(uint32_t id, uint32_t offset, uint32_t len, bool more)
{
    struct cd_packet p = packet_of(CD_TRANSPORT_IP, ip4(10, 0, 0, 1), 0, ip4(10, 0, 0, 2), 0);
    p.fragment = true;
    p.fragment_id = id;
    p.fragment_offset = offset;
    p.more_fragments = more;
    p.payload = content + offset;
    p.payload_len = p.payload_wire_len = len;
    return p;
}

/* Gives a fragment in an exact copy; whether it completed the datagram, which must then be the content. */
static bool push(struct cd_defrag *d, const struct cd_packet *p, uint32_t whole, bool *ret_conflict)
{
    struct cd_packet q = *p;
    uint8_t *copy = malloc(p->payload_len ? p->payload_len : 1);
    uint32_t len = 0;
    bool conflict;
    memcpy(copy, p->payload, p->payload_len);
    q.payload = copy;
    const uint8_t *bytes = cd_defrag_push(d, &q, &len, &conflict);
    free(copy);
    if (ret_conflict)
        *ret_conflict |= conflict;
    if (!bytes)
        return false;
    assert_int_equal(len, whole);
    assert_memory_equal(bytes, content, whole);
    return true;
}

static void test_fragments_in_any_order_make_the_datagram(void **state)
{
    (void)state;
    uint64_t seed = 3;
    fill();
    struct cd_defrag d = {0};
    for (uint32_t id = 0; id < 500; id++) {
        uint32_t offsets[64], n = 0, order[64], whole = 1 + random_below(&seed, WHOLE);
        for (uint32_t at = 0; at < whole && n < 64; at += 8 + 8 * random_below(&seed, 60))
            offsets[n++] = at;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t j = random_below(&seed, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        bool conflict = false;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t at = offsets[order[i]], end = order[i] + 1 < n ? offsets[order[i] + 1] : whole;
            struct cd_packet p = fragment(id, at, end - at, order[i] + 1 < n);
            assert_int_equal(push(&d, &p, whole, &conflict), i + 1 == n);
            if (i + 1 < n && i % 3 == 0)
                assert_false(push(&d, &p, whole, &conflict)); /* a duplicate changes nothing */
        }
        assert_false(conflict);
    }
    assert_int_equal(d.counters.reassembled, 500);
    cd_defrag_finish(&d);
    assert_int_equal(d.counters.timed_out + d.counters.evicted + d.counters.refused, 0);
    cd_defrag_free(&d);
}

static void test_of_overlapping_fragments_the_first_wins_and_it_is_told(void **state)
{
    (void)state;
    static uint8_t other[64];
    struct cd_defrag d = {0};
    bool conflict = false;
    fill();
    memset(other, 0xee, sizeof other);
    struct cd_packet a = fragment(1, 0, 32, true), b = fragment(1, 16, 48, false), c = fragment(1, 16, 16, true);
    c.payload = other;
    assert_false(push(&d, &a, 64, &conflict));
    assert_false(conflict);
    assert_false(push(&d, &c, 64, &conflict)); /* other content for bytes that are there */
    assert_true(conflict);
    conflict = false;
    assert_true(push(&d, &b, 64, &conflict)); /* the same content again: no conflict */
    assert_false(conflict);
    assert_int_equal(d.counters.overlap_conflicts, 1);
    cd_defrag_free(&d);
}

static void test_a_fragment_beyond_the_end_is_not_believed(void **state)
{
    (void)state;
    struct cd_defrag d = {0};
    bool conflict = false;
    fill();
    struct cd_packet last = fragment(1, 8, 8, false), beyond = fragment(1, 800, 8, true),
                     other_end = fragment(1, 16, 8, false), first = fragment(1, 0, 8, true);
    assert_false(push(&d, &last, 16, &conflict));
    assert_false(conflict);
    assert_false(push(&d, &beyond, 16, &conflict)); /* as many bytes as are missing, but not those */
    assert_true(conflict);
    conflict = false;
    assert_false(push(&d, &other_end, 16, &conflict));
    assert_true(conflict);
    assert_true(push(&d, &first, 16, &conflict));

    conflict = false;
    struct cd_packet far = fragment(2, 64, 64, true), near_end = fragment(2, 8, 8, false);
    assert_false(push(&d, &far, 0, &conflict));
    assert_false(push(&d, &near_end, 0, &conflict)); /* an end before what is there already */
    assert_true(conflict);
    cd_defrag_free(&d);
}

static void test_what_can_never_be_part_of_a_datagram_is_refused(void **state)
{
    (void)state;
    struct cd_defrag d = {0};
    fill();
    struct cd_packet death = fragment(1, 65528, 100, false); /* the ping of death */
    struct cd_packet odd = fragment(2, 0, 13, true);         /* not in units of eight bytes */
    struct cd_packet empty = fragment(3, 0, 0, true);
    struct cd_packet cut = fragment(4, 0, 64, true);
    cut.payload_wire_len = 1480;
    assert_false(push(&d, &death, 0, NULL));
    assert_false(push(&d, &odd, 0, NULL));
    assert_false(push(&d, &empty, 0, NULL));
    assert_false(push(&d, &cut, 0, NULL));
    assert_int_equal(d.counters.refused, 4);
    struct cd_packet largest = fragment(5, 65528, 7, false);
    assert_false(push(&d, &largest, 0, NULL));
    assert_int_equal(d.counters.refused, 4);
    cd_defrag_finish(&d);
    assert_int_equal(d.counters.timed_out, 1);
    cd_defrag_free(&d);
}

static void test_tiny_fragments_make_the_largest_datagram(void **state)
{
    (void)state;
    struct cd_defrag d = {0};
    fill();
    for (uint32_t at = 0; at < 65528; at += 8) {
        struct cd_packet p = fragment(1, at, 8, true);
        assert_false(push(&d, &p, 65535, NULL));
    }
    struct cd_packet last = fragment(1, 65528, 7, false);
    assert_true(push(&d, &last, 65535, NULL));
    cd_defrag_free(&d);
}

static void test_datagrams_are_told_apart(void **state)
{
    (void)state;
    struct cd_defrag d = {0};
    fill();
    struct cd_packet first = fragment(1, 0, 8, true), last = fragment(1, 8, 8, false);
    struct cd_packet others[] = {last, last, last, last, last};
    others[0].fragment_id = 2;
    others[1].src = ip4(10, 0, 0, 9);
    others[2].dst = ip4(10, 0, 0, 9);
    others[3].tunnel = 5;
    others[4].ip_protocol = 6; /* part of the key in IPv4 only (RFC 791 2.3) */
    assert_false(push(&d, &first, 16, NULL));
    for (size_t i = 0; i < 5; i++)
        assert_false(push(&d, &others[i], 16, NULL));
    assert_true(push(&d, &last, 16, NULL));
    cd_defrag_free(&d);
}

static void test_old_fragments_do_not_meet_new_ones(void **state)
{
    (void)state;
    struct cd_defrag d = {0};
    fill();
    struct cd_packet first = fragment(1, 0, 8, true), last = fragment(1, 8, 8, false);
    assert_false(push(&d, &first, 16, NULL));
    last.time_ns = first.time_ns + 31 * 1000000000ull;
    assert_false(push(&d, &last, 16, NULL));
    assert_int_equal(d.counters.timed_out, 1);
    first.time_ns = last.time_ns + 29 * 1000000000ull;
    assert_true(push(&d, &first, 16, NULL));
    cd_defrag_free(&d);
}

static void test_the_table_is_bounded(void **state)
{
    (void)state;
    struct cd_defrag d = {0};
    fill();
    for (uint32_t id = 0; id < 3 * CD_DATAGRAMS_MAX; id++) {
        struct cd_packet p = fragment(id, 0, 8, true);
        assert_false(push(&d, &p, 0, NULL));
    }
    assert_int_equal(d.counters.evicted, 2 * CD_DATAGRAMS_MAX);
    struct cd_packet newest = fragment(3 * CD_DATAGRAMS_MAX - 1, 8, 8, false), gone = fragment(5, 8, 8, false);
    assert_true(push(&d, &newest, 16, NULL));
    assert_false(push(&d, &gone, 16, NULL));
    cd_defrag_finish(&d);
    assert_int_equal(d.counters.fragments, 3 * CD_DATAGRAMS_MAX + 2);
    assert_int_equal(d.counters.evicted + d.counters.timed_out + d.counters.reassembled, 3 * CD_DATAGRAMS_MAX + 1);
    cd_defrag_free(&d);
}

/* Whatever fragments come, what is given out was received: never a byte that nobody sent. */
static void test_random_fragments_never_give_bytes_not_received(void **state)
{
    (void)state;
    uint64_t seed = 11;
    struct cd_defrag d = {0};
    unsigned whole = 0;
    fill();
    for (int i = 0; i < 60000; i++) {
        uint32_t offset = 8 * random_below(&seed, 12), len = 8 * (1 + random_below(&seed, 4));
        bool more = random_below(&seed, 3) != 0;
        struct cd_packet p = fragment((uint32_t)i / 20, offset, len - (more ? 0 : random_below(&seed, 8)), more);
        uint32_t n = 0;
        bool conflict;
        const uint8_t *bytes = cd_defrag_push(&d, &p, &n, &conflict);
        if (!bytes)
            continue;
        whole++;
        assert_memory_equal(bytes, content, n);
    }
    assert_true(whole > 500);
    cd_defrag_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fragments_in_any_order_make_the_datagram),
        cmocka_unit_test(test_of_overlapping_fragments_the_first_wins_and_it_is_told),
        cmocka_unit_test(test_a_fragment_beyond_the_end_is_not_believed),
        cmocka_unit_test(test_what_can_never_be_part_of_a_datagram_is_refused),
        cmocka_unit_test(test_tiny_fragments_make_the_largest_datagram),
        cmocka_unit_test(test_datagrams_are_told_apart),
        cmocka_unit_test(test_old_fragments_do_not_meet_new_ones),
        cmocka_unit_test(test_the_table_is_bounded),
        cmocka_unit_test(test_random_fragments_never_give_bytes_not_received),
    };
    return cmocka_run_group_tests_name("defrag", tests, NULL, NULL);
}
