/* Userdata: test and commissioning, cyclic reads, block lists, SZLs, passwords, clocks. */
#include "protocols/s7comm.h"

#include <string.h>

enum {
    TARGET_MAX = 192,
    TYPE_PUSH = 0,
    TYPE_REQUEST = 4,
    TYPE_RESPONSE = 8,
    TYPE_NC_PUSH = 3,
    TYPE_NC_REQUEST = 7,
    TYPE_NC_RESPONSE = 11,
    GROUP_MODE = 0,
    GROUP_PROGRAMMER = 1,
    GROUP_CYCLIC = 2,
    GROUP_BLOCK = 3,
    GROUP_CPU = 4,
    GROUP_SECURITY = 5,
    GROUP_BSEND = 6,
    GROUP_TIME = 7,
    PROGRAMMER_STATUS = 2,
    PROGRAMMER_MODIFY = 8,
    PROGRAMMER_FORCE = 9,
    PROGRAMMER_MEMORY_RESET = 12,
    PROGRAMMER_ENABLE = 14,
    CYCLIC_TRANSFER = 1,
    CYCLIC_CHANGE = 5,
    BLOCK_LIST_TYPE = 2,
    BLOCK_INFO = 3,
    CPU_READ_SZL = 1,
    SECURITY_PASSWORD = 1,
    TIME_SET = 2,
    TIME_SET_FOLLOWING = 4,
    ERROR_WRONG_PASSWORD = 0xd602,
    VARIABLES_SHOWN = 3,
};

/* ---- what a request asks for ---- */

/* Variables of a watch table: area and width, repetition or bit, DB, address; six bytes each. */
static void text_table_variable(struct cd_text *t, struct cd_reader *r)
{
    static const char *const areas[16] = {"M", "I", "Q", "P", "?", "T", "C", "DB",
                                          "?", "?", "?", "?", "?", "?", "?", "?"};
    static const char *const widths[4] = {"X", "B", "W", "D"};
    uint8_t area = cd_read_u8(r, "variable area");
    uint8_t repetition = cd_read_u8(r, "variable repetition");
    uint16_t db = cd_read_be16(r, "variable DB");
    uint16_t address = cd_read_be16(r, "variable address");
    bool bit = (area & 0x0f) == 0;
    cd_text_str(t, areas[area >> 4]);
    if (area >> 4 == 7) {
        cd_text_u64(t, db);
        cd_text_str(t, ".DB");
    }
    if (area >> 4 != 5 && area >> 4 != 6 && (!bit || area >> 4 == 7))
        cd_text_str(t, widths[area & 3]);
    cd_text_u64(t, address);
    if (bit && area >> 4 != 5 && area >> 4 != 6) {
        cd_text_char(t, '.');
        cd_text_u64(t, repetition);
    }
}

static void describe_programmer(struct cd_text *t, const struct cd_s7comm_userdata *u, struct cd_operation *op)
{
    struct cd_reader r = u->data;
    uint16_t parameters = cd_read_be16(&r, "test parameter size");
    cd_read_skip(&r, 2, "test data size");
    cd_read_skip(&r, parameters, "test parameters");
    if (u->subfunction == PROGRAMMER_ENABLE) {
        uint8_t job = cd_read_u8(&r, "job function");
        if (!cd_read_ok(&r))
            return;
        cd_text_str(t, cd_s7comm_userdata_name(GROUP_PROGRAMMER, job).name);
        if (job == PROGRAMMER_MODIFY || job == PROGRAMMER_FORCE)
            op->class = CD_CLASS_CONTROL; /* this is when the values are written */
        return;
    }
    if (u->subfunction != PROGRAMMER_STATUS && u->subfunction != PROGRAMMER_MODIFY)
        return;
    uint16_t count = cd_read_be16(&r, "variable count");
    for (unsigned i = 0; i < count && i < VARIABLES_SHOWN && cd_read_left(&r) >= 6; i++) {
        if (i)
            cd_text_str(t, ", ");
        text_table_variable(t, &r);
    }
    if (cd_read_ok(&r) && count > VARIABLES_SHOWN) {
        cd_text_str(t, " and ");
        cd_text_u64(t, count - (unsigned)VARIABLES_SHOWN);
        cd_text_str(t, " more");
    }
}

static void describe_cyclic(struct cd_text *t, const struct cd_s7comm_userdata *u)
{
    if (u->subfunction != CYCLIC_TRANSFER && u->subfunction != CYCLIC_CHANGE)
        return;
    struct cd_reader r = u->data;
    uint16_t count = cd_read_be16(&r, "cyclic item count");
    cd_read_skip(&r, 2, "cyclic interval");
    bool output;
    if (cd_read_ok(&r))
        cd_s7comm_text_items(t, &r, count, &output);
}

static int hex_digit(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void describe_block(struct cd_text *t, const struct cd_s7comm_userdata *u)
{
    struct cd_reader r = u->data;
    if (u->subfunction == BLOCK_INFO && r.len == 8) {
        cd_s7comm_text_block(t, r.base, r.len);
        return;
    }
    int high = hex_digit(cd_read_peek(&r, 0)), low = hex_digit(cd_read_peek(&r, 1));
    if (u->subfunction != BLOCK_LIST_TYPE || r.len != 2 || high < 0 || low < 0)
        return;
    const char *type = cd_s7comm_block_type((uint8_t)(high << 4 | low));
    if (type)
        cd_text_str(t, type);
}

/* "SZL 0x0011 index 0x0000 (module identification)". A request for the next data unit has no data: it is about the list on its way. */
static void describe_szl(struct cd_text *t, const struct cd_message *m, const struct cd_s7comm_userdata *u,
                         struct cd_operation *op)
{
    const struct cd_s7comm_state *state = m->state;
    struct cd_reader r = u->data;
    uint16_t id = cd_read_be16(&r, "SZL id"), index = cd_read_be16(&r, "SZL index");
    if (!cd_read_ok(&r)) {
        if (!state || !state->szl.unit_reference)
            return;
        id = state->szl.id;
        index = state->szl.index;
    }
    cd_text_str(t, "SZL 0x");
    cd_text_hex(t, id, 4);
    cd_text_str(t, " index 0x");
    cd_text_hex(t, index, 4);
    const char *name = cd_s7comm_szl_name(id);
    if (*name) {
        cd_text_str(t, " (");
        cd_text_str(t, name);
        cd_text_char(t, ')');
    }
    uint8_t list = (uint8_t)id;
    op->class = list == 0x11 || list == 0x1c || list == 0x37 ? CD_CLASS_IDENTIFY : CD_CLASS_DIAGNOSE;
}

/* Ten bytes: 0, century, then year, month, day, hour, minute, second, milliseconds in BCD. */
static void describe_clock(struct cd_text *t, const struct cd_s7comm_userdata *u)
{
    static const char before[] = {0, '-', '-', ' ', ':', ':'};
    if ((u->subfunction != TIME_SET && u->subfunction != TIME_SET_FOLLOWING) || u->data.len < 8)
        return;
    struct cd_reader r = u->data;
    cd_read_skip(&r, 2, "century");
    cd_text_str(t, (cd_read_peek(&r, 0) & 0xf0) >= 0x90 ? "19" : "20");
    for (size_t i = 0; i < sizeof before; i++) {
        if (before[i])
            cd_text_char(t, before[i]);
        cd_text_hex(t, cd_read_u8(&r, "time"), 2);
    }
}

/* 0x12, length, 0x13, 0, R_ID: the number that pairs a BSEND with its BRECV. */
static void describe_bsend(struct cd_text *t, const struct cd_s7comm_userdata *u)
{
    struct cd_reader r = u->data;
    if (cd_read_peek(&r, 0) != 0x12 || cd_read_peek(&r, 2) != 0x13)
        return;
    cd_read_skip(&r, 4, "R_ID head");
    uint32_t id = cd_read_be32(&r, "R_ID");
    if (!cd_read_ok(&r))
        return;
    cd_text_str(t, "R_ID 0x");
    cd_text_hex(t, id, 8);
}

static void describe_request(struct cd_text *t, const struct cd_message *m, const struct cd_s7comm_userdata *u,
                             struct cd_operation *op)
{
    switch (u->group) {
    case GROUP_PROGRAMMER: describe_programmer(t, u, op); break;
    case GROUP_CYCLIC: describe_cyclic(t, u); break;
    case GROUP_BLOCK: describe_block(t, u); break;
    case GROUP_CPU:
        if (u->subfunction == CPU_READ_SZL)
            describe_szl(t, m, u, op);
        break;
    case GROUP_BSEND: describe_bsend(t, u); break;
    case GROUP_TIME: describe_clock(t, u); break;
    default: break;
    }
}

/* ---- reporting ---- */

static void report_mode_transition(struct cd_message *m, const struct cd_s7comm_userdata *u)
{
    char nested[16];
    struct cd_subject cpu = cd_s7comm_cpu_subject(m, nested);
    const char *name = cd_s7comm_userdata_name(GROUP_MODE, u->subfunction).name;
    const char *state = strchr(name, ':');
    if (state)
        cd_report_fact(m, &cpu, CD_ATTRIBUTE_STATE, state + 2, 95);
}

/* What was asked, never 0. */
static uint64_t note_of(const struct cd_s7comm_userdata *u)
{
    return 0x10000u | (unsigned)u->group << 8 | u->subfunction;
}

static void report_response(struct cd_message *m, const struct cd_s7comm_message *s, const struct cd_operation *op)
{
    const struct cd_s7comm_userdata *u = &s->userdata;
    m->from_client = false;
    if (u->group == GROUP_CPU && u->subfunction == CPU_READ_SZL && !u->error && u->return_code == 0xff)
        cd_s7comm_report_szl(m, u);
    if (u->group == GROUP_SECURITY && u->subfunction == SECURITY_PASSWORD && u->error == ERROR_WRONG_PASSWORD)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "PLC password refused");
    cd_report_response(m, op, cd_s7comm_exchange_of(m, s, note_of(u)), cd_s7comm_parameter_error(u->error));
}

void cd_s7comm_report_userdata(struct cd_message *m, const struct cd_s7comm_message *s)
{
    const struct cd_s7comm_userdata *u = &s->userdata;
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_s7comm_name name = cd_s7comm_userdata_name(u->group, u->subfunction);
    struct cd_operation op = {.name = name.name,
                              .code_space = cd_s7comm_userdata_spaces[u->group],
                              .code = u->subfunction,
                              .class = name.class,
                              .target = target};
    switch (u->type) {
    case TYPE_REQUEST:
    case TYPE_NC_REQUEST:
        m->from_client = true;
        describe_request(&t, m, u, &op);
        if (u->group == GROUP_SECURITY && u->subfunction == SECURITY_PASSWORD)
            cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "PLC password, reversibly obfuscated");
        cd_report_request(m, &op, cd_s7comm_exchange(m, s, false));
        cd_report_remember(m, cd_s7comm_exchange(m, s, false), note_of(u));
        break;
    case TYPE_RESPONSE:
    case TYPE_NC_RESPONSE: report_response(m, s, &op); break;
    case TYPE_PUSH:
    case TYPE_NC_PUSH:
        m->from_client = false;
        if (u->group == GROUP_MODE)
            report_mode_transition(m, u);
        cd_report_notice(m, &op);
        break;
    default: cd_report_event(m, CD_EVENT_VIOLATION, "unknown type of userdata");
    }
}
