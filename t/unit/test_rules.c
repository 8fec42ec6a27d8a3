/* The table of dialect rules: every rule, switched on alone, changes its own cases and no other rule's, and reports itself. */
#include "patching.h"

#include "../../mod_scim/core/query/filter_eval.h"
#include "../../mod_scim/core/query/filter_parse.h"
#include "../../mod_scim/core/query/query.h"
#include "../../mod_scim/core/resource/resource.h"
#include "../../mod_scim/core/schema/discovery.h"

#define DOC                                                                                                        \
    "{'userName':'bj','name':{'givenName':'Barbara'},'title':'Guide','active':true,"                               \
    "'emails':[{'value':'w@x','type':'work'},{'value':'h@x','type':'home'}],'{ENT}':{'employeeNumber':'7'},"          \
    "'addresses':[{'type':'work','locality':'Oslo','country':'NO'}]}"
#define GROUP_DOC "{'displayName':'G','members':[{'value':'u1'}]}"
#define OP(op, path, value) "{'op':'" op "','path':'" path "','value':" value "}"
#define BODY(rest) "{'schemas':['{USER}','{ENT}'],'userName':'m'" rest "}"
#define Q "\\'"
#define PACKED "{" Q "id" Q ":" Q "r-1" Q "," Q "value" Q ":" Q "rec" Q "," Q "displayName" Q ":" Q "R" Q "}"

typedef enum { CONFIG, SEARCH, FILTER, PATCH, GROUP_PATCH, ENVELOPE, CREATE, CREATE_GROUP } kind_e;

/* What a request leads to: a scimType, or what the case says of its result. */
typedef struct case_t {
    const char *rule;
    kind_e kind;
    const char *text;
    const char *attribute;             /* of the resulting document; NULL: the outcome is whether it works ("done") */
    const char *strict, *alone;
} case_t;

static const case_t cases[] = {
    { "dot-after-urn", FILTER, "{ENT}.employeeNumber eq '7'", NULL, "invalidFilter", "match" },
    { "bare-extension", FILTER, "employeeNumber eq '7'", NULL, "invalidFilter", "match" },
    { "legacy-urns", FILTER, "urn:scim:schemas:extension:enterprise:1.0:employeeNumber eq '7'", NULL, "invalidFilter", "match" },
    { "legacy-urns", CREATE, BODY(",'urn:scim:schemas:extension:enterprise:1.0':{'department':'D'}"), "{ENT}", "null", "{'department':'D'}" },
    { "config-filter", CONFIG, "a eq 'b'", NULL, "403", "done" },
    { "bare-word", FILTER, "userName eq bj", NULL, "invalidFilter", "match" },
    { "bare-word", FILTER, "profileUrl ne 2015-10-10T14:38:21Z", NULL, "invalidFilter", "match" },
    { "tight-filter", FILTER, "userName eq'bj'", NULL, "invalidFilter", "match" },
    { "tight-filter", FILTER, "userName eq 'bj'and title pr", NULL, "invalidFilter", "match" },
    { "value-path-eq", FILTER, "emails[type eq 'work'] eq 'w@x'", NULL, "invalidFilter", "match" },
    { "string-number", SEARCH, "{'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],'count':'1'}", NULL, "invalidValue", "done" },
    { "singular-filter", PATCH, OP("replace", "name[givenName eq " Q "Barbara" Q "].givenName", "'B'"), "name", "invalidPath",
      "{'givenName':'B'}" },
    { "unwrap-array", PATCH, OP("replace", "title", "['T']"), "title", "invalidValue", "'T'" },
    { "wrap-value", PATCH, OP("replace", "{ENT}:manager", "'m2'"), "{ENT}", "invalidValue",
      "{'employeeNumber':'7','manager':{'value':'m2'}}" },
    { "manager-id", CREATE, BODY(",'{ENT}':{'manager':{'managerId':'m2'}}"), "{ENT}", "null", "{'manager':{'value':'m2'}}" },
    { "packed-value", PATCH, OP("add", "roles", "[{'value':'" PACKED "','type':'t'}]"), "roles", "[{'value':'" PACKED "','type':'t'}]",
      "[{'value':'rec','display':'R','type':'t'}]" },
    { "packed-value", PATCH, OP("add", "roles", "{'value':'" PACKED "'}"), "roles", "[{'value':'" PACKED "'}]", "[{'value':'rec','display':'R'}]" },
    { "packed-value", CREATE, BODY(",'roles':[{'value':'plain'},{'VALUE':'" PACKED "'}]"), "roles", "[{'value':'plain'},{'value':'" PACKED "'}]",
      "[{'value':'plain'},{'value':'rec','display':'R'}]" },
    { "string-boolean", PATCH, OP("replace", "active", "'False'"), "active", "invalidValue", "false" },
    { "string-boolean", FILTER, "active eq 'TRUE'", NULL, "invalidFilter", "match" },
    { "last-primary", PATCH, OP("replace", "roles", "[{'value':'a','primary':true},{'value':'b','primary':true}]"), "roles", "invalidValue",
      "[{'value':'a','primary':false},{'value':'b','primary':true}]" },
    { "any-format", CREATE, BODY(",'locale':'a b'"), "locale", "invalidValue", "'a b'" },
    { "any-format", CREATE, BODY(",'addresses':[{'country':'Norway'}]"), "addresses", "invalidValue", "[{'country':'Norway'}]" },
    { "any-format", CREATE, BODY(",'x509Certificates':[{'value':'AQID'}]"), "x509Certificates", "invalidValue", "[{'value':'AQID'}]" },
    { "any-format", CREATE, BODY(",'password':'Q7\u200Bx'"), NULL, "invalidValue", "done" },
    { "any-format", PATCH, OP("replace", "password", "'Q7\u200Bx'"), NULL, "invalidValue", "done" },
    { "any-member-type", CREATE_GROUP, "{'schemas':['{GROUP}'],'displayName':'G','members':[{'value':'u1','$ref':'../Users/u2'}]}", NULL,
      "invalidValue", "done" },
    { "any-schemas", CREATE, "{'userName':'m'}", NULL, "invalidValue", "done" },
    { "any-schemas", ENVELOPE, "{'Operations':[" OP("replace", "title", "'T'") "]}", "title", "invalidSyntax", "'T'" },
    { "any-schemas", PATCH, OP("replace", "schemas", "['urn:x']"), "title", "invalidValue", "'Guide'" },
    { "core-wrapper", CREATE, "{'schemas':['{USER}'],'{USER}':{'userName':'m','title':'T'},'title':'Own'}", "title", "invalidValue", "'Own'" },
    { "core-wrapper", PATCH, "{'op':'replace','value':{'{USER}':{'title':'T'}}}", "title", "invalidPath", "'T'" },
    { "empty-operations", PATCH, "", "title", "invalidSyntax", "'Guide'" },
    { "key-paths", PATCH, "{'op':'replace','value':{'name.givenName':'B'}}", "name", "invalidPath", "{'givenName':'B'}" },
    { "add-sets", PATCH, OP("add", "roles", "[{'value':'a'}]") "," OP("add", "roles", "[{'value':'b'}]"), "roles", "[{'value':'a'},{'value':'b'}]",
      "[{'value':'b'}]" },
    { "add-sets", PATCH, OP("add", "roles", "[{'value':'a'}]") ",{'op':'add','value':{'roles':[{'value':'b'}]}}", "roles",
      "[{'value':'a'},{'value':'b'}]", "[{'value':'b'}]" },
    { "ignore-unknown", PATCH, OP("replace", "shoeSize", "1"), "title", "invalidPath", "'Guide'" },
    { "ignore-read-only", PATCH, OP("replace", "meta", "{}"), "title", "mutability", "'Guide'" },
    { "members-object", GROUP_PATCH, OP("add", "members", "{'members':[{'value':'u7'}]}"), NULL, "invalidValue", "done" },
    { "bare-members", GROUP_PATCH, OP("add", "members", "['u7',{'value':'u8'}]"), NULL, "invalidValue", "done" },
    { "bare-members", GROUP_PATCH, OP("remove", "members", "'u1'"), NULL, "invalidValue", "done" },
    { "empty-clears", PATCH, OP("replace", "active", "''"), "active", "invalidValue", "null" },
    { "empty-clears", CREATE, BODY(",'active':''"), "active", "invalidValue", "null" },
    { "upsert", PATCH, OP("replace", "roles[type eq " Q "x" Q "].value", "'r'"), "roles", "noTarget", "[{'type':'x','value':'r'}]" },
    { "remove-if-equal", PATCH, OP("remove", "addresses[type eq " Q "work" Q "].locality", "'Bergen'"), "addresses",
      "[{'type':'work','country':'NO'}]", "[{'type':'work','locality':'Oslo','country':'NO'}]" },
    { "drop-bare", PATCH, "{'op':'remove','path':'emails[type eq " Q "work" Q "].value'}", "emails",
      "[{'type':'work'},{'value':'h@x','type':'home'}]", "[{'value':'h@x','type':'home'}]" },
};

static const scim_profile_t *profile_of(fixture_t *f, apr_uint64_t rules, const char *const *arguments)
{
    scim_profile_spec_t *spec = fixture_spec(f->p, "one", rules);
    scim_profile_t *profile;
    int i;

    for (i = 0; arguments && i < scim_rule_count; i++) {
        spec->arguments[i] = arguments[i];
    }
    unit_no_error("the profile", scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, &profile));
    return profile;
}

/* The attribute of the document as JSON, or "done". */
static const char *result(fixture_t *f, const case_t *c, scim_json_t *doc)
{
    scim_json_t *value;

    if (!c->attribute) {
        return "done";
    }
    value = scim_json_get(doc, fixture_text(f->p, c->attribute), NULL);
    return value ? scim_json_text(f->p, value, NULL) : "null";
}

static const char *outcome(fixture_t *f, const scim_profile_t *profile, const case_t *c, apr_uint64_t *fired)
{
    scim_context_t *context = fixture_context(f, profile, c->kind == CREATE_GROUP ? "Group" : "User");
    const scim_filter_t *filter;
    scim_params_t params;
    scim_error_t *err = NULL;
    scim_input_t *input = NULL;
    patching_t run;
    scim_json_t *doc = fixture_json(f->p, DOC);

    memset(&run, 0, sizeof run);
    switch (c->kind) {
    case CONFIG:
        err = scim_discovery_filter(context, c->text, 1);
        *fired = scim_rules_fired(context);
        return err ? "403" : "done";
    case SEARCH:
        err = scim_params_from_search(context, fixture_json(f->p, c->text), &params);
        *fired = scim_rules_fired(context);
        return err ? err->type : "done";
    case FILTER:
        err = scim_filter_parse(context, fixture_text(f->p, c->text), &filter);
        *fired = scim_rules_fired(context);
        return err ? err->type : scim_filter_match(f->p, context->type, filter, doc) ? "match" : "no match";
    case PATCH:
        err = patching_run(f, profile, "User", DOC, c->text, &run);
        break;
    case GROUP_PATCH:
        err = patching_run(f, profile, "Group", GROUP_DOC, c->text, &run);
        break;
    case ENVELOPE:
        err = scim_patch_parse(context, fixture_json(f->p, c->text), &run.patch);
        run.doc = doc;
        err = err ? err : scim_patch_apply(context, run.patch, PATCHING_ID, doc, &run.result);
        run.fired = scim_rules_fired(context);
        break;
    case CREATE:
    case CREATE_GROUP:
        err = scim_resource_read(context, fixture_json(f->p, c->text), 1, &input);
        run.doc = err ? NULL : input->doc;
        run.fired = scim_rules_fired(context);
        break;
    }
    *fired = run.fired;
    return err ? err->type : result(f, c, run.doc);
}

static int is_json(const char *s)
{
    return strchr("{['\"", *s) || strcmp(s, "null") == 0 || strcmp(s, "true") == 0 || strcmp(s, "false") == 0;
}

/* Words compare as they are, JSON as JSON (expected outcomes are written as in fixture_text). */
static int is_outcome(fixture_t *f, const char *is, const char *expected)
{
    if (is_json(is) && is_json(expected)) {
        return scim_json_equal(fixture_json(f->p, is), fixture_json(f->p, expected));
    }
    return strcmp(is, expected) == 0;
}

/* Every rule on alone: its own cases become what they should, all others stay as they are without any rule. */
static void alone(void **state)
{
    fixture_t *f = *state;
    int rule, seen;
    size_t i;

    for (rule = 0; rule < scim_rule_count; rule++) {
        const scim_profile_t *profile = profile_of(f, APR_UINT64_C(1) << rule, NULL);
        for (seen = 0, i = 0; i < COUNT(cases); i++) {
            int own = strcmp(cases[i].rule, scim_rules[rule].name) == 0;
            apr_uint64_t fired = 0;
            const char *is = outcome(f, profile, &cases[i], &fired), *expected = own ? cases[i].alone : cases[i].strict;
            if (!is_outcome(f, is, expected)) {
                fail_msg("%s alone: %s: %s instead of %s", scim_rules[rule].name, cases[i].text, is, expected);
            }
            if (own && fired != APR_UINT64_C(1) << rule) {
                fail_msg("%s alone: %s: reported %lx", scim_rules[rule].name, cases[i].text, (unsigned long)fired);
            }
            seen += own;
        }
        if (!seen) {
            fail_msg("%s has no case", scim_rules[rule].name);
        }
    }
}

static void none(void **state)
{
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        apr_uint64_t fired = 0;
        const char *is = outcome(f, f->strict, &cases[i], &fired);
        if (!is_outcome(f, is, cases[i].strict) || fired) {
            fail_msg("no rule: %s: %s instead of %s", cases[i].text, is, cases[i].strict);
        }
    }
}

/* Without one rule the others do not do its work. */
static void all_but_one(void **state)
{
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const scim_profile_t *profile = profile_of(f, scim_rules_usual() & ~fixture_rule(cases[i].rule), NULL);
        apr_uint64_t fired = 0;
        outcome(f, profile, &cases[i], &fired);
        if (fired & fixture_rule(cases[i].rule)) {
            fail_msg("%s is off, but reported itself for %s", cases[i].rule, cases[i].text);
        }
    }
}

static void arguments(void **state)
{
    static const case_t named[] = {
        { "wrap-value", PATCH, OP("replace", "{ENT}:manager", "'m2'"), "{ENT}", "invalidValue",
          "{'employeeNumber':'7','manager':{'value':'m2'}}" },
    };
    static const case_t device = { "wrap-value", PATCH, OP("replace", "name", "'x'"), NULL, "invalidValue", "invalidValue" };
    fixture_t *f = *state;
    const char *list[SCIM_MOST_RULES] = { NULL };
    scim_profile_spec_t *spec = fixture_spec(f->p, "x", fixture_rule("wrap-value"));
    scim_profile_t *profile;
    apr_uint64_t fired;
    scim_error_t *err;

    list[scim_rule_find("wrap-value")] = "owner,MANAGER";
    assert_true(is_outcome(f, outcome(f, profile_of(f, fixture_rule("wrap-value"), list), &named[0], &fired), named[0].alone));
    assert_true(is_outcome(f, outcome(f, profile_of(f, fixture_rule("wrap-value"), list), &device, &fired), device.alone));
    list[scim_rule_find("wrap-value")] = "owner";
    assert_true(is_outcome(f, outcome(f, profile_of(f, fixture_rule("wrap-value"), list), &named[0], &fired), named[0].strict));
    spec->arguments[scim_rule_find("wrap-value")] = "manager,boss";
    err = scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, &profile);
    unit_text("an unknown attribute", err ? err->detail : NULL, "SCIMDialect: wrap-value=boss: no resource type has such an attribute");
    spec = fixture_spec(f->p, "y", fixture_rule("add-sets"));
    spec->arguments[scim_rule_find("add-sets")] = "roles,boss";
    err = scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, &profile);
    unit_text("of a rule for operations", err ? err->detail : NULL, "SCIMDialect: add-sets=boss: no resource type has such an attribute");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(none), UNIT(alone), UNIT(all_but_one), UNIT(arguments) };

    return UNIT_RUN(tests);
}
