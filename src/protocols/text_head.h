/* Heads of messages in the manner of HTTP, as SIP and RTSP have them: a start line, header fields, an empty line (RFC 3261 7, RFC 2326 4 to 6,
 * RFC 5322 2.2 for the fields). */
#ifndef CD_PROTOCOLS_TEXT_HEAD_H
#define CD_PROTOCOLS_TEXT_HEAD_H

#include "protocols/http.h"

enum { CD_TEXT_HEAD_MAX = 16384, CD_TEXT_LINES_MAX = 256, CD_TEXT_FIELDS_MAX = 16 };

/* A field of interest. */
struct cd_text_field {
    const char *name; /* lower case */
    char compact;     /* the one letter that stands for it (RFC 3261 7.3.3), or 0 */
};

/* What tells one such protocol from another. */
struct cd_text_grammar {
    const char *version; /* "SIP/": digit, dot and digit follow */
    const struct cd_text_field *fields;
    size_t n_fields;
};

/* All borrowed. */
struct cd_text_head {
    bool response;
    unsigned status;                                 /* of a response: 100 to 699 */
    struct cd_http_value method, target;             /* of a request */
    struct cd_http_value fields[CD_TEXT_FIELDS_MAX]; /* the first of several alike; bytes NULL where it is missing */
    unsigned values[CD_TEXT_FIELDS_MAX];             /* how many values there are, on lines or between commas */
};

/* Reads a head and leaves the reader behind its empty line. `open`: the head may end with the bytes (a datagram, a cut message). *ret is untouched
 * where it is none. */
bool cd_text_head_parse(struct cd_reader *r, const struct cd_text_grammar *g, bool open, struct cd_text_head *ret);
/* How surely a head begins here: SURE where the first line is whole and right. `schemes`: what may stand before the target, NULL-terminated. */
int cd_text_head_probe(const uint8_t *bytes, size_t len, const char *version, const char *const *schemes);
/* Whether these bytes, however few, can begin a head: of a stream that lost some, any bytes may come. */
bool cd_text_head_begins(const uint8_t *bytes, size_t len, const char *version);
/* The length of a whole message, head and body by Content-Length (none: 0); 0 where the head has not come whole. `compact`: its letter, or 0. */
size_t cd_text_message_length(const uint8_t *bytes, size_t len, char compact);
/* A decimal number at the front of the value; false where there is none or it passes UINT32_MAX. */
bool cd_text_number(const struct cd_http_value *v, uint32_t *ret);

/* The user that a Basic authorization (RFC 7617) names, decoded; the password is wiped. 0: none, or it is of another scheme. */
size_t cd_text_basic_user(const struct cd_http_value *authorization, char *out, size_t cap);
/* Tells of credentials that went over in clear, and of the account: "sip basic sign-in of USER". */
void cd_text_report_credential(struct cd_message *m, const char *scheme, const char *user, size_t user_len);

#endif
