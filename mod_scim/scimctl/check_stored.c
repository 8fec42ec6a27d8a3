/* "scimctl check": what is stored and would not come in today. */
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "../core/resource/validate.h"
#include "../store/batch.h"
#include "scimctl.h"

typedef struct check_t {
    ctl_t *ctl;
    const scim_profile_t *profile;
    const char *tenant;                /* scim.tenant.id as text */
    apr_int64_t seen, wrong;           /* resources */
    apr_array_header_t *cells;         /* of rows for --json; NULL: they are printed as they are found */
} check_t;

static void tell(check_t *check, const scim_resource_type_t *type, const char *id, const char *fault)
{
    apr_pool_t *p = check->ctl->p;

    if (!check->cells) {
        printf("%s %s: %s\n", type->name, id, fault);
        return;
    }
    APR_ARRAY_PUSH(check->cells, const char *) = type->name;
    APR_ARRAY_PUSH(check->cells, const char *) = apr_pstrdup(p, id);
    APR_ARRAY_PUSH(check->cells, const char *) = apr_pstrdup(p, fault);
}

static void check_item(check_t *check, apr_pool_t *p, const scim_resource_type_t *type, const scim_batch_item_t *item)
{
    apr_array_header_t *faults = apr_array_make(p, 4, sizeof(const char *));
    scim_context_t c;
    int i;

    scim_context_init(&c, p, check->profile, type);
    scim_json_remove(item->doc, "schemas");
    scim_validate_stored(&c, item->doc, faults);
    for (i = 0; i < faults->nelts; i++) {
        tell(check, type, item->id, APR_ARRAY_IDX(faults, i, const char *));
    }
    check->seen++;
    check->wrong += faults->nelts > 0;
}

static scim_error_t *check_type(check_t *check, apr_pool_t *p, const scim_resource_type_t *type)
{
    char after[40] = SCIM_BATCH_START;
    apr_array_header_t *items = NULL;
    int i;

    do {
        apr_pool_clear(p);
        SCIM_TRY(scim_store_batch(check->ctl->db, p, check->tenant, type->name, after, &items));
        for (i = 0; i < items->nelts; i++) {
            check_item(check, p, type, &APR_ARRAY_IDX(items, i, scim_batch_item_t));
        }
        if (items->nelts > 0) {
            apr_cpystrn(after, APR_ARRAY_IDX(items, items->nelts - 1, scim_batch_item_t).id, sizeof after);
        }
    } while (items->nelts == SCIM_BATCH);
    return NULL;
}

static scim_error_t *finish(const check_t *check)
{
    static const ctl_column_t columns[] = {
        { "TYPE", "type", CTL_TEXT, NULL }, { "ID", "id", CTL_TEXT, NULL }, { "FAULT", "fault", CTL_TEXT, NULL },
    };

    if (check->cells) {
        ctl_print_rows(check->ctl, columns, 3, check->cells);
    }
    else if (!check->ctl->quiet) {
        printf("%" APR_INT64_T_FMT " resources looked at.\n", check->seen);
    }
    if (!check->wrong) {
        return NULL;
    }
    return scim_error(check->ctl->p, SCIM_E_CONFLICT, "%" APR_INT64_T_FMT " resources would be refused or changed today; they are served as they are",
                      check->wrong);
}

scim_error_t *ctl_check(ctl_t *ctl)
{
    check_t check = { .ctl = ctl };
    scim_tenant_t tenant;
    apr_pool_t *p;
    int i;

    SCIM_TRY(scim_admin_tenant_find(ctl->db, ctl->p, ctl->args[0], &tenant));
    SCIM_TRY(ctl_tenant_profile(ctl, &tenant, &check.profile));
    check.tenant = apr_psprintf(ctl->p, "%" APR_INT64_T_FMT, tenant.id);
    check.cells = ctl->json ? apr_array_make(ctl->p, 30, sizeof(const char *)) : NULL;
    apr_pool_create(&p, ctl->p);
    for (i = 0; i < check.profile->ntypes; i++) {
        SCIM_TRY(check_type(&check, p, &check.profile->types[i]));
    }
    apr_pool_destroy(p);
    return finish(&check);
}
