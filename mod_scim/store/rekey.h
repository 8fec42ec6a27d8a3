/* Search keys made anew from the documents: after a change of the rules that make them, or of the tenant's profile. */
#ifndef SCIM_STORE_REKEY_H
#define SCIM_STORE_REKEY_H

#include "../core/schema/profile.h"
#include "db.h"

/* Two resources whose values became the same. Neither was given the new key. */
typedef struct scim_collision_t {
    const char *type;                  /* resource type */
    const char *attribute;             /* "userName", or one that must be unique */
    const char *id, *other;            /* ids of the resources; other NULL when it came meanwhile */
} scim_collision_t;

typedef struct scim_rekey_t {
    apr_int64_t seen;                  /* resources */
    apr_int64_t changed;               /* rows of keys that are not what they should be; without dry_run they are now */
    apr_array_header_t *collisions;    /* of scim_collision_t */
} scim_rekey_t;

/* Goes through all resources of the tenant (scim.tenant.id), some hundred at a time, each batch in a transaction of its own, so that no
 * writer waits for long; what a client changes meanwhile has its keys from there. Documents, versions and times stay as they are.
 * dry_run: counts and looks for collisions only. Resources of types that the profile does not have are left alone. */
scim_error_t *scim_store_rekey(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const scim_profile_t *profile, int dry_run,
                               scim_rekey_t *out);

#endif
