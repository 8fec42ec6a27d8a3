#include <stdio.h>

#include "../store/roles.h"
#include "../store/secret.h"
#include "scimctl.h"

static scim_error_t *migrate(ctl_t *ctl, const char *owner)
{
    int applied, number;

    SCIM_TRY(scim_admin_migrate(ctl->db, ctl->p, ctl->sql, owner, &applied));
    SCIM_TRY(scim_store_migration(ctl->db, ctl->p, &number));
    if (!ctl->quiet) {
        printf("%d %s applied; the database is at number %d.\n", applied, applied == 1 ? "migration" : "migrations", number);
    }
    return NULL;
}

scim_error_t *ctl_migrate(ctl_t *ctl)
{
    return migrate(ctl, NULL);
}

scim_error_t *ctl_database_init(ctl_t *ctl)
{
    const scim_roles_t roles = { ctl->owner, ctl->service, ctl->reader };

    SCIM_TRY(scim_roles_make(ctl->db, ctl->p, &roles));
    SCIM_TRY(migrate(ctl, ctl->owner));
    SCIM_TRY(scim_roles_grant(ctl->db, ctl->p, &roles));
    if (!ctl->quiet && ctl->owner) {
        printf("Role \"%s\" owns the schema.\n", ctl->owner);
    }
    if (!ctl->quiet && ctl->service) {
        printf("Role \"%s\" is the service's: name it in SCIMDatabase. A role that is new has no password yet.\n", ctl->service);
    }
    if (!ctl->quiet && ctl->reader) {
        printf("Role \"%s\" may use the views. Next: scimctl reader add TENANT %s\n", ctl->reader, ctl->reader);
    }
    return NULL;
}

scim_error_t *ctl_database_rotate_key(ctl_t *ctl)
{
    SCIM_TRY(scim_secrets_rotate(ctl->db, ctl->p, ctl->force));
    if (!ctl->quiet) {
        puts(ctl->force ? "Cursors have a new key; those that clients have are refused within half a minute."
                        : "Cursors get a new key within two minutes; those that clients have stay valid for their time.");
    }
    return NULL;
}

/* ---- readers ---- */

/* The tenant of the command line, or 0 where --all is said. */
static scim_error_t *tenant_of(ctl_t *ctl, const char *name, apr_int64_t *id)
{
    scim_tenant_t tenant = { .id = 0 };

    if (name) {
        SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, name, &tenant));
    }
    *id = tenant.id;
    return NULL;
}

/* "TENANT ROLE", or "ROLE" with --all. */
static scim_error_t *read_arguments(ctl_t *ctl, apr_int64_t *tenant, const char **role)
{
    if (ctl->nargs != (ctl->all ? 1 : 2)) {
        return scim_error(ctl->p, SCIM_E_INVALID_VALUE, "Say a tenant and a role, or --all and a role");
    }
    *role = ctl->args[ctl->nargs - 1];
    return tenant_of(ctl, ctl->all ? NULL : ctl->args[0], tenant);
}

scim_error_t *ctl_reader_add(ctl_t *ctl)
{
    apr_int64_t tenant = 0;
    const char *role = NULL;

    SCIM_TRY(read_arguments(ctl, &tenant, &role));
    SCIM_TRY(scim_roles_reader_add(ctl->db, ctl->p, tenant, role));
    if (!ctl->quiet) {
        printf("Role \"%s\" reads %s%s through the views.\n", role, tenant ? "tenant " : "all tenants", tenant ? ctl->args[0] : "");
    }
    return NULL;
}

scim_error_t *ctl_reader_remove(ctl_t *ctl)
{
    apr_int64_t tenant = 0;
    const char *role = NULL;

    SCIM_TRY(read_arguments(ctl, &tenant, &role));
    SCIM_TRY(scim_roles_reader_remove(ctl->db, ctl->p, tenant, role));
    if (!ctl->quiet) {
        printf("Role \"%s\" does not read %s%s any more.\n", role, tenant ? "tenant " : "all tenants", tenant ? ctl->args[0] : "");
    }
    return NULL;
}

scim_error_t *ctl_reader_list(ctl_t *ctl)
{
    static const ctl_column_t columns[] = { { "ROLE", "role", CTL_TEXT, "" }, { "TENANT", "tenant", CTL_TEXT, "all" } };
    apr_array_header_t *readers = NULL, *cells = apr_array_make(ctl->p, 16, sizeof(const char *));
    apr_int64_t tenant = 0;
    int i;

    SCIM_TRY(tenant_of(ctl, ctl->nargs > 0 ? ctl->args[0] : NULL, &tenant));
    SCIM_TRY(scim_roles_reader_list(ctl->db, ctl->p, tenant, &readers));
    for (i = 0; i < readers->nelts; i++) {
        const scim_roles_reader_t *reader = &APR_ARRAY_IDX(readers, i, scim_roles_reader_t);
        APR_ARRAY_PUSH(cells, const char *) = reader->role;
        APR_ARRAY_PUSH(cells, const char *) = reader->tenant;
    }
    ctl_print_rows(ctl, columns, 2, cells);
    return NULL;
}
