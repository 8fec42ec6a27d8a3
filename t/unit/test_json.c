#include "unit.h"

#include "../../mod_scim/core/base/json_scan.h"
#include "../../mod_scim/core/base/utf8.h"

static scim_error_t *parse(fixture_t *f, const char *text, scim_json_t **out)
{
    return scim_json_parse(f->p, text, strlen(text), 8, out);
}

static void accepted(void **state)
{
    static const struct {
        const char *title, *text, *expected;
    } cases[] = {
        { "empty", "{}", "{}" },
        { "white space", " \t\r\n{ \"a\" : [ 1 , null , true ] } \n", "{\"a\":[1,null,true]}" },
        { "I-07", "{\"a\":\"\\u0061lice\"}", "{\"a\":\"alice\"}" },
        { "I-08", "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\xF0\x9F\x98\x80\"}" },
        { "H-25 a byte order mark", "\xEF\xBB\xBF{\"a\":1}", "{\"a\":1}" },
        { "H-27", "{\"a\":9007199254740993}", "{\"a\":9007199254740993}" },
        { "H-27", "{\"a\":-9223372036854775808}", "{\"a\":-9223372036854775808}" },
        { "C-27 digits are kept", "{\"a\":3.10,\"b\":-0.5,\"c\":1e3}", "{\"a\":3.10,\"b\":-0.5,\"c\":1e3}" },
        { "a slash", "{\"a\":\"b\\/c/d\"}", "{\"a\":\"b/c/d\"}" },
        { "escapes", "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"}", "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"}" },
        { "equal names in different objects", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}" },
        { "8 deep", "{\"a\":[[[[[[[]]]]]]]}", "{\"a\":[[[[[[[]]]]]]]}" },
        { "an exponent with a plus", "{\"a\":1e+3,\"b\":1E-3}", "{\"a\":1e+3,\"b\":1E-3}" },
        { "the last of the surrogate pairs", "{\"a\":\"\\udbff\\udfff\"}", "{\"a\":\"\xF4\x8F\xBF\xBF\"}" },
        { "I-14", "{\"\xC3\xA9\":\"\xE4\xBE\x8B\"}", "{\"\xC3\xA9\":\"\xE4\xBE\x8B\"}" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_json_t *o;
        unit_no_error(cases[i].title, parse(f, cases[i].text, &o));
        unit_text(cases[i].title, scim_json_text(f->p, o, NULL), cases[i].expected);
    }
}

static const struct {
    const char *title, *text;
} refused_cases[] = {
    { "H-11", "{" },
    { "nothing", "" },
    { "white space", "  " },
    { "H-26 after the value", "{}x" },
    { "H-26 two values", "{}{}" },
    { "H-26 an array", "[1]" },
    { "H-26 a string", "\"s\"" },
    { "H-26 null", "null" },
    { "H-26 trailing comma", "{\"a\":1,}" },
    { "H-26 trailing comma", "{\"a\":[1,]}" },
    { "H-26 comment", "{/**/}" },
    { "H-26 comment", "{}//x" },
    { "H-26 NaN", "{\"a\":NaN}" },
    { "H-26 Infinity", "{\"a\":-Infinity}" },
    { "H-26 single quotes", "{'a':1}" },
    { "H-26 single quotes", "{\"a\":'b'}" },
    { "bare name", "{a:1}" },
    { "literals in another case", "{\"a\":True}" },
    { "literals cut", "{\"a\":tru}" },
    { "no colon", "{\"a\" 1}" },
    { "no comma", "{\"a\":1 \"b\":2}" },
    { "no comma", "{\"a\":[1 2]}" },
    { "leading zero", "{\"a\":01}" },
    { "leading plus", "{\"a\":+1}" },
    { "a bare dot", "{\"a\":1.}" },
    { "a bare dot", "{\"a\":.5}" },
    { "a bare exponent", "{\"a\":1e}" },
    { "a bare minus", "{\"a\":-}" },
    { "hexadecimal", "{\"a\":0x1}" },
    { "C-23", "{\"userName\":1,\"username\":2}" },
    { "H-24", "{\"a\":1,\"a\":2}" },
    { "H-24 by escapes", "{\"a\":1,\"\\u0061\":2}" },
    { "C-23 by escapes", "{\"a\":1,\"\\u0041\":2}" },
    { "H-24 by a surrogate pair", "{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}" },
    { "H-24 inside", "{\"x\":[{\"a\":1,\"A\":2}]}" },
    { "H-25", "{\"a\":\"\xFF\"}" },
    { "H-25 overlong", "{\"a\":\"\xC0\xAF\"}" },
    { "H-25 a surrogate", "{\"a\":\"\xED\xA0\x80\"}" },
    { "H-25 cut", "{\"a\":\"\xE2\x82\"}" },
    { "H-25 beyond Unicode", "{\"a\":\"\xF4\x90\x80\x80\"}" },
    { "I-09", "{\"a\":\"\\ud83d\"}" },
    { "I-09", "{\"a\":\"\\ude00\"}" },
    { "I-09", "{\"a\":\"\\ud83d\\u0041\"}" },
    { "I-09 the first low surrogate", "{\"a\":\"\\udc00\"}" },
    { "I-09 the last low surrogate", "{\"a\":\"\\udfff\"}" },
    { "I-09 the last high surrogate", "{\"a\":\"\\udbff\"}" },
    { "I-09 with a character beyond the surrogates", "{\"a\":\"\\udbff\\ue000\"}" },
    { "I-09 in a name", "{\"\\ud83d\":1}" },
    { "I-10", "{\"a\":\"a\\u0000b\"}" },
    { "I-10 in a name", "{\"a\\u0000\":1}" },
    { "control character", "{\"a\":\"x\ny\"}" },
    { "the last control character", "{\"a\":\"x\x1Fy\"}" },
    { "unknown escape", "{\"a\":\"\\x\"}" },
    { "cut escape", "{\"a\":\"\\u12\"}" },
    { "H-27", "{\"a\":9223372036854775808}" },
    { "H-27", "{\"a\":-9223372036854775809}" },
    { "H-27", "{\"a\":99999999999999999999999999}" },
    { "H-28", "{\"a\":[[[[[[[[]]]]]]]]}" },
    { "unclosed", "{\"a\":[1}" },
    { "unclosed string", "{\"a\":\"b" },
    { "a byte order mark inside", "{\xEF\xBB\xBF}" },
};

static void refused(void **state)
{
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(refused_cases); i++) {
        scim_json_t *o;
        unit_error(apr_pstrcat(f->p, refused_cases[i].title, " ", refused_cases[i].text, NULL), parse(f, refused_cases[i].text, &o), "invalidSyntax");
        unit_error(refused_cases[i].title, scim_json_scan(f->p, refused_cases[i].text, strlen(refused_cases[i].text), 8, 0), "invalidSyntax");
    }
}

/* What is refused above for its integers alone is taken for the nearest that fits, and nothing else is let through. */
static void clamped(void **state)
{
    static const struct {
        const char *text, *most;       /* NULL: refused */
    } cases[] = {
        { "{\"a\":9223372036854775807}", "9223372036854775807" },   { "{\"a\":9223372036854775808}", "9223372036854775808" },
        { "{\"a\":18446744073709551616}", "18446744073709551615" }, { "{\"a\":99999999999999999999999999}", "18446744073709551615" },
        { "{\"a\":-9223372036854775809}", "-9223372036854775808" }, { "{\"a\":-99999999999999999999999}", "-9223372036854775808" },
        { "{\"a\":099}", NULL },                                     { "{\"a\":99999999999999999999999x}", NULL },
        { "{\"a\":1,\"A\":99999999999999999999999}", NULL },         { "{\"a\":[[[[[[[[]]]]]]]]}", NULL },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_json_t *o = NULL;
        scim_error_t *err = scim_json_parse_clamped(f->p, cases[i].text, strlen(cases[i].text), 8, &o);
        if (cases[i].most) {
            unit_no_error(cases[i].text, err);
            assert_string_equal(scim_json_string(scim_json_member(o, "a")), cases[i].most);
        }
        else {
            unit_error(cases[i].text, err, "invalidSyntax");
        }
    }
}

static void nul_byte_and_depth(void **state)
{
    fixture_t *f = *state;
    scim_json_t *o;
    char *deep = apr_palloc(f->p, 200001);

    unit_error("I-10 a raw NUL", scim_json_parse(f->p, "{\"a\":\"\0\"}", 9, 8, &o), "invalidSyntax");
    unit_error("NUL after the value", scim_json_parse(f->p, "{}\0", 3, 8, &o), "invalidSyntax");
    memset(deep, '[', 200000);
    deep[200000] = '\0';
    unit_error("H-28", scim_json_parse(f->p, deep, 200000, 64, &o), "invalidSyntax");
    unit_no_error("only len bytes are read", scim_json_parse(f->p, "{}garbage", 2, 8, &o));
}

static void many_names(void **state)
{
    fixture_t *f = *state;
    apr_array_header_t *parts = apr_array_make(f->p, 1990, sizeof(const char *));
    scim_json_t *o;
    int i;

    for (i = 0; i < 1990; i++) {
        APR_ARRAY_PUSH(parts, const char *) = apr_psprintf(f->p, "\"name%d\":%d", i, i);
    }
    unit_no_error("many names", parse(f, apr_pstrcat(f->p, "{", apr_array_pstrcat(f->p, parts, ','), "}", NULL), &o));
    unit_error("C-23 among many", parse(f, apr_pstrcat(f->p, "{", apr_array_pstrcat(f->p, parts, ','), ",\"NAME17\":0}", NULL), &o),
               "invalidSyntax");
    unit_error("C-23 the first of many", parse(f, apr_pstrcat(f->p, "{", apr_array_pstrcat(f->p, parts, ','), ",\"NAME0\":0}", NULL), &o),
               "invalidSyntax");
}

static void bounded(void **state)
{
    static const struct {
        const char *begin, *before, *after, *end; /* a number stands between before and after */
        int parts, status; /* 0: accepted */
    } cases[] = {
        { "{", "\"k", "\":1", "}", SCIM_JSON_MOST_MEMBERS, 0 },
        { "{", "\"k", "\":1", "}", SCIM_JSON_MOST_MEMBERS + 1, 413 },
        { "{\"a\":{", "\"k", "\":1", "}}", SCIM_JSON_MOST_MEMBERS + 1, 413 },
        { "{\"a\":[", "", "", "]}", SCIM_JSON_MOST_VALUES - 6, 0 },
        { "{\"a\":[", "", "", "]}", SCIM_JSON_MOST_VALUES - 5, 413 },
        { "{\"a\":[", "{\"a\":", "}", "]}", SCIM_JSON_MOST_VALUES / 3 - 2, 0 },
        { "{\"a\":[", "{\"a\":", "}", "]}", SCIM_JSON_MOST_VALUES / 3 - 1, 413 },
        { "{\"a\":[", "[", "]", "]}", SCIM_JSON_MOST_VALUES / 5 - 2, 0 },
        { "{\"a\":[", "[", "]", "]}", SCIM_JSON_MOST_VALUES / 5 - 1, 413 },
    };
    fixture_t *f = *state;
    size_t i;
    int k;

    for (i = 0; i < COUNT(cases); i++) {
        apr_array_header_t *parts = apr_array_make(f->p, cases[i].parts, sizeof(const char *));
        const char *text;
        scim_error_t *err;
        for (k = 0; k < cases[i].parts; k++) {
            APR_ARRAY_PUSH(parts, const char *) = apr_psprintf(f->p, "%s%d%s", cases[i].before, k, cases[i].after);
        }
        text = apr_pstrcat(f->p, cases[i].begin, apr_array_pstrcat(f->p, parts, ','), cases[i].end, NULL);
        err = scim_json_scan(f->p, text, strlen(text), 8, 0);
        if ((err ? err->status : 0) != cases[i].status) {
            fail_msg("%d of %s: %s", cases[i].parts, cases[i].before, err ? err->detail : "accepted");
        }
    }
}

static void members_by_name(void **state)
{
    fixture_t *f = *state;
    scim_json_t *o = fixture_json(f->p, "{'UserName':'m','n':null,'i':5}");
    const char *key = NULL;

    unit_text("C-22", scim_json_str(o, "username"), "m");
    assert_non_null(scim_json_get(o, "USERNAME", &key));
    unit_text("as written", key, "UserName");
    key = NULL;
    assert_null(scim_json_get(o, "N", &key));
    unit_text("null, but there", key, "n");
    assert_null(scim_json_get(o, "x", NULL));
    assert_null(scim_json_str(o, "i"));
    assert_null(scim_json_get(NULL, "x", NULL));
    assert_null(scim_json_get(fixture_json(f->p, "[1]"), "x", NULL));
}

static void quoting(void **state)
{
    fixture_t *f = *state;

    unit_text("escapes", scim_json_quote(f->p, "a\"b\\c\n\x01\xC3\xA9/"), "\"a\\\"b\\\\c\\u000a\\u0001\xC3\xA9/\"");
    unit_text("nothing", scim_json_quote(f->p, ""), "\"\"");
}

static void equality(void **state)
{
    static const struct {
        const char *a, *b;
        int equal;
    } cases[] = {
        { "{'a':1,'b':[2]}", "{'b':[2],'a':1}", 1 }, { "[1,2]", "[2,1]", 0 },   { "{'a':1}", "{'a':1,'b':1}", 0 },
        { "{'a':null}", "{}", 0 },                   { "[1]", "[1.0]", 1 },     { "[1]", "['1']", 0 },
        { "['a']", "['A']", 0 },                     { "[true]", "[false]", 0 }, { "[9007199254740993]", "[9007199254740992]", 0 },
        { "[[]]", "[{}]", 0 },                       { "[null]", "[null]", 1 }, { "['a']", "['ab']", 0 },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        if (scim_json_equal(fixture_json(f->p, cases[i].a), fixture_json(f->p, cases[i].b)) != cases[i].equal) {
            fail_msg("C-32 %s and %s", cases[i].a, cases[i].b);
        }
    }
}

static void emptiness(void **state)
{
    fixture_t *f = *state;
    scim_json_t *list = fixture_json(f->p, "[null,[],{},'',0,false,' ',[null]]");
    size_t i;

    for (i = 0; i < scim_json_count(list); i++) {
        assert_int_equal(scim_json_empty(scim_json_at(list, i)), i < 4);
    }
}

static void copies(void **state)
{
    fixture_t *f = *state;
    scim_json_t *o = fixture_json(f->p, "{'a':{'b':1.50}}"), *copy = scim_json_copy(f->p, o);

    scim_json_set_integer(scim_json_get(o, "a", NULL), "b", 2);
    unit_text("deep, with the digits", scim_json_text(f->p, copy, NULL), "{\"a\":{\"b\":1.50}}");
    assert_null(scim_json_copy(f->p, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(accepted), UNIT(refused), UNIT(clamped), UNIT(nul_byte_and_depth), UNIT(many_names),
                                        UNIT(members_by_name), UNIT(bounded), UNIT(quoting), UNIT(equality), UNIT(emptiness),
                                        UNIT(copies) };

    return UNIT_RUN(tests);
}
