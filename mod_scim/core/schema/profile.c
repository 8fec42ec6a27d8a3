#include "profile.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"

const scim_resource_type_t *scim_profile_endpoint(const scim_profile_t *profile, const char *segment, apr_size_t len)
{
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        const char *endpoint = profile->types[i].endpoint + 1;
        if (strlen(endpoint) == len && scim_ieqn(endpoint, segment, len)) {
            return &profile->types[i];
        }
    }
    return NULL;
}

const scim_resource_type_t *scim_profile_type(const scim_profile_t *profile, const char *name)
{
    int i;

    for (i = 0; i < profile->ntypes; i++) {
        if (scim_ieq(profile->types[i].name, name)) {
            return &profile->types[i];
        }
    }
    return NULL;
}

const scim_resource_type_t *scim_profile_me(const scim_profile_t *profile)
{
    const scim_resource_type_t *type = profile->me ? scim_profile_type(profile, "User") : NULL;

    return type && !type->members ? type : NULL;
}

/* ---- search keys ---- */

/* The attribute, or part, whose values are compared in another way. */
static const scim_attribute_t *other_attribute(const scim_attribute_t *a, const scim_attribute_t *b, int n)
{
    const scim_attribute_t *found = NULL;
    int i;

    for (i = 0; i < n && !found; i++) {
        if (a[i].precis != b[i].precis || a[i].uniqueness != b[i].uniqueness) {
            return &b[i];
        }
        found = other_attribute(a[i].subs, b[i].subs, b[i].nsubs);
    }
    return found;
}

static const char *other_schema(apr_pool_t *p, const scim_resource_type_t *type, const scim_schema_t *a, const scim_schema_t *b)
{
    const scim_attribute_t *attr;

    if (!a || !scim_ieq(a->id, b->id) || a->nattrs != b->nattrs) {
        return apr_psprintf(p, "the schema %s of %s", b->id, type->name);
    }
    attr = other_attribute(a->attrs, b->attrs, b->nattrs);
    return attr ? apr_psprintf(p, "the attribute %s of %s", scim_attribute_path(p, type, attr), type->name) : NULL;
}

static const scim_schema_t *extension_of(const scim_resource_type_t *type, const char *urn)
{
    int i;

    for (i = 0; i < type->nextensions; i++) {
        if (scim_ieq(type->extensions[i].schema->id, urn)) {
            return type->extensions[i].schema;
        }
    }
    return NULL;
}

const char *scim_profile_other_keys(apr_pool_t *p, const scim_profile_t *profile, const scim_profile_t *narrow)
{
    const char *other = NULL;
    int i, j;

    for (i = 0; i < narrow->ntypes && !other; i++) {
        const scim_resource_type_t *b = &narrow->types[i], *a = scim_profile_type(profile, b->name);
        if (!a || a->nextensions != b->nextensions) {
            return apr_psprintf(p, "the schemas of %s", b->name);
        }
        other = other_schema(p, b, a->schema, b->schema);
        for (j = 0; j < b->nextensions && !other; j++) {
            other = other_schema(p, b, extension_of(a, b->extensions[j].schema->id), b->extensions[j].schema);
        }
    }
    return other;
}
