/* DNP3: what a request asks for, in the words of the field: "class 1, class 2", "binary output 3 latch on", "file /log.txt read". */
#include "protocols/dnp3.h"

enum {
    HEADERS_SHOWN = 12, /* more only make a text nobody reads; the rest is still checked */
    OBJECTS_SHOWN = 6,
    FILE_NAME_SHOWN = 120,
};

static void text_name(struct cd_text *t, const struct cd_dnp3_objects *o)
{
    cd_text_str(t, cd_dnp3_group_name(o->group));
    if (o->group == 60) { /* the variation tells the class, from 1 = class 0 */
        cd_text_char(t, ' ');
        cd_text_u64(t, o->variation ? o->variation - 1u : 0);
    } else if (o->variation) {
        cd_text_str(t, " g");
        cd_text_u64(t, o->group);
        cd_text_char(t, 'v');
        cd_text_u64(t, o->variation);
    }
}

static void text_range(struct cd_text *t, struct cd_dnp3_objects *o)
{
    if (o->all || o->count == 0)
        return;
    if (o->counted && o->prefix == 0) {
        if (o->group != 50 && o->group != 51 && o->group != 52) {
            cd_text_str(t, " at most ");
            cd_text_u64(t, o->count);
        }
        return;
    }
    if (o->prefix >= 4)
        return;
    if (o->prefix == 0) {
        cd_text_char(t, ' ');
        cd_text_u64(t, o->start);
        if (o->count > 1) {
            cd_text_char(t, '-');
            cd_text_u64(t, o->start + o->count - 1);
        }
        return;
    }
    struct cd_reader object;
    uint32_t index;
    for (uint64_t n = 0; n < OBJECTS_SHOWN && cd_dnp3_next_object(o, n, &index, &object); n++) {
        cd_text_str(t, n ? ", " : " ");
        cd_text_u64(t, index);
    }
    if (o->count > OBJECTS_SHOWN)
        cd_text_str(t, ", ...");
}

/* Control relay output block (A.8.1): operation type in bits 0-3, trip/close in bits 6-7. */
static void text_relay(struct cd_text *t, struct cd_reader *object)
{
    static const char *const operations[] = {" nul", " pulse on", " pulse off", " latch on", " latch off"};
    static const char *const contacts[] = {"", " close", " trip", " reserved"};
    uint8_t code = cd_read_u8(object, "control code");
    uint8_t operation = code & 0x0f;
    cd_text_str(t, contacts[code >> 6]);
    if (operation || code < 0x40)
        cd_text_str(t, operation < sizeof operations / sizeof *operations ? operations[operation] : " undefined");
    if (code & 0x20)
        cd_text_str(t, " clear");
}

static void text_controls(struct cd_text *t, struct cd_dnp3_objects *o)
{
    struct cd_reader object;
    uint32_t index;
    for (uint64_t n = 0; n < OBJECTS_SHOWN && cd_dnp3_next_object(o, n, &index, &object); n++) {
        if (n)
            cd_text_str(t, ", ");
        cd_text_str(t, cd_dnp3_group_name(o->group));
        cd_text_char(t, ' ');
        cd_text_u64(t, index);
        if (o->group == 12 && o->variation == 1)
            text_relay(t, &object);
    }
    if (o->count > OBJECTS_SHOWN)
        cd_text_str(t, ", ...");
}

/* File names are told with their place in the object (A.35.3: offset and size). */
static void text_file_name(struct cd_text *t, const struct cd_reader *object, size_t offset_at)
{
    struct cd_reader r = *object;
    cd_read_skip(&r, offset_at, "file");
    uint16_t offset = cd_read_le16(&r, "file name offset"), size = cd_read_le16(&r, "file name size");
    struct cd_reader name = *object;
    cd_read_skip(&name, offset, "file name offset");
    const uint8_t *bytes = cd_read_at(&name, size, "file name");
    if (!cd_read_ok(&r) || !bytes || size == 0)
        return;
    cd_text_char(t, ' ');
    cd_text_device(t, bytes, size < FILE_NAME_SHOWN ? size : FILE_NAME_SHOWN);
}

/* g70v2: the user name stands first, the password after it; only the former is looked at. */
static void report_file_user(struct cd_message *m, const struct cd_reader *object)
{
    char user[96];
    struct cd_text t = cd_text_of(user, sizeof user);
    cd_text_str(&t, "file authentication, user");
    text_file_name(&t, object, 0);
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, user);
}

static void text_file(struct cd_text *t, struct cd_message *m, struct cd_dnp3_objects *o)
{
    static const char *const modes[] = {"", " read", " write", " append"};
    struct cd_reader object;
    uint32_t index;
    cd_text_str(t, "file");
    if (!cd_dnp3_next_object(o, 0, &index, &object))
        return;
    switch (o->variation) {
    case 2: report_file_user(m, &object); break;
    case 3: {
        text_file_name(t, &object, 0);
        struct cd_reader r = object;
        cd_read_skip(&r, 20, "file command");
        uint16_t mode = cd_read_le16(&r, "file mode");
        if (cd_read_ok(&r) && mode < sizeof modes / sizeof *modes)
            cd_text_str(t, modes[mode]);
        break;
    }
    case 4:
    case 5:
    case 6: {
        uint32_t handle = cd_read_le32(&object, "file handle");
        if (cd_read_ok(&object)) {
            cd_text_str(t, " handle 0x");
            cd_text_hex(t, handle, 8);
        }
        break;
    }
    case 7: text_file_name(t, &object, 0); break;
    case 8:
        cd_text_char(t, ' ');
        cd_text_device(t, object.base, object.len < FILE_NAME_SHOWN ? object.len : FILE_NAME_SHOWN);
        break;
    default: break;
    }
}

/* Writes and reads are named for what they write and read where that is of another class. */
static void refine(struct cd_operation *op, uint8_t function, uint8_t group)
{
    if (function == CD_DNP3_WRITE && group == 50) {
        op->name = "write time";
        op->class = CD_CLASS_CONFIGURE;
    } else if (function == CD_DNP3_WRITE && (group == 34 || group == 0 || group == 85 || group == 86)) {
        op->class = CD_CLASS_CONFIGURE;
    } else if (function == CD_DNP3_WRITE && group == 70) {
        op->name = "write file";
        op->class = CD_CLASS_FILE;
    } else if (function == CD_DNP3_READ && group == 70) {
        op->name = "read file";
        op->class = CD_CLASS_FILE;
    } else if (function == CD_DNP3_READ && group == 0) {
        op->name = "read device attributes";
        op->class = CD_CLASS_IDENTIFY;
    }
}

static void text_header(struct cd_text *t, struct cd_message *m, uint8_t function, struct cd_dnp3_objects *o)
{
    if (o->group == 70) {
        text_file(t, m, o);
    } else if (function >= CD_DNP3_SELECT && function <= CD_DNP3_DIRECT_OPERATE_NO_RESPONSE &&
               (o->group == 12 || o->group == 41)) {
        text_controls(t, o);
    } else {
        text_name(t, o);
        text_range(t, o);
    }
}

void cd_dnp3_text_objects(struct cd_text *t, struct cd_message *m, const struct cd_dnp3_fragment *fragment,
                          struct cd_operation *op, const char **ret_bad)
{
    struct cd_reader r = fragment->objects;
    for (unsigned n = 0; cd_read_left(&r); n++) {
        struct cd_dnp3_objects o;
        if (!cd_dnp3_next_objects(&r, fragment->function, &o)) {
            *ret_bad = r.bad;
            return;
        }
        if (n == 0)
            refine(op, fragment->function, o.group);
        if (n < HEADERS_SHOWN) {
            cd_text_str(t, n ? ", " : " ");
            text_header(t, m, fragment->function, &o);
        } else if (n == HEADERS_SHOWN) {
            cd_text_str(t, ", ...");
        }
    }
}
