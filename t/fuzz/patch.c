/* A PatchOp body applied to a full user, a bare user, a group with its members and a device, under both profiles. Input that does
 * not begin like a JSON object is a list of operations in short form: three bytes each pick the operation, the path and the
 * value from tables, so that mutation stays among well-formed bodies. */
#include "fuzz.h"

#include <apr_strings.h>
#include <string.h>

#include "../../mod_scim/core/base/json_scan.h"
#include "../../mod_scim/core/base/utf8.h"
#include "../../mod_scim/core/patch/patch.h"
#include "../../mod_scim/core/resource/resource.h"
#include "../../mod_scim/core/resource/validate.h"

#define DEPTH 16
#define ID "0190abcd-ef12-7fff-bfff-000000000001"

typedef struct target_t {
    const char *type, *doc;
} target_t;

static const target_t targets[] = {
    { "User",
      "{'userName':'bjensen','externalId':'AbC','displayName':'Babs','name':{'givenName':'Barbara','familyName':'Jensen'},'title':'Guide',"
      "'active':true,'emails':[{'value':'w@example.com','type':'work','primary':true},{'value':'h@example.com','type':'home'}],"
      "'phoneNumbers':[{'value':'1','type':'work'},{'value':'2','type':'work'},{'value':'3','type':'mobile','primary':true}],"
      "'addresses':[{'type':'work','locality':'Oslo','country':'NO'}],'roles':[{'value':'a','primary':true},{'value':'b'}],"
      "'x509Certificates':[{'value':'MAcwADAAAwEA'}],'{ENT}':{'employeeNumber':'7','manager':{'value':'m1'}}}" },
    { "User", "{'userName':'mpepperidge'}" },
    { "Group", "{'displayName':'G','externalId':'x','members':[{'value':'u1','type':'User'},{'value':'u2','type':'User'},"
               "{'value':'g1','type':'Group'}]}" },
    { "Device", "{'serial':'S','height':5,'weight':1.5,'tags':['a','b'],'owner':{'value':'u1','rank':2}}" },
};

static int primaries(scim_json_t *list)
{
    size_t i, count = 0;

    for (i = 0; i < scim_json_count(list); i++) {
        count += scim_json_true(scim_json_get(scim_json_at(list, i), "primary", NULL)) != 0;
    }
    return (int)count;
}

/* V-01, V-05, C-21: at most one primary in a list, nothing empty anywhere. */
static void check_values(scim_json_t *object)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(object); scim_json_next(&it);) {
        FUZZ_CHECK(!scim_json_empty(it.value));
        if (scim_json_is(it.value, SCIM_JSON_ARRAY)) {
            FUZZ_CHECK(primaries(it.value) <= 1);
        }
        else if (scim_json_is(it.value, SCIM_JSON_OBJECT)) {
            check_values(it.value);
        }
    }
}

/* The result is a valid document: it could have been sent in a PUT. */
static void check_document(fixture_t *f, scim_context_t *c, scim_json_t *doc)
{
    const scim_resource_type_t *type = c->type;
    scim_json_t *body = scim_json_copy(f->p, doc), *schemas = scim_json_new_array(f->p);
    apr_array_header_t *faults = apr_array_make(f->p, 4, sizeof(const char *));
    scim_input_t *input;
    apr_size_t len;
    const char *text = scim_json_text(f->p, doc, &len);
    int i;

    FUZZ_CHECK(!scim_json_scan(f->p, text, len, DEPTH, 0));
    scim_validate_stored(c, doc, faults);
    FUZZ_CHECK(faults->nelts == 0);
    FUZZ_CHECK(!scim_json_get(doc, "members", NULL) && !scim_json_get(doc, "password", NULL) && !scim_json_get(doc, "id", NULL));
    check_values(doc);
    scim_json_append_string(schemas, type->schema->id);
    for (i = 0; i < type->nextensions; i++) {
        scim_json_append_string(schemas, type->extensions[i].schema->id);
    }
    scim_json_set(body, "schemas", schemas);
    FUZZ_CHECK(!scim_resource_read(c, body, 0, &input));
    scim_json_remove(body, "schemas");
    FUZZ_CHECK(scim_json_equal(input->doc, body));
}

static void check_members(fixture_t *f, const scim_members_t *members)
{
    apr_hash_index_t *at;

    for (at = members ? apr_hash_first(f->p, members->add) : NULL; at; at = apr_hash_next(at)) {
        FUZZ_CHECK(!apr_hash_get(members->remove, apr_hash_this_key(at), APR_HASH_KEY_STRING));
        FUZZ_CHECK(members->touched);
    }
    FUZZ_CHECK(!members || !members->clear || apr_hash_count(members->remove) == 0);
}

static void check_error(fixture_t *f, const scim_error_t *err)
{
    const char *body = scim_error_json(f->p, err);

    FUZZ_CHECK(err->status == 400 || err->status == 413);
    FUZZ_CHECK(!scim_json_scan(f->p, body, strlen(body), 4, 0));
}

/* Who the members are that an earlier operation adds and a later one looks at. */
static scim_error_t *look_up(fixture_t *f, scim_context_t *c, scim_patch_t *patch)
{
    static const char known[] = "{'m':[{'value':'u1','$ref':'https://example.com/Users/u1','type':'User','display':'One'},"
                                "{'value':'u8','$ref':'https://example.com/Users/u8','type':'User'},"
                                "{'value':'g1','$ref':'https://example.com/Groups/g1','type':'Group','display':'G'}]}";
    apr_array_header_t *ids;

    if (patch->lookup) {
        SCIM_TRY(scim_patch_added(c, patch, &ids));
        scim_patch_know(f->p, patch, scim_json_member(fixture_json(f->p, known), "m"));
    }
    return NULL;
}

static void apply(fixture_t *f, const scim_profile_t *profile, const target_t *target, scim_json_t *body)
{
    scim_context_t *c = fixture_context(f, profile, target->type);
    scim_json_t *doc = fixture_json(f->p, target->doc), *before, *sent = scim_json_copy(f->p, body);
    scim_patch_t *patch = NULL;
    scim_patched_t result;
    scim_error_t *err = scim_patch_parse(c, body, &patch);

    FUZZ_CHECK(scim_json_equal(sent, body));
    memset(&result, 0, sizeof result);
    if (!err) {
        if (!patch->members) {
            scim_json_remove(doc, "members");
        }
        before = scim_json_copy(f->p, doc);
        err = look_up(f, c, patch);
        err = err ? err : scim_patch_apply(c, patch, ID, doc, &result);
    }
    if (err) {
        check_error(f, err);
        return;
    }
    scim_json_remove(before, "members");
    FUZZ_CHECK(result.changed != scim_json_equal(before, doc));
    check_document(f, c, doc);
    check_members(f, result.members);
}

/* ---- short form ---- */

#define MOST_OPERATIONS 24

static const char *const kinds[] = { "add", "replace", "remove", "Add" };

/* NULL: no path, the value is put under a name of its own. */
static const char *const paths[] = {
    NULL,
    "userName",
    "title",
    "active",
    "externalId",
    "password",
    "id",
    "schemas",
    "meta",
    "groups",
    "shoeSize",
    "name",
    "name.givenName",
    "NAME.FAMILYNAME",
    "name[givenName eq 'Barbara'].familyName",
    "active[value eq true]",
    "emails",
    "emails.type",
    "emails.primary",
    "emails[type eq 'work']",
    "emails[type eq 'work'].value",
    "emails[type eq 'work'].primary",
    "emails[type eq 'home'].primary",
    "emails[type eq 'other'].value",
    "emails[primary eq 'True'].type",
    "emails[type eq '']",
    "emails[type eq ''].value",
    "emails[value pr]",
    "emails[not (type eq 'work')].display",
    "emails[type eq 'work' or primary eq false]",
    "phoneNumbers",
    "phoneNumbers[type eq 'work'].value",
    "phoneNumbers[type eq 'work'].primary",
    "phoneNumbers[type eq 'fax' and primary eq true].value",
    "addresses[type eq 'work'].country",
    "addresses[type eq 'home'].locality",
    "addresses[country eq 'USA']",
    "addresses[country eq 'USA'].locality",
    "phoneNumbers[type eq 'work' and type eq 'home'].value",
    "roles",
    "roles[primary eq 'True'].value",
    "roles[primary eq true]",
    "x509Certificates",
    "x509Certificates[value eq 'MAcwADAAAwEA']",
    "x509Certificates[value eq 'AAAA'].type",
    "{ENT}:manager[displayName eq 'Evil'].value",
    "{ENT}",
    "{ENT}:employeeNumber",
    "{ENT}.department",
    "{ENT}:manager",
    "{ENT}:manager.value",
    "manager",
    "{USER}",
    "{USER}:title",
    "displayName",
    "members",
    "members[value eq 'u1']",
    "members[value eq 'u1' or value eq 'g1']",
    "members[type eq 'User']",
    "members[type eq 'User'].type",
    "members[value eq 'u9'].display",
    "members.value",
    "members.$ref",
    "serial",
    "height",
    "tags",
    "tags[value eq 'a']",
    "tags[value ne 'a' and not (value sw 'b')]",
    "owner",
    "owner.rank",
    "owner.since",
    "key",
    "bought",
    "emails[value eq 'a'].value",
    "profileUrl",
    "photos[type eq 'photo'].value",
};

static const char *const values[] = {
    "null",
    "true",
    "false",
    "'True'",
    "''",
    "'x'",
    "'a'",
    "'u1'",
    "'MAcwADAAAwEA'",
    "'%%%'",
    "'2024-01-01T02:00:00+02:00'",
    "0",
    "-1.50",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[{}]",
    "['a','b','a']",
    "{'value':'n@example.com'}",
    "{'value':''}",
    "{'value':null,'type':'work'}",
    "{'value':'n@example.com','primary':true}",
    "{'VALUE':'w@example.com','Type':'WORK'}",
    "[{'value':'a','primary':true},{'value':'b','primary':true}]",
    "[{'value':'a','primary':'True'},{'value':'a','type':'home'}]",
    "{'type':'work','primary':true}",
    "{'display':'D'}",
    "{'primary':true}",
    "{'givenName':'M','familyName':''}",
    "{'value':'u1','type':'Group'}",
    "[{'$ref':null,'value':'u1'},{'$ref':'https://example.com/Users/u8'}]",
    "{'members':[{'value':'u7'}]}",
    "{'managerId':'m3','displayName':'Ola'}",
    "{'employeeNumber':'8','manager':'m2','nope':1}",
    "{'name.givenName':'M','emails[type eq \\'work\\'].value':'k@example.com','{ENT}:department':'D'}",
    "{'{ENT}':{'manager':{'value':''}},'id':'" ID "','title':null}",
    "{'{USER}':{'title':'T','emails':[]}}",
    "['{ENT}']",
    "{'since':'2024-01-01T00:00:00Z','rank':7}",
};

#define PICK(table, byte) (table)[(byte) % (sizeof(table) / sizeof *(table))]

/* One operation of three bytes. Without a path the value goes in as it is, or under the name that the kind's byte picks. */
static const char *operation(apr_pool_t *p, const uint8_t *at)
{
    const char *kind = PICK(kinds, at[0]), *path = PICK(paths, at[1]), *value = PICK(values, at[2]);
    const char *name = PICK(paths, at[0] / 4), *where = "";

    if (path) {
        where = apr_pstrcat(p, ",'path':", scim_json_quote(p, fixture_text(p, path)), NULL);
    }
    else if (name) {
        value = apr_pstrcat(p, "{", scim_json_quote(p, fixture_text(p, name)), ":", value, "}", NULL);
    }
    if (at[2] == 0xff) {
        return apr_pstrcat(p, "{'op':'", kind, "'", where, "}", NULL);
    }
    return apr_pstrcat(p, "{'op':'", kind, "','value':", value, where, "}", NULL);
}

static scim_json_t *short_form(fixture_t *f, const uint8_t *data, size_t size)
{
    apr_array_header_t *operations = apr_array_make(f->p, MOST_OPERATIONS, sizeof(const char *));
    scim_json_t *body = NULL;
    const char *text;

    for (; size >= 3 && operations->nelts < MOST_OPERATIONS; data += 3, size -= 3) {
        APR_ARRAY_PUSH(operations, const char *) = operation(f->p, data);
    }
    text = apr_pstrcat(f->p, "{'schemas':['{PATCHOP}'],'Operations':[", apr_array_pstrcat(f->p, operations, ','), "]}", NULL);
    text = fixture_text(f->p, text);
    FUZZ_CHECK(!scim_json_parse(f->p, text, strlen(text), DEPTH, &body));
    return body;
}

static int is_short_form(const uint8_t *data, size_t size)
{
    return size && !strchr("{ \t\r\n\xEF", data[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fixture_t *f = fuzz_begin();
    scim_json_t *body = NULL;
    size_t i;

    if (is_short_form(data, size)) {
        body = short_form(f, data, size);
    }
    else if (scim_json_parse(f->p, (const char *)data, size, DEPTH, &body)) {
        body = NULL;
    }
    for (i = 0; body && i < sizeof targets / sizeof *targets; i++) {
        apply(f, f->tolerant, &targets[i], body);
        apply(f, f->strict, &targets[i], body);
    }
    fuzz_end(f);
    return 0;
}
