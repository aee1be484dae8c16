/* The system descriptions that makers put into SNMP sysDescr, LLDP and CDP, taken apart where their form is known. */
#include "protocols/identity.h"

#include <string.h>
#include <strings.h>

enum { DESCRIPTION_MAX = 512, FIELDS_MAX = 12 /* the longest known form, Siemens', has 7 */ };

/* Where facts of one description go. */
struct target {
    struct cd_message *m;
    const struct cd_subject *subject;
    unsigned confidence;
};

static void report(const struct target *t, enum cd_attribute attribute, const char *value, size_t len)
{
    while (len && value[0] == ' ')
        value++, len--;
    while (len && (value[len - 1] == ' ' || value[len - 1] == '.'))
        len--;
    cd_report_fact_bytes(t->m, t->subject, attribute, value, len, t->confidence);
}

/* The word at `text`: up to a blank, comma, semicolon, or a parenthesis that closes what the word did not open. */
static size_t word_len(const char *text)
{
    size_t n = 0, open = 0;
    for (; text[n] && !strchr(" ,;", text[n]) && !(text[n] == ')' && open == 0); n++) {
        open += text[n] == '(';
        open -= text[n] == ')';
    }
    return n;
}

/* The word behind `key`. */
static void report_after(const struct target *t, enum cd_attribute attribute, const char *text, const char *key)
{
    const char *at = strstr(text, key);
    if (!at)
        return;
    at += strlen(key);
    at += strspn(at, " ");
    report(t, attribute, at, word_len(at));
}

/* "HW: Version 4", "FW: V.4.2.1": what follows the colon, without the word "Version". */
static void report_siemens_version(const struct target *t, enum cd_attribute attribute, const char *field, size_t len)
{
    static const char word[] = "Version ";
    field += 3, len -= 3;
    while (len && *field == ' ')
        field++, len--;
    if (len > sizeof word - 1 && memcmp(field, word, sizeof word - 1) == 0)
        field += sizeof word - 1, len -= sizeof word - 1;
    report(t, attribute, field, len);
}

static bool is_siemens_order_number(const char *field, size_t len)
{
    return len >= 12 && (field[0] == '6' || field[0] == '7' || field[0] == '3') && field[1] >= 'A' && field[1] <= 'Z' &&
           memchr(field, '-', len);
}

/* "Siemens, SIMATIC NET, SCALANCE X204-2, 6GK5 204-2BB10-2AA3, HW: Version 4, FW: Version V5.02.03, SVPL6147920" */
static bool report_siemens(const struct target *t, const char *text)
{
    if (strncmp(text, "Siemens, ", 9) != 0)
        return false;
    cd_report_fact(t->m, t->subject, CD_ATTRIBUTE_VENDOR, "Siemens", t->confidence);
    const char *field = text;
    bool after_firmware = false;
    for (unsigned i = 0; i < FIELDS_MAX && *field; i++) {
        field += strspn(field, " ");
        size_t len = strcspn(field, ",");
        if (is_siemens_order_number(field, len))
            report(t, CD_ATTRIBUTE_ORDER_NUMBER, field, len);
        else if (len > 3 && memcmp(field, "HW:", 3) == 0)
            report_siemens_version(t, CD_ATTRIBUTE_HARDWARE, field, len);
        else if (len > 3 && memcmp(field, "FW:", 3) == 0) {
            report_siemens_version(t, CD_ATTRIBUTE_FIRMWARE, field, len);
            after_firmware = true;
        } else if (after_firmware)
            report(t, CD_ATTRIBUTE_SERIAL, field, len);
        else if (i == 2)
            report(t, CD_ATTRIBUTE_MODEL, field, len);
        field += len + (field[len] == ',');
    }
    return true;
}

/* "APC Web/SNMP Management Card (MB:v3.9.2 PF:v3.7.3 ... MN:AP7900 HR:B2 SN: ZA0713019036 MD:03/28/2007)" */
static bool report_apc(const struct target *t, const char *text)
{
    if (strncmp(text, "APC ", 4) != 0)
        return false;
    cd_report_fact(t->m, t->subject, CD_ATTRIBUTE_VENDOR, "APC", t->confidence);
    report_after(t, CD_ATTRIBUTE_MODEL, text, " MN:");
    report_after(t, CD_ATTRIBUTE_HARDWARE, text, " HR:");
    report_after(t, CD_ATTRIBUTE_SERIAL, text, " SN:");
    report_after(t, CD_ATTRIBUTE_FIRMWARE, text, " PF:");
    return true;
}

/* "Hardware: x86 Family 6 ... - Software: Windows Version 6.1 (Build 7601 Multiprocessor Free)" */
static bool report_windows(const struct target *t, const char *text)
{
    static const char key[] = "Software: Windows";
    const char *at = strstr(text, key);
    if (strncmp(text, "Hardware: ", 10) != 0 || !at)
        return false;
    at += strlen("Software: ");
    report(t, CD_ATTRIBUTE_OS, at, strcspn(at, ")") + (strchr(at, ')') ? 1 : 0));
    return true;
}

/* "Linux plc-7 4.9.47 #2 SMP PREEMPT ...": uname -a. */
static bool report_uname(const struct target *t, const char *text)
{
    static const char *const systems[] = {"Linux ", "FreeBSD ", "NetBSD ", "OpenBSD ", "SunOS ", "Darwin ", "HP-UX ", "AIX ", "QNX "};
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        size_t n = strlen(systems[i]);
        if (strncmp(text, systems[i], n) != 0)
            continue;
        char value[128];
        struct cd_text os = cd_text_of(value, sizeof value);
        cd_text_bytes(&os, systems[i], n);
        const char *release = text + n + strcspn(text + n, " ");
        release += strspn(release, " ");
        if (*release < '0' || *release > '9')
            release = text + n; /* without a host name */
        if (*release >= '0' && *release <= '9')
            cd_text_bytes(&os, release, strcspn(release, " ,;"));
        report(t, CD_ATTRIBUTE_OS, value, os.len);
        return true;
    }
    return false;
}

/* Makers known by the first words. model: "the next word", as these descriptions put it; version: what stands before the firmware. */
static const struct maker {
    const char *prefix, *vendor, *role, *model, *version;
} makers[] = {
    {"Cisco IOS Software, ", "Cisco", NULL, "Cisco IOS Software, ", " Version "},
    {"Cisco NX-OS", "Cisco", "switch", "(tm) ", " Version "},
    {"Cisco Adaptive Security Appliance", "Cisco", "firewall", NULL, " Version "},
    {"Cisco", "Cisco", NULL, "IOS (tm) ", "Version "},
    {"ProCurve ", "HP", "switch", "ProCurve ", "revision "},
    {"HP J", "HP", "switch", "HP ", "revision "},
    {"Aruba J", "Aruba", "switch", "Aruba ", "revision "},
    {"HP ETHERNET MULTI-ENVIRONMENT", "HP", "printer", NULL, "EEPROM "},
    {"RouterOS ", "MikroTik", "router", "RouterOS ", NULL},
    {"Juniper Networks, Inc. ", "Juniper Networks", NULL, "Juniper Networks, Inc. ", " version "},
    {"Hirschmann ", "Hirschmann", "switch", "Hirschmann ", NULL},
    {"MOXA ", "Moxa", NULL, "MOXA ", NULL},
    {"Moxa ", "Moxa", NULL, "Moxa ", NULL},
    {"WAGO ", "WAGO", NULL, "WAGO ", NULL},
    {"Westermo ", "Westermo", "switch", "Westermo ", NULL},
    {"Phoenix Contact ", "Phoenix Contact", NULL, NULL, NULL},
    {"Rockwell Automation ", "Rockwell Automation", NULL, "Rockwell Automation ", NULL},
    {"Allen-Bradley ", "Rockwell Automation", NULL, "Allen-Bradley ", NULL},
    {"Schneider Electric ", "Schneider Electric", NULL, NULL, NULL},
    {"RuggedCom ", "RuggedCom", NULL, "RuggedCom ", NULL},
    {"ExtremeXOS ", "Extreme Networks", "switch", "(", " version "},
    {"VMware ESX", "VMware", "hypervisor", NULL, NULL},
    {"Synology ", "Synology", "storage", "Synology ", NULL},
    {"Meinberg ", "Meinberg", NULL, "Meinberg ", NULL},
};

static void report_maker(const struct target *t, const char *text)
{
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        const struct maker *k = &makers[i];
        if (strncmp(text, k->prefix, strlen(k->prefix)) != 0)
            continue;
        cd_report_fact(t->m, t->subject, CD_ATTRIBUTE_VENDOR, k->vendor, t->confidence);
        if (k->role)
            cd_report_fact(t->m, t->subject, CD_ATTRIBUTE_ROLE, k->role, 60);
        if (k->model)
            report_after(t, CD_ATTRIBUTE_MODEL, text, k->model);
        if (k->version)
            report_after(t, CD_ATTRIBUTE_FIRMWARE, text, k->version);
        return;
    }
}

void cd_report_system_description(struct cd_message *m, const struct cd_subject *subject, const uint8_t *text, size_t len,
                                  unsigned confidence)
{
    char copy[DESCRIPTION_MAX];
    size_t n = len < sizeof copy - 1 ? len : sizeof copy - 1;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        copy[i] = text[i] < ' ' ? ' ' : (char)text[i]; /* line breaks too: fields go on over them */
    copy[n] = '\0';
    struct target t = {.m = m, .subject = subject, .confidence = confidence};
    if (!report_siemens(&t, copy) && !report_apc(&t, copy) && !report_windows(&t, copy) && !report_uname(&t, copy))
        report_maker(&t, copy);
}
