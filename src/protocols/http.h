/* HTTP/1.x (RFC 9112): the head of a message. */
#ifndef CD_PROTOCOLS_HTTP_H
#define CD_PROTOCOLS_HTTP_H

#include "base/reader.h"
#include "protocols/dissector.h"

#include <string.h>

enum { CD_HTTP_HEAD_MAX = 16384, CD_HTTP_HEADERS_MAX = 256 };

/* Part of a head, borrowed; bytes NULL where the header is missing. */
struct cd_http_value {
    const char *bytes;
    size_t len;
};

enum cd_http_header {
    CD_HTTP_HOST,
    CD_HTTP_SERVER,
    CD_HTTP_USER_AGENT,
    CD_HTTP_AUTHORIZATION,
    CD_HTTP_PROXY_AUTHORIZATION,
    CD_HTTP_WWW_AUTHENTICATE,
    CD_HTTP_PROXY_AUTHENTICATE,
    CD_HTTP_CONTENT_TYPE,
    CD_HTTP_CONTENT_LENGTH,
    CD_HTTP_TRANSFER_ENCODING,
    CD_HTTP_POWERED_BY,
    CD_HTTP_VIA,
    CD_HTTP_ACCEPT,
    CD_HTTP_SOAP_ACTION,
    CD_HTTP_KNOWN_HEADERS
};

/* Request line or status line, and the headers of interest: of several alike the last, of several challenges the one for NTLM where there is one. */
struct cd_http_head {
    bool response;
    unsigned status;                     /* of a response: 100 to 599 */
    struct cd_http_value method, target; /* of a request */
    struct cd_http_value headers[CD_HTTP_KNOWN_HEADERS];
    bool chunked;
    bool has_length;
    uint64_t length; /* Content-Length */
};

/* A whole head, its empty line included; where it is cut it may end anywhere behind its first line. */
bool cd_http_parse(struct cd_reader *r, bool cut, struct cd_http_head *ret);
/* Bytes of the head at the front, its empty line included; 0 where that has not come yet. */
size_t cd_http_head_length(const uint8_t *bytes, size_t len);
/* How surely a head begins here: enum CD_PROBE_... */
int cd_http_probe_head(const uint8_t *bytes, size_t len);

static inline bool cd_http_is(const struct cd_http_value *v, const char *text)
{
    return v->bytes && v->len == strlen(text) && memcmp(v->bytes, text, v->len) == 0;
}
/* Whether the value begins with this text, letters in either case. */
bool cd_http_starts(const struct cd_http_value *v, const char *text);
/* A parameter of a header (realm="x", username=x): its value without quotes. */
struct cd_http_value cd_http_parameter(const struct cd_http_value *v, const char *name);

/* ---- http_hints.c: what heads and bodies tell ---- */

/* The operating system that a User-Agent or a Server header names, if it does. */
void cd_text_http_os(struct cd_text *t, const struct cd_http_value *value);
/* Authorization of a request: an event about credentials in clear, and NTLM's facts. */
void cd_http_report_credentials(struct cd_message *m, const struct cd_http_value *v);
/* WWW-Authenticate of a response. */
void cd_http_report_challenge(struct cd_message *m, const struct cd_http_value *v);
/* A form, or a query, with a password in it. */
void cd_http_report_form(struct cd_message *m, const char *bytes, size_t len);

#endif
