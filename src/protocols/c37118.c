/* IEEE C37.118.2: recognising and framing, who measures what, and commands that start and stop streams. */
#include "protocols/c37118.h"

#include "base/text.h"

enum { TARGET_MAX = 64, TYPES = 6, VERSIONS = 3 /* 1: 2005, 2: 2011; one more for what may come */ };

/* Units told of one configuration, and names told of one unit: concentrators pass on some hundreds. */
enum { UNITS_MAX = 256, NAMES_MAX = 32 };

/* ---- parsing ---- */

enum { SLICES = 8 };

/* tables[k][b]: the checksum of byte b with k zero bytes behind it. */
static uint16_t tables[SLICES][256];

static void make_tables(void)
{
    for (unsigned b = 0; b < 256; b++) {
        uint16_t crc = (uint16_t)(b << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
        tables[0][b] = crc;
    }
    for (int k = 1; k < SLICES; k++)
        for (unsigned b = 0; b < 256; b++)
            tables[k][b] = (uint16_t)(tables[k - 1][b] << 8 ^ tables[0][tables[k - 1][b] >> 8]);
}

/* Eight bytes at a time: configurations are long, and every data frame is checked. */
uint16_t cd_c37118_crc(const uint8_t *bytes, size_t len)
{
    uint16_t crc = 0xffff;
    if (tables[0][1] == 0)
        make_tables();
    for (; len >= SLICES; bytes += SLICES, len -= SLICES) {
        uint16_t next = tables[7][bytes[0] ^ crc >> 8] ^ tables[6][bytes[1] ^ (crc & 0xff)];
        for (int i = 2; i < SLICES; i++)
            next ^= tables[SLICES - 1 - i][bytes[i]];
        crc = next;
    }
    for (; len; bytes++, len--)
        crc = (uint16_t)(crc << 8 ^ tables[0][crc >> 8 ^ *bytes]);
    return crc;
}

/* The length of the frame at `bytes` (four or more there), 0 where none begins. */
static size_t frame_length(const uint8_t *bytes)
{
    unsigned type = bytes[1] >> 4, version = bytes[1] & 0xf;
    size_t length = (size_t)bytes[2] << 8 | bytes[3];
    if (bytes[0] != CD_C37118_SYNC || type >= TYPES || version < 1 || version > VERSIONS || length < CD_C37118_SHORTEST)
        return 0;
    return length;
}

bool cd_c37118_parse(struct cd_reader *r, struct cd_c37118_frame *ret)
{
    enum { HEADER = 14, CRC = 2 };
    struct cd_reader look = *r;
    const uint8_t *start = cd_read_at(&look, HEADER, "header");
    size_t length = start ? frame_length(start) : 0;
    if (!start || length == 0) {
        cd_read_fail(r, "header");
        return false;
    }
    struct cd_reader frame = cd_read_sub(r, length, "frame size");
    struct cd_c37118_frame f = {
        .type = start[1] >> 4, .version = start[1] & 0xf, .id = (uint16_t)(start[4] << 8 | start[5])};
    cd_read_skip(&frame, HEADER, "header");
    f.data = cd_read_sub(&frame, length - HEADER - CRC, "data");
    if (cd_read_be16(&frame, "checksum") != cd_c37118_crc(start, cd_read_ok(r) ? length - CRC : 0))
        cd_read_fail(r, "checksum");
    if (!cd_read_ok(r))
        return false;
    *ret = f;
    return true;
}

bool cd_c37118_parse_configuration(struct cd_reader *r, uint8_t type, uint16_t *ret_units)
{
    if (type == CD_C37118_CONFIGURATION_3 && cd_read_be16(r, "continuation index") > 1)
        return false;
    cd_read_skip(r, 4, "time base");
    uint16_t n = cd_read_be16(r, "number of units");
    if (!cd_read_ok(r))
        return false;
    *ret_units = n;
    return true;
}

static struct cd_reader read_name(struct cd_reader *r, bool with_length, const char *field)
{
    return cd_read_sub(r, with_length ? cd_read_u8(r, field) : CD_C37118_NAME, field);
}

/* 16 states make a digital word, each with its name. */
static uint32_t count_names(const struct cd_c37118_unit *unit)
{
    return unit->n_phasors + unit->n_analogs + 16u * unit->n_digitals;
}

bool cd_c37118_next_unit(struct cd_reader *r, uint8_t type, struct cd_c37118_unit *ret)
{
    enum { GLOBAL_ID = 16, LOCATION_AND_CLASS = 4 + 4 + 4 + 1 + 4 + 4 };
    bool third = type == CD_C37118_CONFIGURATION_3;
    struct cd_c37118_unit u = {.short_names = third, .station = read_name(r, third, "station name")};
    u.id = cd_read_be16(r, "unit id");
    cd_read_skip(r, third ? GLOBAL_ID : 0, "global id");
    cd_read_skip(r, 2, "format");
    u.n_phasors = cd_read_be16(r, "number of phasors");
    u.n_analogs = cd_read_be16(r, "number of analogs");
    u.n_digitals = cd_read_be16(r, "number of digital words");
    if (third) {
        size_t start = r->pos;
        struct cd_reader names = *r;
        for (uint32_t i = 0; i < count_names(&u) && cd_read_ok(r); i++)
            (void)read_name(r, true, "channel name");
        u.names = cd_read_sub(&names, cd_read_ok(r) ? r->pos - start : 0, "channel name");
        cd_read_skip(r, 12u * u.n_phasors + 8u * u.n_analogs + 4u * u.n_digitals + LOCATION_AND_CLASS, "conversion");
    } else {
        u.names = cd_read_sub(r, (size_t)CD_C37118_NAME * count_names(&u), "channel name");
        cd_read_skip(r, 4u * u.n_phasors + 4u * u.n_analogs + 4u * u.n_digitals, "conversion");
    }
    cd_read_skip(r, 2 + 2, "nominal frequency");
    if (!cd_read_ok(r))
        return false;
    *ret = u;
    return true;
}

bool cd_c37118_next_name(struct cd_c37118_unit *unit, struct cd_reader *ret)
{
    if (cd_read_left(&unit->names) == 0)
        return false;
    struct cd_reader name = read_name(&unit->names, unit->short_names, "channel name");
    if (!cd_read_ok(&unit->names))
        return false;
    *ret = name;
    return true;
}

/* ---- who measures what ---- */

static void report_number(struct cd_message *m, const struct cd_subject *subject, uint16_t id)
{
    char number[8];
    struct cd_text t = cd_text_of(number, sizeof number);
    cd_text_u64(&t, id);
    cd_report_fact(m, subject, CD_ATTRIBUTE_INSTANCE, number, 95);
}

/* "phasors VA, VB, VC, I1; analogs P" */
static void report_channels(struct cd_message *m, const struct cd_subject *subject, struct cd_c37118_unit *unit)
{
    char text[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(text, sizeof text);
    struct cd_reader name;
    uint32_t named = (uint32_t)unit->n_phasors + unit->n_analogs;
    for (uint32_t i = 0; i < named && i < NAMES_MAX && cd_c37118_next_name(unit, &name); i++) {
        bool first_analog = i == unit->n_phasors;
        cd_text_str(&t, i == 0 ? "" : first_analog ? "; " : ", ");
        cd_text_str(&t, first_analog ? "analogs " : i == 0 ? "phasors " : "");
        cd_text_device(&t, name.base, name.len);
    }
    cd_report_fact(m, subject, CD_ATTRIBUTE_DESCRIPTION, text, 90);
}

static void report_unit(struct cd_message *m, const struct cd_subject *subject, struct cd_c37118_unit *unit)
{
    char name[CD_TEXT_MAX + 1];
    struct cd_text t = cd_text_of(name, sizeof name);
    cd_text_device(&t, unit->station.base, unit->station.len);
    cd_report_fact(m, subject, CD_ATTRIBUTE_NAME, name, 80);
    cd_report_fact(m, subject, CD_ATTRIBUTE_ROLE, "pmu", 70);
    report_number(m, subject, unit->id);
    report_channels(m, subject, unit);
}

/* One unit is the device that speaks; of several each is a device behind the concentrator that speaks. */
static const char *report_configuration(struct cd_message *m, const struct cd_c37118_frame *f)
{
    struct cd_reader r = f->data;
    struct cd_subject server = cd_subject_server(m);
    uint16_t units;
    if (!cd_c37118_parse_configuration(&r, f->type, &units))
        return r.bad;
    if (units > 1)
        cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "pdc", 70);
    for (uint16_t i = 0; i < units && i < UNITS_MAX; i++) {
        struct cd_c37118_unit unit;
        char nested[16];
        struct cd_text t = cd_text_of(nested, sizeof nested);
        if (!cd_c37118_next_unit(&r, f->type, &unit))
            return f->type == CD_C37118_CONFIGURATION_3 ? NULL : r.bad; /* a third one may go on in the next frame */
        cd_text_str(&t, "c37118:");
        cd_text_u64(&t, unit.id);
        struct cd_subject subject = units > 1 ? cd_subject_nested(server, nested) : server;
        report_unit(m, &subject, &unit);
    }
    return NULL;
}

/* STAT (6.3): what is wrong with the first unit's data is told when it begins. */
static void follow_status(struct cd_message *m, const struct cd_c37118_frame *f)
{
    enum { ERROR = 0xc000, NOT_SYNCHRONISED = 0x2000 };
    struct cd_c37118_state *s = m->state;
    unsigned slot = f->id % CD_C37118_STREAMS;
    struct cd_reader r = f->data;
    uint16_t status = cd_read_be16(&r, "status");
    bool known = s->streams[slot].known && s->streams[slot].id == f->id;
    uint16_t begins = (uint16_t)(status & ~(known ? s->streams[slot].status : 0));
    if (!cd_read_ok(&r) || (known && status == s->streams[slot].status))
        return;
    s->streams[slot].id = f->id;
    s->streams[slot].status = status;
    s->streams[slot].known = true;
    if (!known) {
        struct cd_subject server = cd_subject_server(m);
        report_number(m, &server, f->id);
    }
    char detail[80];
    struct cd_text t = cd_text_of(detail, sizeof detail);
    cd_text_str(&t, "stream ");
    cd_text_u64(&t, f->id);
    if (begins & ERROR)
        cd_text_str(&t, ": data invalid or test");
    if (begins & NOT_SYNCHRONISED)
        cd_text_str(&t, ": unit not synchronised");
    if (begins & (ERROR | NOT_SYNCHRONISED))
        cd_report_event(m, CD_EVENT_DEVICE_ERROR, detail);
}

/* ---- operations ---- */

static void name_command(struct cd_operation *op, uint16_t command)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } commands[] = {
        [1] = {"turn off transmission", CD_CLASS_MODE},    [2] = {"turn on transmission", CD_CLASS_MODE},
        [3] = {"send header", CD_CLASS_IDENTIFY},          [4] = {"send configuration 1", CD_CLASS_IDENTIFY},
        [5] = {"send configuration 2", CD_CLASS_IDENTIFY}, [6] = {"send configuration 3", CD_CLASS_IDENTIFY},
        [8] = {"extended command", CD_CLASS_OTHER},
    };
    bool known = command < sizeof commands / sizeof *commands && commands[command].name;
    op->name = known ? commands[command].name : "command of the user";
    op->class = known ? commands[command].class : CD_CLASS_OTHER;
    op->code_space = "4"; /* the frame type of commands */
    op->code = command;
}

static void report_frame(struct cd_message *m, const struct cd_c37118_frame *f)
{
    static const struct {
        const char *name;
        enum cd_class class;
    } types[TYPES] = {{"data", CD_CLASS_READ},
                      {"header", CD_CLASS_IDENTIFY},
                      {"configuration 1", CD_CLASS_IDENTIFY},
                      {"configuration 2", CD_CLASS_IDENTIFY},
                      {"command", CD_CLASS_OTHER},
                      {"configuration 3", CD_CLASS_IDENTIFY}};
    char target[TARGET_MAX];
    struct cd_text t = cd_text_of(target, sizeof target);
    struct cd_operation op = {
        .name = types[f->type].name, .class = types[f->type].class, .code = f->type, .target = target};
    const char *bad = NULL;
    m->from_client = f->type == CD_C37118_COMMAND; /* units serve, whichever end opened the connection */
    cd_text_str(&t, "stream ");
    cd_text_u64(&t, f->id);
    if (f->type == CD_C37118_COMMAND) {
        struct cd_reader r = f->data;
        name_command(&op, cd_read_be16(&r, "command"));
        bad = r.bad;
        struct cd_subject concentrator = cd_subject_client(m); /* who commands units takes their data */
        cd_report_fact(m, &concentrator, CD_ATTRIBUTE_ROLE, "pdc", 50);
    } else if (f->type == CD_C37118_DATA) {
        follow_status(m, f);
    } else if (f->type == CD_C37118_HEADER) {
        struct cd_subject server = cd_subject_server(m);
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_DESCRIPTION, f->data.base, f->data.len, 80);
    } else {
        bad = report_configuration(m, f);
    }
    cd_report_notice(m, &op);
    if (bad)
        cd_report_malformed(m, bad);
}

/* ---- recognising and framing ---- */

static int probe(const uint8_t *bytes, size_t len, enum cd_transport transport, bool from_client)
{
    (void)from_client;
    if (transport == CD_TRANSPORT_ETH || len < CD_C37118_SHORTEST)
        return CD_PROBE_NO;
    size_t length = frame_length(bytes);
    if (length == 0)
        return CD_PROBE_NO;
    if (length > len)
        return CD_PROBE_MAYBE;
    return cd_c37118_crc(bytes, length - 2) == (bytes[length - 2] << 8 | bytes[length - 1]) ? CD_PROBE_SURE
                                                                                            : CD_PROBE_NO;
}

static ssize_t frame(const void *state, const uint8_t *bytes, size_t len, bool from_client)
{
    (void)state;
    (void)from_client;
    if (bytes[0] != CD_C37118_SYNC)
        return CD_FRAME_NOT_OURS;
    if (len < 4)
        return CD_FRAME_MORE;
    size_t length = frame_length(bytes);
    return length ? (ssize_t)length : CD_FRAME_NOT_OURS;
}

/* A stream gives one frame at a time; a datagram may hold several. */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    do {
        struct cd_c37118_frame f;
        if (!cd_c37118_parse(r, &f)) {
            cd_report_malformed(m, r->bad);
            return;
        }
        report_frame(m, &f);
    } while (cd_read_left(r));
}

const struct cd_dissector cd_dissector_c37118 = {
    .name = "c37118",
    .tcp_ports = {4712, 4713},
    .udp_ports = {4712, 4713},
    .probe = probe,
    .frame = frame,
    .dissect = dissect,
    .state_size = sizeof(struct cd_c37118_state),
};
