#include "context.h"

#include <string.h>

void scim_context_init(scim_context_t *c, apr_pool_t *p, const scim_profile_t *profile, const scim_resource_type_t *type)
{
    memset(c, 0, sizeof(*c));
    c->p = p;
    c->profile = profile;
    c->type = type;
    c->steps = SCIM_STEPS;
    c->limits.filter_length = 8192;
    c->limits.filter_depth = 20;
}

scim_error_t *scim_context_spend(scim_context_t *c, apr_int64_t steps)
{
    c->steps -= steps;
    if (c->steps >= 0) {
        return NULL;
    }
    return scim_error(c->p, SCIM_E_TOO_LARGE,
                      "The request asks for too much work: its operations and filters look at more than %d values; send fewer operations at a "
                      "time, filters of fewer terms, or less text",
                      SCIM_STEPS);
}

void scim_context_join(scim_context_t *c, const scim_context_t *part)
{
    c->steps = part->steps;
    c->fired |= part->fired;
    c->used.resolve |= part->used.resolve;
    c->used.filter |= part->used.filter;
    c->used.path |= part->used.path;
    c->used.value |= part->used.value;
    c->used.body |= part->used.body;
    c->used.patch |= part->used.patch;
    c->used.discovery |= part->used.discovery;
}

int scim_context_resolve(scim_context_t *c, const char *name, apr_size_t len, scim_attrpath_t *out)
{
    int found = scim_resolve(c->type, name, len, out);

    c->used.resolve |= out->used;
    return found;
}
