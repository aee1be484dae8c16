/* RTPS discovery: participants with their host, and endpoints with topic and type (9.6.3). */
#include "base/text.h"
#include "protocols/rtps.h"

#include <string.h>

enum { PARAMETERS_MAX = 128, PROPERTIES_MAX = 64, TEXT_MAX = 100 };
enum parameter {
    PID_SENTINEL = 0x0001,
    PID_TOPIC_NAME = 0x0005,
    PID_TYPE_NAME = 0x0007,
    PID_DOMAIN_ID = 0x000f,
    PID_PROPERTY_LIST = 0x0059,
    PID_ENTITY_NAME = 0x0062,
};

static uint32_t read32(struct cd_reader *r, bool little_endian, const char *field)
{
    return little_endian ? cd_read_le32(r, field) : cd_read_be32(r, field);
}

/* A CDR string: length with its NUL, text, filled up to four bytes. */
static struct cd_reader read_string(struct cd_reader *r, bool little_endian)
{
    uint32_t length = read32(r, little_endian, "string length");
    struct cd_reader text = cd_read_sub(r, length, "string");
    size_t fill = (4 - length % 4) % 4;
    if (cd_read_left(r) >= fill)
        cd_read_skip(r, fill, "string padding");
    if (text.len && text.base[text.len - 1] == '\0')
        text.len--;
    return text;
}

static bool is(const struct cd_reader *text, const char *literal)
{
    return text->len == strlen(literal) && memcmp(text->base, literal, text->len) == 0;
}

static void read_properties(struct cd_reader *r, bool little_endian, struct cd_rtps_discovery *d)
{
    uint32_t n = read32(r, little_endian, "property count");
    for (uint32_t i = 0; i < n && i < PROPERTIES_MAX && cd_read_ok(r); i++) {
        struct cd_reader name = read_string(r, little_endian), value = read_string(r, little_endian);
        if (!cd_read_ok(r))
            return;
        if (is(&name, "dds.sys_info.hostname") || is(&name, "__Hostname"))
            d->host = value;
        else if (is(&name, "dds.sys_info.executable_filepath") || is(&name, "__ProcessName"))
            d->product = value;
    }
}

static void read_parameter(uint16_t id, struct cd_reader *value, bool little_endian, struct cd_rtps_discovery *d)
{
    struct cd_reader text;
    switch (id) {
    case PID_TOPIC_NAME:
    case PID_TYPE_NAME:
    case PID_ENTITY_NAME:
        text = read_string(value, little_endian);
        if (!cd_read_ok(value))
            return;
        *(id == PID_TOPIC_NAME ? &d->topic : id == PID_TYPE_NAME ? &d->type_name : &d->entity) = text;
        break;
    case PID_DOMAIN_ID:
        d->domain = read32(value, little_endian, "domain");
        d->has_domain = cd_read_ok(value);
        break;
    case PID_PROPERTY_LIST: read_properties(value, little_endian, d); break;
    default: break;
    }
}

void cd_rtps_read_discovery(const struct cd_rtps_data *data, struct cd_rtps_discovery *ret)
{
    struct cd_rtps_discovery d = {0};
    struct cd_reader r = data->payload;
    for (unsigned i = 0; i < PARAMETERS_MAX && cd_read_left(&r); i++) {
        uint16_t id = data->little_endian ? cd_read_le16(&r, "parameter") : cd_read_be16(&r, "parameter");
        uint16_t length = data->little_endian ? cd_read_le16(&r, "length") : cd_read_be16(&r, "length");
        if (id == PID_SENTINEL)
            break;
        struct cd_reader value = cd_read_sub(&r, length, "length");
        if (cd_read_ok(&value))
            read_parameter(id, &value, data->little_endian, &d);
    }
    *ret = d;
}

/* The numbers the OMG gave out. */
void cd_rtps_report_vendor(struct cd_message *m, uint16_t vendor)
{
    static const char *const names[] = {NULL,
                                        "RTI Connext DDS",
                                        "Vortex OpenSplice",
                                        "OpenDDS",
                                        "MilDDS",
                                        "InterCOM DDS",
                                        "CoreDX DDS",
                                        "Lakota DDS",
                                        "ICOUP DDS",
                                        "ETRI DDS",
                                        "RTI Connext DDS Micro",
                                        "Vortex Cafe",
                                        "Vortex Gateway",
                                        "Vortex Lite",
                                        "Technicolor Qeo",
                                        "eProsima Fast DDS",
                                        "Eclipse Cyclone DDS",
                                        "GurumDDS",
                                        "RustDDS",
                                        "Zhenrong DDS",
                                        "Dust DDS"};
    unsigned number = vendor & 0xff;
    if (vendor >> 8 != 1 || number >= sizeof names / sizeof *names || !names[number])
        return;
    struct cd_subject s = cd_subject_sender(m);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SOFTWARE, names[number], 80);
}

static void text_string(struct cd_text *t, const struct cd_reader *text)
{
    cd_text_device(t, text->base, text->len < TEXT_MAX ? text->len : TEXT_MAX);
}

void cd_rtps_report_participant(struct cd_message *m, const struct cd_rtps_discovery *d)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[TEXT_MAX + 32];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_NAME, d->host.base, d->host.len, 85);
    cd_report_fact_bytes(m, &s, CD_ATTRIBUTE_PROGRAM, d->product.base, d->product.len, 60);
    if (d->entity.len) {
        cd_text_str(&t, "DDS participant ");
        text_string(&t, &d->entity);
        cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, value, 80);
    }
    if (d->has_domain) {
        t = cd_text_of(value, sizeof value);
        cd_text_str(&t, "DDS domain ");
        cd_text_u64(&t, d->domain);
        cd_report_fact(m, &s, CD_ATTRIBUTE_INSTANCE, value, 70);
    }
}

void cd_rtps_text_endpoint(struct cd_text *t, const struct cd_rtps_discovery *d)
{
    text_string(t, &d->topic);
    if (d->type_name.len == 0)
        return;
    cd_text_str(t, " (");
    text_string(t, &d->type_name);
    cd_text_char(t, ')');
}

void cd_rtps_report_endpoint(struct cd_message *m, const struct cd_rtps_discovery *d, bool published)
{
    struct cd_subject s = cd_subject_sender(m);
    char value[2 * TEXT_MAX + 40];
    struct cd_text t = cd_text_of(value, sizeof value);
    cd_text_str(&t, published ? "DDS publishes " : "DDS subscribes to ");
    cd_rtps_text_endpoint(&t, d);
    cd_report_fact(m, &s, CD_ATTRIBUTE_SERVICE, value, 80);
}
