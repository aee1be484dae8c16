/* What heads and bodies of HTTP tell about machines and people. */
#include "base/base64.h"
#include "protocols/http.h"
#include "protocols/ntlm.h"

#include <string.h>
#include <strings.h>

enum { TOKEN_MAX = 2048, USER_MAX = 96 };

/* Copies a version that begins here: digits, and dots in place of underscores. */
static void text_version(struct cd_text *t, const char *at, const char *end)
{
    for (; at < end && ((*at >= '0' && *at <= '9') || *at == '.' || *at == '_'); at++)
        cd_text_char(t, *at == '_' ? '.' : *at);
}

/* A sign in the text, and the system it speaks of; with `version` the number behind the sign follows. First letters stand in begins_sign too. */
static const struct {
    const char *sign, *os;
    bool version;
} systems[] = {
    {"Windows NT 10.0", "Windows 10 or later", false},
    {"Windows NT 6.3", "Windows 8.1", false},
    {"Windows NT 6.2", "Windows 8", false},
    {"Windows NT 6.1", "Windows 7", false},
    {"Windows NT 6.0", "Windows Vista", false},
    {"Windows NT 5.2", "Windows Server 2003", false},
    {"Windows NT 5.1", "Windows XP", false},
    {"Windows NT 5.0", "Windows 2000", false},
    {"Windows CE", "Windows CE", false},
    {"Windows Phone ", "Windows Phone ", true},
    {"Microsoft-IIS/10.0", "Windows Server 2016 or later", false},
    {"Microsoft-IIS/8.5", "Windows Server 2012 R2", false},
    {"Microsoft-IIS/8.0", "Windows Server 2012", false},
    {"Microsoft-IIS/7.5", "Windows Server 2008 R2", false},
    {"Microsoft-IIS/7.0", "Windows Server 2008", false},
    {"Microsoft-IIS/6.0", "Windows Server 2003", false},
    {"Microsoft-", "Windows", false},
    {"(Win32)", "Windows", false},
    {"(Win64)", "Windows", false},
    {"Android ", "Android ", true},
    {"iPhone OS ", "iOS ", true},
    {"CPU OS ", "iOS ", true},
    {"Mac OS X ", "macOS ", true},
    {"CrOS", "ChromeOS", false},
    {"VxWorks", "VxWorks", false},
    {"QNX", "QNX", false},
    {"(Ubuntu)", "Ubuntu Linux", false},
    {"Ubuntu", "Ubuntu Linux", false},
    {"Debian", "Debian Linux", false},
    {"(Red Hat", "Red Hat Linux", false},
    {"(CentOS", "CentOS Linux", false},
    {"Raspbian", "Raspbian Linux", false},
    {"Linux/", "Linux ", true},
    {"Linux", "Linux", false},
    {"FreeBSD", "FreeBSD", false},
};

enum { SYSTEMS = sizeof systems / sizeof *systems };

/* Whether a sign can begin with this letter: most of a text is passed over by it. */
static bool begins_sign(char c)
{
    switch (c) {
    case '(':
    case 'A':
    case 'C':
    case 'D':
    case 'F':
    case 'L':
    case 'M':
    case 'Q':
    case 'R':
    case 'U':
    case 'V':
    case 'W':
    case 'i': return true;
    default: return false;
    }
}

static bool is_at(const char *at, const char *end, const char *sign)
{
    while (*sign && at < end && *at == *sign)
        at++, sign++;
    return *sign == '\0';
}

void cd_text_http_os(struct cd_text *t, const struct cd_http_value *value)
{
    size_t best = SYSTEMS; /* the first of the table that stands anywhere */
    const char *found = NULL, *end = value->bytes ? value->bytes + value->len : NULL;
    for (const char *at = value->bytes; at < end; at++) {
        for (size_t i = 0; begins_sign(*at) && i < best; i++) {
            if (is_at(at, end, systems[i].sign)) {
                best = i;
                found = at;
            }
        }
    }
    if (!found)
        return;
    cd_text_str(t, systems[best].os);
    if (systems[best].version)
        text_version(t, found + strlen(systems[best].sign), end);
}

/* ---- credentials ---- */

static void report_credential(struct cd_message *m, const char *scheme, const void *user, size_t user_len)
{
    char detail[160];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, scheme);
    if (user_len) {
        cd_text_str(&t, " sign-in of ");
        cd_text_device(&t, user, user_len < USER_MAX ? user_len : USER_MAX);
    } else {
        cd_text_str(&t, " sign-in");
    }
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
    if (user_len) {
        struct cd_subject client = cd_subject_client(m);
        cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, user, user_len < USER_MAX ? user_len : USER_MAX, 60);
    }
}

/* The token of NTLM or Negotiate, in Base64. */
static void report_token(struct cd_message *m, const struct cd_http_value *v)
{
    uint8_t token[TOKEN_MAX];
    const char *blank = memchr(v->bytes, ' ', v->len);
    if (!blank)
        return;
    size_t at = (size_t)(blank - v->bytes) + 1;
    cd_ntlm_report(m, token, cd_base64_decode(v->bytes + at, v->len - at, token, sizeof token), NULL);
}

void cd_http_report_credentials(struct cd_message *m, const struct cd_http_value *v)
{
    uint8_t decoded[256];
    if (cd_http_starts(v, "Basic ")) { /* RFC 7617: user and password, divided by the first colon */
        size_t n = cd_base64_decode(v->bytes + 6, v->len - 6, decoded, sizeof decoded);
        const uint8_t *colon = memchr(decoded, ':', n);
        report_credential(m, "http basic", decoded, colon ? (size_t)(colon - decoded) : 0);
        explicit_bzero(decoded, sizeof decoded);
    } else if (cd_http_starts(v, "Digest ")) {
        struct cd_http_value user = cd_http_parameter(v, "username");
        report_credential(m, "http digest", user.bytes, user.len);
    } else if (cd_http_starts(v, "Bearer ")) {
        report_credential(m, "http bearer token", NULL, 0);
    } else if (cd_http_starts(v, "NTLM ") || cd_http_starts(v, "Negotiate ")) {
        report_token(m, v);
    }
}

void cd_http_report_challenge(struct cd_message *m, const struct cd_http_value *v)
{
    if (cd_http_starts(v, "NTLM ") || cd_http_starts(v, "Negotiate ")) {
        report_token(m, v);
        return;
    }
    struct cd_http_value realm = cd_http_parameter(v, "realm");
    struct cd_subject server = cd_subject_server(m);
    if (realm.len > 1)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_DESCRIPTION, realm.bytes, realm.len, 40);
}

/* The value of a field whose name is one of these, in "name=value&..." or in JSON's "name":"value". */
static bool find_field(const char *bytes, size_t len, const char *const *names, size_t n_names,
                       struct cd_http_value *ret)
{
    for (size_t i = 0; i < n_names; i++) {
        size_t name_len = strlen(names[i]);
        for (size_t at = 0; at + name_len < len; at++) {
            if ((bytes[at] | 0x20) != names[i][0] || strncasecmp(bytes + at, names[i], name_len) != 0)
                continue;
            char before = at ? bytes[at - 1] : '&';
            size_t value = at + name_len;
            bool form = bytes[value] == '=' && (before == '&' || before == '?' || before == '_' || before == '.');
            bool json = bytes[value] == '"' && before == '"';
            if (!form && !json)
                continue;
            value++;
            while (json && value < len && (bytes[value] == ':' || bytes[value] == ' ' || bytes[value] == '"'))
                value++;
            size_t end = value;
            while (end < len && bytes[end] != (json ? '"' : '&') && bytes[end] != '\r' && bytes[end] != ' ')
                end++;
            *ret = (struct cd_http_value){bytes + value, end - value};
            return true;
        }
    }
    return false;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %41 and + as forms write them. */
static size_t decode_percent(const struct cd_http_value *v, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < v->len && n < cap; i++) {
        int high = i + 2 < v->len ? hex_value(v->bytes[i + 1]) : -1, low = high >= 0 ? hex_value(v->bytes[i + 2]) : -1;
        if (v->bytes[i] == '%' && low >= 0) {
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = v->bytes[i] == '+' ? ' ' : v->bytes[i];
        }
    }
    return n;
}

void cd_http_report_form(struct cd_message *m, const char *bytes, size_t len)
{
    static const char *const passwords[] = {"password", "passwd", "pwd", "pass", "psw", "passwort", "passphrase", "pw"};
    static const char *const users[] = {"username", "user",      "login", "uname",   "userid",
                                        "usr",      "user_name", "email", "account", "log"};
    struct cd_http_value password, user;
    char name[USER_MAX];
    if (!find_field(bytes, len, passwords, sizeof passwords / sizeof *passwords, &password) || password.len == 0)
        return;
    size_t name_len = 0;
    if (find_field(bytes, len, users, sizeof users / sizeof *users, &user))
        name_len = decode_percent(&user, name, sizeof name);
    report_credential(m, "http form", name, name_len);
}
