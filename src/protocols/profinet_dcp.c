/* PROFINET DCP: what devices say of themselves, and what they are made to be. */
#include "protocols/profinet_dcp.h"

#include "base/text.h"

#include <string.h>

enum { TARGET_MAX = 160, BLOCKS_SHOWN = 6 };

/* ---- parsing ---- */

bool cd_dcp_parse(struct cd_reader *r, struct cd_dcp_header *ret)
{
    struct cd_dcp_header h = {.frame_id = cd_read_be16(r, "frame id")};
    h.service = cd_read_u8(r, "service id");
    uint8_t type = cd_read_u8(r, "service type");
    h.response = type & 1;
    h.not_supported = h.response && type & 4;
    h.xid = cd_read_be32(r, "xid");
    cd_read_skip(r, 2, "response delay");
    h.blocks = cd_read_sub(r, cd_read_be16(r, "data length"), "data length");
    if (!cd_read_ok(r))
        return false;
    *ret = h;
    return true;
}

bool cd_dcp_next_block(struct cd_reader *r, bool with_info, struct cd_dcp_block *ret)
{
    struct cd_dcp_block block = {.option = cd_read_u8(r, "option")};
    block.suboption = cd_read_u8(r, "suboption");
    uint16_t length = cd_read_be16(r, "block length");
    block.data = cd_read_sub(r, length, "block length");
    if (length & 1 && cd_read_left(r))
        cd_read_skip(r, 1, "padding");
    if (with_info)
        block.info = cd_read_be16(&block.data, "block info");
    if (!cd_read_ok(&block.data))
        cd_read_fail(r, block.data.bad);
    if (!cd_read_ok(r))
        return false;
    *ret = block;
    return true;
}

/* ---- what a device says of itself ---- */

static void report_address(struct cd_message *m, const struct cd_subject *s, const uint8_t *bytes,
                           enum cd_attribute attribute)
{
    struct cd_ip ip = cd_ip_of4(bytes);
    if (!cd_ip_is_device(&ip))
        return;
    char text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_ip(&t, &ip);
    cd_report_fact(m, s, attribute, text, 90);
}

/* Suboptions 2 and 3: address, mask, gateway, and in 3 four DNS servers. Bit 7 of the block info: another station has the address too. */
static void report_ip(struct cd_message *m, const struct cd_subject *s, struct cd_dcp_block *block)
{
    const uint8_t *bytes = cd_read_at(&block->data, 12, "ip parameter");
    if (!bytes)
        return;
    report_address(m, s, bytes, CD_ATTRIBUTE_ADDRESS);
    if (memcmp(bytes, bytes + 8, 4) != 0) /* its own address stands for no gateway */
        report_address(m, s, bytes + 8, CD_ATTRIBUTE_GATEWAY);
    if (block->info & 0x80) {
        char detail[64];
        struct cd_text t = cd_text_of(detail, sizeof detail);
        struct cd_ip ip = cd_ip_of4(bytes);
        cd_text_str(&t, "the device says that another has its address ");
        cd_text_ip(&t, &ip);
        cd_report_event(m, CD_EVENT_DUPLICATE_IP, detail);
    }
}

/* Vendor and device id, as they stand in the device's description file. */
static void report_device_id(struct cd_message *m, const struct cd_subject *s, struct cd_reader *r)
{
    char text[16];
    uint16_t vendor = cd_read_be16(r, "vendor id"), device = cd_read_be16(r, "device id");
    if (!cd_read_ok(r) || (vendor == 0 && device == 0))
        return;
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_str(&t, "0x");
    cd_text_hex(&t, vendor, 4);
    cd_text_str(&t, ":0x");
    cd_text_hex(&t, device, 4);
    cd_report_fact(m, s, CD_ATTRIBUTE_INSTANCE, text, 95);
    const char *name = cd_dcp_vendor_name(vendor);
    if (name)
        cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, name, 95);
}

static void report_roles(struct cd_message *m, const struct cd_subject *s, uint8_t roles)
{
    static const char *const names[] = {"io-device", "io-controller", "io-multidevice", "io-supervisor"};
    for (unsigned bit = 0; bit < sizeof names / sizeof *names; bit++)
        if (roles >> bit & 1)
            cd_report_fact(m, s, CD_ATTRIBUTE_ROLE, names[bit], 95);
}

static void report_device(struct cd_message *m, const struct cd_subject *s, struct cd_dcp_block *block)
{
    struct cd_reader *r = &block->data;
    size_t len = cd_read_left(r);
    switch (block->suboption) {
    case 1: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_MODEL, cd_read_at(r, len, "type of station"), len, 90); break;
    case 2: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, cd_read_at(r, len, "name of station"), len, 85); break;
    case 3: report_device_id(m, s, r); break;
    case 4: report_roles(m, s, cd_read_u8(r, "device role")); break;
    case 6: cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, cd_read_at(r, len, "alias name"), len, 60); break;
    case 8: { /* the maker behind the brand: only told where it is known by name */
        uint16_t vendor = cd_read_be16(r, "oem vendor id");
        const char *name = cd_read_ok(r) ? cd_dcp_vendor_name(vendor) : NULL;
        if (name)
            cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, name, 60);
        break;
    }
    default: break;
    }
}

static void report_block(struct cd_message *m, const struct cd_subject *s, struct cd_dcp_block *block)
{
    if (block->option == CD_DCP_IP && (block->suboption == 2 || block->suboption == 3))
        report_ip(m, s, block);
    else if (block->option == CD_DCP_DEVICE)
        report_device(m, s, block);
}

/* Blocks of an answer or a hello. Control/response blocks carry the option they answer and its error; they have no block info. */
static const char *read_answer(struct cd_message *m, struct cd_dcp_header *h)
{
    struct cd_subject sender = cd_subject_mac(m->packet->src_mac);
    const char *error = NULL;
    while (cd_read_left(&h->blocks)) {
        bool is_result = cd_read_peek(&h->blocks, 0) == CD_DCP_CONTROL && cd_read_peek(&h->blocks, 1) == 4;
        struct cd_dcp_block block;
        if (!cd_dcp_next_block(&h->blocks, !is_result, &block))
            break;
        if (is_result) {
            cd_read_skip(&block.data, 2, "answered option");
            const char *failed = cd_dcp_error_name(cd_read_u8(&block.data, "block error"));
            if (failed && !error)
                error = failed;
        } else {
            report_block(m, &sender, &block);
        }
        if (!cd_read_ok(&block.data))
            cd_read_fail(&h->blocks, block.data.bad);
    }
    return error;
}

/* ---- requests ---- */

static void text_quoted(struct cd_text *t, struct cd_reader *r)
{
    size_t len = cd_read_left(r);
    const uint8_t *bytes = cd_read_at(r, len, "text");
    cd_text_str(t, " \"");
    if (bytes)
        cd_text_device(t, bytes, len < 64 ? len : 64);
    cd_text_char(t, '"');
}

static void text_ip_parameter(struct cd_text *t, struct cd_reader *r)
{
    const uint8_t *bytes = cd_read_at(r, 12, "ip parameter");
    static const char *const before[] = {" ", " mask ", " gateway "};
    for (int i = 0; bytes && i < 3; i++) {
        struct cd_ip ip = cd_ip_of4(bytes + 4 * i);
        cd_text_str(t, before[i]);
        cd_text_ip(t, &ip);
    }
}

static void text_block(struct cd_text *t, struct cd_dcp_block *block)
{
    cd_text_str(t, cd_dcp_suboption_name(block->option, block->suboption));
    if (block->option == CD_DCP_DEVICE && (block->suboption == 1 || block->suboption == 2 || block->suboption == 6)) {
        text_quoted(t, &block->data);
    } else if (block->option == CD_DCP_IP && (block->suboption == 2 || block->suboption == 3)) {
        text_ip_parameter(t, &block->data);
    } else if (block->option == CD_DCP_DEVICE && block->suboption == 3 && cd_read_left(&block->data) >= 4) {
        cd_text_str(t, " 0x");
        cd_text_hex(t, cd_read_be32(&block->data, "device id"), 8);
    }
}

/* Reset to factory: bits 1 to 15 of the qualifier tell what is forgotten. */
static const char *reset_mode(uint16_t qualifier)
{
    switch (qualifier >> 1) {
    case 1: return " of application data";
    case 2: return " of communication parameters";
    case 3: return " of engineering parameters";
    case 4: return " of all stored data";
    case 8: return " of the device";
    case 9: return " of the device, restoring its first image";
    default: return "";
    }
}

/* The name and class of a set request by its blocks; of several the gravest counts. */
static void refine_set(struct cd_operation *op, const struct cd_dcp_block *block, int *rank)
{
    static const struct {
        uint8_t option, suboption;
        int rank;
        const char *name;
        enum cd_class class;
    } kinds[] = {
        {CD_DCP_CONTROL, 6, 9, "reset to factory", CD_CLASS_MODE},
        {CD_DCP_CONTROL, 5, 8, "factory reset", CD_CLASS_MODE},
        {CD_DCP_DEVICE, 2, 7, "set name of station", CD_CLASS_CONFIGURE},
        {CD_DCP_IP, 2, 6, "set ip parameter", CD_CLASS_CONFIGURE},
        {CD_DCP_IP, 3, 6, "set ip suite", CD_CLASS_CONFIGURE},
        {CD_DCP_CONTROL, 3, 3, "signal", CD_CLASS_DIAGNOSE},
        {CD_DCP_CONTROL, 1, 1, "start transaction", CD_CLASS_SESSION},
        {CD_DCP_CONTROL, 2, 1, "end transaction", CD_CLASS_SESSION},
    };
    int new_rank = 5;
    const char *name = "set";
    enum cd_class class = CD_CLASS_CONFIGURE;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].option == block->option && kinds[i].suboption == block->suboption) {
            new_rank = kinds[i].rank;
            name = kinds[i].name;
            class = kinds[i].class;
        }
    }
    if (new_rank <= *rank)
        return;
    *rank = new_rank;
    op->name = name;
    op->class = class;
}

static void describe_set(struct cd_text *t, struct cd_reader *r, struct cd_operation *op)
{
    int rank = 0;
    for (unsigned n = 0; cd_read_left(r); n++) {
        struct cd_dcp_block block;
        if (!cd_dcp_next_block(r, true, &block))
            return;
        refine_set(op, &block, &rank);
        if (n >= BLOCKS_SHOWN)
            continue;
        cd_text_str(t, n ? ", " : "");
        text_block(t, &block);
        if (!cd_read_ok(&block.data))
            cd_read_fail(r, block.data.bad);
        if (block.option == CD_DCP_CONTROL && block.suboption == 6)
            cd_text_str(t, reset_mode(block.info));
        else if (block.option != CD_DCP_CONTROL && !(block.info & 1))
            cd_text_str(t, " (temporary)");
    }
}

static void describe_identify(struct cd_text *t, struct cd_reader *r, bool *ret_by_name)
{
    for (unsigned n = 0; cd_read_left(r); n++) {
        struct cd_dcp_block block;
        if (!cd_dcp_next_block(r, false, &block))
            return;
        if (block.option == CD_DCP_DEVICE && block.suboption == 2)
            *ret_by_name = true;
        if (n < BLOCKS_SHOWN) {
            cd_text_str(t, n ? ", " : "");
            text_block(t, &block);
        }
    }
}

/* A get request is a bare list of options and suboptions. */
static void describe_get(struct cd_text *t, struct cd_reader *r)
{
    for (unsigned n = 0; cd_read_left(r); n++) {
        uint8_t option = cd_read_u8(r, "option"), suboption = cd_read_u8(r, "suboption");
        if (!cd_read_ok(r) || n >= BLOCKS_SHOWN)
            continue;
        cd_text_str(t, n ? ", " : "");
        cd_text_str(t, cd_dcp_suboption_name(option, suboption));
    }
}

static struct cd_operation operation_of(uint8_t service, const char *target)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } services[] = {[CD_DCP_GET] = {"get", CD_CLASS_IDENTIFY},
                    [CD_DCP_SET] = {"set", CD_CLASS_CONFIGURE},
                    [CD_DCP_IDENTIFY] = {"identify", CD_CLASS_IDENTIFY},
                    [CD_DCP_HELLO] = {"hello", CD_CLASS_IDENTIFY}};
    bool known = service >= CD_DCP_GET && service <= CD_DCP_HELLO;
    return (struct cd_operation){.name = known ? services[service].name : "unassigned service",
                                 .class = known ? services[service].class : CD_CLASS_OTHER,
                                 .code = service,
                                 .target = target};
}

static uint64_t request_id(const struct cd_dcp_header *h)
{
    return (uint64_t)h->service << 32 | h->xid;
}

static void report_request(struct cd_message *m, struct cd_dcp_header *h)
{
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = operation_of(h->service, target);
    struct cd_subject sender = cd_subject_mac(m->packet->src_mac);
    bool by_name = false;
    switch (h->service) {
    case CD_DCP_GET: describe_get(&t, &h->blocks); break;
    case CD_DCP_SET: describe_set(&t, &h->blocks, &op); break;
    case CD_DCP_IDENTIFY: describe_identify(&t, &h->blocks, &by_name); break;
    case CD_DCP_HELLO: read_answer(m, h); break; /* a device that starts says the same as in an answer */
    default: break;
    }
    if (h->service == CD_DCP_IDENTIFY || h->service == CD_DCP_HELLO)
        cd_report_notice(m, &op); /* many may answer, or none */
    else
        cd_report_request(m, &op, request_id(h));
    if (by_name) /* controllers look for their devices by name before they start them up */
        cd_report_fact(m, &sender, CD_ATTRIBUTE_ROLE, "io-controller", 50);
    if (!cd_read_ok(&h->blocks))
        cd_report_malformed(m, h->blocks.bad);
}

/* ---- answers ---- */

static void report_response(struct cd_message *m, struct cd_dcp_header *h)
{
    struct cd_operation op = operation_of(h->service, "");
    const char *error = read_answer(m, h);
    if (h->not_supported)
        error = "service not supported";
    cd_report_response(m, &op, request_id(h), error);
    if (!cd_read_ok(&h->blocks))
        cd_report_malformed(m, h->blocks.bad);
}

/* The Ethertype is shared with real-time data, alarms and clock synchronisation (profinet_io.c): the frame id tells. */
static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport != CD_TRANSPORT_ETH || len < 2)
        return CD_PROBE_NO;
    int frame_id = bytes[0] << 8 | bytes[1];
    return frame_id >= CD_DCP_HELLO_FRAME && frame_id <= CD_DCP_IDENTIFY_RESPONSE_FRAME ? CD_PROBE_SURE : CD_PROBE_NO;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_dcp_header h;
    if (!cd_dcp_parse(r, &h)) {
        cd_report_malformed(m, r->bad);
        return;
    }
    m->from_client = !h.response;
    if (h.response)
        report_response(m, &h);
    else
        report_request(m, &h);
}

const struct cd_dissector cd_dissector_profinet_dcp = {
    .name = "profinet-dcp",
    .ethertypes = {0x8892},
    .probe = probe,
    .dissect = dissect,
};
