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

void scim_context_fire(scim_context_t *c, scim_rule_e rule)
{
    c->fired |= APR_UINT64_C(1) << rule;
}
