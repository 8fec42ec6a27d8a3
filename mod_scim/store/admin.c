#include "admin.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "../core/base/datetime.h"
#include "token_rows.h"

#define MAX_NAME 63

static int is_name(const char *name)
{
    apr_size_t len = strlen(name);
    const char *c;

    for (c = name; apr_isalnum(*c) || (*c && strchr("-_.", *c)); c++) {
    }
    return len >= 1 && len <= MAX_NAME && !*c;
}

static scim_error_t *no_tenant(apr_pool_t *p, const char *name)
{
    return scim_error(p, SCIM_E_NOT_FOUND, "There is no tenant \"%s\"", name);
}

scim_error_t *scim_admin_tenant_add(scim_db_t *db, apr_pool_t *p, const char *name, apr_int64_t *id)
{
    static const char sql[] = "insert into scim.tenant (name) values ($1) returning id";
    scim_result_t *rows = NULL;
    scim_error_t *err;

    if (!is_name(name)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "A tenant's name has 1 to %d letters, digits, '-', '_' or '.'", MAX_NAME);
    }
    err = scim_db_run(db, p, SCIM_DB_WRITE, sql, 1, &name, &rows);
    if (err && err->code == SCIM_E_UNIQUENESS) {
        return scim_error(p, SCIM_E_CONFLICT, "A tenant \"%s\" exists already", name);
    }
    if (err) {
        return err;
    }
    *id = scim_col_int(rows, 0, 0);
    return NULL;
}

scim_error_t *scim_admin_tenant_state(scim_db_t *db, apr_pool_t *p, const char *name, scim_tenant_state_e state)
{
    static const char sql[] = "update scim.tenant set state = $2 where name = $1 returning id";
    const char *params[] = { name, scim_tenant_state_name(state) };
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 2, params, &rows));
    return scim_rows(rows) > 0 ? NULL : no_tenant(p, name);
}

scim_error_t *scim_admin_tenant_list(scim_db_t *db, apr_pool_t *p, apr_array_header_t **out)
{
    static const char sql[] = "select n.id, n.name, n.state, n.created, "
                              "(select count(*) from scim.resource r where r.tenant = n.id and r.type = 'User'), "
                              "(select count(*) from scim.resource r where r.tenant = n.id and r.type = 'Group') "
                              "from scim.tenant n order by n.name";
    scim_result_t *rows = NULL;
    int i;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 0, NULL, &rows));
    *out = apr_array_make(p, scim_rows(rows) + 1, sizeof(scim_tenant_t));
    for (i = 0; i < scim_rows(rows); i++) {
        scim_tenant_t *tenant = apr_array_push(*out);
        tenant->id = scim_col_int(rows, i, 0);
        tenant->name = scim_col_text(rows, i, 1);
        tenant->state = scim_tenant_state_parse(scim_col_text(rows, i, 2));
        tenant->created = scim_col_time(rows, i, 3);
        tenant->users = scim_col_int(rows, i, 4);
        tenant->groups = scim_col_int(rows, i, 5);
    }
    return NULL;
}

static const char *rights_literal(unsigned rights)
{
    static const char *const literals[] = { "{}", "{read}", "{write}", "{read,write}" };

    return literals[rights & (SCIM_RIGHT_READ | SCIM_RIGHT_WRITE)];
}

scim_error_t *scim_admin_token_create(scim_db_t *db, apr_pool_t *p, const char *tenant, const char *name, const char *sha256,
                                      unsigned rights, const apr_array_header_t *endpoints, apr_time_t expires, apr_int64_t *id)
{
    static const char sql[] = "insert into scim.token (tenant, name, sha256, rights, endpoints, expires) "
                              "select n.id, $2, $3, $4::text[], $5::text[], $6::timestamptz "
                              "from scim.tenant n where n.name = $1 returning id";
    const char *params[] = {
        tenant, name, sha256, rights_literal(rights),
        endpoints ? scim_array_literal(p, (const char *const *)endpoints->elts, endpoints->nelts) : NULL,
        expires ? scim_datetime_text(p, expires) : NULL,
    };
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 6, params, &rows));
    if (scim_rows(rows) == 0) {
        return no_tenant(p, tenant);
    }
    *id = scim_col_int(rows, 0, 0);
    return NULL;
}

static scim_error_t *require_tenant(scim_db_t *db, apr_pool_t *p, const char *name)
{
    scim_token_t *tenant = NULL;

    SCIM_TRY(scim_store_tenant(db, p, name, &tenant));
    return tenant ? NULL : no_tenant(p, name);
}

scim_error_t *scim_admin_token_list(scim_db_t *db, apr_pool_t *p, const char *tenant, apr_array_header_t **out)
{
    static const char sql[] = "select " SCIM_TOKEN_COLUMNS " from scim.token k join scim.tenant n on n.id = k.tenant "
                              "where $1::text is null or n.name = $1 order by n.name, k.id";
    scim_result_t *rows = NULL;
    int i;

    if (tenant) {
        SCIM_TRY(require_tenant(db, p, tenant));
    }
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, &tenant, &rows));
    *out = apr_array_make(p, scim_rows(rows) + 1, sizeof(scim_token_t));
    for (i = 0; i < scim_rows(rows); i++) {
        APR_ARRAY_PUSH(*out, scim_token_t) = *scim_token_row(p, rows, i);
    }
    return NULL;
}

scim_error_t *scim_admin_token_revoke(scim_db_t *db, apr_pool_t *p, apr_int64_t id)
{
    static const char sql[] = "update scim.token set revoked = coalesce(revoked, now()) where id = $1 returning id";
    const char *number = apr_psprintf(p, "%" APR_INT64_T_FMT, id);
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 1, &number, &rows));
    return scim_rows(rows) > 0 ? NULL : scim_error(p, SCIM_E_NOT_FOUND, "There is no token %s", number);
}
