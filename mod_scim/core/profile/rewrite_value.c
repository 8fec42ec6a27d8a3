/* Dialect rules for the outermost level of a value. */
#include "rewrite.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/json.h"
#include "../base/text.h"

/* Levels of an object that is packed into a text: one, and what is in it is text or true or false. */
#define DEEPEST 2

int scim_rewrite_is_for(const scim_rewrite_t *rewrite, const scim_attribute_t *attr)
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
        !scim_attribute_value(attr) || !scim_rewrite_is_for(rewrite, attr)) {
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

    if (!scim_json_is(value, SCIM_JSON_OBJECT) || !scim_rewrite_is_for(rewrite, attr) || !scim_attribute_value(attr)) {
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

/* The object that the text is, when it is one and has a value. */
static scim_json_t *object_in(scim_context_t *c, scim_json_t *text)
{
    scim_json_t *object;

    if (!scim_json_is(text, SCIM_JSON_STRING) || scim_json_string(text)[0] != '{' ||
        scim_json_parse(c->p, scim_json_string(text), strlen(scim_json_string(text)), DEEPEST, &object)) {
        return NULL;
    }
    return scim_json_empty(scim_json_get(object, "value", NULL)) ? NULL : object;
}

/* One element: what the text in its value says of the parts that the attribute has takes the place of what stands beside it. */
static scim_json_t *unpacked(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *element)
{
    scim_json_t *object = object_in(c, scim_json_is(element, SCIM_JSON_OBJECT) ? scim_json_get(element, "value", NULL) : element), *out;
    scim_json_iter_t it;

    if (!object) {
        return element;
    }
    out = scim_json_is(element, SCIM_JSON_OBJECT) ? scim_json_copy(c->p, element) : scim_json_new_object(c->p);
    for (it = scim_json_iter(object); scim_json_next(&it);) {
        const char *name = scim_ieq(it.name, "displayName") ? "display" : it.name, *said = NULL;
        if (scim_attribute_find(attr->subs, attr->nsubs, name, strlen(name))) {
            scim_json_get(out, name, &said);
            scim_json_set(out, said ? said : name, it.value);
        }
    }
    return out;
}

scim_json_t *scim_rewrite_packed_value(scim_context_t *c, const scim_rewrite_t *rewrite, const scim_attribute_t *attr, scim_json_t *value)
{
    scim_json_t *list = NULL;
    size_t i;

    if (attr->type != SCIM_COMPLEX || !scim_rewrite_is_for(rewrite, attr)) {
        return value;
    }
    if (!scim_json_is(value, SCIM_JSON_ARRAY)) {
        return unpacked(c, attr, value);
    }
    for (i = 0; i < scim_json_count(value); i++) {
        scim_json_t *element = scim_json_at(value, i), *out = unpacked(c, attr, element);
        if (out != element) {
            list = list ? list : scim_json_copy(c->p, value);
            scim_json_put(list, i, out);
        }
    }
    return list ? list : value;
}
