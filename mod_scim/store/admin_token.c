/* Tokens and integrations, as the administrator sees them. */
#include <apr_strings.h>

#include "../core/base/datetime.h"
#include "../core/base/text.h"
#include "../core/base/username.h"
#include "admin.h"
#include "token_rows.h"

static const char *rights_literal(unsigned rights)
{
    static const char *const literals[] = { "{}", "{read}", "{write}", "{read,write}" };

    return literals[rights & (SCIM_RIGHT_READ | SCIM_RIGHT_WRITE)];
}

static const char *list_literal(apr_pool_t *p, const apr_array_header_t *list)
{
    return list ? scim_array_literal(p, (const char *const *)list->elts, list->nelts) : NULL;
}

static const char *number(apr_pool_t *p, apr_int64_t n)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, n);
}

scim_error_t *scim_admin_user_find(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *user, const char **id)
{
    static const char by_id[] = "select r.id from scim.resource r where r.tenant = $1 and r.type = 'User' and r.id = $2";
    static const char by_name[] = "select r.id from scim.resource r where r.tenant = $1 and r.type = 'User' and r.user_name in ($2, $3)";
    const char *params[] = { number(p, tenant), user, NULL };
    scim_result_t *rows = NULL;

    if (scim_is_uuid(user)) {
        SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, by_id, 2, params, &rows));
    }
    if (!rows || scim_rows(rows) == 0) {
        params[1] = scim_username_looks(p, user);
        params[2] = scim_username_precis(p, user);
        SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, by_name, 3, params, &rows));
    }
    SCIM_TRY(scim_rows_expect(rows, p, 1, 0, 2));
    if (scim_rows(rows) == 0) {
        return scim_error(p, SCIM_E_NOT_FOUND, "The tenant has no user \"%s\"", user);
    }
    *id = scim_col_text(rows, 0, 0);
    return scim_rows(rows) == 1 ? NULL : scim_error(p, SCIM_E_CONFLICT, "\"%s\" may be one of two users: say an id", user);
}

scim_error_t *scim_admin_token_create(scim_db_t *db, apr_pool_t *p, const scim_token_spec_t *spec, apr_int64_t *id)
{
    static const char sql[] =
        "insert into scim.token (tenant, integration, name, sha256, rights, read_endpoints, write_endpoints, sources, profile, expires, person) "
        "select n.id, i.id, $3, $4, $5::text[], $6::text[], $7::text[], "
        "(select array_agg(network(s.address::inet)) from unnest($8::text[]) s (address)), $9, $10::timestamptz, $11::uuid "
        "from scim.tenant n left join scim.integration i on i.tenant = n.id and i.name = $2 "
        "where n.name = $1 and ($2::text is null or i.id is not null) returning id";
    const char *params[] = {
        spec->tenant, spec->integration, spec->name, spec->sha256, rights_literal(spec->rights), list_literal(p, spec->read_endpoints),
        list_literal(p, spec->write_endpoints), list_literal(p, spec->sources), spec->profile,
        spec->expires ? scim_datetime_text(p, spec->expires) : NULL, spec->person,
    };
    scim_result_t *rows = NULL;
    scim_error_t *err = scim_db_run(db, p, SCIM_DB_WRITE, sql, 11, params, &rows);

    if (err && err->code == SCIM_E_UNIQUENESS) {
        return scim_error(p, SCIM_E_CONFLICT, "Tenant \"%s\" has a token named \"%s\" already: choose another --name, or revoke it", spec->tenant,
                          spec->name);
    }
    if (err) {
        return err;
    }
    SCIM_TRY(scim_rows_expect(rows, p, 1, 0, 1));
    if (scim_rows(rows) == 0) {
        return spec->integration ? scim_error(p, SCIM_E_NOT_FOUND, "Tenant \"%s\" has no integration \"%s\"", spec->tenant, spec->integration)
                                 : scim_error(p, SCIM_E_NOT_FOUND, "There is no tenant \"%s\"", spec->tenant);
    }
    *id = scim_col_int(rows, 0, 0);
    return NULL;
}

scim_error_t *scim_admin_token_list(scim_db_t *db, apr_pool_t *p, const char *tenant, apr_array_header_t **out)
{
    static const char sql[] = "select " SCIM_TOKEN_COLUMNS " from " SCIM_TOKEN_TABLES
                              "where $1::text is null or n.name = $1 order by n.name, k.id";
    scim_result_t *rows = NULL;
    scim_tenant_t there;
    int i;

    if (tenant) {
        SCIM_TRY(scim_admin_tenant_find(db, p, tenant, &there));
    }
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, &tenant, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, SCIM_TOKEN_COLUMN_COUNT, 0, -1));
    *out = apr_array_make(p, scim_rows(rows) + 1, sizeof(scim_token_t));
    for (i = 0; i < scim_rows(rows); i++) {
        APR_ARRAY_PUSH(*out, scim_token_t) = *scim_token_row(p, rows, i);
    }
    return NULL;
}

scim_error_t *scim_admin_token_revoke(scim_db_t *db, apr_pool_t *p, apr_int64_t id)
{
    static const char sql[] = "update scim.token set revoked = coalesce(revoked, now()) where id = $1 returning id";
    const char *key = number(p, id);
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 1, &key, &rows));
    return scim_rows(rows) > 0 ? NULL : scim_error(p, SCIM_E_NOT_FOUND, "There is no token %s", key);
}

/* ---- integrations ---- */

static scim_error_t *no_integration(apr_pool_t *p, const char *name)
{
    return scim_error(p, SCIM_E_NOT_FOUND, "The tenant has no integration \"%s\"", name);
}

scim_error_t *scim_admin_integration_add(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *name, const char *profile)
{
    static const char sql[] = "insert into scim.integration (tenant, name, profile) values ($1, $2, $3)";
    const char *params[] = { number(p, tenant), name, profile };
    scim_result_t *rows = NULL;
    scim_error_t *err = scim_db_run(db, p, SCIM_DB_WRITE, sql, 3, params, &rows);

    return err && err->code == SCIM_E_UNIQUENESS ? scim_error(p, SCIM_E_CONFLICT, "The tenant has an integration \"%s\" already", name) : err;
}

scim_error_t *scim_admin_integration_change(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *name, const char *state,
                                            const char *profile)
{
    static const char sql[] = "update scim.integration i set state = coalesce($3, i.state), "
                              "profile = case when $4::text is null then i.profile when $4 = '' then null else $4 end "
                              "where i.tenant = $1 and i.name = $2 returning 1";
    const char *params[] = { number(p, tenant), name, state, profile };
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 4, params, &rows));
    return scim_rows(rows) > 0 ? NULL : no_integration(p, name);
}

scim_error_t *scim_admin_integration_remove(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *name)
{
    static const char sql[] = "delete from scim.integration i where i.tenant = $1 and i.name = $2 returning 1";
    const char *params[] = { number(p, tenant), name };
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 2, params, &rows));
    return scim_rows(rows) > 0 ? NULL : no_integration(p, name);
}

scim_error_t *scim_admin_integration_list(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, apr_array_header_t **out)
{
    static const char sql[] = "select i.name, i.state, i.profile, i.created, (select count(*) from scim.token k where k.tenant = $1 "
                              "and k.integration = i.id and k.revoked is null) from scim.integration i where i.tenant = $1 order by i.name";
    const char *params[] = { number(p, tenant) };
    scim_result_t *rows = NULL;
    int i;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 5, 0, -1));
    *out = apr_array_make(p, scim_rows(rows) + 1, sizeof(scim_integration_t));
    for (i = 0; i < scim_rows(rows); i++) {
        scim_integration_t *integration = apr_array_push(*out);
        integration->name = scim_col_text(rows, i, 0);
        integration->state = scim_tenant_state_parse(scim_col_text(rows, i, 1));
        integration->profile = scim_col_text(rows, i, 2);
        integration->created = scim_col_time(rows, i, 3);
        integration->tokens = scim_col_int(rows, i, 4);
    }
    return NULL;
}
