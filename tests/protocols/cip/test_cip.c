#include "../harness.h"

#include "protocols/cip.h"

static void starts(void **state)
{
    (void)state;
    assert_string_equal(cd_dissector_cip.name, "cip");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(starts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
