/* Binding of filter terms to schema attributes: which name, which operator for which type, which literal. */
#ifndef SCIM_CORE_FILTER_BIND_H
#define SCIM_CORE_FILTER_BIND_H

#include "filter.h"
#include "filter_lex.h"

/* Binds name[0..len): the attribute a comparison or `pr` is about. pr: complex attributes and extensions stay as they are. */
scim_error_t *scim_filter_bind_name(const scim_parse_t *s, const char *name, apr_size_t len, int pr, scim_filter_t *node);

/* Binds a literal (raw JSON text or a bare word) to node->attr; may turn the node into something simpler (eq null, co ""). */
scim_error_t *scim_filter_bind_literal(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node);

/* Where scim_parse_t.any is set: the name was none of the type's. */
int scim_filter_is_missing(const scim_filter_t *node);

/* Makes of such a comparison what it is for a resource without the value (F-21 to F-25). raw NULL: pr. */
scim_error_t *scim_filter_bind_missing(const scim_parse_t *s, const char *raw, apr_size_t len, scim_filter_t *node);

#endif
