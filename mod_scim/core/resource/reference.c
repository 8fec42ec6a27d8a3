#include "reference.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../query/value_key.h"
#include "value.h"

scim_reference_t scim_reference_read(scim_context_t *c, const char *url)
{
    scim_reference_t ref = { NULL, NULL };
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
    }
    return ref;
}

int scim_reference_to_resources(const scim_context_t *c, const scim_attribute_t *attr)
{
    int i;

    for (i = 0; attr->type == SCIM_REFERENCE && attr->reference_types && i < attr->reference_types->nelts; i++) {
        if (scim_profile_type(c->profile, APR_ARRAY_IDX(attr->reference_types, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

/* Do both name one resource? What is percent-encoded may. */
static int agrees(scim_context_t *c, const scim_attribute_t *value_part, scim_json_t *value, scim_json_t *url)
{
    const char *id = scim_reference_read(c, scim_json_string(url)).id, *key = scim_value_key(c->p, value_part, value);

    return !key || (id && (strchr(id, '%') || strcmp(key, scim_value_key(c->p, value_part, scim_json_new_string(c->p, id))) == 0));
}

scim_error_t *scim_reference_settle(scim_context_t *c, const scim_attribute_t *attr, const char *where, scim_json_t *before, scim_json_t *after)
{
    const scim_attribute_t *value_part = scim_attribute_value(attr), *ref_part = scim_attribute_find(attr->subs, attr->nsubs, "$ref", 4);
    scim_json_t *value, *url;
    int was_url;

    if (!value_part || value_part->type != SCIM_STRING || !ref_part || !scim_reference_to_resources(c, ref_part)) {
        return NULL;
    }
    value = scim_json_member(after, value_part->name);
    url = scim_json_member(after, ref_part->name);
    was_url = scim_json_equal(url, scim_json_member(before, ref_part->name));
    if (!value && was_url && scim_json_member(before, value_part->name)) {
        scim_json_remove(after, ref_part->name);
        return NULL;
    }
    if (!scim_json_is(value, SCIM_JSON_STRING) || !scim_json_is(url, SCIM_JSON_STRING) || agrees(c, value_part, value, url)) {
        return NULL;
    }
    if (!was_url && !scim_tolerates(c, value, SCIM_VALUE_ANY_MEMBER_TYPE)) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "%s.$ref does not name the resource in value \"%.100s\"; leave it out", where,
                          scim_json_string(value));
    }
    scim_json_remove(after, ref_part->name);
    return NULL;
}
