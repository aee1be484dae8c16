/* The simulator's chance: the same numbers on every machine, evenly spread. */
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* By the authors' own splitmix64 and xoshiro256**, worked out apart from this code for the state that seed 1 gives. */
static void a_seed_gives_the_numbers_of_the_published_generator(void **state)
{
    (void)state;
    struct random r = {{1, 2, 3, 4}};
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240u};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(random_u64(&r), expected[i]);
}

static void another_seed_gives_another_day(void **state)
{
    (void)state;
    struct random a, b, c;
    random_seed(&a, 1);
    random_seed(&b, 1);
    random_seed(&c, 2);
    uint64_t first = random_u64(&a);
    assert_int_equal(first, random_u64(&b));
    assert_int_not_equal(first, random_u64(&c));
}

static void a_range_is_kept_and_reached_evenly(void **state)
{
    (void)state;
    struct random r;
    unsigned counts[7] = {0};
    random_seed(&r, 5);
    for (unsigned i = 0; i < 70000; i++)
        counts[random_between(&r, 10, 16) - 10]++;
    for (unsigned i = 0; i < 7; i++)
        assert_in_range(counts[i], 9600, 10400);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(random_below(&r, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_numbers_of_the_published_generator),
        cmocka_unit_test(another_seed_gives_another_day),
        cmocka_unit_test(a_range_is_kept_and_reached_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
