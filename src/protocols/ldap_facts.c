/* What directory servers tell of themselves: attributes of the root DSE (RFC 4512 5.1, [MS-ADTS] 3.1.1.3.2) and a domain controller's answer to a ping
 * ([MS-ADTS] 6.3.1.9, NETLOGON_SAM_LOGON_RESPONSE_EX). */
#include "protocols/dns_message.h"
#include "protocols/ldap.h"

#include <string.h>
#include <strings.h>

enum {
    ATTRIBUTES_MAX = 128,
    VALUES_MAX = 64,
    LOGON_RESPONSE_EX = 23,
    LOGON_USER_UNKNOWN_EX = 25,
    FILTER_AND = 0xa0,
    FILTER_EQUAL = 0xa3,
    FILTER_ITEMS_MAX = 16,
};

static bool is(const struct cd_reader *name, const char *wanted)
{
    size_t len = strlen(wanted);
    return name->len == len && strncasecmp((const char *)name->base, wanted, len) == 0;
}

static bool value_is(const struct cd_reader *value, const char *wanted)
{
    size_t len = strlen(wanted);
    return value->len == len && memcmp(value->base, wanted, len) == 0;
}

/* "DC=plant,DC=example" as "plant.example"; nothing of any other name. */
static void text_domain(struct cd_text *t, const struct cd_reader *dn)
{
    size_t at = 0, start = t->len;
    while (at + 3 < dn->len) {
        if (strncasecmp((const char *)dn->base + at, "DC=", 3) != 0) {
            t->len = start;
            t->at[start] = '\0';
            return;
        }
        at += 3;
        const uint8_t *comma = memchr(dn->base + at, ',', dn->len - at);
        size_t end = comma ? (size_t)(comma - dn->base) : dn->len;
        cd_text_str(t, t->len > start ? "." : "");
        cd_text_device(t, dn->base + at, end - at);
        at = end + 1;
    }
}

/* The value of the first part of a name: "CN=DC1,CN=Servers,..." is DC1. */
static struct cd_reader first_part(const struct cd_reader *dn)
{
    struct cd_reader part = cd_reader_of(dn->base, dn->len);
    const uint8_t *equal = memchr(dn->base, '=', dn->len);
    if (!equal)
        return cd_reader_of(dn->base, 0);
    cd_read_skip(&part, (size_t)(equal + 1 - dn->base), "name");
    part = cd_read_rest(&part);
    const uint8_t *comma = part.len ? memchr(part.base, ',', part.len) : NULL;
    return cd_read_sub(&part, comma ? (size_t)(comma - part.base) : part.len, "name");
}

static void report(struct cd_message *m, enum cd_attribute attribute, const struct cd_reader *value,
                   unsigned confidence)
{
    struct cd_subject server = cd_subject_server(m);
    if (value->len)
        cd_report_fact_bytes(m, &server, attribute, value->base, value->len, confidence);
}

static void report_text(struct cd_message *m, enum cd_attribute attribute, const char *value, unsigned confidence)
{
    struct cd_subject server = cd_subject_server(m);
    cd_report_fact(m, &server, attribute, value, confidence);
}

/* domainControllerFunctionality ([MS-ADTS] 3.1.1.3.2.25): the least version of Windows that has it. */
static const char *windows_of(const struct cd_reader *level)
{
    if (value_is(level, "10"))
        return "Windows Server 2025";
    switch (level->len == 1 ? level->base[0] : 0) {
    case '0': return "Windows 2000 Server";
    case '2': return "Windows Server 2003";
    case '3': return "Windows Server 2008";
    case '4': return "Windows Server 2008 R2";
    case '5': return "Windows Server 2012";
    case '6': return "Windows Server 2012 R2";
    case '7': return "Windows Server 2016 or later";
    default: return "";
    }
}

/* ---- the ping ---- */

static struct cd_reader of_name(const struct cd_dns_name *name)
{
    struct cd_reader r = cd_reader_of(name->text, name->len);
    while (cd_read_peek(&r, 0) == '\\') /* some write \\NAME */
        cd_read_skip(&r, 1, "name");
    return cd_read_rest(&r);
}

static void report_logon_response(struct cd_message *m, struct cd_reader blob)
{
    enum { FOREST, DOMAIN, HOST, NETBIOS_DOMAIN, NETBIOS_HOST, USER, SITE, NAMES };
    struct cd_dns_name names[NAMES];
    uint16_t operation = cd_read_le16(&blob, "operation");
    cd_read_skip(&blob, 2 + 4 + 16, "flags");
    if (operation != LOGON_RESPONSE_EX && operation != LOGON_USER_UNKNOWN_EX)
        return;
    for (int i = 0; i < NAMES; i++)
        if (!cd_dns_name_parse(&blob, &names[i]))
            return;
    struct cd_reader domain = of_name(&names[DOMAIN]), host = of_name(&names[HOST]);
    struct cd_reader netbios_domain = of_name(&names[NETBIOS_DOMAIN]), netbios_host = of_name(&names[NETBIOS_HOST]);
    report_text(m, CD_ATTRIBUTE_ROLE, "domain-controller", 90);
    report(m, CD_ATTRIBUTE_NAME, &host, 90);
    report(m, CD_ATTRIBUTE_NAME, &netbios_host, 85);
    report(m, CD_ATTRIBUTE_DOMAIN, &domain, 90);
    report(m, CD_ATTRIBUTE_DOMAIN, &netbios_domain, 80);
    char site[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(site, sizeof site);
    cd_text_str(&t, "Active Directory site ");
    cd_text_device(&t, names[SITE].text, names[SITE].len);
    if (names[SITE].len)
        report_text(m, CD_ATTRIBUTE_LOCATION, site, 60);
}

void cd_ldap_report_ping(struct cd_message *m, const struct cd_ber *filter)
{
    struct cd_reader items = filter->value;
    struct cd_subject client = cd_subject_client(m);
    struct cd_ber item;
    if (filter->identifier != FILTER_AND)
        return;
    for (int i = 0; i < FILTER_ITEMS_MAX && cd_read_left(&items) && cd_ber_read(&items, "filter", &item); i++) {
        if (item.identifier != FILTER_EQUAL)
            continue;
        struct cd_reader name = cd_ber_expect(&item.value, CD_BER_OCTET_STRING, "attribute");
        struct cd_reader value = cd_ber_expect(&item.value, CD_BER_OCTET_STRING, "value");
        if (!cd_read_ok(&item.value) || value.len == 0)
            continue;
        if (is(&name, "Host"))
            cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_NAME, value.base, value.len, 75);
        else if (is(&name, "DnsDomain")) /* with the dot of the root */
            cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_DOMAIN, value.base,
                                 value.len - (value.base[value.len - 1] == '.'), 50);
    }
}

/* ---- the root DSE ---- */

struct vendor {
    struct cd_reader name, version;
};

static void take_value(struct cd_message *m, const struct cd_reader *name, const struct cd_reader *value,
                       struct vendor *vendor)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (is(name, "dnsHostName")) {
        report(m, CD_ATTRIBUTE_NAME, value, 85);
    } else if (is(name, "serverName")) {
        struct cd_reader server = first_part(value);
        report(m, CD_ATTRIBUTE_NAME, &server, 80);
    } else if (is(name, "defaultNamingContext")) {
        text_domain(&t, value);
        report_text(m, CD_ATTRIBUTE_DOMAIN, text, 85);
    } else if (is(name, "vendorName")) {
        vendor->name = *value;
    } else if (is(name, "vendorVersion")) {
        vendor->version = *value;
    } else if (is(name, "domainControllerFunctionality")) {
        report_text(m, CD_ATTRIBUTE_OS, windows_of(value), 55);
    } else if (is(name, "supportedCapabilities") && value_is(value, "1.2.840.113556.1.4.800")) {
        report_text(m, CD_ATTRIBUTE_ROLE, "domain-controller", 80);
    } else if ((is(name, "objectClass") || is(name, "structuralObjectClass")) && is(value, "OpenLDAProotDSE")) {
        report_text(m, CD_ATTRIBUTE_SOFTWARE, "OpenLDAP", 70);
    } else if (is(name, "Netlogon")) {
        report_logon_response(m, *value);
    }
}

static void report_vendor(struct cd_message *m, const struct vendor *v)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_device(&t, v->name.base, v->name.len);
    cd_text_str(&t, v->name.len && v->version.len ? " " : "");
    cd_text_device(&t, v->version.base, v->version.len);
    if (t.len)
        report_text(m, CD_ATTRIBUTE_SOFTWARE, text, 80);
}

void cd_ldap_report_entry(struct cd_message *m, struct cd_reader *body)
{
    struct cd_reader object = cd_ber_expect(body, CD_BER_OCTET_STRING, "object name");
    struct cd_reader attributes = cd_ber_expect(body, CD_BER_SEQUENCE, "attributes"), name, values;
    struct vendor vendor = {.name = cd_reader_of("", 0), .version = cd_reader_of("", 0)};
    if (!cd_read_ok(body) || object.len) /* only the root's entry speaks of the server itself */
        return;
    report_text(m, CD_ATTRIBUTE_ROLE, "directory-server", 50);
    for (int i = 0; i < ATTRIBUTES_MAX && cd_ldap_next_attribute(&attributes, &name, &values); i++)
        for (int j = 0; j < VALUES_MAX && cd_read_left(&values); j++) {
            struct cd_reader value = cd_ber_expect(&values, CD_BER_OCTET_STRING, "value");
            if (cd_read_ok(&value))
                take_value(m, &name, &value, &vendor);
        }
    report_vendor(m, &vendor);
}
