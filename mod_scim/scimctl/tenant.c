#include <apr_strings.h>
#include <stdio.h>

#include "scimctl.h"

#define COLUMNS 6

scim_error_t *ctl_migrate(ctl_t *ctl)
{
    int applied, number;

    SCIM_TRY(scim_admin_migrate(ctl->db, ctl->p, ctl->sql, &applied));
    SCIM_TRY(scim_store_migration(ctl->db, ctl->p, &number));
    if (!ctl->quiet) {
        printf("%d %s applied; the database is at number %d.\n", applied, applied == 1 ? "migration" : "migrations", number);
    }
    return NULL;
}

scim_error_t *ctl_tenant_add(ctl_t *ctl)
{
    apr_int64_t id;

    SCIM_TRY(scim_admin_tenant_add(ctl->db, ctl->p, ctl->args[0], &id));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is added. Next: scimctl token create %s\n", ctl->args[0], ctl->args[0]);
    }
    return NULL;
}

static scim_error_t *set_state(ctl_t *ctl, scim_tenant_state_e state)
{
    SCIM_TRY(scim_admin_tenant_state(ctl->db, ctl->p, ctl->args[0], state));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is %s.\n", ctl->args[0], scim_tenant_state_name(state));
    }
    return NULL;
}

scim_error_t *ctl_tenant_pause(ctl_t *ctl)
{
    return set_state(ctl, SCIM_TENANT_PAUSED);
}

scim_error_t *ctl_tenant_resume(ctl_t *ctl)
{
    return set_state(ctl, SCIM_TENANT_ACTIVE);
}

scim_error_t *ctl_tenant_disable(ctl_t *ctl)
{
    return set_state(ctl, SCIM_TENANT_DISABLED);
}

static void add_row(apr_array_header_t *cells, const char *const row[COLUMNS])
{
    int i;

    for (i = 0; i < COLUMNS; i++) {
        APR_ARRAY_PUSH(cells, const char *) = row[i];
    }
}

static const char *number(apr_pool_t *p, apr_int64_t n)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, n);
}

scim_error_t *ctl_tenant_list(ctl_t *ctl)
{
    static const char *const heading[COLUMNS] = { "ID", "NAME", "STATE", "USERS", "GROUPS", "CREATED" };
    apr_array_header_t *tenants = NULL, *cells = apr_array_make(ctl->p, 64, sizeof(const char *));
    int i;

    SCIM_TRY(scim_admin_tenant_list(ctl->db, ctl->p, &tenants));
    add_row(cells, heading);
    for (i = 0; i < tenants->nelts; i++) {
        const scim_tenant_t *t = &APR_ARRAY_IDX(tenants, i, scim_tenant_t);
        const char *row[COLUMNS] = { number(ctl->p, t->id),    t->name, scim_tenant_state_name(t->state), number(ctl->p, t->users),
                                     number(ctl->p, t->groups), ctl_time(ctl->p, t->created) };
        add_row(cells, row);
    }
    ctl_table_print(cells, COLUMNS);
    return NULL;
}
