#include "context.h"

#include <string.h>

void scim_context_init(scim_context_t *c, apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type)
{
    memset(c, 0, sizeof(*c));
    c->p = p;
    c->profile = profile;
    c->type = type;
    c->limits.filter_length = 8192;
    c->limits.filter_depth = 20;
}

int scim_context_resolve(scim_context_t *c, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    int found = scim_resolve(c->type, name, len, out);

    c->used.resolve |= out->used;
    return found;
}
