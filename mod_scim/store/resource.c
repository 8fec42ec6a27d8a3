/* Finding and deleting one resource. */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/text.h"
#include "reading.h"
#include "statement.h"

/* One resource by a condition on $3. */
static scim_error_t *find_one(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, int members, const char *condition,
                              const char *value, scim_stored_t **out)
{
    const char *params[] = { apr_psprintf(p, "%" APR_INT64_T_FMT, s->tenant), type->name, value };
    const char *sql = apr_pstrcat(p, "select ", scim_rows_select(p, type, scim_rows_guess(s), members), " from scim.resource r "
                                  "where r.tenant = $1 and r.type = $2 and ", condition, NULL);
    scim_result_t *rows = NULL;

    SCIM_TRY(scim_db_run(s->db, p, SCIM_DB_READ, sql, 3, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, SCIM_ROWS_COLUMNS, 0, 1));
    if (scim_rows(rows) == 0) {
        return NULL;
    }
    if (type->groups) {
        scim_rows_learn(s, rows, 0);
    }
    return scim_rows_complete(s, p, rows, 0, out);
}

scim_error_t *scim_store_find(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id, int members,
                              scim_stored_t **out)
{
    *out = NULL;
    return scim_is_uuid(id) ? find_one(s, p, type, members, "r.id = $3", id, out) : NULL;
}

scim_error_t *scim_store_members(const scim_scope_t *s, apr_pool_t *p, const apr_array_header_t *ids, const char **elements)
{
    const char *params[] = { apr_psprintf(p, "%" APR_INT64_T_FMT, s->tenant), NULL };
    const char **uuids = apr_palloc(p, ((apr_size_t)ids->nelts + 1) * sizeof *uuids);
    scim_result_t *rows = NULL;
    int i, n = 0;

    for (i = 0; i < ids->nelts; i++) {
        const char *id = APR_ARRAY_IDX(ids, i, const char *);
        if (scim_is_uuid(id)) {
            uuids[n++] = id;
        }
    }
    params[1] = scim_array_literal(p, uuids, n);
    SCIM_TRY(scim_db_run(s->db, p, SCIM_DB_READ,
                         "select string_agg(" SCIM_ROWS_MEMBER_LINE("u.id", "u.type", "u.display") ", e'\\n' order by u.id) "
                         "from scim.resource u where u.tenant = $1 and u.type in ('User', 'Group') "
                         "and u.id in (select w.id from unnest((select $2::uuid[])) w (id))",
                         2, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, p, 1, 1, 1));
    *elements = scim_rows_references(s, p, rows, 0, 0);
    return NULL;
}

typedef struct one_t {
    apr_pool_t *p;
    const scim_resource_type_t *type;
} one_t;

/* The resource and then its members, in the order of their ids, of one snapshot. */
static const char *with_members(const void *data, scim_groups_e which)
{
    const one_t *one = data;

    return apr_pstrcat(one->p, "select x.id, x.version, x.created, x.modified, x.doc, x.groups, x.line from (select 1 as part, "
                       SCIM_ROWS_RESOURCE ", ", scim_rows_groups_column(one->type, which), " as groups, null::text as line, "
                       "null::uuid as member from scim.resource r where r.tenant = $1 and r.type = $2 and r.id = $3 "
                       "union all select 2, " SCIM_ROWS_LINE ", m.member_id from scim.membership m "
                       SCIM_ROWS_OF_MEMBER "where m.tenant = $1 and m.group_id = $3) x "
                       "order by x.part, x.member", NULL);
}

scim_error_t *scim_store_read(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                              const scim_reader_t *reader)
{
    const one_t one = { p, type };
    scim_reading_t reading = { .text = with_members, .data = &one, .intent = SCIM_DB_READ, .reader = reader, .groups = 1 };
    apr_array_header_t *params = apr_array_make(p, 3, sizeof(const char *));
    scim_found_t found;

    if (!scim_is_uuid(id)) {
        return NULL;
    }
    APR_ARRAY_PUSH(params, const char *) = apr_psprintf(p, "%" APR_INT64_T_FMT, s->tenant);
    APR_ARRAY_PUSH(params, const char *) = type->name;
    APR_ARRAY_PUSH(params, const char *) = id;
    reading.params = params;
    return scim_reading_run(s, p, &reading, &found);
}

scim_error_t *scim_store_find_inactive(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *user_name,
                                       scim_stored_t **out)
{
    *out = NULL;
    return find_one(s, p, type, 0, "r.user_name = $3 and not r.active", user_name, out);
}

/* Tenant, type, id. */
#define DELETE_BEFORE_PARAMS 3

#define TARGET "target as materialized (select l.version, l.created, l.modified from locked l where l.id = $3 and l.type = $2), "

scim_error_t *scim_store_delete(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                const scim_match_t *expected, scim_written_t *out)
{
    scim_statement_t *st;
    const char *is_expected;

    memset(out, 0, sizeof *out);
    out->outcome = SCIM_WRITE_MISSING;
    if (!scim_is_uuid(id)) {
        return NULL;
    }
    SCIM_TRY(scim_statement_make(s, p, type, id, &st));
    st->deletes = 1;
    scim_statement_lock_before(st, "", DELETE_BEFORE_PARAMS);
    is_expected = scim_statement_expected(st, expected);
    scim_statement_add(st, "with ", NULL);
    scim_statement_lock(st, "");
    scim_statement_add(st, TARGET "ok as materialized (select 1 as yes from target t where true", is_expected,
                       "), " SCIM_RENEW_HOLDERS "deleted as (delete from scim.resource r using ok where r.tenant = $1 and r.id = $3), "
                       "buried as (insert into scim.tombstone (tenant, id, type, write_id) select $1, $3, $2, $4 from ok "
                       "on conflict do nothing), "
                       "one as (select 1 as yes) select case when t.version is null then 'missing' when not (true",
                       is_expected, ") then 'stale' else 'done' end, t.version, t.created, t.modified, "
                       "null::uuid, 0 from one left join target t on true",
                       NULL);
    return scim_statement_run(st, out);
}
