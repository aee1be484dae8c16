#include "protocols/xml.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct cd_xml cd_xml_of(const char *bytes, size_t len)
{
    struct cd_xml x = {.at = bytes, .end = bytes ? bytes + len : NULL};
    if (bytes && len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        x.at += 3;
    return x;
}

static bool fail(struct cd_xml *x, const char *why)
{
    x->bad = why;
    x->at = x->end;
    return false;
}

static bool stands(const struct cd_xml *x, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(x->end - x->at) >= n && memcmp(x->at, text, n) == 0;
}

/* Goes behind the next `text`; false where it does not come. */
static bool pass(struct cd_xml *x, const char *text)
{
    size_t n = strlen(text);
    const char *found = x->at < x->end ? memmem(x->at, (size_t)(x->end - x->at), text, n) : NULL;
    if (!found)
        return false;
    x->at = found + n;
    return true;
}

struct cd_http_value cd_xml_trim(const struct cd_http_value *v)
{
    struct cd_http_value t = *v;
    while (t.len && is_blank(*t.bytes)) {
        t.bytes++;
        t.len--;
    }
    while (t.len && is_blank(t.bytes[t.len - 1]))
        t.len--;
    return t;
}

/* A name at the front of [at, end), without its prefix; *ret_end is behind it. */
static struct cd_http_value local_name(const char *at, const char *end, const char **ret_end)
{
    const char *start = at;
    for (; at < end && !is_blank(*at) && *at != '=' && *at != '/' && *at != '>'; at++)
        if (*at == ':')
            start = at + 1;
    *ret_end = at;
    return (struct cd_http_value){start, (size_t)(at - start)};
}

/* The '>' that ends a tag: one in a quoted value does not. */
static const char *tag_end(const char *at, const char *end)
{
    char quote = 0;
    for (; at < end; at++) {
        if (quote)
            quote = *at == quote ? 0 : quote;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '>')
            return at;
    }
    return NULL;
}

static bool close_element(struct cd_xml *x, const struct cd_http_value *name, struct cd_xml_token *ret)
{
    if (x->depth == 0)
        return fail(x, "end of no element");
    const struct cd_http_value *open = &x->open[x->depth - 1];
    if (open->len != name->len || memcmp(open->bytes, name->bytes, name->len) != 0)
        return fail(x, "end of another element");
    x->depth--;
    *ret = (struct cd_xml_token){.kind = CD_XML_CLOSE, .name = *name};
    return true;
}

static bool take_tag(struct cd_xml *x, struct cd_xml_token *ret)
{
    const char *end = tag_end(x->at, x->end), *behind;
    if (!end)
        return fail(x, "tag");
    bool closing = x->at + 1 < end && x->at[1] == '/';
    struct cd_http_value name = local_name(x->at + 1 + closing, end, &behind);
    if (name.len == 0 || name.len > CD_XML_NAME_MAX)
        return fail(x, "name");
    x->at = end + 1;
    if (closing)
        return close_element(x, &name, ret);
    if (x->depth == CD_XML_DEPTH_MAX)
        return fail(x, "depth");
    x->close_next = end[-1] == '/';
    x->open[x->depth++] = name;
    *ret = (struct cd_xml_token){.kind = CD_XML_OPEN, .name = name};
    if (behind < end)
        ret->attributes = (struct cd_http_value){behind, (size_t)(end - behind) - x->close_next};
    return true;
}

static bool take_character_data(struct cd_xml *x, struct cd_xml_token *ret)
{
    x->at += strlen("<![CDATA[");
    const char *start = x->at;
    if (!pass(x, "]]>"))
        return fail(x, "CDATA");
    *ret = (struct cd_xml_token){.kind = CD_XML_TEXT, .character_data = true};
    ret->text = (struct cd_http_value){start, (size_t)(x->at - start) - 3};
    return true;
}

/* What stands before the next tag; false where it is nothing but blanks. */
static bool take_text(struct cd_xml *x, struct cd_xml_token *ret)
{
    const char *tag = memchr(x->at, '<', (size_t)(x->end - x->at));
    struct cd_http_value all = {x->at, (size_t)((tag ? tag : x->end) - x->at)};
    x->at += all.len;
    *ret = (struct cd_xml_token){.kind = CD_XML_TEXT, .text = cd_xml_trim(&all)};
    return ret->text.len && x->depth;
}

bool cd_xml_next(struct cd_xml *x, struct cd_xml_token *ret)
{
    if (x->close_next) {
        struct cd_http_value name = x->open[x->depth - 1];
        x->close_next = false;
        return close_element(x, &name, ret);
    }
    while (x->at < x->end) {
        if (x->tokens++ == CD_XML_TOKENS_MAX)
            return fail(x, "too many elements");
        if (*x->at != '<') {
            if (take_text(x, ret))
                return true;
        } else if (stands(x, "<?")) {
            if (!pass(x, "?>"))
                return fail(x, "processing instruction");
        } else if (stands(x, "<!--")) {
            x->at += 4;
            if (!pass(x, "-->"))
                return fail(x, "comment");
        } else if (stands(x, "<![CDATA[")) {
            return take_character_data(x, ret);
        } else if (stands(x, "<!")) {
            return fail(x, "document type");
        } else {
            return take_tag(x, ret);
        }
    }
    if (!x->bad && x->depth)
        x->bad = "end of the document";
    return false;
}

bool cd_xml_is_in(const struct cd_xml *x, unsigned up, const char *name)
{
    return up < x->depth && cd_http_is(&x->open[x->depth - 1 - up], name);
}

bool cd_xml_is_below(const struct cd_xml *x, const char *name)
{
    for (unsigned i = 0; i < x->depth; i++)
        if (cd_http_is(&x->open[i], name))
            return true;
    return false;
}

struct cd_http_value cd_xml_attribute(const struct cd_xml_token *t, const char *name)
{
    const char *at = t->attributes.bytes, *end = at ? at + t->attributes.len : NULL;
    while (at && at < end) {
        while (at < end && is_blank(*at))
            at++;
        struct cd_http_value key = local_name(at, end, &at);
        while (at < end && (is_blank(*at) || *at == '='))
            at++;
        if (at == end || (*at != '"' && *at != '\''))
            break;
        const char *close = memchr(at + 1, *at, (size_t)(end - at) - 1);
        if (!close)
            break;
        if (cd_http_is(&key, name))
            return (struct cd_http_value){at + 1, (size_t)(close - at) - 1};
        at = close + 1;
    }
    return (struct cd_http_value){0};
}

static void text_utf8(struct cd_text *t, uint32_t c)
{
    if (c < 0x80) {
        cd_text_char(t, (char)c);
    } else if (c < 0x800) {
        cd_text_char(t, (char)(0xc0 | c >> 6));
        cd_text_char(t, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        cd_text_char(t, (char)(0xe0 | c >> 12));
        cd_text_char(t, (char)(0x80 | (c >> 6 & 0x3f)));
        cd_text_char(t, (char)(0x80 | (c & 0x3f)));
    } else {
        cd_text_char(t, (char)(0xf0 | c >> 18));
        cd_text_char(t, (char)(0x80 | (c >> 12 & 0x3f)));
        cd_text_char(t, (char)(0x80 | (c >> 6 & 0x3f)));
        cd_text_char(t, (char)(0x80 | (c & 0x3f)));
    }
}

/* "#38" or "#x26" (4.1); 0 where it is no character. */
static uint32_t numbered(const char *at, const char *end)
{
    bool hex = end - at > 2 && at[1] == 'x';
    uint32_t c = 0;
    for (at += 1 + hex; at < end; at++) {
        uint32_t d = *at >= '0' && *at <= '9'                            ? (uint32_t)(*at - '0')
                     : hex && (*at | 0x20) >= 'a' && (*at | 0x20) <= 'f' ? (uint32_t)((*at | 0x20) - 'a' + 10)
                                                                         : UINT32_MAX;
        if (d == UINT32_MAX || c > 0x10ffff)
            return 0;
        c = c * (hex ? 16 : 10) + d;
    }
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? c : 0;
}

static uint32_t reference(const char *at, const char *end)
{
    static const struct {
        const char *name;
        char c;
    } named[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    struct cd_http_value v = {at, (size_t)(end - at)};
    if (v.len > 1 && *at == '#')
        return numbered(at, end);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (cd_http_is(&v, named[i].name))
            return (uint8_t)named[i].c;
    return 0;
}

void cd_text_xml(struct cd_text *t, const struct cd_xml_token *token)
{
    enum { REFERENCE_MAX = 10 };
    const char *at = token->text.bytes, *end = at ? at + token->text.len : NULL;
    while (at < end) {
        size_t left = (size_t)(end - at);
        const char *stop =
            token->character_data || *at != '&' ? NULL : memchr(at, ';', left < REFERENCE_MAX ? left : REFERENCE_MAX);
        uint32_t c = stop ? reference(at + 1, stop) : 0;
        if (c) {
            text_utf8(t, c);
            at = stop + 1;
        } else {
            cd_text_char(t, *at++);
        }
    }
}
