/* A PatchOp body applied to a full user, a bare user and a group with its members, under both profiles. */
#include "fuzz.h"

#include <string.h>

#include "../../mod_scim/core/patch.h"

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
      "'x509Certificates':[{'value':'AQID'}],'{ENT}':{'employeeNumber':'7','manager':{'value':'m1'}}}" },
    { "User", "{'userName':'mpepperidge'}" },
    { "Group", "{'displayName':'G','externalId':'x','members':[{'value':'u1','type':'User'},{'value':'u2','type':'User'},"
               "{'value':'g1','type':'Group'}]}" },
    { "Device", "{'serial':'S','height':5,'weight':1.5,'tags':['a','b'],'owner':{'value':'u1','rank':2}}" },
};

static int primaries(struct json_object *list)
{
    size_t i, count = 0;

    for (i = 0; i < json_object_array_length(list); i++) {
        count += json_object_get_boolean(scim_json_get(json_object_array_get_idx(list, i), "primary", NULL)) != 0;
    }
    return (int)count;
}

/* V-01, V-05, C-21: at most one primary in a list, nothing empty anywhere. */
static void check_values(struct json_object *object)
{
    json_object_object_foreach(object, key, value)
    {
        (void)key;
        FUZZ_CHECK(!scim_json_empty(value));
        if (json_object_is_type(value, json_type_array)) {
            FUZZ_CHECK(primaries(value) <= 1);
        }
        else if (json_object_is_type(value, json_type_object)) {
            check_values(value);
        }
    }
}

/* The result is a valid document: it could have been sent in a PUT. */
static void check_document(fixture_t *f, const scim_profile_t *profile, const scim_resource_type_t *type, struct json_object *doc)
{
    struct json_object *body = scim_json_copy(f->p, doc), *schemas = json_object_new_array();
    apr_uint64_t fired = 0;
    scim_input_t *input;
    apr_size_t len;
    const char *text = scim_json_text(f->p, doc, &len);
    int i;

    FUZZ_CHECK(!scim_json_scan(f->p, text, len, DEPTH));
    FUZZ_CHECK(!scim_resource_check(f->p, profile, type, doc));
    FUZZ_CHECK(!scim_json_get(doc, "members", NULL) && !scim_json_get(doc, "password", NULL) && !scim_json_get(doc, "id", NULL));
    check_values(doc);
    json_object_array_add(schemas, json_object_new_string(type->schema->id));
    for (i = 0; i < type->nextensions; i++) {
        json_object_array_add(schemas, json_object_new_string(type->extensions[i].schema->id));
    }
    json_object_object_add(body, "schemas", schemas);
    FUZZ_CHECK(!scim_resource_read(f->p, profile, type, body, 0, &fired, &input));
    FUZZ_CHECK(scim_json_equal(input->doc, doc));
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
    FUZZ_CHECK(!scim_json_scan(f->p, body, strlen(body), 4));
}

static void apply(fixture_t *f, const scim_profile_t *profile, const target_t *target, struct json_object *body)
{
    const scim_resource_type_t *type = fixture_type(profile, target->type);
    struct json_object *doc = fixture_json(f->p, target->doc), *before, *sent = scim_json_copy(f->p, body);
    apr_uint64_t fired = 0;
    scim_patch_t *patch = NULL;
    scim_patched_t result;
    scim_error_t *err = scim_patch_parse(f->p, profile, type, body, &f->limits, &fired, &patch);

    FUZZ_CHECK(scim_json_equal(sent, body));
    memset(&result, 0, sizeof result);
    if (!err) {
        if (!patch->members) {
            json_object_object_del(doc, "members");
        }
        before = scim_json_copy(f->p, doc);
        err = scim_patch_apply(f->p, profile, type, patch, ID, doc, &result);
    }
    if (err) {
        check_error(f, err);
        return;
    }
    json_object_object_del(before, "members");
    FUZZ_CHECK(result.changed != scim_json_equal(before, doc));
    check_document(f, profile, type, doc);
    check_members(f, result.members);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fixture_t *f = fuzz_begin();
    struct json_object *body = NULL;
    size_t i;

    if (!scim_json_parse(f->p, (const char *)data, size, DEPTH, &body)) {
        for (i = 0; i < sizeof targets / sizeof *targets; i++) {
            apply(f, f->tolerant, &targets[i], body);
            apply(f, f->strict, &targets[i], body);
        }
    }
    fuzz_end(f);
    return 0;
}
