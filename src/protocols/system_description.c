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

/* "HW: Version 4", "FW: V.4.2.1", "SW.V 13.0.1": what follows the third character, without the word "Version". */
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
        else if (len > 3 && memcmp(field, "SW", 2) == 0)
            report_siemens_version(t, CD_ATTRIBUTE_FIRMWARE, field, len);
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

/* "Linux plc-7 4.9.47 #2 SMP PREEMPT ...": uname -a; "Ubuntu 14.04.5 LTS Linux 3.13.0": a distribution before it. */
static bool report_uname(const struct target *t, const char *text)
{
    const char *linux_at = strstr(text, " Linux ");
    if (linux_at && (strncmp(text, "Ubuntu ", 7) == 0 || strncmp(text, "Debian ", 7) == 0)) {
        report(t, CD_ATTRIBUTE_OS, text, (size_t)(linux_at - text));
        return true;
    }
    static const char *const systems[] = {"Linux ",  "FreeBSD ", "NetBSD ", "OpenBSD ", "SunOS ",
                                          "Darwin ", "HP-UX ",   "AIX ",    "QNX "};
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
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): n bytes of it were compared, and it ends in NUL */
        if (*release >= '0' && *release <= '9')
            cd_text_bytes(&os, release, strcspn(release, " ,;"));
        report(t, CD_ATTRIBUTE_OS, value, os.len);
        return true;
    }
    return false;
}

/* Makers known by the first words. model, version: the text that stands before the word with the model or the firmware. */
static const struct maker {
    const char *prefix, *vendor, *role, *model, *version, *os;
} makers[] = {
    {.prefix = "Cisco IOS Software, ",
     .vendor = "Cisco",
     .model = "Cisco IOS Software, ",
     .version = " Version ",
     .os = "Cisco IOS"},
    {.prefix = "Cisco NX-OS",
     .vendor = "Cisco",
     .role = "switch",
     .model = "(tm) ",
     .version = " Version ",
     .os = "Cisco NX-OS"},
    {.prefix = "Cisco Adaptive Security Appliance", .vendor = "Cisco", .role = "firewall", .version = " Version "},
    {.prefix = "Cisco Internetwork Operating System",
     .vendor = "Cisco",
     .model = "IOS (tm) ",
     .version = "Version ",
     .os = "Cisco IOS"},
    {.prefix = "Cisco", .vendor = "Cisco", .version = "Version "},
    {.prefix = "ProCurve ", .vendor = "HP", .role = "switch", .model = "ProCurve ", .version = "revision "},
    {.prefix = "HP J", .vendor = "HP", .role = "switch", .model = "HP ", .version = "revision "},
    {.prefix = "Aruba J", .vendor = "Aruba", .role = "switch", .model = "Aruba ", .version = "revision "},
    {.prefix = "HP ETHERNET MULTI-ENVIRONMENT", .vendor = "HP", .role = "printer", .version = "EEPROM "},
    {.prefix = "RouterOS ", .vendor = "MikroTik", .role = "router", .model = "RouterOS ", .os = "RouterOS"},
    {.prefix = "Juniper Networks, Inc. ",
     .vendor = "Juniper Networks",
     .model = "Juniper Networks, Inc. ",
     .version = " version "},
    {.prefix = "Hirschmann ", .vendor = "Hirschmann", .role = "switch", .model = "Hirschmann ", .version = "SW: "},
    {.prefix = "Siemens AG ", .vendor = "Siemens"},
    {.prefix = "Ruijie ", .vendor = "Ruijie", .model = "("},
    {.prefix = "Summit", .vendor = "Extreme Networks", .role = "switch", .model = "", .version = "Version "},
    {.prefix = "MOXA ", .vendor = "Moxa", .model = "MOXA "},
    {.prefix = "Moxa ", .vendor = "Moxa", .model = "Moxa "},
    {.prefix = "WAGO ", .vendor = "WAGO", .model = "WAGO "},
    {.prefix = "Westermo ", .vendor = "Westermo", .role = "switch", .model = "Westermo "},
    {.prefix = "Phoenix Contact ", .vendor = "Phoenix Contact"},
    {.prefix = "Rockwell Automation ", .vendor = "Rockwell Automation", .model = "Rockwell Automation "},
    {.prefix = "Allen-Bradley ", .vendor = "Rockwell Automation", .model = "Allen-Bradley "},
    {.prefix = "Schneider Electric ", .vendor = "Schneider Electric"},
    {.prefix = "RuggedCom ", .vendor = "RuggedCom", .model = "RuggedCom "},
    {.prefix = "ExtremeXOS ", .vendor = "Extreme Networks", .role = "switch", .model = "(", .version = " version "},
    {.prefix = "VMware ESX", .vendor = "VMware", .role = "hypervisor"},
    {.prefix = "Synology ", .vendor = "Synology", .role = "storage", .model = "Synology "},
    {.prefix = "Meinberg ", .vendor = "Meinberg", .model = "Meinberg "},
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
        if (k->os)
            cd_report_fact(t->m, t->subject, CD_ATTRIBUTE_OS, k->os, t->confidence);
        return;
    }
}

/* Printable in one line: line breaks and other control bytes become blanks. Returns the length. */
static size_t copy_line(char *out, size_t cap, const uint8_t *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n < cap - 1; i++) {
        bool blank = text[i] <= ' ';
        if (!blank)
            out[n++] = (char)text[i];
        else if (n && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    out[n] = '\0';
    return n;
}

void cd_report_system_description(struct cd_message *m, const struct cd_subject *subject, const uint8_t *text,
                                  size_t len, unsigned confidence)
{
    char copy[DESCRIPTION_MAX];
    size_t n = copy_line(copy, sizeof copy, text, len);
    if (n == 0)
        return;
    cd_report_fact_bytes(m, subject, CD_ATTRIBUTE_DESCRIPTION, copy, n < CD_TEXT_MAX ? n : CD_TEXT_MAX, confidence);
    struct target t = {.m = m, .subject = subject, .confidence = confidence - 5};
    if (!report_siemens(&t, copy) && !report_apc(&t, copy) && !report_windows(&t, copy) && !report_uname(&t, copy))
        report_maker(&t, copy);
}
