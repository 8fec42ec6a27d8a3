/* PATCH as RFC 7644 has it: the strict profile. */
#include "patching.h"

#define WORK "{'value':'w@x','type':'work','primary':true}"
#define HOME "{'value':'h@x','type':'home'}"

#define FULL                                                                                                                         \
    "{'userName':'bj','name':{'givenName':'Barbara','familyName':'Jensen'},'title':'Guide','active':true,"                            \
    "'emails':[" WORK "," HOME "],'{ENT}':{'employeeNumber':'7','manager':{'value':'m1'}}}"
#define BARE "{'userName':'mp','active':false}"

#define ADD(path, value) "{'op':'add','path':'" path "','value':" value "}"
#define REPLACE(path, value) "{'op':'replace','path':'" path "','value':" value "}"
#define REMOVE(path) "{'op':'remove','path':'" path "'}"
#define REMOVE_VALUE(path, value) "{'op':'remove','path':'" path "','value':" value "}"

/* A double quote inside a path inside a JSON string. */
#define Q "\\'"

static void envelopes(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{'Operations':[{'op':'remove','path':'title'}]}",
        "{'schemas':['urn:x'],'Operations':[{'op':'remove','path':'title'}]}",
        "{'schemas':['{PATCHOP}']}",
        "{'schemas':['{PATCHOP}'],'Operations':{}}",
        "{'schemas':['{PATCHOP}'],'Operations':[]}",
        "{'schemas':['{PATCHOP}'],'Operations':['x']}",
        "{'schemas':['{PATCHOP}'],'Operations':[null]}",
        "{'schemas':['{PATCHOP}'],'Operations':[{}]}",
        "{'schemas':['{PATCHOP}'],'Operations':[{'op':5,'path':'title'}]}",
        "{'schemas':['{PATCHOP}'],'Operations':[{'op':'move','path':'title'}]}",
        "{'schemas':['{PATCHOP}'],'Operations':[{'op':'test','path':'title','value':'x'}]}",
    };
    fixture_t *f = *state;
    scim_context_t *c = fixture_context(f, f->strict, "User");
    scim_patch_t *patch;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        unit_error(bad[i], scim_patch_parse(c, fixture_json(f->p, bad[i]), &patch), "invalidSyntax");
    }
    unit_no_error("PA-02", scim_patch_parse(c, fixture_json(f->p, "{'SCHEMAS':['{PATCHOP}'],'operations':[{'OP':'RePlace','Path':'title',"
                                                               "'Value':'X','name':'extra'}]}"), &patch));
    assert_int_equal(patch->ops->nelts, 1);
    assert_int_equal(c->fired, 0);
}

static void singular(void **state)
{
    static const patching_case_t full[] = {
        { "PA-16", ADD("title", "'X'"), "title", "'X'" },
        { "PA-26", REPLACE("title", "'X'"), "title", "'X'" },
        { "PA-51", REPLACE("title", "'Guide'"), NULL, "same" },
        { "PA-06", REPLACE("{USER}:TITLE", "'X'"), "title", "'X'" },
        { "PA-33", REMOVE("title"), "title", "null" },
        { "PA-37", REMOVE("nickName"), NULL, "same" },
        { "PA-13", REPLACE("title", "null"), "title", "null" },
        { "PA-13", ADD("title", "null"), NULL, "same" },
        { "PA-17", ADD("name", "{'middleName':'J'}"), "name", "{'givenName':'Barbara','familyName':'Jensen','middleName':'J'}" },
        { "PA-27", REPLACE("name", "{'givenName':'Z'}"), "name", "{'givenName':'Z','familyName':'Jensen'}" },
        { "C-22", REPLACE("NAME", "{'GIVENNAME':'Z'}"), "name", "{'givenName':'Z','familyName':'Jensen'}" },
        { "PA-27 null parts", REPLACE("name", "{'givenName':null}"), "name", "{'familyName':'Jensen'}" },
        { "PA-33", REMOVE("name"), "name", "null" },
        { "PA-35", REMOVE("name.givenName"), "name", "{'familyName':'Jensen'}" },
        { "the last part", REMOVE("name.givenName") "," REMOVE("name.familyName"), "name", "null" },
        { "PA-12", "{'op':'add','path':'title'}", NULL, "invalidValue" },
        { "PA-12", "{'op':'replace','path':'title'}", NULL, "invalidValue" },
        { "PA-14", REPLACE("active", "'banana'"), NULL, "invalidValue" },
        { "C-25", REPLACE("active", "'True'"), NULL, "invalidValue" },
        { "PA-14", REPLACE("name", "'Bob'"), NULL, "invalidValue" },
        { "PA-14", REPLACE("title", "5"), NULL, "invalidValue" },
        { "PA-14", REPLACE("title", "['X']"), NULL, "invalidValue" },
        { "PA-14", REPLACE("name.givenName", "{}"), NULL, "invalidValue" },
        { "PA-38", REMOVE("userName"), NULL, "mutability" },
        { "PA-13", REPLACE("userName", "null"), NULL, "invalidValue" },
        { "PA-48", REPLACE("name[familyName eq " Q "Jensen" Q "].givenName", "'X'"), NULL, "invalidPath" },
    };
    static const patching_case_t bare[] = {
        { "PA-18", ADD("name.givenName", "'M'"), "name", "{'givenName':'M'}" },
        { "PA-26", REPLACE("title", "'T'"), "title", "'T'" },
        { "PA-37", REMOVE("title"), NULL, "same" },
        { "PA-37", REMOVE("name.givenName"), NULL, "same" },
        { "C-34", REPLACE("userName", "''"), NULL, "invalidValue" },
        { "userName", REPLACE("userName", "'new'"), "userName", "'new'" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", FULL, full, COUNT(full));
    patching_cases(f, f->strict, "User", BARE, bare, COUNT(bare));
}

static void lists(void **state)
{
    static const patching_case_t full[] = {
        { "PA-19", ADD("emails", "{'value':'n@x'}"), "emails", "[" WORK "," HOME ",{'value':'n@x'}]" },
        { "PA-19", ADD("emails", "[{'value':'n@x'},{'value':'o@x'}]"), "emails", "[" WORK "," HOME ",{'value':'n@x'},{'value':'o@x'}]" },
        { "PA-20", ADD("emails", "[" HOME "]"), NULL, "same" },
        { "PA-20 letter case", ADD("emails", "{'VALUE':'h@x','Type':'home'}"), NULL, "same" },
        { "V-03", ADD("emails", "[{'value':'n@x'},{'value':'n@x'}]"), "emails", "[" WORK "," HOME ",{'value':'n@x'}]" },
        { "PA-21", ADD("emails", "{'value':'p@x','primary':true}"), "emails",
          "[{'value':'w@x','type':'work','primary':false}," HOME ",{'value':'p@x','primary':true}]" },
        { "PA-22", REPLACE("emails", "[{'value':'a','primary':true},{'value':'b','primary':true}]"), NULL, "invalidValue" },
        { "PA-28", REPLACE("emails", "[{'value':'only@x'}]"), "emails", "[{'value':'only@x'}]" },
        { "PA-28 one object", REPLACE("emails", "{'value':'only@x'}"), "emails", "[{'value':'only@x'}]" },
        { "PA-28 the same", REPLACE("emails", "[" WORK "," HOME "]"), NULL, "same" },
        { "PA-13", REPLACE("emails", "[]"), "emails", "null" },
        { "PA-13", REPLACE("emails", "null"), "emails", "null" },
        { "PA-13", ADD("emails", "[]"), NULL, "same" },
        { "PA-33", REMOVE("emails"), "emails", "null" },
        { "PA-36", REMOVE("emails.primary"), "emails", "[{'value':'w@x','type':'work'}," HOME "]" },
        { "PA-36", REPLACE("emails.display", "'D'"), "emails",
          "[{'value':'w@x','type':'work','primary':true,'display':'D'},{'value':'h@x','type':'home','display':'D'}]" },
        { "PA-14", ADD("emails", "'x'"), NULL, "invalidValue" },
        { "V-06", ADD("emails", "[null]"), NULL, "invalidValue" },
        { "V-06", ADD("emails", "[[]]"), NULL, "invalidValue" },
        { "V-08", ADD("emails", "[{}]"), NULL, "same" },
        { "PA-08", REMOVE("emails") "," ADD("emails", "{'value':'n@x'}"), "emails", "[{'value':'n@x'}]" },
        { "PA-08", ADD("emails", "{'value':'n@x'}") "," REPLACE("emails[value eq " Q "n@x" Q "].type", "'other'"), "emails",
          "[" WORK "," HOME ",{'value':'n@x','type':'other'}]" },
    };
    static const patching_case_t bare[] = {
        { "PA-19", ADD("emails", "{'value':'n@x'}"), "emails", "[{'value':'n@x'}]" },
        { "PA-36", REPLACE("emails.type", "'work'"), NULL, "noTarget" },
        { "PA-36", ADD("emails.type", "'work'"), NULL, "noTarget" },
        { "PA-36", REMOVE("emails.type"), NULL, "same" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", FULL, full, COUNT(full));
    patching_cases(f, f->strict, "User", BARE, bare, COUNT(bare));
}

static void value_paths(void **state)
{
#define AT(type) "emails[type eq " Q type Q "]"
    static const patching_case_t full[] = {
        { "PA-24", ADD(AT("work"), "{'display':'W'}"), "emails",
          "[{'value':'w@x','type':'work','primary':true,'display':'W'}," HOME "]" },
        { "PA-29", REPLACE(AT("work"), "{'value':'z@x','type':'work'}"), "emails", "[{'value':'z@x','type':'work'}," HOME "]" },
        { "PA-30", REPLACE(AT("work") ".value", "'z@x'"), "emails", "[{'value':'z@x','type':'work','primary':true}," HOME "]" },
        { "P11", ADD(AT("work") ".value", "'z@x'"), "emails", "[{'value':'z@x','type':'work','primary':true}," HOME "]" },
        { "PA-06", REPLACE("EMAILS[TYPE EQ " Q "WORK" Q "].VALUE", "'z@x'"), "emails",
          "[{'value':'z@x','type':'work','primary':true}," HOME "]" },
        { "PA-21", REPLACE(AT("home") ".primary", "true"), "emails",
          "[{'value':'w@x','type':'work','primary':false},{'value':'h@x','type':'home','primary':true}]" },
        { "PA-34", REMOVE(AT("home")), "emails", "[" WORK "]" },
        { "PA-34", REMOVE(AT("home")) "," REMOVE(AT("work")), "emails", "null" },
        { "PA-35", REMOVE(AT("work") ".primary"), "emails", "[{'value':'w@x','type':'work'}," HOME "]" },
        { "PA-37", REMOVE(AT("other")), NULL, "same" },
        { "PA-37", REMOVE(AT("other") ".value"), NULL, "same" },
        { "PA-31", REPLACE(AT("other") ".value", "'x'"), NULL, "noTarget" },
        { "PA-31", REPLACE(AT("other"), "{'value':'x'}"), NULL, "noTarget" },
        { "PA-23", ADD(AT("other") ".value", "'o@x'"), "emails", "[" WORK "," HOME ",{'type':'other','value':'o@x'}]" },
        { "PA-23", ADD(AT("other"), "{'value':'o@x'}"), "emails", "[" WORK "," HOME ",{'type':'other','value':'o@x'}]" },
        { "PA-23", ADD("emails[type ne " Q "work" Q " and type ne " Q "home" Q "].value", "'x'"), NULL, "noTarget" },
        { "PA-05", REPLACE("emails[type xx " Q "work" Q "].value", "'x'"), NULL, "invalidFilter" },
        { "PA-04", REPLACE(AT("work") ".nope", "'x'"), NULL, "invalidPath" },
        { "PA-14", REPLACE(AT("work") ".value", "5"), NULL, "invalidValue" },
        { "PA-14", REPLACE(AT("work"), "'x'"), NULL, "invalidValue" },
    };
    static const patching_case_t bare[] = {
        { "PA-23", ADD(AT("work") ".value", "'w@x'"), "emails", "[{'type':'work','value':'w@x'}]" },
        { "PA-31", REPLACE(AT("work") ".value", "'w@x'"), NULL, "noTarget" },
        { "P13", ADD(AT("work") ".value", "'w@x'") "," ADD(AT("work") ".display", "'W'"), "emails",
          "[{'type':'work','value':'w@x','display':'W'}]" },
        { "PA-23", ADD("emails[type eq " Q "work" Q " and primary eq true].value", "'w@x'"), "emails",
          "[{'type':'work','primary':true,'value':'w@x'}]" },
    };
    static const char twice[] = "{'userName':'x','emails':[{'value':'a','type':'work'},{'value':'b','type':'work'}]}";
    static const patching_case_t both[] = {
        { "PA-30", REPLACE(AT("work") ".display", "'D'"), "emails",
          "[{'value':'a','type':'work','display':'D'},{'value':'b','type':'work','display':'D'}]" },
        { "PA-34", REMOVE(AT("work")), "emails", "null" },
        { "a part that identifies", REPLACE("emails[value eq " Q "b" Q "].value", "'c'"), "emails",
          "[{'value':'a','type':'work'},{'value':'c','type':'work'}]" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", FULL, full, COUNT(full));
    patching_cases(f, f->strict, "User", BARE, bare, COUNT(bare));
    patching_cases(f, f->strict, "User", twice, both, COUNT(both));
}

static void pathless(void **state)
{
    static const patching_case_t cases[] = {
        { "PA-25", "{'op':'replace','value':{'title':'X'}}", "title", "'X'" },
        { "PA-27", "{'op':'replace','value':{'name':{'givenName':'Z'}}}", "name", "{'givenName':'Z','familyName':'Jensen'}" },
        { "PA-25", "{'op':'replace','value':{'emails':[{'value':'only@x'}]}}", "emails", "[{'value':'only@x'}]" },
        { "PA-15", "{'op':'add','value':{'emails':[{'value':'n@x'}]}}", "emails", "[" WORK "," HOME ",{'value':'n@x'}]" },
        { "PA-40", "{'op':'replace','value':{'id':'" PATCHING_ID "','title':'X'}}", "title", "'X'" },
        { "PA-40", "{'op':'replace','value':{'schemas':['{USER}'],'title':'X'}}", "title", "'X'" },
        { "PA-40", "{'op':'replace','value':{'id':'other','title':'X'}}", NULL, "mutability" },
        { "PA-15", "{'op':'add','value':'x'}", NULL, "invalidValue" },
        { "PA-15", "{'op':'replace','value':['x']}", NULL, "invalidValue" },
        { "PA-12", "{'op':'replace'}", NULL, "invalidValue" },
        { "PA-32", "{'op':'remove'}", NULL, "noTarget" },
        { "PA-32", "{'op':'remove','value':{'title':'X'}}", NULL, "noTarget" },
        { "PA-47", "{'op':'replace','value':{'shoeSize':42}}", NULL, "invalidPath" },
        { "strict names", "{'op':'replace','value':{'name.givenName':'K'}}", NULL, "invalidPath" },
        { "an extension's object", "{'op':'replace','value':{'{ENT}':{'department':'D'}}}", "{ENT}",
          "{'employeeNumber':'7','manager':{'value':'m1'},'department':'D'}" },
    };
    fixture_t *f = *state;
    patching_t run;

    patching_cases(f, f->strict, "User", FULL, cases, COUNT(cases));
    unit_no_error("PA-15", patching_run(f, f->strict, "User", BARE, "{'op':'add','value':{'emails':[{'value':'n@x'}],'nickName':'B'}}",
                                        &run));
    unit_json(f->p, "PA-15", run.doc, "{'userName':'mp','active':false,'emails':[{'value':'n@x'}],'nickName':'B'}");
}

static void extensions(void **state)
{
    static const patching_case_t full[] = {
        { "P18", REPLACE("{ENT}:employeeNumber", "'8'"), "{ENT}", "{'employeeNumber':'8','manager':{'value':'m1'}}" },
        { "P48", REPLACE("{ENT}:manager.value", "'m2'"), "{ENT}", "{'employeeNumber':'7','manager':{'value':'m2'}}" },
        { "PA-45", REMOVE("{ENT}"), "{ENT}", "null" },
        { "PA-45", REPLACE("{ENT}", "{'department':'D'}"), "{ENT}",
          "{'employeeNumber':'7','manager':{'value':'m1'},'department':'D'}" },
        { "PA-45", REMOVE("{ENT}:employeeNumber") "," REMOVE("{ENT}:manager"), "{ENT}", "null" },
        { "PA-04", REPLACE("{ENT}:nope", "'x'"), NULL, "invalidPath" },
        { "C-42", REPLACE("{ENT}:manager.displayName", "'x'"), NULL, "mutability" },
        { "PA-14", REPLACE("{ENT}", "'x'"), NULL, "invalidValue" },
    };
    static const patching_case_t bare[] = {
        { "PA-44", ADD("{ENT}:employeeNumber", "'7'"), "{ENT}", "{'employeeNumber':'7'}" },
        { "PA-44", ADD("{ENT}:manager.value", "'m'"), "{ENT}", "{'manager':{'value':'m'}}" },
        { "PA-45", ADD("{ENT}", "{'department':'D','costCenter':'C'}"), "{ENT}", "{'department':'D','costCenter':'C'}" },
        { "PA-45", REMOVE("{ENT}"), NULL, "same" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", FULL, full, COUNT(full));
    patching_cases(f, f->strict, "User", BARE, bare, COUNT(bare));
}

static void mutability(void **state)
{
    static const char device[] = "{'serial':'S','height':5,'tags':['a','b']}";
    static const patching_case_t users[] = {
        { "PA-39", REPLACE("id", "'x'"), NULL, "mutability" },
        { "PA-39", REMOVE("id"), NULL, "mutability" },
        { "PA-39", REPLACE("meta.created", "'2024-01-01T00:00:00Z'"), NULL, "mutability" },
        { "PA-38", REMOVE("meta"), NULL, "mutability" },
        { "GM-08", ADD("groups", "[{'value':'g1'}]"), NULL, "mutability" },
        { "GM-08", REMOVE("groups[value eq " Q "g1" Q "]"), NULL, "mutability" },
        { "PA-46", REMOVE("schemas"), NULL, "mutability" },
        { "PA-46", REMOVE("schemas[value eq " Q "{USER}" Q "]"), NULL, "mutability" },
        { "PA-46", ADD("schemas", "['urn:x']"), NULL, "invalidValue" },
        { "PA-46", ADD("schemas", "['{ENT}']"), NULL, "same" },
        { "PA-04", REPLACE("shoeSize", "42"), NULL, "invalidPath" },
        { "PA-04", REMOVE("shoeSize"), NULL, "invalidPath" },
        { "PA-03", REPLACE("/name/givenName", "'x'"), NULL, "invalidPath" },
        { "PA-03", "{'op':'replace','path':5,'value':'x'}", NULL, "invalidPath" },
    };
    static const patching_case_t devices[] = {
        { "PA-41", REPLACE("serial", "'T'"), NULL, "mutability" },
        { "PA-41", REPLACE("serial", "'S'"), NULL, "same" },
        { "PA-41", REMOVE("serial"), NULL, "mutability" },
        { "V-10", ADD("tags", "['b','c']"), "tags", "['a','b','c']" },
        { "V-10", REMOVE("tags[value eq " Q "a" Q "]"), "tags", "['b']" },
        { "C-26", REPLACE("height", "1.5"), NULL, "invalidValue" },
        { "C-26", REPLACE("height", "'5'"), NULL, "invalidValue" },
        { "C-28", REPLACE("bought", "'2024-01-01'"), NULL, "invalidValue" },
        { "C-29", REPLACE("key", "'%%%'"), NULL, "invalidValue" },
        { "F-21", REPLACE("height", "0"), "height", "0" },
        { "C-27", REPLACE("weight", "3.10"), "weight", "3.1" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", FULL, users, COUNT(users));
    patching_cases(f, f->strict, "Device", device, devices, COUNT(devices));
}

/* The value of remove is not checked before it is compared: it may be anything. */
static void removed_values(void **state)
{
    static const char user[] = "{'userName':'x','x509Certificates':[{'value':'MAcwADAAAwEA'}],'roles':[{'value':'a'},{'value':'b'}],"
                               "'emails':[{'value':'a@x','type':'work','primary':true},{'value':'a@x','type':'home','display':'A'}]}";
    static const patching_case_t cases[] = {
        { "MS-03", REMOVE_VALUE("roles", "[{'value':'A'}]"), "roles", "[{'value':'b'}]" },
        { "MS-03", REMOVE_VALUE("roles", "{'value':'A'}"), "roles", "[{'value':'b'}]" },
        { "MS-03", REMOVE_VALUE("roles", "['a','b']"), "roles", "null" },
        { "MS-03", REMOVE_VALUE("roles", "[{'value':'z'},{'type':'work'}]"), NULL, "same" },
        { "no such type", REMOVE_VALUE("roles", "{'value':'a','type':5}"), NULL, "same" },
        { "no such type", REMOVE_VALUE("roles", "{'type':5}"), NULL, "same" },
        { "no such value", REMOVE_VALUE("roles", "[null,5,[],{},{'value':{}},'z']"), NULL, "same" },
        { "no base64", REMOVE_VALUE("x509Certificates", "['%%%',{'value':'%%%'},{'value':5}]"), NULL, "same" },
        { "no base64", REMOVE_VALUE("x509Certificates", "'%%%'"), NULL, "same" },
        { "all that is said", REMOVE_VALUE("emails", "{'value':'A@X','type':'HOME'}"), "emails", "[{'value':'a@x','type':'work','primary':true}]" },
        { "all that is said", REMOVE_VALUE("emails", "[{'value':'a@x','type':'zzz'},{'value':'b@x','type':'work'}]"), NULL, "same" },
        { "all that is said", REMOVE_VALUE("emails", "{'value':'a@x','type':null,'display':''}"), "emails", "null" },
        { "all that is said", REMOVE_VALUE("emails", "{'value':'a@x','display':'Another'}"), NULL, "same" },
        { "primary goes from one to another", REMOVE_VALUE("emails", "{'value':'a@x','type':'home','primary':true}"), "emails",
          "[{'value':'a@x','type':'work','primary':true}]" },
        { "nothing but primary", REMOVE_VALUE("emails", "{'primary':true}"), "emails", "[{'value':'a@x','type':'home','display':'A'}]" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "User", user, cases, COUNT(cases));
    patching_cases(f, f->tolerant, "User", user, cases, COUNT(cases));
}

static void atomic_and_located(void **state)
{
    fixture_t *f = *state;
    patching_t run;
    scim_error_t *err = patching_run(f, f->strict, "User", FULL, REPLACE("title", "'X'") "," REMOVE("nickName") "," REMOVE("userName"),
                                     &run);

    unit_error("PA-07", err, "mutability");
    assert_non_null(strstr(err->detail, "Operations[2]"));
}

static void passwords(void **state)
{
    fixture_t *f = *state;
    patching_t run;

    unit_no_error("PA-49", patching_run(f, f->strict, "User", BARE, REPLACE("password", "'Q7-n3w'"), &run));
    unit_text("PA-49", run.patch->password, "Q7-n3w");
    unit_json(f->p, "SE-13", run.doc, BARE);
    unit_no_error("PA-49", patching_run(f, f->strict, "User", BARE, "{'op':'replace','value':{'password':'Q7-n3w','title':'X'}}", &run));
    unit_text("PA-49", run.patch->password, "Q7-n3w");
    unit_json(f->p, "SE-13", run.doc, "{'userName':'mp','active':false,'title':'X'}");
    unit_error("PA-14", patching_run(f, f->strict, "User", BARE, REPLACE("password", "5"), &run), "invalidValue");
}

static void members(void **state)
{
    static const char group[] = "{'displayName':'G','members':[{'value':'u1','type':'User'},{'value':'u3','type':'User'}]}";
    fixture_t *f = *state;
    patching_t run;

    unit_no_error("PA-52", patching_run(f, f->strict, "Group", group, ADD("members", "[{'value':'u2'},{'value':'u4','$ref':null}]"), &run));
    assert_true(!run.patch->document && !run.patch->members && !run.result.changed);
    assert_true(run.result.members->touched && !run.result.members->clear);
    assert_true(patching_has(run.result.members->add, "u2") && patching_has(run.result.members->add, "u4"));

    unit_no_error("PA-34", patching_run(f, f->strict, "Group", group, REMOVE("members[value eq " Q "u1" Q "]"), &run));
    assert_true(!run.patch->members && patching_has(run.result.members->remove, "u1"));
    assert_int_equal(apr_hash_count(run.result.members->remove), 1);

    unit_no_error("MS-03", patching_run(f, f->strict, "Group", group, "{'op':'remove','path':'members','value':[{'value':'u1'}]}", &run));
    assert_true(patching_has(run.result.members->remove, "u1") && !run.result.members->clear);

    unit_no_error("GM-12", patching_run(f, f->strict, "Group", group, REMOVE("members"), &run));
    assert_true(run.result.members->clear && apr_hash_count(run.result.members->add) == 0);

    unit_no_error("PA-08", patching_run(f, f->strict, "Group", group, REMOVE("members") "," ADD("members", "[{'value':'u2'}]"), &run));
    assert_true(run.result.members->clear && patching_has(run.result.members->add, "u2"));

    unit_no_error("P35", patching_run(f, f->strict, "Group", group, REPLACE("members", "[{'value':'u1'}]"), &run));
    assert_true(run.result.members->clear && patching_has(run.result.members->add, "u1"));

    unit_no_error("P37", patching_run(f, f->strict, "Group", group,
                                      ADD("members", "[{'value':'u1'}]") "," REMOVE("members[value eq " Q "u1" Q "]"), &run));
    assert_true(patching_has(run.result.members->remove, "u1") && apr_hash_count(run.result.members->add) == 0);

    unit_no_error("by type", patching_run(f, f->strict, "Group", group, REMOVE("members[type eq " Q "User" Q "]"), &run));
    assert_true(run.patch->members && patching_has(run.result.members->remove, "u1") && patching_has(run.result.members->remove, "u3"));
    assert_null(scim_json_get(run.doc, "members", NULL));

    unit_no_error("a rename as well", patching_run(f, f->strict, "Group", group,
                                                   REPLACE("displayName", "'H'") "," ADD("members", "{'value':'u2'}"), &run));
    unit_json(f->p, "a rename as well", run.doc, "{'displayName':'H'}");
    assert_true(run.result.changed && patching_has(run.result.members->add, "u2"));
}

static void bad_members(void **state)
{
    static const char group[] = "{'displayName':'G','members':[{'value':'u1','type':'User'}]}";
    static const patching_case_t cases[] = {
        { "PA-42", REPLACE("members[value eq " Q "u1" Q "].value", "'u2'"), NULL, "mutability" },
        { "PA-38", REMOVE("displayName"), NULL, "mutability" },
        { "GM-15", ADD("members", "[{'type':'User'}]"), NULL, "invalidValue" },
        { "PA-14", ADD("members", "'u1'"), NULL, "invalidValue" },
        { "GM-05", ADD("members", "[{'value':'u2','$ref':'https://example.com/Users/u3'}]"), NULL, "invalidValue" },
        { "V-06", REMOVE_VALUE("members", "['u1']"), NULL, "invalidValue" },
        { "V-06", REMOVE_VALUE("members", "'u1'") "," REMOVE("members[type eq " Q "Group" Q "]"), NULL, "invalidValue" },
        { "MS-03", REMOVE_VALUE("members", "null"), NULL, "invalidValue" },
        { "MS-03", REMOVE_VALUE("members", "[]"), NULL, "invalidValue" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->strict, "Group", group, cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(envelopes),  UNIT(singular),   UNIT(lists),          UNIT(value_paths),        UNIT(pathless),  UNIT(extensions),
        UNIT(mutability), UNIT(removed_values), UNIT(atomic_and_located), UNIT(passwords), UNIT(members), UNIT(bad_members),
    };

    return UNIT_RUN(tests);
}
