/* The two hellos, and the fingerprint of the first. */
#include "base/sha256.h"
#include "base/text.h"
#include "protocols/tls.h"

#include <string.h>

enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_SIGNATURES = 13,
    EXTENSION_ALPN = 16,
    EXTENSION_VERSIONS = 43,
};

/* RFC 8446 4.1.3: this random value makes a ServerHello a HelloRetryRequest. */
static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                         0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                         0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/* supported_versions of a client (RFC 8446 4.2.1). */
static uint16_t highest_version(struct cd_reader *value)
{
    uint16_t highest = 0;
    struct cd_reader list = cd_read_sub(value, cd_read_u8(value, "versions length"), "versions");
    while (cd_read_left(&list) >= 2) {
        uint16_t version = cd_read_be16(&list, "version");
        if (!cd_tls_is_grease(version) && version > highest)
            highest = version;
    }
    return highest;
}

/* Extensions that do not hold what they should are passed over: the hello stands without them. */
static void read_client_extension(uint16_t type, struct cd_reader value, struct cd_tls_client_hello *hello)
{
    struct cd_reader list;
    uint16_t version;
    switch (type) {
    case EXTENSION_SERVER_NAME: /* RFC 6066 3 */
        hello->has_server_name = true;
        list = cd_read_sub(&value, cd_read_be16(&value, "server names length"), "server names");
        if (cd_read_u8(&list, "name type") == 0)
            hello->server_name = cd_read_sub(&list, cd_read_be16(&list, "name length"), "name");
        break;
    case EXTENSION_SIGNATURES:
        hello->signatures = cd_read_sub(&value, cd_read_be16(&value, "signatures length"), "signatures");
        break;
    case EXTENSION_ALPN: /* RFC 7301 3.1 */
        list = cd_read_sub(&value, cd_read_be16(&value, "protocols length"), "protocols");
        hello->alpn = cd_read_sub(&list, cd_read_u8(&list, "protocol length"), "protocol");
        break;
    case EXTENSION_VERSIONS:
        version = highest_version(&value);
        if (version)
            hello->version = version;
        break;
    default: break;
    }
}

bool cd_tls_parse_client_hello(struct cd_reader *r, struct cd_tls_client_hello *ret)
{
    struct cd_tls_client_hello hello = {0};
    hello.legacy_version = hello.version = cd_read_be16(r, "client version");
    cd_read_skip(r, 32, "client random");
    cd_read_skip(r, cd_read_u8(r, "session id length"), "session id");
    hello.suites = cd_read_sub(r, cd_read_be16(r, "cipher suites length"), "cipher suites");
    cd_read_skip(r, cd_read_u8(r, "compression methods length"), "compression methods");
    if (hello.suites.len % 2)
        cd_read_fail(r, "cipher suites");
    if (cd_read_left(r)) { /* SSL 3.0 and some old clients have none */
        hello.has_extensions = true;
        hello.extensions = cd_read_sub(r, cd_read_be16(r, "extensions length"), "extensions");
        struct cd_reader list = hello.extensions;
        while (cd_read_left(&list)) {
            uint16_t type = cd_read_be16(&list, "extension type");
            struct cd_reader value = cd_read_sub(&list, cd_read_be16(&list, "extension length"), "extension");
            if (cd_read_ok(&list))
                read_client_extension(type, value, &hello);
        }
        if (!cd_read_ok(&list))
            cd_read_fail(r, list.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = hello;
    return true;
}

bool cd_tls_parse_server_hello(struct cd_reader *r, struct cd_tls_server_hello *ret)
{
    struct cd_tls_server_hello hello = {.version = cd_read_be16(r, "server version")};
    const uint8_t *random = cd_read_at(r, 32, "server random");
    hello.retry = random && memcmp(random, retry_random, sizeof retry_random) == 0;
    cd_read_skip(r, cd_read_u8(r, "session id length"), "session id");
    hello.suite = cd_read_be16(r, "cipher suite");
    cd_read_skip(r, 1, "compression method");
    if (cd_read_left(r)) {
        struct cd_reader list = cd_read_sub(r, cd_read_be16(r, "extensions length"), "extensions");
        while (cd_read_left(&list)) {
            uint16_t type = cd_read_be16(&list, "extension type");
            struct cd_reader value = cd_read_sub(&list, cd_read_be16(&list, "extension length"), "extension");
            if (type == EXTENSION_VERSIONS && cd_read_ok(&value))
                hello.version = cd_read_be16(&value, "selected version");
        }
        if (!cd_read_ok(&list))
            cd_read_fail(r, list.bad);
    }
    if (!cd_read_ok(r))
        return false;
    *ret = hello;
    return true;
}

bool cd_tls_parse_ssl2_hello(struct cd_reader *r, uint16_t *ret_version)
{
    if (cd_read_u8(r, "message type") != 1)
        cd_read_fail(r, "message type");
    uint16_t version = cd_read_be16(r, "version");
    uint16_t ciphers = cd_read_be16(r, "ciphers length");
    uint16_t session = cd_read_be16(r, "session id length");
    uint16_t challenge = cd_read_be16(r, "challenge length");
    if (ciphers == 0 || ciphers % 3 || session > 32 || challenge < 16 || challenge > 32 ||
        (version != 2 && version >> 8 != 3))
        cd_read_fail(r, "client hello");
    cd_read_skip(r, (size_t)ciphers + session + challenge, "client hello");
    cd_read_end(r, "client hello");
    if (!cd_read_ok(r))
        return false;
    *ret_version = version;
    return true;
}

/* ---- JA4 ---- */

struct numbers {
    uint16_t items[CD_TLS_SUITES_MAX];
    size_t n;
};

/* Shell's sort: a few hundred at most, and no worse for hostile orders. */
static void sort(struct numbers *numbers)
{
    static const size_t gaps[] = {301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        for (size_t i = gaps[g]; i < numbers->n; i++) {
            uint16_t v = numbers->items[i];
            size_t at = i;
            for (; at >= gaps[g] && numbers->items[at - gaps[g]] > v; at -= gaps[g])
                numbers->items[at] = numbers->items[at - gaps[g]];
            numbers->items[at] = v;
        }
    }
}

/* All that is no GREASE. */
static bool collect(struct cd_reader list, struct numbers *ret)
{
    ret->n = 0;
    while (cd_read_left(&list) >= 2) {
        uint16_t v = cd_read_be16(&list, "number");
        if (cd_tls_is_grease(v))
            continue;
        if (ret->n == CD_TLS_SUITES_MAX)
            return false;
        ret->items[ret->n++] = v;
    }
    return true;
}

static void hash_numbers(struct cd_sha256 *sha, const struct numbers *numbers)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < numbers->n; i++) {
        uint16_t v = numbers->items[i];
        const char hex[5] = {',', digits[v >> 12], digits[v >> 8 & 15], digits[v >> 4 & 15], digits[v & 15]};
        cd_sha256_take(sha, i ? hex : hex + 1, i ? 5 : 4);
    }
}

static void text_hash(struct cd_text *t, struct cd_sha256 *sha, bool empty)
{
    uint8_t digest[CD_SHA256_BYTES];
    cd_sha256_end(sha, digest);
    cd_text_char(t, '_');
    if (empty)
        cd_text_str(t, "000000000000");
    else
        cd_text_hex_bytes(t, digest, 6);
}

static void text_count(struct cd_text *t, size_t n)
{
    n = n > 99 ? 99 : n;
    cd_text_char(t, (char)('0' + n / 10));
    cd_text_char(t, (char)('0' + n % 10));
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The first and the last character of the first protocol, or of its hexadecimal form where one of them is no letter or digit. */
static void text_alpn(struct cd_text *t, const struct cd_reader *alpn)
{
    static const char digits[] = "0123456789abcdef";
    if (!alpn->base || alpn->len == 0) {
        cd_text_str(t, "00");
        return;
    }
    uint8_t first = alpn->base[0], last = alpn->base[alpn->len - 1];
    bool plain = is_alphanumeric(first) && is_alphanumeric(last);
    cd_text_char(t, plain ? (char)first : digits[first >> 4]);
    cd_text_char(t, plain ? (char)last : digits[last & 15]);
}

static const char *ja4_version(uint16_t version)
{
    switch (version) {
    case 0x0002: return "s2";
    case 0x0300: return "s3";
    case 0x0301: return "10";
    case 0x0302: return "11";
    case 0x0303: return "12";
    case 0x0304: return "13";
    default: return "00";
    }
}

/* Types of all extensions but GREASE; server name and ALPN are counted but not hashed. */
static bool collect_extensions(const struct cd_tls_client_hello *hello, struct numbers *ret, size_t *ret_count)
{
    struct cd_reader list = hello->extensions;
    size_t count = 0;
    ret->n = 0;
    while (cd_read_left(&list)) {
        uint16_t type = cd_read_be16(&list, "extension type");
        cd_read_skip(&list, cd_read_be16(&list, "extension length"), "extension");
        if (cd_tls_is_grease(type))
            continue;
        if (++count > CD_TLS_EXTENSIONS_MAX)
            return false;
        if (type != EXTENSION_SERVER_NAME && type != EXTENSION_ALPN)
            ret->items[ret->n++] = type;
    }
    *ret_count = count;
    return true;
}

bool cd_tls_ja4(const struct cd_tls_client_hello *hello, char ret_text[CD_TLS_JA4_BYTES])
{
    struct numbers suites, extensions, signatures;
    struct cd_sha256 sha;
    size_t n_extensions;
    if (!collect(hello->suites, &suites) || !collect(hello->signatures, &signatures) ||
        !collect_extensions(hello, &extensions, &n_extensions))
        return false;
    struct cd_text t = cd_text_of(ret_text, CD_TLS_JA4_BYTES);
    cd_text_char(&t, 't');
    cd_text_str(&t, ja4_version(hello->version));
    cd_text_char(&t, hello->has_server_name ? 'd' : 'i');
    text_count(&t, suites.n);
    text_count(&t, n_extensions);
    text_alpn(&t, &hello->alpn);
    sort(&suites);
    cd_sha256_start(&sha);
    hash_numbers(&sha, &suites);
    text_hash(&t, &sha, suites.n == 0);
    sort(&extensions);
    cd_sha256_start(&sha);
    hash_numbers(&sha, &extensions);
    if (signatures.n)
        cd_sha256_take(&sha, "_", 1);
    hash_numbers(&sha, &signatures);
    text_hash(&t, &sha, extensions.n == 0);
    return true;
}
