/* Dialect rules for the top level of a POST or PUT body. */
#include "rewrite.h"

#include <string.h>

#include "../base/json.h"
#include "../base/text.h"

/* The registered URN of the schema that a top-level member holds attributes of; NULL when it is something else. */
static const char *schema_name(scim_context_t *c, const char *key, struct json_object *value)
{
    scim_attrpath_t path;

    if (!json_object_is_type(value, json_type_object) || !strchr(key, ':') || !scim_context_resolve(c, key, strlen(key), &path) || path.attr ||
        !path.extension) {
        return NULL;
    }
    return path.extension->id;
}

/* Is there anything by this name that will be read? */
static int is_known(scim_context_t *c, const char *key, struct json_object *value)
{
    apr_size_t len = strlen(key);

    return scim_attribute_find(c->type->schema->attrs, c->type->schema->nattrs, key, len) ||
           scim_attribute_find(c->type->common->attrs, c->type->common->nattrs, key, len) || schema_name(c, key, value);
}

/* Puts the members of object `from` that are not there yet into `to`; those that nobody reads are left out, so that the work does not grow
 * with the square of the body. */
static void merge(scim_context_t *c, struct json_object *to, struct json_object *from)
{
    json_object_object_foreach(from, key, value)
    {
        if (is_known(c, key, value) && !scim_json_get(to, key, NULL)) {
            json_object_object_add(to, key, json_object_get(value));
        }
    }
}

struct json_object *scim_rewrite_core_wrapper(scim_context_t *c, struct json_object *body)
{
    struct json_object *out = body;

    json_object_object_foreach(body, key, value)
    {
        const char *urn = schema_name(c, key, value);
        if (urn && strcmp(urn, c->type->schema->id) == 0) {
            out = out == body ? scim_json_copy(c->p, body) : out;
            merge(c, out, value);
        }
    }
    return out;
}

/* An extension's attributes under another name of it. */
struct json_object *scim_rewrite_aliases(scim_context_t *c, struct json_object *body)
{
    struct json_object *out = body;

    json_object_object_foreach(body, key, value)
    {
        const char *urn = schema_name(c, key, value);
        if (urn && strcmp(urn, c->type->schema->id) != 0 && !scim_ieq(urn, key) && !scim_json_get(out, urn, NULL)) {
            out = out == body ? scim_json_copy(c->p, body) : out;
            json_object_object_add(out, urn, json_object_get(value));
        }
    }
    return out;
}
