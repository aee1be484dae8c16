/* What the form of a log text tells of the device that wrote it. Of the text itself nothing but these marks is passed on. */
#include "protocols/syslog.h"

#include "base/text.h"

#include <string.h>

enum { FIELD_MAX = 64, MNEMONIC_MAX = 32 };

/* The stretch looked at. */
static struct cd_reader front(const struct cd_reader *text)
{
    return cd_reader_of(text->base, text->len < CD_SYSLOG_LOOKED_AT ? text->len : CD_SYSLOG_LOOKED_AT);
}

/* Behind the first place where `mark` stands; false where it does not. */
static bool after(const struct cd_reader *text, const char *mark, struct cd_reader *ret)
{
    size_t n = strlen(mark);
    const uint8_t *found = text->len >= n ? memmem(text->base, text->len, mark, n) : NULL;
    if (!found)
        return false;
    *ret = cd_reader_of(found + n, text->len - (size_t)(found + n - text->base));
    return true;
}

/* The bytes up to one of `ends`, which is passed over; of no bytes where the field is too long. */
static struct cd_reader field(struct cd_reader *r, const char *ends)
{
    size_t n = 0;
    int c;
    while ((c = cd_read_peek(r, n)) > 0 && !strchr(ends, c))
        n++;
    struct cd_reader f = cd_read_sub(r, n, "field");
    if (cd_read_left(r))
        cd_read_skip(r, 1, "end of field");
    return f.len <= FIELD_MAX ? f : cd_reader_of(f.base, 0);
}

static void report(struct cd_message *m, enum cd_attribute attribute, const struct cd_reader *value,
                   unsigned confidence)
{
    struct cd_subject sender = cd_subject_client(m);
    if (value->len)
        cd_report_fact_bytes(m, &sender, attribute, value->base, value->len, confidence);
}

static void report_text(struct cd_message *m, enum cd_attribute attribute, const char *value, unsigned confidence)
{
    struct cd_subject sender = cd_subject_client(m);
    cd_report_fact(m, &sender, attribute, value, confidence);
}

/* "CEF:0|vendor|product|version|" and "LEEF:2.0|vendor|product|version|" (ArcSight, QRadar). */
static bool take_event_format(struct cd_message *m, const struct cd_reader *text)
{
    struct cd_reader r;
    if (!after(text, "CEF:", &r) && !after(text, "LEEF:", &r))
        return false;
    struct cd_reader version = field(&r, "|");
    if (version.len == 0 || version.len > 3)
        return false;
    struct cd_reader vendor = field(&r, "|"), product = field(&r, "|"), firmware = field(&r, "|");
    report(m, CD_ATTRIBUTE_VENDOR, &vendor, 60);
    report(m, CD_ATTRIBUTE_MODEL, &product, 60);
    report(m, CD_ATTRIBUTE_FIRMWARE, &firmware, 60);
    return true;
}

/* "%FACILITY-SEVERITY-MNEMONIC:" of Cisco (others use it too), "%%10..." of Comware, "%%01..." of Huawei. */
static bool take_percent(struct cd_message *m, const struct cd_reader *text, bool tagged)
{
    struct cd_reader r;
    if (!after(text, "%", &r))
        return false;
    if (cd_read_peek(&r, 0) == '%' && (cd_read_peek(&r, 1) == '1' || cd_read_peek(&r, 1) == '0')) {
        report_text(m, CD_ATTRIBUTE_VENDOR, cd_read_peek(&r, 1) == '1' ? "H3C" : "Huawei", 45);
        return true;
    }
    size_t n = 0;
    int c;
    while (n < MNEMONIC_MAX && (c = cd_read_peek(&r, n), (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
        n++;
    c = cd_read_peek(&r, n + 1);
    if (n < 2 || cd_read_peek(&r, n) != '-' || c < '0' || c > '7' || cd_read_peek(&r, n + 2) != '-')
        return false;
    static const char *const firewalls[] = {"ASA", "FTD", "PIX", "FWSM"};
    for (size_t i = 0; i < sizeof firewalls / sizeof *firewalls; i++)
        if (n == strlen(firewalls[i]) && memcmp(r.base, firewalls[i], n) == 0) {
            report_text(m, CD_ATTRIBUTE_VENDOR, "Cisco", 75);
            report_text(m, CD_ATTRIBUTE_MODEL, firewalls[i], 60);
            report_text(m, CD_ATTRIBUTE_ROLE, "firewall", 75);
            return true;
        }
    if (!tagged) /* Arista and others put a program before it */
        report_text(m, CD_ATTRIBUTE_VENDOR, "Cisco", 40);
    return true;
}

/* Firewalls that write name=value pairs. */
static bool take_pairs(struct cd_message *m, const struct cd_reader *text)
{
    struct cd_reader r, value;
    if (after(text, "devid=", &r)) {
        value = field(&r, " \",");
        if (value.len == 0) /* in quotes */
            value = field(&r, " \",");
        if (value.len < 2 || value.base[0] != 'F')
            return false;
        report_text(m, CD_ATTRIBUTE_VENDOR, "Fortinet", 75);
        report(m, CD_ATTRIBUTE_SERIAL, &value, 75);
    } else if (after(text, "NetScreen device_id=", &r)) {
        value = field(&r, " ");
        report_text(m, CD_ATTRIBUTE_VENDOR, "Juniper Networks", 70);
        report_text(m, CD_ATTRIBUTE_MODEL, "NetScreen", 60);
        report(m, CD_ATTRIBUTE_SERIAL, &value, 60);
    } else if (after(text, "id=firewall sn=", &r)) {
        value = field(&r, " ");
        report_text(m, CD_ATTRIBUTE_VENDOR, "SonicWall", 70);
        report(m, CD_ATTRIBUTE_SERIAL, &value, 70);
    } else {
        return false;
    }
    report_text(m, CD_ATTRIBUTE_ROLE, "firewall", 70);
    return true;
}

/* PAN-OS: "1,2020/05/04 10:00:00,012345678901,TRAFFIC,..." */
static bool take_pan(struct cd_message *m, const struct cd_reader *text)
{
    static const char *const kinds[] = {"TRAFFIC", "THREAT", "SYSTEM", "CONFIG", "HIP-MATCH", "GLOBALPROTECT"};
    struct cd_reader r = *text;
    struct cd_reader first = field(&r, ","), time = field(&r, ","), serial = field(&r, ","), kind = field(&r, ",");
    if (first.len != 1 || time.len != 19 || serial.len < 8)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kind.len == strlen(kinds[i]) && memcmp(kind.base, kinds[i], kind.len) == 0) {
            report_text(m, CD_ATTRIBUTE_VENDOR, "Palo Alto Networks", 75);
            report_text(m, CD_ATTRIBUTE_ROLE, "firewall", 70);
            report(m, CD_ATTRIBUTE_SERIAL, &serial, 70);
            return true;
        }
    return false;
}

void cd_syslog_report_vendor(struct cd_message *m, const struct cd_syslog_message *s)
{
    struct cd_reader looked_at = front(&s->text);
    if (take_event_format(m, &looked_at) || take_percent(m, &looked_at, s->app.len != 0) || take_pairs(m, &looked_at))
        return;
    take_pan(m, &looked_at);
}

bool cd_syslog_is_failed_sign_in(const struct cd_reader *text)
{
    static const char *const phrases[] = {"Failed password",
                                          "uthentication failure",
                                          "uthentication failed",
                                          "ogin failed",
                                          "LOGIN_FAILED",
                                          "FAILED LOGIN",
                                          "ailed login",
                                          "Login denied",
                                          "Invalid user",
                                          "nvalid password",
                                          "FAILED SU",
                                          "Authentication rejected"};
    struct cd_reader looked_at = front(text), rest;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (after(&looked_at, phrases[i], &rest))
            return true;
    return false;
}
