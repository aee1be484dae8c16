/* Requests of OPC UA (OPC 10000-4): what is asked, of which nodes, and by whom. */
#include "protocols/opcua.h"

enum {
    TARGET_MAX = 160,
    NAMED_MAX = 3,  /* nodes of a request that the target names */
    LOOKED_AT = 4,  /* elements that are read for it: one more tells that there are more */
    SHOWN_MAX = 96, /* bytes of a text in a target */
    ATTRIBUTE_VALUE = 13
};

/* What a request is done on, written as it is read. */
struct target {
    struct cd_text text;
    unsigned named;
};

/* Begins another name; false where enough are named. */
static bool begin(struct target *t)
{
    if (t->named >= NAMED_MAX) {
        if (t->named++ == NAMED_MAX)
            cd_text_str(&t->text, " and more");
        return false;
    }
    if (t->named++)
        cd_text_str(&t->text, ", ");
    return true;
}

static void text_string(struct cd_text *t, struct cd_opcua_string s)
{
    cd_text_device(t, s.bytes, s.len < SHOWN_MAX ? s.len : SHOWN_MAX);
}

static void text_node(struct cd_text *t, const struct cd_opcua_node_id *id)
{
    const char *name = id->type == CD_OPCUA_NUMERIC && id->namespace_index == 0 ? cd_opcua_node_name(id->number) : NULL;
    cd_opcua_text_node_id(t, id);
    if (name) {
        cd_text_char(t, ' ');
        cd_text_str(t, name);
    }
}

static void name_node(struct target *t, const struct cd_opcua_node_id *id)
{
    if (begin(t))
        text_node(&t->text, id);
}

static uint32_t few(uint32_t count)
{
    return count < LOOKED_AT ? count : LOOKED_AT;
}

/* ---- nodes and attributes ---- */

/* ReadValueId (7.29), without its end where that is of no interest. */
static void name_attribute(struct target *t, const struct cd_opcua_node_id *id, uint32_t attribute,
                           struct cd_opcua_string range)
{
    if (!begin(t))
        return;
    text_node(&t->text, id);
    if (range.len) {
        cd_text_char(&t->text, '[');
        cd_text_device(&t->text, range.bytes, range.len < 16 ? range.len : 16);
        cd_text_char(&t->text, ']');
    }
    if (attribute != ATTRIBUTE_VALUE) {
        cd_text_char(&t->text, ' ');
        cd_text_str(&t->text, cd_opcua_attribute_name(attribute));
    }
}

static struct cd_opcua_node_id read_value_id(struct cd_reader *r, uint32_t *ret_attribute, struct target *t)
{
    struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "node id");
    *ret_attribute = cd_read_le32(r, "attribute id");
    struct cd_opcua_string range = cd_opcua_read_string(r, "index range");
    cd_opcua_read_qualified(r, NULL, "data encoding");
    if (cd_read_ok(r))
        name_attribute(t, &id, *ret_attribute, range);
    return id;
}

/* Read (5.10.2). Returns which of the nodes tell who the server is. */
static uint64_t read_read(struct cd_reader *r, struct target *t)
{
    uint64_t note = 0;
    uint32_t attribute;
    cd_read_skip(r, 8 + 4, "max age");
    uint32_t count = cd_opcua_read_count(r, 16, "nodes to read");
    if (count > CD_OPCUA_NOTED_NODES)
        count = CD_OPCUA_NOTED_NODES;
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = read_value_id(r, &attribute, t);
        note |= (uint64_t)cd_opcua_note_of(&id, attribute) << i * CD_OPCUA_NOTE_BITS;
    }
    return note;
}

/* Write (5.10.4): the values themselves are passed over. */
static void read_write(struct cd_reader *r, struct target *t)
{
    struct cd_opcua_value value;
    uint32_t count = few(cd_opcua_read_count(r, 11, "nodes to write"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "node id");
        uint32_t attribute = cd_read_le32(r, "attribute id");
        struct cd_opcua_string range = cd_opcua_read_string(r, "index range");
        if (cd_read_ok(r))
            name_attribute(t, &id, attribute, range);
        cd_opcua_read_data_value(r, &value, 0, "value");
    }
}

/* CreateMonitoredItems (5.12.2). */
static void read_monitored_items(struct cd_reader *r, struct target *t)
{
    uint32_t attribute;
    cd_read_skip(r, 4 + 4, "subscription id");
    uint32_t count = few(cd_opcua_read_count(r, 16, "items to create"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        read_value_id(r, &attribute, t);
        cd_read_skip(r, 4 + 4 + 8, "monitoring parameters");
        cd_opcua_read_extension(r, "filter");
        cd_read_skip(r, 4 + 1, "queue");
    }
}

/* HistoryRead (5.10.3). */
static void read_history_read(struct cd_reader *r, struct target *t)
{
    cd_opcua_read_extension(r, "history read details");
    cd_read_skip(r, 4 + 1, "timestamps");
    uint32_t count = few(cd_opcua_read_count(r, 16, "nodes to read"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "node id");
        cd_opcua_read_string(r, "index range");
        cd_opcua_read_qualified(r, NULL, "data encoding");
        cd_opcua_read_string(r, "continuation point");
        if (cd_read_ok(r))
            name_node(t, &id);
    }
}

/* HistoryUpdate (5.10.5, 11 6.9): all kinds of details begin with the node. */
static void read_history_update(struct cd_reader *r, struct target *t)
{
    uint32_t count = few(cd_opcua_read_count(r, 3, "history update details"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_extension details = cd_opcua_read_extension(r, "history update details");
        struct cd_opcua_node_id id = {0};
        if (details.binary)
            id = cd_opcua_read_node_id(&details.body, "node id");
        if (details.binary && cd_read_ok(&details.body))
            name_node(t, &id);
    }
}

/* Browse (5.8.2), and lists of nodes (5.8.5). */
static void read_browse(struct cd_reader *r, struct target *t)
{
    cd_opcua_read_node_id(r, "view id");
    cd_read_skip(r, 8 + 4 + 4, "view");
    uint32_t count = few(cd_opcua_read_count(r, 17, "nodes to browse"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "node id");
        cd_read_skip(r, 4, "browse direction");
        cd_opcua_read_node_id(r, "reference type");
        cd_read_skip(r, 1 + 4 + 4, "browse masks");
        if (cd_read_ok(r))
            name_node(t, &id);
    }
}

static void read_nodes(struct cd_reader *r, struct target *t)
{
    uint32_t count = few(cd_opcua_read_count(r, 2, "nodes"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "node id");
        if (cd_read_ok(r))
            name_node(t, &id);
    }
}

static void text_browse_name(struct cd_text *t, uint16_t namespace_index, struct cd_opcua_string name)
{
    if (namespace_index) {
        cd_text_u64(t, namespace_index);
        cd_text_char(t, ':');
    }
    text_string(t, name);
}

/* TranslateBrowsePathsToNodeIds (5.8.4): paths as in 4 annex A.2. */
static void read_translate(struct cd_reader *r, struct target *t)
{
    uint16_t namespace_index;
    uint32_t count = few(cd_opcua_read_count(r, 6, "browse paths"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "starting node");
        uint32_t elements = cd_opcua_read_count(r, 10, "relative path");
        bool named = cd_read_ok(r) && begin(t);
        if (named)
            text_node(&t->text, &id);
        for (uint32_t e = 0; e < elements && cd_read_ok(r); e++) {
            cd_opcua_read_node_id(r, "reference type");
            cd_read_skip(r, 2, "relative path flags");
            struct cd_opcua_string name = cd_opcua_read_qualified(r, &namespace_index, "target name");
            if (named)
                cd_text_char(&t->text, '/');
            if (named)
                text_browse_name(&t->text, namespace_index, name);
        }
    }
}

/* ---- methods and the address space ---- */

/* Call (5.11.2). Returns the class of the gravest of the first methods, as they are numbered: those that act come first. */
static enum cd_class read_call(struct cd_reader *r, struct target *t)
{
    static const uint8_t gravity[CD_CLASSES] = {[CD_CLASS_OTHER] = 1,     [CD_CLASS_ALARM] = 2, [CD_CLASS_FILE] = 3,
                                                [CD_CLASS_CONFIGURE] = 4, [CD_CLASS_MODE] = 5,  [CD_CLASS_CONTROL] = 6};
    struct cd_opcua_value argument;
    enum cd_class class = CD_CLASS_READ;
    uint32_t count = few(cd_opcua_read_count(r, 8, "methods to call"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id object = cd_opcua_read_node_id(r, "object id");
        struct cd_opcua_node_id method = cd_opcua_read_node_id(r, "method id");
        if (!cd_read_ok(r))
            break;
        if (begin(t)) {
            text_node(&t->text, &object);
            cd_text_str(&t->text, " method ");
            text_node(&t->text, &method);
        }
        if (gravity[cd_opcua_method_class(&method)] > gravity[class])
            class = cd_opcua_method_class(&method);
        uint32_t arguments = cd_opcua_read_count(r, 1, "input arguments");
        for (uint32_t a = 0; a < arguments && cd_read_ok(r); a++)
            cd_opcua_read_variant(r, &argument, 0, "input argument");
    }
    return count && cd_read_ok(r) ? class : CD_CLASS_CONTROL;
}

/* AddNodes (5.7.2). */
static void read_add_nodes(struct cd_reader *r, struct target *t)
{
    uint16_t namespace_index;
    uint32_t count = few(cd_opcua_read_count(r, 21, "nodes to add"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id parent = cd_opcua_read_expanded(r, "parent node id");
        cd_opcua_read_node_id(r, "reference type id");
        struct cd_opcua_node_id new = cd_opcua_read_expanded(r, "requested node id");
        struct cd_opcua_string name = cd_opcua_read_qualified(r, &namespace_index, "browse name");
        cd_read_skip(r, 4, "node class");
        cd_opcua_read_extension(r, "node attributes");
        cd_opcua_read_expanded(r, "type definition");
        if (!cd_read_ok(r) || !begin(t))
            continue;
        text_node(&t->text, &parent);
        cd_text_char(&t->text, '/');
        text_browse_name(&t->text, namespace_index, name);
        if (new.number || new.text.len) {
            cd_text_char(&t->text, ' ');
            cd_opcua_text_node_id(&t->text, &new);
        }
    }
}

/* AddReferences (5.7.3) and DeleteReferences (5.7.5): the source is named. */
static void read_references(struct cd_reader *r, struct target *t, bool adds)
{
    uint32_t count = few(cd_opcua_read_count(r, 8, "references"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id source = cd_opcua_read_node_id(r, "source node id");
        cd_opcua_read_node_id(r, "reference type id");
        cd_read_skip(r, 1, "is forward");
        if (adds)
            cd_opcua_read_string(r, "target server uri");
        cd_opcua_read_expanded(r, "target node id");
        cd_read_skip(r, adds ? 4 : 1, "reference");
        if (cd_read_ok(r))
            name_node(t, &source);
    }
}

/* DeleteNodes (5.7.4). */
static void read_delete_nodes(struct cd_reader *r, struct target *t)
{
    uint32_t count = few(cd_opcua_read_count(r, 3, "nodes to delete"));
    for (uint32_t i = 0; i < count && cd_read_ok(r); i++) {
        struct cd_opcua_node_id id = cd_opcua_read_node_id(r, "node id");
        cd_read_skip(r, 1, "delete target references");
        if (cd_read_ok(r))
            name_node(t, &id);
    }
}

/* ---- sessions ---- */

/* CreateSession (5.6.2). The session's name is often numbered through, and left out. */
static void read_create_session(struct cd_message *m, struct cd_reader *r, struct target *t)
{
    struct cd_subject client = cd_subject_client(m);
    cd_opcua_report_application(m, &client, r, 75);
    cd_opcua_read_string(r, "server uri");
    struct cd_opcua_string url = cd_opcua_read_string(r, "endpoint url");
    cd_opcua_read_string(r, "session name");
    cd_opcua_read_string(r, "client nonce");
    struct cd_opcua_string certificate = cd_opcua_read_string(r, "client certificate");
    cd_read_skip(r, 8 + 4, "session timeout");
    if (!cd_read_ok(r))
        return;
    text_string(&t->text, url);
    if (certificate.len)
        cd_opcua_report_certificate(m, &client, certificate, "client");
}

/* UserNameIdentityToken (7.41.4): without an encryption algorithm the password is protected by the channel alone, and this one is read. */
static void read_user_name(struct cd_message *m, struct cd_reader *r, struct target *t)
{
    char detail[120];
    struct cd_text d = cd_text_of(detail, sizeof detail);
    struct cd_subject client = cd_subject_client(m);
    cd_opcua_read_string(r, "policy id");
    struct cd_opcua_string user = cd_opcua_read_string(r, "user name");
    struct cd_opcua_string password = cd_opcua_read_string(r, "password");
    struct cd_opcua_string algorithm = cd_opcua_read_string(r, "encryption algorithm");
    if (!cd_read_ok(r))
        return;
    cd_text_str(&t->text, "user ");
    text_string(&t->text, user);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_USER, user.bytes, user.len < SHOWN_MAX ? user.len : SHOWN_MAX, 90);
    if (algorithm.len || !password.len)
        return;
    cd_text_str(&d, "password of user ");
    text_string(&d, user);
    cd_text_str(&d, " is not encrypted");
    cd_report_event(m, CD_EVENT_CLEARTEXT_CREDENTIAL, detail);
}

/* ActivateSession (5.6.3). */
static void read_activate_session(struct cd_message *m, struct cd_reader *r, struct target *t)
{
    enum { ANONYMOUS = 321, USER_NAME = 324, X509 = 327, ISSUED = 940 };
    cd_opcua_read_string(r, "signature algorithm");
    cd_opcua_read_string(r, "client signature");
    uint32_t certificates = cd_opcua_read_count(r, 8, "software certificates");
    for (uint32_t i = 0; i < 2 * certificates && cd_read_ok(r); i++)
        cd_opcua_read_string(r, "software certificate");
    cd_opcua_skip_strings(r, "locale ids");
    struct cd_opcua_extension token = cd_opcua_read_extension(r, "user identity token");
    if (!cd_read_ok(r))
        return;
    if (cd_opcua_is_standard(&token.type, USER_NAME) && token.binary)
        read_user_name(m, &token.body, t);
    else if (cd_opcua_is_standard(&token.type, ANONYMOUS) || cd_opcua_is_standard(&token.type, 0))
        cd_text_str(&t->text, "anonymous");
    else if (cd_opcua_is_standard(&token.type, X509))
        cd_text_str(&t->text, "user certificate");
    else if (cd_opcua_is_standard(&token.type, ISSUED))
        cd_text_str(&t->text, "issued token");
    if (!cd_read_ok(&token.body))
        cd_read_fail(r, token.body.bad);
}

/* RegisterServer (5.4.5): the client is a server that makes itself known to a discovery server. */
static void read_register_server(struct cd_message *m, struct cd_reader *r, struct target *t)
{
    struct cd_subject client = cd_subject_client(m);
    struct cd_opcua_string uri = cd_opcua_read_string(r, "server uri");
    cd_opcua_read_string(r, "product uri");
    uint32_t names = cd_opcua_read_count(r, 1, "server names");
    struct cd_opcua_string name = names ? cd_opcua_read_localized(r, "server name") : (struct cd_opcua_string){0};
    if (!cd_read_ok(r))
        return;
    text_string(&t->text, uri);
    cd_report_fact_bytes(m, &client, CD_ATTRIBUTE_SOFTWARE, name.bytes, name.len, 70);
}

/* ---- all of them ---- */

static uint64_t read_request(struct cd_message *m, struct cd_operation *op, struct cd_reader *r, struct target *t)
{
    switch (op->code) {
    case CD_OPCUA_READ: return read_read(r, t);
    case CD_OPCUA_WRITE: read_write(r, t); break;
    case CD_OPCUA_CALL: op->class = read_call(r, t); break;
    case CD_OPCUA_CREATE_MONITORED_ITEMS: read_monitored_items(r, t); break;
    case CD_OPCUA_HISTORY_READ: read_history_read(r, t); break;
    case CD_OPCUA_HISTORY_UPDATE: read_history_update(r, t); break;
    case CD_OPCUA_BROWSE: read_browse(r, t); break;
    case CD_OPCUA_TRANSLATE: read_translate(r, t); break;
    case CD_OPCUA_REGISTER_NODES:
    case CD_OPCUA_UNREGISTER_NODES: read_nodes(r, t); break;
    case CD_OPCUA_ADD_NODES: read_add_nodes(r, t); break;
    case CD_OPCUA_ADD_REFERENCES: read_references(r, t, true); break;
    case CD_OPCUA_DELETE_REFERENCES: read_references(r, t, false); break;
    case CD_OPCUA_DELETE_NODES: read_delete_nodes(r, t); break;
    case CD_OPCUA_CREATE_SESSION: read_create_session(m, r, t); break;
    case CD_OPCUA_ACTIVATE_SESSION: read_activate_session(m, r, t); break;
    case CD_OPCUA_REGISTER_SERVER:
    case CD_OPCUA_REGISTER_SERVER_2: read_register_server(m, r, t); break;
    case CD_OPCUA_FIND_SERVERS:
    case CD_OPCUA_GET_ENDPOINTS: text_string(&t->text, cd_opcua_read_string(r, "endpoint url")); break;
    case CD_OPCUA_SET_PUBLISHING_MODE:
        cd_text_str(&t->text, cd_read_u8(r, "publishing enabled") ? "enable" : "disable");
        break;
    default: break;
    }
    return 0;
}

/* Discovery and the channel itself need no security (5.4, 5.5); a session without any is a finding. */
static void note_unsecured(struct cd_message *m, const struct cd_opcua_service *service)
{
    struct cd_opcua_state *s = m->state;
    if (s->policy != CD_OPCUA_POLICY_NONE || s->told_unsecured || service->class == CD_CLASS_IDENTIFY ||
        service->request == CD_OPCUA_OPEN_SECURE_CHANNEL || service->request == CD_OPCUA_CLOSE_SECURE_CHANNEL)
        return;
    s->told_unsecured = true;
    cd_opcua_report_weak_policy(m, "session uses policy ", CD_OPCUA_POLICY_NONE);
}

void cd_opcua_report_request(struct cd_message *m, const struct cd_opcua_service *service, struct cd_reader *r,
                             uint32_t request)
{
    char buffer[TARGET_MAX];
    struct target target = {.text = cd_text_of(buffer, sizeof buffer)};
    struct cd_operation op = {.name = service->name, .code = service->request, .class = service->class};
    /* RequestHeader (7.33) */
    cd_opcua_read_node_id(r, "authentication token");
    cd_read_skip(r, 8 + 4 + 4, "request header");
    cd_opcua_read_string(r, "audit entry id");
    cd_read_skip(r, 4, "timeout hint");
    cd_opcua_read_extension(r, "additional header");
    uint64_t note = cd_read_ok(r) ? read_request(m, &op, r, &target) : 0;
    op.target = buffer;
    cd_report_request(m, &op, request);
    if (note)
        cd_report_remember(m, request, note);
    if (!cd_read_ok(r))
        cd_report_malformed(m, r->bad);
    note_unsecured(m, service);
}
