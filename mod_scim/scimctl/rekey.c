#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "../store/rekey.h"
#include "scimctl.h"

/* The pairs on standard output, how many there are as an error. */
static scim_error_t *tell_collisions(const ctl_t *ctl, const scim_rekey_t *done)
{
    int i;

    for (i = 0; i < done->collisions->nelts; i++) {
        const scim_collision_t *c = &APR_ARRAY_IDX(done->collisions, i, scim_collision_t);
        printf("%s %s and %s: %s would be the same\n", c->type, c->id, c->other ? c->other : "another one", c->attribute);
    }
    return done->collisions->nelts > 0
               ? scim_error(ctl->p, SCIM_E_CONFLICT, "%d values collide; nobody was merged: change or remove one of each pair, then run this again",
                            done->collisions->nelts)
               : NULL;
}

scim_error_t *ctl_tenant_rekey(ctl_t *ctl)
{
    const scim_profile_t *profile = NULL;
    scim_tenant_t tenant;
    scim_rekey_t done;

    SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, ctl->args[0], &tenant));
    SCIM_TRY(ctl_tenant_profile(ctl, &tenant, &profile));
    SCIM_TRY(scim_store_rekey(ctl->db, ctl->p, tenant.id, profile, ctl->dry_run, &done));
    if (!ctl->quiet) {
        printf("%" APR_INT64_T_FMT " resources looked at, %" APR_INT64_T_FMT " keys %s.\n", done.seen, done.changed,
               ctl->dry_run ? "would change" : "changed");
    }
    return tell_collisions(ctl, &done);
}

/* While keys are made anew, look-ups miss what has its old ones still, and a client would create it a second time. */
static scim_error_t *change_paused(ctl_t *ctl, const scim_tenant_t *tenant, const scim_profile_t *profile, const scim_tenant_change_t *change)
{
    const scim_tenant_change_t paused = { .state = scim_tenant_state_name(SCIM_TENANT_PAUSED) };
    const scim_tenant_change_t done = { .state = change->state ? change->state : scim_tenant_state_name(tenant->state), .profile = profile->name };
    scim_rekey_t rekey;
    scim_error_t *err;

    SCIM_TRY(scim_admin_tenant_change(ctl->db, ctl->p, tenant->name, &paused));
    err = scim_store_rekey(ctl->db, ctl->p, tenant->id, profile, 0, &rekey);
    if (err) {
        return scim_error_prefix(ctl->p, err, apr_psprintf(ctl->p, "Tenant \"%s\" stays paused, run this again: ", tenant->name));
    }
    SCIM_TRY(scim_admin_tenant_change(ctl->db, ctl->p, tenant->name, &done));
    /* What a server let in that did not know of the pause yet. */
    SCIM_TRY(scim_store_rekey(ctl->db, ctl->p, tenant->id, profile, 0, &rekey));
    return tell_collisions(ctl, &rekey);
}

scim_error_t *ctl_change_profile(ctl_t *ctl, const scim_tenant_t *tenant, const scim_tenant_change_t *change)
{
    const scim_profile_t *profile = NULL;
    scim_rekey_t trial;

    SCIM_TRY(ctl_profile_find(ctl, change->profile, &profile));
    SCIM_TRY(scim_store_rekey(ctl->db, ctl->p, tenant->id, profile, 1, &trial));
    SCIM_TRY(tell_collisions(ctl, &trial));
    if (trial.changed > 0) {
        return change_paused(ctl, tenant, profile, change);
    }
    return scim_admin_tenant_change(ctl->db, ctl->p, tenant->name, change);
}
