/* What a database below the query layer must do. SQLite is one (sqlite.c); PostgreSQL can be another. Only drivers know
 * their library; the rest of the room, and of the program, speaks query.h. */
#ifndef CD_STORE_DRIVER_H
#define CD_STORE_DRIVER_H

#include "base/error.h"
#include "store/query.h"

struct cd_driver {
    const char *name;

    /* Statements. Parameters count from 1, columns from 0. Text and bytes stay the caller's until reset. */
    int (*prepare)(void *connection, const char *sql, void **ret_statement, struct cd_error *e);
    bool (*bind_i64)(void *statement, int at, int64_t value);
    bool (*bind_f64)(void *statement, int at, double value);
    bool (*bind_text)(void *statement, int at, const char *text, size_t len);
    bool (*bind_blob)(void *statement, int at, const void *bytes, size_t len);
    bool (*bind_null)(void *statement, int at);
    int (*step)(void *connection, void *statement, bool *ret_row, struct cd_error *e);
    void (*reset)(void *statement); /* and unbinds */
    void (*finish)(void *statement);

    int64_t (*get_i64)(void *statement, int column);
    double (*get_f64)(void *statement, int column);
    const char *(*get_text)(void *statement, int column); /* NULL for NULL */
    const void *(*get_blob)(void *statement, int column, size_t *ret_len);
    enum cd_query_type (*get_type)(void *statement, int column);
    int (*columns)(void *statement);
    const char *(*column_name)(void *statement, int column);

    /* Several statements in one text, without parameters. */
    int (*script)(void *connection, const char *sql, struct cd_error *e);
    uint64_t (*changes)(void *connection);
    bool (*in_transaction)(void *connection);
    int (*has_table)(void *connection, const char *table, bool *ret_has, struct cd_error *e);
    /* Every page and every table; CD_ERROR_STORE names the first damage. */
    int (*check)(void *connection, struct cd_error *e);
    void (*close)(void *connection);
};

#endif
