#include "protocols/fhir.h"

#include "base/text.h"
#include "protocols/patient.h"

#include <strings.h>

enum { SEGMENTS_MAX = 16, CODE_MAX = 64 };

/* ---- parsing ---- */

bool cd_fhir_is_media_type(const struct cd_http_value *v)
{
    /* "+fhir" is how DSTU2 wrote it. */
    static const char *const signs[] = {"application/fhir+", "application/json+fhir", "application/xml+fhir"};
    for (size_t i = 0; v->bytes && i < sizeof signs / sizeof *signs; i++)
        if (memmem(v->bytes, v->len, signs[i], strlen(signs[i])))
            return true;
    return false;
}

/* The path of a target in its segments; returns how many, at most SEGMENTS_MAX. */
static unsigned split_path(const struct cd_http_value *target, struct cd_http_value *segments)
{
    unsigned n = 0;
    const char *at = target->bytes, *end = target->bytes + target->len;
    static const char scheme[] = "://";
    const char *query = target->len ? memchr(at, '?', target->len) : NULL;
    if (query)
        end = query;
    const char *authority = target->len ? memmem(at, (size_t)(end - at), scheme, sizeof scheme - 1) : NULL;
    if (authority) { /* as proxies are asked; the host is no segment */
        at = authority + sizeof scheme - 1;
        while (at < end && *at != '/')
            at++;
    }
    while (at < end && n < SEGMENTS_MAX) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t len = slash ? (size_t)(slash - at) : (size_t)(end - at);
        if (len)
            segments[n++] = (struct cd_http_value){at, len};
        at += len + 1;
    }
    return n;
}

static bool says_fhir(const struct cd_http_value *segment)
{
    return segment->len >= 4 && segment->len <= 16 && strncasecmp(segment->bytes, "fhir", 4) == 0;
}

/* GET and POST mean different things by what follows the type (http.html, "Summary" tables). */
static enum cd_fhir_interaction interaction_of(const struct cd_http_head *h, const struct cd_http_value *rest,
                                               unsigned n)
{
    bool get = cd_http_is(&h->method, "GET") || cd_http_is(&h->method, "HEAD"), post = cd_http_is(&h->method, "POST");
    const struct cd_http_value *last = n ? &rest[n - 1] : NULL;
    if (last && last->bytes[0] == '$')
        return CD_FHIR_OPERATION;
    if (post)
        return last && cd_http_is(last, "_search") ? CD_FHIR_SEARCH : CD_FHIR_CREATE;
    if (cd_http_is(&h->method, "PUT"))
        return CD_FHIR_UPDATE;
    if (cd_http_is(&h->method, "PATCH"))
        return CD_FHIR_PATCH;
    if (cd_http_is(&h->method, "DELETE"))
        return CD_FHIR_DELETE;
    if (!get)
        return CD_FHIR_OTHER;
    if (n == 0)
        return CD_FHIR_SEARCH;
    if (cd_http_is(last, "_history"))
        return CD_FHIR_HISTORY;
    return n >= 3 && cd_http_is(&rest[n - 2], "_history") ? CD_FHIR_VERSION_READ : CD_FHIR_READ;
}

/* With the system as a whole: what stands where a type would. */
static enum cd_fhir_interaction system_interaction(const struct cd_http_head *h, const struct cd_http_value *last)
{
    if (last && cd_http_is(last, "metadata"))
        return CD_FHIR_CAPABILITIES;
    if (last && last->bytes[0] == '$')
        return CD_FHIR_OPERATION;
    if (last && cd_http_is(last, "_history"))
        return CD_FHIR_HISTORY;
    if (last && cd_http_is(last, "_search"))
        return CD_FHIR_SEARCH;
    return cd_http_is(&h->method, "POST") ? CD_FHIR_BATCH : CD_FHIR_OTHER;
}

/* A modifier (:exact), a chain (.name) or a longer name of the same kind (address-city) may follow. */
static bool is_end_of_name(char c)
{
    return c == '=' || c == ':' || c == '-' || c == '.';
}

/* Kinds of data by the names of search parameters; their values are passed over. */
static unsigned kinds_in_query(const struct cd_http_value *target)
{
    static const struct {
        const char *name;
        unsigned kind;
    } parameters[] = {
        {"_id", CD_PATIENT_IDENTIFIER},     {"identifier", CD_PATIENT_IDENTIFIER},
        {"patient", CD_PATIENT_IDENTIFIER}, {"subject", CD_PATIENT_IDENTIFIER},
        {"name", CD_PATIENT_NAME},          {"family", CD_PATIENT_NAME},
        {"given", CD_PATIENT_NAME},         {"birthdate", CD_PATIENT_BIRTH_DATE},
        {"address", CD_PATIENT_ADDRESS},    {"telecom", CD_PATIENT_TELEPHONE},
        {"phone", CD_PATIENT_TELEPHONE},    {"email", CD_PATIENT_TELEPHONE},
    };
    unsigned kinds = 0;
    const char *at = target->len ? memchr(target->bytes, '?', target->len) : NULL, *end = target->bytes + target->len;
    while (at && ++at < end) {
        for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
            size_t len = strlen(parameters[i].name);
            if ((size_t)(end - at) > len && memcmp(at, parameters[i].name, len) == 0 && is_end_of_name(at[len]))
                kinds |= parameters[i].kind;
        }
        at = memchr(at, '&', (size_t)(end - at));
    }
    return kinds;
}

/* A type below a resource is what is meant: Patient/4711/Observation searches observations. Returns where the innermost type stands, or n. */
static unsigned find_type(const struct cd_http_value *segments, unsigned n, unsigned from)
{
    unsigned found = n;
    for (unsigned i = from; i < n; i++)
        if (cd_fhir_type(segments[i].bytes, segments[i].len))
            found = i;
    return found;
}

bool cd_fhir_parse(const struct cd_http_head *h, struct cd_fhir_request *ret)
{
    struct cd_http_value segments[SEGMENTS_MAX];
    struct cd_fhir_request f = {.type = "", .operation = ""};
    unsigned n = split_path(&h->target, segments), base = n;
    bool media =
        cd_fhir_is_media_type(&h->headers[CD_HTTP_ACCEPT]) || cd_fhir_is_media_type(&h->headers[CD_HTTP_CONTENT_TYPE]);
    for (unsigned i = n; i > 0; i--)
        if (says_fhir(&segments[i - 1]))
            base = i;
    if (!media && base == n)
        return false;
    unsigned at = find_type(segments, n, base < n ? base : 0);
    const struct cd_http_value *last = n ? &segments[n - 1] : NULL;
    f.interaction = at < n ? interaction_of(h, &segments[at + 1], n - at - 1) : system_interaction(h, last);
    if (!media && at == n && f.interaction != CD_FHIR_CAPABILITIES && f.interaction != CD_FHIR_OPERATION)
        return false; /* a site that speaks about FHIR */
    if (at < n) {
        const struct cd_fhir_type *type = cd_fhir_type(segments[at].bytes, segments[at].len);
        f.type = type->name;
        f.patient = type->patient | (type->patient ? kinds_in_query(&h->target) : 0);
    } else if (f.interaction == CD_FHIR_BATCH) {
        f.patient = CD_PATIENT_RECORDS;
    }
    if (f.interaction == CD_FHIR_OPERATION)
        f.operation = cd_fhir_operation(last->bytes, last->len);
    *ret = f;
    return true;
}

/* ---- reporting ---- */

static const struct {
    const char *name;
    enum cd_class class;
} interactions[] = {
    [CD_FHIR_READ] = {"read", CD_CLASS_READ},
    [CD_FHIR_VERSION_READ] = {"vread", CD_CLASS_READ},
    [CD_FHIR_SEARCH] = {"search", CD_CLASS_READ},
    [CD_FHIR_HISTORY] = {"history", CD_CLASS_READ},
    [CD_FHIR_CREATE] = {"create", CD_CLASS_WRITE},
    [CD_FHIR_UPDATE] = {"update", CD_CLASS_WRITE},
    [CD_FHIR_PATCH] = {"patch", CD_CLASS_WRITE},
    [CD_FHIR_DELETE] = {"delete", CD_CLASS_WRITE},
    [CD_FHIR_OPERATION] = {"operation", CD_CLASS_OTHER},
    [CD_FHIR_CAPABILITIES] = {"capabilities", CD_CLASS_IDENTIFY},
    [CD_FHIR_BATCH] = {"batch", CD_CLASS_WRITE},
    [CD_FHIR_OTHER] = {"other interaction", CD_CLASS_OTHER},
};

void cd_fhir_report_request(struct cd_message *m, const struct cd_fhir_request *request, uint64_t id, uint16_t *told)
{
    char code[CODE_MAX];
    struct cd_text t = cd_text_of(code, sizeof code);
    const char *const parts[] = {request->type, request->operation};
    m->dissector = &cd_dissector_fhir;
    cd_text_str(&t, interactions[request->interaction].name);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (*parts[i])
            cd_text_char(&t, ' ');
        cd_text_str(&t, parts[i]);
    }
    struct cd_operation op = {.name = interactions[request->interaction].name,
                              .code_text = cd_observe_code(m->observer, code, t.len),
                              .class = interactions[request->interaction].class,
                              .target = request->type};
    if (request->interaction == CD_FHIR_OPERATION && strcmp(request->operation, "$export") == 0)
        op.class = CD_CLASS_READ;
    cd_report_request(m, &op, id);
    cd_patient_report(m, request->patient, told);
}

void cd_fhir_report_server(struct cd_message *m, const struct cd_http_value *content_type)
{
    char service[32];
    struct cd_text t = cd_text_of(service, sizeof service);
    struct cd_subject server = cd_subject_server(m);
    struct cd_http_value version = cd_http_parameter(content_type, "fhirVersion");
    const struct cd_dissector *carrier = m->dissector;
    cd_text_str(&t, "fhir");
    if (version.len && version.len <= 8 && version.bytes[0] >= '0' && version.bytes[0] <= '9') {
        cd_text_char(&t, ' ');
        cd_text_bytes(&t, version.bytes, version.len);
    }
    m->dissector = &cd_dissector_fhir;
    cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, service, 85);
    m->dissector = carrier;
}

/* Carried by http, which frames and pairs: bytes of its own are those of a head. */
static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct cd_http_head head;
    struct cd_fhir_request request;
    uint16_t told = 0;
    if (!cd_http_parse(r, m->cut, &head))
        cd_report_malformed(m, r->bad);
    else if (head.response)
        cd_fhir_report_server(m, &head.headers[CD_HTTP_CONTENT_TYPE]);
    else if (cd_fhir_parse(&head, &request))
        cd_fhir_report_request(m, &request, 0, &told);
}

const struct cd_dissector cd_dissector_fhir = {
    .name = "fhir",
    .dissect = dissect,
};
