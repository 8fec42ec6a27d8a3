/* Query parameters: decoded once, form rules ('+' is a space), known names at most once (H-20, H-23). */
#ifndef SCIM_CORE_QUERY_H
#define SCIM_CORE_QUERY_H

#include "../schema/context.h"
#include "filter.h"
#include "project.h"

/* The known parameters as strings; NULL: absent. Unknown parameters are ignored (H-17). */
typedef struct scim_params_t {
    const char *filter, *sort_by, *sort_order, *start_index, *count, *attributes, *excluded_attributes;
} scim_params_t;

/* Decodes r->args. Bad escapes and invalid UTF-8: invalidFilter for filter, else invalidValue (I-12). args may be NULL. */
scim_error_t *scim_params_parse(apr_pool_t *p, const char *args, scim_params_t *out);

/* The same parameters from a SearchRequest body; they live as long as c->p. */
scim_error_t *scim_params_from_search(scim_context_t *c, scim_json_t *body, scim_params_t *out);

/* A bound query. */
typedef struct scim_query_t {
    const scim_filter_t *filter;       /* NULL: all */
    const scim_attribute_t *sort;      /* NULL: order of creation */
    int descending;
    apr_int64_t start_index;           /* 1-based, at least 1 */
    int count;                         /* 0 to max_results */
    const scim_projection_t *projection;
} scim_query_t;

typedef struct scim_page_limits_t {
    int default_results;               /* page size when count is absent */
    int max_results;                   /* larger counts are capped */
} scim_page_limits_t;

/* Binds params for a resource type. */
scim_error_t *scim_query_bind(scim_context_t *c, const scim_params_t *params, const scim_page_limits_t *pages, scim_query_t *out);

#endif
