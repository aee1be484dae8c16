/* PROFINET IO: context management (IEC 61158-6-10 5.2): connect, control, read, write and release, over DCE/RPC. */
#include "protocols/profinet_io.h"

enum { STATUS_SUCCESS = 0 };

enum block_type {
    WRITE_HEADER = 0x0008,
    READ_HEADER = 0x0009,
    AR_BLOCK = 0x0101,
    CONTROL_FIRST = 0x0110,
    CONTROL_LAST = 0x0118,
    RESPONSE = 0x8000 /* set in the type of an answer's block */
};
enum { INDEX_MULTIPLE_WRITE = 0xe040 };

/* ---- parsing ---- */

bool cd_pnio_next_block(struct cd_reader *r, struct cd_pnio_block *ret)
{
    struct cd_pnio_block b = {.type = cd_read_be16(r, "block type")};
    uint16_t length = cd_read_be16(r, "block length");
    b.data = cd_read_sub(r, length, "block length");
    b.version_high = cd_read_u8(&b.data, "block version");
    b.version_low = cd_read_u8(&b.data, "block version");
    if (cd_read_ok(r) && !cd_read_ok(&b.data))
        cd_read_fail(r, b.data.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = b;
    return true;
}

bool cd_pnio_parse_record(struct cd_reader *r, struct cd_pnio_record *ret)
{
    struct cd_pnio_record p;
    cd_read_skip(r, 2 + 16, "AR UUID"); /* after the sequence number */
    p.api = cd_read_be32(r, "API");
    p.slot = cd_read_be16(r, "slot number");
    p.subslot = cd_read_be16(r, "subslot number");
    cd_read_skip(r, 2, "padding");
    p.index = cd_read_be16(r, "index");
    p.length = cd_read_be32(r, "record data length");
    if (!cd_read_ok(r))
        return false;
    *ret = p;
    return true;
}

/* ---- operations ---- */

static bool is_diagnosis(uint16_t index)
{
    uint16_t low = index & 0xfff;
    return (index >= 0x8000 && index < 0xf800 && low >= 0x00a && low <= 0x013) || index == 0xf80c || index == 0xf830;
}

static enum cd_class read_class(uint16_t index)
{
    if (is_diagnosis(index))
        return CD_CLASS_DIAGNOSE;
    if ((index >= 0xaff0 && index <= 0xafff) || index == 0xf840 || index == 0xf841 || index == 0xf000 ||
        index == 0x8001)
        return CD_CLASS_IDENTIFY;
    return CD_CLASS_READ;
}

/* Records below 0x8000 are the maker's parameters of a module; those above are of the standard: names, ports, redundancy, clocks. The envelope of
 * several writes is no more than that, each of them is told by itself. */
static enum cd_class write_class(uint16_t index)
{
    return index >= 0x8000 && index != INDEX_MULTIPLE_WRITE ? CD_CLASS_CONFIGURE : CD_CLASS_WRITE;
}

static void text_record(struct cd_text *t, const struct cd_pnio_record *p)
{
    const char *name = cd_pnio_index_name(p->index);
    if (p->index != INDEX_MULTIPLE_WRITE) {
        cd_pnio_text_place(t, p->api, p->slot, p->subslot);
        cd_text_char(t, ' ');
    }
    cd_text_str(t, "index 0x");
    cd_text_hex(t, p->index, 4);
    if (name) {
        cd_text_char(t, ' ');
        cd_text_str(t, name);
    }
}

/* The operation and its target, from the first block. A response's block names the same things as the request's, so that both count on the same
 * entry even where a server answers from another port, which makes a flow of its own. */
struct call {
    struct cd_operation op;
    struct cd_text target;
    char buffer[CD_PNIO_TARGET_MAX];
    struct cd_pnio_record record;
    bool has_record;
};

static void describe_record(struct call *c, struct cd_pnio_block *block, bool write)
{
    if (!cd_pnio_parse_record(&block->data, &c->record))
        return;
    c->has_record = true;
    text_record(&c->target, &c->record);
    c->op.class = write ? write_class(c->record.index) : read_class(c->record.index);
}

/* What is said stands in the target: operations are told apart by code and target. An answer says no more than done; what is done, its type tells. */
static void describe_control(struct call *c, struct cd_pnio_block *block)
{
    static const char *const by_type[] = {"parameter end",
                                          "parameter end of plugged module",
                                          "application ready",
                                          "application ready of plugged module",
                                          "", /* release, which has an operation number of its own */
                                          NULL,
                                          "ready for companion",
                                          "ready for rt class 3",
                                          "parameter begin"};
    const char *said = by_type[(block->type & ~RESPONSE) - CONTROL_FIRST];
    cd_read_skip(&block->data, 2 + 16 + 2 + 2, "AR UUID");
    uint16_t command = cd_read_be16(&block->data, "control command");
    cd_text_str(&c->target, said ? said : cd_pnio_control_name(command));
}

static void describe(struct call *c, struct cd_pnio_block *block)
{
    uint16_t type = block->type & ~RESPONSE;
    if (type == WRITE_HEADER || type == READ_HEADER)
        describe_record(c, block, type == WRITE_HEADER);
    else if (type == AR_BLOCK)
        cd_text_str(&c->target, cd_pnio_ar_name(cd_read_be16(&block->data, "AR type")));
    else if (type >= CONTROL_FIRST && type <= CONTROL_LAST)
        describe_control(c, block);
}

static void start_call(struct call *c, const struct cd_pnio_rpc *rpc)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } calls[] = {
        [CD_PNIO_CONNECT] = {"connect", CD_CLASS_SESSION}, [CD_PNIO_RELEASE] = {"release", CD_CLASS_SESSION},
        [CD_PNIO_READ] = {"read", CD_CLASS_READ},          [CD_PNIO_WRITE] = {"write", CD_CLASS_WRITE},
        [CD_PNIO_CONTROL] = {"control", CD_CLASS_SESSION}, [CD_PNIO_READ_IMPLICIT] = {"read implicit", CD_CLASS_READ}};
    bool known = rpc->opnum < sizeof calls / sizeof *calls;
    c->target = cd_text_of(c->buffer, sizeof c->buffer);
    c->has_record = false;
    c->op = (struct cd_operation){.name = known ? calls[rpc->opnum].name : "unassigned operation",
                                  .class = known ? calls[rpc->opnum].class : CD_CLASS_OTHER,
                                  .code_space = "cm",
                                  .code = rpc->opnum,
                                  .target = c->buffer};
}

/* The parts of a multiple write (5.2.17): header and data of each, filled up to four bytes. They are told under a code space of their own, as the call that
 * brings them is counted already. */
static void report_parts(struct cd_message *m, struct cd_reader *r)
{
    for (unsigned n = 0; cd_read_left(r) && n < CD_PNIO_ENTRIES_MAX; n++) {
        char target[CD_PNIO_TARGET_MAX];
        struct cd_text t = cd_text_of(target, sizeof target);
        struct cd_pnio_block block;
        struct cd_pnio_record part;
        size_t start = r->pos;
        if (!cd_pnio_next_block(r, &block))
            return;
        if (block.type != WRITE_HEADER || !cd_pnio_parse_record(&block.data, &part)) {
            cd_read_fail(r, "write header");
            return;
        }
        cd_read_skip(r, part.length, "record data length");
        size_t odd = (r->pos - start) % 4;
        if (odd && cd_read_left(r))
            cd_read_skip(r, 4 - odd, "padding");
        if (!cd_read_ok(r))
            return;
        text_record(&t, &part);
        struct cd_operation op = {.name = "write record",
                                  .code_space = "record",
                                  .code = part.index,
                                  .class = write_class(part.index),
                                  .target = target};
        cd_report_notice(m, &op);
    }
}

static void report_part_errors(struct cd_message *m, struct cd_reader *r)
{
    for (unsigned n = 0; cd_read_left(r) && n < CD_PNIO_ENTRIES_MAX; n++) {
        struct cd_pnio_block block;
        struct cd_pnio_record part;
        if (!cd_pnio_next_block(r, &block))
            return;
        if (block.type != (WRITE_HEADER | RESPONSE) || !cd_pnio_parse_record(&block.data, &part))
            continue;
        cd_read_skip(&block.data, 4, "additional values");
        const char *error = cd_pnio_status_name(cd_read_be32(&block.data, "status"));
        if (!cd_read_ok(&block.data) || !error)
            continue;
        char detail[CD_PNIO_TARGET_MAX];
        struct cd_text t = cd_text_of(detail, sizeof detail);
        cd_text_str(&t, "write refused: ");
        text_record(&t, &part);
        cd_text_str(&t, ": ");
        cd_text_str(&t, error);
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
    }
}

/* ---- messages ---- */

/* Who a call is for: its object names the device the client believes it speaks to. */
static void report_object(struct cd_message *m, const struct cd_pnio_rpc *rpc, unsigned confidence)
{
    struct cd_subject server = cd_subject_server(m);
    if (rpc->has_object && (rpc->interface == CD_PNIO_DEVICE || rpc->interface == CD_PNIO_CONTROLLER)) {
        cd_pnio_report_identity(m, &server, rpc->vendor, rpc->device, confidence);
        if (rpc->interface == CD_PNIO_DEVICE)
            cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "io-device", confidence);
        else
            cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "io-controller", confidence);
    }
}

/* NDR around the blocks (4.10.3.1): in requests the most the client takes, in answers the status; then their length and the array's bounds. */
static struct cd_reader open_arguments(struct cd_reader *body, bool little, uint32_t *ret_first)
{
    *ret_first = cd_pnio_u32(body, little, "arguments maximum");
    uint32_t length = cd_pnio_u32(body, little, "arguments length");
    cd_read_skip(body, 8, "array bounds");
    uint32_t actual = cd_pnio_u32(body, little, "actual count");
    if (length != actual)
        cd_read_fail(body, "actual count");
    return cd_read_sub(body, length, "arguments length");
}

static void report_blocks(struct cd_message *m, const struct cd_pnio_rpc *rpc, const struct call *c,
                          struct cd_reader *blocks, bool request)
{
    if (c->has_record && rpc->opnum == CD_PNIO_WRITE && c->record.index == INDEX_MULTIPLE_WRITE) {
        if (request)
            report_parts(m, blocks);
        else
            report_part_errors(m, blocks);
        return;
    }
    if (c->has_record) {
        if (!request)
            cd_pnio_report_record(m, &c->record, blocks);
        return;
    }
    for (unsigned n = 0; cd_read_left(blocks) && n < CD_PNIO_ENTRIES_MAX; n++) {
        struct cd_pnio_block block;
        if (!cd_pnio_next_block(blocks, &block))
            return;
        cd_pnio_report_connect_block(m, &block);
        if (!cd_read_ok(&block.data))
            cd_read_fail(blocks, block.data.bad);
    }
}

/* The status of one write stands in its header, not in front (5.2.16.3). */
static uint32_t status_in_header(const struct cd_pnio_rpc *rpc, struct cd_pnio_block *block)
{
    if (rpc->opnum != CD_PNIO_WRITE || block->type != (WRITE_HEADER | RESPONSE))
        return STATUS_SUCCESS;
    cd_read_skip(&block->data, 4, "additional values");
    uint32_t status = cd_read_be32(&block->data, "status");
    return cd_read_ok(&block->data) ? status : STATUS_SUCCESS;
}

void cd_pnio_cm_message(struct cd_message *m, const struct cd_pnio_rpc *rpc, struct cd_reader *body)
{
    struct call c;
    struct cd_pnio_block block;
    uint32_t first;
    bool request = rpc->type == CD_PNIO_RPC_REQUEST;
    struct cd_reader blocks = open_arguments(body, rpc->little, &first);
    uint32_t status = request || !cd_read_ok(body) ? STATUS_SUCCESS : first;
    if (m->cut && !cd_read_ok(body) && body->len > 20)
        blocks = cd_reader_of(body->base + 20, body->len - 20);
    struct cd_reader all = blocks;
    start_call(&c, rpc);
    if (cd_read_left(&blocks) && cd_pnio_next_block(&blocks, &block)) {
        describe(&c, &block);
        if (!status && !request)
            status = status_in_header(rpc, &block);
        if (!cd_read_ok(&block.data))
            cd_read_fail(&blocks, block.data.bad);
    }
    if (request)
        cd_report_request(m, &c.op, rpc->call);
    else
        cd_report_response(m, &c.op, rpc->call, cd_pnio_status_name(status));
    report_object(m, rpc, request ? 60 : status ? 70 : 90);
    if (cd_read_ok(&blocks)) {
        if (rpc->opnum == CD_PNIO_CONNECT) /* its first block is of interest, too */
            blocks = all;
        report_blocks(m, rpc, &c, &blocks, request);
    }
    if (!cd_read_ok(body))
        cd_report_malformed(m, body->bad);
    else if (!cd_read_ok(&blocks))
        cd_report_malformed(m, blocks.bad);
}
