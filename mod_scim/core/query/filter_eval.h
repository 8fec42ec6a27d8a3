/* The filter evaluator over JSON: value paths of PATCH, and the oracle that SQL is tested against. */
#ifndef SCIM_CORE_FILTER_EVAL_H
#define SCIM_CORE_FILTER_EVAL_H

#include "filter.h"

/* Does resource (document form: see resource.h, with whatever members or meta the caller put in) match? */
int scim_filter_match(apr_pool_t *p, const scim_resource_type_t *type, const scim_filter_t *filter, scim_json_t *resource);

/* Does one element (or the singular value) of the bracketed attribute match the inner filter? *steps, when steps is not NULL, grows by what
 * it took (scim_context_spend). */
int scim_filter_match_element(apr_pool_t *p, const scim_filter_t *inner, scim_json_t *element, apr_int64_t *steps);

#endif
