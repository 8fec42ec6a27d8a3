#include "unit.h"

#include "../../mod_scim/core/query/project.h"

#define USER                                                                                                                        \
    "{'id':'u1','schemas':['{USER}','{ENT}'],'externalId':'x','userName':'mira','name':{'familyName':'Dahl','givenName':'Mira'},"    \
    "'title':'Guide','emails':[{'value':'m@example.com','type':'work','primary':true},{'value':'h@example.com'}],"                   \
    "'groups':[{'value':'g1','display':'G'}],'{ENT}':{'employeeNumber':'7','manager':{'value':'u2','displayName':'Ola'}},"           \
    "'meta':{'resourceType':'User','version':'1'}}"

#define HEAD "'id':'u1','schemas':['{USER}','{ENT}']"

typedef struct case_t {
    const char *title, *attributes, *excluded, *expected;
} case_t;

static void check(fixture_t *f, const char *type_name, const char *resource, const case_t *c)
{
    const scim_resource_type_t *type = fixture_type(f->tolerant, type_name);
    const scim_projection_t *projection;
    scim_json_t *o = fixture_json(f->p, resource);

    unit_no_error(c->title, scim_projection_parse(f->p, type, c->attributes ? fixture_text(f->p, c->attributes) : NULL,
                                                  c->excluded ? fixture_text(f->p, c->excluded) : NULL, &projection));
    scim_project(type, projection, o);
    unit_json(f->p, c->title, o, c->expected);
}

static void included(void **state)
{
    static const case_t cases[] = {
        { "G-04", "userName", NULL, "{" HEAD ",'userName':'mira'}" },
        { "G-12", "USERNAME", NULL, "{" HEAD ",'userName':'mira'}" },
        { "G-08 part", "name.givenName", NULL, "{" HEAD ",'name':{'givenName':'Mira'}}" },
        { "G-08 parent", "name", NULL, "{" HEAD ",'name':{'familyName':'Dahl','givenName':'Mira'}}" },
        { "G-08 both", "name.givenName,name", NULL, "{" HEAD ",'name':{'familyName':'Dahl','givenName':'Mira'}}" },
        { "G-09", "emails.value", NULL, "{" HEAD ",'emails':[{'value':'m@example.com'},{'value':'h@example.com'}]}" },
        { "elements without the part vanish", "emails.type", NULL, "{" HEAD ",'emails':[{'type':'work'}]}" },
        { "G-10 extension", "{ENT}:employeeNumber", NULL, "{" HEAD ",'{ENT}':{'employeeNumber':'7'}}" },
        { "G-10 core", "{USER}:userName", NULL, "{" HEAD ",'userName':'mira'}" },
        { "G-10 part of an extension", "{ENT}:manager.value", NULL, "{" HEAD ",'{ENT}':{'manager':{'value':'u2'}}}" },
        { "G-11", "{ENT}", NULL, "{" HEAD ",'{ENT}':{'employeeNumber':'7','manager':{'value':'u2','displayName':'Ola'}}}" },
        { "G-14 unknown", "nope", NULL, "{" HEAD "}" },
        { "G-14 space", " userName , title ", NULL, "{" HEAD ",'userName':'mira','title':'Guide'}" },
        { "G-14 stray commas", ",userName,,", NULL, "{" HEAD ",'userName':'mira'}" },
        { "an unassigned container", "{ENT}:department", NULL, "{" HEAD "}" },
        { "a filter is not a reason to fail", "emails[type eq 'work'],title", NULL,
          "{" HEAD ",'title':'Guide','emails':[{'value':'m@example.com','type':'work','primary':true},{'value':'h@example.com'}]}" },
        { "a filter with a part", "emails[type eq 'a,]b' and value pr].value", NULL,
          "{" HEAD ",'emails':[{'value':'m@example.com'},{'value':'h@example.com'}]}" },
        { "a comma in brackets", "emails[type in (a,b)].value", NULL, "{" HEAD ",'emails':[{'value':'m@example.com'},{'value':'h@example.com'}]}" },
        { "no element has the part", "emails.display,title", NULL, "{" HEAD ",'title':'Guide'}" },
        { "an open bracket", "title,emails[type eq 'work", NULL,
          "{" HEAD ",'title':'Guide','emails':[{'value':'m@example.com','type':'work','primary':true},{'value':'h@example.com'}]}" },
        { "meta by name", "meta.version", NULL, "{" HEAD ",'meta':{'version':'1'}}" },
        { "bare extension name (tolerant)", "employeeNumber", NULL, "{" HEAD ",'{ENT}':{'employeeNumber':'7'}}" },
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(*state, "User", USER, &cases[i]);
    }
}

static void excluded(void **state)
{
    static const case_t cases[] = {
        { "G-05", NULL, "id,emails,schemas,meta,groups,{ENT},name,externalId", "{" HEAD ",'userName':'mira','title':'Guide'}" },
        { "G-09", NULL, "emails.type,emails.primary,meta,groups,{ENT},name,externalId,title",
          "{" HEAD ",'userName':'mira','emails':[{'value':'m@example.com'},{'value':'h@example.com'}]}" },
        { "a container whose parts are all gone", NULL,
          "{ENT}:employeeNumber,{ENT}:manager.value,{ENT}:manager.displayName,meta,groups,emails,name,externalId,title",
          "{" HEAD ",'userName':'mira'}" },
        { "the base schema", NULL, "{USER}", "{" HEAD ",'externalId':'x','{ENT}':{'employeeNumber':'7','manager':{'value':'u2',"
          "'displayName':'Ola'}},'meta':{'resourceType':'User','version':'1'}}" },
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(*state, "User", USER, &cases[i]);
    }
}

static void returned(void **state)
{
    static const char device[] = "{'id':'d1','schemas':['x'],'serial':'S','notes':'N','pin':'1','maker':'M',"
                                 "'owner':{'value':'u1','remark':'R','rank':3}}";
    static const case_t cases[] = {
        { "G-03", NULL, NULL, "{'id':'d1','schemas':['x'],'serial':'S','maker':'M','owner':{'value':'u1','rank':3}}" },
        { "G-06, G-07", "notes,pin", NULL, "{'id':'d1','schemas':['x'],'notes':'N','maker':'M','owner':{'rank':3}}" },
        { "request parts", "owner.remark", NULL, "{'id':'d1','schemas':['x'],'maker':'M','owner':{'remark':'R','rank':3}}" },
        { "the parent does not name them", "owner", NULL, "{'id':'d1','schemas':['x'],'maker':'M','owner':{'value':'u1','rank':3}}" },
        { "G-05 always", NULL, "owner", "{'id':'d1','schemas':['x'],'serial':'S','maker':'M','owner':{'rank':3}}" },
        { "G-05 always", NULL, "maker,owner.rank,serial", "{'id':'d1','schemas':['x'],'maker':'M','owner':{'value':'u1','rank':3}}" },
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(*state, "Device", device, &cases[i]);
    }
}

static void other_schemas(void **state)
{
    static const char device[] = "{'id':'d1','schemas':['x'],'code':'C','site':{'city':'Oslo'},'history':{'note':'N'},'old':'O'}";
    static const case_t cases[] = {
        { "writeOnly is never returned", NULL, NULL, "{'id':'d1','schemas':['x'],'site':{'city':'Oslo'},'old':'O'}" },
        { "writeOnly is never returned", "code", NULL, "{'id':'d1','schemas':['x'],'site':{'city':'Oslo'}}" },
        { "a part of what comes on request", "history.note", NULL,
          "{'id':'d1','schemas':['x'],'site':{'city':'Oslo'},'history':{'note':'N'}}" },
        { "what the schema no longer knows", "serial", NULL, "{'id':'d1','schemas':['x'],'site':{'city':'Oslo'}}" },
        { "what comes always, with its parts", NULL, DEVICE_URN, "{'id':'d1','schemas':['x'],'site':{'city':'Oslo'},'old':'O'}" },
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        check(*state, "Device", device, &cases[i]);
    }
}

static void absent(void **state)
{
    static const struct {
        const char *attributes, *excluded;
    } cases[] = { { NULL, NULL }, { "", NULL }, { " , ", "" }, { NULL, "nope" }, { "", " " } };
    fixture_t *f = *state;
    const scim_projection_t *projection;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_no_error("G-14", scim_projection_parse(f->p, fixture_type(f->strict, "User"), cases[i].attributes, cases[i].excluded,
                                                    &projection));
        assert_null(projection);
    }
    unit_error("G-13", scim_projection_parse(f->p, fixture_type(f->strict, "User"), "a", "b", &projection), "invalidValue");
}

static void wanted(void **state)
{
    static const struct {
        const char *attributes, *excluded;
        int wants;
    } cases[] = {
        { NULL, NULL, 1 },      { "members", NULL, 1 }, { "members.value", NULL, 1 },       { "{GROUP}:members", NULL, 1 },
        { "{GROUP}", NULL, 1 }, { "id", NULL, 0 },      { "displayName,meta", NULL, 0 },    { NULL, "members", 0 },
        { NULL, "{GROUP}", 0 }, { NULL, "meta", 1 },    { NULL, "members.display", 1 },     { "members[value eq 'x']", NULL, 1 },
    };
    fixture_t *f = *state;
    const scim_resource_type_t *group = fixture_type(f->tolerant, "Group"), *user = fixture_type(f->tolerant, "User");
    const scim_projection_t *projection;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        const char *attributes = cases[i].attributes ? fixture_text(f->p, cases[i].attributes) : NULL;
        const char *without = cases[i].excluded ? fixture_text(f->p, cases[i].excluded) : NULL;
        unit_no_error("GM-14", scim_projection_parse(f->p, group, attributes, without, &projection));
        if (scim_projection_wants(projection, group->members) != cases[i].wants) {
            fail_msg("GM-14 attributes=%s excludedAttributes=%s", attributes ? attributes : "", without ? without : "");
        }
    }
    unit_no_error("groups", scim_projection_parse(f->p, user, "userName", NULL, &projection));
    assert_int_equal(scim_projection_wants(projection, user->groups), 0);
    unit_no_error("groups", scim_projection_parse(f->p, user, "groups.display", NULL, &projection));
    assert_int_equal(scim_projection_wants(projection, user->groups), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(included), UNIT(excluded), UNIT(returned), UNIT(other_schemas), UNIT(absent), UNIT(wanted) };

    return UNIT_RUN(tests);
}
