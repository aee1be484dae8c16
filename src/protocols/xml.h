/* A scanner of XML 1.0 for messages that devices send (SOAP, UPnP): it goes over the bytes once, keeps nothing but the names of the open elements, follows
 * no reference but the five of the standard and numbers, and gives up at the first thing it does not take: document types, more depth or more elements than
 * any such message has. Namespaces: prefixes are read over, elements are known by their local names.
 *
 *     struct cd_xml x = cd_xml_of(bytes, len);
 *     struct cd_xml_token t;
 *     while (cd_xml_next(&x, &t)) ...         // then x.bad: NULL at the end of the document, else what was wrong
 */
#ifndef CD_PROTOCOLS_XML_H
#define CD_PROTOCOLS_XML_H

#include "base/text.h"
#include "protocols/http.h"

enum { CD_XML_DEPTH_MAX = 24, CD_XML_TOKENS_MAX = 4096, CD_XML_NAME_MAX = 128 };

enum cd_xml_kind {
    CD_XML_OPEN,  /* <a:b c="d">: name, attributes */
    CD_XML_TEXT,  /* what stands between tags, if it is more than blanks: text, not decoded */
    CD_XML_CLOSE, /* </a:b>, and after OPEN for <a:b/>: name */
};

/* All borrowed. */
struct cd_xml_token {
    enum cd_xml_kind kind;
    struct cd_http_value name; /* local: without a prefix */
    struct cd_http_value attributes;
    struct cd_http_value text;
    bool character_data; /* the text stood in <![CDATA[ ]]>: no references in it */
};

struct cd_xml {
    const char *at, *end;
    const char *bad;                             /* NULL, or why it stopped (a literal) */
    struct cd_http_value open[CD_XML_DEPTH_MAX]; /* local names of the elements open, the outermost first */
    unsigned depth, tokens;
    bool close_next; /* <a/> was given as OPEN and is to be given as CLOSE */
};

struct cd_xml cd_xml_of(const char *bytes, size_t len);
/* The next token; false at the end and where something is wrong. In OPEN and TEXT the element itself is open[depth - 1]; in CLOSE it is no more. */
bool cd_xml_next(struct cd_xml *x, struct cd_xml_token *ret);
/* Whether the element `up` levels above the innermost open one (0: itself) has this local name. */
bool cd_xml_is_in(const struct cd_xml *x, unsigned up, const char *name);
/* Whether an element of this name is open anywhere. */
bool cd_xml_is_below(const struct cd_xml *x, const char *name);

/* The value of an attribute by its local name; bytes NULL where it is missing. */
struct cd_http_value cd_xml_attribute(const struct cd_xml_token *t, const char *name);
/* Text with its references decoded; made safe to show by who shows it. */
void cd_text_xml(struct cd_text *t, const struct cd_xml_token *token);
/* Text without blanks at either end. */
struct cd_http_value cd_xml_trim(const struct cd_http_value *v);

#endif
