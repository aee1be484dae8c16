#include "store/sqlite.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct connection {
    sqlite3 *db;
    char *path;
    bool key_checked;
};

/* ---- Failures in words ---- */

/* A read or write that the operating system refused; its errno tells whether it was for lack of space. */
static enum cd_code code_of_io(sqlite3 *db, int extended)
{
    if (extended == SQLITE_IOERR_SHORT_READ || extended == SQLITE_IOERR_DATA || extended == SQLITE_IOERR_CORRUPTFS)
        return CD_ERROR_STORE;
    return cd_file_code(sqlite3_system_errno(db));
}

/* Turns a result of SQLite into a code and a text that a person can act on. */
static int fail(const struct connection *c, int result, const char *doing, struct cd_error *e)
{
    int extended = sqlite3_extended_errcode(c->db);
    const char *message = sqlite3_errmsg(c->db);
    enum cd_code code = CD_ERROR_INTERNAL;
    switch (result & 0xff) {
    case SQLITE_NOTADB:
        if (!c->key_checked)
            return cd_error_set(e, CD_ERROR_KEY, "%s: the key is wrong, or the first page is damaged", c->path);
        return cd_error_set(e, CD_ERROR_STORE,
                            "%s is damaged: its first page does not match its authentication tag; "
                            "restore it from a backup",
                            c->path);
    case SQLITE_CORRUPT:
        return cd_error_set(e, CD_ERROR_STORE, "%s is damaged (%s while %s); restore it from a backup", c->path,
                            message, doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return cd_error_set(e, CD_ERROR_STORE, "%s is in use by another process", c->path);
    case SQLITE_FULL:
        return cd_error_set(e, CD_ERROR_FULL, "no space for %s: nothing of the unfinished change was kept", c->path);
    case SQLITE_IOERR:
        code = code_of_io(c->db, extended);
        if (code == CD_ERROR_FULL)
            return cd_error_set(e, code, "no space for %s: nothing of the unfinished change was kept", c->path);
        if (code == CD_ERROR_STORE)
            return cd_error_set(e, code, "%s is damaged or cut off (%s while %s); restore it from a backup", c->path,
                                message, doing);
        return cd_error_set(e, code, "%s can't be read or written: %s", c->path, strerror(sqlite3_system_errno(c->db)));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH: return cd_error_set(e, CD_ERROR_ACCESS, "%s can't be opened or written (%s)", c->path, message);
    case SQLITE_NOMEM: return cd_error_set(e, CD_ERROR_MEMORY, "no memory while %s", doing);
    default: return cd_error_set(e, code, "%s: %s while %s", c->path, message, doing);
    }
}

/* ---- Opening ---- */

static int set_key(struct connection *c, const struct cd_key *key, struct cd_error *e)
{
    uint8_t raw[4 + CD_KEY_BYTES] = {'r', 'a', 'w',
                                     ':'}; /* the key is used as it is, without a derivation from a passphrase */
    cd_key_derive(key, "cdstore.", raw + 4);
    int r = sqlite3mc_config(c->db, "cipher", sqlite3mc_cipher_index("chacha20")) < 0 ? SQLITE_ERROR : SQLITE_OK;
    if (r == SQLITE_OK)
        r = sqlite3_key(c->db, raw, sizeof raw);
    sodium_memzero(raw, sizeof raw);
    return r == SQLITE_OK ? CD_OK : fail(c, r, "setting the key", e);
}

static int script(void *connection, const char *sql, struct cd_error *e)
{
    const struct connection *c = connection;
    int r = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return r == SQLITE_OK ? CD_OK : fail(c, r, "running a script", e);
}

/* What is set for every connection. Temporary data stays in memory, where it need not be encrypted; a damaged
 * or hostile schema runs no code. */
#define SETTINGS                                                                                                       \
    "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"  \
    "PRAGMA cache_size = -65536; PRAGMA secure_delete = FAST;"

static int configure(struct connection *c, const struct cd_sqlite_options *options, struct cd_error *e)
{
    sqlite3_busy_timeout(c->db, (int)options->busy_timeout_ms);
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
    int r = set_key(c, options->key, e);
    if (r != CD_OK)
        return r;
    /* The first read, which shows whether key and first page fit. */
    if ((r = script(c, "SELECT count(*) FROM sqlite_master;", e)) != CD_OK || (r = script(c, SETTINGS, e)) != CD_OK)
        return r;
    if (options->read_only)
        return script(c, "PRAGMA query_only = ON;", e);
    return script(c,
                  "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA journal_size_limit = 67108864;",
                  e);
}

static void close_connection(void *connection)
{
    struct connection *c = connection;
    if (!c)
        return;
    sqlite3_close_v2(c->db);
    cd_free(c->path);
    cd_free(c);
}

/* The path as a URI that says the file can't change: then no log and no shared memory are needed beside it. */
static void immutable_uri(struct cd_text *uri, const char *path)
{
    cd_text_str(uri, "file:");
    for (const char *at = path; *at; at++) {
        if (strchr("?#%", *at)) {
            cd_text_char(uri, '%');
            cd_text_hex(uri, (uint8_t)*at, 2);
        } else {
            cd_text_char(uri, *at);
        }
    }
    cd_text_str(uri, "?immutable=1");
}

static int open_as(const char *name, int flags, const char *path, const struct cd_sqlite_options *options,
                   void **ret_connection, struct cd_error *e)
{
    struct connection *c = cd_alloc(1, sizeof *c);
    c->path = cd_copy_text(path);
    c->key_checked = options->key_checked;
    int r = sqlite3_open_v2(name, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    r = r == SQLITE_OK ? configure(c, options, e) : fail(c, r, "opening it", e);
    if (r != CD_OK) {
        close_connection(c);
        return r;
    }
    *ret_connection = c;
    return CD_OK;
}

/* Whether a write-ahead log lies beside, with changes that are not in the database yet. */
static bool has_log(const char *path)
{
    char log[PATH_MAX];
    struct stat st;
    struct cd_text t = cd_text_of(log, sizeof log);
    cd_text_str(&t, path);
    cd_text_str(&t, "-wal");
    return t.cut || (stat(log, &st) == 0 && st.st_size > 0);
}

/* For reading, the log of a writer must be seen, which takes a shared file beside the database. Where that can't be
 * made (a read-only medium, a full disk) and no log is left, the database is read as it lies. */
static int open_to_read(const char *path, const struct cd_sqlite_options *options, void **ret_connection,
                        struct cd_error *e)
{
    char name[PATH_MAX * 3];
    int flags = access(path, W_OK) == 0 ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int r = open_as(path, flags, path, options, ret_connection, e);
    if ((r != CD_ERROR_ACCESS && r != CD_ERROR_FULL) || has_log(path) || access(path, R_OK) < 0)
        return r;
    struct cd_text uri = cd_text_of(name, sizeof name);
    immutable_uri(&uri, path);
    if (uri.cut)
        return r;
    return open_as(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, path, options, ret_connection, e);
}

int cd_sqlite_open(const char *path, const struct cd_sqlite_options *options, void **ret_connection, struct cd_error *e)
{
    if (options->read_only)
        return open_to_read(path, options, ret_connection, e);
    /* Made here, because SQLite would let the umask decide who may read it; log and shared memory take over its
     * mode. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return cd_error_errno(e, cd_file_code(errno), "can't open %s", path);
    close(fd);
    return open_as(path, SQLITE_OPEN_READWRITE, path, options, ret_connection, e);
}

/* ---- Statements ---- */

static int prepare(void *connection, const char *sql, void **ret_statement, struct cd_error *e)
{
    const struct connection *c = connection;
    sqlite3_stmt *statement = NULL;
    int r = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (r != SQLITE_OK)
        return fail(c, r, "preparing a query", e);
    if (!statement)
        return cd_error_set(e, CD_ERROR_INTERNAL, "an empty query");
    *ret_statement = statement;
    return CD_OK;
}

static bool bind_i64(void *statement, int at, int64_t value)
{
    return sqlite3_bind_int64(statement, at, value) == SQLITE_OK;
}

static bool bind_f64(void *statement, int at, double value)
{
    return sqlite3_bind_double(statement, at, value) == SQLITE_OK;
}

static bool bind_text(void *statement, int at, const char *text, size_t len)
{
    return sqlite3_bind_text64(statement, at, text, len, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
}

static bool bind_blob(void *statement, int at, const void *bytes, size_t len)
{
    return len ? sqlite3_bind_blob64(statement, at, bytes, len, SQLITE_STATIC) == SQLITE_OK
               : sqlite3_bind_zeroblob(statement, at, 0) == SQLITE_OK;
}

static bool bind_null(void *statement, int at)
{
    return sqlite3_bind_null(statement, at) == SQLITE_OK;
}

static int step(void *connection, void *statement, bool *ret_row, struct cd_error *e)
{
    int r = sqlite3_step(statement);
    if (r != SQLITE_ROW && r != SQLITE_DONE)
        return fail(connection, r, "running a query", e);
    *ret_row = r == SQLITE_ROW;
    return CD_OK;
}

static void reset(void *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static void finish(void *statement)
{
    sqlite3_finalize(statement);
}

/* ---- Columns ---- */

static int64_t get_i64(void *statement, int column)
{
    return sqlite3_column_int64(statement, column);
}

static double get_f64(void *statement, int column)
{
    return sqlite3_column_double(statement, column);
}

static const char *get_text(void *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

static const void *get_blob(void *statement, int column, size_t *ret_len)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    *ret_len = (size_t)sqlite3_column_bytes(statement, column);
    return bytes;
}

static enum cd_query_type get_type(void *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return CD_QUERY_INTEGER;
    case SQLITE_FLOAT: return CD_QUERY_REAL;
    case SQLITE_TEXT: return CD_QUERY_TEXT;
    case SQLITE_BLOB: return CD_QUERY_BLOB;
    default: return CD_QUERY_NULL;
    }
}

static int columns(void *statement)
{
    return sqlite3_column_count(statement);
}

static const char *column_name(void *statement, int column)
{
    const char *name = sqlite3_column_name(statement, column);
    return name ? name : "";
}

/* ---- The whole ---- */

static uint64_t changes(void *connection)
{
    return (uint64_t)sqlite3_changes64(((struct connection *)connection)->db);
}

static bool in_transaction(void *connection)
{
    return !sqlite3_get_autocommit(((struct connection *)connection)->db);
}

static int has_table(void *connection, const char *table, bool *ret_has, struct cd_error *e)
{
    void *statement = NULL;
    int r = prepare(connection, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", &statement, e);
    if (r != CD_OK)
        return r;
    bind_text(statement, 1, table, strlen(table));
    r = step(connection, statement, ret_has, e);
    finish(statement);
    return r;
}

/* Runs a checking statement that answers with one row `expected`, or with none where that is NULL. */
static int check_with(struct connection *c, const char *sql, const char *expected, struct cd_error *e)
{
    void *statement = NULL;
    bool row = false;
    int r = prepare(c, sql, &statement, e);
    if (r != CD_OK)
        return r;
    r = step(c, statement, &row, e);
    const char *answer = r == CD_OK && row ? get_text(statement, 0) : NULL;
    if (r == CD_OK && (expected ? !answer || strcmp(answer, expected) != 0 : row))
        r = cd_error_set(e, CD_ERROR_STORE, "%s is damaged (%s); restore it from a backup", c->path,
                         answer ? answer : "no answer");
    finish(statement);
    return r;
}

static int check(void *connection, struct cd_error *e)
{
    int r = check_with(connection, "PRAGMA integrity_check(1)", "ok", e);
    return r == CD_OK
               ? check_with(connection,
                            "SELECT 'a row without its parent in ' || \"table\" FROM pragma_foreign_key_check", NULL, e)
               : r;
}

const struct cd_driver cd_sqlite_driver = {
    .name = "sqlite",
    .prepare = prepare,
    .bind_i64 = bind_i64,
    .bind_f64 = bind_f64,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .bind_null = bind_null,
    .step = step,
    .reset = reset,
    .finish = finish,
    .get_i64 = get_i64,
    .get_f64 = get_f64,
    .get_text = get_text,
    .get_blob = get_blob,
    .get_type = get_type,
    .columns = columns,
    .column_name = column_name,
    .script = script,
    .changes = changes,
    .in_transaction = in_transaction,
    .has_table = has_table,
    .check = check,
    .close = close_connection,
};
