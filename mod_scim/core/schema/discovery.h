/* /ServiceProviderConfig, /ResourceTypes, /Schemas (RFC 7644 section 4, D-01 to D-28). */
#ifndef SCIM_CORE_DISCOVERY_H
#define SCIM_CORE_DISCOVERY_H

#include "profile.h"

typedef struct scim_discovery_t {
    const char *base_url;              /* without trailing slash */
    int max_results;
    apr_int64_t max_payload;
    const char *documentation_url;     /* or NULL */
    int basic;                         /* HTTP Basic is accepted as well */
} scim_discovery_t;

/* Each gives JSON text in p. */
const char *scim_discovery_config(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d);
const char *scim_discovery_types(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d);
const char *scim_discovery_schemas(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d);

/* One resource type by name, one schema by URN (letter case ignored); NULL when there is none. */
const char *scim_discovery_type(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *name);
const char *scim_discovery_schema(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *urn);

#endif
