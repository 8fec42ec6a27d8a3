/* Queries: pages, and how much there is in all. */
#include <apr_strings.h>
#include <string.h>

#include "effort.h"
#include "order.h"
#include "reading.h"
#include "store.h"
#include "where.h"

/* Resources before a page. To count a few is no work. */
#define FAR 10000

/* What is asked of one type. */
typedef struct part_t {
    const scim_query_part_t *asked;
    const char *type;                  /* parameter: the name of the type */
    const char *where;
    scim_effort_t effort;
} part_t;

struct scim_search_t {
    const scim_scope_t *scope;
    apr_pool_t *p;
    const scim_query_t *query;
    part_t *parts;
    scim_sql_t *sql;                   /* of each part, with one list of parameters */
    scim_order_t *orders;              /* of each part, once a page is read */
    const char *with_members;          /* condition for the rows "p" whose members are read */
    apr_int64_t total;                 /* -1: not known */
};

/* Is it one comparison, by itself or in brackets? */
static int is_single(const scim_filter_t *f)
{
    f = f->op == SCIM_F_VALUE_PATH ? f->left : f;
    return f->op >= SCIM_F_PR;
}

static int is_of_one_type(const scim_search_t *s)
{
    return s->query->nparts == 1;
}

/* Is it the one who has this id or userName? */
static int finds_one(const scim_search_t *s)
{
    const part_t *part = s->parts;

    return is_of_one_type(s) && part->asked->filter && is_single(part->asked->filter) && part->effort.reach == SCIM_REACH_ONE;
}

/* Statements with one comparison or none are few, and what clients live on; filters of several make up ever new ones. */
static scim_db_intent_e intent(const scim_search_t *s)
{
    int i, generated = 0;

    if (scim_store_search_dear(s)) {
        return SCIM_DB_SCAN;
    }
    for (i = 0; i < s->query->nparts; i++) {
        const scim_filter_t *filter = s->parts[i].asked->filter;
        generated |= filter && !(is_of_one_type(s) && is_single(filter));
    }
    return generated ? SCIM_DB_SEARCH : SCIM_DB_READ;
}

/* ---- the rows of a page: ids in order, and the columns id and sort_key ---- */

static const char *bind_number(const scim_search_t *s, apr_int64_t number)
{
    return apr_pstrcat(s->p, scim_sql_bind(s->sql, apr_psprintf(s->p, "%" APR_INT64_T_FMT, number)), "::bigint", NULL);
}

/* All that are found of a type, with these columns. */
static const char *all_rows(const scim_search_t *s, int i, const char *columns)
{
    return apr_pstrcat(s->p, "select ", columns, ", ", s->orders[i].key, " as sort_key from scim.resource r where r.tenant = $1 and r.type = ",
                       s->parts[i].type, " and ", s->parts[i].where, NULL);
}

typedef enum { ROWS_ALL, ROWS_NEAR, ROWS_FAR } rows_e;

/* Those of a type: all, or those near the place where the page begins, or far from it (order.h; NULL: none); with this condition beside. Where an
 * index answers an equality, "offset 0" keeps the planner from walking all resources in order of the sort key in the hope of meeting a match
 * early; where none has the order, from computing the key twice. */
static const char *rows_of_type(const scim_search_t *s, int i, const char *columns, rows_e which, const char *beside)
{
    const scim_order_t *order = &s->orders[i];
    const scim_position_t *after = s->query->after;
    int gathered = s->parts[i].effort.reach != SCIM_REACH_ALL || (which != ROWS_ALL && !order->indexed);
    const char *key = gathered ? "r.sort_key" : order->key, *rows = all_rows(s, i, columns), *place;

    if (gathered) {
        rows = apr_pstrcat(s->p, "select r.* from (", rows, " offset 0) r", NULL);
    }
    if (which == ROWS_ALL) {
        return rows;
    }
    place = which == ROWS_NEAR ? scim_order_near(&s->sql[i], order, key, "r.id", after) : scim_order_far(s->p, order, key, after);
    if (!place && which == ROWS_NEAR) {
        /* What is bound for a type has to stand somewhere. */
        place = "false";
    }
    return place ? apr_pstrcat(s->p, rows, gathered ? " where " : " and ", place, beside, NULL) : NULL;
}

/* Those of all types in order, cut off as `cut` says; of each type no more than so many are looked at. */
static const char *rows_in_order(const scim_search_t *s, const char *columns, rows_e which, const char *beside, const char *each, const char *cut)
{
    const char *rows = NULL, *joined = NULL;
    int i;

    for (i = 0; i < s->query->nparts; i++) {
        const char *own = rows_of_type(s, i, columns, which, beside);
        if (!own) {
            continue;
        }
        own = apr_pstrcat(s->p, own, scim_order_by(s->p, &s->orders[i], "r.id"), NULL);
        joined = apr_pstrcat(s->p, rows ? joined : "", rows ? " union all (" : "(", own, " limit ", each, ")", NULL);
        rows = rows ? joined : own;
    }
    if (rows && rows == joined) {
        rows = apr_pstrcat(s->p, "select t.* from (", joined, ") t", scim_order_by(s->p, s->orders, "t.id"), NULL);
    }
    return rows ? apr_pstrcat(s->p, rows, cut, NULL) : NULL;
}

/* From the first on, or so many later. */
static const char *counted_rows(const scim_search_t *s, const char *columns, apr_int64_t limit, apr_int64_t skipped)
{
    const char *most = bind_number(s, limit), *each = is_of_one_type(s) ? "" : bind_number(s, limit + skipped);

    return rows_in_order(s, columns, ROWS_ALL, "", each, apr_pstrcat(s->p, " limit ", most, " offset ", bind_number(s, skipped), NULL));
}

/* The same, counted from the end: the rows of the page, not yet in its order. */
static const char *rows_from_end(const scim_search_t *s, const char *columns, apr_int64_t limit)
{
    apr_int64_t begun = s->total - (s->query->start_index - 1), left = begun > 0 ? begun : 0, most = left < limit ? left : limit;
    scim_order_t backward = *s->orders;
    scim_search_t from_end = *s;

    backward.descending = !backward.descending;
    from_end.orders = &backward;
    return counted_rows(&from_end, columns, most, left - most);
}

/* Is the end nearer to the page than the beginning? */
static int is_near_end(const scim_search_t *s)
{
    return s->total >= 0 && s->query->start_index - 1 > s->total / 2;
}

/* Those behind the place: near it, and then, when they do not fill the page, far from it. */
static const char *placed_rows(const scim_search_t *s, const char *columns, int limit)
{
    const char *most = bind_number(s, limit), *cut = apr_pstrcat(s->p, " limit ", most, NULL);
    const char *near = rows_in_order(s, columns, ROWS_NEAR, "", most, cut);
    const char *unless_full = apr_pstrcat(s->p, " and (select count(*) from near) < ", most, NULL);
    const char *far = rows_in_order(s, columns, ROWS_FAR, unless_full, most, cut);

    if (!far) {
        return near;
    }
    return apr_pstrcat(s->p, "with near as materialized (", near, "), far as (", far, ") select n.* from near n union all select f.* from far f",
                       scim_order_by(s->p, s->orders, "id"), cut, NULL);
}

/* With these columns and sort_key, in brackets. One more than the page has tells whether there is another page by cursor. */
static const char *page_rows(const scim_search_t *s, const char *columns)
{
    int limit = s->query->count + (s->query->cursor != NULL);
    const char *rows = s->query->after  ? placed_rows(s, columns, limit)
                       : is_near_end(s) ? rows_from_end(s, columns, limit)
                                        : counted_rows(s, columns, limit, s->query->start_index - 1);

    return apr_pstrcat(s->p, "(", rows, ") ", NULL);
}

/* ---- the statement of a page ---- */

/* Makes the statement of a page from its rows, which are NULL where nobody has a place among others. */
typedef const char *page_f(const scim_search_t *s, const char *rows, scim_groups_e which);

/* The groups of users, where they are wanted. */
static int wants_groups_of(const scim_query_part_t *part)
{
    static const char tag[] = "meta.version";
    scim_attrpath_t version;

    /* The entity tag follows the groups (E-10). */
    return part->type->groups && (scim_projection_wants(part->projection, part->type->groups) ||
                                  !scim_resolve(part->type, tag, sizeof tag - 1, &version) ||
                                  scim_projection_wants_part(part->projection, version.attr, version.sub));
}

static int wants_groups(const scim_search_t *s)
{
    int i, wanted = 0;

    for (i = 0; i < s->query->nparts; i++) {
        wanted |= wants_groups_of(s->parts[i].asked);
    }
    return wanted;
}

static int wants_members(const scim_search_t *s)
{
    int i, wanted = 0;

    for (i = 0; i < s->query->nparts; i++) {
        const scim_query_part_t *part = s->parts[i].asked;
        wanted |= part->type->members && scim_projection_wants(part->projection, part->type->members);
    }
    return wanted;
}

/* Of several types, what is a group itself may be in groups too, but does not show them. */
static const char *groups_column(const scim_search_t *s, scim_groups_e which)
{
    const char *types = "", *column = NULL;
    int i;

    for (i = 0; i < s->query->nparts; i++) {
        const scim_resource_type_t *type = s->parts[i].asked->type;
        if (is_of_one_type(s) || wants_groups_of(s->parts[i].asked)) {
            types = apr_pstrcat(s->p, types, *types ? ", " : "", s->parts[i].type, NULL);
            column = scim_rows_groups_column(type, which);
        }
    }
    return is_of_one_type(s) ? column : column ? apr_pstrcat(s->p, "case when r.type in (", types, ") then ", column, " end", NULL) : "null::text";
}

/* The columns of scim_rows_select. */
static const char *columns_of(const scim_search_t *s, scim_groups_e which)
{
    return apr_pstrcat(s->p, SCIM_ROWS_RESOURCE ", ", groups_column(s, which), ", null::text", NULL);
}

static const char *page_of_one(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    (void)rows;
    return apr_pstrcat(s->p, "select ", columns_of(s, which), " from scim.resource r where r.tenant = $1 and r.type = $2 and ",
                       s->parts->where, NULL);
}

/* Documents and groups are gathered for the chosen ids only, one by one by the primary key: that is what "offset 0" is for here. */
#define RESOURCE_OF(id) "cross join lateral (select * from scim.resource r where r.tenant = $1 and r.id = " id " offset 0) r "

/* What stands behind those columns: the sort key of the rows "of" as text, where it is more than the id, and the type, where there are several. */
static const char *more_columns(const scim_search_t *s, const char *of)
{
    const char *key = "";

    if (!s->orders->bare) {
        key = apr_pstrcat(s->p, ", ", scim_order_text(s->p, s->orders, apr_pstrcat(s->p, of, ".sort_key", NULL)), " as key", NULL);
    }
    return apr_pstrcat(s->p, key, is_of_one_type(s) ? "" : ", r.type", NULL);
}

static const char *page_alone(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "select ", columns_of(s, which), more_columns(s, "k"), " from ", rows, "k ", RESOURCE_OF("k.id"),
                       scim_order_by(s->p, s->orders, "k.id"), NULL);
}

/* What an index has found has been looked at closely: it need not be looked for once more. */
static const char *page_found(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "select ", columns_of(s, which), more_columns(s, "r"), " from ", rows, "r", scim_order_by(s->p, s->orders, "r.id"),
                       NULL);
}

/* Group by group as well: the planner takes the page for many, and would read all memberships of the tenant. */
#define MEMBERS_OF_PAGE                                                                                                              \
    "cross join lateral (select * from scim.membership m where m.tenant = $1 and m.group_id = p.id offset 0) m " SCIM_ROWS_OF_MEMBER

/* Each resource and then its members, one a row. Of the one that only tells that there is another page, no members. */
static const char *page_with_members(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    const char *key = s->orders->bare ? "" : ", x.key", *no_key = s->orders->bare ? "" : ", null::text";
    const char *type = is_of_one_type(s) ? "" : ", x.type", *no_type = is_of_one_type(s) ? "" : ", null::text";

    return apr_pstrcat(s->p, "with page as materialized (select k.id, k.sort_key, row_number() over (", scim_order_by(s->p, s->orders, "k.id"),
                       ") as place from ", rows, "k) select x.id, x.version, x.created, x.modified, x.doc, x.groups, x.line", key, type,
                       " from (select p.place, " SCIM_ROWS_RESOURCE ", ", groups_column(s, which),
                       " as groups, null::text as line, null::uuid as member", more_columns(s, "p"), " from page p " RESOURCE_OF("p.id")
                       "union all select p.place, " SCIM_ROWS_LINE ", m.member_id", no_key, no_type, " from page p " MEMBERS_OF_PAGE,
                       s->with_members, ") x order by x.place, x.member nulls first", NULL);
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

static page_f *choose_page(const scim_search_t *s)
{
    if (wants_members(s)) {
        return page_with_members;
    }
    if (finds_one(s) && s->query->start_index == 1 && !s->query->after) {
        return page_of_one;
    }
    return is_of_one_type(s) && s->parts->effort.reach != SCIM_REACH_ALL ? page_found : page_alone;
}

/* ---- searches ---- */

static void make_part(scim_search_t *s, int i, apr_array_header_t *params)
{
    const scim_query_part_t *asked = &s->query->parts[i];
    part_t *part = &s->parts[i];

    s->sql[i] = (scim_sql_t){ s->p, s->scope, asked->type, params };
    *part = (part_t){ asked, scim_sql_bind(&s->sql[i], asked->type->name), "true", scim_effort(asked->filter) };
    if (asked->filter) {
        part->where = scim_sql_where(&s->sql[i], asked->filter);
        part->effort.work += scim_order_is_indexed(asked->sort) ? 0 : SCIM_EFFORT_SORT;
    }
}

scim_search_t *scim_store_search_make(const scim_scope_t *scope, apr_pool_t *p, const scim_query_t *query)
{
    scim_search_t *s = apr_pcalloc(p, sizeof *s);
    apr_array_header_t *params = apr_array_make(p, 8, sizeof(const char *));
    int i;

    s->scope = scope;
    s->p = p;
    s->query = query;
    s->parts = apr_pcalloc(p, (apr_size_t)query->nparts * sizeof *s->parts);
    s->sql = apr_pcalloc(p, (apr_size_t)query->nparts * sizeof *s->sql);
    s->with_members = "";
    s->total = -1;
    APR_ARRAY_PUSH(params, const char *) = apr_psprintf(p, "%" APR_INT64_T_FMT, scope->tenant);
    for (i = 0; i < query->nparts; i++) {
        make_part(s, i, params);
    }
    return s;
}

int scim_store_search_dear(const scim_search_t *s)
{
    int i, dear = 0;

    for (i = 0; i < s->query->nparts; i++) {
        const part_t *part = &s->parts[i];
        dear |= part->asked->filter ? scim_effort_is_dear(&part->effort) : !scim_order_is_indexed(part->asked->sort);
    }
    return dear;
}

int scim_store_search_far(const scim_search_t *s)
{
    const part_t *part = s->parts;

    return !s->query->after && s->query->start_index > FAR && is_of_one_type(s) && part->effort.reach == SCIM_REACH_ALL &&
           scim_order_is_indexed(part->asked->sort);
}

void scim_store_search_among(scim_search_t *s, apr_int64_t total)
{
    s->total = total;
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
    const apr_array_header_t *params = s->sql->params;
    const int bound = params->nelts;
    page_t page = { s, choose_page(s), NULL };
    scim_reading_t reading = {
        .text = page_text, .data = &page, .intent = intent(s), .params = params, .reader = reader, .groups = wants_groups(s), .query = query,
    };
    scim_error_t *err;

    /* One alone has no order, and nothing of it is bound. */
    reading.alone = page.make == page_of_one;
    if (!reading.alone) {
        s->orders = scim_order_make(s->sql, query);
        page.rows = page_rows(s, page.make == page_found ? "r.*" : "r.id");
        reading.keyed = !s->orders->bare;
    }
    if (page.make == page_with_members && query->cursor) {
        s->with_members = apr_pstrcat(s->p, "where p.place <= ", bind_number(s, query->count), NULL);
    }
    err = scim_reading_run(s->scope, s->p, &reading, found);
    s->sql->params->nelts = bound;
    found->total = told_total(s, found);
    return err;
}

scim_error_t *scim_store_count(scim_search_t *s, apr_int64_t *total)
{
    const apr_array_header_t *params = s->sql->params;
    const char *text = "select ";
    scim_result_t *rows;
    int i;

    for (i = 0; i < s->query->nparts; i++) {
        const char *count = apr_psprintf(s->p, "select count(*) from scim.resource r where r.tenant = $1 and r.type = %s and %s", s->parts[i].type,
                                         s->parts[i].where);
        text = is_of_one_type(s) ? count : apr_pstrcat(s->p, text, i > 0 ? " + (" : "(", count, ")", NULL);
    }
    SCIM_TRY(scim_db_run(s->scope->db, s->p, intent(s), text, params->nelts, (const char *const *)params->elts, &rows));
    SCIM_TRY(scim_rows_expect(rows, s->p, 1, 1, 1));
    *total = scim_col_int(rows, 0, 0);
    return NULL;
}
