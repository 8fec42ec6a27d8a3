#include <apr_strings.h>
#include <stdio.h>

#include "scimctl.h"

static scim_error_t *tenant_of(ctl_t *ctl, scim_tenant_t *tenant)
{
    return scim_admin_tenant_find(ctl->db, ctl->p, ctl->args[0], tenant);
}

scim_error_t *ctl_integration_add(ctl_t *ctl)
{
    scim_tenant_t tenant;

    SCIM_TRY(ctl_name_check(ctl->p, "An integration", ctl->args[1]));
    SCIM_TRY(tenant_of(ctl, &tenant));
    SCIM_TRY(ctl_narrow_check(ctl, tenant.profile));
    SCIM_TRY(scim_admin_integration_add(ctl->db, ctl->p, tenant.id, ctl->args[1], ctl->profile));
    if (!ctl->quiet) {
        printf("Tenant \"%s\" has the integration \"%s\". Next: scimctl token create %s --integration '%s'\n", tenant.name, ctl->args[1],
               tenant.name, ctl->args[1]);
    }
    return NULL;
}

scim_error_t *ctl_integration_set(ctl_t *ctl)
{
    const char *profile = ctl->no_profile ? "" : ctl->profile;
    scim_tenant_t tenant;

    SCIM_TRY(ctl_change_check(ctl));
    SCIM_TRY(tenant_of(ctl, &tenant));
    SCIM_TRY(ctl_narrow_check(ctl, tenant.profile));
    SCIM_TRY(scim_admin_integration_change(ctl->db, ctl->p, tenant.id, ctl->args[1], ctl->state, profile));
    if (!ctl->quiet) {
        printf("Integration \"%s\" of tenant \"%s\" is changed; servers know it within their SCIMTokenCache time.\n", ctl->args[1], tenant.name);
    }
    return NULL;
}

scim_error_t *ctl_integration_remove(ctl_t *ctl)
{
    scim_tenant_t tenant;

    SCIM_TRY(tenant_of(ctl, &tenant));
    SCIM_TRY(ctl_confirm(ctl, ctl->args[1], apr_psprintf(ctl->p, "integration \"%s\" of tenant \"%s\" with its tokens", ctl->args[1], tenant.name)));
    SCIM_TRY(scim_admin_integration_remove(ctl->db, ctl->p, tenant.id, ctl->args[1]));
    if (!ctl->quiet) {
        printf("Integration \"%s\" of tenant \"%s\" is removed, with its tokens.\n", ctl->args[1], tenant.name);
    }
    return NULL;
}

scim_error_t *ctl_integration_list(ctl_t *ctl)
{
    static const ctl_column_t columns[] = {
        { "STATE", "state", CTL_TEXT, "" },     { "PROFILE", "profile", CTL_TEXT, "-" }, { "TOKENS", "tokens", CTL_NUMBER, "" },
        { "CREATED", "created", CTL_TEXT, "" }, { "NAME", "name", CTL_TEXT, "" },
    };
    apr_array_header_t *integrations = NULL, *cells = apr_array_make(ctl->p, 16, sizeof(const char *));
    scim_tenant_t tenant;
    int i, j;

    SCIM_TRY(tenant_of(ctl, &tenant));
    SCIM_TRY(scim_admin_integration_list(ctl->db, ctl->p, tenant.id, &integrations));
    for (i = 0; i < integrations->nelts; i++) {
        const scim_integration_t *n = &APR_ARRAY_IDX(integrations, i, scim_integration_t);
        const char *row[] = { scim_tenant_state_name(n->state), n->profile, ctl_number(ctl->p, n->tokens), ctl_time(ctl->p, n->created), n->name };
        for (j = 0; j < 5; j++) {
            APR_ARRAY_PUSH(cells, const char *) = row[j];
        }
    }
    ctl_print_rows(ctl, columns, 5, cells);
    return NULL;
}
