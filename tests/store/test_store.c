/* Opening, keys, migrations. */
#include "temporary.h"

#include "store/state.h"

#include <sys/wait.h>

static void a_new_store_is_laid_out_and_private(void **state)
{
    (void)state;
    struct stat st;
    static const char *const files[] = {"cordon.db", "cordon.key", "cordon.meta", "cordon.lock"};
    struct cd_store *store = open_store(NULL);
    assert_int_equal(cd_store_version(store), cd_migration_count);
    assert_int_equal(number_of(store, "SELECT count(*) FROM schema_migration"), cd_migration_count);
    assert_int_equal(number_of(store, "SELECT tenant_id FROM site WHERE id = 1"), 1);
    cd_store_close(store);
    assert_int_equal(stat(store_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(stat(in_store(files[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void what_was_stored_is_there_again(void **state)
{
    (void)state;
    struct cd_store *store = open_store(NULL);
    run(store, "INSERT INTO asset (site_id, id, name) VALUES (1, 'a', 'pump')");
    cd_store_close(store);
    store = open_store(NULL);
    assert_int_equal(number_of(store, "SELECT count(*) FROM asset WHERE name = 'pump'"), 1);
    struct cd_error e;
    assert_int_equal(cd_store_check(store, &e), CD_OK);
    cd_store_close(store);
}

static bool file_contains(const char *path, const char *text)
{
    static char bytes[1 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t len = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
    close(fd);
    return len > 0 && memmem(bytes, (size_t)len, text, strlen(text));
}

static void nothing_readable_lies_on_the_disk(void **state)
{
    (void)state;
    struct cd_store *store = open_store(NULL);
    run(store, "INSERT INTO asset (site_id, id, name) VALUES (1, 'a', 'very secret pump name')");
    assert_false(file_contains(in_store("cordon.db-wal"), "very secret"));
    assert_false(file_contains(in_store("cordon.db-wal"), "CREATE TABLE"));
    cd_store_close(store);
    assert_false(file_contains(in_store("cordon.db"), "very secret"));
    assert_false(file_contains(in_store("cordon.db"), "CREATE TABLE"));
    assert_false(file_contains(in_store("cordon.db"), "SQLite format"));
}

/* ---- Keys ---- */

static void a_wrong_key_is_told_as_such(void **state)
{
    (void)state;
    struct cd_error e;
    char other[128];
    cd_store_close(open_store(NULL));
    snprintf(other, sizeof other, "%s/other.key", temporary);
    assert_int_equal(cd_key_create(other, &e), CD_OK);
    expect_refusal(&(struct cd_store_options){.key.key_file = other}, CD_ERROR_KEY, "is not the key of the store");
    setenv("CORDON_KEY_FILE", other, 1);
    expect_refusal(NULL, CD_ERROR_KEY, "other.key is not the key of the store");
    unsetenv("CORDON_KEY_FILE");
    cd_store_close(open_store(NULL));
}

static void a_missing_key_is_never_made_anew(void **state)
{
    (void)state;
    cd_store_close(open_store(NULL));
    unlink(in_store("cordon.key"));
    expect_refusal(NULL, CD_ERROR_KEY, "no key for the store");
    assert_int_equal(access(in_store("cordon.key"), F_OK), -1);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    (void)state;
    cd_store_close(open_store(NULL));
    chmod(in_store("cordon.key"), 0640);
    expect_refusal(NULL, CD_ERROR_KEY, "chmod 600");
}

static void key_files_may_be_raw_or_hexadecimal_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } files[] = {
        {"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\n", CD_OK},
        {"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", CD_OK},
        {"0123456789abcdef0123456789abcdef", CD_OK},
        {"0123456789abcdef0123456789abcdef\n", CD_ERROR_KEY},
        {"00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg\n", CD_ERROR_KEY},
        {"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011\n", CD_ERROR_KEY},
        {"", CD_ERROR_KEY},
        {"\n", CD_ERROR_KEY},
    };
    char path[128];
    snprintf(path, sizeof path, "%s/key", temporary);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct cd_key *key = NULL;
        struct cd_error e = {0};
        write_text(path, files[i].text, 0600);
        if (cd_key_read_file(path, false, &key, &e) != files[i].code)
            fail_msg("case %zu: %s", i, e.text);
        cd_key_free(key);
    }
    struct cd_key *key;
    struct cd_error e;
    assert_int_equal(cd_key_read_file(temporary, false, &key, &e), CD_ERROR_KEY);
    assert_int_equal(cd_key_create(path, &e), CD_ERROR_ACCESS); /* never over an old one */
}

static void a_passphrase_opens_what_it_made(void **state)
{
    (void)state;
    char file[128];
    snprintf(file, sizeof file, "%s/passphrase", temporary);
    write_text(file, "correct horse\nsecond line\n", 0600);
    struct cd_store_options by_file = {.key.passphrase_file = file}, by_text = {.key.passphrase = "correct horse"};
    cd_store_close(open_store(&by_file));
    cd_store_close(open_store(&by_text));
    assert_int_equal(access(in_store("cordon.key"), F_OK), -1);
    expect_refusal(&(struct cd_store_options){.key.passphrase = "correct hors"}, CD_ERROR_KEY, "is not the passphrase");
    expect_refusal(&(struct cd_store_options){.key.passphrase = ""}, CD_ERROR_KEY, "empty");
    expect_refusal(NULL, CD_ERROR_KEY, "CORDON_PASSPHRASE_FILE");
    unlink(in_store("cordon.meta"));
    expect_refusal(&by_text, CD_ERROR_STORE, "cordon.meta is missing");
}

static void the_other_kind_of_key_is_refused_by_name(void **state)
{
    (void)state;
    cd_store_close(open_store(NULL));
    expect_refusal(&(struct cd_store_options){.key.passphrase = "x"}, CD_ERROR_KEY, "was made with a key file");
}

static void a_credential_comes_before_all_others(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/cordon.key", temporary);
    write_text(path, "0123456789abcdef0123456789abcdef", 0440);
    setenv("CREDENTIALS_DIRECTORY", temporary, 1);
    setenv("CORDON_KEY_FILE", "/nowhere", 1);
    cd_store_close(open_store(NULL));
    unsetenv("CREDENTIALS_DIRECTORY");
    expect_refusal(NULL, CD_ERROR_KEY, "/nowhere");
}

static void a_lost_meta_is_made_again_from_the_key(void **state)
{
    (void)state;
    struct cd_error e;
    cd_store_close(open_store(NULL));
    unlink(in_store("cordon.meta"));
    char other[128];
    snprintf(other, sizeof other, "%s/other.key", temporary);
    assert_int_equal(cd_key_create(other, &e), CD_OK);
    expect_refusal(&(struct cd_store_options){.key.key_file = other}, CD_ERROR_KEY, "key is wrong, or");
    cd_store_close(open_store(NULL));
    assert_int_equal(access(in_store("cordon.meta"), F_OK), 0);
    cd_store_close(open_store(NULL));
}

/* ---- Places ---- */

static void a_place_that_is_no_directory_is_told(void **state)
{
    (void)state;
    write_text(store_path, "a file", 0600);
    expect_refusal(NULL, CD_ERROR_ACCESS, "is not a directory");
    unlink(store_path);
    char file[128];
    snprintf(file, sizeof file, "%s/file", temporary);
    write_text(file, "a file", 0600);
    snprintf(store_path, sizeof store_path, "%s/file/store", temporary);
    expect_refusal(NULL, CD_ERROR_ACCESS, "Not a directory");
    snprintf(store_path, sizeof store_path, "%s/none/store", temporary);
    expect_refusal(NULL, CD_ERROR_ACCESS, "No such file");
}

static void an_unwritable_directory_is_told(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* root may write anywhere */
    assert_int_equal(mkdir(store_path, 0500), 0);
    expect_refusal(NULL, CD_ERROR_ACCESS, "Permission denied");
}

static void reading_needs_no_right_to_write(void **state)
{
    (void)state;
    struct cd_store *store = open_store(NULL);
    run(store, "INSERT INTO asset (site_id, id) VALUES (1, 'a')");
    cd_store_close(store);
    chmod(in_store("cordon.db"), 0400);
    chmod(store_path, 0500);
    store = open_store(&(struct cd_store_options){.read_only = true});
    assert_int_equal(number_of(store, "SELECT count(*) FROM asset"), 1);
    cd_store_close(store);
    chmod(store_path, 0700);
}

static void reading_makes_nothing(void **state)
{
    (void)state;
    expect_refusal(&(struct cd_store_options){.read_only = true}, CD_ERROR_STORE, "there is no store");
    assert_int_equal(access(store_path, F_OK), -1);
    cd_store_close(open_store(NULL));
    struct cd_store *store = open_store(&(struct cd_store_options){.read_only = true});
    struct cd_error e;
    assert_int_not_equal(cd_query_run(store, "INSERT INTO asset (site_id, id) VALUES (1, 'a')", &e), CD_OK);
    assert_int_not_equal(cd_store_begin(store, &e), CD_OK);
    cd_store_close(store);
}

static void one_process_writes_and_others_read_meanwhile(void **state)
{
    (void)state;
    struct cd_store *writer = open_store(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        /* Not the inherited connection: one of its own. */
        expect_refusal(NULL, CD_ERROR_STORE, "in use by another process");
        expect_refusal(&(struct cd_store_options){.busy_timeout_ms = 60}, CD_ERROR_STORE, "in use by another process");
        struct cd_store *reader = open_store(&(struct cd_store_options){.read_only = true});
        int64_t seen = number_of(reader, "SELECT count(*) FROM asset");
        cd_store_close(reader);
        _exit(seen == 0 ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    run(writer, "INSERT INTO asset (site_id, id) VALUES (1, 'a')");
    cd_store_close(writer);
    cd_store_close(open_store(NULL));
}

/* ---- Migrations ---- */

static const struct cd_migration three[] = {
    {"0001-one", "CREATE TABLE one (id BIGINT)"},
    {"0002-two", "CREATE TABLE two (id BIGINT); INSERT INTO two VALUES (2)"},
    {"0003-bad", "CREATE TABLE three (id BIGINT); INSERT INTO nowhere VALUES (3)"},
};

/* A store whose schema is forgotten, so that other migrations can be tried. */
static struct cd_store *bare_store(void)
{
    struct cd_store *store = open_store(NULL);
    run(store, "DELETE FROM schema_migration");
    return store;
}

static void migrations_are_applied_once_and_in_order(void **state)
{
    (void)state;
    struct cd_error e;
    struct cd_store *store = bare_store();
    assert_int_equal(cd_store_migrate_with(store, three, 1, &e), CD_OK);
    assert_int_equal(cd_store_version(store), 1);
    assert_int_equal(cd_store_migrate_with(store, three, 2, &e), CD_OK);
    assert_int_equal(cd_store_migrate_with(store, three, 2, &e), CD_OK);
    assert_int_equal(number_of(store, "SELECT count(*) FROM two"), 1);
    assert_int_equal(cd_store_version(store), 2);
    cd_store_close(store);
}

static void a_failing_migration_leaves_nothing_behind(void **state)
{
    (void)state;
    struct cd_error e;
    struct cd_store *store = bare_store();
    assert_int_equal(cd_store_migrate_with(store, three, 3, &e), CD_ERROR_INTERNAL);
    assert_int_equal(number_of(store, "SELECT count(*) FROM schema_migration"), 0);
    assert_int_equal(number_of(store, "SELECT count(*) FROM sqlite_master WHERE name IN ('one', 'two', 'three')"), 0);
    cd_store_close(store);
}

static void a_newer_or_changed_schema_is_refused(void **state)
{
    (void)state;
    struct cd_error e;
    struct cd_store *store = bare_store();
    assert_int_equal(cd_store_migrate_with(store, three, 2, &e), CD_OK);
    assert_int_equal(cd_store_migrate_with(store, three, 1, &e), CD_ERROR_STORE);
    assert_non_null(strstr(e.text, "newer version of Cordon (schema 2, this program knows 1)"));
    const struct cd_migration changed[] = {three[0], {"0002-two", "CREATE TABLE two (id BIGINT)"}};
    assert_int_equal(cd_store_migrate_with(store, changed, 2, &e), CD_ERROR_STORE);
    assert_non_null(strstr(e.text, "0002-two differs"));
    run(store, "DELETE FROM schema_migration WHERE version = 1");
    assert_int_equal(cd_store_migrate_with(store, three, 2, &e), CD_ERROR_STORE);
    cd_store_close(store);
}

static void a_newer_store_is_refused_when_opened(void **state)
{
    (void)state;
    struct cd_store *store = open_store(NULL);
    run(store, "INSERT INTO schema_migration VALUES (999, '0999-future', 'x', 0)");
    cd_store_close(store);
    expect_refusal(NULL, CD_ERROR_STORE, "is of a newer version of Cordon");
    expect_refusal(&(struct cd_store_options){.read_only = true}, CD_ERROR_STORE, "is of a newer version of Cordon");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_temporary(a_new_store_is_laid_out_and_private),
        with_temporary(what_was_stored_is_there_again),
        with_temporary(nothing_readable_lies_on_the_disk),
        with_temporary(a_wrong_key_is_told_as_such),
        with_temporary(a_missing_key_is_never_made_anew),
        with_temporary(a_key_that_others_can_read_is_refused),
        with_temporary(key_files_may_be_raw_or_hexadecimal_and_nothing_else),
        with_temporary(a_passphrase_opens_what_it_made),
        with_temporary(the_other_kind_of_key_is_refused_by_name),
        with_temporary(a_credential_comes_before_all_others),
        with_temporary(a_lost_meta_is_made_again_from_the_key),
        with_temporary(a_place_that_is_no_directory_is_told),
        with_temporary(an_unwritable_directory_is_told),
        with_temporary(reading_needs_no_right_to_write),
        with_temporary(reading_makes_nothing),
        with_temporary(one_process_writes_and_others_read_meanwhile),
        with_temporary(migrations_are_applied_once_and_in_order),
        with_temporary(a_failing_migration_leaves_nothing_behind),
        with_temporary(a_newer_or_changed_schema_is_refused),
        with_temporary(a_newer_store_is_refused_when_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
