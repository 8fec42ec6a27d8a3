#include "unit.h"

#include "../../mod_scim/core/base/json_scan.h"
#include "../../mod_scim/core/schema/discovery.h"

static scim_profile_spec_t *changed(fixture_t *f, scim_change_e what, const char *type, const char *arg, const char *value)
{
    scim_profile_spec_t *spec = fixture_spec(f->p, "test", 0);
    scim_change_spec_t *change = apr_array_push(spec->changes);

    change->what = what;
    change->type = type;
    change->arg = arg;
    change->value = value;
    return spec;
}

static scim_error_t *build(fixture_t *f, const scim_profile_spec_t *spec, scim_profile_t **out)
{
    return scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, out);
}

static const scim_attribute_t *attribute(const scim_profile_t *profile, const char *type, const char *name)
{
    scim_attrpath_t path;

    if (!scim_resolve(fixture_type(profile, type), name, strlen(name), &path)) {
        fail_msg("%s has no %s", type, name);
    }
    return path.sub ? path.sub : path.attr;
}

static void rules(void **state)
{
    int i, j;

    (void)state;
    for (i = 0; i < scim_rule_count; i++) {
        assert_non_null(scim_rules[i].name);
        assert_non_null(scim_rules[i].what);
        assert_int_equal(scim_rule_find(scim_rules[i].name), i);
        for (j = 0; j < i; j++) {
            assert_string_not_equal(scim_rules[i].name, scim_rules[j].name);
        }
    }
    assert_int_equal(scim_rule_find("STRING-BOOLEAN"), scim_rule_find("string-boolean"));
    assert_int_equal(scim_rule_find("nope"), -1);
    assert_int_equal(scim_rule_find(""), -1);
}

static void types(void **state)
{
    fixture_t *f = *state;
    const scim_resource_type_t *user = fixture_type(f->strict, "User");

    assert_int_equal(f->strict->ntypes, 3);
    assert_ptr_equal(scim_profile_endpoint(f->strict, "Users", 5), user);
    assert_ptr_equal(scim_profile_endpoint(f->strict, "uSERS/x", 5), user);
    assert_null(scim_profile_endpoint(f->strict, "User", 4));
    assert_null(scim_profile_endpoint(f->strict, "Usersx", 6));
    assert_null(scim_profile_endpoint(f->strict, "", 0));
    assert_null(scim_profile_type(f->strict, "Users"));
    assert_non_null(user->groups);
    assert_null(user->members);
    assert_non_null(fixture_type(f->strict, "Group")->members);
    assert_false(user->always_project);
    assert_true(fixture_type(f->strict, "Device")->always_project);
    assert_int_equal(user->nextensions, 1);
    assert_int_equal(user->resolve, 0);
    assert_int_equal(fixture_type(f->tolerant, "User")->resolve, SCIM_RESOLVE_DOT | SCIM_RESOLVE_BARE | SCIM_RESOLVE_ALIAS);
    assert_true(f->tolerant->rules & fixture_rule("upsert"));
    assert_false(f->strict->rules & fixture_rule("upsert"));
}

static void changes(void **state)
{
    fixture_t *f = *state;
    scim_profile_t *profile;

    unit_no_error("SCIMRequire", build(f, changed(f, SCIM_CHANGE_REQUIRE, "User", "name.familyName", NULL), &profile));
    assert_true(attribute(profile, "User", "name.familyName")->required);
    assert_false(attribute(f->strict, "User", "name.familyName")->required);
    unit_no_error("SCIMOptional", build(f, changed(f, SCIM_CHANGE_OPTIONAL, "Group", "displayName", NULL), &profile));
    assert_false(attribute(profile, "Group", "displayName")->required);
    unit_no_error("SCIMDefault", build(f, changed(f, SCIM_CHANGE_DEFAULT, "User", "locale", "\"nb-NO\""), &profile));
    unit_text("SCIMDefault", attribute(profile, "User", "locale")->default_json, "\"nb-NO\"");
    unit_text("SCIMDefault", attribute(profile, "User", "active")->default_json, "true");
    unit_no_error("SCIMUnique", build(f, changed(f, SCIM_CHANGE_UNIQUE, "Group", "displayName", NULL), &profile));
    assert_int_equal(attribute(profile, "Group", "displayName")->uniqueness, SCIM_UNIQUE_SERVER);
    assert_int_equal(attribute(f->strict, "Group", "displayName")->uniqueness, SCIM_UNIQUE_NONE);
    unit_no_error("SCIMHide", build(f, changed(f, SCIM_CHANGE_HIDE, "User", "password", NULL), &profile));
    assert_true(attribute(profile, "User", "password")->hidden);
    unit_no_error("SCIMFilterable", build(f, changed(f, SCIM_CHANGE_FILTERABLE, "User", "userName", NULL), &profile));
    assert_true(attribute(profile, "User", "userName")->filterable);
    assert_true(attribute(profile, "User", "id")->filterable);
    assert_false(attribute(profile, "User", "title")->filterable);
    unit_no_error("SCIMSelf", build(f, changed(f, SCIM_CHANGE_OWN, "User", "name", NULL), &profile));
    assert_true(attribute(profile, "User", "name")->own);
    assert_true(attribute(profile, "User", "name.familyName")->own);
    assert_false(attribute(profile, "User", "userName")->own);
    assert_false(attribute(f->strict, "User", "name")->own);
    unit_no_error("SCIMSelf, a part", build(f, changed(f, SCIM_CHANGE_OWN, "User", "name.givenName", NULL), &profile));
    assert_true(attribute(profile, "User", "name.givenName")->own);
    assert_false(attribute(profile, "User", "name.familyName")->own);
    assert_false(attribute(profile, "User", "name")->own);
    unit_no_error("SCIMDelete", build(f, changed(f, SCIM_CHANGE_DELETE, "User", "refuse", NULL), &profile));
    assert_int_equal(fixture_type(profile, "User")->on_delete, SCIM_DELETE_REFUSE);
}

static void bad_changes(void **state)
{
    static const struct {
        const char *title;
        scim_change_e what;
        const char *type, *arg, *value;
    } cases[] = {
        { "unknown attribute", SCIM_CHANGE_REQUIRE, "User", "foo", NULL },
        { "unknown type", SCIM_CHANGE_REQUIRE, "Nope", "userName", NULL },
        { "unknown schema", SCIM_CHANGE_EXTENSION, "User", "urn:example:nope", NULL },
        { "default of another type", SCIM_CHANGE_DEFAULT, "User", "active", "\"true\"" },
        { "default that is no JSON", SCIM_CHANGE_DEFAULT, "User", "active", "tru" },
        { "unique list", SCIM_CHANGE_UNIQUE, "User", "emails", NULL },
        { "unique part of a list", SCIM_CHANGE_UNIQUE, "User", "emails.value", NULL },
        { "unknown delete mode", SCIM_CHANGE_DELETE, "User", "sometimes", NULL },
        { "unknown filter attribute", SCIM_CHANGE_FILTERABLE, "User", "foo", NULL },
        { "unknown hidden attribute", SCIM_CHANGE_HIDE, "User", "foo", NULL },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_profile_t *profile;
        scim_error_t *err = build(f, changed(f, cases[i].what, cases[i].type, cases[i].arg, cases[i].value), &profile);
        if (!err || !*err->detail) {
            fail_msg("%s must be refused", cases[i].title);
        }
    }
}

static void inheritance(void **state)
{
    fixture_t *f = *state;
    apr_hash_t *specs = apr_hash_make(f->p);
    scim_profile_spec_t *base = fixture_spec(f->p, "base", scim_rules_usual()), *child = scim_profile_spec_make(f->p, "child");
    scim_profile_spec_t *loop = scim_profile_spec_make(f->p, "loop");
    scim_profile_t *profile;

    base->restore_inactive = 1;
    base->username = SCIM_USERNAME_EMAIL;
    child->base = "base";
    child->rules_set = fixture_rule("upsert");
    child->username = SCIM_USERNAME_ANY;
    loop->base = "loop";
    apr_hash_set(specs, "base", APR_HASH_KEY_STRING, base);
    apr_hash_set(specs, "child", APR_HASH_KEY_STRING, child);
    apr_hash_set(specs, "loop", APR_HASH_KEY_STRING, loop);
    unit_no_error("child", scim_profile_build(f->p, f->registry, specs, child, &profile));
    unit_text("name", profile->name, "child");
    assert_int_equal(profile->ntypes, 3);
    assert_true(profile->restore_inactive);
    assert_int_equal(profile->username, SCIM_USERNAME_ANY);
    assert_false(profile->rules & fixture_rule("upsert"));
    assert_true(profile->rules & fixture_rule("wrap-value"));
    if (!scim_profile_build(f->p, f->registry, specs, loop, &profile)) {
        fail_msg("a loop of bases must be refused");
    }
    child->base = "nope";
    if (!scim_profile_build(f->p, f->registry, specs, child, &profile)) {
        fail_msg("an unknown base must be refused");
    }
}

/* What a narrower profile may say, and what would give resources other keys. */
static void other_keys(void **state)
{
    static const struct {
        scim_change_e what;
        const char *type, *arg, *value, *expected;
    } cases[] = {
        { SCIM_CHANGE_HIDE, "User", "password", NULL, NULL },
        { SCIM_CHANGE_REQUIRE, "User", "externalId", NULL, NULL },
        { SCIM_CHANGE_FILTERABLE, "User", "userName", NULL, NULL },
        { SCIM_CHANGE_DELETE, "User", "refuse", NULL, NULL },
        { SCIM_CHANGE_UNIQUE, "Group", "displayName", NULL, "the attribute displayName of Group" },
        { SCIM_CHANGE_UNIQUE, "User", "name.familyName", NULL, "the attribute name.familyName of User" },
        { SCIM_CHANGE_EXTENSION, "Group", SCIM_URN_ENTERPRISE, NULL, "the schemas of Group" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        scim_profile_t *narrow = NULL;
        const char *other;
        unit_no_error("built", build(f, changed(f, cases[i].what, cases[i].type, cases[i].arg, cases[i].value), &narrow));
        other = scim_profile_other_keys(f->p, f->strict, narrow);
        unit_text(cases[i].arg, other ? other : "none", cases[i].expected ? cases[i].expected : "none");
    }
    unit_text("userName", scim_profile_other_keys(f->p, f->tolerant, f->strict), "the attribute userName of User");
    assert_null(scim_profile_other_keys(f->p, f->strict, f->strict));
}

static scim_json_t *parsed(fixture_t *f, const char *text)
{
    assert_non_null(text);
    unit_no_error("discovery is strict JSON", scim_json_scan(f->p, text, strlen(text), 32, 0));
    return scim_json_trusted(f->p, text, strlen(text));
}

/* D-22, D-23: every attribute states every keyword, parts only where complex. */
static void check_definitions(scim_json_t *attributes, int depth)
{
    static const char *const keywords[] = { "name", "type", "multiValued", "description", "required", "mutability", "returned" };
    size_t i, j;

    for (i = 0; i < scim_json_count(attributes); i++) {
        scim_json_t *definition = scim_json_at(attributes, i), *subs = NULL;
        const char *name = scim_json_str(definition, "name");
        for (j = 0; j < COUNT(keywords); j++) {
            if (!scim_json_find(definition, keywords[j], NULL)) {
                fail_msg("D-22 %s does not state %s", name, keywords[j]);
            }
        }
        if (scim_json_find(definition, "subAttributes", &subs)) {
            unit_text("D-23", scim_json_str(definition, "type"), "complex");
            assert_true(depth < 3);
            check_definitions(subs, depth + 1);
        }
    }
}

static void discovery(void **state)
{
    static const scim_discovery_t d = { .base_url = "https://example.com/scim/v2", .max_results = 1000, .max_payload = 10485760 };
    fixture_t *f = *state;
    scim_json_t *o = parsed(f, scim_discovery_config(f->p, f->strict, &d)), *list, *schemas;
    size_t i;

    assert_true(scim_json_is(scim_json_get(o, "patch", NULL), SCIM_JSON_OBJECT));
    assert_null(scim_json_get(o, "Resources", NULL));
    o = parsed(f, scim_discovery_types(f->p, f->strict, &d));
    list = scim_json_get(o, "Resources", NULL);
    assert_int_equal(scim_json_count(list), 3);
    assert_int_equal(scim_json_integer(scim_json_get(o, "totalResults", NULL)), 3);
    unit_text("D-11", scim_json_str(scim_json_at(list, 0), "endpoint"), "/Users");
    schemas = parsed(f, scim_discovery_schemas(f->p, f->strict, &d));
    list = scim_json_get(schemas, "Resources", NULL);
    assert_int_equal(scim_json_count(list), 7);
    for (i = 0; i < scim_json_count(list); i++) {
        scim_json_t *schema = scim_json_at(list, i);
        unit_text("D-18", scim_json_str(scim_json_get(schema, "meta", NULL), "resourceType"), "Schema");
        check_definitions(scim_json_get(schema, "attributes", NULL), 0);
        assert_non_null(scim_discovery_schema(f->p, f->strict, &d, scim_json_str(schema, "id")));
    }
    assert_non_null(scim_discovery_schema(f->p, f->strict, &d, "URN:ietf:params:scim:schemas:core:2.0:user"));
    assert_null(scim_discovery_schema(f->p, f->strict, &d, "urn:ietf:params:scim:api:messages:2.0:PatchOp"));
    unit_text("D-09", scim_json_str(parsed(f, scim_discovery_type(f->p, f->strict, &d, "User")), "schema"), SCIM_URN_USER);
    assert_null(scim_discovery_type(f->p, f->strict, &d, "Nope"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(rules), UNIT(types), UNIT(changes), UNIT(bad_changes), UNIT(inheritance), UNIT(other_keys),
                                        UNIT(discovery) };

    return UNIT_RUN(tests);
}
