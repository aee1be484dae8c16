/* What responses tell of the device: identify, status, IEC 61850 name plates, names of logical devices. */
#include "protocols/mms.h"

#include <string.h>

enum {
    NAME_PLATE = 95,
    NAME_PLATE_OF_LOGICAL_DEVICE = 85,
    MEASURED = 90,
    ROLE = 70,
    INFERRED = 50,
    NOTE_ITEMS = 7, /* a byte of the note for each of the first variables read */
    PLATE_LPHD = 0,
    PLATE_LLN0 = 1,
    TYPE_DEPTH_MAX = 6, /* IEC 61850-7-3 data nest at most four deep below the functional constraint */
    DATA_STRUCTURE = 0xa2,
    DATA_VISIBLE_STRING = 0x8a,
    DATA_MMS_STRING = 0x90,
    VISIBLE_STRING = 0x1a,
    DOMAINS_MAX = 64,
    PREFIX_MIN = 3, /* letters that names must share to be an IED's name */
    TEXT_MAX = 64,
};

/* What a leaf of a name plate is. As note of a variable read: the leaf alone, or PLATE_OF with the plate's number and whether all of DC was asked for. */
enum leaf {
    LEAF_NONE,
    LEAF_VENDOR,
    LEAF_HARDWARE,
    LEAF_FIRMWARE,
    LEAF_SERIAL,
    LEAF_MODEL,
    LEAF_LOCATION,
    LEAF_NAME,
    LEAVES
};
enum { LEAF_OF_LLN0 = 0x20, PLATE_OF = 0x40, PLATE_ALL = 0x02, NOTE_DOMAINS = 1, NOTE_PROTECTION = 2 };

static bool is(const uint8_t *text, size_t len, const char *what)
{
    return strlen(what) == len && memcmp(text, what, len) == 0;
}

/* Attributes of the classes DPL and LPL (IEC 61850-7-3 clause 7.8). */
static enum leaf leaf_of(const uint8_t *name, size_t len)
{
    static const struct {
        const char *name;
        enum leaf leaf;
    } leaves[] = {{"vendor", LEAF_VENDOR}, {"hwRev", LEAF_HARDWARE}, {"swRev", LEAF_FIRMWARE},
                  {"serNum", LEAF_SERIAL}, {"model", LEAF_MODEL},    {"location", LEAF_LOCATION},
                  {"name", LEAF_NAME}};
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
        if (is(name, len, leaves[i].name))
            return leaves[i].leaf;
    return LEAF_NONE;
}

/* ---- notes of requests ---- */

/* Which plate the logical node of a reference bears: LLN0 or [prefix]LPHD[instance] (IEC 61850-7-2 clause 22.2); -1 for other nodes. */
static int plate_of_node(const uint8_t *node, size_t len)
{
    if (is(node, len, "LLN0"))
        return PLATE_LLN0;
    while (len && node[len - 1] >= '0' && node[len - 1] <= '9')
        len--;
    return len >= 4 && memcmp(node + len - 4, "LPHD", 4) == 0 ? PLATE_LPHD : -1;
}

/* The note of one variable read: LPHD1$DC, LPHD1$DC$PhyNam or LPHD1$DC$PhyNam$vendor. */
static uint8_t note_of_item(const struct cd_reader *item)
{
    const uint8_t *at = item->len ? memchr(item->base, '$', item->len) : NULL;
    if (!at)
        return 0;
    int plate = plate_of_node(item->base, (size_t)(at - item->base));
    size_t left = item->len - (size_t)(at - item->base);
    if (plate < 0 || left < 3 || memcmp(at, "$DC", 3) != 0)
        return 0;
    if (left == 3)
        return (uint8_t)(PLATE_OF | PLATE_ALL | plate);
    const char *object = plate == PLATE_LPHD ? "$DC$PhyNam" : "$DC$NamPlt";
    size_t n = strlen(object);
    if (left < n || memcmp(at, object, n) != 0)
        return 0;
    if (left == n)
        return (uint8_t)(PLATE_OF | plate);
    if (at[n] != '$')
        return 0;
    enum leaf leaf = leaf_of(at + n + 1, left - n - 1);
    return leaf ? (uint8_t)(leaf | (plate == PLATE_LLN0 ? LEAF_OF_LLN0 : 0)) : 0;
}

static uint64_t note_of_read(struct cd_reader r)
{
    uint64_t note = 0;
    struct cd_ber e;
    struct cd_mms_object o;
    struct cd_reader list = {0};
    while (cd_read_left(&r) && cd_ber_read(&r, "read request", &e))
        if (e.identifier == 0xa1 && cd_ber_peek(&e.value) == 0xa0)
            list = cd_ber_expect(&e.value, 0xa0, "list of variables");
    for (unsigned i = 0; i < NOTE_ITEMS && cd_read_left(&list) && cd_mms_parse_variable(&list, &o); i++)
        note |= (uint64_t)note_of_item(&o.item) << 8 * i;
    return note;
}

/* Classes [0] { [0] domain (9) } asked for in all of the VMD. */
static bool asks_for_domains(struct cd_reader r)
{
    struct cd_reader class = cd_ber_expect(&r, 0xa0, "object class");
    struct cd_reader basic = cd_ber_expect(&class, 0x80, "object class");
    return cd_read_u8(&basic, "object class") == 9 && cd_read_ok(&basic);
}

/* Logical nodes of the protection functions: [prefix]Pxxx[instance] (IEC 61850-7-4 clause 5.4). */
static bool is_protection(const uint8_t *node, size_t len)
{
    while (len && node[len - 1] >= '0' && node[len - 1] <= '9')
        len--;
    if (len < 4 || node[len - 4] != 'P')
        return false;
    for (size_t i = len - 3; i < len; i++)
        if (node[i] < 'A' || node[i] > 'Z')
            return false;
    return true;
}

/* The type of a whole logical node: one that bears a plate, or protects. */
static uint64_t note_of_attributes(struct cd_reader r)
{
    struct cd_mms_object o;
    struct cd_reader name = cd_ber_expect(&r, 0xa0, "object name");
    if (!cd_mms_parse_object(&name, &o) || !o.item.len)
        return 0;
    int plate = plate_of_node(o.item.base, o.item.len);
    if (plate >= 0)
        return (uint64_t)(PLATE_OF | plate);
    return is_protection(o.item.base, o.item.len) ? NOTE_PROTECTION : 0;
}

uint64_t cd_mms_note(const struct cd_mms_pdu *p)
{
    switch (p->service) {
    case CD_MMS_READ: return note_of_read(p->body);
    case CD_MMS_GET_NAME_LIST: return asks_for_domains(p->body) ? NOTE_DOMAINS : 0;
    case CD_MMS_GET_VARIABLE_ACCESS_ATTRIBUTES: return note_of_attributes(p->body);
    default: return 0;
    }
}

/* ---- types: the order of a plate's leaves ---- */

static struct cd_reader components_of(struct cd_reader type)
{
    struct cd_ber e;
    if (!cd_ber_read(&type, "type", &e) || e.identifier != 0xa2)
        return (struct cd_reader){0};
    while (cd_read_left(&e.value)) {
        struct cd_ber field;
        if (cd_ber_read(&e.value, "type", &field) && field.identifier == 0xa1)
            return field.value;
    }
    return (struct cd_reader){0};
}

/* The next component: its name and type. */
static bool next_component(struct cd_reader *components, struct cd_reader *ret_name, struct cd_reader *ret_type)
{
    struct cd_ber entry, e;
    struct cd_reader name = {0}, type = {0};
    if (!cd_read_left(components) || !cd_ber_read(components, "component", &entry))
        return false;
    while (cd_read_left(&entry.value) && cd_ber_read(&entry.value, "component", &e)) {
        if (e.identifier == 0x80)
            name = e.value;
        else if (e.identifier == 0xa1)
            type = e.value;
    }
    *ret_name = name;
    *ret_type = type;
    return name.len && type.len;
}

/* Puts the leaves of a type in their order; beyond the room, n goes on growing and the plate is given up. */
static void learn_leaves(struct cd_mms_plate *plate, struct cd_reader type, bool named, unsigned depth)
{
    struct cd_reader components = components_of(type), name, inner;
    while (depth < TYPE_DEPTH_MAX && plate->n <= CD_MMS_PLATE_LEAVES_MAX &&
           next_component(&components, &name, &inner)) {
        if (cd_ber_peek(&inner) == 0xa2)
            learn_leaves(plate, inner, false, depth + 1);
        else if (plate->n++ < CD_MMS_PLATE_LEAVES_MAX)
            plate->leaves[plate->n - 1] = (uint8_t)(named ? leaf_of(name.base, name.len) : LEAF_NONE);
    }
}

/* The type of a logical node: functional constraints, in DC the objects, among these the plate. */
static void learn_plate(struct cd_mms_state *state, unsigned which, struct cd_reader body)
{
    struct cd_mms_plate plate = {0};
    struct cd_reader name, type, object, inner;
    struct cd_ber e;
    while (cd_read_left(&body) && cd_ber_read(&body, "variable access attributes", &e)) {
        if (e.identifier != 0xa2)
            continue;
        struct cd_reader constraints = components_of(e.value);
        while (next_component(&constraints, &name, &type)) {
            struct cd_reader objects = is(name.base, name.len, "DC") ? components_of(type) : (struct cd_reader){0};
            while (next_component(&objects, &object, &inner)) {
                bool ours = is(object.base, object.len, which == PLATE_LPHD ? "PhyNam" : "NamPlt");
                uint8_t first = plate.n;
                learn_leaves(&plate, inner, ours, 0);
                if (ours) {
                    plate.first = first;
                    plate.count = (uint8_t)(plate.n - first);
                }
            }
        }
    }
    state->plates[which] = plate.n <= CD_MMS_PLATE_LEAVES_MAX ? plate : (struct cd_mms_plate){0};
}

/* ---- values ---- */

static void tell_leaf(struct cd_message *m, uint8_t leaf, bool lln0, const struct cd_ber *value)
{
    static const enum cd_attribute attributes[LEAVES] = {
        [LEAF_VENDOR] = CD_ATTRIBUTE_VENDOR,     [LEAF_HARDWARE] = CD_ATTRIBUTE_HARDWARE,
        [LEAF_FIRMWARE] = CD_ATTRIBUTE_FIRMWARE, [LEAF_SERIAL] = CD_ATTRIBUTE_SERIAL,
        [LEAF_MODEL] = CD_ATTRIBUTE_MODEL,       [LEAF_LOCATION] = CD_ATTRIBUTE_LOCATION,
        [LEAF_NAME] = CD_ATTRIBUTE_NAME};
    if (leaf == LEAF_NONE || leaf >= LEAVES || !value->value.len ||
        (value->identifier != DATA_VISIBLE_STRING && value->identifier != DATA_MMS_STRING))
        return;
    if (lln0 && leaf != LEAF_VENDOR && leaf != LEAF_FIRMWARE)
        return; /* the rest tells of the logical device alone */
    struct cd_subject server = cd_subject_server(m);
    cd_report_fact_bytes(m, &server, attributes[leaf], value->value.base, value->value.len,
                         lln0 ? NAME_PLATE_OF_LOGICAL_DEVICE : NAME_PLATE);
}

/* Calls the leaves of a structure one after the other; *at counts them. tell: report them by these leaves. */
static void walk_leaves(struct cd_message *m, struct cd_reader data, const uint8_t *leaves, unsigned n, unsigned *at,
                        bool lln0, bool tell, unsigned depth)
{
    struct cd_ber e;
    while (depth < TYPE_DEPTH_MAX && *at <= n && cd_read_left(&data) && cd_ber_read(&data, "data", &e)) {
        if (e.identifier == DATA_STRUCTURE)
            walk_leaves(m, e.value, leaves, n, at, lln0, tell, depth + 1);
        else if ((*at)++ < n && tell)
            tell_leaf(m, leaves[*at - 1], lln0, &e);
    }
}

/* The value of a plate: read by the order its type told. Without that, only its first leaf is sure: the vendor, the one that must be there. */
static void tell_plate(struct cd_message *m, const struct cd_ber *value, uint8_t note)
{
    static const uint8_t vendor_alone[] = {LEAF_VENDOR};
    const struct cd_mms_state *state = m->state;
    bool lln0 = note & 1, all = note & PLATE_ALL;
    const struct cd_mms_plate *plate = &state->plates[note & 1];
    const uint8_t *leaves = plate->leaves + (all ? 0 : plate->first);
    unsigned n = all ? plate->n : plate->count, count = 0, at = 0;
    if (value->identifier != DATA_STRUCTURE)
        return;
    if (n)
        walk_leaves(m, value->value, leaves, n, &count, lln0, false, 0);
    if (n && count == n) {
        walk_leaves(m, value->value, leaves, n, &at, lln0, true, 0);
    } else if (!all) {
        struct cd_reader data = value->value;
        struct cd_ber e;
        if (cd_ber_read(&data, "data", &e))
            tell_leaf(m, vendor_alone[0], lln0, &e);
    }
}

static void tell_read(struct cd_message *m, struct cd_reader body, uint64_t note)
{
    struct cd_ber e, value;
    while (cd_read_left(&body) && cd_ber_read(&body, "read response", &e)) {
        if (e.identifier != 0xa1)
            continue;
        for (; note && cd_read_left(&e.value) && cd_ber_read(&e.value, "access result", &value); note >>= 8) {
            uint8_t of = (uint8_t)note;
            if (of & PLATE_OF)
                tell_plate(m, &value, of);
            else
                tell_leaf(m, of & (LEAF_OF_LLN0 - 1), of & LEAF_OF_LLN0, &value);
        }
    }
}

/* ---- identify, status ---- */

static void tell_identify(struct cd_message *m, struct cd_reader body)
{
    static const enum cd_attribute attributes[] = {CD_ATTRIBUTE_VENDOR, CD_ATTRIBUTE_MODEL, CD_ATTRIBUTE_FIRMWARE};
    const struct cd_mms_state *state = m->state;
    struct cd_subject server = cd_subject_server(m);
    char software[TEXT_MAX];
    struct cd_text t = cd_text_of(software, sizeof software);
    struct cd_ber e;
    while (cd_read_left(&body) && cd_ber_read(&body, "identify response", &e)) {
        if (e.identifier < 0x80 || e.identifier > 0x82 || !e.value.len)
            continue;
        if (state->dialect != CD_MMS_DIALECT_ICCP) {
            cd_report_fact_bytes(m, &server, attributes[e.tag], e.value.base, e.value.len, NAME_PLATE);
            continue;
        }
        cd_text_str(&t, t.len ? " " : "");
        cd_text_device(&t, e.value.base, e.value.len);
    }
    if (t.len) /* a control centre's program, not the computer */
        cd_report_fact(m, &server, CD_ATTRIBUTE_SOFTWARE, software, NAME_PLATE);
}

/* vmdPhysicalStatus (ISO 9506-2 clause 10.3). */
static void tell_status(struct cd_message *m, struct cd_reader body)
{
    static const char *const states[] = {"operational", "partially operational", "inoperable", "needs commissioning"};
    struct cd_ber e;
    struct cd_subject server = cd_subject_server(m);
    while (cd_read_left(&body) && cd_ber_read(&body, "status response", &e)) {
        uint8_t state = e.identifier == 0x81 ? cd_read_u8(&e.value, "physical status") : UINT8_MAX;
        if (cd_read_ok(&e.value) && state < sizeof states / sizeof *states)
            cd_report_fact(m, &server, CD_ATTRIBUTE_STATE, states[state], MEASURED);
    }
}

/* ---- names of logical devices ---- */

/* In IEC 61850 a domain is a logical device: the IED's name, then the instance (IEC 61850-8-1 clause 7.3.1). What all have in common is the IED's name;
 * one domain alone does not tell where it ends. */
static void tell_domains(struct cd_message *m, struct cd_reader body)
{
    const struct cd_mms_state *state = m->state;
    struct cd_reader list = cd_ber_expect(&body, 0xa0, "list of identifiers");
    struct cd_reader first = {0};
    size_t prefix = 0;
    unsigned n = 0;
    struct cd_ber e;
    for (; n < DOMAINS_MAX && cd_read_left(&list) && cd_ber_read(&list, "identifier", &e); n++) {
        if (e.identifier != VISIBLE_STRING || !e.value.len)
            return;
        if (n == 0) {
            first = e.value;
            prefix = first.len;
        }
        size_t same = 0;
        while (same < prefix && same < e.value.len && first.base[same] == e.value.base[same])
            same++;
        prefix = same;
    }
    struct cd_subject server = cd_subject_server(m);
    if (n >= 2 && prefix >= PREFIX_MIN && state->dialect != CD_MMS_DIALECT_ICCP)
        cd_report_fact_bytes(m, &server, CD_ATTRIBUTE_NAME, first.base, prefix, INFERRED);
}

void cd_mms_report_facts(struct cd_message *m, const struct cd_mms_pdu *p, uint64_t note)
{
    struct cd_mms_state *state = m->state;
    if (!state)
        return;
    switch (p->service) {
    case CD_MMS_IDENTIFY: tell_identify(m, p->body); break;
    case CD_MMS_STATUS: tell_status(m, p->body); break;
    case CD_MMS_READ:
        if (note)
            tell_read(m, p->body, note);
        break;
    case CD_MMS_GET_NAME_LIST:
        if (note == NOTE_DOMAINS)
            tell_domains(m, p->body);
        break;
    case CD_MMS_GET_VARIABLE_ACCESS_ATTRIBUTES:
        if (note & PLATE_OF)
            learn_plate(state, note & 1, p->body);
        else if (note == NOTE_PROTECTION && !state->protection_told) {
            struct cd_subject server = cd_subject_server(m);
            cd_report_fact(m, &server, CD_ATTRIBUTE_ROLE, "protection-relay", ROLE);
            state->protection_told = true;
        }
        break;
    default: break;
    }
}
