/* What scimctl does: tenants, tokens, migrations. */
#ifndef SCIM_STORE_ADMIN_H
#define SCIM_STORE_ADMIN_H

#include "store.h"

/* Applies the files NNN-*.sql of directory that are newer than what the database has, each in a transaction, under an advisory
 * lock. *applied counts them. */
scim_error_t *scim_admin_migrate(scim_db_t *db, apr_pool_t *p, const char *directory, int *applied);

/* Name: letters, digits, '-', '_', '.'; 1 to 63 characters. 409 when it exists. */
scim_error_t *scim_admin_tenant_add(scim_db_t *db, apr_pool_t *p, const char *name, apr_int64_t *id);
scim_error_t *scim_admin_tenant_state(scim_db_t *db, apr_pool_t *p, const char *name, scim_tenant_state_e state);

/* "active", "paused", "disabled". */
const char *scim_tenant_state_name(scim_tenant_state_e state);

typedef struct scim_tenant_t {
    apr_int64_t id;
    const char *name;
    scim_tenant_state_e state;
    apr_time_t created;
    apr_int64_t users, groups;
} scim_tenant_t;
scim_error_t *scim_admin_tenant_list(scim_db_t *db, apr_pool_t *p, apr_array_header_t **out); /* of scim_tenant_t */

/* Stores the hash of a new token. sha256: hexadecimal. expires: 0 for never. endpoints: NULL for all. */
scim_error_t *scim_admin_token_create(scim_db_t *db, apr_pool_t *p, const char *tenant, const char *name, const char *sha256, unsigned rights,
                                      const apr_array_header_t *endpoints, apr_time_t expires, apr_int64_t *id);
scim_error_t *scim_admin_token_list(scim_db_t *db, apr_pool_t *p, const char *tenant, apr_array_header_t **out); /* of scim_token_t */
scim_error_t *scim_admin_token_revoke(scim_db_t *db, apr_pool_t *p, apr_int64_t id);

#endif
