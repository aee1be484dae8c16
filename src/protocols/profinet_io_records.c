/* PROFINET IO: what the blocks of connect and of records tell of devices: identification and maintenance (I&M), modules, ports and neighbours. */
#include "protocols/profinet_io.h"

#include "protocols/profinet_dcp.h"

enum { NESTED_MAX = 40, VALUE_MAX = 160 };

enum block_type {
    DIAGNOSIS_DATA = 0x0010,
    EXPECTED_IDENTIFICATION = 0x0012,
    REAL_IDENTIFICATION = 0x0013,
    IM0 = 0x0020,
    IM1 = 0x0021,
    IM2 = 0x0022,
    IM3 = 0x0023,
    IM0_FILTER_SUBMODULE = 0x0030,
    IM0_FILTER_DEVICE = 0x0032,
    AR_REQUEST = 0x0101,
    EXPECTED_SUBMODULES = 0x0104,
    PORT_DATA_REAL = 0x020f,
    INTERFACE_DATA_REAL = 0x0240,
    MULTIPLE_BLOCKS = 0x0400,
    AR_RESPONSE = 0x8101,
    IOCR_RESPONSE = 0x8102,
    MODULE_DIFFERENCES = 0x8104,
    AR_SERVER = 0x8106
};

/* ---- identity ---- */

void cd_pnio_report_identity(struct cd_message *m, const struct cd_subject *s, uint16_t vendor, uint16_t device,
                             unsigned confidence)
{
    char text[16];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (vendor == 0 && device == 0)
        return;
    cd_text_str(&t, "0x");
    cd_text_hex(&t, vendor, 4);
    cd_text_str(&t, ":0x");
    cd_text_hex(&t, device, 4);
    cd_report_fact(m, s, CD_ATTRIBUTE_INSTANCE, text, confidence);
    const char *name = cd_dcp_vendor_name(vendor);
    if (name)
        cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, name, confidence);
}

static void report_mac(struct cd_message *m, const struct cd_subject *s, const uint8_t *bytes, unsigned confidence)
{
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!bytes || !cd_mac_is_device(cd_mac_of(bytes)))
        return;
    cd_text_mac(&t, cd_mac_of(bytes));
    cd_report_fact(m, s, CD_ATTRIBUTE_HARDWARE_ADDRESS, text, confidence);
}

/* ---- connect ---- */

/* Who asks for an application relation: its role by the relation's type, its MAC, object and station name (5.2.4.1). */
static void report_initiator(struct cd_message *m, struct cd_reader *r)
{
    enum { SUPERVISOR = 6, NAME_MAX = 240 };
    struct cd_subject client = cd_subject_client(m);
    uint16_t type = cd_read_be16(r, "AR type");
    cd_read_skip(r, 16 + 2, "AR UUID");
    const uint8_t *mac = cd_read_at(r, 6, "initiator MAC address");
    cd_read_skip(r, 12, "initiator object UUID");
    uint16_t device = cd_read_be16(r, "initiator object UUID"), vendor = cd_read_be16(r, "initiator object UUID");
    cd_read_skip(r, 4 + 2 + 2, "AR properties");
    uint16_t length = cd_read_be16(r, "station name length");
    const uint8_t *name = cd_read_at(r, length, "initiator station name");
    if (!cd_read_ok(r))
        return;
    report_mac(m, &client, mac, 85);
    cd_pnio_report_identity(m, &client, vendor, device, 90);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_NAME, name, length < NAME_MAX ? length : NAME_MAX, 85);
    cd_report_fact(m, &client, CD_ATTRIBUTE_ROLE, type == SUPERVISOR ? "io-supervisor" : "io-controller", 90);
}

static void report_module(struct cd_message *m, const struct cd_subject *device, const char *state, uint16_t slot,
                          uint32_t ident, unsigned confidence)
{
    char text[VALUE_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_str(&t, "slot ");
    cd_text_u64(&t, slot);
    cd_text_str(&t, ": module 0x");
    cd_text_hex(&t, ident, 8);
    cd_text_str(&t, state);
    cd_report_fact(m, device, CD_ATTRIBUTE_MODULE, text, confidence);
}

static void report_submodule(struct cd_message *m, uint16_t slot, uint16_t subslot, uint32_t ident, unsigned confidence)
{
    struct cd_subject server = cd_subject_server(m);
    char text[VALUE_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_pnio_text_place(&t, 0, slot, subslot);
    cd_text_str(&t, ": submodule 0x");
    cd_text_hex(&t, ident, 8);
    cd_report_fact(m, &server, CD_ATTRIBUTE_MODULE, text, confidence);
}

/* One submodule of an expected submodule block: ident number and properties, whose two lowest bits tell how many data descriptions of six
 * bytes follow (5.2.4.5). */
static void read_expected_submodule(struct cd_message *m, struct cd_reader *r, uint16_t slot)
{
    uint16_t subslot = cd_read_be16(r, "subslot number");
    uint32_t ident = cd_read_be32(r, "submodule ident number");
    uint16_t properties = cd_read_be16(r, "submodule properties");
    cd_read_skip(r, (properties & 3) == 3 ? 12 : 6, "data description");
    if (cd_read_ok(r))
        report_submodule(m, slot, subslot, ident, 60);
}

static void report_expected(struct cd_message *m, struct cd_reader *r)
{
    struct cd_subject server = cd_subject_server(m);
    uint16_t apis = cd_read_be16(r, "number of APIs");
    unsigned seen = 0;
    for (unsigned a = 0; a < apis && cd_read_ok(r) && seen < CD_PNIO_ENTRIES_MAX; a++) {
        cd_read_skip(r, 4, "API");
        uint16_t slot = cd_read_be16(r, "slot number");
        uint32_t ident = cd_read_be32(r, "module ident number");
        cd_read_skip(r, 2, "module properties");
        uint16_t submodules = cd_read_be16(r, "number of submodules");
        if (cd_read_ok(r))
            report_module(m, &server, "", slot, ident, 60);
        for (unsigned i = 0; i < submodules && cd_read_ok(r) && seen++ < CD_PNIO_ENTRIES_MAX; i++)
            read_expected_submodule(m, r, slot);
    }
}

/* The frame ids of the cyclic data, by which its frames are known on the wire (5.2.4.3). */
static void report_relation(struct cd_message *m, struct cd_reader *r)
{
    static const char *const types[] = {"communication relation", "cyclic input", "cyclic output", "multicast provider",
                                        "multicast consumer"};
    struct cd_subject server = cd_subject_server(m);
    char text[VALUE_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    uint16_t type = cd_read_be16(r, "IOCR type");
    cd_read_skip(r, 2, "IOCR reference");
    uint16_t frame_id = cd_read_be16(r, "frame id");
    if (!cd_read_ok(r))
        return;
    cd_text_str(&t, types[type < 5 ? type : 0]);
    cd_text_str(&t, ", frame id 0x");
    cd_text_hex(&t, frame_id, 4);
    cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, text, 85);
}

static void report_difference(struct cd_message *m, uint16_t slot, uint16_t state)
{
    char detail[VALUE_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "slot ");
    cd_text_u64(&t, slot);
    cd_text_str(&t, state == 0 ? ": no module" : ": wrong module");
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

/* What a device found in its slots that is not what was expected (5.2.4.6). Module states: 0 none, 1 wrong, 2 proper, 3 substitute. */
static void report_differences(struct cd_message *m, struct cd_reader *r)
{
    enum { SUBMODULE = 8 };
    struct cd_subject device =
        cd_subject_sender(m); /* in the answer to connect, and in application ready, which it sends */
    uint16_t apis = cd_read_be16(r, "number of APIs");
    unsigned seen = 0;
    for (unsigned a = 0; a < apis && cd_read_ok(r); a++) {
        cd_read_skip(r, 4, "API");
        uint16_t modules = cd_read_be16(r, "number of modules");
        for (unsigned i = 0; i < modules && cd_read_ok(r) && seen++ < CD_PNIO_ENTRIES_MAX; i++) {
            uint16_t slot = cd_read_be16(r, "slot number");
            uint32_t ident = cd_read_be32(r, "module ident number");
            uint16_t state = cd_read_be16(r, "module state"), submodules = cd_read_be16(r, "number of submodules");
            cd_read_skip(r, (size_t)submodules * SUBMODULE, "submodules");
            if (!cd_read_ok(r))
                return;
            if (state < 2)
                report_difference(m, slot, state);
            if (state)
                report_module(m, &device, state == 1 ? " (wrong)" : state == 3 ? " (substitute)" : "", slot, ident, 90);
        }
    }
}

void cd_pnio_report_connect_block(struct cd_message *m, struct cd_pnio_block *block)
{
    struct cd_reader *r = &block->data;
    struct cd_subject server = cd_subject_server(m);
    switch (block->type) {
    case AR_REQUEST: report_initiator(m, r); break;
    case EXPECTED_SUBMODULES: report_expected(m, r); break;
    case AR_RESPONSE:
        cd_read_skip(r, 2 + 16 + 2, "AR UUID");
        report_mac(m, &server, cd_read_at(r, 6, "responder MAC address"), 85);
        break;
    case IOCR_RESPONSE: report_relation(m, r); break;
    case MODULE_DIFFERENCES: report_differences(m, r); break;
    case AR_SERVER: {
        uint16_t length = cd_read_be16(r, "station name length");
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, cd_read_at(r, length, "responder station name"),
                             cd_read_ok(r) ? length : 0, 90);
        break;
    }
    default: break;
    }
}

/* ---- identification and maintenance (IEC 61158-6-10 5.2.34, PNO 3.502) ---- */

/* The device itself for its access point in slot 0, else the module or submodule below it. */
static struct cd_subject subject_of_place(const struct cd_message *m, uint16_t slot, uint16_t subslot,
                                          char nested[NESTED_MAX])
{
    struct cd_text t = cd_text_of(nested, NESTED_MAX);
    if (slot || (subslot > 1 && subslot != 0x8000)) {
        cd_text_str(&t, "slot:");
        cd_text_u64(&t, slot);
        if (subslot > 1) {
            cd_text_str(&t, "/subslot:");
            cd_text_u64(&t, subslot);
        }
    }
    return cd_subject_nested(cd_subject_server(m), nested);
}

static void report_number(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute, uint64_t n)
{
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_u64(&t, n);
    cd_report_fact(m, s, attribute, text, 98);
}

/* Revision: a letter and three numbers, "V 4 2 1". */
static void report_software(struct cd_message *m, const struct cd_subject *s, const uint8_t *revision)
{
    char text[24];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (revision[0] > ' ' && revision[0] < 0x7f)
        cd_text_char(&t, (char)revision[0]);
    for (unsigned i = 1; i < 4; i++) {
        if (i > 1)
            cd_text_char(&t, '.');
        cd_text_u64(&t, revision[i]);
    }
    cd_report_fact(m, s, CD_ATTRIBUTE_FIRMWARE, text, 98);
}

static void report_im0(struct cd_message *m, const struct cd_subject *s, struct cd_reader *r)
{
    enum { ORDER = 20, SERIAL = 16 };
    uint16_t vendor = cd_read_be16(r, "vendor id");
    const uint8_t *order = cd_read_at(r, ORDER, "order id");
    const uint8_t *serial = cd_read_at(r, SERIAL, "serial number");
    uint16_t hardware = cd_read_be16(r, "hardware revision");
    const uint8_t *software = cd_read_at(r, 4, "software revision");
    if (!cd_read_ok(r))
        return;
    const char *name = cd_dcp_vendor_name(vendor);
    if (name)
        cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, name, 98);
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_ORDER_NUMBER, order, ORDER, 98);
    cd_report_fact_bytes(m, s, CD_ATTRIBUTE_SERIAL, serial, SERIAL, 98);
    report_number(m, s, CD_ATTRIBUTE_HARDWARE, hardware);
    report_software(m, s, software);
}

static void report_im(struct cd_message *m, const struct cd_pnio_record *record, struct cd_pnio_block *block)
{
    enum { FUNCTION = 32, LOCATION = 22, DATE = 16, DESCRIPTOR = 54 };
    char nested[NESTED_MAX];
    struct cd_subject s = subject_of_place(m, record->slot, record->subslot, nested);
    struct cd_reader *r = &block->data;
    const uint8_t *text = NULL;
    switch (block->type) {
    case IM0: report_im0(m, &s, r); break;
    case IM1:
        if ((text = cd_read_at(r, FUNCTION, "tag function")))
            cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_DESCRIPTION, text, FUNCTION, 80);
        if ((text = cd_read_at(r, LOCATION, "tag location")))
            cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_LOCATION, text, LOCATION, 85);
        break;
    case IM3:
        if ((text = cd_read_at(r, DESCRIPTOR, "descriptor")))
            cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_DESCRIPTION, text, DESCRIPTOR, 85);
        break;
    default: break;
    }
}

/* ---- modules ---- */

/* API, slot, module, subslot, submodule: identification data and the filter of I&M0 are the same lists (5.2.5.3, 5.2.34.2). In version 1.0 identification
 * data has one API without its number. */
static void report_list(struct cd_message *m, struct cd_reader *r, bool with_apis)
{
    struct cd_subject server = cd_subject_server(m);
    uint16_t apis = with_apis ? cd_read_be16(r, "number of APIs") : 1;
    unsigned seen = 0;
    for (unsigned a = 0; a < apis && cd_read_ok(r); a++) {
        if (with_apis)
            cd_read_skip(r, 4, "API");
        uint16_t modules = cd_read_be16(r, "number of slots");
        for (unsigned i = 0; i < modules && cd_read_ok(r); i++) {
            uint16_t slot = cd_read_be16(r, "slot number");
            uint32_t module = cd_read_be32(r, "module ident number");
            uint16_t submodules = cd_read_be16(r, "number of subslots");
            if (cd_read_ok(r))
                report_module(m, &server, "", slot, module, 95);
            for (unsigned k = 0; k < submodules && cd_read_ok(r); k++) {
                uint16_t subslot = cd_read_be16(r, "subslot number");
                uint32_t ident = cd_read_be32(r, "submodule ident number");
                if (++seen > CD_PNIO_ENTRIES_MAX)
                    return;
                if (cd_read_ok(r))
                    report_submodule(m, slot, subslot, ident, 95);
            }
        }
    }
}

/* ---- interface and ports ---- */

static void report_ip(struct cd_message *m, const uint8_t *bytes, enum cd_attribute attribute)
{
    struct cd_subject server = cd_subject_server(m);
    struct cd_ip ip = cd_ip_of4(bytes);
    char text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    if (!cd_ip_is_device(&ip))
        return;
    cd_text_ip(&t, &ip);
    cd_report_fact(m, &server, attribute, text, 90);
}

/* Fields are filled up to four bytes, counted from the block's beginning (whose header is six bytes, two of them in `data` already). */
static void align(struct cd_reader *r)
{
    while ((r->pos + 4) % 4 && cd_read_left(r))
        cd_read_skip(r, 1, "padding");
}

static void report_interface(struct cd_message *m, struct cd_reader *r)
{
    struct cd_subject server = cd_subject_server(m);
    uint8_t length = cd_read_u8(r, "chassis id length");
    const uint8_t *name = cd_read_at(r, length, "chassis id");
    align(r);
    const uint8_t *mac = cd_read_at(r, 6, "MAC address");
    align(r);
    const uint8_t *addresses = cd_read_at(r, 12, "IP address");
    if (!cd_read_ok(r))
        return;
    cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, name, length, 90);
    report_mac(m, &server, mac, 90);
    report_ip(m, addresses, CD_ATTRIBUTE_ADDRESS);
    if (cd_ip_of4(addresses).words[1] != cd_ip_of4(addresses + 8).words[1]) /* its own address stands for no gateway */
        report_ip(m, addresses + 8, CD_ATTRIBUTE_GATEWAY);
}

static void report_neighbour(struct cd_message *m, struct cd_reader *r, const uint8_t *own, size_t own_length)
{
    struct cd_subject server = cd_subject_server(m);
    char text[VALUE_MAX];
    struct cd_text t = cd_text_of(text, sizeof text);
    uint8_t port_length = cd_read_u8(r, "peer port id length");
    const uint8_t *port = cd_read_at(r, port_length, "peer port id");
    uint8_t chassis_length = cd_read_u8(r, "peer chassis id length");
    const uint8_t *chassis = cd_read_at(r, chassis_length, "peer chassis id");
    align(r);
    cd_read_skip(r, 4, "line delay");
    const uint8_t *mac = cd_read_at(r, 6, "peer MAC address");
    align(r);
    if (!cd_read_ok(r))
        return;
    cd_text_device(&t, own, own_length < 40 ? own_length : 40);
    cd_text_str(&t, ": ");
    cd_text_device(&t, chassis, chassis_length < 60 ? chassis_length : 60);
    cd_text_str(&t, " port ");
    cd_text_device(&t, port, port_length < 30 ? port_length : 30);
    cd_text_char(&t, ' ');
    cd_text_mac(&t, cd_mac_of(mac));
    cd_report_fact(m, &server, CD_ATTRIBUTE_NEIGHBOUR, text, 85);
}

static void report_port(struct cd_message *m, struct cd_pnio_block *block)
{
    struct cd_reader *r = &block->data;
    if (block->version_low > 0) /* 1.1 has other fields */
        return;
    cd_read_skip(r, 2 + 2 + 2, "slot and subslot");
    uint8_t length = cd_read_u8(r, "port id length");
    const uint8_t *own = cd_read_at(r, length, "port id");
    uint8_t peers = cd_read_u8(r, "number of peers");
    align(r);
    for (unsigned i = 0; i < peers && cd_read_ok(r); i++)
        report_neighbour(m, r, own, length);
}

/* ---- records ---- */

static void report_diagnosis(struct cd_message *m, const struct cd_pnio_record *record)
{
    char detail[VALUE_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "has diagnosis entries: ");
    cd_pnio_text_place(&t, record->api, record->slot, record->subslot);
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

static void report_block(struct cd_message *m, const struct cd_pnio_record *record, struct cd_pnio_block *block)
{
    switch (block->type) {
    case DIAGNOSIS_DATA: report_diagnosis(m, record); break;
    case REAL_IDENTIFICATION: report_list(m, &block->data, block->version_low > 0); break;
    case IM0:
    case IM1:
    case IM3: report_im(m, record, block); break;
    case IM0_FILTER_SUBMODULE: report_list(m, &block->data, true); break;
    case PORT_DATA_REAL: report_port(m, block); break;
    case INTERFACE_DATA_REAL: report_interface(m, &block->data); break;
    default: break;
    }
}

/* A block of several is a block header, padding, API, slot and subslot, and blocks. */
static void report_inner_blocks(struct cd_message *m, const struct cd_pnio_record *record, struct cd_reader *r)
{
    cd_read_skip(r, 2 + 4 + 2 + 2, "multiple block header");
    for (unsigned n = 0; cd_read_left(r) >= 4 && n < CD_PNIO_ENTRIES_MAX; n++) {
        struct cd_pnio_block inner;
        if (!cd_pnio_next_block(r, &inner))
            return;
        report_block(m, record, &inner);
        align(r);
    }
}

void cd_pnio_report_record(struct cd_message *m, const struct cd_pnio_record *record, struct cd_reader *blocks)
{
    /* Below 0x8000 a record is what its maker wants it to be. */
    for (unsigned n = 0; record->index >= 0x8000 && cd_read_left(blocks) >= 6 && n < CD_PNIO_ENTRIES_MAX; n++) {
        struct cd_pnio_block block;
        if (!cd_pnio_next_block(blocks, &block))
            return;
        if (block.type == MULTIPLE_BLOCKS)
            report_inner_blocks(m, record, &block.data);
        else
            report_block(m, record, &block);
        if (!cd_read_ok(&block.data))
            cd_read_fail(blocks, block.data.bad);
    }
}
