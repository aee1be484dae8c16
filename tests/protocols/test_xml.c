#include "protocols/harness.h"

#include "protocols/xml.h"

#include <string.h>

/* The document as one line: +open -close "text". */
static const char *scan(const char *document, struct cd_text *t)
{
    struct cd_xml x = cd_xml_of(document, strlen(document));
    struct cd_xml_token token;
    while (cd_xml_next(&x, &token)) {
        if (token.kind == CD_XML_TEXT) {
            cd_text_char(t, '"');
            cd_text_xml(t, &token);
            cd_text_char(t, '"');
        } else {
            cd_text_char(t, token.kind == CD_XML_OPEN ? '+' : '-');
            cd_text_bytes(t, token.name.bytes, token.name.len);
        }
    }
    return x.bad;
}

static void documents_come_as_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *document, *tokens, *bad;
    } rows[] = {
        {"<?xml version='1.0'?>\n<a:b xmlns:a=\"x>y\"> text <c/><!-- <d> --></a:b>", "+b\"text\"+c-c-b", NULL},
        {"<a>&lt;&#65;&#x42;&amp;&unknown;&#0;</a>", "+a\"<AB&&unknown;&#0;\"-a", NULL},
        {"<a><![CDATA[<b>&lt;]]></a>", "+a\"<b>&lt;\"-a", NULL},
        {"<a>&#xfc;&#x20ac;&#x1f600;&#xd800;</a>", "+a\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80&#xd800;\"-a", NULL},
        {"\xef\xbb\xbf<a></a>", "+a-a", NULL},
        {"<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>", "", "document type"},
        {"<a><b></a></b>", "+a+b", "end of another element"},
        {"</a>", "", "end of no element"},
        {"<a", "", "tag"},
        {"<a><b>", "+a+b", "end of the document"},
        {"<a><!-- ", "+a", "comment"},
        {"<a><![CDATA[ ", "+a", "CDATA"},
        {"<a><? ", "+a", "processing instruction"},
        {"< >", "", "name"},
        {"", "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char tokens[256];
        struct cd_text t = cd_text_of(tokens, sizeof tokens);
        const char *bad = scan(rows[i].document, &t);
        assert_string_equal(tokens, rows[i].tokens);
        assert_string_equal(bad ? bad : "", rows[i].bad ? rows[i].bad : "");
    }
}

static void depth_and_number_are_bounded(void **state)
{
    (void)state;
    static char document[3 * CD_XML_TOKENS_MAX * 4 + 8], tokens[65536];
    struct cd_text d = cd_text_of(document, sizeof document), t = cd_text_of(tokens, sizeof tokens);
    for (unsigned i = 0; i <= CD_XML_DEPTH_MAX; i++)
        cd_text_str(&d, "<a>");
    assert_string_equal(scan(document, &t), "depth");
    d = cd_text_of(document, sizeof document);
    cd_text_str(&d, "<a>");
    for (unsigned i = 0; i < CD_XML_TOKENS_MAX; i++)
        cd_text_str(&d, "<b/>");
    t = cd_text_of(tokens, sizeof tokens);
    assert_string_equal(scan(document, &t), "too many elements");
}

static void attributes_are_found_by_their_local_names(void **state)
{
    (void)state;
    static const char document[] = "<a x:Type='one' Other = \"two\" bare/>";
    struct cd_xml x = cd_xml_of(document, sizeof document - 1);
    struct cd_xml_token t;
    assert_true(cd_xml_next(&x, &t));
    struct cd_http_value type = cd_xml_attribute(&t, "Type"), other = cd_xml_attribute(&t, "Other");
    assert_true(cd_http_is(&type, "one"));
    assert_true(cd_http_is(&other, "two"));
    assert_null(cd_xml_attribute(&t, "bare").bytes);
    assert_true(cd_xml_is_in(&x, 0, "a"));
    assert_false(cd_xml_is_in(&x, 1, "a"));
    assert_true(cd_xml_is_below(&x, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_come_as_tokens),
        cmocka_unit_test(depth_and_number_are_bounded),
        cmocka_unit_test(attributes_are_found_by_their_local_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
