/* Dialect rules for the outermost level of a value. */
#include "rewrite.h"

#include <apr_strings.h>

#include "../base/json.h"
#include "../base/text.h"

/* Is the rule for this attribute? Without names it is for all. */
static int is_named(const scim_rewrite_t *rewrite, const scim_attribute_t *attr)
{
    int i;

    for (i = 0; i < rewrite->names->nelts; i++) {
        if (scim_ieq(APR_ARRAY_IDX(rewrite->names, i, const char *), attr->name)) {
            return 1;
        }
    }
    return rewrite->names->nelts == 0;
}

scim_json_t *scim_rewrite_unwrap_array(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                       scim_json_t *value)
{
    scim_json_t *element;

    (void)c;
    (void)rewrite;
    if (attr->multi || !scim_json_is(value, SCIM_JSON_ARRAY) || scim_json_count(value) != 1) {
        return value;
    }
    element = scim_json_at(value, 0);
    if (attr->type != SCIM_COMPLEX && scim_json_is(element, SCIM_JSON_OBJECT)) {
        return scim_json_get(element, "value", NULL);
    }
    return element;
}

scim_json_t *scim_rewrite_wrap_value(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                     scim_json_t *value)
{
    scim_json_t *object;

    if (attr->multi || attr->type != SCIM_COMPLEX || !scim_json_is(value, SCIM_JSON_STRING) || scim_json_empty(value) ||
        !scim_attribute_value(attr) || !is_named(rewrite, attr)) {
        return value;
    }
    object = scim_json_new_object(c->p);
    scim_json_set(object, "value", value);
    return object;
}

scim_json_t *scim_rewrite_id_member(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                    scim_json_t *value)
{
    scim_json_t *id, *copy;
    const char *key = NULL;

    if (!scim_json_is(value, SCIM_JSON_OBJECT) || !is_named(rewrite, attr) || !scim_attribute_value(attr)) {
        return value;
    }
    id = scim_json_get(value, apr_pstrcat(c->p, attr->name, "Id", NULL), &key);
    if (!key || scim_json_get(value, "value", NULL)) {
        return value;
    }
    copy = scim_json_copy(c->p, value);
    scim_json_set(copy, "value", id);
    return copy;
}

scim_json_t *scim_rewrite_string_boolean(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                         scim_json_t *value)
{
    const char *s;

    (void)rewrite;
    if (attr->type != SCIM_BOOLEAN || !scim_json_is(value, SCIM_JSON_STRING)) {
        return value;
    }
    s = scim_json_string(value);
    if (!scim_ieq(s, "true") && !scim_ieq(s, "false")) {
        return value;
    }
    return scim_json_new_boolean(c->p, scim_ieq(s, "true"));
}
