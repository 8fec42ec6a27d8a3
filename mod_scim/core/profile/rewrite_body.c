/* Dialect rules for the top level of a POST or PUT body. */
#include "rewrite.h"

#include <string.h>

#include "../base/json.h"
#include "../base/text.h"

/* The registered URN of the schema that a top-level member holds attributes of; NULL when it is something else. */
static const char *schema_name(scim_context_t *c, const char *key, scim_json_t *value)
{
    scim_attrpath_t path;

    if (!scim_json_is(value, SCIM_JSON_OBJECT) || !strchr(key, ':') || !scim_context_resolve(c, key, strlen(key), &path) || path.attr ||
        !path.extension) {
        return NULL;
    }
    return path.extension->id;
}

/* Is there anything by this name that will be read? */
static int is_known(scim_context_t *c, const char *key, scim_json_t *value)
{
    apr_size_t len = strlen(key);

    return scim_attribute_find(c->type->schema->attrs, c->type->schema->nattrs, key, len) ||
           scim_attribute_find(c->type->common->attrs, c->type->common->nattrs, key, len) || schema_name(c, key, value);
}

/* Puts the members of object `from` that are not there yet into `to`; those that nobody reads are left out, so that the work does not grow
 * with the square of the body. */
static void merge(scim_context_t *c, scim_json_t *to, scim_json_t *from)
{
    scim_json_iter_t it;

    for (it = scim_json_iter(from); scim_json_next(&it);) {
        if (is_known(c, it.name, it.value) && !scim_json_get(to, it.name, NULL)) {
            scim_json_set(to, it.name, it.value);
        }
    }
}

scim_json_t *scim_rewrite_core_wrapper(scim_context_t *c, scim_json_t *body)
{
    scim_json_iter_t it;
    scim_json_t *out = body;

    for (it = scim_json_iter(body); scim_json_next(&it);) {
        const char *urn = schema_name(c, it.name, it.value);
        if (urn && strcmp(urn, c->type->schema->id) == 0) {
            out = out == body ? scim_json_copy(c->p, body) : out;
            merge(c, out, it.value);
        }
    }
    return out;
}

/* An extension's attributes under another name of it. */
scim_json_t *scim_rewrite_aliases(scim_context_t *c, scim_json_t *body)
{
    scim_json_iter_t it;
    scim_json_t *out = body;

    for (it = scim_json_iter(body); scim_json_next(&it);) {
        const char *urn = schema_name(c, it.name, it.value);
        if (urn && strcmp(urn, c->type->schema->id) != 0 && !scim_ieq(urn, it.name) && !scim_json_get(out, urn, NULL)) {
            out = out == body ? scim_json_copy(c->p, body) : out;
            scim_json_set(out, urn, it.value);
        }
    }
    return out;
}
