/* A streaming JSON writer (RFC 8259): no tree, one buffer, written out as it fills. The caller keeps the nesting right; commas are placed
 * here. Failure to write is sticky and told by cd_json_finish(). */
#ifndef CD_BASE_JSON_H
#define CD_BASE_JSON_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CD_JSON_BUFFER = 128 * 1024, CD_JSON_RESERVE = 4096 };

struct cd_json {
    int fd;
    int failed; /* errno of the first write that failed */
    bool comma; /* the next key or element needs one before it */
    size_t len;
    char *buffer;   /* CD_JSON_BUFFER bytes */
    bool in_memory; /* the document stays in `kept` */
    char *kept;
    size_t kept_len, kept_size;
    uint64_t second_ns; /* the last time's second, and its text without the Z */
    char second[19];
};

void cd_json_start(struct cd_json *j, int fd);
/* Writes into memory instead; cd_json_take() ends it and gives the text, NUL-terminated, which the caller frees. */
void cd_json_start_memory(struct cd_json *j);
char *cd_json_take(struct cd_json *j, size_t *ret_len) __attribute__((returns_nonnull));
/* Writes what is left and frees the buffer. CD_ERROR_FULL or CD_ERROR_ACCESS where something could not be written; `name` is
 * the destination's, for the message. */
int cd_json_finish(struct cd_json *j, const char *name, struct cd_error *e);
/* Writes the buffer out. */
void cd_json_flush(struct cd_json *j);

/* Bytes that are JSON already, n <= CD_JSON_RESERVE. */
static inline void cd_json_raw(struct cd_json *j, const char *bytes, size_t n)
{
    if (__builtin_expect(j->len + n > CD_JSON_BUFFER, 0))
        cd_json_flush(j);
    memcpy(j->buffer + j->len, bytes, n);
    j->len += n;
}

static inline void cd_json_comma(struct cd_json *j)
{
    if (j->comma)
        cd_json_raw(j, ",", 1);
    j->comma = true;
}

static inline void cd_json_open(struct cd_json *j, char bracket)
{
    cd_json_comma(j);
    cd_json_raw(j, &bracket, 1);
    j->comma = false;
}

static inline void cd_json_close(struct cd_json *j, char bracket)
{
    cd_json_raw(j, &bracket, 1);
    j->comma = true;
}

/* A key, given as it stands in the document: "\"name\":" through CD_JSON_KEY("name"). */
#define CD_JSON_KEY(j, key) cd_json_key_raw(j, "\"" key "\":", sizeof key + 2)
static inline void cd_json_key_raw(struct cd_json *j, const char *key, size_t n)
{
    cd_json_comma(j);
    cd_json_raw(j, key, n);
    j->comma = false;
}

/* A key that is not a literal. */
void cd_json_key(struct cd_json *j, const char *key);
/* A new line before the next element of an array, so that documents can be read and compared line by line. */
static inline void cd_json_line(struct cd_json *j)
{
    if (j->comma)
        cd_json_raw(j, ",\n", 2);
    else
        cd_json_raw(j, "\n", 1);
    j->comma = false;
}

/* Text, escaped; it must be valid UTF-8. */
void cd_json_text_len(struct cd_json *j, const char *text, size_t len);
static inline void cd_json_text(struct cd_json *j, const char *text)
{
    cd_json_text_len(j, text, strlen(text));
}
/* The text, or null where it is empty. */
void cd_json_text_or_null(struct cd_json *j, const char *text);
void cd_json_u64(struct cd_json *j, uint64_t value);
void cd_json_f64(struct cd_json *j, double value);
void cd_json_bool(struct cd_json *j, bool value);
void cd_json_null(struct cd_json *j);
/* ISO 8601, UTC; null for 0, which stands for unknown. */
void cd_json_time(struct cd_json *j, uint64_t time_ns);

#endif
