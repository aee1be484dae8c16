/* The one query layer: SQL in, rows out, whichever database is below.
 *
 *     struct cd_query *q;
 *     if ((r = cd_query_prepare(store, "SELECT id, name FROM asset WHERE site_id = ?1 AND kind = ?2", &q, e)))
 *         return r;
 *     cd_query_i64(q, 1, site_id);
 *     cd_query_text(q, 2, "ot");
 *     bool row;
 *     while (!(r = cd_query_step(q, &row, e)) && row)
 *         show(cd_query_get_text(q, 0), cd_query_get_text(q, 1));
 *     cd_query_done(q);
 *
 * Binding never fails at once: what could not be bound is reported by the next step, so that a caller asks once.
 * Prepared queries are kept in the store by their text, so preparing the same SQL again costs a table look-up.
 * Parameters are written ?1, ?2, ... and values always go through them. SQL keeps to what SQLite and PostgreSQL
 * share. */
#ifndef CD_STORE_QUERY_H
#define CD_STORE_QUERY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cd_store;
struct cd_query;

/* One SQL statement, ready to bind. It belongs to the store: give it back with cd_query_done, on every way out. A query
 * that is out can be prepared a second time (a walk within a walk). CD_ERROR_INTERNAL where the SQL is wrong. */
int cd_query_prepare(struct cd_store *store, const char *sql, struct cd_query **ret_query, struct cd_error *e);

/* Binds parameter number `at`, from 1. What is not bound is NULL; executing unbinds all. Text and bytes are borrowed
 * until the query is executed or done. A u64 above INT64_MAX is kept as INT64_MAX. A NULL text binds NULL. */
void cd_query_i64(struct cd_query *query, int at, int64_t value);
void cd_query_u64(struct cd_query *query, int at, uint64_t value);
void cd_query_f64(struct cd_query *query, int at, double value);
void cd_query_text(struct cd_query *query, int at, const char *text);
void cd_query_text_len(struct cd_query *query, int at, const char *text, size_t len);
void cd_query_blob(struct cd_query *query, int at, const void *bytes, size_t len);
void cd_query_null(struct cd_query *query, int at);

/* The next row: *ret_row says whether there is one. After the last row, or a failure, the query can be bound again. */
int cd_query_step(struct cd_query *query, bool *ret_row, struct cd_error *e);
/* Runs to the end, whatever rows there are; then the query can be bound and executed again (many inserts, one
 * prepare). */
int cd_query_execute(struct cd_query *query, struct cd_error *e);
/* Gives the query back; NULL is allowed. */
void cd_query_done(struct cd_query *query);

enum cd_query_type { CD_QUERY_NULL, CD_QUERY_INTEGER, CD_QUERY_REAL, CD_QUERY_TEXT, CD_QUERY_BLOB };

/* Columns of the current row, numbered from 0. Text and bytes are borrowed until the next step; NULL reads as 0 or
 * "". */
int64_t cd_query_get_i64(struct cd_query *query, int column);
uint64_t cd_query_get_u64(struct cd_query *query, int column);
double cd_query_get_f64(struct cd_query *query, int column);
const char *cd_query_get_text(struct cd_query *query, int column);
const void *cd_query_get_blob(struct cd_query *query, int column, size_t *ret_len);
bool cd_query_is_null(struct cd_query *query, int column);
enum cd_query_type cd_query_get_type(struct cd_query *query, int column);
int cd_query_columns(struct cd_query *query);
const char *cd_query_column_name(struct cd_query *query, int column);

/* One statement without parameters, run to its end. */
int cd_query_run(struct cd_store *store, const char *sql, struct cd_error *e);
/* The first column of the first row as a number; `otherwise` where there is no row or it is NULL. */
int cd_query_run_i64(struct cd_store *store, const char *sql, int64_t otherwise, int64_t *ret_value,
                     struct cd_error *e);
/* Rows changed by the statement executed last. */
uint64_t cd_query_changes(struct cd_store *store);

/* A transaction: all of it is kept, on the disk, once cd_store_commit returned 0, or none of it. One at a time. After a
 * failed statement or commit, call cd_store_rollback; calling it without a transaction does nothing. */
int cd_store_begin(struct cd_store *store, struct cd_error *e);
int cd_store_commit(struct cd_store *store, struct cd_error *e);
void cd_store_rollback(struct cd_store *store);

#endif
