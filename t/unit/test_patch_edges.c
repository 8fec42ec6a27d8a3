/* PATCH at the edges of its rules: what a fault of one line would move and no ordinary case shows. */
#include "patching.h"

#define WORK "{'value':'w@x','type':'work','primary':true}"
#define HOME "{'value':'h@x','type':'home'}"
#define FULL                                                                                                                         \
    "{'userName':'bj','name':{'givenName':'Barbara'},'title':'Guide','active':true,'emails':[" WORK "," HOME "],"                      \
    "'{ENT}':{'employeeNumber':'7','manager':{'value':'m1'}}}"
#define ADD(path, value) "{'op':'add','path':'" path "','value':" value "}"
#define REPLACE(path, value) "{'op':'replace','path':'" path "','value':" value "}"
#define REMOVE(path) "{'op':'remove','path':'" path "'}"
#define REMOVE_VALUE(path, value) "{'op':'remove','path':'" path "','value':" value "}"

/* A double quote inside a path inside a JSON string. */
#define Q "\\'"

static void strict(void **state)
{
    static const patching_case_t cases[] = {
        { "PA-46 schemas cannot be removed, not even some", REMOVE_VALUE("schemas", "['{ENT}']"), NULL, "mutability" },
        { "PA-46 the name of an attribute is no schema", ADD("schemas", "['userName']"), NULL, "invalidValue" },
        { "PA-46 null is no schema", ADD("schemas", "[null]"), NULL, "invalidValue" },
        { "PA-49 a password is not removed", REMOVE_VALUE("password", "'x'"), NULL, "mutability" },
        { "PA-45 an extension takes an object", REPLACE("{ENT}", "''"), NULL, "invalidValue" },
        { "PA-45 replace by null removes", REPLACE("{ENT}", "null"), "{ENT}", "null" },
        { "P7 a URN is a path", "{'op':'add','value':{'{USER}:title':'X'}}", NULL, "invalidPath" },
        { "PA-13 null makes no element", ADD("emails[type eq " Q "other" Q "]", "null"), NULL, "same" },
        { "PA-37 nothing is there", REMOVE("{ENT}:department"), NULL, "same" },
        { "a readOnly part is no part of the change", REPLACE("{ENT}:manager", "{'value':'m2','displayName':'Evil'}"), "{ENT}",
          "{'employeeNumber':'7','manager':{'value':'m2'}}" },
        { "PA-23 a filter that does not say all of an element", ADD("emails[type eq " Q "other" Q " and value ne " Q "a" Q "].display", "'D'"), NULL,
          "noTarget" },
        { "PA-14 what is stored is valid", REPLACE("userName", "'a\\u200bb'"), NULL, "invalidValue" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", FULL, cases, COUNT(cases));
}

static void devices(void **state)
{
    static const char bare[] = "{'serial':'S'}";
    static const char full[] = "{'serial':'S','color':'red','slots':[{'value':'s1','label':'old','ports':['a','b']}],"
                               "'site':{'city':'Oslo','plot':'7'}}";
    static const patching_case_t on_bare[] = {
        { "PA-37 a part of nothing", REMOVE("site.city"), NULL, "same" },
    };
    static const patching_case_t on_full[] = {
        { "a value on remove of a part has no meaning", REMOVE_VALUE("slots.ports", "['a']"), "slots", "[{'value':'s1','label':'old'}]" },
        { "PA-41 a part of an element", ADD("slots", "[{'value':'s1','label':'new'}]"), NULL, "mutability" },
        { "PA-41 a part", REPLACE("site.plot", "'8'"), NULL, "mutability" },
        { "PA-41", REPLACE("color", "'blue'"), NULL, "mutability" },
        { "PA-41 the same again", REPLACE("color", "'red'"), NULL, "same" },
        { "a required part", REMOVE("site.city"), NULL, "mutability" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "Device", bare, on_bare, COUNT(on_bare));
    patching_cases(f, f->strict, "Device", full, on_full, COUNT(on_full));
}

static void tolerant(void **state)
{
    static const patching_case_t cases[] = {
        { "{} is no value of a string", REPLACE("title", "{}"), NULL, "invalidValue" },
        { "what is required is not cleared", REPLACE("userName", "''"), NULL, "invalidValue" },
        { "P13 add of nothing", ADD("title", "''"), NULL, "same" },
        { "an array of two is no single value", REPLACE("title", "['A','B']"), NULL, "invalidValue" },
        { "value before managerId", REPLACE("{ENT}:manager", "{'value':'m2','managerId':'m3'}"), "{ENT}",
          "{'employeeNumber':'7','manager':{'value':'m2'}}" },
        { "nothing to remove", REMOVE("emails[type eq " Q "other" Q "].value"), NULL, "same" },
    };
    static const char spare[] = "{'userName':'bj','emails':[{'type':'home'},{'value':'a','type':'work','display':'D'}]}";
    static const patching_case_t bare[] = {
        { "P31", REMOVE("emails[type eq " Q "work" Q "].value"), "emails", "[{'type':'home'}]" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->tolerant, "User", FULL, cases, COUNT(cases));
    patching_cases(f, f->tolerant, "User", spare, bare, COUNT(bare));
}

#define GROUP                                                                                                                         \
    "{'displayName':'G','members':[{'value':'u1','type':'User'},{'value':'u3','type':'User'},{'value':'g1','type':'Group'}]}"

/* Members: never more goes than was named. */
static void members(void **state)
{
    fixture_t *f = *state;
    patching_t run;

    unit_no_error("both of two", patching_run(f, f->strict, "Group", GROUP,
                                              REMOVE("members[value eq " Q "u1" Q " or value eq " Q "u3" Q "]"), &run));
    assert_true(!run.patch->members && patching_has(run.result.members->remove, "u1") && patching_has(run.result.members->remove, "u3"));
    unit_no_error("a disjunction with more than ids",
                  patching_run(f, f->strict, "Group", GROUP, REMOVE("members[value eq " Q "g1" Q " or type eq " Q "User" Q "]"), &run));
    assert_true(run.patch->members);
    assert_int_equal(apr_hash_count(run.result.members->remove), 3);
    unit_no_error("by type", patching_run(f, f->strict, "Group", GROUP, REMOVE("members[type eq " Q "User" Q "]"), &run));
    assert_int_equal(apr_hash_count(run.result.members->remove), 2);
    assert_false(patching_has(run.result.members->remove, "g1"));
    unit_error("a part of all members", patching_run(f, f->strict, "Group", GROUP, REMOVE("members.type"), &run), "mutability");
    unit_error("add to a member", patching_run(f, f->strict, "Group", GROUP, ADD("members[value eq " Q "u1" Q "]", "{'value':'u2'}"), &run),
               "mutability");
    unit_no_error("a member that is there already, with another type",
                  patching_run(f, f->strict, "Group", GROUP,
                               REMOVE("members[type eq " Q "Group" Q "]") "," ADD("members", "[{'value':'u1','type':'Group'}]"), &run));
    unit_no_error("a member that is there already",
                  patching_run(f, f->strict, "Group", GROUP,
                               REMOVE("members[type eq " Q "Group" Q "]") "," ADD("members", "[{'value':'u1','display':'X'}]"), &run));
    assert_int_equal(apr_hash_count(run.result.members->add), 0);
    assert_int_equal(apr_hash_count(run.result.members->remove), 1);
}

/* What a profile of its own asks for. */
static void profiles(void **state)
{
    static const patching_case_t required[] = {
        { "PA-38 the last of a required list", REMOVE("emails[value pr]"), NULL, "mutability" },
        { "PA-38", REMOVE("emails"), NULL, "mutability" },
    };
    static const patching_case_t wrapping[] = {
        { "an empty string is no manager", REPLACE("{ENT}:manager", "''"), NULL, "invalidValue" },
        { "a string is one", REPLACE("{ENT}:manager", "'m2'"), "{ENT}", "{'employeeNumber':'7','manager':{'value':'m2'}}" },
    };
    fixture_t *f = *state;
    scim_profile_spec_t *spec = fixture_spec(f->p, "required", 0);
    scim_change_spec_t *change = apr_array_push(spec->changes);
    scim_profile_t *profile;

    *change = (scim_change_spec_t){ SCIM_CHANGE_REQUIRE, "User", "emails", NULL };
    unit_no_error("required", scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, &profile));
    patching_cases(f, profile, "User", FULL, required, COUNT(required));
    spec = fixture_spec(f->p, "wrapping", fixture_rule("wrap-value"));
    unit_no_error("wrapping", scim_profile_build(f->p, f->registry, apr_hash_make(f->p), spec, &profile));
    patching_cases(f, profile, "User", FULL, wrapping, COUNT(wrapping));
}

static void envelopes(void **state)
{
    fixture_t *f = *state;
    scim_context_t *c = fixture_context(f, f->strict, "User");
    apr_array_header_t *parts = apr_array_make(f->p, 10001, sizeof(const char *));
    scim_patch_t *patch;
    scim_error_t *err;
    int i;

    unit_no_error("another URN behind it",
                  scim_patch_parse(c, fixture_json(f->p, "{'schemas':['{PATCHOP}','urn:x'],'Operations':[" REMOVE("title") "]}"), &patch));
    unit_no_error("nothing to do", scim_patch_parse(c, fixture_json(f->p, "{'schemas':['{PATCHOP}'],'Operations':[{'op':'add','value':{}}]}"),
                                                    &patch));
    assert_true(patch->document);
    for (i = 0; i < 10001; i++) {
        APR_ARRAY_PUSH(parts, const char *) = REMOVE("title");
    }
    err = scim_patch_parse(c, fixture_json(f->p, apr_pstrcat(f->p, "{'schemas':['{PATCHOP}'],'Operations':[",
                                                             apr_array_pstrcat(f->p, parts, ','), "]}", NULL)), &patch);
    assert_non_null(err);
    assert_int_equal(err->status, 413);
}

/* Each member that is named is a step. */
static void steps(void **state)
{
    fixture_t *f = *state;
    int left;

    for (left = 2; left <= 3; left++) {
        scim_context_t *c = fixture_context(f, f->tolerant, "Group");
        scim_patch_t *patch;
        scim_patched_t patched;
        scim_error_t *err;

        unit_no_error("parsed", scim_patch_parse(c, fixture_json(f->p, "{'schemas':['{PATCHOP}'],'Operations':["
                                                                 ADD("members", "[{'value':'a'},{'value':'b'},{'value':'c'}]") "]}"), &patch));
        c->steps = left;
        err = scim_patch_apply(c, patch, PATCHING_ID, NULL, &patched);
        assert_int_equal(err ? err->status : 0, left == 3 ? 0 : 413);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(strict), UNIT(devices), UNIT(tolerant), UNIT(members), UNIT(profiles), UNIT(envelopes),
                                        UNIT(steps) };

    return UNIT_RUN(tests);
}
