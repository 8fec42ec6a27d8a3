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

/* A new token. NULL and 0: not said. */
typedef struct scim_token_spec_t {
    const char *tenant;                /* name */
    const char *integration;           /* name, or NULL */
    const char *name;
    const char *sha256;                /* hexadecimal */
    const char *person;                /* id of the user whom it stands for, or NULL */
    unsigned rights;                   /* SCIM_RIGHT_* */
    const apr_array_header_t *read_endpoints;  /* of const char *; NULL: all */
    const apr_array_header_t *write_endpoints;
    const apr_array_header_t *sources; /* of const char *: networks or addresses; NULL: any */
    const char *profile;
    apr_time_t expires;                /* 0: never */
} scim_token_spec_t;

/* The user of this id, else of this userName, whatever the profile that it was written by. 404 when there is none, 409 when two profiles would
 * mean two users by the name. */
scim_error_t *scim_admin_user_find(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *user, const char **id);

/* Stores a new token's hash. 409 when the tenant has a token of this name that is not revoked. */
scim_error_t *scim_admin_token_create(scim_db_t *db, apr_pool_t *p, const scim_token_spec_t *spec, apr_int64_t *id);
scim_error_t *scim_admin_token_list(scim_db_t *db, apr_pool_t *p, const char *tenant, apr_array_header_t **out); /* of scim_token_t */
scim_error_t *scim_admin_token_revoke(scim_db_t *db, apr_pool_t *p, apr_int64_t id);

/* A program that provisions a tenant, with tokens of its own. */
typedef struct scim_integration_t {
    const char *name;
    scim_tenant_state_e state;
    const char *profile;               /* NULL: the tenant's */
    apr_time_t created;
    apr_int64_t tokens;                /* that are not revoked */
} scim_integration_t;

/* Name: 1 to 63 bytes of UTF-8 without control characters. 409 when the tenant has one of this name. profile may be NULL. */
scim_error_t *scim_admin_integration_add(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *name, const char *profile);

/* state, profile: as of scim_tenant_change_t. */
scim_error_t *scim_admin_integration_change(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *name, const char *state,
                                            const char *profile);

/* Its tokens go with it. */
scim_error_t *scim_admin_integration_remove(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *name);

scim_error_t *scim_admin_integration_list(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, apr_array_header_t **out);

#endif
