/* EtherCAT: mailboxes (ETG.1000.5 and .6): six bytes of header, then CANopen (CoE), files (FoE), drive parameters (SoE) or others.
 *
 *     length 2 | address 2 | channel 6 bits, priority 2 | type 4 bits, counter 3 | content
 *
 * Where a slave's mailboxes lie in its memory is set at start up; as a capture may begin later, they are known by their bytes. */
#include "protocols/ethercat.h"

enum mailbox_type { MAILBOX_ERROR = 0, AOE = 1, EOE = 2, COE = 3, FOE = 4, SOE = 5, VOE = 15 };
enum { HEADER = 6 };

static uint64_t request_id(const struct cd_ethercat_slave *slave, enum mailbox_type type)
{
    return (uint64_t)type << 16 | slave->station;
}

static void text_station(struct cd_text *t, const struct cd_ethercat_slave *slave)
{
    cd_text_str(t, "station ");
    cd_text_u64(t, slave->station);
}

/* ---- CoE: number 9 bits, reserved 3, service 4; then an SDO as in CANopen (CiA 301) ---- */

enum coe_service {
    COE_EMERGENCY = 1,
    COE_SDO_REQUEST = 2,
    COE_SDO_RESPONSE = 3,
    COE_TXPDO = 4,
    COE_RXPDO = 5,
    COE_TXPDO_REMOTE = 6,
    COE_RXPDO_REMOTE = 7,
    COE_SDO_INFORMATION = 8
};
enum sdo_command { SDO_DOWNLOAD_SEGMENT, SDO_DOWNLOAD, SDO_UPLOAD, SDO_UPLOAD_SEGMENT, SDO_ABORT };

static void text_object(struct cd_text *t, const struct cd_ethercat_slave *slave, uint16_t index, uint8_t subindex)
{
    text_station(t, slave);
    cd_text_str(t, " 0x");
    cd_text_hex(t, index, 4);
    cd_text_char(t, ':');
    cd_text_hex(t, subindex, 2);
}

/* Communication parameters (0x1000 to 0x1fff) configure; among them are a program and its control (CiA 302-3). */
static enum cd_class download_class(uint16_t index)
{
    if (index == 0x1f50)
        return CD_CLASS_FIRMWARE;
    if (index == 0x1f51)
        return CD_CLASS_MODE;
    return index >= 0x1000 && index < 0x2000 ? CD_CLASS_CONFIGURE : CD_CLASS_WRITE;
}

static void sdo_request(struct cd_message *m, struct cd_reader *r, struct cd_ethercat_slave *slave)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } requests[] = {[SDO_DOWNLOAD_SEGMENT] = {"sdo download segment", CD_CLASS_WRITE},
                    [SDO_DOWNLOAD] = {"sdo download", CD_CLASS_WRITE},
                    [SDO_UPLOAD] = {"sdo upload", CD_CLASS_READ},
                    [SDO_UPLOAD_SEGMENT] = {"sdo upload segment", CD_CLASS_READ},
                    [SDO_ABORT] = {"sdo abort", CD_CLASS_OTHER}};
    char target[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t command = cd_read_u8(r, "SDO command") >> 5;
    uint16_t index = cd_read_le16(r, "index");
    uint8_t subindex = cd_read_u8(r, "subindex");
    bool with_object = command == SDO_DOWNLOAD || command == SDO_UPLOAD || command == SDO_ABORT;
    if (!cd_read_ok(r) || command > SDO_ABORT)
        return;
    if (with_object)
        text_object(&t, slave, index, subindex);
    else
        text_station(&t, slave);
    struct cd_operation op = {.name = requests[command].name,
                              .code_space = "coe",
                              .code = command,
                              .class = command == SDO_DOWNLOAD ? download_class(index) : requests[command].class,
                              .target = target};
    slave->coe_index = command == SDO_UPLOAD ? index : 0;
    slave->coe_subindex = subindex;
    cd_report_request(m, &op, request_id(slave, COE));
}

/* Objects that are a name plate: 0x1018 identity, 0x1008 to 0x100a names and versions. */
static void report_object(struct cd_message *m, const struct cd_ethercat_slave *slave, struct cd_reader *value)
{
    char nested[32];
    struct cd_subject s = cd_ethercat_subject(m, slave->station, nested);
    enum cd_attribute attribute = slave->coe_index == 0x1008   ? CD_ATTRIBUTE_MODEL
                                  : slave->coe_index == 0x1009 ? CD_ATTRIBUTE_HARDWARE
                                  : slave->coe_index == 0x100a ? CD_ATTRIBUTE_FIRMWARE
                                                               : CD_ATTRIBUTES;
    if (slave->coe_index == 0x1018 && value->len >= 4)
        cd_ethercat_report_identity(m, slave->station, slave->coe_subindex, cd_read_le32(value, "value"), 98);
    else if (attribute != CD_ATTRIBUTES)
        cd_report_fact_bytes(m, &s, attribute, value->base, value->len, attribute == CD_ATTRIBUTE_MODEL ? 100 : 98);
}

static void read_upload(struct cd_message *m, struct cd_reader *r, const struct cd_ethercat_slave *slave,
                        uint8_t specifier)
{
    enum { EXPEDITED = 2, SIZE_TOLD = 1 };
    size_t length = specifier & SIZE_TOLD ? 4u - (specifier >> 2 & 3) : 4u;
    if (!(specifier & EXPEDITED))
        length = cd_read_le32(r, "complete size");
    if (length > cd_read_left(r))
        length = cd_read_left(r); /* segments follow */
    struct cd_reader value = cd_read_sub(r, length, "value");
    report_object(m, slave, &value);
}

static void sdo_response(struct cd_message *m, struct cd_reader *r, struct cd_ethercat_slave *slave)
{
    char target[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t specifier = cd_read_u8(r, "SDO command"), command = specifier >> 5;
    /* Answers have numbers of their own: 0 upload segment, 1 download segment, 2 upload, 3 download. */
    static const uint8_t asked[] = {SDO_UPLOAD_SEGMENT, SDO_DOWNLOAD_SEGMENT, SDO_UPLOAD, SDO_DOWNLOAD, SDO_ABORT};
    uint16_t index = cd_read_left(r) >= 3 ? cd_read_le16(r, "index") : 0;
    uint8_t subindex = cd_read_left(r) ? cd_read_u8(r, "subindex") : 0;
    if (!cd_read_ok(r) || command > SDO_ABORT)
        return;
    bool abort = command == SDO_ABORT;
    const char *error = abort ? cd_ethercat_abort_name(cd_read_le32(r, "abort code")) : NULL;
    if (index)
        text_object(&t, slave, index, subindex);
    struct cd_operation op = {.name = abort ? "sdo abort" : "sdo answer",
                              .code_space = "coe",
                              .code = asked[command],
                              .class = CD_CLASS_OTHER,
                              .target = target};
    cd_report_response(m, &op, request_id(slave, COE), error);
    if (command == SDO_UPLOAD && slave->coe_index == index && slave->coe_subindex == subindex)
        read_upload(m, r, slave, specifier);
    slave->coe_index = 0;
}

static void read_emergency(struct cd_message *m, struct cd_reader *r, const struct cd_ethercat_slave *slave)
{
    char detail[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    uint16_t code = cd_read_le16(r, "error code");
    if (!cd_read_ok(r) || code == 0) /* 0: the error is gone */
        return;
    text_station(&t, slave);
    cd_text_str(&t, ": emergency 0x");
    cd_text_hex(&t, code, 4);
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

static void report_named(struct cd_message *m, const struct cd_ethercat_slave *slave, const char *space,
                         const char *name, uint32_t code, enum cd_class class)
{
    char target[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {.name = name, .code_space = space, .code = code, .class = class, .target = target};
    text_station(&t, slave);
    cd_report_notice(m, &op);
}

static void read_coe(struct cd_message *m, struct cd_reader *r, struct cd_ethercat_slave *slave)
{
    uint16_t service = cd_read_le16(r, "CoE service") >> 12;
    switch (service) {
    case COE_EMERGENCY:
        report_named(m, slave, "coe-service", "emergency", service, CD_CLASS_ALARM);
        read_emergency(m, r, slave);
        break;
    case COE_SDO_REQUEST: sdo_request(m, r, slave); break;
    case COE_SDO_RESPONSE: sdo_response(m, r, slave); break;
    case COE_SDO_INFORMATION:
        report_named(m, slave, "coe-service", "sdo information", service, CD_CLASS_IDENTIFY);
        break;
    default: report_named(m, slave, "coe-service", "pdo", service, CD_CLASS_OTHER); break;
    }
}

/* ---- FoE: operation 1, reserved 1, then by operation; requests: password 4, file name ---- */

enum foe_operation { FOE_READ = 1, FOE_WRITE = 2, FOE_DATA = 3, FOE_ACK = 4, FOE_ERROR = 5, FOE_BUSY = 6 };

static void read_foe(struct cd_message *m, struct cd_reader *r, const struct cd_ethercat_slave *slave)
{
    static const char *const names[] = {
        "foe", "foe read file", "foe write file", "foe data", "foe acknowledgement", "foe error", "foe busy"};
    enum { NAME_SHOWN = 64 };
    char target[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t operation = cd_read_u8(r, "FoE operation");
    cd_read_skip(r, 1, "reserved");
    uint32_t password = cd_read_le32(r, "password");
    if (!cd_read_ok(r) || operation == 0 || operation > FOE_BUSY)
        return;
    bool request = operation == FOE_READ || operation == FOE_WRITE;
    struct cd_operation op = {.name = names[operation],
                              .code_space = "foe",
                              .code = operation,
                              .class = operation == FOE_WRITE ? CD_CLASS_FIRMWARE : CD_CLASS_FILE,
                              .target = target};
    text_station(&t, slave);
    if (request) {
        size_t length = cd_read_left(r);
        const uint8_t *name = cd_read_at(r, length, "file name");
        cd_text_str(&t, " file \"");
        cd_text_device(&t, name, length < NAME_SHOWN ? length : NAME_SHOWN);
        cd_text_char(&t, '"');
    }
    cd_report_notice(m, &op);
    if (request && password)
        cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, "FoE password");
    if (operation == FOE_ERROR)
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, "file transfer failed");
}

/* ---- SoE: operation 3 bits, more, error, drive 3 bits; elements; IDN (IEC 61800-7-304) ---- */

static void read_soe(struct cd_message *m, struct cd_reader *r, const struct cd_ethercat_slave *slave)
{
    static const char *const names[] = {
        "soe",           "soe read", "soe read answer", "soe write", "soe write answer", "soe notification",
        "soe emergency", "soe"};
    char target[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    uint8_t head = cd_read_u8(r, "SoE operation"), operation = head & 7;
    cd_read_skip(r, 1, "elements");
    uint16_t idn = cd_read_le16(r, "IDN");
    if (!cd_read_ok(r))
        return;
    text_station(&t, slave);
    cd_text_str(&t, " drive ");
    cd_text_u64(&t, head >> 5);
    cd_text_str(&t, idn & 0x8000 ? " P-" : " S-");
    cd_text_u64(&t, idn >> 12 & 7);
    cd_text_char(&t, '-');
    cd_text_u64(&t, idn & 0xfff);
    struct cd_operation op = {.name = names[operation],
                              .code_space = "soe",
                              .code = operation,
                              .class = operation == 3   ? CD_CLASS_WRITE
                                       : operation == 6 ? CD_CLASS_ALARM
                                                        : CD_CLASS_READ,
                              .target = target};
    cd_report_notice(m, &op);
}

/* ---- the mailbox ---- */

static bool is_known_type(uint8_t type)
{
    return (type >= AOE && type <= SOE) || type == VOE;
}

/* Memory holds process data as well: only what is a mailbox in every field counts. */
static bool parse_header(struct cd_reader *data, uint8_t *ret_type, struct cd_reader *ret_content)
{
    enum { SHORTEST = 2, CHANNEL = 0x3f, RESERVED = 0x80 };
    uint16_t length = cd_read_le16(data, "mailbox length");
    cd_read_skip(data, 2, "mailbox address");
    uint8_t channel = cd_read_u8(data, "mailbox channel"), type = cd_read_u8(data, "mailbox type");
    if (!cd_read_ok(data) || length < SHORTEST || length > cd_read_left(data) || channel & CHANNEL || type & RESERVED ||
        !is_known_type(type & 0xf))
        return false;
    *ret_type = type & 0xf;
    *ret_content = cd_read_sub(data, length, "mailbox length");
    return true;
}

static bool is_coe(const struct cd_reader *r)
{
    int low = cd_read_peek(r, 0), high = cd_read_peek(r, 1);
    return low >= 0 && high >= 0 && (high & 0xe) == 0 && high >> 4 >= COE_EMERGENCY && high >> 4 <= COE_SDO_INFORMATION;
}

void cd_ethercat_mailbox(struct cd_message *m, struct cd_reader data, struct cd_ethercat_slave *slave)
{
    uint8_t type;
    struct cd_reader r;
    if (cd_read_left(&data) < HEADER + 2 || !parse_header(&data, &type, &r) || (type == COE && !is_coe(&r)))
        return;
    switch (type) {
    case AOE: report_named(m, slave, "mailbox", "ads over ethercat", type, CD_CLASS_OTHER); break;
    case EOE: report_named(m, slave, "mailbox", "ethernet over ethercat", type, CD_CLASS_OTHER); break;
    case COE: read_coe(m, &r, slave); break;
    case FOE: read_foe(m, &r, slave); break;
    case SOE: read_soe(m, &r, slave); break;
    default: report_named(m, slave, "mailbox", "vendor mailbox", type, CD_CLASS_OTHER); break;
    }
}
