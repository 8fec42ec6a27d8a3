#include "unit.h"

#include "../../mod_scim/core/query/filter_eval.h"
#include "../../mod_scim/core/query/filter_parse.h"
#include "../../mod_scim/core/query/value_key.h"

/* The fixtures of the conformance list. */
#define U1                                                                                                                           \
    "{'schemas':['{USER}','{ENT}'],'id':'u1','userName':'bjensen@example.com','externalId':'AbC','displayName':'Babs Jensen',"        \
    "'name':{'givenName':'Barbara','familyName':'Jensen'},'title':'Tour Guide','active':true,"                                        \
    "'emails':[{'value':'bjensen@example.com','type':'work','primary':true},{'value':'babs@jensen.org','type':'home'}],"             \
    "'{ENT}':{'employeeNumber':'701984','manager':{'value':'u3'}},'meta':{'created':'2024-01-01T00:00:00Z'},"                          \
    "'groups':[{'value':'g1','$ref':'https://example.com/Groups/g1'}]}"
#define U2                                                                                                                           \
    "{'schemas':['{USER}'],'id':'u2','userName':'mpepperidge','active':false,'meta':{'created':'2025-01-01T00:00:00Z'}}"
#define U3                                                                                                                           \
    "{'schemas':['{USER}'],'id':'u3','userName':'jsmith','displayName':'Ed Smith','active':true,"                                     \
    "'emails':[{'value':'js@x.org','type':'work'}],'meta':{'created':'2026-01-01T00:00:00Z'}}"

typedef struct case_t {
    const char *title, *filter;
    const char *hits; /* numbers of the resources that match */
} case_t;

static void check(fixture_t *f, const scim_profile_t *profile, const char *type_name, const char *const *resources, size_t count,
                  const case_t *c)
{
    const scim_resource_type_t *type = fixture_type(profile, type_name);
    const char *text = fixture_text(f->p, c->filter);
    const scim_filter_t *filter;
    char hits[8] = "";
    size_t i, n = 0;

    unit_no_error(apr_pstrcat(f->p, c->title, " ", text, NULL), scim_filter_parse(fixture_context(f, profile, type_name), text, &filter));
    for (i = 0; i < count; i++) {
        if (scim_filter_match(f->p, type, filter, fixture_json(f->p, resources[i]))) {
            hits[n++] = (char)('1' + i);
        }
    }
    hits[n] = '\0';
    unit_text(apr_pstrcat(f->p, c->title, " ", text, NULL), hits, c->hits);
    /* Read for several types it is the same, for one that has the attributes. */
    unit_no_error(text, scim_filter_parse_any(fixture_context(f, profile, type_name), text, &filter));
    for (i = 0, n = 0; i < count; i++) {
        if (scim_filter_match(f->p, type, filter, fixture_json(f->p, resources[i]))) {
            hits[n++] = (char)('1' + i);
        }
    }
    hits[n] = '\0';
    unit_text(apr_pstrcat(f->p, "several types: ", text, NULL), hits, c->hits);
}

static void users(void **state)
{
    static const char *const resources[] = { U1, U2, U3 };
    static const case_t cases[] = {
        { "F-02", "USERNAME EQ 'bjensen@example.com' AND Active Eq true", "1" },
        { "F-03", "title pr or userName sw 'j' and active eq false", "1" },
        { "F-03", "(title pr or userName sw 'j') and active eq false", "" },
        { "F-03", "not (title pr) and active eq true", "3" },
        { "F-07", "not(active eq true)", "2" },
        { "F-09", "userName co 'JENSEN'", "1" },
        { "F-09", "externalId sw 'ab'", "" },
        { "F-09", "externalId sw 'Ab'", "1" },
        { "C-07", "externalId eq 'abc'", "" },
        { "F-10", "displayName eq 'Babs\\u0020Jensen'", "1" },
        { "F-11", "userName sw 'jsmith' and userName ew 'jsmith' and userName co 'jsmith'", "3" },
        { "F-11", "userName sw 'smith'", "" },
        { "F-11", "userName ew 'xxxxjsmith'", "" },
        { "F-12", "userName sw '%'", "" },
        { "F-12", "userName co '_'", "" },
        { "F-13", "title co ''", "1" },
        { "F-13", "title eq ''", "" },
        { "F-14", "userName gt 'jsmith'", "2" },
        { "F-14", "userName ge 'JSMITH'", "23" },
        { "F-14", "userName lt 'jsmith'", "1" },
        { "F-14", "meta.created lt '2999-01-01T00:00:00Z'", "123" },
        { "F-16", "meta.created eq '2024-01-01T02:00:00+02:00'", "1" },
        { "F-16", "meta.created gt '2024-01-01T00:00:00.000Z'", "23" },
        { "F-16", "meta.created le '2025-01-01T00:00:00'", "12" },
        { "F-19, GM-13", "groups.$ref eq 'https://example.com/v2/Groups/g1'", "1" },
        { "F-19, GM-13 another host", "groups.$ref eq 'https://other.example/v2/Groups/g1'", "" },
        { "GM-13", "groups.value eq 'g1'", "1" },
        { "GM-13", "groups eq 'g1'", "1" },
        { "F-21", "emails pr", "13" },
        { "F-21", "active pr", "123" },
        { "F-21", "name pr", "1" },
        { "F-23", "title eq null", "23" },
        { "F-23", "title ne null", "1" },
        { "F-24", "title ne 'Tour Guide'", "23" },
        { "F-25", "emails.type ne 'work'", "12" },
        { "F-25", "not (emails.type eq 'work')", "2" },
        { "F-26", "emails[type eq 'work' and value co 'jensen.org']", "" },
        { "F-26", "emails.type eq 'work' and emails.value co 'jensen.org'", "1" },
        { "F-27", "emails[not (type eq 'work') or (primary eq true and value ew '.com')]", "1" },
        { "V-01", "emails[primary eq false]", "13" },
        { "V-01", "emails[primary ne false]", "1" },
        { "V-01", "emails.primary eq false", "13" },
        { "V-01", "emails.primary ne false", "12" },
        { "F-29", "emails[type eq 'work'].value eq 'js@x.org'", "3" },
        { "F-29", "emails[type eq 'work'].value pr", "13" },
        { "F-29 and more", "emails[type eq 'work'].value pr and userName sw 'j'", "3" },
        { "F-26 and more", "emails[type eq 'work'] and userName sw 'j'", "3" },
        { "F-30", "emails co 'jensen.org'", "1" },
        { "F-31", "{USER}:name.familyName eq 'Jensen'", "1" },
        { "F-31", "{ENT}:manager.value pr", "1" },
        { "F-31", "{ENT}:employeeNumber eq '701984'", "1" },
        { "MS-10", "{ENT}:manager eq 'u3'", "1" },
        { "an extension", "{ENT} pr", "1" },
        { "F-32", "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:USERNAME pr", "123" },
        { "F-33", "schemas eq '{ENT}'", "1" },
        { "F-34", "id eq 'u2'", "2" },
        { "C-05", "id eq 'U2'", "" },
        { "F-40", "  userName \t eq   'jsmith'  ", "3" },
        { "many", "userName eq 'a' or userName eq 'b' or userName eq 'jsmith'", "3" },
        { "MS-16", "EMAILS[TYPE EQ 'WORK' AND VALUE EQ 'JS@X.ORG']", "3" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(f, f->strict, "User", resources, COUNT(resources), &cases[i]);
        check(f, f->tolerant, "User", resources, COUNT(resources), &cases[i]);
    }
}

static void devices(void **state)
{
    static const char *const resources[] = {
        "{'serial':'a','height':9,'weight':1.5,'tags':['a','b'],'bought':'2024-05-01T10:00:00+02:00','key':'AQID','manual':'/Doc'}",
        "{'serial':'b','height':10,'weight':0,'tags':['C'],'bought':'2024-05-01T09:00:00Z','lent':false,'owner':{'value':'u1'}}",
        "{'serial':'c','height':-1,'title':'','tags':[]}",
    };
    static const case_t cases[] = {
        { "F-14", "height gt 9", "2" },
        { "F-14", "height ge 9.5", "2" },
        { "F-14", "height lt 0", "3" },
        { "F-14", "height eq 9.0", "1" },
        { "F-14", "height lt 99999999999999999999999", "123" },
        { "F-14", "height gt -99999999999999999999999", "123" },
        { "F-14", "weight le 1.50", "12" },
        { "F-14", "weight eq 15e-1", "1" },
        { "F-21 zero", "weight pr", "12" },
        { "F-21 false", "lent pr", "2" },
        { "V-10", "tags eq 'A'", "1" },
        { "V-10", "tags[value eq 'c']", "2" },
        { "V-05", "tags pr", "12" },
        { "F-25", "tags ne 'a'", "123" },
        { "F-16", "bought lt '2024-05-01T09:00:00Z'", "1" },
        { "binary", "key eq 'AQID'", "1" },
        { "F-19", "manual eq '/doc'", "" },
        { "F-19", "manual sw '/D'", "1" },
        { "a complex value", "owner eq 'u1'", "2" },
        { "caseExact", "serial eq 'A'", "" },
        { "F-24", "height ne 10", "13" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(f, f->strict, "Device", resources, COUNT(resources), &cases[i]);
    }
}

static void groups(void **state)
{
    static const char *const resources[] = {
        "{'id':'g1','displayName':'Tour Guides','members':[{'value':'u1','$ref':'https://example.com/Users/u1'},{'value':'u3'}]}",
        "{'id':'g2','displayName':'Employees','members':[{'value':'g1'}]}",
        "{'id':'g3','displayName':'Empty'}",
    };
    static const case_t cases[] = {
        { "GM-13", "members.value eq 'u1'", "1" },
        { "GM-13", "members[value eq 'g1']", "2" },
        { "F-30", "members eq 'u1'", "1" },
        { "F-19", "members.$ref eq '../Users/u1'", "1" },
        { "F-19", "members.$ref eq 'https://example.com/Users/u1'", "1" },
        { "F-19 a version", "members.$ref eq 'https://example.com/v2/Users/u1'", "1" },
        { "F-19 something like a version", "members.$ref eq 'https://example.com/v/Users/u1'", "" },
        { "F-19 something like a version", "members.$ref eq 'https://example.com/v2xUsers/u1'", "" },
        { "F-19 no version", "members.$ref eq 'https://v2/example.com/Users/u1'", "" },
        { "F-19 another path", "members.$ref eq 'https://example.com/a/Users/u1'", "" },
        { "F-19 another type", "members.$ref eq '../Groups/u1'", "" },
        { "F-19 another host", "members.$ref eq 'https://example.org/Users/u1'", "" },
        { "F-19 another scheme", "members.$ref eq 'http://example.com/Users/u1'", "" },
        { "F-19 more behind it", "members.$ref eq 'https://example.com/Users/u1/x' or members.$ref eq 'https://example.com/Users/u12'", "" },
        { "F-19 a bare id", "members.$ref eq 'u1' or members.$ref eq '/u1' or members.$ref eq ''", "" },
        { "F-19", "members.$ref ne 'https://example.com/Users/u1'", "23" },
        { "F-09", "members.$ref co '/Users/'", "1" },
        { "F-09", "members.$ref co '/Groups/' or members.$ref sw 'http://' or members.$ref sw 'u1'", "" },
        { "F-09", "members.$ref sw 'https://' and members.$ref ew '/u1' and members.$ref gt 'https'", "1" },
        { "F-13", "members.$ref co ''", "1" },
        { "membership check of clients", "id eq 'g1' and members eq 'u3'", "1" },
        { "ids are case-exact", "members eq 'U1'", "" },
        { "no members", "not (members pr)", "3" },
        { "case", "displayName eq 'tour guides'", "1" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(f, f->strict, "Group", resources, COUNT(resources), &cases[i]);
    }
}

static void tolerances(void **state)
{
    static const char *const resources[] = { U1, U2, U3 };
    static const case_t cases[] = {
        { "MS-09", "userName eq jsmith", "3" },
        { "MS-09", "userName eq bjensen@example.com and active eq true", "1" },
        { "old e-mail form", "emails[type eq 'work'] eq 'js@x.org'", "3" },
        { "P15", "emails[primary eq 'True'].value eq 'bjensen@example.com'", "1" },
        { "MS-02", "active eq 'False'", "2" },
        { "P24", "employeeNumber eq '701984'", "1" },
        { "P19", "{ENT}.employeeNumber eq '701984'", "1" },
    };
    fixture_t *f = *state;
    const scim_filter_t *filter;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(f, f->tolerant, "User", resources, COUNT(resources), &cases[i]);
        unit_error(cases[i].filter, scim_filter_parse(fixture_context(f, f->strict, "User"),
                                                      fixture_text(f->p, cases[i].filter), &filter),
                   "invalidFilter");
    }
}

static void refused(void **state)
{
    static const struct {
        const char *title, *filter;
    } cases[] = {
        { "F-04", "userName eq" },
        { "F-04", "(userName pr" },
        { "F-04", "userName pr)" },
        { "F-04", "userName pr x" },
        { "F-04", "eq 'a'" },
        { "F-04", "userName" },
        { "F-04", "and" },
        { "F-04", "userName pr and" },
        { "F-04", "userName pr or or title pr" },
        { "F-04", "()" },
        { "F-04", "emails[" },
        { "F-04", "emails[]" },
        { "F-04", "emails[type eq 'work'" },
        { "F-04", "emails]type eq 'work'[" },
        { "F-04", "userName eq 'a" },
        { "F-04", "userName eq 'a\\'" },
        { "F-04", "userName eq 'a' title pr" },
        { "F-04", "userName eq 'a''b'" },
        { "F-05", "" },
        { "F-05", "   " },
        { "F-06", "userName regex 'x'" },
        { "F-07", "not active eq true" },
        { "F-07", "not" },
        { "F-10", "userName eq 'a\\x'" },
        { "F-15", "active gt false" },
        { "F-15", "x509Certificates.value le 'AA=='" },
        { "F-16", "meta.lastModified gt 'yesterday'" },
        { "F-17", "active eq 'maybe'" },
        { "F-18", "active co true" },
        { "F-18", "meta.created sw '2024'" },
        { "F-23", "title gt null" },
        { "E-10", "meta.version co 'W'" },
        { "E-10", "meta.version gt 'W/\\'1\\''" },
        { "F-23", "title co null" },
        { "F-28", "emails[type eq 'a' and x[y eq 'b']]" },
        { "F-28", "emails[emails[type eq 'a']]" },
        { "F-30", "name eq 'x'" },
        { "F-36", "shoeSize eq 4" },
        { "F-36", "emails[shoeSize eq 4]" },
        { "F-36", "emails.shoeSize eq 4" },
        { "F-36", "emails[type eq 'work'].shoe eq 'x'" },
        { "F-36", "urn:example:nope:User:x eq 'a'" },
        { "F-37", "password sw 'a'" },
        { "F-37", "password pr" },
        { "SE-14", "password eq 'x'" },
        { "I-10", "title eq '\\u0000'" },
        { "I-09", "title eq '\\ud800'" },
        { "brackets on a simple attribute", "userName[value eq 'x']" },
        { "an extension has no value", "{ENT} eq 'x'" },
        { "SE-18", "userName eq 'x'' OR ''1''=''1'" },
    };
    fixture_t *f = *state;
    const scim_filter_t *filter;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const char *text = fixture_text(f->p, cases[i].filter), *title = apr_pstrcat(f->p, cases[i].title, " ", text, NULL);
        unit_error(title, scim_filter_parse(fixture_context(f, f->strict, "User"), text, &filter), "invalidFilter");
        unit_error(title, scim_filter_parse(fixture_context(f, f->tolerant, "User"), text, &filter),
                   "invalidFilter");
    }
}

/* What the tolerant profile takes for words. */
static void refused_when_strict(void **state)
{
    static const char *const cases[] = { "userName eq x", "userName eq 5", "userName eq true", "displayName eq nul" };
    fixture_t *f = *state;
    const scim_filter_t *filter;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_error("F-08, F-17", scim_filter_parse(fixture_context(f, f->strict, "User"), cases[i], &filter),
                   "invalidFilter");
    }
    unit_error("F-08", scim_filter_parse(fixture_context(f, f->tolerant, "User"), "userName eq 'x'", &filter),
               "invalidFilter");
}

static char *repeat(apr_pool_t *p, const char *s, int n)
{
    apr_array_header_t *parts = apr_array_make(p, n, sizeof(const char *));

    while (n-- > 0) {
        APR_ARRAY_PUSH(parts, const char *) = s;
    }
    return apr_array_pstrcat(p, parts, 0);
}

/* What a type does not have has no value; what follows from that is worked out. */
static void several_types(void **state)
{
    static const struct {
        const char *type, *filter;
        char is;                       /* A: all, N: none, F: it depends on the resource */
    } cases[] = {
        { "Group", "userName pr", 'N' },
        { "Group", "not (userName pr)", 'A' },
        { "Group", "userName eq 'x'", 'N' },
        { "Group", "userName ne 'x'", 'A' },
        { "Group", "userName eq null", 'A' },
        { "Group", "userName ne null", 'N' },
        { "Group", "userName co 'x' or userName sw 'x' or userName ew 'x'", 'N' },
        { "Group", "userName gt 'x' or userName ge 'x' or userName lt 'x' or userName le 'x'", 'N' },
        { "Group", "userName pr and displayName pr", 'N' },
        { "Group", "displayName pr and userName pr", 'N' },
        { "Group", "userName pr or displayName pr", 'F' },
        { "Group", "displayName pr or userName pr", 'F' },
        { "Group", "not (userName pr) or displayName pr", 'A' },
        { "Group", "not (userName pr) and displayName pr", 'F' },
        { "Group", "not (displayName pr)", 'F' },
        { "Group", "emails[type eq 'work']", 'N' },
        { "Group", "emails[not (type eq 'work')]", 'N' },
        { "Group", "not (emails[type eq 'work'])", 'A' },
        { "Group", "emails[type eq 'work'].value ne 'x'", 'N' },
        { "Group", "emails.value ne 'x'", 'A' },
        { "Group", "{ENT} pr", 'N' },
        { "Group", "{ENT}:employeeNumber eq '1'", 'N' },
        { "Group", "urn:x:y:z eq 5", 'N' },
        { "User", "userName pr", 'F' },
        { "User", "{ENT} pr", 'F' },
        { "User", "emails.nothing pr", 'N' },
        { "User", "emails[nothing eq 5]", 'N' },
        { "User", "emails[not (nothing eq 5)]", 'F' },
        { "User", "emails[nothing eq 5 or type eq 'work']", 'F' },
        { "User", "emails[nothing eq 5 and type eq 'work']", 'N' },
        { "User", "members[value eq 'u1'] or title pr", 'F' },
        { "User", "meta.resourceType eq 'User'", 'A' },
        { "User", "meta.resourceType eq 'Group'", 'N' },
        { "User", "meta.resourceType ne 'Group'", 'A' },
        { "User", "meta.resourceType pr", 'A' },
        { "User", "meta.resourceType ne null", 'A' },
        { "User", "meta[resourceType eq 'User']", 'F' },
        { "User", "meta[resourceType eq 'Group' and created pr]", 'N' },
        { "Group", "meta.resourceType eq 'User' and userName eq 'x' or displayName eq 'y'", 'F' },
    };
    static const char *const bad[] = {
        "nothing", "nothing eq", "nothing xx 1", "nothing eq 1 2", "nothing gt null", "nothing co null", "nothing eq bare", "nothing eq 'x",
        "nothing[a eq 1", "nothing[a]", "nothing[]", "nothing[a[b pr]]", "password pr", "password eq 'x'", "active gt true",
        "name eq 'x'", "userName eq 5",
    };
    fixture_t *f = *state;
    const scim_filter_t *filter;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const char *text = fixture_text(f->p, cases[i].filter);
        char is;
        unit_no_error(text, scim_filter_parse_any(fixture_context(f, f->strict, cases[i].type), text, &filter));
        is = filter->op == SCIM_F_ALL ? 'A' : filter->op == SCIM_F_NONE ? 'N' : 'F';
        if (is != cases[i].is) {
            fail_msg("Q-14: %s of %s: %c instead of %c", text, cases[i].type, is, cases[i].is);
        }
    }
    for (i = 0; i < COUNT(bad); i++) {
        unit_error(bad[i], scim_filter_parse_any(fixture_context(f, f->strict, "User"), fixture_text(f->p, bad[i]), &filter), "invalidFilter");
    }
    unit_no_error("a bare word", scim_filter_parse_any(fixture_context(f, f->tolerant, "User"), "nothing eq bare", &filter));
    assert_int_equal(filter->op, SCIM_F_NONE);
}

static void bounded(void **state)
{
    fixture_t *f = *state;
    scim_context_t *c = fixture_context(f, f->strict, "User"), *wide = fixture_context(f, f->strict, "User");
    const scim_filter_t *filter;
    const char *deep;

    wide->limits.filter_length = 1 << 20;
    unit_error("F-39", scim_filter_parse(c, repeat(f->p, "(", 10000), &filter), "invalidFilter");
    unit_error("F-39", scim_filter_parse(wide, repeat(f->p, "(", 10000), &filter), "invalidFilter");
    unit_error("F-39", scim_filter_parse(wide, repeat(f->p, "not(", 10000), &filter), "invalidFilter");
    unit_error("F-39", scim_filter_parse(wide, repeat(f->p, "emails[", 10000), &filter), "invalidFilter");
    unit_error("F-39", scim_filter_parse(c, repeat(f->p, "userName pr or ", 1000), &filter), "invalidFilter");
    deep = apr_pstrcat(f->p, repeat(f->p, "(", 15), "userName pr", repeat(f->p, ")", 15), NULL);
    unit_no_error("15 parentheses", scim_filter_parse(c, deep, &filter));
}

/* What is closed is not deep; just as much as the limits say is taken. */
static void bounds(void **state)
{
    fixture_t *f = *state;
    scim_context_t *c = fixture_context(f, f->strict, "User");
    const scim_filter_t *filter;
    int depth = 5;

    c->limits = (scim_limits_t){ 1 << 20, depth };
    unit_no_error("as deep as may be", scim_filter_parse(c, "(((((userName pr)))))", &filter));
    unit_error("F-39 deeper", scim_filter_parse(c, "((((((userName pr))))))", &filter), "invalidFilter");
    unit_no_error("as deep as may be", scim_filter_parse(c, "((((emails[value pr]))))", &filter));
    unit_error("F-39 deeper", scim_filter_parse(c, "(((((emails[value pr])))))", &filter), "invalidFilter");
    unit_no_error("side by side",
                  scim_filter_parse(c, apr_pstrcat(f->p, repeat(f->p, "(userName pr) or ", 2 * depth), "title pr", NULL), &filter));
    unit_no_error("side by side",
                  scim_filter_parse(c, apr_pstrcat(f->p, repeat(f->p, "emails[value pr] or ", 2 * depth), "title pr", NULL), &filter));
    unit_no_error("as many terms as may be",
                  scim_filter_parse(c, apr_pstrcat(f->p, repeat(f->p, "userName pr or ", 10 * depth - 1), "title pr", NULL), &filter));
    unit_error("F-39 more terms",
               scim_filter_parse(c, apr_pstrcat(f->p, repeat(f->p, "userName pr or ", 10 * depth), "title pr", NULL), &filter),
               "invalidFilter");
}

/* Attributes as only other schemas have them. */
static void other_schemas(void **state)
{
    static const char *const bad[] = { "tags[valuex eq 'c']", "tags[value[value eq 'c']]", "site.floors[value eq 'c']", "code eq 'x'", "code pr",
                                       "vault.value eq 'x'" };
    static const char *const resources[] = { "{'{ENT}':{}}" };
    static const case_t empty = { "an empty extension", "{ENT} pr", "" };
    fixture_t *f = *state;
    const scim_filter_t *filter;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        unit_error(bad[i], scim_filter_parse(fixture_context(f, f->strict, "Device"), fixture_text(f->p, bad[i]), &filter), "invalidFilter");
    }
    unit_error("a colon and nothing behind it", scim_filter_parse(fixture_context(f, f->strict, "User"), fixture_text(f->p, "{ENT}: pr"),
                                                                   &filter), "invalidFilter");
    check(f, f->strict, "User", resources, 1, &empty);
}

static void pairs(void **state)
{
    static const struct {
        const char *inner;
        int count; /* -1: no conjunction of eq */
    } cases[] = {
        { "type eq 'work']", 1 },
        { "type eq 'work' and primary eq true]", 2 },
        { "(type eq 'work') and (display eq 'x' and primary eq true)]", 3 },
        { "type ne 'work']", -1 },
        { "type eq 'work' or type eq 'home']", -1 },
        { "not (type eq 'work')]", -1 },
        { "type eq 'work' and value pr]", -1 },
    };
    fixture_t *f = *state;
    scim_context_t *c = fixture_context(f, f->strict, "User");
    scim_attrpath_t path;
    size_t i;

    assert_true(scim_resolve(c->type, "emails", 6, &path));
    for (i = 0; i < COUNT(cases); i++) {
        apr_array_header_t *found = apr_array_make(f->p, 4, sizeof(const scim_filter_t *));
        const char *text = fixture_text(f->p, cases[i].inner), *end;
        const scim_filter_t *inner;
        int pure;
        unit_no_error(text, scim_filter_parse_value(c, path.attr, text, &inner, &end));
        assert_int_equal(*end, '\0');
        pure = scim_filter_pairs(inner, found);
        if (pure != (cases[i].count > 0) || (pure && found->nelts != cases[i].count)) {
            fail_msg("PA-23 %s", text);
        }
    }
}

/* Versions, as the server's own tags have them: what follows the number tells of groups. */
static void versions(void **state)
{
    static const char *const resources[] = { "{'meta':{'version':'W/\\'1\\''}}", "{'meta':{'version':'W/\\'1-0123456789abcdef\\''}}" };
    static const case_t cases[] = {
        { "E-10", "meta.version eq 'W/\\'1\\''", "12" },
        { "E-10", "meta.version eq 'W/\\'1-fedcba9876543210\\''", "12" },
        { "E-10", "meta.version ne 'W/\\'1\\''", "" },
        { "E-10", "meta.version ne 'W/\\'2\\''", "12" },
        { "E-10 no tag", "meta.version eq '1' or meta.version eq 'x1' or meta.version eq 'W/\\'1-zzz\\'' or meta.version eq 'W/\\'01\\''", "" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(f, f->strict, "User", resources, COUNT(resources), &cases[i]);
    }
}

static void keys(void **state)
{
    static const struct {
        const char *name, *json, *key;
    } cases[] = {
        { "height", "5", "5" },
        { "height", "'5'", NULL },
        { "lent", "true", "true" },
        { "lent", "'true'", NULL },
        { "bought", "'2024-01-01T00:00:00Z'", "2024-01-01T00:00:00.000000Z" },
        { "bought", "'x'", NULL },
        { "displayName", "'AbC'", "abc" },
        { "displayName", "5", NULL },
        { "displayName", "{}", NULL },
        { "serial", "'AbC'", "AbC" },
        { "key", "'AQ=='", "AQ" },
        { "key", "'AQ'", "AQ" },
        { "key", "'%%%'", NULL },
        { "key", "'A'", NULL },
        { "key", "'AQ='", NULL },
        { "key", "'AQID===='", NULL },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_attrpath_t path;
        scim_json_t *o = fixture_json(f->p, apr_pstrcat(f->p, "[", cases[i].json, "]", NULL));
        const char *key;
        assert_true(scim_resolve(fixture_type(f->strict, "Device"), cases[i].name, strlen(cases[i].name), &path));
        key = scim_value_key(f->p, path.attr, scim_json_at(o, 0));
        if (cases[i].key ? !key || strcmp(key, cases[i].key) != 0 : key != NULL) {
            fail_msg("key of %s %s: %s", cases[i].name, cases[i].json, key ? key : "none");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(users),   UNIT(devices),             UNIT(groups),  UNIT(tolerances),
                                        UNIT(refused), UNIT(refused_when_strict), UNIT(several_types), UNIT(bounded), UNIT(bounds),
                                        UNIT(other_schemas), UNIT(pairs), UNIT(versions), UNIT(keys) };

    return UNIT_RUN(tests);
}
