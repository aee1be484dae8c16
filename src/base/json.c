#include "base/json.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

#include <errno.h>
#include <unistd.h>

void cd_json_start(struct cd_json *j, int fd)
{
    *j = (struct cd_json){.fd = fd, .buffer = cd_alloc(CD_JSON_BUFFER, 1)};
}

void cd_json_start_memory(struct cd_json *j)
{
    cd_json_start(j, -1);
    j->in_memory = true;
}

static void keep(struct cd_json *j)
{
    if (j->kept_size - j->kept_len < j->len + 1) {
        j->kept_size = (j->kept_len + j->len + 1) * 2;
        j->kept = cd_realloc(j->kept, j->kept_size, 1);
    }
    memcpy(j->kept + j->kept_len, j->buffer, j->len);
    j->kept_len += j->len;
    j->kept[j->kept_len] = '\0';
    j->len = 0;
}

char *cd_json_take(struct cd_json *j, size_t *ret_len)
{
    keep(j);
    cd_free(j->buffer);
    j->buffer = NULL;
    *ret_len = j->kept_len;
    return j->kept;
}

void cd_json_flush(struct cd_json *j)
{
    if (j->in_memory) {
        keep(j);
        return;
    }
    for (size_t at = 0; at < j->len && !j->failed;) {
        ssize_t n = write(j->fd, j->buffer + at, j->len - at);
        if (n < 0 && errno != EINTR)
            j->failed = errno;
        else if (n > 0)
            at += (size_t)n;
    }
    j->len = 0;
}

int cd_json_finish(struct cd_json *j, const char *name, struct cd_error *e)
{
    cd_json_flush(j);
    cd_free(j->buffer);
    j->buffer = NULL;
    if (!j->failed)
        return 0;
    errno = j->failed;
    return cd_error_errno(e, j->failed == ENOSPC || j->failed == EDQUOT ? CD_ERROR_FULL : CD_ERROR_ACCESS,
                          "%s: can't be written", name);
}

void cd_json_key(struct cd_json *j, const char *key)
{
    cd_json_text(j, key);
    cd_json_raw(j, ":", 1);
    j->comma = false;
}

static void escape(struct cd_json *j, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char out[6] = {'\\', (char)c, '0', '0', hex[c >> 4], hex[c & 15]};
    if (c == '"' || c == '\\') {
        cd_json_raw(j, out, 2);
        return;
    }
    out[1] = 'u';
    cd_json_raw(j, out, 6);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* Whether one of the eight bytes is 0: only there the subtraction borrows into a bit that was not set. */
static uint64_t has_zero(uint64_t word)
{
    return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/* Whether nothing is to be escaped, eight bytes at a time. */
static bool all_plain(const char *text, size_t len)
{
    const uint64_t each = 0x0101010101010101u;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        uint64_t control = (word - each * 0x20) & ~word & each << 7;
        if (control | has_zero(word ^ each * '"') | has_zero(word ^ each * '\\') | has_zero(word ^ each * 0x7f))
            return false;
    }
    for (; i < len; i++)
        if (!is_plain((unsigned char)text[i]))
            return false;
    return true;
}

void cd_json_text_len(struct cd_json *j, const char *text, size_t len)
{
    cd_json_comma(j);
    cd_json_raw(j, "\"", 1);
    size_t from = 0;
    if (len <= CD_JSON_RESERVE && all_plain(text, len)) {
        cd_json_raw(j, text, len);
        cd_json_raw(j, "\"", 1);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = is_plain(c);
        if (plain && i - from < CD_JSON_RESERVE - 1)
            continue;
        cd_json_raw(j, text + from, i - from);
        from = i;
        if (!plain) {
            escape(j, c);
            from++;
        }
    }
    cd_json_raw(j, text + from, len - from);
    cd_json_raw(j, "\"", 1);
}

void cd_json_text_or_null(struct cd_json *j, const char *text)
{
    if (*text)
        cd_json_text(j, text);
    else
        cd_json_null(j);
}

void cd_json_u64(struct cd_json *j, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    cd_json_comma(j);
    cd_json_raw(j, digits + at, sizeof digits - at);
}

void cd_json_f64(struct cd_json *j, double value)
{
    char digits[48];
    struct cd_text t = cd_text_of(digits, sizeof digits);
    cd_text_f64(&t, value);
    cd_json_comma(j);
    if (value - value != 0) /* not a number, or infinite: JSON has neither */
        cd_json_raw(j, "null", 4);
    else
        cd_json_raw(j, t.at, t.len);
}

void cd_json_bool(struct cd_json *j, bool value)
{
    cd_json_comma(j);
    cd_json_raw(j, value ? "true" : "false", value ? 4 : 5);
}

void cd_json_null(struct cd_json *j)
{
    cd_json_comma(j);
    cd_json_raw(j, "null", 4);
}

/* Times of one document lie close together: the second of the last one is often this one's, too. */
void cd_json_time(struct cd_json *j, uint64_t time_ns)
{
    char out[40];
    struct cd_text t = cd_text_of(out, sizeof out);
    uint64_t second_ns = time_ns - time_ns % 1000000000;
    if (!time_ns) {
        cd_json_null(j);
        return;
    }
    if (second_ns != j->second_ns || !*j->second) {
        cd_text_time(&t, second_ns);
        memcpy(j->second, t.at, sizeof j->second);
        j->second_ns = second_ns;
        t = cd_text_of(out, sizeof out);
    }
    cd_text_char(&t, '"');
    cd_text_bytes(&t, j->second, sizeof j->second);
    cd_text_time_fraction(&t, (unsigned)(time_ns - second_ns));
    cd_text_bytes(&t, "Z\"", 2);
    cd_json_comma(j);
    cd_json_raw(j, t.at, t.len);
}
