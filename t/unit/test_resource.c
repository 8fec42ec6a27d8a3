#include "unit.h"

#include "../../mod_scim/core/resource/resource.h"

static scim_error_t *read_body(fixture_t *f, const scim_profile_t *profile, const char *type, const char *json, scim_input_t **out)
{
    return scim_resource_read(fixture_context(f, profile, type), fixture_json(f->p, json), 1, out);
}

static void accepted(void **state)
{
    static const struct {
        const char *title, *type, *body, *doc;
    } cases[] = {
        { "minimal, P-06", "User", "{'schemas':['{USER}'],'userName':'m'}", "{'userName':'m','active':true}" },
        { "C-22", "User", "{'SCHEMAS':['{USER}'],'USERNAME':'m','ACTIVE':false}", "{'userName':'m','active':false}" },
        { "P-02, C-09", "User",
          "{'schemas':['{USER}'],'userName':'m','active':true,'id':'x','meta':{'created':'x'},'groups':[{'value':'g'}]}",
          "{'userName':'m','active':true}" },
        { "P-12", "User", "{'schemas':['{USER}'],'userName':'m','active':true,'shoeSize':42}", "{'userName':'m','active':true}" },
        { "C-24, V-05, V-08", "User",
          "{'schemas':['{USER}'],'userName':'m','active':true,'title':null,'emails':[],'roles':[{'value':null},{}],'name':{}}",
          "{'userName':'m','active':true}" },
        { "C-20, C-42", "User",
          "{'schemas':['{USER}','{ENT}'],'userName':'m','active':true,'{ENT}':{'employeeNumber':'7','manager':{'value':'x',"
          "'displayName':'Evil'}}}",
          "{'userName':'m','active':true,'{ENT}':{'employeeNumber':'7','manager':{'value':'x'}}}" },
        { "C-21", "User", "{'schemas':['{USER}'],'userName':'m','active':true,'{ENT}':{}}", "{'userName':'m','active':true}" },
        { "V-07", "User", "{'schemas':['{USER}'],'userName':'m','active':true,'emails':[{'value':'b'},{'value':'a'}]}",
          "{'userName':'m','active':true,'emails':[{'value':'b'},{'value':'a'}]}" },
        { "I-11", "User", "{'schemas':['{USER}'],'userName':'m','active':true,'title':' \\n<b>\\u00e9 '}",
          "{'userName':'m','active':true,'title':' \\n<b>\\u00e9 '}" },
        { "P-08", "Device", "{'schemas':['" DEVICE_URN "'],'serial':'S','weight':3.10,'tags':['a','b']}",
          "{'serial':'S','weight':3.1,'tags':['a','b']}" },
    };
    fixture_t *f = *state;
    scim_input_t *input;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_no_error(cases[i].title, read_body(f, f->strict, cases[i].type, cases[i].body, &input));
        unit_json(f->p, cases[i].title, input->doc, cases[i].doc);
    }
}

static void refused(void **state)
{
    static const struct {
        const char *title, *type, *body;
    } cases[] = {
        { "C-17", "User", "{'userName':'x'}" },
        { "C-17", "User", "{'schemas':[],'userName':'x'}" },
        { "C-18", "User", "{'schemas':['{GROUP}'],'userName':'x'}" },
        { "C-18", "User", "{'schemas':['{USER}','urn:x'],'userName':'x'}" },
        { "C-34", "User", "{'schemas':['{USER}']}" },
        { "C-34", "User", "{'schemas':['{USER}'],'userName':''}" },
        { "C-34", "User", "{'schemas':['{USER}'],'userName':'   '}" },
        { "I-03", "User", "{'schemas':['{USER}'],'userName':'a\\u200bb'}" },
        { "GM-01", "Group", "{'schemas':['{GROUP}']}" },
        { "P-05", "User", "{'schemas':['{USER}'],'userName':5}" },
        { "P-05", "User", "{'schemas':['{USER}'],'userName':'m','name':'x'}" },
        { "P-05", "User", "{'schemas':['{USER}'],'userName':'m','emails':{}}" },
        { "P-05", "User", "{'schemas':['{USER}'],'userName':'m','emails':'a@b'}" },
        { "P-05", "User", "{'schemas':['{USER}'],'userName':'m','displayName':['a']}" },
        { "C-25", "User", "{'schemas':['{USER}'],'userName':'m','active':'yes'}" },
        { "C-25", "User", "{'schemas':['{USER}'],'userName':'m','active':'True'}" },
        { "V-06", "User", "{'schemas':['{USER}'],'userName':'m','emails':['a@b']}" },
        { "V-06", "User", "{'schemas':['{USER}'],'userName':'m','emails':[null]}" },
        { "P-13", "User", "{'schemas':['{USER}'],'userName':'m','emails':[{'value':'a','primary':true},{'value':'b','primary':true}]}" },
        { "C-36", "User", "{'schemas':['{USER}'],'userName':'m','addresses':[{'country':'USA'}]}" },
        { "C-37", "User", "{'schemas':['{USER}'],'userName':'m','locale':'en US'}" },
        { "C-40 a length of four bytes", "User", "{'schemas':['{USER}'],'userName':'m','x509Certificates':[{'value':'MIT/////'}]}" },
        { "C-40 a length that is cut short", "User", "{'schemas':['{USER}'],'userName':'m','x509Certificates':[{'value':'MIL/'}]}" },
        { "C-40 no length", "User", "{'schemas':['{USER}'],'userName':'m','x509Certificates':[{'value':'MA=='}]}" },
        { "C-40 an open length", "User", "{'schemas':['{USER}'],'userName':'m','x509Certificates':[{'value':'MIAwADAAAwEA'}]}" },
        { "C-40 more inside", "User", "{'schemas':['{USER}'],'userName':'m','x509Certificates':[{'value':'MAkwADAAAwEABQA='}]}" },
        { "C-26", "Device", "{'schemas':['" DEVICE_URN "'],'serial':'S','height':1.5}" },
        { "C-26", "Device", "{'schemas':['" DEVICE_URN "'],'serial':'S','height':1e2}" },
        { "C-28", "Device", "{'schemas':['" DEVICE_URN "'],'serial':'S','bought':'2024-01-01'}" },
        { "C-29", "Device", "{'schemas':['" DEVICE_URN "'],'serial':'S','key':'%%%'}" },
        { "GM-15", "Group", "{'schemas':['{GROUP}'],'displayName':'G','members':[{'type':'User'}]}" },
        { "GM-05", "Group", "{'schemas':['{GROUP}'],'displayName':'G','members':[{'value':'u1','$ref':'../Users/u2'}]}" },
    };
    fixture_t *f = *state;
    scim_input_t *input;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_error(apr_pstrcat(f->p, cases[i].title, " ", cases[i].body, NULL), read_body(f, f->strict, cases[i].type, cases[i].body,
                                                                                          &input),
                   "invalidValue");
    }
}

static void tolerated(void **state)
{
    fixture_t *f = *state;
    scim_input_t *input;

    unit_no_error("what Entra posts", read_body(f, f->tolerant, "User",
                                                "{'schemas':['{USER}','urn:unknown'],'UserName':'m','Active':'True','title':null,"
                                                "'roles':[],"
                                                "'emails':[{'Primary':true,'type':'work','value':'m@x'}],'phoneNumbers':[{'primary':null,"
                                                "'type':'mobile','value':'1'}],'addresses':[{'country':'USA','formatted':null}],"
                                                "'meta':{'resourceType':'User'},'{ENT}':{'manager':'m1','Department':'D'}}",
                                                &input));
    unit_json(f->p, "what Entra posts", input->doc,
              "{'userName':'m','active':true,'emails':[{'primary':true,'type':'work','value':'m@x'}],"
              "'phoneNumbers':[{'type':'mobile','value':'1'}],'addresses':[{'country':'USA'}],"
              "'{ENT}':{'manager':{'value':'m1'},'department':'D'}}");
    unit_no_error("what OneLogin posts",
                  read_body(f, f->tolerant, "User",
                            "{'schemas':['urn:scim:schemas:core:1.0'],'id':null,'userName':'m','active':'true',"
                            "'{ENT}':{'manager':{'managerId':'m-3','displayName':'Ola'}},'prefferedLanguage':'nb'}",
                            &input));
    unit_json(f->p, "what OneLogin posts", input->doc, "{'userName':'m','active':true,'{ENT}':{'manager':{'value':'m-3'}}}");
    unit_no_error("two primaries", read_body(f, f->tolerant, "User",
                                             "{'userName':'m','emails':[{'value':'a','primary':true},{'value':'b','primary':true}]}",
                                             &input));
}

static void members_and_passwords(void **state)
{
    fixture_t *f = *state;
    scim_input_t *input;

    unit_no_error("members", read_body(f, f->strict, "Group",
                                       "{'schemas':['{GROUP}'],'displayName':'G','members':[{'value':'u1'},{'value':'u1'},{'value':'g1',"
                                       "'type':'Group'}]}",
                                       &input));
    unit_json(f->p, "members are taken out", input->doc, "{'displayName':'G'}");
    assert_true(input->members->touched);
    assert_int_equal(apr_hash_count(input->members->add), 2);
    unit_no_error("no members", read_body(f, f->strict, "Group", "{'schemas':['{GROUP}'],'displayName':'G'}", &input));
    assert_false(input->members->touched);
    unit_no_error("password", read_body(f, f->strict, "User", "{'schemas':['{USER}'],'userName':'m','password':'Q7-x'}", &input));
    unit_text("password", input->password, "Q7-x");
    unit_json(f->p, "SE-13", input->doc, "{'userName':'m','active':true}");
}

static void replaced(void **state)
{
    fixture_t *f = *state;
    scim_context_t *device = fixture_context(f, f->strict, "Device"), *user = fixture_context(f, f->strict, "User");
    scim_input_t *input;

    unit_no_error("U-07", read_body(f, f->strict, "Device", "{'schemas':['" DEVICE_URN "'],'serial':'T'}", &input));
    unit_error("U-07", scim_resource_replace(device, fixture_json(f->p, "{'serial':'S'}"), input), "mutability");
    unit_no_error("U-07", scim_resource_replace(device, fixture_json(f->p, "{'serial':'T','height':5}"), input));
    unit_json(f->p, "U-04", input->doc, "{'serial':'T'}");
    unit_no_error("U-17", read_body(f, f->strict, "User", "{'schemas':['{USER}'],'userName':'m','title':'X'}", &input));
    scim_json_remove(input->doc, "active");
    unit_no_error("U-17", scim_resource_replace(user, fixture_json(f->p, "{'userName':'m','active':false,'nickName':'N'}"), input));
    unit_json(f->p, "U-17", input->doc, "{'userName':'m','title':'X','active':false}");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(accepted), UNIT(refused), UNIT(tolerated), UNIT(members_and_passwords), UNIT(replaced) };

    return UNIT_RUN(tests);
}
