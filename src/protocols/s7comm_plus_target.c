/* What an S7comm-plus request is about: its target as text, and the class it has by that. */
#include "protocols/s7comm_plus_text.h"

#include <string.h>

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
        if (i >= CD_S7COMM_PLUS_ITEMS_SHOWN)
            continue;
        cd_text_str(t, i ? ", " : " ");
        cd_s7comm_plus_text_attribute(t, id);
    }
    cd_s7comm_plus_text_more(t, count);
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
    } else if (cd_s7comm_plus_is_block(object)) {
        d->op->class = CD_CLASS_PROGRAM;
    }
    return object == CD_S7COMM_PLUS_OBJECT_CPU_UNIT && asked.state_request;
}

static void describe_set_variable(struct cd_s7comm_plus_description *d, struct cd_reader r, uint32_t session)
{
    uint32_t object = cd_read_be32(&r, "object"), count = cd_s7comm_plus_vlq32(&r, "item count");
    cd_s7comm_plus_text_object(d->target, object, session);
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
        cd_s7comm_plus_text_addresses(d->target, &r, count, session, &output);
        if (output)
            d->op->class = CD_CLASS_CONTROL;
        return;
    }
    cd_s7comm_plus_text_object(d->target, object, session);
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
        cd_s7comm_plus_text_addresses(d->target, &r, count, session, &output);
        return;
    }
    cd_s7comm_plus_text_object(d->target, object, session);
    text_attributes(d->target, &r, fields);
}

/* Object, then an array of addresses: 0x20, type, count, attributes. */
static void describe_substreamed(struct cd_s7comm_plus_description *d, struct cd_reader r,
                                 const struct cd_s7comm_plus_message *s)
{
    uint32_t object = cd_read_be32(&r, "object");
    cd_read_skip(&r, 2, "address type");
    uint32_t count = cd_s7comm_plus_vlq32(&r, "address count");
    cd_s7comm_plus_text_object(d->target, object, s->session);
    if (!cd_read_ok(&r))
        return;
    struct asked asked = text_attributes(d->target, &r, count);
    bool set = s->function == CD_S7COMM_PLUS_SET_VARIABLE_SUBSTREAMED;
    if (asked.state && !set)
        d->note = CD_S7COMM_PLUS_NOTE_STATE;
    if (set && asked.legitimation) {
        d->op->class = CD_CLASS_SESSION;
        d->note = CD_S7COMM_PLUS_NOTE_LEGITIMATION;
    } else if (asked.program || (set && (cd_s7comm_plus_is_block(object) || *d->download))) {
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
    if (cd_s7comm_plus_is_block(o->id))
        cd_s7comm_plus_text_object(t, o->id, 0);
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
    } else if (parent == CD_S7COMM_PLUS_OBJECT_PROGRAM || cd_s7comm_plus_is_block(o.id) || *d->download) {
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
    cd_s7comm_plus_text_object(d->target, object, session);
    if (object == session)
        d->op->class = CD_CLASS_SESSION;
    else if (cd_s7comm_plus_is_block(object))
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
        cd_s7comm_plus_text_object(d->target, object, session);
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
    cd_s7comm_plus_text_object(d->target, object, session);
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
        cd_s7comm_plus_text_object(d->target, object, session);
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
