/* A filter: the first byte picks the resource type, the rest is the text. Parsed as a filter, as a PATCH path and as a
 * projection under both profiles; what parses is evaluated over fixed resources. */
#include "fuzz.h"

#include <apr_strings.h>
#include <string.h>

#include "../../mod_scim/core/base/json_scan.h"
#include "../../mod_scim/core/query/filter_eval.h"
#include "../../mod_scim/core/query/filter_parse.h"
#include "../../mod_scim/core/query/path.h"
#include "../../mod_scim/core/query/project.h"

static const char *const names[] = { "User", "Group", "Device" };

static const char *const resources[] = {
    "{'schemas':['{USER}','{ENT}'],'id':'u1','userName':'bjensen@example.com','externalId':'AbC','displayName':'Babs \\u00c9mile',"
    "'name':{'givenName':'Barbara','familyName':'Jensen'},'title':'Tour Guide','active':true,"
    "'emails':[{'value':'bjensen@example.com','type':'work','primary':true},{'value':'babs@example.org','type':'home'}],"
    "'x509Certificates':[{'value':'AQID'}],'{ENT}':{'employeeNumber':'701984','manager':{'value':'u3'}},"
    "'groups':[{'value':'g1','$ref':'https://example.com/Groups/g1','type':'direct'}],"
    "'meta':{'resourceType':'User','created':'2024-01-01T00:00:00Z','lastModified':'2024-01-01T00:00:00.5Z','version':'W/\\'1\\''}}",
    "{'schemas':['{GROUP}'],'id':'g1','displayName':'Tour Guides','members':[{'value':'u1','$ref':'https://example.com/Users/u1',"
    "'type':'User','display':'Babs'},{'value':'g2','type':'Group'}],'meta':{'resourceType':'Group'}}",
    "{'schemas':['" DEVICE_URN "'],'id':'d1','serial':'S-1','height':9,'weight':1.5,'tags':['a','b'],'lent':false,'notes':'N',"
    "'bought':'2024-05-01T10:00:00+02:00','key':'AQID','manual':'/Doc','owner':{'value':'u1','since':'2024-01-01T00:00:00Z'}}",
};

/* A filter and its negation never agree; evaluating does not change the resource. */
static void evaluate(fixture_t *f, const scim_resource_type_t *type, const scim_filter_t *filter, const char *json)
{
    scim_json_t *resource = fixture_json(f->p, json), *before = scim_json_copy(f->p, resource);
    scim_filter_t negation = { .op = SCIM_F_NOT, .left = filter };

    FUZZ_CHECK(scim_filter_match(f->p, type, filter, resource) != scim_filter_match(f->p, type, &negation, resource));
    FUZZ_CHECK(scim_json_equal(resource, before));
}

static void as_filter(fixture_t *f, scim_context_t *c, const char *text, const char *json)
{
    const scim_filter_t *filter = NULL;
    scim_error_t *err = scim_filter_parse(c, text, &filter);
    const char *body;

    if (!err) {
        evaluate(f, c->type, filter, json);
        evaluate(f, c->type, filter, "{}");
        return;
    }
    FUZZ_CHECK(err->code == SCIM_E_INVALID_FILTER);
    body = scim_error_json(f->p, err);
    FUZZ_CHECK(!scim_json_scan(f->p, body, strlen(body), 4, 0));
}

/* Constants stand alone: what they make of the rest has been worked out. */
static int is_sound(const scim_filter_t *f)
{
    return !f || (f->op > SCIM_F_NONE && is_sound(f->left) && is_sound(f->right));
}

/* For several types: what is good for one is good for all. */
static void as_any(fixture_t *f, scim_context_t *c, const char *text, const char *json)
{
    const scim_filter_t *filter = NULL, *strict = NULL;
    scim_error_t *err = scim_filter_parse_any(c, text, &filter);

    if (err) {
        FUZZ_CHECK(err->code == SCIM_E_INVALID_FILTER);
        FUZZ_CHECK(scim_filter_parse(c, text, &strict));
        return;
    }
    FUZZ_CHECK(filter->op <= SCIM_F_NONE || is_sound(filter));
    evaluate(f, c->type, filter, json);
}

static void as_path(scim_context_t *c, const char *text)
{
    scim_path_t *path = NULL;
    scim_error_t *err = scim_path_parse(c, text, &path);

    if (err) {
        FUZZ_CHECK(err->code == SCIM_E_INVALID_FILTER || err->code == SCIM_E_INVALID_PATH);
        return;
    }
    FUZZ_CHECK(path->unknown || path->target.attr || path->target.extension);
    FUZZ_CHECK(!path->target.sub || path->target.sub->parent == path->target.attr);
}

static void as_projection(fixture_t *f, const scim_resource_type_t *type, const char *text, const char *json)
{
    scim_json_t *included = fixture_json(f->p, json), *excluded = scim_json_copy(f->p, included);
    const scim_projection_t *projection;

    FUZZ_CHECK(!scim_projection_parse(f->p, type, text, NULL, &projection));
    scim_project(type, projection, included);
    FUZZ_CHECK(scim_json_get(included, "id", NULL) && scim_json_get(included, "schemas", NULL));
    FUZZ_CHECK(!scim_projection_parse(f->p, type, NULL, text, &projection));
    scim_project(type, projection, excluded);
    FUZZ_CHECK(scim_json_get(excluded, "id", NULL) && scim_json_get(excluded, "schemas", NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const scim_profile_t *profiles[2];
    fixture_t *f;
    const char *text;
    size_t i, kind;

    if (size == 0 || memchr(data + 1, 0, size - 1)) {
        return 0; /* query parameters and JSON strings hold no U+0000 */
    }
    f = fuzz_begin();
    profiles[0] = f->tolerant;
    profiles[1] = f->strict;
    kind = data[0] % (sizeof names / sizeof *names);
    text = apr_pstrmemdup(f->p, (const char *)data + 1, size - 1);
    for (i = 0; i < 2; i++) {
        scim_context_t *c = fixture_context(f, profiles[i], names[kind]);
        as_filter(f, c, text, resources[kind]);
        as_any(f, c, text, resources[kind]);
        as_path(c, text);
        as_projection(f, c->type, text, resources[kind]);
    }
    fuzz_end(f);
    return 0;
}
