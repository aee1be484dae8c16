/* EtherCAT: what is learned of slaves from their registers: where they are, what they are (SII, ETG.2010), and which state they are in. */
#include "protocols/ethercat.h"

enum { SII_BUSY = 0x8000, SII_ERRORS = 0x7800, SII_READ = 0x0100, AL_ERROR = 0x10 };
enum { SII_VENDOR = 8, SII_PRODUCT = 10, SII_REVISION = 12, SII_SERIAL = 14 }; /* in words */

struct cd_ethercat_slave *cd_ethercat_slave_of(struct cd_ethercat_state *s, uint16_t station)
{
    for (unsigned i = 0, at = s->last_slave; i < s->n_slaves; i++, at++) {
        at = at < s->n_slaves ? at : 0;
        if (s->slaves[at].station != station)
            continue;
        s->last_slave = (uint16_t)at;
        return &s->slaves[at];
    }
    if (s->n_slaves == CD_ETHERCAT_SLAVES)
        return NULL;
    s->slaves[s->n_slaves] = (struct cd_ethercat_slave){.station = station};
    return &s->slaves[s->n_slaves++];
}

struct cd_subject cd_ethercat_subject(const struct cd_message *m, uint16_t station, char nested[32])
{
    struct cd_text t = cd_text_of(nested, 32);
    cd_text_str(&t, "ethercat:");
    cd_text_u64(&t, station);
    return cd_subject_nested(cd_subject_client(m), nested);
}

/* ---- identity ---- */

/* Beckhoff's product codes hold the type: its number in the upper half, its letters in the lower one. */
static bool text_beckhoff(struct cd_text *t, uint32_t product)
{
    static const struct {
        uint16_t low;
        const char *letters;
    } series[] = {{0x2c52, "EK"}, {0x3052, "EL"}, {0x4052, "EP"}, {0x5432, "CU"}, {0x6012, "AX"}};
    for (unsigned i = 0; i < sizeof series / sizeof *series; i++) {
        if ((product & 0xffff) != series[i].low)
            continue;
        cd_text_str(t, series[i].letters);
        cd_text_u64(t, product >> 16);
        return true;
    }
    return false;
}

static void text_number(struct cd_text *t, const char *before, uint32_t value)
{
    cd_text_str(t, before);
    cd_text_hex(t, value, 8);
}

void cd_ethercat_report_identity(struct cd_message *m, uint16_t station, unsigned number, uint32_t value,
                                 unsigned confidence)
{
    char nested[32], text[48];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_subject s = cd_ethercat_subject(m, station, nested);
    const char *name = cd_ethercat_vendor_name(value);
    if (value == 0 || value == UINT32_MAX) /* an empty EEPROM */
        return;
    switch (number) {
    case 1:
        if (name)
            cd_text_str(&t, name);
        else
            text_number(&t, "EtherCAT vendor 0x", value);
        cd_report_fact(m, &s, CD_ATTRIBUTE_VENDOR, text, confidence);
        cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "io-device", 50);
        break;
    case 2:
        if (!text_beckhoff(&t, value))
            text_number(&t, "product code 0x", value);
        cd_report_fact(m, &s, CD_ATTRIBUTE_MODEL, text, confidence);
        if (text[0] == 'A' && text[1] == 'X')
            cd_report_fact(m, &s, CD_ATTRIBUTE_ROLE, "drive", 85);
        break;
    case 3:
        text_number(&t, "0x", value);
        cd_report_fact(m, &s, CD_ATTRIBUTE_HARDWARE, text, confidence);
        break;
    case 4:
        cd_text_u64(&t, value);
        cd_report_fact(m, &s, CD_ATTRIBUTE_SERIAL, text, confidence);
        break;
    default: break;
    }
}

/* ---- registers ---- */

/* A view from this register on; empty where the datagram does not reach it. */
static struct cd_reader at(const struct cd_ethercat_datagram *d, uint16_t offset)
{
    struct cd_reader r = d->data;
    if (offset < d->offset || offset >= d->offset + d->data.len)
        return (struct cd_reader){0};
    cd_read_skip(&r, (size_t)(offset - d->offset), "register");
    return r;
}

/* Words of the SII as they were read: four or eight bytes from an address on. */
static void read_sii(struct cd_message *m, struct cd_ethercat_slave *slave, const struct cd_ethercat_datagram *d)
{
    struct cd_reader control = at(d, CD_ETHERCAT_SII_CONTROL), address = at(d, CD_ETHERCAT_SII_ADDRESS),
                     data = at(d, CD_ETHERCAT_SII_DATA);
    if (cd_read_left(&control) >= 2 && cd_read_le16(&control, "SII status") & (SII_BUSY | SII_ERRORS))
        return;
    uint32_t word = cd_read_left(&address) >= 4 ? cd_read_le32(&address, "SII address") : slave->sii_address;
    for (; cd_read_left(&data) >= 4 && word >= SII_VENDOR && word <= SII_SERIAL && word % 2 == 0; word += 2)
        cd_ethercat_report_identity(m, slave->station, 1 + (word - SII_VENDOR) / 2, cd_read_le32(&data, "SII data"),
                                    98);
}

static void text_error(struct cd_text *t, const struct cd_ethercat_slave *slave)
{
    cd_text_str(t, "station ");
    cd_text_u64(t, slave->station);
    cd_text_str(t, ": ");
}

/* The state, and whether an error is why it is in it; the code that says which stands behind it, and is not always read. */
static void report_state(struct cd_message *m, struct cd_ethercat_slave *slave, uint8_t status, bool with_code)
{
    char nested[32], detail[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    struct cd_subject s = cd_ethercat_subject(m, slave->station, nested);
    if (status == slave->al_status)
        return;
    bool failed = status & AL_ERROR && !(slave->al_status & AL_ERROR);
    slave->al_status = status;
    cd_report_fact(m, &s, CD_ATTRIBUTE_STATE, cd_ethercat_state_name(status), 90);
    if (!failed || with_code)
        return;
    text_error(&t, slave);
    cd_text_str(&t, "error in state ");
    cd_text_str(&t, cd_ethercat_state_name(status));
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

/* The code of an error; told once, until it is another. */
static void report_error(struct cd_message *m, struct cd_ethercat_slave *slave, uint16_t code)
{
    char detail[CD_ETHERCAT_TARGET_MAX];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    const char *name = cd_ethercat_status_code_name(code);
    if (code == slave->status_code)
        return;
    slave->status_code = code;
    if (code == 0)
        return;
    text_error(&t, slave);
    if (name) {
        cd_text_str(&t, name);
    } else {
        cd_text_str(&t, "AL status code 0x");
        cd_text_hex(&t, code, 4);
    }
    cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

static void learn_read(struct cd_message *m, struct cd_ethercat_slave *slave, const struct cd_ethercat_datagram *d)
{
    struct cd_reader status = at(d, CD_ETHERCAT_AL_STATUS), code = at(d, CD_ETHERCAT_AL_STATUS_CODE);
    if (cd_read_left(&status))
        report_state(m, slave, cd_read_u8(&status, "AL status") & (AL_ERROR | 0xf), cd_read_left(&code) >= 2);
    if (cd_read_left(&code) >= 2)
        report_error(m, slave, cd_read_le16(&code, "AL status code"));
    if (d->offset >= 0x0500 && d->offset <= CD_ETHERCAT_SII_DATA)
        read_sii(m, slave, d);
}

static void learn_write(struct cd_ethercat_slave *slave, const struct cd_ethercat_datagram *d)
{
    struct cd_reader address = at(d, CD_ETHERCAT_SII_ADDRESS);
    if (cd_read_left(&address) >= 4)
        slave->sii_address = cd_read_le32(&address, "SII address");
}

/* Station addresses are given by position, before anything is asked by station (ETG.1000.4 6.1.3). */
static void learn_station(struct cd_ethercat_state *s, const struct cd_ethercat_datagram *d, uint16_t position)
{
    struct cd_reader value = at(d, CD_ETHERCAT_STATION_ADDRESS);
    uint16_t station = cd_read_left(&value) >= 2 ? cd_read_le16(&value, "station address") : 0;
    struct cd_ethercat_slave *slave = station ? cd_ethercat_slave_of(s, station) : NULL;
    for (unsigned i = 0; slave && i < s->n_slaves; i++)
        if (s->slaves[i].position == position)
            s->slaves[i].has_position = false; /* another's before */
    if (slave) {
        slave->position = position;
        slave->has_position = true;
    }
}

void cd_ethercat_learn(struct cd_message *m, const struct cd_ethercat_datagram *d, uint16_t who, bool has_station,
                       bool returned)
{
    struct cd_ethercat_state *s = m->state;
    bool by_position = d->command >= CD_ETHERCAT_APRD && d->command <= CD_ETHERCAT_APRW;
    bool by_station = d->command >= CD_ETHERCAT_FPRD && d->command <= CD_ETHERCAT_FPRW;
    bool reads = d->command != CD_ETHERCAT_APWR && d->command != CD_ETHERCAT_FPWR;
    bool written = d->command != CD_ETHERCAT_APRD && d->command != CD_ETHERCAT_FPRD;
    if (!by_position && !by_station)
        return;
    if (by_position && !returned && d->command == CD_ETHERCAT_APWR && d->offset == CD_ETHERCAT_STATION_ADDRESS) {
        learn_station(s, d, (uint16_t)-d->position);
        return;
    }
    struct cd_ethercat_slave *slave = has_station ? cd_ethercat_slave_of(s, who) : NULL;
    if (!slave)
        return;
    if (d->offset >= CD_ETHERCAT_MEMORY) {
        if (returned ? reads && d->working_counter : written)
            cd_ethercat_mailbox(m, d->data, slave);
    } else if (!returned && written) {
        learn_write(slave, d);
    } else if (returned && reads && d->working_counter) {
        learn_read(m, slave, d);
    }
}
