/* PATCH and bodies as clients really send them: the tolerant profile. Titles name the shapes. */
#include "patching.h"

#define WORK "{'value':'w@x','type':'work','primary':true}"
#define HOME "{'value':'h@x','type':'home'}"

#define FULL                                                                                                                         \
    "{'userName':'bj','displayName':'Babs','name':{'givenName':'Barbara','familyName':'Jensen'},'title':'Guide','active':true,"       \
    "'emails':[" WORK "," HOME "],'roles':[{'value':'admin','primary':true}],"                                                        \
    "'{ENT}':{'employeeNumber':'7','manager':{'value':'m1'}}}"
#define BARE "{'userName':'mp','active':false}"

#define OP(op, path, value) "{'op':'" op "','path':'" path "','value':" value "}"
#define Q "\\'"
#define AT(attr, type) attr "[type eq " Q type Q "]"

#define ENT(parts) "{" parts "}"

static void setting(void **state)
{
    static const patching_case_t cases[] = {
        { "P1", OP("Replace", "displayName", "'Mira S.'"), "displayName", "'Mira S.'" },
        { "P2", OP("Replace", "name.familyName", "'Dahl'"), "name", "{'givenName':'Barbara','familyName':'Dahl'}" },
        { "P3", OP("Replace", "active", "'False'"), "active", "false" },
        { "P4", OP("replace", "active", "false"), "active", "false" },
        { "P5", OP("Add", "active", "'False'"), "active", "false" },
        { "P6", "{'op':'replace','value':{'userName':'mira.dahl'}}", "userName", "'mira.dahl'" },
        { "P8", "{'op':'add','value':{'name.formatted':'Mira Dahl','name.givenName':'Mira'}}", "name",
          "{'givenName':'Mira','familyName':'Jensen','formatted':'Mira Dahl'}" },
        { "P9", "{'op':'replace','value':{'name':{'familyName':'Dahl'}}}", "name", "{'givenName':'Barbara','familyName':'Dahl'}" },
        { "P10", OP("Replace", "name", "{'familyName':'Dahl'}"), "name", "{'givenName':'Barbara','familyName':'Dahl'}" },
        { "P11", OP("Replace", AT("emails", "work") ".value", "'n@x'"), "emails",
          "[{'value':'n@x','type':'work','primary':true}," HOME "]" },
        { "P12", OP("Add", AT("phoneNumbers", "mobile") ".value", "'+47 1'"), "phoneNumbers", "[{'type':'mobile','value':'+47 1'}]" },
        { "P12", OP("Replace", AT("phoneNumbers", "mobile") ".value", "'+47 1'"), "phoneNumbers", "[{'type':'mobile','value':'+47 1'}]" },
        { "P13",
          OP("Replace", AT("addresses", "work") ".streetAddress", "'S 1'") "," OP("Replace", AT("addresses", "work") ".locality",
                                                                                 "'Oslo'") "," OP("Add", AT("addresses", "work") ".country",
                                                                                                  "'NO'"),
          "addresses", "[{'type':'work','streetAddress':'S 1','locality':'Oslo','country':'NO'}]" },
        { "P14", OP("add", AT("emails", "home") ".primary", "'True'"), "emails",
          "[{'value':'w@x','type':'work','primary':false},{'value':'h@x','type':'home','primary':true}]" },
        { "P15", OP("add", "roles[primary eq " Q "True" Q "].value", "'auditor'"), "roles", "[{'value':'auditor','primary':true}]" },
        { "P16", OP("Add", "roles", "[{'value':'{\\'id\\':\\'r-1\\'}'}]"), "roles",
          "[{'value':'admin','primary':true},{'value':'{\\'id\\':\\'r-1\\'}'}]" },
        { "P17", OP("replace", "roles", "[{'primary':true,'type':'X','display':'A','value':'A'}]"), "roles",
          "[{'primary':true,'type':'X','display':'A','value':'A'}]" },
        { "P18", OP("Add", "{ENT}:department", "'Finance'"), "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m1'},'department':'Finance'") },
        { "P19", OP("Replace", "{ENT}.department", "'Finance'"), "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m1'},'department':'Finance'") },
        { "P19", OP("Replace", "urn:scim:schemas:extension:enterprise:1.0.manager", "[{'value':'m2'}]"), "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m2'}") },
        { "P20", OP("Replace", "urn:ietf:params:scim:schemas:extension:other:2.0:User:label3", "'Zone'"), NULL, "same" },
        { "P21", OP("add", "{USER}:role", "'editor'"), NULL, "same" },
        { "P22", OP("Add", "{ENT}:manager", "'m2'"), "{ENT}", ENT("'employeeNumber':'7','manager':{'value':'m2'}") },
        { "P23", OP("replace", "{ENT}:manager", "{'value':'m2'}"), "{ENT}", ENT("'employeeNumber':'7','manager':{'value':'m2'}") },
        { "P24", OP("Add", "manager", "[{'$ref':'https://example.com/Users/m2','value':'m2'}]"), "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m2','$ref':'https://example.com/Users/m2'}") },
        { "P25", "{'op':'replace','value':{'{ENT}:manager':{'value':'m2'}}}", "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m2'}") },
    };
    fixture_t *f = *state;

    patching_cases(f, f->tolerant, "User", FULL, cases, COUNT(cases));
}

static void clearing(void **state)
{
    static const patching_case_t cases[] = {
        { "P26", OP("replace", "{ENT}:manager", "''"), "{ENT}", ENT("'employeeNumber':'7'") },
        { "P26", OP("replace", "{ENT}:manager", "{'value':''}"), "{ENT}", ENT("'employeeNumber':'7'") },
        { "P26", OP("replace", "{ENT}:manager", "null"), "{ENT}", ENT("'employeeNumber':'7'") },
        { "P26", "{'op':'remove','path':'{ENT}:manager'}", "{ENT}", ENT("'employeeNumber':'7'") },
        { "P27", OP("replace", "title", "''"), "title", "null" },
        { "P27", OP("replace", "name.givenName", "''") "," OP("replace", "name.familyName", "''"), "name", "null" },
        { "P29", OP("replace", AT("emails", "home") ".value", "null"), "emails", "[" WORK "]" },
        { "P30", OP("Remove", AT("emails", "home") ".value", "'h@x'"), "emails", "[" WORK "]" },
        { "P30", OP("Remove", AT("emails", "home") ".value", "'other@x'"), NULL, "same" },
        { "P31", "{'op':'Remove','path':'" AT("emails", "work") ".value'}", "emails", "[" HOME "]" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->tolerant, "User", FULL, cases, COUNT(cases));
}

static void other_shapes(void **state)
{
    static const patching_case_t cases[] = {
        { "P39", OP("Replace", "displayName", "[{'$ref':null,'value':'Nordic'}]"), "displayName", "'Nordic'" },
        { "P41", "{'op':'remove','path':'title'}," OP("add", "title", "'A'") "," OP("replace", "title", "'B'"), "title", "'B'" },
        { "P42", OP("replace", "name[givenName eq " Q "Barbara" Q "].familyName", "'Dahl'"), "name",
          "{'givenName':'Barbara','familyName':'Dahl'}" },
        { "P45", OP("Replace", AT("emails", "work") ".Value", "'n@x'"), "emails",
          "[{'value':'n@x','type':'work','primary':true}," HOME "]" },
        { "P46", "{'op':'Remove','path':'" AT("emails", "work") "'}", "emails", "[" HOME "]" },
        { "P46", "{'op':'Remove','path':'" AT("emails", "fax") "'}", NULL, "same" },
        { "P47", OP("add", "emails", "[{'type':'other','value':'o@x'}," HOME "]"), "emails",
          "[" WORK "," HOME ",{'type':'other','value':'o@x'}]" },
        { "P48", OP("replace", "{ENT}:manager.displayName", "null"), NULL, "same" },
        { "P48", OP("replace", "{ENT}:manager.value", "'m2'"), "{ENT}", ENT("'employeeNumber':'7','manager':{'value':'m2'}") },
        { "P50", OP("replace", "{ENT}", "{'department':'Finance'}"), "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m1'},'department':'Finance'") },
        { "managerId", OP("replace", "{ENT}:manager", "{'managerId':'m2','displayName':'Ola'}"), "{ENT}",
          ENT("'employeeNumber':'7','manager':{'value':'m2'}") },
        { "an echo of what is read-only", OP("replace", "meta", "{'resourceType':'User'}"), NULL, "same" },
        { "several primary values", OP("replace", "emails", "[{'value':'a','primary':true},{'value':'b','primary':true}]"), "emails",
          "[{'value':'a','primary':false},{'value':'b','primary':true}]" },
        { "still refused", OP("replace", "active", "'banana'"), NULL, "invalidValue" },
        { "still refused", "{'op':'remove'}", NULL, "noTarget" },
        { "still refused", "{'op':'move','path':'title'}", NULL, "invalidSyntax" },
        { "still refused", OP("replace", "emails[", "'x'"), NULL, "invalidPath" },
        { "still refused", "{'op':'remove','path':'userName'}", NULL, "mutability" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->tolerant, "User", FULL, cases, COUNT(cases));
}

static void on_a_bare_user(void **state)
{
    static const patching_case_t cases[] = {
        { "P15 several parts of one new element",
          OP("add", "roles[primary eq " Q "True" Q "].value", "'auditor'") "," OP("add", "roles[primary eq " Q "True" Q "].display",
                                                                                 "'Auditor'"),
          "roles", "[{'primary':true,'value':'auditor','display':'Auditor'}]" },
        { "P12", OP("Replace", AT("emails", "work"), "{'value':'w@x'}"), "emails", "[{'type':'work','value':'w@x'}]" },
        { "P27 nothing to clear", OP("replace", AT("emails", "work") ".value", "''"), NULL, "same" },
        { "P30 nothing to remove", OP("Remove", AT("emails", "work") ".value", "'x'"), NULL, "same" },
        { "P26", OP("replace", "{ENT}:manager", "''"), NULL, "same" },
    };
    fixture_t *f = *state;

    patching_cases(f, f->tolerant, "User", BARE, cases, COUNT(cases));
}

static void compact(void **state)
{
    fixture_t *f = *state;
    patching_t run;

    unit_no_error("P7", patching_run(f, f->tolerant, "User", BARE,
                                     "{'op':'add','path':'" AT("emails", "work") ".value','value':'m@x'},"
                                     "{'op':'replace','value':{'active':true,'displayName':'Mira Dahl','name.familyName':'Dahl',"
                                     "'{ENT}:employeeNumber':'40018','phoneNumbers[type eq \\'mobile\\'].value':'+47'}}",
                                     &run));
    unit_json(f->p, "P7", run.doc,
              "{'userName':'mp','active':true,'displayName':'Mira Dahl','name':{'familyName':'Dahl'},"
              "'emails':[{'type':'work','value':'m@x'}],'phoneNumbers':[{'type':'mobile','value':'+47'}],"
              "'{ENT}':{'employeeNumber':'40018'}}");
    assert_true(run.fired & fixture_rule("key-paths"));

    unit_no_error("P28", patching_run(f, f->tolerant, "User", FULL,
                                      "{'op':'replace','value':{'displayName':'','title':'','name.givenName':'','name.familyName':'',"
                                      "'{ENT}:employeeNumber':'','{ENT}:manager':''}},"
                                      "{'op':'replace','path':'" AT("emails", "work") ".value','value':''},"
                                      "{'op':'replace','path':'" AT("emails", "home") ".value','value':''}",
                                      &run));
    unit_json(f->p, "P28", run.doc, "{'userName':'bj','active':true,'roles':[{'value':'admin','primary':true}]}");

    unit_no_error("P40", patching_run(f, f->tolerant, "User", FULL, "", &run));
    assert_int_equal(run.result.changed, 0);
}

static void groups(void **state)
{
    static const char group[] = "{'displayName':'G','members':[{'value':'u1'},{'value':'u2'}]}";
    fixture_t *f = *state;
    patching_t run;

    unit_no_error("P32", patching_run(f, f->tolerant, "Group", group,
                                      OP("Add", "members", "[{'$ref':null,'value':'u1'},{'$ref':null,'value':'u9'}]"), &run));
    assert_true(patching_has(run.result.members->add, "u9") && !run.patch->members);
    unit_no_error("P33", patching_run(f, f->tolerant, "Group", group, OP("Remove", "members", "[{'$ref':null,'value':'u1'}]"), &run));
    assert_true(patching_has(run.result.members->remove, "u1") && !run.result.members->clear);
    unit_no_error("P33 one object", patching_run(f, f->tolerant, "Group", group, OP("Remove", "members", "{'value':'u1'}"), &run));
    assert_true(patching_has(run.result.members->remove, "u1") && !run.result.members->clear);
    unit_no_error("rule 20", patching_run(f, f->tolerant, "Group", group, OP("Remove", "members", "{'members':[{'value':'u1'}]}"), &run));
    assert_true(patching_has(run.result.members->remove, "u1") && !run.result.members->clear);
    unit_no_error("rule 20", patching_run(f, f->tolerant, "Group", group, OP("Add", "members", "{'members':[{'value':'u7'}]}"), &run));
    assert_true(patching_has(run.result.members->add, "u7"));
    unit_no_error("P36", patching_run(f, f->tolerant, "Group", group, OP("replace", "members", "null"), &run));
    assert_true(run.result.members->clear);
    unit_no_error("P36", patching_run(f, f->tolerant, "Group", group, OP("replace", "members", "[]"), &run));
    assert_true(run.result.members->clear);
    unit_no_error("P38", patching_run(f, f->tolerant, "Group", group,
                                      "{'name':'addMember','op':'add','path':'members','value':[{'displayName':'x','value':'u7'}]}", &run));
    assert_true(patching_has(run.result.members->add, "u7"));
    unit_no_error("P44", patching_run(f, f->tolerant, "Group", group, "{'op':'replace','value':{'externalId':'9d2e'}}", &run));
    unit_text("P44", scim_json_str(run.doc, "externalId"), "9d2e");
    unit_no_error("rename", patching_run(f, f->tolerant, "Group", group,
                                         "{'op':'replace','value':{'id':'" PATCHING_ID "','displayName':'Nordic'}}", &run));
    unit_text("rename", scim_json_str(run.doc, "displayName"), "Nordic");
    assert_false(run.result.members && run.result.members->touched);
    unit_no_error("members without a path", patching_run(f, f->tolerant, "Group", group,
                                                         "{'op':'add','value':{'members':[{'value':'u7'}]}}",
                                                         &run));
    assert_true(patching_has(run.result.members->add, "u7") && !run.result.members->clear);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(setting), UNIT(clearing), UNIT(other_shapes), UNIT(on_a_bare_user),
                                        UNIT(compact), UNIT(groups) };

    return UNIT_RUN(tests);
}
