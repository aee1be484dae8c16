/* TLS (RFC 5246, RFC 8446) and SSL 2.0/3.0 as far as it is in clear: who is asked for, who answers, and how well the two protect themselves. */
#ifndef CD_PROTOCOLS_TLS_H
#define CD_PROTOCOLS_TLS_H

#include "base/reader.h"

enum {
    CD_TLS_RECORD_HEADER = 5,
    CD_TLS_RECORD_MAX = 16384 + 2048, /* RFC 5246 6.2.3 */
    CD_TLS_JA4_BYTES = 37,            /* 36 characters and the NUL */
    CD_TLS_SUITES_MAX = 512,          /* more are offered by no client; a hello with more gets no fingerprint */
    CD_TLS_EXTENSIONS_MAX = 128,
    CD_TLS_STATE = 96, /* at least the state of a flow: for carriers (tls_carried.h) */
};

/* A ClientHello (RFC 8446 4.1.2, RFC 5246 7.4.1.2). Views point into the message; base NULL where the extension is missing. */
struct cd_tls_client_hello {
    uint16_t legacy_version, version; /* version: the highest offered, through supported_versions where that is there */
    bool has_server_name, has_extensions;
    struct cd_reader suites;      /* two bytes each */
    struct cd_reader extensions;  /* type, length, value */
    struct cd_reader server_name; /* the host name */
    struct cd_reader alpn;        /* the first protocol offered */
    struct cd_reader signatures;  /* two bytes each */
};

/* A ServerHello; `retry` is a HelloRetryRequest (RFC 8446 4.1.4), which answers nothing yet. */
struct cd_tls_server_hello {
    uint16_t version, suite;
    bool retry;
};

/* The bodies of handshake messages, after type and length. */
bool cd_tls_parse_client_hello(struct cd_reader *r, struct cd_tls_client_hello *ret);
bool cd_tls_parse_server_hello(struct cd_reader *r, struct cd_tls_server_hello *ret);
/* The CLIENT-HELLO of SSL 2.0, which later versions also began with (RFC 5246 E.2), after its two bytes of length; only version and ciphers count. */
bool cd_tls_parse_ssl2_hello(struct cd_reader *r, uint16_t *ret_version);

/* GREASE (RFC 8701): values that mean nothing. */
static inline bool cd_tls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* The JA4 fingerprint as FoxIO specifies it: "t13d1516h2_8daaf6152771_e5627efa2ab1". False where there are too many suites or extensions. */
bool cd_tls_ja4(const struct cd_tls_client_hello *hello, char ret_text[CD_TLS_JA4_BYTES]);

const char *cd_tls_version_name(uint16_t version);
/* The name of a suite that should not be used, and why, as literals; NULL for any other. */
const char *cd_tls_weak_suite(uint16_t code, const char **ret_reason);
bool cd_tls_suite_has_dh(uint16_t code);

#endif
