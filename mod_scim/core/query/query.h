/* Query parameters: decoded once, form rules ('+' is a space), known names at most once (H-20, H-23). */
#ifndef SCIM_CORE_QUERY_H
#define SCIM_CORE_QUERY_H

#include "../schema/context.h"
#include "filter.h"
#include "project.h"

/* The known parameters as strings; NULL: absent. An empty cursor asks for the first page. Unknown parameters are ignored (H-17). */
typedef struct scim_params_t {
    const char *filter, *sort_by, *sort_order, *start_index, *count, *cursor, *attributes, *excluded_attributes;
} scim_params_t;

/* Decodes r->args. Bad escapes and invalid UTF-8: invalidFilter for filter, else invalidValue (I-12). args may be NULL. */
scim_error_t *scim_params_parse(apr_pool_t *p, const char *args, scim_params_t *out);

/* The same parameters from a SearchRequest body; they live as long as c->p. body comes from scim_json_parse_clamped: a count is
 * capped, however many digits it has, as in a URL. */
scim_error_t *scim_params_from_search(scim_context_t *c, scim_json_t *body, scim_params_t *out);

/* Where a page ended. */
typedef struct scim_position_t {
    const char *id;                    /* of its last resource */
    const char *key;                   /* the sort key of that, as text; NULL: it has none */
} scim_position_t;

/* What a query asks of the resources of one type. */
typedef struct scim_query_part_t {
    const scim_resource_type_t *type;
    const scim_filter_t *filter;       /* NULL: all */
    const scim_attribute_t *sort;      /* NULL: the type does not have it, or nothing is sorted by */
    const scim_projection_t *projection;
} scim_query_part_t;

/* A bound query. */
typedef struct scim_query_t {
    int nparts;                        /* 0: no type has what it looks for */
    const scim_query_part_t *parts;
    int sorted;                        /* 0: in order of creation */
    int descending;
    const char *cursor;                /* NULL: paged by index; "": the first page */
    apr_int64_t start_index;           /* 1-based, at least 1 */
    int count;                         /* 0 to max_results */
    int said_count;                    /* the client said it */
    const char *shape;                 /* what all pages of a list have in common, as text: two queries with the same shape find the same */
    const scim_position_t *after;      /* where the page begins, for who knows; NULL: it is counted by start_index */
} scim_query_t;

/* Methods of paging that are not offered, and the usual one. All 0: both, by index unless a cursor is sent. */
#define SCIM_PAGE_NO_CURSOR 1
#define SCIM_PAGE_NO_INDEX 2
#define SCIM_PAGE_BY_CURSOR 4          /* also where neither cursor nor startIndex is sent (K-13) */

typedef struct scim_page_limits_t {
    int default_results;               /* page size when count is absent */
    int max_results;                   /* larger counts are capped */
    unsigned methods;                  /* SCIM_PAGE_* */
    int cursor_seconds;                /* how long a cursor is valid */
} scim_page_limits_t;

/* Binds params for the context's type (Q-06 to Q-23, K-05, K-08, K-19). Whether a cursor is one is not looked at. */
scim_error_t *scim_query_bind(scim_context_t *c, const scim_params_t *params, const scim_page_limits_t *pages, scim_query_t *out);

/* The same for several types (of const scim_resource_type_t *), of which each has those attributes that it has. Parts are left out
 * of which the filter can be true for no resource. The context's type is changed. */
scim_error_t *scim_query_bind_any(scim_context_t *c, const apr_array_header_t *types, const scim_params_t *params, const scim_page_limits_t *pages,
                                  scim_query_t *out);

#endif
