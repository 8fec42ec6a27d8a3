#include "admin.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>


#define MAX_NAME 63

static int is_name(const char *name)
{
    apr_size_t len = strlen(name);
    const char *c;

    for (c = name; apr_isalnum(*c) || (*c && strchr("-_.", *c)); c++) {
    }
    return len >= 1 && len <= MAX_NAME && !*c;
}

static scim_error_t *bad_name(apr_pool_t *p)
{
    return scim_error(p, SCIM_E_INVALID_VALUE, "A tenant's name has 1 to %d letters, digits, '-', '_' or '.'", MAX_NAME);
}

static scim_error_t *no_tenant(apr_pool_t *p, const char *name)
{
    return scim_error(p, SCIM_E_NOT_FOUND, "There is no tenant \"%s\"", name);
}

static scim_error_t *taken(apr_pool_t *p, const char *name, scim_error_t *err)
{
    return err && err->code == SCIM_E_UNIQUENESS ? scim_error(p, SCIM_E_CONFLICT, "A tenant \"%s\" exists already", name) : err;
}

scim_error_t *scim_admin_tenant_add(scim_db_t *db, apr_pool_t *p, const char *name, const char *profile)
{
    static const char sql[] = "insert into scim.tenant (name, profile) values ($1, $2)";
    const char *params[] = { name, profile };
    scim_result_t *rows = NULL;

    return is_name(name) ? taken(p, name, scim_db_run(db, p, SCIM_DB_WRITE, sql, 2, params, &rows)) : bad_name(p);
}

scim_error_t *scim_admin_tenant_change(scim_db_t *db, apr_pool_t *p, const char *name, const scim_tenant_change_t *change)
{
    static const char sql[] = "update scim.tenant set name = coalesce($2, name), state = coalesce($3, state), "
                              "profile = case when $4::text is null then profile when $4 = '' then null else $4 end "
                              "where name = $1 returning id";
    const char *params[] = { name, change->name, change->state, change->profile };
    scim_result_t *rows = NULL;

    if (change->name && !is_name(change->name)) {
        return bad_name(p);
    }
    SCIM_TRY(taken(p, change->name, scim_db_run(db, p, SCIM_DB_WRITE, sql, 4, params, &rows)));
    return scim_rows(rows) > 0 ? NULL : no_tenant(p, name);
}

scim_error_t *scim_admin_tenant_find(scim_db_t *db, apr_pool_t *p, const char *name, scim_tenant_t *out)
{
    static const char sql[] = "select n.id, n.name, n.state, n.profile, n.created from scim.tenant n where n.name = $1";
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, &name, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 5, 0, 1));
    if (scim_rows(rows) == 0) {
        return no_tenant(p, name);
    }
    memset(out, 0, sizeof *out);
    out->id = scim_col_int(rows, 0, 0);
    out->name = scim_col_text(rows, 0, 1);
    out->state = scim_tenant_state_parse(scim_col_text(rows, 0, 2));
    out->profile = scim_col_text(rows, 0, 3);
    out->created = scim_col_time(rows, 0, 4);
    return NULL;
}

scim_error_t *scim_admin_tenant_list(scim_db_t *db, apr_pool_t *p, apr_array_header_t **out)
{
    static const char sql[] = "select n.id, n.name, n.state, n.profile, n.created, "
                              "(select count(*) from scim.resource r where r.tenant = n.id and r.type = 'User'), "
                              "(select count(*) from scim.resource r where r.tenant = n.id and r.type = 'Group') "
                              "from scim.tenant n order by n.name";
    scim_result_t *rows = NULL;
    int i;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 0, NULL, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 7, 0, -1));
    *out = apr_array_make(p, scim_rows(rows) + 1, sizeof(scim_tenant_t));
    for (i = 0; i < scim_rows(rows); i++) {
        scim_tenant_t *tenant = apr_array_push(*out);
        tenant->id = scim_col_int(rows, i, 0);
        tenant->name = scim_col_text(rows, i, 1);
        tenant->state = scim_tenant_state_parse(scim_col_text(rows, i, 2));
        tenant->profile = scim_col_text(rows, i, 3);
        tenant->created = scim_col_time(rows, i, 4);
        tenant->users = scim_col_int(rows, i, 5);
        tenant->groups = scim_col_int(rows, i, 6);
    }
    return NULL;
}

/* ---- removing ---- */

#define BATCH "1000"

/* What holds rows of a tenant, those that refer to others first. key: its columns beside the tenant. */
static const struct {
    const char *table, *key;
} tables[] = {
    { "scim.membership", "group_id, member_id" },
    { "scim.unique_value", "resource_id, attribute" },
    { "scim.resource", "id" },
    { "scim.token", "id" },
};

static scim_error_t *empty_table(scim_db_t *db, apr_pool_t *p, const char *table, const char *key, const char *tenant)
{
    const char *sql = apr_psprintf(p, "with gone as (delete from %s where tenant = $1 and (%s) in "
                                      "(select %s from %s where tenant = $1 limit " BATCH ") returning 1 as n) select count(n) from gone",
                                   table, key, key, table);
    scim_result_t *rows = NULL;
    apr_pool_t *batch;
    apr_int64_t gone = 1;

    apr_pool_create(&batch, p);
    while (gone > 0) {
        apr_pool_clear(batch);
        SCIM_TRY(scim_db_run(db, batch, SCIM_DB_WRITE, sql, 1, &tenant, &rows));
        SCIM_TRY(scim_rows_expect(rows, batch, 1, 1, 1));
        gone = scim_col_int(rows, 0, 0);
    }
    apr_pool_destroy(batch);
    return NULL;
}

scim_error_t *scim_admin_tenant_remove(scim_db_t *db, apr_pool_t *p, const char *name)
{
    static const char sql[] = "delete from scim.tenant where id = $1";
    const scim_tenant_change_t disabled = { .state = scim_tenant_state_name(SCIM_TENANT_DISABLED) };
    scim_tenant_t tenant;
    scim_result_t *rows = NULL;
    scim_error_t *err;
    const char *id;
    apr_size_t i;

    SCIM_TRY(scim_admin_tenant_find(db, p, name, &tenant));
    SCIM_TRY(scim_admin_tenant_change(db, p, name, &disabled));
    id = apr_psprintf(p, "%" APR_INT64_T_FMT, tenant.id);
    for (i = 0; i < sizeof tables / sizeof *tables; i++) {
        SCIM_TRY(empty_table(db, p, tables[i].table, tables[i].key, id));
    }
    err = scim_db_run(db, p, SCIM_DB_WRITE, sql, 1, &id, &rows);
    if (err && err->code == SCIM_E_INVALID_VALUE) {
        return scim_error(p, SCIM_E_CONFLICT, "Requests of tenant \"%s\" are still running; it is disabled now: try again", name);
    }
    return err;
}
