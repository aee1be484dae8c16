/* What an S7comm-plus request is about: its target as text, and the class it has by that. */
#include "protocols/s7comm_plus.h"

#include <string.h>

enum {
    ITEMS_SHOWN = 3,
    LIDS_SHOWN = 4,
    FIELDS_MAX = 64, /* of one address; a path into a data block has few */
    BLOCK_FIRST = 0x8a000000,
    BLOCK_LAST = 0x8affffff,
    KIND_DB = 0x8a0e,
    KIND_OB = 0x8a32,
    DYNAMIC_FIRST = 0x300,
    LID_CLASSIC = 3, /* an address by offset and size follows, as in blocks without optimized access */
};

/* Numbers the CPU gives at run time: of sessions, subscriptions, transactions. They change from connection to connection. */
static bool is_dynamic(uint32_t object)
{
    return (object >= DYNAMIC_FIRST && object <= 0xffff) || (object >= 0x01000000 && object <= 0x7fffffff);
}

static bool is_block(uint32_t object)
{
    return object >= BLOCK_FIRST && object <= BLOCK_LAST;
}

static void text_object(struct cd_text *t, uint32_t object, uint32_t session)
{
    const char *name = cd_s7comm_plus_object_name(object);
    if (object == session)
        cd_text_str(t, "session");
    else if (name)
        cd_text_str(t, name);
    else if (object >> 16 == KIND_DB || object >> 16 == KIND_OB) {
        cd_text_str(t, object >> 16 == KIND_DB ? "DB" : "OB");
        cd_text_u64(t, object & 0xffff);
    } else if (is_dynamic(object)) {
        cd_text_str(t, "dynamic object");
    } else if (object < DYNAMIC_FIRST) {
        cd_text_str(t, "object ");
        cd_text_u64(t, object);
    } else {
        cd_text_str(t, is_block(object) ? "block " : "object ");
        cd_text_hex(t, object, 8);
    }
}

/* ---- addresses of variables ---- */

struct address {
    uint32_t area, sub_area;
    uint32_t lid[LIDS_SHOWN];
    uint32_t lids; /* how many there are, more than are kept perhaps */
};

/* symbol CRC | area | how many fields follow | sub-area | LIDs, all of them VLQ */
static bool read_address(struct cd_reader *r, struct address *ret)
{
    struct address a = {0};
    cd_s7comm_plus_vlq32(r, "symbol crc");
    a.area = cd_s7comm_plus_vlq32(r, "area");
    uint32_t fields = cd_s7comm_plus_vlq32(r, "address fields");
    if (fields == 0 || fields > FIELDS_MAX)
        return false;
    a.sub_area = cd_s7comm_plus_vlq32(r, "sub-area");
    a.lids = fields - 1;
    for (uint32_t i = 0; i < a.lids; i++) {
        uint32_t lid = cd_s7comm_plus_vlq32(r, "lid");
        if (i < LIDS_SHOWN)
            a.lid[i] = lid;
    }
    if (!cd_read_ok(r))
        return false;
    *ret = a;
    return true;
}

/* "DB5.DBX4.7", "M100.0 BYTE 2" */
static void text_classic(struct cd_text *t, const struct address *a)
{
    cd_text_str(t, a->area >> 16 == KIND_DB ? ".DBX" : "");
    cd_text_u64(t, a->lid[1]);
    cd_text_char(t, '.');
    cd_text_u64(t, a->lids > 3 ? a->lid[3] : 0);
    if (a->lids > 3)
        return;
    cd_text_str(t, " BYTE ");
    cd_text_u64(t, a->lid[2]);
}

static void text_address(struct cd_text *t, const struct address *a, uint32_t session)
{
    text_object(t, a->area, session);
    bool value = a->sub_area == CD_S7COMM_PLUS_ID_VALUE_ACTUAL || a->sub_area == CD_S7COMM_PLUS_ID_AREA_ACTUAL;
    if (value && a->lids >= 3 && a->lid[0] == LID_CLASSIC) {
        text_classic(t, a);
        return;
    }
    if (!value) {
        cd_text_str(t, a->sub_area == CD_S7COMM_PLUS_ID_VALUE_INITIAL ? " initial" : " attribute ");
        if (a->sub_area != CD_S7COMM_PLUS_ID_VALUE_INITIAL)
            cd_text_u64(t, a->sub_area);
    }
    for (uint32_t i = 0; i < a->lids && i < LIDS_SHOWN; i++) {
        cd_text_str(t, i ? "." : " LID ");
        cd_text_u64(t, a->lid[i]);
    }
    if (a->lids > LIDS_SHOWN)
        cd_text_str(t, "...");
}

static void text_more(struct cd_text *t, uint32_t count)
{
    if (count <= ITEMS_SHOWN)
        return;
    cd_text_str(t, " and ");
    cd_text_u64(t, count - ITEMS_SHOWN);
    cd_text_str(t, " more");
}

/* The addresses of a request for many variables; *ret_output: one of them is an output. Looks at no more than the bytes hold. */
static void text_addresses(struct cd_text *t, struct cd_reader *r, uint32_t count, uint32_t session, bool *ret_output)
{
    struct address a;
    for (uint32_t i = 0; i < count && read_address(r, &a); i++) {
        *ret_output = *ret_output || a.area == CD_S7COMM_PLUS_OBJECT_OUTPUTS;
        if (i >= ITEMS_SHOWN)
            continue;
        if (i)
            cd_text_str(t, ", ");
        text_address(t, &a, session);
    }
    text_more(t, count);
}

/* ---- attributes of objects ---- */

static const char *attribute_name(uint32_t id)
{
    switch (id) {
    case CD_S7COMM_PLUS_ID_SESSION_RESPONSE:
    case CD_S7COMM_PLUS_ID_LEGITIMATE: return "legitimation";
    case 303: return "challenge";
    case CD_S7COMM_PLUS_ID_SESSION_VERSION: return "version";
    case CD_S7COMM_PLUS_ID_SESSION_KEY:
    case CD_S7COMM_PLUS_ID_SECURITY_KEY: return "key";
    case 1842: return "effective protection level";
    case 1843: return "active protection level";
    case CD_S7COMM_PLUS_ID_SUBSCRIPTION_CREDIT: return "subscription credit";
    case CD_S7COMM_PLUS_ID_STATE_REQUEST: return "operating state request";
    case 2237: return "state";
    case CD_S7COMM_PLUS_ID_STATE: return "operating state";
    case CD_S7COMM_PLUS_ID_SET_CLOCK: return "clock";
    case CD_S7COMM_PLUS_ID_BODY: return "body";
    case CD_S7COMM_PLUS_ID_VALUE_INITIAL: return "initial values";
    case CD_S7COMM_PLUS_ID_VALUE_ACTUAL: return "actual values";
    case CD_S7COMM_PLUS_ID_CODE: return "code";
    default: return NULL;
    }
}

static void text_attribute(struct cd_text *t, uint32_t id)
{
    const char *name = attribute_name(id);
    if (name) {
        cd_text_str(t, name);
        return;
    }
    cd_text_str(t, "attribute ");
    cd_text_u64(t, id);
}

/* What is known of the attributes a request names. */
struct asked {
    bool program, legitimation, state_request, clock, state, credit;
};

static void note_attribute(struct asked *asked, uint32_t id)
{
    asked->program |= id == CD_S7COMM_PLUS_ID_BODY || id == CD_S7COMM_PLUS_ID_CODE;
    asked->legitimation |= id == CD_S7COMM_PLUS_ID_SESSION_RESPONSE || id == CD_S7COMM_PLUS_ID_LEGITIMATE;
    asked->state_request |= id == CD_S7COMM_PLUS_ID_STATE_REQUEST;
    asked->clock |= id == CD_S7COMM_PLUS_ID_SET_CLOCK;
    asked->state |= id == CD_S7COMM_PLUS_ID_STATE;
    asked->credit |= id == CD_S7COMM_PLUS_ID_SUBSCRIPTION_CREDIT;
}

/* Attributes one after the other, each a VLQ. */
static struct asked text_attributes(struct cd_text *t, struct cd_reader *r, uint32_t count)
{
    struct asked asked = {0};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = cd_s7comm_plus_vlq32(r, "attribute");
        if (!cd_read_ok(r))
            break;
        note_attribute(&asked, id);
        if (i >= ITEMS_SHOWN)
            continue;
        cd_text_str(t, i ? ", " : " ");
        text_attribute(t, id);
    }
    text_more(t, count);
    return asked;
}

/* ---- requests ---- */

struct wanted_state {
    uint64_t state;
    bool set;
};

static void visit_state(void *context, const struct cd_s7comm_plus_value *v)
{
    struct wanted_state *wanted = context;
    if (wanted->set)
        return;
    wanted->state = v->number;
    wanted->set = true;
}

/* The first value of what is left of a request to set variables: the state that is asked for. */
static void describe_state(struct cd_s7comm_plus_description *d, struct cd_reader *r, bool numbered)
{
    struct wanted_state wanted = {0};
    struct cd_s7comm_plus_walk w = {.visit = visit_state, .context = &wanted, .left = 1};
    if (numbered)
        cd_s7comm_plus_vlq32(r, "item number");
    cd_s7comm_plus_walk_value(&w, r, CD_S7COMM_PLUS_ID_STATE_REQUEST);
    d->op->class = CD_CLASS_MODE;
    switch (wanted.set ? wanted.state : 0) {
    case 1: d->op->name = "set operating state: stop"; break;
    case 2: d->op->name = "set operating state: reset retentive data"; break;
    case 3: d->op->name = "set operating state: run"; break;
    case 4: d->op->name = "set operating state: run redundant"; break;
    default: d->op->name = "set operating state"; break;
    }
}

/* Returns whether it was a change of the operating state, whose value is still to be read. */
static bool classify_set(struct cd_s7comm_plus_description *d, uint32_t object, uint32_t session, struct asked asked)
{
    if (asked.legitimation) {
        d->op->class = CD_CLASS_SESSION;
        d->note = CD_S7COMM_PLUS_NOTE_LEGITIMATION;
    } else if (object == session) {
        d->op->class = CD_CLASS_SESSION;
    } else if (asked.credit) {
        d->op->class = CD_CLASS_READ; /* more notifications are wanted */
    } else if (asked.clock) {
        d->op->class = CD_CLASS_CONFIGURE;
    } else if (is_block(object)) {
        d->op->class = CD_CLASS_PROGRAM;
    }
    return object == CD_S7COMM_PLUS_OBJECT_CPU_UNIT && asked.state_request;
}

static void describe_set_variable(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "object"), count = cd_s7comm_plus_vlq32(&r, "item count");
    text_object(d->target, object, session);
    if (!cd_read_ok(&r) || count == 0)
        return;
    struct asked asked = text_attributes(d->target, &r, 1);
    if (classify_set(d, object, session, asked))
        describe_state(d, &r, false);
}

static void describe_set_multi(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "object"), count = cd_s7comm_plus_vlq32(&r, "item count");
    uint32_t fields = cd_s7comm_plus_vlq32(&r, "field count");
    if (!cd_read_ok(&r))
        return;
    if (object == 0) {
        bool output = false;
        text_addresses(d->target, &r, count, session, &output);
        if (output)
            d->op->class = CD_CLASS_CONTROL;
        return;
    }
    text_object(d->target, object, session);
    struct asked asked = text_attributes(d->target, &r, fields);
    if (classify_set(d, object, session, asked))
        describe_state(d, &r, true);
}

static void describe_get_multi(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "link"), count = cd_s7comm_plus_vlq32(&r, "item count");
    uint32_t fields = cd_s7comm_plus_vlq32(&r, "field count");
    bool output = false;
    if (!cd_read_ok(&r))
        return;
    if (object == 0) {
        text_addresses(d->target, &r, count, session, &output);
        return;
    }
    text_object(d->target, object, session);
    text_attributes(d->target, &r, fields);
}

/* Object, then an array of addresses: 0x20, type, count, attributes. */
static void describe_substreamed(struct cd_s7comm_plus_description *d, struct cd_reader r,
                                 const struct cd_s7comm_plus_message *s)
{
    uint32_t object = cd_read_be32(&r, "object");
    cd_read_skip(&r, 2, "address type");
    uint32_t count = cd_s7comm_plus_vlq32(&r, "address count");
    text_object(d->target, object, s->session);
    if (!cd_read_ok(&r))
        return;
    struct asked asked = text_attributes(d->target, &r, count);
    bool set = s->function == CD_S7COMM_PLUS_SET_VARIABLE_SUBSTREAMED;
    if (asked.state && !set)
        d->note = CD_S7COMM_PLUS_NOTE_STATE;
    if (set && asked.legitimation) {
        d->op->class = CD_CLASS_SESSION;
        d->note = CD_S7COMM_PLUS_NOTE_LEGITIMATION;
    } else if (asked.program || (set && (is_block(object) || *d->download))) {
        d->op->class = CD_CLASS_PROGRAM;
    }
}

struct found_name {
    struct cd_reader text;
};

static void visit_name(void *context, const struct cd_s7comm_plus_value *v)
{
    struct found_name *found = context;
    if (v->id == CD_S7COMM_PLUS_ID_NAME && v->type == CD_S7COMM_PLUS_WSTRING && !found->text.base)
        found->text = v->text;
}

/* The name that stands among an object's first attributes; the rest of the object may be in fragments to come. */
static struct cd_reader name_of(struct cd_reader r, uint32_t class)
{
    struct found_name found = {{0}};
    struct cd_s7comm_plus_walk w = {.visit = visit_name, .context = &found, .left = 4};
    cd_s7comm_plus_walk_object(&w, &r, class);
    return found.text;
}

static void text_new_object(struct cd_text *t, const struct cd_s7comm_plus_object *o, struct cd_reader rest)
{
    struct cd_reader name = name_of(rest, o->class);
    if (is_block(o->id))
        text_object(t, o->id, 0);
    else {
        cd_text_str(t, "class ");
        cd_text_u64(t, o->class);
    }
    if (name.len) {
        cd_text_str(t, " \"");
        cd_text_device(t, name.base, name.len);
        cd_text_char(t, '"');
    }
}

/* Parent, a value, 4 bytes, in versions 2 and 3 a number for the integrity check, the object. */
static void describe_create(struct cd_s7comm_plus_description *d, struct cd_reader r)
{
    struct cd_s7comm_plus_walk w = {.left = 4};
    struct cd_s7comm_plus_object o;
    uint32_t parent = cd_read_be32(&r, "parent");
    if (!cd_s7comm_plus_walk_value(&w, &r, 0))
        return;
    cd_read_skip(&r, 4, "create object");
    if (cd_read_peek(&r, 0) != 0xa1)
        cd_s7comm_plus_vlq32(&r, "integrity number");
    if (!cd_s7comm_plus_begin_object(&r, &o))
        return;
    if (o.class == CD_S7COMM_PLUS_CLASS_SESSION) {
        d->op->class = CD_CLASS_SESSION;
        cd_text_str(d->target, "session");
    } else if (o.class == CD_S7COMM_PLUS_CLASS_SUBSCRIPTION) {
        d->op->class = CD_CLASS_READ;
        cd_text_str(d->target, "subscription");
    } else if (o.class == CD_S7COMM_PLUS_CLASS_ALARM_SUBSCRIPTION) {
        d->op->class = CD_CLASS_ALARM;
        cd_text_str(d->target, "alarm subscription");
    } else if (parent == CD_S7COMM_PLUS_OBJECT_PROGRAM || is_block(o.id) || *d->download) {
        d->op->class = CD_CLASS_PROGRAM;
        text_new_object(d->target, &o, r);
    } else {
        cd_text_str(d->target, "class ");
        cd_text_u64(d->target, o.class);
    }
}

static void describe_delete(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "object");
    if (!cd_read_ok(&r))
        return;
    text_object(d->target, object, session);
    if (object == session)
        d->op->class = CD_CLASS_SESSION;
    else if (is_block(object))
        d->op->class = CD_CLASS_PROGRAM;
}

/* A sequence is a transaction: that of a download begins with an object named after it, and holds others. */
static void describe_begin_sequence(struct cd_s7comm_plus_description *d, struct cd_reader r)
{
    static const char download[] = "DLTransaction";
    struct cd_s7comm_plus_object o;
    bool begins = false;
    cd_read_skip(&r, 4, "sequence");
    for (int i = 0; i < 4 && cd_read_peek(&r, 0) != 0xa1; i++)
        cd_read_skip(&r, 1, "sequence");
    if (cd_s7comm_plus_begin_object(&r, &o)) {
        struct cd_reader name = name_of(r, o.class);
        if (name.len == sizeof download - 1 && memcmp(name.base, download, name.len) == 0) {
            *d->download = 0;
            cd_text_str(d->target, "download");
            begins = true;
        }
    }
    if ((*d->download || begins) && *d->download < UINT8_MAX) {
        ++*d->download;
        d->op->class = CD_CLASS_PROGRAM;
    }
}

static void describe_invoke(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    enum { PREPARE_DOWNLOAD = 15000009, END_DOWNLOAD = 15000011, ABORT_DOWNLOAD = 15000019, FIRST = 15000009 };
    uint32_t object = cd_read_be32(&r, "object"), method = cd_read_be32(&r, "method");
    if (!cd_read_ok(&r))
        return;
    const char *name = cd_s7comm_plus_method_name(method);
    if (name) {
        cd_text_str(d->target, name);
    } else {
        text_object(d->target, object, session);
        cd_text_str(d->target, " method ");
        cd_text_u64(d->target, method);
    }
    if (method >= FIRST && method <= ABORT_DOWNLOAD)
        d->op->class = CD_CLASS_PROGRAM;
    else if (name && method < FIRST)
        d->op->class = CD_CLASS_FIRMWARE; /* the runtime of a panel */
    if (method == PREPARE_DOWNLOAD)
        *d->download = 1;
    else if (method == END_DOWNLOAD || method == ABORT_DOWNLOAD)
        *d->download = 0;
}

/* Object, VLQ, children, 0, parents, how many filters (not gone into), how many attributes, attributes. */
static void describe_explore(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "object");
    if (!cd_read_ok(&r))
        return;
    text_object(d->target, object, session);
    cd_s7comm_plus_vlq32(&r, "explore number");
    cd_read_skip(&r, 3, "explore flags");
    uint8_t filters = cd_read_u8(&r, "filters"), attributes = cd_read_u8(&r, "attributes");
    if (!cd_read_ok(&r) || filters)
        return;
    struct asked asked = {0};
    for (unsigned i = 0; i < attributes && cd_read_left(&r); i++)
        note_attribute(&asked, cd_s7comm_plus_vlq32(&r, "attribute"));
    if (asked.program)
        d->op->class = CD_CLASS_PROGRAM; /* the code of blocks is read out */
}

static void describe_get_link(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "object");
    if (cd_read_ok(&r))
        text_object(d->target, object, session);
}

void cd_s7comm_plus_describe(const struct cd_s7comm_plus_message *s, struct cd_s7comm_plus_description *d)
{
    switch (s->function) {
    case CD_S7COMM_PLUS_EXPLORE: describe_explore(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_CREATE_OBJECT: describe_create(d, s->body); break;
    case CD_S7COMM_PLUS_DELETE_OBJECT: describe_delete(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_SET_VARIABLE: describe_set_variable(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_GET_LINK: describe_get_link(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_SET_MULTI_VARIABLES: describe_set_multi(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_GET_MULTI_VARIABLES: describe_get_multi(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_BEGIN_SEQUENCE: describe_begin_sequence(d, s->body); break;
    case CD_S7COMM_PLUS_END_SEQUENCE:
        if (*d->download) {
            d->op->class = CD_CLASS_PROGRAM;
            --*d->download;
        }
        break;
    case CD_S7COMM_PLUS_INVOKE: describe_invoke(d, s->body, s->session); break;
    case CD_S7COMM_PLUS_SET_VARIABLE_SUBSTREAMED:
    case CD_S7COMM_PLUS_GET_VARIABLE_SUBSTREAMED: describe_substreamed(d, s->body, s); break;
    default: break;
    }
}
