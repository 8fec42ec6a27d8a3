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

struct json_object *scim_rewrite_unwrap_array(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                              struct json_object *value)
{
    struct json_object *element;

    (void)c;
    (void)rewrite;
    if (attr->multi || !json_object_is_type(value, json_type_array) || json_object_array_length(value) != 1) {
        return value;
    }
    element = json_object_array_get_idx(value, 0);
    if (attr->type != SCIM_COMPLEX && json_object_is_type(element, json_type_object)) {
        return scim_json_get(element, "value", NULL);
    }
    return element;
}

struct json_object *scim_rewrite_wrap_value(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                            struct json_object *value)
{
    struct json_object *object;

    if (attr->multi || attr->type != SCIM_COMPLEX || !json_object_is_type(value, json_type_string) || scim_json_empty(value) ||
        !scim_attribute_value(attr) || !is_named(rewrite, attr)) {
        return value;
    }
    object = scim_json_own(c->p, json_object_new_object());
    json_object_object_add(object, "value", json_object_get(value));
    return object;
}

struct json_object *scim_rewrite_id_member(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                           struct json_object *value)
{
    struct json_object *id, *copy;

    if (!json_object_is_type(value, json_type_object) || !is_named(rewrite, attr) || !scim_attribute_value(attr)) {
        return value;
    }
    id = scim_json_get(value, apr_pstrcat(c->p, attr->name, "Id", NULL), NULL);
    if (!id || scim_json_get(value, "value", NULL)) {
        return value;
    }
    copy = scim_json_copy(c->p, value);
    json_object_object_add(copy, "value", json_object_get(id));
    return copy;
}

struct json_object *scim_rewrite_string_boolean(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr,
                                                struct json_object *value)
{
    const char *s;

    (void)rewrite;
    if (attr->type != SCIM_BOOLEAN || !json_object_is_type(value, json_type_string)) {
        return value;
    }
    s = json_object_get_string(value);
    if (!scim_ieq(s, "true") && !scim_ieq(s, "false")) {
        return value;
    }
    return scim_json_own(c->p, json_object_new_boolean(scim_ieq(s, "true")));
}
