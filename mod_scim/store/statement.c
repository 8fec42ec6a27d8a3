#include "statement.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "../core/base/text.h"
#include "rows.h"

scim_error_t *scim_statement_write_id(apr_pool_t *p, const char **out)
{
    unsigned char random[8];
    apr_status_t rv = apr_generate_random_bytes(random, sizeof random);

    if (rv != APR_SUCCESS) {
        return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "No id of the write could be made"), "no random bytes (%d)", rv);
    }
    *out = scim_uuid7(p, apr_time_now(), random);
    return NULL;
}

scim_error_t *scim_statement_make(const scim_scope_t *s, apr_pool_t *p, const scim_resource_type_t *type, const char *id,
                                  scim_statement_t **out)
{
    scim_statement_t *st = apr_pcalloc(p, sizeof *st);

    SCIM_TRY(scim_statement_write_id(p, &st->write_id));

    st->scope = s;
    st->p = p;
    st->type = type;
    st->id = id;
    st->sql.p = p;
    st->sql.scope = s;
    st->sql.type = type;
    st->sql.params = apr_array_make(p, 16, sizeof(const char *));
    st->text = apr_array_make(p, 64, sizeof(const char *));
    scim_statement_bind(st, apr_psprintf(p, "%" APR_INT64_T_FMT, s->tenant));
    scim_statement_bind(st, type->name);
    scim_statement_bind(st, id);
    scim_statement_bind(st, st->write_id);
    *out = st;
    return NULL;
}

void scim_statement_add(scim_statement_t *st, ...)
{
    va_list texts;
    const char *text;

    va_start(texts, st);
    while ((text = va_arg(texts, const char *))) {
        APR_ARRAY_PUSH(st->text, const char *) = text;
    }
    va_end(texts);
}

const char *scim_statement_bind(scim_statement_t *st, const char *value)
{
    return scim_sql_bind(&st->sql, value);
}

const char *scim_statement_expected(scim_statement_t *st, const scim_match_t *expected)
{
    const char **texts;
    int i;

    if (!expected || expected->any) {
        return "";
    }
    texts = apr_pcalloc(st->p, (apr_size_t)(expected->versions->nelts + 1) * sizeof *texts);
    for (i = 0; i < expected->versions->nelts; i++) {
        texts[i] = apr_psprintf(st->p, "%" APR_INT64_T_FMT, APR_ARRAY_IDX(expected->versions, i, apr_int64_t));
    }
    return apr_pstrcat(st->p, " and t.version = any((select ", scim_statement_bind(st, scim_array_literal(st->p, texts, i)),
                       "::bigint[])::bigint[])", NULL);
}

/* ---- Members ---- */

const char *scim_statement_ids(scim_statement_t *st, apr_hash_t *ids)
{
    const char **texts = apr_palloc(st->p, (apr_hash_count(ids) + 1) * sizeof *texts);
    apr_hash_index_t *i;
    int n = 0;

    for (i = apr_hash_first(st->p, ids); i; i = apr_hash_next(i)) {
        const char *id = apr_hash_this_key(i);
        if (scim_is_uuid(id)) {
            texts[n++] = id;
        }
    }
    return scim_array_literal(st->p, texts, n);
}

/* Ids and claimed types side by side; what is no UUID is unknown by definition. */
void scim_statement_bind_wanted(scim_statement_t *st, const scim_members_t *members, scim_unknown_members_e unknown)
{
    apr_hash_t *add = members->add;
    const char **id_texts = apr_palloc(st->p, (apr_hash_count(add) + 1) * sizeof *id_texts);
    const char **type_texts = apr_palloc(st->p, (apr_hash_count(add) + 1) * sizeof *type_texts);
    apr_hash_index_t *i;
    int n = 0;

    for (i = apr_hash_first(st->p, add); i; i = apr_hash_next(i)) {
        const scim_member_t *member = apr_hash_this_val(i);
        const char *id = apr_hash_this_key(i);
        if (scim_is_uuid(id)) {
            int order = strcmp(id, st->id);
            st->adds_below |= order < 0;
            st->adds_self |= order == 0;
            st->adds_above |= order > 0;
            id_texts[n] = id;
            type_texts[n++] = member->type ? member->type : "";
        }
        else if (unknown == SCIM_MEMBERS_SKIP) {
            st->skipped_members++;
        }
        else if (!st->bad_member) {
            st->bad_member = member->id;
        }
    }
    st->ids = scim_statement_bind(st, scim_array_literal(st->p, id_texts, n));
    st->types = scim_statement_bind(st, scim_array_literal(st->p, type_texts, n));
}

/* " union all select ..." of the members to add. */
static const char *and_wanted(const scim_statement_t *st)
{
    return st->ids ? apr_pstrcat(st->p, " union all select u.id from unnest((select ", st->ids, "::uuid[])) u (id)", NULL) : "";
}

void scim_statement_share(scim_statement_t *st, const char *name, const char *condition)
{
    scim_statement_add(st, name, " as materialized (select r.id, r.type from scim.resource r where r.tenant = $1 and ", condition,
                       "r.id in (select u.id from unnest((select ", st->ids, "::uuid[])) u (id)) order by r.id for key share), ", NULL);
}

#define AND_HOLDERS                                                                                                          \
    "r.id in (select $3::uuid union all select m.group_id from scim.membership m where m.tenant = $1 and m.member_id = $3"

void scim_statement_lock(scim_statement_t *st, const char *condition)
{
    scim_statement_add(st, "locked as materialized (select r.id, r.type, r.version, r.created, r.modified from scim.resource r "
                       "where r.tenant = $1 and ", condition, AND_HOLDERS, and_wanted(st), ") order by r.id for update skip locked), ", NULL);
}

void scim_statement_lock_before(scim_statement_t *st, const char *condition, int n)
{
    st->before = apr_pstrcat(st->p, "select count(*) from (select r.id from scim.resource r where r.tenant = $1 and $2::text is not null and ",
                             condition, AND_HOLDERS, and_wanted(st), ") order by r.id for update) l", NULL);
    st->nbefore = n;
}

void scim_statement_wanted(scim_statement_t *st, const char *from, scim_unknown_members_e unknown)
{
    scim_statement_add(st, "wanted as materialized (select w.id, w.claimed, m.type from unnest((select ", st->ids,
                       "::uuid[]), (select ", st->types, "::text[])) w (id, claimed) "
                       "left join (", from, ") m on m.id = w.id and m.type in ('User', 'Group')), "
                       "bad as materialized (select w.id from wanted w where ",
                       unknown == SCIM_MEMBERS_REFUSE ? "w.type is null or " : "",
                       "(w.claimed <> '' and w.claimed <> w.type) limit 1), ", NULL);
}

/* ---- Unique values ---- */

static int any_unique(const scim_attribute_t *attrs, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if ((attrs[i].uniqueness != SCIM_UNIQUE_NONE && attrs[i].home == SCIM_HOME_DOCUMENT) || any_unique(attrs[i].subs, attrs[i].nsubs)) {
            return 1;
        }
    }
    return 0;
}

int scim_statement_has_unique(const scim_resource_type_t *type, const scim_record_t *record)
{
    const scim_schema_t *schema;
    int i;

    for (i = 0; record->unique->nelts == 0 && (schema = scim_type_schema_at(type, i)); i++) {
        if (any_unique(schema->attrs, schema->nattrs)) {
            return 1;
        }
    }
    return record->unique->nelts > 0;
}

void scim_statement_unique(scim_statement_t *st, const scim_record_t *record, const char *gate, int forget_old)
{
    int i, n = record->unique->nelts;
    const char **attributes = apr_palloc(st->p, (apr_size_t)(n + 1) * sizeof *attributes);
    const char **values = apr_palloc(st->p, (apr_size_t)(n + 1) * sizeof *values);
    const char *names;

    for (i = 0; i < n; i++) {
        attributes[i] = APR_ARRAY_IDX(record->unique, i, scim_unique_t).attribute;
        values[i] = APR_ARRAY_IDX(record->unique, i, scim_unique_t).value;
    }
    names = scim_statement_bind(st, scim_array_literal(st->p, attributes, n));
    if (forget_old) {
        scim_statement_add(st, "forgotten as (delete from scim.unique_value u using ", gate,
                           " where u.tenant = $1 and u.resource_id = $3 and u.attribute <> all((select ", names,
                           "::text[])::text[])), ", NULL);
    }
    scim_statement_add(st, "claimed as (insert into scim.unique_value (tenant, resource_id, type, attribute, value) "
                       "select $1, $3, $2, v.attribute, v.value from ",
                       gate, " cross join unnest((select ", names, "::text[]), (select ",
                       scim_statement_bind(st, scim_array_literal(st->p, values, n)), "::text[])) v (attribute, value) "
                       "order by v.attribute, v.value on conflict (tenant, resource_id, attribute) do update set value = excluded.value "
                       "where unique_value.value <> excluded.value), ",
                       NULL);
}
