/* PROFINET IO: alarms (IEC 61158-6-10 4.7, RTA protocol, and 5.2.7) on frame ids 0xfc01 (high) and 0xfe01 (low).
 *
 *     destination endpoint 2 | source endpoint 2 | version 4 bits, type 4 bits | flags 1 | send number 2 | acknowledged number 2 | length 2 | content */
#include "protocols/profinet_io.h"

#include "protocols/profinet_dcp.h"

enum rta_type {
    RTA_DATA = 1,
    RTA_NACK = 2,
    RTA_ACK = 3,
    RTA_ERROR = 4,
    RTA_FREQUENTLY_NACK = 5,
    RTA_FREQUENTLY_ACK = 6
};

struct rta {
    uint8_t type;
    struct cd_reader content; /* as long as the length says: what follows is padding of the frame */
};

static bool parse_rta(struct cd_reader *r, struct rta *ret)
{
    cd_read_skip(r, 4, "alarm endpoints");
    uint8_t type = cd_read_u8(r, "alarm PDU type");
    cd_read_skip(r, 1 + 2 + 2, "alarm numbers");
    struct cd_reader content = cd_read_sub(r, cd_read_be16(r, "alarm length"), "alarm length");
    if (!cd_read_ok(r))
        return false;
    *ret = (struct rta){.type = type & 0xf, .content = content};
    return true;
}

/* Notification and acknowledgement (5.2.7.1 and 5.2.7.2); the latter has no ident numbers, and a status. */
struct alarm {
    bool acknowledgement;
    uint16_t type, slot, subslot, specifier;
    uint32_t api, module, submodule, status;
    struct cd_reader payload;
};
enum { NOTIFICATION_HIGH = 1, NOTIFICATION_LOW = 2, ACKNOWLEDGEMENT = 0x8000 };

static bool parse_alarm(struct cd_reader *r, struct alarm *ret)
{
    struct cd_pnio_block block;
    struct alarm a = {0};
    if (!cd_pnio_next_block(r, &block))
        return false;
    uint16_t kind = block.type & ~ACKNOWLEDGEMENT;
    if (kind != NOTIFICATION_HIGH && kind != NOTIFICATION_LOW)
        cd_read_fail(&block.data, "alarm block type");
    a.acknowledgement = block.type & ACKNOWLEDGEMENT;
    a.type = cd_read_be16(&block.data, "alarm type");
    a.api = cd_read_be32(&block.data, "API");
    a.slot = cd_read_be16(&block.data, "slot number");
    a.subslot = cd_read_be16(&block.data, "subslot number");
    if (!a.acknowledgement) {
        a.module = cd_read_be32(&block.data, "module ident number");
        a.submodule = cd_read_be32(&block.data, "submodule ident number");
    }
    a.specifier = cd_read_be16(&block.data, "alarm specifier");
    if (a.acknowledgement)
        a.status = cd_read_be32(&block.data, "status");
    a.payload = cd_read_rest(&block.data);
    if (!cd_read_ok(&block.data)) {
        cd_read_fail(r, block.data.bad);
        return false;
    }
    *ret = a;
    return true;
}

/* ---- diagnosis ---- */

/* What follows the three numbers of a channel diagnosis: nothing; extended: type and value; qualified: these and a qualifier. */
enum { CHANNEL = 6, EXTENDED = 6 + 6, QUALIFIED = 6 + 6 + 4 };

static void text_channel(struct cd_text *t, struct cd_reader *r, size_t size)
{
    uint16_t channel = cd_read_be16(r, "channel number"), properties = cd_read_be16(r, "channel properties");
    uint16_t error = cd_read_be16(r, "channel error type");
    cd_read_skip(r, size - CHANNEL, "extended channel error");
    if (!cd_read_ok(r))
        return;
    if (channel < 0x8000) { /* 0x8000: the submodule as a whole */
        cd_text_str(t, ", channel ");
        cd_text_u64(t, channel);
    }
    const char *name = cd_pnio_channel_error_name(error);
    cd_text_str(t, ": ");
    if (name) {
        cd_text_str(t, name);
    } else {
        cd_text_str(t, "error 0x");
        cd_text_hex(t, error, 4);
    }
    if ((properties >> 11 & 3) == 2) /* specifier: 1 appears, 2 disappears */
        cd_text_str(t, " (gone)");
}

/* Alarm items (5.2.7.4): a structure identifier, and what it announces; a maintenance item may stand before the diagnosis. */
static void text_diagnosis(struct cd_text *t, struct cd_reader *r)
{
    enum { MAINTENANCE = 0x8100, MAINTENANCE_ITEM = 12, SHOWN = 4 };
    uint16_t structure = cd_read_left(r) >= 2 ? cd_read_be16(r, "user structure identifier") : 0;
    if (structure == MAINTENANCE && cd_read_left(r) >= MAINTENANCE_ITEM + 2) {
        cd_read_skip(r, MAINTENANCE_ITEM, "maintenance item");
        structure = cd_read_be16(r, "user structure identifier");
    }
    size_t size = structure == 0x8000 ? CHANNEL : structure == 0x8002 ? EXTENDED : structure == 0x8003 ? QUALIFIED : 0;
    for (unsigned n = 0; size && n < SHOWN && cd_read_left(r) >= size; n++)
        text_channel(t, r, size);
}

static bool is_fault(const struct alarm *a)
{
    switch (a->type) {
    case 0x01: /* diagnosis */
    case 0x03: /* pull */
    case 0x07: /* media redundancy */
    case 0x0a: /* wrong submodule */
    case 0x0d:
    case 0x0e:
    case 0x0f:
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x15:
    case 0x1f: /* pull module */ return true;
    default: return false;
    }
}

static void report_fault(struct cd_message *m, struct alarm *a)
{
    char detail[CD_PNIO_TARGET_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, cd_pnio_alarm_name(a->type));
    cd_text_str(&t, ": ");
    cd_pnio_text_place(&t, a->api, a->slot, a->subslot);
    text_diagnosis(&t, &a->payload);
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

/* ---- messages ---- */

/* The station that has the alarm is the client; its acknowledgement goes the other way and counts as the answer. */
static void report_alarm(struct cd_message *m, struct alarm *a)
{
    char target[CD_PNIO_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = cd_pnio_alarm_name(a->type),
                              .code_space = "alarm",
                              .code = a->type,
                              .class = CD_CLASS_ALARM,
                              .target = target};
    cd_pnio_text_place(&t, a->api, a->slot, a->subslot);
    m->from_client = !a->acknowledgement;
    if (a->acknowledgement) {
        cd_report_response(m, &op, CD_REPORT_NO_REQUEST, cd_pnio_status_name(a->status));
        return;
    }
    cd_report_notice(m, &op);
    if (is_fault(a))
        report_fault(m, a);
}

/* The instance was closed or the relation released: nothing that went wrong. */
static bool is_regular_end(uint32_t status)
{
    return status == 0xcf81fd02 || status == 0xcf81fd0f;
}

static void report_abort(struct cd_message *m, struct cd_reader *r)
{
    uint32_t status = cd_read_be32(r, "status");
    const char *why = cd_pnio_status_name(status);
    struct cd_operation op = {
        .name = "abort", .code_space = "rta", .code = RTA_ERROR, .class = CD_CLASS_ALARM, .target = why ? why : ""};
    m->from_client = true;
    cd_report_notice(m, &op);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    else if (why && !is_regular_end(status))
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, why);
}

/* The transport's own PDUs: received, or not. */
static void report_transport(struct cd_message *m, uint8_t type)
{
    struct cd_operation op = {.name = type == RTA_ACK || type == RTA_FREQUENTLY_ACK ? "alarm transport acknowledgement"
                                      : type == RTA_NACK || type == RTA_FREQUENTLY_NACK ? "alarm transport refusal"
                                                                                        : "unassigned alarm PDU",
                              .code_space = "rta",
                              .code = type,
                              .class = CD_CLASS_ALARM,
                              .target = ""};
    m->from_client = true;
    cd_report_notice(m, &op);
}

void cd_pnio_alarm(struct cd_message *m, struct cd_reader *r, uint16_t frame_id)
{
    struct rta p;
    struct alarm a;
    (void)frame_id; /* the block's type says high or low once more */
    if (!parse_rta(r, &p)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    if (p.type == RTA_ERROR)
        report_abort(m, &p.content);
    else if (p.type != RTA_DATA)
        report_transport(m, p.type);
    else if (parse_alarm(&p.content, &a))
        report_alarm(m, &a);
    else
        cd_report_malformed(m, p.content.bad);
}
