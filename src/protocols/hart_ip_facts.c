/* HART: what the answers to commands tell of a device. */
#include "protocols/hart_ip.h"

#include <string.h>

enum { TAG = 6, DESCRIPTOR = 12, MESSAGE = 24, LONG_TAG = 32, GATEWAY = 132, IO_SYSTEM = 4, TEXT = 96, NO_ID = 250 };

void cd_hart_text_address(struct cd_text *t, const struct cd_hart_address *address)
{
    if (address->is_long)
        cd_text_hex_bytes(t, address->bytes, CD_HART_LONG_ADDRESS);
    else
        cd_text_u64(t, address->bytes[0]);
}

struct cd_subject cd_hart_device(const struct cd_message *m, const struct cd_hart_address *address,
                                 char nested[CD_HART_NESTED_MAX])
{
    const struct cd_hart_state *s = m->state;
    struct cd_subject sender = cd_subject_sender(m);
    bool own =
        address->is_long ? s->own_known && memcmp(s->own, address->bytes, sizeof s->own) == 0 : address->bytes[0] == 0;
    if (own)
        return sender;
    struct cd_text t = cd_text_of(nested, CD_HART_NESTED_MAX);
    cd_text_str(&t, "hart:");
    cd_hart_text_address(&t, address);
    return cd_subject_nested(sender, nested);
}

/* Six bits a character, from 0x40 on and from 0x20 on in turn (TS20127 5.1.4). Texts never set are all '@' or '?'. */
static void report_packed(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                          const uint8_t *bytes, size_t len)
{
    char text[MESSAGE / 3 * 4];
    size_t n = 0;
    bool set = false;
    for (size_t i = 0; i + 3 <= len && n + 4 <= sizeof text; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            uint8_t six = group >> shift & 0x3f;
            char c = (char)(six < 0x20 ? six + 0x40 : six);
            set = set || (c != '@' && c != '?' && c != ' ');
            text[n++] = c;
        }
    }
    if (set)
        cd_report_fact_bytes(m, s, attribute, text, n, 80);
}

/* Latin-1, padded with NULs. */
static void report_long_tag(struct cd_message *m, const struct cd_subject *s, struct cd_reader *r)
{
    const uint8_t *tag = cd_read_at(r, LONG_TAG, "long tag");
    if (tag && tag[0] != '?' && tag[0] != ' ')
        cd_report_fact_bytes(m, s, CD_ATTRIBUTE_NAME, tag, strnlen((const char *)tag, LONG_TAG), 85);
}

static void report_number(struct cd_message *m, const struct cd_subject *s, enum cd_attribute attribute,
                          const char *before, uint32_t number)
{
    char text[TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    cd_text_str(&t, before);
    cd_text_u64(&t, number);
    cd_report_fact(m, s, attribute, text, 90);
}

static void report_type(struct cd_message *m, const struct cd_subject *s, uint16_t type, uint8_t revision,
                        uint8_t profile)
{
    char text[TEXT];
    struct cd_text t = cd_text_of(text, sizeof text);
    const char *name = cd_hart_profile_name(profile);
    cd_text_str(&t, name ? name : "HART device");
    cd_text_str(&t, ", type 0x");
    cd_text_hex(&t, type, 4);
    cd_text_str(&t, " revision ");
    cd_text_u64(&t, revision);
    cd_report_fact(m, s, CD_ATTRIBUTE_DEVICE_TYPE, text, 90);
}

static void report_manufacturer(struct cd_message *m, const struct cd_subject *s, uint16_t id)
{
    const char *name = cd_hart_manufacturer_name(id);
    if (name)
        cd_report_fact(m, s, CD_ATTRIBUTE_VENDOR, name, 95);
}

static const char *role_of(uint8_t profile)
{
    switch (profile) {
    case IO_SYSTEM:
    case GATEWAY: return "gateway";
    case 133: return "access-point";
    case 1:
    case 129: return "sensor";
    default: return NULL;
    }
}

/* Commands 0, 11, 21, 73, 75 (TS20127 6.1): the identity. Up to HART 5 the type is a byte of manufacturer and one of device type. */
static void report_identity(struct cd_message *m, const struct cd_hart_address *asked, struct cd_reader r)
{
    char nested[CD_HART_NESTED_MAX], unique[16];
    struct cd_hart_state *s = m->state;
    struct cd_hart_address a = {.is_long = true};
    cd_read_skip(&r, 1, "254");
    uint16_t type = cd_read_be16(&r, "expanded device type");
    cd_read_skip(&r, 1, "preambles");
    uint8_t universal = cd_read_u8(&r, "universal revision"), revision = cd_read_u8(&r, "device revision");
    uint8_t software = cd_read_u8(&r, "software revision"), hardware = cd_read_u8(&r, "hardware revision") >> 3;
    cd_read_skip(&r, 1, "flags");
    const uint8_t *id = cd_read_at(&r, 3, "device id");
    if (!id)
        return;
    a.bytes[0] = type >> 8 & 0x3f;
    a.bytes[1] = (uint8_t)type;
    memcpy(a.bytes + 2, id, 3);
    cd_read_skip(&r, 5, "preambles, variables, configuration counter, status");
    uint16_t manufacturer = cd_read_be16(&r, "manufacturer");
    cd_read_skip(&r, 2, "private label distributor");
    uint8_t profile = cd_read_u8(&r, "device profile");
    if (!cd_read_ok(&r) || universal < 7) {
        manufacturer = universal < 7 ? type >> 8 : NO_ID;
        profile = 0;
    }
    if ((!asked->is_long && asked->bytes[0] == 0) || profile == GATEWAY || profile == IO_SYSTEM) {
        s->own_known = true;
        memcpy(s->own, a.bytes, sizeof s->own);
    }
    struct cd_subject device = cd_hart_device(m, &a, nested);
    struct cd_text t = cd_text_of(unique, sizeof unique);
    cd_hart_text_address(&t, &a);
    cd_report_fact(m, &device, CD_ATTRIBUTE_INSTANCE, unique, 95);
    report_manufacturer(m, &device, manufacturer);
    report_type(m, &device, type, revision, profile);
    report_number(m, &device, CD_ATTRIBUTE_FIRMWARE, "", software);
    report_number(m, &device, CD_ATTRIBUTE_HARDWARE, "", hardware);
    report_number(m, &device, CD_ATTRIBUTE_SOFTWARE, "HART ", universal);
    if (role_of(profile))
        cd_report_fact(m, &device, CD_ATTRIBUTE_ROLE, role_of(profile), 80);
}

/* Command 84 (TS20151): a device behind an I/O system: index 2, card 1, channel 1, manufacturer 2, expanded type 2, id 3, revision 1, long tag 32, … */
static void report_sub_device(struct cd_message *m, struct cd_reader r)
{
    char nested[CD_HART_NESTED_MAX], unique[16];
    struct cd_hart_address a = {.is_long = true};
    cd_read_skip(&r, 4, "index, card, channel");
    uint16_t manufacturer = cd_read_be16(&r, "manufacturer"), type = cd_read_be16(&r, "expanded device type");
    const uint8_t *id = cd_read_at(&r, 3, "device id");
    uint8_t universal = cd_read_u8(&r, "universal revision");
    if (!id || !cd_read_ok(&r))
        return;
    a.bytes[0] = type >> 8 & 0x3f;
    a.bytes[1] = (uint8_t)type;
    memcpy(a.bytes + 2, id, 3);
    struct cd_subject device = cd_hart_device(m, &a, nested);
    struct cd_text t = cd_text_of(unique, sizeof unique);
    cd_hart_text_address(&t, &a);
    cd_report_fact(m, &device, CD_ATTRIBUTE_INSTANCE, unique, 95);
    report_manufacturer(m, &device, manufacturer);
    report_number(m, &device, CD_ATTRIBUTE_SOFTWARE, "HART ", universal);
    report_long_tag(m, &device, &r);
}

/* Command 13 (TS20127 6.8): tag 6, descriptor 12, date 3. */
static void report_tag(struct cd_message *m, const struct cd_subject *device, struct cd_reader r)
{
    const uint8_t *tag = cd_read_at(&r, TAG, "tag"), *descriptor = cd_read_at(&r, DESCRIPTOR, "descriptor");
    if (!descriptor)
        return;
    report_packed(m, device, CD_ATTRIBUTE_NAME, tag, TAG);
    report_packed(m, device, CD_ATTRIBUTE_DESCRIPTION, descriptor, DESCRIPTOR);
}

void cd_hart_report_answer(struct cd_message *m, const struct cd_hart_frame *frame)
{
    char nested[CD_HART_NESTED_MAX];
    struct cd_reader r = frame->data;
    struct cd_subject device = cd_hart_device(m, &frame->address, nested);
    switch (frame->command) {
    case 0:
    case 11:
    case 21:
    case 73: report_identity(m, &frame->address, r); break;
    case 12:
        if (r.len >= MESSAGE)
            report_packed(m, &device, CD_ATTRIBUTE_DESCRIPTION, r.base, MESSAGE);
        break;
    case 13: report_tag(m, &device, r); break;
    case 20: report_long_tag(m, &device, &r); break;
    case 84: report_sub_device(m, r); break;
    default: break;
    }
}
