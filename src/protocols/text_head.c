#include "protocols/text_head.h"

#include "base/base64.h"

#include <string.h>
#include <strings.h>

enum { METHOD_MAX = 24, START_LINE_MAX = 2048, USER_MAX = 96 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct cd_http_value trimmed(const char *bytes, size_t len)
{
    while (len && is_blank(bytes[0])) {
        bytes++;
        len--;
    }
    while (len && is_blank(bytes[len - 1]))
        len--;
    return (struct cd_http_value){bytes, len};
}

/* Whether "SIP/2.0" stands here. */
static bool is_version(const char *bytes, size_t len, const char *version)
{
    size_t n = strlen(version);
    return len >= n + 3 && memcmp(bytes, version, n) == 0 && is_digit(bytes[n]) && bytes[n + 1] == '.' &&
           is_digit(bytes[n + 2]);
}

static size_t method_length(const char *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && n <= METHOD_MAX && ((bytes[n] >= 'A' && bytes[n] <= 'Z') || bytes[n] == '_' || bytes[n] == '-'))
        n++;
    return n >= 3 && n <= METHOD_MAX && n < len && bytes[n] == ' ' ? n : 0;
}

/* The next line without its end. Where `open`, the end of the bytes ends a line too. */
static struct cd_http_value read_line(struct cd_reader *r, bool open)
{
    size_t left = cd_read_left(r);
    const char *at = (const char *)r->base + r->pos, *end = left ? memchr(at, '\n', left) : NULL;
    if (!end && !open)
        cd_read_fail(r, "line");
    if (!cd_read_ok(r))
        return (struct cd_http_value){0};
    struct cd_http_value line = {at, end ? (size_t)(end - at) : left};
    cd_read_skip(r, end ? line.len + 1 : left, "line");
    if (line.len && line.bytes[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool parse_start(const struct cd_http_value *line, const char *version, struct cd_text_head *h)
{
    size_t n = strlen(version) + 3;
    if (is_version(line->bytes, line->len, version)) { /* "SIP/2.0 200 OK" */
        h->response = true;
        if (line->len < n + 4 || line->bytes[n] != ' ')
            return false;
        for (size_t i = n + 1; i < n + 4; i++) {
            if (!is_digit(line->bytes[i]))
                return false;
            h->status = h->status * 10 + (unsigned)(line->bytes[i] - '0');
        }
        return h->status >= 100 && h->status < 700;
    }
    size_t method = method_length(line->bytes, line->len);
    if (method == 0 || line->len < method + 2 + n || line->bytes[line->len - n - 1] != ' ' ||
        !is_version(line->bytes + line->len - n, n, version))
        return false;
    h->method = (struct cd_http_value){line->bytes, method};
    h->target = trimmed(line->bytes + method + 1, line->len - method - 2 - n);
    return true;
}

static int known_field(const struct cd_text_grammar *g, const struct cd_http_value *name)
{
    char first = (char)(name->bytes[0] | 0x20);
    for (size_t i = 0; i < g->n_fields; i++)
        if (name->len == 1 ? first == g->fields[i].compact
                           : first == g->fields[i].name[0] && name->len == strlen(g->fields[i].name) &&
                                 strncasecmp(name->bytes, g->fields[i].name, name->len) == 0)
            return (int)i;
    return -1;
}

static void parse_field(const struct cd_text_grammar *g, const struct cd_http_value *line, struct cd_text_head *h)
{
    const char *colon = line->len && !is_blank(line->bytes[0]) ? memchr(line->bytes, ':', line->len) : NULL;
    if (!colon)
        return; /* a folded line, or rubbish: others read over it too */
    struct cd_http_value name = trimmed(line->bytes, (size_t)(colon - line->bytes));
    int known = name.len ? known_field(g, &name) : -1;
    if (known < 0)
        return;
    struct cd_http_value value = trimmed(colon + 1, line->len - (size_t)(colon + 1 - line->bytes));
    if (!h->fields[known].bytes)
        h->fields[known] = value;
    for (size_t i = 0; i < value.len; i++)
        h->values[known] += value.bytes[i] == ',';
    h->values[known]++;
}

bool cd_text_head_parse(struct cd_reader *r, const struct cd_text_grammar *g, bool open, struct cd_text_head *ret)
{
    struct cd_text_head h = {0};
    struct cd_http_value line = read_line(r, open);
    if (!cd_read_ok(r))
        return false;
    if (!parse_start(&line, g->version, &h)) {
        cd_read_fail(r, "start line");
        return false;
    }
    for (unsigned i = 0;; i++) {
        if (i == CD_TEXT_LINES_MAX)
            cd_read_fail(r, "header count");
        line = read_line(r, open);
        if (!cd_read_ok(r))
            return false;
        if (line.len == 0)
            break;
        parse_field(g, &line, &h);
    }
    *ret = h;
    return true;
}

int cd_text_head_probe(const uint8_t *bytes, size_t len, const char *version, const char *const *schemes)
{
    const char *at = (const char *)bytes;
    size_t n = strlen(version) + 3;
    if (len >= n + 4 && at[0] == version[0] && is_version(at, len, version))
        return at[n] == ' ' && at[n + 1] >= '1' && at[n + 1] <= '6' && is_digit(at[n + 2]) && is_digit(at[n + 3])
                   ? CD_PROBE_SURE
                   : CD_PROBE_NO;
    size_t method = len > 8 && at[0] >= 'A' && at[0] <= 'Z' ? method_length(at, len) : 0;
    if (method == 0)
        return CD_PROBE_NO;
    const char *target = at + method + 1;
    size_t left = len - method - 1;
    for (; *schemes; schemes++) {
        size_t scheme = strlen(*schemes);
        if (left < scheme || strncasecmp(target, *schemes, scheme) != 0)
            continue;
        const char *end = memchr(target, '\n', left < START_LINE_MAX ? left : START_LINE_MAX);
        if (!end)
            return left > scheme && scheme > 3 ? CD_PROBE_LIKELY : CD_PROBE_MAYBE; /* "GET /" is anybody's */
        end -= end > target && end[-1] == '\r';
        return (size_t)(end - target) > scheme + n && end[-(ptrdiff_t)n - 1] == ' ' && is_version(end - n, n, version)
                   ? CD_PROBE_SURE
                   : CD_PROBE_NO;
    }
    return CD_PROBE_NO;
}

bool cd_text_head_begins(const uint8_t *bytes, size_t len, const char *version)
{
    size_t n = strlen(version), method = 0;
    if (len && memcmp(bytes, version, len < n ? len : n) == 0)
        return true;
    while (method < len && method <= METHOD_MAX &&
           ((bytes[method] >= 'A' && bytes[method] <= 'Z') || bytes[method] == '_'))
        method++;
    if (method == len)
        return method <= METHOD_MAX;
    if (method < 3 || method > METHOD_MAX || bytes[method] != ' ')
        return false;
    for (size_t i = method; i < len && bytes[i] != '\r' && bytes[i] != '\n'; i++)
        if (bytes[i] < ' ' || i > START_LINE_MAX)
            return false;
    return true;
}

bool cd_text_number(const struct cd_http_value *v, uint32_t *ret)
{
    uint64_t number = 0;
    size_t i = 0;
    for (; i < v->len && is_digit(v->bytes[i]); i++) {
        number = number * 10 + (unsigned)(v->bytes[i] - '0');
        if (number > UINT32_MAX)
            return false;
    }
    if (i == 0)
        return false;
    *ret = (uint32_t)number;
    return true;
}

/* The value of Content-Length in a whole head; 0 where there is none. */
static uint32_t content_length(const uint8_t *bytes, size_t len, char compact)
{
    static const char name[] = "content-length";
    const char *at = (const char *)bytes, *end = at + len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end) {
        size_t left = (size_t)(end - at), n = 0;
        if (left > sizeof name - 1 && (at[0] | 0x20) == 'c' && strncasecmp(at, name, sizeof name - 1) == 0)
            n = sizeof name - 1;
        else if (compact && left > 2 && (at[0] | 0x20) == compact && (at[1] == ':' || is_blank(at[1])))
            n = 1;
        if (n == 0)
            continue;
        while (n < left && (is_blank(at[n]) || at[n] == ':'))
            n++;
        struct cd_http_value value = {at + n, left - n};
        uint32_t length = 0;
        return cd_text_number(&value, &length) ? length : 0;
    }
    return 0;
}

size_t cd_text_message_length(const uint8_t *bytes, size_t len, char compact)
{
    size_t head = cd_http_head_length(bytes, len);
    return head ? head + content_length(bytes, head, compact) : 0;
}

size_t cd_text_basic_user(const struct cd_http_value *authorization, char *out, size_t cap)
{
    uint8_t decoded[256];
    if (!cd_http_starts(authorization, "Basic "))
        return 0;
    struct cd_http_value token = trimmed(authorization->bytes + 6, authorization->len - 6);
    size_t n = cd_base64_decode(token.bytes, token.len, decoded, sizeof decoded);
    const uint8_t *colon = memchr(decoded, ':', n);
    size_t user = colon ? (size_t)(colon - decoded) : 0;
    if (user > cap)
        user = cap;
    memcpy(out, decoded, user);
    explicit_bzero(decoded, sizeof decoded);
    return user;
}

void cd_text_report_credential(struct cd_message *m, const char *scheme, const char *user, size_t user_len)
{
    char detail[160];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    struct cd_subject client = cd_subject_client(m);
    if (user_len > USER_MAX)
        user_len = USER_MAX;
    cd_text_str(&t, scheme);
    cd_text_str(&t, user_len ? " sign-in of " : " sign-in");
    cd_text_device(&t, user, user_len);
    cd_report_event_once(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, user, user_len, 60);
}
