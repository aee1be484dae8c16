#include "protocols/http.h"

#include <string.h>
#include <strings.h>

enum { METHOD_MAX = 20, REQUEST_LINE_MIN = 16 /* "GET / HTTP/1.1\r\n" */ };

static const char *const known_headers[CD_HTTP_KNOWN_HEADERS] = {
    [CD_HTTP_HOST] = "host",
    [CD_HTTP_SERVER] = "server",
    [CD_HTTP_USER_AGENT] = "user-agent",
    [CD_HTTP_AUTHORIZATION] = "authorization",
    [CD_HTTP_PROXY_AUTHORIZATION] = "proxy-authorization",
    [CD_HTTP_WWW_AUTHENTICATE] = "www-authenticate",
    [CD_HTTP_PROXY_AUTHENTICATE] = "proxy-authenticate",
    [CD_HTTP_CONTENT_TYPE] = "content-type",
    [CD_HTTP_CONTENT_LENGTH] = "content-length",
    [CD_HTTP_TRANSFER_ENCODING] = "transfer-encoding",
    [CD_HTTP_POWERED_BY] = "x-powered-by",
    [CD_HTTP_VIA] = "via",
    [CD_HTTP_ACCEPT] = "accept",
    [CD_HTTP_SOAP_ACTION] = "soapaction",
};

size_t cd_http_head_length(const uint8_t *bytes, size_t len)
{
    const uint8_t *at = bytes, *end = bytes + len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        if (at < end && *at == '\n')
            return (size_t)(at - bytes) + 1;
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
            return (size_t)(at - bytes) + 2;
    }
    return 0;
}

/* Length of the method at the front: capital letters (and - for some extensions) up to a blank; 0 where it is none. */
static size_t method_length(const uint8_t *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && n <= METHOD_MAX &&
           ((bytes[n] >= 'A' && bytes[n] <= 'Z') || (bytes[n] == '-' && n) || (bytes[n] == '_' && n)))
        n++;
    return n >= 3 && n <= METHOD_MAX && (n == len || bytes[n] == ' ') ? n : 0;
}

/* Whether so few bytes could be the beginning of one of the usual heads. */
static bool begins_head(const uint8_t *bytes, size_t len)
{
    static const char *const beginnings[] = {"GET ",    "POST ",   "HEAD ",    "PUT ",
                                             "HTTP/1.", "DELETE ", "OPTIONS ", "CONNECT "};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t n = strlen(beginnings[i]);
        if (len && memcmp(bytes, beginnings[i], len < n ? len : n) == 0)
            return true;
    }
    return false;
}

int cd_http_probe_head(const uint8_t *bytes, size_t len)
{
    if (len >= 12 && memcmp(bytes, "HTTP/1.", 7) == 0)
        return bytes[8] == ' ' && bytes[9] >= '1' && bytes[9] <= '5' ? CD_PROBE_SURE : CD_PROBE_NO;
    size_t method = method_length(bytes, len);
    if (len < REQUEST_LINE_MIN)
        return begins_head(bytes, len) ? CD_PROBE_MAYBE : CD_PROBE_NO;
    if (method == 0)
        return CD_PROBE_NO;
    const uint8_t *line_end = memchr(bytes, '\n', len);
    if (!line_end) {
        uint8_t first = bytes[method + 1];
        return len > 200 && (first == '/' || memcmp(bytes + method + 1, "http://", 7) == 0) ? CD_PROBE_LIKELY
                                                                                            : CD_PROBE_NO;
    }
    size_t line = (size_t)(line_end - bytes);
    if (line && bytes[line - 1] == '\r')
        line--;
    return line > method + 10 && memcmp(bytes + line - 9, " HTTP/1.", 8) == 0 ? CD_PROBE_SURE : CD_PROBE_NO;
}

bool cd_http_starts(const struct cd_http_value *v, const char *text)
{
    size_t len = strlen(text);
    return v->bytes && v->len >= len && strncasecmp(v->bytes, text, len) == 0;
}

struct cd_http_value cd_http_parameter(const struct cd_http_value *v, const char *name)
{
    size_t name_len = strlen(name);
    for (size_t at = 0; v->bytes && at + name_len < v->len; at++) {
        if (strncasecmp(v->bytes + at, name, name_len) != 0 || v->bytes[at + name_len] != '=' ||
            (at && v->bytes[at - 1] != ' ' && v->bytes[at - 1] != ',' && v->bytes[at - 1] != ';'))
            continue;
        size_t start = at + name_len + 1;
        bool quoted = start < v->len && v->bytes[start] == '"';
        start += quoted;
        size_t end = start;
        while (end < v->len &&
               (quoted ? v->bytes[end] != '"' : v->bytes[end] != ',' && v->bytes[end] != ' ' && v->bytes[end] != ';'))
            end++;
        return (struct cd_http_value){v->bytes + start, end - start};
    }
    return (struct cd_http_value){0};
}

static void trim(struct cd_http_value *v)
{
    while (v->len && (v->bytes[0] == ' ' || v->bytes[0] == '\t')) {
        v->bytes++;
        v->len--;
    }
    while (v->len && (v->bytes[v->len - 1] == ' ' || v->bytes[v->len - 1] == '\t' || v->bytes[v->len - 1] == '\r'))
        v->len--;
}

/* The next line without its end. */
static struct cd_http_value read_line(struct cd_reader *r)
{
    size_t left = cd_read_left(r);
    const char *at = (const char *)r->base + r->pos, *end = left ? memchr(at, '\n', left) : NULL;
    if (!end) {
        cd_read_fail(r, "line");
        return (struct cd_http_value){0};
    }
    struct cd_http_value line = {at, (size_t)(end - at)};
    cd_read_skip(r, line.len + 1, "line");
    if (line.len && line.bytes[line.len - 1] == '\r')
        line.len--;
    return line;
}

static void read_status_line(struct cd_reader *r, const struct cd_http_value *line, struct cd_http_head *h)
{
    h->response = true;
    if (line->len < 12 || line->bytes[8] != ' ') {
        cd_read_fail(r, "status line");
        return;
    }
    for (unsigned i = 9; i < 12; i++) {
        unsigned digit = (unsigned)(line->bytes[i] - '0');
        if (digit > 9)
            cd_read_fail(r, "status code");
        h->status = h->status * 10 + digit;
    }
    if (h->status < 100 || h->status > 599)
        cd_read_fail(r, "status code");
}

static void read_request_line(struct cd_reader *r, const struct cd_http_value *line, struct cd_http_head *h)
{
    size_t method = method_length((const uint8_t *)line->bytes, line->len);
    if (method == 0 || line->len < method + 10 || memcmp(line->bytes + line->len - 9, " HTTP/1.", 8) != 0) {
        cd_read_fail(r, "request line");
        return;
    }
    h->method = (struct cd_http_value){line->bytes, method};
    h->target = (struct cd_http_value){line->bytes + method + 1, line->len - method - 10};
    trim(&h->target);
}

static int known_header(const struct cd_http_value *name)
{
    for (int i = 0; i < CD_HTTP_KNOWN_HEADERS; i++)
        if ((name->bytes[0] | 0x20) == known_headers[i][0] && name->len == strlen(known_headers[i]) &&
            strncasecmp(name->bytes, known_headers[i], name->len) == 0)
            return i;
    return -1;
}

/* RFC 9112 6.2; a list of equal values may stand for one (RFC 9110 8.6). */
static void read_length(struct cd_reader *r, const struct cd_http_value *v, struct cd_http_head *h)
{
    uint64_t length = 0;
    size_t i = 0;
    for (; i < v->len && v->bytes[i] >= '0' && v->bytes[i] <= '9'; i++)
        length = length > UINT64_MAX / 20 ? length : length * 10 + (unsigned)(v->bytes[i] - '0');
    if (i == 0 || (i < v->len && v->bytes[i] != ',' && v->bytes[i] != ' ')) {
        cd_read_fail(r, "content length");
        return;
    }
    h->has_length = true;
    h->length = length;
}

static void read_header(struct cd_reader *r, const struct cd_http_value *line, struct cd_http_head *h)
{
    const char *colon = memchr(line->bytes, ':', line->len);
    if (!colon || colon == line->bytes)
        return; /* a continued line (obsolete), or rubbish: others read over it too */
    struct cd_http_value name = {line->bytes, (size_t)(colon - line->bytes)},
                         value = {colon + 1, line->len - name.len - 1};
    trim(&name);
    trim(&value);
    int known = name.len ? known_header(&name) : -1;
    if (known < 0)
        return;
    bool challenge = known == CD_HTTP_WWW_AUTHENTICATE || known == CD_HTTP_PROXY_AUTHENTICATE;
    if (challenge && (cd_http_starts(&h->headers[known], "NTLM ") || cd_http_starts(&h->headers[known], "Negotiate T")))
        return;
    h->headers[known] = value;
    if (known == CD_HTTP_CONTENT_LENGTH)
        read_length(r, &value, h);
    if (known == CD_HTTP_TRANSFER_ENCODING)
        h->chunked = value.len >= 7 && strncasecmp(value.bytes + value.len - 7, "chunked", 7) == 0;
}

bool cd_http_parse(struct cd_reader *r, bool cut, struct cd_http_head *ret)
{
    struct cd_http_head h = {0};
    struct cd_http_value line = read_line(r);
    if (!cd_read_ok(r))
        return false;
    if (line.len >= 5 && memcmp(line.bytes, "HTTP/", 5) == 0)
        read_status_line(r, &line, &h);
    else
        read_request_line(r, &line, &h);
    for (unsigned i = 0; i < CD_HTTP_HEADERS_MAX && cd_read_ok(r); i++) {
        if (cut && !memchr(r->base + r->pos, '\n', cd_read_left(r)))
            break;
        line = read_line(r);
        if (line.len == 0)
            break;
        read_header(r, &line, &h);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}
