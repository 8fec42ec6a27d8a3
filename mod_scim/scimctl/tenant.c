#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "scimctl.h"

scim_error_t *ctl_tenant_add(ctl_t *ctl)
{
    const char *name = ctl->args[0], *url = ctl_tenant_url(ctl, name, ctl->profile);

    SCIM_TRY(ctl_profile_check(ctl, ctl->profile));
    SCIM_TRY(scim_admin_tenant_add(ctl->db, ctl->p, name, ctl->profile));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is added%s%s.%s%s Next: scimctl token create %s\n", name, ctl->profile ? " with profile " : "",
               ctl->profile ? ctl->profile : "", url ? " Tenant URL: " : "", url ? url : "", name);
    }
    return NULL;
}

scim_error_t *ctl_tenant_set(ctl_t *ctl)
{
    const scim_tenant_change_t change = { .state = ctl->state, .profile = ctl->no_profile ? "" : ctl->profile };
    scim_tenant_t tenant;

    SCIM_TRY(ctl_change_check(ctl));
    SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, ctl->args[0], &tenant));
    if (ctl->profile && !ctl->no_profile && !ctl->force && (!tenant.profile || strcmp(tenant.profile, ctl->profile) != 0)) {
        SCIM_TRY(ctl_change_profile(ctl, &tenant, &change));
    }
    else {
        SCIM_TRY(scim_admin_tenant_change(ctl->db, ctl->p, tenant.name, &change));
    }
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is changed; servers know it within their SCIMTokenCache time.\n", ctl->args[0]);
    }
    return NULL;
}

static scim_error_t *set_state(ctl_t *ctl, scim_tenant_state_e state)
{
    const scim_tenant_change_t change = { .state = scim_tenant_state_name(state) };

    SCIM_TRY(scim_admin_tenant_change(ctl->db, ctl->p, ctl->args[0], &change));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is %s.\n", ctl->args[0], change.state);
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

scim_error_t *ctl_tenant_rename(ctl_t *ctl)
{
    const scim_tenant_change_t change = { .name = ctl->args[1] };

    SCIM_TRY(scim_admin_tenant_change(ctl->db, ctl->p, ctl->args[0], &change));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is now \"%s\". SCIMTenant and SCIMToken in httpd's configuration, and queries of applications, name tenants too.\n",
               ctl->args[0], ctl->args[1]);
    }
    return NULL;
}

scim_error_t *ctl_tenant_remove(ctl_t *ctl)
{
    scim_tenant_t tenant;

    SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, ctl->args[0], &tenant));
    SCIM_TRY(ctl_confirm(ctl, tenant.name, apr_psprintf(ctl->p, "tenant \"%s\" with all it has", tenant.name)));
    SCIM_TRY(scim_admin_tenant_remove(ctl->db, ctl->p, tenant.name));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" is removed.\n", tenant.name);
    }
    return NULL;
}

static const ctl_column_t columns[] = {
    { "ID", "id", CTL_NUMBER, "" },      { "NAME", "name", CTL_TEXT, "" },       { "STATE", "state", CTL_TEXT, "" },
    { "PROFILE", "profile", CTL_TEXT, "-" }, { "USERS", "users", CTL_NUMBER, "" }, { "GROUPS", "groups", CTL_NUMBER, "" },
    { "CREATED", "created", CTL_TEXT, "" },
};

#define NCOLUMNS ((int)(sizeof columns / sizeof *columns))

scim_error_t *ctl_tenant_list(ctl_t *ctl)
{
    apr_array_header_t *tenants = NULL, *cells = apr_array_make(ctl->p, 64, sizeof(const char *));
    int i, j;

    SCIM_TRY(scim_admin_tenant_list(ctl->db, ctl->p, &tenants));
    for (i = 0; i < tenants->nelts; i++) {
        const scim_tenant_t *t = &APR_ARRAY_IDX(tenants, i, scim_tenant_t);
        const char *row[] = {
            ctl_number(ctl->p, t->id), t->name, scim_tenant_state_name(t->state), t->profile, ctl_number(ctl->p, t->users),
            ctl_number(ctl->p, t->groups), ctl_time(ctl->p, t->created),
        };
        for (j = 0; j < NCOLUMNS; j++) {
            APR_ARRAY_PUSH(cells, const char *) = row[j];
        }
    }
    ctl_print_rows(ctl, columns, NCOLUMNS, cells);
    return NULL;
}
