/* MELSOFT: what engineering tools do over their own connection. The header's fields are only known in part; length, command, reference and status are. */
#include "protocols/melsec.h"

#include <string.h>

enum { TARGET_MAX = 160, PASSWORD_LOGIN = 0x0132 };

bool cd_melsoft_parse(struct cd_reader *r, struct cd_melsoft_message *ret)
{
    struct cd_melsoft_message a = {0};
    uint8_t kind = cd_read_u8(r, "kind");
    if (kind != CD_MELSOFT_REQUEST && kind != CD_MELSOFT_RESPONSE)
        cd_read_fail(r, "kind");
    a.response = kind == CD_MELSOFT_RESPONSE;
    cd_read_skip(r, 18, "header");
    uint16_t length = cd_read_le16(r, "length");
    struct cd_reader body = cd_read_sub(r, length, "length");
    cd_read_skip(&body, 3, "command header");
    uint8_t block = cd_read_u8(&body, "command header");
    if (a.response)
        a.status = cd_read_le16(&body, "status");
    cd_read_skip(&body, block, "command header");
    a.command = cd_read_be16(&body, "command");
    a.reference = cd_read_le16(&body, "reference");
    a.data = cd_read_rest(&body);
    if (!cd_read_ok(&body))
        cd_read_fail(r, body.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* 0101, 0121: size 2, name 16. */
static void report_model(struct cd_message *m, struct cd_reader r)
{
    struct cd_subject server = cd_subject_server(m);
    cd_read_skip(&r, 2, "size");
    const uint8_t *name = cd_read_at(&r, CD_MELSEC_MODEL, "type name");
    if (!name || name[0] < 'A' || name[0] > 'Z')
        return;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_MODEL, name, strnlen((const char *)name, CD_MELSEC_MODEL), 95);
    cd_report_fact(m, &server, CD_ATTRIBUTE_VENDOR, "Mitsubishi Electric", 90);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", 85);
}

/* "5a 00 00 kind" is sent to all, answered by "da 00 00 kind …": the fields of the answer are not public. */
static void report_find(struct cd_message *m, struct cd_reader *r)
{
    struct cd_operation op = {.name = "find modules", .code_space = "find", .class = CD_CLASS_IDENTIFY, .target = ""};
    bool response = cd_read_u8(r, "kind") == CD_MELSOFT_FOUND;
    cd_read_skip(r, 2, "header");
    op.code = cd_read_u8(r, "what is looked for");
    m->from_client = !response;
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else if (response)
        cd_report_response(m, &op, op.code, NULL);
    else
        cd_report_request(m, &op, op.code);
}

void cd_melsoft_dissect(struct cd_message *m, struct cd_reader *r)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_melsoft_message a;
    int kind = cd_read_peek(r, 0);
    if (kind == CD_MELSOFT_FIND || kind == CD_MELSOFT_FOUND) {
        report_find(m, r);
        return;
    }
    if (!cd_melsoft_parse(r, &a)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    struct cd_melsec_command command = cd_melsoft_command_of(a.command);
    struct cd_operation op = {
        .name = command.name, .code_space = "melsoft", .code = a.command, .class = command.class, .target = ""};
    uint64_t id = (uint64_t)a.command << 16 | a.reference;
    m->from_client = !a.response;
    if (!a.response) {
        cd_melsoft_text_file(&t, a.data);
        op.target = t.len ? target + 1 : "";
        cd_report_request(m, &op, id);
        return;
    }
    cd_report_response(m, &op, id, a.status ? cd_melsec_end_code_name(a.status) : NULL);
    if (a.status && a.command == PASSWORD_LOGIN)
        cd_report_event(m, CD_EVENT_AUTHENTICATION_FAILED, "password login refused");
    if (!a.status && (a.command == 0x0101 || a.command == 0x0121))
        report_model(m, a.data);
}
