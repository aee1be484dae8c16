/* What happens when: by time, and of one time by the order of entry. */
#include "schedule.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void nothing(void *context, void *subject)
{
    (void)context;
    (void)subject;
}

static void entries_come_out_by_time_and_then_by_order(void **state)
{
    (void)state;
    struct schedule s = {0};
    struct schedule_entry e;
    uint64_t seed = 7, last_time = 0, last_sequence = 0;
    for (unsigned i = 0; i < 5000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        schedule_add(&s, seed >> 55, nothing, NULL, NULL);
    }
    for (unsigned i = 0; i < 5000; i++) {
        assert_true(schedule_next(&s, &e));
        assert_true(e.time_ns > last_time || (e.time_ns == last_time && e.sequence >= last_sequence));
        last_time = e.time_ns;
        last_sequence = e.sequence;
    }
    assert_false(schedule_next(&s, &e));
    schedule_free(&s);
}

static void what_is_added_meanwhile_finds_its_place(void **state)
{
    (void)state;
    struct schedule s = {0};
    struct schedule_entry e;
    schedule_add(&s, 10, nothing, NULL, NULL);
    schedule_add(&s, 30, nothing, NULL, NULL);
    assert_true(schedule_next(&s, &e));
    schedule_add(&s, 20, nothing, NULL, NULL);
    assert_true(schedule_next(&s, &e));
    assert_int_equal(e.time_ns, 20);
    assert_true(schedule_next(&s, &e));
    assert_int_equal(e.time_ns, 30);
    schedule_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_out_by_time_and_then_by_order),
        cmocka_unit_test(what_is_added_meanwhile_finds_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
