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
