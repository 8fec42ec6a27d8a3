/* Roles of the database: an owner of the schema, a service that reads and writes resources, readers of views. Roles belong to the whole
 * cluster, what they may do and their settings to one database. */
#ifndef SCIM_STORE_ROLES_H
#define SCIM_STORE_ROLES_H

#include "db.h"

typedef struct scim_roles_t {
    const char *owner;                 /* of the schema: runs migrations; NULL: whoever is connected */
    const char *service;               /* what httpd connects as, or NULL */
    const char *reader;                /* of the views, or NULL; sees what scim_roles_reader_add gives it */
} scim_roles_t;

/* Makes the roles that are not there yet, and lets the owner make the schema, or take over one that is there. What the connected role
 * needs: CREATEROLE for roles that are not there, and to be the database's owner, or a superuser. */
scim_error_t *scim_roles_make(scim_db_t *db, apr_pool_t *p, const scim_roles_t *roles);

/* After migrations: gives service and reader what they need of the tables that are there now, and the service the settings that the
 * program relies on, in this database. Can be repeated. */
scim_error_t *scim_roles_grant(scim_db_t *db, apr_pool_t *p, const scim_roles_t *roles);

/* The same for all roles that were given these rights before: migrations make new tables. */
scim_error_t *scim_roles_renew(scim_db_t *db, apr_pool_t *p);

/* The role as which migrations run: owner, or else the schema's owner when the connected role may act as it; NULL: as connected. */
scim_error_t *scim_roles_owner(scim_db_t *db, apr_pool_t *p, const char *owner, const char **out);

/* Lets role, which is made when it is not there, read a tenant (0: all of them) through the views. */
scim_error_t *scim_roles_reader_add(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *role);

/* Takes it away; 404 when it was not given. */
scim_error_t *scim_roles_reader_remove(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *role);

typedef struct scim_roles_reader_t {
    const char *role;
    const char *tenant;                /* NULL: all */
} scim_roles_reader_t;

/* All readers, or those of a tenant (0: of all) and those of all tenants; an array of scim_roles_reader_t. */
scim_error_t *scim_roles_reader_list(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, apr_array_header_t **out);

/* A name as an SQL identifier, quoted, in p. */
const char *scim_sql_name(apr_pool_t *p, const char *name);

#endif
