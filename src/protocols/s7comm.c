/* S7 communication: PDUs, jobs and their answers. Userdata is in s7comm_userdata.c, what SZLs tell in s7comm_szl.c. */
#include "protocols/s7comm.h"

#include <string.h>

enum {
    TARGET_MAX = 192,
    KNOWN = 0x100,             /* with the function: the note of an open job */
    TSAP_OP = 2,               /* the first byte of a called TSAP: a connection for an operator panel */
    CONFIDENCE_ROLE = 60,      /* it speaks the protocol as a server; emulations do so too */
    CONFIDENCE_TSAP_ROLE = 50, /* asked for as a panel; most libraries ask as a programming device whatever they are */
};

/* ---- parsing ---- */

/* A part of the PDU; where the message is cut, as much of it as there is. */
static struct cd_reader part_of(struct cd_reader *r, size_t length, bool cut, const char *field)
{
    size_t left = cd_read_left(r);
    return cd_read_sub(r, cut && length > left ? left : length, field);
}

static void parse_userdata(struct cd_reader *parameters, struct cd_reader data, bool cut, struct cd_s7comm_userdata *u)
{
    cd_read_skip(parameters, 4, "userdata head"); /* 0 1 12 and a length that pushes fill with something else */
    struct cd_reader body = cd_read_rest(parameters);
    cd_read_skip(&body, 1, "userdata method");
    uint8_t type = cd_read_u8(&body, "userdata type");
    u->type = type >> 4;
    u->group = type & 0x0f;
    u->subfunction = cd_read_u8(&body, "userdata subfunction");
    u->sequence = cd_read_u8(&body, "userdata sequence");
    if (cd_read_left(&body) >= 4) {
        u->extended = true;
        u->unit_reference = cd_read_u8(&body, "data unit reference");
        u->more = cd_read_u8(&body, "last data unit") != 0;
        u->error = cd_read_be16(&body, "userdata error");
    }
    if (!cd_read_ok(&body))
        cd_read_fail(parameters, body.bad);
    if (data.len < 4)
        return;
    u->return_code = cd_read_u8(&data, "data return code");
    u->transport_size = cd_read_u8(&data, "data transport size");
    uint16_t length = cd_read_be16(&data, "data length");
    u->data = part_of(&data, length, cut, "data length");
    if (!cd_read_ok(&data))
        cd_read_fail(parameters, data.bad);
}

bool cd_s7comm_parse(struct cd_reader *r, bool cut, struct cd_s7comm_message *ret)
{
    struct cd_s7comm_message s = {0};
    if (cd_read_u8(r, "protocol id") != CD_S7COMM_MAGIC)
        cd_read_fail(r, "protocol id");
    uint8_t rosctr = cd_read_u8(r, "ROSCTR");
    if (!cd_s7comm_is_rosctr(rosctr))
        cd_read_fail(r, "ROSCTR");
    s.rosctr = rosctr;
    cd_read_skip(r, 2, "redundancy identification");
    s.pdu_reference = cd_read_be16(r, "PDU reference");
    uint16_t parameter_length = cd_read_be16(r, "parameter length");
    uint16_t data_length = cd_read_be16(r, "data length");
    if (rosctr == CD_S7COMM_ACK || rosctr == CD_S7COMM_ACK_DATA) {
        s.error_class = cd_read_u8(r, "error class");
        s.error_code = cd_read_u8(r, "error code");
    }
    s.parameters = part_of(r, parameter_length, cut, "parameter length");
    s.data = part_of(r, data_length, cut, "data length");
    if (!cd_read_ok(r))
        return false;
    if (rosctr == CD_S7COMM_USERDATA) {
        struct cd_reader parameters = s.parameters;
        parse_userdata(&parameters, s.data, cut, &s.userdata);
        if (!cd_read_ok(&parameters)) {
            cd_read_fail(r, parameters.bad);
            return false;
        }
    } else if (s.parameters.len) {
        s.has_function = true;
        s.function = cd_read_u8(&s.parameters, "function");
    }
    *ret = s;
    return true;
}

/* ---- state ---- */

struct cd_subject cd_s7comm_cpu_subject(const struct cd_message *m, char nested[16])
{
    const struct cd_s7comm_state *state = m->state;
    struct cd_text t = cd_text_of(nested, 16);
    if (state && state->place == CD_S7COMM_PLACE_BEHIND && state->ends.called_len == 2) {
        cd_text_str(&t, "s7:");
        cd_text_u64(&t, state->ends.called[1] >> 5);
        cd_text_char(&t, '.');
        cd_text_u64(&t, state->ends.called[1] & 0x1f);
    }
    return cd_subject_nested(cd_subject_server(m), nested);
}

static void remember_upload(struct cd_message *m, uint32_t id, const uint8_t *name, size_t len)
{
    struct cd_s7comm_state *state = m->state;
    if (!state || len > CD_S7COMM_BLOCK_NAME_MAX)
        return;
    unsigned at = state->next_upload++ % CD_S7COMM_UPLOADS_MAX;
    state->uploads[at].id = id;
    state->uploads[at].name_len = (uint8_t)len;
    memcpy(state->uploads[at].name, name, len);
}

static void text_upload(struct cd_text *t, const struct cd_message *m, uint32_t id)
{
    const struct cd_s7comm_state *state = m->state;
    for (unsigned i = 0; state && i < CD_S7COMM_UPLOADS_MAX; i++)
        if (state->uploads[i].name_len && state->uploads[i].id == id) {
            cd_s7comm_text_block(t, state->uploads[i].name, state->uploads[i].name_len);
            return;
        }
}

uint64_t cd_s7comm_exchange(const struct cd_message *m, const struct cd_s7comm_message *s, bool answer)
{
    return (uint64_t)(s->rosctr == CD_S7COMM_USERDATA) << 17 | (uint64_t)(m->sent_by_client_end != answer) << 16 |
           s->pdu_reference;
}

uint64_t cd_s7comm_exchange_of(const struct cd_message *m, const struct cd_s7comm_message *s, uint64_t note)
{
    uint64_t id = cd_s7comm_exchange(m, s, true), asked = cd_report_recall(m, id);
    return asked == 0 || asked == note ? id : CD_REPORT_NO_REQUEST;
}

/* ---- jobs ---- */

static void describe_variables(struct cd_text *t, struct cd_reader p, struct cd_operation *op)
{
    bool output = false;
    cd_s7comm_text_items(t, &p, cd_read_u8(&p, "item count"), &output);
    if (output && op->code == CD_S7COMM_WRITE)
        op->class = CD_CLASS_CONTROL;
}

/* Request download, download block, download ended, start upload name their block; upload and end upload give the number the answer to start upload gave. */
static void describe_block(struct cd_message *m, struct cd_text *t, struct cd_reader p,
                           const struct cd_s7comm_message *s)
{
    cd_read_skip(&p, 3, "function status"); /* and an error code */
    uint32_t id = cd_read_be32(&p, "upload id");
    if (s->function == CD_S7COMM_UPLOAD || s->function == CD_S7COMM_END_UPLOAD) {
        text_upload(t, m, id);
        return;
    }
    uint8_t len = cd_read_u8(&p, "file name length");
    const uint8_t *name = cd_read_at(&p, len, "file name");
    if (!name)
        return;
    cd_s7comm_text_block(t, name, len);
    if (s->function == CD_S7COMM_START_UPLOAD)
        remember_upload(m, UINT32_MAX, name, len); /* its number comes with the answer */
}

/* PLC control: seven bytes, a parameter block, the service's name. */
static void describe_control(struct cd_text *t, struct cd_reader p, struct cd_operation *op)
{
    cd_read_skip(&p, 7, "control head");
    struct cd_reader block = cd_read_sub(&p, cd_read_be16(&p, "parameter block length"), "parameter block length");
    uint8_t len = cd_read_u8(&p, "service name length");
    const uint8_t *name = cd_read_at(&p, len, "service name");
    if (!name)
        return;
    struct cd_s7comm_name pi = cd_s7comm_pi_name(name, len);
    op->name = pi.name;
    op->class = pi.class;
    cd_text_device(t, name, len);
    if (len > 4 && memcmp(name, "_INS", 4) != 0 && memcmp(name, "_DELE", 5) != 0) {
        if (block.len && block.len <= 4) { /* P_PROGRAM: "C " is a cold start; EP: copy RAM to ROM */
            cd_text_char(t, ' ');
            cd_text_device(t, block.base, block.len);
        }
        return;
    }
    uint8_t blocks = cd_read_u8(&block, "block count");
    cd_read_skip(&block, 1, "fill byte");
    for (unsigned i = 0; i < blocks && i < 4 && cd_read_left(&block) >= 8; i++) {
        cd_text_str(t, i ? ", " : " ");
        cd_s7comm_text_block(t, cd_read_at(&block, 8, "block name"), 8);
    }
    if (blocks > 4) {
        cd_text_str(t, " and ");
        cd_text_u64(t, blocks - 4u);
        cd_text_str(t, " more");
    }
}

static void describe_stop(struct cd_text *t, struct cd_reader p)
{
    cd_read_skip(&p, 5, "stop head");
    uint8_t len = cd_read_u8(&p, "service name length");
    const uint8_t *name = cd_read_at(&p, len, "service name");
    if (name)
        cd_text_device(t, name, len);
}

/* During a download the PLC fetches: these two jobs are sent by the server. */
static bool is_job_of_server(uint8_t function)
{
    return function == CD_S7COMM_DOWNLOAD_BLOCK || function == CD_S7COMM_DOWNLOAD_ENDED;
}

static void report_job(struct cd_message *m, const struct cd_s7comm_message *s)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_s7comm_name name = cd_s7comm_function_name(s->function);
    struct cd_operation op = {.name = name.name, .code = s->function, .class = name.class, .target = target};
    m->from_client = !is_job_of_server(s->function);
    switch (s->function) {
    case CD_S7COMM_READ:
    case CD_S7COMM_WRITE: describe_variables(&t, s->parameters, &op); break;
    case CD_S7COMM_REQUEST_DOWNLOAD:
    case CD_S7COMM_DOWNLOAD_BLOCK:
    case CD_S7COMM_DOWNLOAD_ENDED:
    case CD_S7COMM_START_UPLOAD:
    case CD_S7COMM_UPLOAD:
    case CD_S7COMM_END_UPLOAD: describe_block(m, &t, s->parameters, s); break;
    case CD_S7COMM_CONTROL: describe_control(&t, s->parameters, &op); break;
    case CD_S7COMM_STOP: describe_stop(&t, s->parameters); break;
    default: break;
    }
    cd_report_request(m, &op, cd_s7comm_exchange(m, s, false));
    cd_report_remember(m, cd_s7comm_exchange(m, s, false), KNOWN | s->function);
}

/* ---- answers ---- */

/* The first item that was refused: write answers hold a return code for each item, read answers return code, size and bytes. */
static const char *item_error(const struct cd_s7comm_message *s)
{
    struct cd_reader p = s->parameters, d = s->data;
    unsigned count = cd_read_u8(&p, "item count");
    for (unsigned i = 0; i < count && cd_read_left(&d); i++) {
        const char *error = cd_s7comm_return_code(cd_read_u8(&d, "return code"));
        if (error)
            return error;
        if (s->function == CD_S7COMM_WRITE)
            continue;
        uint8_t size = cd_read_u8(&d, "transport size");
        uint32_t length = cd_read_be16(&d, "item length");
        if (size == 3 || size == 4 || size == 5)
            length = (length + 7) / 8; /* given in bits */
        if (i + 1 < count)
            length += length & 1;
        cd_read_skip(&d, length, "item data");
    }
    return NULL;
}

/* The first answer to setup communication shows who the two ends are. */
static void report_roles(struct cd_message *m)
{
    struct cd_s7comm_state *state = m->state;
    if (!state || state->roles_told)
        return;
    state->roles_told = true;
    struct cd_subject server = cd_subject_server(m), client = cd_subject_client(m);
    cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "plc", CONFIDENCE_ROLE);
    if (state->ends.called_len == 2 && state->ends.called[0] == TSAP_OP)
        cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, "hmi", CONFIDENCE_TSAP_ROLE);
}

static void note_upload_id(struct cd_message *m, const struct cd_s7comm_message *s)
{
    struct cd_s7comm_state *state = m->state;
    struct cd_reader p = s->parameters;
    cd_read_skip(&p, 3, "function status");
    uint32_t id = cd_read_be32(&p, "upload id");
    if (!state || !cd_read_ok(&p))
        return;
    for (unsigned i = 0; i < CD_S7COMM_UPLOADS_MAX; i++) /* numbers are given again once an upload has ended */
        if (state->uploads[i].id == id)
            state->uploads[i].name_len = 0;
    for (unsigned i = 0; i < CD_S7COMM_UPLOADS_MAX; i++)
        if (state->uploads[i].name_len && state->uploads[i].id == UINT32_MAX) {
            state->uploads[i].id = id;
            return;
        }
}

static void report_answer(struct cd_message *m, const struct cd_s7comm_message *s)
{
    struct cd_s7comm_name name = cd_s7comm_function_name(s->function);
    struct cd_operation op = {.name = name.name, .code = s->function, .class = name.class, .target = ""};
    m->from_client = is_job_of_server(s->function);
    const char *error = cd_s7comm_header_error(s->error_class, s->error_code);
    if (!error && (s->function == CD_S7COMM_READ || s->function == CD_S7COMM_WRITE))
        error = item_error(s);
    else if (!error && s->function == CD_S7COMM_SETUP)
        report_roles(m);
    else if (!error && s->function == CD_S7COMM_START_UPLOAD)
        note_upload_id(m, s);
    cd_report_response(m, &op, cd_s7comm_exchange_of(m, s, KNOWN | s->function), error);
}

/* An ack may name no function: it is an answer all the same, usually a refusal, where its request is known. */
static void report_bare_ack(struct cd_message *m, const struct cd_s7comm_message *s)
{
    static const struct cd_operation unknown = {.name = "acknowledge", .class = CD_CLASS_OTHER, .target = ""};
    uint64_t id = cd_s7comm_exchange(m, s, true);
    if (cd_report_recall(m, id))
        cd_report_response(m, &unknown, id, cd_s7comm_header_error(s->error_class, s->error_code));
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_s7comm_message s;
    if (!cd_s7comm_parse(r, m->cut, &s)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (s.rosctr == CD_S7COMM_USERDATA)
        cd_s7comm_report_userdata(m, &s);
    else if (s.rosctr == CD_S7COMM_JOB && s.has_function)
        report_job(m, &s);
    else if (s.has_function)
        report_answer(m, &s);
    else
        report_bare_ack(m, &s);
}

const struct cd_dissector cd_dissector_s7comm = {
    .name = "s7comm",
    .dissect = dissect,
    .state_size = sizeof(struct cd_s7comm_state),
};
