/* Queries: one page, and the count only where the page does not tell it. */
#include <apr_strings.h>
#include <string.h>

#include "effort.h"
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
    scim_sql_t sql;
};

/* The primary value, else the first, as jsonpath. */
static const char *multi_valued_key(const scim_search_t *s, const scim_attribute_t *attr)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;
    const char *list = scim_jsonpath_accessor(s->p, s->type, "$", top), *part = attr->parent ? apr_psprintf(s->p, ".\"%s\"", attr->name) : "";
    const char *primary = scim_sql_bind(&s->sql, apr_pstrcat(s->p, list, " ? (@.\"primary\" == true)", part, NULL));
    const char *first = scim_sql_bind(&s->sql, apr_pstrcat(s->p, apr_pstrmemdup(s->p, list, strlen(list) - 3), "[0]", part, NULL));

    return apr_psprintf(s->p, "coalesce(jsonb_path_query_first(r.folded, %s::jsonpath), jsonb_path_query_first(r.folded, %s::jsonpath))", primary,
                        first);
}

/* Strings sort by their keys in code point order, whatever the database's collation (I-13); the rest as JSON values. */
static const char *document_key(const scim_search_t *s, const scim_attribute_t *attr)
{
    const scim_attribute_t *top = attr->parent ? attr->parent : attr;
    const char *value;

    if (top->multi || attr->multi) {
        value = multi_valued_key(s, attr);
    }
    else {
        value = apr_psprintf(s->p, "jsonb_path_query_first(r.folded, %s::jsonpath)",
                             scim_sql_bind(&s->sql, scim_jsonpath_accessor(s->p, s->type, "$", attr)));
    }
    if (attr->type == SCIM_INTEGER || attr->type == SCIM_DECIMAL || attr->type == SCIM_BOOLEAN) {
        return value;
    }
    return apr_psprintf(s->p, "((%s #>> '{}') collate \"C\")", value);
}

static scim_error_t *sort_key(const scim_search_t *s, const scim_attribute_t *attr, const char **out)
{
    switch (attr->home) {
    case SCIM_HOME_ID:
        *out = "r.id";
        break;
    case SCIM_HOME_EXTERNAL_ID:
        *out = "r.external_id";
        break;
    case SCIM_HOME_USER_NAME:
        *out = "r.user_name";
        break;
    case SCIM_HOME_DISPLAY_NAME:
        *out = "r.display_name";
        break;
    case SCIM_HOME_ACTIVE:
        *out = "r.active";
        break;
    case SCIM_HOME_DOCUMENT:
        *out = document_key(s, attr);
        break;
    case SCIM_HOME_META:
        *out = strcmp(attr->name, "created") == 0        ? "r.created"
               : strcmp(attr->name, "lastModified") == 0 ? "r.modified"
               : strcmp(attr->name, "version") == 0      ? "r.version"
                                                         : "r.id";
        break;
    default:
        return scim_error(s->p, SCIM_E_INVALID_VALUE, "Sorting by \"%s\" is not possible", attr->name);
    }
    return NULL;
}

/* Orders that an index has. */
static int is_sorted(const scim_attribute_t *sort)
{
    return !sort || sort->home == SCIM_HOME_ID || sort->home == SCIM_HOME_EXTERNAL_ID || sort->home == SCIM_HOME_USER_NAME ||
           sort->home == SCIM_HOME_DISPLAY_NAME;
}

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

static scim_error_t *run(const scim_search_t *s, const char *text, scim_result_t **rows)
{
    return scim_db_run(s->scope->db, s->p, intent(s), text, s->sql.params->nelts, (const char *const *)s->sql.params->elts, rows);
}

static scim_error_t *count_all(const scim_search_t *s, apr_int64_t *total)
{
    scim_result_t *rows;

    SCIM_TRY(run(s, apr_psprintf(s->p, "select count(*) from scim.resource r where r.tenant = $1 and r.type = $2 and %s", s->where), &rows));
    SCIM_TRY(scim_rows_expect(rows, s->p, 1, 1, 1));
    *total = scim_col_int(rows, 0, 0);
    return NULL;
}

/* Sort keys and ids descend together, as their index does when it is read backwards; without sortBy the id itself is the key. */
static const char *order_by(const scim_search_t *s, const char *id)
{
    const char *direction = s->query->descending ? " desc" : "";

    return apr_pstrcat(s->p, " order by sort_key", direction, s->query->sort ? ", " : "", s->query->sort ? id : "",
                       s->query->sort ? direction : "", NULL);
}

/* The rows of the page in order, with these columns and sort_key. Where an index answers an equality, "offset 0" keeps the planner from
 * walking all resources in order of the sort key in the hope of meeting a match early. */
static const char *page_rows(const scim_search_t *s, const char *columns, const char *key)
{
    const char *rows = apr_pstrcat(s->p, "select ", columns, ", ", key, " as sort_key from scim.resource r where r.tenant = $1 and r.type = $2 and ",
                                   s->where, NULL);

    if (s->effort.reach != SCIM_REACH_ALL) {
        rows = apr_pstrcat(s->p, "select r.* from (", rows, " offset 0) r", NULL);
    }
    return apr_pstrcat(s->p, "(", rows, order_by(s, "r.id"), " limit ", scim_sql_bind(&s->sql, apr_itoa(s->p, s->query->count)),
                       "::bigint offset ", scim_sql_bind(&s->sql, apr_psprintf(s->p, "%" APR_INT64_T_FMT, s->query->start_index - 1)),
                       "::bigint) ", NULL);
}

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

static const char *page_alone(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "select ", scim_rows_select(s->p, s->type, which, 0), " from ", rows, "k ", RESOURCE_OF("k.id"), order_by(s, "k.id"),
                       NULL);
}

/* What an index has found has been looked at closely: it need not be looked for once more. */
static const char *page_found(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "select ", scim_rows_select(s->p, s->type, which, 0), " from ", rows, "r", order_by(s, "r.id"), NULL);
}

/* Group by group as well: the planner takes the page for many, and would read all memberships of the tenant. */
#define MEMBERS_OF_PAGE                                                                                                              \
    "cross join lateral (select * from scim.membership m where m.tenant = $1 and m.group_id = p.id offset 0) m " SCIM_ROWS_OF_MEMBER

/* Each resource and then its members, one a row. */
static const char *page_with_members(const scim_search_t *s, const char *rows, scim_groups_e which)
{
    return apr_pstrcat(s->p, "with page as materialized (select k.id, row_number() over (", order_by(s, "k.id"), ") as place from ", rows,
                       "k) select x.id, x.version, x.created, x.modified, x.doc, x.groups, x.line from (select p.place, "
                       SCIM_ROWS_RESOURCE ", ", scim_rows_groups_column(s->type, which), " as groups, null::text as line, null::uuid as member "
                       "from page p " RESOURCE_OF("p.id") "union all select p.place, " SCIM_ROWS_LINE ", m.member_id from page p "
                       MEMBERS_OF_PAGE ") x order by x.place, x.member nulls first", NULL);
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
    if (finds_one(s) && s->query->start_index == 1) {
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

/* Gives the number of resources. */
static scim_error_t *read_page(const scim_search_t *s, int members, const scim_reader_t *reader, int *count)
{
    page_t page = { s, choose_page(s, members), NULL };
    const scim_reading_t reading = { page_text, &page, intent(s), s->sql.params, reader, wants_groups(s) };
    const char *key = "r.id";
    int bound = s->sql.params->nelts;

    if (s->query->sort) {
        SCIM_TRY(sort_key(s, s->query->sort, &key));
    }
    if (page.make == page_of_one) {
        /* Without an order nothing asks for what the key has bound. */
        s->sql.params->nelts = bound;
    }
    else {
        page.rows = page_rows(s, page.make == page_found ? "r.*" : "r.id", key);
    }
    return scim_reading_run(s->scope, s->p, &reading, count);
}

scim_search_t *scim_store_search_make(const scim_scope_t *scope, apr_pool_t *p, const scim_resource_type_t *type, const scim_query_t *query)
{
    scim_search_t *s = apr_palloc(p, sizeof *s);

    *s = (scim_search_t){ scope, p, type, query, "true", scim_effort(query->filter),
                          { p, scope, type, apr_array_make(p, 8, sizeof(const char *)) } };
    scim_sql_bind(&s->sql, apr_psprintf(p, "%" APR_INT64_T_FMT, scope->tenant));
    scim_sql_bind(&s->sql, type->name);
    if (query->filter) {
        s->where = scim_sql_where(&s->sql, query->filter);
        s->effort.work += is_sorted(query->sort) ? 0 : SCIM_EFFORT_SORT;
    }
    return s;
}

int scim_store_search_dear(const scim_search_t *s)
{
    return s->query->filter ? scim_effort_is_dear(&s->effort) : !is_sorted(s->query->sort);
}

scim_error_t *scim_store_search(scim_search_t *s, const scim_reader_t *reader, apr_int64_t *total)
{
    const scim_query_t *query = s->query;
    int n, base = s->sql.params->nelts;

    if (query->count == 0) {
        return count_all(s, total);
    }
    SCIM_TRY(read_page(s, s->type->members && scim_projection_wants(query->projection, s->type->members), reader, &n));
    if (n < query->count && (n > 0 || query->start_index == 1)) {
        *total = query->start_index - 1 + n;
        return NULL;
    }
    s->sql.params->nelts = base;
    return count_all(s, total);
}
