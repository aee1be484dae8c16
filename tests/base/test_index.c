/* The hash index against a naive model, the hash, and the arena. */
#include "base/arena.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t seed = 88172645463325252u;

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % n;
}

/* Whether the index gives exactly the model's items for this hash's tag. */
static void assert_finds(const struct cd_index *index, const uint64_t *hashes, const bool *there, uint32_t n,
                         uint64_t hash)
{
    uint32_t expected = 0, found = 0;
    for (uint32_t i = 0; i < n; i++)
        expected += there[i] && hashes[i] >> 32 == hash >> 32;
    struct cd_probe probe = cd_index_probe(index, hash);
    for (uint32_t at; (at = cd_index_next(index, &probe)) != CD_INDEX_NONE; found++) {
        assert_true(at < n && there[at]);
        assert_true(hashes[at] >> 32 == hash >> 32);
    }
    assert_int_equal(found, expected);
}

static void test_random_operations_agree_with_a_model(void **state)
{
    (void)state;
    enum { ITEMS = 600 };
    for (int round = 0; round < 60; round++) {
        /* Few different tags make long runs, many make short ones; both cross the end of the table. */
        uint32_t tags = round % 3 == 0 ? 20 : round % 3 == 1 ? 400 : UINT32_MAX;
        static uint64_t hashes[ITEMS];
        static bool there[ITEMS];
        struct cd_index index;
        uint32_t count = 0;
        cd_index_init(&index, round % 2 ? 1 : ITEMS);
        for (uint32_t i = 0; i < ITEMS; i++) {
            hashes[i] = (uint64_t)(round % 3 == 2 ? below(tags) : 0xfffffff0u + below(tags)) << 32 | below(UINT32_MAX);
            there[i] = false;
        }
        for (int step = 0; step < 3000; step++) {
            uint32_t i = below(ITEMS);
            if (there[i])
                cd_index_remove(&index, hashes[i], i);
            else
                cd_index_insert(&index, hashes[i], i);
            there[i] = !there[i];
            count += there[i] ? 1 : UINT32_MAX;
            assert_int_equal(index.count, count);
            assert_true(index.count <= index.mask / 4 * 3 + 1);
            if (step % 20 == 0)
                for (int look = 0; look < 5; look++)
                    assert_finds(&index, hashes, there, ITEMS, hashes[below(ITEMS)]);
        }
        for (uint32_t i = 0; i < ITEMS; i++)
            assert_finds(&index, hashes, there, ITEMS, hashes[i]);
        cd_index_remove(&index, 0x1234500000000000u, 5); /* not there: nothing happens */
        assert_int_equal(index.count, count);
        cd_index_clear(&index);
        assert_int_equal(index.count, 0);
        struct cd_probe probe = cd_index_probe(&index, hashes[0]);
        assert_int_equal(cd_index_next(&index, &probe), CD_INDEX_NONE);
        cd_index_free(&index);
    }
}

static void test_an_index_of_a_million_grows(void **state)
{
    (void)state;
    struct cd_index index;
    cd_index_init(&index, 0);
    for (uint32_t i = 0; i < 1000000; i++)
        cd_index_insert(&index, cd_hash_u64(0, i), i);
    for (uint32_t i = 0; i < 1000000; i += 7) {
        struct cd_probe probe = cd_index_probe(&index, cd_hash_u64(0, i));
        uint32_t at;
        while ((at = cd_index_next(&index, &probe)) != i)
            assert_int_not_equal(at, CD_INDEX_NONE);
    }
    cd_index_free(&index);
}

static void test_hashes_depend_on_every_byte_and_on_the_seed(void **state)
{
    (void)state;
    uint8_t bytes[40] = {0};
    for (size_t n = 0; n <= sizeof bytes; n++) {
        uint64_t h = cd_hash_bytes(0, bytes, n);
        for (size_t i = 0; i < n; i++)
            for (int bit = 0; bit < 8; bit++) {
                bytes[i] ^= (uint8_t)(1 << bit);
                assert_true(cd_hash_bytes(0, bytes, n) != h);
                bytes[i] ^= (uint8_t)(1 << bit);
            }
        assert_true(n == sizeof bytes || cd_hash_bytes(0, bytes, n + 1) != h); /* and on the length */
    }
    uint64_t before = cd_hash_seed, h = cd_hash_bytes(0, bytes, sizeof bytes);
    cd_hash_seed_random();
    assert_true(cd_hash_seed != before);
    assert_true(cd_hash_bytes(0, bytes, sizeof bytes) != h);
    cd_hash_seed = before;
}

static void test_an_arena_gives_zeroed_aligned_pieces_that_stay(void **state)
{
    (void)state;
    struct cd_arena arena = {0};
    enum { PIECES = 3000 };
    static uint8_t *pieces[PIECES];
    static size_t sizes[PIECES];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < PIECES; i++) {
            sizes[i] = below(50) ? below(200) : below(200000);
            pieces[i] = cd_arena_alloc(&arena, sizes[i]);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], 0);
            memset(pieces[i], (int)i, sizes[i]);
        }
        for (uint32_t i = 0; i < PIECES; i++)
            for (size_t k = 0; k < sizes[i]; k += 97)
                assert_int_equal(pieces[i][k], (uint8_t)i);
        assert_string_equal(cd_arena_text(&arena, "plant", 3), "pla");
        assert_string_equal(cd_arena_text(&arena, NULL, 0), "");
        assert_true(arena.used > 0);
        cd_arena_free(&arena);
        assert_int_equal(arena.used, 0);
    }
}

static void test_allocations_are_counted(void **state)
{
    (void)state;
    uint64_t before = cd_memory_allocations();
    char *text = cd_copy_text("abc");
    text = cd_realloc(text, 10, 1);
    cd_free(text);
    cd_free(cd_alloc(0, 0));
    cd_free(NULL);
    assert_int_equal(cd_memory_allocations(), before + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_operations_agree_with_a_model),
        cmocka_unit_test(test_an_index_of_a_million_grows),
        cmocka_unit_test(test_hashes_depend_on_every_byte_and_on_the_seed),
        cmocka_unit_test(test_an_arena_gives_zeroed_aligned_pieces_that_stay),
        cmocka_unit_test(test_allocations_are_counted),
    };
    return cmocka_run_group_tests_name("index, hash, arena", tests, NULL, NULL);
}
