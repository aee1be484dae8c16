/* Certificates as text for people. */
#include "base/address.h"
#include "base/time.h"
#include "protocols/x509.h"

#include <string.h>

enum { RSA_BITS_MIN = 2048, EC_BITS_MIN = 224, DATE_LEN = 10, GENERAL_NAME_IP = 7 };

void cd_text_x509_value(struct cd_text *t, const struct cd_x509_value *value)
{
    uint8_t turned[128];
    if (!value->bytes)
        return;
    if (!value->wide) {
        cd_text_device(t, value->bytes, value->len);
        return;
    }
    size_t n = (value->len < sizeof turned ? value->len : sizeof turned) & ~(size_t)1;
    for (size_t i = 0; i < n; i += 2) {
        turned[i] = value->bytes[i + 1];
        turned[i + 1] = value->bytes[i];
    }
    cd_text_utf16le(t, turned, n);
}

/* A part in a field: at most `most` bytes, and without the semicolons that divide the fields. */
static void part(struct cd_text *t, const char *label, const struct cd_x509_value *value, size_t most)
{
    char buffer[96];
    struct cd_text text = cd_text_of(buffer, most < sizeof buffer ? most : sizeof buffer);
    if (!value->bytes || value->len == 0)
        return;
    cd_text_x509_value(&text, value);
    if (text.cut) { /* no half of a character at the cut */
        while (text.len && ((unsigned char)text.at[text.len - 1] & 0xc0) == 0x80)
            text.len--;
        if (text.len && (unsigned char)text.at[text.len - 1] >= 0xc0)
            text.len--;
    }
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ';')
            text.at[i] = ',';
    cd_text_str(t, label);
    cd_text_bytes(t, text.at, text.len);
}

static void text_name(struct cd_text *t, const struct cd_x509_name *name, size_t most)
{
    size_t start = t->len;
    part(t, "CN=", &name->common_name, most);
    if (t->len == start)
        part(t, "OU=", &name->unit, most);
    part(t, t->len == start ? "O=" : ", O=", &name->organization, most / 2);
}

static void text_names(struct cd_text *t, const struct cd_x509 *c, size_t most)
{
    uint32_t shown = 0;
    size_t start = t->len;
    for (; shown < c->n_names && t->len - start < most; shown++) {
        const struct cd_x509_value *v = &c->names[shown].value;
        struct cd_ip ip;
        if (c->names[shown].kind != GENERAL_NAME_IP) {
            part(t, shown ? ", " : "", v, most - (t->len - start) + 1);
            continue;
        }
        if (v->len != 4 && v->len != 16)
            continue;
        ip = v->len == 4 ? cd_ip_of4(v->bytes) : cd_ip_of6(v->bytes);
        cd_text_str(t, shown ? ", " : "");
        cd_text_ip(t, &ip);
    }
    if (shown < c->total_names) {
        cd_text_str(t, " and ");
        cd_text_u64(t, c->total_names - shown);
        cd_text_str(t, " more");
    }
}

static void text_date(struct cd_text *t, int64_t seconds)
{
    char buffer[40];
    struct cd_text time = cd_text_of(buffer, sizeof buffer);
    if (seconds < 0) {
        cd_text_str(t, "before 1970");
        return;
    }
    if (seconds > INT64_C(16725225599)) { /* RFC 5280 4.1.2.5: 9999-12-31 means never; so does all beyond 2500 */
        cd_text_str(t, "never");
        return;
    }
    cd_text_time_short(&time, (uint64_t)seconds * 1000000000u);
    cd_text_bytes(t, time.at, time.len < DATE_LEN ? time.len : DATE_LEN);
}

static void text_key(struct cd_text *t, const struct cd_x509 *c)
{
    cd_text_str(t, c->key);
    if (c->key_bits) {
        cd_text_char(t, ' ');
        cd_text_u64(t, c->key_bits);
    }
}

void cd_text_x509(struct cd_text *t, const struct cd_x509 *c)
{
    text_name(t, &c->subject, 48);
    cd_text_str(t, "; ");
    if (c->self_issued)
        cd_text_str(t, "self-signed");
    else
        text_name(t, &c->issuer, 40);
    cd_text_str(t, "; ");
    text_names(t, c, 60);
    cd_text_str(t, "; ");
    text_date(t, c->not_before);
    cd_text_str(t, "; ");
    text_date(t, c->not_after);
    cd_text_str(t, "; ");
    text_key(t, c);
    cd_text_str(t, "; ");
    cd_text_str(t, c->signature);
}

static void reason(struct cd_text *t, const char *text)
{
    cd_text_str(t, t->len ? ", " : "certificate ");
    cd_text_str(t, text);
}

void cd_text_x509_weakness(struct cd_text *t, const struct cd_x509 *c, int64_t now)
{
    if (now > c->not_after) {
        reason(t, "expired ");
        text_date(t, c->not_after);
    } else if (now < c->not_before) {
        reason(t, "not valid before ");
        text_date(t, c->not_before);
    }
    bool curve = strcmp(c->key, "EC") == 0;
    if (c->key_bits && c->key_bits < (curve ? EC_BITS_MIN : RSA_BITS_MIN) && strncmp(c->key, "Ed", 2) != 0) {
        reason(t, "key ");
        text_key(t, c);
    }
    if (c->weak_hash) {
        reason(t, "signature ");
        cd_text_str(t, c->signature);
    }
}
