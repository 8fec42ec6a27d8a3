#include "roles.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define MAX_NAME 63

/* What the service needs, statement by statement: no more. t/privileges.t runs everything as this role. */
static const char service_rights[] =
    "grant usage on schema scim to %s;"
    "grant select on scim.migration, scim.tenant, scim.integration, scim.token to %s;"
    "grant update (last_used) on scim.token to %s;"
    "grant select, insert, delete on scim.secret to %s;"
    "grant select, insert, update, delete on scim.resource, scim.membership, scim.unique_value, scim.tombstone to %s;"
    "grant select, insert on scim.journal to %s;"
    "grant usage on sequence scim.journal_sequence to %s;";

static const char reader_rights[] =
    "grant usage on schema scim to %s;"
    "grant select on scim.tenants, scim.users, scim.groups, scim.memberships, scim.effective_memberships, scim.roles to %s;";

/* What the program relies on, or is kept from harm by: see scim_db_session_advice. */
static const struct {
    const char *name, *value;
    const char *kept;                  /* value in PostgreSQL's catalogue, in lower case */
} settings[] = {
    { "default_transaction_isolation", "'read committed'", "read committed" },
    { "default_transaction_read_only", "off", "off" },
    { "lock_timeout", "'3s'", "3s" },
    { "statement_timeout", "'30s'", "30s" },
    { "idle_in_transaction_session_timeout", "'60s'", "60s" },
    { "jit", "off", "off" },
    { "plan_cache_mode", "force_generic_plan", "force_generic_plan" },
    { "search_path", "''", "\"\"" },
    { "timezone", "'UTC'", "utc" },
};

const char *scim_sql_name(apr_pool_t *p, const char *name)
{
    char *out = apr_palloc(p, 2 * strlen(name) + 3), *o = out;

    *o++ = '"';
    for (; *name; name++) {
        if (*name == '"') {
            *o++ = '"';
        }
        *o++ = *name;
    }
    *o++ = '"';
    *o = '\0';
    return out;
}

/* The text with name in place of each %s. */
static const char *fill_in(apr_pool_t *p, const char *text, const char *name)
{
    const char *at = strstr(text, "%s");

    return at ? apr_pstrcat(p, apr_pstrmemdup(p, text, (apr_size_t)(at - text)), name, fill_in(p, at + 2, name), NULL) : text;
}

static scim_error_t *check_name(apr_pool_t *p, const char *name)
{
    const char *c;

    for (c = name; *c && !apr_iscntrl(*c); c++) {
    }
    if (*c || c == name || c - name > MAX_NAME) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "A role's name has 1 to %d bytes without control characters", MAX_NAME);
    }
    return NULL;
}

/* name: $1, or NULL. columns, least: of the result. */
static scim_error_t *ask(scim_db_t *db, apr_pool_t *p, const char *sql, const char *name, int columns, int least, scim_result_t **rows)
{
    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, name ? 1 : 0, &name, rows));
    return scim_rows_expect(*rows, p, columns, least, least ? 1 : -1);
}

/* The connected role may not do it: tells what somebody else has to run. */
static scim_error_t *ask_others(apr_pool_t *p, scim_error_t *err, const char *what, const char *script)
{
    return err ? scim_error_cause(p, err, "%s (%s); let a role that may run: %s", what, scim_error_inside(err), script) : NULL;
}

static scim_error_t *make_role(scim_db_t *db, apr_pool_t *p, const char *name)
{
    const char *quoted = scim_sql_name(p, name), *script = apr_psprintf(p, "create role %s login", quoted);
    scim_result_t *rows = NULL;

    SCIM_TRY(check_name(p, name));
    SCIM_TRY(ask(db, p, "select 1 from pg_catalog.pg_roles where rolname = $1", name, 1, 0, &rows));
    if (scim_rows(rows) > 0) {
        return NULL;
    }
    return ask_others(p, scim_db_script(db, p, script), apr_psprintf(p, "The role %s is not there and cannot be made", quoted), script);
}

/* ---- the owner ---- */

/* Objects of the schema that belong to somebody else, as statements that give them to the owner. */
static scim_error_t *adopt(scim_db_t *db, apr_pool_t *p, const char *owner)
{
    static const char sql[] =
        "select format('alter %s %s owner to %I', o.kind, o.name, $1::text) from ("
        "select 0 as place, 'schema' as kind, quote_ident(n.nspname) as name, n.nspowner as owner from pg_catalog.pg_namespace n "
        "where n.nspname = 'scim' union all "
        "select case c.relkind when 'S' then 3 when 'v' then 2 else 1 end, "
        "case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, "
        "c.oid::pg_catalog.regclass::text, c.relowner from pg_catalog.pg_class c where c.relnamespace = to_regnamespace('scim') "
        "and c.relkind in ('r', 'p', 'v', 'S') and not exists (select 1 from pg_catalog.pg_depend d where d.classid = 'pg_class'::regclass "
        "and d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S') union all "
        "select 4, 'function', f.oid::pg_catalog.regprocedure::text, f.proowner from pg_catalog.pg_proc f "
        "where f.pronamespace = to_regnamespace('scim')) o "
        "where o.owner <> (select a.oid from pg_catalog.pg_roles a where a.rolname = $1) order by o.place, o.name";
    scim_result_t *rows = NULL;
    const char *script = "";
    int i;

    SCIM_TRY(ask(db, p, sql, owner, 1, 0, &rows));
    for (i = 0; i < scim_rows(rows); i++) {
        script = apr_pstrcat(p, script, scim_col_text(rows, i, 0), ";", NULL);
    }
    return *script ? scim_db_script(db, p, script) : NULL;
}

/* To act as the owner one has to be a member of it. */
static scim_error_t *make_owner(scim_db_t *db, apr_pool_t *p, const char *owner)
{
    const char *name = scim_sql_name(p, owner);
    scim_result_t *rows = NULL;

    SCIM_TRY(make_role(db, p, owner));
    SCIM_TRY(ask(db, p, "select pg_has_role(current_user, $1, 'member'), has_database_privilege($1, current_database(), 'create'), "
                        "quote_ident(current_database())", owner, 3, 1, &rows));
    if (!scim_col_bool(rows, 0, 0)) {
        SCIM_TRY(scim_db_script(db, p, apr_psprintf(p, "grant %s to current_user", name)));
    }
    if (!scim_col_bool(rows, 0, 1)) {
        SCIM_TRY(scim_db_script(db, p, apr_psprintf(p, "grant create on database %s to %s", scim_col_text(rows, 0, 2), name)));
    }
    return adopt(db, p, owner);
}

scim_error_t *scim_roles_make(scim_db_t *db, apr_pool_t *p, const scim_roles_t *roles)
{
    if (roles->owner && roles->service && strcmp(roles->owner, roles->service) == 0) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "The service needs a role of its own: the owner may do everything");
    }
    if (roles->owner) {
        SCIM_TRY(make_owner(db, p, roles->owner));
    }
    if (roles->service) {
        SCIM_TRY(make_role(db, p, roles->service));
    }
    return roles->reader ? make_role(db, p, roles->reader) : NULL;
}

scim_error_t *scim_roles_owner(scim_db_t *db, apr_pool_t *p, const char *owner, const char **out)
{
    static const char sql[] = "select pg_get_userbyid(n.nspowner)::text from pg_catalog.pg_namespace n where n.nspname = 'scim' "
                              "and pg_get_userbyid(n.nspowner) <> current_user and pg_has_role(current_user, n.nspowner, 'member')";
    scim_result_t *rows = NULL;

    *out = owner;
    if (!owner) {
        SCIM_TRY(ask(db, p, sql, NULL, 1, 0, &rows));
        *out = scim_rows(rows) > 0 ? scim_col_text(rows, 0, 0) : NULL;
    }
    return NULL;
}

/* ---- rights ---- */

/* Runs the script as the owner of the schema, who alone may grant. */
static scim_error_t *as_owner(scim_db_t *db, apr_pool_t *p, const char *script)
{
    const char *owner = NULL;

    SCIM_TRY(scim_roles_owner(db, p, NULL, &owner));
    return scim_db_script(db, p, owner ? apr_psprintf(p, "set local role %s;%s", scim_sql_name(p, owner), script) : script);
}

static scim_error_t *grant(scim_db_t *db, apr_pool_t *p, const char *rights, const char *role)
{
    return as_owner(db, p, fill_in(p, rights, scim_sql_name(p, role)));
}

/* Are the settings there? pg_db_role_setting keeps them as name=value, in its own spelling of both. */
static scim_error_t *has_settings(scim_db_t *db, apr_pool_t *p, const char *role, int *all)
{
    static const char sql[] = "select count(*) from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase "
                              "join pg_catalog.pg_roles a on a.oid = s.setrole cross join unnest(s.setconfig) c (setting) "
                              "where d.datname = current_database() and a.rolname = $1 and lower(c.setting) in (";
    const char *list = "";
    scim_result_t *rows = NULL;
    apr_size_t i;

    for (i = 0; i < sizeof settings / sizeof *settings; i++) {
        list = apr_pstrcat(p, list, i ? "," : "", "'", settings[i].name, "=", settings[i].kept, "'", NULL);
    }
    SCIM_TRY(ask(db, p, apr_pstrcat(p, sql, list, ")", NULL), role, 1, 1, &rows));
    *all = scim_col_int(rows, 0, 0) == (apr_int64_t)(sizeof settings / sizeof *settings);
    return NULL;
}

static scim_error_t *set_settings(scim_db_t *db, apr_pool_t *p, const char *role)
{
    const char *script = "", *where, *quoted = scim_sql_name(p, role);
    scim_result_t *rows = NULL;
    apr_size_t i;
    int all = 0;

    SCIM_TRY(has_settings(db, p, role, &all));
    if (all) {
        return NULL;
    }
    SCIM_TRY(ask(db, p, "select quote_ident(current_database())", NULL, 1, 1, &rows));
    where = apr_psprintf(p, "alter role %s in database %s set ", quoted, scim_col_text(rows, 0, 0));
    for (i = 0; i < sizeof settings / sizeof *settings; i++) {
        script = apr_pstrcat(p, script, i ? " " : "", where, settings[i].name, " = ", settings[i].value, ";", NULL);
    }
    return ask_others(p, scim_db_script(db, p, script), apr_psprintf(p, "The settings of role %s cannot be made", quoted), script);
}

/* PostgreSQL's own log quotes the values of a row that is refused, names of people among them, in the details of an error. To leave those out for a
 * role takes the right to that parameter, which few have but superusers: where it is missing, the log is as its administrator wants it. */
static scim_error_t *keep_names_from_log(scim_db_t *db, apr_pool_t *p, const char *role)
{
    static const char sql[] =
        "select quote_ident(d.datname) from pg_catalog.pg_database d where d.datname = current_database() "
        "and pg_catalog.has_parameter_privilege('log_error_verbosity', 'set') and not exists (select 1 from pg_catalog.pg_db_role_setting s "
        "join pg_catalog.pg_roles a on a.oid = s.setrole where s.setdatabase = d.oid and a.rolname = $1 "
        "and 'log_error_verbosity=terse' = any (s.setconfig))";
    scim_result_t *rows = NULL;

    SCIM_TRY(ask(db, p, sql, role, 1, 0, &rows));
    if (scim_rows(rows) == 0) {
        return NULL;
    }
    return scim_db_script(db, p, apr_psprintf(p, "alter role %s in database %s set log_error_verbosity = terse", scim_sql_name(p, role),
                                              scim_col_text(rows, 0, 0)));
}

scim_error_t *scim_roles_grant(scim_db_t *db, apr_pool_t *p, const scim_roles_t *roles)
{
    if (roles->service) {
        SCIM_TRY(grant(db, p, service_rights, roles->service));
        SCIM_TRY(set_settings(db, p, roles->service));
        SCIM_TRY(keep_names_from_log(db, p, roles->service));
    }
    return roles->reader ? grant(db, p, reader_rights, roles->reader) : NULL;
}

/* Who may write resources is a service, who may read the view of users a reader. */
scim_error_t *scim_roles_renew(scim_db_t *db, apr_pool_t *p)
{
    static const char sql[] =
        "select pg_get_userbyid(a.grantee)::text, a.privilege_type = 'INSERT' "
        "from pg_catalog.pg_class c cross join lateral aclexplode(c.relacl) a "
        "where a.grantee <> 0 and a.grantee <> c.relowner and ("
        "c.oid = to_regclass('scim.resource') and a.privilege_type = 'INSERT' or "
        "c.oid = to_regclass('scim.users') and a.privilege_type = 'SELECT')";
    scim_result_t *rows = NULL;
    int i;

    SCIM_TRY(ask(db, p, sql, NULL, 2, 0, &rows));
    for (i = 0; i < scim_rows(rows); i++) {
        SCIM_TRY(grant(db, p, scim_col_bool(rows, i, 1) ? service_rights : reader_rights, scim_col_text(rows, i, 0)));
    }
    return NULL;
}

/* ---- readers ---- */

static const char *tenant_or_null(apr_pool_t *p, apr_int64_t tenant)
{
    return tenant ? apr_psprintf(p, "%" APR_INT64_T_FMT, tenant) : NULL;
}

scim_error_t *scim_roles_reader_add(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *role)
{
    static const char sql[] = "insert into scim.reader (role, tenant) values ($1::name, $2::int8) on conflict do nothing";
    const char *params[] = { role, tenant_or_null(p, tenant) };
    scim_result_t *rows = NULL;

    SCIM_TRY(make_role(db, p, role));
    SCIM_TRY(grant(db, p, reader_rights, role));
    return scim_db_run(db, p, SCIM_DB_WRITE, sql, 2, params, &rows);
}

scim_error_t *scim_roles_reader_remove(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, const char *role)
{
    static const char sql[] = "delete from scim.reader r where r.role = $1::name and r.tenant is not distinct from $2::int8 returning 1";
    const char *params[] = { role, tenant_or_null(p, tenant) };
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_WRITE, sql, 2, params, &rows));
    if (scim_rows(rows) > 0) {
        return NULL;
    }
    return scim_error(p, SCIM_E_NOT_FOUND, "The role \"%s\" does not read %s", role, tenant ? "this tenant" : "all tenants");
}

scim_error_t *scim_roles_reader_list(scim_db_t *db, apr_pool_t *p, apr_int64_t tenant, apr_array_header_t **out)
{
    static const char sql[] = "select r.role::text, n.name from scim.reader r left join scim.tenant n on n.id = r.tenant "
                              "where $1::int8 is null or r.tenant is null or r.tenant = $1::int8 order by n.name nulls first, r.role";
    const char *params[] = { tenant_or_null(p, tenant) };
    scim_result_t *rows = NULL;
    int i;

    SCIM_TRY(scim_db_run(db, p, SCIM_DB_READ, sql, 1, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 2, 0, -1));
    *out = apr_array_make(p, scim_rows(rows) + 1, sizeof(scim_roles_reader_t));
    for (i = 0; i < scim_rows(rows); i++) {
        scim_roles_reader_t *reader = apr_array_push(*out);
        reader->role = scim_col_text(rows, i, 0);
        reader->tenant = scim_col_text(rows, i, 1);
    }
    return NULL;
}
