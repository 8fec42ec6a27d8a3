/* Queries: pages, and how much there is in all. */
#include <apr_strings.h>
#include <string.h>

#include "effort.h"
#include "order.h"
#include "reading.h"
#include "store.h"
#include "where.h"

struct scim_search_t {
    const scim_scope_t *scope;
    apr_pool_t *p;
    const scim_resource_type_t *type;
    const scim_query_t *query;
    const char *where;
    scim_effort_t effort;
    scim_order_t order;                /* once a page is read */
    const char *with_members;          /* condition for the rows "p" whose members are read */
    scim_sql_t sql;
};

/* Is it one comparison, by itself or in brackets? */
static int is_single(const scim_filter_t *f)
{
    f = f->op == SCIM_F_VALUE_PATH ? f->left : f;
    return f->op >= SCIM_F_PR;
}

/* Is it the one who has this id or userName? */
static int finds_one(const scim_search_t *s)
{
    return s->query->filter && is_single(s->query->filter) && s->effort.reach == SCIM_REACH_ONE;
}

/* Statements with one comparison or none are few, and what clients live on; filters of several make up ever new ones. */
static scim_db_intent_e intent(const scim_search_t *s)
{
    if (scim_store_search_dear(s)) {
        return SCIM_DB_SCAN;
    }
    return !s->query->filter || is_single(s->query->filter) ? SCIM_DB_READ : SCIM_DB_SEARCH;
}

/* ---- the rows of a page: ids in order, and the columns id and sort_key ---- */

/* All that are found, with these columns. */
static const char *all_rows(const scim_search_t *s, const char *columns)
{
    return apr_pstrcat(s->p, "select ", columns, ", ", s->order.key, " as sort_key from scim.resource r where r.tenant = $1 and r.type = $2 and ",
                       s->where, NULL);
}

/* Of these rows the page's: from the first on, or so many later. */
static const char *counted_rows(const scim_search_t *s, const char *rows, const char *limit)
{
    return apr_pstrcat(s->p, rows, scim_order_by(s->p, &s->order, "r.id"), " limit ", limit, " offset ",
                       scim_sql_bind(&s->sql, apr_psprintf(s->p, "%" APR_INT64_T_FMT, s->query->start_index - 1)), "::bigint", NULL);
}

/* Those behind the position, read from an index that has the order. Where it has to be read at two places, since those without a value stand at
 * the other end of it, the second is gone to only when the first does not fill the page. */
static const char *streamed_rows(const scim_search_t *s, const char *rows, const char *limit)
{
    const scim_position_t *after = s->query->after;
    const char *order = scim_order_by(s->p, &s->order, "r.id"), *last = apr_pstrcat(s->p, " limit ", limit, NULL);
    const char *near = apr_pstrcat(s->p, rows, " and ", scim_order_near(&s->sql, &s->order, s->order.key, "r.id", after), order, last, NULL);
    const char *far = scim_order_far(s->p, &s->order, s->order.key, after);

    if (!far) {
        return near;
    }
    return apr_pstrcat(s->p, "with near as materialized (", near, "), far as (", rows, " and ", far, " and (select count(*) from near) < ", limit,
                       order, last, ") select n.* from near n union all select f.* from far f", scim_order_by(s->p, &s->order, "id"), last, NULL);
}

/* Those behind the position of all that are found. */
static const char *gathered_rows(const scim_search_t *s, const char *rows, const char *limit)
{
    const scim_position_t *after = s->query->after;
    const char *near = scim_order_near(&s->sql, &s->order, "r.sort_key", "r.id", after);
    const char *far = scim_order_far(s->p, &s->order, "r.sort_key", after);

    return apr_pstrcat(s->p, rows, " where (", near, far ? " or " : "", far ? far : "", ")", scim_order_by(s->p, &s->order, "r.id"), " limit ", limit,
                       NULL);
}

/* With these columns and sort_key, in brackets. Where an index answers an equality, "offset 0" keeps the planner from walking all resources in
 * order of the sort key in the hope of meeting a match early; where none has the order, from computing the key twice. */
static const char *page_rows(const scim_search_t *s, const char *columns)
{
    const scim_query_t *query = s->query;
    const char *rows = all_rows(s, columns), *gathered = apr_pstrcat(s->p, "select r.* from (", rows, " offset 0) r", NULL);
    const char *limit = apr_pstrcat(s->p, scim_sql_bind(&s->sql, apr_itoa(s->p, query->count + (query->cursor != NULL))), "::bigint", NULL);

    if (!query->after) {
        rows = counted_rows(s, s->effort.reach != SCIM_REACH_ALL ? gathered : rows, limit);
    }
    else if (s->effort.reach != SCIM_REACH_ALL || !s->order.indexed) {
        rows = gathered_rows(s, gathered, limit);
    }
    else {
        rows = streamed_rows(s, rows, limit);
    }
    return apr_pstrcat(s->p, "(", rows, ") ", NULL);
}

/* ---- the statement of a page ---- */

/* Makes the statement of a page from its rows, which are NULL where nobody has a place among others. */
typedef const char *page_f(const scim_search_t *s, const char *rows, scim_groups_e which);

static const char *page_of_one(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    (void)rows;
    return apr_pstrcat(s->p, "select ", scim_rows_select(s->p, s->type, which, 0), " from scim.resource r where r.tenant = $1 and r.type = $2 and ",
                       s->where, NULL);
}

/* Documents and groups are gathered for the chosen ids only, one by one by the primary key: that is what "offset 0" is for here. */
#define RESOURCE_OF(id) "cross join lateral (select * from scim.resource r where r.tenant = $1 and r.id = " id " offset 0) r "

/* ", " and the sort key of the rows "of" as text, where it is more than the id. */
static const char *key_column(const scim_search_t *s, const char *of)
{
    return s->order.bare ? "" : apr_pstrcat(s->p, ", ", scim_order_text(s->p, &s->order, apr_pstrcat(s->p, of, ".sort_key", NULL)), " as key", NULL);
}

static const char *page_alone(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "select ", scim_rows_select(s->p, s->type, which, 0), key_column(s, "k"), " from ", rows, "k ", RESOURCE_OF("k.id"),
                       scim_order_by(s->p, &s->order, "k.id"), NULL);
}

/* What an index has found has been looked at closely: it need not be looked for once more. */
static const char *page_found(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "select ", scim_rows_select(s->p, s->type, which, 0), key_column(s, "r"), " from ", rows, "r",
                       scim_order_by(s->p, &s->order, "r.id"), NULL);
}

/* Group by group as well: the planner takes the page for many, and would read all memberships of the tenant. */
#define MEMBERS_OF_PAGE                                                                                                              \
    "cross join lateral (select * from scim.membership m where m.tenant = $1 and m.group_id = p.id offset 0) m " SCIM_ROWS_OF_MEMBER

/* Each resource and then its members, one a row. Of the one that only tells that there is another page, no members. */
static const char *page_with_members(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "with page as materialized (select k.id, k.sort_key, row_number() over (", scim_order_by(s->p, &s->order, "k.id"),
                       ") as place from ", rows, "k) select x.id, x.version, x.created, x.modified, x.doc, x.groups, x.line",
                       s->order.bare ? "" : ", x.key", " from (select p.place, " SCIM_ROWS_RESOURCE ", ",
                       scim_rows_groups_column(s->type, which), " as groups, null::text as line, null::uuid as member", key_column(s, "p"),
                       " from page p " RESOURCE_OF("p.id") "union all select p.place, " SCIM_ROWS_LINE ", m.member_id",
                       s->order.bare ? "" : ", null::text", " from page p " MEMBERS_OF_PAGE, s->with_members,
                       ") x order by x.place, x.member nulls first", NULL);
}

typedef struct page_t {
    const scim_search_t *s;
    page_f *make;
    const char *rows;
} page_t;

static const char *page_text(const void *data, scim_groups_e which)
{
    const page_t *page = data;

    return page->make(page->s, page->rows, which);
}

static page_f *choose_page(const scim_search_t *s, int members)
{
    if (members) {
        return page_with_members;
    }
    if (finds_one(s) && s->query->start_index == 1 && !s->query->after) {
        return page_of_one;
    }
    return s->effort.reach != SCIM_REACH_ALL ? page_found : page_alone;
}

/* The entity tag follows the groups (E-10). */
static int wants_groups(const scim_search_t *s)
{
    static const char tag[] = "meta.version";
    scim_attrpath_t version;

    return s->type->groups && (scim_projection_wants(s->query->projection, s->type->groups) ||
                               !scim_resolve(s->type, tag, sizeof tag - 1, &version) ||
                               scim_projection_wants(s->query->projection, version.sub));
}

scim_search_t *scim_store_search_make(const scim_scope_t *scope, apr_pool_t *p, const scim_resource_type_t *type, const scim_query_t *query)
{
    scim_search_t *s = apr_pcalloc(p, sizeof *s);

    s->scope = scope;
    s->p = p;
    s->type = type;
    s->query = query;
    s->where = "true";
    s->with_members = "";
    s->effort = scim_effort(query->filter);
    s->sql = (scim_sql_t){ p, scope, type, apr_array_make(p, 8, sizeof(const char *)) };
    scim_sql_bind(&s->sql, apr_psprintf(p, "%" APR_INT64_T_FMT, scope->tenant));
    scim_sql_bind(&s->sql, type->name);
    if (query->filter) {
        s->where = scim_sql_where(&s->sql, query->filter);
        s->effort.work += scim_order_is_indexed(query->sort) ? 0 : SCIM_EFFORT_SORT;
    }
    return s;
}

int scim_store_search_dear(const scim_search_t *s)
{
    return s->query->filter ? scim_effort_is_dear(&s->effort) : !scim_order_is_indexed(s->query->sort);
}

/* A page that is not full, and was counted from the beginning, tells how many there are; so does the first one that is the last, and one that
 * could not have more. */
static apr_int64_t told_total(const scim_search_t *s, const scim_found_t *found)
{
    const scim_query_t *query = s->query;
    int ends = query->cursor ? !found->more : found->count < query->count && (found->count > 0 || query->start_index == 1);

    ends |= finds_one(s) && query->start_index == 1;
    return ends && !query->after ? query->start_index - 1 + found->count : -1;
}

scim_error_t *scim_store_search(scim_search_t *s, const scim_reader_t *reader, scim_found_t *found)
{
    const scim_query_t *query = s->query;
    const int bound = s->sql.params->nelts;
    page_t page = { s, choose_page(s, s->type->members && scim_projection_wants(query->projection, s->type->members)), NULL };
    scim_reading_t reading = { page_text, &page, intent(s), s->sql.params, reader, wants_groups(s), 0, query->count };
    scim_error_t *err;

    /* One alone has no order, and nothing of it is bound. */
    if (page.make != page_of_one) {
        s->order = scim_order_make(&s->sql, query->sort, query->descending);
        page.rows = page_rows(s, page.make == page_found ? "r.*" : "r.id");
        reading.keyed = !s->order.bare;
    }
    if (page.make == page_with_members && query->cursor) {
        s->with_members = apr_pstrcat(s->p, "where p.place <= ", scim_sql_bind(&s->sql, apr_itoa(s->p, query->count)), "::bigint", NULL);
    }
    err = scim_reading_run(s->scope, s->p, &reading, found);
    s->sql.params->nelts = bound;
    found->total = told_total(s, found);
    return err;
}

scim_error_t *scim_store_count(scim_search_t *s, apr_int64_t *total)
{
    const char *text = apr_psprintf(s->p, "select count(*) from scim.resource r where r.tenant = $1 and r.type = $2 and %s", s->where);
    scim_result_t *rows;

    SCIM_TRY(scim_db_run(s->scope->db, s->p, intent(s), text, s->sql.params->nelts, (const char *const *)s->sql.params->elts, &rows));
    SCIM_TRY(scim_rows_expect(rows, s->p, 1, 1, 1));
    *total = scim_col_int(rows, 0, 0);
    return NULL;
}
