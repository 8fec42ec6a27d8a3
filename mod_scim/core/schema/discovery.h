/* /ServiceProviderConfig, /ResourceTypes, /Schemas (RFC 7644 section 4, D-01 to D-28). */
#ifndef SCIM_CORE_DISCOVERY_H
#define SCIM_CORE_DISCOVERY_H

#include "context.h"

/* Tolerances, in scim_options_t.discovery. */
#define SCIM_DISCOVERY_CONFIG_FILTER 1 /* a filter on /ServiceProviderConfig, which is no list, is ignored */

typedef struct scim_discovery_t {
    const char *base_url;              /* without trailing slash */
    int usual_results, max_results;    /* resources in a page, by default and at most */
    int by_cursor, by_index;           /* methods of paging that are offered */
    int usually_by_cursor;             /* the one that is used when a request does not say */
    int cursor_seconds;                /* how long a cursor is valid */
    apr_int64_t max_payload;           /* bytes of a body */
    int max_operations;                /* of a Bulk; 0: there is none */
    const char *documentation_url;     /* or NULL */
    int basic;                         /* HTTP Basic is accepted as well */
} scim_discovery_t;

/* RFC 7644 section 4 (D-19): a filter (NULL: none) here is refused with 403, lest a client takes what it gets for what it asked for. config:
 * of /ServiceProviderConfig. */
scim_error_t *scim_discovery_filter(scim_context_t *c, const char *filter, int config);

/* Each gives JSON text in p. */
const char *scim_discovery_config(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d);
const char *scim_discovery_types(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d);
const char *scim_discovery_schemas(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d);

/* One resource type by name, one schema by URN (letter case ignored); NULL when there is none. */
const char *scim_discovery_type(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *name);
const char *scim_discovery_schema(apr_pool_t *p, const scim_profile_t *profile, const scim_discovery_t *d, const char *urn);

#endif
