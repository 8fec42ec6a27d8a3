#include "reference.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"
#include "../schema/containers.h"

/* Its name in all schemas. */
#define REF "$ref"

scim_reference_t scim_reference_read(scim_context_t *c, const char *url)
{
    scim_reference_t ref = { NULL, NULL, 0 };
    const char *end = url + strcspn(url, "?#");
    const char *last, *before;
    const scim_resource_type_t *type;

    while (end > url && end[-1] == '/') {
        end--;
    }
    for (last = end; last > url && last[-1] != '/'; last--) {
    }
    if (last == end) {
        return ref;
    }
    ref.id = apr_pstrmemdup(c->p, last, (apr_size_t)(end - last));
    if (last > url) {
        for (before = last - 1; before > url && before[-1] != '/'; before--) {
        }
        type = scim_profile_endpoint(c->profile, before, (apr_size_t)(last - 1 - before));
        ref.type = type ? type->name : NULL;
        ref.before = (apr_size_t)(before - url);
    }
    return ref;
}

/* ---- the parts value and $ref ---- */

/* The $ref that follows from the value of object; NULL: none does. */
static const char *that_follows(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *object)
{
    const scim_attribute_t *ref = scim_json_is(object, SCIM_JSON_OBJECT) ? scim_reference_part(c, attr) : NULL;
    const scim_resource_type_t *type = ref ? scim_reference_type(c, ref) : NULL;
    scim_json_t *value = type ? scim_json_member(object, scim_attribute_value(attr)->name) : NULL;

    return scim_json_is(value, SCIM_JSON_STRING) && scim_is_uuid(scim_json_string(value))
               ? apr_pstrcat(c->p, type->endpoint + 1, "/", scim_json_string(value), NULL)
               : NULL;
}

void scim_reference_complete(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *object)
{
    const char *url = that_follows(c, attr, object);

    if (url && !scim_json_member(object, REF)) {
        scim_json_set(object, REF, scim_json_new_string(c->p, url));
    }
}

void scim_reference_forget(scim_context_t *c, scim_json_t *doc)
{
    scim_containers_t at;
    int i;

    for (at = scim_containers(c->type, doc); scim_containers_next(&at);) {
        for (i = 0; i < at.schema->nattrs; i++) {
            const scim_attribute_t *attr = &at.schema->attrs[i];
            scim_json_t *object = attr->multi ? NULL : scim_json_member(at.object, attr->name);
            const char *url = that_follows(c, attr, object);
            if (url && scim_json_is(scim_json_member(object, REF), SCIM_JSON_STRING) &&
                strcmp(scim_json_string(scim_json_member(object, REF)), url) == 0) {
                scim_json_remove(object, REF);
            }
        }
    }
}

static int may_refer_to(const scim_attribute_t *ref, const char *type)
{
    int i;

    for (i = 0; type && i < ref->reference_types->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(ref->reference_types, i, const char *), type) == 0) {
            return 1;
        }
    }
    return 0;
}

scim_json_t *scim_reference_alone(const scim_context_t *c, const scim_attribute_t *attr, scim_json_t *object)
{
    scim_json_t *url = attr->type == SCIM_COMPLEX && attr->home != SCIM_HOME_MEMBERS ? scim_json_get(object, REF, NULL) : NULL;
    const scim_attribute_t *part;

    if (!scim_json_is(url, SCIM_JSON_STRING) || scim_json_empty(url) || !scim_json_empty(scim_json_get(object, "value", NULL))) {
        return NULL;
    }
    part = scim_reference_part(c, attr);
    return part && !may_refer_to(part, "external") && !may_refer_to(part, "uri") ? url : NULL;
}

/* Is what stands before the last two segments of a reference this service? */
static int is_below_base(const scim_context_t *c, const char *before)
{
    if (strstr(before, "://")) {
        return c->base_url && scim_reference_same(before, apr_pstrcat(c->p, c->base_url, "/", NULL));
    }
    return strncmp(before, "//", 2) != 0 && !strchr(before, ':');
}

int scim_reference_is_here(const scim_context_t *c, const char *url, const scim_reference_t *ref)
{
    /* In a Bulk, "bulkId:x" has become an id that nothing stands before. */
    return ref->id && (scim_is_uuid(url) || (ref->type && !strchr(ref->id, '%') && is_below_base(c, apr_pstrmemdup(c->p, url, ref->before))));
}

scim_error_t *scim_reference_id(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *url, const char *where, scim_json_t **id)
{
    const scim_attribute_t *part = scim_reference_part(c, attr);
    const char *text = scim_json_string(url);
    scim_reference_t ref = scim_reference_read(c, text);

    if (scim_reference_is_here(c, text, &ref) && (!ref.type || may_refer_to(part, ref.type))) {
        *id = scim_json_new_string(c->p, ref.id);
        return NULL;
    }
    return scim_error(c->p, SCIM_E_INVALID_VALUE, "%s.$ref \"%.200s\" leads to no %s of this service; give its id as value", where, text,
                      APR_ARRAY_IDX(part->reference_types, 0, const char *));
}
