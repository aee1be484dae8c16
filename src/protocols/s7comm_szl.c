/* System status lists (SZL): what a CPU tells of itself. An answer is a head (SZL id, index, record length, record count) and records of one length; a
 * long one comes in several data units, of which only the first has the head. */
#include "protocols/s7comm.h"

#include "base/address.h"

#include <string.h>

enum {
    NAME_PLATE = 100, /* the CPU's own order number, serial number and firmware */
    CONFIGURED = 80,  /* names given by the engineer */
    LIST_MODULE = 0x11,
    LIST_COMPONENT = 0x1c,
    LIST_STATE = 0x24,
    LIST_COMMUNICATION = 0x32,
    LIST_ETHERNET = 0x37,
    LIST_MODULES = 0x91,
    MODULE_ID = 1,
    MODULE_FIRMWARE = 7,
    COMPONENT_SYSTEM_NAME = 1,
    COMPONENT_MODULE_NAME = 2,
    COMPONENT_PLANT = 3,
    COMPONENT_COPYRIGHT = 4,
    COMPONENT_SERIAL = 5,
    COMPONENT_TYPE = 7,
    COMPONENT_CARD = 8,
    COMPONENT_LOCATION = 11,
    COMMUNICATION_PROTECTION = 4,
    TEXT_MAX = 64,
};

/* Blanks and NULs at the end are padding. */
static size_t trimmed(const uint8_t *text, size_t len)
{
    while (len && (text[len - 1] == ' ' || text[len - 1] == 0))
        len--;
    return len;
}

static bool contains(const uint8_t *text, size_t len, const char *what)
{
    return memmem(text, len, what, strlen(what)) != NULL;
}

/* ---- where the CPU is ---- */

/* S7-300/400 order numbers: "6ES7 315-2EH14-0AB0". The letter after the dash and digit tells the interfaces: E has Ethernet, A to C and X have not. */
static enum cd_s7comm_place place_of_order_number(const uint8_t *order, size_t len)
{
    if (len < 12 || memcmp(order, "6ES7 ", 5) != 0)
        return CD_S7COMM_PLACE_UNKNOWN;
    if (order[5] != '3' && order[5] != '4')
        return CD_S7COMM_PLACE_INTEGRATED;
    char letter = (char)order[10];
    if (letter == 'A' || letter == 'B' || letter == 'C' || letter == 'X')
        return CD_S7COMM_PLACE_BEHIND;
    return letter == 'E' ? CD_S7COMM_PLACE_INTEGRATED : CD_S7COMM_PLACE_UNKNOWN;
}

/* Type names: "CPU 315-2 PN/DP" has Ethernet, "CPU 315-2 DP" has not and is reached through a communication processor. */
static enum cd_s7comm_place place_of_type(const uint8_t *type, size_t len)
{
    if (contains(type, len, "PN"))
        return CD_S7COMM_PLACE_INTEGRATED;
    if (contains(type, len, "CPU 3") || contains(type, len, "CPU 4"))
        return CD_S7COMM_PLACE_BEHIND;
    return CD_S7COMM_PLACE_UNKNOWN;
}

/* Looks through the whole records of the first data unit before any of them is reported, because the telling one may come last. */
static void find_place(struct cd_s7comm_state *state, uint8_t list, struct cd_reader r, uint16_t record_len)
{
    while (state->place == CD_S7COMM_PLACE_UNKNOWN && record_len >= 28 && cd_read_left(&r) >= record_len) {
        const uint8_t *record = cd_read_at(&r, record_len, "SZL record");
        uint8_t index = record[1];
        if (list == LIST_MODULE && index == MODULE_ID)
            state->place = (uint8_t)place_of_order_number(record + 2, 20);
        else if (list == LIST_COMPONENT && (index == COMPONENT_TYPE || index == COMPONENT_MODULE_NAME))
            state->place = (uint8_t)place_of_type(record + 2, 24);
    }
}

/* ---- records ---- */

struct told {
    struct cd_message *m;
    struct cd_subject cpu;
};

static void tell(const struct told *to, enum cd_attribute attribute, const uint8_t *text, size_t len,
                 unsigned confidence)
{
    cd_report_fact_bytes(to->m, &to->cpu, attribute, text, trimmed(text, len), confidence);
}

/* Index, order number (20), module type, release (2), release of the description (2). */
static void read_module(const struct told *to, struct cd_reader *r)
{
    uint8_t index = (uint8_t)cd_read_be16(r, "index");
    const uint8_t *order = cd_read_at(r, 20, "order number");
    cd_read_skip(r, 2, "module type");
    const uint8_t *release = cd_read_at(r, 4, "release");
    if (!release)
        return;
    char value[TEXT_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (index == MODULE_ID) {
        tell(to, CD_ATTRIBUTE_ORDER_NUMBER, order, 20, NAME_PLATE);
        if (memcmp(order, "6ES7", 4) == 0 || memcmp(order, "6AG1", 4) == 0 || memcmp(order, "6GK", 3) == 0)
            cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_VENDOR, "Siemens", 95);
        if (release[0] == 0 && release[1]) {
            cd_text_u64(&t, release[1]);
            cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_HARDWARE, value, NAME_PLATE);
        }
    } else if (index == MODULE_FIRMWARE && release[0] == 'V') {
        cd_text_char(&t, 'V');
        for (int i = 1; i <= 3; i++) {
            if (i > 1)
                cd_text_char(&t, '.');
            cd_text_u64(&t, release[i]);
        }
        cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_FIRMWARE, value, NAME_PLATE);
    }
}

/* Index, text (24 or 32). */
static void read_component(const struct told *to, struct cd_reader *r)
{
    uint8_t index = (uint8_t)cd_read_be16(r, "index");
    size_t len = cd_read_left(r);
    const uint8_t *text = cd_read_at(r, len, "component");
    if (!text)
        return;
    len = trimmed(text, len);
    char value[TEXT_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    switch (index) {
    case COMPONENT_SYSTEM_NAME: tell(to, CD_ATTRIBUTE_NAME, text, len, CONFIGURED); break;
    case COMPONENT_MODULE_NAME: tell(to, CD_ATTRIBUTE_NAME, text, len, CONFIGURED - 1); break;
    case COMPONENT_PLANT: tell(to, CD_ATTRIBUTE_DESCRIPTION, text, len, CONFIGURED); break;
    case COMPONENT_COPYRIGHT:
        if (contains(text, len, "Siemens"))
            cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_VENDOR, "Siemens", NAME_PLATE);
        break;
    case COMPONENT_SERIAL: tell(to, CD_ATTRIBUTE_SERIAL, text, len, NAME_PLATE); break;
    case COMPONENT_TYPE: tell(to, CD_ATTRIBUTE_MODEL, text, len, NAME_PLATE); break;
    case COMPONENT_CARD:
        if (!len)
            break;
        cd_text_str(&t, "memory card ");
        cd_text_device(&t, text, len);
        cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_MODULE, value, NAME_PLATE);
        break;
    case COMPONENT_LOCATION: tell(to, CD_ATTRIBUTE_LOCATION, text, len, CONFIGURED); break;
    default: break;
    }
}

/* The last mode transition: event, priority class, state before (high half) and now (low half) … */
static void read_state(const struct told *to, struct cd_reader *r)
{
    cd_read_skip(r, 3, "event");
    const char *state = cd_s7comm_operating_state(cd_read_u8(r, "operating state") & 0x0f);
    if (cd_read_ok(r) && state)
        cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_STATE, state, 95);
}

/* Communication status, index 4: protection level by the mode selector, by the parameters, and the one in force. */
static void read_communication(const struct told *to, struct cd_reader *r)
{
    if (cd_read_be16(r, "index") != COMMUNICATION_PROTECTION)
        return;
    cd_read_skip(r, 4, "protection levels");
    uint16_t level = cd_read_be16(r, "protection level");
    if (!cd_read_ok(r) || level < 1 || level > 3)
        return;
    char value[TEXT_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "protection level ");
    cd_text_u64(&t, level);
    cd_text_str(&t, level == 1   ? " (no protection)"
                    : level == 2 ? " (write protection)"
                                 : " (read and write protection)");
    cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_STATE, value, 60);
}

/* An Ethernet interface: logical address, IP address, mask, router, MAC address … */
static void read_ethernet(const struct told *to, struct cd_reader *r)
{
    static const uint8_t none[6];
    cd_read_skip(r, 10, "interface");
    const uint8_t *router = cd_read_at(r, 4, "router");
    const uint8_t *mac = cd_read_at(r, 6, "MAC address");
    if (!mac)
        return;
    char value[TEXT_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    if (memcmp(mac, none, 6) != 0) {
        cd_text_mac(&t, cd_mac_of(mac));
        cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_HARDWARE_ADDRESS, value, 95);
    }
    if (memcmp(router, none, 4) != 0) {
        struct cd_ip ip = cd_ip_of4(router);
        t = cd_text_of(value, sizeof value);
        cd_text_ip(&t, &ip);
        cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_GATEWAY, value, 90);
    }
}

/* A module: rack, slot and submodule, logical address, expected type, actual type … Only those of the central racks: a station of a bus is told of by itself. */
static void read_plugged(const struct told *to, struct cd_reader *r)
{
    uint16_t rack = cd_read_be16(r, "rack"), slot = cd_read_be16(r, "slot");
    cd_read_skip(r, 4, "logical address");
    uint16_t type = cd_read_be16(r, "actual type");
    if (!cd_read_ok(r) || rack > 0xff || type == 0 || type == 0xffff || (slot & 0xff) != 0)
        return;
    char value[TEXT_MAX];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, "rack ");
    cd_text_u64(&t, rack);
    cd_text_str(&t, " slot ");
    cd_text_u64(&t, slot >> 8);
    cd_text_str(&t, ": type 0x");
    cd_text_hex(&t, type, 4);
    cd_report_fact(to->m, &to->cpu, CD_ATTRIBUTE_MODULE, value, 90);
}

static void read_record(const struct told *to, uint8_t list, const uint8_t *record, size_t len)
{
    struct cd_reader r = cd_reader_of(record, len);
    switch (list) {
    case LIST_MODULE: read_module(to, &r); break;
    case LIST_COMPONENT: read_component(to, &r); break;
    case LIST_STATE: read_state(to, &r); break;
    case LIST_COMMUNICATION: read_communication(to, &r); break;
    case LIST_ETHERNET: read_ethernet(to, &r); break;
    case LIST_MODULES: read_plugged(to, &r); break;
    default: break;
    }
}

/* ---- data units ---- */

static bool tells_of_device(uint16_t id)
{
    switch (id & 0xff) {
    case LIST_MODULE:
    case LIST_COMPONENT:
    case LIST_STATE:
    case LIST_COMMUNICATION:
    case LIST_ETHERNET:
    case LIST_MODULES: return (id & 0x0f00) != 0x0f00; /* xFyy is the head alone */
    default: return false;
    }
}

/* Reads the records of one data unit; a record cut by its end waits in the state for the rest. */
static void read_records(const struct told *to, struct cd_s7comm_szl *szl, struct cd_reader *r)
{
    while (szl->records_left && cd_read_left(r)) {
        size_t wanted = (size_t)szl->record_len - szl->part_len, there = cd_read_left(r);
        size_t n = wanted < there ? wanted : there;
        const uint8_t *bytes = cd_read_at(r, n, "SZL record");
        if (szl->part_len == 0 && n == szl->record_len) {
            read_record(to, (uint8_t)szl->id, bytes, n);
        } else {
            memcpy(szl->part + szl->part_len, bytes, n);
            szl->part_len = (uint8_t)(szl->part_len + n);
            if (szl->part_len < szl->record_len)
                return;
            read_record(to, (uint8_t)szl->id, szl->part, szl->part_len);
            szl->part_len = 0;
        }
        szl->records_left--;
    }
}

void cd_s7comm_report_szl(struct cd_message *m, const struct cd_s7comm_userdata *u)
{
    struct cd_s7comm_state *state = m->state;
    if (!state)
        return;
    struct cd_s7comm_szl *szl = &state->szl;
    struct cd_reader r = u->data;
    bool more_of_it = szl->unit_reference && szl->unit_reference == u->unit_reference;
    if (!more_of_it) {
        *szl = (struct cd_s7comm_szl){0};
        szl->id = cd_read_be16(&r, "SZL id");
        szl->index = cd_read_be16(&r, "SZL index");
        szl->record_len = cd_read_be16(&r, "SZL record length");
        szl->records_left = cd_read_be16(&r, "SZL record count");
        if (!cd_read_ok(&r))
            return;
        find_place(state, (uint8_t)szl->id, r, szl->record_len);
    }
    szl->unit_reference = u->more ? u->unit_reference : 0;
    if (!tells_of_device(szl->id) || szl->record_len == 0 || szl->record_len > CD_S7COMM_SZL_RECORD_MAX)
        return;
    char nested[16];
    struct told to = {.m = m, .cpu = cd_s7comm_cpu_subject(m, nested)};
    read_records(&to, szl, &r);
    if (!u->more)
        szl->part_len = 0;
}
