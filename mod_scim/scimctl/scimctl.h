/* scimctl: the administrator's command. */
#ifndef SCIM_SCIMCTL_H
#define SCIM_SCIMCTL_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "../store/admin.h"

/* What the command line says. */
typedef struct ctl_t {
    apr_pool_t *p;
    scim_db_t *db;
    const char *database;
    const char *sql;                   /* folder of migrations */
    const char *name;
    const char *expires;
    int read_only;
    int quiet;
    apr_array_header_t *endpoints;     /* of const char * */
    const char *const *args;           /* after the command's own words */
    int nargs;
} ctl_t;

/* The commands. An error's detail is the one sentence the administrator reads. */
scim_error_t *ctl_migrate(ctl_t *ctl);
scim_error_t *ctl_tenant_add(ctl_t *ctl);
scim_error_t *ctl_tenant_list(ctl_t *ctl);
scim_error_t *ctl_tenant_pause(ctl_t *ctl);
scim_error_t *ctl_tenant_resume(ctl_t *ctl);
scim_error_t *ctl_tenant_disable(ctl_t *ctl);
scim_error_t *ctl_token_create(ctl_t *ctl);
scim_error_t *ctl_token_list(ctl_t *ctl);
scim_error_t *ctl_token_revoke(ctl_t *ctl);

/* When a token ends: "90d" (also h, w, y), "2027-01-31" (at its first moment, UTC), a full date and time, or "never" (0). */
scim_error_t *ctl_expiry_parse(apr_pool_t *p, const char *text, apr_time_t now, apr_time_t *out);

/* "2027-01-31T00:00:00Z", or "-" for 0. */
const char *ctl_time(apr_pool_t *p, apr_time_t t);

/* Prints rows of `columns` texts each, the first row being the heading, in aligned columns with two spaces between them. */
void ctl_table_print(const apr_array_header_t *cells, int columns);

#endif
