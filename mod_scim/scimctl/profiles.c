#include <apr_strings.h>
#include <string.h>

#include "../config/profiles.h"
#include "../config/schemas.h"
#include "../core/base/text.h"
#include "../core/profile/profile_build.h"
#include "scimctl.h"

scim_error_t *ctl_profiles(ctl_t *ctl, apr_hash_t **out)
{
    scim_registry_t *registry = scim_registry_make(ctl->p);
    apr_hash_t *specs = apr_hash_make(ctl->p);

    *out = apr_hash_make(ctl->p);
    SCIM_TRY(scim_schemas_read(ctl->p, ctl->schemas, registry));
    SCIM_TRY(scim_profiles_read(ctl->p, ctl->profiles, specs));
    return scim_profiles_build(ctl->p, registry, specs, *out);
}

static scim_error_t *no_profile(const ctl_t *ctl, const char *name)
{
    return scim_error(ctl->p, SCIM_E_NOT_FOUND, "There is no <SCIMProfile %s> in %s (Profiles in scimctl.conf names the files)", name,
                      apr_array_pstrcat(ctl->p, ctl->profiles, ' '));
}

scim_error_t *ctl_profile_check(ctl_t *ctl, const char *name)
{
    apr_hash_t *profiles = NULL;

    if (!name || ctl->force) {
        return NULL;
    }
    SCIM_TRY(ctl_profiles(ctl, &profiles));
    return apr_hash_get(profiles, name, APR_HASH_KEY_STRING) ? NULL : no_profile(ctl, name);
}

scim_error_t *ctl_narrow_check(ctl_t *ctl, const char *wide)
{
    const char *name = ctl->profile, *other;
    apr_hash_t *profiles = NULL;
    const scim_profile_t *own;

    if (!name || ctl->force) {
        return NULL;
    }
    SCIM_TRY(ctl_profile_check(ctl, name));
    SCIM_TRY(ctl_profiles(ctl, &profiles));
    own = wide ? apr_hash_get(profiles, wide, APR_HASH_KEY_STRING) : NULL;
    other = own ? scim_profile_other_keys(ctl->p, own, apr_hash_get(profiles, name, APR_HASH_KEY_STRING)) : NULL;
    return other ? scim_error(ctl->p, SCIM_E_INVALID_VALUE,
                              "Profile %s cannot be used beside the tenant's profile %s, because of %s: clients of the one would not find what the "
                              "other writes", name, wide, other)
                 : NULL;
}

static const char *spelled_in(const scim_profile_t *profile, const char *endpoint)
{
    const scim_resource_type_t *type;

    if (scim_ieq(endpoint, SCIM_ME)) {
        return scim_profile_me(profile) ? SCIM_ME : NULL;
    }
    type = *endpoint == '/' ? scim_profile_endpoint(profile, endpoint + 1, strlen(endpoint + 1)) : NULL;
    return type ? type->endpoint : NULL;
}

/* In the profile, or without one in any that is there. */
static const char *spelling_of(apr_pool_t *p, apr_hash_t *profiles, const scim_profile_t *profile, const char *endpoint)
{
    const char *found = profile ? spelled_in(profile, endpoint) : NULL;
    apr_hash_index_t *hi;

    for (hi = apr_hash_first(p, profiles); hi && !profile && !found; hi = apr_hash_next(hi)) {
        found = spelled_in(apr_hash_this_val(hi), endpoint);
    }
    return found;
}

scim_error_t *ctl_endpoints_check(ctl_t *ctl, const char *profile, apr_array_header_t *endpoints)
{
    const scim_profile_t *own = NULL;
    apr_hash_t *profiles = NULL;
    int i;

    if (endpoints->nelts == 0) {
        return NULL;
    }
    SCIM_TRY(ctl_profiles(ctl, &profiles));
    own = profile ? apr_hash_get(profiles, profile, APR_HASH_KEY_STRING) : NULL;
    if (profile && !own) {
        return no_profile(ctl, profile);
    }
    for (i = 0; i < endpoints->nelts; i++) {
        const char *endpoint = APR_ARRAY_IDX(endpoints, i, const char *), *spelled = spelling_of(ctl->p, profiles, own, endpoint);
        if (!spelled) {
            return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "\"%s\" is no endpoint of %s%s: say for example /Users", endpoint,
                              profile ? "profile " : "any profile", profile ? profile : "");
        }
        APR_ARRAY_IDX(endpoints, i, const char *) = spelled;
    }
    return NULL;
}

scim_error_t *ctl_profile_find(ctl_t *ctl, const char *name, const scim_profile_t **out)
{
    apr_hash_t *profiles = NULL;

    SCIM_TRY(ctl_profiles(ctl, &profiles));
    *out = apr_hash_get(profiles, name, APR_HASH_KEY_STRING);
    return *out ? NULL : no_profile(ctl, name);
}

scim_error_t *ctl_tenant_profile(ctl_t *ctl, const scim_tenant_t *tenant, const scim_profile_t **out)
{
    const char *name = ctl->profile ? ctl->profile : tenant->profile;

    if (!name) {
        return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "Tenant \"%s\" has no profile of its own: say --profile, that of its Location",
                          tenant->name);
    }
    return ctl_profile_find(ctl, name, out);
}
