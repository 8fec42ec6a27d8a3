/* Creating many resources by one statement. Which of them can be written is known before the first is: so those that name one another are
 * written together or not at all, and references in circles need no second look (B-15, B-16). */
#include <apr_strings.h>
#include <string.h>

#include "../core/base/text.h"
#include "rows.h"
#include "sql.h"
#include "statement.h"
#include "where.h"

typedef enum {
    PLACE, COMPONENT, ID, TYPE, USER_NAME, EXTERNAL_ID, DISPLAY_NAME, DISPLAY, ACTIVE, PASSWORD, KEYS, DOC, FOLDED, COLUMNS
} column_e;

/* Columns of `given`; those from USER_NAME on are columns of the table. */
static const struct {
    const char *name, *element;        /* type of the elements of its array */
    const char *cast;                  /* to the type of the table */
} columns[COLUMNS] = {
    { "place", "integer", "" },      { "component", "integer", "" },     { "id", "uuid", "" },           { "type", "text", "" },
    { "user_name", "text", "" },     { "external_id", "text", "" },      { "display_name", "text", "" }, { "display", "text", "" },
    { "active", "boolean", "" },     { "password", "text", "" },         { "keys", "text", "::bigint[]" }, { "doc", "text", "::json" },
    { "folded", "text", "::jsonb" },
};

typedef struct many_t {
    const scim_scope_t *scope;
    apr_pool_t *p;
    apr_array_header_t *creations;     /* of scim_creation_t */
    scim_unknown_members_e unknown;
    scim_sql_t sql;
    const char *write_id;
    const char *text;
    int adds;                          /* some have members */
} many_t;

static void add(many_t *m, const char *text)
{
    m->text = apr_pstrcat(m->p, m->text, text, NULL);
}

static const char *value_of(const many_t *m, const scim_creation_t *creation, int place, column_e column)
{
    const scim_record_t *r = creation->record;

    switch (column) {
    case PLACE:
        return apr_itoa(m->p, place);
    case COMPONENT:
        return apr_itoa(m->p, creation->component);
    case ID:
        return creation->id;
    case TYPE:
        return creation->type->name;
    case USER_NAME:
        return r->user_name;
    case EXTERNAL_ID:
        return r->external_id;
    case DISPLAY_NAME:
        return r->display_name;
    case DISPLAY:
        return r->display;
    case ACTIVE:
        return r->active < 0 ? NULL : r->active ? "true" : "false";
    case PASSWORD:
        return r->password;
    case KEYS:
        return scim_keys_literal(m->p, m->scope->tenant, creation->type, r);
    case DOC:
        return r->doc;
    default:
        return r->folded;
    }
}

/* "(select $n::text[])" */
static const char *bind_array(many_t *m, const char *const *texts, int n, const char *element)
{
    return apr_pstrcat(m->p, "(select ", scim_sql_bind(&m->sql, scim_array_literal(m->p, texts, n)), "::", element, "[])", NULL);
}

#define NTH(columns) "row_number() over (partition by " columns " order by place)"

static void give(many_t *m)
{
    const char **values = apr_palloc(m->p, (apr_size_t)m->creations->nelts * sizeof *values);
    const char *arrays = "", *names = "";
    int i, column;

    for (column = 0; column < COLUMNS; column++) {
        for (i = 0; i < m->creations->nelts; i++) {
            values[i] = value_of(m, &APR_ARRAY_IDX(m->creations, i, scim_creation_t), i, (column_e)column);
        }
        arrays = apr_pstrcat(m->p, arrays, column ? ", " : "", bind_array(m, values, i, columns[column].element), NULL);
        names = apr_pstrcat(m->p, names, column ? ", " : "", columns[column].name, NULL);
    }
    add(m, apr_pstrcat(m->p, "with given as materialized (select ", names, ", " NTH("user_name") " as nth from unnest(", arrays, ") g (", names,
                       ")), ", NULL));
}

/* Expression names: unique values other than userName. */
static int give_unique(many_t *m)
{
    apr_array_header_t *ids = apr_array_make(m->p, 8, sizeof(const char *)), *attributes = apr_array_make(m->p, 8, sizeof(const char *));
    apr_array_header_t *values = apr_array_make(m->p, 8, sizeof(const char *));
    int i, j;

    for (i = 0; i < m->creations->nelts; i++) {
        const scim_creation_t *creation = &APR_ARRAY_IDX(m->creations, i, scim_creation_t);
        for (j = 0; j < creation->record->unique->nelts; j++) {
            const scim_unique_t *unique = &APR_ARRAY_IDX(creation->record->unique, j, scim_unique_t);
            APR_ARRAY_PUSH(ids, const char *) = creation->id;
            APR_ARRAY_PUSH(attributes, const char *) = unique->attribute;
            APR_ARRAY_PUSH(values, const char *) = unique->value;
        }
    }
    if (ids->nelts == 0) {
        return 0;
    }
    add(m, apr_pstrcat(m->p, "names as materialized (select g.place, g.component, g.id, g.type, u.attribute, u.value, "
                       NTH("g.type, u.attribute, u.value") " as nth from unnest(",
                       bind_array(m, (const char *const *)ids->elts, ids->nelts, "uuid"), ", ",
                       bind_array(m, (const char *const *)attributes->elts, ids->nelts, "text"), ", ",
                       bind_array(m, (const char *const *)values->elts, ids->nelts, "text"),
                       ") u (id, attribute, value) join given g on g.id = u.id), ", NULL));
    return 1;
}

#define NOBODY "00000000-0000-0000-0000-000000000000"

/* The members of one group; what is no UUID is unknown by definition. */
static void wish(scim_creation_t *creation, apr_pool_t *p, apr_array_header_t *groups, apr_array_header_t *ids, apr_array_header_t *types)
{
    apr_hash_index_t *i = creation->members ? apr_hash_first(p, creation->members->add) : NULL;

    for (; i; i = apr_hash_next(i)) {
        const scim_member_t *member = apr_hash_this_val(i);
        const char *id = apr_hash_this_key(i);
        int is_id = scim_is_uuid(id);
        if (!is_id && !creation->written.bad_member) {
            creation->written.bad_member = member->id;
        }
        APR_ARRAY_PUSH(groups, const char *) = creation->id;
        APR_ARRAY_PUSH(ids, const char *) = is_id ? id : NOBODY;
        APR_ARRAY_PUSH(types, const char *) = member->type ? member->type : "";
    }
}

/* Expressions wanted and bad, as for a single group, of all groups at once. */
static void give_members(many_t *m)
{
    apr_array_header_t *groups = apr_array_make(m->p, 64, sizeof(const char *)), *ids = apr_array_make(m->p, 64, sizeof(const char *));
    apr_array_header_t *types = apr_array_make(m->p, 64, sizeof(const char *));
    int i;

    for (i = 0; i < m->creations->nelts; i++) {
        wish(&APR_ARRAY_IDX(m->creations, i, scim_creation_t), m->p, groups, ids, types);
    }
    m->adds = ids->nelts > 0;
    if (!m->adds) {
        return;
    }
    add(m, apr_pstrcat(m->p, "wished as materialized (select w.group_id, w.id, w.claimed from unnest(",
                       bind_array(m, (const char *const *)groups->elts, ids->nelts, "uuid"), ", ",
                       bind_array(m, (const char *const *)ids->elts, ids->nelts, "uuid"), ", ",
                       bind_array(m, (const char *const *)types->elts, ids->nelts, "text"), ") w (group_id, id, claimed)), "
                       "shared as materialized (select r.id, r.type from scim.resource r where r.tenant = $1 "
                       "and r.id in (select w.id from wished w) order by r.id for key share), "
                       "wanted as materialized (select w.group_id, w.id, w.claimed, f.type from wished w "
                       "left join (select s.id, s.type from shared s union all select g.id, g.type from given g) f "
                       "on f.id = w.id and f.type in ('User', 'Group')), "
                       "bad as materialized (select distinct on (w.group_id) w.group_id, w.id from wanted w where ",
                       m->unknown == SCIM_MEMBERS_REFUSE ? "w.type is null or " : "",
                       "(w.claimed <> '' and w.claimed <> w.type) order by w.group_id, w.id), "
                       "skipped as materialized (select w.group_id, count(*) as n from wanted w where w.type is null group by w.group_id), ",
                       NULL));
}

#define TAKEN                                                                                                                       \
    "taken as materialized (select g.place, g.component from given g where g.user_name is not null and (g.nth > 1 or exists "       \
    "(select 1 from scim.resource r where r.tenant = $1 and r.user_name = g.user_name))"
#define TAKEN_NAMES                                                                                                                 \
    " union select n.place, n.component from names n where n.nth > 1 or exists (select 1 from scim.unique_value v "                 \
    "where v.tenant = $1 and v.type = n.type and v.attribute = n.attribute and v.value = n.value)"
#define OK                                                                                                                          \
    "ok as materialized (select g.* from given g where g.component not in (select t.component from taken t)"
#define OK_MEMBERS " and g.component not in (select f.component from bad b join given f on f.id = b.group_id)"
#define CLAIMED                                                                                                                     \
    "claimed as (insert into scim.unique_value (tenant, resource_id, type, attribute, value) select $1, n.id, n.type, n.attribute, " \
    "n.value from names n join ok o on o.id = n.id order by n.attribute, n.value), "
#define ADDED                                                                                                                       \
    "added as (insert into scim.membership (tenant, group_id, member_id, member_type) select $1, w.group_id, w.id, w.type "         \
    "from wanted w join ok o on o.id = w.group_id where w.type is not null), "

/* In the order of userName: two of these statements wait for one another in one direction only. */
static void write_all(many_t *m)
{
    const char *to = "", *from = "";
    int column;

    for (column = USER_NAME; column < COLUMNS; column++) {
        to = apr_pstrcat(m->p, to, ", ", columns[column].name, NULL);
        from = apr_pstrcat(m->p, from, ", o.", columns[column].name, columns[column].cast, NULL);
    }
    add(m, apr_pstrcat(m->p, "written as (insert into scim.resource (tenant, type, id, write_id, version, created, modified", to,
                       ") select $1, o.type, o.id, $2::uuid, 1, now(), now()", from,
                       " from ok o order by o.user_name returning id, version, created, modified), ", NULL));
}

static void tell(many_t *m)
{
    add(m, apr_pstrcat(m->p, "told as (select g.place, case when w.id is not null then 'done' when t.place is not null then 'taken' ",
                       m->adds ? "when b.id is not null then 'bad' " : "", "else 'held' end as outcome, w.version, w.created, w.modified, ",
                       m->adds ? "b.id as bad, coalesce(s.n, 0) as skipped " : "null::uuid as bad, 0 as skipped ",
                       "from given g left join written w on w.id = g.id left join taken t on t.place = g.place ",
                       m->adds ? "left join bad b on b.group_id = g.id left join skipped s on s.group_id = g.id" : "",
                       ") select o.outcome, o.version, o.created, o.modified, o.bad, o.skipped from told o order by o.place", NULL));
}

static void make(many_t *m)
{
    int unique;

    scim_sql_bind(&m->sql, apr_psprintf(m->p, "%" APR_INT64_T_FMT, m->scope->tenant));
    scim_sql_bind(&m->sql, m->write_id);
    give(m);
    unique = give_unique(m);
    give_members(m);
    add(m, apr_pstrcat(m->p, TAKEN, unique ? TAKEN_NAMES : "", "), " OK, m->adds ? OK_MEMBERS : "", "), ", NULL));
    write_all(m);
    add(m, unique ? CLAIMED : "");
    add(m, m->adds ? ADDED : "");
    tell(m);
}

#define OUTCOME_COLUMNS 6

static scim_error_t *run(const many_t *m)
{
    static const struct {
        const char *name;
        scim_creation_e outcome;
    } outcomes[] = {
        { "done", SCIM_CREATION_DONE }, { "taken", SCIM_CREATION_TAKEN }, { "bad", SCIM_CREATION_BAD_MEMBER }, { "held", SCIM_CREATION_HELD },
    };
    scim_result_t *rows = NULL;
    apr_size_t j;
    int i;

    SCIM_TRY(scim_db_run(m->scope->db, m->p, SCIM_DB_WRITE, m->text, m->sql.params->nelts, (const char *const *)m->sql.params->elts, &rows));
    SCIM_TRY(scim_rows_expect(rows, m->p, OUTCOME_COLUMNS, m->creations->nelts, m->creations->nelts));
    for (i = 0; i < m->creations->nelts; i++) {
        scim_creation_t *creation = &APR_ARRAY_IDX(m->creations, i, scim_creation_t);
        for (j = 0; j < sizeof outcomes / sizeof *outcomes && strcmp(outcomes[j].name, scim_col_text(rows, i, 0)) != 0; j++) {
        }
        creation->outcome = j < sizeof outcomes / sizeof *outcomes ? outcomes[j].outcome : SCIM_CREATION_HELD;
        creation->written.stored = (scim_stored_t){ .id = creation->id, .version = scim_col_int(rows, i, 1), .doc = creation->record->doc };
        creation->written.stored.created = scim_col_time(rows, i, 2);
        creation->written.stored.modified = scim_col_time(rows, i, 3);
        if (!scim_is_null(rows, i, 4) && strcmp(scim_col_text(rows, i, 4), NOBODY) != 0) {
            creation->written.bad_member = scim_col_text(rows, i, 4);
        }
        creation->written.skipped_members = (int)scim_col_int(rows, i, 5);
    }
    return NULL;
}

/* ---- The connection was lost on the way ---- */

/* What was written under this write's id is done, whatever a second run said of it. *found: how many. */
static scim_error_t *look_for_traces(const many_t *m, int *found)
{
    const char **ids = apr_palloc(m->p, (apr_size_t)m->creations->nelts * sizeof *ids);
    const char *params[] = { APR_ARRAY_IDX(m->sql.params, 0, const char *), m->write_id, NULL };
    scim_result_t *rows = NULL;
    int i;

    for (i = 0; i < m->creations->nelts; i++) {
        ids[i] = APR_ARRAY_IDX(m->creations, i, scim_creation_t).id;
    }
    params[2] = scim_array_literal(m->p, ids, i);
    SCIM_TRY(scim_db_run(m->scope->db, m->p, SCIM_DB_READ,
                         "select g.place::integer, r.version, r.created, r.modified from unnest((select $3::uuid[])) with ordinality g (id, place) "
                         "join scim.resource r on r.tenant = $1 and r.id = g.id and r.write_id = $2",
                         3, params, &rows));
    SCIM_TRY(scim_rows_expect(rows, m->p, 4, 0, m->creations->nelts));
    *found = scim_rows(rows);
    for (i = 0; i < *found; i++) {
        scim_creation_t *creation = &APR_ARRAY_IDX(m->creations, scim_col_int(rows, i, 0) - 1, scim_creation_t);
        creation->outcome = SCIM_CREATION_DONE;
        creation->written.stored = (scim_stored_t){ .id = creation->id, .version = scim_col_int(rows, i, 1), .doc = creation->record->doc };
        creation->written.stored.created = scim_col_time(rows, i, 2);
        creation->written.stored.modified = scim_col_time(rows, i, 3);
    }
    return NULL;
}

/* A second run meets what the first one has written, waiting for it where that is still at work; then its traces are there. */
static scim_error_t *run_again(void *data, int *lost)
{
    const many_t *m = data;
    scim_error_t *err;
    int found;

    *lost = 1;
    err = run(m);
    *lost = scim_statement_unsettled(m->scope, err);
    if (*lost || (err && err->code != SCIM_E_UNIQUENESS)) {
        return err;
    }
    *lost = 1;
    SCIM_TRY(look_for_traces(m, &found));
    *lost = 0;
    return found ? NULL : err;
}

scim_error_t *scim_store_create_many(const scim_scope_t *s, apr_pool_t *p, apr_array_header_t *creations, scim_unknown_members_e unknown)
{
    many_t m = { s, p, creations, unknown, { p, s, NULL, apr_array_make(p, 24, sizeof(const char *)) }, NULL, "", 0 };
    scim_error_t *err;
    int i;

    for (i = 0; i < creations->nelts; i++) {
        /* Until somebody says more: of a second run that fails by what the first has written, only what that has written is known. */
        APR_ARRAY_IDX(creations, i, scim_creation_t).outcome = SCIM_CREATION_HELD;
        memset(&APR_ARRAY_IDX(creations, i, scim_creation_t).written, 0, sizeof(scim_written_t));
    }
    SCIM_TRY(scim_statement_write_id(p, &m.write_id));
    make(&m);
    err = run(&m);
    return err && scim_db_outcome_unknown(s->db) ? scim_statement_settle(run_again, &m) : err;
}
