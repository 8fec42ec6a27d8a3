#include "unit.h"

#include "../../mod_scim/core/query/query.h"

static const scim_page_limits_t pages = { 100, 1000, 0, 60 };

static scim_error_t *ask(fixture_t *f, const char *args, scim_query_t *query)
{
    scim_params_t params;

    SCIM_TRY(scim_params_parse(f->p, args, &params));
    return scim_query_bind(fixture_context(f, f->strict, "User"), &params, &pages, query);
}

static void decoding(void **state)
{
    fixture_t *f = *state;
    scim_params_t params;

    unit_no_error("H-20", scim_params_parse(f->p, "filter=userName+eq+%22a%2Bb%40x.org%22&count=2&", &params));
    unit_text("H-20", params.filter, "userName eq \"a+b@x.org\"");
    unit_text("count", params.count, "2");
    unit_no_error("raw", scim_params_parse(f->p, "&&filter=emails[type eq \"work\"]%20pr&aadOptscim062020", &params));
    unit_text("raw", params.filter, "emails[type eq \"work\"] pr");
    unit_no_error("an equals sign", scim_params_parse(f->p, "filter=title eq \"a=b\"", &params));
    unit_text("an equals sign", params.filter, "title eq \"a=b\"");
    unit_no_error("H-17", scim_params_parse(f->p, "foo=%zz&=&%=1&bar", &params));
    assert_null(params.filter);
    unit_no_error("letter case", scim_params_parse(f->p, "FILTER=x&s%6FrtBy=y&excludedattributes=members", &params));
    unit_text("letter case", params.filter, "x");
    unit_text("an encoded name", params.sort_by, "y");
    unit_text("letter case", params.excluded_attributes, "members");
    unit_no_error("no query", scim_params_parse(f->p, NULL, &params));
    unit_no_error("an empty query", scim_params_parse(f->p, "", &params));
    unit_no_error("blanks", scim_params_parse(f->p, "filter&attributes=&sortBy=+&count=", &params));
    unit_text("F-05 a blank filter stays", params.filter, "");
    assert_true(!params.attributes && !params.sort_by && !params.count);
}

static void bad_parameters(void **state)
{
    static const struct {
        const char *title, *args, *type;
    } cases[] = {
        { "H-23", "filter=a+pr&filter=b+pr", "invalidFilter" }, { "H-23", "count=1&count=2", "invalidValue" },
        { "H-23 blank and not", "filter=&Filter=a", "invalidFilter" },
        { "I-12", "filter=%FF", "invalidFilter" },              { "I-12", "filter=%C3", "invalidFilter" },
        { "I-12", "attributes=%ff", "invalidValue" },           { "I-10", "filter=title+eq+%22%00%22", "invalidFilter" },
        { "bad escape", "filter=%", "invalidFilter" },          { "bad escape", "sortBy=%4", "invalidValue" },
        { "bad escape", "sortBy=%4g", "invalidValue" },         { "Q-11", "count=abc", "invalidValue" },
        { "Q-11", "startIndex=1.5", "invalidValue" },           { "Q-11", "count=-", "invalidValue" },
        { "Q-11", "count=1%202", "invalidValue" },              { "Q-11", "count=0x10", "invalidValue" },
        { "Q-16", "sortBy=userName&sortOrder=up", "invalidValue" },
        { "Q-20", "sortBy=name", "invalidValue" },              { "Q-22", "sortBy=nope", "invalidValue" },
        { "Q-22", "sortBy=urn:ietf:params:scim:schemas:core:2.0:User", "invalidValue" },
        { "Q-23", "sortBy=password", "invalidValue" },          { "rows of others", "sortBy=groups", "invalidValue" },
        { "several values", "sortBy=schemas", "invalidValue" }, { "G-13", "attributes=a&excludedAttributes=b", "invalidValue" },
        { "F-05", "filter=", "invalidFilter" },                 { "F-05", "filter", "invalidFilter" },
        { "F-04", "filter=userName+eq", "invalidFilter" },
        { "I-10", "sortBy=userName%00x", "invalidValue" },
        { "H-23", "cursor=&cursor=", "invalidCursor" },         { "I-12", "cursor=%ff", "invalidCursor" },
        { "K-08", "cursor&count=abc", "invalidCount" },         { "K-08", "cursor=x&count=1.5", "invalidCount" },
        { "K-19", "cursor=&startIndex=5", "invalidValue" },     { "K-19", "cursor=x&startIndex=1", "invalidValue" },
    };
    fixture_t *f = *state;
    scim_query_t query;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_error(apr_pstrcat(f->p, cases[i].title, " ", cases[i].args, NULL), ask(f, cases[i].args, &query), cases[i].type);
    }
}

static void other_types(void **state)
{
    static const struct {
        const char *type, *args;
    } cases[] = { { "Device", "sortBy=code" }, { "Device", "sortBy=pin" }, { "Group", "sortBy=members" }, { "Group", "sortBy=members.value" } };
    static const scim_page_limits_t small = { 100, 50, 0, 60 };
    fixture_t *f = *state;
    scim_params_t params;
    scim_query_t query;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_no_error(cases[i].args, scim_params_parse(f->p, cases[i].args, &params));
        unit_error(cases[i].args, scim_query_bind(fixture_context(f, f->strict, cases[i].type), &params, &pages, &query), "invalidValue");
    }
    unit_no_error("a small page", scim_params_parse(f->p, "", &params));
    unit_no_error("a small page", scim_query_bind(fixture_context(f, f->strict, "User"), &params, &small, &query));
    assert_int_equal(query.count, 50);
}

static void paging(void **state)
{
    static const struct {
        const char *title, *args;
        apr_int64_t start;
        int count;
    } cases[] = {
        { "defaults", "", 1, 100 },
        { "Q-06", "startIndex=0", 1, 100 },
        { "Q-06", "startIndex=-5&count=7", 1, 7 },
        { "Q-07", "count=0", 1, 0 },
        { "Q-07", "count=-1", 1, 0 },
        { "Q-09", "count=999999", 1, 1000 },
        { "Q-10", "startIndex=1000", 1000, 100 },
        { "Q-11", "count=99999999999999999999999999", 1, 1000 },
        { "Q-11", "startIndex=2147483648&count=-99999999999999999999999999", APR_INT64_C(2147483648), 0 },
        { "Q-11", "startIndex=99999999999999999999999999", APR_INT64_C(9007199254740991), 100 },
        { "a plus sign decoded as a space", "count=+5", 1, 5 },
        { "an encoded plus sign", "count=%2B5", 1, 5 },
    };
    fixture_t *f = *state;
    scim_query_t query;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_no_error(cases[i].args, ask(f, cases[i].args, &query));
        if (query.start_index != cases[i].start || query.count != cases[i].count) {
            fail_msg("%s %s: startIndex %" APR_INT64_T_FMT ", count %d", cases[i].title, cases[i].args, query.start_index, query.count);
        }
    }
}

/* By which method a query is paged. */
static void methods(void **state)
{
    static const struct {
        unsigned methods;
        const char *args;
        const char *cursor;            /* NULL: by index */
        const char *type;              /* of an error */
    } cases[] = {
        { 0, "", NULL, NULL },
        { 0, "cursor", "", NULL },
        { 0, "cursor=+", "", NULL },
        { 0, "cursor=a-b_C", "a-b_C", NULL },
        { 0, "cursor=x&startIndex=", "x", NULL },
        { 0, "startIndex=3", NULL, NULL },
        { SCIM_PAGE_BY_CURSOR, "", "", NULL },
        { SCIM_PAGE_BY_CURSOR, "count=3", "", NULL },
        { SCIM_PAGE_BY_CURSOR, "startIndex=1", NULL, NULL },
        { SCIM_PAGE_BY_CURSOR, "cursor=x", "x", NULL },
        { SCIM_PAGE_BY_CURSOR | SCIM_PAGE_NO_INDEX, "", "", NULL },
        { SCIM_PAGE_BY_CURSOR | SCIM_PAGE_NO_INDEX, "startIndex=1", "", NULL },
        { SCIM_PAGE_BY_CURSOR | SCIM_PAGE_NO_INDEX, "startIndex=0", "", NULL },
        { SCIM_PAGE_BY_CURSOR | SCIM_PAGE_NO_INDEX, "startIndex=2", NULL, "invalidValue" },
        { SCIM_PAGE_BY_CURSOR | SCIM_PAGE_NO_INDEX, "startIndex=x", NULL, "invalidValue" },
        { SCIM_PAGE_NO_CURSOR, "", NULL, NULL },
        { SCIM_PAGE_NO_CURSOR, "startIndex=2", NULL, NULL },
        { SCIM_PAGE_NO_CURSOR, "cursor", NULL, "invalidCursor" },
        { SCIM_PAGE_NO_CURSOR, "cursor=x", NULL, "invalidCursor" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const scim_page_limits_t limits = { 100, 1000, cases[i].methods, 60 };
        scim_params_t params;
        scim_query_t query;
        scim_error_t *err;
        unit_no_error(cases[i].args, scim_params_parse(f->p, cases[i].args, &params));
        err = scim_query_bind(fixture_context(f, f->strict, "User"), &params, &limits, &query);
        if (cases[i].type) {
            unit_error(cases[i].args, err, cases[i].type);
            continue;
        }
        unit_no_error(cases[i].args, err);
        if (cases[i].cursor) {
            unit_text(cases[i].args, query.cursor, cases[i].cursor);
        }
        else if (query.cursor) {
            fail_msg("%s: by cursor", cases[i].args);
        }
    }
}

/* Queries that find the same, and no others, have the same shape. */
static void shapes(void **state)
{
    static const char *const same[][2] = {
        { "", "count=3&startIndex=7" },
        { "sortBy=userName", "sortBy=USERNAME&sortOrder=ascending" },
        { "filter=title+pr", "filter=title%20pr&attributes=id" },
    };
    static const char *const different[] = {
        "", "filter=title+pr", "filter=title+pr+and+title+pr", "sortBy=id", "sortBy=userName", "sortBy=userName&sortOrder=descending",
        "sortBy=emails", "sortBy=phoneNumbers", "sortBy=userName&filter=title+pr",
    };
    fixture_t *f = *state;
    scim_query_t a, b;
    size_t i, j;

    for (i = 0; i < COUNT(same); i++) {
        unit_no_error(same[i][0], ask(f, same[i][0], &a));
        unit_no_error(same[i][1], ask(f, same[i][1], &b));
        unit_text(same[i][1], b.shape, a.shape);
    }
    for (i = 0; i < COUNT(different); i++) {
        for (j = 0; j < i; j++) {
            unit_no_error(different[i], ask(f, different[i], &a));
            unit_no_error(different[j], ask(f, different[j], &b));
            assert_string_not_equal(a.shape, b.shape);
        }
    }
}

static void sorting(void **state)
{
    static const struct {
        const char *title, *args, *name, *parent;
        int descending;
    } cases[] = {
        { "Q-16", "sortBy=userName", "userName", NULL, 0 },
        { "Q-16", "sortBy=userName&sortOrder=descending", "userName", NULL, 1 },
        { "Q-16", "sortBy=USERNAME&sortOrder=Ascending", "userName", NULL, 0 },
        { "Q-19", "sortBy=emails.value", "value", "emails", 0 },
        { "Q-19", "sortBy=emails", "value", "emails", 0 },
        { "Q-20", "sortBy=name.familyName", "familyName", "name", 0 },
        { "Q-21", "sortBy=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "employeeNumber", NULL, 0 },
        { "Q-17", "sortBy=meta.created", "created", "meta", 0 },
        { "id", "sortBy=id", "id", NULL, 0 },
    };
    fixture_t *f = *state;
    scim_query_t query;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_no_error(cases[i].args, ask(f, cases[i].args, &query));
        unit_text(cases[i].title, query.parts->sort->name, cases[i].name);
        if (cases[i].parent) {
            unit_text(cases[i].title, query.parts->sort->parent->name, cases[i].parent);
        }
        assert_int_equal(query.descending, cases[i].descending);
    }
    unit_no_error("sortOrder alone", ask(f, "sortOrder=descending", &query));
    assert_true(!query.sorted && !query.parts->sort && !query.descending);
    unit_no_error("F-41", ask(f, "filter=emails+pr&sortBy=userName&count=1&attributes=userName", &query));
    assert_true(query.parts->filter && query.parts->sort && query.parts->projection && query.count == 1);
}

static void search_requests(void **state)
{
    static const char urn[] = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    static const struct {
        const char *title, *json, *type;
    } bad[] = {
        { "X-02", "{'filter':'a pr'}", "invalidSyntax" },
        { "X-02", "{'schemas':['urn:x'],'filter':'a pr'}", "invalidSyntax" },
        { "X-02", "{'schemas':[]}", "invalidSyntax" },
        { "X-02", "{'schemas':'%s'}", "invalidSyntax" },
        { "X-04", "{'schemas':['%s'],'count':1.5}", "invalidValue" },
        { "X-03", "{'schemas':['%s'],'count':'10'}", "invalidValue" },
        { "X-03", "{'schemas':['%s'],'count':true}", "invalidValue" },
        { "X-04", "{'schemas':['%s'],'filter':5}", "invalidFilter" },
        { "X-04", "{'schemas':['%s'],'filter':['a pr']}", "invalidFilter" },
        { "X-04", "{'schemas':['%s'],'attributes':[5]}", "invalidValue" },
        { "X-04", "{'schemas':['%s'],'sortBy':true}", "invalidValue" },
    };
    fixture_t *f = *state;
    scim_context_t *strict = fixture_context(f, f->strict, "User"), *tolerant = fixture_context(f, f->tolerant, "User");
    scim_params_t params;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        const char *json = bad[i].json, *mark = strstr(json, "%s");
        if (mark) {
            json = apr_pstrcat(f->p, apr_pstrmemdup(f->p, json, (apr_size_t)(mark - json)), urn, mark + 2, NULL);
        }
        unit_error(json, scim_params_from_search(strict, fixture_json(f->p, json), &params), bad[i].type);
    }
    unit_no_error("X-03", scim_params_from_search(tolerant, fixture_json(f->p, "{'SCHEMAS':['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],"
                                                 "'attributes':['userName','emails.value'],'excludedAttributes':null,'filter':'title pr',"
                                                 "'sortBy':'userName','sortOrder':'descending','startIndex':3,'count':-1,'cursor':''}"),
                              &params));
    unit_text("X-03", params.attributes, "userName,emails.value");
    unit_text("X-03", params.filter, "title pr");
    unit_text("X-03", params.start_index, "3");
    unit_text("X-03", params.count, "-1");
    assert_null(params.excluded_attributes);
    unit_no_error("X-03", scim_params_from_search(tolerant, fixture_json(f->p, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],"
                                                                     "'startIndex':2.0,'count':' 10 '}"),
                                                  &params));
    unit_text("numbers as other libraries write them", params.start_index, "2");
    unit_text("numbers as other libraries write them", params.count, "10");
    unit_no_error("X-05", scim_params_from_search(tolerant, fixture_json(f->p, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],"
                                                                     "'attributes':'userName,emails','excludedAttributes':[]}"),
                                                  &params));
    unit_text("X-05", params.attributes, "userName,emails");
    assert_null(params.excluded_attributes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(decoding), UNIT(bad_parameters), UNIT(other_types), UNIT(paging), UNIT(methods), UNIT(shapes), UNIT(sorting), UNIT(search_requests),
    };

    return UNIT_RUN(tests);
}
