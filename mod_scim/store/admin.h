/* What scimctl does: tenants, tokens, migrations. */
#ifndef SCIM_STORE_ADMIN_H
#define SCIM_STORE_ADMIN_H

#include "store.h"

/* Applies the files NNN-*.sql of directory that are newer than what the database has, each in a transaction, under an advisory
 * lock, and gives the roles of services and readers their rights to what is new. owner: the role that runs them (NULL: the schema's owner,
 * where the connected role may act as it). *applied counts them. 409 when the database is newer than the directory. */
scim_error_t *scim_admin_migrate(scim_db_t *db, apr_pool_t *p, const char *directory, const char *owner, int *applied);

/* "active", "paused", "disabled". */
const char *scim_tenant_state_name(scim_tenant_state_e state);

/* The state of this name; a name that is none of them is SCIM_TENANT_DISABLED: it must not let anybody in. */
scim_tenant_state_e scim_tenant_state_parse(const char *name);

typedef struct scim_tenant_t {
    apr_int64_t id;
    const char *name;
    scim_tenant_state_e state;
    const char *profile;               /* NULL: that of the Location */
    apr_time_t created;
    apr_int64_t users, groups;
} scim_tenant_t;

/* Name: letters, digits, '-', '_', '.'; 1 to 63 characters. 409 when it exists. profile may be NULL. */
scim_error_t *scim_admin_tenant_add(scim_db_t *db, apr_pool_t *p, const char *name, const char *profile);

/* What is changed of a tenant; NULL leaves it as it is. */
typedef struct scim_tenant_change_t {
    const char *name;                  /* as of scim_admin_tenant_add */
    const char *state;                 /* word of scim_tenant_state_name */
    const char *profile;               /* "": none of its own any more */
} scim_tenant_change_t;
scim_error_t *scim_admin_tenant_change(scim_db_t *db, apr_pool_t *p, const char *name, const scim_tenant_change_t *change);

/* Deletes all that a tenant has and then the tenant, a thousand rows at a time, so that no other tenant waits. From the beginning the
 * tenant is disabled. When it is interrupted, it can be called again. */
scim_error_t *scim_admin_tenant_remove(scim_db_t *db, apr_pool_t *p, const char *name);

scim_error_t *scim_admin_tenant_list(scim_db_t *db, apr_pool_t *p, apr_array_header_t **out); /* of scim_tenant_t */

/* The tenant of this name, without its numbers of users and groups; 404 when there is none. */
scim_error_t *scim_admin_tenant_find(scim_db_t *db, apr_pool_t *p, const char *name, scim_tenant_t *out);

/* Stores the hash of a new token. sha256: hexadecimal. expires: 0 for never. endpoints: that may be read and written, NULL for all. 409
 * when the tenant has a token of this name that is not revoked. */
scim_error_t *scim_admin_token_create(scim_db_t *db, apr_pool_t *p, const char *tenant, const char *name, const char *sha256, unsigned rights,
                                      const apr_array_header_t *endpoints, apr_time_t expires, apr_int64_t *id);
scim_error_t *scim_admin_token_list(scim_db_t *db, apr_pool_t *p, const char *tenant, apr_array_header_t **out); /* of scim_token_t */
scim_error_t *scim_admin_token_revoke(scim_db_t *db, apr_pool_t *p, apr_int64_t id);

#endif
