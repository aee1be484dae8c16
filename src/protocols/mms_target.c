/* What a request is about, in words, and how dangerous writing there is. */
#include "protocols/mms.h"

#include <string.h>

enum {
    SHOWN_MAX = 3,       /* names shown of a list; the rest are counted */
    LIST_MAX = 4096,     /* names counted */
    FILE_PARTS_MAX = 16, /* parts of a file name */
    VISIBLE_STRING = 0x1a,
    DATA_BOOLEAN = 0x83,
    DATA_BIT_STRING = 0x84,
    DATA_VISIBLE_STRING = 0x8a,
    DATA_STRUCTURE = 0xa2,
};

/* ---- object names ---- */

bool cd_mms_parse_object(struct cd_reader *r, struct cd_mms_object *ret)
{
    struct cd_mms_object o = {0};
    struct cd_ber e;
    if (!cd_ber_read(r, "object name", &e))
        return false;
    if (e.identifier == 0xa1) { /* domain-specific */
        o.domain = cd_ber_expect(&e.value, VISIBLE_STRING, "domain name");
        o.item = cd_ber_expect(&e.value, VISIBLE_STRING, "item name");
    } else if (e.identifier == 0x80 || e.identifier == 0x82) {
        o.of_association = e.identifier == 0x82;
        o.item = e.value;
    } else {
        cd_read_fail(&e.value, "object name");
    }
    if (!cd_read_ok(&e.value)) {
        cd_read_fail(r, e.value.bad);
        return false;
    }
    *ret = o;
    return true;
}

bool cd_mms_parse_variable(struct cd_reader *list, struct cd_mms_object *ret)
{
    struct cd_mms_object o = {0};
    struct cd_ber entry, specification;
    if (!cd_ber_read(list, "variable", &entry))
        return false;
    if (!cd_ber_read(&entry.value, "variable specification", &specification) ||
        (specification.identifier == 0xa0 && !cd_mms_parse_object(&specification.value, &o))) {
        cd_read_fail(list, "variable specification");
        return false;
    }
    *ret = o;
    return true;
}

void cd_mms_text_object(struct cd_text *t, const struct cd_mms_object *object)
{
    if (object->domain.len) {
        cd_text_device(t, object->domain.base, object->domain.len);
        cd_text_char(t, '/');
    }
    if (object->of_association)
        cd_text_char(t, '@');
    if (object->item.len)
        cd_text_device(t, object->item.base, object->item.len);
    else
        cd_text_str(t, "unnamed variable");
}

static void text_more(struct cd_text *t, unsigned count)
{
    if (count > SHOWN_MAX) {
        cd_text_str(t, " and ");
        cd_text_u64(t, count - SHOWN_MAX);
        cd_text_str(t, " more");
    }
}

static void text_objects(struct cd_text *t, struct cd_reader list)
{
    struct cd_mms_object o;
    unsigned n = 0;
    for (; cd_read_left(&list) && n < LIST_MAX && cd_mms_parse_object(&list, &o); n++)
        if (n < SHOWN_MAX) {
            cd_text_str(t, n ? ", " : "");
            cd_mms_text_object(t, &o);
        }
    text_more(t, n);
}

/* ---- IEC 61850 references ---- */

/* The functional constraint of a reference LN$FC$… (IEC 61850-8-1 clause 7.3.1), or NULL. */
static const uint8_t *constraint_of(const struct cd_reader *item)
{
    const uint8_t *dollar = item->len ? memchr(item->base, '$', item->len) : NULL;
    if (!dollar)
        return NULL;
    size_t left = item->len - (size_t)(dollar + 1 - item->base);
    return left == 2 || (left > 2 && dollar[3] == '$') ? dollar + 1 : NULL;
}

static bool is_constraint(const uint8_t *constraint, const char *of)
{
    return constraint[0] == (uint8_t)of[0] && constraint[1] == (uint8_t)of[1];
}

/* What writing under a functional constraint does (IEC 61850-7-2 annex B). */
static enum cd_class class_of_constraint(const uint8_t *constraint)
{
    static const char controls[][3] = {"CO" /* control */, "SV" /* substitution */, "BL" /* blocking */};
    static const char settings[][3] = {
        "SP", "SG", "SE" /* set points, setting groups */, "CF", "DC" /* configuration, description */, "GO", "GS",
        "MS", "US" /* GOOSE and sampled value control blocks */};
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (is_constraint(constraint, controls[i]))
            return CD_CLASS_CONTROL;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (is_constraint(constraint, settings[i]))
            return CD_CLASS_CONFIGURE;
    return CD_CLASS_WRITE;
}

/* ---- variable access ---- */

struct access {
    bool is_list; /* one named list of variables */
    unsigned n;
    enum cd_class class; /* of writing */
    struct cd_mms_object first;
};

/* VariableAccessSpecification (ISO 9506-2 clause 14.5.5), with the names put to t. */
static struct access text_access(struct cd_text *t, struct cd_reader *r)
{
    struct access a = {.class = CD_CLASS_WRITE};
    struct cd_ber e;
    if (!cd_ber_read(r, "variable access specification", &e))
        return a;
    if (e.identifier == 0xa1) {
        a.is_list = cd_mms_parse_object(&e.value, &a.first);
        cd_text_str(t, "list ");
        if (a.is_list)
            cd_mms_text_object(t, &a.first);
        return a;
    }
    struct cd_mms_object o;
    for (; cd_read_left(&e.value) && a.n < LIST_MAX && cd_mms_parse_variable(&e.value, &o); a.n++) {
        if (a.n == 0)
            a.first = o;
        const uint8_t *constraint = constraint_of(&o.item);
        enum cd_class class = constraint ? class_of_constraint(constraint) : CD_CLASS_WRITE;
        if (class == CD_CLASS_CONTROL || a.class == CD_CLASS_WRITE)
            a.class = class;
        if (a.n < SHOWN_MAX) {
            cd_text_str(t, a.n ? ", " : "");
            cd_mms_text_object(t, &o);
        }
    }
    text_more(t, a.n);
    return a;
}

static bool ends_with(const struct cd_reader *item, const char *end)
{
    size_t n = strlen(end);
    return item->len >= n && memcmp(item->base + item->len - n, end, n) == 0;
}

/* The command value of an operate: the first element of the structure Oper or SBOw, or the value written alone (IEC 61850-8-1 clause 20). Only commands
 * of two states are told: analogue ones would make an entry for each value. */
static void text_command(struct cd_text *t, const struct cd_reader *item, struct cd_reader data)
{
    struct cd_ber e;
    bool whole = ends_with(item, "$Oper") || ends_with(item, "$SBOw") || ends_with(item, "$Cancel");
    if (!whole && !ends_with(item, "$ctlVal"))
        return;
    if (!cd_ber_read(&data, "data", &e))
        return;
    if (whole && (e.identifier != DATA_STRUCTURE || !cd_ber_read(&e.value, "command value", &e)))
        return;
    if (e.identifier == DATA_BOOLEAN && e.value.len == 1)
        cd_text_str(t, cd_read_u8(&e.value, "command value") ? " true" : " false");
}

static void describe_write(struct cd_text *t, struct cd_reader r, bool iccp, enum cd_class *class)
{
    struct access a = text_access(t, &r);
    *class = a.class;
    struct cd_ber data;
    if (a.n != 1 || !cd_ber_read(&r, "list of data", &data))
        return;
    int first = cd_ber_peek(&data.value);
    if (a.class == CD_CLASS_CONTROL)
        text_command(t, &a.first.item, data.value);
    else if (iccp && first > 0 && !(first & 0x20) && first != DATA_VISIBLE_STRING)
        *class =
            CD_CLASS_CONTROL; /* transfer sets are structures; a plain number operates a device (IEC 60870-6-503 clause 5.2.10) */
}

static void describe_read(struct cd_text *t, struct cd_reader r)
{
    struct cd_ber e;
    while (cd_read_left(&r) && cd_ber_read(&r, "read request", &e))
        if (e.identifier == 0xa1)
            (void)text_access(t, &e.value);
}

/* ---- the other shapes ---- */

static void describe_name_list(struct cd_text *t, struct cd_reader r)
{
    struct cd_ber e, inner;
    const char *class = "objects";
    struct cd_reader scope = {0};
    while (cd_read_left(&r) && cd_ber_read(&r, "get name list", &e)) {
        if ((e.identifier != 0xa0 && e.identifier != 0xa1) || !cd_ber_read(&e.value, "get name list", &inner))
            continue;
        if (e.identifier == 0xa0 && inner.identifier == 0x80)
            class = cd_mms_object_class_name(cd_read_u8(&inner.value, "object class"));
        else if (e.identifier == 0xa1 && inner.identifier == 0x81)
            scope = inner.value;
    }
    cd_text_str(t, class);
    if (scope.len) {
        cd_text_str(t, " of ");
        cd_text_device(t, scope.base, scope.len);
    }
}

void cd_mms_text_file(struct cd_text *t, struct cd_reader name)
{
    struct cd_ber part;
    for (unsigned i = 0; i < FILE_PARTS_MAX && cd_read_left(&name) && cd_ber_read(&name, "file name", &part); i++) {
        if (part.identifier == CD_BER_SEQUENCE) { /* some wrap the list once more */
            name = part.value;
            continue;
        }
        cd_text_device(t, part.value.base, part.value.len);
    }
}

/* Fields by number: the content of [n], or nothing. */
static struct cd_reader field_of(struct cd_reader r, uint32_t tag)
{
    struct cd_ber e;
    while (cd_read_left(&r) && cd_ber_read(&r, "field", &e))
        if ((e.identifier & 0xc0) == 0x80 && e.tag == tag)
            return e.value;
    return (struct cd_reader){0};
}

static void describe_two_files(struct cd_text *t, struct cd_reader from, struct cd_reader to)
{
    cd_mms_text_file(t, from);
    cd_text_str(t, " to ");
    cd_mms_text_file(t, to);
}

static void text_bytes(struct cd_text *t, const struct cd_reader *v)
{
    if (v->len)
        cd_text_device(t, v->base, v->len);
}

void cd_mms_describe(struct cd_text *t, const struct cd_mms_pdu *p, bool iccp, enum cd_class *class)
{
    struct cd_reader r = p->body, field;
    struct cd_mms_object o;
    switch (cd_mms_service(p->service)->shape) {
    case CD_MMS_SHAPE_TEXT: text_bytes(t, &r); break;
    case CD_MMS_SHAPE_TEXT_FIELD:
        field = field_of(r, 0);
        text_bytes(t, &field);
        break;
    case CD_MMS_SHAPE_OBJECT_FIELD: r = field_of(r, 0); /* fall through */
    case CD_MMS_SHAPE_OBJECT:
    case CD_MMS_SHAPE_OBJECT_FIRST:
        if (cd_mms_parse_object(&r, &o))
            cd_mms_text_object(t, &o);
        break;
    case CD_MMS_SHAPE_OBJECTS: text_objects(t, field_of(r, 1)); break;
    case CD_MMS_SHAPE_NAME_LIST: describe_name_list(t, r); break;
    case CD_MMS_SHAPE_READ: describe_read(t, r); break;
    case CD_MMS_SHAPE_WRITE: describe_write(t, r, iccp, class); break;
    case CD_MMS_SHAPE_FILE: cd_mms_text_file(t, r); break;
    case CD_MMS_SHAPE_FILE_FIELD: cd_mms_text_file(t, field_of(r, 0)); break;
    case CD_MMS_SHAPE_TWO_FILES: describe_two_files(t, field_of(r, 0), field_of(r, 1)); break;
    case CD_MMS_SHAPE_OBTAIN: describe_two_files(t, field_of(r, 1), field_of(r, 2)); break;
    case CD_MMS_SHAPE_NUMBER: /* told by the dissector, which knows the name */
    case CD_MMS_SHAPE_NONE: break;
    }
}

/* ---- reports ---- */

/* A report of IEC 61850 goes by the name RPT: report id, optional fields, then those the bits name (IEC 61850-8-1 clause 17.2). The bits are: 1 sequence
 * number, 2 time of entry, 4 data set. */
static bool describe_rpt(struct cd_text *t, struct cd_reader results)
{
    struct cd_ber id, fields, e;
    if (!cd_ber_read(&results, "report id", &id) || !cd_ber_read(&results, "optional fields", &fields))
        return false;
    if (id.identifier != DATA_VISIBLE_STRING || fields.identifier != DATA_BIT_STRING || fields.value.len < 2)
        return false;
    cd_text_str(t, "report ");
    text_bytes(t, &id.value);
    cd_read_skip(&fields.value, 1, "unused bits");
    uint8_t bits = cd_read_u8(&fields.value, "optional fields");
    for (unsigned i = !!(bits & 0x40) + !!(bits & 0x20); i > 0; i--)
        if (!cd_ber_read(&results, "report head", &e))
            return true;
    if (bits & 0x08 && cd_ber_read(&results, "data set", &e) && e.identifier == DATA_VISIBLE_STRING) {
        cd_text_str(t, " data set ");
        text_bytes(t, &e.value);
    }
    return true;
}

void cd_mms_describe_report(struct cd_text *t, struct cd_reader body)
{
    struct cd_reader peek = body;
    struct cd_ber e, results;
    struct cd_mms_object list;
    if (cd_ber_read(&peek, "report", &e) && e.identifier == 0xa1 && cd_ber_read(&peek, "report results", &results) &&
        cd_mms_parse_object(&e.value, &list) && !list.domain.len && list.item.len == 3 &&
        memcmp(list.item.base, "RPT", 3) == 0 && describe_rpt(t, results.value))
        return;
    (void)text_access(t, &body);
}

/* ---- which standard is on top ---- */

static enum cd_mms_dialect dialect_of_object(const struct cd_mms_object *o)
{
    if (constraint_of(&o->item))
        return CD_MMS_DIALECT_IEC61850;
    return o->item.len && cd_iccp_is_object(o->item.base, o->item.len) ? CD_MMS_DIALECT_ICCP : CD_MMS_DIALECT_UNKNOWN;
}

enum cd_mms_dialect cd_mms_dialect_of(const struct cd_mms_pdu *p)
{
    enum cd_mms_dialect found = CD_MMS_DIALECT_UNKNOWN;
    struct cd_reader r = p->body;
    struct cd_mms_object o;
    struct cd_ber e;
    if (p->type == CD_MMS_CONFIRMED_REQUEST && p->service == CD_MMS_READ)
        r = field_of(r, 1);
    else if (p->type != CD_MMS_UNCONFIRMED && p->service != CD_MMS_WRITE)
        return found;
    if (!cd_ber_read(&r, "variable access specification", &e))
        return found;
    if (e.identifier == 0xa1)
        return cd_mms_parse_object(&e.value, &o) ? dialect_of_object(&o) : found;
    for (unsigned n = 0; !found && n < SHOWN_MAX && cd_read_left(&e.value) && cd_mms_parse_variable(&e.value, &o); n++)
        found = dialect_of_object(&o);
    return found;
}
